//! Pure decisions about two records: whether they may be joined, which is kept, in what they agree.
//! They read no table; what they compare was opened for one view.

use super::super::{PersonDetails, PersonError};
use super::GROUP_MAX;
use kernel::fold;

/// What is known, without opening, of everything that a person's record already stands for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// How many records.
    pub(crate) records: usize,
    /// Keyed indexes of 12-digit numbers.
    pub(crate) numbers: Vec<Vec<u8>>,
    /// Keyed indexes of old numbers.
    pub(crate) old_numbers: Vec<Vec<u8>>,
}

/// Whether the wish stands, or the records change places: the one with a number is always kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// As wished.
    AsWished,
    /// The record that was to be kept goes into the other.
    Turned,
}

/// Whether `gone` may be joined to `kept`, and which of them is kept.
///
/// # Errors
/// [`PersonError::DifferentNumbers`], [`PersonError::Crowd`].
pub(crate) fn may_join(gone: &Known, kept: &Known) -> Result<Way, PersonError> {
    let differ = |a: &[Vec<u8>], b: &[Vec<u8>]| a.iter().any(|one| b.iter().any(|other| one != other));
    if differ(&gone.numbers, &kept.numbers) || differ(&gone.old_numbers, &kept.old_numbers) {
        return Err(PersonError::DifferentNumbers);
    }
    if gone.records + kept.records > GROUP_MAX {
        return Err(PersonError::Crowd);
    }
    if !gone.numbers.is_empty() && kept.numbers.is_empty() {
        Ok(Way::Turned)
    } else {
        Ok(Way::AsWished)
    }
}

/// How one item of two records compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Agreement {
    /// Both say the same.
    Same,
    /// They say different things.
    Differs,
    /// One or both do not say.
    Unknown,
}

fn compare<T: PartialEq>(one: Option<T>, other: Option<T>) -> Agreement {
    match (one, other) {
        (Some(one), Some(other)) if one == other => Agreement::Same,
        (Some(_), Some(_)) => Agreement::Differs,
        _ => Agreement::Unknown,
    }
}

/// In what two records agree: number, old number, name, birth, sex, telephone, address.
pub(crate) fn compared(one: &PersonDetails, other: &PersonDetails) -> [Agreement; 7] {
    let folded = |text: &Option<String>| text.as_deref().map(fold::fold);
    [
        compare(one.number, other.number),
        compare(one.old_number, other.old_number),
        compare(Some(fold::fold(&one.name)), Some(fold::fold(&other.name))),
        compare(one.born, other.born),
        compare(one.sex, other.sex),
        compare(one.phone.as_ref(), other.phone.as_ref()),
        compare(folded(&one.address), folded(&other.address)),
    ]
}
