//! The page of the desk that works with the line down, its worker and manifest, the list of devices, and the operations by
//! which a device is registered, gets codes and its working set, and sends what it took.
//! It refuses devices and items of other desks: a device stands at one desk, and any officer of that desk sends for it.

use std::sync::Arc;

use axum::extract::{Extension, Path, Query, State};
use axum::response::{IntoResponse, Response};
use http::header;
use identity::audit::{self, Actor};
use identity::routes::{Access, Routes, get, post};
use identity::{Action as Right, OfficerCaller};
use kernel::{Date, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use web::submitted::{Limits, Spool};
use web::{Failure, Json, Page, Reply, Shell, Submitted, see_other};

use super::intake::{Arriving, Sent, instant, send};
use super::seal::{self, ITEM_BYTES_MAX};
use super::set::{self, Offered};
use super::{Block, Claim, Device, DeviceId, Ground, ItemId, Refusal, rules, secret_context, store as table, view};
use crate::Casework;
use crate::dossier::{DossierError, DossierId};
use crate::intake::walk::AtDesk;
use crate::place;

/// Where the page is; the worker's scope is this and what lies below.
pub(super) const PAGE: &str = "/desk/offline";
/// What the worker keeps, with their addresses put in.
const WORKER: &str = include_str!("../../assets/offline-worker.js");
/// The files of the page, which the worker keeps.
const KEPT: [&str; 5] = ["tinhso.css", "tinhso.js", "offline.css", "offline.js", "icon.svg"];
/// Letters of the name of a device.
const LABEL_CHARS_MAX: usize = 60;
/// Letters of a reason.
const REASON_CHARS_MAX: usize = 500;
/// Items that are opened at once: each lies in memory while it is.
static OPENING: Semaphore = Semaphore::const_new(4);

/// Registers the pages and the operations without uploads.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    let officer = Access::Action(Right::DossierSubmitFor);
    routes
        .page(get("/desk/offline", page), officer)
        .page(get("/desk/offline/devices", devices), officer)
        .page(post("/desk/offline/devices/{id}/revoke", revoke), officer)
        .page(get("/desk/offline/worker.js", worker), Access::Public)
        .page(get("/desk/offline/app.webmanifest", manifest), Access::Public)
        .api(routes!(now), officer)
        .api(routes!(register), officer)
        .api(routes!(codes), officer)
        .api(routes!(working_set), officer)
        .api(routes!(set_aside), officer)
}

/// Registers the operation that takes items.
#[must_use]
pub fn upload_routes(routes: Routes<Casework>) -> Routes<Casework> {
    routes.api(routes!(take), Access::Action(Right::DossierSubmitFor))
}

/// The bounds of one sealed item.
pub(crate) fn upload_limits(_: &Casework) -> Limits {
    Limits::files(1, ITEM_BYTES_MAX as u64).raw()
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

/// Which device asks.
#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    device: Option<Uuid>,
}

/// The server's clock, who is signed in, and whether the device is still at work.
#[derive(Debug, Serialize, ToSchema)]
pub struct Now {
    /// The server's clock, in milliseconds since 1970.
    now_ms: i64,
    /// The officer's account.
    account: Uuid,
    /// The officer's name.
    name: String,
    /// The desk at which the officer works.
    desk: Uuid,
    /// Its name.
    desk_name: String,
    /// What a form has to bring along.
    csrf: String,
    /// The device: `working`, `revoked`, `elsewhere` (at another desk) or `unknown`.
    device: &'static str,
}

fn milliseconds(at: Timestamp) -> i64 {
    at.as_micros() / 1_000
}

/// The clock by which a device measures its own, and who is signed in.
#[utoipa::path(get, path = "/api/desk/offline/now", tag = "desk",
    params(("device" = Option<Uuid>, Query, description = "The device that asks")), responses((status = 200, body = Now)))]
async fn now(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Query(asked): Query<Asked>,
) -> Reply<Json<Now>> {
    let at = AtDesk::of(&house, officer)?;
    let device = match asked.device {
        Some(id) => {
            let id = DeviceId::from_uuid(id);
            house
                .store()
                .read(move |tx| table::device(tx, id))
                .await
                .map_err(DossierError::from)?
        }
        None => None,
    };
    Ok(Json(Now {
        now_ms: milliseconds(house.now()),
        account: at.officer.account().uuid(),
        name: at.officer.name().to_owned(),
        desk: at.desk.uuid(),
        desk_name: at.desk_name.clone(),
        csrf: shell.csrf,
        device: match device {
            None => "unknown",
            Some(device) if device.desk != at.desk => "elsewhere",
            Some(device) if device.revoked.is_some() => "revoked",
            Some(_) => "working",
        },
    }))
}

