//! What the officers' pages look like: dense but quiet, the nearest deadline first, one main action.
//! It reads no table and decides nothing; names in lists are masked before they come here.

use kernel::Timestamp;
use kernel::calendar::WorkingCalendar;
use maud::{Markup, html};
use web::Shell;
use web::components::{self, ButtonKind, Fact, SummaryRow, Tab as TabLink, Tone};
use web::format;
use web::table::{Column, Filter, Paging, Row, Table, TableQuery};

use super::choices::Choices;
use super::http::NOBODY;
use super::store::TabCounts;
use super::{Colour, Tab};
use crate::bulk::{self, view::Bar};
use crate::child::{self, Child};
use crate::comment::{self, Comment};
use crate::coordination::{self, Coordination};
use crate::dossier::state::{Action, Delivery, Representation};
use crate::dossier::{Content, Defect, Dossier, Event, EventId, HandOver};
use crate::draft::rules::{phone_shown, shown};
use crate::draft::view::{NamedFile, sha};
use crate::file::FilePurpose;
use crate::handover;
use crate::procedure::form::FormSchema;
use crate::procedure::view::{brief, shorten};
use crate::process::{self, Process};
use crate::track::view::{OpenSupplement, defects, hand_over_rows, pace_tag, stage, state_tag};

/// The tabs above the work list.
pub(crate) fn tabs(shell: &Shell, current: Tab, counts: &TabCounts, stands_in: bool) -> Markup {
    let count = |tab: Tab| match tab {
        Tab::All => Some(counts.open),
        Tab::Mine => Some(counts.mine),
        Tab::Overdue => Some(counts.overdue),
        Tab::Today => Some(counts.today),
        Tab::Waiting => Some(counts.waiting),
        Tab::ToReturn => Some(counts.to_return),
        Tab::Closed | Tab::StandIn => None,
    };
    let links: Vec<TabLink> = Tab::ALL
        .iter()
        .filter(|&&tab| stands_in || tab != Tab::StandIn)
        .map(|&tab| TabLink {
            href: format!("/desk?tab={tab}"),
            label: shell.text(&format!("desk-tab-{tab}")),
            count: count(tab).and_then(|count| u64::try_from(count).ok()),
            current: tab == current,
        })
        .collect();
    components::tabs(shell.lang, &shell.text("desk-tabs"), &links)
}

/// Letters of a name in a list to choose from: browsers make the list as wide as its longest line.
const OPTION_SHOWN: usize = 70;

/// The schema of the work list.
pub(crate) fn table(shell: &Shell, choices: &Choices, tab: Tab) -> Table {
    let states = tab
        .states()
        .into_iter()
        .map(|state| (state.word().to_owned(), shell.text(&format!("dossier-state-{state}"))))
        .collect();
    let procedures = choices
        .procedures
        .iter()
        .map(|(code, name)| (code.clone(), shorten(name, OPTION_SHOWN)))
        .collect();
    let colours = Colour::ALL
        .iter()
        .map(|colour| (colour.word().to_owned(), shell.text(&format!("desk-colour-{colour}"))))
        .collect();
    let mut officers = vec![(NOBODY.to_owned(), shell.text("desk-nobody"))];
    officers.extend(choices.officers.iter().cloned());
    let table = Table::new(
        "/desk",
        "desk-caption",
        vec![
            Column::new("code", "desk-code"),
            Column::new("procedure", "desk-procedure"),
            Column::new("person", "desk-person"),
            Column::new("state", "desk-state"),
            Column::new("due", "desk-due").plain_on_phones(),
            Column::new("entered", "desk-entered"),
        ],
    )
    .filter(Filter::choice("procedure", "desk-procedure", procedures))
    .filter(Filter::choice("state", "desk-state", states))
    .export("/desk/export.csv")
    .empty("desk-empty")
    .keep(&["tab"]);
    let table = match tab {
        Tab::Closed => table,
        _ => table.filter(Filter::choice("colour", "desk-colour", colours)),
    };
    let table = match tab {
        Tab::Mine => table,
        _ => table.filter(Filter::choice("officer", "desk-assignee", officers)),
    };
    if choices.units.is_empty() {
        table
    } else {
        table.filter(Filter::choice("unit", "desk-unit", choices.units.clone()))
    }
}

