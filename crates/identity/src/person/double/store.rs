//! SQL of doubles: marks, pairs, links. A read follows links that hold; no statement changes a record.
//! The one live link of a record is unique in the table, so of two who join it at once one is told.

use super::super::rules::{Mark, MarkKind, Prepared};
use super::super::{PersonError, PersonRef};
use super::rules::{Known, Way, may_join};
use super::{Decision, Double, GROUP_MAX, Link, LinkId, Pair, PairState, Why};
use crate::audit::{self, Actor, detail};
use ::store::{Row, StoreError, Tx};
use kernel::Timestamp;

/// Links that a read follows at most.
const DEPTH_MAX: usize = 16;

/// Records with the same mark that are looked at.
const MARKED_MAX: i64 = 20;

/// Pairs on one page.
pub(super) const PAGE: i64 = 50;

/// Records that carry this mark, but `but`.
pub(in crate::person) fn marked(
    tx: &mut Tx,
    kind: MarkKind,
    mark: &[u8; 32],
    but: Option<PersonRef>,
) -> Result<Vec<PersonRef>, StoreError> {
    let but = but.unwrap_or(PersonRef::from_uuid(uuid::Uuid::nil()));
    tx.all(
        "SELECT person FROM person_mark WHERE kind = $1 AND mark = $2 AND person <> $3 ORDER BY person LIMIT $4",
        &[&kind.name(), mark, &but, &MARKED_MAX],
        |row| row.get(0),
    )
}

/// Writes down by what a record is found, and which other records look like the same person.
pub(in crate::person) fn note_marks(
    tx: &mut Tx,
    person: PersonRef,
    marks: &[Mark],
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut fresh: Vec<&Mark> = Vec::new();
    for mark in marks {
        let written = tx.execute(
            "INSERT INTO person_mark (person, kind, mark) VALUES ($1, $2, $3) ON CONFLICT (person, kind) DO NOTHING",
            &[&person, &mark.kind.name(), &mark.index],
        )?;
        if written == 1 {
            fresh.push(mark);
        }
    }
    look_for(tx, person, &fresh, now)
}

/// The same after somebody decided that a record has another name, birth or number.
pub(in crate::person) fn renew_marks(
    tx: &mut Tx,
    person: PersonRef,
    prepared: &Prepared,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute("DELETE FROM person_mark WHERE person = $1", &[&person])?;
    note_marks(tx, person, &prepared.marks, now)
}

fn look_for(tx: &mut Tx, person: PersonRef, fresh: &[&Mark], now: Timestamp) -> Result<(), StoreError> {
    for mark in fresh {
        let why = match mark.kind {
            // A number is one record's alone.
            MarkKind::Number => continue,
            MarkKind::OldNumber => Why::OldNumber,
            MarkKind::NameBirth => Why::NameBirth,
        };
        for other in marked(tx, mark.kind, &mark.index, Some(person))? {
            // Two different numbers are two people, however alike they are called.
            if is_numbered(tx, person)? && is_numbered(tx, other)? {
                continue;
            }
            suspect(tx, Pair::of(person, other), why, now)?;
        }
    }
    Ok(())
}

fn is_numbered(tx: &mut Tx, person: PersonRef) -> Result<bool, StoreError> {
    let count: i64 = tx.one(
        "SELECT count(*) FROM person_mark WHERE person = $1 AND kind = 'number'",
        &[&person],
        |row| row.get(0),
    )?;
    Ok(count > 0)
}

/// Puts a pair on the list, unless it is or was there.
pub(super) fn suspect(tx: &mut Tx, pair: Pair, why: Why, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO person_double (one, other, why, found_at, state) VALUES ($1, $2, $3, $4, 'open') \
         ON CONFLICT (one, other) DO NOTHING",
        &[&pair.one, &pair.other, &why.name(), &now],
    )?;
    Ok(())
}

/// The record that stands for the person of `id`: itself, or the one it was merged into.
///
/// # Errors
/// When the store fails.
pub fn kept(tx: &mut Tx, id: PersonRef) -> Result<PersonRef, StoreError> {
    let mut at = id;
    for _ in 0..DEPTH_MAX {
        let next = tx.opt(
            "SELECT merged_into FROM person_link WHERE person = $1 AND valid_to IS NULL",
            &[&at],
            |row| row.get::<PersonRef>(0),
        )?;
        match next {
            Some(next) => at = next,
            None => break,
        }
    }
    Ok(at)
}

