//! Two nodes on one PostgreSQL: a session of one holds on the other, a dossier of one is seen on the other, codes are given
//! once however fast both give them; and when one dies in the middle of work, the other goes on and takes over its jobs.

use std::collections::BTreeSet;
use std::sync::Arc;

use parking_lot::Mutex;
use reqwest::StatusCode;
use store::EngineKind;
use uuid::Uuid;

use crate::harness::program::Server;
use crate::harness::wait;
use crate::support::people::{citizens, units_of};
use crate::support::province::ABSENCE;
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

/// Drafts that a sweep has to throw away, and how many it takes in one transaction.
const STALE: i64 = 120;
const CHUNK: i64 = 50;

/// One node is killed while its handler is between two transactions of one job. The other takes the job over when the
/// lease has run out, not before, and does what is left of it.
#[tokio::test(flavor = "multi_thread")]
async fn slow_a_job_of_a_killed_node_is_taken_over() {
    let Some(province) = Province::make(EngineKind::Postgres).await else {
        return;
    };
    let app = province.open_real().await;
    let person = citizens(&app, 0, 1).await.remove(0);
    app.store.close().await;
    let mut one = node(&province, "nut-1").await;
    filing::begin(&person.at(&one.url()), ABSENCE).await;
    let watcher = connect(&province).await;
    // Forty days old, the later ones a second younger each, so that the order of the sweep is known.
    let age = "now() - interval '40 days' + n * interval '1 second'";
    let copies = format!(
        "INSERT INTO draft SELECT gen_random_uuid(), account, person, procedure_code, procedure_version, procedure_name, \
         step, content, revision, {age}, {age} FROM draft, generate_series(1, {STALE}) AS n"
    );
    watcher.batch_execute(&copies).await.unwrap();

    // A row of the second chunk is held: the first one is committed, then the handler waits in the middle of its work.
    let mut holder = connect(&province).await;
    let held = holder.transaction().await.unwrap();
    // Asked for by its id: a lock with OFFSET would hold the rows before it too.
    let second = format!(
        "SELECT id FROM draft WHERE id = (SELECT id FROM draft ORDER BY changed_at OFFSET {} LIMIT 1) FOR UPDATE",
        CHUNK + 10
    );
    held.query_one(&second, &[]).await.unwrap();
    let job: Uuid = watcher
        .query_one(
            "UPDATE job SET run_at = now() WHERE kind = 'casework.draft.sweep' AND state = 'ready' RETURNING id",
            &[],
        )
        .await
        .unwrap()
        .get(0);
    wait::until("the first node to wait in the middle", wait::SHORT, || async {
        let waiting: i64 = count(
            &watcher,
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
        .await;
        let left = count(&watcher, STALE_LEFT).await;
        if waiting == 1 && left == STALE - CHUNK {
            Ok(())
        } else {
            Err(format!("{waiting} wait, {left} drafts are left"))
        }
    })
    .await;
    let (first, attempts, lease_s) = claim_of(&watcher, job).await.expect("the job is claimed");
    assert!(
        attempts == 1 && lease_s > 30.0,
        "attempt {attempts}, leased for {lease_s} s"
    );
    one.kill();

    let mut two = node(&province, "nut-2").await;
    let still = claim_of(&watcher, job).await.expect("the job is there");
    assert_eq!((still.0, still.1), (first, 1), "nobody takes a job whose lease runs");
    // The rest of the minute passes at once.
    let pass = "UPDATE job SET lease_until = now() - interval '1 second' WHERE id = $1";
    watcher.execute(pass, &[&job]).await.unwrap();
    wait::until("the second node to claim the job", wait::SHORT, || async {
        match claim_of(&watcher, job).await {
            Some((holder, 2, _)) if holder != first => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;
    assert_eq!(
        count(&watcher, STALE_LEFT).await,
        STALE - CHUNK,
        "what the dead one had begun is undone"
    );
    held.rollback().await.unwrap();
    wait::until("the second node to do the rest", wait::LONG, || async {
        match claim_of(&watcher, job).await {
            None => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;
    assert_eq!(count(&watcher, STALE_LEFT).await, 0);
    assert_eq!(
        count(&watcher, "SELECT count(*) FROM draft").await,
        1,
        "the young one is kept"
    );
    assert_eq!(
        count(&watcher, "SELECT count(*) FROM job WHERE state = 'dead'").await,
        0
    );
    assert!(two.stop().success());
    province.verify();
}

const STALE_LEFT: &str = "SELECT count(*) FROM draft WHERE changed_at < now() - interval '30 days'";

async fn connect(province: &Province) -> tokio_postgres::Client {
    let url = province.database.as_ref().unwrap().url();
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn count(client: &tokio_postgres::Client, sql: &str) -> i64 {
    client.query_one(sql, &[]).await.unwrap().get(0)
}

/// Who holds a running job, at which attempt, and for how many seconds; nothing when it is not there any more.
async fn claim_of(client: &tokio_postgres::Client, job: Uuid) -> Option<(Uuid, i64, f64)> {
    let sql = "SELECT holder, attempts, extract(epoch FROM lease_until - now())::double precision FROM job \
               WHERE id = $1 AND holder IS NOT NULL";
    let row = client.query_opt(sql, &[&job]).await.unwrap()?;
    Some((row.get(0), row.get(1), row.get(2)))
}
