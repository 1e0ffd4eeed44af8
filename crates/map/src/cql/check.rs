//! Holds a filter against the fields of a collection. What comes out has a type everywhere, shapes over WGS 84 and times as
//! comparisons; what goes in may be anything. Refuses fields that the collection does not show, and values that cannot be compared.

use geo::{BoundingRect as _, CoordsIter as _, Geometry};
use kernel::{Date, Timestamp, fold};
use register::geometry::crs::Crs;

use definition::expression::Value;

use super::{Comparison, CqlError, Expr, Operand, Order, Place, Relation, Shape, Time, date, instant};

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Yes or no.
    Bool,
    /// A scaled integer with so many decimals.
    Number(u8),
    /// A text.
    Text,
    /// A day.
    Date,
    /// An instant.
    Instant,
    /// The place of the feature, and whether it is a point.
    Place {
        /// Whether it is a point.
        is_point: bool,
    },
}

/// A field that filters may name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Its column.
    pub column: String,
    /// The column of its folded text.
    pub folded: Option<String>,
    /// Whether an index finds its values.
    pub indexed: bool,
}

/// A checked filter. Fields are positions in the list that it was held against.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// True or false.
    Bool(bool),
    /// A field that is true or false itself.
    Flag(usize),
    /// Nothing is there.
    Null(usize),
    /// All of them.
    And(Vec<Node>),
    /// One of them.
    Or(Vec<Node>),
    /// Not so.
    Not(Box<Node>),
    /// Two values of one type.
    Compare(Comparison, Term, Term),
    /// A text and its pattern.
    Like(Term, Term),
    /// Two places.
    Spatial(Relation, Spot, Spot),
}

/// A value of a checked filter.
#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    /// A field.
    Field(usize),
    /// A value.
    Value(Value),
    /// A text without difference of case, of marks, or of both.
    Fold {
        /// Small and capital letters are one.
        case: bool,
        /// Letters with and without marks are one.
        marks: bool,
        /// The text.
        inner: Box<Term>,
    },
}

/// A place of a checked filter.
#[derive(Debug, Clone, PartialEq)]
pub enum Spot {
    /// The place of the feature.
    Field(usize),
    /// A shape over WGS 84.
    Shape(Area),
}

/// A shape with what makes it quick to find.
#[derive(Debug, Clone, PartialEq)]
pub struct Area {
    /// The shape.
    pub geometry: Geometry<f64>,
    /// Boxes within which it lies: two when it crosses the antimeridian.
    pub boxes: Vec<[f64; 4]>,
    /// Whether it is these boxes.
    pub is_box: bool,
}

impl Area {
    /// The shape.
    #[must_use]
    pub fn new(geometry: Geometry<f64>, is_box: bool) -> Self {
        let parts = match &geometry {
            Geometry::MultiPolygon(all) if is_box => all.0.iter().filter_map(geo::Polygon::bounding_rect).collect(),
            _ => geometry.bounding_rect().into_iter().collect::<Vec<_>>(),
        };
        let boxes = parts
            .iter()
            .map(|part| [part.min().x, part.min().y, part.max().x, part.max().y])
            .collect();
        Self {
            geometry,
            boxes,
            is_box,
        }
    }

    /// How many positions it has.
    #[must_use]
    pub fn positions(&self) -> usize {
        self.geometry.coords_count()
    }
}

/// Holds a filter against fields; its coordinates are of `crs`.
///
/// # Errors
/// [`CqlError`] says what does not go together.
pub fn check(expr: &Expr, fields: &[Field], crs: &Crs) -> Result<Node, CqlError> {
    Checker { fields, crs }.node(expr)
}

struct Checker<'a> {
    fields: &'a [Field],
    crs: &'a Crs,
}

