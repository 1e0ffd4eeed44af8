//! Who may stand in a process: roles, tiers and agencies, from `provinces/_country/surroundings.toml`; and which unit of the
//! province a word means today. It refuses to guess: an agency that no unit bears the name of answers by letter.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use definition::Surroundings;
use identity::UnitId;
use identity::unit::{Level, UnitBook, UnitKind};
use kernel::{Bilingual, Date, Lang, fold};
use serde::Deserialize;

/// The data file, as written.
const TEXT: &str = include_str!("../../../../provinces/_country/surroundings.toml");

/// Tier of communes and wards.
pub(crate) const COMMUNE: &str = "commune";
/// Tier of the province.
pub(crate) const PROVINCE: &str = "province";

#[derive(Debug, Deserialize)]
struct File {
    roles: Vec<String>,
    tiers: BTreeMap<String, Label>,
    agency: BTreeMap<String, Label>,
}

#[derive(Debug, Deserialize)]
struct Label {
    vi: String,
    en: String,
    /// How units are called that are meant; the Vietnamese label when nothing is said.
    #[serde(default)]
    named: Vec<String>,
}

static FILE: LazyLock<File> = LazyLock::new(|| toml::from_str(TEXT).expect("a test reads this file"));

/// Roles of officers that may do a step.
pub(crate) fn roles() -> &'static [String] {
    &FILE.roles
}

/// Every tier and agency with its label, tiers first.
pub(crate) fn words() -> impl Iterator<Item = (&'static str, Bilingual)> {
    let all = FILE.tiers.iter().chain(&FILE.agency);
    all.map(|(word, label)| (word.as_str(), Bilingual::new(&label.vi, &label.en)))
}

/// Every agency with its label.
pub fn agency_names() -> impl Iterator<Item = (&'static str, Bilingual)> {
    let all = FILE.agency.iter();
    all.map(|(word, label)| (word.as_str(), Bilingual::new(&label.vi, &label.en)))
}

/// The label of a tier or an agency; the word itself when nobody knows it any more.
pub(crate) fn label(word: &str) -> Bilingual {
    let found = FILE.tiers.get(word).or_else(|| FILE.agency.get(word));
    found.map_or_else(|| Bilingual::vi(word), |label| Bilingual::new(&label.vi, &label.en))
}

/// What the texts of processes may name.
pub(crate) fn surroundings() -> Surroundings {
    let words = |all: &BTreeMap<String, Label>| all.keys().cloned().collect::<Vec<_>>();
    let mut around = Surroundings::new();
    around.roles = FILE.roles.iter().cloned().collect();
    around.units = words(&FILE.tiers).into_iter().chain(words(&FILE.agency)).collect();
    around
}

/// The unit that a word means for a dossier of `unit` in `sector` on `day`; `None` when no unit of the province is it.
pub(crate) fn unit_of(book: &UnitBook, word: &str, unit: UnitId, sector: &str, day: Date) -> Option<UnitId> {
    let own = book.agency_of(unit, day)?;
    let at_commune = own.kind == UnitKind::Commune;
    match word {
        COMMUNE => at_commune.then_some(unit),
        PROVINCE if !at_commune => Some(unit),
        PROVINCE => {
            let area = book.root(day)?.place_on(day)?.area?;
            book.competent_unit(Level::Province, area, sector, day)
        }
        _ => named(book, word, own.id, day),
    }
}

/// The unit of that name: one inside the commune before one of the province.
fn named(book: &UnitBook, word: &str, own: UnitId, day: Date) -> Option<UnitId> {
    let label = FILE.agency.get(word)?;
    let names: Vec<String> = match label.named.as_slice() {
        [] => vec![fold::fold(&label.vi)],
        named => named.iter().map(|name| fold::fold(name)).collect(),
    };
    let is_called = |id: &UnitId| {
        let name = fold::fold(book.name(*id, Lang::Vi, day));
        names.iter().any(|wanted| name.starts_with(wanted.as_str()))
    };
    let near = book.subtree(own, day).into_iter();
    let far = book
        .root(day)
        .map(|root| book.children(root.id, day))
        .unwrap_or_default();
    near.chain(far.into_iter().map(|unit| unit.id)).find(is_called)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_a_capacity_and_every_word_two_labels() {
        for role in roles() {
            assert!(role.parse::<crate::dossier::state::Capacity>().is_ok(), "{role}");
        }
        assert!(words().count() > 10);
        for (word, label) in words() {
            assert!(
                !label.get(Lang::Vi).is_empty() && !label.get(Lang::En).is_empty(),
                "{word}"
            );
        }
    }
}
