//! GeoJSON after RFC 7946, one feature a line. A system other than WGS 84 is named by the `crs` member of its predecessor, which
//! GDAL and QGIS read; numbers with decimals are written with exactly those.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;

use super::{Cell, ExportError, Layout, Sink, Type, digits};
use crate::geometry::{Position, Shape};

pub(super) struct File {
    out: BufWriter<fs::File>,
    layout: Layout,
    line: String,
    rows: u64,
}

impl File {
    pub(super) fn create(layout: Layout, path: &Path) -> Result<Self, ExportError> {
        let mut out = BufWriter::with_capacity(1 << 18, fs::File::create(path)?);
        let mut head = String::from("{\"type\":\"FeatureCollection\",\"name\":");
        text(&mut head, &layout.name);
        if !layout.crs.is_stored() {
            let _ = write!(
                head,
                ",\"crs\":{{\"type\":\"name\",\"properties\":{{\"name\":\"urn:ogc:def:crs:EPSG::{}\"}}}}",
                layout.epsg()
            );
        }
        head.push_str(",\"about\":");
        text(&mut head, &layout.about);
        head.push_str(",\"features\":[");
        out.write_all(head.as_bytes())?;
        Ok(Self {
            out,
            layout,
            line: String::with_capacity(1_024),
            rows: 0,
        })
    }
}

/// A JSON string.
fn text(out: &mut String, words: &str) {
    out.push('"');
    for letter in words.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control if control < ' ' => drop(write!(out, "\\u{:04x}", u32::from(control))),
            letter => out.push(letter),
        }
    }
    out.push('"');
}

fn value(out: &mut String, ty: Type, cell: &Cell) {
    // Writing to a string cannot fail.
    let _ = match cell {
        Cell::Null => write!(out, "null"),
        Cell::Bool(yes) => write!(out, "{yes}"),
        Cell::Text(words) => {
            text(out, words);
            Ok(())
        }
        Cell::Number(units) => {
            digits(out, *units, if let Type::Number(scale) = ty { scale } else { 0 });
            Ok(())
        }
        Cell::Date(day) => write!(out, "\"{day}\""),
        Cell::Time(at) => write!(out, "\"{at}\""),
    };
}

fn positions(out: &mut String, all: &[Position]) {
    out.push('[');
    for (at, [x, y]) in all.iter().enumerate() {
        let comma = if at > 0 { "," } else { "" };
        let _ = write!(out, "{comma}[{x},{y}]");
    }
    out.push(']');
}

fn geometry(out: &mut String, shape: &Shape) {
    match shape {
        Shape::Point([x, y]) => drop(write!(out, "{{\"type\":\"Point\",\"coordinates\":[{x},{y}]}}")),
        Shape::Line(line) => {
            out.push_str("{\"type\":\"LineString\",\"coordinates\":");
            positions(out, line);
            out.push('}');
        }
        Shape::Polygon(rings) => {
            out.push_str("{\"type\":\"Polygon\",\"coordinates\":[");
            for (at, ring) in rings.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                positions(out, ring);
            }
            out.push_str("]}");
        }
    }
}

impl Sink for File {
    fn row(&mut self, cells: &[Cell], place: Option<&Shape>) -> Result<(), ExportError> {
        let line = &mut self.line;
        line.clear();
        line.push_str(if self.rows > 0 {
            ",\n{\"type\":\"Feature\""
        } else {
            "\n{\"type\":\"Feature\""
        });
        // Readers know a feature again by its id; the first column has it when it is called so.
        if let (Some(first), Some(Cell::Text(id))) = (self.layout.fields.first(), cells.first())
            && first.name == "id"
        {
            line.push_str(",\"id\":");
            text(line, id);
        }
        line.push_str(",\"properties\":{");
        for (at, (field, cell)) in self.layout.fields.iter().zip(cells).enumerate() {
            if at > 0 {
                line.push(',');
            }
            text(line, &field.name);
            line.push(':');
            value(line, field.ty, cell);
        }
        line.push_str("},\"geometry\":");
        match place {
            Some(place) => geometry(line, self.layout.placed(place)?.as_ref()),
            None => line.push_str("null"),
        }
        line.push('}');
        self.out.write_all(line.as_bytes())?;
        self.rows += 1;
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<(), ExportError> {
        self.out.write_all(b"\n]}\n")?;
        self.out.flush()?;
        Ok(())
    }
}
