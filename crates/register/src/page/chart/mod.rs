//! Counts as a drawing with its table beside it: by the values of a choice or a code, by yes and no, by unit, by month. Bars stand
//! under their labels, so that a telephone shows both. Figures come from the digest and are those of every record in it.

pub(crate) mod http;

use definition::expression::Value;
use identity::UnitId;
use kernel::Lang;
use maud::{Markup, html};
use web::{Shell, format};

use crate::digest;
use crate::house::Register;
use crate::kind::{Column, Kind, Shape};
use crate::record::view;

/// Values that are drawn by themselves; the others are one bar.
const VALUES_MAX: usize = 20;
/// Months that are drawn.
const MONTHS_MAX: usize = 24;
/// The name of the units among what is counted.
pub(crate) const UNITS: &str = "unit";

/// What a chart may be by: names and labels.
pub(crate) fn choices(kind: &Kind, shell: &Shell) -> Vec<(String, String)> {
    let fields = digest::counted(kind).into_iter().map(|column| {
        let label = kind.words(shell.lang, &format!("field.{}", column.field.name));
        let label = if column.shape == Shape::Date {
            shell.text_with("reg-chart-month-of", &[("field", label.into())])
        } else {
            label
        };
        (column.field.name.clone(), label)
    });
    fields.chain([(UNITS.to_owned(), shell.text("reg-unit"))]).collect()
}

/// A bar: its label, how many, and where those records are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bar {
    pub(crate) label: String,
    pub(crate) count: i64,
    pub(crate) href: Option<String>,
}

/// Bars of the values of a field: the most frequent first, months in their order.
pub(crate) fn of_values(
    register: &Register,
    kind: &Kind,
    column: &Column,
    mut counts: Vec<(String, i64)>,
    shell: &Shell,
) -> Vec<Bar> {
    let is_month = column.shape == Shape::Date;
    let most = if is_month { MONTHS_MAX } else { VALUES_MAX };
    let missing: i64 = counts
        .iter()
        .filter(|(value, _)| value.is_empty())
        .map(|(_, n)| n)
        .sum();
    counts.retain(|(value, _)| !value.is_empty());
    let cut = if is_month {
        // The last months; what lies before them is one bar at the beginning.
        counts.drain(..counts.len().saturating_sub(most)).map(|(_, n)| n).sum()
    } else {
        counts.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        counts.drain(most.min(counts.len())..).map(|(_, n)| n).sum::<i64>()
    };
    let mut bars: Vec<Bar> = counts
        .into_iter()
        .map(|(value, count)| Bar {
            label: label(register, kind, column, &value, shell.lang),
            count,
            href: link(kind, column, &value),
        })
        .collect();
    let more = Bar {
        label: shell.text(if is_month {
            "reg-chart-before"
        } else {
            "reg-chart-others"
        }),
        count: cut,
        href: None,
    };
    if cut > 0 {
        bars.insert(if is_month { 0 } else { bars.len() }, more);
    }
    if missing > 0 {
        bars.push(Bar {
            label: shell.text("reg-chart-missing"),
            count: missing,
            href: None,
        });
    }
    bars
}

fn label(register: &Register, kind: &Kind, column: &Column, value: &str, lang: Lang) -> String {
    if column.shape == Shape::Date {
        return match value.split_once('-') {
            Some((year, month)) => format!("{month}/{year}"),
            None => value.to_owned(),
        };
    }
    let value = match column.shape {
        Shape::Boolean => Value::Bool(value == "true"),
        _ => Value::Text(value.to_owned()),
    };
    view::words(register, kind, column, &value, lang)
}

/// The list of the records behind a bar, where lists filter by the field.
fn link(kind: &Kind, column: &Column, value: &str) -> Option<String> {
    let is_filter = kind
        .filters
        .iter()
        .any(|at| kind.columns[*at].field.name == column.field.name);
    (is_filter && column.shape != Shape::Date)
        .then(|| format!("{}?{}={}", kind.path(), column.field.name, web::table::encode(value)))
}

/// Bars of units, the largest first.
pub(crate) fn of_units(register: &Register, counts: Vec<(UnitId, i64)>, shell: &Shell) -> Vec<Bar> {
    let mut bars: Vec<Bar> = counts
        .into_iter()
        .map(|(unit, count)| Bar {
            label: register.unit_name(unit, shell.lang),
            count,
            href: None,
        })
        .collect();
    bars.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.label.cmp(&other.label)));
    let rest: i64 = bars.drain(VALUES_MAX.min(bars.len())..).map(|bar| bar.count).sum();
    if rest > 0 {
        bars.push(Bar {
            label: shell.text("reg-chart-others"),
            count: rest,
            href: None,
        });
    }
    bars
}

/// Height of a bar with its label.
const ROW: usize = 40;
/// Width of the drawing; the longest bar leaves room for its figure.
const WIDTH: i64 = 360;
const LONGEST: i64 = 280;

/// The drawing, and the table that says the same.
pub(crate) fn drawn(title: &str, what: &str, bars: &[Bar], shell: &Shell) -> Markup {
    let (top, total): (i64, i64) = (
        bars.iter().map(|bar| bar.count).max().unwrap_or(0).max(1),
        bars.iter().map(|bar| bar.count).sum(),
    );
    let number = |count: i64| format::number(shell.lang, count);
    let width = |count: i64| (count * LONGEST / top).max(2);
    let share = |count: i64| format::decimal(shell.lang, if total == 0 { 0 } else { count * 1_000 / total }, 1);
    html! {
        div.charted {
            figure.chart.tall {
                figcaption { (title) }
                svg viewBox={ "0 0 " (WIDTH) " " (bars.len() * ROW) } aria-hidden="true" {
                    @for (at, bar) in bars.iter().enumerate() {
                        text x="0" y=(at * ROW + 14) { (short(&bar.label)) }
                        rect.a x="0" y=(at * ROW + 19) width=(width(bar.count)) height="14" rx="2" {}
                        text x=(width(bar.count) + 6) y=(at * ROW + 31) { (number(bar.count)) }
                    }
                }
            }
            div.scroll tabindex="0" role="region" aria-label=(title) { table {
                caption { (title) }
                thead { tr { th scope="col" { (what) } th.r scope="col" { (shell.text("reg-index-count")) } th.r scope="col" { "%" } } }
                tbody { @for bar in bars { tr {
                    th scope="row" { @match &bar.href { Some(href) => a href=(href) { (bar.label) }, None => (bar.label) } }
                    td.r { (number(bar.count)) }
                    td.r { (share(bar.count)) }
                } } }
                tfoot { tr { th scope="row" { (shell.text("reg-chart-total")) } td.r { (number(total)) } td.r {} } }
            } }
        }
    }
}

/// A label that the drawing has room for; the table has all of it.
fn short(label: &str) -> String {
    if label.chars().count() <= 46 {
        return label.to_owned();
    }
    label.chars().take(45).chain(['…']).collect()
}
