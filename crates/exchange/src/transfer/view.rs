//! Markup of the operator's pages: the gauge, the lists, one dossier. Values in, markup out.
//! Refuses to show anybody's name: the pages are of codes, states and hours.

use std::collections::HashMap;

use casework::dossier::DossierId;
use kernel::Timestamp;
use maud::html;
use web::components::{self, ButtonKind, Fact, SummaryRow, Tone};
use web::table::{Column, Filter, Paging, Row, Table, TableQuery};
use web::{Markup, Shell, format};

use super::http::{DRIFT, TRANSFERS};
use super::store::Stray;
use super::{Transfer, compose, told};
use crate::Exchange;
use crate::carried::{HeardFee, Paper};
use crate::catalogue::Compared;
use crate::link::Link;
use crate::machine::{Drift, Kind, Stand};
use crate::wire::Reason;

/// What the first page shows.
pub(crate) struct Overview {
    pub(crate) total: i64,
    pub(crate) gauge: Vec<(Drift, i64, Option<Timestamp>)>,
    pub(crate) rows: Vec<Link>,
    pub(crate) strays: Vec<Stray>,
    pub(crate) line: Option<(serde_json::Value, Timestamp)>,
    pub(crate) catalogues: Option<Compared>,
}

/// A state of the national codes in words.
pub(crate) fn state(shell: &Shell, code: Option<u8>) -> Markup {
    match code {
        Some(code @ 1..=10) => html! { (code) " · " (shell.text(&format!("exchange-state-{code}"))) },
        Some(_) | None => html! { (shell.text("exchange-state-none")) },
    }
}

fn drift_tag(shell: &Shell, drift: Option<Drift>) -> Markup {
    match drift {
        None => components::tag(Tone::Ok, &shell.text("exchange-in-step")),
        Some(Drift::Behind) => components::tag(Tone::Info, &shell.text("exchange-drift-behind")),
        Some(kind) => components::tag(Tone::Late, &shell.text(&format!("exchange-drift-{kind}"))),
    }
}

/// The gauge, and how the line fares.
pub(crate) fn overview(shell: &Shell, exchange: &Exchange, found: &Overview) -> Markup {
    let lang = shell.lang;
    let differ: i64 = found.gauge.iter().map(|(_, count, _)| count).sum();
    let oldest = found.gauge.iter().filter_map(|(_, _, since)| *since).min();
    let mut facts = vec![
        Fact::new(shell.text("exchange-linked"), format::number(lang, found.total)),
        Fact::new(
            shell.text("exchange-in-step"),
            format::number(lang, found.total - differ),
        ),
        Fact::new(shell.text("exchange-differ"), format::number(lang, differ)),
    ];
    facts.extend(oldest.map(|at| Fact::new(shell.text("exchange-oldest"), format::date_time(lang, at))));
    let percent = if found.total > 0 {
        (found.total - differ) * 1000 / found.total
    } else {
        1000
    };
    html! {
        @if exchange.config().portal.is_none() { (components::inset(&html! { (shell.text("exchange-no-portal")) })) }
        (components::facts(&facts))
        @if found.total > 0 {
            p { label for="gauge" { (shell.text_with("exchange-gauge", &[("percent", format::percent(lang, percent).into())])) } " "
                meter id="gauge" min="0" max="1000" low="950" optimum="1000" value=(percent) { (format::percent(lang, percent)) } }
        }
        (line(shell, found))
        @if !found.gauge.is_empty() {
            ul { @for (drift, count, since) in &found.gauge {
                li { a href={ (DRIFT) "?drift=" (drift) } { (shell.text(&format!("exchange-drift-{drift}"))) } ": " (format::number(lang, *count))
                    @if let Some(since) = since { span.small.muted { " · " (shell.text_with("exchange-since", &[("at", format::date_time(lang, *since).into())])) } } }
            } }
        }
    }
}

fn line(shell: &Shell, found: &Overview) -> Markup {
    let Some((value, at)) = &found.line else {
        return html! {};
    };
    let fault: Option<Reason> = value
        .get("fault")
        .and_then(|word| serde_json::from_value(word.clone()).ok());
    let at = format::date_time(shell.lang, *at);
    html! { p {
        @match fault {
            Some(reason) => {
                (components::tag(Tone::Late, &shell.text("exchange-line-fails"))) " "
                (shell.text(&format!("exchange-reason-{reason}"))) " · " (at)
            },
            None => { (components::tag(Tone::Ok, &shell.text("exchange-line-stands"))) " " (at) },
        }
    } }
}

