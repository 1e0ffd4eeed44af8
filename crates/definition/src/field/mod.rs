//! A typed field: of a record, of a form, of what an action asks for. It owns its type in expressions and which values it
//! takes; `read` owns the keys that each type has. It refuses a value beyond its bounds, its pattern or its choices.

pub(crate) mod read;

use crate::expression::{Formula, Number, NumberType, Type, Value};
use crate::fault::{FaultCode, Place};
use crate::pattern::Pattern;
use crate::source::Node;
use crate::surroundings::Reading;
use kernel::Date;

pub(crate) use read::{Scope, applicant, file, read_all, value_of};

/// Most characters of a text field that says nothing else.
pub const TEXT_CHARS_DEFAULT: u32 = 500;
/// Most bytes of a file that says nothing else.
pub const FILE_BYTES_DEFAULT: u64 = 10_000_000;
/// Most values of a field with `many`.
pub const MANY_MAX: u32 = 200;

/// A field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name, as expressions write it.
    pub name: String,
    /// What it holds.
    pub kind: FieldKind,
    /// How many values it takes, when it takes several.
    pub many: Option<Many>,
    /// Whether it must be there.
    pub required: bool,
    /// Who may see it.
    pub sensitivity: Sensitivity,
    /// Whether lists filter and sort by it.
    pub index: bool,
    /// Whether it stays only for old records.
    pub retired: bool,
    /// Where its values come from, as written for readers.
    pub source: Option<String>,
    /// From where it fills itself: `applicant`, `applicant.address`, `register.field`, `lookup.field`.
    pub from: Option<String>,
    /// Whether what fills it stands: nobody types over it.
    pub locked: bool,
    /// The part of the form in which it is asked, when the form has parts.
    pub section: Option<String>,
    /// Whether a sentence helps to answer it.
    pub hint: bool,
    /// When it is asked for at all.
    pub when: Option<Formula>,
    /// The declared check that needs rows.
    pub check: Option<FieldCheck>,
    /// Its value until somebody says another.
    pub default: Option<Value>,
    /// Where it stands.
    pub place: Place,
}

/// How many values a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Many {
    /// At least.
    pub least: u32,
    /// At most.
    pub most: u32,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldKind {
    /// Yes or no.
    Boolean,
    /// A text.
    Text {
        /// What the whole text must look like.
        pattern: Option<Pattern>,
        /// Most characters.
        chars_max: u32,
    },
    /// A number: counted, measured or of money.
    Number {
        /// Its type in expressions.
        ty: NumberType,
        /// The least value.
        least: Option<Number>,
        /// The greatest value.
        most: Option<Number>,
    },
    /// A day.
    Date {
        /// The first day.
        first: Option<DateBound>,
        /// The last day.
        last: Option<DateBound>,
    },
    /// One of these words.
    Choice(Vec<String>),
    /// A code of a list.
    Code(String),
    /// A person or organisation.
    Person,
    /// A file.
    File {
        /// Media types, `image/*` among them.
        accept: Vec<String>,
        /// Most bytes.
        bytes_max: u64,
    },
    /// An area of the province.
    Area,
    /// An address: an area and what follows it.
    AreaAddress,
}

/// A bound of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateBound {
    /// The day on which it is typed.
    Today,
    /// A day of the calendar.
    On(Date),
}

/// Who may see a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sensitivity {
    /// Everybody.
    Open,
    /// Officers.
    Internal,
    /// Whoever has a purpose; sealed wherever it is stored.
    Personal,
}

/// A check that needs rows: the engine makes it, not an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldCheck {
    /// Within which area no other record may have the value.
    pub unique_within: UniqueWithin,
    /// The register.
    pub register: String,
    /// Its field.
    pub field: String,
}

/// Where a value must be the only one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UniqueWithin {
    /// `unique(…)`: anywhere.
    Everywhere,
    /// `unique_in_province(…)`.
    Province,
    /// `unique_in_commune(…)`.
    Commune,
}

/// Why a field refuses a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Unfit {
    /// Nothing is there and something must be.
    #[error("missing")]
    Missing,
    /// Of another type, or with more decimals.
    #[error("type")]
    Type,
    /// Too little, too much, too long, too many.
    #[error("range")]
    Range,
    /// Not as the pattern wants it.
    #[error("pattern")]
    Pattern,
    /// None of the choices.
    #[error("choice")]
    Choice,
}

