//! What the province itself has published about its figures, with source and day: data of its profile, shown beside what is
//! computed here. Refuses to mix the two: a published number is never part of a computed one, nor the other way round.

pub mod http;

use kernel::{Bilingual, Date, Lang};
use web::format;

use crate::report::{Figure, Set, Sums};

/// Figures that a province published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reported {
    /// The publication; none where nothing is known of any.
    pub source: Option<Bilingual>,
    /// The day of which its figures are.
    pub as_of: Option<Date>,
    /// Its figures, in its order.
    pub figures: Vec<Published>,
}

/// A number as it was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// What it is, the same word in every profile.
    pub key: String,
    /// The number: digits, and a point before decimals.
    pub value: String,
    /// Whether it is a share in percent.
    pub is_percent: bool,
    /// In words.
    pub label: Bilingual,
}

/// What stands beside a published number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beside {
    /// A number of dossiers, and the rows behind it.
    Dossiers(i64, Set),
    /// A share of dossiers in tenths of a percent, and the rows behind it; none where there is no data.
    ShareOfDossiers(Option<i64>, Set),
    /// A number of procedures of the catalogue.
    Procedures(i64),
    /// A share of procedures in hundredths of a percent; none of an empty catalogue.
    ShareOfProcedures(Option<i64>),
}

/// What can be computed here of a province's report: these words, in this order.
pub(crate) const COMPARED: [&str; 5] = ["procedures", "procedures-online", "online-share", "dossiers", "on-time"];

impl Reported {
    /// Whether there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.source.is_none() || self.figures.is_empty()
    }

    /// What was published under a word.
    #[must_use]
    pub fn of(&self, key: &str) -> Option<&Published> {
        self.figures.iter().find(|one| one.key == key)
    }
}

impl Published {
    /// The number as a page writes it; as it was published where it is no number.
    #[must_use]
    pub fn words(&self, lang: Lang) -> String {
        let (whole, decimals) = self.value.split_once('.').unwrap_or((&self.value, ""));
        let scaled: Option<i64> = format!("{whole}{decimals}").parse().ok();
        let places = u8::try_from(decimals.len()).unwrap_or(0);
        let number = scaled.map_or_else(|| self.value.clone(), |scaled| format::decimal(lang, scaled, places));
        if self.is_percent { format!("{number}%") } else { number }
    }
}

/// What the records here say under a word of a report; none where they say nothing.
pub(crate) fn beside(key: &str, (procedures, online): (usize, usize), sums: &Sums) -> Option<Beside> {
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    match key {
        "procedures" => Some(Beside::Procedures(count(procedures))),
        "procedures-online" => Some(Beside::Procedures(count(online))),
        "online-share" => {
            let (part, whole) = (count(online), count(procedures));
            let share = (whole > 0).then(|| (2 * part * 10_000 + whole).div_euclid(2 * whole.max(1)));
            Some(Beside::ShareOfProcedures(share))
        }
        "dossiers" => Some(Beside::Dossiers(sums.all.filed, Set::Filed)),
        "on-time" => Some(Beside::ShareOfDossiers(Figure::OnTime.value(sums).value, Set::Kept)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::Measures;

    fn published(value: &str, is_percent: bool) -> Published {
        Published {
            key: "on-time".to_owned(),
            value: value.to_owned(),
            is_percent,
            label: Bilingual::new("Hồ sơ đúng hạn", "Dossiers on time"),
        }
    }

    #[test]
    fn a_published_number_is_written_as_it_was_published() {
        assert_eq!(published("84.85", true).words(Lang::Vi), "84,85%");
        assert_eq!(published("99.9", true).words(Lang::En), "99.9%");
        assert_eq!(published("100", true).words(Lang::Vi), "100%");
        assert_eq!(published("2000000", false).words(Lang::Vi), "2.000.000");
        assert_eq!(published("hơn 38", false).words(Lang::Vi), "hơn 38");
    }

    #[test]
    fn what_stands_beside_is_counted_here_and_absent_where_there_is_no_data() {
        let none = Sums::default();
        assert_eq!(
            beside("on-time", (10, 5), &none),
            Some(Beside::ShareOfDossiers(None, Set::Kept))
        );
        assert_eq!(
            beside("online-share", (0, 0), &none),
            Some(Beside::ShareOfProcedures(None))
        );
        assert_eq!(
            beside("online-share", (1_855, 1_574), &none),
            Some(Beside::ShareOfProcedures(Some(8_485)))
        );
        assert_eq!(beside("dti-rank", (10, 5), &none), None);
        let sums = Sums {
            all: Measures {
                entries: 4,
                filed: 4,
                decided: 3,
                late: 1,
                ..Measures::default()
            },
            ..Sums::default()
        };
        assert_eq!(
            beside("dossiers", (10, 5), &sums),
            Some(Beside::Dossiers(4, Set::Filed))
        );
        assert_eq!(
            beside("on-time", (10, 5), &sums),
            Some(Beside::ShareOfDossiers(Some(667), Set::Kept))
        );
        for key in COMPARED {
            assert!(beside(key, (10, 5), &sums).is_some(), "{key}");
        }
        assert!(Reported::default().is_empty());
    }
}
