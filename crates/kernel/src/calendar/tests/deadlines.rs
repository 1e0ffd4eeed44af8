//! How limits are read, counted and shown.

use super::{at, plain, shown};
use crate::Lang;
use crate::calendar::{TimeLimit, TimeLimitError};

#[test]
fn deadlines_follow_the_civil_code() {
    let table = [
        // The day of reception is not counted.
        ("2026-11-16T08:00", "5 working_days", None, "2026-11-23 17:30", true),
        ("2026-11-16T16:59", "5 working_days", None, "2026-11-23 17:30", true),
        // 24 November is not confirmed.
        ("2026-11-20T08:00", "2 working_days", None, "2026-11-25 17:30", false),
        ("2026-11-20T08:00", "1 working_days", None, "2026-11-23 17:30", true),
        // Within the day, and on a day off the next one.
        ("2026-11-16T08:00", "0 working_days", None, "2026-11-16 17:30", true),
        ("2026-11-21T08:00", "0 working_days", None, "2026-11-23 17:30", true),
        // Past the cut-off it counts as received on the next working day.
        (
            "2026-11-16T15:00",
            "0 working_days",
            Some("15:00"),
            "2026-11-16 17:30",
            true,
        ),
        (
            "2026-11-16T15:01",
            "0 working_days",
            Some("15:00"),
            "2026-11-17 17:30",
            true,
        ),
        (
            "2026-11-13T15:01",
            "1 working_days",
            Some("15:00"),
            "2026-11-17 17:30",
            true,
        ),
        (
            "2026-11-14T09:00",
            "1 working_days",
            Some("15:00"),
            "2026-11-17 17:30",
            true,
        ),
        // Days of the calendar, ending on a Sunday, and months.
        ("2026-10-16T08:00", "30 days", None, "2026-11-16 17:30", true),
        ("2026-10-20T08:00", "30 days", None, "2026-11-19 17:30", true),
        ("2026-01-31T08:00", "1 months", None, "2026-03-02 17:30", true),
        ("2026-10-30T08:00", "3 months", None, "2027-02-01 17:30", false),
        // Working hours run from the minute.
        (
            "2026-11-16T15:30",
            "8 working_hours",
            Some("15:00"),
            "2026-11-17 15:30",
            true,
        ),
        ("2026-11-23T15:30", "8 working_hours", None, "2026-11-25 15:30", false),
    ];
    for (received, limit, cut_off, expected, confirmed) in table {
        let cut_off = cut_off.map(|text: &str| text.parse().unwrap());
        let due = plain().deadline_with(at(received), limit.parse().unwrap(), cut_off);
        assert_eq!(
            (shown(due.at).as_str(), due.confirmed),
            (expected, confirmed),
            "{received} {limit}"
        );
    }
}

/// Sent in at the last minute before days off: Tết, a day off in place of a Sunday, a Saturday worked instead of a Monday.
#[test]
fn the_last_minute_before_days_off_is_a_working_minute() {
    for (received, limit, expected) in [
        // Friday the 13th is the last working day before Tết 2026, which ends on Monday the 23rd.
        ("2026-02-13T16:59", "8 working_hours", "2026-02-23 16:59"),
        ("2026-02-13T16:59", "1 working_days", "2026-02-23 17:30"),
        ("2026-02-13T16:59", "5 working_days", "2026-02-27 17:30"),
        ("2026-02-13T16:59", "10 days", "2026-02-23 17:30"),
        ("2026-02-13T17:30", "8 working_hours", "2026-02-23 17:30"),
        // Giỗ Tổ falls on a Sunday: Monday 27 April is off in its place.
        ("2026-04-24T16:59", "8 working_hours", "2026-04-28 16:59"),
        ("2026-04-24T16:59", "1 working_days", "2026-04-28 17:30"),
        // Saturday 22 August is worked for Monday the 31st, which is off before National Day.
        ("2026-08-21T16:59", "1 working_days", "2026-08-22 17:30"),
        ("2026-08-21T16:59", "8 working_hours", "2026-08-22 16:59"),
        ("2026-08-28T16:59", "8 working_hours", "2026-09-03 16:59"),
    ] {
        let due = plain().deadline(at(received), limit.parse().unwrap());
        assert_eq!(
            (shown(due.at).as_str(), due.confirmed),
            (expected, true),
            "{received} {limit}"
        );
    }
}

