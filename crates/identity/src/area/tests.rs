//! What the lists of areas must answer, on the real lists that are shipped.

use super::correction::{self, Action, Outcome};
use super::http::read_day;
use super::import::{self, GapKind};
use super::kind::{comparable, english_name, without_diacritics};
use super::{
    Area, AreaBook, AreaCode, AreaKind, AreaLevel, NEW_ORDER_FIRST_DAY, OLD_ORDER_LAST_DAY, Resolved, Search, Span,
    Tally, Why, load, replace_all, seed,
};
use jiff::civil::{Date, date};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

static BOOK: LazyLock<AreaBook> = LazyLock::new(|| seed::shipped().unwrap().book(1));

fn code(text: &str) -> AreaCode {
    text.parse().unwrap()
}

fn names(resolved: &Resolved) -> Vec<&str> {
    resolved
        .now()
        .iter()
        .map(|id| BOOK.get(*id).unwrap().last().name.vi.as_str())
        .collect()
}

fn then(resolved: &Resolved) -> &'static Area {
    BOOK.get(resolved.then().unwrap()).unwrap()
}

#[test]
fn the_lists_are_whole() {
    let count = |level, on| {
        BOOK.all()
            .filter(|area| area.level == level && area.span().holds(on))
            .count()
    };
    assert_eq!(count(AreaLevel::Province, NEW_ORDER_FIRST_DAY), 34);
    assert_eq!(count(AreaLevel::Commune, NEW_ORDER_FIRST_DAY), 3_321);
    assert_eq!(count(AreaLevel::District, NEW_ORDER_FIRST_DAY), 0);
    assert_eq!(count(AreaLevel::Province, OLD_ORDER_LAST_DAY), 63);
    assert_eq!(count(AreaLevel::District, OLD_ORDER_LAST_DAY), 696);
    // Three more are in the map alone.
    assert_eq!(count(AreaLevel::Commune, OLD_ORDER_LAST_DAY), 10_038);
}

#[test]
fn the_figures_are_those_of_the_provenance() {
    let table = [
        (AreaLevel::Commune, date(2022, 12, 31), (9_700, 312, 587)),
        (AreaLevel::Commune, OLD_ORDER_LAST_DAY, (9_700, 312, 23)),
        (AreaLevel::Commune, date(2026, 8, 2), (3_321, 0, 0)),
        (AreaLevel::Province, OLD_ORDER_LAST_DAY, (63, 0, 0)),
        (AreaLevel::District, OLD_ORDER_LAST_DAY, (14, 682, 0)),
    ];
    for (level, on, (one, several, unknown)) in table {
        assert_eq!(BOOK.tally(level, on), Tally { one, several, unknown }, "{level:?} {on}");
    }
    let before = seed::uncorrected().unwrap().book(0);
    let figures = Tally {
        one: 9_672,
        several: 311,
        unknown: 616,
    };
    assert_eq!(before.tally(AreaLevel::Commune, date(2022, 12, 31)), figures);
}

#[test]
fn every_code_of_today_is_itself() {
    for area in BOOK.all().filter(|area| area.is_current()) {
        let code = area.last().code;
        for on in [
            NEW_ORDER_FIRST_DAY,
            date(2026, 8, 2),
            date(2026, 11, 22),
            date(2040, 1, 1),
        ] {
            let resolved = BOOK.resolve(&code, on);
            assert_eq!(
                (resolved.as_str(), resolved.now()),
                ("one", &[area.id][..]),
                "{code} on {on}"
            );
        }
        assert_eq!(BOOK.current(&code).map(|found| found.id), Some(area.id));
    }
}

#[test]
fn every_mapped_old_code_is_its_successors() {
    let draft = seed::shipped().unwrap();
    let mut by_old: BTreeMap<&str, BTreeSet<super::AreaId>> = BTreeMap::new();
    for (old, new) in draft.successions.keys() {
        by_old.entry(old).or_default().insert(draft.areas[new].id);
    }
    assert!(by_old.len() > 9_800, "{}", by_old.len());
    for (old, new) in by_old {
        let state = draft.areas[old].last();
        let resolved = BOOK.resolve(&state.code, OLD_ORDER_LAST_DAY);
        assert_eq!(resolved.now().iter().copied().collect::<BTreeSet<_>>(), new, "{old}");
        assert_eq!(
            resolved.as_str(),
            if new.len() == 1 { "one" } else { "several" },
            "{old}"
        );
        assert_eq!(resolved.then(), Some(draft.areas[old].id));
    }
}

