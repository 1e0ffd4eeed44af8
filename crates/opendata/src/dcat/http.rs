//! The paths of DCAT-AP: the catalogue, page by page, and each dataset. Everybody may read them, from every page.
//! Refuses a page behind the last one.

use std::collections::BTreeMap;

use axum::extract::{Path, Query, State};
use axum::response::Response;
use identity::routes::{Access, Routes, get};
use serde::Deserialize;
use web::Reply;

use super::graph::{Node, json_ld, turtle};
use super::{PAGE, Pages, catalogue, dataset};
use crate::dataset::store::Organisation;
use crate::dataset::{Search, Sort};
use crate::feed::http::document;
use crate::{OpenError, Portal};

pub(crate) fn routes(routes: Routes<Portal>) -> Routes<Portal> {
    routes
        .page(get("/catalog.ttl", all_turtle), Access::Public)
        .page(get("/catalog.jsonld", all_json), Access::Public)
        .page(get("/data/{name}/dcat.ttl", one_turtle), Access::Public)
        .page(get("/data/{name}/dcat.jsonld", one_json), Access::Public)
}

#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    page: String,
}

async fn organisations(portal: &Portal) -> Result<BTreeMap<String, Organisation>, OpenError> {
    let all = portal.organisations().await?.into_iter();
    Ok(all.map(|one| (one.name.clone(), one)).collect())
}

async fn all(portal: &Portal, asked: &Asked) -> Result<Vec<Node>, OpenError> {
    let page = asked.page.parse::<usize>().unwrap_or(1).max(1);
    let search = Search {
        sort: Some(Sort::Name),
        offset: (page - 1).saturating_mul(PAGE),
        limit: PAGE,
        ..Search::default()
    };
    let (found, datasets) = portal.search(&search).await?;
    let last = found.total.div_ceil(PAGE).max(1);
    if page > last {
        return Err(OpenError::NotFound);
    }
    let pages = Pages {
        page,
        last,
        total: found.total,
    };
    Ok(catalogue(
        portal,
        &datasets,
        &organisations(portal).await?,
        pages,
        portal.now(),
    ))
}

async fn one(portal: &Portal, name: &str) -> Result<Vec<Node>, OpenError> {
    let found = portal.dataset_of(name).await?;
    Ok(vec![dataset(portal, &found, &organisations(portal).await?)])
}

fn as_turtle(nodes: &[Node]) -> Response {
    document("text/turtle; charset=utf-8", turtle(nodes))
}

fn as_json(nodes: &[Node]) -> Response {
    document("application/ld+json", json_ld(nodes).to_string())
}

async fn all_turtle(State(portal): State<Portal>, Query(asked): Query<Asked>) -> Reply<Response> {
    Ok(as_turtle(&all(&portal, &asked).await?))
}

async fn all_json(State(portal): State<Portal>, Query(asked): Query<Asked>) -> Reply<Response> {
    Ok(as_json(&all(&portal, &asked).await?))
}

async fn one_turtle(State(portal): State<Portal>, Path(name): Path<String>) -> Reply<Response> {
    Ok(as_turtle(&one(&portal, &name).await?))
}

async fn one_json(State(portal): State<Portal>, Path(name): Path<String>) -> Reply<Response> {
    Ok(as_json(&one(&portal, &name).await?))
}
