//! What pages of petitions look like: what they are, the questions, the form, the receipt, the list, one petition.
//! They decide nothing; who filed is shown only where it was handed over opened.

use kernel::Timestamp;
use maud::{Markup, html};
use web::components::{self, ButtonKind, Fact, SummaryRow, Tone};
use web::form::{Choice, Errors, Field, FieldKind, Form, Values, Width};
use web::format;
use web::table::{Column, Filter, Paging, Row, Table, TableQuery};
use web::{Shell, Submitted};

use super::keep::{Opened, Sheaf};
use super::rules::{self, Wish};
use super::terms::{TERMS, Term};
use super::{Event, Filer, Kind, Petition, State, Step, Target};
use crate::draft::view::NamedFile;
use crate::register::sheet::{Cell, Sheet};

/// Longest account of what happened.
const STORY_MAX: usize = 20_000;

fn yes_no() -> Vec<Choice> {
    vec![Choice::new("yes", "petition-yes"), Choice::new("no", "petition-no")]
}

/// The questions: what she wants, whether it touches her, whether there is a decision or act. No word of the law.
pub(super) fn questions_form(action: &str) -> Form {
    let wants = Wish::ALL.map(|wish| {
        let key = match wish {
            Wish::Review => "petition-want-review",
            Wish::Report => "petition-want-report",
            Wish::Suggest => "petition-want-suggest",
        };
        Choice::new(wish.word(), key)
    });
    Form::new("questions", action)
        .field(Field::radios("want", "petition-want", wants.to_vec()))
        .field(Field::radios("own", "petition-own", yes_no()).when("want", &["review"]))
        .field(
            Field::radios("act", "petition-act", yes_no())
                .hint("petition-act-hint")
                .when("want", &["review"]),
        )
        .submit("petition-go-on")
}

/// The form that files; the answers to the questions go along.
pub(super) fn file_form(action: &str, answers: &Submitted, agencies: Vec<Choice>, is_desk: bool) -> Form {
    let targets = Target::ALL.iter();
    let targets = targets.map(|one| Choice::new(one.word(), format!("petition-target-{one}").as_str()));
    let mut form = ["want", "own", "act"]
        .into_iter()
        .fold(Form::new("petition", action), |form, name| {
            form.hidden(name, answers.text(name))
        })
        .section("petition-part-against")
        .field(Field::select("against", "petition-against", agencies).hint("petition-against-hint"))
        .field(Field::radios("target", "petition-target", targets.collect()))
        .field(
            Field::text("against-person", "petition-against-person")
                .hint("petition-against-person-hint")
                .autocomplete("off")
                .optional(),
        )
        .section("petition-part-story")
        .field(Field::text("subject", "petition-subject").max_len(200))
        .field(Field::multiline("story", "petition-story", STORY_MAX).hint("petition-story-hint"))
        .field(Field::multiline("wish", "petition-wish", 2_000).optional())
        .section("petition-part-reach");
    if is_desk {
        form = form.field(Field::text("name", "draft-name").autocomplete("off")).field(
            Field::new("number", "draft-person-id", FieldKind::PersonId)
                .autocomplete("off")
                .optional(),
        );
    }
    form.field(
        Field::new("phone", "draft-phone", FieldKind::Phone)
            .width(Width::W20)
            .autocomplete("off"),
    )
    .field(Field::text("address", "draft-address").autocomplete("off"))
    .submit("petition-file")
}

/// The form that follows by code and secret.
pub(super) fn follow_form() -> Form {
    Form::new("follow", "/petitions/follow")
        .field(
            Field::text("code", "petition-code")
                .hint("petition-code-hint")
                .max_len(20)
                .width(Width::W20)
                .autocomplete("off"),
        )
        .field(
            Field::text("secret", "petition-secret")
                .max_len(12)
                .width(Width::W20)
                .autocomplete("off"),
        )
        .submit("petition-follow")
}

