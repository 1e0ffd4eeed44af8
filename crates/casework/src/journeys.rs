//! The ways of a dossier through the real router, on both engines: filed, received, worked on, approved, handed over; asked
//! for more; filed twice; looked at by those who may not.

use std::collections::BTreeSet;

use identity::session::Level;
use identity::{AccountId, Role};
use kernel::SignedDuration;
use uuid::Uuid;

use crate::dossier::state::{Delivery, Entered, Representation, State};
use crate::dossier::{Content, DossierError, submit};
use crate::procedure::import::{Extent, import};
use crate::testing::{Browser, CATALOGUE, MIGRATIONS, PNG, Province, claimed, hidden, hidden_of};
use crate::{PortalMode, place};

const HOA: (&str, &str) = ("042190001234", "Trần Thị Hoa");

/// Walks the six steps and sends; gives the path of the dossier.
/// Fills a dossier in up to its review; gives the address of that page.
pub(crate) async fn draft_to_review(province: &Province, browser: &mut Browser) -> String {
    let start = "/procedures/1.001193/start";
    browser
        .get("/procedures/1.001193")
        .await
        .expect(200)
        .says("3 ngày làm việc")
        .says("Miễn phí")
        .says("Giấy chứng sinh");
    let who = browser.post(start, start, &[]).await.expect(303).location;
    browser.get(&who).await.expect(200).says(HOA.1).says(HOA.0);
    let contact = [
        ("representation", "own"),
        ("applicant", "person"),
        ("phone", "0912345678"),
        ("address", "Tổ 3, Thành Sen"),
        ("email", ""),
    ];
    let wrong = browser
        .post(
            &who,
            &who,
            &[
                ("representation", "own"),
                ("applicant", "person"),
                ("phone", "12"),
                ("address", "Tổ <3>"),
            ],
        )
        .await;
    wrong
        .expect(422)
        .says("value=\"12\"")
        .says("Tổ &lt;3&gt;")
        .hides("Tổ <3>");
    let form = browser.post(&who, &who, &contact).await.expect(303).location;
    let child = [
        ("child-name", "Lê 😀 An"),
        ("child-birthday-day", "1"),
        ("child-birthday-month", "11"),
        ("child-birthday-year", "2026"),
        ("child-sex", "female"),
        ("child-birthplace", "Bệnh viện <b>tỉnh</b>"),
        ("mother-name", "Trần Thị Hoa"),
    ];
    let files = browser.post(&form, &form, &child).await.expect(303).location;
    browser
        .post(&files, &files, &[])
        .await
        .expect(422)
        .says("Giấy chứng sinh");
    attach(browser, &files).await;
    let unit = browser.post(&files, &files, &[]).await.expect(303).location;
    let chosen = province.commune.to_string();
    let delivery = browser
        .post(&unit, &unit, &[("unit", &chosen)])
        .await
        .expect(303)
        .location;
    let review = browser
        .post(&delivery, &delivery, &[("delivery", "electronic")])
        .await
        .expect(303)
        .location;
    browser
        .get(&review)
        .await
        .expect(200)
        .says("Lê 😀 An")
        .says("Bệnh viện &lt;b&gt;")
        .says("Giấy chứng sinh.png")
        .says("01/11/2026");
    review
}

pub(crate) async fn file(province: &Province, browser: &mut Browser) -> String {
    let review = draft_to_review(province, browser).await;
    browser.post(&review, &review, &[]).await.expect(422);
    let page = browser.get(&review).await.body;
    let (csrf, once) = (
        hidden(&page, "_csrf"),
        hidden_of(&page, &review, "_once").expect("a key"),
    );
    let sent = browser
        .post_with(&review, &csrf, &once, &[("declared", "yes")])
        .await
        .expect(303)
        .location;
    let again = browser
        .post_with(&review, &csrf, &once, &[("declared", "yes")])
        .await
        .expect(303)
        .location;
    assert_eq!(
        again,
        format!("{sent}?again=yes"),
        "the second press finds the first dossier"
    );
    browser.get(&again).await.expect(200).says("Hồ sơ này đã được nhận");
    sent.strip_suffix("/receipt").expect("the receipt").to_owned()
}

