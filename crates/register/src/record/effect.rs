//! What the effects of cases and the forms of procedures need of a register: a record by its key or by whom it names, the
//! controls of its fields, what its rules say of values. It opens no person: whose record it is, the caller knows; and it writes
//! nothing: that is [`super::write`].

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use ::store::{StoreError, Tx};
use definition::expression::Value;
use identity::{OfficerCaller, PersonRef};
use kernel::{Bilingual, Date, Lang};
use web::form::{Field, Values};

use super::value::parse;
use super::{Act, Record, form, rules, store, view};
use crate::error::Wrong;
use crate::house::Register;
use crate::kind::{Kind, Shape};

/// Most records that are read of one person.
pub const OWN_MAX: u64 = 50;

/// The record with these values of its key; none when a part of the key is missing, or nothing has it.
///
/// # Errors
/// What the store says.
pub fn with_key(tx: &mut Tx, kind: &Kind, values: &BTreeMap<String, Value>) -> Result<Option<Record>, StoreError> {
    let Some(key) = rules::key_fold(kind, values) else {
        return Ok(None);
    };
    match store::with_key(tx, kind, &key)? {
        Some(id) => store::find(tx, kind, id),
        None => Ok(None),
    }
}

/// The records whose field names one of these, the newest first, at most [`OWN_MAX`]; none for a field that names nobody.
///
/// # Errors
/// What the store says.
pub fn of_people(tx: &mut Tx, kind: &Kind, field: &str, people: &[PersonRef]) -> Result<Vec<Record>, StoreError> {
    match kind.column(field) {
        Some(column) if column.shape == Shape::Person && !people.is_empty() => {
            store::of_people(tx, kind, column, people, OWN_MAX)
        }
        _ => Ok(Vec::new()),
    }
}

/// Everything that is wrong with values on a day; nothing when a record may have them.
#[must_use]
pub fn faults(kind: &Kind, values: &BTreeMap<String, Value>, today: Date) -> Vec<Wrong> {
    rules::faults(kind, values, today)
}

/// What is wrong, in both languages.
#[must_use]
pub fn wrong_words(kind: &Kind, wrong: &Wrong) -> Bilingual {
    view::wrong_words(kind, wrong)
}

/// A value in words of a language; whom it names is not told.
#[must_use]
pub fn words(register: &Register, kind: &Kind, field: &str, value: &Value, lang: Lang) -> String {
    match kind.column(field) {
        Some(column) if !column.shape.is_personal() => view::words(register, kind, column, value, lang),
        _ => "***".to_owned(),
    }
}

/// How a record is called.
#[must_use]
pub fn title(register: &Register, kind: &Kind, record: &Record, lang: Lang) -> String {
    view::title(register, kind, record, lang)
}

/// The name of the control of a field.
#[must_use]
pub fn control_name(field: &str) -> String {
    form::name(field)
}

/// The controls of every field that is asked, but of people; none must be answered: the rules say what is missing.
#[must_use]
pub fn controls(register: &Register, kind: &Kind) -> Vec<(String, Field)> {
    let asked = form::asked(kind).filter(|column| !column.shape.is_personal());
    let all = asked.flat_map(|column| {
        let fields = form::controls(register, kind, column, Act::Add);
        fields
            .into_iter()
            .map(|field| (column.field.name.clone(), field.optional()))
    });
    all.collect()
}

/// A value as its control has it.
#[must_use]
pub fn typed_text(value: &Value) -> String {
    form::typed_text(value)
}

/// What the controls say, by field; an empty one is no value.
///
/// # Errors
/// Each text that cannot be read as a value of its field.
pub fn typed(kind: &Kind, values: &Values) -> Result<BTreeMap<String, Value>, Vec<Wrong>> {
    let (mut read, mut wrong) = (BTreeMap::new(), Vec::new());
    for column in form::asked(kind).filter(|column| !column.shape.is_personal()) {
        let text = values.text(&form::name(&column.field.name));
        let text = if column.shape == Shape::Texts {
            text.replace(['\r', '\n'], "; ")
        } else {
            text.to_owned()
        };
        match parse(column.field, &text) {
            Ok(value) => drop(read.insert(column.field.name.clone(), value)),
            Err(what) => wrong.push(Wrong::new(&column.field.name, what)),
        }
    }
    if wrong.is_empty() { Ok(read) } else { Err(wrong) }
}

/// A link from a record to a case that wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseLink {
    /// Which versions.
    pub revisions: Vec<i64>,
    /// The code of the case.
    pub code: String,
    /// Its page; none for whoever may not see it.
    pub href: Option<String>,
}

/// What comes of asking for cases.
pub type Linked<'a> = Pin<Box<dyn Future<Output = Result<Vec<CaseLink>, StoreError>> + Send + 'a>>;

/// Who knows the cases that wrote a record: a room above this one.
pub trait Cases: Send + Sync + 'static {
    /// The cases that wrote versions of a record, with links for those that the officer may see.
    fn of<'a>(&'a self, officer: &'a OfficerCaller, record: super::RecordId) -> Linked<'a>;
}
