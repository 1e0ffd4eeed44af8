//! The address at which the portal fetches a paper or a result of ours: a link that we signed, which opens one file for some days.
//! Whoever holds it may fetch; each fetching is on record among the uses of the person's data before a byte leaves.
//! Refuses a link that was changed or has run out, a result that was not decided, and what the scanner has not cleared.

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use identity::routes::{Access, Routes};
use identity::{Purpose, useof};
use kernel::{SignedDuration, Timestamp};
use serde::Deserialize;
use store::StoreError;
use utoipa_axum::routes;
use uuid::Uuid;
use web::submitted::FileKind;
use web::{Reply, download};

use super::store as table;
use crate::Exchange;
use crate::error::ExchangeError;

/// Domain of the codes that links are signed with.
const DOMAIN: &str = "exchange.link";
/// The name under which a person finds the fetching among the uses of her data.
const USE: &str = "exchange.sync";

pub(crate) fn routes(routes: Routes<Exchange>) -> Routes<Exchange> {
    routes.api(routes!(file), Access::Public)
}

fn text(file: Uuid, until: i64) -> String {
    format!("{file} {until}")
}

impl Exchange {
    /// A link that opens a file of ours until some hours after `now`.
    pub(crate) fn link_to(&self, file: Uuid, now: Timestamp) -> String {
        let hours = self.config().portal.as_ref().map_or(1, |portal| portal.link_hours);
        let until = (now + SignedDuration::from_hours(hours)).as_seconds();
        let tag = hex::encode(self.casework().keys().mac(DOMAIN, text(file, until).as_bytes()));
        let origin = &self.casework().settings().origin;
        format!("{origin}/api/exchange/national/files/{file}?until={until}&tag={tag}")
    }

    fn may_open(&self, file: Uuid, marks: &Marks) -> bool {
        let (Ok(tag), Ok(until)) = (hex::decode(&marks.tag), marks.until.parse::<i64>()) else {
            return false;
        };
        let keys = self.casework().keys();
        keys.mac_matches(DOMAIN, text(file, until).as_bytes(), &tag) && self.now().as_seconds() <= until
    }
}

/// What a link carries besides the file.
#[derive(Debug, Default, Deserialize)]
struct Marks {
    #[serde(default)]
    until: String,
    #[serde(default)]
    tag: String,
}

/// Fetch a paper or a result that a message named
///
/// The address comes with `DongBoHoSoMC` and `TraCuuHoSo` (`DuongDanTaiTepTin`, `DuongDanTepTinKetQua`) and runs out; asking for the
/// dossier gives a new one. `HashTepTin` is the SHA-256 of the content.
#[utoipa::path(get, path = "/api/exchange/national/files/{file}", tag = "exchange",
    params(("file" = Uuid, Path, description = "Id of the file"), ("until" = i64, Query, description = "Second at which the link runs out"),
        ("tag" = String, Query, description = "Signature of the link")),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 404, description = "No portal is set up, no such file, or the link does not open it"),
        (status = 409, description = "The file was not looked at by the scanner yet")))]
async fn file(
    State(exchange): State<Exchange>,
    Path(file): Path<String>,
    Query(marks): Query<Marks>,
) -> Reply<Response> {
    exchange.portal()?;
    let file: Uuid = file.parse().map_err(|_| ExchangeError::NotFound)?;
    if !exchange.may_open(file, &marks) {
        return Err(ExchangeError::NotFound.into());
    }
    let found = exchange
        .store()
        .read(move |tx| {
            let Some(found) = table::linked_file(tx, file)?.filter(|found| found.is_open) else {
                return Ok::<_, StoreError>(None);
            };
            Ok(tx.blob(found.blob)?.map(|blob| (found, blob)))
        })
        .await?;
    let (found, blob) = found
        .filter(|(_, blob)| blob.erased_at.is_none())
        .ok_or(ExchangeError::NotFound)?;
    match found.check.as_deref() {
        None | Some("clean") => {}
        Some("waiting") => return Err(ExchangeError::NotLookedAt.into()),
        Some(_) => return Err(ExchangeError::NotFound.into()),
    }
    let purpose = Purpose::for_system(USE, found.dossier.uuid(), found.code.clone());
    let (person, now) = (found.person, exchange.now());
    exchange
        .store()
        .write(move |tx| useof::record(tx, &purpose, &[person], now))
        .await?;
    let reader = exchange.store().blobs().get(&blob).await.map_err(StoreError::from)?;
    let body = Body::from_stream(futures::stream::try_unfold(reader, |mut reader| async move {
        Ok::<_, store::blob::BlobError>(reader.next_piece().await?.map(|piece| (piece, reader)))
    }));
    let kind = FileKind::DOCUMENTS
        .iter()
        .find(|kind| kind.media_type() == found.media_type);
    let ending = kind.and_then(|kind| kind.endings().first()).copied().unwrap_or("bin");
    let name = format!("{}.{ending}", found.code);
    Ok(download::attachment("application/octet-stream", &name, body))
}
