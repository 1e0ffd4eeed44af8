//! FlatGeobuf 3: a head, a packed Hilbert R-tree, features. Features are first written to a file beside, because the tree stands
//! before them and holds where each one lies; in memory stays one node of 48 bytes a feature. A layer in which a row has no place
//! gets no index, as the format has it, and keeps every row. Format: flatgeobuf.org, written with the `flatbuffers` crate.

use std::fs;
use std::io::{BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};

use definition::Geometry;
use flatbuffers::{FlatBufferBuilder, UnionWIPOffset, VOffsetT, WIPOffset};

use super::{Cell, ExportError, Layout, Sink, Type, float};
use crate::geometry::{Position, Shape};

const MAGIC: [u8; 8] = [0x66, 0x67, 0x62, 0x03, 0x66, 0x67, 0x62, 0x00];
/// Children of a node of the tree.
const NODE_SIZE: usize = 16;
/// The side of the square over which the Hilbert curve is drawn.
const HILBERT_MAX: f64 = 65_535.0;

/// A feature or a node of the tree: west, south, east, north, and where it is.
#[derive(Clone, Copy)]
struct Node {
    bounds: [f64; 4],
    offset: u64,
    size: u32,
    curve: u32,
}

pub(super) struct File {
    layout: Layout,
    path: PathBuf,
    beside: PathBuf,
    features: BufWriter<fs::File>,
    nodes: Vec<Node>,
    rows: u64,
    offset: u64,
    bounds: [f64; 4],
    builder: FlatBufferBuilder<'static>,
    properties: Vec<u8>,
}

const NOTHING: [f64; 4] = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];

fn wider(one: [f64; 4], other: [f64; 4]) -> [f64; 4] {
    [
        one[0].min(other[0]),
        one[1].min(other[1]),
        one[2].max(other[2]),
        one[3].max(other[3]),
    ]
}

/// The place of a field in its table.
const fn slot(at: VOffsetT) -> VOffsetT {
    4 + 2 * at
}

impl File {
    pub(super) fn create(layout: Layout, path: &Path) -> Result<Self, ExportError> {
        let beside = path.with_extension("features");
        Ok(Self {
            layout,
            path: path.to_owned(),
            features: BufWriter::with_capacity(1 << 18, fs::File::create(&beside)?),
            beside,
            nodes: Vec::new(),
            rows: 0,
            offset: 0,
            bounds: NOTHING,
            builder: FlatBufferBuilder::with_capacity(1_024),
            properties: Vec::with_capacity(512),
        })
    }

    /// The values that are there: the number of the column, then the value as its type has it.
    fn properties(&mut self, cells: &[Cell]) {
        self.properties.clear();
        for (at, (field, cell)) in self.layout.fields.iter().zip(cells).enumerate() {
            let column = u16::try_from(at).unwrap_or(u16::MAX).to_le_bytes();
            let out = &mut self.properties;
            match cell {
                Cell::Null => continue,
                _ => out.extend(column),
            }
            match cell {
                Cell::Null => {}
                Cell::Bool(yes) => out.push(u8::from(*yes)),
                Cell::Number(units) => match field.ty {
                    Type::Number(scale) if scale > 0 => out.extend(float(*units, scale).to_le_bytes()),
                    _ => out.extend(units.to_le_bytes()),
                },
                Cell::Text(text) => string(out, text),
                Cell::Date(day) => string(out, &day.to_string()),
                Cell::Time(time) => string(out, &time.to_string()),
            }
        }
    }

    fn feature(&mut self, place: Option<&Shape>) {
        self.builder.reset();
        let builder = &mut self.builder;
        let geometry = place.map(|shape| geometry(builder, shape));
        let properties = builder.create_vector(&self.properties);
        let table = builder.start_table();
        if let Some(geometry) = geometry {
            builder.push_slot_always(slot(0), geometry);
        }
        builder.push_slot_always(slot(1), properties);
        let table = builder.end_table(table);
        builder.finish_size_prefixed(table, None);
    }

    fn head(&mut self, is_indexed: bool) -> Vec<u8> {
        let mut builder = FlatBufferBuilder::with_capacity(4_096);
        let columns: Vec<_> = self
            .layout
            .fields
            .iter()
            .map(|field| column(&mut builder, field))
            .collect();
        let columns = builder.create_vector(&columns);
        let name = builder.create_string(&self.layout.name);
        let title = builder.create_string(&self.layout.title);
        let about = builder.create_string(&self.layout.about);
        let crs = system(&mut builder, &self.layout);
        let envelope = (self.bounds[0] <= self.bounds[2]).then(|| builder.create_vector(&self.bounds));
        let table = builder.start_table();
        builder.push_slot_always(slot(8), self.rows);
        builder.push_slot_always(slot(0), name);
        if let Some(envelope) = envelope {
            builder.push_slot_always(slot(1), envelope);
        }
        builder.push_slot_always(slot(7), columns);
        builder.push_slot_always(slot(10), crs);
        builder.push_slot_always(slot(11), title);
        builder.push_slot_always(slot(12), about);
        builder.push_slot_always(slot(9), if is_indexed { NODE_SIZE as u16 } else { 0 });
        builder.push_slot_always(slot(2), geometry_type(self.layout.geometry));
        let table = builder.end_table(table);
        builder.finish_size_prefixed(table, None);
        builder.finished_data().to_vec()
    }
}

