//! What this crate holds true of its rows, looked at by `tinhso verify`: the whole tree is computed again from its entries and held
//! against every tile and every checkpoint, and every entry against the fact behind it.

use std::sync::Arc;

use store::keys::KeyRing;
use store::verify::{Check, Findings};
use store::{StoreError, Tx};
use zeroize::Zeroizing;

use crate::checkpoint::Checkpoint;
use crate::hash::Hash;
use crate::house::LOG_KEY;
use crate::log::{self, Head, store as table};
use crate::merkle::Edge;
use crate::note::{Algorithm, Signer};
use crate::tile;

/// Rows that are read at once.
const CHUNK: i64 = 256;

/// The checks of this crate.
#[must_use]
pub fn checks(keys: &KeyRing) -> Vec<Arc<dyn Check>> {
    let seed = keys.derive(LOG_KEY);
    vec![Arc::new(Tree { seed }), Arc::new(Facts)]
}

/// The tree of the log.
struct Tree {
    seed: Zeroizing<[u8; 32]>,
}

impl Tree {
    /// Holds the newest checkpoint against the key of the province.
    fn signature(&self, tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError> {
        let Some(head) = log::head(tx)? else { return Ok(()) };
        let holds = Checkpoint::read(head.note.as_bytes()).is_ok_and(|(said, note)| {
            Signer::new(&said.origin, Algorithm::Ed25519, &self.seed)
                .is_ok_and(|signer| note.verify(signer.key()).is_ok())
        });
        if !holds {
            let place = format!("checkpoint {}", head.size);
            findings.problem(place, "it is not signed by the key of this province");
        }
        Ok(())
    }
}

impl Check for Tree {
    fn name(&self) -> &'static str {
        "public log"
    }

    fn run(&self, tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError> {
        let mut walk = Walk::default();
        let mut from = 0;
        loop {
            let bundles = table::tiles(tx, 0, from, CHUNK)?;
            let Some((last, _)) = bundles.last() else { break };
            from = last + 1;
            for (number, content) in bundles {
                walk.bundle(tx, number, &content, findings)?;
            }
        }
        self.signature(tx, findings)?;
        walk.end(tx, findings)
    }
}

/// A walk along the entries, with what has to be met on the way.
#[derive(Default)]
struct Walk {
    edge: Edge,
    heads: std::collections::VecDeque<Head>,
    last_head: u64,
    tiles: i64,
}

impl Walk {
    fn bundle(&mut self, tx: &mut Tx, number: i64, content: &[u8], findings: &mut Findings) -> Result<(), StoreError> {
        let place = format!("entries {number}");
        self.tiles += 1;
        let entries = tile::hashes(content, content.len() / Hash::BYTES).unwrap_or_default();
        if number != log::signed(self.edge.size() >> 8) || entries.is_empty() || entries.len() > Edge::WIDTH {
            findings.problem(&place, "a bundle of the log is missing, empty or too long");
        }
        for entry in entries {
            let mut whole = Vec::new();
            self.edge.push(Hash::leaf(entry.as_bytes()), |level, number, hashes| {
                whole.push((level, number, hashes.to_vec()));
            });
            for (level, number, hashes) in whole.into_iter().filter(|(level, ..)| *level > 0) {
                self.tile(tx, (level, number), &hashes, findings)?;
            }
            findings.checked(1);
            self.head(tx, findings)?;
        }
        Ok(())
    }

    fn tile(
        &mut self,
        tx: &mut Tx,
        (level, number): (usize, u64),
        hashes: &[Hash],
        findings: &mut Findings,
    ) -> Result<(), StoreError> {
        self.tiles += 1;
        let stored = table::tile(tx, log::signed(level as u64), log::signed(number))?;
        let stored = stored.and_then(|content| tile::hashes(&content, content.len() / Hash::BYTES));
        if stored.as_deref() != Some(hashes) {
            findings.problem(
                format!("tile {level}/{number}"),
                "the tile does not follow from the entries",
            );
        }
        Ok(())
    }

    /// Holds the tree against the checkpoint of its present size, if there is one.
    fn head(&mut self, tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError> {
        if self.heads.is_empty() {
            self.heads
                .extend(table::heads_after(tx, log::signed(self.last_head), CHUNK)?);
        }
        if self.heads.front().is_none_or(|head| head.size != self.edge.size()) {
            return Ok(());
        }
        let Some(head) = self.heads.pop_front() else {
            return Ok(());
        };
        self.last_head = head.size;
        let place = format!("checkpoint {}", head.size);
        if head.root != self.edge.root() {
            findings.problem(&place, "the root does not follow from the entries");
        }
        match Checkpoint::read(head.note.as_bytes()) {
            Ok((said, _)) if said.size == head.size && said.root == head.root => {}
            _ => findings.problem(&place, "the signed note says something else than its row"),
        }
        Ok(())
    }

    fn end(mut self, tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError> {
        let (size, edge) = (self.edge.size(), self.edge.clone());
        for (level, hashes) in edge
            .partial()
            .iter()
            .enumerate()
            .skip(1)
            .filter(|(_, hashes)| !hashes.is_empty())
        {
            self.tile(tx, (level, size >> (8 * (level + 1))), hashes, findings)?;
        }
        if table::tile_count(tx)? != self.tiles {
            findings.problem("ledger_tile", "there are tiles that the tree does not have");
        }
        let newest = log::head(tx)?.map_or(0, |head| head.size);
        if newest != size || self.last_head != newest {
            findings.problem(
                format!("checkpoint {newest}"),
                format!("the log has {size} entries: it was cut off, or has entries that were never signed"),
            );
        }
        Ok(())
    }
}

/// The facts behind the entries.
struct Facts;

impl Check for Facts {
    fn name(&self) -> &'static str {
        "facts in the log"
    }

    fn run(&self, tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError> {
        let mut from = 0;
        loop {
            let facts = table::facts_from(tx, log::signed(from), CHUNK)?;
            if facts.is_empty() {
                break;
            }
            for fact in &facts {
                findings.checked(1);
                let at = fact.position.unwrap_or(0);
                if at != from {
                    findings.problem(
                        format!("entries {from} to {at}"),
                        "the facts behind these entries are gone",
                    );
                }
                from = at + 1;
                let content = table::tile(tx, 0, log::signed(at >> 8))?.unwrap_or_default();
                let begin = usize::try_from(at & 255).unwrap_or(0) * Hash::BYTES;
                if content.get(begin..begin + Hash::BYTES) != Some(&fact.commitment.as_bytes()[..]) {
                    findings.problem(format!("entry {at}"), "the entry is not the hash of its fact");
                }
            }
        }
        let size = log::head(tx)?.map_or(0, |head| head.size);
        if from != size {
            findings.problem(format!("entries from {from}"), "facts and entries are not as many");
        }
        Ok(())
    }
}
