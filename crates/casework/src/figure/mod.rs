//! The few figures that the public sees, each computed from dossiers by a formula that its page states, with the counts of
//! each unit and the codes behind it. Refuses to flatter: self-filed, assisted and typed by officers are counted apart, and
//! where nothing was counted the page says "no data".

pub mod http;
pub(crate) mod store;

use kernel::{Date, SignedDuration, Timestamp};
use parking_lot::Mutex;

use crate::Casework;
use crate::dossier::DossierError;
use crate::word::words;

/// How old the figures of the front page may be.
const FRESH: SignedDuration = SignedDuration::from_secs(60);

words! {
    /// A figure.
    FigureKind {
        /// Share of this month's decided dossiers that kept their due date.
        OnTime = "on-time",
        /// Mean working time from reception to decision, without waits for the applicant.
        MeanTime = "mean-time",
        /// Share of this month's decided dossiers whose applicant was asked for more.
        Supplemented = "supplemented",
        /// Share of this month's dossiers that people typed themselves.
        SelfFiled = "self-filed",
    }
}

/// What the figures are made of, over a month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// Dossiers decided that had a due date.
    pub decided: i64,
    /// Of these, late.
    pub late: i64,
    /// Of these, supplemented at least once.
    pub supplemented: i64,
    /// Working minutes of these together.
    pub worked_minutes: i64,
    /// Dossiers filed.
    pub filed: i64,
    /// Of these, typed by the applicant alone.
    pub self_filed: i64,
}

impl Sums {
    /// The figure in tenths of a percent, or in working hours for the mean time; none without data.
    #[must_use]
    pub fn value(&self, kind: FigureKind) -> Option<i64> {
        let share = |part: i64, whole: i64| (whole > 0).then(|| (part * 1000 + whole / 2) / whole);
        match kind {
            FigureKind::OnTime => share(self.decided - self.late, self.decided),
            FigureKind::Supplemented => share(self.supplemented, self.decided),
            FigureKind::SelfFiled => share(self.self_filed, self.filed),
            FigureKind::MeanTime => (self.decided > 0).then(|| (self.worked_minutes / self.decided + 30) / 60),
        }
    }
}

/// The sums of this month, kept for a minute.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    held: Mutex<Option<(Timestamp, Sums)>>,
}

impl Figures {
    /// The sums of the month of now.
    pub(crate) async fn sums(&self, house: &Casework) -> Result<Sums, DossierError> {
        let now = house.now();
        if let Some((at, sums)) = *self.held.lock()
            && at <= now
            && now.since(at) < FRESH
        {
            return Ok(sums);
        }
        let (from, until) = month(now.local_date());
        let sums = house.store().read(move |tx| store::sums(tx, from, until)).await?;
        *self.held.lock() = Some((now, sums));
        Ok(sums)
    }
}

/// The first moment of the month of `day` and the first one after it.
#[must_use]
pub fn month(day: Date) -> (Timestamp, Timestamp) {
    let next = day.last_of_month().tomorrow().unwrap_or(day);
    (
        Timestamp::start_of_day(day.first_of_month()),
        Timestamp::start_of_day(next),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_rounded_and_absent_without_data() {
        let none = Sums::default();
        assert!(FigureKind::ALL.iter().all(|&kind| none.value(kind).is_none()));
        let some = Sums {
            decided: 3,
            late: 1,
            supplemented: 0,
            worked_minutes: 3 * 650,
            filed: 8,
            self_filed: 3,
        };
        assert_eq!(some.value(FigureKind::OnTime), Some(667));
        assert_eq!(some.value(FigureKind::MeanTime), Some(11));
        assert_eq!(some.value(FigureKind::Supplemented), Some(0));
        assert_eq!(some.value(FigureKind::SelfFiled), Some(375));
    }

    #[test]
    fn a_month_is_whole() {
        let (from, until) = month(Date::constant(2026, 12, 31));
        assert_eq!(from.local_date(), Date::constant(2026, 12, 1));
        assert_eq!(until.local_date(), Date::constant(2027, 1, 1));
    }
}