/// A device that wants to be registered.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewDevice {
    /// What people call it.
    label: String,
    /// Its public key on P-256: 65 bytes in base64url.
    key: String,
}

/// Codes of one day.
#[derive(Debug, Serialize, ToSchema)]
pub struct Codes {
    /// The agency whose code they bear.
    agency: String,
    /// The day that they say.
    #[schema(value_type = String, format = Date)]
    day: Date,
    /// First number.
    first: i64,
    /// Last number.
    last: i64,
}

impl From<Block> for Codes {
    fn from(block: Block) -> Self {
        Self {
            agency: block.agency.to_string(),
            day: block.day,
            first: block.first,
            last: block.last,
        }
    }
}

/// A device that was registered.
#[derive(Debug, Serialize, ToSchema)]
pub struct Registered {
    /// Its id.
    id: Uuid,
    /// The server's public key for it: 65 bytes in base64url.
    key: String,
    /// Its codes.
    codes: Vec<Codes>,
}

/// Registers a device at the officer's desk and reserves its first codes.
#[utoipa::path(post, path = "/api/desk/offline/devices", tag = "desk", request_body = NewDevice,
    responses((status = 200, body = Registered)))]
async fn register(
    State(house): State<Casework>,
    officer: OfficerCaller,
    Json(asked): Json<NewDevice>,
) -> Reply<Json<Registered>> {
    use base64::Engine as _;
    let base64 = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let at = AtDesk::of(&house, officer)?;
    let label: String = asked.label.trim().chars().take(LABEL_CHARS_MAX).collect();
    let key = base64
        .decode(asked.key.trim())
        .map_err(|_| DossierError::from(Refusal::Key))?;
    seal::point(&key).map_err(|_| DossierError::from(Refusal::Key))?;
    let agency = agency(&house, &at)?;
    let (world, now) = (house.world().as_ref(), house.now());
    let id = DeviceId::new(world);
    let (secret, public_key) = seal::pair(world);
    let secret = house.keys().seal(world, &secret_context(id), &secret).into_bytes();
    let device = Device {
        id,
        label,
        desk: at.desk,
        desk_name: at.desk_name.clone(),
        unit: at.unit,
        unit_name: at.unit_name.clone(),
        officer: at.officer.account(),
        officer_name: at.officer.name().to_owned(),
        device_key: key,
        public_key: public_key.clone(),
        registered_at: now,
        seen_at: now,
        clock_ms: 0,
        revoked: None,
    };
    let day = at.day;
    let blocks = house
        .store()
        .write(move |tx| {
            if table::count_working(tx, device.desk)? >= rules::DEVICES_MAX {
                return Err(DossierError::from(Refusal::TooMany("devices")));
            }
            table::insert_device(tx, &device, &secret)?;
            let by = Actor::Account(device.officer);
            audit::append(
                tx,
                by,
                "offline-device.register",
                &id.to_string(),
                audit::Detail::new(),
                now,
            )?;
            table::reserve(tx, (id, &agency), (day, rules::BLOCK_CODES), now)
        })
        .await?;
    Ok(Json(Registered {
        id: id.uuid(),
        key: base64.encode(public_key),
        codes: blocks.into_iter().map(Codes::from).collect(),
    }))
}

/// The code of the agency under which a desk's codes are reserved.
fn agency(house: &Casework, at: &AtDesk) -> Result<kernel::AgencyCode, DossierError> {
    let unit = at.agency.ok_or(DossierError::UnitMissing)?;
    Ok(place::place_of(&house.identity().units(), unit, at.day)?.agency)
}

/// A device in contact.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Contact {
    /// What has to be added to its clock, in milliseconds.
    clock_ms: i64,
    /// Codes that it has left for today.
    left: i64,
}

/// Makes sure that a device holds codes for today and the days after.
#[utoipa::path(post, path = "/api/desk/offline/devices/{id}/codes", tag = "desk", request_body = Contact,
    params(("id" = Uuid, Path, description = "The device")), responses((status = 200, body = [Codes])))]
