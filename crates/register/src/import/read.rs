//! Reads a CSV of a kind row by row: the heading says which column is which field, by the field's name or by its label in
//! either language. Owns the mapping; refuses columns that are nothing, and a file that is not UTF-8.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use csv::{ReaderBuilder, StringRecord};
use definition::expression::Value;
use definition::{FieldKind, Geometry};
use kernel::{Date, Lang, fold};

use super::{Faults, ROWS_MAX};
use crate::error::{RegisterError, What, Wrong};
use crate::geometry::{GeometryFault, Shape};
use crate::house::Codes;
use crate::kind::Kind;
use crate::record::{rules, value};

/// What a column of the file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// A field, by its position among the columns of the kind.
    Field(usize),
    Longitude,
    Latitude,
    /// A GeoJSON geometry.
    Geometry,
    /// The first day on which the row holds.
    ValidFrom,
}

/// A row that was read.
pub(super) struct Row {
    /// The line in the file.
    pub(super) line: u64,
    pub(super) values: BTreeMap<String, Value>,
    pub(super) shape: Option<Shape>,
    pub(super) valid_from: Option<Date>,
}

/// A file that is being read.
pub(super) struct Rows<'k> {
    kind: &'k Kind,
    codes: BTreeMap<usize, &'k Codes>,
    csv: csv::Reader<Box<dyn Read + Send>>,
    parts: Vec<(Part, String)>,
    record: StringRecord,
    today: Date,
    /// Rules were asked in an earlier reading.
    is_known: bool,
    count: u64,
}

impl<'k> Rows<'k> {
    /// Opens the file and reads its heading. Columns may be parted by commas, semicolons or tabs.
    pub(super) fn open(
        kind: &'k Kind,
        path: &Path,
        today: Date,
        codes: &dyn Fn(&str) -> Option<&'k Codes>,
    ) -> Result<Self, RegisterError> {
        let unreadable = |error: std::io::Error| RegisterError::File(error.to_string());
        let mut file = BufReader::with_capacity(1 << 18, File::open(path).map_err(unreadable)?);
        let delimiter = begin(&mut file).map_err(unreadable)?;
        let source: Box<dyn Read + Send> = Box::new(file);
        let mut csv = ReaderBuilder::new().delimiter(delimiter).from_reader(source);
        let heading = csv
            .headers()
            .map_err(|error| RegisterError::File(error.to_string()))?
            .clone();
        let parts = mapping(kind, &heading)?;
        let lists = kind
            .columns
            .iter()
            .enumerate()
            .filter_map(|(at, column)| match &column.field.kind {
                FieldKind::Code(list) => Some((at, codes(list)?)),
                _ => None,
            });
        Ok(Self {
            kind,
            codes: lists.collect(),
            csv,
            parts,
            record: StringRecord::new(),
            today,
            is_known: false,
            count: 0,
        })
    }

    /// The same file once more: its rows were found to keep the rules.
    pub(super) fn known(mut self) -> Self {
        self.is_known = true;
        self
    }

    /// The next row; what is wrong with it goes into `faults`. None after the last.
    pub(super) fn next(&mut self, faults: &mut Faults) -> Result<Option<Row>, RegisterError> {
        let more = self.csv.read_record(&mut self.record);
        if !more.map_err(|error| RegisterError::File(error.to_string()))? {
            return Ok(None);
        }
        self.count += 1;
        if self.count > ROWS_MAX {
            return Err(RegisterError::File(format!("more than {ROWS_MAX} rows")));
        }
        let line = self.record.position().map_or(self.count + 1, csv::Position::line);
        let before = faults.total;
        let mut row = Row {
            line,
            values: BTreeMap::new(),
            shape: None,
            valid_from: None,
        };
        let mut place = [None, None];
        for (at, (part, heading)) in self.parts.iter().enumerate() {
            let text = self.record.get(at).unwrap_or("").trim();
            if text.is_empty() {
                continue;
            }
            if let Err(wrong) = self.cell(*part, text, &mut row, &mut place) {
                faults.add(line, heading, wrong);
            }
        }
        self.whole(&mut row, place, before, faults);
        Ok(Some(row))
    }