/// The form of one step.
pub(super) fn step_form(petition: &Petition, step: Step) -> Form {
    let form = Form::new(step.word(), format!("/desk/petitions/{}/{step}", petition.id))
        .submit(format!("petition-do-{step}").as_str());
    let words = |label: &str| Field::multiline("words", label, 5_000);
    match step {
        Step::Classify => {
            let kinds = Kind::ALL.iter();
            let kinds = kinds.map(|kind| Choice::new(kind.word(), format!("petition-kind-{kind}").as_str()));
            form.field(Field::radios("kind", "petition-kind", kinds.collect()))
                .field(words("petition-words-classify").optional())
        }
        Step::Decline => form.field(words("petition-words-decline")),
        Step::Forward => form
            .field(Field::text("to", "petition-to").hint("petition-to-hint"))
            .field(words("petition-words-forward")),
        Step::Resolve => {
            let outcomes = rules::outcomes(petition.kind).iter();
            let outcomes = outcomes.map(|one| Choice::new(one.word(), format!("petition-outcome-{one}").as_str()));
            form.field(Field::radios("outcome", "petition-outcome", outcomes.collect()))
                .field(words("petition-words-resolve"))
        }
        Step::Accept | Step::Register | Step::Withdraw => form.field(words("petition-words").optional()),
    }
}

fn term(shell: &Shell, term: &Term) -> Markup {
    html! {
        (term.limit.text(shell.lang)) " " span.small.muted { "(" (term.source)
            @if !term.verified { "; " (shell.text("petition-unverified")) } ")" }
    }
}

/// What petitions are, and the ways to begin and to follow.
pub(super) fn about(shell: &Shell, may_register: bool) -> Markup {
    html! {
        h1 { (shell.text("petition-title")) }
        p.lead { (shell.text("petition-lead")) }
        div.row {
            (components::button_link(ButtonKind::Main, "/my/petitions/new", &shell.text("petition-new")))
            (components::button_link(ButtonKind::Quiet, "/petitions/follow", &shell.text("petition-follow")))
            @if may_register { (components::button_link(ButtonKind::Quiet, "/desk/petitions/new", &shell.text("petition-new-desk"))) }
        }
        @for kind in Kind::ALL {
            h2 { (shell.text(&format!("petition-kind-{kind}"))) }
            p { (shell.text(&format!("petition-about-{kind}"))) }
            @if let Some(terms) = TERMS.of(*kind) {
                (components::summary_list(&[
                    SummaryRow::new(shell.text("petition-law"), &terms.law),
                    SummaryRow::markup(shell.text("petition-term-classify"), term(shell, &terms.classify)),
                    SummaryRow::markup(shell.text("petition-term-accept"), term(shell, &terms.accept)),
                    SummaryRow::markup(shell.text("petition-term-resolve"), term(shell, &terms.resolve)),
                ]))
            }
        }
        (components::note(Tone::Info, &shell.text("petition-protection"), &html! { p { (shell.text("petition-protection-more")) } }))
    }
}

/// The page of the questions.
pub(super) fn questions(shell: &Shell, form: &Markup) -> Markup {
    html! {
        h1 { (shell.text("petition-new")) }
        p.lead { (shell.text("petition-questions-lead")) }
        (form)
    }
}

/// The page of the form, which says where the answers led.
pub(super) fn file(shell: &Shell, kind: Kind, form: &Markup) -> Markup {
    html! {
        h1 { (shell.text(&format!("petition-kind-{kind}"))) }
        (components::note(Tone::Info, &shell.text("petition-led"), &html! { p { (shell.text(&format!("petition-about-{kind}"))) } }))
        @if kind == Kind::Denunciation {
            (components::note(Tone::Ok, &shell.text("petition-protection"), &html! { p { (shell.text("petition-protection-more")) } }))
        }
        (form)
    }
}

/// The page that follows by code.
pub(super) fn follow(shell: &Shell, values: &Values, errors: &Errors) -> Markup {
    html! {
        h1 { (shell.text("petition-follow")) }
        p.lead { (shell.text("petition-follow-lead")) }
        (follow_form().render(shell, values, errors))
    }
}

