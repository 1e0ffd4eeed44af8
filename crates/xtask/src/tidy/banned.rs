//! Words that must not stand in the program: a clock or chance that a test cannot set, and marks of unfinished work.
//! Time and chance come in through `World`; the only real ones are made in the binary.

use crate::tree::{File, Finding, Kind, Tree};

/// Crates that may read the real clock and chance: the binary, and what measures or tests it.
const REAL_WORLD: &[&str] = &["tinhso", "testkit", "tests", "bench", "xtask"];

/// Files outside of those that may measure with the real clock, with the call and the reason. The monotonic clock says
/// how long something took; it never says what time it is, so no rule of government can come to depend on it.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "crates/store/src/",
        "Instant",
        "how long a batch has stood open, a lease or a retry may last",
    ),
    ("crates/web/src/", "Instant", "how long a request took, for the metrics"),
    (
        "crates/identity/src/simulated_provider/",
        "SystemRandom",
        "ring signs only with its own randomness; the provider exists in demonstrations and tests",
    ),
    (
        "crates/identity/src/",
        "Instant",
        "how long an answer of the identity provider may be kept",
    ),
];

/// Paths that end in a call to the clock or to chance.
const CLOCKS: &[(&str, &str)] = &[
    ("Instant", "now"),
    ("SystemTime", "now"),
    ("Timestamp", "now"),
    ("Zoned", "now"),
    ("Utc", "now"),
    ("Local", "now"),
    ("Uuid", "now_v7"),
    ("Uuid", "new_v4"),
];

/// Names that are chance wherever they stand.
const CHANCE: &[&str] = &["SystemRandom", "OsRng", "ThreadRng", "thread_rng", "getrandom"];

/// Macros that a finished program does not hold.
const UNFINISHED: &[&str] = &["todo", "unimplemented", "dbg"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        unfinished(file, &mut findings);
        if !REAL_WORLD.contains(&file.room()) && !file.is_test() {
            clocks(file, &mut findings);
        }
    }
    findings
}

fn unfinished(file: &File, findings: &mut Vec<Finding>) {
    for pair in file.tokens.windows(2) {
        if let Kind::Ident(name) = &pair[0].kind
            && pair[1].kind.mark("!")
            && UNFINISHED.contains(&name.as_str())
        {
            findings.push(Finding::new(
                &file.path,
                pair[0].line,
                format!("{name}! is for unfinished work"),
            ));
        }
    }
}

fn clocks(file: &File, findings: &mut Vec<Finding>) {
    let excepted = |name: &str| {
        EXCEPTIONS
            .iter()
            .any(|(path, word, _)| file.path.starts_with(path) && *word == name)
    };
    for (at, token) in file.tokens.iter().enumerate().filter(|(_, token)| !token.in_test) {
        let Kind::Ident(name) = &token.kind else { continue };
        let follows = |step: usize| file.tokens.get(at + step).map(|token| &token.kind);
        let path = follows(1).is_some_and(|kind| kind.mark("::"));
        let next = match follows(2) {
            Some(Kind::Ident(next)) if path => next.as_str(),
            _ => "",
        };
        let clock = CLOCKS.iter().any(|(head, tail)| head == name && *tail == next);
        let crate_of_chance = name == "rand" && path && !preceded_by_path(file, at);
        if (clock && !excepted(name)) || crate_of_chance || (CHANCE.contains(&name.as_str()) && !excepted(name)) {
            let what = format!("{name} is the real world: take a World (or say in banned.rs why not)");
            findings.push(Finding::new(&file.path, token.line, what));
        }
    }
}

/// `ring::rand::…` is named once, by its own word below.
fn preceded_by_path(file: &File, at: usize) -> bool {
    at > 0 && file.tokens[at - 1].kind.mark("::")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        check(&Tree::of(&[(path, text)]))
            .into_iter()
            .map(|finding| finding.line)
            .collect()
    }

    #[test]
    fn the_real_clock_and_chance_are_found() {
        let text =
            "fn a() {\n let x = SystemTime::now();\n let y = std::time::Instant::now();\n rand::random::<u8>();\n}\n";
        assert_eq!(lines("crates/casework/src/a.rs", text), [2, 3, 4]);
        assert_eq!(
            lines("crates/store/src/writer.rs", text),
            [2, 4],
            "store may measure, and no more"
        );
        assert!(lines("crates/tinhso/src/world.rs", text).is_empty());
        assert!(lines("crates/casework/src/dossier/tests.rs", text).is_empty());
        assert!(lines("crates/casework/src/a.rs", "fn a(world: &dyn World) { world.now(); }").is_empty());
    }

    #[test]
    fn unfinished_work_is_found_everywhere() {
        let text = format!("fn a() {{ {}!() }}\n", "todo");
        assert_eq!(lines("crates/tinhso/src/a.rs", &text), [1]);
    }
}
