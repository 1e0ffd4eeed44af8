//! The rows of facts: what a fact is of a dossier, said once in SQL for one dossier and for thousands; what is noted of a
//! dossier that its own rows do not say; whether facts are what follows. Refuses columns with personal data.

use casework::dossier::DossierId;
use kernel::{Date, Timestamp};
use store::{Row, StoreError, Tx};

use super::Fact;
use crate::cause::PutTo;

macro_rules! columns {
    () => {
        "dossier, code, unit, desk, procedure, channel, state, is_open, until_at, filed_at, filed_on, received_at, received_on, \
         due_at, ended_at, ended_on, ending, stood_at, returned_at, is_counted, is_early, is_late, is_late_receipt, requests, \
         extensions, worked_minutes, stopped_minutes, attributed, has_result, has_papers, owes, paid_online"
    };
}
pub(crate) use columns;

/// What of a fact follows from the dossier's own rows and from nothing that may come later without an event.
macro_rules! held {
    () => {
        "dossier, code, unit, desk, procedure, channel, state, is_open, until_at, filed_at, filed_on, received_at, received_on, \
         due_at, ended_at, ended_on, ending, stood_at, returned_at, is_counted, is_early, is_late, is_late_receipt, requests, \
         extensions, worked_minutes, stopped_minutes, attributed"
    };
}

/// The same of dossiers, in the same order.
macro_rules! held_source {
    () => {
        "d.id, d.code, d.unit, d.desk, d.procedure_code, \
         CASE WHEN d.entered = 'officer' AND EXISTS (SELECT 1 FROM dossier_intake AS i WHERE i.dossier = d.id \
             AND i.channel = 'post') THEN 'post' ELSE d.entered END, \
         d.state, d.decided_at IS NULL, \
         CASE WHEN d.state = 'submitted' THEN d.check_by \
             WHEN d.state IN ('received', 'processing', 'proposed') THEN d.due_at END, \
         d.submitted_at, day_of(d.submitted_at), d.received_at, day_of(d.received_at), d.due_at, d.decided_at, \
         day_of(d.decided_at), \
         CASE WHEN d.decided_at IS NULL THEN NULL WHEN d.state IN ('approved', 'returned') THEN 'decided' ELSE d.state END, \
         CASE WHEN d.decided_at IS NULL THEN NULL ELSE COALESCE((SELECT min(s.started_at) FROM dossier_stop AS s \
             WHERE s.dossier = d.id AND s.ended_at = d.decided_at), d.decided_at) END, \
         d.returned_at, \
         d.decided_at IS NOT NULL AND d.due_at IS NOT NULL AND d.state IN ('approved', 'returned'), \
         d.decided_at IS NOT NULL AND d.due_at IS NOT NULL AND NOT d.is_late AND day_of(d.decided_at) < day_of(d.due_at), \
         d.is_late, d.is_late_receipt, d.supplements, d.extensions, COALESCE(d.worked_minutes, 0), d.stopped_minutes, \
         (SELECT a.put_to FROM figure_attribution AS a WHERE a.dossier = d.id)"
    };
}

/// A whole fact of dossiers, in the order of `columns!`.
macro_rules! source {
    () => {
        concat!(
            held_source!(),
            ", EXISTS (SELECT 1 FROM dossier_file AS f WHERE f.dossier = d.id AND f.purpose = 'result'), \
             EXISTS (SELECT 1 FROM dossier_file AS f WHERE f.dossier = d.id AND f.purpose = 'component'), \
             EXISTS (SELECT 1 FROM bill AS b WHERE b.subject = d.id AND b.cancelled_at IS NULL), \
             EXISTS (SELECT 1 FROM bill AS b INNER JOIN payment AS p ON p.bill = b.id WHERE b.subject = d.id \
                 AND b.cancelled_at IS NULL AND p.way = 'transfer')"
        )
    };
}

/// What a newer fact puts in place of an older one: everything.
macro_rules! on_conflict {
    () => {
        "ON CONFLICT (dossier) DO UPDATE SET code = excluded.code, unit = excluded.unit, desk = excluded.desk,
         procedure = excluded.procedure, channel = excluded.channel, state = excluded.state,
         is_open = excluded.is_open, until_at = excluded.until_at, filed_at = excluded.filed_at,
         filed_on = excluded.filed_on, received_at = excluded.received_at, received_on = excluded.received_on,
         due_at = excluded.due_at, ended_at = excluded.ended_at, ended_on = excluded.ended_on,
         ending = excluded.ending, stood_at = excluded.stood_at, returned_at = excluded.returned_at,
         is_counted = excluded.is_counted, is_early = excluded.is_early, is_late = excluded.is_late,
         is_late_receipt = excluded.is_late_receipt, requests = excluded.requests,
         extensions = excluded.extensions, worked_minutes = excluded.worked_minutes,
         stopped_minutes = excluded.stopped_minutes, attributed = excluded.attributed, has_result = excluded.has_result,
         has_papers = excluded.has_papers, owes = excluded.owes, paid_online = excluded.paid_online"
    };
}

