//! The envelope of an answer, and errors in CKAN's words: clients tell them apart by `__type`.
//! Refuses to tell what went wrong inside: that goes to the log.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use kernel::{ErrorKind, Fault as _, Lang};
use serde_json::{Value as Json, json};
use web::Failure;

use crate::OpenError;

/// An answer that anybody's page may read.
pub(crate) fn open(status: StatusCode, body: &Json, is_public: bool) -> Response {
    let mut response = (status, axum::Json(body)).into_response();
    let headers = response.headers_mut();
    if !status.is_success() {
        // A problem document may have members of its own (RFC 9457): these are CKAN's, and go out as they are.
        let problem = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, problem);
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    if is_public && status == StatusCode::OK {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=30"));
    }
    response
}

/// What an action answered.
pub(crate) fn envelope(origin: &str, action: &str, done: Result<Json, OpenError>, is_read: bool) -> Response {
    let help = format!("{origin}/api/3/action/help_show?name={action}");
    match done {
        Ok(result) => open(
            StatusCode::OK,
            &json!({ "help": help, "success": true, "result": result }),
            is_read,
        ),
        Err(error) => {
            let (status, error) = refusal(error);
            open(
                status,
                &json!({ "help": help, "success": false, "error": error }),
                false,
            )
        }
    }
}

/// An error as CKAN tells it. What went wrong inside goes to the log, and is told by a kind alone.
fn refusal(error: OpenError) -> (StatusCode, Json) {
    let of = |status, kind: &str, message: String| (status, json!({ "__type": kind, "message": message }));
    match &error {
        OpenError::Invalid { field, why } => (
            StatusCode::CONFLICT,
            json!({ "__type": "Validation Error", field.clone(): [why] }),
        ),
        OpenError::Sql(fault) => (
            StatusCode::CONFLICT,
            json!({ "__type": "Validation Error", "query": [fault.to_string()] }),
        ),
        OpenError::Taken => (
            StatusCode::CONFLICT,
            json!({ "__type": "Validation Error", "name": ["That name is already in use."] }),
        ),
        _ => match error.kind() {
            ErrorKind::NotFound | ErrorKind::Gone => {
                of(StatusCode::NOT_FOUND, "Not Found Error", "Not found".to_owned())
            }
            ErrorKind::Forbidden | ErrorKind::Unauthenticated => of(
                StatusCode::FORBIDDEN,
                "Authorization Error",
                format!("Access denied: {error}"),
            ),
            ErrorKind::Internal => {
                tracing::error!(%error, "an action failed");
                of(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "Internal Error",
                    "Internal error".to_owned(),
                )
            }
            _ => {
                let failure = Failure::from(error);
                let words = failure.public_text(Lang::En);
                of(failure.status(), "Validation Error", words)
            }
        },
    }
}
