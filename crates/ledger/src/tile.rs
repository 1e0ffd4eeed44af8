//! Tiles and bundles as others fetch them: their paths, and what lies in them. Refuses a second spelling of a path.
//! Standard: c2sp.org/tlog-tiles.

use std::fmt;
use std::str::FromStr;

use crate::hash::Hash;
use crate::merkle::{Edge, levels_of, partial_width};

/// Hashes or entries of a whole tile.
pub const WIDTH: u64 = Edge::WIDTH as u64;
/// Longest bundle: as many entries as can be, each as long as can be.
pub const BUNDLE_MAX: usize = Edge::WIDTH * (2 + u16::MAX as usize);

/// What lies in a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Hashes of a level.
    Level(u8),
    /// Entries.
    Entries,
}

/// One tile. As text: `tile/0/x001/234.p/5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileName {
    /// What lies in it.
    pub kind: Kind,
    /// Which one of its level.
    pub number: u64,
    /// How much of it: 1 to 256.
    pub width: u16,
}

/// A path is none of a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no tile has this path")]
pub struct NoTile;

impl TileName {
    /// A whole tile.
    #[must_use]
    pub const fn whole(kind: Kind, number: u64) -> Self {
        Self {
            kind,
            number,
            width: Edge::WIDTH as u16,
        }
    }

    /// Every tile of a tree of `size` at its level, the partial one last; begins with the `from`-th.
    pub fn all(kind: Kind, size: u64, from: u64) -> impl Iterator<Item = Self> {
        let level = match kind {
            Kind::Level(level) => usize::from(level),
            Kind::Entries => 0,
        };
        let whole = size
            .checked_shr(u32::try_from(8 * (level + 1)).unwrap_or(64))
            .unwrap_or(0);
        let width = u16::try_from(partial_width(size, level)).unwrap_or(0);
        let partial = (width > 0 && from <= whole).then_some(Self {
            kind,
            number: whole,
            width,
        });
        (from..whole)
            .map(move |number| Self::whole(kind, number))
            .chain(partial)
    }

    /// Levels of hashes that a tree of `size` has.
    pub fn levels(size: u64) -> impl Iterator<Item = Kind> {
        (0..u8::try_from(levels_of(size)).unwrap_or(8)).map(Kind::Level)
    }
}

impl fmt::Display for TileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Level(level) => write!(f, "tile/{level}/")?,
            Kind::Entries => f.write_str("tile/entries/")?,
        }
        let mut groups = vec![self.number % 1_000];
        let mut rest = self.number / 1_000;
        while rest > 0 {
            groups.push(rest % 1_000);
            rest /= 1_000;
        }
        for (at, group) in groups.iter().enumerate().rev() {
            if at == 0 {
                write!(f, "{group:03}")?;
            } else {
                write!(f, "x{group:03}/")?;
            }
        }
        if u64::from(self.width) < WIDTH {
            write!(f, ".p/{}", self.width)?;
        }
        Ok(())
    }
}

impl FromStr for TileName {
    type Err = NoTile;

    fn from_str(path: &str) -> Result<Self, NoTile> {
        let rest = path.strip_prefix("tile/").ok_or(NoTile)?;
        let (kind, rest) = rest.split_once('/').ok_or(NoTile)?;
        let kind = match kind {
            "entries" => Kind::Entries,
            level => Kind::Level(level.parse().map_err(|_| NoTile)?),
        };
        let (number, width) = match rest.split_once(".p/") {
            Some((number, width)) => (number, width.parse().map_err(|_| NoTile)?),
            None => (rest, Edge::WIDTH as u16),
        };
        let mut all: u64 = 0;
        for group in number.split('/') {
            let digits = group.strip_prefix('x').unwrap_or(group);
            let group: u64 = digits.parse().map_err(|_| NoTile)?;
            all = all
                .checked_mul(1_000)
                .and_then(|all| all.checked_add(group))
                .ok_or(NoTile)?;
        }
        let name = Self {
            kind,
            number: all,
            width,
        };
        let in_bounds = (1..=Edge::WIDTH as u16).contains(&width) && !matches!(kind, Kind::Level(64..));
        // One tile has one path: whatever is written otherwise is refused.
        if in_bounds && name.to_string() == path {
            Ok(name)
        } else {
            Err(NoTile)
        }
    }
}

/// The hashes of a tile of `width`; none when it has more or fewer bytes.
#[must_use]
pub fn hashes(content: &[u8], width: usize) -> Option<Vec<Hash>> {
    if content.len() != width * Hash::BYTES {
        return None;
    }
    content.chunks_exact(Hash::BYTES).map(Hash::from_slice).collect()
}

/// The entries of a bundle of `width`; none when it holds more or fewer, or is cut off.
#[must_use]
pub fn entries(bundle: &[u8], width: usize) -> Option<Vec<&[u8]>> {
    let mut found = Vec::with_capacity(width.min(Edge::WIDTH));
    let mut rest = bundle;
    while !rest.is_empty() {
        let (length, after) = rest.split_first_chunk::<2>()?;
        let (entry, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        if found.len() == width {
            return None;
        }
        found.push(entry);
        rest = after;
    }
    (found.len() == width).then_some(found)
}

/// The bundle of entries of 32 bytes each that lie one after another.
#[must_use]
pub fn bundle(entries: &[u8]) -> Vec<u8> {
    const LENGTH: [u8; 2] = (Hash::BYTES as u16).to_be_bytes();
    entries
        .chunks(Hash::BYTES)
        .flat_map(|entry| LENGTH.iter().chain(entry).copied())
        .collect()
}
