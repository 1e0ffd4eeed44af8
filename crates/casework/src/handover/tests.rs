//! Work goes from one officer to another inside a unit: offered, accepted, not accepted, given back, overtaken; and all of it at
//! once when somebody leaves. On both engines, through the real router.

use identity::session::Level;
use identity::{AccountId, Role};

use super::rules;
use crate::dossier::state::State;
use crate::dossier::tests::dossier;
use crate::journeys::{act, cast, check, citizen, file};
use crate::testing::{Browser, MIGRATIONS, Province, hidden};

#[test]
fn only_work_between_reception_and_decision_changes_hands() {
    let who = |n: u128| AccountId::from_uuid(uuid::Uuid::from_u128(n));
    for &state in State::ALL {
        let mut one = dossier(state);
        (one.assignee, one.assignee_name) = (Some(who(1)), Some("Minh".to_owned()));
        let before = one.clone();
        let at_work = state.clock_runs() || state.waits_for_applicant();
        let offered = rules::offered(&one, who(2), one.changed_at);
        assert_eq!(offered.is_ok(), at_work, "{state}");
        if let Ok((from, after)) = offered {
            assert_eq!(from.0, who(1));
            assert_eq!(
                (after.assignee, after.due_at, after.state),
                (before.assignee, before.due_at, state)
            );
            assert_eq!(after.revision, before.revision + 1);
        }
        assert!(
            rules::offered(&one, who(1), one.changed_at).is_err(),
            "not to who has it"
        );
        assert_eq!(
            rules::given_back(&one, one.changed_at).is_ok(),
            state == State::Processing,
            "{state}"
        );
        let taken = rules::taken_over(&one, (who(2), "Bình"), one.changed_at).ok();
        assert_eq!(
            taken.and_then(|after| after.assignee),
            at_work.then(|| who(2)),
            "{state}"
        );
        one.assignee = None;
        assert!(rules::offered(&one, who(2), one.changed_at).is_err(), "nobody has it");
    }
}

struct Hands {
    binh: AccountId,
    browser: Browser,
    desk: String,
    own: String,
}

/// A dossier that minh works on, and binh beside him.
async fn in_work(province: &Province, cast: &mut crate::journeys::Cast) -> Hands {
    let mut hoa = citizen(province).await;
    let own = file(province, &mut hoa).await;
    let desk = own.replace("/my/", "/desk/");
    act(&mut cast.desk, &desk, "receive", &[]).await;
    act(&mut cast.specialist, &desk, "claim", &[]).await;
    let binh = province.officer("binh", Role::Specialist, province.commune).await;
    let browser = province.browser(binh, Level::Password).await;
    Hands {
        binh,
        browser,
        desk,
        own,
    }
}

