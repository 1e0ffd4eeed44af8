//! A migration that has been published is never changed: databases out there have run it. `migrations/CHECKSUMS` holds
//! the SHA-256 of each; `cargo xtask bless` appends those of new files and refuses to touch a line that stands.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::tree::{Finding, Tree, has_extension};

const CHECKSUMS: &str = "migrations/CHECKSUMS";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let recorded = recorded(tree);
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| is_migration(&file.path)) {
        match recorded.get(file.path.as_str()) {
            None => findings.push(Finding::new(
                &file.path,
                1,
                "is not in migrations/CHECKSUMS: run cargo xtask bless",
            )),
            Some(sum) if *sum != sha256(&file.text) => {
                let what = "was changed after it was published: undo that and write a new migration";
                findings.push(Finding::new(&file.path, 1, what));
            }
            Some(_) => {}
        }
        if !well_named(file.name()) {
            findings.push(Finding::new(
                &file.path,
                1,
                "is not named 0001_words.sql (or .sqlite.sql, .postgres.sql)",
            ));
        }
    }
    for path in recorded.keys().filter(|path| tree.get(path).is_none()) {
        findings.push(Finding::new(CHECKSUMS, 1, format!("{path} was published and is gone")));
    }
    findings
}

/// Appends the checksums of new migrations.
///
/// # Errors
/// When a published migration was changed or is gone.
pub(crate) fn bless(root: &Path) -> Result<(), String> {
    let tree = Tree::read(root)?;
    let mut text = tree.get(CHECKSUMS).map(|file| file.text.clone()).unwrap_or_default();
    let recorded = recorded(&tree);
    let mut added = 0;
    for file in tree.files.iter().filter(|file| is_migration(&file.path)) {
        if !recorded.contains_key(file.path.as_str()) {
            writeln!(text, "{}  {}", sha256(&file.text), file.path).map_err(|error| error.to_string())?;
            added += 1;
        }
    }
    std::fs::write(root.join(CHECKSUMS), text).map_err(|error| format!("{CHECKSUMS}: {error}"))?;
    crate::say(&format!("bless: {added} new migrations"));
    let left = check(&Tree::read(root)?);
    match left.first() {
        None => Ok(()),
        Some(finding) => Err(format!("{}: {}", finding.path, finding.what)),
    }
}

fn recorded(tree: &Tree) -> BTreeMap<&str, &str> {
    let Some(file) = tree.get(CHECKSUMS) else {
        return BTreeMap::new();
    };
    let pairs = file.text.lines().filter_map(|line| line.split_once("  "));
    pairs.map(|(sum, path)| (path.trim(), sum)).collect()
}

fn is_migration(path: &str) -> bool {
    path.starts_with("migrations/") && has_extension(path, "sql")
}

fn well_named(name: &str) -> bool {
    let Some((number, rest)) = name.split_once('_') else {
        return false;
    };
    let stem = rest.strip_suffix(".sql").unwrap_or("");
    let stem = stem
        .strip_suffix(".sqlite")
        .or_else(|| stem.strip_suffix(".postgres"))
        .unwrap_or(stem);
    let plain = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    number.len() == 4 && number.bytes().all(|byte| byte.is_ascii_digit()) && !stem.is_empty() && plain(stem)
}

fn sha256(text: &str) -> String {
    hex::encode(ring::digest::digest(&ring::digest::SHA256, text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_a_new_and_a_lost_migration_are_found() {
        let sums = format!(
            "{}  migrations/a/0001_x.sql\n{}  migrations/a/0003_z.sql\n",
            sha256("one"),
            sha256("three")
        );
        let what = |one: &str| -> Vec<String> {
            let tree = Tree::of(&[
                (CHECKSUMS, &sums),
                ("migrations/a/0001_x.sql", one),
                ("migrations/a/0002_y.sqlite.sql", "two"),
            ]);
            check(&tree)
                .into_iter()
                .map(|finding| finding.path + ": " + &finding.what)
                .collect()
        };
        let new = "migrations/a/0002_y.sqlite.sql: is not in migrations/CHECKSUMS: run cargo xtask bless";
        let lost = "migrations/CHECKSUMS: migrations/a/0003_z.sql was published and is gone";
        let changed =
            "migrations/a/0001_x.sql: was changed after it was published: undo that and write a new migration";
        assert_eq!(what("one"), [new, lost]);
        assert_eq!(what("other"), [changed, new, lost]);
    }

    #[test]
    fn names_are_numbered() {
        assert!(well_named("0001_first.sql") && well_named("0002_search.postgres.sql"));
        assert!(!well_named("first.sql") && !well_named("1_first.sql") && !well_named("0001_.sql"));
    }
}
