//! The internal process of a procedure on its own: its steps with their labels, as an administrator edits them and as a
//! dossier keeps them to its end. It owns reading and writing of such a text, and refuses what the machine could not run.
//! Law: NĐ 118/2025/NĐ-CP (each procedure has a published internal process with the time of each step).

use super::read::{self, Labels, Steps};
use super::{Procedure, Step, compile};
use crate::effect::{Answers, Entry, PaperKind};
use crate::expression::Expr;
use crate::fault::{FaultCode, Faults, Place, Sink, SourceText};
use crate::flow::EffectScope;
use crate::machine::{Effect, Machine};
use crate::reader::{Reader, Word};
use crate::record::RecordKind;
use crate::source;
use crate::surroundings::{Reading, Surroundings};
use crate::text::Texts;
use kernel::Bilingual;
use kernel::calendar::TimeLimit;
use std::fmt::Write as _;

/// The name under which faults of such a text are told.
pub const PROCESS_FILE: &str = "process.toml";
/// Most steps of a process; a longer one is two.
pub const STEPS_MAX: usize = 20;

/// What the effects of a process may name: the answers and the result of its procedure, the registers of its system.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// The procedure.
    pub procedure: &'a Procedure,
    /// The kinds of record of its system.
    pub records: &'a [RecordKind],
}

/// Steps, their labels, and the machine that they compile to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    steps: Vec<Step>,
    labels: Vec<Bilingual>,
    machine: Machine,
}

impl Process {
    /// Reads a text of `[[step]]` tables, each with `label.vi` and `label.en` besides the keys of a step. With `settle` the
    /// quotas must fit into the time to settle. With `scope` effects are held against the procedure and its registers;
    /// without, documents, registers and procedures are taken as they are named, because the text was proven with its system.
    ///
    /// # Errors
    /// Every fault of the text at once.
    pub fn read(
        text: &str,
        settle: Option<TimeLimit>,
        scope: Option<Scope<'_>>,
        around: &Surroundings,
    ) -> Result<Self, Faults> {
        let file = SourceText {
            path: PROCESS_FILE.to_owned(),
            text: text.to_owned(),
        };
        let sink = Sink::new(vec![file]);
        let process = read_text(&sink, settle, scope, around);
        match (process, sink.count()) {
            (Some(process), 0) => Ok(process),
            _ => Err(Faults(sink.into_faults())),
        }
    }

    /// The process of a procedure that was read with its system.
    ///
    /// # Errors
    /// Faults only when the labels of `texts` are not those of the procedure.
    pub fn of(procedure: &Procedure, texts: &Texts, around: &Surroundings) -> Result<Self, Faults> {
        let label = |step: &Step| {
            let key = format!("procedure.{}.step.{}", procedure.name, step.name);
            texts.get(&key).cloned().unwrap_or_else(|| Bilingual::vi(&step.name))
        };
        let steps = procedure.steps.iter().map(|step| (step, label(step)));
        let text = write(steps);
        Self::read(&text, Some(procedure.settle), None, around)
    }

    /// The steps with their labels, in order.
    pub fn steps(&self) -> impl ExactSizeIterator<Item = (&Step, &Bilingual)> {
        self.steps.iter().zip(&self.labels)
    }

    /// Number of steps; at least one.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.steps.len()
    }

    /// Never: a process without steps is refused.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The step at a position.
    #[must_use]
    pub fn step(&self, index: usize) -> Option<&Step> {
        self.steps.get(index)
    }

    /// The label of the step at a position.
    #[must_use]
    pub fn label(&self, index: usize) -> Option<&Bilingual> {
        self.labels.get(index)
    }

    /// The position of the step of that name.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.steps.iter().position(|step| step.name == name)
    }

    /// The machine of the steps; asking for a fee is always one of its actions.
    #[must_use]
    pub const fn machine(&self) -> &Machine {
        &self.machine
    }

    /// An effect as a step's list of them writes it; `None` for what a step of a procedure does not have.
    #[must_use]
    pub fn effect_text(one: &Effect) -> Option<String> {
        effect(one)
    }

    /// A text as TOML writes it.
    #[must_use]
    pub fn quoted(text: &str) -> String {
        quoted(text)
    }

    /// The text from which [`Process::read`] makes this process again.
    #[must_use]
    pub fn write(&self) -> String {
        write(self.steps.iter().zip(self.labels.iter().cloned()))
    }
}

