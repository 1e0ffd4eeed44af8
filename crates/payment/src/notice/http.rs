//! The interface by which a bank tells of a booking. It is public, because the signature is the right; sent again it changes
//! nothing and answers the same.

use axum::body::Bytes;
use axum::extract::{Path, State};
use http::HeaderMap;
use identity::routes::{Access, Routes};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;
use web::{Json, Reply};

use super::{BYTES_MAX, HEADER, NoticeBody, verify};
use crate::account::{self, PayAccountId};
use crate::import::{Batch, take_in};
use crate::{PaymentError, Payments};

pub(crate) fn routes(routes: Routes<Payments>) -> Routes<Payments> {
    routes.api(routes!(tell), Access::Public)
}

/// What became of a notice.
#[derive(Debug, Serialize, ToSchema)]
pub struct ToldBody {
    /// The booking was told before, by a notice or a statement.
    again: bool,
}

/// Tell of a booking on a receiving account
///
/// The body is signed: `x-tinhso-signature: t=SECONDS,v1=HEX`, where HEX is HMAC-SHA256 of `SECONDS.BODY` under the key that
/// the page of the account shows. SECONDS is the Unix time, at most five minutes off.
#[utoipa::path(post, path = "/api/payments/accounts/{id}/notices", tag = "payments", request_body = NoticeBody,
    params(("id" = uuid::Uuid, Path, description = "Id of the receiving account"),
        ("x-tinhso-signature" = String, Header, description = "Time and signature")),
    responses((status = 200, body = ToldBody), (status = 401, description = "Not signed rightly, or too old"),
        (status = 422, description = "The notice cannot be read")))]
async fn tell(
    State(house): State<Payments>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Reply<Json<ToldBody>> {
    if body.len() > BYTES_MAX {
        return Err(PaymentError::Notice("too long".to_owned()).into());
    }
    // An account that is not there answers as a wrong signature does: who asks learns nothing.
    let unknown = || PaymentError::Signature("no such account");
    let id: PayAccountId = id.parse().map_err(|_| unknown())?;
    let account = house.store().read(move |tx| account::store::find(tx, id)).await;
    let account = match account {
        Ok(account) if account.closed_at.is_none() => account,
        Ok(_) | Err(PaymentError::NotFound(_)) => return Err(unknown().into()),
        Err(error) => return Err(error.into()),
    };
    let secret = account.notice_secret(&house.keys()).ok_or_else(unknown)?;
    let header = headers
        .get(HEADER)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    verify(&secret, header, &body, house.now())?;
    let line = NoticeBody::read(&body)?;
    let rules = account.reading()?.explanations;
    let batch = Batch::of_notice(&house, account, rules, line)?;
    let taken = house.store().write(move |tx| take_in(tx, &batch)).await?;
    Ok(Json(ToldBody { again: taken.new == 0 }))
}
