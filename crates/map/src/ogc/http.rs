//! The operations of OGC API Features and Tiles. Each answers as JSON or as a page of the site: what `f` says, else what `Accept`
//! asks for. Whoever may not see a collection is told that there is none.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path, Query, State};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderName, HeaderValue, StatusCode, header};
use identity::Caller;
use identity::routes::{Access, Routes};
use kernel::{ErrorKind, Lang};
use register::geometry::crs::Crs;
use register::{Kind, Record, RecordId};
use serde_json::{Value, json};
use utoipa::openapi::path::{Operation, PathItem, Paths};
use utoipa::openapi::{HttpMethod, RefOr, Schema};
use web::openapi::Problem;
use web::trace::RequestId;
use web::{Failure, Shell};

use super::ask::{Items, Parameters};
use super::collection::{self, Collection, View};
use super::links::{GEOJSON, JSON, Places, SCHEMA};
use super::store::{self, Page};
use super::{CONFORMANCE, OgcError, Why, document, feature, tiles, view};
use crate::house::Map;

/// Who asks, for what, in which encoding.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) caller: Caller,
    pub(super) shell: Shell,
    pub(super) parameters: Parameters,
    html: bool,
    format_is_known: bool,
    id: RequestId,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let query = Query::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        let is_read = query.is_ok();
        let parameters = Parameters(query.map(|Query(pairs)| pairs).unwrap_or_default());
        let accept = parts
            .headers
            .get(header::ACCEPT)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let (html, known) = match parameters.get("f") {
            None | Some("") => (accept.contains("text/html"), true),
            Some("html") => (true, true),
            Some("json" | "geojson") => (false, true),
            Some(_) => (false, false),
        };
        let Ok(id) = RequestId::from_request_parts(parts, state).await;
        Ok(Self {
            caller: Caller::from_request_parts(parts, state).await?,
            shell: Shell::from_request_parts(parts, state).await?,
            parameters,
            html,
            format_is_known: known && is_read,
            id,
        })
    }
}

/// Every operation in the document, and what answers it.
pub(crate) fn routes(mut routes: Routes<Map>, _map: &Map) -> Routes<Map> {
    use axum::routing::get;
    let handlers = [
        ("", get(landing)),
        ("/conformance", get(conformance)),
        ("/collections", get(collections)),
        ("/collections/{collectionId}", get(one_collection)),
        ("/collections/{collectionId}/queryables", get(queryables)),
        ("/collections/{collectionId}/items", get(items)),
        ("/collections/{collectionId}/items/{featureId}", get(item)),
        ("/collections/{collectionId}/tiles", get(tilesets)),
        ("/collections/{collectionId}/tiles/{tileMatrixSetId}", get(tileset)),
        ("/tileMatrixSets", get(matrix_sets)),
        ("/tileMatrixSets/{tileMatrixSetId}", get(matrix_set)),
    ];
    let mut schemas = document::schemas()
        .map(|(name, schema)| (name.to_owned(), read::<RefOr<Schema>>(schema)))
        .to_vec();
    for (path, handler) in handlers {
        let mut paths = Paths::new();
        let operation = read::<Operation>(document::operation(path));
        paths.paths.insert(
            format!("{}{path}", super::ROOT),
            PathItem::new(HttpMethod::Get, operation),
        );
        routes = routes.api((std::mem::take(&mut schemas), paths, handler), Access::Public);
    }
    routes
}

/// A piece of the document.
fn read<T: serde::de::DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json).expect("a test reads the document")
}

impl Asked {
    fn lang(&self) -> Lang {
        self.shell.lang
    }

    /// Refuses encodings that are none.
    fn checked(&self) -> Result<&Self, OgcError> {
        if self.format_is_known {
            Ok(self)
        } else {
            Err(OgcError::Parameter {
                name: "f",
                why: Why::Format,
            })
        }
    }

