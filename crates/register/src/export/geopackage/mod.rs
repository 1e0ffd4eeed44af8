//! GeoPackage 1.3: a SQLite file with a table of features, its extent, its system of coordinates and a spatial index. The index is
//! an R-tree of SQLite itself, filled row by row; the triggers that the standard asks for keep it right in the hands of others.
//! Standard: OGC 12-128r17 (GeoPackage Encoding Standard), its RTree Spatial Indexes extension.

mod store;

use std::path::Path;

use super::{Cell, ExportError, Layout, Sink};
use crate::geometry::Shape;

/// Rows of one transaction: what SQLite holds of them in memory is bounded by its cache anyway.
const BATCH_ROWS: u64 = 50_000;

pub(super) struct File {
    package: store::Package,
    layout: Layout,
    rows: u64,
    bounds: [f64; 4],
}

impl File {
    pub(super) fn create(layout: Layout, path: &Path) -> Result<Self, ExportError> {
        Ok(Self {
            package: store::Package::create(&layout, path)?,
            layout,
            rows: 0,
            bounds: [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY],
        })
    }
}

/// The geometry of a GeoPackage: its own head with the bounds, then well-known binary.
fn binary(shape: &Shape, srs: i32) -> Vec<u8> {
    let [west, south, east, north] = shape.bounds();
    let mut out = vec![b'G', b'P', 0];
    match shape {
        // Little-endian and no envelope: a point is its own.
        Shape::Point(_) => out.push(0b0000_0001),
        // Little-endian, an envelope of two dimensions.
        Shape::Line(_) | Shape::Polygon(_) => out.push(0b0000_0011),
    }
    out.extend(srs.to_le_bytes());
    if !matches!(shape, Shape::Point(_)) {
        for number in [west, east, south, north] {
            out.extend(number.to_le_bytes());
        }
    }
    out.extend(shape.to_wkb());
    out
}

impl Sink for File {
    fn row(&mut self, cells: &[Cell], place: Option<&Shape>) -> Result<(), ExportError> {
        let placed = place.filter(|_| self.layout.geometry.is_some());
        let placed = placed.map(|place| self.layout.placed(place)).transpose()?;
        let geometry = placed.as_ref().map(|shape| {
            let bounds = shape.bounds();
            self.bounds = [
                self.bounds[0].min(bounds[0]),
                self.bounds[1].min(bounds[1]),
                self.bounds[2].max(bounds[2]),
                self.bounds[3].max(bounds[3]),
            ];
            (binary(shape, self.layout.epsg()), bounds)
        });
        self.rows += 1;
        self.package.insert(self.rows, &self.layout, cells, geometry)?;
        if self.rows.is_multiple_of(BATCH_ROWS) {
            self.package.checkpoint()?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), ExportError> {
        let bounds = (self.bounds[0] <= self.bounds[2]).then_some(self.bounds);
        self.package.finish(&self.layout, bounds)
    }
}
