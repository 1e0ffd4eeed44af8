//! Pages and endpoints of the simulated provider, each below its base path.
//! They exist where a demonstration mounts them, and nowhere else: everybody may be anybody here.

use axum::Router;
use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::json;
use web::components::{Tone, note};
use web::table::{Column, Filter, Paging, Row, Table, TableQuery};
use web::{Failure, Page, Reply, Shell, html};

use super::{Grant, SimulatedPerson, SimulatedProvider};
use crate::sign_in::rules::encode_query;

/// People shown at once; the rest is searched for.
const SHOWN_MAX: usize = 50;

impl SimulatedProvider {
    /// The router, to be mounted in the demo inside `web::frame`. It guards nothing: everybody may be anybody.
    pub fn router(&self) -> Router {
        let path = |end: &str| format!("{}{end}", self.0.base);
        Router::new()
            .route(&path("/.well-known/openid-configuration"), get(discovery))
            .route(&path("/jwks"), get(jwks))
            .route(&path("/authorize"), get(authorize))
            .route(&path("/approve"), get(approve))
            .route(&path("/token"), post(token))
            .route(&path("/userinfo"), get(userinfo))
            .route(&path("/logout"), get(logout))
            .with_state(self.clone())
    }
}

async fn discovery(State(provider): State<SimulatedProvider>) -> Response {
    axum::Json(provider.discovery()).into_response()
}

async fn jwks(State(provider): State<SimulatedProvider>) -> Response {
    axum::Json(provider.0.signer.jwks()).into_response()
}

/// What our side asks for.
#[derive(Debug, Clone, Deserialize)]
struct Ask {
    redirect_uri: String,
    #[serde(default)]
    state: String,
    nonce: Option<String>,
    #[serde(default)]
    code_challenge: String,
    person: Option<usize>,
}

impl Ask {
    /// The demo's provider sends people back to the demo alone.
    fn is_ours(&self, provider: &SimulatedProvider) -> bool {
        let origin = provider
            .0
            .issuer
            .strip_suffix(&provider.0.base)
            .unwrap_or(&provider.0.issuer);
        self.redirect_uri
            .strip_prefix(origin)
            .is_some_and(|rest| rest.starts_with("/sign-in/oidc/"))
            && !self.code_challenge.is_empty()
    }

    fn query(&self, person: usize) -> String {
        let mut query = format!(
            "person={person}&redirect_uri={}&state={}&code_challenge={}",
            encode_query(&self.redirect_uri),
            encode_query(&self.state),
            encode_query(&self.code_challenge),
        );
        if let Some(nonce) = &self.nonce {
            query.push_str(&format!("&nonce={}", encode_query(nonce)));
        }
        query
    }
}

async fn authorize(
    State(provider): State<SimulatedProvider>,
    shell: Shell,
    Query(ask): Query<Ask>,
    query: TableQuery,
) -> Reply {
    if !ask.is_ours(&provider) {
        return Err(Failure::forbidden());
    }
    let wanted = kernel::fold::fold(query.filter("q"));
    let fits = |person: &SimulatedPerson| {
        wanted.is_empty()
            || kernel::fold::fold(&person.name).contains(&wanted)
            || person.number.as_str().contains(&wanted)
    };
    let rows: Vec<Row> = provider
        .people()
        .iter()
        .enumerate()
        .filter(|(_, person)| fits(person))
        .take(SHOWN_MAX)
        .map(|(index, person)| row(&provider, &ask, index, person))
        .collect();
    let path = format!("{}/authorize", provider.0.base);
    let table = Table::new(
        path,
        "simulated-caption",
        vec![
            Column::new("name", "account-name"),
            Column::new("number", "simulated-number"),
            Column::new("organisation", "simulated-organisation"),
        ],
    )
    .filter(Filter::search("q", "simulated-search", "Lan"))
    .keep(&["redirect_uri", "state", "nonce", "code_challenge"]);
    let title = shell.text("simulated-title");
    Ok(Page::new(&shell, title.clone()).body(html! {
        h1 { (title) }
        (note(Tone::Soon, &shell.text("simulated-note"), &html! { p { (shell.text("simulated-words")) } }))
        (table.render(&shell, &query, &rows, &Paging::All))
    }))
}

fn row(provider: &SimulatedProvider, ask: &Ask, index: usize, person: &SimulatedPerson) -> Row {
    let organisation = person
        .organisation
        .as_ref()
        .map(|(_, name)| name.as_str())
        .unwrap_or("");
    Row::new(vec![
        html! { (person.name) },
        html! { (person.number) },
        html! { (organisation) },
    ])
    .link(format!("{}/approve?{}", provider.0.base, ask.query(index)))
}

async fn approve(State(provider): State<SimulatedProvider>, Query(ask): Query<Ask>) -> Reply<Response> {
    let known = ask.person.filter(|person| *person < provider.people().len());
    let (Some(person), true) = (known, ask.is_ours(&provider)) else {
        return Err(Failure::forbidden());
    };
    let code = provider.grant(Grant {
        person,
        redirect_uri: ask.redirect_uri.clone(),
        nonce: ask.nonce.clone(),
        challenge: ask.code_challenge.clone(),
        at: provider.0.world.now(),
    });
    let to = format!("{}?code={code}&state={}", ask.redirect_uri, encode_query(&ask.state));
    Ok(Redirect::to(&to).into_response())
}

/// What the token endpoint is sent.
#[derive(Debug, Deserialize)]
struct TokenAsk {
    #[serde(default)]
    code: String,
    #[serde(default)]
    code_verifier: String,
    #[serde(default)]
    redirect_uri: String,
}

async fn token(State(provider): State<SimulatedProvider>, Form(ask): Form<TokenAsk>) -> Response {
    if let Some(answer) = provider.redeem(&ask.code, &ask.code_verifier, &ask.redirect_uri) {
        return ([(header::CACHE_CONTROL, "no-store")], axum::Json(answer)).into_response();
    }
    // As a problem document, so that the error layer of the pages leaves the words of RFC 6749 as they are.
    let problem = json!({ "error": "invalid_grant", "title": "the code is not good", "status": 400 });
    let headers = [
        (header::CONTENT_TYPE, "application/problem+json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (StatusCode::BAD_REQUEST, headers, problem.to_string()).into_response()
}

async fn userinfo(State(provider): State<SimulatedProvider>, headers: HeaderMap) -> Reply<Response> {
    let access = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let access = access.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or("");
    let claims = provider.userinfo(access).ok_or_else(Failure::unauthenticated)?;
    Ok(axum::Json(claims).into_response())
}

/// Where to go after the provider's own sign-in ended.
#[derive(Debug, Deserialize)]
struct LogoutAsk {
    #[serde(default)]
    post_logout_redirect_uri: String,
}

async fn logout(State(provider): State<SimulatedProvider>, Query(ask): Query<LogoutAsk>) -> Redirect {
    let origin = provider
        .0
        .issuer
        .strip_suffix(&provider.0.base)
        .unwrap_or(&provider.0.issuer);
    let inside = ask
        .post_logout_redirect_uri
        .strip_prefix(origin)
        .filter(|path| path.starts_with('/'));
    Redirect::to(inside.filter(|path| !path.starts_with("//")).unwrap_or("/"))
}
