//! A layer in memory: where each row is, whose it is and what it says, row by row in the order of tiles. Values stand once and rows
//! hold their numbers. Owns the search for rows by place; refuses more rows than fit into its bytes.

use std::collections::HashMap;
use std::ops::Range;

use identity::UnitId;
use uuid::Uuid;

use super::TileAt;
use super::mercator::order;

/// Rows whose bounds are looked at as one.
const BLOCK: usize = 64;
/// No value.
pub(crate) const NOTHING: u32 = u32::MAX;

/// A set of rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    pub(crate) fn of(rows: usize) -> Self {
        Self(vec![0; rows.div_ceil(64)])
    }

    #[inline]
    pub(crate) fn has(&self, row: usize) -> bool {
        self.0.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    pub(crate) fn add(&mut self, row: usize) {
        if let Some(word) = self.0.get_mut(row / 64) {
            *word |= 1 << (row % 64);
        }
    }

    fn bytes(&self) -> usize {
        self.0.len() * 8
    }
}

/// What rows say under one key: the number of a value for each row.
#[derive(Debug, Default)]
pub(crate) struct Column {
    /// The key.
    pub(crate) name: String,
    /// Whether it is published.
    pub(crate) is_public: bool,
    /// Number of each row's value.
    pub(crate) codes: Vec<u32>,
    /// The values as tiles write them, one after another.
    pub(crate) bytes: Vec<u8>,
    /// Where each value ends.
    pub(crate) ends: Vec<u32>,
}

impl Column {
    /// The value of a number as tiles write it.
    #[inline]
    pub(crate) fn value(&self, code: u32) -> &[u8] {
        let code = code as usize;
        let first = if code == 0 { 0 } else { self.ends[code - 1] as usize };
        &self.bytes[first..self.ends[code] as usize]
    }

    fn size(&self) -> usize {
        self.codes.len() * 4 + self.bytes.len() + self.ends.len() * 4
    }
}

/// What rows are filtered by: the number of a value for each row, and the values by what filters compare.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    /// The field.
    pub(crate) field: String,
    /// Whether whoever sees only what is published may filter by it.
    pub(crate) is_public: bool,
    /// Number of each row's value.
    pub(crate) codes: Vec<u32>,
    /// Values.
    pub(crate) values: HashMap<Box<[u8]>, u32>,
}

/// Lines and areas.
#[derive(Debug, Default)]
pub(crate) struct Shapes {
    /// West, north, east, south of each row.
    pub(crate) boxes: Vec<[u32; 4]>,
    /// The first ring or line of each row, and the end of the last.
    pub(crate) rows: Vec<u32>,
    /// Where each ring ends among the positions, and whether it is an outer one or a line.
    pub(crate) rings: Vec<(u32, bool)>,
    /// Positions of all rings.
    pub(crate) positions: Vec<[u32; 2]>,
    /// Bounds of each block of rows.
    pub(crate) blocks: Vec<[u32; 4]>,
    /// Whether rings are areas.
    pub(crate) is_area: bool,
}

/// Where rows are.
#[derive(Debug)]
pub(crate) enum Places {
    Points(Vec<[u32; 2]>),
    Shapes(Shapes),
}

/// A layer.
#[derive(Debug)]
pub(crate) struct Sheet {
    pub(crate) ids: Vec<Uuid>,
    /// Place of each row's unit among `unit_table`.
    pub(crate) units: Vec<u16>,
    pub(crate) unit_table: Vec<UnitId>,
    /// Rows that are published.
    pub(crate) published: Bits,
    pub(crate) places: Places,
    pub(crate) columns: Vec<Column>,
    pub(crate) filters: Vec<Filter>,
}

pub(crate) fn meet(one: &[u32; 4], other: &[u32; 4]) -> bool {
    one[0] <= other[2] && one[2] >= other[0] && one[1] <= other[3] && one[3] >= other[1]
}

/// The middle of bounds.
pub(crate) fn middle([west, north, east, south]: [u32; 4]) -> [u32; 2] {
    [west + (east - west) / 2, north + (south - north) / 2]
}

impl Shapes {
    /// The bounds of rows that may meet a box.
    pub(crate) fn candidates(&self, wanted: [u32; 4]) -> impl Iterator<Item = usize> + '_ {
        let blocks = self
            .blocks
            .iter()
            .enumerate()
            .filter(move |(_, block)| meet(block, &wanted));
        let rows = blocks.flat_map(|(at, _)| at * BLOCK..((at + 1) * BLOCK).min(self.boxes.len()));
        rows.filter(move |row| meet(&self.boxes[*row], &wanted))
    }

    /// The rings of a row: positions, and whether it is an outer one or a line.
    pub(crate) fn rings(&self, row: usize) -> impl Iterator<Item = (&[[u32; 2]], bool)> {
        let rings = self.rows[row] as usize..self.rows[row + 1] as usize;
        rings.map(|ring| {
            let first = if ring == 0 { 0 } else { self.rings[ring - 1].0 as usize };
            let (end, is_outer) = self.rings[ring];
            (&self.positions[first..end as usize], is_outer)
        })
    }
}

