//! Coordinate reference systems other than the one shapes are stored in: VN-2000 in its zones, WGS 84 with latitude first, the
//! square map of the web. Owns the table `data/crs.toml` and the way of a position to WGS 84 and back; refuses positions that a
//! system cannot have. Everything here takes and gives east before north; [`Crs::in_order`] is for whoever writes axes in
//! the order of the register of EPSG.
//! Standards: QĐ 83/2000/QĐ-TTg (VN-2000), QĐ 05/2007/QĐ-BTNMT (its seven parameters), OGC 18-058r1 (names of systems).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use definition::Geometry;
use proj4rs::Proj;
use serde::Deserialize;
use serde_json::Value;

use super::{GeometryFault, Position, Shape, VIET_NAM};

const TABLE: &str = include_str!("../../data/crs.toml");
/// Half the side of the square map of the web, in metres.
const MERCATOR_HALF_M: f64 = 20_037_508.342_789_244;
/// The latitude at which the square map of the web ends.
const MERCATOR_LATITUDE_MAX: f64 = 85.051_128_779_806_6;
/// Coordinates in metres beyond which no zone of Viet Nam is meant.
const METRES_MAX: f64 = 10_000_000.0;
/// How deep coordinates of GeoJSON are nested at most: polygons of several parts.
const NESTED_MAX: usize = 4;

/// In which order a system has its axes in the register of EPSG.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Axes {
    /// East or longitude first.
    EastNorth,
    /// North or latitude first.
    NorthEast,
}

/// What speaks against a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// It lies in Viet Nam when its two numbers are exchanged.
    Swapped,
    /// Its numbers are metres, and degrees were expected; or the other way round.
    Unit,
    /// It lies elsewhere: perhaps another zone was meant.
    Outside,
}

enum Way {
    /// Degrees over WGS 84.
    Same,
    /// Degrees or metres that `proj4rs` reckons.
    Proj(Box<Proj>),
    /// The square map of the web.
    Mercator,
}

/// A coordinate reference system.
pub struct Crs {
    /// Its name in a register: `EPSG:9209`, `OGC:CRS84`.
    pub code: String,
    /// What it is called: `VN-2000 / TM-3 105-30`.
    pub name: String,
    /// The order of its axes there.
    pub axes: Axes,
    /// Its central meridian as `105-30`, for zones of VN-2000.
    pub meridian: Option<String>,
    /// Whether its numbers are degrees, not metres.
    pub is_degrees: bool,
    scale: f64,
    is_vn2000: bool,
    way: Way,
}

impl std::fmt::Debug for Crs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.code)
    }
}

impl PartialEq for Crs {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

/// The provinces of before July 2025 with their zones.
#[derive(Debug)]
pub struct Province {
    /// Its name.
    pub name: String,
    /// Its zone of three degrees.
    pub zone: &'static Crs,
    /// Whether EPSG's register says the same.
    pub is_verified: bool,
}

impl Crs {
    /// Every system of the table; the first is longitude and latitude over WGS 84.
    #[must_use]
    pub fn all() -> &'static [Self] {
        static ALL: LazyLock<Vec<Crs>> = LazyLock::new(|| read().expect("a test reads the table"));
        &ALL
    }

