//! The figures of a leader's page, what each is made of, and which rows stand behind it. Pure.
//! Refuses a figure that is not in the formulas, and a share of nothing: that is "no data".

use crate::cell::Measures;
use crate::fact::Fact;
use crate::formula::Shape;
use kernel::{Date, words};

words! {
    /// A figure. The words are those of the formulas.
    Figure {
        /// Dossiers filed.
        Filed = "filed",
        /// Share that the applicant typed alone.
        SelfFiled = "self-filed",
        /// Share typed with help.
        Assisted = "assisted",
        /// Share that an officer typed.
        OnBehalf = "on-behalf",
        /// Dossiers received.
        Received = "received",
        /// Share received late.
        LateReceipt = "late-receipt",
        /// Dossiers decided that had a due date.
        Decided = "decided",
        /// Share that kept it.
        OnTime = "on-time",
        /// Decided on a day before the due day.
        Early = "early",
        /// Decided neither late nor on a day before the due day.
        OnDay = "on-day",
        /// Decided late.
        Late = "late",
        /// Ended, and late because of people.
        LatePerson = "late-person",
        /// Ended, and late because of systems.
        LateSystem = "late-system",
        /// Mean working time.
        WorkingTime = "working-time",
        /// Requests for more per decided dossier.
        Requests = "requests",
        /// Share of which nothing more was asked.
        Clean = "clean",
        /// Share whose due date was put off.
        Extended = "extended",
        /// Decided without a due date.
        Undue = "undue",
        /// Not received.
        Refused = "refused",
        /// Stopped.
        Stopped = "stopped",
        /// Taken back.
        Withdrawn = "withdrawn",
        /// Not decided now.
        Open = "open",
        /// Of these, with time left.
        OpenInTime = "open-in-time",
        /// Of these, with less than eight working hours left.
        OpenSoon = "open-soon",
        /// Of these, past their moment.
        OpenOver = "open-over",
        /// Of these, without a running deadline.
        OpenWaiting = "open-waiting",
    }
}

words! {
    /// Rows that stand behind figures.
    Set {
        /// Filed in the period.
        Filed = "filed",
        /// Of these, typed by the applicant alone.
        SelfFiled = "self-filed",
        /// Of these, with help.
        Assisted = "assisted",
        /// Of these, by an officer.
        OnBehalf = "on-behalf",
        /// Received in the period.
        Received = "received",
        /// Of these, late.
        LateReceipt = "late-receipt",
        /// Decided in the period, with a due date.
        Decided = "decided",
        /// Of these, not late.
        Kept = "kept",
        /// Of these, early.
        Early = "early",
        /// Of these, on the day.
        OnDay = "on-day",
        /// Of these, late.
        Late = "late",
        /// Ended in the period, and late because of people.
        LatePerson = "late-person",
        /// Ended in the period, and late because of systems.
        LateSystem = "late-system",
        /// Of these, asked for more.
        Asked = "asked",
        /// Of these, never asked for more.
        Clean = "clean",
        /// Of these, extended.
        Extended = "extended",
        /// Decided without a due date.
        Undue = "undue",
        /// Not received.
        Refused = "refused",
        /// Stopped.
        Stopped = "stopped",
        /// Taken back.
        Withdrawn = "withdrawn",
        /// Open now.
        Open = "open",
        /// Of these, with time left.
        OpenInTime = "open-in-time",
        /// Of these, soon due.
        OpenSoon = "open-soon",
        /// Of these, over.
        OpenOver = "open-over",
        /// Of these, without a running deadline.
        OpenWaiting = "open-waiting",
    }
}

impl Set {
    /// Of what is open now, whatever the period.
    #[must_use]
    pub const fn is_of_now(self) -> bool {
        matches!(
            self,
            Self::Open | Self::OpenInTime | Self::OpenSoon | Self::OpenOver | Self::OpenWaiting
        )
    }

    /// Few rows, which have an index of their own by day.
    #[must_use]
    pub const fn is_rare(self) -> bool {
        matches!(
            self,
            Self::LateReceipt
                | Self::Late
                | Self::LatePerson
                | Self::LateSystem
                | Self::Asked
                | Self::Extended
                | Self::Undue
                | Self::Refused
                | Self::Stopped
                | Self::Withdrawn
        )
    }

    /// The day by which its rows are sorted.
    #[must_use]
    pub fn day_of(self, fact: &Fact) -> Date {
        let day = match self {
            Self::Received | Self::LateReceipt => fact.received_on,
            Self::Filed | Self::SelfFiled | Self::Assisted | Self::OnBehalf => Some(fact.filed_on),
            _ if self.is_of_now() => Some(fact.filed_on),
            _ => fact.ended_on,
        };
        day.unwrap_or(fact.filed_on)
    }
}

/// What is open now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Open {
    /// All.
    pub all: i64,
    /// With at least eight working hours left.
    pub in_time: i64,
    /// With less.
    pub soon: i64,
    /// Past their moment.
    pub over: i64,
    /// Of these, past the due date of the result: QĐ 766 counts them as not settled in time.
    pub over_due: i64,
    /// Without a running deadline.
    pub waiting: i64,
}

impl std::ops::AddAssign for Open {
    fn add_assign(&mut self, other: Self) {
        self.all += other.all;
        self.in_time += other.in_time;
        self.soon += other.soon;
        self.over += other.over;
        self.over_due += other.over_due;
        self.waiting += other.waiting;
    }
}

/// Everything from which the figures of one line follow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// What cells count.
    pub all: Measures,
    /// What is open now.
    pub open: Open,
}

impl std::ops::AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        self.all += other.all;
        self.open += other.open;
    }
}

