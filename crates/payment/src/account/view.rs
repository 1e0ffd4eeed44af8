//! What the pages of receiving accounts look like. The key of notices is shown once, when it is made.
//! It reads no table and decides nothing.

use maud::{Markup, html};
use web::Shell;
use web::components::{self, ButtonKind, SummaryRow, Tone, tag};
use web::form::{Choice, Field, Form};
use web::table::{Column, Paging, Row, Table, TableQuery};

use super::PayAccount;

/// The form of a new account or of changes to one.
pub(super) fn form(account: Option<&PayAccount>, units: Vec<Choice>) -> Form {
    let words = || {
        [
            Field::text("bank-name", "payment-account-bank-name"),
            Field::text("holder", "payment-account-holder").hint("payment-account-holder-hint"),
            Field::multiline("format", "payment-account-statements", 20_000).hint("payment-account-statements-hint"),
        ]
    };
    let start = match account {
        Some(account) => Form::new("account", format!("/payments/accounts/{}", account.id))
            .hidden("revision", account.revision.to_string())
            .submit("payment-account-save"),
        None => Form::new("account", "/payments/accounts/new")
            .submit("payment-account-add")
            .field(Field::select("unit", "payment-account-unit", units))
            .field(
                Field::text("bin", "payment-account-bin")
                    .hint("payment-account-bin-hint")
                    .max_len(6),
            )
            .field(Field::text("number", "payment-account-number").max_len(19)),
    };
    words()
        .into_iter()
        .fold(start.cancel("/payments/accounts"), Form::field)
}

/// All accounts.
pub(super) fn list(shell: &Shell, rows: &[(PayAccount, String)], may_manage: bool) -> Markup {
    let table = Table::new(
        "/payments/accounts",
        "payment-accounts-caption",
        vec![
            Column::new("number", "payment-account-number"),
            Column::new("bank", "payment-account-bank-name"),
            Column::new("holder", "payment-account-holder"),
            Column::new("unit", "payment-account-unit"),
            Column::new("state", "payment-account-state").plain_on_phones(),
        ],
    )
    .empty("payment-accounts-none");
    let rows: Vec<Row> = rows
        .iter()
        .map(|(account, unit)| {
            Row::new(vec![
                html! { span.num { (account.number) } },
                html! { (account.bank_name) },
                html! { (account.holder) },
                html! { (unit) },
                state(shell, account),
            ])
            .link(format!("/payments/accounts/{}", account.id))
        })
        .collect();
    html! {
        h1 { (shell.text("payment-accounts-title")) }
        p { (shell.text("payment-accounts-words")) }
        p { a href="/payments/tariffs" { (shell.text("tariffs-title")) } }
        @if may_manage { p { (components::button_link(ButtonKind::Main, "/payments/accounts/new", &shell.text("payment-account-add"))) } }
        (table.render(shell, &TableQuery::parse(""), &rows, &Paging::All))
    }
}

fn state(shell: &Shell, account: &PayAccount) -> Markup {
    match account.closed_at {
        None => tag(Tone::Ok, &shell.text("payment-account-open")),
        Some(_) => tag(Tone::Plain, &shell.text("payment-account-closed")),
    }
}

/// One account. `secret` is the key of notices in hexadecimal, for those who may see it.
pub(super) fn one(
    shell: &Shell,
    account: &PayAccount,
    unit: &str,
    form: Option<&Markup>,
    secret: Option<&str>,
) -> Markup {
    let path = format!("/payments/accounts/{}", account.id);
    let revision = account.revision.to_string();
    let hidden = [("revision", revision.as_str())];
    html! {
        h1 { span.num { (account.number) } " · " (account.bank_name) }
        p { (state(shell, account)) }
        (components::summary_list(&[
            SummaryRow::new(shell.text("payment-account-unit"), unit),
            SummaryRow::new(shell.text("payment-account-bin"), account.bank_bin.to_string()),
            SummaryRow::new(shell.text("payment-account-holder"), &account.holder),
        ]))
        h2 { (shell.text("payment-notice-title")) }
        p { (shell.text("payment-notice-words")) }
        @match (account.notice_key, secret) {
            (0, _) => p { (tag(Tone::Plain, &shell.text("payment-notice-off"))) },
            (_, None) => p { (tag(Tone::Ok, &shell.text("payment-notice-on"))) },
            (_, Some(secret)) => {
                (components::details(&shell.text("payment-notice-key"), &html! { code.hash { (secret) } }))
            },
        }
        @if let Some(form) = form {
            @if account.closed_at.is_none() {
                div.row {
                    (components::post_button(shell, ButtonKind::Quiet, &format!("{path}/notice-key"), &hidden,
                        &shell.text(if account.notice_key == 0 { "payment-notice-begin" } else { "payment-notice-renew" })))
                    @if account.notice_key > 0 {
                        (components::post_button(shell, ButtonKind::Danger, &format!("{path}/notice-end"), &hidden, &shell.text("payment-notice-end")))
                    }
                }
            }
            h2 { (shell.text("payment-account-change")) }
            (form)
            @if account.closed_at.is_none() {
                (components::post_button(shell, ButtonKind::Danger, &format!("{path}/close"), &hidden, &shell.text("payment-account-close")))
            } @else {
                (components::post_button(shell, ButtonKind::Quiet, &format!("{path}/reopen"), &hidden, &shell.text("payment-account-reopen")))
            }
        }
    }
}
