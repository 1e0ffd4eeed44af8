//! Whose turn it is: so many at once, those who have begun before those who begin, each in the order of coming. Who begins is
//! not put off for ever: one turn in eight is hers. Pure, and the same for whatever is told that its turn has come.

use std::collections::{BTreeSet, VecDeque};

/// How often those who begin have a turn while others wait who have begun already.
pub(super) const NEW_EVERY: u32 = 8;

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Class {
    /// To go on with what she has begun: she goes first, so that what is begun comes to an end.
    UnderWay,
    /// To begin.
    New,
}

/// A place in the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Ticket {
    pub(super) class: Class,
    number: u64,
}

/// Who is worked on and who waits.
#[derive(Debug)]
pub(super) struct Turns<W> {
    active: usize,
    under_way: Queue<W>,
    new: Queue<W>,
    /// Turns in a row that did not go to somebody who begins although one waited.
    put_off: u32,
}

/// Those of one class, in the order of coming.
#[derive(Debug)]
struct Queue<W> {
    /// Number of the first one that waits.
    first: u64,
    /// None where somebody left; never at the front.
    waiting: VecDeque<Option<W>>,
    /// Numbers of those who left, so that nobody counts them before her.
    gone: BTreeSet<u64>,
}

impl<W> Queue<W> {
    fn len(&self) -> usize {
        self.waiting.len() - self.gone.len()
    }

    fn pop(&mut self) -> Option<W> {
        let who = self.waiting.pop_front().flatten();
        self.first += u64::from(who.is_some());
        self.close_up();
        who
    }

    /// Takes those who left away from the front.
    fn close_up(&mut self) {
        while self.gone.remove(&self.first) {
            self.waiting.pop_front();
            self.first += 1;
        }
    }
}

impl<W> Default for Turns<W> {
    fn default() -> Self {
        let queue = || Queue {
            first: 0,
            waiting: VecDeque::new(),
            gone: BTreeSet::new(),
        };
        Self {
            active: 0,
            under_way: queue(),
            new: queue(),
            put_off: 0,
        }
    }
}

impl<W> Turns<W> {
    /// How many are worked on.
    pub(super) const fn active(&self) -> usize {
        self.active
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.under_way.len() + self.new.len()
    }

    /// Takes a turn at once, when nobody waits and there is room for one more.
    pub(super) fn take(&mut self, at_once: usize) -> bool {
        let free = self.waiting() == 0 && self.active < at_once;
        self.active += usize::from(free);
        free
    }

    /// Waits behind all of the same class.
    pub(super) fn wait(&mut self, class: Class, who: W) -> Ticket {
        let queue = self.queue(class);
        let number = queue.first + queue.waiting.len() as u64;
        queue.waiting.push_back(Some(who));
        Ticket { class, number }
    }

    /// Somebody leaves before it is her turn; nothing where it is or was.
    pub(super) fn leave(&mut self, ticket: Ticket) {
        let queue = self.queue(ticket.class);
        let at = ticket
            .number
            .checked_sub(queue.first)
            .and_then(|at| usize::try_from(at).ok());
        let place = at.and_then(|at| queue.waiting.get_mut(at));
        if place.is_some_and(|place| place.take().is_some()) {
            queue.gone.insert(ticket.number);
            queue.close_up();
        }
    }

    /// How many of her class are before her; none when it is her turn or was.
    pub(super) fn before(&self, ticket: Ticket) -> usize {
        let queue = match ticket.class {
            Class::UnderWay => &self.under_way,
            Class::New => &self.new,
        };
        let all = usize::try_from(ticket.number.saturating_sub(queue.first)).unwrap_or(usize::MAX);
        all.saturating_sub(queue.gone.range(..ticket.number).count())
    }

    /// Gives a turn back.
    pub(super) fn give_back(&mut self) {
        self.active = self.active.saturating_sub(1);
    }

    /// Whose turn is next, when there is room for one more; she is worked on from now.
    pub(super) fn next(&mut self, at_once: usize) -> Option<(Class, W)> {
        if self.active >= at_once {
            return None;
        }
        let both = self.under_way.len() > 0 && self.new.len() > 0;
        let class = match (both, self.under_way.len() == 0) {
            (true, _) if self.put_off + 1 < NEW_EVERY => Class::UnderWay,
            (true, _) | (false, true) => Class::New,
            (false, false) => Class::UnderWay,
        };
        self.put_off = if both && class == Class::UnderWay {
            self.put_off + 1
        } else {
            0
        };
        let who = self.queue(class).pop()?;
        self.active += 1;
        Some((class, who))
    }

    fn queue(&mut self, class: Class) -> &mut Queue<W> {
        match class {
            Class::UnderWay => &mut self.under_way,
            Class::New => &mut self.new,
        }
    }
}
