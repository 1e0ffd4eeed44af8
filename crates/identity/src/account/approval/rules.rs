//! Owns which acts are weighty enough for a second administrator. Pure.
//! It refuses to make the daily work of a desk wait: a clerk's or a leader's further role is given by one.

use super::Act;
use crate::account::Role;

/// Whether an act needs a second hand where the unit is not exempt: every new account, every administrator's role.
#[must_use]
pub(crate) const fn is_weighty(act: Act, role: Role) -> bool {
    match act {
        Act::Open | Act::Alone => true,
        Act::Grant | Act::Move => role.is_administrator(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_and_administrators_are_weighty() {
        for role in Role::ALL {
            assert!(is_weighty(Act::Open, *role));
            assert_eq!(is_weighty(Act::Grant, *role), role.is_administrator(), "{role}");
            assert_eq!(is_weighty(Act::Move, *role), role.is_administrator(), "{role}");
        }
    }
}
