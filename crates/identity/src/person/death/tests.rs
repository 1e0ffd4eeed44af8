//! Deaths: marked, told, ended; the account of a deceased person does not sign in, and the living comes back at once.

use super::{Death, Source, among, deceased, end, mark, prepare};
use crate::account::Role;
use crate::person::{PersonDetails, PersonError, find};
use crate::session::Level;
use crate::testing::{MIGRATIONS, Province, claimed};
use http::StatusCode;
use jiff::civil::date;
use kernel::World;

const NUMBER: &str = "042190001234";

fn death(on: kernel::Date) -> Death {
    Death {
        on,
        source: Source::Registration,
        reason: "Trích lục khai tử số 12".to_owned(),
    }
}

#[tokio::test]
async fn a_day_of_death_lies_between_birth_and_today() {
    testkit::engines(MIGRATIONS, async |test| {
        let (keys, world) = (test.store().keys(), test.world().clone());
        let by = crate::AccountId::new(&*world);
        let person = PersonDetails {
            born: Some(date(1990, 5, 17)),
            ..PersonDetails::new(NUMBER.parse().unwrap(), "Trần Thị Hoa")
        };
        let id = crate::PersonRef::new(&*world);
        for (on, good) in [
            (date(1990, 5, 16), false),
            (date(1990, 5, 17), true),
            (date(2026, 11, 18), true),
            (date(2026, 11, 19), false),
        ] {
            let prepared = prepare(&keys, &*world, (id, &person), &death(on), by);
            assert_eq!(prepared.is_ok(), good, "{on}");
        }
        let mute = Death {
            reason: " ".to_owned(),
            ..death(date(2026, 1, 1))
        };
        let refused = prepare(&keys, &*world, (id, &person), &mute, by);
        assert!(matches!(refused, Err(PersonError::NoReason)));
        assert_eq!(format!("{mute:?}"), "Death(…)");
    })
    .await;
}

#[tokio::test]
async fn the_deceased_cannot_sign_in_and_an_error_is_undone() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let arrival = claimed(NUMBER, "Trần Thị Hoa");
        let account = province.identity.open_citizen(&arrival).await.unwrap();
        let token = province.token(account, Level::Oidc).await;
        let mut own = province.browser().with_session(&token);
        assert_eq!(own.get("/my/data-use").await.status, StatusCode::OK);

        let leader = province.officer("hoa", Role::Leader, province.commune).await;
        let token = province.token(leader, Level::PasswordTotp).await;
        let mut browser = province.browser().with_session(&token);
        let look_up = [("number", NUMBER), ("reason", "Luật Hộ tịch 2014, Điều 33")];
        let found = browser.post("/admin/people", "/admin/people", &look_up).await;
        let at = found.body.find("/admin/people/0").expect("the way to mark");
        let href = found.body[at..].split('"').next().unwrap().to_owned();
        let page = browser.get(&href).await;
        assert!(page.body.contains("Tr*** T** H**") && !page.body.contains("Trần Thị Hoa"));
        assert!(!page.body.contains('\u{27e6}'), "{}", page.body);
        let early = [
            ("died-day", "1"),
            ("died-month", "1"),
            ("died-year", "1980"),
            ("source", "registration"),
            ("reason", "số 12"),
        ];
        let refused = browser.post(&href, &href, &early).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
        let right = [
            ("died-day", "1"),
            ("died-month", "11"),
            ("died-year", "2026"),
            ("source", "registration"),
            ("reason", "Trích lục số 12"),
        ];
        let done = browser.post(&href, &href, &right).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);

        // Her session has ended, and she cannot open another.
        assert_ne!(own.get("/my/data-use").await.status, StatusCode::OK);
        let again = province.identity.open_citizen(&arrival).await;
        assert_eq!(kernel::Fault::code(&again.unwrap_err()), "sign-in-deceased");
        let marked = browser.get(&href).await;
        assert!(marked.body.contains("01/11/2026") && marked.body.contains("Trích lục số 12"));

        let to = format!("{href}/end");
        let end = browser.post(&href, &to, &[("reason", "Nhầm người cùng tên")]).await;
        assert_eq!(end.status, StatusCode::SEE_OTHER, "{}", end.body);
        assert_eq!(province.identity.open_citizen(&arrival).await.unwrap(), account);
        let token = province.token(account, Level::Oidc).await;
        let mut own = province.browser().with_session(&token);
        let uses = own.get("/my/data-use").await;
        assert!(uses.body.contains("ghi nhận hoặc hủy ghi nhận đã mất"), "{}", uses.body);
    })
    .await;
}

#[tokio::test]
async fn a_mark_holds_once_and_for_every_record_of_the_person() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        province.citizen().await;
        let (keys, world) = (test.store().keys(), test.world().clone());
        let ring = keys.clone();
        let number = NUMBER.parse().unwrap();
        let record = test
            .store()
            .read(move |tx| find(tx, &ring, &number))
            .await
            .unwrap()
            .unwrap();
        let person = PersonDetails::new(NUMBER.parse().unwrap(), "Trần Thị Hoa");
        let by = crate::AccountId::new(&*world);
        let now = world.now();
        let both =
            [0, 1].map(|_| prepare(&keys, &*world, (record.id, &person), &death(date(2026, 11, 1)), by).unwrap());
        let [first, second] = both;
        let (a, b) = tokio::join!(
            test.store().write(move |tx| mark(tx, &first, now)),
            test.store().write(move |tx| mark(tx, &second, now)),
        );
        assert_eq!(usize::from(a.is_ok()) + usize::from(b.is_ok()), 1, "{a:?} {b:?}");
        let id = record.id;
        let held = test
            .store()
            .read(move |tx| {
                let marks = among(tx, &[id, id])?;
                assert_eq!(marks.len(), 1);
                deceased(tx, id)
            })
            .await
            .unwrap()
            .unwrap();
        for good in [true, false] {
            let done = test.store().write(move |tx| end(tx, held.id, "nhầm", by, now)).await;
            assert_eq!(done.is_ok(), good, "{done:?}");
        }
    })
    .await;
}
