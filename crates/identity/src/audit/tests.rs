//! The chain shows every change, gap and insertion, and stays linear when many write at once.

use testkit::engines;

use super::*;
use crate::testing::MIGRATIONS;

async fn write(store: &::store::Store, count: i64, at: Timestamp) {
    for n in 0..count {
        store
            .write(move |tx| {
                append(
                    tx,
                    Actor::System,
                    "role.grant",
                    &format!("subject {n}"),
                    detail([("n", n.to_string())]),
                    at,
                )
            })
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_chain_verifies_and_any_change_shows() {
    engines(MIGRATIONS, async |test| {
        let at = kernel::World::now(test.world().as_ref());
        write(test.store(), 12, at).await;
        let report = test.store().read(verify).await.unwrap();
        assert_eq!((report.entries, report.faults.len()), (12, 0));
        assert!(test.store().read(check_newest).await.unwrap());
        let head = test.store().read(head).await.unwrap();
        assert_eq!(report.head, head);

        let change = |tx: &mut ::store::Tx| tx.execute("UPDATE audit_entry SET subject = 'other' WHERE seq = 5", &[]);
        test.store().write(change).await.unwrap();
        let report = test.store().read(verify).await.unwrap();
        assert_eq!(report.faults, vec![AuditFault::Changed { seq: 5 }]);
        assert!(!test.store().read(check_newest).await.unwrap());

        let remove = |tx: &mut ::store::Tx| tx.execute("DELETE FROM audit_entry WHERE seq = 5", &[]);
        test.store().write(remove).await.unwrap();
        let report = test.store().read(verify).await.unwrap();
        assert_eq!(report.faults, vec![AuditFault::Missing { seq: 6 }]);

        let cut = |tx: &mut ::store::Tx| tx.execute("DELETE FROM audit_entry WHERE seq > 3", &[]);
        test.store().write(cut).await.unwrap();
        let report = test.store().read(verify).await.unwrap();
        assert_eq!(report.faults, vec![AuditFault::HeadDiffers { expected: 12, found: 3 }]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rewritten_entry_with_a_fitting_hash_still_shows() {
    engines(MIGRATIONS, async |test| {
        let at = kernel::World::now(test.world().as_ref());
        write(test.store(), 4, at).await;
        let mut entries = test.store().read(|tx| export_page(tx, 0, 10)).await.unwrap();
        let forged = &mut entries[1];
        forged.subject = "forged".to_owned();
        let hash = rules::hash(forged).to_vec();
        test.store()
            .write(move |tx| {
                tx.execute(
                    "UPDATE audit_entry SET subject = 'forged', hash = $1 WHERE seq = 2",
                    &[&hash],
                )
            })
            .await
            .unwrap();
        let report = test.store().read(verify).await.unwrap();
        assert_eq!(report.faults, vec![AuditFault::Unlinked { seq: 3 }]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chain_stays_linear_under_concurrency() {
    engines(MIGRATIONS, async |test| {
        let at = kernel::World::now(test.world().as_ref());
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let store = test.store().clone();
                tokio::spawn(async move { write(&store, 5, at).await })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let report = test.store().read(verify).await.unwrap();
        assert_eq!((report.entries, report.faults.len(), report.head.seq), (40, 0, 40));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_filter_by_concept_actor_and_subject() {
    engines(MIGRATIONS, async |test| {
        let at = kernel::World::now(test.world().as_ref());
        let who = AccountId::from_uuid(uuid::Uuid::from_u128(3));
        for (actor, action, subject) in [
            (Actor::System, "sign-in.fail", "a"),
            (Actor::Account(who), "sign-in", "b"),
            (Actor::Account(who), "sign-out", "b"),
            (Actor::Account(who), "role.grant", "c"),
        ] {
            test.store()
                .write(move |tx| append(tx, actor, action, subject, Detail::new(), at))
                .await
                .unwrap();
        }
        let count = async |filter: Filter| {
            test.store()
                .read(move |tx| store::page(tx, &filter, 50))
                .await
                .unwrap()
                .len()
        };
        assert_eq!(count(Filter::default()).await, 4);
        assert_eq!(
            count(Filter {
                action: Some("sign-in".to_owned()),
                ..Filter::default()
            })
            .await,
            2
        );
        assert_eq!(
            count(Filter {
                actor: Some(who),
                ..Filter::default()
            })
            .await,
            3
        );
        assert_eq!(
            count(Filter {
                subject: Some("b".to_owned()),
                ..Filter::default()
            })
            .await,
            2
        );
        assert_eq!(
            count(Filter {
                before: Some(3),
                ..Filter::default()
            })
            .await,
            2
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn policies_in_force_are_noted_once_and_the_page_and_export_show_the_chain() {
    engines(MIGRATIONS, async |test| {
        let p = crate::testing::Province::on(test).await;
        crate::Identity::open(test.store().clone(), test.world().clone(), p.identity.config().clone())
            .await
            .unwrap();
        let notes = Filter {
            action: Some("policy".to_owned()),
            ..Filter::default()
        };
        assert_eq!(
            test.store()
                .read(move |tx| store::page(tx, &notes, 50))
                .await
                .unwrap()
                .len(),
            1
        );

        let auditor = p.officer("kiem", crate::Role::Auditor, p.root).await;
        let token = p.token(auditor, crate::session::Level::Password).await;
        let mut browser = p.browser().with_session(&token);
        let page = browser.get("/admin/audit").await.body;
        assert!(
            page.contains("Chuỗi nguyên vẹn") && page.contains("Chính sách bắt đầu áp dụng"),
            "{page}"
        );
        assert!(
            browser
                .get("/admin/policies")
                .await
                .body
                .contains("principal in Role::&quot;desk&quot;")
        );
        let export = browser.get("/admin/audit/export").await.body;
        let lines: Vec<serde_json::Value> = export.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let (head, entries) = lines.split_last().unwrap();
        assert_eq!(head["head"]["hash"], entries.last().unwrap()["hash"]);
        let mut walk = rules::Walk::default();
        for entry in entries {
            walk.step(&serde_json::from_value(entry.clone()).unwrap());
        }
        let head: Head = serde_json::from_value(head["head"].clone()).unwrap();
        assert!(
            walk.finish(&head).faults.is_empty(),
            "the export does not verify by itself"
        );
    })
    .await;
}
