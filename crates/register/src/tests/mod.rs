//! The whole of a register on both engines: tables from definitions, versions against a naive model, files.

mod batches;
mod definitions;
pub(crate) mod house;
mod imports;
mod versions;
