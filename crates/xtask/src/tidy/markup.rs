//! Pages carry no inline style, no inline script and no event attribute: the content security policy forbids them, so a
//! page that had one would silently lose it. Held on the tokens of maud's macros and on HTML texts alike.

use crate::tree::{File, Finding, Kind, Tree};

/// Attributes that run a script. `hx-on` of htmx evaluates text as well.
const HANDLERS: &[&str] = &[
    "onclick",
    "ondblclick",
    "onchange",
    "oninput",
    "onsubmit",
    "onreset",
    "onload",
    "onerror",
    "onfocus",
    "onblur",
    "onkeydown",
    "onkeyup",
    "onkeypress",
    "onmouseover",
    "onmouseout",
    "onmousedown",
    "onmouseup",
    "ontouchstart",
    "onbeforeunload",
    "onpaste",
];

/// Crates whose texts about markup are not markup: tests throw it at the program on purpose.
const FREE: &[&str] = &["xtask", "tests", "testkit", "bench"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree
        .rust()
        .filter(|file| !FREE.contains(&file.room()) && !file.is_test())
    {
        for (at, token) in file.tokens.iter().enumerate().filter(|(_, token)| !token.in_test) {
            if let Some(what) = fault(file, at) {
                findings.push(Finding::new(&file.path, token.line, what));
            }
        }
    }
    findings
}

fn fault(file: &File, at: usize) -> Option<String> {
    let next = |step: usize| file.tokens.get(at + step).map(|token| &token.kind);
    match &file.tokens[at].kind {
        Kind::Ident(name) if name == "style" && assigned(next(1), next(2)) => {
            Some("inline style: the content security policy forbids it; give the element a class".to_owned())
        }
        Kind::Ident(name) if HANDLERS.contains(&name.as_str()) && next(1).is_some_and(|kind| kind.mark("=")) => {
            Some(format!("{name} runs a script inline: attach it in a script file"))
        }
        Kind::Ident(name)
            if name == "hx" && next(2).is_some_and(|kind| kind.is("on")) && next(1).is_some_and(|k| k.mark("-")) =>
        {
            Some("hx-on evaluates text as a script: attach it in a script file".to_owned())
        }
        Kind::Ident(name) if (name == "script" || name == "style") && next(1).is_some_and(|kind| kind.mark("{")) => {
            let filled = next(2).is_some_and(|kind| !kind.mark("}"));
            let path_segment = at > 0 && file.tokens[at - 1].kind.is("mod");
            (filled && !path_segment).then(|| format!("<{name}> with content: the content security policy forbids it"))
        }
        Kind::Text(text) => text_fault(text),
        _ => None,
    }
}

/// In maud an attribute's value is a literal, a splice in brackets or a group: `style="…"`, `style=(…)`, `style={…}`.
fn assigned(mark: Option<&Kind>, value: Option<&Kind>) -> bool {
    mark.is_some_and(|kind| kind.mark("="))
        && value.is_some_and(|kind| matches!(kind, Kind::Text(_)) || kind.mark("(") || kind.mark("[") || kind.mark("{"))
}

fn text_fault(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    if !lower.contains('<') {
        return None;
    }
    let inline_script = lower.match_indices("<script").any(|(at, _)| {
        let rest = &lower[at..];
        rest.find('>')
            .is_some_and(|end| !rest[end + 1..].trim_start().starts_with("</script") && rest.len() > end + 1)
    });
    if inline_script || lower.contains("<style") {
        return Some("inline script or style in HTML: the content security policy forbids it".to_owned());
    }
    lower
        .contains(" style=\"")
        .then(|| "inline style in HTML: the content security policy forbids it".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> usize {
        check(&Tree::of(&[("crates/web/src/a.rs", text)])).len()
    }

    #[test]
    fn inline_style_script_and_handlers_are_found() {
        assert_eq!(found("fn a() { html! { p style=\"color:red\" { } } }"), 1);
        assert_eq!(found("fn a() { html! { p style=(x) { } } }"), 1);
        assert_eq!(found("fn a() { html! { button onclick=\"go()\" { } } }"), 1);
        assert_eq!(found("fn a() { html! { button hx-on:click=\"go()\" { } } }"), 1);
        assert_eq!(found("fn a() { html! { script { \"go()\" } } }"), 1);
        assert_eq!(found("const A: &str = \"<script>go()</script>\";"), 1);
        assert_eq!(found("const A: &str = \"<p style=\\\"x\\\">\";"), 1);
    }

    #[test]
    fn linked_scripts_and_other_words_are_fine() {
        assert_eq!(
            found("fn a() { html! { script src=(url) defer {} link rel=\"stylesheet\" href=(css); } }"),
            0
        );
        assert_eq!(found("fn a() { let style = pick(); let script = 1; }"), 0);
        assert_eq!(found("const A: &str = \"<script src=\\\"a.js\\\"></script>\";"), 0);
        assert_eq!(found("struct A { style: Style }"), 0);
    }
}
