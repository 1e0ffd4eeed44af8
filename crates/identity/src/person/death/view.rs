//! What the page about a death shows: who, the mark that holds, and the one thing that can be done.
//! The name is masked: whoever marks came from the look-up, where it stands in full.

use super::Source;
use super::http::Opened;
use crate::person::PersonRef;
use kernel::Date;
use maud::{Markup, html};
use web::Shell;
use web::components::{Crumb, SummaryRow, Tone, note, summary_list, warning};
use web::form::{Choice, Errors, Field, FieldKind, Form, Values};
use web::format;

/// The way to the page.
pub(super) fn crumbs(shell: &Shell) -> Vec<Crumb> {
    crate::account::list::http::crumbs(shell, &[("/admin/people", "person-search-title")])
}

/// The form that marks.
pub(super) fn mark_form(id: PersonRef, today: Date) -> Form {
    let sources = Source::ALL.map(|source| Choice::new(source.name(), source_key(source)));
    let died = FieldKind::Date {
        min: None,
        max: Some(today),
    };
    Form::new("deceased", format!("/admin/people/{id}/deceased"))
        .field(Field::new("died", "death-on", died))
        .field(Field::radios("source", "death-source", sources.to_vec()))
        .field(Field::multiline("reason", "death-reason", 500).hint("death-reason-hint"))
        .submit("death-mark")
}

/// The form that ends a mark.
pub(super) fn end_form(id: PersonRef) -> Form {
    Form::new("end", format!("/admin/people/{id}/deceased/end"))
        .field(Field::multiline("reason", "death-end-reason", 500).hint("double-reason-hint"))
        .submit("death-end")
}

fn source_key(source: Source) -> &'static str {
    match source {
        Source::Registration => "death-source-registration",
        Source::Population => "death-source-population",
        Source::Court => "death-source-court",
    }
}

/// The page.
pub(super) fn page(shell: &Shell, opened: &Opened, values: &Values, errors: &Errors) -> Markup {
    let id = opened.record.id;
    html! {
        h1 { (shell.text("death-title")) }
        p.lead { (opened.record.name_masked) }
        @if let Some((mark, death)) = &opened.mark {
            (note(Tone::Plain, &shell.text("death-marked"), &summary_list(&[
                SummaryRow::new(shell.text("death-on"), format::date(shell.lang, death.on)),
                SummaryRow::new(shell.text("death-source"), shell.text(source_key(death.source))),
                SummaryRow::new(shell.text("death-reason"), &death.reason),
                SummaryRow::new(shell.text("death-marked-at"), format::date_time(shell.lang, mark.marked_at)),
            ])))
            h2 { (shell.text("death-end-title")) }
            p { (shell.text("death-end-words")) }
            (end_form(id).render(shell, values, errors))
        } @else {
            p { (shell.text("death-words")) }
            (warning(shell.lang, &shell.text("death-warning")))
            (mark_form(id, opened.today).render(shell, values, errors))
        }
        p.hint { (shell.text("person-recorded")) }
    }
}
