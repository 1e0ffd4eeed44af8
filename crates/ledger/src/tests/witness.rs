//! Witnesses, both sides: what one cosigns and what it refuses, over every engine; and a log that asks one that is up, down, elsewhere,
//! lying, or has seen another log. The wire is a small server on loopback that answers as it is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kernel::SignedDuration;
use testkit::TestStore;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::{MIGRATIONS, facts, grown, heads, node, record, settle};
use crate::checkpoint::Checkpoint;
use crate::config::{Config, Witness, Witnessing};
use crate::hash::Hash;
use crate::house::Ledger;
use crate::log::{self, Kind};
use crate::note::{Algorithm, Note, Signer};
use crate::witness::{Answered, Refusal, Request, Witnessed, cosign};

/// The body by which a log asks to have its newest checkpoint cosigned after `old` entries.
async fn body(test: &TestStore, old: u64) -> String {
    let head = heads(test).await.pop().unwrap();
    let size = head.size;
    let proof = test
        .store()
        .read(move |tx| log::prove_consistency(tx, old.min(size), size))
        .await
        .unwrap();
    Request::body(old, &proof, &head.note)
}

/// A province that witnesses the log.
async fn witness_of(test: &TestStore, log: &Ledger) -> Ledger {
    let witnessing = Witnessing {
        name: "witness.example/w1".to_owned(),
        logs: vec![log.key().clone()],
    };
    let config = Config {
        witnessing: Some(witnessing),
        ..Config::default()
    };
    node(test, config).await
}

async fn ask(witness: &Ledger, body: &str) -> Result<String, Refusal> {
    match witness.witness(body.as_bytes()).await.unwrap() {
        Answered::Cosigned(line) => Ok(format!("{line}\n")),
        Answered::Refused(refusal) => Err(refusal),
    }
}

