//! Sizes and heads: a file is at most 800 lines (400 is the aim), a function at most 70 (40 is the aim), and every Rust
//! file opens with two to six lines of `//!` that say what it owns, what it refuses and the law or standard behind it.

use syn::spanned::Spanned;
use syn::visit::Visit;

use crate::tree::{File, Finding, Tree};

const FILE_LINES_MAX: usize = 800;
const FILE_LINES_AIM: usize = 400;
const FUNCTION_LINES_MAX: usize = 70;
/// A test reads as one story; it may be longer than a function, not without end.
const TEST_LINES_MAX: usize = 120;
const HEAD_LINES_MIN: usize = 2;
const HEAD_LINES_MAX: usize = 6;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        let lines = file.text.lines().count();
        if lines > FILE_LINES_MAX {
            findings.push(Finding::new(
                &file.path,
                1,
                format!("{lines} lines; a file has at most {FILE_LINES_MAX}"),
            ));
        }
        head(file, &mut findings);
        functions(file, &mut findings);
    }
    findings
}

/// Files beyond the aim: notes, not faults.
pub(super) fn long_files(tree: &Tree) -> Vec<Finding> {
    let long = |file: &&File| (FILE_LINES_AIM + 1..=FILE_LINES_MAX).contains(&file.text.lines().count());
    let note = |file: &File| {
        Finding::new(
            &file.path,
            1,
            format!("{} lines; the aim is {FILE_LINES_AIM}", file.text.lines().count()),
        )
    };
    tree.rust().filter(long).map(note).collect()
}

/// At least two lines in all, and at most six in the first paragraph: tables and examples may follow it.
fn head(file: &File, findings: &mut Vec<Finding>) {
    let lines: Vec<&str> = file.text.lines().take_while(|line| line.starts_with("//!")).collect();
    let first = lines.iter().take_while(|line| line.trim() != "//!").count();
    let enough = lines.len() >= HEAD_LINES_MIN || (file.is_test() && !lines.is_empty());
    if !enough || first > HEAD_LINES_MAX {
        let what = "two to six lines of //! at the top say what the file owns, what it refuses and the law behind it";
        findings.push(Finding::new(&file.path, 1, what));
    }
}

fn functions(file: &File, findings: &mut Vec<Finding>) {
    let Ok(parsed) = syn::parse_file(&file.text) else {
        findings.push(Finding::new(&file.path, 1, "does not parse as Rust"));
        return;
    };
    let mut visitor = Functions {
        path: &file.path,
        findings,
        in_test: file.is_test(),
    };
    visitor.visit_file(&parsed);
}

struct Functions<'a> {
    path: &'a str,
    findings: &'a mut Vec<Finding>,
    in_test: bool,
}

impl Functions<'_> {
    fn measure(&mut self, name: &syn::Ident, block: &syn::Block) {
        let (start, end) = (name.span().start().line, block.span().end().line);
        let lines = end + 1 - start;
        let most = if self.in_test {
            TEST_LINES_MAX
        } else {
            FUNCTION_LINES_MAX
        };
        if lines > most {
            let what = format!("fn {name} has {lines} lines; a function has at most {most}");
            self.findings.push(Finding::new(self.path, start, what));
        }
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let is_test = |attribute: &syn::Attribute| {
            attribute.path().is_ident("cfg")
                && attribute
                    .meta
                    .require_list()
                    .is_ok_and(|list| list.tokens.to_string() == "test")
        };
        let outside = self.in_test;
        self.in_test |= item.attrs.iter().any(is_test);
        syn::visit::visit_item_mod(self, item);
        self.in_test = outside;
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.measure(&item.sig.ident, &item.block);
        syn::visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.measure(&item.sig.ident, &item.block);
        syn::visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.measure(&item.sig.ident, block);
        }
        syn::visit::visit_trait_item_fn(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<Finding> {
        check(&Tree::of(&[("crates/a/src/lib.rs", text)]))
    }

    #[test]
    fn a_long_function_is_found_where_it_starts() {
        let long = format!(
            "//! a\n//! b\n\nimpl A {{\n    fn long() {{\n{}    }}\n}}\n",
            "        x();\n".repeat(69)
        );
        let findings = found(&long);
        assert_eq!(findings.len(), 1);
        assert_eq!(
            (findings[0].line, findings[0].what.as_str()),
            (5, "fn long has 71 lines; a function has at most 70")
        );
        assert!(found(&long.replacen("        x();\n", "", 1)).is_empty());
        let in_test = long.replace("impl A {", "#[cfg(test)]\nmod tests {");
        assert!(found(&in_test).is_empty(), "a test may be longer");
    }

    #[test]
    fn heads_are_two_to_six_lines() {
        assert_eq!(found("fn a() {}\n").len(), 1);
        assert_eq!(found("//! one\nfn a() {}\n").len(), 1);
        assert!(found("//! one\n//! two\nfn a() {}\n").is_empty());
        assert_eq!(found(&"//! x\n".repeat(7)).len(), 1);
    }

    #[test]
    fn long_files_are_found_and_longish_ones_noted() {
        let text = |lines: usize| format!("//! a\n//! b\n{}", "// x\n".repeat(lines - 2));
        assert_eq!(found(&text(801)).len(), 1);
        assert!(found(&text(800)).is_empty());
        assert_eq!(long_files(&Tree::of(&[("crates/a/src/lib.rs", &text(401))])).len(), 1);
        assert!(long_files(&Tree::of(&[("crates/a/src/lib.rs", &text(400))])).is_empty());
    }
}
