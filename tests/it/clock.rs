//! A clock that jumps back, as clocks of virtual machines do: codes stay unique, nothing is lost, nobody keeps a session
//! from the future, and the chain of the audit log still holds.

use jiff::SignedDuration;
use reqwest::StatusCode;
use testkit::ManualWorld;

use crate::support::people::{citizen, officer};
use crate::support::{Site, both, database, filing};

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_back_harms_nothing() {
    both(async |province| {
        let world = ManualWorld::new();
        let (site, staff) = Site::staffed(province, world.clone()).await;
        let person = citizen(&site.app, 1).await;
        let visitor = person.at(site.url());
        let mut ids = Vec::new();
        for n in 0..3 {
            ids.push(filing::quick(&visitor, &person, staff.commune, &format!("Trước {n}")).await);
        }
        world.advance(SignedDuration::from_hours(-26));
        let ended = visitor.get("/my/dossiers").await;
        assert!(
            ended.is_refused(),
            "a session that begins tomorrow is none: {}",
            ended.status
        );
        let again = citizen(&site.app, 1).await.at(site.url());
        for n in 0..3 {
            ids.push(filing::quick(&again, &person, staff.commune, &format!("Sau {n}")).await);
        }
        officer(&site.app, "moi", identity::Role::Desk, staff.commune).await;
        world.advance(SignedDuration::from_hours(26));
        let later = citizen(&site.app, 1).await.at(site.url());
        ids.push(filing::quick(&later, &person, staff.commune, "Hôm sau").await);
        let mut codes = std::collections::BTreeSet::new();
        for id in &ids {
            codes.insert(filing::code_of(&later, *id).await);
            assert_eq!(later.get(&format!("/my/dossiers/{id}")).await.status, StatusCode::OK);
        }
        assert_eq!(codes.len(), ids.len(), "{codes:?}");
        let desk = identity::account::admin::By::System;
        site.app
            .identity
            .unlock_account(&desk, staff.desk.account)
            .await
            .unwrap();
        let faults = site
            .app
            .store
            .read(identity::audit::verify_in_words)
            .await
            .map_err(|error: store::StoreError| error.to_string())
            .unwrap();
        assert!(faults.is_empty(), "{faults:?}");
        assert!(database::rows(&site.app.store).await.are_whole());
        site.close().await;
        province.save();
        province.verify();
    })
    .await;
}
