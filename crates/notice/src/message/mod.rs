//! A message: one event for one person or officer, as values that a template puts into words for each channel.
//! Refuses free text: a parameter is a code, a time, a day, an amount, a count or the public name of a unit, so that no
//! personal data can be in it. The address is not in it either: it is opened for a purpose when the message is sent.

pub(crate) mod store;

use std::borrow::Cow;
use std::collections::BTreeMap;

use ::store::Tx;
use ::store::keys::KeyRing;
use identity::{AccountId, PersonRef, Purpose, UnitId};
use kernel::{Date, Dong, Email, Lang, Phone, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

kernel::define_id!(
    /// One message.
    pub struct MessageId
);

/// Longest code, in characters.
pub const CODE_CHARS_MAX: usize = 32;
/// Longest public name, in characters.
pub const NAME_CHARS_MAX: usize = 160;

/// One value of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "value", rename_all = "lowercase")]
pub enum Parameter {
    /// A code that means nothing to strangers: of a dossier, a payment.
    Code(String),
    /// An hour of a day.
    Time(Timestamp),
    /// A day.
    Day(Date),
    /// An amount.
    Dong(Dong),
    /// How many.
    Count(i64),
    /// The public name of a unit. Never on weak channels.
    Name(String),
}

impl Parameter {
    /// A code: whatever is no ASCII letter, digit, dot, slash or hyphen is left out, and what is beyond 32 characters.
    #[must_use]
    pub fn code(text: impl std::fmt::Display) -> Self {
        let fits = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '/');
        Self::Code(text.to_string().chars().filter(fits).take(CODE_CHARS_MAX).collect())
    }

    /// A public name, on one line, cut to 160 characters.
    #[must_use]
    pub fn name(text: &str) -> Self {
        let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        Self::Name(line.trim().chars().take(NAME_CHARS_MAX).collect())
    }

    /// How it reads in a language.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        match self {
            Self::Code(text) | Self::Name(text) => text.clone(),
            Self::Time(at) => web::format::date_time(lang, *at),
            Self::Day(day) => web::format::date(lang, *day),
            Self::Dong(amount) => web::format::dong(lang, *amount).replace('\u{a0}', " "),
            Self::Count(n) => web::format::number(lang, *n),
        }
    }
}

/// The values of a message, by the names that its templates use.
pub type Parameters = BTreeMap<String, Parameter>;

/// Whom a message is for, and where the address is found when it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Her account, when she has one.
    pub account: Option<AccountId>,
    /// The person; her record shows that the address was used.
    pub person: Option<PersonRef>,
    /// Name of a [`ContactSource`]; `account` for the account's own record.
    pub source: Cow<'static, str>,
    /// What the source looks it up by.
    pub at_source: Uuid,
}

/// The source that reads the person's own record.
pub const OWN_RECORD: &str = "account";

impl Recipient {
    /// An account, reached where its owner said or where its record says.
    #[must_use]
    pub fn account(account: AccountId, person: Option<PersonRef>) -> Self {
        Self {
            account: Some(account),
            person,
            source: Cow::Borrowed(OWN_RECORD),
            at_source: account.uuid(),
        }
    }

    /// What tells recipients apart: messages to one key leave in order.
    #[must_use]
    pub fn key(&self) -> Uuid {
        self.account
            .map(AccountId::uuid)
            .or_else(|| self.person.map(PersonRef::uuid))
            .unwrap_or(self.at_source)
    }
}

/// One event for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The event it tells of. The same event for the same recipient is one message, however often it is posted.
    pub event: Uuid,
    /// Its kind, which names its templates: `dossier.received`.
    pub kind: Cow<'static, str>,
    /// Whom it is for.
    pub to: Recipient,
    /// The dossier or task it is about: the matter of the purpose under which the address is opened.
    pub matter: Uuid,
    /// What the person knows the matter by: the code of the dossier.
    pub reference: String,
    /// The unit that a letter is printed at.
    pub unit: Option<UnitId>,
    /// The page that shows more, below the site's address.
    pub path: String,
    /// The values.
    pub parameters: Parameters,
    /// When it happened.
    pub at: Timestamp,
}

impl Message {
    /// Its id, which follows from the event, its kind and the recipient.
    #[must_use]
    pub fn id(&self) -> MessageId {
        let key = self.to.key();
        let parts = [self.event.as_bytes().as_slice(), key.as_bytes(), self.kind.as_bytes()];
        MessageId::from_uuid(derived("message", &parts, self.at))
    }
}

/// An id that follows from what it stands for, so that a transaction that runs twice makes the same; ordered by `at`.
pub(crate) fn derived(what: &str, parts: &[&[u8]], at: Timestamp) -> Uuid {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    context.update(what.as_bytes());
    for part in parts {
        context.update(&[0]);
        context.update(part);
    }
    let digest = context.finish();
    let mut random = [0; 10];
    random.copy_from_slice(&digest.as_ref()[..10]);
    let millis = u64::try_from(at.as_micros() / 1_000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

/// Where somebody can be reached. It is personal data: it exists opened for one sending only.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// E-mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// Telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// The name on an envelope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where post reaches her.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

impl std::fmt::Debug for Contact {
    /// Shows nothing: it may end in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Contact(…)")
    }
}

impl Contact {
    /// What this has, and what `other` has where this has nothing.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            email: self.email.or(other.email),
            phone: self.phone.or(other.phone),
            name: self.name.or(other.name),
            address: self.address.or(other.address),
        }
    }
}

/// How a room above opens addresses that it keeps: a name, and a look that needs a purpose. The use is recorded before.
#[derive(Debug, Clone, Copy)]
pub struct ContactSource {
    /// The name that recipients carry.
    pub name: &'static str,
    /// Opens the contact of what `at_source` names; none when it is gone.
    pub open: OpenContact,
}

/// Reads and opens one contact.
pub type OpenContact = fn(&mut Tx, &KeyRing, &Purpose, Uuid) -> Result<Option<Contact>, ContactError>;

/// Why an address cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum ContactError {
    /// The store.
    #[error(transparent)]
    Store(#[from] ::store::StoreError),
    /// The sealed value does not open, or holds something else.
    #[error("a contact does not open: {0}")]
    Sealed(String),
}
