//! Markup of what the other side told of one dossier besides its state: papers and results that are fetched, fees; and the receipts that
//! are left of pruned transfers. Refuses what it would be told under: addresses and names of files are sealed.

use kernel::Timestamp;
use maud::html;
use web::components::{self, Tone};
use web::table::{Column, Paging, Row, Table, TableQuery};
use web::{Markup, Shell, format};

use super::http::DRIFT;
use super::view::{receipt_link, state};
use crate::carried::{HeardFee, Paper, PaperStand};

fn table(shell: &Shell, title: &'static str, caption: &'static str, columns: Vec<Column>, rows: &[Row]) -> Markup {
    if rows.is_empty() {
        return html! {};
    }
    let shown = Table::new(DRIFT, caption, columns);
    html! { h2 { (shell.text(title)) } (shown.render(shell, &TableQuery::default(), rows, &Paging::All)) }
}

/// Papers and results of the other side.
pub(super) fn papers(shell: &Shell, papers: &[Paper]) -> Markup {
    let columns = vec![
        Column::new("what", "exchange-paper-what"),
        Column::new("code", "exchange-paper-code"),
        Column::new("heard", "exchange-at"),
        Column::new("stand", "exchange-stand").plain_on_phones(),
        Column::new("tries", "exchange-tries").numeric(),
    ];
    let row = |one: &Paper| {
        let tone = match one.stand {
            PaperStand::Taken => Tone::Ok,
            PaperStand::Waiting => Tone::Soon,
            PaperStand::Failed => Tone::Late,
        };
        Row::new(vec![
            html! { (shell.text(&format!("exchange-paper-{}", one.what))) },
            html! { @if one.code.is_empty() { "–" } @else { span.whole { (one.code) } } },
            html! { (format::date_time(shell.lang, one.heard_at)) },
            html! {
                (components::tag(tone, &shell.text(&format!("exchange-paper-stand-{}", one.stand))))
                @if let Some(fault) = one.reason { br; span.small { (shell.text(&format!("exchange-paper-fault-{fault}"))) } }
            },
            html! { (format::number(shell.lang, one.tries)) },
        ])
    };
    let rows: Vec<Row> = papers.iter().map(row).collect();
    table(
        shell,
        "exchange-papers-title",
        "exchange-papers-caption",
        columns,
        &rows,
    )
}

/// What the other side says of fees.
pub(super) fn fees(shell: &Shell, fees: &[HeardFee]) -> Markup {
    let columns = vec![
        Column::new("name", "exchange-fee-name"),
        Column::new("amount", "exchange-fee-amount").numeric(),
        Column::new("stand", "exchange-stand").plain_on_phones(),
        Column::new("heard", "exchange-at"),
    ];
    let row = |one: &HeardFee| {
        let (tone, key) = if one.is_paid {
            (Tone::Ok, "exchange-fee-paid")
        } else {
            (Tone::Soon, "exchange-fee-unpaid")
        };
        Row::new(vec![
            html! { (one.name) br; span.small.muted.num { (one.reference) } },
            html! { (format::dong(shell.lang, one.amount)) },
            components::tag(tone, &shell.text(key)),
            html! { (format::date_time(shell.lang, one.heard_at)) },
        ])
    };
    let rows: Vec<Row> = fees.iter().map(row).collect();
    table(shell, "exchange-fees-title", "exchange-fees-caption", columns, &rows)
}

/// What is left of pruned transfers.
pub(super) fn receipts(shell: &Shell, receipts: &[(Timestamp, u8, String)]) -> Markup {
    let columns = vec![
        Column::new("at", "exchange-at"),
        Column::new("told", "exchange-told-state"),
        Column::new("receipt", "exchange-receipt").plain_on_phones(),
    ];
    let row = |(at, told, receipt): &(Timestamp, u8, String)| {
        Row::new(vec![
            html! { (format::date_time(shell.lang, *at)) },
            state(shell, Some(*told)),
            receipt_link(shell, receipt),
        ])
    };
    let rows: Vec<Row> = receipts.iter().map(row).collect();
    table(
        shell,
        "exchange-receipts-kept",
        "exchange-receipts-caption",
        columns,
        &rows,
    )
}
