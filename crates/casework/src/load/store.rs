//! The rows of whole dossiers, many at once: each statement has all columns of its table and is prepared once.
//! Refuses to decide anything: what is written was decided by `dossier::rules` in memory.

use ::store::{StoreError, ToValue, Tx};
use identity::PersonRef;
use kernel::{Date, Timestamp};

use super::Whole;
use crate::dossier::DossierId;
use crate::rating::FACTORS;

const DOSSIER: &str = "INSERT INTO dossier (id, code, procedure_code, procedure_version, procedure_name, unit, unit_name, desk, desk_name,
         person, account, person_mask, person_index, check_person, check_phone, representation, entered, delivery, content,
         state, resume_state, is_open, assignee, assignee_name, proposed_by, outcome, supplements, submitted_at, check_by,
         received_at, is_late_receipt, time_limit, due_at, is_due_confirmed, sort_at, stopped_at, decided_at, returned_at,
         is_late, stopped_minutes, worked_minutes, changed_at, revision, process_version, step, step_since, step_due,
         at_unit, at_unit_name, extensions)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
         $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47,
         $48, $49, $50)";

const EVENT: &str = "INSERT INTO dossier_event (id, dossier, seq, at, action, from_state, to_state, capacity, account, actor_name, unit,
         unit_name, note, for_account, for_name, to_name)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";

const GROUND: &str = "INSERT INTO dossier_ground (event, dossier, defects) VALUES ($1, $2, $3)";

const STOP: &str = "INSERT INTO dossier_stop (id, dossier, cause, started_at, ended_at, due_before, due_after)
     VALUES ($1, $2, $3, $4, $5, $6, $7)";

const SUPPLEMENT: &str =
    "INSERT INTO dossier_supplement (id, dossier, seq, is_before_reception, step, asked_at, asked_by, asked_unit,
         request, answered_at, answer)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

const EXTENSION: &str =
    "INSERT INTO dossier_extension (id, dossier, at, due_before, due_after, officer_name, unit_name, event)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

const DELIVERY: &str =
    "INSERT INTO dossier_delivery (dossier, way, at, officer, officer_name, detail) VALUES ($1, $2, $3, $4, $5, $6)";

const INTAKE: &str =
    "INSERT INTO dossier_intake (dossier, channel, taken_by, taken_by_name, taken_desk, taken_desk_name, taken_at,
         began_at, postmark_on, ticket)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

const PARTY: &str = "INSERT INTO dossier_party (dossier, seq, role, person) VALUES ($1, $2, $3, $4)";

const NOTICE: &str = "INSERT INTO notice (id, account, dossier, dossier_code, procedure_name, kind, at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)";

const RATING: &str = "INSERT INTO rating (dossier, unit, unit_name, desk, factors, rated_at, changed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)";

const SCORE: &str = "INSERT INTO rating_score (dossier, factor, score) VALUES ($1, $2, $3)";

