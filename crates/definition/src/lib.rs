//! Definitions: what a system of a province is, as data. This crate owns the expressions that definitions are written
//! in; it does no input or output, knows no runtime, no database and no page, and reads no clock.
//! What it refuses, it refuses with the place and in words for whoever wrote it.

pub mod expression;
mod near;
