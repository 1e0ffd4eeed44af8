//! The queries of leader's pages. Every one names the units in scope, reads an index that holds little more than the answer,
//! and is bounded. Figures come from cells, what is open now from the index of open facts, lists from facts.
//! Refuses names of people: facts have none.

use casework::dossier::DossierId;
use identity::UnitId;
use kernel::{Date, Timestamp};
use store::sql::{TextList, UuidList};
use store::{Row, StoreError, Tx};

use super::figure::{Open, Set};
use crate::cell::store::{measures_of, sums};
use crate::cell::{Measures, Shape, Span, all_units};
use crate::fact::Fact;
use crate::fact::store::{columns, fact_of};

/// Lines of one answer at most: units or procedures of the largest province, or days of a year, are fewer.
const LINES_MAX: i64 = 100_000;

/// By what cells are added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Unit,
    Procedure,
    Time,
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

    /// The shape that answers with the fewest cells.
    pub(crate) fn shape(&self, key: Key) -> Shape {
        let by_procedure = key == Key::Procedure || self.procedures.is_some();
        match (by_procedure, self.units.is_none() && key != Key::Unit) {
            (false, _) => Shape::Unit,
            (true, true) => Shape::Procedure,
            (true, false) => Shape::Both,
        }
    }
}

/// The key of a line: a unit, or a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Name {
    Unit(UnitId),
    Text(String),
}

/// Cells added up by a column. The key is wrapped, so that no engine walks over a whole level in the order of the key instead of
/// reading the few rows that are asked for.
macro_rules! cells {
    ($key:literal, $scope:literal) => {
        concat!(
            "SELECT ",
            $key,
            ", ",
            sums!(),
            " FROM figure_cell WHERE level = $1 AND day >= $2 AND day < $3",
            $scope,
            " GROUP BY ",
            $key,
            " LIMIT 100000"
        )
    };
}

macro_rules! cells_by {
    ($key:expr, $scope:literal) => {
        match $key {
            Key::Unit => cells!("COALESCE(unit, unit)", $scope),
            Key::Procedure => cells!("COALESCE(procedure, procedure)", $scope),
            Key::Time => cells!("COALESCE(day, day)", $scope),
        }
    };
}

/// Units that are asked for one by one: an engine that does not know how long a list is would rather walk over a whole level.
const ONE_BY_ONE: usize = 12;

/// The lines of a span; the same line may come more than once, in parts. One procedure is found by its name, and where none is
/// asked for, all of them by the one without a name; else units are named, or all of them together where lines are procedures.
pub(crate) fn cells(tx: &mut Tx, scope: &Scope, key: Key, span: &Span) -> Result<Vec<(Name, Measures)>, StoreError> {
    const { assert!(LINES_MAX == 100_000, "the statements say so") };
    let shape = scope.shape(key);
    let level = shape.level(span.grain);
    let read = |row: &Row<'_>| {
        let name = match key {
            Key::Unit => Name::Unit(row.get(0)?),
            Key::Procedure | Key::Time => Name::Text(row.get(0)?),
        };
        Ok((name, measures_of(row, 1)?))
    };
    let (from, until) = (&span.from, &span.until);
    let (units, codes) = scope.lists();
    let (every_unit, every_code) = (scope.units.is_none(), scope.procedures.is_none());
    let one_code = match scope.procedures.as_deref() {
        Some([code]) => Some(code.as_str()),
        None if shape == Shape::Unit && every_unit => Some(""),
        _ => None,
    };
    if let Some(code) = one_code {
        let sql = cells_by!(
            key,
            " AND procedure = $4 AND ($5 OR unit IN (SELECT value FROM uuid_list($6)))"
        );
        return tx.all(sql, &[&level, from, until, &code, &every_unit, &units], read);
    }
    if every_unit && !every_code {
        let sql = cells_by!(key, " AND procedure IN (SELECT value FROM text_list($4))");
        return tx.all(sql, &[&level, from, until, &codes], read);
    }
    let together = [all_units()];
    let named = scope.units.as_deref().unwrap_or(&together);
    if named.len() > ONE_BY_ONE {
        let sql = cells_by!(
            key,
            " AND unit IN (SELECT value FROM uuid_list($4)) AND ($5 OR procedure IN (SELECT value FROM text_list($6)))"
        );
        return tx.all(sql, &[&level, from, until, &units, &every_code, &codes], read);
    }
    let mut lines = Vec::new();
    for unit in named {
        let sql = cells_by!(
            key,
            " AND unit = $4 AND ($5 OR procedure IN (SELECT value FROM text_list($6)))"
        );
        lines.extend(tx.all(sql, &[&level, from, until, unit, &every_code, &codes], read)?);
    }
    Ok(lines)
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

