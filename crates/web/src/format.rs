//! Numbers, money, dates and spans of time as people write them: `50.000 đ`, `Thứ Năm, 26/11/2026`, `16:30`, `1,2 MB`.
//! Vietnamese groups thousands by dots and writes decimals with a comma; English the other way round.
//! It refuses to compute: deadlines come from `kernel::calendar`, this only shows them.

use jiff::civil::Weekday;
use kernel::{Date, Dong, Lang, Timestamp};

use crate::i18n::{text, text_with};

/// Hours of a working day (Bộ luật Lao động 2019, Đ105); only used to show long spans in days.
pub const HOURS_PER_WORKING_DAY: i64 = 8;

/// A whole number with its thousands grouped: `1.857`.
#[must_use]
pub fn number(lang: Lang, value: i64) -> String {
    let group = match lang {
        Lang::Vi => '.',
        Lang::En => ',',
    };
    let digits = value.unsigned_abs().to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if value < 0 {
        shown.push('−');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(group);
        }
        shown.push(digit);
    }
    shown
}

/// A scaled integer with `decimals` digits after the comma: `decimal(Vi, 992, 1)` is `99,2`.
#[must_use]
pub fn decimal(lang: Lang, scaled: i64, decimals: u8) -> String {
    if decimals == 0 {
        return number(lang, scaled);
    }
    let comma = match lang {
        Lang::Vi => ',',
        Lang::En => '.',
    };
    let unit = 10_u64.saturating_pow(u32::from(decimals.min(18)));
    let (whole, part) = (scaled.unsigned_abs() / unit, scaled.unsigned_abs() % unit);
    let sign = if scaled < 0 { "−" } else { "" };
    let whole = number(lang, i64::try_from(whole).unwrap_or(i64::MAX));
    format!(
        "{sign}{whole}{comma}{part:0width$}",
        width = usize::from(decimals.min(18))
    )
}

/// A share in tenths of a percent: `percent(Vi, 992)` is `99,2%`.
#[must_use]
pub fn percent(lang: Lang, tenths: i64) -> String {
    format!("{}%", decimal(lang, tenths, 1))
}

/// A floating point number for texts; whole numbers have no decimals unless asked for.
pub(crate) fn float(lang: Lang, value: f64, digits: Option<usize>) -> String {
    let digits = digits.unwrap_or(if value.fract() == 0.0 { 0 } else { 2 }).min(6);
    let scaled = (value * 10_f64.powi(i32::try_from(digits).unwrap_or(0))).round();
    // Float to integer casts saturate, which is what a shown number wants.
    decimal(lang, scaled as i64, u8::try_from(digits).unwrap_or(0))
}

/// Money: `50.000 đ`.
#[must_use]
pub fn dong(lang: Lang, amount: Dong) -> String {
    match lang {
        Lang::Vi => format!("{} đ", number(lang, amount.get())),
        Lang::En => format!("{} VND", number(lang, amount.get())),
    }
}

/// A fee: `50.000 đ`, or "Miễn phí" for nothing.
#[must_use]
pub fn fee(lang: Lang, amount: Dong) -> String {
    if amount.is_zero() {
        text(lang, "web-free")
    } else {
        dong(lang, amount)
    }
}

/// A day: `26/11/2026`.
#[must_use]
pub fn date(lang: Lang, day: Date) -> String {
    match lang {
        Lang::Vi => format!("{:02}/{:02}/{}", day.day(), day.month(), day.year()),
        Lang::En => format!("{} {} {}", day.day(), month_en(day.month()), day.year()),
    }
}

const fn month_en(month: i8) -> &'static str {
    match month {
        1 => "January",
        2 => "February",
        3 => "March",
        4 => "April",
        5 => "May",
        6 => "June",
        7 => "July",
        8 => "August",
        9 => "September",
        10 => "October",
        11 => "November",
        _ => "December",
    }
}

/// The name of the day of the week: `Thứ Năm`.
#[must_use]
pub fn weekday(lang: Lang, day: Date) -> &'static str {
    match (lang, day.weekday()) {
        (Lang::Vi, Weekday::Monday) => "Thứ Hai",
        (Lang::Vi, Weekday::Tuesday) => "Thứ Ba",
        (Lang::Vi, Weekday::Wednesday) => "Thứ Tư",
        (Lang::Vi, Weekday::Thursday) => "Thứ Năm",
        (Lang::Vi, Weekday::Friday) => "Thứ Sáu",
        (Lang::Vi, Weekday::Saturday) => "Thứ Bảy",
        (Lang::Vi, Weekday::Sunday) => "Chủ Nhật",
        (Lang::En, Weekday::Monday) => "Monday",
        (Lang::En, Weekday::Tuesday) => "Tuesday",
        (Lang::En, Weekday::Wednesday) => "Wednesday",
        (Lang::En, Weekday::Thursday) => "Thursday",
        (Lang::En, Weekday::Friday) => "Friday",
        (Lang::En, Weekday::Saturday) => "Saturday",
        (Lang::En, Weekday::Sunday) => "Sunday",
    }
}

/// A day with its weekday: `Thứ Năm, 26/11/2026`.
#[must_use]
pub fn long_date(lang: Lang, day: Date) -> String {
    format!("{}, {}", weekday(lang, day), date(lang, day))
}