/// The table of dossiers that differ.
pub(crate) fn drift_table(shell: &Shell) -> Table {
    let kinds = Drift::ALL
        .iter()
        .map(|one| (one.word().to_owned(), shell.text(&format!("exchange-drift-{one}"))));
    Table::new(
        DRIFT,
        "exchange-drift-caption",
        vec![
            Column::new("code", "exchange-code"),
            Column::new("ours", "exchange-ours"),
            Column::new("national", "exchange-national"),
            Column::new("ministry", "exchange-ministry"),
            Column::new("drift", "exchange-drift").plain_on_phones(),
            Column::new("since", "exchange-drift-since"),
        ],
    )
    .filter(Filter::choice("drift", "exchange-drift", kinds.collect()))
    .empty("exchange-drift-empty")
}

/// The dossiers that differ.
pub(crate) fn drifting(
    shell: &Shell,
    shown: &Table,
    query: &TableQuery,
    rows: &[Link],
    next: Option<String>,
) -> Markup {
    let row = |link: &Link| {
        Row::new(vec![
            html! { a.num.whole href={ (DRIFT) "/dossiers/" (link.dossier) } { (link.code) } },
            state(shell, Some(link.track.ours)),
            national(shell, link),
            html! { @if let Some(ministry) = &link.ministry { (state(shell, Some(ministry.state))) } },
            drift_tag(shell, link.track.drift),
            html! { @if let Some(since) = link.track.drift_since { (format::date_time(shell.lang, since)) } },
        ])
    };
    let rows: Vec<Row> = rows.iter().map(row).collect();
    let paging = Paging::Keyset {
        started: query.after_key().is_some(),
        next,
        total: None,
    };
    html! { h2 { (shell.text("exchange-drift-title")) } (shown.render(shell, query, &rows, &paging)) }
}

fn national(shell: &Shell, link: &Link) -> Markup {
    match link.track.seen {
        Some(seen) if seen.state.is_none() => html! { (shell.text("exchange-drift-unknown")) },
        Some(seen) => state(shell, seen.state),
        None => state(shell, link.track.told),
    }
}

/// What came in and could not be taken.
pub(crate) fn strays(shell: &Shell, strays: &[Stray]) -> Markup {
    if strays.is_empty() {
        return html! {};
    }
    let columns = vec![
        Column::new("code", "exchange-code-there"),
        Column::new("why", "exchange-why"),
        Column::new("times", "exchange-times").numeric(),
        Column::new("last", "exchange-last"),
    ];
    let row = |one: &Stray| {
        Row::new(vec![
            html! { span.num.whole { (one.code) } br; span.small.muted { (one.service) } },
            html! { (shell.text(&format!("exchange-stray-{}", one.reason))) @if !one.said.is_empty() { br; span.small.muted { (one.said) } } },
            html! { (format::number(shell.lang, one.times)) },
            html! { (format::date_time(shell.lang, one.last_at)) },
        ])
    };
    let rows: Vec<Row> = strays.iter().map(row).collect();
    let shown = Table::new(DRIFT, "exchange-stray-caption", columns);
    html! {
        h2 { (shell.text("exchange-stray-title")) }
        p { (shell.text("exchange-stray-words")) }
        (shown.render(shell, &TableQuery::default(), &rows, &Paging::All))
    }
}

/// What the last comparison of catalogues found.
pub(crate) fn catalogues(shell: &Shell, compared: Option<&Compared>) -> Markup {
    let Some(found) = compared else {
        return html! {};
    };
    let number = |count: usize| format::number(shell.lang, i64::try_from(count).unwrap_or(i64::MAX));
    html! {
        h2 { (shell.text("exchange-catalogues")) }
        (components::facts(&[
            Fact::new(shell.text("exchange-procedures-there"), number(found.there)),
            Fact::new(shell.text("exchange-procedures-here"), number(found.here)),
            Fact::new(shell.text("exchange-missing-here"), number(found.missing_here)),
            Fact::new(shell.text("exchange-missing-there"), number(found.missing_there)),
        ]))
        @if !found.named.is_empty() {
            (components::details(&shell.text("exchange-missing-here"), &html! {
                ul { @for one in &found.named { li { span.num.whole { (one.code) } " " (one.name) } } }
            }))
        }
    }
}

