//! Units: the shipped profiles, the rules of change, and both engines.

use super::profile::{self, Profile, ProfileUnits};
use super::{
    Change, ChangeKind, Code, CodeEntry, Effect, Level, NewUnit, Unit, UnitBook, UnitCache, UnitChangeId, UnitError,
    UnitId, UnitKind, UnitSearch, apply, changes_of, in_force, name_of, plan, save_profile,
};
use crate::area::{self, AreaBook, seed};
use crate::audit::Actor;
use jiff::civil::{Date, date};
use kernel::{Bilingual, Lang, World};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use testkit::ManualWorld;

static AREAS: LazyLock<AreaBook> = LazyLock::new(|| seed::shipped().unwrap().book(1));
static MADE: LazyLock<ProfileUnits> = LazyLock::new(|| ha_tinh().units(&AREAS).unwrap());
static BOOK: LazyLock<UnitBook> = LazyLock::new(|| book_of(&MADE));

const TODAY: Date = date(2026, 11, 22);
const LATER: Date = date(2027, 1, 1);

fn ha_tinh() -> Profile {
    Profile::shipped("ha-tinh").unwrap()
}

fn book_of(made: &ProfileUnits) -> UnitBook {
    UnitBook::new(1, made.units.clone(), made.successors.clone())
}

fn id(key: &str) -> UnitId {
    ha_tinh().unit_id(key)
}

fn area_of(code: &str) -> area::AreaId {
    AREAS.current(&code.parse().unwrap()).unwrap().id
}

#[test]
fn every_profile_makes_its_units() {
    let table = [
        ("ha-tinh", 69, 13),
        ("thai-nguyen", 92, 14),
        ("hai-phong", 114, 13),
        ("tay-ninh", 96, 13),
        ("can-tho", 103, 14),
    ];
    for (name, communes, departments) in table {
        let made = Profile::shipped(name).unwrap().units(&AREAS).unwrap();
        let book = book_of(&made);
        let count = |kind: UnitKind| {
            book.all()
                .filter(|unit| unit.kind == kind && unit.is_in_force(TODAY))
                .count()
        };
        assert_eq!(count(UnitKind::Commune), communes, "{name}");
        assert_eq!(count(UnitKind::Department), departments, "{name}");
        assert_eq!(count(UnitKind::Desk), communes + 1, "{name}");
        assert_eq!(count(UnitKind::Division), communes * 3, "{name}");
        assert_eq!(count(UnitKind::Province), 1, "{name}");
        assert_eq!(
            book.subtree(book.root(TODAY).unwrap().id, TODAY).len(),
            book.pairs(TODAY).count(),
            "{name}"
        );
        let codes: BTreeSet<String> = book
            .all()
            .flat_map(|unit| &unit.codes)
            .map(|code| code.value.code.to_string())
            .collect();
        assert_eq!(
            codes.len(),
            book.all().flat_map(|unit| &unit.codes).count(),
            "{name}: a code twice"
        );
        assert!(
            book.all().flat_map(|unit| &unit.codes).all(|code| !code.value.verified),
            "nobody has verified codes"
        );
    }
    assert!(
        Profile::shipped("atlantis")
            .unwrap_err()
            .to_string()
            .contains("ha-tinh")
    );
}

