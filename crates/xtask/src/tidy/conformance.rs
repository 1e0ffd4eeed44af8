//! Pages of `docs/conformance/` promise that functions asked for by law stand, and name the tests and the pages that show it.
//! This rule keeps them from going stale: every named test and page address exists, a function stands no further than its
//! lines, the counts at the head are those of the rows. Whether a test shows enough is for people to say.

use std::collections::BTreeSet;

use crate::tree::{File, Finding, Kind, Tree, has_extension};

/// Where the pages lie.
const FOLDER: &str = "docs/conformance/";

/// The pieces of work that what is missing may wait for. A new one is written down here first.
const WORKS: &[&str] = &[
    "dossiers in full",
    "sync and figures",
    "registers",
    "official documents",
    "nobody's yet",
];

/// How far something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Stands,
    Partly,
    NotYet,
}

impl Standing {
    fn read(cell: &str) -> Option<Self> {
        match cell {
            "stands" => Some(Self::Stands),
            "partly" => Some(Self::Partly),
            "not yet" => Some(Self::NotYet),
            _ => None,
        }
    }
}

/// A function ("12") or one of its lines ("12c"), as its row says.
struct Row<'a> {
    line: usize,
    function: usize,
    is_line: bool,
    standing: Standing,
    tests: &'a str,
    missing: &'a str,
}

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let pages: Vec<&File> = tree
        .files
        .iter()
        .filter(|file| file.path.starts_with(FOLDER) && has_extension(&file.path, "md"))
        .collect();
    if pages.is_empty() {
        return Vec::new();
    }
    let (routes, words) = (routes(tree), words(tree));
    let mut findings = Vec::new();
    for page in pages {
        let mut say = |line: usize, what: String| findings.push(Finding::new(&page.path, line, what));
        for (at, line) in page.text.lines().enumerate() {
            for span in line.split('`').skip(1).step_by(2) {
                if span.contains(".rs::") && !has_test(tree, span) {
                    say(at + 1, format!("no test is called {span}"));
                }
                if span.starts_with('/') && !is_page(span, &routes, &words) {
                    say(at + 1, format!("no route is {span}"));
                }
            }
        }
        let rows = rows(page, &mut say);
        rows.iter().for_each(|row| check_row(row, &mut say));
        check_functions(&rows, &mut say);
        check_counts(page, &rows, &mut say);
    }
    findings
}

/// Rows that begin with a number. Their cells: number, what is asked for, standing, page or command, tests, what is missing.
fn rows<'a>(page: &'a File, say: &mut impl FnMut(usize, String)) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    for (at, line) in page.text.lines().enumerate().filter(|(_, line)| line.starts_with('|')) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let name = cells[0].trim_matches('*');
        let digits = name.trim_end_matches(|c: char| c.is_ascii_lowercase());
        let Ok(function) = digits.parse() else { continue };
        let (standing, 6) = (
            cells.get(2).and_then(|cell| Standing::read(cell.trim_matches('*'))),
            cells.len(),
        ) else {
            say(at + 1, format!("{name} needs six cells"));
            continue;
        };
        let Some(standing) = standing else {
            say(at + 1, format!("{name} needs one of: stands, partly, not yet"));
            continue;
        };
        rows.push(Row {
            line: at + 1,
            function,
            is_line: digits != name,
            standing,
            tests: cells[4],
            missing: cells[5],
        });
    }
    rows
}

/// What stands shows its test; what is missing says what it waits for.
fn check_row(row: &Row<'_>, say: &mut impl FnMut(usize, String)) {
    let shown = row.tests.contains(".rs::");
    if row.is_line && shown == (row.standing == Standing::NotYet) {
        say(
            row.line,
            "a line names a test if, and only if, something of it stands".to_owned(),
        );
    }
    let waits = WORKS.iter().any(|work| row.missing.contains(work));
    if waits == (row.standing == Standing::Stands) {
        let works = WORKS.join(", ");
        say(
            row.line,
            format!("what does not stand waits for one of: {works}; what stands waits for none"),
        );
    }
}