pub(super) fn tag(shell: &Shell, petition: &Petition, now: Option<Timestamp>) -> Markup {
    let is_over = now.is_some_and(|now| petition.state.is_open() && petition.due_at.is_some_and(|due| due < now));
    let tone = match petition.state {
        _ if is_over => Tone::Late,
        State::Registered => Tone::Soon,
        State::Classified | State::Accepted => Tone::Info,
        State::Resolved => Tone::Ok,
        State::NotAccepted | State::Forwarded | State::Withdrawn => Tone::Plain,
    };
    components::tag(tone, &shell.text(&format!("petition-state-{}", petition.state)))
}

fn facts(shell: &Shell, petition: &Petition) -> Markup {
    let mut facts = vec![
        Fact::new(shell.text("petition-unit"), petition.unit_name.clone()),
        Fact::new(
            shell.text("petition-filed-at"),
            format::date_time(shell.lang, petition.filed_at),
        ),
    ];
    if let Some(due) = petition.due_at {
        let fact = Fact::new(shell.text("petition-due"), format::date_time(shell.lang, due));
        facts.push(match petition.is_due_confirmed {
            true => fact,
            false => fact.more(shell.text("petition-due-unconfirmed")),
        });
    }
    if let Some(outcome) = petition.outcome {
        facts.push(Fact::new(
            shell.text("petition-outcome"),
            shell.text(&format!("petition-outcome-{outcome}")),
        ));
    }
    if let Some(to) = &petition.forwarded_to {
        facts.push(Fact::new(shell.text("petition-to"), to.clone()));
    }
    components::facts(&facts)
}

fn history(shell: &Shell, events: &[Event], notes: Option<&[Option<String>]>, with_names: bool) -> Markup {
    html! {
        h2 { (shell.text("petition-history")) }
        ol {
            @for (at, event) in events.iter().enumerate() {
                li {
                    p { b { (shell.text(&format!("petition-step-{}", event.step))) } " "
                        span.small.muted.num { (format::date_time(shell.lang, event.at))
                            @if with_names { @if let Some(name) = &event.actor_name { " · " (name) } }
                            @if let Some(unit) = &event.unit_name { " · " (unit) } } }
                    @if let Some(note) = notes.and_then(|notes| notes.get(at)).and_then(Option::as_ref) { p.kept { (note) } }
                }
            }
        }
    }
}

/// What code and secret show: how it stands, no word of it and nobody's name.
pub(super) fn followed(shell: &Shell, petition: &Petition, events: &[Event]) -> Markup {
    html! {
        h1.num { (petition.code) }
        p { (tag(shell, petition, None)) }
        (facts(shell, petition))
        (history(shell, events, None, false))
    }
}

/// The petitions of one account.
pub(super) fn mine(shell: &Shell, rows: &[Petition]) -> Markup {
    html! {
        h1 { (shell.text("petition-mine")) }
        @if rows.is_empty() {
            (components::empty(&shell.text("petition-none"), Some(("/my/petitions/new", &shell.text("petition-new")))))
        } @else {
            p { a href="/my/petitions/new" { (shell.text("petition-new")) } }
            ul.kept-files { @for petition in rows { li {
                p { a.num href={ "/my/petitions/" (petition.id) } { (petition.code) } " " (tag(shell, petition, None)) }
                p.small.muted { (shell.text(&format!("petition-kind-{}", petition.kind))) " · " (petition.against_name) " · " (format::date_time(shell.lang, petition.filed_at)) }
            } } }
        }
    }
}

fn receipt(shell: &Shell, petition: &Petition, secret: &str) -> Markup {
    components::note(
        Tone::Ok,
        &shell.text("petition-receipt"),
        &html! {
            p { (shell.text("petition-code")) ": " b.num { (petition.code) } }
            p { (shell.text("petition-secret")) ": " b.num { (secret) } }
            p { (shell.text("petition-receipt-more")) }
        },
    )
}

