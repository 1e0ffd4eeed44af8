//! Two administrators: what one asks for gives nothing until the other approves, on both engines and through the pages.

use ::http::StatusCode;
use testkit::engines;

use super::*;
use crate::account::admin::{NewOfficer, NewRole};
use crate::session::Level;
use crate::testing::{MIGRATIONS, PASSWORD, Province};

fn role(role: Role, unit: UnitId) -> NewRole {
    NewRole {
        role,
        unit,
        valid_from: None,
        valid_to: None,
        reason: "QĐ 2/QĐ-UBND".to_owned(),
    }
}

fn new(login: &str, first: NewRole) -> NewOfficer {
    NewOfficer {
        login: login.to_owned(),
        name: format!("Nguyễn Văn {login}"),
        password: Some(PASSWORD.to_owned()),
        must_change: false,
        role: first,
    }
}

fn code(result: Result<impl Sized, IdentityError>) -> &'static str {
    result.err().map_or("ok", |error| kernel::Fault::code(&error))
}

/// Two administrators of the province.
async fn two(p: &Province) -> (By, By) {
    let one = p.officer("quan", Role::Admin, p.root).await;
    let other = p.officer("hai", Role::Admin, p.root).await;
    (By::Officer(p.caller(one).await), By::Officer(p.caller(other).await))
}

async fn proposals(p: &Province) -> Vec<Proposal> {
    let units = [p.root, p.commune, p.desk, p.division, p.other];
    let read = p.identity.store().read(move |tx| table::waiting(tx, &units));
    read.await.unwrap()
}

