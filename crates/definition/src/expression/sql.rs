//! A condition or a sum as a piece of SQL that means the same on both database engines, for indicators. It owns the
//! translation and refuses what one of the engines cannot say: lists in a column, and days counted from a column.
//! Texts and days are parameters, never text of the statement; names are quoted.

use super::ast::{Binary, Expr, ExprKind, Literal, Unary};
use super::check::type_of;
use super::evaluate::{Facts, evaluate};
use super::{Environment, Formula, Offset, Type, Value};
use kernel::Date;

/// A piece of SQL with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    /// The text, in brackets, with `$1`, `$2` in the order of the parameters.
    pub text: String,
    /// Values to bind.
    pub parameters: Vec<Parameter>,
}

/// A value to bind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parameter {
    /// Text.
    Text(String),
    /// A day: `DATE`, or ISO text where the engine has none.
    Date(Date),
}

/// Why an expression cannot be counted in the database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SqlError {
    /// A path that is no column.
    #[error("{path} is no column")]
    NoColumn {
        /// The path.
        path: String,
        /// Where it stands.
        at: Offset,
    },
    /// Something that the two engines do not say alike.
    #[error("this cannot be counted in the database")]
    NotCountable {
        /// Where it stands.
        at: Offset,
    },
}

/// Translates a checked formula. `column` gives the name of the column of a path (numbers are stored as scaled integers);
/// `first` is the number of the first parameter; `today` is bound as it is now.
///
/// # Errors
/// [`SqlError`] with the place.
pub fn compile(
    formula: &Formula,
    environment: &Environment,
    column: &dyn Fn(&str) -> Option<String>,
    first: usize,
    today: Date,
) -> Result<Fragment, SqlError> {
    let mut compiler = Compiler {
        environment,
        column,
        today,
    };
    let tree = compiler.tree(formula.expr())?;
    let mut fragment = Fragment {
        text: String::new(),
        parameters: Vec::new(),
    };
    tree.write(&mut fragment, first);
    Ok(fragment)
}

/// The part of SQL that is used: every node means the same on both engines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sql {
    Null,
    Bool(bool),
    Integer(i64),
    Bound(Parameter),
    Column(String),
    Not(Box<Sql>),
    Minus(Box<Sql>),
    Length(Box<Sql>),
    IsNull(Box<Sql>, bool),
    Operator(&'static str, Box<Sql>, Box<Sql>),
    In(Box<Sql>, Vec<Sql>),
    Case(Box<Sql>, Box<Sql>, Box<Sql>),
}

impl Sql {
    fn write(&self, out: &mut Fragment, first: usize) {
        match self {
            Self::Null => out.text.push_str("NULL"),
            Self::Bool(bool) => out.text.push_str(if *bool { "TRUE" } else { "FALSE" }),
            Self::Integer(integer) => out.text.push_str(&integer.to_string()),
            Self::Bound(parameter) => {
                out.text.push_str(&format!("${}", first + out.parameters.len()));
                out.parameters.push(parameter.clone());
            }
            Self::Column(name) => out.text.push_str(&quoted(name)),
            Self::Not(inner) => inner.between(out, first, "(NOT ", ")"),
            Self::Minus(inner) => inner.between(out, first, "(- ", ")"),
            Self::Length(inner) => inner.between(out, first, "LENGTH(", ")"),
            Self::IsNull(inner, true) => inner.between(out, first, "(", " IS NULL)"),
            Self::IsNull(inner, false) => inner.between(out, first, "(", " IS NOT NULL)"),
            Self::Operator(sign, left, right) => {
                left.between(out, first, "(", " ");
                right.between(out, first, &format!("{sign} "), ")");
            }
            Self::In(inner, list) => {
                inner.between(out, first, "(", " IN (");
                for (index, one) in list.iter().enumerate() {
                    one.between(out, first, if index > 0 { ", " } else { "" }, "");
                }
                out.text.push_str("))");
            }
            Self::Case(condition, yes, no) => {
                condition.between(out, first, "(CASE WHEN ", " THEN ");
                yes.between(out, first, "", " ELSE ");
                no.between(out, first, "", " END)");
            }
        }
    }

    fn between(&self, out: &mut Fragment, first: usize, before: &str, after: &str) {
        out.text.push_str(before);
        self.write(out, first);
        out.text.push_str(after);
    }
}

fn quoted(name: &str) -> String {
    name.split('.')
        .map(|part| format!("\"{}\"", part.replace('"', "\"\"")))
        .collect::<Vec<_>>()
        .join(".")
}

pub(super) struct Compiler<'a> {
    pub(super) environment: &'a Environment,
    pub(super) column: &'a dyn Fn(&str) -> Option<String>,
    pub(super) today: Date,
}

