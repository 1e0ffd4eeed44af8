//! How many dossiers a day sees and at which minute they come: working days, months, Tết, the hours of offices and of people
//! at home. Made up to look like a year; no province has published such a curve. Pure.

use kernel::calendar::{WorkingCalendar, lunar_new_year};
use kernel::{Date, Timestamp};

use crate::scenario::Chance;

/// Weight of a month against the mean, in thousandths: school in August and September, closing in December.
const MONTHS: [u64; 12] = [
    940, 860, 1_060, 1_020, 1_040, 1_060, 1_080, 1_120, 1_060, 1_020, 1_000, 960,
];

/// Weight of Monday to Friday, in thousandths.
const WEEKDAYS: [u64; 5] = [1_240, 1_090, 1_000, 970, 880];

/// What a day off sees: what people file from home.
const DAY_OFF: u64 = 90;

/// How often something is filed online in each hour of a working day.
const HOURS: [usize; 24] = [
    2, 1, 0, 0, 1, 4, 16, 62, 132, 142, 116, 58, 26, 70, 112, 106, 74, 34, 22, 26, 28, 20, 10, 5,
];

/// The same of a day off.
const HOURS_OFF: [usize; 24] = [
    6, 2, 1, 0, 1, 4, 14, 34, 62, 78, 74, 52, 36, 40, 58, 64, 58, 44, 46, 68, 84, 66, 34, 14,
];

/// How much a day sees, against a working day of the mean as 1,000,000.
pub(super) fn weight(calendar: &WorkingCalendar, day: Date) -> u64 {
    let month = usize::try_from(day.month() - 1).unwrap_or(0);
    let month = MONTHS.get(month).copied().unwrap_or(1_000);
    if !calendar.is_working_day(day) {
        return month * DAY_OFF;
    }
    let weekday = usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or(0);
    // A working Saturday makes up for a bridge day.
    let weekday = WEEKDAYS.get(weekday).copied().unwrap_or(700);
    month * weekday * around_tet(day) / 1_000
}

/// Before the lunar new year little is begun; after it what was put off comes.
fn around_tet(day: Date) -> u64 {
    let Some(first) = lunar_new_year(day.year()) else {
        return 1_000;
    };
    let distance = day.duration_since(first).as_hours() / 24;
    match distance {
        -14..=-8 => 800,
        -7..=-1 => 480,
        0..=9 => 560,
        10..=17 => 1_120,
        18..=35 => 1_260,
        _ => 1_000,
    }
}

/// Shares `count` out over days by their weights: the sum is `count`, and equal weights differ by one at most.
pub(super) fn share_out(count: u64, weights: &[u64]) -> Vec<u64> {
    let whole: u128 = weights.iter().map(|weight| u128::from(*weight)).sum::<u128>().max(1);
    let (mut before, mut given) = (0_u128, 0_u64);
    let mut shares = Vec::with_capacity(weights.len());
    for weight in weights {
        before += u128::from(*weight);
        let until = u64::try_from(u128::from(count) * before / whole).unwrap_or(count);
        shares.push(until - given);
        given = until;
    }
    shares
}

/// An instant of `day` at which somebody files from home or the phone.
pub(super) fn at_home(chance: &mut Chance, calendar: &WorkingCalendar, day: Date) -> Timestamp {
    let hours = if calendar.is_working_day(day) {
        &HOURS
    } else {
        &HOURS_OFF
    };
    let mut left = chance.below(hours.iter().sum());
    let hour = hours.iter().position(|weight| {
        let here = left < *weight;
        left = left.saturating_sub(*weight);
        here
    });
    instant(day, hour.unwrap_or(9) * 60 + chance.below(60), chance)
}

/// An instant of `day` at which a desk is open; none on a day off.
pub(super) fn at_desk(chance: &mut Chance, calendar: &WorkingCalendar, day: Date) -> Option<Timestamp> {
    if !calendar.is_working_day(day) {
        return None;
    }
    let hours = calendar.hours_of(day);
    let open: usize = hours.iter().map(|period| usize::from(period.minutes())).sum();
    // Most people come early in each half of the day.
    let mut minute = chance.below(open).min(chance.below(open.max(1)) + open / 8);
    for period in hours {
        let long = usize::from(period.minutes());
        if minute < long {
            return Some(instant(day, usize::from(period.start) + minute, chance));
        }
        minute -= long;
    }
    None
}

fn instant(day: Date, minute: usize, chance: &mut Chance) -> Timestamp {
    let seconds = minute * 60 + chance.below(60);
    let micros = i64::try_from(seconds * 1_000_000 + chance.below(1_000_000)).unwrap_or(0);
    Timestamp::from_micros(Timestamp::start_of_day(day).as_micros() + micros)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::calendar::{CalendarData, OfficeHours};

    fn calendar() -> WorkingCalendar {
        WorkingCalendar::new(&CalendarData::built_in(), OfficeHours::plain())
    }

    #[test]
    fn what_is_shared_out_is_all_there_is_and_follows_the_weights() {
        let shares = share_out(1_000, &[1, 0, 3, 6]);
        assert_eq!(shares, [100, 0, 300, 600]);
        let shares = share_out(7, &[1; 3]);
        assert_eq!(shares.iter().sum::<u64>(), 7);
        assert!(shares.iter().all(|share| (2..=3).contains(share)));
        assert_eq!(share_out(5, &[]), Vec::<u64>::new());
    }

    #[test]
    fn tet_and_days_off_are_quiet_and_mondays_are_not() {
        let (calendar, date) = (calendar(), jiff::civil::date);
        let monday = weight(&calendar, date(2026, 10, 5));
        let friday = weight(&calendar, date(2026, 10, 9));
        let sunday = weight(&calendar, date(2026, 10, 11));
        let tet = weight(&calendar, date(2026, 2, 17));
        let after = weight(&calendar, date(2026, 3, 9));
        assert!(monday > friday && friday > sunday * 5, "{monday} {friday} {sunday}");
        assert!(tet < sunday * 2 && after > monday, "{tet} {after}");
    }

    #[test]
    fn a_desk_takes_nothing_while_it_is_closed() {
        let calendar = calendar();
        let mut chance = Chance::new(3);
        assert_eq!(at_desk(&mut chance, &calendar, jiff::civil::date(2026, 11, 22)), None);
        let day = jiff::civil::date(2026, 11, 23);
        for _ in 0..500 {
            let at = at_desk(&mut chance, &calendar, day).expect("a working day");
            assert!(calendar.is_open_at(at), "{at}");
            assert_eq!(at_home(&mut chance, &calendar, day).local_date(), day);
        }
    }
}
