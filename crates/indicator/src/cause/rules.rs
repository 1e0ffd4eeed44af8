//! Cuts the time of a dossier among those who had it. Pure: no clock, no table.
//! Refuses time before reception and after the end, and to count the same minute twice.

use kernel::Timestamp;
use kernel::calendar::WorkingCalendar;

use super::Cause;

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
}

impl Span {
    /// What of it lies in another one; none when nothing does.
    fn within(self, other: Self) -> Option<Self> {
        let (from, to) = (self.from.max(other.from), self.to.min(other.to));
        (from < to).then_some(Self { from, to })
    }
}

/// From when on a dossier was in a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Since when.
    pub at: Timestamp,
    /// The word of the state.
    pub state: String,
}

/// Working minutes at each holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waited {
    /// At whom most went by.
    pub cause: Cause,
    /// At agencies that were asked.
    pub agency_minutes: i64,
    /// At the officer.
    pub officer_minutes: i64,
    /// At the leader.
    pub leader_minutes: i64,
    /// At the applicant, whose time is not the authority's.
    pub applicant_minutes: i64,
}

/// Cuts `whole` by the states of the history; what lies in a request to an agency while the clock ran is the agency's.
#[must_use]
pub fn waited(history: &[Segment], asked: &[Span], whole: Span, calendar: &WorkingCalendar) -> Waited {
    let minutes = |span: Span| calendar.working_time_between(span.from, span.to).as_mins().max(0);
    let asked = merged(asked);
    let (mut agency, mut officer, mut leader, mut applicant) = (0, 0, 0, 0);
    for (at, segment) in history.iter().enumerate() {
        let to = history.get(at + 1).map_or(whole.to, |next| next.at);
        let Some(span) = (Span { from: segment.at, to }).within(whole) else {
            continue;
        };
        let own = match segment.state.as_str() {
            "received" | "processing" => &mut officer,
            "proposed" => &mut leader,
            "awaiting-supplement" | "awaiting-fee" => {
                applicant += minutes(span);
                continue;
            }
            _ => continue,
        };
        let away: i64 = asked.iter().filter_map(|one| one.within(span)).map(minutes).sum();
        agency += away;
        *own += (minutes(span) - away).max(0);
    }
    // In doubt it is the nearer one: the officer before the leader, the own house before another agency.
    let cause = [
        (Cause::Officer, officer),
        (Cause::Leader, leader),
        (Cause::Agency, agency),
    ];
    let longest = cause
        .into_iter()
        .reduce(|best, one| if one.1 > best.1 { one } else { best });
    Waited {
        cause: longest.map_or(Cause::Officer, |(cause, _)| cause),
        agency_minutes: agency,
        officer_minutes: officer,
        leader_minutes: leader,
        applicant_minutes: applicant,
    }
}

/// The same stretches in order, those that touch as one.
fn merged(spans: &[Span]) -> Vec<Span> {
    let mut sorted: Vec<Span> = spans.iter().copied().filter(|span| span.from < span.to).collect();
    sorted.sort_by_key(|span| span.from);
    let mut merged: Vec<Span> = Vec::new();
    for span in sorted {
        match merged.last_mut() {
            Some(last) if span.from <= last.to => last.to = last.to.max(span.to),
            _ => merged.push(span),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-{text}:00+07:00").parse().expect("a time")
    }

    fn since(text: &str, state: &str) -> Segment {
        Segment {
            at: at(text),
            state: state.to_owned(),
        }
    }

    #[test]
    fn time_is_cut_among_those_who_had_it() {
        // Monday the 16th to Friday the 20th; office hours are 7:30-11:30 and 13:30-17:00 or alike: whole days are compared.
        let calendar = WorkingCalendar::plain();
        let day = calendar.working_time_between(at("16T00:00"), at("17T00:00")).as_mins();
        let history = [
            since("13T09:00", "submitted"),
            since("16T00:00", "received"),
            since("17T00:00", "awaiting-supplement"),
            since("18T00:00", "processing"),
            since("20T00:00", "proposed"),
            since("21T00:00", "approved"),
        ];
        let whole = Span {
            from: at("16T00:00"),
            to: at("21T00:00"),
        };
        let asked = [
            Span {
                from: at("18T00:00"),
                to: at("18T23:00"),
            },
            Span {
                from: at("18T12:00"),
                to: at("19T00:00"),
            },
        ];
        let found = waited(&history, &asked, whole, calendar);
        assert_eq!(found.applicant_minutes, day);
        assert_eq!(found.agency_minutes, day, "what overlaps counts once");
        assert_eq!(found.officer_minutes, 2 * day);
        assert_eq!(found.leader_minutes, day);
        assert_eq!(found.cause, Cause::Officer);
        let long = [Span {
            from: at("15T00:00"),
            to: at("25T00:00"),
        }];
        let found = waited(&history, &long, whole, calendar);
        assert_eq!(found.cause, Cause::Agency);
        assert_eq!((found.officer_minutes, found.leader_minutes), (0, 0));
        assert_eq!(found.agency_minutes, 4 * day, "never the applicant's time");
    }

    #[test]
    fn nothing_is_counted_outside_of_the_whole() {
        let calendar = WorkingCalendar::plain();
        let history = [since("16T00:00", "processing"), since("27T00:00", "approved")];
        let whole = Span {
            from: at("17T00:00"),
            to: at("18T00:00"),
        };
        let day = calendar.working_time_between(at("17T00:00"), at("18T00:00")).as_mins();
        assert_eq!(waited(&history, &[], whole, calendar).officer_minutes, day);
        let none = waited(&[], &[], whole, calendar);
        assert_eq!((none.officer_minutes, none.cause), (0, Cause::Officer));
    }
}
