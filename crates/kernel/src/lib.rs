//! The vocabulary of the house: typed ids and codes, money, time, the working calendar, bilingual
//! text, Vietnamese folding and error kinds.
//!
//! This crate does no input or output, knows no async runtime and reads no clock: time and chance
//! come in through [`World`], whose only real implementation lives in the binary.

pub mod calendar;
pub mod charset;
pub mod code;
pub mod error;
pub mod fold;
pub mod id;
pub mod lang;
pub mod money;
pub mod scalar;
pub mod time;
pub mod word;
pub mod world;

pub use code::agency::{AgencyCode, OldAgencyCode};
pub use code::agency_map::AgencyCodeMap;
pub use code::area::AreaCode;
pub use code::dossier::DossierCode;
pub use code::email::Email;
pub use code::person_id::{PersonId, Sex};
pub use code::phone::Phone;
pub use code::procedure::ProcedureCode;
pub use code::tax::TaxCode;
pub use error::{ErrorKind, Fault};
pub use jiff::SignedDuration;
pub use jiff::civil::Date;
pub use lang::{Bilingual, Lang};
pub use money::Dong;
pub use time::Timestamp;
pub use world::World;

/// What the macros of this crate need at their place of use. Not for anybody else.
#[doc(hidden)]
pub mod __private {
    pub use serde;
    pub use uuid;
}
