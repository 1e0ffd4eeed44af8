//! Open dossiers of a unit that is no more go to the one that followed it, with their history, their code and their due date.
//! Refuses to choose: where several units followed, or none, the dossiers stay and are told of, until somebody decides.
//! Law: NĐ 118/2025/NĐ-CP and the laws of 2025 on two-tier government (tasks go to the agency that takes over).

pub mod jobs;
pub(crate) mod store;
#[cfg(test)]
mod tests;

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

/// What becomes of a home on `day`.
pub(crate) fn fate(book: &UnitBook, home: Home, day: Date) -> Fate {
    let heir = |unit: UnitId| match book.living_on(unit, day).as_slice() {
        [one] => Ok(*one),
        _ => Err(unit),
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
