//! Versions at two times against a naive model, on both engines; two who edit at once; what is refused.

use definition::expression::Value;
use jiff::ToSpan as _;
use kernel::{Date, SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use testkit::engines;

use super::house::{House, MIGRATIONS};
use crate::error::{RegisterError, What};
use crate::record::{Act, Record, Version, as_of};

/// One step of somebody's work: what is done, for which day (so many days back), after how much time, and the new height.
#[derive(Debug, Clone)]
struct Step {
    corrects: bool,
    days_back: i64,
    minutes: i64,
    height: u32,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step =
        (any::<bool>(), 0..60_i64, 1..4_000_i64, 1..80_u32).prop_map(|(corrects, days_back, minutes, height)| Step {
            corrects,
            days_back,
            minutes,
            height,
        });
    prop::collection::vec(step, 1..12)
}

/// What the model believes at one moment: heights with the day from which they hold, in order.
type Belief = Vec<(Date, u32)>;

/// The naive model: it keeps the whole belief at each moment, and searches nothing.
#[derive(Default)]
struct Model {
    beliefs: Vec<(Timestamp, Belief)>,
}

impl Model {
    fn take(&mut self, at: Timestamp, corrects: bool, day: Date, height: u32) {
        let mut belief = self
            .beliefs
            .last()
            .map(|(_, belief)| belief.clone())
            .unwrap_or_default();
        if corrects {
            belief.pop();
        }
        belief.push((day, height));
        self.beliefs.push((at, belief));
    }

    fn as_of(&self, valid: Date, known: Timestamp) -> Option<u32> {
        let (_, belief) = self.beliefs.iter().rev().find(|(at, _)| *at <= known)?;
        belief
            .iter()
            .rev()
            .find(|(day, _)| *day <= valid)
            .map(|(_, height)| *height)
    }
}

fn height(version: &Version) -> u32 {
    match version.record.values.get("height_m") {
        Some(Value::Number(number)) => u32::try_from(number.units() / 10).expect("a small number"),
        other => panic!("{other:?}"),
    }
}

/// Works through the steps; those that the rules refuse must be refused by the model's own look at the days.
async fn work(house: &House, steps: &[Step]) -> (Vec<Version>, Model) {
    let mut model = Model::default();
    let today = house.register.today();
    let first = today.checked_sub(90.days()).expect("a day");
    let mut command = house.command(
        Act::Add,
        None,
        &[
            ("tag", &tag(house)),
            ("species", "Sao đen"),
            ("health", "good"),
            ("height_m", "1"),
        ],
    );
    command.valid_from = first;
    let (id, _) = house.register.record(&house.kind, command, None).await.unwrap();
    model.take(house.world_now(), false, first, 1);
    for step in steps {
        house.world.advance(SignedDuration::from_mins(step.minutes));
        let current = house.last(id).await;
        let day = house
            .register
            .today()
            .checked_sub(step.days_back.days())
            .expect("a day");
        let act = if step.corrects { Act::Correct } else { Act::Change };
        let text = step.height.to_string();
        let mut command = house.command(act, Some(&current), &[("height_m", &text)]);
        command.valid_from = day;
        let belief = &model.beliefs.last().expect("the first").1;
        let before = if step.corrects {
            belief.iter().rev().nth(1)
        } else {
            belief.last()
        };
        let is_lawful = before.is_none_or(|(floor, _)| day >= *floor);
        let (top_day, top) = *belief.last().expect("the first");
        let is_same = top == step.height && (!step.corrects || top_day == day);
        let done = house.register.record(&house.kind, command, None).await;
        match done {
            Ok(_) => {
                assert!(is_lawful && !is_same, "{step:?} over {belief:?}");
                model.take(house.world_now(), step.corrects, day, step.height);
            }
            Err(RegisterError::Day) => assert!(!is_lawful, "{step:?} over {belief:?}"),
            Err(RegisterError::Same) => assert!(is_same && is_lawful, "{step:?} over {belief:?}"),
            Err(other) => panic!("{other}"),
        }
    }
    (house.register.versions(&house.kind, id).await.unwrap(), model)
}

fn tag(house: &House) -> String {
    let mut bytes = [0; 4];
    kernel::World::fill(house.world.as_ref(), &mut bytes);
    format!("TS-{:06}", u32::from_be_bytes(bytes) % 1_000_000)
}

impl House {
    fn world_now(&self) -> Timestamp {
        kernel::World::now(self.world.as_ref())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_at_two_times_are_those_of_a_naive_model() {
    engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let mut runner =
            TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]));
        let mut asked = 0;
        for _ in 0..24 {
            let steps = steps().new_tree(&mut runner).expect("a value").current();
            let (versions, model) = work(&house, &steps).await;
            let today = house.register.today();
            let moments: Vec<Timestamp> = model
                .beliefs
                .iter()
                .flat_map(|(at, _)| [*at, *at - SignedDuration::from_secs(1)])
                .collect();
            for known in moments {
                for back in (0..200).step_by(3) {
                    let valid = today.checked_sub(i64::from(back).days()).expect("a day");
                    let found = as_of(&versions, valid, known).map(height);
                    assert_eq!(
                        found,
                        model.as_of(valid, known),
                        "valid {valid}, known {known}, {steps:?}"
                    );
                    asked += 1;
                }
            }
            // What holds now needs no search: it is the last version.
            let now = as_of(&versions, today, Timestamp::MAX).expect("there is one");
            assert_eq!(now.record, versions[0].record, "{steps:?}");
        }
        assert!(asked > 5_000, "{asked}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_edit_one_wins_and_the_other_is_told() {
    engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let entered = house.command(
            Act::Add,
            None,
            &[("tag", "TS-000003"), ("species", "Lim"), ("health", "good")],
        );
        let key = kernel::id::uuid_v7(house.world.as_ref());
        let (id, revision) = house
            .register
            .record(&house.kind, entered.clone(), Some(key))
            .await
            .unwrap();
        // The same form sent twice is one record; another form with the same tag is told of it, marks and capitals aside.
        assert_eq!(
            house.register.record(&house.kind, entered, Some(key)).await.unwrap(),
            (id, revision)
        );
        let again = house.command(
            Act::Add,
            None,
            &[("tag", "TS-000003"), ("species", "Khác"), ("health", "good")],
        );
        assert!(matches!(
            house.register.record(&house.kind, again, None).await,
            Err(RegisterError::Duplicate)
        ));

        let seen = house.last(id).await;
        let one = house.command(Act::Change, Some(&seen), &[("health", "dead")]);
        let other = house.command(Act::Change, Some(&seen), &[("height_m", "9")]);
        let (one, other) = tokio::join!(
            house.register.record(&house.kind, one, None),
            house.register.record(&house.kind, other, None)
        );
        let (won, lost) = if one.is_ok() { (one, other) } else { (other, one) };
        assert_eq!(won.unwrap(), (id, 2));
        assert!(
            matches!(lost, Err(RegisterError::Stale { seen: 1, now: 2 })),
            "{lost:?}"
        );
        assert_eq!(house.register.versions(&house.kind, id).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_refused_with_all_of_its_faults() {
    engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let faulty = house.command(Act::Add, None, &[("tag", "tag"), ("height_m", "99")]);
        let Err(RegisterError::Invalid(wrong)) = house.register.record(&house.kind, faulty, None).await else {
            panic!("it is refused")
        };
        let fields: Vec<&str> = wrong.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(fields, ["tag", "species", "height_m", "health"]);
        assert!(wrong.iter().all(|one| matches!(one.what, What::Unfit(_))), "{wrong:?}");

        let entered = house.command(
            Act::Add,
            None,
            &[("tag", "TS-000004"), ("species", "Lim"), ("health", "good")],
        );
        let (id, _) = house.register.record(&house.kind, entered, None).await.unwrap();
        let seen: Record = house.last(id).await;
        let mut silent = house.command(Act::Correct, Some(&seen), &[("health", "dead")]);
        silent.reason = Some("  ".to_owned());
        assert!(matches!(
            house.register.record(&house.kind, silent, None).await,
            Err(RegisterError::ReasonMissing)
        ));
        let mut later = house.command(Act::Change, Some(&seen), &[("health", "dead")]);
        later.valid_from = house.register.today().tomorrow().expect("a day");
        assert!(matches!(
            house.register.record(&house.kind, later, None).await,
            Err(RegisterError::Day)
        ));
        let mut blind = house.command(Act::Change, Some(&seen), &[("health", "dead")]);
        blind.seen = None;
        assert!(matches!(
            house.register.record(&house.kind, blind, None).await,
            Err(RegisterError::RevisionMissing)
        ));
        assert_eq!(
            house.register.versions(&house.kind, id).await.unwrap().len(),
            1,
            "nothing was written"
        );
    })
    .await;
}
