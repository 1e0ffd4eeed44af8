//! Made-up people of the demonstration: names by chance from the list in `provinces/_names`, numbers of the
//! right form. The same seed gives the same people; nobody real is meant.

use identity::sign_in::claims::ClaimedIdentity;
use identity::simulated_provider::{SimulatedPerson, SimulatedProvider};
use kernel::{Date, PersonId, TaxCode, World};
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::HashSet;
use std::sync::Arc;

/// Where the simulated provider is mounted.
const BASE: &str = "/demo-identity";
/// People who can be chosen on the provider's page.
pub const SHOWN: usize = 12;
/// People of the scenario, the shown ones first.
pub const PEOPLE: usize = 120;

static FEMALE: &str = include_str!("../../../../provinces/_names/female.txt");
static MALE: &str = include_str!("../../../../provinces/_names/male.txt");
static SURNAMES: &str = include_str!("../../../../provinces/_names/surnames.txt");

/// The people of a seed.
#[must_use]
pub fn people(seed: u64) -> Vec<SimulatedPerson> {
    let (names, mut chance) = (Names::read(), ChaCha8Rng::seed_from_u64(seed));
    (0..PEOPLE)
        .map(|at| {
            let (name, birth, number) = names.person(&mut chance, "042");
            SimulatedPerson {
                subject: format!("demo-{at}"),
                number,
                name,
                birth,
                organisation: organisation(at),
            }
        })
        .collect()
}

/// Everybody else of a province: `count` people besides `shown`, born where `area` was, no two with one number.
pub fn residents(seed: u64, count: usize, area: &str, shown: &[SimulatedPerson]) -> Vec<ClaimedIdentity> {
    let (names, mut chance) = (Names::read(), ChaCha8Rng::seed_from_u64(seed ^ 0x7065_6f70_6c65));
    let place = format!("{area:0>3}");
    let mut taken: HashSet<PersonId> = shown.iter().map(|person| person.number).collect();
    let mut all = Vec::with_capacity(count);
    while all.len() < count {
        let (name, birth, number) = names.person(&mut chance, &place);
        if taken.insert(number) {
            all.push(ClaimedIdentity {
                subject: format!("resident-{}", all.len()),
                number,
                name,
                birth,
                organisation: None,
            });
        }
    }
    all
}

/// The lists of names.
struct Names {
    female: Vec<&'static str>,
    male: Vec<&'static str>,
    surnames: Vec<&'static str>,
}

impl Names {
    fn read() -> Self {
        let [female, male, surnames] = [FEMALE, MALE, SURNAMES].map(|list| list.lines().collect());
        Self { female, male, surnames }
    }

    /// Name, day of birth and number of somebody whose birth was registered at `place`.
    fn person(&self, chance: &mut ChaCha8Rng, place: &str) -> (String, Date, PersonId) {
        let is_woman = chance.random_bool(0.5);
        let given = if is_woman { &self.female } else { &self.male };
        let given = given.choose(chance);
        let surname = self.surnames.choose(chance);
        let name = format!("{} {}", surname.unwrap_or(&"Nguyễn"), given.unwrap_or(&"An")).replace('Ð', "Đ");
        let birth = birth(chance);
        (name, birth, number(chance, place, birth, is_woman))
    }
}

/// The third of the people shown acts for a company, so that an organisation's pages can be seen.
fn organisation(at: usize) -> Option<(TaxCode, String)> {
    let code = "0100109106".parse().ok()?;
    (at == 2).then(|| (code, "Công ty TNHH Sông La (giả lập)".to_owned()))
}

fn birth(chance: &mut ChaCha8Rng) -> Date {
    let (year, month, day) = (
        chance.random_range(1950..=2005),
        chance.random_range(1..=12),
        chance.random_range(1..=28),
    );
    Date::new(year, month, day).unwrap_or(Date::constant(1980, 1, 1))
}

/// Where the birth was registered, century and sex, year, six digits by chance.
fn number(chance: &mut ChaCha8Rng, place: &str, birth: Date, is_woman: bool) -> PersonId {
    let century = if birth.year() >= 2000 { 2 } else { 0 };
    let sex = century + u8::from(is_woman);
    let text = format!(
        "{place}{sex}{:02}{:06}",
        birth.year() % 100,
        chance.random_range(0..1_000_000)
    );
    text.parse()
        .expect("the form of the number is that of NĐ 137/2015, as kernel reads it")
}

/// The simulated provider at `origin`, with the first people of the seed.
#[must_use]
pub fn provider(seed: u64, origin: &str, world: &Arc<dyn World>) -> SimulatedProvider {
    let shown = people(seed).into_iter().take(SHOWN).collect();
    SimulatedProvider::new(origin, BASE, shown, Arc::clone(world))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_people_and_numbers_fit_them() {
        let (one, two) = (people(7), people(7));
        assert_eq!(one.len(), PEOPLE);
        assert!(one.iter().zip(&two).all(|(a, b)| a == b));
        for person in &one {
            person.number.check(Some(person.birth), None).unwrap();
            assert!(person.name.contains(' '));
        }
        assert_ne!(people(8)[0].number, one[0].number);
    }

    #[test]
    fn residents_have_a_number_each_and_are_none_of_those_shown() {
        let shown = people(7);
        let all = residents(7, 3_000, "80", &shown);
        let numbers: HashSet<PersonId> = all.iter().map(|one| one.number).collect();
        assert_eq!((all.len(), numbers.len()), (3_000, 3_000));
        assert!(shown.iter().all(|person| !numbers.contains(&person.number)));
        for one in &all {
            assert!(one.number.as_str().starts_with("080"));
            one.number.check(Some(one.birth), None).unwrap();
        }
    }
}
