//! Maps of registers: vector tiles of any kind of record with a geometry, the map page, boundaries of areas by date, and the OGC
//! interfaces over the same records. Owns how records are found by place and drawn at a zoom.
//! Refuses rows and fields that whoever asks may not see in the lists of the register either, tiles that do not exist, and
//! tiles above a size that a telephone can take.
//! Standards: Mapbox Vector Tile 2.1, TileJSON 3.0.0, OGC API Features and Tiles. Law: Luật 60/2024/QH15 (data).

pub mod area;
pub mod base;
pub mod cql;
mod error;
mod house;
pub mod http;
pub mod ogc;
mod page;
pub mod spatial;
#[cfg(test)]
mod tests;
pub mod tile;

pub use error::MapError;
pub use house::{Map, Settings, Sight};

/// The texts of this crate.
pub const TEXT: web::Source = web::Source {
    name: "map",
    vi: include_str!("../text/vi.ftl"),
    en: include_str!("../text/en.ftl"),
};

/// The texts of the OGC interfaces and of their filters.
pub const OGC_TEXT: web::Source = web::Source {
    name: "map-ogc",
    vi: include_str!("../text/vi/ogc.ftl"),
    en: include_str!("../text/en/ogc.ftl"),
};

/// The tables of this crate.
pub const MIGRATIONS: store::MigrationSet = store::MigrationSet::new(
    "map",
    &[store::Migration::portable(
        "0001_boundaries",
        include_str!("../../../migrations/map/0001_boundaries.sql"),
    )],
);