/// A row of the work list.
pub(crate) fn row(shell: &Shell, dossier: &Dossier, now: Timestamp, calendar: &WorkingCalendar) -> Row {
    Row::new(vec![
        html! { span.num.whole { (dossier.code) } },
        html! { (brief(shell.lang, &dossier.procedure_name)) },
        html! { (dossier.person_mask) },
        html! {
            (state_tag(shell, dossier.state))
            @if let Some(name) = &dossier.assignee_name { br; span.small.muted { (name) } }
        },
        pace_tag(shell, dossier, now, calendar),
        html! { span.muted { (shell.text(&format!("dossier-entered-{}", dossier.entered))) } },
    ])
    .link(format!("/desk/dossiers/{}", dossier.id))
}

/// The same with a mark, for what is done to many at once.
pub(crate) fn marked_row(
    shell: &Shell,
    dossier: &Dossier,
    now: Timestamp,
    calendar: &WorkingCalendar,
    checked: bool,
) -> Row {
    let mut row = row(shell, dossier, now, calendar);
    row.href = None;
    if let Some(first) = row.cells.first_mut() {
        *first = bulk::view::pick(shell, dossier, checked, Some("bulk"));
    }
    row
}

/// The whole work list.
pub(crate) struct List<'a> {
    pub(crate) tab: Tab,
    pub(crate) counts: &'a TabCounts,
    pub(crate) table: &'a Table,
    pub(crate) query: &'a TableQuery,
    pub(crate) rows: Vec<Row>,
    pub(crate) paging: Paging,
    /// Words when what was typed is neither a code nor a number.
    pub(crate) search_note: Option<&'static str>,
    /// She stands in for somebody today.
    pub(crate) stands_in: bool,
    /// Work that is offered to her.
    pub(crate) waiting: &'a [Dossier],
    /// How many child dossiers her units work on.
    pub(crate) children: i64,
    /// What she can do to many at once.
    pub(crate) bar: &'a Bar,
    /// She shares out the work of her unit.
    pub(crate) arranges: bool,
}

/// The search for one dossier or one person's. It is sent in a body: a personal number never stands in an address.
fn search_box(shell: &Shell) -> Markup {
    html! {
        form.find role="search" aria-label=(shell.text("desk-search")) method="post" action="/desk" {
            (components::form_guards(shell, "desk-search"))
            label.hidden for="desk-q" { (shell.text("desk-search")) }
            input type="search" id="desk-q" name="q" placeholder=(shell.text("desk-search-example")) autocomplete="off"
                enterkeyhint="search" spellcheck="false" maxlength="40";
            button.btn { (shell.text("desk-search")) }
        }
    }
}

/// The page of the work list.
pub(crate) fn list(shell: &Shell, list: &List<'_>) -> Markup {
    html! {
        h1 { (shell.text("desk-title")) }
        (tabs(shell, list.tab, list.counts, list.stands_in))
        (handover::waiting(shell, list.waiting))
        (child::view::waiting(shell, list.children))
        @if let Some(key) = list.search_note { (components::note(Tone::Soon, "", &html! { p { (shell.text(key)) } })) }
        (search_box(shell))
        (list.table.render(shell, list.query, &list.rows, &list.paging))
        @if !list.rows.is_empty() && !list.bar.is_empty() {
            @let all = list.query.leading(list.table, &[("pick", "all")]);
            (bulk::view::bar(shell, list.bar, &all, &list.query.leading(list.table, &[])))
        }
        p.small {
            a href="/desk/figures" { (shell.text("desk-figures-title")) } " · "
            a href="/desk/coordination" { (shell.text("coordination-title")) } " · "
            a href="/desk/absences" { (shell.text("absence-title")) }
            @if list.arranges { " · " a href="/desk/handover" { (shell.text("handover-title")) } }
        }
    }
}

