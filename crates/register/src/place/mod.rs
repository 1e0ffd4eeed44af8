//! Records by where they are: all that meets a box, page by page in the order of cells, how many there are, and the rows that maps are
//! drawn from. Owns the box and the page; who may see which rows is the caller's to say.

pub mod store;

use identity::UnitId;
use kernel::Lang;

use crate::geometry::cell;
use crate::house::Register;
use crate::kind::Kind;
use crate::record::{Record, RecordId, view};

/// What is asked of a kind by place.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// West, south, east, north in degrees; the whole earth without it. A west beyond the east crosses the antimeridian.
    pub bounds: Option<[f64; 4]>,
    /// Only records of these units; of all without it.
    pub units: Option<Vec<UnitId>>,
    /// What else must hold.
    pub also: Option<store::Also>,
    /// The last record of the page before.
    pub after: Option<Place>,
    /// Most records of the page.
    pub limit: u64,
}

/// Where a record stands in the order of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Its cell.
    pub cell: i64,
    /// The record.
    pub id: RecordId,
}

/// A record with its place in the order.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The place.
    pub place: Place,
    /// The record.
    pub record: Record,
}

impl Reach {
    /// The boxes that are asked for: two when the box crosses the antimeridian.
    fn boxes(&self) -> Vec<[f64; 4]> {
        match self.bounds {
            None => Vec::new(),
            Some([west, south, east, north]) if west > east => {
                vec![[west, south, 180.0, north], [-180.0, south, east, north]]
            }
            Some(bounds) => vec![bounds],
        }
    }

    /// Ranges of cells in order, the single cells above them among them; `is_point` leaves those out.
    fn ranges(&self, is_point: bool) -> Vec<(i64, i64)> {
        let mut all = Vec::new();
        for bounds in self.boxes() {
            let cover = cell::cover(bounds);
            all.extend(cover.ranges);
            if !is_point {
                all.extend(cover.above.into_iter().map(|cell| (cell, cell)));
            }
        }
        all.sort_unstable();
        // What two boxes have in common is read once.
        let mut apart: Vec<(i64, i64)> = Vec::with_capacity(all.len());
        for (first, last) in all {
            match apart.last_mut() {
                Some(before) if first <= before.1 => before.1 = before.1.max(last),
                _ => apart.push((first, last)),
            }
        }
        apart
    }
}

/// How a record is called, in words of a language. It reads fields that may not be published.
#[must_use]
pub fn title(register: &Register, kind: &Kind, record: &Record, lang: Lang) -> String {
    view::title(register, kind, record, lang)
}

/// What a record says under these columns of its kind, or under all: labels and values in words of a language. People are left out.
#[must_use]
pub fn facts(
    register: &Register,
    kind: &Kind,
    record: &Record,
    columns: Option<&[usize]>,
    lang: Lang,
) -> Vec<(String, String)> {
    let all = kind.columns.iter().enumerate();
    let shown = all.filter(|(at, column)| !column.shape.is_personal() && columns.is_none_or(|some| some.contains(at)));
    shown
        .filter_map(|(_, column)| {
            let value = record.values.get(&column.field.name)?;
            let label = kind.words(lang, &format!("field.{}", column.field.name));
            Some((label, view::words(register, kind, column, value, lang)))
        })
        .collect()
}
