//! Shapes in filters: well-known text, GeoJSON, boxes. Owns both spellings and the way to WGS 84; refuses shapes that are none,
//! empty ones, and areas whose edges cross.

use geo::{
    Coord, CoordsIter as _, Geometry, GeometryCollection, LineString, MapCoords as _, MultiLineString, MultiPoint,
    MultiPolygon, Point, Polygon, Validation as _,
};
use register::geometry::crs::Crs;
use serde_json::{Value, json};

use super::text::Reader;
use super::{CqlError, POSITIONS_MAX};

/// Into how many pieces each side of a box is cut before it is turned into another system.
const BOX_PIECES: usize = 8;

/// A shape of a filter.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// West, south, east, north; west may be east of east, across the antimeridian.
    Box([f64; 4]),
    /// Anything else.
    Geometry(Geometry<f64>),
}

pub(super) const TAGS: [&str; 7] = [
    "POINT",
    "LINESTRING",
    "POLYGON",
    "MULTIPOINT",
    "MULTILINESTRING",
    "MULTIPOLYGON",
    "GEOMETRYCOLLECTION",
];

impl Shape {
    /// The shape over WGS 84, from the system that the filter is written in: with its axes in the order of that system.
    ///
    /// # Errors
    /// `Shape` for what no place of the system is.
    pub fn in_wgs84(&self, crs: &Crs) -> Result<Geometry<f64>, CqlError> {
        let turn = |at: Coord<f64>| {
            let [x, y] = crs
                .to_wgs84(crs.in_order([at.x, at.y]))
                .map_err(|_| CqlError::Shape("no place on the earth"))?;
            Ok(Coord { x, y })
        };
        match self {
            Self::Geometry(geometry) => geometry.try_map_coords(turn),
            Self::Box(sides) if crs.is_degrees => {
                let [west, south] = crs.in_order([sides[0], sides[1]]);
                let [east, north] = crs.in_order([sides[2], sides[3]]);
                let low = turn_degrees(crs, [west, south])?;
                let high = turn_degrees(crs, [east, north])?;
                Ok(rectangle([low[0], low[1], high[0], high[1]]))
            }
            Self::Box(sides) => Geometry::Polygon(fine(*sides)).try_map_coords(turn),
        }
    }
}

fn turn_degrees(crs: &Crs, at: [f64; 2]) -> Result<[f64; 2], CqlError> {
    crs.to_wgs84(at).map_err(|_| CqlError::Shape("no place on the earth"))
}

/// A box whose sides are straight lines in another system: each in several pieces.
fn fine([west, south, east, north]: [f64; 4]) -> Polygon<f64> {
    let corners = [
        [west, south],
        [east, south],
        [east, north],
        [west, north],
        [west, south],
    ];
    let mut ring = Vec::new();
    for side in corners.windows(2) {
        for piece in 0..BOX_PIECES {
            let part = f64::from(u32::try_from(piece).unwrap_or(0)) / f64::from(u32::try_from(BOX_PIECES).unwrap_or(1));
            ring.push(Coord {
                x: side[0][0] + (side[1][0] - side[0][0]) * part,
                y: side[0][1] + (side[1][1] - side[0][1]) * part,
            });
        }
    }
    Polygon::new(LineString::new(ring), Vec::new())
}

/// A box in degrees as a shape: one that crosses the antimeridian is two, one without a width is a line or a point.
pub(super) fn rectangle(sides: [f64; 4]) -> Geometry<f64> {
    let [west, south, east, north] = sides;
    if west > east {
        let parts: Vec<Polygon<f64>> = [[west, south, 180.0, north], [-180.0, south, east, north]]
            .into_iter()
            .filter(|part| part[0] < part[2] && south < north)
            .map(ring)
            .collect();
        return Geometry::MultiPolygon(MultiPolygon(parts));
    }
    let (low, high) = (Coord { x: west, y: south }, Coord { x: east, y: north });
    match (west < east, south < north) {
        (true, true) => Geometry::Polygon(ring(sides)),
        (false, false) => Geometry::Point(Point(low)),
        _ => Geometry::LineString(LineString::new(vec![low, high])),
    }
}

