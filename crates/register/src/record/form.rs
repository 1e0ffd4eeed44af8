//! The form of a kind: each field a control that follows from its type, its people as a name and a number, its place as two
//! coordinates or as GeoJSON. Owns the way from what was typed to a command; refuses to show whom a record names: people are
//! masked, and stay as they are where nothing is typed.

use std::collections::BTreeMap;

use definition::expression::Value;
use definition::{DateBound, FieldKind as Defined, Geometry};
use identity::person::{self, PersonDetails, Prepared};
use kernel::{Bilingual, Date, PersonId};
use web::form::{Choice, Errors, Field, FieldKind, Form, Values, Width};

use super::value::{parse, text_of};
use super::{Act, Record};
use crate::error::{What, Wrong};
use crate::geometry::{GeometryFault, Shape as Place};
use crate::house::Register;
use crate::kind::{Column, Kind, Shape};

/// Longest text that is one line.
const LINE_CHARS_MAX: u32 = 200;
/// Up to so many choices are all visible.
const RADIOS_MAX: usize = 7;
/// Decimals of a coordinate: 0.000001 degrees are 11 cm.
const PLACE_DECIMALS: u8 = 6;

/// What was typed, as it goes into a command.
pub(crate) struct Typed {
    pub(crate) values: BTreeMap<String, Value>,
    pub(crate) people: BTreeMap<String, Vec<Prepared>>,
    pub(crate) shape: Option<Place>,
    pub(crate) valid_from: Date,
    pub(crate) reason: Option<String>,
}

pub(super) fn name(field: &str) -> String {
    format!("f-{field}")
}

/// Fields that are asked: those that are not retired.
pub(super) fn asked(kind: &Kind) -> impl Iterator<Item = &Column> {
    kind.columns.iter().filter(|column| !column.field.retired)
}

/// The form for a new record, a change or a correction.
pub(crate) fn form(register: &Register, kind: &Kind, act: Act, action: &str, cancel: &str) -> Form {
    let mut form = Form::new("record", action).submit(submit_key(act)).cancel(cancel);
    for column in asked(kind) {
        for field in controls(register, kind, column, act) {
            form = form.field(field);
        }
    }
    form = place(kind, form);
    let today = register.today();
    let valid_from = FieldKind::Date {
        min: None,
        max: Some(today),
    };
    form = form.section(format!("reg-version-{act}").as_str());
    let day = Field::new("valid-from", "reg-valid-from", valid_from).hint(match act {
        Act::Correct => "reg-valid-from-kept",
        Act::Add | Act::Change => "reg-valid-from-hint",
    });
    form = form.field(day.optional());
    let mut reason = Field::multiline("reason", "reg-reason", super::rules::REASON_CHARS_MAX);
    if act != Act::Correct {
        reason = reason.optional();
    }
    form = form.field(reason);
    if act == Act::Add {
        form
    } else {
        form.hidden("revision", "")
    }
}

fn submit_key(act: Act) -> &'static str {
    match act {
        Act::Add => "reg-add",
        Act::Change => "reg-change",
        Act::Correct => "reg-correct",
    }
}

fn place(kind: &Kind, form: Form) -> Form {
    let degrees = |most: i64| FieldKind::Decimal {
        decimals: PLACE_DECIMALS,
        min: Some(-most * 1_000_000),
        max: Some(most * 1_000_000),
        unit: Some("reg-degrees".into()),
    };
    match kind.geometry() {
        None => form,
        Some(Geometry::Point) => form
            .section("reg-place")
            .field(
                Field::new("longitude", "reg-longitude", degrees(180))
                    .width(Width::W20)
                    .optional(),
            )
            .field(
                Field::new("latitude", "reg-latitude", degrees(90))
                    .width(Width::W20)
                    .optional(),
            ),
        Some(Geometry::Line | Geometry::Polygon) => form.section("reg-place").field(
            Field::multiline("geometry", "reg-geojson", 1_000_000)
                .hint("reg-geojson-hint")
                .optional(),
        ),
    }
}

pub(super) fn controls(register: &Register, kind: &Kind, column: &Column, act: Act) -> Vec<Field> {
    let (field, label) = (column.field, kind.label(&format!("field.{}", column.field.name)));
    let named = name(&field.name);
    if column.shape.is_personal() {
        return people_controls(column, &named, &label, act);
    }
    let mut control = Field::new(named, label, control(register, kind, column));
    if let FieldKind::Decimal { .. } | FieldKind::Integer { .. } = control.kind {
        control = control.width(Width::W20);
    }
    if field.many.is_some() {
        control = control.hint("reg-many-hint");
    }
    if !field.required {
        control = control.optional();
    }
    vec![control]
}

