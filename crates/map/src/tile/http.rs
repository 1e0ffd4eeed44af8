//! The operations of tiles: TileJSON and the tiles of a kind of record. Everybody may ask; what the answer shows is what whoever asks
//! may see. Answers carry a tag of the rows they show, so that a client that has them is told so before a tile is made.
//! Standards: TileJSON 3.0.0, Mapbox Vector Tile 2.1, RFC 9110 (conditional requests).

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use identity::Caller;
use identity::routes::{Access, Routes, get};
use kernel::Lang;
use register::Kind;
use register::kind::Shape;
use serde_json::{Map as Object, Value as Json, json};
use web::cache::is_known;
use web::table::TableQuery;
use web::{Reply, Shell};

use super::cache::Key;
use super::draw::{self, COUNT_KEY, View};
use super::layers::{self, Asked, Drawn, Source};
use super::load::{Carried, wanted_bytes};
use super::{TileAt, ZOOM_MAX};
use crate::error::MapError;
use crate::house::Map;

/// The media type of a vector tile.
pub(crate) const MEDIA_TYPE: &str = "application/vnd.mapbox-vector-tile";
/// Rows above which a tile is made on a thread of its own.
const ROWS_HERE: usize = 20_000;
/// Parameters of an address that are no filters.
const RESERVED: [&str; 5] = ["lang", "f", "on", "bbox", "ring"];

pub(crate) fn routes(routes: Routes<Map>) -> Routes<Map> {
    routes
        .page(get("/map/tiles/{system}/{kind}", about), Access::Public)
        .page(get("/map/tiles/{system}/{kind}/{z}/{x}/{y}", tile), Access::Public)
}

/// A field, and its value as it is compared.
pub(crate) type Compared = (String, Box<[u8]>);

/// The filters of an address: values by field as they are compared.
pub(crate) fn filters(kind: &Kind, query: &TableQuery) -> Result<Vec<Compared>, MapError> {
    let names = query
        .names()
        .filter(|name| !RESERVED.contains(name) && !query.filter(name).is_empty());
    names
        .map(|name| {
            let mut declared = kind.filters.iter().map(|at| &kind.columns[*at]);
            let column = declared.find(|column| column.field.name == name);
            let wanted = column.and_then(|column| wanted_bytes(column, query.filter(name)));
            wanted
                .map(|bytes| (name.to_owned(), bytes))
                .ok_or_else(|| MapError::Filter(name.to_owned()))
        })
        .collect()
}

/// What whoever asks sees of a layer; `NotFound` when that is nothing.
pub(crate) fn view(
    map: &Map,
    caller: &Caller,
    drawn: &Drawn,
    filters: Vec<(String, Box<[u8]>)>,
) -> Result<View, MapError> {
    let units: Option<Arc<[_]>> = map.units(caller).map(Arc::from);
    let public = drawn.published.is_some();
    if !public && units.as_ref().is_some_and(|units| units.is_empty()) {
        return Err(MapError::NotFound);
    }
    Ok(View { units, public, filters })
}

impl View {
    /// A number that differs where what is seen differs.
    fn number(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.public.hash(&mut hasher);
        self.filters.hash(&mut hasher);
        self.units.is_some().hash(&mut hasher);
        for unit in self.units.iter().flat_map(|units| units.iter()) {
            unit.uuid().hash(&mut hasher);
        }
        hasher.finish()
    }

    /// Whether everybody sees the same.
    pub(crate) fn is_everybodys(&self) -> bool {
        self.units.as_ref().is_some_and(|units| units.is_empty())
    }
}

/// A tile with the tag of what it shows.
pub(crate) struct Made {
    /// The tile; none when the client has it.
    pub(crate) tile: Option<Bytes>,
    /// Its tag.
    pub(crate) tag: HeaderValue,
    /// Whether everybody gets the same.
    pub(crate) is_everybodys: bool,
}

/// Makes a tile of a kind, or finds it made.
pub(crate) async fn records(
    map: &Map,
    caller: &Caller,
    kind: &Arc<Kind>,
    filters: Vec<(String, Box<[u8]>)>,
    at: TileAt,
    known: Option<&HeaderValue>,
) -> Result<Made, MapError> {
    let source = Source::Records(kind.clone());
    let drawn = match map.layers().get(map, &source).await? {
        Asked::Drawn(drawn) => drawn,
        Asked::TooLarge => Arc::new(layers::unkept(map, kind, at).await?),
    };
    let view = view(map, caller, &drawn, filters)?;
    made(map, (source, kind.record.name.clone()), drawn, view, at, known).await
}

