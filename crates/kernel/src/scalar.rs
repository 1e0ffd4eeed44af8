//! The few shapes in which a value is stored or sent: what a typed id, a code or a time looks like to a table.
//! Owns the traits alone; drivers live in `store`. A type shows one shape and reads back from it, or says why not.
//! `define_id!` and the codes of this crate implement both; a crate's own text-like enum uses [`scalar_via_text!`].

use std::borrow::Cow;

use jiff::civil::Date;
use uuid::Uuid;

use crate::{
    AgencyCode, AreaCode, Dong, DossierCode, Email, OldAgencyCode, PersonId, Phone, ProcedureCode, TaxCode, Timestamp,
};

/// One value in a stored shape, borrowed where it can be.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar<'a> {
    /// No value.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A coordinate or a sensor value; never money.
    Float(f64),
    /// Text as typed.
    Text(Cow<'a, str>),
    /// Bytes: sealed fields, hashes, sort keys.
    Bytes(Cow<'a, [u8]>),
    /// An identifier.
    Uuid(Uuid),
    /// A moment, microseconds UTC.
    Time(Timestamp),
    /// A calendar day.
    Date(Date),
    /// A document that is stored and never filtered on.
    Json(Cow<'a, serde_json::Value>),
}

/// The name of a shape, known before a value is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScalarKind {
    /// [`Scalar::Bool`].
    Bool,
    /// [`Scalar::Int`].
    Int,
    /// [`Scalar::Float`].
    Float,
    /// [`Scalar::Text`].
    Text,
    /// [`Scalar::Bytes`].
    Bytes,
    /// [`Scalar::Uuid`].
    Uuid,
    /// [`Scalar::Time`].
    Time,
    /// [`Scalar::Date`].
    Date,
    /// [`Scalar::Json`].
    Json,
}

impl Scalar<'_> {
    /// The same value, owning what it borrowed.
    #[must_use]
    pub fn into_owned(self) -> Scalar<'static> {
        match self {
            Self::Null => Scalar::Null,
            Self::Bool(v) => Scalar::Bool(v),
            Self::Int(v) => Scalar::Int(v),
            Self::Float(v) => Scalar::Float(v),
            Self::Text(v) => Scalar::Text(Cow::Owned(v.into_owned())),
            Self::Bytes(v) => Scalar::Bytes(Cow::Owned(v.into_owned())),
            Self::Uuid(v) => Scalar::Uuid(v),
            Self::Time(v) => Scalar::Time(v),
            Self::Date(v) => Scalar::Date(v),
            Self::Json(v) => Scalar::Json(Cow::Owned(v.into_owned())),
        }
    }
}

/// Why a stored value is not the value that was asked for. Carries no content of the value: it may be personal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScalarError {
    /// The stored value is empty and the type has no room for that.
    #[error("the value is null")]
    Null,
    /// The stored shape is another one.
    #[error("the stored value is not a {wanted:?}")]
    Shape {
        /// What the type reads.
        wanted: ScalarKind,
    },
    /// The shape is right and the content is not a value of the type.
    #[error("the stored value is no {what}: {why}")]
    Content {
        /// The type.
        what: &'static str,
        /// What its parser said.
        why: String,
    },
}

impl ScalarError {
    /// A [`ScalarError::Content`] from whatever the type's parser says.
    pub fn content(what: &'static str, why: impl std::fmt::Display) -> Self {
        Self::Content {
            what,
            why: why.to_string(),
        }
    }
}

/// A value that can be stored.
pub trait ToScalar {
    /// The stored shape of this value.
    fn scalar(&self) -> Scalar<'_>;
}

/// A value that can be read back.
pub trait FromScalar: Sized {
    /// The shape that is read.
    const KIND: ScalarKind;

