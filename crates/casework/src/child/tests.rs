//! Child dossiers through the real router, on both engines: from a commune to a department and back with the answer and its files;
//! refused, taken back, sent on; two who act at once; a dossier that waits, is withdrawn, or whose department is merged meanwhile;
//! and never one dossier more in any list that counts dossiers.

mod clock;
mod edges;

use identity::session::Level;
use identity::unit::{UnitId, UnitKind};
use identity::{AccountId, Role};
use kernel::SignedDuration;

use super::{Child, ChildId, ChildState};
use crate::dossier::Dossier;
use crate::journeys::{Cast, act, cast, check, citizen, file};
use crate::testing::{Answer, Browser, MIGRATIONS, PNG, Province, hidden, opening, plant};

/// A department of the province, with two officers and a leader.
pub(super) struct Department {
    pub(super) unit: UnitId,
    pub(super) officer: AccountId,
    pub(super) leader_account: AccountId,
    pub(super) specialist: Browser,
    pub(super) leader: Browser,
}

pub(super) async fn department(province: &Province, login: &str, name: &'static str, code: &'static str) -> Department {
    let unit = UnitId::new(province.world.as_ref());
    let change = opening(unit, UnitKind::Department, name, Some(code), Some(province.root));
    plant(province.house.store(), &[change], province.house.now()).await;
    province.house.identity().refresh_units().await.expect("read again");
    let officer = province.officer(login, Role::Specialist, unit).await;
    let leader_account = province.officer(&format!("gd-{login}"), Role::Leader, unit).await;
    Department {
        unit,
        officer,
        leader_account,
        specialist: province.browser(officer, Level::Password).await,
        leader: province.browser(leader_account, Level::Password).await,
    }
}

/// A dossier of the commune on which an officer works.
pub(super) struct Scene {
    pub(super) province: Province,
    pub(super) cast: Cast,
    pub(super) hoa: Browser,
    pub(super) own: String,
    pub(super) desk: String,
    pub(super) justice: Department,
}

pub(super) async fn scene(test: &testkit::TestStore) -> Scene {
    let province = Province::on(test).await;
    let justice = department(&province, "tuphap", "Sở Tư pháp", "H27.05").await;
    let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
    let own = file(&province, &mut hoa).await;
    let desk = own.replace("/my/", "/desk/");
    act(&mut cast.desk, &desk, "receive", &[]).await;
    act(&mut cast.specialist, &desk, "claim", &[]).await;
    Scene {
        province,
        cast,
        hoa,
        own,
        desk,
        justice,
    }
}

impl Scene {
    /// Hands work over from the page of the dossier; gives the path of the child.
    pub(super) async fn hand_over(&mut self, unit: UnitId, hours: &str) -> String {
        self.province.world.advance(SignedDuration::from_secs(1));
        let path = format!("{}/coordinate", self.desk);
        let unit = unit.to_string();
        let fields = [
            ("unit", unit.as_str()),
            ("kind", "hand-over"),
            ("hours", hours),
            ("question", "Xác minh <gốc>"),
        ];
        self.cast.specialist.post(&path, &path, &fields).await.expect(303);
        let page = self.cast.specialist.get(&self.desk).await.expect(200).body;
        let at = page.rfind("/desk/child-dossiers/").expect("a child");
        page[at..].split('"').next().expect("an address").to_owned()
    }

    pub(super) async fn child(&self, path: &str) -> Child {
        let id: ChildId = path.rsplit('/').next().unwrap_or_default().parse().expect("an id");
        let store = self.province.house.store();
        let read = store.read(move |tx| super::store::find(tx, id)).await;
        read.expect("read").expect("it is there")
    }

    pub(super) async fn dossier(&self) -> Dossier {
        self.province.dossier(&self.own).await
    }

    /// The officer of the commune with her session of now: sessions end on long days.
    pub(super) async fn again(&mut self) {
        let dossier = self.dossier().await;
        let minh = dossier.assignee.expect("somebody works on it");
        self.cast.specialist = self.province.browser(minh, Level::Password).await;
        self.justice.specialist = self.province.browser(self.justice.officer, Level::Password).await;
        self.justice.leader = self
            .province
            .browser(self.justice.leader_account, Level::Password)
            .await;
    }
}

