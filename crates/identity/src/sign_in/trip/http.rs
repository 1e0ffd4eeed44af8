//! Pages: `/sign-in/oidc/{provider}` and its callback. They refuse an answer whose state is not that of the browser's own
//! trip, a second use of it, and tries without end from one address. RFC 6749 section 10.12.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use serde::Deserialize;
use web::Reply;
use web::client::Client;

use crate::Identity;
use crate::routes::{Access, Routes, get};
use crate::session::http::{add_cookie, cookie, set_cookie};
use crate::sign_in::SignInError;
use crate::sign_in::http::{Back, onward, user_agent};
use crate::sign_in::limit::Try;
use crate::sign_in::oidc::{PENDING_MAX, Pending};

pub(crate) fn routes(identity: &Identity) -> Routes<Identity> {
    Routes::new(identity)
        .page(get("/sign-in/oidc/{provider}", begin), Access::Public)
        .page(get("/sign-in/oidc/{provider}/callback", callback), Access::Public)
}

/// Cookie that keeps what must survive the trip to a provider.
const TRIP: &str = "tinhso-trip";

fn trip_name(identity: &Identity) -> &'static str {
    if identity.config().secure {
        "__Host-tinhso-trip"
    } else {
        TRIP
    }
}

async fn begin(
    State(identity): State<Identity>,
    client: Client,
    Path(provider): Path<String>,
    Query(back): Query<Back>,
) -> Reply<Response> {
    let now = identity.now();
    identity.limiter().take(client.bucket(), Try::Provider, now)?;
    let (url, pending) = identity
        .providers()
        .get(&provider)?
        .begin(back.path(), identity.world().as_ref())
        .await?;
    let mut response = axum::response::Redirect::to(&url).into_response();
    let cookie = seal_trip(&identity, &pending)?;
    add_cookie(&mut response, &cookie);
    Ok(response)
}

fn seal_trip(identity: &Identity, pending: &Pending) -> Result<String, SignInError> {
    use base64::Engine as _;
    let plain = serde_json::to_vec(pending).map_err(|error| SignInError::AnswerInvalid(error.to_string()))?;
    let sealed = identity.keys().seal(identity.world().as_ref(), "sign-in.trip", &plain);
    let text = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(sealed.as_bytes());
    Ok(set_cookie(
        identity.config().secure,
        trip_name(identity),
        &text,
        Some(PENDING_MAX.as_secs()),
    ))
}

fn open_trip(identity: &Identity, headers: &HeaderMap) -> Result<Pending, SignInError> {
    use base64::Engine as _;
    let text = cookie(headers, trip_name(identity)).ok_or(SignInError::Expired)?;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| SignInError::Expired)?;
    let sealed = store::keys::Sealed::from_bytes(bytes);
    let plain = identity
        .keys()
        .open("sign-in.trip", &sealed)
        .map_err(|_| SignInError::Expired)?;
    serde_json::from_slice(&plain).map_err(|_| SignInError::Expired)
}

/// What a provider sends back with.
#[derive(Debug, Default, Deserialize)]
struct CallbackQuery {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

async fn callback(
    State(identity): State<Identity>,
    client: Client,
    headers: HeaderMap,
    Path(provider): Path<String>,
    Query(query): Query<CallbackQuery>,
) -> Reply<Response> {
    let now = identity.now();
    identity.limiter().take(client.bucket(), Try::Provider, now)?;
    let pending = open_trip(&identity, &headers)?;
    let same_state = query
        .state
        .as_deref()
        .is_some_and(|state| constant_eq(state, &pending.state));
    if !same_state {
        return Err(SignInError::AnswerInvalid("state differs".to_owned()).into());
    }
    if let Some(error) = query.error {
        let error: String = error
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
            .take(60)
            .collect();
        return Err(SignInError::ProviderRefused(error).into());
    }
    let code = query.code.filter(|code| code.len() <= 4_000);
    let code = code.ok_or_else(|| SignInError::AnswerInvalid("no code".to_owned()))?;
    let arrived = identity
        .providers()
        .get(&provider)?
        .finish(&code, &pending, now)
        .await?;
    let device = user_agent(&headers);
    let done = identity
        .sign_in_citizen(&provider, &arrived.identity, &arrived.id_token, device)
        .await?;
    let mut response = onward(&identity, &done, &pending.return_to).await?;
    add_cookie(
        &mut response,
        &set_cookie(identity.config().secure, trip_name(&identity), "", Some(0)),
    );
    Ok(response)
}

fn constant_eq(one: &str, other: &str) -> bool {
    use subtle::ConstantTimeEq as _;
    one.as_bytes().ct_eq(other.as_bytes()).into()
}