    /// The value, from a stored one of shape [`FromScalar::KIND`] or null.
    ///
    /// # Errors
    /// [`ScalarError`] when the stored value is null, of another shape, or not a value of this type.
    fn from_scalar(scalar: Scalar<'_>) -> Result<Self, ScalarError>;
}

impl<T: ToScalar + ?Sized> ToScalar for &T {
    fn scalar(&self) -> Scalar<'_> {
        (**self).scalar()
    }
}

impl ToScalar for Scalar<'_> {
    fn scalar(&self) -> Scalar<'_> {
        match self {
            Self::Null => Scalar::Null,
            Self::Bool(v) => Scalar::Bool(*v),
            Self::Int(v) => Scalar::Int(*v),
            Self::Float(v) => Scalar::Float(*v),
            Self::Text(v) => Scalar::Text(Cow::Borrowed(v)),
            Self::Bytes(v) => Scalar::Bytes(Cow::Borrowed(v)),
            Self::Uuid(v) => Scalar::Uuid(*v),
            Self::Time(v) => Scalar::Time(*v),
            Self::Date(v) => Scalar::Date(*v),
            Self::Json(v) => Scalar::Json(Cow::Borrowed(v)),
        }
    }
}

impl<T: ToScalar> ToScalar for Option<T> {
    fn scalar(&self) -> Scalar<'_> {
        self.as_ref().map_or(Scalar::Null, ToScalar::scalar)
    }
}

impl<T: FromScalar> FromScalar for Option<T> {
    const KIND: ScalarKind = T::KIND;

    fn from_scalar(scalar: Scalar<'_>) -> Result<Self, ScalarError> {
        match scalar {
            Scalar::Null => Ok(None),
            other => T::from_scalar(other).map(Some),
        }
    }
}

/// Reads one variant of [`Scalar`] or says what is wrong.
macro_rules! read_as {
    ($kind:ident, $scalar:expr, $value:ident => $out:expr) => {
        match $scalar {
            Scalar::$kind($value) => $out,
            Scalar::Null => Err(ScalarError::Null),
            _ => Err(ScalarError::Shape {
                wanted: ScalarKind::$kind,
            }),
        }
    };
}

/// A type that is one of the shapes itself.
macro_rules! plain {
    ($($type:ty, $kind:ident, $this:ident => $to:expr, $value:ident => $from:expr;)*) => {$(
        impl ToScalar for $type {
            fn scalar(&self) -> Scalar<'_> { let $this = self; Scalar::$kind($to) }
        }
        impl FromScalar for $type {
            const KIND: ScalarKind = ScalarKind::$kind;
            fn from_scalar(scalar: Scalar<'_>) -> Result<Self, ScalarError> {
                read_as!($kind, scalar, $value => $from)
            }
        }
    )*};
}

plain! {
    bool, Bool, v => *v, v => Ok(v);
    i64, Int, v => *v, v => Ok(v);
    i32, Int, v => i64::from(*v), v => Self::try_from(v).map_err(|e| ScalarError::content("i32", e));
    u32, Int, v => i64::from(*v), v => Self::try_from(v).map_err(|e| ScalarError::content("u32", e));
    u16, Int, v => i64::from(*v), v => Self::try_from(v).map_err(|e| ScalarError::content("u16", e));
    u8, Int, v => i64::from(*v), v => Self::try_from(v).map_err(|e| ScalarError::content("u8", e));
    f64, Float, v => *v, v => Ok(v);
    String, Text, v => Cow::Borrowed(v.as_str()), v => Ok(v.into_owned());
    Vec<u8>, Bytes, v => Cow::Borrowed(v.as_slice()), v => Ok(v.into_owned());
    Uuid, Uuid, v => *v, v => Ok(v);
    Timestamp, Time, v => *v, v => Ok(v);
    Date, Date, v => *v, v => Ok(v);
    serde_json::Value, Json, v => Cow::Borrowed(v), v => Ok(v.into_owned());
}

impl<const N: usize> ToScalar for [u8; N] {
    fn scalar(&self) -> Scalar<'_> {
        Scalar::Bytes(Cow::Borrowed(self.as_slice()))
    }
}

