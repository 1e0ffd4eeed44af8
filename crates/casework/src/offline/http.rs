//! The page of the desk that works with the line down, its worker and manifest, and the list of devices. The operations of a
//! device stand in `device`, those of what it took in `item`.
//! They refuse devices and items of other desks: a device stands at one desk, and any officer of that desk sends for it.

pub mod device;
pub mod item;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header;
use identity::audit::{self, Actor};
use identity::routes::{Access, Routes, get, post};
use identity::{Action as Right, OfficerCaller};
use web::{Page, Reply, Shell, Submitted, see_other};

pub(crate) use item::{upload_limits, upload_routes};

use super::{DeviceId, Refusal, set, store as table, view};
use crate::Casework;
use crate::dossier::DossierError;
use crate::intake::walk::AtDesk;

/// Where the page is; the worker's scope is this and what lies below.
pub(super) const PAGE: &str = "/desk/offline";
/// What the worker keeps, with their addresses put in.
const WORKER: &str = include_str!("../../assets/offline-worker.js");
/// The files of the page, which the worker keeps.
const KEPT: [&str; 7] = [
    "tinhso.css",
    "tinhso.js",
    "offline.css",
    "offline-seal.js",
    "offline-passkey.js",
    "offline.js",
    "icon.svg",
];

/// Registers the pages and the operations without uploads.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    let officer = Access::Action(Right::DossierSubmitFor);
    let routes = routes
        .page(get("/desk/offline", page), officer)
        .page(get("/desk/offline/devices", devices), officer)
        .page(post("/desk/offline/devices/{id}/revoke", revoke), officer)
        .page(get("/desk/offline/worker.js", worker), Access::Public)
        .page(get("/desk/offline/app.webmanifest", manifest), Access::Public);
    item::routes(device::routes(routes))
}

async fn page(State(house): State<Casework>, shell: Shell, officer: OfficerCaller) -> Reply<Response> {
    let at = AtDesk::of(&house, officer)?;
    let form = set::common(&house, &at).await?;
    // The page is kept by the browser and outlives the session: its clock would tell of the end of something long past.
    let mut shell = shell;
    shell.session = None;
    let book = house.identity().units();
    let agency = at.agency.and_then(|agency| book.get(agency));
    let agency = agency.map_or("", |agency| agency.name_on(at.day).vi.as_str());
    let body = view::page(&shell, &at, agency, form.as_ref());
    let mut page = Page::new(&shell, shell.text("offline-title")).manifest("/desk/offline/app.webmanifest");
    page = page.body(body);
    Ok(page.into_response())
}

async fn worker() -> Response {
    let mut files: Vec<&str> = KEPT.iter().map(|name| web::assets::url(name)).collect();
    files.extend(
        web::assets::sizes()
            .filter(|(name, ..)| name.ends_with(".woff2"))
            .map(|(_, url, _)| url),
    );
    let list = serde_json::to_string(&files).unwrap_or_default();
    let text = WORKER.replace("/* FILES */ []", &list);
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        // Its own page has no slash at the end, and nothing else begins like it.
        (header::HeaderName::from_static("service-worker-allowed"), PAGE),
    ];
    (headers, text).into_response()
}

async fn manifest(shell: Shell) -> Response {
    let name = shell.text("offline-title");
    let body = serde_json::json!({
        "id": PAGE, "start_url": PAGE, "scope": PAGE, "display": "standalone", "lang": shell.lang.tag(),
        "name": format!("{name} – {}", shell.brand.name.get(shell.lang)), "short_name": name,
        "background_color": "#fbfaf7", "theme_color": "#9b1c1f",
        "icons": [{ "src": web::assets::url("icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any" }],
    });
    let headers = [
        (header::CONTENT_TYPE, "application/manifest+json"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, body.to_string()).into_response()
}

async fn devices(State(house): State<Casework>, shell: Shell, officer: OfficerCaller) -> Reply {
    let at = AtDesk::of(&house, officer)?;
    let desk = at.desk;
    let (devices, items) = house
        .store()
        .read(move |tx| Ok::<_, DossierError>((table::devices(tx, desk, 200)?, table::items_of(tx, desk, 200)?)))
        .await?;
    let title = shell.text("offline-devices-title");
    Ok(Page::new(&shell, title)
        .wide()
        .body(view::devices(&shell, &at.desk_name, &devices, &items)))
}

async fn revoke(
    State(house): State<Casework>,
    officer: OfficerCaller,
    Path(id): Path<String>,
    _: Submitted,
) -> Reply<Response> {
    let at = AtDesk::of(&house, officer)?;
    let id: DeviceId = id.parse().map_err(|_| DossierError::from(Refusal::NoDevice))?;
    let (desk, account, name, now) = (at.desk, at.officer.account(), at.officer.name().to_owned(), house.now());
    house
        .store()
        .write(move |tx| {
            table::device(tx, id)?
                .filter(|device| device.desk == desk)
                .ok_or(Refusal::NoDevice)?;
            if table::revoke(tx, (id, desk), (account, &name), now)? {
                let by = Actor::Account(account);
                audit::append(
                    tx,
                    by,
                    "offline-device.revoke",
                    &id.to_string(),
                    audit::Detail::new(),
                    now,
                )?;
            }
            Ok::<_, DossierError>(())
        })
        .await?;
    Ok(see_other("/desk/offline/devices"))
}
