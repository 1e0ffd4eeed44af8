//! The tree as arithmetic: roots, inclusion and consistency proofs, and their verification. Where hashes lie is the caller's.
//! Refuses proofs that are too long or too short for their sizes. Standard: RFC 6962 section 2.1, RFC 9162 section 2.1.

use crate::hash::Hash;

/// Most leaves of a tree: sizes fit into the signed numbers of databases.
pub const SIZE_MAX: u64 = i64::MAX as u64;

/// Most hashes of a proof.
pub const PROOF_MAX: usize = 63;

/// Where the hashes of perfect subtrees are found.
pub trait Nodes {
    /// Why one is not found.
    type Error;

    /// The root of the `index`-th subtree of `2^height` leaves. It is only asked for those that are whole.
    ///
    /// # Errors
    /// When it cannot be read.
    fn node(&mut self, height: u32, index: u64) -> Result<Hash, Self::Error>;
}

/// A proof does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Sizes or index that no tree has.
    #[error("the index or the sizes fit no tree")]
    Range,
    /// Too many or too few hashes for the sizes.
    #[error("the proof has a wrong number of hashes")]
    Length,
    /// The hashes lead elsewhere.
    #[error("the proof leads to another root")]
    Root,
}

/// The largest power of two that is smaller than `n`, for `n` of at least 2.
fn split(n: u64) -> u64 {
    1 << (63 - (n - 1).leading_zeros())
}

/// The root of the leaves from `start` up to `end`. `start` lies where RFC 6962 divides a tree.
fn range<N: Nodes>(nodes: &mut N, start: u64, end: u64) -> Result<Hash, N::Error> {
    let mut peaks = Vec::new();
    let mut at = start;
    let mut left = end - start;
    while left > 0 {
        let height = 63 - left.leading_zeros();
        peaks.push(nodes.node(height, at >> height)?);
        at += 1 << height;
        left -= 1 << height;
    }
    Ok(bagged(&peaks))
}

/// The root above perfect subtrees, the largest first.
#[must_use]
pub fn bagged(peaks: &[Hash]) -> Hash {
    let mut from_right = peaks.iter().rev();
    let Some(last) = from_right.next() else {
        return Hash::of_nothing();
    };
    from_right.fold(*last, |right, left| Hash::node(*left, right))
}

/// The root of the first `size` leaves.
///
/// # Errors
/// What the nodes say.
pub fn root<N: Nodes>(nodes: &mut N, size: u64) -> Result<Hash, N::Error> {
    range(nodes, 0, size)
}

/// Proves that the leaf at `index` is among the first `size`; none when it is not.
///
/// # Errors
/// What the nodes say.
pub fn inclusion<N: Nodes>(nodes: &mut N, index: u64, size: u64) -> Result<Option<Vec<Hash>>, N::Error> {
    if index >= size || size > SIZE_MAX {
        return Ok(None);
    }
    let mut proof = Vec::new();
    let (mut start, mut end) = (0, size);
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            proof.push(range(nodes, middle, end)?);
            end = middle;
        } else {
            proof.push(range(nodes, start, middle)?);
            start = middle;
        }
    }
    proof.reverse();
    Ok(Some(proof))
}

/// Proves that the first `old` leaves of a tree of `new` are those of the tree of `old`; none when `old` is the larger.
///
/// # Errors
/// What the nodes say.
pub fn consistency<N: Nodes>(nodes: &mut N, old: u64, new: u64) -> Result<Option<Vec<Hash>>, N::Error> {
    if old > new || new > SIZE_MAX {
        return Ok(None);
    }
    if old == 0 || old == new {
        return Ok(Some(Vec::new()));
    }
    let mut proof = Vec::new();
    let (mut start, mut end, mut is_whole) = (0, new, true);
    while end != old {
        let middle = start + split(end - start);
        if old <= middle {
            proof.push(range(nodes, middle, end)?);
            end = middle;
        } else {
            proof.push(range(nodes, start, middle)?);
            start = middle;
            is_whole = false;
        }
    }
    if !is_whole {
        proof.push(range(nodes, start, end)?);
    }
    proof.reverse();
    Ok(Some(proof))
}

/// Holds an inclusion proof against a root.
///
/// # Errors
/// What is wrong with it.
pub fn verify_inclusion(proof: &[Hash], leaf: Hash, index: u64, size: u64, root: Hash) -> Result<(), ProofError> {
    if index >= size || size > SIZE_MAX {
        return Err(ProofError::Range);
    }
    let (mut at, mut last, mut hash) = (index, size - 1, leaf);
    for other in proof {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if at & 1 == 1 || at == last {
            hash = Hash::node(*other, hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = Hash::node(hash, *other);
        }
        at >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::Length);
    }
    if hash == root { Ok(()) } else { Err(ProofError::Root) }
}