fn string(out: &mut Vec<u8>, text: &str) {
    out.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend(text.as_bytes());
}

const fn geometry_type(geometry: Option<Geometry>) -> u8 {
    match geometry {
        None => 0,
        Some(Geometry::Point) => 1,
        Some(Geometry::Line) => 2,
        Some(Geometry::Polygon) => 3,
    }
}

fn geometry(builder: &mut FlatBufferBuilder<'static>, shape: &Shape) -> WIPOffset<UnionWIPOffset> {
    let flat = |all: &[Position]| all.iter().flatten().copied().collect::<Vec<f64>>();
    let (xy, ends, kind) = match shape {
        Shape::Point(at) => (flat(std::slice::from_ref(at)), None, 1_u8),
        Shape::Line(line) => (flat(line), None, 2),
        Shape::Polygon(rings) => {
            let all: Vec<f64> = rings.iter().flat_map(|ring| flat(ring)).collect();
            let mut end = 0_u32;
            let ends: Vec<u32> = rings
                .iter()
                .map(|ring| {
                    end += u32::try_from(ring.len()).unwrap_or(0);
                    end
                })
                .collect();
            (all, (rings.len() > 1).then_some(ends), 3)
        }
    };
    let ends = ends.map(|ends| builder.create_vector(&ends));
    let xy = builder.create_vector(&xy);
    let table = builder.start_table();
    if let Some(ends) = ends {
        builder.push_slot_always(slot(0), ends);
    }
    builder.push_slot_always(slot(1), xy);
    builder.push_slot_always(slot(6), kind);
    let table = builder.end_table(table);
    WIPOffset::new(table.value())
}

fn column(builder: &mut FlatBufferBuilder<'_>, field: &super::Field) -> WIPOffset<UnionWIPOffset> {
    let kind: u8 = match field.ty {
        Type::Boolean => 2,
        Type::Number(0) => 7,
        Type::Number(_) => 10,
        Type::Text => 11,
        Type::Date | Type::Time => 13,
    };
    let name = builder.create_string(&field.name);
    let title = builder.create_string(field.label.get(kernel::Lang::Vi));
    let table = builder.start_table();
    builder.push_slot_always(slot(0), name);
    builder.push_slot_always(slot(2), title);
    builder.push_slot_always(slot(1), kind);
    let table = builder.end_table(table);
    WIPOffset::new(table.value())
}

fn system(builder: &mut FlatBufferBuilder<'_>, layout: &Layout) -> WIPOffset<UnionWIPOffset> {
    let org = builder.create_string("EPSG");
    let name = builder.create_string(&layout.crs.name);
    let wkt = builder.create_string(&super::system::wkt(layout.crs));
    let table = builder.start_table();
    builder.push_slot_always(slot(0), org);
    builder.push_slot_always(slot(1), layout.epsg());
    builder.push_slot_always(slot(2), name);
    builder.push_slot_always(slot(4), wkt);
    let table = builder.end_table(table);
    WIPOffset::new(table.value())
}

/// The place on the Hilbert curve of a point of a square of 65,536 by 65,536.
fn hilbert(x: u32, y: u32) -> u32 {
    let (mut x, mut y, mut place) = (x, y, 0_u32);
    let mut side = 1_u32 << 15;
    while side > 0 {
        let (right, upper) = (u32::from(x & side > 0), u32::from(y & side > 0));
        place = place.wrapping_add(side.wrapping_mul(side).wrapping_mul((3 * right) ^ upper));
        if upper == 0 {
            if right == 1 {
                (x, y) = (0xffff ^ x, 0xffff ^ y);
            }
            std::mem::swap(&mut x, &mut y);
        }
        side >>= 1;
    }
    place
}

/// Puts features that lie near each other near each other in the file.
fn order(nodes: &mut [Node], whole: [f64; 4]) {
    let place = |low: f64, high: f64, from: f64, to: f64| {
        let width = to - from;
        if width <= 0.0 {
            return 0;
        }
        ((f64::midpoint(low, high) - from) / width * HILBERT_MAX).clamp(0.0, HILBERT_MAX) as u32
    };
    for node in nodes.iter_mut() {
        let [west, south, east, north] = node.bounds;
        node.curve = hilbert(
            place(west, east, whole[0], whole[2]),
            place(south, north, whole[1], whole[3]),
        );
    }
    nodes.sort_by_key(|node| (node.curve, node.offset));
}