/// What is open at `now`, by unit, by procedure, or by state (`Key::Time`: what is open is of no time).
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
        Key::Time => open_by!("COALESCE(state, state)"),
    };
    tx.all(sql, &[&now, &soon, &all_units, &units, &all_codes, &codes], |row| {
        let name = match key {
            Key::Unit => Name::Unit(row.get(0)?),
            Key::Procedure | Key::Time => Name::Text(row.get(0)?),
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

/// Rows of facts by a day, newest first. Parameters: from, until, day and id after which they begin, those of the scope, limit.
macro_rules! listed {
    ($scope:literal, $limit:literal, $day:literal, $which:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM figure_fact WHERE ",
            $which,
            $day,
            " >= $1 AND ",
            $day,
            " < $2 AND (",
            $day,
            ", dossier) < ($3, $4)",
            $scope,
            " ORDER BY ",
            $day,
            " DESC, dossier DESC LIMIT ",
            $limit
        )
    };
}

macro_rules! of_set {
    ($set:expr, $scope:literal, $limit:literal) => {
        match $set {
            Set::Filed => listed!($scope, $limit, "filed_on", ""),
            Set::SelfFiled => listed!($scope, $limit, "filed_on", "channel = 'self' AND "),
            Set::Assisted => listed!(
                $scope,
                $limit,
                "filed_on",
                "channel <> 'self' AND channel = 'assisted' AND "
            ),
            Set::OnBehalf => listed!(
                $scope,
                $limit,
                "filed_on",
                "channel <> 'self' AND channel IN ('officer', 'post') AND "
            ),
            Set::Received => listed!($scope, $limit, "received_on", ""),
            Set::LateReceipt => listed!($scope, $limit, "received_on", "is_late_receipt AND "),
            Set::Decided => listed!($scope, $limit, "ended_on", "is_counted AND "),
            Set::Kept => listed!($scope, $limit, "ended_on", "is_counted AND NOT is_late AND "),
            Set::Early => listed!($scope, $limit, "ended_on", "is_counted AND is_early AND "),
            Set::OnDay => listed!(
                $scope,
                $limit,
                "ended_on",
                "is_counted AND NOT is_early AND NOT is_late AND "
            ),
            Set::Late => listed!($scope, $limit, "ended_on", "is_counted AND is_late AND "),
            Set::LatePerson => listed!(
                $scope,
                $limit,
                "ended_on",
                "attributed IS NOT NULL AND attributed = 'person' AND "
            ),
            Set::LateSystem => listed!(
                $scope,
                $limit,
                "ended_on",
                "attributed IS NOT NULL AND attributed = 'system' AND "
            ),
            Set::Asked => listed!($scope, $limit, "ended_on", "is_counted AND requests > 0 AND "),
            Set::Clean => listed!($scope, $limit, "ended_on", "is_counted AND requests = 0 AND "),
            Set::Extended => listed!($scope, $limit, "ended_on", "is_counted AND extensions > 0 AND "),
            Set::Undue => listed!($scope, $limit, "ended_on", "NOT is_counted AND ending = 'decided' AND "),
            Set::Refused => listed!($scope, $limit, "ended_on", "NOT is_counted AND ending = 'refused' AND "),
            Set::Stopped => listed!($scope, $limit, "ended_on", "NOT is_counted AND ending = 'stopped' AND "),
            Set::Withdrawn => listed!(
                $scope,
                $limit,
                "ended_on",
                "NOT is_counted AND ending = 'withdrawn' AND "
            ),
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

/// Of a period: from, up to before, and where the list begins.
pub(crate) type Part = ((Date, Date), After);

/// The facts of a set of a period, newest first. Lists of one procedure, of one unit and of everything walk an index in the order
/// of the list; those of several are put together from as many such lists. What is rare has an index of its own: it is walked
/// once, and the unit and the procedure of a row are looked at on the way.
pub(crate) fn rows(tx: &mut Tx, scope: &Scope, set: Set, part: Part, limit: i64) -> Result<Vec<Fact>, StoreError> {
    let (units, codes) = (scope.units.as_deref(), scope.procedures.as_deref());
    let is_one = matches!(units, Some([_])) || matches!(codes, Some([_]));
    // Of those asked for more, a small unit has few among the many of all.
    if set.is_rare() && !(is_one && set == Set::Asked) {
        return rare_rows(tx, scope, set, part, limit);
    }
    let mut found = Vec::new();
    match (units, codes) {
        (None, None) => return rows_of_all(tx, set, part, limit),
        (units, Some(codes)) if units.is_none() || codes.len() == 1 => {
            for code in codes {
                found.extend(rows_of_procedure(tx, (code, units), set, part, limit)?);
            }
        }
        (units, codes) => {
            for unit in units.unwrap_or_default() {
                found.extend(rows_of_unit(tx, (*unit, codes), set, part, limit)?);
            }
        }
    }
    found.sort_by_key(|fact| std::cmp::Reverse((set.day_of(fact), fact.dossier)));
    found.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(found)
}

fn rare_rows(
    tx: &mut Tx,
    scope: &Scope,
    set: Set,
    ((from, until), (day, id)): Part,
    limit: i64,
) -> Result<Vec<Fact>, StoreError> {
    let (units, codes) = scope.lists();
    let (all_units, all_codes) = (scope.units.is_none(), scope.procedures.is_none());
    tx.all(
        of_set!(
            set,
            " AND ($5 OR COALESCE(unit, unit) IN (SELECT value FROM uuid_list($6))) \
             AND ($7 OR COALESCE(procedure, procedure) IN (SELECT value FROM text_list($8)))",
            "$9"
        ),
        &[&from, &until, &day, &id, &all_units, &units, &all_codes, &codes, &limit],
        fact_of,
    )
}

fn rows_of_all(tx: &mut Tx, set: Set, ((from, until), (day, id)): Part, limit: i64) -> Result<Vec<Fact>, StoreError> {
    tx.all(of_set!(set, "", "$5"), &[&from, &until, &day, &id, &limit], fact_of)
}

fn rows_of_procedure(
    tx: &mut Tx,
    (code, units): (&String, Option<&[UnitId]>),
    set: Set,
    ((from, until), (day, id)): Part,
    limit: i64,
) -> Result<Vec<Fact>, StoreError> {
    let list = UuidList::new(units.unwrap_or_default().iter().map(|unit| unit.uuid()));
    tx.all(
        of_set!(
            set,
            " AND procedure = $5 AND ($6 OR COALESCE(unit, unit) IN (SELECT value FROM uuid_list($7)))",
            "$8"
        ),
        &[&from, &until, &day, &id, code, &units.is_none(), &list, &limit],
        fact_of,
    )
}

fn rows_of_unit(
    tx: &mut Tx,
    (unit, codes): (UnitId, Option<&[String]>),
    set: Set,
    ((from, until), (day, id)): Part,
    limit: i64,
) -> Result<Vec<Fact>, StoreError> {
    let list = TextList::new(codes.unwrap_or_default());
    tx.all(
        of_set!(
            set,
            " AND unit = $5 AND ($6 OR COALESCE(procedure, procedure) IN (SELECT value FROM text_list($7)))",
            "$8"
        ),
        &[&from, &until, &day, &id, &unit, &codes.is_none(), &list, &limit],
        fact_of,
    )
}

/// What is open, newest first, for few units: their open facts are read and sorted. The day is sorted as a text, so that the
/// index of open facts is read and not that of days.
macro_rules! open_sorted {
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

/// The same for many units, where the index of what is open by day is walked until the page is full.
macro_rules! open_walked {
    ($which:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM figure_fact WHERE is_open AND CAST($1 AS TIMESTAMPTZ) < CAST($2 AS TIMESTAMPTZ)",
            $which,
            " AND ($3 OR COALESCE(unit, unit) IN (SELECT value FROM uuid_list($4))) \
             AND ($5 OR COALESCE(procedure, procedure) IN (SELECT value FROM text_list($6))) \
             AND (filed_on, dossier) < ($7, $8) ORDER BY filed_on DESC, dossier DESC LIMIT $9"
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
    let few = scope.units.as_ref().is_some_and(|units| units.len() <= ONE_BY_ONE);
    let as_text = day.to_string();
    let (sql, begins): (&'static str, &dyn store::ToValue) = match set {
        Set::OpenSoon => (open_sorted!(" AND until_at >= $1 AND until_at < $2"), &as_text),
        Set::OpenOver => (open_sorted!(" AND until_at < $1"), &as_text),
        Set::OpenInTime if few => (open_sorted!(" AND until_at >= $2"), &as_text),
        Set::OpenInTime => (open_walked!(" AND until_at >= $2"), &day),
        Set::OpenWaiting if few => (open_sorted!(" AND until_at IS NULL"), &as_text),
        Set::OpenWaiting => (open_walked!(" AND until_at IS NULL"), &day),
        _ if few => (open_sorted!(""), &as_text),
        _ => (open_walked!(""), &day),
    };
    tx.all(
        sql,
        &[&now, &soon, &all_units, &units, &all_codes, &codes, begins, &id, &limit],
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
