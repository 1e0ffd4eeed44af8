//! The sets of QĐ 766/QĐ-TTg, groups 1 to 4: ratios from records, points where their split is known. The set is data
//! (`provinces/_country/qd766.toml`). Refuses to guess: what records do not answer is listed with the reason, and a group is
//! added up over what was scored only, with how many of its points that covers.

pub mod http;

use std::sync::LazyLock;

use kernel::Bilingual;
use serde::Deserialize;

use crate::formula::Shape;
use crate::report::store::Name;
use crate::report::{Figure, Question, Sums, by_procedure};

/// The set as it is shipped.
pub(crate) const TEXT: &str = include_str!("../../../../provinces/_country/qd766.toml");

static SET: LazyLock<IndexSet> = LazyLock::new(|| toml::from_str(TEXT).expect("a test reads this file"));

/// The set in force.
#[must_use]
pub fn set() -> &'static IndexSet {
    &SET
}

/// A set of indicators.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexSet {
    /// Where it comes from, and how sure that is.
    pub source: Bilingual,
    /// Its groups.
    #[serde(rename = "group")]
    pub groups: Vec<Group>,
}

/// A group of indicators.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its number.
    pub number: u8,
    /// Points of the whole group.
    pub points: i64,
    /// Its name.
    pub name: Bilingual,
    /// Its indicators.
    #[serde(rename = "indicator")]
    pub indicators: Vec<Indicator>,
}

/// An indicator of the set.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// Its number in the decision.
    pub code: String,
    /// Its name.
    pub name: Bilingual,
    /// Full points; none where the split is not known.
    pub points: Option<i64>,
    /// Whether that was seen in the decision itself.
    pub verified: bool,
    /// The share in percent that gives full points.
    pub full_at: Option<i64>,
    /// What answers it; none when records do not.
    pub computed: Option<Measure>,
    /// The records answer something near to it: the ratio is shown and gives no points.
    #[serde(default)]
    pub is_near: bool,
    /// Why it is not computed, or what of it is left out.
    pub reason: Bilingual,
}

/// A measure that answers an indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Settled in time, of what was settled and what is over.
    Kept,
    /// Mean working time.
    MeanTime,
    /// Procedures offered online, of all.
    OnlineProcedures,
    /// Online procedures that were used, of all online.
    UsedOnline,
    /// Dossiers typed by the applicant alone, of all filed.
    SelfFiled,
    /// Dossiers paid by transfer, of those that owed.
    PaidOnline,
    /// Procedures with a dossier paid by transfer, of those with one that owed.
    PaidProcedures,
    /// Dossiers with a result as a file, of those decided.
    DigitalResults,
    /// Dossiers with a component as a file, of those decided.
    Digitised,
}

/// What is known of the catalogue and its use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// Procedures in force.
    pub procedures: i64,
    /// Of these, offered online.
    pub online: i64,
    /// Of these, with a dossier that the applicant typed alone.
    pub used: i64,
    /// Procedures of which a decided dossier owed a fee.
    pub owing: i64,
    /// Of these, with one that was paid by transfer.
    pub paid: i64,
}

/// What an indicator came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// Numerator and denominator.
    pub parts: (i64, i64),
    /// How the value is written.
    pub shape: Shape,
    /// The value; none over nothing.
    pub value: Option<i64>,
    /// Points in hundredths; none where there is no value or no known split.
    pub points: Option<i64>,
}

impl Measure {
    /// Numerator, denominator, and how the value is written.
    #[must_use]
    pub fn parts(self, sums: &Sums, over: i64, catalogue: &Catalogue) -> (i64, i64, Shape) {
        let all = &sums.all;
        let ended = all.decided + all.undue;
        match self {
            Self::Kept => (all.kept_due, all.ended_due + over, Shape::Share),
            Self::MeanTime => (all.worked_minutes, all.decided, Shape::Hours),
            Self::OnlineProcedures => (catalogue.online, catalogue.procedures, Shape::Share),
            Self::UsedOnline => (catalogue.used, catalogue.online, Shape::Share),
            Self::SelfFiled => {
                let (part, whole) = Figure::SelfFiled.parts(sums);
                (part, whole.unwrap_or(0), Shape::Share)
            }
            Self::PaidOnline => (all.paid_online, all.owing, Shape::Share),
            Self::PaidProcedures => (catalogue.paid, catalogue.owing, Shape::Share),
            Self::DigitalResults => (all.with_result, ended, Shape::Share),
            Self::Digitised => (all.with_papers, ended, Shape::Share),
        }
    }
}

