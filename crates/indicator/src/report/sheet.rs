//! Reports and rows as spreadsheets: the same numbers as on the page, in full length, as CSV or as a workbook.
//! Refuses personal data (rows have none) and formulas (`casework`'s sheets write texts as texts).

use casework::register::{Cell, Sheet};
use web::{Shell, format};

use super::{Figure, Line, Question, Value};
use crate::fact::Fact;
use crate::formula::Shape;

/// A value in words of the page's language; "no data" where there is none.
pub(crate) fn words(shell: &Shell, shape: Shape, value: &Value) -> String {
    let lang = shell.lang;
    match (value.value, shape) {
        (None, _) => shell.text("indicator-no-data"),
        (Some(value), Shape::Count) => format::number(lang, value),
        (Some(value), Shape::Share) => format::percent(lang, value),
        (Some(value), Shape::Hours) => {
            shell.text_with("indicator-hours", &[("hours", format::decimal(lang, value, 1).into())])
        }
        (Some(value), Shape::Ratio) => format::decimal(lang, value, 2),
    }
}

/// A cell for spreadsheets: whole numbers as numbers, others as texts with their decimals.
fn cell(shell: &Shell, figure: Figure, value: &Value) -> Cell {
    match (figure.shape(), value.value) {
        (Shape::Count, Some(value)) => Cell::Number(value),
        (shape, _) => Cell::Text(words(shell, shape, value)),
    }
}

/// The lines of a report with every figure.
pub(crate) fn report(shell: &Shell, name: String, first: String, lines: &[Line]) -> Sheet {
    let mut headings = vec![shell.text("indicator-key"), first];
    headings.extend(
        Figure::ALL
            .iter()
            .map(|figure| shell.text(&format!("indicator-figure-{figure}"))),
    );
    let rows = lines.iter().map(|line| {
        let figures = Figure::ALL
            .iter()
            .map(|figure| cell(shell, *figure, &figure.value(&line.sums)));
        [Cell::Text(line.key.clone()), Cell::Text(line.name.clone())]
            .into_iter()
            .chain(figures)
            .collect()
    });
    Sheet {
        name,
        headings,
        rows: rows.collect(),
    }
}

/// The rows behind a figure.
pub(crate) fn rows(shell: &Shell, question: &Question, name: String, facts: &[Fact]) -> Sheet {
    let keys = [
        "indicator-code",
        "indicator-unit",
        "indicator-procedure",
        "indicator-channel",
        "indicator-filed-at",
        "indicator-received-at",
        "indicator-due-at",
        "indicator-ended-at",
        "indicator-ending",
        "indicator-late",
        "indicator-worked",
        "indicator-requests",
    ];
    let rows = facts.iter().map(|fact| {
        vec![
            Cell::Text(fact.code.clone()),
            Cell::Text(question.unit_name(fact.unit)),
            Cell::Text(question.procedure_name(&fact.procedure, shell.lang)),
            Cell::Text(shell.text(&format!("indicator-channel-{}", fact.channel))),
            Cell::Time(Some(fact.filed_at)),
            Cell::Time(fact.received_at),
            Cell::Time(fact.due_at),
            Cell::Time(fact.ended_at),
            Cell::Text(
                fact.ending
                    .map(|ending| shell.text(&format!("indicator-ending-{ending}")))
                    .unwrap_or_default(),
            ),
            Cell::Text(shell.text(if fact.is_late { "indicator-yes" } else { "indicator-no" })),
            Cell::Number(fact.worked_minutes),
            Cell::Number(fact.requests),
        ]
    });
    Sheet {
        name,
        headings: keys.iter().map(|key| shell.text(key)).collect(),
        rows: rows.collect(),
    }
}
