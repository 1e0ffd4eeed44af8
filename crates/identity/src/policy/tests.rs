//! The policies validate, name every action, and scopes equal decisions one by one.

use proptest::prelude::*;
use uuid::Uuid;

use super::engine::{Engine, Principal, STATES};
use super::*;
use crate::account::{Assignment, AssignmentId, Role};
use crate::session::{CitizenCaller, Level, OfficerCaller, SessionId};
use kernel::Timestamp;

fn unit(n: u128) -> UnitId {
    UnitId::from_uuid(Uuid::from_u128(n))
}

fn account(n: u128) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(n))
}

fn officer(role: Role, at: UnitId) -> Caller {
    let assignment = Assignment {
        id: AssignmentId::from_uuid(Uuid::from_u128(1_000 + role as u128)),
        account: account(9),
        role,
        unit: at,
        valid_from: jiff::civil::date(2025, 7, 1),
        valid_to: None,
        granted_by: None,
        granted_at: Timestamp::from_micros(0),
        reason: "test".to_owned(),
        withdrawn_at: None,
    };
    Caller::Officer(OfficerCaller {
        account: account(9),
        name: "Lan".to_owned(),
        assignments: vec![assignment],
        acting: Some(0),
        session: SessionId::from_uuid(Uuid::nil()),
        level: Level::PasswordTotp,
        roles_version: 1,
        scopes: None,
    })
}

fn citizen(person: PersonRef) -> Caller {
    Caller::Citizen(CitizenCaller {
        account: account(8),
        kind: crate::AccountKind::Citizen,
        person,
        also: Vec::new(),
        organisation: None,
        session: SessionId::from_uuid(Uuid::nil()),
        level: Level::Oidc,
    })
}

/// Province 1, communes 2 and 3, desk 4 and division 5 below commune 2.
fn small() -> Policy {
    let policy = Policy::embedded().unwrap();
    policy.set_tree(UnitTree::new([
        (unit(1), None),
        (unit(2), Some(unit(1))),
        (unit(3), Some(unit(1))),
        (unit(4), Some(unit(2))),
        (unit(5), Some(unit(2))),
    ]));
    policy
}

#[test]
fn the_embedded_policies_validate_and_each_has_words() {
    let policy = Policy::embedded().unwrap();
    assert!(policy.texts().len() >= 10);
    assert_eq!(policy.version().len(), 64);
}

#[test]
fn every_action_is_permitted_to_somebody() {
    let policy = small();
    let person = PersonRef::from_uuid(Uuid::from_u128(77));
    for action in Action::ALL {
        let by_role = Role::ALL
            .iter()
            .any(|role| policy.somewhere(&officer(*role, unit(1)), *action));
        let by_citizen = policy.somewhere(&citizen(person), *action);
        assert!(by_role || by_citizen, "{action} is permitted to nobody");
    }
}

#[test]
fn who_may_do_what() {
    let policy = small();
    let cases = [
        (Role::Desk, 4, Action::DossierReceive, 4, 1, true),
        (Role::Desk, 4, Action::DossierReceive, 4, 4, false),
        (Role::Desk, 4, Action::DossierReceive, 2, 1, false),
        (Role::Desk, 4, Action::DossierApprove, 4, 4, false),
        (Role::Desk, 4, Action::DossierDeliver, 4, 9, true),
        (Role::Specialist, 5, Action::DossierProcess, 5, 2, true),
        (Role::Specialist, 5, Action::DossierProcess, 5, 9, false),
        (Role::Specialist, 5, Action::DossierProcess, 4, 2, false),
        (Role::Leader, 2, Action::DossierApprove, 5, 4, true),
        (Role::Leader, 2, Action::DossierApprove, 3, 4, false),
        (Role::Leader, 3, Action::DossierApprove, 5, 4, false),
        (Role::Admin, 1, Action::DossierRead, 5, 2, false),
        (Role::Admin, 1, Action::PersonDisclose, 5, 2, false),
        (Role::Admin, 1, Action::AuditRead, 1, 0, false),
        (Role::UnitAdmin, 2, Action::RoleAssign, 4, 0, true),
        (Role::UnitAdmin, 2, Action::RoleAssign, 3, 0, false),
        (Role::Auditor, 1, Action::AuditExport, 1, 0, true),
        (Role::Auditor, 1, Action::DossierRead, 5, 2, false),
        (Role::Operator, 1, Action::JobRun, 1, 0, true),
        (Role::Operator, 1, Action::AccountManage, 1, 0, false),
    ];
    for (role, at, action, on, state, expected) in cases {
        let resource = Resource::at(unit(on)).in_state(state);
        let got = policy.decide(&officer(role, unit(at)), action, &resource);
        assert_eq!(got, expected, "{role} at {at}: {action} on {on} in state {state}");
    }
}

#[test]
fn a_dossier_at_two_units_is_seen_from_both() {
    let policy = small();
    let resource = Resource::at(unit(4)).and_at(unit(5)).in_state(2);
    assert!(policy.decide(&officer(Role::Desk, unit(4)), Action::DossierRead, &resource));
    assert!(policy.decide(&officer(Role::Specialist, unit(5)), Action::DossierProcess, &resource));
    assert!(!policy.decide(&officer(Role::Leader, unit(3)), Action::DossierRead, &resource));
}

