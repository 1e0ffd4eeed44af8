//! Pages and interface of areas: search, one area with its history, and what a code of a day is today.
//! They refuse a code without a day: alone it identifies nothing (QĐ 19/2025/QĐ-TTg).

use super::api::{AreaItem, ResolvedAnswer, answer};
use super::{AreaBook, AreaCode, AreaError, AreaId, Search, level_of_word, view};
use crate::policy::Action;
use crate::routes::{Access, Routes, get};
use crate::{Identity, IdentityError};
use axum::extract::{Path, Query, State};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use web::{Json, Page, Reply, Shell};

/// Rows of one page.
const PAGE_ROWS: usize = 50;
/// No list has more pages.
const PAGES_MAX: usize = 1_000;

/// Registers the pages and operations.
#[must_use]
pub fn routes(identity: &Identity) -> Routes<Identity> {
    Routes::new(identity)
        .page(get("/admin/areas", list), Access::Action(Action::UnitRead))
        .page(get("/admin/areas/{id}", one), Access::Action(Action::UnitRead))
        .api(routes!(api_resolve), Access::Public)
        .api(routes!(api_list), Access::Public)
}

/// What the list may be asked for.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Words of the name, with or without diacritics, or the first digits of a code.
    #[serde(default)]
    pub(super) q: String,
    /// `province`, `district` or `commune`.
    #[serde(default)]
    pub(super) level: String,
    /// Code of the area above, as it is today.
    #[serde(default)]
    pub(super) within: String,
    /// A day, `2025-06-30` or `30/06/2025`: only areas that existed then. `any` for all there ever were; today without it.
    #[serde(default)]
    #[param(value_type = String, required = false)]
    pub(super) on: Option<String>,
    /// Page, from 1.
    #[serde(default)]
    pub(super) page: String,
    /// A code to resolve, on the page.
    #[serde(default)]
    #[param(ignore)]
    pub(super) code: String,
    /// The day of that code, on the page.
    #[serde(default)]
    #[param(ignore)]
    pub(super) date: String,
}

/// What a list found.
pub(super) struct Found<'a> {
    pub(super) rows: Vec<&'a super::Area>,
    pub(super) total: usize,
    pub(super) page: usize,
    pub(super) day: Date,
}

impl ListQuery {
    /// The day asked for: `today` unless one is named, `any` for the empty choice of the page.
    pub(super) fn on(&self) -> &str {
        match self.on.as_deref() {
            None => "today",
            Some("") => "any",
            Some(on) => on,
        }
    }

    fn search<'a>(&self, book: &'a AreaBook, today: Date) -> Result<Found<'a>, AreaError> {
        let any = self.on() == "any";
        let on = if any || self.on() == "today" {
            None
        } else {
            Some(read_day(self.on())?)
        };
        let within = self
            .within
            .parse::<AreaCode>()
            .ok()
            .and_then(|code| book.current(&code))
            .map(|area| area.id);
        let page = self.page.parse::<usize>().unwrap_or(1).clamp(1, PAGES_MAX);
        let day = on.unwrap_or(today);
        let search = Search {
            words: self.q.trim(),
            level: level_of_word(&self.level),
            within,
            on: if any { None } else { Some(day) },
        };
        let (rows, total) = book.search(&search, (page - 1) * PAGE_ROWS, PAGE_ROWS);
        Ok(Found { rows, total, page, day })
    }
}

/// Reads a day as people and programs write it: `30/06/2025`, `30-6-2025`, `2025-06-30`.
pub(crate) fn read_day(text: &str) -> Result<Date, AreaError> {
    let fault = || AreaError::Date(text.chars().take(20).collect());
    let parts: Vec<&str> = text.trim().split(['/', '-', '.']).collect();
    let [first, month, last] = parts.as_slice() else {
        return Err(fault());
    };
    let (year, day) = if first.len() == 4 { (first, last) } else { (last, first) };
    let year = year.parse().ok().filter(|_| year.len() == 4);
    let date = Date::new(
        year.ok_or_else(fault)?,
        month.parse().map_err(|_| fault())?,
        day.parse().map_err(|_| fault())?,
    );
    date.map_err(|_| fault())
}

