//! Submissions that wait, each held once under the key of its form, and what became of them. All of it is in memory and within
//! bounds: nothing here was acknowledged. Refuses to show anything to another account, and more than its bounds.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use axum::response::Response;
use futures::future::BoxFuture;
use http::header;
use identity::AccountId;
use kernel::{SignedDuration, Timestamp};
use uuid::Uuid;
use web::Reply;

use crate::line::turns::Ticket;

/// Most submissions that wait.
pub(in crate::line) const HELD_MAX: usize = 20_000;

/// Most bytes of what was typed in them.
pub(in crate::line) const BYTES_MAX: usize = 64 << 20;

/// Most that one account has in the line.
pub(in crate::line) const ACCOUNT_MAX: usize = 8;

/// How long what became of one is kept for a page that asks.
const KEPT: SignedDuration = SignedDuration::from_mins(10);

/// An answer to a form.
pub(crate) type Answer = Reply<Response>;

/// What is done when it is somebody's turn; done again when the engine had no room.
pub(crate) type Work = Arc<dyn Fn() -> BoxFuture<'static, Answer> + Send + Sync>;

/// Something to be held until its turn.
pub(crate) struct Asked {
    /// The key of its form.
    pub(crate) once: Uuid,
    /// Whose it is.
    pub(crate) account: AccountId,
    /// Bytes of what was typed.
    pub(crate) bytes: usize,
    /// Where the form is, for who comes back after its answer was fetched.
    pub(crate) back: String,
}

/// The line is full, or full for this account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::line) struct Full;

/// What becomes of a submission.
pub(in crate::line) enum Look {
    /// Nobody knows it, or it is somebody else's.
    Unknown,
    /// It waits.
    Waits(Ticket),
    /// It is worked on.
    Works,
    /// It was answered so, and nobody has fetched that yet.
    Answered(Answer),
    /// It was answered and the answer was fetched: it led here.
    Led(String),
}

/// All of them.
#[derive(Default)]
pub(in crate::line) struct Held {
    all: HashMap<Uuid, Entry>,
    waiting: usize,
    bytes: usize,
    of_account: HashMap<AccountId, usize>,
    /// Those that were answered, the oldest first.
    answered: VecDeque<(Timestamp, Uuid)>,
}

struct Entry {
    account: AccountId,
    bytes: usize,
    back: String,
    state: State,
}

enum State {
    Waits(Ticket, Work),
    Works,
    /// Since when, and the answer until it is fetched.
    Answered(Timestamp, Option<Answer>),
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Held")
            .field("waiting", &self.waiting)
            .finish_non_exhaustive()
    }
}

impl Held {
    /// Holds it, with the ticket that `ticket` draws; whether it is new. One that waits already is held once: what was typed
    /// last stands in for what was typed before, at the same place.
    pub(in crate::line) fn take_in(
        &mut self,
        asked: Asked,
        work: Work,
        ticket: impl FnOnce() -> Ticket,
    ) -> Result<bool, Full> {
        match self.all.get_mut(&asked.once) {
            Some(entry) if entry.account != asked.account => return Err(Full),
            Some(entry) => match &mut entry.state {
                State::Waits(_, held) => {
                    let bytes = self.bytes.saturating_sub(entry.bytes) + asked.bytes;
                    if bytes > BYTES_MAX {
                        return Err(Full);
                    }
                    *held = work;
                    (self.bytes, entry.bytes) = (bytes, asked.bytes);
                    return Ok(false);
                }
                State::Works => return Ok(false),
                // Sent once more after its answer: a new sending, as without a line.
                State::Answered(..) => {}
            },
            None => {}
        }
        let own = self.of_account.get(&asked.account).copied().unwrap_or(0);
        if self.waiting >= HELD_MAX || self.bytes + asked.bytes > BYTES_MAX || own >= ACCOUNT_MAX {
            return Err(Full);
        }
        self.waiting += 1;
        self.bytes += asked.bytes;
        self.of_account.insert(asked.account, own + 1);
        let entry = Entry {
            account: asked.account,
            bytes: asked.bytes,
            back: asked.back,
            state: State::Waits(ticket(), work),
        };
        self.all.insert(asked.once, entry);
        Ok(true)
    }

    /// It is its turn: gives what is to be done.
    pub(in crate::line) fn begin(&mut self, once: Uuid) -> Option<Work> {
        let entry = self.all.get_mut(&once)?;
        match std::mem::replace(&mut entry.state, State::Works) {
            State::Waits(_, work) => Some(work),
            other => {
                entry.state = other;
                None
            }
        }
    }

    /// It was answered.
    pub(in crate::line) fn finish(&mut self, once: Uuid, reply: Answer, now: Timestamp) {
        self.forget(now);
        let Some(entry) = self.all.get_mut(&once) else { return };
        if let Some(to) = leads_to(&reply) {
            entry.back = to;
        }
        entry.state = State::Answered(now, Some(reply));
        self.waiting = self.waiting.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(entry.bytes);
        let account = entry.account;
        self.answered.push_back((now, once));
        if let Some(own) = self.of_account.get_mut(&account) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                self.of_account.remove(&account);
            }
        }
    }

    /// What becomes of the submission `once` of `account`. An answer is given out once.
    pub(in crate::line) fn look(&mut self, once: Uuid, account: AccountId) -> Look {
        let Some(entry) = self.all.get_mut(&once).filter(|entry| entry.account == account) else {
            return Look::Unknown;
        };
        match &mut entry.state {
            State::Waits(ticket, _) => Look::Waits(*ticket),
            State::Works => Look::Works,
            State::Answered(_, reply) => match reply.take() {
                Some(reply) => Look::Answered(reply),
                None => Look::Led(entry.back.clone()),
            },
        }
    }

    /// Lets go of answers that nobody fetched in time, and of the oldest when there are too many.
    fn forget(&mut self, now: Timestamp) {
        while let Some((at, once)) = self.answered.front().copied() {
            if now.since(at) < KEPT && self.answered.len() < HELD_MAX {
                return;
            }
            self.answered.pop_front();
            // Sent once more meanwhile, it waits again or has a later answer of its own.
            let is_it = |entry: &Entry| matches!(entry.state, State::Answered(since, _) if since == at);
            if self.all.get(&once).is_some_and(is_it) {
                self.all.remove(&once);
            }
        }
    }
}

/// Where an answer leads, if anywhere.
fn leads_to(reply: &Answer) -> Option<String> {
    let to = reply.as_ref().ok()?.headers().get(header::LOCATION)?;
    to.to_str().ok().filter(|to| to.starts_with('/')).map(str::to_owned)
}