#[test]
fn the_units_of_ha_tinh_have_their_names() {
    let table = [
        ("province", "Ủy ban nhân dân tỉnh Hà Tĩnh", "H27"),
        ("desk", "Trung tâm Phục vụ hành chính công tỉnh Hà Tĩnh", "H27.00"),
        ("van-phong", "Văn phòng Ủy ban nhân dân tỉnh Hà Tĩnh", "H27.01"),
        ("tu-phap", "Sở Tư pháp", "H27.03"),
        ("thanh-tra", "Thanh tra tỉnh Hà Tĩnh", "H27.13"),
        ("18073", "Ủy ban nhân dân phường Thành Sen", "H27.30"),
        (
            "18073/desk",
            "Trung tâm Phục vụ hành chính công phường Thành Sen",
            "H27.30.00",
        ),
        (
            "18073/economy",
            "Phòng Kinh tế, Hạ tầng và Đô thị phường Thành Sen",
            "H27.30.02",
        ),
        ("18133/economy", "Phòng Kinh tế xã Hương Sơn", "H27.34.02"),
    ];
    for (key, name, code) in table {
        let unit = BOOK.get(id(key)).unwrap();
        assert_eq!(
            (unit.name_on(TODAY).vi.as_str(), unit.code_on(TODAY).unwrap().as_str()),
            (name, code),
            "{key}"
        );
        assert_eq!(
            BOOK.by_code(&code.parse().unwrap(), TODAY).map(|unit| unit.id),
            Some(unit.id)
        );
    }
    assert_eq!(
        BOOK.name(id("18073"), Lang::En, TODAY),
        "People's Committee of Thanh Sen Ward"
    );
    assert_eq!(
        BOOK.by_old_code(&"000.00.00.H27".parse().unwrap(), TODAY)
            .map(|unit| unit.id),
        Some(id("province"))
    );
    assert_eq!(BOOK.by_code(&"H27".parse().unwrap(), date(2020, 1, 1)), None);
}

#[test]
fn provinces_of_before_have_the_districts_and_communes_of_their_day() {
    // Districts and communes as the statistical lists count them on that day.
    let table = [
        ("long-an", date(2024, 2, 10), 15, 188, 18),
        ("hau-giang", date(2024, 12, 31), 8, 75, 19),
        ("hai-duong", date(2022, 12, 13), 12, 235, 18),
        ("ha-tinh-2023", date(2023, 12, 31), 13, 216, 18),
        ("thai-nguyen-2021", date(2021, 9, 2), 9, 178, 19),
    ];
    for (name, day, districts, communes, departments) in table {
        let profile = Profile::shipped(name).unwrap();
        assert_eq!(profile.as_of(), Some(day), "{name}");
        let made = profile.units(&AREAS).unwrap();
        let book = book_of(&made);
        let of = |kind: UnitKind| made.units.iter().filter(move |unit| unit.kind == kind);
        let is_district = |unit: &&Unit| unit.id == profile.unit_id(&format!("district-{}", area_code(unit, day)));
        assert_eq!(of(UnitKind::District).filter(is_district).count(), districts, "{name}");
        assert_eq!(of(UnitKind::District).count(), districts, "{name}");
        assert_eq!(of(UnitKind::Department).count(), departments, "{name}");
        assert_eq!(of(UnitKind::Commune).count(), communes, "{name}");
        assert_eq!(of(UnitKind::Desk).count(), communes + 1, "{name}");
        let codes: BTreeSet<String> = made
            .units
            .iter()
            .filter_map(|unit| unit.code_on(TODAY))
            .map(ToString::to_string)
            .collect();
        assert_eq!(codes.len(), made.units.len(), "{name}: a code twice");
        for unit in of(UnitKind::Commune) {
            let area = unit.place_on(TODAY).and_then(|place| place.area).unwrap();
            let state = AREAS.get(area).unwrap().state_on(day).expect("in force on that day");
            assert!(
                unit.name_on(TODAY)
                    .vi
                    .to_lowercase()
                    .ends_with(&state.name.vi.to_lowercase()),
                "{name}"
            );
            assert!(book.desk_for(unit.id, TODAY).is_some());
            // Three tiers: a commune stands below its district, and that below the province.
            let above = unit.parent_on(TODAY).and_then(|id| book.get(id)).expect("a unit above");
            assert_eq!(above.kind, UnitKind::District, "{name}");
            let district = above.place_on(TODAY).and_then(|place| place.area);
            assert_eq!(
                AREAS.get(area).unwrap().state_on(day).and_then(|state| state.parent),
                district,
                "{name}"
            );
            assert_eq!(above.parent_on(TODAY), Some(profile.unit_id("province")), "{name}");
        }
    }
    let long_an = book_of(&Profile::shipped("long-an").unwrap().units(&AREAS).unwrap());
    let names: Vec<&str> = long_an.all().map(|unit| unit.name_on(TODAY).vi.as_str()).collect();
    assert!(names.contains(&"Ủy ban nhân dân huyện Bến Lức"), "{names:?}");
}

