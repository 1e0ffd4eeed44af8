//! Indicators: `indicators.toml`. It owns formulas over records and cases that anyone can recompute, and refuses those
//! that a database cannot count. A number without a period or a row behind it is no indicator.

use crate::expression::{Environment, Formula, Number, SqlError, Type, compile};
use crate::fault::{FaultCode, Place};
use crate::field::FieldKind;
use crate::reader::{Joined, Reader, Word};
use crate::record::{RecordKind, refuse_personal};
use crate::source::{Node, Table};
use crate::surroundings::Reading;
use crate::workflow::Workflow;
use kernel::Date;

/// An indicator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indicator {
    /// Its name.
    pub name: String,
    /// How it is computed.
    pub measure: Measure,
    /// Fields by which it is split; `area` where rows lie on a map.
    pub by: Vec<String>,
    /// Unit of the number, as shown.
    pub unit: Option<String>,
    /// Over which time; at the moment when nothing is said.
    pub period: Option<Period>,
    /// What is aimed at.
    pub target: Option<Number>,
}

/// How an indicator is computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measure {
    /// Number of rows.
    Count(Selection),
    /// Sum of a field.
    Sum(Selection, String),
    /// Rows of the first in percent of rows of the second.
    Ratio {
        /// The part.
        of: Selection,
        /// The whole.
        over: Selection,
    },
}

/// Rows of a kind of record, or cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// A kind of record, or `case`.
    pub source: String,
    /// Which of them: those for which it is true.
    pub filter: Option<Formula>,
}

/// Over which time an indicator runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// A day.
    Day,
    /// A month.
    Month,
    /// A quarter.
    Quarter,
    /// A year.
    Year,
}

/// What indicators may count.
pub(crate) struct Countable<'a> {
    pub(crate) records: &'a [RecordKind],
    pub(crate) workflow: Option<&'a Workflow>,
    pub(crate) procedures: bool,
}

/// Reads `indicators.toml`.
pub(crate) fn read(table: &Table, countable: &Countable<'_>, reading: &Reading<'_>) -> Vec<Indicator> {
    let reader = Reader::new(table, reading.sink);
    let named = reader.entries(Joined::Underscore).into_iter();
    named
        .filter_map(|(word, node)| indicator(word, node, countable, reading))
        .collect()
}

fn indicator(word: Word, node: &Node, countable: &Countable<'_>, reading: &Reading<'_>) -> Option<Indicator> {
    let reader = Reader::of(node, &word.word, reading.sink)?;
    reading.label(format!("indicator.{}", word.word), word.place);
    let periods = [
        ("day", Period::Day),
        ("month", Period::Month),
        ("quarter", Period::Quarter),
        ("year", Period::Year),
    ];
    let (measure, by) = (measure(&reader, word.place, countable, reading), reader.words("by"));
    let source = measure.as_ref().map(|measure| match measure {
        Measure::Count(selection) | Measure::Sum(selection, _) | Measure::Ratio { of: selection, .. } => {
            &selection.source
        }
    });
    let kind = source.and_then(|source| countable.records.iter().find(|kind| kind.name == *source));
    let indicator = Indicator {
        name: word.word,
        by: dimensions(&by, kind, reading),
        unit: reader.word("unit").map(|unit| unit.word),
        period: reader.one_of("period", &periods),
        target: reader.number("target").map(|(number, _)| number),
        measure: measure.clone().unwrap_or(Measure::Count(Selection {
            source: String::new(),
            filter: None,
        })),
    };
    reader.finish();
    measure.map(|_| indicator)
}

/// Rows are split by indexed fields that are not personal.
fn dimensions(by: &[Word], kind: Option<&RecordKind>, reading: &Reading<'_>) -> Vec<String> {
    let Some(kind) = kind else {
        return by.iter().map(|word| word.word.clone()).collect();
    };
    for word in by.iter().filter(|word| word.word != "area" || kind.geometry.is_none()) {
        let found = reading.find(FaultCode::FieldUnknown, word, &kind.fields, |field| &field.name);
        let field = found.and_then(|index| kind.fields.get(index));
        if field.is_some_and(|field| !field.index) {
            reading.sink.say(FaultCode::IndexMissing, word.place, &[&word.word]);
        }
    }
    refuse_personal(by, &kind.fields, reading);
    by.iter().map(|word| word.word.clone()).collect()
}

