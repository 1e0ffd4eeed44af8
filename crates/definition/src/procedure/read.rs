//! Reads `procedures/*.toml`. It owns the grammar of a procedure and refuses what its dossier could not be settled by:
//! quotas beyond the time to settle, conditions on fields that are asked for later, papers from nowhere.

use super::{
    Audience, Channel, Component, ComponentSource, Fee, Lookup, Outcome, Procedure, Reduction, Service, Step, compile,
    lookup,
};
use crate::effect::Answers;
use crate::expression::{Environment, Type};
use crate::fault::{FaultCode, Place};
use crate::field::{self, Field, FieldKind, Scope};
use crate::flow::{self, EffectScope};
use crate::machine::Effect;
use crate::reader::{Joined, Reader, Word, is_name};
use crate::record::{RecordKind, labels};
use crate::source::{Raw, Table};
use crate::surroundings::Reading;
use kernel::calendar::TimeLimit;
use kernel::{Bilingual, ProcedureCode};

/// A procedure and the places of its hand-overs, to be checked when all procedures are known.
pub(crate) type Read = (Procedure, Vec<(String, Place)>);

pub(crate) fn read(name: &Word, table: &Table, records: &[RecordKind], reading: &Reading<'_>) -> Option<Read> {
    if !is_name(name, Joined::Hyphen, reading.sink) {
        return None;
    }
    let reader = Reader::new(table, reading.sink);
    let prefix = format!("procedure.{}", name.word);
    let mut environment = applicant_environment();
    let (form, lookups) = form(&reader, &prefix, records, &mut environment, reading);
    let code = reader.needed_word("code").and_then(|word| code(&word, reading));
    let title = reader.bilingual("name");
    let sector = reader.needed_word("sector");
    let tier = reader.needed_word("tier");
    if let Some(tier) = &tier {
        reading.known(FaultCode::UnitUnknown, tier, &reading.around.units);
    }
    let service = service(&reader);
    let audience = audience(&reader);
    let basis = reader.words("basis").into_iter().map(|word| word.word).collect();
    let outcome = outcome(&reader, &prefix, records, reading);
    let settle = settle(&reader, reading);
    let fee = fee(&reader, &environment, &form, reading);
    let components = components(&reader, &prefix, !form.is_empty(), &environment, reading);
    let documents: Vec<String> = outcome.iter().map(|outcome| outcome.document.clone()).collect();
    let answers = Answers::of_form(&form);
    let scope = EffectScope {
        documents: Some(&documents),
        about: None,
        records,
        answers: Some(&answers),
    };
    let Steps { steps, hand_overs, .. } = steps(&reader, Labels::In(&prefix), &scope, reading);
    reader.finish();
    let settle = settle?;
    quotas(&steps, settle, table.place, reading);
    let machine = compile::machine(
        &steps,
        Some(settle),
        fee.as_ref().is_some_and(|fee| !fee.is_free()),
        reading,
    )?;
    let procedure = Procedure {
        name: name.word.clone(),
        code: code?,
        title: title?,
        sector: sector?.word,
        tier: tier?.word,
        service: service?,
        audience,
        basis,
        outcome: outcome?,
        settle,
        fee,
        components,
        lookups,
        form,
        steps,
        machine,
    };
    Some((procedure, hand_overs))
}

fn service(reader: &Reader<'_>) -> Option<Service> {
    reader.needed("service");
    let services = [
        ("full", Service::Full),
        ("partial", Service::Partial),
        ("information", Service::Information),
    ];
    reader.one_of("service", &services)
}

fn audience(reader: &Reader<'_>) -> Vec<Audience> {
    let audiences = [("citizen", Audience::Citizen), ("organisation", Audience::Organisation)];
    reader.needed("for");
    let words = reader.words("for");
    let all = words.iter().filter_map(|word| reader.choose(word, &audiences));
    all.collect()
}

/// The form; each field may be asked for under a condition on those above it.
fn form(
    reader: &Reader<'_>,
    prefix: &str,
    records: &[RecordKind],
    environment: &mut Environment,
    reading: &Reading<'_>,
) -> (Vec<Field>, Vec<Lookup>) {
    let Some(form) = reader
        .node("form")
        .and_then(|node| Reader::of(node, "form", reading.sink))
    else {
        return (Vec::new(), Vec::new());
    };
    form.needed("fields");
    let lookups = lookup::read(&form, records, reading);
    reading.look_up(
        form.named("lookup", Joined::Underscore)
            .into_iter()
            .map(|(word, _)| word.word),
    );
    let fields = form.named("fields", Joined::Underscore);
    let fields = field::read_all(fields, Scope::Form, "form.", environment, reading);
    form.finish();
    lookup::check(&lookups, &fields, records, reading);
    labels(prefix, &fields, reading);
    (fields, lookups)
}

/// In which relation a sender stands to whom the dossier is about.
pub(crate) const REPRESENTATIONS: [&str; 3] = ["own", "guardian", "proxy"];

