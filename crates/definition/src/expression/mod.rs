//! Expressions of definitions: a small total subset of the Common Expression Language with static types.
//! It owns text, syntax, types, meaning and the translation to SQL; it refuses loops, functions of one's own, division,
//! floating point and anything that could fail while it is evaluated.
//!
//! | written | means |
//! |---|---|
//! | `true`, `12`, `12.5`, `'text'`, `null`, `date('2026-01-31')`, `duration('30 days')` | literals |
//! | `record.trunk_cm`, `form.members`, `today` | fields that the surroundings declare; the day of the decision |
//! | `!a`, `-a`, `a * b`, `a + b`, `a - b` | negation, arithmetic on numbers, a date and a duration |
//! | `a == b`, `!=`, `<`, `<=`, `>`, `>=`, `a in ['x', 'y']`, `'x' in many` | comparison |
//! | `a && b`, `a \|\| b`, `c ? a : b` | logic, condition |
//! | `has(path)`, `size(many)`, `size(text)` | whether there is a value; how many |
//!
//! **Null** is SQL's: an operator with an unknown side is unknown, `false && null` is false, `true || null` is true, and
//! `x == null` asks whether there is a value and is never unknown itself. A condition takes its first branch only when
//! it is true. A guard, an exemption or a `when` holds only when true; a rule of a record is broken only when false.
//! **Numbers** are scaled integers of at most 18 digits; the checker adds up digits, so nothing can overflow.

mod ast;
mod check;
mod evaluate;
mod lexer;
mod parser;
mod print;
mod sql;
#[cfg(test)]
mod tests;
mod types;
mod value;

pub use ast::{Binary, Expr, ExprKind, Literal, Offset, Unary};
pub use check::Formula;
pub use evaluate::Facts;
pub use sql::{Fragment, Parameter, SqlError, compile};
pub use types::{DIGITS_MAX, Environment, NumberType, Type, Unit};
pub use value::{Number, NumberError, Value};

/// The type of a part of an expression that was checked; `None` for one that was not.
pub(crate) fn type_of(expr: &Expr, environment: &Environment) -> Option<Type> {
    check::type_of(expr, environment).ok()
}

/// Most bytes of one expression.
pub const BYTES_MAX: usize = 2_000;
/// Deepest nesting of one expression, chains of one operator included.
pub const DEPTH_MAX: usize = 64;

/// Why a text is no expression, or one that means nothing here; with the byte at which it goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at byte {}: {what}", at.0)]
pub struct ExpressionError {
    /// Byte offset in the expression's text.
    pub at: Offset,
    /// What is wrong.
    pub what: Wrong,
}

/// The ways in which an expression can be wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// Longer than [`BYTES_MAX`].
    #[error("longer than {BYTES_MAX} bytes")]
    TooLong,
    /// Nested deeper than [`DEPTH_MAX`].
    #[error("nested deeper than {DEPTH_MAX}")]
    TooDeep,
    /// A character that starts no word.
    #[error("unexpected character {0:?}")]
    Character(char),
    /// A text without its closing quote, or with an unknown escape.
    #[error("text not closed, or an unknown escape in it")]
    Text,
    /// A number that is none, or has more than 18 digits.
    #[error("a number has at most {DIGITS_MAX} digits")]
    Number,
    /// A literal of a day or a duration that is none.
    #[error("expected a literal such as {0}")]
    Literal(&'static str),
    /// Something else than expected stands here.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What could stand here.
        expected: &'static str,
        /// What does.
        found: String,
    },
    /// A function that does not exist.
    #[error("no function is called {0}")]
    Function(String),
    /// A path that nothing declares.
    #[error("nothing here is called {path}{}", maybe(near))]
    Path {
        /// The path.
        path: String,
        /// The declared path that is nearest to it.
        near: Option<String>,
    },
    /// A choice that the field does not have.
    #[error("{word:?} is none of the choices{}", maybe(near))]
    Choice {
        /// The word.
        word: String,
        /// The choice that is nearest to it.
        near: Option<String>,
    },
    /// A list of codes to which the code does not belong cannot be compared with another.
    #[error("{left} and {right} cannot be compared")]
    Compare {
        /// Type of the left side.
        left: String,
        /// Type of the right side.
        right: String,
    },
    /// The operator does not take these.
    #[error("{operator} does not take {found}")]
    Operand {
        /// The operator or function.
        operator: &'static str,
        /// Types found.
        found: String,
    },
    /// Two numbers of different units.
    #[error("numbers in {left} and in {right} do not go together")]
    Units {
        /// Unit of the left side.
        left: String,
        /// Unit of the right side.
        right: String,
    },
    /// The result could have more than 18 digits.
    #[error("the result could have more than {DIGITS_MAX} digits")]
    TooLarge,
    /// The whole is of another type than its place wants.
    #[error("expected {expected}, found {found}")]
    Result {
        /// Type that is wanted.
        expected: &'static str,
        /// Type that is there.
        found: String,
    },
}

fn maybe(near: &Option<String>) -> String {
    near.as_ref()
        .map_or_else(String::new, |near| format!(" (did you mean {near}?)"))
}
