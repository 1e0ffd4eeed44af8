//! Internal notes: kept as typed, shown among the steps, never to the citizen; struck out once, with a reason; whose reading is
//! recorded. On both engines, through the real router.

use crate::journeys::{act, cast, check, citizen, file};
use crate::testing::{MIGRATIONS, Province};

#[tokio::test(flavor = "multi_thread")]
async fn notes_stay_among_officers_and_are_struck_out_not_changed() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let own = file(&province, &mut hoa).await;
        let desk = own.replace("/my/", "/desk/");
        act(&mut cast.desk, &desk, "receive", &[]).await;
        let notes = format!("{desk}/comments");
        cast.specialist
            .post(&notes, &notes, &[("text", "  ")])
            .await
            .expect(422);
        let typed = "Đã gọi <b>mẹ</b> lúc 9h\n  không nghe máy 😀";
        cast.specialist
            .post(&notes, &notes, &[("text", typed)])
            .await
            .expect(303);
        let page = cast.desk.get(&desk).await.expect(200);
        page.says("Đã gọi &lt;b&gt;mẹ&lt;/b&gt; lúc 9h\n  không nghe máy 😀")
            .says("Nguyễn Văn minh");
        let (step, note) = (page.body.find("Đã tiếp nhận"), page.body.find("không nghe máy"));
        assert!(step < note, "in the order of the history");
        hoa.get(&own)
            .await
            .expect(200)
            .hides("không nghe máy")
            .says("Nguyễn Văn minh");
        cast.stranger.get(&notes).await.expect(404);
        cast.stranger.post("/desk", &notes, &[("text", "x")]).await.expect(404);

        let page = cast.specialist.get(&notes).await.expect(200).body;
        let at = page.find(&format!("{notes}/")).expect("a note");
        let strike = page[at..].split('"').next().expect("an address").to_owned();
        cast.desk.get(&notes).await.expect(200).hides(&strike);
        cast.desk.post(&notes, &strike, &[("why", "x")]).await.expect(404);
        cast.specialist.post(&notes, &strike, &[("why", "")]).await.expect(422);
        cast.leader
            .post(&notes, &strike, &[("why", "Nhầm <hồ sơ>")])
            .await
            .expect(303);
        cast.specialist
            .post(&notes, &strike, &[("why", "Sai")])
            .await
            .expect(409);
        let page = cast.desk.get(&desk).await.expect(200);
        page.says("<s>Đã gọi").says("Nhầm &lt;hồ sơ&gt;").says("đã gạch bỏ");
        let before = province.dossier(&own).await;
        assert_eq!(before.revision, 2, "a note is no step");
        check(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_that_is_sent_twice_is_one() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let own = file(&province, &mut hoa).await;
        let notes = format!("{}/comments", own.replace("/my/", "/desk/"));
        let page = cast.desk.get(&notes).await.expect(200).body;
        for _ in 0..2 {
            cast.desk
                .send_form(&page, &notes, &[("text", "Một lần thôi")], &[])
                .await
                .expect(303);
        }
        let page = cast.desk.get(&notes).await.expect(200).body;
        assert_eq!(page.matches("Một lần thôi").count(), 1);
    })
    .await;
}
