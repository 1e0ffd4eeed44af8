//! Verify finds what is wrong, and nothing where nothing is.

use super::*;
use crate::{
    filled::{FILLED, SEALED, fill},
    testing::{TestDb, on_both},
};

const SETS: [crate::MigrationSet; 1] = [FILLED];

/// Holds that every thing has a numbered row.
struct EveryThingIsNumbered;

impl Check for EveryThingIsNumbered {
    fn name(&self) -> &'static str {
        "filled.numbered"
    }

    fn run(&self, tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError> {
        let things: i64 = tx.one("SELECT count(*) FROM thing", &[], |row| row.get(0))?;
        let numbered: i64 = tx.one("SELECT count(*) FROM numbered", &[], |row| row.get(0))?;
        findings.checked(things.unsigned_abs());
        if things != numbered {
            findings.problem("numbered", format!("{numbered} rows for {things} things"));
        }
        Ok(())
    }
}

fn plan() -> Plan {
    Plan {
        checks: vec![Arc::new(EveryThingIsNumbered)],
        sealed: SEALED.to_vec(),
        depth: Depth::Full,
    }
}

async fn problems(store: &Store, section: &str) -> Vec<String> {
    let report = verify(store, &plan()).await.expect("verify runs");
    let found = report
        .section(section)
        .unwrap_or_else(|| panic!("a section {section} in {report}"));
    found
        .findings
        .problems
        .iter()
        .map(|problem| format!("{}: {}", problem.place, problem.what))
        .collect()
}

on_both!(a_sound_store_has_no_problem, |db| {
    let store = db.open(&SETS).await;
    let blobs = fill(&store, 200, 1).await;
    let report = verify(&store, &plan()).await.expect("verify runs");
    assert!(report.is_sound(), "{report}");
    let checked = |name: &str| report.section(name).expect("a section").findings.checked;
    assert_eq!(checked("blobs"), blobs.len() as u64);
    assert_eq!(checked("filled.numbered"), 200);
    assert!(
        checked("sealed") > 100 && checked("rows") > 500 && checked("references") >= 4 && checked("migrations") >= 4
    );
    store.close().await;

    let beside = crate::StoreConfig {
        mode: crate::Mode::Beside,
        ..db.config()
    };
    let store = db.try_open(beside, &SETS).await.expect("it opens beside a server");
    assert!(verify(&store, &plan()).await.expect("verify only reads").is_sound());
});

on_both!(every_kind_of_damage_is_found, |db| {
    let store = db.open(&SETS).await;
    let blobs = fill(&store, 120, 2).await;
    let object = |at: usize| db.beside("blobs").join(store.blobs().place(blobs[at]));

    std::fs::remove_file(object(1)).expect("an object goes");
    let mut bytes = std::fs::read(object(2)).expect("an object");
    bytes[40_000] ^= 1;
    std::fs::write(object(2), bytes).expect("an object changes");
    let long = std::fs::read(object(3)).expect("an object");
    std::fs::write(object(3), &long[..long.len() - 1]).expect("an object is cut");
    let found = problems(&store, "blobs").await;
    assert_eq!(found.len(), 3, "{found:?}");
    for id in &blobs[1..=3] {
        assert!(
            found.iter().any(|line| line.contains(&id.to_string())),
            "{id}: {found:?}"
        );
    }

    // A value moved from one row to another does not open there.
    store
        .write(|tx| {
            let two = tx.all("SELECT id, number FROM secret ORDER BY id LIMIT 2", &[], |row| {
                Ok((row.get::<uuid::Uuid>(0)?, row.get::<Vec<u8>>(1)?))
            })?;
            tx.execute("UPDATE secret SET number = $1 WHERE id = $2", &[&two[0].1, &two[1].0])
        })
        .await
        .expect("a value is moved");
    let found = problems(&store, "sealed").await;
    assert!(found.len() == 1 && found[0].contains("secret.number"), "{found:?}");

    store
        .write(|tx| tx.execute("DELETE FROM numbered WHERE id = (SELECT min(id) FROM numbered)", &[]))
        .await
        .expect("a row goes");
    assert_eq!(
        problems(&store, "filled.numbered").await,
        ["numbered: 119 rows for 120 things"]
    );
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hand_at_the_database_is_found() {
    let db = TestDb::sqlite();
    let store = db.open(&SETS).await;
    fill(&store, 50, 3).await;
    db.outside(
        "PRAGMA foreign_keys = OFF; DELETE FROM thing WHERE id = (SELECT thing FROM numbered WHERE id = 3);
         PRAGMA ignore_check_constraints = ON; UPDATE thing SET doc = '{not json' WHERE id = (SELECT max(id) FROM thing);",
    );
    let found = problems(&store, "references").await;
    assert!(
        found.iter().any(|line| line.starts_with("numbered.thing 3:")),
        "{found:?}"
    );
    let found = problems(&store, "rows").await;
    assert!(found.len() == 1 && found[0].starts_with("thing after"), "{found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damaged_pages_are_found() {
    let db = TestDb::sqlite();
    let store = db.open(&SETS).await;
    fill(&store, 500, 4).await;
    // A page of rows: damage to a page that is free is no damage.
    let sql = "SELECT max(pageno) FROM dbstat WHERE name = 'thing' AND pagetype = 'leaf'";
    let page = store.read(|tx| tx.one(sql, &[], |row| row.get::<i64>(0))).await;
    let page = usize::try_from(page.expect("a page")).expect("a number of a page");
    store.close().await;
    let path = db.folder().join(crate::DATABASE_FILE);
    let mut bytes = std::fs::read(&path).expect("the database");
    bytes[(page - 1) * 4_096..page * 4_096].fill(0xEE);
    std::fs::write(&path, bytes).expect("the database");
    let beside = crate::StoreConfig {
        mode: crate::Mode::Beside,
        ..db.config()
    };
    let store = db.try_open(beside, &SETS).await.expect("it opens beside a server");
    let report = verify(&store, &plan()).await.expect("verify goes on over damage");
    assert!(
        !report
            .section("engine")
            .expect("a section")
            .findings
            .problems
            .is_empty(),
        "{report}"
    );
}
