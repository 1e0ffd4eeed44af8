//! The audit of a whole log, anybody's: every entry is hashed again, every tile and the root computed again and held against what the
//! log gives out, the signature against its key, the tree against a checkpoint that was kept from before.
//! Refuses to go on after the first thing that is wrong: it is named. Standards: those of the crate.

mod source;

use futures::{StreamExt as _, TryStreamExt as _};

pub use source::{Source, SourceError};

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::hash::Hash;
use crate::merkle::Edge;
use crate::note::{Note, NoteError, VerifierKey};
use crate::tile::{self, Kind, TileName};

/// Tiles that are fetched ahead.
const AHEAD: usize = 8;

/// What a log is held against.
#[derive(Debug, Clone, Default)]
pub struct Against {
    /// The key of the log; without one its signature is not verified.
    pub key: Option<VerifierKey>,
    /// Keys of witnesses whose cosignatures are verified.
    pub witnesses: Vec<VerifierKey>,
    /// A checkpoint that was seen before: its tree must be the beginning of this one.
    pub seen: Option<Checkpoint>,
}

/// A log in which nothing is wrong.
#[derive(Debug, Clone)]
pub struct Sound {
    /// Its head.
    pub checkpoint: Checkpoint,
    /// The note as the log gives it out, to be kept for the next audit.
    pub note: String,
    /// Whether its signature was verified.
    pub is_signed: bool,
    /// Which witnesses cosigned, with the times that they state, in seconds.
    pub cosigned: Vec<(String, i64)>,
}

/// The first thing that is wrong with a log.
#[derive(Debug, thiserror::Error)]
pub enum Wrong {
    /// It cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The checkpoint is none.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Its signature does not hold.
    #[error("the checkpoint: {0}")]
    Signature(NoteError),
    /// It is of another log than the key.
    #[error("the checkpoint is of {0}, the key of {1}")]
    Origin(String, String),
    /// The signature of a witness does not hold.
    #[error("the cosignature of {0} does not hold")]
    Cosignature(String),
    /// A tile that the tree must have is not there.
    #[error("{0} is missing")]
    Missing(TileName),
    /// A tile that is too long or too short.
    #[error("{0} is cut off or has a wrong length: {1} bytes")]
    Truncated(TileName, usize),
    /// An entry that does not hash to what stands in its tile.
    #[error("entry {0} does not hash to what {1} says: one of the two was changed")]
    Entry(u64, TileName),
    /// A tile that does not follow from the ones below.
    #[error("{0} does not follow from the tiles below it: hash {1} of it is wrong")]
    Tile(TileName, usize),
    /// The root.
    #[error("the {size} entries have the root {found}, the checkpoint says {said}")]
    Root {
        /// How many.
        size: u64,
        /// What was computed.
        found: Hash,
        /// What was signed.
        said: Hash,
    },
    /// The log was forked.
    #[error("the log was forked: an earlier checkpoint of {size} entries has the root {seen}, these have {found}")]
    Forked {
        /// How many entries the earlier one has.
        size: u64,
        /// Its root.
        seen: Hash,
        /// The root of as many entries now.
        found: Hash,
    },
    /// The log was cut off.
    #[error("the log was cut off: an earlier checkpoint has {seen} entries, this one {size}")]
    Shrunk {
        /// How many entries the earlier one has.
        seen: u64,
        /// How many there are now.
        size: u64,
    },
    /// The earlier checkpoint is of another log.
    #[error("the earlier checkpoint is of another log: {0}")]
    OtherLog(String),
}

/// Audits a whole log. `progress` hears how many entries were computed.
///
/// # Errors
/// The first thing that is wrong.
pub async fn audit(source: &Source, against: &Against, mut progress: impl FnMut(u64)) -> Result<Sound, Wrong> {
    let bytes = source.checkpoint().await?;
    let (checkpoint, note) = Checkpoint::read(&bytes)?;
    let cosigned = signatures(&checkpoint, &note, against)?;
    begins_with_seen(&checkpoint, against.seen.as_ref())?;
    let mut walk = Walk {
        source,
        size: checkpoint.size,
        edge: Edge::default(),
        seen: against.seen.as_ref(),
    };
    walk.seen_here()?;
    let names = TileName::all(Kind::Entries, checkpoint.size, 0);
    let mut bundles = futures::stream::iter(names)
        .map(|name| async move {
            let leaves = TileName {
                kind: Kind::Level(0),
                ..name
            };
            let (bundle, hashes) = futures::try_join!(source.tile(name), source.tile(leaves))?;
            Ok::<_, Wrong>((name, leaves, bundle, hashes))
        })
        .buffered(AHEAD);
    while let Some((name, leaves, bundle, hashes)) = bundles.try_next().await? {
        walk.bundle((name, bundle), (leaves, hashes)).await?;
        progress(walk.edge.size());
    }
    drop(bundles);
    walk.end(checkpoint.root).await?;
    Ok(Sound {
        note: note.to_string(),
        is_signed: against.key.is_some(),
        checkpoint,
        cosigned,
    })
}

