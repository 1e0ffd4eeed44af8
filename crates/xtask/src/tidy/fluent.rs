//! Translations: both languages hold the same keys with the same arguments, every key that the program asks for exists,
//! and no key lies about unused. Keys are shared by the whole program, as at run time; a key built at run time keeps its
//! family alive by the literal it begins with (`format!("dossier-state-{n}")`, `"dossier-state-"`).

use std::collections::{BTreeMap, BTreeSet};

use super::fluent_keys::{Key, read};
use crate::tree::{File, Finding, Kind, Token, Tree, has_extension};

/// Functions and methods of a shell whose literal argument is a key.
const CALLS: &[&str] = &["text", "text_with", "maybe"];

/// Types whose constructors take a name and then a key.
const BUILDERS: &[&str] = &["Field", "Column", "Filter"];

/// Sources whose texts stand beside them in Rust, and why.
const OWN_TEXTS: &[(&str, &str)] = &[(
    "crates/web/src/gallery",
    "samples for whoever builds pages; no province serves them",
)];

/// Public texts of errors: the key is this and the error's code (`Fault::code`).
const ERROR_PREFIX: &str = "error-";

type Keys = BTreeMap<String, Key>;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut all: BTreeMap<String, (String, usize)> = BTreeMap::new();
    for file in tree.files.iter().filter(|file| is_language(&file.path, "vi")) {
        let other_path = in_language(&file.path, "en");
        let vi = read(&file.path, &file.text, &mut findings);
        let Some(other) = tree.get(&other_path) else {
            findings.push(Finding::new(
                &file.path,
                1,
                format!("has no English beside it ({other_path})"),
            ));
            continue;
        };
        let en = read(&other.path, &other.text, &mut findings);
        compare((&file.path, &vi), (&other.path, &en), &mut findings);
        for (name, key) in vi.iter().chain(&en) {
            all.entry(name.clone()).or_insert_with(|| (file.path.clone(), key.line));
        }
    }
    missing(tree, &all, &mut findings);
    unused(tree, &all, &mut findings);
    findings
}

fn is_language(path: &str, language: &str) -> bool {
    let stem_or_folder = path.strip_suffix(".ftl").unwrap_or("");
    has_extension(path, "ftl") && stem_or_folder.split('/').any(|piece| piece == language)
}

/// The same file in another language: `text/vi.ftl` and `text/vi/desk.ftl` alike.
fn in_language(path: &str, language: &str) -> String {
    let pieces: Vec<&str> = path.split('/').collect();
    let translate = |piece: &&str| match *piece {
        "vi" => language.to_owned(),
        "vi.ftl" => format!("{language}.ftl"),
        other => other.to_owned(),
    };
    pieces.iter().map(translate).collect::<Vec<_>>().join("/")
}

fn compare((vi_path, vi): (&str, &Keys), (en_path, en): (&str, &Keys), findings: &mut Vec<Finding>) {
    for (name, key) in vi {
        match en.get(name) {
            None => findings.push(Finding::new(vi_path, key.line, format!("{name} has no English"))),
            Some(other) if other.arguments != key.arguments => {
                let what = format!(
                    "{name} takes {:?} in Vietnamese and {:?} in English",
                    key.arguments, other.arguments
                );
                findings.push(Finding::new(en_path, other.line, what));
            }
            Some(_) => {}
        }
    }
    for (name, key) in en.iter().filter(|(name, _)| !vi.contains_key(*name)) {
        findings.push(Finding::new(en_path, key.line, format!("{name} has no Vietnamese")));
    }
}

fn sources(tree: &Tree) -> impl Iterator<Item = &File> {
    tree.rust().filter(|file| {
        let own = OWN_TEXTS.iter().any(|(path, _)| file.path.starts_with(path));
        !own && file.path.starts_with("crates/") && !matches!(file.room(), "xtask" | "testkit") && !file.is_test()
    })
}

fn missing(tree: &Tree, all: &BTreeMap<String, (String, usize)>, findings: &mut Vec<Finding>) {
    let mut ask = |file: &File, line: usize, key: &str| {
        if !all.contains_key(key) {
            findings.push(Finding::new(
                &file.path,
                line,
                format!("the text {key:?} exists in no language"),
            ));
        }
    };
    for file in sources(tree) {
        for at in 0..file.tokens.len() {
            if let Some((line, key)) = asked_key(&file.tokens, at) {
                ask(file, line, key);
            }
        }
        for (line, code) in fault_codes(&file.tokens) {
            ask(file, line, &format!("{ERROR_PREFIX}{code}"));
        }
    }
}

