//! Doubles: found without opening, joined once, parted exactly, refused for different numbers; both engines, any order.

use super::rules::{Known, Way, may_join};
use super::store::{link_of, page, suspect};
use super::{Decision, LinkId, Pair, PairState, Why, apart, group, join, kept, part};
use crate::account::{AccountId, Role};
use crate::person::{
    Found, PersonDetails, PersonError, PersonRef, candidates, find_or_create, find_ward, prepare, state_guardian,
};
use crate::session::Level;
use crate::testing::{MIGRATIONS, Province, claimed};
use http::StatusCode;
use jiff::civil::date;
use kernel::{Timestamp, World};
use testkit::TestStore;

fn child(name: &str) -> PersonDetails {
    PersonDetails {
        born: Some(date(2020, 6, 1)),
        ..PersonDetails::without_number(name)
    }
}

fn with_number(number: &str, name: &str) -> PersonDetails {
    PersonDetails {
        born: Some(date(2020, 6, 1)),
        ..PersonDetails::new(number.parse().unwrap(), name)
    }
}

fn old_card(old: &str, name: &str) -> PersonDetails {
    PersonDetails {
        old_number: old.parse().ok(),
        ..PersonDetails::without_number(name)
    }
}

async fn put(test: &TestStore, details: &PersonDetails) -> PersonRef {
    let prepared = prepare(&test.store().keys(), &**test.world(), details).unwrap();
    let now = test.world().now();
    let found: Found = test
        .store()
        .write(move |tx| find_or_create(tx, &prepared, "counter", now))
        .await
        .unwrap();
    found.person()
}

async fn open_pairs(test: &TestStore) -> Vec<(Pair, Why)> {
    let nil = PersonRef::from_uuid(uuid::Uuid::nil());
    let rows = test
        .store()
        .read(move |tx| page(tx, PairState::Open, (Timestamp::MIN, nil, nil)))
        .await
        .unwrap();
    rows.into_iter().map(|row| (row.pair, row.why)).collect()
}

fn decision(test: &TestStore) -> Decision {
    Decision {
        reason: "giấy khai sinh".to_owned(),
        by: AccountId::new(&**test.world()),
    }
}

async fn joined(test: &TestStore, pair: Pair, keep: PersonRef) -> Result<super::Link, PersonError> {
    let (link, word, now) = (LinkId::new(&**test.world()), decision(test), test.world().now());
    test.store()
        .write(move |tx| join(tx, link, pair, keep, &word, now))
        .await
}

async fn parted(test: &TestStore, link: LinkId) -> Result<super::Link, PersonError> {
    let (word, now) = (decision(test), test.world().now());
    test.store().write(move |tx| part(tx, link, &word, now)).await
}

#[test]
fn who_may_be_joined() {
    let (a, b) = (vec![1_u8], vec![2_u8]);
    let none: &[Vec<u8>] = &[];
    let known = |numbers: &[Vec<u8>], old: &[Vec<u8>]| Known {
        records: 1,
        numbers: numbers.to_vec(),
        old_numbers: old.to_vec(),
    };
    let (one, other, nobody) = (&[a.clone()][..], &[b.clone()][..], none);
    let table = [
        (
            "two without numbers",
            known(nobody, nobody),
            known(nobody, nobody),
            Some(Way::AsWished),
        ),
        (
            "into one with a number",
            known(nobody, nobody),
            known(one, nobody),
            Some(Way::AsWished),
        ),
        (
            "one with a number is kept",
            known(one, nobody),
            known(nobody, nobody),
            Some(Way::Turned),
        ),
        ("different numbers", known(one, nobody), known(other, nobody), None),
        ("different old numbers", known(nobody, one), known(nobody, other), None),
        (
            "the same old number",
            known(nobody, one),
            known(nobody, one),
            Some(Way::AsWished),
        ),
        (
            "old into new",
            known(nobody, one),
            known(other, one),
            Some(Way::AsWished),
        ),
        (
            "numbered, another old number",
            known(nobody, one),
            known(other, other),
            None,
        ),
    ];
    for (what, gone, into, wanted) in table {
        let got = may_join(&gone, &into);
        match wanted {
            Some(way) => assert_eq!(got.unwrap(), way, "{what}"),
            None => assert!(matches!(got, Err(PersonError::DifferentNumbers)), "{what}"),
        }
    }
    let crowd = Known {
        records: 50,
        ..Known::default()
    };
    assert!(matches!(
        may_join(&known(nobody, nobody), &crowd),
        Err(PersonError::Crowd)
    ));
}

