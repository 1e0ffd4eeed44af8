//! What leaves a register: a table of typed fields, each the published value of one field, or counts of records by them. Owns this table,
//! its cells and their forms; everything that shows, exports or searches open data reads it from here, so that nothing else can leave.
//! It refuses personal fields once more, and counts of groups that are too small.

pub(crate) mod store;

use std::sync::Arc;

use definition::expression::{NumberType, Unit};
use definition::{FieldKind, Geometry};
use kernel::{Bilingual, Date, Lang};
use register::Register;
use register::kind::{Kind, Shape};
use register::open::Published;
use serde_json::{Map, Number as JsonNumber, Value as Json};
use web::format;

pub(crate) use store::{measure, page, run};

/// The name of the field that says which record a row is.
pub const ID: &str = "_id";
/// The name of the field that counts, in a dataset of counts.
pub const COUNT: &str = "count";

/// The type of a field that leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ty {
    /// The record.
    Id,
    /// Text: also choices, codes, areas.
    Text,
    /// Yes or no.
    Bool,
    /// A number with so many decimals.
    Number(u8),
    /// Degrees.
    Degrees,
    /// A mean.
    Mean,
    /// A day.
    Date,
    /// Several texts.
    Texts,
    /// A geometry, as GeoJSON.
    Geometry,
}

impl Ty {
    /// As CKAN's datastore calls it, which are PostgreSQL's names.
    #[must_use]
    pub const fn ckan(self) -> &'static str {
        match self {
            Self::Id | Self::Text => "text",
            Self::Bool => "bool",
            Self::Number(0) => "int",
            Self::Number(_) | Self::Degrees | Self::Mean => "numeric",
            Self::Date => "date",
            Self::Texts | Self::Geometry => "json",
        }
    }

    /// As Table Schema of Data Packages calls it.
    #[must_use]
    pub const fn table_schema(self) -> &'static str {
        match self {
            Self::Id | Self::Text => "string",
            Self::Bool => "boolean",
            Self::Number(0) => "integer",
            Self::Number(_) | Self::Degrees | Self::Mean => "number",
            Self::Date => "date",
            Self::Texts => "array",
            Self::Geometry => "geojson",
        }
    }

    /// Whether rows can be put in its order and held against it.
    #[must_use]
    pub const fn is_ordered(self) -> bool {
        !matches!(self, Self::Texts | Self::Geometry)
    }
}

/// A field that leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenField {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Ty,
    /// What it is called.
    pub label: Bilingual,
    /// The unit of its numbers.
    pub unit: Option<String>,
    /// What its words mean, for choices and codes.
    pub words: Vec<(String, Bilingual)>,
    /// The column of the kind's table; none for a count.
    pub(crate) column: Option<String>,
}

/// What leaves of one kind.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// The kind.
    pub kind: Arc<Kind>,
    /// The rule, approved or proposed.
    pub published: Published,
    /// Its fields, in order.
    pub fields: Vec<OpenField>,
}

/// Most words of a code list that a description of a field carries.
const WORDS_MAX: usize = 300;

impl Sheet {
    /// The table of a rule.
    #[must_use]
    pub fn of(register: &Register, kind: &Arc<Kind>, published: &Published) -> Self {
        let counted = published.rule.is_counted();
        let mut fields = Vec::new();
        if !counted {
            fields.push(plain(ID, Ty::Id, "id", "open-field-id"));
        }
        for at in &published.columns {
            let column = &kind.columns[*at];
            let Some(ty) = ty_of(column.shape) else { continue };
            // A field of a counted dataset that is called like the count would hide it.
            if counted && (!ty.is_ordered() || column.field.name == COUNT) {
                continue;
            }
            let unit = match &column.field.kind {
                FieldKind::Number { ty, .. } => unit_of(ty),
                _ => None,
            };
            fields.push(OpenField {
                name: column.field.name.clone(),
                ty,
                label: kind.label(&format!("field.{}", column.field.name)),
                unit,
                words: words_of(register, kind, &column.field.name, &column.field.kind),
                column: Some(column.name.clone()),
            });
        }
        if published.geometry {
            let places = if kind.geometry() == Some(Geometry::Point) {
                vec![
                    plain("lon", Ty::Degrees, "west", "open-field-lon"),
                    plain("lat", Ty::Degrees, "south", "open-field-lat"),
                ]
            } else {
                vec![plain("geometry", Ty::Geometry, "geometry", "open-field-geometry")]
            };
            for place in places {
                fields.retain(|field| field.name != place.name);
                fields.push(place);
            }
        }
        if counted {
            fields.push(OpenField {
                column: None,
                ..plain(COUNT, Ty::Number(0), "", "open-field-count")
            });
        }
        Self {
            kind: kind.clone(),
            published: published.clone(),
            fields,
        }
    }

    /// The field of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&OpenField> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Whether single records leave.
    #[must_use]
    pub fn has_records(&self) -> bool {
        !self.published.rule.is_counted()
    }

