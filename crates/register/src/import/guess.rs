//! Guesses which column of a file is which field: by the field's name, by its label in either language, by the part of either
//! before a unit in brackets, by words that mean the same. Pure. It refuses to guess one field twice: the first column gets it.

use definition::Geometry;
use kernel::{Lang, fold};
use stranger::{Cell, Head, Row};

use super::choices::{Choices, Part, is_taken};
use crate::geometry::crs::{Crs, Doubt};
use crate::kind::{Column, Kind};

/// Words of headings that mean the same. Folded, without punctuation.
const SAME: &[&[&str]] = &[
    &["ten", "ho ten", "ho va ten", "ten goi", "name", "full name"],
    &[
        "ma", "ma so", "so hieu", "ky hieu", "code", "id", "number", "tag", "so the", "ma the",
    ],
    &["dia chi", "noi o", "cho o", "address", "location", "vi tri"],
    &["ghi chu", "note", "notes", "remark", "remarks", "chu thich"],
    &["loai", "chung loai", "loai hinh", "type", "kind", "category"],
    &[
        "loai cay",
        "ten cay",
        "giong cay",
        "species",
        "tree species",
        "common name",
    ],
    &["chieu cao", "cao", "height", "do cao", "height m"],
    &["duong kinh", "duong kinh than", "diameter", "dbh", "trunk", "trunk cm"],
    &["tinh trang", "hien trang", "status", "condition", "health", "suc khoe"],
    &["ngay trong", "nam trong", "planted", "planted on", "planting date"],
    &[
        "ngay kiem tra",
        "kiem tra",
        "inspected",
        "inspected on",
        "inspection date",
    ],
    &["dien tich", "area", "area m2", "area ha"],
    &[
        "dien thoai",
        "so dien thoai",
        "phone",
        "telephone",
        "mobile",
        "sdt",
        "dt",
    ],
    &["thu dien tu", "email", "e mail", "mail"],
    &["ma so thue", "mst", "tax code", "tax id"],
    &["xa", "phuong", "xa phuong", "commune", "ward", "ma xa", "dia ban"],
];

const EAST: &[&str] = &[
    "lon",
    "lng",
    "long",
    "longitude",
    "kinh do",
    "x",
    "toa do x",
    "easting",
    "point x",
    "lon x",
    "e",
    "coord x",
];
const NORTH: &[&str] = &[
    "lat", "latitude", "vi do", "y", "toa do y", "northing", "point y", "lat y", "n", "coord y",
];
const SHAPE: &[&str] = &[
    "geometry",
    "geojson",
    "geom",
    "wkt",
    "the geom",
    "shape",
    "hinh dang",
    "toa do",
];
const VALID_FROM: &[&str] = &[
    "valid from",
    "hieu luc tu",
    "co hieu luc tu",
    "holds from",
    "hieu luc tu ngay",
];

/// Letters of a column's name in a shapefile.
const SHORT_CHARS: usize = 10;

