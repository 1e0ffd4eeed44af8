//! Which crate may use which: the arrows of ARCHITECTURE.md, held against every manifest. An arrow that would run back
//! is an event in the outbox. `kernel` and `definition` see no runtime, no database and no HTTP; `store` and `web` do not know each
//! other. Test-only dependencies may add `testkit`.

use crate::tree::{Finding, Tree};

/// Each crate and the rooms that it may name. Whoever may use a room may use what lies below it, so each line is whole.
const ARROWS: &[(&str, &[&str])] = &[
    ("kernel", &[]),
    ("definition", &["kernel"]),
    ("store", &["kernel"]),
    ("web", &["kernel"]),
    ("identity", &["kernel", "store", "web"]),
    ("press", &["kernel"]),
    ("typeset", &["kernel", "press"]),
    ("document", &["kernel", "store", "web", "identity", "press"]),
    ("notice", &["kernel", "store", "web", "identity"]),
    ("payment", &["kernel", "store", "web", "identity"]),
    ("ledger", &["kernel", "store", "web", "identity"]),
    ("stranger", &["kernel"]),
    (
        "register",
        &["kernel", "definition", "store", "web", "identity", "stranger"],
    ),
    ("map", &["kernel", "definition", "store", "web", "identity", "register"]),
    (
        "opendata",
        &["kernel", "definition", "store", "web", "identity", "register"],
    ),
    (
        "casework",
        &[
            "kernel",
            "definition",
            "store",
            "web",
            "identity",
            "notice",
            "press",
            "document",
            "ledger",
            "payment",
            "register",
        ],
    ),
    (
        "indicator",
        &["kernel", "store", "web", "identity", "payment", "ledger", "casework"],
    ),
    (
        "exchange",
        &[
            "kernel",
            "definition",
            "store",
            "web",
            "identity",
            "notice",
            "press",
            "document",
            "ledger",
            "payment",
            "casework",
        ],
    ),
    (
        "tinhso",
        &[
            "kernel",
            "definition",
            "store",
            "web",
            "identity",
            "stranger",
            "register",
            "opendata",
            "map",
            "notice",
            "press",
            "typeset",
            "document",
            "ledger",
            "payment",
            "casework",
            "exchange",
            "indicator",
        ],
    ),
    ("testkit", &["kernel", "store", "web"]),
    (
        "tests",
        &[
            "kernel",
            "definition",
            "store",
            "web",
            "identity",
            "register",
            "opendata",
            "map",
            "notice",
            "press",
            "document",
            "ledger",
            "casework",
            "exchange",
            "indicator",
            "tinhso",
            "testkit",
        ],
    ),
    (
        "bench",
        &[
            "kernel",
            "definition",
            "store",
            "web",
            "identity",
            "register",
            "opendata",
            "map",
            "notice",
            "press",
            "document",
            "ledger",
            "casework",
            "exchange",
            "indicator",
            "tinhso",
            "testkit",
        ],
    ),
    ("xtask", &[]),
];

/// The crates that are pure: whatever they say can be tried without a shell.
const PURE: &[&str] = &["kernel", "definition"];

/// What must never be linked into them: it would make vocabulary and rules depend on a shell.
const NOT_IN_PURE: &[&str] = &[
    "tokio",
    "futures",
    "axum",
    "hyper",
    "http",
    "reqwest",
    "rusqlite",
    "tokio-postgres",
    "object_store",
    "sea-query",
];

/// Databases are `store`'s alone; tests may look at a database from outside.
const DATABASES: &[&str] = &["rusqlite", "tokio-postgres", "deadpool-postgres", "postgres-types"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree
        .files
        .iter()
        .filter(|file| file.name() == "Cargo.toml" && !file.room().is_empty())
    {
        let room = file.room();
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == room) else {
            let what = format!("crate {room} has no line in the table of arrows (crates/xtask/src/tidy/arrows.rs)");
            findings.push(Finding::new(&file.path, 1, what));
            continue;
        };
        let Ok(manifest) = file.text.parse::<toml::Table>() else {
            findings.push(Finding::new(&file.path, 1, "is no TOML"));
            continue;
        };
        for (section, dependency) in dependencies(&manifest) {
            if let Some(what) = verdict(room, allowed, section, &dependency) {
                findings.push(Finding::new(&file.path, line_of(&file.text, &dependency), what));
            }
        }
    }
    findings
}

