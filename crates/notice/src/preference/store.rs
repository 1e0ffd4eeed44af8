//! The rows of wishes and of browsers that listen. Addresses come in sealed; a browser is told from others by a keyed index of
//! its address at the push service.
//! Every statement names the account, but the one by which a push service reports that a browser is gone.

use ::store::keys::Sealed;
use ::store::{StoreError, Tx};
use identity::AccountId;
use kernel::{Lang, Timestamp};
use uuid::Uuid;

use crate::channel::Channel;

/// What an account wants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wishes {
    pub(crate) lang: Lang,
    pub(crate) off: Vec<Channel>,
    pub(crate) on: Vec<Channel>,
}

/// Channels of a stored list; words of a newer version are passed over.
fn channels(value: serde_json::Value) -> Vec<Channel> {
    let words: Vec<String> = serde_json::from_value(value).unwrap_or_default();
    words.iter().filter_map(|word| word.parse().ok()).collect()
}

pub(crate) fn wishes(tx: &mut Tx, account: AccountId) -> Result<Wishes, StoreError> {
    let found = tx.opt(
        "SELECT lang, off_channels, on_channels FROM notice_preference WHERE account = $1",
        &[&account],
        |row| {
            Ok(Wishes {
                lang: row.get::<String>(0)?.parse().unwrap_or_default(),
                off: channels(row.get(1)?),
                on: channels(row.get(2)?),
            })
        },
    )?;
    Ok(found.unwrap_or_default())
}

pub(crate) fn contact(tx: &mut Tx, account: AccountId) -> Result<Option<Sealed>, StoreError> {
    let found = tx.opt(
        "SELECT contact FROM notice_preference WHERE account = $1",
        &[&account],
        |row| row.get::<Option<Vec<u8>>>(0),
    )?;
    Ok(found.flatten().map(Sealed::from_bytes))
}

pub(crate) fn save(
    tx: &mut Tx,
    account: AccountId,
    wishes: &Wishes,
    contact: Option<&Sealed>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let words = |channels: &[Channel]| serde_json::json!(channels);
    let contact = contact.map(|sealed| sealed.as_bytes().to_vec());
    tx.execute(
        "INSERT INTO notice_preference (account, lang, off_channels, on_channels, contact, changed_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (account) DO UPDATE SET lang = excluded.lang, off_channels = excluded.off_channels,
             on_channels = excluded.on_channels, contact = excluded.contact, changed_at = excluded.changed_at",
        &[
            &account,
            &wishes.lang.tag(),
            &words(&wishes.off),
            &words(&wishes.on),
            &contact,
            &now,
        ],
    )?;
    Ok(())
}

/// A browser that begins to listen.
#[derive(Debug, Clone)]
pub(crate) struct NewDevice {
    pub(crate) id: Uuid,
    pub(crate) account: AccountId,
    pub(crate) endpoint_index: [u8; 32],
    pub(crate) details: Vec<u8>,
    pub(crate) now: Timestamp,
}

/// Adds a browser; one that is known belongs to who subscribed last.
pub(crate) fn add_device(tx: &mut Tx, new: &NewDevice) -> Result<(), StoreError> {
    let index = new.endpoint_index.to_vec();
    tx.execute("DELETE FROM notice_device WHERE endpoint_index = $1", &[&index])?;
    tx.execute(
        "INSERT INTO notice_device (id, account, endpoint_index, details, made_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING",
        &[&new.id, &new.account, &index, &new.details, &new.now],
    )?;
    Ok(())
}

pub(crate) fn devices(tx: &mut Tx, account: AccountId) -> Result<Vec<(Uuid, Sealed)>, StoreError> {
    tx.all(
        "SELECT id, details FROM notice_device WHERE account = $1 ORDER BY made_at, id LIMIT 20",
        &[&account],
        |row| Ok((row.get(0)?, Sealed::from_bytes(row.get(1)?))),
    )
}

/// When each browser began to listen.
pub(crate) fn listening(tx: &mut Tx, account: AccountId) -> Result<Vec<(Uuid, Timestamp)>, StoreError> {
    tx.all(
        "SELECT id, made_at FROM notice_device WHERE account = $1 ORDER BY made_at, id LIMIT 20",
        &[&account],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

pub(crate) fn has_devices(tx: &mut Tx, account: AccountId) -> Result<bool, StoreError> {
    let found = tx.opt(
        "SELECT 1 FROM notice_device WHERE account = $1 LIMIT 1",
        &[&account],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// Takes a browser away that its owner no longer wants. False when it is not hers.
pub(crate) fn remove_device(tx: &mut Tx, account: AccountId, id: Uuid) -> Result<bool, StoreError> {
    Ok(tx.execute(
        "DELETE FROM notice_device WHERE id = $1 AND account = $2",
        &[&id, &account],
    )? == 1)
}

/// Takes a browser away that its push service reports as gone.
pub(crate) fn forget_device(tx: &mut Tx, id: Uuid) -> Result<(), StoreError> {
    tx.execute("DELETE FROM notice_device WHERE id = $1", &[&id])
        .map(|_| ())
}