/// A heading as it is compared: folded, without what stands in brackets, without punctuation.
pub(crate) fn plain(heading: &str) -> String {
    let mut depth = 0;
    let outside: String = heading
        .chars()
        .filter(|letter| {
            depth += i32::from(matches!(letter, '(' | '['));
            let is_outside = depth <= 0;
            depth -= i32::from(matches!(letter, ')' | ']') && depth > 0);
            is_outside
        })
        .collect();
    let spaced: String = fold::fold(&outside)
        .chars()
        .map(|letter| if letter.is_alphanumeric() { letter } else { ' ' })
        .collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is probably meant: columns, coordinate system, order of coordinates.
pub(crate) fn choices(kind: &Kind, head: &Head, rows: &[Row]) -> Choices {
    let parts = parts(kind, head);
    let (crs, is_swapped) = system(head, &parts, rows);
    Choices {
        parts,
        crs,
        is_swapped,
        ..Choices::default()
    }
}

/// Whether a heading may name a column.
type Way<'a> = &'a dyn Fn(&Column, &str) -> bool;

/// What each column of a file probably is.
pub(crate) fn parts(kind: &Kind, head: &Head) -> Vec<Option<Part>> {
    let headings: Vec<String> = head.columns.iter().map(|heading| plain(heading)).collect();
    let mut found: Vec<Option<Part>> = vec![None; headings.len()];
    let exact = |column: &Column, heading: &str| names(kind, column).iter().any(|name| name == heading);
    let short = |column: &Column, heading: &str| {
        heading.chars().count() >= SHORT_CHARS - 1 && names(kind, column).iter().any(|name| name.starts_with(heading))
    };
    let alike = |column: &Column, heading: &str| {
        let group = SAME.iter().find(|group| group.contains(&heading));
        group.is_some_and(|group| names(kind, column).iter().any(|name| group.contains(&name.as_str())))
    };
    let ways: [Way<'_>; 3] = [&exact, &short, &alike];
    for way in ways {
        for (at, heading) in headings.iter().enumerate().filter(|(_, heading)| !heading.is_empty()) {
            if found[at].is_some() {
                continue;
            }
            let column = kind.columns.iter().filter(|column| is_taken(column)).find(|column| {
                let part = Part::Field(column.field.name.clone());
                way(column, heading) && !found.iter().flatten().any(|known| *known == part)
            });
            found[at] = column.map(|column| Part::Field(column.field.name.clone()));
        }
    }
    for (at, heading) in headings.iter().enumerate() {
        if found[at].is_none() && !super::mend::is_own(&head.columns[at]) {
            found[at] = place(kind, head, heading).filter(|part| !found.iter().flatten().any(|known| known == part));
        }
    }
    found
}

fn place(kind: &Kind, head: &Head, heading: &str) -> Option<Part> {
    let is = |words: &[&str]| words.contains(&heading);
    if VALID_FROM.contains(&heading) {
        return Some(Part::ValidFrom);
    }
    // The shape of the file is the shape of the record: columns that repeat it are left out.
    if kind.geometry().is_none() || head.has_shape {
        return None;
    }
    let is_point = kind.geometry() == Some(Geometry::Point);
    match () {
        () if is_point && is(EAST) => Some(Part::East),
        () if is_point && is(NORTH) => Some(Part::North),
        () if is(SHAPE) => Some(Part::Geometry),
        () => None,
    }
}

/// What a field is called, as headings are compared.
fn names(kind: &Kind, column: &Column) -> Vec<String> {
    let label = kind.label(&format!("field.{}", column.field.name));
    let mut names = vec![
        plain(&column.field.name),
        plain(label.get(Lang::Vi)),
        plain(label.get(Lang::En)),
    ];
    names.dedup();
    names
}

/// Which system the coordinates of the first rows are in, as the file says or as their size tells; and whether they are
/// written north first.
pub(crate) fn system(head: &Head, parts: &[Option<Part>], rows: &[Row]) -> (Option<String>, bool) {
    let said = head
        .crs
        .as_deref()
        .and_then(|text| Crs::find(text).or_else(|| Crs::from_wkt(text)));
    let place = |wanted: &Part| parts.iter().position(|part| part.as_ref() == Some(wanted));
    let positions: Vec<[f64; 2]> = match (place(&Part::East), place(&Part::North)) {
        (Some(east), Some(north)) => rows
            .iter()
            .filter_map(|row| {
                Some([
                    super::convert::degrees(row.cells.get(east)?)?,
                    super::convert::degrees(row.cells.get(north)?)?,
                ])
            })
            .collect(),
        _ => rows
            .iter()
            .filter_map(|row| first_position(row.cells.get(head.columns.len())?))
            .collect(),
    };
    let crs = said.unwrap_or_else(Crs::stored);
    let doubts = positions.iter().map(|at| crs.doubt(*at));
    let swapped = doubts.filter(|doubt| *doubt == Some(Doubt::Swapped)).count();
    let is_swapped = swapped * 2 > positions.len();
    (
        said.filter(|crs| !crs.is_stored()).map(|crs| crs.code.clone()),
        is_swapped,
    )
}

/// The first position of a shape.
fn first_position(cell: &Cell) -> Option<[f64; 2]> {
    let Cell::Shape(bytes) = cell else { return None };
    let shape = crate::geometry::Shape::from_wkb(bytes).ok()?;
    let [west, south, ..] = shape.bounds();
    Some([west, south])
}

/// What tells files of one source from those of another: their columns, in order.
pub(crate) fn signature(head: &Head) -> Vec<u8> {
    let text = head
        .columns
        .iter()
        .map(|heading| plain(heading))
        .collect::<Vec<_>>()
        .join("\u{1f}");
    ring::digest::digest(&ring::digest::SHA256, text.as_bytes())
        .as_ref()
        .to_vec()
}