fn area_code(unit: &Unit, day: Date) -> String {
    let area = unit.place_on(TODAY).and_then(|place| place.area).unwrap();
    AREAS
        .get(area)
        .unwrap()
        .state_on(day)
        .map(|state| state.code.to_string())
        .unwrap_or_default()
}

#[test]
fn provinces_that_live_on_are_known_by_their_old_codes() {
    let profile = Profile::shipped("can-tho").unwrap();
    let book = book_of(&profile.units(&AREAS).unwrap());
    let former = book
        .by_old_code(&"000.00.00.H30".parse().unwrap(), date(2024, 5, 5))
        .unwrap();
    assert_eq!(former.name_on(date(2024, 5, 5)).vi, "Ủy ban nhân dân tỉnh Hậu Giang");
    assert_eq!(book.by_code(&"H30".parse().unwrap(), TODAY), None);
    assert_eq!(book.living_on(former.id, TODAY), [profile.unit_id("province")]);
    assert_eq!(book.predecessors(profile.unit_id("province")).count(), 2);
}

#[test]
fn a_profile_whose_communes_do_not_fit_is_refused() {
    let (_, text) = profile::SHIPPED.iter().find(|(name, _)| *name == "ha-tinh").unwrap();
    let table = [
        (
            text.replace("18073 = \"30\"", "18074 = \"30\""),
            "communes without a group: [\"18073\"]",
        ),
        (text.replace("18073 = \"30\"", "18073 = \"3\""), "H27.3"),
        (
            text.replace("[department.khu-kinh-te]", "[department.khu-vu-tru]"),
            "khu-vu-tru is no usual department",
        ),
        (text.replace("opened_on", "opened"), "opened"),
    ];
    for (text, expected) in table {
        let refused = Profile::parse("ha-tinh", &text)
            .and_then(|profile| profile.units(&AREAS))
            .unwrap_err();
        assert!(refused.to_string().contains(expected), "{refused}");
    }
}

#[test]
fn the_competent_unit_is_found_by_sector_and_area() {
    let (sen, son) = (area_of("18073"), area_of("18133"));
    let table = [
        (Level::Commune, sen, "Hộ tịch", "18073/office"),
        (Level::Commune, son, "ho tich", "18133/office"),
        (Level::Commune, sen, "Đất đai", "18073/economy"),
        (Level::Commune, sen, "Người có công", "18073/culture-society"),
        (Level::Commune, sen, "Không có lĩnh vực này", "18073"),
        (Level::Province, sen, "Hộ tịch", "tu-phap"),
        (Level::Province, sen, "Đất đai", "nong-nghiep-moi-truong"),
        (Level::Province, sen, "Không có lĩnh vực này", "province"),
    ];
    for (level, area, sector, key) in table {
        assert_eq!(
            BOOK.competent_unit(level, area, sector, TODAY),
            Some(id(key)),
            "{level:?} {sector}"
        );
    }
    assert_eq!(
        BOOK.competent_unit(Level::Commune, area_of("00004"), "Hộ tịch", TODAY),
        None
    );
    assert_eq!(BOOK.desk_of(sen, TODAY).map(|unit| unit.id), Some(id("18073/desk")));
    assert_eq!(
        BOOK.desk_for(id("18073/economy"), TODAY).map(|unit| unit.id),
        Some(id("18073/desk"))
    );
    assert_eq!(
        BOOK.desk_for(id("tu-phap"), TODAY).map(|unit| unit.id),
        Some(id("desk"))
    );
    assert_eq!(
        BOOK.agency_of(id("18073/desk"), TODAY).map(|unit| unit.id),
        Some(id("18073"))
    );
    let above: Vec<UnitId> = BOOK
        .ancestors(id("18073/desk"), TODAY)
        .iter()
        .map(|unit| unit.id)
        .collect();
    assert_eq!(above, [id("18073"), id("province")]);
}

