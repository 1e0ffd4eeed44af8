//! The form of the desk: everything about one walk-in on one page, most of it filled in. In the order in which a person at the
//! counter says it: number, name, how to reach her, for whom, where, papers, result.
//! It asks nothing that the record, the desk or the catalogue knows, and it owns no rule: those are in `rules`.

use identity::UnitId;
use kernel::{Bilingual, Date};
use web::form::{Choice, Field, FieldKind, Form, Label, Values, Width};

use super::rules::{OTHERS_MAX, other_fields};
use super::{ApplicantKind, Channel, Paper, Tie};
use crate::FileLimits;
use crate::dossier::state::{Delivery, Entered, Representation};
use crate::draft::rules::{Known, papers};
use crate::place::Agency;
use crate::procedure::form::answered;
use crate::procedure::{Procedure, cases};

/// Papers of one procedure that the form lists; the longest real list is shorter.
pub(crate) const PAPERS_MAX: usize = 60;

/// Scans of one paper.
const SCANS_MAX: usize = 5;

/// What stands before the names of the procedure's own fields.
const OWN: &str = "own-";

/// Everything that the form depends on.
pub(crate) struct Around<'a> {
    pub(crate) procedure: &'a Procedure,
    pub(crate) agencies: &'a [Agency],
    /// The time limit is unknown and this desk receives: the officer states it.
    pub(crate) asks_days: bool,
    pub(crate) files: FileLimits,
    pub(crate) today: Date,
    /// The record of the person was found: its fields say so.
    pub(crate) is_known: bool,
    /// Where the cursor begins.
    pub(crate) focus: &'static str,
}

/// The parts of the page, in order: sections of the form that are drawn together.
pub(crate) const PARTS: [&str; 6] = [
    "intake-part-number",
    "intake-part-applicant",
    "intake-part-whom",
    "intake-part-papers",
    "intake-part-where",
    "intake-part-own",
];

/// The form.
pub(crate) fn form(around: &Around<'_>) -> Form {
    let form = Form::new("intake", "/desk/intake")
        .hidden("procedure", around.procedure.code.to_string())
        .section(PARTS[0])
        .field(
            Field::new("person-id", "draft-person-id", FieldKind::PersonId)
                .key('i')
                .autocomplete("off"),
        );
    let form = applicant(form, around);
    let form = whom(form);
    let form = brought(form, around);
    let form = rest(form, around);
    let mut form = own(form, around);
    for field in form.sections.iter_mut().flat_map(|section| &mut section.fields) {
        field.focused = field.name == around.focus;
    }
    form
}

fn sourced(mut field: Field, around: &Around<'_>) -> Field {
    if around.is_known {
        field.source = Some(Label::from("intake-from-record"));
    }
    field
}

fn applicant(form: Form, around: &Around<'_>) -> Form {
    let born = FieldKind::Date {
        min: None,
        max: Some(around.today),
    };
    let plain = |field: Field| sourced(field.autocomplete("off"), around);
    form.section(PARTS[1])
        .field(plain(Field::text("name", "draft-name").key('n')))
        .field(plain(Field::new("born", "intake-born", born).optional()))
        .field(plain(
            Field::new("phone", "draft-phone", FieldKind::Phone)
                .key('t')
                .width(Width::W20),
        ))
        .field(plain(Field::text("address", "draft-address").key('d')))
        .field(plain(Field::new("email", "draft-email", FieldKind::Email).optional()))
}

/// The fields about the organisation that applies; the wizard of the online pages asks the same.
pub(crate) fn organisation(form: Form) -> Form {
    let kinds = ApplicantKind::ALL.iter();
    let kinds = kinds.map(|kind| Choice::new(kind.word(), format!("intake-kind-{kind}").as_str()));
    form.field(Field::radios("applicant", "intake-kind", kinds.collect()))
        .field(Field::new("tax-code", "intake-tax-code", FieldKind::TaxCode).when("applicant", &["organisation"]))
        .field(Field::text("organisation-name", "intake-organisation-name").when("applicant", &["organisation"]))
        .field(
            Field::text("position", "intake-position")
                .hint("intake-position-hint")
                .when("applicant", &["organisation"]),
        )
}

fn whom(form: Form) -> Form {
    let relations = Representation::ALL.iter();
    let relations = relations.map(|one| Choice::new(one.word(), format!("intake-as-{one}").as_str()));
    let form = organisation(form.section(PARTS[2])).field(Field::radios(
        "representation",
        "intake-representation",
        relations.collect(),
    ));
    others(represented(form))
}