#[test]
fn the_same_code_is_another_commune_the_day_after() {
    let before = BOOK.resolve(&code("00004"), OLD_ORDER_LAST_DAY);
    assert_eq!(then(&before).name_on(OLD_ORDER_LAST_DAY).vi, "Phường Trúc Bạch");
    let after = BOOK.resolve(&code("00004"), NEW_ORDER_FIRST_DAY);
    assert_eq!(then(&after).name_on(NEW_ORDER_FIRST_DAY).vi, "Phường Ba Đình");
    assert_ne!(before.then(), after.then());

    let split = BOOK.resolve(&code("00022"), OLD_ORDER_LAST_DAY);
    assert_eq!(names(&split), ["Phường Ba Đình", "Phường Ngọc Hà"]);
    assert!(matches!(
        split,
        Resolved::Several {
            seen: true,
            complete: true,
            ..
        }
    ));
}

#[test]
fn provinces_and_districts_lead_to_today() {
    let table = [
        ("30", OLD_ORDER_LAST_DAY, "Tỉnh Hải Dương", "Thành phố Hải Phòng"),
        ("93", OLD_ORDER_LAST_DAY, "Tỉnh Hậu Giang", "Thành phố Cần Thơ"),
        ("80", OLD_ORDER_LAST_DAY, "Tỉnh Long An", "Tỉnh Tây Ninh"),
        ("80", NEW_ORDER_FIRST_DAY, "Tỉnh Tây Ninh", "Tỉnh Tây Ninh"),
        ("72", OLD_ORDER_LAST_DAY, "Tỉnh Tây Ninh", "Tỉnh Tây Ninh"),
        ("42", OLD_ORDER_LAST_DAY, "Tỉnh Hà Tĩnh", "Tỉnh Hà Tĩnh"),
        ("318", OLD_ORDER_LAST_DAY, "Huyện Bạch Long Vĩ", "Đặc khu Bạch Long Vĩ"),
    ];
    for (text, on, was, is) in table {
        let resolved = BOOK.resolve(&code(text), on);
        assert_eq!(
            (then(&resolved).name_on(on).vi.as_str(), names(&resolved)),
            (was, vec![is]),
            "{text} {on}"
        );
    }
    // A province that went through the day unchanged is one area.
    let [before, after] = [OLD_ORDER_LAST_DAY, NEW_ORDER_FIRST_DAY].map(|on| BOOK.resolve(&code("42"), on).then());
    assert_eq!(before, after);
    // The town of Hà Tĩnh is now several communes, with those of its communes.
    let town = BOOK.resolve(&code("436"), OLD_ORDER_LAST_DAY);
    assert!(names(&town).contains(&"Phường Thành Sen"), "{:?}", names(&town));
    let hanoi = BOOK.children_on(BOOK.current(&code("01")).unwrap().id, date(2026, 1, 1));
    assert_eq!(hanoi.len(), 126);
}

