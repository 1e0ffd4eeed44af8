//! The kinds of units, and which kind may stand below which. Committees of districts are the level that ended on 1 July 2025
//! (Luật 72/2025/QH15): provinces of before have them, and none is opened from that day on.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The first day without districts.
const NO_DISTRICTS_FROM: Date = Date::constant(2025, 7, 1);

/// What kind of unit it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnitKind {
    /// People's committee of the province: the top of the tree.
    Province,
    /// Department of the province (sở, ban, ngành).
    Department,
    /// People's committee of a district, town or city of a province: until 30 June 2025.
    District,
    /// People's committee of a commune, ward or special zone.
    Commune,
    /// One-stop desk (trung tâm phục vụ hành chính công, bộ phận một cửa).
    Desk,
    /// Division inside an agency (phòng).
    Division,
}

impl UnitKind {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::Province,
        Self::Department,
        Self::District,
        Self::Commune,
        Self::Desk,
        Self::Division,
    ];

    /// The word in tables and interfaces.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Province => "province",
            Self::Department => "department",
            Self::District => "district",
            Self::Commune => "commune",
            Self::Desk => "desk",
            Self::Division => "division",
        }
    }

    /// Whether it is an agency: a body that has a seal and issues dossier codes in its own name.
    pub const fn is_agency(self) -> bool {
        match self {
            Self::Province | Self::Department | Self::District | Self::Commune => true,
            Self::Desk | Self::Division => false,
        }
    }

    /// Whether a unit of this kind may stand below one of kind `parent`; `None` is the top.
    pub const fn fits_below(self, parent: Option<Self>) -> bool {
        matches!(
            (self, parent),
            (Self::Province, None)
                | (Self::Department | Self::District, Some(Self::Province))
                | (Self::Commune, Some(Self::Province | Self::District))
                | (
                    Self::Desk,
                    Some(Self::Province | Self::Department | Self::District | Self::Commune)
                )
                | (
                    Self::Division,
                    Some(Self::Province | Self::Department | Self::District | Self::Commune | Self::Division)
                )
        )
    }

    /// Whether a unit of this kind may be opened on `day`.
    pub fn is_opened_on(self, day: Date) -> bool {
        match self {
            Self::District => day < NO_DISTRICTS_FROM,
            Self::Province | Self::Department | Self::Commune | Self::Desk | Self::Division => true,
        }
    }
}

impl std::fmt::Display for UnitKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for UnitKind {
    type Err = &'static str;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .ok_or("no such kind of unit")
    }
}

::store::value_via_display!(UnitKind);
