//! Tiles of sheets that are made here and of the real trees: counts stay true at every zoom, nobody sees more than she may, no tile is
//! too large, and what is written is what another reader reads.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fast_mvt::MvtReaderRef;
use identity::UnitId;
use proptest::prelude::*;
use uuid::Uuid;

use super::draw::{Sheets, View, tile};
use super::mercator::{to_degrees, to_world};
use super::mvt::value;
use super::sheet::{Builder, RowHead, Sheet};
use super::*;

fn unit(number: u128) -> UnitId {
    UnitId::from_uuid(Uuid::from_u128(number))
}

fn everything() -> View {
    View {
        units: None,
        public: true,
        filters: Vec::new(),
    }
}

fn sheets(sheet: &Sheet) -> Sheets<'_> {
    Sheets {
        base: sheet,
        gone: None,
        over: None,
    }
}

/// Points; every third is published, every second lies at unit 1, the others at unit 2.
fn of_points(points: &[[f64; 2]]) -> Sheet {
    let columns = vec![("tag".to_owned(), false), ("health".to_owned(), true)];
    let mut builder = Builder::new(
        true,
        false,
        columns,
        vec![("health".to_owned(), true), ("tag".to_owned(), false)],
    );
    for (at, [x, y]) in points.iter().enumerate() {
        let head = RowHead {
            id: Uuid::from_u128(at as u128),
            unit: unit(1 + at as u128 % 2),
            is_published: at % 3 == 0,
        };
        builder.point(&head, to_world(*x, *y));
        let (tag, health) = (format!("LA-{at:06}"), if at % 5 == 0 { "dead" } else { "good" });
        builder.value(0, Some(&value::text(&tag)));
        builder.value(1, Some(&value::text(health)));
        builder.filter(0, Some(health.as_bytes()));
        builder.filter(1, Some(tag.as_bytes()));
    }
    builder.finish()
}

/// What a feature of a tile says, as another reader reads it.
#[derive(Debug, Default, PartialEq)]
struct Feature {
    says: BTreeMap<String, String>,
    geometry: String,
}

fn features(tile: &[u8]) -> Vec<Feature> {
    if tile.is_empty() {
        return Vec::new();
    }
    let reader = MvtReaderRef::new(tile).expect("a tile");
    let mut all = Vec::new();
    for layer in reader.layers() {
        for feature in layer.features() {
            let mut says = BTreeMap::new();
            for property in feature.properties() {
                let (key, value) = property.expect("a property");
                says.insert(key.to_owned(), format!("{value:?}"));
            }
            let geometry = format!("{:?}", feature.geometry().expect("a geometry"));
            all.push(Feature { says, geometry });
        }
    }
    all
}

/// The records that a tile counts.
fn counted(tile: &[u8]) -> u64 {
    let each = features(tile).into_iter().map(|feature| match feature.says.get("n") {
        Some(text) => text
            .chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
            .parse()
            .unwrap_or(u64::MAX),
        None => 1,
    });
    // A type's name may have digits: `UInt(12)` has none before its number.
    each.sum()
}

fn tiles_of(places: impl Iterator<Item = [u32; 2]>, z: u8) -> BTreeSet<(u32, u32)> {
    let shift = 32 - u32::from(z);
    let of = |at: u32| u32::try_from(u64::from(at) >> shift).expect("a tile");
    places.map(|[x, y]| (of(x), of(y))).collect()
}

