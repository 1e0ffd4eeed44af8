//! What pages of child dossiers look like: the work list of a unit, one of them beside what it is about, how the dossier's page
//! names it to officers, and how it is told to the applicant. They read no table and decide nothing.

use kernel::Timestamp;
use kernel::calendar::WorkingCalendar;
use maud::{Markup, html};
use web::Shell;
use web::components::{self, ButtonKind, Fact, Tab, Tone};
use web::format;

use super::store::Listed;
use super::{Child, ChildAction, ChildEvent, ChildState, ChildStop, form};
use crate::coordination::Coordination;
use crate::dossier::{Content, Dossier};
use crate::draft::view::{NamedFile, sha};
use crate::procedure::form::FormSchema;
use crate::procedure::view::brief;
use crate::process::Process;
use crate::track::rules::Pace;

/// The state as a tag.
pub(crate) fn state_tag(shell: &Shell, child: &Child) -> Markup {
    let tone = match child.state {
        ChildState::Sent | ChildState::Waiting => Tone::Soon,
        ChildState::Accepted | ChildState::Processing | ChildState::Proposed => Tone::Info,
        ChildState::Answered => Tone::Ok,
        ChildState::GivenBack => Tone::Late,
        ChildState::SentOn | ChildState::TakenBack | ChildState::Ended => Tone::Plain,
    };
    components::tag(tone, &shell.text(&format!("child-state-{}", child.state)))
}

/// How its deadline stands.
fn pace(child: &Child, now: Timestamp, calendar: &WorkingCalendar) -> Pace {
    if !child.is_open() {
        return match child.state {
            _ if child.is_late => Pace::Late,
            ChildState::Answered => Pace::InTime,
            _ => Pace::None,
        };
    }
    if child.stopped_at.is_some() {
        return Pace::Stopped;
    }
    let minutes = calendar.working_time_between(now, child.due_at).as_mins();
    if now > child.due_at {
        Pace::Over((-minutes).max(1))
    } else {
        Pace::Left(minutes)
    }
}

/// The deadline as a tag, in the colours of every work list.
pub(crate) fn pace_tag(shell: &Shell, child: &Child, now: Timestamp, calendar: &WorkingCalendar) -> Markup {
    let pace = pace(child, now, calendar);
    let words = match pace {
        Pace::Left(minutes) => format::working_left(shell.lang, minutes),
        Pace::Over(minutes) => format::working_left(shell.lang, -minutes),
        Pace::Stopped => shell.text("dossier-pace-stopped"),
        Pace::InTime => shell.text("dossier-pace-in-time"),
        Pace::Late => shell.text("dossier-pace-late"),
        Pace::None => return html! {},
    };
    components::tag(pace.tone(), &words)
}

/// Everything that the list shows.
pub(super) struct List<'a> {
    pub(super) rows: &'a [Listed],
    pub(super) total: i64,
    pub(super) view: &'a str,
    pub(super) more: bool,
    pub(super) now: Timestamp,
    pub(super) calendar: &'a WorkingCalendar,
}

/// The open child dossiers of the officer's units.
pub(super) fn list(shell: &Shell, list: &List<'_>) -> Markup {
    let tabs: Vec<Tab> = [("", "all"), ("mine", "mine"), ("over", "over")]
        .into_iter()
        .map(|(view, word)| Tab {
            href: format!("/desk/child-dossiers?view={view}"),
            label: shell.text(&format!("child-tab-{word}")),
            count: (view.is_empty()).then(|| u64::try_from(list.total).unwrap_or(0)),
            current: list.view == view,
        })
        .collect();
    html! {
        h1 { (shell.text("child-title")) }
        p.muted { (shell.text("child-about")) }
        (components::tabs(shell.lang, &shell.text("child-title"), &tabs))
        @if list.rows.is_empty() { (components::empty(&shell.text("child-none"), Some(("/desk", &shell.text("desk-title"))))) } @else {
            div.scroll tabindex="0" role="region" aria-label=(shell.text("child-title")) { table.stack {
                caption.hidden { (shell.text("child-title")) }
                thead { tr {
                    th scope="col" { (shell.text("desk-code")) }
                    th scope="col" { (shell.text("desk-procedure")) }
                    th scope="col" { (shell.text("child-from")) }
                    th scope="col" { (shell.text("desk-state")) }
                    th scope="col" { (shell.text("desk-assignee")) }
                    th scope="col" { (shell.text("desk-due")) }
                } }
                tbody { @for row in list.rows { (line(shell, row, list)) } }
            } }
        }
        @if list.more { @if let Some(last) = list.rows.last() {
            p { a href={ "/desk/child-dossiers?view=" (list.view) "&after=" (last.child.due_at.as_micros()) "." (last.child.id) } { (shell.text("child-more")) } }
        } }
    }
}

