//! SQL stands only in `store.rs` files, so that a table's statements are read in one place and the test that prepares
//! every statement on both engines finds them all. That counts for statements that `sea-query` builds as well. `store`
//! itself, migrations and tests are free.

use crate::tree::{File, Finding, Kind, Tree};

/// Crates whose own work is SQL, or tests of it.
const FREE: &[&str] = &["store", "testkit", "tests", "bench", "xtask"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust().filter(|file| !is_free(file)) {
        for token in file.tokens.iter().filter(|token| !token.in_test) {
            let found = match &token.kind {
                Kind::Text(text) => is_sql(text),
                Kind::Ident(name) => name == "sea_query",
                _ => false,
            };
            if found {
                findings.push(Finding::new(
                    &file.path,
                    token.line,
                    "SQL outside of a store.rs file: move this statement there",
                ));
            }
        }
    }
    findings
}

fn is_free(file: &File) -> bool {
    FREE.contains(&file.room()) || file.in_part("store") || file.is_test()
}

/// Whether a text is a statement: it begins as one, and its next words are those of one.
fn is_sql(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().take(400).collect();
    let Some(first) = words.first() else { return false };
    let has = |word: &str| words.iter().any(|found| found.eq_ignore_ascii_case(word));
    match *first {
        "SELECT" | "DELETE" => words.len() > 1,
        "INSERT" => has("INTO"),
        "UPDATE" => has("SET"),
        "WITH" => has("AS") && has("SELECT"),
        "CREATE" | "ALTER" | "DROP" => has("TABLE") || has("INDEX") || has("VIEW"),
        "select" => has("from"),
        "insert" => has("into") && has("values"),
        "update" => has("set") && has("where"),
        "delete" => has("from") && has("where"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_outside_of_store_files_are_found() {
        let text = "fn a() {\n    tx.all(\n        \"SELECT id FROM dossier\", &[]);\n}\n";
        let found = check(&Tree::of(&[("crates/casework/src/dossier/rules.rs", text)]));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 3);
        assert!(check(&Tree::of(&[("crates/casework/src/dossier/store.rs", text)])).is_empty());
        assert!(check(&Tree::of(&[("crates/store/src/outbox.rs", text)])).is_empty());
        let in_test = format!("#[cfg(test)]\nmod tests {{\n{text}}}\n");
        assert!(check(&Tree::of(&[("crates/casework/src/dossier/rules.rs", &in_test)])).is_empty());
    }

    #[test]
    fn built_statements_stand_there_as_well() {
        let text = "use sea_query::Query;\n";
        assert_eq!(
            check(&Tree::of(&[("crates/identity/src/area/rules.rs", text)])).len(),
            1
        );
        assert!(check(&Tree::of(&[("crates/identity/src/area/store.rs", text)])).is_empty());
    }

    #[test]
    fn sentences_are_no_statements() {
        assert!(is_sql("  INSERT INTO t (a) VALUES ($1)"));
        assert!(is_sql(
            "with recursive"
                .to_uppercase()
                .replace("RECURSIVE", "a AS (SELECT 1) SELECT 2")
                .as_str()
        ));
        assert!(is_sql("select id from dossier"));
        assert!(!is_sql("Select one unit from the list"));
        assert!(!is_sql("update"));
        assert!(!is_sql("WITH love"));
        assert!(!is_sql(""));
    }
}