fn spread() -> impl Strategy<Value = Vec<[f64; 2]>> {
    let anywhere = (-180.0..180.0, -89.0..89.0).prop_map(|(x, y)| [x, y]);
    let near = (105.80..105.81, 18.30..18.31).prop_map(|(x, y)| [x, y]);
    prop::collection::vec(prop_oneof![1 => anywhere, 6 => near], 1..200)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_tiles_of_a_zoom_count_every_record_once(points in spread(), copies in 1_usize..90, z in 0_u8..=18) {
        // Copies in one place bring a tile above the number at which points become clusters.
        let all: Vec<[f64; 2]> = points.iter().flat_map(|at| std::iter::repeat_n(*at, copies)).collect();
        let sheet = of_points(&all);
        let places = all.iter().map(|[x, y]| to_world(*x, *y));
        let mut total = 0;
        for (x, y) in tiles_of(places, z) {
            let tile = tile("tree", &sheets(&sheet), &everything(), TileAt::new(z, x, y).expect("a tile"));
            prop_assert!(tile.len() <= BYTES_MAX);
            total += counted(&tile);
        }
        prop_assert_eq!(total, all.len() as u64);
    }

    #[test]
    fn lines_and_areas_are_counted_once_too(
        boxes in prop::collection::vec((104.0..107.0, 17.0..20.0, 0.0001..1.5, 0.0001..1.5), 1..60),
        is_area in any::<bool>(),
        z in 3_u8..=11,
    ) {
        let mut builder = Builder::new(false, is_area, Vec::new(), Vec::new());
        let mut covered = BTreeSet::new();
        for (at, &(x, y, w, h)) in boxes.iter().enumerate() {
            // An area whose middle lies outside of it.
            let corner = |a: f64, b: f64| -> [u32; 2] { to_world(x + w * a, y + h * b) };
            let ring = vec![corner(0.0, 0.0), corner(1.0, 0.0), corner(1.0, 0.1), corner(0.1, 0.1), corner(0.1, 1.0), corner(0.0, 1.0), corner(0.0, 0.0)];
            let head = RowHead { id: Uuid::from_u128(at as u128), unit: unit(1), is_published: true };
            prop_assert!(builder.shape(&head, &[(ring, true)]));
            let (low, high) = (corner(0.0, 1.0), corner(1.0, 0.0));
            let shift = 32 - u32::from(z);
            for tx in (low[0] >> shift)..=(high[0] >> shift) {
                for ty in (low[1] >> shift)..=(high[1] >> shift) {
                    covered.insert((tx, ty));
                }
            }
        }
        let sheet = builder.finish();
        let mut total = 0;
        for (x, y) in covered {
            let tile = tile("parcel", &sheets(&sheet), &everything(), TileAt::new(z, x, y).expect("a tile"));
            prop_assert!(tile.len() <= BYTES_MAX);
            total += counted(&tile);
        }
        prop_assert_eq!(total, boxes.len() as u64);
    }

    #[test]
    fn a_place_comes_back_from_the_square(x in -180.0..180.0, y in -85.0..85.0) {
        let [back_x, back_y] = to_degrees(to_world(x, y));
        prop_assert!((back_x - x).abs() < 1e-6 && (back_y - y).abs() < 1e-6);
    }
}

#[test]
fn whoever_asks_sees_her_own_rows_whole_and_of_others_what_is_published() {
    let points: Vec<[f64; 2]> = (0..60).map(|at| [105.8 + f64::from(at) * 1e-5, 18.3]).collect();
    let sheet = of_points(&points);
    let [x, y] = to_world(105.8, 18.3);
    let at = TileAt::new(12, x >> 20, y >> 20).expect("a tile");
    let drawn = |units: Option<Vec<UnitId>>, public, filters: &[(&str, &str)]| {
        let filters = filters
            .iter()
            .map(|(field, text)| ((*field).to_owned(), text.as_bytes().into()));
        let view = View {
            units: units.map(Arc::from),
            public,
            filters: filters.collect(),
        };
        features(&tile("tree", &sheets(&sheet), &view, at))
    };
    let tagged = |all: &[Feature]| all.iter().filter(|one| one.says.contains_key("tag")).count();
    assert_eq!(drawn(None, false, &[]).len(), 60);
    assert_eq!(tagged(&drawn(None, false, &[])), 60);
    let public = drawn(Some(Vec::new()), true, &[]);
    assert_eq!((public.len(), tagged(&public)), (20, 0));
    assert!(public.iter().all(|one| one.says.contains_key("health")));
    assert_eq!(drawn(Some(Vec::new()), false, &[]).len(), 0);
    // Of unit 1 she sees all 30; of unit 2 the ten that are published, without their tags.
    let mixed = drawn(Some(vec![unit(1)]), true, &[]);
    assert_eq!((mixed.len(), tagged(&mixed)), (40, 30));
    assert_eq!(drawn(None, true, &[("health", "dead")]).len(), 12);
    assert_eq!(drawn(None, true, &[("health", "unheard")]).len(), 0);
    assert_eq!(drawn(None, true, &[("nothing", "x")]).len(), 0);
    // Whoever does not see a tag cannot find it out by filtering either.
    assert_eq!(drawn(Some(Vec::new()), true, &[("tag", "LA-000000")]).len(), 0);
    assert_eq!(drawn(Some(vec![unit(1)]), true, &[("tag", "LA-000000")]).len(), 1);
}