/// The fields about the person who is represented; the wizard of the online pages asks the same.
pub(crate) fn represented(form: Form) -> Form {
    let ties = Tie::ALL.iter();
    let ties = ties.map(|tie| Choice::new(tie.word(), format!("intake-tie-{tie}").as_str()));
    let born = FieldKind::Date { min: None, max: None };
    const OTHERS: &[&str] = &["guardian", "proxy", "heir"];
    form.field(Field::text("represented-name", "draft-represented-name").when("representation", OTHERS))
        .field(
            Field::new("represented-id", "draft-represented-id", FieldKind::PersonId)
                .optional()
                .when("representation", OTHERS),
        )
        .field(
            Field::text("represented-old-id", "intake-represented-old-id")
                .max_len(15)
                .width(Width::W20)
                .autocomplete("off")
                .optional()
                .when("representation", &["heir"]),
        )
        .field(
            Field::new("represented-born", "intake-represented-born", born)
                .optional()
                .when("representation", OTHERS),
        )
        .field(Field::radios("tie", "intake-tie", ties.collect()).when("representation", &["guardian"]))
        .field(
            Field::text("ground", "draft-ground")
                .hint("draft-ground-hint")
                .when("representation", OTHERS),
        )
}

/// The fields about those who apply together with the applicant; the wizard asks the same.
pub(crate) fn others(form: Form) -> Form {
    let form = form.field(Field::new("has-others", "intake-has-others", FieldKind::Confirm).optional());
    (1..=OTHERS_MAX).fold(form, |form, at| {
        let (name, number) = other_fields(at);
        let label = |key: &str| {
            let words = |lang| web::text_with(lang, key, &[("n", at.into())]);
            Label::Text(Bilingual::new(words(kernel::Lang::Vi), words(kernel::Lang::En)))
        };
        form.field(
            Field::text(name, label("intake-other-name"))
                .optional()
                .when("has-others", &["yes"]),
        )
        .field(
            Field::new(number, label("intake-other-id"), FieldKind::PersonId)
                .optional()
                .when("has-others", &["yes"]),
        )
    })
}

/// Papers that a walk-in may bring, with their place in the procedure.
pub(crate) fn listed(procedure: &Procedure) -> Vec<usize> {
    papers(procedure).map(|(at, _)| at).take(PAPERS_MAX).collect()
}

fn brought(form: Form, around: &Around<'_>) -> Form {
    let mut form = form.section(PARTS[3]);
    let case = case_question(around.procedure);
    let any_required = papers(around.procedure).any(|(_, paper)| paper.required);
    let may_require = any_required || case.is_some();
    if let Some(case) = case {
        form = form.field(case);
    }
    if may_require {
        form = form.field(
            Field::new("all-papers", "intake-all-papers", FieldKind::Confirm)
                .optional()
                .key('g'),
        );
    }
    for (at, paper) in papers(around.procedure).take(PAPERS_MAX) {
        let ways = vec![
            Choice::new("original", "intake-paper-original"),
            Choice::new("copy", "intake-paper-copy"),
        ];
        let mut tick = Field::new(
            paper_field(at),
            Label::Text(paper.name.clone()),
            FieldKind::Checkboxes { choices: ways },
        )
        .optional();
        tick.hint = paper.case.as_ref().map(|case| Label::Text(Bilingual::vi(case.clone())));
        let scan = FieldKind::Files {
            accept: crate::file::http::KINDS.to_vec(),
            max_count: SCANS_MAX,
            max_bytes: around.files.bytes_max,
        };
        let label = |lang| web::text_with(lang, "intake-scan", &[("name", paper.name.get(lang).into())]);
        let label = Bilingual::new(label(kernel::Lang::Vi), label(kernel::Lang::En));
        form = form
            .field(tick)
            .field(Field::new(super::scans::field(at), Label::Text(label), scan).optional());
    }
    form
}

/// Which of the catalogue's cases this is, where nothing but the catalogue tells them apart. It is asked at the counter too:
/// the papers of the case are required.
pub(crate) fn case_question(procedure: &Procedure) -> Option<Field> {
    let schema = procedure.form_or_generic();
    let mut question = schema.fields().find(|field| field.name == cases::FIELD)?.clone();
    question.name = format!("{OWN}{}", cases::FIELD);
    Some(question)
}

/// Name of the boxes of one paper.
pub(super) fn paper_field(at: usize) -> String {
    format!("paper-{at}")
}

fn rest(form: Form, around: &Around<'_>) -> Form {
    let units = around.agencies.iter();
    let units = units.map(|agency| Choice::new(agency.unit.to_string(), agency.name.clone()));
    let channels = Channel::ALL.iter();
    let channels = channels.map(|one| Choice::new(one.word(), format!("intake-by-{one}").as_str()));
    let ways = Delivery::ALL.iter();
    let ways = ways.map(|way| Choice::new(way.word(), format!("draft-by-{way}").as_str()));
    let typed = [Entered::Officer, Entered::Assisted];
    let typed = typed.map(|one| Choice::new(one.word(), format!("intake-typed-{one}").as_str()));
    let postmark = FieldKind::Date {
        min: None,
        max: Some(around.today),
    };
    let mut form = form
        .section(PARTS[4])
        .field(Field::select("unit", "draft-unit", units.collect()))
        .field(Field::radios("channel", "intake-channel", channels.collect()))
        .field(Field::new("postmark", "intake-postmark", postmark).when("channel", &["post"]))
        .field(
            Field::text("post-item", "intake-post-item")
                .max_len(40)
                .optional()
                .when("channel", &["post"]),
        )
        .field(Field::radios("delivery", "intake-delivery", ways.collect()))
        .field(Field::text("post-address", "draft-post-address").when("delivery", &["post"]))
        .field(Field::radios("entered", "intake-typed", typed.to_vec()));
    if around.asks_days {
        let days = FieldKind::Integer {
            min: Some(1),
            max: Some(365),
            unit: None,
        };
        form = form.field(
            Field::new("days", "desk-limit-days", days)
                .hint("desk-limit-days-hint")
                .width(Width::W4),
        );
    }
    form.field(Field::multiline("request", "intake-request", 10_000).optional())
}