pub(crate) fn fact_of(row: &Row<'_>) -> Result<Fact, StoreError> {
    Ok(Fact {
        dossier: row.get(0)?,
        code: row.get(1)?,
        unit: row.get(2)?,
        desk: row.get(3)?,
        procedure: row.get(4)?,
        channel: row.get(5)?,
        state: row.get(6)?,
        is_open: row.get(7)?,
        until_at: row.get(8)?,
        filed_at: row.get(9)?,
        filed_on: row.get(10)?,
        received_at: row.get(11)?,
        received_on: row.get(12)?,
        due_at: row.get(13)?,
        ended_at: row.get(14)?,
        ended_on: row.get(15)?,
        ending: row.get(16)?,
        stood_at: row.get(17)?,
        returned_at: row.get(18)?,
        is_counted: row.get(19)?,
        is_early: row.get(20)?,
        is_late: row.get(21)?,
        is_late_receipt: row.get(22)?,
        requests: row.get(23)?,
        extensions: row.get(24)?,
        worked_minutes: row.get(25)?,
        stopped_minutes: row.get(26)?,
        attributed: row.get(27)?,
        has_result: row.get(28)?,
        has_papers: row.get(29)?,
        owes: row.get(30)?,
        paid_online: row.get(31)?,
    })
}

/// What the fact of a dossier is now; none when there is no such dossier.
pub(crate) fn of_dossier(tx: &mut Tx, dossier: DossierId) -> Result<Option<Fact>, StoreError> {
    tx.opt(
        concat!("SELECT ", source!(), " FROM dossier AS d WHERE d.id = $1"),
        &[&dossier],
        fact_of,
    )
}

/// The fact as it is kept.
pub(crate) fn find(tx: &mut Tx, dossier: DossierId) -> Result<Option<Fact>, StoreError> {
    tx.opt(
        concat!("SELECT ", columns!(), " FROM figure_fact WHERE dossier = $1"),
        &[&dossier],
        fact_of,
    )
}

/// Keeps a fact in place of an older one.
pub(crate) fn put(tx: &mut Tx, fact: &Fact) -> Result<(), StoreError> {
    let f = fact;
    tx.execute(
        concat!(
            "INSERT INTO figure_fact (",
            columns!(),
            ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, \
             $24, $25, $26, $27, $28, $29, $30, $31, $32) ",
            on_conflict!()
        ),
        &[
            &f.dossier, &f.code, &f.unit, &f.desk, &f.procedure, &f.channel, &f.state, &f.is_open, &f.until_at, &f.filed_at,
            &f.filed_on, &f.received_at, &f.received_on, &f.due_at, &f.ended_at, &f.ended_on, &f.ending, &f.stood_at,
            &f.returned_at, &f.is_counted, &f.is_early, &f.is_late, &f.is_late_receipt, &f.requests, &f.extensions,
            &f.worked_minutes, &f.stopped_minutes, &f.attributed, &f.has_result, &f.has_papers, &f.owes, &f.paid_online,
        ],
    )?;
    Ok(())
}

/// Notes to whom the lateness of a dossier is put down; none takes back what was noted.
pub(crate) fn attribute(tx: &mut Tx, dossier: DossierId, to: Option<PutTo>, at: Timestamp) -> Result<(), StoreError> {
    match to {
        Some(to) => tx.execute(
            "INSERT INTO figure_attribution (dossier, put_to, noted_at) VALUES ($1, $2, $3)
             ON CONFLICT (dossier) DO UPDATE SET put_to = excluded.put_to, noted_at = excluded.noted_at",
            &[&dossier, &to, &at],
        )?,
        None => tx.execute("DELETE FROM figure_attribution WHERE dossier = $1", &[&dossier])?,
    };
    Ok(())
}

/// The id of the last of the next `limit` dossiers after `after`; none when there are no more.
pub(crate) fn chunk(tx: &mut Tx, after: DossierId, limit: i64) -> Result<Option<DossierId>, StoreError> {
    tx.opt(
        "SELECT id FROM (SELECT id FROM dossier WHERE id > $1 ORDER BY id LIMIT $2) AS part ORDER BY id DESC LIMIT 1",
        &[&after, &limit],
        |row| row.get(0),
    )
}

/// How many dossiers there are.
pub(crate) fn dossiers(tx: &mut Tx) -> Result<i64, StoreError> {
    tx.one("SELECT count(*) FROM dossier", &[], |row| row.get(0))
}

/// Makes the facts of the dossiers after `after` up to `upto` anew, and forgets the causes of those that are not late. Says
/// how many facts.
pub(crate) fn fill(tx: &mut Tx, after: DossierId, upto: DossierId) -> Result<u64, StoreError> {
    let made = tx.execute(
        concat!(
            "INSERT INTO figure_fact (",
            columns!(),
            ") SELECT ",
            source!(),
            " FROM dossier AS d WHERE d.id > $1 AND d.id <= $2 ",
            on_conflict!()
        ),
        &[&after, &upto],
    )?;
    tx.execute(
        "DELETE FROM figure_cause WHERE dossier > $1 AND dossier <= $2 AND NOT EXISTS (SELECT 1 FROM figure_fact AS f
             WHERE f.dossier = figure_cause.dossier AND f.is_counted AND f.is_late)",
        &[&after, &upto],
    )?;
    Ok(made)
}

