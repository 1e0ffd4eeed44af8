//! A commune is merged into another while its dossiers run: they go there with code, history and due date; where two units
//! follow, they stay and are told of.

use identity::Role;
use identity::audit::Actor;
use identity::session::Level;
use identity::unit::{self, Change, ChangeKind, UnitChangeId, UnitId};
use kernel::SignedDuration;

use super::jobs::{Succeeded, succeed};
use crate::journeys::{act, cast, check, citizen, file};
use crate::testing::{MIGRATIONS, Province};

async fn change(province: &Province, kind: ChangeKind) {
    let now = province.house.now();
    let change = Change {
        id: UnitChangeId::new(province.world.as_ref()),
        kind,
        on: now.local_date(),
        reason: "NQ 1/NQ-HĐND".to_owned(),
    };
    let done = province
        .house
        .store()
        .write(move |tx| unit::apply(tx, &change, Actor::System, now))
        .await;
    done.expect("the change is made");
    province.house.identity().refresh_units().await.expect("read again");
}

fn desk_of(own: &str) -> String {
    own.replace("/my/", "/desk/")
}

#[tokio::test(flavor = "multi_thread")]
async fn dossiers_follow_their_commune_into_another() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let own = file(&province, &mut hoa).await;
        let desk = desk_of(&own);
        act(&mut cast.desk, &desk, "receive", &[]).await;
        act(&mut cast.specialist, &desk, "claim", &[]).await;
        let before = province.dossier(&own).await;
        assert_eq!(succeed(&province.house).await.expect("a round"), Succeeded::default());

        province.world.advance(SignedDuration::from_hours(24));
        let merge = ChangeKind::Merge {
            units: vec![province.commune],
            into: province.other,
        };
        change(&province, merge).await;
        let done = succeed(&province.house).await.expect("a round");
        assert_eq!((done.moved, done.unclear), (1, 0));
        assert_eq!(
            succeed(&province.house).await.expect("again"),
            Succeeded::default(),
            "twice is once"
        );
        let after = province.dossier(&own).await;
        assert_eq!((after.unit, after.at), (province.other, province.other));
        assert_eq!((&after.code, after.due_at), (&before.code, before.due_at));
        assert_eq!(after.assignee, None, "who worked on it does not work there");
        assert_eq!(after.state, before.state);

        let binh = province.officer("binh", Role::Specialist, province.other).await;
        let lan = province.officer("lan", Role::Leader, province.other).await;
        let mut binh = province.browser(binh, Level::Password).await;
        let mut lan = province.browser(lan, Level::Password).await;
        binh.get("/desk").await.expect(200).says("Trần T. H.");
        act(&mut binh, &desk, "claim", &[]).await;
        act(&mut binh, &desk, "propose", &[("outcome", "granted")]).await;
        act(&mut lan, &desk, "approve", &[]).await;
        let mut hoa = citizen(&province).await;
        hoa.get(&own)
            .await
            .expect(200)
            .says("Chuyển về cơ quan kế thừa")
            .says("UBND xã Thạch Hà");
        check(&province).await;
    })
    .await;
}

/// Closes the commune of the tests: its desk is followed by one, itself by two.
async fn split(province: &Province) {
    province.world.advance(SignedDuration::from_hours(24));
    let desk = ChangeKind::Close {
        unit: province.desk,
        successors: vec![province.other_desk],
    };
    change(province, desk).await;
    let heirs: Vec<UnitId> = vec![province.other, province.root];
    let close = ChangeKind::Close {
        unit: province.commune,
        successors: heirs,
    };
    change(province, close).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_two_units_follow_nobody_guesses() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut hoa = citizen(&province).await;
        let own = file(&province, &mut hoa).await;
        split(&province).await;
        let done = succeed(&province.house).await.expect("a round");
        assert_eq!((done.moved, done.unclear), (0, 1));
        assert_eq!(province.dossier(&own).await.unit, province.commune);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_above_decides_for_one_dossier_and_for_all() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let own = file(&province, &mut hoa).await;
        act(&mut cast.desk, &desk_of(&own), "receive", &[]).await;
        let mai = province.citizen("042190005678", "Lê Thị Mai").await;
        let mut mai = province.browser(mai, Level::Oidc).await;
        let second = crate::testing::filed(&province, &mut mai).await;
        let before = province.dossier(&own).await;
        split(&province).await;
        let leader = province.officer("chutich", Role::Leader, province.root).await;
        let heir = province.officer("thachha", Role::Leader, province.other).await;
        let admin = province.officer("quantri", Role::Admin, province.root).await;
        let mut leader = province.browser(leader, Level::Password).await;
        let mut heir = province.browser(heir, Level::Password).await;
        let mut admin = province.browser(admin, Level::Password).await;
        let (page, path) = ("/admin/successions", format!("/admin/successions/{}", province.commune));
        // No heir decides for itself, and no personal data is shown to who does.
        let code = before.code.to_string();
        heir.get(page).await.expect(200).hides(&code);
        admin.get(page).await.expect(200).says(&code).hides("Trần T. H.");
        let mark = format!("{}:{}", before.id, before.revision);
        let other = province.other.to_string();
        let chosen = [
            ("heir", other.as_str()),
            ("which", "marked"),
            ("basis", "12/QĐ-UBND ngày 19/11/2026"),
        ];
        heir.post(page, &path, &chosen).await.expect(404);
        leader.post(page, &path, &[("which", "all")]).await.expect(422);
        leader
            .post(page, &path, &chosen)
            .await
            .expect(422)
            .says("Chưa đánh dấu");
        let mut one = chosen.to_vec();
        one.push(("dossier", mark.as_str()));
        leader.post(page, &path, &one).await.expect(303);
        let after = province.dossier(&own).await;
        assert_eq!(
            (after.unit, after.at, after.desk),
            (province.other, province.other, province.other_desk)
        );
        assert_eq!(
            (&after.code, after.due_at, after.state),
            (&before.code, before.due_at, before.state)
        );
        assert_eq!(
            province.dossier(&second).await.unit,
            province.commune,
            "the other one waits"
        );

        let root = province.root.to_string();
        let all = [("heir", root.as_str()), ("which", "all"), ("basis", "13/QĐ-UBND")];
        // Two decide at once: one wins, the other is told.
        let form = leader.get(page).await.expect(200).body;
        admin.post(page, &path, &all).await.expect(303);
        leader.send_form(&form, &path, &all, &[]).await.expect(409);
        assert_eq!(province.dossier(&second).await.unit, province.root);
        admin
            .get(page)
            .await
            .expect(200)
            .says("Không có hồ sơ nào chờ quyết định");
        let mut hoa = citizen(&province).await;
        hoa.get(&own)
            .await
            .expect(200)
            .says("12/QĐ-UBND ngày 19/11/2026")
            .says("Nguyễn Văn chutich");
        check(&province).await;
    })
    .await;
}
