//! A checked filter in SQL. The condition lets through every row of which the filter is true, and says whether it lets through
//! nothing else. A `NOT` is carried down to what it denies: what a row does not know is then neither true nor false of it, as in
//! the language itself.

use definition::expression::{Number, Value};
use kernel::fold;
use sea_query::{Alias, Condition, Expr, ExprTrait as _, LikeExpr};

use super::check::{Area, Field, Kind, Node, Spot, Term};
use super::evaluate::plain_pattern;
use super::{Comparison, Relation};

/// A condition, and whether it is the filter exactly.
#[derive(Debug, Clone)]
pub(crate) struct Narrowed {
    /// What is to hold of a row.
    pub(crate) condition: Condition,
    /// Whether nothing else needs to be looked at.
    pub(crate) is_exact: bool,
}

impl Narrowed {
    fn exact(expr: Expr) -> Self {
        Self {
            condition: Condition::all().add(expr),
            is_exact: true,
        }
    }

    fn loose(mut self) -> Self {
        self.is_exact = false;
        self
    }
}

/// The rows of which a filter may be true.
pub(crate) fn narrowed(node: &Node, fields: &[Field]) -> Narrowed {
    Narrower { fields }.node(node, true)
}

struct Narrower<'a> {
    fields: &'a [Field],
}