/// The levels of the tree from the leaves to the root, each as where it begins in the file and how many nodes it has.
fn levels(leaves: usize) -> Vec<(usize, usize)> {
    let mut counts = vec![leaves];
    let mut count = leaves;
    while count > 1 {
        count = count.div_ceil(NODE_SIZE);
        counts.push(count);
    }
    if leaves == 1 {
        // A tree has a root even over one leaf.
        counts.push(1);
    }
    let mut end: usize = counts.iter().sum();
    counts
        .into_iter()
        .map(|count| {
            end -= count;
            (end, count)
        })
        .collect()
}

/// Every node in the order of the file: the root first, the leaves last. A leaf holds where its feature lies after the tree, every
/// other node which node its first child is.
fn tree(leaves: &[Node]) -> Vec<([f64; 4], u64)> {
    let levels = levels(leaves.len());
    let total: usize = levels.iter().map(|(_, count)| count).sum();
    let mut nodes = vec![(NOTHING, 0_u64); total];
    let mut offset = 0;
    for (at, leaf) in leaves.iter().enumerate() {
        nodes[levels[0].0 + at] = (leaf.bounds, offset);
        offset += u64::from(leaf.size);
    }
    for pair in levels.windows(2) {
        let ((from, count), (to, _)) = (pair[0], pair[1]);
        for (parent, first) in (from..from + count).step_by(NODE_SIZE).enumerate() {
            let children = &nodes[first..(first + NODE_SIZE).min(from + count)];
            let bounds = children.iter().fold(NOTHING, |bounds, child| wider(bounds, child.0));
            nodes[to + parent] = (bounds, first as u64);
        }
    }
    nodes
}

impl Sink for File {
    fn row(&mut self, cells: &[Cell], place: Option<&Shape>) -> Result<(), ExportError> {
        self.properties(cells);
        let placed = place.map(|place| self.layout.placed(place)).transpose()?;
        self.feature(placed.as_deref());
        let bytes = self.builder.finished_data();
        self.features.write_all(bytes)?;
        let size = u32::try_from(bytes.len()).map_err(|_| ExportError::Format("a feature is too large".to_owned()))?;
        self.rows += 1;
        if let Some(shape) = placed {
            let bounds = shape.bounds();
            self.bounds = wider(self.bounds, bounds);
            self.nodes.push(Node {
                bounds,
                offset: self.offset,
                size,
                curve: 0,
            });
        }
        self.offset += u64::from(size);
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<(), ExportError> {
        self.features.flush()?;
        let is_indexed = self.rows > 0 && self.nodes.len() as u64 == self.rows;
        let mut out = BufWriter::with_capacity(1 << 18, fs::File::create(&self.path)?);
        out.write_all(&MAGIC)?;
        let head = self.head(is_indexed);
        out.write_all(&head)?;
        let mut features = fs::File::open(&self.beside)?;
        if is_indexed {
            order(&mut self.nodes, self.bounds);
            for (bounds, offset) in tree(&self.nodes) {
                for number in bounds {
                    out.write_all(&number.to_le_bytes())?;
                }
                out.write_all(&offset.to_le_bytes())?;
            }
            let mut bytes = Vec::new();
            for node in &self.nodes {
                bytes.resize(node.size as usize, 0);
                features.seek(SeekFrom::Start(node.offset))?;
                features.read_exact(&mut bytes)?;
                out.write_all(&bytes)?;
            }
        } else {
            std::io::copy(&mut BufReader::with_capacity(1 << 18, features), &mut out)?;
        }
        out.flush()?;
        fs::remove_file(&self.beside)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_visits_every_cell_once() {
        let mut seen = vec![false; 4_096];
        for x in 0..64 {
            for y in 0..64 {
                // The corner of 64 by 64 cells is the beginning of the curve.
                let place = hilbert(x, y) as usize;
                assert!(!std::mem::replace(&mut seen[place], true), "{x} {y}");
            }
        }
        assert!(seen.iter().all(|seen| *seen));
    }

    #[test]
    fn a_tree_has_its_root_first_and_its_leaves_last() {
        assert_eq!(levels(1), [(1, 1), (0, 1)]);
        assert_eq!(levels(16), [(1, 16), (0, 1)]);
        assert_eq!(levels(17), [(3, 17), (1, 2), (0, 1)]);
        let leaf = |x: f64, size: u32| Node {
            bounds: [x, 0.0, x, 1.0],
            offset: 0,
            size,
            curve: 0,
        };
        let leaves: Vec<Node> = (0..17).map(|at| leaf(f64::from(at), 10)).collect();
        let nodes = tree(&leaves);
        assert_eq!(nodes[0], ([0.0, 0.0, 16.0, 1.0], 1));
        assert_eq!(nodes[1], ([0.0, 0.0, 15.0, 1.0], 3));
        assert_eq!(nodes[2], ([16.0, 0.0, 16.0, 1.0], 19));
        assert_eq!(nodes[19].1, 160);
    }
}