#[test]
fn units_are_found_without_diacritics() {
    let search = |words, kind, on| {
        let (found, total) = BOOK.search(
            &UnitSearch {
                words,
                kind,
                within: None,
                on,
            },
            0,
            3,
        );
        (found.iter().map(|unit| unit.id).collect::<Vec<_>>(), total)
    };
    assert_eq!(
        search("thanh sen", Some(UnitKind::Commune), Some(TODAY)),
        (vec![id("18073")], 1)
    );
    assert_eq!(search("H27.30", None, Some(TODAY)).1, 5);
    assert_eq!(search("so tu phap", None, Some(TODAY)).0[0], id("tu-phap"));
    assert_eq!(search("", Some(UnitKind::Division), Some(TODAY)).1, 69 * 3);
    assert_eq!(search("", None, Some(date(2020, 1, 1))).1, 0);
    let within = UnitSearch {
        words: "",
        kind: None,
        within: Some(id("18073")),
        on: Some(TODAY),
    };
    assert_eq!(BOOK.search(&within, 0, 10).1, 5);
}

fn change(kind: ChangeKind, on: Date) -> Change {
    Change {
        id: UnitChangeId::from_uuid(uuid::Uuid::from_u128(7)),
        kind,
        on,
        reason: "QĐ 1/QĐ-UBND".to_owned(),
    }
}

fn new_unit(kind: UnitKind, parent: Option<&str>, code: Option<&str>) -> ChangeKind {
    ChangeKind::Open(Box::new(NewUnit {
        id: UnitId::from_uuid(uuid::Uuid::from_u128(99)),
        kind,
        name: Bilingual::vi(" Phòng Chuyển đổi số "),
        code: code.map(|code| CodeEntry {
            code: Code::New(code.parse().unwrap()),
            verified: false,
        }),
        parent: parent.map(id),
        area: None,
        working_hours: "office".to_owned(),
        sectors: Vec::new(),
    }))
}

fn rename(unit: &str, name: &str) -> ChangeKind {
    ChangeKind::Rename {
        unit: id(unit),
        name: Bilingual::vi(name),
    }
}

#[test]
fn changes_that_history_cannot_bear_are_refused() {
    let recode = |unit: &str, code: &str| ChangeKind::Recode {
        unit: id(unit),
        code: code.parse().unwrap(),
        verified: true,
    };
    let table: Vec<(&str, ChangeKind, Date)> = vec![
        ("unit-no-name", rename("18073", "  "), LATER),
        (
            "unit-no-change",
            ChangeKind::Rename {
                unit: id("18073"),
                name: BOOK.get(id("18073")).unwrap().name_on(TODAY).clone(),
            },
            LATER,
        ),
        ("unit-before-last-change", rename("18073", "Tên khác"), date(2025, 7, 1)),
        ("unit-not-in-force", rename("18073", "Tên khác"), date(2025, 6, 30)),
        (
            "unit-none",
            ChangeKind::Rename {
                unit: super::unit_id("x", "y"),
                name: Bilingual::vi("a"),
            },
            LATER,
        ),
        ("unit-code-taken", recode("18073", "H27.31"), LATER),
        (
            "unit-code-taken",
            new_unit(UnitKind::Division, Some("18073"), Some("H27.30.02")),
            LATER,
        ),
        (
            "unit-no-change",
            ChangeKind::Move {
                unit: id("18073/economy"),
                parent: id("18073"),
            },
            LATER,
        ),
        (
            "unit-kind-does-not-fit",
            ChangeKind::Move {
                unit: id("18073/economy"),
                parent: id("18073/desk"),
            },
            LATER,
        ),
        (
            "unit-kind-does-not-fit",
            new_unit(UnitKind::Province, Some("province"), None),
            LATER,
        ),
        (
            "unit-kind-does-not-fit",
            new_unit(UnitKind::Division, None, None),
            LATER,
        ),
        (
            "unit-has-open-units",
            ChangeKind::Close {
                unit: id("18073"),
                successors: Vec::new(),
            },
            LATER,
        ),
        (
            "unit-ring",
            ChangeKind::Close {
                unit: id("tu-phap"),
                successors: vec![id("tu-phap")],
            },
            LATER,
        ),
        (
            "unit-nothing-to-merge",
            ChangeKind::Merge {
                units: vec![id("18073")],
                into: id("18073"),
            },
            LATER,
        ),
        (
            "unit-nothing-to-merge",
            ChangeKind::Merge {
                units: Vec::new(),
                into: id("18073"),
            },
            LATER,
        ),
        (
            "unit-ring",
            ChangeKind::Merge {
                units: vec![id("18073")],
                into: id("18073/economy"),
            },
            LATER,
        ),
    ];
    for (expected, kind, on) in table {
        let refused = plan(&BOOK, &change(kind.clone(), on)).unwrap_err();
        assert_eq!(kernel::Fault::code(&refused), expected, "{kind:?}");
    }
    let without_reason = Change {
        reason: " ".to_owned(),
        ..change(rename("18073", "a"), LATER)
    };
    assert!(matches!(plan(&BOOK, &without_reason), Err(UnitError::NoReason)));
}

