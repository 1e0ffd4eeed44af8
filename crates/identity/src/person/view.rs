//! What the pages of people show.
//! They show masked names in lists; a whole record is shown for a purpose, and that use is recorded.

use super::{Guarded, PersonDetails, PersonRecord, Question, QuestionId};
use kernel::Sex;
use maud::{Markup, html};
use web::components::{self, ButtonKind, Crumb, SummaryRow, Tone, note, summary_list};
use web::form::{Choice, Field, FieldKind, Form, Width};
use web::table::{Column, Paging, Row, Table, TableQuery};
use web::{Shell, format};

/// The way to a person.
pub(super) fn crumbs(shell: &Shell) -> Vec<Crumb> {
    crate::account::list::http::crumbs(shell, &[("/admin/people", "person-search-title")])
}

/// The way to a question.
pub(super) fn crumbs_to_questions(shell: &Shell) -> Vec<Crumb> {
    let mut crumbs = crumbs(shell);
    crumbs.push(Crumb::new(
        "/admin/people/questions",
        shell.text("person-questions-title"),
    ));
    crumbs
}

/// The form that finds a person.
pub(super) fn search_form() -> Form {
    Form::new("person", "/admin/people")
        .field(
            Field::text("number", "person-number")
                .hint("person-number-hint")
                .max_len(20)
                .width(Width::W20)
                .autocomplete("off")
                .optional(),
        )
        .field(
            Field::text("name", "person-name")
                .hint("person-name-hint")
                .autocomplete("off")
                .optional(),
        )
        .field(Field::new("born", "person-born", FieldKind::Date { min: None, max: None }).optional())
        .field(Field::multiline("reason", "person-reason", 300).hint("person-reason-hint"))
        .submit("person-look-up")
}

/// The form that decides a question.
pub(super) fn decision_form(id: QuestionId) -> Form {
    let choices = vec![
        Choice::new("accept", "person-accept"),
        Choice::new("refuse", "person-refuse"),
    ];
    Form::new("decision", format!("/admin/people/questions/{id}"))
        .field(Field::radios("decision", "person-decision", choices))
        .field(Field::multiline("reason", "person-decision-reason", 500))
        .submit("person-decide")
}

/// The page with the form.
pub(super) fn search(shell: &Shell, form: &Markup) -> Markup {
    html! {
        h1 { (shell.text("person-search-title")) }
        (note(Tone::Info, &shell.text("person-recorded"), &html! { p { (shell.text("person-recorded-more")) } }))
        (form)
        p { a href="/admin/people/questions" { (shell.text("person-questions-title")) } }
    }
}

/// What else is known around a person.
pub(super) struct Around {
    pub(super) guardians: Vec<Guarded>,
    pub(super) wards: Vec<Guarded>,
    pub(super) is_deceased: bool,
    pub(super) may_mark: bool,
}

/// Several records that fit: masked, each opened by its own button for the same reason.
pub(super) fn several(shell: &Shell, records: &[PersonRecord], reason: &str) -> Markup {
    html! {
        h1 { (shell.text("person-several-title")) }
        p.lead { (shell.text("person-several-lead")) }
        ul {
            @for record in records {
                li {
                    p { b { (record.name_masked) } " " span.small.muted { (shell.text("double-created-at")) " " (format::date_time(shell.lang, record.created_at)) } }
                    (components::post_button(shell, ButtonKind::Quiet, "/admin/people",
                        &[("person", &record.id.to_string()), ("reason", reason)], &shell.text("person-open")))
                }
            }
        }
    }
}

fn ties(shell: &Shell, title: &'static str, ties: &[Guarded]) -> Markup {
    html! {
        @if !ties.is_empty() {
            h2 { (shell.text(title)) }
            ul {
                @for tie in ties {
                    li { (tie.name_masked) ", " (shell.text(tie_key(&tie.tie))) ", " (format::date_time(shell.lang, tie.stated_at)) }
                }
            }
        }
    }
}

fn tie_key(tie: &str) -> &'static str {
    match tie {
        "parent" => "person-tie-parent",
        "court" => "person-tie-court",
        _ => "person-tie-guardian",
    }
}

