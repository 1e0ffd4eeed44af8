//! The calendar against tables of known days; `deadlines` holds the rules of limits, `properties` holds
//! everything to an oracle that walks day by day and minute by minute.

use super::*;
use crate::{Lang, Timestamp};
use jiff::SignedDuration;
use jiff::civil::{DateTime, Weekday, date};

mod deadlines;
mod oracle;
mod properties;

fn plain() -> &'static WorkingCalendar {
    WorkingCalendar::plain()
}

fn at(text: &str) -> Timestamp {
    Timestamp::from_local(text.parse::<DateTime>().unwrap())
}

fn shown(instant: Timestamp) -> String {
    let local = instant.local();
    format!("{} {:02}:{:02}", local.date(), local.hour(), local.minute())
}

fn seasonal() -> OfficeHours {
    serde_json::from_str(
        r#"[{"from":"04-16","hours":["07:00-11:30","13:30-17:00"]},{"from":"10-16","hours":["07:30-12:00","13:00-16:30"]}]"#,
    )
    .unwrap()
}

#[test]
fn the_embedded_file_is_read_with_its_swaps() {
    let data = CalendarData::built_in();
    assert_eq!(
        data.years().into_iter().collect::<Vec<_>>(),
        (2015..=2027).collect::<Vec<_>>()
    );
    assert_eq!(data.confirmed_years().into_iter().max(), Some(2026));
    let saturdays: Vec<String> = data
        .rows()
        .filter(|row| row.kind == DayKind::WorkingSaturday)
        .map(|row| row.date.to_string())
        .collect();
    assert_eq!(
        saturdays,
        [
            "2014-12-27",
            "2015-02-14",
            "2015-04-25",
            "2019-01-05",
            "2019-05-04",
            "2024-05-04",
            "2025-04-26",
            "2026-01-10",
            "2026-08-22",
        ]
    );
    let swapped = data.rows().filter(|row| row.kind == DayKind::SwappedOff).count();
    assert_eq!(swapped, saturdays.len());
}

#[test]
fn days_are_what_the_announcements_say() {
    for (day, working, confirmed) in [
        (date(2026, 11, 23), true, true),
        (date(2026, 11, 24), false, false),
        (date(2026, 11, 22), false, true),
        (date(2026, 8, 22), true, true),
        (date(2026, 8, 31), false, true),
        (date(2026, 4, 27), false, true),
        (date(2026, 1, 2), false, false),
        (date(2026, 2, 17), false, true),
        (date(2027, 1, 4), true, false),
        (date(2030, 1, 1), false, false),
        (date(2030, 1, 2), true, false),
        (date(2014, 12, 27), true, true),
        (date(1999, 12, 31), true, false),
        (date(2101, 1, 1), false, false),
    ] {
        let known = plain().day(day);
        assert_eq!((known.working, known.confirmed), (working, confirmed), "{day}");
    }
    assert_eq!(
        plain().day(date(2026, 9, 2)).row.unwrap().name.get(Lang::En),
        "National Day"
    );
    assert_eq!(plain().special_days(2025).count(), 14);
}

#[test]
fn corrections_are_laid_over() {
    let head = "date,kind,name_vi,name_en,source,confirmed\n";
    let fixes = CalendarData::parse_csv(&format!("{head}2026-11-24,ordinary,Ngày thường,,CV 1/2026,yes\n")).unwrap();
    let calendar = WorkingCalendar::new(&CalendarData::built_in().corrected_by(fixes), OfficeHours::plain());
    let day = calendar.day(date(2026, 11, 24));
    assert!(day.working && day.confirmed);
    assert!(calendar.is_confirmed(date(2026, 2, 1), date(2026, 12, 31)));
}

#[test]
fn faulty_data_is_refused_with_its_line() {
    let head = "date,kind,name_vi,name_en,source,confirmed\n";
    let parse = |rest: &str| CalendarData::parse_csv(&format!("{head}{rest}")).unwrap_err();
    assert_eq!(CalendarData::parse_csv("date\n"), Err(CalendarDataError::Head));
    assert_eq!(
        parse("2026-13-01,holiday,a,b,c,yes"),
        CalendarDataError::Field { line: 2, field: "date" }
    );
    assert_eq!(
        parse("\n2026-12-01,feast,a,b,c,yes"),
        CalendarDataError::Field { line: 3, field: "kind" }
    );
    assert_eq!(
        parse("2026-12-01,holiday,a,b,c,maybe"),
        CalendarDataError::Field {
            line: 2,
            field: "confirmed"
        }
    );
    assert_eq!(
        parse("2026-12-01,holiday"),
        CalendarDataError::Field {
            line: 2,
            field: "six columns"
        }
    );
    let date = date(2026, 12, 1);
    assert_eq!(
        parse("2026-12-01,working_saturday,a,b,c,yes"),
        CalendarDataError::NotAWeekend { line: 2, date }
    );
    let twice = "2026-12-01,holiday,a,b,c,yes\n2026-12-01,holiday,a,b,c,yes";
    assert_eq!(parse(twice), CalendarDataError::Twice { line: 3, date });
}

