//! CQL2, the language of filters of the OGC: one tree for its two spellings, text and JSON. Owns the tree, its limits and what is
//! wrong with a filter; `check` holds a tree against the fields of a collection, `store` says it in SQL and `evaluate` decides it
//! exactly. Refuses arithmetic, functions of one's own, arrays, filters deeper or longer than a bound.
//! Standard: OGC 21-065r2 (CQL2).

pub mod check;
pub mod evaluate;
mod json;
mod lexer;
mod place;
mod print;
pub(crate) mod store;
#[cfg(test)]
mod tests;
mod text;

use definition::expression::Number;
use kernel::{Date, ErrorKind, Fault, Timestamp};

pub use check::{Field, Kind, check};
pub use json::{from_json, to_json};
pub use place::Shape;
pub use print::to_text;
pub use text::from_text;

/// Most bytes of a filter.
pub const BYTES_MAX: usize = 100_000;
/// Deepest nesting of a filter.
pub const DEPTH_MAX: usize = 40;
/// Most conditions and values in a filter.
///
/// A database builds a tree of them that may be no deeper than a thousand.
pub const NODES_MAX: usize = 500;
/// Most positions of all shapes in a filter.
pub const POSITIONS_MAX: usize = 5_000;

/// A filter, or a part of one: what is true, false or unknown of a feature.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// `TRUE`, `FALSE`.
    Bool(bool),
    /// A field that is true or false itself.
    Flag(String),
    /// All of them.
    And(Vec<Expr>),
    /// One of them.
    Or(Vec<Expr>),
    /// Not so.
    Not(Box<Expr>),
    /// `a = b` and its like.
    Compare(Comparison, Operand, Operand),
    /// `a LIKE 'x%'`.
    Like(Operand, Operand),
    /// `a BETWEEN 1 AND 2`.
    Between(Operand, Operand, Operand),
    /// `a IN (1, 2)`.
    In(Operand, Vec<Operand>),
    /// `a IS NULL`.
    IsNull(String),
    /// `S_INTERSECTS(a, b)` and its like.
    Spatial(Relation, Place, Place),
    /// `T_AFTER(a, b)` and its like.
    Temporal(Order, Time, Time),
}

/// A value, or where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// A field.
    Property(String),
    /// A text.
    Text(String),
    /// A number, without zeros at the end of its decimals.
    Number(Number),
    /// `TRUE`, `FALSE`.
    Bool(bool),
    /// `DATE('2026-01-31')`.
    Date(Date),
    /// `TIMESTAMP('2026-01-31T12:00:00Z')`.
    Instant(Timestamp),
    /// `CASEI(a)`: small and capital letters are one.
    Casei(Box<Operand>),
    /// `ACCENTI(a)`: letters with and without marks are one.
    Accenti(Box<Operand>),
}

/// A place.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// The field of the place.
    Property(String),
    /// A shape, in the coordinates of the filter.
    Shape(Shape),
}

/// A time.
#[derive(Debug, Clone, PartialEq)]
pub enum Time {
    /// A day or an instant.
    At(Operand),
    /// From one to another; without an end there is none.
    Between(Option<Operand>, Option<Operand>),
}

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$doc])* $variant),+ }

        impl $name {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As the standard writes it.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The one that is written so, in small or capital letters.
            #[must_use]
            pub fn of(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.word().eq_ignore_ascii_case(word))
            }
        }
    };
}

words! {
    /// How two values are compared.
    Comparison {
        /// The same.
        Equal = "=",
        /// Another.
        Unequal = "<>",
        /// Less.
        Less = "<",
        /// Less or the same.
        LessEqual = "<=",
        /// Greater.
        Greater = ">",
        /// Greater or the same.
        GreaterEqual = ">=",
    }
}

words! {
    /// How two places lie to each other.
    Relation {
        /// They have a point in common.
        Intersects = "S_INTERSECTS",
        /// They have none.
        Disjoint = "S_DISJOINT",
        /// The same points.
        Equals = "S_EQUALS",
        /// The edges meet, the insides do not.
        Touches = "S_TOUCHES",
        /// The first lies in the second.
        Within = "S_WITHIN",
        /// They overlap, of one dimension.
        Overlaps = "S_OVERLAPS",
        /// They cross.
        Crosses = "S_CROSSES",
        /// The second lies in the first.
        Contains = "S_CONTAINS",
    }
}