#[test]
fn waiting_for_the_citizen_does_not_count() {
    let table = [
        // Received Monday the 2nd, asked on Wednesday, answered a week later: three days are left again.
        (
            "2026-11-02T08:00",
            "5 working_days",
            "2026-11-04T10:00",
            "2026-11-11T10:00",
            "2026-11-16 17:30",
        ),
        (
            "2026-11-02T08:00",
            "8 working_hours",
            "2026-11-02T10:00",
            "2026-11-05T14:00",
            "2026-11-06 10:00",
        ),
        (
            "2026-11-02T08:00",
            "10 days",
            "2026-11-04T10:00",
            "2026-11-09T10:00",
            "2026-11-17 17:30",
        ),
        // Already run out: it stays run out.
        (
            "2026-11-02T08:00",
            "1 working_days",
            "2026-11-04T10:00",
            "2026-11-09T10:00",
            "2026-11-03 17:30",
        ),
    ];
    for (received, limit, paused, resumed, expected) in table {
        let limit: TimeLimit = limit.parse().unwrap();
        let due = plain().deadline(at(received), limit);
        let due = plain().resumed(limit, due, at(paused), at(resumed));
        assert_eq!(shown(due.at), expected, "{received} {limit}");
    }
}

#[test]
fn limits_are_read_from_definitions_and_notices() {
    for (text, limit) in [
        ("5 working_days", TimeLimit::WorkingDays(5)),
        ("1 working_day", TimeLimit::WorkingDays(1)),
        ("8 working_hours", TimeLimit::WorkingHours(8)),
        ("30 days", TimeLimit::Days(30)),
        ("3 months", TimeLimit::Months(3)),
    ] {
        assert_eq!(text.parse(), Ok(limit), "{text}");
    }
    for (text, limit) in [
        ("05 ngày làm việc", TimeLimit::WorkingDays(5)),
        ("30 Ngày làm việc", TimeLimit::WorkingDays(30)),
        ("30 ngày", TimeLimit::Days(30)),
        ("Trong ngày", TimeLimit::WorkingDays(0)),
        ("Ngay trong ngày làm việc.", TimeLimit::WorkingDays(0)),
        ("8 giờ làm việc", TimeLimit::WorkingHours(8)),
        ("08 Giờ làm việc", TimeLimit::WorkingHours(8)),
        ("24 giờ", TimeLimit::Days(1)),
        ("1 Tháng", TimeLimit::Months(1)),
        ("1 năm", TimeLimit::Months(12)),
        ("2 tuần", TimeLimit::Days(14)),
        ("02 (hai) ngày làm việc", TimeLimit::WorkingDays(2)),
        ("03ngày", TimeLimit::Days(3)),
    ] {
        assert_eq!(TimeLimit::parse_vi(text), Ok(limit), "{text}");
    }
    assert_eq!(TimeLimit::parse_vi("4 giờ"), Err(TimeLimitError::PlainHours));
    assert_eq!(TimeLimit::parse_vi("99999 ngày"), Err(TimeLimitError::TooLong));
    for text in ["", "ngày", "5", "5 lần", "5 ngày kể từ ngày nhận", "năm ngày"] {
        assert_eq!(TimeLimit::parse_vi(text), Err(TimeLimitError::Shape), "{text}");
    }
    for text in ["", "5", "5 ngày", "days", "-5 days", "5 workingdays"] {
        assert_eq!(text.parse::<TimeLimit>(), Err(TimeLimitError::Shape), "{text}");
    }
}

#[test]
fn limits_are_shown_in_both_languages() {
    assert_eq!(TimeLimit::WorkingDays(0).text(Lang::Vi), "Trong ngày làm việc");
    assert_eq!(TimeLimit::WorkingDays(5).text(Lang::Vi), "5 ngày làm việc");
    assert_eq!(TimeLimit::WorkingDays(1).text(Lang::En), "1 working day");
    assert_eq!(TimeLimit::Months(2).text(Lang::En), "2 months");
}