#[test]
fn lunar_days_are_those_of_every_year_on_file() {
    let data = CalendarData::built_in();
    for year in data.years() {
        let named = |name: &str| {
            data.rows()
                .find(|row| row.date.year() == year && row.name.vi == name)
                .map(|row| row.date)
        };
        assert_eq!(lunar_new_year(year), named("Tết Nguyên Đán"), "{year}");
        assert_eq!(hung_kings_day(year), named("Ngày Giỗ Tổ Hùng Vương"), "{year}");
    }
    // Beyond the file: published lunar calendars.
    assert_eq!(lunar_new_year(2028), Some(date(2028, 1, 26)));
    assert_eq!(lunar_new_year(2030), Some(date(2030, 2, 2)));
    assert_eq!(lunar_new_year(1985), Some(date(1985, 1, 21)));
    assert_eq!(lunar_new_year(2300), None);
}

#[test]
fn years_without_data_get_the_statutory_days_and_are_never_confirmed() {
    let days: Vec<String> = plain()
        .special_days(2028)
        .map(|row| format!("{} {}", row.date, row.kind.word()))
        .collect();
    insta::assert_snapshot!(days.join("\n"), @"
    2028-01-01 holiday
    2028-01-03 compensatory_off
    2028-01-25 holiday
    2028-01-26 holiday
    2028-01-27 holiday
    2028-01-28 holiday
    2028-01-29 holiday
    2028-01-31 compensatory_off
    2028-04-04 holiday
    2028-04-30 holiday
    2028-05-01 holiday
    2028-05-02 compensatory_off
    2028-09-01 holiday
    2028-09-02 holiday
    2028-09-04 compensatory_off
    ");
    for year in (2000..2015).chain(2028..=2100) {
        let off = plain()
            .special_days(year)
            .filter(|row| row.kind != DayKind::WorkingSaturday);
        let weekdays = off
            .filter(|row| !matches!(row.date.weekday(), Weekday::Saturday | Weekday::Sunday))
            .count();
        // Eleven days (ten before 2021), each on a weekday or made good on one; one feast may fall on another,
        // and the last days of a year may be made good in the next.
        assert!((9..=12).contains(&weekdays), "{year}: {weekdays}");
    }
    assert!(!plain().is_confirmed(date(2028, 3, 1), date(2028, 3, 2)));
}

#[test]
fn working_days_are_counted_over_weekends_and_holidays() {
    for (from, n, expected) in [
        (date(2026, 11, 20), 1, date(2026, 11, 23)),
        (date(2026, 11, 20), 2, date(2026, 11, 25)),
        (date(2026, 11, 21), 1, date(2026, 11, 23)),
        (date(2026, 8, 21), 1, date(2026, 8, 22)),
        (date(2026, 8, 28), 1, date(2026, 9, 3)),
        (date(2026, 9, 3), -1, date(2026, 8, 28)),
        (date(2026, 11, 22), 0, date(2026, 11, 22)),
        (date(2026, 11, 22), -1, date(2026, 11, 20)),
        (date(2026, 2, 13), 5, date(2026, 2, 27)),
    ] {
        assert_eq!(plain().add_working_days(from, n), expected, "{from} {n:+}");
    }
    assert_eq!(plain().working_days_between(date(2026, 8, 21), date(2026, 9, 3)), 7);
    assert_eq!(plain().working_day_from(date(2026, 11, 21)), date(2026, 11, 23));
}

#[test]
fn beyond_the_table_answers_stop_at_its_border() {
    assert_eq!(plain().add_working_days(date(2100, 12, 1), 1_000), date(2100, 12, 31));
    assert_eq!(plain().add_working_days(date(2000, 1, 10), -1_000), date(2000, 1, 1));
    assert_eq!(plain().add_working_days(date(2026, 1, 1), i32::MAX), date(2100, 12, 31));
    let far = plain().deadline(at("2026-11-23T08:00"), TimeLimit::WorkingHours(u32::MAX));
    assert!(!far.confirmed);
    for limit in [
        TimeLimit::WorkingDays(u32::MAX),
        TimeLimit::Days(u32::MAX),
        TimeLimit::Months(u32::MAX),
    ] {
        assert!(!plain().deadline(at("2026-11-23T08:00"), limit).confirmed);
        assert!(!plain().deadline(Timestamp::MAX, limit).confirmed);
        assert!(!plain().deadline(Timestamp::MIN, limit).confirmed);
    }
    let _ = plain().working_time_between(Timestamp::MIN, Timestamp::MAX);
    let _ = plain().add_working_time(Timestamp::MIN, SignedDuration::MIN);
    let _ = plain().add_working_time(Timestamp::MAX, SignedDuration::MAX);
}

#[test]
fn working_hours_run_within_office_hours() {
    for (start, hours, expected) in [
        ("2026-11-23T08:00", 1, "2026-11-23 09:00"),
        ("2026-11-23T08:00", 8, "2026-11-25 08:00"),
        ("2026-11-23T07:30", 8, "2026-11-23 17:30"),
        ("2026-11-23T11:00", 1, "2026-11-23 14:00"),
        ("2026-11-23T12:00", 1, "2026-11-23 14:30"),
        ("2026-11-20T17:00", 1, "2026-11-23 08:00"),
        ("2026-11-21T10:00", 8, "2026-11-23 17:30"),
        ("2026-11-23T08:00", -1, "2026-11-20 17:00"),
        ("2026-11-23T09:00", -1, "2026-11-23 08:00"),
        ("2026-11-23T17:30", -8, "2026-11-23 07:30"),
        ("2026-11-23T08:00", 0, "2026-11-23 08:00"),
    ] {
        assert_eq!(
            shown(plain().add_working_hours(at(start), hours)),
            expected,
            "{start} {hours:+}"
        );
    }
    let between = plain().working_time_between(at("2026-11-20T16:30"), at("2026-11-23T08:15"));
    assert_eq!(between, SignedDuration::from_mins(105));
    assert!(plain().is_open_at(at("2026-11-23T07:30")));
    assert!(!plain().is_open_at(at("2026-11-23T11:30")));
    assert!(!plain().is_open_at(at("2026-11-24T08:00")));
}

#[test]
fn seasons_change_the_hours() {
    let calendar = WorkingCalendar::new(&CalendarData::built_in(), seasonal());
    assert_eq!(calendar.hours_of(date(2026, 4, 15))[0].to_string(), "07:30-12:00");
    assert_eq!(calendar.hours_of(date(2026, 4, 16))[0].to_string(), "07:00-11:30");
    assert_eq!(calendar.hours_of(date(2026, 1, 5))[1].to_string(), "13:00-16:30");
    assert!(calendar.hours_of(date(2026, 11, 22)).is_empty());
    assert_eq!(shown(calendar.close_of(date(2026, 10, 15))), "2026-10-15 17:00");
    assert_eq!(shown(calendar.close_of(date(2026, 10, 16))), "2026-10-16 16:30");
    assert_eq!(
        shown(calendar.add_working_hours(at("2026-10-15T16:00"), 2)),
        "2026-10-16 08:30"
    );
}

#[test]
fn faulty_hours_are_refused() {
    let parse = |json: &str| serde_json::from_str::<OfficeHours>(json).map_err(|error| error.to_string());
    for json in [
        "[]",
        r#"[{"from":"01-01","hours":[]}]"#,
        r#"[{"from":"02-29","hours":["07:30-11:30"]}]"#,
        r#"[{"from":"1","hours":["07:30-11:30"]}]"#,
        r#"[{"from":"01-01","hours":["11:30-07:30"]}]"#,
        r#"[{"from":"01-01","hours":["07:30-25:00"]}]"#,
        r#"[{"from":"01-01","hours":["13:30-17:00","07:30-11:30"]}]"#,
        r#"[{"from":"01-01","hours":["07:30-11:30","11:00-17:00"]}]"#,
        r#"[{"from":"05-01","hours":["07:30-11:30"]},{"from":"01-01","hours":["07:30-11:30"]}]"#,
    ] {
        assert!(parse(json).is_err(), "{json}");
    }
    let json = serde_json::to_string(&seasonal()).unwrap();
    assert_eq!(parse(&json).unwrap(), seasonal());
}
