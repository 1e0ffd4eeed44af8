//! The queries of leader's pages. Every one names the units in scope, reads an index that holds little more than the answer,
//! and is bounded. Figures come from cells, what is open now from the index of open facts, lists from facts.
//! Refuses names of people: facts have none.

use casework::dossier::DossierId;
use identity::UnitId;
use kernel::{Date, Timestamp};
use store::sql::{TextList, UuidList};
use store::{Row, StoreError, Tx};

use super::figure::{Open, Set};
use crate::fact::store::{columns, fact_of, measures_of, sums};
use crate::fact::{Channel, Fact, Level, Measures};

/// Lines of one answer at most: units by procedures by channels of the largest province are fewer.
const LINES_MAX: i64 = 100_000;

/// How coarse cells are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grain {
    /// Days.
    Day,
    /// Months.
    Month,
}

/// By what cells are added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Unit,
    Procedure,
    Day,
}

/// Which cells and facts: units in scope (none: all), procedures (none: all).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) units: Option<Vec<UnitId>>,
    pub(crate) procedures: Option<Vec<String>>,
}

impl Scope {
    fn lists(&self) -> (UuidList, TextList) {
        let units = UuidList::new(self.units.iter().flatten().map(|unit| unit.uuid()));
        (units, TextList::new(self.procedures.as_deref().unwrap_or_default()))
    }

    /// The level that answers with the fewest cells.
    fn level(&self, grain: Grain, key: Key) -> Level {
        let by_procedure = key == Key::Procedure || self.procedures.is_some();
        match (grain, by_procedure) {
            (Grain::Day, true) => Level::Day,
            (Grain::Day, false) => Level::DayUnit,
            (Grain::Month, true) if self.units.is_none() && key != Key::Unit => Level::MonthProcedure,
            (Grain::Month, true) => Level::Month,
            (Grain::Month, false) => Level::MonthUnit,
        }
    }
}

/// The key of a line: a unit, or a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Name {
    Unit(UnitId),
    Text(String),
}

type Line = (Name, Channel, Measures);

/// Cells added up by a column. Parameters: level, from, until, and what the scope takes. The key is wrapped, so that no engine
/// walks over a whole level in the order of the key instead of reading the few rows that are asked for.
macro_rules! cells {
    ($key:literal, $scope:literal) => {
        concat!(
            "SELECT ",
            $key,
            ", channel, ",
            sums!(),
            " FROM figure_cell WHERE level = $1 AND day >= $2 AND day < $3",
            $scope,
            " GROUP BY ",
            $key,
            ", channel LIMIT 100000"
        )
    };
}

macro_rules! cells_of_units {
    ($key:literal) => {
        cells!(
            $key,
            " AND unit IN (SELECT value FROM uuid_list($4)) AND ($5 OR procedure IN (SELECT value FROM text_list($6)))"
        )
    };
}

macro_rules! cells_of_procedures {
    ($key:literal) => {
        cells!($key, " AND procedure IN (SELECT value FROM text_list($4))")
    };
}

/// The lines of a span.
pub(crate) fn cells(
    tx: &mut Tx,
    scope: &Scope,
    key: Key,
    (grain, from, until): &(Grain, String, String),
) -> Result<Vec<Line>, StoreError> {
    const { assert!(LINES_MAX == 100_000, "the statements say so") };
    let level = scope.level(*grain, key);
    let (units, codes) = scope.lists();
    let read = |row: &Row<'_>| {
        let name = match key {
            Key::Unit => Name::Unit(row.get(0)?),
            Key::Procedure | Key::Day => Name::Text(row.get(0)?),
        };
        Ok((name, row.get(1)?, measures_of(row, 2)?))
    };
    let everything = scope.procedures.is_none();
    match (&scope.units, &scope.procedures) {
        (Some(_), _) => {
            let sql = match key {
                Key::Unit => cells_of_units!("COALESCE(unit, unit)"),
                Key::Procedure => cells_of_units!("COALESCE(procedure, procedure)"),
                Key::Day => cells_of_units!("COALESCE(day, day)"),
            };
            tx.all(sql, &[&level, from, until, &units, &everything, &codes], read)
        }
        (None, Some(_)) => {
            let sql = match key {
                Key::Unit => cells_of_procedures!("COALESCE(unit, unit)"),
                Key::Procedure => cells_of_procedures!("COALESCE(procedure, procedure)"),
                Key::Day => cells_of_procedures!("COALESCE(day, day)"),
            };
            tx.all(sql, &[&level, from, until, &codes], read)
        }
        (None, None) => {
            let sql = match key {
                Key::Unit => cells!("COALESCE(unit, unit)", ""),
                Key::Procedure => cells!("COALESCE(procedure, procedure)", ""),
                Key::Day => cells!("COALESCE(day, day)", ""),
            };
            tx.all(sql, &[&level, from, until], read)
        }
    }
}

