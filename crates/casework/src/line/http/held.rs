//! Submissions that wait, each held once under the key of its form, and what became of them. All of it is in memory and within
//! bounds: nothing here was acknowledged. Refuses to show anything to another account, and more than its bounds.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use axum::body::HttpBody as _;
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

/// Most bytes of answers that nobody has fetched yet: beyond them the oldest goes.
pub(in crate::line) const ANSWER_BYTES_MAX: usize = 32 << 20;

/// What an answer weighs beside its body, and one whose body has no known length.
const ANSWER_BYTES: usize = 512;
const ANSWER_BYTES_UNKNOWN: usize = 64 << 10;

/// Most answers that were fetched and are kept as a word of where they led.
pub(in crate::line) const FETCHED_MAX: usize = 20_000;

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
    /// Those whose answer nobody has fetched, the oldest first; some were fetched since.
    answered: VecDeque<(Timestamp, Uuid)>,
    /// How many of them nobody has fetched, and the bytes of their answers.
    unfetched: usize,
    answer_bytes: usize,
    /// Those whose answer was fetched, in that order. They never make room by what nobody has seen yet.
    fetched: VecDeque<(Timestamp, Uuid)>,
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
        let mut is_known = false;
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
                State::Answered(..) => is_known = true,
            },
            None => {}
        }
        let own = self.of_account.get(&asked.account).copied().unwrap_or(0);
        if self.waiting >= HELD_MAX || self.bytes + asked.bytes > BYTES_MAX || own >= ACCOUNT_MAX {
            return Err(Full);
        }
        if is_known {
            self.let_go(asked.once);
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
        let weight = weight(&reply);
        self.forget(now, weight);
        let Some(entry) = self.all.get_mut(&once) else { return };
        self.answer_bytes += weight;
        self.unfetched += 1;
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
            State::Answered(since, reply) => match reply.take() {
                Some(reply) => {
                    self.answer_bytes = self.answer_bytes.saturating_sub(weight(&reply));
                    self.unfetched = self.unfetched.saturating_sub(1);
                    self.fetched.push_back((*since, once));
                    Look::Answered(reply)
                }
                None => Look::Led(entry.back.clone()),
            },
        }
    }

    /// Lets go of answers that nobody fetched in time, and of the oldest when there is no room for `more` bytes beside them; of
    /// those that were fetched, by their own bound.
    pub(in crate::line) fn forget(&mut self, now: Timestamp, more: usize) {
        while let Some((at, once)) = self.answered.front().copied() {
            let is_there = self.is_answered(once, at, false);
            let has_room = self.answer_bytes + more <= ANSWER_BYTES_MAX;
            if is_there && now.since(at) < KEPT && has_room {
                break;
            }
            self.answered.pop_front();
            if is_there {
                self.let_go(once);
            }
        }
        while let Some((at, once)) = self.fetched.front().copied() {
            if now.since(at) < KEPT && self.fetched.len() < FETCHED_MAX {
                break;
            }
            self.fetched.pop_front();
            if self.is_answered(once, at, true) {
                self.let_go(once);
            }
        }
        self.tidy();
    }

    /// Takes out what was fetched behind an answer that nobody fetches.
    fn tidy(&mut self) {
        if self.answered.len() <= 2 * self.unfetched + 1024 {
            return;
        }
        let mut answered = std::mem::take(&mut self.answered);
        answered.retain(|(at, once)| self.is_answered(*once, *at, false));
        self.answered = answered;
    }

    /// Whether it still is what was answered then: sent once more meanwhile, it waits again or has a later answer of its own.
    fn is_answered(&self, once: Uuid, at: Timestamp, fetched: bool) -> bool {
        let is_it = |entry: &Entry| matches!(&entry.state, State::Answered(since, reply) if *since == at && reply.is_none() == fetched);
        self.all.get(&once).is_some_and(is_it)
    }

    fn let_go(&mut self, once: Uuid) {
        if let Some(entry) = self.all.remove(&once)
            && let State::Answered(_, Some(reply)) = entry.state
        {
            self.answer_bytes = self.answer_bytes.saturating_sub(weight(&reply));
            self.unfetched = self.unfetched.saturating_sub(1);
        }
    }

    /// How many answers are kept, and the bytes of those that nobody has fetched.
    #[cfg(test)]
    pub(in crate::line) fn kept(&self) -> (usize, usize) {
        (self.all.len() - self.waiting, self.answer_bytes)
    }
}

/// What an answer takes in memory, roughly.
fn weight(answer: &Answer) -> usize {
    let Ok(response) = answer else { return ANSWER_BYTES };
    let body = response.body().size_hint().exact();
    let body = body.map_or(ANSWER_BYTES_UNKNOWN, |bytes| {
        usize::try_from(bytes).unwrap_or(usize::MAX)
    });
    body.saturating_add(ANSWER_BYTES)
}

/// Where an answer leads, if anywhere.
fn leads_to(reply: &Answer) -> Option<String> {
    let to = reply.as_ref().ok()?.headers().get(header::LOCATION)?;
    to.to_str().ok().filter(|to| to.starts_with('/')).map(str::to_owned)
}
