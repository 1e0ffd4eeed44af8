//! Cases: `cases/*.toml`, given / when / then. It owns the one runner that tries them while a folder is checked, and
//! refuses a case that does not go as it says: a definition that contradicts its own examples never starts.

use crate::expression::{Facts, Value};
use crate::fault::FaultCode;
use crate::field::{self, Field};
use crate::flow;
use crate::machine::{Command, Effect, Instance, Machine, Moment, Performer, Refusal};
use crate::procedure::read::REPRESENTATIONS;
use crate::procedure::{Channel, Procedure};
use crate::reader::{Reader, Word};
use crate::record::RecordKind;
use crate::sample::values;
use crate::source::Table;
use crate::surroundings::Reading;
use crate::workflow::Workflow;
use jiff::civil::time;
use kernel::Timestamp;
use kernel::calendar::WorkingCalendar;
use std::collections::{BTreeMap, BTreeSet};

/// What a case can be about.
pub(crate) struct Runnable<'a> {
    pub(crate) records: &'a [RecordKind],
    pub(crate) workflow: Option<&'a Workflow>,
    pub(crate) procedures: &'a [Procedure],
}

/// What a case says will be.
#[derive(Debug, Default)]
struct Expected {
    state: Option<Word>,
    refused: Option<Word>,
    effects: Option<Vec<Word>>,
    fee: Option<i64>,
    components: Option<Vec<Word>>,
    record: Option<BTreeMap<String, Value>>,
}

/// Reads and tries one file of cases; gives back the names of those that went as they say.
pub(crate) fn read(table: &Table, runnable: &Runnable<'_>, reading: &Reading<'_>) -> Vec<String> {
    let reader = Reader::new(table, reading.sink);
    let cases = reader.tables("case");
    reader.finish();
    // What could not be read would fail its cases besides.
    if reading.sink.count() > 0 {
        return Vec::new();
    }
    cases.iter().filter_map(|case| one(case, runnable, reading)).collect()
}

fn one(case: &Reader<'_>, runnable: &Runnable<'_>, reading: &Reading<'_>) -> Option<String> {
    let before = reading.sink.count();
    let name = case.needed_word("name")?;
    let procedure = match case.word("procedure") {
        Some(word) => {
            let all = runnable.procedures;
            let index = reading.find(FaultCode::ProcedureUnknown, &word, all, |procedure| &procedure.name)?;
            all.get(index)
        }
        None => None,
    };
    let machine = match (procedure, runnable.workflow) {
        (Some(procedure), _) => &procedure.machine,
        (None, Some(workflow)) => &workflow.machine,
        (None, None) => {
            reading.sink.say(FaultCode::KeyMissing, case.place(), &["procedure"]);
            return None;
        }
    };
    let opened_at = Timestamp::from_local(case.needed("on").and(case.date("on"))?.0.to_datetime(time(8, 0, 0, 0)));
    let mut trial = Trial {
        name: &name,
        machine,
        instance: machine.open(WorkingCalendar::plain(), opened_at).instance,
        facts: Facts::new(opened_at.local_date()),
        channel: Channel::Desk,
        now: opened_at,
        effects: Vec::new(),
        refused: None,
        reading,
    };
    if let Some(node) = case.node("given") {
        trial.given(&Reader::of(node, "given", reading.sink)?, procedure, runnable);
    }
    for step in case.tables("when") {
        trial.when(&step);
        step.finish();
    }
    let then = Reader::of(case.needed("then")?, "then", reading.sink)?;
    let expected = trial.expected(&then);
    then.finish();
    // What could not be read cannot be expected either.
    let is_sound = reading.sink.count() == before;
    (is_sound && trial.holds(&expected, procedure)).then(|| name.word.clone())
}

/// A case while it is tried.
struct Trial<'a> {
    name: &'a Word,
    machine: &'a Machine,
    instance: Instance,
    facts: Facts,
    channel: Channel,
    now: Timestamp,
    effects: Vec<Effect>,
    refused: Option<Refusal>,
    reading: &'a Reading<'a>,
}