impl Sheet {
    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// The rows of points that lie in a tile: one stretch of them.
    pub(crate) fn stretch(points: &[[u32; 2]], at: TileAt) -> Range<usize> {
        let (first, end) = at.stretch();
        let from = points.partition_point(|place| order(*place) < first);
        let behind = points[from..].partition_point(|place| u128::from(order(*place)) < end);
        from..from + behind
    }

    /// The bounds of a row: a point is its own.
    pub(crate) fn bounds(&self, row: usize) -> [u32; 4] {
        match &self.places {
            Places::Points(points) => {
                let [x, y] = points[row];
                [x, y, x, y]
            }
            Places::Shapes(shapes) => shapes.boxes[row],
        }
    }

    /// How much memory it takes, in bytes.
    pub(crate) fn size(&self) -> usize {
        let places = match &self.places {
            Places::Points(points) => points.len() * 8,
            Places::Shapes(shapes) => {
                shapes.boxes.len() * 20 + shapes.rings.len() * 8 + shapes.positions.len() * 8 + shapes.blocks.len() * 16
            }
        };
        let filters = self.filters.iter().map(|filter| {
            let keys: usize = filter.values.keys().map(|key| key.len() + 48).sum();
            filter.codes.len() * 4 + keys
        });
        let columns: usize = self.columns.iter().map(Column::size).sum();
        self.ids.len() * 18 + self.published.bytes() + places + columns + filters.sum::<usize>()
    }
}

/// A column or a filter while rows come in.
#[derive(Debug, Default)]
struct Coded {
    codes: Vec<u32>,
    known: HashMap<Box<[u8]>, u32>,
    bytes: usize,
}

impl Coded {
    fn push(&mut self, value: Option<&[u8]>) {
        let code = match value {
            None => NOTHING,
            Some(value) => match self.known.get(value) {
                Some(code) => *code,
                None => {
                    let code = u32::try_from(self.known.len()).unwrap_or(NOTHING);
                    self.known.insert(value.into(), code);
                    self.bytes += value.len() + 48;
                    code
                }
            },
        };
        self.codes.push(code);
    }

    fn in_order(&self, rows: &[u32]) -> Vec<u32> {
        rows.iter().map(|row| self.codes[*row as usize]).collect()
    }
}

/// A sheet while rows come in, in any order.
pub(crate) struct Builder {
    ids: Vec<Uuid>,
    units: Vec<u16>,
    unit_table: Vec<UnitId>,
    unit_places: HashMap<UnitId, u16>,
    published: Vec<bool>,
    points: Option<Vec<[u32; 2]>>,
    shapes: Shapes,
    columns: Vec<(String, bool, Coded)>,
    filters: Vec<(String, bool, Coded)>,
}

/// A row as it comes in.
pub(crate) struct RowHead {
    pub(crate) id: Uuid,
    pub(crate) unit: UnitId,
    pub(crate) is_published: bool,
}

impl Builder {
    /// A sheet of points, or of lines or areas, with these keys and filters; each says whether it is published.
    pub(crate) fn new(
        is_point: bool,
        is_area: bool,
        columns: Vec<(String, bool)>,
        filters: Vec<(String, bool)>,
    ) -> Self {
        let coded = |all: Vec<(String, bool)>| {
            all.into_iter()
                .map(|(name, open)| (name, open, Coded::default()))
                .collect()
        };
        Self {
            ids: Vec::new(),
            units: Vec::new(),
            unit_table: Vec::new(),
            unit_places: HashMap::new(),
            published: Vec::new(),
            points: is_point.then(Vec::new),
            shapes: Shapes {
                rows: vec![0],
                is_area,
                ..Shapes::default()
            },
            columns: coded(columns),
            filters: coded(filters),
        }
    }

    /// About how much memory the rows take that came in.
    pub(crate) fn size(&self) -> usize {
        let coded = self.columns.iter().chain(&self.filters);
        let values: usize = coded.map(|(_, _, coded)| coded.codes.len() * 4 + coded.bytes).sum();
        self.ids.len() * 27 + self.shapes.positions.len() * 8 + self.shapes.boxes.len() * 28 + values
    }

    fn head(&mut self, head: &RowHead) {
        let next = u16::try_from(self.unit_table.len()).unwrap_or(u16::MAX);
        let unit = *self.unit_places.entry(head.unit).or_insert_with(|| {
            self.unit_table.push(head.unit);
            next
        });
        self.ids.push(head.id);
        self.units.push(unit);
        self.published.push(head.is_published);
    }

