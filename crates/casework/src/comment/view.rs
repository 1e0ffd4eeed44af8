//! What internal notes look like: in the history of the dossier, and on their own page with the form.
//! They are drawn for officers alone.

use maud::{Markup, html};
use web::Shell;
use web::components::{self, Tone};
use web::format;

use super::Comment;
use crate::dossier::Dossier;
use crate::procedure::view::brief;

/// One note.
pub(crate) fn one(shell: &Shell, note: &Comment) -> Markup {
    html! {
        b { (shell.text("comment-one")) } " "
        span.muted.num { (format::date_time(shell.lang, note.at)) } " · " (note.officer_name) ", " (note.unit_name)
        @match &note.struck {
            None => p.kept { (note.text) },
            Some((at, name, why)) => {
                p.kept { s { (note.text) } }
                p.small {
                    (components::tag(Tone::Plain, &shell.text("comment-struck"))) " "
                    span.muted.num { (format::date_time(shell.lang, *at)) } " · " (name) ": " span.kept { (why) }
                }
            }
        }
    }
}

/// The page of notes: all of them, each with the form that strikes it out where this officer may, and the form of a new one.
pub(super) fn page(shell: &Shell, dossier: &Dossier, notes: &[(Comment, Option<Markup>)], form: &Markup) -> Markup {
    html! {
        (components::back_link(shell.lang, &format!("/desk/dossiers/{}", dossier.id)))
        p.small.muted.num { span.whole { (dossier.code) } " · " (brief(shell.lang, &dossier.procedure_name)) " · " (dossier.person_mask) }
        h1 { (shell.text("comment-title")) }
        p { (shell.text("comment-about")) }
        (form)
        @if !notes.is_empty() {
            h2 { (shell.text("comment-all")) }
            ol.plain-list { @for (note, strike) in notes { li {
                (one(shell, note))
                @if let Some(strike) = strike { (components::details(&shell.text("comment-strike"), strike)) }
            } } }
        }
    }
}
