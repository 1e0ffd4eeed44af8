//! Turns a row of a file into the values of a record, by what its columns were led to. Pure: it sees no table. It refuses what
//! cannot be read as a value of its field, and says with which column; codes and choices may be written by their names.

use std::collections::{BTreeMap, HashMap};

use definition::expression::Value;
use definition::{Field, FieldKind, Geometry, Unfit};
use kernel::{Date, Lang, fold};
use stranger::{Cell, CellFault, Head, Row};

use super::Faults;
use super::choices::{Choices, Part};
use crate::error::{RegisterError, What, Wrong};
use crate::geometry::crs::{Crs, Doubt};
use crate::geometry::{GeometryFault, Position, Shape};
use crate::house::Codes;
use crate::kind::Kind;
use crate::record::{rules, value};

/// How a field's values may be written in the file beside their own form.
#[derive(Default)]
struct Words {
    /// Codes or choices by themselves.
    known: Option<HashMap<String, ()>>,
    /// By their folded names.
    named: HashMap<String, String>,
}

/// What a column is, with what is needed for it.
enum Lead {
    Field(usize, Words),
    East,
    North,
    Geometry,
    ValidFrom,
}

/// A row that was read.
pub(super) struct Taken {
    /// The line in the file.
    pub(super) line: u64,
    pub(super) values: BTreeMap<String, Value>,
    pub(super) shape: Option<Shape>,
    pub(super) valid_from: Option<Date>,
    /// What speaks against its place.
    pub(super) doubt: Option<Doubt>,
}

/// Reads rows of one file.
pub(super) struct Converter<'k> {
    kind: &'k Kind,
    leads: Vec<Option<Lead>>,
    headings: Vec<String>,
    has_shape: bool,
    crs: &'static Crs,
    is_swapped: bool,
    today: Date,
    defaults: Vec<(String, Value)>,
    /// Rules were asked in an earlier reading.
    pub(super) is_known: bool,
}

impl<'k> Converter<'k> {
    /// A converter for a file with this head.
    ///
    /// # Errors
    /// `Mapping` when a choice names no field of the kind, names one twice, or fits another file.
    pub(super) fn new(
        kind: &'k Kind,
        head: &Head,
        choices: &Choices,
        today: Date,
        codes: &dyn Fn(&str) -> Option<&'k Codes>,
    ) -> Result<Self, RegisterError> {
        let doubled = choices.doubled();
        if !doubled.is_empty() {
            let words = doubled.iter().map(Part::word).collect();
            return Err(RegisterError::Mapping(words));
        }
        let known = Part::all(kind);
        let strange: Vec<String> = choices
            .parts
            .iter()
            .flatten()
            .filter(|part| !known.contains(part))
            .map(Part::word)
            .collect();
        if !strange.is_empty() || choices.parts.len() > head.columns.len() {
            return Err(RegisterError::Mapping(strange));
        }
        let lead = |part: &Part| match part {
            Part::Field(name) => {
                let at = kind.columns.iter().position(|column| column.field.name == *name)?;
                Some(Lead::Field(at, words(kind, kind.columns[at].field, codes)))
            }
            Part::East => Some(Lead::East),
            Part::North => Some(Lead::North),
            Part::Geometry => Some(Lead::Geometry),
            Part::ValidFrom => Some(Lead::ValidFrom),
        };
        let leads: Vec<Option<Lead>> = choices.parts.iter().map(|part| part.as_ref().and_then(lead)).collect();
        if leads.iter().all(Option::is_none) {
            return Err(RegisterError::Mapping(Vec::new()));
        }
        // A default stands for what a file does not have at all.
        let is_there = |at: usize| {
            leads
                .iter()
                .flatten()
                .any(|lead| matches!(lead, Lead::Field(own, _) if *own == at))
        };
        let defaults = kind.columns.iter().enumerate().filter(|(at, _)| !is_there(*at));
        let defaults =
            defaults.filter_map(|(_, column)| Some((column.field.name.clone(), column.field.default.clone()?)));
        Ok(Self {
            kind,
            defaults: defaults.collect(),
            leads,
            headings: head.columns.clone(),
            has_shape: head.has_shape && kind.geometry().is_some(),
            crs: choices.crs(),
            is_swapped: choices.is_swapped,
            today,
            is_known: false,
        })
    }

