//! The public pages and API of the catalogue. Public, cacheable, the same for everybody who is not signed in.
//! It refuses nothing but what does not exist: the law makes procedures public (Luật Tiếp cận thông tin 2016).

use std::sync::Arc;

use axum::extract::{Path, Query as UrlQuery, State};
use identity::routes::{Access, Routes, get};
use kernel::ProcedureCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use web::{Failure, Json, Page, Reply, Shell};

use super::search::Query;
use super::view::{self, About, Filing};
use super::{ChannelKind, Procedure, Summary, Tier};
use crate::{Casework, PortalMode};

/// Registers the pages and operations.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    routes
        .page(get("/procedures", list), Access::Public)
        .page(get("/procedures/{code}", page), Access::Public)
        .api(routes!(api_list), Access::Public)
        .api(routes!(api_one), Access::Public)
}

/// What the list may be asked for. Unknown words are left aside: an address that somebody shortened still works.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Words, code, or nothing.
    #[serde(default)]
    q: String,
    /// Slug of a sector.
    #[serde(default)]
    sector: String,
    /// `ministry`, `province`, `commune` or `other`.
    #[serde(default)]
    tier: String,
    /// `yes` for what can be filed on line.
    #[serde(default)]
    online: String,
    /// Page, from 1.
    #[serde(default)]
    page: String,
}

impl From<ListQuery> for Query {
    fn from(query: ListQuery) -> Self {
        let tiers = [Tier::Ministry, Tier::Province, Tier::Commune, Tier::Other];
        Self {
            tier: tiers.into_iter().find(|&tier| view::tier_word(tier) == query.tier),
            sector: Some(query.sector).filter(|sector| !sector.is_empty()),
            online: query.online == "yes",
            page: query.page.parse().unwrap_or(1),
            text: query.q,
        }
    }
}

async fn list(State(house): State<Casework>, shell: Shell, UrlQuery(query): UrlQuery<ListQuery>) -> Reply {
    let index = house.catalogue().index().await?;
    let query = Query::from(query);
    let hits = index.search(&query);
    let body = view::list(&shell, &query, &hits, index.sectors());
    Ok(Page::new(&shell, shell.text("procedure-list-title"))
        .public()
        .live()
        .body(body))
}

/// Reads a code from an address; what is no code is simply not found.
pub(crate) fn code_of(text: &str) -> Result<ProcedureCode, Failure> {
    text.parse()
        .map_err(|_| Failure::new(kernel::ErrorKind::NotFound, "procedure-not-found"))
}

/// The current version of a procedure, or "not found".
pub(crate) async fn current(house: &Casework, code: &ProcedureCode) -> Result<(Arc<Procedure>, i64), Failure> {
    let found = house.catalogue().find(code, None).await?;
    found.ok_or_else(|| Failure::new(kernel::ErrorKind::NotFound, "procedure-not-found"))
}

async fn page(State(house): State<Casework>, shell: Shell, Path(code): Path<String>) -> Reply {
    let (procedure, version) = current(&house, &code_of(&code)?).await?;
    let settings = house.settings();
    let now = house.now();
    let due = procedure
        .time_limit(ChannelKind::Online)
        .map(|limit| (limit, settings.calendar.deadline_with(now, limit, settings.cut_off)));
    let filing = match (settings.mode, procedure.is_online()) {
        (PortalMode::Full, true) => Filing::Here,
        (PortalMode::Full, false) => Filing::DeskOnly,
        (PortalMode::Guide, _) => Filing::Portal(portal_address(&house, &procedure.code)),
    };
    let address = format!("{}/procedures/{}", settings.origin, procedure.code);
    let qr = web::qr::qr(&address, &shell.text("procedure-qr"));
    let about = About {
        procedure: &procedure,
        version,
        due,
        filing,
        qr,
        versions: super::version::http::section(&house, &shell, &procedure.code).await?,
    };
    let body = view::page(&shell, &about);
    let title = procedure.title().get(shell.lang).to_owned();
    let description = shell.text_with("procedure-description", &[("name", title.clone().into())]);
    Ok(Page::new(&shell, title)
        .public()
        .crumbs(view::crumbs(&shell, &procedure))
        .description(description)
        .body(body))
}

/// Where the national portal takes this procedure.
pub(crate) fn portal_address(house: &Casework, code: &ProcedureCode) -> String {
    format!(
        "{}/?code={code}",
        house.settings().national_portal.trim_end_matches('/')
    )
}

/// One procedure in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProcedureItem {
    /// National code.
    code: String,
    /// Version in this catalogue.
    version: i64,
    /// Official name in Vietnamese.
    name: String,
    /// Name in everyday words, if there is one.
    short_name: Option<String>,
    /// Sector.
    sector: String,
    /// Slug of the sector.
    sector_slug: String,
    /// Levels of government.
    tiers: Vec<&'static str>,
    /// Can be filed on line here.
    online: bool,
    /// Fee in đồng when filed on line, if the source names one amount.
    fee_dong: Option<i64>,
    /// Time limit when filed on line: `3 working_days`.
    time_limit: Option<String>,
    /// Path of its page.
    page: String,
}

impl From<&Summary> for ProcedureItem {
    fn from(row: &Summary) -> Self {
        Self {
            code: row.code.to_string(),
            version: row.version,
            name: row.name.vi.clone(),
            short_name: row.short_name.as_ref().map(|name| name.vi.clone()),
            sector: row.sector.vi.clone(),
            sector_slug: row.sector_slug.clone(),
            tiers: row.tiers.iter().map(|&tier| view::tier_word(tier)).collect(),
            online: row.is_online(),
            fee_dong: row.fee.map(kernel::Dong::get),
            time_limit: row.time.map(|time| time.to_string()),
            page: view::address(row),
        }
    }
}

/// A page of procedures.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProcedureList {
    /// The rows, best first.
    items: Vec<ProcedureItem>,
    /// How many there are in all.
    total: usize,
    /// Page shown, from 1.
    page: usize,
    /// How many pages there are.
    pages: usize,
}

/// Find procedures, with or without diacritics.
#[utoipa::path(get, path = "/api/procedures", tag = "procedures", params(ListQuery),
    responses((status = 200, body = ProcedureList)))]
async fn api_list(State(house): State<Casework>, UrlQuery(query): UrlQuery<ListQuery>) -> Reply<Json<ProcedureList>> {
    let index = house.catalogue().index().await?;
    let hits = index.search(&Query::from(query));
    let items = hits.rows.iter().map(|&row| ProcedureItem::from(row)).collect();
    Ok(Json(ProcedureList {
        items,
        total: hits.total,
        page: hits.page,
        pages: hits.pages,
    }))
}

/// A procedure with its version.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProcedureDetail {
    /// Version in this catalogue.
    version: i64,
    /// The procedure as it was imported.
    #[schema(value_type = Object)]
    procedure: Arc<Procedure>,
}

/// One procedure.
#[utoipa::path(get, path = "/api/procedures/{code}", tag = "procedures", params(("code" = String, Path, description = "National code")),
    responses((status = 200, body = ProcedureDetail), (status = 404, description = "No such procedure")))]
async fn api_one(State(house): State<Casework>, Path(code): Path<String>) -> Reply<Json<ProcedureDetail>> {
    let (procedure, version) = current(&house, &code_of(&code)?).await?;
    Ok(Json(ProcedureDetail { version, procedure }))
}
