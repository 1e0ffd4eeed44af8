//! Reads boundaries from GeoJSON. Owns the bounds on such files; refuses a feature without a code or a day, rings that are none, and
//! coordinates beyond the earth.
//! Standards: RFC 7946 (GeoJSON), OGC 06-103r4 (well-known binary).

use std::io::Read as _;

use kernel::{Date, World};
use serde_json::Value;

use super::{Boundary, Tier};
use crate::error::MapError;

/// Most features of a file.
const FEATURES_MAX: usize = 50_000;
/// Largest file when it is unpacked, in bytes.
const FILE_MAX: u64 = 512 << 20;
/// Most positions of one boundary.
const POSITIONS_MAX: usize = 1_000_000;

type Position = [f64; 2];

/// Every boundary of a file.
pub(crate) fn boundaries(file: &[u8], source: &str, world: &dyn World) -> Result<Vec<Boundary>, MapError> {
    let unpacked;
    let text = if file.starts_with(&[0x1f, 0x8b]) {
        let mut out = Vec::new();
        let mut reader = flate2::read::GzDecoder::new(file).take(FILE_MAX + 1);
        reader
            .read_to_end(&mut out)
            .map_err(|error| MapError::File(error.to_string()))?;
        unpacked = out;
        &unpacked[..]
    } else {
        file
    };
    if text.len() as u64 > FILE_MAX {
        return Err(MapError::File("it is larger than 512 MB".to_owned()));
    }
    let document: Value = serde_json::from_slice(text).map_err(|error| MapError::File(error.to_string()))?;
    let features = document["features"]
        .as_array()
        .ok_or_else(|| MapError::File("it is no GeoJSON FeatureCollection".to_owned()))?;
    if features.len() > FEATURES_MAX {
        return Err(MapError::File(format!("it has more than {FEATURES_MAX} features")));
    }
    let each = features.iter().enumerate();
    each.map(|(at, feature)| {
        one(feature, source, world).map_err(|why| MapError::File(format!("feature {}: {why}", at + 1)))
    })
    .collect()
}

fn one(feature: &Value, source: &str, world: &dyn World) -> Result<Boundary, String> {
    let about = &feature["properties"];
    let text = |key: &str| about[key].as_str().filter(|text| !text.is_empty() && text.len() <= 200);
    let needed = |key: &str| text(key).ok_or_else(|| format!("`{key}` is missing"));
    let day = |key: &str| -> Result<Option<Date>, String> {
        let read = text(key).map(|text| text.parse().map_err(|_| format!("`{key}` is no day")));
        read.transpose()
    };
    let tier: Tier = needed("tier")?.parse().map_err(|_| "`tier` is none".to_owned())?;
    let (from, to) = (day("from")?.ok_or("`from` is missing")?, day("to")?);
    if to.is_some_and(|to| to <= from) {
        return Err("`to` is not behind `from`".to_owned());
    }
    let (geometry, bounds) = geometry(&feature["geometry"])?;
    Ok(Boundary {
        id: kernel::id::uuid_v7(world),
        code: needed("code")?.to_owned(),
        tier,
        name: needed("name")?.to_owned(),
        name_en: text("name_en").map(str::to_owned),
        valid_from: from,
        valid_to: to,
        source: source.to_owned(),
        geometry,
        bounds,
    })
}

