//! Open dossiers of a unit that is no more go to the one that followed it, with their history, their code and their due date.
//! Refuses to choose: where several units followed, or none, the dossiers stay until a person of the unit above decides.
//! Law: NĐ 118/2025/NĐ-CP and the laws of 2025 on two-tier government (tasks go to the agency that takes over).

mod error;
pub mod http;
pub mod jobs;
pub(crate) mod store;
#[cfg(test)]
mod tests;
mod view;

use std::collections::BTreeMap;

pub use error::SuccessionError;
use identity::UnitId;
use identity::unit::UnitBook;
use kernel::{Date, Lang};

use crate::dossier::Dossier;

/// The action under which a succession stands in the history.
pub const SUCCEED: &str = "succeed";

/// Where dossiers lie: the competent unit, the desk, and the unit that has them now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Home {
    pub(crate) unit: UnitId,
    pub(crate) desk: UnitId,
    pub(crate) at: UnitId,
}

impl Home {
    /// Where a dossier lies.
    pub(crate) fn of(dossier: &Dossier) -> Self {
        Self {
            unit: dossier.unit,
            desk: dossier.desk,
            at: dossier.at,
        }
    }

    /// Whether it lies at this unit in any way.
    pub(crate) fn lies_at(self, unit: UnitId) -> bool {
        self.unit == unit || self.desk == unit || self.at == unit
    }
}

/// What becomes of a home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// All its units are in force.
    Stays,
    /// Its dossiers go there.
    Goes(Home),
    /// A unit is no more, and not exactly one followed it.
    Unclear(UnitId),
}

/// Which heir was decided for a unit that is no more.
pub(crate) type Choices = BTreeMap<UnitId, UnitId>;

/// What was decided, when, by whom and on which ground.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) unit: UnitId,
    pub(crate) heir: UnitId,
    pub(crate) basis: String,
    pub(crate) at: kernel::Timestamp,
    pub(crate) by: identity::AccountId,
    pub(crate) by_name: String,
}

/// What becomes of a home on `day`, with what was decided where the units themselves do not say.
pub(crate) fn fate(book: &UnitBook, home: Home, choices: &Choices, day: Date) -> Fate {
    let heir = |unit: UnitId| match book.living_on(unit, day).as_slice() {
        [one] => Ok(*one),
        _ => match choices.get(&unit).map(|heir| book.living_on(*heir, day)) {
            Some(living) if living.len() == 1 => Ok(living[0]),
            _ => Err(unit),
        },
    };
    let (unit, at) = match (heir(home.unit), heir(home.at)) {
        (Ok(unit), Ok(at)) => (unit, at),
        (Err(unit), _) | (_, Err(unit)) => return Fate::Unclear(unit),
    };
    // A desk has no heir of its own: the agency's desk takes over.
    let desk = match heir(home.desk) {
        Ok(desk) => desk,
        Err(desk) => match book.desk_for(unit, day) {
            Some(found) => found.id,
            None => return Fate::Unclear(desk),
        },
    };
    let then = Home { unit, desk, at };
    if then == home { Fate::Stays } else { Fate::Goes(then) }
}

/// The units that may take over from one that is no more: those that followed it, or else the unit above and those beside it
/// of its kind.
pub(crate) fn heirs(book: &UnitBook, gone: UnitId, day: Date) -> Vec<UnitId> {
    let living = book.living_on(gone, day);
    if !living.is_empty() {
        return living;
    }
    let Some(above) = above(book, gone, day) else {
        return Vec::new();
    };
    let kind = book.get(gone).map(|unit| unit.kind);
    let beside = book.children(above, day).into_iter();
    let beside = beside.filter(|unit| Some(unit.kind) == kind).map(|unit| unit.id);
    std::iter::once(above).chain(beside).collect()
}

/// The unit in force above one that is no more: who decides about its dossiers works there or above it.
pub(crate) fn above(book: &UnitBook, gone: UnitId, day: Date) -> Option<UnitId> {
    let last = book.get(gone)?.places.last().and_then(|dated| dated.value.parent);
    let living = last.map(|parent| book.living_on(parent, day)).unwrap_or_default();
    match living.as_slice() {
        [one] => Some(*one),
        _ => book.root(day).map(|root| root.id),
    }
}

/// The unit at which somebody decides about a unit that is no more: the one above it when all heirs lie below that, else the
/// province. No heir decides for itself.
pub(crate) fn decides_at(book: &UnitBook, gone: UnitId, day: Date) -> Option<UnitId> {
    let above = above(book, gone, day)?;
    let below = book.subtree(above, day);
    let all = heirs(book, gone, day).iter().all(|heir| below.contains(heir));
    if all {
        Some(above)
    } else {
        book.root(day).map(|root| root.id)
    }
}

/// The dossier at its new home. Who worked on it goes on if she works there, else it waits for somebody.
pub(crate) fn moved(
    dossier: &Dossier,
    home: Home,
    book: &UnitBook,
    works_there: bool,
    now: kernel::Timestamp,
) -> Dossier {
    let name = |unit| book.name(unit, Lang::Vi, now.local_date()).to_owned();
    let mut after = dossier.clone();
    (after.unit, after.unit_name) = (home.unit, name(home.unit));
    (after.desk, after.desk_name) = (home.desk, name(home.desk));
    (after.at, after.at_name) = (home.at, name(home.at));
    if !works_there {
        (after.assignee, after.assignee_name) = (None, None);
    }
    after.revision += 1;
    after.changed_at = now;
    after
}