fn measure(reader: &Reader<'_>, place: Place, countable: &Countable<'_>, reading: &Reading<'_>) -> Option<Measure> {
    let (count, sum, ratio) = (reader.word("count"), reader.word("sum"), reader.node("ratio"));
    let filter = reader.word("where");
    match (count, sum, ratio) {
        (Some(source), None, None) => selection(&source, filter, countable, reading).map(Measure::Count),
        (None, Some(path), None) => self::sum(&path, filter, countable, reading),
        (None, None, Some(node)) => {
            let inner = Reader::of(node, "ratio", reading.sink)?;
            let (of, over) = (inner.needed_word("of"), inner.needed_word("over"));
            inner.finish();
            let whole = |word: Word| {
                let (source, filter) = split(&word);
                selection(&source, filter, countable, reading)
            };
            let (of, over) = (of.and_then(whole), over.and_then(whole));
            of.zip(over).map(|(of, over)| Measure::Ratio { of, over })
        }
        (None, None, None) => {
            reading.sink.say(FaultCode::KeyMissing, place, &["count"]);
            None
        }
        _ => {
            reading
                .sink
                .say(FaultCode::KeyConflict, place, &["count", "sum, ratio"]);
            None
        }
    }
}

/// `tree.height_m`: the field must be a number.
fn sum(path: &Word, filter: Option<Word>, countable: &Countable<'_>, reading: &Reading<'_>) -> Option<Measure> {
    let (source, field) = path.word.split_once('.').unwrap_or((&path.word, ""));
    let source = Word {
        word: source.to_owned(),
        place: path.place,
    };
    let selection = selection(&source, filter, countable, reading)?;
    let kind = countable.records.iter().find(|kind| kind.name == source.word)?;
    let word = Word {
        word: field.to_owned(),
        place: path.place,
    };
    let index = reading.find(FaultCode::FieldUnknown, &word, &kind.fields, |field| &field.name)?;
    let is_number = matches!(kind.fields.get(index)?.kind, FieldKind::Number { .. });
    if !is_number {
        reading.sink.say(FaultCode::FormulaNotCountable, path.place, &[field]);
    }
    is_number.then(|| Measure::Sum(selection, field.to_owned()))
}

/// `case where ended_at <= due_at` to its two parts, each with its place.
fn split(word: &Word) -> (Word, Option<Word>) {
    const WHERE: &str = " where ";
    match word.word.split_once(WHERE) {
        None => (word.clone(), None),
        Some((source, filter)) => {
            let at = word.place.at + source.len() + WHERE.len();
            let filter = Word {
                word: filter.to_owned(),
                place: Place { at, ..word.place },
            };
            (
                Word {
                    word: source.to_owned(),
                    place: word.place,
                },
                Some(filter),
            )
        }
    }
}

fn selection(
    source: &Word,
    filter: Option<Word>,
    countable: &Countable<'_>,
    reading: &Reading<'_>,
) -> Option<Selection> {
    let environment = if source.word == "case" && (countable.workflow.is_some() || countable.procedures) {
        case_environment(countable)
    } else {
        let index = reading.find(FaultCode::RecordUnknown, source, countable.records, |kind| &kind.name)?;
        countable.records.get(index)?.environment("")
    };
    let filter = match filter {
        None => None,
        Some(word) => Some(countable_filter(&word, &environment, reading)?),
    };
    Some(Selection {
        source: source.word.clone(),
        filter,
    })
}

fn countable_filter(word: &Word, environment: &Environment, reading: &Reading<'_>) -> Option<Formula> {
    let formula = match Formula::condition(&word.word, environment) {
        Ok(formula) => formula,
        Err(error) => {
            reading.sink.say_expression(word.place, &error);
            return None;
        }
    };
    let column = |path: &str| Some(path.to_owned());
    match compile(&formula, environment, &column, 1, Date::MIN) {
        Ok(_) => Some(formula),
        Err(SqlError::NotCountable { at } | SqlError::NoColumn { at, .. }) => {
            let place = Place {
                at: word.place.at + 1 + at.0,
                ..word.place
            };
            reading.sink.say(FaultCode::FormulaNotCountable, place, &[&word.word]);
            None
        }
    }
}

/// What a filter over cases may name.
fn case_environment(countable: &Countable<'_>) -> Environment {
    let workflow = countable.workflow;
    let about = workflow.and_then(|workflow| workflow.about.as_ref());
    let kind = about.and_then(|about| countable.records.iter().find(|kind| kind.name == *about));
    let mut environment = kind.map_or_else(Environment::new, |kind| kind.environment("record."));
    if let Some(workflow) = workflow {
        let states = workflow.machine.states().iter().map(|state| state.name.clone());
        environment.declare("state", Type::Choice(states.collect()));
    }
    environment.declare("opened_at", Type::Instant);
    environment.declare("due_at", Type::Instant.optional());
    environment.declare("ended_at", Type::Instant.optional());
    environment
}
