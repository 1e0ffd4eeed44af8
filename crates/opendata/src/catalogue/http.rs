//! The public pages of the catalogue: the same for everybody. Owns what each page reads before it is drawn.
//! Refuses a dataset that is not published, whoever asks.

use axum::extract::{Path, State};
use identity::routes::{Access, Routes, get};
use kernel::Bilingual;
use web::components::Crumb;
use web::table::TableQuery;
use web::{Page, Reply, Shell};

use super::one::{About, console_page, in_block, title};
use super::{Asked, list, one};
use crate::dataset::{Dataset, Origin, Search, Sort};
use crate::rows::{self, Cell, Sheet};
use crate::{OpenError, Portal, feed};

/// Rows of a preview.
const PREVIEW: u64 = 10;
/// Datasets of registers that the page of the interface lists.
const LISTED: usize = 100;

pub(crate) fn routes(routes: Routes<Portal>) -> Routes<Portal> {
    routes
        .page(get("/data", all), Access::Public)
        .page(get("/data/api", console), Access::Public)
        .page(get("/data/{name}", dataset), Access::Public)
}

async fn publishers(portal: &Portal) -> Result<Vec<(String, Bilingual)>, OpenError> {
    let all = portal.organisations().await?;
    Ok(all.into_iter().map(|one| (one.name, one.title)).collect())
}

async fn all(State(portal): State<Portal>, shell: Shell, query: TableQuery) -> Reply {
    let asked = Asked::of(&query);
    let (found, datasets) = portal.search(&asked.search()).await?;
    let publishers = publishers(&portal).await?;
    let body = list::page(
        &shell,
        &list::Listed {
            asked: &asked,
            found: &found,
            datasets: &datasets,
            publishers: &publishers,
            now: portal.now(),
        },
    );
    Ok(Page::new(&shell, shell.text("open-title"))
        .public()
        .description(shell.text("open-lead"))
        .body(body))
}

pub(crate) fn crumbs(shell: &Shell) -> Vec<Crumb> {
    vec![Crumb::new("/data", shell.text("open-title"))]
}

async fn dataset(State(portal): State<Portal>, shell: Shell, Path(name): Path<String>) -> Reply {
    let dataset = portal.dataset_of(&name).await?;
    let (house, of, today) = (portal.clone(), dataset.clone(), portal.register().today());
    let rows: Option<(Sheet, Vec<Vec<Cell>>)> = portal
        .store()
        .read(move |tx| match house.sheet(tx, &of) {
            Ok(sheet) => {
                let rows = rows::page(tx, &sheet, None, 0, PREVIEW, today)?;
                Ok(Some((sheet, rows)))
            }
            Err(OpenError::NotFound) if of.origin == Origin::External => Ok(None),
            Err(error) => Err(error),
        })
        .await?;
    let publishers = publishers(&portal).await?;
    let publisher = publishers.into_iter().find(|(name, _)| *name == dataset.publisher);
    let publisher = publisher.map_or_else(|| Bilingual::vi(dataset.publisher.clone()), |(_, title)| title);
    let has_places = rows.as_ref().is_some_and(|(sheet, _)| sheet.has_places());
    let now = portal.now();
    let json_ld = feed::schema_org(&portal, &dataset, publisher.get(shell.lang), shell.lang, now);
    let about = About {
        dataset: &dataset,
        publisher: &publisher,
        rows: rows.as_ref().map(|(sheet, rows)| (sheet, rows.as_slice())),
        map: has_places.then(|| "/map".to_owned()),
        now,
        json_ld: in_block(&json_ld),
    };
    let body = one::page(&shell, &about);
    Ok(Page::new(&shell, title(&dataset, shell.lang))
        .public()
        .crumbs(crumbs(&shell))
        .description(dataset.about.notes.get(shell.lang).to_owned())
        .body(body))
}

async fn console(State(portal): State<Portal>, shell: Shell) -> Reply {
    let search = Search {
        sort: Some(Sort::Title),
        limit: LISTED,
        ..Search::default()
    };
    let (_, datasets) = portal.search(&search).await?;
    let own: Vec<Dataset> = datasets
        .into_iter()
        .filter(|one| one.origin == Origin::Register)
        .collect();
    let body = console_page(&shell, &own, &portal.settings().origin);
    Ok(Page::new(&shell, shell.text("open-api-title"))
        .public()
        .crumbs(crumbs(&shell))
        .body(body))
}
