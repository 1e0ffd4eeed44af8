//! From the words of a migration to those of each engine. Migrations are written in PostgreSQL's words with types in
//! capitals; SQLite gets the types of its STRICT tables, PostgreSQL gets `COLLATE "C"` on text, so that both engines order
//! text alike: by code point. Only the types listed here are known.

use crate::{sql::check::pieces, tx::EngineKind};

/// PostgreSQL's phrases and SQLite's, longest first. Where SQLite's type says less, a comment keeps the kind: SQLite
/// stores the text of a table as it was written, and `schema` reads the kinds back from it (export, verify).
const TYPES: [(&str, &str); 11] = [
    (
        "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        "INTEGER PRIMARY KEY AUTOINCREMENT",
    ),
    ("TIMESTAMP WITH TIME ZONE", "INTEGER /*time*/"),
    ("DOUBLE PRECISION", "REAL"),
    ("TIMESTAMPTZ", "INTEGER /*time*/"),
    ("BOOLEAN", "INTEGER /*boolean*/"),
    ("BIGINT", "INTEGER"),
    ("BYTEA", "BLOB"),
    ("JSONB", "TEXT /*json*/"),
    ("UUID", "BLOB /*uuid*/"),
    ("BOOL", "INTEGER /*boolean*/"),
    ("DATE", "TEXT /*date*/"),
];

/// A migration's text in the words of `engine`.
pub(crate) fn migration(sql: &str, engine: EngineKind) -> String {
    let sql: String = statements(sql)
        .into_iter()
        .map(|statement| search_index(statement, engine) + ";")
        .collect();
    match engine {
        EngineKind::Sqlite => to_sqlite(&sql, false),
        EngineKind::Postgres => to_postgres(&sql),
    }
}

/// `CREATE SEARCH INDEX name` is a statement of ours: the tables behind `search::SearchIndex`.
fn search_index(statement: &str, engine: EngineKind) -> String {
    let code: String = pieces(statement)
        .into_iter()
        .filter(|(code, _)| *code)
        .map(|(_, piece)| piece)
        .collect();
    match code.trim().strip_prefix("CREATE SEARCH INDEX ") {
        Some(name) => crate::search::tables(name.trim(), engine),
        None => statement.to_owned(),
    }
}

/// SQLite's words. With `any_case` the types may be in small letters too: for texts in which every name is quoted.
pub(crate) fn to_sqlite(sql: &str, any_case: bool) -> String {
    let text: String = pieces(sql)
        .into_iter()
        .map(|(code, piece)| {
            if code {
                types_to_sqlite(piece, any_case)
            } else {
                piece.to_owned()
            }
        })
        .collect();
    statements(&text)
        .into_iter()
        .map(|statement| {
            if creates_table(statement) {
                format!("{} STRICT", statement.trim_end())
            } else {
                statement.to_owned()
            }
        })
        .map(|statement| statement + ";\n")
        .collect()
}

fn types_to_sqlite(code: &str, any_case: bool) -> String {
    let mut text = code.to_owned();
    for (from, to) in TYPES {
        text = replace_words(&text, from, to, any_case);
    }
    text
}

fn to_postgres(sql: &str) -> String {
    let mut in_table = false;
    let mut out = String::with_capacity(sql.len() + 256);
    for (code, piece) in pieces(sql) {
        if !code {
            out.push_str(piece);
            continue;
        }
        for part in piece.split_inclusive(';') {
            in_table = in_table || creates_table(part) || part.contains("ADD COLUMN");
            if in_table {
                out.push_str(&collate(part))
            } else {
                out.push_str(part)
            }
            in_table = in_table && !part.ends_with(';');
        }
    }
    out
}

