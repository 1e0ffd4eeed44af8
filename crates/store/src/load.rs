//! Loading many rows at once into a store that nobody serves: a demonstration sized like a province, a benchmark. Owns the
//! secondary indexes meanwhile, which are built afterwards in one go each, and the mark that keeps a half-loaded store from
//! being served. Refuses to touch what makes rows unique: a load that writes a row twice fails as any other write does.

use sea_query::InsertStatement;

use crate::{
    built::Built,
    catalog::quoted,
    error::StoreError,
    store::Store,
    tx::{EngineKind, Tx},
    value::{ToValue, Value},
};

/// Rows that go to PostgreSQL in one statement; each costs the way to the server and back otherwise.
const STATEMENT_ROWS: usize = 64;

/// Most parameters of one statement of PostgreSQL.
const PARAMETERS_MAX: usize = 60_000;

/// Pages that SQLite holds in memory while rows come in, in KiB, and afterwards (as `engine/sqlite/open.rs`).
const CACHE_LOADING: &str = "PRAGMA cache_size = -98304";
const CACHE_SERVING: &str = "PRAGMA cache_size = -16000";

/// The indexes that are no rule of their table, as the engine itself writes them.
const INDEXES_SQLITE: &str = "SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL \
     AND sql NOT LIKE 'CREATE UNIQUE%' ORDER BY name";
const INDEXES_POSTGRES: &str = "SELECT c.relname::text, t.relname::text, pg_get_indexdef(i.indexrelid) FROM pg_index AS i \
     JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_class AS t ON t.oid = i.indrelid \
     WHERE NOT i.indisunique AND NOT i.indisprimary AND t.relnamespace = current_schema()::regnamespace \
     ORDER BY c.relname";

/// An index that was taken away.
#[derive(Debug, Clone)]
struct Index {
    name: String,
    sql: String,
}

/// A load that has begun. [`Load::finish`] ends it; without that the store is refused at its next opening.
#[derive(Debug)]
pub struct Load {
    store: Store,
    indexes: Vec<Index>,
}

impl Store {
    /// Begins a load of `tables`: their secondary indexes go until [`Load::finish`] builds them again.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn begin_load(&self, tables: &'static [&'static str]) -> Result<Load, StoreError> {
        let indexes = self
            .claim(move |tx| {
                tx.execute(
                    "INSERT INTO import_mark (id) VALUES (1) ON CONFLICT (id) DO NOTHING",
                    &[],
                )?;
                let found = indexes(tx, tables)?;
                for index in &found {
                    tx.script(&format!("DROP INDEX {}", quoted(&index.name)))?;
                }
                Ok::<_, StoreError>(found)
            })
            .await?;
        self.set_cache(CACHE_LOADING).await?;
        Ok(Load {
            store: self.clone(),
            indexes,
        })
    }

    async fn set_cache(&self, pragma: &'static str) -> Result<(), StoreError> {
        self.claim(move |tx| match tx.engine() {
            EngineKind::Sqlite => tx.script(pragma),
            EngineKind::Postgres => Ok(()),
        })
        .await
    }
}

impl Load {
    /// Writes a part. Nobody else writes meanwhile, so that PostgreSQL need not watch for it.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: Fn(&mut Tx) -> Result<T, E> + Send + 'static,
    {
        self.store.claim(work).await
    }

    /// How many indexes [`Load::finish`] will build.
    #[must_use]
    pub fn indexes(&self) -> usize {
        self.indexes.len()
    }

    /// Builds the indexes, lets the engine look at its tables, and lifts the mark. `progress` hears how many indexes stand.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn finish(self, mut progress: impl FnMut(u64)) -> Result<(), StoreError> {
        for (at, index) in self.indexes.into_iter().enumerate() {
            self.store
                .claim(move |tx| {
                    if tx.engine() == EngineKind::Postgres {
                        // An index over millions of rows takes longer than any statement of a page may.
                        tx.script("SET LOCAL statement_timeout = 0; SET LOCAL maintenance_work_mem = '128MB'")?;
                    }
                    tx.script(&index.sql)
                })
                .await?;
            progress(at as u64 + 1);
        }
        self.store.set_cache(CACHE_SERVING).await?;
        self.store
            .claim(|tx| tx.execute("DELETE FROM import_mark", &[]).map(|_| ()))
            .await?;
        self.store.analyze().await
    }
}

