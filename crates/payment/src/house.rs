//! Owns `Payments`, the handle that the binary makes once: store, clock, identity and what the operator decided about codes.
//! Refuses nothing; what may happen is decided by policy and rules.

use std::sync::Arc;

use identity::{AccountId, Action, Caller, Identity, OfficerCaller, Resource, UnitId};
use kernel::Lang;
use store::keys::{KeyRing, Sealed};
use uuid::Uuid;

use crate::PaymentError;
use crate::vietqr::PurposeLimit;

/// What the operator decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How many characters of purpose a VietQR code may carry.
    pub purpose_limit: PurposeLimit,
    /// With which capital letters a payment reference begins: 2 to 6. One for each program whose bills lead to one account.
    pub reference_prefix: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            purpose_limit: PurposeLimit::STANDARD,
            reference_prefix: "TS".to_owned(),
        }
    }
}

/// Bills, statements and tills of one province. Cheap to clone.
#[derive(Clone)]
pub struct Payments(Arc<Inner>);

struct Inner {
    identity: Identity,
    settings: Settings,
}

impl std::fmt::Debug for Payments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Payments")
            .field("settings", &self.0.settings)
            .finish_non_exhaustive()
    }
}

/// Who acts, as it is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// The account.
    pub account: AccountId,
    /// The officer's name.
    pub name: String,
}

impl By {
    /// The officer who asks.
    #[must_use]
    pub fn of(officer: &OfficerCaller) -> Self {
        Self {
            account: officer.account(),
            name: officer.name().to_owned(),
        }
    }
}

identity::room!(Payments);

impl Payments {
    /// Makes the handle and registers the texts. Reads nothing yet.
    #[must_use]
    pub fn new(identity: &Identity, settings: Settings) -> Self {
        web::i18n::register(&[crate::TEXT]);
        Self(Arc::new(Inner {
            identity: identity.clone(),
            settings,
        }))
    }

    /// What the operator decided.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The name of a unit today.
    pub(crate) fn unit_name(&self, unit: UnitId) -> String {
        self.identity().unit_name(unit, Lang::Vi)
    }

    /// Decides about something at a unit.
    pub(crate) fn require(
        &self,
        officer: &OfficerCaller,
        action: Action,
        at: &Resource,
    ) -> Result<identity::Allowed, PaymentError> {
        let caller = Caller::Officer(officer.clone());
        let allowed = self.identity().policy().require(&caller, action, &self.today(at));
        Ok(allowed.map_err(identity::IdentityError::from)?)
    }

    /// Whether this officer may.
    pub(crate) fn may(&self, officer: &OfficerCaller, action: Action, at: &Resource) -> bool {
        let caller = Caller::Officer(officer.clone());
        self.identity().policy().decide(&caller, action, &self.today(at))
    }

    /// Where a thing lies today: units merge, and their bills go on with the successor.
    fn today(&self, at: &Resource) -> Resource {
        at.clone().living_on(&self.identity().units(), self.now().local_date())
    }

    /// The units at which this officer may, and those that live on in them.
    pub(crate) fn scope(&self, officer: &OfficerCaller, action: Action) -> Vec<UnitId> {
        let policy = self.identity().policy();
        let mut units = policy.scope(&Caller::Officer(officer.clone()), action);
        let book = self.identity().units();
        let mut at = 0;
        // The list grows while it is walked: what was merged may itself have followed others.
        while let Some(unit) = units.get(at).copied() {
            for (gone, _) in book.predecessors(unit) {
                if !units.contains(&gone) {
                    units.push(gone);
                }
            }
            at += 1;
        }
        units
    }

    /// Seals a text for a place.
    pub(crate) fn seal(&self, context: &str, plain: &[u8]) -> Vec<u8> {
        self.keys().seal(self.world().as_ref(), context, plain).into_bytes()
    }
}

/// Opens a sealed text; the use is recorded by whoever shows it.
pub(crate) fn open(
    keys: &KeyRing,
    purpose: &identity::Purpose,
    context: &str,
    sealed: &[u8],
) -> Result<String, PaymentError> {
    let plain = identity::open_sealed(keys, purpose, context, &Sealed::from_bytes(sealed.to_vec()))
        .map_err(identity::IdentityError::from)?;
    Ok(String::from_utf8_lossy(&plain).into_owned())
}

/// The `n`th id that follows from `base`, for rows whose number is known only inside a transaction: the transaction may run
/// again and must write the same.
pub(crate) fn following(base: Uuid, n: usize) -> Uuid {
    // The last 16 bits count; the other random bits of the base keep ids of different bases apart.
    let count = u128::try_from(n).unwrap_or(u128::MAX) & 0xffff;
    Uuid::from_u128((base.as_u128() & !0xffff) | count)
}