    /// Reads a row; what is wrong with it goes into `faults`.
    pub(super) fn row(&self, row: &Row, faults: &mut Faults) -> Taken {
        let mut wrong: Vec<String> = Vec::new();
        let mut taken = Taken {
            line: row.line,
            values: BTreeMap::new(),
            shape: None,
            valid_from: None,
            doubt: None,
        };
        let mut place = [None, None];
        for (at, lead) in self.leads.iter().enumerate() {
            let (Some(lead), Some(cell)) = (lead, row.cells.get(at)) else {
                continue;
            };
            if *cell == Cell::Empty {
                continue;
            }
            if let Err(fault) = self.cell(lead, cell, &mut taken, &mut place) {
                wrong.push(fault.field.clone());
                faults.add(row.line, &self.headings[at], fault);
            }
        }
        let width = self.headings.len() + usize::from(self.has_shape);
        if row.cells.len() > width && matches!(row.cells.last(), Some(Cell::Fault(CellFault::Beyond))) {
            faults.add(row.line, "", Wrong::new("", What::Cell(CellFault::Beyond)));
        }
        if self.has_shape
            && let Err(what) = self.own_shape(row.cells.get(self.headings.len()), &mut taken)
        {
            faults.add(row.line, "", Wrong::new("geometry", what));
        }
        self.whole(&mut taken, place, &wrong, faults);
        taken
    }

    fn cell(&self, lead: &Lead, cell: &Cell, taken: &mut Taken, place: &mut [Option<f64>; 2]) -> Result<(), Wrong> {
        match lead {
            Lead::Field(at, words) => {
                let field = self.kind.columns[*at].field;
                let value = self
                    .value(field, words, cell)
                    .map_err(|what| Wrong::new(&field.name, what))?;
                if value != Value::Null {
                    taken.values.insert(field.name.clone(), value);
                }
            }
            Lead::East => place[0] = Some(degrees(cell).ok_or_else(|| Wrong::new("longitude", What::Unreadable))?),
            Lead::North => place[1] = Some(degrees(cell).ok_or_else(|| Wrong::new("latitude", What::Unreadable))?),
            Lead::Geometry => {
                let shape = self
                    .written(cell)
                    .map_err(|fault| Wrong::new("geometry", What::Geometry(fault)))?;
                taken.doubt = self.doubt_of(&shape);
                taken.shape = Some(shape);
            }
            Lead::ValidFrom => {
                let day = match cell {
                    Cell::Text(text) => value::day(text),
                    _ => None,
                };
                let day = day.ok_or_else(|| Wrong::new("valid_from", What::Unreadable))?;
                if day > self.today {
                    return Err(Wrong::new("valid_from", What::Unfit(Unfit::Range)));
                }
                taken.valid_from = Some(day);
            }
        }
        Ok(())
    }

    fn value(&self, field: &Field, words: &Words, cell: &Cell) -> Result<Value, What> {
        let text = match cell {
            Cell::Empty => return Ok(Value::Null),
            Cell::Text(text) => std::borrow::Cow::Borrowed(text.as_str()),
            Cell::Number(number) => number_text(*number, field).into(),
            Cell::Bool(yes) => yes.to_string().into(),
            Cell::Shape(_) => return Err(What::Unreadable),
            Cell::Fault(fault) => return Err(What::Cell(*fault)),
        };
        let is_known = |text: &str| words.known.as_ref().is_none_or(|known| known.contains_key(text));
        let named = |text: &str| -> Result<String, What> {
            if is_known(text) {
                return Ok(text.to_owned());
            }
            let found = words.named.get(&fold::fold(text)).cloned();
            let unknown = if matches!(field.kind, FieldKind::Code(_)) {
                What::Code
            } else {
                What::Unfit(Unfit::Choice)
            };
            found.ok_or(unknown)
        };
        if words.known.is_none() {
            return value::parse(field, &text);
        }
        if field.many.is_some() {
            let parts = text.split(';').map(str::trim).filter(|part| !part.is_empty());
            let parts = parts.map(named).collect::<Result<Vec<_>, _>>()?;
            return value::parse(field, &parts.join(";"));
        }
        value::parse(field, &named(text.trim())?)
    }

