//! CSV after RFC 4180. For people it has a byte-order mark, which spreadsheets need to read Vietnamese, and no cell that they would
//! take for a formula; for programs every text stays as it is. A point has two columns, other shapes are well-known text.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;

use definition::Geometry;

use super::{Cell, ExportError, Layout, Readers, Sink, Type, digits};
use crate::geometry::Shape;

pub(super) struct File {
    out: BufWriter<fs::File>,
    layout: Layout,
    line: String,
}

impl File {
    pub(super) fn create(layout: Layout, path: &Path) -> Result<Self, ExportError> {
        let mut file = Self {
            out: BufWriter::with_capacity(1 << 18, fs::File::create(path)?),
            layout,
            line: String::with_capacity(512),
        };
        if let Readers::People(_) = file.layout.readers {
            file.line.push('\u{feff}');
        }
        for at in 0..file.layout.fields.len() {
            let heading = file.layout.heading(&file.layout.fields[at]).to_owned();
            file.text(at, &heading);
        }
        let first = file.layout.fields.len();
        for (at, name) in place_headings(&file.layout).iter().enumerate() {
            file.text(first + at, name);
        }
        file.end()?;
        Ok(file)
    }

    fn end(&mut self) -> Result<(), ExportError> {
        self.line.push_str("\r\n");
        self.out.write_all(self.line.as_bytes())?;
        self.line.clear();
        Ok(())
    }

    fn text(&mut self, at: usize, text: &str) {
        if at > 0 {
            self.line.push(',');
        }
        if let Readers::People(_) = self.layout.readers {
            // The common case without a copy: a text that begins with a letter or digit and needs no quotes.
            let plain = text.as_bytes().first().is_none_or(u8::is_ascii_alphanumeric) && is_plain(text);
            if plain {
                self.line.push_str(text);
            } else {
                self.line.push_str(&web::download::csv_cell(text));
            }
        } else if is_plain(text) {
            self.line.push_str(text);
        } else {
            self.line.push('"');
            self.line.push_str(&text.replace('"', "\"\""));
            self.line.push('"');
        }
    }

    fn cell(&mut self, at: usize, cell: &Cell) {
        if let Cell::Text(text) = cell {
            return self.text(at, text);
        }
        if at > 0 {
            self.line.push(',');
        }
        let ty = self.layout.fields[at].ty;
        // Writing to a string cannot fail.
        let _ = match cell {
            Cell::Null | Cell::Text(_) => Ok(()),
            Cell::Bool(yes) => write!(self.line, "{yes}"),
            Cell::Number(units) => {
                digits(
                    &mut self.line,
                    *units,
                    if let Type::Number(scale) = ty { scale } else { 0 },
                );
                Ok(())
            }
            Cell::Date(day) => write!(self.line, "{day}"),
            Cell::Time(at) => write!(self.line, "{at}"),
        };
    }
}

fn is_plain(text: &str) -> bool {
    !text
        .bytes()
        .any(|byte| matches!(byte, b'"' | b',' | b';' | b'\n' | b'\r' | b'\t'))
}

/// What the columns of a place are headed by: the names that an import knows.
pub(super) fn place_headings(layout: &Layout) -> &'static [&'static str] {
    match layout.geometry {
        None => &[],
        Some(Geometry::Point) if layout.crs.is_degrees => &["lon", "lat"],
        Some(Geometry::Point) => &["x", "y"],
        Some(Geometry::Line | Geometry::Polygon) => &["wkt"],
    }
}

/// Well-known text.
pub(super) fn wkt(shape: &Shape) -> String {
    let line = |line: &[[f64; 2]]| {
        let all: Vec<String> = line.iter().map(|[x, y]| format!("{x} {y}")).collect();
        format!("({})", all.join(", "))
    };
    match shape {
        Shape::Point([x, y]) => format!("POINT ({x} {y})"),
        Shape::Line(all) => format!("LINESTRING {}", line(all)),
        Shape::Polygon(rings) => {
            let all: Vec<String> = rings.iter().map(|ring| line(ring)).collect();
            format!("POLYGON ({})", all.join(", "))
        }
    }
}

impl Sink for File {
    fn row(&mut self, cells: &[Cell], place: Option<&Shape>) -> Result<(), ExportError> {
        for (at, cell) in cells.iter().enumerate() {
            self.cell(at, cell);
        }
        let width = place_headings(&self.layout).len();
        match place {
            _ if width == 0 => {}
            None => self.line.extend(std::iter::repeat_n(',', width)),
            Some(place) => match self.layout.placed(place)?.as_ref() {
                Shape::Point([x, y]) => {
                    // Millimetres are finer than any survey of metres.
                    let _ = if self.layout.crs.is_degrees {
                        write!(self.line, ",{x},{y}")
                    } else {
                        write!(self.line, ",{x:.3},{y:.3}")
                    };
                }
                shape => {
                    let text = wkt(shape);
                    self.text(cells.len(), &text);
                }
            },
        }
        self.end()
    }

    fn finish(mut self: Box<Self>) -> Result<(), ExportError> {
        self.out.flush()?;
        Ok(())
    }
}
