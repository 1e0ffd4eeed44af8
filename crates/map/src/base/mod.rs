//! A base map that lies under the layers: one PMTiles file that the operator names, read tile by tile. Owns the reading of its
//! directories; refuses files of another version, directories that lead nowhere or too deep, and tiles above a size.
//! Standard: PMTiles 3.

pub mod http;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::error::MapError;

/// Bytes of the head of a file.
const HEAD: usize = 127;
/// Largest directory, in bytes as it lies in the file.
const DIRECTORY_MAX: u64 = 4 << 20;
/// Most entries of a directory.
const ENTRIES_MAX: u64 = 2_000_000;
/// Largest directory when it is unpacked, in bytes.
const UNPACKED_MAX: u64 = 64 << 20;
/// Largest tile, in bytes.
const TILE_MAX: u64 = 4 << 20;
/// Directories below one another.
const DEPTH_MAX: usize = 4;
/// Directories that are kept.
const KEPT_MAX: usize = 64;

/// What the tiles of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Vector tiles.
    Vector,
    /// Pictures of this media type.
    Picture(&'static str),
}

/// One entry of a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    tile: u64,
    offset: u64,
    length: u64,
    /// How many tiles in a row are the same; none when it leads to a directory.
    run: u64,
}

/// An open file.
#[derive(Debug)]
pub struct Base {
    file: Mutex<File>,
    root: Arc<[Entry]>,
    leaves: u64,
    data: u64,
    packed_inside: bool,
    /// Whether tiles are packed with gzip.
    pub packed: bool,
    /// What its tiles are.
    pub content: Content,
    /// The first and the last zoom.
    pub zooms: (u8, u8),
    /// West, south, east, north in degrees.
    pub bounds: [f64; 4],
    /// What the file says of itself, as JSON.
    pub about: serde_json::Value,
    kept: Mutex<HashMap<u64, Arc<[Entry]>>>,
}

fn bad(why: &str) -> MapError {
    MapError::File(format!("base map: {why}"))
}

fn whole(head: &[u8; HEAD], at: usize) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&head[at..at + 8]);
    u64::from_le_bytes(bytes)
}

fn degrees(head: &[u8; HEAD], at: usize) -> f64 {
    let mut bytes = [0; 4];
    bytes.copy_from_slice(&head[at..at + 4]);
    f64::from(i32::from_le_bytes(bytes)) / 1e7
}

impl Base {
    /// Opens a file and reads its head and its first directory.
    ///
    /// # Errors
    /// `File`.
    pub fn open(path: &Path) -> Result<Self, MapError> {
        let mut file = File::open(path).map_err(|error| bad(&format!("{}: {error}", path.display())))?;
        let mut head = [0; HEAD];
        file.read_exact(&mut head).map_err(|_| bad("it is too short"))?;
        if &head[..7] != b"PMTiles" || head[7] != 3 {
            return Err(bad("it is no PMTiles file of version 3"));
        }
        let packed_inside = packed(head[97]).ok_or_else(|| bad("its directories are packed in an unknown way"))?;
        let packed = packed(head[98]).ok_or_else(|| bad("its tiles are packed in an unknown way"))?;
        let content = match head[99] {
            1 => Content::Vector,
            2 => Content::Picture("image/png"),
            3 => Content::Picture("image/jpeg"),
            4 => Content::Picture("image/webp"),
            _ => return Err(bad("its tiles are of an unknown kind")),
        };
        let root = read(&mut file, whole(&head, 8), whole(&head, 16), DIRECTORY_MAX)?;
        let about = read(&mut file, whole(&head, 24), whole(&head, 32), DIRECTORY_MAX)?;
        let about = serde_json::from_slice(&unpacked(about, packed_inside)?).unwrap_or_default();
        Ok(Self {
            root: directory(&unpacked(root, packed_inside)?)?,
            file: Mutex::new(file),
            leaves: whole(&head, 40),
            data: whole(&head, 56),
            packed_inside,
            packed,
            content,
            zooms: (head[100], head[101]),
            bounds: [102, 106, 110, 114].map(|at| degrees(&head, at)),
            about,
            kept: Mutex::new(HashMap::new()),
        })
    }

    /// A tile as it lies in the file; none when there is none.
    ///
    /// # Errors
    /// `File` when the file is damaged.
    pub fn tile(&self, z: u8, x: u32, y: u32) -> Result<Option<Vec<u8>>, MapError> {
        if z < self.zooms.0 || z > self.zooms.1 || z > 26 {
            return Ok(None);
        }
        let wanted = number(z, x, y);
        let mut entries = self.root.clone();
        for _ in 0..DEPTH_MAX {
            let at = entries.partition_point(|entry| entry.tile <= wanted);
            let Some(entry) = at.checked_sub(1).map(|at| entries[at]) else {
                return Ok(None);
            };
            if entry.run > 0 {
                if wanted - entry.tile >= entry.run {
                    return Ok(None);
                }
                let mut file = self.file.lock();
                return read(
                    &mut file,
                    self.data.saturating_add(entry.offset),
                    entry.length,
                    TILE_MAX,
                )
                .map(Some);
            }
            entries = self.leaf(entry)?;
        }
        Err(bad("its directories lie too deep"))
    }