    /// The system in which shapes are stored: longitude and latitude over WGS 84.
    #[must_use]
    pub fn stored() -> &'static Self {
        &Self::all()[0]
    }

    /// The zones of provinces, by name (`data/crs.toml` says which are verified).
    #[must_use]
    pub fn provinces() -> &'static [Province] {
        static ALL: LazyLock<Vec<Province>> = LazyLock::new(provinces);
        &ALL
    }

    /// A system by what clients and files call it: `EPSG:9209`, `9209`, `http://www.opengis.net/def/crs/EPSG/0/9209`,
    /// `urn:ogc:def:crs:EPSG::9209`, `CRS84`, its name, or the central meridian of a zone of three degrees (`105°30'`, `105-30`).
    #[must_use]
    pub fn find(text: &str) -> Option<&'static Self> {
        let text = text.trim().trim_start_matches('[').trim_end_matches(']');
        if text.is_empty() || text.len() > 100 {
            return None;
        }
        let last = text.rsplit(['/', ':']).next().unwrap_or(text);
        let known = |crs: &&Self| {
            let number = crs.code.rsplit(':').next().unwrap_or_default();
            crs.code.eq_ignore_ascii_case(text)
                || number.eq_ignore_ascii_case(last)
                || crs.name.eq_ignore_ascii_case(text)
        };
        let found = Self::all().iter().find(known);
        found.or_else(|| Self::zone(text))
    }

    /// The zone of three degrees with this central meridian.
    #[must_use]
    pub fn zone(meridian: &str) -> Option<&'static Self> {
        let mut parts = meridian
            .split(|c: char| !c.is_ascii_digit())
            .filter(|part| !part.is_empty());
        let degrees: u32 = parts.next()?.parse().ok()?;
        let minutes: u32 = parts.next().unwrap_or("0").parse().ok()?;
        let wanted = format!("{degrees}-{minutes:02}");
        let mut zones = Self::all().iter().filter(|crs| crs.scale > 0.9998);
        zones.find(|crs| crs.meridian.as_deref() == Some(wanted.as_str()))
    }

    /// The system that a `.prj` file or a GeoPackage describes as well-known text, when it is one of the table.
    #[must_use]
    pub fn from_wkt(text: &str) -> Option<&'static Self> {
        if text.len() > 20_000 {
            return None;
        }
        let upper = text.to_ascii_uppercase();
        let named = authority(&upper).and_then(|code| Self::find(&format!("EPSG:{code}")));
        if named.is_some() {
            return named;
        }
        let is_vn2000 = ["VN-2000", "VN_2000", "VN2000"].iter().any(|name| upper.contains(name));
        let is_projected = upper.contains("PROJCS") || upper.contains("PROJCRS");
        if !is_projected {
            let code = if is_vn2000 { "EPSG:4756" } else { "EPSG:4326" };
            let is_known = is_vn2000 || upper.contains("WGS_1984") || upper.contains("WGS 84");
            return Self::find(code).filter(|_| is_known);
        }
        let (meridian, scale) = (
            parameter(&upper, "CENTRAL_MERIDIAN")?,
            parameter(&upper, "SCALE_FACTOR")?,
        );
        let fits = |crs: &&Self| {
            let own = crs.meridian.as_deref().and_then(degrees_of);
            own.is_some_and(|own| (own - meridian).abs() < 1e-6) && (crs.scale - scale).abs() < 1e-9
        };
        // A file of a province often calls its datum by another name: the meridian and the scale of a zone are nobody else's.
        Self::all().iter().find(fits)
    }

    /// Its name on the web.
    #[must_use]
    pub fn uri(&self) -> String {
        match self.code.split_once(':') {
            Some(("OGC", name)) => format!("http://www.opengis.net/def/crs/OGC/1.3/{name}"),
            Some((register, number)) => format!("http://www.opengis.net/def/crs/{register}/0/{number}"),
            None => self.code.clone(),
        }
    }

    /// Whether shapes are stored in it, whatever the order of its axes.
    #[must_use]
    pub fn is_stored(&self) -> bool {
        matches!(self.way, Way::Same)
    }

    /// Whether it is VN-2000.
    #[must_use]
    pub fn is_vn2000(&self) -> bool {
        self.is_vn2000
    }

    /// Longitude and latitude over WGS 84 of a position, east first.
    ///
    /// # Errors
    /// [`GeometryFault::Range`] for what no position of this system is.
    pub fn to_wgs84(&self, at: Position) -> Result<Position, GeometryFault> {
        let [x, y] = at;
        let most = if self.is_degrees {
            180.0
        } else {
            2.0 * METRES_MAX + 100_000.0
        };
        if !(x.is_finite() && y.is_finite() && x.abs() <= most && y.abs() <= most) {
            return Err(GeometryFault::Range);
        }
        let found = match &self.way {
            Way::Same => at,
            Way::Mercator => from_mercator(at)?,
            Way::Proj(own) => {
                let start = if self.is_degrees {
                    (x.to_radians(), y.to_radians(), 0.0)
                } else {
                    (x, y, 0.0)
                };
                let end = reckon(own, wgs84(), start)?;
                [end.0.to_degrees(), end.1.to_degrees()]
            }
        };
        super::position(found)
    }

    /// The position in this system, east first, of longitude and latitude over WGS 84.
    ///
    /// # Errors
    /// [`GeometryFault::Range`] for a place that the system does not have.
    pub fn from_wgs84(&self, at: Position) -> Result<Position, GeometryFault> {
        let [x, y] = super::position(at)?;
        match &self.way {
            Way::Same => Ok(at),
            Way::Mercator => to_mercator(at),
            Way::Proj(own) => {
                let (x, y, _) = reckon(wgs84(), own, (x.to_radians(), y.to_radians(), 0.0))?;
                if !(x.is_finite() && y.is_finite()) {
                    return Err(GeometryFault::Range);
                }
                Ok(if self.is_degrees {
                    [x.to_degrees(), y.to_degrees()]
                } else {
                    [x, y]
                })
            }
        }
    }

    /// A position with east first in the order of the axes, or one in that order with east first: it is the same exchange.
    #[must_use]
    pub const fn in_order(&self, [x, y]: Position) -> Position {
        match self.axes {
            Axes::EastNorth => [x, y],
            Axes::NorthEast => [y, x],
        }
    }

    /// What speaks against a position, east first, that should lie in Viet Nam; nothing when it does.
    #[must_use]
    pub fn doubt(&self, [x, y]: Position) -> Option<Doubt> {
        let lies = |at: Position| self.to_wgs84(at).is_ok_and(is_in_viet_nam);
        if lies([x, y]) {
            return None;
        }
        if lies([y, x]) {
            return Some(Doubt::Swapped);
        }
        let is_degrees = is_in_viet_nam([x, y]) || is_in_viet_nam([y, x]);
        let is_metres = x.abs() > 180.0 || y.abs() > 180.0;
        if (self.is_degrees && is_metres) || (!self.is_degrees && is_degrees) {
            return Some(Doubt::Unit);
        }
        Some(Doubt::Outside)
    }
}

