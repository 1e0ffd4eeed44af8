//! What the pages of following look like: the way of the dossier on the left, what comes next and who looked on the right.
//! It reads no table and opens nothing sealed; what it shows was opened for it.

use kernel::Timestamp;
use kernel::calendar::WorkingCalendar;
use maud::{Markup, html};
use web::Shell;
use web::components::{self, ButtonKind, Fact, Step, StepState, SummaryRow, Tone};
use web::format;

use super::rules::{self, Pace};
use crate::child::Child;
use crate::dossier::state::{Delivery, State};
use crate::dossier::{Defect, Dossier, Event, EventId, HandOver};
use crate::draft::view::{NamedFile, sha};
use crate::file::FilePurpose;
use crate::procedure::view::brief;
use crate::process::Process;

/// A state in words with its tone.
pub(crate) fn state_tag(shell: &Shell, state: State) -> Markup {
    components::tag(rules::tone(state), &shell.text(&format!("dossier-state-{state}")))
}

/// How the deadline stands, as a tag.
pub(crate) fn pace_tag(shell: &Shell, dossier: &Dossier, now: Timestamp, calendar: &WorkingCalendar) -> Markup {
    let pace = rules::pace(dossier, now, calendar);
    let words = match pace {
        Pace::Left(minutes) => format::working_left(shell.lang, minutes),
        Pace::Over(minutes) => format::working_left(shell.lang, -minutes),
        Pace::Stopped => shell.text("dossier-pace-stopped"),
        Pace::InTime => shell.text("dossier-pace-in-time"),
        Pace::Late => shell.text("dossier-pace-late"),
        Pace::None => return html! { span.muted { "–" } },
    };
    components::tag(pace.tone(), &words)
}

/// Everything that the applicant's page of one dossier shows.
pub(crate) struct Track<'a> {
    pub(crate) dossier: &'a Dossier,
    pub(crate) events: &'a [Event],
    /// Opened reasons, by position of the event; empty for the public page.
    pub(crate) notes: &'a [Option<String>],
    pub(crate) files: &'a [NamedFile],
    pub(crate) supplements: &'a [OpenSupplement],
    /// Opened reasons of refusals and denials, by their step.
    pub(crate) grounds: &'a [(EventId, Vec<Defect>)],
    pub(crate) hand_over: Option<&'a (Delivery, HandOver)>,
    /// The process under which it runs, which names the stages.
    pub(crate) process: &'a Process,
    pub(crate) uses: &'a [identity::useof::Use],
    pub(crate) now: Timestamp,
    pub(crate) calendar: &'a WorkingCalendar,
    /// The applicant herself looks, not somebody with the code and four digits.
    pub(crate) is_own: bool,
    pub(crate) may_withdraw: bool,
    /// What is owed, and how to pay it.
    pub(crate) fees: Markup,
    /// What other units work on.
    pub(crate) children: &'a [Child],
}

/// A request for more, opened.
#[derive(Debug, Clone)]
pub(crate) struct OpenSupplement {
    pub(crate) asked_at: Timestamp,
    pub(crate) asked_by: String,
    pub(crate) asked_unit: String,
    pub(crate) is_before_reception: bool,
    /// The step of the process at which it was asked; none for what was asked before that was kept.
    pub(crate) step: Option<String>,
    pub(crate) defects: Vec<Defect>,
    pub(crate) answered_at: Option<Timestamp>,
    pub(crate) answer: String,
}

/// The page of one dossier for its applicant, or for somebody who knows code and digits.
pub(crate) fn track(shell: &Shell, track: &Track<'_>) -> Markup {
    let dossier = track.dossier;
    html! {
        h1 class=[components::title_class(&dossier.procedure_name)] { (brief(shell.lang, &dossier.procedure_name)) }
        p.lead.num {
            span.whole { (shell.text_with("track-code", &[("code", dossier.code.to_string().into())])) } " "
            (pace_tag(shell, dossier, track.now, track.calendar))
        }
        @if track.is_own { (urgent(shell, track)) }
        (track.fees)
        (next(shell, track))
        (crate::child::view::lies(shell, track.children, track.now))
        div.two {
            div {
                (components::steps_list(shell.lang, &steps(shell, track)))
                @if track.is_own { (own_parts(shell, track)) }
            }
            @if track.is_own { aside.later { (looked(shell, track)) (paper(shell, track)) } }
        }
    }
}

