//! Deliveries: signed, in order, again after a failure, and no more after the last try.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::State as Given;
use http::{HeaderMap, StatusCode};
use kernel::SignedDuration;
use parking_lot::Mutex;
use ring::hmac;
use testkit::engines;

use super::{Hook, HookId, State, jobs, secret, signature, store};
use crate::feed;
use crate::record::Act;
use crate::tests::house::{House, MIGRATIONS};

/// Another program: it takes what comes, after some failures.
#[derive(Clone, Default)]
struct Other {
    failures: Arc<AtomicUsize>,
    tries: Arc<AtomicUsize>,
    got: Arc<Mutex<Vec<Taken>>>,
}

/// What it was told: the signature and the body.
type Taken = (String, Vec<u8>);

async fn take(Given(other): Given<Other>, headers: HeaderMap, body: bytes::Bytes) -> StatusCode {
    other.tries.fetch_add(1, Ordering::SeqCst);
    if other.failures.load(Ordering::SeqCst) > 0 {
        other.failures.fetch_sub(1, Ordering::SeqCst);
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    let signed = headers.get("tinhso-signature").and_then(|value| value.to_str().ok());
    other
        .got
        .lock()
        .push((signed.unwrap_or_default().to_owned(), body.to_vec()));
    StatusCode::NO_CONTENT
}

async fn listen(other: &Other) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let router = axum::Router::new()
        .route("/told", axum::routing::post(take))
        .with_state(other.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn subscribed(house: &House, address: SocketAddr) -> HookId {
    let hook = Hook {
        id: HookId::new(house.world.as_ref()),
        unit: house.by.unit,
        system: house.kind.system.code.clone(),
        kind: house.kind.record.name.clone(),
        url: format!("http://{address}/told"),
        state: State::Active,
        place: "0".to_owned(),
        failures: 0,
        last_error: None,
        told_at: None,
        account: None,
        who: "Quản trị".to_owned(),
        created_at: house.register.now(),
    };
    let id = hook.id;
    house
        .register
        .store()
        .write(move |tx| store::insert(tx, &hook))
        .await
        .expect("subscribed");
    id
}

async fn plant(house: &House, tag: &str) {
    let entered = house.command(Act::Add, None, &[("tag", tag), ("species", "Lim"), ("health", "good")]);
    house
        .register
        .record(&house.kind, entered, None)
        .await
        .expect("entered");
}

async fn until(words: &str, house: &House, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..400 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
        // Pauses between tries pass.
        house.world.advance(SignedDuration::from_mins(20));
    }
    panic!("{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_signed_and_tried_again() {
    engines(MIGRATIONS, async |test| {
        let house = House::reaching(test).await;
        let other = Other::default();
        other.failures.store(2, Ordering::SeqCst);
        let id = subscribed(&house, listen(&other).await).await;
        let worker = jobs(::store::Worker::new(house.register.store().clone()), &house.register)
            .timing(Duration::from_secs(100_000_000), Duration::from_millis(20))
            .start();
        let consumer = feed::start(&house.register);
        plant(&house, "TS-000001").await;
        until("the first change is told", &house, async || {
            !other.got.lock().is_empty()
        })
        .await;
        assert!(other.tries.load(Ordering::SeqCst) >= 3);
        let (signed, body) = other.got.lock()[0].clone();
        let at: i64 = signed
            .split(',')
            .next()
            .and_then(|t| t.strip_prefix("t=")?.parse().ok())
            .expect("a time");
        assert_eq!(signed, signature(&secret(&house.register, id), at, &body));
        // As the other side checks it.
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret(&house.register, id).as_bytes());
        let tag = hex::decode(signed.split("v1=").nth(1).expect("a tag")).expect("hex");
        hmac::verify(&key, &[format!("{at}.").as_bytes(), &body].concat(), &tag).expect("the signature holds");
        let told: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(told["items"][0]["record"]["values"]["tag"], "TS-000001");
        assert!(told["next"].is_string());
        plant(&house, "TS-000002").await;
        until("the second change is told", &house, async || {
            other.got.lock().len() >= 2
        })
        .await;
        let found = house
            .register
            .store()
            .read(move |tx| store::get(tx, id))
            .await
            .expect("read")
            .expect("there");
        assert_eq!((found.state, found.last_error), (State::Active, None));
        worker.stop().await;
        consumer.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_keeps_failing_is_disabled_and_that_is_on_record() {
    engines(MIGRATIONS, async |test| {
        let house = House::reaching(test).await;
        let other = Other::default();
        other.failures.store(usize::MAX / 2, Ordering::SeqCst);
        let id = subscribed(&house, listen(&other).await).await;
        let worker = jobs(::store::Worker::new(house.register.store().clone()), &house.register)
            .timing(Duration::from_secs(100_000_000), Duration::from_millis(20))
            .start();
        let consumer = feed::start(&house.register);
        plant(&house, "TS-000001").await;
        let read = async || {
            let found = house.register.store().read(move |tx| store::get(tx, id)).await;
            found.expect("read").expect("there")
        };
        until("it is disabled", &house, async || read().await.state == State::Disabled).await;
        assert_eq!(other.tries.load(Ordering::SeqCst), super::TRIES_MAX as usize);
        assert_eq!(read().await.last_error.as_deref(), Some("no connection: HTTP 503"));
        let acts = house
            .register
            .store()
            .read(|tx| tx.all("SELECT action FROM audit_entry", &[], |row| row.get::<String>(0)))
            .await
            .expect("a log");
        assert!(acts.iter().any(|act| act == "hook.disabled"), "{acts:?}");
        // What comes later is not told, and nothing is lost for when it is.
        plant(&house, "TS-000002").await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(other.tries.load(Ordering::SeqCst), super::TRIES_MAX as usize);
        worker.stop().await;
        consumer.stop().await;
    })
    .await;
}
