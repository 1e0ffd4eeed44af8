//! What asking for a fee and taking it look like to officers, and what is owed to the applicant.
//! It reads no table and decides nothing.

use std::collections::BTreeSet;

use kernel::Dong;
use maud::{Markup, html};
use payment::Settings;
use payment::account::PayAccount;
use payment::bill::{self, Bill, Payment};
use payment::tariff::{CheckedTariff, Tariff};
use web::Shell;
use web::components::{self, Tone};
use web::form::{Choice, Field, FieldKind, Form, Width};
use web::format;

use super::rules::Proposal;
use crate::dossier::Dossier;
use crate::dossier::state::Action;
use crate::procedure::view::brief;

/// The most that one line of a bill asks.
const AMOUNT_MAX: i64 = 10_000_000_000;

/// A bill with all that its payer is shown.
pub(crate) struct Shown {
    pub(crate) bill: Bill,
    pub(crate) account: Option<PayAccount>,
    pub(crate) payments: Vec<Payment>,
}

/// The bills of a dossier at the head of its applicant's page: what waits first.
pub(crate) fn own(shell: &Shell, shown: &[Shown], settings: &Settings, desk: &str) -> Markup {
    html! {
        @for one in shown.iter().rev() {
            section #{ "bill-" (one.bill.reference) } aria-label=(shell.text("fee-own-title")) {
                (bill::view::for_payer(shell, &one.bill, one.account.as_ref(), settings, desk))
                (bill::view::receipts(shell, &one.payments, "/my/receipts"))
            }
        }
    }
}

/// The bills of a dossier on the officers' page.
pub(crate) fn desk(shell: &Shell, shown: &[Shown]) -> Markup {
    html! {
        @if !shown.is_empty() {
            section aria-label=(shell.text("fee-own-title")) {
                h2 { (shell.text("fee-own-title")) }
                ul { @for one in shown { li {
                    a.num.whole href={ "/payments/bills/" (one.bill.id) } { (one.bill.reference) } ": "
                    b.num { (format::dong(shell.lang, one.bill.amount)) } " "
                    (shell.text(&format!("bill-standing-{}", one.bill.standing())))
                    @if !one.bill.waiting().is_zero() && one.bill.waiting() != one.bill.amount {
                        " (" (shell.text("bill-waiting")) " " (format::dong(shell.lang, one.bill.waiting())) ")"
                    }
                } } }
            }
        }
    }
}

fn start(dossier: &Dossier) -> Form {
    Form::new("fee", format!("/desk/dossiers/{}/{}", dossier.id, Action::AskFee))
        .submit("desk-do-ask-fee")
        .cancel(format!("/desk/dossiers/{}", dossier.id))
        .hidden("revision", dossier.revision.to_string())
}

/// The form by which an officer asks for a fee.
pub(crate) fn ask_form(dossier: &Dossier, proposal: &Proposal) -> Form {
    let note = Field::multiline("note", "fee-note", 2_000).optional();
    match proposal {
        Proposal::Tariff(tariff) => tariff_fields(start(dossier), tariff.tariff()).field(note),
        Proposal::Amount { .. } | Proposal::Free => start(dossier)
            .field(Field::text("name", "fee-name").hint("fee-name-hint").max_len(500))
            .field(
                Field::new(
                    "amount",
                    "fee-amount",
                    FieldKind::Dong {
                        min: Some(0),
                        max: Some(AMOUNT_MAX),
                    },
                )
                .width(Width::W20),
            )
            .field(Field::text("basis", "fee-basis").hint("fee-basis-hint").max_len(500))
            .field(note),
    }
}

fn tariff_fields(form: Form, tariff: &Tariff) -> Form {
    let counted: BTreeSet<&String> = tariff.fees.iter().filter_map(|fee| fee.per.as_ref()).collect();
    let mut form = form;
    for (at, per) in counted.into_iter().enumerate() {
        let kind = FieldKind::Integer {
            min: Some(0),
            max: Some(10_000),
            unit: None,
        };
        let label = kernel::Bilingual::new(
            web::text_with(kernel::Lang::Vi, "fee-quantity", &[("per", per.as_str().into())]),
            web::text_with(kernel::Lang::En, "fee-quantity", &[("per", per.as_str().into())]),
        );
        form = form.field(Field::new(format!("per-{at}"), label, kind).width(Width::W10));
    }
    let mut grounds: Vec<Choice> = Vec::new();
    for relief in &tariff.reliefs {
        if grounds.iter().all(|choice| choice.value != relief.ground) {
            let hint = kernel::Bilingual::vi(relief.legal_basis.clone());
            grounds.push(Choice::new(relief.ground.clone(), relief.name.clone()).hint(hint));
        }
    }
    if grounds.is_empty() {
        return form;
    }
    form.field(Field::new("grounds", "fee-grounds", FieldKind::Checkboxes { choices: grounds }).optional())
}

/// What fees are counted by, in the order of the form's fields.
pub(crate) fn counted(tariff: &CheckedTariff) -> Vec<String> {
    let of = tariff.tariff().fees.iter().filter_map(|fee| fee.per.clone());
    of.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The head of a page about a dossier's fee.
fn head(shell: &Shell, dossier: &Dossier, key: &str) -> Markup {
    html! {
        (components::back_link(shell.lang, &format!("/desk/dossiers/{}", dossier.id)))
        p.small.muted.num { span.whole { (dossier.code) } " · " (brief(shell.lang, &dossier.procedure_name)) " · " (dossier.person_mask) }
        h1 { (shell.text(key)) }
    }
}

/// The page on which an officer asks for a fee; where nothing is to pay it says so and asks nothing.
pub(crate) fn ask(shell: &Shell, dossier: &Dossier, proposal: &Proposal, form: &Markup) -> Markup {
    html! {
        (head(shell, dossier, "desk-do-ask-fee"))
        @match proposal {
            Proposal::Free => (components::note(Tone::Ok, &shell.text("fee-free"), &html! { p { (shell.text("fee-free-words")) } })),
            Proposal::Tariff(tariff) => {
                p { (shell.text_with("fee-by-tariff", &[("basis", tariff.tariff().legal_basis.as_str().into())])) }
                (form)
            },
            Proposal::Amount { amount, .. } => {
                p { (shell.text(if amount.is_some() { "fee-by-source" } else { "fee-by-hand" })) }
                (form)
            },
        }
    }
}

/// The page on which a desk officer takes in cash what a dossier waits for.
pub(crate) fn take(shell: &Shell, dossier: &Dossier, bills: &[Bill], form: &Markup) -> Markup {
    let waiting: Dong = bills.iter().map(Bill::waiting).sum();
    html! {
        (head(shell, dossier, "fee-take-title"))
        p { (shell.text("fee-take-words")) }
        @for bill in bills { (bill::view::lines(shell, bill)) }
        p { b.num { (shell.text_with("fee-take-amount", &[("amount", format::dong(shell.lang, waiting).into())])) } }
        (form)
    }
}

/// The form that takes the cash.
pub(crate) fn take_form(dossier: &Dossier) -> Form {
    Form::new("cash", format!("/desk/dossiers/{}/{}", dossier.id, Action::ConfirmFee))
        .submit("fee-take")
        .cancel(format!("/desk/dossiers/{}", dossier.id))
        .hidden("revision", dossier.revision.to_string())
}
