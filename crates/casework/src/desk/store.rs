//! The queries of work lists and registers. Every one names the units the officer may see and walks one composite index;
//! a page begins after a key, never after an offset. Refuses names: a list shows the mask that is stored.

use identity::{AccountId, UnitId};
use kernel::{ProcedureCode, Timestamp};
use store::sql::{TextList, UuidList};
use store::{StoreError, Tx};

use super::{Scope, ScopeKind};
use crate::dossier::state::State;
use crate::dossier::store::{columns, dossier_of};
use crate::dossier::{Dossier, DossierId};

/// What a work list is narrowed to. Bounds are always given; `Timestamp::MIN` and `MAX` mean none.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    pub(crate) is_open: bool,
    pub(crate) states: Vec<State>,
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
    pub(crate) procedure: Option<ProcedureCode>,
    pub(crate) officers: Officers,
    pub(crate) after: (Timestamp, DossierId),
    pub(crate) limit: i64,
}

/// Whose work is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Officers {
    /// Everybody's.
    Any,
    /// What nobody has.
    Nobody,
    /// That of these.
    These(Vec<AccountId>),
}

/// The list in one of four texts: by competent unit or by desk, for one unit (whose index gives the order) or for many (the
/// index of all open dossiers gives the order; COALESCE keeps the engines from choosing the other one).
macro_rules! list_sql {
    ($scope:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM dossier WHERE ",
            $scope,
            " AND is_open = $2 AND (sort_at, id) > ($3, $4) AND sort_at >= $5 AND sort_at < $6
              AND state IN (SELECT value FROM text_list($7))
              AND (CAST($8 AS TEXT) IS NULL OR procedure_code = $8)
              AND (CAST($9 AS TEXT) = 'any' OR (CAST($9 AS TEXT) = 'nobody' AND assignee IS NULL)
                  OR (CAST($9 AS TEXT) = 'these' AND assignee IN (SELECT value FROM uuid_list($10))))
              ORDER BY sort_at, id LIMIT $11"
        )
    };
}

macro_rules! closed_sql {
    ($scope:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM dossier WHERE ",
            $scope,
            " AND is_open = $2 AND (sort_at, id) < ($3, $4) AND sort_at >= $5 AND sort_at < $6
              AND state IN (SELECT value FROM text_list($7))
              AND (CAST($8 AS TEXT) IS NULL OR procedure_code = $8)
              AND (CAST($9 AS TEXT) = 'any' OR (CAST($9 AS TEXT) = 'nobody' AND assignee IS NULL)
                  OR (CAST($9 AS TEXT) = 'these' AND assignee IN (SELECT value FROM uuid_list($10))))
              ORDER BY sort_at DESC, id DESC LIMIT $11"
        )
    };
}

/// Open work of some officers, from the index of who has it.
macro_rules! theirs_sql {
    ($scope:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM dossier WHERE is_open AND assignee IN (SELECT value FROM uuid_list($1)) AND ",
            $scope,
            " IN (SELECT value FROM uuid_list($2)) AND (sort_at, id) > ($3, $4) AND sort_at >= $5
              AND sort_at < $6 AND state IN (SELECT value FROM text_list($7))
              AND (CAST($8 AS TEXT) IS NULL OR procedure_code = $8) ORDER BY sort_at, id LIMIT $9"
        )
    };
}

/// Open work of these officers within a scope, nearest deadline first.
fn theirs(tx: &mut Tx, scope: &Scope, filter: &Filter, officers: &[AccountId]) -> Result<Vec<Dossier>, StoreError> {
    let whose = UuidList::new(officers.iter().map(|officer| officer.uuid()));
    let units = UuidList::new(scope.units.iter().map(|unit| unit.uuid()));
    let states = TextList::new(&filter.states);
    let (from, until) = range(filter);
    let sql = match scope.kind {
        ScopeKind::Unit => theirs_sql!("COALESCE(at_unit, at_unit)"),
        ScopeKind::Desk => theirs_sql!("COALESCE(desk, desk)"),
    };
    tx.all(
        sql,
        &[
            &whose,
            &units,
            &filter.after.0,
            &filter.after.1,
            &from,
            &until,
            &states,
            &filter.procedure,
            &filter.limit,
        ],
        dossier_of,
    )
}

/// The times between which a page's rows lie: no engine reads those of the pages before it, whatever plan it keeps.
fn range(filter: &Filter) -> (Timestamp, Timestamp) {
    let after = filter.after.0;
    if filter.is_open {
        (filter.from.max(after), filter.until)
    } else {
        let behind = Timestamp::from_micros(after.as_micros().saturating_add(1));
        (filter.from, filter.until.min(behind))
    }
}