#[test]
fn a_ring_through_a_child_is_refused() {
    let made = ha_tinh().units(&AREAS).unwrap();
    let mut units = made.units;
    let parent = id("18073/economy");
    let child = super::unit_id("t", "team");
    let mut team: Unit = units.iter().find(|unit| unit.id == id("18073/office")).unwrap().clone();
    (team.id, team.codes) = (child, Vec::new());
    team.places[0].value.parent = Some(parent);
    units.push(team);
    let book = UnitBook::new(1, units, Vec::new());
    let refused = plan(
        &book,
        &change(
            ChangeKind::Move {
                unit: parent,
                parent: child,
            },
            LATER,
        ),
    )
    .unwrap_err();
    assert!(matches!(refused, UnitError::Ring { .. }), "{refused}");
}

#[test]
fn nothing_outlives_what_it_stands_below() {
    let mut team = new_unit(UnitKind::Division, Some("18073/economy"), None);
    let book = changed(&BOOK, &change(team.clone(), date(2028, 1, 1))).unwrap();
    let close = ChangeKind::Close {
        unit: id("18073/economy"),
        successors: Vec::new(),
    };
    assert!(matches!(
        plan(&book, &change(close.clone(), LATER)),
        Err(UnitError::HasOpenUnits { open: 1, .. })
    ));
    let merge = ChangeKind::Merge {
        units: vec![id("18073/economy")],
        into: id("18073/office"),
    };
    assert!(matches!(
        plan(&book, &change(merge, LATER)),
        Err(UnitError::HasOpenUnits { open: 1, .. })
    ));

    let book = changed(&BOOK, &change(close, date(2028, 1, 1))).unwrap();
    if let ChangeKind::Open(unit) = &mut team {
        unit.parent = Some(id("18073/economy"));
    }
    assert!(matches!(
        plan(&book, &change(team, LATER)),
        Err(UnitError::NotInForce { .. })
    ));

    // In 2028 the office goes below the economy; the economy cannot go below the office before that.
    let below = |unit: &str, parent: &str| ChangeKind::Move {
        unit: id(unit),
        parent: id(parent),
    };
    let book = changed(&BOOK, &change(below("18073/office", "18073/economy"), date(2028, 1, 1))).unwrap();
    let refused = plan(&book, &change(below("18073/economy", "18073/office"), LATER)).unwrap_err();
    assert!(matches!(refused, UnitError::Ring { .. }), "{refused}");
}

#[test]
fn a_merge_closes_moves_and_leads_on() {
    let kind = ChangeKind::Merge {
        units: vec![id("18100")],
        into: id("18073"),
    };
    let effects = plan(&BOOK, &change(kind, LATER)).unwrap();
    let moved = effects
        .iter()
        .filter(|effect| matches!(effect, Effect::Place(_, place) if place.parent == Some(id("18073"))));
    assert_eq!(moved.count(), 3);
    assert!(effects.contains(&Effect::Follow(id("18100/desk"), id("18073/desk"))));
    assert!(effects.contains(&Effect::Follow(id("18100"), id("18073"))));
    assert_eq!(
        effects
            .iter()
            .filter(|effect| matches!(effect, Effect::Close(_)))
            .count(),
        2
    );
}

