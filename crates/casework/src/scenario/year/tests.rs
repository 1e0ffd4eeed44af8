//! A load writes what the commands write: the same stories, told once, go both ways on both engines, and every table is
//! compared. Then the year as a whole: its shape, its books, and that nothing lies in the future.

use std::collections::BTreeMap;

use ::store::archive::TableSum;
use ::store::{Store, StoreError};
use identity::Role;

use super::money::{Ledger, Receivers};
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
    // One commune has an account; the other one takes cash alone.
    let payments = payment::Payments::new(province.house.identity(), province.house.settings().payment.clone());
    let account = payment::account::PayAccount {
        id: payment::account::PayAccountId::new(test.world().as_ref()),
        unit: province.commune,
        bank_bin: "970400".parse().expect("a bank"),
        bank_name: "Ngân hàng Thử".to_owned(),
        number: "999000001".parse().expect("a number"),
        holder: "UBND PHUONG THANH SEN".to_owned(),
        statement_format: payment::account::FORMAT_USUAL.to_owned(),
        notice_key: 0,
        opened_at: province.house.now(),
        closed_at: None,
        revision: 1,
    };
    payment::account::open(&payments, account).await.expect("an account");
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
const FILLED: [&str; 26] = [
    "DELETE FROM cash",
    "DELETE FROM payment",
    "DELETE FROM till",
    "DELETE FROM line_part",
    "DELETE FROM bank_line",
    "DELETE FROM statement_import",
    "DELETE FROM receipt_number",
    "DELETE FROM dossier_file",
    "DELETE FROM blob",
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

async fn stories(
    province: &Province,
    residents: &Arc<Vec<Resident>>,
    count: u64,
) -> (Vec<(Story, i64)>, Arc<Receivers>) {
    let house = &province.house;
    let ground = Ground::read(house, 7).await.expect("ground");
    let mut plan = Plan::new(house, 7, house.now(), count, Numbers::default());
    let mut told = Vec::new();
    loop {
        let drafts = plan.next_part(&ground, residents.len());
        if drafts.is_empty() {
            return (told, ground.receivers);
        }
        for draft in &drafts {
            let mut story = tell(house, &ground, residents, draft)
                .expect("a story")
                .expect("a place");
            if draft.has_file() || (draft.channel.is_none() && told.len() % 9 == 0) {
                let procedure = &ground.procedures[draft.known].procedure;
                let files = crate::scenario::files(house, procedure, story.sealed.id(), story.at).await;
                story.files = files.expect("a file");
            }
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
        let (stories, receivers) = stories(&province, &residents, 700).await;
        let stories = Arc::new(stories);
        assert_eq!(stories.len(), 700);
        let mut coming = Vec::new();
        for from in (0..stories.len()).step_by(50) {
            let (stories, calendar) = (stories.clone(), calendar.clone());
            let part = from..(from + 50).min(stories.len());
            let written = store.write(move |tx| {
                let part = stories[part.clone()].iter();
                part.map(|(story, _)| story.write(tx, &calendar))
                    .collect::<Result<Vec<_>, _>>()
            });
            coming.extend(
                written
                    .await
                    .expect("the commands take the stories")
                    .into_iter()
                    .flatten(),
            );
        }
        // What is done for the money is minted once, and done both ways: one by one, and many in a transaction of the load.
        let mut ledger = Ledger::new(&province.house, receivers, 7, coming);
        let mut deeds = Vec::new();
        while let Some(month) = ledger.next_month().expect("a month") {
            deeds.extend(month);
        }
        let tally = ledger.tally;
        assert!(
            tally.payments > 20 && tally.tills > 5 && tally.statements > 5,
            "{tally:?}"
        );
        for deed in &deeds {
            let deed = deed.clone();
            store.write(move |tx| deed.perform(tx)).await.expect("payments take it");
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
                load::hang(tx, whole.dossier().id, &story.files, story.account)?;
                if let Some(bill) = &story.bill {
                    bill.issue(tx, whole.dossier().id)?;
                }
            }
            Ok::<_, DossierError>(())
        });
        loaded.await.expect("the rows are taken");
        let paid = load.write(move |tx| deeds.iter().try_for_each(|deed| deed.perform(tx)));
        paid.await.expect("the payments are taken");
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
        for table in [
            "bill",
            "payment",
            "till",
            "cash",
            "bank_line",
            "statement_import",
            "dossier_file",
            "blob",
        ] {
            assert!(by_load.get(table).is_some_and(|sum| sum.rows > 0), "{table} is empty");
        }
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
        assert!(made.bills > 100 && made.payments > 80 && made.payments < made.bills, "{made:?}");
        assert!(made.tills > 20 && made.statements >= 11 && made.files > 5, "{made:?}");
        money_is_sound(&store).await;
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

/// The books of the money: sums of bills, parts of lines, closed tills; every till but today's is closed, and every line of a
/// month that is over stands on a statement.
async fn money_is_sound(store: &Store) {
    let sums = store.read(|tx| {
        let mut found = ::store::verify::Findings::default();
        for check in payment::checks() {
            check.run(tx, &mut found)?;
        }
        let count = |tx: &mut ::store::Tx, sql: &'static str| tx.one(sql, &[], |row| row.get::<i64>(0));
        let open = count(tx, "SELECT count(*) FROM till WHERE closed_at IS NULL")?;
        let odd = count(
            tx,
            "SELECT count(*) FROM till WHERE counted <> expected AND why IS NULL",
        )?;
        let loose = count(tx, "SELECT count(*) FROM bank_line WHERE import IS NULL")?;
        let lines = count(tx, "SELECT count(*) FROM bank_line")?;
        let reduced = count(tx, "SELECT count(*) FROM bill WHERE amount < 50000")?;
        Ok::<_, StoreError>((found.problems.len(), open, odd, loose, lines, reduced))
    });
    let (problems, open, odd, loose, lines, reduced) = sums.await.expect("the sums");
    assert_eq!((problems, odd), (0, 0));
    assert!(open <= 2, "{open} tills are open");
    assert!(loose * 4 < lines, "{loose} of {lines} lines are on no statement");
    assert!(reduced > 0, "no bill is reduced");
}

/// What a year tells, without ids and seals: a line a row, in an order that does not depend on them.
const TOLD: [&str; 6] = [
    "SELECT concat_ws('|', code, procedure_code, unit_name, desk_name, entered, state, outcome, submitted_at, received_at, due_at,
         decided_at, returned_at, is_late, worked_minutes, assignee_name, person_mask) FROM dossier ORDER BY code",
    "SELECT concat_ws('|', d.code, e.seq, e.at, e.action, e.from_state, e.to_state, e.actor_name) FROM dossier_event e
     JOIN dossier d ON d.id = e.dossier ORDER BY d.code, e.seq",
    "SELECT concat_ws('|', reference, subject_code, amount, settled, state, issued_at, paid_at, payer_mask) FROM bill
     ORDER BY reference",
    "SELECT concat_ws('|', b.reference, p.way, p.amount, p.at, p.by_name, p.receipt_year, p.receipt_number) FROM payment p
     JOIN bill b ON b.id = p.bill ORDER BY b.reference",
    "SELECT concat_ws('|', desk_name, day, opening, expected, counted, handed_over, closed_at, closed_name) FROM till
     ORDER BY desk_name, day",
    "SELECT concat_ws('|', from_day, opening, closing, lines, lines_new, lines_known, imported_at) FROM statement_import
     ORDER BY from_day",
];

/// The digest of a year that is made anew from `seed`, and how many rows it has.
async fn digest(seed: u64) -> (String, usize) {
    let test = testkit::engines::sqlite(MIGRATIONS).await;
    let (province, residents) = settled(&test).await;
    run(&province.house, residents, 600, seed, |_| {})
        .await
        .expect("a year");
    let raw = lines(&test).await;
    let hash = ring::digest::digest(&ring::digest::SHA256, raw.concat().as_bytes());
    (hex::encode(hash), raw.len())
}

async fn lines(test: &testkit::TestStore) -> Vec<String> {
    let read = test.store().read(|tx| {
        let mut lines = Vec::new();
        for sql in TOLD {
            lines.extend(tx.all(sql, &[], |row| row.get::<String>(0))?);
        }
        Ok::<_, StoreError>(lines)
    });
    read.await.expect("rows")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_tells_the_same_year_again_and_another_seed_another_one() {
    let (first, rows) = digest(5).await;
    assert!(rows > 3_000, "{rows} rows");
    let (again, other) = (digest(5).await, digest(6).await);
    assert_eq!((first.as_str(), rows), (again.0.as_str(), again.1));
    assert_ne!(first, other.0);
}