words! {
    /// How two times lie to each other.
    Order {
        /// The first begins after the second ends.
        After = "T_AFTER",
        /// The first ends before the second begins.
        Before = "T_BEFORE",
        /// The second lies inside the first.
        Contains = "T_CONTAINS",
        /// They have no instant in common.
        Disjoint = "T_DISJOINT",
        /// The first lies inside the second.
        During = "T_DURING",
        /// The same.
        Equals = "T_EQUALS",
        /// The second ends the first.
        FinishedBy = "T_FINISHEDBY",
        /// The first ends the second.
        Finishes = "T_FINISHES",
        /// They have an instant in common.
        Intersects = "T_INTERSECTS",
        /// The first ends where the second begins.
        Meets = "T_MEETS",
        /// The first begins where the second ends.
        MetBy = "T_METBY",
        /// The second begins earlier and they overlap.
        OverlappedBy = "T_OVERLAPPEDBY",
        /// The first begins earlier and they overlap.
        Overlaps = "T_OVERLAPS",
        /// The second begins the first.
        StartedBy = "T_STARTEDBY",
        /// The first begins the second.
        Starts = "T_STARTS",
    }
}

impl Comparison {
    /// What holds exactly when this does not.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Equal => Self::Unequal,
            Self::Unequal => Self::Equal,
            Self::Less => Self::GreaterEqual,
            Self::LessEqual => Self::Greater,
            Self::Greater => Self::LessEqual,
            Self::GreaterEqual => Self::Less,
        }
    }

    /// The same with the sides exchanged.
    #[must_use]
    pub const fn mirrored(self) -> Self {
        match self {
            Self::Equal => Self::Equal,
            Self::Unequal => Self::Unequal,
            Self::Less => Self::Greater,
            Self::LessEqual => Self::GreaterEqual,
            Self::Greater => Self::Less,
            Self::GreaterEqual => Self::LessEqual,
        }
    }

    /// Whether two values that lie so to each other stand so.
    #[must_use]
    pub const fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Unequal => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterEqual => order.is_ge(),
        }
    }
}

/// What is wrong with a filter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CqlError {
    /// Longer than [`BYTES_MAX`], or more than [`NODES_MAX`] parts.
    #[error("the filter is too long")]
    TooLong,
    /// Nested deeper than [`DEPTH_MAX`].
    #[error("the filter is nested deeper than {DEPTH_MAX}")]
    TooDeep,
    /// Shapes of more than [`POSITIONS_MAX`] positions.
    #[error("the shapes of the filter have more than {POSITIONS_MAX} positions")]
    TooManyPositions,
    /// No CQL2 text.
    #[error("at character {at}: expected {expected}, found {found}")]
    Syntax {
        /// Where, counted from 1.
        at: usize,
        /// What could stand there.
        expected: &'static str,
        /// What does.
        found: String,
    },
    /// No CQL2 JSON.
    #[error("no CQL2 JSON: {0}")]
    Json(&'static str),
    /// A part of the language that is not spoken here.
    #[error("{0} is not supported")]
    Unsupported(String),
    /// A number that is none, or has more than 18 digits.
    #[error("a number has at most 18 digits: {0}")]
    Number(String),
    /// A day or an instant that is none.
    #[error("no such day or instant: {0}")]
    Time(String),
    /// A shape that is none.
    #[error("no such shape: {0}")]
    Shape(&'static str),
    /// A field that the collection does not have.
    #[error("no such property: {0}")]
    Property(String),
    /// Two values that cannot be compared.
    #[error("{left} and {right} cannot be compared")]
    Types {
        /// One.
        left: String,
        /// The other.
        right: String,
    },
}

impl Fault for CqlError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::TooLong | Self::TooManyPositions => ErrorKind::TooLarge,
            Self::TooDeep
            | Self::Syntax { .. }
            | Self::Json(_)
            | Self::Unsupported(_)
            | Self::Number(_)
            | Self::Time(_)
            | Self::Shape(_)
            | Self::Property(_)
            | Self::Types { .. } => ErrorKind::Invalid,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "cql-too-long",
            Self::TooDeep => "cql-too-deep",
            Self::TooManyPositions => "cql-too-many-positions",
            Self::Syntax { .. } => "cql-syntax",
            Self::Json(_) => "cql-json",
            Self::Unsupported(_) => "cql-unsupported",
            Self::Number(_) => "cql-number",
            Self::Time(_) => "cql-time",
            Self::Shape(_) => "cql-shape",
            Self::Property(_) => "cql-property",
            Self::Types { .. } => "cql-types",
        }
    }

    fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::TooLong => vec![("most", BYTES_MAX.to_string())],
            Self::TooDeep => vec![("most", DEPTH_MAX.to_string())],
            Self::TooManyPositions => vec![("most", POSITIONS_MAX.to_string())],
            Self::Syntax { at, expected, found } => vec![
                ("at", at.to_string()),
                ("expected", (*expected).to_owned()),
                ("found", found.clone()),
            ],
            Self::Json(words) | Self::Shape(words) => vec![("words", (*words).to_owned())],
            Self::Unsupported(words) | Self::Number(words) | Self::Time(words) | Self::Property(words) => {
                vec![("words", words.clone())]
            }
            Self::Types { left, right } => vec![("left", left.clone()), ("right", right.clone())],
        }
    }
}