async fn offer(cast: &mut crate::journeys::Cast, hands: &Hands) {
    let binh = hands.binh.to_string();
    let fields = [("officer", binh.as_str()), ("note", "Minh <quá tải>")];
    act(&mut cast.leader, &hands.desk, "assign", &fields).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_it_stays_responsible_until_the_other_accepts() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut cast = cast(&province).await;
        let mut hands = in_work(&province, &mut cast).await;
        let before = province.dossier(&hands.own).await;
        let (path, binh) = (format!("{}/assign", hands.desk), hands.binh.to_string());
        let page = cast.leader.get(&path).await.expect(200).body;
        let revision = hidden(&page, "revision");
        let bare = [
            ("officer", binh.as_str()),
            ("note", " "),
            ("revision", revision.as_str()),
        ];
        cast.leader.post(&path, &path, &bare).await.expect(422);
        offer(&mut cast, &hands).await;
        let offered = province.dossier(&hands.own).await;
        assert_eq!((offered.assignee, offered.due_at), (before.assignee, before.due_at));

        hands.browser.get("/desk").await.expect(200).says("chờ bạn nhận");
        hands
            .browser
            .get("/desk/notices")
            .await
            .expect(200)
            .says("chờ bạn nhận");
        hands
            .browser
            .get(&hands.desk)
            .await
            .expect(200)
            .says("Minh &lt;quá tải&gt;")
            .says("Nhận hồ sơ");
        cast.specialist.get(&hands.desk).await.expect(200).hides("/accept");
        let accept = format!("{}/accept", hands.desk);
        cast.specialist.post(&hands.desk, &accept, &[]).await.expect(403);
        hands.browser.post(&hands.desk, &accept, &[]).await.expect(303);
        let after = province.dossier(&hands.own).await;
        assert_eq!((after.assignee, after.due_at), (Some(hands.binh), before.due_at));
        cast.specialist
            .get("/desk/notices")
            .await
            .expect(200)
            .says("đã có người khác nhận");
        let mut hoa = citizen(&province).await;
        hoa.get(&hands.own).await.expect(200).hides("quá tải").hides("Giao lại");
        check(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_accepted_stays_and_own_work_is_given_back() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut cast = cast(&province).await;
        let mut hands = in_work(&province, &mut cast).await;
        offer(&mut cast, &hands).await;
        let back = format!("{}/give-back", hands.desk);
        let revision = hidden(&hands.browser.get(&back).await.expect(200).body, "revision");
        let reason = [("note", "Không đúng <lĩnh vực>"), ("revision", revision.as_str())];
        let bare = [("note", ""), ("revision", revision.as_str())];
        hands.browser.post(&back, &back, &bare).await.expect(422);
        hands.browser.post(&back, &back, &reason).await.expect(303);
        let declined = province.dossier(&hands.own).await;
        assert_ne!(declined.assignee, Some(hands.binh));
        cast.leader
            .get("/desk/notices")
            .await
            .expect(200)
            .says("không nhận hồ sơ");
        cast.leader
            .get(&hands.desk)
            .await
            .expect(200)
            .says("Không đúng &lt;lĩnh vực&gt;");
        hands
            .browser
            .post(&hands.desk, &format!("{}/accept", hands.desk), &[])
            .await
            .expect(409);

        // What is offered and then proposed by who has it is overtaken only when it changes hands.
        let revision = hidden(&cast.specialist.get(&back).await.expect(200).body, "revision");
        let own = [("note", "Sắp nghỉ"), ("revision", revision.as_str())];
        cast.specialist.post(&back, &back, &own).await.expect(303);
        let free = province.dossier(&hands.own).await;
        assert_eq!((free.assignee, free.state), (None, State::Processing));
        cast.leader
            .get("/desk?officer=nobody")
            .await
            .expect(200)
            .says("Trần T. H.");
        act(&mut hands.browser, &hands.desk, "claim", &[]).await;
        check(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_act_on_an_offer_one_is_told() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut cast = cast(&province).await;
        let mut hands = in_work(&province, &mut cast).await;
        offer(&mut cast, &hands).await;
        let back = format!("{}/give-back", hands.desk);
        let revision = hidden(&hands.browser.get(&back).await.expect(200).body, "revision");
        // The leader takes another decision meanwhile.
        act(&mut cast.leader, &hands.desk, "stop", &[("note", "Theo quyết định")]).await;
        let reason = [("note", "Không nhận"), ("revision", revision.as_str())];
        hands.browser.post(&hands.desk, &back, &reason).await.expect(403);
        let late = hands
            .browser
            .post(&hands.desk, &format!("{}/accept", hands.desk), &[])
            .await;
        assert!(late.status.is_client_error(), "{}", late.status);
        check(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_hands_all_of_it_over_in_one_go() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut cast = cast(&province).await;
        let mut hands = in_work(&province, &mut cast).await;
        act(
            &mut cast.specialist,
            &hands.desk,
            "ask-supplement",
            &[("what-1", "Ảnh"), ("clause-1", "Điều 16"), ("example-1", "Ảnh rõ")],
        )
        .await;
        let before = province.dossier(&hands.own).await;
        let minh = before.assignee.expect("hers");
        let whose = format!("/desk/handover/{minh}");
        cast.leader
            .get("/desk/handover")
            .await
            .expect(200)
            .says(&whose)
            .says("Đang làm việc");
        cast.specialist.get("/desk/handover").await.expect(403);
        hands.browser.get(&whose).await.expect(403);

        province
            .house
            .identity()
            .disable_account(&identity::account::By::System, minh, "Chuyển công tác")
            .await
            .expect("the account is closed");
        let mut leader = cast.leader;
        leader
            .get("/desk/handover")
            .await
            .expect(200)
            .says("Không còn làm ở đây");
        let page = leader.get(&whose).await.expect(200).says("chuyển ngay").body.clone();
        let marked = format!("{}:{}", before.id, before.revision);
        assert!(page.contains(&marked), "each dossier is marked");
        let binh = hands.binh.to_string();
        let fields = [
            ("do", "assign"),
            ("dossier", marked.as_str()),
            ("officer", binh.as_str()),
            ("reason", "Nghỉ hưu"),
            ("back", whose.as_str()),
        ];
        let told = leader.post(&whose, "/desk/bulk", &fields).await.expect(200);
        told.says("1 hồ sơ đã làm, 0 hồ sơ chưa làm được").says("đã làm");
        let after = province.dossier(&hands.own).await;
        assert_eq!(
            (after.assignee, after.state, after.due_at),
            (Some(hands.binh), before.state, before.due_at)
        );
        leader.get(&hands.desk).await.expect(200).says("Nghỉ hưu");
        hands
            .browser
            .get("/desk/notices")
            .await
            .expect(200)
            .says("Bạn được giao một hồ sơ");
        leader.get(&whose).await.expect(404);
        check(&province).await;
    })
    .await;
}
