//! What bills look like: to those who pay them, to officers, and on paper. State is never colour alone.
//! It reads no table and decides nothing.

use kernel::Dong;
use maud::{Markup, html};
use web::Shell;
use web::components::{self, ButtonKind, Fact, SummaryRow, Tab, Tone};
use web::form::{Field, Form};
use web::format;
use web::table::{Column, Paging, Row, Table, TableQuery};

use super::{Bill, Payment, Standing, Way};
use crate::account::PayAccount;
use crate::refund::Refund;
use crate::view::{dong, standing};
use crate::{Settings, view as shared};

/// The views of the list.
pub(super) const TABS: [(&str, &[Standing]); 4] = [
    ("waiting", &[Standing::Open, Standing::Partly]),
    ("over", &[Standing::Over]),
    ("paid", &[Standing::Paid]),
    ("ended", &[Standing::Cancelled, Standing::Refunded]),
];

/// The lines of a bill with their sum.
#[must_use]
pub fn lines(shell: &Shell, bill: &Bill) -> Markup {
    let lang = shell.lang;
    html! {
        div.scroll tabindex="0" role="region" aria-label=(shell.text("bill-lines")) {
            table {
                caption.hidden { (shell.text("bill-lines")) }
                thead { tr { th scope="col" { (shell.text("bill-line")) } th.r scope="col" { (shell.text("bill-quantity")) } th.r scope="col" { (shell.text("bill-due")) } } }
                tbody { @for line in &bill.lines { tr {
                    th scope="row" {
                        (line.name.get(lang))
                        @if !line.legal_basis.is_empty() { br; span.small.muted { (line.legal_basis) } }
                        @for (ground, clause) in &line.reliefs { br; span.small { (shell.text("bill-relief")) " " (ground.get(lang)) " (" (clause) ")" } }
                    }
                    td.r.num { (format::number(lang, i64::from(line.quantity))) }
                    td.r.num {
                        @if line.full != line.due { s { span.hidden { (shell.text("bill-instead-of")) " " } (dong(shell, line.full)) } br; }
                        (dong(shell, line.due))
                    }
                } } }
                tfoot { tr { th scope="row" colspan="2" { (shell.text("bill-total")) } td.r.num { b { (dong(shell, bill.amount)) } } } }
            }
        }
    }
}

/// How to pay what is still to come: the code, and the same in words for who types it.
#[must_use]
pub fn how_to_pay(shell: &Shell, bill: &Bill, account: Option<&PayAccount>, settings: &Settings) -> Markup {
    let payload = account.and_then(|account| bill.code(account, settings).ok());
    html! {
        @if let (Some(account), Some(payload)) = (account, payload) {
            div.pay {
                (web::qr::qr(&payload, &shell.text_with("bill-qr", &[("amount", dong(shell, bill.waiting()).into())])))
                div {
                    p { (shell.text("bill-scan")) }
                    (components::summary_list(&[
                        SummaryRow::new(shell.text("bill-due"), dong(shell, bill.waiting())),
                        SummaryRow::new(shell.text("bill-purpose"), bill.purpose(settings)),
                        SummaryRow::new(shell.text("payment-account-number"), account.number.to_string()),
                        SummaryRow::new(shell.text("payment-account-bank-name"), &account.bank_name),
                        SummaryRow::new(shell.text("payment-account-holder"), &account.holder),
                    ]))
                    p.small { (shell.text("bill-purpose-exactly")) }
                }
            }
        } @else { p { (shell.text("bill-cash-only")) } }
    }
}

/// The box of one bill at the head of its payer's page. `desk` is where cash is taken.
#[must_use]
pub fn for_payer(shell: &Shell, bill: &Bill, account: Option<&PayAccount>, settings: &Settings, desk: &str) -> Markup {
    let (tone, key) = match bill.standing() {
        Standing::Open => (Tone::Soon, "bill-payer-open"),
        Standing::Partly => (Tone::Soon, "bill-payer-partly"),
        Standing::Paid => (Tone::Ok, "bill-payer-paid"),
        Standing::Over => (Tone::Info, "bill-payer-over"),
        Standing::Cancelled => (Tone::Plain, "bill-payer-cancelled"),
        Standing::Refunded => (Tone::Plain, "bill-payer-refunded"),
    };
    let title = shell.text_with("bill-payer-title", &[("amount", dong(shell, bill.amount).into())]);
    components::note(
        tone,
        &title,
        &html! {
            p { (shell.text_with(key, &[("waiting", dong(shell, bill.waiting()).into())])) }
            @if !bill.waiting().is_zero() {
                (lines(shell, bill))
                (how_to_pay(shell, bill, account, settings))
                p { (shell.text_with("bill-payer-cash", &[("desk", desk.into())])) }
                p { (shell.text("bill-payer-next")) }
            }
        },
    )
}