/// The procedure's own questions, none of them required: on paper they are answered on paper.
fn own(mut form: Form, around: &Around<'_>) -> Form {
    let schema = around.procedure.form_or_generic();
    // The case is asked beside the papers.
    let fields = || schema.fields().filter(|field| field.name != cases::FIELD);
    let is_generic = fields().all(|field| field.name == "request");
    if is_generic {
        return form;
    }
    form = form.section(PARTS[5]);
    for field in fields() {
        if matches!(field.kind, FieldKind::Files { .. }) {
            continue;
        }
        let mut field = field.clone();
        field.required = false;
        if schema.prefill.contains_key(&field.name) {
            field = sourced(field, around);
        }
        field.name = format!("{OWN}{}", field.name);
        if let Some(when) = &mut field.when {
            when.field = format!("{OWN}{}", when.field);
        }
        form = form.field(field);
    }
    form
}

/// Fills the procedure's own questions with what the record of the person says, where nothing was typed.
pub(super) fn fill_own(procedure: &Procedure, values: &mut Values, known: &Known) {
    for (name, what) in &procedure.form_or_generic().prefill {
        let (field, text) = (format!("{OWN}{name}"), known.get(*what));
        if !text.is_empty() && values.text(&field).is_empty() {
            values.set(field, text);
        }
    }
}

/// The answers to the procedure's own questions as values of its own form.
pub(super) fn own_values(procedure: &Procedure, values: &Values) -> Values {
    let schema = procedure.form_or_generic();
    schema.fields().fold(Values::none(), |mut own, field| {
        let all = values.all(&format!("{OWN}{}", field.name)).to_vec();
        if all.iter().any(|one| !one.is_empty()) {
            own.set_all(field.name.as_str(), all);
        }
        own
    })
}

/// The answers to the procedure's own questions, by their own names.
pub(super) fn answers(procedure: &Procedure, values: &Values) -> serde_json::Map<String, serde_json::Value> {
    let mut answers = serde_json::Map::new();
    if let Some(request) = values.opt("request") {
        answers.insert("request".to_owned(), request.into());
    }
    answers.extend(answered::kept(
        &procedure.form_or_generic(),
        &own_values(procedure, values),
    ));
    answers
}

/// The papers as they were brought; `scanned` says of a paper whether a scan is there.
pub(super) fn brought_papers(procedure: &Procedure, values: &Values, scanned: impl Fn(usize) -> bool) -> Vec<Paper> {
    let all = values.yes("all-papers");
    let one = |(at, paper): (usize, &crate::procedure::Component)| {
        let ticked = values.all(&paper_field(at));
        let is = |way: &str| ticked.iter().any(|one| one == way);
        Paper {
            component: i64::try_from(at).unwrap_or(0),
            name: paper.name.vi.clone(),
            original: is("original") || (all && paper.required && !is("copy") && !scanned(at)),
            copy: is("copy"),
            scanned: scanned(at),
        }
    };
    papers(procedure)
        .take(PAPERS_MAX)
        .map(one)
        .filter(|paper| paper.original || paper.copy || paper.scanned)
        .collect()
}

/// What the form shows before anybody typed: the desk's own commune, a person, for herself, result at the desk.
pub(crate) fn beginning(unit: Option<UnitId>) -> Values {
    Values::none()
        .with("applicant", ApplicantKind::Person.word())
        .with("representation", Representation::Own.word())
        .with("channel", Channel::Desk.word())
        .with("delivery", Delivery::PickUp.word())
        .with("entered", Entered::Officer.word())
        .with("unit", unit.map(|unit| unit.to_string()).unwrap_or_default())
}

/// The same form with the sections of one part alone, for drawing the page in pieces.
pub(crate) fn part(form: &Form, title: &str) -> Option<Form> {
    let is_it = |section: &&web::form::Section| matches!(&section.title, Some(Label::Key { key }) if key == title);
    let mut section = form.sections.iter().find(is_it)?.clone();
    section.title = None;
    let mut part = Form::new(form.name.clone(), form.action.clone());
    part.sections = vec![section];
    Some(part)
}
