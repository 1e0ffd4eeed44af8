//! The log itself: facts that wait, the tree that they are taken into, the checkpoints over it, proofs out of it. Taking in is one
//! transaction: places, tiles and checkpoint are written together or not at all.
//! Refuses to add to a tree that is not the one that was signed, and a second checkpoint of one size.

pub mod http;
pub(crate) mod store;

use ::store::{StoreError, Tx};
use kernel::{Timestamp, World, words};
use uuid::Uuid;

use crate::checkpoint::Checkpoint;
use crate::error::LedgerError;
use crate::hash::Hash;
use crate::merkle::{self, Edge, Nodes, levels_of, partial_width, perfect};
use crate::note::{Note, Signer};
use crate::tile::{self, TileName};

words! {
    /// What kind of fact is recorded.
    Kind {
        /// A paper that was issued: a result, or one of the forms of the desk.
        Paper = "paper",
    }
}

kernel::define_id!(
    /// The record of a fact.
    pub struct FactId
);

/// A fact that is recorded: nothing of it but a salted hash goes into the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Its id.
    pub id: FactId,
    /// What kind.
    pub kind: Kind,
    /// Which one, in its own room.
    pub subject: Uuid,
    /// What keeps the hash from being guessed.
    pub salt: [u8; 32],
    /// SHA-256 of salt and canonical bytes: the entry.
    pub commitment: Hash,
    /// When it came to be.
    pub added_at: Timestamp,
    /// Its place in the log, from 0; none while it waits.
    pub position: Option<u64>,
    /// When it was taken in.
    pub logged_at: Option<Timestamp>,
}

impl Fact {
    /// A fact with a fresh salt. Made before the transaction that writes it.
    #[must_use]
    pub fn new(world: &dyn World, kind: Kind, subject: Uuid, canonical: &[u8]) -> Self {
        let mut salt = [0; 32];
        world.fill(&mut salt);
        Self {
            id: FactId::new(world),
            kind,
            subject,
            salt,
            commitment: Hash::salted(&salt, canonical),
            added_at: world.now(),
            position: None,
            logged_at: None,
        }
    }

    /// Whether these bytes are those that were recorded.
    #[must_use]
    pub fn is_of(&self, canonical: &[u8]) -> bool {
        Hash::salted(&self.salt, canonical) == self.commitment
    }

    /// Writes the fact into the transaction that brings it about. The same fact again changes nothing.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub fn record(&self, tx: &mut Tx) -> Result<(), StoreError> {
        store::add(tx, std::slice::from_ref(self))
    }
}

/// Writes many new facts in one transaction.
///
/// # Errors
/// As [`Tx::execute`]; one that was recorded before is refused.
pub fn record_all(tx: &mut Tx, facts: &[Fact]) -> Result<(), StoreError> {
    store::add_new(tx, facts)
}

/// The record of a fact.
///
/// # Errors
/// As [`Tx::opt`].
pub fn find(tx: &mut Tx, kind: Kind, subject: Uuid) -> Result<Option<Fact>, StoreError> {
    store::fact(tx, kind, subject)
}

/// Records of a kind in the order of their subjects, after one of them.
///
/// # Errors
/// As [`Tx::all`].
pub fn facts_after(tx: &mut Tx, kind: Kind, after: Uuid, limit: i64) -> Result<Vec<Fact>, StoreError> {
    store::facts_after(tx, kind, after, limit)
}

/// A checkpoint that was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// How many entries.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// The signed note.
    pub note: String,
    /// When it was signed. It never goes back, whatever the clock does.
    pub at: Timestamp,
}

/// A moment of taking in at which a test may pull the plug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The facts have their places.
    Placed,
    /// The tiles are written.
    Tiled,
    /// The checkpoint is written.
    Signed,
}

/// Never pulled.
///
/// # Errors
/// None.
pub const fn plugged_in(_: Moment) -> Result<(), StoreError> {
    Ok(())
}

pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Takes at most `limit` of the facts that wait into the log. None when none waits.
///
/// # Errors
/// `Damaged` when the stored tree is not the one that was signed; the store's.
pub fn take_in(
    tx: &mut Tx,
    signer: &Signer,
    (now, limit): (Timestamp, i64),
    plug: impl Fn(Moment) -> Result<(), StoreError>,
) -> Result<Option<Head>, LedgerError> {
    let head = store::head(tx)?;
    let size = head.as_ref().map_or(0, |head| head.size);
    let at = head.as_ref().map_or(now, |head| now.max(head.at));
    let taken = store::take(tx, signed(size), at, limit)?;
    if taken.is_empty() {
        return Ok(None);
    }
    if taken
        .iter()
        .zip(signed(size)..)
        .any(|((place, _), wanted)| *place != wanted)
    {
        return Err(LedgerError::Damaged("the places of new entries have gaps".to_owned()));
    }
    plug(Moment::Placed)?;
    let entries: Vec<Hash> = taken.into_iter().map(|(_, entry)| entry).collect();
    extend(tx, signer, head.as_ref(), &entries, at, plug).map(Some)
}

/// Adds entries that no fact stands behind: for filling a log that is measured.
///
/// # Errors
/// As [`take_in`].
pub fn load(tx: &mut Tx, signer: &Signer, entries: &[Hash], now: Timestamp) -> Result<Head, LedgerError> {
    let head = store::head(tx)?;
    extend(tx, signer, head.as_ref(), entries, now, plugged_in)
}

/// The right edge as it is stored, and the entries of its last bundle.
fn stored_edge(tx: &mut Tx, size: u64) -> Result<(Edge, Vec<u8>), LedgerError> {
    let damaged = |level: usize| LedgerError::Damaged(format!("the last tile of level {level} has a wrong length"));
    let mut levels = Vec::new();
    let mut last = Vec::new();
    for level in 0..levels_of(size) {
        let width = partial_width(size, level);
        if width == 0 {
            levels.push(Vec::new());
            continue;
        }
        let number = signed(size >> (8 * (level + 1)));
        let content = store::tile(tx, signed(level as u64), number)?.ok_or_else(|| damaged(level))?;
        let hashes = tile::hashes(&content, width).ok_or_else(|| damaged(level))?;
        if level == 0 {
            levels.push(hashes.iter().map(|entry| Hash::leaf(entry.as_bytes())).collect());
            last = content;
        } else {
            levels.push(hashes);
        }
    }
    let edge = Edge::new(size, levels).ok_or_else(|| damaged(0))?;
    Ok((edge, last))
}

fn extend(
    tx: &mut Tx,
    signer: &Signer,
    head: Option<&Head>,
    entries: &[Hash],
    at: Timestamp,
    plug: impl Fn(Moment) -> Result<(), StoreError>,
) -> Result<Head, LedgerError> {
    let size = head.map_or(0, |head| head.size);
    let (mut edge, mut bundle) = stored_edge(tx, size)?;
    if let Some(head) = head
        && edge.root() != head.root
    {
        let what = format!(
            "its {size} entries have the root {}, signed was {}",
            edge.root(),
            head.root
        );
        return Err(LedgerError::Damaged(what));
    }
    let mut whole = Vec::new();
    for entry in entries {
        bundle.extend_from_slice(entry.as_bytes());
        edge.push(Hash::leaf(entry.as_bytes()), |level, number, hashes| {
            let content = if level == 0 {
                std::mem::take(&mut bundle)
            } else {
                bytes(hashes)
            };
            whole.push((level, number, content));
        });
    }
    for (level, number, content) in &whole {
        store::put_tile(tx, signed(*level as u64), signed(*number), content)?;
    }
    for (level, hashes) in edge
        .partial()
        .iter()
        .enumerate()
        .filter(|(_, hashes)| !hashes.is_empty())
    {
        let number = signed(edge.size() >> (8 * (level + 1)));
        let content = if level == 0 { bundle.clone() } else { bytes(hashes) };
        store::put_tile(tx, signed(level as u64), number, &content)?;
    }
    plug(Moment::Tiled)?;
    let head = sign(signer, &edge, at);
    store::put_head(tx, &head)?;
    plug(Moment::Signed)?;
    Ok(head)
}

fn bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(Hash::as_bytes).copied().collect()
}

