//! Who is away and who stands in: the table of what is refused, deputies of deputies, then on both engines the work that goes to
//! the deputy, who sees it and signs "for" her, until the last day has passed.

use std::collections::BTreeMap;

use identity::session::Level;
use identity::{AccountId, Role};
use kernel::{Date, SignedDuration, Timestamp};
use uuid::Uuid;

use super::rules::{DAYS_MAX, check, stand_in};
use super::{Absence, AbsenceError, AbsenceId, Cause};
use crate::journeys::{act, cast, check as verify, citizen, file};
use crate::testing::{MIGRATIONS, Province};

fn who(n: u128) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(n))
}

fn on(day: i8) -> Date {
    jiff::civil::date(2026, 11, day)
}

fn absence(officer: u128, deputy: u128, from: Date, until: Date) -> Absence {
    Absence {
        id: AbsenceId::from_uuid(Uuid::from_u128(officer * 100 + deputy)),
        officer: who(officer),
        officer_name: format!("Cán bộ {officer}"),
        unit: identity::UnitId::from_uuid(Uuid::nil()),
        deputy: who(deputy),
        deputy_name: format!("Cán bộ {deputy}"),
        from,
        until,
        cause: Cause::Leave,
        entered_at: Timestamp::from_micros(0),
        entered_by: who(officer),
        entered_name: String::new(),
        ended: None,
    }
}

#[test]
fn an_absence_that_makes_no_sense_is_refused() {
    let today = on(18);
    let known = [absence(1, 2, on(23), on(25))];
    let early = |day| jiff::civil::date(2026, 10, day);
    let table: [(Absence, Option<&str>); 9] = [
        (absence(1, 2, on(18), on(18)), None),
        (absence(1, 2, early(1), on(18)), None),
        (absence(1, 2, on(26), on(30)), None),
        (absence(1, 2, on(20), on(19)), Some("absence-order")),
        (absence(1, 2, on(16), on(17)), Some("absence-past")),
        (absence(1, 1, on(18), on(19)), Some("absence-own-deputy")),
        (absence(1, 2, on(22), on(23)), Some("absence-overlaps")),
        (absence(1, 3, on(25), on(26)), Some("absence-overlaps")),
        (
            absence(
                1,
                2,
                on(18),
                on(18).checked_add(jiff::Span::new().days(DAYS_MAX)).expect("a day"),
            ),
            Some("absence-too-long"),
        ),
    ];
    for (new, expected) in table {
        let told = check(&new, &known, today).err();
        let code = told.as_ref().map(kernel::Fault::code);
        assert_eq!(code, expected, "{} to {}", new.from, new.until);
    }
    let ended = Absence {
        ended: Some((Timestamp::from_micros(1), "Hoa".to_owned())),
        ..known[0].clone()
    };
    assert!(
        check(&absence(1, 2, on(23), on(24)), &[ended], today).is_ok(),
        "who came back may go again"
    );
}

#[test]
fn deputies_of_deputies_are_followed_and_circles_are_not() {
    let find = |pairs: &'static [(u128, u128)]| {
        move |officer: u128| {
            let away: BTreeMap<AccountId, u128> = pairs.iter().map(|(from, to)| (who(*from), *to)).collect();
            let found = stand_in(who(officer), |at| {
                let deputy = away.get(&at);
                Ok::<_, AbsenceError>(deputy.map(|deputy| Absence {
                    officer: at,
                    ..absence(0, *deputy, on(1), on(2))
                }))
            });
            found.expect("found").map(|(account, _)| account)
        }
    };
    let row = find(&[(1, 2), (2, 3)]);
    assert_eq!((row(1), row(2), row(3)), (Some(who(3)), Some(who(3)), None));
    let circle = find(&[(1, 2), (2, 1)]);
    assert_eq!((circle(1), circle(2)), (None, None), "where all are away, work stays");
    let tail = find(&[(1, 2), (2, 3), (3, 2)]);
    assert_eq!(tail(1), None);
}

async fn away(browser: &mut crate::testing::Browser, fields: &[(&str, &str)]) -> crate::testing::Answer {
    let path = "/desk/absences/new";
    browser.post(path, path, fields).await
}

