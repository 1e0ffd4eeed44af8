//! The meaning of an expression. It owns three-valued logic and refuses to fail: what does not fit its declaration is
//! unknown. Recursion is bounded by the depth that the parser allows.

use super::ast::{Binary, Expr, ExprKind, Literal, Unary};
use super::{Formula, Number, Value};
use jiff::Span;
use kernel::Date;
use kernel::calendar::TimeLimit;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The values that an expression reads: by path, and the day of the decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The day of the decision, on a Vietnamese calendar.
    pub today: Date,
    values: BTreeMap<String, Value>,
}

impl Facts {
    /// Nothing is known but the day.
    #[must_use]
    pub const fn new(today: Date) -> Self {
        Self {
            today,
            values: BTreeMap::new(),
        }
    }

    /// Says what `path` is; a later value of the same path wins.
    pub fn set(&mut self, path: impl Into<String>, value: Value) {
        self.values.insert(path.into(), value);
    }

    /// The value of a path; [`Value::Null`] when nothing was said.
    #[must_use]
    pub fn get(&self, path: &str) -> Value {
        self.values.get(path).cloned().unwrap_or(Value::Null)
    }
}

impl Expr {
    /// The value of an expression that was checked before it was stored; unknown when a fact is not what it was declared to be.
    #[must_use]
    pub fn evaluate(&self, facts: &Facts) -> Value {
        evaluate(self, facts).unwrap_or(Value::Null)
    }
}

/// A value of another type than the operator takes: the checker lets none through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mismatch;

impl Formula {
    /// The value of the expression; unknown when a fact is not what the surroundings declared.
    #[must_use]
    pub fn evaluate(&self, facts: &Facts) -> Value {
        evaluate(self.expr(), facts).unwrap_or(Value::Null)
    }
}

pub(super) fn evaluate(expr: &Expr, facts: &Facts) -> Result<Value, Mismatch> {
    match &expr.kind {
        ExprKind::Literal(literal) => Ok(literal.value()),
        ExprKind::Path(path) => Ok(facts.get(path)),
        ExprKind::Today => Ok(Value::Date(facts.today)),
        ExprKind::Has(path) => Ok(Value::Bool(facts.get(path) != Value::Null)),
        ExprKind::Size(inner) => {
            let count = match evaluate(inner, facts)? {
                Value::Null => return Ok(Value::Null),
                Value::Text(text) => text.chars().count(),
                Value::Many(values) => values.len(),
                _ => return Err(Mismatch),
            };
            Ok(Value::Number(Number::whole(i64::try_from(count).unwrap_or(i64::MAX))))
        }
        ExprKind::Unary(operator, inner) => match (operator, evaluate(inner, facts)?) {
            (_, Value::Null) => Ok(Value::Null),
            (Unary::Not, Value::Bool(bool)) => Ok(Value::Bool(!bool)),
            (Unary::Minus, Value::Number(number)) => number.minus().map(Value::Number).ok_or(Mismatch),
            _ => Err(Mismatch),
        },
        ExprKind::Binary(Binary::Or, left, right) => either(evaluate(left, facts)?, evaluate(right, facts)?, true),
        ExprKind::Binary(Binary::And, left, right) => either(evaluate(left, facts)?, evaluate(right, facts)?, false),
        ExprKind::Binary(operator @ (Binary::Equal | Binary::Unequal), left, right)
            if is_null(left) || is_null(right) =>
        {
            let other = evaluate(if is_null(left) { right } else { left }, facts)?;
            Ok(Value::Bool((other == Value::Null) == (*operator == Binary::Equal)))
        }
        ExprKind::Binary(operator, left, right) => apply(*operator, evaluate(left, facts)?, evaluate(right, facts)?),
        ExprKind::In(inner, list) => {
            let value = evaluate(inner, facts)?;
            within(&value, list.iter().map(Literal::value))
        }
        ExprKind::Condition(condition, first, second) => match evaluate(condition, facts)? {
            Value::Bool(true) => evaluate(first, facts),
            Value::Bool(false) | Value::Null => evaluate(second, facts),
            _ => Err(Mismatch),
        },
    }
}

