//! The operations on records: each kind has a path of its own, so that the document names its fields. Writes are conditional
//! (`If-Match`) and may be sent twice (`Idempotency-Key`).

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{self, MethodRouter};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use identity::routes::{Access, Routes};
use identity::{Action, OfficerCaller, audit};
use kernel::{Lang, fold};
use serde_json::json;
use utoipa::openapi::path::{Operation, PathItem, Paths};
use utoipa::openapi::{HttpMethod, RefOr, Schema};
use uuid::Uuid;
use web::table::{TableQuery, encode};
use web::{Failure, Json, Reply};

use super::formats::{self, Form};
use super::{Body, answer, operations, schema, told};
use crate::error::{RegisterError, What, Wrong};
use crate::export::{Format, Wanted, http as export_http};
use crate::feed::{self, Place};
use crate::geometry::crs::Crs;
use crate::house::{By, Register};
use crate::kind::Kind;
use crate::page::{key_of, key_text};
use crate::record::http::{load, masked};
use crate::record::store::{self, Asked};
use crate::record::value::parse;
use crate::record::view::{Names, wrong_words};
use crate::record::{Act, Command, Record, RecordId, Source};

const LIMIT_USUAL: u64 = 50;
const LIMIT_MAX: u64 = 200;
/// Parameters of a list that are no filters.
const RESERVED: [&str; 6] = ["sort", "cursor", "limit", "fields", "bbox", "lang"];
/// Changes that are told at once when nothing is said.
const CHANGES_USUAL: u64 = 100;

/// Adds the operations of every kind.
pub(crate) fn routes(mut routes: Routes<Register>, register: &Register) -> Routes<Register> {
    for kind in register.kinds() {
        let (name, document) = schema(kind);
        let mut schemas = vec![(name, described::<RefOr<Schema>>(document))];
        for (path, method, operation) in operations(kind) {
            let (handler, http_method, access) = handler(kind, method, path.rsplit('/').next().unwrap_or_default());
            let mut paths = Paths::new();
            let item = PathItem::new(http_method, described::<Operation>(operation));
            paths.paths.insert(path, item);
            routes = routes.api((std::mem::take(&mut schemas), paths, handler), Access::Action(access));
        }
    }
    routes
}

/// A piece of the document.
fn described<T: serde::de::DeserializeOwned>(json: serde_json::Value) -> T {
    serde_json::from_value(json).expect("a test reads the document of every shipped kind")
}

fn handler(kind: &Arc<Kind>, method: &str, last: &str) -> (MethodRouter<Register>, HttpMethod, Action) {
    let kind = kind.clone();
    match (method, last) {
        ("get", "changes") => (
            routing::get(
                move |register: State<Register>, officer: OfficerCaller, query: TableQuery| {
                    changed(kind.clone(), register, officer, query)
                },
            ),
            HttpMethod::Get,
            Action::RegisterRead,
        ),
        ("get", "export") => (
            routing::get(
                move |register: State<Register>, officer: OfficerCaller, query: TableQuery| {
                    export(kind.clone(), register, officer, query)
                },
            ),
            HttpMethod::Get,
            Action::RegisterRead,
        ),
        ("get", "{id}") => (
            routing::get(
                move |register: State<Register>, officer: OfficerCaller, id: Path<String>| {
                    one(kind.clone(), register, officer, id)
                },
            ),
            HttpMethod::Get,
            Action::RegisterRead,
        ),
        ("get", _) => (
            routing::get(
                move |register: State<Register>, officer: OfficerCaller, headers: HeaderMap, query: TableQuery| {
                    list(kind.clone(), register, officer, headers, query)
                },
            ),
            HttpMethod::Get,
            Action::RegisterRead,
        ),
        ("post", _) => (
            routing::post(
                move |register: State<Register>, officer: OfficerCaller, headers: HeaderMap, body: Json<Body>| {
                    add(kind.clone(), register, officer, headers, body)
                },
            ),
            HttpMethod::Post,
            Action::RegisterWrite,
        ),
        _ => (
            routing::patch(
                move |register: State<Register>,
                      officer: OfficerCaller,
                      id: Path<String>,
                      headers: HeaderMap,
                      body: Json<Body>| { change(kind.clone(), register, officer, id, headers, body) },
            ),
            HttpMethod::Patch,
            Action::RegisterWrite,
        ),
    }
}

/// A refusal with what is wrong with each field.
fn failure(kind: &Kind, error: RegisterError) -> Failure {
    let wrong = match &error {
        RegisterError::Invalid(wrong) => wrong.clone(),
        _ => Vec::new(),
    };
    wrong.iter().fold(Failure::from(error), |failure, one| {
        failure.field(&one.field, wrong_words(kind, one).get(Lang::Vi))
    })
}

