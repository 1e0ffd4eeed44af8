//! GeoPackages: a database of SQLite that a stranger made. Owns the blob of a geometry and what may be read of the file: plain
//! tables that it lists itself. Refuses views, triggers and virtual tables, which could run whatever they say, and every
//! statement that would write. Standard: OGC 12-128r19.

mod store;

use std::fs::File;
use std::io::Read as _;
use std::sync::Arc;

use crate::{Ask, At, Cell, CellFault, Format, Head, Piece, Refusal, Sink, wkb};

pub(crate) use store::{Package, open};

/// Whether a file is a database of SQLite.
pub(crate) fn is_one(file: &Arc<File>) -> bool {
    let mut head = [0; 16];
    let read = At::new(file.clone()).and_then(|mut at| at.read_exact(&mut head));
    read.is_ok() && head == *b"SQLite format 3\0"
}

/// Reads a layer.
pub(crate) fn read(package: Package, ask: &Ask, sink: Sink<'_>) -> Result<(), Refusal> {
    let layers = package.layers()?;
    let layer = match &ask.layer {
        Some(wanted) => layers.iter().find(|layer| layer.name == *wanted),
        None => layers.first(),
    };
    let layer = layer.ok_or(Refusal::NoLayer)?;
    let columns = package.columns(layer)?;
    sink(Piece::Head(Head {
        format: Format::Geopackage,
        charset: None,
        is_charset_sure: true,
        delimiter: None,
        layers: layers.iter().map(|layer| layer.name.clone()).collect(),
        layer: Some(layer.name.clone()),
        heading_row: None,
        columns: columns.clone(),
        has_shape: layer.geometry.is_some(),
        crs: layer.crs.clone(),
    }))?;
    let end = package.rows(layer, &columns, ask.rows_max, &mut |row| sink(Piece::Row(row)))?;
    sink(Piece::End(end))
}

/// The blob of a geometry: a header of its own, then well-known binary.
fn shape(blob: &[u8]) -> (Cell, bool) {
    let Some(binary) = binary(blob) else {
        return (Cell::Fault(CellFault::Shape), false);
    };
    match wkb::read(binary) {
        Ok(taken) => (taken.shape.map_or(Cell::Empty, |shape| shape.cell()), taken.has_heights),
        Err(fault) => (Cell::Fault(fault), false),
    }
}

fn binary(blob: &[u8]) -> Option<&[u8]> {
    let [b'G', b'P', _version, flags, ..] = blob else {
        return None;
    };
    let envelope = match (flags >> 1) & 7 {
        0 => 0,
        1 => 32,
        2 | 3 => 48,
        4 => 64,
        _ => return None,
    };
    blob.get(8 + envelope..)
}