impl Shape {
    /// The shape with every position sent through `way`.
    ///
    /// # Errors
    /// The first that `way` gives.
    pub fn try_map<E>(&self, mut way: impl FnMut(Position) -> Result<Position, E>) -> Result<Self, E> {
        let mut all = |line: &[Position]| line.iter().map(|at| way(*at)).collect::<Result<Vec<_>, E>>();
        Ok(match self {
            Self::Point(at) => Self::Point(all(std::slice::from_ref(at))?.first().copied().unwrap_or(*at)),
            Self::Line(line) => Self::Line(all(line)?),
            Self::Polygon(rings) => Self::Polygon(rings.iter().map(|ring| all(ring)).collect::<Result<_, E>>()?),
        })
    }

    /// Reads a GeoJSON geometry whose coordinates are of another system, east first.
    ///
    /// # Errors
    /// [`GeometryFault`] says why not.
    pub fn from_geojson_in(value: &Value, wanted: Geometry, crs: &Crs) -> Result<Self, GeometryFault> {
        if crs.is_stored() {
            return Self::from_geojson(value, wanted);
        }
        let coordinates = value.get("coordinates").ok_or(GeometryFault::Unreadable)?;
        let mut left = super::VERTICES_MAX;
        let turned = turn(coordinates, crs, NESTED_MAX, &mut left)?;
        let kind = value.get("type").cloned().unwrap_or_default();
        Self::from_geojson(&serde_json::json!({ "type": kind, "coordinates": turned }), wanted)
    }

    /// The GeoJSON geometry in another system, east first.
    ///
    /// # Errors
    /// [`GeometryFault::Range`] for a place that the system does not have.
    pub fn to_geojson_in(&self, crs: &Crs) -> Result<Value, GeometryFault> {
        Ok(self.try_map(|at| crs.from_wgs84(at))?.to_geojson())
    }
}

/// Coordinates however deep they are nested.
fn turn(value: &Value, crs: &Crs, deep: usize, left: &mut usize) -> Result<Value, GeometryFault> {
    let all = value.as_array().ok_or(GeometryFault::Unreadable)?;
    if let [x, y, ..] = all.as_slice()
        && let (Some(x), Some(y)) = (x.as_f64(), y.as_f64())
    {
        *left = left.checked_sub(1).ok_or(GeometryFault::TooLarge)?;
        return Ok(Value::from(crs.to_wgs84([x, y])?.to_vec()));
    }
    if deep == 0 {
        return Err(GeometryFault::Unreadable);
    }
    all.iter().map(|one| turn(one, crs, deep - 1, left)).collect()
}

fn is_in_viet_nam([x, y]: Position) -> bool {
    let [west, south, east, north] = VIET_NAM;
    (west..=east).contains(&x) && (south..=north).contains(&y)
}

fn wgs84() -> &'static Proj {
    static WGS84: LazyLock<Proj> =
        LazyLock::new(|| Proj::from_proj_string("+proj=longlat +datum=WGS84 +no_defs").expect("it names no file"));
    &WGS84
}

fn reckon(from: &Proj, to: &Proj, at: (f64, f64, f64)) -> Result<(f64, f64, f64), GeometryFault> {
    let mut at = at;
    proj4rs::transform::transform(from, to, &mut at).map_err(|_| GeometryFault::Range)?;
    Ok(at)
}

fn from_mercator([x, y]: Position) -> Result<Position, GeometryFault> {
    if x.abs() > MERCATOR_HALF_M + 1e-3 || y.abs() > MERCATOR_HALF_M + 1e-3 {
        return Err(GeometryFault::Range);
    }
    let longitude = (x / MERCATOR_HALF_M * 180.0).clamp(-180.0, 180.0);
    let latitude = (y / MERCATOR_HALF_M * std::f64::consts::PI).sinh().atan().to_degrees();
    Ok([longitude, latitude])
}