/// The time of day on a Vietnamese clock: `16:30`.
#[must_use]
pub fn time(at: Timestamp) -> String {
    let local = at.local();
    format!("{:02}:{:02}", local.hour(), local.minute())
}

/// Time and day: `16:30, 26/11/2026`.
#[must_use]
pub fn date_time(lang: Lang, at: Timestamp) -> String {
    format!("{}, {}", time(at), date(lang, at.local_date()))
}

/// Time, weekday and day: `16:30, Thứ Năm, 26/11/2026`.
#[must_use]
pub fn long_date_time(lang: Lang, at: Timestamp) -> String {
    format!("{}, {}", time(at), long_date(lang, at.local_date()))
}

/// The instant as the `datetime` attribute of `<time>` wants it.
#[must_use]
pub fn machine_time(at: Timestamp) -> String {
    format!("{}+07:00", at.local().strftime("%Y-%m-%dT%H:%M:%S"))
}

/// What is left of a deadline, from working minutes (negative when over): `còn 5 giờ làm việc`, `quá 3 giờ làm việc`,
/// `còn 2 ngày làm việc`. Spans of two working days and more are told in days, rounded so that nobody is told too much.
#[must_use]
pub fn working_left(lang: Lang, minutes: i64) -> String {
    let over = minutes < 0;
    let size = minutes.unsigned_abs();
    let per_day = HOURS_PER_WORKING_DAY.unsigned_abs() * 60;
    // Time left is rounded down, time over is rounded up.
    let whole = |unit: u64| if over { size.div_ceil(unit) } else { size / unit };
    let (key, n) = if size < 60 {
        ("minutes", size)
    } else if size < 2 * per_day {
        ("hours", whole(60))
    } else {
        ("days", whole(per_day))
    };
    let side = if over { "over" } else { "left" };
    text_with(lang, &format!("web-{side}-{key}"), &[("n", n.into())])
}

/// A length of working time: `11 giờ làm việc`, `3 ngày làm việc`.
#[must_use]
pub fn working_time(lang: Lang, hours: i64) -> String {
    let (key, n) = if hours >= HOURS_PER_WORKING_DAY && hours % HOURS_PER_WORKING_DAY == 0 {
        ("web-working-days", hours / HOURS_PER_WORKING_DAY)
    } else {
        ("web-working-hours", hours)
    };
    text_with(lang, key, &[("n", n.into())])
}

/// The size of a file: `640 KB`, `1,2 MB`.
#[must_use]
pub fn file_size(lang: Lang, bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB")];
    for (unit, name) in UNITS {
        if bytes >= unit {
            let tenths = i64::try_from(bytes.saturating_mul(10) / unit).unwrap_or(i64::MAX);
            let shown = if tenths >= 100 || tenths % 10 == 0 {
                number(lang, tenths / 10)
            } else {
                decimal(lang, tenths, 1)
            };
            return format!("{shown} {name}");
        }
    }
    format!("{bytes} B")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date as day;

    #[test]
    fn numbers() {
        assert_eq!(number(Lang::Vi, 1857), "1.857");
        assert_eq!(number(Lang::En, -1_234_567), "−1,234,567");
        assert_eq!(decimal(Lang::Vi, 992, 1), "99,2");
        assert_eq!(decimal(Lang::Vi, -5, 2), "−0,05");
        assert_eq!(percent(Lang::Vi, 64), "6,4%");
        assert_eq!(dong(Lang::Vi, Dong::new(50_000)), "50.000 đ");
        assert_eq!(fee(Lang::Vi, Dong::ZERO), "Miễn phí");
        assert_eq!(number(Lang::Vi, i64::MIN), "−9.223.372.036.854.775.808");
    }

    #[test]
    fn days() {
        let at = Timestamp::from_local(day(2026, 11, 26).at(16, 30, 0, 0));
        assert_eq!(long_date(Lang::Vi, day(2026, 11, 26)), "Thứ Năm, 26/11/2026");
        assert_eq!(long_date(Lang::En, day(2026, 11, 26)), "Thursday, 26 November 2026");
        assert_eq!(date_time(Lang::Vi, at), "16:30, 26/11/2026");
        assert_eq!(machine_time(at), "2026-11-26T16:30:00+07:00");
    }

    #[test]
    fn spans_promise_no_more_than_there_is() {
        let vi = |m| working_left(Lang::Vi, m);
        assert_eq!(vi(0), "còn 0 phút làm việc");
        assert_eq!(vi(5 * 60 + 59), "còn 5 giờ làm việc");
        assert_eq!(vi(-2 * 60 - 1), "quá 3 giờ làm việc");
        assert_eq!(vi(16 * 60 + 59), "còn 2 ngày làm việc");
        assert_eq!(vi(-10), "quá 10 phút làm việc");
        assert_eq!(working_time(Lang::Vi, 24), "3 ngày làm việc");
        assert_eq!(working_time(Lang::Vi, 11), "11 giờ làm việc");
    }

    #[test]
    fn sizes() {
        assert_eq!(file_size(Lang::Vi, 999), "999 B");
        assert_eq!(file_size(Lang::Vi, 1_300_000), "1,2 MB");
        assert_eq!(file_size(Lang::En, 20 << 20), "20 MB");
    }
}
