//! A definition's form as `web` draws it: each typed field becomes one or two controls, a condition on one answer becomes a
//! condition of the page, codes become a box with suggestions, persons a name and a number.
//! It refuses to decide: what hangs on more than one answer is left to `FormSchema::asked`.

use definition::expression::{Binary, Expr, ExprKind, Literal, Number, NumberType, Unary, Unit, Value};
use definition::procedure::Procedure;
use definition::{DateBound, Field as Asked, FieldKind as Kind};
use kernel::{Bilingual, Date};
use web::form::{Choice, Field, FieldKind, Label, Section, When, Width};

use super::{FormSchema, Prefill};
use crate::definitions::{Code, Defined, list, register_name};

/// Answers that are shown side by side; more of them make a list to open.
const RADIOS_MAX: usize = 7;
/// Texts up to this length are one line.
const LINE_MAX: u32 = 200;
/// Longest list of lines: persons, or several texts.
const LINES_MAX: usize = 10_000;
/// Longest name of a person, as `identity` keeps it.
const NAME_MAX: usize = 100;

/// The name of a field on a page: `child_name` is `child-name`.
#[must_use]
pub fn web_name(field: &str) -> String {
    field.replace('_', "-")
}

/// The form of a definition, with every field that it may ask.
pub(super) fn schema(defined: &Defined) -> FormSchema {
    let mut schema = FormSchema {
        defined: Some(*defined),
        ..FormSchema::default()
    };
    let mut section: Option<&str> = None;
    for (at, asked) in defined.procedure.form.iter().enumerate() {
        // Files belong to the papers, not to the questions.
        if matches!(asked.kind, Kind::File { .. }) {
            continue;
        }
        if schema.sections.is_empty() || asked.section.as_deref() != section {
            section = asked.section.as_deref();
            let title = section.map(|name| Label::from(defined.label(&format!("section.{name}"))));
            schema.sections.push(Section {
                title,
                ..Section::default()
            });
        }
        let drawn = fields(defined, asked);
        let when = asked
            .when
            .as_ref()
            .map(|when| condition(when.expr(), defined.procedure));
        for (mut field, prefill) in drawn {
            match &when {
                Some(Some(simple)) => field.when = Some(simple.clone()),
                Some(None) => {
                    schema.later.insert(field.name.clone(), (at, field.required));
                    field.required = false;
                }
                None => {}
            }
            if let Some(prefill) = prefill {
                schema.prefill.insert(field.name.clone(), prefill);
            } else if let Some(source) = register(defined, asked) {
                field.hint.get_or_insert(source);
            }
            if let Some(section) = schema.sections.last_mut() {
                section.fields.push(field);
            }
        }
        if let Some(text) = asked.default.as_ref().and_then(typed) {
            schema.defaults.insert(web_name(&asked.name), text);
        }
    }
    schema
}

/// Which register knows it, said beside the field until that register can be read.
fn register(defined: &Defined, asked: &Asked) -> Option<Label> {
    let (register, _) = asked.from.as_deref()?.split_once('.')?;
    // What a lookup fills in says its source itself, when it has found something.
    let looks_up = defined.procedure.lookups.iter().any(|lookup| lookup.name == register);
    (register != "applicant" && !looks_up).then(|| {
        let name = register_name(register);
        let en = name.get(kernel::Lang::En).to_owned();
        Label::from(Bilingual::new(
            format!("{} có thông tin này.", name.vi),
            format!("The {en} knows this."),
        ))
    })
}