fn urgent(shell: &Shell, track: &Track<'_>) -> Markup {
    let open = track.supplements.iter().find(|one| one.answered_at.is_none());
    let id = track.dossier.id;
    html! {
        @if let Some(open) = open {
            (components::note(Tone::Soon, &shell.text("track-supplement-title"), &html! {
                p.small { (stage(shell, open, track.process)) }
                (defects(shell, &open.defects))
                p { (components::button_link(ButtonKind::Main, &format!("/my/dossiers/{id}/supplement"), &shell.text("track-supplement-answer"))) }
            }))
        }
    }
}

/// A list of defects with remedies and clauses.
pub(crate) fn defects(shell: &Shell, defects: &[Defect]) -> Markup {
    html! {
        ol {
            @for defect in defects { li {
                b { (defect.what) }
                @if !defect.remedy.is_empty() { br; (shell.text("track-remedy")) " " (defect.remedy) }
                @if !defect.example.is_empty() { br; (shell.text("track-example")) " " (defect.example) }
                @if !defect.clause.is_empty() { br; span.small.muted { (shell.text("track-clause")) " " (defect.clause) } }
            } }
        }
    }
}

/// At which stage more was asked for.
pub(crate) fn stage(shell: &Shell, one: &OpenSupplement, process: &Process) -> String {
    if one.is_before_reception {
        return shell.text("track-stage-before");
    }
    match &one.step {
        Some(step) => {
            let label = process.label(step).get(shell.lang).to_owned();
            shell.text_with("track-stage-step", &[("step", label.into())])
        }
        None => shell.text("track-stage-after"),
    }
}

/// How the result left the house, for its applicant and for officers; the carrier's pages are named and never fetched.
pub(crate) fn hand_over_rows(shell: &Shell, (way, given): &(Delivery, HandOver)) -> Vec<SummaryRow> {
    let mut rows = vec![
        SummaryRow::new(shell.text("desk-delivery"), shell.text(&format!("draft-by-{way}"))),
        SummaryRow::new(shell.text("desk-taken-by"), &given.taken_by),
    ];
    if let Some(proof) = given.proof {
        let words = shell.text(&format!("hand-over-proof-{proof}"));
        rows.push(SummaryRow::new(shell.text("hand-over-proof"), words));
    }
    if !given.post_item.is_empty() {
        let track = given
            .carrier
            .map(|carrier| shell.text(&format!("hand-over-track-{carrier}")));
        let words = format!("{}\n{}", given.post_item, track.unwrap_or_default());
        rows.push(SummaryRow::new(shell.text("hand-over-post-item"), words.trim()));
    }
    rows
}

fn steps(shell: &Shell, track: &Track<'_>) -> Vec<Step> {
    let told = rules::told(track.events);
    let state = track.dossier.state;
    let mut steps: Vec<Step> = Vec::new();
    for (at, event) in told.iter().enumerate() {
        let last = at + 1 == told.len();
        let step = match (last, state) {
            (true, State::Refused | State::Stopped | State::Withdrawn) => StepState::Stopped,
            (true, State::Returned) | (false, _) => StepState::Done,
            (true, _) => StepState::Now,
        };
        let note = track
            .events
            .iter()
            .position(|one| one.id == event.id)
            .filter(|_| rules::is_for_applicant(event))
            .and_then(|at| track.notes.get(at))
            .cloned()
            .flatten();
        steps.push(Step {
            state: step,
            title: shell.text(&format!("track-did-{}", event.action)),
            detail: html! {
                (detail(shell, event, note.as_deref()))
                @if let Some((_, grounds)) = track.grounds.iter().find(|(of, _)| *of == event.id) { (defects(shell, grounds)) }
            },
        });
    }
    for key in rules::ahead(state) {
        let detail = if *key == "return" {
            due(shell, track.dossier)
        } else {
            html! {}
        };
        steps.push(Step {
            state: StepState::Next,
            title: shell.text(&format!("track-next-{key}")),
            detail,
        });
    }
    steps
}

