//! The waiting line of submissions: when more people send than can be written down durably, each one keeps her turn, sees how
//! many are before her, and loses nothing of what she typed. Turns live in memory: they say who goes first, never what was sent.
//! Refuses to let newcomers pass those who wait, and to remember who has gone away.

pub(crate) mod http;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use kernel::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use uuid::Uuid;

/// Who has not asked again for so long has gone away.
const GONE: SignedDuration = SignedDuration::from_secs(60);

/// Most turns that are kept; whoever comes then is only told that it is busy.
const TURNS_MAX: usize = 50_000;

/// Seconds after which a page asks again by itself, at least and at most.
const AGAIN_S: (u32, u32) = (2, 15);

/// How many a second come through under load, to guess when it is somebody's turn. Measured: `docs/performance.md`.
const RATE: usize = 500;

/// Where somebody stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// How many are before her.
    pub(crate) before: usize,
    /// When to ask again, in seconds.
    pub(crate) again_s: u32,
}

/// The line of one process of the program.
#[derive(Debug, Default)]
pub(crate) struct Line(Mutex<Turns>);

#[derive(Debug, Default)]
struct Turns {
    next: u64,
    /// Who waits, by turn, and when she asked last.
    waiting: BTreeMap<u64, (Uuid, Timestamp)>,
    turns: HashMap<Uuid, u64>,
}

impl Line {
    /// Whether it is the turn of `who`, when `room` more can be written down. Whoever has to wait has a turn from now on.
    pub(crate) fn pass(&self, who: Uuid, room: usize, now: Timestamp) -> Result<(), Place> {
        let mut turns = self.0.lock();
        if turns.waiting.is_empty() {
            return Ok(());
        }
        turns.forget_gone(now);
        // Half of the room: the other half is for whoever writes something else.
        let before = turns.before(who);
        if before < room / 2 {
            return Ok(());
        }
        Err(turns.wait(who, now))
    }

    /// There was no room after all: `who` keeps or gets a turn.
    pub(crate) fn wait(&self, who: Uuid, now: Timestamp) -> Place {
        self.0.lock().wait(who, now)
    }

    /// `who` is through, or needs no turn any more.
    pub(crate) fn leave(&self, who: Uuid) {
        let mut turns = self.0.lock();
        if let Some(turn) = turns.turns.remove(&who) {
            turns.waiting.remove(&turn);
        }
    }
}

impl Turns {
    fn before(&self, who: Uuid) -> usize {
        match self.turns.get(&who) {
            Some(turn) => self.waiting.range(..turn).count(),
            None => self.waiting.len(),
        }
    }

    fn wait(&mut self, who: Uuid, now: Timestamp) -> Place {
        let before = self.before(who);
        match self.turns.get(&who) {
            Some(turn) => {
                self.waiting.insert(*turn, (who, now));
            }
            None if self.turns.len() < TURNS_MAX => {
                self.next += 1;
                self.turns.insert(who, self.next);
                self.waiting.insert(self.next, (who, now));
            }
            None => {}
        }
        let seconds = u32::try_from(before / RATE).unwrap_or(u32::MAX);
        Place {
            before,
            again_s: seconds.saturating_add(AGAIN_S.0).min(AGAIN_S.1),
        }
    }

    /// Lets go of those at the head who do not ask any more: nobody waits for them.
    fn forget_gone(&mut self, now: Timestamp) {
        while let Some(first) = self.waiting.first_entry() {
            let (who, asked_at) = *first.get();
            if now.since(asked_at) < GONE {
                return;
            }
            first.remove();
            self.turns.remove(&who);
        }
    }
}
