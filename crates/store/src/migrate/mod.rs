//! Migrations: forward only, each in its own transaction, recorded with the SHA-256 of its text. Owns the refusal of a
//! schema that a newer program wrote and of a migration that was edited after it was applied. One text serves both
//! engines (see `translate`), unless a set gives two.

mod run;
pub(crate) mod translate;

pub(crate) use run::{check_current, run};

/// The migrations of one crate, in order.
#[derive(Debug, Clone, Copy)]
pub struct MigrationSet {
    /// The crate, as `migrations/<name>/` says.
    pub name: &'static str,
    /// Its migrations, oldest first.
    pub migrations: &'static [Migration],
}

impl MigrationSet {
    /// A set.
    ///
    /// ```
    /// const MIGRATIONS: store::MigrationSet = store::MigrationSet::new(
    ///     "sample",
    ///     &[store::Migration::portable("0001_note", "CREATE TABLE note (id UUID PRIMARY KEY, text TEXT NOT NULL);")],
    /// );
    /// # assert_eq!(MIGRATIONS.migrations.len(), 1);
    /// ```
    pub const fn new(name: &'static str, migrations: &'static [Migration]) -> Self {
        Self { name, migrations }
    }
}

/// One step of a schema.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its number and name, `0001_dossier`, as the file is named.
    pub name: &'static str,
    pub(crate) text: Text,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Text {
    Portable(&'static str),
    Each {
        sqlite: &'static str,
        postgres: &'static str,
    },
}

impl Migration {
    /// A migration in PostgreSQL's words, translated for SQLite (`0001_name.sql`).
    pub const fn portable(name: &'static str, sql: &'static str) -> Self {
        Self {
            name,
            text: Text::Portable(sql),
        }
    }

    /// A migration that the engines need different texts for (`0002_x.sqlite.sql`, `0002_x.postgres.sql`).
    pub const fn each(name: &'static str, sqlite: &'static str, postgres: &'static str) -> Self {
        Self {
            name,
            text: Text::Each { sqlite, postgres },
        }
    }
}
