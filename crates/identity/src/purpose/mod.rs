//! Owns purposes: why somebody sees a person's data. A `Purpose` is made only from a proof of policy (`Allowed`) or by the
//! person herself, and it is the only way to open a sealed personal field outside the store.
//! Refuses purposes from text and purposes without a matter or a legal basis. Law 91/2025 (purpose, legal basis, right to know).

use ::store::keys::{KeyError, KeyRing, Sealed};
use kernel::{ErrorKind, Fault};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::account::{AccountId, Role};
use crate::policy::Allowed;
use crate::session::{Caller, CitizenCaller};
use crate::unit::UnitId;

/// Why, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PurposeKind {
    /// The person looks at her own data.
    Own,
    /// Work on a dossier.
    Dossier,
    /// Work on a task.
    Task,
    /// An article of law that asks for it.
    LegalBasis,
    /// The program works on a matter by itself (a notice, a receipt).
    System,
}

impl PurposeKind {
    /// The stored name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            PurposeKind::Own => "own",
            PurposeKind::Dossier => "dossier",
            PurposeKind::Task => "task",
            PurposeKind::LegalBasis => "legal-basis",
            PurposeKind::System => "system",
        }
    }
}

/// The permission to see personal data for one reason. Private fields: only the constructors below make one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purpose {
    pub(crate) kind: PurposeKind,
    pub(crate) matter: Option<Uuid>,
    pub(crate) reference: String,
    pub(crate) account: Option<AccountId>,
    pub(crate) role: Option<Role>,
    pub(crate) unit: Option<UnitId>,
    pub(crate) who: String,
}

/// Why a sealed field cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum PurposeError {
    /// The sealed value does not open: wrong context, wrong key, damage.
    #[error("a sealed value does not open: {0}")]
    Sealed(#[from] KeyError),
}

impl Fault for PurposeError {
    fn kind(&self) -> ErrorKind {
        match self {
            PurposeError::Sealed(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            PurposeError::Sealed(error) => error.code(),
        }
    }
}

impl Purpose {
    /// To work on the dossier `dossier`. Name its code with [`Purpose::about`], so that the person recognises it.
    #[must_use]
    pub fn for_dossier(caller: &Caller, dossier: impl Into<Uuid>, allowed: &Allowed) -> Self {
        Self::proven(
            PurposeKind::Dossier,
            caller,
            Some(dossier.into()),
            String::new(),
            allowed,
        )
    }

    /// To work on the task `task`. Name it with [`Purpose::about`].
    #[must_use]
    pub fn for_task(caller: &Caller, task: impl Into<Uuid>, allowed: &Allowed) -> Self {
        Self::proven(PurposeKind::Task, caller, Some(task.into()), String::new(), allowed)
    }

    /// Because a law says so: `basis` is its number and article, such as `NĐ 309/2026/NĐ-CP, Điều 17`.
    #[must_use]
    pub fn for_legal_basis(caller: &Caller, basis: impl Into<String>, allowed: &Allowed) -> Self {
        Self::proven(PurposeKind::LegalBasis, caller, None, basis.into(), allowed)
    }

    /// What the person knows the matter by: the code of the dossier, the title of the task.
    #[must_use]
    pub fn about(mut self, reference: impl Into<String>) -> Self {
        self.reference = reference.into();
        self
    }

    /// The person sees her own data.
    #[must_use]
    pub fn own_data(citizen: &CitizenCaller) -> Self {
        Self {
            kind: PurposeKind::Own,
            matter: None,
            reference: String::new(),
            account: Some(citizen.account),
            role: None,
            unit: None,
            who: String::new(),
        }
    }

    /// The program works on a matter by itself: `job` says which work, such as `notice.due`.
    #[must_use]
    pub fn for_system(job: &'static str, matter: impl Into<Uuid>, reference: impl Into<String>) -> Self {
        Self {
            kind: PurposeKind::System,
            matter: Some(matter.into()),
            reference: reference.into(),
            account: None,
            role: None,
            unit: None,
            who: job.to_owned(),
        }
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> PurposeKind {
        self.kind
    }

    /// Who acts is read from the proof, so that the record names whom policy permitted.
    fn proven(kind: PurposeKind, caller: &Caller, matter: Option<Uuid>, reference: String, allowed: &Allowed) -> Self {
        debug_assert_eq!(
            caller.account(),
            Some(allowed.account()),
            "the proof belongs to another caller"
        );
        // Somebody who is no officer is allowed only what is her own: that is what the record then says.
        let kind = if allowed.officer.is_some() {
            kind
        } else {
            PurposeKind::Own
        };
        let (role, unit, who) = match &allowed.officer {
            Some(officer) => (Some(officer.role), Some(officer.unit), officer.name.clone()),
            None => (None, None, String::new()),
        };
        Self {
            kind,
            matter,
            reference,
            account: Some(allowed.account()),
            role,
            unit,
            who,
        }
    }
}

/// Opens a sealed personal field. The caller records the use of the same view (`useof::record`) before the answer leaves.
/// # Errors
/// `Sealed` when the value does not open in this context.
pub fn open_sealed(
    keys: &KeyRing,
    purpose: &Purpose,
    context: &str,
    sealed: &Sealed,
) -> Result<Zeroizing<Vec<u8>>, PurposeError> {
    metrics::counter!("identity_sealed_opened_total", "purpose" => purpose.kind.name()).increment(1);
    Ok(keys.open(context, sealed)?)
}