/// Attaches the paper that is asked for; what is no paper is refused.
async fn attach(browser: &mut Browser, files: &str) {
    let add = format!("{files}/add");
    let component = hidden(&browser.get(files).await.body, "component");
    let bad: [(&str, &[u8]); 3] = [
        ("trống.pdf", b""),
        ("cut.png", &PNG[..40]),
        ("virus.exe", b"MZ\x90\0\x03"),
    ];
    for file in bad {
        browser
            .upload(files, &add, &[("component", component.as_str())], &[file])
            .await
            .expect(422);
    }
    browser
        .upload(
            files,
            &add,
            &[("component", component.as_str())],
            &[("../Giấy chứng sinh.png", PNG)],
        )
        .await
        .expect(303);
    browser
        .get(files)
        .await
        .expect(200)
        .says("Giấy chứng sinh.png")
        .says("SHA-256");
}

pub(crate) struct Cast {
    pub(crate) desk: Browser,
    pub(crate) specialist: Browser,
    pub(crate) leader: Browser,
    pub(crate) stranger: Browser,
}

pub(crate) async fn cast(province: &Province) -> Cast {
    let lan = province.officer("thilan", Role::Desk, province.desk).await;
    let minh = province.officer("minh", Role::Specialist, province.commune).await;
    let hoa = province.officer("thihoa", Role::Leader, province.commune).await;
    let xa = province.officer("tham", Role::Desk, province.other_desk).await;
    Cast {
        desk: province.browser(lan, Level::Password).await,
        specialist: province.browser(minh, Level::Password).await,
        leader: province.browser(hoa, Level::Password).await,
        stranger: province.browser(xa, Level::Password).await,
    }
}

pub(crate) async fn citizen(province: &Province) -> Browser {
    let account = province.citizen(HOA.0, HOA.1).await;
    province.browser(account, Level::Oidc).await
}

/// Posts the form of an action's own page.
pub(crate) async fn act(browser: &mut Browser, dossier: &str, action: &str, fields: &[(&str, &str)]) -> String {
    let path = format!("{dossier}/{action}");
    let from = if action == "claim" {
        dossier.to_owned()
    } else {
        path.clone()
    };
    let page = browser.get(&from).await.expect(200).body;
    let revision = hidden(&page, "revision");
    let all: Vec<_> = fields
        .iter()
        .copied()
        .chain([("revision", revision.as_str())])
        .collect();
    browser.post(&from, &path, &all).await.expect(303).location
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dossier_goes_all_the_way() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let own = file(&province, &mut hoa).await;
        let id = own.rsplit('/').next().expect("an id").to_owned();
        let desk = format!("/desk/dossiers/{id}");
        hoa.get(&own)
            .await
            .expect(200)
            .says("Quầy một cửa kiểm tra")
            .says("Bạn không phải làm gì");
        cast.desk
            .get("/desk")
            .await
            .expect(200)
            .says("Trần T. H.")
            .hides(HOA.0)
            .hides(HOA.1);
        cast.stranger.get("/desk").await.expect(200).hides("Trần T. H.");
        cast.stranger.get(&desk).await.expect(404);
        cast.desk.get(&desk).await.expect(200).says(HOA.0).says("Lê 😀 An");
        hoa.get(&own).await.expect(200).says("Nguyễn Văn thilan");
        act(&mut cast.desk, &desk, "receive", &[]).await;
        cast.desk.get(&format!("{desk}/approve")).await.expect(409);
        act(&mut cast.specialist, &desk, "claim", &[]).await;
        cast.leader.get(&format!("{desk}/approve")).await.expect(409);
        act(
            &mut cast.specialist,
            &desk,
            "propose",
            &[("outcome", "granted"), ("note", "Đủ điều kiện")],
        )
        .await;
        act(&mut cast.leader, &desk, "send-back", &[("note", "Xem lại nơi sinh")]).await;
        act(&mut cast.specialist, &desk, "propose", &[("outcome", "granted")]).await;
        act(&mut cast.leader, &desk, "approve", &[]).await;
        hand_over(&mut cast, &desk).await;
        let done = hoa.get(&own).await.expect(200);
        done.says("Kết quả.png").says("Hồ sơ đã xong").says("Xem lại nơi sinh");
        hoa.get("/my/notices").await.expect(200).says("Kết quả đã được trả");
        hoa.get("/my/dossiers")
            .await
            .expect(200)
            .says("Đăng ký khai sinh")
            .says("đúng hạn");
        cast.desk
            .get("/desk/figures")
            .await
            .expect(200)
            .says("/desk/register/returned");
        cast.desk
            .get("/desk/register/returned")
            .await
            .expect(200)
            .says("Trần T. H.");
        province
            .stranger()
            .get("/figures/on-time")
            .await
            .expect(200)
            .says("100,0%");
        check(&province).await;
    })
    .await;
}

