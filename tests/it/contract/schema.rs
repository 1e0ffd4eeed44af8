//! The part of JSON Schema 2020-12 that OpenAPI 3.1 documents of ours use: types, required and unknown properties, items,
//! enumerations, references, combinations, formats of texts. An unknown keyword is a fault: it would check nothing.

use serde_json::Value;

/// Keywords that say nothing about the value.
const SILENT: &[&str] = &[
    "description",
    "title",
    "example",
    "examples",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "discriminator",
    "xml",
    "externalDocs",
    "propertyNames",
    "contentMediaType",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "pattern",
    "$comment",
];

/// What of `value` the schema does not allow.
pub fn faults(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(document, schema, value, "$", 0, &mut found);
    found
}

fn check(document: &Value, schema: &Value, value: &Value, at: &str, depth: usize, found: &mut Vec<String>) {
    assert!(depth < 64, "the schema at {at} refers to itself without end");
    let Some(rules) = schema.as_object() else {
        if schema == &Value::Bool(false) {
            found.push(format!("{at}: nothing may stand here"));
        }
        return;
    };
    for (keyword, rule) in rules {
        match keyword.as_str() {
            "$ref" => {
                let target = rule
                    .as_str()
                    .and_then(|path| document.pointer(path.trim_start_matches('#')));
                match target {
                    Some(target) => check(document, target, value, at, depth + 1, found),
                    None => found.push(format!("{at}: {rule} leads nowhere")),
                }
            }
            "type" => check_type(rule, value, at, found),
            "enum" if !rule.as_array().is_some_and(|all| all.contains(value)) => {
                found.push(format!("{at}: {value} is none of {rule}"))
            }
            "const" if rule != value => found.push(format!("{at}: {value} is not {rule}")),
            "required" => {
                for name in rule.as_array().into_iter().flatten().filter_map(Value::as_str) {
                    if value.is_object() && value.get(name).is_none() {
                        found.push(format!("{at}: {name} is missing"));
                    }
                }
            }
            "properties" => {
                for (name, part) in rule.as_object().into_iter().flatten() {
                    if let Some(inner) = value.get(name) {
                        check(document, part, inner, &format!("{at}.{name}"), depth + 1, found);
                    }
                }
            }
            "additionalProperties" => {
                let known = rules.get("properties").and_then(Value::as_object);
                for (name, inner) in value.as_object().into_iter().flatten() {
                    if known.is_none_or(|known| !known.contains_key(name)) {
                        check(document, rule, inner, &format!("{at}.{name}"), depth + 1, found);
                    }
                }
            }
            "items" => {
                for (place, inner) in value.as_array().into_iter().flatten().enumerate() {
                    check(document, rule, inner, &format!("{at}[{place}]"), depth + 1, found);
                }
            }
            "allOf" => rule
                .as_array()
                .into_iter()
                .flatten()
                .for_each(|part| check(document, part, value, at, depth + 1, found)),
            "oneOf" | "anyOf" => {
                let fits = |part: &Value| {
                    let mut inner = Vec::new();
                    check(document, part, value, at, depth + 1, &mut inner);
                    inner.is_empty()
                };
                let count = rule.as_array().into_iter().flatten().filter(|part| fits(part)).count();
                if count == 0 || (keyword == "oneOf" && count > 1) {
                    found.push(format!("{at}: fits {count} of {keyword}"));
                }
            }
            "format" => check_format(rule.as_str().unwrap_or(""), value, at, found),
            "enum" | "const" => {}
            other if SILENT.contains(&other) || other.starts_with("x-") => {}
            other => found.push(format!("{at}: the keyword {other} is not understood by this test")),
        }
    }
}

fn check_type(rule: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    };
    let fits = match rule {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(is),
        _ => false,
    };
    if !fits {
        found.push(format!("{at}: {value} is no {rule}"));
    }
}

fn check_format(format: &str, value: &Value, at: &str, found: &mut Vec<String>) {
    let Some(text) = value.as_str() else { return };
    let fits = match format {
        "uuid" => text.parse::<uuid::Uuid>().is_ok(),
        "date" => text.parse::<jiff::civil::Date>().is_ok(),
        "date-time" => text.parse::<jiff::Timestamp>().is_ok(),
        _ => true,
    };
    if !fits {
        found.push(format!("{at}: {text:?} is no {format}"));
    }
}

#[test]
fn values_that_break_their_schema_are_found() {
    let document: Value = serde_json::json!({ "components": { "schemas": {
        "A": { "type": "object", "required": ["id", "kind"], "additionalProperties": false, "properties": {
            "id": { "type": "string", "format": "uuid" },
            "kind": { "type": "string", "enum": ["x", "y"] },
            "list": { "type": "array", "items": { "type": ["integer", "null"] } },
        } },
    } } });
    let schema = serde_json::json!({ "$ref": "#/components/schemas/A" });
    let count = |value: Value| faults(&document, &schema, &value).len();
    let id = "0197e0a0-0000-7000-8000-000000000000";
    assert_eq!(
        count(serde_json::json!({ "id": id, "kind": "x", "list": [1, null] })),
        0
    );
    assert_eq!(count(serde_json::json!({ "id": "1", "kind": "z", "list": ["a"] })), 3);
    assert_eq!(count(serde_json::json!({ "id": id, "more": 1 })), 2);
    assert_eq!(
        faults(&document, &serde_json::json!({ "not": {} }), &Value::Null).len(),
        1
    );
}
