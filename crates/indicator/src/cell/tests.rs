//! Cells against facts on both engines: whatever is asked, of whichever units, procedures and days, the cells that answer come to
//! what the facts come to when they are added up one by one.

use std::collections::BTreeMap;

use identity::UnitId;
use kernel::{Date, Lang};
use store::StoreError;
use testkit::TestStore;

use super::Measures;
use crate::Indicators;
use crate::fact::Fact;
use crate::fact::store as table;
use crate::fact::tests::{MIGRATIONS, Story, built, calendar, crowd, house, problems, tell, units};
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
