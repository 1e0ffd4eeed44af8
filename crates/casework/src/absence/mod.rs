//! Absences: who is away from one day to another, and who stands in. While it holds, new work for her goes to her deputy, who
//! sees hers and acts in her own name "for" her. It ends by its last day. Refuses a deputy who could not do the work herself.
//! Law: Luật Cán bộ, công chức 2025; TT 21/2023/TT-BTTTT functions 1 and 14 (one officer is responsible, also at a transfer).

mod error;
pub mod http;
pub(crate) mod people;
pub(crate) mod rules;
pub(crate) mod store;
#[cfg(test)]
mod tests;
mod view;

pub use error::AbsenceError;
use identity::{AccountId, UnitId};
use kernel::{Date, Timestamp};

use crate::Casework;
use crate::dossier::{Dossier, DossierError};
use kernel::words;

kernel::define_id!(
    /// One absence.
    pub struct AbsenceId
);

words! {
    /// Why somebody is away. Few words: an illness is nobody's business.
    Cause {
        /// Leave.
        Leave = "leave",
        /// Travels on duty.
        Mission = "mission",
        /// Learns.
        Training = "training",
        /// Anything else.
        Other = "other",
    }
}

/// An absence as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absence {
    /// Its id.
    pub id: AbsenceId,
    /// Who is away.
    pub officer: AccountId,
    /// Her name on the day.
    pub officer_name: String,
    /// The unit at which both work.
    pub unit: UnitId,
    /// Who stands in.
    pub deputy: AccountId,
    /// Her name on the day.
    pub deputy_name: String,
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Date,
    /// Why.
    pub cause: Cause,
    /// When it was entered.
    pub entered_at: Timestamp,
    /// By which account.
    pub entered_by: AccountId,
    /// By whom.
    pub entered_name: String,
    /// When and by whom it was ended before its last day.
    pub ended: Option<(Timestamp, String)>,
}

impl Absence {
    /// Whether it holds on `day`.
    #[must_use]
    pub fn holds(&self, day: Date) -> bool {
        self.ended.is_none() && self.from <= day && day <= self.until
    }
}

/// Whether `officer` stands in for the one who works on `dossier`.
///
/// # Errors
/// When the store fails.
pub(crate) async fn stands_in(house: &Casework, officer: AccountId, dossier: &Dossier) -> Result<bool, DossierError> {
    let Some(assignee) = dossier.assignee.filter(|assignee| *assignee != officer) else {
        return Ok(false);
    };
    let day = house.now().local_date();
    let away = house
        .store()
        .read(move |tx| store::stood_in_for(tx, officer, day))
        .await?;
    Ok(away.iter().any(|(absent, _)| *absent == assignee))
}
