//! Reading Fluent files: each key (and `key.attribute`) with its line and the arguments that it takes.
//! It keeps no texts; whether a translation is good is for people to say.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::{CallArguments, Entry, Expression, InlineExpression, Pattern, PatternElement};

use crate::tree::Finding;

/// One key of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) line: usize,
    pub(super) arguments: BTreeSet<String>,
}

/// The keys of one Fluent file; what does not parse, or stands twice, becomes a finding.
pub(super) fn read(path: &str, text: &str, findings: &mut Vec<Finding>) -> BTreeMap<String, Key> {
    let resource = match fluent_syntax::parser::parse(text) {
        Ok(resource) => resource,
        Err((resource, errors)) => {
            for error in errors {
                let line = text[..error.pos.start.min(text.len())].lines().count().max(1);
                findings.push(Finding::new(path, line, format!("is no Fluent: {error}")));
            }
            resource
        }
    };
    let mut keys = BTreeMap::new();
    for entry in &resource.body {
        let Entry::Message(message) = entry else { continue };
        let id = message.id.name.to_owned();
        let line = line_of(text, &id);
        let attributes = message
            .attributes
            .iter()
            .map(|one| (format!("{id}.{}", one.id.name), &one.value));
        let all = message.value.iter().map(|value| (id.clone(), value)).chain(attributes);
        for (name, pattern) in all.collect::<Vec<_>>() {
            let mut arguments = BTreeSet::new();
            collect(pattern, &mut arguments);
            if keys.insert(name.clone(), Key { line, arguments }).is_some() {
                findings.push(Finding::new(path, line, format!("{name} stands twice")));
            }
        }
    }
    keys
}

fn line_of(text: &str, id: &str) -> usize {
    let is_it = |line: &str| {
        line.strip_prefix(id)
            .is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    text.lines().position(is_it).map_or(1, |at| at + 1)
}

fn collect(pattern: &Pattern<&str>, arguments: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            collect_expression(expression, arguments);
        }
    }
}

fn collect_expression(expression: &Expression<&str>, arguments: &mut BTreeSet<String>) {
    match expression {
        Expression::Inline(inline) => collect_inline(inline, arguments),
        Expression::Select { selector, variants } => {
            collect_inline(selector, arguments);
            for variant in variants {
                collect(&variant.value, arguments);
            }
        }
    }
}

fn collect_inline(inline: &InlineExpression<&str>, arguments: &mut BTreeSet<String>) {
    match inline {
        InlineExpression::VariableReference { id } => {
            arguments.insert(id.name.to_owned());
        }
        InlineExpression::Placeable { expression } => collect_expression(expression, arguments),
        InlineExpression::FunctionReference { arguments: call, .. } => collect_call(call, arguments),
        _ => {}
    }
}

fn collect_call(call: &CallArguments<&str>, arguments: &mut BTreeSet<String>) {
    for inline in call
        .positional
        .iter()
        .chain(call.named.iter().map(|named| &named.value))
    {
        collect_inline(inline, arguments);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_attributes_and_arguments_are_read() {
        let text =
            "a = x { $n }\n    .hint = { $m ->\n        [one] { $o }\n       *[other] { NUMBER($p) }\n    }\nb = y\n";
        let mut findings = Vec::new();
        let keys = read("t", text, &mut findings);
        assert!(findings.is_empty(), "{findings:?}");
        let names: Vec<&str> = keys.keys().map(String::as_str).collect();
        assert_eq!(names, ["a", "a.hint", "b"]);
        let hint: Vec<&str> = keys["a.hint"].arguments.iter().map(String::as_str).collect();
        assert_eq!(hint, ["m", "o", "p"]);
        assert_eq!(keys["b"].line, 6);
    }

    #[test]
    fn faults_are_found() {
        let mut findings = Vec::new();
        read("t", "a = x\na = y\nb {\n", &mut findings);
        assert_eq!(findings.len(), 2, "{findings:?}");
    }
}