macro_rules! open_by {
    ($key:literal) => {
        concat!(
            "SELECT ",
            $key,
            ", count(*), CAST(sum(CASE WHEN until_at < $1 THEN 1 ELSE 0 END) AS BIGINT), \
             CAST(sum(CASE WHEN until_at < $2 THEN 1 ELSE 0 END) AS BIGINT), \
             CAST(sum(CASE WHEN until_at IS NULL THEN 1 ELSE 0 END) AS BIGINT), \
             CAST(sum(CASE WHEN until_at < $1 AND state <> 'submitted' THEN 1 ELSE 0 END) AS BIGINT) \
             FROM figure_fact WHERE is_open AND ($3 OR unit IN (SELECT value FROM uuid_list($4))) \
             AND ($5 OR procedure IN (SELECT value FROM text_list($6))) GROUP BY ",
            $key,
            " LIMIT 100000"
        )
    };
}

/// What is open at `now`, by unit, by procedure, or by state (`Key::Day`: what is open is of no day).
pub(crate) fn open(
    tx: &mut Tx,
    scope: &Scope,
    key: Key,
    (now, soon): (Timestamp, Timestamp),
) -> Result<Vec<(Name, Open)>, StoreError> {
    let (units, codes) = scope.lists();
    let (all_units, all_codes) = (scope.units.is_none(), scope.procedures.is_none());
    let sql = match key {
        Key::Unit => open_by!("COALESCE(unit, unit)"),
        Key::Procedure => open_by!("COALESCE(procedure, procedure)"),
        Key::Day => open_by!("COALESCE(state, state)"),
    };
    tx.all(sql, &[&now, &soon, &all_units, &units, &all_codes, &codes], |row| {
        let name = match key {
            Key::Unit => Name::Unit(row.get(0)?),
            Key::Procedure | Key::Day => Name::Text(row.get(0)?),
        };
        let (all, over, before_soon, waiting): (i64, i64, i64, i64) =
            (row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?);
        let open = Open {
            all,
            over,
            over_due: row.get(5)?,
            soon: before_soon - over,
            waiting,
            in_time: all - before_soon - waiting,
        };
        Ok((name, open))
    })
}

/// Rows of facts by a day, newest first. `$a` to `$e` are the numbers of the last five parameters: from, until, day and id
/// after which they begin, limit.
macro_rules! listed {
    ($scope:literal, $day:literal, $which:literal, $a:literal, $b:literal, $c:literal, $d:literal, $e:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM figure_fact WHERE ",
            $scope,
            $which,
            $day,
            " >= ",
            $a,
            " AND ",
            $day,
            " < ",
            $b,
            " AND (",
            $day,
            ", dossier) < (",
            $c,
            ", ",
            $d,
            ") ORDER BY ",
            $day,
            " DESC, dossier DESC LIMIT ",
            $e
        )
    };
}

