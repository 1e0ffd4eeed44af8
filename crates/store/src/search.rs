//! Full-text search that gives the same answer on both engines: FTS5 on SQLite, `tsvector` on PostgreSQL. Both are fed
//! words that were folded and cut here, and nothing of the engines' own language rules is used. The code that writes a row
//! also writes its words; personal data is never put into an index.

use kernel::fold::fold;
use uuid::Uuid;

use crate::{
    error::StoreError,
    tx::{EngineKind, Tx},
    value::Value,
};

/// Words of a query beyond these are left out.
const QUERY_WORDS_MAX: usize = 12;
/// A longer word is cut: nobody looks for it.
const WORD_CHARS_MAX: usize = 64;

/// A full-text index. Its tables are made by `CREATE SEARCH INDEX name` in a migration.
///
/// ```
/// const PROCEDURES: store::search::SearchIndex = store::search_index!("procedure_search");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct SearchIndex {
    #[doc(hidden)]
    pub put: &'static str,
    #[doc(hidden)]
    pub put_words: &'static str,
    #[doc(hidden)]
    pub get: &'static str,
    #[doc(hidden)]
    pub drop: &'static str,
    #[doc(hidden)]
    pub drop_words: &'static str,
    #[doc(hidden)]
    pub find_sqlite: &'static str,
    #[doc(hidden)]
    pub find_postgres: &'static str,
    #[doc(hidden)]
    pub find_postgres_strong: &'static str,
    #[doc(hidden)]
    pub newest_sqlite: &'static str,
    #[doc(hidden)]
    pub newest_postgres: &'static str,
    #[doc(hidden)]
    pub count_sqlite: &'static str,
    #[doc(hidden)]
    pub count_postgres: &'static str,
}

/// Names a [`search::SearchIndex`](crate::search::SearchIndex) by the name in its migration.
#[macro_export]
macro_rules! search_index {
    ($name:literal) => {
        $crate::search::SearchIndex {
            put: concat!(
                "INSERT INTO ",
                $name,
                "_row (id, rank, strong, weak) VALUES ($1, $2, $3, $4) ",
                "ON CONFLICT (id) DO UPDATE SET rank = excluded.rank, strong = excluded.strong, weak = excluded.weak ",
                "RETURNING docid"
            ),
            put_words: concat!("INSERT INTO ", $name, " (rowid, strong, weak) VALUES ($1, $2, $3)"),
            get: concat!("SELECT docid, strong, weak FROM ", $name, "_row WHERE id = $1"),
            drop: concat!("DELETE FROM ", $name, "_row WHERE id = $1"),
            drop_words: concat!(
                "INSERT INTO ",
                $name,
                " (",
                $name,
                ", rowid, strong, weak) VALUES ('delete', $1, $2, $3)"
            ),
            find_sqlite: concat!(
                "SELECT r.id FROM ",
                $name,
                "_row AS r JOIN ",
                $name,
                " AS f ON f.rowid = r.docid WHERE f.",
                $name,
                " MATCH $1 ORDER BY r.rank, r.id LIMIT $2"
            ),
            find_postgres: concat!(
                "SELECT id FROM ",
                $name,
                "_row WHERE words @@ CAST(CAST($1 AS TEXT) AS TSQUERY) ",
                "ORDER BY rank, id LIMIT $2"
            ),
            find_postgres_strong: concat!(
                "SELECT id FROM ",
                $name,
                "_row WHERE strong_words @@ CAST(CAST($1 AS TEXT) AS TSQUERY) ",
                "ORDER BY rank, id LIMIT $2"
            ),
            newest_sqlite: concat!(
                "SELECT f.rowid, r.id FROM ",
                $name,
                " AS f JOIN ",
                $name,
                "_row AS r ON r.docid = f.rowid WHERE f.",
                $name,
                " MATCH $1 AND f.rowid < $2 ORDER BY f.rowid DESC LIMIT $3"
            ),
            newest_postgres: concat!(
                "SELECT docid, id FROM ",
                $name,
                "_row WHERE words @@ CAST(CAST($1 AS TEXT) AS TSQUERY) AND docid < $2 ORDER BY docid DESC LIMIT $3"
            ),
            count_sqlite: concat!("SELECT count(*) FROM ", $name, " AS f WHERE f.", $name, " MATCH $1"),
            count_postgres: concat!(
                "SELECT count(*) FROM ",
                $name,
                "_row WHERE words @@ CAST(CAST($1 AS TEXT) AS TSQUERY)"
            ),
        }
    };
}