fn ring([west, south, east, north]: [f64; 4]) -> Polygon<f64> {
    let corners = [[west, south], [east, south], [east, north], [west, north]];
    Polygon::new(corners.into_iter().map(|[x, y]| Coord { x, y }).collect(), Vec::new())
}

/// Refuses areas that cross themselves, and rings that are none.
pub(super) fn checked(geometry: Geometry<f64>) -> Result<Shape, CqlError> {
    if geometry.coords_iter().any(|at| !(at.x.is_finite() && at.y.is_finite())) {
        return Err(CqlError::Shape("coordinates are numbers"));
    }
    if geometry.is_valid() {
        Ok(Shape::Geometry(geometry))
    } else {
        Err(CqlError::Shape("its edges cross, or a ring is none"))
    }
}

// Well-known text.

pub(super) fn read_box(reader: &mut Reader) -> Result<[f64; 4], CqlError> {
    let mut numbers = vec![reader.coordinate()?];
    while numbers.len() < 6 && reader.takes_sign(",") {
        numbers.push(reader.coordinate()?);
    }
    reader.sign(")")?;
    four(&numbers)
}

/// West, south, east, north of four or six numbers.
fn four(numbers: &[f64]) -> Result<[f64; 4], CqlError> {
    let sides = match numbers {
        [west, south, east, north] | [west, south, _, east, north, _] => [*west, *south, *east, *north],
        _ => return Err(CqlError::Shape("a box has four or six numbers")),
    };
    // Which number is the latitude is known only with the system; both orders have the lower one first there.
    if sides.iter().all(|side| side.is_finite()) {
        Ok(sides)
    } else {
        Err(CqlError::Shape("coordinates are numbers"))
    }
}

pub(super) fn read_tagged(reader: &mut Reader, tag: &str) -> Result<Geometry<f64>, CqlError> {
    reader.takes_dimension();
    if reader.is_empty_shape() {
        return Err(CqlError::Shape("it is empty"));
    }
    Ok(match tag {
        "POINT" => Geometry::Point(Point(bracketed(reader, position)?)),
        "LINESTRING" => Geometry::LineString(LineString::new(line(reader)?)),
        "POLYGON" => Geometry::Polygon(area(reader)?),
        "MULTIPOINT" => Geometry::MultiPoint(MultiPoint(listed(reader, loose_point)?)),
        "MULTILINESTRING" => {
            let lines = listed(reader, line)?;
            Geometry::MultiLineString(MultiLineString(lines.into_iter().map(LineString::new).collect()))
        }
        "MULTIPOLYGON" => Geometry::MultiPolygon(MultiPolygon(listed(reader, area)?)),
        _ => Geometry::GeometryCollection(GeometryCollection(listed(reader, member)?)),
    })
}

fn member(reader: &mut Reader) -> Result<Geometry<f64>, CqlError> {
    reader.enter()?;
    let tag = reader.tag().ok_or_else(|| reader.expected("a shape"))?;
    let geometry = read_tagged(reader, &tag)?;
    reader.leave();
    Ok(geometry)
}

fn bracketed<T>(reader: &mut Reader, one: fn(&mut Reader) -> Result<T, CqlError>) -> Result<T, CqlError> {
    reader.sign("(")?;
    let read = one(reader)?;
    reader.sign(")")?;
    Ok(read)
}

fn listed<T>(reader: &mut Reader, one: fn(&mut Reader) -> Result<T, CqlError>) -> Result<Vec<T>, CqlError> {
    reader.sign("(")?;
    let mut all = vec![one(reader)?];
    while reader.takes_sign(",") {
        all.push(one(reader)?);
    }
    reader.sign(")")?;
    Ok(all)
}

fn position(reader: &mut Reader) -> Result<Coord<f64>, CqlError> {
    reader.positions = reader.positions.checked_sub(1).ok_or(CqlError::TooManyPositions)?;
    let at = Coord {
        x: reader.coordinate()?,
        y: reader.coordinate()?,
    };
    // Heights and measures are left aside.
    for _ in 0..2 {
        if reader.has_number() {
            reader.coordinate()?;
        }
    }
    Ok(at)
}