#[tokio::test]
async fn units_change_on_both_engines() {
    testkit::engines(&[crate::MIGRATIONS], async |test| {
        let store = test.store();
        let mut draft = seed::shipped().unwrap();
        let province = area_of("42");
        draft
            .areas
            .retain(|_, area| area.id == province || area.last().parent == Some(province));
        draft.successions.clear();
        store.write(move |tx| area::replace_all(tx, &draft)).await.unwrap();
        let now = test.world().now();
        for expected in [MADE.units.len(), 0] {
            let new = store
                .write(move |tx| save_profile(tx, &MADE, "ha-tinh", now))
                .await
                .unwrap();
            assert_eq!(new, expected);
        }
        let cache = UnitCache::default();
        let book = cache.current(store).await.unwrap();
        assert!(book.all().map(|unit| unit.id).eq(BOOK.all().map(|unit| unit.id)));
        for unit in book.all() {
            assert_eq!(Some(unit), BOOK.get(unit.id));
        }
        let in_force = store.read(move |tx| in_force(tx, TODAY)).await.unwrap();
        let pairs: BTreeMap<_, _> = in_force.iter().map(|unit| (unit.id, unit.parent)).collect();
        assert_eq!(pairs, book.pairs(TODAY).collect::<BTreeMap<_, _>>());

        let world = test.world().clone();
        let do_it = async |kind: ChangeKind, on: Date| {
            let change = Change {
                id: UnitChangeId::new(&*world),
                ..change(kind, on)
            };
            store.write(move |tx| apply(tx, &change, Actor::System, now)).await
        };
        do_it(rename("tu-phap", "Sở Tư pháp và Hộ tịch"), LATER).await.unwrap();
        let refused = do_it(rename("tu-phap", "Sở Tư pháp"), date(2026, 12, 31))
            .await
            .unwrap_err();
        assert!(matches!(refused, UnitError::BeforeLastChange { .. }), "{refused}");
        let code = "H27.A0".parse().unwrap();
        do_it(
            ChangeKind::Recode {
                unit: id("18073"),
                code,
                verified: true,
            },
            LATER,
        )
        .await
        .unwrap();
        do_it(new_unit(UnitKind::Division, Some("18073"), Some("H27.30.09")), LATER)
            .await
            .unwrap();
        do_it(
            ChangeKind::Merge {
                units: vec![id("18100")],
                into: id("18073"),
            },
            date(2027, 2, 1),
        )
        .await
        .unwrap();
        do_it(
            ChangeKind::Close {
                unit: id("thanh-tra"),
                successors: vec![id("noi-vu")],
            },
            LATER,
        )
        .await
        .unwrap();

        let book = cache.current(store).await.unwrap();
        let justice = book.get(id("tu-phap")).unwrap();
        assert_eq!(justice.name_on(date(2026, 12, 31)).vi, "Sở Tư pháp");
        assert_eq!(justice.name_on(LATER).vi, "Sở Tư pháp và Hộ tịch");
        let sen = book.get(id("18073")).unwrap();
        assert_eq!(
            [TODAY, LATER].map(|on| sen.code_on(on).unwrap().to_string()),
            ["H27.30", "H27.A0"]
        );
        let gone = book.get(id("18100")).unwrap();
        assert_eq!(gone.span.to, Some(date(2027, 1, 31)));
        assert_eq!(book.living_on(id("18100/desk"), date(2027, 3, 1)), [id("18073/desk")]);
        assert_eq!(book.children(id("18073"), date(2027, 3, 1)).len(), 4 + 1 + 3);
        assert_eq!(book.living_on(id("thanh-tra"), LATER), [id("noi-vu")]);
        assert_eq!(
            book.subtree(id("province"), date(2027, 3, 1)).len(),
            book.pairs(date(2027, 3, 1)).count()
        );
        let history = store.read(|tx| changes_of(tx, id("18073"))).await.unwrap();
        let kinds: Vec<&str> = history.iter().map(|row| row.kind.as_str()).collect();
        assert_eq!(
            (kinds.len(), kinds.contains(&"merge"), kinds.contains(&"recode")),
            (2, true, true)
        );
        let name = store.read(|tx| name_of(tx, id("tu-phap"))).await.unwrap();
        assert_eq!(name.as_deref(), Some("Sở Tư pháp và Hộ tịch"));
        let report = store.read(crate::audit::verify).await.unwrap();
        assert!(report.faults.is_empty());
    })
    .await;
}

