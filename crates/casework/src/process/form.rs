//! The form in which an administrator writes a process: one section a step, and one for what the step brings about. Owns the way
//! between the form and the text of steps. What the form does not show (who is told, a second register) stays as it was in the
//! step of that name.

use std::fmt::Write as _;

use definition::Faults;
use definition::effect::{Entry, PaperKind};
use definition::expression::Expr;
use definition::machine::Effect;
use definition::procedure::Step;
use kernel::{Bilingual, Lang};
use web::form::{Choice, Errors, Field, FieldKind, Form, Label, Values, Width};

use super::{Process, agencies};
use crate::definitions::Defined;
use crate::procedure::search::slug;

/// Agencies that one step may ask on the form.
const ASKS: usize = 2;
/// By which process the other unit works on what an administrator hands over to it: the one that all have.
pub(crate) const HANDED: &str = "generic";
/// Empty rows below the last step.
const SPARE: usize = 2;
/// Most steps on the form.
pub(crate) const ROWS_MAX: usize = 12;

/// Rows of a list of formulas.
const FORMULAS_MAX: usize = 4_000;

/// What the steps of a procedure may bring about: its result, and the registers of its system.
#[derive(Debug, Clone)]
pub(crate) struct Offer {
    /// The document of its result.
    pub(crate) document: String,
    /// Kinds of record, by name, with their labels.
    pub(crate) registers: Vec<(String, Bilingual)>,
}

impl Offer {
    /// What a definition offers.
    pub(crate) fn of(defined: &Defined) -> Self {
        let kinds = defined.system.records.iter();
        let label = |name: &str| {
            let found = defined.system.texts.get(&format!("record.{name}.name")).cloned();
            found.unwrap_or_else(|| Bilingual::vi(name))
        };
        Self {
            document: defined.procedure.outcome.document.clone(),
            registers: kinds.map(|kind| (kind.name.clone(), label(&kind.name))).collect(),
        }
    }
}

/// How many rows the form has for a process of `steps` steps.
pub(crate) fn rows(steps: usize) -> usize {
    (steps + SPARE).min(ROWS_MAX)
}

/// The form with `rows` steps.
pub(crate) fn form(action: &str, rows: usize, offer: Option<&Offer>) -> Form {
    let start = Form::new("process", action)
        .submit("process-save")
        .hidden("rows", rows.to_string())
        .field(
            Field::text("note", "process-note")
                .hint("process-note-hint")
                .max_len(500),
        );
    (1..=rows).fold(start, |form, at| {
        let form = step_fields(form, at);
        match offer {
            // Reception brings nothing about: nothing is decided yet.
            Some(offer) if at > 1 => effect_fields(form, at, offer),
            _ => form,
        }
    })
}

/// What follows when the step is done.
fn effect_fields(form: Form, at: usize, offer: &Offer) -> Form {
    let title = |lang| web::text_with(lang, "process-effects-n", &[("n", at.into())]);
    let papers = PaperKind::ALL.map(|(word, _)| Choice::new(word, format!("paper-kind-{word}").as_str()));
    let registers = offer
        .registers
        .iter()
        .map(|(name, label)| Choice::new(name.as_str(), label.clone()));
    let none = || std::iter::once(Choice::new("", "process-ask-nobody"));
    let register = format!("register-{at}");
    let names: Vec<&str> = offer.registers.iter().map(|(name, _)| name.as_str()).collect();
    let lines =
        |name: &str, label: &'static str| Field::multiline(format!("{name}-{at}"), label, FORMULAS_MAX).optional();
    form.voluntary_section(Label::Text(Bilingual::new(title(Lang::Vi), title(Lang::En))), None)
        .field(Field::select(format!("issue-{at}"), "process-issue", none().chain(papers).collect()).optional())
        .field(Field::select(register.as_str(), "process-register", none().chain(registers).collect()).optional())
        .field(
            lines("fields", "process-fields")
                .hint("process-fields-hint")
                .when(register.as_str(), &names),
        )
        .field(
            lines("find", "process-find")
                .hint("process-find-hint")
                .when(register.as_str(), &names),
        )
        .field(
            Field::text(format!("when-{at}"), "process-when")
                .max_len(500)
                .optional()
                .when(register.as_str(), &names),
        )
}

