//! Owns reading of claims into a citizen's identity by the provider's claim map. Pure.
//! Refuses half an identity: number, name and date of birth are all needed, because accounts are linked by all three.

use kernel::{Date, PersonId, TaxCode};
use serde_json::{Map, Value};

use super::config::ClaimMap;
use super::error::SignInError;

/// Who the provider says it is.
#[derive(Clone, PartialEq, Eq)]
pub struct ClaimedIdentity {
    /// The provider's name for the person.
    pub subject: String,
    /// The 12-digit number.
    pub number: PersonId,
    /// Full name as the provider writes it.
    pub name: String,
    /// Date of birth.
    pub birth: Date,
    /// The organisation, when the account is one's.
    pub organisation: Option<ClaimedOrganisation>,
}

/// The organisation an account acts for.
#[derive(Clone, PartialEq, Eq)]
pub struct ClaimedOrganisation {
    /// Its tax code.
    pub tax_code: TaxCode,
    /// Its name.
    pub name: String,
}

impl std::fmt::Debug for ClaimedIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClaimedIdentity(…)")
    }
}

impl std::fmt::Debug for ClaimedOrganisation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClaimedOrganisation(…)")
    }
}

/// Reads the claims of an ID token, completed by those of userinfo.
/// # Errors
/// `ClaimMissing` names the first claim that is missing or cannot be read.
pub fn read(map: &ClaimMap, claims: &Map<String, Value>) -> Result<ClaimedIdentity, SignInError> {
    let subject = text(claims, "sub").ok_or(SignInError::ClaimMissing("sub"))?;
    let number = text(claims, &map.number)
        .and_then(|number| number.parse().ok())
        .ok_or(SignInError::ClaimMissing("number"))?;
    let name = text(claims, &map.name).ok_or(SignInError::ClaimMissing("name"))?;
    let birth = text(claims, &map.birth)
        .and_then(|date| map.birth_formats.iter().find_map(|format| parse_date(format, &date)))
        .ok_or(SignInError::ClaimMissing("birth"))?;
    let is_organisation = text(claims, &map.kind).is_some_and(|kind| map.organisation_values.contains(&kind));
    let organisation = if is_organisation {
        Some(organisation(map, claims)?)
    } else {
        None
    };
    Ok(ClaimedIdentity {
        subject,
        number,
        name,
        birth,
        organisation,
    })
}

fn organisation(map: &ClaimMap, claims: &Map<String, Value>) -> Result<ClaimedOrganisation, SignInError> {
    let tax_code = text(claims, &map.tax_code)
        .and_then(|code| code.parse().ok())
        .ok_or(SignInError::ClaimMissing("tax_code"))?;
    let name = text(claims, &map.organisation_name).ok_or(SignInError::ClaimMissing("organisation_name"))?;
    Ok(ClaimedOrganisation { tax_code, name })
}

/// A claim as trimmed text; a number counts as its digits; empty is missing.
fn text(claims: &Map<String, Value>, name: &str) -> Option<String> {
    let text = match claims.get(name)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    (!text.is_empty() && text.len() <= 300).then_some(text)
}

/// Reads a date by a pattern of `yyyy`, `MM`, `dd` and separators.
fn parse_date(format: &str, text: &str) -> Option<Date> {
    if format.len() != text.len() || !text.is_ascii() || !format.is_ascii() {
        return None;
    }
    let part = |letters: &str| {
        let at = format.find(letters)?;
        text.get(at..at + letters.len())?.parse::<i16>().ok()
    };
    let same_separators = format
        .bytes()
        .zip(text.bytes())
        .all(|(f, t)| f.is_ascii_alphabetic() || f == t);
    if !same_separators {
        return None;
    }
    let (month, day) = (i8::try_from(part("MM")?).ok()?, i8::try_from(part("dd")?).ok()?);
    Date::new(part("yyyy")?, month, day).ok()
}

/// Whether two names are the same: letters, marks and words, whatever the case, the spaces and the Unicode form.
#[must_use]
pub fn same_name(one: &str, other: &str) -> bool {
    let plain = |name: &str| {
        let name = kernel::fold::nfc(name).to_lowercase();
        name.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    plain(one) == plain(other)
}
