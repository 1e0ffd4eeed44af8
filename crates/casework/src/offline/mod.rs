//! The desk that works with the line down: devices of a desk, codes reserved for them, sealed items and their way in. Owns
//! what a device is told beforehand, what it may send, and the instant from which deadlines run. Refuses a second way of
//! filing: an item that was opened is the form of `/desk/intake`, read and saved by the functions of `intake`.
//!
//! Real codes, no temporary numbers: the paper in a person's hand must open her dossier for good. A code says agency and
//! day of reception (TT 01/2018/TT-VPCP), and both are known beforehand, so that each device holds numbers for today and the days after. They
//! count apart, from 90001: numbers given with the line up go on without gaps, and an unused one is missing nowhere.
//! Law: NĐ 118/2025/NĐ-CP Điều 14-17 (reception, paper receipt); Luật 91/2025/QH15 (personal data stays sealed).

pub mod http;
pub(crate) mod intake;
pub mod rules;
pub mod seal;
pub mod set;
pub(crate) mod store;
#[cfg(test)]
mod tests;
pub(crate) mod view;

use identity::{AccountId, UnitId};
use kernel::{AgencyCode, Date, DossierCode, ErrorKind, Fault, Timestamp};

use crate::dossier::DossierId;
use kernel::words;
use seal::SealFault;

kernel::define_id!(
    /// A device that takes dossiers with the line down.
    pub struct DeviceId
);
kernel::define_id!(
    /// One item that a device took. The device makes the id; a second send is known by it.
    pub struct ItemId
);

words! {
    /// Which instant counts as the reception.
    Ground {
        /// What the paper says: it stands wherever it can be true.
        Paper = "paper",
        /// What the paper says, corrected by the error that was measured when the item came in.
        Drift = "drift",
        /// The device's last contact before it: the earliest that is possible, in favour of the applicant.
        Contact = "contact",
    }
}

words! {
    /// What became of an item.
    ItemState {
        /// It is a dossier.
        Taken = "taken",
        /// An officer set it aside, with a reason.
        SetAside = "set-aside",
    }
}

/// A device as stored, without its sealed key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// What people call it.
    pub label: String,
    /// The desk at which it stands.
    pub desk: UnitId,
    /// Its name on the day.
    pub desk_name: String,
    /// The unit in which its officer acts.
    pub unit: UnitId,
    /// Its name on the day.
    pub unit_name: String,
    /// The officer who registered it and alone knows its PIN.
    pub officer: AccountId,
    /// The officer's name.
    pub officer_name: String,
    /// Its public key, 65 bytes.
    pub device_key: Vec<u8>,
    /// The server's public key for it, 65 bytes.
    pub public_key: Vec<u8>,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// When it was last in contact.
    pub seen_at: Timestamp,
    /// What had to be added to its clock then, in milliseconds.
    pub clock_ms: i64,
    /// Since when nothing is taken from it, and who said so.
    pub revoked: Option<(Timestamp, String)>,
}

/// Numbers of one agency's day that one device may give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The agency whose code they bear.
    pub agency: AgencyCode,
    /// The day that they say.
    pub day: Date,
    /// First number.
    pub first: i64,
    /// Last number.
    pub last: i64,
}

/// What an item claims when it comes in: under which code, from when, sent by whom. Made before the transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The item.
    pub item: ItemId,
    /// The device that took it.
    pub device: DeviceId,
    /// The code on the paper.
    pub code: DossierCode,
    /// The time on the paper.
    pub printed_at: Timestamp,
    /// What had been added to the device's clock for it, in milliseconds.
    pub clock_ms: i64,
    /// How much more it was wrong when the item came in, in milliseconds.
    pub drift_ms: i64,
    /// The instant from which deadlines run.
    pub received_at: Timestamp,
    /// Why that one.
    pub ground: Ground,
    /// When it came in.
    pub sent_at: Timestamp,
    /// Who sent it.
    pub sent_by: AccountId,
    /// The sender's name.
    pub sent_by_name: String,
}

/// What is known of an item that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemRow {
    /// The item.
    pub id: ItemId,
    /// The code on the paper.
    pub code: DossierCode,
    /// What became of it.
    pub state: ItemState,
    /// The dossier that it became.
    pub dossier: Option<DossierId>,
    /// The time on the paper.
    pub printed_at: Timestamp,
    /// What had been added to the device's clock for it, in milliseconds.
    pub clock_ms: i64,
    /// How much more it was wrong when the item came in, in milliseconds.
    pub drift_ms: i64,
    /// From when deadlines run.
    pub received_at: Option<Timestamp>,
    /// Why that instant.
    pub ground: Option<Ground>,
    /// When it came in.
    pub sent_at: Timestamp,
    /// Who sent it.
    pub sent_by_name: String,
}

/// Why a device or an item is refused. Each is told in words, and the item stays on its device.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// No such device at this desk.
    #[error("no such device at this desk")]
    NoDevice,
    /// Nothing is taken from the device any more.
    #[error("the device was revoked")]
    Revoked,
    /// The seal does not open.
    #[error(transparent)]
    Seal(#[from] SealFault),
    /// The code is not one that was reserved for the device.
    #[error("the code was not reserved for this device")]
    NotReserved,
    /// Another dossier has the code.
    #[error("another dossier has this code")]
    CodeUsed,
    /// The item was set aside before.
    #[error("the item was set aside")]
    SetAside,
    /// The public key of a device is no point of the curve.
    #[error("the key of the device is faulty")]
    Key,
    /// More devices or codes than anybody needs.
    #[error("too many {0}")]
    TooMany(&'static str),
}

impl Fault for Refusal {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NoDevice => ErrorKind::NotFound,
            Self::Revoked => ErrorKind::Gone,
            Self::Seal(_) | Self::NotReserved | Self::Key => ErrorKind::Invalid,
            Self::CodeUsed | Self::SetAside => ErrorKind::Conflict,
            Self::TooMany(_) => ErrorKind::TooLarge,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoDevice => "offline-no-device",
            Self::Revoked => "offline-revoked",
            Self::Seal(_) => "offline-seal",
            Self::NotReserved => "offline-not-reserved",
            Self::CodeUsed => "offline-code-used",
            Self::SetAside => "offline-set-aside",
            Self::Key => "offline-key",
            Self::TooMany(_) => "offline-too-many",
        }
    }
}

/// Where the server's private key for a device is sealed.
pub(crate) fn secret_context(id: DeviceId) -> String {
    format!("offline_device.secret:{id}")
}

/// Where the reason of an item that was set aside is sealed.
pub(crate) fn reason_context(id: ItemId) -> String {
    format!("offline_item.reason:{id}")
}
