//! What the page knows of each layer: who sees how many records of it and where, what it is coloured and filtered by. The same goes to
//! the script as JSON. Refuses layers of which whoever asks sees nothing.

use std::sync::Arc;

use definition::{FieldKind, Geometry};
use identity::Caller;
use kernel::Lang;
use register::Kind;
use register::geometry::VIET_NAM;
use serde::Serialize;
use serde_json::{Value as Json, json};
use web::assets;

use super::within::seen;
use crate::area::Tier;
use crate::base::Content;
use crate::error::MapError;
use crate::house::Map;
use crate::tile::ZOOM_MAX;
use crate::tile::draw::{View, each};
use crate::tile::layers::Drawn;
use crate::tile::load::Carried;
use crate::tile::mercator::to_degrees;

/// Colours of layers and of choices, told apart by people who see few colours, on light and on dark ground.
pub(crate) const COLOURS: [&str; 8] = [
    "#0f7b8a", "#c2571a", "#7a4fb5", "#3a7d2c", "#b0326e", "#8a6d00", "#2f5fb3", "#6b6259",
];
/// Choices that have a colour of their own.
const CHOICES_MAX: usize = COLOURS.len() - 1;

/// A choice with its label and colour.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Choice {
    /// The value.
    pub(crate) value: String,
    /// In words of the page's language.
    pub(crate) label: String,
    /// Its colour, where a layer is coloured by it.
    pub(crate) colour: Option<&'static str>,
}

/// A field by which a layer is filtered or coloured.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct By {
    /// The field.
    pub(crate) field: String,
    /// Its label.
    pub(crate) label: String,
    /// Its choices.
    pub(crate) choices: Vec<Choice>,
}

/// A layer as the page shows it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Layer {
    /// `system/kind`.
    pub(crate) id: String,
    /// What its records are called.
    pub(crate) name: String,
    /// What its system is called.
    pub(crate) system: String,
    /// Where its tiles are.
    pub(crate) tiles: String,
    /// The layer within a tile.
    pub(crate) within: String,
    /// `point`, `line`, `polygon`.
    pub(crate) geometry: &'static str,
    /// Its colour.
    pub(crate) colour: &'static str,
    /// What it is coloured by.
    pub(crate) by: Option<By>,
    /// What it is filtered by, beside search boxes.
    pub(crate) filters: Vec<By>,
    /// Its list, for whoever may open it.
    pub(crate) list: Option<String>,
    /// How many records she sees; none when the layer does not fit into memory.
    pub(crate) count: Option<u64>,
    /// West, south, east, north of them.
    pub(crate) bounds: Option<[f64; 4]>,
    /// Whether the records are made up.
    pub(crate) synthetic: bool,
    /// The licence under which they are published.
    pub(crate) licence: Option<String>,
}

/// How many rows a view sees, and their bounds in degrees.
fn summary(drawn: &Drawn, view: &View) -> (u64, Option<[f64; 4]>) {
    let (mut count, mut bounds) = (0, [u32::MAX, u32::MAX, 0, 0]);
    each(
        &drawn.sheets(),
        view,
        [0, 0, u32::MAX, u32::MAX],
        &mut |sheet, row, _| {
            let own = sheet.bounds(row);
            count += 1;
            bounds = [
                bounds[0].min(own[0]),
                bounds[1].min(own[1]),
                bounds[2].max(own[2]),
                bounds[3].max(own[3]),
            ];
            true
        },
    );
    let ([west, north], [east, south]) = (to_degrees([bounds[0], bounds[1]]), to_degrees([bounds[2], bounds[3]]));
    (count, (count > 0).then_some([west, south, east, north]))
}

fn choices(kind: &Kind, field: &str, lang: Lang) -> Vec<Choice> {
    let Some(column) = kind.column(field) else {
        return Vec::new();
    };
    let FieldKind::Choice(words) = &column.field.kind else {
        return Vec::new();
    };
    let label = |word: &String| kind.words(lang, &format!("choice.{field}.{word}"));
    let each = words.iter().enumerate().map(|(at, word)| Choice {
        value: word.clone(),
        label: label(word),
        colour: COLOURS.get(at.min(CHOICES_MAX)).copied(),
    });
    each.collect()
}