impl Trial<'_> {
    fn given(&mut self, given: &Reader<'_>, procedure: Option<&Procedure>, runnable: &Runnable<'_>) {
        if let Some(state) = given.word("state") {
            let found = self
                .state(&state)
                .and_then(|index| self.machine.state_named(&self.machine.states()[index].name));
            self.instance = found.map_or_else(
                || self.instance.clone(),
                |id| self.machine.open_in(id, WorkingCalendar::plain(), self.now).instance,
            );
        }
        let about = runnable.workflow.and_then(|workflow| workflow.about.as_ref());
        let kind = about.and_then(|about| runnable.records.iter().find(|kind| kind.name == *about));
        self.facts_of(given, "record", kind.map_or(&[], |kind| &kind.fields));
        self.facts_of(given, "form", procedure.map_or(&[], |procedure| &procedure.form));
        self.applicant(given);
        let channels = Channel::ALL;
        if let Some(channel) = given.one_of("channel", &channels) {
            self.channel = channel;
        }
        if let Some(representation) = given.one_of("representation", &REPRESENTATIONS.map(|word| (word, word))) {
            let word = Value::Text(representation.to_owned());
            self.facts.set("representation", word);
        }
        let word = channels
            .iter()
            .find(|(_, channel)| *channel == self.channel)
            .map(|(word, _)| *word);
        self.facts
            .set("channel", Value::Text(word.unwrap_or_default().to_owned()));
        let documents = runnable.workflow.map_or(&[][..], |workflow| &workflow.documents);
        for word in given.words("documents") {
            let known = self
                .reading
                .find(FaultCode::DocumentUnknown, &word, documents, |document| &document.name);
            if known.is_some() {
                self.facts
                    .set(format!("documents.{}", word.word), Value::Text(word.word));
            }
        }
    }

    fn facts_of(&mut self, given: &Reader<'_>, key: &'static str, fields: &[Field]) {
        let Some(node) = given.node(key) else { return };
        for (name, value) in values(node, key, self.reading).unwrap_or_default() {
            let word = Word {
                word: name,
                place: node.place,
            };
            let found = self
                .reading
                .find(FaultCode::FieldUnknown, &word, fields, |field| &field.name);
            let field = found.and_then(|index| fields.get(index));
            if field.is_some_and(|field| field.fits(&value, self.facts.today).is_err()) {
                self.reading.sink.say(FaultCode::ValueUnfit, node.place, &[&word.word]);
            }
            self.facts.set(format!("{key}.{}", word.word), value);
        }
    }

    fn applicant(&mut self, given: &Reader<'_>) {
        let Some(node) = given.node("applicant") else { return };
        let known = field::applicant();
        for (name, value) in values(node, "applicant", self.reading).unwrap_or_default() {
            let word = Word {
                word: name,
                place: node.place,
            };
            self.reading
                .find(FaultCode::FieldUnknown, &word, &known, |(name, _)| name);
            self.facts.set(format!("applicant.{}", word.word), value);
        }
    }

    fn state(&self, word: &Word) -> Option<usize> {
        let states = self.machine.states();
        self.reading
            .find(FaultCode::StateUnknown, word, states, |state| &state.name)
    }

    /// One action, a reply or the end of a hand-over, some time after the last. What follows a refusal is not tried.
    fn when(&mut self, step: &Reader<'_>) {
        let calendar = WorkingCalendar::plain();
        if let Some(after) = step.duration("after") {
            self.now = calendar.deadline(self.now, after).at;
            self.facts.today = self.now.local_date();
        }
        let by = step.word("by").and_then(|word| flow::performer(&word, self.reading));
        let actor: Vec<Performer> = by.into_iter().collect();
        let answers = step
            .node("answers")
            .and_then(|node| values(node, "answers", self.reading));
        let reply = step.word("reply");
        let child_ended = step.flag("child_ended");
        let command = match (step.word("action"), reply) {
            (Some(action), _) => {
                let actions = self.machine.actions();
                let known = self
                    .reading
                    .find(FaultCode::ActionUnknown, &action, actions, |action| &action.name);
                if known.is_none() {
                    return;
                }
                let answers = answers.unwrap_or_default();
                Command::Act {
                    action: action.word,
                    answers,
                }
            }
            (None, Some(agency)) => Command::Reply { agency: agency.word },
            (None, None) if child_ended => Command::ChildEnded,
            (None, None) => Command::TimePassed,
        };
        if self.refused.is_some() {
            return;
        }
        let moment = Moment {
            actor: &actor,
            facts: &self.facts,
            calendar,
            now: self.now,
        };
        match self.machine.decide(&self.instance, &command, moment) {
            Ok(decision) => {
                self.instance = decision.instance;
                self.effects.extend(decision.effects);
            }
            Err(refusal) => self.refused = Some(refusal),
        }
    }

    fn expected(&self, then: &Reader<'_>) -> Expected {
        let state = then.word("state").filter(|word| self.state(word).is_some());
        let refused = then.word("refused");
        if let Some(word) = &refused {
            let words = Refusal::WORDS.map(|word| (word, ()));
            then.choose(word, &words);
        }
        let listed = |key: &'static str| then.node(key).map(|_| then.words(key));
        Expected {
            state,
            refused,
            effects: listed("effects"),
            fee: then.whole("fee", 0, i64::MAX),
            components: listed("components"),
            record: then
                .node("record")
                .and_then(|node| values(node, "record", self.reading)),
        }
    }

    /// What the last effect that holds writes into a register.
    fn written(&self) -> BTreeMap<String, Value> {
        let entries = self.effects.iter().rev().filter_map(|effect| match effect {
            Effect::Register(entry) if entry.holds(&self.facts) => Some(entry),
            _ => None,
        });
        entries
            .map(|entry| entry.values(&self.facts))
            .next()
            .unwrap_or_default()
    }

    /// Compares each thing that is said with what is; silence says only that nothing was refused.
    fn holds(&self, expected: &Expected, procedure: Option<&Procedure>) -> bool {
        let words = |words: &[Word]| words.iter().map(|word| word.word.clone()).collect::<BTreeSet<_>>();
        let listed = |words: BTreeSet<String>| words.into_iter().collect::<Vec<_>>().join(", ");
        let refused = self.refused.as_ref().map_or("-", Refusal::word);
        let mut pairs = vec![(
            expected.refused.as_ref().map_or("-", |word| &word.word).to_owned(),
            refused.to_owned(),
        )];
        if let Some(state) = &expected.state {
            pairs.push((state.word.clone(), self.machine.state(self.instance.state).name.clone()));
        }
        if let Some(effects) = &expected.effects {
            let found = self.effects.iter().map(Effect::to_string).collect();
            pairs.push((listed(words(effects)), listed(found)));
        }
        if let Some(fee) = expected.fee {
            let due = procedure.and_then(|procedure| procedure.fee.as_ref());
            let due = due.map(|fee| fee.due(self.channel, &self.facts).get().to_string());
            pairs.push((fee.to_string(), due.unwrap_or_default()));
        }
        if let Some(components) = &expected.components {
            let needed = procedure.map_or_else(Vec::new, |procedure| procedure.needed_components(&self.facts));
            let needed = needed.into_iter().map(|component| component.name.clone()).collect();
            pairs.push((listed(words(components)), listed(needed)));
        }
        if let Some(record) = &expected.record {
            let line = |values: &BTreeMap<String, Value>| {
                let all = values.iter().map(|(name, value)| format!("{name} = {value:?}"));
                all.collect::<Vec<_>>().join(", ")
            };
            pairs.push((line(record), line(&self.written())));
        }
        let wrong: Vec<_> = pairs
            .into_iter()
            .filter(|(expected, found)| expected != found)
            .collect();
        for (expected, found) in &wrong {
            let args = [self.name.word.as_str(), expected, found];
            self.reading.sink.say(FaultCode::CaseFails, self.name.place, &args);
        }
        wrong.is_empty()
    }
}