/// Links to the receipts of a bill. `base` is `/payments/receipts` or `/my/receipts`.
#[must_use]
pub fn receipts(shell: &Shell, payments: &[Payment], base: &str) -> Markup {
    html! {
        ul { @for payment in payments.iter().filter(|payment| payment.receipt.is_some()) { li {
            a href={ (base) "/" (payment.id) } { (shell.text_with("receipt-link", &[("amount", dong(shell, payment.amount).into())])) }
            " " span.muted.num { (format::date(shell.lang, payment.paid_on)) }
        } } }
    }
}

/// The list of bills.
pub(super) struct List<'a> {
    pub(super) tab: &'static str,
    pub(super) bills: &'a [Bill],
    pub(super) query: &'a TableQuery,
    pub(super) next: Option<String>,
    pub(super) parts: &'a [(&'a str, &'a str)],
}

pub(super) fn list(shell: &Shell, list: &List<'_>) -> Markup {
    let tabs: Vec<Tab> = TABS
        .iter()
        .map(|(name, _)| Tab {
            href: format!("/payments?tab={name}"),
            label: shell.text(&format!("bill-tab-{name}")),
            count: None,
            current: *name == list.tab,
        })
        .collect();
    let table = Table::new(
        "/payments",
        "bills-caption",
        vec![
            Column::new("reference", "bill-reference"),
            Column::new("subject", "bill-subject"),
            Column::new("payer", "bill-payer"),
            Column::new("amount", "bill-amount").numeric(),
            Column::new("state", "bill-state").plain_on_phones(),
            Column::new("issued", "bill-issued"),
        ],
    )
    .empty("bills-none")
    .keep(&["tab"]);
    let rows: Vec<Row> = list.bills.iter().map(|bill| row(shell, bill)).collect();
    let started = list.query.after_key().is_some();
    let paging = Paging::Keyset {
        next: list.next.clone(),
        started,
        total: None,
    };
    html! {
        h1 { (shell.text("payment-nav")) }
        (shared::tabs(shell, list.parts, "/payments"))
        (components::tabs(shell.lang, &shell.text("bills-title"), &tabs))
        (table.render(shell, list.query, &rows, &paging))
    }
}

fn row(shell: &Shell, bill: &Bill) -> Row {
    Row::new(vec![
        html! { span.num.whole { (bill.reference) } },
        html! { span.num.whole { (bill.subject_code) } },
        html! { (bill.payer_mask) },
        html! { (dong(shell, bill.amount)) },
        standing(shell, bill.standing()),
        html! { span.num { (format::date(shell.lang, bill.issued_at.local_date())) } },
    ])
    .link(format!("/payments/bills/{}", bill.id))
}

/// Everything that the officers' page of one bill shows.
pub(super) struct Page<'a> {
    pub(super) bill: &'a Bill,
    pub(super) account: Option<&'a PayAccount>,
    pub(super) payments: &'a [Payment],
    pub(super) refunds: &'a [Refund],
    pub(super) settings: &'a Settings,
    pub(super) may_cash: bool,
    pub(super) may_cancel: bool,
    /// The most that can go back, for those who may order it.
    pub(super) refundable: Option<Dong>,
    /// The reason of a cancellation, opened.
    pub(super) why: Option<&'a str>,
}

pub(super) fn one(shell: &Shell, page: &Page<'_>) -> Markup {
    let bill = page.bill;
    let path = format!("/payments/bills/{}", bill.id);
    let waits = !bill.waiting().is_zero();
    html! {
        h1 { (shell.text("bill-title")) " " span.num.whole { (bill.reference) } }
        p.lead { (bill.about) " " (standing(shell, bill.standing())) }
        (components::facts(&facts(shell, bill)))
        div.two {
            div {
                (components::summary_list(&[
                    SummaryRow::markup(shell.text("bill-subject"), html! { a.num.whole href={ "/desk/dossiers/" (bill.subject) } { (bill.subject_code) } }),
                    SummaryRow::new(shell.text("bill-payer"), &bill.payer_mask),
                    SummaryRow::new(shell.text("bill-unit"), &bill.unit_name),
                    SummaryRow::new(shell.text("bill-issued"), format!("{} · {}", format::date_time(shell.lang, bill.issued_at), bill.issued_name)),
                ]))
                (lines(shell, bill))
                h2 { (shell.text("bill-payments")) }
                (payments(shell, page))
                @if !page.refunds.is_empty() { h2 { (shell.text("refunds-title")) } (crate::refund::view::rows(shell, page.refunds)) }
                @if let (Some(at), Some(name)) = (bill.cancelled_at, &bill.cancelled_name) {
                    p { (shell.text_with("bill-cancelled-by", &[("name", name.as_str().into()), ("at", format::date_time(shell.lang, at).into())])) }
                    @if let Some(why) = page.why { p.kept { (why) } }
                }
            }
            aside {
                @if waits { (how_to_pay(shell, bill, page.account, page.settings)) }
                @if waits && page.may_cash {
                    (components::post_button(shell, ButtonKind::Main, &format!("{path}/cash"), &[("revision", &bill.revision.to_string())],
                        &shell.text_with("bill-take-cash", &[("amount", dong(shell, bill.waiting()).into())])))
                }
                @if page.refundable.is_some_and(|most| !most.is_zero()) {
                    p { (components::button_link(ButtonKind::Quiet, &format!("{path}/refund"), &shell.text("refund-order"))) }
                }
                @if waits && page.may_cancel { p { (components::button_link(ButtonKind::Danger, &format!("{path}/cancel"), &shell.text("bill-cancel"))) } }
            }
        }
    }
}

