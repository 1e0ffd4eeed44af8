//! The desk: who may act for whom as tables, then walk-ins through the real pages on both engines.

use identity::Role;
use identity::session::Level;
use kernel::Date;
use web::form::Values;

use super::rules::{self, is_minor};
use crate::testing::{Browser, MIGRATIONS, PNG, Province, hidden, hidden_of};

const TODAY: Date = Date::constant(2026, 11, 18);
const OWN: &str = "042190001234";

#[test]
fn who_is_of_age_is_so_from_the_birthday_on() {
    assert!(is_minor(Date::constant(2008, 11, 19), TODAY));
    assert!(!is_minor(Date::constant(2008, 11, 18), TODAY));
    assert!(!is_minor(Date::constant(1950, 1, 1), TODAY));
    assert!(is_minor(TODAY, TODAY));
}

fn values(pairs: &[(&str, &str)]) -> Values {
    pairs
        .iter()
        .fold(Values::none(), |values, (field, value)| values.with(*field, *value))
}

/// The fields in which something is wrong.
fn wrong(pairs: &[(&str, &str)]) -> Vec<String> {
    let errors = rules::check_people(&values(pairs), OWN, TODAY);
    errors.iter().map(|error| error.field.clone()).collect()
}

#[test]
fn who_may_act_for_whom() {
    let child = [
        ("representation", "guardian"),
        ("tie", "parent"),
        ("represented-born", "2020-01-01"),
    ];
    assert_eq!(wrong(&child), [""; 0]);
    let grown = [
        ("representation", "guardian"),
        ("tie", "guardian"),
        ("represented-born", "1990-01-01"),
    ];
    assert_eq!(wrong(&grown), ["represented-born"]);
    let by_court = [
        ("representation", "guardian"),
        ("tie", "court"),
        ("represented-born", "1990-01-01"),
    ];
    assert_eq!(wrong(&by_court), [""; 0]);
    assert_eq!(
        wrong(&[("representation", "guardian"), ("tie", "parent")]),
        ["represented-born"]
    );
    assert_eq!(wrong(&[("representation", "guardian")]), ["tie"]);
    assert_eq!(wrong(&[("representation", "proxy")]), ["represented-id"]);
    let minor = [
        ("representation", "proxy"),
        ("represented-id", "042220000018"),
        ("represented-born", "2020-05-05"),
    ];
    assert_eq!(wrong(&minor), ["representation"], "a minor gives no power of attorney");
    let other_year = [
        ("representation", "proxy"),
        ("represented-id", "042190000016"),
        ("represented-born", "1985-05-05"),
    ];
    assert_eq!(wrong(&other_year), ["represented-id"], "number and year do not fit");
    assert_eq!(
        wrong(&[("representation", "proxy"), ("represented-id", OWN)]),
        ["represented-id"]
    );
    assert_eq!(wrong(&[("representation", "own")]), [""; 0]);
}

#[test]
fn several_applicants_are_each_named_once() {
    let two = [
        ("has-others", "yes"),
        ("other-name-1", "Lê An"),
        ("other-id-1", "042190000016"),
        ("other-name-2", "Lê Bình"),
        ("other-id-2", "042190000017"),
    ];
    assert_eq!(wrong(&two), [""; 0]);
    assert_eq!(rules::others(&values(&two)).len(), 2);
    assert_eq!(wrong(&[("has-others", "yes")]), ["other-name-1"]);
    assert_eq!(
        wrong(&[("has-others", "yes"), ("other-name-1", "Lê An")]),
        ["other-id-1"]
    );
    assert_eq!(
        wrong(&[("has-others", "yes"), ("other-id-1", "042190000016")]),
        ["other-name-1"]
    );
    let same = [("has-others", "yes"), ("other-name-1", "Lê An"), ("other-id-1", OWN)];
    assert_eq!(wrong(&same), ["other-id-1"]);
    assert_eq!(
        rules::others(&values(&two[1..])).len(),
        0,
        "unticked, they are not asked"
    );
}

/// What an officer fills in for a walk-in who was never here.
const WALK_IN: &[(&str, &str)] = &[
    ("person-id", OWN),
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
    ("channel", "desk"),
    ("delivery", "pick-up"),
    ("entered", "officer"),
];

const BIRTH: &str = "/desk/intake?procedure=1.001193";

async fn desk(province: &Province, login: &str, unit: identity::UnitId) -> Browser {
    let account = province.officer(login, Role::Desk, unit).await;
    province.browser(account, Level::Password).await
}

