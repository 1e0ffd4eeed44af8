//! Units: agencies and what lies inside them (desks, divisions), with the dates of their codes,
//! names and places in the tree, and what followed them when they were reorganised.
//!
//! It refuses a change without a date and a reason, a change before the last one, a ring in the
//! tree, and a code that means two units on one day. Law: QĐ 20/2020/QĐ-TTg and QĐ 09/2025/QĐ-TTg
//! (codes), Law 72/2025/QH15 (two tiers), NĐ 118/2025/NĐ-CP (one-stop desks).

pub mod api;
mod book;
mod cache;
mod change;
mod error;
mod form;
pub mod http;
#[cfg(test)]
mod http_tests;
mod kind;
pub mod profile;
mod rules;
pub(crate) mod store;
#[cfg(test)]
mod tests;
mod view;

pub use book::{Level, UnitBook, UnitSearch};
pub use cache::UnitCache;
pub use change::{Change, ChangeKind, NewUnit};
pub use error::UnitError;
pub use kind::UnitKind;
pub use profile::Profile;
pub use rules::{Effect, plan};
pub use store::{ChangeRow, InForce, apply, changes_of, in_force, load, name_of, save_profile};

use crate::area::{AreaId, Span};
use jiff::civil::Date;
use kernel::{AgencyCode, Bilingual, OldAgencyCode};

kernel::define_id!(
    /// Id of a unit: an agency, a one-stop desk or a division.
    pub struct UnitId
);

kernel::define_id!(
    /// Id of one change at a unit.
    pub struct UnitChangeId
);

/// The id of a unit of a shipped profile: a UUID version 8 made of a SHA-256, so that loading the
/// profile again finds the same units.
pub fn unit_id(profile: &str, key: &str) -> UnitId {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    for part in ["tinhso/unit/", profile, "/", key] {
        context.update(part.as_bytes());
    }
    let digest = context.finish();
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&digest.as_ref()[..16]);
    UnitId::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// A value with the days on which it held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated<T> {
    /// The days.
    pub span: Span,
    /// The value.
    pub value: T,
}

/// The value that held on `day`.
fn on_day<T>(values: &[Dated<T>], day: Date) -> Option<&T> {
    values
        .iter()
        .rev()
        .find(|dated| dated.span.holds(day))
        .map(|dated| &dated.value)
}

/// A code of a unit in one of the two forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Code {
    /// `H27.01`.
    New(AgencyCode),
    /// `000.00.01.H27`.
    Old(OldAgencyCode),
}

impl Code {
    /// The word of the form in tables.
    pub const fn form(&self) -> &'static str {
        match self {
            Self::New(_) => "new",
            Self::Old(_) => "old",
        }
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::New(code) => code.fmt(f),
            Self::Old(code) => code.fmt(f),
        }
    }
}

/// A code and whether somebody has read it in the decision that issued it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeEntry {
    /// The code.
    pub code: Code,
    /// Whether it is verified.
    pub verified: bool,
}

/// Where a unit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The unit above, none at the top.
    pub parent: Option<UnitId>,
    /// The area it serves; inside an agency that of the agency.
    pub area: Option<AreaId>,
}

/// A unit through time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Its id.
    pub id: UnitId,
    /// What kind of unit it is.
    pub kind: UnitKind,
    /// The days of its existence.
    pub span: Span,
    /// Name of the working hours it keeps.
    pub working_hours: String,
    /// Sectors of procedures it is competent for, as the catalogue names them.
    pub sectors: Vec<String>,
    /// Its codes, oldest first.
    pub codes: Vec<Dated<CodeEntry>>,
    /// Its names, oldest first; never empty.
    pub names: Vec<Dated<Bilingual>>,
    /// Its places in the tree, oldest first; never empty.
    pub places: Vec<Dated<Place>>,
    /// Grows with each change.
    pub version: i64,
}

impl Unit {
    /// The name on `day`; the nearest one when it had none then.
    pub fn name_on(&self, day: Date) -> &Bilingual {
        on_day(&self.names, day).unwrap_or_else(|| {
            let first = self.names.first().filter(|first| day < first.span.from);
            &first.or(self.names.last()).expect("a unit is made with a name").value
        })
    }

    /// The place on `day`, none when it did not exist.
    pub fn place_on(&self, day: Date) -> Option<Place> {
        on_day(&self.places, day).copied().filter(|_| self.span.holds(day))
    }

    /// The unit above on `day`.
    pub fn parent_on(&self, day: Date) -> Option<UnitId> {
        self.place_on(day).and_then(|place| place.parent)
    }

    /// The code of today's form on `day`.
    pub fn code_on(&self, day: Date) -> Option<&AgencyCode> {
        self.codes
            .iter()
            .rev()
            .filter(|dated| dated.span.holds(day))
            .find_map(|dated| match &dated.value.code {
                Code::New(code) => Some(code),
                Code::Old(_) => None,
            })
    }

    /// Whether it exists on `day`.
    pub fn is_in_force(&self, day: Date) -> bool {
        self.span.holds(day)
    }
}
