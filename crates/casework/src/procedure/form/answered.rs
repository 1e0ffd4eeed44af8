//! What was answered, as facts that a definition's formulas read, and what of it a field of the definition refuses that a
//! control cannot: patterns, counts, days after today.
//! It refuses nothing twice: what the page has read is taken as it is.

use definition::expression::{Facts, Number, Value};
use definition::procedure::Channel;
use definition::{Field as Asked, FieldKind as Kind, Unfit};
use kernel::{Date, Lang};
use serde_json::{Map, Value as Json};
use web::form::{Errors, Values};

use super::{FormSchema, web_name};
use crate::definitions::Defined;
use crate::draft::rules::Known;

/// Below this age a person is a child (Luật Trẻ em 102/2016/QH13 Điều 1).
const CHILD_BELOW: i16 = 16;
/// From this age on a person is elderly (Luật Người cao tuổi 39/2009/QH12 Điều 2).
const ELDERLY_FROM: i16 = 60;

/// Circumstances of a filing besides its answers.
#[derive(Debug, Clone)]
pub struct Filing<'a> {
    /// The day on which it is typed.
    pub today: Date,
    /// By which way.
    pub channel: Channel,
    /// In which relation, when that was said: `own`, `guardian`, `proxy`.
    pub representation: Option<&'a str>,
    /// What the record of the applicant says.
    pub known: &'a Known,
}

/// Everything that formulas may read.
#[must_use]
pub fn facts(defined: &Defined, values: &Values, filing: &Filing<'_>) -> Facts {
    let mut facts = Facts::new(filing.today);
    for field in &defined.procedure.form {
        facts.set(format!("form.{}", field.name), value_of(field, values));
    }
    let channel = Channel::ALL.iter().find(|(_, channel)| *channel == filing.channel);
    if let Some((word, _)) = channel {
        facts.set("channel", Value::Text((*word).to_owned()));
    }
    if let Some(word) = filing.representation {
        facts.set("representation", Value::Text(word.to_owned()));
    }
    applicant(&mut facts, filing.known, filing.today);
    facts
}

fn applicant(facts: &mut Facts, known: &Known, today: Date) {
    let texts = [
        ("name", &known.name),
        ("address", &known.address),
        ("phone", &known.phone),
        ("email", &known.email),
    ];
    for (name, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
        facts.set(format!("applicant.{name}"), Value::Text(text.clone()));
    }
    if let Ok(born) = known.birthday.parse::<Date>() {
        let age = age(born, today);
        facts.set("applicant.birth_date", Value::Date(born));
        facts.set("applicant.age", Value::Number(Number::whole(i64::from(age))));
        facts.set("applicant.child", Value::Bool(age < CHILD_BELOW));
        facts.set("applicant.elderly", Value::Bool(age >= ELDERLY_FROM));
    }
}

/// Whole years on a day.
fn age(born: Date, today: Date) -> i16 {
    let before_birthday = (today.month(), today.day()) < (born.month(), born.day());
    today.year() - born.year() - i16::from(before_birthday)
}

/// The answer of a field, its default when nothing was said.
#[must_use]
pub fn value_of(field: &Asked, values: &Values) -> Value {
    let name = web_name(&field.name);
    let found = if field.many.is_some() {
        several(field, values.all(&name))
    } else if field.kind == Kind::Person {
        one(field, values.text(&format!("{name}-name")))
    } else {
        one(field, values.text(&name))
    };
    match found {
        Value::Null => field.default.clone().unwrap_or(Value::Null),
        found => found,
    }
}

fn several(field: &Asked, all: &[String]) -> Value {
    // Several answers are several values, or the lines of one.
    let texts = all.iter().flat_map(|text| text.lines()).map(str::trim);
    let values: Vec<Value> = texts
        .filter(|text| !text.is_empty())
        .map(|text| one(field, text))
        .collect();
    if values.is_empty() {
        Value::Null
    } else {
        Value::Many(values)
    }
}

fn one(field: &Asked, text: &str) -> Value {
    let plain = text.trim();
    if plain.is_empty() {
        return Value::Null;
    }
    match &field.kind {
        Kind::Boolean => match plain {
            "yes" => Value::Bool(true),
            "no" => Value::Bool(false),
            _ => Value::Null,
        },
        Kind::Number { .. } => plain.parse().map_or(Value::Null, Value::Number),
        Kind::Date { .. } => plain.parse().map_or(Value::Null, Value::Date),
        Kind::File { .. } => Value::Null,
        Kind::Text { .. } | Kind::Choice(_) | Kind::Code(_) | Kind::Person | Kind::Area | Kind::AreaAddress => {
            Value::Text(text.to_owned())
        }
    }
}

/// What a definition refuses of answers that the page has read.
#[must_use]
pub fn unfit(defined: &Defined, values: &Values, facts: &Facts) -> Errors {
    let mut errors = Errors::none();
    for field in defined.procedure.asked_fields(facts) {
        if matches!(field.kind, Kind::File { .. }) {
            continue;
        }
        if let Err(why) = field.fits(&value_of(field, values), facts.today) {
            let label = defined.label(&format!("field.{}", field.name));
            let mut name = web_name(&field.name);
            if field.kind == Kind::Person && field.many.is_none() {
                name.push_str("-name");
            }
            let mut args = vec![("label", label.get(Lang::Vi).to_owned())];
            if let Some(many) = field.many {
                args.extend([("least", many.least.to_string()), ("most", many.most.to_string())]);
            }
            errors.add_with(name, key(field, why), args);
        }
    }
    errors
}

fn key(field: &Asked, why: Unfit) -> &'static str {
    match (why, &field.kind) {
        (Unfit::Missing, _) => "draft-unfit-missing",
        (Unfit::Range, _) if field.many.is_some() => "draft-unfit-count",
        (Unfit::Range, Kind::Date { .. }) => "draft-unfit-day",
        (Unfit::Range, _) => "draft-unfit-range",
        (Unfit::Pattern, _) => "draft-unfit-pattern",
        (Unfit::Type | Unfit::Choice, _) => "draft-unfit-type",
    }
}

/// The answers of a form as they are kept with a dossier: texts, or lists of texts.
#[must_use]
pub fn kept(schema: &FormSchema, values: &Values) -> Map<String, Json> {
    let mut kept = Map::new();
    for field in schema.fields() {
        let value = match values.all(&field.name) {
            [] => continue,
            [one] => Json::from(one.as_str()),
            many => many.iter().map(String::as_str).collect(),
        };
        kept.insert(field.name.clone(), value);
    }
    kept
}

/// Kept answers as values of the form again.
#[must_use]
pub fn values(kept: &Map<String, Json>) -> Values {
    let mut values = Values::none();
    for (name, value) in kept {
        let all: Vec<String> = match value {
            Json::String(text) => vec![text.clone()],
            Json::Array(all) => all.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
            _ => continue,
        };
        values.set_all(name.as_str(), all);
    }
    values
}