/// The key that the call at this token asks for: `text(lang, "key")`, `shell.text("key")`, `Field::line("name", "key")`.
fn asked_key(tokens: &[Token], at: usize) -> Option<(usize, &str)> {
    let Kind::Ident(name) = &tokens[at].kind else {
        return None;
    };
    if tokens[at].in_test {
        return None;
    }
    let before = |steps: usize| at.checked_sub(steps).map(|at| &tokens[at].kind);
    let after_path = before(1).is_some_and(|kind| kind.mark("::"));
    let is_builder = matches!(before(2), Some(Kind::Ident(owner)) if after_path && BUILDERS.contains(&owner.as_str()));
    let is_call = CALLS.contains(&name.as_str());
    let place = match before(1) {
        _ if is_builder => 1,
        Some(kind) if kind.mark("::") => {
            (is_call && before(2).is_some_and(|owner| owner.is("web") || owner.is("i18n"))).then_some(1)?
        }
        Some(kind) if kind.mark(".") => (is_call && before(2).is_some_and(|owner| owner.is("shell"))).then_some(0)?,
        _ => is_call.then_some(1)?,
    };
    argument(&tokens[at + 1..], place)
}

/// The argument at this place of a call, when it is a literal alone that looks like a key.
fn argument(tokens: &[Token], place: u32) -> Option<(usize, &str)> {
    if !tokens.first()?.kind.mark("(") {
        return None;
    }
    let (mut depth, mut argument, mut starts) = (0_u32, 0, true);
    for (at, token) in tokens.iter().enumerate().skip(1) {
        match &token.kind {
            Kind::Mark("(" | "[" | "{") => depth += 1,
            Kind::Mark(")" | "]" | "}") if depth == 0 => return None,
            Kind::Mark(")" | "]" | "}") => depth -= 1,
            Kind::Mark(",") if depth == 0 => {
                argument += 1;
                starts = true;
                continue;
            }
            Kind::Text(key) if depth == 0 && starts && argument == place => {
                let alone = tokens
                    .get(at + 1)
                    .is_some_and(|next| next.kind.mark(",") || next.kind.mark(")"));
                return (alone && looks_like_key(key)).then_some((token.line, key.as_str()));
            }
            _ => {}
        }
        starts = false;
    }
    None
}

/// The codes in each `impl Fault for …`: each names the public text of an error. Those of internal errors are left out:
/// of such an error a person sees a request id and nothing else.
fn fault_codes(tokens: &[Token]) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        let is_impl = tokens[at].kind.is("Fault") && tokens.get(at + 1).is_some_and(|next| next.kind.is("for"));
        if !is_impl || tokens[at].in_test {
            continue;
        }
        let body = block(&tokens[at..]);
        let is_internal = |arm: &Arm<'_>| arm.value.iter().any(|token| token.kind.is("Internal"));
        let internal: BTreeSet<&str> = arms(function(body, "kind"))
            .iter()
            .filter(|arm| is_internal(arm))
            .flat_map(|arm| arm.names.clone())
            .collect();
        for arm in arms(function(body, "code")) {
            let shown = arm.names.iter().any(|name| !internal.contains(name));
            for token in arm.value.iter().filter(|_| shown) {
                match &token.kind {
                    Kind::Text(text) if text != "internal" => found.push((token.line, text.as_str())),
                    _ => {}
                }
            }
        }
    }
    found
}

/// The body of a function of this name.
fn function<'a>(tokens: &'a [Token], name: &str) -> &'a [Token] {
    let start = tokens
        .windows(2)
        .position(|pair| pair[0].kind.is("fn") && pair[1].kind.is(name));
    start.map(|start| block(&tokens[start..])).unwrap_or_default()
}

/// An arm of a match: the names in its pattern that begin with a capital, and its value.
struct Arm<'a> {
    names: Vec<&'a str>,
    value: &'a [Token],
}

/// The arms of the first match in a function; a function without one is a single arm that stands for every variant.
fn arms(tokens: &[Token]) -> Vec<Arm<'_>> {
    let Some(start) = tokens.iter().position(|token| token.kind.is("match")) else {
        return vec![Arm {
            names: vec!["Self"],
            value: tokens,
        }];
    };
    let inside = block(&tokens[start..]);
    let mut arms = Vec::new();
    let (mut from, mut depth, mut arrow) = (0, 0_u32, None);
    for (at, token) in inside.iter().enumerate() {
        match &token.kind {
            Kind::Mark("(" | "[" | "{") => depth += 1,
            Kind::Mark(")" | "]" | "}") => depth = depth.saturating_sub(1),
            Kind::Mark("=") if depth == 0 && arrow.is_none() => arrow = Some(at),
            _ => {}
        }
        let ends = (token.kind.mark(",") || token.kind.mark("}")) && depth == 0;
        if let (true, Some(middle)) = (ends || at + 1 == inside.len(), arrow) {
            arms.push(Arm {
                names: variants(&inside[from..middle]),
                value: &inside[middle..=at],
            });
            (from, arrow) = (at + 1, None);
        }
    }
    arms
}

fn variants(pattern: &[Token]) -> Vec<&str> {
    let variant = |token: &'_ Token| matches!(&token.kind, Kind::Ident(name) if name.starts_with(char::is_uppercase));
    let words = pattern
        .iter()
        .filter(|token| variant(token))
        .map(|token| match &token.kind {
            Kind::Ident(name) => name.as_str(),
            _ => "",
        });
    words.filter(|name| *name != "Self").collect()
}