/// Every record of the person of `id`, the kept one first. Most people have one.
///
/// # Errors
/// When the store fails.
pub fn group(tx: &mut Tx, id: PersonRef) -> Result<Vec<PersonRef>, StoreError> {
    // Every request of a citizen asks: who has one record, as most people do, costs one look-up.
    let is_linked = tx.opt(
        "SELECT person FROM person_link WHERE (person = $1 OR merged_into = $1) AND valid_to IS NULL LIMIT 1",
        &[&id],
        |row| row.get::<PersonRef>(0),
    )?;
    if is_linked.is_none() {
        return Ok(vec![id]);
    }
    let mut all = vec![kept(tx, id)?];
    let mut at = 0;
    while let Some(&into) = all.get(at)
        && all.len() < GROUP_MAX
    {
        let below: Vec<PersonRef> = tx.all(
            "SELECT person FROM person_link WHERE merged_into = $1 AND valid_to IS NULL ORDER BY person LIMIT 50",
            &[&into],
            |row| row.get(0),
        )?;
        all.extend(below);
        at += 1;
    }
    all.truncate(GROUP_MAX);
    Ok(all)
}

/// Whether two records are of one person.
///
/// # Errors
/// When the store fails.
pub fn is_same(tx: &mut Tx, a: PersonRef, b: PersonRef) -> Result<bool, StoreError> {
    Ok(a == b || kept(tx, a)? == kept(tx, b)?)
}

fn known(tx: &mut Tx, id: PersonRef) -> Result<Known, StoreError> {
    let all = group(tx, id)?;
    let mut known = Known {
        records: all.len(),
        ..Known::default()
    };
    for person in all {
        let marks: Vec<(String, Vec<u8>)> = tx.all(
            "SELECT kind, mark FROM person_mark WHERE person = $1 ORDER BY kind",
            &[&person],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        for (kind, mark) in marks {
            match kind.as_str() {
                "number" => known.numbers.push(mark),
                "old-number" => known.old_numbers.push(mark),
                _ => {}
            }
        }
    }
    Ok(known)
}

fn decide(tx: &mut Tx, pair: Pair, to: PairState, decision: &Decision, now: Timestamp) -> Result<(), PersonError> {
    if decision.reason.trim().is_empty() {
        return Err(PersonError::NoReason);
    }
    let decided = tx.execute(
        "UPDATE person_double SET state = $1, decided_at = $2, decided_by = $3, decision = $4 \
         WHERE one = $5 AND other = $6 AND state = 'open'",
        &[
            &to.name(),
            &now,
            &decision.by,
            &decision.reason.trim(),
            &pair.one,
            &pair.other,
        ],
    )?;
    if decided == 1 {
        Ok(())
    } else {
        Err(PersonError::PairDecided)
    }
}

/// Joins the records of an open pair: `keep` stands for both from now on, unless only the other has a number.
///
/// # Errors
/// [`PersonError::NoReason`], [`PersonError::PairDecided`] when somebody was faster, [`PersonError::DifferentNumbers`],
/// [`PersonError::OneAlready`], [`PersonError::Crowd`].
pub fn join(
    tx: &mut Tx,
    link: LinkId,
    pair: Pair,
    keep: PersonRef,
    decision: &Decision,
    now: Timestamp,
) -> Result<Link, PersonError> {
    decide(tx, pair, PairState::Joined, decision, now)?;
    let go = if keep == pair.one { pair.other } else { pair.one };
    let (gone, into) = (kept(tx, go)?, kept(tx, keep)?);
    if gone == into {
        return Err(PersonError::OneAlready);
    }
    let way = may_join(&known(tx, gone)?, &known(tx, into)?)?;
    let (person, into) = match way {
        Way::AsWished => (gone, into),
        Way::Turned => (into, gone),
    };
    let reason = decision.reason.trim().to_owned();
    tx.execute(
        "INSERT INTO person_link (id, person, merged_into, one, other, valid_from, made_by, reason) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            &link,
            &person,
            &into,
            &pair.one,
            &pair.other,
            &now,
            &decision.by,
            &reason,
        ],
    )?;
    let words = detail([
        ("person", person.to_string()),
        ("into", into.to_string()),
        ("reason", reason.clone()),
    ]);
    audit::append(
        tx,
        Actor::Account(decision.by),
        "person.merge",
        &link.to_string(),
        words,
        now,
    )?;
    Ok(Link {
        id: link,
        person,
        into,
        pair,
        since: now,
        reason,
    })
}

/// Says that the records of an open pair are two people.
///
/// # Errors
/// [`PersonError::NoReason`], [`PersonError::PairDecided`].
pub fn apart(tx: &mut Tx, pair: Pair, decision: &Decision, now: Timestamp) -> Result<(), PersonError> {
    decide(tx, pair, PairState::Apart, decision, now)?;
    let words = detail([
        ("other", pair.other.to_string()),
        ("reason", decision.reason.trim().to_owned()),
    ]);
    audit::append(
        tx,
        Actor::Account(decision.by),
        "person.apart",
        &pair.one.to_string(),
        words,
        now,
    )?;
    Ok(())
}

