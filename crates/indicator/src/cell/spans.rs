//! How a period is cut into the fewest stretches of which there are cells. A stretch may be taken away again: a year without its
//! first day is two cells of a procedure, not four hundred. Pure.
//! Refuses to go finer than a day, and more steps than a thousand years have.

use kernel::Date;

use super::Grain;

/// Cells of a grain, from one name up to before another, added or taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) grain: Grain,
    pub(crate) from: String,
    pub(crate) until: String,
    /// Taken away.
    pub(crate) is_minus: bool,
}

/// The same by days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    grain: Grain,
    from: Date,
    until: Date,
    is_minus: bool,
}

impl Grain {
    /// The first day of the stretch in which a day lies.
    pub(crate) fn start(self, day: Date) -> Date {
        match self {
            Self::Year => day.first_of_year(),
            Self::Month => day.first_of_month(),
            Self::Third => {
                let begun = match day.day() {
                    ..=10 => 1,
                    11..=20 => 11,
                    _ => 21,
                };
                Date::new(day.year(), day.month(), begun).unwrap_or(day)
            }
            Self::Day => day,
        }
    }

    /// The first day after the stretch in which a day lies.
    pub(crate) fn end(self, day: Date) -> Date {
        let last = match self {
            Self::Year => day.last_of_year(),
            Self::Month => day.last_of_month(),
            Self::Third if day.day() > 20 => day.last_of_month(),
            Self::Third => {
                let last = if day.day() > 10 { 20 } else { 10 };
                Date::new(day.year(), day.month(), last).unwrap_or(day)
            }
            Self::Day => day,
        };
        last.tomorrow().unwrap_or(last)
    }

    /// As cells name the stretch in which a day lies: `2026`, `2026-11`, `2026-11-3`, `2026-11-22`. Within a grain names are
    /// ordered as the days are.
    pub(crate) fn name(self, day: Date) -> String {
        match self {
            Self::Year => day.strftime("%Y").to_string(),
            Self::Month => day.strftime("%Y-%m").to_string(),
            Self::Third => format!("{}-{}", day.strftime("%Y-%m"), (day.day() - 1).min(29) / 10 + 1),
            Self::Day => day.to_string(),
        }
    }
}

/// The stretches that make up a period, cut with these grains, of which the last must be the day.
pub(crate) fn spans(from: Date, until: Date, grains: &[Grain]) -> Vec<Span> {
    let named = |piece: Piece| Span {
        grain: piece.grain,
        from: piece.grain.name(piece.from),
        until: piece.grain.name(piece.until),
        is_minus: piece.is_minus,
    };
    cover(from, until, grains).into_iter().map(named).collect()
}

fn cover(from: Date, until: Date, grains: &[Grain]) -> Vec<Piece> {
    let (Some((&grain, finer)), true) = (grains.split_first(), from < until) else {
        return Vec::new();
    };
    let whole = |from: Date, until: Date| Piece {
        grain,
        from,
        until,
        is_minus: false,
    };
    if finer.is_empty() {
        return vec![whole(from, until)];
    }
    let first = if grain.start(from) == from {
        from
    } else {
        grain.end(from)
    };
    let last = grain.start(until);
    if first > last {
        return edge(grain, finer, (from, until));
    }
    let mut all = Vec::new();
    if first < last {
        all.push(whole(first, last));
    }
    all.extend(edge(grain, finer, (from, first)));
    all.extend(edge(grain, finer, (last, until)));
    all
}

/// A part of one stretch: made up of finer ones, or the whole without the rest, whichever is fewer cells.
fn edge(grain: Grain, finer: &[Grain], (from, until): (Date, Date)) -> Vec<Piece> {
    if from >= until {
        return Vec::new();
    }
    let direct = cover(from, until, finer);
    let (start, end) = (grain.start(from), grain.end(from));
    let mut around = vec![Piece {
        grain,
        from: start,
        until: end,
        is_minus: false,
    }];
    let rest = [cover(start, from, finer), cover(until, end, finer)];
    around.extend(rest.into_iter().flatten().map(|piece| Piece {
        is_minus: !piece.is_minus,
        ..piece
    }));
    if cost(&around) < cost(&direct) { around } else { direct }
}

