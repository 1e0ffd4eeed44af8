//! The tables of effects and of what officers write for records before they are entered. One row an effect: a second one of the same
//! step is refused by the table. What officers write is sealed, and opened for the purpose of its dossier alone.

use std::collections::BTreeMap;

use ::store::keys::Sealed;
use ::store::{Row as Cells, StoreError, Tx};
use identity::Purpose;
use kernel::Timestamp;

use super::{EffectKind, EffectState, Row};
use crate::Casework;
use crate::dossier::{DossierError, DossierId};

::store::value_via_display!(super::EffectKind, super::EffectState);

macro_rules! columns {
    () => {
        "id, dossier, step, place, kind, state, event, at, made_by, paper, system, register, record, revision, act"
    };
}

fn row_of(row: &Cells<'_>) -> Result<Row, StoreError> {
    let register: (Option<String>, Option<String>) = (row.get(10)?, row.get(11)?);
    let record = (
        row.get::<Option<_>>(12)?,
        row.get::<Option<i64>>(13)?,
        row.get::<Option<_>>(14)?,
    );
    Ok(Row {
        id: row.get(0)?,
        dossier: row.get(1)?,
        step: row.get(2)?,
        place: row.get(3)?,
        kind: row.get::<EffectKind>(4)?,
        state: row.get::<EffectState>(5)?,
        event: row.get(6)?,
        at: row.get(7)?,
        made_by: row.get(8)?,
        paper: row.get(9)?,
        register: register.0.zip(register.1),
        record: match record {
            (Some(id), Some(revision), Some(act)) => Some((id, revision, act)),
            _ => None,
        },
    })
}

/// Writes what a step brought about.
pub(crate) fn insert(tx: &mut Tx, row: &Row) -> Result<(), StoreError> {
    let (system, register) = row.register.clone().unzip();
    let (record, revision, act) = match row.record {
        Some((id, revision, act)) => (Some(id), Some(revision), Some(act)),
        None => (None, None, None),
    };
    tx.execute(
        "INSERT INTO dossier_effect (id, dossier, step, place, kind, state, event, at, made_by, paper, system, register,
             record, revision, act)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        &[
            &row.id,
            &row.dossier,
            &row.step,
            &row.place,
            &row.kind,
            &row.state,
            &row.event,
            &row.at,
            &row.made_by,
            &row.paper,
            &system,
            &register,
            &record,
            &revision,
            &act,
        ],
    )?;
    Ok(())
}

/// What the steps of a dossier brought about, in order.
pub(crate) fn of_dossier(tx: &mut Tx, dossier: DossierId) -> Result<Vec<Row>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM dossier_effect WHERE dossier = $1 ORDER BY at, place LIMIT 100"
        ),
        &[&dossier],
        row_of,
    )
}

/// The effects that wrote a record, by version; those that found it saying so already are none.
pub(crate) fn of_record(tx: &mut Tx, record: ::register::RecordId) -> Result<Vec<Row>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM dossier_effect WHERE record = $1 AND state = $2 ORDER BY revision LIMIT 1000"
        ),
        &[&record, &EffectState::Done],
        row_of,
    )
}

/// What an officer wrote for the record of an effect, sealed, with who and when.
pub(crate) struct EntryRow {
    pub(crate) id: uuid::Uuid,
    pub(crate) content: Vec<u8>,
    pub(crate) written_by: String,
    pub(crate) written_at: Timestamp,
}

pub(crate) fn entry(tx: &mut Tx, dossier: DossierId, step: &str, place: i64) -> Result<Option<EntryRow>, StoreError> {
    tx.opt(
        "SELECT id, content, written_by, written_at FROM dossier_entry WHERE dossier = $1 AND step = $2 AND place = $3",
        &[&dossier, &step, &place],
        |row| {
            Ok(EntryRow {
                id: row.get(0)?,
                content: row.get(1)?,
                written_by: row.get(2)?,
                written_at: row.get(3)?,
            })
        },
    )
}

/// Puts what an officer wrote in the place of what was there.
pub(crate) fn write_entry(
    tx: &mut Tx,
    dossier: DossierId,
    (step, place): (&str, i64),
    new: &EntryRow,
) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM dossier_entry WHERE dossier = $1 AND step = $2 AND place = $3",
        &[&dossier, &step, &place],
    )?;
    tx.execute(
        "INSERT INTO dossier_entry (id, dossier, step, place, content, written_by, written_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            &new.id,
            &dossier,
            &step,
            &place,
            &new.content,
            &new.written_by,
            &new.written_at,
        ],
    )?;
    Ok(())
}

/// Where what an officer wrote is sealed.
pub(crate) fn entry_context(id: uuid::Uuid) -> String {
    format!("dossier_entry.content:{id}")
}

/// What an officer wrote for the record of an effect, by field; nothing when nobody did.
pub(crate) async fn written(
    house: &Casework,
    purpose: &Purpose,
    dossier: DossierId,
    (step, place): (&str, i64),
) -> Result<BTreeMap<String, String>, DossierError> {
    let step = step.to_owned();
    let found = house.store().read(move |tx| entry(tx, dossier, &step, place)).await?;
    let Some(found) = found else {
        return Ok(BTreeMap::new());
    };
    let plain = house
        .identity()
        .open_sealed(purpose, &entry_context(found.id), &Sealed::from_bytes(found.content))
        .map_err(identity::IdentityError::from)?;
    serde_json::from_slice(&plain).map_err(|error| DossierError::Damaged(error.to_string()))
}
