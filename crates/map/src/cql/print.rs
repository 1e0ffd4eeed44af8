//! Writes a filter as CQL2 text: what is read back is the same tree. Owns which names need quotes.
//! Refuses nothing; a text in which a backslash stands before a quote has no spelling in the standard.

use super::lexer::{continues_name, starts_name};
use super::{Expr, Operand, Place, Time, place, text};

/// The filter as text.
#[must_use]
pub fn to_text(expr: &Expr) -> String {
    match expr {
        Expr::Bool(yes) => constant(*yes).to_owned(),
        Expr::Flag(name) => named(name),
        Expr::And(all) => joined(all, " AND "),
        Expr::Or(all) => joined(all, " OR "),
        Expr::Not(inner) => format!("NOT ({})", to_text(inner)),
        Expr::Compare(comparison, left, right) => {
            format!("{} {} {}", operand(left), comparison.word(), operand(right))
        }
        Expr::Like(value, pattern) => format!("{} LIKE {}", operand(value), operand(pattern)),
        Expr::Between(value, low, high) => {
            format!("{} BETWEEN {} AND {}", operand(value), operand(low), operand(high))
        }
        Expr::In(value, list) => {
            let list: Vec<String> = list.iter().map(operand).collect();
            format!("{} IN ({})", operand(value), list.join(", "))
        }
        Expr::IsNull(name) => format!("{} IS NULL", named(name)),
        Expr::Spatial(relation, one, other) => format!("{}({}, {})", relation.word(), place(one), place(other)),
        Expr::Temporal(order, one, other) => format!("{}({}, {})", order.word(), time(one), time(other)),
    }
}

/// Each part in brackets, so that nothing depends on what binds closer. A list of one stays what it is.
fn joined(all: &[Expr], word: &str) -> String {
    let parts: Vec<String> = all.iter().map(|one| format!("({})", to_text(one))).collect();
    parts.join(word)
}

const fn constant(yes: bool) -> &'static str {
    if yes { "TRUE" } else { "FALSE" }
}

fn named(name: &str) -> String {
    let mut letters = name.chars();
    let plain = letters.next().is_some_and(starts_name) && letters.all(continues_name);
    if plain && !text::is_word(name) {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

fn quoted(text: &str) -> String {
    // A backslash before a quote would hide it: both are written so that neither is read with the other.
    format!("'{}'", text.replace('\'', "''"))
}

fn operand(operand: &Operand) -> String {
    match operand {
        Operand::Property(name) => named(name),
        Operand::Text(text) => quoted(text),
        Operand::Number(number) => number.to_string(),
        Operand::Bool(yes) => constant(*yes).to_owned(),
        Operand::Date(day) => format!("DATE('{day}')"),
        Operand::Instant(at) => format!("TIMESTAMP('{at}')"),
        Operand::Casei(inner) => format!("CASEI({})", self::operand(inner)),
        Operand::Accenti(inner) => format!("ACCENTI({})", self::operand(inner)),
    }
}

fn place(place: &Place) -> String {
    match place {
        Place::Property(name) => named(name),
        Place::Shape(shape) => place::to_text(shape),
    }
}

fn time(time: &Time) -> String {
    let end = |end: &Option<Operand>| match end {
        None => "'..'".to_owned(),
        Some(Operand::Date(day)) => format!("'{day}'"),
        Some(Operand::Instant(at)) => format!("'{at}'"),
        Some(other) => operand(other),
    };
    match time {
        Time::At(at) => operand(at),
        Time::Between(from, until) => format!("INTERVAL({}, {})", end(from), end(until)),
    }
}
