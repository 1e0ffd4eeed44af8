//! Passwords, second factors, and what administrators may and may not do.

use jiff::SignedDuration;
use testkit::engines;
use zeroize::Zeroizing;

use super::admin::{By, NewOfficer, NewRole};
use super::password::{Hasher, PasswordFault, check};
use super::totp::{TotpSecret, new_recovery_codes, recovery_hash};
use super::*;
use crate::IdentityError;
use crate::testing::{MIGRATIONS, PASSWORD, Province};

#[test]
fn passwords_are_held_to_the_policy() {
    let names = ["Nguyễn Thị Lan", "lan.nguyen"];
    let cases = [
        ("Mưa rơi trên phố núi", false, Ok(())),
        ("k9#vTq2!", true, Ok(())),
        ("k9#vTq2!", false, Err(PasswordFault::TooShort { least: 14 })),
        ("k9#vTq2", true, Err(PasswordFault::TooShort { least: 8 })),
        ("Matkhau@123", true, Err(PasswordFault::Common)),
        ("12345678", true, Err(PasswordFault::Common)),
        ("Password2026!!", false, Err(PasswordFault::Common)),
        ("aaaaaaaaaaaaaaaa", false, Err(PasswordFault::Common)),
        ("abcdefghijklmnop", false, Err(PasswordFault::Common)),
        ("NguyenThiLan", true, Err(PasswordFault::OwnName)),
        ("lan.nguyen1990", false, Err(PasswordFault::OwnName)),
        ("nguyễn thị lan!", false, Err(PasswordFault::OwnName)),
    ];
    for (password, with_totp, expected) in cases {
        assert_eq!(check(password, &names, with_totp), expected, "{password}");
    }
    assert_eq!(check(&"x1y2z3".repeat(50), &names, true), Err(PasswordFault::TooLong));
}

#[tokio::test]
async fn hashes_are_argon2id_salted_and_checked() {
    let world = testkit::ManualWorld::new();
    let hasher = Hasher::new(world.as_ref()).unwrap();
    let secret = || Zeroizing::new(PASSWORD.to_owned());
    let (one, two) = (
        hasher.hash(secret(), world.as_ref()).await.unwrap(),
        hasher.hash(secret(), world.as_ref()).await.unwrap(),
    );
    assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert_ne!(one, two);
    assert!(hasher.verify(secret(), Some(one.clone())).await.unwrap());
    assert!(
        !hasher
            .verify(Zeroizing::new("other".to_owned()), Some(one))
            .await
            .unwrap()
    );
    assert!(!hasher.verify(secret(), None).await.unwrap());
    assert!(hasher.verify(secret(), Some("no PHC string".to_owned())).await.is_err());
}