/// Holds the signatures; gives the witnesses who cosigned.
fn signatures(checkpoint: &Checkpoint, note: &Note, against: &Against) -> Result<Vec<(String, i64)>, Wrong> {
    if let Some(key) = &against.key {
        note.verify(key).map_err(Wrong::Signature)?;
        if key.name() != checkpoint.origin {
            return Err(Wrong::Origin(checkpoint.origin.clone(), key.name().to_owned()));
        }
    }
    let mut cosigned = Vec::new();
    for key in &against.witnesses {
        match note.verify_cosignature(key) {
            Ok(time) => cosigned.push((key.name().to_owned(), time)),
            Err(NoteError::Unsigned) => {}
            Err(_) => return Err(Wrong::Cosignature(key.name().to_owned())),
        }
    }
    Ok(cosigned)
}

fn begins_with_seen(checkpoint: &Checkpoint, seen: Option<&Checkpoint>) -> Result<(), Wrong> {
    let Some(seen) = seen else { return Ok(()) };
    if seen.origin != checkpoint.origin {
        return Err(Wrong::OtherLog(seen.origin.clone()));
    }
    if seen.size > checkpoint.size {
        return Err(Wrong::Shrunk {
            seen: seen.size,
            size: checkpoint.size,
        });
    }
    Ok(())
}

/// A walk along the entries of a log.
struct Walk<'a> {
    source: &'a Source,
    size: u64,
    edge: Edge,
    seen: Option<&'a Checkpoint>,
}

impl Walk<'_> {
    async fn bundle(
        &mut self,
        (name, bundle): (TileName, Option<Vec<u8>>),
        (leaves, hashes): (TileName, Option<Vec<u8>>),
    ) -> Result<(), Wrong> {
        let width = usize::from(name.width);
        let bundle = bundle.ok_or(Wrong::Missing(name))?;
        let entries = tile::entries(&bundle, width).ok_or(Wrong::Truncated(name, bundle.len()))?;
        let hashes = hashes.ok_or(Wrong::Missing(leaves))?;
        let hashes = tile::hashes(&hashes, width).ok_or(Wrong::Truncated(leaves, hashes.len()))?;
        let mut whole = Vec::new();
        for (entry, said) in entries.iter().zip(&hashes) {
            let leaf = Hash::leaf(entry);
            if leaf != *said {
                return Err(Wrong::Entry(self.edge.size(), leaves));
            }
            self.edge.push(leaf, |level, number, hashes| {
                if level > 0 {
                    whole.push((level, number, hashes.to_vec()));
                }
            });
            self.seen_here()?;
        }
        for (level, number, hashes) in whole {
            let level = u8::try_from(level).unwrap_or(u8::MAX);
            self.tile(TileName::whole(Kind::Level(level), number), &hashes).await?;
        }
        Ok(())
    }

    /// Holds a tile of a level above the entries against what follows from below.
    async fn tile(&self, name: TileName, hashes: &[Hash]) -> Result<(), Wrong> {
        let content = self.source.tile(name).await?.ok_or(Wrong::Missing(name))?;
        let said = tile::hashes(&content, hashes.len()).ok_or(Wrong::Truncated(name, content.len()))?;
        match said.iter().zip(hashes).position(|(said, found)| said != found) {
            Some(at) => Err(Wrong::Tile(name, at)),
            None => Ok(()),
        }
    }

    /// Holds the tree against the earlier checkpoint, when it has come to its size.
    fn seen_here(&self) -> Result<(), Wrong> {
        let Some(seen) = self.seen.filter(|seen| seen.size == self.edge.size()) else {
            return Ok(());
        };
        let found = self.edge.root();
        if found == seen.root {
            return Ok(());
        }
        Err(Wrong::Forked {
            size: seen.size,
            seen: seen.root,
            found,
        })
    }

    async fn end(self, root: Hash) -> Result<(), Wrong> {
        for (kind, hashes) in TileName::levels(self.size).zip(self.edge.partial()).skip(1) {
            let last = TileName::all(kind, self.size, 0).last();
            if let (Some(name), false) = (last, hashes.is_empty()) {
                self.tile(name, hashes).await?;
            }
        }
        let found = self.edge.root();
        if found == root {
            return Ok(());
        }
        Err(Wrong::Root {
            size: self.size,
            found,
            said: root,
        })
    }
}