/// A value as a person would have typed it.
fn typed(value: &Value) -> Option<String> {
    match value {
        Value::Bool(yes) => Some(if *yes { "yes" } else { "no" }.to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Text(text) => Some(text.clone()),
        Value::Date(day) => Some(day.to_string()),
        Value::Null | Value::Instant(_) | Value::Duration(_) | Value::Many(_) => None,
    }
}

/// The controls of a field, each with what fills it in.
fn fields(defined: &Defined, asked: &Asked) -> Vec<(Field, Option<Prefill>)> {
    let label = defined.label(&format!("field.{}", asked.name));
    let name = web_name(&asked.name);
    if asked.kind == Kind::Person && asked.many.is_none() {
        return person(&name, &label, asked);
    }
    let mut field = Field::new(name, label, kind(defined, asked));
    field.required = asked.required;
    if asked.hint {
        field.hint = Some(Label::from(defined.label(&format!("hint.{}", asked.name))));
    } else if asked.kind == Kind::Person {
        field.hint = Some(Label::from("draft-people-hint"));
    } else if matches!(asked.kind, Kind::Text { .. }) && asked.many.is_some() {
        field.hint = Some(Label::from("draft-lines-hint"));
    }
    if matches!(asked.kind, Kind::AreaAddress) {
        field.hint.get_or_insert_with(|| Label::from("draft-place-hint"));
    }
    if let Kind::Text { chars_max, .. } = &asked.kind
        && *chars_max <= 20
        && matches!(field.kind, FieldKind::Text { .. })
    {
        field.width = Width::W20;
    }
    let prefill = match asked.from.as_deref() {
        Some("applicant.name") => Some(Prefill::Name),
        Some("applicant.birth_date") => Some(Prefill::Birthday),
        Some("applicant.address") => Some(Prefill::Address),
        Some("applicant.phone") => Some(Prefill::Phone),
        Some("applicant.email") => Some(Prefill::Email),
        _ => None,
    };
    match prefill {
        Some(Prefill::Phone) => field.kind = FieldKind::Phone,
        Some(Prefill::Email) => field.kind = FieldKind::Email,
        _ => {}
    }
    vec![(field, prefill)]
}

/// A person: the name, and the number where she has one.
fn person(name: &str, label: &Bilingual, asked: &Asked) -> Vec<(Field, Option<Prefill>)> {
    let part = |vi: &str, en: &str| {
        let label_en = label.get(kernel::Lang::En);
        Bilingual::new(format!("{}: {vi}", label.vi), format!("{label_en}: {en}"))
    };
    let is_applicant = asked.from.as_deref() == Some("applicant");
    let mut full_name = Field::text(format!("{name}-name"), part("họ và tên", "full name")).max_len(NAME_MAX);
    full_name.required = asked.required;
    let number = Field::new(
        format!("{name}-id"),
        part("số định danh", "identity number"),
        FieldKind::PersonId,
    );
    vec![
        (full_name, is_applicant.then_some(Prefill::Name)),
        (number.optional(), is_applicant.then_some(Prefill::PersonId)),
    ]
}

fn kind(defined: &Defined, asked: &Asked) -> FieldKind {
    let many = asked.many.map(|many| usize::try_from(many.most).unwrap_or(usize::MAX));
    match (&asked.kind, many) {
        (Kind::Boolean, _) => FieldKind::YesNo,
        (Kind::Choice(words), many) => choice(defined, asked, words, many.is_some()),
        (Kind::Code(name), many) => code(name, many.unwrap_or(1)),
        (_, Some(_)) => FieldKind::Multiline {
            max_len: LINES_MAX,
            rows: 4,
        },
        (Kind::Text { chars_max, .. }, None) => text(*chars_max),
        (Kind::Number { ty, least, most }, None) => number(ty, *least, *most),
        (Kind::Date { first, last }, None) => FieldKind::Date {
            min: first.and_then(day),
            max: last.and_then(day),
        },
        (Kind::Person | Kind::File { .. } | Kind::Area | Kind::AreaAddress, None) => text(LINE_MAX),
    }
}

/// A fixed bound; "today" moves and is looked at when the answer is read.
const fn day(bound: DateBound) -> Option<Date> {
    match bound {
        DateBound::Today => None,
        DateBound::On(day) => Some(day),
    }
}

fn text(chars_max: u32) -> FieldKind {
    let max_len = usize::try_from(chars_max).unwrap_or(usize::MAX);
    if chars_max <= LINE_MAX {
        FieldKind::Text {
            max_len,
            min_len: 0,
            check: None,
        }
    } else {
        FieldKind::Multiline { max_len, rows: 4 }
    }
}

fn number(ty: &NumberType, least: Option<Number>, most: Option<Number>) -> FieldKind {
    let bound = |bound: Option<Number>| bound.and_then(|bound| bound.rescaled(ty.scale)).map(Number::units);
    let (min, max) = (bound(least), bound(most));
    let unit = match &ty.unit {
        Unit::Named(unit) => Some(Label::from(Bilingual::vi(unit.as_str()))),
        Unit::Dong | Unit::Count | Unit::Any => None,
    };
    match (&ty.unit, ty.scale) {
        (Unit::Dong, _) => FieldKind::Dong { min, max },
        (_, 0) => FieldKind::Integer { min, max, unit },
        (_, decimals) => FieldKind::Decimal {
            decimals,
            min,
            max,
            unit,
        },
    }
}

fn choice(defined: &Defined, asked: &Asked, words: &[String], is_many: bool) -> FieldKind {
    let choices: Vec<Choice> = words
        .iter()
        .map(|word| Choice::new(word.as_str(), defined.label(&format!("choice.{}.{word}", asked.name))))
        .collect();
    match (is_many, choices.len()) {
        (true, _) => FieldKind::Checkboxes { choices },
        (false, 0..=RADIOS_MAX) => FieldKind::Radios { choices },
        (false, _) => FieldKind::Select { choices },
    }
}

/// A code of a list; where its codes are not here, what is typed is taken.
fn code(name: &str, max_count: usize) -> FieldKind {
    let Some(codes) = list(name) else {
        return text(LINE_MAX);
    };
    let choice = |code: &Code| Choice::new(code.code.as_str(), code.name.clone());
    FieldKind::Lookup {
        choices: codes.iter().map(choice).collect(),
        max_count,
    }
}

/// A condition on one answer, as the page can decide it; `None` when it hangs on more.
fn condition(expr: &Expr, procedure: &Procedure) -> Option<When> {
    let field = |path: &str| {
        let name = path.strip_prefix("form.")?;
        let field = procedure.form.iter().find(|field| field.name == name)?;
        field.many.is_none().then_some(field)
    };
    let when = |field: &Asked, is: Vec<String>| {
        Some(When {
            field: web_name(&field.name),
            is,
        })
    };
    match &expr.kind {
        ExprKind::Path(path) => {
            let field = field(path).filter(|field| field.kind == Kind::Boolean)?;
            when(field, answers(field, &["yes"]))
        }
        ExprKind::Unary(Unary::Not, inner) => {
            let ExprKind::Path(path) = &inner.kind else { return None };
            let field = field(path).filter(|field| field.kind == Kind::Boolean)?;
            when(field, answers(field, &["no"]))
        }
        ExprKind::Binary(operator @ (Binary::Equal | Binary::Unequal), left, right) => {
            let (ExprKind::Path(path), ExprKind::Literal(Literal::Text(word))) = (&left.kind, &right.kind) else {
                return None;
            };
            let field = field(path)?;
            let Kind::Choice(words) = &field.kind else { return None };
            let is_equal = *operator == Binary::Equal;
            let is = words.iter().filter(|one| (*one == word) == is_equal).cloned();
            when(field, is.collect())
        }
        ExprKind::In(inner, literals) => {
            let ExprKind::Path(path) = &inner.kind else { return None };
            let field = field(path).filter(|field| matches!(field.kind, Kind::Choice(_)))?;
            let word = |literal: &Literal| match literal {
                Literal::Text(word) => Some(word.clone()),
                _ => None,
            };
            when(field, literals.iter().map(word).collect::<Option<_>>()?)
        }
        _ => None,
    }
}

/// The answers of a yes-or-no field, no answer among them when that is what its default says.
fn answers(field: &Asked, is: &[&str]) -> Vec<String> {
    let default = field.default.as_ref().and_then(typed);
    let silent = default.is_some_and(|default| is.contains(&default.as_str()));
    let words = is.iter().copied().chain(silent.then_some(""));
    words.map(str::to_owned).collect()
}
