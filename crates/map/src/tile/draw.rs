//! A tile from sheets: every row that whoever asks may see, or clusters that say how many they are. Owns when rows become clusters
//! and how a tile stays below its size. Each row is counted in the one tile in which its middle lies.

use std::sync::Arc;

use identity::UnitId;

use super::mvt::{Layer, Type, value};
use super::shape::{self, BUFFER, Pen};
use super::sheet::{Bits, NOTHING, Places, Shapes, Sheet, meet, middle};
use super::{BYTES_MAX, EXTENT, TileAt};

/// Points of one tile above which they become clusters.
pub(crate) const POINTS_MAX: usize = 8_000;
/// Clusters of a tile in each direction, as bits.
const GRID_BITS: u32 = 6;
const GRID: usize = 1 << GRID_BITS;
/// Room below [`BYTES_MAX`] for what is not counted while a tile is written.
const BYTES_WANTED: usize = BYTES_MAX - 20_000;
/// Room for the clusters of a tile, in bytes.
const CLUSTERS_BYTES: usize = GRID * GRID * 16;
/// Sizes in steps below which lines and areas become clusters, and bits of places that are left out, try after try.
const TRIES: [(i64, u32); 6] = [(2, 0), (8, 1), (24, 2), (96, 3), (384, 4), (i64::MAX, 0)];
/// The key of the number of records that a feature stands for; without it a feature stands for one.
pub(crate) const COUNT_KEY: &str = "n";

/// What whoever asks sees of a sheet.
#[derive(Debug, Clone)]
pub(crate) struct View {
    /// Units whose rows are seen with the fields of lists; all without it.
    pub(crate) units: Option<Arc<[UnitId]>>,
    /// Whether what is published is seen.
    pub(crate) public: bool,
    /// Values that rows must have, by field.
    pub(crate) filters: Vec<(String, Box<[u8]>)>,
}

/// A view as it fits one sheet.
struct Fitted<'a> {
    sheet: &'a Sheet,
    gone: Option<&'a Bits>,
    own: Option<Vec<bool>>,
    public: bool,
    /// Codes that rows must have; none that any row has when a value is unknown.
    filters: Vec<(&'a [u32], Option<u32>, bool)>,
}

/// As what a row is seen.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Not,
    Published,
    Own,
}

impl<'a> Fitted<'a> {
    fn new(sheet: &'a Sheet, gone: Option<&'a Bits>, view: &View) -> Self {
        let own = view
            .units
            .as_ref()
            .map(|units| sheet.unit_table.iter().map(|unit| units.contains(unit)).collect());
        let filters = view.filters.iter().map(|(field, wanted)| {
            let found = sheet.filters.iter().find(|filter| filter.field == *field);
            found.map_or((&[][..], None, false), |filter| {
                (&filter.codes[..], filter.values.get(wanted).copied(), filter.is_public)
            })
        });
        Self {
            sheet,
            gone,
            own,
            public: view.public,
            filters: filters.collect(),
        }
    }

    #[inline]
    fn seen(&self, row: usize) -> Seen {
        if self.gone.is_some_and(|gone| gone.has(row)) {
            return Seen::Not;
        }
        let is_own = self.own.as_ref().is_none_or(|own| own[self.sheet.units[row] as usize]);
        let seen = match (is_own, self.public) {
            (true, _) => Seen::Own,
            (false, true) if self.sheet.published.has(row) => Seen::Published,
            _ => return Seen::Not,
        };
        // A filter by what is not published would tell it.
        let fits = self.filters.iter().all(|(codes, wanted, is_public)| {
            wanted.is_some_and(|wanted| codes[row] == wanted) && (*is_public || seen == Seen::Own)
        });
        if fits { seen } else { Seen::Not }
    }
}

/// The sheets of a layer: all rows of the first but those that are gone, and those of the second, which changed since.
pub(crate) struct Sheets<'a> {
    pub(crate) base: &'a Sheet,
    pub(crate) gone: Option<&'a Bits>,
    pub(crate) over: Option<&'a Sheet>,
}

impl<'a> Sheets<'a> {
    fn fitted(&self, view: &View) -> Vec<Fitted<'a>> {
        let base = Fitted::new(self.base, self.gone, view);
        std::iter::once(base)
            .chain(self.over.map(|over| Fitted::new(over, None, view)))
            .collect()
    }

    /// How many rows a tile at most goes through: whether it is drawn here or on another thread.
    pub(crate) fn about(&self, at: TileAt) -> usize {
        match &self.base.places {
            Places::Points(points) => Sheet::stretch(points, at).len(),
            Places::Shapes(shapes) => shapes.boxes.len(),
        }
    }
}

