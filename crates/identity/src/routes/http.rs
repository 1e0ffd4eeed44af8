//! The guarded router: registration of pages and API operations with their access, and the guard that runs before handlers.
//! It refuses a handler without an access, and answers closed when the session layer is missing.

use axum::Router;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{self, MethodRouter};
use http::{Method, header};
use utoipa::IntoResponses as _;
use utoipa::openapi::path::{PathItem, Paths};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use web::Failure;
use web::openapi::Problems;

use super::{Access, RouteEntry};
use crate::Identity;
use crate::policy::PolicyError;
use crate::session::{Caller, SessionError};

/// One route before it is registered: a method, a path, a handler.
pub struct Guarded<S = ()> {
    method: &'static str,
    path: &'static str,
    handler: MethodRouter<S>,
}

impl<S> std::fmt::Debug for Guarded<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {$(
        $(#[$doc])*
        pub fn $name<H, T, S>(path: &'static str, handler: H) -> Guarded<S>
        where
            H: Handler<T, S>,
            T: 'static,
            S: Clone + Send + Sync + 'static,
        {
            Guarded { method: $text, path, handler: routing::$name(handler) }
        }
    )*};
}

methods! {
    /// A GET (and HEAD) route.
    get = "GET",
    /// A POST route.
    post = "POST",
    /// A PUT route.
    put = "PUT",
    /// A PATCH route.
    patch = "PATCH",
    /// A DELETE route.
    delete = "DELETE",
    /// A route for every method.
    any = "ANY",
}

/// Collects routes, each with its access. `into_router` gives an axum router whose every route is guarded.
pub struct Routes<S = ()> {
    identity: Identity,
    pages: Router<S>,
    api: OpenApiRouter<S>,
    table: Vec<RouteEntry>,
}

impl<S> std::fmt::Debug for Routes<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Routes")
            .field("table", &self.table)
            .finish_non_exhaustive()
    }
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// No routes yet.
    #[must_use]
    pub fn new(identity: &Identity) -> Self {
        Self {
            identity: identity.clone(),
            pages: Router::new(),
            api: OpenApiRouter::new(),
            table: Vec::new(),
        }
    }

    /// Registers a page: `.page(get("/desk", handler), Access::Action(Action::DossierList))`.
    #[must_use]
    pub fn page(mut self, route: Guarded<S>, access: Access) -> Self {
        self.table.push(RouteEntry {
            method: route.method.to_owned(),
            path: route.path.to_owned(),
            access,
        });
        let handler = self.guarded(route.handler, access);
        self.pages = self.pages.route(route.path, handler);
        self
    }

    /// Registers API operations: `.api(routes!(handler), Access::Public)`. They also enter the OpenAPI document.
    #[must_use]
    pub fn api(mut self, (schemas, mut paths, handler): UtoipaMethodRouter<S>, access: Access) -> Self {
        with_problems(&mut paths);
        self.table
            .extend(operations(&paths).map(|(method, path)| RouteEntry { method, path, access }));
        let handler = self.guarded(handler, access);
        self.api = self.api.routes((schemas, paths, handler));
        self
    }

    /// Takes over another collection of routes.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.table.extend(other.table);
        self.pages = self.pages.merge(other.pages);
        self.api = self.api.merge(other.api);
        self
    }

    /// Gives the handlers their state, so that routes of several crates can be merged.
    #[must_use]
    pub fn with_state<S2>(self, state: S) -> Routes<S2> {
        Routes {
            identity: self.identity,
            pages: self.pages.with_state(state.clone()),
            api: self.api.with_state(state),
            table: self.table,
        }
    }

    /// The table so far.
    #[must_use]
    pub fn table(&self) -> &[RouteEntry] {
        &self.table
    }

    /// The router and the OpenAPI document of its operations. The rows go into `identity.route_table()`.
    pub fn into_parts(self) -> (Router<S>, utoipa::openapi::OpenApi) {
        let (api, document) = self.api.split_for_parts();
        self.identity.add_routes(self.table, &document);
        (self.pages.merge(api), document)
    }

    /// The router. Its operations are also in `identity.openapi()`, its rows in `identity.route_table()`.
    pub fn into_router(self) -> Router<S> {
        self.into_parts().0
    }

    fn guarded(&self, handler: MethodRouter<S>, access: Access) -> MethodRouter<S> {
        let guard = Guard {
            identity: self.identity.clone(),
            access,
        };
        handler.route_layer(middleware::from_fn_with_state(guard, run_guard))
    }
}

/// Adds to each operation the refusals that guards and layers may answer with, where it does not describe them itself.
fn with_problems(paths: &mut Paths) {
    for item in paths.paths.values_mut() {
        let each = [
            &mut item.get,
            &mut item.post,
            &mut item.put,
            &mut item.patch,
            &mut item.delete,
        ];
        for operation in each.into_iter().flatten() {
            for (status, response) in Problems::responses() {
                operation.responses.responses.entry(status).or_insert(response);
            }
        }
    }
}

/// The operations of a set of paths as (method, path).
fn operations(paths: &Paths) -> impl Iterator<Item = (String, String)> + '_ {
    paths
        .paths
        .iter()
        .flat_map(|(path, item)| methods_of(item).map(move |method| (method.to_owned(), path.clone())))
}

fn methods_of(item: &PathItem) -> impl Iterator<Item = &'static str> {
    [
        item.get.as_ref().map(|_| "GET"),
        item.post.as_ref().map(|_| "POST"),
        item.put.as_ref().map(|_| "PUT"),
        item.patch.as_ref().map(|_| "PATCH"),
        item.delete.as_ref().map(|_| "DELETE"),
    ]
    .into_iter()
    .flatten()
}

#[derive(Clone)]
struct Guard {
    identity: Identity,
    access: Access,
}

/// Runs before every handler. Fails closed: a request that did not pass the session layer is an internal fault.
async fn run_guard(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let Some(caller) = request.extensions().get::<Caller>() else {
        return Failure::from(SessionError::LayerMissing).into_response();
    };
    match guard.identity.admit(guard.access, caller) {
        Ok(()) => next.run(request).await,
        Err(PolicyError::SignInNeeded { .. }) if wants_page(&request) => {
            Redirect::to(&sign_in_path(&request)).into_response()
        }
        Err(error) => Failure::from(error).into_response(),
    }
}

/// Whether a person waits in front of a browser for a page.
fn wants_page(request: &Request) -> bool {
    let accept = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    !request.uri().path().starts_with("/api/") && accept.contains("text/html")
}

/// The sign-in page, coming back here afterwards. After a form that came too late, back to the page of the same path.
fn sign_in_path(request: &Request) -> String {
    let uri = request.uri();
    let back = match (request.method(), uri.path_and_query()) {
        (&Method::GET, Some(whole)) => whole.as_str(),
        _ => uri.path(),
    };
    format!("/sign-in?return_to={}", crate::sign_in::rules::encode_query(back))
}
