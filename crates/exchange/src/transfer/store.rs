//! The rows of transfers, and what is read of a dossier to tell of it. Owns the list behind the operator's page.
//! Refuses a second row for one event: the key of the outbox is the key of the transfer.

use casework::dossier::DossierId;
use identity::{PersonRef, UnitId};
use kernel::Timestamp;
use store::sql::UuidList;
use store::{Row, StoreError, Tx};

use super::{Facts, Transfer, TransferId};
use crate::machine::{Kind, Stand};
use crate::wire::Reason;

store::value_via_display!(Kind, Stand, Reason);

macro_rules! columns {
    () => {
        "id, dossier, number, kind, stand, told, action, facts, at, tries, first_tried_at, tried_at, settled_at, reason, said, \
         receipt"
    };
}

fn transfer_of(row: &Row<'_>) -> Result<Transfer, StoreError> {
    let facts: serde_json::Value = row.get(7)?;
    Ok(Transfer {
        id: row.get(0)?,
        dossier: row.get(1)?,
        number: row.get(2)?,
        kind: row.get(3)?,
        stand: row.get(4)?,
        told: u8::try_from(row.get::<i64>(5)?).unwrap_or(0),
        action: row.get(6)?,
        facts: serde_json::from_value(facts).unwrap_or_default(),
        at: row.get(8)?,
        tries: row.get(9)?,
        first_tried_at: row.get(10)?,
        tried_at: row.get(11)?,
        settled_at: row.get(12)?,
        reason: row.get(13)?,
        said: row.get(14)?,
        receipt: row.get(15)?,
    })
}

/// Writes a new transfer. Says whether it is new.
pub(crate) fn insert(tx: &mut Tx, one: &Transfer) -> Result<bool, StoreError> {
    let facts = serde_json::to_value(&one.facts).unwrap_or_default();
    let written = tx.execute(
        "INSERT INTO exchange_transfer (id, dossier, number, kind, stand, told, action, facts, at, tries, first_tried_at,
             tried_at, settled_at, reason, said, receipt)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) ON CONFLICT (id) DO NOTHING",
        &[
            &one.id,
            &one.dossier,
            &one.number,
            &one.kind,
            &one.stand,
            &i64::from(one.told),
            &one.action,
            &facts,
            &one.at,
            &one.tries,
            &one.first_tried_at,
            &one.tried_at,
            &one.settled_at,
            &one.reason,
            &one.said,
            &one.receipt,
        ],
    )?;
    Ok(written == 1)
}

/// Whether there is a transfer with this key, or was.
pub(crate) fn is_known(tx: &mut Tx, id: TransferId) -> Result<bool, StoreError> {
    let found = tx.opt(
        "SELECT 1 FROM exchange_transfer WHERE id = $1 UNION ALL SELECT 1 FROM exchange_receipt WHERE id = $1 LIMIT 1",
        &[&id],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// The receipt of a transfer, kept beside it or after it.
pub(crate) fn receipt(tx: &mut Tx, id: TransferId) -> Result<Option<String>, StoreError> {
    let found = tx.opt(
        "SELECT receipt FROM exchange_transfer WHERE id = $1
         UNION ALL SELECT receipt FROM exchange_receipt WHERE id = $1 LIMIT 1",
        &[&id],
        |row| row.get::<Option<String>>(0),
    )?;
    Ok(found.flatten())
}

/// What waits of some dossiers, each dossier's in order.
pub(crate) fn waiting(tx: &mut Tx, dossiers: &UuidList, limit: i64) -> Result<Vec<Transfer>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM exchange_transfer WHERE dossier IN (SELECT value FROM uuid_list($1)) AND stand = 'waiting'
             ORDER BY dossier, number LIMIT $2"
        ),
        &[dossiers, &limit],
        transfer_of,
    )
}

/// A try, written.
#[derive(Debug, Clone)]
pub(crate) struct Tried {
    pub(crate) id: TransferId,
    pub(crate) stand: Stand,
    pub(crate) at: Timestamp,
    pub(crate) reason: Option<Reason>,
    pub(crate) said: Option<String>,
    pub(crate) receipt: Option<String>,
}

/// Writes what a try came to.
pub(crate) fn tried(tx: &mut Tx, one: &Tried) -> Result<(), StoreError> {
    let settled = (one.stand != Stand::Waiting).then_some(one.at);
    tx.execute(
        "UPDATE exchange_transfer SET stand = $1, tries = tries + 1, first_tried_at = coalesce(first_tried_at, $2),
             tried_at = $3, settled_at = $4, reason = $5, said = $6, receipt = $7 WHERE id = $8 AND stand = 'waiting'",
        &[
            &one.stand,
            &one.at,
            &one.at,
            &settled,
            &one.reason,
            &one.said,
            &one.receipt,
            &one.id,
        ],
    )
    .map(|_| ())
}

