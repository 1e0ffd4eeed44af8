//! The types of an expression. It owns the rules of the language and refuses whatever could fail or mean two things when
//! evaluated: mixed units, words that are no choice, more digits than an integer holds.

use super::ast::{Binary, Expr, ExprKind, Literal, Offset, Unary};
use super::lexer::wrong;
use super::{DIGITS_MAX, Environment, ExpressionError, NumberType, Type, Unit, Wrong};
use crate::near::nearest;
use kernel::calendar::TimeLimit;

/// An expression that was checked against its surroundings. Only the checker makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formula {
    expr: Expr,
    ty: Type,
}

impl Formula {
    /// Reads and checks an expression.
    ///
    /// # Errors
    /// The first thing that is wrong, with its byte.
    pub fn read(text: &str, environment: &Environment) -> Result<Self, ExpressionError> {
        let expr: Expr = text.parse()?;
        let ty = type_of(&expr, environment)?;
        Ok(Self { expr, ty })
    }

    /// Reads a condition: an expression that is true, false or unknown.
    ///
    /// # Errors
    /// As [`Formula::read`]; [`Wrong::Result`] when it is of another type.
    pub fn condition(text: &str, environment: &Environment) -> Result<Self, ExpressionError> {
        let formula = Self::read(text, environment)?;
        match formula.ty.known().0 {
            Type::Bool => Ok(formula),
            other => {
                let found = other.to_string();
                let expected = "a condition";
                Err(wrong(0, Wrong::Result { expected, found }))
            }
        }
    }

    /// The tree.
    #[must_use]
    pub const fn expr(&self) -> &Expr {
        &self.expr
    }

    /// Its type.
    #[must_use]
    pub const fn ty(&self) -> &Type {
        &self.ty
    }
}

impl std::fmt::Display for Formula {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.expr.fmt(f)
    }
}

pub(super) fn type_of(expr: &Expr, environment: &Environment) -> Result<Type, ExpressionError> {
    let here = |what| ExpressionError { at: expr.at, what };
    match &expr.kind {
        ExprKind::Literal(literal) => Ok(type_of_literal(literal)),
        ExprKind::Path(path) => environment.type_of(path).cloned().map_err(here),
        ExprKind::Today => Ok(Type::Date),
        ExprKind::Has(path) => environment.type_of(path).map(|_| Type::Bool).map_err(here),
        ExprKind::Size(inner) => {
            let ty = type_of(inner, environment)?;
            match ty.known() {
                (Type::Text | Type::Many(_), optional) => Ok(maybe_unknown(Type::integer(9), optional)),
                (other, _) => Err(here(operand("size", other))),
            }
        }
        ExprKind::Unary(operator, inner) => {
            let ty = type_of(inner, environment)?;
            match (operator, ty.known().0) {
                (Unary::Not, Type::Bool) | (Unary::Minus, Type::Number(_)) => Ok(ty),
                (Unary::Not, other) => Err(here(operand("!", other))),
                (Unary::Minus, other) => Err(here(operand("-", other))),
            }
        }
        ExprKind::Binary(operator, left, right) => binary(*operator, left, right, expr.at, environment),
        ExprKind::In(inner, list) => {
            let ty = type_of(inner, environment)?;
            // All sides are brought to one scale, so the widest of the list decides whether they fit.
            let mut widest = ty.clone();
            for literal in list {
                let one = type_of_literal(literal);
                comparable(&ty, None, &one, Some(literal)).map_err(here)?;
                if let Type::Number(_) = one {
                    widest = unified(&widest, &one).map_err(here)?;
                }
            }
            Ok(maybe_unknown(Type::Bool, ty.known().1))
        }
        ExprKind::Condition(condition, first, second) => {
            let ty = type_of(condition, environment)?;
            if *ty.known().0 != Type::Bool {
                return Err(here(operand("? :", &ty)));
            }
            let (first, second) = (type_of(first, environment)?, type_of(second, environment)?);
            unified(&first, &second).map_err(here)
        }
    }
}

