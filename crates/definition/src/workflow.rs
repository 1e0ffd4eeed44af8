//! The workflow of a system's cases: `workflow.toml`. It owns the grammar of states and actions as written, and refuses
//! whatever the machine could not run: unknown states, roles, documents, fields.

use crate::effect::Answers;
use crate::expression::{Environment, Type};
use crate::fault::FaultCode;
use crate::field::{self, Field, FieldKind, Scope};
use crate::flow::{self, EffectScope};
use crate::machine::{Action, HandOver, Machine, Performer, State, StateId, Target, graph};
use crate::reader::{Joined, Reader, Word};
use crate::record::{RecordKind, labels};
use crate::source::{Node, Table};
use crate::surroundings::Reading;

/// How a case of the system runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workflow {
    /// The kind of record that a case is about.
    pub about: Option<String>,
    /// Who may open one: `citizen`, `officer`, or roles.
    pub opened_by: Vec<String>,
    /// Documents that a case may hold or issue.
    pub documents: Vec<Document>,
    /// States and actions.
    pub machine: Machine,
}

/// A document of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its name.
    pub name: String,
    /// The file it is.
    pub file: FieldKind,
}

/// Reads `workflow.toml`. Hand-overs are given back with their places: which procedures exist is known later.
pub(crate) fn read(table: &Table, records: &[RecordKind], reading: &Reading<'_>) -> Option<Workflow> {
    let reader = Reader::new(table, reading.sink);
    let case = reader
        .needed("case")
        .and_then(|node| Reader::of(node, "case", reading.sink));
    let documents = documents(&reader, reading);
    let mut environment = Environment::new();
    let asks = reader.named("asks", Joined::Underscore);
    let asks = field::read_all(asks, Scope::Ask, "answers.", &mut environment, reading);
    labels("ask", &asks, reading);
    reader.needed("state");
    let states = states(&reader, reading);
    let about = case.as_ref().and_then(|case| about(case, records, reading));
    environment_of(about, &documents, &states, &mut environment);
    let names: Vec<String> = documents.iter().map(|document| document.name.clone()).collect();
    let answers = Answers::of_workflow(&environment);
    let scope = EffectScope {
        documents: Some(&names),
        about,
        records,
        answers: Some(&answers),
    };
    let parts = Parts {
        states: &states,
        asks: &asks,
        environment: &environment,
        scope: &scope,
    };
    let actions = reader.named("action", Joined::Hyphen).into_iter();
    let actions = actions
        .filter_map(|(word, node)| action(word, node, &parts, reading))
        .collect();
    reader.finish();
    let case = case?;
    let starts = case.needed_word("starts");
    let opened_by = opened_by(&case, reading);
    let settle = case.duration("settle");
    reading.label("case.name".to_owned(), case.place());
    case.finish();
    let start = reading.find(FaultCode::StateUnknown, &starts?, &states, |state| &state.name)?;
    let machine = Machine {
        states,
        actions,
        start: StateId(start),
        settle,
    };
    graph::check(&machine, reading.sink);
    Some(Workflow {
        about: about.map(|kind| kind.name.clone()),
        opened_by,
        documents,
        machine,
    })
}

fn about<'a>(case: &Reader<'_>, records: &'a [RecordKind], reading: &Reading<'_>) -> Option<&'a RecordKind> {
    let word = case.word("about")?;
    let index = reading.find(FaultCode::RecordUnknown, &word, records, |kind| &kind.name)?;
    records.get(index)
}

fn opened_by(case: &Reader<'_>, reading: &Reading<'_>) -> Vec<String> {
    case.needed("opened_by");
    let words = case.words("opened_by").into_iter();
    let known = words.filter(|word| {
        matches!(word.word.as_str(), "citizen" | "officer")
            || reading.known(FaultCode::RoleUnknown, word, &reading.around.roles)
    });
    known.map(|word| word.word).collect()
}

fn documents(reader: &Reader<'_>, reading: &Reading<'_>) -> Vec<Document> {
    let mut found = Vec::new();
    for (word, node) in reader.named("documents", Joined::Underscore) {
        let Some(inner) = Reader::of(node, &word.word, reading.sink) else {
            continue;
        };
        let file = field::file(&inner, false, reading);
        inner.finish();
        reading.label(format!("document.{}", word.word), word.place);
        found.push(Document { name: word.word, file });
    }
    found
}