fn resigned(signer: &Signer, checkpoint: &Checkpoint) -> String {
    let text = checkpoint.to_string();
    let signatures = vec![signer.sign(&text)];
    Note { text, signatures }.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_cosigns_what_follows_and_nothing_else() {
    testkit::engines(MIGRATIONS, async |test| {
        let (log, _) = grown(test, 5).await;
        let stranger = node(test, Config::default()).await;
        assert_eq!(
            ask(&stranger, &body(test, 0).await).await,
            Err(Refusal::Unknown),
            "it is no witness"
        );
        let witness = witness_of(test, &log).await;
        let key = witness.witness_key().unwrap().clone();
        let first = ask(&witness, &body(test, 0).await).await.unwrap();
        let note = Note::read(heads(test).await[0].note.as_bytes()).unwrap();
        let (_, time) = crate::witness::cosignature(&first, &note, &key).unwrap();
        assert_eq!(time, witness.now().as_seconds());

        // The same again is cosigned again; from elsewhere it says where it is.
        assert!(ask(&witness, &body(test, 5).await).await.is_ok());
        assert_eq!(ask(&witness, &body(test, 0).await).await, Err(Refusal::Elsewhere(5)));
        record(test, &facts(test, 6)).await;
        settle(&log).await;
        assert_eq!(ask(&witness, &body(test, 3).await).await, Err(Refusal::Elsewhere(5)));
        assert_eq!(ask(&witness, &body(test, 12).await).await, Err(Refusal::Malformed));
        let whole = body(test, 5).await;
        let mut lines: Vec<&str> = whole.lines().collect();
        lines.remove(1);
        let cut = lines.join("\n") + "\n";
        assert_eq!(ask(&witness, &cut).await, Err(Refusal::Inconsistent));
        assert_eq!(ask(&witness, "old 5\n").await, Err(Refusal::Malformed));

        // A fork: as many entries as were cosigned, with another root; and more of them that do not follow.
        let fork = Checkpoint::new(log.key().name(), 5, Hash::of(b"fork"));
        let forked = Request::body(5, &[], &resigned(log.signer(), &fork));
        assert_eq!(ask(&witness, &forked).await, Err(Refusal::Forked));
        let longer = Checkpoint {
            size: 11,
            ..fork.clone()
        };
        let request = Request::read(whole.as_bytes()).unwrap();
        let forked = Request::body(5, &request.proof, &resigned(log.signer(), &longer));
        assert_eq!(ask(&witness, &forked).await, Err(Refusal::Inconsistent));
        // Signed by somebody else, and of another log.
        let other = Signer::new(log.key().name(), Algorithm::Ed25519, &[9; 32]).unwrap();
        let unsigned = Request::body(5, &[], &resigned(&other, &fork));
        assert_eq!(ask(&witness, &unsigned).await, Err(Refusal::Unsigned));
        let foreign = Checkpoint {
            origin: "khac.example/log".to_owned(),
            ..fork
        };
        let foreign = Request::body(5, &[], &resigned(&other, &foreign));
        assert_eq!(ask(&witness, &foreign).await, Err(Refusal::Unknown));

        assert!(
            ask(&witness, &whole).await.is_ok(),
            "after all that the true one is cosigned"
        );
        assert_eq!(
            ask(&witness, &whole).await,
            Err(Refusal::Elsewhere(11)),
            "and what was cosigned stays"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_whose_clock_goes_back_does_not_cosign_back_in_time() {
    let test = testkit::engines::sqlite(MIGRATIONS).await;
    let (log, _) = grown(&test, 3).await;
    let witness = witness_of(&test, &log).await;
    let at = async |old| {
        let note = Note::read(heads(&test).await.pop().unwrap().note.as_bytes()).unwrap();
        let answer = ask(&witness, &body(&test, old).await).await.unwrap();
        crate::witness::cosignature(&answer, &note, witness.witness_key().unwrap())
            .unwrap()
            .1
    };
    let before = at(0).await;
    test.world().advance(SignedDuration::from_hours(-2));
    record(&test, &facts(&test, 3)).await;
    settle(&log).await;
    assert_eq!(at(3).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_requests_at_once_cannot_roll_a_witness_back() {
    testkit::engines(MIGRATIONS, async |test| {
        let (log, _) = grown(test, 4).await;
        let small = body(test, 0).await;
        record(test, &facts(test, 4)).await;
        settle(&log).await;
        let large = body(test, 0).await;
        let witness = witness_of(test, &log).await;
        let (one, two) = futures::join!(ask(&witness, &small), ask(&witness, &large));
        assert!(one.is_ok() != two.is_ok(), "one of them came first: {one:?} {two:?}");
        let origin = log.key().name().to_owned();
        let kept = test
            .store()
            .read(move |tx| crate::witness::store::witnessed(tx, &origin));
        let kept = kept.await.unwrap().unwrap();
        assert_eq!(kept.size, if one.is_ok() { 4 } else { 8 });
    })
    .await;
}

#[test]
fn a_request_from_nothing_needs_no_proof() {
    let signer = Signer::new("a/log", Algorithm::Ed25519, &[1; 32]).unwrap();
    let request = |old, proof: &[Hash], size, root| {
        let note = resigned(&signer, &Checkpoint::new("a/log", size, root));
        Request::read(Request::body(old, proof, &note).as_bytes()).unwrap()
    };
    assert_eq!(request(0, &[], 3, Hash::of(b"x")).decide(None), Ok(()));
    assert_eq!(
        request(0, &[Hash::of(b"x")], 3, Hash::of(b"x")).decide(None),
        Err(Refusal::Inconsistent)
    );
    assert_eq!(request(0, &[], 0, Hash::of_nothing()).decide(None), Ok(()));
    assert_eq!(request(0, &[], 0, Hash::of(b"x")).decide(None), Err(Refusal::Forked));
    assert_eq!(
        request(2, &[], 3, Hash::of(b"x")).decide(None),
        Err(Refusal::Elsewhere(0))
    );
}

/// Answers of a witness that is not to be believed.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// As a witness does.
    True,
    /// It hangs up.
    Gone,
    /// It cosigns something else.
    Lying,
    /// Not HTTP of a witness.
    Page,
    /// It has seen more than there is.
    Ahead,
    /// It has seen another log.
    Forked,
    /// An answer without an end.
    Endless,
}

/// A witness on loopback, with a store of its own in memory: what it cosigned.
struct Wire {
    url: String,
    asked: Arc<AtomicUsize>,
    way: Arc<parking::Cell<Way>>,
}

/// A value that tests change while a server reads it.
mod parking {
    use std::sync::Mutex;

    pub(super) struct Cell<T>(Mutex<T>);

    impl<T: Copy> Cell<T> {
        pub(super) const fn new(value: T) -> Self {
            Self(Mutex::new(value))
        }

        pub(super) fn get(&self) -> T {
            *self.0.lock().unwrap()
        }

        pub(super) fn set(&self, value: T) {
            *self.0.lock().unwrap() = value;
        }
    }
}

fn answer(status: &str, kind: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

async fn serve(signer: Signer, way: Way) -> Wire {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (asked, way) = (Arc::new(AtomicUsize::new(0)), Arc::new(parking::Cell::new(way)));
    let (count, how) = (asked.clone(), way.clone());
    tokio::spawn(async move {
        let mut last: Option<Witnessed> = None;
        while let Ok((mut socket, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            let mut bytes = Vec::new();
            let body = loop {
                let mut piece = [0; 4096];
                let read = socket.read(&mut piece).await.unwrap_or(0);
                bytes.extend_from_slice(&piece[..read]);
                let text = String::from_utf8_lossy(&bytes).into_owned();
                if let Some((head, body)) = text.split_once("\r\n\r\n") {
                    let length = head
                        .lines()
                        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
                    if body.len() >= length.unwrap_or(0) {
                        break body.to_owned();
                    }
                }
                assert!(read > 0, "the request was cut off");
            };
            let request = Request::read(body.as_bytes()).unwrap();
            let said = match how.get() {
                Way::Gone => continue,
                Way::Lying => answer(
                    "200 OK",
                    "text/plain",
                    &format!("{}\n", signer.cosign("something else\n", 1)),
                ),
                Way::Page => answer("200 OK", "text/html", "<h1>Welcome</h1>"),
                Way::Ahead => answer("409 Conflict", "text/x.tlog.size", "1000000\n"),
                Way::Forked => answer("409 Conflict", "text/plain", "fork\n"),
                Way::Endless => format!("HTTP/1.1 200 OK\r\n\r\n{}", "a".repeat(1 << 20)),
                Way::True => match request.decide(last.as_ref()) {
                    Err(Refusal::Elsewhere(size)) => answer("409 Conflict", "text/x.tlog.size", &format!("{size}\n")),
                    Err(refusal) => answer("422 Unprocessable Entity", "text/plain", &format!("{refusal}\n")),
                    Ok(()) => {
                        last = Some(Witnessed {
                            size: request.checkpoint.size,
                            root: request.checkpoint.root,
                            at: kernel::Timestamp::from_seconds(5),
                        });
                        answer(
                            "200 OK",
                            "text/plain",
                            &format!("{}\n", signer.cosign(&request.note.text, 1_795_000_000)),
                        )
                    }
                },
            };
            let _ = socket.write_all(said.as_bytes()).await;
        }
    });
    Wire { url, asked, way }
}

async fn asking(test: &TestStore, wire: &Wire, signer: &Signer) -> Ledger {
    let config = Config {
        witnesses: vec![Witness {
            key: signer.key().clone(),
            url: wire.url.clone(),
        }],
        ..Config::default()
    };
    node(test, config).await
}

fn signer(seed: u8) -> Signer {
    Signer::new("witness.example/w1", Algorithm::Cosignature, &[seed; 32]).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_gets_its_checkpoints_cosigned() {
    testkit::engines(MIGRATIONS, async |test| {
        let wire = serve(signer(2), Way::True).await;
        let log = asking(test, &wire, &signer(2)).await;
        assert_eq!(log.witness_round().await.unwrap(), 0, "there is nothing to cosign");
        let made = facts(test, 5);
        record(test, &made).await;
        settle(&log).await;
        assert_eq!(log.witness_round().await.unwrap(), 1);
        let asked = wire.asked.load(Ordering::SeqCst);
        assert_eq!(log.witness_round().await.unwrap(), 0);
        assert_eq!(
            wire.asked.load(Ordering::SeqCst),
            asked,
            "what is cosigned is not asked for again"
        );
        let shown = log
            .shown(Kind::Paper, made[0].subject)
            .await
            .unwrap()
            .unwrap()
            .proven
            .unwrap();
        assert_eq!(shown.cosigned, [("witness.example/w1".to_owned(), 1_795_000_000)]);
        assert_eq!(shown.proof.note.verify_cosignature(signer(2).key()), Ok(1_795_000_000));
        shown.proof.verify(made[0].commitment.as_bytes(), log.key()).unwrap();

        // An entry since then is proven under the newest checkpoint, the old ones still under the cosigned one.
        let later = facts(test, 300);
        record(test, &later).await;
        settle(&log).await;
        let proven = async |subject| log.shown(Kind::Paper, subject).await.unwrap().unwrap().proven.unwrap();
        assert_eq!(proven(made[0].subject).await.size, 5);
        assert_eq!(proven(later[0].subject).await.size, 305);
        assert_eq!(log.witness_round().await.unwrap(), 1);
        assert_eq!(proven(made[0].subject).await.size, 305);
    })
    .await;
}

/// The checkpoint as it is published.
async fn published(log: &Ledger) -> Note {
    let folder = tempfile::tempdir().unwrap();
    crate::publish::write(log, folder.path()).await.unwrap();
    let bytes = std::fs::read(folder.path().join(crate::publish::CHECKPOINT)).unwrap();
    Checkpoint::read(&bytes).unwrap().1
}

#[tokio::test(flavor = "multi_thread")]
async fn the_checkpoint_is_given_out_with_the_cosignatures_that_hold_and_with_no_other() {
    testkit::engines(MIGRATIONS, async |test| {
        let wire = serve(signer(2), Way::True).await;
        let log = asking(test, &wire, &signer(2)).await;
        record(test, &facts(test, 5)).await;
        settle(&log).await;
        assert_eq!(published(&log).await.signatures.len(), 1, "nobody was asked yet");
        assert_eq!(log.witness_round().await.unwrap(), 1);
        let note = published(&log).await;
        assert_eq!(note.signatures.len(), 2);
        note.verify(log.key()).unwrap();
        assert_eq!(note.verify_cosignature(signer(2).key()), Ok(1_795_000_000));
        // A line that somebody changed, and one of a witness that nobody asks, stay with us.
        let other = signer(3).cosign(&note.text, 1_795_000_000).to_string();
        let written = test.store().write(move |tx| {
            tx.execute(
                "INSERT INTO ledger_cosignature (size, witness, line, at) VALUES (5, 'somebody.else/w', $1, $2)",
                &[&other, &kernel::Timestamp::from_micros(0)],
            )?;
            tx.execute(
                "UPDATE ledger_cosignature SET line = $1 WHERE witness = 'witness.example/w1'",
                &[&other],
            )
        });
        written.await.map_err(|error: ::store::StoreError| error).unwrap();
        assert_eq!(published(&log).await.signatures.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_that_is_down_or_lies_delays_nothing_and_is_not_believed() {
    testkit::engines(MIGRATIONS, async |test| {
        let wire = serve(signer(2), Way::Gone).await;
        let log = asking(test, &wire, &signer(2)).await;
        let mut size = 0;
        for (way, said) in [
            (Way::Gone, "unreachable"),
            (Way::Lying, "unreadable"),
            (Way::Page, "unreadable"),
            (Way::Endless, "unreadable"),
            (Way::Ahead, "ahead"),
            (Way::Forked, "forked"),
        ] {
            wire.way.set(way);
            let made = facts(test, 2);
            record(test, &made).await;
            settle(&log).await;
            size += 2;
            test.world().advance(SignedDuration::from_mins(20));
            assert_eq!(log.witness_round().await.unwrap(), 0, "{way:?}");
            let standing = log.standing().await.unwrap();
            assert_eq!(standing.witnesses[0].3.as_deref(), Some(said), "{way:?}");
            let proven = log
                .shown(Kind::Paper, made[0].subject)
                .await
                .unwrap()
                .unwrap()
                .proven
                .unwrap();
            assert_eq!((proven.size, proven.cosigned.len()), (size, 0), "recorded all the same");
            // It is left alone for a while.
            let asked = wire.asked.load(Ordering::SeqCst);
            assert_eq!(log.witness_round().await.unwrap(), 0);
            assert_eq!(wire.asked.load(Ordering::SeqCst), asked);
        }
        wire.way.set(Way::True);
        test.world().advance(SignedDuration::from_mins(20));
        assert_eq!(
            log.witness_round().await.unwrap(),
            1,
            "and when it is back, it catches up"
        );
        assert_eq!(log.standing().await.unwrap().witnesses[0].3, None);
        // Another key under its name is not believed either.
        let other = asking(test, &wire, &signer(3)).await;
        record(test, &facts(test, 1)).await;
        settle(&log).await;
        test.world().advance(SignedDuration::from_mins(20));
        assert_eq!(other.witness_round().await.unwrap(), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_asked_for_again() {
    let test = testkit::engines::sqlite(MIGRATIONS).await;
    let wire = serve(signer(2), Way::True).await;
    let log = asking(&test, &wire, &signer(2)).await;
    record(&test, &facts(&test, 4)).await;
    settle(&log).await;
    // The witness has cosigned, and the answer never came: the request of another node with the same checkpoint.
    let request = body(&test, 0).await;
    let sent = reqwest::Client::new()
        .post(format!("{}/add-checkpoint", wire.url))
        .body(request)
        .send()
        .await
        .unwrap();
    assert_eq!(sent.status().as_u16(), 200);
    assert_eq!(
        log.witness_round().await.unwrap(),
        1,
        "it says where it is, and cosigns the same again"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cosigned_is_written_down_first() {
    let test = testkit::engines::sqlite(MIGRATIONS).await;
    let (log, _) = grown(&test, 3).await;
    let request = Request::read(body(&test, 0).await.as_bytes()).unwrap();
    let (name, now) = (log.key().name().to_owned(), log.now());
    let broken = test.store().write(move |tx| {
        assert!(matches!(
            cosign(tx, &signer(2), &request, now),
            Ok(Answered::Cosigned(_))
        ));
        Err::<(), _>(store::StoreError::Closed)
    });
    broken.await.unwrap_err();
    let kept = test.store().read(move |tx| crate::witness::store::witnessed(tx, &name));
    assert_eq!(
        kept.await.unwrap(),
        None,
        "the signature never left, because its record did not stay"
    );
}
