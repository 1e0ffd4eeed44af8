//! The operations of what a device took: sending an item, and noting that one was settled in another way.
//! They refuse nothing half: what is refused stays on the device, with reasons that an officer can act on.

use axum::extract::{Extension, Path, State};
use identity::routes::{Access, Routes};
use identity::{Action as Right, OfficerCaller};
use kernel::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use web::submitted::{Limits, Spool};
use web::{Failure, Json, Reply, Shell, Submitted};

use crate::Casework;
use crate::dossier::{DossierError, DossierId};
use crate::intake::walk::AtDesk;
use crate::offline::intake::{Arriving, Sent, instant, send};
use crate::offline::seal::ITEM_BYTES_MAX;
use crate::offline::{Claim, DeviceId, Ground, ItemId, Refusal, reason_context, store as table};

/// Letters of a reason.
const REASON_CHARS_MAX: usize = 500;
/// Items that are opened at once: each lies in memory while it is.
static OPENING: Semaphore = Semaphore::const_new(4);

/// Registers the operation without uploads.
pub(super) fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    routes.api(routes!(set_aside), Access::Action(Right::DossierSubmitFor))
}

/// Registers the operation that takes items.
#[must_use]
pub(crate) fn upload_routes(routes: Routes<Casework>) -> Routes<Casework> {
    routes.api(routes!(take), Access::Action(Right::DossierSubmitFor))
}

/// The bounds of one sealed item.
pub(crate) fn upload_limits(_: &Casework) -> Limits {
    Limits::files(1, ITEM_BYTES_MAX as u64).raw()
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
        .seal(world, &reason_context(item), reason.as_bytes())
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