#[test]
fn an_old_number_has_nine_digits_and_is_not_printed() {
    use crate::person::OldNumber;
    let number: OldNumber = "183 456 789".parse().unwrap();
    assert_eq!((number.as_str(), number.masked().as_str()), ("183456789", "******789"));
    assert_eq!(format!("{number:?}"), "OldNumber(…)");
    for wrong in ["", "18345678", "1834567890", "18345678a", "042190001234"] {
        assert!(wrong.parse::<OldNumber>().is_err(), "{wrong}");
    }
}

#[tokio::test]
async fn doubles_are_found_by_marks_alone() {
    testkit::engines(MIGRATIONS, async |test| {
        let first = put(test, &child("Lê Thị Na")).await;
        let again = put(test, &child("LÊ  thị na")).await;
        let number = put(test, &with_number("042320000018", "Lê Thị Na")).await;
        let namesake = put(test, &with_number("042320000019", "Lê Thị Na")).await;
        let carded = put(test, &old_card("183456789", "Phan Văn Tư")).await;
        let same_card = put(
            test,
            &PersonDetails {
                old_number: "183456789".parse().ok(),
                ..with_number("042090000020", "Phan Văn Tứ")
            },
        )
        .await;
        put(test, &child("Lê Thị Nở")).await;
        let mut wanted = vec![
            (Pair::of(first, again), Why::NameBirth),
            (Pair::of(first, number), Why::NameBirth),
            (Pair::of(again, number), Why::NameBirth),
            (Pair::of(first, namesake), Why::NameBirth),
            (Pair::of(again, namesake), Why::NameBirth),
            (Pair::of(carded, same_card), Why::OldNumber),
        ];
        let mut got = open_pairs(test).await;
        wanted.sort_by_key(|row| row.0);
        got.sort_by_key(|row| row.0);
        assert_eq!(got, wanted, "two different numbers are never suspected");

        // Who says the same again makes no second pair.
        put(test, &with_number("042320000018", "Lê Thị Na")).await;
        assert_eq!(open_pairs(test).await.len(), wanted.len());

        let keys = test.store().keys();
        let found = test
            .store()
            .read(move |tx| {
                let old = "183456789".parse().unwrap();
                let by_old = candidates(tx, &keys, None, Some(&old), None)?;
                let by_name = candidates(tx, &keys, None, None, Some(("le thi NA", date(2020, 6, 1))))?;
                let exact = candidates(tx, &keys, None, None, Some(("lê thị NA", date(2020, 6, 1))))?;
                let nobody = candidates(tx, &keys, None, None, Some(("Lê Thị Na", date(2020, 6, 2))))?;
                Ok::<_, PersonError>((by_old.len(), by_name.len(), exact.len(), nobody.len()))
            })
            .await
            .unwrap();
        let folded = kernel::fold::fold("le thi na") == kernel::fold::fold("lê thị na");
        assert_eq!(found, (2, if folded { 4 } else { 0 }, 4, 0));
    })
    .await;
}

#[tokio::test]
async fn a_guardian_names_her_child_twice_and_it_is_one_record() {
    testkit::engines(MIGRATIONS, async |test| {
        let mother = put(test, &with_number("042190001234", "Trần Thị Hoa")).await;
        let baby = put(test, &child("Lê Thị Na")).await;
        let (now, matter) = (test.world().now(), uuid::Uuid::from_u128(5));
        test.store()
            .write(move |tx| state_guardian(tx, baby, mother, "parent", matter, now))
            .await
            .unwrap();
        for (details, wanted) in [(child("lê thị na"), Some(baby)), (child("Lê Thị Nở"), None)] {
            let claim = prepare(&test.store().keys(), &**test.world(), &details).unwrap();
            let found = test
                .store()
                .read(move |tx| find_ward(tx, mother, &claim))
                .await
                .unwrap();
            assert_eq!(found, wanted);
        }
        // The number comes; the tie stays with the child.
        let number = put(test, &with_number("042320000018", "Lê Thị Na")).await;
        joined(test, Pair::of(baby, number), baby).await.unwrap();
        let ties = test
            .store()
            .read(move |tx| crate::person::guardians(tx, number))
            .await
            .unwrap();
        assert_eq!(ties.len(), 1);
        assert_eq!((ties[0].person, ties[0].tie.as_str()), (mother, "parent"));
    })
    .await;
}