/// One page of transfers.
pub(crate) struct Transfers<'a> {
    pub(crate) rows: &'a [Transfer],
    pub(crate) codes: &'a HashMap<DossierId, String>,
    pub(crate) next: Option<String>,
    pub(crate) may_retry: bool,
}

/// The table of transfers.
pub(crate) fn transfers_table(shell: &Shell) -> Table {
    let stands = Stand::ALL
        .iter()
        .map(|one| (one.word().to_owned(), shell.text(&format!("exchange-stand-{one}"))));
    Table::new(
        TRANSFERS,
        "exchange-transfers-caption",
        vec![
            Column::new("at", "exchange-at"),
            Column::new("code", "exchange-code"),
            Column::new("what", "exchange-what"),
            Column::new("stand", "exchange-stand").plain_on_phones(),
            Column::new("tries", "exchange-tries").numeric(),
            Column::new("do", "").plain_on_phones(),
        ],
    )
    .filter(Filter::choice("stand", "exchange-stand", stands.collect()))
    .empty("exchange-transfers-empty")
}

/// The transfers.
pub(crate) fn transfers(shell: &Shell, shown: &Table, query: &TableQuery, list: &Transfers<'_>) -> Markup {
    let row = |one: &Transfer| {
        let code = list.codes.get(&one.dossier).cloned().unwrap_or_default();
        Row::new(vec![
            html! { (format::date_time(shell.lang, one.at)) },
            html! { a.num.whole href={ (DRIFT) "/dossiers/" (one.dossier) } { (code) } },
            what(shell, one),
            stand(shell, one),
            html! { (format::number(shell.lang, one.tries)) },
            html! { @if list.may_retry && one.stand == Stand::Failed { (retry(shell, one.dossier, "transfers")) } },
        ])
    };
    let rows: Vec<Row> = list.rows.iter().map(row).collect();
    let paging = Paging::Keyset {
        started: query.after_key().is_some(),
        next: list.next.clone(),
        total: None,
    };
    shown.render(shell, query, &rows, &paging)
}

fn retry(shell: &Shell, dossier: DossierId, back: &str) -> Markup {
    let action = format!("{DRIFT}/dossiers/{dossier}/retry");
    components::post_button(
        shell,
        ButtonKind::Quiet,
        &action,
        &[("back", back)],
        &shell.text("exchange-retry"),
    )
}

fn what(shell: &Shell, one: &Transfer) -> Markup {
    html! {
        (shell.text(&format!("exchange-kind-{}", one.kind)))
        @if one.kind != Kind::Mend || one.facts.why_not.is_some() { br; span.small.muted { (compose::words_of(shell.lang, &one.action)) } }
    }
}

fn stand(shell: &Shell, one: &Transfer) -> Markup {
    let tone = match one.stand {
        Stand::Confirmed => Tone::Ok,
        Stand::Accepted => Tone::Info,
        Stand::Waiting => Tone::Soon,
        Stand::Failed => Tone::Late,
        Stand::Superseded => Tone::Plain,
    };
    html! {
        (components::tag(tone, &shell.text(&format!("exchange-stand-{}", one.stand))))
        @if let Some(reason) = one.reason { br; span.small { (shell.text(&format!("exchange-reason-{reason}"))) } }
        @if let Some(said) = &one.said { br; span.small.muted { (said) } }
    }
}

/// What the page of one dossier shows.
pub(crate) struct OneDossier {
    pub(crate) link: Link,
    pub(crate) transfers: Vec<Transfer>,
    /// What is left of pruned ones: hour, state told, receipt.
    pub(crate) receipts: Vec<(Timestamp, u8, String)>,
    pub(crate) papers: Vec<Paper>,
    pub(crate) fees: Vec<HeardFee>,
}

/// One dossier: the vector of states, its dates, its transfers with their receipts, what the portal told of papers and fees.
pub(crate) fn dossier(shell: &Shell, shown: &OneDossier, may_retry: bool) -> Markup {
    let link = &shown.link;
    html! {
        h1.num { (link.code) }
        (components::summary_list(&vector(shell, link)))
        @if may_retry { (retry(shell, link.dossier, "dossier")) }
        (told::papers(shell, &shown.papers))
        (told::fees(shell, &shown.fees))
        h2 { (shell.text("exchange-tab-transfers")) }
        (of_dossier(shell, &shown.transfers))
        (told::receipts(shell, &shown.receipts))
    }
}

