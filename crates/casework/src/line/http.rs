//! The page of who waits her turn: how many are before her, that nothing is lost, and a button. With scripts it sends itself
//! again; without, the button sends the same form. It carries everything that was typed, so that nothing is asked twice.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use maud::{Markup, html};
use web::{Page, Shell, Submitted};

use super::Place;

/// The page for what was sent to `action` and waits at `place`.
pub(crate) fn page(shell: &Shell, action: &str, submitted: &Submitted, place: Place) -> Response {
    let page = Page::new(shell, shell.text("line-wait-title")).body(body(shell, action, submitted, place));
    let mut response = page.status(StatusCode::SERVICE_UNAVAILABLE).into_response();
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, HeaderValue::from(place.again_s));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn body(shell: &Shell, action: &str, submitted: &Submitted, place: Place) -> Markup {
    let before = i64::try_from(place.before).unwrap_or(i64::MAX);
    let typed = submitted
        .texts()
        .filter(|(name, _)| !matches!(*name, "_csrf" | "_once"));
    html! {
        h1 { (shell.text("line-wait-title")) }
        p.lead role="status" { (shell.text_with("line-before", &[("count", before.into())])) }
        p { (shell.text("line-kept")) }
        form method="post" action=(action) data-again=(place.again_s) {
            input type="hidden" name="_csrf" value=(shell.csrf);
            input type="hidden" name="_once" value=(submitted.once);
            @for (name, value) in typed { input type="hidden" name=(name) value=(value); }
            button.btn type="submit" { (shell.text("line-again")) }
        }
        p.hint { (shell.text_with("line-by-itself", &[("seconds", i64::from(place.again_s).into())])) }
    }
}
