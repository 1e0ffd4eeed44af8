//! Holidays of a year that nobody has announced yet: what the law fixes, and what follows from it.
//!
//! Fixed days, lunar days by reckoning, one day beside 2 September, and a day off after each holiday that
//! falls on a weekend (BLLĐ 2019 Đ111 k3, Đ112). Swaps of days cannot be foreseen. None of it is confirmed.

use super::data::{CalendarRow, DayKind, is_weekend};
use super::lunar::{hung_kings_day, lunar_new_year};
use crate::Bilingual;
use jiff::Span;
use jiff::civil::{Date, Weekday, date};

const SOURCE: &str = "computed";

/// The days off of `year` by law, in order, none confirmed.
pub(super) fn proposal(year: i16) -> Vec<CalendarRow> {
    let mut rows = vec![
        holiday(date(year, 1, 1), "Tết Dương lịch", "New Year's Day"),
        holiday(date(year, 4, 30), "Ngày Chiến thắng", "Reunification Day"),
        holiday(date(year, 5, 1), "Ngày Quốc tế Lao động", "International Labour Day"),
        holiday(date(year, 9, 2), "Quốc khánh", "National Day"),
    ];
    // The second day of National Day came with the Labour Code of 2019, in force since 2021.
    if year >= 2021 {
        rows.push(holiday(beside_national_day(year), "Quốc khánh", "National Day"));
    }
    if let Some(first) = lunar_new_year(year) {
        rows.extend((-1..=3).map(|offset| holiday(shift(first, offset), "Tết Nguyên Đán", "Lunar New Year")));
    }
    // In the rare year of a feast on another holiday the day counts once.
    if let Some(day) = hung_kings_day(year).filter(|day| rows.iter().all(|row| row.date != *day)) {
        rows.push(holiday(day, "Ngày Giỗ Tổ Hùng Vương", "Hùng Kings' Commemoration Day"));
    }
    rows.sort_by_key(|row| row.date);
    with_compensation(rows)
}

/// The day before or after 2 September, whichever makes the longer rest, as the governments have chosen.
fn beside_national_day(year: i16) -> Date {
    match date(year, 9, 2).weekday() {
        Weekday::Tuesday | Weekday::Wednesday | Weekday::Friday | Weekday::Saturday => date(year, 9, 1),
        Weekday::Monday | Weekday::Thursday | Weekday::Sunday => date(year, 9, 3),
    }
}

fn with_compensation(mut rows: Vec<CalendarRow>) -> Vec<CalendarRow> {
    let weekends: Vec<CalendarRow> = rows
        .iter()
        .filter(|row| is_weekend(row.date.weekday()))
        .cloned()
        .collect();
    for row in weekends {
        let free = |day: &Date| !is_weekend(day.weekday()) && rows.iter().all(|taken| taken.date != *day);
        // Within three weeks there is a weekday that is no holiday.
        if let Some(day) = (1..21).map(|offset| shift(row.date, offset)).find(free) {
            rows.push(CalendarRow {
                date: day,
                kind: DayKind::CompensatoryOff,
                ..row
            });
        }
    }
    rows.sort_by_key(|row| row.date);
    rows
}

fn shift(day: Date, days: i64) -> Date {
    day.saturating_add(Span::new().days(days))
}

fn holiday(date: Date, vi: &str, en: &str) -> CalendarRow {
    CalendarRow {
        date,
        kind: DayKind::Holiday,
        name: Bilingual::new(vi, en),
        source: SOURCE.to_owned(),
        confirmed: false,
    }
}
