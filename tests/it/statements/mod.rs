//! Every SQL statement that stands in a `store.rs` file is run on both engines over the real schema: SQL is text to the
//! compiler, so a misspelt column would otherwise wait for its caller. Parameters are nulls and the transaction is rolled
//! back; a refused row is fine, a refused statement is not.

mod source;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ::store::{EngineKind, StoreError, ToValue};
use testkit::TestStore;

use crate::harness::repository;
use source::{Statement, statements};

/// Every `store.rs` of the crates that have a schema, with the files of a folder called `store` beside it.
fn files() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for name in [
        "store",
        "identity",
        "payment",
        "casework",
        "exchange",
        "indicator",
        "register",
    ] {
        let source = repository().join("crates").join(name).join("src");
        for entry in walkdir::WalkDir::new(&source).sort_by_file_name() {
            let entry = entry.unwrap();
            let inside = entry.path().strip_prefix(&source).unwrap();
            let in_store = |path: &Path| path.iter().any(|part| part == "store" || part == "store.rs");
            // `store/src/store.rs` is the store itself and holds statements of the engine's own.
            let engine = name == "store" && inside == Path::new("store.rs");
            // A GeoPackage is a file of its own, with tables of its own.
            let file = inside.iter().any(|part| part == "geopackage");
            if entry.file_type().is_file() && in_store(inside) && !engine && !file {
                found.push(entry.path().to_path_buf());
            }
        }
    }
    found
}

fn all() -> Vec<Statement> {
    let found = statements(&files());
    assert!(
        found.len() > 40,
        "only {} statements were found: the search is broken",
        found.len()
    );
    found
}

/// Whether the engine took the statement: what it says of the null values does not count.
async fn fault(store: &TestStore, statement: &Statement) -> Option<String> {
    // The text lives as long as the test's process, as the program's own does.
    let sql: &'static str = Box::leak(statement.sql.clone().into_boxed_str());
    let values = parameters(sql);
    let outcome = store
        .write(move |tx| {
            let parameters: Vec<&dyn ToValue> = values.iter().map(|value| value as &dyn ToValue).collect();
            tx.execute(sql, &parameters).map(|_| ())?;
            Err::<(), StoreError>(StoreError::Config("rolled back".to_owned()))
        })
        .await;
    match outcome {
        Err(
            StoreError::Config(_)
            | StoreError::Rule { .. }
            | StoreError::Reference { .. }
            | StoreError::Duplicate { .. },
        ) => None,
        Err(error) => Some(format!("{}:{}: {error}", statement.file, statement.line)),
        Ok(()) => unreachable!("the closure ends with an error"),
    }
}

/// A value for each parameter of a statement: null, but 1 where a number of rows is wanted.
fn parameters(sql: &str) -> Vec<Option<i64>> {
    let mut values = BTreeMap::new();
    let mut before = "";
    for piece in sql.split('$') {
        let digits: String = piece.chars().take_while(char::is_ascii_digit).collect();
        if let Ok(number) = digits.parse::<usize>() {
            let word = before.split_whitespace().last().unwrap_or("");
            let counts = matches!(word, "LIMIT" | "OFFSET").then_some(1);
            let value = values.entry(number).or_insert(counts);
            *value = value.or(counts);
        }
        before = piece;
    }
    values.into_values().collect()
}

/// `store` holds a few statements in one engine's own words; the files say so in their names.
fn is_of_another_engine(statement: &Statement, engine: EngineKind) -> bool {
    let named = |word: &str| statement.file.contains(word);
    match engine {
        EngineKind::Sqlite => named("postgres"),
        EngineKind::Postgres => named("sqlite"),
    }
}

async fn every_statement_runs(store: &TestStore) {
    let mut faults = Vec::new();
    for statement in all()
        .iter()
        .filter(|statement| !is_of_another_engine(statement, store.engine()))
    {
        faults.extend(fault(store, statement).await);
    }
    assert!(
        faults.is_empty(),
        "{} statements are refused:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_is_understood_by_both_engines() {
    testkit::engines(tinhso::place::MIGRATIONS, every_statement_runs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_faulty_statement_is_found() {
    let store = testkit::engines::sqlite(tinhso::place::MIGRATIONS).await;
    let statement = Statement {
        file: "a".into(),
        line: 1,
        sql: "SELECT no_such_column FROM account WHERE id = $1".into(),
    };
    assert!(fault(&store, &statement).await.is_some());
}
