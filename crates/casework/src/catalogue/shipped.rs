//! The procedures that come with the program: the demonstration's catalogue, embedded.
//! Owns the bytes alone; where they come from stands in `provinces/_catalogue/PROVENANCE.md`.

use std::io::{BufRead, BufReader};

use flate2::read::MultiGzDecoder;

/// One procedure a line, gzip.
static SHIPPED: &[u8] = include_bytes!("../../../../provinces/_catalogue/procedures.jsonl.gz");

/// The lines of the shipped catalogue, ready for `procedure::import`.
#[must_use]
pub fn shipped() -> impl BufRead {
    BufReader::new(MultiGzDecoder::new(SHIPPED))
}
