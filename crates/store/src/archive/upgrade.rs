//! Import of an archive that an older version made: into the schema it was made with, which is then brought forward as a
//! start would do it. Refuses an archive of a newer version, and a database that is newer than the archive.

use std::{path::Path, sync::Arc};

use kernel::World;

use super::{ArchiveError, ImportReport, import::import, input};
use crate::{MigrationSet, Store, StoreConfig, StoreError};

/// Brings the archive at `path` into the empty or missing database of `config`, and its schema to what `sets` say.
///
/// # Errors
/// As [`import`], and those of [`Store::open`].
pub async fn import_and_upgrade(
    config: StoreConfig,
    sets: &[MigrationSet],
    world: Arc<dyn World>,
    path: &Path,
) -> Result<ImportReport, ArchiveError> {
    let then = sets_of(path, sets)?;
    let store = match Store::open(config.clone(), &then, world.clone()).await {
        Err(StoreError::Newer { set, found }) => {
            let reason = format!("migration {set}/{found} is applied here and came later");
            return Err(ArchiveError::OtherSchema(reason));
        }
        opened => opened?,
    };
    let report = import(&store, path).await;
    store.close().await;
    drop(store);
    let report = report?;
    Store::open(config, sets, world).await?.close().await;
    Ok(report)
}

/// `sets` and the store's own, each cut behind the last of its migrations that the archive knew.
pub(super) fn sets_of(path: &Path, sets: &[MigrationSet]) -> Result<Vec<MigrationSet>, ArchiveError> {
    let mut archive = input::open(path)?;
    let first = archive.entries().map_err(ArchiveError::io(path))?.next();
    let entry = first.ok_or(ArchiveError::CutOff)?.map_err(ArchiveError::io(path))?;
    let known = input::header(entry)?.migrations;
    let own = sets.iter().all(|set| set.name != crate::MIGRATIONS.name);
    let all: Vec<MigrationSet> = own
        .then_some(crate::MIGRATIONS)
        .into_iter()
        .chain(sets.iter().copied())
        .collect();
    let is_here = |set: &str, name: &str| {
        all.iter()
            .any(|one| one.name == set && one.migrations.iter().any(|migration| migration.name == name))
    };
    if let Some((set, name)) = known.iter().find(|(set, name)| !is_here(set, name)) {
        return Err(ArchiveError::OtherSchema(format!(
            "migration {set}/{name} is not known to this program"
        )));
    }
    let cut = |set: &MigrationSet| {
        let count = known.iter().filter(|(name, _)| name == set.name).count();
        MigrationSet::new(set.name, &set.migrations[..count])
    };
    Ok(all.iter().map(cut).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        KeySource, Migration,
        archive::export,
        filled::{FILLED, fill},
        testing::{TestDb, on_both},
    };

    /// What a newer version would add: a column with a value for the rows that are there, and a table made from them.
    const LATER: MigrationSet = MigrationSet::new(
        "later",
        &[Migration::portable(
            "0001_marks",
            "ALTER TABLE thing ADD COLUMN mark TEXT NOT NULL DEFAULT 'old';
             CREATE TABLE seen (thing UUID PRIMARY KEY REFERENCES thing (id));
             INSERT INTO seen (thing) SELECT id FROM thing;",
        )],
    );

    async fn number(store: &Store, sql: &'static str) -> i64 {
        let count = store.read(move |tx| tx.one(sql, &[], |row| row.get::<i64>(0)));
        count.await.expect("the count is read")
    }

    /// A missing database with the keys of `from`.
    fn target(from: &TestDb, to: &TestDb) -> StoreConfig {
        StoreConfig {
            keys: KeySource::Ring(from.ring.clone()),
            ..to.config()
        }
    }

    on_both!(an_archive_of_an_older_version_comes_in_and_is_brought_forward, |db| {
        let made = TestDb::sqlite();
        let store = made.open(&[FILLED]).await;
        fill(&store, 30, 5).await;
        let path = made.beside("older.tar.gz");
        export(&store, made.world.as_ref(), &path).await.expect("it is written");

        let (config, newer) = (target(&made, &db), [FILLED, LATER]);
        let done = import_and_upgrade(config.clone(), &newer, db.world.clone(), &path).await;
        let report = done.expect("it comes in");
        assert_eq!(report.manifest.tables["thing"].rows, 30);
        let store = db.try_open(config.clone(), &newer).await.expect("it is current");
        assert_eq!(number(&store, "SELECT count(*) FROM seen").await, 30);
        assert_eq!(
            number(&store, "SELECT count(*) FROM thing WHERE mark = 'old'").await,
            30
        );

        // The way back there is not, nor one into a database that is newer than the archive.
        let newest = db.beside("newer.tar.gz");
        export(&store, db.world.as_ref(), &newest).await.expect("it is written");
        store.close().await;
        let refused = import_and_upgrade(config, &newer, db.world.clone(), &path).await;
        assert!(matches!(refused, Err(ArchiveError::OtherSchema(_))), "{refused:?}");
        let other = TestDb::sqlite();
        let refused = import_and_upgrade(target(&made, &other), &[FILLED], db.world.clone(), &newest).await;
        let Err(ArchiveError::OtherSchema(what)) = &refused else {
            panic!("{refused:?}")
        };
        assert!(what.contains("later/0001_marks"), "{what}");
    });
}
