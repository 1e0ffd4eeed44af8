//! What holds for every day, limit and text: the naive oracle, order, and the way there and back.

use super::super::*;
use super::{oracle, plain, seasonal, shown};
use crate::{Lang, Timestamp};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Span};
use proptest::prelude::*;

fn any_limit() -> impl Strategy<Value = TimeLimit> {
    prop_oneof![
        (0_u32..200).prop_map(TimeLimit::WorkingHours),
        (0_u32..200).prop_map(TimeLimit::WorkingDays),
        (0_u32..800).prop_map(TimeLimit::Days),
        (0_u32..40).prop_map(TimeLimit::Months),
    ]
}

/// Days from 2013 to 2030, so that computed, confirmed and unconfirmed years all take part.
fn any_day() -> impl Strategy<Value = Date> {
    (0_i32..6_500).prop_map(|days| date(2013, 1, 1).saturating_add(Span::new().days(days)))
}

fn any_minute() -> impl Strategy<Value = Timestamp> {
    (any_day(), 0_i64..1_440).prop_map(|(day, minute)| Timestamp::start_of_day(day) + SignedDuration::from_mins(minute))
}

/// The calendar with plain hours or with seasons, and its oracle.
fn calendar_and_oracle(seasons: bool) -> (&'static WorkingCalendar, oracle::Oracle) {
    static SEASONAL: std::sync::OnceLock<WorkingCalendar> = std::sync::OnceLock::new();
    if seasons {
        let calendar = SEASONAL.get_or_init(|| WorkingCalendar::new(&CalendarData::built_in(), seasonal()));
        (calendar, oracle::Oracle::new(seasonal()))
    } else {
        (plain(), oracle::Oracle::new(OfficeHours::plain()))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn days_are_those_of_the_oracle(day in any_day()) {
        let oracle = oracle::Oracle::new(OfficeHours::plain());
        prop_assert_eq!(plain().is_working_day(day), oracle.is_working_day(day), "{}", day);
        prop_assert_eq!(plain().day(day).confirmed, oracle.is_confirmed(day), "{}", day);
    }

    #[test]
    fn working_days_are_those_of_the_oracle(day in any_day(), n in -300_i32..300) {
        let oracle = oracle::Oracle::new(OfficeHours::plain());
        prop_assert_eq!(plain().add_working_days(day, n), oracle.add_working_days(day, n));
        let other = day.saturating_add(Span::new().days(n));
        prop_assert_eq!(plain().working_days_between(day, other), oracle.working_days_between(day, other));
    }

    #[test]
    fn there_and_back(day in any_day(), n in 1_i32..300) {
        let working = plain().working_day_from(day);
        let there = plain().add_working_days(working, n);
        prop_assert_eq!(plain().add_working_days(there, -n), working);
        prop_assert_eq!(plain().working_days_between(working, there), i64::from(n));
    }

    #[test]
    fn worked_minutes_are_those_of_the_oracle(
        seasons in any::<bool>(), start in any_minute(), minutes in -6_000_i64..6_000,
    ) {
        let (calendar, oracle) = calendar_and_oracle(seasons);
        let time = SignedDuration::from_mins(minutes);
        prop_assert_eq!(calendar.add_working_time(start, time), oracle.add_minutes(start, minutes));
        let end = start + SignedDuration::from_mins(minutes * 2);
        let between = calendar.working_time_between(start, end);
        prop_assert_eq!(between, SignedDuration::from_mins(oracle.minutes_between(start, end)));
    }

    #[test]
    fn what_is_added_lies_between(start in any_minute(), micros in 1_i64..100_000_000_000_000) {
        let time = SignedDuration::from_micros(micros);
        let end = plain().add_working_time(start, time);
        prop_assert_eq!(plain().working_time_between(start, end), time);
        let begin = plain().add_working_time(start, -time);
        prop_assert_eq!(plain().working_time_between(begin, start), time);
    }

    #[test]
    fn deadlines_are_those_of_the_oracle(
        seasons in any::<bool>(), received in any_minute(), limit in any_limit(),
        cut_off in proptest::option::of(0_u16..1_440),
    ) {
        let (calendar, oracle) = calendar_and_oracle(seasons);
        let text = cut_off.map(|minute| format!("{:02}:{:02}", minute / 60, minute % 60));
        let rule = text.as_deref().map(|text| text.parse::<CutOff>().unwrap());
        prop_assert_eq!(rule.map(|rule| rule.to_string()), text);
        let due = calendar.deadline_with(received, limit, rule);
        prop_assert_eq!(due, oracle.deadline(received, limit, cut_off));
        prop_assert!(due.at >= received || matches!(limit, TimeLimit::WorkingDays(0) | TimeLimit::Days(0) | TimeLimit::Months(0)));
    }

    #[test]
    fn later_receipts_are_never_due_earlier(
        a in any_minute(), later in 0_i64..20_000, limit in any_limit(), cut_off in proptest::option::of(0_u16..1_440),
    ) {
        let rule = cut_off.map(|minute| format!("{:02}:{:02}", minute / 60, minute % 60).parse().unwrap());
        let b = a + SignedDuration::from_mins(later);
        prop_assert!(plain().deadline_with(a, limit, rule).at <= plain().deadline_with(b, limit, rule).at);
    }

    #[test]
    fn a_pause_never_brings_the_end_forward(
        received in any_minute(), limit in any_limit(), pause in 0_i64..50_000, length in 0_i64..50_000,
    ) {
        let due = plain().deadline(received, limit);
        let paused = received + SignedDuration::from_mins(pause);
        let after = plain().resumed(limit, due, paused, paused + SignedDuration::from_mins(length));
        prop_assert!(after.at >= due.at, "{} {}", shown(due.at), shown(after.at));
    }

    #[test]
    fn limits_go_through_text(limit in any_limit()) {
        prop_assert_eq!(limit.to_string().parse::<TimeLimit>(), Ok(limit));
        prop_assert_eq!(TimeLimit::parse_vi(&limit.text(Lang::Vi)), Ok(limit));
        let json = serde_json::to_string(&limit).unwrap();
        prop_assert_eq!(serde_json::from_str::<TimeLimit>(&json).unwrap(), limit);
    }

    #[test]
    fn reading_never_panics(text in any::<String>(), near in "[0-9]{0,12} ?(ngày|giờ|tháng|năm|\\()?( làm việc)?") {
        for text in [text, near] {
            let _ = TimeLimit::parse_vi(&text);
            let _ = text.parse::<TimeLimit>();
            let _ = text.parse::<CutOff>();
            let _ = text.parse::<Period>();
            let _ = CalendarData::parse_csv(&format!("date,kind,name_vi,name_en,source,confirmed\n{text}"));
        }
    }
}
