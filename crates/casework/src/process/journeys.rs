//! An administrator changes a process through the real router on both engines: the draft is written, its faults are told, another
//! person lets it into force, running dossiers stay on the old one until somebody moves them.

use identity::Role;
use identity::session::Level;

use crate::journeys::{act, cast, check, citizen, file};
use crate::testing::{Browser, MIGRATIONS, Province, hidden};

const AT: &str = "/admin/processes/1.001193";

/// The fields of the generic process with a second officer before the leader.
fn steps(examine_hours: &str) -> Vec<(&'static str, &str)> {
    let mut fields = vec![("rows", "6"), ("note", "Thêm bước đối chiếu")];
    let rows: [(&str, &str, &str, &str); 5] = [
        ("receive", "Tiếp nhận", "desk", "2"),
        ("examine", "Thẩm định", "specialist", examine_hours),
        ("", "Đối chiếu <sổ>", "specialist", "4"),
        ("decide", "Phê duyệt", "leader", "4"),
        ("give", "Trả kết quả", "desk", "2"),
    ];
    const NAMES: [&str; 5] = ["name-1", "name-2", "name-3", "name-4", "name-5"];
    const VI: [&str; 5] = ["vi-1", "vi-2", "vi-3", "vi-4", "vi-5"];
    const EN: [&str; 5] = ["en-1", "en-2", "en-3", "en-4", "en-5"];
    const ROLES: [&str; 5] = ["role-1", "role-2", "role-3", "role-4", "role-5"];
    const HOURS: [&str; 5] = ["hours-1", "hours-2", "hours-3", "hours-4", "hours-5"];
    const ENGLISH: [&str; 5] = ["Reception", "Examination", "Compare", "Decision", "Giving"];
    for (at, (name, vi, role, hours)) in rows.into_iter().enumerate() {
        fields.extend([
            (NAMES[at], name),
            (VI[at], vi),
            (EN[at], ENGLISH[at]),
            (ROLES[at], role),
            (HOURS[at], hours),
        ]);
    }
    fields
}

async fn admin(province: &Province, login: &str) -> Browser {
    let account = province.officer(login, Role::Admin, province.root).await;
    province.browser(account, Level::Password).await
}

