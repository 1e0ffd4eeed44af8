//! Effects through the real router, on both engines: a dossier goes the whole way and the record and the result are there, once; a
//! register refuses and nothing is half written; what was denied writes nothing; forms fill themselves from what a register knows.

use ::register::record::effect as registers;
use ::register::record::{Act, Command, Record, RecordId, Source};
use definition::expression::Value;
use identity::person::{self, PersonDetails};
use identity::session::Level;
use identity::{PersonRef, Role};

use super::*;
use crate::journeys::{Cast, act, cast, check, citizen};
use crate::testing::{Browser, KEEPING, Province, hidden, hidden_of};

/// Files a use of the pavement; gives the officers' path of the dossier.
async fn pavement(province: &Province, browser: &mut Browser, once: u128, until: &str) -> String {
    let body = serde_json::json!({
        "once": uuid::Uuid::from_u128(once), "procedure": "1.013274", "agency": province.commune, "phone": "0912345678",
        "address": "Tổ 3", "delivery": "pick-up",
        "answers": {
            "asker-name": "Trần Thị Hoa", "asker-id": "042190001234", "what": "funeral", "place": "Trước nhà số 5 <Phan Đình Phùng>",
            "width-m": "2.5", "length-m": "10", "from-day": "2026-11-25", "until-day": until,
        },
    });
    let answer = browser.json("/api/my/dossiers", &body).await.expect(200).body;
    let read: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
    format!("/desk/dossiers/{}", read["id"].as_str().expect("an id"))
}

/// Takes a dossier to the leader's desk.
async fn to_leader(cast: &mut Cast, desk: &str, outcome: &[(&str, &str)]) {
    act(&mut cast.desk, desk, "receive", &[]).await;
    act(&mut cast.specialist, desk, "claim", &[]).await;
    act(&mut cast.specialist, desk, "propose", outcome).await;
}

/// As [`to_leader`], where an inspection or an examination goes before.
const GRANTED: [(&str, &str); 1] = [("outcome", "granted")];

/// The record with a number.
async fn record_of(province: &Province, system: &str, kind: &str, number: &str) -> Option<Record> {
    let all = province.house.registers().expect("registers");
    let kind = all.kind(system, kind).expect("the kind");
    let key: BTreeMap<String, Value> = [("number".to_owned(), Value::Text(number.to_owned()))].into();
    let read = province
        .house
        .store()
        .read(move |tx| registers::with_key(tx, &kind, &key));
    read.await.expect("the register answers")
}

async fn rows(province: &Province, desk: &str) -> Vec<Row> {
    let id: DossierId = desk.rsplit('/').next().expect("an id").parse().expect("an id");
    let read = province.house.store().read(move |tx| store::of_dossier(tx, id)).await;
    read.expect("the rows")
}

async fn papers(province: &Province, desk: &str) -> Vec<result::Paper> {
    let id: DossierId = desk.rsplit('/').next().expect("an id").parse().expect("an id");
    let read = province
        .house
        .store()
        .read(move |tx| result::store::of_dossier(tx, id))
        .await;
    let all: Vec<result::Paper> = read.expect("the papers");
    all.into_iter()
        .filter(|paper| paper.form == result::Form::Result)
        .collect()
}

/// The person behind a number.
async fn person_of(province: &Province, number: &str) -> PersonRef {
    let (keys, number) = (province.house.keys(), number.parse().expect("a number"));
    let read = province
        .house
        .store()
        .read(move |tx| person::find(tx, &keys, &number))
        .await;
    read.expect("people").expect("she is known").id
}