async fn book(identity: &Identity) -> Result<Arc<AreaBook>, IdentityError> {
    Ok(identity.areas().current(identity.store()).await?)
}

async fn list(State(identity): State<Identity>, shell: Shell, Query(query): Query<ListQuery>) -> Reply {
    let book = book(&identity).await?;
    let today = identity.now().local_date();
    // A day that is none shows the list of today; the resolver says so beside its field.
    let known = ["today", "any"].contains(&query.on()) || read_day(query.on()).is_ok();
    let query = if known { query } else { ListQuery { on: None, ..query } };
    let found = query.search(&book, today)?;
    let body = view::list(&shell, &book, &query, &found, PAGE_ROWS);
    let crumbs = crate::account::list::http::crumbs(&shell, &[]);
    Ok(Page::new(&shell, shell.text("area-list-title"))
        .crumbs(crumbs)
        .body(body))
}

async fn one(State(identity): State<Identity>, shell: Shell, Path(id): Path<String>) -> Reply {
    let book = book(&identity).await?;
    let id: AreaId = id.parse()?;
    let area = book.get(id).ok_or(AreaError::NoArea(id))?;
    let title = area.last().name.get(shell.lang).to_owned();
    Ok(Page::new(&shell, title)
        .crumbs(view::crumbs(&shell))
        .body(view::one(&shell, &book, area)))
}

/// A code and the day on which it was meant.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ResolveQuery {
    /// Two digits (province), three (district, until 30/06/2025) or five (commune).
    #[param(example = "00022")]
    code: String,
    /// The day on which the code was meant; a code without a day says nothing.
    #[param(example = "2025-06-30")]
    date: String,
}

/// What the code of an area is today.
///
/// Most commune codes of 2025 were in use before and more than half of them now name another commune.
/// The answer is one area, several (the old one was split, or is a district), or unknown with the reason.
#[utoipa::path(get, path = "/api/areas/resolve", tag = "areas", params(ResolveQuery),
    responses((status = 200, body = ResolvedAnswer), (status = 422, description = "Code or date is malformed")))]
async fn api_resolve(
    State(identity): State<Identity>,
    Query(query): Query<ResolveQuery>,
) -> Reply<Json<ResolvedAnswer>> {
    let code: AreaCode = query.code.parse().map_err(AreaError::Code)?;
    let on = read_day(&query.date)?;
    let book = book(&identity).await?;
    let resolved = book.resolve(&code, on);
    Ok(Json(answer(
        &book,
        code.as_str(),
        on,
        identity.now().local_date(),
        &resolved,
    )))
}

/// A page of areas.
#[derive(Debug, Serialize, ToSchema)]
pub struct AreaList {
    /// The rows, best first.
    items: Vec<AreaItem>,
    /// How many there are in all.
    total: usize,
    /// Page shown, from 1.
    page: usize,
    /// How many pages there are.
    pages: usize,
}

/// Find areas by name or code, on a day.
#[utoipa::path(get, path = "/api/areas", tag = "areas", params(ListQuery), responses((status = 200, body = AreaList)))]
async fn api_list(State(identity): State<Identity>, Query(query): Query<ListQuery>) -> Reply<Json<AreaList>> {
    let book = book(&identity).await?;
    let found = query.search(&book, identity.now().local_date())?;
    let items = found
        .rows
        .iter()
        .map(|area| AreaItem::new(&book, area, found.day))
        .collect();
    let pages = found.total.div_ceil(PAGE_ROWS).max(1);
    Ok(Json(AreaList {
        items,
        total: found.total,
        page: found.page,
        pages,
    }))
}
