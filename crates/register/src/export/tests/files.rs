//! The writers: what goes in is what a reader finds.

use std::path::Path;

use definition::Geometry;
use kernel::{Bilingual, Lang, Timestamp};
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::RowAccessor as _;

use crate::export::{Cell, ExportError, Field, Format, Layout, Quota, Readers, Sink, Spool, Type, xlsx};
use crate::geometry::Shape;
use crate::geometry::crs::Crs;

fn field(name: &str, ty: Type) -> Field {
    Field {
        name: name.to_owned(),
        label: Bilingual::new(format!("Nhãn {name}"), format!("Label {name}")),
        ty,
    }
}

fn layout(geometry: Option<Geometry>, crs: &'static Crs, readers: Readers) -> Layout {
    Layout {
        name: "tree".to_owned(),
        title: "Cây xanh".to_owned(),
        fields: vec![
            field("id", Type::Text),
            field("name", Type::Text),
            field("height_m", Type::Number(1)),
            field("count", Type::Number(0)),
            field("alive", Type::Boolean),
            field("seen_on", Type::Date),
            field("known_at", Type::Time),
        ],
        geometry,
        crs,
        readers,
        about: "Sở Xây dựng".to_owned(),
    }
}

/// A row of every type, one of nothing, one that a spreadsheet would take for a formula.
fn rows() -> Vec<(Vec<Cell>, Option<Shape>)> {
    let day = jiff::civil::date(2026, 11, 23);
    let at = Timestamp::from_seconds(1_790_000_000);
    let full = |id: &str, name: &str, units: i64| {
        vec![
            Cell::Text(id.to_owned()),
            Cell::Text(name.to_owned()),
            Cell::Number(units),
            Cell::Number(7),
            Cell::Bool(true),
            Cell::Date(day),
            Cell::Time(at),
        ]
    };
    let mut empty = vec![Cell::Null; 7];
    empty[0] = Cell::Text("b".to_owned());
    vec![
        (full("a", "Sao đen, \"già\"", 125), Shape::point(105.85, 21.03).ok()),
        (empty, Shape::point(106.7, 10.77).ok()),
        (full("c", "=1+1", -5), Shape::point(108.2, 16.05).ok()),
    ]
}

fn write(format: Format, layout: Layout, rows: &[(Vec<Cell>, Option<Shape>)], path: &Path) {
    let mut file = format.create(layout, path).expect("it begins");
    for (cells, place) in rows {
        file.row(cells, place.as_ref()).expect("a row");
    }
    file.finish().expect("it ends");
}

fn read_csv(path: &Path) -> Vec<Vec<String>> {
    let mut reader = ::csv::ReaderBuilder::new()
        .has_headers(false)
        .from_path(path)
        .expect("a file");
    let rows = reader
        .records()
        .map(|row| row.expect("a row").iter().map(str::to_owned).collect());
    rows.collect()
}

#[test]
fn csv_is_plain_for_programs_and_safe_for_people() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.csv");
    write(
        Format::Csv,
        layout(Some(Geometry::Point), Crs::stored(), Readers::Programs),
        &rows(),
        &path,
    );
    let read = read_csv(&path);
    assert_eq!(
        read[0],
        [
            "id", "name", "height_m", "count", "alive", "seen_on", "known_at", "lon", "lat"
        ]
    );
    assert_eq!(
        read[1][..6],
        ["a", "Sao đen, \"già\"", "12.5", "7", "true", "2026-11-23"]
    );
    assert_eq!(read[1][7..], ["105.85", "21.03"]);
    assert_eq!(read[2][1..7], ["", "", "", "", "", ""]);
    assert_eq!((read[3][1].as_str(), read[3][2].as_str()), ("=1+1", "-0.5"));

    write(
        Format::Csv,
        layout(Some(Geometry::Point), Crs::stored(), Readers::People(Lang::En)),
        &rows(),
        &path,
    );
    let text = std::fs::read_to_string(&path).expect("a text");
    assert!(text.starts_with('\u{feff}'));
    let read = read_csv(&path);
    assert_eq!(read[0][1], "Label name");
    assert_eq!(read[3][1], "'=1+1");
    assert_eq!(read[3][2], "-0.5");
}

#[test]
fn places_are_written_in_the_zone_that_is_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.csv");
    let zone = Crs::find("EPSG:9210").expect("a zone");
    write(
        Format::Csv,
        layout(Some(Geometry::Point), zone, Readers::Programs),
        &rows(),
        &path,
    );
    let read = read_csv(&path);
    assert_eq!(read[0][7..], ["x", "y"]);
    let at: Vec<f64> = read[1][7..].iter().map(|text| text.parse().expect("metres")).collect();
    let back = zone.to_wgs84([at[0], at[1]]).expect("a place");
    assert!(
        (back[0] - 105.85).abs() < 1e-7 && (back[1] - 21.03).abs() < 1e-7,
        "{back:?}"
    );
}

