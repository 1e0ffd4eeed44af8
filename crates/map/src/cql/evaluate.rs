//! Decides a checked filter of one feature, exactly and in three values: true, false, unknown. The database may let through more
//! than it should; what this says is what counts.

use std::cmp::Ordering;

use definition::expression::Value;
use geo::{CoordsIter as _, Geometry, Intersects as _, Relate as _, Validation as _};
use kernel::fold;
use unicode_normalization::UnicodeNormalization as _;

use super::Relation;
use super::check::{Node, Spot, Term};

/// Pairs of positions up to which two shapes are compared edge by edge, without an index.
const PAIRS_PLAIN: usize = 200_000;

/// What a filter is decided by.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts<'a> {
    /// Values, in the order of the fields.
    pub values: &'a [Value],
    /// The place of the feature.
    pub place: Option<&'a Geometry<f64>>,
}

/// Whether a filter holds of a feature; none when that is unknown.
#[must_use]
pub fn decide(node: &Node, facts: &Facts<'_>) -> Option<bool> {
    match node {
        Node::Bool(yes) => Some(*yes),
        Node::Flag(at) => match facts.values.get(*at) {
            Some(Value::Bool(yes)) => Some(*yes),
            _ => None,
        },
        Node::Null(at) => Some(is_null(facts, *at)),
        Node::Not(inner) => decide(inner, facts).map(|yes| !yes),
        Node::And(all) => joined(all, facts, false),
        Node::Or(all) => joined(all, facts, true),
        Node::Compare(comparison, left, right) => {
            let order = compare(&value(left, facts)?, &value(right, facts)?)?;
            Some(comparison.holds(order))
        }
        Node::Like(text, pattern) => match (value(text, facts)?, value(pattern, facts)?) {
            (Value::Text(text), Value::Text(pattern)) => Some(is_like(&text, &pattern)),
            _ => None,
        },
        Node::Spatial(relation, one, other) => relate(*relation, spot(one, facts)?, spot(other, facts)?),
    }
}

/// The place of a feature is no value: it stands beside them, and its value is true when there is one.
fn is_null(facts: &Facts<'_>, at: usize) -> bool {
    matches!(facts.values.get(at), None | Some(Value::Null))
}

/// The word that decides at once, else what is left.
fn joined(all: &[Node], facts: &Facts<'_>, decisive: bool) -> Option<bool> {
    let mut unknown = false;
    for node in all {
        match decide(node, facts) {
            Some(yes) if yes == decisive => return Some(decisive),
            Some(_) => {}
            None => unknown = true,
        }
    }
    if unknown { None } else { Some(!decisive) }
}

fn value(term: &Term, facts: &Facts<'_>) -> Option<Value> {
    match term {
        Term::Field(at) => facts.values.get(*at).filter(|value| **value != Value::Null).cloned(),
        Term::Value(value) => Some(value.clone()),
        Term::Fold { case, marks, inner } => match value(inner, facts)? {
            Value::Text(text) => Some(Value::Text(folded(&text, *case, *marks))),
            _ => None,
        },
    }
}

fn compare(one: &Value, other: &Value) -> Option<Ordering> {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => Some(one.compare(*other)),
        (Value::Text(one), Value::Text(other)) => Some(one.as_bytes().cmp(other.as_bytes())),
        (Value::Bool(one), Value::Bool(other)) => Some(one.cmp(other)),
        (Value::Date(one), Value::Date(other)) => Some(one.cmp(other)),
        (Value::Instant(one), Value::Instant(other)) => Some(one.cmp(other)),
        _ => None,
    }
}

/// A text without difference of case, of marks, or of both: the last is the fold by which the registers search.
#[must_use]
pub fn folded(text: &str, case: bool, marks: bool) -> String {
    match (case, marks) {
        (true, true) => fold::fold(text),
        (true, false) => fold::nfc(&text.to_lowercase()).into_owned(),
        (false, true) => text.nfd().filter(|c| !is_mark(*c)).map(plain).collect(),
        (false, false) => text.to_owned(),
    }
}

const fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// Letters whose stroke is no mark of its own.
const fn plain(c: char) -> char {
    match c {
        'đ' => 'd',
        'Đ' => 'D',
        other => other,
    }
}

/// A piece of a pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Piece {
    Any,
    One,
    Letter(char),
}

fn pieces(pattern: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        out.push(match letter {
            '%' => Piece::Any,
            '_' => Piece::One,
            '\\' => Piece::Letter(letters.next().unwrap_or('\\')),
            letter => Piece::Letter(letter),
        });
    }
    out
}

/// The same pattern with every letter that could be meant otherwise behind a `\\`: as both databases take it.
pub(crate) fn plain_pattern(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    for piece in pieces(pattern) {
        match piece {
            Piece::Any => out.push('%'),
            Piece::One => out.push('_'),
            Piece::Letter(letter) => {
                if matches!(letter, '%' | '_' | '\\') {
                    out.push('\\');
                }
                out.push(letter);
            }
        }
    }
    out
}

/// Whether a text is like a pattern: `%` stands for anything, `_` for one letter, `\` takes the meaning away from what follows.
#[must_use]
pub fn is_like(text: &str, pattern: &str) -> bool {
    let (text, pattern): (Vec<char>, Vec<Piece>) = (text.chars().collect(), pieces(pattern));
    let (mut t, mut p) = (0, 0);
    // The last `%` and how much of the text it takes: only that one is ever tried again.
    let mut again: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(Piece::Any) => {
                again = Some((p, t));
                p += 1;
            }
            Some(Piece::One) => (t, p) = (t + 1, p + 1),
            Some(Piece::Letter(letter)) if text[t] == *letter => (t, p) = (t + 1, p + 1),
            Some(Piece::Letter(_)) | None => match again {
                Some((any, from)) => {
                    again = Some((any, from + 1));
                    (t, p) = (from + 1, any + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|piece| *piece == Piece::Any)
}

fn spot<'a>(spot: &'a Spot, facts: &Facts<'a>) -> Option<&'a Geometry<f64>> {
    match spot {
        Spot::Field(_) => facts.place,
        Spot::Shape(area) => Some(&area.geometry),
    }
}

/// How two shapes lie to each other; none for shapes of which that cannot be said.
#[must_use]
pub fn relate(relation: Relation, one: &Geometry<f64>, other: &Geometry<f64>) -> Option<bool> {
    let is_small = one.coords_count().saturating_mul(other.coords_count()) <= PAIRS_PLAIN;
    match relation {
        Relation::Intersects if is_small => return Some(one.intersects(other)),
        Relation::Disjoint if is_small => return Some(!one.intersects(other)),
        _ => {}
    }
    // The matrix of two shapes is defined for sound ones.
    let is_sound = |shape: &Geometry<f64>| is_simple(shape) || shape.is_valid();
    if !(is_sound(one) && is_sound(other)) {
        let meet = one.intersects(other);
        return match relation {
            Relation::Intersects => Some(meet),
            Relation::Disjoint => Some(!meet),
            _ => None,
        };
    }
    let matrix = one.relate(other);
    Some(match relation {
        Relation::Intersects => matrix.is_intersects(),
        Relation::Disjoint => matrix.is_disjoint(),
        Relation::Equals => matrix.is_equal_topo(),
        Relation::Touches => matrix.is_touches(),
        Relation::Within => matrix.is_within(),
        Relation::Overlaps => matrix.is_overlaps(),
        Relation::Crosses => matrix.is_crosses(),
        Relation::Contains => matrix.is_contains(),
    })
}

const fn is_simple(shape: &Geometry<f64>) -> bool {
    matches!(shape, Geometry::Point(_))
}
