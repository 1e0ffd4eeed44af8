//! What pages of coordination look like: a list by date, one request beside what it is about.
//! They read no table and decide nothing.

use kernel::Timestamp;
use kernel::calendar::WorkingCalendar;
use maud::{Markup, html};
use web::Shell;
use web::components::{self, ButtonKind, Fact, SummaryRow, Tone};
use web::format;

use super::{Coordination, CoordinationState};
use crate::child::Child;
use crate::dossier::{Content, Dossier};
use crate::draft::rules::phone_shown;
use crate::draft::view::NamedFile;
use crate::procedure::view::brief;

/// The state as a tag; what is over its time is told so.
pub(crate) fn tag(shell: &Shell, request: &Coordination, now: Timestamp) -> Markup {
    let tone = match request.state {
        CoordinationState::Asked | CoordinationState::Accepted if request.due_at < now => Tone::Late,
        CoordinationState::Asked => Tone::Soon,
        CoordinationState::Accepted => Tone::Info,
        CoordinationState::Answered => Tone::Ok,
        CoordinationState::Silent => Tone::Late,
        CoordinationState::GivenBack | CoordinationState::TakenBack | CoordinationState::SentOn => Tone::Plain,
    };
    components::tag(tone, &shell.text(&format!("coordination-state-{}", request.state)))
}

fn due(shell: &Shell, request: &Coordination, now: Timestamp, calendar: &WorkingCalendar) -> Markup {
    let at = format::date_time(shell.lang, request.due_at);
    let is_over = request.state.is_open() && request.due_at < now;
    let minutes = calendar.working_time_between(request.due_at, now).as_mins().max(1);
    html! {
        span.num { (at) }
        @if is_over { br; span.small { (shell.text_with("coordination-over", &[("n", (minutes / 60 + 1).into())])) } }
    }
}

/// The open requests to the officer's units.
pub(crate) fn list(
    shell: &Shell,
    rows: &[(Coordination, String, String)],
    total: i64,
    now: Timestamp,
    calendar: &WorkingCalendar,
) -> Markup {
    html! {
        h1 { (shell.text("coordination-title")) }
        p.muted { (shell.text_with("coordination-count", &[("n", total.into())])) }
        @if !rows.is_empty() {
            div.scroll tabindex="0" role="region" aria-label=(shell.text("coordination-title")) { table {
                caption.hidden { (shell.text("coordination-title")) }
                thead { tr {
                    th scope="col" { (shell.text("desk-code")) }
                    th scope="col" { (shell.text("desk-procedure")) }
                    th scope="col" { (shell.text("coordination-from")) }
                    th scope="col" { (shell.text("desk-state")) }
                    th scope="col" { (shell.text("desk-due")) }
                } }
                tbody { @for (request, code, procedure) in rows { tr {
                    td { a.num.whole href={ "/desk/coordination/" (request.id) } { (code) } br; span.small.muted { (shell.text(&format!("coordination-kind-{}", request.kind))) } }
                    td { (brief(shell.lang, procedure)) }
                    td { (request.asked_unit) }
                    td { (tag(shell, request, now)) }
                    td { (due(shell, request, now, calendar)) }
                } } }
            } }
        }
    }
}

/// Everything that the page of one request shows.
pub(crate) struct One<'a> {
    pub(crate) request: &'a Coordination,
    pub(crate) dossier: &'a Dossier,
    pub(crate) content: &'a Content,
    pub(crate) files: &'a [NamedFile],
    pub(crate) question: Option<String>,
    pub(crate) answer: Option<String>,
    pub(crate) may_accept: bool,
    pub(crate) take_form: Option<Markup>,
    pub(crate) answer_form: Option<Markup>,
    pub(crate) back_form: Option<Markup>,
    pub(crate) now: Timestamp,
    pub(crate) calendar: &'a WorkingCalendar,
}

