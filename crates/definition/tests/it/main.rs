//! The crate from outside: folders of definitions as a caller reads them, and machines as an engine runs them.
#![allow(clippy::unwrap_used, reason = "a test that cannot read its folder fails")]

mod check;
mod machine;
mod support;
mod systems;
