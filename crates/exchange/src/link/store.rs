//! The rows of links: claimed by a node for a while, read with the machine in them, written back whole. Of two nodes at one
//! dossier the one whose token stands in the row may write; the other's answer is only an answer.

use casework::dossier::DossierId;
use kernel::Timestamp;
use store::sql::UuidList;
use store::{Row, StoreError, ToValue, Tx};
use uuid::Uuid;

use super::{Link, Ministry, TakenBack};
use crate::lateness::Cause;
use crate::machine::{Drift, Seen, Track};

store::value_via_display!(Drift, Cause, TakenBack);

macro_rules! columns {
    () => {
        "dossier, code, national_code, is_from_portal, unit, our_state, our_at, told_state, seen_state, seen_at, seen_ended_at, \
         ministry, ministry_state, ministry_at, last_number, settled_number, send_at, refusals, is_alone, check_at, checks, \
         mends, drift, drift_since, due_at, ended_at, filed_at, arrived_at, judge_at, cause, taken_back_at, taken_back_answer"
    };
}

fn small(number: i64) -> u8 {
    u8::try_from(number).unwrap_or(0)
}

fn count(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

fn link_of(row: &Row<'_>) -> Result<Link, StoreError> {
    let seen_at: Option<Timestamp> = row.get(9)?;
    let ministry: Option<String> = row.get(11)?;
    Ok(Link {
        dossier: row.get(0)?,
        code: row.get(1)?,
        national_code: row.get(2)?,
        is_from_portal: row.get(3)?,
        unit: row.get(4)?,
        our_at: row.get(6)?,
        track: Track {
            ours: small(row.get(5)?),
            last: row.get(14)?,
            settled: row.get(15)?,
            told: row.get::<Option<i64>>(7)?.map(small),
            seen: match seen_at {
                Some(at) => Some(Seen {
                    state: row.get::<Option<i64>>(8)?.map(small),
                    at,
                    ended_at: row.get(10)?,
                }),
                None => None,
            },
            send_at: row.get(16)?,
            refusals: count(row.get(17)?),
            is_alone: row.get(18)?,
            check_at: row.get(19)?,
            checks: count(row.get(20)?),
            mends: count(row.get(21)?),
            drift: row.get(22)?,
            drift_since: row.get(23)?,
        },
        ministry: match (ministry, row.get::<Option<i64>>(12)?, row.get(13)?) {
            (Some(agency), Some(state), Some(at)) => Some(Ministry {
                agency,
                state: small(state),
                at,
            }),
            _ => None,
        },
        due_at: row.get(24)?,
        ended_at: row.get(25)?,
        filed_at: row.get(26)?,
        arrived_at: row.get(27)?,
        judge_at: row.get(28)?,
        cause: row.get(29)?,
        taken_back_at: row.get(30)?,
        taken_back_answer: row.get(31)?,
    })
}

/// One link.
pub(crate) fn find(tx: &mut Tx, dossier: DossierId) -> Result<Option<Link>, StoreError> {
    tx.opt(
        concat!("SELECT ", columns!(), " FROM exchange_link WHERE dossier = $1"),
        &[&dossier],
        link_of,
    )
}

/// The link of a dossier that the portal knows by `code`.
pub(crate) fn by_code(tx: &mut Tx, code: &str) -> Result<Option<Link>, StoreError> {
    tx.opt(
        concat!("SELECT ", columns!(), " FROM exchange_link WHERE national_code = $1"),
        &[&code],
        link_of,
    )
}

/// Writes a new link.
pub(crate) fn insert(tx: &mut Tx, link: &Link) -> Result<(), StoreError> {
    let national = if link.national_code.is_empty() {
        &link.code
    } else {
        &link.national_code
    };
    tx.execute(
        "INSERT INTO exchange_link (dossier, code, national_code, is_from_portal, unit, our_state, our_at, last_number,
             settled_number, refusals, is_alone, checks, mends, filed_at, arrived_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, FALSE, 0, 0, $8, $9)",
        &[
            &link.dossier,
            &link.code,
            national,
            &link.is_from_portal,
            &link.unit,
            &i64::from(link.track.ours),
            &link.our_at,
            &link.filed_at,
            &link.arrived_at,
        ],
    )?;
    save(tx, link, None).map(|_| ())
}

macro_rules! changes {
    () => {
        "our_state = $1, our_at = $2, told_state = $3, seen_state = $4, seen_at = $5, seen_ended_at = $6, ministry = $7, \
         ministry_state = $8, ministry_at = $9, last_number = $10, settled_number = $11, send_at = $12, refusals = $13, \
         is_alone = $14, check_at = $15, checks = $16, mends = $17, drift = $18, drift_since = $19, due_at = $20, \
         ended_at = $21, judge_at = $22, cause = $23, unit = $24, taken_back_at = $25, taken_back_answer = $26"
    };
}

