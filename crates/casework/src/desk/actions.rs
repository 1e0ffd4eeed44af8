//! The form of each action, and the order that its answers make. One task a page; a page asks only what its action needs.
//! It refuses answers that the action does not ask for, and carries nothing out: that is `act`.

use identity::AccountId;
use kernel::calendar::TimeLimit;
use web::form::{Choice, Field, FieldKind, Form, Values, Width};

use crate::FileLimits;
use crate::dossier::command::Order;
use crate::dossier::state::{Action, Delivery, Outcome};
use crate::dossier::{Defect, Dossier, DossierError};

/// Rows for defects on the page of one request.
pub(crate) const DEFECT_ROWS: usize = 8;

/// Files that one action brings at most.
pub(crate) const FILES_MAX: usize = 5;

/// What the forms need to know besides the dossier.
#[derive(Debug, Clone, Default)]
pub(crate) struct Around {
    /// The time limit of the procedure, when its catalogue entry states one.
    pub(crate) limit: Option<TimeLimit>,
    /// Officers who can work on it.
    pub(crate) officers: Vec<(AccountId, String)>,
    /// Bounds of uploads.
    pub(crate) files: FileLimits,
    /// Passing the step on decides the dossier: no leader comes after it.
    pub(crate) decides: bool,
}

/// The form of an action.
pub(crate) fn form(dossier: &Dossier, action: Action, around: &Around) -> Form {
    let start = Form::new("act", format!("/desk/dossiers/{}/{action}", dossier.id))
        .submit(format!("desk-do-{action}").as_str())
        .cancel(format!("/desk/dossiers/{}", dossier.id))
        .hidden("revision", dossier.revision.to_string());
    let note = || Field::multiline("note", format!("desk-note-{action}").as_str(), 5_000);
    match action {
        Action::Receive if around.limit.is_some() => start.field(note().optional()),
        Action::Receive => start
            .field(days("desk-limit-days").hint("desk-limit-days-hint"))
            .field(note().optional()),
        Action::Refuse | Action::SendBack | Action::Stop | Action::AskFee | Action::ConfirmFee => start.field(note()),
        Action::Extend => start.field(days("desk-extend-days")).field(note()),
        Action::Forward if around.decides => start
            .field(outcome())
            .field(note().optional())
            .field(files(around, false)),
        Action::Forward => start.field(note().optional()),
        Action::Claim | Action::Withdraw => start,
        Action::AskSupplement => (1..=DEFECT_ROWS).fold(start, defect_fields),
        Action::AnswerSupplement => start.field(note()).field(files(around, false)),
        Action::Assign => {
            let choices = around
                .officers
                .iter()
                .map(|(id, name)| Choice::named(id.to_string(), name.as_str()))
                .collect();
            start
                .field(Field::select("officer", "desk-officer", choices))
                .field(note().optional())
        }
        Action::Propose => start
            .field(outcome())
            .field(note().optional())
            .field(files(around, false)),
        Action::Approve => start.field(note().optional()).field(files(around, false)),
        Action::AttachResult => start.field(files(around, true)),
        Action::Return => {
            let ways = Delivery::ALL
                .iter()
                .map(|way| Choice::new(way.word(), format!("draft-by-{way}").as_str()))
                .collect();
            start
                .field(Field::radios("delivery", "desk-delivery", ways))
                .field(Field::text("taken-by", "desk-taken-by").hint("desk-taken-by-hint"))
                .field(files(around, false))
        }
    }
}

/// Working days, typed as a number.
fn days(label: &'static str) -> Field {
    let kind = FieldKind::Integer {
        min: Some(1),
        max: Some(365),
        unit: None,
    };
    Field::new("days", label, kind).width(Width::W4)
}

fn outcome() -> Field {
    let ways = Outcome::ALL
        .iter()
        .map(|one| Choice::new(one.word(), format!("dossier-outcome-{one}").as_str()))
        .collect();
    Field::radios("outcome", "desk-outcome", ways)
}

fn defect_fields(form: Form, at: usize) -> Form {
    let what = Field::text(format!("what-{at}"), "desk-defect-what").max_len(1_000);
    let what = if at == 1 { what } else { what.optional() };
    let item = |lang| web::text_with(lang, "desk-defect-item", &[("n", at.into())]);
    form.section(web::form::Label::Text(kernel::Bilingual::new(
        item(kernel::Lang::Vi),
        item(kernel::Lang::En),
    )))
    .field(what)
    .field(
        Field::text(format!("remedy-{at}"), "desk-defect-remedy")
            .max_len(1_000)
            .optional(),
    )
    .field(Field::text(format!("clause-{at}"), "desk-defect-clause").optional())
}

fn files(around: &Around, required: bool) -> Field {
    let kind = FieldKind::Files {
        accept: crate::file::http::KINDS.to_vec(),
        max_count: FILES_MAX,
        max_bytes: around.files.bytes_max,
    };
    let field = Field::new("file", "desk-files", kind);
    if required { field } else { field.optional() }
}

/// What the form shows before anybody typed.
pub(crate) fn values(dossier: &Dossier, action: Action) -> Values {
    match action {
        Action::Return => Values::none().with("delivery", dossier.delivery.word()),
        _ => Values::none(),
    }
}

/// Fills an order from parsed answers.
///
/// # Errors
/// `AssigneeUnknown` when the chosen officer is none of those offered, `BadValue` for a word that is none.
pub(crate) fn fill(order: &mut Order, values: &Values, around: &Around) -> Result<(), DossierError> {
    order.revision = values.integer("revision").unwrap_or(order.revision);
    order.note = values.text("note").to_owned();
    match order.action {
        Action::Receive => {
            order.deed.limit = around.limit.or(typed_days(values));
        }
        Action::Extend => order.deed.limit = typed_days(values),
        Action::Forward if around.decides => order.deed.outcome = Some(word(values, "outcome")?),
        Action::AskSupplement => order.defects = defects(values),
        Action::Assign => {
            let chosen: AccountId = values.typed("officer").ok_or(DossierError::AssigneeUnknown)?;
            let known = around.officers.iter().find(|(id, _)| *id == chosen);
            order.deed.assignee = Some(known.cloned().ok_or(DossierError::AssigneeUnknown)?);
        }
        Action::Propose => order.deed.outcome = Some(word(values, "outcome")?),
        Action::Return => {
            order.deed.delivery = Some(word(values, "delivery")?);
            order.taken_by = values.text("taken-by").to_owned();
        }
        Action::Refuse
        | Action::AnswerSupplement
        | Action::AskFee
        | Action::ConfirmFee
        | Action::Claim
        | Action::Forward
        | Action::Approve
        | Action::SendBack
        | Action::AttachResult
        | Action::Stop
        | Action::Withdraw => {}
    }
    Ok(())
}

fn typed_days(values: &Values) -> Option<TimeLimit> {
    let days = values.integer("days").and_then(|days| u32::try_from(days).ok());
    days.map(TimeLimit::WorkingDays)
}

fn word<T: std::str::FromStr>(values: &Values, field: &'static str) -> Result<T, DossierError> {
    values.text(field).parse().map_err(|_| DossierError::BadValue(field))
}

fn defects(values: &Values) -> Vec<Defect> {
    (1..=DEFECT_ROWS)
        .map(|at| Defect {
            what: values.text(&format!("what-{at}")).trim().to_owned(),
            remedy: values.text(&format!("remedy-{at}")).trim().to_owned(),
            clause: values.text(&format!("clause-{at}")).trim().to_owned(),
        })
        .filter(|defect| !defect.what.is_empty())
        .collect()
}
