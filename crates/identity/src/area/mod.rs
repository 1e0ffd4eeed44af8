//! Areas: provinces, districts and communes with the dates of their codes, names and parents, and
//! what became of each when the country was reorganised on 1 July 2025.
//!
//! It refuses to read a code without a date: most commune codes of 2025 were in use before, and
//! more than half of them now name another commune. What no list tells is "unknown" with the
//! reason, never a guess. Law: QĐ 124/2004/QĐ-TTg (codes until 30/06/2025), QĐ 19/2025/QĐ-TTg (codes
//! since), NQ 202/2025/QH15 (34 provinces, no districts).

pub mod api;
mod book;
pub mod correction;
mod draft;
mod error;
pub mod http;
#[cfg(test)]
mod http_tests;
pub mod import;
mod kind;
mod rules;
pub mod seed;
mod store;
#[cfg(test)]
mod tests;
mod view;

pub use book::{AreaBook, Search};
pub use draft::Draft;
pub use error::AreaError;
pub use kernel::AreaCode;
pub use kind::{AreaKind, AreaLevel, LEVELS, level_of_word, level_word};
pub use rules::{Resolved, Tally, Why};
pub use store::{AreaCache, is_loaded, load, replace_all};
pub(crate) use view::days as view_days;

use jiff::civil::Date;
use kernel::Bilingual;
use serde::{Deserialize, Serialize};

kernel::define_id!(
    /// Id of an area. The same in every installation: it is made from the key of the area in the
    /// shipped lists (see [`area_id`]).
    pub struct AreaId
);

/// The first day on which areas had the codes of the statistics office (QĐ 124/2004/QĐ-TTg).
pub const CODES_BEGIN: Date = jiff::civil::date(2004, 7, 8);

/// The last day of the old order: 63 provinces, districts, some 10,000 communes.
pub const OLD_ORDER_LAST_DAY: Date = jiff::civil::date(2025, 6, 30);

/// The first day of the new order: 34 provinces, 3,321 communes, no districts.
pub const NEW_ORDER_FIRST_DAY: Date = jiff::civil::date(2025, 7, 1);

/// The id of the area with this key (`18073` or `18073@2025`): a UUID version 8 made of a SHA-256.
pub fn area_id(key: &str) -> AreaId {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    context.update(b"tinhso/area/");
    context.update(key.as_bytes());
    let digest = context.finish();
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&digest.as_ref()[..16]);
    AreaId::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// Days from `from` to `to`, both included; `to` is `None` while it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The first day.
    pub from: Date,
    /// The last day, or none yet.
    pub to: Option<Date>,
}

impl Span {
    /// Whether `day` lies in the span.
    pub fn holds(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }
}

/// One state of an area: a code, a parent and a name that went together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaState {
    /// The code in this state.
    pub code: AreaCode,
    /// The area above, none for a province.
    pub parent: Option<AreaId>,
    /// What kind of area it is.
    pub kind: AreaKind,
    /// The full name, kind included: "Phường Điện Biên".
    pub name: Bilingual,
    /// The days on which this may have been the state. Where the day of a change is in no list,
    /// the spans of the state before and after overlap.
    pub possible: Span,
    /// The days for which a list shows this state; `to` is none while it lasts.
    pub seen: Span,
}

/// An area through time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// Its id.
    pub id: AreaId,
    /// Its key in the shipped lists: the code, with `@` and the year of its making unless it is of
    /// the first list.
    pub key: String,
    /// Province, district or commune.
    pub level: AreaLevel,
    /// Its states, oldest first; never empty.
    pub states: Vec<AreaState>,
    /// The code of the commune that a list of 2025 gives this name to as another name of its own:
    /// where it may have gone. Not confirmed, so it is shown and never followed.
    pub hint: Option<AreaCode>,
}

impl Area {
    /// The days on which the area may have existed.
    pub fn span(&self) -> Span {
        let from = self.states.iter().map(|state| state.possible.from).min();
        let last = self.last();
        Span {
            from: from.unwrap_or(last.possible.from),
            to: last.possible.to,
        }
    }

    /// The newest state.
    pub fn last(&self) -> &AreaState {
        self.states.last().expect("an area is made with at least one state")
    }

    /// Whether the area exists today as far as the lists tell.
    pub fn is_current(&self) -> bool {
        self.last().possible.to.is_none()
    }

    /// The state on `day`: the one a list shows, else the newest that is possible.
    pub fn state_on(&self, day: Date) -> Option<&AreaState> {
        let seen = self.states.iter().rev().find(|state| state.seen.holds(day));
        seen.or_else(|| self.states.iter().rev().find(|state| state.possible.holds(day)))
    }

    /// The name on `day`; the newest when the area did not exist then.
    pub fn name_on(&self, day: Date) -> &Bilingual {
        &self.state_on(day).unwrap_or_else(|| self.last()).name
    }
}

/// An area was followed by another on `on`: the first day of the new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Succession {
    /// What was.
    pub old: AreaId,
    /// What came after it, in whole or for a part.
    pub new: AreaId,
    /// The first day of the new area.
    pub on: Date,
}
