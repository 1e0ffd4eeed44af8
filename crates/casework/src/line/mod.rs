//! The waiting line of submissions. So many are worked on at once as the machine does quickly; whoever comes then is held, once,
//! in the order of coming, sees her place, and is worked on when her turn comes whether or not she looks. Reading waits for none
//! of this. The line is in memory: nothing in it was acknowledged, and a restart empties it. Refuses to grow beyond its bounds.

pub(crate) mod http;
mod limit;
mod turns;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use identity::AccountId;
use kernel::{ErrorKind, Fault, SignedDuration, Timestamp};
use parking_lot::Mutex;
use tokio::sync::oneshot;
use uuid::Uuid;

use self::http::held::{Answer, Asked, Full, Held, Look, Work};
use limit::Limit;
pub(crate) use turns::Class;
use turns::{Ticket, Turns};

/// Requests that wait for an answer at once, rather than for a page that tells their place.
const PATIENT_MAX: usize = 128;

/// Requests that wait for their turn with their connection open, because what they bring is not held in memory.
const STANDING_MAX: usize = 256;

/// Seconds after which a page looks again by itself, at least and at most.
const AGAIN_S: (u32, u32) = (3, 30);

/// The same while the line is held up.
const HELD_UP_AGAIN_S: u32 = 10;

/// Pages that look again in a second, all together: what looking may cost.
const LOOKS_PER_S: usize = 100;

/// For how long turns are counted to tell how fast the line goes.
const PACE: SignedDuration = SignedDuration::from_secs(5);

/// Where somebody stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// How many are before her.
    pub(crate) before: usize,
    /// When to look again, in seconds.
    pub(crate) again_s: u32,
    /// In how many seconds her turn comes, if the line goes on as it did; unknown before it was watched.
    pub(crate) about_s: Option<u32>,
}

/// The line of one process of the program. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    gate: Mutex<Gate>,
    held: Mutex<Held>,
    patient: AtomicUsize,
    standing: AtomicUsize,
}

#[derive(Debug, Default)]
struct Gate {
    turns: Turns<oneshot::Sender<Turn>>,
    limit: Limit,
    /// Of those who have begun, and of those who begin.
    paces: [Pace; 2],
    /// How many hold the line up.
    held_up: usize,
}

impl Gate {
    /// How many may be worked on at once.
    const fn at_once(&self) -> usize {
        if self.held_up > 0 { 0 } else { self.limit.at_once() }
    }
}

/// As long as it lives nobody comes to her turn: whoever submits waits in the line and is shown her place.
#[derive(Debug)]
pub struct HeldUp {
    line: Line,
    now: Timestamp,
}

impl Drop for HeldUp {
    fn drop(&mut self) {
        let mut gate = self.line.0.gate.lock();
        gate.held_up = gate.held_up.saturating_sub(1);
        drop(gate);
        self.line.hand_out(self.now);
    }
}

/// How many turns are given in a second.
#[derive(Debug, Default)]
struct Pace {
    from: Option<Timestamp>,
    count: u32,
    per_second: Option<f64>,
}

impl Pace {
    fn given(&mut self, now: Timestamp) {
        let from = *self.from.get_or_insert(now);
        let time = now.since(from);
        if time >= PACE {
            self.per_second = Some(f64::from(self.count) / time.as_secs_f64());
            (self.from, self.count) = (Some(now), 0);
        }
        self.count += 1;
    }
}

/// Somebody's turn, as long as it is held. Dropped, it goes to the next one.
#[derive(Debug)]
pub(crate) struct Turn {
    line: Line,
    now: Timestamp,
    /// How long it waited for a processor, when that was measured.
    waited: Option<SignedDuration>,
    /// It was given back already.
    is_over: bool,
}

impl Turn {
    /// It is over at `now`; a task waited so long for a processor meanwhile.
    pub(crate) fn done(mut self, now: Timestamp, waited: SignedDuration) {
        (self.now, self.waited) = (now, Some(waited));
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.is_over {
            self.line.give_back(self.now, self.waited);
        }
    }
}

/// Somebody who waits for her answer a moment before she is shown her place.
#[derive(Debug)]
struct Patient<'a>(&'a AtomicUsize);

impl<'a> Patient<'a> {
    /// One of at most so many.
    fn among(all: &'a AtomicUsize, most: usize) -> Option<Self> {
        let one = Self(all);
        (all.fetch_add(1, Ordering::Relaxed) < most).then_some(one)
    }
}

/// Somebody who stands in the line with her connection open; whoever hangs up leaves it.
#[derive(Debug)]
struct Standing<'a> {
    line: &'a Line,
    ticket: Ticket,
    _patient: Patient<'a>,
}

impl Standing<'_> {
    fn place(&self) -> Place {
        self.line.place(self.ticket)
    }
}

impl Drop for Standing<'_> {
    fn drop(&mut self) {
        self.line.0.gate.lock().turns.leave(self.ticket);
    }
}

/// Her turn did not come while she waited with her connection open. Nothing of what she sent was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{before} submissions are before this one")]
pub(crate) struct NoTurn {
    before: usize,
    again_s: u32,
}

impl From<Place> for NoTurn {
    fn from(place: Place) -> Self {
        Self {
            before: place.before,
            again_s: place.again_s,
        }
    }
}

impl Fault for NoTurn {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Busy {
            retry_after_s: self.again_s,
        }
    }

    fn code(&self) -> &'static str {
        "line-no-turn"
    }

    fn args(&self) -> Vec<(&'static str, String)> {
        vec![("before", self.before.to_string())]
    }
}

