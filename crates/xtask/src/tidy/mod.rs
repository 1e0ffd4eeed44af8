//! `cargo xtask tidy`: the rules of the house that a compiler does not know, each in a file of its own with its tests.
//! A rule is a function from the tree to findings; it prints nothing and decides nothing else. Every exception to a
//! rule stands in that rule's file with its reason.

mod arrows;
mod banned;
mod conformance;
mod fluent;
mod fluent_keys;
mod manifests;
mod markup;
mod migrations;
mod rooms;
mod size;
mod sql;
mod words;

use std::path::Path;

use crate::tree::{Finding, Tree};

pub(crate) use migrations::bless;

/// A rule: its name and its check.
type Rule = (&'static str, fn(&Tree) -> Vec<Finding>);

/// All rules, in the order in which their findings print.
const RULES: &[Rule] = &[
    ("arrows", arrows::check),
    ("manifests", manifests::check),
    ("rooms", rooms::check),
    ("sql", sql::check),
    ("banned", banned::check),
    ("size", size::check),
    ("markup", markup::check),
    ("fluent", fluent::check),
    ("words", words::check),
    ("migrations", migrations::check),
    ("conformance", conformance::check),
];

/// Runs every rule (or those named) on the repository at `root` and prints what they find.
///
/// # Errors
/// A line that says how many findings there are, when there are any.
pub(crate) fn run(root: &Path, only: &[String]) -> Result<(), String> {
    for name in only {
        if !RULES.iter().any(|(rule, _)| rule == name) {
            let names: Vec<&str> = RULES.iter().map(|(rule, _)| *rule).collect();
            return Err(format!("no rule is called {name}; there are {}", names.join(", ")));
        }
    }
    let tree = Tree::read(root)?;
    let mut count = 0;
    for (name, check) in RULES {
        if !only.is_empty() && !only.iter().any(|wanted| wanted == name) {
            continue;
        }
        let mut findings = check(&tree);
        findings.sort();
        count += findings.len();
        for finding in findings {
            crate::say(&format!("{}:{}: {} [{name}]", finding.path, finding.line, finding.what));
        }
    }
    if only.is_empty() || only.iter().any(|name| name == "size") {
        for note in size::long_files(&tree) {
            crate::say(&format!("note: {}:1: {} [size]", note.path, note.what));
        }
    }
    match count {
        0 => {
            crate::say(&format!("tidy: {} files, nothing to say", tree.files.len()));
            Ok(())
        }
        count => Err(format!("tidy: {count} findings")),
    }
}