fn asked(kind: &Kind, query: &TableQuery) -> Result<(Asked, Option<Vec<String>>), RegisterError> {
    let mut asked = Asked {
        order: kind.order,
        limit: LIMIT_USUAL,
        ..Asked::default()
    };
    let mut wrong = Vec::new();
    for name in query.names().filter(|name| !RESERVED.contains(name)) {
        let at = kind
            .filters
            .iter()
            .copied()
            .find(|at| kind.columns[*at].field.name == name);
        match at.map(|at| parse(kind.columns[at].field, query.filter(name)).map(|value| (at, value))) {
            Some(Ok(filter)) => asked.filters.push(filter),
            Some(Err(what)) => wrong.push(Wrong::new(name, what)),
            None => wrong.push(Wrong::new(name, What::Unknown)),
        }
    }
    let sort = query.filter("sort");
    if !sort.is_empty() {
        let (field, descending) = sort.strip_prefix('-').map_or((sort, false), |field| (field, true));
        let at = kind
            .columns
            .iter()
            .position(|column| column.field.name == field && column.sort.is_some());
        match at {
            Some(at) => asked.order = Some((at, descending)),
            None => wrong.push(Wrong::new("sort", What::Unknown)),
        }
    }
    if !query.filter("limit").is_empty() {
        match query.filter("limit").parse() {
            Ok(limit) if (1..=LIMIT_MAX).contains(&limit) => asked.limit = limit,
            _ => wrong.push(Wrong::new("limit", What::Unreadable)),
        }
    }
    if !query.filter("cursor").is_empty() {
        asked.after = key_of(query.filter("cursor"));
        if asked.after.is_none() {
            wrong.push(Wrong::new("cursor", What::Unreadable));
        }
    }
    if !query.filter("bbox").is_empty() {
        asked.bounds = bounds(query.filter("bbox")).filter(|_| kind.geometry().is_some());
        if asked.bounds.is_none() {
            wrong.push(Wrong::new("bbox", What::Unreadable));
        }
    }
    let fields = fields(kind, query, &mut wrong);
    if wrong.is_empty() {
        Ok((asked, fields))
    } else {
        Err(RegisterError::Invalid(wrong))
    }
}

fn bounds(text: &str) -> Option<[f64; 4]> {
    let numbers: Vec<f64> = text
        .split(',')
        .map(|part| part.trim().parse())
        .collect::<Result<_, _>>()
        .ok()?;
    let [west, south, east, north] = numbers.try_into().ok()?;
    let fits = west <= east && south <= north && west >= -180.0 && east <= 180.0 && south >= -90.0 && north <= 90.0;
    fits.then_some([west, south, east, north])
}

fn fields(kind: &Kind, query: &TableQuery, wrong: &mut Vec<Wrong>) -> Option<Vec<String>> {
    let text = query.filter("fields");
    if text.is_empty() {
        return None;
    }
    let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
    let unknown = names
        .iter()
        .filter(|name| kind.column(name).is_none() && *name != "geometry");
    wrong.extend(unknown.map(|name| Wrong::new(fold::nfc(name), What::Unknown)));
    Some(names)
}

async fn list(
    kind: Arc<Kind>,
    State(register): State<Register>,
    officer: OfficerCaller,
    headers: HeaderMap,
    query: TableQuery,
) -> Reply<Response> {
    let (mut asked, fields) = asked(&kind, &query).map_err(|error| failure(&kind, error))?;
    let is_personal = |name: &String| kind.column(name).is_some_and(|column| column.shape.is_personal());
    if fields.iter().flatten().any(is_personal) {
        refuse_personal(&register, &kind, &officer).await?;
        return Err(RegisterError::PurposeMissing.into());
    }
    asked.units = register.scope(&officer, Action::RegisterRead);
    let (limit, order, read) = (asked.limit, asked.order, kind.clone());
    asked.limit += 1;
    let mut records = register.store().read(move |tx| store::list(tx, &read, &asked)).await?;
    let more = records.len() as u64 > limit;
    records.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = records
        .last()
        .filter(|_| more)
        .map(|record| key_text(&store::key_of(&kind, order, record)));
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let form = Form::of(accept.unwrap_or_default());
    let text = formats::page(&register, &kind, &records, fields.as_deref(), next.as_deref(), form)?;
    let mut response = text.into_response();
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(form.media_type()));
    out.insert(header::VARY, HeaderValue::from_static("accept"));
    if let Some(next) = &next
        && let Ok(link) = HeaderValue::from_str(&link(&kind, &query, next))
    {
        out.insert(header::LINK, link);
    }
    Ok(response)
}

