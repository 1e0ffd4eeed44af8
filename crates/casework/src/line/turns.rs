//! Whose turn it is: so many at once, those who have begun before those who begin, each in the order of coming. Who begins is
//! not put off for ever: one turn in eight is hers. Pure, and the same for whatever is told that its turn has come.

use std::collections::VecDeque;

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
    waiting: VecDeque<W>,
}

impl<W> Default for Turns<W> {
    fn default() -> Self {
        let queue = || Queue {
            first: 0,
            waiting: VecDeque::new(),
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
        self.under_way.waiting.len() + self.new.waiting.len()
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
        queue.waiting.push_back(who);
        Ticket { class, number }
    }

    /// How many of her class are before her; none when it is her turn or was.
    pub(super) fn before(&self, ticket: Ticket) -> usize {
        let queue = match ticket.class {
            Class::UnderWay => &self.under_way,
            Class::New => &self.new,
        };
        usize::try_from(ticket.number.saturating_sub(queue.first)).unwrap_or(usize::MAX)
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
        let both = !self.under_way.waiting.is_empty() && !self.new.waiting.is_empty();
        let class = match (both, self.under_way.waiting.is_empty()) {
            (true, _) if self.put_off + 1 < NEW_EVERY => Class::UnderWay,
            (true, _) | (false, true) => Class::New,
            (false, false) => Class::UnderWay,
        };
        self.put_off = if both && class == Class::UnderWay {
            self.put_off + 1
        } else {
            0
        };
        let queue = self.queue(class);
        let who = queue.waiting.pop_front()?;
        queue.first += 1;
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
