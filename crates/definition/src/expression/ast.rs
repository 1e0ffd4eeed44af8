//! The syntax tree of an expression. It owns shape and place of each part and refuses to know types; equality ignores
//! places, so that what was printed and read again is the same.

use super::Number;
use kernel::Date;
use kernel::calendar::TimeLimit;

/// Where a part begins, in bytes from the beginning of the expression. All places are equal to one another.
#[derive(Debug, Clone, Copy, Eq, Default)]
pub struct Offset(pub usize);

impl PartialEq for Offset {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// An expression with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expr {
    /// Where it begins.
    pub at: Offset,
    /// What it is.
    pub kind: ExprKind,
}

/// The kinds of expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExprKind {
    /// A value written out.
    Literal(Literal),
    /// A declared field: names joined by dots.
    Path(String),
    /// The day on which the decision is taken.
    Today,
    /// `has(path)`.
    Has(String),
    /// `size(x)`.
    Size(Box<Expr>),
    /// An operator with one side.
    Unary(Unary, Box<Expr>),
    /// An operator with two sides.
    Binary(Binary, Box<Expr>, Box<Expr>),
    /// `x in ['a', 'b']`; the list has at least one literal.
    In(Box<Expr>, Vec<Literal>),
    /// `condition ? first : second`.
    Condition(Box<Expr>, Box<Expr>, Box<Expr>),
}

/// A value written out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// No value.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, never negative: the sign is an operator.
    Number(Number),
    /// A text.
    Text(String),
    /// A day.
    Date(Date),
    /// A number of days or months.
    Duration(TimeLimit),
}

/// Operators with one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unary {
    /// `!`
    Not,
    /// `-`
    Minus,
}

/// Operators with two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binary {
    /// `||`
    Or,
    /// `&&`
    And,
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
    /// `x in many`
    Within,
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Times,
}

impl Binary {
    /// How it is written.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Or => "||",
            Self::And => "&&",
            Self::Equal => "==",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
            Self::Within => "in",
            Self::Plus => "+",
            Self::Minus => "-",
            Self::Times => "*",
        }
    }

    /// How strongly it binds; all operators of one strength bind from the left.
    #[must_use]
    pub const fn strength(self) -> u8 {
        match self {
            Self::Or => 2,
            Self::And => 3,
            Self::Equal | Self::Unequal | Self::Less | Self::AtMost | Self::More | Self::AtLeast | Self::Within => 4,
            Self::Plus | Self::Minus => 5,
            Self::Times => 6,
        }
    }
}

/// Strength of `? :`, below every operator.
pub(super) const CONDITION_STRENGTH: u8 = 1;
/// Strength of `!` and `-` before something.
pub(super) const UNARY_STRENGTH: u8 = 7;

impl Expr {
    /// Every path that the expression reads, with its place, those under `has` included.
    #[must_use]
    pub fn paths(&self) -> Vec<(&str, Offset)> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect<'a>(&'a self, found: &mut Vec<(&'a str, Offset)>) {
        match &self.kind {
            ExprKind::Literal(_) | ExprKind::Today => {}
            ExprKind::Path(path) | ExprKind::Has(path) => found.push((path, self.at)),
            ExprKind::Size(inner) | ExprKind::Unary(_, inner) | ExprKind::In(inner, _) => inner.collect(found),
            ExprKind::Binary(_, left, right) => {
                left.collect(found);
                right.collect(found);
            }
            ExprKind::Condition(condition, first, second) => {
                condition.collect(found);
                first.collect(found);
                second.collect(found);
            }
        }
    }
}