/// The numbers that were given before, at most a million: a load begins after them.
pub(super) fn given(tx: &mut Tx) -> Result<Vec<(String, Date, i64)>, StoreError> {
    tx.all(
        "SELECT agency, day, last FROM dossier_number ORDER BY agency, day LIMIT 1000000",
        &[],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

/// The last numbers of agencies on their days.
pub(super) fn numbers(tx: &mut Tx, numbers: &[(String, Date, i64)]) -> Result<(), StoreError> {
    for (agency, day, last) in numbers {
        tx.execute(
            "INSERT INTO dossier_number (agency, day, last) VALUES ($1, $2, $3)
             ON CONFLICT (agency, day) DO UPDATE SET last = excluded.last",
            &[agency, day, last],
        )?;
    }
    Ok(())
}

/// One row a dossier.
pub(super) fn dossiers(tx: &mut Tx, all: &[Whole]) -> Result<(), StoreError> {
    // What the row says of itself for lists, as `dossier::store` does.
    let derived: Vec<(bool, Timestamp)> = all
        .iter()
        .map(|whole| (whole.dossier().is_open(), whole.dossier().sort_at()))
        .collect();
    let rows: Vec<Vec<&dyn ToValue>> = all
        .iter()
        .zip(&derived)
        .map(|(one, derived)| columns(one, derived))
        .collect();
    tx.insert_all(DOSSIER, &rows)
}

fn columns<'w>(whole: &'w Whole, (is_open, sort_at): &'w (bool, Timestamp)) -> Vec<&'w dyn ToValue> {
    let (new, d) = (&whole.new, &whole.new.dossier);
    vec![
        &d.id,
        &d.code,
        &d.procedure,
        &d.procedure_version,
        &d.procedure_name,
        &d.unit,
        &d.unit_name,
        &d.desk,
        &d.desk_name,
        &d.person,
        &d.account,
        &d.person_mask,
        &new.person_index,
        &new.check_person,
        &new.check_phone,
        &d.representation,
        &d.entered,
        &d.delivery,
        &new.content,
        &d.state,
        &d.resume,
        is_open,
        &d.assignee,
        &d.assignee_name,
        &d.proposed_by,
        &d.outcome,
        &d.supplements,
        &d.submitted_at,
        &d.check_by,
        &d.received_at,
        &d.is_late_receipt,
        &d.time_limit,
        &d.due_at,
        &d.is_due_confirmed,
        sort_at,
        &d.stopped_at,
        &d.decided_at,
        &d.returned_at,
        &d.is_late,
        &d.stopped_minutes,
        &d.worked_minutes,
        &d.changed_at,
        &d.revision,
        &d.process,
        &d.position.step,
        &d.position.since,
        &d.position.due_at,
        &d.at,
        &d.at_name,
        &d.extensions,
    ]
}

/// Every step.
pub(super) fn events(tx: &mut Tx, all: &[Whole]) -> Result<(), StoreError> {
    let mut rows: Vec<Vec<&dyn ToValue>> = Vec::new();
    for whole in all {
        for new in &whole.events {
            let e = &new.event;
            rows.push(vec![
                &e.id,
                &whole.new.dossier.id,
                &e.seq,
                &e.at,
                &e.action,
                &e.from,
                &e.to,
                &e.capacity,
                &new.account,
                &e.actor_name,
                &new.unit,
                &e.unit_name,
                &e.note,
                &new.for_account,
                &e.for_name,
                &e.to_name,
            ]);
        }
    }
    tx.insert_all(EVENT, &rows)
}

/// What steps left beside the dossier.
pub(super) fn steps_beside(tx: &mut Tx, all: &[Whole]) -> Result<(), StoreError> {
    let (mut grounds, mut stops) = (Vec::<Vec<&dyn ToValue>>::new(), Vec::<Vec<&dyn ToValue>>::new());
    let (mut supplements, mut extensions) = (Vec::<Vec<&dyn ToValue>>::new(), Vec::<Vec<&dyn ToValue>>::new());
    let mut deliveries = Vec::<Vec<&dyn ToValue>>::new();
    for whole in all {
        let id = &whole.new.dossier.id;
        grounds.extend(
            whole
                .grounds
                .iter()
                .map(|(event, text)| vec![event as &dyn ToValue, id, text]),
        );
        stops.extend(whole.stops.iter().map(|one| {
            vec![
                &one.id as &dyn ToValue,
                id,
                &one.cause,
                &one.started_at,
                &one.ended_at,
                &one.due_before,
                &one.due_after,
            ]
        }));
        supplements.extend(whole.supplements.iter().map(|one| {
            vec![
                &one.id as &dyn ToValue,
                id,
                &one.seq,
                &one.is_before_reception,
                &one.step,
                &one.asked_at,
                &one.asked_by,
                &one.asked_unit,
                &one.request,
                &one.answered_at,
                &one.answer,
            ]
        }));
        extensions.extend(whole.extensions.iter().map(|one| {
            vec![
                &one.id as &dyn ToValue,
                id,
                &one.at,
                &one.due_before,
                &one.due_after,
                &one.officer_name,
                &one.unit_name,
                &one.event,
            ]
        }));
        deliveries.extend(whole.delivery.iter().map(|one| {
            vec![
                id as &dyn ToValue,
                &one.way,
                &one.at,
                &one.officer,
                &one.officer_name,
                &one.detail,
            ]
        }));
    }
    tx.insert_all(GROUND, &grounds)?;
    tx.insert_all(STOP, &stops)?;
    tx.insert_all(SUPPLEMENT, &supplements)?;
    tx.insert_all(EXTENSION, &extensions)?;
    tx.insert_all(DELIVERY, &deliveries)
}

/// How it was taken in, who else it is about, and what its applicant was told.
pub(super) fn people_beside(tx: &mut Tx, all: &[Whole]) -> Result<(), StoreError> {
    let (mut intakes, mut notices) = (Vec::<Vec<&dyn ToValue>>::new(), Vec::<Vec<&dyn ToValue>>::new());
    for whole in all {
        let id = &whole.new.dossier.id;
        intakes.extend(whole.intake.iter().map(|one| {
            vec![
                id as &dyn ToValue,
                &one.channel,
                &one.taken_by,
                &one.taken_by_name,
                &one.taken_desk,
                &one.taken_desk_name,
                &one.taken_at,
                &one.began_at,
                &one.postmark_on,
                &one.ticket,
            ]
        }));
        notices.extend(whole.notices.iter().map(|one| {
            vec![
                &one.id as &dyn ToValue,
                &one.account,
                &one.dossier,
                &one.dossier_code,
                &one.procedure_name,
                &one.kind,
                &one.at,
            ]
        }));
    }
    tx.insert_all(INTAKE, &intakes)?;
    tx.insert_all(NOTICE, &notices)?;
    parties(tx, all)
}

fn parties(tx: &mut Tx, all: &[Whole]) -> Result<(), StoreError> {
    let mut parties: Vec<(DossierId, i64, crate::intake::PartyRole, PersonRef)> = Vec::new();
    for whole in all {
        let mut seq = 0;
        for (role, person) in &whole.parties {
            seq += 1;
            parties.push((whole.new.dossier.id, seq, *role, *person));
        }
    }
    let rows: Vec<Vec<&dyn ToValue>> = parties
        .iter()
        .map(|(id, seq, role, person)| vec![id as &dyn ToValue, seq, role, person])
        .collect();
    tx.insert_all(PARTY, &rows)
}

/// What applicants said.
pub(super) fn ratings(tx: &mut Tx, all: &[Whole]) -> Result<(), StoreError> {
    let version = FACTORS.version.as_str();
    let (mut ratings, mut scores) = (Vec::<Vec<&dyn ToValue>>::new(), Vec::<Vec<&dyn ToValue>>::new());
    for whole in all {
        let Some(rated) = &whole.rating else { continue };
        let d = whole.dossier();
        ratings.push(vec![
            &d.id,
            &d.unit,
            &d.unit_name,
            &d.desk,
            &version,
            &rated.at,
            &rated.at,
        ]);
        scores.extend(
            rated
                .scores
                .iter()
                .map(|(factor, score)| vec![&d.id as &dyn ToValue, factor, score]),
        );
    }
    tx.insert_all(RATING, &ratings)?;
    tx.insert_all(SCORE, &scores)
}
