//! What a person wants: the language, the channels, where mail and telephone reach her, the browsers that listen. Addresses are
//! sealed. What is on the pages is always there; these are beside it.
//! Refuses to keep an address that the person did not type here: others are asked at their source when they are needed.

pub mod http;
mod rules;
pub(crate) mod store;
#[cfg(test)]
mod tests;

use ::store::keys::{KeyRing, Sealed, SealedColumn};
use identity::{AccountId, Purpose, open_sealed};
use uuid::Uuid;

use crate::channel::push::Device;
use crate::message::{Contact, ContactError};

pub use rules::DEVICES_MAX;

/// The sealed columns of this concept, for a change of keys.
pub const SEALED: &[SealedColumn] = &[
    SealedColumn {
        table: "notice_preference",
        key: &["account"],
        column: "contact",
        context: context_of,
    },
    SealedColumn::by_id("notice_device", "details"),
];

fn context_of(column: &SealedColumn, key: &[String]) -> String {
    format!("{}.{}:{}", column.table, column.column, key.join("/"))
}

pub(crate) fn contact_context(account: AccountId) -> String {
    format!("notice_preference.contact:{account}")
}

pub(crate) fn device_context(id: Uuid) -> String {
    format!("notice_device.details:{id}")
}

pub(crate) fn open_contact(
    keys: &KeyRing,
    purpose: &Purpose,
    account: AccountId,
    sealed: &Sealed,
) -> Result<Contact, ContactError> {
    let plain = open_sealed(keys, purpose, &contact_context(account), sealed);
    let plain = plain.map_err(|error| ContactError::Sealed(error.to_string()))?;
    serde_json::from_slice(&plain).map_err(|_| ContactError::Sealed("it holds no contact".to_owned()))
}

pub(crate) fn open_device(
    keys: &KeyRing,
    purpose: &Purpose,
    id: Uuid,
    sealed: &Sealed,
) -> Result<Device, crate::error::NoticeError> {
    let plain = open_sealed(keys, purpose, &device_context(id), sealed);
    let plain = plain.map_err(|error| ContactError::Sealed(error.to_string()))?;
    let device = serde_json::from_slice(&plain).map_err(|_| ContactError::Sealed("it holds no browser".to_owned()))?;
    Ok(device)
}
