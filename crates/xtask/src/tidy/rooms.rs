//! Inside an engine crate, HTTP stands only in `http.rs` (and `api.rs`, where a concept's API lies beside its pages), and personal data is opened only by `identity`. Everything else
//! of a concept stays plain functions that a test can call without a server.

use crate::tree::{File, Finding, Kind, Tree};

/// Crates in which axum may stand anywhere: they are the shell, or tests of it.
const SHELLS: &[&str] = &["web", "tinhso", "testkit", "tests", "bench"];

/// Folders outside of `http` in which axum may stand, and why.
const ALSO_HTTP: &[(&str, &str)] = &[(
    "crates/identity/src/routes",
    "the one table of routes with the guard that runs before each handler",
)];

/// The crates that may open a sealed value: `store` seals and rotates, `identity` asks for a purpose first.
const MAY_OPEN: &[&str] = &["store", "identity"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust().filter(|file| !matches!(file.room(), "xtask" | "")) {
        axum_in_its_place(file, &mut findings);
        opening_needs_a_purpose(file, &mut findings);
    }
    findings
}

fn axum_in_its_place(file: &File, findings: &mut Vec<Finding>) {
    let excepted = ALSO_HTTP.iter().any(|(path, _)| {
        file.path
            .strip_prefix(path)
            .is_some_and(|rest| rest.starts_with(['/', '.']))
    });
    if SHELLS.contains(&file.room()) || file.in_part("http") || file.in_part("api") || file.is_test() || excepted {
        return;
    }
    let mut last = 0;
    for token in file.tokens.iter().filter(|token| !token.in_test) {
        let named =
            matches!(&token.kind, Kind::Ident(name) if matches!(name.as_str(), "axum" | "utoipa_axum" | "hyper"));
        if named && token.line != last {
            last = token.line;
            findings.push(Finding::new(
                &file.path,
                token.line,
                "HTTP stands only in http.rs (and crate web): move this there",
            ));
        }
    }
}

fn opening_needs_a_purpose(file: &File, findings: &mut Vec<Finding>) {
    if MAY_OPEN.contains(&file.room()) {
        return;
    }
    let call = |at: usize| -> bool {
        let kinds = |from: usize, wanted: &[&str]| {
            wanted.iter().enumerate().all(|(step, wanted)| {
                file.tokens
                    .get(from + step)
                    .is_some_and(|token| token.kind.is(wanted) || token.kind.mark(wanted))
            })
        };
        // `KeyRing::open`, `.keys().open(`, and a variable of that name: `keys.open(`, `key_ring.open(`.
        kinds(at, &["KeyRing", "::", "open"])
            || kinds(at, &["keys", "(", ")", ".", "open", "("])
            || kinds(at, &["keys", ".", "open", "("])
            || kinds(at, &["key_ring", ".", "open", "("])
            || kinds(at, &["keyring", ".", "open", "("])
            || kinds(at, &["ring", ".", "open", "("])
    };
    for (at, token) in file.tokens.iter().enumerate() {
        if !token.in_test && call(at) {
            let what = "only identity opens a sealed value, for a purpose and with a record of the use";
            findings.push(Finding::new(&file.path, token.line, what));
        }
    }
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
    fn axum_outside_of_http_is_found() {
        let text = "//! x\nuse axum::Router;\n";
        assert_eq!(lines("crates/casework/src/dossier/mod.rs", text), [2]);
        assert!(lines("crates/casework/src/dossier/http.rs", text).is_empty());
        assert!(lines("crates/casework/src/dossier/http/form.rs", text).is_empty());
        assert!(lines("crates/web/src/page.rs", text).is_empty());
        assert!(lines("crates/identity/src/routes/guard.rs", text).is_empty());
        assert!(lines("crates/identity/src/routes.rs", text).is_empty());
        assert_eq!(lines("crates/identity/src/routes_of_others.rs", text), [2]);
    }

    #[test]
    fn opening_a_seal_outside_of_identity_is_found() {
        let text = "fn a(store: &Store) { store.keys().open(\"x\", &sealed); }\nfn b() { KeyRing::open(k) }\n";
        assert_eq!(lines("crates/casework/src/dossier/mod.rs", text), [1, 2]);
        assert!(lines("crates/identity/src/purpose/mod.rs", text).is_empty());
        assert!(lines("crates/casework/src/a.rs", "fn a() { File::open(path); }").is_empty());
    }
}