/// Parts what was joined: the records stand as before, and the pair is open again.
///
/// # Errors
/// [`PersonError::NoReason`], [`PersonError::NoLink`] when it does not hold (any more).
pub fn part(tx: &mut Tx, link: LinkId, decision: &Decision, now: Timestamp) -> Result<Link, PersonError> {
    let reason = decision.reason.trim();
    if reason.is_empty() {
        return Err(PersonError::NoReason);
    }
    let found = tx.opt(
        "SELECT id, person, merged_into, one, other, valid_from, reason FROM person_link \
         WHERE id = $1 AND valid_to IS NULL",
        &[&link],
        read_link,
    )?;
    let found = found.ok_or(PersonError::NoLink)?;
    let ended = tx.execute(
        "UPDATE person_link SET valid_to = $1, ended_by = $2, ended_why = $3 WHERE id = $4 AND valid_to IS NULL",
        &[&now, &decision.by, &reason, &link],
    )?;
    if ended == 0 {
        return Err(PersonError::NoLink);
    }
    tx.execute(
        "UPDATE person_double SET state = 'open', decided_at = NULL, decided_by = NULL, decision = NULL \
         WHERE one = $1 AND other = $2 AND state = 'joined'",
        &[&found.pair.one, &found.pair.other],
    )?;
    let words = detail([
        ("person", found.person.to_string()),
        ("from", found.into.to_string()),
        ("reason", reason.to_owned()),
    ]);
    audit::append(
        tx,
        Actor::Account(decision.by),
        "person.unmerge",
        &link.to_string(),
        words,
        now,
    )?;
    Ok(found)
}

fn read_link(row: &Row<'_>) -> Result<Link, StoreError> {
    Ok(Link {
        id: row.get(0)?,
        person: row.get(1)?,
        into: row.get(2)?,
        pair: Pair {
            one: row.get(3)?,
            other: row.get(4)?,
        },
        since: row.get(5)?,
        reason: row.get(6)?,
    })
}

/// The link that holds because of a pair.
pub(super) fn link_of(tx: &mut Tx, pair: Pair) -> Result<Option<Link>, StoreError> {
    tx.opt(
        "SELECT id, person, merged_into, one, other, valid_from, reason FROM person_link \
         WHERE one = $1 AND other = $2 AND valid_to IS NULL ORDER BY valid_from LIMIT 1",
        &[&pair.one, &pair.other],
        read_link,
    )
}

fn read_double(row: &Row<'_>) -> Result<Double, StoreError> {
    Ok(Double {
        pair: Pair {
            one: row.get(0)?,
            other: row.get(1)?,
        },
        names: [row.get(2)?, row.get(3)?],
        numbered: [row.get::<i64>(4)? > 0, row.get::<i64>(5)? > 0],
        why: Why::from_name(&row.get::<String>(6)?),
        found_at: row.get(7)?,
        state: PairState::from_name(&row.get::<String>(8)?).unwrap_or(PairState::Open),
        decision: row.get(9)?,
    })
}

/// Pairs in a state, oldest first, after the one found at `after`.
pub(super) fn page(
    tx: &mut Tx,
    state: PairState,
    after: (Timestamp, PersonRef, PersonRef),
) -> Result<Vec<Double>, StoreError> {
    tx.all(
        "SELECT d.one, d.other, a.name_masked, b.name_masked, \
         (SELECT count(*) FROM person_mark m WHERE m.person = d.one AND m.kind = 'number'), \
         (SELECT count(*) FROM person_mark m WHERE m.person = d.other AND m.kind = 'number'), \
         d.why, d.found_at, d.state, d.decision FROM person_double d \
         JOIN person a ON a.id = d.one JOIN person b ON b.id = d.other \
         WHERE d.state = $1 AND (d.found_at, d.one, d.other) > ($2, $3, $4) \
         ORDER BY d.found_at, d.one, d.other LIMIT $5",
        &[&state.name(), &after.0, &after.1, &after.2, &PAGE],
        read_double,
    )
}

/// One pair.
pub(super) fn find(tx: &mut Tx, pair: Pair) -> Result<Option<Double>, StoreError> {
    tx.opt(
        "SELECT d.one, d.other, a.name_masked, b.name_masked, \
         (SELECT count(*) FROM person_mark m WHERE m.person = d.one AND m.kind = 'number'), \
         (SELECT count(*) FROM person_mark m WHERE m.person = d.other AND m.kind = 'number'), \
         d.why, d.found_at, d.state, d.decision FROM person_double d \
         JOIN person a ON a.id = d.one JOIN person b ON b.id = d.other WHERE d.one = $1 AND d.other = $2",
        &[&pair.one, &pair.other],
        read_double,
    )
}
