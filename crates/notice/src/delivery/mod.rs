//! Deliveries: one row a message and channel, from queued to delivered or to a reason why not. Sent means that a server took
//! it; delivered only its report says. Owns sending in order for each recipient, caps, quiet hours, and waiting out a server
//! that is down: nothing is lost, nothing is sent twice, what is stale is dropped with a reason.

pub mod http;
mod outcome;
mod pump;
pub mod report;
pub mod rules;
pub(crate) mod store;
#[cfg(test)]
mod tests;

pub use pump::Pumped;

use kernel::Timestamp;

use crate::channel::Channel;
use crate::message::{MessageId, Parameters};
use kernel::words;

kernel::define_id!(
    /// One message on one channel.
    pub struct DeliveryId
);

words! {
    /// Where a delivery stands.
    State {
        /// Waits for its turn, for morning, for a server that is down.
        Queued = "queued",
        /// Handed over right now.
        Sending = "sending",
        /// A server took it. Nobody has read it yet.
        Sent = "sent",
        /// It arrived, as the provider reports; a letter: as the officer reports who posted it.
        Delivered = "delivered",
        /// It did not arrive, and is tried no more.
        Failed = "failed",
        /// The server took it not and never will.
        Refused = "refused",
        /// It was not sent, for a reason.
        Skipped = "skipped",
    }
}

impl State {
    /// Nothing happens to it by itself any more, but for a report.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        !matches!(self, Self::Queued | Self::Sending)
    }
}

words! {
    /// Why a delivery was not made.
    Reason {
        /// It waited longer than it was worth.
        Stale = "stale",
        /// The person does not want this channel.
        Unwanted = "unwanted",
        /// There is no address for this channel.
        NoAddress = "no-address",
        /// Zalo has approved no template for it.
        NoTemplate = "no-template",
        /// Another channel tells it; sent if that fails.
        OthersFirst = "others-first",
        /// A server refused it.
        Refused = "refused",
        /// Tried as often as it is worth.
        Tries = "tries",
        /// It may have been sent: the program ended meanwhile, and the gateway would not know a second sending.
        Unknown = "unknown",
        /// It cannot be put into words that fit.
        Words = "words",
        /// The provider reports that it did not arrive.
        Reported = "reported",
        /// No browser listens any more.
        DevicesGone = "devices-gone",
        /// She has died: what reaches her contacts would reach who mourns her.
        Deceased = "deceased",
    }
}

/// A delivery whose turn it is.
#[derive(Debug, Clone)]
pub(crate) struct Due {
    pub(crate) id: DeliveryId,
    pub(crate) message: MessageId,
    pub(crate) attempts: i64,
    pub(crate) stored: crate::message::store::Stored,
}

/// What an operator sees of a delivery: no recipient, no words.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Its id.
    pub id: DeliveryId,
    /// Channel.
    pub channel: Channel,
    /// Kind of event.
    pub kind: String,
    /// Code of the dossier.
    pub reference: String,
    /// Where it stands.
    pub state: State,
    /// Why.
    pub reason: Option<Reason>,
    /// What the server said, as kind and number.
    pub detail: Option<String>,
    /// How often it was tried.
    pub attempts: i64,
    /// When the event was.
    pub at: Timestamp,
    /// When it was tried last.
    pub tried_at: Option<Timestamp>,
}

/// How a channel fares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineState {
    /// The day that `spent_dong` counts.
    pub day: Option<kernel::Date>,
    /// What that day has cost.
    pub spent_dong: i64,
    /// The minute, since 1970, that `minute_count` counts.
    pub minute: i64,
    /// Messages in that minute.
    pub minute_count: i64,
    /// Failures of the channel in a row.
    pub failures: i64,
    /// Nothing is sent until then.
    pub paused_until: Option<Timestamp>,
    /// What was wrong last.
    pub last_error: Option<String>,
    /// When something was accepted last.
    pub sent_at: Option<Timestamp>,
}

/// A letter that waits to be printed, or was.
#[derive(Debug, Clone)]
pub struct LetterRow {
    /// Its delivery.
    pub id: DeliveryId,
    /// Kind of event.
    pub kind: String,
    /// Code of the dossier.
    pub reference: String,
    /// When the event was.
    pub at: Timestamp,
    /// The values.
    pub parameters: Parameters,
}
