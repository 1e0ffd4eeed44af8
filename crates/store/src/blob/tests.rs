//! The sealed form of a blob, without a place to lie in.

use kernel::{Timestamp, World};
use proptest::prelude::*;
use uuid::Uuid;

use super::{
    BlobId,
    chunks::{CHUNK, DataKey, Opener, Sealer, TAG},
};

struct Fixed;

impl World for Fixed {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(0)
    }

    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

fn id() -> BlobId {
    BlobId::from_uuid(Uuid::from_u128(42))
}

fn seal(body: &[u8], piece: usize) -> Vec<u8> {
    let mut sealer = Sealer::new(&DataKey::generate(&Fixed), id());
    let mut out = Vec::new();
    for piece in body.chunks(piece.max(1)) {
        sealer.push(piece, &mut out);
    }
    sealer.finish(&mut out);
    out
}

fn open(stored: &[u8], piece: usize, id: BlobId) -> Option<Vec<u8>> {
    let mut opener = Opener::new(&DataKey::generate(&Fixed), id);
    let mut out = Vec::new();
    for piece in stored.chunks(piece.max(1)) {
        opener.push(piece, &mut out).ok()?;
    }
    opener.finish(&mut out).ok()?;
    Some(out)
}

fn body(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at % 251) as u8).collect()
}

#[test]
fn every_length_around_a_chunk_comes_back() {
    for length in [
        0,
        1,
        CHUNK - 1,
        CHUNK,
        CHUNK + 1,
        2 * CHUNK,
        2 * CHUNK + 1,
        3 * CHUNK + 500,
    ] {
        let stored = seal(&body(length), 10_000);
        let chunks = length.div_ceil(CHUNK).max(1);
        assert_eq!(stored.len(), length + chunks * TAG, "length {length}");
        assert_eq!(open(&stored, 7_777, id()), Some(body(length)), "length {length}");
    }
}

#[test]
fn chunks_cannot_be_cut_off_left_out_repeated_or_swapped() {
    let stored = seal(&body(3 * CHUNK), 9_000);
    let part = CHUNK + TAG;
    let chunk = |at: usize| &stored[at * part..(at + 1) * part];
    let forged = [
        stored[..2 * part].to_vec(),
        stored[..stored.len() - 1].to_vec(),
        [chunk(0), chunk(2)].concat(),
        [chunk(0), chunk(0), chunk(1), chunk(2)].concat(),
        [chunk(1), chunk(0), chunk(2)].concat(),
        [chunk(0), chunk(1), chunk(2), chunk(2)].concat(),
        [&stored[..], &[0]].concat(),
        Vec::new(),
    ];
    for (which, forged) in forged.iter().enumerate() {
        assert_eq!(open(forged, 5_000, id()), None, "forgery {which}");
    }
    assert_eq!(
        open(&stored, 5_000, BlobId::from_uuid(Uuid::from_u128(43))),
        None,
        "another blob's"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn pieces_do_not_matter(length in 0..200_000_usize, in_piece in 1..90_000_usize, out_piece in 1..90_000_usize) {
        let stored = seal(&body(length), in_piece);
        prop_assert_eq!(&stored, &seal(&body(length), 1 + length));
        prop_assert_eq!(open(&stored, out_piece, id()), Some(body(length)));
    }

    #[test]
    fn a_changed_bit_is_seen(length in 0..150_000_usize, at: prop::sample::Index, bit in 0..8_u32) {
        let mut stored = seal(&body(length), 40_000);
        let at = at.index(stored.len());
        stored[at] ^= 1 << bit;
        prop_assert_eq!(open(&stored, 30_000, id()), None);
    }
}