/// Functions are numbered from 1 without a gap; one stands as far as its lines do.
fn check_functions(rows: &[Row<'_>], say: &mut impl FnMut(usize, String)) {
    for (at, row) in rows.iter().filter(|row| !row.is_line).enumerate() {
        if row.function != at + 1 {
            say(
                row.line,
                format!("function {} stands where {} belongs", row.function, at + 1),
            );
        }
        let of_it = || rows.iter().filter(|one| one.is_line && one.function == row.function);
        let (Some(best), Some(worst)) = (
            of_it().map(|one| one.standing).min(),
            of_it().map(|one| one.standing).max(),
        ) else {
            say(row.line, format!("function {} has no lines", row.function));
            continue;
        };
        let expected = if best == worst { best } else { Standing::Partly };
        if row.standing != expected {
            say(
                row.line,
                format!("function {} is {expected:?}, say its lines", row.function),
            );
        }
    }
}

/// `Functions: 2 stand, 20 partly, 9 not yet; 31 in all.` and the same for `Lines:`.
fn check_counts(page: &File, rows: &[Row<'_>], say: &mut impl FnMut(usize, String)) {
    for (word, is_line) in [("Functions: ", false), ("Lines: ", true)] {
        let of = |standing| {
            rows.iter()
                .filter(|row| row.is_line == is_line && row.standing == standing)
                .count()
        };
        let (stand, partly, not) = (of(Standing::Stands), of(Standing::Partly), of(Standing::NotYet));
        let all = stand + partly + not;
        let wanted = format!("{word}{stand} stand, {partly} partly, {not} not yet; {all} in all.");
        if !page.text.lines().any(|line| line.trim_end_matches("  ") == wanted) {
            let at = page
                .text
                .lines()
                .position(|line| line.starts_with(word))
                .map_or(1, |at| at + 1);
            say(at, format!("the rows say: {wanted}"));
        }
    }
}

/// Whether `casework/desk/tests.rs::name` is a test: `crates/casework/src/desk/tests.rs`, or `tests/it/` for `it/`.
fn has_test(tree: &Tree, span: &str) -> bool {
    let Some((path, name)) = span.split_once("::") else {
        return false;
    };
    let full = match path.split_once('/') {
        Some(("it", _)) => format!("tests/{path}"),
        Some((room, inside)) => format!("crates/{room}/src/{inside}"),
        None => return false,
    };
    let Some(file) = tree.get(&full) else { return false };
    let is_it =
        |at: usize| file.tokens[at].kind.is("fn") && file.tokens.get(at + 1).is_some_and(|next| next.kind.is(name));
    (0..file.tokens.len()).any(|at| is_it(at) && is_test(file, at))
}

/// Whether the function at `at` has an attribute that makes it a test. Documentation is an attribute too.
fn is_test(file: &File, mut at: usize) -> bool {
    let kind = |at: usize| &file.tokens[at].kind;
    while at > 0 && ["async", "pub", "const"].iter().any(|word| kind(at - 1).is(word)) {
        at -= 1;
    }
    while at > 0 && kind(at - 1).mark("]") {
        let close = at - 1;
        let Some(open) = (0..close).rev().find(|&open| kind(open).mark("[")) else {
            return false;
        };
        let has = |word: &str| (open..close).any(|at| kind(at).is(word));
        if has("test") && !has("cfg") {
            return true;
        }
        at = open.saturating_sub(1);
    }
    false
}

/// The addresses of the route table, as they are registered: `get("/desk", …)`, and `path = "/api/areas"` of an operation.
fn routes(tree: &Tree) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    for file in tree.rust().filter(|file| !file.is_test() && file.in_part("http")) {
        for triple in file.tokens.windows(3).filter(|triple| !triple[0].in_test) {
            let [word, mark, text] = triple else { continue };
            let Kind::Text(path) = &text.kind else { continue };
            let is_page = ["get", "post"].iter().any(|method| word.kind.is(method)) && mark.kind.mark("(");
            if path.starts_with('/') && (is_page || (word.kind.is("path") && mark.kind.mark("="))) {
                found.insert(path.as_str());
            }
        }
    }
    found
}

/// Every word that the program's own text literals hold: `receive` of `/desk/dossiers/{id}/receive` must be one.
fn words(tree: &Tree) -> BTreeSet<&str> {
    let own = tree.rust().filter(|file| !file.is_test() && file.room() != "xtask");
    own.flat_map(|file| file.tokens.iter().filter(|token| !token.in_test))
        .filter_map(|token| match &token.kind {
            Kind::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

fn is_page(span: &str, routes: &BTreeSet<&str>, words: &BTreeSet<&str>) -> bool {
    let path = span.split('?').next().unwrap_or(span);
    let fits = |route: &&str| {
        let (asked, held): (Vec<&str>, Vec<&str>) = (path.split('/').collect(), route.split('/').collect());
        let same = |(asked, held): (&&str, &&str)| {
            asked == held || (held.starts_with('{') && !asked.starts_with('{') && words.contains(asked))
        };
        asked.len() == held.len() && asked.iter().zip(&held).all(same)
    };
    routes.iter().any(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HTTP: &str = "fn r() { t.page(get(\"/desk/{id}/{action}\", x)).page(post(\"/send\", y)); }\n\
        #[utoipa::path(get, path = \"/api/areas\")] fn z() { word(\"receive\"); }";
    const TESTS: &str = "#[tokio::test(flavor = \"multi_thread\")]\nasync fn walks() {}\nfn helper() {}\n\
        proptest! {\n/// Said.\n#[test]\nfn holds(a in 1..2) {}\n}\n#[cfg(test)]\nfn none() {}";
    const GOOD: &str = "\
Functions: 1 stand, 1 partly, 1 not yet; 3 in all.
Lines: 2 stand, 0 partly, 2 not yet; 4 in all.
| # | f | s | p | t | m |
| **1** | accounts | **stands** | `/send` | | – |
| 1a | given | stands | `/api/areas?on=2026` | `a/desk/tests.rs::walks` | – |
| **2** | codes | **partly** | – | | sync and figures |
| 2a | kept | stands | `/desk/{id}/receive` | `it/x.rs::holds` | – |
| 2b | merged | not yet | – | – | dossiers in full: all |
| **3** | signing | **not yet** | – | | official documents |
| 3a | signed | not yet | – | – | official documents |
";

    fn found(page: &str) -> Vec<(usize, String)> {
        let tree = Tree::of(&[
            ("crates/a/src/desk/http.rs", HTTP),
            ("crates/a/src/desk/tests.rs", TESTS),
            ("tests/it/x.rs", TESTS),
            ("docs/conformance/law.md", page),
        ]);
        check(&tree)
            .into_iter()
            .map(|finding| (finding.line, finding.what))
            .collect()
    }

    #[test]
    fn what_is_true_passes() {
        assert_eq!(found(GOOD), []);
    }

    #[test]
    fn tests_and_pages_that_do_not_exist_are_named() {
        for (is, was, line) in [
            ("a/desk/tests.rs::helper", "a/desk/tests.rs::walks", 5),
            ("a/desk/tests.rs::none", "a/desk/tests.rs::walks", 5),
            ("a/gone/tests.rs::walks", "a/desk/tests.rs::walks", 5),
            ("/api/people", "/api/areas?on=2026", 5),
            ("/desk/{id}/dance", "/desk/{id}/receive", 7),
        ] {
            let found = found(&GOOD.replace(was, is));
            assert!(
                found.len() == 1 && found[0].0 == line && found[0].1.contains(is),
                "{is}: {found:?}"
            );
        }
    }

    #[test]
    fn rows_keep_to_their_lines_and_counts_to_the_rows() {
        for (was, is, line) in [
            ("1 stand, 1 partly", "2 stand, 0 partly", 1),
            ("| **3** |", "| **4** |", 9),
            (
                "| 3a | signed | not yet | – | – | official documents |",
                "| 3a | signed | not yet | – | – | soon |",
                10,
            ),
            ("| `a/desk/tests.rs::walks` |", "| – |", 5),
            ("**stands**", "well", 4),
        ] {
            let found = found(&GOOD.replace(was, is));
            assert!(found.iter().any(|finding| finding.0 == line), "{is}: {found:?}");
        }
    }
}
