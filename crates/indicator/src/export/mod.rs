//! The export from which an outsider gets every figure again: the rows behind them, stops of the clock, the working calendar,
//! units and procedures, the formulas, and the figures as the pages show them. One reading of the store gives all of it.
//! Refuses personal data (facts have none) and to touch a file: whoever asks gives a sink.

mod rows;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use ::store::Tx;
use identity::UnitId;
use kernel::{Date, Lang, Timestamp};
use serde::Serialize;

use crate::kept::{Number, numbers};
use crate::report::{By, Figure, Filter, Question, load};
use crate::{FigureError, Indicators, fact, formula, qd766};

/// The version of the files' form; `docs/recompute/recompute.py` reads this one.
pub const FORMAT: i64 = 2;

/// Takes the files: may be told to begin a file anew, because a reading may be run again.
pub trait Sink: Send + Sync {
    /// Begins a file.
    ///
    /// # Errors
    /// In words, when it cannot be made.
    fn begin(&self, name: &str) -> Result<(), String>;

    /// Adds to a file that was begun.
    ///
    /// # Errors
    /// In words, when it cannot be written.
    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), String>;
}

/// What is exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// First day.
    pub from: Date,
    /// Last day; the period has at most 366 days.
    pub to: Date,
    /// One unit; none for the whole province.
    pub unit: Option<UnitId>,
}

/// How much was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Rows of dossiers.
    pub rows: u64,
    /// Figures.
    pub figures: u64,
}

/// One figure of the export.
#[derive(Debug, Clone, Serialize)]
struct Told {
    by: String,
    key: String,
    #[serde(flatten)]
    number: Number,
    /// For the set of QĐ 766, in hundredths.
    #[serde(skip_serializing_if = "Option::is_none")]
    points: Option<i64>,
}

/// What the rest is read by.
#[derive(Debug, Serialize)]
struct Manifest {
    format: i64,
    formulas: i64,
    from: Date,
    to: Date,
    /// A line of time is a day where the period is short, else a month.
    time: &'static str,
    unit: Option<UnitId>,
    unit_name: Option<String>,
    cut_off: Timestamp,
    now: String,
    soon: String,
    is_running: bool,
    program: &'static str,
}

/// Writes the export.
///
/// # Errors
/// `NotBuilt` before the figures were made, `Write` with the sink's words, else what the store says.
pub async fn export(house: &Indicators, wanted: &Wanted, sink: Arc<dyn Sink>) -> Result<Written, FigureError> {
    let filter = Filter {
        from: wanted.from,
        to: wanted.to,
        unit: wanted.unit,
        sector: None,
        procedure: None,
    };
    let book = house.identity().units();
    let day = house.now().local_date();
    let units: Vec<(UnitId, String)> = book
        .all()
        .map(|unit| (unit.id, book.name(unit.id, Lang::Vi, day).to_owned()))
        .collect();
    let chosen = wanted.unit.map(|unit| vec![unit]);
    let question = Question::over(house, filter, chosen, units).await?;
    let calendar = house.casework().calendar().clone();
    house
        .store()
        .read(move |tx| {
            if fact::store::built(tx)?.is_none() {
                return Err(FigureError::NotBuilt);
            }
            let (figures, cut_off) = figures(tx, &question)?;
            let (count, days) = rows::write(tx, &question, sink.as_ref())?;
            rows::calendar(&calendar, days, sink.as_ref())?;
            names(&question, sink.as_ref())?;
            manifest(&question, cut_off, sink.as_ref())?;
            let total = figures.len() as u64;
            write_figures(&figures, sink.as_ref())?;
            file(sink.as_ref(), "formulas.toml", formula::TEXT.as_bytes())?;
            file(sink.as_ref(), "qd766.toml", qd766::TEXT.as_bytes())?;
            Ok(Written {
                rows: count,
                figures: total,
            })
        })
        .await
}