/// A name and a number; several people one a line. A record that has some keeps them where nothing is typed.
fn people_controls(column: &Column, named: &str, label: &Bilingual, act: Act) -> Vec<Field> {
    let needed = column.field.required && act == Act::Add;
    let asked = |field: Field| if needed { field } else { field.optional() };
    let mut fields = if column.shape == Shape::Persons {
        vec![asked(
            Field::multiline(named, label.clone(), 10_000).hint("reg-people-hint"),
        )]
    } else {
        let number = Field::new(format!("{named}-number"), "reg-person-number", FieldKind::PersonId);
        let hint = if act == Act::Add {
            "reg-person-hint"
        } else {
            "reg-person-kept"
        };
        vec![
            asked(Field::text(named, label.clone()).hint(hint)),
            number.optional().width(Width::W20),
        ]
    };
    if act != Act::Add && !column.field.required {
        fields.push(Field::new(format!("{named}-none"), "reg-person-none", FieldKind::Confirm).optional());
    }
    fields
}

fn control(register: &Register, kind: &Kind, column: &Column) -> FieldKind {
    let field = column.field;
    if column.shape == Shape::Texts {
        return FieldKind::Multiline {
            max_len: 10_000,
            rows: 3,
        };
    }
    let text = |most: u32| {
        let max_len = usize::try_from(most).unwrap_or(usize::MAX);
        if most <= LINE_CHARS_MAX {
            FieldKind::Text {
                max_len,
                min_len: 0,
                check: None,
            }
        } else {
            FieldKind::Multiline { max_len, rows: 4 }
        }
    };
    match &field.kind {
        Defined::Boolean => FieldKind::YesNo,
        Defined::Text { chars_max, .. } => text(*chars_max),
        Defined::Number { ty, least, most } => number(ty, *least, *most),
        Defined::Date { first, last } => {
            let day = |bound: &DateBound| match bound {
                DateBound::Today => register.today(),
                DateBound::On(day) => *day,
            };
            FieldKind::Date {
                min: first.as_ref().map(day),
                max: last.as_ref().map(day),
            }
        }
        Defined::Choice(words) => {
            let label = |word: &String| kind.label(&format!("choice.{}.{word}", field.name));
            let choices = words
                .iter()
                .map(|word| Choice::new(word.clone(), label(word)))
                .collect();
            if words.len() <= RADIOS_MAX && field.required {
                FieldKind::Radios { choices }
            } else {
                FieldKind::Select { choices }
            }
        }
        Defined::Code(list) => match register.codes(list) {
            Some(codes) => FieldKind::Lookup {
                choices: codes
                    .iter()
                    .map(|(code, name)| Choice::new(code.clone(), name.clone()))
                    .collect(),
                max_count: 1,
            },
            None => text(LINE_CHARS_MAX),
        },
        Defined::Area | Defined::AreaAddress | Defined::Person | Defined::File { .. } => text(LINE_CHARS_MAX),
    }
}

fn number(
    ty: &definition::expression::NumberType,
    least: Option<definition::expression::Number>,
    most: Option<definition::expression::Number>,
) -> FieldKind {
    let units =
        |bound: Option<definition::expression::Number>| bound.and_then(|bound| Some(bound.rescaled(ty.scale)?.units()));
    let unit = super::view::unit_of(ty).map(|unit| Bilingual::vi(unit).into());
    if ty.scale == 0 {
        FieldKind::Integer {
            min: units(least),
            max: units(most),
            unit,
        }
    } else {
        FieldKind::Decimal {
            decimals: ty.scale,
            min: units(least),
            max: units(most),
            unit,
        }
    }
}

/// A record as values of its form.
pub(crate) fn values(kind: &Kind, record: &Record) -> Values {
    let mut values = Values::none();
    for column in asked(kind).filter(|column| !column.shape.is_personal()) {
        let Some(value) = record.values.get(&column.field.name) else {
            continue;
        };
        values.set(name(&column.field.name), typed_text(value));
    }
    match &record.shape {
        Some(Place::Point([x, y])) => {
            values.set("longitude", format!("{x:.6}"));
            values.set("latitude", format!("{y:.6}"));
        }
        Some(shape) => values.set("geometry", shape.to_geojson().to_string()),
        None => {}
    }
    values.set("revision", record.revision.to_string());
    values
}

/// A value as its control has it.
pub(super) fn typed_text(value: &Value) -> String {
    match value {
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Many(all) => all.iter().map(text_of).collect::<Vec<_>>().join("\n"),
        other => text_of(other),
    }
}

/// What a new record begins with.
pub(crate) fn defaults(kind: &Kind) -> Values {
    let mut values = Values::none();
    for column in asked(kind) {
        match &column.field.default {
            Some(Value::Bool(yes)) => values.set(name(&column.field.name), if *yes { "yes" } else { "no" }),
            Some(default) => values.set(name(&column.field.name), text_of(default)),
            None => {}
        }
    }
    values
}