/// A position of several, with or without brackets of its own.
fn loose_point(reader: &mut Reader) -> Result<Point<f64>, CqlError> {
    if reader.has_number() {
        position(reader).map(Point)
    } else {
        bracketed(reader, position).map(Point)
    }
}

fn line(reader: &mut Reader) -> Result<Vec<Coord<f64>>, CqlError> {
    let all = listed(reader, position)?;
    if all.len() >= 2 {
        Ok(all)
    } else {
        Err(CqlError::Shape("a line has two positions or more"))
    }
}

fn area(reader: &mut Reader) -> Result<Polygon<f64>, CqlError> {
    polygon(listed(reader, line)?)
}

/// An area of its rings, each closed.
fn polygon(rings: Vec<Vec<Coord<f64>>>) -> Result<Polygon<f64>, CqlError> {
    if rings.iter().any(|ring| ring.len() < 4 || ring.first() != ring.last()) {
        return Err(CqlError::Shape("a ring is closed and has four positions or more"));
    }
    let mut rings = rings.into_iter().map(LineString::new);
    let outer = rings.next().ok_or(CqlError::Shape("it is empty"))?;
    Ok(Polygon::new(outer, rings.collect()))
}

// GeoJSON.

/// Reads a box or a GeoJSON geometry.
pub(super) fn from_json(value: &Value, left: &mut usize) -> Result<Shape, CqlError> {
    if let Some(sides) = value.get("bbox").filter(|_| value.get("type").is_none()) {
        let numbers: Option<Vec<f64>> = sides
            .as_array()
            .map(|all| all.iter().filter_map(Value::as_f64).collect());
        return four(&numbers.unwrap_or_default()).map(Shape::Box);
    }
    checked(geometry(value, left, 2)?)
}

fn geometry(value: &Value, left: &mut usize, deep: usize) -> Result<Geometry<f64>, CqlError> {
    let kind = value.get("type").and_then(Value::as_str).unwrap_or_default();
    let at = value.get("coordinates").unwrap_or(&Value::Null);
    Ok(match kind {
        "Point" => Geometry::Point(Point(coord(at, left)?)),
        "LineString" => Geometry::LineString(LineString::new(coords(at, left)?)),
        "Polygon" => Geometry::Polygon(area_of(at, left)?),
        "MultiPoint" => Geometry::MultiPoint(MultiPoint(each(at, left, coord)?.into_iter().map(Point).collect())),
        "MultiLineString" => {
            let lines = each(at, left, coords)?;
            Geometry::MultiLineString(MultiLineString(lines.into_iter().map(LineString::new).collect()))
        }
        "MultiPolygon" => Geometry::MultiPolygon(MultiPolygon(each(at, left, area_of)?)),
        "GeometryCollection" if deep > 0 => {
            let members = value
                .get("geometries")
                .and_then(Value::as_array)
                .filter(|all| !all.is_empty());
            let members = members.ok_or(CqlError::Shape("it is empty"))?;
            let read = members.iter().map(|one| geometry(one, left, deep - 1));
            Geometry::GeometryCollection(GeometryCollection(read.collect::<Result<_, _>>()?))
        }
        _ => return Err(CqlError::Json("a GeoJSON geometry")),
    })
}

fn each<T>(
    value: &Value,
    left: &mut usize,
    one: fn(&Value, &mut usize) -> Result<T, CqlError>,
) -> Result<Vec<T>, CqlError> {
    let all = value.as_array().filter(|all| !all.is_empty());
    let all = all.ok_or(CqlError::Shape("coordinates are missing"))?;
    all.iter().map(|value| one(value, left)).collect()
}

fn coord(value: &Value, left: &mut usize) -> Result<Coord<f64>, CqlError> {
    *left = left.checked_sub(1).ok_or(CqlError::TooManyPositions)?;
    let numbers = value.as_array().filter(|all| (2..=4).contains(&all.len()));
    let number = |at: usize| numbers.and_then(|all| all.get(at)?.as_f64());
    match (number(0), number(1)) {
        (Some(x), Some(y)) => Ok(Coord { x, y }),
        _ => Err(CqlError::Shape("a position is two numbers")),
    }
}

