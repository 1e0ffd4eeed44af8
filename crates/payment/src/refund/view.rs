//! What refunds look like. To whom money goes stands only on the page of one.
//! It reads no table and decides nothing.

use kernel::Dong;
use maud::{Markup, html};
use web::Shell;
use web::components::{self, ButtonKind, SummaryRow, Tone, tag};
use web::form::{Choice, Field, FieldKind, Form};
use web::format;
use web::table::{Column, Paging, Row, Table, TableQuery};

use super::{Refund, Target};
use crate::bill::Way;
use crate::view::dong;

/// The form that orders a refund of at most `most`.
pub(crate) fn form(action: String, back: String, most: Dong) -> Form {
    let ways = Way::ALL
        .iter()
        .map(|way| Choice::new(way.word(), format!("payment-way-{way}").as_str()))
        .collect();
    let amount = FieldKind::Dong {
        min: Some(1),
        max: Some(most.get()),
    };
    Form::new("refund", action)
        .submit("refund-order")
        .cancel(back)
        .field(Field::new("amount", "refund-amount", amount))
        .field(Field::radios("way", "refund-way", ways))
        .field(Field::multiline("to", "refund-to", 500).hint("refund-to-hint"))
        .field(Field::multiline("why", "payment-why", 2_000))
}

pub(crate) fn state(shell: &Shell, refund: &Refund) -> Markup {
    if refund.refused_name.is_some() {
        tag(Tone::Plain, &shell.text("refund-refused"))
    } else if refund.cancelled_at.is_some() {
        tag(Tone::Plain, &shell.text("refund-cancelled"))
    } else if refund.is_unapproved() {
        tag(Tone::Soon, &shell.text("refund-unapproved"))
    } else if refund.waiting().is_zero() {
        tag(Tone::Ok, &shell.text("refund-sent"))
    } else if refund.sent.is_zero() {
        tag(Tone::Soon, &shell.text("refund-waits"))
    } else {
        tag(
            Tone::Soon,
            &shell.text_with(
                "refund-waits-partly",
                &[("amount", dong(shell, refund.waiting()).into())],
            ),
        )
    }
}

/// Refunds as a short list.
pub(crate) fn rows(shell: &Shell, refunds: &[Refund]) -> Markup {
    html! {
        ul { @for refund in refunds { li {
            a.num.whole href={ "/payments/refunds/" (refund.id) } { (refund.reference) } ": " b.num { (dong(shell, refund.amount)) } " "
            (shell.text(&format!("payment-way-{}", refund.way))) " " (state(shell, refund))
        } } }
    }
}

/// All refunds of the officer's units.
pub(super) fn list(shell: &Shell, refunds: &[Refund], parts: &[(&str, &str)]) -> Markup {
    let table = Table::new(
        "/payments/refunds",
        "refunds-caption",
        vec![
            Column::new("reference", "bill-reference"),
            Column::new("amount", "refund-amount").numeric(),
            Column::new("way", "refund-way"),
            Column::new("state", "bill-state").plain_on_phones(),
            Column::new("ordered", "refund-ordered"),
        ],
    )
    .empty("refunds-none");
    let shown: Vec<Row> = refunds
        .iter()
        .map(|refund| {
            Row::new(vec![
                html! { span.num.whole { (refund.reference) } },
                html! { (dong(shell, refund.amount)) },
                html! { (shell.text(&format!("payment-way-{}", refund.way))) },
                state(shell, refund),
                html! { span.num { (format::date(shell.lang, refund.ordered_at.local_date())) } " · " (refund.ordered_name) },
            ])
            .link(format!("/payments/refunds/{}", refund.id))
        })
        .collect();
    html! {
        h1 { (shell.text("refunds-title")) }
        (crate::view::tabs(shell, parts, "/payments/refunds"))
        (table.render(shell, &TableQuery::parse(""), &shown, &Paging::All))
    }
}

/// What this officer may do with a refund.
pub(super) struct Can {
    pub(super) give: bool,
    pub(super) cancel: bool,
    pub(super) decide: bool,
    /// She ordered it: then somebody else decides.
    pub(super) is_own: bool,
}

/// One refund with what this officer may do.
pub(super) fn one(shell: &Shell, refund: &Refund, target: &Target, can: &Can) -> Markup {
    let path = format!("/payments/refunds/{}", refund.id);
    let mut rows = vec![
        SummaryRow::new(
            shell.text("refund-way"),
            shell.text(&format!("payment-way-{}", refund.way)),
        ),
        SummaryRow::new(shell.text("refund-to"), &target.to),
        SummaryRow::new(shell.text("payment-why"), &target.why),
        SummaryRow::new(
            shell.text("refund-ordered"),
            format!(
                "{} · {}",
                format::date_time(shell.lang, refund.ordered_at),
                refund.ordered_name
            ),
        ),
    ];
    if let Some((at, name)) = &refund.approved {
        let words = format!("{} · {name}", format::date_time(shell.lang, *at));
        rows.push(SummaryRow::new(shell.text("refund-approved"), words));
    }
    if let (Some(at), Some(name)) = (refund.cancelled_at, &refund.refused_name) {
        let words = format!("{} · {name}", format::date_time(shell.lang, at));
        rows.push(SummaryRow::new(shell.text("refund-refused"), words));
    }
    html! {
        h1 { (shell.text("refund-title")) " " span.num.whole { (refund.reference) } }
        p.lead { b.num { (dong(shell, refund.amount)) } " " (state(shell, refund)) }
        (components::summary_list(&rows))
        @if let Some(bill) = refund.bill { p { a href={ "/payments/bills/" (bill) } { (shell.text("refund-bill")) } } }
        @if refund.is_unapproved() {
            (components::note(Tone::Soon, "", &html! { p { (shell.text(if can.decide && can.is_own { "refund-own-words" } else { "refund-unapproved-words" })) } }))
        } @else if refund.way == Way::Transfer && !refund.waiting().is_zero() {
            (components::note(Tone::Info, "", &html! { p { (shell.text_with("refund-transfer-words", &[("reference", refund.reference.to_string().into())])) } }))
        }
        @if can.decide && !can.is_own { div.row {
            (components::post_button(shell, ButtonKind::Main, &format!("{path}/approve"), &[], &shell.text("refund-approve")))
            (components::post_button(shell, ButtonKind::Danger, &format!("{path}/refuse"), &[], &shell.text("refund-refuse")))
        } }
        @if can.give {
            (components::post_button(shell, ButtonKind::Main, &format!("{path}/cash"), &[],
                &shell.text_with("refund-give", &[("amount", dong(shell, refund.waiting()).into())])))
        }
        @if can.cancel { (components::post_button(shell, ButtonKind::Danger, &format!("{path}/cancel"), &[], &shell.text("refund-cancel"))) }
    }
}