/// A sequence of random changes: whatever the rules let pass, the tree of every day stays whole.
fn any_change() -> impl Strategy<Value = (u8, usize, usize, i32)> {
    (0_u8..5, 0_usize..360, 0_usize..360, 0_i32..900)
}

fn changed(book: &UnitBook, change: &Change) -> Option<UnitBook> {
    let effects = plan(book, change).ok()?;
    let mut units: Vec<Unit> = book.all().cloned().collect();
    let mut successors: Vec<(UnitId, UnitId, Date)> = book
        .all()
        .flat_map(|unit| book.successors(unit.id).map(|(new, on)| (unit.id, new, on)))
        .collect();
    let last = change.on.yesterday().unwrap();
    for effect in effects {
        apply_in_memory(&mut units, &mut successors, effect, change.on, last);
    }
    Some(UnitBook::new(book.version() + 1, units, successors))
}

fn apply_in_memory(
    units: &mut Vec<Unit>,
    successors: &mut Vec<(UnitId, UnitId, Date)>,
    effect: Effect,
    on: Date,
    last: Date,
) {
    fn push<T>(values: &mut Vec<super::Dated<T>>, value: Option<T>, on: Date, last: Date) {
        if let Some(open) = values.iter_mut().rev().find(|dated| dated.span.to.is_none()) {
            open.span.to = Some(last);
        }
        values.extend(value.map(|value| super::Dated {
            span: crate::area::Span { from: on, to: None },
            value,
        }));
    }
    let find = |units: &mut Vec<Unit>, id: UnitId| units.iter().position(|unit| unit.id == id).unwrap();
    match effect {
        Effect::Open(unit) => units.push(*unit),
        Effect::Name(id, name) => {
            let at = find(units, id);
            push(&mut units[at].names, Some(name), on, last);
        }
        Effect::Code(id, code) => {
            let at = find(units, id);
            push(&mut units[at].codes, Some(code), on, last);
        }
        Effect::Place(id, place) => {
            let at = find(units, id);
            push(&mut units[at].places, Some(place), on, last);
        }
        Effect::Close(id) => {
            let at = find(units, id);
            let unit = &mut units[at];
            push(&mut unit.names, None, on, last);
            push(&mut unit.codes, None, on, last);
            push(&mut unit.places, None, on, last);
            unit.span.to = Some(last);
        }
        Effect::Follow(old, new) => successors.push((old, new, on)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn the_tree_of_every_day_stays_whole(changes in proptest::collection::vec(any_change(), 1..16)) {
        let mut book = book_of(&MADE);
        let world = ManualWorld::with_seed(5);
        for (what, one, other, days) in changes {
            let ids: Vec<UnitId> = book.all().map(|unit| unit.id).collect();
            let (one, other) = (ids[one % ids.len()], ids[other % ids.len()]);
            let on = TODAY.saturating_add(jiff::Span::new().days(days));
            let kind = match what {
                0 => ChangeKind::Move { unit: one, parent: other },
                1 => ChangeKind::Merge { units: vec![one], into: other },
                2 => ChangeKind::Close { unit: one, successors: vec![other] },
                3 => ChangeKind::Rename { unit: one, name: Bilingual::vi(format!("Đơn vị {days}")) },
                _ => ChangeKind::Open(Box::new(NewUnit {
                    id: UnitId::new(&*world),
                    kind: UnitKind::Division,
                    name: Bilingual::vi("Tổ"),
                    code: None,
                    parent: Some(one),
                    area: None,
                    working_hours: String::new(),
                    sectors: Vec::new(),
                })),
            };
            book = changed(&book, &change(kind, on)).unwrap_or(book);
        }
        for day in [TODAY, date(2027, 6, 1), date(2029, 12, 31)] {
            let root = book.root(day).unwrap().id;
            let whole: BTreeSet<UnitId> = book.subtree(root, day).into_iter().collect();
            let open: BTreeSet<UnitId> = book.pairs(day).map(|(unit, _)| unit).collect();
            prop_assert_eq!(whole, open);
            for unit in book.all().filter(|unit| unit.is_in_force(day)) {
                prop_assert!(unit.kind.fits_below(unit.parent_on(day).map(|id| book.get(id).unwrap().kind)));
            }
        }
    }
}