fn type_of_literal(literal: &Literal) -> Type {
    match literal {
        Literal::Null => Type::Null,
        Literal::Bool(_) => Type::Bool,
        Literal::Number(number) => Type::Number(NumberType {
            scale: number.scale(),
            digits: number.digits(),
            unit: Unit::Any,
        }),
        Literal::Text(_) => Type::Text,
        Literal::Date(_) => Type::Date,
        Literal::Duration(_) => Type::Duration,
    }
}

fn binary(
    operator: Binary,
    left: &Expr,
    right: &Expr,
    at: Offset,
    environment: &Environment,
) -> Result<Type, ExpressionError> {
    let here = |what| ExpressionError { at, what };
    let (left_type, right_type) = (type_of(left, environment)?, type_of(right, environment)?);
    let ((l, l_unknown), (r, r_unknown)) = (left_type.known(), right_type.known());
    let unknown = l_unknown || r_unknown;
    let ty = match operator {
        Binary::Or | Binary::And => match (l, r) {
            (Type::Bool, Type::Bool) => Type::Bool,
            _ => return Err(here(operands(operator, l, r))),
        },
        Binary::Equal | Binary::Unequal if *l == Type::Null || *r == Type::Null => return Ok(Type::Bool),
        Binary::Equal | Binary::Unequal => {
            comparable(l, literal_of(left), r, literal_of(right)).map_err(here)?;
            Type::Bool
        }
        Binary::Less | Binary::AtMost | Binary::More | Binary::AtLeast => match (l, r) {
            (Type::Number(_), Type::Number(_)) | (Type::Date, Type::Date) | (Type::Instant, Type::Instant) => {
                comparable(l, None, r, None).map_err(here)?;
                Type::Bool
            }
            _ => return Err(here(operands(operator, l, r))),
        },
        Binary::Within => match r {
            Type::Many(inner) => {
                comparable(l, literal_of(left), inner, None).map_err(here)?;
                Type::Bool
            }
            _ => return Err(here(operands(operator, l, r))),
        },
        Binary::Plus | Binary::Minus | Binary::Times => arithmetic(operator, (left, l), (right, r)).map_err(here)?,
    };
    Ok(maybe_unknown(ty, unknown))
}

const fn literal_of(expr: &Expr) -> Option<&Literal> {
    match &expr.kind {
        ExprKind::Literal(literal) => Some(literal),
        _ => None,
    }
}

fn arithmetic(operator: Binary, (_, l): (&Expr, &Type), (right, r): (&Expr, &Type)) -> Result<Type, Wrong> {
    match (l, r) {
        (Type::Number(l), Type::Number(r)) if operator == Binary::Times => product(l, r),
        (Type::Number(l), Type::Number(r)) => {
            let scale = l.scale.max(r.scale);
            let digits = whole_digits(l).max(whole_digits(r)) + 1 + scale;
            bounded(scale, digits, same_unit(&l.unit, &r.unit)?)
        }
        // Working days would need the calendar, and a fact that depends on it is a deadline, not a formula.
        (Type::Date, Type::Duration) if operator != Binary::Times => match literal_of(right) {
            // A day past the end of all calendars is unknown.
            Some(Literal::Duration(TimeLimit::Days(_) | TimeLimit::Months(_))) => Ok(Type::Date.optional()),
            _ => Err(operands(operator, l, r)),
        },
        _ => Err(operands(operator, l, r)),
    }
}

fn product(l: &NumberType, r: &NumberType) -> Result<Type, Wrong> {
    let unit = match (&l.unit, &r.unit) {
        (Unit::Any, unit) | (unit, Unit::Any | Unit::Count) | (Unit::Count, unit) => unit.clone(),
        (l, r) => {
            let (left, right) = (l.to_string(), r.to_string());
            return Err(Wrong::Units { left, right });
        }
    };
    bounded(l.scale + r.scale, l.digits + r.digits, unit)
}

const fn whole_digits(number: &NumberType) -> u8 {
    number.digits.saturating_sub(number.scale)
}

