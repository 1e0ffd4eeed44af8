//! OGC API Tiles: which tiles there are, said in the words of the standard. The tiles themselves are those of `tile`, at one
//! address; nothing is drawn here.
//! Standards: OGC 20-057 (tiles), 17-083r4 (tile matrix sets: WebMercatorQuad).

use definition::Geometry;
use kernel::Lang;
use serde_json::{Value, json};

use super::collection::Collection;
use super::links::{HTML, JSON, MVT, Places, link};
use crate::tile::ZOOM_MAX;

/// The one tile matrix set.
pub(crate) const MATRIX_SET: &str = "WebMercatorQuad";
const MATRIX_SET_URI: &str = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad";
const MERCATOR: &str = "http://www.opengis.net/def/crs/EPSG/0/3857";
/// Half the side of the square of the web, in metres.
const HALF_M: f64 = 20_037_508.342_789_244;
/// Width of a pixel on the screens of the standard, in metres.
const PIXEL_M: f64 = 0.000_28;
/// Pixels of a tile's side, as the standard counts.
const TILE_PIXELS: f64 = 256.0;

/// The tile matrix sets.
pub(crate) fn matrix_sets(places: &Places) -> Value {
    let href = places.at(&format!("/tileMatrixSets/{MATRIX_SET}"));
    json!({ "tileMatrixSets": [{
        "id": MATRIX_SET,
        "title": "Google Maps Compatible for the World",
        "uri": MATRIX_SET_URI,
        "crs": MERCATOR,
        "links": [link("self", JSON, href, MATRIX_SET)],
    }] })
}

/// The grid of the web, down to the last zoom at which tiles are made.
pub(crate) fn matrix_set() -> Value {
    let matrices: Vec<Value> = (0..=ZOOM_MAX)
        .map(|zoom| {
            let side = 1_u32 << zoom;
            let cell = 2.0 * HALF_M / TILE_PIXELS / f64::from(side);
            json!({
                "id": zoom.to_string(),
                "scaleDenominator": cell / PIXEL_M,
                "cellSize": cell,
                "cornerOfOrigin": "topLeft",
                "pointOfOrigin": [-HALF_M, HALF_M],
                "tileWidth": 256,
                "tileHeight": 256,
                "matrixWidth": side,
                "matrixHeight": side,
            })
        })
        .collect();
    json!({
        "id": MATRIX_SET,
        "title": "Google Maps Compatible for the World",
        "uri": MATRIX_SET_URI,
        "crs": MERCATOR,
        "orderedAxes": ["E", "N"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": matrices,
    })
}

/// The tile sets of a collection.
pub(crate) fn tilesets(places: &Places, collection: &Collection, lang: Lang) -> Value {
    let href = format!("{}/tiles", places.collection(&collection.kind));
    json!({
        "links": [link("self", JSON, &href, "")],
        "tilesets": [summary(places, collection, lang)],
    })
}

fn summary(places: &Places, collection: &Collection, lang: Lang) -> Value {
    let href = format!("{}/tiles/{MATRIX_SET}", places.collection(&collection.kind));
    json!({
        "title": collection.title().get(lang),
        "dataType": "vector",
        "crs": MERCATOR,
        "tileMatrixSetURI": MATRIX_SET_URI,
        "links": [
            link("self", JSON, href, MATRIX_SET),
            link("http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme", JSON, places.at(&format!("/tileMatrixSets/{MATRIX_SET}")), MATRIX_SET),
        ],
    })
}

/// One tile set, with the address of its tiles.
pub(crate) fn tileset(places: &Places, collection: &Collection, lang: Lang) -> Value {
    let kind = &collection.kind;
    let mut set = summary(places, collection, lang);
    let path = places.elsewhere(&format!("/map/tiles/{}/{}", kind.system.code, kind.record.name));
    let template = format!("{path}/{{tileMatrix}}/{{tileCol}}/{{tileRow}}");
    let links = set["links"].as_array_mut();
    if let Some(links) = links {
        links.push(json!({ "rel": "item", "type": MVT, "href": template, "templated": true, "title": "MVT" }));
        links.push(link("describedby", JSON, path, "TileJSON"));
        links.push(link("alternate", HTML, places.collection(kind), ""));
    }
    set["layers"] = json!([{
        "id": kind.record.name,
        "title": collection.title().get(lang),
        "dataType": "vector",
        "geometryDimension": match kind.geometry() {
            Some(Geometry::Point) | None => 0,
            Some(Geometry::Line) => 1,
            Some(Geometry::Polygon) => 2,
        },
        "minTileMatrix": "0",
        "maxTileMatrix": ZOOM_MAX.to_string(),
    }]);
    set
}
