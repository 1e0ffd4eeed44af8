//! Many dossiers at once: each is done whole or told why not; what somebody else did meanwhile is told; pressed twice it is done
//! once; more than the stated number is refused. Then the filters of the list. On both engines, through the real router.

use identity::session::Level;

use super::{AT_ONCE, marked};
use crate::dossier::state::State;
use crate::journeys::{act, cast, check, citizen};
use crate::testing::{MIGRATIONS, Province, filed, hidden, hidden_of};

#[test]
fn marks_are_read_whole_or_not_at_all() {
    let id = "0190163d-8694-739b-aea5-966c26f8ad91";
    for (text, expected) in [
        (format!("{id}:3"), true),
        (format!("{id}:"), false),
        (id.to_owned(), false),
        ("x:3".to_owned(), false),
        (format!("{id}:3:4"), false),
    ] {
        assert_eq!(marked(&text).is_some(), expected, "{text}");
    }
}

/// Dossiers of different people: their paths, and what marks each on a page.
async fn several(province: &Province, count: u128) -> Vec<String> {
    let mut paths = Vec::new();
    for n in 0..count {
        let number = format!("04219000{:04}", 2_000 + n);
        let account = province.citizen(&number, "Lê Thị Mai").await;
        let mut browser = province.browser(account, Level::Oidc).await;
        paths.push(filed(province, &mut browser).await);
    }
    paths
}