/// Holds a consistency proof against the roots of both trees.
///
/// # Errors
/// What is wrong with it.
pub fn verify_consistency(
    proof: &[Hash],
    (old, old_root): (u64, Hash),
    (new, new_root): (u64, Hash),
) -> Result<(), ProofError> {
    if old > new || new > SIZE_MAX {
        return Err(ProofError::Range);
    }
    if old == 0 || old == new {
        let is_true = if old == new {
            old_root == new_root
        } else {
            old_root == Hash::of_nothing()
        };
        return match (proof.is_empty(), is_true) {
            (false, _) => Err(ProofError::Length),
            (true, false) => Err(ProofError::Root),
            (true, true) => Ok(()),
        };
    }
    let (mut at, mut last) = (old - 1, new - 1);
    while at & 1 == 1 {
        at >>= 1;
        last >>= 1;
    }
    // A perfect old tree is itself the first hash, so that it is left out.
    let (first, rest) = if old.is_power_of_two() {
        (old_root, proof)
    } else {
        let (first, rest) = proof.split_first().ok_or(ProofError::Length)?;
        (*first, rest)
    };
    let (mut of_old, mut of_new) = (first, first);
    for other in rest {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if at & 1 == 1 || at == last {
            of_old = Hash::node(*other, of_old);
            of_new = Hash::node(*other, of_new);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            of_new = Hash::node(of_new, *other);
        }
        at >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::Length);
    }
    if of_old == old_root && of_new == new_root {
        Ok(())
    } else {
        Err(ProofError::Root)
    }
}

/// The right edge of a growing tree in tiles: at each level the hashes of its last, partial tile. From it follow the root and
/// every tile that becomes whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    levels: Vec<Vec<Hash>>,
}

impl Edge {
    /// Hashes of a whole tile.
    pub const WIDTH: usize = 256;

    /// The edge of a tree of `size` leaves from the hashes of its partial tiles, level by level; none when their number is
    /// not that of the size.
    #[must_use]
    pub fn new(size: u64, levels: Vec<Vec<Hash>>) -> Option<Self> {
        let fits = levels.len() == levels_of(size)
            && levels
                .iter()
                .enumerate()
                .all(|(level, hashes)| hashes.len() == partial_width(size, level));
        fits.then_some(Self { size, levels })
    }

    /// How many leaves the tree has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf. Tells of each tile that becomes whole: its level, its number, its hashes.
    pub fn push(&mut self, leaf: Hash, mut whole: impl FnMut(usize, u64, &[Hash])) {
        self.size += 1;
        let mut hash = leaf;
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::with_capacity(Self::WIDTH));
            }
            let tile = &mut self.levels[level];
            tile.push(hash);
            if tile.len() < Self::WIDTH {
                return;
            }
            whole(level, (self.size >> (8 * (level + 1))) - 1, tile);
            hash = perfect(tile);
            tile.clear();
        }
    }

    /// The hashes of the partial tile of each level; those of some may be none.
    #[must_use]
    pub fn partial(&self) -> &[Vec<Hash>] {
        &self.levels
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut peaks = Vec::new();
        for hashes in self.levels.iter().rev() {
            let mut rest = hashes.as_slice();
            while !rest.is_empty() {
                let (peak, after) = rest.split_at(1 << rest.len().ilog2());
                peaks.push(perfect(peak));
                rest = after;
            }
        }
        bagged(&peaks)
    }
}

/// How many levels of tiles a tree of this size has begun.
#[must_use]
pub fn levels_of(size: u64) -> usize {
    let mut levels = 0;
    let mut rest = size;
    while rest > 0 {
        levels += 1;
        rest >>= 8;
    }
    levels
}

/// Hashes in the partial tile of a level.
#[must_use]
pub fn partial_width(size: u64, level: usize) -> usize {
    usize::try_from((size >> (8 * level)) & 255).unwrap_or(0)
}

/// The root of a perfect subtree from the hashes of one of its rows: a power of two of them.
#[must_use]
pub fn perfect(hashes: &[Hash]) -> Hash {
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        row = row.chunks_exact(2).map(|pair| Hash::node(pair[0], pair[1])).collect();
    }
    row.first().copied().unwrap_or_else(Hash::of_nothing)
}