async fn acts(p: &Province, action: &'static str) -> Vec<crate::audit::Detail> {
    let read = p.identity.store().read(move |tx| {
        tx.all(
            "SELECT detail FROM audit_entry WHERE action = $1 ORDER BY seq",
            &[&action],
            |row| row.get::<serde_json::Value>(0),
        )
    });
    let found = read.await.unwrap();
    found
        .into_iter()
        .map(|one| serde_json::from_value(one).unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_waits_for_a_second_administrator() {
    engines(MIGRATIONS, async |test| {
        let p = Province::on(test).await;
        let (one, other) = two(&p).await;
        let opened = p
            .identity
            .open_officer(&one, new("lan", role(Role::Desk, p.desk)))
            .await
            .unwrap();
        assert!(opened.waits);
        let lan = opened.account;
        // What waits gives nothing: no role, no sign-in, and no other door.
        let (found, roles) = match &one {
            By::Officer(caller) => p.identity.account_with_roles(caller, lan).await.unwrap(),
            By::System => unreachable!("an officer"),
        };
        assert_eq!(found.disabled.map(|(_, why)| why).as_deref(), Some(WAITING));
        assert!(roles.is_empty());
        assert_eq!(
            code(p.identity.enable_account(&other, lan, "thử").await),
            "account-not-approved"
        );
        let waiting = proposals(&p).await;
        assert_eq!(waiting.len(), 1);
        let id = waiting[0].id;
        assert_eq!(code(p.identity.approve_proposal(&one, id).await), "account-same-person");
        let small = p.officer("thu", Role::UnitAdmin, p.other).await;
        let stranger = By::Officer(p.caller(small).await);
        assert_eq!(
            code(p.identity.approve_proposal(&stranger, id).await),
            "policy-forbidden"
        );
        assert_eq!(code(p.identity.approve_proposal(&other, id).await), "ok");
        assert_eq!(
            code(p.identity.approve_proposal(&other, id).await),
            "account-proposal-decided"
        );
        assert_eq!(
            code(p.identity.refuse_proposal(&one, id, "thôi").await),
            "account-proposal-decided"
        );
        let caller = p.caller(lan).await;
        let held = caller.officer().unwrap().assignments();
        assert_eq!(
            held.iter().map(|one| (one.role, one.unit)).collect::<Vec<_>>(),
            [(Role::Desk, p.desk)]
        );
        assert_eq!(acts(&p, "account.propose").await.len(), 1);
        assert_eq!(acts(&p, "account.approve").await.len(), 1);
        let report = test.store().read(crate::audit::verify).await.unwrap();
        assert!(report.faults.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrators_role_waits_and_a_clerks_does_not() {
    engines(MIGRATIONS, async |test| {
        let p = Province::on(test).await;
        let (one, other) = two(&p).await;
        let lan = p.officer("lan", Role::Desk, p.desk).await;
        let given = p
            .identity
            .grant_role(&one, lan, role(Role::Leader, p.commune))
            .await
            .unwrap();
        assert!(
            matches!(given, Given::Held(_)),
            "the daily work of a desk does not wait"
        );
        let asked = p
            .identity
            .grant_role(&one, lan, role(Role::UnitAdmin, p.commune))
            .await
            .unwrap();
        let Given::Waits(id) = asked else {
            panic!("it must wait")
        };
        let twice = p
            .identity
            .grant_role(&other, lan, role(Role::UnitAdmin, p.commune))
            .await;
        assert_eq!(code(twice), "account-waits-already");
        let holds = async |wanted: Role| {
            let caller = p.caller(lan).await;
            caller
                .officer()
                .unwrap()
                .assignments()
                .iter()
                .any(|one| one.role == wanted)
        };
        assert!(!holds(Role::UnitAdmin).await);
        // Whom it is about does not decide it, also when she administers by another role.
        p.identity
            .grant_role(&By::System, lan, role(Role::Admin, p.root))
            .await
            .unwrap();
        let self_made = By::Officer(p.caller(lan).await);
        assert_ne!(code(p.identity.approve_proposal(&self_made, id).await), "ok");
        assert_eq!(code(p.identity.approve_proposal(&other, id).await), "ok");
        assert!(holds(Role::UnitAdmin).await);
        // A move to an administrator's role takes nothing away before it is approved.
        let moved = p
            .identity
            .move_officer(&one, lan, role(Role::Operator, p.root))
            .await
            .unwrap();
        let Given::Waits(id) = moved else {
            panic!("it must wait")
        };
        assert!(holds(Role::Leader).await);
        assert_eq!(
            code(p.identity.refuse_proposal(&other, id, " ").await),
            "account-reason-needed"
        );
        assert_eq!(code(p.identity.approve_proposal(&other, id).await), "ok");
        let caller = p.caller(lan).await;
        let roles: Vec<Role> = caller
            .officer()
            .unwrap()
            .assignments()
            .iter()
            .map(|one| one.role)
            .collect();
        assert_eq!(roles, [Role::Operator]);
        let _ = test;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_never_opens() {
    engines(MIGRATIONS, async |test| {
        let p = Province::on(test).await;
        let (one, other) = two(&p).await;
        let lan = p
            .identity
            .open_officer(&one, new("lan", role(Role::Desk, p.desk)))
            .await
            .unwrap()
            .account;
        let id = proposals(&p).await[0].id;
        assert_eq!(
            code(p.identity.refuse_proposal(&other, id, "không có người này").await),
            "ok"
        );
        assert_eq!(
            code(p.identity.enable_account(&other, lan, "thử").await),
            "account-not-approved"
        );
        assert_eq!(
            code(p.identity.approve_proposal(&other, id).await),
            "account-proposal-decided"
        );
        // Who asked may take it back herself.
        p.identity
            .open_officer(&one, new("minh", role(Role::Desk, p.desk)))
            .await
            .unwrap();
        let id = proposals(&p).await[0].id;
        assert_eq!(code(p.identity.refuse_proposal(&one, id, "nhầm").await), "ok");
        assert!(proposals(&p).await.is_empty());
        let _ = test;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_a_small_unit_one_is_enough_and_the_log_says_so() {
    engines(MIGRATIONS, async |test| {
        let p = Province::on(test).await;
        let (one, other) = two(&p).await;
        let small = p.officer("thu", Role::UnitAdmin, p.commune).await;
        let thu = By::Officer(p.caller(small).await);
        assert_eq!(
            code(p.identity.propose_alone(&thu, p.commune, "chỉ có một người").await),
            "policy-forbidden",
            "nobody frees herself"
        );
        assert_eq!(
            code(p.identity.propose_alone(&one, p.commune, "chỉ có một người").await),
            "ok"
        );
        let before = p
            .identity
            .open_officer(&thu, new("lan", role(Role::Desk, p.desk)))
            .await
            .unwrap();
        assert!(before.waits, "it is only asked for");
        let asked = proposals(&p)
            .await
            .into_iter()
            .find(|one| one.act == Act::Alone)
            .unwrap();
        assert_eq!(
            code(p.identity.approve_proposal(&one, asked.id).await),
            "account-same-person"
        );
        assert_eq!(code(p.identity.approve_proposal(&other, asked.id).await), "ok");
        let opened = p
            .identity
            .open_officer(&thu, new("minh", role(Role::Desk, p.desk)))
            .await
            .unwrap();
        assert!(!opened.waits, "the desk lies below the commune");
        let words = acts(&p, "account.open").await;
        assert_eq!(
            words.last().unwrap().get("second").map(String::as_str),
            Some("not-needed")
        );
        assert_eq!(words[0].get("second"), None);
        let elsewhere = p
            .identity
            .open_officer(&one, new("thach", role(Role::Desk, p.other)))
            .await
            .unwrap();
        assert!(elsewhere.waits);
        let held = test.store().read(table::alone).await.unwrap();
        assert_eq!(held.len(), 1);
        assert_eq!(code(p.identity.end_alone(&thu, held[0].id).await), "policy-forbidden");
        assert_eq!(
            code(p.identity.end_alone(&one, held[0].id).await),
            "ok",
            "stricter needs no second hand"
        );
        let after = p
            .identity
            .open_officer(&thu, new("sau", role(Role::Desk, p.desk)))
            .await
            .unwrap();
        assert!(after.waits);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_offers_approval_to_the_other_alone() {
    engines(MIGRATIONS, async |test| {
        let p = Province::on(test).await;
        let one = p.officer("quan", Role::Admin, p.root).await;
        let other = p.officer("hai", Role::Admin, p.root).await;
        let mut quan = p.browser().with_session(&p.token(one, Level::PasswordTotp).await);
        let mut hai = p.browser().with_session(&p.token(other, Level::PasswordTotp).await);
        let unit = p.desk.to_string();
        let new = "/admin/accounts/new";
        let fields = [
            ("name", "Trần Thị Lan"),
            ("login", "lan"),
            ("role", "desk"),
            ("unit", unit.as_str()),
            ("reason", "QĐ <5>/QĐ-UBND"),
        ];
        let handed = quan.post(new, new, &fields).await;
        assert!(
            handed.body.contains("Mật khẩu chỉ dùng được sau khi"),
            "{}",
            handed.body
        );
        let path = "/admin/accounts/waiting";
        let own = quan.get(path).await;
        assert_eq!(own.status, StatusCode::OK);
        assert!(own.body.contains("Bạn đề nghị") && !own.body.contains("/approve"));
        let page = hai.get(path).await.body;
        assert!(
            page.contains("Trần Thị Lan") && page.contains("QĐ &lt;5&gt;/QĐ-UBND"),
            "{page}"
        );
        let at = page.find("/approve").expect("it is offered");
        let start = page[..at].rfind('"').expect("an attribute") + 1;
        let action = format!("{}/approve", &page[start..at]);
        let foreign = quan.post(path, &action, &[]).await;
        assert_eq!(foreign.status, StatusCode::FORBIDDEN);
        let done = hai.post(path, &action, &[]).await;
        assert_eq!((done.status, done.location.as_str()), (StatusCode::SEE_OTHER, path));
        assert!(hai.get(path).await.body.contains("Không có gì đang chờ"));
        let _ = test;
    })
    .await;
}
