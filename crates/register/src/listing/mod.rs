//! Records in the order of their list under any condition: for interfaces whose filters are a language of their own. Owns the page and
//! its end; who may see which rows, and what is to hold of them, is the caller's to say.

pub mod store;

pub use store::Listing;
