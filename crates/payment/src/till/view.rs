//! What tills look like: today's with its movements and its closing, and those of before.
//! It reads no table and decides nothing.

use kernel::Dong;
use maud::{Markup, html};
use web::Shell;
use web::components::{self, Fact, Tone, tag};
use web::form::{Field, FieldKind, Form};
use web::format;
use web::table::{Column, Paging, Row, Table, TableQuery};

use super::{Cash, Till};
use crate::view::dong;

/// The form that closes a till.
pub(super) fn close_form(till: &Till) -> Form {
    let amount = || FieldKind::Dong {
        min: Some(0),
        max: Some(1_000_000_000_000),
    };
    Form::new("close", format!("/payments/till/{}/close", till.id))
        .submit("till-close")
        .field(Field::new("counted", "till-counted", amount()).hint("till-counted-hint"))
        .field(Field::new("handed-over", "till-handed-over", amount()).hint("till-handed-over-hint"))
        .field(
            Field::multiline("why", "till-why", 2_000)
                .hint("till-why-hint")
                .optional(),
        )
}

fn state(shell: &Shell, till: &Till) -> Markup {
    match &till.closing {
        None => tag(Tone::Info, &shell.text("till-open")),
        Some(closing) if closing.difference().is_zero() => tag(Tone::Ok, &shell.text("till-agrees")),
        Some(closing) => tag(
            Tone::Late,
            &shell.text_with("till-differs", &[("amount", dong(shell, closing.difference()).into())]),
        ),
    }
}

/// The tills that an officer may see, newest first.
pub(super) fn list(shell: &Shell, tills: &[Till], parts: &[(&str, &str)]) -> Markup {
    let table = Table::new(
        "/payments/till",
        "tills-caption",
        vec![
            Column::new("day", "till-day"),
            Column::new("desk", "till-desk"),
            Column::new("expected", "till-expected").numeric(),
            Column::new("counted", "till-counted").numeric(),
            Column::new("state", "till-state").plain_on_phones(),
        ],
    )
    .empty("tills-none");
    let shown = |amount: Option<Dong>| amount.map_or_else(|| "–".to_owned(), |amount| dong(shell, amount));
    let rows: Vec<Row> = tills
        .iter()
        .map(|till| {
            let closing = till.closing.as_ref();
            Row::new(vec![
                html! { span.num { (format::date(shell.lang, till.day)) } },
                html! { (till.desk_name) },
                html! { (shown(closing.map(|closing| closing.expected))) },
                html! { (shown(closing.map(|closing| closing.counted))) },
                state(shell, till),
            ])
            .link(format!("/payments/till/{}", till.id))
        })
        .collect();
    html! {
        h1 { (shell.text("tills-title")) }
        (crate::view::tabs(shell, parts, "/payments/till"))
        p { (shell.text("tills-words")) }
        (table.render(shell, &TableQuery::parse(""), &rows, &Paging::All))
    }
}

/// Everything that the page of one till shows.
pub(super) struct Page<'a> {
    pub(super) till: &'a Till,
    pub(super) movements: &'a [(Cash, Option<String>)],
    pub(super) expected: Dong,
    pub(super) form: Option<&'a Markup>,
    pub(super) why: Option<&'a str>,
}

pub(super) fn one(shell: &Shell, page: &Page<'_>) -> Markup {
    let till = page.till;
    let moved = |taken: bool| -> Dong {
        let of = page.movements.iter().map(|(cash, _)| cash.amount);
        of.filter(|amount| (*amount > Dong::ZERO) == taken).sum()
    };
    let mut facts = vec![
        Fact::new(shell.text("till-opening"), dong(shell, till.opening)),
        Fact::new(shell.text("till-taken"), dong(shell, moved(true))),
        Fact::new(shell.text("till-given"), dong(shell, moved(false))),
        Fact::new(shell.text("till-expected"), dong(shell, page.expected)),
    ];
    if let Some(closing) = &till.closing {
        facts.push(Fact::new(shell.text("till-counted"), dong(shell, closing.counted)));
        facts.push(Fact::new(
            shell.text("till-handed-over"),
            dong(shell, closing.handed_over),
        ));
    }
    html! {
        h1 { (shell.text_with("till-title", &[("day", format::date(shell.lang, till.day).into())])) }
        p.lead { (till.desk_name) " " (state(shell, till)) }
        (components::facts(&facts))
        (movements(shell, page.movements))
        @if let Some(closing) = &till.closing {
            p { (shell.text_with("till-closed-by", &[("name", closing.by_name.as_str().into()), ("at", format::date_time(shell.lang, closing.at).into())])) }
            @if let Some(why) = page.why { p.kept { (why) } }
        }
        @if let Some(form) = page.form {
            h2 { (shell.text("till-close")) }
            p { (shell.text("till-close-words")) }
            (form)
        }
    }
}

fn movements(shell: &Shell, movements: &[(Cash, Option<String>)]) -> Markup {
    let table = Table::new(
        "/payments/till",
        "till-movements",
        vec![
            Column::new("at", "till-at"),
            Column::new("bill", "bill-reference"),
            Column::new("amount", "bill-amount").numeric(),
            Column::new("by", "till-by"),
        ],
    )
    .empty("till-movements-none");
    let rows: Vec<Row> = movements
        .iter()
        .map(|(cash, reference)| {
            Row::new(vec![
                html! { span.num { (format::time(cash.at)) } },
                html! {
                    @if let (Some(bill), Some(reference)) = (cash.bill, reference) { a.num.whole href={ "/payments/bills/" (bill) } { (reference) } }
                    @if cash.refund.is_some() { " " (tag(Tone::Plain, &shell.text("till-refund"))) }
                },
                html! { (dong(shell, cash.amount)) },
                html! { (cash.by_name) },
            ])
        })
        .collect();
    table.render(shell, &TableQuery::parse(""), &rows, &Paging::All)
}
