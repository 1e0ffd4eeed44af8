//! Types of expressions and what an expression may name. It owns units and digits and refuses to mix them; `Optional`
//! says that a value may be unknown, and whatever is made of it may be, too.

use super::Wrong;
use crate::near::nearest;
use std::collections::BTreeMap;
use std::fmt;

/// Most digits of any number, decimals included: what a 64-bit integer of both database engines holds.
pub const DIGITS_MAX: u8 = 18;

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// The literal `null` alone.
    Null,
    /// Yes or no.
    Bool,
    /// A number with unit, decimals and digits; đồng too.
    Number(NumberType),
    /// A text.
    Text,
    /// A day.
    Date,
    /// An instant.
    Instant,
    /// Days or months.
    Duration,
    /// One of these words.
    Choice(Vec<String>),
    /// A code of the list of that name.
    Code(String),
    /// A person, organisations included.
    Person,
    /// A file.
    File,
    /// A place: an area, an address or a point.
    Area,
    /// Several of one type.
    Many(Box<Type>),
    /// A value that may be unknown.
    Optional(Box<Type>),
}

/// A number as declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberType {
    /// Decimals, 0 to 6 for fields.
    pub scale: u8,
    /// Most digits, decimals included, 1 to [`DIGITS_MAX`].
    pub digits: u8,
    /// What is counted.
    pub unit: Unit,
}

/// The unit of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// A literal: takes the unit of whatever it meets.
    Any,
    /// A bare count, such as the members of a household.
    Count,
    /// Đồng.
    Dong,
    /// A unit of measure such as `cm`.
    Named(String),
}

impl Type {
    /// A whole number without unit, of at most `digits` digits.
    #[must_use]
    pub const fn integer(digits: u8) -> Self {
        Self::Number(NumberType {
            scale: 0,
            digits,
            unit: Unit::Count,
        })
    }

    /// An amount of đồng, of at most 15 digits.
    #[must_use]
    pub const fn dong() -> Self {
        Self::Number(NumberType {
            scale: 0,
            digits: 15,
            unit: Unit::Dong,
        })
    }

    /// A number with a unit of measure.
    #[must_use]
    pub fn measure(unit: &str, scale: u8, digits: u8) -> Self {
        Self::Number(NumberType {
            scale,
            digits,
            unit: Unit::Named(unit.to_owned()),
        })
    }

    /// The same type, possibly unknown.
    #[must_use]
    pub fn optional(self) -> Self {
        match self {
            Self::Optional(_) | Self::Null => self,
            known => Self::Optional(Box::new(known)),
        }
    }

    /// Several of this type.
    #[must_use]
    pub fn many(self) -> Self {
        Self::Many(Box::new(self))
    }

    /// The type without `Optional`, and whether it had one.
    #[must_use]
    pub fn known(&self) -> (&Self, bool) {
        match self {
            Self::Optional(inner) => (inner.known().0, true),
            other => (other, false),
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool => f.write_str("yes-or-no"),
            Self::Number(number) => match &number.unit {
                Unit::Any | Unit::Count => f.write_str("number"),
                unit => write!(f, "number in {unit}"),
            },
            Self::Text => f.write_str("text"),
            Self::Date => f.write_str("date"),
            Self::Instant => f.write_str("instant"),
            Self::Duration => f.write_str("duration"),
            Self::Choice(words) => write!(f, "choice of {}", words.join(", ")),
            Self::Code(list) => write!(f, "code of {list}"),
            Self::Person => f.write_str("person"),
            Self::File => f.write_str("file"),
            Self::Area => f.write_str("area"),
            Self::Many(inner) => write!(f, "many of {inner}"),
            Self::Optional(inner) => write!(f, "{inner}"),
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any | Self::Count => f.write_str("no unit"),
            Self::Dong => f.write_str("dong"),
            Self::Named(name) => f.write_str(name),
        }
    }
}

/// What an expression may name, by path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    paths: BTreeMap<String, Type>,
}

impl Environment {
    /// Nothing but `today`.
    #[must_use]
    pub const fn new() -> Self {
        Self { paths: BTreeMap::new() }
    }

    /// Declares a path; a later declaration of the same path wins.
    pub fn declare(&mut self, path: impl Into<String>, ty: Type) {
        self.paths.insert(path.into(), ty);
    }

    /// The type of a path.
    ///
    /// # Errors
    /// [`Wrong::Path`] with the nearest declared path.
    pub fn type_of(&self, path: &str) -> Result<&Type, Wrong> {
        self.paths.get(path).ok_or_else(|| Wrong::Path {
            path: path.to_owned(),
            near: nearest(path, self.paths.keys().map(String::as_str)).map(str::to_owned),
        })
    }

    /// All declared paths with their types, by name.
    pub fn paths(&self) -> impl Iterator<Item = (&str, &Type)> {
        self.paths.iter().map(|(path, ty)| (path.as_str(), ty))
    }
}

impl<P: Into<String>> FromIterator<(P, Type)> for Environment {
    fn from_iter<I: IntoIterator<Item = (P, Type)>>(declared: I) -> Self {
        Self {
            paths: declared.into_iter().map(|(path, ty)| (path.into(), ty)).collect(),
        }
    }
}
