//! Things with properties, written as Turtle and as JSON-LD. Owns escaping: an address that could not stand in Turtle is written so that
//! it can, a text ends where it ends. Pure.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use kernel::{Lang, Timestamp};
use serde_json::{Map, Value as Json, json};

/// The prefixes of both forms.
const PREFIXES: [(&str, &str); 11] = [
    ("adms", "http://www.w3.org/ns/adms#"),
    ("dcat", "http://www.w3.org/ns/dcat#"),
    ("dcatap", "http://data.europa.eu/r5r/"),
    ("dct", "http://purl.org/dc/terms/"),
    ("foaf", "http://xmlns.com/foaf/0.1/"),
    ("hydra", "http://www.w3.org/ns/hydra/core#"),
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
    ("skos", "http://www.w3.org/2004/02/skos/core#"),
    ("vcard", "http://www.w3.org/2006/vcard/ns#"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
];

/// A thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    /// Its address.
    pub(crate) iri: String,
    /// Its class, with a prefix.
    pub(crate) class: &'static str,
    /// What is said of it, in order.
    pub(crate) properties: Vec<(&'static str, Object)>,
}

/// What is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Object {
    /// Another thing, by its address.
    Iri(String),
    /// Another thing, with what is said of it.
    Node(Box<Node>),
    /// A text in a language.
    Tagged(String, Lang),
    /// A value of a type.
    Typed(String, &'static str),
}

impl Object {
    pub(crate) fn tagged(text: &str, lang: Lang) -> Self {
        Self::Tagged(text.to_owned(), lang)
    }

    pub(crate) fn typed(text: String, ty: &'static str) -> Self {
        Self::Typed(text, ty)
    }

    pub(crate) fn time(at: Timestamp) -> Self {
        Self::Typed(at.to_string(), "xsd:dateTime")
    }
}

impl Node {
    pub(crate) fn named(iri: impl Into<String>, class: &'static str) -> Self {
        Self {
            iri: iri.into(),
            class,
            properties: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, predicate: &'static str, object: Object) -> Self {
        self.properties.push((predicate, object));
        self
    }
}

/// As Turtle. A thing that is told of in several places is written once.
pub(crate) fn turtle(nodes: &[Node]) -> String {
    let mut out = String::new();
    for (prefix, space) in PREFIXES {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(out, "@prefix {prefix}: <{space}> .");
    }
    let mut written = BTreeSet::new();
    nodes.iter().for_each(|node| write_turtle(node, &mut out, &mut written));
    out
}

fn write_turtle(node: &Node, out: &mut String, written: &mut BTreeSet<(String, &'static str)>) {
    if !written.insert((node.iri.clone(), node.class)) {
        return;
    }
    let _ = write!(out, "\n{} a {}", address(&node.iri), node.class);
    for (predicate, object) in &node.properties {
        let value = match object {
            Object::Iri(iri) => address(iri),
            Object::Node(inner) => address(&inner.iri),
            Object::Tagged(text, lang) => format!("{}@{}", quoted(text), lang.tag()),
            Object::Typed(text, ty) => format!("{}^^{ty}", quoted(text)),
        };
        let _ = write!(out, " ;\n    {predicate} {value}");
    }
    out.push_str(" .\n");
    for (_, object) in &node.properties {
        if let Object::Node(inner) = object {
            write_turtle(inner, out, written);
        }
    }
}

/// An address between angle brackets: what must not stand there is percent-encoded.
fn address(iri: &str) -> String {
    let mut out = "<".to_owned();
    for c in iri.chars() {
        if c <= ' ' || matches!(c, '<' | '>' | '"' | '{' | '}' | '|' | '^' | '`' | '\\') {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                let _ = write!(out, "%{byte:02X}");
            }
        } else {
            out.push(c);
        }
    }
    out.push('>');
    out
}

fn quoted(text: &str) -> String {
    let mut out = "\"".to_owned();
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// As JSON-LD.
pub(crate) fn json_ld(nodes: &[Node]) -> Json {
    let context: Map<String, Json> = PREFIXES
        .iter()
        .map(|(prefix, space)| ((*prefix).to_owned(), Json::from(*space)))
        .collect();
    json!({ "@context": context, "@graph": nodes.iter().map(node_json).collect::<Vec<_>>() })
}

fn node_json(node: &Node) -> Json {
    let mut map = Map::new();
    map.insert("@id".to_owned(), node.iri.clone().into());
    map.insert("@type".to_owned(), node.class.into());
    for (predicate, object) in &node.properties {
        let value = match object {
            Object::Iri(iri) => json!({ "@id": iri }),
            Object::Node(inner) => node_json(inner),
            Object::Tagged(text, lang) => json!({ "@value": text, "@language": lang.tag() }),
            Object::Typed(text, ty) => json!({ "@value": text, "@type": ty }),
        };
        let known = map
            .entry((*predicate).to_owned())
            .or_insert_with(|| Json::Array(Vec::new()));
        if let Json::Array(all) = known {
            all.push(value);
        }
    }
    Json::Object(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_texts_end_where_they_end() {
        let evil = "x> . <urn:a> <urn:b> <urn:c> .\n\"@vi \\";
        let node = Node::named(format!("http://a/{evil}"), "dcat:Dataset")
            .with("dct:title", Object::tagged(evil, Lang::Vi))
            .with("dcat:accessURL", Object::Iri(evil.to_owned()));
        let text = turtle(std::slice::from_ref(&node));
        let body = text.split_once("xsd: <").expect("prefixes").1;
        assert!(!body.contains("<urn:a>") || body.contains("\\\"@vi"), "{text}");
        assert_eq!(body.matches(" .\n").count(), 2, "the prefix and one statement: {text}");
        assert!(body.contains("<http://a/x%3E%20.%20%3Curn:a%3E"), "{text}");
        let json = json_ld(&[node]);
        assert_eq!(json["@graph"][0]["dct:title"][0]["@value"], evil);
    }

    #[test]
    fn a_thing_that_is_told_of_twice_is_written_once() {
        let agent = || Object::Node(Box::new(Node::named("http://a/", "foaf:Agent")));
        let node = Node::named("http://d/", "dcat:Dataset")
            .with("dct:publisher", agent())
            .with("dct:creator", agent());
        assert_eq!(turtle(&[node]).matches("a foaf:Agent").count(), 1);
    }
}