fn line(shell: &Shell, row: &Listed, list: &List<'_>) -> Markup {
    let child = &row.child;
    html! { tr {
        th scope="row" { a.num.whole href={ "/desk/child-dossiers/" (child.id) } { (child.code) } }
        td data-l=(shell.text("desk-procedure")) { (brief(shell.lang, &row.procedure_name)) br; span.small.muted { (row.person_mask) } }
        td data-l=(shell.text("child-from")) { (child.from_name) }
        td { (state_tag(shell, child)) }
        td data-l=(shell.text("desk-assignee")) { (child.assignee_name.as_deref().unwrap_or("–")) }
        td { (pace_tag(shell, child, list.now, list.calendar)) br; span.small.muted.num { (format::date_time(shell.lang, child.due_at)) } }
    } }
}

/// Everything that the page of one shows.
pub(super) struct One<'a> {
    pub(super) child: &'a Child,
    pub(super) request: &'a Coordination,
    pub(super) dossier: &'a Dossier,
    pub(super) siblings: &'a [Child],
    pub(super) content: &'a Content,
    pub(super) schema: &'a FormSchema,
    pub(super) files: &'a [NamedFile],
    pub(super) answer_files: &'a [NamedFile],
    pub(super) question: Option<String>,
    pub(super) answer: Option<String>,
    pub(super) process: &'a Process,
    pub(super) events: &'a [ChildEvent],
    /// Opened words of the steps, by position.
    pub(super) notes: &'a [Option<String>],
    pub(super) stops: &'a [ChildStop],
    pub(super) actions: &'a [ChildAction],
    /// The officer may open the dossier itself.
    pub(super) reads_parent: bool,
    pub(super) now: Timestamp,
    pub(super) calendar: &'a WorkingCalendar,
}

/// The page of one child dossier.
pub(super) fn one(shell: &Shell, page: &One<'_>) -> Markup {
    let child = page.child;
    let by_process = || {
        let step = page.request.step.clone();
        shell.text_with("coordination-by-process", &[("step", step.into())])
    };
    html! {
        h1 class=[components::title_class(&page.dossier.procedure_name)] { (brief(shell.lang, &page.dossier.procedure_name)) }
        p.lead.num { span.whole { (child.code) } " " (state_tag(shell, child)) " " (pace_tag(shell, child, page.now, page.calendar)) }
        (components::facts(&facts(shell, page)))
        (whose(shell, child, page.now, page.calendar))
        div.two {
            div {
                h2.first { (shell.text("child-question")) }
                p.kept { (page.question.clone().filter(|text| !text.is_empty()).unwrap_or_else(by_process)) }
                @if page.answer.is_some() || !page.answer_files.is_empty() {
                    h2 { (shell.text("child-answer")) }
                    @if let Some(answer) = &page.answer { p.kept { (answer) } }
                    (file_list(shell, child, page.answer_files))
                }
                h2 { (shell.text("desk-applicant")) }
                (components::summary_list(&crate::desk::view::applicant(shell, page.dossier, page.content)))
                h2 { (shell.text("draft-title-form")) }
                (components::summary_list(&crate::desk::view::answers(shell, page.schema, page.content)))
                h2 { (shell.text("track-papers")) }
                @if page.files.is_empty() { p.muted { (shell.text("desk-no-files")) } }
                (file_list(shell, child, page.files))
                h2 { (shell.text("child-steps")) }
                (crate::process::view::course(shell, page.process, page.child.is_open().then_some(&child.position)))
                (stops(shell, page.stops))
                h2 { (shell.text("desk-history")) }
                ol { @for (event, note) in page.events.iter().zip(page.notes) { li { (step(shell, event, note.as_deref())) } } }
            }
            aside { (actions(shell, page)) }
        }
    }
}