fn content_rows(shell: &Shell, petition: &Petition, opened: &Opened) -> Vec<SummaryRow> {
    let content = &opened.content;
    let mut rows = vec![
        SummaryRow::new(
            shell.text("petition-kind"),
            shell.text(&format!("petition-kind-{}", petition.kind)),
        ),
        SummaryRow::new(shell.text("petition-against"), &petition.against_name),
        SummaryRow::new(
            shell.text("petition-target"),
            shell.text(&format!("petition-target-{}", petition.target)),
        ),
    ];
    if !content.against_person.is_empty() {
        rows.push(SummaryRow::new(
            shell.text("petition-against-person"),
            &content.against_person,
        ));
    }
    rows.push(SummaryRow::new(shell.text("petition-subject"), &content.subject));
    rows.push(SummaryRow::markup(
        shell.text("petition-story"),
        html! { p.kept { (content.story) } },
    ));
    if !content.wish.is_empty() {
        rows.push(SummaryRow::markup(
            shell.text("petition-wish"),
            html! { p.kept { (content.wish) } },
        ));
    }
    rows
}

/// The filer's own page: receipt, steps, what was filed, and taking it back.
pub(super) fn own(shell: &Shell, sheaf: &Sheaf, opened: &Opened, secret: &str, attached: &[NamedFile]) -> Markup {
    let petition = &sheaf.petition;
    let withdraw = Form::new("withdraw", format!("/my/petitions/{}/withdraw", petition.id))
        .field(Field::multiline("words", "petition-words-withdraw", 2_000).optional())
        .submit("petition-do-withdraw");
    html! {
        h1.num { (petition.code) }
        p { (tag(shell, petition, None)) }
        (receipt(shell, petition, secret))
        (facts(shell, petition))
        (history(shell, &sheaf.events, Some(&opened.notes), true))
        h2 { (shell.text("petition-what")) }
        (components::summary_list(&content_rows(shell, petition, opened)))
        (files(shell, attached, &format!("/my/petitions/{}", petition.id)))
        @if petition.state.is_open() {
            (components::details(&shell.text("petition-do-withdraw"), &html! {
                p { (shell.text("petition-withdraw-words")) }
                (withdraw.render(shell, &Values::none(), &Errors::none()))
            }))
        }
    }
}

/// What is attached, with links.
fn files(shell: &Shell, attached: &[NamedFile], at: &str) -> Markup {
    html! {
        @if !attached.is_empty() {
            h2 { (shell.text("petition-files")) }
            ul.kept-files { @for file in attached { li {
                (crate::file::view::link(shell, &format!("{at}/files/{}", file.row.id), file))
                " " span.small.muted.num { (format::file_size(shell.lang, u64::try_from(file.row.size_bytes).unwrap_or(0))) }
            } } }
        }
    }
}

/// What is attached, as far as an officer may see it.
pub(super) enum Attached {
    /// With names and links.
    Open(Vec<NamedFile>),
    /// So many, behind the right to see who denounces.
    Hidden(usize),
}