impl Field {
    /// Its type in expressions: unknown unless it is always asked for and required.
    #[must_use]
    pub fn ty(&self) -> Type {
        let one = match &self.kind {
            FieldKind::Boolean => Type::Bool,
            FieldKind::Text { .. } => Type::Text,
            FieldKind::Number { ty, .. } => Type::Number(ty.clone()),
            FieldKind::Date { .. } => Type::Date,
            FieldKind::Choice(words) => Type::Choice(words.clone()),
            FieldKind::Code(list) => Type::Code(list.clone()),
            FieldKind::Person => Type::Person,
            FieldKind::File { .. } => Type::File,
            FieldKind::Area | FieldKind::AreaAddress => Type::Area,
        };
        let ty = if self.many.is_some() { one.many() } else { one };
        if self.required && self.when.is_none() {
            ty
        } else {
            ty.optional()
        }
    }

    /// Whether the field takes a value on the day `today`.
    ///
    /// # Errors
    /// [`Unfit`] says why not. A missing value is unfit only for a required field.
    pub fn fits(&self, value: &Value, today: Date) -> Result<(), Unfit> {
        match (value, self.many) {
            (Value::Null, _) if self.required => Err(Unfit::Missing),
            (Value::Null, _) => Ok(()),
            (Value::Many(values), Some(many)) => {
                let count = u32::try_from(values.len()).unwrap_or(u32::MAX);
                if !(many.least..=many.most).contains(&count) {
                    return Err(Unfit::Range);
                }
                values.iter().try_for_each(|one| self.kind.fits(one, today))
            }
            (Value::Many(_), None) | (_, Some(_)) => Err(Unfit::Type),
            (value, None) => self.kind.fits(value, today),
        }
    }

    /// A value written in a definition; a fault when the field refuses it.
    pub(crate) fn value_or_fault(&self, node: &Node, reading: &Reading<'_>) -> Option<Value> {
        let value = value_of(node);
        // A bound of `today` moves with the day: any day of the calendar may be right.
        let fits = value.as_ref().is_some_and(|value| self.fits(value, Date::MAX).is_ok());
        if !fits {
            reading.sink.say(FaultCode::ValueUnfit, node.place, &[&self.name]);
        }
        value.filter(|_| fits)
    }
}

impl FieldKind {
    fn fits(&self, value: &Value, today: Date) -> Result<(), Unfit> {
        match (self, value) {
            (Self::Boolean, Value::Bool(_)) => Ok(()),
            (Self::Text { pattern, chars_max }, Value::Text(text)) => {
                if text.chars().count() > *chars_max as usize {
                    return Err(Unfit::Range);
                }
                let matches = pattern.as_ref().is_none_or(|pattern| pattern.matches(text));
                if matches { Ok(()) } else { Err(Unfit::Pattern) }
            }
            (Self::Number { ty, least, most }, Value::Number(number)) => {
                let number = number.rescaled(ty.scale).ok_or(Unfit::Type)?;
                let low = least.is_some_and(|least| number.compare(least).is_lt());
                let high = most.is_some_and(|most| number.compare(most).is_gt());
                let fits = !low && !high && number.digits() <= ty.digits;
                if fits { Ok(()) } else { Err(Unfit::Range) }
            }
            (Self::Date { first, last }, Value::Date(date)) => {
                let low = first.is_some_and(|bound| *date < bound.day(today));
                let high = last.is_some_and(|bound| *date > bound.day(today));
                if low || high { Err(Unfit::Range) } else { Ok(()) }
            }
            (Self::Choice(words), Value::Text(word)) if words.contains(word) => Ok(()),
            (Self::Choice(_), Value::Text(_)) => Err(Unfit::Choice),
            (Self::Code(_) | Self::Person | Self::File { .. } | Self::Area | Self::AreaAddress, Value::Text(text)) => {
                if text.is_empty() {
                    Err(Unfit::Type)
                } else {
                    Ok(())
                }
            }
            _ => Err(Unfit::Type),
        }
    }
}

impl DateBound {
    const fn day(self, today: Date) -> Date {
        match self {
            Self::Today => today,
            Self::On(date) => date,
        }
    }
}