fn read_text(
    sink: &Sink,
    settle: Option<TimeLimit>,
    within: Option<Scope<'_>>,
    around: &Surroundings,
) -> Option<Process> {
    let table = source::read(0, sink)?;
    let reading = Reading::new(sink, around);
    let reader = Reader::new(&table, sink);
    let documents = within.map(|within| vec![within.procedure.outcome.document.clone()]);
    let answers = within.map(|within| Answers::of_form(&within.procedure.form));
    let scope = EffectScope {
        documents: documents.as_deref(),
        about: None,
        records: within.map_or(&[], |within| within.records),
        answers: answers.as_ref(),
    };
    let Steps {
        steps,
        labels,
        hand_overs,
    } = read::steps(&reader, Labels::Beside, &scope, &reading);
    reader.finish();
    for (name, place) in hand_overs.into_iter().filter(|_| within.is_some()) {
        reading.known(
            FaultCode::ProcedureUnknown,
            &Word { word: name, place },
            &around.procedures,
        );
    }
    if steps.len() > STEPS_MAX {
        sink.say(
            FaultCode::TooLarge,
            Place { file: 0, at: 0 },
            &[&format!("{STEPS_MAX} steps")],
        );
    }
    if let Some(settle) = settle {
        read::quotas(&steps, settle, table.place, &reading);
    }
    let machine = compile::machine(&steps, settle, true, &reading)?;
    (labels.len() == steps.len()).then_some(Process { steps, labels, machine })
}

fn write<'a>(steps: impl Iterator<Item = (&'a Step, Bilingual)>) -> String {
    let mut text = String::new();
    for (step, label) in steps {
        // Writing to a string cannot fail.
        let _ = write_step(&mut text, step, &label);
    }
    text
}

fn write_step(text: &mut String, step: &Step, label: &Bilingual) -> std::fmt::Result {
    if !text.is_empty() {
        text.push('\n');
    }
    writeln!(text, "[[step]]")?;
    writeln!(text, "name = {}", quoted(&step.name))?;
    writeln!(text, "label.vi = {}", quoted(label.get(kernel::Lang::Vi)))?;
    writeln!(text, "label.en = {}", quoted(label.get(kernel::Lang::En)))?;
    writeln!(text, "by = {}", quoted(&step.by.to_string()))?;
    writeln!(text, "quota = {}", quoted(&step.quota.to_string()))?;
    if !step.consult.is_empty() {
        let asked = step
            .consult
            .iter()
            .map(|one| format!("{} = {}", one.agency, quoted(&one.quota.to_string())));
        writeln!(text, "consult = {{ {} }}", asked.collect::<Vec<_>>().join(", "))?;
    }
    write_rest(text, step)
}

fn write_rest(text: &mut String, step: &Step) -> std::fmt::Result {
    if let Some(hand_over) = &step.hand_over {
        let (procedure, unit) = (quoted(&hand_over.procedure), quoted(&hand_over.unit));
        writeln!(text, "hand_over = {{ procedure = {procedure}, unit = {unit} }}")?;
    }
    write_effects(text, step)
}

fn write_effects(text: &mut String, step: &Step) -> std::fmt::Result {
    if !step.then.is_empty() {
        let effects: Vec<String> = step.then.iter().filter_map(effect).collect();
        // One a line, so that a fault of one is told at its own.
        writeln!(text, "then = [\n  {},\n]", effects.join(",\n  "))?;
    }
    Ok(())
}

/// Steps of a process have no record whose field could be set: the reader refuses it.
fn effect(effect: &Effect) -> Option<String> {
    let (key, value) = match effect {
        Effect::Issue { document, paper } if *paper != PaperKind::default() => {
            let paper = quoted(paper.word());
            return Some(format!("{{ issue = {}, as = {paper} }}", quoted(document)));
        }
        Effect::Issue { document, .. } => ("issue", document),
        Effect::Register(entry) => return Some(entry_text(entry)),
        Effect::Notify { whom } => ("notify", whom),
        Effect::Hook { name } => ("hook", name),
        Effect::Set { .. } => return None,
    };
    Some(format!("{{ {key} = {} }}", quoted(value)))
}

fn entry_text(entry: &Entry) -> String {
    let table = |key: &str, formulas: &[(String, Expr)]| {
        let all = formulas
            .iter()
            .map(|(name, expr)| format!("{name} = {}", quoted(&expr.to_string())));
        let all: Vec<String> = all.collect();
        (!all.is_empty()).then(|| format!("{key} = {{ {} }}", all.join(", ")))
    };
    let when = entry
        .when
        .as_ref()
        .map(|when| format!("when = {}", quoted(&when.to_string())));
    let register = format!("register = {}", quoted(&entry.register));
    let parts = [table("find", &entry.find), when, table("fields", &entry.fields)];
    let parts: Vec<String> = std::iter::once(register).chain(parts.into_iter().flatten()).collect();
    format!("{{ {} }}", parts.join(", "))
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            control if control.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