/// The tokens between the first brace and the one that closes it.
fn block(tokens: &[Token]) -> &[Token] {
    let Some(start) = tokens.iter().position(|token| token.kind.mark("{")) else {
        return &[];
    };
    let mut depth = 0_u32;
    for (at, token) in tokens.iter().enumerate().skip(start) {
        if token.kind.mark("{") {
            depth += 1;
        } else if token.kind.mark("}") {
            depth -= 1;
            if depth == 0 {
                return &tokens[start + 1..at];
            }
        }
    }
    &[]
}

/// Keys are words joined by hyphens, with at most one attribute.
fn looks_like_key(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    text.contains('-') && text.split('.').count() <= 2 && text.chars().all(|c| plain(c) || c == '.')
}

fn unused(tree: &Tree, all: &BTreeMap<String, (String, usize)>, findings: &mut Vec<Finding>) {
    let mut literals = BTreeSet::new();
    let mut families = BTreeSet::new();
    for token in sources(tree).flat_map(|file| &file.tokens) {
        if let Kind::Text(text) = &token.kind {
            literals.insert(text.as_str());
            let head = text.split('{').next().unwrap_or("");
            if head.ends_with('-') && head.len() > 2 && head != ERROR_PREFIX {
                families.insert(head);
            }
        }
    }
    for (name, (path, line)) in all {
        let base = name.split('.').next().unwrap_or(name);
        let as_code = base
            .strip_prefix(ERROR_PREFIX)
            .is_some_and(|code| literals.contains(code));
        let in_family = families.iter().any(|family| base.starts_with(family));
        if !literals.contains(name.as_str()) && !literals.contains(base) && !as_code && !in_family {
            findings.push(Finding::new(
                path,
                *line,
                format!("{name} is used nowhere: delete it, or use it"),
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VI: &str = "desk-title = Bàn\ndesk-count = { $n } hồ sơ\nerror-store-busy = Bận\nstate-1 = Mới\n";
    const EN: &str = "desk-title = Desk\ndesk-count = { $n } dossiers\nerror-store-busy = Busy\nstate-1 = New\n";
    const CODE: &str = "fn a(l: Lang) { text(l, \"desk-title\"); shell.text_with(\"desk-count\", &[]); \
        format!(\"state-{n}\"); values.text(\"a-field\"); Field::line(\"x-y\", \"desk-title\"); }\n\
        impl Fault for E { fn kind(&self) -> K { K::A } fn code(&self) -> &'static str { \"store-busy\" } }";

    fn found(vi: &str, en: &str, code: &str) -> Vec<String> {
        let tree = Tree::of(&[
            ("crates/a/text/vi.ftl", vi),
            ("crates/a/text/en.ftl", en),
            ("crates/a/src/lib.rs", code),
        ]);
        check(&tree).into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn a_sound_pair_is_fine() {
        assert_eq!(found(VI, EN, CODE), Vec::<String>::new());
    }

    #[test]
    fn a_missing_translation_and_other_arguments_are_found() {
        let en = EN.replace("desk-title = Desk\n", "").replace("$n", "$m");
        assert_eq!(
            found(VI, &en, CODE),
            [
                "desk-count takes {\"n\"} in Vietnamese and {\"m\"} in English",
                "desk-title has no English"
            ]
        );
    }

    #[test]
    fn a_missing_key_is_found_in_each_form_of_call() {
        let code = CODE.replace(
            "text(l, \"desk-title\")",
            "text(l, \"desk-title\"); text(s.lang(1, 2), \"no-a\"); shell.text(\"no-b\"); Field::line(\"x\", \"no-c\")",
        );
        assert_eq!(
            found(VI, EN, &code),
            [
                "the text \"no-a\" exists in no language",
                "the text \"no-b\" exists in no language",
                "the text \"no-c\" exists in no language"
            ]
        );
    }

    #[test]
    fn an_error_without_public_text_is_found() {
        let code = CODE.replace(
            "{ \"store-busy\" }",
            "{ match self { Self::Full => \"store-full\", Self::Broken { .. } => \"broken\" } }",
        );
        let code = code.replace("{ K::A }", "{ match self { Self::Broken { .. } | Self::Other => ErrorKind::Internal, Self::Full => ErrorKind::Busy } }");
        let missing = "the text \"error-store-full\" exists in no language";
        assert_eq!(
            found(VI, EN, &code),
            [missing, "error-store-busy is used nowhere: delete it, or use it"]
        );
    }

    #[test]
    fn an_unused_key_is_found() {
        let more = |text: &str| format!("{text}desk-old = x\n");
        assert_eq!(
            found(&more(VI), &more(EN), CODE),
            ["desk-old is used nowhere: delete it, or use it"]
        );
    }

    #[test]
    fn files_of_a_language_may_lie_in_a_folder() {
        assert!(is_language("crates/a/text/vi/desk.ftl", "vi"));
        assert_eq!(
            in_language("crates/a/text/vi/desk.ftl", "en"),
            "crates/a/text/en/desk.ftl"
        );
        assert_eq!(in_language("crates/a/text/vi.ftl", "en"), "crates/a/text/en.ftl");
    }
}
