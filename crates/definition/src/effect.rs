//! What a step writes into a register, and which paper it prepares: the grammar of both, and the check that a register takes
//! what the answers of a form give. It owns which answers may be named, and refuses formulas of another type than their field,
//! records that are found by anything but their key, and personal answers where everybody looks.
//! Law: NĐ 47/2020/NĐ-CP (a register is written by what was decided).

use crate::expression::{Environment, Expr, ExprKind, Facts, Formula, Type, Unit, Value, type_of};
use crate::fault::FaultCode;
use crate::field::{Field, FieldKind, Sensitivity};
use crate::procedure::read::applicant_environment;
use crate::reader::{Joined, Reader, Word};
use crate::record::RecordKind;
use crate::source::Node;
use crate::surroundings::Reading;
use kernel::Date;
use std::collections::{BTreeMap, BTreeSet};

/// The path under which formulas read the number of the paper that the same step prepares.
pub const RESULT_NUMBER: &str = "result.number";
/// The path of the dossier's code.
pub const DOSSIER_CODE: &str = "dossier.code";
/// The path of the person whom the dossier is about.
pub const APPLICANT: &str = "applicant";

/// Which kind of paper a result is; each has a series of numbers (NĐ 30/2020/NĐ-CP).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum PaperKind {
    /// Quyết định.
    #[default]
    Decision,
    /// Giấy chứng nhận.
    Certificate,
    /// Giấy xác nhận.
    Confirmation,
    /// Giấy phép.
    Permit,
    /// Thông báo.
    Notification,
}

impl PaperKind {
    /// Every kind with its word.
    pub const ALL: [(&'static str, Self); 5] = [
        ("decision", Self::Decision),
        ("certificate", Self::Certificate),
        ("confirmation", Self::Confirmation),
        ("permit", Self::Permit),
        ("notification", Self::Notification),
    ];

    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Decision => "decision",
            Self::Certificate => "certificate",
            Self::Confirmation => "confirmation",
            Self::Permit => "permit",
            Self::Notification => "notification",
        }
    }
}

/// A record that a step enters in a register, or changes there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The kind of record.
    pub register: String,
    /// The values of its key by which the record is found that is changed; empty where one is entered.
    pub find: Vec<(String, Expr)>,
    /// What its fields become. Empty: an officer enters it by hand.
    pub fields: Vec<(String, Expr)>,
    /// When only; always when nothing is said.
    pub when: Option<Expr>,
}

impl Entry {
    /// Nothing says what the fields become: an officer enters it.
    #[must_use]
    pub fn is_by_hand(&self) -> bool {
        self.fields.is_empty()
    }

    /// A record that is there is changed.
    #[must_use]
    pub fn is_change(&self) -> bool {
        !self.find.is_empty()
    }

    /// Whether it is to be done with these facts. An unknown condition does nothing.
    #[must_use]
    pub fn holds(&self, facts: &Facts) -> bool {
        self.when.as_ref().is_none_or(|when| when.evaluate(facts).is_true())
    }

    /// What the fields become; what is unknown is left out, and stays as it is in a record that is changed.
    #[must_use]
    pub fn values(&self, facts: &Facts) -> BTreeMap<String, Value> {
        evaluated(&self.fields, facts)
    }

    /// The key of the record that is changed.
    #[must_use]
    pub fn key(&self, facts: &Facts) -> BTreeMap<String, Value> {
        evaluated(&self.find, facts)
    }
}

fn evaluated(all: &[(String, Expr)], facts: &Facts) -> BTreeMap<String, Value> {
    let all = all.iter().map(|(name, expr)| (name.clone(), expr.evaluate(facts)));
    all.filter(|(_, value)| *value != Value::Null).collect()
}

/// What the formulas of entries may name, and which of it is personal.
pub(crate) struct Answers {
    environment: Environment,
    personal: BTreeSet<String>,
}

impl Answers {
    /// The answers to the form of a procedure, and what is known besides.
    pub(crate) fn of_form(form: &[Field]) -> Self {
        let mut environment = applicant_environment();
        environment.declare(APPLICANT, Type::Person);
        environment.declare(DOSSIER_CODE, Type::Text);
        let applicant = ["name", "birth_date", "address", "phone", "email"];
        let mut personal: BTreeSet<String> = applicant.map(|name| format!("{APPLICANT}.{name}")).into();
        personal.insert(APPLICANT.to_owned());
        for field in form {
            let path = format!("form.{}", field.name);
            if field.sensitivity == Sensitivity::Personal {
                personal.insert(path.clone());
            }
            environment.declare(path, field.ty());
        }
        Self { environment, personal }
    }

