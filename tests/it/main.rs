//! End-to-end tests in one binary: the built program, a real browser, real clients, both engines.
//! `harness` starts and ends what they need; each other module is one thing that the program promises. Names that begin
//! with `slow_` or `browser_` run one at a time (see .config/nextest.toml).

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::type_complexity,
    missing_docs,
    unreachable_pub,
    reason = "a test may fail by panicking and say why"
)]

mod harness;
mod support;

mod blobs_s3;
mod bodies;
mod clock;
mod contract;
mod copies;
mod derived;
mod disk;
mod every_page;
mod every_route;
mod exchange;
mod figures;
mod first_dossier;
mod flash;
mod forms;
mod harness_works;
mod inject;
mod interfaces;
mod journeys;
mod kill;
mod ledger;
mod maps;
mod nodes;
mod objects;
mod offline;
mod ogc;
mod open_data;
mod overload;
mod papers;
mod privacy;
mod registers;
mod routes;
mod start;
mod statements;
mod store_s3;
mod upgrade;
mod upload;
mod walk_in;
