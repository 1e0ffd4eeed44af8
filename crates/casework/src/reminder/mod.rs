//! Reminders: the officer and the leader before a deadline and after it, the unit above when it stays over, the desk about
//! reception, the applicant about what she was asked for. Each is told once for each deadline, by the working calendar.
//! Refuses to change a dossier: being reminded decides nothing. TT 03/2025/TT-VPCP (reception within 8 working hours).

mod jobs;
pub mod rules;
pub(crate) mod store;
#[cfg(test)]
pub(crate) mod tests;

pub use jobs::{Reminded, remind};

use kernel::Timestamp;

use crate::notice::NoticeKind;
use kernel::words;

words! {
    /// What is reminded of.
    Stage {
        /// Reception is due within two working hours.
        ReceiptNear = "receipt-near",
        /// Reception is late.
        ReceiptLate = "receipt-late",
        /// The result is due within a working day, or within a quarter of its whole time.
        Near = "near",
        /// The result is over.
        Over = "over",
        /// It has been over for two working days.
        Escalated = "escalated",
        /// Nothing has happened for days, and nobody else is waited for.
        Still = "still",
        /// The applicant was asked for papers five working days ago.
        Supplement = "supplement",
    }
}

impl Stage {
    /// What the page says.
    #[must_use]
    pub const fn notice(self) -> NoticeKind {
        match self {
            Self::ReceiptNear => NoticeKind::ReceiptNear,
            Self::ReceiptLate => NoticeKind::ReceiptLate,
            Self::Near => NoticeKind::DueNear,
            Self::Over => NoticeKind::DueOver,
            Self::Escalated => NoticeKind::Escalated,
            Self::Still => NoticeKind::LiesStill,
            Self::Supplement => NoticeKind::SupplementWaits,
        }
    }

    /// The kind of message that tells it beside the page.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::ReceiptNear => "reminder.receipt-near",
            Self::ReceiptLate => "reminder.receipt-late",
            Self::Near => "reminder.near",
            Self::Over => "reminder.over",
            Self::Escalated => "reminder.escalated",
            Self::Still => "reminder.still",
            Self::Supplement => "reminder.supplement",
        }
    }

    /// Whom it concerns.
    #[must_use]
    pub const fn audience(self) -> Audience {
        match self {
            Self::ReceiptNear | Self::ReceiptLate => Audience::Desk,
            Self::Near | Self::Over | Self::Still => Audience::OfficerAndLeader,
            Self::Escalated => Audience::UnitAbove,
            Self::Supplement => Audience::Applicant,
        }
    }
}

/// Who is reminded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The desk officers of the desk.
    Desk,
    /// Who works on it and the leaders of the unit that has it.
    OfficerAndLeader,
    /// The leaders of the unit above.
    UnitAbove,
    /// The applicant.
    Applicant,
}

/// A stage that a dossier has reached, and the hour that it is about: the same stage of another hour is told again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// The stage.
    pub stage: Stage,
    /// The deadline, since when the applicant is asked, or the last step before it lay still.
    pub about: Timestamp,
}
