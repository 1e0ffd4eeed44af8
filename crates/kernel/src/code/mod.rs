//! The codes of Vietnamese administration: each is parsed once, at the edge, into its own type.
//!
//! Every code reads by `FromStr`, shows by `Display` in its one normal form, and is a string in JSON.
//! None of them is translated into another here: that takes dated tables.

pub mod agency;
pub mod agency_map;
pub mod area;
pub mod dossier;
pub mod email;
pub mod person_id;
pub mod phone;
pub mod procedure;
pub mod tax;

use serde::de::{Error, Visitor};
use std::fmt;

/// Longest text that any code parser looks at; longer ones are refused unread.
pub(crate) const CODE_CHARS_MAX: usize = 320;

/// Reads a value that is a string in JSON through its parser.
pub(crate) fn deserialize_text<'de, T, E, D>(
    deserializer: D,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<T, D::Error>
where
    E: fmt::Display,
    D: serde::Deserializer<'de>,
{
    struct Text<F>(F);
    impl<T, E: fmt::Display, F: Fn(&str) -> Result<T, E>> Visitor<'_> for Text<F> {
        type Value = T;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }
        fn visit_str<X: Error>(self, text: &str) -> Result<T, X> {
            (self.0)(text).map_err(X::custom)
        }
    }
    deserializer.deserialize_str(Text(parse))
}

/// Gives a code its JSON form: the string of `Display`, read back by `FromStr`.
macro_rules! serde_as_text {
    ($name:ty) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::code::deserialize_text(deserializer, str::parse)
            }
        }
    };
}
pub(crate) use serde_as_text;

/// Whether all of `text` is ASCII digits, and there is something.
pub(crate) fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
