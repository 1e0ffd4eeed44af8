//! Boundaries of provinces and communes by the days on which they hold: those that come with the program, and those that a province
//! loads from a file. Owns the reading of such files and which boundary holds on a day. Refuses a file with any fault, whole.
//! Law: Nghị quyết 202/2025/QH15 (provinces), Nghị quyết 1656 to 1692/NQ-UBTVQH15 (communes since 1 July 2025).

pub mod http;
pub(crate) mod load;
pub(crate) mod read;
pub(crate) mod store;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use ::store::Store;
use kernel::{Date, Timestamp};
use parking_lot::Mutex;
use uuid::Uuid;

use crate::error::MapError;
use crate::house::Map;

/// Boundaries that come with the program.
const SHIPPED: &[u8] = include_bytes!("../../data/boundaries.geojson.gz");
/// What they are called where sources are named.
const SHIPPED_SOURCE: &str = "vietnamese-provinces-database cd580632, vietnamadminunits 1.0.4";
/// Boundaries of one write.
const CHUNK: usize = 200;

/// How long the days of changes are not read again, in microseconds.
const DAYS_MICROS: i64 = 5_000_000;

/// The days of changes by tier, each with the time at which they were read.
#[derive(Debug, Default)]
pub(crate) struct Days(Mutex<HashMap<Tier, Read>>);

/// When they were read, and the days.
type Read = (i64, Arc<[Date]>);

kernel::words! {
    /// A tier of areas.
    Tier {
        /// Provinces.
        Province = "province",
        /// Districts, until 30 June 2025.
        District = "district",
        /// Communes.
        Commune = "commune",
    }
}

::store::value_via_display!(Tier);

/// The areas of a tier on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Areas {
    pub(crate) tier: Tier,
    pub(crate) day: Date,
}

/// One boundary.
#[derive(Debug, Clone, PartialEq)]
pub struct Boundary {
    /// Its row.
    pub id: Uuid,
    /// The code of the area.
    pub code: String,
    /// Its tier.
    pub tier: Tier,
    /// Its name.
    pub name: String,
    /// Its name in English.
    pub name_en: Option<String>,
    /// The first day on which it holds.
    pub valid_from: Date,
    /// The first day on which it no longer holds.
    pub valid_to: Option<Date>,
    /// Where it comes from.
    pub source: String,
    /// Well-known binary: a polygon, several, or the point that stands for an area without a boundary.
    pub geometry: Vec<u8>,
    /// West, south, east, north in degrees.
    pub bounds: [f64; 4],
}

/// An area that was found by its name.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundArea {
    /// The code.
    pub code: String,
    /// The tier.
    pub tier: Tier,
    /// The name.
    pub name: String,
    /// The name in English.
    pub name_en: Option<String>,
    /// The first day.
    pub valid_from: Date,
    /// The first day on which it no longer holds.
    pub valid_to: Option<Date>,
    /// West, south, east, north in degrees.
    pub bounds: [f64; 4],
}

/// What came of loading a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loaded {
    /// Boundaries that were not there.
    pub new: u64,
    /// Boundaries that took the place of others.
    pub replaced: u64,
}

/// As [`Map::load_boundaries`], for a command that serves nothing.
///
/// # Errors
/// As [`Map::load_boundaries`].
pub async fn load_into(to: &Store, file: &[u8], source: &str) -> Result<Loaded, MapError> {
    let (file, source, world) = (file.to_vec(), source.to_owned(), to.world().clone());
    let now: Timestamp = world.now();
    let read = tokio::task::spawn_blocking(move || read::boundaries(&file, &source, world.as_ref()));
    let all = read.await.map_err(|error| MapError::File(error.to_string()))??;
    let mut loaded = Loaded { new: 0, replaced: 0 };
    for part in all.chunks(CHUNK) {
        let part = part.to_vec();
        let new = to.write(move |tx| store::insert(tx, &part, now)).await?;
        loaded.new += new.0;
        loaded.replaced += new.1;
    }
    Ok(loaded)
}

impl Map {
    /// Loads the boundaries that come with the program, when there are none.
    ///
    /// # Errors
    /// What the store says.
    pub async fn seed_boundaries(&self) -> Result<(), MapError> {
        let is_empty = self.store().read(store::is_empty).await?;
        if is_empty {
            self.load_boundaries(SHIPPED, SHIPPED_SOURCE).await?;
        }
        Ok(())
    }

    /// Loads boundaries from a GeoJSON file (RFC 7946), compressed by gzip or not. Each feature has `tier`, `code`, `name` and `from`,
    /// and may have `name_en` and `to`, the first day on which it no longer holds. A boundary of the same tier, code and first day
    /// takes the place of the one before it.
    ///
    /// # Errors
    /// `File` names the first feature that cannot be; nothing is loaded then. What the store says.
    pub async fn load_boundaries(&self, file: &[u8], source: &str) -> Result<Loaded, MapError> {
        let loaded = load_into(self.store(), file, source).await?;
        self.days_known().0.lock().clear();
        Ok(loaded)
    }

    /// The days on which boundaries of a tier changed, in order, as they were known some seconds ago.
    ///
    /// # Errors
    /// What the store says.
    pub async fn days(&self, tier: Tier) -> Result<Arc<[Date]>, MapError> {
        let now = self.world().now().as_micros();
        if let Some((at, days)) = self.days_known().0.lock().get(&tier)
            && (0..DAYS_MICROS).contains(&(now - at))
        {
            return Ok(days.clone());
        }
        let days: Arc<[Date]> = self.store().read(move |tx| store::days(tx, tier)).await?.into();
        self.days_known().0.lock().insert(tier, (now, days.clone()));
        Ok(days)
    }
}
