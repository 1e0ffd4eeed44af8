//! Denials, hand-overs by post, stops and withdrawals through the real router on both engines: each with what the law wants
//! beside it, each told to the applicant, and refused to whom it does not belong.

use crate::dossier::state::State;
use crate::journeys::{Cast, act, cast, check, citizen};
use crate::testing::{Browser, MIGRATIONS, Province, filed, hidden};

/// Posts the form of an action with what the page shows already, and gives the answer.
async fn send(browser: &mut Browser, desk: &str, action: &str, fields: &[(&str, &str)]) -> crate::testing::Answer {
    let path = format!("{desk}/{action}");
    let page = browser.get(&path).await.expect(200).body;
    let revision = hidden(&page, "revision");
    let all: Vec<_> = fields
        .iter()
        .copied()
        .chain([("revision", revision.as_str())])
        .collect();
    browser.post(&path, &path, &all).await
}

/// A dossier at its officer; its path for the applicant and for the desk.
async fn at_work(province: &Province, hoa: &mut Browser, cast: &mut Cast) -> (String, String) {
    let own = filed(province, hoa).await;
    let desk = own.replace("/my/", "/desk/");
    act(&mut cast.desk, &desk, "receive", &[]).await;
    act(&mut cast.specialist, &desk, "claim", &[]).await;
    (own, desk)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denial_says_why_and_by_which_clause() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let (own, desk) = at_work(&province, &mut hoa, &mut cast).await;
        let denied = ("outcome", "denied");
        let why = ("note", "Trẻ đã được đăng ký khai sinh");
        let ground = [
            ("what-1", "Đã có <khai sinh> số 12/2026"),
            ("clause-1", "Điều 5 Luật Hộ tịch"),
            ("example-1", "Mỗi trẻ đăng ký khai sinh một lần"),
        ];
        let bare = send(&mut cast.specialist, &desk, "propose", &[denied])
            .await
            .expect(422);
        bare.says("act-note-error").says("act-what-1-error");
        let words = [denied, why, ground[0]];
        let unfounded = send(&mut cast.specialist, &desk, "propose", &words).await.expect(422);
        unfounded.says("act-clause-1-error").says("act-example-1-error");
        let whole = [denied, why, ground[0], ground[1], ground[2]];
        send(&mut cast.specialist, &desk, "propose", &whole).await.expect(303);
        cast.leader
            .get(&desk)
            .await
            .expect(200)
            .says("Điều 5 Luật Hộ tịch")
            .says("&lt;khai sinh&gt;");
        // What is laid before a leader is no decision yet.
        hoa.get(&own).await.expect(200).hides("Điều 5 Luật Hộ tịch");
        send(&mut cast.leader, &desk, "approve", &[])
            .await
            .expect(422)
            .says("act-note-error");
        send(&mut cast.leader, &desk, "approve", &[why]).await.expect(303);
        hoa.get(&own)
            .await
            .expect(200)
            .says("Điều 5 Luật Hộ tịch")
            .says("Mỗi trẻ đăng ký khai sinh một lần")
            .says("Trẻ đã được đăng ký khai sinh");
        check(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_by_post_carries_its_number() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let (own, desk) = at_work(&province, &mut hoa, &mut cast).await;
        act(&mut cast.specialist, &desk, "propose", &[("outcome", "granted")]).await;
        act(&mut cast.leader, &desk, "approve", &[]).await;
        let by_post = |item| {
            [
                ("delivery", "post"),
                ("taken-by", "Bưu tá Nam"),
                ("carrier", "vnpost"),
                ("post-item", item),
            ]
        };
        for wrong in ["", "EA473124828VN", "12"] {
            let refused = send(&mut cast.desk, &desk, "return", &by_post(wrong)).await.expect(422);
            refused.says("act-post-item-error").says("Bưu tá Nam");
        }
        let at_desk = [("delivery", "pick-up"), ("taken-by", "Hoa")];
        let refused = send(&mut cast.desk, &desk, "return", &at_desk).await.expect(422);
        refused.says("act-proof-error");
        send(&mut cast.desk, &desk, "return", &by_post("ea 473 124 829 vn"))
            .await
            .expect(303);
        let page = hoa.get(&own).await.expect(200);
        page.says("EA473124829VN").says("vnpost.vn").says("Bưu tá Nam");
        // The carrier's page is named, not linked to and not fetched.
        page.hides("href=\"https://vnpost").hides("src=\"http");
        cast.desk.get(&desk).await.expect(200).says("EA473124829VN");
        cast.stranger.get(&desk).await.expect(404);
        check(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_at_the_desk_says_what_proved_who_came() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let (own, desk) = at_work(&province, &mut hoa, &mut cast).await;
        act(&mut cast.specialist, &desk, "propose", &[("outcome", "granted")]).await;
        act(&mut cast.leader, &desk, "approve", &[]).await;
        let form = cast.desk.get(&format!("{desk}/return")).await.expect(200);
        form.says("Giấy uỷ quyền và căn cước").says("value=\"receipt\" checked");
        let taken = [
            ("delivery", "pick-up"),
            ("taken-by", "Lê Văn Nam"),
            ("proof", "authorisation"),
        ];
        send(&mut cast.desk, &desk, "return", &taken).await.expect(303);
        for page in [hoa.get(&own).await, cast.desk.get(&desk).await] {
            page.expect(200).says("Giấy uỷ quyền và căn cước").says("Lê Văn Nam");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_stops_with_a_reason_and_an_applicant_withdraws() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let (own, desk) = at_work(&province, &mut hoa, &mut cast).await;
        for officer in [&mut cast.desk, &mut cast.specialist] {
            officer.get(&format!("{desk}/stop")).await.expect(403);
        }
        cast.stranger.get(&format!("{desk}/stop")).await.expect(404);
        send(&mut cast.leader, &desk, "stop", &[])
            .await
            .expect(422)
            .says("act-note-error");
        send(&mut cast.leader, &desk, "stop", &[("note", "Toà <án> đang thụ lý")])
            .await
            .expect(303);
        assert_eq!(province.dossier(&own).await.state, State::Stopped);
        let told = hoa.get(&own).await.expect(200);
        told.says("Toà &lt;án&gt; đang thụ lý")
            .hides(&format!("{own}/withdraw"));
        cast.leader.get(&format!("{desk}/stop")).await.expect(409);
        check(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_applicant_withdraws_on_her_own_page() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let (own, desk) = at_work(&province, &mut hoa, &mut cast).await;
        let withdraw = format!("{own}/withdraw");
        let page = hoa.get(&own).await.expect(200);
        page.says(&withdraw);
        let revision = hidden(&page.body[page.body.find(&withdraw).expect("the form")..], "revision");
        let other = province.citizen("042190009999", "Lê Văn Khác").await;
        let mut other = province.browser(other, identity::session::Level::Oidc).await;
        other
            .post("/my/drafts", &withdraw, &[("revision", &revision)])
            .await
            .expect(404);
        hoa.post(&own, &withdraw, &[("revision", &revision)]).await.expect(303);
        let dossier = province.dossier(&own).await;
        assert_eq!((dossier.state, dossier.state.national_code()), (State::Withdrawn, 7));
        cast.leader.get(&format!("{desk}/approve")).await.expect(409);
        cast.specialist.get(&format!("{desk}/propose")).await.expect(409);
        cast.desk.get(&desk).await.expect(200).says("Người nộp");
        check(&province).await;
    })
    .await;
}
