//! The public log with the whole program: a result is issued, and within the second the page that its QR code leads to proves it; the
//! program's own audit and a script in another language that shares no code hold the served log; provinces witness each other; a paper
//! or an entry that was changed behind the program's back is told.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use ledger::config::{Witness, Witnessing};
use ledger::note::{Algorithm, Signer, VerifierKey};
use ledger::{Fact, Kind};
use reqwest::StatusCode;
use store::EngineKind;
use testkit::ManualWorld;

use crate::harness::{program, repository, wait};
use crate::papers::issue_result;
use crate::support::people::citizen;
use crate::support::province::{Province, words_of};
use crate::support::{Site, Staff, filing, html};

/// Files a dossier, settles it and issues its result; gives the address that the QR code leads to.
async fn issued(site: &Site, staff: &Staff, n: u32) -> String {
    let person = citizen(&site.app, n).await;
    let at = |who: &crate::support::Person| who.at(site.url());
    let hers = at(&person);
    let id = filing::quick(&hers, &person, staff.commune, "Đi làm xa")
        .await
        .to_string();
    let officer = staff.specialist.account.to_string();
    filing::act(&at(&staff.desk), &id, "receive", &[("days", "3")], &[]).await;
    filing::act(&at(&staff.leader), &id, "assign", &[("officer", &officer)], &[]).await;
    filing::act(&at(&staff.specialist), &id, "propose", &[("outcome", "granted")], &[]).await;
    filing::act(&at(&staff.leader), &id, "approve", &[], &[]).await;
    issue_result(&at(&staff.leader), &id).await;
    let own = hers.page(&format!("/my/dossiers/{id}")).await.text();
    let at = own.find("/verify/").unwrap();
    own[at..].split('"').next().unwrap().to_owned()
}

/// Runs the independent script; gives whether it found nothing wrong, and what it said.
fn python(words: &[&str]) -> (bool, String) {
    let script = repository().join("docs/ledger/verify.py");
    let done = Command::new("python3")
        .arg("-B")
        .arg(script)
        .args(words)
        .output()
        .unwrap();
    (done.status.success(), words_of(&done))
}

fn audited(log: &str, more: &[&str]) -> (Option<i32>, String) {
    let done = program::run(&[&["verify-log", log], more].concat());
    (done.status.code(), words_of(&done))
}

/// What stands in the `n`-th element of a page that begins so.
fn inside(page: &str, begin: &str, n: usize) -> String {
    let rest = page
        .split(begin)
        .nth(n + 1)
        .unwrap_or_else(|| panic!("{begin} is not in {page}"));
    html::unescape(rest.split('<').next().unwrap())
}