    /// The shape that the file has for the row.
    fn own_shape(&self, cell: Option<&Cell>, taken: &mut Taken) -> Result<(), What> {
        match cell {
            None | Some(Cell::Empty) => Ok(()),
            Some(Cell::Shape(bytes)) => {
                let shape = Shape::from_wkb(bytes)
                    .and_then(|shape| self.led(shape))
                    .map_err(What::Geometry)?;
                taken.doubt = self.doubt_of(&shape);
                taken.shape = Some(shape);
                Ok(())
            }
            Some(Cell::Fault(fault)) => Err(What::Cell(*fault)),
            Some(_) => Err(What::Geometry(GeometryFault::Unreadable)),
        }
    }

    /// A shape that stands in a column as text.
    fn written(&self, cell: &Cell) -> Result<Shape, GeometryFault> {
        let Cell::Text(text) = cell else {
            return Err(GeometryFault::Unreadable);
        };
        if !text.trim_start().starts_with('{') {
            return self.led(well_known(text)?);
        }
        let json = serde_json::from_str(text).map_err(|_| GeometryFault::Unreadable)?;
        let wanted = self.kind.geometry().unwrap_or(Geometry::Point);
        let json = if self.is_swapped { exchanged(json) } else { json };
        let shape = Shape::from_geojson_in(&json, wanted, self.crs)?;
        if shape.is_over_antimeridian() {
            return Err(GeometryFault::Antimeridian);
        }
        Ok(shape)
    }

    /// A shape as the file has it, in degrees over WGS 84, judged.
    fn led(&self, shape: Shape) -> Result<Shape, GeometryFault> {
        let fits = matches!(
            (self.kind.geometry(), &shape),
            (Some(Geometry::Point), Shape::Point(_))
                | (Some(Geometry::Line), Shape::Line(_))
                | (Some(Geometry::Polygon), Shape::Polygon(_))
        );
        if !fits {
            return Err(GeometryFault::Kind);
        }
        let shape = shape.try_map(|at| self.position(at))?.checked()?;
        if shape.is_over_antimeridian() {
            return Err(GeometryFault::Antimeridian);
        }
        Ok(shape)
    }

    fn position(&self, [x, y]: Position) -> Result<Position, GeometryFault> {
        let at = if self.is_swapped { [y, x] } else { [x, y] };
        self.crs.to_wgs84(at).map_err(|fault| match self.crs.doubt(at) {
            Some(Doubt::Swapped) => GeometryFault::Swapped,
            _ => fault,
        })
    }

    /// What speaks against a place outside of Viet Nam: whether it lies within it when its numbers are exchanged.
    fn doubt_of(&self, shape: &Shape) -> Option<Doubt> {
        if shape.is_in_viet_nam() {
            return None;
        }
        let [west, south, ..] = shape.bounds();
        let as_written = self.crs.from_wgs84([west, south]).ok();
        as_written.and_then(|at| self.crs.doubt(at)).or(Some(Doubt::Outside))
    }