#[test]
fn citizens_see_their_own_and_nothing_else() {
    let policy = small();
    let (own, other) = (
        PersonRef::from_uuid(Uuid::from_u128(1)),
        PersonRef::from_uuid(Uuid::from_u128(2)),
    );
    let caller = citizen(own);
    assert!(policy.decide(&caller, Action::DossierRead, &Resource::at(unit(4)).owned_by(own)));
    assert!(!policy.decide(&caller, Action::DossierRead, &Resource::at(unit(4)).owned_by(other)));
    assert!(!policy.decide(&caller, Action::DossierRead, &Resource::at(unit(4))));
    assert!(!policy.decide(
        &caller,
        Action::DossierReceive,
        &Resource::at(unit(4)).owned_by(own).in_state(1)
    ));
}

/// What is decided once for all citizens is what the engine says of each.
#[test]
fn what_is_decided_once_for_citizens_is_true_of_each() {
    let policy = small();
    for n in [1, 77, u128::MAX] {
        let person = PersonRef::from_uuid(Uuid::from_u128(n));
        let (caller, own) = (citizen(person), Resource::of(person));
        let principal = Principal::of(&caller).unwrap();
        for action in Action::ALL {
            let asked = policy.engine.decide(&policy.tree(), &principal, *action, &own);
            assert_eq!(policy.decide(&caller, *action, &own), asked, "{action:?}");
        }
    }
}

#[test]
fn nobody_and_no_role_and_no_unit_in_force_mean_no() {
    let policy = small();
    let read = Resource::at(unit(4));
    assert!(matches!(
        policy.require(&Caller::Anonymous, Action::DossierRead, &read),
        Err(PolicyError::SignInNeeded { .. })
    ));
    let Caller::Officer(mut idle) = officer(Role::Leader, unit(1)) else {
        unreachable!()
    };
    idle.acting = None;
    assert!(!policy.decide(&Caller::Officer(idle), Action::DossierRead, &read));
    let gone = officer(Role::Leader, unit(99));
    assert!(!policy.decide(&gone, Action::DossierRead, &Resource::at(unit(99))));
    assert!(policy.scope(&gone, Action::DossierList).is_empty());
}

#[test]
fn system_wide_acts_need_a_role_at_the_root() {
    let policy = small();
    assert!(policy.decide(&officer(Role::Auditor, unit(1)), Action::AuditRead, &Resource::system()));
    assert!(!policy.decide(&officer(Role::Auditor, unit(2)), Action::AuditRead, &Resource::system()));
}

#[test]
fn a_changed_tree_changes_the_scope() {
    let policy = small();
    let leader = officer(Role::Leader, unit(2));
    assert_eq!(
        policy.scope(&leader, Action::DossierList),
        vec![unit(2), unit(4), unit(5)]
    );
    policy.set_tree(UnitTree::new([(unit(2), None), (unit(4), None)]));
    assert_eq!(policy.scope(&leader, Action::DossierList), vec![unit(2)]);
}

#[test]
fn policies_out_of_shape_do_not_start() {
    let good = r#"@id("x") @vi("x") @en("x") permit (principal in Role::"desk", action in [Action::"dossier.read"], resource) when { resource in principal.unit };"#;
    let cases = [
        ("forbid", good.replace("permit", "forbid")),
        ("no condition", good.replace("when { resource in principal.unit }", "")),
        (
            "every action",
            good.replace("action in [Action::\"dossier.read\"]", "action"),
        ),
        ("everywhere", good.replace("resource in principal.unit", "true")),
        ("unknown action", good.replace("dossier.read", "dossier.burn")),
        ("no words", good.replace("@vi(\"x\")", "")),
        ("no role", good.replace("principal in Role::\"desk\"", "principal")),
        ("no Cedar", "permit everything".to_owned()),
    ];
    let start = |text: String| {
        let text: &'static str = Box::leak(text.into_boxed_str());
        Engine::new(&[PolicyFile { name: "x.cedar", text }]).map(|_| ())
    };
    start(good.to_owned()).unwrap();
    for (name, text) in cases {
        assert!(matches!(start(text), Err(PolicyError::Faulty(_))), "{name} starts");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// On random trees, the scope of a list is exactly the units that are permitted one by one in some state.
    #[test]
    fn scope_equals_decisions(parents in proptest::collection::vec(any::<prop::sample::Index>(), 1..14), at in any::<prop::sample::Index>()) {
        let count = parents.len() + 1;
        let pairs = (0..count).map(|n| {
            let parent = (n > 0).then(|| unit(parents[n - 1].index(n) as u128));
            (unit(n as u128), parent)
        });
        let tree = UnitTree::new(pairs);
        let policy = Policy::embedded().unwrap();
        policy.set_tree(tree.clone());
        let place = unit(at.index(count) as u128);
        for role in Role::ALL {
            let caller = officer(*role, place);
            let principal = Principal::of(&caller).unwrap();
            for action in [Action::DossierList, Action::DossierReceive, Action::DossierApprove, Action::RoleAssign, Action::AuditRead] {
                let expected: Vec<UnitId> = tree.units().iter().copied().filter(|one| {
                    STATES.into_iter().any(|state| {
                        let resource = Resource { units: vec![*one], state, ..Resource::default() };
                        policy.engine.decide(&tree, &principal, action, &resource)
                    })
                }).collect();
                prop_assert_eq!(policy.scope(&caller, action), expected.clone());
                // And the subtree says the same without Cedar.
                if !expected.is_empty() {
                    let below: Vec<UnitId> = tree.units().iter().copied().filter(|one| tree.is_within(*one, place)).collect();
                    prop_assert_eq!(expected, below);
                }
            }
        }
    }
}
