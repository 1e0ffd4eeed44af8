//! Values as they go into and come out of tables, by the names this crate uses for them. The traits live in `kernel`, so
//! that a typed id or a code can be stored without knowing of a database; the drivers' own conversions are in `engine`.

pub use kernel::scalar::{FromScalar as FromValue, Scalar as Value, ScalarError, ScalarKind, ToScalar as ToValue};

/// Stores a type by its `Display` and reads it by its `FromStr`: for a crate's own enums with a stable text.
///
/// ```
/// # use std::{fmt, str::FromStr};
/// #[derive(Debug, PartialEq)]
/// enum State { Open, Closed }
/// impl fmt::Display for State {
///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
///         f.write_str(match self { State::Open => "open", State::Closed => "closed" })
///     }
/// }
/// impl FromStr for State {
///     type Err = &'static str;
///     fn from_str(text: &str) -> Result<Self, Self::Err> {
///         match text { "open" => Ok(State::Open), "closed" => Ok(State::Closed), _ => Err("no such state") }
///     }
/// }
/// store::value_via_display!(State);
/// ```
pub use kernel::scalar_via_text as value_via_display;