#[test]
fn what_is_unknown_says_why() {
    let why = |text: &str, on: Date| match BOOK.resolve(&code(text), on) {
        Resolved::Unknown(why) => why,
        other => panic!("{text} on {on}: {other:?}"),
    };
    assert_eq!(why("99999", OLD_ORDER_LAST_DAY), Why::NeverListed);
    assert_eq!(why("00004", date(1990, 1, 1)), Why::BeforeCodes);
    // 00019 went on in 2025 under no code of its own.
    let Why::NotInForce { other_days } = why("00019", NEW_ORDER_FIRST_DAY) else {
        panic!()
    };
    assert_eq!(
        other_days.iter().map(|(_, span)| span.to).collect::<Vec<_>>(),
        [Some(OLD_ORDER_LAST_DAY)]
    );
    assert!(matches!(why("439", NEW_ORDER_FIRST_DAY), Why::NotInForce { .. }));

    let Why::NoSuccessor { then } = why("00010", date(2022, 12, 31)) else {
        panic!()
    };
    let lost = BOOK.get(then).unwrap();
    assert_eq!(
        (lost.last().name.vi.as_str(), lost.hint),
        ("Phường Nguyễn Trung Trực", Some(code("00004")))
    );
    let hint = super::api::hint(&BOOK, &BOOK.resolve(&code("00010"), date(2022, 12, 31))).unwrap();
    assert_eq!(hint.name_on(OLD_ORDER_LAST_DAY).vi, "Phường Trúc Bạch");
    // One that a list lacks and the map has was there to the last day, seen by no list.
    let late = BOOK.resolve(&code("10774"), OLD_ORDER_LAST_DAY);
    assert!(matches!(late, Resolved::One { seen: false, .. }), "{late:?}");
    // It had gone by the last day of the old order.
    assert!(matches!(why("00010", OLD_ORDER_LAST_DAY), Why::NotInForce { .. }));
}

#[test]
fn what_no_list_shows_for_the_day_says_so() {
    let seen = |on| match BOOK.resolve(&code("18073"), on) {
        Resolved::One { seen, .. } | Resolved::Several { seen, .. } => seen,
        Resolved::Unknown(why) => panic!("{why:?}"),
    };
    assert_eq!(
        [date(2015, 1, 1), date(2023, 5, 5), OLD_ORDER_LAST_DAY].map(seen),
        [false, true, true]
    );
    // Between two lists a code may have borne either name: the newer one is shown.
    let renamed = BOOK
        .all()
        .find(|area| area.states.len() == 2 && area.last().possible.to == Some(OLD_ORDER_LAST_DAY));
    let renamed = renamed.unwrap();
    let [old, new] = [date(2022, 12, 31), OLD_ORDER_LAST_DAY].map(|on| renamed.name_on(on).vi.clone());
    assert_ne!(comparable(&old), comparable(&new));
    assert_eq!(renamed.name_on(date(2024, 1, 1)).vi, new);
}

#[test]
fn a_commune_that_became_a_ward_keeps_its_id() {
    let area = BOOK.current(&code("26368")).unwrap();
    assert_eq!(area.name_on(NEW_ORDER_FIRST_DAY).vi, "Xã Long Thành");
    assert_eq!(
        (area.last().name.vi.as_str(), area.last().kind),
        ("Phường Long Thành", AreaKind::Ward)
    );
}

#[test]
fn search_needs_no_diacritics() {
    let search = |words, on| {
        let search = Search {
            words,
            level: None,
            within: None,
            on,
        };
        let (found, total) = BOOK.search(&search, 0, 5);
        (
            found
                .iter()
                .map(|area| area.last().name.vi.as_str())
                .collect::<Vec<_>>(),
            total,
        )
    };
    let today = Some(date(2026, 11, 22));
    assert_eq!(search("thanh sen", today).0, ["Phường Thành Sen"]);
    assert_eq!(search("Tha\u{300}nh Sen", today).0, ["Phường Thành Sen"]);
    assert_eq!(search("18073", today).0, ["Phường Thành Sen"]);
    assert_eq!(search("ha tinh", today).0[0], "Tỉnh Hà Tĩnh");
    assert_eq!(search("không có xã này", today), (Vec::new(), 0));
    assert!(
        search("trung truc nguyen", None)
            .0
            .contains(&"Phường Nguyễn Trung Trực")
    );
    let ha_tinh = BOOK.current(&code("42")).unwrap().id;
    let all = Search {
        words: "",
        level: Some(AreaLevel::Commune),
        within: Some(ha_tinh),
        on: today,
    };
    assert_eq!(BOOK.search(&all, 60, 20).0.len(), 9);
    assert_eq!(BOOK.search(&all, 0, 20).1, 69);
    let hue = BOOK.full_name(
        BOOK.current(&code("18073")).unwrap().id,
        kernel::Lang::En,
        date(2026, 1, 1),
    );
    assert_eq!(hue, "Thanh Sen Ward, Ha Tinh Province");
}

