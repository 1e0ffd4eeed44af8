//! People and organisations as records: sealed as a whole, found again by keyed indexes.
//!
//! It refuses plain personal text in columns, events and logs, opening without a purpose, and
//! overwriting: a claim that does not agree with the record becomes a question for an officer.
//! Law 91/2025/QH15 and NĐ 356/2025/NĐ-CP (personal data), NĐ 69/2024/NĐ-CP (electronic identity).

pub mod death;
pub mod double;
mod error;
mod guardian;
pub mod http;
#[cfg(test)]
mod http_tests;
pub(crate) mod jobs;
mod number;
mod organisation;
mod question;
mod rules;
pub(crate) mod store;
#[cfg(test)]
mod tests;
mod view;

pub use double::{group, is_same, kept};
pub use error::PersonError;
pub use guardian::{Guarded, find_ward, guardians, state_guardian, wards};
pub use number::{OldNumber, OldNumberError};
pub use organisation::{
    OrganisationDetails, OrganisationKind, OrganisationRecord, PreparedOrganisation, find_or_create_organisation,
    find_organisation, open_organisation, organisation, prepare_organisation,
};
pub use question::{Question, QuestionState, accepted, decide, open_questions, question};
pub use rules::{Prepared, Verdict, mask_name, prepare};
pub use store::{Found, PersonRecord, agreeing, candidates, find, find_or_create, record, replace};

use crate::purpose::{Purpose, open_sealed};
use ::store::keys::{KeyRing, Sealed, SealedColumn};
use jiff::civil::Date;
use kernel::{Email, PersonId, Phone, Sex};
use serde::{Deserialize, Serialize};

kernel::define_id!(
    /// Id of a person's record. The 12-digit number of the person is [`kernel::PersonId`].
    pub struct PersonRef
);

kernel::define_id!(
    /// Id of an organisation's record.
    pub struct OrganisationId
);

kernel::define_id!(
    /// Id of a question that a claim raised.
    pub struct QuestionId
);

/// The sealed columns of this concept, for a change of keys.
pub const SEALED: &[SealedColumn] = &[
    SealedColumn::by_id("person", "details"),
    SealedColumn::by_id("organisation", "details"),
    SealedColumn::by_id("person_question", "claim"),
    SealedColumn::by_id("person_death", "details"),
];

/// What is known of a person. It is personal data: it exists opened for one view only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonDetails {
    /// The personal number; none for a child before hers, and for who is known by an old card only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<PersonId>,
    /// The number of an old identity card, where somebody stated it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_number: Option<OldNumber>,
    /// The full name as written on the card.
    pub name: String,
    /// The day of birth, where it is known to the day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub born: Option<Date>,
    /// The sex that the register states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex: Option<Sex>,
    /// Where the person lives, as typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// E-mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
}

impl std::fmt::Debug for PersonDetails {
    /// Shows nothing: it may end in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PersonDetails(…)")
    }
}

impl PersonDetails {
    /// A person of whom number and name are known.
    pub fn new(number: PersonId, name: impl Into<String>) -> Self {
        Self {
            number: Some(number),
            ..Self::without_number(name)
        }
    }

    /// A person of whom only a name is known so far: a child before her number, somebody who died long ago.
    pub fn without_number(name: impl Into<String>) -> Self {
        Self {
            number: None,
            old_number: None,
            name: name.into(),
            born: None,
            sex: None,
            address: None,
            phone: None,
            email: None,
        }
    }
}

/// Opens a record for one view. The use is recorded before the answer leaves: [`crate::Identity::record_use`].
///
/// # Errors
/// [`PersonError::Purpose`] when the sealed value does not open, [`PersonError::Damaged`] when it holds no person.
pub fn open(keys: &KeyRing, purpose: &Purpose, record: &PersonRecord) -> Result<PersonDetails, PersonError> {
    let plain = open_sealed(keys, purpose, &rules::context(record.id), &record.details)?;
    serde_json::from_slice(&plain).map_err(|_| PersonError::Damaged)
}

/// Opens the claim of a question for one view.
///
/// # Errors
/// As [`open`].
pub fn open_claim(
    keys: &KeyRing,
    purpose: &Purpose,
    id: QuestionId,
    claim: &Sealed,
) -> Result<PersonDetails, PersonError> {
    let plain = open_sealed(keys, purpose, &rules::claim_context(id), claim)?;
    serde_json::from_slice(&plain).map_err(|_| PersonError::Damaged)
}
