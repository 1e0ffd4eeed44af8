//! Damage in a populated file: what lies on sound pages is saved, and what is not saved is listed.

use std::{collections::HashMap, fs, path::Path};

use rand::{Rng as _, SeedableRng as _, seq::index::sample};
use rand_chacha::ChaCha20Rng;
use rusqlite::Connection;

use super::*;
use crate::{
    DATABASE_FILE, StoreConfig,
    archive::{export, import},
    filled::{FILLED, fill},
    testing::{TestDb, say},
};

const SETS: [crate::MigrationSet; 1] = [FILLED];
const PAGE: usize = 4_096;

/// Each page of each table: its number, its kind and how many cells it holds.
struct Page {
    number: usize,
    table: String,
    kind: String,
    cells: u64,
}

fn pages(folder: &Path) -> Vec<Page> {
    let raw = Connection::open(folder.join(DATABASE_FILE)).expect("the file opens");
    let mut statement = raw
        .prepare(
            "SELECT d.pageno, s.tbl_name, d.pagetype, d.ncell FROM dbstat AS d JOIN sqlite_schema AS s ON s.name = d.name
             WHERE s.type = 'table'",
        )
        .expect("the bundled SQLite knows dbstat");
    let read = |row: &rusqlite::Row<'_>| -> rusqlite::Result<Page> {
        let number: i64 = row.get(0)?;
        let cells: i64 = row.get(3)?;
        Ok(Page {
            number: usize::try_from(number).expect("positive"),
            table: row.get(1)?,
            kind: row.get(2)?,
            cells: cells.unsigned_abs(),
        })
    };
    statement
        .query_map([], read)
        .expect("query")
        .collect::<Result<_, _>>()
        .expect("rows")
}

/// Row numbers and words of a table's rows, by number.
fn rows(folder: &Path, table: &str) -> HashMap<i64, String> {
    let raw = Connection::open(folder.join(DATABASE_FILE)).expect("the file opens");
    let mut statement = raw.prepare(&format!("SELECT rowid, * FROM {table}")).expect("prepare");
    let columns = statement.column_count();
    let read = |row: &rusqlite::Row<'_>| -> rusqlite::Result<(i64, String)> {
        let cells: Vec<_> = (1..columns).map(|at| format!("{:?}", row.get_ref(at))).collect();
        Ok((row.get(0)?, cells.join("|")))
    };
    statement
        .query_map([], read)
        .expect("query")
        .collect::<Result<_, _>>()
        .expect("rows")
}

async fn populated(count: usize) -> TestDb {
    let db = TestDb::sqlite();
    let store = db.open(&SETS).await;
    fill(&store, count, 1).await;
    store.close().await;
    let raw = Connection::open(db.folder().join(DATABASE_FILE)).expect("the file opens");
    raw.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);")
        .expect("the log is moved");
    db
}

