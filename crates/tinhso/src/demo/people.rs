//! Made-up people of the demonstration: names by chance from the list in `provinces/_names`, numbers of the
//! right form. The same seed gives the same people; nobody real is meant.

use identity::simulated_provider::{SimulatedPerson, SimulatedProvider};
use kernel::{Date, PersonId, TaxCode, World};
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
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
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let [female, male, surnames] = [FEMALE, MALE, SURNAMES].map(|list| list.lines().collect::<Vec<_>>());
    (0..PEOPLE)
        .map(|at| {
            let is_woman = chance.random_bool(0.5);
            let given = if is_woman {
                female.choose(&mut chance)
            } else {
                male.choose(&mut chance)
            };
            let surname = surnames.choose(&mut chance);
            let name = format!("{} {}", surname.unwrap_or(&"Nguyễn"), given.unwrap_or(&"An")).replace('Ð', "Đ");
            let birth = birth(&mut chance);
            let number = number(&mut chance, birth, is_woman);
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

/// Place of birth Hà Tĩnh (042), century and sex, year, six digits by chance.
fn number(chance: &mut ChaCha8Rng, birth: Date, is_woman: bool) -> PersonId {
    let century = if birth.year() >= 2000 { 2 } else { 0 };
    let sex = century + u8::from(is_woman);
    let text = format!(
        "042{sex}{:02}{:06}",
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
}