/// What the formulas of a procedure may name, besides its form.
pub(crate) fn applicant_environment() -> Environment {
    let applicant = field::applicant().into_iter();
    let mut environment: Environment = applicant
        .map(|(name, ty)| (format!("applicant.{name}"), ty.optional()))
        .collect();
    let words = |words: &[&str]| Type::Choice(words.iter().map(|word| (*word).to_owned()).collect());
    environment.declare("channel", words(&Channel::ALL.map(|(word, _)| word)));
    environment.declare("representation", words(&REPRESENTATIONS).optional());
    environment
}

fn code(word: &Word, reading: &Reading<'_>) -> Option<ProcedureCode> {
    let code = word.word.parse().ok();
    if code.is_none() {
        reading
            .sink
            .say(FaultCode::ProcedureCodeInvalid, word.place, &[&word.word]);
    }
    code
}

/// How "on the working day that receives it" is written.
const SAME_DAY: &str = "0 working_days";

fn settle(reader: &Reader<'_>, reading: &Reading<'_>) -> Option<TimeLimit> {
    let time = Reader::of(reader.needed("time")?, "time", reading.sink)?;
    let node = time.needed("settle");
    // "Within the day": the one duration of nothing, for what is settled on the working day that receives it.
    let same_day = node.is_some_and(|node| matches!(&node.raw, Raw::Text(text) if text == SAME_DAY));
    let settle = if same_day {
        Some(TimeLimit::WorkingDays(0))
    } else {
        node.and_then(|node| time.duration_of(node))
    };
    time.finish();
    settle
}

fn outcome(reader: &Reader<'_>, prefix: &str, records: &[RecordKind], reading: &Reading<'_>) -> Option<Outcome> {
    let inner = Reader::of(reader.needed("result")?, "result", reading.sink)?;
    let document = inner.needed_word("document");
    let register = inner.word("register");
    inner.finish();
    if let Some(register) = &register
        && !records.iter().any(|kind| kind.name == register.word)
    {
        reading.known(FaultCode::RegisterUnknown, register, &reading.around.registers);
    }
    let document = document?;
    reading.label(format!("{prefix}.document.{}", document.word), document.place);
    Some(Outcome {
        document: document.word,
        register: register.map(|word| word.word),
    })
}

fn fee(reader: &Reader<'_>, environment: &Environment, form: &[Field], reading: &Reading<'_>) -> Option<Fee> {
    let inner = Reader::of(reader.node("fee")?, "fee", reading.sink)?;
    inner.needed("desk");
    let (desk, online, post) = (inner.dong("desk"), inner.dong("online"), inner.dong("post"));
    let per = inner.word("per").and_then(|word| per(&word, form, reading));
    let exempt = inner.condition("exempt", environment);
    let mut reductions = Vec::new();
    for reduction in inner.tables("reduction") {
        reduction.needed("percent");
        let percent = reduction.whole("percent", 1, 99);
        reduction.needed("when");
        let when = reduction.condition("when", environment);
        reduction.finish();
        reductions.extend(when.zip(percent).map(|(when, percent)| Reduction { when, percent }));
    }
    inner.finish();
    let desk = desk?;
    Some(Fee {
        desk,
        online: online.unwrap_or(desk),
        post: post.unwrap_or(desk),
        per,
        exempt,
        reductions,
    })
}

/// The field that counts what is paid for: a whole number of the form.
fn per(word: &Word, form: &[Field], reading: &Reading<'_>) -> Option<String> {
    let index = reading.find(FaultCode::FieldUnknown, word, form, |field| &field.name)?;
    let counts =
        matches!(&form[index].kind, FieldKind::Number { ty, .. } if ty.scale == 0) && form[index].many.is_none();
    if !counts {
        let args = [word.word.as_str(), "a field with a whole number"];
        reading.sink.say(FaultCode::ValueType, word.place, &args);
    }
    counts.then(|| format!("form.{}", word.word))
}

fn components(
    reader: &Reader<'_>,
    prefix: &str,
    has_form: bool,
    environment: &Environment,
    reading: &Reading<'_>,
) -> Vec<Component> {
    let mut found: Vec<Component> = Vec::new();
    for inner in reader.tables("component") {
        let name = inner
            .needed_word("name")
            .filter(|name| is_name(name, Joined::Hyphen, reading.sink));
        let source = component_source(&inner, has_form, reading);
        let when = inner.condition("when", environment);
        let said = |key: &'static str| {
            inner
                .word(key)
                .map(|word| word.word)
                .filter(|text| !text.trim().is_empty())
        };
        let (clause, example) = (said("clause"), said("example"));
        inner.finish();
        let Some((name, source)) = name.zip(source) else {
            continue;
        };
        twice(&name, found.iter().map(|component| &component.name), reading);
        reading.label(format!("{prefix}.component.{}", name.word), name.place);
        let place = name.place;
        let name = name.word;
        found.push(Component {
            name,
            source,
            when,
            clause,
            example,
            place,
        });
    }
    found
}