fn facts(shell: &Shell, bill: &Bill) -> Vec<Fact> {
    let mut facts = vec![
        Fact::new(shell.text("bill-amount"), dong(shell, bill.amount)),
        Fact::new(shell.text("bill-settled"), dong(shell, bill.settled)),
        Fact::new(shell.text("bill-waiting"), dong(shell, bill.waiting())),
    ];
    if !bill.surplus.is_zero() {
        facts.push(Fact::new(shell.text("bill-surplus"), dong(shell, bill.surplus)));
    }
    if !bill.refunded.is_zero() {
        facts.push(Fact::new(shell.text("bill-refunded"), dong(shell, bill.refunded)));
    }
    facts
}

fn payments(shell: &Shell, page: &Page<'_>) -> Markup {
    html! {
        @if page.payments.is_empty() { p.muted { (shell.text("bill-no-payments")) } }
        ul { @for payment in page.payments { li {
            span.num { (format::date(shell.lang, payment.paid_on)) } ": " b.num { (dong(shell, payment.amount)) } " "
            (shell.text(&format!("payment-way-{}", payment.way)))
            @if payment.is_surplus { " (" (shell.text("bill-surplus")) ")" }
            @if let Some(name) = &payment.by_name { " · " (name) }
            @if payment.receipt.is_some() { " · " a href={ "/payments/receipts/" (payment.id) } { (shell.text("receipt-word")) } }
        } } }
    }
}

/// The form that asks why a bill is cancelled.
pub(super) fn cancel_form(bill: &Bill) -> Form {
    Form::new("cancel", format!("/payments/bills/{}/cancel", bill.id))
        .hidden("revision", bill.revision.to_string())
        .submit("bill-cancel")
        .cancel(format!("/payments/bills/{}", bill.id))
        .field(Field::multiline("why", "payment-why", 2_000))
}

/// A receipt on paper.
pub(super) struct Receipt<'a> {
    pub(super) bill: &'a Bill,
    pub(super) payment: &'a Payment,
    pub(super) payer: &'a str,
    pub(super) number: (i64, i64),
}

pub(super) fn receipt(shell: &Shell, receipt: &Receipt<'_>) -> Markup {
    let (bill, payment) = (receipt.bill, receipt.payment);
    let (year, number) = receipt.number;
    html! {
        p { b { (bill.unit_name) } }
        h1 { (shell.text("receipt-fee-title")) }
        p.num { (shell.text_with("receipt-fee-number", &[("number", format!("{number:06}/{year}").into())])) }
        (components::summary_list(&[
            SummaryRow::new(shell.text("bill-payer"), receipt.payer),
            SummaryRow::new(shell.text("receipt-fee-for"), &bill.about),
            SummaryRow::new(shell.text("bill-subject"), &bill.subject_code),
            SummaryRow::new(shell.text("bill-reference"), bill.reference.to_string()),
            SummaryRow::new(shell.text("bill-amount"), dong(shell, payment.amount)),
            SummaryRow::markup(shell.text("receipt-fee-words"), html! { span lang="vi" { (super::words::in_words(payment.amount)) } }),
            SummaryRow::new(shell.text("receipt-fee-way"), shell.text(&format!("payment-way-{}", payment.way))),
            SummaryRow::new(shell.text("receipt-fee-day"), format::long_date(shell.lang, payment.paid_on)),
        ]))
        (lines(shell, bill))
        @if payment.way == Way::Cash { @if let Some(name) = &payment.by_name { p { (shell.text("receipt-fee-taken-by")) ": " b { (name) } } } }
        p.small.muted { (shell.text("receipt-fee-note")) }
    }
}
