//! What pages of absences look like. They read no table and decide nothing.
//! It refuses more than the days, the names and one of four causes.

use kernel::Date;
use maud::{Markup, html};
use web::Shell;
use web::components::{self, ButtonKind, Tone};
use web::format;

use super::Absence;

/// How an absence stands today, as a tag.
fn tag(shell: &Shell, one: &Absence, today: Date) -> Markup {
    let (tone, key) = if one.ended.is_some() {
        (Tone::Plain, "absence-ended")
    } else if one.holds(today) {
        (Tone::Soon, "absence-holds")
    } else if one.until < today {
        (Tone::Plain, "absence-over")
    } else {
        (Tone::Info, "absence-to-come")
    };
    components::tag(tone, &shell.text(key))
}

/// The absences of the officer's own house; beside each, whether she may end it.
pub(super) fn list(shell: &Shell, rows: &[(&Absence, bool)], today: Date) -> Markup {
    let day = |day: Date| format::date(shell.lang, day);
    html! {
        h1 { (shell.text("absence-title")) }
        p { (shell.text("absence-about")) }
        p { (components::button_link(ButtonKind::Main, "/desk/absences/new", &shell.text("absence-enter"))) }
        @if rows.is_empty() { (components::empty(&shell.text("absence-none"), None)) } @else {
            div.scroll tabindex="0" role="region" aria-label=(shell.text("absence-title")) { table.stack {
                caption.hidden { (shell.text("absence-title")) }
                thead { tr {
                    th scope="col" { (shell.text("absence-officer")) }
                    th scope="col" { (shell.text("absence-days")) }
                    th scope="col" { (shell.text("absence-deputy")) }
                    th scope="col" { (shell.text("desk-state")) }
                    th scope="col" { span.hidden { (shell.text("desk-actions")) } }
                } }
                tbody { @for (one, may_end) in rows { tr {
                    th scope="row" { (one.officer_name) br; span.small.muted { (shell.text(&format!("absence-cause-{}", one.cause))) } }
                    td.num data-l=(shell.text("absence-days")) { (day(one.from)) " – " (day(one.until)) }
                    td data-l=(shell.text("absence-deputy")) { (one.deputy_name) }
                    td { (tag(shell, one, today)) br; span.small.muted { (shell.text_with("absence-by", &[("name", one.entered_name.clone().into())])) } }
                    td { @if *may_end && one.ended.is_none() && one.until >= today {
                        (components::post_button(shell, ButtonKind::Quiet, &format!("/desk/absences/{}/end", one.id), &[], &shell.text("absence-end")))
                    } }
                } } }
            } }
        }
    }
}

/// The form of a new absence.
pub(super) fn ask(shell: &Shell, form: &Markup) -> Markup {
    html! {
        (components::back_link(shell.lang, "/desk/absences"))
        h1 { (shell.text("absence-enter")) }
        p { (shell.text("absence-about")) }
        (form)
    }
}
