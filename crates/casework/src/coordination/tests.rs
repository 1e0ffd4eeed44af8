//! Another agency is asked through the real router on both engines: it accepts, gives back, answers; who asks waits for it; who
//! has nothing to do with it finds nothing.

use identity::session::Level;
use identity::unit::{UnitId, UnitKind};
use identity::{AccountId, Role};
use kernel::SignedDuration;

use crate::journeys::{act, cast, check, citizen, file};
use crate::testing::{Browser, MIGRATIONS, Province, opening, plant};

/// A department of the province with one specialist: its id, her account and her browser.
async fn department(province: &Province) -> (UnitId, AccountId, Browser) {
    let id = UnitId::new(province.world.as_ref());
    let change = opening(
        id,
        UnitKind::Department,
        "Sở Tư pháp",
        Some("H27.05"),
        Some(province.root),
    );
    plant(province.house.store(), &[change], province.house.now()).await;
    province.house.identity().refresh_units().await.expect("read again");
    let officer = province.officer("tuphap", Role::Specialist, id).await;
    (id, officer, province.browser(officer, Level::Password).await)
}

/// Asks from the page of a dossier; gives the path of the request.
async fn ask(province: &Province, browser: &mut Browser, desk: &str, unit: UnitId, kind: &str) -> String {
    // Requests of one instant have no order.
    province.world.advance(SignedDuration::from_secs(1));
    let path = format!("{desk}/coordinate");
    let unit = unit.to_string();
    let fields = [
        ("unit", unit.as_str()),
        ("kind", kind),
        ("hours", "8"),
        ("question", "Hồ sơ <gốc> có hợp lệ không? 😀"),
    ];
    browser.post(&path, &path, &fields).await.expect(303);
    let page = browser.get(desk).await.expect(200).body;
    let at = page.rfind("/desk/coordination/").expect("a request");
    page[at..].split('"').next().expect("an address").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_agency_is_asked_and_waited_for() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (unit, _, mut department) = department(&province).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let own = file(&province, &mut hoa).await;
        let desk = own.replace("/my/", "/desk/");
        act(&mut cast.desk, &desk, "receive", &[]).await;
        department.get(&desk).await.expect(404);
        act(&mut cast.specialist, &desk, "claim", &[]).await;
        let path = format!("{desk}/coordinate");
        let missing = cast
            .specialist
            .post(&path, &path, &[("hours", "0"), ("question", "x")])
            .await;
        missing.expect(422).says("x");
        let request = ask(&province, &mut cast.specialist, &desk, unit, "opinion").await;

        department.get("/desk/coordination").await.expect(200).says(&request);
        let page = department.get(&request).await.expect(200);
        page.says("Hồ sơ &lt;gốc&gt; có hợp lệ không? 😀").says("Trần Thị Hoa");
        cast.stranger.get(&request).await.expect(404);
        hoa.get(&own).await.expect(200).says("tuphap");
        let early = cast.specialist.get(&format!("{desk}/propose")).await.expect(200).body;
        let revision = crate::testing::hidden(&early, "revision");
        let fields = [("outcome", "granted"), ("note", ""), ("revision", revision.as_str())];
        let propose = format!("{desk}/propose");
        let waiting = cast.specialist.post(&propose, &propose, &fields).await;
        waiting.expect(409).says("Sở Tư pháp");

        let (accept, answer) = (format!("{request}/accept"), format!("{request}/answer"));
        cast.stranger.post(&request, &accept, &[]).await.expect(404);
        department.post(&request, &accept, &[]).await.expect(303);
        department.post(&request, &accept, &[]).await.expect(409);
        department.post(&request, &answer, &[("note", "")]).await.expect(422);
        let reply = [("opinion", "conditions"), ("note", "Cần bản <chính>")];
        department.post(&request, &answer, &reply).await.expect(303);
        let answered = cast.specialist.get(&request).await.expect(200);
        answered.says("Cần bản &lt;chính&gt;").says("Đồng ý có điều kiện");
        department.post(&request, &answer, &reply).await.expect(409);
        act(&mut cast.specialist, &desk, "propose", &[("outcome", "granted")]).await;
        act(&mut cast.leader, &desk, "approve", &[]).await;
        check(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn given_back_taken_back_and_silent() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (unit, clerk, mut department) = department(&province).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let own = file(&province, &mut hoa).await;
        let desk = own.replace("/my/", "/desk/");
        act(&mut cast.desk, &desk, "receive", &[]).await;
        let binh = province.officer("binh", Role::Specialist, province.commune).await;
        cast.specialist = province.browser(binh, Level::Password).await;
        act(&mut cast.specialist, &desk, "claim", &[]).await;

        let handed = ask(&province, &mut cast.specialist, &desk, unit, "opinion").await;
        let back = format!("{handed}/give-back");
        department.post(&handed, &back, &[("reason", "")]).await.expect(422);
        department
            .post(&handed, &back, &[("reason", "Không thuộc Sở")])
            .await
            .expect(303);
        cast.specialist
            .get(&handed)
            .await
            .expect(200)
            .says("Không thuộc Sở")
            .says("đã trả lại");

        let taken = ask(&province, &mut cast.specialist, &desk, unit, "opinion").await;
        let take = format!("{taken}/take-back");
        let stranger = department.post(&taken, &take, &[("reason", "Không cần")]).await;
        stranger.expect(403);
        cast.specialist
            .post(&taken, &take, &[("reason", " ")])
            .await
            .expect(422);
        let why = [("reason", "Đã có <văn bản> trả lời")];
        cast.specialist.post(&taken, &take, &why).await.expect(303);
        let page = cast.specialist.get(&taken).await.expect(200);
        page.says("đã thu hồi").says("Đã có &lt;văn bản&gt; trả lời");

        let silent = ask(&province, &mut cast.specialist, &desk, unit, "opinion").await;
        province.world.advance(SignedDuration::from_hours(24 * 6));
        let mut specialist = province.browser(binh, Level::Password).await;
        act(&mut specialist, &desk, "propose", &[("outcome", "granted")]).await;
        specialist.get(&silent).await.expect(200).says("hết hạn, không trả lời");
        let late = [("opinion", "agree"), ("note", "Xin lỗi vì chậm")];
        let mut department = province.browser(clerk, Level::Password).await;
        department
            .post(&silent, &format!("{silent}/answer"), &late)
            .await
            .expect(303);
        specialist.get(&silent).await.expect(200).says("Xin lỗi vì chậm");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dossier_that_ends_takes_its_requests_back() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (unit, _, mut department) = department(&province).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let own = file(&province, &mut hoa).await;
        let desk = own.replace("/my/", "/desk/");
        act(&mut cast.desk, &desk, "receive", &[]).await;
        act(&mut cast.specialist, &desk, "claim", &[]).await;
        let request = ask(&province, &mut cast.specialist, &desk, unit, "opinion").await;
        department.get("/desk/coordination").await.expect(200).says(&request);
        act(&mut cast.leader, &desk, "stop", &[("note", "Người nộp đã mất")]).await;
        department.get("/desk/coordination").await.expect(200).hides(&request);
        department.get(&request).await.expect(200).says("đã thu hồi");
        let late = [("opinion", "agree"), ("note", "Đồng ý")];
        department
            .post(&request, &format!("{request}/answer"), &late)
            .await
            .expect(409);
        check(&province).await;
    })
    .await;
}