/// What the portal took of a dossier, it has shown.
pub(crate) fn confirm(tx: &mut Tx, dossier: DossierId) -> Result<u64, StoreError> {
    tx.execute(
        "UPDATE exchange_transfer SET stand = 'confirmed' WHERE dossier = $1 AND stand = 'accepted'",
        &[&dossier],
    )
}

/// What waits or has failed of a dossier is carried by a mend.
pub(crate) fn supersede(tx: &mut Tx, dossier: DossierId, now: Timestamp) -> Result<u64, StoreError> {
    tx.execute(
        "UPDATE exchange_transfer SET stand = 'superseded', settled_at = coalesce(settled_at, $1)
         WHERE dossier = $2 AND stand = 'waiting'",
        &[&now, &dossier],
    )
}

/// What has failed of a dossier was overtaken by what the portal took since.
pub(crate) fn forgive(tx: &mut Tx, dossier: DossierId) -> Result<u64, StoreError> {
    tx.execute(
        "UPDATE exchange_transfer SET stand = 'superseded' WHERE dossier = $1 AND stand = 'failed'",
        &[&dossier],
    )
}

/// The transfers of a dossier, first one first.
pub(crate) fn of_dossier(tx: &mut Tx, dossier: DossierId, limit: i64) -> Result<Vec<Transfer>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM exchange_transfer WHERE dossier = $1 ORDER BY number LIMIT $2"
        ),
        &[&dossier, &limit],
        transfer_of,
    )
}

/// Transfers, newest first, before a place in this order; of one stand or all.
pub(crate) fn list(
    tx: &mut Tx,
    stand: Option<Stand>,
    (at, id): (Timestamp, TransferId),
    limit: i64,
) -> Result<Vec<Transfer>, StoreError> {
    match stand {
        Some(stand) => tx.all(
            concat!(
                "SELECT ",
                columns!(),
                " FROM exchange_transfer WHERE stand = $1 AND (at, id) < ($2, $3) ORDER BY at DESC, id DESC LIMIT $4"
            ),
            &[&stand, &at, &id, &limit],
            transfer_of,
        ),
        None => tx.all(
            concat!(
                "SELECT ",
                columns!(),
                " FROM exchange_transfer WHERE (at, id) < ($1, $2) ORDER BY at DESC, id DESC LIMIT $3"
            ),
            &[&at, &id, &limit],
            transfer_of,
        ),
    }
}

/// What of a dossier is told, without its sealed content.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) code: String,
    pub(crate) unit: UnitId,
    pub(crate) state: String,
    pub(crate) facts: Facts,
    pub(crate) changed_at: Timestamp,
}

/// How a dossier stands here.
pub(crate) fn told(tx: &mut Tx, dossier: DossierId) -> Result<Option<Told>, StoreError> {
    tx.opt(
        "SELECT code, unit, state, received_at, due_at, decided_at, returned_at, changed_at FROM dossier WHERE id = $1",
        &[&dossier],
        |row| {
            Ok(Told {
                code: row.get(0)?,
                unit: row.get(1)?,
                state: row.get(2)?,
                facts: Facts {
                    received_at: row.get(3)?,
                    due_at: row.get(4)?,
                    ended_at: row.get(5)?,
                    returned_at: row.get(6)?,
                    ..Facts::default()
                },
                changed_at: row.get(7)?,
            })
        },
    )
}

/// Who did a step, as the public sees it: name, capacity, unit.
pub(crate) type Doer = (Option<String>, String, Option<String>);