fn component_source(inner: &Reader<'_>, has_form: bool, reading: &Reading<'_>) -> Option<ComponentSource> {
    let (form, from, file) = (inner.flag("form"), inner.word("from"), inner.node("file"));
    match (form, from, file) {
        (true, None, None) => {
            if !has_form {
                reading.sink.say(FaultCode::KeyMissing, inner.place(), &["form.fields"]);
            }
            Some(ComponentSource::Form)
        }
        (false, Some(register), None) => {
            let known = reading.known(FaultCode::RegisterUnknown, &register, &reading.around.registers);
            known.then_some(ComponentSource::Register(register.word))
        }
        (false, None, Some(node)) => {
            let reader = Reader::of(node, "file", reading.sink)?;
            let file = field::file(&reader, false, reading);
            let template = reader.word("template").map(|word| word.word);
            reader.finish();
            Some(ComponentSource::File { file, template })
        }
        (false, None, None) => {
            reading.sink.say(FaultCode::KeyMissing, inner.place(), &["file"]);
            None
        }
        (is_form, ..) => {
            let first = if is_form { "form" } else { "from" };
            reading
                .sink
                .say(FaultCode::KeyConflict, inner.place(), &[first, "file"]);
            None
        }
    }
}

/// Where the labels of steps stand.
#[derive(Clone, Copy)]
pub(crate) enum Labels<'a> {
    /// In the files of texts, under this key.
    In(&'a str),
    /// Beside each step, as `label.vi` and `label.en`.
    Beside,
}

/// The steps as read.
#[derive(Default)]
pub(crate) struct Steps {
    pub(crate) steps: Vec<Step>,
    /// Of each step, where they stand beside it.
    pub(crate) labels: Vec<Bilingual>,
    /// The procedures that take over, to be checked when all are known.
    pub(crate) hand_overs: Vec<(String, Place)>,
}

pub(crate) fn steps(reader: &Reader<'_>, labels: Labels<'_>, scope: &EffectScope<'_>, reading: &Reading<'_>) -> Steps {
    let (mut found, mut effects) = (Steps::default(), Vec::new());
    reader.needed("step");
    for inner in reader.tables("step") {
        let name = inner
            .needed_word("name")
            .filter(|name| is_name(name, Joined::Hyphen, reading.sink));
        let label = match labels {
            Labels::In(_) => None,
            Labels::Beside => inner.bilingual("label"),
        };
        let by = inner.needed_word("by").and_then(|word| flow::performer(&word, reading));
        inner.needed("quota");
        let quota = inner.duration("quota");
        let consult = flow::consults(&inner, quota, reading);
        let hand_over = flow::hand_over(&inner, reading);
        let then = flow::effects(&inner, scope, reading);
        let then_place = inner.node("then").map_or(inner.place(), |node| node.place);
        inner.finish();
        let (Some(name), Some(by), Some(quota)) = (name, by, quota) else {
            continue;
        };
        twice(&name, found.steps.iter().map(|step| &step.name), reading);
        if let Labels::In(prefix) = labels {
            reading.label(format!("{prefix}.step.{}", name.word), name.place);
        }
        let hand_over = hand_over.map(|(hand_over, place)| {
            found.hand_overs.push((hand_over.procedure.clone(), place));
            hand_over
        });
        found.labels.extend(label);
        effects.push(then_place);
        found.steps.push(Step {
            place: name.place,
            name: name.word,
            by,
            quota,
            consult,
            hand_over,
            then,
        });
    }
    if scope.documents.is_some() {
        not_before_the_decision(&found.steps, &effects, reading);
    }
    found
}

/// Papers and registers tell what was decided: the step that decides is the last but one, and the last hands it over. What a
/// step before them did could be sent back.
fn not_before_the_decision(steps: &[Step], places: &[Place], reading: &Reading<'_>) {
    let tells = |step: &Step| {
        let mut effects = step.then.iter();
        effects.any(|effect| matches!(effect, Effect::Issue { .. } | Effect::Register(_)))
    };
    for (at, (step, place)) in steps.iter().zip(places).enumerate() {
        if tells(step) && (at == 0 || at + 2 < steps.len()) {
            reading.sink.say(FaultCode::EffectEarly, *place, &[&step.name]);
        }
    }
}

fn twice<'a>(name: &Word, mut others: impl Iterator<Item = &'a String>, reading: &Reading<'_>) {
    if others.any(|other| *other == name.word) {
        reading.sink.say(FaultCode::NameTwice, name.place, &[&name.word]);
    }
}

/// The steps must fit into the time to settle.
pub(crate) fn quotas(steps: &[Step], settle: TimeLimit, place: Place, reading: &Reading<'_>) {
    let day = reading.around.working_day_minutes;
    let needed: u64 = steps.iter().map(|step| flow::working_minutes(step.quota, day)).sum();
    let given = match settle {
        TimeLimit::WorkingDays(0) => u64::from(day),
        settle => flow::working_minutes(settle, day),
    };
    if needed > given {
        let hours = |minutes: u64| format!("{}", minutes.div_ceil(60));
        let place = steps.last().map_or(place, |step| step.place);
        reading.sink.say(
            FaultCode::QuotaExceedsTime,
            place,
            &[&hours(needed), &(given / 60).to_string()],
        );
    }
}