fn verdict(room: &str, allowed: &[&str], section: &str, dependency: &str) -> Option<String> {
    let ours = ARROWS.iter().any(|(name, _)| *name == dependency);
    if ours {
        let test_only = section == "dev-dependencies" && dependency == "testkit";
        let fine = test_only || allowed.contains(&dependency);
        return (!fine).then(|| format!("{room} may not use {dependency}: no arrow of ARCHITECTURE.md leads there"));
    }
    if PURE.contains(&room) && section == "dependencies" && NOT_IN_PURE.contains(&dependency) {
        return Some(format!(
            "{room} may not use {dependency}: it has no I/O, no runtime and no database"
        ));
    }
    let outside = !matches!(room, "store" | "testkit" | "tests" | "bench");
    // A GeoPackage is a file of SQLite that is handed out; nothing of the province lies in it.
    let is_file = matches!(room, "register" | "stranger") && dependency == "rusqlite";
    if outside && !is_file && section == "dependencies" && DATABASES.contains(&dependency) {
        return Some(format!(
            "{room} may not use {dependency}: only store speaks to a database"
        ));
    }
    None
}

/// Every dependency with the kind of section that it stands in, those of a target too.
fn dependencies(manifest: &toml::Table) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    let tables = targets
        .into_iter()
        .flat_map(|all| all.values().filter_map(toml::Value::as_table));
    for table in std::iter::once(manifest).chain(tables) {
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(list) = table.get(section).and_then(toml::Value::as_table) else {
                continue;
            };
            for (name, value) in list {
                let real = value.get("package").and_then(toml::Value::as_str).unwrap_or(name);
                found.push((section, real.to_owned()));
            }
        }
    }
    found
}

fn line_of(text: &str, dependency: &str) -> usize {
    text.lines()
        .position(|line| line.trim_start().starts_with(dependency))
        .map_or(1, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(path: &str, manifest: &str) -> Vec<String> {
        check(&Tree::of(&[(path, manifest)]))
            .into_iter()
            .map(|f| format!("{}: {}", f.line, f.what))
            .collect()
    }

    #[test]
    fn an_arrow_that_runs_back_is_found() {
        let found = messages(
            "crates/store/Cargo.toml",
            "[dependencies]\nkernel.workspace = true\nweb.workspace = true\n",
        );
        assert_eq!(
            found,
            ["3: store may not use web: no arrow of ARCHITECTURE.md leads there"]
        );
    }

    #[test]
    fn the_test_kit_is_for_tests() {
        assert_eq!(
            messages(
                "crates/casework/Cargo.toml",
                "[dev-dependencies]\ntestkit.workspace = true\n"
            )
            .len(),
            0
        );
        assert_eq!(
            messages(
                "crates/casework/Cargo.toml",
                "[dependencies]\ntestkit.workspace = true\n"
            )
            .len(),
            1
        );
    }

    #[test]
    fn kernel_sees_no_shell_even_when_renamed() {
        let found = messages(
            "crates/kernel/Cargo.toml",
            "[dependencies]\nrt = { package = \"tokio\", version = \"1\" }\n",
        );
        assert_eq!(
            found,
            ["1: kernel may not use tokio: it has no I/O, no runtime and no database"]
        );
    }

    #[test]
    fn a_database_is_only_for_store() {
        assert_eq!(
            messages("crates/web/Cargo.toml", "[dependencies]\nrusqlite = \"1\"\n").len(),
            1
        );
        assert_eq!(
            messages("crates/store/Cargo.toml", "[dependencies]\nrusqlite = \"1\"\n").len(),
            0
        );
    }

    #[test]
    fn an_unknown_crate_must_be_entered() {
        assert_eq!(messages("crates/novel/Cargo.toml", "[dependencies]\n").len(), 1);
    }
}