async fn hand_over(cast: &mut Cast, desk: &str) {
    let to = format!("{desk}/return");
    let fields = [("delivery", "electronic"), ("taken-by", "Trần Thị Hoa, căn cước")];
    let page = cast.desk.get(&to).await.expect(200).body;
    let revision = hidden(&page, "revision");
    let mut all = fields.to_vec();
    all.push(("revision", &revision));
    cast.desk
        .upload(&to, &to, &all, &[])
        .await
        .expect(422)
        .says("Kết quả điện tử cần có tệp");
    cast.desk
        .upload(&to, &to, &all, &[("Kết quả.png", PNG)])
        .await
        .expect(303);
}

/// What `tinhso verify` would find.
pub(crate) async fn check(province: &Province) {
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
async fn what_is_missing_is_asked_once_and_the_clock_stands_still() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let own = file(&province, &mut hoa).await;
        let desk = own.replace("/my/", "/desk/");
        act(&mut cast.desk, &desk, "receive", &[]).await;
        act(&mut cast.specialist, &desk, "claim", &[]).await;
        let ask = format!("{desk}/ask-supplement");
        cast.specialist.post(&ask, &ask, &[]).await.expect(422);
        let bare = [("what-1", "Ảnh mờ")];
        let refused = cast.specialist.post(&ask, &ask, &bare).await.expect(422);
        // One row is shown; another comes without anything typed being lost, and nothing is asked of what was typed yet.
        let one = cast.specialist.get(&ask).await.expect(200);
        // What belongs together is said once, and no field is marked as one that may be left out.
        one.says("what-1")
            .hides("what-2")
            .says("thì ghi cả")
            .hides("không bắt buộc");
        let more = [("what-1", "Ảnh mờ"), ("paper-0", "expired"), ("one-more", "1")];
        let two = cast.specialist.post(&ask, &ask, &more).await.expect(200);
        two.says("what-2").says("Ảnh mờ").hides("summary-errors");
        two.says("<option value=\"expired\" selected>");
        refused
            .says("act-clause-1-error")
            .says("act-example-1-error")
            .says("Ảnh mờ");
        act(
            &mut cast.specialist,
            &desk,
            "ask-supplement",
            &[
                ("what-1", "Ảnh <mờ>"),
                ("clause-1", "Điều 16"),
                ("example-1", "Ảnh chụp thẳng"),
                ("paper-0", "unsigned"),
            ],
        )
        .await;
        hoa.get(&own)
            .await
            .expect(200)
            .says("Ảnh &lt;mờ&gt;")
            .says("Ảnh chụp thẳng")
            .says("Thiếu chữ ký hoặc dấu: Giấy chứng sinh")
            .says("Sau khi tiếp nhận, ở bước “Thẩm định”")
            .says("Đến lượt bạn")
            .says("đã dừng đồng hồ");
        province.world.advance(SignedDuration::from_hours(24 * 9));
        let mut hoa = citizen(&province).await;
        let answer = format!("{own}/supplement");
        let page = hoa.get(&answer).await.expect(200).body;
        let revision = hidden(&page, "revision");
        // The words are missing: the photograph is kept, and is not taken a second time.
        let form = hidden(&page, "kept-with");
        let mut fields = vec![
            ("revision", revision.as_str()),
            ("kept-with", form.as_str()),
            ("note", ""),
        ];
        let photo: [(&str, &[u8]); 1] = [("ảnh mới.png", PNG)];
        let refused = hoa.upload(&answer, &answer, &fields, &photo).await.expect(422);
        refused.says("ảnh mới.png").says("kept-file");
        let token = refused
            .body
            .split("name=\"kept-file\" value=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        fields[2] = ("note", "Đã chụp lại");
        fields.push(("kept-file", token.expect("a token")));
        hoa.upload(&answer, &answer, &fields, &[]).await.expect(303);
        hoa.get(&answer).await.expect(410);
        let track = hoa.get(&own).await.expect(200);
        track.says("còn ").says("ảnh mới.png").hides("quá ");
        let mut cast = again(&province).await;
        cast.desk.get(&format!("{desk}/ask-supplement")).await.expect(403);
        cast.specialist.get(&format!("{desk}/ask-supplement")).await.expect(403);
        let more = [
            ("what-1", "Thiếu chữ ký"),
            ("clause-1", "Điều 16"),
            ("example-1", "Ký ở cuối tờ khai"),
        ];
        act(&mut cast.leader, &desk, "ask-supplement", &more).await;
        check(&province).await;
    })
    .await;
}

