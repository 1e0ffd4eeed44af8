//! Positions go to WGS 84 and back; known points come out where PROJ puts them; what a system cannot have is refused.

use definition::Geometry;
use proptest::prelude::*;
use serde_json::json;

use super::crs::{Crs, Doubt};
use super::{GeometryFault, Shape};

fn crs(name: &str) -> &'static Crs {
    Crs::find(name).unwrap_or_else(|| panic!("{name}"))
}

#[test]
fn systems_are_found_by_every_name_they_go_by() {
    for name in [
        "EPSG:9209",
        "epsg:9209",
        "9209",
        "[EPSG:9209]",
        "http://www.opengis.net/def/crs/EPSG/0/9209",
        "urn:ogc:def:crs:EPSG::9209",
        "VN-2000 / TM-3 105-30",
        "105-30",
        "105°30'",
        "105°30′00″",
    ] {
        assert_eq!(crs(name).code, "EPSG:9209", "{name}");
    }
    assert_eq!(crs("CRS84"), Crs::stored());
    assert_eq!(crs("http://www.opengis.net/def/crs/OGC/1.3/CRS84"), Crs::stored());
    assert_eq!(crs("105-00").code, "EPSG:5897", "three degrees, not six");
    for name in ["", "EPSG:27700", "WGS", "104-17", "x"] {
        assert_eq!(Crs::find(name), None, "{name}");
    }
    for one in Crs::all() {
        assert_eq!(crs(&one.uri()), one);
    }
    let ha_tinh = Crs::provinces()
        .iter()
        .find(|province| province.name == "Hà Tĩnh")
        .unwrap();
    assert_eq!(ha_tinh.zone.code, "EPSG:9209");
    assert_eq!(Crs::provinces().len(), 64);
}

#[test]
fn files_name_their_system_in_well_known_text() {
    let esri = |name: &str, meridian: &str| {
        format!(
            "PROJCS[\"{name}\",GEOGCS[\"GCS_VN_2000\",DATUM[\"D_Vietnam_2000\",SPHEROID[\"WGS_1984\",6378137.0,298.257223563]],\
             PRIMEM[\"Greenwich\",0.0],UNIT[\"Degree\",0.0174532925199433]],PROJECTION[\"Transverse_Mercator\"],\
             PARAMETER[\"False_Easting\",500000.0],PARAMETER[\"False_Northing\",0.0],PARAMETER[\"Central_Meridian\",{meridian}],\
             PARAMETER[\"Scale_Factor\",0.9999],PARAMETER[\"Latitude_Of_Origin\",0.0],UNIT[\"Meter\",1.0]]"
        )
    };
    assert_eq!(Crs::from_wkt(&esri("VN_2000_HaTinh", "105.5")), Some(crs("9209")));
    assert_eq!(Crs::from_wkt(&esri("VN_2000_Nowhere", "99.5")), None);
    let named = "PROJCS[\"x\",GEOGCS[\"VN-2000\",AUTHORITY[\"EPSG\",\"4756\"]],AUTHORITY[\"EPSG\",\"3405\"]]";
    assert_eq!(Crs::from_wkt(named), Some(crs("3405")));
    let second = "PROJCRS[\"x\",BASEGEOGCRS[\"VN-2000\",ID[\"EPSG\",4756]],ID[\"EPSG\",9210]]";
    assert_eq!(Crs::from_wkt(second), Some(crs("9210")));
    let degrees = "GEOGCS[\"GCS_WGS_1984\",DATUM[\"D_WGS_1984\",SPHEROID[\"WGS_1984\",6378137.0,298.257223563]]]";
    assert_eq!(Crs::from_wkt(degrees), Some(crs("4326")));
    for text in ["", "GEOGCS[\"Pulkovo\"]", "PROJCS[", "\"EPSG\""] {
        assert_eq!(Crs::from_wkt(text), None, "{text}");
    }
}

#[test]
fn known_points_come_out_where_proj_puts_them() {
    // Made with PROJ 9.1: `echo LAT LON | cs2cs -f %.7f EPSG:4326 EPSG:CODE`.
    let table = [
        ("9209", [105.9, 18.342], [542_079.740_337_3, 2_028_788.746_892_1]),
        ("9209", [106.3, 17.9], [584_569.361_906_9, 1_980_007.928_288_8]),
        ("9210", [106.68, 20.85], [596_586.156_332_2, 2_306_627.525_761_2]),
        ("3405", [105.85, 21.028], [588_129.206_228_3, 2_325_589.667_989_3]),
        ("3406", [109.2, 13.77], [305_202.660_199_2, 1_523_133.290_523_6]),
        ("5899", [108.22, 16.06], [550_091.447_298_0, 1_776_275.046_606_6]),
        ("9205", [103.02, 21.39], [501_877.570_699_5, 2_366_126.410_555_1]),
        ("9218", [109.3, 13.1], [586_552.046_445_5, 1_448_880.123_362_3]),
        ("5897", [105.85, 21.02], [588_160.370_268_4, 2_325_401.905_116_0]),
        ("3857", [106.0, 16.5], [11_799_866.024_087_0, 1_862_698.872_150_7]),
        ("4756", [105.9, 18.342], [105.898_148_9, 18.342_996_8]),
    ];
    for (name, degrees, wanted) in table {
        let ([x, y], near) = (
            crs(name).from_wgs84(degrees).unwrap(),
            if name == "4756" { 1e-7 } else { 0.002 },
        );
        assert!(
            (x - wanted[0]).abs() < near && (y - wanted[1]).abs() < near,
            "{name}: {x} {y}"
        );
    }
}

