//! SQL of saved views: an officer's own, and those that are shared with her unit.
//! It refuses more of one officer than the bound.

use ::store::{StoreError, Tx};
use identity::{AccountId, UnitId};

use super::{VIEWS_MAX, View, ViewId};
use crate::kind::Kind;

/// The views of an officer and of her unit, by name.
pub(crate) fn of(tx: &mut Tx, kind: &Kind, account: AccountId, unit: Option<UnitId>) -> Result<Vec<View>, StoreError> {
    let limit = 2 * VIEWS_MAX;
    tx.all(
        "SELECT id, account, unit, name, query, created_at FROM register_view \
         WHERE system = $1 AND kind = $2 AND (account = $3 OR unit = $4) ORDER BY name, id LIMIT $5",
        &[&kind.system.code, &kind.record.name, &account, &unit, &limit],
        |row| {
            Ok(View {
                id: row.get(0)?,
                account: row.get(1)?,
                unit: row.get(2)?,
                name: row.get(3)?,
                query: row.get(4)?,
                created_at: row.get(5)?,
            })
        },
    )
}

/// Keeps a view, unless it is kept or the officer has too many; says whether it is.
pub(super) fn insert(tx: &mut Tx, kind: &Kind, view: &View) -> Result<bool, StoreError> {
    let own: i64 = tx.one(
        "SELECT count(*) FROM register_view WHERE system = $1 AND kind = $2 AND account = $3",
        &[&kind.system.code, &kind.record.name, &view.account],
        |row| row.get(0),
    )?;
    if own >= VIEWS_MAX {
        return Ok(false);
    }
    tx.execute(
        "INSERT INTO register_view (id, system, kind, account, unit, name, query, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING",
        &[
            &view.id,
            &kind.system.code,
            &kind.record.name,
            &view.account,
            &view.unit,
            &view.name,
            &view.query,
            &view.created_at,
        ],
    )?;
    Ok(true)
}

/// Forgets a view of an officer's own; false when there is none.
pub(super) fn remove(tx: &mut Tx, id: ViewId, account: AccountId) -> Result<bool, StoreError> {
    let gone = tx.execute(
        "DELETE FROM register_view WHERE id = $1 AND account = $2",
        &[&id, &account],
    )?;
    Ok(gone == 1)
}
