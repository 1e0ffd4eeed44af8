//! The desk that works with the line down: the rule of time as a table, the seal byte by byte, and the way of an item through
//! the real operations on both engines.

mod seal;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use identity::Role;
use identity::session::Level;
use kernel::{SignedDuration, Timestamp};
use p256::SecretKey;
use serde_json::{Value, json};
use uuid::Uuid;

use super::rules::{Telling, received_at};
use super::seal::device::Sealer;
use super::seal::{FileHead, Head, pair};
use super::{DeviceId, Ground, ItemId};
use crate::dossier::DossierId;
use crate::testing::{Browser, MIGRATIONS, PNG, Province};

fn hour(hour: i64) -> Timestamp {
    Timestamp::from_seconds(1_790_000_000 + hour * 3_600)
}

/// What the paper says, how wrong the clock was on arrival, the last contact; sent at hour 30.
fn told(printed: i64, drift: i64, contact: i64) -> (Timestamp, Ground) {
    received_at(Telling {
        printed_at: hour(printed),
        drift: SignedDuration::from_hours(drift),
        contact: hour(contact),
        sent_at: hour(30),
    })
}

#[test]
fn the_paper_stands_unless_it_cannot_be_true() {
    assert_eq!(told(10, 0, 8), (hour(10), Ground::Paper));
    assert_eq!(
        told(10, -24, 8),
        (hour(10), Ground::Paper),
        "a clock that was set right since"
    );
    assert_eq!(
        told(34, -24, 8),
        (hour(10), Ground::Drift),
        "a day fast: the paper is later than its arrival"
    );
    assert_eq!(
        told(-14, 24, 8),
        (hour(10), Ground::Drift),
        "a day slow: the paper is before the last contact"
    );
    assert_eq!(
        told(90, -1, 8),
        (hour(8), Ground::Contact),
        "in doubt the earliest that is possible"
    );
    let a_minute_fast = received_at(Telling {
        printed_at: hour(30) + SignedDuration::from_mins(1),
        drift: SignedDuration::ZERO,
        contact: hour(8),
        sent_at: hour(30),
    });
    assert_eq!(
        a_minute_fast,
        (hour(30), Ground::Paper),
        "nothing is received before it came"
    );
}

