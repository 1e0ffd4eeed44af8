//! People: sealing, finding, comparing, and both engines.

use super::{
    Found, OrganisationDetails, OrganisationKind, PersonDetails, PersonError, accepted, decide, find, find_or_create,
    find_or_create_organisation, find_organisation, mask_name, open, open_claim, open_organisation, open_questions,
    prepare, prepare_organisation, question, record,
};
use crate::account::AccountId;
use crate::purpose::Purpose;
use jiff::civil::date;
use kernel::{Sex, World};

fn hoa() -> PersonDetails {
    PersonDetails {
        born: Some(date(1990, 5, 20)),
        sex: Some(Sex::Female),
        address: Some("12 Phan Đình Phùng".to_owned()),
        phone: "0912345678".parse().ok(),
        email: "hoa@example.vn".parse().ok(),
        ..PersonDetails::new("042190001234".parse().unwrap(), "Trần Thị Hoa")
    }
}

/// For tests of this module only: a purpose of the program's own work.
fn purpose() -> Purpose {
    Purpose::for_system("test", uuid::Uuid::nil(), "test")
}

#[test]
fn a_masked_name_tells_little() {
    let table = [
        ("Trần Hoa", "Tr*** H**"),
        ("Nguyễn Văn An", "Ng*** V** A**"),
        ("Y Ê", "Y*** Ê**"),
        ("Lê", "L***"),
        ("  Trâ\u{300}n   Hoa ", "Tr*** H**"),
        ("", ""),
    ];
    for (name, masked) in table {
        assert_eq!(mask_name(name), masked, "{name}");
    }
}

