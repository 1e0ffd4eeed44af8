//! Uses are recorded once per view and person, and the person sees each.

use ::http::StatusCode;
use testkit::engines;
use uuid::Uuid;

use super::*;
use crate::account::Role;
use crate::policy::{Action, Resource};
use crate::purpose::Purpose;
use crate::session::Level;
use crate::testing::{MIGRATIONS, Province};

#[tokio::test(flavor = "multi_thread")]
async fn the_person_sees_who_looked_when_and_why() {
    engines(MIGRATIONS, async |test| {
        let p = Province::on(test).await;
        let citizen = p.citizen().await;
        let token = p.token(citizen, Level::Oidc).await;
        let own = p.identity.resolve(&token).await.unwrap().1;
        let own = own.citizen().unwrap();
        let lan = p.officer("lan", Role::Desk, p.desk).await;
        let caller = p.caller(lan).await;
        let allowed = p
            .identity
            .policy()
            .require(&caller, Action::DossierRead, &Resource::at(p.desk))
            .unwrap();
        let purpose = Purpose::for_dossier(&caller, Uuid::from_u128(1), &allowed).about("H27.01-261118-0001");
        p.identity.record_use(&purpose, &[own.person()]).await.unwrap();
        p.identity
            .record_use(&Purpose::own_data(own), &[own.person()])
            .await
            .unwrap();

        let mut browser = p.browser().with_session(&token);
        let page = browser.get("/my/data-use").await;
        assert_eq!(page.status, StatusCode::OK);
        for words in [
            "Nguyễn Văn lan",
            "cán bộ một cửa",
            "Bộ phận một cửa phường Thành Sen",
            "H27.01-261118-0001",
            "1 lần xem",
        ] {
            assert!(page.body.contains(words), "{words} is missing in {}", page.body);
        }
        assert!(!page.body.contains("Xem dữ liệu của mình"));
        assert!(
            browser
                .get("/my/data-use?own=yes")
                .await
                .body
                .contains("Xem dữ liệu của mình")
        );
        let api = browser.get("/api/v1/my/data-use").await;
        let json: serde_json::Value = serde_json::from_str(&api.body).unwrap();
        assert_eq!(json["uses"].as_array().unwrap().len(), 1);
        assert_eq!(json["uses"][0]["purpose"], "dossier");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_uses_have_no_gap_and_no_double() {
    engines(MIGRATIONS, async |test| {
        let p = Province::on(test).await;
        let citizen = p.citizen().await;
        let caller = p.caller(citizen).await;
        let person = caller.citizen().unwrap().person();
        for n in 0..75_u128 {
            let purpose = Purpose::for_system("notice.due", Uuid::from_u128(n), format!("ref {n}"));
            p.identity.record_use(&purpose, &[person]).await.unwrap();
            if n % 3 == 0 {
                test.world().advance(jiff::SignedDuration::from_secs(1));
            }
        }
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let part = test
                .store()
                .read(move |tx| page(tx, person, false, after, 20))
                .await
                .unwrap();
            let Some(last) = part.last() else { break };
            after = Some(After {
                at: last.at,
                id: last.id,
            });
            seen.extend(part.into_iter().map(|one| one.reference));
        }
        assert_eq!(seen.len(), 75);
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 75);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_use_is_written_once_however_often_the_transaction_runs() {
    engines(MIGRATIONS, async |test| {
        let p = Province::on(test).await;
        let citizen = p.citizen().await;
        let caller = p.caller(citizen).await;
        let own = caller.citizen().unwrap();
        let purpose = Purpose::own_data(own);
        p.identity
            .record_use(&purpose, &[own.person(), own.person()])
            .await
            .unwrap();
        let person = own.person();
        let uses = test
            .store()
            .read(move |tx| page(tx, person, true, None, 50))
            .await
            .unwrap();
        assert_eq!(uses.len(), 1);
        assert_eq!(uses[0].purpose, "own");
        let many = vec![person; 501];
        assert!(p.identity.record_use(&purpose, &many).await.is_err());
    })
    .await;
}
