//! Days that differ from the plain week, as data by year: holidays, days off in exchange, working Saturdays.
//!
//! The file of the house is embedded; a province lays corrections over it. Refuses a date twice in one file,
//! and a working Saturday that is a weekday.

use jiff::civil::{Date, Weekday};
use std::collections::{BTreeMap, BTreeSet};

const BUILT_IN: &str = include_str!("../../data/calendar.csv");
const HEAD: &str = "date,kind,name_vi,name_en,source,confirmed";

/// What a day is that has a line of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DayKind {
    /// A public holiday.
    Holiday,
    /// Off because a holiday fell on a weekly day off.
    CompensatoryOff,
    /// A weekday made free in exchange for a Saturday.
    SwappedOff,
    /// A Saturday (or Sunday) worked in exchange.
    WorkingSaturday,
    /// What its weekday says, after all. Only corrections need it.
    Ordinary,
}

impl DayKind {
    /// The word in the file.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Holiday => "holiday",
            Self::CompensatoryOff => "compensatory_off",
            Self::SwappedOff => "swapped_off",
            Self::WorkingSaturday => "working_saturday",
            Self::Ordinary => "ordinary",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [
            Self::Holiday,
            Self::CompensatoryOff,
            Self::SwappedOff,
            Self::WorkingSaturday,
            Self::Ordinary,
        ]
        .into_iter()
        .find(|kind| kind.word() == word)
    }

    /// Whether offices work on a day of this kind that is `weekday`.
    pub fn is_worked(self, weekday: Weekday) -> bool {
        match self {
            Self::Holiday | Self::CompensatoryOff | Self::SwappedOff => false,
            Self::WorkingSaturday => true,
            Self::Ordinary => !is_weekend(weekday),
        }
    }
}

/// Whether the plain week has the day off.
pub(super) fn is_weekend(weekday: Weekday) -> bool {
    matches!(weekday, Weekday::Saturday | Weekday::Sunday)
}

/// One line of the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarRow {
    /// The day.
    pub date: Date,
    /// What it is.
    pub kind: DayKind,
    /// Its name.
    pub name: crate::Bilingual,
    /// Where the line comes from.
    pub source: String,
    /// Whether an official text in force says so.
    pub confirmed: bool,
}

/// The days that differ from the plain week.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CalendarData {
    rows: BTreeMap<Date, CalendarRow>,
}

/// Why a file of days was refused. Lines count from 1, the head included.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarDataError {
    /// The first line is not the head.
    #[error("line 1: the head must be date,kind,name_vi,name_en,source,confirmed")]
    Head,
    /// A line that cannot be read.
    #[error("line {line}: cannot read {field}")]
    Field {
        /// Line in the file.
        line: usize,
        /// Name of the column.
        field: &'static str,
    },
    /// The date stands in the file twice.
    #[error("line {line}: {date} stands there twice")]
    Twice {
        /// Line in the file.
        line: usize,
        /// The date.
        date: Date,
    },
    /// A working Saturday that is a weekday.
    #[error("line {line}: {date} is a weekday and cannot be a working Saturday")]
    NotAWeekend {
        /// Line in the file.
        line: usize,
        /// The date.
        date: Date,
    },
}

crate::error::invalid_fault!(CalendarDataError, "calendar-data-invalid");

impl CalendarData {
    /// The data of the house, 2015 to 2027.
    pub fn built_in() -> Self {
        Self::parse_csv(BUILT_IN).expect("the embedded file is read by a test")
    }

    /// Reads the CSV form (see `data/README.md`): no quotes, `confirmed` is `yes` or `no`.
    ///
    /// # Errors
    /// [`CalendarDataError`], naming the line.
    pub fn parse_csv(text: &str) -> Result<Self, CalendarDataError> {
        let mut lines = text.trim_start_matches('\u{feff}').lines().enumerate();
        if lines.next().map(|(_, head)| head.trim()) != Some(HEAD) {
            return Err(CalendarDataError::Head);
        }
        let mut data = Self::default();
        for (index, text) in lines.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#')) {
            let line = index + 1;
            let row = parse_line(line, text)?;
            let date = row.date;
            if row.kind == DayKind::WorkingSaturday && !is_weekend(date.weekday()) {
                return Err(CalendarDataError::NotAWeekend { line, date });
            }
            if data.rows.insert(date, row).is_some() {
                return Err(CalendarDataError::Twice { line, date });
            }
        }
        Ok(data)
    }

    /// This data with `corrections` laid over it: where both have a day, the correction counts.
    #[must_use]
    pub fn corrected_by(mut self, corrections: Self) -> Self {
        self.rows.extend(corrections.rows);
        self
    }

    /// The line of a day, if it has one.
    pub fn row(&self, day: Date) -> Option<&CalendarRow> {
        self.rows.get(&day)
    }

    /// The lines in the order of days.
    pub fn rows(&self) -> impl Iterator<Item = &CalendarRow> {
        self.rows.values()
    }

    /// The years that have holidays here; all others are computed.
    pub fn years(&self) -> BTreeSet<i16> {
        self.holidays().map(|row| row.date.year()).collect()
    }

    /// The years of which at least one holiday is confirmed: their plain days are as the week says.
    pub fn confirmed_years(&self) -> BTreeSet<i16> {
        self.holidays()
            .filter(|row| row.confirmed)
            .map(|row| row.date.year())
            .collect()
    }

    fn holidays(&self) -> impl Iterator<Item = &CalendarRow> {
        self.rows.values().filter(|row| row.kind == DayKind::Holiday)
    }
}

fn parse_line(line: usize, text: &str) -> Result<CalendarRow, CalendarDataError> {
    let fault = |field| CalendarDataError::Field { line, field };
    let cells: Vec<&str> = text.trim_end_matches('\r').split(',').map(str::trim).collect();
    let [date, kind, vi, en, source, confirmed] = cells[..] else {
        return Err(fault("six columns"));
    };
    Ok(CalendarRow {
        date: date.parse().map_err(|_| fault("date"))?,
        kind: DayKind::parse(kind).ok_or(fault("kind"))?,
        name: crate::Bilingual {
            vi: vi.to_owned(),
            en: (!en.is_empty()).then(|| en.to_owned()),
        },
        source: source.to_owned(),
        confirmed: match confirmed {
            "yes" => true,
            "no" => false,
            _ => return Err(fault("confirmed")),
        },
    })
}