    /// What is wrong: a page for people, else problem details. A parameter that is wrong is 400, as the standard wants it.
    fn refused(&self, error: OgcError) -> Response {
        let failure = Failure::from(error);
        let status = match failure.kind() {
            ErrorKind::Invalid => StatusCode::BAD_REQUEST,
            _ => failure.status(),
        };
        if self.html || status.is_server_error() {
            let mut response = failure.into_response();
            *response.status_mut() = status;
            return response;
        }
        let text = failure.public_text(self.lang());
        let title = web::i18n::maybe(self.lang(), &format!("error-{}.title", failure.code()), &[]);
        let problem = Problem {
            kind: format!("urn:tinhso:error:{}", failure.code()),
            title: title.unwrap_or_else(|| self.shell.text("ogc-refused")),
            status: status.as_u16(),
            detail: text,
            code: failure.code().to_owned(),
            request_id: self.id.to_string(),
            errors: Vec::new(),
        };
        let mut response = (status, web::Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }

    fn answered(&self, answer: Result<Response, OgcError>) -> Response {
        let mut response = answer.unwrap_or_else(|error| self.refused(error));
        let headers = response.headers_mut();
        headers.insert(
            header::VARY,
            HeaderValue::from_static("Accept, Cookie, Accept-Language"),
        );
        response
    }

    /// JSON, or the page that shows the same.
    fn either(
        &self,
        media_type: &'static str,
        json: impl FnOnce() -> Value,
        page: impl FnOnce() -> web::Page,
    ) -> Response {
        if self.html {
            page().into_response()
        } else {
            written(media_type, json().to_string())
        }
    }
}

fn written(media_type: &'static str, body: String) -> Response {
    (
        [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "no-cache")],
        body,
    )
        .into_response()
}

/// What a handler works with.
struct House {
    map: Map,
    places: Places,
}

impl House {
    fn new(map: Map) -> Self {
        let places = Places::of(&map);
        Self { map, places }
    }

    fn kind(&self, id: &str) -> Result<Arc<Kind>, OgcError> {
        let (system, name) = collection::parts(id).ok_or(OgcError::NotFound)?;
        self.map.kind(system, name).map_err(|_| OgcError::NotFound)
    }

    /// The collection as whoever asks sees it.
    async fn collection(&self, asked: &Asked, id: &str) -> Result<(Collection, Option<[f64; 4]>), OgcError> {
        let (kind, units) = (self.kind(id)?, self.map.units(&asked.caller));
        let (now, counts) = (self.map.register().now(), self.map.counts().clone());
        self.map
            .store()
            .read(move |tx| {
                let collection = Collection::open(tx, &kind, units.as_deref())?.ok_or(OgcError::NotFound)?;
                let extent = store::extent(tx, &collection, (now, &counts))?;
                Ok((collection, extent))
            })
            .await
    }

    async fn collections(&self, asked: &Asked) -> Result<Vec<(Collection, Option<[f64; 4]>)>, OgcError> {
        let kinds: Vec<Arc<Kind>> = self.map.kinds().cloned().collect();
        let units = self.map.units(&asked.caller);
        let (now, counts) = (self.map.register().now(), self.map.counts().clone());
        self.map
            .store()
            .read(move |tx| {
                let mut found = Vec::new();
                for kind in &kinds {
                    if let Some(collection) = Collection::open(tx, kind, units.as_deref())? {
                        let extent = store::extent(tx, &collection, (now, &counts))?;
                        found.push((collection, extent));
                    }
                }
                Ok(found)
            })
            .await
    }
}

async fn landing(State(map): State<Map>, asked: Asked) -> Response {
    let house = House::new(map);
    let answer = asked.checked().map(|asked| {
        let page = || view::landing(&asked.shell);
        asked.either(JSON, || document::landing(&house.places, &asked.shell), page)
    });
    asked.answered(answer)
}