fn vector(shell: &Shell, link: &Link) -> Vec<SummaryRow> {
    let lang = shell.lang;
    let when =
        |at: Option<Timestamp>| html! { @match at { Some(at) => { (format::date_time(lang, at)) }, None => { "–" } } };
    let mut rows = vec![
        SummaryRow::markup(
            shell.text("exchange-ours"),
            html! { (state(shell, Some(link.track.ours))) " · " (format::date_time(lang, link.our_at)) },
        ),
        SummaryRow::markup(shell.text("exchange-told"), state(shell, link.track.told)),
        SummaryRow::markup(
            shell.text("exchange-national"),
            html! {
                (national(shell, link)) @if let Some(seen) = link.track.seen { " · " (format::date_time(lang, seen.at)) }
            },
        ),
        SummaryRow::markup(
            shell.text("exchange-ministry"),
            html! { @match &link.ministry {
                Some(one) => { (one.agency) ": " (state(shell, Some(one.state))) " · " (format::date_time(lang, one.at)) },
                None => { (shell.text("exchange-no-ministry")) },
            } },
        ),
        SummaryRow::markup(shell.text("exchange-drift"), drift_tag(shell, link.track.drift)),
        SummaryRow::new(shell.text("exchange-code-there"), &link.national_code),
        SummaryRow::markup(shell.text("exchange-due"), when(link.due_at)),
        SummaryRow::markup(shell.text("exchange-ended"), when(link.ended_at)),
        SummaryRow::markup(
            shell.text("exchange-ended-there"),
            when(link.track.seen.and_then(|seen| seen.ended_at)),
        ),
    ];
    if link.is_from_portal {
        rows.push(SummaryRow::markup(
            shell.text("exchange-way"),
            html! { (when(link.filed_at)) " → " (when(link.arrived_at)) },
        ));
    }
    if let Some(cause) = link.cause {
        rows.push(SummaryRow::new(
            shell.text("exchange-cause"),
            shell.text(&format!("exchange-cause-{cause}")),
        ));
    }
    let answer = link
        .taken_back_answer
        .map(|answer| format!("exchange-taken-back-{answer}"));
    let waits = link.taken_back_at.map(|_| "exchange-taken-back-waiting".to_owned());
    if let Some(key) = waits.or(answer) {
        rows.push(SummaryRow::new(shell.text("exchange-taken-back"), shell.text(&key)));
    }
    rows
}

/// The transfers of one dossier: what is shown as evidence.
pub(crate) fn of_dossier(shell: &Shell, transfers: &[Transfer]) -> Markup {
    let columns = vec![
        Column::new("number", "exchange-number").numeric(),
        Column::new("at", "exchange-at"),
        Column::new("what", "exchange-what"),
        Column::new("told", "exchange-told-state"),
        Column::new("stand", "exchange-stand").plain_on_phones(),
        Column::new("tries", "exchange-tried"),
        Column::new("receipt", "exchange-receipt").plain_on_phones(),
    ];
    let rows: Vec<Row> = transfers.iter().map(|one| evidence(shell, one)).collect();
    let shown = Table::new(DRIFT, "exchange-transfers-caption", columns).empty("exchange-transfers-empty");
    shown.render(shell, &TableQuery::default(), &rows, &Paging::All)
}

/// The link to the page that verifies a receipt.
pub(super) fn receipt_link(shell: &Shell, receipt: &str) -> Markup {
    html! { a href={ "/exchange/receipts?receipt=" (web::table::encode(receipt)) } { (shell.text("exchange-receipt")) } }
}

fn evidence(shell: &Shell, one: &Transfer) -> Row {
    let at = |at: Timestamp| format::date_time(shell.lang, at);
    Row::new(vec![
        html! { (one.number) },
        html! { (at(one.at)) },
        what(shell, one),
        state(shell, Some(one.told)),
        stand(shell, one),
        html! {
            (shell.text_with("exchange-tries-n", &[("n", one.tries.into())]))
            @if let Some(first) = one.first_tried_at { br; span.small.muted { (at(first)) @if let Some(end) = one.settled_at { " → " (at(end)) } } }
        },
        html! { @if let Some(receipt) = &one.receipt { (receipt_link(shell, receipt)) } },
    ])
}
