//! The whole of a register on both engines: tables from definitions, versions against a naive model, files.

mod definitions;
mod house;
mod imports;
mod versions;
