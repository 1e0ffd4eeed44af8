//! Features as GeoJSON, written straight into a text: a page is thousands of them. Numbers with decimals are written digit by digit
//! from the integers that are stored, so that no reader of ours turns them into floating point.
//! Standard: RFC 7946, with coordinates of other systems as OGC 18-058r1 has them.

use std::fmt::{Arguments, Write as _};

use definition::expression::Value;
use geo::{Coord, Geometry, LineString, Point, Polygon};
use register::Record;
use register::geometry::crs::Crs;
use register::geometry::{Position, Shape};

use super::collection::{Collection, KNOWN_AT, VALID_FROM};

/// Decimals of degrees: a millimetre.
const DEGREE_DECIMALS: usize = 8;
/// Decimals of metres.
const METRE_DECIMALS: usize = 3;

/// The shape as the exact predicates take it.
pub(crate) fn geometry(shape: &Shape) -> Geometry<f64> {
    let line = |line: &[Position]| LineString::new(line.iter().map(|[x, y]| Coord { x: *x, y: *y }).collect());
    match shape {
        Shape::Point([x, y]) => Geometry::Point(Point::new(*x, *y)),
        Shape::Line(positions) => Geometry::LineString(line(positions)),
        Shape::Polygon(rings) => {
            let mut rings = rings.iter().map(|ring| line(ring));
            let outer = rings.next().unwrap_or_else(|| LineString::new(Vec::new()));
            Geometry::Polygon(Polygon::new(outer, rings.collect()))
        }
    }
}

/// Writes a feature. `links` stands behind its properties.
pub(crate) fn write(out: &mut String, collection: &Collection, record: &Record, crs: &Crs, links: Option<&str>) {
    put(
        out,
        format_args!("{{\"type\":\"Feature\",\"id\":\"{}\",\"geometry\":", record.id),
    );
    match &record.shape {
        None => out.push_str("null"),
        Some(shape) => place(out, shape, crs),
    }
    out.push_str(",\"properties\":{");
    let mut is_first = true;
    let mut name = |out: &mut String, name: &str| {
        if !std::mem::take(&mut is_first) {
            out.push(',');
        }
        text(out, name);
        out.push(':');
    };
    for column in collection.shown() {
        name(out, &column.field.name);
        match record.values.get(&column.field.name) {
            Some(found) => value(out, found),
            None => out.push_str("null"),
        }
    }
    for (own, _) in collection.own() {
        name(out, own);
        match own {
            VALID_FROM => put(out, format_args!("\"{}\"", record.valid_from)),
            KNOWN_AT => put(out, format_args!("\"{}\"", record.known_at)),
            _ => out.push_str("null"),
        }
    }
    out.push('}');
    if let Some(links) = links {
        out.push_str(",\"links\":");
        out.push_str(links);
    }
    out.push('}');
}

fn put(out: &mut String, words: Arguments<'_>) {
    // Writing into a text cannot fail.
    let _ = out.write_fmt(words);
}

fn value(out: &mut String, found: &Value) {
    match found {
        Value::Null | Value::Duration(_) => out.push_str("null"),
        Value::Bool(yes) => out.push_str(if *yes { "true" } else { "false" }),
        Value::Number(number) => put(out, format_args!("{number}")),
        Value::Text(found) => text(out, found),
        Value::Date(day) => put(out, format_args!("\"{day}\"")),
        Value::Instant(at) => put(out, format_args!("\"{at}\"")),
        Value::Many(all) => {
            out.push('[');
            for (at, one) in all.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                value(out, one);
            }
            out.push(']');
        }
    }
}

/// A text of JSON.
pub(crate) fn text(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if u32::from(control) < 0x20 => put(out, format_args!("\\u{:04x}", u32::from(control))),
            other => out.push(other),
        }
    }
    out.push('"');
}

/// A shape whose places the system does not have is no geometry there.
fn place(out: &mut String, shape: &Shape, crs: &Crs) {
    if *crs == *Crs::stored() {
        return coordinates(out, shape, None);
    }
    match shape.try_map(|at| crs.from_wgs84(at).map(|at| crs.in_order(at))) {
        Ok(turned) => coordinates(
            out,
            &turned,
            Some(if crs.is_degrees {
                DEGREE_DECIMALS
            } else {
                METRE_DECIMALS
            }),
        ),
        Err(_) => out.push_str("null"),
    }
}

fn coordinates(out: &mut String, shape: &Shape, decimals: Option<usize>) {
    let at = |out: &mut String, [x, y]: &Position| match decimals {
        None => put(out, format_args!("[{x},{y}]")),
        Some(decimals) => put(out, format_args!("[{x:.decimals$},{y:.decimals$}]")),
    };
    let line = |out: &mut String, positions: &[Position]| {
        out.push('[');
        for (number, position) in positions.iter().enumerate() {
            if number > 0 {
                out.push(',');
            }
            at(out, position);
        }
        out.push(']');
    };
    match shape {
        Shape::Point(position) => {
            out.push_str("{\"type\":\"Point\",\"coordinates\":");
            at(out, position);
        }
        Shape::Line(positions) => {
            out.push_str("{\"type\":\"LineString\",\"coordinates\":");
            line(out, positions);
        }
        Shape::Polygon(rings) => {
            out.push_str("{\"type\":\"Polygon\",\"coordinates\":[");
            for (number, ring) in rings.iter().enumerate() {
                if number > 0 {
                    out.push(',');
                }
                line(out, ring);
            }
            out.push(']');
        }
    }
    out.push('}');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_json_whatever_they_hold() {
        for words in [
            "",
            "Bằng lăng",
            "a\"b\\c",
            "a\nb\tc\r",
            "\u{0}\u{1f}\u{7f}",
            "</script>\u{2028}",
        ] {
            let mut out = String::new();
            text(&mut out, words);
            assert_eq!(serde_json::from_str::<String>(&out).unwrap(), words);
        }
    }

    #[test]
    fn shapes_are_written_in_the_order_of_their_system() {
        let shape = Shape::Point([105.5, 18.25]);
        let mut out = String::new();
        place(&mut out, &shape, Crs::stored());
        assert_eq!(out, r#"{"type":"Point","coordinates":[105.5,18.25]}"#);
        out.clear();
        place(&mut out, &shape, Crs::find("EPSG:4326").unwrap());
        assert_eq!(out, r#"{"type":"Point","coordinates":[18.25000000,105.50000000]}"#);
        let ring = vec![[105.0, 18.0], [106.0, 18.0], [106.0, 19.0], [105.0, 18.0]];
        let area = Shape::Polygon(vec![ring]);
        out.clear();
        place(&mut out, &area, Crs::stored());
        let read: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(Shape::from_geojson(&read, definition::Geometry::Polygon).unwrap(), area);
    }
}
