//! Whose lateness it was that work which units handed over was late: each child dossier's minutes over are those of the unit that had
//! it. They stand beside the late dossiers and never among them: a child is no dossier.
//! Refuses minutes in which the sender was asked: they are the sender's.

pub(crate) mod store;
#[cfg(test)]
mod tests;

use kernel::Timestamp;
use maud::{Markup, html};
use web::{Shell, format};

use super::Span;

/// What a unit did with work of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) unit_name: String,
    pub(crate) count: i64,
    pub(crate) late: i64,
    pub(crate) late_accept: i64,
    pub(crate) late_minutes: i64,
}

/// A late child dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Late {
    pub(crate) code: String,
    pub(crate) unit_name: String,
    pub(crate) due_at: Timestamp,
    pub(crate) ended_at: Timestamp,
    pub(crate) late_minutes: i64,
}

/// What is left of a stretch without others.
pub(crate) fn without(whole: Span, others: &[Span]) -> Vec<Span> {
    let mut left = vec![whole];
    for other in others {
        let cut = |one: Span| {
            let before = Span {
                from: one.from,
                to: one.to.min(other.from),
            };
            let after = Span {
                from: one.from.max(other.to),
                to: one.to,
            };
            [before, after]
        };
        left = left.into_iter().flat_map(cut).filter(|one| one.from < one.to).collect();
    }
    left
}

/// Units that had work of others, and how late they were with it.
pub(crate) fn view(shell: &Shell, held: &[Held], late: &[Late]) -> Markup {
    let heads = ["count", "late", "late-accept", "hours"].map(|word| shell.text(&format!("indicator-child-{word}")));
    let hours = |minutes: i64| format::decimal(shell.lang, (minutes * 10 + 30).div_euclid(60), 1);
    let unit = shell.text("indicator-child-unit");
    html! {
        @if !held.is_empty() {
            h2 { (shell.text("indicator-child")) }
            p { (shell.text("indicator-child-about")) }
            div.scroll tabindex="0" role="region" aria-label=(shell.text("indicator-child")) { table.stack {
                thead { tr { th scope="col" { (unit) } @for head in &heads { th.r scope="col" { (head) } } } }
                tbody { @for one in held { tr {
                    th scope="row" { (one.unit_name) }
                    td.r data-l=(heads[0]) { (format::number(shell.lang, one.count)) }
                    td.r data-l=(heads[1]) { (format::number(shell.lang, one.late)) }
                    td.r data-l=(heads[2]) { (format::number(shell.lang, one.late_accept)) }
                    td.r data-l=(heads[3]) { (hours(one.late_minutes)) }
                } } }
            } }
        }
        @if !late.is_empty() {
            h2 { (shell.text("indicator-child-rows")) }
            div.scroll tabindex="0" role="region" aria-label=(shell.text("indicator-child-rows")) { table.stack {
                thead { tr { th scope="col" { (shell.text("indicator-code")) } th scope="col" { (unit) }
                    th scope="col" { (shell.text("indicator-due-at")) } th scope="col" { (shell.text("indicator-ended-at")) } th.r scope="col" { (heads[3]) } } }
                tbody { @for one in late { tr {
                    th scope="row" { span.num.whole { (one.code) } }
                    td data-l=(unit) { (one.unit_name) }
                    td.num data-l=(shell.text("indicator-due-at")) { (format::date_time(shell.lang, one.due_at)) }
                    td.num data-l=(shell.text("indicator-ended-at")) { (format::date_time(shell.lang, one.ended_at)) }
                    td.r data-l=(heads[3]) { (hours(one.late_minutes)) }
                } } }
            } }
        }
    }
}
