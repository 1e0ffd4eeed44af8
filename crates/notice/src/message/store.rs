//! The rows of messages. A message that is posted twice is one row.
//! Refuses addresses and words: neither has a column.

use ::store::{Row, StoreError, Tx};
use identity::{AccountId, PersonRef, UnitId};
use kernel::{Lang, Timestamp};
use uuid::Uuid;

use super::{Message, MessageId, Parameters};

/// A message as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) kind: String,
    pub(crate) account: Option<AccountId>,
    pub(crate) person: Option<PersonRef>,
    pub(crate) source: String,
    pub(crate) at_source: Uuid,
    pub(crate) matter: Uuid,
    pub(crate) reference: String,
    pub(crate) path: String,
    pub(crate) parameters: Parameters,
    pub(crate) lang: Lang,
    pub(crate) is_urgent: bool,
    pub(crate) expires_at: Timestamp,
}

/// The columns of [`stored`], in their order, of the table called `m`.
macro_rules! columns {
    () => {
        "m.kind, m.account, m.person, m.source, m.at_source, m.matter, m.reference, m.path, m.parameters, m.lang, \
         m.is_urgent, m.expires_at"
    };
}
pub(crate) use columns;

/// Reads the columns from `from`.
pub(crate) fn stored(row: &Row<'_>, from: usize) -> Result<Stored, StoreError> {
    let parameters: serde_json::Value = row.get(from + 8)?;
    Ok(Stored {
        kind: row.get(from)?,
        account: row.get(from + 1)?,
        person: row.get(from + 2)?,
        source: row.get(from + 3)?,
        at_source: row.get(from + 4)?,
        matter: row.get(from + 5)?,
        reference: row.get(from + 6)?,
        path: row.get(from + 7)?,
        // Values of a newer version are missing here, and the message then says which.
        parameters: serde_json::from_value(parameters).unwrap_or_default(),
        lang: row.get::<String>(from + 9)?.parse().unwrap_or_default(),
        is_urgent: row.get(from + 10)?,
        expires_at: row.get(from + 11)?,
    })
}

/// What a message has beside itself when it is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms {
    pub(crate) lang: Lang,
    pub(crate) is_urgent: bool,
    pub(crate) expires_at: Timestamp,
}

/// Writes a message. False when it is there already.
pub(crate) fn insert(tx: &mut Tx, message: &Message, terms: Terms) -> Result<bool, StoreError> {
    let parameters = serde_json::to_value(&message.parameters).unwrap_or_default();
    let unit: Option<UnitId> = message.unit;
    let id: MessageId = message.id();
    let written = tx.execute(
        "INSERT INTO notice_message (id, event, kind, recipient, account, person, source, at_source, matter, reference, unit,
             path, parameters, lang, is_urgent, at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) ON CONFLICT DO NOTHING",
        &[
            &id,
            &message.event,
            &message.kind,
            &message.to.key(),
            &message.to.account,
            &message.to.person,
            &message.to.source,
            &message.to.at_source,
            &message.matter,
            &message.reference,
            &unit,
            &message.path,
            &parameters,
            &terms.lang.tag(),
            &terms.is_urgent,
            &message.at,
            &terms.expires_at,
        ],
    )?;
    Ok(written == 1)
}