/// What is rare has an index of its own, by day: the unit of a rare row is looked at afterwards.
macro_rules! of_set {
    ($set:expr, $scope:literal, $rare:literal, $a:literal, $b:literal, $c:literal, $d:literal, $e:literal) => {
        match $set {
            Set::Filed => listed!($scope, "filed_on", "", $a, $b, $c, $d, $e),
            Set::SelfFiled => listed!($scope, "filed_on", "channel = 'self' AND ", $a, $b, $c, $d, $e),
            Set::Assisted => {
                listed!(
                    $scope,
                    "filed_on",
                    "channel <> 'self' AND channel = 'assisted' AND ",
                    $a,
                    $b,
                    $c,
                    $d,
                    $e
                )
            }
            Set::OnBehalf => {
                listed!(
                    $scope,
                    "filed_on",
                    "channel <> 'self' AND channel IN ('officer', 'post') AND ",
                    $a,
                    $b,
                    $c,
                    $d,
                    $e
                )
            }
            Set::Received => listed!($scope, "received_on", "", $a, $b, $c, $d, $e),
            Set::LateReceipt => listed!($rare, "received_on", "is_late_receipt AND ", $a, $b, $c, $d, $e),
            Set::Decided => listed!($scope, "ended_on", "is_counted AND ", $a, $b, $c, $d, $e),
            Set::Kept => listed!(
                $scope,
                "ended_on",
                "is_counted AND NOT is_late AND ",
                $a,
                $b,
                $c,
                $d,
                $e
            ),
            Set::Early => listed!($scope, "ended_on", "is_counted AND is_early AND ", $a, $b, $c, $d, $e),
            Set::OnDay => {
                listed!(
                    $scope,
                    "ended_on",
                    "is_counted AND NOT is_early AND NOT is_late AND ",
                    $a,
                    $b,
                    $c,
                    $d,
                    $e
                )
            }
            Set::Late => listed!($rare, "ended_on", "is_counted AND is_late AND ", $a, $b, $c, $d, $e),
            Set::Asked => listed!(
                $scope,
                "ended_on",
                "is_counted AND requests > 0 AND ",
                $a,
                $b,
                $c,
                $d,
                $e
            ),
            Set::Clean => listed!(
                $scope,
                "ended_on",
                "is_counted AND requests = 0 AND ",
                $a,
                $b,
                $c,
                $d,
                $e
            ),
            Set::Extended => listed!(
                $rare,
                "ended_on",
                "is_counted AND extensions > 0 AND ",
                $a,
                $b,
                $c,
                $d,
                $e
            ),
            Set::Undue => listed!(
                $rare,
                "ended_on",
                "NOT is_counted AND ending = 'decided' AND ",
                $a,
                $b,
                $c,
                $d,
                $e
            ),
            Set::Refused => listed!(
                $rare,
                "ended_on",
                "NOT is_counted AND ending = 'refused' AND ",
                $a,
                $b,
                $c,
                $d,
                $e
            ),
            Set::Stopped => listed!(
                $rare,
                "ended_on",
                "NOT is_counted AND ending = 'stopped' AND ",
                $a,
                $b,
                $c,
                $d,
                $e
            ),
            Set::Withdrawn => {
                listed!(
                    $rare,
                    "ended_on",
                    "NOT is_counted AND ending = 'withdrawn' AND ",
                    $a,
                    $b,
                    $c,
                    $d,
                    $e
                )
            }
            Set::Open | Set::OpenInTime | Set::OpenSoon | Set::OpenOver | Set::OpenWaiting => {
                return Err(StoreError::NoRow {
                    sql: "open facts are listed by `open_rows`",
                });
            }
        }
    };
}

/// Where a list begins: after this day and dossier, going back in time.
pub(crate) type After = (Date, DossierId);