impl Sums {
    /// Nothing was counted in the period; what is open belongs to no period.
    #[must_use]
    pub fn is_period_empty(&self) -> bool {
        self.all.entries == 0
    }

    /// Nothing was counted in the period, and nothing is open.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.is_period_empty() && self.open.all == 0
    }
}

/// A figure's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value {
    /// What was counted or added up.
    pub numerator: i64,
    /// Over what; none for a count.
    pub denominator: Option<i64>,
    /// The value, with the decimals of its shape; none over nothing.
    pub value: Option<i64>,
}

impl Figure {
    /// How its value is written.
    #[must_use]
    pub const fn shape(self) -> Shape {
        match self {
            Self::SelfFiled
            | Self::Assisted
            | Self::OnBehalf
            | Self::LateReceipt
            | Self::OnTime
            | Self::Clean
            | Self::Extended => Shape::Share,
            Self::WorkingTime => Shape::Hours,
            Self::Requests => Shape::Ratio,
            Self::Filed
            | Self::Received
            | Self::Decided
            | Self::Early
            | Self::OnDay
            | Self::Late
            | Self::LatePerson
            | Self::LateSystem
            | Self::Undue
            | Self::Refused
            | Self::Stopped
            | Self::Withdrawn
            | Self::Open
            | Self::OpenInTime
            | Self::OpenSoon
            | Self::OpenOver
            | Self::OpenWaiting => Shape::Count,
        }
    }

    /// The rows that a click on it shows: those of the numerator.
    #[must_use]
    pub const fn set(self) -> Set {
        match self {
            Self::Filed => Set::Filed,
            Self::SelfFiled => Set::SelfFiled,
            Self::Assisted => Set::Assisted,
            Self::OnBehalf => Set::OnBehalf,
            Self::Received => Set::Received,
            Self::LateReceipt => Set::LateReceipt,
            Self::Decided | Self::WorkingTime => Set::Decided,
            Self::OnTime => Set::Kept,
            Self::Early => Set::Early,
            Self::OnDay => Set::OnDay,
            Self::Late => Set::Late,
            Self::LatePerson => Set::LatePerson,
            Self::LateSystem => Set::LateSystem,
            Self::Requests => Set::Asked,
            Self::Clean => Set::Clean,
            Self::Extended => Set::Extended,
            Self::Undue => Set::Undue,
            Self::Refused => Set::Refused,
            Self::Stopped => Set::Stopped,
            Self::Withdrawn => Set::Withdrawn,
            Self::Open => Set::Open,
            Self::OpenInTime => Set::OpenInTime,
            Self::OpenSoon => Set::OpenSoon,
            Self::OpenOver => Set::OpenOver,
            Self::OpenWaiting => Set::OpenWaiting,
        }
    }

    /// Numerator and denominator.
    #[must_use]
    pub fn parts(self, sums: &Sums) -> (i64, Option<i64>) {
        let (all, open) = (&sums.all, &sums.open);
        match self {
            Self::Filed => (all.filed, None),
            Self::SelfFiled => (all.self_filed, Some(all.filed)),
            Self::Assisted => (all.assisted, Some(all.filed)),
            Self::OnBehalf => (all.on_behalf, Some(all.filed)),
            Self::Received => (all.received, None),
            Self::LateReceipt => (all.late_receipts, Some(all.received)),
            Self::Decided => (all.decided, None),
            Self::OnTime => (all.decided - all.late, Some(all.decided)),
            Self::Early => (all.early, None),
            Self::OnDay => (all.decided - all.late - all.early, None),
            Self::Late => (all.late, None),
            Self::LatePerson => (all.late_person, None),
            Self::LateSystem => (all.late_system, None),
            Self::WorkingTime => (all.worked_minutes, Some(all.decided)),
            Self::Requests => (all.requests, Some(all.decided)),
            Self::Clean => (all.clean, Some(all.decided)),
            Self::Extended => (all.extended, Some(all.decided)),
            Self::Undue => (all.undue, None),
            Self::Refused => (all.refused, None),
            Self::Stopped => (all.stopped, None),
            Self::Withdrawn => (all.withdrawn, None),
            Self::Open => (open.all, None),
            Self::OpenInTime => (open.in_time, None),
            Self::OpenSoon => (open.soon, None),
            Self::OpenOver => (open.over, None),
            Self::OpenWaiting => (open.waiting, None),
        }
    }

    /// The figure of a line.
    #[must_use]
    pub fn value(self, sums: &Sums) -> Value {
        let (numerator, denominator) = self.parts(sums);
        Value {
            numerator,
            denominator,
            value: self.shape().value(numerator, denominator),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_filing_add_up_to_the_whole_and_decisions_too() {
        let sums = Sums {
            all: Measures {
                entries: 10,
                filed: 10,
                self_filed: 3,
                assisted: 2,
                on_behalf: 5,
                decided: 10,
                early: 4,
                late: 2,
                ..Measures::default()
            },
            ..Sums::default()
        };
        let number = |figure: Figure| figure.parts(&sums).0;
        assert_eq!(
            number(Figure::SelfFiled) + number(Figure::Assisted) + number(Figure::OnBehalf),
            number(Figure::Filed)
        );
        assert_eq!(
            number(Figure::Early) + number(Figure::OnDay) + number(Figure::Late),
            number(Figure::Decided)
        );
        assert_eq!(Figure::OnTime.value(&sums).value, Some(800));
        assert_eq!(Figure::OnTime.value(&Sums::default()).value, None, "no data");
        assert!(Sums::default().is_empty() && !sums.is_empty());
    }
}
