//! The paths of files and feeds. Everybody may read them, from every page.
//! Refuses the file of a dataset that is not published, and a form that it does not have.

pub(crate) mod files;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, header};
use identity::routes::{Access, Routes, get};
use serde::Deserialize;
use web::{Reply, Shell};

use super::{SITEMAP_MAX, atom, data_package, sitemap};
use crate::dataset::store;
use crate::{OpenError, Portal};
use files::{Form, download};

/// Changes in the feed.
const CHANGES: i64 = 50;

pub(crate) fn routes(routes: Routes<Portal>) -> Routes<Portal> {
    routes
        .page(get("/data/{name}/files/{file}", file), Access::Public)
        .page(get("/data/{name}/datapackage.json", package), Access::Public)
        .page(get("/data/changes.atom", changes), Access::Public)
        .page(get("/data/sitemap.xml", map), Access::Public)
}

async fn file(State(portal): State<Portal>, Path((name, file)): Path<(String, String)>) -> Reply<Response> {
    let form = file
        .rsplit_once('.')
        .filter(|(stem, _)| *stem == name)
        .and_then(|(_, ending)| Form::of(ending));
    let form = form.ok_or(OpenError::NotFound)?;
    let dataset = portal.dataset_of(&name).await?;
    let (house, of) = (portal.clone(), dataset.clone());
    let sheet = portal.store().read(move |tx| house.sheet(tx, &of)).await?;
    Ok(download(&portal, dataset, &sheet, form)?)
}

async fn package(State(portal): State<Portal>, Path(name): Path<String>) -> Reply<Response> {
    let dataset = portal.dataset_of(&name).await?;
    let (house, of) = (portal.clone(), dataset.clone());
    let sheet = portal.store().read(move |tx| match house.sheet(tx, &of) {
        Ok(sheet) => Ok(Some(sheet)),
        Err(OpenError::NotFound) => Ok(None),
        Err(error) => Err(error),
    });
    let json = data_package(&portal, &dataset, sheet.await?.as_ref());
    Ok(document("application/json", json.to_string()))
}

async fn changes(State(portal): State<Portal>, shell: Shell) -> Reply<Response> {
    let changes = portal.store().read(move |tx| store::changes(tx, CHANGES)).await;
    let changes = changes.map_err(OpenError::from)?;
    let text = atom(&portal, &changes, shell.lang, portal.now());
    Ok(document("application/atom+xml; charset=utf-8", text))
}

#[derive(Debug, Default, Deserialize)]
struct Part {
    #[serde(default)]
    part: String,
}

async fn map(State(portal): State<Portal>, Query(query): Query<Part>) -> Reply<Response> {
    let names: Vec<String> = portal
        .with_index(|index| index.names().map(|(name, _)| name.to_owned()).collect())
        .await?;
    let parts = names.len().div_ceil(SITEMAP_MAX);
    let text = match query.part.parse::<usize>() {
        Ok(part) if (1..=parts).contains(&part) => {
            let from = (part - 1) * SITEMAP_MAX;
            let page: Vec<String> = names.into_iter().skip(from).take(SITEMAP_MAX).collect();
            sitemap(&portal, &page, None)
        }
        Ok(_) => return Err(OpenError::NotFound.into()),
        Err(_) if parts > 1 => sitemap(&portal, &[], Some(parts)),
        Err(_) => sitemap(&portal, &names, None),
    };
    Ok(document("application/xml; charset=utf-8", text))
}

/// A document that everybody may read and caches may keep for a minute.
pub(crate) fn document(media_type: &'static str, text: String) -> Response {
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    response
}