#[test]
fn kinds_are_read_off_names() {
    let table = [
        ("Phường Điện Biên", AreaKind::Ward, "Điện Biên", "Dien Bien Ward"),
        ("Thị Trấn Óc Eo", AreaKind::Township, "Óc Eo", "Oc Eo Township"),
        ("Thị xã Kỳ Anh", AreaKind::Town, "Kỳ Anh", "Ky Anh Town"),
        (
            "Xã Đắk N'Drung",
            AreaKind::Commune,
            "Đắk N'Drung",
            "Dak N'Drung Commune",
        ),
        ("Phường 12", AreaKind::Ward, "12", "Ward 12"),
        (
            "Đặc khu Côn Đảo",
            AreaKind::SpecialZone,
            "Côn Đảo",
            "Con Dao Special Zone",
        ),
        ("Thành phố Huế", AreaKind::City, "Huế", "Hue City"),
    ];
    for (full, kind, bare, english) in table {
        assert_eq!(AreaKind::split(full), Some((kind, bare)), "{full}");
        assert_eq!(english_name(full), english);
    }
    assert_eq!(AreaKind::of_name("Xãng"), None);
    assert_eq!(comparable("Phường 08"), comparable("phường 8"));
    assert_eq!(comparable("Xã Đoan Hoà"), comparable("Xã Đoan Hòa"));
    assert_ne!(comparable("Xã Hồ"), comparable("Phường Hồ"));
    assert_eq!(without_diacritics("ĐẮK Lắk"), "DAK Lak");
}

#[test]
fn days_are_read_as_people_write_them() {
    for text in ["30/06/2025", "30-6-2025", " 2025-06-30 ", "30.06.2025"] {
        assert_eq!(read_day(text).unwrap(), OLD_ORDER_LAST_DAY, "{text}");
    }
    for text in ["", "30/06", "31/06/2025", "30/06/25", "a/b/c", "2025-06-30-1"] {
        assert!(read_day(text).is_err(), "{text}");
    }
}

#[test]
fn the_shipped_corrections_all_change_something() {
    let mut draft = seed::uncorrected().unwrap();
    let text = std::fs::read_to_string(country().join("corrections.csv")).unwrap();
    let corrections = correction::parse("corrections.csv", &text).unwrap();
    let outcomes = correction::apply(&mut draft, &corrections);
    assert_eq!(outcomes.len(), 35);
    assert_eq!(outcomes.iter().find(|(_, outcome)| *outcome != Outcome::Applied), None);
    assert_eq!(draft.corrected.len(), 35);
}

#[test]
fn a_correction_can_do_four_things() {
    let mut draft = seed::uncorrected().unwrap();
    let text = "action,code,on,value,note\n\
        # a remark\n\
        successor,00010,2022-12-31,00004,nobody\n\
        successor,03001,2025-06-30,02902,a join\n\
        successor,03001,2025-06-30,02902,again\n\
        no-successor,00022,2025-06-30,00008,a mistake\n\
        name,18073,2027-01-01,Phường Hà Tĩnh,renamed\n\
        ended,00010,2022-12-31,2024-12-31,known now\n\
        successor,00001,1990-01-01,00004,never\n";
    let outcomes = correction::apply(&mut draft, &correction::parse("t.csv", text).unwrap());
    let outcomes: Vec<Outcome> = outcomes.into_iter().map(|(_, outcome)| outcome).collect();
    let expected = [
        // The day after 31/12/2022 code 00004 is that of Trúc Bạch.
        Outcome::Applied,
        Outcome::Applied,
        Outcome::AlreadySo,
        Outcome::Applied,
        Outcome::Applied,
        Outcome::Applied,
        Outcome::NoSuchArea,
    ];
    assert_eq!(outcomes, expected);
    let book = draft.book(1);
    let resolve = |text: &str, on| book.resolve(&code(text), on);
    assert_eq!(resolve("03001", OLD_ORDER_LAST_DAY).as_str(), "one");
    assert_eq!(resolve("00022", OLD_ORDER_LAST_DAY).as_str(), "one");
    // Through Trúc Bạch to Ba Đình: two generations.
    let lost = resolve("00010", date(2022, 12, 31));
    assert_eq!(lost.now().len(), resolve("00004", OLD_ORDER_LAST_DAY).now().len());
    assert!(matches!(
        resolve("00010", date(2025, 1, 1)),
        Resolved::Unknown(Why::NotInForce { .. })
    ));
    let area = book.current(&code("18073")).unwrap();
    assert_eq!(area.name_on(date(2026, 12, 31)).vi, "Phường Thành Sen");
    assert_eq!(area.name_on(date(2027, 1, 1)).vi, "Phường Hà Tĩnh");
    assert_eq!(area.name_on(date(2027, 1, 1)).en.as_deref(), Some("Ha Tinh Ward"));
}