/// The form that asks for the register of a period.
pub(super) fn export(shell: &Shell, today: kernel::Date) -> Markup {
    let first = kernel::Date::new(today.year(), 1, 1).unwrap_or(today);
    html! {
        h2 { (shell.text("petition-export")) }
        form.bar method="get" action="/desk/petitions/export/xlsx" {
            div { label for="from" { (shell.text("register-from")) } input #from type="date" name="from" value=(first); }
            div { label for="to" { (shell.text("register-to")) } input #to type="date" name="to" value=(today); }
            div { label for="export-kind" { (shell.text("petition-kind")) } select #export-kind name="kind" {
                option value="" { (shell.text("register-all")) }
                @for kind in Kind::ALL { option value=(kind) { (shell.text(&format!("petition-kind-{kind}"))) } }
            } }
            div.row { button.btn.quiet { (shell.text("register-xlsx")) } }
            div.row { button.btn.quiet formaction="/desk/petitions/export/csv" { (shell.text("register-csv")) } }
        }
        p.small.muted { (shell.text("petition-export-more")) }
    }
}

/// The register as a sheet. Nobody's name is in it; of a protected petition not even a mask.
pub(super) fn sheet(shell: &Shell, rows: &[Petition]) -> Sheet {
    let keys = [
        "petition-code",
        "petition-kind",
        "petition-state",
        "petition-filed-at",
        "petition-due",
        "petition-outcome",
        "petition-against",
        "petition-unit",
        "petition-to",
        "petition-filer",
        "petition-channel",
    ];
    let text = |key: String| Cell::Text(shell.text(&key));
    let row = |one: &Petition| {
        vec![
            Cell::Text(one.code.clone()),
            text(format!("petition-kind-{}", one.kind)),
            text(format!("petition-state-{}", one.state)),
            Cell::Time(Some(one.filed_at)),
            Cell::Time(one.due_at),
            one.outcome.map_or_else(
                || Cell::Text(String::new()),
                |outcome| text(format!("petition-outcome-{outcome}")),
            ),
            Cell::Text(one.against_name.clone()),
            Cell::Text(one.unit_name.clone()),
            Cell::Text(one.forwarded_to.clone().unwrap_or_default()),
            Cell::Text(one.filer_mask.clone().unwrap_or_default()),
            text(format!("petition-channel-{}", one.channel)),
        ]
    };
    Sheet {
        name: shell.text("petition-list"),
        headings: keys.iter().map(|key| shell.text(key)).collect(),
        rows: rows.iter().map(row).collect(),
    }
}

/// What the desk hands over after registering: it cannot be opened again there.
pub(super) fn taken(shell: &Shell, petition: &Petition, secret: &str) -> Markup {
    html! {
        h1 { (shell.text("petition-taken")) }
        (receipt(shell, petition, secret))
        (facts(shell, petition))
        (components::summary_list(&[
            SummaryRow::new(shell.text("petition-kind"), shell.text(&format!("petition-kind-{}", petition.kind))),
            SummaryRow::new(shell.text("petition-against"), &petition.against_name),
        ]))
        p.hint { (shell.text("petition-taken-more")) }
        p { a href="/desk/intake" { (shell.text("intake-title")) } }
    }
}

/// The list of officers.
pub(super) fn list(
    shell: &Shell,
    query: &TableQuery,
    rows: &[Petition],
    next: Option<String>,
    started: bool,
    now: Timestamp,
) -> Markup {
    let worded = |prefix: &str, word: &str| (word.to_owned(), shell.text(&format!("petition-{prefix}-{word}")));
    let kinds = Kind::ALL.iter().map(|kind| worded("kind", kind.word()));
    let open = State::ALL.iter().filter(|state| state.is_open());
    let mut states: Vec<(String, String)> = open.map(|state| worded("state", state.word())).collect();
    states.push(("ended".to_owned(), shell.text("petition-state-ended")));
    let schema = Table::new(
        "/desk/petitions",
        "petition-caption",
        vec![
            Column::new("code", "petition-code"),
            Column::new("kind", "petition-kind"),
            Column::new("against", "petition-against"),
            Column::new("filer", "petition-filer"),
            Column::new("state", "petition-state"),
            Column::new("due", "petition-due"),
        ],
    )
    .filter(Filter::choice("kind", "petition-kind", kinds.collect()))
    .filter(Filter::choice("state", "petition-state", states))
    .filter(Filter::choice(
        "due",
        "petition-due",
        vec![("over".to_owned(), shell.text("petition-over"))],
    ))
    .empty("petition-list-empty");
    let row = |petition: &Petition| {
        let filer = petition.filer_mask.clone();
        Row::new(vec![
            html! { span.num.whole { (petition.code) } },
            html! { (shell.text(&format!("petition-kind-{}", petition.kind))) },
            html! { (petition.against_name) },
            html! { @if let Some(filer) = &filer { (filer) } @else { (shell.text("petition-protected")) } },
            tag(shell, petition, Some(now)),
            html! { @if let Some(due) = petition.due_at { span.num { (format::date_time(shell.lang, due)) } } },
        ])
        .link(format!("/desk/petitions/{}", petition.id))
    };
    let shown: Vec<Row> = rows.iter().map(row).collect();
    let paging = Paging::Keyset {
        next,
        started,
        total: None,
    };
    html! {
        h1 { (shell.text("petition-list")) }
        p.muted { (shell.text("petition-list-lead")) }
        (schema.render(shell, query, &shown, &paging))
    }
}

/// Everything that the page of one petition shows an officer.
pub(super) struct One<'a> {
    pub(super) sheaf: &'a Sheaf,
    pub(super) opened: &'a Opened,
    /// Who filed, where it needs no right of its own.
    pub(super) filer: Option<&'a Filer>,
    pub(super) attached: Attached,
    pub(super) may_see_identity: bool,
    pub(super) forms: Vec<(Step, Markup)>,
    pub(super) now: Timestamp,
}

