//! Versions of procedures on both engines: each from its day, none that a person brought before another approved it, and what
//! a new one does to drafts and to dossiers that run.

use identity::Role;
use identity::session::Level;
use kernel::{Date, SignedDuration, Timestamp};

use super::{Standing, What, changes};
use crate::journeys::{act, cast, check, citizen};
use crate::procedure::Procedure;
use crate::procedure::import::{Extent, Terms, import, import_under};
use crate::testing::{Browser, CATALOGUE, MIGRATIONS, PNG, Province, filed, hidden, hidden_of};

/// A procedure that nothing defines besides its entry.
const PLAIN: &str = r#"{"code":"1.999998","name":{"vi":"Xác nhận nơi ở"},"sector":{"vi":"Cư trú"},"tiers":["commune"],"service":"full","channels":[{"kind":"online","time":"3 working_days","fees":[{"amount":5000}]}],"components":[{"name":{"vi":"Ảnh nhà ở"},"originals":1,"required":true}],"valid_from":"2025-07-01"}"#;

/// The day on which the next version of the tests begins.
const NEXT: Date = Date::constant(2026, 11, 25);

fn birth() -> String {
    CATALOGUE.lines().next().expect("a line").to_owned()
}

async fn bring(province: &Province, text: &str, terms: &Terms) -> crate::procedure::import::ImportReport {
    let (store, world) = (province.house.store(), province.world.as_ref());
    let report = import_under(store, world, text.as_bytes(), Extent::Partial, terms, |_| {}).await;
    province.world.advance(SignedDuration::from_secs(3));
    report.expect("imported")
}

fn approved(from: Date) -> Terms {
    Terms {
        valid_from: Some(from),
        waits: false,
        ..Terms::proposed(None, "tinhso".to_owned())
    }
}

/// The clock to a moment before or after a midnight.
fn set(province: &Province, day: Date, seconds: i64) {
    let midnight = Timestamp::start_of_day(day);
    province.world.set(midnight + SignedDuration::from_secs(seconds));
}