/// What was typed. `current` is the record that is changed: what its form could not show exactly is kept from it. A version for
/// which no day was typed holds from today, a correction from the day that it corrects.
pub(crate) fn typed(
    register: &Register,
    kind: &Kind,
    values: &Values,
    (act, current): (Act, Option<&Record>),
) -> Result<Typed, Vec<Wrong>> {
    let usual = match (act, current) {
        (Act::Correct, Some(current)) => current.valid_from,
        _ => register.today(),
    };
    let (mut read, mut people, mut wrong) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    for column in asked(kind) {
        let (field, named) = (column.field, name(&column.field.name));
        if column.shape.is_personal() {
            match claims(register, column, &named, values) {
                Ok(Some(claims)) => drop(people.insert(field.name.clone(), claims)),
                Ok(None) => {}
                Err(what) => wrong.push(Wrong::new(&field.name, what)),
            }
            continue;
        }
        let text = values.text(&named).replace(['\r', '\n'], "; ");
        match parse(
            field,
            if column.shape == Shape::Texts {
                &text
            } else {
                values.text(&named)
            },
        ) {
            Ok(value) => drop(read.insert(field.name.clone(), value)),
            Err(what) => wrong.push(Wrong::new(&field.name, what)),
        }
    }
    let shape = match place_of(kind, values, current) {
        Ok(shape) => shape,
        Err(fault) => {
            wrong.push(Wrong::new("geometry", What::Geometry(fault)));
            None
        }
    };
    if !wrong.is_empty() {
        return Err(wrong);
    }
    Ok(Typed {
        values: read,
        people,
        shape,
        valid_from: values.date("valid-from").unwrap_or(usual),
        reason: values.opt("reason").map(str::to_owned),
    })
}

fn place_of(kind: &Kind, values: &Values, current: Option<&Record>) -> Result<Option<Place>, GeometryFault> {
    match kind.geometry() {
        None => Ok(None),
        Some(Geometry::Point) => {
            // A place that was measured finer than the form shows is not made coarser by it.
            if let Some(Place::Point([x, y])) = current.and_then(|current| current.shape.as_ref())
                && values.text("longitude").parse() == Ok(rounded(*x))
                && values.text("latitude").parse() == Ok(rounded(*y))
            {
                return Place::point(*x, *y).map(Some);
            }
            match (values.typed("longitude"), values.typed("latitude")) {
                (Some(x), Some(y)) => Place::point(x, y).map(Some),
                (None, None) => Ok(None),
                _ => Err(GeometryFault::Unreadable),
            }
        }
        Some(wanted) => match values.opt("geometry") {
            None => Ok(None),
            Some(text) => {
                let json = serde_json::from_str(text).map_err(|_| GeometryFault::Unreadable)?;
                Place::from_geojson(&json, wanted).map(Some)
            }
        },
    }
}

fn rounded(degrees: f64) -> f64 {
    format!("{degrees:.6}").parse().unwrap_or(degrees)
}

/// People as typed; none when nothing was typed, an empty list when they are to be taken away.
fn claims(register: &Register, column: &Column, named: &str, values: &Values) -> Result<Option<Vec<Prepared>>, What> {
    if values.yes(&format!("{named}-none")) {
        return Ok(Some(Vec::new()));
    }
    let lines: Vec<(String, String)> = if column.shape == Shape::Persons {
        let lines = values
            .text(named)
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty());
        let parts = |line: &str| line.split_once(';').map_or((line.to_owned(), String::new()), both);
        lines.map(parts).collect()
    } else {
        let number = values.text(&format!("{named}-number")).to_owned();
        values
            .opt(named)
            .map(|name| (name.to_owned(), number))
            .into_iter()
            .collect()
    };
    if lines.is_empty() {
        return Ok(None);
    }
    let claims = lines.iter().map(|(name, number)| claim(register, name, number));
    claims.collect::<Result<Vec<_>, _>>().map(Some)
}

fn both((name, number): (&str, &str)) -> (String, String) {
    (name.trim().to_owned(), number.trim().to_owned())
}

/// A person by name and, where it is known, number; sealed here, before anything is written.
pub(crate) fn claim(register: &Register, name: &str, number: &str) -> Result<Prepared, What> {
    let details = if number.is_empty() {
        PersonDetails::without_number(name)
    } else {
        let number: PersonId = number.parse().map_err(|_| What::Unreadable)?;
        PersonDetails::new(number, name)
    };
    let keys = register.store().keys();
    person::prepare(&keys, register.world().as_ref(), &details).map_err(|_| What::Unreadable)
}

/// Puts what is wrong beside the fields of the form, in words of the definition where it has some.
pub(crate) fn errors(kind: &Kind, wrong: &[Wrong]) -> Errors {
    let mut errors = Errors::none();
    for one in wrong {
        let words = crate::record::view::wrong_words(kind, one);
        let field = match &one.what {
            What::Rule(_) | What::Duplicate(_) => String::new(),
            What::Geometry(_) if kind.geometry() == Some(Geometry::Point) => "longitude".to_owned(),
            What::Geometry(_) => "geometry".to_owned(),
            _ => name(&one.field),
        };
        errors.add_words(field, words);
    }
    errors
}
