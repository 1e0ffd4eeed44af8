//! A killed server forgets nothing that it acknowledged and leaves nothing half-written. Citizens send dossiers through HTTP
//! as fast as they can, the built program gets SIGKILL in the middle of it, again and again, on both engines. (That a
//! power cut loses nothing either is proven by the power-cut layer in `store`; a killed process proves nothing of fsync.)

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use reqwest::StatusCode;
use store::EngineKind;
use testkit::ManualWorld;
use uuid::Uuid;

use crate::harness::wait;
use crate::support::people::{citizens, units_of};
use crate::support::{Person, Province, Visitor, database, filing};
use identity::UnitId;
use identity::unit::UnitKind;

/// Servers killed on each engine.
const ROUNDS: u64 = 4;
/// People who send at once.
const PEOPLE: u32 = 6;
/// Acknowledged sends of a round before the kill may come.
const BEFORE_KILL: usize = 12;

/// What a client knows: the dossier behind each key that was acknowledged, and the keys on which no answer came.
#[derive(Default)]
struct Known {
    acknowledged: BTreeMap<Uuid, (usize, Uuid)>,
    unanswered: BTreeMap<Uuid, usize>,
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_killed_on_sqlite_it_loses_nothing() {
    kill_loop(EngineKind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_killed_on_postgres_it_loses_nothing() {
    kill_loop(EngineKind::Postgres).await;
}

async fn kill_loop(engine: EngineKind) {
    let Some(province) = Province::make(engine).await else {
        return;
    };
    let chance = ManualWorld::new();
    let app = province.open_real().await;
    let people = Arc::new(citizens(&app, 0, PEOPLE).await);
    let communes = Arc::new(units_of(&app, UnitKind::Commune));
    app.store.close().await;
    let known = Arc::new(Mutex::new(Known::default()));
    for round in 0..ROUNDS {
        let mut server = province.start_program().await;
        let url = server.url();
        remembers_everything(&url, &people, &known, &communes).await;
        let before = known.lock().acknowledged.len();
        let senders: Vec<_> = (0..people.len())
            .map(|who| {
                tokio::spawn(send_until_it_dies(
                    url.clone(),
                    who,
                    people.clone(),
                    communes.clone(),
                    known.clone(),
                ))
            })
            .collect();
        wait::until("sends to be acknowledged", wait::LONG, || async {
            let now = known.lock().acknowledged.len();
            if now >= before + BEFORE_KILL {
                Ok(())
            } else {
                Err(format!("{now} of {}", before + BEFORE_KILL))
            }
        })
        .await;
        tokio::time::sleep(Duration::from_millis(chance.below(250))).await;
        server.kill();
        for sender in senders {
            sender.await.unwrap();
        }
        let (sure, open) = {
            let known = known.lock();
            (known.acknowledged.len(), known.unanswered.len())
        };
        testkit::say(&format!(
            "round {round}: killed with {sure} acknowledged, {open} unanswered"
        ));
        province.verify();
        let store = database::beside(&province).await;
        let rows = database::rows(&store).await;
        store.close().await;
        assert!(rows.are_whole(), "half-written: {rows:?}");
        let least = i64::try_from(sure).unwrap();
        let most = least + i64::try_from(open).unwrap();
        assert!(
            (least..=most).contains(&rows.dossiers),
            "{} dossiers, {least} to {most} were sent",
            rows.dossiers
        );
    }
    let mut server = province.start_program().await;
    remembers_everything(&server.url(), &people, &known, &communes).await;
    assert!(known.lock().unanswered.is_empty(), "each was asked again and answered");
    assert!(server.stop().success());
    province.verify();
}

/// Sends one dossier after the other until the server is gone.
async fn send_until_it_dies(
    url: String,
    who: usize,
    people: Arc<Vec<Person>>,
    communes: Arc<Vec<UnitId>>,
    known: Arc<Mutex<Known>>,
) {
    let person = &people[who];
    let visitor = person.at(&url);
    // A bound, so that a server that does not die ends the test with a failure and not never.
    for number in 0..20_000 {
        let once = Uuid::now_v7();
        let unit = communes[(number + who) % communes.len().min(3)];
        known.lock().unanswered.insert(once, who);
        let body = filing::body(person, once, unit, &format!("Đơn thứ {number}"));
        match filing::try_quick(&visitor, &body).await {
            Ok(answer) if answer.status == StatusCode::OK => {
                let mut known = known.lock();
                known.unanswered.remove(&once);
                known.acknowledged.insert(once, (who, filing::id_of(&answer)));
            }
            // "Busy" is an answer: nothing was done.
            Ok(answer) if answer.status == StatusCode::SERVICE_UNAVAILABLE => {
                known.lock().unanswered.remove(&once);
            }
            Ok(answer) => panic!("{}: {}", answer.status, answer.text()),
            Err(_) => return,
        }
    }
    panic!("the server was not killed");
}

/// Every acknowledged dossier is there for its sender, under a code of its own; a send that got no answer can be repeated
/// with its key and makes exactly one dossier.
async fn remembers_everything(url: &str, people: &[Person], known: &Mutex<Known>, communes: &[UnitId]) {
    let visitors: Vec<Visitor> = people.iter().map(|person| person.at(url)).collect();
    let (acknowledged, unanswered) = {
        let known = known.lock();
        (known.acknowledged.clone(), known.unanswered.clone())
    };
    let mut codes = BTreeSet::new();
    for (who, id) in acknowledged.values() {
        let code = filing::code_of(&visitors[*who], *id).await;
        assert!(codes.insert(code.clone()), "{code} was given twice");
    }
    // A sample of them by the page that anybody may ask, by code alone.
    for code in codes.iter().take(5) {
        let page = visitors[0].page(&format!("/track?code={code}")).await;
        assert!(page.words().contains(code), "{}", page.words());
    }
    for (once, who) in unanswered {
        let body = filing::body(&people[who], once, communes[0], "Gửi lại");
        let (first, second) = (
            filing::try_quick(&visitors[who], &body).await.unwrap(),
            filing::try_quick(&visitors[who], &body).await.unwrap(),
        );
        assert_eq!(
            (first.status, second.status),
            (StatusCode::OK, StatusCode::OK),
            "{} {}",
            first.text(),
            second.text()
        );
        assert_eq!(filing::id_of(&first), filing::id_of(&second));
        assert_eq!(second.json()["again"], true);
        let mut known = known.lock();
        known.unanswered.remove(&once);
        known.acknowledged.insert(once, (who, filing::id_of(&first)));
    }
}