async fn save(browser: &mut Browser, edit: &str, fields: &[(&str, &str)]) -> crate::testing::Answer {
    let page = browser.get(edit).await.expect(200).body;
    let seen = hidden(&page, "seen");
    let all: Vec<_> = fields.iter().copied().chain([("seen", seen.as_str())]).collect();
    browser.post(edit, edit, &all).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_is_changed_and_running_dossiers_are_moved() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let first = file(&province, &mut hoa).await;
        let (mut writer, mut approver) = (admin(&province, "viet").await, admin(&province, "duyet").await);
        cast.leader.get(AT).await.expect(403);
        writer.get("/admin/processes?q=khai+sinh").await.expect(200).says(AT);
        let edit = writer.post(AT, AT, &[]).await.expect(303).location;
        assert_eq!(edit, format!("{AT}/1/edit"));
        assert_eq!(
            writer.post(AT, AT, &[]).await.expect(303).location,
            edit,
            "one draft at a time"
        );

        let long = save(&mut writer, &edit, &steps("900")).await.expect(422);
        long.says("Đối chiếu &lt;sổ&gt;").hides("Đối chiếu <sổ>");
        // A step that hands over is drawn as one, and can be made an ordinary one again.
        let handed = [steps("8"), vec![("hand-2", "department-of-justice")]].concat();
        save(&mut writer, &edit, &handed).await.expect(303);
        writer.get(&format!("{AT}/1")).await.expect(200).says("xử lý</li>");
        let again = writer.get(&edit).await.expect(200);
        again
            .says("<option value=\"department-of-justice\" selected>")
            .hides("không bắt buộc");
        save(&mut writer, &edit, &steps("8")).await.expect(303);
        let page = writer.get(&format!("{AT}/1")).await.expect(200);
        page.hides("xử lý</li>");
        page.says("Đối chiếu &lt;sổ&gt;")
            .says("Thêm bước đối chiếu")
            .hides("valid_from");
        let approve = format!("{AT}/1/approve");
        let today = province.house.now().local_date().to_string();
        let past = province
            .house
            .now()
            .local_date()
            .yesterday()
            .expect("a day")
            .to_string();
        writer
            .post(&edit, &approve, &[("valid_from", &today)])
            .await
            .expect(403);
        let at = format!("{AT}/1");
        approver.post(&at, &approve, &[("valid_from", &past)]).await.expect(422);
        approver
            .post(&at, &approve, &[("valid_from", &today)])
            .await
            .expect(303);
        approver
            .post(&at, &approve, &[("valid_from", &today)])
            .await
            .expect(409);
        writer.get(&edit).await.expect(409);

        let second = file(&province, &mut hoa).await;
        let (old, new) = (province.dossier(&first).await, province.dossier(&second).await);
        assert_eq!((old.process, new.process), (super::GENERIC, 1));
        let desk = second.replace("/my/", "/desk/");
        act(&mut cast.desk, &desk, "receive", &[]).await;
        act(&mut cast.specialist, &desk, "claim", &[]).await;
        cast.specialist.get(&format!("{desk}/propose")).await.expect(409);
        act(&mut cast.specialist, &desk, "forward", &[]).await;
        act(&mut cast.specialist, &desk, "claim", &[]).await;
        act(&mut cast.specialist, &desk, "propose", &[("outcome", "granted")]).await;
        act(&mut cast.leader, &desk, "approve", &[]).await;

        let moving = format!("{AT}/1/move");
        writer
            .get(&moving)
            .await
            .expect(200)
            .says(&old.code.to_string())
            .hides(&new.code.to_string());
        let chosen = format!("{}:{}", old.id, old.revision);
        let stale = format!("{}:{}", old.id, old.revision + 1);
        writer.post(&moving, &moving, &[("dossier", &stale)]).await.expect(303);
        assert_eq!(
            province.dossier(&first).await.process,
            super::GENERIC,
            "what was not shown is not moved"
        );
        writer.post(&moving, &moving, &[("dossier", &chosen)]).await.expect(303);
        let moved = province.dossier(&first).await;
        assert_eq!((moved.process, moved.position.step.as_str()), (1, "receive"));
        let id = old.id.uuid();
        let events = province.house.store().read(move |tx| tx.events_of(id, 20)).await;
        let events = events.expect("events of the dossier");
        let told: Vec<_> = events
            .iter()
            .filter(|event| event.kind == "dossier.move-process")
            .collect();
        assert_eq!(told.len(), 1, "others are told once, and not of what was not moved");
        assert_eq!(told[0].payload["process_version"], 1);
        writer.get(&moving).await.expect(200).hides(&old.code.to_string());
        check(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_dossier_ends_on_the_process_it_began_with() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let first = file(&province, &mut hoa).await;
        let desk = first.replace("/my/", "/desk/");
        act(&mut cast.desk, &desk, "receive", &[]).await;
        let (mut writer, mut approver) = (admin(&province, "viet").await, admin(&province, "duyet").await);
        let edit = writer.post(AT, AT, &[]).await.expect(303).location;
        save(&mut writer, &edit, &steps("8")).await.expect(303);
        let (at, today) = (format!("{AT}/1"), province.house.now().local_date().to_string());
        let approve = format!("{at}/approve");
        approver
            .post(&at, &approve, &[("valid_from", &today)])
            .await
            .expect(303);
        // The new version has a step between examination and decision; this one goes on without it.
        act(&mut cast.specialist, &desk, "claim", &[]).await;
        cast.specialist.get(&format!("{desk}/forward")).await.expect(409);
        act(&mut cast.specialist, &desk, "propose", &[("outcome", "granted")]).await;
        act(&mut cast.leader, &desk, "approve", &[]).await;
        let ended = province.dossier(&first).await;
        assert_eq!((ended.process, ended.position.step.as_str()), (super::GENERIC, "give"));
        check(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn shipped_processes_come_once_and_a_province_keeps_its_own() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (store, now) = (province.house.store(), province.house.now());
        let shipped = super::shipped();
        let count = shipped.len();
        assert_eq!(super::seed(store, shipped.clone(), now).await.expect("seeded"), count);
        assert_eq!(
            super::seed(store, shipped.clone(), now).await.expect("again"),
            0,
            "twice is once"
        );
        let one = shipped.into_iter().next().expect("one");
        let changed = super::Shipped {
            text: one.text.replacen("working_hours", "working_days", 1),
            ..one.clone()
        };
        assert_eq!(
            super::seed(store, vec![changed.clone()], now)
                .await
                .expect("the next version"),
            1
        );
        let day = now.local_date();
        let current = province
            .house
            .processes()
            .current(&one.procedure, None, day)
            .await
            .expect("read");
        assert_eq!(current.version(), 2);
        assert_eq!(current.text(), changed.text);
    })
    .await;
}

