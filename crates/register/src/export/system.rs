//! How files say in which system of coordinates they are: well-known text for GeoPackage and FlatGeobuf, PROJJSON for Parquet. For
//! the systems of `geometry::crs` alone; longitude and latitude over WGS 84 is what each format takes for granted.

use serde_json::{Value, json};

use crate::geometry::crs::Crs;

/// Degrees of the central meridian of a zone, such as `105-45`.
fn meridian(crs: &Crs) -> Option<f64> {
    let (degrees, minutes) = crs.meridian.as_deref()?.split_once('-')?;
    Some(degrees.parse::<f64>().ok()? + minutes.parse::<f64>().ok()? / 60.0)
}

/// The scale on the central meridian: the zones of six degrees are those of UTM.
fn scale(crs: &Crs) -> f64 {
    if crs.name.contains("UTM") { 0.9996 } else { 0.9999 }
}

fn code(crs: &Crs) -> &str {
    crs.code.strip_prefix("EPSG:").unwrap_or("4326")
}

/// Well-known text of the first kind, which every reader of GeoPackage knows.
pub(super) fn wkt(crs: &Crs) -> String {
    let code = code(crs);
    let degree = "PRIMEM[\"Greenwich\",0,AUTHORITY[\"EPSG\",\"8901\"]],UNIT[\"degree\",0.0174532925199433,AUTHORITY[\"EPSG\",\"9122\"]]";
    let vn2000 = format!(
        "GEOGCS[\"VN-2000\",DATUM[\"Vietnam_2000\",SPHEROID[\"WGS 84\",6378137,298.257223563,AUTHORITY[\"EPSG\",\"7030\"]],\
         AUTHORITY[\"EPSG\",\"6756\"]],{degree},AUTHORITY[\"EPSG\",\"4756\"]]"
    );
    let wgs84 = format!(
        "GEOGCS[\"WGS 84\",DATUM[\"WGS_1984\",SPHEROID[\"WGS 84\",6378137,298.257223563,AUTHORITY[\"EPSG\",\"7030\"]],\
         AUTHORITY[\"EPSG\",\"6326\"]],{degree},AUTHORITY[\"EPSG\",\"4326\"]]"
    );
    let metre = "UNIT[\"metre\",1,AUTHORITY[\"EPSG\",\"9001\"]]";
    match meridian(crs) {
        Some(meridian) => format!(
            "PROJCS[\"{}\",{vn2000},PROJECTION[\"Transverse_Mercator\"],PARAMETER[\"latitude_of_origin\",0],\
             PARAMETER[\"central_meridian\",{meridian}],PARAMETER[\"scale_factor\",{}],PARAMETER[\"false_easting\",500000],\
             PARAMETER[\"false_northing\",0],{metre},AUTHORITY[\"EPSG\",\"{code}\"]]",
            crs.name,
            scale(crs)
        ),
        None if crs.is_vn2000() => vn2000,
        None if crs.is_degrees => wgs84,
        None => format!(
            "PROJCS[\"{}\",{wgs84},PROJECTION[\"Mercator_1SP\"],PARAMETER[\"central_meridian\",0],PARAMETER[\"scale_factor\",1],\
             PARAMETER[\"false_easting\",0],PARAMETER[\"false_northing\",0],{metre},EXTENSION[\"PROJ4\",\
             \"+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m +nadgrids=@null +wktext +no_defs\"],\
             AUTHORITY[\"EPSG\",\"{code}\"]]",
            crs.name
        ),
    }
}

fn axis(name: &str, short: &str, direction: &str, unit: &str) -> Value {
    json!({ "name": name, "abbreviation": short, "direction": direction, "unit": unit })
}

/// PROJJSON 0.7; none where longitude and latitude over WGS 84 go without saying.
pub(super) fn projjson(crs: &Crs) -> Option<Value> {
    if crs.is_stored() {
        return None;
    }
    let number: u32 = code(crs).parse().unwrap_or(4_326);
    let degrees = json!({ "subtype": "ellipsoidal", "axis": [
        axis("Geodetic latitude", "Lat", "north", "degree"), axis("Geodetic longitude", "Lon", "east", "degree"),
    ] });
    let ellipsoid = json!({ "name": "WGS 84", "semi_major_axis": 6_378_137, "inverse_flattening": 298.257_223_563 });
    let (base, datum) = if crs.is_vn2000() {
        (("VN-2000", 4_756), "Vietnam 2000")
    } else {
        (("WGS 84", 4_326), "World Geodetic System 1984")
    };
    let geographic = json!({
        "type": "GeographicCRS", "name": base.0,
        "datum": { "type": "GeodeticReferenceFrame", "name": datum, "ellipsoid": ellipsoid },
        "coordinate_system": degrees, "id": { "authority": "EPSG", "code": base.1 },
    });
    if crs.is_degrees {
        let mut own = geographic;
        own["$schema"] = "https://proj.org/schemas/v0.7/projjson.schema.json".into();
        return Some(own);
    }
    let parameter = |name: &str, value: f64, unit: &str| json!({ "name": name, "value": value, "unit": unit });
    let conversion = match meridian(crs) {
        Some(meridian) => json!({
            "name": crs.name, "method": { "name": "Transverse Mercator", "id": { "authority": "EPSG", "code": 9807 } },
            "parameters": [
                parameter("Latitude of natural origin", 0.0, "degree"),
                parameter("Longitude of natural origin", meridian, "degree"),
                parameter("Scale factor at natural origin", scale(crs), "unity"),
                parameter("False easting", 500_000.0, "metre"),
                parameter("False northing", 0.0, "metre"),
            ],
        }),
        None => json!({
            "name": crs.name,
            "method": { "name": "Popular Visualisation Pseudo Mercator", "id": { "authority": "EPSG", "code": 1024 } },
            "parameters": [
                parameter("Latitude of natural origin", 0.0, "degree"),
                parameter("Longitude of natural origin", 0.0, "degree"),
                parameter("False easting", 0.0, "metre"),
                parameter("False northing", 0.0, "metre"),
            ],
        }),
    };
    Some(json!({
        "$schema": "https://proj.org/schemas/v0.7/projjson.schema.json",
        "type": "ProjectedCRS", "name": crs.name, "base_crs": geographic, "conversion": conversion,
        "coordinate_system": { "subtype": "Cartesian", "axis": [
            axis("Easting", "E", "east", "metre"), axis("Northing", "N", "north", "metre"),
        ] },
        "id": { "authority": "EPSG", "code": number },
    }))
}
