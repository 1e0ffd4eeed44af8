//! Damage to bytes that were whole: what a broken line, a bad disk or a hostile sender makes of a real file. From a seed, so
//! that a failure can be run again. It stands in for a fuzzer: real files with a few bytes wrong go much further into a parser
//! than noise does.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

/// Bytes at which parsers stumble: ends of text, quotes, brackets, signs of length and of other encodings.
const HARD: &[u8] = b"\0\x01\n\r\t \"',;:<>[]{}()&=-+.0189/\\AZaz~\x7f\x80\xc3\xe1\xef\xbb\xbf\xfe\xff";

/// `whole` with one to six edits: a bit, a byte, a piece cut out, doubled, moved or put in, the end cut off.
#[must_use]
pub fn damaged(whole: &[u8], seed: u64) -> Vec<u8> {
    let mut chance = ChaCha20Rng::seed_from_u64(seed);
    let mut bytes = whole.to_vec();
    for _ in 0..chance.random_range(1..=6) {
        edit(&mut bytes, &mut chance);
    }
    bytes
}

fn edit(bytes: &mut Vec<u8>, chance: &mut ChaCha20Rng) {
    if bytes.is_empty() {
        bytes.push(chance.random());
        return;
    }
    let at = chance.random_range(0..bytes.len());
    let until = (at + chance.random_range(1..=40)).min(bytes.len());
    match chance.random_range(0..8) {
        0 => bytes[at] ^= 1 << chance.random_range(0..8),
        1 => bytes[at] = chance.random(),
        2 => bytes[at] = HARD[chance.random_range(0..HARD.len())],
        3 => drop(bytes.drain(at..until)),
        4 => {
            let piece = bytes[at..until].to_vec();
            bytes.splice(at..at, piece);
        }
        5 => {
            let piece: Vec<u8> = bytes.drain(at..until).collect();
            let to = chance.random_range(0..=bytes.len());
            bytes.splice(to..to, piece);
        }
        6 => {
            let piece: Vec<u8> = (0..until - at)
                .map(|_| HARD[chance.random_range(0..HARD.len())])
                .collect();
            bytes.splice(at..at, piece);
        }
        _ => bytes.truncate(at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_is_real_bounded_and_the_same_again() {
        let whole: Vec<u8> = (0..200).collect();
        let changed = (0..500).filter(|seed| damaged(&whole, *seed) != whole).count();
        assert!(changed > 480, "{changed}");
        for seed in 0..500 {
            let once = damaged(&whole, seed);
            assert_eq!(once, damaged(&whole, seed));
            assert!(once.len() <= whole.len() + 240);
        }
        assert_eq!(damaged(&[], 1).len(), damaged(&[], 1).len());
    }
}