/// What to put into an index for one row.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'e> {
    /// The row.
    pub id: Uuid,
    /// Its place among rows that match alike: smaller comes first.
    pub rank: i64,
    /// Text whose matches come first: a name, a code.
    pub strong: &'e str,
    /// Further text.
    pub weak: &'e str,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    words: Vec<String>,
    last_is_prefix: bool,
    /// Of each of these at least one word must be there, whole.
    any_of: Vec<Vec<String>>,
}

impl Query {
    /// All words of `text`, each whole.
    pub fn words(text: &str) -> Self {
        Self {
            words: query_words(text),
            last_is_prefix: false,
            any_of: Vec::new(),
        }
    }

    /// All words of `text` while it is being typed: the last one may be only begun.
    pub fn typing(text: &str) -> Self {
        Self {
            words: query_words(text),
            last_is_prefix: true,
            any_of: Vec::new(),
        }
    }

    /// The same, of rows that hold all words of another text as well.
    #[must_use]
    pub fn and_all(mut self, text: &str) -> Self {
        self.any_of.extend(words_of(text).into_iter().map(|word| vec![word]));
        self
    }

    /// The same, of rows that hold at least one of these words as well: marks that whoever writes the rows puts among the words.
    #[must_use]
    pub fn and_any<T: AsRef<str>>(mut self, words: impl IntoIterator<Item = T>) -> Self {
        self.any_of
            .push(words.into_iter().flat_map(|word| words_of(word.as_ref())).collect());
        self
    }

    /// Whether nothing is looked for; such a query finds nothing.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    fn sqlite(&self, strong: bool) -> String {
        let mut terms = self.terms(|word, prefix| format!("\"{word}\"{}", if prefix { "*" } else { "" }));
        terms.extend(self.groups(" OR ", |word| format!("\"{word}\"")));
        let all = terms.join(" AND ");
        if strong { format!("strong : ({all})") } else { all }
    }

    fn postgres(&self) -> String {
        let mut terms = self.terms(|word, prefix| format!("'{word}'{}", if prefix { ":*" } else { "" }));
        terms.extend(self.groups(" | ", |word| format!("'{word}'")));
        terms.join(" & ")
    }

    fn groups(&self, or: &str, term: impl Fn(&String) -> String) -> Vec<String> {
        let group = |words: &Vec<String>| format!("({})", words.iter().map(&term).collect::<Vec<_>>().join(or));
        self.any_of
            .iter()
            .filter(|words| !words.is_empty())
            .map(group)
            .collect()
    }

    fn terms(&self, term: impl Fn(&str, bool) -> String) -> Vec<String> {
        let last = self.words.len().saturating_sub(1);
        self.words
            .iter()
            .enumerate()
            .map(|(at, word)| term(word, self.last_is_prefix && at == last))
            .collect()
    }
}