/// `name TEXT` becomes `name TEXT COLLATE "C"`; a cast stays as it is.
fn collate(code: &str) -> String {
    let mut out = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(at) = find_word(rest, "TEXT", false) {
        let before = rest[..at].trim_end();
        let after_name = before.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        out.push_str(&rest[..at + 4]);
        if after_name {
            out.push_str(" COLLATE \"C\"");
        }
        rest = &rest[at + 4..];
    }
    out.push_str(rest);
    out
}

/// PostgreSQL's own text of a table that `sea-query` built, with its text ordered by code point. Every name is quoted.
pub(crate) fn built_to_postgres(sql: &str) -> String {
    let words = |code: bool, piece: &str| {
        if code {
            replace_words(piece, "TEXT", "text COLLATE \"C\"", true)
        } else {
            piece.to_owned()
        }
    };
    pieces(sql)
        .into_iter()
        .map(|(code, piece)| words(code, piece))
        .collect()
}

fn replace_words(text: &str, from: &str, to: &str, any_case: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = find_word(rest, from, any_case) {
        out.push_str(&rest[..at]);
        out.push_str(to);
        rest = &rest[at + from.len()..];
    }
    out.push_str(rest);
    out
}

/// Where `word` stands in `text` as a word of its own.
fn find_word(text: &str, word: &str, any_case: bool) -> Option<usize> {
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    let hay = if any_case {
        text.to_ascii_uppercase()
    } else {
        text.to_owned()
    };
    let mut from = 0;
    while let Some(at) = hay[from..].find(word).map(|at| from + at) {
        let end = at + word.len();
        if !hay[..at].ends_with(inside) && !hay[end..].starts_with(inside) {
            return Some(at);
        }
        from = end;
    }
    None
}

fn creates_table(statement: &str) -> bool {
    pieces(statement)
        .into_iter()
        .filter(|(code, _)| *code)
        .map(|(_, piece)| piece.trim_start())
        .find(|piece| !piece.is_empty())
        .is_some_and(|piece| piece.to_ascii_uppercase().starts_with("CREATE TABLE"))
}

/// The statements of a script, without their semicolons and without empty ones.
pub(crate) fn statements(sql: &str) -> Vec<&str> {
    let mut ends = Vec::new();
    let mut at = 0;
    for (code, piece) in pieces(sql) {
        if code {
            ends.extend(piece.match_indices(';').map(|(offset, _)| at + offset));
        }
        at += piece.len();
    }
    let mut out = Vec::new();
    let mut from = 0;
    for end in ends.into_iter().chain([sql.len()]) {
        let statement = &sql[from..end];
        let empty = pieces(statement)
            .iter()
            .all(|(code, piece)| piece.trim().is_empty() || (!*code && comment(piece)));
        if !empty {
            out.push(statement);
        }
        from = (end + 1).min(sql.len());
    }
    out
}

fn comment(piece: &str) -> bool {
    piece.starts_with("--") || piece.starts_with("/*")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = "-- A note; UUID stays here.
CREATE TABLE note (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner UUID NOT NULL, text_kind TEXT NOT NULL CHECK (text_kind IN ('UUID', 'a;b')),
    at TIMESTAMPTZ NOT NULL, body JSONB, seal BYTEA, size BIGINT, ok BOOLEAN NOT NULL DEFAULT FALSE,
    lat DOUBLE PRECISION, day DATE -- DATE
);
CREATE INDEX note_owner ON note (owner);
INSERT INTO note (owner) SELECT CAST('x' AS TEXT);
";

    #[test]
    fn types_become_those_of_strict_tables() {
        insta::assert_snapshot!(migration(SAMPLE, EngineKind::Sqlite));
    }

    #[test]
    fn text_is_ordered_by_code_point_on_postgres() {
        insta::assert_snapshot!(migration(SAMPLE, EngineKind::Postgres));
    }

    #[test]
    fn a_script_is_cut_at_its_semicolons() {
        let cut = statements("-- first\nSELECT ';'; /* x; */ ;\nSELECT 2");
        assert_eq!(cut, ["-- first\nSELECT ';'", "\nSELECT 2"]);
    }
}