#[test]
fn rows_that_changed_take_the_place_of_those_before_them() {
    let (old, new) = (
        of_points(&[[105.8, 18.3], [105.8001, 18.3]]),
        of_points(&[[105.9, 18.3]]),
    );
    let mut gone = super::sheet::Bits::of(old.len());
    let row = old
        .ids
        .iter()
        .position(|id| *id == Uuid::from_u128(0))
        .expect("it is there");
    gone.add(row);
    let sheets = Sheets {
        base: &old,
        gone: Some(&gone),
        over: Some(&new),
    };
    let all = tile("tree", &sheets, &everything(), TileAt::new(0, 0, 0).expect("a tile"));
    let tags: Vec<String> = features(&all).into_iter().map(|one| one.says["tag"].clone()).collect();
    assert_eq!(tags.len(), 2, "{tags:?}");
    assert!(tags.iter().any(|tag| tag.contains("LA-000000")) && tags.iter().any(|tag| tag.contains("LA-000001")));
}

#[test]
fn another_reader_reads_points_lines_and_areas_with_holes() {
    let at = TileAt::new(0, 0, 0).expect("a tile");
    let world = |x: u32, y: u32| [x << 20, y << 20];
    let head = |number: u128| RowHead {
        id: Uuid::from_u128(number),
        unit: unit(1),
        is_published: true,
    };
    let ring = |low: u32, high: u32| {
        vec![
            world(low, low),
            world(high, low),
            world(high, high),
            world(low, high),
            world(low, low),
        ]
    };
    let mut areas = Builder::new(false, true, vec![("name".to_owned(), true)], Vec::new());
    areas.shape(&head(1), &[(ring(100, 900), true), (ring(200, 300), false)]);
    areas.value(0, Some(&value::text("Xã Thử")));
    let areas = areas.finish();
    let read = features(&tile("area", &sheets(&areas), &everything(), at));
    assert_eq!(read.len(), 1);
    assert!(
        read[0].geometry.starts_with("POLYGON((100 100,"),
        "{}",
        read[0].geometry
    );
    assert!(read[0].says["name"].contains("Xã Thử"));
    let mut lines = Builder::new(false, false, Vec::new(), Vec::new());
    lines.shape(&head(1), &[(vec![world(10, 10), world(500, 20)], true)]);
    let lines = lines.finish();
    let read = features(&tile("road", &sheets(&lines), &everything(), at));
    assert!(read[0].geometry.contains("LINESTRING"), "{}", read[0].geometry);
}

#[test]
fn an_area_is_cut_at_the_edge_of_its_tile_and_touches_its_neighbour() {
    let mut builder = Builder::new(false, true, Vec::new(), Vec::new());
    let head = RowHead {
        id: Uuid::nil(),
        unit: unit(1),
        is_published: true,
    };
    let ring: Vec<[u32; 2]> = [
        [100.0, 10.0],
        [110.0, 10.0],
        [110.0, 20.0],
        [100.0, 20.0],
        [100.0, 10.0],
    ]
    .map(|[x, y]: [f64; 2]| to_world(x, y))
    .to_vec();
    builder.shape(&head, &[(ring, true)]);
    let sheet = builder.finish();
    let [x, y] = to_world(105.0, 15.0);
    let at = TileAt::new(10, x >> 22, y >> 22).expect("a tile");
    let read = features(&tile("area", &sheets(&sheet), &everything(), at));
    // The tile lies inside: all that is left is its square with the room around it.
    let numbers: BTreeSet<i64> = read[0]
        .geometry
        .split(|letter: char| !letter.is_ascii_digit() && letter != '-')
        .filter_map(|text| text.parse().ok())
        .collect();
    assert_eq!(numbers, BTreeSet::from([-64, 4160]), "{}", read[0].geometry);
}