const RESULT: [(&str, &str); 7] = [
    ("kind", "permit"),
    ("about", "Giấy phép sử dụng tạm thời vỉa hè"),
    ("grounds", "Xét hồ sơ"),
    ("articles", "Cho phép bà Trần Thị Hoa dùng vỉa hè."),
    ("recipients", "Lưu: VT"),
    ("authority", ""),
    ("office", "Chủ tịch"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_dossier_goes_all_the_way_and_the_record_and_the_result_are_there() {
    testkit::engines(KEEPING, async |test| {
        let province = Province::keeping(test).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let desk = pavement(&province, &mut hoa, 1, "2026-11-27").await;
        to_leader(&mut cast, &desk, &GRANTED).await;
        let before = cast.leader.get(&desk).await.expect(200);
        before
            .says("Khi hồ sơ được duyệt")
            .says("Lập kết quả để ký: giấy phép")
            .says("Xem bản ghi trước khi vào sổ")
            .hides("Đã ghi vào sổ");
        let approve = format!("{desk}/approve");
        let page = cast.leader.get(&approve).await.expect(200).body;
        let (csrf, once) = (
            hidden(&page, "_csrf"),
            hidden_of(&page, &approve, "_once").expect("a key"),
        );
        let revision = hidden(&page, "revision");
        let fields = [("revision", revision.as_str())];
        cast.leader.post_with(&approve, &csrf, &once, &fields).await.expect(303);
        // Pressed again it is done once: the page is stale, and neither a number nor a record is drawn.
        let again = cast.leader.post_with(&approve, &csrf, &once, &fields).await;
        assert_ne!(again.status.as_u16(), 500, "{}", again.body);

        let done = rows(&province, &desk).await;
        assert_eq!(done.len(), 2, "{done:?}");
        assert!(done.iter().all(|row| row.state == EffectState::Done));
        let laid = papers(&province, &desk).await;
        assert_eq!(laid.len(), 1, "one result is laid down");
        assert_eq!((laid[0].number.as_str(), laid[0].blob), ("01/GP-UBND", None));
        let record = record_of(&province, "roads", "road_permit", "01/GP-UBND")
            .await
            .expect("entered");
        let dossier = province.dossier(&desk).await;
        assert_eq!(record.revision, 1);
        assert_eq!(record.source, Source::CaseEffect);
        assert_eq!(record.origin.as_deref(), Some(dossier.code.to_string().as_str()));
        assert_eq!(record.unit, dossier.unit);
        assert_eq!(record.values["holder"], Value::Text(dossier.person.to_string()));
        assert_eq!(record.values["kind"], Value::Text("pavement".to_owned()));
        let until: kernel::Date = "2026-11-27".parse().expect("a day");
        assert_eq!(record.values["valid_until"], Value::Date(until));

        // The officer sees both with their links; the register leads back, and tells nobody else.
        let at = format!("/registers/roads/road_permit/{}", record.id);
        let shown = cast.leader.get(&desk).await.expect(200);
        shown
            .says(&at)
            .says("chờ ký")
            .says("Đã ghi vào sổ")
            .hides("Khi hồ sơ được duyệt");
        let kept = cast.specialist.get(&at).await.expect(200);
        kept.says("Kết quả của một hồ sơ")
            .says(&format!("href=\"{desk}\""))
            .hides("Trần Thị Hoa");
        cast.stranger.get(&at).await.expect(404);
        // The one-stop desk sees that it is done; the register itself is not hers to read.
        cast.desk.get(&desk).await.expect(200).says("01/GP-UBND").hides(&at);

        // The leader signs what was laid down: the same number, one paper, and the applicant has it.
        let result = format!("{desk}/result");
        let draft = cast.leader.get(&result).await.expect(200);
        draft
            .says("Kết quả số 01/GP-UBND đang chờ ký")
            .says("Trần Thị Hoa")
            .says("Phan Đình Phùng")
            .hides("value=\"decision\"");
        cast.leader.post(&result, &result, &RESULT).await.expect(303);
        let signed = papers(&province, &desk).await;
        assert_eq!((signed.len(), signed[0].number.as_str()), (1, "01/GP-UBND"));
        assert!(signed[0].blob.is_some(), "it is printed");
        cast.leader
            .get(&desk)
            .await
            .expect(200)
            .says("/desk/papers/")
            .hides("chờ ký");
        hoa.get(&desk.replace("/desk/", "/my/"))
            .await
            .expect(200)
            .says("01-GP-UBND.pdf");
        check(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_register_that_refuses_refuses_the_whole_step_until_the_record_is_mended() {
    testkit::engines(KEEPING, async |test| {
        let province = Province::keeping(test).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        // It ends before it begins: the form takes it, the register does not.
        let desk = pavement(&province, &mut hoa, 2, "2026-11-20").await;
        to_leader(&mut cast, &desk, &GRANTED).await;
        let approve = format!("{desk}/approve");
        let before = province.dossier(&desk).await;
        let revision = before.revision.to_string();
        let fields = [("revision", revision.as_str())];
        let refused = cast.leader.post(&approve, &approve, &fields).await.expect(422);
        refused.says("không nhận bản ghi").says("Chưa có gì được lưu");
        let after = province.dossier(&desk).await;
        assert_eq!((after.state, after.revision), (before.state, before.revision));
        assert!(rows(&province, &desk).await.is_empty(), "nothing is half written");
        assert!(papers(&province, &desk).await.is_empty(), "no number is drawn");

        let step = &after.position.step;
        let entry = format!("{desk}/entry/{step}/1");
        let page = cast.leader.get(&entry).await.expect(200);
        page.says("Sổ sẽ từ chối bản ghi này")
            .says("Trần Thị Hoa")
            .says("Từ hồ sơ: form.place");
        cast.stranger.get(&entry).await.expect(404);
        cast.desk.get(&entry).await.expect(404);
        let typed = [
            ("f-number", ""),
            ("f-kind", "pavement"),
            ("f-place", "Trước nhà số 5"),
            ("f-valid_from-day", "25"),
            ("f-valid_from-month", "11"),
            ("f-valid_from-year", "2026"),
            ("f-valid_until-day", "28"),
            ("f-valid_until-month", "11"),
            ("f-valid_until-year", "2026"),
        ];
        let seen = [("seen", "")];
        let all: Vec<_> = typed.iter().chain(&seen).copied().collect();
        cast.specialist.post(&entry, &entry, &all).await.expect(303);
        // Somebody who looked before is told, and writes over nothing.
        cast.leader.post(&entry, &entry, &all).await.expect(409);
        cast.leader
            .get(&entry)
            .await
            .expect(200)
            .hides("Sổ sẽ từ chối")
            .says("minh");
        act(&mut cast.leader, &desk, "approve", &[]).await;
        let record = record_of(&province, "roads", "road_permit", "01/GP-UBND")
            .await
            .expect("entered");
        assert_eq!(record.values["place"], Value::Text("Trước nhà số 5".to_owned()));
        let until: kernel::Date = "2026-11-28".parse().expect("a day");
        assert_eq!(record.values["valid_until"], Value::Date(until));
        // It is in the register now, and mended there.
        cast.leader.get(&entry).await.expect(404);
        check(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_denied_writes_nothing_and_of_two_leaders_one_decides() {
    testkit::engines(KEEPING, async |test| {
        let province = Province::keeping(test).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let denied = pavement(&province, &mut hoa, 3, "2026-11-27").await;
        let grounds = [
            ("outcome", "denied"),
            ("note", "Chưa đủ điều kiện"),
            ("what-1", "Vỉa hè quá hẹp"),
            ("remedy-1", "Chọn chỗ khác"),
            ("clause-1", "Điều 23"),
            ("example-1", "Còn lại 1,5 m cho người đi bộ"),
        ];
        to_leader(&mut cast, &denied, &grounds).await;
        act(&mut cast.leader, &denied, "approve", &[("note", "Đồng ý")]).await;
        assert!(rows(&province, &denied).await.is_empty());
        assert!(papers(&province, &denied).await.is_empty());

        let desk = pavement(&province, &mut hoa, 4, "2026-11-27").await;
        to_leader(&mut cast, &desk, &GRANTED).await;
        let second = province.officer("thihai", Role::Leader, province.commune).await;
        let mut second = province.browser(second, Level::Password).await;
        let approve = format!("{desk}/approve");
        let revision = province.dossier(&desk).await.revision.to_string();
        let (one, two) = (
            second.get(&approve).await.expect(200).body,
            cast.leader.get(&approve).await.expect(200).body,
        );
        let fields = [("revision", revision.as_str())];
        let (first, other) = tokio::join!(
            second.send_form(&one, &approve, &fields, &[]),
            cast.leader.send_form(&two, &approve, &fields, &[]),
        );
        let mut statuses = [first.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 409], "one decides, the other is told");
        assert_eq!(rows(&province, &desk).await.len(), 2);
        assert_eq!(papers(&province, &desk).await.len(), 1);
        let next = record_of(&province, "roads", "road_permit", "02/GP-UBND").await;
        assert_eq!(next, None, "no second number, no second record");
        check(&province).await;
    })
    .await;
}

/// Enters a building permit of somebody as an officer would.
async fn permit(province: &Province, number: &str, holder: PersonRef) -> RecordId {
    let all = province.house.registers().expect("registers");
    let kind = all.kind("construction", "building_permit").expect("the kind");
    let day: kernel::Date = "2026-03-02".parse().expect("a day");
    let text = |text: &str| Value::Text(text.to_owned());
    let id = RecordId::new(province.world.as_ref());
    let command = Command {
        id,
        act: Act::Add,
        seen: None,
        valid_from: day,
        source: Source::Typed,
        origin: None,
        account: None,
        who: "Minh".to_owned(),
        reason: None,
        unit: province.commune,
        shape: None,
        values: [
            ("number".to_owned(), text(number)),
            ("holder".to_owned(), text(&holder.to_string())),
            ("address".to_owned(), text("Số 7 Nguyễn Du")),
            ("issued_on".to_owned(), Value::Date(day)),
        ]
        .into(),
        people: BTreeMap::new(),
    };
    all.record(&kind, command, None).await.expect("entered");
    id
}

/// Somebody who is known and is not the applicant.
async fn somebody_else(province: &Province) -> PersonRef {
    let number = "042190007777".parse().expect("a number");
    let details = PersonDetails::new(number, "Lê Văn Khác");
    let claim = person::prepare(&province.house.keys(), province.world.as_ref(), &details).expect("a claim");
    let now = province.house.now();
    let made = province
        .house
        .store()
        .write(move |tx| person::find_or_create(tx, &claim, "test", now))
        .await;
    made.expect("a person").person()
}

/// Begins a draft and comes to its form.
async fn draft(browser: &mut Browser, code: &str) -> String {
    let start = format!("/procedures/{code}/start");
    let who = browser.post(&start, &start, &[]).await.expect(303).location;
    let contact = [
        ("representation", "own"),
        ("applicant", "person"),
        ("phone", "0912345678"),
        ("address", "Tổ 3"),
        ("email", ""),
    ];
    browser.post(&who, &who, &contact).await.expect(303).location
}

/// Goes on from the form to the end; gives the officers' path.
async fn to_the_end(province: &Province, browser: &mut Browser, files: &str) -> String {
    let page = browser.get(files).await.expect(200).body;
    let promised: Vec<String> = (0..4)
        .map(|at| format!("paper-{at}"))
        .filter(|name| page.contains(&format!("name=\"{name}\"")))
        .collect();
    let promised: Vec<(&str, &str)> = promised.iter().map(|name| (name.as_str(), "yes")).collect();
    let unit = browser.post(files, files, &promised).await.expect(303).location;
    let commune = province.commune.to_string();
    let delivery = browser
        .post(&unit, &unit, &[("unit", &commune)])
        .await
        .expect(303)
        .location;
    let review = browser
        .post(&delivery, &delivery, &[("delivery", "pick-up")])
        .await
        .expect(303)
        .location;
    let sent = browser
        .post(&review, &review, &[("declared", "yes")])
        .await
        .expect(303)
        .location;
    let own = sent.strip_suffix("/receipt").expect("the receipt");
    own.replace("/my/", "/desk/")
}

/// Answers the form of an extension: of no permit and of somebody else's she hears the same, her own fills it in. Gives the page of
/// the papers.
async fn looked_up(hoa: &mut Browser) -> String {
    let form = draft(hoa, "1.013227").await;
    hoa.get(&form)
        .await
        .expect(200)
        .says("name=\"issued-on-day\"")
        .hides("Lấy từ sổ");

    // Of somebody else's permit she hears the same as of none.
    let mut answers = vec![
        ("owner-name", "Trần Thị Hoa"),
        ("owner-id", "042190001234"),
        ("reason", "Chưa khởi công <kịp>"),
    ];
    answers.extend([
        ("begin-on-day", "1"),
        ("begin-on-month", "12"),
        ("begin-on-year", "2026"),
    ]);
    for number in ["99/GPXD", "16/GPXD"] {
        let typed = [answers.clone(), vec![("number", number)]].concat();
        let none = hoa.post(&form, &form, &typed).await.expect(200);
        none.says("không có bản ghi nào như vậy của bạn")
            .says("Chưa khởi công &lt;kịp&gt;")
            .says(number)
            .hides("Số 7 Nguyễn Du");
    }
    // Hers is filled in, says from where, and what stands is shown and not asked.
    let typed = [answers.clone(), vec![("number", "15/GPXD")]].concat();
    let filled = hoa.post(&form, &form, &typed).await.expect(200);
    filled
        .says("Đã điền từ sổ")
        .says("Số 7 Nguyễn Du")
        .says("02/03/2026")
        .says("phiên bản 1")
        .hides("name=\"issued-on-day\"");
    let changed = [typed.clone(), vec![("address", "Số 7A Nguyễn Du")]].concat();
    // What stands cannot be typed over.
    let forged = [
        changed,
        vec![
            ("issued-on-day", "9"),
            ("issued-on-month", "9"),
            ("issued-on-year", "2026"),
        ],
    ]
    .concat();
    hoa.post(&form, &form, &forged).await.expect(303).location
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_fills_itself_from_the_applicants_own_record_and_the_decision_changes_it() {
    testkit::engines(KEEPING, async |test| {
        let province = Province::keeping(test).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let me = person_of(&province, "042190001234").await;
        let id = permit(&province, "15/GPXD", me).await;
        let other = somebody_else(&province).await;
        permit(&province, "16/GPXD", other).await;
        let files = looked_up(&mut hoa).await;
        let desk = to_the_end(&province, &mut hoa, &files).await;
        cast.desk
            .get(&desk)
            .await
            .expect(200)
            .says("từ sổ “")
            .says("phiên bản 1")
            .says("02/03/2026")
            .hides("09/09/2026")
            .says("người nộp đã sửa; sổ ghi: Số 7 Nguyễn Du");
        // Her own look at her own record is on record.
        let uses = province
            .house
            .store()
            .read(move |tx| identity::useof::page(tx, me, true, None, 50))
            .await
            .expect("the uses");
        let is_own = |one: &identity::useof::Use| one.purpose == "own" && one.reference == "Giấy phép xây dựng";
        assert!(uses.iter().any(is_own), "{uses:?}");

        to_leader(&mut cast, &desk, &GRANTED).await;
        act(&mut cast.leader, &desk, "approve", &[]).await;
        let all = province.house.registers().expect("registers");
        let kind = all.kind("construction", "building_permit").expect("the kind");
        let versions = all.versions(&kind, id).await.expect("versions");
        assert_eq!(versions.len(), 2, "history is kept");
        let last = &versions[0].record;
        assert_eq!(
            (last.revision, last.act, last.source),
            (2, Act::Change, Source::CaseEffect)
        );
        let today = province.house.now().local_date();
        let year_on = today.checked_add(jiff::Span::new().months(12)).expect("a day");
        assert_eq!(last.values["extended_until"], Value::Date(year_on));
        assert_eq!(
            last.values["address"], versions[1].record.values["address"],
            "what is not said stays"
        );
        check(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dossier_that_names_no_record_is_not_decided_and_says_what_to_do() {
    testkit::engines(KEEPING, async |test| {
        let province = Province::keeping(test).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let form = draft(&mut hoa, "1.013227").await;
        let answers = [
            ("owner-name", "Trần Thị Hoa"),
            ("owner-id", "042190001234"),
            ("number", "77/GPXD"),
            ("issued-on-day", "2"),
            ("issued-on-month", "3"),
            ("issued-on-year", "2026"),
            ("address", "Số 9"),
            ("reason", "Chưa khởi công"),
            ("begin-on-day", "1"),
            ("begin-on-month", "12"),
            ("begin-on-year", "2026"),
        ];
        hoa.post(&form, &form, &answers)
            .await
            .expect(200)
            .says("không có bản ghi nào như vậy");
        // She goes on with what she typed: an officer compares.
        let files = hoa.post(&form, &form, &answers).await.expect(303).location;
        let desk = to_the_end(&province, &mut hoa, &files).await;
        to_leader(&mut cast, &desk, &GRANTED).await;
        let approve = format!("{desk}/approve");
        let revision = province.dossier(&desk).await.revision.to_string();
        let refused = cast
            .leader
            .post(&approve, &approve, &[("revision", &revision)])
            .await
            .expect(422);
        refused.says("không có bản ghi nào mang số mà hồ sơ nêu");
        // The officer enters what the register lacks, and the same step goes through.
        let other = somebody_else(&province).await;
        permit(&province, "77/GPXD", other).await;
        act(&mut cast.leader, &desk, "approve", &[]).await;
        let record = record_of(&province, "construction", "building_permit", "77/GPXD")
            .await
            .expect("there");
        assert_eq!(record.revision, 2);
        check(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_own_records_the_applicant_chooses_one() {
    testkit::engines(KEEPING, async |test| {
        let province = Province::keeping(test).await;
        let mut hoa = citizen(&province).await;
        let me = person_of(&province, "042190001234").await;
        permit(&province, "15/GPXD", me).await;
        let one = draft(&mut hoa, "1.013228").await;
        let page = hoa.get(&one).await.expect(200);
        page.says("value=\"15/GPXD\"").says("Lấy từ sổ").hides("Chọn bản ghi");
        let second = permit(&province, "18/GPXD", me).await;
        let form = draft(&mut hoa, "1.013228").await;
        let page = hoa.get(&form).await.expect(200);
        page.says("Chọn bản ghi trong sổ")
            .says("18/GPXD")
            .hides("value=\"18/GPXD\"");
        let chosen = second.to_string();
        let answers = [
            ("owner-name", "Trần Thị Hoa"),
            ("owner-id", "042190001234"),
            ("of-register--permit", chosen.as_str()),
            ("why", "lost"),
            ("explanation", "Mất khi chuyển nhà"),
        ];
        let filled = hoa.post(&form, &form, &answers).await.expect(200);
        filled.says("value=\"18/GPXD\"").says("Mất khi chuyển nhà");
        let whole = [
            answers.to_vec(),
            vec![("number", "18/GPXD"), ("address", "Số 7 Nguyễn Du")],
        ]
        .concat();
        hoa.post(&form, &form, &whole).await.expect(303);
    })
    .await;
}