/// Every figure that the pages show of the period: in all, by unit, sector, procedure and time, and the set of QĐ 766.
fn figures(tx: &mut Tx, question: &Question) -> Result<(Vec<Told>, Timestamp), FigureError> {
    let mut all = Vec::new();
    let mut cut_off = question.now;
    for by in By::ALL {
        let report = load(tx, question, *by, Lang::Vi)?;
        cut_off = report.cut_off;
        if *by == By::Unit {
            all.extend(told("total", "", numbers(&report.total)));
            let known = qd766::catalogue(tx, question)?;
            let over = qd766::over(question, &report.total);
            for one in qd766::set().groups.iter().flat_map(|group| &group.indicators) {
                let Some(answer) = one.answer(&report.total, over, &known) else {
                    continue;
                };
                all.push(Told {
                    by: "766".to_owned(),
                    key: one.code.clone(),
                    number: Number {
                        figure: one.code.clone(),
                        numerator: answer.parts.0,
                        denominator: Some(answer.parts.1),
                        value: answer.value,
                    },
                    points: answer.points,
                });
            }
        }
        for line in &report.lines {
            // What is open now is of no month.
            let is_of_line = |number: &Number| {
                let figure: Option<Figure> = number.figure.parse().ok();
                *by != By::Time || figure.is_some_and(|figure| !figure.set().is_of_now())
            };
            let numbers = numbers(&line.sums).into_iter().filter(is_of_line).collect();
            all.extend(told(by.word(), &line.key, numbers));
        }
    }
    Ok((all, cut_off))
}

fn told(by: &str, key: &str, numbers: Vec<Number>) -> impl Iterator<Item = Told> {
    let (by, key) = (by.to_owned(), key.to_owned());
    numbers.into_iter().map(move |number| Told {
        by: by.clone(),
        key: key.clone(),
        number,
        points: None,
    })
}

/// Writes a whole file.
fn file(sink: &dyn Sink, name: &str, bytes: &[u8]) -> Result<(), FigureError> {
    sink.begin(name)
        .and_then(|()| sink.write(name, bytes))
        .map_err(FigureError::Write)
}

fn write_figures(figures: &[Told], sink: &dyn Sink) -> Result<(), FigureError> {
    let json = serde_json::to_vec_pretty(figures).map_err(|error| FigureError::Write(error.to_string()))?;
    file(sink, "figures.json", &json)?;
    let mut text = rows::Text::new(&["by", "key", "figure", "numerator", "denominator", "value", "points"]);
    let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
    for one in figures {
        text.row(&[
            &one.by,
            &one.key,
            &one.number.figure,
            &one.number.numerator.to_string(),
            &number(one.number.denominator),
            &number(one.number.value),
            &number(one.points),
        ]);
    }
    file(sink, "figures.csv", &text.take())
}

/// Units and procedures: what keys mean, the sector of each procedure, and which are offered online.
fn names(question: &Question, sink: &dyn Sink) -> Result<(), FigureError> {
    let mut text = rows::Text::new(&["unit", "name"]);
    let units: BTreeMap<String, &String> = question
        .units
        .iter()
        .map(|(unit, name)| (unit.to_string(), name))
        .collect();
    for (unit, name) in units {
        text.row(&[&unit, name]);
    }
    file(sink, "units.csv", &text.take())?;
    let mut text = rows::Text::new(&["procedure", "name", "sector", "sector_name", "is_online"]);
    for one in question.index.all() {
        let online = if one.is_online() { "1" } else { "0" };
        text.row(&[
            &one.code.to_string(),
            &one.name.vi,
            &one.sector_slug,
            &one.sector.vi,
            online,
        ]);
    }
    file(sink, "procedures.csv", &text.take())
}

fn manifest(question: &Question, cut_off: Timestamp, sink: &dyn Sink) -> Result<(), FigureError> {
    let filter = &question.filter;
    let manifest = Manifest {
        format: FORMAT,
        formulas: formula::current().version,
        from: filter.from,
        to: filter.to,
        time: if filter.is_short() { "day" } else { "month" },
        unit: filter.unit,
        unit_name: filter.unit.map(|unit| question.unit_name(unit)),
        cut_off,
        now: rows::instant(question.now),
        soon: rows::instant(question.soon),
        is_running: question.now.local_date() <= filter.to,
        program: env!("CARGO_PKG_VERSION"),
    };
    let json = serde_json::to_vec_pretty(&manifest).map_err(|error| FigureError::Write(error.to_string()))?;
    file(sink, "manifest.json", &json)
}