fn sign(signer: &Signer, edge: &Edge, at: Timestamp) -> Head {
    let checkpoint = Checkpoint::new(signer.key().name(), edge.size(), edge.root());
    let text = checkpoint.to_string();
    let note = Note {
        signatures: vec![signer.sign(&text)],
        text,
    };
    Head {
        size: checkpoint.size,
        root: checkpoint.root,
        note: note.to_string(),
        at,
    }
}

/// What others fetch under the name of a tile; none when the log has not come so far.
///
/// # Errors
/// The store's.
pub fn served(tx: &mut Tx, name: TileName) -> Result<Option<Vec<u8>>, StoreError> {
    let level = match name.kind {
        tile::Kind::Level(level) => i64::from(level),
        tile::Kind::Entries => 0,
    };
    let Some(mut content) = store::tile(tx, level, signed(name.number))? else {
        return Ok(None);
    };
    let wanted = usize::from(name.width) * Hash::BYTES;
    if content.len() < wanted {
        return Ok(None);
    }
    // A tile only ever grows at its end, so that the part of an earlier size is its beginning.
    content.truncate(wanted);
    Ok(Some(match name.kind {
        tile::Kind::Entries => tile::bundle(&content),
        tile::Kind::Level(0) => content
            .chunks_exact(Hash::BYTES)
            .flat_map(|entry| *Hash::leaf(entry).as_bytes())
            .collect(),
        tile::Kind::Level(_) => content,
    }))
}

/// The stored tiles as the nodes of a tree of some size; the tiles of one proof are read once.
pub(crate) struct Stored<'a> {
    tx: &'a mut Tx,
    read: Vec<((u32, u64), Vec<Hash>)>,
}

impl<'a> Stored<'a> {
    pub(crate) const fn new(tx: &'a mut Tx) -> Self {
        Self { tx, read: Vec::new() }
    }

    fn tile(&mut self, level: u32, number: u64) -> Result<&[Hash], LedgerError> {
        let name = (level, number);
        if let Some(at) = self.read.iter().position(|(read, _)| *read == name) {
            return Ok(&self.read[at].1);
        }
        let content = store::tile(self.tx, i64::from(level), signed(number))?.unwrap_or_default();
        let mut hashes = tile::hashes(&content, content.len() / Hash::BYTES)
            .ok_or_else(|| LedgerError::Damaged(format!("tile {number} of level {level} has a wrong length")))?;
        if level == 0 {
            hashes
                .iter_mut()
                .for_each(|entry| *entry = Hash::leaf(entry.as_bytes()));
        }
        self.read.push((name, hashes));
        Ok(self.read.last().map_or(&[], |(_, hashes)| hashes))
    }
}

impl Nodes for Stored<'_> {
    type Error = LedgerError;

    fn node(&mut self, height: u32, index: u64) -> Result<Hash, LedgerError> {
        let (level, inside) = (height / 8, height % 8);
        let first = index << inside;
        let (number, from) = (first >> 8, usize::try_from(first & 255).unwrap_or(0));
        let hashes = self.tile(level, number)?;
        let found = hashes
            .get(from..from + (1 << inside))
            .ok_or_else(|| LedgerError::Damaged(format!("tile {number} of level {level} is cut off")))?;
        Ok(perfect(found))
    }
}

/// The hashes that prove an entry among the first `size`.
///
/// # Errors
/// `NotFound`, `Damaged`, the store's.
pub fn prove(tx: &mut Tx, index: u64, size: u64) -> Result<Vec<Hash>, LedgerError> {
    merkle::inclusion(&mut Stored::new(tx), index, size)?.ok_or(LedgerError::NotFound)
}

/// The hashes that prove that a log of `old` entries is the beginning of that of `new`.
///
/// # Errors
/// `NotFound`, `Damaged`, the store's.
pub fn prove_consistency(tx: &mut Tx, old: u64, new: u64) -> Result<Vec<Hash>, LedgerError> {
    merkle::consistency(&mut Stored::new(tx), old, new)?.ok_or(LedgerError::NotFound)
}

/// The newest checkpoint.
///
/// # Errors
/// The store's.
pub fn head(tx: &mut Tx) -> Result<Option<Head>, StoreError> {
    store::head(tx)
}