fn facts(shell: &Shell, page: &One<'_>) -> Vec<Fact> {
    let (child, lang) = (page.child, shell.lang);
    let at = |at| format::date_time(lang, at);
    let mut from = Fact::new(shell.text("child-from"), child.from_name.clone()).more(at(child.sent_at));
    if let Some(previous) = page.siblings.iter().find(|one| Some(one.id) == child.previous) {
        let name = previous.unit_name.clone();
        from = from.more(shell.text_with("child-sent-on-by", &[("unit", name.into())]));
    }
    let accepted = match child.accepted_at {
        Some(when) if child.is_late_accept => {
            Fact::new(shell.text("child-accepted"), at(when)).more(shell.text("child-accept-late"))
        }
        Some(when) => Fact::new(shell.text("child-accepted"), at(when)),
        None => Fact::new(shell.text("child-accepted"), "–")
            .more(shell.text_with("child-accept-by", &[("at", at(child.accept_by).into())])),
    };
    let limit = child.limit().map(|limit| limit.text(lang)).unwrap_or_default();
    let mut due = Fact::new(shell.text("child-due"), at(child.due_at)).more(limit);
    if !child.is_due_confirmed {
        due = due.more(shell.text("track-due-unconfirmed"));
    }
    vec![
        Fact::new(shell.text("child-unit"), child.unit_name.clone())
            .more(child.assignee_name.clone().unwrap_or_else(|| shell.text("desk-nobody"))),
        from,
        accepted,
        due,
    ]
}

/// Whose lateness it is, when there is any.
fn whose(shell: &Shell, child: &Child, now: Timestamp, calendar: &WorkingCalendar) -> Markup {
    let over = child.over(now, calendar);
    html! {
        @if over > 0 {
            @let words = [("unit", child.unit_name.clone().into()), ("over", format::working_time(shell.lang, (over + 59) / 60).into())];
            (components::note(Tone::Late, &shell.text("child-late"), &html! { p { (shell.text_with("child-late-whose", &words)) } }))
        }
    }
}

fn file_list(shell: &Shell, child: &Child, files: &[NamedFile]) -> Markup {
    html! {
        @if !files.is_empty() { ul.kept-files { @for file in files { li {
            (crate::file::view::link(shell, &format!("/desk/child-dossiers/{}/files/{}", child.id, file.row.id), file))
            " " span.small.muted.num { (format::file_size(shell.lang, u64::try_from(file.row.size_bytes).unwrap_or(0))) }
            " " (sha(shell, &file.row.sha256))
        } } } }
    }
}

/// Each stop of the clock, with what it did to the date.
fn stops(shell: &Shell, stops: &[ChildStop]) -> Markup {
    let at = |at| format::date_time(shell.lang, at);
    html! {
        @if !stops.is_empty() {
            h2 { (shell.text("child-stops")) }
            ul { @for stop in stops { li {
                (shell.text(&format!("child-stop-{}", stop.cause))) ": "
                span.num { (at(stop.started_at)) " – " @match stop.ended_at { Some(ended) => (at(ended)), None => (shell.text("child-stop-open")) } }
                @if let Some(due) = stop.due_after { @if due != stop.due_before {
                    br; span.small.muted.num { (shell.text_with("child-stop-due", &[("before", at(stop.due_before).into()), ("after", at(due).into())])) }
                } }
            } } }
        }
    }
}

fn step(shell: &Shell, event: &ChildEvent, note: Option<&str>) -> Markup {
    html! {
        b { (shell.text(&format!("child-did-{}", event.action))) } " "
        span.muted.num { (format::date_time(shell.lang, event.at)) }
        @if let Some(name) = &event.actor_name { " · " (name) @if let Some(unit) = &event.unit_name { ", " (unit) } }
        @if let Some(to) = &event.to_name { " · " (shell.text_with("history-to", &[("name", to.clone().into())])) }
        @if let Some(note) = note { p.kept { (note) } }
    }
}