/// Where the next page is: the same question with its cursor.
fn link(kind: &Kind, query: &TableQuery, next: &str) -> String {
    let kept = query.names().filter(|name| *name != "cursor");
    let mut pairs: Vec<String> = kept
        .map(|name| format!("{}={}", encode(name), encode(query.filter(name))))
        .collect();
    pairs.push(format!("cursor={}", encode(next)));
    format!("<{}?{}>; rel=\"next\"", kind.api_path(), pairs.join("&"))
}

/// What changed since a place.
async fn changed(
    kind: Arc<Kind>,
    State(register): State<Register>,
    officer: OfficerCaller,
    query: TableQuery,
) -> Reply<Response> {
    let (since, limit) = (query.filter("since").to_owned(), query.filter("limit"));
    let limit = if limit.is_empty() {
        Some(CHANGES_USUAL)
    } else {
        limit.parse().ok()
    };
    let limit = limit.filter(|limit| (1..=LIMIT_MAX).contains(limit));
    let place = match since.as_str() {
        "" => Some(Place::default()),
        "now" => None,
        text => Some(text.parse().map_err(|()| unreadable(&kind, "since"))?),
    };
    let limit = limit.ok_or_else(|| unreadable(&kind, "limit"))?;
    let (units, of) = (register.scope(&officer, Action::RegisterRead), kind.clone());
    let part = register
        .store()
        .read(move |tx| match place {
            Some(place) => feed::after(tx, &of, units.as_deref(), place, limit),
            None => Ok(feed::Part {
                changes: Vec::new(),
                next: feed::head(tx)?,
                more: false,
            }),
        })
        .await?;
    let items = formats::changes(&register, &kind, &part.changes);
    Ok(Json(json!({ "items": items, "next": part.next.to_string(), "more": part.more })).into_response())
}

fn unreadable(kind: &Kind, name: &str) -> Failure {
    failure(kind, RegisterError::Invalid(vec![Wrong::new(name, What::Unreadable)]))
}

/// All records as a file.
async fn export(
    kind: Arc<Kind>,
    State(register): State<Register>,
    officer: OfficerCaller,
    query: TableQuery,
) -> Reply<Response> {
    let format = match query.filter("format") {
        "" => Format::Csv,
        text => text.parse().map_err(|_| unreadable(&kind, "format"))?,
    };
    let own = ["format", "crs", "on", "people", "purpose", "fields", "lang"];
    let mut filters = Vec::new();
    for name in query.names().filter(|name| !own.contains(name)) {
        filters.push((name.to_owned(), query.filter(name).to_owned()));
    }
    let mut wanted = Wanted::all(&kind);
    wanted.asked.filters = export_http::asked(&kind, &filters).map_err(|error| failure(&kind, error))?;
    wanted.units = register.scope(&officer, Action::RegisterRead);
    if !query.filter("crs").is_empty() {
        wanted.crs = Crs::find(query.filter("crs")).ok_or_else(|| unreadable(&kind, "crs"))?;
    }
    if !query.filter("on").is_empty() {
        wanted.on = Some(query.filter("on").parse().map_err(|_| unreadable(&kind, "on"))?);
    }
    let mut wrong = Vec::new();
    let people = people(&query);
    if let Some(names) = fields(&kind, &query, &mut wrong) {
        if !wrong.is_empty() {
            return Err(failure(&kind, RegisterError::Invalid(wrong)));
        }
        let is_named = |name: &String| kind.column(name).is_some_and(|column| column.shape.is_personal());
        if names.iter().any(is_named) && people.is_none() {
            refuse_personal(&register, &kind, &officer).await?;
            return Err(RegisterError::PurposeMissing.into());
        }
        wanted.fields.retain(|at| names.contains(&kind.columns[*at].field.name));
        wanted.geometry = wanted.geometry && names.iter().any(|name| name == "geometry");
    }
    match people {
        None => {}
        Some(purpose) if purpose.as_deref() == Some("") => {
            refuse_personal(&register, &kind, &officer).await?;
            return Err(RegisterError::PurposeMissing.into());
        }
        Some(purpose) => export_http::name_people(&register, &kind, &officer, &mut wanted, purpose.as_deref())?,
    }
    Ok(export_http::send(&register, &kind, &officer, format, wanted).await?)
}

/// What is asked of people: nothing, masked names, or names in full with what they are needed for.
fn people(query: &TableQuery) -> Option<Option<String>> {
    match query.filter("people") {
        "masked" => Some(None),
        "in-full" => Some(Some(query.filter("purpose").to_owned())),
        _ => None,
    }
}