const DAYS: [(&str, &str); 7] = [
    ("from-day", "18"),
    ("from-month", "11"),
    ("from-year", "2026"),
    ("until-day", "20"),
    ("until-month", "11"),
    ("until-year", "2026"),
    ("cause", "leave"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_deputy_sees_the_work_and_signs_for_her() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let binh = province.officer("binh", Role::Specialist, province.commune).await;
        let mut deputy = province.browser(binh, Level::Password).await;
        let own = file(&province, &mut hoa).await;
        let desk = own.replace("/my/", "/desk/");
        act(&mut cast.desk, &desk, "receive", &[]).await;
        act(&mut cast.specialist, &desk, "claim", &[]).await;
        deputy.get("/desk").await.expect(200).hides("tab=stand-in");
        deputy.get(&format!("{desk}/propose")).await.expect(403);

        // The world of tests begins on 18 November 2026.
        let (binh, minh) = (
            binh.to_string(),
            province.dossier(&own).await.assignee.expect("hers").to_string(),
        );
        let mut fields = DAYS.to_vec();
        fields.push(("deputy", &minh));
        away(&mut cast.specialist, &fields)
            .await
            .expect(422)
            .says("không tự thay mình");
        fields.pop();
        fields.push(("deputy", &binh));
        away(&mut cast.specialist, &fields).await.expect(303);
        away(&mut cast.specialist, &fields)
            .await
            .expect(422)
            .says("đã được ghi nhận");
        cast.leader
            .get("/desk/absences")
            .await
            .expect(200)
            .says("Đang vắng")
            .says("Nguyễn Văn binh");
        cast.stranger
            .get("/desk/absences")
            .await
            .expect(200)
            .hides("Nguyễn Văn binh");

        deputy.get("/desk").await.expect(200).says("tab=stand-in");
        deputy.get("/desk?tab=stand-in").await.expect(200).says("Trần T. H.");
        deputy.get("/desk?tab=mine").await.expect(200).hides("Trần T. H.");
        act(&mut deputy, &desk, "propose", &[("outcome", "granted")]).await;
        deputy.get(&desk).await.expect(200).says("thay cho Nguyễn Văn minh");
        act(&mut cast.leader, &desk, "send-back", &[("note", "Xem lại")]).await;

        // New work that is given to her goes to who stands in.
        let mut other = province
            .browser(province.citizen("042190005678", "Lê Thị Mai").await, Level::Oidc)
            .await;
        let second = crate::testing::filed(&province, &mut other).await;
        let second_desk = second.replace("/my/", "/desk/");
        act(&mut cast.desk, &second_desk, "receive", &[]).await;
        act(&mut cast.leader, &second_desk, "assign", &[("officer", &minh)]).await;
        let given = province.dossier(&second).await;
        assert_eq!(given.assignee.map(|one| one.to_string()), Some(binh.clone()));
        cast.leader
            .get(&second_desk)
            .await
            .expect(200)
            .says("giao cho Nguyễn Văn binh")
            .says("thay cho Nguyễn Văn minh");
        other.get(&second).await.expect(200).hides("thay cho");

        // It ends by its last day.
        province.world.advance(SignedDuration::from_hours(24 * 3));
        let mut deputy = province.browser(binh.parse().expect("an id"), Level::Password).await;
        deputy.get("/desk").await.expect(200).hides("tab=stand-in");
        deputy.get(&format!("{desk}/propose")).await.expect(403);
        verify(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_enters_and_ends_and_two_who_end_are_told() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut cast = cast(&province).await;
        let binh = province.officer("binh", Role::Specialist, province.commune).await;
        let chi = province.officer("chi", Role::Specialist, province.commune).await;
        let tam = province.officer("tam", Role::Desk, province.desk).await;
        let (binh_id, chi_id, tam_id) = (binh.to_string(), chi.to_string(), tam.to_string());
        let mut fields = DAYS.to_vec();
        fields.extend([("officer", binh_id.as_str()), ("deputy", tam_id.as_str())]);
        away(&mut cast.leader, &fields).await.expect(422).says("cùng vai trò");
        fields.pop();
        fields.push(("deputy", chi_id.as_str()));
        away(&mut cast.leader, &fields).await.expect(303);
        let page = cast.leader.get("/desk/absences").await.expect(200).body;
        let at = page.find("/desk/absences/0").expect("an absence");
        let end = page[at..].split('"').next().expect("an address").to_owned();
        cast.stranger.post("/desk/absences", &end, &[]).await.expect(404);
        let mut binh = province.browser(binh, Level::Password).await;
        binh.post("/desk/absences", &end, &[]).await.expect(303);
        cast.leader
            .post("/desk/absences", &end, &[])
            .await
            .expect(409)
            .says("đã kết thúc");
        verify(&province).await;
    })
    .await;
}