/// What a guard may name.
fn environment_of(about: Option<&RecordKind>, documents: &[Document], states: &[State], environment: &mut Environment) {
    for field in about.map_or(&[][..], |kind| &kind.fields) {
        environment.declare(format!("record.{}", field.name), field.ty().optional());
    }
    for document in documents {
        environment.declare(format!("documents.{}", document.name), Type::File.optional());
    }
    let names = states.iter().map(|state| state.name.clone()).collect();
    environment.declare("state", Type::Choice(names));
    environment.declare("opened_at", Type::Instant);
    environment.declare("due_at", Type::Instant.optional());
}

fn states(reader: &Reader<'_>, reading: &Reading<'_>) -> Vec<State> {
    let states = reader.named("state", Joined::Hyphen).into_iter();
    states.filter_map(|(word, node)| state(word, node, reading)).collect()
}

fn state(word: Word, node: &Node, reading: &Reading<'_>) -> Option<State> {
    let reader = Reader::of(node, &word.word, reading.sink)?;
    let deadline = reader.duration("deadline");
    let end = reader.flag("end");
    let waits = reader.one_of("waits", &[("applicant", true)]).unwrap_or(false);
    if end && deadline.is_some() {
        reading
            .sink
            .say(FaultCode::KeyConflict, word.place, &["deadline", "end"]);
    }
    let consult = flow::consults(&reader, deadline, reading);
    let hand_over = flow::hand_over(&reader, reading).map(|(hand_over, _)| hand_over);
    if let Some(HandOver { procedure, .. }) = &hand_over {
        let named = Word {
            word: procedure.clone(),
            place: word.place,
        };
        reading.known(FaultCode::ProcedureUnknown, &named, &reading.around.procedures);
    }
    reader.finish();
    reading.label(format!("state.{}", word.word), word.place);
    Some(State {
        name: word.word,
        end,
        waits,
        deadline,
        consult,
        hand_over,
        national_code: None,
        place: word.place,
    })
}

struct Parts<'a> {
    states: &'a [State],
    asks: &'a [Field],
    environment: &'a Environment,
    scope: &'a EffectScope<'a>,
}

fn action(word: Word, node: &Node, parts: &Parts<'_>, reading: &Reading<'_>) -> Option<Action> {
    let reader = Reader::of(node, &word.word, reading.sink)?;
    reading.label(format!("action.{}", word.word), word.place);
    let find = |word: &Word| reading.find(FaultCode::StateUnknown, word, parts.states, |state| &state.name);
    reader.needed("from");
    let from = reader.words("from").iter().filter_map(find).map(StateId).collect();
    let resumes = reader.flag("resumes");
    let to = match (reader.word("to"), resumes) {
        (Some(to), false) => find(&to).map(|index| Target::State(StateId(index))),
        (Some(to), true) => {
            reading.sink.say(FaultCode::KeyConflict, to.place, &["to", "resumes"]);
            find(&to).map(|index| Target::State(StateId(index)))
        }
        (None, true) => Some(Target::Resume),
        (None, false) => {
            reader.needed("to");
            None
        }
    };
    reader.needed("by");
    let by: Vec<Performer> = reader
        .words("by")
        .iter()
        .filter_map(|word| flow::performer(word, reading))
        .collect();
    let asks = reader.words("asks").into_iter().filter_map(|word| {
        let index = reading.find(FaultCode::FieldUnknown, &word, parts.asks, |field| &field.name)?;
        let mut field = parts.asks.get(index)?.clone();
        field.required = true;
        Some(field)
    });
    let asks = asks.collect();
    let when = reader.condition("when", parts.environment);
    let then = flow::effects(&reader, parts.scope, reading);
    let again_by = reader.word("again_by").and_then(|word| flow::performer(&word, reading));
    let starts_clock = reader.flag("starts_clock");
    // Whoever decides hears first those who still have time, unless the definition says otherwise.
    let onward = reader.node("onward").is_none() || reader.flag("onward");
    reader.finish();
    Some(Action {
        name: word.word,
        from,
        to: to?,
        by,
        asks,
        when,
        then,
        again_by,
        starts_clock,
        onward,
        place: word.place,
    })
}
