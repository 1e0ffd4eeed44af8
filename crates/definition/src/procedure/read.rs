//! Reads `procedures/*.toml`. It owns the grammar of a procedure and refuses what its dossier could not be settled by:
//! quotas beyond the time to settle, conditions on fields that are asked for later, papers from nowhere.

use super::{
    Audience, Channel, Component, ComponentSource, Fee, Outcome, Procedure, Reduction, Service, Step, compile,
};
use crate::expression::{Environment, Type};
use crate::fault::{FaultCode, Place};
use crate::field::{self, Field, Scope};
use crate::flow::{self, EffectScope};
use crate::reader::{Joined, Reader, Word, is_name};
use crate::record::{RecordKind, labels};
use crate::source::Table;
use crate::surroundings::Reading;
use kernel::ProcedureCode;
use kernel::calendar::TimeLimit;

/// A procedure and the places of its hand-overs, to be checked when all procedures are known.
pub(crate) type Read = (Procedure, Vec<(String, Place)>);

pub(crate) fn read(name: &Word, table: &Table, records: &[RecordKind], reading: &Reading<'_>) -> Option<Read> {
    if !is_name(name, Joined::Hyphen, reading.sink) {
        return None;
    }
    let reader = Reader::new(table, reading.sink);
    let prefix = format!("procedure.{}", name.word);
    let mut environment = environment();
    let form = form(&reader, &prefix, &mut environment, reading);
    let code = reader.needed_word("code").and_then(|word| code(&word, reading));
    let title = reader.bilingual("name");
    let sector = reader.needed_word("sector");
    let tier = reader.needed_word("tier");
    if let Some(tier) = &tier {
        reading.known(FaultCode::UnitUnknown, tier, &reading.around.units);
    }
    reader.needed("service");
    let services = [
        ("full", Service::Full),
        ("partial", Service::Partial),
        ("information", Service::Information),
    ];
    let service = reader.one_of("service", &services);
    let audiences = [("citizen", Audience::Citizen), ("organisation", Audience::Organisation)];
    reader.needed("for");
    let audience = reader
        .words("for")
        .iter()
        .filter_map(|word| reader.choose(word, &audiences))
        .collect();
    let basis = reader.words("basis").into_iter().map(|word| word.word).collect();
    let outcome = outcome(&reader, &prefix, records, reading);
    let settle = settle(&reader, reading);
    let fee = fee(&reader, &environment, reading);
    let components = components(&reader, &prefix, !form.is_empty(), &environment, reading);
    let documents: Vec<String> = outcome.iter().map(|outcome| outcome.document.clone()).collect();
    let scope = EffectScope {
        documents: &documents,
        about: None,
        records,
    };
    let (steps, hand_overs) = steps(&reader, &prefix, &scope, reading);
    reader.finish();
    let settle = settle?;
    quotas(&steps, settle, table.place, reading);
    let machine = compile::machine(&steps, settle, fee.is_some(), reading)?;
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
        form,
        steps,
        machine,
    };
    Some((procedure, hand_overs))
}

/// The form; each field may be asked for under a condition on those above it.
fn form(reader: &Reader<'_>, prefix: &str, environment: &mut Environment, reading: &Reading<'_>) -> Vec<Field> {
    let Some(form) = reader
        .node("form")
        .and_then(|node| Reader::of(node, "form", reading.sink))
    else {
        return Vec::new();
    };
    form.needed("fields");
    let fields = form.named("fields", Joined::Underscore);
    let fields = field::read_all(fields, Scope::Form, "form.", environment, reading);
    form.finish();
    labels(prefix, &fields, reading);
    fields
}

/// What the formulas of a procedure may name, besides its form.
fn environment() -> Environment {
    let applicant = field::applicant().into_iter();
    let mut environment: Environment = applicant
        .map(|(name, ty)| (format!("applicant.{name}"), ty.optional()))
        .collect();
    let channels = Channel::ALL.iter().map(|(word, _)| (*word).to_owned()).collect();
    environment.declare("channel", Type::Choice(channels));
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

fn settle(reader: &Reader<'_>, reading: &Reading<'_>) -> Option<TimeLimit> {
    let time = Reader::of(reader.needed("time")?, "time", reading.sink)?;
    time.needed("settle");
    let settle = time.duration("settle");
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

fn fee(reader: &Reader<'_>, environment: &Environment, reading: &Reading<'_>) -> Option<Fee> {
    let inner = Reader::of(reader.node("fee")?, "fee", reading.sink)?;
    inner.needed("desk");
    let (desk, online, post) = (inner.dong("desk"), inner.dong("online"), inner.dong("post"));
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
        exempt,
        reductions,
    })
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

fn steps(
    reader: &Reader<'_>,
    prefix: &str,
    scope: &EffectScope<'_>,
    reading: &Reading<'_>,
) -> (Vec<Step>, Vec<(String, Place)>) {
    let mut found: Vec<Step> = Vec::new();
    let mut hand_overs = Vec::new();
    reader.needed("step");
    for inner in reader.tables("step") {
        let name = inner
            .needed_word("name")
            .filter(|name| is_name(name, Joined::Hyphen, reading.sink));
        let by = inner.needed_word("by").and_then(|word| flow::performer(&word, reading));
        inner.needed("quota");
        let quota = inner.duration("quota");
        let consult = flow::consults(&inner, quota, reading);
        let hand_over = flow::hand_over(&inner, reading);
        let then = flow::effects(&inner, scope, reading);
        inner.finish();
        let (Some(name), Some(by), Some(quota)) = (name, by, quota) else {
            continue;
        };
        twice(&name, found.iter().map(|step| &step.name), reading);
        reading.label(format!("{prefix}.step.{}", name.word), name.place);
        let hand_over = hand_over.map(|(hand_over, place)| {
            hand_overs.push((hand_over.procedure.clone(), place));
            hand_over
        });
        let place = name.place;
        let name = name.word;
        found.push(Step {
            name,
            by,
            quota,
            consult,
            hand_over,
            then,
            place,
        });
    }
    (found, hand_overs)
}

fn twice<'a>(name: &Word, mut others: impl Iterator<Item = &'a String>, reading: &Reading<'_>) {
    if others.any(|other| *other == name.word) {
        reading.sink.say(FaultCode::NameTwice, name.place, &[&name.word]);
    }
}

/// The steps must fit into the time to settle.
fn quotas(steps: &[Step], settle: TimeLimit, place: Place, reading: &Reading<'_>) {
    let day = reading.around.working_day_minutes;
    let needed: u64 = steps.iter().map(|step| flow::working_minutes(step.quota, day)).sum();
    let given = flow::working_minutes(settle, day);
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