#[test]
fn what_changes_is_named() {
    let read = |text: &str| -> Procedure { serde_json::from_str(text).expect("a procedure") };
    let old = read(PLAIN);
    let cases = [
        ("5000", "6000", What::Fee),
        ("3 working_days", "4 working_days", What::Time),
        ("Ảnh nhà ở", "Ảnh nhà và cổng", What::Papers),
        ("Xác nhận nơi ở", "Xác nhận cư trú", What::Name),
        ("\"full\"", "\"partial\"", What::Service),
    ];
    for (from, to, what) in cases {
        assert_eq!(changes(&old, &read(&PLAIN.replace(from, to))), [what]);
    }
    assert_eq!(changes(&old, &old), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_holds_from_its_day_and_not_before() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut anybody = province.stranger();
        let dearer = birth().replace("8000", "9000");
        let report = bring(&province, &dearer, &approved(NEXT)).await;
        assert_eq!((report.changed, report.waiting), (1, 0));
        let version = async |browser: &mut Browser| {
            let body = browser.get("/api/procedures/1.001193").await.expect(200).body;
            serde_json::from_str::<serde_json::Value>(&body).expect("JSON")["version"].clone()
        };
        let before = anybody.get("/procedures/1.001193").await.expect(200);
        before
            .says("8.000")
            .hides("9.000")
            .says("Phiên bản mới có hiệu lực từ 25/11/2026");
        set(&province, NEXT, -1);
        assert_eq!(version(&mut anybody).await, 1, "the last second of the day before");
        set(&province, NEXT, 0);
        assert_eq!(version(&mut anybody).await, 2, "the first moment of its day");
        let after = anybody.get("/procedures/1.001193").await.expect(200);
        after
            .says("9.000")
            .says("có hiệu lực từ 01/07/2025 đến hết 24/11/2026")
            .says("/procedures/1.001193/versions/1")
            .hides("Phiên bản mới có hiệu lực");
        let earlier = anybody.get("/procedures/1.001193/versions/1").await.expect(200);
        earlier
            .says("8.000")
            .says("đến hết 24/11/2026")
            .hides("/procedures/1.001193/start");
        for none in ["0", "3", "x", "-1"] {
            anybody
                .get(&format!("/procedures/1.001193/versions/{none}"))
                .await
                .expect(404);
        }
        // A correction that begins earlier than a version that is coming leaves that one its day.
        let coming = birth().replace("8000", "12000");
        bring(&province, &coming, &approved(Date::constant(2027, 1, 1))).await;
        bring(&province, &birth().replace("8000", "10000"), &approved(NEXT)).await;
        assert_eq!(version(&mut anybody).await, 4);
        set(&province, Date::constant(2027, 1, 1), 5);
        assert_eq!(version(&mut anybody).await, 3, "its day has come");
        // The same list again brings nothing.
        let again = bring(&province, &birth().replace("8000", "10000"), &approved(NEXT)).await;
        assert_eq!((again.changed, again.unchanged), (0, 1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_node_begins_a_version_at_its_midnight_too() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        bring(&province, &birth().replace("8000", "9000"), &approved(NEXT)).await;
        let other = crate::Casework::new(province.house.identity(), province.house.settings().clone());
        set(&province, NEXT, 1);
        for house in [&province.house, &other] {
            let code = "1.001193".parse().expect("a code");
            let found = house.catalogue().find(&code, None).await.expect("read");
            assert_eq!(found.map(|(_, version)| version), Some(2));
        }
    })
    .await;
}

async fn admin(province: &Province, login: &str) -> Browser {
    let account = province.officer(login, Role::Admin, province.root).await;
    province.browser(account, Level::Password).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_waits_for_another_hand_and_says_whom_it_touches() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut hoa = citizen(&province).await;
        let own = filed(&province, &mut hoa).await;
        let start = "/procedures/1.001193/start";
        hoa.post(start, start, &[]).await.expect(303);
        let (mut bringer, mut other) = (admin(&province, "dua").await, admin(&province, "duyet").await);
        hoa.get("/admin/procedures").await.expect(403);
        let list = "/admin/procedures";
        let fields = [
            ("source", "Quyết định 1/QĐ-UBND"),
            ("copied-on-day", "18"),
            ("copied-on-month", "11"),
            ("copied-on-year", "2026"),
            ("valid-from-day", "25"),
            ("valid-from-month", "11"),
            ("valid-from-year", "2026"),
        ];
        let dearer = birth().replace("8000", "9000");
        let empty: &[(&str, &[u8])] = &[("rỗng.jsonl", b"khong co gi\n")];
        bringer.upload(list, list, &fields, empty).await.expect(422);
        bringer.upload(list, list, &fields[..1], &[]).await.expect(422);
        bringer
            .upload(list, list, &fields, &[("danh-muc.jsonl", dearer.as_bytes())])
            .await
            .expect(303);
        let one = "/admin/procedures/1.001193/2";
        bringer
            .get(list)
            .await
            .expect(200)
            .says(one)
            .says("chờ phê duyệt")
            .says("bạn đưa vào");
        let code = province.dossier(&own).await.code.to_string();
        let page = other.get(one).await.expect(200);
        page.says(&code)
            .says("1 bản nháp đang soạn")
            .says("1 hồ sơ đang giải quyết")
            .says("9.000")
            .says("8.000")
            .says("2026-11-25");
        bringer
            .get(one)
            .await
            .expect(200)
            .says("cần một người khác")
            .hides("/approve");
        let (approve, aside) = (format!("{one}/approve"), format!("{one}/set-aside"));
        let day = [("valid_from", "2026-11-25")];
        bringer.post(one, &approve, &day).await.expect(403);
        other
            .post(one, &approve, &[("valid_from", "2026-11-17")])
            .await
            .expect(422);
        let mut anybody = province.stranger();
        anybody.get("/procedures/1.001193/versions/2").await.expect(404);
        anybody
            .get("/procedures/1.001193")
            .await
            .expect(200)
            .hides("Phiên bản mới");
        set(&province, NEXT, 5);
        let (mut bringer, mut other) = (again(&province, "dua").await, again(&province, "duyet").await);
        anybody.get("/procedures/1.001193").await.expect(200).says("8.000");
        let late = [("valid_from", "2026-11-26")];
        other.post(one, &approve, &late).await.expect(303);
        other.post(one, &approve, &late).await.expect(409);
        bringer.post(one, &aside, &[]).await.expect(409);
        anybody.get("/procedures/1.001193").await.expect(200).says("8.000");
        set(&province, Date::constant(2026, 11, 26), 1);
        anybody.get("/procedures/1.001193").await.expect(200).says("9.000");
        // The dossier stays under its own.
        assert_eq!(province.dossier(&own).await.procedure_version, 1);
        let logged = province
            .house
            .store()
            .read(|tx| identity::audit::export_page(tx, 0, 1_000))
            .await
            .expect("read");
        assert!(
            logged.iter().any(|entry| entry.action == "procedure.approve"),
            "it is in the audit log"
        );
    })
    .await;
}

