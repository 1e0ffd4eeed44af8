//! The tables of the desk that works with the line down. A device's blocks and the items that came in are written in the same
//! transaction as what they stand for.
//! Names of applicants are none of their columns; the reason of an item that was set aside comes in sealed.

use identity::{AccountId, UnitId};
use kernel::{AgencyCode, Date, DossierCode, Timestamp};
use store::{Row, StoreError, Tx};

use super::rules::{BLOCK_CODES, BLOCKS_MAX, CODES_LOW, FIRST_RESERVED, LAST_RESERVED, days};
use super::{Block, Claim, Device, DeviceId, ItemId, ItemRow, ItemState, Refusal};
use crate::dossier::{DossierError, DossierId};

store::value_via_display!(super::Ground, super::ItemState);

macro_rules! device_columns {
    () => {
        "id, label, desk, desk_name, unit, unit_name, officer, officer_name, device_key, public_key, registered_at, seen_at, \
         clock_ms, revoked_at, revoked_by_name"
    };
}

fn device_of(row: &Row<'_>) -> Result<Device, StoreError> {
    let revoked_at: Option<Timestamp> = row.get(13)?;
    let revoked_by: Option<String> = row.get(14)?;
    Ok(Device {
        id: row.get(0)?,
        label: row.get(1)?,
        desk: row.get(2)?,
        desk_name: row.get(3)?,
        unit: row.get(4)?,
        unit_name: row.get(5)?,
        officer: row.get(6)?,
        officer_name: row.get(7)?,
        device_key: row.get(8)?,
        public_key: row.get(9)?,
        registered_at: row.get(10)?,
        seen_at: row.get(11)?,
        clock_ms: row.get(12)?,
        revoked: revoked_at.map(|at| (at, revoked_by.unwrap_or_default())),
    })
}

/// Writes a device; `secret` is the server's private key for it, sealed.
pub(crate) fn insert_device(tx: &mut Tx, device: &Device, secret: &[u8]) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO offline_device (id, label, desk, desk_name, unit, unit_name, officer, officer_name, device_key,
             public_key, secret, registered_at, seen_at, clock_ms)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        &[
            &device.id,
            &device.label,
            &device.desk,
            &device.desk_name,
            &device.unit,
            &device.unit_name,
            &device.officer,
            &device.officer_name,
            &device.device_key,
            &device.public_key,
            &secret,
            &device.registered_at,
            &device.seen_at,
            &device.clock_ms,
        ],
    )?;
    Ok(())
}

/// A device, revoked or not.
pub(crate) fn device(tx: &mut Tx, id: DeviceId) -> Result<Option<Device>, StoreError> {
    tx.opt(
        concat!("SELECT ", device_columns!(), " FROM offline_device WHERE id = $1"),
        &[&id],
        device_of,
    )
}

/// A device of this desk from which items are taken.
///
/// # Errors
/// `NoDevice` when there is none at this desk, `Revoked`.
pub(crate) fn working_device(tx: &mut Tx, id: DeviceId, desk: UnitId) -> Result<Device, DossierError> {
    let device = device(tx, id)?.filter(|device| device.desk == desk);
    let device = device.ok_or(Refusal::NoDevice)?;
    match device.revoked {
        Some(_) => Err(Refusal::Revoked.into()),
        None => Ok(device),
    }
}

/// The server's private key for a device, sealed.
pub(crate) fn secret(tx: &mut Tx, id: DeviceId) -> Result<Vec<u8>, StoreError> {
    tx.one("SELECT secret FROM offline_device WHERE id = $1", &[&id], |row| {
        row.get(0)
    })
}

/// The devices of a desk, latest first.
pub(crate) fn devices(tx: &mut Tx, desk: UnitId, limit: i64) -> Result<Vec<Device>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            device_columns!(),
            " FROM offline_device WHERE desk = $1 ORDER BY registered_at DESC, id DESC LIMIT $2"
        ),
        &[&desk, &limit],
        device_of,
    )
}

/// How many devices of a desk are at work.
pub(crate) fn count_working(tx: &mut Tx, desk: UnitId) -> Result<i64, StoreError> {
    tx.one(
        "SELECT count(*) FROM offline_device WHERE desk = $1 AND revoked_at IS NULL",
        &[&desk],
        |row| row.get(0),
    )
}

