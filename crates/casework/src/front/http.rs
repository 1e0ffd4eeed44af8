//! The front page.
//! It says what can be done here and asks nothing; it is the same for everybody who is not signed in.

use axum::extract::State;
use identity::routes::{Access, Routes, get};
use maud::html;
use web::components::{self, Fact};
use web::{Page, Reply, Shell, format};

use crate::Casework;
use crate::figure::FigureKind;
use crate::figure::http::value;
use crate::procedure::view::{address, summary_line};

/// Procedures shown as cards.
const POPULAR: usize = 6;

/// Registers the page.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    routes.page(get("/", front), Access::Public)
}

async fn front(State(house): State<Casework>, shell: Shell) -> Reply {
    let index = house.catalogue().index().await?;
    let sums = house.figures().sums(&house).await?;
    let lang = shell.lang;
    let count = |n: usize| format::number(lang, i64::try_from(n).unwrap_or(0));
    let day = house.now().local_date();
    let month = format!("{:02}/{}", day.month(), day.year());
    let facts: Vec<Fact> = FigureKind::ALL
        .iter()
        .map(|&kind| {
            let label = shell.text_with(&format!("figure-{kind}"), &[("month", month.clone().into())]);
            Fact::new(label, value(&shell, &sums, kind)).link(&format!("/figures/{kind}"))
        })
        .collect();
    let body = html! {
        h1 { (shell.text("front-title")) }
        (components::search_box(lang, "/procedures", "q", &shell.text("procedure-search"), &shell.text("procedure-search-example"), "", None))
        p.small.muted.near {
            (shell.text("front-hint")) " "
            a href="/procedures" { (shell.text_with("front-count", &[("n", count(index.len()).into())])) } ", "
            a href="/procedures?online=yes" { (shell.text_with("front-online", &[("n", count(index.online()).into())])) }
        }
        @if index.popular(1).next().is_some() {
            h2 { (shell.text("front-popular")) }
            div.grid { @for row in index.popular(POPULAR) {
                (components::card(row.title().get(lang), Some(&address(row)), &html! { p.muted { (summary_line(&shell, row)) } }))
            } }
        }
        h2 { (shell.text("front-track")) }
        form.find method="get" action="/track" {
            label.hidden for="code" { (shell.text("track-code-label")) }
            input #code name="code" placeholder="H27.15-261122-0042" autocomplete="off" maxlength="40";
            (components::button(components::ButtonKind::Quiet, &shell.text("track-show")))
        }
        h2 { (shell.text("front-work")) }
        (components::facts(&facts))
    };
    Ok(Page::new(&shell, shell.text("front-page"))
        .public()
        .description(shell.text("front-description"))
        .body(body))
}