impl Indicator {
    /// What it comes to; none when records do not answer it. `over` are the dossiers open past their due date while the period
    /// runs.
    #[must_use]
    pub fn answer(&self, sums: &Sums, over: i64, catalogue: &Catalogue) -> Option<Answer> {
        let (part, whole, shape) = self.computed?.parts(sums, over, catalogue);
        let value = shape.value(part, Some(whole));
        let points = match (self.points, self.full_at, value) {
            (Some(points), Some(full), Some(_)) if whole > 0 && full > 0 && !self.is_near => {
                // points × min(1, share / full), in hundredths, rounded half up.
                let (top, bottom) = (i128::from(part) * 100, i128::from(whole) * i128::from(full));
                let hundredths = if top >= bottom {
                    i128::from(points) * 100
                } else {
                    (2 * i128::from(points) * 100 * top + bottom).div_euclid(2 * bottom)
                };
                i64::try_from(hundredths).ok()
            }
            _ => None,
        };
        Some(Answer {
            parts: (part, whole),
            shape,
            value,
            points,
        })
    }
}

/// What the catalogue and the period say by procedure.
pub(crate) fn catalogue(tx: &mut store::Tx, question: &Question) -> Result<Catalogue, store::StoreError> {
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let mut known = Catalogue {
        procedures: count(question.index.len()),
        online: count(question.index.online()),
        ..Catalogue::default()
    };
    for (name, sums) in by_procedure(tx, question)? {
        let Name::Text(code) = name else { continue };
        let found = question.index.get(&code);
        let is_online = found.is_some_and(casework::procedure::Summary::is_online);
        known.used += i64::from(is_online && sums.all.self_filed > 0);
        known.owing += i64::from(sums.all.owing > 0);
        known.paid += i64::from(sums.all.paid_online > 0);
    }
    Ok(known)
}

/// Dossiers past their due date that count as not settled: those of now, while the period runs.
pub(crate) fn over(question: &Question, sums: &Sums) -> i64 {
    if question.now.local_date() <= question.filter.to {
        sums.open.over_due
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::Measures;

    #[test]
    fn the_set_is_whole_and_says_why_where_it_does_not_compute() {
        let set = set();
        assert_eq!(
            set.groups.iter().map(|group| group.number).collect::<Vec<_>>(),
            [1, 2, 3, 4]
        );
        assert_eq!(
            set.groups.iter().map(|group| group.points).sum::<i64>(),
            82,
            "100 without group 5"
        );
        for one in set.groups.iter().flat_map(|group| &group.indicators) {
            assert!(!one.reason.vi.is_empty() && one.reason.en.is_some(), "{}", one.code);
        }
        for group in &set.groups {
            let known: i64 = group.indicators.iter().filter_map(|one| one.points).sum();
            assert!(known <= group.points, "group {}", group.number);
        }
    }

    #[test]
    fn points_follow_the_share_up_to_the_threshold_and_nothing_is_guessed() {
        let mut sums = Sums {
            all: Measures {
                entries: 4,
                decided: 4,
                ended_due: 4,
                kept_due: 3,
                with_papers: 2,
                ..Measures::default()
            },
            ..Sums::default()
        };
        let find = |code: &str| {
            let all = set().groups.iter().flat_map(|group| &group.indicators);
            all.clone().find(|one| one.code == code).expect(code)
        };
        let nothing = Catalogue::default();
        let kept = find("2.1").answer(&sums, 1, &nothing).expect("computed");
        assert_eq!(
            (kept.parts, kept.value, kept.points),
            ((3, 5), Some(600), Some(1200)),
            "one is over and not settled"
        );
        let papers = find("4.2").answer(&sums, 0, &nothing).expect("computed");
        assert_eq!(
            (papers.value, papers.points),
            (Some(500), None),
            "the split of group 4 is not known"
        );
        assert_eq!(find("1.4").answer(&sums, 0, &nothing), None);
        let fees = Catalogue {
            owing: 4,
            paid: 4,
            ..Catalogue::default()
        };
        let near = find("3.5b").answer(&sums, 0, &fees).expect("computed");
        assert_eq!(
            (near.value, near.points),
            (Some(1000), None),
            "what is only near to an indicator gives no points, whatever they are"
        );
        let none = find("2.1").answer(&Sums::default(), 0, &nothing).expect("computed");
        assert_eq!((none.value, none.points), (None, None), "no data is no zero");
        let own = Indicator {
            points: Some(10),
            full_at: Some(80),
            computed: Some(Measure::Digitised),
            ..find("4.2").clone()
        };
        assert_eq!(
            own.answer(&sums, 0, &nothing).expect("computed").points,
            Some(625),
            "10 × 50 / 80"
        );
        sums.all.with_papers = 4;
        assert_eq!(own.answer(&sums, 0, &nothing).expect("computed").points, Some(1000));
    }
}