/// Who did a step.
pub(crate) fn step(tx: &mut Tx, dossier: DossierId, at: Timestamp, action: &str) -> Result<Option<Doer>, StoreError> {
    tx.opt(
        "SELECT actor_name, capacity, unit_name FROM dossier_event WHERE dossier = $1 AND at = $2 AND action = $3",
        &[&dossier, &at, &action],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

/// What the first message of a dossier tells, with its content still sealed.
#[derive(Debug, Clone)]
pub(crate) struct Whole {
    pub(crate) dossier: DossierId,
    pub(crate) code: String,
    pub(crate) procedure: String,
    pub(crate) procedure_name: String,
    pub(crate) unit: UnitId,
    pub(crate) unit_name: String,
    pub(crate) person: PersonRef,
    pub(crate) content: Vec<u8>,
    pub(crate) submitted_at: Timestamp,
    pub(crate) channel: Option<String>,
}

/// Dossiers that are told for the first time.
pub(crate) fn wholes(tx: &mut Tx, dossiers: &UuidList) -> Result<Vec<Whole>, StoreError> {
    tx.all(
        "SELECT d.id, d.code, d.procedure_code, d.procedure_name, d.unit, d.unit_name, d.person, d.content, d.submitted_at,
             i.channel FROM dossier d LEFT JOIN dossier_intake i ON i.dossier = d.id
         WHERE d.id IN (SELECT value FROM uuid_list($1))",
        &[dossiers],
        |row| {
            Ok(Whole {
                dossier: row.get(0)?,
                code: row.get(1)?,
                procedure: row.get(2)?,
                procedure_name: row.get(3)?,
                unit: row.get(4)?,
                unit_name: row.get(5)?,
                person: row.get(6)?,
                content: row.get(7)?,
                submitted_at: row.get(8)?,
                channel: row.get(9)?,
            })
        },
    )
}

/// Open dossiers that the exchange never heard of.
pub(crate) fn unlinked(tx: &mut Tx, limit: i64) -> Result<Vec<DossierId>, StoreError> {
    tx.all(
        "SELECT d.id FROM dossier d WHERE d.is_open AND NOT EXISTS (SELECT 1 FROM exchange_link l WHERE l.dossier = d.id)
         ORDER BY d.sort_at, d.id LIMIT $1",
        &[&limit],
        |row| row.get(0),
    )
}

/// A page of linked dossiers with their state here and the one that the exchange knows, in the order of their ids.
pub(crate) fn both_states(
    tx: &mut Tx,
    after: DossierId,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<(DossierId, String, i64)>, StoreError> {
    tx.all(
        "SELECT d.id, d.state, l.our_state FROM exchange_link l JOIN dossier d ON d.id = l.dossier
         WHERE l.dossier > $1 AND d.changed_at <= $2 ORDER BY l.dossier LIMIT $3",
        &[&after, &until, &limit],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

/// Something that came in and could not be taken: one row a code and reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stray {
    /// The code of the dossier, as the other side calls it.
    pub(crate) code: String,
    /// Why it was not taken.
    pub(crate) reason: String,
    /// What was asked.
    pub(crate) service: String,
    /// More words.
    pub(crate) said: String,
    /// How often it came.
    pub(crate) times: i64,
    /// When it came last.
    pub(crate) last_at: Timestamp,
}

/// Writes down something that could not be taken.
pub(crate) fn stray(tx: &mut Tx, one: &Stray) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO exchange_stray (code, reason, service, said, times, first_at, last_at) VALUES ($1, $2, $3, $4, 1, $5, $6)
         ON CONFLICT (code, reason) DO UPDATE SET times = exchange_stray.times + 1, last_at = excluded.last_at,
             said = excluded.said",
        &[&one.code, &one.reason, &one.service, &one.said, &one.last_at, &one.last_at],
    )
    .map(|_| ())
}

/// A stray whose dossier came in after all.
pub(crate) fn unstray(tx: &mut Tx, code: &str) -> Result<(), StoreError> {
    tx.execute("DELETE FROM exchange_stray WHERE code = $1", &[&code])
        .map(|_| ())
}

/// What could not be taken, latest first.
pub(crate) fn strays(tx: &mut Tx, limit: i64) -> Result<Vec<Stray>, StoreError> {
    tx.all(
        "SELECT code, reason, service, said, times, last_at FROM exchange_stray ORDER BY last_at DESC, code LIMIT $1",
        &[&limit],
        |row| {
            Ok(Stray {
                code: row.get(0)?,
                reason: row.get(1)?,
                service: row.get(2)?,
                said: row.get(3)?,
                times: row.get(4)?,
                last_at: row.get(5)?,
            })
        },
    )
}

/// When the first transfer of all was tried.
pub(crate) fn first_try(tx: &mut Tx) -> Result<Option<Timestamp>, StoreError> {
    tx.one("SELECT min(first_tried_at) FROM exchange_transfer", &[], |row| {
        row.get(0)
    })
}

/// A note of the exchange to itself.
pub(crate) fn note(tx: &mut Tx, name: &str) -> Result<Option<(serde_json::Value, Timestamp)>, StoreError> {
    tx.opt("SELECT value, at FROM exchange_note WHERE name = $1", &[&name], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}

/// Writes a note.
pub(crate) fn set_note(tx: &mut Tx, name: &str, value: &serde_json::Value, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO exchange_note (name, value, at) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at",
        &[&name, value, &now],
    )
    .map(|_| ())
}

/// A transfer that was settled long ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Old {
    pub(crate) id: TransferId,
    pub(crate) settled_at: Timestamp,
    /// Its dossier is settled, in step and not late.
    pub(crate) may_go: bool,
}

/// Transfers that were settled before an hour, in the order of that, after a place in it.
pub(crate) fn settled(
    tx: &mut Tx,
    (at, id): (Timestamp, TransferId),
    before: Timestamp,
    limit: i64,
) -> Result<Vec<Old>, StoreError> {
    tx.all(
        "SELECT t.id, t.settled_at, t.stand <> 'waiting' AND l.cause IS NULL AND l.drift IS NULL AND l.ended_at IS NOT NULL
         FROM exchange_transfer t JOIN exchange_link l ON l.dossier = t.dossier
         WHERE t.settled_at IS NOT NULL AND (t.settled_at, t.id) > ($1, $2) AND t.settled_at < $3
         ORDER BY t.settled_at, t.id LIMIT $4",
        &[&at, &id, &before, &limit],
        |row| {
            Ok(Old {
                id: row.get(0)?,
                settled_at: row.get(1)?,
                may_go: row.get(2)?,
            })
        },
    )
}

/// Leaves of a transfer its receipt and its place.
pub(crate) fn reduce(tx: &mut Tx, id: TransferId) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO exchange_receipt (id, dossier, number, told, at, receipt)
         SELECT id, dossier, number, told, at, receipt FROM exchange_transfer WHERE id = $1 ON CONFLICT (id) DO NOTHING",
        &[&id],
    )?;
    tx.execute("DELETE FROM exchange_transfer WHERE id = $1", &[&id])
        .map(|_| ())
}