fn col(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

impl Narrower<'_> {
    /// The rows of which the node may be `wanted`.
    fn node(&self, node: &Node, wanted: bool) -> Narrowed {
        match node {
            Node::Bool(yes) => Narrowed::exact(Expr::value(*yes == wanted)),
            Node::Flag(at) => Narrowed::exact(self.column(*at).eq(wanted)),
            Node::Null(at) => {
                let column = self.column(*at);
                Narrowed::exact(if wanted { column.is_null() } else { column.is_not_null() })
            }
            Node::Not(inner) => self.node(inner, !wanted),
            Node::And(all) => self.joined(all, wanted, wanted),
            Node::Or(all) => self.joined(all, wanted, !wanted),
            Node::Compare(comparison, left, right) => {
                let comparison = if wanted { *comparison } else { comparison.opposite() };
                self.compare(comparison, left, right)
            }
            Node::Like(text, pattern) => self.like(text, pattern, wanted),
            Node::Spatial(relation, one, other) => self.spatial(*relation, one, other, wanted),
        }
    }

    /// All of them, or one of them.
    fn joined(&self, all: &[Node], wanted: bool, is_all: bool) -> Narrowed {
        let mut condition = if is_all { Condition::all() } else { Condition::any() };
        let mut is_exact = true;
        for node in all {
            let part = self.node(node, wanted);
            is_exact &= part.is_exact;
            condition = condition.add(part.condition);
        }
        Narrowed { condition, is_exact }
    }

    fn column(&self, at: usize) -> Expr {
        col(&self.fields[at].column)
    }

    /// Rows that know both sides: the least that is true of any comparison.
    fn known(&self, terms: [&Term; 2]) -> Narrowed {
        let mut condition = Condition::all();
        for term in terms {
            if let Some(at) = field_of(term) {
                condition = condition.add(self.column(at).is_not_null());
            }
        }
        Narrowed {
            condition,
            is_exact: false,
        }
    }

    fn compare(&self, comparison: Comparison, left: &Term, right: &Term) -> Narrowed {
        match (left, right) {
            (Term::Field(at), Term::Value(value)) => self.with_value(comparison, *at, value),
            (Term::Value(value), Term::Field(at)) => self.with_value(comparison.mirrored(), *at, value),
            (Term::Field(one), Term::Field(other)) => match (self.fields[*one].kind, self.fields[*other].kind) {
                (Kind::Number(a), Kind::Number(b)) if a != b => self.known([left, right]),
                _ => Narrowed::exact(said(comparison, self.column(*one), self.column(*other))),
            },
            (Term::Value(one), Term::Value(other)) => {
                let order = match (one, other) {
                    (Value::Number(one), Value::Number(other)) => Some(one.compare(*other)),
                    (Value::Text(one), Value::Text(other)) => Some(one.cmp(other)),
                    (Value::Bool(one), Value::Bool(other)) => Some(one.cmp(other)),
                    (Value::Date(one), Value::Date(other)) => Some(one.cmp(other)),
                    (Value::Instant(one), Value::Instant(other)) => Some(one.cmp(other)),
                    _ => None,
                };
                Narrowed::exact(Expr::value(order.is_some_and(|order| comparison.holds(order))))
            }
            _ => self.folded(comparison, left, right),
        }
    }

    fn with_value(&self, comparison: Comparison, at: usize, value: &Value) -> Narrowed {
        let field = &self.fields[at];
        let column = self.column(at);
        let expr = match (field.kind, value) {
            (Kind::Number(scale), Value::Number(number)) => whole(comparison, &column, *number, scale),
            (_, Value::Text(text)) => said(comparison, column, Expr::value(text.clone())),
            (_, Value::Bool(yes)) => said(comparison, column, Expr::value(*yes)),
            (_, Value::Date(day)) => said(comparison, column, Expr::value(*day)),
            (_, Value::Instant(at)) => said(comparison, column, Expr::value(at.jiff())),
            _ => Expr::value(false),
        };
        // An equal text has an equal fold, and the fold has an index.
        if let (Some(folded), Value::Text(text), Comparison::Equal) = (&field.folded, value, comparison) {
            let both = Condition::all().add(col(folded).eq(fold::fold(text))).add(expr);
            return Narrowed {
                condition: both,
                is_exact: true,
            };
        }
        Narrowed::exact(expr)
    }

    /// Texts without case or marks: the column of the fold finds what is equal without both, and so what is equal without one.
    fn folded(&self, comparison: Comparison, left: &Term, right: &Term) -> Narrowed {
        let (column, value, full) = match (left, right) {
            (Term::Fold { case, marks, inner }, other) => (inner, other, *case && *marks && is_full(other)),
            (other, Term::Fold { case, marks, inner }) => (inner, other, *case && *marks && is_full(other)),
            _ => return self.known([left, right]),
        };
        let known = self.known([left, right]);
        let folded = field_of(column).and_then(|at| self.fields[at].folded.as_deref());
        let (Some(folded), Some(text)) = (folded, text_of(value)) else {
            return known;
        };
        let wanted = fold::fold(text);
        match comparison {
            Comparison::Equal if full => Narrowed::exact(col(folded).eq(wanted)),
            Comparison::Unequal if full => Narrowed::exact(col(folded).ne(wanted)),
            Comparison::Equal => Narrowed::exact(col(folded).eq(wanted)).loose(),
            _ => known,
        }
    }

    fn like(&self, text: &Term, pattern: &Term, wanted: bool) -> Narrowed {
        let known = self.known([text, pattern]);
        let (Some(at), Some(words)) = (field_of(text), text_of(pattern)) else {
            return known;
        };
        match text {
            Term::Field(_) if wanted && matches!(pattern, Term::Value(_)) => {
                // SQLite takes small and capital ASCII letters for one here: more rows, never fewer.
                Narrowed::exact(self.column(at).like(LikeExpr::new(plain_pattern(words)).escape('\\'))).loose()
            }
            Term::Fold {
                case: true,
                marks: true,
                ..
            } if is_full(pattern) => {
                let Some(folded) = &self.fields[at].folded else {
                    return known;
                };
                let like = LikeExpr::new(plain_pattern(&fold::fold(words))).escape('\\');
                let column = col(folded);
                Narrowed::exact(if wanted {
                    column.like(like)
                } else {
                    column.not_like(like)
                })
            }
            _ => known,
        }
    }

    fn spatial(&self, relation: Relation, one: &Spot, other: &Spot, wanted: bool) -> Narrowed {
        let (at, area) = match (one, other) {
            (Spot::Field(at), Spot::Shape(area)) | (Spot::Shape(area), Spot::Field(at)) => (*at, area),
            (Spot::Field(at), Spot::Field(_)) => {
                return Narrowed::exact(self.column(at.to_owned()).is_not_null()).loose();
            }
            // Nothing of a row is asked.
            (Spot::Shape(_), Spot::Shape(_)) => return Narrowed::exact(Expr::value(true)).loose(),
        };
        let is_point = matches!(self.fields[at].kind, Kind::Place { is_point: true });
        let is_exact = is_point && area.is_box;
        let there = self.column(at).is_not_null();
        let condition = match (relation, wanted) {
            (Relation::Disjoint, false) => meets(area),
            (Relation::Disjoint, true) | (Relation::Intersects, false) if is_exact => {
                Condition::all().add(there).add(meets(area).not())
            }
            (Relation::Disjoint, true) | (_, false) => Condition::all().add(there),
            (_, true) => meets(area),
        };
        Narrowed {
            condition,
            is_exact: is_exact && matches!(relation, Relation::Intersects | Relation::Disjoint),
        }
    }
}