/// The clusters of a tile.
struct Grid {
    cells: Vec<(u32, u64, u64)>,
}

impl Grid {
    fn new() -> Self {
        Self {
            cells: vec![(0, 0, 0); GRID * GRID],
        }
    }

    #[inline]
    fn add(&mut self, [x, y]: [u32; 2]) {
        let bits = super::EXTENT_BITS - GRID_BITS;
        let cell = &mut self.cells[((y >> bits) as usize) * GRID + (x >> bits) as usize];
        *cell = (cell.0 + 1, cell.1 + u64::from(x), cell.2 + u64::from(y));
    }

    fn write(&self, layer: &mut Layer, key: u32) {
        for (count, x, y) in self.cells.iter().filter(|cell| cell.0 > 0) {
            layer.tag(key, *count, &value::whole(i64::from(*count)));
            let middle = |sum: &u64| u32::try_from(sum / u64::from(*count)).unwrap_or(0);
            layer.point(middle(x), middle(y));
        }
    }
}

fn local(at: TileAt, place: [u32; 2]) -> [u32; 2] {
    let ([x, y], bits) = (at.origin(), at.fine_bits());
    [(place[0] - x) >> bits, (place[1] - y) >> bits]
}

/// The tile. Empty when nothing of the layer is in it.
pub(crate) fn tile(name: &str, sheets: &Sheets<'_>, view: &View, at: TileAt) -> Vec<u8> {
    let fitted = sheets.fitted(view);
    match &sheets.base.places {
        Places::Points(_) => points(name, &fitted, at),
        Places::Shapes(_) => shapes(name, &fitted, at),
    }
}

/// The columns of a sheet with their keys in the layer. Every sheet of a layer has the same columns.
fn keys(layer: &mut Layer, fitted: &[Fitted<'_>]) -> Vec<u32> {
    let columns = fitted.first().map_or(&[][..], |fit| &fit.sheet.columns);
    columns.iter().map(|column| layer.key(&column.name)).collect()
}

/// The codes of one sheet are not those of the other: the second's are told apart by the highest bit.
const OTHER_SHEET: u32 = 1 << 31;

#[inline]
fn tags(layer: &mut Layer, keys: &[u32], sheet: &Sheet, which: usize, row: usize, seen: Seen) {
    let mark = if which == 0 { 0 } else { OTHER_SHEET };
    for (column, key) in sheet.columns.iter().zip(keys) {
        let code = column.codes[row];
        if code != NOTHING && (seen == Seen::Own || column.is_public) {
            layer.tag(*key, code | mark, column.value(code));
        }
    }
}

/// A sheet, its points, and those of them that a tile may show.
type Stretch<'a> = (&'a Fitted<'a>, &'a [[u32; 2]], std::ops::Range<usize>);