/// The facts of a set of a period, newest first.
pub(crate) fn rows(
    tx: &mut Tx,
    scope: &Scope,
    set: Set,
    (from, until): (Date, Date),
    (day, id): After,
    limit: i64,
) -> Result<Vec<Fact>, StoreError> {
    let (units, codes) = scope.lists();
    let everything = scope.procedures.is_none();
    match (&scope.units, &scope.procedures) {
        (Some(_), _) => tx.all(
            of_set!(
                set,
                "unit IN (SELECT value FROM uuid_list($1)) AND ($2 OR procedure IN (SELECT value FROM text_list($3))) AND ",
                "COALESCE(unit, unit) IN (SELECT value FROM uuid_list($1))
                     AND ($2 OR procedure IN (SELECT value FROM text_list($3))) AND ",
                "$4", "$5", "$6", "$7", "$8"
            ),
            &[&units, &everything, &codes, &from, &until, &day, &id, &limit],
            fact_of,
        ),
        (None, Some(_)) => tx.all(
            of_set!(
                set,
                "procedure IN (SELECT value FROM text_list($1)) AND ",
                "procedure IN (SELECT value FROM text_list($1)) AND ", "$2", "$3", "$4", "$5", "$6"),
            &[&codes, &from, &until, &day, &id, &limit],
            fact_of,
        ),
        (None, None) => tx.all(
            of_set!(set, "", "", "$1", "$2", "$3", "$4", "$5"),
            &[&from, &until, &day, &id, &limit],
            fact_of,
        ),
    }
}

/// Open facts, the newest first. Their day is sorted as a text, so that the index of open facts is read and not that of days.
macro_rules! open_listed {
    ($which:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM figure_fact WHERE is_open AND CAST($1 AS TIMESTAMPTZ) < CAST($2 AS TIMESTAMPTZ)",
            $which,
            " AND ($3 OR unit IN (SELECT value FROM uuid_list($4))) AND ($5 OR procedure IN (SELECT value FROM text_list($6))) \
             AND (CAST(filed_on AS TEXT), dossier) < ($7, $8) ORDER BY CAST(filed_on AS TEXT) DESC, dossier DESC LIMIT $9"
        )
    };
}

/// The facts of a set of what is open at `now`.
pub(crate) fn open_rows(
    tx: &mut Tx,
    scope: &Scope,
    set: Set,
    (now, soon): (Timestamp, Timestamp),
    (day, id): After,
    limit: i64,
) -> Result<Vec<Fact>, StoreError> {
    let (units, codes) = scope.lists();
    let (all_units, all_codes) = (scope.units.is_none(), scope.procedures.is_none());
    let sql = match set {
        Set::OpenInTime => open_listed!(" AND until_at >= $2"),
        Set::OpenSoon => open_listed!(" AND until_at >= $1 AND until_at < $2"),
        Set::OpenOver => open_listed!(" AND until_at < $1"),
        Set::OpenWaiting => open_listed!(" AND until_at IS NULL"),
        _ => open_listed!(""),
    };
    let day = day.to_string();
    tx.all(
        sql,
        &[&now, &soon, &all_units, &units, &all_codes, &codes, &day, &id, &limit],
        fact_of,
    )
}

/// Facts of a period and what is open now, in the order of dossiers, after `after`: the rows behind every figure.
pub(crate) fn behind(
    tx: &mut Tx,
    scope: &Scope,
    (from, until): (Date, Date),
    after: DossierId,
    limit: i64,
) -> Result<Vec<Fact>, StoreError> {
    let (units, codes) = scope.lists();
    let (all_units, all_codes) = (scope.units.is_none(), scope.procedures.is_none());
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM figure_fact WHERE dossier > $1 AND (is_open OR (filed_on >= $2 AND filed_on < $3)
                 OR (received_on >= $2 AND received_on < $3) OR (ended_on >= $2 AND ended_on < $3))
                 AND ($4 OR unit IN (SELECT value FROM uuid_list($5)))
                 AND ($6 OR procedure IN (SELECT value FROM text_list($7))) ORDER BY dossier LIMIT $8"
        ),
        &[&after, &from, &until, &all_units, &units, &all_codes, &codes, &limit],
        fact_of,
    )
}

/// Stops of the clock of dossiers, in their order: dossier, beginning, end.
pub(crate) fn stops(
    tx: &mut Tx,
    (first, last): (DossierId, DossierId),
    limit: i64,
) -> Result<Vec<(DossierId, Timestamp, Option<Timestamp>)>, StoreError> {
    tx.all(
        "SELECT dossier, started_at, ended_at FROM dossier_stop WHERE dossier >= $1 AND dossier <= $2
         ORDER BY dossier, started_at LIMIT $3",
        &[&first, &last, &limit],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}
