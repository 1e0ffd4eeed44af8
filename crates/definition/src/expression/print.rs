//! A tree to text, with the fewest brackets. It owns the one way in which an expression is shown, and refuses nothing:
//! what it writes is read back as the same tree.

use super::ast::{Binary, CONDITION_STRENGTH, Expr, ExprKind, Literal, UNARY_STRENGTH, Unary};
use std::fmt;

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ExprKind::Literal(literal) => write!(f, "{literal}"),
            ExprKind::Path(path) => f.write_str(path),
            ExprKind::Today => f.write_str("today"),
            ExprKind::Has(path) => write!(f, "has({path})"),
            ExprKind::Size(inner) => write!(f, "size({inner})"),
            ExprKind::Unary(operator, inner) => {
                f.write_str(match operator {
                    Unary::Not => "!",
                    Unary::Minus => "-",
                })?;
                bracketed(f, inner, UNARY_STRENGTH)
            }
            ExprKind::Binary(operator, left, right) => {
                bracketed(f, left, operator.strength())?;
                write!(f, " {} ", operator.sign())?;
                bracketed(f, right, operator.strength() + 1)
            }
            ExprKind::In(inner, list) => {
                bracketed(f, inner, Binary::Within.strength())?;
                f.write_str(" in [")?;
                for (index, literal) in list.iter().enumerate() {
                    write!(f, "{}{literal}", if index > 0 { ", " } else { "" })?;
                }
                f.write_str("]")
            }
            ExprKind::Condition(condition, first, second) => {
                bracketed(f, condition, CONDITION_STRENGTH + 1)?;
                write!(f, " ? {first} : {second}")
            }
        }
    }
}

fn bracketed(f: &mut fmt::Formatter<'_>, inner: &Expr, least: u8) -> fmt::Result {
    let strength = match &inner.kind {
        ExprKind::Binary(operator, ..) => operator.strength(),
        ExprKind::In(..) => Binary::Within.strength(),
        ExprKind::Condition(..) => CONDITION_STRENGTH,
        ExprKind::Unary(..) => UNARY_STRENGTH,
        ExprKind::Literal(_) | ExprKind::Path(_) | ExprKind::Today | ExprKind::Has(_) | ExprKind::Size(_) => u8::MAX,
    };
    if strength < least {
        write!(f, "({inner})")
    } else {
        write!(f, "{inner}")
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(bool) => write!(f, "{bool}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => quoted(f, text),
            Self::Date(date) => write!(f, "date('{date}')"),
            Self::Duration(duration) => write!(f, "duration('{duration}')"),
        }
    }
}

fn quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str("'")?;
    for c in text.chars() {
        match c {
            '\n' => f.write_str("\\n")?,
            '\t' => f.write_str("\\t")?,
            '\\' | '\'' => write!(f, "\\{c}")?,
            _ => write!(f, "{c}")?,
        }
    }
    f.write_str("'")
}
