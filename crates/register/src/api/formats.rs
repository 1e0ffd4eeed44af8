//! A page of records in the form that a client asks for: JSON, CSV or GeoJSON. The same records, fields and order in each; what
//! comes next stands in the body of JSON and GeoJSON and in the `Link` header of all three.

use kernel::Lang;
use serde_json::{Map, Value as Json, json};

use super::answer;
use crate::error::RegisterError;
use crate::feed::Change;
use crate::geometry::Shape as Place;
use crate::house::Register;
use crate::kind::Kind;
use crate::record::Record;
use crate::record::value::{text_of, to_json};
use crate::record::view::{self, Names};

/// What a page is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Csv,
    GeoJson,
}

impl Form {
    /// The first of our forms that an `Accept` header prefers; JSON for anything else.
    pub(super) fn of(accept: &str) -> Self {
        let mut best = (Self::Json, -1.0_f32);
        for part in accept.split(',') {
            let mut words = part.split(';').map(str::trim);
            let form = match words.next().unwrap_or_default() {
                "text/csv" => Self::Csv,
                "application/geo+json" | "application/vnd.geo+json" => Self::GeoJson,
                "application/json" | "application/*" | "*/*" => Self::Json,
                _ => continue,
            };
            let weight = words
                .find_map(|word| word.strip_prefix("q="))
                .and_then(|q| q.parse().ok())
                .unwrap_or(1.0);
            if weight > best.1 {
                best = (form, weight);
            }
        }
        best.0
    }

    pub(super) const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
            Self::GeoJson => "application/geo+json",
        }
    }
}

/// Fields of a page: those that were asked for, no people.
fn columns<'k>(kind: &'k Kind, fields: Option<&[String]>) -> Vec<&'k crate::kind::Column> {
    let wanted = |name: &str| fields.is_none_or(|fields| fields.iter().any(|field| field == name));
    let all = kind.columns.iter().filter(|column| !column.shape.is_personal());
    all.filter(|column| wanted(&column.field.name)).collect()
}

fn has_place(kind: &Kind, fields: Option<&[String]>) -> bool {
    let asked = fields.is_none_or(|fields| fields.iter().any(|field| field == "geometry"));
    kind.geometry().is_some() && asked
}

/// A page as the text of its body.
pub(super) fn page(
    register: &Register,
    kind: &Kind,
    records: &[Record],
    fields: Option<&[String]>,
    next: Option<&str>,
    form: Form,
) -> Result<String, RegisterError> {
    match form {
        Form::Json => {
            let none = Names::new();
            let items: Vec<Json> = records
                .iter()
                .map(|record| answer(register, kind, record, &none, fields))
                .collect();
            Ok(json!({ "items": items, "next": next }).to_string())
        }
        Form::Csv => csv(kind, records, fields),
        Form::GeoJson => Ok(geojson(register, kind, records, fields, next)),
    }
}

fn csv(kind: &Kind, records: &[Record], fields: Option<&[String]>) -> Result<String, RegisterError> {
    let failed = |error: &dyn std::error::Error| RegisterError::File(error.to_string());
    let columns = columns(kind, fields);
    let mut out = ::csv::WriterBuilder::new()
        .terminator(::csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let is_point = kind.geometry() == Some(definition::Geometry::Point);
    let mut head: Vec<&str> = vec!["id", "revision", "valid_from", "known_at"];
    head.extend(columns.iter().map(|column| column.field.name.as_str()));
    let place = has_place(kind, fields);
    if place {
        head.extend(if is_point { &["lon", "lat"][..] } else { &["geometry"] });
    }
    out.write_record(&head).map_err(|error| failed(&error))?;
    for record in records {
        let mut row = vec![
            record.id.to_string(),
            record.revision.to_string(),
            record.valid_from.to_string(),
            record.known_at.to_string(),
        ];
        row.extend(
            columns
                .iter()
                .map(|column| record.values.get(&column.field.name).map(text_of).unwrap_or_default()),
        );
        if place {
            match &record.shape {
                Some(Place::Point([x, y])) => row.extend([x.to_string(), y.to_string()]),
                Some(shape) => row.push(shape.to_geojson().to_string()),
                None => row.extend(std::iter::repeat_n(String::new(), if is_point { 2 } else { 1 })),
            }
        }
        out.write_record(&row).map_err(|error| failed(&error))?;
    }
    let bytes = out.into_inner().map_err(|error| failed(&error))?;
    String::from_utf8(bytes).map_err(|error| failed(&error))
}

fn geojson(
    register: &Register,
    kind: &Kind,
    records: &[Record],
    fields: Option<&[String]>,
    next: Option<&str>,
) -> String {
    let columns = columns(kind, fields);
    let feature = |record: &Record| {
        let mut properties = Map::new();
        properties.insert("title".to_owned(), view::title(register, kind, record, Lang::Vi).into());
        properties.insert("revision".to_owned(), record.revision.into());
        properties.insert("valid_from".to_owned(), record.valid_from.to_string().into());
        for column in &columns {
            let value = record.values.get(&column.field.name).map_or(Json::Null, to_json);
            properties.insert(column.field.name.clone(), value);
        }
        let place = record.shape.as_ref().filter(|_| has_place(kind, fields));
        json!({
            "type": "Feature", "id": record.id, "properties": properties,
            "geometry": place.map_or(Json::Null, Place::to_geojson),
        })
    };
    let features: Vec<Json> = records.iter().map(feature).collect();
    json!({ "type": "FeatureCollection", "features": features, "next": next }).to_string()
}

/// Changes as a client and a subscription are told of them: the record as it is now, without people.
pub(crate) fn changes(register: &Register, kind: &Kind, changes: &[Change]) -> Vec<Json> {
    let none = Names::new();
    let one = |change: &Change| match change {
        Change::Version {
            place,
            revision,
            act,
            at,
            import,
            record,
        } => json!({
            "place": place.to_string(), "id": record.id, "act": act, "revision": revision, "at": at, "import": import,
            "record": answer(register, kind, record, &none, None),
        }),
        Change::Undone { place, at, import } => json!({
            "place": place.to_string(), "act": "undone", "at": at, "import": import,
        }),
    };
    changes.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_prefers_is_what_it_gets() {
        for (accept, form) in [
            ("", Form::Json),
            ("*/*", Form::Json),
            ("text/csv", Form::Csv),
            ("text/csv, application/json;q=0.5", Form::Csv),
            ("text/csv;q=0.2, application/geo+json;q=0.8", Form::GeoJson),
            ("text/html, image/png", Form::Json),
        ] {
            assert_eq!(Form::of(accept), form, "{accept}");
        }
    }
}