#[tokio::test]
async fn different_numbers_are_refused_and_a_reason_is_needed() {
    testkit::engines(MIGRATIONS, async |test| {
        let one = put(test, &with_number("042320000018", "Lê Thị Na")).await;
        let other = put(test, &with_number("042320000019", "Lê Thị Na")).await;
        let bare = put(test, &child("Lê Thị Na")).await;
        let pair = Pair::of(one, other);
        let now = test.world().now();
        test.store()
            .write(move |tx| suspect(tx, pair, Why::NameBirth, now))
            .await
            .unwrap();
        assert!(matches!(
            joined(test, pair, one).await,
            Err(PersonError::DifferentNumbers)
        ));
        let mute = Decision {
            reason: " ".to_owned(),
            ..decision(test)
        };
        let link = LinkId::new(&**test.world());
        let refused = test
            .store()
            .write(move |tx| join(tx, link, Pair::of(one, bare), one, &mute, now))
            .await;
        assert!(matches!(refused, Err(PersonError::NoReason)));
        // Over a third record they do not become one either.
        joined(test, Pair::of(one, bare), one).await.unwrap();
        let over = joined(test, Pair::of(other, bare), other).await;
        assert!(matches!(over, Err(PersonError::DifferentNumbers)), "{over:?}");
        // Nothing of the refused ones is left: the pair can still be told apart.
        let word = decision(test);
        test.store().write(move |tx| apart(tx, pair, &word, now)).await.unwrap();
    })
    .await;
}

/// What anybody can read of these people: who stands for whom, which records are one person, which pairs are open.
type Seen = (Vec<PersonRef>, Vec<Vec<PersonRef>>, Vec<(Pair, Why)>);

async fn seen(test: &TestStore, people: &[PersonRef]) -> Seen {
    let all = people.to_vec();
    let (kept_by, groups) = test
        .store()
        .read(move |tx| {
            let mut kept_by = Vec::new();
            let mut groups = Vec::new();
            for person in &all {
                kept_by.push(kept(tx, *person)?);
                groups.push(group(tx, *person)?);
            }
            Ok::<_, PersonError>((kept_by, groups))
        })
        .await
        .unwrap();
    let mut pairs = open_pairs(test).await;
    pairs.sort_by_key(|row| row.0);
    (kept_by, groups, pairs)
}

#[tokio::test]
async fn merging_and_parting_is_as_if_nothing_had_been_in_any_order() {
    testkit::engines(MIGRATIONS, async |test| {
        let mut people = Vec::new();
        for _ in 0..6 {
            people.push(put(test, &child("Lê Thị Na")).await);
        }
        people.push(put(test, &with_number("042320000018", "Lê Thị Na")).await);
        let before = seen(test, &people).await;
        assert_eq!(before.0, people);
        let random = |bound: usize| {
            let mut bytes = [0; 4];
            test.world().fill(&mut bytes);
            usize::try_from(u32::from_le_bytes(bytes)).unwrap() % bound
        };
        let mut links: Vec<LinkId> = Vec::new();
        for _ in 0..40 {
            let (a, b) = (people[random(people.len())], people[random(people.len())]);
            if a == b || random(3) == 0 {
                if !links.is_empty() {
                    let link = links.swap_remove(random(links.len()));
                    parted(test, link).await.unwrap();
                    assert!(matches!(parted(test, link).await, Err(PersonError::NoLink)), "once");
                }
                continue;
            }
            let at = seen(test, &people).await;
            match joined(test, Pair::of(a, b), a).await {
                Ok(link) => {
                    let now = seen(test, &people).await;
                    assert_eq!(now.0[6], people[6], "the number is always kept");
                    parted(test, link.id).await.unwrap();
                    assert_eq!(seen(test, &people).await, at, "merge and part are nothing");
                    links.push(joined(test, Pair::of(a, b), a).await.unwrap().id);
                }
                Err(PersonError::OneAlready | PersonError::PairDecided) => {
                    assert_eq!(seen(test, &people).await, at, "what is refused changes nothing");
                }
                Err(error) => panic!("{error:?}"),
            }
        }
        while !links.is_empty() {
            let link = links.swap_remove(random(links.len()));
            parted(test, link).await.unwrap();
        }
        assert_eq!(seen(test, &people).await, before);
    })
    .await;
}

#[tokio::test]
async fn of_two_administrators_one_wins() {
    testkit::engines(MIGRATIONS, async |test| {
        let one = put(test, &child("Lê Thị Na")).await;
        let other = put(test, &with_number("042320000018", "Lê Thị Na")).await;
        let pair = Pair::of(one, other);
        let (a, b) = tokio::join!(joined(test, pair, one), joined(test, pair, other));
        assert_eq!(usize::from(a.is_ok()) + usize::from(b.is_ok()), 1, "{a:?} {b:?}");
        let told = a.as_ref().err().or(b.as_ref().err()).unwrap();
        assert!(matches!(told, PersonError::PairDecided), "{told:?}");
        let link = test.store().read(move |tx| link_of(tx, pair)).await.unwrap().unwrap();
        assert_eq!(
            (link.person, link.into),
            (one, other),
            "whoever won, the number is kept"
        );
    })
    .await;
}

