//! The public page that verifies a receipt of a transfer. Whoever holds one may ask; it shows what the receipt says, and nothing of
//! a dossier beyond it.

use axum::extract::{Query, State};
use identity::routes::{Access, Routes, get};
use maud::html;
use serde::Deserialize;
use web::components::{self, ButtonKind, SummaryRow, Tone};
use web::form::{Errors, Field, Form, Values};
use web::{Markup, Page, Reply, Shell, format};

use super::{CHARS_MAX, Statement};
use crate::Exchange;
use crate::transfer::view::state;

const PATH: &str = "/exchange/receipts";

pub(crate) fn routes(routes: Routes<Exchange>) -> Routes<Exchange> {
    routes.page(get("/exchange/receipts", page), Access::Public)
}

/// What was typed.
#[derive(Debug, Default, Deserialize)]
struct Typed {
    #[serde(default)]
    receipt: String,
}

fn form() -> Form {
    Form::new("receipt", PATH)
        .field(Field::multiline("receipt", "exchange-receipt-label", CHARS_MAX).hint("exchange-receipt-hint"))
}

async fn page(State(exchange): State<Exchange>, shell: Shell, Query(typed): Query<Typed>) -> Reply {
    let typed: String = typed.receipt.trim().chars().take(CHARS_MAX).collect();
    let verified = (!typed.is_empty()).then(|| exchange.signer().verify(&typed));
    let mut errors = Errors::none();
    if verified.as_ref().is_some_and(Result::is_err) {
        errors.add("receipt", "exchange-receipt-wrong");
    }
    let (form, values) = (form(), Values::none().with("receipt", typed));
    let title = shell.text("exchange-receipt-title");
    let body = html! {
        h1 { (title) }
        p { (shell.text("exchange-receipt-words")) }
        @if let Some(Ok(statement)) = &verified { (said(&shell, statement)) }
        (web::form::error_summary(shell.lang, &form, &errors))
        form method="get" action=(PATH) {
            (form.render_fields(shell.lang, &values, &errors))
            (components::button(ButtonKind::Main, &shell.text("exchange-receipt-verify")))
        }
        (components::details(&shell.text("exchange-receipt-key"), &html! {
            p { (shell.text("exchange-receipt-key-words")) }
            p { code.kept { (exchange.signer().public_key()) } }
        }))
    };
    Ok(Page::new(&shell, title).public().errors(&errors).body(body))
}

fn said(shell: &Shell, statement: &Statement) -> Markup {
    let lang = shell.lang;
    let rows = [
        SummaryRow::new(shell.text("exchange-code-there"), &statement.code),
        SummaryRow::new(shell.text("exchange-service"), &statement.service),
        SummaryRow::new(
            shell.text("exchange-direction"),
            shell.text(if statement.direction == "in" {
                "exchange-direction-in"
            } else {
                "exchange-direction-out"
            }),
        ),
        SummaryRow::markup(shell.text("exchange-told-state"), state(shell, Some(statement.state))),
        SummaryRow::new(
            shell.text("exchange-sent-at"),
            format::date_time(lang, statement.sent_at),
        ),
        SummaryRow::new(
            shell.text("exchange-taken-at"),
            format::date_time(lang, statement.taken_at),
        ),
        SummaryRow::markup(
            shell.text("exchange-transfer-key"),
            html! { code.kept { (statement.transfer) } },
        ),
        SummaryRow::markup(
            shell.text("exchange-item-hash"),
            html! { code.kept { (statement.item_sha256) } },
        ),
    ];
    html! {
        (components::note(Tone::Ok, &shell.text("exchange-receipt-holds"), &html! { (shell.text("exchange-receipt-holds-words")) }))
        (components::summary_list(&rows))
    }
}