/// Everything that the officers' page of one dossier shows.
pub(crate) struct Page<'a> {
    pub(crate) dossier: &'a Dossier,
    pub(crate) content: &'a Content,
    pub(crate) schema: &'a FormSchema,
    pub(crate) events: &'a [Event],
    pub(crate) notes: &'a [Option<String>],
    pub(crate) comments: &'a [Comment],
    pub(crate) may_comment: bool,
    /// The work is hers, and she may say that it should not be.
    pub(crate) may_give_back: bool,
    pub(crate) files: &'a [NamedFile],
    pub(crate) supplements: &'a [OpenSupplement],
    pub(crate) requests: &'a [Coordination],
    pub(crate) children: &'a [Child],
    pub(crate) process: &'a Process,
    pub(crate) actions: &'a [Action],
    pub(crate) grounds: &'a [(EventId, Vec<Defect>)],
    pub(crate) hand_over: Option<&'a (Delivery, HandOver)>,
    pub(crate) now: Timestamp,
    pub(crate) calendar: &'a WorkingCalendar,
}

/// The page of one dossier for an officer.
pub(crate) fn dossier(shell: &Shell, page: &Page<'_>) -> Markup {
    let dossier = page.dossier;
    html! {
        h1 class=[components::title_class(&dossier.procedure_name)] { (brief(shell.lang, &dossier.procedure_name)) }
        p.lead.num { span.whole { (dossier.code) } " " (state_tag(shell, dossier.state)) " " (pace_tag(shell, dossier, page.now, page.calendar)) }
        (components::facts(&facts(shell, dossier)))
        div.two {
            div {
                h2.first { (shell.text("desk-applicant")) }
                (components::summary_list(&applicant(shell, page.dossier, page.content)))
                h2 { (shell.text("draft-title-form")) }
                (components::summary_list(&answers(shell, page.schema, page.content)))
                h2 { (shell.text("track-papers")) }
                (files(shell, page))
                @for one in page.supplements { (supplement(shell, one, page.process)) }
                (child::view::of_dossier(shell, page.children, page.now, page.calendar))
                (coordination::view::of_dossier(shell, page.requests, page.children, page.now))
                h2 { (shell.text("process-of-dossier")) }
                (process::view::course(shell, page.process, Some(&dossier.position)))
                h2 { (shell.text("desk-history")) }
                (history(shell, page))
            }
            aside { (actions(shell, page)) }
        }
    }
}

fn facts(shell: &Shell, dossier: &Dossier) -> Vec<Fact> {
    let lang = shell.lang;
    let at = |at: Option<Timestamp>| at.map_or_else(|| "–".to_owned(), |at| format::date_time(lang, at));
    let mut due = Fact::new(shell.text("desk-due"), at(dossier.due_at));
    if dossier.extensions > 0 {
        due = due.more(shell.text_with("desk-extended", &[("n", dossier.extensions.into())]));
    }
    if !dossier.is_due_confirmed {
        due = due.more(shell.text("track-due-unconfirmed"));
    }
    let mut received = Fact::new(shell.text("desk-received"), at(dossier.received_at));
    if dossier.is_late_receipt {
        received = received.more(shell.text("desk-late-receipt"));
    } else if dossier.received_at.is_none() {
        received = received.more(shell.text_with(
            "desk-check-by",
            &[("at", format::date_time(lang, dossier.check_by).into())],
        ));
    }
    vec![
        Fact::new(shell.text("desk-submitted"), at(Some(dossier.submitted_at)))
            .more(shell.text(&format!("dossier-entered-{}", dossier.entered))),
        received,
        due,
        Fact::new(
            shell.text("desk-assignee"),
            dossier.assignee_name.clone().unwrap_or_else(|| "–".to_owned()),
        )
        .more(dossier.at_name.clone()),
    ]
}

