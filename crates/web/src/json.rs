//! JSON in and out of the API: like axum's, but its refusals are [`Failure`]s with codes, and bodies are bounded.
//! It refuses media types other than JSON.

use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use kernel::ErrorKind;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::failure::Failure;

/// A JSON body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        match axum::Json::<T>::from_request(request, state).await {
            Ok(axum::Json(value)) => Ok(Self(value)),
            Err(rejection) => Err(failure(&rejection)),
        }
    }
}

fn failure(rejection: &JsonRejection) -> Failure {
    let (kind, code) = match rejection.status() {
        http::StatusCode::PAYLOAD_TOO_LARGE => (ErrorKind::TooLarge, "json-too-large"),
        http::StatusCode::UNSUPPORTED_MEDIA_TYPE => (ErrorKind::Unsupported, "json-expected"),
        _ => (ErrorKind::Invalid, "json-invalid"),
    };
    // Where the reader stumbled is of use to the client and holds nothing but what the client sent.
    Failure::new(kind, code).with("why", rejection.body_text())
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}