/// Posts an action with the revision that its page shows.
pub(super) async fn step(browser: &mut Browser, child: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
    let path = format!("{child}/{action}");
    let from = if matches!(action, "accept" | "claim") {
        child.to_owned()
    } else {
        path.clone()
    };
    let page = browser.get(&from).await.expect(200).body;
    let revision = crate::testing::hidden_of(&page, &path, "revision").expect("a revision");
    let all: Vec<_> = fields
        .iter()
        .copied()
        .chain([("revision", revision.as_str())])
        .collect();
    browser.post(&from, &path, &all).await
}

/// How many dossiers there are.
pub(super) async fn dossiers(province: &Province) -> i64 {
    let counted = province
        .house
        .store()
        .read(|tx| tx.one("SELECT count(*) FROM dossier", &[], |row| row.get(0)));
    counted.await.expect("counted")
}

/// It stands in the work list of the department and in no list of dossiers there; both sides open it, nobody else does.
async fn is_seen_by_both(scene: &mut Scene, path: &str) {
    let child = scene.child(path).await;
    // It stands in the work list of the department, and in no list of dossiers there.
    let desk = scene.justice.specialist.get("/desk").await.expect(200);
    desk.says("/desk/child-dossiers").says("1 hồ sơ con");
    let list = scene.justice.specialist.get("/desk/child-dossiers").await.expect(200);
    list.says(&child.code)
        .says("UBND phường Thành Sen")
        .says("đã gửi, chưa nhận");
    scene
        .justice
        .leader
        .get("/desk/notices")
        .await
        .expect(200)
        .says("đơn vị khác chuyển đến");
    scene.justice.specialist.get(&scene.desk).await.expect(404);
    scene.cast.stranger.get(path).await.expect(404);
    let page = scene.justice.specialist.get(path).await.expect(200);
    page.says("Xác minh &lt;gốc&gt;")
        .says("Trần Thị Hoa")
        .says("Lê 😀 An")
        .says("Giấy chứng sinh.png");
    let paper = page.body.split(&format!("{path}/files/")).nth(1).expect("a file");
    let paper = format!("{path}/files/{}", paper.split('"').next().expect("an id"));
    scene.justice.specialist.get(&paper).await.expect(200);
    scene.cast.stranger.get(&paper).await.expect(404);
    // The applicant is told in plain words, and that her date stays.
    let own = scene.hoa.get(&scene.own).await.expect(200);
    own.says("Hồ sơ đang ở cơ quan khác")
        .says("Sở Tư pháp")
        .says("Ngày hẹn trả kết quả của bạn không thay đổi");
}

/// The commune waits for it, and what is done with it is done on its own page.
async fn is_waited_for(scene: &mut Scene, path: &str) {
    // The commune cannot go on meanwhile, and what was asked is done on the child's own page.
    let early = scene
        .cast
        .specialist
        .get(&format!("{}/propose", scene.desk))
        .await
        .expect(200)
        .body;
    let revision = hidden(&early, "revision");
    let fields = [("outcome", "granted"), ("note", ""), ("revision", revision.as_str())];
    let propose = format!("{}/propose", scene.desk);
    let waiting = scene.cast.specialist.post(&propose, &propose, &fields).await;
    waiting.expect(409).says("Sở Tư pháp");
    let request = path.replace("child-dossiers", "coordination");
    assert_eq!(scene.justice.specialist.get(&request).await.expect(303).location, path);
    scene
        .justice
        .specialist
        .post(path, &format!("{request}/accept"), &[])
        .await
        .expect(409);

    step(&mut scene.justice.specialist, path, "accept", &[])
        .await
        .expect(303);
    step(&mut scene.justice.specialist, path, "claim", &[])
        .await
        .expect(303);
}