/// That somebody asked for personal fields without a purpose is on record.
async fn refuse_personal(register: &Register, kind: &Arc<Kind>, officer: &OfficerCaller) -> Result<(), RegisterError> {
    let (account, now) = (officer.account(), register.now());
    let subject = format!("{}/{}", kind.system.code, kind.record.name);
    register
        .store()
        .write(move |tx| {
            let (actor, detail) = (
                audit::Actor::Account(account),
                audit::detail([("why", "no purpose".to_owned())]),
            );
            audit::append(tx, actor, "register.personal-refused", &subject, detail, now)?;
            Ok::<_, RegisterError>(())
        })
        .await
}

async fn one(
    kind: Arc<Kind>,
    State(register): State<Register>,
    officer: OfficerCaller,
    Path(id): Path<String>,
) -> Reply<Response> {
    let versions = load(&register, &kind, &officer, &id, Action::RegisterRead).await?;
    let names = masked(&register, &kind, &versions[..1]).await?;
    Ok(tagged(&register, &kind, &versions[0].record, &names, StatusCode::OK))
}

fn tagged(register: &Register, kind: &Kind, record: &Record, names: &Names, status: StatusCode) -> Response {
    let mut response = (status, Json(answer(register, kind, record, names, None))).into_response();
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&tag_of(record)) {
        headers.insert(header::ETAG, tag);
    }
    if status == StatusCode::CREATED
        && let Ok(place) = HeaderValue::from_str(&format!("{}/{}", kind.api_path(), record.id))
    {
        headers.insert(header::LOCATION, place);
    }
    response
}

fn tag_of(record: &Record) -> String {
    format!("\"r{}\"", record.revision)
}

/// The revision that `If-Match` names.
fn seen(headers: &HeaderMap) -> Result<i64, RegisterError> {
    let text = headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok());
    let number = text.and_then(|text| text.trim().trim_matches('"').strip_prefix('r')?.parse().ok());
    number.ok_or(RegisterError::RevisionMissing)
}

fn key(headers: &HeaderMap) -> Result<Option<Uuid>, RegisterError> {
    let Some(value) = headers.get(HeaderName::from_static("idempotency-key")) else {
        return Ok(None);
    };
    let key = value.to_str().ok().and_then(|text| Uuid::parse_str(text.trim()).ok());
    let wrong = || RegisterError::Invalid(vec![Wrong::new("idempotency-key", What::Unreadable)]);
    key.map(Some).ok_or_else(wrong)
}

async fn add(
    kind: Arc<Kind>,
    State(register): State<Register>,
    officer: OfficerCaller,
    headers: HeaderMap,
    Json(body): Json<Body>,
) -> Reply<Response> {
    if body.act.is_some() {
        let wrong = vec![Wrong::new("act", What::Unknown)];
        return Err(failure(&kind, RegisterError::Invalid(wrong)));
    }
    take(&register, &kind, &officer, &headers, body, None)
        .await
        .map_err(|error| failure(&kind, error))
}

async fn change(
    kind: Arc<Kind>,
    State(register): State<Register>,
    officer: OfficerCaller,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(body): Json<Body>,
) -> Reply<Response> {
    let versions = load(&register, &kind, &officer, &id, Action::RegisterWrite).await?;
    let current = Some(&versions[0].record);
    take(&register, &kind, &officer, &headers, body, current)
        .await
        .map_err(|error| failure(&kind, error))
}

async fn take(
    register: &Register,
    kind: &Arc<Kind>,
    officer: &OfficerCaller,
    headers: &HeaderMap,
    body: Body,
    current: Option<&Record>,
) -> Result<Response, RegisterError> {
    let by = By::officer(officer).ok_or(RegisterError::NotFound)?;
    let act = if current.is_none() {
        Act::Add
    } else {
        body.act.filter(|act| *act != Act::Add).unwrap_or(Act::Change)
    };
    let seen = if current.is_none() { None } else { Some(seen(headers)?) };
    let told = told(register, kind, &body, current)?;
    let day = match (act, current) {
        (Act::Correct, Some(current)) => current.valid_from,
        _ => register.today(),
    };
    let command = Command {
        id: current.map_or_else(|| RecordId::new(register.world().as_ref()), |record| record.id),
        act,
        seen,
        valid_from: body.valid_from.unwrap_or(day),
        source: Source::Interface,
        origin: None,
        account: by.account,
        who: by.who,
        reason: body.reason,
        unit: by.unit,
        shape: told.shape,
        values: told.values,
        people: told.people,
    };
    let (id, _) = register.record(kind, command, key(headers)?).await?;
    let versions = register.versions(kind, id).await?;
    let last = versions.first().ok_or(RegisterError::NotFound)?;
    let names = masked(register, kind, &versions[..1]).await?;
    let status = if current.is_none() {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok(tagged(register, kind, &last.record, &names, status))
}
