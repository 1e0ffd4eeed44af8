//! Applies migrations and holds the schema to what this program knows. Each migration and its record are one transaction;
//! on PostgreSQL an advisory lock keeps two starting nodes from migrating at once, on SQLite the folder's lock does.

use std::collections::HashMap;

use kernel::Timestamp;
use ring::digest::{SHA256, digest};

use super::{Migration, MigrationSet, Text, translate};
use crate::{
    error::StoreError,
    tx::{EngineKind, Tx},
};

const RECORD_TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migration (
    set_name TEXT NOT NULL,
    name TEXT NOT NULL,
    sha256 BYTEA NOT NULL,
    applied_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (set_name, name)
)";

/// Brings the schema to what `sets` say.
pub(crate) fn run(tx: &mut Tx, sets: &[MigrationSet], now: Timestamp) -> Result<(), StoreError> {
    let engine = tx.engine();
    if engine == EngineKind::Postgres {
        // Until the end of the connection's session, or the unlock below. The number is arbitrary and ours.
        tx.script("SET statement_timeout = 0; SET lock_timeout = 0; SELECT pg_advisory_lock(8430517)")?;
    }
    let done = migrate(tx, sets, now);
    if engine == EngineKind::Postgres {
        tx.script("SELECT pg_advisory_unlock(8430517); RESET statement_timeout; RESET lock_timeout")?;
    }
    done
}

fn migrate(tx: &mut Tx, sets: &[MigrationSet], now: Timestamp) -> Result<(), StoreError> {
    tx.script(&translate::migration(RECORD_TABLE, tx.engine()))?;
    let applied = applied(tx)?;
    refuse_unknown_sets(sets, &applied)?;
    for set in sets {
        let done = known(set, applied.get(set.name).map_or(&[], Vec::as_slice), tx.engine())?;
        for migration in &set.migrations[done..] {
            tracing::info!(set = set.name, migration = migration.name, "applying a migration");
            apply(tx, set, migration, now).map_err(|error| StoreError::Migration {
                set: set.name.to_owned(),
                migration: migration.name.to_owned(),
                reason: error.to_string(),
            })?;
        }
    }
    Ok(())
}

/// Makes sure, without changing anything, that the schema is exactly the one of `sets`.
pub(crate) fn check_current(tx: &mut Tx, sets: &[MigrationSet]) -> Result<(), StoreError> {
    let applied = applied(tx)?;
    refuse_unknown_sets(sets, &applied)?;
    for set in sets {
        let done = known(set, applied.get(set.name).map_or(&[], Vec::as_slice), tx.engine())?;
        if done < set.migrations.len() {
            return Err(StoreError::Older);
        }
    }
    Ok(())
}

/// What is recorded: name and checksum, by set.
type Applied = HashMap<String, Vec<(String, Vec<u8>)>>;

fn applied(tx: &mut Tx) -> Result<Applied, StoreError> {
    let rows = tx.all(
        "SELECT set_name, name, sha256 FROM schema_migration ORDER BY set_name, name",
        &[],
        |row| Ok((row.get::<String>(0)?, row.get::<String>(1)?, row.get::<Vec<u8>>(2)?)),
    )?;
    let mut applied = Applied::new();
    for (set, name, sha256) in rows {
        applied.entry(set).or_default().push((name, sha256));
    }
    Ok(applied)
}

fn refuse_unknown_sets(sets: &[MigrationSet], applied: &Applied) -> Result<(), StoreError> {
    let unknown = applied
        .iter()
        .find(|(name, _)| sets.iter().all(|set| set.name != name.as_str()));
    match unknown {
        None => Ok(()),
        Some((name, rows)) => Err(StoreError::Newer {
            set: name.clone(),
            found: rows.last().map_or_else(String::new, |(migration, _)| migration.clone()),
        }),
    }
}

/// How many migrations of the set are applied, after holding each to its record.
fn known(set: &MigrationSet, applied: &[(String, Vec<u8>)], engine: EngineKind) -> Result<usize, StoreError> {
    for (index, (name, sha256)) in applied.iter().enumerate() {
        let Some(migration) = set.migrations.get(index) else {
            return Err(StoreError::Newer {
                set: set.name.to_owned(),
                found: name.clone(),
            });
        };
        if migration.name != name {
            let later = set.migrations.iter().all(|known| known.name != name);
            return Err(if later {
                StoreError::Newer {
                    set: set.name.to_owned(),
                    found: name.clone(),
                }
            } else {
                StoreError::Changed {
                    set: set.name.to_owned(),
                    migration: migration.name.to_owned(),
                }
            });
        }
        if checksum(migration, engine) != *sha256 {
            return Err(StoreError::Changed {
                set: set.name.to_owned(),
                migration: name.clone(),
            });
        }
    }
    Ok(applied.len())
}

fn source(migration: &Migration, engine: EngineKind) -> &'static str {
    match (migration.text, engine) {
        (Text::Portable(sql), _)
        | (Text::Each { sqlite: sql, .. }, EngineKind::Sqlite)
        | (Text::Each { postgres: sql, .. }, EngineKind::Postgres) => sql,
    }
}

fn checksum(migration: &Migration, engine: EngineKind) -> Vec<u8> {
    digest(&SHA256, source(migration, engine).as_bytes()).as_ref().to_vec()
}

fn apply(tx: &mut Tx, set: &MigrationSet, migration: &Migration, now: Timestamp) -> Result<(), StoreError> {
    let engine = tx.engine();
    let text = match migration.text {
        Text::Portable(sql) => translate::migration(sql, engine),
        Text::Each { .. } => source(migration, engine).to_owned(),
    };
    // SQLite changes a table by making it anew; references are checked at the end instead of at each statement.
    if engine == EngineKind::Sqlite {
        tx.script("PRAGMA foreign_keys = OFF")?;
    }
    let done = in_transaction(tx, |tx| {
        tx.script(&text)?;
        if engine == EngineKind::Sqlite {
            refuse_broken_references(tx)?;
        }
        let insert = "INSERT INTO schema_migration (set_name, name, sha256, applied_at) VALUES ($1, $2, $3, $4)";
        tx.execute(
            insert,
            &[&set.name, &migration.name, &checksum(migration, engine), &now],
        )?;
        Ok(())
    });
    if engine == EngineKind::Sqlite {
        tx.script("PRAGMA foreign_keys = ON")?;
    }
    done
}

fn in_transaction(tx: &mut Tx, work: impl FnOnce(&mut Tx) -> Result<(), StoreError>) -> Result<(), StoreError> {
    let begin = if tx.engine() == EngineKind::Sqlite {
        "BEGIN IMMEDIATE"
    } else {
        "BEGIN"
    };
    tx.control(begin).map_err(|failure| failure.error)?;
    let done = work(tx).and_then(|()| tx.control("COMMIT").map_err(|failure| failure.error));
    if done.is_err() {
        // The connection may be gone; then there is nothing to roll back.
        let _ = tx.control("ROLLBACK");
    }
    tx.reset();
    done
}

fn refuse_broken_references(tx: &mut Tx) -> Result<(), StoreError> {
    let broken = tx.opt("PRAGMA foreign_key_check", &[], |row| row.get::<String>(0))?;
    broken.map_or(Ok(()), |table| Err(StoreError::Reference { what: table }))
}
