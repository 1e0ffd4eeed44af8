//! The form of each action, and the order that its answers make. One task a page; a page asks only what its action needs.
//! It refuses answers that the action does not ask for, and carries nothing out: that is `act`.

use identity::AccountId;
use kernel::calendar::TimeLimit;
use web::form::{Choice, Errors, Field, FieldKind, Form, Values, Width};

use super::defects::Prepared;
use crate::FileLimits;
use crate::dossier::command::Order;
use crate::dossier::state::{Action, Delivery, Outcome};
use crate::dossier::{Carrier, Dossier, DossierError, HandOver, Proof, is_post_item};

/// The field by which files come.
pub(crate) const FILES: &str = "file";

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
    /// What can be prepared of a return.
    pub(crate) prepared: Prepared,
    /// Rows for what was not prepared; at least one is shown.
    pub(crate) rows: usize,
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
        Action::SendBack | Action::Stop | Action::AskFee | Action::ConfirmFee => start.field(note()),
        Action::Refuse => around.prepared.fields(start.field(note().optional()), around.rows),
        Action::Extend => start.field(days("desk-extend-days")).field(note()),
        Action::Forward if around.decides => around.prepared.denial(
            start
                .field(outcome())
                .field(note().optional())
                .field(files(around, false)),
        ),
        Action::Forward => start.field(note().optional()),
        Action::Claim | Action::Withdraw => start,
        Action::AskSupplement => around.prepared.fields(start, around.rows),
        Action::AnswerSupplement => start.field(note()).field(files(around, false)),
        Action::Assign => {
            let choices = around
                .officers
                .iter()
                .map(|(id, name)| Choice::named(id.to_string(), name.as_str()))
                .collect();
            start
                .field(Field::select("officer", "desk-officer", choices))
                .field(if dossier.assignee.is_some() {
                    Field::multiline("note", "handover-reason", 5_000)
                } else {
                    note().optional()
                })
        }
        Action::Propose => around.prepared.denial(
            start
                .field(outcome())
                .field(note().optional())
                .field(files(around, false)),
        ),
        Action::Approve if dossier.outcome == Some(Outcome::Denied) => start.field(note()).field(files(around, false)),
        Action::Approve => start.field(note().optional()).field(files(around, false)),
        Action::AttachResult => start.field(files(around, true)),
        Action::Return => hand_over(start).field(files(around, false)),
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

/// How the result leaves the house, and what proves it.
fn hand_over(form: Form) -> Form {
    let ways = Delivery::ALL.iter();
    let ways = ways.map(|way| Choice::new(way.word(), format!("draft-by-{way}").as_str()));
    let proofs = Proof::ALL.iter();
    let proofs = proofs.map(|proof| Choice::new(proof.word(), format!("hand-over-proof-{proof}").as_str()));
    let carriers = Carrier::ALL.iter();
    let carriers = carriers.map(|one| Choice::new(one.word(), format!("hand-over-carrier-{one}").as_str()));
    form.field(Field::radios("delivery", "desk-delivery", ways.collect()))
        .field(Field::text("taken-by", "desk-taken-by").hint("desk-taken-by-hint"))
        .field(Field::radios("proof", "hand-over-proof", proofs.collect()).when("delivery", &["pick-up"]))
        .field(Field::select("carrier", "hand-over-carrier", carriers.collect()).when("delivery", &["post"]))
        .field(
            Field::text("post-item", "hand-over-post-item")
                .hint("hand-over-post-item-hint")
                .max_len(40)
                .width(Width::W20)
                .when("delivery", &["post"]),
        )
}