/// A damaged copy beside the original, as a configuration.
fn damaged(db: &TestDb, name: &str, damage: impl FnOnce(&mut [u8])) -> StoreConfig {
    let folder = db.beside(name);
    fs::create_dir_all(&folder).expect("a folder");
    let mut bytes = fs::read(db.folder().join(DATABASE_FILE)).expect("the database");
    damage(&mut bytes);
    fs::write(folder.join(DATABASE_FILE), bytes).expect("the copy");
    StoreConfig {
        database: Database::sqlite(folder),
        ..db.config()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_on_sound_pages_are_saved_and_the_others_are_listed() {
    let db = populated(3_000).await;
    let seed: u64 = std::env::var("TINHSO_TEST_SEED")
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or_else(rand::random);
    say(&format!("TINHSO_TEST_SEED={seed}"));
    let mut chance = ChaCha20Rng::seed_from_u64(seed);
    let all = pages(&db.folder());
    let leaves: Vec<&Page> = all
        .iter()
        .filter(|page| page.kind == "leaf" && page.number > 1)
        .collect();
    let hit: Vec<&Page> = sample(&mut chance, leaves.len(), 9)
        .into_iter()
        .map(|at| leaves[at])
        .collect();
    let config = damaged(&db, "hurt", |bytes| {
        for page in &hit {
            let at = (page.number - 1) * PAGE;
            chance.fill(&mut bytes[at..at + PAGE]);
            // A page that is no page at all: SQLite sees that. Damage that looks sound is the next test's.
            bytes[at] = 0xFF;
        }
    });
    if hit.iter().any(|page| page.table == "sqlite_schema") {
        return;
    }
    let report = salvage(&config, db.world.as_ref(), &db.beside("saved.tar"))
        .await
        .expect("it is saved");
    for table in ["thing", "numbered", "secret", "coded", "attached"] {
        let original = rows(&db.folder(), table);
        let saved = report.manifest.tables[table].rows;
        let gone = original.len() as u64 - saved;
        let on_damaged: u64 = hit
            .iter()
            .filter(|page| page.table == table)
            .map(|page| page.cells)
            .sum();
        assert_eq!(gone, on_damaged, "{table}: exactly the rows on damaged pages are gone");
        let listed = |rowid: i64| {
            let lost = &report.manifest.lost;
            lost.iter()
                .any(|lost| lost.table == table && (lost.rowids.0..=lost.rowids.1).contains(&rowid))
        };
        let unlisted = original.keys().filter(|rowid| !listed(**rowid)).count() as u64;
        assert_eq!(
            unlisted, saved,
            "{table}: what is not saved is listed, and nothing else"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_salvaged_archive_comes_in_without_what_dangles() {
    let db = populated(800).await;
    let all = pages(&db.folder());
    let victims: Vec<usize> = all
        .iter()
        .filter(|page| page.kind == "leaf" && page.table == "thing")
        .map(|page| page.number)
        .take(3)
        .collect();
    let config = damaged(&db, "hurt", |bytes| {
        victims
            .iter()
            .for_each(|number| bytes[(number - 1) * PAGE..number * PAGE].fill(0));
    });
    let path = db.beside("saved.tar.gz");
    let report = salvage(&config, db.world.as_ref(), &path).await.expect("it is saved");
    assert!(report.manifest.lost.iter().any(|lost| lost.table == "thing"));
    let other = TestDb::sqlite();
    let config = StoreConfig {
        keys: KeySource::Ring(db.ring.clone()),
        ..other.config()
    };
    let store = other.try_open(config, &SETS).await.expect("an empty store");
    let imported = import(&store, &path).await.expect("it comes in");
    assert!(!imported.left_out.is_empty(), "rows that refer to lost ones stay out");
    let again = export(&store, db.world.as_ref(), &db.beside("again.tar"))
        .await
        .expect("an archive");
    assert_eq!(
        again.manifest.tables["thing"].rows,
        report.manifest.tables["thing"].rows
    );
    let verdict = crate::verify::verify(&store, &crate::verify::Plan::default())
        .await
        .expect("verify runs");
    assert!(
        verdict
            .section("references")
            .expect("a section")
            .findings
            .problems
            .is_empty(),
        "{verdict}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_damage_never_ends_the_salvage() {
    let db = populated(600).await;
    let seed: u64 = std::env::var("TINHSO_TEST_SEED")
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or_else(rand::random);
    say(&format!("TINHSO_TEST_SEED={seed}"));
    for round in 0..12 {
        let mut chance = ChaCha20Rng::seed_from_u64(seed.wrapping_add(round));
        let config = damaged(&db, &format!("hurt-{round}"), |bytes| {
            // Not the first pages: without the list of tables there is nothing to go by.
            for _ in 0..chance.random_range(1..60) {
                let at = chance.random_range(64 * PAGE..bytes.len());
                let until = (at + chance.random_range(1..300)).min(bytes.len());
                chance.fill(&mut bytes[at..until]);
            }
        });
        let saved = salvage(&config, db.world.as_ref(), &db.beside(&format!("saved-{round}.tar"))).await;
        match saved {
            Ok(report) => assert!(report.manifest.tables.values().map(|table| table.rows).sum::<u64>() > 0),
            Err(fault) => assert!(fault.to_string().contains("damaged"), "{fault}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sound_file_is_saved_whole() {
    let db = populated(300).await;
    let config = damaged(&db, "sound", |_| {});
    let report = salvage(&config, db.world.as_ref(), &db.beside("saved.tar"))
        .await
        .expect("it is saved");
    assert!(report.manifest.lost.is_empty(), "{:?}", report.manifest.lost);
    let store = db.open(&SETS).await;
    let exported = export(&store, db.world.as_ref(), &db.beside("exported.tar"))
        .await
        .expect("an archive");
    for (name, sum) in &exported.manifest.tables {
        assert_eq!(report.manifest.tables[name].rows, sum.rows, "{name}");
    }
    assert_eq!(report.manifest.numbers, exported.manifest.numbers);
}