    fn cell(&self, part: Part, text: &str, row: &mut Row, place: &mut [Option<f64>; 2]) -> Result<(), Wrong> {
        let number = |name: &str| {
            let number = text
                .replacen(',', ".", 1)
                .parse::<f64>()
                .ok()
                .filter(|number| number.is_finite());
            number.ok_or_else(|| Wrong::new(name, What::Unreadable))
        };
        match part {
            Part::Field(at) => {
                let field = self.kind.columns[at].field;
                let value = value::parse(field, text).map_err(|what| Wrong::new(&field.name, what))?;
                if let (Some(codes), Value::Text(code)) = (self.codes.get(&at), &value)
                    && !codes.iter().any(|(known, _)| known == code)
                {
                    return Err(Wrong::new(&field.name, What::Code));
                }
                row.values.insert(field.name.clone(), value);
            }
            Part::Longitude => place[0] = Some(number("longitude")?),
            Part::Latitude => place[1] = Some(number("latitude")?),
            Part::Geometry => {
                let wrong = |fault| Wrong::new("geometry", What::Geometry(fault));
                let json = serde_json::from_str(text).map_err(|_| wrong(GeometryFault::Unreadable))?;
                let wanted = self.kind.geometry().unwrap_or(Geometry::Point);
                row.shape = Some(Shape::from_geojson(&json, wanted).map_err(wrong)?);
            }
            Part::ValidFrom => {
                let day: Date = text.parse().map_err(|_| Wrong::new("valid_from", What::Unreadable))?;
                if day > self.today {
                    return Err(Wrong::new("valid_from", What::Unfit(definition::Unfit::Range)));
                }
                row.valid_from = Some(day);
            }
        }
        Ok(())
    }

    /// What is about the row as a whole: its place, missing fields, rules.
    fn whole(&self, row: &mut Row, place: [Option<f64>; 2], before: u64, faults: &mut Faults) {
        let wrong = |fault| Wrong::new("geometry", What::Geometry(fault));
        match place {
            [Some(x), Some(y)] => match Shape::point(x, y) {
                Ok(shape) => row.shape = Some(shape),
                Err(fault) => faults.add(row.line, "", wrong(fault)),
            },
            [None, None] => {}
            _ => faults.add(row.line, "", wrong(GeometryFault::Unreadable)),
        }
        // A default stands for what a file does not have at all.
        for (at, column) in self.kind.columns.iter().enumerate() {
            if let Some(default) = &column.field.default
                && !self.parts.iter().any(|(part, _)| *part == Part::Field(at))
            {
                row.values.insert(column.field.name.clone(), default.clone());
            }
        }
        if faults.total == before && !self.is_known {
            for wrong in rules::faults(self.kind, &row.values, self.today) {
                let heading = self.heading(&wrong.field);
                faults.add(row.line, &heading, wrong);
            }
        }
    }

    fn heading(&self, field: &str) -> String {
        let of = |(part, heading): &(Part, String)| match part {
            Part::Field(at) if self.kind.columns[*at].field.name == field => Some(heading.clone()),
            _ => None,
        };
        self.parts.iter().find_map(of).unwrap_or_default()
    }
}

/// Passes over the mark of UTF-8 and says what parts the columns.
fn begin(file: &mut BufReader<File>) -> std::io::Result<u8> {
    use std::io::BufRead as _;
    let head = file.fill_buf()?;
    let skip = if head.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let first = head.get(skip..).unwrap_or_default();
    let first = &first[..first.iter().position(|byte| *byte == b'\n').unwrap_or(first.len())];
    let count = |wanted: u8| first.iter().filter(|byte| **byte == wanted).count();
    let delimiter = [b',', b';', b'\t']
        .into_iter()
        .max_by_key(|byte| (count(*byte), *byte == b','));
    file.consume(skip);
    Ok(delimiter.unwrap_or(b','))
}

fn mapping(kind: &Kind, heading: &StringRecord) -> Result<Vec<(Part, String)>, RegisterError> {
    let mut parts: Vec<(Part, String)> = Vec::new();
    let mut unknown = Vec::new();
    for name in heading {
        match part(kind, name) {
            Some(part) if !parts.iter().any(|(known, _)| *known == part) => parts.push((part, name.to_owned())),
            Some(_) => return Err(RegisterError::File(format!("the column {name:?} stands twice"))),
            None => unknown.push(format!("{name:?}")),
        }
    }
    if unknown.is_empty() {
        Ok(parts)
    } else {
        Err(RegisterError::File(format!("unknown columns: {}", unknown.join(", "))))
    }
}

fn part(kind: &Kind, heading: &str) -> Option<Part> {
    let folded = fold::fold(heading);
    let is = |names: &[&str]| names.contains(&folded.as_str());
    if kind.geometry() == Some(Geometry::Point) && is(&["lon", "lng", "longitude", "kinh do"]) {
        return Some(Part::Longitude);
    }
    if kind.geometry() == Some(Geometry::Point) && is(&["lat", "latitude", "vi do"]) {
        return Some(Part::Latitude);
    }
    if kind.geometry().is_some() && is(&["geometry", "geojson"]) {
        return Some(Part::Geometry);
    }
    let columns = kind.columns.iter().position(|column| {
        let is_taken = !column.shape.is_personal() && !column.field.retired;
        let label = kind.label(&format!("field.{}", column.field.name));
        let labels = [Lang::Vi, Lang::En].map(|lang| fold::fold(label.get(lang)));
        is_taken && (heading.trim() == column.field.name || labels.contains(&folded))
    });
    columns
        .map(Part::Field)
        .or_else(|| (heading.trim() == "valid_from").then_some(Part::ValidFrom))
}