fn coords(value: &Value, left: &mut usize) -> Result<Vec<Coord<f64>>, CqlError> {
    let all = each(value, left, coord)?;
    if all.len() >= 2 {
        Ok(all)
    } else {
        Err(CqlError::Shape("a line has two positions or more"))
    }
}

fn area_of(value: &Value, left: &mut usize) -> Result<Polygon<f64>, CqlError> {
    polygon(each(value, left, coords)?)
}

/// The shape as JSON.
pub(super) fn to_json(shape: &Shape) -> Value {
    match shape {
        Shape::Box(sides) => json!({ "bbox": sides }),
        Shape::Geometry(geometry) => geojson(geometry),
    }
}

fn geojson(geometry: &Geometry<f64>) -> Value {
    let at = |at: &Coord<f64>| json!([at.x, at.y]);
    let line = |line: &LineString<f64>| Value::Array(line.0.iter().map(at).collect());
    let area = |area: &Polygon<f64>| {
        let rings = std::iter::once(area.exterior()).chain(area.interiors());
        Value::Array(rings.map(line).collect())
    };
    match geometry {
        Geometry::Point(point) => json!({ "type": "Point", "coordinates": at(&point.0) }),
        Geometry::LineString(one) => json!({ "type": "LineString", "coordinates": line(one) }),
        Geometry::Polygon(one) => json!({ "type": "Polygon", "coordinates": area(one) }),
        Geometry::MultiPoint(all) => {
            json!({ "type": "MultiPoint", "coordinates": all.0.iter().map(|one| at(&one.0)).collect::<Vec<_>>() })
        }
        Geometry::MultiLineString(all) => {
            json!({ "type": "MultiLineString", "coordinates": all.0.iter().map(line).collect::<Vec<_>>() })
        }
        Geometry::MultiPolygon(all) => {
            json!({ "type": "MultiPolygon", "coordinates": all.0.iter().map(area).collect::<Vec<_>>() })
        }
        Geometry::GeometryCollection(all) => {
            json!({ "type": "GeometryCollection", "geometries": all.0.iter().map(geojson).collect::<Vec<_>>() })
        }
        Geometry::Line(_) | Geometry::Rect(_) | Geometry::Triangle(_) => Value::Null,
    }
}

/// The shape as well-known text.
pub(super) fn to_text(shape: &Shape) -> String {
    match shape {
        Shape::Box([west, south, east, north]) => format!("BBOX({west},{south},{east},{north})"),
        Shape::Geometry(geometry) => well_known(geometry),
    }
}

fn well_known(geometry: &Geometry<f64>) -> String {
    let at = |at: &Coord<f64>| format!("{} {}", at.x, at.y);
    let line = |line: &LineString<f64>| format!("({})", joined(line.0.iter().map(at)));
    let area = |area: &Polygon<f64>| {
        let rings = std::iter::once(area.exterior()).chain(area.interiors());
        format!("({})", joined(rings.map(line)))
    };
    match geometry {
        Geometry::Point(point) => format!("POINT({})", at(&point.0)),
        Geometry::LineString(one) => format!("LINESTRING{}", line(one)),
        Geometry::Polygon(one) => format!("POLYGON{}", area(one)),
        Geometry::MultiPoint(all) => format!(
            "MULTIPOINT({})",
            joined(all.0.iter().map(|one| format!("({})", at(&one.0))))
        ),
        Geometry::MultiLineString(all) => format!("MULTILINESTRING({})", joined(all.0.iter().map(line))),
        Geometry::MultiPolygon(all) => format!("MULTIPOLYGON({})", joined(all.0.iter().map(area))),
        Geometry::GeometryCollection(all) => format!("GEOMETRYCOLLECTION({})", joined(all.0.iter().map(well_known))),
        Geometry::Line(_) | Geometry::Rect(_) | Geometry::Triangle(_) => String::new(),
    }
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(",")
}

/// How many positions a whole filter may have; readers count down from it.
pub(super) const fn positions() -> usize {
    POSITIONS_MAX
}
