//! What may go wrong on the way of a child dossier, and how each ends.

use identity::Role;
use identity::session::Level;
use kernel::SignedDuration;

use super::super::ChildState;
use super::{department, scene, step};
use crate::journeys::{act, check};
use crate::testing::{MIGRATIONS, hidden_of};

#[tokio::test(flavor = "multi_thread")]
async fn it_is_given_back_and_goes_to_another_unit() {
    testkit::engines(MIGRATIONS, async |test| {
        let mut scene = scene(test).await;
        let unit = scene.justice.unit;
        let path = scene.hand_over(unit, "16").await;
        step(&mut scene.justice.specialist, &path, "give-back", &[("note", " ")])
            .await
            .expect(422);
        let why = [("note", "Không thuộc <Sở>")];
        step(&mut scene.justice.specialist, &path, "give-back", &why)
            .await
            .expect(303);
        let page = scene.cast.specialist.get(&path).await.expect(200);
        page.says("Không thuộc &lt;Sở&gt;").says("đã trả lại");
        let dossier = scene.cast.specialist.get(&scene.desk).await.expect(200);
        dossier.says("Đơn vị này không nhận");
        scene
            .justice
            .specialist
            .get(&format!("{path}/accept"))
            .await
            .expect(409);
        // The commune goes on by itself: what was given back holds nothing up.
        act(
            &mut scene.cast.specialist,
            &scene.desk,
            "propose",
            &[("outcome", "granted")],
        )
        .await;
        check(&scene.province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_sent_on_with_its_date_and_never_in_a_circle() {
    testkit::engines(MIGRATIONS, async |test| {
        let mut scene = scene(test).await;
        let mut health = department(&scene.province, "yte", "Sở Y tế", "H27.06").await;
        let unit = scene.justice.unit;
        let path = scene.hand_over(unit, "16").await;
        let first = scene.child(&path).await;
        step(&mut scene.justice.specialist, &path, "accept", &[])
            .await
            .expect(303);
        scene.province.world.advance(SignedDuration::from_mins(10));
        let to = health.unit.to_string();
        let fields = [("unit", to.as_str()), ("note", "Việc của ngành y tế")];
        let done = step(&mut scene.justice.specialist, &path, "send-on", &fields)
            .await
            .expect(303);
        assert!(done.location.starts_with(&path), "{}", done.location);
        let list = health.specialist.get("/desk/child-dossiers").await.expect(200);
        let at = list.body.rfind("/desk/child-dossiers/").expect("the next one");
        let next = list.body[at..].split('"').next().expect("an address").to_owned();
        let second = scene.child(&next).await;
        assert_eq!(
            (second.due_at, second.number, second.previous),
            (first.due_at, 2, Some(first.id)),
            "the date stays"
        );
        let page = health.specialist.get(&next).await.expect(200);
        page.says("Xác minh &lt;gốc&gt;")
            .says("Việc của ngành y tế")
            .says("Sở Tư pháp chuyển tiếp");
        // Neither back to who had it, nor to who asked.
        let form = health.specialist.get(&format!("{next}/send-on")).await.expect(200);
        form.hides("UBND phường Thành Sen");
        let back =
            [("unit", &*unit.to_string()), ("note", "Trả về chỗ cũ")].map(|(name, value)| (name, value.to_owned()));
        let back: Vec<(&str, &str)> = back.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let refused = step(&mut health.specialist, &next, "send-on", &back).await.expect(422);
        refused.says("đã có hoặc đã chuyển phần này").says("Trả về chỗ cũ");
        let dossier = scene.cast.specialist.get(&scene.desk).await.expect(200);
        dossier.says("đã chuyển tiếp").says("Sở Y tế");
        step(&mut health.specialist, &next, "accept", &[]).await.expect(303);
        step(&mut health.specialist, &next, "claim", &[]).await.expect(303);
        step(&mut health.specialist, &next, "propose", &[("note", "Đúng")])
            .await
            .expect(303);
        step(&mut health.leader, &next, "approve", &[]).await.expect(303);
        act(
            &mut scene.cast.specialist,
            &scene.desk,
            "propose",
            &[("outcome", "granted")],
        )
        .await;
        check(&scene.province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_act_at_once_one_is_told() {
    testkit::engines(MIGRATIONS, async |test| {
        let mut scene = scene(test).await;
        let unit = scene.justice.unit;
        let path = scene.hand_over(unit, "16").await;
        // The department accepts while the commune takes it back.
        let there = scene.justice.specialist.get(&path).await.expect(200).body;
        let here_path = format!("{path}/take-back");
        let here = scene.cast.specialist.get(&here_path).await.expect(200).body;
        let seen = hidden_of(&here, &here_path, "revision").expect("a revision");
        let accept = format!("{path}/accept");
        let accepted = hidden_of(&there, &accept, "revision").expect("a revision");
        let fields = [("note", "Không cần nữa"), ("revision", seen.as_str())];
        scene
            .cast
            .specialist
            .send_form(&here, &here_path, &fields, &[])
            .await
            .expect(303);
        // Pressed twice, it is taken back once.
        scene
            .cast
            .specialist
            .send_form(&here, &here_path, &fields, &[])
            .await
            .expect(409);
        let late = [("revision", accepted.as_str())];
        scene
            .justice
            .specialist
            .send_form(&there, &accept, &late, &[])
            .await
            .expect(409);
        let child = scene.child(&path).await;
        assert_eq!((child.state, child.revision), (ChildState::TakenBack, 2));
        scene
            .justice
            .leader
            .get("/desk/notices")
            .await
            .expect(200)
            .says("không còn cần nữa");
        // Who wants to work on a dossier twice at the same revision is told too.
        let other = scene.province.officer("tuphap2", Role::Specialist, unit).await;
        let mut other = scene.province.browser(other, Level::Password).await;
        let path = scene.hand_over(unit, "16").await;
        step(&mut scene.justice.specialist, &path, "accept", &[])
            .await
            .expect(303);
        let claim = format!("{path}/claim");
        let page = other.get(&path).await.expect(200).body;
        let seen = hidden_of(&page, &claim, "revision").expect("a revision");
        step(&mut scene.justice.specialist, &path, "claim", &[])
            .await
            .expect(303);
        other
            .send_form(&page, &claim, &[("revision", seen.as_str())], &[])
            .await
            .expect(409);
        // Nor does she answer for who has it, and who proposes does not approve.
        other.get(&format!("{path}/propose")).await.expect(403);
        scene
            .justice
            .specialist
            .get(&format!("{path}/approve"))
            .await
            .expect(409);
        scene.cast.specialist.get(&format!("{path}/claim")).await.expect(409);
        scene.cast.specialist.get(&format!("{path}/propose")).await.expect(403);
        check(&scene.province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_applicant_who_withdraws_ends_it() {
    testkit::engines(MIGRATIONS, async |test| {
        let mut scene = scene(test).await;
        let unit = scene.justice.unit;
        let path = scene.hand_over(unit, "16").await;
        step(&mut scene.justice.specialist, &path, "accept", &[])
            .await
            .expect(303);
        step(&mut scene.justice.specialist, &path, "claim", &[])
            .await
            .expect(303);
        let own = scene.hoa.get(&scene.own).await.expect(200).body;
        let withdraw = format!("{}/withdraw", scene.own);
        let revision = hidden_of(&own, &withdraw, "revision").expect("a revision");
        let fields = [("revision", revision.as_str())];
        scene.hoa.post(&scene.own, &withdraw, &fields).await.expect(303);
        let child = scene.child(&path).await;
        assert_eq!((child.state, child.is_open()), (ChildState::Ended, false));
        let page = scene.justice.specialist.get(&path).await.expect(200);
        page.says("kết thúc theo hồ sơ gốc");
        scene
            .justice
            .specialist
            .get("/desk/notices")
            .await
            .expect(200)
            .says("không còn cần nữa");
        scene
            .justice
            .specialist
            .get(&format!("{path}/propose"))
            .await
            .expect(409);
        scene
            .justice
            .specialist
            .get("/desk/child-dossiers")
            .await
            .expect(200)
            .hides(&child.code);
        scene
            .hoa
            .get(&scene.own)
            .await
            .expect(200)
            .hides("Hồ sơ đang ở cơ quan khác");
        check(&scene.province).await;
    })
    .await;
}