fn detail(shell: &Shell, event: &Event, note: Option<&str>) -> Markup {
    html! {
        span.num { time datetime=(format::machine_time(event.at)) { (format::date_time(shell.lang, event.at)) } }
        @match (&event.actor_name, &event.unit_name) {
            (Some(name), Some(unit)) => { " · " (name) ", " (unit) },
            (Some(name), None) => { " · " (name) },
            // The program itself: what follows from a decision about units.
            (None, Some(unit)) => { " · " (unit) },
            (None, None) => { " · " (shell.text("track-by-applicant")) },
        }
        @if let Some(note) = note { p.kept { (note) } }
    }
}

fn due(shell: &Shell, dossier: &Dossier) -> Markup {
    let way = shell.text(&format!("track-way-{}", dossier.delivery));
    html! {
        @match dossier.due_at {
            Some(at) => {
                span.num { (shell.text_with("track-due", &[("at", format::long_date_time(shell.lang, at).into())])) } " · " (way)
                @if !dossier.is_due_confirmed { p.small { (shell.text("track-due-unconfirmed")) } }
            },
            None => (way),
        }
    }
}

fn next(shell: &Shell, track: &Track<'_>) -> Markup {
    let dossier = track.dossier;
    let words = match dossier.state {
        State::Submitted => shell.text_with(
            "track-turn-submitted",
            &[("at", format::long_date_time(shell.lang, dossier.check_by).into())],
        ),
        state => shell.text(&format!("track-turn-{state}")),
    };
    components::note(
        if dossier.state.waits_for_applicant() {
            Tone::Soon
        } else {
            Tone::Info
        },
        &shell.text("track-next-title"),
        &html! {
            p { (words) }
            @if dossier.state == State::Approved && dossier.delivery == Delivery::PickUp { p { (dossier.desk_name) } }
        },
    )
}

fn looked(shell: &Shell, track: &Track<'_>) -> Markup {
    html! {
        h2.first { (shell.text("track-looked")) }
        @if track.uses.is_empty() { p.small.muted { (shell.text("track-looked-nobody")) } } @else {
            ul.small { @for one in track.uses.iter().take(10) {
                li { (one.who) ", " (one.unit_name) span.muted.num { " · " (format::date_time(shell.lang, one.at)) } }
            } }
        }
        p.small.no-print { a href="/my/data-use" { (shell.text("track-looked-all")) } }
    }
}

fn paper(shell: &Shell, track: &Track<'_>) -> Markup {
    let id = track.dossier.id;
    html! {
        p.no-print { a href={ "/my/dossiers/" (id) "/receipt" } { (shell.text("track-receipt")) } }
        @if track.may_withdraw {
            (components::details(&shell.text("track-withdraw"), &html! {
                p { (shell.text("track-withdraw-hint")) }
                (components::post_button(shell, ButtonKind::Danger, &format!("/my/dossiers/{id}/withdraw"),
                    &[("revision", &track.dossier.revision.to_string())], &shell.text("track-withdraw-button")))
            }))
        }
    }
}

fn own_parts(shell: &Shell, track: &Track<'_>) -> Markup {
    let results: Vec<&NamedFile> = track
        .files
        .iter()
        .filter(|file| file.row.purpose == FilePurpose::Result)
        .collect();
    let papers: Vec<&NamedFile> = track
        .files
        .iter()
        .filter(|file| matches!(file.row.purpose, FilePurpose::Component | FilePurpose::Supplement))
        .collect();
    let show_results = matches!(track.dossier.state, State::Approved | State::Returned);
    html! {
        @if show_results && !results.is_empty() {
            h2 { (shell.text("track-result")) }
            (file_list(shell, track.dossier, &results))
        }
        @if !papers.is_empty() {
            h2 { (shell.text("track-papers")) }
            (file_list(shell, track.dossier, &papers))
        }
        @if let Some(given) = track.hand_over {
            h2 { (shell.text("hand-over-title")) }
            (components::summary_list(&hand_over_rows(shell, given)))
        }
        @for one in track.supplements.iter().filter(|one| one.answered_at.is_some()) {
            (components::details(&shell.text_with("track-supplement-past", &[("at", format::date_time(shell.lang, one.asked_at).into())]), &html! {
                p.small.muted { (one.asked_by) ", " (one.asked_unit) " · " (stage(shell, one, track.process)) }
                (defects(shell, &one.defects))
                @if !one.answer.is_empty() { p.kept { (one.answer) } }
            }))
        }
    }
}