fn actions(shell: &Shell, page: &One<'_>) -> Markup {
    let child = page.child;
    let path = format!("/desk/child-dossiers/{}", child.id);
    let revision = child.revision.to_string();
    html! {
        div.card {
            h2.first { (shell.text("desk-actions")) }
            @if page.actions.is_empty() { p.muted { (shell.text("desk-no-actions")) } }
            @for (at, action) in page.actions.iter().enumerate() {
                @let label = shell.text(&format!("child-do-{action}"));
                @let ends = matches!(*action, ChildAction::GiveBack | ChildAction::SendOn | ChildAction::TakeBack);
                @let kind = if at == 0 && !ends { ButtonKind::Main } else { ButtonKind::Quiet };
                @if form::is_plain(*action) {
                    (components::post_button(shell, kind, &format!("{path}/{action}"), &[("revision", &revision)], &label))
                } @else {
                    p { (components::button_link(kind, &format!("{path}/{action}"), &label)) }
                }
            }
            @if page.reads_parent { p { a href={ "/desk/dossiers/" (page.dossier.id) } { (shell.text("child-to-dossier")) " " span.num.whole { (page.dossier.code) } } } }
        }
        p.small.muted { (shell.text("desk-use-recorded")) }
    }
}

/// The page of one action.
pub(super) fn act(shell: &Shell, child: &Child, (dossier, action): (&Dossier, ChildAction), form: &Markup) -> Markup {
    html! {
        (components::back_link(shell.lang, &format!("/desk/child-dossiers/{}", child.id)))
        p.small.muted.num { span.whole { (child.code) } " · " (brief(shell.lang, &dossier.procedure_name)) " · " (dossier.person_mask) }
        h1 { (shell.text(&format!("child-do-{action}"))) }
        p { (shell.text(&format!("child-about-{action}"))) }
        (form)
    }
}

/// The child dossiers of a dossier, on the officers' page of it: where each lies, how its clock stands, and whose lateness it is.
pub(crate) fn of_dossier(shell: &Shell, children: &[Child], now: Timestamp, calendar: &WorkingCalendar) -> Markup {
    html! {
        @if !children.is_empty() {
            h2 { (shell.text("child-of-dossier")) }
            ul { @for child in children { li {
                a href={ "/desk/child-dossiers/" (child.id) } { span.num.whole { (child.code) } } " " (child.unit_name) " "
                (state_tag(shell, child)) " " (pace_tag(shell, child, now, calendar))
                br; span.small.muted.num { (shell.text_with("child-due-at", &[("at", format::date_time(shell.lang, child.due_at).into())])) }
                @let over = child.over(now, calendar);
                @if over > 0 {
                    br; span.small { (shell.text_with("child-late-whose", &[("unit", child.unit_name.clone().into()), ("over", format::working_time(shell.lang, (over + 59) / 60).into())])) }
                }
                @if child.state == ChildState::GivenBack { br; span.small { (shell.text("child-given-back-next")) } }
            } } }
        }
    }
}

/// In plain words for the applicant: where her dossier lies meanwhile, until when, and that her own date does not change.
pub(crate) fn lies(shell: &Shell, children: &[Child], now: Timestamp) -> Markup {
    let open: Vec<&Child> = children.iter().filter(|child| child.is_open()).collect();
    html! {
        @if !open.is_empty() {
            (components::note(Tone::Info, &shell.text("child-lies-title"), &html! {
                @for child in open {
                    @let key = match () {
                        () if child.stopped_at.is_some() => "child-lies-stopped",
                        () if child.due_at < now => "child-lies-late",
                        () => "child-lies",
                    };
                    p { (shell.text_with(key, &[
                        ("unit", child.unit_name.clone().into()),
                        ("since", format::date_time(shell.lang, child.sent_at).into()),
                        ("until", format::date_time(shell.lang, child.due_at).into()),
                    ])) }
                }
                p.small { (shell.text("child-lies-more")) }
            }))
        }
    }
}

/// How many there are at the officer's units, above her work list.
pub(crate) fn waiting(shell: &Shell, count: i64) -> Markup {
    html! {
        @if count > 0 {
            p { a href="/desk/child-dossiers" { (shell.text_with("child-waiting", &[("n", count.into())])) } }
        }
    }
}
