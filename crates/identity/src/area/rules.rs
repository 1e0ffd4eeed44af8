//! What a code meant on a day, and what it is today: pure decisions over the book.
//!
//! A code that no list shows for that day is unknown with its reason. A path of successions that
//! ends at an area which is gone makes the answer incomplete; nothing is filled in.

use super::{AreaBook, AreaCode, AreaId, AreaLevel, Span};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// No chain of reorganisations is longer; a longer one is a ring in the data and is cut.
const GENERATIONS_MAX: usize = 16;

/// What a code of a day resolves to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// One area of today.
    One {
        /// The area that bore the code on that day.
        then: AreaId,
        /// What it is today; the same id when nothing changed.
        now: AreaId,
        /// Whether a list shows the code for that very day. If not, the day lies outside the days
        /// the lists were made for, and the code may have had another name.
        seen: bool,
    },
    /// Several areas of today: the old area was split, or is a district.
    Several {
        /// The area that bore the code on that day.
        then: AreaId,
        /// What its parts are today, by code.
        now: Vec<AreaId>,
        /// Whether a list shows the code for that very day.
        seen: bool,
        /// Whether all of its parts are known.
        complete: bool,
    },
    /// No answer, and why.
    Unknown(Why),
}

/// Why a code of a day resolves to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Codes of areas began later.
    BeforeCodes,
    /// No list has this code.
    NeverListed,
    /// The code is listed, but not for that day.
    NotInForce {
        /// The areas that bore it, with the days, oldest first.
        other_days: Vec<(AreaId, Span)>,
    },
    /// Which area it was is known, but not what became of it.
    NoSuccessor {
        /// The area that bore the code on that day.
        then: AreaId,
    },
    /// More than one area may have borne the code on that day.
    Ambiguous {
        /// Those areas.
        then: Vec<AreaId>,
    },
}

impl Resolved {
    /// The areas of today, empty when unknown.
    pub fn now(&self) -> &[AreaId] {
        match self {
            Self::One { now, .. } => std::slice::from_ref(now),
            Self::Several { now, .. } => now,
            Self::Unknown(_) => &[],
        }
    }

    /// The area that bore the code on that day, if it is known.
    pub fn then(&self) -> Option<AreaId> {
        match self {
            Self::One { then, .. } | Self::Several { then, .. } => Some(*then),
            Self::Unknown(Why::NoSuccessor { then }) => Some(*then),
            Self::Unknown(Why::BeforeCodes | Why::NeverListed | Why::NotInForce { .. } | Why::Ambiguous { .. }) => None,
        }
    }

    /// The word for interfaces: `one`, `several`, `unknown`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::One { .. } => "one",
            Self::Several { .. } => "several",
            Self::Unknown(_) => "unknown",
        }
    }
}

impl Why {
    /// The word for interfaces and texts, in kebab-case.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::BeforeCodes => "before-codes",
            Self::NeverListed => "never-listed",
            Self::NotInForce { .. } => "not-in-force",
            Self::NoSuccessor { .. } => "no-successor",
            Self::Ambiguous { .. } => "ambiguous",
        }
    }
}

/// How many codes of a day resolve to one area, to several, or are unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Codes that resolve to one area.
    pub one: usize,
    /// Codes that resolve to several.
    pub several: usize,
    /// Codes that are unknown.
    pub unknown: usize,
}

/// What `code` on the day `on` resolves to today.
pub(super) fn resolve(book: &AreaBook, code: &AreaCode, on: Date) -> Resolved {
    let bearers = book.bearers(code);
    if bearers.is_empty() {
        return Resolved::Unknown(Why::NeverListed);
    }
    let on_that_day: Vec<AreaId> = bearers
        .iter()
        .filter(|(_, possible, _)| possible.holds(on))
        .map(|(id, _, _)| *id)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    match on_that_day.as_slice() {
        [] if on < super::CODES_BEGIN => Resolved::Unknown(Why::BeforeCodes),
        [] => Resolved::Unknown(Why::NotInForce {
            other_days: bearers.iter().map(|(id, possible, _)| (*id, *possible)).collect(),
        }),
        [then] => {
            let seen = bearers.iter().any(|(id, _, seen)| id == then && seen.holds(on));
            follow(book, *then, seen)
        }
        _ => Resolved::Unknown(Why::Ambiguous { then: on_that_day }),
    }
}

fn follow(book: &AreaBook, then: AreaId, seen: bool) -> Resolved {
    let (now, complete) = today(book, then);
    match now.as_slice() {
        [] => Resolved::Unknown(Why::NoSuccessor { then }),
        // A part of it is here; where the rest went is not known, so "one" would be too much.
        [now] if complete => Resolved::One { then, now: *now, seen },
        _ => Resolved::Several {
            then,
            now,
            seen,
            complete,
        },
    }
}

/// The areas of today that `area` lives on in, by code, and whether every part of it was found.
pub(super) fn today(book: &AreaBook, area: AreaId) -> (Vec<AreaId>, bool) {
    let mut found = BTreeSet::new();
    let mut complete = true;
    let mut seen = BTreeSet::from([area]);
    let mut wave = vec![area];
    for _ in 0..GENERATIONS_MAX {
        let mut next = Vec::new();
        for id in wave {
            if book.get(id).is_some_and(super::Area::is_current) {
                found.insert(id);
                continue;
            }
            let after = after(book, id);
            complete &= !after.is_empty();
            next.extend(after.into_iter().filter(|id| seen.insert(*id)));
        }
        wave = next;
        if wave.is_empty() {
            break;
        }
    }
    let mut now: Vec<AreaId> = found.into_iter().collect();
    now.sort_by_key(|id| book.get(*id).map(|area| area.last().code));
    (now, complete)
}

/// What directly follows an area: its successors; for a district without any of its own, the
/// communes it had on its last day, whether they are gone or not.
fn after(book: &AreaBook, id: AreaId) -> Vec<AreaId> {
    let own = book.successors(id);
    if !own.is_empty() {
        return own.iter().map(|succession| succession.new).collect();
    }
    let district = book.get(id).filter(|area| area.level == AreaLevel::District);
    let Some(last_day) = district.and_then(|area| area.last().seen.to) else {
        return Vec::new();
    };
    book.children_on(id, last_day).iter().map(|child| child.id).collect()
}

/// Counts how the codes of `level` that a list shows for `on` resolve.
pub(super) fn tally(book: &AreaBook, level: AreaLevel, on: Date) -> Tally {
    let mut tally = Tally::default();
    for area in book.all().filter(|area| area.level == level) {
        let Some(state) = area.states.iter().find(|state| state.seen.holds(on)) else {
            continue;
        };
        match resolve(book, &state.code, on) {
            Resolved::One { .. } => tally.one += 1,
            Resolved::Several { .. } => tally.several += 1,
            Resolved::Unknown(_) => tally.unknown += 1,
        }
    }
    tally
}
