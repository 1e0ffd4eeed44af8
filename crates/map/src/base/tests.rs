//! A small file made here, read as the program reads it, and files that are damaged.

use std::io::Write as _;

use super::*;

fn packed_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number as u8 & 0x7f) | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// A directory of (tile, run, offset, length).
fn directory_of(entries: &[(u64, u64, u64, u64)]) -> Vec<u8> {
    let mut out = Vec::new();
    packed_number(&mut out, entries.len() as u64);
    let mut last = 0;
    for (tile, ..) in entries {
        packed_number(&mut out, tile - last);
        last = *tile;
    }
    entries.iter().for_each(|(_, run, ..)| packed_number(&mut out, *run));
    entries.iter().for_each(|(.., length)| packed_number(&mut out, *length));
    entries
        .iter()
        .for_each(|(_, _, offset, _)| packed_number(&mut out, offset + 1));
    out
}

fn file(root: &[u8], leaves: &[u8], data: &[u8]) -> tempfile::NamedTempFile {
    let mut head = [0; HEAD];
    head[..7].copy_from_slice(b"PMTiles");
    head[7] = 3;
    let mut put = |at: usize, number: usize| head[at..at + 8].copy_from_slice(&(number as u64).to_le_bytes());
    put(8, HEAD);
    put(16, root.len());
    put(24, HEAD + root.len());
    put(32, 2);
    put(40, HEAD + root.len() + 2);
    put(48, leaves.len());
    put(56, HEAD + root.len() + 2 + leaves.len());
    put(64, data.len());
    head[97] = 1;
    head[98] = 1;
    head[99] = 1;
    head[101] = 2;
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    for part in [&head[..], root, b"{}", leaves, data] {
        file.write_all(part).expect("it is written");
    }
    file
}

#[test]
fn tiles_are_found_in_the_first_directory_and_below_it() {
    let leaf = directory_of(&[(5, 2, 4, 3), (20, 1, 0, 4)]);
    let root = directory_of(&[(0, 1, 0, 4), (5, 0, 0, leaf.len() as u64)]);
    let file = file(&root, &leaf, b"zerorun");
    let base = Base::open(file.path()).expect("it opens");
    assert_eq!(base.tile(0, 0, 0).expect("it is read").as_deref(), Some(&b"zero"[..]));
    // Tiles 5 and 6 are (2, 0, 0) and (2, 1, 0) along the curve.
    assert_eq!(number(2, 0, 0), 5);
    assert_eq!(base.tile(2, 0, 0).expect("it is read").as_deref(), Some(&b"run"[..]));
    assert_eq!(base.tile(1, 0, 0).expect("it is read"), None);
    assert_eq!(base.tile(3, 0, 0).expect("it is read"), None);
}

#[test]
fn numbers_follow_the_curve_of_the_standard() {
    let known = [
        ((0, 0, 0), 0),
        ((1, 0, 0), 1),
        ((1, 0, 1), 2),
        ((1, 1, 1), 3),
        ((1, 1, 0), 4),
        ((2, 0, 0), 5),
    ];
    for ((z, x, y), wanted) in known {
        assert_eq!(number(z, x, y), wanted, "{z}/{x}/{y}");
    }
    for z in 0..6_u8 {
        let side = 1_u32 << z;
        let mut all: Vec<u64> = (0..side)
            .flat_map(|x| (0..side).map(move |y| number(z, x, y)))
            .collect();
        all.sort_unstable();
        let first = all[0];
        assert!(all.iter().enumerate().all(|(at, one)| *one == first + at as u64), "{z}");
    }
}

#[test]
fn a_damaged_file_is_refused_and_never_panics() {
    let root = directory_of(&[(0, 1, 0, 4)]);
    let sound = std::fs::read(file(&root, &[], b"zero").path()).expect("it is read");
    for length in 0..sound.len() {
        let mut cut = tempfile::NamedTempFile::new().expect("a file");
        cut.write_all(&sound[..length]).expect("it is written");
        if let Ok(base) = Base::open(cut.path()) {
            assert!(base.tile(0, 0, 0).is_err());
        }
    }
    for at in 0..sound.len() {
        let mut bytes = sound.clone();
        bytes[at] ^= 0xff;
        let mut changed = tempfile::NamedTempFile::new().expect("a file");
        changed.write_all(&bytes).expect("it is written");
        if let Ok(base) = Base::open(changed.path()) {
            let _ = base.tile(0, 0, 0);
        }
    }
}