/// What an officer types for a walk-in.
fn texts(unit: &str) -> Vec<(String, String)> {
    [
        ("procedure", "1.001193"),
        ("person-id", "042190001234"),
        ("name", "Trần Thị Hoa"),
        ("born-day", "17"),
        ("born-month", "5"),
        ("born-year", "1990"),
        ("phone", "0912345678"),
        ("address", "Tổ 3, phường Thành Sen"),
        ("email", ""),
        ("applicant", "person"),
        ("representation", "own"),
        ("all-papers", "yes"),
        ("unit", unit),
        ("channel", "desk"),
        ("delivery", "pick-up"),
        ("entered", "officer"),
        ("days", ""),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

/// An officer with a registered device.
struct Desk {
    account: identity::AccountId,
    officer: Browser,
    sealer: Sealer,
    codes: Value,
}

async fn officer(province: &Province, login: &str, unit: identity::UnitId) -> Browser {
    let account = province.officer(login, Role::Desk, unit).await;
    province.browser(account, Level::Password).await
}

fn read(body: &str) -> Value {
    serde_json::from_str(body).unwrap_or_else(|_| panic!("JSON: {body}"))
}

impl Desk {
    async fn of(province: &Province) -> Self {
        let account = province.officer("lan", Role::Desk, province.desk).await;
        let mut officer = province.browser(account, Level::Password).await;
        let (own, public) = pair(province.world.as_ref());
        let asked = json!({ "label": "Quầy 1", "key": BASE64.encode(public) });
        let body = officer.json("/api/desk/offline/devices", &asked).await.expect(200).body;
        let told = read(&body);
        let sealer = Sealer {
            id: DeviceId::from_uuid(told["id"].as_str().and_then(|id| id.parse().ok()).expect("an id")),
            own: SecretKey::from_slice(&own).expect("a scalar"),
            server: BASE64.decode(told["key"].as_str().expect("a key")).expect("base64"),
        };
        Self {
            account,
            officer,
            sealer,
            codes: told["codes"].clone(),
        }
    }

    /// Time passes, the session ends, and the officer signs in again.
    async fn later(&mut self, province: &Province, hours: i64) {
        province.world.advance(SignedDuration::from_hours(hours));
        self.officer = province.browser(self.account, Level::Password).await;
    }

    /// The `n`th code of today.
    fn code(&self, n: i64) -> String {
        let block = &self.codes[0];
        let day = block["day"].as_str().expect("a day").replace('-', "");
        let first = block["first"].as_i64().expect("a number");
        format!(
            "{}-{}-{}",
            block["agency"].as_str().expect("an agency"),
            &day[2..],
            first + n
        )
    }

    fn head(&self, province: &Province, n: i64) -> Head {
        let now = province.world.now_ms();
        Head {
            code: self.code(n),
            taken_ms: now,
            clock_ms: 0,
            contact_ms: now,
            began_ms: now - 50_000,
            procedure: "1.001193".to_owned(),
            texts: texts(&province.commune.to_string()),
            files: Vec::new(),
        }
    }

    fn item(n: u128) -> ItemId {
        ItemId::from_uuid(Uuid::from_u128(0x0197_e0a0_0000_7000_8000_0000_0000_0000 + n))
    }

    fn seal(&self, province: &Province, n: u128, head: &Head) -> Vec<u8> {
        self.sealer.seal(province.world.as_ref(), Self::item(n), head, &[])
    }
}

trait Milliseconds {
    fn now_ms(&self) -> i64;
}

impl Milliseconds for testkit::ManualWorld {
    fn now_ms(&self) -> i64 {
        kernel::World::now(self).as_micros() / 1_000
    }
}

/// Sends a sealed item as the page does; `clock` is what has to be added to the device's clock now.
async fn send(officer: &mut Browser, sealed: &[u8], clock: i64) -> Value {
    let page = officer.get("/desk/intake").await.expect(200).body;
    let clock = clock.to_string();
    let files = [("item", "item.tso", sealed)];
    let answer = officer
        .send_form(&page, "/api/desk/offline/items", &[("clock_ms", &clock)], &files)
        .await;
    read(&answer.expect(200).body)
}

async fn dossier(province: &Province, outcome: &Value) -> crate::dossier::Dossier {
    let id: DossierId = outcome["dossier"]
        .as_str()
        .and_then(|id| id.parse().ok())
        .unwrap_or_else(|| panic!("{outcome}"));
    let read = province
        .house
        .store()
        .read(move |tx| crate::dossier::store::find(tx, id))
        .await;
    read.expect("the dossier")
}

async fn count(province: &Province) -> i64 {
    let found = province
        .house
        .store()
        .read(|tx| tx.one("SELECT count(*) FROM dossier", &[], |row| row.get::<i64>(0)))
        .await;
    found.expect("a count")
}

/// What `tinhso verify` says of numbers and histories.
async fn verify(province: &Province) {
    for check in crate::checks() {
        let found = province.house.store().read(move |tx| {
            let mut findings = store::verify::Findings::default();
            check.run(tx, &mut findings)?;
            Ok::<_, store::StoreError>(findings)
        });
        let found = found.await.expect("the check runs");
        assert_eq!(found.problems_total, 0, "{:?}", found.problems);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_with_the_line_down_becomes_a_dossier_once() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut desk = Desk::of(&province).await;
        let days = desk.codes.as_array().expect("a list").len();
        assert_eq!(days, 7, "codes for a week");
        assert!(desk.code(0).ends_with("-90001"), "{}", desk.code(0));
        let mut head = desk.head(&province, 0);
        head.files = vec![FileHead {
            field: "scan-1".to_owned(),
            name: "giấy.png".to_owned(),
            size: PNG.len() as u64,
        }];
        let sealed = desk.sealer.seal(province.world.as_ref(), Desk::item(1), &head, &[PNG]);
        let printed = head.taken_ms;
        // Two hours later the line is back, and a colleague sends it.
        desk.later(&province, 2).await;
        let mut colleague = officer(&province, "minh", province.desk).await;
        let outcome = send(&mut colleague, &sealed, 0).await;
        assert_eq!(outcome["state"], "taken", "{outcome}");
        assert_eq!(
            (&outcome["ground"], &outcome["is_again"]),
            (&json!("paper"), &json!(false))
        );
        let dossier = dossier(&province, &outcome).await;
        assert_eq!(dossier.code.to_string(), head.code, "the code on the paper");
        assert_eq!(
            dossier.submitted_at.as_micros() / 1_000,
            printed,
            "the time on the paper"
        );
        assert_eq!(dossier.received_at, Some(dossier.submitted_at));
        assert!(!dossier.is_late_receipt && dossier.due_at.is_some());
        let again = send(&mut desk.officer, &sealed, 0).await;
        assert_eq!(
            (&again["is_again"], &again["dossier"]),
            (&json!(true), &outcome["dossier"])
        );
        assert_eq!(count(&province).await, 1);
        let id = dossier.id;
        let (row, item) = province
            .house
            .store()
            .read(move |tx| {
                let row = crate::intake::store::find(tx, id)?;
                Ok::<_, store::StoreError>((row, super::store::of_dossier(tx, id)?))
            })
            .await
            .expect("rows");
        assert_eq!(
            row.expect("how it came in").taken_by_name,
            "Nguyễn Văn lan",
            "who took it, not who sent it"
        );
        assert_eq!(item.expect("the item").sent_by_name, "Nguyễn Văn minh");
        desk.officer
            .get(&format!("/desk/intake/{id}"))
            .await
            .expect(200)
            .says("Tiếp nhận khi mất mạng")
            .says(&head.code);
        desk.officer
            .get("/desk/offline/devices")
            .await
            .expect(200)
            .says(&head.code);
        verify(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_officers_who_send_at_once_make_one_dossier() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut desk = Desk::of(&province).await;
        let mut colleague = officer(&province, "minh", province.desk).await;
        for n in 0..4 {
            let sealed = desk.seal(&province, 10 + n, &desk.head(&province, i64::try_from(n).expect("few")));
            let (one, other) = tokio::join!(send(&mut desk.officer, &sealed, 0), send(&mut colleague, &sealed, 0));
            assert_eq!(
                (&one["state"], &other["state"]),
                (&json!("taken"), &json!("taken")),
                "{one} {other}"
            );
            assert_eq!(one["dossier"], other["dossier"]);
        }
        assert_eq!(count(&province).await, 4);
        verify(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_wrong_by_a_day_is_corrected_and_told() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut desk = Desk::of(&province).await;
        let day = 24 * 3_600_000;
        // The clock was known to be a day slow, and the paper was right.
        let mut known = desk.head(&province, 0);
        (known.taken_ms, known.clock_ms) = (known.taken_ms - day, day);
        // Nobody knew that it was a day fast, or a day slow.
        let mut fast = desk.head(&province, 1);
        fast.taken_ms += day;
        let mut slow = desk.head(&province, 2);
        slow.taken_ms -= day;
        let now = province.world.now_ms();
        desk.later(&province, 1).await;
        for (n, head, clock, ground) in [
            (1, &known, day, "paper"),
            (2, &fast, -day, "drift"),
            (3, &slow, day, "drift"),
        ] {
            let sealed = desk.seal(&province, n, head);
            let outcome = send(&mut desk.officer, &sealed, clock).await;
            assert_eq!(outcome["ground"], ground, "{outcome}");
            let dossier = dossier(&province, &outcome).await;
            assert_eq!(
                dossier.received_at.map(|at| at.as_micros() / 1_000),
                Some(now),
                "item {n}"
            );
            assert_eq!(dossier.code.to_string(), head.code, "the paper's code stands");
        }
        let page = desk.officer.get("/desk/offline/devices").await.expect(200);
        page.says("chậm 1 ngày 0 giờ 0 phút").says("đã chỉnh đồng hồ");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_taken_from_a_device_that_was_revoked() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut desk = Desk::of(&province).await;
        let id = desk.sealer.id;
        let path = format!("/desk/offline/devices/{id}/revoke");
        let mut stranger = officer(&province, "xakhac", province.other_desk).await;
        stranger.post("/desk/intake", &path, &[]).await.expect(404);
        desk.officer.post("/desk/offline/devices", &path, &[]).await.expect(303);
        let head = desk.head(&province, 0);
        let sealed = desk.seal(&province, 1, &head);
        let outcome = send(&mut desk.officer, &sealed, 0).await;
        assert_eq!(outcome["state"], "refused");
        assert!(
            outcome["reasons"][0]["words"]
                .as_str()
                .expect("words")
                .contains("thu hồi"),
            "{outcome}"
        );
        let now = format!("/api/desk/offline/now?device={id}");
        assert_eq!(
            read(&desk.officer.get(&now).await.expect(200).body)["device"],
            "revoked"
        );
        assert_eq!(read(&stranger.get(&now).await.expect(200).body)["device"], "elsewhere");
        // The officer settles it in another way, and the code says so for good.
        let aside = format!("/api/desk/offline/items/{}/set-aside", Desk::item(1));
        let mut asked = json!({ "device": id, "code": head.code, "printed_ms": head.taken_ms, "reason": " " });
        desk.officer.json(&aside, &asked).await.expect(422);
        asked["reason"] = json!("Đã tiếp nhận trên giấy");
        desk.officer.json(&aside, &asked).await.expect(204);
        desk.officer.json(&aside, &asked).await.expect(204);
        desk.officer
            .get("/desk/offline/devices")
            .await
            .expect(200)
            .says("gác lại")
            .says(&head.code);
        assert_eq!(count(&province).await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_told_and_makes_nothing() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut desk = Desk::of(&province).await;
        let good = desk.head(&province, 0);
        let mut broken = desk.seal(&province, 1, &good);
        let last = broken.len() - 20;
        broken[last] ^= 1;
        let mut others_code = good.clone();
        others_code.code = desk.code(0).replace("-9", "-0");
        let mut never_reserved = good.clone();
        never_reserved.code = desk.code(700);
        let mut no_phone = good.clone();
        no_phone.texts.retain(|(name, _)| name != "phone");
        let mut no_papers = good.clone();
        no_papers.texts.retain(|(name, _)| name != "all-papers");
        let mut no_paper = good.clone();
        no_paper.files = vec![FileHead {
            field: "scan-40".to_owned(),
            name: "a.png".to_owned(),
            size: PNG.len() as u64,
        }];
        let no_paper = desk
            .sealer
            .seal(province.world.as_ref(), Desk::item(9), &no_paper, &[PNG]);
        let mut no_procedure = good.clone();
        no_procedure.procedure = "9.999999".to_owned();
        let refusals = [
            (broken, "", "Niêm phong"),
            (desk.seal(&province, 2, &others_code), "", "không nằm trong"),
            (desk.seal(&province, 3, &never_reserved), "", "không nằm trong"),
            (desk.seal(&province, 4, &no_phone), "phone", "điện thoại"),
            (desk.seal(&province, 5, &no_papers), "paper-1", "Giấy chứng sinh"),
            (desk.seal(&province, 6, &no_procedure), "", ""),
            (no_paper, "scan-40", "không thuộc giấy tờ nào"),
            (b"no item at all".to_vec(), "", "Niêm phong"),
        ];
        for (sealed, field, said) in refusals {
            let outcome = send(&mut desk.officer, &sealed, 0).await;
            assert_eq!(outcome["state"], "refused", "{said}: {outcome}");
            let reason = &outcome["reasons"][0];
            assert_eq!(reason["field"], field, "{outcome}");
            assert!(reason["words"].as_str().expect("words").contains(said), "{outcome}");
        }
        assert_eq!(count(&province).await, 0);
        // The same item, mended, is taken; a second item under its code is not.
        let (mended, doubled) = (desk.seal(&province, 4, &good), desk.seal(&province, 7, &good));
        let taken = send(&mut desk.officer, &mended, 0).await;
        assert_eq!(taken["state"], "taken", "{taken}");
        let twice = send(&mut desk.officer, &doubled, 0).await;
        assert!(
            twice["reasons"][0]["words"]
                .as_str()
                .expect("words")
                .contains("khác đã mang mã"),
            "{twice}"
        );
        let mut stranger = officer(&province, "xakhac", province.other_desk).await;
        let foreign = send(&mut stranger, &desk.seal(&province, 8, &desk.head(&province, 1)), 0).await;
        assert_eq!(foreign["state"], "refused", "another desk does not send for it");
        assert_eq!(count(&province).await, 1);
        verify(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_reserved_for_one_device_and_topped_up() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut desk = Desk::of(&province).await;
        let path = format!("/api/desk/offline/devices/{}/codes", desk.sealer.id);
        let plenty = desk
            .officer
            .json(&path, &json!({ "clock_ms": 5, "left": 25 }))
            .await
            .expect(200);
        assert_eq!(read(&plenty.body), desk.codes, "nothing is reserved twice");
        let few = desk
            .officer
            .json(&path, &json!({ "clock_ms": 5, "left": 3 }))
            .await
            .expect(200);
        let few = read(&few.body);
        assert_eq!(few.as_array().expect("a list").len(), 8);
        assert_eq!((&few[1]["first"], &few[1]["last"]), (&json!(90_031), &json!(90_060)));
        for _ in 0..20 {
            desk.officer
                .json(&path, &json!({ "clock_ms": 5, "left": 0 }))
                .await
                .expect(200);
        }
        let most = desk
            .officer
            .json(&path, &json!({ "clock_ms": 5, "left": 0 }))
            .await
            .expect(200);
        assert_eq!(
            read(&most.body).as_array().expect("a list").len(),
            16,
            "ten blocks a day"
        );
        desk.later(&province, 24).await;
        let next = desk
            .officer
            .json(&path, &json!({ "clock_ms": 5, "left": 30 }))
            .await
            .expect(200);
        assert_eq!(read(&next.body).as_array().expect("a list").len(), 7);
        let mut stranger = officer(&province, "xakhac", province.other_desk).await;
        stranger
            .json(&path, &json!({ "clock_ms": 0, "left": 0 }))
            .await
            .expect(404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_load_of_a_commune_is_less_than_a_megabyte() {
    use std::io::Write as _;
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let shipped = crate::catalogue::shipped();
        let extent = crate::procedure::import::Extent::Complete;
        let world = province.world.clone();
        let report =
            crate::procedure::import::import(province.house.store(), world.as_ref(), shipped, extent, |_| {}).await;
        report.expect("the shipped catalogue");
        province.world.advance(SignedDuration::from_secs(10));
        let mut officer = officer(&province, "lan", province.desk).await;
        let gzip = |text: &str| {
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            packed.write_all(text.as_bytes()).expect("memory");
            packed.finish().expect("memory").len()
        };
        let set = officer.get("/api/desk/offline/set").await.expect(200).body;
        let procedures = read(&set)["procedures"].as_array().expect("a list").len();
        assert!(procedures > 200, "{procedures} procedures of a commune");
        let pages = [
            "/desk/offline",
            "/desk/offline/worker.js",
            "/desk/offline/app.webmanifest",
            "/api/desk/dossiers?tab=all",
        ];
        let mut all = gzip(&set);
        for page in pages {
            all += gzip(&officer.get(page).await.expect(200).body);
        }
        let wanted = ["tinhso.css", "tinhso.js", "offline.css", "offline.js", "icon.svg"];
        let assets = web::assets::sizes().filter(|(name, ..)| wanted.contains(name) || name.ends_with(".woff2"));
        all += assets.map(|(_, _, [_, _, gzip])| gzip).sum::<usize>();
        testkit::say(&format!(
            "first load: {procedures} procedures, set {} bytes, all {all} bytes (gzip)",
            gzip(&set)
        ));
        assert!(all <= 1 << 20, "{all} bytes");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_and_its_worker_disturb_nothing_else() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut officer = officer(&province, "lan", province.desk).await;
        let page = officer.get("/desk/offline").await.expect(200);
        page.says("Trang này cần JavaScript")
            .says("href=\"/desk/intake\"")
            .says("rel=\"manifest\"");
        let worker = province.stranger().get("/desk/offline/worker.js").await.expect(200);
        assert_eq!(worker.headers["service-worker-allowed"], "/desk/offline");
        worker.says("/assets/offline.").hides("/* FILES */");
        let manifest = read(
            &province
                .stranger()
                .get("/desk/offline/app.webmanifest")
                .await
                .expect(200)
                .body,
        );
        assert_eq!(
            (&manifest["scope"], &manifest["start_url"]),
            (&json!("/desk/offline"), &json!("/desk/offline"))
        );
        assert_eq!(manifest["display"], "standalone");
    })
    .await;
}

/// How many rows hang on dossiers: what must be nought for each dossier that is not there.
async fn rows(province: &Province) -> [i64; 5] {
    let read = province.house.store().read(|tx| {
        let mut one = |sql: &'static str| tx.one(sql, &[], |row| row.get::<i64>(0));
        Ok::<_, store::StoreError>([
            one("SELECT count(*) FROM dossier")?,
            one("SELECT count(*) FROM dossier_event WHERE dossier NOT IN (SELECT id FROM dossier)")?,
            one("SELECT count(*) FROM dossier_file WHERE dossier NOT IN (SELECT id FROM dossier)")?,
            one("SELECT count(*) FROM dossier_intake WHERE dossier NOT IN (SELECT id FROM dossier)")?,
            one("SELECT count(*) FROM offline_item WHERE state = 'taken' AND dossier NOT IN (SELECT id FROM dossier)")?,
        ])
    });
    read.await.expect("counts")
}

/// A device that was tampered with seals whatever it likes: each item becomes a dossier whole, or nothing of it is kept.
#[tokio::test(flavor = "multi_thread")]
async fn damaged_items_under_a_good_seal_never_leave_half_a_dossier() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut desk = Desk::of(&province).await;
        let mut head = desk.head(&province, 0);
        head.files = vec![FileHead {
            field: "scan-1".to_owned(),
            name: "giấy.png".to_owned(),
            size: PNG.len() as u64,
        }];
        let json = serde_json::to_vec(&head).expect("a head");
        let length = u32::try_from(json.len()).expect("short").to_be_bytes();
        let plain = [&length, json.as_slice(), PNG].concat();
        let (mut taken, mut refused) = (0, 0);
        for n in 0..400_u128 {
            let broken = testkit::damaged(&plain, u64::try_from(n).expect("few"));
            let item = Desk::item(1_000 + n);
            let sealed = desk.sealer.seal_plain(province.world.as_ref(), item, &broken);
            let outcome = send(&mut desk.officer, &sealed, 0).await;
            match outcome["state"].as_str() {
                Some("taken") => taken += 1,
                Some("refused") => {
                    let reasons = outcome["reasons"].as_array().map_or(0, Vec::len);
                    assert!(reasons > 0, "item {n} is refused without a word: {outcome}");
                    refused += 1;
                }
                _ => panic!("item {n}: {outcome}"),
            }
        }
        assert!(taken >= 1 && refused > 200, "{taken} {refused}");
        assert_eq!(rows(&province).await, [taken, 0, 0, 0, 0]);
        verify(&province).await;
        // The desk works on.
        let mut whole = desk.head(&province, 5);
        whole.files.clear();
        let sealed = desk.seal(&province, 5_000, &whole);
        let outcome = send(&mut desk.officer, &sealed, 0).await;
        assert_eq!(outcome["state"], "taken", "{outcome}");
    })
    .await;
}
