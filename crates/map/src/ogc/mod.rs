//! OGC API Features and Tiles over the records of registers: each kind with a place is a collection, as whoever asks may see it.
//! Owns what a collection shows, what may be asked of it, and how features are written; tiles are those of `tile`. Refuses
//! people, whoever asks; fields and rows that the rule of open data leaves out, to whoever is no officer of the register.
//! Standards: OGC 17-069r4 (core), 18-058r1 (systems of coordinates), 19-079r2 (filtering), 20-057 (tiles), 17-083r4 (tile matrix sets).

mod ask;
mod collection;
mod document;
mod feature;
pub(crate) mod http;
mod links;
mod store;
#[cfg(test)]
mod tests;
mod tiles;
mod view;

use ::store::StoreError;
use kernel::{ErrorKind, Fault};

use crate::cql::CqlError;
use crate::error::MapError;

pub(crate) use http::routes;
pub(crate) use store::Counts;

/// Where the interfaces begin.
pub(crate) const ROOT: &str = "/ogc";
/// Features of a page that says nothing else.
pub(crate) const LIMIT_USUAL: u64 = 10;
/// Most features of a page.
pub(crate) const LIMIT_MAX: u64 = 10_000;
/// Up to how many features are counted exactly.
pub(crate) const COUNT_MAX: u64 = 10_000;

/// What is spoken here.
pub(crate) const CONFORMANCE: &[&str] = &[
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/case-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/accent-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions-plus",
    "http://www.opengis.net/spec/cql2/1.0/conf/spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/temporal-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/property-property",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
    "http://www.opengis.net/spec/tms/2.0/conf/tilematrixset",
    "http://www.opengis.net/spec/tms/2.0/conf/json-tilematrixset",
];

/// What is wrong with the value of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// No number from 1.
    Limit,
    /// No cursor of ours.
    Cursor,
    /// A system of coordinates that is not offered.
    System,
    /// Not four or six numbers.
    Numbers,
    /// South of its north, or east of its west in metres.
    Order,
    /// No place on the earth.
    Range,
    /// No time.
    Time,
    /// No language of filters.
    Language,
    /// No encoding.
    Format,
    /// Too many parameters, or no text.
    Many,
}

/// What can be wrong with a request.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OgcError {
    /// No such collection or feature, or not for whoever asks.
    #[error("no such collection or feature")]
    NotFound,
    /// A parameter that the operation does not have.
    #[error("no such parameter: {0}")]
    Unknown(String),
    /// A parameter whose value is none.
    #[error("{name}: {why:?}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// What is wrong with it.
        why: Why,
    },
    /// A filter that is none.
    #[error(transparent)]
    Filter(#[from] CqlError),
    /// What the map says.
    #[error(transparent)]
    Map(#[from] MapError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for OgcError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::Unknown(_) | Self::Parameter { .. } => ErrorKind::Invalid,
            Self::Filter(error) => error.kind(),
            Self::Map(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "ogc-not-found",
            Self::Unknown(_) => "ogc-unknown",
            Self::Parameter { why: Why::Limit, .. } => "ogc-limit",
            Self::Parameter { why: Why::Cursor, .. } => "ogc-cursor",
            Self::Parameter { why: Why::System, .. } => "ogc-system",
            Self::Parameter { why: Why::Numbers, .. } => "ogc-numbers",
            Self::Parameter { why: Why::Order, .. } => "ogc-order",
            Self::Parameter { why: Why::Range, .. } => "ogc-range",
            Self::Parameter { why: Why::Time, .. } => "ogc-time",
            Self::Parameter { why: Why::Language, .. } => "ogc-language",
            Self::Parameter { why: Why::Format, .. } => "ogc-format",
            Self::Parameter { why: Why::Many, .. } => "ogc-many",
            Self::Filter(error) => error.code(),
            Self::Map(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }

    fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::NotFound => Vec::new(),
            Self::Unknown(name) => vec![("name", name.clone())],
            Self::Parameter { name, .. } => vec![("name", (*name).to_owned())],
            Self::Filter(error) => error.args(),
            Self::Map(error) => error.args(),
            Self::Store(error) => error.args(),
        }
    }
}