/// Facts whose dossier is gone: none in a sound store.
pub(crate) fn forget_strangers(tx: &mut Tx) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM figure_cause WHERE NOT EXISTS (SELECT 1 FROM dossier WHERE dossier.id = figure_cause.dossier)",
        &[],
    )?;
    tx.execute(
        "DELETE FROM figure_attribution WHERE NOT EXISTS (SELECT 1 FROM dossier WHERE dossier.id = figure_attribution.dossier)",
        &[],
    )?;
    tx.execute(
        "DELETE FROM figure_fact WHERE NOT EXISTS (SELECT 1 FROM dossier WHERE dossier.id = figure_fact.dossier)",
        &[],
    )
}

/// The first and the last day on which any fact counts.
pub(crate) fn extent(tx: &mut Tx) -> Result<Option<(Date, Date)>, StoreError> {
    let (first, last): (Option<Date>, Option<Date>) = tx.one(
        "SELECT min(day), max(day) FROM (
             SELECT min(filed_on) AS day FROM figure_fact UNION ALL SELECT max(filed_on) FROM figure_fact
             UNION ALL SELECT min(received_on) FROM figure_fact UNION ALL SELECT max(received_on) FROM figure_fact
             UNION ALL SELECT min(ended_on) FROM figure_fact UNION ALL SELECT max(ended_on) FROM figure_fact) AS days",
        &[],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(first.zip(last))
}

/// Codes of dossiers of a part whose fact is not what follows from them, beside those of which an event still waits for the
/// consumer of this name.
pub(crate) fn wrong_facts(
    tx: &mut Tx,
    after: DossierId,
    upto: DossierId,
    consumer: &str,
) -> Result<Vec<String>, StoreError> {
    tx.all(
        concat!(
            "WITH wrong (",
            held!(),
            ") AS (SELECT ",
            held_source!(),
            " FROM dossier AS d WHERE d.id > $1 AND d.id <= $2 EXCEPT SELECT ",
            held!(),
            " FROM figure_fact WHERE dossier > $1 AND dossier <= $2)
             SELECT code FROM wrong WHERE NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.subject = wrong.dossier
                 AND (outbox.position IS NULL
                     OR outbox.position > COALESCE((SELECT position FROM outbox_consumer WHERE name = $3), 0)))
             ORDER BY code LIMIT 1000"
        ),
        &[&after, &upto, &consumer],
        |row| row.get(0),
    )
}

/// Codes of facts without a dossier.
pub(crate) fn strangers(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    tx.all(
        "SELECT code FROM figure_fact WHERE NOT EXISTS (SELECT 1 FROM dossier WHERE dossier.id = figure_fact.dossier)
         ORDER BY code LIMIT 1000",
        &[],
        |row| row.get(0),
    )
}

/// When the facts were last made as a whole, and under which formulas.
pub(crate) fn built(tx: &mut Tx) -> Result<Option<(Timestamp, i64)>, StoreError> {
    tx.opt("SELECT built_at, formulas FROM figure_state WHERE id = 1", &[], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}

/// Notes that they are being made: until that is done they are as good as not made.
pub(crate) fn forget_built(tx: &mut Tx) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM figure_state WHERE id = 1", &[])
}

/// Notes that they were.
pub(crate) fn note_built(tx: &mut Tx, at: Timestamp, formulas: i64) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO figure_state (id, built_at, formulas) VALUES (1, $1, $2)
         ON CONFLICT (id) DO UPDATE SET built_at = excluded.built_at, formulas = excluded.formulas",
        &[&at, &formulas],
    )?;
    Ok(())
}

/// The hour before which everything is counted: that of the oldest event that still waits for the consumer, none when none does.
pub(crate) fn waiting_since(tx: &mut Tx, consumer: &str) -> Result<Option<Timestamp>, StoreError> {
    tx.one(
        "SELECT min(at) FROM (SELECT at FROM outbox WHERE position IS NULL AND kind LIKE 'dossier.%'
             UNION ALL SELECT at FROM outbox
             WHERE position > COALESCE((SELECT position FROM outbox_consumer WHERE name = $1), 0)
                 AND kind LIKE 'dossier.%') AS waiting",
        &[&consumer],
        |row| row.get(0),
    )
}

/// Late facts of a part whose causes are to be found: dossier, when received, where the clock stood.
pub(crate) fn late_of(tx: &mut Tx, after: DossierId, upto: DossierId) -> Result<Vec<Fact>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM figure_fact WHERE dossier > $1 AND dossier <= $2 AND is_counted AND is_late ORDER BY dossier LIMIT 100000"
        ),
        &[&after, &upto],
        fact_of,
    )
}
