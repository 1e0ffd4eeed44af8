//! From boundaries to a sheet. Owns which boundary of a code is drawn on a day: the one that began last. Where a day has no polygons, the
//! points that stand for its areas are drawn.

use std::sync::Arc;

use identity::UnitId;
use kernel::Date;
use uuid::Uuid;

use super::read::{Stored, stored};
use super::{Areas, Boundary, store};
use crate::error::MapError;
use crate::house::Map;
use crate::tile::layers::Drawn;
use crate::tile::mercator::to_world;
use crate::tile::mvt::value;
use crate::tile::sheet::{Builder, RowHead, Sheet};

/// What features say.
const KEYS: [&str; 5] = ["code", "name", "name_en", "from", "to"];

/// The areas as they are drawn now: the old ones as long as nothing was loaded.
pub(crate) async fn renewed(
    map: &Map,
    areas: &Areas,
    old: Option<Arc<Drawn>>,
    day: Date,
) -> Result<Arc<Drawn>, MapError> {
    let areas = *areas;
    let drawn = map.store().read(move |tx| {
        let state = store::state(tx)?;
        if let Some(old) = old.filter(|old| old.position() == state) {
            return Ok::<_, ::store::StoreError>(old);
        }
        let mut all: Vec<Boundary> = Vec::new();
        store::on_day(tx, &areas, &mut |boundary| match all.last_mut() {
            Some(last) if last.code == boundary.code => *last = boundary,
            _ => all.push(boundary),
        })?;
        Ok(Arc::new(Drawn::fixed(sheet(&all), state, day)))
    });
    Ok(drawn.await?)
}

fn sheet(all: &[Boundary]) -> Sheet {
    let read: Vec<(&Boundary, Stored)> = all
        .iter()
        .filter_map(|one| Some((one, stored(&one.geometry)?)))
        .collect();
    let has_polygons = read.iter().any(|(_, stored)| matches!(stored, Stored::Rings(_)));
    let keys = KEYS.iter().map(|key| ((*key).to_owned(), true)).collect();
    let mut builder = Builder::new(!has_polygons, true, keys, Vec::new());
    for (one, stored) in &read {
        let head = RowHead {
            id: one.id,
            unit: UnitId::from_uuid(Uuid::nil()),
            is_published: true,
        };
        match stored {
            Stored::Point([x, y]) if !has_polygons => builder.point(&head, to_world(*x, *y)),
            Stored::Point(_) => continue,
            Stored::Rings(rings) => {
                let world = |ring: &Vec<[f64; 2]>| ring.iter().map(|[x, y]| to_world(*x, *y)).collect();
                let rings: Vec<(Vec<[u32; 2]>, bool)> =
                    rings.iter().map(|(ring, outer)| (world(ring), *outer)).collect();
                if !builder.shape(&head, &rings) {
                    continue;
                }
            }
        }
        let says = [
            Some(one.code.clone()),
            Some(one.name.clone()),
            one.name_en.clone(),
            Some(one.valid_from.to_string()),
            one.valid_to.map(|day| day.to_string()),
        ];
        for (key, text) in says.iter().enumerate() {
            builder.value(key, text.as_deref().map(value::text).as_deref());
        }
    }
    builder.finish()
}