#[test]
fn geojson_is_a_collection_with_exact_numbers() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.geojson");
    write(
        Format::GeoJson,
        layout(Some(Geometry::Point), Crs::stored(), Readers::Programs),
        &rows(),
        &path,
    );
    let json: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path).expect("a text")).expect("JSON");
    assert_eq!(json["type"], "FeatureCollection");
    assert!(json["crs"].is_null());
    let first = &json["features"][0];
    assert_eq!(
        (&first["id"], &first["properties"]["height_m"]),
        (&"a".into(), &12.5.into())
    );
    assert_eq!(first["geometry"]["coordinates"], serde_json::json!([105.85, 21.03]));
    assert!(json["features"][1]["properties"]["name"].is_null());
    assert_eq!(json["features"].as_array().map(Vec::len), Some(3));
    assert!(matches!(
        Format::GeoJson.create(layout(None, Crs::stored(), Readers::Programs), &path),
        Err(ExportError::NoPlace)
    ));
}

#[test]
fn a_workbook_goes_on_with_another_sheet() {
    use calamine::{Data, Reader as _};
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.xlsx");
    let layout = layout(Some(Geometry::Point), Crs::stored(), Readers::People(Lang::Vi));
    let mut file = Box::new(xlsx::File::with_rows(layout, &path, 3).expect("it begins"));
    for (cells, place) in rows() {
        file.row(&cells, place.as_ref()).expect("a row");
    }
    file.finish().expect("it ends");
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(&path).expect("a workbook");
    assert_eq!(book.sheet_names(), ["Cây xanh", "Cây xanh 2"]);
    let first = book.worksheet_range("Cây xanh").expect("a sheet");
    assert_eq!(first.height(), 3);
    assert_eq!(first.get_value((0, 1)), Some(&Data::String("Nhãn name".to_owned())));
    assert_eq!(first.get_value((1, 2)), Some(&Data::Float(12.5)));
    assert_eq!(first.get_value((1, 4)), Some(&Data::Bool(true)));
    let second = book.worksheet_range("Cây xanh 2").expect("a sheet");
    assert_eq!(second.get_value((1, 1)), Some(&Data::String("=1+1".to_owned())));
    assert_eq!(second.get_value((1, 7)), Some(&Data::Float(108.2)));
}

#[test]
fn a_geopackage_has_its_rows_its_system_and_its_index() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.gpkg");
    let zone = Crs::find("EPSG:9210").expect("a zone");
    write(
        Format::GeoPackage,
        layout(Some(Geometry::Point), zone, Readers::Programs),
        &rows(),
        &path,
    );
    let db = rusqlite::Connection::open(&path).expect("a database");
    let one = |sql: &str| db.query_row(sql, [], |row| row.get::<_, f64>(0)).expect("a row");
    assert_eq!(one("SELECT count(*) FROM tree"), 3.0);
    assert_eq!(one("SELECT height_m FROM tree WHERE id = 'a'"), 12.5);
    assert_eq!(one("SELECT srs_id FROM gpkg_geometry_columns"), 9_210.0);
    assert_eq!(
        one("SELECT count(*) FROM gpkg_spatial_ref_sys WHERE srs_id = 9210 AND definition LIKE 'PROJCS%'"),
        1.0
    );
    assert_eq!(
        one("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'rtree_tree_geom_%'"),
        7.0
    );
    let [x, y] = zone.from_wgs84([105.85, 21.03]).expect("a place");
    let hit = format!(
        "SELECT count(*) FROM rtree_tree_geom WHERE minx > {} AND maxx < {} AND miny > {} AND maxy < {}",
        x - 1.0,
        x + 1.0,
        y - 1.0,
        y + 1.0
    );
    assert_eq!(one(&hit), 1.0);
    assert_eq!(one("SELECT application_id FROM pragma_application_id"), 1_196_444_487.0);
    let check: String = db
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .expect("a word");
    assert_eq!(check, "ok");
}

#[test]
fn parquet_has_decimals_days_and_the_extent_of_its_places() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.parquet");
    let zone = Crs::find("EPSG:9210").expect("a zone");
    write(
        Format::Parquet,
        layout(Some(Geometry::Point), zone, Readers::Programs),
        &rows(),
        &path,
    );
    let reader = SerializedFileReader::new(std::fs::File::open(&path).expect("a file")).expect("Parquet");
    let meta = reader.metadata().file_metadata();
    assert_eq!(meta.num_rows(), 3);
    let pairs = meta.key_value_metadata().expect("metadata");
    let geo = pairs
        .iter()
        .find(|pair| pair.key == "geo")
        .and_then(|pair| pair.value.clone())
        .expect("geo");
    let geo: serde_json::Value = serde_json::from_str(&geo).expect("JSON");
    assert_eq!(geo["columns"]["geometry"]["encoding"], "WKB");
    assert_eq!(geo["columns"]["geometry"]["crs"]["id"]["code"], 9_210);
    assert_eq!(geo["columns"]["geometry"]["bbox"].as_array().map(Vec::len), Some(4));
    let row = reader
        .get_row_iter(None)
        .expect("rows")
        .next()
        .expect("a row")
        .expect("it reads");
    assert_eq!(row.get_string(1).expect("a name"), "Sao đen, \"già\"");
    assert_eq!(row.get_long(3).expect("a count"), 7);
    assert_eq!(row.get_bytes(7).expect("a place").len(), 21);
}

