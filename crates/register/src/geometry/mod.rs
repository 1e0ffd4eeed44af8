//! What a record looks like on a map: points, lines and areas in WGS 84 (longitude first), read from GeoJSON and written to
//! it, stored as well-known binary beside its bounds. Refuses coordinates that are none, rings that are not closed or have no
//! area, and more than a bound of vertices; what lies outside of Viet Nam is flagged, because it may be swapped axes.
//! Standards: RFC 7946 (GeoJSON), OGC 06-103r4 (well-known binary).

pub mod cell;
pub mod crs;
#[cfg(test)]
mod crs_tests;
#[cfg(test)]
mod tests;

use definition::Geometry;
use serde_json::{Value, json};

/// Most vertices of one shape.
pub const VERTICES_MAX: usize = 200_000;
/// The bounds within which Viet Nam lies, its islands included: west, south, east, north, in degrees.
pub const VIET_NAM: [f64; 4] = [102.0, 6.0, 117.9, 23.5];

/// A position: longitude and latitude in degrees.
pub type Position = [f64; 2];

/// A shape.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A point.
    Point(Position),
    /// A line of two positions or more.
    Line(Vec<Position>),
    /// An area: its outer ring, then its holes; each ring is closed.
    Polygon(Vec<Vec<Position>>),
}

/// Why coordinates are not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GeometryFault {
    /// No GeoJSON geometry.
    #[error("no geometry")]
    Unreadable,
    /// A geometry of another kind than the definition wants.
    #[error("another kind of geometry")]
    Kind,
    /// A longitude beyond 180 or a latitude beyond 90 degrees, or no number.
    #[error("coordinates beyond the earth")]
    Range,
    /// Beyond the earth, but in Viet Nam with its two numbers exchanged.
    #[error("coordinates in the other order")]
    Swapped,
    /// Too few positions, or a ring that is not closed.
    #[error("a line or ring that is none")]
    Ring,
    /// A ring that crosses itself.
    #[error("a ring that crosses itself")]
    Crossing,
    /// A side of more than half the earth: it was meant to go the other way, over the antimeridian, and must be cut there
    /// (RFC 7946, 3.1.9).
    #[error("a shape that crosses the antimeridian")]
    Antimeridian,
    /// More vertices than [`VERTICES_MAX`].
    #[error("too many vertices")]
    TooLarge,
    /// No well-known binary of ours.
    #[error("no well-known binary")]
    Binary,
}

/// Most pairs of sides of one ring that are looked at for crossings; a ring that needs more takes too long in a request.
const PAIRS_MAX: usize = 20_000_000;

impl Shape {
    /// A point.
    ///
    /// # Errors
    /// [`GeometryFault::Range`].
    pub fn point(longitude: f64, latitude: f64) -> Result<Self, GeometryFault> {
        position([longitude, latitude]).map(Self::Point)
    }

    /// Reads a GeoJSON geometry of the kind that a definition wants.
    ///
    /// # Errors
    /// [`GeometryFault`] says why not.
    pub fn from_geojson(value: &Value, wanted: Geometry) -> Result<Self, GeometryFault> {
        let kind = value
            .get("type")
            .and_then(Value::as_str)
            .ok_or(GeometryFault::Unreadable)?;
        let coordinates = value.get("coordinates").ok_or(GeometryFault::Unreadable)?;
        let shape = match (kind, wanted) {
            ("Point", Geometry::Point) => Self::Point(position_of(coordinates)?),
            ("LineString", Geometry::Line) => Self::Line(positions_of(coordinates)?),
            ("Polygon", Geometry::Polygon) => {
                let rings = coordinates.as_array().ok_or(GeometryFault::Unreadable)?;
                Self::Polygon(rings.iter().map(positions_of).collect::<Result<_, _>>()?)
            }
            _ => return Err(GeometryFault::Kind),
        };
        shape.checked()
    }

    /// The GeoJSON geometry.
    #[must_use]
    pub fn to_geojson(&self) -> Value {
        match self {
            Self::Point(at) => json!({ "type": "Point", "coordinates": at }),
            Self::Line(line) => json!({ "type": "LineString", "coordinates": line }),
            Self::Polygon(rings) => json!({ "type": "Polygon", "coordinates": rings }),
        }
    }