    fn leaf(&self, entry: Entry) -> Result<Arc<[Entry]>, MapError> {
        if let Some(known) = self.kept.lock().get(&entry.offset) {
            return Ok(known.clone());
        }
        let at = self.leaves.saturating_add(entry.offset);
        let bytes = read(&mut self.file.lock(), at, entry.length, DIRECTORY_MAX)?;
        let entries = directory(&unpacked(bytes, self.packed_inside)?)?;
        let mut kept = self.kept.lock();
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(entry.offset, entries.clone());
        Ok(entries)
    }
}

fn packed(how: u8) -> Option<bool> {
    match how {
        1 => Some(false),
        2 => Some(true),
        _ => None,
    }
}

fn read(file: &mut File, at: u64, length: u64, most: u64) -> Result<Vec<u8>, MapError> {
    if length > most {
        return Err(bad("a part of it is too large"));
    }
    let mut bytes = vec![0; usize::try_from(length).map_err(|_| bad("a part of it is too large"))?];
    file.seek(SeekFrom::Start(at))
        .map_err(|error| bad(&error.to_string()))?;
    file.read_exact(&mut bytes).map_err(|error| bad(&error.to_string()))?;
    Ok(bytes)
}

/// Unpacks what is packed with gzip.
pub(crate) fn unpacked(bytes: Vec<u8>, is_packed: bool) -> Result<Vec<u8>, MapError> {
    if !is_packed {
        return Ok(bytes);
    }
    let mut out = Vec::new();
    let mut reader = flate2::read::GzDecoder::new(&bytes[..]).take(UNPACKED_MAX + 1);
    reader.read_to_end(&mut out).map_err(|error| bad(&error.to_string()))?;
    if out.len() as u64 > UNPACKED_MAX {
        return Err(bad("a part of it is too large"));
    }
    Ok(out)
}

fn varint(rest: &mut &[u8]) -> Result<u64, MapError> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, tail) = rest.split_first().ok_or_else(|| bad("a directory breaks off"))?;
        *rest = tail;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(bad("a directory has a number that is none"))
}

/// Reads a directory.
fn directory(bytes: &[u8]) -> Result<Arc<[Entry]>, MapError> {
    let mut rest = bytes;
    let count = varint(&mut rest)?;
    // Each entry takes four bytes at least.
    if count > ENTRIES_MAX || count > bytes.len() as u64 {
        return Err(bad("a directory has too many entries"));
    }
    let none = Entry {
        tile: 0,
        offset: 0,
        length: 0,
        run: 0,
    };
    let mut entries = vec![none; usize::try_from(count).unwrap_or(0)];
    let mut tile = 0_u64;
    for entry in &mut entries {
        tile = tile
            .checked_add(varint(&mut rest)?)
            .ok_or_else(|| bad("a directory has a number that is none"))?;
        entry.tile = tile;
    }
    for entry in &mut entries {
        entry.run = varint(&mut rest)?;
    }
    for entry in &mut entries {
        entry.length = varint(&mut rest)?;
    }
    let mut behind = 0_u64;
    for (at, entry) in entries.iter_mut().enumerate() {
        let written = varint(&mut rest)?;
        // Nothing means: right behind the one before.
        entry.offset = if written == 0 && at > 0 {
            behind
        } else {
            written.saturating_sub(1)
        };
        behind = entry.offset.saturating_add(entry.length);
    }
    Ok(entries.into())
}

/// The number of a tile: all smaller zooms before it, then along a curve of Hilbert.
fn number(z: u8, x: u32, y: u32) -> u64 {
    let before: u64 = (0..u32::from(z)).map(|zoom| 1_u64 << (2 * zoom)).sum();
    let (mut x, mut y, mut along) = (u64::from(x), u64::from(y), 0);
    for bit in (0..u32::from(z)).rev() {
        let side = 1_u64 << bit;
        let (right, low) = (u64::from(x & side > 0), u64::from(y & side > 0));
        along += side * side * ((3 * right) ^ low);
        if low == 0 {
            if right == 1 {
                x = (side - 1).wrapping_sub(x);
                y = (side - 1).wrapping_sub(y);
            }
            std::mem::swap(&mut x, &mut y);
        }
    }
    before + along
}
