//! Shapes go through text and bytes unharmed; what is none is refused by its name.

use definition::Geometry;
use proptest::prelude::*;
use serde_json::json;

use super::{GeometryFault, Shape};

fn shape() -> impl Strategy<Value = (Shape, Geometry)> {
    // Seven decimals, a centimetre: the reader of JSON may be off in the last bit of a number with seventeen digits.
    let fine = |degrees: f64| (degrees * 1e7).round() / 1e7;
    let at = move || (-180.0..180.0_f64, -90.0..90.0_f64).prop_map(move |(x, y)| [fine(x), fine(y)]);
    prop_oneof![
        at().prop_map(|at| (Shape::Point(at), Geometry::Point)),
        prop::collection::vec(at(), 2..30).prop_map(|line| (Shape::Line(line), Geometry::Line)),
        // A fan around its middle never crosses itself.
        prop::collection::btree_set(0..360_u32, 3..20).prop_map(move |angles| {
            let mut ring: Vec<[f64; 2]> = angles
                .iter()
                .map(|angle| f64::from(*angle).to_radians())
                .map(|angle| [fine(106.0 + angle.cos()), fine(18.0 + angle.sin())])
                .collect();
            ring.push(ring[0]);
            (Shape::Polygon(vec![ring]), Geometry::Polygon)
        }),
    ]
}

proptest! {
    #[test]
    fn a_shape_goes_through_text_and_bytes((shape, kind) in shape()) {
        let text = shape.to_geojson().to_string();
        let read = Shape::from_geojson(&serde_json::from_str(&text).unwrap(), kind).unwrap();
        prop_assert_eq!(&read, &shape);
        let bytes = shape.to_wkb();
        prop_assert_eq!(&Shape::from_wkb(&bytes).unwrap(), &shape);
        prop_assert_eq!(Shape::from_wkb(&bytes[..bytes.len() - 1]), Err(GeometryFault::Binary));
        let [west, south, east, north] = shape.bounds();
        prop_assert!(west <= east && south <= north);
    }

    #[test]
    fn bytes_of_nobody_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Shape::from_wkb(&bytes);
    }
}

#[test]
fn what_is_no_shape_is_refused_by_its_name() {
    let refused = |value: serde_json::Value, kind| Shape::from_geojson(&value, kind).unwrap_err();
    let ring = |ring: serde_json::Value| json!({ "type": "Polygon", "coordinates": [ring] });
    assert_eq!(refused(json!({}), Geometry::Point), GeometryFault::Unreadable);
    assert_eq!(
        refused(json!({ "type": "Point", "coordinates": [106, 18] }), Geometry::Line),
        GeometryFault::Kind
    );
    assert_eq!(
        refused(json!({ "type": "Point", "coordinates": [106, 98] }), Geometry::Point),
        GeometryFault::Range
    );
    assert_eq!(
        refused(json!({ "type": "Point", "coordinates": [] }), Geometry::Point),
        GeometryFault::Unreadable
    );
    assert_eq!(
        refused(
            json!({ "type": "LineString", "coordinates": [[106, 18]] }),
            Geometry::Line
        ),
        GeometryFault::Ring
    );
    assert_eq!(
        refused(ring(json!([[0, 0], [1, 0], [1, 1], [0, 1]])), Geometry::Polygon),
        GeometryFault::Ring,
        "not closed"
    );
    assert_eq!(
        refused(ring(json!([[0, 0], [1, 1], [2, 2], [0, 0]])), Geometry::Polygon),
        GeometryFault::Ring,
        "no area"
    );
    // An hourglass whose halves are not of one size.
    assert_eq!(
        refused(ring(json!([[0, 0], [2, 2], [2, 0], [0, 3], [0, 0]])), Geometry::Polygon),
        GeometryFault::Crossing
    );
    let many: Vec<[f64; 2]> = (0..1_000_000).map(|at| [f64::from(at) / 1e6, 0.5]).collect();
    assert_eq!(
        refused(json!({ "type": "LineString", "coordinates": many }), Geometry::Line),
        GeometryFault::TooLarge
    );
}

#[test]
fn swapped_axes_are_flagged() {
    assert!(Shape::point(105.9, 18.34).unwrap().is_in_viet_nam());
    assert!(Shape::point(114.3, 10.4).unwrap().is_in_viet_nam(), "Trường Sa");
    assert!(!Shape::point(18.34, 80.9).unwrap().is_in_viet_nam());
    assert!(!Shape::point(-118.7, 34.1).unwrap().is_in_viet_nam());
}
