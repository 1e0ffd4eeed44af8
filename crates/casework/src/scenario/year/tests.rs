//! A load writes what the commands write: the same stories, told once, go both ways on both engines, and every table is
//! compared. Then the year as a whole: its shape, its books, and that nothing lies in the future.

use std::collections::BTreeMap;

use ::store::archive::TableSum;
use ::store::{Store, StoreError};
use identity::Role;

use super::*;
use crate::dossier::state::State;
use crate::journeys::check;
use crate::procedure::import::{Extent, import};
use crate::testing::{MIGRATIONS, Province, claimed};

/// A procedure for which a fee is asked.
const WITH_A_FEE: &str = r#"{"code":"1.004859","name":{"vi":"Thay đổi hộ tịch"},"sector":{"vi":"Hộ tịch"},"tiers":["commune"],"service":"full","channels":[{"kind":"online","time":"5 working_days","fees":[{"amount":50000}]},{"kind":"desk","time":"5 working_days","fees":[{"amount":50000}]}],"components":[{"name":{"vi":"Tờ khai"},"originals":1,"required":true}],"popularity":950,"valid_from":"2025-07-01"}"#;

/// A province with officers at both communes and some people with accounts.
async fn settled(test: &testkit::TestStore) -> (Province, Arc<Vec<Resident>>) {
    let province = Province::on(test).await;
    let places = [
        (province.commune, province.desk, "mot"),
        (province.other, province.other_desk, "hai"),
    ];
    for (commune, desk, name) in places {
        province.officer(&format!("desk{name}"), Role::Desk, desk).await;
        province
            .officer(&format!("specialist{name}"), Role::Specialist, commune)
            .await;
        province.officer(&format!("leader{name}"), Role::Leader, commune).await;
    }
    province.house.identity().refresh_units().await.expect("units");
    let (house, world) = (&province.house, test.world().as_ref());
    let report = import(house.store(), world, WITH_A_FEE.as_bytes(), Extent::Partial, |_| {}).await;
    assert_eq!(report.expect("a procedure is imported").faults, vec![]);
    house.catalogue().look_again();
    let people: Vec<_> = (0..12)
        .map(|at| claimed(&format!("0420900012{at:02}"), &format!("Trần Thị Thử {at}")))
        .collect();
    let opened = province
        .house
        .identity()
        .open_citizens(&people)
        .await
        .expect("accounts");
    let residents = people.iter().zip(opened).map(|(one, (account, person))| Resident {
        account,
        person,
        name: one.name.clone(),
        number: one.number,
        born: one.birth,
    });
    (province, Arc::new(residents.collect()))
}

/// Rows and digest of every table; the outbox apart, whose numbers go on.
async fn tables(test: &testkit::TestStore, name: &str) -> BTreeMap<String, TableSum> {
    let path = test.root().join(format!("{name}.tar"));
    let exported = ::store::archive::export(test.store(), test.world().as_ref(), &path)
        .await
        .expect("an archive");
    let tables = exported.manifest.tables.into_iter();
    tables.filter(|(table, _)| table != "outbox").collect()
}

async fn events(store: &Store) -> Vec<(Uuid, String, Timestamp, serde_json::Value)> {
    let read = store.read(|tx| {
        tx.all(
            "SELECT event, kind, at, payload FROM outbox WHERE kind LIKE 'dossier.%' OR kind LIKE 'bill.%' ORDER BY event",
            &[],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )
    });
    read.await.map_err(|error: StoreError| error).expect("events")
}

/// Every table that the stories filled, a table before those it refers to.
const FILLED: [&str; 17] = [
    "DELETE FROM rating_score",
    "DELETE FROM rating",
    "DELETE FROM notice",
    "DELETE FROM dossier_party",
    "DELETE FROM dossier_intake",
    "DELETE FROM dossier_delivery",
    "DELETE FROM dossier_extension",
    "DELETE FROM dossier_ground",
    "DELETE FROM dossier_supplement",
    "DELETE FROM dossier_stop",
    "DELETE FROM dossier_event",
    "DELETE FROM dossier_number",
    "DELETE FROM dossier",
    "DELETE FROM bill",
    "DELETE FROM reference_number",
    "DELETE FROM once_key",
    "DELETE FROM outbox",
];

