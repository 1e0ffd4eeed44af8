//! The queue of a desk: numbers by desk and day, a kiosk that gives them, a page that shows and calls them, and the officer's
//! "next". Owns the order: those whom the law lets go first, then by number.
//! Refuses to know who holds a number: a ticket carries no person, so that its display may be public.
//! Law: Luật Người cao tuổi 39/2009/QH12, Luật Người khuyết tật 51/2010/QH12 (precedence at public services).

pub mod http;
pub mod rules;
pub(crate) mod store;
#[cfg(test)]
mod tests;
mod view;

use identity::{AccountId, UnitId};
use kernel::{Date, ErrorKind, Fault, Timestamp};

use kernel::words;

kernel::define_id!(
    /// One number of one desk and day.
    pub struct TicketId
);

words! {
    /// What somebody came for.
    Lane {
        /// To hand in a dossier.
        File = "file",
        /// To fetch a result.
        Result = "result",
        /// To ask.
        Ask = "ask",
    }
}

words! {
    /// Where a number stands.
    TicketState {
        /// Not called yet.
        Waiting = "waiting",
        /// Called, and at a counter.
        Called = "called",
        /// Called and not there; may be called again.
        Absent = "absent",
        /// Served.
        Done = "done",
    }
}

words! {
    /// What an officer does with the queue.
    Deed {
        /// Calls the next number.
        Next = "next",
        /// Calls the same number once more.
        Again = "again",
        /// Nobody came.
        Absent = "absent",
        /// Somebody who was absent is there now.
        Back = "back",
        /// Served.
        Done = "done",
    }
}

/// One number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Its id.
    pub id: TicketId,
    /// The desk.
    pub desk: UnitId,
    /// The day.
    pub day: Date,
    /// Its number on that day, from 1.
    pub number: i64,
    /// What for.
    pub lane: Lane,
    /// Goes first by law.
    pub is_priority: bool,
    /// Where it stands.
    pub state: TicketState,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// When it was called first.
    pub called_at: Option<Timestamp>,
    /// When it was called last.
    pub last_called_at: Option<Timestamp>,
    /// How often it was called.
    pub calls: i64,
    /// Where: "3", "Hộ tịch".
    pub counter: String,
    /// Who called it.
    pub officer: Option<AccountId>,
    /// When it was served or given up.
    pub ended_at: Option<Timestamp>,
}

impl Ticket {
    /// The number as it is printed and called: `A012`; numbers that go first begin with `U` (ưu tiên).
    #[must_use]
    pub fn shown(&self) -> String {
        let letter = match (self.is_priority, self.lane) {
            (true, _) => 'U',
            (_, Lane::File) => 'A',
            (_, Lane::Result) => 'B',
            (_, Lane::Ask) => 'C',
        };
        format!("{letter}{:03}", self.number)
    }
}

/// Something was not done with the queue.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// No such desk, or the address is not the kiosk's.
    #[error("no such desk, or the key of its kiosk is another one")]
    NoDesk,
    /// No such number on this day.
    #[error("no such number today")]
    NoTicket,
    /// Nobody waits.
    #[error("nobody waits")]
    Empty,
    /// The number is not where this can be done.
    #[error("the number is not in a state for that")]
    WrongState,
    /// All numbers of the day are given.
    #[error("the numbers of the day are used up")]
    Full,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] ::store::StoreError),
}

impl Fault for QueueError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NoDesk | Self::NoTicket => ErrorKind::NotFound,
            Self::Empty | Self::WrongState => ErrorKind::Conflict,
            Self::Full => ErrorKind::Gone,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoDesk => "queue-no-desk",
            Self::NoTicket => "queue-no-ticket",
            Self::Empty => "queue-empty",
            Self::WrongState => "queue-wrong-state",
            Self::Full => "queue-full",
            Self::Store(error) => error.code(),
        }
    }
}
