//! What somebody chose for a file: how it is read, which column is which field, in which system its coordinates are, what
//! becomes of faulty rows. Owns the words in which that is sent and kept; refuses two columns for one field.

use serde::{Deserialize, Serialize};
use stranger::Ask;

use crate::geometry::crs::Crs;
use crate::kind::Kind;

/// What becomes of a file with faulty rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// None of its rows goes in.
    #[default]
    All,
    /// The others go in.
    Good,
}

/// What a column of the file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// A field, by its name.
    Field(String),
    /// Longitude, or metres to the east.
    East,
    /// Latitude, or metres to the north.
    North,
    /// A shape as GeoJSON or well-known text.
    Geometry,
    /// The first day on which the row holds.
    ValidFrom,
}

impl Part {
    /// The word by which a form sends it.
    #[must_use]
    pub fn word(&self) -> String {
        match self {
            Self::Field(name) => format!("field.{name}"),
            Self::East => "east".to_owned(),
            Self::North => "north".to_owned(),
            Self::Geometry => "geometry".to_owned(),
            Self::ValidFrom => "valid-from".to_owned(),
        }
    }

    /// The part of that word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        match word {
            "east" => Some(Self::East),
            "north" => Some(Self::North),
            "geometry" => Some(Self::Geometry),
            "valid-from" => Some(Self::ValidFrom),
            _ => Some(Self::Field(word.strip_prefix("field.")?.to_owned())),
        }
    }

    /// Everything that a column can be of this kind, in the order of a list.
    pub(crate) fn all(kind: &Kind) -> Vec<Self> {
        let mut all: Vec<Self> = kind
            .columns
            .iter()
            .filter(|column| is_taken(column))
            .map(|column| Self::Field(column.field.name.clone()))
            .collect();
        if kind.geometry() == Some(definition::Geometry::Point) {
            all.extend([Self::East, Self::North]);
        }
        if kind.geometry().is_some() {
            all.push(Self::Geometry);
        }
        all.push(Self::ValidFrom);
        all
    }
}

/// Whether a field can come from a file.
pub(crate) fn is_taken(column: &crate::kind::Column) -> bool {
    !column.shape.is_personal()
        && !column.field.retired
        && !matches!(column.field.kind, definition::FieldKind::File { .. })
}

/// What was chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Choices {
    /// How the file is read.
    pub ask: Ask,
    /// What each column is, by its place; none for one that is left out.
    pub parts: Vec<Option<Part>>,
    /// The coordinate system, by its code; longitude and latitude over WGS 84 without one.
    pub crs: Option<String>,
    /// Whether the file writes north before east.
    pub is_swapped: bool,
    /// What becomes of faulty rows.
    pub mode: Mode,
}

impl Choices {
    /// The coordinate system.
    #[must_use]
    pub fn crs(&self) -> &'static Crs {
        self.crs.as_deref().and_then(Crs::find).unwrap_or_else(Crs::stored)
    }

    /// Parts that two columns were led to.
    #[must_use]
    pub fn doubled(&self) -> Vec<Part> {
        let mut seen: Vec<&Part> = Vec::new();
        let mut doubled: Vec<Part> = Vec::new();
        for part in self.parts.iter().flatten() {
            if seen.contains(&part) && !doubled.contains(part) {
                doubled.push(part.clone());
            }
            seen.push(part);
        }
        doubled
    }
}
