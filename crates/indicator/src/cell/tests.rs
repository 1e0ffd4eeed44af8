//! Cells against facts on both engines: whatever is asked, of whichever units, procedures and days, the cells that answer come to
//! what the facts come to when they are added up one by one.

use std::collections::BTreeMap;

use identity::UnitId;
use kernel::{Date, Lang};
use store::StoreError;
use testkit::TestStore;

use super::Measures;
use crate::Indicators;
use crate::cause::cell::Parts;
use crate::cause::{self, Cause};
use crate::fact::Fact;
use crate::fact::store as table;
use crate::fact::tests::{MIGRATIONS, Story, attribute, built, calendar, crowd, house, problems, tell, units};
use crate::report::{By, Filter, Question, load};

/// Questions that are asked of each engine.
const QUESTIONS: u64 = 80;

/// Chance enough for a test: the same questions each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

async fn facts(test: &TestStore, stories: &[Story]) -> Vec<Fact> {
    let ids: Vec<_> = stories.iter().map(|story| story.id).collect();
    let read = test.store().read(move |tx| {
        let found = ids.iter().map(|id| table::find(tx, *id));
        found.collect::<Result<Vec<_>, StoreError>>()
    });
    read.await.expect("facts").into_iter().flatten().collect()
}

/// The facts of a question added up one by one, by the key of a line.
fn by_hand(facts: &[Fact], question: &Question, by: By) -> BTreeMap<String, Measures> {
    let (filter, scope) = (&question.filter, &question.scope);
    let mut all: BTreeMap<String, Measures> = BTreeMap::new();
    for fact in facts {
        let in_units = scope.units.as_ref().is_none_or(|units| units.contains(&fact.unit));
        let in_codes = scope
            .procedures
            .as_ref()
            .is_none_or(|codes| codes.contains(&fact.procedure));
        for (day, measures) in fact.parts() {
            if !in_units || !in_codes || day < filter.from || day > filter.to {
                continue;
            }
            let key = match by {
                By::Unit => fact.unit.to_string(),
                // None of these procedures is in the catalogue of the test: all of them are of no sector.
                By::Sector => String::new(),
                By::Procedure => fact.procedure.clone(),
                By::Time if filter.is_short() => day.to_string(),
                By::Time => day.strftime("%Y-%m").to_string(),
            };
            *all.entry(key).or_default() += measures;
        }
    }
    all
}

/// A period of any length around the year's end, some units, some procedures.
async fn question(house: &Indicators, dice: &mut Dice, units: &[UnitId; 3]) -> Question {
    let start = Date::constant(2026, 9, 20);
    let from = start
        .checked_add(jiff::Span::new().days(i64::try_from(dice.below(100)).expect("small")))
        .expect("a day");
    let days = [1, 9, 31, 60, 120, 366][usize::try_from(dice.below(6)).expect("small")];
    let length = i64::try_from(dice.below(days)).expect("small");
    let filter = Filter {
        from,
        to: from.checked_add(jiff::Span::new().days(length)).expect("a day"),
        unit: None,
        sector: None,
        procedure: (dice.below(3) == 0).then(|| "2.000815".to_owned()),
    };
    let chosen = match dice.below(3) {
        0 => None,
        1 => Some(vec![units[0]]),
        _ => Some(vec![units[1], units[2]]),
    };
    let mut asked = Question::over(house, filter, chosen, Vec::new())
        .await
        .expect("a question");
    if dice.below(3) == 0 {
        // As a sector would have it.
        asked.scope.procedures = Some(vec!["1.001193".to_owned(), "1.004873".to_owned()]);
    }
    asked
}

async fn every_answer_is_the_sum_of_its_facts(test: &TestStore, stories: &[Story], units: &[UnitId; 3]) {
    let (house, facts) = (house(test).await, facts(test, stories).await);
    assert_eq!(facts.len(), stories.len());
    let mut dice = Dice(766);
    let mut with_data = 0;
    for number in 0..QUESTIONS {
        let asked = question(&house, &mut dice, units).await;
        for by in By::ALL {
            let expected = by_hand(&facts, &asked, *by);
            let read = asked.clone();
            let report = test
                .store()
                .read(move |tx| load(tx, &read, *by, Lang::Vi))
                .await
                .expect("read");
            let sums = report.lines.iter().map(|line| (line.key.clone(), line.sums.all));
            let found: BTreeMap<_, _> = sums.filter(|(_, sum)| !sum.is_empty()).collect();
            assert_eq!(
                found, expected,
                "question {number} by {by}: {:?} {:?}",
                asked.filter, asked.scope
            );
            let whole: Measures = expected.into_values().sum();
            assert_eq!(report.total.all, whole, "question {number} by {by}");
            with_data += u64::from(!whole.is_empty());
        }
    }
    assert!(with_data > QUESTIONS, "the questions are of something: {with_data}");
}

