//! What the address of a table asks for: order, filters, page. Only what the table declares is taken.
//! It refuses nothing aloud: a bad parameter is left out, so that old links keep working.

use std::collections::BTreeMap;

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::Table;

/// Longest value of a parameter, in bytes.
const VALUE_MAX: usize = 400;
/// Most parameters that are read.
const PARAMETERS_MAX: usize = 50;

/// A column and a direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Name of the column.
    pub column: String,
    /// Largest first.
    pub descending: bool,
}

/// The parameters of a table's address. An extractor; bad parameters are left out, not refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableQuery {
    parameters: BTreeMap<String, String>,
    filters: Vec<String>,
}

impl<S: Sync> FromRequestParts<S> for TableQuery {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::parse(parts.uri.query().unwrap_or("")))
    }
}

const RESERVED: [&str; 5] = ["sort", "dir", "page", "after", "lang"];

impl TableQuery {
    /// Reads a query string.
    #[must_use]
    pub fn parse(query: &str) -> Self {
        let mut parameters = BTreeMap::new();
        for pair in query.split('&').take(PARAMETERS_MAX) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (Some(name), Some(value)) = (decode(name), decode(value)) else {
                continue;
            };
            if !name.is_empty() && value.len() <= VALUE_MAX && !value.chars().any(char::is_control) {
                parameters.entry(name).or_insert(value);
            }
        }
        let filters = parameters
            .iter()
            .filter(|(name, value)| !RESERVED.contains(&name.as_str()) && !value.trim().is_empty())
            .map(|(name, _)| name.clone())
            .collect();
        Self { parameters, filters }
    }

    /// The value of a filter or of any other parameter; empty without one.
    #[must_use]
    pub fn filter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", |value| value.trim())
    }

    /// Names of all parameters, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parameters.keys().map(String::as_str)
    }

    /// The value of a filter that is one of its choices, or any text of a search box.
    #[must_use]
    pub fn chosen<'a>(&'a self, table: &Table, name: &str) -> Option<&'a str> {
        let value = self.parameters.get(name)?.trim();
        let filter = table.filters.iter().find(|f| f.name == name)?;
        let known = filter
            .choices
            .as_ref()
            .is_none_or(|all| all.iter().any(|(v, _)| v == value));
        (known && !value.is_empty()).then_some(value)
    }

    /// The order asked for, if its column is sortable; else the table's own.
    #[must_use]
    pub fn order(&self, table: &Table) -> Option<Order> {
        let asked = self
            .parameters
            .get("sort")
            .filter(|name| table.columns.iter().any(|c| c.sortable && c.name == name.as_str()));
        match asked {
            Some(column) => Some(Order {
                column: column.clone(),
                descending: self.parameters.get("dir").is_some_and(|d| d == "desc"),
            }),
            None => table.default_order.clone(),
        }
    }

    /// The page asked for, from 1, at most 100,000.
    #[must_use]
    pub fn page(&self) -> u32 {
        self.parameters
            .get("page")
            .and_then(|p| p.parse().ok())
            .unwrap_or(1_u32)
            .clamp(1, 100_000)
    }

    /// Rows before that page.
    #[must_use]
    pub fn offset(&self, size: u32) -> u64 {
        u64::from(self.page() - 1) * u64::from(size)
    }

    /// The key after which the asked part begins.
    #[must_use]
    pub fn after_key(&self) -> Option<&str> {
        self.parameters
            .get("after")
            .map(String::as_str)
            .filter(|key| !key.is_empty())
    }

    /// Whether any filter is set.
    #[must_use]
    pub fn is_filtered(&self) -> bool {
        !self.filters.is_empty()
    }

    /// The parameters that a filter form carries along: order and what the table keeps.
    pub(super) fn kept<'a>(&'a self, table: &'a Table) -> impl Iterator<Item = (&'a str, &'a str)> {
        let names = ["sort", "dir"].into_iter().chain(table.keep.iter().copied());
        names.filter_map(|name| self.parameters.get(name).map(|value| (name, value.as_str())))
    }

    /// The address with some parameters replaced and the page forgotten.
    fn with(&self, table: &Table, path: &str, replaced: &[(&str, &str)]) -> String {
        let known = |name: &str| {
            matches!(name, "sort" | "dir") || table.keep.contains(&name) || table.filters.iter().any(|f| f.name == name)
        };
        let old = self.parameters.iter().map(|(k, v)| (k.as_str(), v.as_str()));
        let old =
            old.filter(|(name, value)| known(name) && !value.is_empty() && !replaced.iter().any(|(r, _)| r == name));
        let pairs: Vec<String> = old
            .chain(replaced.iter().copied())
            .map(|(k, v)| format!("{}={}", encode(k), encode(v)))
            .collect();
        if pairs.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{}", pairs.join("&"))
        }
    }

    /// The address of the table as it is asked for, with other parameters beside: for links that keep filters and order.
    #[must_use]
    pub fn leading(&self, table: &Table, more: &[(&str, &str)]) -> String {
        let after = self.after_key().map(|key| ("after", key));
        let all: Vec<(&str, &str)> = after.into_iter().chain(more.iter().copied()).collect();
        self.with(table, &table.path, &all)
    }

    pub(super) fn sorted(&self, table: &Table, column: &str, descending: bool) -> String {
        self.with(
            table,
            &table.path,
            &[("sort", column), ("dir", if descending { "desc" } else { "asc" })],
        )
    }

    pub(super) fn paged(&self, table: &Table, page: u32) -> String {
        self.with(table, &table.path, &[("page", &page.to_string())])
    }

    pub(super) fn after(&self, table: &Table, key: &str) -> String {
        self.with(table, &table.path, &[("after", key)])
    }

    pub(super) fn first(&self, table: &Table) -> String {
        self.with(table, &table.path, &[])
    }

    pub(super) fn export(&self, table: &Table, path: &str) -> String {
        self.with(table, path, &[])
    }

    pub(super) fn cleared(&self, table: &Table) -> String {
        let kept: Vec<String> = self
            .kept(table)
            .map(|(k, v)| format!("{}={}", encode(k), encode(v)))
            .collect();
        if kept.is_empty() {
            table.path.clone()
        } else {
            format!("{}?{}", table.path, kept.join("&"))
        }
    }
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

/// Percent-encodes everything but letters, digits and `-._~`: for one value of a query or one segment of a path.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => {
                out.push('%');
                out.push_str(&hex::encode_upper([byte]));
            }
        }
    }
    out
}