fn bounded(scale: u8, digits: u8, unit: Unit) -> Result<Type, Wrong> {
    if digits > DIGITS_MAX {
        return Err(Wrong::TooLarge);
    }
    Ok(Type::Number(NumberType { scale, digits, unit }))
}

fn same_unit(left: &Unit, right: &Unit) -> Result<Unit, Wrong> {
    match (left, right) {
        (Unit::Any, unit) | (unit, Unit::Any) => Ok(unit.clone()),
        (left, right) if left == right => Ok(left.clone()),
        (left, right) => Err(Wrong::Units {
            left: left.to_string(),
            right: right.to_string(),
        }),
    }
}

/// Whether two values can be equal. A text that stands for a choice must be one of its words.
fn comparable(l: &Type, l_word: Option<&Literal>, r: &Type, r_word: Option<&Literal>) -> Result<(), Wrong> {
    let (l, r) = (l.known().0, r.known().0);
    match (l, r) {
        (Type::Number(l), Type::Number(r)) => {
            let unit = same_unit(&l.unit, &r.unit)?;
            let scale = l.scale.max(r.scale);
            bounded(scale, whole_digits(l).max(whole_digits(r)) + scale, unit).map(|_| ())
        }
        (Type::Bool, Type::Bool)
        | (Type::Text, Type::Text)
        | (Type::Date, Type::Date)
        | (Type::Instant, Type::Instant)
        | (Type::Area, Type::Area) => Ok(()),
        (Type::Choice(words), Type::Text) => is_choice(words, r_word, l, r),
        (Type::Text, Type::Choice(words)) => is_choice(words, l_word, l, r),
        (Type::Code(_) | Type::Area, Type::Text) if r_word.is_some() => Ok(()),
        (Type::Text, Type::Code(_) | Type::Area) if l_word.is_some() => Ok(()),
        (Type::Choice(left), Type::Choice(right)) if left == right => Ok(()),
        (Type::Code(left), Type::Code(right)) if left == right => Ok(()),
        _ => Err(not_comparable(l, r)),
    }
}

fn is_choice(words: &[String], literal: Option<&Literal>, l: &Type, r: &Type) -> Result<(), Wrong> {
    match literal {
        Some(Literal::Text(word)) if words.contains(word) => Ok(()),
        Some(Literal::Text(word)) => Err(Wrong::Choice {
            word: word.clone(),
            near: nearest(word, words.iter().map(String::as_str)).map(str::to_owned),
        }),
        _ => Err(not_comparable(l, r)),
    }
}

fn unified(first: &Type, second: &Type) -> Result<Type, Wrong> {
    let ((f, f_unknown), (s, s_unknown)) = (first.known(), second.known());
    let ty = match (f, s) {
        (Type::Null, other) | (other, Type::Null) => return Ok(other.clone().optional()),
        (Type::Number(l), Type::Number(r)) => {
            let scale = l.scale.max(r.scale);
            let digits = whole_digits(l).max(whole_digits(r)) + scale;
            bounded(scale, digits, same_unit(&l.unit, &r.unit)?)?
        }
        (f, s) if f == s => f.clone(),
        (f, s) => return Err(operands_of("? :", f, s)),
    };
    Ok(maybe_unknown(ty, f_unknown || s_unknown))
}

fn maybe_unknown(ty: Type, unknown: bool) -> Type {
    if unknown { ty.optional() } else { ty }
}

fn operand(operator: &'static str, found: &Type) -> Wrong {
    let found = found.to_string();
    Wrong::Operand { operator, found }
}

fn operands(operator: Binary, l: &Type, r: &Type) -> Wrong {
    operands_of(operator.sign(), l, r)
}

fn operands_of(operator: &'static str, l: &Type, r: &Type) -> Wrong {
    let found = format!("{l} and {r}");
    Wrong::Operand { operator, found }
}

fn not_comparable(l: &Type, r: &Type) -> Wrong {
    let (left, right) = (l.to_string(), r.to_string());
    Wrong::Compare { left, right }
}