impl Checker<'_> {
    fn node(&self, expr: &Expr) -> Result<Node, CqlError> {
        let all = |parts: &[Expr]| parts.iter().map(|part| self.node(part)).collect::<Result<Vec<_>, _>>();
        match expr {
            Expr::Bool(yes) => Ok(Node::Bool(*yes)),
            Expr::Flag(name) => match self.field(name)? {
                (at, Kind::Bool) => Ok(Node::Flag(at)),
                (_, kind) => Err(types(word(kind), "a condition")),
            },
            Expr::And(parts) => all(parts).map(Node::And),
            Expr::Or(parts) => all(parts).map(Node::Or),
            Expr::Not(inner) => self.node(inner).map(|inner| Node::Not(Box::new(inner))),
            Expr::Compare(comparison, left, right) => self.compare(*comparison, left, right),
            Expr::Like(value, pattern) => {
                let (value, pattern) = (self.term(value)?, self.term(pattern)?);
                match (self.kind(&value), self.kind(&pattern)) {
                    (Kind::Text, Kind::Text) => Ok(Node::Like(value, pattern)),
                    (one, other) => Err(types(word(one), word(other))),
                }
            }
            Expr::Between(value, low, high) => Ok(Node::And(vec![
                self.compare(Comparison::GreaterEqual, value, low)?,
                self.compare(Comparison::LessEqual, value, high)?,
            ])),
            Expr::In(value, list) => {
                let each = list.iter().map(|one| self.compare(Comparison::Equal, value, one));
                each.collect::<Result<Vec<_>, _>>().map(Node::Or)
            }
            Expr::IsNull(name) => self.field(name).map(|(at, _)| Node::Null(at)),
            Expr::Spatial(relation, one, other) => {
                let (one, other) = (self.spot(one)?, self.spot(other)?);
                Ok(Node::Spatial(*relation, one, other))
            }
            Expr::Temporal(order, one, other) => self.temporal(*order, one, other),
        }
    }

    fn field(&self, name: &str) -> Result<(usize, Kind), CqlError> {
        let at = self.fields.iter().position(|field| field.name == name);
        let at = at.ok_or_else(|| CqlError::Property(name.chars().take(60).collect()))?;
        Ok((at, self.fields[at].kind))
    }

    fn term(&self, operand: &Operand) -> Result<Term, CqlError> {
        Ok(match operand {
            Operand::Property(name) => match self.field(name)? {
                (_, kind @ Kind::Place { .. }) => return Err(types(word(kind), "a value")),
                (at, _) => Term::Field(at),
            },
            // PostgreSQL has no text with a zero in it.
            Operand::Text(text) if text.contains('\0') => {
                return Err(CqlError::Unsupported("a zero character".to_owned()));
            }
            Operand::Text(text) => Term::Value(Value::Text(fold::nfc(text).into_owned())),
            Operand::Number(number) => Term::Value(Value::Number(*number)),
            Operand::Bool(yes) => Term::Value(Value::Bool(*yes)),
            Operand::Date(day) => Term::Value(Value::Date(*day)),
            Operand::Instant(at) => Term::Value(Value::Instant(*at)),
            Operand::Casei(inner) => self.folded(inner, true, false)?,
            Operand::Accenti(inner) => self.folded(inner, false, true)?,
        })
    }

    fn folded(&self, inner: &Operand, case: bool, marks: bool) -> Result<Term, CqlError> {
        let inner = self.term(inner)?;
        if self.kind(&inner) != Kind::Text {
            return Err(types(word(self.kind(&inner)), word(Kind::Text)));
        }
        Ok(match inner {
            Term::Fold {
                case: own_case,
                marks: own_marks,
                inner,
            } => Term::Fold {
                case: case || own_case,
                marks: marks || own_marks,
                inner,
            },
            inner => Term::Fold {
                case,
                marks,
                inner: Box::new(inner),
            },
        })
    }

    fn kind(&self, term: &Term) -> Kind {
        match term {
            Term::Field(at) => self.fields[*at].kind,
            Term::Value(Value::Bool(_)) => Kind::Bool,
            Term::Value(Value::Number(number)) => Kind::Number(number.scale()),
            Term::Value(Value::Date(_)) => Kind::Date,
            Term::Value(Value::Instant(_)) => Kind::Instant,
            Term::Value(_) | Term::Fold { .. } => Kind::Text,
        }
    }

    fn compare(&self, comparison: Comparison, left: &Operand, right: &Operand) -> Result<Node, CqlError> {
        self.compared(comparison, self.term(left)?, self.term(right)?)
    }

    /// Two values of one type; a text beside a day or an instant is read as one.
    fn compared(&self, comparison: Comparison, left: Term, right: Term) -> Result<Node, CqlError> {
        let (one, other) = (self.kind(&left), self.kind(&right));
        match (one, other) {
            (Kind::Date | Kind::Instant, Kind::Text) => {
                let right = read_time(one, right)?;
                self.same(comparison, left, right)
            }
            (Kind::Text, Kind::Date | Kind::Instant) => {
                let left = read_time(other, left)?;
                self.same(comparison, left, right)
            }
            (Kind::Date, Kind::Instant) => moment(comparison.mirrored(), right, left),
            (Kind::Instant, Kind::Date) => moment(comparison, left, right),
            _ => self.same(comparison, left, right),
        }
    }

    fn same(&self, comparison: Comparison, left: Term, right: Term) -> Result<Node, CqlError> {
        let is_order = !matches!(comparison, Comparison::Equal | Comparison::Unequal);
        match (self.kind(&left), self.kind(&right)) {
            (Kind::Bool, Kind::Bool) if is_order => Err(types("a boolean", "an order")),
            (Kind::Number(_), Kind::Number(_))
            | (Kind::Text, Kind::Text)
            | (Kind::Bool, Kind::Bool)
            | (Kind::Date, Kind::Date)
            | (Kind::Instant, Kind::Instant) => Ok(Node::Compare(comparison, left, right)),
            (one, other) => Err(types(word(one), word(other))),
        }
    }

    fn spot(&self, place: &Place) -> Result<Spot, CqlError> {
        match place {
            Place::Property(name) => match self.field(name)? {
                (at, Kind::Place { .. }) => Ok(Spot::Field(at)),
                (_, kind) => Err(types(word(kind), "a place")),
            },
            Place::Shape(shape) => {
                let is_box = matches!(shape, Shape::Box(_)) && self.crs.is_degrees && !self.crs.is_vn2000();
                let geometry = shape.in_wgs84(self.crs)?;
                Ok(Spot::Shape(Area::new(geometry, is_box)))
            }
        }
    }

    fn ends(&self, time: &Time) -> Result<Ends, CqlError> {
        let end = |end: &Option<Operand>| end.as_ref().map(|end| self.timely(end)).transpose();
        Ok(match time {
            Time::At(at) => {
                let at = self.timely(at)?;
                (Some(at.clone()), Some(at))
            }
            Time::Between(from, until) => (end(from)?, end(until)?),
        })
    }

    fn timely(&self, operand: &Operand) -> Result<Term, CqlError> {
        let term = self.term(operand)?;
        match self.kind(&term) {
            Kind::Date | Kind::Instant => Ok(term),
            kind => Err(types(word(kind), "a time")),
        }
    }

    /// A relation of times as comparisons of their ends. Where an end is open it lies before, or after, everything.
    fn temporal(&self, order: Order, one: &Time, other: &Time) -> Result<Node, CqlError> {
        let ((start, end), (from, until)) = (self.ends(one)?, self.ends(other)?);
        let lower = |term: &Option<Term>| End(term.clone(), false);
        let upper = |term: &Option<Term>| End(term.clone(), true);
        let (start, end, from, until) = (lower(&start), upper(&end), lower(&from), upper(&until));
        let (less, equal) = (Comparison::Less, Comparison::Equal);
        let is = |comparison, one: &End, other: &End| self.ended(comparison, one, other);
        let all = |parts: [Result<Node, CqlError>; 2]| parts.into_iter().collect::<Result<Vec<_>, _>>().map(Node::And);
        match order {
            Order::After => is(less, &until, &start),
            Order::Before => is(less, &end, &from),
            Order::Disjoint => Ok(Node::Or(vec![is(less, &end, &from)?, is(less, &until, &start)?])),
            Order::Intersects => all([
                is(Comparison::GreaterEqual, &end, &from),
                is(Comparison::LessEqual, &start, &until),
            ]),
            Order::Equals => all([is(equal, &start, &from), is(equal, &end, &until)]),
            Order::Contains => all([is(less, &start, &from), is(less, &until, &end)]),
            Order::During => all([is(less, &from, &start), is(less, &end, &until)]),
            Order::Finishes => all([is(less, &from, &start), is(equal, &end, &until)]),
            Order::FinishedBy => all([is(less, &start, &from), is(equal, &end, &until)]),
            Order::Starts => all([is(equal, &start, &from), is(less, &end, &until)]),
            Order::StartedBy => all([is(equal, &start, &from), is(less, &until, &end)]),
            Order::Meets => is(equal, &end, &from),
            Order::MetBy => is(equal, &start, &until),
            Order::Overlaps => Ok(Node::And(vec![
                is(less, &start, &from)?,
                is(less, &from, &end)?,
                is(less, &end, &until)?,
            ])),
            Order::OverlappedBy => Ok(Node::And(vec![
                is(less, &from, &start)?,
                is(less, &start, &until)?,
                is(less, &until, &end)?,
            ])),
        }
    }

    fn ended(&self, comparison: Comparison, one: &End, other: &End) -> Result<Node, CqlError> {
        let place = |end: &End| match end {
            End(Some(_), _) => 0_i8,
            End(None, false) => -1,
            End(None, true) => 1,
        };
        match (one, other) {
            (End(Some(one), _), End(Some(other), _)) => self.compared(comparison, one.clone(), other.clone()),
            _ => Ok(Node::Bool(comparison.holds(place(one).cmp(&place(other))))),
        }
    }
}

