//! The few figures that the public sees, each computed from dossiers by a formula that its page states, with the counts of
//! each unit and the codes behind it. Refuses to flatter: self-filed, assisted and typed by officers are counted apart, and
//! where nothing was counted the page says "no data".

pub mod http;
pub(crate) mod store;

use kernel::{Date, SignedDuration, Timestamp};
use parking_lot::Mutex;

use crate::Casework;
use crate::dossier::DossierError;
use kernel::words;

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
    /// What a figure is a share of.
    #[must_use]
    pub const fn whole(&self, kind: FigureKind) -> i64 {
        match kind {
            FigureKind::SelfFiled => self.filed,
            FigureKind::OnTime | FigureKind::MeanTime | FigureKind::Supplemented => self.decided,
        }
    }

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

    #[tokio::test(flavor = "multi_thread")]
    async fn the_parts_of_the_units_are_of_the_same_whole() {
        use crate::journeys::{act, cast, citizen};
        use crate::testing::{MIGRATIONS, Province, filed};

        testkit::engines(MIGRATIONS, async |test| {
            let province = Province::on(test).await;
            let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
            let own = filed(&province, &mut hoa).await;
            // One that an officer typed, and that is not decided either.
            let id: crate::dossier::DossierId = own.rsplit('/').next().and_then(|id| id.parse().ok()).expect("an id");
            let other = crate::dossier::DossierId::new(province.world.as_ref());
            let (_, typed) = province
                .house
                .store()
                .write(move |tx| {
                    let like = crate::dossier::store::find(tx, id)?;
                    let new = crate::dossier::store::NewDossier {
                        dossier: crate::dossier::Dossier {
                            id: other,
                            entered: crate::dossier::state::Entered::Officer,
                            ..like.clone()
                        },
                        content: crate::dossier::store::content(tx, id)?,
                        person_index: [0; 32],
                        check_person: [0; 32],
                        check_phone: None,
                    };
                    let code: kernel::DossierCode = "H27.15-260101-0001".parse().expect("a code");
                    crate::dossier::store::insert(tx, &new, &code)?;
                    Ok::<_, DossierError>((like, code))
                })
                .await
                .expect("a second one");
            assert_eq!(typed.to_string(), "H27.15-260101-0001");
            let desk = own.replace("/my/", "/desk/");
            act(&mut cast.desk, &desk, "receive", &[]).await;
            act(&mut cast.specialist, &desk, "claim", &[]).await;
            act(&mut cast.specialist, &desk, "propose", &[("outcome", "granted")]).await;
            act(&mut cast.leader, &desk, "approve", &[]).await;
            let (from, until) = month(province.house.now().local_date());
            let (sums, units) = province
                .house
                .store()
                .read(move |tx| {
                    Ok::<_, DossierError>((store::sums(tx, from, until)?, store::by_unit(tx, from, until)?))
                })
                .await
                .expect("read");
            assert_eq!(units.len(), 1, "one unit has both");
            assert_eq!(units[0].1, sums, "the only unit is the whole");
            assert_eq!(
                sums.value(FigureKind::SelfFiled),
                Some(500),
                "one of two, decided or not"
            );
            let page = province.stranger().get("/figures/self-filed").await.expect(200);
            assert_eq!(
                page.body.matches("50,0%").count(),
                2,
                "above and beside the unit: {}",
                page.body
            );
            page.hides("100,0%");
        })
        .await;
    }

    #[test]
    fn a_month_is_whole() {
        let (from, until) = month(Date::constant(2026, 12, 31));
        assert_eq!(from.local_date(), Date::constant(2026, 12, 1));
        assert_eq!(until.local_date(), Date::constant(2027, 1, 1));
    }
}