/// The same officer, signed in again: sessions end while the clock runs.
async fn again(province: &Province, login: &str) -> Browser {
    let day = province.house.now().local_date();
    let root = vec![province.root];
    let held = province
        .house
        .store()
        .read(move |tx| identity::account::holders(tx, &root, Role::Admin, day, 0))
        .await
        .expect("officers");
    let account = held.iter().find(|one| one.1.ends_with(login)).expect("the officer").0;
    province.browser(account, Level::Password).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_set_aside_never_holds_and_can_be_brought_again() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut other = admin(&province, "duyet").await;
        let dearer = birth().replace("8000", "9000");
        let terms = Terms::proposed(Some(NEXT), "tinhso catalogue import".to_owned());
        assert_eq!(bring(&province, &dearer, &terms).await.waiting, 1);
        let one = "/admin/procedures/1.001193/2";
        other.post(one, &format!("{one}/set-aside"), &[]).await.expect(303);
        set(&province, NEXT, 1);
        province
            .stranger()
            .get("/procedures/1.001193")
            .await
            .expect(200)
            .says("8.000");
        assert_eq!(bring(&province, &dearer, &terms).await.waiting, 1);
        let code = "1.001193".parse().expect("a code");
        let all = province
            .house
            .store()
            .read(move |tx| super::store::all(tx, &code))
            .await;
        let standings: Vec<_> = all
            .expect("read")
            .iter()
            .map(|one| (one.version, one.standing))
            .collect();
        let wanted = [(3, Standing::Waiting), (2, Standing::SetAside), (1, Standing::Approved)];
        assert_eq!(standings, wanted);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_dossier_ends_under_the_version_it_began_with() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let own = filed(&province, &mut hoa).await;
        let slower = birth().replace("3 working_days", "9 working_days");
        bring(&province, &slower, &approved(province.house.now().local_date())).await;
        let desk = own.replace("/my/", "/desk/");
        act(&mut cast.desk, &desk, "receive", &[]).await;
        act(&mut cast.specialist, &desk, "claim", &[]).await;
        act(&mut cast.specialist, &desk, "propose", &[("outcome", "granted")]).await;
        act(&mut cast.leader, &desk, "approve", &[]).await;
        let dossier = province.dossier(&own).await;
        assert_eq!(
            (dossier.procedure_version, dossier.time_limit.as_deref()),
            (1, Some("3 working_days"))
        );
        check(&province).await;
    })
    .await;
}

/// Goes through the steps of a draft of [`PLAIN`] up to the review.
async fn drafted(province: &Province, hoa: &mut Browser) -> String {
    let start = "/procedures/1.999998/start";
    let who = hoa.post(start, start, &[]).await.expect(303).location;
    let contact = [
        ("representation", "own"),
        ("applicant", "person"),
        ("phone", "0912345678"),
        ("address", "Tổ 3"),
        ("email", ""),
    ];
    let form = hoa.post(&who, &who, &contact).await.expect(303).location;
    let files = hoa
        .post(&form, &form, &[("request", "Xin xác nhận nơi ở")])
        .await
        .expect(303)
        .location;
    let add = format!("{files}/add");
    hoa.upload(&files, &add, &[("component", "0")], &[("nha.png", PNG)])
        .await
        .expect(303);
    let unit = hoa.post(&files, &files, &[]).await.expect(303).location;
    // Nobody but a competent agency: not the province, not a desk, not nobody.
    for stranger in [
        province.root,
        province.desk,
        identity::UnitId::from_uuid(uuid::Uuid::nil()),
    ] {
        let stranger = stranger.to_string();
        let refused = hoa.post(&unit, &unit, &[("unit", stranger.as_str())]).await.expect(422);
        refused.says("unit-unit-error");
    }
    let commune = province.commune.to_string();
    let delivery = hoa.post(&unit, &unit, &[("unit", &commune)]).await.expect(303).location;
    let chosen = [("delivery", "electronic")];
    hoa.post(&delivery, &delivery, &chosen).await.expect(303).location
}