/// What a reader of a filter has left of its limits.
#[derive(Debug)]
pub(crate) struct Budget {
    nodes: usize,
    depth: usize,
}

impl Budget {
    pub(crate) const fn new() -> Self {
        Self {
            nodes: NODES_MAX,
            depth: DEPTH_MAX,
        }
    }

    /// One more condition or value.
    pub(crate) fn node(&mut self) -> Result<(), CqlError> {
        self.nodes = self.nodes.checked_sub(1).ok_or(CqlError::TooLong)?;
        Ok(())
    }

    /// Reads something that lies one level deeper.
    pub(crate) fn enter(&mut self) -> Result<(), CqlError> {
        self.depth = self.depth.checked_sub(1).ok_or(CqlError::TooDeep)?;
        self.node()
    }

    pub(crate) fn leave(&mut self) {
        self.depth += 1;
    }
}

/// Reads `12`, `-12.50`, `1.5e3`: a number of at most 18 digits, without zeros at the end of its decimals.
pub(crate) fn number(text: &str) -> Result<Number, CqlError> {
    let refuse = || CqlError::Number(text.chars().take(40).collect());
    let text = text.strip_prefix('+').unwrap_or(text);
    let (digits, exponent) = match text.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, exponent.parse::<i32>().map_err(|_| refuse())?),
        None => (text, 0),
    };
    let plain = if digits.starts_with('.') {
        format!("0{digits}")
    } else {
        digits.replacen("-.", "-0.", 1)
    };
    let plain = plain.trim_end_matches('.');
    let read: Number = trimmed(plain).parse().map_err(|_| refuse())?;
    if exponent == 0 {
        return Ok(short(read));
    }
    let scale = i32::from(read.scale()).checked_sub(exponent).ok_or_else(refuse)?;
    if let Ok(scale) = u8::try_from(scale) {
        return if scale <= 18 {
            Ok(short(Number::scaled(read.units(), scale)))
        } else {
            Err(refuse())
        };
    }
    let factor = scale
        .checked_neg()
        .and_then(|power| 10_i64.checked_pow(power.unsigned_abs()));
    let units = factor
        .and_then(|factor| read.units().checked_mul(factor))
        .ok_or_else(refuse)?;
    Ok(Number::whole(units))
}

/// Without zeros at the end of decimals, before the digits are counted.
fn trimmed(text: &str) -> &str {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text
    }
}

fn short(number: Number) -> Number {
    let (mut units, mut scale) = (number.units(), number.scale());
    while scale > 0 && units % 10 == 0 {
        (units, scale) = (units / 10, scale - 1);
    }
    Number::scaled(units, scale)
}

/// A day.
pub(crate) fn date(text: &str) -> Result<Operand, CqlError> {
    let read = text.parse::<Date>().ok().filter(|_| text.len() == 10);
    read.map(Operand::Date)
        .ok_or_else(|| CqlError::Time(text.chars().take(40).collect()))
}

/// An instant with its offset from UTC.
pub(crate) fn instant(text: &str) -> Result<Operand, CqlError> {
    let read = text.parse::<Timestamp>().ok().filter(|_| text.len() <= 40);
    read.map(Operand::Instant)
        .ok_or_else(|| CqlError::Time(text.chars().take(40).collect()))
}

/// A day or an instant, as intervals write them.
pub(crate) fn day_or_instant(text: &str) -> Result<Operand, CqlError> {
    if text.contains('T') || text.contains('t') {
        instant(text)
    } else {
        date(text)
    }
}