    /// What is about the row as a whole: its place, missing fields, rules.
    fn whole(&self, taken: &mut Taken, place: [Option<f64>; 2], wrong_fields: &[String], faults: &mut Faults) {
        let wrong = |fault| Wrong::new("geometry", What::Geometry(fault));
        match place {
            [Some(x), Some(y)] => match self.position([x, y]) {
                Ok(at) => {
                    let shape = Shape::Point(at);
                    taken.doubt = self.doubt_of(&shape);
                    taken.shape = Some(shape);
                }
                Err(fault) => faults.add(taken.line, "", wrong(fault)),
            },
            [None, None] => {}
            // One of the two was told already.
            _ if wrong_fields
                .iter()
                .any(|name| name == "longitude" || name == "latitude") => {}
            _ => faults.add(taken.line, "", wrong(GeometryFault::Unreadable)),
        }
        for (name, default) in &self.defaults {
            taken.values.insert(name.clone(), default.clone());
        }
        if self.is_known {
            return;
        }
        for wrong in rules::faults(self.kind, &taken.values, self.today) {
            // A value that was not read is missing for the rules: it is told once.
            if !wrong_fields.contains(&wrong.field) {
                let heading = self.heading(&wrong.field);
                faults.add(taken.line, &heading, wrong);
            }
        }
    }

    fn heading(&self, field: &str) -> String {
        let found = self
            .leads
            .iter()
            .position(|lead| matches!(lead, Some(Lead::Field(at, _)) if self.kind.columns[*at].field.name == field));
        found.and_then(|at| self.headings.get(at).cloned()).unwrap_or_default()
    }
}

/// A coordinate: a number, or a text with a point or a comma; degrees may be written with minutes and seconds.
pub(super) fn degrees(cell: &Cell) -> Option<f64> {
    let number = match cell {
        Cell::Number(number) => *number,
        Cell::Text(text) => {
            let plain = text.replacen(',', ".", 1);
            match plain.trim().parse() {
                Ok(number) => number,
                Err(_) => sexagesimal(text)?,
            }
        }
        _ => return None,
    };
    number.is_finite().then_some(number)
}

/// `105°54'12.5"E`.
fn sexagesimal(text: &str) -> Option<f64> {
    let is_negative = text.contains(['S', 'W', 's', 'w']) || text.trim_start().starts_with('-');
    if !text.contains(['°', '\'', '"', '′', '″']) {
        return None;
    }
    let cleaned = text.replace(',', ".");
    let mut parts = cleaned
        .split(|letter: char| !letter.is_ascii_digit() && letter != '.')
        .filter(|part| !part.is_empty())
        .map(|part| part.parse::<f64>().ok());
    let (degrees, minutes, seconds) = (
        parts.next()??,
        parts.next().unwrap_or(Some(0.0))?,
        parts.next().unwrap_or(Some(0.0))?,
    );
    if parts.next().is_some() || minutes >= 60.0 || seconds >= 60.0 {
        return None;
    }
    let whole = degrees + minutes / 60.0 + seconds / 3_600.0;
    Some(if is_negative { -whole } else { whole })
}

/// A number of a sheet as text. What floating point adds behind the last decimal of the field is not meant.
fn number_text(number: f64, field: &Field) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        return format!("{number:.0}");
    }
    let FieldKind::Number { ty, .. } = &field.kind else {
        return format!("{number}");
    };
    let rounded = format!("{number:.*}", usize::from(ty.scale));
    let is_near = rounded
        .parse::<f64>()
        .is_ok_and(|near| (near - number).abs() <= number.abs() * 1e-12);
    if is_near { rounded } else { format!("{number}") }
}

fn words<'k>(kind: &Kind, field: &Field, codes: &dyn Fn(&str) -> Option<&'k Codes>) -> Words {
    let mut words = Words::default();
    let mut put = |code: &str, names: [&str; 2]| {
        words.known.get_or_insert_default().insert(code.to_owned(), ());
        for name in names {
            words.named.entry(fold::fold(name)).or_insert_with(|| code.to_owned());
        }
        words.named.entry(fold::fold(code)).or_insert_with(|| code.to_owned());
    };
    match &field.kind {
        FieldKind::Code(list) => {
            for (code, name) in codes(list).into_iter().flatten() {
                put(code, [name.get(Lang::Vi), name.get(Lang::En)]);
            }
        }
        FieldKind::Choice(all) => {
            for word in all {
                let label = kind.label(&format!("choice.{}.{word}", field.name));
                put(word, [label.get(Lang::Vi), label.get(Lang::En)]);
            }
        }
        _ => {}
    }
    words
}

