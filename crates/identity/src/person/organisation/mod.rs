//! Organisations and households as records. Code and name of an organisation are public; those of a household are a
//! person's and stay sealed.

mod store;

pub use store::{find_or_create_organisation, find_organisation, organisation};

use super::rules::mask_name;
use super::{OrganisationId, PersonError, QuestionId};
use crate::purpose::{Purpose, open_sealed};
use ::store::keys::{KeyRing, Sealed};
use kernel::{Email, Phone, TaxCode, World, fold};
use serde::{Deserialize, Serialize};

/// Longest name that is taken.
const NAME_CHARS_MAX: usize = 400;

/// What kind of organisation it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrganisationKind {
    /// Enterprise, co-operative, public body, association.
    Organisation,
    /// Household business or co-operative group: a person's.
    Household,
}

impl OrganisationKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Organisation => "organisation",
            Self::Household => "household",
        }
    }
}

/// What is known of an organisation.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganisationDetails {
    /// What kind it is.
    pub kind: OrganisationKind,
    /// Tax code, which is also the enterprise number.
    pub tax_code: TaxCode,
    /// Name as registered.
    pub name: String,
    /// Seat, as typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// E-mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
}

impl std::fmt::Debug for OrganisationDetails {
    /// Shows nothing: a household is a person.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OrganisationDetails(…)")
    }
}

impl OrganisationDetails {
    /// Whether code and name may stand open.
    fn is_open(&self) -> bool {
        self.kind == OrganisationKind::Organisation && !matches!(self.tax_code, TaxCode::Person(_))
    }
}

/// What is stored of an organisation, made outside of the transaction.
#[derive(Debug, Clone)]
pub struct PreparedOrganisation {
    id: OrganisationId,
    kind: OrganisationKind,
    tax_index: [u8; 32],
    match_index: [u8; 32],
    /// Code, name, its fold and sort key, where they may stand open.
    open: Option<(String, String, String, Vec<u8>)>,
    name_masked: String,
    details: Sealed,
    question: QuestionId,
    claim: Sealed,
}

/// A record as it is stored.
#[derive(Debug, Clone)]
pub struct OrganisationRecord {
    /// Its id.
    pub id: OrganisationId,
    /// The name as a list may show it: whole for an organisation, masked for a household.
    pub name: String,
    /// The tax code, where it may stand open.
    pub tax_code: Option<TaxCode>,
    /// The sealed details.
    pub details: Sealed,
    /// Grows with each change.
    pub version: i64,
}

fn context(id: OrganisationId) -> String {
    format!("organisation.details:{id}")
}

fn tax_index(keys: &KeyRing, code: &TaxCode) -> [u8; 32] {
    keys.blind_index("organisation.tax", &code.to_string())
}

/// Seals what is known of an organisation.
///
/// # Errors
/// [`PersonError::Name`] when the name is empty or too long.
pub fn prepare_organisation(
    keys: &KeyRing,
    world: &dyn World,
    details: &OrganisationDetails,
) -> Result<PreparedOrganisation, PersonError> {
    let folded = fold::fold(&details.name);
    if folded.is_empty() || details.name.chars().count() > NAME_CHARS_MAX {
        return Err(PersonError::Name);
    }
    let (id, question) = (OrganisationId::new(world), QuestionId::new(world));
    let plain = serde_json::to_vec(details).map_err(|_| PersonError::Damaged)?;
    let code = details.tax_code.to_string();
    let name_masked = if details.is_open() {
        details.name.trim().to_owned()
    } else {
        mask_name(&details.name)
    };
    Ok(PreparedOrganisation {
        id,
        kind: details.kind,
        tax_index: tax_index(keys, &details.tax_code),
        match_index: keys.blind_index("organisation.match", &format!("{code}|{folded}")),
        open: details.is_open().then(|| {
            let name = details.name.trim().to_owned();
            let sort = fold::sort_key(&name);
            (code, name, folded, sort)
        }),
        name_masked,
        details: keys.seal(world, &context(id), &plain),
        question,
        claim: keys.seal(world, &super::rules::claim_context(question), &plain),
    })
}

/// Opens a record for one view.
///
/// # Errors
/// [`PersonError::Purpose`] when the sealed value does not open, [`PersonError::Damaged`] when it holds no organisation.
pub fn open_organisation(
    keys: &KeyRing,
    purpose: &Purpose,
    record: &OrganisationRecord,
) -> Result<OrganisationDetails, PersonError> {
    let plain = open_sealed(keys, purpose, &context(record.id), &record.details)?;
    serde_json::from_slice(&plain).map_err(|_| PersonError::Damaged)
}
