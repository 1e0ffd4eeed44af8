//! The operations of a device: the clock by which it measures its own, registration, codes, what it keeps of the house.
//! They refuse a key that is no point of the curve, and more devices than a desk can look after.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use identity::audit::{self, Actor};
use identity::routes::{Access, Routes};
use identity::{Action as Right, OfficerCaller};
use kernel::{Date, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use web::{Json, Reply, Shell};

use crate::Casework;
use crate::dossier::DossierError;
use crate::intake::walk::AtDesk;
use crate::offline::set::{self, Offered};
use crate::offline::{Block, Device, DeviceId, Refusal, rules, seal, secret_context, store as table};
use crate::place;

/// Letters of the name of a device.
const LABEL_CHARS_MAX: usize = 60;

/// Registers the operations.
pub(super) fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    let officer = Access::Action(Right::DossierSubmitFor);
    routes
        .api(routes!(now), officer)
        .api(routes!(register), officer)
        .api(routes!(codes), officer)
        .api(routes!(working_set), officer)
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
