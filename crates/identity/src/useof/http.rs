//! The page and the API on which a person sees who looked at her data, when and why.
//! It shows her own and nobody else's (Luật 91/2025/QH15, right to know).

use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use web::format::date_time;
use web::table::{Column, Filter, Paging, Row, Table, TableQuery};
use web::{Json, Page, Reply, Shell, html};

use super::{After, Use, UseId, store};
use crate::routes::{Access, Routes, get};
use crate::session::CitizenCaller;
use crate::session::http::role_key;
use crate::{Identity, IdentityError};

/// Uses of one page.
const PAGE: i64 = 30;

pub(crate) fn routes(identity: &Identity) -> Routes<Identity> {
    Routes::new(identity)
        .page(get("/my/data-use", page), Access::Citizen)
        .api(routes!(list), Access::Citizen)
}

impl After {
    fn parse(key: &str) -> Option<Self> {
        let (at, id) = key.split_once('_')?;
        let at = kernel::Timestamp::from_micros(at.parse().ok()?);
        Some(Self {
            at,
            id: id.parse::<UseId>().ok()?,
        })
    }

    fn key(one: &Use) -> String {
        format!("{}_{}", one.at.as_micros(), one.id)
    }
}

async fn read(
    identity: &Identity,
    citizen: &CitizenCaller,
    own: bool,
    after: Option<After>,
) -> Result<(Vec<Use>, i64), IdentityError> {
    let person = citizen.person();
    let found = identity.store().read(move |tx| {
        Ok::<_, IdentityError>((store::page(tx, person, own, after, PAGE)?, store::count(tx, person)?))
    });
    found.await
}

async fn page(State(identity): State<Identity>, shell: Shell, citizen: CitizenCaller, query: TableQuery) -> Reply {
    let own = query.filter("own") == "yes";
    let after = query.after_key().and_then(After::parse);
    let started = after.is_some();
    let (uses, count) = read(&identity, &citizen, own, after).await?;
    let table = Table::new(
        "/my/data-use",
        "use-caption",
        vec![
            Column::new("at", "use-at"),
            Column::new("who", "use-who"),
            Column::new("why", "use-why"),
        ],
    )
    .filter(Filter::choice(
        "own",
        "use-filter-own",
        vec![("yes".to_owned(), shell.text("use-filter-own-yes"))],
    ))
    .empty("use-empty");
    let next = (uses.len() as i64 == PAGE)
        .then(|| uses.last().map(After::key))
        .flatten();
    let rows: Vec<Row> = uses.iter().map(|one| row(&shell, one)).collect();
    let title = shell.text("use-title");
    let total = u64::try_from(count).ok().filter(|_| !own);
    Ok(Page::new(&shell, title.clone()).body(html! {
        h1 { (title) }
        p { (shell.text("use-words")) }
        (table.render(&shell, &query, &rows, &Paging::Keyset { next, started, total }))
    }))
}

fn row(shell: &Shell, one: &Use) -> Row {
    Row::new(vec![
        html! { (date_time(shell.lang, one.at)) },
        html! { (who(shell, one)) },
        html! { (why(shell, one)) },
    ])
}

fn who(shell: &Shell, one: &Use) -> String {
    match (one.purpose.as_str(), one.role) {
        ("own", _) => shell.text("use-who-self"),
        ("system", _) => shell.text("use-who-system"),
        (_, Some(role)) => format!("{}, {}, {}", one.who, shell.text(role_key(role)), one.unit_name),
        (_, None) => one.who.clone(),
    }
}

fn why(shell: &Shell, one: &Use) -> String {
    let words = shell.text(match one.purpose.as_str() {
        "own" => "use-why-own",
        "dossier" => "use-why-dossier",
        "task" => "use-why-task",
        "legal-basis" => "use-why-legal-basis",
        _ => "use-why-system",
    });
    let about = match one.reference.as_str() {
        "" => return words,
        "person.merge" => shell.text("use-ref-person-merge"),
        "person.unmerge" => shell.text("use-ref-person-unmerge"),
        "person.compare" => shell.text("use-ref-person-compare"),
        "person.deceased" => shell.text("use-ref-person-deceased"),
        code => code.to_owned(),
    };
    format!("{words}: {about}")
}

/// Where a page of uses begins, and whether one's own views are among them.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// `next` of the page before.
    after: Option<String>,
    /// `true` to see one's own views too.
    #[serde(default)]
    own: bool,
}

/// One use of a person's data.
#[derive(Debug, Serialize, ToSchema)]
struct UseAnswer {
    /// Its id.
    id: String,
    /// When, RFC 3339.
    at: String,
    /// `own`, `dossier`, `task`, `legal-basis` or `system`.
    purpose: String,
    /// Code of the dossier, or number of the article.
    reference: String,
    /// Name of the officer.
    who: String,
    /// Role of the officer.
    role: Option<String>,
    /// Unit of the officer on that day.
    unit: String,
}

/// A page of uses.
#[derive(Debug, Serialize, ToSchema)]
struct UsesAnswer {
    /// Newest first.
    uses: Vec<UseAnswer>,
    /// Where the next page begins; absent on the last.
    next: Option<String>,
}

/// Who looked at my data, when and why
#[utoipa::path(
    get,
    path = "/api/v1/my/data-use",
    tag = "identity",
    params(ListQuery),
    responses((status = 200, body = UsesAnswer), web::openapi::Problems)
)]
async fn list(
    State(identity): State<Identity>,
    citizen: CitizenCaller,
    Query(query): Query<ListQuery>,
) -> Reply<Json<UsesAnswer>> {
    let after = query.after.as_deref().and_then(After::parse);
    let (uses, _) = read(&identity, &citizen, query.own, after).await?;
    let next = (uses.len() as i64 == PAGE)
        .then(|| uses.last().map(After::key))
        .flatten();
    let uses = uses
        .into_iter()
        .map(|one| UseAnswer {
            id: one.id.to_string(),
            at: one.at.to_string(),
            purpose: one.purpose,
            reference: one.reference,
            who: one.who,
            role: one.role.map(|role| role.name().to_owned()),
            unit: one.unit_name,
        })
        .collect();
    Ok(Json(UsesAnswer { uses, next }))
}
