//! Pure decisions about effects: which step an action finishes, what the fields of a record become, what a result begins with.
//! It reads no table; what it cannot fit into a field it gives back as what is wrong.

use std::collections::BTreeMap;

use ::register::record::value::parse;
use ::register::{Kind, Wrong};
use definition::FieldKind;
use definition::effect::{Entry, PaperKind};
use definition::expression::{Facts, Value};
use definition::machine::Effect;
use definition::procedure::Step;
use identity::person;

use super::{Claims, Who};
use crate::dossier::Dossier;
use crate::dossier::state::Action;
use crate::process::{Process, rules as flow};
use crate::result::ResultKind;

/// The step that an action finishes; none for whatever goes back, waits or ends.
pub(crate) fn finished<'a>(process: &'a Process, dossier: &Dossier, action: Action) -> Option<&'a Step> {
    let at = process.position(&dossier.position.step)?;
    let arrow = flow::arrow(process, at, action)?;
    if arrow.onward { process.step(at) } else { None }
}

/// The effects of a step that are carried out here, with their places among all.
pub(crate) fn due(step: &Step) -> impl Iterator<Item = (i64, &Effect)> {
    let all = (0_i64..).zip(&step.then);
    all.filter(|(_, effect)| matches!(effect, Effect::Issue { .. } | Effect::Register(_)))
}

/// What a record gets.
#[derive(Debug)]
pub(crate) struct Mapped {
    /// Values, ids of people among them.
    pub(crate) values: BTreeMap<String, Value>,
    /// People who are found or entered.
    pub(crate) people: BTreeMap<String, Vec<person::Prepared>>,
}

/// What the fields become: from the formulas, and over it what an officer wrote.
pub(crate) fn mapped(
    kind: &Kind,
    entry: &Entry,
    facts: &Facts,
    claims: &Claims,
    written: &BTreeMap<String, String>,
) -> Result<Mapped, Vec<Wrong>> {
    let (mut values, mut people, mut wrong) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    for (name, value) in entry.values(facts) {
        let Some(column) = kind.column(&name) else { continue };
        if column.shape.is_personal() {
            match claimed(claims, &value, column.field.many.is_some()) {
                Claimed::Record(value) => drop(values.insert(name, value)),
                Claimed::Claims(all) => drop(people.insert(name, all)),
                Claimed::Nobody => {}
            }
        } else {
            values.insert(name, fitted(column.field, value));
        }
    }
    for (name, text) in written {
        let Some(column) = kind.column(name).filter(|column| !column.shape.is_personal()) else {
            continue;
        };
        match parse(column.field, text) {
            Ok(value) => drop(values.insert(name.clone(), value)),
            Err(what) => wrong.push(Wrong {
                field: name.clone(),
                what,
            }),
        }
    }
    if entry.is_change() {
        // Nothing said is nothing changed.
        values.retain(|name, value| *value != Value::Null || written.contains_key(name));
    } else {
        for column in kind.columns.iter().filter(|column| !column.field.retired) {
            if let Some(default) = &column.field.default {
                values
                    .entry(column.field.name.clone())
                    .or_insert_with(|| default.clone());
            }
        }
    }
    if wrong.is_empty() {
        Ok(Mapped { values, people })
    } else {
        Err(wrong)
    }
}

/// The key by which a record is found, each part as its field has it.
pub(crate) fn key(kind: &Kind, entry: &Entry, facts: &Facts) -> BTreeMap<String, Value> {
    let all = entry.key(facts).into_iter();
    all.filter_map(|(name, value)| {
        let column = kind.column(&name)?;
        let value = match value {
            Value::Text(text) => Value::Text(text.trim().to_owned()),
            other => other,
        };
        Some((name, fitted(column.field, value)))
    })
    .collect()
}

/// A value in the shape of its field: decimals as declared, several where several are wanted, texts without blanks around them.
fn fitted(field: &definition::Field, value: Value) -> Value {
    let value = match (&field.kind, value) {
        (FieldKind::Number { ty, .. }, Value::Number(number)) => {
            Value::Number(number.rescaled(ty.scale).unwrap_or(number))
        }
        (_, Value::Text(text)) => Value::Text(kernel::fold::nfc(text.trim()).into_owned()),
        (_, value) => value,
    };
    match (field.many, value) {
        (Some(_), one @ (Value::Text(_) | Value::Number(_) | Value::Bool(_) | Value::Date(_))) => {
            Value::Many(vec![one])
        }
        (_, value) => value,
    }
}

enum Claimed {
    Record(Value),
    Claims(Vec<person::Prepared>),
    Nobody,
}

/// The people behind the value of a formula, which is the path of the answer that names them.
fn claimed(claims: &Claims, value: &Value, is_many: bool) -> Claimed {
    let path = match value {
        Value::Text(path) => path,
        Value::Many(all) => match all.first() {
            Some(Value::Text(path)) => path,
            _ => return Claimed::Nobody,
        },
        _ => return Claimed::Nobody,
    };
    let Some(who) = claims.get(path) else {
        return Claimed::Nobody;
    };
    let known: Vec<Value> = who
        .iter()
        .filter_map(|one| match one {
            Who::Applicant(person) => Some(Value::Text(person.to_string())),
            Who::Claimed(_) => None,
        })
        .collect();
    match (known.as_slice(), is_many) {
        ([], _) => {
            let all = who.iter().filter_map(|one| match one {
                Who::Claimed(claim) => Some((**claim).clone()),
                Who::Applicant(_) => None,
            });
            Claimed::Claims(all.collect())
        }
        ([one], false) => Claimed::Record(one.clone()),
        _ => Claimed::Record(Value::Many(known)),
    }
}

/// The kind of paper that a definition means.
pub(crate) const fn result_kind(paper: PaperKind) -> ResultKind {
    match paper {
        PaperKind::Decision => ResultKind::Decision,
        PaperKind::Certificate => ResultKind::Certificate,
        PaperKind::Confirmation => ResultKind::Confirmation,
        PaperKind::Permit => ResultKind::Permit,
        PaperKind::Notification => ResultKind::Notification,
    }
}

/// What two versions of a process bring about from a step on: what comes, and what goes.
pub(crate) fn difference(before: &Process, after: &Process, step: &str) -> (Vec<Effect>, Vec<Effect>) {
    let of = |process: &Process| -> Vec<Effect> {
        let from = process.position(step).unwrap_or(0);
        let steps = process.steps().skip(from);
        steps
            .flat_map(|(step, _)| due(step).map(|(_, effect)| effect.clone()).collect::<Vec<_>>())
            .collect()
    };
    let (was, is) = (of(before), of(after));
    let new = is.iter().filter(|one| !was.contains(one)).cloned().collect();
    let gone = was.iter().filter(|one| !is.contains(one)).cloned().collect();
    (new, gone)
}
