//! That a person has died: marked with the day, the source and the reason, ended when it was an error. Her accounts cannot
//! sign in, nobody acts for her but her heirs, and who works on her dossiers is told.
//! Refuses to remove anything: a mark is a row with its end. Bộ luật Dân sự 2015 Điều 71, 140, 614; Luật Hộ tịch 2014.

pub mod http;
mod store;
#[cfg(test)]
mod tests;
pub(crate) mod view;

pub use store::{among, deceased, end, mark};

use ::store::keys::{KeyRing, Sealed};
use jiff::civil::Date;
use kernel::{Timestamp, World};
use serde::{Deserialize, Serialize};

use super::{PersonDetails, PersonError, PersonRef};
use crate::account::AccountId;
use crate::purpose::{Purpose, open_sealed};

kernel::define_id!(
    /// Id of a mark that a person has died.
    pub struct DeathId
);

/// Where the news comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The death was registered here (trích lục khai tử).
    Registration,
    /// The national population database says so.
    Population,
    /// A court declared her dead.
    Court,
}

impl Source {
    /// Every source, in the order of the page.
    pub const ALL: [Self; 3] = [Self::Registration, Self::Population, Self::Court];

    /// The word in forms and in keys of texts.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::Population => "population",
            Self::Court => "court",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.name() == name)
    }
}

/// What is known of a death. Personal data: sealed as a whole.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Death {
    /// The day.
    pub on: Date,
    /// Where the news comes from.
    pub source: Source,
    /// Number of the certificate, words.
    pub reason: String,
}

impl std::fmt::Debug for Death {
    /// Shows nothing: it may end in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Death(…)")
    }
}

/// A mark as stored.
#[derive(Debug, Clone)]
pub struct Mark {
    /// Its id.
    pub id: DeathId,
    /// The record that was marked.
    pub person: PersonRef,
    /// The sealed details, for [`open`].
    pub details: Sealed,
    /// When it was marked.
    pub marked_at: Timestamp,
}

/// A mark about to be made.
#[derive(Debug, Clone)]
pub struct NewMark {
    id: DeathId,
    person: PersonRef,
    details: Sealed,
    by: AccountId,
    event: uuid::Uuid,
}

fn context(id: DeathId) -> String {
    format!("person_death.details:{id}")
}

/// Seals a mark, outside of the transaction.
///
/// # Errors
/// [`PersonError::NoReason`], [`PersonError::DeathDay`] for a day in the future or before the birth.
pub fn prepare(
    keys: &KeyRing,
    world: &dyn World,
    (person, details): (PersonRef, &PersonDetails),
    death: &Death,
    by: AccountId,
) -> Result<NewMark, PersonError> {
    if death.reason.trim().is_empty() {
        return Err(PersonError::NoReason);
    }
    let today = world.now().local_date();
    if death.on > today || details.born.is_some_and(|born| death.on < born) {
        return Err(PersonError::DeathDay);
    }
    let id = DeathId::new(world);
    let plain = serde_json::to_vec(death).map_err(|_| PersonError::Damaged)?;
    Ok(NewMark {
        id,
        person,
        details: keys.seal(world, &context(id), &plain),
        by,
        event: kernel::id::uuid_v7(world),
    })
}

/// Opens a mark for one view; the use is recorded with that view.
///
/// # Errors
/// When the sealed value does not open or holds no mark.
pub fn open(keys: &KeyRing, purpose: &Purpose, mark: &Mark) -> Result<Death, PersonError> {
    let plain = open_sealed(keys, purpose, &context(mark.id), &mark.details)?;
    serde_json::from_slice(&plain).map_err(|_| PersonError::Damaged)
}
