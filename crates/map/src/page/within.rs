//! Records in a box or in a ring: how many, and the first of them. Owns what lies inside: a point does, a line or an area does with
//! its middle, or where somebody points at it. Refuses rings of more positions than anybody draws.

use std::sync::Arc;

use identity::Caller;
use kernel::Lang;
use register::{Kind, Record, RecordId, place};
use serde::Serialize;

use crate::error::MapError;
use crate::house::Map;
use crate::tile::draw::{View, each};
use crate::tile::http::view;
use crate::tile::layers::{Asked, Drawn, Source};
use crate::tile::mercator::{to_degrees, to_world};
use crate::tile::sheet::{Places, Shapes, Sheet, middle};

/// Most positions of a ring that somebody draws.
const RING_MAX: usize = 500;
/// Records that are shown of those that lie inside.
const SHOWN: usize = 20;

/// Where records are looked for.
#[derive(Debug, Clone)]
pub(crate) enum Inside {
    /// In a box: shapes that touch it.
    Box([f64; 4]),
    /// In rings: what has its middle in an odd number of them. The bounds come first.
    Rings([f64; 4], Vec<Vec<[f64; 2]>>),
}

impl Inside {
    /// Reads `west,south,east,north` or `lon,lat;lon,lat;…`.
    pub(crate) fn parse(bbox: &str, ring: &str) -> Result<Self, MapError> {
        let numbers = |text: &str| -> Result<Vec<f64>, MapError> {
            let each = text
                .split(',')
                .map(|part| part.trim().parse::<f64>().ok().filter(|number| number.is_finite()));
            each.collect::<Option<_>>().ok_or(MapError::Range("box"))
        };
        if ring.is_empty() {
            let [west, south, east, north] = numbers(bbox)?.try_into().map_err(|_| MapError::Range("box"))?;
            let fits =
                west <= east && south <= north && west >= -180.0 && east <= 180.0 && south >= -90.0 && north <= 90.0;
            return if fits {
                Ok(Self::Box([west, south, east, north]))
            } else {
                Err(MapError::Range("box"))
            };
        }
        let mut positions: Vec<[f64; 2]> = Vec::new();
        for part in ring.split(';').take(RING_MAX + 1) {
            let [x, y] = numbers(part)?.try_into().map_err(|_| MapError::Range("ring"))?;
            if !(-180.0..=180.0).contains(&x) || !(-90.0..=90.0).contains(&y) {
                return Err(MapError::Range("ring"));
            }
            positions.push([x, y]);
        }
        if positions.len() < 3 || positions.len() > RING_MAX {
            return Err(MapError::Range("ring"));
        }
        Ok(Self::rings(vec![positions]))
    }

    /// Rings with their bounds.
    pub(crate) fn rings(rings: Vec<Vec<[f64; 2]>>) -> Self {
        let mut bounds = [180.0_f64, 90.0_f64, -180.0_f64, -90.0_f64];
        for [x, y] in rings.iter().flatten() {
            bounds = [
                bounds[0].min(*x),
                bounds[1].min(*y),
                bounds[2].max(*x),
                bounds[3].max(*y),
            ];
        }
        Self::Rings(bounds, rings)
    }

    fn bounds(&self) -> [f64; 4] {
        match self {
            Self::Box(bounds) | Self::Rings(bounds, _) => *bounds,
        }
    }
}

/// A box of degrees as a box of the square: west, north, east, south.
pub(crate) fn in_world([west, south, east, north]: [f64; 4]) -> [u32; 4] {
    let ([left, top], [right, bottom]) = (to_world(west, north), to_world(east, south));
    [left, top, right, bottom]
}

/// Whether a place lies in an odd number of rings.
fn is_in(rings: &[Vec<[f64; 2]>], [x, y]: [f64; 2]) -> bool {
    let mut inside = false;
    for ring in rings {
        let next = ring.iter().cycle().skip(1);
        for ([ax, ay], [bx, by]) in ring.iter().zip(next) {
            if (*ay > y) != (*by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax {
                inside = !inside;
            }
        }
    }
    inside
}

/// Whether a shape touches a box: a side of it does, or the middle of the box lies inside of it.
fn touches(shapes: &Shapes, row: usize, wanted: [u32; 4]) -> bool {
    let [left, top, right, bottom] = wanted.map(f64::from);
    let crosses = |a: &[u32; 2], b: &[u32; 2]| {
        let (from, to) = ([f64::from(a[0]), f64::from(a[1])], [f64::from(b[0]), f64::from(b[1])]);
        let (mut first, mut last) = (0.0_f64, 1.0_f64);
        for (axis, low, high) in [(0, left, right), (1, top, bottom)] {
            let length = to[axis] - from[axis];
            if length == 0.0 {
                if from[axis] < low || from[axis] > high {
                    return false;
                }
                continue;
            }
            let (one, two) = ((low - from[axis]) / length, (high - from[axis]) / length);
            first = first.max(one.min(two));
            last = last.min(one.max(two));
        }
        first <= last
    };
    let mut rings = Vec::new();
    for (ring, _) in shapes.rings(row) {
        if ring.windows(2).any(|side| crosses(&side[0], &side[1])) || ring.len() == 1 {
            return true;
        }
        rings.push(
            ring.iter()
                .map(|[x, y]| [f64::from(*x), f64::from(*y)])
                .collect::<Vec<_>>(),
        );
    }
    shapes.is_area && is_in(&rings, [f64::midpoint(left, right), f64::midpoint(top, bottom)])
}

/// Rows that were found.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// How many there are.
    pub(crate) count: u64,
    /// The first of them, each with its middle and whether she sees all of it.
    pub(crate) first: Vec<(RecordId, [f64; 2], bool)>,
}