/// What `ogrinfo` says of a file, where it is installed.
fn ogrinfo(path: &Path) -> Option<String> {
    let done = std::process::Command::new("ogrinfo")
        .args(["-al", "-so"])
        .arg(path)
        .output();
    let Ok(done) = done else {
        testkit::say("left out: ogrinfo is not installed");
        return None;
    };
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    Some(String::from_utf8_lossy(&done.stdout).into_owned())
}

#[test]
fn gdal_reads_the_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let zone = Crs::find("EPSG:9210").expect("a zone");
    let many: Vec<(Vec<Cell>, Option<Shape>)> = (0..1_000)
        .map(|at| {
            let mut cells = vec![Cell::Null; 7];
            cells[0] = Cell::Text(format!("{at}"));
            cells[2] = Cell::Number(at);
            (
                cells,
                Shape::point(105.0 + at as f64 / 1_000.0, 18.0 + (at % 37) as f64 / 100.0).ok(),
            )
        })
        .collect();
    for format in [Format::GeoPackage, Format::FlatGeobuf, Format::GeoJson] {
        let path = folder.path().join(format!("a.{}", format.extension()));
        write(
            format,
            layout(Some(Geometry::Point), zone, Readers::Programs),
            &many,
            &path,
        );
        let Some(said) = ogrinfo(&path) else { return };
        for words in [
            "Layer name: tree",
            "Geometry: Point",
            "Feature Count: 1000",
            "VN-2000 / TM-3 105-45",
            "height_m",
        ] {
            assert!(said.contains(words), "{format}: {words}: {said}");
        }
    }
}

#[test]
fn shapes_of_every_kind_leave_in_every_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let ring = vec![[105.0, 18.0], [105.1, 18.0], [105.1, 18.1], [105.0, 18.0]];
    let hole = vec![[105.05, 18.01], [105.06, 18.01], [105.06, 18.02], [105.05, 18.01]];
    let shapes = [
        (Geometry::Line, Shape::Line(vec![[105.0, 18.0], [105.1, 18.2]])),
        (Geometry::Polygon, Shape::Polygon(vec![ring, hole])),
    ];
    for (geometry, shape) in shapes {
        for format in Format::ALL {
            let path = folder.path().join(format!("{geometry:?}.{}", format.extension()));
            let rows: Vec<_> = rows()
                .into_iter()
                .map(|(cells, _)| (cells, Some(shape.clone())))
                .collect();
            write(
                *format,
                layout(Some(geometry), Crs::stored(), Readers::Programs),
                &rows,
                &path,
            );
            assert!(std::fs::metadata(&path).expect("a file").len() > 100, "{format}");
            if matches!(format, Format::GeoPackage | Format::FlatGeobuf | Format::GeoJson)
                && let Some(said) = ogrinfo(&path)
            {
                assert!(said.contains("Feature Count: 3"), "{said}");
                assert!(said.contains("Extent: (105.0"), "{said}");
            }
        }
    }
}

#[test]
fn files_without_some_places_keep_every_row() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut rows = rows();
    rows[1].1 = None;
    for format in Format::ALL {
        let path = folder.path().join(format!("a.{}", format.extension()));
        write(
            *format,
            layout(Some(Geometry::Point), Crs::stored(), Readers::Programs),
            &rows,
            &path,
        );
        if matches!(format, Format::GeoPackage | Format::FlatGeobuf)
            && let Some(said) = ogrinfo(&path)
        {
            assert!(said.contains("Feature Count: 3"), "{said}");
        }
    }
}

#[test]
fn files_in_the_making_share_a_quota_and_leave_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let quota = Quota {
        folder: folder.path().to_owned(),
        bytes_max: 1_000,
        at_once_max: 1,
    };
    let spool = Spool::new(quota);
    let mut place = spool.place("a.csv", uuid::Uuid::from_u128(1)).expect("room");
    assert!(matches!(
        spool.place("b.csv", uuid::Uuid::from_u128(2)),
        Err(ExportError::Busy)
    ));
    std::fs::write(place.path(), [0; 600]).expect("written");
    place.measure().expect("it fits");
    let made = place.made(1).expect("it is whole");
    let mut other = spool.place("b.csv", uuid::Uuid::from_u128(2)).expect("room again");
    std::fs::write(other.path(), [0; 600]).expect("written");
    assert!(matches!(other.measure(), Err(ExportError::Quota(1_000))));
    drop(made);
    other.measure().expect("the first one is gone");
    drop(other);
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
}