    /// What the guards of a workflow may name.
    pub(crate) fn of_workflow(environment: &Environment) -> Self {
        Self {
            environment: environment.clone(),
            personal: BTreeSet::new(),
        }
    }

    /// The same, with the number of the paper that was prepared before.
    fn numbered(&self, is_numbered: bool) -> Environment {
        let mut environment = self.environment.clone();
        if is_numbered {
            environment.declare(RESULT_NUMBER, Type::Text);
        }
        environment
    }
}

/// Reads `find`, `fields` and `when` beside `register = "tree"`. `kind` is the register when it is one of this system.
/// Without `answers` the formulas are taken as they are written: they were proven with their system.
pub(crate) fn entry(
    effect: &Reader<'_>,
    register: &Word,
    kind: Option<&RecordKind>,
    answers: Option<(&Answers, bool)>,
    reading: &Reading<'_>,
) -> Entry {
    let environment = answers.map(|(answers, is_numbered)| answers.numbered(is_numbered));
    let environment = environment.as_ref();
    let (find, fields) = (effect.node("find"), effect.node("fields"));
    let when = effect
        .word("when")
        .and_then(|word| condition(&word, environment, reading));
    if let (Some(node), None) = (find, fields) {
        reading.sink.say(FaultCode::KeyMissing, node.place, &["fields"]);
    }
    if let (Some(node), None, Some(_)) = (fields, kind, environment) {
        let known = std::iter::empty::<&str>();
        reading
            .sink
            .say_unknown(FaultCode::RecordUnknown, node.place, &register.word, known);
    }
    let checked = kind.zip(environment);
    let personal = answers.map(|(answers, _)| &answers.personal);
    let read = |node: Option<&Node>, name: &str| {
        node.map_or_else(Vec::new, |node| formulas(node, name, checked, personal, reading))
    };
    let (find_read, fields_read) = (read(find, "find"), read(fields, "fields"));
    if let (Some(node), Some(kind), Some(_)) = (find, kind, environment) {
        let named: BTreeSet<&str> = find_read.iter().map(|(name, _)| name.as_str()).collect();
        let key: BTreeSet<&str> = kind.key.iter().map(String::as_str).collect();
        if key.is_empty() || named != key {
            let key = kind.key.join(", ");
            reading.sink.say(FaultCode::EffectKey, node.place, &[&kind.name, &key]);
        }
    }
    Entry {
        register: register.word.clone(),
        find: find_read,
        fields: fields_read,
        when,
    }
}

fn condition(word: &Word, environment: Option<&Environment>, reading: &Reading<'_>) -> Option<Expr> {
    let read = match environment {
        Some(environment) => Formula::condition(&word.word, environment).map(|formula| formula.expr().clone()),
        None => word.word.parse(),
    };
    read.map_err(|error| reading.sink.say_expression(word.place, &error))
        .ok()
}

/// The formulas of a table by field.
fn formulas(
    node: &Node,
    name: &str,
    checked: Option<(&RecordKind, &Environment)>,
    personal: Option<&BTreeSet<String>>,
    reading: &Reading<'_>,
) -> Vec<(String, Expr)> {
    let Some(table) = Reader::of(node, name, reading.sink) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (field, node) in table.entries(Joined::Underscore) {
        let Some(text) = table.word_of(node, &field.word) else {
            continue;
        };
        let expr = match checked {
            Some((kind, environment)) => value(&field, &text, kind, environment, personal, reading),
            None => text
                .word
                .parse()
                .map_err(|error| reading.sink.say_expression(text.place, &error))
                .ok(),
        };
        found.extend(expr.map(|expr| (field.word, expr)));
    }
    found
}

