//! The square of the Web Mercator projection as two whole numbers of 32 bits: x to the east, y to the south. A tile is a number's first
//! bits. Latitudes beyond the square are drawn to its edge.
//! Standard: EPSG:3857.

use std::f64::consts::PI;

/// The latitude at which the square ends.
pub const LATITUDE_MAX: f64 = 85.051_128_779_806_59;
/// Length of the square's side in steps.
const SIDE: f64 = 4_294_967_296.0;

/// Where a longitude and a latitude lie in the square.
#[must_use]
pub fn to_world(longitude: f64, latitude: f64) -> [u32; 2] {
    let latitude = latitude.clamp(-LATITUDE_MAX, LATITUDE_MAX).to_radians();
    let x = (longitude + 180.0) / 360.0;
    let y = (1.0 - (latitude.tan() + 1.0 / latitude.cos()).ln() / PI) / 2.0;
    [step(x), step(y)]
}

fn step(share: f64) -> u32 {
    (share * SIDE) as u32
}

/// The longitude and the latitude of a place in the square.
#[must_use]
pub fn to_degrees([x, y]: [u32; 2]) -> [f64; 2] {
    let longitude = f64::from(x) / SIDE * 360.0 - 180.0;
    let latitude = (PI * (1.0 - 2.0 * f64::from(y) / SIDE)).sinh().atan().to_degrees();
    [longitude, latitude]
}

/// The order of places in which every tile of every zoom is one stretch.
#[must_use]
pub fn order([x, y]: [u32; 2]) -> u64 {
    spread(x) | (spread(y) << 1)
}

/// Puts a nothing before each bit.
fn spread(bits: u32) -> u64 {
    let mut bits = u64::from(bits);
    for (shift, mask) in [
        (16, 0x0000_ffff_0000_ffff),
        (8, 0x00ff_00ff_00ff_00ff),
        (4, 0x0f0f_0f0f_0f0f_0f0f),
        (2, 0x3333_3333_3333_3333),
        (1, 0x5555_5555_5555_5555),
    ] {
        bits = (bits | (bits << shift)) & mask;
    }
    bits
}