/// Sessions end while the clock runs on: the same officers sign in again.
pub(crate) async fn again(province: &Province) -> Cast {
    let day = province.house.now().local_date();
    let units = vec![province.commune, province.desk, province.other_desk];
    let mut accounts = Vec::new();
    for role in [Role::Desk, Role::Specialist, Role::Leader] {
        let units = units.clone();
        let held = province
            .house
            .store()
            .read(move |tx| identity::account::holders(tx, &units, role, day, 0))
            .await;
        accounts.push(held.expect("officers"));
    }
    let of = |at: usize, unit: identity::UnitId| -> AccountId {
        accounts[at].iter().find(|held| held.2 == unit).expect("an officer").0
    };
    Cast {
        desk: province.browser(of(0, province.desk), Level::Password).await,
        specialist: province.browser(of(1, province.commune), Level::Password).await,
        leader: province.browser(of(2, province.commune), Level::Password).await,
        stranger: province.browser(of(0, province.other_desk), Level::Password).await,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_officers_act_and_one_is_told() {
    let test = testkit::engines::sqlite(MIGRATIONS).await;
    let province = Province::on(&test).await;
    let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
    let desk = file(&province, &mut hoa).await.replace("/my/", "/desk/");
    let path = format!("{desk}/refuse");
    let page = cast.desk.get(&path).await.expect(200).body;
    let (csrf, once, revision) = (
        hidden(&page, "_csrf"),
        hidden_of(&page, &path, "_once").expect("key"),
        hidden(&page, "revision"),
    );
    act(&mut cast.desk, &desk, "receive", &[]).await;
    let late = cast
        .desk
        .post_with(&path, &csrf, &once, &[("note", "x"), ("revision", &revision)])
        .await;
    late.expect(409);
    let mut leader = cast.leader;
    leader
        .post_with(&path, "forged", &once, &[("note", "x")])
        .await
        .expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_alone_opens_nothing_private() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut hoa = citizen(&province).await;
        let own = file(&province, &mut hoa).await;
        let code = hoa.get("/my/dossiers").await.body;
        let at = code.find("H27.15-").expect("a code");
        let code = code[at..].split('<').next().expect("the code").to_owned();
        let mut anybody = province.stranger();
        anybody.get(&own).await.expect(303);
        anybody.get("/track?code=H27.99-261101-0001").await.expect(422);
        let bare = anybody
            .get(&format!("/track?code={}", code.to_lowercase()))
            .await
            .expect(200);
        bare.says("Mới đăng ký")
            .hides("khai sinh")
            .hides("Trần")
            .hides("Thành Sen");
        for wrong in ["0000", "1111", "12"] {
            anybody
                .post(
                    &format!("/track?code={code}"),
                    "/track",
                    &[("code", &code), ("digits", wrong)],
                )
                .await;
        }
        let right = anybody
            .post(
                &format!("/track?code={code}"),
                "/track",
                &[("code", &code), ("digits", "5678")],
            )
            .await;
        right.expect(200).says("Đã gửi").says("khai sinh").hides("Trần");
        for _ in 0..4 {
            anybody
                .post(
                    &format!("/track?code={code}"),
                    "/track",
                    &[("code", &code), ("digits", "0000")],
                )
                .await;
        }
        let locked = anybody
            .post(
                &format!("/track?code={code}"),
                "/track",
                &[("code", &code), ("digits", "5678")],
            )
            .await;
        locked.expect(429);
        province.world.advance(SignedDuration::from_mins(61));
        let right = anybody
            .post(
                &format!("/track?code={code}"),
                "/track",
                &[("code", &code), ("digits", "1234")],
            )
            .await;
        right.expect(200).says("Đã gửi");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guide_refuses_filing_and_links_out() {
    let test = testkit::engines::sqlite(MIGRATIONS).await;
    let province = Province::in_mode(&test, PortalMode::Guide).await;
    let mut hoa = citizen(&province).await;
    let page = hoa.get("/procedures/1.001193").await.expect(200);
    page.says("https://dichvucong.gov.vn/?code=1.001193")
        .hides("/procedures/1.001193/start");
    let start = hoa.get("/procedures/1.001193/start").await.expect(403);
    start.says("https://dichvucong.gov.vn/?code=1.001193");
    hoa.post("/track", "/procedures/1.001193/start", &[]).await.expect(403);
    let body = serde_json::json!({"once": Uuid::from_u128(1), "procedure": "1.001193", "agency": province.commune,
        "phone": "0912345678", "address": "x", "answers": {}, "delivery": "pick-up"});
    hoa.json("/api/my/dossiers", &body)
        .await
        .expect(403)
        .says("dossier-guide-mode");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalogue_is_found_read_and_cached() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut anybody = province.stranger();
        anybody
            .get("/")
            .await
            .expect(200)
            .says("2 thủ tục")
            .says("Đăng ký khai sinh")
            .says("chưa có số liệu");
        anybody
            .get("/procedures?q=khai+sinh")
            .await
            .expect(200)
            .says("/procedures/1.001193")
            .hides("2.000815");
        anybody
            .get("/procedures?q=%3Cscript%3E&sector=%27--&tier=x&page=-9")
            .await
            .expect(200)
            .hides("<script>&");
        let page = anybody.get("/procedures/2.000815").await.expect(200);
        page.says("&lt;từ&gt;").says("chưa có số liệu").hides("<từ>");
        anybody.get("/procedures/9.999999").await.expect(404);
        anybody.get("/procedures/nonsense").await.expect(404);
        let list = anybody.get("/api/procedures?q=chung%20thuc").await.expect(200);
        list.says("\"total\":1").says("2.000815");
        let one = anybody.get("/api/procedures/1.001193").await.expect(200);
        one.says("\"version\":1");
        let world = province.world.as_ref();
        let again = import(test.store(), world, CATALOGUE.as_bytes(), Extent::Complete, |_| {})
            .await
            .expect("imported");
        assert_eq!(
            (again.added, again.changed, again.unchanged, again.withdrawn),
            (0, 0, 2, 0)
        );
        let changed = CATALOGUE.lines().next().expect("a line").replace("8000", "9000");
        let report = import(test.store(), world, changed.as_bytes(), Extent::Complete, |_| {})
            .await
            .expect("imported");
        assert_eq!((report.changed, report.withdrawn), (1, 1));
        province.world.advance(SignedDuration::from_secs(3));
        anybody
            .get("/api/procedures/1.001193")
            .await
            .expect(200)
            .says("\"version\":2");
        anybody.get("/procedures/2.000815").await.expect(404);
        let faults = import(
            test.store(),
            world,
            &b"{\"code\":1}\n\xc3\x28"[..],
            Extent::Partial,
            |_| {},
        )
        .await;
        assert!(faults.is_err(), "a file that is no text is refused");
    })
    .await;
}

fn submission(
    province: &Province,
    once: u128,
    account: AccountId,
    person: identity::PersonRef,
    unit: identity::UnitId,
) -> submit::Submission {
    let day = province.house.now().local_date();
    let content = Content {
        name: HOA.1.into(),
        person_id: HOA.0.into(),
        phone: "0912345678".into(),
        ..Content::default()
    };
    submit::Submission {
        once: Uuid::from_u128(once),
        procedure: ("1.001193".parse().expect("code"), 1, "Đăng ký khai sinh".to_owned()),
        way: crate::process::Way::generic(),
        place: place::place_of(&province.house.identity().units(), unit, day).expect("a place"),
        person,
        account: Some(account),
        representation: Representation::Own,
        entered: Entered::SelfFiled,
        delivery: Delivery::PickUp,
        content,
        draft: None,
        parties: submit::Parties::default(),
        taking: None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn numbers_have_no_gaps_and_no_doubles_under_a_crowd() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let account = province.citizen(HOA.0, HOA.1).await;
        let (keys, number) = (province.house.keys(), HOA.0.parse().expect("number"));
        let record = test
            .store()
            .read(move |tx| identity::person::find(tx, &keys, &number))
            .await
            .expect("read");
        let person = record.expect("the person").id;
        let mut crowd = Vec::new();
        for at in 0..60_u128 {
            let unit = if at % 3 == 0 { province.other } else { province.commune };
            // Every fifth sends twice, every seventh fails after it has its number.
            let key = if at % 5 == 4 { at - 1 } else { at };
            let submission = submission(&province, key + 1, account, person, unit);
            let sealed = submit::seal(
                &submission,
                province.world.as_ref(),
                &province.house.keys(),
                province.house.calendar(),
            );
            let store = test.store().clone();
            crowd.push(tokio::spawn(async move {
                store
                    .write(move |tx| {
                        let done = submit::submit(tx, &sealed)?;
                        if at % 7 == 6 {
                            Err(DossierError::NotFound)
                        } else {
                            Ok(done)
                        }
                    })
                    .await
            }));
        }
        let mut ids = BTreeSet::new();
        for one in crowd {
            match one.await.expect("no panic") {
                Ok(done) => {
                    ids.insert(done.id);
                }
                Err(DossierError::NotFound) => {}
                Err(other) => panic!("{other}"),
            }
        }
        let codes = test
            .store()
            .read(|tx| crate::dossier::store::codes_after(tx, "", 1000))
            .await
            .expect("codes");
        assert_eq!(codes.len(), ids.len(), "one code for each acknowledged dossier");
        check(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_interface_files_and_follows() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut hoa = citizen(&province).await;
        let body = |answers: serde_json::Value| {
            serde_json::json!({"once": Uuid::from_u128(77), "procedure": "1.001193", "agency": province.commune,
                "phone": "0912345678", "address": "Tổ 3", "answers": answers, "delivery": "pick-up"})
        };
        let wrong = hoa.json("/api/my/dossiers", &body(serde_json::json!({}))).await;
        wrong.expect(422).says("child-name");
        let answers = serde_json::json!({"child-name": "Lê An", "child-birthday": "2026-11-01", "child-sex": "male",
            "child-birthplace": "Hà Tĩnh", "mother-name": "Hoa"});
        let first = hoa.json("/api/my/dossiers", &body(answers.clone())).await.expect(200);
        first.says("\"again\":false");
        let second = hoa.json("/api/my/dossiers", &body(answers)).await.expect(200);
        second.says("\"again\":true");
        hoa.get("/api/my/dossiers")
            .await
            .expect(200)
            .says("\"state\":\"submitted\"")
            .says("\"national_code\":1");
        let mut lan = cast(&province).await.desk;
        lan.get("/api/desk/dossiers")
            .await
            .expect(200)
            .says("Trần T. H.")
            .hides(HOA.0);
        let csv = lan.get("/desk/export.csv").await.expect(200);
        csv.says("Trần T. H.");
        assert!(
            csv.headers["content-disposition"]
                .to_str()
                .expect("ASCII")
                .starts_with("attachment")
        );
        lan.post("/desk", "/desk", &[("q", "042190001234")])
            .await
            .expect(200)
            .says("Trần T. H.");
        lan.post("/desk", "/desk", &[("q", "Hoa")])
            .await
            .expect(200)
            .says("Không tìm thấy");
        // A person's number in an address finds nothing: it would stay in histories and logs.
        lan.get("/desk?q=042190001234").await.expect(200).says("Không tìm thấy");
        lan.get("/desk?tab=overdue&state=zzz&procedure=%27&after=zz.zz")
            .await
            .expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scenario_has_every_state_and_sound_books() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        cast(&province).await;
        province.officer("binh", Role::Specialist, province.other).await;
        province.officer("cuong", Role::Leader, province.other).await;
        province.house.identity().refresh_units().await.expect("units");
        let people = [claimed(HOA.0, HOA.1), claimed("042090001235", "Lê Văn Nam")];
        let made = crate::scenario::run(&province.house, &people, 150, 7, |_| {})
            .await
            .expect("the scenario runs");
        assert_eq!(made, 150);
        let states = test
            .store()
            .read(|tx| tx.all("SELECT DISTINCT state FROM dossier", &[], |row| row.get::<State>(0)));
        let states: BTreeSet<State> = states
            .await
            .map_err(|error: store::StoreError| error)
            .expect("states")
            .into_iter()
            .collect();
        let missing: Vec<_> = State::ALL.iter().filter(|state| !states.contains(state)).collect();
        assert!(missing.len() <= 2, "too few states: {missing:?} are missing");
        check(&province).await;
    })
    .await;
}