async fn conformance(asked: Asked) -> Response {
    let answer = asked.checked().map(|asked| {
        let json = || json!({ "conformsTo": CONFORMANCE });
        asked.either(JSON, json, || view::conformance(&asked.shell))
    });
    asked.answered(answer)
}

async fn collections(State(map): State<Map>, asked: Asked) -> Response {
    let house = House::new(map);
    let answer = async {
        let all = house.collections(asked.checked()?).await?;
        let json = || document::collections(&house.places, &all, asked.lang());
        Ok(asked.either(JSON, json, || view::collections(&asked.shell, &all)))
    };
    let answer = answer.await;
    asked.answered(answer)
}

async fn one_collection(State(map): State<Map>, Path(id): Path<String>, asked: Asked) -> Response {
    let house = House::new(map);
    let answer = async {
        let (collection, extent) = house.collection(asked.checked()?, &id).await?;
        let json = || document::collection(&house.places, &collection, extent, asked.lang());
        Ok(asked.either(JSON, json, || {
            view::collection(&asked.shell, &house.map, &collection, extent)
        }))
    };
    let answer = answer.await;
    asked.answered(answer)
}

async fn queryables(State(map): State<Map>, Path(id): Path<String>, asked: Asked) -> Response {
    let house = House::new(map);
    let answer = async {
        let (collection, extent) = house.collection(asked.checked()?, &id).await?;
        let json = || document::queryables(&house.places, &collection, asked.lang());
        Ok(asked.either(SCHEMA, json, || {
            view::collection(&asked.shell, &house.map, &collection, extent)
        }))
    };
    let answer = answer.await;
    asked.answered(answer)
}

async fn items(State(map): State<Map>, Path(id): Path<String>, asked: Asked) -> Response {
    let house = House::new(map);
    let answer = features(&house, &id, &asked).await;
    asked.answered(answer)
}

async fn features(house: &House, id: &str, asked: &Asked) -> Result<Response, OgcError> {
    let wanted = Items::read(&asked.checked()?.parameters)?;
    let (kind, units, today) = (
        house.kind(id)?,
        house.map.units(&asked.caller),
        house.map.register().today(),
    );
    let (crs, read) = (wanted.crs, wanted);
    let counts = read.is_first().then(|| house.map.counts().clone());
    let (collection, page) = house
        .map
        .store()
        .read(move |tx| {
            let collection = Collection::open(tx, &kind, units.as_deref())?.ok_or(OgcError::NotFound)?;
            let ask = read.of(&collection)?;
            let page = store::page(tx, &collection, &ask, today, counts.as_deref())?;
            Ok::<_, OgcError>((collection, page))
        })
        .await?;
    if asked.html {
        let page = view::items(&asked.shell, &house.map, &collection, &page, &asked.parameters);
        return Ok(page.into_response());
    }
    let mut response = written(GEOJSON, written_page(house, asked, &collection, &page, crs));
    content_crs(&mut response, crs);
    Ok(response)
}

/// A page of features with its links.
fn written_page(house: &House, asked: &Asked, collection: &Collection, page: &Page, crs: &Crs) -> String {
    let mut out = String::with_capacity(1_024 + page.records.len() * 512);
    out.push_str("{\"type\":\"FeatureCollection\",\"timeStamp\":\"");
    out.push_str(&house.map.register().now().to_string());
    out.push_str("\",\"numberReturned\":");
    out.push_str(&page.records.len().to_string());
    if let Some(matched) = page.matched {
        out.push_str(",\"numberMatched\":");
        out.push_str(&matched.to_string());
    }
    out.push_str(",\"links\":");
    out.push_str(&document::of_items(&house.places, collection, page, &asked.parameters).to_string());
    out.push_str(",\"features\":[");
    for (at, record) in page.records.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        feature::write(&mut out, collection, record, crs, None);
    }
    out.push_str("]}");
    out
}

