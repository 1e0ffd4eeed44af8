//! The rows of links: claimed by a node for a while, read with the machine in them, written back whole. Of two nodes at one
//! dossier the one whose token stands in the row may write; the other's answer is only an answer.

use casework::dossier::DossierId;
use kernel::Timestamp;
use store::sql::UuidList;
use store::{Row, StoreError, ToValue, Tx};
use uuid::Uuid;

use super::{Link, Ministry};
use crate::lateness::Cause;
use crate::machine::{Drift, Seen, Track};

store::value_via_display!(Drift, Cause);

macro_rules! columns {
    () => {
        "dossier, code, national_code, is_from_portal, unit, our_state, our_at, told_state, seen_state, seen_at, seen_ended_at, \
         ministry, ministry_state, ministry_at, last_number, settled_number, send_at, refusals, is_alone, check_at, checks, \
         mends, drift, drift_since, due_at, ended_at, filed_at, arrived_at, judge_at, cause"
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
         ended_at = $21, judge_at = $22, cause = $23, unit = $24"
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
        &link.dossier,
    ];
    let changed = match &token {
        None => tx.execute(
            concat!("UPDATE exchange_link SET ", changes!(), " WHERE dossier = $25"),
            &values,
        )?,
        Some(token) => {
            values.push(token);
            tx.execute(
                concat!(
                    "UPDATE exchange_link SET ",
                    changes!(),
                    ", holder = NULL, held_until = NULL WHERE dossier = $25 AND holder = $26"
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

/// Takes dossiers whose transfers are due, for a while.
pub(crate) fn claim_sends(
    tx: &mut Tx,
    (token, until): (Uuid, Timestamp),
    now: Timestamp,
    limit: i64,
) -> Result<Vec<DossierId>, StoreError> {
    tx.all(
        "UPDATE exchange_link SET holder = $1, held_until = $2 WHERE dossier IN (SELECT dossier FROM exchange_link
             WHERE send_at <= $3 AND (held_until IS NULL OR held_until <= $4) ORDER BY send_at LIMIT $5)
         RETURNING dossier",
        &[&token, &until, &now, &now, &limit],
        |row| row.get(0),
    )
}

/// Takes dossiers of which the portal is to be asked, for a while.
pub(crate) fn claim_checks(
    tx: &mut Tx,
    (token, until): (Uuid, Timestamp),
    now: Timestamp,
    limit: i64,
) -> Result<Vec<DossierId>, StoreError> {
    tx.all(
        "UPDATE exchange_link SET holder = $1, held_until = $2 WHERE dossier IN (SELECT dossier FROM exchange_link
             WHERE check_at <= $3 AND (held_until IS NULL OR held_until <= $4) ORDER BY check_at LIMIT $5)
         RETURNING dossier",
        &[&token, &until, &now, &now, &limit],
        |row| row.get(0),
    )
}

/// Whether anything is due: a look without a lock.
pub(crate) fn any_due(tx: &mut Tx, now: Timestamp) -> Result<(bool, bool), StoreError> {
    let sends = tx.opt(
        "SELECT 1 FROM exchange_link WHERE send_at <= $1 AND (held_until IS NULL OR held_until <= $2) LIMIT 1",
        &[&now, &now],
        |_| Ok(()),
    )?;
    let checks = tx.opt(
        "SELECT 1 FROM exchange_link WHERE check_at <= $1 AND (held_until IS NULL OR held_until <= $2) LIMIT 1",
        &[&now, &now],
        |_| Ok(()),
    )?;
    Ok((sends.is_some(), checks.is_some()))
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

/// Writes a judgement.
pub(crate) fn judge(
    tx: &mut Tx,
    dossier: DossierId,
    (cause, judge_at): (Option<Cause>, Option<Timestamp>),
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE exchange_link SET cause = $1, judge_at = $2 WHERE dossier = $3",
        &[&cause, &judge_at, &dossier],
    )
    .map(|_| ())
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
