//! What the page of successions looks like. It reads no table and decides nothing.
//! It refuses persons: who decides where dossiers go need see nobody in them.

use kernel::Timestamp;
use kernel::calendar::WorkingCalendar;
use maud::{Markup, html};
use web::Shell;
use web::components;

use super::http::Open;
use crate::procedure::view::brief;
use crate::track::view::{pace_tag, state_tag};

/// All units that wait for a decision.
pub(super) fn page(shell: &Shell, sections: &[(&Open, Markup)]) -> Markup {
    html! {
        h1 { (shell.text("succession-title")) }
        p { (shell.text("succession-about")) }
        @if sections.is_empty() { (components::empty(&shell.text("succession-none"), None)) }
        @for (_, section) in sections { (section) }
    }
}

/// One unit: its dossiers with marks, and the form of the decision.
pub(super) fn section(
    shell: &Shell,
    open: &Open,
    summary: &Markup,
    fields: &Markup,
    now: Timestamp,
    calendar: &WorkingCalendar,
) -> Markup {
    let path = format!("/admin/successions/{}", open.unit);
    let more = open.count - i64::try_from(open.rows.len()).unwrap_or(0);
    html! {
        section {
            h2 { (open.name) }
            (summary)
            form method="post" action=(path) novalidate {
                (components::form_guards(shell, &path))
                div.scroll tabindex="0" role="region" aria-label=(open.name) { table.stack {
                    caption { (shell.text_with("succession-count", &[("n", open.count.into())])) }
                    thead { tr {
                        th scope="col" { (shell.text("desk-code")) }
                        th scope="col" { (shell.text("desk-procedure")) }
                        th scope="col" { (shell.text("desk-state")) }
                        th scope="col" { (shell.text("desk-due")) }
                    } }
                    tbody { @for one in &open.rows { tr {
                        th scope="row" { label.pick {
                            input type="checkbox" name="dossier" value={ (one.id) ":" (one.revision) };
                            span.num.whole { (one.code) }
                        } }
                        td data-l=(shell.text("desk-procedure")) { (brief(shell.lang, &one.procedure_name)) }
                        td { (state_tag(shell, one.state)) }
                        td { (pace_tag(shell, one, now, calendar)) }
                    } } }
                } }
                @if more > 0 { p.small { (shell.text_with("succession-more", &[("n", more.into())])) } }
                (fields)
                div.row.actions { button.btn { (shell.text("succession-decide")) } }
            }
        }
    }
}