fn filters(kind: &Kind, carried: &Carried, is_own: bool, lang: Lang) -> Vec<By> {
    let seen = carried.filters.iter().filter(|(_, is_public)| is_own || *is_public);
    let each = seen.map(|(at, _)| {
        let field = kind.columns[*at].field.name.clone();
        By {
            label: kind.words(lang, &format!("field.{field}")),
            choices: choices(kind, &field, lang),
            field,
        }
    });
    each.filter(|by| !by.choices.is_empty()).collect()
}

/// The layer of a kind, as somebody sees it; `place` chooses its colour.
pub(crate) async fn layer(
    map: &Map,
    caller: &Caller,
    kind: &Arc<Kind>,
    place: usize,
    lang: Lang,
) -> Result<Layer, MapError> {
    let sight = map.sight(caller, kind).await?;
    let carried = Carried::of(kind, sight.public.as_ref());
    let (count, bounds) = match seen(map, caller, kind, Vec::new()).await {
        Ok((drawn, view)) => {
            let found = tokio::task::spawn_blocking(move || summary(&drawn, &view)).await;
            let (count, bounds) = found.map_err(|_| MapError::Drawing)?;
            (Some(count), bounds)
        }
        Err(MapError::TooLarge { .. }) => (None, None),
        Err(error) => return Err(error),
    };
    let id = format!("{}/{}", kind.system.code, kind.record.name);
    let filters = filters(kind, &carried, sight.is_own(), lang);
    Ok(Layer {
        name: kind.words(lang, "name"),
        system: kind.system_name().get(lang).to_owned(),
        tiles: format!("/map/tiles/{id}/{{z}}/{{x}}/{{y}}"),
        within: kind.record.name.clone(),
        geometry: match kind.geometry() {
            Some(Geometry::Line) => "line",
            Some(Geometry::Polygon) => "polygon",
            Some(Geometry::Point) | None => "point",
        },
        colour: COLOURS[place % COLOURS.len()],
        by: filters.iter().find(|by| by.choices.len() <= CHOICES_MAX).cloned(),
        filters,
        list: sight.is_own().then(|| kind.path()),
        count,
        bounds,
        synthetic: kind.record.open.as_ref().is_some_and(|open| open.synthetic),
        licence: sight.public.as_ref().map(|rule| rule.rule.licence.clone()),
        id,
    })
}

/// Every layer of which somebody sees anything.
pub(crate) async fn layers(map: &Map, caller: &Caller, lang: Lang) -> Result<Vec<Layer>, MapError> {
    let mut layers = Vec::new();
    for kind in map.kinds() {
        match layer(map, caller, kind, layers.len(), lang).await {
            Ok(layer) => layers.push(layer),
            Err(MapError::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(layers)
}

/// Where the page begins: the records of the first layer that has any, else Viet Nam.
pub(crate) fn extent(layers: &[Layer]) -> [f64; 4] {
    layers.iter().find_map(|layer| layer.bounds).unwrap_or(VIET_NAM)
}

/// What the script is told.
pub(crate) async fn script(map: &Map, layers: &[Layer], bounds: [f64; 4], on: &str) -> Result<Json, MapError> {
    let (provinces, communes) = (map.days(Tier::Province).await?, map.days(Tier::Commune).await?);
    let base = map.base().map(|base| {
        let names = base.about["vector_layers"]
            .as_array()
            .map(|all| all.iter().map(|one| one["id"].clone()).collect::<Vec<_>>());
        json!({
            "tiles": "/map/base/{z}/{x}/{y}",
            "vector": base.content == Content::Vector,
            "zooms": [base.zooms.0, base.zooms.1],
            "layers": names,
            "attribution": base.about["attribution"],
        })
    });
    Ok(json!({
        "layers": layers,
        "bounds": bounds,
        "zoom_max": ZOOM_MAX,
        "base": base,
        "on": on,
        "provinces": &*provinces,
        "communes": &*communes,
        "maplibre": assets::url("maplibre.js"),
        "worker": assets::url("maplibre-worker.js"),
    }))
}