/// The answer is laid before the leader with a file, done again, and let go.
async fn is_answered(scene: &mut Scene, path: &str) {
    // The answer is laid before the leader with a file; the words are missing first, and the file is not lost.
    let form_path = format!("{path}/propose");
    let form = scene.justice.specialist.get(&form_path).await.expect(200).body;
    let (revision, kept_with) = (hidden(&form, "revision"), hidden(&form, "kept-with"));
    let mut fields = vec![
        ("note", ""),
        ("revision", revision.as_str()),
        ("kept-with", kept_with.as_str()),
    ];
    let files: [(&str, &str, &[u8]); 1] = [("file", "Công văn trả lời.png", PNG)];
    let faulty = scene
        .justice
        .specialist
        .send_form(&form, &form_path, &fields, &files)
        .await
        .expect(422);
    faulty.says("Công văn trả lời.png");
    let token = hidden(&faulty.body, "kept-file");
    fields[0].1 = "Trùng khớp với sổ <gốc>";
    fields.push(("kept-file", token.as_str()));
    scene
        .justice
        .specialist
        .send_form(&faulty.body, &form_path, &fields, &[])
        .await
        .expect(303);
    // Nothing of it is the commune's before the leader lets it go.
    let asked = scene.cast.specialist.get(path).await.expect(200);
    asked.hides("Trùng khớp").hides("Công văn trả lời");
    scene
        .cast
        .specialist
        .get(&scene.desk)
        .await
        .expect(200)
        .hides("Công văn trả lời");
    step(
        &mut scene.justice.leader,
        path,
        "send-back",
        &[("note", "Ghi rõ trang sổ")],
    )
    .await
    .expect(303);
    let again = step(
        &mut scene.justice.specialist,
        path,
        "propose",
        &[("note", "Trùng khớp, trang 7")],
    )
    .await;
    again.expect(303);
    scene
        .cast
        .specialist
        .get(path)
        .await
        .expect(200)
        .hides("Ghi rõ trang sổ");
    step(&mut scene.justice.leader, path, "approve", &[("note", "")])
        .await
        .expect(303);
}

/// The answer and its file are the officer's, and not the applicant's.
async fn came_back(scene: &mut Scene, path: &str) {
    // The answer and its file are there, the dossier goes on, and the applicant reads neither.
    let answered = scene.cast.specialist.get(path).await.expect(200);
    answered.says("Trùng khớp, trang 7").says("đã trả lời");
    let dossier = scene.cast.specialist.get(&scene.desk).await.expect(200);
    dossier
        .says("Công văn trả lời.png")
        .says("trả lời của đơn vị khác")
        .says("đã trả lời");
    scene
        .cast
        .specialist
        .get("/desk/notices")
        .await
        .expect(200)
        .says("Hồ sơ con đã có trả lời");
    let own = scene.hoa.get(&scene.own).await.expect(200);
    own.hides("Công văn trả lời").hides("Hồ sơ đang ở cơ quan khác");
    let file = dossier
        .body
        .split("/files/")
        .find(|rest| rest.contains("Công văn"))
        .expect("its file");
    let file = file.split('"').next().expect("an id");
    scene.hoa.get(&format!("{}/files/{file}", scene.own)).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn work_goes_to_a_department_and_comes_back_with_its_answer() {
    testkit::engines(MIGRATIONS, async |test| {
        let mut scene = scene(test).await;
        let (justice, before) = (scene.justice.unit, scene.dossier().await);
        let path = scene.hand_over(justice, "16").await;
        let child = scene.child(&path).await;
        assert_eq!(child.code, format!("{}/1", before.code));
        assert_eq!((child.state, child.unit), (ChildState::Sent, justice));
        assert_eq!(
            scene.dossier().await.due_at,
            before.due_at,
            "its own clock, not the dossier's"
        );

        is_seen_by_both(&mut scene, &path).await;
        is_waited_for(&mut scene, &path).await;
        is_answered(&mut scene, &path).await;
        came_back(&mut scene, &path).await;
        act(
            &mut scene.cast.specialist,
            &scene.desk,
            "propose",
            &[("outcome", "granted")],
        )
        .await;
        act(&mut scene.cast.leader, &scene.desk, "approve", &[]).await;
        let child = scene.child(&path).await;
        assert_eq!((child.state, child.is_late), (ChildState::Answered, false));
        assert_eq!(dossiers(&scene.province).await, 1, "a child is no dossier");
        let register = scene.cast.leader.get("/desk/register").await;
        assert!(
            !register.body.contains(&child.code),
            "nor does it stand in the register"
        );
        check(&scene.province).await;
    })
    .await;
}