async fn codes(
    State(house): State<Casework>,
    officer: OfficerCaller,
    Path(id): Path<Uuid>,
    Json(contact): Json<Contact>,
) -> Reply<Json<Vec<Codes>>> {
    let at = AtDesk::of(&house, officer)?;
    let agency = agency(&house, &at)?;
    let (id, desk, day, now) = (DeviceId::from_uuid(id), at.desk, at.day, house.now());
    let blocks = house
        .store()
        .write(move |tx| {
            table::working_device(tx, id, desk)?;
            table::seen(tx, id, now, contact.clock_ms)?;
            table::reserve(tx, (id, &agency), (day, contact.left), now)
        })
        .await?;
    Ok(Json(blocks.into_iter().map(Codes::from).collect()))
}

/// What a device keeps of the house.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkingSet {
    /// When it was made, in milliseconds since 1970.
    made_ms: i64,
    /// The procedures that the desk's own agency settles, those taken most often first.
    #[schema(value_type = Vec<Offered>)]
    procedures: Arc<Vec<Offered>>,
}

/// The procedures of the desk with their papers and questions. The work list is `/api/desk/dossiers`.
#[utoipa::path(get, path = "/api/desk/offline/set", tag = "desk", responses((status = 200, body = WorkingSet)))]
async fn working_set(State(house): State<Casework>, shell: Shell, officer: OfficerCaller) -> Reply<Json<WorkingSet>> {
    let at = AtDesk::of(&house, officer)?;
    let procedures = set::offered(&house, &at, shell.lang).await?;
    Ok(Json(WorkingSet {
        made_ms: milliseconds(house.now()),
        procedures,
    }))
}

/// One item as it is sent.
#[derive(Debug, ToSchema)]
#[allow(
    dead_code,
    reason = "it describes the form of the operation; the form is read by `Submitted`"
)]
pub struct SentItem {
    /// `csrf` of `/api/desk/offline/now`; it comes first.
    #[schema(rename = "_csrf")]
    csrf: String,
    /// The id of the item.
    #[schema(rename = "_once")]
    once: Uuid,
    /// What has to be added to the device's clock now, in milliseconds.
    clock_ms: i64,
    /// The sealed item (docs/offline-desk.md).
    #[schema(value_type = String, format = Binary)]
    item: Vec<u8>,
}

/// Why an item is refused: a field of the form, or none, and words.
#[derive(Debug, Serialize, ToSchema)]
pub struct Reason {
    /// The field; empty when it is about the item as a whole.
    field: String,
    /// What is wrong, in words.
    words: String,
}

/// What became of an item.
#[derive(Debug, Serialize, ToSchema)]
pub struct Outcome {
    /// `taken` (or was taken before) or `refused`.
    state: &'static str,
    /// The dossier.
    dossier: Option<Uuid>,
    /// Its code.
    code: Option<String>,
    /// The instant from which deadlines run.
    #[schema(value_type = Option<String>, format = DateTime)]
    received_at: Option<Timestamp>,
    /// Why that instant: `paper`, `drift` or `contact`.
    ground: Option<Ground>,
    /// When the result is due.
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<Timestamp>,
    /// It was taken before; nothing was done.
    is_again: bool,
    /// Why it is refused.
    reasons: Vec<Reason>,
}

/// Takes a sealed item over: whole and once, whoever of the desk sends it. What is refused stays on the device, with reasons.
#[utoipa::path(post, path = "/api/desk/offline/items", tag = "desk",
    request_body(content = SentItem, content_type = "multipart/form-data"), responses((status = 200, body = Outcome)))]
async fn take(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Extension(spool): Extension<Spool>,
    submitted: Submitted,
) -> Reply<Json<Outcome>> {
    let at = AtDesk::of(&house, officer)?;
    let _room = OPENING
        .acquire()
        .await
        .map_err(|error| Failure::internal(error.to_string()))?;
    let file = submitted.files_of("item").next();
    let sealed = match file {
        Some(file) => tokio::fs::read(file.path())
            .await
            .map_err(|error| Failure::internal(error.to_string()))?,
        None => Vec::new(),
    };
    let limits = crate::intake::http::upload_limits(&house);
    let arriving = Arriving {
        sealed: &sealed,
        clock_ms: submitted.text("clock_ms").parse().unwrap_or(0),
        limits: &limits,
        spool: &spool,
        lang: shell.lang,
    };
    match send(&house, at, arriving).await {
        Ok(Sent::Taken { dossier, is_again }) => Ok(Json(taken(&house, dossier, is_again).await?)),
        Ok(Sent::Refused(reasons)) => Ok(Json(refused(reasons))),
        Err(failure) if is_about_the_item(&failure) => {
            Ok(Json(refused(vec![(String::new(), failure.public_text(shell.lang))])))
        }
        Err(failure) => Err(failure),
    }
}

