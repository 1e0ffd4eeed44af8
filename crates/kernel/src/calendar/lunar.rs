//! The two lunar feasts that are holidays, reckoned for UTC+7: a proposal for years not yet announced.
//!
//! The astronomy is that of Jean Meeus, in the short form of Hồ Ngọc Đức's algorithm for the Vietnamese
//! calendar. What counts in law is the announcement, so whatever comes from here is never confirmed.

use jiff::civil::{Date, date};
use std::f64::consts::PI;

const TIME_ZONE: f64 = 7.0;
/// Days of a mean lunation.
const LUNATION: f64 = 29.530_588_853;
/// The new moon of 1 January 1900, as a Julian day.
const FIRST_NEW_MOON: f64 = 2_415_021.076_998_695;

/// The first day of the lunar year that starts in `year`; `None` outside 1900 to 2199.
pub fn lunar_new_year(year: i16) -> Option<Date> {
    lunar_date(year, 1, 1)
}

/// The commemoration of the Hùng kings, the tenth day of the third lunar month.
pub fn hung_kings_day(year: i16) -> Option<Date> {
    lunar_date(year, 3, 10)
}

/// The day of the solar calendar on which `day` of the (not intercalary) lunar `month` of `year` falls.
fn lunar_date(year: i16, month: i32, day: i64) -> Option<Date> {
    if !(1900..=2199).contains(&year) {
        return None;
    }
    // The eleventh month holds the winter solstice, so the year is counted from the one before.
    let before = eleventh_month(year - 1)?;
    let after = eleventh_month(year)?;
    let k = (0.5 + (before as f64 - FIRST_NEW_MOON) / LUNATION).floor() as i32;
    let mut offset = month + 1;
    if after - before > 365 {
        let leap = leap_month_offset(before);
        if offset >= leap {
            offset += 1;
        }
    }
    from_julian(new_moon_day(k + offset) + day - 1)
}

fn julian(day: Date) -> i64 {
    // 1970-01-01 is Julian day 2440588.
    2_440_588 + day.duration_since(date(1970, 1, 1)).as_hours() / 24
}

fn from_julian(day: i64) -> Option<Date> {
    date(1970, 1, 1)
        .checked_add(jiff::Span::new().try_days(day - 2_440_588).ok()?)
        .ok()
}

/// The Julian day of the `k`th new moon after 1 January 1900, at the time zone of Viet Nam.
fn new_moon_day(k: i32) -> i64 {
    let k = f64::from(k);
    let t = k / 1236.85;
    let (t2, t3) = (t * t, t * t * t);
    let deg = PI / 180.0;
    let mean = 2_415_020.759_33 + 29.530_588_68 * k + 0.000_117_8 * t2 - 0.000_000_155 * t3
        + 0.000_33 * ((166.56 + 132.87 * t - 0.009_173 * t2) * deg).sin();
    let sun = (359.224_2 + 29.105_356_08 * k - 0.000_033_3 * t2 - 0.000_003_47 * t3) * deg;
    let moon = (306.025_3 + 385.816_918_06 * k + 0.010_730_6 * t2 + 0.000_012_36 * t3) * deg;
    let latitude = (21.296_4 + 390.670_506_46 * k - 0.001_652_8 * t2 - 0.000_002_39 * t3) * deg;
    let correction = (0.173_4 - 0.000_393 * t) * sun.sin() + 0.002_1 * (2.0 * sun).sin() - 0.406_8 * moon.sin()
        + 0.016_1 * (2.0 * moon).sin()
        - 0.000_4 * (3.0 * moon).sin()
        + 0.010_4 * (2.0 * latitude).sin()
        - 0.005_1 * (sun + moon).sin()
        - 0.007_4 * (sun - moon).sin()
        + 0.000_4 * (2.0 * latitude + sun).sin()
        - 0.000_4 * (2.0 * latitude - sun).sin()
        - 0.000_6 * (2.0 * latitude + moon).sin()
        + 0.001_0 * (2.0 * latitude - moon).sin()
        + 0.000_5 * (2.0 * moon + sun).sin();
    let delta = -0.000_278 + 0.000_265 * t + 0.000_262 * t2;
    (mean + correction - delta + 0.5 + TIME_ZONE / 24.0).floor() as i64
}

/// Which twelfth of its yearly path the sun is in at the start of the day (0 from the March equinox).
fn sun_sector(day: i64) -> i64 {
    let t = (day as f64 - 0.5 - TIME_ZONE / 24.0 - 2_451_545.0) / 36_525.0;
    let t2 = t * t;
    let deg = PI / 180.0;
    let anomaly = (357.529_1 + 35_999.050_3 * t - 0.000_155_9 * t2 - 0.000_000_48 * t * t2) * deg;
    let centre = (1.914_6 - 0.004_817 * t - 0.000_014 * t2) * anomaly.sin()
        + (0.019_993 - 0.000_101 * t) * (2.0 * anomaly).sin()
        + 0.000_29 * (3.0 * anomaly).sin();
    let longitude = (280.466_45 + 36_000.769_83 * t + 0.000_303_2 * t2 + centre).rem_euclid(360.0);
    (longitude / 30.0).floor() as i64
}

/// The first day of the eleventh lunar month of `year`, as a Julian day.
fn eleventh_month(year: i16) -> Option<i64> {
    let end = julian(Date::new(year, 12, 31).ok()?);
    let k = ((end - 2_415_021) as f64 / LUNATION).floor() as i32;
    let start = new_moon_day(k);
    // The month must hold the winter solstice, where the tenth sector starts.
    Some(if sun_sector(start) >= 9 {
        new_moon_day(k - 1)
    } else {
        start
    })
}

/// Which month after the eleventh is intercalary: the first in which the sun enters no new sector.
fn leap_month_offset(eleventh: i64) -> i32 {
    let k = (0.5 + (eleventh as f64 - FIRST_NEW_MOON) / LUNATION).floor() as i32;
    let mut last = sun_sector(new_moon_day(k + 1));
    for offset in 2..14 {
        let sector = sun_sector(new_moon_day(k + offset));
        if sector == last {
            return offset - 1;
        }
        last = sector;
    }
    13
}