fn stretches<'a>(fitted: &'a [Fitted<'_>], at: TileAt) -> Vec<Stretch<'a>> {
    let each = fitted.iter().filter_map(|fit| match &fit.sheet.places {
        Places::Points(points) => Some((fit, &points[..], Sheet::stretch(points, at))),
        Places::Shapes(_) => None,
    });
    each.collect()
}

fn points(name: &str, fitted: &[Fitted<'_>], at: TileAt) -> Vec<u8> {
    let stretches = stretches(fitted, at);
    let mut left = POINTS_MAX;
    let is_few = stretches.iter().all(|(fit, _, rows)| {
        if rows.len() <= left {
            left -= rows.len();
            return true;
        }
        let seen = rows
            .clone()
            .filter(|row| fit.seen(*row) != Seen::Not)
            .take(left + 1)
            .count();
        let fits = seen <= left;
        left = left.saturating_sub(seen);
        fits
    });
    if is_few {
        let mut layer = Layer::new(name);
        let keys = keys(&mut layer, fitted);
        for (which, (fit, points, rows)) in stretches.iter().enumerate() {
            for row in rows.clone() {
                let seen = fit.seen(row);
                if seen != Seen::Not {
                    tags(&mut layer, &keys, fit.sheet, which, row, seen);
                    let [x, y] = local(at, points[row]);
                    layer.point(x, y);
                }
            }
        }
        if layer.size() <= BYTES_WANTED {
            return layer.tile(EXTENT);
        }
    }
    let mut grid = Grid::new();
    for (fit, points, rows) in &stretches {
        for row in rows.clone().filter(|row| fit.seen(*row) != Seen::Not) {
            grid.add(local(at, points[row]));
        }
    }
    let mut layer = Layer::new(name);
    let key = layer.key(COUNT_KEY);
    grid.write(&mut layer, key);
    layer.tile(EXTENT)
}

/// The box of a tile with what is drawn beyond its edge.
fn reach(at: TileAt) -> [u32; 4] {
    let ([x, y], bits) = (at.origin(), at.fine_bits());
    let buffer = BUFFER.unsigned_abs() << bits;
    let size = u64::from(EXTENT) << bits;
    let low = |at: u32| u32::try_from(u64::from(at).saturating_sub(buffer)).unwrap_or(0);
    let high = |at: u32| u32::try_from(u64::from(at) + size + buffer).unwrap_or(u32::MAX);
    [low(x), low(y), high(x), high(y)]
}

fn shapes(name: &str, fitted: &[Fitted<'_>], at: TileAt) -> Vec<u8> {
    let wanted = reach(at);
    let mut rows: Vec<(usize, usize, Seen)> = Vec::new();
    for (which, fit) in fitted.iter().enumerate() {
        let Places::Shapes(shapes) = &fit.sheet.places else {
            continue;
        };
        let found = shapes.candidates(wanted).map(|row| (which, row, fit.seen(row)));
        rows.extend(found.filter(|(_, _, seen)| *seen != Seen::Not));
    }
    for (least, coarse) in TRIES {
        if let Some(layer) = attempt(name, fitted, &rows, at, (least, coarse)) {
            return layer.tile(EXTENT);
        }
    }
    Vec::new()
}

fn attempt(
    name: &str,
    fitted: &[Fitted<'_>],
    rows: &[(usize, usize, Seen)],
    at: TileAt,
    (least, coarse): (i64, u32),
) -> Option<Layer> {
    let mut layer = Layer::new(name);
    let (count_key, keys) = (layer.key(COUNT_KEY), keys(&mut layer, fitted));
    let (mut grid, mut pen) = (Grid::new(), Pen::default());
    for (which, row, seen) in rows {
        let sheet = fitted[*which].sheet;
        let Places::Shapes(shapes) = &sheet.places else {
            continue;
        };
        let bounds = shapes.boxes[*row];
        let is_home = at.holds(middle(bounds));
        let size = i64::from((bounds[2] - bounds[0]).max(bounds[3] - bounds[1]) >> at.fine_bits());
        let is_drawn = size >= least && drawn(shapes, *row, at, coarse, &mut pen);
        if is_drawn {
            layer.tag(count_key, u32::from(is_home), &value::whole(i64::from(is_home)));
            tags(&mut layer, &keys, sheet, *which, *row, *seen);
            let of = if shapes.is_area { Type::Polygon } else { Type::Line };
            layer.feature(of, pen.bytes());
        } else if is_home {
            grid.add(local(at, middle(bounds)));
        }
        if least != i64::MAX && layer.size() > BYTES_WANTED - CLUSTERS_BYTES {
            return None;
        }
    }
    grid.write(&mut layer, count_key);
    Some(layer)
}

fn drawn(shapes: &Shapes, row: usize, at: TileAt, coarse: u32, pen: &mut Pen) -> bool {
    if shapes.is_area {
        shape::area(shapes.rings(row), at, coarse, pen)
    } else {
        shape::line(shapes.rings(row), at, coarse, pen)
    }
}

/// Goes through the rows that are seen and whose bounds meet a box of the square, until `on` says no.
pub(crate) fn each(
    sheets: &Sheets<'_>,
    view: &View,
    wanted: [u32; 4],
    on: &mut dyn FnMut(&Sheet, usize, bool) -> bool,
) {
    for fit in sheets.fitted(view) {
        let go = |row: usize, on: &mut dyn FnMut(&Sheet, usize, bool) -> bool| match fit.seen(row) {
            Seen::Not => true,
            seen => on(fit.sheet, row, seen == Seen::Own),
        };
        match &fit.sheet.places {
            Places::Shapes(shapes) => {
                for row in shapes.candidates(wanted) {
                    if !go(row, on) {
                        return;
                    }
                }
            }
            Places::Points(points) => {
                let stretch = around(points, wanted);
                for row in stretch {
                    let [x, y] = points[row];
                    if meet(&[x, y, x, y], &wanted) && !go(row, on) {
                        return;
                    }
                }
            }
        }
    }
}

/// The stretch of points of the smallest tile that holds a box.
fn around(points: &[[u32; 2]], [west, north, east, south]: [u32; 4]) -> std::ops::Range<usize> {
    let apart = (west ^ east) | (north ^ south);
    let z = apart.leading_zeros().min(u32::from(super::ZOOM_MAX));
    let shift = 32 - z;
    let of = |at: u32| u32::try_from(u64::from(at) >> shift).unwrap_or(0);
    match TileAt::new(u8::try_from(z).unwrap_or(0), of(west), of(north)) {
        Ok(at) => Sheet::stretch(points, at),
        Err(_) => 0..points.len(),
    }
}
