//! Vector tiles of records. A layer is read once into a sheet: places in the order of tiles and values by number, so that a tile is a
//! stretch of memory and no row is decoded twice; changes are followed by the outbox. Owns what a tile may be asked for and how large
//! it gets. Counts stay true: the `n` of all features of a zoom add up to the rows that whoever asks may see.
//! Standards: Mapbox Vector Tile 2.1, TileJSON 3.0.0.

pub(crate) mod cache;
pub(crate) mod draw;
pub mod http;
pub(crate) mod layers;
pub(crate) mod load;
pub mod mercator;
pub(crate) mod mvt;
pub(crate) mod shape;
pub(crate) mod sheet;
pub(crate) mod store;
#[cfg(test)]
mod tests;

use crate::error::MapError;

/// The last zoom at which tiles are made; maps enlarge it further.
pub const ZOOM_MAX: u8 = 18;
/// Steps of a tile in each direction.
pub const EXTENT: u32 = 4096;
/// Bits of [`EXTENT`].
pub(crate) const EXTENT_BITS: u32 = 12;
/// Largest tile, in bytes.
pub const BYTES_MAX: usize = 500_000;

/// A tile of the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TileAt {
    z: u8,
    x: u32,
    y: u32,
}

impl TileAt {
    /// A tile of the grid.
    ///
    /// # Errors
    /// `Range` when the grid of that zoom has no such tile.
    pub fn new(z: u8, x: u32, y: u32) -> Result<Self, MapError> {
        if z > ZOOM_MAX {
            return Err(MapError::Range("zoom"));
        }
        let side = 1_u32 << z;
        if x >= side || y >= side {
            return Err(MapError::Range("tile"));
        }
        Ok(Self { z, x, y })
    }

    /// A tile as an address names it: three whole numbers.
    ///
    /// # Errors
    /// `Range`.
    pub fn parse(z: &str, x: &str, y: &str) -> Result<Self, MapError> {
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| text.parse().ok()).flatten()
        };
        let y = y.strip_suffix(".mvt").or_else(|| y.strip_suffix(".pbf")).unwrap_or(y);
        match (number(z).and_then(|z: u32| u8::try_from(z).ok()), number(x), number(y)) {
            (Some(z), Some(x), Some(y)) => Self::new(z, x, y),
            _ => Err(MapError::Range("tile")),
        }
    }

    /// The zoom.
    #[must_use]
    pub const fn z(self) -> u8 {
        self.z
    }

    /// The column, from the west.
    #[must_use]
    pub const fn x(self) -> u32 {
        self.x
    }

    /// The row, from the north.
    #[must_use]
    pub const fn y(self) -> u32 {
        self.y
    }

    /// Its first place.
    pub(crate) fn origin(self) -> [u32; 2] {
        let shift = 32 - u32::from(self.z);
        let at = |place: u32| u32::try_from(u64::from(place) << shift).unwrap_or(u32::MAX);
        [at(self.x), at(self.y)]
    }

    /// How many bits of a place are finer than a step of the tile.
    pub(crate) fn fine_bits(self) -> u32 {
        32 - u32::from(self.z) - EXTENT_BITS
    }

    /// Whether a place lies in it.
    pub(crate) fn holds(self, place: [u32; 2]) -> bool {
        let shift = 32 - u32::from(self.z);
        let of = |place: u32| u64::from(place) >> shift;
        of(place[0]) == u64::from(self.x) && of(place[1]) == u64::from(self.y)
    }

    /// The places of the order of [`mercator::order`] that lie in it: the first, and the first behind it.
    pub(crate) fn stretch(self) -> (u64, u128) {
        let first = mercator::order(self.origin());
        let length = 1_u128 << (2 * (32 - u32::from(self.z)));
        (first, u128::from(first) + length)
    }

    /// West, south, east, north in degrees.
    #[must_use]
    pub fn bounds(self) -> [f64; 4] {
        let [x, y] = self.origin();
        let size = u64::from(u32::MAX) >> self.z;
        let far = |at: u32| u32::try_from(u64::from(at) + size).unwrap_or(u32::MAX);
        let ([west, north], [east, south]) = (mercator::to_degrees([x, y]), mercator::to_degrees([far(x), far(y)]));
        [west, south, east, north]
    }
}
