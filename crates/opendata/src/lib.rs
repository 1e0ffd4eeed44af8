//! Open data: registers published by rule, and links to data elsewhere, in one catalogue for people (pages), for programs (the CKAN
//! Action API, downloads) and for other catalogues (DCAT-AP, feeds). Owns the catalogue and everything that leaves through it. Refuses
//! whatever nobody approved, personal fields, small counts, and text of strangers in a database engine.
//! Law: NĐ 47/2020/NĐ-CP (open data of state agencies), Luật 60/2024/QH15 article 21.
mod catalogue;
mod ckan;
pub mod dataset;
mod dcat;
mod error;
mod feed;
mod house;
pub mod http;
pub mod jobs;
mod publish;
pub mod rows;
pub mod sql;
#[cfg(test)]
mod tests;

pub use error::OpenError;
pub use house::{Portal, Settings};
pub use publish::{Preview, Publisher, Standing};

/// The texts of this crate.
pub const TEXT: web::Source = web::Source {
    name: "opendata",
    vi: include_str!("../text/vi.ftl"),
    en: include_str!("../text/en.ftl"),
};

/// The tables of this crate.
pub const MIGRATIONS: store::MigrationSet = store::MigrationSet::new(
    "opendata",
    &[store::Migration::portable(
        "0001_catalogue",
        include_str!("../../../migrations/opendata/0001_catalogue.sql"),
    )],
);