async fn marks(province: &Province, paths: &[String]) -> Vec<String> {
    let mut all = Vec::new();
    for path in paths {
        let dossier = province.dossier(path).await;
        all.push(format!("{}:{}", dossier.id, dossier.revision));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn each_is_done_whole_or_told_why_not() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut cast = cast(&province).await;
        let paths = several(&province, 3).await;
        let seen = marks(&province, &paths).await;
        // Somebody receives one of them meanwhile.
        act(&mut cast.desk, &paths[2].replace("/my/", "/desk/"), "receive", &[]).await;
        let mut fields = vec![("do", "receive")];
        fields.extend(seen.iter().map(|mark| ("dossier", mark.as_str())));
        let unknown = format!("{}:1", uuid::Uuid::from_u128(7));
        fields.push(("dossier", unknown.as_str()));
        let page = cast.desk.get("/desk").await.expect(200).body;
        let (csrf, once) = (
            hidden(&page, "_csrf"),
            hidden_of(&page, "/desk/bulk", "_once").expect("a key"),
        );
        let told = cast
            .desk
            .post_with("/desk/bulk", &csrf, &once, &fields)
            .await
            .expect(200);
        told.says("2 hồ sơ đã làm, 2 hồ sơ chưa làm được")
            .says("không thuộc phạm vi");
        for path in &paths {
            let dossier = province.dossier(path).await;
            assert_eq!((dossier.state, dossier.revision), (State::Received, 2));
            assert!(dossier.due_at.is_some(), "each has its own due date");
        }
        // Pressed again, nothing is done twice; the page shows an old revision, so it is told.
        let again = cast
            .desk
            .post_with("/desk/bulk", &csrf, &once, &fields)
            .await
            .expect(200);
        again.says("chưa làm được");
        assert_eq!(province.dossier(&paths[0]).await.revision, 2);
        // Another desk may not even know of them.
        let foreign = cast.stranger.post("/desk", "/desk/bulk", &fields).await.expect(200);
        foreign.says("0 hồ sơ đã làm, 4 hồ sơ chưa làm được");
        cast.specialist
            .post("/desk", "/desk/bulk", &[("do", "claim")])
            .await
            .expect(200)
            .says("Chưa đánh dấu");
        cast.specialist
            .post("/desk", "/desk/bulk", &[("do", "stop")])
            .await
            .expect(422);
        check(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn work_is_taken_and_given_out_in_one_go() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut cast = cast(&province).await;
        let paths = several(&province, 3).await;
        for path in &paths {
            act(&mut cast.desk, &path.replace("/my/", "/desk/"), "receive", &[]).await;
        }
        let binh = province
            .officer("binh", identity::Role::Specialist, province.commune)
            .await;
        let seen = marks(&province, &paths[..2]).await;
        let mut fields = vec![("do", "claim")];
        fields.extend(seen.iter().map(|mark| ("dossier", mark.as_str())));
        cast.specialist
            .post("/desk", "/desk/bulk", &fields)
            .await
            .expect(200)
            .says("2 hồ sơ đã làm, 0");
        cast.leader
            .post("/desk", "/desk/bulk", &fields)
            .await
            .expect(200)
            .says("0 hồ sơ đã làm, 2");

        let (seen, binh_id) = (marks(&province, &paths).await, binh.to_string());
        let mut fields = vec![("do", "assign"), ("officer", binh_id.as_str()), ("reason", "")];
        fields.extend(seen.iter().map(|mark| ("dossier", mark.as_str())));
        // Who takes work from somebody says why; who gives out what nobody has need not.
        let told = cast.leader.post("/desk", "/desk/bulk", &fields).await.expect(200);
        told.says("1 hồ sơ đã làm, 2 hồ sơ chưa làm được");
        assert_eq!(province.dossier(&paths[2]).await.assignee, Some(binh));
        fields[2].1 = "Cân đối việc";
        let told = cast
            .leader
            .post("/desk?tab=all", "/desk/bulk", &fields)
            .await
            .expect(200);
        told.says("chờ người được giao nhận").says("2 hồ sơ đã làm, 1");
        assert_ne!(
            province.dossier(&paths[0]).await.assignee,
            Some(binh),
            "she has to accept"
        );
        check(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_the_stated_number_is_refused() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut cast = cast(&province).await;
        let paths = several(&province, 1).await;
        let one = marks(&province, &paths).await;
        let mut fields = vec![("do", "receive"), ("dossier", one[0].as_str())];
        let others: Vec<String> = (0..AT_ONCE)
            .map(|n| format!("{}:1", uuid::Uuid::from_u128(n as u128)))
            .collect();
        fields.extend(others.iter().map(|mark| ("dossier", mark.as_str())));
        cast.desk.post("/desk", "/desk/bulk", &fields).await.expect(413);
        assert_eq!(
            province.dossier(&paths[0]).await.state,
            State::Submitted,
            "nothing of it is done"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_narrowed_by_officer_colour_and_unit() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut cast = cast(&province).await;
        let mut hoa = citizen(&province).await;
        let own = filed(&province, &mut hoa).await;
        let desk = own.replace("/my/", "/desk/");
        act(&mut cast.desk, &desk, "receive", &[]).await;
        act(&mut cast.specialist, &desk, "claim", &[]).await;
        let minh = province.dossier(&own).await.assignee.expect("hers");
        let root = province.officer("chutich", identity::Role::Leader, province.root).await;
        let mut above = province.browser(root, Level::Password).await;
        let shown = "Trần T. H.";
        for (query, is_shown) in [
            (format!("officer={minh}"), true),
            (format!("officer={root}"), false),
            ("officer=nobody".to_owned(), false),
            ("colour=in-time".to_owned(), true),
            ("colour=soon".to_owned(), false),
            ("colour=late".to_owned(), false),
            ("colour=stopped".to_owned(), false),
            (format!("unit={}", province.commune), true),
            (format!("unit={}", province.other), false),
            (
                format!(
                    "unit={}&colour=in-time&officer={minh}&state=processing",
                    province.commune
                ),
                true,
            ),
            ("officer=%3Cb%3E&colour=red&unit=1".to_owned(), true),
        ] {
            let page = above.get(&format!("/desk?{query}")).await.expect(200);
            assert_eq!(page.body.contains(shown), is_shown, "{query}");
        }
        let due = province.dossier(&own).await.due_at.expect("a date");
        province.world.set(due - kernel::SignedDuration::from_hours(1));
        let mut above = province.browser(root, Level::Password).await;
        above.get("/desk?colour=soon").await.expect(200).says(shown);
        province.world.set(due + kernel::SignedDuration::from_hours(1));
        let mut above = province.browser(root, Level::Password).await;
        above.get("/desk?colour=late").await.expect(200).says(shown);
        above.get("/desk?colour=soon").await.expect(200).hides(shown);
        // A commune's leader cannot widen her list by an address.
        let mut cast = crate::journeys::again(&province).await;
        cast.leader
            .get(&format!("/desk?unit={}", province.other))
            .await
            .expect(200)
            .says(shown);
    })
    .await;
}