fn filer_rows(shell: &Shell, filer: &Filer) -> Markup {
    let number = match filer.number.as_str() {
        "" => shell.text("person-unknown"),
        number => number.to_owned(),
    };
    components::summary_list(&[
        SummaryRow::new(shell.text("draft-name"), &filer.name),
        SummaryRow::new(shell.text("draft-person-id"), number),
        SummaryRow::new(
            shell.text("draft-phone"),
            crate::draft::rules::phone_shown(&filer.phone),
        ),
        SummaryRow::new(shell.text("draft-address"), &filer.address),
    ])
}

/// One petition as an officer sees it.
pub(super) fn one(shell: &Shell, page: &One<'_>) -> Markup {
    let petition = &page.sheaf.petition;
    let identity = format!("/desk/petitions/{}/identity", petition.id);
    html! {
        h1 { (page.opened.content.subject) }
        p.lead.num { span.whole { (petition.code) } " " (tag(shell, petition, Some(page.now))) }
        @if petition.is_outside { (components::note(Tone::Soon, &shell.text("petition-outside"), &html! { p { (shell.text("petition-outside-more")) } })) }
        (facts(shell, petition))
        div.two {
            div {
                h2.first { (shell.text("petition-what")) }
                (components::summary_list(&content_rows(shell, petition, page.opened)))
                @match &page.attached {
                    Attached::Open(attached) => (files(shell, attached, &format!("/desk/petitions/{}", petition.id))),
                    Attached::Hidden(0) => {},
                    Attached::Hidden(n) => p { (shell.text_with("petition-files-hidden", &[("n", (*n).into())])) },
                }
                h2 { (shell.text("petition-filer")) }
                @if let Some(filer) = page.filer { (filer_rows(shell, filer)) }
                @else {
                    p { (shell.text("petition-protected-more")) }
                    @if page.may_see_identity { (components::post_button(shell, ButtonKind::Quiet, &identity, &[], &shell.text("petition-see-identity"))) }
                }
                (history(shell, &page.sheaf.events, Some(&page.opened.notes), true))
            }
            aside { div.card {
                h2.first { (shell.text("desk-actions")) }
                @if page.forms.is_empty() { p.muted { (shell.text("desk-no-actions")) } }
                @for (step, form) in &page.forms { (components::details(&shell.text(&format!("petition-do-{step}")), form)) }
            } }
        }
    }
}

/// Who denounces, behind its own right.
pub(super) fn identity(shell: &Shell, petition: &Petition, filer: &Filer, attached: &[NamedFile]) -> Markup {
    html! {
        h1 { (shell.text("petition-see-identity")) }
        p.lead.num { (petition.code) }
        (components::warning(shell.lang, &shell.text("petition-identity-warning")))
        (filer_rows(shell, filer))
        (files(shell, attached, &format!("/desk/petitions/{}", petition.id)))
        p { a href={ "/desk/petitions/" (petition.id) } { (petition.code) } }
    }
}
