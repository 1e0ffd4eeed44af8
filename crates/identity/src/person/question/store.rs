//! SQL of questions: list, read, decide.
//! A question is decided once, by somebody with a reason.

use super::{Question, QuestionState};
use crate::account::AccountId;
use crate::audit::{self, Actor, detail};
use crate::person::{PersonError, Prepared, QuestionId, replace};
use ::store::keys::Sealed;
use ::store::{Row, StoreError, Tx};
use kernel::Timestamp;

/// Questions on one page.
const PAGE_MAX: i64 = 50;

fn read(row: &Row<'_>) -> Result<Question, StoreError> {
    Ok(Question {
        id: row.get(0)?,
        person: row.get(1)?,
        name_masked: row.get(2)?,
        claim: Sealed::from_bytes(row.get(3)?),
        source: row.get(4)?,
        asked_at: row.get(5)?,
        version: row.get(6)?,
    })
}

/// The open questions about people, oldest first, after the one asked at `after`.
///
/// # Errors
/// When the store fails.
pub fn open_questions(tx: &mut Tx, after: Option<(Timestamp, QuestionId)>) -> Result<Vec<Question>, StoreError> {
    let (at, id) = after.unwrap_or((Timestamp::from_micros(0), QuestionId::from_uuid(uuid::Uuid::nil())));
    tx.all(
        "SELECT q.id, q.person, p.name_masked, q.claim, q.source, q.asked_at, p.version FROM person_question q \
         JOIN person p ON p.id = q.person WHERE q.state = 'open' AND (q.asked_at, q.id) > ($1, $2) \
         ORDER BY q.asked_at, q.id LIMIT $3",
        &[&at, &id, &PAGE_MAX],
        read,
    )
}

/// One open question about a person.
///
/// # Errors
/// When the store fails.
pub fn question(tx: &mut Tx, id: QuestionId) -> Result<Option<Question>, StoreError> {
    tx.opt(
        "SELECT q.id, q.person, p.name_masked, q.claim, q.source, q.asked_at, p.version FROM person_question q \
         JOIN person p ON p.id = q.person WHERE q.state = 'open' AND q.id = $1",
        &[&id],
        read,
    )
}

/// Decides a question: with `accept` the record takes the values that were prepared for it.
///
/// # Errors
/// [`PersonError::NoReason`], [`PersonError::NoQuestion`] when somebody decided it before, [`PersonError::Changed`].
pub fn decide(
    tx: &mut Tx,
    id: QuestionId,
    accept: Option<&(Prepared, i64)>,
    reason: &str,
    by: AccountId,
    now: Timestamp,
) -> Result<(), PersonError> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(PersonError::NoReason);
    }
    let state = if accept.is_some() {
        QuestionState::Accepted
    } else {
        QuestionState::Refused
    };
    let decided = tx.execute(
        "UPDATE person_question SET state = $1, decided_at = $2, decided_by = $3, decision = $4 \
         WHERE id = $5 AND state = 'open'",
        &[&state.as_str(), &now, &by, &reason, &id],
    )?;
    if decided == 0 {
        return Err(PersonError::NoQuestion);
    }
    if let Some((prepared, version)) = accept {
        replace(tx, prepared, *version, now)?;
    }
    let detail = detail([("state", state.as_str().to_owned()), ("reason", reason.to_owned())]);
    audit::append(tx, Actor::Account(by), "person.question", &id.to_string(), detail, now)?;
    Ok(())
}
