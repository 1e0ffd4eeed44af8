//! GeoJSON, read feature by feature: a collection, or one feature a line. The file is read twice, because the columns are the
//! names of all properties. Refuses what nests deeper than a parser allows; objects and lists inside properties are texts.
//! Standards: RFC 7946, RFC 8142; the `crs` of the draft of 2008 is told.

use std::collections::HashSet;
use std::fmt;
use std::io::{BufRead as _, BufReader, Read, Seek as _, SeekFrom};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::wkb::Shape;
use crate::{Ask, At, COLUMNS_MAX, Cell, CellFault, End, Format, Head, Piece, Refusal, Row, Sink, text_cell};

/// Most bytes of one feature that stands on a line of its own.
const LINE_BYTES_MAX: u64 = 128 << 20;

pub(crate) fn read(mut at: At, ask: &Ask, sink: Sink<'_>) -> Result<(), Refusal> {
    let (mut columns, mut known, mut crs, mut too_many) = (Vec::new(), HashSet::new(), None, false);
    let mut has_shape = false;
    each(
        &mut at,
        &mut |feature| {
            has_shape |= feature.geometry.as_ref().is_some_and(|shape| !shape.is_null());
            for name in feature.properties.keys() {
                if known.insert(name.clone()) {
                    columns.push(name.clone());
                }
            }
            too_many = columns.len() > COLUMNS_MAX;
            Ok(!too_many)
        },
        &mut crs,
    )?;
    if too_many {
        return Err(Refusal::too_large("columns"));
    }
    if columns.is_empty() && !has_shape {
        return Err(Refusal::NoColumns);
    }
    sink(Piece::Head(Head {
        format: Format::Geojson,
        charset: None,
        is_charset_sure: true,
        delimiter: None,
        layers: Vec::new(),
        layer: None,
        heading_row: None,
        columns: columns.clone(),
        has_shape: true,
        crs: crs.clone().or_else(|| Some("OGC:CRS84".to_owned())),
    }))?;
    let (mut end, mut line) = (End::default(), 0);
    each(
        &mut at,
        &mut |feature| {
            line += 1;
            if ask.rows_max.is_some_and(|most| end.rows >= most) {
                end.more = true;
                return Ok(false);
            }
            let mut cells: Vec<Cell> = columns
                .iter()
                .map(|name| feature.properties.get(name).map_or(Cell::Empty, cell))
                .collect();
            let (shape, has_heights) = shape_cell(feature.geometry.as_ref());
            end.heights += u64::from(has_heights);
            cells.push(shape);
            end.rows += 1;
            sink(Piece::Row(Row { line, cells }))?;
            Ok(true)
        },
        &mut crs,
    )?;
    sink(Piece::End(end))
}

fn cell(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::Empty,
        Value::Bool(yes) => Cell::Bool(*yes),
        // Whole numbers keep their digits, however many.
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => Cell::Number(float),
            _ => text_cell(&number.to_string()),
        },
        Value::String(text) => text_cell(text),
        Value::Array(all) if all.iter().all(|one| !one.is_object() && !one.is_array()) => {
            let words = all
                .iter()
                .map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_owned));
            text_cell(&words.collect::<Vec<_>>().join("; "))
        }
        other => text_cell(&other.to_string()),
    }
}

struct Feature {
    properties: Map<String, Value>,
    geometry: Option<Value>,
}

type Visit<'v> = &'v mut dyn FnMut(Feature) -> Result<bool, Refusal>;

/// Visits each feature until a visit says that it is enough.
fn each(at: &mut At, visit: Visit<'_>, crs: &mut Option<String>) -> Result<(), Refusal> {
    at.seek(SeekFrom::Start(0)).map_err(Refusal::damaged)?;
    let mut source = BufReader::with_capacity(256 << 10, at.clone());
    let head = source.fill_buf().map_err(Refusal::damaged)?;
    if head.starts_with(b"\xef\xbb\xbf") {
        source.consume(3);
    }
    let head = source.fill_buf().map_err(Refusal::damaged)?;
    if is_by_line(head) {
        return by_line(source, visit);
    }
    let mut outcome = Ok(true);
    let mut json = serde_json::Deserializer::from_reader(source);
    let collection = Collection {
        visit,
        outcome: &mut outcome,
        crs,
    };
    let read = collection.deserialize(&mut json);
    match (outcome, read) {
        (Err(refusal), _) => Err(refusal),
        // Enough: the rest was not read.
        (Ok(false), _) => Ok(()),
        (Ok(true), Ok(())) => json.end().map_err(Refusal::damaged),
        (Ok(true), Err(fault)) => Err(Refusal::damaged(fault)),
    }
}

/// Whether each line is a feature: the first line is one whole object and not the only one.
fn is_by_line(head: &[u8]) -> bool {
    if head.first() == Some(&0x1e) {
        return true;
    }
    let Some(end) = head.iter().position(|byte| *byte == b'\n') else {
        return false;
    };
    let is_more = head[end..].contains(&b'{');
    is_more && serde_json::from_slice::<IgnoredAny>(&head[..end]).is_ok()
}

fn by_line(mut source: BufReader<At>, visit: Visit<'_>) -> Result<(), Refusal> {
    let mut line = Vec::new();
    loop {
        line.clear();
        let count = source
            .by_ref()
            .take(LINE_BYTES_MAX)
            .read_until(b'\n', &mut line)
            .map_err(Refusal::damaged)?;
        if count == 0 {
            return Ok(());
        }
        if count as u64 == LINE_BYTES_MAX {
            return Err(Refusal::too_large("row"));
        }
        let text = line.strip_prefix(b"\x1e").unwrap_or(&line).trim_ascii();
        if text.is_empty() {
            continue;
        }
        let value: Value = serde_json::from_slice(text).map_err(Refusal::damaged)?;
        if !visit(feature(value)?)? {
            return Ok(());
        }
    }
}

