//! Where the steps of a process lie for one dossier: which unit does each step, which unit each agency is that is asked.
//! Found before the transaction, because it asks the tree of units. It refuses nothing: what no unit does stays where it is.

use std::collections::BTreeMap;

use identity::UnitId;
use identity::unit::UnitBook;
use kernel::{Date, Lang};

use super::{Process, agencies};

/// A unit and its name today.
pub(crate) type Named = (UnitId, String);

/// Units by step and by agency.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    steps: BTreeMap<String, Named>,
    agencies: BTreeMap<String, (String, Option<UnitId>)>,
}

impl Places {
    /// The places of a dossier of `unit` in `sector` on `day`.
    pub(crate) fn of(book: &UnitBook, process: &Process, unit: UnitId, sector: &str, day: Date) -> Self {
        let named = |id: UnitId| (id, book.name(id, Lang::Vi, day).to_owned());
        let resolve = |word: &str| agencies::unit_of(book, word, unit, sector, day);
        let mut places = Self::default();
        for (step, _) in process.steps() {
            let elsewhere = step.by.unit.as_deref().and_then(resolve);
            let at = elsewhere
                .filter(|found| !is_inside(book, unit, *found, day))
                .unwrap_or(unit);
            places.steps.insert(step.name.clone(), named(at));
            let asked = step.consult.iter().map(|one| one.agency.as_str());
            for word in asked.chain(step.hand_over.as_ref().map(|one| one.unit.as_str())) {
                let found = resolve(word);
                let name = found.map_or_else(|| agencies::label(word).get(Lang::Vi).to_owned(), |id| named(id).1);
                places.agencies.insert(word.to_owned(), (name, found));
            }
        }
        places
    }

    /// The unit that does a step.
    pub(crate) fn of_step(&self, step: &str) -> Option<&Named> {
        self.steps.get(step)
    }

    /// Name and unit of an agency that is asked.
    pub(crate) fn of_agency(&self, word: &str) -> (String, Option<UnitId>) {
        self.agencies
            .get(word)
            .cloned()
            .unwrap_or_else(|| (agencies::label(word).get(Lang::Vi).to_owned(), None))
    }
}

/// Whether the competent unit lies inside the one that a word means: then the competent unit itself does the step.
fn is_inside(book: &UnitBook, unit: UnitId, found: UnitId, day: Date) -> bool {
    unit == found || book.ancestors(unit, day).iter().any(|above| above.id == found)
}