type Ends = (Option<Term>, Option<Term>);

/// An end of a time, and whether it is the last one.
struct End(Option<Term>, bool);

fn types(left: &str, right: &str) -> CqlError {
    CqlError::Types {
        left: left.to_owned(),
        right: right.to_owned(),
    }
}

const fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Bool => "a boolean",
        Kind::Number(_) => "a number",
        Kind::Text => "a text",
        Kind::Date => "a date",
        Kind::Instant => "a timestamp",
        Kind::Place { .. } => "a place",
    }
}

fn read_time(wanted: Kind, term: Term) -> Result<Term, CqlError> {
    let Term::Value(Value::Text(text)) = &term else {
        return Err(types(word(wanted), word(Kind::Text)));
    };
    let read = if wanted == Kind::Date {
        date(text)?
    } else {
        instant(text)?
    };
    Ok(match read {
        Operand::Date(day) => Term::Value(Value::Date(day)),
        Operand::Instant(at) => Term::Value(Value::Instant(at)),
        _ => term,
    })
}

/// An instant beside a day: the day is all of its hours in Viet Nam.
fn moment(comparison: Comparison, at: Term, day: Term) -> Result<Node, CqlError> {
    match (at, day) {
        (Term::Value(Value::Instant(at)), day) => {
            let at = Term::Value(Value::Date(at.local_date()));
            Ok(Node::Compare(comparison, at, day))
        }
        (at, Term::Value(Value::Date(day))) => within_day(comparison, at, day),
        _ => Err(CqlError::Unsupported(
            "a timestamp property beside a date property".to_owned(),
        )),
    }
}

fn within_day(comparison: Comparison, at: Term, day: Date) -> Result<Node, CqlError> {
    let next = day.tomorrow().map_err(|_| CqlError::Time(day.to_string()))?;
    let bound = |day: Date| Term::Value(Value::Instant(Timestamp::start_of_day(day)));
    let (first, last) = (bound(day), bound(next));
    Ok(match comparison {
        Comparison::Less => Node::Compare(Comparison::Less, at, first),
        Comparison::GreaterEqual => Node::Compare(Comparison::GreaterEqual, at, first),
        Comparison::LessEqual => Node::Compare(Comparison::Less, at, last),
        Comparison::Greater => Node::Compare(Comparison::GreaterEqual, at, last),
        Comparison::Equal | Comparison::Unequal => {
            let inside = Node::And(vec![
                Node::Compare(Comparison::GreaterEqual, at.clone(), first),
                Node::Compare(Comparison::Less, at, last),
            ]);
            if comparison == Comparison::Equal {
                inside
            } else {
                Node::Not(Box::new(inside))
            }
        }
    })
}