impl<const N: usize> FromScalar for [u8; N] {
    const KIND: ScalarKind = ScalarKind::Bytes;

    fn from_scalar(scalar: Scalar<'_>) -> Result<Self, ScalarError> {
        read_as!(Bytes, scalar, v => {
            Self::try_from(v.as_ref()).map_err(|_| ScalarError::content("byte array", format!("{} bytes, not {N}", v.len())))
        })
    }
}

impl ToScalar for str {
    fn scalar(&self) -> Scalar<'_> {
        Scalar::Text(Cow::Borrowed(self))
    }
}

impl ToScalar for Cow<'_, str> {
    fn scalar(&self) -> Scalar<'_> {
        Scalar::Text(Cow::Borrowed(self.as_ref()))
    }
}

impl ToScalar for [u8] {
    fn scalar(&self) -> Scalar<'_> {
        Scalar::Bytes(Cow::Borrowed(self))
    }
}

/// Stores a type by its `Display` and reads it by its `FromStr`: for codes and for enums with a stable text.
#[macro_export]
macro_rules! scalar_via_text {
    ($($type:ty),+ $(,)?) => {$(
        impl $crate::scalar::ToScalar for $type {
            fn scalar(&self) -> $crate::scalar::Scalar<'_> {
                $crate::scalar::Scalar::Text(::std::borrow::Cow::Owned(::std::string::ToString::to_string(self)))
            }
        }
        impl $crate::scalar::FromScalar for $type {
            const KIND: $crate::scalar::ScalarKind = $crate::scalar::ScalarKind::Text;
            fn from_scalar(
                scalar: $crate::scalar::Scalar<'_>,
            ) -> ::std::result::Result<Self, $crate::scalar::ScalarError> {
                use $crate::scalar::{Scalar, ScalarError, ScalarKind};
                match scalar {
                    Scalar::Text(text) => {
                        text.parse::<$type>().map_err(|e| ScalarError::content(stringify!($type), e))
                    }
                    Scalar::Null => Err(ScalarError::Null),
                    _ => Err(ScalarError::Shape { wanted: ScalarKind::Text }),
                }
            }
        }
    )+};
}

/// Stores a newtype over a [`Uuid`] that has `uuid()` and `from_uuid()`. `define_id!` calls it.
#[macro_export]
macro_rules! scalar_via_uuid {
    ($($type:ty),+ $(,)?) => {$(
        impl $crate::scalar::ToScalar for $type {
            fn scalar(&self) -> $crate::scalar::Scalar<'_> {
                $crate::scalar::Scalar::Uuid(<$type>::uuid(*self))
            }
        }
        impl $crate::scalar::FromScalar for $type {
            const KIND: $crate::scalar::ScalarKind = $crate::scalar::ScalarKind::Uuid;
            fn from_scalar(
                scalar: $crate::scalar::Scalar<'_>,
            ) -> ::std::result::Result<Self, $crate::scalar::ScalarError> {
                use $crate::scalar::{Scalar, ScalarError, ScalarKind};
                match scalar {
                    Scalar::Uuid(id) => Ok(Self::from_uuid(id)),
                    Scalar::Null => Err(ScalarError::Null),
                    _ => Err(ScalarError::Shape { wanted: ScalarKind::Uuid }),
                }
            }
        }
    )+};
}

scalar_via_text!(
    AreaCode,
    AgencyCode,
    OldAgencyCode,
    ProcedureCode,
    DossierCode,
    PersonId,
    TaxCode,
    Phone,
    Email
);

impl ToScalar for Dong {
    fn scalar(&self) -> Scalar<'_> {
        Scalar::Int(self.get())
    }
}

impl FromScalar for Dong {
    const KIND: ScalarKind = ScalarKind::Int;

    fn from_scalar(scalar: Scalar<'_>) -> Result<Self, ScalarError> {
        read_as!(Int, scalar, v => Ok(Self::new(v)))
    }
}