/// Makes a tile of a layer, or finds it made.
pub(crate) async fn made(
    map: &Map,
    (source, name): (Source, String),
    drawn: Arc<Drawn>,
    view: View,
    at: TileAt,
    known: Option<&HeaderValue>,
) -> Result<Made, MapError> {
    let is_everybodys = view.is_everybodys();
    let number = view.number();
    let tag = HeaderValue::from_str(&format!("\"{:x}-{number:x}\"", drawn.turn));
    let tag = tag.unwrap_or(HeaderValue::from_static("\"0\""));
    if is_known(known, &tag) {
        return Ok(Made {
            tile: None,
            tag,
            is_everybodys,
        });
    }
    let key = Key {
        layer: source.name().into(),
        turn: drawn.turn,
        view: number,
        at,
    };
    let make = async move {
        let is_small = drawn.sheets().about(at) <= ROWS_HERE;
        let draw = move || Bytes::from(draw::tile(&name, &drawn.sheets(), &view, at));
        if is_small {
            return Ok(draw());
        }
        let drawn = tokio::task::spawn_blocking(draw).await;
        drawn.map_err(|_| MapError::Drawing)
    };
    let tile = map.cache().get(key, make).await?;
    Ok(Made {
        tile: Some(tile),
        tag,
        is_everybodys,
    })
}

/// The answer that carries a tile.
pub(crate) fn answer(made: Made) -> Response {
    let mut response = match made.tile {
        None => StatusCode::NOT_MODIFIED.into_response(),
        Some(tile) if tile.is_empty() => StatusCode::NO_CONTENT.into_response(),
        Some(tile) => ([(header::CONTENT_TYPE, MEDIA_TYPE)], tile).into_response(),
    };
    let control = if made.is_everybodys {
        "public, max-age=30, must-revalidate"
    } else {
        "private, no-cache"
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(control));
    headers.insert(header::VARY, HeaderValue::from_static("Cookie"));
    headers.insert(header::ETAG, made.tag);
    response
}

async fn tile(
    State(map): State<Map>,
    caller: Caller,
    Path((system, kind, z, x, y)): Path<(String, String, String, String, String)>,
    query: TableQuery,
    headers: HeaderMap,
) -> Reply<Response> {
    let (kind, at) = (map.kind(&system, &kind)?, TileAt::parse(&z, &x, &y)?);
    let filters = filters(&kind, &query)?;
    let known = headers.get(header::IF_NONE_MATCH);
    Ok(answer(records(&map, &caller, &kind, filters, at, known).await?))
}

/// What a layer is, for clients that draw it.
pub(crate) fn document(kind: &Kind, carried: &Carried, view_is_own: bool, origin: &str, lang: Lang) -> Json {
    let mut fields = Object::new();
    fields.insert(
        COUNT_KEY.to_owned(),
        "Records that the feature stands for; 1 without it, 0 where it is counted in another tile".into(),
    );
    for (at, is_public) in &carried.fields {
        let column = &kind.columns[*at];
        if view_is_own || *is_public {
            let what = match column.shape {
                Shape::Boolean => "Boolean",
                Shape::Number(_) => "Number",
                _ => "String",
            };
            let words = kind.words(lang, &format!("field.{}", column.field.name));
            fields.insert(column.field.name.clone(), format!("{words} ({what})").into());
        }
    }
    let path = format!("/map/tiles/{}/{}", kind.system.code, kind.record.name);
    let mut document = json!({
        "tilejson": "3.0.0",
        "name": format!("{} – {}", kind.system_name().get(lang), kind.words(lang, "name")),
        "scheme": "xyz",
        "tiles": [format!("{origin}{path}/{{z}}/{{x}}/{{y}}")],
        "minzoom": 0,
        "maxzoom": ZOOM_MAX,
        "bounds": [-180.0, -85.051_129, 180.0, 85.051_129],
        "vector_layers": [{ "id": kind.record.name, "minzoom": 0, "maxzoom": ZOOM_MAX, "fields": fields }],
    });
    if let Some(open) = &kind.record.open {
        document["attribution"] = open.licence.clone().into();
    }
    document
}

async fn about(
    State(map): State<Map>,
    caller: Caller,
    shell: Shell,
    Path((system, kind)): Path<(String, String)>,
) -> Reply<Response> {
    let kind = map.kind(&system, &kind)?;
    let sight = map.sight(&caller, &kind).await?;
    let carried = Carried::of(&kind, sight.public.as_ref());
    let origin = shell.brand.origin.clone().unwrap_or_default();
    let document = document(&kind, &carried, sight.is_own(), &origin, shell.lang);
    let control = if sight.is_own() {
        "private, no-cache"
    } else {
        "public, max-age=60"
    };
    let headers = [
        (header::CACHE_CONTROL, control),
        (header::VARY, "Cookie, Accept-Language"),
    ];
    Ok((headers, web::Json(document)).into_response())
}
