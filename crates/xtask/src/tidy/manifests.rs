//! Every crate takes the workspace's lints, version, edition and licence, and every dependency from the workspace's one
//! list: a second version of a crate must be a decision, not a slip.

use crate::tree::{Finding, Tree};

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree
        .files
        .iter()
        .filter(|file| file.name() == "Cargo.toml" && !file.room().is_empty())
    {
        let Ok(manifest) = file.text.parse::<toml::Table>() else {
            continue;
        };
        let mut say = |what: String| findings.push(Finding::new(&file.path, 1, what));
        let lints = manifest
            .get("lints")
            .and_then(|lints| lints.get("workspace"))
            .and_then(toml::Value::as_bool);
        if lints != Some(true) {
            say("does not take the workspace's lints ([lints] workspace = true)".to_owned());
        }
        for field in ["version", "edition", "rust-version", "license", "publish"] {
            let value = manifest.get("package").and_then(|package| package.get(field));
            if value
                .and_then(|value| value.get("workspace"))
                .and_then(toml::Value::as_bool)
                != Some(true)
            {
                say(format!("does not take `{field}` from the workspace"));
            }
        }
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(list) = manifest.get(section).and_then(toml::Value::as_table) else {
                continue;
            };
            for (name, value) in list {
                if value.get("workspace").and_then(toml::Value::as_bool) != Some(true) {
                    say(format!("{name} is not taken from the workspace's list of dependencies"));
                }
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[package]\nname = \"a\"\nversion.workspace = true\nedition.workspace = true\n\
        rust-version.workspace = true\nlicense.workspace = true\npublish.workspace = true\n[lints]\nworkspace = true\n";

    #[test]
    fn a_whole_manifest_is_fine() {
        assert!(check(&Tree::of(&[("crates/a/Cargo.toml", GOOD)])).is_empty());
    }

    #[test]
    fn lints_and_own_versions_are_found() {
        let bad = GOOD.replace("[lints]\nworkspace = true\n", "[dependencies]\nserde = \"1\"\n");
        let found: Vec<String> = check(&Tree::of(&[("crates/a/Cargo.toml", &bad)]))
            .into_iter()
            .map(|f| f.what)
            .collect();
        assert_eq!(
            found,
            [
                "does not take the workspace's lints ([lints] workspace = true)",
                "serde is not taken from the workspace's list of dependencies"
            ]
        );
    }
}