#[test]
fn nothing_of_a_person_is_printed_by_accident() {
    assert_eq!(format!("{:?}", hoa()), "PersonDetails(…)");
    let world = testkit::ManualWorld::new();
    let keys = store::KeyRing::from_keys(&store::keys::KeyFile::generate(&*world)).unwrap();
    let shown = format!("{:?}", prepare(&keys, &*world, &hoa()).unwrap());
    for secret in ["Hoa", "042190001234", "Phan", "0912", "1990"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    let nameless = PersonDetails {
        name: " ".to_owned(),
        ..hoa()
    };
    assert!(matches!(prepare(&keys, &*world, &nameless), Err(PersonError::Name)));
    let endless = PersonDetails {
        name: "a".repeat(201),
        ..hoa()
    };
    assert!(matches!(prepare(&keys, &*world, &endless), Err(PersonError::Name)));
}

#[tokio::test]
async fn a_person_is_found_created_or_asked_about() {
    testkit::engines(&[crate::MIGRATIONS], async |test| {
        let (store, world, keys) = (test.store(), test.world().clone(), test.store().keys());
        let now = world.now();
        let claim = async |details: PersonDetails| {
            let prepared = prepare(&keys, &*world, &details).unwrap();
            store
                .write(move |tx| find_or_create(tx, &prepared, "sign-in", now))
                .await
                .unwrap()
        };
        let Found::Created(id) = claim(hoa()).await else {
            panic!("she is new")
        };
        // Case, spaces and the form of the letters do not count; what is not stated does not contradict.
        let spelt = PersonDetails {
            name: "TRA\u{302}\u{300}N  thị hoa".to_owned(),
            ..hoa()
        };
        assert_eq!(claim(spelt).await, Found::Same(id));
        assert_eq!(
            claim(PersonDetails {
                born: None,
                address: None,
                ..hoa()
            })
            .await,
            Found::Same(id)
        );
        let other_name = PersonDetails {
            name: "Trần Thị Hoà Bình".to_owned(),
            ..hoa()
        };
        assert_eq!(claim(other_name.clone()).await, Found::Differs(id));
        assert_eq!(claim(other_name).await, Found::Differs(id));
        let other_birth = PersonDetails {
            born: Some(date(1990, 5, 21)),
            ..hoa()
        };
        assert_eq!(claim(other_birth).await, Found::Differs(id));

        let ring = keys.clone();
        let number = hoa().number.expect("she has one");
        let found = store.read(move |tx| find(tx, &ring, &number)).await.unwrap().unwrap();
        assert_eq!(
            (found.id, found.name_masked.as_str(), found.version),
            (id, "Tr*** T** H**", 1)
        );
        assert!(open(&keys, &purpose(), &found).unwrap() == hoa());
        let stored = String::from_utf8_lossy(found.details.as_bytes()).into_owned();
        assert!(!stored.contains("Hoa") && !stored.contains("0421"));
        let ring = keys.clone();
        let nobody = "042190009999".parse().unwrap();
        assert!(store.read(move |tx| find(tx, &ring, &nobody)).await.unwrap().is_none());

        let asked = store.read(|tx| open_questions(tx, None)).await.unwrap();
        assert_eq!(asked.len(), 2, "the same claim is one question");
        decide_both(test, &asked, id).await;
    })
    .await;
}

async fn decide_both(test: &testkit::TestStore, asked: &[super::Question], id: super::PersonRef) {
    let (store, world, keys) = (test.store(), test.world().clone(), test.store().keys());
    let (now, by) = (world.now(), AccountId::new(&*world));
    let mut names = Vec::new();
    for (place, asked) in asked.iter().enumerate() {
        let qid = asked.id;
        let question = store.read(move |tx| question(tx, qid)).await.unwrap().unwrap();
        let before = store.read(move |tx| record(tx, id)).await.unwrap().unwrap();
        let was = open(&keys, &purpose(), &before).unwrap();
        let claim = open_claim(&keys, &purpose(), qid, &question.claim).unwrap();
        let accept = (place == 0).then(|| (accepted(&keys, &*world, id, &was, &claim).unwrap(), question.version));
        let nothing = store.write({
            let accept = accept.clone();
            move |tx| decide(tx, qid, accept.as_ref(), " ", by, now)
        });
        assert!(matches!(nothing.await, Err(PersonError::NoReason)));
        for again in [false, true] {
            let accept = accept.clone();
            let done = store
                .write(move |tx| decide(tx, qid, accept.as_ref(), "xem giấy khai sinh", by, now))
                .await;
            assert_eq!(done.is_err(), again, "{done:?}");
        }
        let after = store.read(move |tx| record(tx, id)).await.unwrap().unwrap();
        let is = open(&keys, &purpose(), &after).unwrap();
        assert_eq!(is == was, place == 1);
        assert_eq!(is.address, was.address);
        names.push(is.name);
    }
    assert_eq!(names[0], names[1]);
    assert!(store.read(|tx| open_questions(tx, None)).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_organisation_is_open_and_a_household_is_not() {
    testkit::engines(&[crate::MIGRATIONS], async |test| {
        let (store, world, keys) = (test.store(), test.world().clone(), test.store().keys());
        let now = world.now();
        let details = |kind, code: &str, name: &str| OrganisationDetails {
            kind,
            tax_code: code.parse().unwrap(),
            name: name.to_owned(),
            address: None,
            phone: None,
            email: None,
        };
        let firm = details(OrganisationKind::Organisation, "0100109106", "Công ty Thành Sen");
        let shop = details(OrganisationKind::Household, "042190001234", "Trần Thị Hoa");
        for (details, shown, coded) in [
            (firm.clone(), "Công ty Thành Sen", true),
            (shop, "Tr*** T** H**", false),
        ] {
            let prepared = prepare_organisation(&keys, &*world, &details).unwrap();
            let (id, agrees) = store
                .write(move |tx| find_or_create_organisation(tx, &prepared, "sign-in", now))
                .await
                .unwrap();
            assert!(agrees);
            let (ring, code) = (keys.clone(), details.tax_code.clone());
            let found = store
                .read(move |tx| find_organisation(tx, &ring, &code))
                .await
                .unwrap()
                .unwrap();
            assert_eq!(
                (found.id, found.name.as_str(), found.tax_code.is_some()),
                (id, shown, coded)
            );
            assert!(open_organisation(&keys, &purpose(), &found).unwrap() == details);
        }
        let renamed = OrganisationDetails {
            name: "Công ty Khác".to_owned(),
            ..firm
        };
        let prepared = prepare_organisation(&keys, &*world, &renamed).unwrap();
        let (_, agrees) = store
            .write(move |tx| find_or_create_organisation(tx, &prepared, "sign-in", now))
            .await
            .unwrap();
        assert!(!agrees);
    })
    .await;
}
