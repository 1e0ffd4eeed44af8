//! What the lists of papers and the page of verification look like. It reads no table and opens nothing: names are masked.
//! A paper that no longer stands is told by words and sign, not by colour alone.

use maud::{Markup, html};
use web::Shell;
use web::components::{self, ButtonKind, SummaryRow, Tone};
use web::format;

use super::rules::Offer;
use super::{Paper, Standing};
use crate::dossier::DossierId;
use crate::draft::view::sha;
use crate::procedure::view::vietnamese;

const fn tone(standing: Standing) -> Tone {
    match standing {
        Standing::Standing => Tone::Ok,
        Standing::Printing => Tone::Info,
        Standing::Replaced => Tone::Plain,
        Standing::Revoked => Tone::Late,
    }
}

fn standing_tag(shell: &Shell, standing: Standing) -> Markup {
    components::tag(tone(standing), &shell.text(&format!("paper-standing-{standing}")))
}

fn line(shell: &Shell, paper: &Paper, href: &str) -> Markup {
    html! {
        a href=(href) { (paper.title) @if !paper.number.is_empty() { " " span.num.whole { (paper.number) } } }
        " " (standing_tag(shell, paper.standing)) " "
        span.small.muted.num { (format::date(shell.lang, paper.issued_on)) }
    }
}

/// The papers of a dossier for an officer: those issued, those that can be printed now, and the result.
pub(crate) fn papers_of(
    shell: &Shell,
    dossier: DossierId,
    papers: &[Paper],
    offers: &[Offer],
    may_issue: bool,
) -> Markup {
    let action = format!("/desk/dossiers/{dossier}/papers");
    let is_new = |offer: &&Offer| {
        !papers
            .iter()
            .any(|paper| paper.form == offer.form && paper.basis == offer.basis && paper.blob.is_some())
    };
    html! {
        div.card {
            h2.first { (shell.text("paper-title")) }
            @if papers.is_empty() { p.muted { (shell.text("paper-none")) } }
            ul { @for paper in papers.iter().filter(|paper| paper.blob.is_some()) { li {
                (line(shell, paper, &format!("/desk/papers/{}", paper.id)))
                " · " a href={ "/verify/" (paper.token) } { (shell.text("paper-verify-link")) }
                @if let Some(at) = paper.fetched_at { " · " span.small.muted { (shell.text_with("paper-fetched", &[("at", format::date_time(shell.lang, at).into())])) } }
                @if may_issue && paper.standing == Standing::Standing {
                    " · " a href={ "/desk/papers/" (paper.id) "/revoke" } { (shell.text("paper-revoke")) }
                }
            } } }
            @for offer in offers.iter().filter(is_new) {
                (components::post_button(shell, ButtonKind::Quiet, &action,
                    &[("form", offer.form.word()), ("basis", &offer.basis.to_string())],
                    &shell.text(&format!("paper-print-{}", offer.form))))
            }
            @if may_issue {
                p { (components::button_link(ButtonKind::Quiet, &format!("/desk/dossiers/{dossier}/result"), &shell.text("paper-issue-result"))) }
            }
        }
    }
}

/// The papers of a dossier for its applicant.
pub(crate) fn own_papers(shell: &Shell, dossier: DossierId, papers: &[Paper], offers: &[Offer]) -> Markup {
    let own: Vec<&Paper> = papers
        .iter()
        .filter(|paper| paper.form.is_for_applicant() && paper.blob.is_some())
        .collect();
    let action = format!("/my/dossiers/{dossier}/papers");
    let new: Vec<&Offer> = offers
        .iter()
        .filter(|offer| offer.form.is_for_applicant())
        .filter(|offer| {
            !own.iter()
                .any(|paper| paper.form == offer.form && paper.basis == offer.basis)
        })
        .collect();
    if own.is_empty() && new.is_empty() {
        return html! {};
    }
    html! {
        section {
            h2 { (shell.text("paper-own-title")) }
            ul { @for paper in own { li {
                (line(shell, paper, &format!("/my/dossiers/{dossier}/papers/{}", paper.id)))
                " · " a href={ "/verify/" (paper.token) } { (shell.text("paper-verify-link")) }
            } } }
            @for offer in new {
                (components::post_button(shell, ButtonKind::Quiet, &action,
                    &[("form", offer.form.word()), ("basis", &offer.basis.to_string())],
                    &shell.text(&format!("paper-get-{}", offer.form))))
            }
        }
    }
}

/// What came of comparing a file with a paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compared {
    Same,
    Other,
}

/// What everybody may know of a paper.
pub(crate) fn verified(
    shell: &Shell,
    paper: &Paper,
    successor: Option<&Paper>,
    compared: Option<Compared>,
    (form, log): (&Markup, &Markup),
) -> Markup {
    let words = shell.text(&format!("verify-says-{}", paper.standing));
    html! {
        h1 { (shell.text("verify-title")) }
        (components::note(tone(paper.standing), &words, &html! {
            @if let Some(at) = paper.ended_at { p { (shell.text_with("verify-since", &[("at", format::date_time(shell.lang, at).into())])) } }
            @if let Some(cause) = paper.end_cause { p { (shell.text(&format!("paper-cause-{cause}"))) } }
            @if let Some(next) = successor { p {
                (shell.text("verify-successor")) " " a href={ "/verify/" (next.token) } { (next.title) " " span.num { (next.number) } }
            } }
        }))
        (components::summary_list(&rows(shell, paper)))
        (log)
        h2 { (shell.text("verify-compare")) }
        @match compared {
            Some(Compared::Same) => (components::note(Tone::Ok, &shell.text("verify-same"), &html! {})),
            Some(Compared::Other) => (components::note(Tone::Late, &shell.text("verify-other"), &html! { p { (shell.text("verify-other-words")) } })),
            None => p { (shell.text("verify-compare-words")) },
        }
        (form)
        p.small.muted { (shell.text("verify-note")) }
    }
}

fn rows(shell: &Shell, paper: &Paper) -> Vec<SummaryRow> {
    let lang = shell.lang;
    let mut rows = vec![SummaryRow::markup(
        shell.text("verify-paper"),
        vietnamese(lang, &paper.title),
    )];
    let mut add = |key: &str, value: &str| {
        if !value.is_empty() {
            rows.push(SummaryRow::new(shell.text(key), value));
        }
    };
    add("verify-number", &paper.number);
    add("verify-day", &format::date(lang, paper.issued_on));
    add("verify-unit", &super::rules::full_name(&paper.unit_name));
    add("verify-officer", &paper.officer_name);
    add("verify-code", &paper.dossier_code);
    add("verify-person", &paper.person_mask);
    if !paper.procedure_name.is_empty() {
        rows.push(SummaryRow::markup(
            shell.text("verify-procedure"),
            vietnamese(lang, &paper.procedure_name),
        ));
    }
    if let (Some(template), Some(layout)) = (paper.template_version, paper.layout_version) {
        let words = shell.text_with(
            "verify-versions",
            &[("template", template.into()), ("layout", layout.into())],
        );
        rows.push(SummaryRow::new(shell.text("verify-template"), words));
    }
    if let Some(hash) = &paper.sha256 {
        rows.push(SummaryRow::markup("SHA-256", sha(shell, hash)));
    }
    rows
}