#[tokio::test(flavor = "multi_thread")]
async fn cells_come_to_what_their_facts_come_to_whatever_is_asked() {
    testkit::engines(MIGRATIONS, async |test| {
        let units = units(test);
        let stories = crowd(&units, 150);
        for story in &stories {
            tell(test, story).await;
        }
        built(test).await;
        every_answer_is_the_sum_of_its_facts(test, &stories, &units).await;
        assert_eq!(problems(test).await, Vec::<String>::new());
        crate::rebuild(test.store(), &calendar(), |_| {})
            .await
            .expect("rebuilt");
        every_answer_is_the_sum_of_its_facts(test, &stories, &units).await;
    })
    .await;
}

/// Every sum of the page of causes is that of its rows, and the rows that it names are the last ones.
async fn every_sum_of_causes_is_that_of_its_rows(test: &TestStore, stories: &[Story], units: &[UnitId; 3]) {
    let (house, facts) = (house(test).await, facts(test, stories).await);
    let read = test.store().read(move |tx| {
        let known = facts.into_iter().filter(|fact| fact.is_counted && fact.is_late);
        let with = known.map(|fact| Ok((cause::store::find(tx, fact.dossier)?, fact)));
        with.collect::<Result<Vec<_>, StoreError>>()
    });
    let late: Vec<_> = read.await.expect("late facts");
    assert!(late.len() > 20, "{} are late", late.len());
    let mut dice = Dice(4);
    let (mut with_data, most) = (0, 7);
    for number in 0..QUESTIONS {
        let asked = question(&house, &mut dice, units).await;
        let (filter, scope) = (&asked.filter, &asked.scope);
        let of = late.iter().filter(|(_, fact)| {
            let day = fact.ended_on.expect("it ended");
            day >= filter.from
                && day <= filter.to
                && scope.units.as_ref().is_none_or(|units| units.contains(&fact.unit))
                && scope
                    .procedures
                    .as_ref()
                    .is_none_or(|codes| codes.contains(&fact.procedure))
        });
        let (mut expected, mut rows): (BTreeMap<Cause, Parts>, Vec<_>) = (BTreeMap::new(), Vec::new());
        for (waited, fact) in of {
            let waited = waited.as_ref().expect("it waited for something");
            *expected.entry(waited.cause).or_default() += Parts::of(fact, waited);
            rows.push((fact.ended_on, fact.dossier, fact.code.clone()));
        }
        rows.sort_unstable();
        let last: Vec<String> = rows.into_iter().rev().take(most).map(|(_, _, code)| code).collect();
        let days = (filter.from, filter.until());
        let scope = scope.clone();
        let (sums, named) = test
            .store()
            .read(move |tx| {
                let (units, codes) = (scope.units.as_deref(), scope.procedures.as_deref());
                let sums = cause::store::sums(tx, units, codes, days)?;
                let limit = i64::try_from(most).unwrap_or(0);
                Ok::<_, StoreError>((sums, cause::store::rows(tx, units, codes, days, limit)?))
            })
            .await
            .expect("read");
        let found: BTreeMap<Cause, Parts> = sums.iter().map(|sum| (sum.cause, sum.parts)).collect();
        assert_eq!(
            found, expected,
            "question {number}: {:?} {:?}",
            asked.filter, asked.scope
        );
        let named: Vec<String> = named.into_iter().map(|row| row.code).collect();
        assert_eq!(named, last, "question {number}: {:?} {:?}", asked.filter, asked.scope);
        with_data += u64::from(!expected.is_empty());
    }
    assert!(with_data > QUESTIONS / 2, "the questions are of something: {with_data}");
}

#[tokio::test(flavor = "multi_thread")]
async fn causes_come_to_what_their_rows_come_to_and_a_changed_cell_is_found() {
    testkit::engines(MIGRATIONS, async |test| {
        let units = units(test);
        let stories = crowd(&units, 150);
        for (number, story) in stories.iter().enumerate() {
            tell(test, story).await;
            let to = ["person", "system"].get(number % 3).copied();
            if to.is_some() {
                attribute(test, story.id, to).await;
            }
        }
        // Taken back, put down to the other, and one that was in time after all.
        for (at, to) in [(6, None), (7, Some("system"))] {
            attribute(test, stories[at].id, to).await;
        }
        built(test).await;
        every_sum_of_causes_is_that_of_its_rows(test, &stories, &units).await;
        assert_eq!(problems(test).await, Vec::<String>::new());
        crate::rebuild(test.store(), &calendar(), |_| {})
            .await
            .expect("rebuilt");
        every_sum_of_causes_is_that_of_its_rows(test, &stories, &units).await;
        let spoilt = test.store().write(|tx| {
            tx.execute(
                "UPDATE figure_cause_cell SET officer_minutes = officer_minutes + 1 WHERE level = 'month-unit'",
                &[],
            )
        });
        spoilt.await.map_err(|error: StoreError| error).expect("spoilt");
        let problems = problems(test).await.join("\n");
        assert!(problems.contains("cells of causes are not what follows"), "{problems}");
    })
    .await;
}
