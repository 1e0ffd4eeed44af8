//! SQLite's words for `uuid_list($n)`, `text_list($n)` and `int_list($n)`: PostgreSQL has functions of these names by a
//! migration of the store, SQLite has no table function of our own without unsafe code, but it has `json_each`.

const LISTS: [(&str, &str, &str); 3] = [
    ("uuid_list(", "(SELECT unhex(value) AS value FROM json_each(", "))"),
    ("text_list(", "json_each(", ")"),
    ("int_list(", "json_each(", ")"),
];

/// The text with its lists in SQLite's words, or nothing when it has none.
pub(crate) fn to_sqlite(sql: &str) -> Option<String> {
    let mut text = None::<String>;
    for (name, open, close) in LISTS {
        while let Some(at) = text.as_deref().unwrap_or(sql).find(name) {
            let now = text.as_deref().unwrap_or(sql);
            let inner = &now[at + name.len()..];
            let end = inner.find(')')?;
            text = Some(format!(
                "{}{open}{}{close}{}",
                &now[..at],
                &inner[..end],
                &inner[end + 1..]
            ));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_put_in_sqlites_words() {
        assert_eq!(to_sqlite("SELECT 1"), None);
        assert_eq!(
            to_sqlite(
                "SELECT 1 WHERE a IN (SELECT value FROM uuid_list($1)) AND b IN (SELECT value FROM text_list($2))"
            )
            .as_deref(),
            Some(
                "SELECT 1 WHERE a IN (SELECT value FROM (SELECT unhex(value) AS value FROM json_each($1))) \
                 AND b IN (SELECT value FROM json_each($2))"
            )
        );
    }
}
