//! Every route of this crate is guarded; what is not allowed is refused, as every role at every kind of unit.

use ::http::{Request, StatusCode, header};
use axum::Router;
use testkit::engines;

use super::*;
use crate::account::Role;
use crate::session::{Caller, Level};
use crate::testing::{MIGRATIONS, Province};

/// The path with made-up parts.
fn filled(path: &str) -> String {
    let id = uuid::Uuid::from_u128(5).to_string();
    path.split('/')
        .map(|part| {
            if part.starts_with('{') {
                if part == "{provider}" { "nobody" } else { id.as_str() }
            } else {
                part
            }
        })
        .collect::<Vec<_>>()
        .join("/")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_refuses_whom_its_access_refuses() {
    engines(MIGRATIONS, async |test| {
        let p = Province::on(test).await;
        let mut browser = p.browser();
        let table = p.identity.route_table();
        assert!(table.len() > 40, "{} routes", table.len());
        let mut callers = vec![(None, Caller::Anonymous)];
        let citizen = p.citizen().await;
        let token = p.token(citizen, Level::Oidc).await;
        callers.push((Some(token.clone()), p.identity.resolve(&token).await.unwrap().1));
        for role in Role::ALL {
            for (n, unit) in [p.root, p.desk].into_iter().enumerate() {
                let account = p.officer(&format!("{role}-{n}"), *role, unit).await;
                let token = p.token(account, Level::PasswordTotp).await;
                callers.push((Some(token.clone()), p.identity.resolve(&token).await.unwrap().1));
            }
        }
        let mut refusals = 0;
        for (token, caller) in &callers {
            browser.cookies.clear();
            if let Some(token) = token {
                browser = browser.with_session(token);
            }
            for entry in &table {
                if p.identity.admit(entry.access, caller).is_ok() || entry.method == "ANY" {
                    continue;
                }
                let request = Request::builder()
                    .method(entry.method.as_str())
                    .uri(filled(&entry.path))
                    .header("sec-fetch-site", "same-origin")
                    .header(header::ACCEPT, "application/json")
                    .body(axum::body::Body::empty())
                    .unwrap();
                let answer = browser.send(request).await;
                let expected = if caller.account().is_none() {
                    StatusCode::UNAUTHORIZED
                } else {
                    StatusCode::FORBIDDEN
                };
                assert_eq!(answer.status, expected, "{} {} as {caller:?}", entry.method, entry.path);
                refusals += 1;
            }
        }
        assert!(refusals > 300, "{refusals} refusals");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guard_outside_the_session_layer_fails_closed() {
    engines(MIGRATIONS, async |test| {
        use tower::ServiceExt as _;
        let p = Province::on(test).await;
        let routes: Routes = Routes::new(&p.identity).page(get("/x", async || "secret"), Access::Public);
        let app: Router = routes.into_router();
        let request = Request::get("/x").body(axum::body::Body::empty()).unwrap();
        assert_eq!(
            app.oneshot(request).await.unwrap().status(),
            StatusCode::INTERNAL_SERVER_ERROR
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_redirect_and_the_api_answers_problems() {
    engines(MIGRATIONS, async |test| {
        let p = Province::on(test).await;
        let mut browser = p.browser();
        let page = browser.get("/my/data-use?own=yes").await;
        assert_eq!(page.location, "/sign-in?return_to=/my/data-use%3Fown%3Dyes");
        let api = browser.get("/api/v1/my/data-use").await;
        assert_eq!(api.status, StatusCode::UNAUTHORIZED);
        let lan = p.officer("lan", Role::Desk, p.desk).await;
        let mut browser = p.browser().with_session(&p.token(lan, Level::Password).await);
        let page = browser.get("/admin/audit").await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(page.body.contains("Vai trò của bạn"), "{}", page.body);
    })
    .await;
}