    /// A row that is a point.
    pub(crate) fn point(&mut self, head: &RowHead, place: [u32; 2]) {
        self.head(head);
        if let Some(points) = &mut self.points {
            points.push(place);
        }
    }

    /// A row of lines or rings, each with whether it is an outer one or a line. One without positions is left out.
    pub(crate) fn shape(&mut self, head: &RowHead, rings: &[(Vec<[u32; 2]>, bool)]) -> bool {
        let mut bounds = [u32::MAX, u32::MAX, 0, 0];
        for [x, y] in rings.iter().flat_map(|(ring, _)| ring) {
            bounds = [
                bounds[0].min(*x),
                bounds[1].min(*y),
                bounds[2].max(*x),
                bounds[3].max(*y),
            ];
        }
        if bounds[0] > bounds[2] {
            return false;
        }
        self.head(head);
        for (ring, is_outer) in rings {
            self.shapes.positions.extend_from_slice(ring);
            let end = u32::try_from(self.shapes.positions.len()).unwrap_or(u32::MAX);
            self.shapes.rings.push((end, *is_outer));
        }
        self.shapes
            .rows
            .push(u32::try_from(self.shapes.rings.len()).unwrap_or(u32::MAX));
        self.shapes.boxes.push(bounds);
        true
    }

    /// The value of the row that came in last under the next key.
    pub(crate) fn value(&mut self, column: usize, encoded: Option<&[u8]>) {
        self.columns[column].2.push(encoded);
    }

    /// What the row that came in last is compared by.
    pub(crate) fn filter(&mut self, filter: usize, compared: Option<&[u8]>) {
        self.filters[filter].2.push(compared);
    }

    /// The sheet: rows in the order of tiles.
    pub(crate) fn finish(mut self) -> Sheet {
        let places: Vec<u64> = match &self.points {
            Some(points) => points.iter().map(|place| order(*place)).collect(),
            None => self.shapes.boxes.iter().map(|bounds| order(middle(*bounds))).collect(),
        };
        let mut rows: Vec<u32> = (0..u32::try_from(places.len()).unwrap_or(u32::MAX)).collect();
        rows.sort_by_key(|row| places[*row as usize]);
        drop(places);
        let mut published = Bits::of(rows.len());
        for (at, row) in rows.iter().enumerate() {
            if self.published[*row as usize] {
                published.add(at);
            }
        }
        let places = match self.points.take() {
            Some(points) => Places::Points(rows.iter().map(|row| points[*row as usize]).collect()),
            None => Places::Shapes(in_order(&self.shapes, &rows)),
        };
        Sheet {
            ids: rows.iter().map(|row| self.ids[*row as usize]).collect(),
            units: rows.iter().map(|row| self.units[*row as usize]).collect(),
            unit_table: self.unit_table,
            published,
            places,
            columns: self.columns.into_iter().map(|column| finished(column, &rows)).collect(),
            filters: self
                .filters
                .into_iter()
                .map(|(field, is_public, coded)| Filter {
                    codes: coded.in_order(&rows),
                    values: coded.known,
                    field,
                    is_public,
                })
                .collect(),
        }
    }
}

fn finished((name, is_public, coded): (String, bool, Coded), rows: &[u32]) -> Column {
    let codes = coded.in_order(rows);
    let mut values: Vec<(u32, Box<[u8]>)> = coded.known.into_iter().map(|(value, code)| (code, value)).collect();
    values.sort_unstable_by_key(|(code, _)| *code);
    let (mut bytes, mut ends) = (Vec::new(), Vec::with_capacity(values.len()));
    for (_, value) in values {
        bytes.extend_from_slice(&value);
        ends.push(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    }
    Column {
        name,
        is_public,
        codes,
        bytes,
        ends,
    }
}

fn in_order(shapes: &Shapes, rows: &[u32]) -> Shapes {
    let mut sorted = Shapes {
        rows: vec![0],
        is_area: shapes.is_area,
        ..Shapes::default()
    };
    for row in rows {
        for (ring, is_outer) in shapes.rings(*row as usize) {
            sorted.positions.extend_from_slice(ring);
            sorted
                .rings
                .push((u32::try_from(sorted.positions.len()).unwrap_or(u32::MAX), is_outer));
        }
        sorted.rows.push(u32::try_from(sorted.rings.len()).unwrap_or(u32::MAX));
        sorted.boxes.push(shapes.boxes[*row as usize]);
    }
    sorted.blocks = sorted
        .boxes
        .chunks(BLOCK)
        .map(|block| {
            block.iter().fold([u32::MAX, u32::MAX, 0, 0], |all, one| {
                [
                    all[0].min(one[0]),
                    all[1].min(one[1]),
                    all[2].max(one[2]),
                    all[3].max(one[3]),
                ]
            })
        })
        .collect();
    sorted
}