async fn proven(site: &Site, address: &str) -> String {
    let nobody = site.visitor();
    wait::until("the paper is in the log", wait::LONG, || async {
        let page = nobody.page(address).await;
        if page.words().contains("Đã ghi vào nhật ký công khai: mục") {
            Ok(page.text())
        } else {
            Err(page.words())
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_is_proven_by_the_public_log() {
    crate::support::both(async |province| {
        let (site, staff) = Site::staffed(province, ManualWorld::new()).await;
        let nobody = site.visitor();
        assert_eq!(nobody.get("/log/checkpoint").await.status, StatusCode::NOT_FOUND);
        let address = issued(&site, &staff, 1).await;
        // Nothing waited for the log: the paper stands before anybody took it in.
        let page = nobody.page(&address).await;
        assert!(page.words().contains("Giấy này còn giá trị"));
        assert!(
            page.words().contains("Đang ghi vào nhật ký công khai"),
            "{}",
            page.words()
        );
        let running = ledger::start(&site.app.ledger);
        let began = Instant::now();
        let page = proven(&site, &address).await;
        testkit::say(&format!("in the log after {:?}", began.elapsed()));
        assert!(page.contains("mục 1 trong 1"), "{page}");

        let url = format!("{}/log", site.url());
        let key = site.app.ledger.key().to_string();
        let (code, said) = audited(&url, &["--key", &key]);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("1 entries, nothing is wrong"), "{said}");
        let (is_sound, said) = python(&["log", &url, &key]);
        assert!(
            is_sound && said.contains("1 entries, all tiles and the root hold, signed"),
            "{said}"
        );

        // Whoever holds the page and the proof needs neither the province nor its program.
        let (text, salt) = (
            inside(&page, "<pre class=\"code\" tabindex=\"0\">", 0),
            inside(&page, "<code>", 1),
        );
        assert!(
            text.starts_with("tinhso paper v1\npaper ") && text.contains("\nsha256 "),
            "{text}"
        );
        let file = province.root().join("0.tlog-proof");
        let proof = nobody.page("/log/proofs/0").await;
        std::fs::write(&file, &proof.body).unwrap();
        let path = file.to_str().unwrap();
        let salt = [salt, inside(&page, "<code>", 2)]
            .into_iter()
            .find(|salt| python(&["paper", path, salt, &text, &key]).0);
        let salt = salt.expect("the salt of the page leads to the entry");
        let (is_sound, said) = python(&["paper", path, &salt, &text.replace("QĐ", "GP"), &key]);
        assert!(!is_sound && said.contains("does not lead to the root"), "{said}");

        headers(&site).await;
        running.stop().await;
        site.close().await;
        province.verify();
    })
    .await;
}

/// What never changes may be kept for ever, the checkpoint may not.
async fn headers(site: &Site) {
    let nobody = site.visitor();
    for (path, kept, kind) in [
        ("/log/checkpoint", "public, max-age=1", "text/plain; charset=utf-8"),
        (
            "/log/tile/0/000.p/1",
            "public, max-age=31536000, immutable",
            "application/octet-stream",
        ),
        (
            "/log/tile/entries/000.p/1",
            "public, max-age=31536000, immutable",
            "application/octet-stream",
        ),
        ("/log/proofs/0", "public, max-age=1", "text/plain; charset=utf-8"),
    ] {
        let answer = nobody.page(path).await;
        assert_eq!(answer.headers["cache-control"], kept, "{path}");
        assert_eq!(answer.headers["content-type"], kind, "{path}");
        assert!(answer.headers.get("set-cookie").is_none(), "{path}");
    }
    for path in [
        "/log/tile/0/000",
        "/log/tile/0/000.p/2",
        "/log/tile/0/0",
        "/log/proofs/1",
        "/log/proofs/00",
    ] {
        assert_eq!(nobody.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_behind_the_programs_back_is_told() {
    crate::support::both(async |province| {
        let (site, staff) = Site::staffed(province, ManualWorld::new()).await;
        let address = issued(&site, &staff, 1).await;
        let running = ledger::start(&site.app.ledger);
        proven(&site, &address).await;
        running.stop().await;
        let url = format!("{}/log", site.url());
        let seen = province.root().join("seen");
        let seen = seen.to_str().unwrap();
        assert_eq!(audited(&url, &["--seen", seen]).0, Some(0));

        let store = &site.app.store;
        let change = "UPDATE paper SET number = '99/QĐ-UBND' WHERE form = 'result'";
        store.write(move |tx| tx.execute(change, &[])).await.unwrap();
        let page = site.visitor().page(&address).await.words();
        assert!(page.contains("khác với bản đã ghi vào nhật ký công khai"), "{page}");

        // The entry too, so that paper and entry agree again: whoever audits sees that the root does not.
        let entry = vec![7_u8; 32];
        let write = store.write(move |tx| tx.execute("UPDATE ledger_tile SET content = $1 WHERE level = 0", &[&entry]));
        write.await.unwrap();
        let (code, said) = audited(&url, &[]);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("the 1 entries have the root"), "{said}");
        let (is_sound, said) = python(&["log", &url]);
        assert!(
            !is_sound && said.contains("the root does not follow from the entries"),
            "{said}"
        );
        site.close().await;
        let verified = province.run(&["verify"], &[]);
        assert_eq!(verified.status.code(), Some(1));
        let said = words_of(&verified);
        for fault in [
            "it is not what the public log has recorded of it",
            "the root does not follow from the entries",
            "entry 0: the entry is not the hash of its fact",
        ] {
            assert!(said.contains(fault), "{fault}: {said}");
        }
    })
    .await;
}

/// The key that a province will have as a log under this name.
fn key_of(province: &Province, name: &str) -> VerifierKey {
    let keys = store::keys::KeyRing::load(&province.config.keys).unwrap();
    let signer = Signer::new(name, Algorithm::Ed25519, &keys.derive("ledger.log")).unwrap();
    signer.key().clone()
}

async fn record(site: &Site, count: usize) {
    let world = site.app.store.world().clone();
    let facts: Vec<Fact> = (0..count)
        .map(|_| Fact::new(world.as_ref(), Kind::Paper, kernel::id::uuid_v7(world.as_ref()), b"x"))
        .collect();
    let write = site.app.store.write(move |tx| ledger::log::record_all(tx, &facts));
    write.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn provinces_witness_each_other() {
    for engine in [EngineKind::Sqlite, EngineKind::Postgres] {
        let (Some(mut one), Some(mut two)) = (Province::make(engine).await, Province::make(engine).await) else {
            continue;
        };
        one.config.ledger.origin = Some("mot.example.vn/log".to_owned());
        two.config.ledger.origin = Some("hai.example.vn/log".to_owned());
        two.config.ledger.witnessing = Some(Witnessing {
            name: "hai.example.vn/witness".to_owned(),
            logs: vec![key_of(&one, "mot.example.vn/log")],
        });
        let world = ManualWorld::new();
        let witness = two.serve(world.clone()).await;
        let key = witness.app.ledger.witness_key().unwrap().clone();
        one.config.ledger.witnesses = vec![Witness {
            key: key.clone(),
            url: format!("{}/log/witness", witness.url()),
        }];
        let folder = one.root().join("files");
        one.config.ledger.folder = Some(folder.clone());
        let site = one.serve(world.clone()).await;
        assert_eq!(site.app.ledger.key(), &key_of(&one, "mot.example.vn/log"));
        let running = ledger::start(&site.app.ledger);
        for (count, size) in [(3, 3), (300, 303)] {
            record(&site, count).await;
            world.advance(kernel::SignedDuration::from_secs(5));
            cosigned(&site, &folder, &key, size).await;
        }
        let page = site.visitor().page("/log").await.words();
        assert!(page.contains("hai.example.vn/witness : đã ký đến mục 303"), "{page}");
        running.stop().await;
        site.close().await;
        witness.close().await;
    }
}

/// Waits until the served log and its files are cosigned, and holds both by the key of the witness.
async fn cosigned(site: &Site, folder: &Path, witness: &VerifierKey, size: usize) {
    let url = format!("{}/log", site.url());
    let (log_key, key) = (site.app.ledger.key().to_string(), witness.to_string());
    for place in [url.as_str(), folder.to_str().unwrap()] {
        wait::until(&format!("{place} is cosigned"), wait::LONG, || async {
            let (code, said) = audited(place, &["--key", &log_key, "--witness", &key]);
            let is_grown = said.contains(&format!("{size} entries, nothing is wrong"));
            if code == Some(0) && is_grown && said.contains("\n  cosigned by hai.example.vn/witness at ") {
                Ok(())
            } else {
                Err(said)
            }
        })
        .await;
    }
    let (is_sound, said) = python(&["log", folder.to_str().unwrap(), &log_key]);
    assert!(is_sound, "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_files_are_given_by_commands() {
    let province = Province::sqlite().await;
    let site = province.serve(ManualWorld::new()).await;
    record(&site, 600).await;
    while site.app.ledger.round().await.unwrap().is_some() {}
    let origin = site.app.ledger.key().name().to_owned();
    site.close().await;
    let mut province = province;
    province.config.ledger.origin = Some(origin);
    province.save();
    let keys = province.run(&["log", "keys"], &[]);
    let key = words_of(&keys).trim().strip_prefix("log").unwrap().trim().to_owned();
    let out = province.root().join("files");
    let out = out.to_str().unwrap();
    let written = province.run(&["log", "write"], &["--out", out]);
    assert!(
        written.status.success() && words_of(&written).contains("600 entries"),
        "{}",
        words_of(&written)
    );
    let seen = province.root().join("seen");
    for _ in 0..2 {
        let (code, said) = audited(out, &["--key", &key, "--seen", seen.to_str().unwrap()]);
        assert_eq!(code, Some(0), "{said}");
    }
    std::fs::write(Path::new(out).join("tile/0/001"), b"short").unwrap();
    let (code, said) = audited(out, &["--key", &key]);
    assert_eq!(
        (code, said.contains("tile/0/001 is cut off")),
        (Some(1), true),
        "{said}"
    );
    let (is_sound, said) = python(&["log", out, &key]);
    assert!(!is_sound && said.contains("tile/0/001 does not follow"), "{said}");
    let (code, said) = audited("/nowhere", &[]);
    assert_eq!(code, Some(1), "{said}");
}