impl Tx {
    /// Puts a row's words into an index, in place of those it had.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub fn search_put(&mut self, index: &SearchIndex, entry: Entry<'_>) -> Result<(), StoreError> {
        let (strong, weak) = (text_of(entry.strong), text_of(entry.weak));
        if self.engine() == EngineKind::Sqlite {
            self.drop_words(index, entry.id)?;
        }
        let docid: i64 = self.one(index.put, &[&entry.id, &entry.rank, &strong, &weak], |row| row.get(0))?;
        if self.engine() == EngineKind::Sqlite {
            self.execute(index.put_words, &[&docid, &strong, &weak])?;
        }
        Ok(())
    }

    /// Takes a row out of an index.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub fn search_remove(&mut self, index: &SearchIndex, id: Uuid) -> Result<(), StoreError> {
        if self.engine() == EngineKind::Sqlite {
            self.drop_words(index, id)?;
        }
        self.execute(index.drop, &[&id]).map(|_| ())
    }

    /// The rows that hold all words of `query`: first those that hold them in their strong text, then the others, each by
    /// rank. At most `limit`.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub fn search(&mut self, index: &SearchIndex, query: &Query, limit: u32) -> Result<Vec<Uuid>, StoreError> {
        if query.is_empty() {
            return Ok(Vec::new());
        }
        let wanted = limit as usize;
        let mut found = self.search_part(index, query, true, i64::from(limit))?;
        if found.len() < wanted {
            let more = self.search_part(index, query, false, i64::from(limit) + found.len() as i64)?;
            for id in more {
                if found.len() < wanted && !found.contains(&id) {
                    found.push(id);
                }
            }
        }
        Ok(found)
    }

    /// The rows that hold all words of `query`, the last that were put in first, each with its place; those before a place. At most
    /// `limit`. Rows are read in this order, so that a word of many rows costs no more than one of few.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub fn search_newest(
        &mut self,
        index: &SearchIndex,
        query: &Query,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<(i64, Uuid)>, StoreError> {
        if query.is_empty() {
            return Ok(Vec::new());
        }
        let (sql, text) = match self.engine() {
            EngineKind::Sqlite => (index.newest_sqlite, query.sqlite(false)),
            EngineKind::Postgres => (index.newest_postgres, query.postgres()),
        };
        let before = before.unwrap_or(i64::MAX);
        self.all(sql, &[&text, &before, &i64::from(limit)], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
    }

    /// How many rows hold all words of `query`.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub fn search_count(&mut self, index: &SearchIndex, query: &Query) -> Result<u64, StoreError> {
        if query.is_empty() {
            return Ok(0);
        }
        let (sql, text) = match self.engine() {
            EngineKind::Sqlite => (index.count_sqlite, query.sqlite(false)),
            EngineKind::Postgres => (index.count_postgres, query.postgres()),
        };
        let count: i64 = self.one(sql, &[&text], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    fn search_part(
        &mut self,
        index: &SearchIndex,
        query: &Query,
        strong: bool,
        limit: i64,
    ) -> Result<Vec<Uuid>, StoreError> {
        let (sql, text) = match self.engine() {
            EngineKind::Sqlite => (index.find_sqlite, query.sqlite(strong)),
            EngineKind::Postgres if strong => (index.find_postgres_strong, query.postgres()),
            EngineKind::Postgres => (index.find_postgres, query.postgres()),
        };
        self.all(sql, &[&text, &limit], |row| row.get(0))
    }

    fn drop_words(&mut self, index: &SearchIndex, id: Uuid) -> Result<(), StoreError> {
        let had = self.opt(index.get, &[&id], |row| {
            Ok((row.get::<i64>(0)?, row.get::<String>(1)?, row.get::<String>(2)?))
        })?;
        // FTS5 takes words out by being told the text that was put in.
        match had {
            Some((docid, strong, weak)) => self.execute(index.drop_words, &[&docid, &strong, &weak]).map(|_| ()),
            None => Ok(()),
        }
    }
}

/// The tables of an index, in the words of a migration. The rows are the same on both engines and travel with an export;
/// the words beside them are built from the rows.
pub(crate) fn tables(name: &str, engine: EngineKind) -> String {
    let rows = format!(
        "INSERT INTO search_index (name) VALUES ('{name}');
CREATE TABLE {name}_row (
    docid BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id UUID NOT NULL UNIQUE,
    rank BIGINT NOT NULL,
    strong TEXT NOT NULL,
    weak TEXT NOT NULL"
    );
    match engine {
        // `ascii` cuts at signs of ASCII alone: our words hold none, and hold every other letter whole.
        EngineKind::Sqlite => format!(
            "{rows}
);
CREATE VIRTUAL TABLE {name} USING fts5(strong, weak, content='{name}_row', content_rowid='docid', tokenize='ascii',
    prefix='1 2 3', detail='column')"
        ),
        EngineKind::Postgres => format!(
            "{rows},
    strong_words TSVECTOR NOT NULL GENERATED ALWAYS AS (array_to_tsvector(string_to_array(strong, ' '))) STORED,
    words TSVECTOR NOT NULL GENERATED ALWAYS AS (
        array_to_tsvector(string_to_array(strong, ' ')) || array_to_tsvector(string_to_array(weak, ' '))) STORED
);
CREATE INDEX {name}_strong_words ON {name}_row USING GIN (strong_words);
CREATE INDEX {name}_words ON {name}_row USING GIN (words)"
        ),
    }
}

/// Builds the words of every index from its rows, after rows came in by another way than [`Tx::search_put`] (an import).
pub(crate) fn rebuild(tx: &mut Tx) -> Result<(), StoreError> {
    if tx.engine() == EngineKind::Postgres {
        return Ok(());
    }
    let names = tx.all("SELECT name FROM search_index ORDER BY name", &[], |row| {
        row.get::<String>(0)
    })?;
    for name in names {
        let name = crate::catalog::quoted(&name);
        tx.execute_text(
            &format!("INSERT INTO {name} ({name}) VALUES ($1)"),
            &[Value::Text("rebuild".into())],
        )?;
    }
    Ok(())
}

/// The words of a text as an index holds them: folded, each once, in order of first use.
fn text_of(text: &str) -> String {
    words_of(text).join(" ")
}

fn words_of(text: &str) -> Vec<String> {
    let folded = fold(text);
    let mut words: Vec<String> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for word in folded
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        let word: String = word.chars().take(WORD_CHARS_MAX).collect();
        if seen.insert(word.clone()) {
            words.push(word);
        }
    }
    words
}

fn query_words(text: &str) -> Vec<String> {
    let mut words = words_of(text);
    words.truncate(QUERY_WORDS_MAX);
    words
}