fn step_fields(form: Form, at: usize) -> Form {
    let title = |lang| web::text_with(lang, "process-step-n", &[("n", at.into())]);
    let roles = agencies::roles()
        .iter()
        .map(|role| Choice::new(role.as_str(), format!("dossier-capacity-{role}").as_str()))
        .collect();
    let hours = || FieldKind::Integer {
        min: Some(1),
        max: Some(2_000),
        unit: None,
    };
    let mut form = form
        .voluntary_section(Label::Text(Bilingual::new(title(Lang::Vi), title(Lang::En))), None)
        .hidden(format!("name-{at}"), String::new())
        .field(
            Field::text(format!("vi-{at}"), "process-label-vi")
                .max_len(120)
                .optional(),
        )
        .field(
            Field::text(format!("en-{at}"), "process-label-en")
                .max_len(120)
                .optional(),
        )
        .field(Field::select(format!("role-{at}"), "process-role", roles).optional())
        .field(Field::select(format!("unit-{at}"), "process-unit", units("process-unit-own")).optional())
        .field(
            Field::new(format!("hours-{at}"), "process-hours", hours())
                .width(Width::W4)
                .optional(),
        );
    for ask in 1..=ASKS {
        form = form
            .field(Field::select(format!("ask-{at}-{ask}"), "process-ask", units("process-ask-nobody")).optional())
            .field(
                Field::new(format!("ask-hours-{at}-{ask}"), "process-ask-hours", hours())
                    .width(Width::W4)
                    .optional(),
            );
    }
    let hand = Field::select(format!("hand-{at}"), "process-hand", units("process-ask-nobody"));
    form.field(hand.hint("process-hand-hint").optional())
}

fn units(none: &'static str) -> Vec<Choice> {
    let named = agencies::words().map(|(word, label)| Choice::new(word, Label::Text(label)));
    std::iter::once(Choice::new("", none)).chain(named).collect()
}

/// What the form shows of a process.
pub(crate) fn values(process: &Process, note: &str) -> Values {
    let mut values = Values::none().with("note", note);
    for (at, (step, label)) in process.steps().enumerate() {
        let at = at + 1;
        values.set(format!("name-{at}"), step.name.clone());
        values.set(format!("vi-{at}"), label.get(Lang::Vi));
        values.set(format!("en-{at}"), label.get(Lang::En));
        values.set(format!("role-{at}"), step.by.role.clone());
        values.set(format!("unit-{at}"), step.by.unit.clone().unwrap_or_default());
        values.set(
            format!("hours-{at}"),
            super::rules::working_hours(step.quota).to_string(),
        );
        let hand = step.hand_over.as_ref().map(|one| one.unit.clone());
        values.set(format!("hand-{at}"), hand.unwrap_or_default());
        for (ask, consult) in step.consult.iter().take(ASKS).enumerate() {
            let ask = ask + 1;
            values.set(format!("ask-{at}-{ask}"), consult.agency.clone());
            let hours = super::rules::working_hours(consult.quota).to_string();
            values.set(format!("ask-hours-{at}-{ask}"), hours);
        }
        effect_values(&mut values, at, step);
    }
    values
}

fn effect_values(values: &mut Values, at: usize, step: &Step) {
    let lines = |all: &[(String, Expr)]| {
        let all: Vec<String> = all.iter().map(|(name, expr)| format!("{name} = {expr}")).collect();
        all.join("\n")
    };
    for effect in &step.then {
        if let Effect::Issue { paper, .. } = effect {
            values.set(format!("issue-{at}"), paper.word());
        }
    }
    if let Some(entry) = step.then.iter().find_map(entry_of) {
        values.set(format!("register-{at}"), entry.register.clone());
        values.set(format!("fields-{at}"), lines(&entry.fields));
        values.set(format!("find-{at}"), lines(&entry.find));
        let when = entry.when.as_ref().map(ToString::to_string);
        values.set(format!("when-{at}"), when.unwrap_or_default());
    }
}

const fn entry_of(effect: &Effect) -> Option<&Entry> {
    match effect {
        Effect::Register(entry) => Some(entry),
        _ => None,
    }
}

/// The text that a filled form says, and which row each of its steps stands in. `base` keeps what the form does not show.
pub(crate) fn text(values: &Values, rows: usize, base: &Process, offer: Option<&Offer>) -> (String, Vec<usize>) {
    let mut text = String::new();
    let mut places: Vec<usize> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    for at in 1..=rows {
        let vi = values.text(&format!("vi-{at}")).trim();
        if vi.is_empty() {
            continue;
        }
        let name = name_of(values, at, &names);
        let kept = base.position(&name).and_then(|at| base.step(at));
        // Writing to a string cannot fail.
        let _ = write_step(&mut text, values, (at, &name), (kept, offer));
        names.push(name);
        places.push(at);
    }
    (text, places)
}

/// The name of a step: its own, or one made of its label that no other step has.
fn name_of(values: &Values, at: usize, taken: &[String]) -> String {
    let own = values.text(&format!("name-{at}")).trim();
    let label = [values.text(&format!("en-{at}")), values.text(&format!("vi-{at}"))];
    let label = label
        .into_iter()
        .find(|label| !label.trim().is_empty())
        .unwrap_or("step");
    let base = if own.is_empty() { slug(label) } else { slug(own) };
    let base: String = base.chars().take(40).collect();
    let base = base.trim_matches('-');
    let mut name = if base.is_empty() {
        format!("step-{at}")
    } else {
        base.to_owned()
    };
    if taken.contains(&name) {
        let _ = write!(name, "-{at}");
    }
    name
}