    /// Its well-known binary, least significant byte first.
    #[must_use]
    pub fn to_wkb(&self) -> Vec<u8> {
        let mut out = vec![1];
        let word = |number: usize, out: &mut Vec<u8>| {
            out.extend(u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
        };
        match self {
            Self::Point(at) => {
                word(1, &mut out);
                write(&mut out, &[*at]);
            }
            Self::Line(line) => {
                word(2, &mut out);
                word(line.len(), &mut out);
                write(&mut out, line);
            }
            Self::Polygon(rings) => {
                word(3, &mut out);
                word(rings.len(), &mut out);
                for ring in rings {
                    word(ring.len(), &mut out);
                    write(&mut out, ring);
                }
            }
        }
        out
    }

    /// Reads the well-known binary that [`Self::to_wkb`] writes.
    ///
    /// # Errors
    /// [`GeometryFault::Binary`].
    pub fn from_wkb(bytes: &[u8]) -> Result<Self, GeometryFault> {
        let mut rest = bytes.strip_prefix(&[1]).ok_or(GeometryFault::Binary)?;
        let shape = match word(&mut rest)? {
            1 => Self::Point(read(&mut rest, 1)?.first().copied().ok_or(GeometryFault::Binary)?),
            2 => {
                let count = word(&mut rest)?;
                Self::Line(read(&mut rest, count)?)
            }
            3 => {
                let count = word(&mut rest)?;
                let mut rings = Vec::new();
                for _ in 0..count.min(VERTICES_MAX) {
                    let length = word(&mut rest)?;
                    rings.push(read(&mut rest, length)?);
                }
                Self::Polygon(rings)
            }
            _ => return Err(GeometryFault::Binary),
        };
        if rest.is_empty() {
            Ok(shape)
        } else {
            Err(GeometryFault::Binary)
        }
    }

    /// West, south, east and north of it, in degrees.
    #[must_use]
    pub fn bounds(&self) -> [f64; 4] {
        let mut bounds = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        for [x, y] in self.positions() {
            bounds = [
                bounds[0].min(*x),
                bounds[1].min(*y),
                bounds[2].max(*x),
                bounds[3].max(*y),
            ];
        }
        bounds
    }

    /// Whether all of it lies within the bounds of Viet Nam.
    #[must_use]
    pub fn is_in_viet_nam(&self) -> bool {
        let ([west, south, east, north], own) = (VIET_NAM, self.bounds());
        own[0] >= west && own[1] >= south && own[2] <= east && own[3] <= north
    }

    fn positions(&self) -> impl Iterator<Item = &Position> {
        let parts: Vec<&[Position]> = match self {
            Self::Point(at) => vec![std::slice::from_ref(at)],
            Self::Line(line) => vec![line],
            Self::Polygon(rings) => rings.iter().map(Vec::as_slice).collect(),
        };
        parts.into_iter().flatten()
    }

    /// Whether a side of it is longer than half the earth: it was meant to go the other way.
    pub(crate) fn is_over_antimeridian(&self) -> bool {
        let lines: Vec<&[Position]> = match self {
            Self::Point(_) => Vec::new(),
            Self::Line(line) => vec![line],
            Self::Polygon(rings) => rings.iter().map(Vec::as_slice).collect(),
        };
        let is_far = |pair: &[Position]| (pair[0][0] - pair[1][0]).abs() > 180.0;
        lines.iter().any(|line| line.windows(2).any(is_far))
    }

    /// The shape, when it is one: enough positions, closed rings that do not cross themselves.
    ///
    /// # Errors
    /// [`GeometryFault`] says why it is none.
    pub(crate) fn checked(self) -> Result<Self, GeometryFault> {
        if self.positions().take(VERTICES_MAX + 1).count() > VERTICES_MAX {
            return Err(GeometryFault::TooLarge);
        }
        match &self {
            Self::Point(_) => {}
            Self::Line(line) if line.len() >= 2 => {}
            Self::Line(_) => return Err(GeometryFault::Ring),
            Self::Polygon(rings) => {
                if rings.is_empty() {
                    return Err(GeometryFault::Ring);
                }
                rings.iter().try_for_each(|ring| check_ring(ring))?;
            }
        }
        Ok(self)
    }
}

fn position([x, y]: Position) -> Result<Position, GeometryFault> {
    let fits = (-180.0..=180.0).contains(&x) && (-90.0..=90.0).contains(&y);
    if fits { Ok([x, y]) } else { Err(GeometryFault::Range) }
}

fn position_of(value: &Value) -> Result<Position, GeometryFault> {
    let numbers = value.as_array().filter(|all| (2..=3).contains(&all.len()));
    let number = |at: usize| {
        numbers
            .and_then(|all| all.get(at)?.as_f64())
            .ok_or(GeometryFault::Unreadable)
    };
    position([number(0)?, number(1)?])
}

fn positions_of(value: &Value) -> Result<Vec<Position>, GeometryFault> {
    let all = value.as_array().ok_or(GeometryFault::Unreadable)?;
    if all.len() > VERTICES_MAX {
        return Err(GeometryFault::TooLarge);
    }
    all.iter().map(position_of).collect()
}

fn check_ring(ring: &[Position]) -> Result<(), GeometryFault> {
    if ring.len() < 4 || ring.first() != ring.last() {
        return Err(GeometryFault::Ring);
    }
    let twice_area: f64 = ring.windows(2).map(|w| w[0][0] * w[1][1] - w[1][0] * w[0][1]).sum();
    if twice_area == 0.0 {
        return Err(GeometryFault::Ring);
    }
    if crosses_itself(ring) {
        return Err(GeometryFault::Crossing);
    }
    Ok(())
}

/// Whether two sides that are no neighbours meet in a point that is inside both. Sides are compared with those that begin
/// before they end, from west to east.
fn crosses_itself(ring: &[Position]) -> bool {
    let mut sides: Vec<(&Position, &Position)> = ring.windows(2).map(|w| (&w[0], &w[1])).collect();
    let west = |side: &(&Position, &Position)| side.0[0].min(side.1[0]);
    sides.sort_by(|one, other| west(one).total_cmp(&west(other)));
    let mut left = PAIRS_MAX;
    for (at, one) in sides.iter().enumerate() {
        let east = one.0[0].max(one.1[0]);
        let (low, high) = (one.0[1].min(one.1[1]), one.0[1].max(one.1[1]));
        for other in sides[at + 1..].iter().take_while(|other| west(other) <= east) {
            left = left.saturating_sub(1);
            if left == 0 {
                return false;
            }
            let is_beside = other.0[1].max(other.1[1]) < low || other.0[1].min(other.1[1]) > high;
            if !is_beside && cross(one, other) {
                return true;
            }
        }
    }
    false
}

fn cross(one: &(&Position, &Position), other: &(&Position, &Position)) -> bool {
    let apart =
        |a: &Position, b: &Position, c: &Position| (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
    let (one_first, one_last) = (apart(one.0, one.1, other.0), apart(one.0, one.1, other.1));
    let (two_first, two_last) = (apart(other.0, other.1, one.0), apart(other.0, other.1, one.1));
    one_first * one_last < 0.0 && two_first * two_last < 0.0
}

fn write(out: &mut Vec<u8>, positions: &[Position]) {
    for number in positions.iter().flatten() {
        out.extend(number.to_le_bytes());
    }
}

fn word(rest: &mut &[u8]) -> Result<usize, GeometryFault> {
    let (head, tail) = rest.split_first_chunk::<4>().ok_or(GeometryFault::Binary)?;
    *rest = tail;
    usize::try_from(u32::from_le_bytes(*head)).map_err(|_| GeometryFault::Binary)
}

fn read(rest: &mut &[u8], count: usize) -> Result<Vec<Position>, GeometryFault> {
    if count > VERTICES_MAX {
        return Err(GeometryFault::TooLarge);
    }
    if rest.len() < count * 16 {
        return Err(GeometryFault::Binary);
    }
    let (own, tail) = rest.split_at(count * 16);
    *rest = tail;
    let number = |bytes: &[u8]| {
        let bytes: [u8; 8] = bytes.try_into().map_err(|_| GeometryFault::Binary)?;
        Ok(f64::from_le_bytes(bytes))
    };
    own.chunks_exact(16)
        .map(|pair| Ok([number(&pair[..8])?, number(&pair[8..])?]))
        .collect()
}