/// Looks for rows; holds the thread as long as that takes.
pub(crate) fn rows(drawn: &Drawn, view: &View, inside: &Inside) -> Rows {
    let wanted = in_world(inside.bounds());
    let mut rows = Rows::default();
    each(&drawn.sheets(), view, wanted, &mut |sheet: &Sheet, row, is_own| {
        let at = to_degrees(middle(sheet.bounds(row)));
        let is_inside = match (inside, &sheet.places) {
            (Inside::Box(_), Places::Points(_)) => true,
            (Inside::Box(_), Places::Shapes(shapes)) => touches(shapes, row, wanted),
            (Inside::Rings(_, rings), _) => is_in(rings, at),
        };
        if is_inside {
            rows.count += 1;
            if rows.first.len() < SHOWN {
                rows.first.push((RecordId::from_uuid(sheet.ids[row]), at, is_own));
            }
        }
        true
    });
    rows
}

/// The layer of a kind and what somebody sees of it.
pub(crate) async fn seen(
    map: &Map,
    caller: &Caller,
    kind: &Arc<Kind>,
    filters: Vec<(String, Box<[u8]>)>,
) -> Result<(Arc<Drawn>, View), MapError> {
    match map.layers().get(map, &Source::Records(kind.clone())).await? {
        Asked::Drawn(drawn) => {
            let view = view(map, caller, &drawn, filters)?;
            Ok((drawn, view))
        }
        Asked::TooLarge => Err(MapError::TooLarge {
            from: crate::tile::layers::UNKEPT_FROM,
        }),
    }
}

/// A record as the page shows it.
#[derive(Debug, Serialize)]
pub(crate) struct Item {
    /// How it is called.
    pub(crate) title: String,
    /// Its page, for whoever may open it.
    pub(crate) href: Option<String>,
    /// Its middle.
    pub(crate) at: [f64; 2],
    /// Labels and values.
    pub(crate) facts: Vec<(String, String)>,
}

/// What lies inside, as the page shows it.
#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    /// How many records.
    pub(crate) count: u64,
    /// The first of them.
    pub(crate) items: Vec<Item>,
}

/// What of a kind lies inside.
pub(crate) async fn answer(
    map: &Map,
    caller: &Caller,
    kind: &Arc<Kind>,
    filters: Vec<(String, Box<[u8]>)>,
    inside: Inside,
    lang: Lang,
) -> Result<Answer, MapError> {
    let (drawn, view) = seen(map, caller, kind, filters).await?;
    let published = drawn.published.as_ref().map(|published| published.columns.clone());
    let found = tokio::task::spawn_blocking(move || rows(&drawn, &view, &inside)).await;
    let rows = found.map_err(|_| MapError::Drawing)?;
    let (read, ids) = (kind.clone(), rows.first.iter().map(|(id, ..)| *id).collect::<Vec<_>>());
    let records = map
        .store()
        .read(move |tx| place::store::of_ids(tx, &read, &ids))
        .await?;
    let items = rows.first.iter().filter_map(|(id, at, is_own)| {
        let record = records.iter().find(|record| record.id == *id)?;
        Some(item(map, kind, record, (*at, *is_own), published.as_deref(), lang))
    });
    Ok(Answer {
        count: rows.count,
        items: items.collect(),
    })
}

/// A record for whoever sees all of it, or what is published.
pub(crate) fn item(
    map: &Map,
    kind: &Kind,
    record: &Record,
    (at, is_own): ([f64; 2], bool),
    published: Option<&[usize]>,
    lang: Lang,
) -> Item {
    let open = published.unwrap_or_default();
    // The title may say what is not published: then the kind's name stands for it.
    let titled = |part: &definition::TitlePart| match part {
        definition::TitlePart::Text(_) => true,
        definition::TitlePart::Field(name) => open.iter().any(|at| kind.columns[*at].field.name == *name),
    };
    let facts = place::facts(
        map.register(),
        kind,
        record,
        if is_own { None } else { Some(open) },
        lang,
    );
    let title = if is_own || kind.record.title.iter().all(titled) {
        place::title(map.register(), kind, record, lang)
    } else {
        // What it says first tells it from the others.
        let first = facts.first().map(|(_, value)| value.clone());
        first.unwrap_or_else(|| kind.words(lang, "name"))
    };
    Item {
        title,
        href: is_own.then(|| format!("{}/{}", kind.path(), record.id)),
        at,
        facts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_and_rings_are_read_and_what_is_none_is_refused() {
        assert!(matches!(Inside::parse("105,10,106,11", ""), Ok(Inside::Box(_))));
        assert!(matches!(
            Inside::parse("", "105,10;106,10;106,11"),
            Ok(Inside::Rings(..))
        ));
        let long = vec!["105,10"; RING_MAX + 1].join(";");
        for (bbox, ring) in [
            ("", ""),
            ("1,2,3", ""),
            ("106,10,105,11", ""),
            ("-181,0,0,1", ""),
            ("NaN,0,1,1", ""),
            ("", "105,10;106,10"),
            ("", "105,10;106,10;200,1"),
            ("", "x"),
            ("", &long),
        ] {
            assert!(Inside::parse(bbox, ring).is_err(), "{bbox} {ring}");
        }
    }

    #[test]
    fn a_place_in_a_hole_is_outside() {
        let square = |low: f64, high: f64| vec![[low, low], [high, low], [high, high], [low, high], [low, low]];
        let rings = vec![square(0.0, 10.0), square(4.0, 6.0)];
        assert!(is_in(&rings, [2.0, 2.0]));
        assert!(!is_in(&rings, [5.0, 5.0]));
        assert!(!is_in(&rings, [11.0, 5.0]));
    }
}
