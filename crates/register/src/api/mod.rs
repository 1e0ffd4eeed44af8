//! The interface of each kind of record: what a client is told and tells, and its part of the OpenAPI document, which is made
//! from the definition when the program starts. Refuses personal fields: people are masked in every answer.

mod formats;
pub(crate) mod http;

use std::collections::BTreeMap;

use definition::FieldKind;
use definition::expression::Value;
use identity::person::Prepared;
use kernel::Lang;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use crate::error::{RegisterError, What, Wrong};
use crate::geometry::Shape as Place;
use crate::house::Register;
use crate::kind::{Column, Kind, Shape};
use crate::record::form::claim;
use crate::record::value::{from_json, to_json};
use crate::record::view::{self, Names};
use crate::record::{Act, Record};

pub(crate) use formats::changes;

/// What a client wants to be recorded.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Body {
    /// `change` or `correct`; not for a new record.
    #[serde(default)]
    pub(crate) act: Option<Act>,
    /// Values by field; one that is not here stays, `null` takes it away.
    #[serde(default)]
    pub(crate) values: Map<String, Json>,
    /// A GeoJSON geometry; `null` takes it away.
    #[serde(default, with = "given")]
    pub(crate) geometry: Option<Json>,
    /// The first day on which it holds; today without it.
    #[serde(default)]
    pub(crate) valid_from: Option<jiff::civil::Date>,
    /// Why.
    #[serde(default)]
    pub(crate) reason: Option<String>,
}

/// Tells what is `null` from what is not there.
mod given {
    use serde::{Deserialize, Deserializer};
    use serde_json::Value;

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<Value>, D::Error> {
        Value::deserialize(reader).map(Some)
    }
}

/// What a body says of a record.
pub(crate) struct Told {
    pub(crate) values: BTreeMap<String, Value>,
    pub(crate) people: BTreeMap<String, Vec<Prepared>>,
    pub(crate) shape: Option<Place>,
}

/// Reads a body; `current` gives what it does not speak of.
pub(crate) fn told(
    register: &Register,
    kind: &Kind,
    body: &Body,
    current: Option<&Record>,
) -> Result<Told, RegisterError> {
    let (mut values, mut people, mut wrong) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    for (name, json) in &body.values {
        let Some(column) = kind.column(name).filter(|column| !column.field.retired) else {
            wrong.push(Wrong::new(name, What::Unknown));
            continue;
        };
        let done = if column.shape.is_personal() {
            claims(register, column, json).map(|claims| drop(people.insert(name.clone(), claims)))
        } else {
            value(register, column, json).map(|value| drop(values.insert(name.clone(), value)))
        };
        if let Err(what) = done {
            wrong.push(Wrong::new(name, what));
        }
    }
    if current.is_none() {
        for column in &kind.columns {
            if let Some(default) = &column.field.default {
                values
                    .entry(column.field.name.clone())
                    .or_insert_with(|| default.clone());
            }
        }
    }
    let shape = match (&body.geometry, kind.geometry()) {
        (None, _) => current.and_then(|current| current.shape.clone()),
        (Some(Json::Null), _) => None,
        (Some(_), None) => {
            wrong.push(Wrong::new("geometry", What::Unknown));
            None
        }
        (Some(json), Some(wanted)) => Place::from_geojson(json, wanted)
            .map_err(|fault| wrong.push(Wrong::new("geometry", What::Geometry(fault))))
            .ok(),
    };
    if wrong.is_empty() {
        Ok(Told { values, people, shape })
    } else {
        Err(RegisterError::Invalid(wrong))
    }
}

