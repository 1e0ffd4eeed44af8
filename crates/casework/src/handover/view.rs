//! What pages of hand-over look like. They read no table and decide nothing.
//! It refuses names of applicants: lists carry codes and masks.

use identity::AccountId;
use kernel::Timestamp;
use kernel::calendar::WorkingCalendar;
use maud::{Markup, html};
use web::Shell;
use web::components::{self, ButtonKind, Tone};
use web::format;

use super::Offer;
use super::http::Presence;
use super::store::Load;
use crate::bulk;
use crate::dossier::Dossier;
use crate::procedure::view::brief;

/// What is on offer, on the page of the dossier.
pub(super) fn offer(shell: &Shell, dossier: &Dossier, offer: &Offer, to_her: bool) -> Markup {
    let path = format!("/desk/dossiers/{}", dossier.id);
    let names = [
        ("from", offer.from_name.clone().into()),
        ("to", offer.to_name.clone().into()),
        ("by", offer.by_name.clone().into()),
        ("at", format::date_time(shell.lang, offer.at).into()),
    ];
    components::note(
        Tone::Soon,
        &shell.text("handover-offered"),
        &html! {
            p { (shell.text_with("handover-offered-words", &names)) }
            @if to_her {
                div.row {
                    (components::post_button(shell, ButtonKind::Main, &format!("{path}/accept"), &[], &shell.text("handover-do-accept")))
                    (components::button_link(ButtonKind::Quiet, &format!("{path}/give-back"), &shell.text("handover-do-decline")))
                }
            }
        },
    )
}

/// The offers that wait for the officer's word, above her work list.
pub(crate) fn waiting(shell: &Shell, dossiers: &[Dossier]) -> Markup {
    html! {
        @if !dossiers.is_empty() {
            (components::note(Tone::Soon, &shell.text_with("handover-waiting", &[("n", dossiers.len().into())]), &html! {
                ul { @for one in dossiers { li {
                    a href={ "/desk/dossiers/" (one.id) } { span.num.whole { (one.code) } }
                    " " (brief(shell.lang, &one.procedure_name))
                } } }
            }))
        }
    }
}

/// The page on which work is given back.
pub(super) fn ask(shell: &Shell, dossier: &Dossier, form: &Markup) -> Markup {
    html! {
        (components::back_link(shell.lang, &format!("/desk/dossiers/{}", dossier.id)))
        p.small.muted.num { span.whole { (dossier.code) } " · " (brief(shell.lang, &dossier.procedure_name)) " · " (dossier.person_mask) }
        h1 { (shell.text("handover-do-give-back")) }
        p { (shell.text("handover-about-give-back")) }
        (form)
    }
}

fn presence(shell: &Shell, presence: &Presence) -> Markup {
    match presence {
        Presence::Here => components::tag(Tone::Ok, &shell.text("handover-here")),
        Presence::Left => components::tag(Tone::Late, &shell.text("handover-left")),
        Presence::Away(until, deputy) => html! {
            (components::tag(Tone::Soon, &shell.text_with("handover-away", &[("until", format::date(shell.lang, *until).into())])))
            br; span.small.muted { (shell.text_with("handover-deputy", &[("name", deputy.clone().into())])) }
        },
    }
}

/// Officers with open dossiers, those who left first.
pub(super) fn officers(shell: &Shell, rows: &[(Load, Presence)]) -> Markup {
    html! {
        h1 { (shell.text("handover-title")) }
        p { (shell.text("handover-about")) }
        @if rows.is_empty() { (components::empty(&shell.text("handover-none"), None)) } @else {
            div.scroll tabindex="0" role="region" aria-label=(shell.text("handover-title")) { table.stack {
                caption.hidden { (shell.text("handover-title")) }
                thead { tr {
                    th scope="col" { (shell.text("desk-assignee")) }
                    th scope="col" { (shell.text("desk-state")) }
                    th.r scope="col" { (shell.text("handover-open")) }
                    th scope="col" { (shell.text("handover-first-due")) }
                } }
                tbody { @for (load, stands) in rows { tr {
                    th scope="row" { a href={ "/desk/handover/" (load.officer) } { (load.name) } }
                    td { (presence(shell, stands)) }
                    td.r data-l=(shell.text("handover-open")) { (format::number(shell.lang, load.open)) }
                    td.num data-l=(shell.text("handover-first-due")) { (format::date_time(shell.lang, load.first_due)) }
                } } }
            } }
        }
    }
}

/// The open dossiers of one officer.
pub(super) struct Leaving<'a> {
    pub(super) officer: AccountId,
    pub(super) name: &'a str,
    pub(super) presence: &'a Presence,
    pub(super) rows: &'a [Dossier],
    pub(super) others: &'a [(AccountId, String)],
    pub(super) now: Timestamp,
    pub(super) calendar: &'a WorkingCalendar,
}

/// The page on which they are handed over in one go.
pub(super) fn of_officer(shell: &Shell, page: &Leaving<'_>) -> Markup {
    let back = format!("/desk/handover/{}", page.officer);
    let full = page.rows.len() >= bulk::AT_ONCE;
    html! {
        h1 { (shell.text_with("handover-of", &[("name", page.name.to_owned().into())])) }
        p { (presence(shell, page.presence)) }
        p { (shell.text(if matches!(page.presence, Presence::Here) { "handover-asks-her" } else { "handover-at-once" })) }
        form method="post" action="/desk/bulk" {
            (components::form_guards(shell, &back))
            input type="hidden" name="back" value=(back);
            div.scroll tabindex="0" role="region" aria-label=(shell.text("handover-dossiers")) { table.stack {
                caption { (shell.text_with("handover-count", &[("n", page.rows.len().into())])) }
                thead { tr {
                    th scope="col" { (shell.text("desk-code")) }
                    th scope="col" { (shell.text("desk-procedure")) }
                    th scope="col" { (shell.text("desk-state")) }
                    th scope="col" { (shell.text("desk-due")) }
                } }
                tbody { @for one in page.rows { tr {
                    th scope="row" { (bulk::view::pick(shell, one, true, None)) }
                    td data-l=(shell.text("desk-procedure")) { (brief(shell.lang, &one.procedure_name)) }
                    td { (crate::track::view::state_tag(shell, one.state)) }
                    td { (crate::track::view::pace_tag(shell, one, page.now, page.calendar)) }
                } } }
            } }
            @if full { p.small { (shell.text_with("handover-more", &[("n", bulk::AT_ONCE.into())])) } }
            (bulk::view::assign_fields(shell, "handover", page.others))
            button.btn name="do" value="assign" { (shell.text("handover-do")) }
        }
    }
}
