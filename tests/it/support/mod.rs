//! What the end-to-end tests share: provinces made in a folder or a fresh database, made-up people with sessions, visitors
//! who fill in forms over HTTP as a browser without scripts does, and the way from "I want this" to "sent".
//! Nobody here is real: names, numbers and telephones are made from a counter.

pub mod bucket;
pub mod database;
pub mod filing;
pub mod html;
pub mod line;
pub mod money;
pub mod people;
pub mod petitions;
pub mod processes;
pub mod province;
pub mod registers;
pub mod visitor;

pub use people::{Person, Staff};
pub use province::{Province, Site, both};
pub use visitor::{Answer, Visitor};