/// The geometry as well-known binary, with its bounds.
fn geometry(value: &Value) -> Result<(Vec<u8>, [f64; 4]), String> {
    let coordinates = &value["coordinates"];
    let polygons: Vec<Vec<Vec<Position>>> = match value["type"].as_str() {
        Some("Polygon") => vec![polygon(coordinates)?],
        Some("MultiPolygon") => {
            let all = coordinates.as_array().ok_or("coordinates are missing")?;
            all.iter().map(polygon).collect::<Result<_, _>>()?
        }
        Some("Point") => {
            let [x, y] = position(coordinates)?;
            let mut out = vec![1, 1, 0, 0, 0];
            out.extend(x.to_le_bytes());
            out.extend(y.to_le_bytes());
            return Ok((out, [x, y, x, y]));
        }
        _ => return Err("the geometry is no polygon and no point".to_owned()),
    };
    let positions = || polygons.iter().flatten().flatten();
    let count = positions().count();
    if count == 0 || count > POSITIONS_MAX {
        return Err(format!("it has none or more than {POSITIONS_MAX} positions"));
    }
    let mut bounds = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    for [x, y] in positions() {
        bounds = [
            bounds[0].min(*x),
            bounds[1].min(*y),
            bounds[2].max(*x),
            bounds[3].max(*y),
        ];
    }
    let word = |out: &mut Vec<u8>, number: usize| {
        out.extend(u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
    };
    let mut out = vec![1, 6, 0, 0, 0];
    word(&mut out, polygons.len());
    for rings in &polygons {
        out.extend([1, 3, 0, 0, 0]);
        word(&mut out, rings.len());
        for ring in rings {
            word(&mut out, ring.len());
            ring.iter()
                .flatten()
                .for_each(|number| out.extend(number.to_le_bytes()));
        }
    }
    Ok((out, bounds))
}

fn polygon(value: &Value) -> Result<Vec<Vec<Position>>, String> {
    let rings = value
        .as_array()
        .filter(|rings| !rings.is_empty())
        .ok_or("a polygon without rings")?;
    rings
        .iter()
        .map(|ring| {
            let ring = ring.as_array().ok_or("a ring that is none")?;
            let ring: Vec<Position> = ring.iter().map(position).collect::<Result<_, _>>()?;
            if ring.len() < 4 || ring.first() != ring.last() {
                return Err("a ring that is not closed".to_owned());
            }
            Ok(ring)
        })
        .collect()
}

fn position(value: &Value) -> Result<Position, String> {
    let number = |at: usize| value.get(at).and_then(Value::as_f64);
    match (number(0), number(1)) {
        (Some(x), Some(y)) if (-180.0..=180.0).contains(&x) && (-90.0..=90.0).contains(&y) => Ok([x, y]),
        _ => Err("coordinates beyond the earth".to_owned()),
    }
}

/// What a stored geometry is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Stored {
    /// A point.
    Point(Position),
    /// Rings, each with whether it is an outer one.
    Rings(Vec<(Vec<Position>, bool)>),
}

/// Reads what [`geometry`] writes; none of anything else.
pub(crate) fn stored(bytes: &[u8]) -> Option<Stored> {
    let mut rest = bytes;
    match head(&mut rest)? {
        1 => Some(Stored::Point([number(&mut rest)?, number(&mut rest)?])),
        6 => {
            let mut rings = Vec::new();
            for _ in 0..word(&mut rest)? {
                if head(&mut rest)? != 3 {
                    return None;
                }
                for at in 0..word(&mut rest)? {
                    let count = word(&mut rest)? as usize;
                    if rest.len() < count.checked_mul(16)? {
                        return None;
                    }
                    let ring = (0..count).map(|_| Some([number(&mut rest)?, number(&mut rest)?]));
                    rings.push((ring.collect::<Option<_>>()?, at == 0));
                }
            }
            rest.is_empty().then_some(Stored::Rings(rings))
        }
        _ => None,
    }
}

fn head(rest: &mut &[u8]) -> Option<u32> {
    *rest = rest.strip_prefix(&[1])?;
    word(rest)
}

fn word(rest: &mut &[u8]) -> Option<u32> {
    let (own, tail) = rest.split_first_chunk::<4>()?;
    *rest = tail;
    Some(u32::from_le_bytes(*own))
}

fn number(rest: &mut &[u8]) -> Option<f64> {
    let (own, tail) = rest.split_first_chunk::<8>()?;
    *rest = tail;
    Some(f64::from_le_bytes(*own))
}