#[tokio::test]
async fn an_administrator_sees_masks_and_the_person_sees_the_merge() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let citizen = province
            .identity
            .open_citizen(&claimed("042190001234", "Trần Thị Hoa"))
            .await
            .unwrap();
        let before = PersonDetails {
            born: Some(date(1990, 5, 17)),
            ..PersonDetails::without_number("Trần Thị Hoa")
        };
        put(test, &before).await;
        let admin = province.officer("quan", Role::UnitAdmin, province.root).await;
        let below = province.officer("quanxa", Role::UnitAdmin, province.commune).await;
        let token = province.token(below, Level::PasswordTotp).await;
        let mut outside = province.browser().with_session(&token);
        assert_eq!(outside.get("/admin/people/doubles").await.status, StatusCode::FORBIDDEN);

        let token = province.token(admin, Level::PasswordTotp).await;
        let mut browser = province.browser().with_session(&token);
        let list = browser.get("/admin/people/doubles").await;
        assert_eq!(list.status, StatusCode::OK, "{}", list.body);
        assert!(list.body.contains("Tr*** T** H**") && !list.body.contains("Trần Thị Hoa"));
        let at = list.body.find("/admin/people/doubles/").expect("a pair");
        let href = list.body[at..].split('"').next().unwrap().to_owned();
        let pair = browser.get(&href).await;
        for secret in ["Trần Thị Hoa", "042190001234", "17/05/1990"] {
            assert!(!pair.body.contains(secret), "{secret}: {}", pair.body);
        }
        assert!(pair.body.contains("********1234") && pair.body.contains("**/**/1990"));
        assert!(
            !pair.body.contains('\u{27e6}') && !list.body.contains('\u{27e6}'),
            "each text is there"
        );
        let keep = if pair.body.contains("value=\"keep-one\" checked") {
            "keep-one"
        } else {
            "keep-other"
        };
        let mute = browser.post(&href, &href, &[("decision", keep), ("reason", "")]).await;
        assert_eq!(mute.status, StatusCode::UNPROCESSABLE_ENTITY);
        let done = browser
            .post(&href, &href, &[("decision", keep), ("reason", "cùng một người")])
            .await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
        let joined = browser.get("/admin/people/doubles?state=joined").await;
        assert!(joined.body.contains(&href), "{}", joined.body);

        let token = province.token(citizen, Level::Oidc).await;
        let mut own = province.browser().with_session(&token);
        let uses = own.get("/my/data-use").await;
        assert!(uses.body.contains("gộp hai bản ghi về bạn"), "{}", uses.body);
    })
    .await;
}

#[tokio::test]
async fn old_records_get_their_indexes_in_chunks() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (keys, world) = (test.store().keys(), test.world().clone());
        let mut people = vec![
            put(test, &old_card("186123456", "Lê Văn Bình")).await,
            put(test, &with_number("042220000018", "Trần An")).await,
            put(test, &child("Trần An")).await,
        ];
        for n in 0..2 {
            people.push(put(test, &child(&format!("Trẻ {n}"))).await);
        }
        // As it was before there were marks.
        let forget = |tx: &mut ::store::Tx| {
            tx.execute("DELETE FROM person_double", &[])?;
            tx.execute("DELETE FROM person_mark", &[])
        };
        assert_eq!(test.store().write(forget).await.unwrap(), 6);
        let by_card = async || {
            let (keys, old) = (keys.clone(), "186123456".parse().unwrap());
            let read = test
                .store()
                .read(move |tx| candidates(tx, &keys, None, Some(&old), None));
            read.await.unwrap().len()
        };
        assert_eq!(by_card().await, 0);
        let nil = PersonRef::from_uuid(uuid::Uuid::nil());
        let mut after = Some(nil);
        let (mut chunks, mut marked) = (0, 0);
        while let Some(from) = after {
            let done = crate::person::jobs::chunk(&province.identity, from, 2).await.unwrap();
            assert!(done.count <= 2, "a chunk is bounded");
            (chunks, marked, after) = (chunks + 1, marked + done.count, done.next);
        }
        assert_eq!((chunks, marked), (3, 5));
        assert_eq!(by_card().await, 1);
        assert_eq!(
            open_pairs(test).await,
            [(Pair::of(people[1], people[2]), Why::NameBirth)]
        );
        let again = crate::person::jobs::chunk(&province.identity, nil, 200).await.unwrap();
        assert_eq!(
            (again.count, again.next),
            (0, None),
            "a second start finds nothing to do"
        );
        let _ = world;
    })
    .await;
}