/// The page of one request.
pub(crate) fn one(shell: &Shell, page: &One<'_>) -> Markup {
    let (request, dossier) = (page.request, page.dossier);
    let act = |step: &str, kind| {
        let path = format!("/desk/coordination/{}/{step}", request.id);
        components::post_button(shell, kind, &path, &[], &shell.text(&format!("coordination-do-{step}")))
    };
    html! {
        h1 { (shell.text(&format!("coordination-kind-{}", request.kind))) }
        p.lead.num { span.whole { (dossier.code) } " " (tag(shell, request, page.now)) }
        (components::facts(&facts(shell, page)))
        div.two {
            div {
                h2.first { (shell.text("coordination-question")) }
                p.kept { (page.question.clone().unwrap_or_else(|| shell.text_with("coordination-by-process", &[("step", request.step.clone().into())]))) }
                @if let Some(answer) = &page.answer { h2 { (shell.text("coordination-answer")) }
                    @if let Some(opinion) = request.opinion { p { b { (shell.text(&format!("coordination-opinion-{opinion}"))) } } }
                    p.kept { (answer) }
                }
                h2 { (shell.text("desk-applicant")) }
                (components::summary_list(&applicant(shell, page)))
                h2 { (shell.text("track-papers")) }
                @if page.files.is_empty() { p.muted { (shell.text("desk-no-files")) } }
                ul.kept-files { @for file in page.files { li { (file.name) } } }
            }
            aside { div.card {
                h2.first { (shell.text("desk-actions")) }
                @if page.may_accept { (act("accept", ButtonKind::Main)) }
                @if let Some(form) = &page.answer_form { (form) }
                @if let Some(form) = &page.back_form { (components::details(&shell.text("coordination-do-give-back"), form)) }
                @if let Some(form) = &page.take_form { (components::details(&shell.text("coordination-do-take-back"), form)) }
                @if !page.may_accept && page.answer_form.is_none() && page.take_form.is_none() { p.muted { (shell.text("desk-no-actions")) } }
            }
            p.small.muted { (shell.text("desk-use-recorded")) } }
        }
    }
}

fn facts(shell: &Shell, page: &One<'_>) -> Vec<Fact> {
    let request = page.request;
    let at = |at| format::date_time(shell.lang, at);
    let mut facts = vec![
        Fact::new(shell.text("coordination-from"), request.asked_unit.clone()).more(at(request.asked_at)),
        Fact::new(shell.text("coordination-unit"), request.agency_name.clone()),
        Fact::new(shell.text("desk-due"), at(request.due_at)),
    ];
    if let (Some(when), Some(who)) = (request.accepted_at, &request.accepted_by) {
        facts.push(Fact::new(shell.text("coordination-accepted"), who.clone()).more(at(when)));
    }
    if request.state.is_open() && request.due_at < page.now {
        let hours = page.calendar.working_time_between(request.due_at, page.now).as_mins() / 60 + 1;
        let over = shell.text_with("coordination-over", &[("n", hours.into())]);
        facts.push(Fact::new(shell.text("desk-state"), over));
    }
    facts
}

fn applicant(shell: &Shell, page: &One<'_>) -> Vec<SummaryRow> {
    vec![
        SummaryRow::new(shell.text("draft-name"), &page.content.name),
        SummaryRow::new(shell.text("draft-person-id"), &page.content.person_id),
        SummaryRow::new(shell.text("draft-phone"), phone_shown(&page.content.phone)),
        SummaryRow::new(shell.text("draft-address"), &page.content.address),
    ]
}

/// The form that asks another unit.
pub(crate) fn ask(shell: &Shell, dossier: &Dossier, form: &Markup) -> Markup {
    html! {
        (components::back_link(shell.lang, &format!("/desk/dossiers/{}", dossier.id)))
        p.small.muted.num { span.whole { (dossier.code) } " · " (brief(shell.lang, &dossier.procedure_name)) " · " (dossier.person_mask) }
        h1 { (shell.text("coordination-do-ask")) }
        p { (shell.text("coordination-about-ask")) }
        (form)
    }
}

/// The requests of a dossier, on the officers' page of it. Work that was handed over stands there with its own clock.
pub(crate) fn of_dossier(shell: &Shell, requests: &[Coordination], children: &[Child], now: Timestamp) -> Markup {
    let has_child = |one: &&Coordination| children.iter().any(|child| child.id.uuid() == one.id.uuid());
    let requests: Vec<&Coordination> = requests.iter().filter(|one| !has_child(one)).collect();
    html! {
        @if !requests.is_empty() {
            h2 { (shell.text("coordination-of-dossier")) }
            ul { @for one in requests { li {
                a href={ "/desk/coordination/" (one.id) } { (shell.text(&format!("coordination-kind-{}", one.kind))) ": " (one.agency_name) }
                " " (tag(shell, one, now)) " "
                span.muted.num { (format::date_time(shell.lang, one.due_at)) }
                @if let Some(opinion) = one.opinion { " · " (shell.text(&format!("coordination-opinion-{opinion}"))) }
            } } }
        }
    }
}