/// What is left of the pruned transfers of a dossier: hour, state told and receipt, first one first.
pub(crate) fn kept_receipts(
    tx: &mut Tx,
    dossier: DossierId,
    limit: i64,
) -> Result<Vec<(Timestamp, u8, String)>, StoreError> {
    tx.all(
        "SELECT at, told, receipt FROM exchange_receipt WHERE dossier = $1 AND receipt IS NOT NULL ORDER BY number LIMIT $2",
        &[&dossier, &limit],
        |row| Ok((row.get(0)?, u8::try_from(row.get::<i64>(1)?).unwrap_or(0), row.get(2)?)),
    )
}

/// What is held to a receipt.
#[derive(Debug, Clone)]
pub(crate) struct Receipted {
    pub(crate) id: TransferId,
    pub(crate) national_code: String,
    pub(crate) number: i64,
    pub(crate) told: u8,
    pub(crate) is_arrival: bool,
    /// The other side said yes, or we did.
    pub(crate) is_taken: bool,
    pub(crate) receipt: Option<String>,
}

fn receipted_of(row: &Row<'_>) -> Result<Receipted, StoreError> {
    Ok(Receipted {
        id: row.get(0)?,
        national_code: row.get(1)?,
        number: row.get(2)?,
        told: u8::try_from(row.get::<i64>(3)?).unwrap_or(0),
        is_arrival: row.get(4)?,
        is_taken: row.get(5)?,
        receipt: row.get(6)?,
    })
}

/// Transfers with their receipts, in the order of their ids.
pub(crate) fn receipted(tx: &mut Tx, after: TransferId, limit: i64) -> Result<Vec<Receipted>, StoreError> {
    tx.all(
        "SELECT t.id, l.national_code, t.number, t.told, t.kind = 'arrival', t.stand IN ('accepted', 'confirmed'), t.receipt
         FROM exchange_transfer t JOIN exchange_link l ON l.dossier = t.dossier WHERE t.id > $1 ORDER BY t.id LIMIT $2",
        &[&after, &limit],
        receipted_of,
    )
}

/// What is left of pruned transfers, in the order of their ids.
pub(crate) fn receipted_before(tx: &mut Tx, after: TransferId, limit: i64) -> Result<Vec<Receipted>, StoreError> {
    tx.all(
        "SELECT r.id, l.national_code, r.number, r.told, l.is_from_portal AND r.number = 1, FALSE, r.receipt
         FROM exchange_receipt r JOIN exchange_link l ON l.dossier = r.dossier WHERE r.id > $1 ORDER BY r.id LIMIT $2",
        &[&after, &limit],
        receipted_of,
    )
}
