//! What messages carry besides states, on our side of the wire: papers and results that lie here and are fetched by signed links,
//! papers and results that lie at the portal and are fetched from there, fees.
//! Refuses personal data in plain columns: what the other side calls a file, and where it lies, is sealed and goes once it is here.
//! Refuses to move money: what the portal says of a fee is shown, and how a bill stands follows from what came.

pub(crate) mod http;
pub(crate) mod store;
pub(crate) mod take;

use ::store::keys::SealedColumn;
use casework::dossier::DossierId;
use kernel::{Dong, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use web::submitted::SubmitError;

use crate::wire::When;

/// The sealed columns of this crate.
pub const SEALED: &[SealedColumn] = &[SealedColumn::by_id("exchange_paper", "source")];

/// Tries after which a paper that is not there, or another one, does not come.
const TRIES_MAX: i64 = 10;

kernel::words! {
    /// What lies at the other side.
    What {
        /// A paper of the dossier.
        Component = "component",
        /// A result.
        Result = "result",
    }
}

kernel::words! {
    /// How the fetching of a paper stands.
    PaperStand {
        /// To be fetched.
        Waiting = "waiting",
        /// It is here.
        Taken = "taken",
        /// It will not come: a person looks.
        Failed = "failed",
    }
}

kernel::words! {
    /// Why a paper was not fetched.
    PaperFault {
        /// Its address is not one of the portal's.
        Elsewhere = "elsewhere",
        /// The portal is away: it is tried until it is back.
        Away = "away",
        /// It is not where it was said to be.
        Absent = "absent",
        /// It is larger than a file may be.
        TooLarge = "too-large",
        /// It is of no kind that is taken, empty, or cut off.
        Kind = "kind",
        /// It has not the hash that was named.
        Hash = "hash",
        /// The dossier had ended when it came.
        Ended = "ended",
        /// It could not be put down here: the disk is full, or the store says no. Tried until it can.
        Here = "here",
    }
}

impl PaperFault {
    /// Whether another try may help after so many.
    const fn may_pass(self, tries: i64) -> bool {
        match self {
            Self::Away | Self::Here => true,
            Self::Absent | Self::Hash => tries < TRIES_MAX,
            Self::Elsewhere | Self::TooLarge | Self::Kind | Self::Ended => false,
        }
    }
}

impl From<&SubmitError> for PaperFault {
    /// What it means for a paper that its bytes did not become an upload.
    fn from(error: &SubmitError) -> Self {
        match error {
            SubmitError::Spool(_) => Self::Here,
            SubmitError::TooLarge { .. } => Self::TooLarge,
            SubmitError::Token
            | SubmitError::Once
            | SubmitError::NoForm
            | SubmitError::Malformed(_)
            | SubmitError::TooSlow => Self::Kind,
        }
    }
}

/// A paper of the other side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Paper {
    pub(crate) id: Uuid,
    pub(crate) dossier: DossierId,
    pub(crate) what: What,
    pub(crate) component: Option<i64>,
    pub(crate) code: String,
    /// Sealed [`Source`]; none once it is settled.
    pub(crate) source: Option<Vec<u8>>,
    pub(crate) stand: PaperStand,
    pub(crate) reason: Option<PaperFault>,
    pub(crate) tries: i64,
    pub(crate) next_at: Option<Timestamp>,
    pub(crate) heard_at: Timestamp,
    pub(crate) settled_at: Option<Timestamp>,
    pub(crate) file: Option<Uuid>,
}

/// Where a paper of the other side lies; stored sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Source {
    pub(crate) url: String,
    pub(crate) name: String,
    pub(crate) sha256: String,
}

/// What the other side says of a fee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HeardFee {
    pub(crate) reference: String,
    pub(crate) name: String,
    pub(crate) amount: Dong,
    pub(crate) is_paid: bool,
    pub(crate) heard_at: Timestamp,
}

/// What a dossier of ours carries at the moment of a change: kept with the transfer, without anybody's name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Snapshot {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) papers: Vec<OwnFile>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) results: Vec<OwnFile>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) fees: Vec<OwnFee>,
}

impl Snapshot {
    pub(crate) const fn is_empty(&self) -> bool {
        self.papers.is_empty() && self.results.is_empty() && self.fees.is_empty()
    }
}

/// A file of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OwnFile {
    pub(crate) id: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) component: Option<i64>,
    pub(crate) sha256: String,
    /// Number of the paper that a result is; empty where it has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) number: String,
    /// Title of that paper.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) title: String,
}

/// A line of a bill of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OwnFee {
    pub(crate) reference: String,
    pub(crate) name: String,
    pub(crate) amount: Dong,
    pub(crate) when: When,
    pub(crate) is_paid: bool,
}

#[cfg(test)]
mod tests {
    use web::submitted::{Limits, Spool, Submitted};

    use super::*;

    #[tokio::test]
    async fn a_disk_that_is_full_costs_no_paper() {
        let limits = Limits::files(1, 1 << 20);
        let parts = || vec![("file".to_owned(), "don.pdf".to_owned(), b"%PDF-1.4 x".to_vec())];
        // Where nothing can be written, as on a full disk.
        let nowhere = Spool(std::env::temp_dir().join("tinhso-no-such-folder").into());
        let refused = Submitted::of_parts(Uuid::nil(), Vec::new(), parts(), (&limits, &nowhere)).await;
        let fault = PaperFault::from(&refused.expect_err("nowhere to write"));
        assert_eq!(fault, PaperFault::Here);
        assert!(fault.may_pass(i64::MAX), "it is tried until there is room");
        let long = vec![("name".to_owned(), "x".repeat(4 << 20))];
        let spool = Spool(std::env::temp_dir().into());
        let refused = Submitted::of_parts(Uuid::nil(), long, Vec::new(), (&limits, &spool)).await;
        let fault = PaperFault::from(&refused.expect_err("too much"));
        assert_eq!(fault, PaperFault::TooLarge);
        assert!(!fault.may_pass(1), "it will not become smaller");
    }
}
