//! The documents of these interfaces as JSON: landing page, collections, queryables, links, and their part of the OpenAPI document.
//! Owns their shape; decides nothing.

use definition::{FieldKind, Geometry};
use kernel::Lang;
use register::Record;
use register::geometry::crs::Crs;
use serde_json::{Map, Value, json};
use web::Shell;

use super::ask::Parameters;
use super::collection::Collection;
use super::links::{GEOJSON, HTML, JSON, Places, SCHEMA, both, link};
use super::store::Page;
use super::{LIMIT_MAX, LIMIT_USUAL};
use crate::cql::{Field, Kind};

/// The relation by which a collection's queryables are found.
const QUERYABLES: &str = "http://www.opengis.net/def/rel/ogc/1.0/queryables";
const TILESETS: &str = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector";
const SCHEMES: &str = "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes";
const OPENAPI: &str = "application/vnd.oai.openapi+json;version=3.1";

/// Where everything begins.
pub(super) fn landing(places: &Places, shell: &Shell) -> Value {
    let mut links = both(&places.at(""), JSON, &shell.text("ogc-landing-title"));
    links.extend([
        link("service-desc", OPENAPI, places.elsewhere("/openapi.json"), "OpenAPI"),
        link(
            "service-doc",
            HTML,
            places.elsewhere("/docs/api"),
            &shell.text("ogc-documentation"),
        ),
        link(
            "conformance",
            JSON,
            places.at("/conformance"),
            &shell.text("ogc-conformance-title"),
        ),
        link(
            "data",
            JSON,
            places.at("/collections"),
            &shell.text("ogc-collections-title"),
        ),
        link(SCHEMES, JSON, places.at("/tileMatrixSets"), "WebMercatorQuad"),
    ]);
    json!({
        "title": shell.text("ogc-landing-title"),
        "description": shell.text("ogc-landing-lead"),
        "links": links,
    })
}

/// Every collection.
pub(super) fn collections(places: &Places, all: &[(Collection, Option<[f64; 4]>)], lang: Lang) -> Value {
    let listed: Vec<Value> = all
        .iter()
        .map(|(one, extent)| collection(places, one, *extent, lang))
        .collect();
    let systems: Vec<String> = Crs::all().iter().map(Crs::uri).collect();
    json!({
        "links": both(&places.at("/collections"), JSON, ""),
        "collections": listed,
        "crs": systems,
    })
}

/// One collection.
pub(super) fn collection(places: &Places, one: &Collection, extent: Option<[f64; 4]>, lang: Lang) -> Value {
    let (href, title) = (places.collection(&one.kind), one.title());
    let mut links = both(&href, JSON, title.get(lang));
    links.extend([
        link("items", GEOJSON, format!("{href}/items?f=json"), title.get(lang)),
        link("items", HTML, format!("{href}/items?f=html"), title.get(lang)),
        link(QUERYABLES, SCHEMA, format!("{href}/queryables"), "Queryables"),
        link(TILESETS, JSON, format!("{href}/tiles"), "MVT"),
    ]);
    if let Some(licence) = one.licence() {
        links.push(link(
            "license",
            HTML,
            format!("https://spdx.org/licenses/{licence}.html"),
            licence,
        ));
    }
    let systems: Vec<String> = Crs::all().iter().map(Crs::uri).collect();
    let mut found = json!({
        "id": one.id(),
        "title": title.get(lang),
        "description": one.description().get(lang),
        "itemType": "feature",
        "crs": systems,
        "storageCrs": Crs::stored().uri(),
        "links": links,
    });
    if let Some(sides) = extent {
        found["extent"] = json!({ "spatial": { "bbox": [sides], "crs": Crs::stored().uri() } });
    }
    found
}

/// What filters of a collection may name, as a JSON Schema.
pub(super) fn queryables(places: &Places, one: &Collection, lang: Lang) -> Value {
    let mut properties = Map::new();
    for field in &one.fields {
        properties.insert(field.name.clone(), queryable(one, field, lang));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("{}/queryables", places.collection(&one.kind)),
        "type": "object",
        "title": one.title().get(lang),
        "properties": properties,
        "additionalProperties": false,
    })
}

fn queryable(one: &Collection, field: &Field, lang: Lang) -> Value {
    let mut schema = match field.kind {
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Number(0) => json!({ "type": "integer" }),
        Kind::Number(_) => json!({ "type": "number" }),
        Kind::Text => json!({ "type": "string" }),
        Kind::Date => json!({ "type": "string", "format": "date" }),
        Kind::Instant => json!({ "type": "string", "format": "date-time" }),
        Kind::Place { .. } => json!({ "format": geometry_format(one), "x-ogc-role": "primary-geometry" }),
    };
    if let Some(column) = one.kind.column(&field.name) {
        schema["title"] = one.kind.words(lang, &format!("field.{}", field.name)).into();
        if let FieldKind::Choice(words) = &column.field.kind {
            schema["enum"] = words.clone().into();
        }
    }
    schema
}

fn geometry_format(one: &Collection) -> &'static str {
    match one.kind.geometry() {
        Some(Geometry::Point) => "geometry-point",
        Some(Geometry::Line) => "geometry-linestring",
        Some(Geometry::Polygon) => "geometry-polygon",
        None => "geometry-any",
    }
}