fn content_crs(response: &mut Response, crs: &Crs) {
    if let Ok(value) = HeaderValue::from_str(&format!("<{}>", crs.uri())) {
        response
            .headers_mut()
            .insert(HeaderName::from_static("content-crs"), value);
    }
}

async fn item(State(map): State<Map>, Path((id, feature)): Path<(String, String)>, asked: Asked) -> Response {
    let house = House::new(map);
    let answer = one_feature(&house, &id, &feature, &asked).await;
    asked.answered(answer)
}

async fn one_feature(house: &House, id: &str, feature: &str, asked: &Asked) -> Result<Response, OgcError> {
    let parameters = &asked.checked()?.parameters;
    if let Some((name, _)) = parameters
        .0
        .iter()
        .find(|(name, _)| !matches!(name.as_str(), "f" | "lang" | "crs" | "profile"))
    {
        return Err(OgcError::Unknown(name.chars().take(60).collect()));
    }
    let crs = Items::read(parameters)?.crs;
    let feature: RecordId = feature.parse().map_err(|_| OgcError::NotFound)?;
    let (kind, units, today) = (
        house.kind(id)?,
        house.map.units(&asked.caller),
        house.map.register().today(),
    );
    let (collection, record) = house
        .map
        .store()
        .read(move |tx| {
            let collection = Collection::open(tx, &kind, units.as_deref())?.ok_or(OgcError::NotFound)?;
            let record = store::one(tx, &collection, feature, today)?.ok_or(OgcError::NotFound)?;
            Ok::<_, OgcError>((collection, record))
        })
        .await?;
    if asked.html {
        return Ok(view::item(&asked.shell, &house.map, &collection, &record).into_response());
    }
    let mut response = written(GEOJSON, written_feature(house, &collection, &record, crs));
    content_crs(&mut response, crs);
    if matches!(collection.view, View::Own(_))
        && let Ok(tag) = HeaderValue::from_str(&format!("\"r{}\"", record.revision))
    {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

fn written_feature(house: &House, collection: &Collection, record: &Record, crs: &Crs) -> String {
    let links = document::of_item(&house.places, collection, record).to_string();
    let mut out = String::with_capacity(2_048);
    feature::write(&mut out, collection, record, crs, Some(&links));
    out
}

async fn tilesets(State(map): State<Map>, Path(id): Path<String>, asked: Asked) -> Response {
    let house = House::new(map);
    let answer = async {
        let (collection, extent) = house.collection(asked.checked()?, &id).await?;
        let json = || tiles::tilesets(&house.places, &collection, asked.lang());
        Ok(asked.either(JSON, json, || {
            view::collection(&asked.shell, &house.map, &collection, extent)
        }))
    };
    let answer = answer.await;
    asked.answered(answer)
}

async fn tileset(State(map): State<Map>, Path((id, set)): Path<(String, String)>, asked: Asked) -> Response {
    let house = House::new(map);
    let answer = async {
        let (collection, extent) = house.collection(asked.checked()?, &id).await?;
        known_set(&set)?;
        let json = || tiles::tileset(&house.places, &collection, asked.lang());
        Ok(asked.either(JSON, json, || {
            view::collection(&asked.shell, &house.map, &collection, extent)
        }))
    };
    let answer = answer.await;
    asked.answered(answer)
}

fn known_set(id: &str) -> Result<(), OgcError> {
    if id == tiles::MATRIX_SET {
        Ok(())
    } else {
        Err(OgcError::NotFound)
    }
}

async fn matrix_sets(State(map): State<Map>, asked: Asked) -> Response {
    let house = House::new(map);
    let answer = asked
        .checked()
        .map(|_| written(JSON, tiles::matrix_sets(&house.places).to_string()));
    asked.answered(answer)
}

async fn matrix_set(Path(id): Path<String>, asked: Asked) -> Response {
    let answer = asked
        .checked()
        .and_then(|_| known_set(&id))
        .map(|()| written(JSON, tiles::matrix_set().to_string()));
    asked.answered(answer)
}