/// A formula for a field of the register; a fault when the field would not take what it gives.
fn value(
    name: &Word,
    text: &Word,
    kind: &RecordKind,
    environment: &Environment,
    personal: Option<&BTreeSet<String>>,
    reading: &Reading<'_>,
) -> Option<Expr> {
    let index = reading.find(FaultCode::FieldUnknown, name, &kind.fields, |field| &field.name)?;
    let field = &kind.fields[index];
    let formula = match Formula::read(&text.word, environment) {
        Ok(formula) => formula,
        Err(error) => {
            reading.sink.say_expression(text.place, &error);
            return None;
        }
    };
    if let Err(found) = takes(field, formula.expr(), environment) {
        let wanted = field.ty().to_string();
        let args = [name.word.as_str(), &wanted, &found];
        reading.sink.say(FaultCode::TypesDiffer, text.place, &args);
    }
    let is_shown = |path: &String| personal.is_some_and(|personal| personal.contains(path));
    if field.sensitivity != Sensitivity::Personal
        && let Some(path) = paths(formula.expr()).into_iter().find(is_shown)
    {
        reading.sink.say(FaultCode::PersonalShown, text.place, &[&path]);
    }
    Some(formula.expr().clone())
}

/// Whether a field takes what an expression gives; the type that it gives instead.
fn takes(field: &Field, expr: &Expr, environment: &Environment) -> Result<(), String> {
    match &expr.kind {
        ExprKind::Condition(_, first, second) => {
            takes(field, first, environment)?;
            takes(field, second, environment)
        }
        ExprKind::Literal(literal) => {
            let one = Field {
                many: None,
                required: false,
                ..field.clone()
            };
            // A bound of `today` moves with the day: any day of the calendar may be right.
            let fits = one.fits(&literal.value(), Date::MAX).is_ok();
            if fits { Ok(()) } else { Err(expr.to_string()) }
        }
        _ => match type_of(expr, environment) {
            Some(ty) if !takes_type(field, &ty) => Err(ty.to_string()),
            _ => Ok(()),
        },
    }
}

/// Whether a field takes values of a type. A field of several takes one as well.
pub(crate) fn takes_type(field: &Field, ty: &Type) -> bool {
    let one = match (ty.known().0, field.many) {
        (Type::Many(_), None) => return false,
        (Type::Many(inner), Some(_)) => inner.known().0,
        (one, _) => one,
    };
    match (&field.kind, one) {
        (_, Type::Null)
        | (FieldKind::Boolean, Type::Bool)
        | (FieldKind::Text { .. }, Type::Text | Type::Choice(_) | Type::Code(_) | Type::Area)
        | (FieldKind::Date { .. }, Type::Date)
        | (FieldKind::Code(_), Type::Text)
        | (FieldKind::Person, Type::Person)
        | (FieldKind::Area | FieldKind::AreaAddress, Type::Area | Type::Text) => true,
        (FieldKind::Number { ty, .. }, Type::Number(given)) => {
            (given.unit == Unit::Any || given.unit == ty.unit) && given.scale <= ty.scale
        }
        (FieldKind::Choice(words), Type::Choice(given)) => given.iter().all(|word| words.contains(word)),
        (FieldKind::Code(list), Type::Code(given)) => list == given,
        _ => false,
    }
}

/// Every path that an expression reads.
fn paths(expr: &Expr) -> Vec<String> {
    match &expr.kind {
        ExprKind::Path(path) | ExprKind::Has(path) => vec![path.clone()],
        ExprKind::Literal(_) | ExprKind::Today => Vec::new(),
        ExprKind::Size(inner) | ExprKind::Unary(_, inner) | ExprKind::In(inner, _) => paths(inner),
        ExprKind::Binary(_, first, second) => [paths(first), paths(second)].concat(),
        ExprKind::Condition(when, first, second) => [paths(when), paths(first), paths(second)].concat(),
    }
}

/// The answers of a form that a field of a register takes, as formulas: what a page offers.
#[must_use]
pub fn fitting(field: &Field, form: &[Field]) -> Vec<String> {
    let is_personal = field.sensitivity == Sensitivity::Personal;
    let own = form
        .iter()
        .filter(|answer| takes_type(field, &answer.ty()))
        .filter(|answer| is_personal || answer.sensitivity != Sensitivity::Personal);
    let mut found: Vec<String> = own.map(|answer| format!("form.{}", answer.name)).collect();
    let others = match field.kind {
        FieldKind::Person => vec![APPLICANT],
        FieldKind::Text { .. } => vec![RESULT_NUMBER, DOSSIER_CODE],
        FieldKind::Date { .. } => vec!["today"],
        _ => Vec::new(),
    };
    found.extend(others.into_iter().map(str::to_owned));
    found
}