const fn is_null(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Literal(Literal::Null))
}

impl Literal {
    /// The value that is written out.
    #[must_use]
    pub fn value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(bool) => Value::Bool(*bool),
            Self::Number(number) => Value::Number(*number),
            Self::Text(text) => Value::Text(text.clone()),
            Self::Date(date) => Value::Date(*date),
            Self::Duration(duration) => Value::Duration(*duration),
        }
    }
}

/// `||` when `decisive` is true, `&&` when it is false: one decisive side settles it, else an unknown one does.
fn either(left: Value, right: Value, decisive: bool) -> Result<Value, Mismatch> {
    match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => {
            Ok(Value::Bool(if decisive { left || right } else { left && right }))
        }
        (Value::Bool(known), Value::Null) | (Value::Null, Value::Bool(known)) if known == decisive => {
            Ok(Value::Bool(decisive))
        }
        (Value::Bool(_) | Value::Null, Value::Bool(_) | Value::Null) => Ok(Value::Null),
        _ => Err(Mismatch),
    }
}

fn apply(operator: Binary, left: Value, right: Value) -> Result<Value, Mismatch> {
    if left == Value::Null || right == Value::Null {
        return Ok(Value::Null);
    }
    let ordered = |holds: fn(Ordering) -> bool| compare(&left, &right).map(|order| Value::Bool(holds(order)));
    match operator {
        Binary::Equal => ordered(Ordering::is_eq),
        Binary::Unequal => ordered(Ordering::is_ne),
        Binary::Less => ordered(Ordering::is_lt),
        Binary::AtMost => ordered(Ordering::is_le),
        Binary::More => ordered(Ordering::is_gt),
        Binary::AtLeast => ordered(Ordering::is_ge),
        Binary::Within => match right {
            Value::Many(values) => within(&left, values.into_iter()),
            _ => Err(Mismatch),
        },
        Binary::Plus | Binary::Minus | Binary::Times => arithmetic(operator, left, right),
        Binary::Or | Binary::And => Err(Mismatch),
    }
}

fn arithmetic(operator: Binary, left: Value, right: Value) -> Result<Value, Mismatch> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            let result = match operator {
                Binary::Plus => left.plus(right),
                Binary::Minus => right.minus().and_then(|right| left.plus(right)),
                _ => left.times(right),
            };
            result.map(Value::Number).ok_or(Mismatch)
        }
        (Value::Date(day), Value::Duration(duration)) => {
            let sign = if operator == Binary::Minus { -1 } else { 1 };
            Ok(shifted(day, duration, sign).map_or(Value::Null, Value::Date))
        }
        _ => Err(Mismatch),
    }
}

/// A day that no calendar has is unknown.
fn shifted(day: Date, duration: TimeLimit, sign: i64) -> Option<Date> {
    let span = match duration {
        TimeLimit::Days(days) => Span::new().try_days(sign * i64::from(days)),
        TimeLimit::Months(months) => Span::new().try_months(sign * i64::from(months)),
        TimeLimit::WorkingDays(_) | TimeLimit::WorkingHours(_) => return None,
    };
    day.checked_add(span.ok()?).ok()
}

fn compare(left: &Value, right: &Value) -> Result<Ordering, Mismatch> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => Ok(left.compare(*right)),
        (Value::Bool(left), Value::Bool(right)) => Ok(left.cmp(right)),
        (Value::Text(left), Value::Text(right)) => Ok(left.cmp(right)),
        (Value::Date(left), Value::Date(right)) => Ok(left.cmp(right)),
        (Value::Instant(left), Value::Instant(right)) => Ok(left.cmp(right)),
        _ => Err(Mismatch),
    }
}

fn within(value: &Value, mut values: impl Iterator<Item = Value>) -> Result<Value, Mismatch> {
    if *value == Value::Null {
        return Ok(Value::Null);
    }
    let mut found = Value::Bool(false);
    values.try_for_each(|one| {
        if one == Value::Null {
            if found == Value::Bool(false) {
                found = Value::Null;
            }
        } else if compare(value, &one)?.is_eq() {
            found = Value::Bool(true);
        }
        Ok(())
    })?;
    Ok(found)
}
