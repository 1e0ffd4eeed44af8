//! The working calendar: which days and minutes are worked, and when a time limit runs out.
//!
//! Built once from data by year and office hours by season, into tables that answer any question by
//! look-up and bisection. It covers 2000 to 2100; outside, answers stop at the border and are unconfirmed.
//! Law: Bộ luật Lao động 2019 Đ112 (holidays), Bộ luật Dân sự 2015 Đ147-148 (how limits are counted).

mod data;
mod deadline;
mod hours;
mod limit;
mod lunar;
mod statutory;
mod table;
#[cfg(test)]
mod tests;
mod work;

pub use data::{CalendarData, CalendarDataError, CalendarRow, DayKind};
pub use deadline::{CutOff, CutOffError, Deadline};
pub use hours::{HoursError, OfficeHours, Period, Season};
pub use limit::{TimeLimit, TimeLimitError};
pub use lunar::{hung_kings_day, lunar_new_year};
pub use table::{Day, WorkingCalendar};