/// The links of a page of features.
pub(super) fn of_items(places: &Places, one: &Collection, page: &Page, parameters: &Parameters) -> Value {
    let href = format!("{}/items", places.collection(&one.kind));
    let with = |name: &str, value: &str| format!("{href}?{}", parameters.with(name, value));
    let mut links = vec![
        link("self", GEOJSON, with("f", "json"), ""),
        link("alternate", HTML, with("f", "html"), ""),
        link("collection", JSON, places.collection(&one.kind), ""),
    ];
    if let Some(next) = &page.next {
        links.push(link("next", GEOJSON, with("cursor", &next.text()), ""));
    }
    Value::Array(links)
}

/// The links of one feature.
pub(super) fn of_item(places: &Places, one: &Collection, record: &Record) -> Value {
    let href = format!("{}/items/{}", places.collection(&one.kind), record.id);
    let mut links = both(&href, GEOJSON, "");
    links.push(link("collection", JSON, places.collection(&one.kind), ""));
    Value::Array(links)
}

/// Schemas of the OpenAPI document.
pub(super) fn schemas() -> [(&'static str, Value); 2] {
    [
        (
            "ogc.Document",
            json!({ "type": "object", "properties": { "links": { "type": "array", "items": { "type": "object", "properties": {
                "rel": { "type": "string" }, "type": { "type": "string" }, "href": { "type": "string" }, "title": { "type": "string" },
            } } } } }),
        ),
        (
            "ogc.Features",
            json!({ "type": "object", "required": ["type", "features", "links"], "properties": {
                "type": { "type": "string", "enum": ["FeatureCollection"] },
                "timeStamp": { "type": "string", "format": "date-time" },
                "numberMatched": { "type": "integer", "format": "int64" },
                "numberReturned": { "type": "integer", "format": "int64" },
                "links": { "type": "array", "items": { "type": "object" } },
                "features": { "type": "array", "items": { "type": "object" } },
            } }),
        ),
    ]
}

/// An operation of the OpenAPI document by its path below the root.
pub(super) fn operation(path: &str) -> Value {
    let (id, summary, schema, media_type) = match path {
        "" => ("landing", "Landing page", "ogc.Document", JSON),
        "/conformance" => ("conformance", "What is spoken here", "ogc.Document", JSON),
        "/collections" => (
            "collections",
            "Collections that whoever asks may see",
            "ogc.Document",
            JSON,
        ),
        "/collections/{collectionId}" => ("collection", "One collection", "ogc.Document", JSON),
        "/collections/{collectionId}/queryables" => ("queryables", "What filters may name", "ogc.Document", SCHEMA),
        "/collections/{collectionId}/items" => ("items", "Features of a collection", "ogc.Features", GEOJSON),
        "/collections/{collectionId}/items/{featureId}" => ("item", "One feature", "ogc.Document", GEOJSON),
        "/collections/{collectionId}/tiles" => ("tilesets", "Tile sets of a collection", "ogc.Document", JSON),
        "/collections/{collectionId}/tiles/{tileMatrixSetId}" => ("tileset", "One tile set", "ogc.Document", JSON),
        "/tileMatrixSets" => ("tile_matrix_sets", "Tile matrix sets", "ogc.Document", JSON),
        _ => ("tile_matrix_set", "One tile matrix set", "ogc.Document", JSON),
    };
    let places = ["collectionId", "featureId", "tileMatrixSetId"];
    let mut parameters: Vec<Value> = places
        .into_iter()
        .filter(|name| path.contains(&format!("{{{name}}}")))
        .map(|name| json!({ "name": name, "in": "path", "required": true, "description": described(name), "schema": { "type": "string" } }))
        .collect();
    parameters.push(asked("f", json!({ "type": "string", "enum": ["json", "html"] })));
    match id {
        "items" => parameters.extend(of_features()),
        "item" => parameters.push(asked("crs", json!({ "type": "string", "format": "uri" }))),
        _ => {}
    }
    let schema = json!({ "$ref": format!("#/components/schemas/{schema}") });
    json!({
        "tags": ["ogc"],
        "operationId": format!("ogc_{id}"),
        "summary": summary,
        "parameters": parameters,
        "responses": { "200": { "description": "Done", "content": { media_type: { "schema": schema } } } },
    })
}

fn asked(name: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "query", "required": false, "description": described(name), "schema": schema })
}

fn of_features() -> Vec<Value> {
    let text = || json!({ "type": "string" });
    let uri = || json!({ "type": "string", "format": "uri" });
    let languages = json!({ "type": "string", "enum": ["cql2-text", "cql2-json"], "default": "cql2-text" });
    vec![
        asked(
            "limit",
            json!({ "type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_USUAL }),
        ),
        asked("cursor", text()),
        asked("bbox", text()),
        asked("bbox-crs", uri()),
        asked("crs", uri()),
        asked("datetime", text()),
        asked("filter", text()),
        asked("filter-lang", languages),
        asked("filter-crs", uri()),
    ]
}

fn described(name: &str) -> &'static str {
    match name {
        "collectionId" => "`SYSTEM.KIND`, as `/ogc/collections` lists it",
        "featureId" => "The record",
        "tileMatrixSetId" => "`WebMercatorQuad`",
        "f" => "The encoding; without it as `Accept` asks",
        "limit" => "Features of a page",
        "cursor" => "From the `next` link of the page before",
        "bbox" => {
            "Four or six numbers, the lower corner first; across the antimeridian when the west is beyond the east"
        }
        "bbox-crs" => "The system of `bbox`; longitude and latitude without it",
        "crs" => "The system of the answer; longitude and latitude without it",
        "datetime" => {
            "An instant, or two with `/` between them; `..` is an open end. Features that hold at some time of it"
        }
        "filter" => "CQL2; each queryable is a parameter too",
        "filter-lang" => "Text or JSON",
        _ => "The system of the shapes in `filter`",
    }
}
