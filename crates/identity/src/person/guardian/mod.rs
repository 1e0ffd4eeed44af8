//! Who acts for whom, as it was stated when something was filed: parents and guardians of minors, whom a court appointed.
//! A child without a number is found again by her guardian, her name and her day of birth. Refuses to be a proof: the
//! papers of the dossier are. Bộ luật Dân sự 2015 Điều 21, 46-58, 136.

mod store;

pub use store::{find_ward, guardians, state_guardian, wards};

use kernel::Timestamp;

use super::PersonRef;

/// One tie between two people on record.
#[derive(Debug, Clone)]
pub struct Guarded {
    /// The other person: the guardian, or the one who is guarded.
    pub person: PersonRef,
    /// Her masked name.
    pub name_masked: String,
    /// `parent`, `guardian`, `court`, as stated.
    pub tie: String,
    /// When it was stated.
    pub stated_at: Timestamp,
}
