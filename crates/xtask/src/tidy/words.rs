//! Words that must not be published: paths of one developer's machine, and addresses of package mirrors in lock files.
//! The repository must mean the same on every machine, and say nothing of the one it was written on.

use crate::tree::{Finding, Tree};

/// Fragments of machine paths. Written apart, so that this file does not find itself.
const PATHS: &[&[&str]] = &[
    &["/wo", "rk/main"],
    &["/wo", "rk/shared"],
    &["/wo", "rk/.lib"],
    &["/ro", "ot/"],
];

/// Where the packages of a lock file may come from.
const REGISTRIES: &[&str] = &[
    concat!("registry+https://github.com/rust-lang/crates", ".io-index"),
    concat!("https://registry.npm", "js.org/"),
];

/// Files by others that are checked by their hash instead.
const VENDORED: &[&str] = &["crates/web/assets/vendor/", "tests/assets/vendor/"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let paths: Vec<String> = PATHS.iter().map(|pieces| pieces.concat()).collect();
    let mut findings = Vec::new();
    for file in &tree.files {
        if VENDORED.iter().any(|folder| file.path.starts_with(folder)) {
            continue;
        }
        for (number, line) in file.text.lines().enumerate() {
            for path in paths.iter().filter(|path| line.contains(path.as_str())) {
                findings.push(Finding::new(
                    &file.path,
                    number + 1,
                    format!("names a path of one machine: {path}"),
                ));
            }
            if is_lock(file.name())
                && let Some(source) = foreign_source(line)
            {
                findings.push(Finding::new(
                    &file.path,
                    number + 1,
                    format!("a package from elsewhere: {source}"),
                ));
            }
        }
    }
    findings
}

fn is_lock(name: &str) -> bool {
    matches!(name, "Cargo.lock" | "package-lock.json")
}

fn foreign_source(line: &str) -> Option<&str> {
    let line = line.trim();
    let value = line
        .strip_prefix("source = ")
        .or_else(|| line.strip_prefix("\"resolved\": "))?;
    let value = value.trim_end_matches(',').trim_matches('"');
    (!REGISTRIES.iter().any(|registry| value.starts_with(registry))).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine_paths_are_found() {
        let text = format!("a\nsee {}x/notes\n", ["/ro", "ot/"].concat());
        let found = check(&Tree::of(&[("docs/a.md", &text)]));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 2);
    }

    #[test]
    fn packages_come_from_the_public_registries() {
        let lock = format!("[[package]]\nsource = \"{}\"\n", REGISTRIES[0]);
        assert!(check(&Tree::of(&[("Cargo.lock", &lock)])).is_empty());
        let lock = "[[package]]\nsource = \"registry+https://mirror.example/index\"\n";
        assert_eq!(check(&Tree::of(&[("Cargo.lock", lock)])).len(), 1);
    }
}
