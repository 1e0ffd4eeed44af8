//! The files of a dataset, streamed: a page of rows at a time, so that a million of them needs no more memory than a thousand. The rule is
//! read again with each page: a publication that is withdrawn ends a download that runs. A file of made-up records says so in its name.

use std::io;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures::stream;
use http::{HeaderValue, header};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;
use web::download::{content_disposition, csv_cell};

use crate::dataset::Dataset;
use crate::rows::store::id_of;
use crate::rows::{self, Cell, Sheet, object};
use crate::{OpenError, Portal};

/// Rows of one reading.
const PAGE_ROWS: u64 = 2_000;

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Comma separated, UTF-8 with a mark, which spreadsheets need.
    Csv,
    /// An object with a list of objects.
    Json,
    /// A collection of features.
    GeoJson,
}

impl Form {
    /// By the ending of a name.
    pub(crate) fn of(ending: &str) -> Option<Self> {
        Some(match ending {
            "csv" => Self::Csv,
            "json" => Self::Json,
            "geojson" => Self::GeoJson,
            _ => return None,
        })
    }

    const fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::GeoJson => "geojson",
        }
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
            Self::GeoJson => "application/geo+json",
        }
    }
}

/// Where a download stands.
struct Running {
    portal: Portal,
    dataset: Dataset,
    form: Form,
    names: Vec<String>,
    after: Option<Uuid>,
    offset: u64,
    is_first: bool,
    is_done: bool,
}

/// A file of a dataset as an answer.
pub(crate) fn download(portal: &Portal, dataset: Dataset, sheet: &Sheet, form: Form) -> Result<Response, OpenError> {
    if form == Form::GeoJson && !sheet.has_places() {
        return Err(OpenError::NotFound);
    }
    let mark = if dataset.about.synthetic { "-synthetic" } else { "" };
    let name = format!("{}{mark}.{}", dataset.name, form.ending());
    let running = Running {
        portal: portal.clone(),
        names: sheet.fields.iter().map(|field| field.name.clone()).collect(),
        dataset,
        form,
        after: None,
        offset: 0,
        is_first: true,
        is_done: false,
    };
    let pieces = stream::unfold(running, |mut running| async move {
        if running.is_done {
            return None;
        }
        let piece = running.next().await.map_err(io::Error::other);
        running.is_done |= piece.is_err();
        Some((piece, running))
    });
    let mut response = Body::from_stream(pieces).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(form.media_type()));
    headers.insert(header::CONTENT_DISPOSITION, content_disposition("attachment", &name));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    Ok(response)
}

impl Running {
    /// The next piece of the file.
    async fn next(&mut self) -> Result<Bytes, OpenError> {
        let (portal, dataset, after, offset) = (self.portal.clone(), self.dataset.clone(), self.after, self.offset);
        let today = portal.register().today();
        let store = portal.store().clone();
        let (names, rows) = store
            .read(move |tx| {
                let sheet = portal.sheet(tx, &dataset)?;
                let rows = rows::page(tx, &sheet, after, offset, PAGE_ROWS, today)?;
                let names: Vec<String> = sheet.fields.into_iter().map(|field| field.name).collect();
                Ok::<_, OpenError>((names, rows))
            })
            .await?;
        // Another rule holds by now: half a file of each would be a file of neither.
        if names != self.names {
            return Err(OpenError::RuleChanged);
        }
        let is_last = (rows.len() as u64) < PAGE_ROWS;
        self.offset += rows.len() as u64;
        self.after = rows.last().and_then(|row| id_of(row)).or(self.after);
        let mut text = String::new();
        if self.is_first {
            text.push_str(&self.head());
        }
        for (at, row) in rows.iter().enumerate() {
            self.row(&mut text, row, self.is_first && at == 0);
        }
        self.is_first = false;
        if is_last {
            text.push_str(self.tail());
            self.is_done = true;
        }
        Ok(Bytes::from(text))
    }

    fn head(&self) -> String {
        let about = &self.dataset.about;
        let mut told = json!({
            "dataset": self.dataset.name, "title": about.title.vi, "licence": about.licence, "synthetic": about.synthetic,
            "modified_at": self.dataset.modified_at, "suppress_below": about.suppress_below,
        });
        match self.form {
            Form::Csv => {
                let names: Vec<String> = self.names.iter().map(|name| csv_cell(name)).collect();
                format!("\u{feff}{}\r\n", names.join(","))
            }
            Form::Json => opened(&told, "records"),
            Form::GeoJson => {
                told["type"] = "FeatureCollection".into();
                opened(&told, "features")
            }
        }
    }

    fn row(&self, text: &mut String, row: &[Cell], is_first: bool) {
        match self.form {
            Form::Csv => {
                let cells: Vec<String> = row.iter().map(|cell| csv_cell(&cell.text())).collect();
                text.push_str(&cells.join(","));
                text.push_str("\r\n");
            }
            Form::Json | Form::GeoJson => {
                text.push_str(if is_first { "\n" } else { ",\n" });
                let object = object(self.names.iter().map(String::as_str), row);
                let shown = if self.form == Form::Json {
                    Json::Object(object)
                } else {
                    feature(object)
                };
                text.push_str(&shown.to_string());
            }
        }
    }

    const fn tail(&self) -> &'static str {
        match self.form {
            Form::Csv => "",
            Form::Json | Form::GeoJson => "\n]}\n",
        }
    }
}

/// The beginning of an object, up to the list that comes last in it.
fn opened(told: &Json, list: &str) -> String {
    let text = told.to_string();
    format!("{},\"{list}\":[", text.trim_end_matches('}'))
}

/// A row as a feature: its place is taken out of its properties.
fn feature(mut object: Map<String, Json>) -> Json {
    let geometry = match (object.remove("lon"), object.remove("lat")) {
        (Some(lon), Some(lat)) if lon.is_number() && lat.is_number() => {
            json!({ "type": "Point", "coordinates": [lon, lat] })
        }
        _ => object.remove("geometry").unwrap_or(Json::Null),
    };
    let id = object.remove(rows::ID);
    json!({ "type": "Feature", "id": id, "geometry": geometry, "properties": object })
}