/// The hidden values that a form of the page sends along.
fn guards(page: &str) -> Vec<(String, String)> {
    ["began", "scans", "procedure"]
        .into_iter()
        .map(|name| {
            (
                name.to_owned(),
                hidden_of(page, "/desk/intake", name).unwrap_or_else(|| hidden(page, name)),
            )
        })
        .collect()
}

async fn send(
    browser: &mut Browser,
    from: &str,
    fields: &[(&str, &str)],
    files: &[(&str, &str, &[u8])],
) -> crate::testing::Answer {
    let page = browser.get(from).await.expect(200).body;
    let guards = guards(&page);
    let mut all: Vec<(&str, &str)> = guards
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    all.extend_from_slice(fields);
    browser.send_form(&page, "/desk/intake", &all, files).await
}

fn with(unit: &str) -> Vec<(&str, &str)> {
    WALK_IN.iter().copied().chain([("unit", unit)]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_in_is_received_at_once_and_gets_her_receipt() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut lan = desk(&province, "lan", province.desk).await;
        lan.get("/desk/intake").await.expect(200).says("Đăng ký khai sinh");
        lan.get("/desk/intake?q=khai+sinh")
            .await
            .expect(200)
            .says("procedure=1.001193");
        let code = lan.get("/desk/intake?q=1.001193").await.expect(303).location;
        assert_eq!(code, BIRTH, "a code leads on at once");
        let unit = province.commune.to_string();
        let page = lan.get(BIRTH).await.expect(200);
        page.says("Giấy chứng sinh");
        assert!(
            page.body.contains(&format!("value=\"{unit}\" selected")),
            "its own commune is chosen"
        );
        let wrong: Vec<_> = with(&unit)
            .into_iter()
            .filter(|(name, _)| *name != "all-papers" && *name != "phone")
            .collect();
        send(&mut lan, BIRTH, &wrong, &[])
            .await
            .expect(422)
            .says("intake-phone-error")
            .says("Trần Thị Hoa")
            .hides("intake-address-error");
        let wrong: Vec<_> = with(&unit)
            .into_iter()
            .filter(|(name, _)| *name != "all-papers")
            .collect();
        let paper = first_paper(&page.body);
        let refused = send(&mut lan, BIRTH, &wrong, &[]).await.expect(422);
        refused.says(&format!("intake-paper-{paper}-error"));
        let nobody = uuid::Uuid::nil().to_string();
        send(&mut lan, BIRTH, &with(&nobody), &[])
            .await
            .expect(422)
            .says("intake-unit-error");
        let saved = send(&mut lan, BIRTH, &with(&unit), &[]).await.expect(303).location;
        let receipt = lan.get(&saved).await.expect(200);
        receipt
            .says("Đã tiếp nhận")
            .says("H27.15-")
            .says("Giấy tiếp nhận hồ sơ và hẹn trả kết quả")
            .says("việc sinh (Bản chính)")
            .says("Nguyễn Văn lan");
        lan.get("/desk/intake/taken")
            .await
            .expect(200)
            .says("Trần T. H.")
            .hides(OWN);
        let id = saved.rsplit('/').next().expect("an id");
        lan.get(&format!("/desk/dossiers/{id}")).await.expect(200).says(OWN);
        // The next time she is known by her number.
        let found = send(&mut lan, BIRTH, &[("person-id", OWN), ("unit", &unit)], &[])
            .await
            .expect(200);
        found
            .says("Đã tìm thấy")
            .says("value=\"Trần Thị Hoa\"")
            .says("value=\"1990\"");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_desk_takes_it_and_the_competent_one_receives() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut tham = desk(&province, "tham", province.other_desk).await;
        let mut lan = desk(&province, "lan", province.desk).await;
        let unit = province.commune.to_string();
        let saved = send(&mut tham, BIRTH, &with(&unit), &[]).await.expect(303).location;
        tham.get(&saved)
            .await
            .expect(200)
            .says("Đã nhận và chuyển đến nơi giải quyết")
            .says("Một cửa xã Thạch Hà")
            .says("Phiếu xác nhận đã gửi hồ sơ");
        lan.get(&saved).await.expect(404);
        let id = saved.rsplit('/').next().expect("an id").to_owned();
        let dossier = format!("/desk/dossiers/{id}");
        tham.get(&dossier).await.expect(404);
        lan.get(&dossier)
            .await
            .expect(200)
            .says("Nguyễn Văn tham")
            .says("Một cửa xã Thạch Hà");
        lan.get(&format!("{dossier}/receive")).await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scans_outlive_an_error_and_a_second_press_makes_no_second_dossier() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut lan = desk(&province, "lan", province.desk).await;
        let unit = province.commune.to_string();
        let all = with(&unit);
        let page = lan.get(BIRTH).await.expect(200).body;
        let held = guards(&page);
        let held: Vec<(&str, &str)> = held
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let bad: Vec<_> = held
            .iter()
            .chain(&all)
            .copied()
            .filter(|(name, _)| !matches!(*name, "phone" | "all-papers"))
            .collect();
        let paper = first_paper(&page);
        let (scan, kept) = (format!("scan-{paper}"), format!("kept-scan-{paper}"));
        let files: &[(&str, &str, &[u8])] = &[(&scan, "chứng sinh.png", PNG)];
        let again = lan.send_form(&page, "/desk/intake", &bad, files).await.expect(422);
        again
            .says("chứng sinh.png")
            .hides(&format!("intake-paper-{paper}-error"));
        let token = hidden_value(&again.body, &kept);
        let mut good: Vec<_> = held
            .iter()
            .chain(&all)
            .copied()
            .filter(|(name, _)| *name != "all-papers")
            .collect();
        good.push((&kept, &token));
        let first = lan
            .send_form(&again.body, "/desk/intake", &good, &[])
            .await
            .expect(303)
            .location;
        let second = lan.send_form(&again.body, "/desk/intake", &good, &[]).await;
        assert_eq!(
            second.expect(303).location,
            first,
            "the second press finds the first dossier"
        );
        lan.get(&first).await.expect(200).says("chứng sinh.png");
    })
    .await;
}