/// Rows whose bounds meet those of a shape.
pub(crate) fn meets(area: &Area) -> Condition {
    let each = area.boxes.iter().map(|[west, south, east, north]| {
        Condition::all()
            .add(col("west").lte(*east))
            .add(col("east").gte(*west))
            .add(col("south").lte(*north))
            .add(col("north").gte(*south))
    });
    each.fold(Condition::any(), Condition::add)
}

fn said(comparison: Comparison, left: Expr, right: Expr) -> Expr {
    match comparison {
        Comparison::Equal => left.eq(right),
        Comparison::Unequal => left.ne(right),
        Comparison::Less => left.lt(right),
        Comparison::LessEqual => left.lte(right),
        Comparison::Greater => left.gt(right),
        Comparison::GreaterEqual => left.gte(right),
    }
}

/// A scaled integer beside a number that may have more decimals, or be greater than any integer.
fn whole(comparison: Comparison, column: &Expr, number: Number, scale: u8) -> Expr {
    let wide = i128::from(number.units()) * 10_i128.pow(u32::from(scale));
    let divisor = 10_i128.pow(u32::from(number.scale()));
    let (floor, is_whole) = (wide.div_euclid(divisor), wide.rem_euclid(divisor) == 0);
    let bound = i64::try_from(floor).unwrap_or(if floor < 0 { i64::MIN } else { i64::MAX });
    let column = column.clone();
    match comparison {
        // Nothing that is known is equal to it.
        Comparison::Equal if !is_whole => column.clone().lt(0_i64).and(column.gt(0_i64)),
        Comparison::Unequal if !is_whole => column.is_not_null(),
        Comparison::Less if !is_whole => column.lte(bound),
        Comparison::GreaterEqual if !is_whole => column.gt(bound),
        // Without its decimals it is less: both mean what lies at most, or above, the whole part.
        Comparison::LessEqual | Comparison::Greater | Comparison::Equal | Comparison::Unequal => {
            said(comparison, column, Expr::value(bound))
        }
        Comparison::Less | Comparison::GreaterEqual => said(comparison, column, Expr::value(bound)),
    }
}

fn field_of(term: &Term) -> Option<usize> {
    match term {
        Term::Field(at) => Some(*at),
        Term::Value(_) => None,
        Term::Fold { inner, .. } => field_of(inner),
    }
}

fn text_of(term: &Term) -> Option<&str> {
    match term {
        Term::Value(Value::Text(text)) => Some(text),
        Term::Value(_) | Term::Field(_) => None,
        Term::Fold { inner, .. } => text_of(inner),
    }
}

/// Whether the other side is compared without case and marks as well: a text that is its own fold already, or folded here.
fn is_full(term: &Term) -> bool {
    match term {
        Term::Fold { case, marks, .. } => *case && *marks,
        Term::Value(Value::Text(text)) => fold::fold(text) == *text,
        Term::Value(_) | Term::Field(_) => false,
    }
}