/// Who applies, for officers.
pub(crate) fn applicant(shell: &Shell, dossier: &Dossier, content: &Content) -> Vec<SummaryRow> {
    let mut rows = vec![
        SummaryRow::new(shell.text("draft-name"), &content.name),
        SummaryRow::new(shell.text("draft-person-id"), &content.person_id),
        SummaryRow::new(shell.text("draft-phone"), phone_shown(&content.phone)),
        SummaryRow::new(shell.text("draft-address"), &content.address),
    ];
    if !content.email.is_empty() {
        rows.push(SummaryRow::new(shell.text("draft-email"), &content.email));
    }
    if dossier.representation != Representation::Own {
        rows.push(SummaryRow::new(
            shell.text("draft-representation"),
            shell.text(&format!("draft-as-{}", dossier.representation)),
        ));
    }
    if let Some(represented) = &content.represented {
        let words = format!(
            "{}\n{}\n{}",
            represented.name, represented.person_id, represented.ground
        );
        rows.push(SummaryRow::new(shell.text("draft-represented-name"), words.trim()));
    }
    rows.extend(crate::intake::view::people_rows(shell, content));
    let way = shell.text(&format!("draft-by-{}", dossier.delivery));
    rows.push(SummaryRow::new(
        shell.text("receipt-result-at"),
        format!("{way}\n{}", content.post_address).trim(),
    ));
    rows
}

/// What was answered, for officers.
pub(crate) fn answers(shell: &Shell, schema: &FormSchema, content: &Content) -> Vec<SummaryRow> {
    let field = |name: &str| schema.fields().find(|field| field.name == name);
    let rows = content.answers.iter().map(|(name, value)| {
        let texts: Vec<String> = match value {
            serde_json::Value::Array(all) => all.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect(),
            serde_json::Value::String(text) => vec![text.clone()],
            other => vec![other.to_string()],
        };
        match field(name) {
            Some(field) => {
                let words: Vec<String> = texts.iter().map(|text| shown(field, text, shell.lang)).collect();
                let words = words.join("\n");
                match content.sources.iter().find(|source| source.field == *name) {
                    Some(source) => {
                        SummaryRow::markup(field.label.get(shell.lang), from_register(shell, source, &words))
                    }
                    None => SummaryRow::new(field.label.get(shell.lang), words),
                }
            }
            None => SummaryRow::new(name.clone(), texts.join("\n")),
        }
    });
    rows.collect()
}

/// An answer that a register filled in, with its source, and what the register said when the applicant typed something else.
fn from_register(shell: &Shell, source: &crate::dossier::Source, words: &str) -> Markup {
    let from = crate::draft::lookup::source_words("lookup-of", &source.register, source.revision, source.as_of);
    html! {
        (words) br;
        span.small.muted { (from.get(shell.lang)) }
        @if let Some(said) = &source.said {
            br; span.small { (components::tag(Tone::Soon, &shell.text_with("lookup-changed", &[("value", said.as_str().into())]))) }
        }
    }
}

fn files(shell: &Shell, page: &Page<'_>) -> Markup {
    html! {
        @let brought = crate::intake::view::paper_lines(shell, page.content);
        @if !brought.is_empty() { ul { @for line in &brought { li { (line) } } } }
        @if page.files.is_empty() { p.muted { (shell.text("desk-no-files")) } }
        ul.kept-files { @for file in page.files { li {
            (crate::file::view::link(shell, &format!("/desk/dossiers/{}/files/{}", page.dossier.id, file.row.id), file))
            " " span.small.muted.num { (format::file_size(shell.lang, u64::try_from(file.row.size_bytes).unwrap_or(0))) }
            @if file.row.purpose == FilePurpose::Result { " " (components::tag(Tone::Ok, &shell.text("desk-file-result"))) }
            @if file.row.purpose == FilePurpose::Supplement { " " (components::tag(Tone::Info, &shell.text("desk-file-supplement"))) }
            @if file.row.purpose == FilePurpose::Answer { " " (components::tag(Tone::Info, &shell.text("desk-file-answer"))) }
            " " (sha(shell, &file.row.sha256))
        } } }
    }
}

fn supplement(shell: &Shell, one: &OpenSupplement, process: &Process) -> Markup {
    html! {
        (components::details(&shell.text_with("track-supplement-past", &[("at", format::date_time(shell.lang, one.asked_at).into())]), &html! {
            p.small.muted { (one.asked_by) ", " (one.asked_unit) " · " (stage(shell, one, process)) }
            (defects(shell, &one.defects))
            @match one.answered_at {
                Some(at) => { p { (shell.text_with("desk-answered", &[("at", format::date_time(shell.lang, at).into())])) } p.kept { (one.answer) } },
                None => p { (shell.text("desk-unanswered")) },
            }
        }))
    }
}

