//! A death, an open dossier and an officer: she is told once, its page says so, and only heirs file from then on.

use identity::session::Level;
use identity::{AccountId, PersonRef, Role, person};
use kernel::World;
use store::outbox::Delivered;

use super::jobs::tell;
use crate::dossier::DossierError;
use crate::testing::{MIGRATIONS, Province, filed};

/// Marks the person with this number as deceased; gives her record.
async fn dies(province: &Province, number: &str) -> PersonRef {
    let (keys, world) = (province.house.keys(), province.world.clone());
    let (ring, wanted) = (keys.clone(), number.parse().expect("a number"));
    let store = province.house.store();
    let record = store.read(move |tx| person::find(tx, &ring, &wanted)).await;
    let record = record.expect("a read").expect("a record");
    let details = person::PersonDetails::new(wanted, "Trần Thị Hoa");
    let death = person::death::Death {
        on: jiff::civil::date(2026, 11, 1),
        source: person::death::Source::Registration,
        reason: "Trích lục số 12".to_owned(),
    };
    let by = AccountId::new(world.as_ref());
    let prepared = person::death::prepare(&keys, world.as_ref(), (record.id, &details), &death, by);
    let (prepared, now) = (prepared.expect("a mark"), world.now());
    let marked = store.write(move |tx| person::death::mark(tx, &prepared, now)).await;
    marked.expect("she is marked");
    record.id
}

#[tokio::test(flavor = "multi_thread")]
async fn who_works_on_her_dossier_is_told_once_and_sees_it_on_the_page() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let account = province.citizen("042190001234", "Trần Thị Hoa").await;
        let mut hoa = province.browser(account, Level::Oidc).await;
        let own = filed(&province, &mut hoa).await;
        let desk = own.replace("/my/", "/desk/");
        let lan = province.officer("lan", Role::Desk, province.desk).await;
        let mut lan = province.browser(lan, Level::Password).await;
        lan.get(&desk).await.expect(200).hides("được ghi nhận đã mất");
        let person = dies(&province, "042190001234").await;
        lan.get(&desk).await.expect(200).says("Người nộp được ghi nhận đã mất");
        let event = store::Event {
            id: uuid::Uuid::from_u128(9),
            kind: "person.deceased".into(),
            subject: person.uuid(),
            at: province.world.now(),
            payload: serde_json::json!({}),
        };
        let delivered = Delivered { position: 1, event };
        let told = test.store().write(move |tx| tell(tx, &delivered)).await;
        told.expect("told");
        let page = lan.get("/desk/notices").await.expect(200);
        page.says("Một người trong hồ sơ được ghi nhận đã mất");
        assert_eq!(page.body.matches("được ghi nhận đã mất").count(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_files_for_the_dead_but_heirs() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        for (number, name) in [("042190001234", "Trần Thị Hoa"), ("042090000020", "Phan Văn Tư")] {
            province.citizen(number, name).await;
        }
        let dead = dies(&province, "042190001234").await;
        let (keys, world) = (province.house.keys(), province.world.clone());
        let (ring, wanted) = (keys.clone(), "042090000020".parse().expect("a number"));
        let heir = test.store().read(move |tx| person::find(tx, &ring, &wanted)).await;
        let heir = heir.expect("a read").expect("a record").id;
        let mut details = person::PersonDetails::new("042190001234".parse().expect("a number"), "Trần Thị Hoa");
        details.born = Some(jiff::civil::date(1990, 5, 17));
        let claim = person::prepare(&keys, world.as_ref(), &details).expect("a claim");
        let table = crate::intake::store::insert_parties;
        use crate::dossier::state::Representation::{Guardian, Heir, Own, Proxy};
        for (applicant, representation, good) in [
            (heir, Guardian, false),
            (heir, Proxy, false),
            (heir, Heir, true),
            (dead, Own, false),
        ] {
            let parties = crate::intake::Parties {
                people: vec![(crate::intake::PartyRole::Represented, claim.clone())],
                ..crate::intake::Parties::default()
            };
            let now = world.now();
            // A dossier that is not there: who may stand in it is asked before the row is written.
            let dossier = crate::dossier::DossierId::from_uuid(uuid::Uuid::nil());
            let done = test
                .store()
                .write(move |tx| table(tx, dossier, (applicant, representation), &parties, "counter", now))
                .await;
            let is_refused = matches!(
                &done,
                Err(DossierError::Refused(error)) if kernel::Fault::code(error) == "person-deceased"
            );
            assert_eq!(!is_refused, good, "{representation}: {done:?}");
        }
    })
    .await;
}