fn write_step(
    text: &mut String,
    values: &Values,
    (at, name): (usize, &str),
    (kept, offer): (Option<&Step>, Option<&Offer>),
) -> std::fmt::Result {
    let field = |key: &str| values.text(&format!("{key}-{at}")).trim();
    let (vi, en) = (field("vi"), field("en"));
    let en = if en.is_empty() { vi } else { en };
    let by = match field("unit") {
        "" => field("role").to_owned(),
        unit => format!("{}@{unit}", field("role")),
    };
    writeln!(text, "[[step]]")?;
    writeln!(text, "name = {}", quoted(name))?;
    writeln!(text, "label.vi = {}", quoted(vi))?;
    writeln!(text, "label.en = {}", quoted(en))?;
    writeln!(text, "by = {}", quoted(&by))?;
    writeln!(text, "quota = {}", quoted(&format!("{} working_hours", field("hours"))))?;
    let asks = (1..=ASKS).filter_map(|ask| {
        let agency = values.text(&format!("ask-{at}-{ask}")).trim();
        let hours = values.text(&format!("ask-hours-{at}-{ask}")).trim();
        (!agency.is_empty()).then(|| format!("{agency} = {}", quoted(&format!("{hours} working_hours"))))
    });
    let asks: Vec<String> = asks.collect();
    if !asks.is_empty() {
        writeln!(text, "consult = {{ {} }}", asks.join(", "))?;
    }
    if !field("hand").is_empty() {
        let procedure = kept.and_then(|kept| kept.hand_over.as_ref());
        let procedure = procedure.map_or(HANDED, |one| one.procedure.as_str());
        let (procedure, unit) = (quoted(procedure), quoted(field("hand")));
        writeln!(text, "hand_over = {{ procedure = {procedure}, unit = {unit} }}")?;
    }
    let then = effects(values, at, kept, offer);
    if !then.is_empty() {
        // One a line: a fault of one is told beside it.
        writeln!(text, "then = [\n  {},\n]", then.join(",\n  "))?;
    }
    writeln!(text)
}

/// The effects of a step: what the form says, then what it does not show.
fn effects(values: &Values, at: usize, kept: Option<&Step>, offer: Option<&Offer>) -> Vec<String> {
    let kept = kept.map_or(&[][..], |step| step.then.as_slice());
    let as_it_was = |all: &mut dyn Iterator<Item = &Effect>| -> Vec<String> {
        all.filter_map(definition::procedure::Process::effect_text).collect()
    };
    let Some(offer) = offer else {
        return as_it_was(&mut kept.iter());
    };
    let mut all = Vec::new();
    let paper = values.text(&format!("issue-{at}")).trim();
    if !paper.is_empty() {
        all.push(format!(
            "{{ issue = {}, as = {} }}",
            quoted(&offer.document),
            quoted(paper)
        ));
    }
    all.extend(entry(values, at));
    let first = kept.iter().position(|effect| matches!(effect, Effect::Register(_)));
    let rest = kept.iter().enumerate().filter(|(index, effect)| {
        // The first register is the one that the form shows.
        !matches!(effect, Effect::Issue { .. }) && Some(*index) != first
    });
    all.extend(as_it_was(&mut rest.map(|(_, effect)| effect)));
    all
}

/// The register that a step writes into, as the form says it.
fn entry(values: &Values, at: usize) -> Option<String> {
    let register = values.text(&format!("register-{at}")).trim();
    if register.is_empty() {
        return None;
    }
    let table = |name: &str| {
        let lines = values.text(&format!("{name}-{at}")).lines().map(str::trim);
        let pairs = lines
            .filter(|line| !line.is_empty())
            .map(|line| line.split_once('=').unwrap_or((line, "")))
            .map(|(field, formula)| format!("{} = {}", quoted(field.trim()), quoted(formula.trim())));
        let pairs: Vec<String> = pairs.collect();
        (!pairs.is_empty()).then(|| format!("{name} = {{ {} }}", pairs.join(", ")))
    };
    let when = values.text(&format!("when-{at}")).trim();
    let when = (!when.is_empty()).then(|| format!("when = {}", quoted(when)));
    let start = std::iter::once(format!("register = {}", quoted(register)));
    let parts: Vec<String> = start
        .chain([table("find"), when, table("fields")].into_iter().flatten())
        .collect();
    Some(format!("{{ {} }}", parts.join(", ")))
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    definition::procedure::Process::quoted(text)
}

/// The faults of a text beside the rows that they stand in.
pub(crate) fn errors(faults: &Faults, text: &str, places: &[usize]) -> Errors {
    let mut errors = Errors::none();
    for fault in &faults.0 {
        let before = text.lines().take(fault.line).filter(|line| *line == "[[step]]").count();
        let row = places.get(before.saturating_sub(1)).copied().unwrap_or(1);
        let line = text.lines().nth(fault.line.saturating_sub(1)).unwrap_or_default();
        let field = match line.trim_start() {
            line if line.starts_with("{ register") && row > 1 => "fields",
            line if (line.starts_with("{ issue") || line.starts_with("then")) && row > 1 => "issue",
            _ => "vi",
        };
        errors.add_words(format!("{field}-{row}"), fault.words.clone());
    }
    errors
}