/// Writes a link back. With a token only who holds it may, and lets go of it. Says whether it was written.
pub(crate) fn save(tx: &mut Tx, link: &Link, token: Option<Uuid>) -> Result<bool, StoreError> {
    let track = &link.track;
    let ministry = link.ministry.as_ref();
    let (ours, refusals) = (i64::from(track.ours), i64::from(track.refusals));
    let (checks, mends) = (i64::from(track.checks), i64::from(track.mends));
    let told = track.told.map(i64::from);
    let seen_state = track.seen.and_then(|seen| seen.state).map(i64::from);
    let (seen_at, seen_ended) = (
        track.seen.map(|seen| seen.at),
        track.seen.and_then(|seen| seen.ended_at),
    );
    let (agency, state) = (
        ministry.map(|one| one.agency.clone()),
        ministry.map(|one| i64::from(one.state)),
    );
    let at = ministry.map(|one| one.at);
    let mut values: Vec<&dyn ToValue> = vec![
        &ours,
        &link.our_at,
        &told,
        &seen_state,
        &seen_at,
        &seen_ended,
        &agency,
        &state,
        &at,
        &track.last,
        &track.settled,
        &track.send_at,
        &refusals,
        &track.is_alone,
        &track.check_at,
        &checks,
        &mends,
        &track.drift,
        &track.drift_since,
        &link.due_at,
        &link.ended_at,
        &link.judge_at,
        &link.cause,
        &link.unit,
        &link.taken_back_at,
        &link.taken_back_answer,
        &link.dossier,
    ];
    let changed = match &token {
        None => tx.execute(
            concat!("UPDATE exchange_link SET ", changes!(), " WHERE dossier = $27"),
            &values,
        )?,
        Some(token) => {
            values.push(token);
            tx.execute(
                concat!(
                    "UPDATE exchange_link SET ",
                    changes!(),
                    ", holder = NULL, held_until = NULL WHERE dossier = $27 AND holder = $28"
                ),
                &values,
            )?
        }
    };
    Ok(changed == 1)
}

/// Whether the token still holds the dossier.
pub(crate) fn holds(tx: &mut Tx, dossier: DossierId, token: Uuid) -> Result<bool, StoreError> {
    let found = tx.opt(
        "SELECT 1 FROM exchange_link WHERE dossier = $1 AND holder = $2",
        &[&dossier, &token],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// What of a dossier may be due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    /// A transfer is to be sent.
    Send,
    /// The portal is to be asked.
    Check,
}

macro_rules! free {
    ($column:literal, $now:literal, $most:literal) => {
        concat!(
            "SELECT dossier FROM exchange_link WHERE ",
            $column,
            " <= ",
            $now,
            " AND (held_until IS NULL OR held_until <= ",
            $now,
            ") ORDER BY ",
            $column,
            " LIMIT ",
            $most
        )
    };
}

macro_rules! claim {
    ($column:literal) => {
        concat!(
            "UPDATE exchange_link SET holder = $1, held_until = $2 WHERE dossier IN (",
            free!($column, "$3", "$4"),
            ") RETURNING dossier"
        )
    };
}

/// Takes dossiers of which something is due, for a while.
pub(crate) fn claim(
    tx: &mut Tx,
    what: Due,
    (token, until): (Uuid, Timestamp),
    now: Timestamp,
    limit: i64,
) -> Result<Vec<DossierId>, StoreError> {
    let sql = match what {
        Due::Send => claim!("send_at"),
        Due::Check => claim!("check_at"),
    };
    tx.all(sql, &[&token, &until, &now, &limit], |row| row.get(0))
}

/// Whether anything of a kind is due: a look without a lock.
pub(crate) fn is_due(tx: &mut Tx, what: Due, now: Timestamp) -> Result<bool, StoreError> {
    let sql = match what {
        Due::Send => free!("send_at", "$1", "$2"),
        Due::Check => free!("check_at", "$1", "$2"),
    };
    let found = tx.opt(sql, &[&now, &1_i64], |row| row.get::<DossierId>(0))?;
    Ok(found.is_some())
}

/// The dossiers that a token holds.
pub(crate) fn held(tx: &mut Tx, token: Uuid, among: &UuidList) -> Result<Vec<Link>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM exchange_link WHERE dossier IN (SELECT value FROM uuid_list($1)) AND holder = $2 ORDER BY dossier"
        ),
        &[among, &token],
        link_of,
    )
}