/// GeoJSON with the two numbers of each position exchanged.
fn exchanged(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value as Json;
    match value {
        Json::Array(mut all) => {
            if all.len() >= 2 && all[..2].iter().all(Json::is_number) {
                all.swap(0, 1);
                return Json::Array(all);
            }
            Json::Array(all.into_iter().map(exchanged).collect())
        }
        Json::Object(all) => Json::Object(all.into_iter().map(|(key, value)| (key, exchanged(value))).collect()),
        other => other,
    }
}

/// Reads well-known text: one point, line or polygon.
fn well_known(text: &str) -> Result<Shape, GeometryFault> {
    let text = text.trim();
    let text = text
        .split_once(';')
        .filter(|(srid, _)| srid.to_ascii_uppercase().starts_with("SRID="))
        .map_or(text, |(_, rest)| rest);
    let open = text.find('(').ok_or(GeometryFault::Unreadable)?;
    let (word, body) = text.split_at(open);
    let word = word.trim().to_ascii_uppercase();
    let body = body
        .trim()
        .strip_prefix('(')
        .and_then(|body| body.strip_suffix(')'))
        .ok_or(GeometryFault::Unreadable)?;
    let line = |text: &str| -> Result<Vec<Position>, GeometryFault> {
        let position = |pair: &str| {
            let mut numbers = pair
                .split_whitespace()
                .map(|number| number.parse::<f64>().map_err(|_| GeometryFault::Unreadable));
            Ok([
                numbers.next().ok_or(GeometryFault::Unreadable)??,
                numbers.next().ok_or(GeometryFault::Unreadable)??,
            ])
        };
        text.split(',').map(|pair| position(pair.trim())).collect()
    };
    let rings = |body: &str| -> Result<Vec<Vec<Position>>, GeometryFault> {
        body.split(')')
            .map(|ring| ring.trim_start_matches([',', ' ', '(', '\n', '\t']))
            .filter(|ring| !ring.is_empty())
            .map(line)
            .collect()
    };
    match word.split_whitespace().next().unwrap_or_default() {
        "POINT" => line(body)?
            .first()
            .map(|at| Shape::Point(*at))
            .ok_or(GeometryFault::Unreadable),
        "LINESTRING" => Ok(Shape::Line(line(body)?)),
        "POLYGON" => Ok(Shape::Polygon(rings(body)?)),
        _ => Err(GeometryFault::Kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_read_however_people_write_them() {
        let of = |text: &str| degrees(&Cell::Text(text.to_owned()));
        assert_eq!(of("105,9"), Some(105.9));
        assert_eq!(of(" 18.34 "), Some(18.34));
        assert_eq!(of("105°54'00\"E"), Some(105.9));
        assert_eq!(of("18° 30' B").map(|at| (at * 10.0).round()), Some(185.0));
        assert_eq!(of("33°00'00\" S"), Some(-33.0));
        for wrong in ["", "105 54", "abc", "105°70'00\"", "NaN", "inf"] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn well_known_text_is_read() {
        assert_eq!(well_known("POINT (105.9 18.3)"), Ok(Shape::Point([105.9, 18.3])));
        assert_eq!(
            well_known("SRID=4326;POINT Z (105.9 18.3 4)"),
            Ok(Shape::Point([105.9, 18.3]))
        );
        let polygon = well_known("POLYGON ((0 0, 4 0, 4 4, 0 0), (1 1, 2 1, 2 2, 1 1))").unwrap();
        assert!(matches!(polygon, Shape::Polygon(rings) if rings.len() == 2 && rings[1].len() == 4));
        assert_eq!(well_known("MULTIPOINT ((1 2), (3 4))"), Err(GeometryFault::Kind));
        assert_eq!(well_known("POINT"), Err(GeometryFault::Unreadable));
        assert_eq!(well_known("LINESTRING (1 x, 2 3)"), Err(GeometryFault::Unreadable));
    }
}
