//! Questions that claims raised: an officer sees record and claim side by side and decides.
//!
//! The claim stays sealed; accepting it seals its values anew as those of the record.

mod store;

pub use store::{decide, open_questions, question};

use super::rules::prepare_as;
use super::{PersonDetails, PersonError, PersonRef, Prepared, QuestionId};
use ::store::keys::{KeyRing, Sealed};
use kernel::{Timestamp, World};

/// How a question stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuestionState {
    /// Nobody has decided.
    Open,
    /// The claim is right: the record took its values.
    Accepted,
    /// The claim is wrong: the record stays.
    Refused,
}

impl QuestionState {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
        }
    }
}

/// A question.
#[derive(Debug, Clone)]
pub struct Question {
    /// Its id.
    pub id: QuestionId,
    /// The record it is about.
    pub person: PersonRef,
    /// The masked name on record.
    pub name_masked: String,
    /// The sealed claim, for [`super::open_claim`].
    pub claim: Sealed,
    /// Where the claim came from.
    pub source: String,
    /// When.
    pub asked_at: Timestamp,
    /// The version of the record now.
    pub version: i64,
}

/// What an accepted claim makes of the record: name, birth and sex of the claim, the rest as it was.
///
/// # Errors
/// [`PersonError::Name`] when the claim has no usable name.
pub fn accepted(
    keys: &KeyRing,
    world: &dyn World,
    person: PersonRef,
    record: &PersonDetails,
    claim: &PersonDetails,
) -> Result<Prepared, PersonError> {
    let details = PersonDetails {
        number: record.number,
        old_number: record.old_number.or(claim.old_number),
        name: claim.name.clone(),
        born: claim.born.or(record.born),
        sex: claim.sex.or(record.sex),
        address: record.address.clone().or_else(|| claim.address.clone()),
        phone: record.phone.clone().or_else(|| claim.phone.clone()),
        email: record.email.clone().or_else(|| claim.email.clone()),
    };
    prepare_as(keys, world, person, &details)
}