/// Whether a failure will be the same at the next sending: then an officer must look at it.
fn is_about_the_item(failure: &Failure) -> bool {
    use kernel::ErrorKind;
    match failure.kind() {
        ErrorKind::Invalid
        | ErrorKind::NotFound
        | ErrorKind::Conflict
        | ErrorKind::Gone
        | ErrorKind::TooLarge
        | ErrorKind::Unsupported => true,
        ErrorKind::Forbidden => failure.code() != "forbidden" && !failure.code().starts_with("policy-"),
        ErrorKind::Unauthenticated
        | ErrorKind::TooMany { .. }
        | ErrorKind::Busy { .. }
        | ErrorKind::Unavailable
        | ErrorKind::Internal => false,
    }
}

fn refused(reasons: Vec<(String, String)>) -> Outcome {
    Outcome {
        state: "refused",
        dossier: None,
        code: None,
        received_at: None,
        ground: None,
        due_at: None,
        is_again: false,
        reasons: reasons
            .into_iter()
            .map(|(field, words)| Reason { field, words })
            .collect(),
    }
}

async fn taken(house: &Casework, id: DossierId, is_again: bool) -> Result<Outcome, DossierError> {
    let (dossier, item) = house
        .store()
        .read(move |tx| Ok::<_, DossierError>((crate::dossier::store::find(tx, id)?, table::of_dossier(tx, id)?)))
        .await?;
    Ok(Outcome {
        state: "taken",
        dossier: Some(id.uuid()),
        code: Some(dossier.code.to_string()),
        received_at: item.as_ref().and_then(|item| item.received_at),
        ground: item.and_then(|item| item.ground),
        due_at: dossier.due_at,
        is_again,
        reasons: Vec::new(),
    })
}

/// An item that an officer sets aside.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SetAside {
    /// The device that took it.
    device: Uuid,
    /// The code on its paper.
    code: String,
    /// The time on its paper, in milliseconds since 1970.
    printed_ms: i64,
    /// Why: where the matter went instead.
    reason: String,
}

/// Notes that an item that was refused is settled in another way: its code is used up and says so for good.
#[utoipa::path(post, path = "/api/desk/offline/items/{id}/set-aside", tag = "desk", request_body = SetAside,
    params(("id" = Uuid, Path, description = "The item")), responses((status = 204)))]
async fn set_aside(
    State(house): State<Casework>,
    officer: OfficerCaller,
    Path(id): Path<Uuid>,
    Json(asked): Json<SetAside>,
) -> Reply<http::StatusCode> {
    let at = AtDesk::of(&house, officer)?;
    let reason = asked.reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
        return Err(DossierError::ReasonMissing.into());
    }
    let (item, now, world) = (ItemId::from_uuid(id), house.now(), house.world().as_ref());
    let reason = house
        .keys()
        .seal(world, &super::reason_context(item), reason.as_bytes())
        .into_bytes();
    let claim = Claim {
        item,
        device: DeviceId::from_uuid(asked.device),
        code: asked
            .code
            .parse()
            .map_err(|_| DossierError::from(Refusal::NotReserved))?,
        printed_at: instant(asked.printed_ms)?,
        clock_ms: 0,
        drift_ms: 0,
        received_at: now,
        ground: Ground::Paper,
        sent_at: now,
        sent_by: at.officer.account(),
        sent_by_name: at.officer.name().to_owned(),
    };
    let desk = at.desk;
    house
        .store()
        .write(move |tx| {
            if table::item(tx, claim.item)?.is_some() {
                return Ok(());
            }
            // A device that was revoked may still be tidied up.
            table::device(tx, claim.device)?
                .filter(|device| device.desk == desk)
                .ok_or(Refusal::NoDevice)?;
            table::admit_code(tx, claim.device, &claim.code)?;
            Ok::<_, DossierError>(table::insert_set_aside(tx, &claim, &reason)?)
        })
        .await?;
    Ok(http::StatusCode::NO_CONTENT)
}
