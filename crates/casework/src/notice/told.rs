//! From the event of a dossier to the message for its applicant: a consumer of the outbox, in one transaction with its place in
//! the order, so that each event is told once. What other rooms need to know of a dossier they learn the same way.
//! Refuses contents: a message carries the code, an hour and the desk's name, which the row already shows to officers.

use ::notice::{Message, Notices, Parameter, Parameters, Recipient};
use identity::AccountId;
use kernel::Timestamp;
use store::outbox::{Consumer, Delivered};
use store::{Store, StoreError, Tx};

use super::contact;
use crate::dossier::store as table;
use crate::dossier::{Dossier, DossierError, DossierId};

/// The name under which the consumer's place is kept.
pub const CONSUMER: &str = "notice.dossier";

/// The events that are told, and the kind of message that tells each.
const TOLD: &[(&str, &str)] = &[
    ("dossier.submitted", "dossier.submitted"),
    ("dossier.receive", "dossier.received"),
    ("dossier.refuse", "dossier.refused"),
    ("dossier.ask-supplement", "dossier.supplement-asked"),
    ("dossier.ask-fee", "dossier.fee-asked"),
    ("dossier.approve", "dossier.result-ready"),
    ("dossier.return", "dossier.returned"),
    ("dossier.extend", "dossier.extended"),
    ("dossier.stop", "dossier.stopped"),
    ("dossier.withdraw", "dossier.withdrawn"),
];

/// The same kinds, for the consumer.
const KINDS: &[&str] = &[
    "dossier.submitted",
    "dossier.receive",
    "dossier.refuse",
    "dossier.ask-supplement",
    "dossier.ask-fee",
    "dossier.approve",
    "dossier.return",
    "dossier.extend",
    "dossier.stop",
    "dossier.withdraw",
];

/// Starts telling what happens to dossiers.
#[must_use]
pub fn start(store: &Store, notices: &Notices) -> Consumer {
    let notices = notices.clone();
    store.consume_in_tx(CONSUMER, KINDS, move |tx, delivered| tell(tx, &notices, delivered))
}

/// Posts the message of one event.
pub(crate) fn tell(tx: &mut Tx, notices: &Notices, delivered: &Delivered) -> Result<(), StoreError> {
    let event = &delivered.event;
    let Some((_, kind)) = TOLD.iter().find(|(told, _)| *told == event.kind) else {
        return Ok(());
    };
    let dossier = match table::find(tx, DossierId::from_uuid(event.subject)) {
        Ok(dossier) => dossier,
        Err(DossierError::Store(error)) => return Err(error),
        // It is not there (any more): then there is nobody to tell.
        Err(_) => return Ok(()),
    };
    // The hour that the event named, even when the dossier has moved on since.
    let due = event
        .payload
        .get("due_at")
        .and_then(|value| serde_json::from_value::<Option<Timestamp>>(value.clone()).ok());
    let due = due.flatten().or(dossier.due_at).unwrap_or(event.at);
    let mut message = message_of(&dossier, event.id, kind, event.at);
    message.parameters.insert("due".to_owned(), Parameter::Time(due));
    message
        .parameters
        .insert("check".to_owned(), Parameter::Time(dossier.check_by));
    notices.post(tx, &message).map(|_| ())
}

/// A message to the applicant of a dossier, with its code and desk.
pub(crate) fn message_of(dossier: &Dossier, event: uuid::Uuid, kind: &'static str, at: Timestamp) -> Message {
    Message {
        event,
        kind: kind.into(),
        to: Recipient {
            account: dossier.account,
            person: Some(dossier.person),
            source: contact::SOURCE.name.into(),
            at_source: dossier.id.uuid(),
        },
        matter: dossier.id.uuid(),
        reference: dossier.code.to_string(),
        unit: Some(dossier.desk),
        path: format!("/my/dossiers/{}", dossier.id),
        parameters: Parameters::from([
            ("code".to_owned(), Parameter::code(&dossier.code)),
            ("desk".to_owned(), Parameter::name(&dossier.desk_name)),
        ]),
        at,
    }
}

/// A message to an officer about a dossier.
pub(crate) fn to_officer(
    dossier: &Dossier,
    officer: AccountId,
    event: uuid::Uuid,
    kind: &'static str,
    due: Timestamp,
    at: Timestamp,
) -> Message {
    Message {
        to: Recipient::account(officer, None),
        unit: None,
        path: format!("/desk/dossiers/{}", dossier.id),
        parameters: Parameters::from([
            ("code".to_owned(), Parameter::code(&dossier.code)),
            ("due".to_owned(), Parameter::Time(due)),
            ("unit".to_owned(), Parameter::name(&dossier.unit_name)),
        ]),
        ..message_of(dossier, event, kind, at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_consumer_asks_for_what_is_told() {
        assert!(TOLD.iter().map(|(event, _)| event).eq(KINDS));
        let templates = ::notice::template::Templates::read(super::super::TEMPLATES).expect("sound templates");
        for (_, kind) in TOLD {
            assert!(templates.event(kind).is_some(), "{kind}");
        }
    }
}
