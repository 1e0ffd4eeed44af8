//! Helpers for portable SQL. Static SQL is one text for both engines; where they differ, these names say so.
//!
//! | need | write | note |
//! |---|---|---|
//! | month or day of a time | `month_of(t)`, `day_of(t)` | Vietnamese time; `2026-11`, a `DATE` |
//! | sum of whole numbers | `sum_int(x)` | `BIGINT`, 0 of none (`sum` is `NUMERIC` on PostgreSQL) |
//! | a list as one parameter | `x IN (SELECT value FROM uuid_list($1))`, `text_list`, `int_list` | with [`UuidList`], [`TextList`], [`IntList`] |
//! | order of nulls | `ORDER BY x NULLS LAST`, always written | the engines' defaults differ |
//! | text that starts with, contains | `x LIKE $1 ESCAPE '\'` with [`like_prefix`], [`like_contains`] | case counts: use folded columns |
//! | order of Vietnamese text | a stored sort key column (`BYTEA`) | `TEXT` itself is ordered by code point on both |
//! | an optional filter | `(CAST($1 AS TEXT) IS NULL OR x = $2)` | PostgreSQL must know a parameter's type |
//! | insert or change | `INSERT … ON CONFLICT (…) DO UPDATE SET …` / `DO NOTHING` | an error would end the transaction |

pub(crate) mod check;
pub(crate) mod lists;

use std::borrow::Cow;

use uuid::Uuid;

use crate::value::{ToValue, Value};

/// The pattern of texts that start with `text`, for `LIKE $n ESCAPE '\'`.
///
/// ```
/// assert_eq!(store::sql::like_prefix("50%_a\\"), "50\\%\\_a\\\\%");
/// ```
pub fn like_prefix(text: &str) -> String {
    let mut pattern = escaped(text);
    pattern.push('%');
    pattern
}

/// The pattern of texts that contain `text`, for `LIKE $n ESCAPE '\'`. No index helps: only over few rows.
pub fn like_contains(text: &str) -> String {
    format!("%{}%", escaped(text))
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

/// Several ids as one parameter of `uuid_list($n)`.
#[derive(Debug, Clone)]
pub struct UuidList(serde_json::Value);

impl UuidList {
    /// A list of UUIDs.
    pub fn new(ids: impl IntoIterator<Item = Uuid>) -> Self {
        Self(ids.into_iter().map(|id| id.simple().to_string()).collect())
    }
}

/// Several texts as one parameter of `text_list($n)`.
#[derive(Debug, Clone)]
pub struct TextList(serde_json::Value);

impl TextList {
    /// A list of texts: of codes, of states, by their `Display`.
    pub fn new<T: ToString>(texts: impl IntoIterator<Item = T>) -> Self {
        Self(texts.into_iter().map(|text| text.to_string()).collect())
    }
}

/// Several whole numbers as one parameter of `int_list($n)`.
#[derive(Debug, Clone)]
pub struct IntList(serde_json::Value);

impl IntList {
    /// A list of whole numbers.
    pub fn new(numbers: impl IntoIterator<Item = i64>) -> Self {
        Self(numbers.into_iter().collect())
    }
}

macro_rules! list_value {
    ($($list:ty),*) => {$(
        impl ToValue for $list {
            fn scalar(&self) -> Value<'_> {
                Value::Json(Cow::Borrowed(&self.0))
            }
        }
    )*};
}

list_value!(UuidList, TextList, IntList);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_escaped() {
        assert_eq!(like_prefix("a_b"), "a\\_b%");
        assert_eq!(like_contains("100%"), "%100\\%%");
    }
}