fn indexes(tx: &mut Tx, tables: &[&str]) -> Result<Vec<Index>, StoreError> {
    let sql = match tx.engine() {
        EngineKind::Sqlite => INDEXES_SQLITE,
        EngineKind::Postgres => INDEXES_POSTGRES,
    };
    let mut found = Vec::new();
    tx.each_text(sql, &[], &mut |row| {
        let (name, table): (String, String) = (row.get(0)?, row.get(1)?);
        if tables.contains(&table.as_str()) {
            found.push(Index { name, sql: row.get(2)? });
        }
        Ok(true)
    })?;
    Ok(found)
}

impl Tx {
    /// Runs one `INSERT … VALUES ($1, …, $n)` for many rows: on PostgreSQL many rows go in one statement. The parameters
    /// stand in the order of the columns, each once, and nothing follows them.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub fn insert_all(&mut self, sql: &'static str, rows: &[Vec<&dyn ToValue>]) -> Result<(), StoreError> {
        let columns = rows.first().map_or(0, Vec::len);
        if self.engine() == EngineKind::Sqlite || columns == 0 {
            return rows.iter().try_for_each(|row| self.execute(sql, row).map(|_| ()));
        }
        let at_once = STATEMENT_ROWS.min(PARAMETERS_MAX / columns);
        let many = repeated(sql, columns, at_once);
        for part in rows.chunks(at_once) {
            match &many {
                Some(many) if part.len() == at_once => {
                    let values: Vec<Value<'_>> = part.iter().flatten().map(|value| value.scalar()).collect();
                    self.execute_text(many, &values)?;
                }
                _ => part.iter().try_for_each(|row| self.execute(sql, row).map(|_| ()))?,
            }
        }
        Ok(())
    }
}

impl Tx {
    /// Runs one `INSERT` of one row, which `sea-query` built, for many rows: rendered once, its values are those of each row in
    /// the order of the columns.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub fn insert_all_built(&mut self, one: InsertStatement, rows: &[Vec<Value<'static>>]) -> Result<(), StoreError> {
        let (sql, values) = Built::from(one).render(self.engine())?;
        let columns = values.len();
        if self.engine() == EngineKind::Sqlite || columns == 0 {
            return rows.iter().try_for_each(|row| self.execute_text(&sql, row).map(|_| ()));
        }
        let at_once = STATEMENT_ROWS.min(PARAMETERS_MAX / columns).max(1);
        for part in rows.chunks(at_once) {
            match repeated(&sql, columns, part.len()) {
                Some(many) => {
                    let values: Vec<Value<'static>> = part.iter().flatten().cloned().collect();
                    self.execute_text(&many, &values)?;
                }
                None => part
                    .iter()
                    .try_for_each(|row| self.execute_text(&sql, row).map(|_| ()))?,
            }
        }
        Ok(())
    }
}

/// The statement for `rows` rows; none when it does not end with the values of one.
fn repeated(sql: &str, columns: usize, rows: usize) -> Option<String> {
    let (head, values) = sql.split_once("VALUES")?;
    let ends = format!("${columns})");
    let plain = values.trim().starts_with("($1") && values.trim().ends_with(&ends);
    let row = |row: usize| {
        let marks: Vec<String> = (1..=columns)
            .map(|column| format!("${}", row * columns + column))
            .collect();
        format!("({})", marks.join(", "))
    };
    let all: Vec<String> = (0..rows).map(row).collect();
    plain.then(|| format!("{head}VALUES {}", all.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_repeated_only_when_its_values_are_all_there_is() {
        let sql = "INSERT INTO t (a, b) VALUES ($1, $2)";
        let two = "INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4)";
        assert_eq!(repeated(sql, 2, 2).as_deref(), Some(two));
        assert_eq!(
            repeated("INSERT INTO t (a) VALUES ($1) ON CONFLICT DO NOTHING", 1, 2),
            None
        );
        assert_eq!(repeated("SELECT 1", 1, 2), None);
    }
}