/// Notes that a device was in contact, and by how much its clock was wrong.
pub(crate) fn seen(tx: &mut Tx, id: DeviceId, now: Timestamp, clock_ms: i64) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE offline_device SET seen_at = $1, clock_ms = $2 WHERE id = $3",
        &[&now, &clock_ms, &id],
    )?;
    Ok(())
}

/// Takes nothing from a device any more. Says whether it was at work until now.
pub(crate) fn revoke(
    tx: &mut Tx,
    (id, desk): (DeviceId, UnitId),
    (by, by_name): (AccountId, &str),
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE offline_device SET revoked_at = $1, revoked_by = $2, revoked_by_name = $3
         WHERE id = $4 AND desk = $5 AND revoked_at IS NULL",
        &[&now, &by, &by_name, &id, &desk],
    )?;
    Ok(changed == 1)
}

/// Makes sure that a device holds codes for today and the days after; `left` is what it has left for today.
///
/// # Errors
/// `TooMany` when the numbers of a day are used up.
pub(crate) fn reserve(
    tx: &mut Tx,
    (device, agency): (DeviceId, &AgencyCode),
    (today, left): (Date, i64),
    now: Timestamp,
) -> Result<Vec<Block>, DossierError> {
    for day in days(today) {
        let held: i64 = tx.one(
            "SELECT count(*) FROM offline_block WHERE device = $1 AND day = $2",
            &[&device, &day],
            |row| row.get(0),
        )?;
        let is_low = day == today && left < CODES_LOW && held < BLOCKS_MAX;
        if held == 0 || is_low {
            reserve_one(tx, (device, agency), day, now)?;
        }
    }
    Ok(blocks(tx, device, today)?)
}

fn reserve_one(
    tx: &mut Tx,
    (device, agency): (DeviceId, &AgencyCode),
    day: Date,
    now: Timestamp,
) -> Result<(), DossierError> {
    let first_end = FIRST_RESERVED + BLOCK_CODES - 1;
    let last: i64 = tx.one(
        "INSERT INTO offline_number (agency, day, last) VALUES ($1, $2, $3)
         ON CONFLICT (agency, day) DO UPDATE SET last = offline_number.last + $4
         RETURNING last",
        &[agency, &day, &first_end, &BLOCK_CODES],
        |row| row.get(0),
    )?;
    if last > LAST_RESERVED {
        return Err(Refusal::TooMany("codes").into());
    }
    let first = last - BLOCK_CODES + 1;
    tx.execute(
        "INSERT INTO offline_block (agency, day, first, last, device, reserved_at) VALUES ($1, $2, $3, $4, $5, $6)",
        &[agency, &day, &first, &last, &device, &now],
    )?;
    Ok(())
}

/// The codes that a device holds from a day on.
pub(crate) fn blocks(tx: &mut Tx, device: DeviceId, from: Date) -> Result<Vec<Block>, StoreError> {
    tx.all(
        "SELECT agency, day, first, last FROM offline_block WHERE device = $1 AND day >= $2 ORDER BY day, first LIMIT 200",
        &[&device, &from],
        |row| {
            Ok(Block {
                agency: row.get(0)?,
                day: row.get(1)?,
                first: row.get(2)?,
                last: row.get(3)?,
            })
        },
    )
}

/// Whether a number of an agency's day lies in a block, of this device or of any.
pub(crate) fn is_in_block(
    tx: &mut Tx,
    (agency, day, number): (&str, Date, i64),
    device: Option<DeviceId>,
) -> Result<bool, StoreError> {
    let found: i64 = tx.one(
        "SELECT count(*) FROM offline_block WHERE agency = $1 AND day = $2 AND first <= $3 AND last >= $3
             AND (CAST($4 AS UUID) IS NULL OR device = $4)",
        &[&agency, &day, &number, &device],
        |row| row.get(0),
    )?;
    Ok(found > 0)
}

macro_rules! item_columns {
    () => {
        "id, code, state, dossier, printed_at, clock_ms, drift_ms, received_at, ground, sent_at, sent_by_name"
    };
}

