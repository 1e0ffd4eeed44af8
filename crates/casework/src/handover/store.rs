//! The table of work on offer: at most one row a dossier. What happened is in the history of the dossier, not here.
//! It refuses personal data: names of officers alone.

use identity::AccountId;
use store::sql::UuidList;
use store::{Row, StoreError, Tx};

use super::Offer;
use crate::dossier::store::{columns, dossier_of};
use crate::dossier::{Dossier, DossierId};

fn offer_of(row: &Row<'_>) -> Result<Offer, StoreError> {
    Ok(Offer {
        dossier: row.get(0)?,
        from: row.get(1)?,
        from_name: row.get(2)?,
        to: row.get(3)?,
        to_name: row.get(4)?,
        at: row.get(5)?,
        by: row.get(6)?,
        by_name: row.get(7)?,
        event: row.get(8)?,
    })
}

/// Puts work on offer, in place of an offer that nobody took.
pub(crate) fn put(tx: &mut Tx, offer: &Offer) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO handover (dossier, from_officer, from_name, to_officer, to_name, offered_at, offered_by, offered_name, event)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (dossier) DO UPDATE SET from_officer = excluded.from_officer, from_name = excluded.from_name,
             to_officer = excluded.to_officer, to_name = excluded.to_name, offered_at = excluded.offered_at,
             offered_by = excluded.offered_by, offered_name = excluded.offered_name, event = excluded.event",
        &[
            &offer.dossier,
            &offer.from,
            &offer.from_name,
            &offer.to,
            &offer.to_name,
            &offer.at,
            &offer.by,
            &offer.by_name,
            &offer.event,
        ],
    )?;
    Ok(())
}

/// Takes an offer away: accepted, given back or overtaken.
pub(crate) fn drop(tx: &mut Tx, dossier: DossierId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM handover WHERE dossier = $1", &[&dossier])?;
    Ok(())
}

/// What is on offer of a dossier.
pub(crate) fn of_dossier(tx: &mut Tx, dossier: DossierId) -> Result<Option<Offer>, StoreError> {
    tx.opt(
        "SELECT dossier, from_officer, from_name, to_officer, to_name, offered_at, offered_by, offered_name, event
         FROM handover WHERE dossier = $1",
        &[&dossier],
        offer_of,
    )
}

/// Dossiers whose work is offered to one of these officers, the oldest offer first.
pub(crate) fn offered_to(tx: &mut Tx, officers: &[AccountId], limit: i64) -> Result<Vec<Dossier>, StoreError> {
    let officers = UuidList::new(officers.iter().map(|account| account.uuid()));
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM dossier JOIN (SELECT dossier AS offered, from_officer, offered_at FROM handover
                 WHERE to_officer IN (SELECT value FROM uuid_list($1))) o ON o.offered = dossier.id AND o.from_officer = assignee
             WHERE is_open = $2 ORDER BY o.offered_at, id LIMIT $3"
        ),
        &[&officers, &true, &limit],
        dossier_of,
    )
}

/// An officer with open dossiers: how many, and when the first of them is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Load {
    pub(crate) officer: AccountId,
    pub(crate) name: String,
    pub(crate) open: i64,
    pub(crate) first_due: kernel::Timestamp,
}

/// Officers with open dossiers at units, by name.
pub(crate) fn loads(tx: &mut Tx, units: &[identity::UnitId], limit: i64) -> Result<Vec<Load>, StoreError> {
    let units = UuidList::new(units.iter().map(|unit| unit.uuid()));
    tx.all(
        "SELECT assignee, min(assignee_name), count(*), min(sort_at) FROM dossier
         WHERE is_open AND at_unit IN (SELECT value FROM uuid_list($1)) AND assignee IS NOT NULL AND state <> 'approved'
         GROUP BY assignee ORDER BY 2, 1 LIMIT $2",
        &[&units, &limit],
        |row| {
            Ok(Load {
                officer: row.get(0)?,
                name: row.get(1)?,
                open: row.get(2)?,
                first_due: row.get(3)?,
            })
        },
    )
}