/// What the fields alone cannot say of the answers to an action's form.
pub(crate) fn check(dossier: &Dossier, action: Action, values: &Values, around: &Around) -> Errors {
    let denies = values.text("outcome") == Outcome::Denied.word();
    let decides = action == Action::Propose || (action == Action::Forward && around.decides);
    let mut errors = match action {
        Action::AskSupplement | Action::Refuse => around.prepared.check(values),
        _ if decides && denies => around.prepared.check(values),
        _ => Errors::none(),
    };
    let approves_denial = action == Action::Approve && dossier.outcome == Some(Outcome::Denied);
    if ((decides && denies) || approves_denial) && values.text("note").trim().is_empty() {
        errors.add("note", "error-dossier-reason-missing");
    }
    let item = post_item(values);
    if action == Action::Return && values.text("delivery") == Delivery::Post.word() && !is_post_item(&item) {
        errors.add("post-item", "hand-over-post-item-wrong");
    }
    errors
}

/// The number of a postal item as typed, without the blanks in which receipts group it.
fn post_item(values: &Values) -> String {
    let typed = values.text("post-item");
    typed.split_whitespace().collect::<String>().to_uppercase()
}

fn outcome() -> Field {
    let ways = Outcome::ALL
        .iter()
        .map(|one| Choice::new(one.word(), format!("dossier-outcome-{one}").as_str()))
        .collect();
    Field::radios("outcome", "desk-outcome", ways)
}

fn files(around: &Around, required: bool) -> Field {
    let kind = FieldKind::Files {
        accept: crate::file::http::KINDS.to_vec(),
        max_count: FILES_MAX,
        max_bytes: around.files.bytes_max,
    };
    let field = Field::new(FILES, "desk-files", kind);
    if required { field } else { field.optional() }
}

/// What the form shows before anybody typed.
pub(crate) fn values(dossier: &Dossier, action: Action) -> Values {
    match action {
        Action::Return => Values::none()
            .with("delivery", dossier.delivery.word())
            .with("proof", Proof::Receipt.word())
            .with("carrier", Carrier::VnPost.word()),
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
        Action::Forward if around.decides => propose(order, values, around)?,
        Action::AskSupplement | Action::Refuse => order.defects = around.prepared.read(values),
        Action::Assign => {
            order.deed.assignee = Some(chosen(values, around)?);
        }
        Action::Propose => propose(order, values, around)?,
        Action::Return => {
            let way = word(values, "delivery")?;
            order.deed.delivery = Some(way);
            order.hand_over = HandOver {
                taken_by: values.text("taken-by").trim().to_owned(),
                proof: (way == Delivery::PickUp).then(|| word(values, "proof")).transpose()?,
                post_item: if way == Delivery::Post {
                    post_item(values)
                } else {
                    String::new()
                },
                carrier: (way == Delivery::Post).then(|| word(values, "carrier")).transpose()?,
            };
        }
        Action::AnswerSupplement
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

/// What is laid before the leader, or decided; a denial with its grounds.
fn propose(order: &mut Order, values: &Values, around: &Around) -> Result<(), DossierError> {
    let outcome = word(values, "outcome")?;
    order.deed.outcome = Some(outcome);
    if outcome == Outcome::Denied {
        order.defects = around.prepared.read(values);
    }
    Ok(())
}

/// The officer who was chosen among those that were offered.
///
/// # Errors
/// `AssigneeUnknown` when she is none of them.
pub(crate) fn chosen(values: &Values, around: &Around) -> Result<(AccountId, String), DossierError> {
    let chosen: AccountId = values.typed("officer").ok_or(DossierError::AssigneeUnknown)?;
    let known = around.officers.iter().find(|(id, _)| *id == chosen);
    known.cloned().ok_or(DossierError::AssigneeUnknown)
}

fn typed_days(values: &Values) -> Option<TimeLimit> {
    let days = values.integer("days").and_then(|days| u32::try_from(days).ok());
    days.map(TimeLimit::WorkingDays)
}

fn word<T: std::str::FromStr>(values: &Values, field: &'static str) -> Result<T, DossierError> {
    values.text(field).parse().map_err(|_| DossierError::BadValue(field))
}