/// Steps and internal notes, in the order of time.
fn history(shell: &Shell, page: &Page<'_>) -> Markup {
    let mut notes = page.comments.iter().peekable();
    let mut lines: Vec<Markup> = Vec::new();
    for (at, event) in page.events.iter().enumerate() {
        while let Some(note) = notes.next_if(|note| note.at < event.at) {
            lines.push(comment::one(shell, note));
        }
        lines.push(step(shell, page, at, event));
    }
    lines.extend(notes.map(|note| comment::one(shell, note)));
    html! {
        ol { @for line in &lines { li { (line) } } }
        @if let Some(given) = page.hand_over { (components::summary_list(&hand_over_rows(shell, given))) }
    }
}

fn step(shell: &Shell, page: &Page<'_>, at: usize, event: &Event) -> Markup {
    html! {
        b { (shell.text(&format!("track-did-{}", event.action))) } " "
        span.muted.num { (format::date_time(shell.lang, event.at)) }
        @if let Some(name) = &event.actor_name { " · " (name) ", " (event.unit_name.as_deref().unwrap_or_default()) " (" (shell.text(&format!("dossier-capacity-{}", event.capacity))) ")" }
        @if let Some(to) = &event.to_name { " · " (shell.text_with("history-to", &[("name", to.clone().into())])) }
        @if let Some(name) = &event.for_name { " · " (shell.text_with("history-for", &[("name", name.clone().into())])) }
        @if let Some(Some(note)) = page.notes.get(at) { p.kept { (note) } }
        @if let Some((_, grounds)) = page.grounds.iter().find(|(of, _)| *of == event.id) { (defects(shell, grounds)) }
    }
}

fn actions(shell: &Shell, page: &Page<'_>) -> Markup {
    let id = page.dossier.id;
    html! {
        div.card {
            h2.first { (shell.text("desk-actions")) }
            @if page.actions.is_empty() { p.muted { (shell.text("desk-no-actions")) } }
            @for (at, action) in page.actions.iter().enumerate() {
                @let kind = match action {
                    Action::Refuse | Action::Stop => ButtonKind::Danger,
                    _ if at == 0 => ButtonKind::Main,
                    _ => ButtonKind::Quiet,
                };
                @if *action == Action::Claim {
                    (components::post_button(shell, kind, &format!("/desk/dossiers/{id}/claim"), &[("revision", &page.dossier.revision.to_string())], &shell.text("desk-do-claim")))
                } @else {
                    p { (components::button_link(kind, &format!("/desk/dossiers/{id}/{action}"), &shell.text(&format!("desk-do-{action}")))) }
                }
            }
            @if page.dossier.state.clock_runs() && !page.actions.is_empty() {
                p { a href={ "/desk/dossiers/" (id) "/coordinate" } { (shell.text("coordination-do-ask")) } }
            }
            @if page.may_give_back { p { a href={ "/desk/dossiers/" (id) "/give-back" } { (shell.text("handover-do-give-back")) } } }
            @if page.may_comment { p { a href={ "/desk/dossiers/" (id) "/comments" } { (shell.text("comment-add")) } } }
            p { a href={ "/desk/dossiers/" (id) "/receipt" } { (shell.text("desk-print-receipt")) } }
        }
        p.small.muted { (shell.text("desk-use-recorded")) }
    }
}

/// The page of one action.
pub(crate) fn act(shell: &Shell, dossier: &Dossier, action: Action, form: &Markup, about: Option<String>) -> Markup {
    html! {
        (components::back_link(shell.lang, &format!("/desk/dossiers/{}", dossier.id)))
        p.small.muted.num { span.whole { (dossier.code) } " · " (brief(shell.lang, &dossier.procedure_name)) " · " (dossier.person_mask) }
        h1 { (shell.text(&format!("desk-do-{action}"))) }
        p { (shell.text(&format!("desk-about-{action}"))) }
        @if let Some(about) = about { p { b { (about) } } }
        (form)
    }
}