#[test]
fn a_faulty_correction_names_its_line() {
    let table = [
        ("successor,1,2025-06-30,00004,", "line 3: \"1\""),
        ("successor,00001,2025-06-31,00004,", "line 3: \"2025-06-31\" is no date"),
        ("rename,00001,2025-06-30,x,", "line 3: unknown action"),
        (
            "name,00001,2025-06-30,Ba Đình,",
            "line 3: \"Ba Đình\" does not begin with a kind",
        ),
    ];
    for (row, expected) in table {
        let text = format!("action,code,on,value,note\nsuccessor,00001,2025-06-30,00004,fine\n{row}\n");
        let error = correction::parse("t.csv", &text).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let one = correction::parse(
        "t.csv",
        "action,code,on,value,note\nended,00001,2024-01-01,2024-12-31,\n",
    )
    .unwrap();
    assert_eq!(one[0].action, Action::Ended(date(2024, 12, 31)));
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn country() -> PathBuf {
    root().join("provinces/_country")
}

#[test]
fn the_shipped_gaps_are_those_of_the_lists() {
    let gaps = import::gaps(&BOOK);
    let count = |kind| gaps.iter().filter(|gap| gap.kind == kind).count();
    assert_eq!((count(GapKind::NoSuccessor), count(GapKind::NoPredecessor)), (587, 9));
    let shipped = std::fs::read_to_string(country().join("gaps.csv")).unwrap();
    assert_eq!(shipped, import::gaps_csv(&gaps), "run the importer again");
}

#[test]
fn the_lists_stay_small() {
    let size = |name: &str| std::fs::metadata(country().join(name)).unwrap().len();
    let all: u64 = ["areas.csv.gz", "area-successors.csv.gz", "corrections.csv", "gaps.csv"]
        .into_iter()
        .map(size)
        .sum();
    assert!(all < 600_000, "{all} bytes");
}

/// The importer on the published lists gives the files that are shipped. Skipped where the lists are not at hand; with
/// `TINHSO_BLESS=1` it writes them.
#[test]
fn importing_the_published_lists_gives_the_shipped_files() {
    let lists = root().join("../shared/data/units");
    if !lists.is_dir() {
        testkit::say("skipped: the published lists are not at hand");
        return;
    }
    if std::env::var_os("TINHSO_BLESS").is_some() {
        testkit::say(&import::run(&lists, &country()).unwrap());
        return;
    }
    let (draft, report) = import::from_folder(&lists).unwrap();
    assert!(
        draft == seed::uncorrected().unwrap(),
        "provinces/_country is not what the lists give"
    );
    assert_eq!(
        (report.map_rows, report.unjoined.len(), report.continuing),
        (10_358, 36, 134)
    );
    assert_eq!(report.disputed_codes, ["06970", "06978"]);
    assert!(report.unknown_pairs.is_empty());
    let text = report.text(&draft);
    assert!(
        text.contains("commune codes on 2022-12-31: one 9672, several 311, unknown 616"),
        "{text}"
    );
    let (areas, successors) = seed::write(&draft).unwrap();
    assert!(seed::read(&areas, &successors).unwrap() == draft);
}

#[test]
fn a_damaged_list_is_refused_with_its_line() {
    let (areas, successors) = seed::write(&seed::uncorrected().unwrap()).unwrap();
    assert!(seed::read(&areas[..areas.len() / 2], &successors).is_err());
    assert!(
        seed::read(&successors, &areas)
            .unwrap_err()
            .to_string()
            .contains("line 2")
    );
}

#[test]
fn ids_are_the_same_everywhere() {
    // The id of an area stands in the data of every province: a change of it would break them all.
    assert_eq!(
        super::area_id("42").to_string(),
        BOOK.current(&code("42")).unwrap().id.to_string()
    );
    insta::assert_snapshot!(super::area_id("18073@2025"), @"f8b1e6d8-d866-8430-81f9-f1abbddf127d");
}

#[tokio::test]
async fn the_lists_go_into_both_engines_and_come_back() {
    testkit::engines(&[crate::MIGRATIONS], async |test| {
        let started = std::time::Instant::now();
        let draft = seed::shipped().unwrap();
        test.store().write(move |tx| replace_all(tx, &draft)).await.unwrap();
        let book = test.store().read(load).await.unwrap();
        assert_eq!(book.version(), 1);
        testkit::say(&format!(
            "all areas written twice and read once: {:?}",
            started.elapsed()
        ));
        let cache = super::AreaCache::default();
        let book = cache.current(test.store()).await.unwrap();
        assert!(book.all().eq(BOOK.all()));
        assert_eq!(
            book.tally(AreaLevel::Commune, OLD_ORDER_LAST_DAY),
            BOOK.tally(AreaLevel::Commune, OLD_ORDER_LAST_DAY)
        );
        assert!(std::sync::Arc::ptr_eq(
            &book,
            &cache.current(test.store()).await.unwrap()
        ));
        // A newer list that lacks an area: its row stays for those who refer to it, and nothing of it is read.
        let mut shorter = seed::shipped().unwrap();
        shorter.areas.retain(|key, _| key == "01");
        shorter.successions.clear();
        test.store().write(move |tx| replace_all(tx, &shorter)).await.unwrap();
        assert!(
            cache
                .current(test.store())
                .await
                .unwrap()
                .get(super::area_id("00001"))
                .is_none()
        );
    })
    .await;
}

fn any_code() -> impl Strategy<Value = AreaCode> {
    prop_oneof!["[0-9]{2}", "[0-9]{3}", "[0-9]{5}"].prop_map(|text| code(&text))
}

fn any_day() -> impl Strategy<Value = Date> {
    (1990_i16..2060, 1_i8..=12, 1_i8..=28).prop_map(|(year, month, day)| date(year, month, day))
}

proptest! {
    /// Against a naive oracle over all areas: the bearer is the one area whose state says so, and what it resolves to
    /// exists today.
    #[test]
    fn resolving_agrees_with_a_walk_over_all_areas(code in any_code(), on in any_day()) {
        let bearers: Vec<&Area> = BOOK.all().filter(|area| {
            area.states.iter().any(|state| state.code == code && state.possible.holds(on))
        }).collect();
        prop_assert!(bearers.len() <= 1);
        let resolved = BOOK.resolve(&code, on);
        prop_assert_eq!(resolved.then(), bearers.first().map(|area| area.id));
        for id in resolved.now() {
            prop_assert!(BOOK.get(*id).unwrap().is_current());
        }
        if let Resolved::Several { now, complete, .. } = &resolved {
            prop_assert!(now.len() > 1 || !complete);
            prop_assert!(now.is_sorted_by_key(|id| BOOK.get(*id).unwrap().last().code));
        }
        if bearers.iter().any(|area| area.is_current()) {
            prop_assert_eq!(resolved.as_str(), "one");
        }
    }

    #[test]
    fn a_span_holds_its_ends(from in any_day(), length in 0_i32..4_000, day in any_day()) {
        let to = from.saturating_add(jiff::Span::new().days(length));
        let span = Span { from, to: Some(to) };
        prop_assert!(span.holds(from) && span.holds(to));
        prop_assert_eq!(span.holds(day), from <= day && day <= to);
        let lasting = Span { from, to: None };
        prop_assert!(lasting.holds(date(9000, 1, 1)));
    }
}