/// One person, opened.
pub(super) fn person(shell: &Shell, record: &PersonRecord, details: &PersonDetails, around: &Around) -> Markup {
    let mut rows = rows(shell, details);
    rows.push(SummaryRow::new(
        shell.text("person-changed-at"),
        format::date_time(shell.lang, record.changed_at),
    ));
    html! {
        h1 { (shell.text("person-title")) }
        @if around.is_deceased { (note(Tone::Plain, &shell.text("death-marked"), &html! { p { (shell.text("death-known")) } })) }
        (summary_list(&rows))
        (ties(shell, "person-guardians", &around.guardians))
        (ties(shell, "person-wards", &around.wards))
        @if around.may_mark {
            p { a href={ "/admin/people/" (record.id) "/deceased" } {
                (shell.text(if around.is_deceased { "death-end-title" } else { "death-title" }))
            } }
        }
        p.hint { (shell.text("person-recorded")) }
    }
}

fn rows(shell: &Shell, details: &PersonDetails) -> Vec<SummaryRow> {
    let unknown = || shell.text("person-unknown");
    let born = details.born.map_or_else(unknown, |born| format::date(shell.lang, born));
    let sex = match details.sex {
        Some(Sex::Male) => shell.text("person-male"),
        Some(Sex::Female) => shell.text("person-female"),
        None => unknown(),
    };
    vec![
        SummaryRow::new(
            shell.text("person-number"),
            details.number.as_ref().map_or_else(unknown, ToString::to_string),
        ),
        SummaryRow::new(
            shell.text("person-old-number"),
            details.old_number.as_ref().map_or_else(unknown, ToString::to_string),
        ),
        SummaryRow::new(shell.text("person-name"), &details.name),
        SummaryRow::new(shell.text("person-born"), born),
        SummaryRow::new(shell.text("person-sex"), sex),
        SummaryRow::new(
            shell.text("person-address"),
            details.address.clone().unwrap_or_else(unknown),
        ),
        SummaryRow::new(
            shell.text("person-phone"),
            details.phone.as_ref().map_or_else(unknown, ToString::to_string),
        ),
        SummaryRow::new(
            shell.text("person-email"),
            details.email.as_ref().map_or_else(unknown, ToString::to_string),
        ),
    ]
}

/// The open questions, with masked names.
pub(super) fn questions(shell: &Shell, questions: &[Question]) -> Markup {
    let schema = Table::new(
        "/admin/people/questions",
        "person-questions-caption",
        vec![
            Column::new("name", "person-name"),
            Column::new("source", "person-source"),
            Column::new("asked", "person-asked-at"),
        ],
    )
    .empty("person-questions-empty");
    let row = |question: &Question| {
        Row::new(vec![
            html! { (question.name_masked) },
            html! { (source(shell, &question.source)) },
            html! { (format::date_time(shell.lang, question.asked_at)) },
        ])
        .link(format!("/admin/people/questions/{}", question.id))
    };
    let rows: Vec<Row> = questions.iter().map(row).collect();
    html! {
        h1 { (shell.text("person-questions-title")) }
        p.lead { (shell.text("person-questions-lead")) }
        (schema.render(shell, &TableQuery::default(), &rows, &Paging::All))
    }
}

fn source(shell: &Shell, source: &str) -> String {
    match source {
        "sign-in" => shell.text("person-source-sign-in"),
        "dossier" => shell.text("person-source-dossier"),
        _ => shell.text("person-source-counter"),
    }
}

/// Record and claim side by side, and the decision.
pub(super) fn question(
    shell: &Shell,
    question: &Question,
    record: &PersonDetails,
    claim: &PersonDetails,
    form: &Markup,
) -> Markup {
    let row = |(record, claim): (&SummaryRow, &SummaryRow)| {
        Row::new(vec![
            html! { (record.label) },
            record.value.clone(),
            claim.value.clone(),
        ])
    };
    let schema = Table::new(
        "/admin/people/questions",
        "person-compare-caption",
        vec![
            Column::new("what", "person-what"),
            Column::new("record", "person-on-record"),
            Column::new("claim", "person-claimed"),
        ],
    );
    let pairs: Vec<Row> = rows(shell, record).iter().zip(&rows(shell, claim)).map(row).collect();
    html! {
        h1 { (shell.text("person-question-title")) }
        p { (source(shell, &question.source)) ", " (format::date_time(shell.lang, question.asked_at)) }
        (schema.render(shell, &TableQuery::default(), &pairs, &Paging::All))
        (form)
        p.hint { (shell.text("person-recorded")) }
    }
}