/// The place of the first paper that the page asks for.
fn first_paper(page: &str) -> String {
    let mark = "name=\"scan-";
    let at = page.find(mark).unwrap_or_else(|| panic!("no paper in {page}"));
    page[at + mark.len()..].split('"').next().unwrap_or_default().to_owned()
}

fn hidden_value(page: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let at = page.find(&mark).unwrap_or_else(|| panic!("no {name} in {page}"));
    page[at + mark.len()..].split('"').next().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_several_applicants_and_the_post() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut lan = desk(&province, "lan", province.desk).await;
        let unit = province.commune.to_string();
        let mut all: Vec<_> = with(&unit)
            .into_iter()
            .filter(|(name, _)| !matches!(*name, "applicant" | "channel" | "entered"))
            .collect();
        all.extend([
            ("applicant", "organisation"),
            ("tax-code", "0100109106"),
            ("organisation-name", "Công ty Cổ phần Đèo Ngang"),
            ("position", "Giám đốc"),
            ("has-others", "yes"),
            ("other-name-1", "Lê Văn Bình"),
            ("other-id-1", "042190000016"),
            ("channel", "post"),
            ("postmark-day", "16"),
            ("postmark-month", "11"),
            ("postmark-year", "2026"),
            ("post-item", "EA123456789VN"),
            ("entered", "assisted"),
        ]);
        let saved = send(&mut lan, BIRTH, &all, &[]).await.expect(303).location;
        lan.get(&saved)
            .await
            .expect(200)
            .says("Công ty Cổ phần Đèo Ngang")
            .says("Lê Văn Bình");
        let id: crate::dossier::DossierId = saved.rsplit('/').next().and_then(|id| id.parse().ok()).expect("an id");
        let (row, people, used) = test
            .store()
            .read(move |tx| {
                let row = super::store::find(tx, id)?.expect("taken in");
                let people = super::store::people_of(tx, id)?;
                let used = identity::useof::page(tx, people[0], false, None, 10)?;
                Ok::<_, store::StoreError>((row, people, used))
            })
            .await
            .expect("read");
        assert_eq!(row.postmark_on, Some(Date::constant(2026, 11, 16)));
        assert_eq!(people.len(), 1);
        assert_eq!(used.len(), 1, "she sees who looked at her name");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_in_keeps_the_definition_she_was_asked_under() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut lan = desk(&province, "lan", province.desk).await;
        let unit = province.commune.to_string();
        // The paper that only a proxy brings is asked for when one stands there, and not before.
        let page = lan.get(BIRTH).await.expect(200);
        page.hides("Văn bản ủy quyền").says("Giấy chứng sinh");
        let proxy: Vec<_> = with(&unit)
            .into_iter()
            .filter(|(name, _)| !matches!(*name, "all-papers" | "representation"))
            .chain([
                ("representation", "proxy"),
                ("represented-name", "Lê Văn Bình"),
                ("represented-id", "042190000016"),
                ("ground", "Giấy uỷ quyền số 5"),
            ])
            .collect();
        let asked = send(&mut lan, BIRTH, &proxy, &[]).await.expect(422);
        asked.says("Văn bản ủy quyền").says("Giấy chứng sinh");
        let saved = send(&mut lan, BIRTH, &with(&unit), &[]).await.expect(303).location;
        let id: crate::dossier::DossierId = saved.rsplit('/').next().and_then(|id| id.parse().ok()).expect("an id");
        let code = "1.001193".parse().expect("a code");
        let (_, pin) = province
            .house
            .definitions()
            .of(&code)
            .await
            .expect("read")
            .expect("defined");
        let digest = pin.expect("it has a name").digest;
        let kept = test
            .store()
            .read(move |tx| {
                crate::dossier::store::find(tx, id)?;
                Ok::<_, crate::dossier::DossierError>(crate::definitions::store::is_kept(tx, &digest)?)
            })
            .await;
        assert!(kept.expect("read"), "the folder is kept beside the dossier");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_without_a_number_is_one_record_however_often_she_is_named() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut lan = desk(&province, "lan", province.desk).await;
        let unit = province.commune.to_string();
        let child = [
            ("representation", "guardian"),
            ("represented-name", "Lê Thị Na"),
            ("represented-born-day", "1"),
            ("represented-born-month", "6"),
            ("represented-born-year", "2020"),
            ("tie", "parent"),
            ("ground", "Giấy chứng sinh số 5"),
        ];
        let fields: Vec<_> = with(&unit)
            .into_iter()
            .filter(|(name, _)| *name != "representation")
            .chain(child)
            .collect();
        for _ in 0..2 {
            send(&mut lan, BIRTH, &fields, &[]).await.expect(303);
        }
        let counts = test
            .store()
            .read(|tx| {
                let one = |tx: &mut store::Tx, sql: &'static str| tx.one(sql, &[], |row| row.get::<i64>(0));
                Ok::<_, store::StoreError>([
                    one(tx, "SELECT count(*) FROM person")?,
                    one(tx, "SELECT count(*) FROM dossier_party")?,
                    one(tx, "SELECT count(DISTINCT person) FROM dossier_party")?,
                    one(tx, "SELECT count(*) FROM person_guardian")?,
                ])
            })
            .await
            .expect("a read");
        assert_eq!(
            counts,
            [2, 2, 1, 1],
            "mother and child; two dossiers about one child; one tie"
        );
        // An heir names a dead person by an old card; nine digits or none.
        let heir = |old: &'static str| {
            let of_heir = [
                ("representation", "heir"),
                ("represented-name", "Trần Văn Cũ"),
                ("represented-old-id", old),
                ("ground", "Con đẻ; trích lục khai tử số 12"),
            ];
            let own = with(&unit).into_iter().filter(|(name, _)| *name != "representation");
            own.chain(of_heir).collect::<Vec<_>>()
        };
        send(&mut lan, BIRTH, &heir("12"), &[])
            .await
            .expect(422)
            .says("intake-represented-old-id-error");
        let saved = send(&mut lan, BIRTH, &heir("183456789"), &[])
            .await
            .expect(303)
            .location;
        let id = saved.rsplit('/').next().expect("an id");
        lan.get(&format!("/desk/dossiers/{id}"))
            .await
            .expect(200)
            .says("Trần Văn Cũ")
            .says("người thừa kế");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_says_the_case_and_its_papers_are_required() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let line = crate::procedure::cases::tests::LICENCE;
        let (store, world) = (province.house.store(), province.world.as_ref());
        let extent = crate::procedure::import::Extent::Partial;
        let report = crate::procedure::import::import(store, world, line.as_bytes(), extent, |_| {}).await;
        assert_eq!(report.expect("it is imported").added, 1);
        let mut lan = desk(&province, "lan", province.desk).await;
        let from = "/desk/intake?procedure=1.004993";
        let unit = province.commune.to_string();
        lan.get(from)
            .await
            .expect(200)
            .says("intake-own-case")
            .says("intake-all-papers");
        let fields = with(&unit);
        send(&mut lan, from, &fields, &[])
            .await
            .expect(422)
            .says("intake-own-case-error");
        let lost = ("own-case", "truong-hop-bi-mat-bi-hong");
        let mut bare: Vec<_> = fields
            .iter()
            .copied()
            .filter(|(name, _)| *name != "all-papers")
            .collect();
        bare.push(lost);
        let refused = send(&mut lan, from, &bare, &[]).await.expect(422);
        refused
            .says("intake-paper-0-error")
            .says("intake-paper-1-error")
            .hides("intake-paper-2-error");
        let whole: Vec<_> = fields.iter().copied().chain([lost]).collect();
        let saved = send(&mut lan, from, &whole, &[]).await.expect(303).location;
        lan.get(&saved)
            .await
            .expect(200)
            .says("Đơn đề nghị theo mẫu quy định (Bản chính)")
            .hides("Bản sao về việc đổi tên (");
    })
    .await;
}