fn to_mercator([x, y]: Position) -> Result<Position, GeometryFault> {
    if y.abs() > MERCATOR_LATITUDE_MAX + 1e-9 {
        return Err(GeometryFault::Range);
    }
    let north = y.to_radians().tan().asinh() / std::f64::consts::PI * MERCATOR_HALF_M;
    Ok([x / 180.0 * MERCATOR_HALF_M, north])
}

/// `105-30` in degrees.
fn degrees_of(meridian: &str) -> Option<f64> {
    let (degrees, minutes) = meridian.split_once('-')?;
    Some(degrees.parse::<f64>().ok()? + minutes.parse::<f64>().ok()? / 60.0)
}

/// The last number that well-known text gives its system: those before belong to its parts.
fn authority(upper: &str) -> Option<u32> {
    let rest = upper.trim_end().trim_end_matches(']');
    let at = rest.rfind("\"EPSG\"")?;
    // What follows the code of a part is another part: the code of the whole stands last.
    let digits: String = rest[at + 6..]
        .chars()
        .filter(|c| !matches!(c, ',' | '"' | ' '))
        .collect();
    digits.parse().ok()
}

fn parameter(upper: &str, name: &str) -> Option<f64> {
    let at = upper.find(name)? + name.len();
    let rest = upper[at..].trim_start_matches(['"', ',', ' ']);
    let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-'))?;
    rest[..end].parse().ok()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    datum: Datum,
    degrees: Vec<Entry>,
    mercator: Vec<Entry>,
    zones: Vec<Entry>,
    provinces: BTreeMap<String, toml::Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Datum {
    to_wgs84: [f64; 7],
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "verified")]
    _verified: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    code: String,
    name: String,
    axes: Axes,
    datum: Option<String>,
    meridian: Option<String>,
    scale: Option<f64>,
}

fn table() -> Result<Table, String> {
    toml::from_str(TABLE).map_err(|error| error.to_string())
}

fn read() -> Result<Vec<Crs>, String> {
    let table = table()?;
    let shift = table.datum.to_wgs84.map(|number| number.to_string()).join(",");
    let mut all = Vec::new();
    for entry in table.degrees {
        let is_vn2000 = entry.datum.is_some();
        let text = format!("+proj=longlat +ellps=WGS84 +towgs84={shift} +no_defs");
        let way = if is_vn2000 { proj(&text)? } else { Way::Same };
        all.push(entry.system(true, is_vn2000, way));
    }
    for entry in table.mercator {
        all.push(entry.system(false, false, Way::Mercator));
    }
    for entry in table.zones {
        let meridian = entry.meridian.as_deref().and_then(degrees_of);
        let (Some(meridian), Some(scale)) = (meridian, entry.scale) else {
            return Err(format!("{}: a zone has a meridian and a scale", entry.code));
        };
        let way = proj(&format!(
            "+proj=tmerc +lat_0=0 +lon_0={meridian} +k={scale} +x_0=500000 +y_0=0 +ellps=WGS84 +towgs84={shift} +units=m +no_defs"
        ))?;
        all.push(entry.system(false, true, way));
    }
    Ok(all)
}

fn proj(text: &str) -> Result<Way, String> {
    Proj::from_proj_string(text)
        .map(|proj| Way::Proj(Box::new(proj)))
        .map_err(|error| error.to_string())
}

fn provinces() -> Vec<Province> {
    let table = table().expect("a test reads the table");
    let mut all = Vec::new();
    let unverified = table.provinces.get("unverified").and_then(toml::Value::as_array);
    for (meridian, names) in &table.provinces {
        let (Some(zone), Some(names)) = (Crs::zone(meridian), names.as_array()) else {
            continue;
        };
        let is_verified = unverified.is_none_or(|all| all.iter().all(|one| one.as_str() != Some(meridian)));
        let names = names.iter().filter_map(toml::Value::as_str);
        all.extend(names.map(|name| Province {
            name: name.to_owned(),
            zone,
            is_verified,
        }));
    }
    all.sort_by_cached_key(|province| kernel::fold::sort_key(&province.name));
    all
}

impl Entry {
    fn system(self, is_degrees: bool, is_vn2000: bool, way: Way) -> Crs {
        Crs {
            code: self.code,
            name: self.name,
            axes: self.axes,
            meridian: self.meridian,
            is_degrees,
            scale: self.scale.unwrap_or_default(),
            is_vn2000,
            way,
        }
    }
}
