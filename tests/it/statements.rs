//! Every SQL statement that stands in a `store.rs` file.