fn file_list(shell: &Shell, dossier: &Dossier, files: &[&NamedFile]) -> Markup {
    html! {
        ul.kept-files { @for file in files { li {
            (crate::file::view::link(shell, &format!("/my/dossiers/{}/files/{}", dossier.id, file.row.id), file))
            " " span.small.muted.num { (format::file_size(shell.lang, u64::try_from(file.row.size_bytes).unwrap_or(0))) }
            " " (sha(shell, &file.row.sha256))
        } } }
    }
}

/// All dossiers of one's own.
pub(crate) fn list(shell: &Shell, dossiers: &[Dossier], now: Timestamp, calendar: &WorkingCalendar) -> Markup {
    html! {
        h1 { (shell.text("track-list-title")) }
        @if dossiers.is_empty() {
            (components::empty(&shell.text("track-none"), Some(("/procedures", &shell.text("draft-find")))))
        } @else {
            div.scroll { table.stack {
                caption { (shell.text_with("track-count", &[("n", i64::try_from(dossiers.len()).unwrap_or(0).into())])) }
                thead { tr {
                    th scope="col" { (shell.text("desk-code")) } th scope="col" { (shell.text("desk-procedure")) } th scope="col" { (shell.text("desk-state")) } th scope="col" { (shell.text("desk-due")) }
                } }
                tbody { @for dossier in dossiers { tr {
                    th scope="row" { a.num.whole href={ "/my/dossiers/" (dossier.id) } { (dossier.code) } }
                    td data-l=(shell.text("desk-procedure")) { (brief(shell.lang, &dossier.procedure_name)) }
                    td { (state_tag(shell, dossier.state)) }
                    td { (pace_tag(shell, dossier, now, calendar)) }
                } } }
            } }
        }
        p { a href="/my/drafts" { (shell.text("draft-list-title")) } }
    }
}

/// What anybody may know who has the code alone: the state and its day.
pub(crate) fn bare(shell: &Shell, dossier: &Dossier, form: &Markup) -> Markup {
    html! {
        h1 { (shell.text_with("track-code", &[("code", dossier.code.to_string().into())])) }
        (components::facts(&[
            Fact::new(shell.text("desk-state"), shell.text(&format!("dossier-state-{}", dossier.state))),
            Fact::new(shell.text("track-since"), format::date(shell.lang, dossier.changed_at.local_date())),
        ]))
        h2 { (shell.text("track-more-title")) }
        p { (shell.text("track-more-hint")) }
        (form)
    }
}

/// The page on which one asks for a request's answer.
pub(crate) fn supplement(
    shell: &Shell,
    dossier: &Dossier,
    open: &OpenSupplement,
    process: &Process,
    form: &Markup,
) -> Markup {
    html! {
        (components::back_link(shell.lang, &format!("/my/dossiers/{}", dossier.id)))
        h1 { (shell.text("track-supplement-answer")) }
        p.lead.num { (brief(shell.lang, &dossier.procedure_name)) " · " span.whole { (dossier.code) } }
        (components::summary_list(&[
            SummaryRow::new(shell.text("track-supplement-asked"), format!("{}, {} · {}", open.asked_by, open.asked_unit, format::date_time(shell.lang, open.asked_at))),
            SummaryRow::new(shell.text("track-stage"), stage(shell, open, process)),
        ]))
        (defects(shell, &open.defects))
        p { (shell.text("track-supplement-clock")) }
        (form)
    }
}