/// Links whose lateness is to be looked at.
pub(crate) fn to_judge(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<Link>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM exchange_link WHERE judge_at <= $1 ORDER BY judge_at LIMIT $2"
        ),
        &[&now, &limit],
        link_of,
    )
}

/// Links whose applicants took them back at the portal and that may be decided now, longest ago first.
pub(crate) fn taken_back(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<Link>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM exchange_link WHERE taken_back_at IS NOT NULL AND (decide_at IS NULL OR decide_at <= $1)
             ORDER BY taken_back_at LIMIT $2"
        ),
        &[&now, &limit],
        link_of,
    )
}

/// Puts off deciding a withdrawal.
pub(crate) fn decide_at(tx: &mut Tx, dossier: DossierId, at: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE exchange_link SET decide_at = $1 WHERE dossier = $2",
        &[&at, &dossier],
    )
    .map(|_| ())
}

/// Writes a judgement; it is what others are told with it.
pub(crate) fn judge(
    tx: &mut Tx,
    dossier: DossierId,
    (cause, judge_at): (Option<Cause>, Option<Timestamp>),
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE exchange_link SET cause = $1, told_cause = $1, judge_at = $2 WHERE dossier = $3",
        &[&cause, &judge_at, &dossier],
    )
    .map(|_| ())
}

/// To whom others were told that a lateness is put down.
pub(crate) fn told_cause(tx: &mut Tx, dossier: DossierId) -> Result<Option<Cause>, StoreError> {
    let told = tx.opt(
        "SELECT told_cause FROM exchange_link WHERE dossier = $1",
        &[&dossier],
        |row| row.get(0),
    )?;
    Ok(told.flatten())
}

/// What differs, by kind: how many, and since when the oldest.
pub(crate) fn gauge(tx: &mut Tx) -> Result<Vec<(Drift, i64, Option<Timestamp>)>, StoreError> {
    tx.all(
        "SELECT drift, count(*), min(drift_since) FROM exchange_link WHERE drift IS NOT NULL GROUP BY drift ORDER BY drift",
        &[],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

/// How many dossiers are linked.
pub(crate) fn total(tx: &mut Tx) -> Result<i64, StoreError> {
    tx.one("SELECT count(*) FROM exchange_link", &[], |row| row.get(0))
}

/// The dossiers that differ, oldest first, after a place in this order.
pub(crate) fn drifting(
    tx: &mut Tx,
    kind: Option<Drift>,
    (since, id): (Timestamp, DossierId),
    limit: i64,
) -> Result<Vec<Link>, StoreError> {
    match kind {
        Some(kind) => tx.all(
            concat!(
                "SELECT ",
                columns!(),
                " FROM exchange_link WHERE drift = $1 AND drift IS NOT NULL AND (drift_since, dossier) > ($2, $3)
                 ORDER BY drift_since, dossier LIMIT $4"
            ),
            &[&kind, &since, &id, &limit],
            link_of,
        ),
        None => tx.all(
            concat!(
                "SELECT ",
                columns!(),
                " FROM exchange_link WHERE drift IS NOT NULL AND (drift_since, dossier) > ($1, $2)
                 ORDER BY drift_since, dossier LIMIT $3"
            ),
            &[&since, &id, &limit],
            link_of,
        ),
    }
}

/// Late dossiers of units with their causes, due last first.
pub(crate) fn late(
    tx: &mut Tx,
    units: &UuidList,
    cause: Option<Cause>,
    (due, id): (Timestamp, DossierId),
    limit: i64,
) -> Result<Vec<Link>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM exchange_link WHERE unit IN (SELECT value FROM uuid_list($1)) AND cause IS NOT NULL
                 AND (CAST($2 AS TEXT) IS NULL OR cause = $2) AND (due_at, dossier) < ($3, $4)
             ORDER BY due_at DESC, dossier DESC LIMIT $5"
        ),
        &[units, &cause, &due, &id, &limit],
        link_of,
    )
}

