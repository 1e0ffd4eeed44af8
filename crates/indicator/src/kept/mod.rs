//! Reports that were kept: the numbers as they were at their cut-off, with the formulas as they were. Owns what is written
//! down; opening one years later computes nothing. Refuses a change: there is no statement that updates or deletes one.

pub mod http;
pub(crate) mod store;

use identity::{AccountId, UnitId};
use kernel::{Date, Timestamp};
use serde::{Deserialize, Serialize};

use crate::formula::{self, Version};
use crate::report::{By, Figure, Filter, Line, Sums};

kernel::define_id!(
    /// A report that was kept.
    pub struct ReportId
);

/// One number of a kept report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Number {
    /// The figure's word, of the version of the formulas.
    pub figure: String,
    /// What was counted.
    pub numerator: i64,
    /// Over what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denominator: Option<i64>,
    /// The value with the decimals of its shape; none was "no data".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<i64>,
}

/// The numbers of one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptLine {
    /// `total`, `unit` or `sector`.
    pub by: String,
    /// Id of the unit, slug of the sector, empty for the total.
    pub key: String,
    /// Its name on the day.
    pub name: String,
    /// One number a figure.
    pub numbers: Vec<Number>,
}

/// Everything that a kept report says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// What it was narrowed to, in words; empty for everything in scope.
    pub narrowed: String,
    /// The formulas under which it was counted, whole: a later program needs no other source.
    pub formulas: Version,
    /// The numbers.
    pub lines: Vec<KeptLine>,
}

/// A kept report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its id.
    pub id: ReportId,
    /// The unit at which who kept it acted.
    pub unit: UnitId,
    /// Its name on the day.
    pub unit_name: String,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Everything that happened before is counted.
    pub cut_off: Timestamp,
    /// When it was kept.
    pub kept_at: Timestamp,
    /// By whom.
    pub kept_by: AccountId,
    /// Her name.
    pub kept_name: String,
    /// What it says.
    pub content: Content,
}

/// A kept report as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) id: ReportId,
    pub(crate) unit_name: String,
    pub(crate) from: Date,
    pub(crate) to: Date,
    pub(crate) kept_at: Timestamp,
    pub(crate) kept_name: String,
    /// Version of its formulas.
    pub(crate) formulas: i64,
    /// What it was narrowed to; none for the first ones, which say it inside alone.
    pub(crate) narrowed: Option<String>,
}

/// The numbers of a line under the formulas in force.
#[must_use]
pub(crate) fn numbers(sums: &Sums) -> Vec<Number> {
    let number = |figure: &Figure| {
        let value = figure.value(sums);
        Number {
            figure: figure.word().to_owned(),
            numerator: value.numerator,
            denominator: value.denominator,
            value: value.value,
        }
    };
    Figure::ALL.iter().map(number).collect()
}

/// What is kept of a report.
#[must_use]
pub(crate) fn content(narrowed: String, total: &Sums, by_unit: &[Line], by_sector: &[Line]) -> Content {
    let mut lines = vec![KeptLine {
        by: "total".to_owned(),
        key: String::new(),
        name: String::new(),
        numbers: numbers(total),
    }];
    for (by, part) in [(By::Unit, by_unit), (By::Sector, by_sector)] {
        lines.extend(part.iter().map(|line| KeptLine {
            by: by.word().to_owned(),
            key: line.key.clone(),
            name: line.name.clone(),
            numbers: numbers(&line.sums),
        }));
    }
    Content {
        narrowed,
        formulas: formula::current().clone(),
        lines,
    }
}

/// "lĩnh vực Hộ tịch, UBND phường Thành Sen": what a report is narrowed to.
pub(crate) fn narrowed(filter: &Filter, unit: Option<String>, sector: Option<String>) -> String {
    let parts = [unit, sector, filter.procedure.clone()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
