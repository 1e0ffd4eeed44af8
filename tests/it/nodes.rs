//! Two nodes on one PostgreSQL: a session of one holds on the other, a dossier of one is seen on the other, codes are given
//! once however fast both give them; and when one dies in the middle of work, the other goes on and takes over its jobs.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::SignedDuration;
use parking_lot::Mutex;
use reqwest::StatusCode;
use store::EngineKind;
use uuid::Uuid;

use crate::harness::program::Server;
use crate::harness::wait;
use crate::support::people::{citizens, units_of};
use crate::support::{Province, Staff, database, filing};
use identity::unit::UnitKind;

/// Dossiers that each client sends while both nodes live.
const SENDS: usize = 25;

/// Starts a node: its own data folder, the province's database, keys and attachments.
async fn node(province: &Province, name: &str) -> Server {
    let mut config = province.config.clone();
    config.data = province.root().join(name);
    config.blobs = Some(store::BlobConfig::Folder(province.root().join("data/blobs")));
    let path = config.data.join(tinhso::config::FILE_NAME);
    std::fs::create_dir_all(&config.data).unwrap();
    config.write(&path).unwrap();
    Server::start(&["serve", "--config", path.to_str().unwrap()]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_two_nodes_serve_together_and_one_outlives_the_other() {
    let Some(province) = Province::make(EngineKind::Postgres).await else {
        return;
    };
    let app = province.open_real().await;
    let people = Arc::new(citizens(&app, 0, 4).await);
    let staff = Staff::of(&app).await;
    let commune = units_of(&app, UnitKind::Commune)[0];
    app.store.close().await;
    let (mut one, mut two) = (node(&province, "nut-1").await, node(&province, "nut-2").await);
    let urls = [one.url(), two.url()];

    // What one node knows the other knows at once: session, draft, dossier, an officer's step.
    let (here, there) = (people[0].at(&urls[0]), people[0].at(&urls[1]));
    let draft = filing::until_review(&here, &people[0], commune, "Bắt đầu ở nút một").await;
    let dossier = filing::send(&there, &draft).await;
    assert_eq!(here.page(&dossier).await.status, StatusCode::OK);
    let id = dossier.rsplit('/').next().unwrap();
    let received = filing::act(&staff.desk.at(&urls[0]), id, "receive", &[("days", "3")], &[]).await;
    assert_eq!(received.status, StatusCode::SEE_OTHER, "{}", received.words());
    let seen = staff.leader.at(&urls[1]).page(&format!("/desk/dossiers/{id}")).await;
    assert!(seen.words().contains("Cán bộ motcua"), "{}", seen.words());

    // The same form sent to both at once is one dossier.
    let body = filing::body(&people[1], Uuid::now_v7(), commune, "Gửi cả hai nơi");
    let (a, b) = (people[1].at(&urls[0]), people[1].at(&urls[1]));
    let (a, b) = futures::join!(filing::try_quick(&a, &body), filing::try_quick(&b, &body));
    assert_eq!(filing::id_of(&a.unwrap()), filing::id_of(&b.unwrap()));

    // Everybody sends through both nodes; in the middle of it one is killed.
    let sent = Arc::new(Mutex::new(Vec::new()));
    let tasks: Vec<_> = (0..8)
        .map(|n| {
            let (people, sent) = (people.clone(), sent.clone());
            let visitor = people[n % 4].at(&urls[n % 2]);
            tokio::spawn(async move {
                for round in 0..SENDS {
                    let body = filing::body(&people[n % 4], Uuid::now_v7(), commune, &format!("{n} {round}"));
                    match filing::try_quick(&visitor, &body).await {
                        Ok(answer) if answer.status == StatusCode::OK => {
                            sent.lock().push((n % 4, filing::id_of(&answer)))
                        }
                        Ok(answer) => assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text()),
                        Err(_) => return,
                    }
                }
            })
        })
        .collect();
    wait::until("both to be busy", wait::LONG, || async {
        let count = sent.lock().len();
        if count >= 40 {
            Ok(())
        } else {
            Err(format!("{count} sent"))
        }
    })
    .await;
    one.kill();
    for task in tasks {
        task.await.unwrap();
    }
    let visitors: Vec<_> = people.iter().map(|person| person.at(&urls[1])).collect();
    let sent = sent.lock().clone();
    let mut codes = BTreeSet::new();
    for (who, id) in &sent {
        assert!(
            codes.insert(filing::code_of(&visitors[*who], *id).await),
            "a code was given twice"
        );
    }
    testkit::say(&format!(
        "{} acknowledged by two nodes, every one of them on the one that is left",
        sent.len()
    ));

    takes_over(&province).await;
    let store = database::beside(&province).await;
    let rows = database::rows(&store).await;
    store.close().await;
    assert!(rows.are_whole(), "{rows:?}");
    // The dead one comes back as if nothing had been.
    let mut again = node(&province, "nut-1").await;
    let back = people[0].at(&again.url());
    assert_eq!(back.page(&dossier).await.status, StatusCode::OK);
    assert!(two.stop().success() && again.stop().success());
    province.verify();
}

/// A job that a dead node had claimed is done by the living one when its lease has run out.
async fn takes_over(province: &Province) {
    let store = database::beside(province).await;
    let (id, kind) = (Uuid::now_v7(), "identity.sweep-sessions");
    // As the dead node left it: claimed, leased for a moment longer, never finished.
    let database = province.database.as_ref().unwrap();
    let lease = store.world().now() + SignedDuration::from_secs(2);
    database.execute(&format!(
        "INSERT INTO job (id, kind, unique_key, payload, state, run_at, attempts, attempts_max, holder, lease_until, created_at) \
         VALUES ('{id}', '{kind}', 'bi-bo-do', 'null', 'running', '{lease}', 1, 5, '{}', '{lease}', '{lease}')",
        Uuid::now_v7()
    ));
    wait::until("the other node to take over the job", wait::LONG, || async {
        let left = store
            .read(|tx| {
                tx.one("SELECT count(*) FROM job WHERE unique_key = 'bi-bo-do'", &[], |row| {
                    row.get::<i64>(0)
                })
            })
            .await;
        match left.map_err(|error: store::StoreError| error.to_string())? {
            0 => Ok(()),
            left => Err(format!("{left} left")),
        }
    })
    .await;
    store.close().await;
}