fn item_of(row: &Row<'_>) -> Result<ItemRow, StoreError> {
    Ok(ItemRow {
        id: row.get(0)?,
        code: row.get(1)?,
        state: row.get(2)?,
        dossier: row.get(3)?,
        printed_at: row.get(4)?,
        clock_ms: row.get(5)?,
        drift_ms: row.get(6)?,
        received_at: row.get(7)?,
        ground: row.get(8)?,
        sent_at: row.get(9)?,
        sent_by_name: row.get(10)?,
    })
}

/// An item that came in.
pub(crate) fn item(tx: &mut Tx, id: ItemId) -> Result<Option<ItemRow>, StoreError> {
    tx.opt(
        concat!("SELECT ", item_columns!(), " FROM offline_item WHERE id = $1"),
        &[&id],
        item_of,
    )
}

/// The item that became a dossier.
pub(crate) fn of_dossier(tx: &mut Tx, dossier: DossierId) -> Result<Option<ItemRow>, StoreError> {
    tx.opt(
        concat!("SELECT ", item_columns!(), " FROM offline_item WHERE dossier = $1"),
        &[&dossier],
        item_of,
    )
}

/// What came in from the devices of a desk, latest first.
pub(crate) fn items_of(tx: &mut Tx, desk: UnitId, limit: i64) -> Result<Vec<ItemRow>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            item_columns!(),
            " FROM offline_item WHERE device IN (SELECT id FROM offline_device WHERE desk = $1)
              ORDER BY sent_at DESC, id DESC LIMIT $2"
        ),
        &[&desk, &limit],
        item_of,
    )
}

/// Looks whether an item may have its code: the device is at work, the code is its own and free, the item was not set aside.
///
/// # Errors
/// Each [`Refusal`] says what to do about it.
pub(crate) fn admit(tx: &mut Tx, claim: &Claim) -> Result<(), DossierError> {
    let device = device(tx, claim.device)?.ok_or(Refusal::NoDevice)?;
    if device.revoked.is_some() {
        return Err(Refusal::Revoked.into());
    }
    admit_code(tx, claim.device, &claim.code)?;
    if item(tx, claim.item)?.is_some() {
        return Err(Refusal::SetAside.into());
    }
    Ok(())
}

/// Looks whether a device may use a code.
pub(crate) fn admit_code(tx: &mut Tx, device: DeviceId, code: &DossierCode) -> Result<(), DossierError> {
    let agency = code.issuer().to_string();
    let number = i64::from(code.sequence());
    if !code.is_strict() || !is_in_block(tx, (&agency, code.day(), number), Some(device))? {
        return Err(Refusal::NotReserved.into());
    }
    let used: i64 = tx.one("SELECT count(*) FROM offline_item WHERE code = $1", &[code], |row| {
        row.get(0)
    })?;
    if used > 0 || crate::dossier::store::find_by_code(tx, code)?.is_some() {
        return Err(Refusal::CodeUsed.into());
    }
    Ok(())
}

/// Writes what an item became.
pub(crate) fn insert_taken(tx: &mut Tx, claim: &Claim, dossier: DossierId) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO offline_item (id, device, code, state, dossier, printed_at, clock_ms, drift_ms, received_at, ground,
             sent_at, sent_by, sent_by_name)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        &[
            &claim.item,
            &claim.device,
            &claim.code,
            &ItemState::Taken,
            &dossier,
            &claim.printed_at,
            &claim.clock_ms,
            &claim.drift_ms,
            &claim.received_at,
            &claim.ground,
            &claim.sent_at,
            &claim.sent_by,
            &claim.sent_by_name,
        ],
    )?;
    Ok(())
}

/// Writes that an item was set aside, and why.
pub(crate) fn insert_set_aside(tx: &mut Tx, claim: &Claim, reason: &[u8]) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO offline_item (id, device, code, state, printed_at, clock_ms, drift_ms, sent_at, sent_by, sent_by_name,
             reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &[
            &claim.item,
            &claim.device,
            &claim.code,
            &ItemState::SetAside,
            &claim.printed_at,
            &claim.clock_ms,
            &claim.drift_ms,
            &claim.sent_at,
            &claim.sent_by,
            &claim.sent_by_name,
            &reason,
        ],
    )?;
    Ok(())
}