impl Drop for Patient<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Line {
    /// A turn at once, when nobody waits and there is room.
    pub(crate) fn turn(&self, now: Timestamp) -> Option<Turn> {
        let mut gate = self.0.gate.lock();
        let at_once = gate.at_once();
        gate.turns.take(at_once).then(|| self.given(now))
    }

    /// Lets nobody come to her turn as long as the answer lives.
    pub(crate) fn hold_up(&self, now: Timestamp) -> HeldUp {
        self.0.gate.lock().held_up += 1;
        HeldUp {
            line: self.clone(),
            now,
        }
    }

    fn given(&self, now: Timestamp) -> Turn {
        Turn {
            line: self.clone(),
            now,
            waited: None,
            is_over: false,
        }
    }

    /// Holds a submission until its turn; none when it is held already.
    fn take_in(
        &self,
        asked: Asked,
        class: Class,
        work: Work,
        now: Timestamp,
    ) -> Result<Option<oneshot::Receiver<Turn>>, Full> {
        let (told, turn) = oneshot::channel();
        let ticket = || self.0.gate.lock().turns.wait(class, told);
        let is_new = self.0.held.lock().take_in(asked, work, ticket)?;
        // Room may have come since it was looked for.
        self.hand_out(now);
        Ok(is_new.then_some(turn))
    }

    /// Waits in the line without being held, unless many do.
    fn stand(&self, class: Class, now: Timestamp) -> Option<(Standing<'_>, oneshot::Receiver<Turn>)> {
        let patient = Patient::among(&self.0.standing, STANDING_MAX)?;
        let (told, turn) = oneshot::channel();
        let ticket = self.0.gate.lock().turns.wait(class, told);
        let standing = Standing {
            line: self,
            ticket,
            _patient: patient,
        };
        // Room may have come since it was looked for.
        self.hand_out(now);
        Some((standing, turn))
    }

    /// Tells whoever is next that it is their turn, as long as there is room.
    fn hand_out(&self, now: Timestamp) {
        loop {
            let mut gate = self.0.gate.lock();
            let at_once = gate.at_once();
            let next = gate.turns.next(at_once);
            if let Some((class, _)) = &next {
                gate.paces[index(*class)].given(now);
            }
            measure(&gate);
            drop(gate);
            let Some((_, told)) = next else { return };
            // Where nobody listens any more it is the next one's turn.
            if let Err(mut turn) = told.send(self.given(now)) {
                turn.is_over = true;
                self.0.gate.lock().turns.give_back();
            }
        }
    }

    fn give_back(&self, now: Timestamp, waited: Option<SignedDuration>) {
        {
            let mut gate = self.0.gate.lock();
            let was_full = gate.turns.active() >= gate.at_once();
            gate.turns.give_back();
            if let Some(waited) = waited {
                gate.limit.waited(waited, was_full);
            }
        }
        self.hand_out(now);
    }

    /// The engine had no room for one more write.
    fn choke(&self) {
        self.0.gate.lock().limit.choke();
    }

    /// What becomes of a submission.
    fn look(&self, once: Uuid, account: AccountId) -> Look {
        self.0.held.lock().look(once, account)
    }

    fn begin(&self, once: Uuid) -> Option<Work> {
        self.0.held.lock().begin(once)
    }

    fn finish(&self, once: Uuid, answer: Answer, now: Timestamp) {
        self.0.held.lock().finish(once, answer, now);
    }

    /// Lets go of answers that nobody came for in time. Whoever runs the program calls it now and then: without it they would stay until
    /// the next submission.
    pub(crate) fn forget(&self, now: Timestamp) {
        self.0.held.lock().forget(now, 0);
    }

    /// Leave to wait for an answer, unless many do.
    fn patient(&self) -> Option<Patient<'_>> {
        Patient::among(&self.0.patient, PATIENT_MAX)
    }

    /// Where the holder of a ticket stands.
    fn place(&self, ticket: Ticket) -> Place {
        let gate = self.0.gate.lock();
        let (before, waiting) = (gate.turns.before(ticket), gate.turns.waiting());
        let mut place = place(before, waiting, gate.paces[index(ticket.class)].per_second);
        if gate.held_up > 0 {
            // Nothing moves: looking often tells nothing.
            (place.again_s, place.about_s) = (HELD_UP_AGAIN_S, None);
        }
        place
    }

    /// Where somebody stands who is not even held: behind everybody.
    fn behind_all(&self) -> Place {
        let gate = self.0.gate.lock();
        let waiting = gate.turns.waiting();
        place(waiting, waiting, None)
    }
}

const fn index(class: Class) -> usize {
    match class {
        Class::UnderWay => 0,
        Class::New => 1,
    }
}

fn measure(gate: &Gate) {
    metrics::gauge!("line_active").set(gate.turns.active() as f64);
    metrics::gauge!("line_waiting").set(gate.turns.waiting() as f64);
    metrics::gauge!("line_active_max").set(gate.at_once() as f64);
}

/// The place behind `before` people of a line in which `waiting` wait.
fn place(before: usize, waiting: usize, per_second: Option<f64>) -> Place {
    let about = per_second
        .filter(|pace| *pace > 0.0)
        .map(|pace| (before as f64 / pace).ceil().min(86_400.0) as u32);
    let (least, most) = AGAIN_S;
    let share = u32::try_from(waiting / LOOKS_PER_S).unwrap_or(u32::MAX);
    Place {
        before,
        // Looking more often than every third of the time that is left tells nothing new.
        again_s: share.max(about.unwrap_or(0) / 3).clamp(least, most),
        about_s: about,
    }
}