/// Units up to which the index of each unit is walked; above it, the index of all open dossiers is.
const FEW_UNITS: usize = 12;

/// Rows of a work list: open ones nearest deadline first, closed ones latest first.
pub(crate) fn list(tx: &mut Tx, scope: &Scope, filter: &Filter) -> Result<Vec<Dossier>, StoreError> {
    if let (Officers::These(officers), true) = (&filter.officers, filter.is_open) {
        return theirs(tx, scope, filter, officers);
    }
    let states = TextList::new(&filter.states);
    let (from, until) = range(filter);
    let units = UuidList::new(scope.units.iter().map(|unit| unit.uuid()));
    let one = scope.single();
    let unit: &dyn store::ToValue = match &one {
        Some(unit) => unit,
        None => &units,
    };
    let few = scope.units.len() <= FEW_UNITS;
    let (which, whose): (&str, &[AccountId]) = match &filter.officers {
        Officers::Any => ("any", &[]),
        Officers::Nobody => ("nobody", &[]),
        Officers::These(officers) => ("these", officers),
    };
    let whose = UuidList::new(whose.iter().map(|officer| officer.uuid()));
    let sql = match (scope.kind, one.is_some(), filter.is_open) {
        (ScopeKind::Unit, true, true) => list_sql!("at_unit = $1"),
        (ScopeKind::Unit, true, false) => closed_sql!("at_unit = $1"),
        (ScopeKind::Desk, true, true) => list_sql!("desk = $1"),
        (ScopeKind::Desk, true, false) => closed_sql!("desk = $1"),
        (ScopeKind::Unit, false, true) if few => list_sql!("at_unit IN (SELECT value FROM uuid_list($1))"),
        (ScopeKind::Unit, false, false) if few => closed_sql!("at_unit IN (SELECT value FROM uuid_list($1))"),
        (ScopeKind::Unit, false, true) => list_sql!("COALESCE(at_unit, at_unit) IN (SELECT value FROM uuid_list($1))"),
        (ScopeKind::Unit, false, false) => {
            closed_sql!("COALESCE(at_unit, at_unit) IN (SELECT value FROM uuid_list($1))")
        }
        (ScopeKind::Desk, false, true) => list_sql!("COALESCE(desk, desk) IN (SELECT value FROM uuid_list($1))"),
        (ScopeKind::Desk, false, false) => closed_sql!("COALESCE(desk, desk) IN (SELECT value FROM uuid_list($1))"),
    };
    tx.all(
        sql,
        &[
            unit,
            &filter.is_open,
            &filter.after.0,
            &filter.after.1,
            &from,
            &until,
            &states,
            &filter.procedure,
            &which,
            &whose,
            &filter.limit,
        ],
        dossier_of,
    )
}

/// What stands beside the tabs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct TabCounts {
    pub(crate) open: i64,
    pub(crate) overdue: i64,
    pub(crate) today: i64,
    pub(crate) waiting: i64,
    pub(crate) to_return: i64,
    pub(crate) mine: i64,
}