fn value(register: &Register, column: &Column, json: &Json) -> Result<Value, What> {
    let value = from_json(column.field, json)?;
    if let (FieldKind::Code(list), Value::Text(code)) = (&column.field.kind, &value)
        && let Some(codes) = register.codes(list)
        && !codes.iter().any(|(known, _)| known == code)
    {
        return Err(What::Code);
    }
    Ok(value)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Someone {
    name: String,
    #[serde(default)]
    number: String,
}

fn claims(register: &Register, column: &Column, json: &Json) -> Result<Vec<Prepared>, What> {
    let all = match json {
        Json::Null => Vec::new(),
        Json::Array(all) if column.shape == Shape::Persons => all.clone(),
        Json::Object(_) if column.shape == Shape::Person => vec![json.clone()],
        _ => return Err(What::Unreadable),
    };
    let read = all.into_iter().map(|one| {
        let one: Someone = serde_json::from_value(one).map_err(|_| What::Unreadable)?;
        claim(register, &one.name, &one.number)
    });
    read.collect()
}

/// A record as a client sees it. `names` are masked; without one a person is left out.
pub(crate) fn answer(
    register: &Register,
    kind: &Kind,
    record: &Record,
    names: &Names,
    fields: Option<&[String]>,
) -> Json {
    let wanted = |name: &str| fields.is_none_or(|fields| fields.iter().any(|field| field == name));
    let mut values = Map::new();
    for column in kind.columns.iter().filter(|column| wanted(&column.field.name)) {
        let Some(value) = record.values.get(&column.field.name) else {
            continue;
        };
        let shown = if column.shape.is_personal() {
            match masked(value, names) {
                Some(masked) => masked,
                None => continue,
            }
        } else {
            to_json(value)
        };
        values.insert(column.field.name.clone(), shown);
    }
    let mut answer = json!({
        "id": record.id,
        "revision": record.revision,
        "title": view::title(register, kind, record, Lang::Vi),
        "valid_from": record.valid_from,
        "known_at": record.known_at,
        "act": record.act,
        "source": record.source,
        "who": record.who,
        "unit": record.unit,
        "values": values,
    });
    if kind.geometry().is_some() && wanted("geometry") {
        answer["geometry"] = record.shape.as_ref().map_or(Json::Null, Place::to_geojson);
        answer["outside"] = record
            .shape
            .as_ref()
            .is_some_and(|shape| !shape.is_in_viet_nam())
            .into();
    }
    answer
}

fn masked(value: &Value, names: &Names) -> Option<Json> {
    match value {
        Value::Text(id) => names.get(id).map(|name| json!({ "name_masked": name })),
        Value::Many(all) => all
            .iter()
            .map(|one| masked(one, names))
            .collect::<Option<Vec<_>>>()
            .map(Json::from),
        _ => None,
    }
}

/// The schema of a kind's records, and its name.
pub(crate) fn schema(kind: &Kind) -> (String, Json) {
    let mut properties = Map::new();
    for column in &kind.columns {
        properties.insert(column.field.name.clone(), property(kind, column));
    }
    let mut schema = json!({
        "type": "object",
        "description": format!("{}, {}", kind.words(Lang::En, "name"), kind.system_name().get(Lang::En)),
        "required": ["id", "revision", "title", "valid_from", "known_at", "act", "source", "who", "unit", "values"],
        "properties": {
            "id": { "type": "string", "format": "uuid" },
            "revision": { "type": "integer", "format": "int64" },
            "title": { "type": "string" },
            "valid_from": { "type": "string", "format": "date" },
            "known_at": { "type": "string", "format": "date-time" },
            "act": { "type": "string" },
            "source": { "type": "string" },
            "who": { "type": "string" },
            "unit": { "type": "string", "format": "uuid" },
            "values": { "type": "object", "properties": properties },
        },
    });
    if kind.geometry().is_some() {
        schema["properties"]["geometry"] =
            json!({ "type": ["object", "null"], "description": "GeoJSON geometry, WGS 84" });
        schema["properties"]["outside"] = json!({ "type": "boolean", "description": "Lies outside of Viet Nam" });
    }
    (schema_name(kind), schema)
}

fn schema_name(kind: &Kind) -> String {
    format!("register.{}.{}", kind.system.code, kind.record.name)
}

fn property(kind: &Kind, column: &Column) -> Json {
    let words = kind.words(Lang::En, &format!("field.{}", column.field.name));
    let mut property = match (column.shape, &column.field.kind) {
        (Shape::Boolean, _) => json!({ "type": "boolean" }),
        (Shape::Number(0), _) => json!({ "type": "integer", "format": "int64" }),
        (Shape::Number(_), _) => json!({ "type": "string" }),
        (Shape::Date, _) => json!({ "type": "string", "format": "date" }),
        (Shape::Texts, _) => json!({ "type": "array", "items": { "type": "string" } }),
        (Shape::Person, _) => json!({ "type": "object", "properties": { "name_masked": { "type": "string" } } }),
        (Shape::Persons, _) => {
            json!({ "type": "array", "items": { "type": "object", "properties": { "name_masked": { "type": "string" } } } })
        }
        (Shape::Text, FieldKind::Choice(words)) => json!({ "type": "string", "enum": words }),
        (Shape::Text, _) => json!({ "type": "string" }),
    };
    let unit = if let FieldKind::Number { ty, .. } = &column.field.kind {
        view::unit_of(ty)
    } else {
        None
    };
    property["description"] = unit.map_or(words.clone(), |unit| format!("{words}, {unit}")).into();
    property
}

fn parameter(name: &str, place: &str, required: bool, words: &str) -> Json {
    json!({ "name": name, "in": place, "required": required, "description": words, "schema": { "type": "string" } })
}

/// What a list may be asked for.
fn parameters(kind: &Kind) -> Vec<Json> {
    let filters = kind.filters.iter().map(|at| {
        let field = &kind.columns[*at].field.name;
        parameter(field, "query", false, &kind.words(Lang::En, &format!("field.{field}")))
    });
    let mut asked: Vec<Json> = filters.collect();
    asked.extend(
        [
            ("sort", "A sortable field; `-` before it for the greatest first"),
            ("cursor", "`next` of the page before"),
            ("limit", "Records of a page, 1 to 200; 50 without it"),
            ("fields", "Names of fields, parted by commas; a personal one is refused"),
        ]
        .map(|(name, words)| parameter(name, "query", false, words)),
    );
    if kind.geometry().is_some() {
        asked.push(parameter("bbox", "query", false, "West, south, east, north in degrees"));
    }
    asked
}

/// What a client sends.
fn body() -> Json {
    let schema = json!({ "type": "object", "properties": {
        "act": { "type": "string", "enum": ["change", "correct"] },
        "values": { "type": "object", "description": "By field; people as `name` and `number`" },
        "geometry": { "type": ["object", "null"] },
        "valid_from": { "type": "string", "format": "date" },
        "reason": { "type": "string" },
    } });
    json!({ "required": true, "content": { "application/json": { "schema": schema } } })
}

/// An operation: what it does, its name, its parameters, its answer.
type Described<'o> = &'o dyn Fn(&str, &str, Vec<Json>, (&str, &Json)) -> Json;

fn changes_operation(kind: &Kind, operation: Described<'_>) -> Json {
    let schema = json!({ "$ref": format!("#/components/schemas/{}", schema_name(kind)) });
    let item = json!({ "type": "object", "required": ["place", "act", "at"], "properties": {
        "place": { "type": "string" },
        "act": { "type": "string", "enum": ["add", "change", "correct", "undone"] },
        "at": { "type": "string", "format": "date-time" },
        "id": { "type": "string", "format": "uuid" },
        "revision": { "type": "integer", "format": "int64" },
        "import": { "type": ["string", "null"], "format": "uuid" },
        "record": schema,
    } });
    let part = json!({ "type": "object", "required": ["items", "next", "more"], "properties": {
        "items": { "type": "array", "items": item },
        "next": { "type": "string", "description": "`since` of the next part; the same when nothing changed" },
        "more": { "type": "boolean", "description": "Whether there is a next part already" },
    } });
    let since =
        "`next` of the part before; `now` for the place from which on to read; the oldest that is kept without it";
    let asked = vec![
        parameter("since", "query", false, since),
        parameter("limit", "query", false, "Changes of a part, 1 to 200; 100 without it"),
    ];
    operation(
        "changes",
        "what changed since a place, in one order without gaps",
        asked,
        ("200", &part),
    )
}

fn export_operation(kind: &Kind, operation: Described<'_>) -> Json {
    let file = json!({ "type": "string", "format": "binary" });
    let filters = kind.filters.iter().map(|at| {
        let field = &kind.columns[*at].field.name;
        parameter(field, "query", false, &kind.words(Lang::En, &format!("field.{field}")))
    });
    let mut asked: Vec<Json> = filters.collect();
    asked.extend(
        [
            (
                "format",
                "`csv`, `xlsx`, `geojson`, `gpkg`, `fgb` or `parquet`; CSV without it",
            ),
            ("fields", "Names of fields, parted by commas, `geometry` among them"),
            ("on", "How things were on this day"),
            (
                "crs",
                "The system of coordinates, such as `EPSG:9210`; longitude and latitude without it",
            ),
            (
                "people",
                "`masked` or `in-full`; personal fields are left out without it",
            ),
            ("purpose", "What names in full are needed for; each person sees it"),
        ]
        .map(|(name, words)| parameter(name, "query", false, words)),
    );
    let mut export = operation("export", "all records as a file", asked, ("200", &file));
    let schema = export["responses"]["200"]["content"]["application/json"].take();
    let media = crate::export::Format::ALL.iter().map(|format| {
        let name = format.media_type().split(';').next().unwrap_or_default().to_owned();
        (name, schema.clone())
    });
    export["responses"]["200"]["content"] = Json::Object(media.collect());
    export
}

/// The operations on all records of a kind and on one of them, as the document describes them.
pub(crate) fn operations(kind: &Kind) -> [(String, &'static str, Json); 6] {
    let (path, name) = (kind.api_path(), kind.words(Lang::En, "name"));
    let one = format!("{path}/{{id}}");
    let id = format!("{}_{}", kind.system.code.replace('-', "_"), kind.record.name);
    let schema = json!({ "$ref": format!("#/components/schemas/{}", schema_name(kind)) });
    let page = json!({ "type": "object", "required": ["items"], "properties": {
        "items": { "type": "array", "items": schema },
        "next": { "type": ["string", "null"], "description": "`cursor` of the next page" },
    } });
    let key = parameter("idempotency-key", "header", false, "A UUID: the same key is done once");
    let revision = parameter(
        "if-match",
        "header",
        true,
        "The tag of the revision that the change is based on",
    );
    let which = parameter("id", "path", true, "The record");
    let operation = |act: &str, what: &str, parameters: Vec<Json>, (status, schema): (&str, &Json)| {
        json!({
            "tags": ["registers"],
            "operationId": format!("register_{act}_{id}"),
            "summary": format!("{name}: {what}"),
            "parameters": parameters,
            "responses": { status: { "description": "Done", "content": { "application/json": { "schema": schema } } } },
        })
    };
    let with_body = |mut operation: Json| {
        operation["requestBody"] = body();
        operation
    };
    let mut list = operation("list", "records", parameters(kind), ("200", &page));
    for (media, schema) in [
        ("text/csv", json!({ "type": "string" })),
        ("application/geo+json", json!({ "type": "object" })),
    ] {
        list["responses"]["200"]["content"][media] = json!({ "schema": schema });
    }
    let add = with_body(operation("add", "enter a record", vec![key.clone()], ("201", &schema)));
    let read = operation("read", "one record", vec![which.clone()], ("200", &schema));
    let change = operation(
        "change",
        "change or correct a record",
        vec![which, revision, key],
        ("200", &schema),
    );
    let changes = changes_operation(kind, &operation);
    let export = export_operation(kind, &operation);
    [
        (path.clone(), "get", list),
        (path.clone(), "post", add),
        (format!("{path}/changes"), "get", changes),
        (format!("{path}/export"), "get", export),
        (one.clone(), "get", read),
        (one, "patch", with_body(change)),
    ]
}