async fn stories(province: &Province, residents: &Arc<Vec<Resident>>, count: u64) -> Vec<(Story, i64)> {
    let house = &province.house;
    let ground = Ground::read(house, 7).await.expect("ground");
    let mut plan = Plan::new(house, 7, house.now(), count, Numbers::default());
    let mut told = Vec::new();
    loop {
        let drafts = plan.next_part(&ground, residents.len());
        if drafts.is_empty() {
            return told;
        }
        for draft in &drafts {
            let story = tell(house, &ground, residents, draft)
                .expect("a story")
                .expect("a place");
            told.push((story, draft.number));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_writes_the_rows_that_the_commands_write() {
    testkit::engines(MIGRATIONS, async |test| {
        let (province, residents) = settled(test).await;
        let (store, calendar) = (test.store().clone(), province.house.calendar().clone());
        let before = tables(test, "before").await;
        let stories = Arc::new(stories(&province, &residents, 700).await);
        assert_eq!(stories.len(), 700);
        for from in (0..stories.len()).step_by(50) {
            let (stories, calendar) = (stories.clone(), calendar.clone());
            let part = from..(from + 50).min(stories.len());
            let written = store.write(move |tx| {
                let mut part = stories[part.clone()].iter();
                part.try_for_each(|(story, _)| story.write(tx, &calendar))
            });
            written.await.expect("the commands take the stories");
        }
        check(&province).await;
        let (by_commands, told) = (tables(test, "commands").await, events(&store).await);
        let cleared = store.write(|tx| FILLED.iter().try_for_each(|sql| tx.execute(sql, &[]).map(|_| ())));
        cleared.await.map_err(|error: StoreError| error).expect("empty tables");

        let load = store.begin_load(load::TABLES).await.expect("a load begins");
        assert!(load.indexes() > 20, "{}", load.indexes());
        let (mut wholes, mut numbers) = (Vec::new(), Numbers::default());
        for (story, number) in stories.iter() {
            wholes.push(story.whole(*number, &calendar).expect("the rules take the story"));
            numbers.next(story.sealed.agency(), story.at.local_date());
        }
        let (numbers, all) = (numbers.changes(), stories.clone());
        let loaded = load.write(move |tx| {
            load::write(tx, &wholes, &numbers, Kept::ALL)?;
            for (story, whole) in all.iter().map(|(story, _)| story).zip(&wholes) {
                if let Some(bill) = &story.bill {
                    bill.issue(tx, whole.dossier().id)?;
                }
            }
            Ok::<_, DossierError>(())
        });
        loaded.await.expect("the rows are taken");
        load.finish(|_| {}).await.expect("the indexes are built");
        check(&province).await;
        let by_load = tables(test, "load").await;
        for (table, sum) in &by_commands {
            assert_eq!(by_load.get(table), Some(sum), "{table} differs");
        }
        assert_eq!(by_load.len(), by_commands.len());
        assert_eq!(events(&store).await, told);
        // The comparison compares something: most tables of a dossier were filled.
        let filled = load::TABLES
            .iter()
            .filter(|table| by_load.get(**table).is_some_and(|sum| sum.rows > 0));
        assert_eq!(filled.count(), load::TABLES.len(), "{by_load:?}");
        assert!(before.get("dossier").is_none_or(|sum| sum.rows == 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_has_every_state_and_sound_books_and_its_indexes() {
    testkit::engines(MIGRATIONS, async |test| {
        let (province, residents) = settled(test).await;
        let (store, now) = (test.store().clone(), province.house.now());
        let mut heard = 0;
        let made = run(&province.house, residents, 2_600, 11, |at| heard = at.max(heard)).await.expect("a year");
        assert_eq!(made.dossiers, 2_600);
        assert!(heard > 2_600 && made.steps > 10_000, "{heard} {made:?}");
        check(&province).await;
        let shape = store.read(move |tx| {
            let states = tx.all("SELECT DISTINCT state FROM dossier", &[], |row| row.get::<State>(0))?;
            let future: i64 = tx.one("SELECT count(*) FROM dossier_event WHERE at > $1", &[&now], |row| row.get(0))?;
            let decided: (i64, i64) = tx.one(
                "SELECT count(*), sum_int(CASE WHEN is_late THEN 1 ELSE 0 END) FROM dossier WHERE decided_at IS NOT NULL",
                &[],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            let old = now - SignedDuration::from_hours(24 * 366);
            let first: Timestamp = tx.one("SELECT min(submitted_at) FROM dossier", &[], |row| row.get(0))?;
            let days: i64 = tx.one("SELECT count(DISTINCT day_of(submitted_at)) FROM dossier", &[], |row| row.get(0))?;
            let entered: i64 = tx.one("SELECT count(DISTINCT entered) FROM dossier", &[], |row| row.get(0))?;
            let taken: i64 = tx.one("SELECT count(DISTINCT channel) FROM dossier_intake", &[], |row| row.get(0))?;
            Ok::<_, StoreError>((states, future, decided, first > old, days, entered, taken))
        });
        let (states, future, (decided, late), in_year, days, entered, taken) = shape.await.expect("the shape");
        let missing: Vec<&State> = State::ALL.iter().filter(|state| !states.contains(state)).collect();
        assert!(missing.len() <= 1, "{missing:?} are missing");
        assert_eq!((future, entered, taken, in_year), (0, 3, 2, true));
        assert!(decided > 2_000 && late * 100 < decided * 3, "{late} of {decided} are late");
        assert!(days > 300, "{days} days");
        // A second load on top of it gives numbers that go on.
        let again = settled_again(&province).await;
        run(&province.house, again, 100, 12, |_| {}).await.expect("some more");
        check(&province).await;
    })
    .await;
}

async fn settled_again(province: &Province) -> Arc<Vec<Resident>> {
    let one = claimed("042090009999", "Lê Văn Nữa");
    let opened = province
        .house
        .identity()
        .open_citizens(std::slice::from_ref(&one))
        .await
        .expect("an account");
    let residents = opened.into_iter().map(|(account, person)| Resident {
        account,
        person,
        name: one.name.clone(),
        number: one.number,
        born: one.birth,
    });
    Arc::new(residents.collect())
}