impl Compiler<'_> {
    pub(super) fn tree(&mut self, expr: &Expr) -> Result<Sql, SqlError> {
        if expr.paths().is_empty() {
            return self.constant(expr);
        }
        let refused = SqlError::NotCountable { at: expr.at };
        Ok(match &expr.kind {
            ExprKind::Literal(_) | ExprKind::Today => self.constant(expr)?,
            ExprKind::Path(path) => self.path(path, expr.at)?,
            ExprKind::Has(path) => Sql::IsNull(Box::new(self.path(path, expr.at)?), false),
            ExprKind::Size(inner) => Sql::Length(Box::new(self.tree(inner)?)),
            ExprKind::Unary(Unary::Not, inner) => Sql::Not(Box::new(self.tree(inner)?)),
            ExprKind::Unary(Unary::Minus, inner) => Sql::Minus(Box::new(self.tree(inner)?)),
            ExprKind::Binary(Binary::Within, ..) => return Err(refused),
            ExprKind::Binary(operator, left, right) => self.operator(*operator, left, right)?,
            ExprKind::In(inner, list) => {
                let scale = list.iter().map(scale_of_literal).max().unwrap_or(0);
                let scale = scale.max(self.scale(inner));
                let list = list.iter().map(|one| literal(&one.value(), scale));
                let list = list.collect::<Option<Vec<_>>>().ok_or(refused)?;
                Sql::In(Box::new(self.scaled(inner, scale)?), list)
            }
            ExprKind::Condition(condition, first, second) => {
                let scale = self.scale(first).max(self.scale(second));
                Sql::Case(
                    Box::new(self.tree(condition)?),
                    Box::new(self.scaled(first, scale)?),
                    Box::new(self.scaled(second, scale)?),
                )
            }
        })
    }

    fn operator(&mut self, operator: Binary, left: &Expr, right: &Expr) -> Result<Sql, SqlError> {
        let null = |expr: &Expr| expr.kind == ExprKind::Literal(Literal::Null);
        let sign = match operator {
            Binary::Equal | Binary::Unequal if null(left) || null(right) => {
                let other = self.tree(if null(left) { right } else { left })?;
                return Ok(Sql::IsNull(Box::new(other), operator == Binary::Equal));
            }
            Binary::Or => "OR",
            Binary::And => "AND",
            Binary::Equal => "=",
            Binary::Unequal => "<>",
            Binary::Within => return Err(SqlError::NotCountable { at: left.at }),
            other => other.sign(),
        };
        if operator == Binary::Times {
            let (left, right) = (self.tree(left)?, self.tree(right)?);
            return Ok(Sql::Operator(sign, Box::new(left), Box::new(right)));
        }
        let scale = self.scale(left).max(self.scale(right));
        let (left, right) = (self.scaled(left, scale)?, self.scaled(right, scale)?);
        Ok(Sql::Operator(sign, Box::new(left), Box::new(right)))
    }

    fn path(&self, path: &str, at: Offset) -> Result<Sql, SqlError> {
        let many = matches!(self.environment.type_of(path).map(Type::known), Ok((Type::Many(_), _)));
        if many {
            return Err(SqlError::NotCountable { at });
        }
        let path_of = || path.to_owned();
        (self.column)(path)
            .map(Sql::Column)
            .ok_or_else(|| SqlError::NoColumn { path: path_of(), at })
    }

    /// A part without columns is its value.
    fn constant(&self, expr: &Expr) -> Result<Sql, SqlError> {
        let value = evaluate(expr, &Facts::new(self.today)).unwrap_or(Value::Null);
        literal(&value, self.scale(expr)).ok_or(SqlError::NotCountable { at: expr.at })
    }

    fn scaled(&mut self, expr: &Expr, scale: u8) -> Result<Sql, SqlError> {
        let tree = self.tree(expr)?;
        let factor = 10_i64.pow(u32::from(scale.saturating_sub(self.scale(expr))));
        Ok(match tree {
            Sql::Integer(units) => Sql::Integer(units.saturating_mul(factor)),
            tree if factor == 1 || tree == Sql::Null => tree,
            tree => Sql::Operator("*", Box::new(tree), Box::new(Sql::Integer(factor))),
        })
    }

    fn scale(&self, expr: &Expr) -> u8 {
        match type_of(expr, self.environment).as_ref().map(Type::known) {
            Ok((Type::Number(number), _)) => number.scale.min(18),
            _ => 0,
        }
    }
}

const fn scale_of_literal(literal: &Literal) -> u8 {
    match literal {
        Literal::Number(number) => number.scale(),
        _ => 0,
    }
}

/// A constant; `None` for what has no place in a column.
fn literal(value: &Value, scale: u8) -> Option<Sql> {
    Some(match value {
        Value::Null => Sql::Null,
        Value::Bool(bool) => Sql::Bool(*bool),
        Value::Number(number) => Sql::Integer(number.rescaled(scale)?.units()),
        Value::Text(text) => Sql::Bound(Parameter::Text(text.clone())),
        Value::Date(date) => Sql::Bound(Parameter::Date(*date)),
        Value::Instant(_) | Value::Duration(_) | Value::Many(_) => return None,
    })
}