fn feature(value: Value) -> Result<Feature, Refusal> {
    let Value::Object(mut object) = value else {
        return Err(Refusal::damaged("a feature is no object"));
    };
    let kind = object
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    if kind != "Feature" {
        // A bare geometry is a feature without properties.
        let is_shape = object.contains_key("coordinates");
        return if is_shape {
            Ok(Feature {
                properties: Map::new(),
                geometry: Some(Value::Object(object)),
            })
        } else {
            Err(Refusal::damaged("an object that is no feature"))
        };
    }
    let properties = match object.remove("properties") {
        Some(Value::Object(properties)) => properties,
        _ => Map::new(),
    };
    Ok(Feature {
        properties,
        geometry: object.remove("geometry").filter(|shape| !shape.is_null()),
    })
}

/// Walks a collection without holding it.
struct Collection<'c> {
    visit: Visit<'c>,
    outcome: &'c mut Result<bool, Refusal>,
    crs: &'c mut Option<String>,
}

impl<'de> DeserializeSeed<'de> for Collection<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Collection<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a collection of features")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let (mut is_collection, mut alone) = (false, Map::new());
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "features" => {
                    is_collection = true;
                    map.next_value_seed(Features {
                        visit: &mut *self.visit,
                        outcome: &mut *self.outcome,
                    })?;
                }
                "crs" => {
                    let value: Value = map.next_value()?;
                    let name = value.pointer("/properties/name").and_then(Value::as_str);
                    *self.crs = name.map(str::to_owned);
                }
                "type" | "properties" | "geometry" | "coordinates" => {
                    alone.insert(key, map.next_value()?);
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        if !is_collection {
            *self.outcome = feature(Value::Object(alone)).and_then(|one| (self.visit)(one));
        }
        Ok(())
    }
}

struct Features<'c, 'v> {
    visit: &'c mut (dyn FnMut(Feature) -> Result<bool, Refusal> + 'v),
    outcome: &'c mut Result<bool, Refusal>,
}

impl<'de> DeserializeSeed<'de> for Features<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Features<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of features")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<(), S::Error> {
        while let Some(value) = seq.next_element::<Value>()? {
            *self.outcome = feature(value).and_then(|one| (self.visit)(one));
            if *self.outcome != Ok(true) {
                // Nothing more is wanted: the error ends the walk, and is not told.
                return Err(serde::de::Error::custom("enough"));
            }
        }
        Ok(())
    }
}

/// A geometry as a cell, and whether it has heights.
fn shape_cell(geometry: Option<&Value>) -> (Cell, bool) {
    let Some(geometry) = geometry else {
        return (Cell::Empty, false);
    };
    let mut has_heights = false;
    match shape(geometry, &mut has_heights, 0) {
        Ok(Some(shape)) => (shape.cell(), has_heights),
        Ok(None) => (Cell::Empty, has_heights),
        Err(fault) => (Cell::Fault(fault), has_heights),
    }
}

fn shape(geometry: &Value, has_heights: &mut bool, depth: u8) -> Result<Option<Shape>, CellFault> {
    let kind = geometry.get("type").and_then(Value::as_str).ok_or(CellFault::Shape)?;
    if kind == "GeometryCollection" {
        let parts = geometry
            .get("geometries")
            .and_then(Value::as_array)
            .ok_or(CellFault::Shape)?;
        return match (parts.as_slice(), depth) {
            ([], _) => Ok(None),
            ([one], 0..=3) => shape(one, has_heights, depth + 1),
            _ => Err(CellFault::Parts),
        };
    }
    let all = geometry
        .get("coordinates")
        .and_then(Value::as_array)
        .ok_or(CellFault::Shape)?;
    if all.is_empty() {
        return Ok(None);
    }
    let only = |all: &Vec<Value>| match all.as_slice() {
        [one] => one.as_array().cloned().ok_or(CellFault::Shape),
        _ => Err(CellFault::Parts),
    };
    let mut line = |all: &[Value]| {
        all.iter()
            .map(|one| position(one, has_heights))
            .collect::<Result<Vec<_>, _>>()
    };
    Ok(Some(match kind {
        "Point" => Shape::Point(line(&[Value::Array(all.clone())])?[0]),
        "MultiPoint" if all.len() == 1 => Shape::Point(line(all)?[0]),
        "MultiPoint" => return Err(CellFault::Parts),
        "LineString" => Shape::Line(line(all)?),
        "MultiLineString" => Shape::Line(line(&only(all)?)?),
        "Polygon" => polygon(all, line)?,
        "MultiPolygon" => polygon(&only(all)?, line)?,
        _ => return Err(CellFault::Shape),
    }))
}

fn polygon(
    all: &[Value],
    mut line: impl FnMut(&[Value]) -> Result<Vec<[f64; 2]>, CellFault>,
) -> Result<Shape, CellFault> {
    let rings = all.iter().map(|ring| line(ring.as_array().ok_or(CellFault::Shape)?));
    rings.collect::<Result<Vec<_>, _>>().map(Shape::Polygon)
}

fn position(value: &Value, has_heights: &mut bool) -> Result<[f64; 2], CellFault> {
    let numbers = value.as_array().ok_or(CellFault::Shape)?;
    *has_heights |= numbers.len() > 2;
    let number = |at: usize| numbers.get(at).and_then(Value::as_f64).ok_or(CellFault::Shape);
    Ok([number(0)?, number(1)?])
}
