//! Owns the one look after an upgrade at records of people that were written before there were keyed indexes: each gets them,
//! and doubles among them come onto the list. In bounded chunks, each planning the next in its own transaction.
//! It refuses to stop at a record that does not open: that one is skipped and said in the log, by its id alone.

use ::store::StoreError;
use ::store::jobs::Job;
use serde_json::{Value, json};

use super::{PersonRef, double, open, rules, store as table};
use crate::purpose::Purpose;
use crate::{Identity, IdentityError};

/// The kind of the job.
pub(crate) const MARK: &str = "identity.mark-people";

/// Records of one chunk.
const CHUNK: i64 = 200;

/// What a chunk did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Marked {
    /// Records that got their indexes.
    pub(crate) count: usize,
    /// Where the next chunk goes on; none at the end.
    pub(crate) next: Option<PersonRef>,
}

/// The first chunk, planned at each start of the program: where there is nothing to do it is one look.
#[must_use]
pub(crate) fn mark_people(identity: &Identity) -> Job {
    job(identity, PersonRef::from_uuid(uuid::Uuid::nil()))
}

fn job(identity: &Identity, after: PersonRef) -> Job {
    Job::new(identity.world().as_ref(), MARK, json!({ "after": after.to_string() })).unique(after.to_string())
}

/// Does the chunk that a payload names.
pub(crate) async fn run(identity: &Identity, payload: &Value) -> Result<Marked, IdentityError> {
    let after = payload
        .get("after")
        .and_then(Value::as_str)
        .and_then(|id| id.parse().ok());
    let nil = PersonRef::from_uuid(uuid::Uuid::nil());
    chunk(identity, after.unwrap_or(nil), CHUNK).await
}

pub(crate) async fn chunk(identity: &Identity, after: PersonRef, most: i64) -> Result<Marked, IdentityError> {
    let records = identity
        .store()
        .read(move |tx| table::unmarked(tx, after, most))
        .await?;
    let is_last = i64::try_from(records.len()).is_ok_and(|len| len < most);
    let next = records.last().filter(|_| !is_last).map(|record| record.id);
    let keys = identity.keys();
    let mut found = Vec::with_capacity(records.len());
    for record in &records {
        let purpose = Purpose::for_system("person.mark", record.id.uuid(), "");
        match open(&keys, &purpose, record) {
            Ok(details) => found.push((record.id, rules::marks(&keys, &details))),
            Err(error) => tracing::warn!(person = %record.id, %error, "a record does not open and gets no indexes"),
        }
    }
    let (count, now) = (found.len(), identity.now());
    let following = next.map(|next| job(identity, next));
    identity
        .store()
        .write(move |tx| {
            for (person, marks) in &found {
                double::note_marks(tx, *person, marks, now)?;
            }
            if let Some(following) = &following {
                tx.enqueue(following)?;
            }
            Ok::<_, StoreError>(())
        })
        .await?;
    Ok(Marked { count, next })
}