/// Presses "send" on a review page that was read before.
async fn press(hoa: &mut Browser, review: &str, page: &str) -> crate::testing::Answer {
    let (csrf, once) = (hidden(page, "_csrf"), hidden_of(page, review, "_once").expect("a key"));
    hoa.post_with(review, &csrf, &once, &[("declared", "yes")]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_told_what_changed_and_goes_under_the_version_of_the_day() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let today = province.house.now().local_date();
        bring(&province, PLAIN, &approved(today)).await;
        let mut hoa = citizen(&province).await;
        let review = drafted(&province, &mut hoa).await;
        let shown = hoa.get(&review).await.expect(200);
        shown.hides("Thủ tục đã thay đổi").says("nha.png");
        // A fee alone changes: she is told before anything is sent, and sends what she has.
        bring(&province, &PLAIN.replace("5000", "6000"), &approved(today)).await;
        let first = press(&mut hoa, &review, &shown.body).await.expect(303);
        assert_eq!(first.location, review, "nothing is sent before she has read it");
        let told = hoa.get(&review).await.expect(200);
        told.says("Thủ tục đã thay đổi")
            .says("5.000")
            .says("6.000")
            .says("nha.png");
        // Another paper comes and the first moves down: its file follows it, and the new one is asked for.
        let more = PLAIN.replace("5000", "7000").replace(
            "\"components\":[",
            "\"components\":[{\"name\":{\"vi\":\"Giấy xác nhận của tổ dân phố\"},\"originals\":1,\"required\":true},",
        );
        bring(&province, &more, &approved(today)).await;
        let sent = press(&mut hoa, &review, &told.body).await.expect(303).location;
        let files = sent.clone();
        assert!(files.ends_with("/files"), "{files}");
        let page = hoa.get(&files).await.expect(200);
        page.says("Thủ tục đã thay đổi")
            .says("Giấy xác nhận của tổ dân phố")
            .says("nha.png");
        let at = |name: &str| page.body.find(name).unwrap_or_else(|| panic!("no {name}"));
        assert!(at("id=\"paper-1\"") < at("nha.png"), "the file followed its paper");
        // A required paper cannot be left out, on its page or around it.
        hoa.post(&files, &files, &[])
            .await
            .expect(422)
            .says("Giấy xác nhận của tổ dân phố");
        let around = press(&mut hoa, &review, &told.body).await.expect(303).location;
        assert_eq!(around, files, "nothing is sent without it");
        let add = format!("{files}/add");
        hoa.upload(&files, &add, &[("component", "0")], &[("to.png", PNG)])
            .await
            .expect(303);
        let back = hoa.post(&files, &files, &[]).await.expect(303).location;
        assert_eq!(back, review);
        let last = hoa.get(&review).await.expect(200);
        last.says("5.000").says("7.000").says("Giấy xác nhận của tổ dân phố");
        let receipt = press(&mut hoa, &review, &last.body).await.expect(303).location;
        let own = receipt.strip_suffix("/receipt").expect("the receipt");
        assert_eq!(province.dossier(own).await.procedure_version, 3);
        check(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_of_what_has_ended_is_refused_with_words() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let today = province.house.now().local_date();
        bring(&province, PLAIN, &approved(today)).await;
        let mut hoa = citizen(&province).await;
        let review = drafted(&province, &mut hoa).await;
        let shown = hoa.get(&review).await.expect(200).body;
        let (store, world) = (province.house.store(), province.world.as_ref());
        let report = import(store, world, CATALOGUE.as_bytes(), Extent::Complete, |_| {}).await;
        assert_eq!(report.expect("imported").withdrawn, 1);
        province.world.advance(SignedDuration::from_secs(3));
        press(&mut hoa, &review, &shown)
            .await
            .expect(410)
            .says("đã hết hiệu lực");
        hoa.get(&review).await.expect(410).says("xoá bản nháp");
        hoa.get("/my/drafts").await.expect(200).says("Xác nhận nơi ở");
        let discard = format!("{}/discard", review.strip_suffix("/review").expect("the draft"));
        hoa.post("/my/drafts", &discard, &[]).await.expect(303);
        hoa.get("/my/drafts").await.expect(200).hides("Xác nhận nơi ở");
    })
    .await;
}