    /// Whether each row has a place.
    #[must_use]
    pub fn has_places(&self) -> bool {
        self.published.geometry
    }
}

fn plain(name: &str, ty: Ty, column: &str, key: &str) -> OpenField {
    OpenField {
        name: name.to_owned(),
        ty,
        label: Bilingual::new(web::text(Lang::Vi, key), web::text(Lang::En, key)),
        unit: None,
        words: Vec::new(),
        column: Some(column.to_owned()),
    }
}

fn ty_of(shape: Shape) -> Option<Ty> {
    Some(match shape {
        Shape::Boolean => Ty::Bool,
        Shape::Text => Ty::Text,
        Shape::Number(scale) => Ty::Number(scale),
        Shape::Date => Ty::Date,
        Shape::Texts => Ty::Texts,
        _ => return None,
    })
}

fn unit_of(ty: &NumberType) -> Option<String> {
    match &ty.unit {
        Unit::Named(name) => Some(name.clone()),
        Unit::Dong => Some("VND".to_owned()),
        Unit::Any | Unit::Count => None,
    }
}

fn words_of(register: &Register, kind: &Kind, field: &str, of: &FieldKind) -> Vec<(String, Bilingual)> {
    match of {
        FieldKind::Choice(words) => words
            .iter()
            .map(|word| (word.clone(), kind.label(&format!("choice.{field}.{word}"))))
            .collect(),
        FieldKind::Code(list) => {
            let codes = register.codes(list).map(|codes| codes.iter().take(WORDS_MAX));
            codes.into_iter().flatten().cloned().collect()
        }
        _ => Vec::new(),
    }
}

/// A value that leaves.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// Text.
    Text(String),
    /// Yes or no.
    Bool(bool),
    /// A number: units and decimals.
    Number(i64, u8),
    /// Degrees, a mean.
    Float(f64),
    /// A day.
    Date(Date),
    /// Several texts, a geometry.
    Json(Json),
}

impl Cell {
    /// As JSON. A number with decimals keeps its digits: up to 15 of them, a floating point number is written as it was read.
    #[must_use]
    pub fn json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Text(text) => Json::String(text.clone()),
            Self::Bool(yes) => Json::Bool(*yes),
            Self::Number(units, 0) => Json::from(*units),
            Self::Number(units, scale) => {
                let text = decimal(*units, *scale);
                let float = text
                    .parse::<f64>()
                    .ok()
                    .filter(|_| units.unsigned_abs() < 1_000_000_000_000_000);
                float
                    .and_then(JsonNumber::from_f64)
                    .map_or(Json::String(text), Json::Number)
            }
            Self::Float(float) => JsonNumber::from_f64(*float).map_or(Json::Null, Json::Number),
            Self::Date(day) => Json::String(day.to_string()),
            Self::Json(json) => json.clone(),
        }
    }

    /// As text, for CSV.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Text(text) => text.clone(),
            Self::Bool(yes) => yes.to_string(),
            Self::Number(units, scale) => decimal(*units, *scale),
            Self::Float(float) => float.to_string(),
            Self::Date(day) => day.to_string(),
            Self::Json(Json::Array(all)) => {
                let each: Vec<&str> = all.iter().filter_map(Json::as_str).collect();
                each.join("; ")
            }
            Self::Json(json) => json.to_string(),
        }
    }

    /// In words of a page.
    #[must_use]
    pub fn words(&self, field: &OpenField, lang: Lang) -> String {
        match self {
            Self::Text(text) => field
                .words
                .iter()
                .find(|(word, _)| word == text)
                .map_or_else(|| text.clone(), |(_, label)| label.get(lang).to_owned()),
            Self::Bool(yes) => web::text(lang, if *yes { "open-yes" } else { "open-no" }),
            Self::Number(units, 0) => format::number(lang, *units),
            Self::Number(units, scale) => format::decimal(lang, *units, *scale),
            Self::Date(day) => format::date(lang, *day),
            Self::Float(float) => format!("{float:.6}"),
            other => other.text(),
        }
    }
}

/// A scaled integer as digits with a point.
#[must_use]
pub fn decimal(units: i64, scale: u8) -> String {
    if scale == 0 {
        return units.to_string();
    }
    let digits = format!("{:0>width$}", units.unsigned_abs(), width = usize::from(scale) + 1);
    let (whole, part) = digits.split_at(digits.len() - usize::from(scale));
    format!("{}{whole}.{part}", if units < 0 { "-" } else { "" })
}

/// A row as JSON by the names of its fields.
#[must_use]
pub fn object<'f>(names: impl Iterator<Item = &'f str>, cells: &[Cell]) -> Map<String, Json> {
    let cells = cells.iter().map(Cell::json);
    names.map(str::to_owned).zip(cells).collect()
}

/// What was seen when a dataset was looked at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measured {
    /// Rows that leave.
    pub rows: i64,
    /// The last change of one of them.
    pub changed_at: Option<kernel::Timestamp>,
    /// Counts by the words of a field, the most frequent first.
    pub charts: Vec<(String, Vec<(String, i64)>)>,
}