/// How many are late by which cause, at units.
pub(crate) fn causes(tx: &mut Tx, units: &UuidList, since: Timestamp) -> Result<Vec<(Cause, i64)>, StoreError> {
    tx.all(
        "SELECT cause, count(*) FROM exchange_link WHERE unit IN (SELECT value FROM uuid_list($1)) AND cause IS NOT NULL
             AND due_at >= $2 GROUP BY cause ORDER BY cause",
        &[units, &since],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Our codes of dossiers, by their ids.
pub(crate) fn codes(
    tx: &mut Tx,
    dossiers: &[DossierId],
) -> Result<std::collections::HashMap<DossierId, String>, StoreError> {
    let list = UuidList::new(dossiers.iter().map(|id| id.uuid()));
    let rows = tx.all(
        "SELECT dossier, code FROM exchange_link WHERE dossier IN (SELECT value FROM uuid_list($1))",
        &[&list],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(rows.into_iter().collect())
}

/// The last dossier of the next `limit` links, in the order of their ids.
pub(crate) fn chunk(tx: &mut Tx, after: DossierId, limit: i64) -> Result<Option<DossierId>, StoreError> {
    tx.opt(
        "SELECT dossier FROM (SELECT dossier FROM exchange_link WHERE dossier > $1 ORDER BY dossier LIMIT $2) AS part
         ORDER BY dossier DESC LIMIT 1",
        &[&after, &limit],
        |row| row.get(0),
    )
}

macro_rules! numbers {
    () => {
        "(SELECT dossier, number, told, stand IN ('accepted', 'confirmed') AS is_taken FROM exchange_transfer
              WHERE dossier > $1 AND dossier <= $2
          UNION ALL SELECT dossier, number, told, receipt IS NOT NULL FROM exchange_receipt
              WHERE dossier > $1 AND dossier <= $2)"
    };
}

/// Codes of dossiers whose transfers have not the numbers from 1 to the last.
pub(crate) fn gaps(tx: &mut Tx, after: DossierId, upto: DossierId) -> Result<Vec<String>, StoreError> {
    tx.all(
        concat!(
            "SELECT l.code FROM exchange_link l LEFT JOIN (SELECT dossier, count(*) AS all_of, min(number) AS first,
                 max(number) AS last FROM ",
            numbers!(),
            " AS one GROUP BY dossier) AS n ON n.dossier = l.dossier
             WHERE l.dossier > $1 AND l.dossier <= $2 AND (coalesce(n.all_of, 0) <> l.last_number
                 OR coalesce(n.last, 0) <> l.last_number OR coalesce(n.first, 1) <> 1)
             ORDER BY l.code LIMIT 1000"
        ),
        &[&after, &upto],
        |row| row.get(0),
    )
}

/// Codes of dossiers whose vector says otherwise than their transfers: our state is what the last one tells, the one that the
/// portal took is that of the last one it said yes to.
pub(crate) fn untold(tx: &mut Tx, after: DossierId, upto: DossierId) -> Result<Vec<String>, StoreError> {
    tx.all(
        concat!(
            "WITH one AS ",
            numbers!(),
            ", last AS (SELECT dossier, max(number) AS number, max(CASE WHEN is_taken THEN number END) AS taken
                 FROM one GROUP BY dossier)
             SELECT l.code FROM exchange_link l JOIN last ON last.dossier = l.dossier
                 JOIN one AS newest ON newest.dossier = l.dossier AND newest.number = last.number
                 LEFT JOIN one AS told ON told.dossier = l.dossier AND told.number = last.taken
             WHERE l.dossier > $1 AND l.dossier <= $2
                 AND (newest.told <> l.our_state OR coalesce(told.told, 0) <> coalesce(l.told_state, 0))
             ORDER BY l.code LIMIT 1000"
        ),
        &[&after, &upto],
        |row| row.get(0),
    )
}

/// Codes, states of the dossier and ours as the exchange holds it, where they may differ: nothing waits for the consumer.
pub(crate) fn states(
    tx: &mut Tx,
    after: DossierId,
    upto: DossierId,
    consumer: &str,
) -> Result<Vec<(String, String, i64)>, StoreError> {
    tx.all(
        "SELECT l.code, d.state, l.our_state FROM exchange_link l JOIN dossier d ON d.id = l.dossier
         WHERE l.dossier > $1 AND l.dossier <= $2 AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.subject = l.dossier
             AND (outbox.position IS NULL
                 OR outbox.position > COALESCE((SELECT position FROM outbox_consumer WHERE name = $3), 0)))
         ORDER BY l.dossier LIMIT 5000",
        &[&after, &upto, &consumer],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

/// Dossiers that are not there, and of which there are links, transfers or receipts.
pub(crate) fn strangers(tx: &mut Tx) -> Result<Vec<DossierId>, StoreError> {
    tx.all(
        "SELECT dossier FROM exchange_link l WHERE NOT EXISTS (SELECT 1 FROM dossier d WHERE d.id = l.dossier)
         UNION SELECT dossier FROM exchange_transfer t WHERE NOT EXISTS (SELECT 1 FROM exchange_link l WHERE l.dossier = t.dossier)
         UNION SELECT dossier FROM exchange_receipt r WHERE NOT EXISTS (SELECT 1 FROM exchange_link l WHERE l.dossier = r.dossier)
         ORDER BY dossier LIMIT 1000",
        &[],
        |row| row.get(0),
    )
}
