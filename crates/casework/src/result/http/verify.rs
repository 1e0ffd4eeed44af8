//! The public page of a paper: what was issued, by whom, when, and whether it still stands. Whoever holds the code sees it;
//! it shows no more of a person than a masked name, and never the paper itself. A file can be compared by its hash.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use maud::html;
use serde::Deserialize;
use web::form::{Errors, Field, Form, Values, Width};
use web::submitted::FileKind;
use web::{Markup, Page, Reply, Shell, Submitted, see_other};

use crate::Casework;
use crate::result::view::{self, Compared};
use crate::result::{Paper, PaperError, rules, store as table};

/// A code that was typed.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    code: String,
}

fn ask_form() -> Form {
    Form::new("verify", "/verify").field(
        Field::text("code", "verify-code-label")
            .hint("verify-code-hint")
            .width(Width::W20),
    )
}

pub(super) async fn ask(shell: Shell, Query(typed): Query<Typed>) -> Reply<Response> {
    if let Some(token) = rules::read_token(&typed.code) {
        return Ok(see_other(&format!("/verify/{token}")));
    }
    let mut errors = Errors::none();
    if !typed.code.trim().is_empty() {
        errors.add("code", "verify-no-code");
    }
    Ok(ask_page(&shell, &typed.code, &errors).into_response())
}

fn ask_page(shell: &Shell, typed: &str, errors: &Errors) -> Page {
    let (form, values) = (ask_form(), Values::none().with("code", typed));
    let title = shell.text("verify-title");
    let body = html! {
        h1 { (title) }
        p { (shell.text("verify-words")) }
        (web::form::error_summary(shell.lang, &form, errors))
        form method="get" action="/verify" {
            (form.render_fields(shell.lang, &values, errors))
            (web::components::button(web::components::ButtonKind::Main, &shell.text("verify-show")))
        }
    };
    Page::new(shell, title).errors(errors).body(body)
}

fn compare_form(paper: &Paper) -> Form {
    Form::new("compare", format!("/verify/{}", paper.token))
        .submit("verify-compare-do")
        .field(Field::files("file", "verify-file", vec![FileKind::Pdf], 1))
}

async fn find(house: &Casework, token: &str) -> Result<(Paper, Option<Paper>), PaperError> {
    let token = rules::read_token(token).ok_or(PaperError::NotFound)?;
    house
        .store()
        .read(move |tx| {
            let paper = table::find_by_token(tx, &token)?.ok_or(PaperError::NotFound)?;
            let next = match paper.replaced_by {
                Some(next) => table::find(tx, next)?,
                None => None,
            };
            Ok((paper, next))
        })
        .await
}

/// What the public log says of a paper. A log that cannot be read keeps nobody from verifying the paper.
async fn logged(house: &Casework, shell: &Shell, paper: &Paper) -> Markup {
    let Some(log) = &house.settings().log else {
        return Markup::default();
    };
    match log.shown(ledger::Kind::Paper, paper.id.uuid()).await {
        Ok(shown) => ledger::view::section(shell, shown.as_ref(), &rules::recorded(paper)),
        Err(error) => {
            tracing::error!(%error, paper = %paper.id, "the public log cannot be read");
            ledger::view::unreadable(shell)
        }
    }
}

async fn page(
    house: &Casework,
    shell: &Shell,
    (paper, next): &(Paper, Option<Paper>),
    compared: Option<Compared>,
    errors: &Errors,
) -> Page {
    let form = compare_form(paper).render(shell, &Values::none(), errors);
    let log = logged(house, shell, paper).await;
    let body = view::verified(shell, paper, next.as_ref(), compared, (&form, &log));
    Page::new(shell, shell.text("verify-title")).errors(errors).body(body)
}

pub(super) async fn one(State(house): State<Casework>, shell: Shell, Path(token): Path<String>) -> Reply<Response> {
    let found = match find(&house, &token).await {
        Err(PaperError::NotFound) => {
            let mut errors = Errors::none();
            errors.add("code", "verify-unknown");
            let page = ask_page(&shell, &token, &errors).status(axum::http::StatusCode::NOT_FOUND);
            return Ok(page.into_response());
        }
        other => other?,
    };
    Ok(page(&house, &shell, &found, None, &Errors::none())
        .await
        .into_response())
}

pub(super) async fn compare(
    State(house): State<Casework>,
    shell: Shell,
    Path(token): Path<String>,
    submitted: Submitted,
) -> Reply {
    let found = find(&house, &token).await?;
    let form = compare_form(&found.0);
    if let Err(errors) = form.parse(&submitted) {
        return Ok(page(&house, &shell, &found, None, &errors).await);
    }
    let same = submitted
        .files_of("file")
        .any(|file| found.0.sha256.as_deref() == Some(file.sha256.as_slice()));
    let compared = if same { Compared::Same } else { Compared::Other };
    Ok(page(&house, &shell, &found, Some(compared), &Errors::none()).await)
}