/// The steps of a procedure that writes into a register, with what its third step brings about.
fn deciding<'a>(effects: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let steps = [
        ("rows", "6"),
        ("note", "Sổ giấy phép"),
        ("name-1", "receive"),
        ("vi-1", "Tiếp nhận hồ sơ"),
        ("en-1", "Receive"),
        ("role-1", "desk"),
        ("hours-1", "1"),
        ("name-2", "examine"),
        ("vi-2", "Thẩm tra hồ sơ"),
        ("en-2", "Examine"),
        ("role-2", "specialist"),
        ("hours-2", "30"),
        ("name-3", "sign"),
        ("vi-3", "Ký duyệt kết quả"),
        ("en-3", "Sign"),
        ("role-3", "leader"),
        ("hours-3", "7"),
        ("name-4", "give"),
        ("vi-4", "Trả kết quả"),
        ("en-4", "Give"),
        ("role-4", "desk"),
        ("hours-4", "2"),
    ];
    steps.iter().chain(effects).copied().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_step_brings_about_is_written_on_the_page_and_told_when_dossiers_move() {
    const AT: &str = "/admin/processes/1.013274";
    testkit::engines(crate::testing::KEEPING, async |test| {
        let province = Province::keeping(test).await;
        let mut hoa = citizen(&province).await;
        let (mut writer, mut approver) = (admin(&province, "viet").await, admin(&province, "duyet").await);
        let shipped = writer.get(AT).await.expect(200);
        shipped
            .says("Lập kết quả để ký: giấy phép")
            .says("Ghi bản ghi mới vào sổ");
        let edit = writer.post(AT, AT, &[]).await.expect(303).location;
        let page = writer.get(&edit).await.expect(200);
        page.says("number = result.number").says("form.until_day").says("road_permit");
        // A list that says itself what nothing means has no other line for it.
        let list = page.body.split("name=\"register-3\"").nth(1).expect("the list");
        let list = list.split("</select>").next().expect("its end");
        assert!(list.contains("Không") && !list.contains("Chọn…"), "{list}");

        let wrong = [
            ("issue-3", "permit"),
            ("register-3", "road_permit"),
            ("fields-3", "number = result.number\nkind = 'parade'\nvalid_from = form.width_m\nholder = form.askr"),
        ];
        let told = save(&mut writer, &edit, &deciding(&wrong)).await.expect(422);
        told.says("fields-3-error").says("form.askr").says("valid_from").says("parade");
        let early = [("issue-2", "permit")];
        let told = save(&mut writer, &edit, &deciding(&early)).await.expect(422);
        told.says("chưa phải bước quyết định");
        let other = [
            ("issue-3", "decision"),
            ("register-3", "road_permit"),
            ("fields-3", "valid_until = form.until_day"),
            ("find-3", "place = form.place"),
        ];
        let told = save(&mut writer, &edit, &deciding(&other)).await.expect(422);
        told.says("theo đúng các trường khóa: number");

        // A sound one: another kind of paper, and the register is told no more.
        save(&mut writer, &edit, &deciding(&[("issue-3", "certificate")])).await.expect(303);
        let at = edit.strip_suffix("/edit").expect("the version").to_owned();
        writer
            .get(&at)
            .await
            .expect(200)
            .says("Lập kết quả để ký: giấy chứng nhận")
            .hides("Ghi bản ghi mới vào sổ");
        let body = serde_json::json!({
            "once": uuid::Uuid::from_u128(9), "procedure": "1.013274", "agency": province.commune, "phone": "0912345678",
            "address": "Tổ 3", "delivery": "pick-up",
            "answers": {
                "what": "funeral", "place": "Số 5", "width-m": "2.5", "length-m": "10",
                "from-day": "2026-11-25", "until-day": "2026-11-26",
            },
        });
        hoa.json("/api/my/dossiers", &body).await.expect(200);
        let today = province.house.now().local_date().to_string();
        let approve = format!("{at}/approve");
        approver.post(&at, &approve, &[("valid_from", &today)]).await.expect(303);
        let moving = writer.get(&format!("{at}/move")).await.expect(200);
        moving
            .says("+ Lập kết quả để ký: giấy chứng nhận")
            .says("− Lập kết quả để ký: giấy phép")
            .says("− Ghi bản ghi mới vào sổ");
        check(&province).await;
    })
    .await;
}
