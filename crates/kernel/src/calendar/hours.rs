//! Office hours by season: which minutes of a working day are worked.
//!
//! Provinces set them (summer and winter hours differ in many), so they are configuration. Refuses hours
//! that overlap, run backwards or leave a season without any.

use crate::code::deserialize_text;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Minutes in a day.
pub(super) const DAY_MINUTES: u16 = 24 * 60;

/// A stretch of a day that is worked, from `start` until `end`, in minutes after midnight.
///
/// As text and in configuration: `07:30-11:30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    /// First minute.
    pub start: u16,
    /// The minute in which it is over.
    pub end: u16,
}

impl Period {
    /// Its length in minutes.
    pub const fn minutes(self) -> u16 {
        self.end - self.start
    }
}

/// Reads `07:30` into minutes after midnight; `24:00` is the end of the day.
pub(super) fn parse_minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let number = |part: &str| -> Option<u16> {
        ((1..=2).contains(&part.len()) && crate::code::all_digits(part)).then(|| part.parse().ok())?
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let minute = hours * 60 + minutes;
    (minutes < 60 && minute <= DAY_MINUTES).then_some(minute)
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { start, end } = self;
        write!(f, "{:02}:{:02}-{:02}:{:02}", start / 60, start % 60, end / 60, end % 60)
    }
}

impl FromStr for Period {
    type Err = HoursError;
    fn from_str(text: &str) -> Result<Self, HoursError> {
        let (start, end) = text.split_once(['-', '–']).ok_or(HoursError::Period)?;
        let start = parse_minute(start).ok_or(HoursError::Period)?;
        let end = parse_minute(end).ok_or(HoursError::Period)?;
        if start < end {
            Ok(Self { start, end })
        } else {
            Err(HoursError::Period)
        }
    }
}

crate::code::serde_as_text!(Period);

/// The hours from one day of the year until the next season starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Season {
    /// Month and day on which it starts, as `MM-DD`.
    #[serde(serialize_with = "write_month_day", deserialize_with = "read_month_day")]
    pub from: (i8, i8),
    /// The worked stretches of each working day, in order.
    pub hours: Vec<Period>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn write_month_day<S: serde::Serializer>(day: &(i8, i8), serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{:02}-{:02}", day.0, day.1))
}

fn read_month_day<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<(i8, i8), D::Error> {
    deserialize_text(deserializer, |text| {
        let (month, day) = text.split_once('-').ok_or(HoursError::SeasonStart)?;
        match (month.parse(), day.parse()) {
            (Ok(month), Ok(day)) => Ok((month, day)),
            _ => Err(HoursError::SeasonStart),
        }
    })
}

/// Office hours through the year: one season or more, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Season>", into = "Vec<Season>")]
pub struct OfficeHours {
    seasons: Vec<Season>,
}

/// Why office hours were refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// Not of the form `07:30-11:30`.
    #[error("a stretch of office hours has the form 07:30-11:30")]
    Period,
    /// A season starts on no day of every year.
    #[error("a season starts on a day MM-DD that every year has")]
    SeasonStart,
    /// No season at all, or a season without hours.
    #[error("office hours need a season, and each season needs hours")]
    Empty,
    /// Stretches that overlap or are out of order.
    #[error("the stretches of a season must follow one another without overlap")]
    Overlap,
    /// Two seasons start on one day, or they are out of order.
    #[error("the seasons must be in the order of their first days")]
    Order,
}

crate::error::invalid_fault!(HoursError, "office-hours-invalid");

impl OfficeHours {
    /// Checks `seasons` and takes them.
    ///
    /// # Errors
    /// [`HoursError`], the first found.
    pub fn new(seasons: Vec<Season>) -> Result<Self, HoursError> {
        if seasons.is_empty() || seasons.len() > 12 {
            return Err(HoursError::Empty);
        }
        for season in &seasons {
            check_season(season)?;
        }
        if seasons.windows(2).any(|pair| pair[0].from >= pair[1].from) {
            return Err(HoursError::Order);
        }
        Ok(Self { seasons })
    }

    /// One season of 07:30 to 11:30 and 13:30 to 17:30, eight hours a day: the hours until a province
    /// says what its own are.
    pub fn plain() -> Self {
        let hours = vec![Period { start: 450, end: 690 }, Period { start: 810, end: 1050 }];
        Self {
            seasons: vec![Season { from: (1, 1), hours }],
        }
    }

    /// The seasons in order.
    pub fn seasons(&self) -> &[Season] {
        &self.seasons
    }

    /// The season of a month and day, by place in [`Self::seasons`].
    pub(super) fn season_of(&self, month: i8, day: i8) -> usize {
        let started = self
            .seasons
            .iter()
            .take_while(|season| season.from <= (month, day))
            .count();
        // Before the first one has started, the last one of the year before goes on.
        started.checked_sub(1).unwrap_or(self.seasons.len() - 1)
    }
}

fn check_season(season: &Season) -> Result<(), HoursError> {
    let (month, day) = season.from;
    // 29 February is refused: not every year has it.
    if jiff::civil::Date::new(2001, month, day).is_err() {
        return Err(HoursError::SeasonStart);
    }
    if season.hours.is_empty() {
        return Err(HoursError::Empty);
    }
    let in_order = season.hours.windows(2).all(|pair| pair[0].end <= pair[1].start);
    let forward = season
        .hours
        .iter()
        .all(|period| period.start < period.end && period.end <= DAY_MINUTES);
    if in_order && forward {
        Ok(())
    } else {
        Err(HoursError::Overlap)
    }
}

impl TryFrom<Vec<Season>> for OfficeHours {
    type Error = HoursError;
    fn try_from(seasons: Vec<Season>) -> Result<Self, HoursError> {
        Self::new(seasons)
    }
}

impl From<OfficeHours> for Vec<Season> {
    fn from(hours: OfficeHours) -> Self {
        hours.seasons
    }
}