#[test]
fn what_a_system_cannot_have_is_refused() {
    for (name, at) in [
        ("9209", [f64::NAN, 1.0]),
        ("9209", [f64::INFINITY, 1.0]),
        ("9209", [1e12, 1e12]),
        ("4326", [181.0, 1.0]),
        ("4326", [1.0, 91.0]),
        ("3857", [3e7, 0.0]),
    ] {
        assert_eq!(crs(name).to_wgs84(at), Err(GeometryFault::Range), "{name} {at:?}");
    }
    assert_eq!(crs("3857").from_wgs84([0.0, 89.0]), Err(GeometryFault::Range));
}

#[test]
fn swapped_axes_and_a_wrong_unit_are_told_apart() {
    let (degrees, metres) = (crs("CRS84"), crs("9209"));
    let there = metres.from_wgs84([105.9, 18.34]).unwrap();
    assert_eq!(degrees.doubt([105.9, 18.34]), None);
    assert_eq!(degrees.doubt([18.34, 105.9]), Some(Doubt::Swapped));
    assert_eq!(degrees.doubt(there), Some(Doubt::Unit));
    assert_eq!(degrees.doubt([2.35, 48.85]), Some(Doubt::Outside));
    assert_eq!(metres.doubt(there), None);
    assert_eq!(metres.doubt([there[1], there[0]]), Some(Doubt::Swapped));
    assert_eq!(metres.doubt([105.9, 18.34]), Some(Doubt::Unit));
    assert_eq!(metres.doubt([500_000.0, 9_000_000.0]), Some(Doubt::Outside));
}

#[test]
fn shapes_are_read_from_another_system() {
    let zone = crs("9209");
    let corner = |x: f64, y: f64| zone.from_wgs84([x, y]).unwrap();
    let ring = [
        corner(105.5, 18.0),
        corner(105.6, 18.0),
        corner(105.6, 18.1),
        corner(105.5, 18.0),
    ];
    let area = json!({ "type": "Polygon", "coordinates": [ring] });
    let shape = Shape::from_geojson_in(&area, Geometry::Polygon, zone).unwrap();
    let [west, south, east, north] = shape.bounds();
    for (found, wanted) in [(west, 105.5), (south, 18.0), (east, 105.6), (north, 18.1)] {
        assert!((found - wanted).abs() < 1e-7, "{found} {wanted}");
    }
    let back = shape.to_geojson_in(zone).unwrap();
    let first = back["coordinates"][0][0][0].as_f64().unwrap();
    assert!((first - ring[0][0]).abs() < 0.005);
    let deep = json!({ "type": "Polygon", "coordinates": [[[[[[1.0, 2.0]]]]]] });
    assert!(Shape::from_geojson_in(&deep, Geometry::Polygon, zone).is_err());
    let million = json!({ "type": "LineString", "coordinates": vec![[500_000.0, 2_000_000.0]; 200_001] });
    let refused = Shape::from_geojson_in(&million, Geometry::Line, zone);
    assert_eq!(refused, Err(GeometryFault::TooLarge));
}

proptest! {
    #[test]
    fn positions_go_there_and_back(x in 102.2..110.0_f64, y in 8.2..23.4_f64, at in 0..23_usize) {
        let one = &Crs::all()[at % Crs::all().len()];
        let there = one.from_wgs84([x, y]).unwrap();
        let [east, north] = one.to_wgs84(there).unwrap();
        // A centimetre: heights are left aside on the way.
        prop_assert!((east - x).abs() < 1e-7 && (north - y).abs() < 1e-7, "{:?} {} {}", one, east - x, north - y);
        if !one.is_degrees && one.meridian.is_some() {
            prop_assert!((-700_000.0..1_700_000.0).contains(&there[0]), "{:?}", there);
            prop_assert!((900_000.0..2_620_000.0).contains(&there[1]), "{:?}", there);
        }
    }

    #[test]
    fn texts_of_nobody_name_no_system(text in "\\PC{0,120}") {
        let _ = (Crs::find(&text), Crs::from_wkt(&text), Crs::zone(&text));
    }
}