/// Each number is a count of a range of an index; `$1` is the unit or the units. One's own are those of an officer within the
/// scope: COALESCE keeps the engines from walking the scope for them.
macro_rules! counts_sql {
    ($scope:literal, $own:literal) => {
        concat!(
            "SELECT (SELECT count(*) FROM dossier WHERE is_open AND ",
            $scope,
            "), (SELECT count(*) FROM dossier WHERE is_open AND ",
            $scope,
            " AND state IN ('submitted', 'received', 'processing', 'proposed') AND sort_at < $2),
              (SELECT count(*) FROM dossier WHERE is_open AND ",
            $scope,
            " AND state IN ('submitted', 'received', 'processing', 'proposed') AND sort_at >= $2 AND sort_at < $3),
              (SELECT count(*) FROM dossier WHERE is_open AND ",
            $scope,
            " AND state IN ('awaiting-supplement', 'awaiting-fee')),
              (SELECT count(*) FROM dossier WHERE is_open AND ",
            $scope,
            " AND state = 'approved'), (SELECT count(*) FROM dossier WHERE is_open AND assignee = $4 AND ",
            $own,
            ")"
        )
    };
}

/// Counts of the open dossiers in scope, from the indexes of open dossiers alone.
pub(crate) fn counts(
    tx: &mut Tx,
    scope: &Scope,
    me: AccountId,
    now: Timestamp,
    day_end: Timestamp,
) -> Result<TabCounts, StoreError> {
    let units = UuidList::new(scope.units.iter().map(|unit| unit.uuid()));
    let one = scope.single();
    let unit: &dyn store::ToValue = match &one {
        Some(unit) => unit,
        None => &units,
    };
    let sql = match (scope.kind, one.is_some()) {
        (ScopeKind::Unit, true) => counts_sql!("at_unit = $1", "COALESCE(at_unit, at_unit) = $1"),
        (ScopeKind::Desk, true) => counts_sql!("desk = $1", "COALESCE(desk, desk) = $1"),
        (ScopeKind::Unit, false) => counts_sql!(
            "at_unit IN (SELECT value FROM uuid_list($1))",
            "COALESCE(at_unit, at_unit) IN (SELECT value FROM uuid_list($1))"
        ),
        (ScopeKind::Desk, false) => counts_sql!(
            "desk IN (SELECT value FROM uuid_list($1))",
            "COALESCE(desk, desk) IN (SELECT value FROM uuid_list($1))"
        ),
    };
    tx.one(sql, &[unit, &now, &day_end, &me], |row| {
        Ok(TabCounts {
            open: row.get(0)?,
            overdue: row.get(1)?,
            today: row.get(2)?,
            waiting: row.get(3)?,
            to_return: row.get(4)?,
            mine: row.get(5)?,
        })
    })
}

macro_rules! person_sql {
    ($scope:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM dossier WHERE person_index = $1 AND ",
            $scope,
            " ORDER BY submitted_at DESC, id DESC LIMIT 50"
        )
    };
}

/// Dossiers in scope of the person with this keyed index.
pub(crate) fn of_person(tx: &mut Tx, scope: &Scope, index: &[u8; 32]) -> Result<Vec<Dossier>, StoreError> {
    let units = UuidList::new(scope.units.iter().map(|unit| unit.uuid()));
    let sql = match scope.kind {
        ScopeKind::Unit => person_sql!("unit IN (SELECT value FROM uuid_list($2))"),
        ScopeKind::Desk => person_sql!("desk IN (SELECT value FROM uuid_list($2))"),
    };
    tx.all(sql, &[index, &units], dossier_of)
}

/// Codes of the procedures that have open dossiers in scope, for the filter: at most 200.
pub(crate) fn procedures(tx: &mut Tx, scope: &Scope) -> Result<Vec<ProcedureCode>, StoreError> {
    let units = UuidList::new(scope.units.iter().map(|unit| unit.uuid()));
    let sql = match scope.kind {
        ScopeKind::Unit => {
            "SELECT DISTINCT procedure_code FROM dossier
             WHERE is_open AND at_unit IN (SELECT value FROM uuid_list($1)) ORDER BY 1 LIMIT 200"
        }
        ScopeKind::Desk => {
            "SELECT DISTINCT procedure_code FROM dossier
             WHERE is_open AND desk IN (SELECT value FROM uuid_list($1)) ORDER BY 1 LIMIT 200"
        }
    };
    tx.all(sql, &[&units], |row| row.get(0))
}

/// Officers who have open dossiers in scope, for the filter: account and name, at most 200.
pub(crate) fn officers(tx: &mut Tx, scope: &Scope) -> Result<Vec<(String, String)>, StoreError> {
    let units = UuidList::new(scope.units.iter().map(|unit| unit.uuid()));
    let sql = match scope.kind {
        ScopeKind::Unit => {
            "SELECT assignee, min(assignee_name) FROM dossier WHERE is_open AND assignee IS NOT NULL
                 AND at_unit IN (SELECT value FROM uuid_list($1)) GROUP BY assignee ORDER BY 2, 1 LIMIT 200"
        }
        ScopeKind::Desk => {
            "SELECT assignee, min(assignee_name) FROM dossier WHERE is_open AND assignee IS NOT NULL
                 AND desk IN (SELECT value FROM uuid_list($1)) GROUP BY assignee ORDER BY 2, 1 LIMIT 200"
        }
    };
    tx.all(sql, &[&units], |row| {
        Ok((row.get::<AccountId>(0)?.to_string(), row.get(1)?))
    })
}

/// Units in scope that have open dossiers, for the filter: at most 200, and none when the scope is one unit.
pub(crate) fn units(tx: &mut Tx, scope: &Scope) -> Result<Vec<UnitId>, StoreError> {
    if scope.single().is_some() {
        return Ok(Vec::new());
    }
    let units = UuidList::new(scope.units.iter().map(|unit| unit.uuid()));
    let sql = match scope.kind {
        ScopeKind::Unit => {
            "SELECT DISTINCT at_unit FROM dossier
             WHERE is_open AND at_unit IN (SELECT value FROM uuid_list($1)) LIMIT 200"
        }
        ScopeKind::Desk => {
            "SELECT DISTINCT desk FROM dossier
             WHERE is_open AND desk IN (SELECT value FROM uuid_list($1)) LIMIT 200"
        }
    };
    tx.all(sql, &[&units], |row| row.get(0))
}