#[test]
fn codes_follow_rfc_6238_and_allow_one_step() {
    let world = testkit::ManualWorld::new();
    let secret = TotpSecret::new(world.as_ref());
    let now = kernel::World::now(world.as_ref());
    let code = secret.code_at(now);
    let step = secret.step_of(&code, now).unwrap();
    assert_eq!(step, now.as_seconds() / 30);
    let shift = |seconds| secret.step_of(&code, now + SignedDuration::from_secs(seconds));
    assert_eq!((shift(30), shift(-30)), (Some(step), Some(step)));
    assert_eq!((shift(90), shift(-90)), (None, None));
    assert_eq!(
        secret.step_of(&format!("{} {}", &code[..3], &code[3..]), now),
        Some(step)
    );
    for bad in ["", "12345", "abcdef", "+12345", "1234567"] {
        assert_eq!(secret.step_of(bad, now), None);
    }
    assert!(
        secret
            .address("Tỉnh: Thử", "lan")
            .unwrap()
            .starts_with("otpauth://totp/")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn recovery_codes_are_read_however_typed() {
    engines(MIGRATIONS, async |test| {
        let keys = test.store().keys();
        let account = AccountId::new(test.world().as_ref());
        let codes = new_recovery_codes(test.world().as_ref());
        assert_eq!(codes.len(), 10);
        let hash = recovery_hash(&keys, account, &codes[0]);
        assert!(hash.is_some());
        assert_eq!(
            hash,
            recovery_hash(&keys, account, &codes[0].to_uppercase().replace('-', " "))
        );
        assert_ne!(
            hash,
            recovery_hash(&keys, AccountId::new(test.world().as_ref()), &codes[0])
        );
        assert_eq!(recovery_hash(&keys, account, "123456"), None);
    })
    .await;
}

fn role(role: Role, unit: crate::UnitId) -> NewRole {
    NewRole {
        role,
        unit,
        valid_from: None,
        valid_to: None,
        reason: "QĐ 2/QĐ-UBND".to_owned(),
    }
}

fn code(result: Result<impl Sized, IdentityError>) -> &'static str {
    result.err().map_or("ok", |error| kernel::Fault::code(&error))
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_act_within_their_hands() {
    engines(MIGRATIONS, async |test| {
        let p = Province::on(test).await;
        let identity = &p.identity;
        let lan = p.officer("lan", Role::Desk, p.desk).await;
        let leader = p.officer("hung", Role::Leader, p.other).await;
        let chief = p.officer("quan", Role::Admin, p.root).await;
        let unit_admin = p.officer("thu", Role::UnitAdmin, p.commune).await;
        let (admin, small, desk) = (
            By::Officer(p.caller(chief).await),
            By::Officer(p.caller(unit_admin).await),
            By::Officer(p.caller(lan).await),
        );
        let grant = async |by: &By, account, what| code(identity.grant_role(by, account, what).await);
        assert_eq!(grant(&small, lan, role(Role::Specialist, p.division)).await, "ok");
        assert_eq!(
            grant(&small, lan, role(Role::Specialist, p.division)).await,
            "account-role-held"
        );
        assert_eq!(
            grant(&small, lan, role(Role::Admin, p.commune)).await,
            "account-role-not-grantable"
        );
        assert_eq!(grant(&small, lan, role(Role::Desk, p.other)).await, "policy-forbidden");
        assert_eq!(
            grant(&small, unit_admin, role(Role::Leader, p.commune)).await,
            "account-own-account"
        );
        assert_eq!(
            grant(&desk, leader, role(Role::Leader, p.desk)).await,
            "policy-forbidden"
        );
        assert_eq!(grant(&admin, lan, role(Role::Auditor, p.root)).await, "ok");
        let nowhere = crate::UnitId::new(test.world().as_ref());
        assert_eq!(
            grant(&admin, lan, role(Role::Desk, nowhere)).await,
            "account-unit-unknown"
        );

        assert_eq!(
            code(identity.disable_account(&small, leader, "thử").await),
            "policy-forbidden"
        );
        assert_eq!(
            code(identity.disable_account(&small, chief, "thử").await),
            "policy-forbidden"
        );
        // Lan is now an auditor of the province too: no longer in the hands of the commune.
        assert_eq!(code(identity.reset_password(&small, lan).await), "policy-forbidden");
        assert_eq!(
            code(identity.unlock_account(&admin, chief).await),
            "account-own-account"
        );
        assert_eq!(
            code(identity.disable_account(&admin, leader, " ").await),
            "account-reason-needed"
        );
        assert_eq!(code(identity.disable_account(&admin, leader, "nghỉ hưu").await), "ok");
        assert_eq!(code(identity.enable_account(&admin, leader, "trở lại").await), "ok");
        let citizen = p.citizen().await;
        assert_eq!(
            code(identity.reset_password(&admin, citizen).await),
            "account-not-an-officer"
        );
        assert_eq!(
            code(identity.account_with_roles(&p.caller(unit_admin).await, leader).await),
            "policy-forbidden"
        );
        assert_eq!(
            code(identity.account_with_roles(&p.caller(unit_admin).await, lan).await),
            "ok"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_withdraws_what_was_held() {
    engines(MIGRATIONS, async |test| {
        let p = Province::on(test).await;
        let lan = p.officer("lan", Role::Desk, p.desk).await;
        let token = p.token(lan, crate::session::Level::Password).await;
        p.identity
            .grant_role(&By::System, lan, role(Role::Specialist, p.division))
            .await
            .unwrap();
        p.identity
            .move_officer(&By::System, lan, role(Role::Leader, p.other))
            .await
            .unwrap();
        assert_eq!(p.identity.resolve(&token).await.unwrap().1, crate::Caller::Anonymous);
        let caller = p.caller(lan).await;
        let held: Vec<_> = caller
            .officer()
            .unwrap()
            .assignments()
            .iter()
            .map(|one| (one.role, one.unit))
            .collect();
        assert_eq!(held, vec![(Role::Leader, p.other)]);
        let report = test.store().read(crate::audit::verify).await.unwrap();
        assert!(report.faults.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_hold_from_day_to_day() {
    engines(MIGRATIONS, async |test| {
        let p = Province::on(test).await;
        let lan = p.officer("lan", Role::Desk, p.desk).await;
        let today = kernel::World::now(test.world().as_ref()).local_date();
        let next = today.tomorrow().unwrap();
        let limited = NewRole {
            valid_from: Some(next),
            valid_to: Some(next),
            ..role(Role::Leader, p.commune)
        };
        p.identity.grant_role(&By::System, lan, limited).await.unwrap();
        let count = async || p.caller(lan).await.officer().unwrap().assignments().len();
        assert_eq!(count().await, 1);
        test.world().advance(SignedDuration::from_hours(24));
        assert_eq!(count().await, 2);
        test.world().advance(SignedDuration::from_hours(24));
        assert_eq!(count().await, 1);
        let reversed = NewRole {
            valid_from: Some(next),
            valid_to: Some(today),
            ..role(Role::Leader, p.commune)
        };
        assert_eq!(
            code(p.identity.grant_role(&By::System, lan, reversed).await),
            "account-dates-reversed"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_disabled_is_given_no_work() {
    engines(MIGRATIONS, async |test| {
        let p = Province::on(test).await;
        let lan = p.officer("lan", Role::Specialist, p.commune).await;
        let minh = p.officer("minh", Role::Specialist, p.commune).await;
        let listed = async || {
            let (unit, day) = (p.commune, p.identity.now().local_date());
            let read = test.store().read(move |tx| {
                let held = store::holders(tx, &[unit], Role::Specialist, day, 0)?;
                Ok::<_, ::store::StoreError>((held, store::role_counts(tx, &[unit], day)?))
            });
            let (held, counts) = read.await.unwrap();
            let ids: Vec<AccountId> = held.into_iter().map(|one| one.0).collect();
            (ids, counts)
        };
        assert_eq!(listed().await, (vec![lan, minh], vec![(Role::Specialist, 2)]));
        p.identity.disable_account(&By::System, lan, "nghỉ việc").await.unwrap();
        assert_eq!(listed().await, (vec![minh], vec![(Role::Specialist, 1)]));
        p.identity.enable_account(&By::System, lan, "trở lại").await.unwrap();
        assert_eq!(listed().await.0, [lan, minh]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_unique_and_well_formed() {
    engines(MIGRATIONS, async |test| {
        let p = Province::on(test).await;
        p.officer("lan", Role::Desk, p.desk).await;
        let open = async |login: &str, name: &str| {
            let new = NewOfficer {
                login: login.to_owned(),
                name: name.to_owned(),
                password: None,
                must_change: true,
                role: role(Role::Desk, p.desk),
            };
            code(p.identity.open_officer(&By::System, new).await)
        };
        assert_eq!(open("LAN ", "Lan").await, "account-login-taken");
        assert_eq!(open("la", "Lan").await, "account-login-invalid");
        assert_eq!(open("lan nguyễn", "Lan").await, "account-login-invalid");
        assert_eq!(open("minh", " ").await, "account-name-invalid");
        assert_eq!(open("minh", "Minh").await, "ok");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_job_disables_what_is_unused_for_45_days() {
    engines(MIGRATIONS, async |test| {
        let p = Province::on(test).await;
        p.officer("lan", Role::Desk, p.desk).await;
        let minh = p.officer("minh", Role::Desk, p.desk).await;
        test.world().advance(SignedDuration::from_hours(44 * 24));
        p.token(minh, crate::session::Level::Password).await;
        assert_eq!(p.identity.disable_unused_accounts().await.unwrap(), 0);
        test.world().advance(SignedDuration::from_hours(24));
        assert_eq!(p.identity.disable_unused_accounts().await.unwrap(), 1);
        assert_eq!(p.identity.disable_unused_accounts().await.unwrap(), 0);
    })
    .await;
}
