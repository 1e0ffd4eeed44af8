//! Tells who works on the open dossiers of a person who was marked as deceased: a consumer of the outbox, in one transaction
//! with its place in the order, so that each mark is told once.
//! Refuses personal data: the row names the dossier, and the dossier's page says the rest.

use identity::{AccountId, PersonRef, Role};
use kernel::Timestamp;
use store::outbox::{Consumer, Delivered};
use store::{Store, StoreError, Tx};
use uuid::Uuid;

use super::store as table;
use crate::dossier::Dossier;
use crate::notice::store as inbox;
use crate::notice::{Notice, NoticeId, NoticeKind};

/// The name under which the consumer's place is kept.
pub const CONSUMER: &str = "casework.bereavement";

/// What is listened to.
const KINDS: &[&str] = &["person.deceased"];

/// Open dossiers of one person that are told of.
const DOSSIERS_MAX: i64 = 200;

/// Officers told of one dossier.
const OFFICERS_MAX: usize = 20;

/// Starts telling.
#[must_use]
pub fn start(store: &Store) -> Consumer {
    store.consume_in_tx(CONSUMER, KINDS, tell)
}

/// Tells of one mark.
pub(crate) fn tell(tx: &mut Tx, delivered: &Delivered) -> Result<(), StoreError> {
    let event = &delivered.event;
    for dossier in table::open_of(tx, PersonRef::from_uuid(event.subject), DOSSIERS_MAX)? {
        for officer in officers(tx, &dossier, event.at)? {
            let notice = Notice {
                id: notice_id(event.id, dossier.id.uuid(), officer, event.at),
                account: officer,
                dossier: dossier.id,
                dossier_code: dossier.code.to_string(),
                procedure_name: dossier.procedure_name.clone(),
                kind: NoticeKind::PersonDeceased,
                at: event.at,
                read_at: None,
            };
            inbox::insert(tx, &notice, &dossier.code)?;
        }
    }
    Ok(())
}

/// Who works on a dossier today: its officer, else the desk before reception and the leaders after it.
fn officers(tx: &mut Tx, dossier: &Dossier, at: Timestamp) -> Result<Vec<AccountId>, StoreError> {
    if let Some(officer) = dossier.assignee {
        return Ok(vec![officer]);
    }
    let (unit, role) = match dossier.received_at {
        None => (dossier.desk, Role::Desk),
        Some(_) => (dossier.at, Role::Leader),
    };
    let held = identity::account::holders(tx, &[unit], role, at.local_date(), 0)?;
    Ok(held.into_iter().map(|row| row.0).take(OFFICERS_MAX).collect())
}

/// The same mark told twice is one row.
fn notice_id(event: Uuid, dossier: Uuid, officer: AccountId, at: Timestamp) -> NoticeId {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    for part in [event, dossier, officer.uuid()] {
        context.update(part.as_bytes());
    }
    let mut random = [0; 10];
    random.copy_from_slice(&context.finish().as_ref()[..10]);
    let millis = u64::try_from(at.as_micros() / 1_000).unwrap_or(0);
    NoticeId::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
}
