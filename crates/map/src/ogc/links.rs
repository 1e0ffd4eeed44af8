//! Addresses of these interfaces and the links between them. They are whole addresses, because clients follow them from files as
//! well as from answers.

use serde_json::{Value, json};

use super::ROOT;
use super::collection::id_of;
use crate::house::Map;
use register::Kind;

/// Media types.
pub(crate) const JSON: &str = "application/json";
pub(crate) const GEOJSON: &str = "application/geo+json";
pub(crate) const HTML: &str = "text/html";
pub(crate) const SCHEMA: &str = "application/schema+json";
pub(crate) const MVT: &str = "application/vnd.mapbox-vector-tile";

/// Where the program is reached, and what follows from it.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    origin: String,
}

impl Places {
    pub(crate) fn of(map: &Map) -> Self {
        Self {
            origin: map.identity().config().origin.trim_end_matches('/').to_owned(),
        }
    }

    /// An address below the root of these interfaces.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{ROOT}{path}", self.origin)
    }

    /// An address elsewhere.
    pub(crate) fn elsewhere(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// The collection of a kind.
    pub(crate) fn collection(&self, kind: &Kind) -> String {
        self.at(&format!("/collections/{}", id_of(kind)))
    }
}

/// A link.
pub(crate) fn link(rel: &str, media_type: &str, href: impl Into<String>, title: &str) -> Value {
    json!({ "rel": rel, "type": media_type, "href": href.into(), "title": title })
}

/// The same resource in both encodings: this one and the other.
pub(crate) fn both(href: &str, media_type: &str, title: &str) -> Vec<Value> {
    vec![
        link("self", media_type, format!("{href}?f=json"), title),
        link("alternate", HTML, format!("{href}?f=html"), title),
    ]
}