#[test]
fn what_is_no_tile_is_refused() {
    for (z, x, y) in [
        ("19", "0", "0"),
        ("255", "0", "0"),
        ("256", "0", "0"),
        ("3", "8", "0"),
        ("3", "0", "8"),
        ("-1", "0", "0"),
        ("3", "-1", "0"),
        ("x", "0", "0"),
        ("", "", ""),
        ("3", "1.5", "0"),
        ("3", "99999999999", "0"),
        ("3", "0", "0.png"),
    ] {
        assert!(TileAt::parse(z, x, y).is_err(), "{z}/{x}/{y}");
    }
    for text in ["1", "1.mvt", "1.pbf"] {
        assert!(TileAt::parse("3", "1", text).is_ok());
    }
}

/// The real trees, as the register would say them.
fn real_trees() -> Option<Vec<([f64; 2], [String; 4])>> {
    use std::io::Read as _;
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/trees/street-trees-903k.csv.gz");
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(std::fs::File::open(path).ok()?)
        .read_to_string(&mut text)
        .ok()?;
    let rows = text.lines().skip(1).filter_map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        let [x, y] = [cells.get(2)?.parse().ok()?, cells.get(3)?.parse().ok()?];
        let cell = |at: usize| cells.get(at).unwrap_or(&"").trim().to_owned();
        Some(([x, y], [format!("LA-{:0>6}", cell(0)), cell(5), cell(7), cell(8)]))
    });
    Some(rows.collect())
}

#[test]
fn no_tile_of_the_real_trees_is_too_large_and_all_are_counted() {
    let Some(trees) = real_trees() else {
        testkit::say("left out: the real trees are not here");
        return;
    };
    let columns = ["tag", "species", "height_range", "address"]
        .map(|name| (name.to_owned(), true))
        .to_vec();
    let mut builder = Builder::new(true, false, columns, Vec::new());
    for (at, (place, says)) in trees.iter().enumerate() {
        let head = RowHead {
            id: Uuid::from_u128(at as u128),
            unit: unit(1),
            is_published: true,
        };
        builder.point(&head, to_world(place[0], place[1]));
        for (column, text) in says.iter().enumerate() {
            builder.value(column, (!text.is_empty()).then(|| value::text(text)).as_deref());
        }
    }
    let sheet = builder.finish();
    let super::sheet::Places::Points(points) = &sheet.places else {
        panic!("points")
    };
    // Of the far zooms every tile, of the near ones those of every so many trees: the densest streets are among them.
    for (z, step) in [
        (0, 1),
        (4, 1),
        (8, 1),
        (11, 1),
        (13, 1),
        (14, 3),
        (15, 20),
        (16, 100),
        (18, 400),
    ] {
        let tiles = tiles_of(points.iter().step_by(step).copied(), z);
        let (mut total, mut largest) = (0, 0);
        for (x, y) in &tiles {
            let drawn = tile(
                "tree",
                &sheets(&sheet),
                &everything(),
                TileAt::new(z, *x, *y).expect("a tile"),
            );
            largest = largest.max(drawn.len());
            if z <= 8 {
                total += counted(&drawn);
            }
        }
        testkit::say(&format!("zoom {z}: {} tiles, the largest {largest} bytes", tiles.len()));
        assert!(largest <= BYTES_MAX, "zoom {z}: {largest}");
        if z <= 8 {
            assert_eq!(total, trees.len() as u64, "zoom {z}");
        }
    }
}
