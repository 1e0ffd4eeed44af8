//! The queries of registers and reports. Every one names the units the officer may see, walks the index of its unit and
//! time, and is bounded. Refuses names: rows show the mask that is stored.

use identity::UnitId;
use kernel::Timestamp;
use store::sql::{TextList, UuidList};
use store::{StoreError, Tx};

use crate::desk::{Register, Scope, ScopeKind};
use crate::dossier::store::{columns, dossier_of};
use crate::dossier::{Dossier, DossierId};

/// What is counted or listed.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) scope: Scope,
    pub(crate) register: Register,
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
    /// Codes of procedures; `None` for all.
    pub(crate) procedures: Option<Vec<String>>,
}

/// The head of a statement, its scope and time columns, and its tail. Parameters: units, from, until, all procedures, codes.
macro_rules! text {
    ($head:expr, $scope:literal, $time:literal, $more:literal, $tail:literal) => {
        concat!(
            $head,
            " FROM dossier WHERE ",
            $scope,
            " IN (SELECT value FROM uuid_list($1)) AND ",
            $time,
            " >= $2 AND ",
            $time,
            " < $3",
            $more,
            " AND ($4 OR procedure_code IN (SELECT value FROM text_list($5)))",
            $tail
        )
    };
}

/// The statement of a register over one of the two scope columns.
macro_rules! statement {
    ($asked:expr, $head:expr, $tail:literal) => {
        match ($asked.register, $asked.scope.kind) {
            (Register::Submitted, ScopeKind::Unit) => text!($head, "unit", "submitted_at", "", $tail),
            (Register::Received, ScopeKind::Unit) => text!($head, "unit", "received_at", "", $tail),
            (Register::LateReceipt, ScopeKind::Unit) => {
                text!($head, "unit", "received_at", " AND is_late_receipt", $tail)
            }
            (Register::Decided, ScopeKind::Unit) => text!($head, "unit", "decided_at", "", $tail),
            (Register::Late, ScopeKind::Unit) => text!($head, "unit", "decided_at", " AND is_late", $tail),
            (Register::Returned, ScopeKind::Unit) => text!($head, "unit", "returned_at", "", $tail),
            (Register::Submitted, ScopeKind::Desk) => text!($head, "desk", "submitted_at", "", $tail),
            (Register::Received, ScopeKind::Desk) => text!($head, "desk", "received_at", "", $tail),
            (Register::LateReceipt, ScopeKind::Desk) => {
                text!($head, "desk", "received_at", " AND is_late_receipt", $tail)
            }
            (Register::Decided, ScopeKind::Desk) => text!($head, "desk", "decided_at", "", $tail),
            (Register::Late, ScopeKind::Desk) => text!($head, "desk", "decided_at", " AND is_late", $tail),
            (Register::Returned, ScopeKind::Desk) => text!($head, "desk", "returned_at", "", $tail),
        }
    };
}

fn lists(asked: &Asked) -> (UuidList, TextList, bool) {
    let units = UuidList::new(asked.scope.units.iter().map(|unit| unit.uuid()));
    let codes = TextList::new(asked.procedures.as_deref().unwrap_or_default());
    (units, codes, asked.procedures.is_none())
}

/// How many rows a register has.
pub(crate) fn count(tx: &mut Tx, asked: &Asked) -> Result<i64, StoreError> {
    let (units, codes, all) = lists(asked);
    tx.one(
        statement!(asked, "SELECT count(*)", ""),
        &[&units, &asked.from, &asked.until, &all, &codes],
        |row| row.get(0),
    )
}

/// The rows of a register in the order of filing, beginning after `after`.
pub(crate) fn rows(tx: &mut Tx, asked: &Asked, after: DossierId, limit: i64) -> Result<Vec<Dossier>, StoreError> {
    let (units, codes, all) = lists(asked);
    tx.all(
        statement!(
            asked,
            concat!("SELECT ", columns!()),
            " AND id > $6 ORDER BY id LIMIT $7"
        ),
        &[&units, &asked.from, &asked.until, &all, &codes, &after, &limit],
        dossier_of,
    )
}

/// One part of a report: the dossiers of one unit under one procedure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) unit: UnitId,
    pub(crate) unit_name: String,
    pub(crate) procedure: String,
    pub(crate) count: i64,
}

/// The counts of a register by competent unit and procedure.
pub(crate) fn parts(tx: &mut Tx, asked: &Asked) -> Result<Vec<Part>, StoreError> {
    let (units, codes, all) = lists(asked);
    tx.all(
        statement!(
            asked,
            "SELECT unit, min(unit_name), procedure_code, count(*)",
            " GROUP BY unit, procedure_code ORDER BY 2, 3 LIMIT 50000"
        ),
        &[&units, &asked.from, &asked.until, &all, &codes],
        |row| {
            Ok(Part {
                unit: row.get(0)?,
                unit_name: row.get(1)?,
                procedure: row.get(2)?,
                count: row.get(3)?,
            })
        },
    )
}
