//! Tiles of areas: provinces and communes as they were on a day. Everybody sees them. Owns which sheet a day is drawn from; refuses
//! tiers and days that are none.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderMap, header};
use identity::routes::{Access, Routes, get};
use kernel::Date;
use web::Reply;
use web::table::TableQuery;

use super::{Areas, Tier};
use crate::error::MapError;
use crate::house::Map;
use crate::tile::TileAt;
use crate::tile::draw::View;
use crate::tile::http::{answer, made};
use crate::tile::layers::{Asked, Drawn, Source};

pub(crate) fn routes(routes: Routes<Map>) -> Routes<Map> {
    routes.page(get("/map/areas/{tier}/{z}/{x}/{y}", tile), Access::Public)
}

/// What everybody sees.
pub(crate) fn everything() -> View {
    View {
        units: Some(Arc::from(Vec::new())),
        public: true,
        filters: Vec::new(),
    }
}

/// The areas of a tier as they are drawn on a day. Days between two changes show the same, so that they share a sheet.
pub(crate) async fn drawn(map: &Map, tier: Tier, day: Date) -> Result<(Source, Arc<Drawn>), MapError> {
    let days = map.days(tier).await?;
    let day = days
        .iter()
        .rev()
        .find(|change| **change <= day)
        .or(days.first())
        .copied()
        .unwrap_or(Date::MIN);
    let source = Source::Areas(Areas { tier, day });
    match map.layers().get(map, &source).await? {
        Asked::Drawn(drawn) => Ok((source, drawn)),
        Asked::TooLarge => Err(MapError::NotFound),
    }
}

/// The day that an address asks for; today without one.
pub(crate) fn day(map: &Map, text: &str) -> Result<Date, MapError> {
    if text.is_empty() {
        return Ok(map.world().now().local_date());
    }
    text.parse().map_err(|_| MapError::Filter("on".to_owned()))
}

async fn tile(
    State(map): State<Map>,
    Path((tier, z, x, y)): Path<(String, String, String, String)>,
    query: TableQuery,
    headers: HeaderMap,
) -> Reply<Response> {
    let tier: Tier = tier.parse().map_err(|_| MapError::NotFound)?;
    let (at, day) = (TileAt::parse(&z, &x, &y)?, day(&map, query.filter("on"))?);
    let (source, drawn) = drawn(&map, tier, day).await?;
    let known = headers.get(header::IF_NONE_MATCH);
    let made = made(&map, (source, tier.to_string()), drawn, everything(), at, known).await?;
    Ok(answer(made))
}