/// How many stretches are read.
fn cost(pieces: &[Piece]) -> usize {
    let of = |piece: &Piece| {
        let mut day = piece.from;
        let mut count = 0;
        while day < piece.until && count < 400 {
            day = piece.grain.end(day);
            count += 1;
        }
        count
    };
    pieces.iter().map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::super::Shape;
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().expect("a day")
    }

    fn cut(from: &str, until: &str, grains: &[Grain]) -> Vec<String> {
        let cut = spans(day(from), day(until), grains).into_iter();
        cut.map(|span| {
            let sign = if span.is_minus { '-' } else { '+' };
            format!("{sign}{:?} {} {}", span.grain, span.from, span.until)
        })
        .collect()
    }

    #[test]
    fn what_is_asked_most_is_one_stretch() {
        let all = Shape::Procedure.grains();
        assert_eq!(cut("2026-01-01", "2027-01-01", all), ["+Year 2026 2027"]);
        assert_eq!(cut("2026-11-01", "2026-12-01", all), ["+Month 2026-11 2026-12"]);
        assert_eq!(cut("2026-04-01", "2026-07-01", all), ["+Month 2026-04 2026-07"]);
        assert_eq!(
            cut("2026-01-01", "2027-01-01", Shape::Unit.grains()),
            ["+Month 2026-01 2027-01"]
        );
        assert_eq!(cut("2026-11-11", "2026-11-21", all), ["+Third 2026-11-2 2026-11-3"]);
        assert_eq!(cut("2026-11-11", "2026-11-11", all), Vec::<String>::new());
        assert_eq!(
            cut("2026-01-02", "2026-02-20", &[Grain::Day]),
            ["+Day 2026-01-02 2026-02-20"]
        );
    }

    #[test]
    fn what_is_nearly_whole_is_the_whole_without_the_rest() {
        let all = Shape::Procedure.grains();
        assert_eq!(
            cut("2026-01-02", "2027-01-01", all),
            ["+Year 2026 2027", "-Day 2026-01-01 2026-01-02"]
        );
        assert_eq!(
            cut("2026-01-01", "2026-12-01", all),
            ["+Year 2026 2027", "-Month 2026-12 2027-01"]
        );
        assert_eq!(
            cut("2026-11-03", "2026-12-01", Shape::Unit.grains()),
            ["+Month 2026-11 2026-12", "-Day 2026-11-01 2026-11-03"]
        );
    }

    /// How often each day is counted.
    fn counted(from: Date, until: Date, grains: &[Grain], around: (Date, Date)) -> Vec<i64> {
        let pieces = cover(from, until, grains);
        let mut counts = Vec::new();
        let mut at = around.0;
        while at < around.1 {
            let of = pieces.iter().filter(|piece| piece.from <= at && at < piece.until);
            counts.push(of.map(|piece| if piece.is_minus { -1 } else { 1 }).sum());
            at = at.tomorrow().expect("a day");
        }
        counts
    }

    #[test]
    fn every_day_of_a_period_counts_once_and_no_other_one() {
        let around = (day("2024-01-01"), day("2027-01-01"));
        let start = day("2024-06-01");
        for number in 0..600_i32 {
            let from = start
                .checked_add(jiff::Span::new().days(number * 7 % 523))
                .expect("a day");
            let until = from
                .checked_add(jiff::Span::new().days(number * 13 % 367))
                .expect("a day");
            for shape in [Shape::Both, Shape::Unit, Shape::Procedure] {
                let counts = counted(from, until, shape.grains(), around);
                let mut at = around.0;
                for count in counts {
                    let expected = i64::from(from <= at && at < until);
                    assert_eq!(count, expected, "{from} {until} {shape:?}: {at}");
                    at = at.tomorrow().expect("a day");
                }
                let most = match shape {
                    Shape::Procedure => 28,
                    Shape::Both | Shape::Unit => 44,
                };
                let read = cost(&cover(from, until, shape.grains()));
                assert!(read <= most, "{from} {until} {shape:?}: {read} stretches");
            }
        }
    }

    #[test]
    fn names_are_in_the_order_of_days() {
        let mut at = day("2026-01-01");
        while at < day("2027-01-01") {
            let next = at.tomorrow().expect("a day");
            for grain in [Grain::Year, Grain::Month, Grain::Third, Grain::Day] {
                assert!(grain.name(at) <= grain.name(next), "{at} {grain:?}");
                assert_eq!(
                    grain.name(at) == grain.name(next),
                    grain.end(at) > next,
                    "{at} {grain:?}"
                );
                assert!(grain.start(at) <= at && at < grain.end(at));
            }
            at = next;
        }
        assert_eq!(Grain::Third.name(day("2026-01-31")), "2026-01-3");
    }
}
