//! Reads SQL text only as far as needed: where its strings and comments end, which parameters it uses in which order.
//! SQLite numbers `$n` by first use and PostgreSQL by the number, so that only texts in order mean the same to both.

use std::{cell::RefCell, collections::HashSet};

thread_local! {
    static CHECKED: RefCell<HashSet<(usize, usize)>> = RefCell::new(HashSet::new());
}

/// Panics when a static text uses its parameters out of order, or not all that are given. Each text is checked once on
/// each thread, in debug builds.
pub(crate) fn parameters_in_order(sql: &'static str, given: usize) {
    let key = (sql.as_ptr().addr(), sql.len());
    if !CHECKED.with_borrow_mut(|checked| checked.insert(key)) {
        return;
    }
    match order(sql) {
        Ok(used) if used == given => {}
        Ok(used) => panic!("{given} parameters are given and {used} are used in: {sql}"),
        Err(found) => panic!("${found} is used before ${} in: {sql}", found - 1),
    }
}

/// How many parameters a text uses, or the first one that is out of order.
pub(crate) fn order(sql: &str) -> Result<usize, usize> {
    let mut seen = 0;
    let mut fault = None;
    for_code(sql, |code| {
        let mut rest = code;
        while let Some(at) = rest.find('$') {
            let digits = rest[at + 1..].bytes().take_while(u8::is_ascii_digit).count();
            let number = rest[at + 1..=at + digits].parse::<usize>().unwrap_or(0);
            if number == seen + 1 {
                seen = number;
            } else if number > seen {
                fault = fault.or(Some(number));
            }
            rest = &rest[at + 1 + digits..];
        }
    });
    fault.map_or(Ok(seen), Err)
}

/// Calls `each` for every piece of `sql` that is neither a string, a quoted name nor a comment.
pub(crate) fn for_code(sql: &str, mut each: impl FnMut(&str)) {
    for (is_code, piece) in pieces(sql) {
        if is_code {
            each(piece);
        }
    }
}

/// `sql` cut into code (true) and strings, quoted names, comments (false). Together they are the whole text.
pub(crate) fn pieces(sql: &str) -> Vec<(bool, &str)> {
    let mut out = Vec::new();
    let mut rest = sql;
    while !rest.is_empty() {
        let start = rest.find(['\'', '"', '-', '/', '$']).map_or(rest.len(), |at| at);
        match quoted_length(&rest[start..]) {
            Some(length) => {
                push(&mut out, true, &rest[..start]);
                push(&mut out, false, &rest[start..start + length]);
                rest = &rest[start + length..];
            }
            None => {
                // A lone sign, or the end: code up to and with it.
                let end = rest[start..]
                    .chars()
                    .next()
                    .map_or(start, |sign| start + sign.len_utf8());
                push(&mut out, true, &rest[..end]);
                rest = &rest[end..];
            }
        }
    }
    joined(sql, &out)
}

fn push<'s>(out: &mut Vec<(bool, &'s str)>, code: bool, piece: &'s str) {
    if !piece.is_empty() {
        out.push((code, piece));
    }
}

/// Neighbouring pieces of code as one piece, so that no word is cut.
fn joined<'s>(sql: &'s str, parts: &[(bool, &'s str)]) -> Vec<(bool, &'s str)> {
    let mut out: Vec<(bool, &'s str)> = Vec::new();
    let mut at = 0;
    for (code, piece) in parts {
        let end = at + piece.len();
        match out.last_mut() {
            Some((true, last)) if *code => *last = &sql[at - last.len()..end],
            _ => out.push((*code, piece)),
        }
        at = end;
    }
    out
}

/// Length of the string, quoted name, comment or dollar-quoted body that `text` starts with.
fn quoted_length(text: &str) -> Option<usize> {
    let until = |from: usize, end: &str| text[from..].find(end).map_or(text.len(), |at| from + at + end.len());
    if text.starts_with('\'') {
        return Some(until(1, "'"));
    }
    if text.starts_with('"') {
        return Some(until(1, "\""));
    }
    if text.starts_with("--") {
        return Some(until(2, "\n"));
    }
    if text.starts_with("/*") {
        return Some(until(2, "*/"));
    }
    if text.starts_with("$$") {
        return Some(until(2, "$$"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_counted_in_order_of_first_use() {
        assert_eq!(order("SELECT 1"), Ok(0));
        assert_eq!(order("SELECT $1, $2, $1, $10"), Err(10));
        assert_eq!(order("SELECT $1 WHERE a = $2 OR a = $1"), Ok(2));
        assert_eq!(order("UPDATE t SET a = $2 WHERE b = $1"), Err(2));
        assert_eq!(order("SELECT '$9' -- $8\n, $1 /* $7 */ , \"$6\""), Ok(1));
    }

    #[test]
    fn pieces_are_the_whole_text() {
        let sql = "SELECT a - b, 'it''s', \"x\" -- end\nFROM t /* c */ WHERE $1 / 2 = $$body$$";
        let parts = pieces(sql);
        assert_eq!(parts.iter().map(|(_, piece)| *piece).collect::<String>(), sql);
        assert!(parts.contains(&(true, "SELECT a - b, ")));
        assert!(parts.contains(&(false, "-- end\n")));
        assert!(parts.contains(&(false, "$$body$$")));
    }
}
