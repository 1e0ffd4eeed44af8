//! Who works beside an officer: the units of her own house and who holds which role there today.
//! It names nobody whose account is closed: work given to her would lie.

use identity::unit::UnitKind;
use identity::{AccountId, OfficerCaller, Role, UnitId};
use kernel::Date;
use store::{StoreError, Tx};

use crate::Casework;

/// An officer in one role at one unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Colleague {
    pub(crate) account: AccountId,
    pub(crate) name: String,
    pub(crate) unit: UnitId,
    pub(crate) role: Role,
}

/// Roles in which somebody works on dossiers.
const ROLES: [Role; 3] = [Role::Desk, Role::Specialist, Role::Leader];

/// The unit at which the officer acts, with its own divisions and desks.
pub(crate) fn own_units(house: &Casework, officer: &OfficerCaller) -> Vec<UnitId> {
    let Some(unit) = officer.unit() else { return Vec::new() };
    let day = house.now().local_date();
    let book = house.identity().units();
    let below = book.children(unit, day).into_iter();
    let mut units = vec![unit];
    units.extend(
        below
            .filter(|unit| matches!(unit.kind, UnitKind::Division | UnitKind::Desk))
            .map(|unit| unit.id),
    );
    units
}

/// Who works at `units` on `day`, by name.
pub(crate) fn colleagues(tx: &mut Tx, units: &[UnitId], day: Date) -> Result<Vec<Colleague>, StoreError> {
    let mut found = Vec::new();
    for role in ROLES {
        for (account, name, unit, _) in identity::account::holders(tx, units, role, day, 0)? {
            found.push(Colleague {
                account,
                name,
                unit,
                role,
            });
        }
    }
    let accounts: Vec<AccountId> = found.iter().map(|one| one.account).collect();
    let working = identity::account::working(tx, &accounts, day)?;
    found.retain(|one| working.contains(&(one.account, one.unit, one.role)));
    Ok(found)
}

/// The same, each officer once.
pub(crate) fn once(colleagues: &[Colleague]) -> Vec<(AccountId, String)> {
    let mut all: Vec<(AccountId, String)> = Vec::new();
    for one in colleagues {
        if all.iter().all(|(account, _)| *account != one.account) {
            all.push((one.account, one.name.clone()));
        }
    }
    all
}
