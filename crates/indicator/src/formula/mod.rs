//! The formulas of the figures as data: what is counted, over what, what is left out, in two languages, in versions of which
//! none is ever changed. Owns reading them; a figure of the program without a formula, or the other way round, fails a test.
//! Refuses a version in force that its own texts do not cover.

use std::sync::LazyLock;

use kernel::{Bilingual, Date};
use serde::{Deserialize, Serialize};

/// The file, as it is exported.
pub const TEXT: &str = include_str!("../../data/formulas.toml");

/// All versions, oldest first.
static VERSIONS: LazyLock<Vec<Version>> = LazyLock::new(|| {
    let file: File = toml::from_str(TEXT).expect("a test reads this file");
    file.version
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: Vec<Version>,
}

/// The formulas that hold from a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// From 1.
    #[serde(rename = "number")]
    pub version: i64,
    /// First day.
    pub valid_from: Date,
    /// Where the counted comes from, and by which law.
    pub source: Bilingual,
    /// One entry a figure.
    #[serde(rename = "figure")]
    pub figures: Vec<Formula>,
}

/// What a figure is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Formula {
    /// The figure's word.
    pub key: String,
    /// How the value is written.
    pub shape: Shape,
    /// What is counted or added up.
    pub numerator: Bilingual,
    /// What it is divided by; none for a count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denominator: Option<Bilingual>,
    /// What is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusions: Option<Bilingual>,
}

/// How a value is written, always as a whole number with declared decimals, rounded half up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// A number of dossiers.
    Count,
    /// A share, in tenths of a percent.
    Share,
    /// A mean of minutes, in tenths of an hour.
    Hours,
    /// A mean, in hundredths.
    Ratio,
}

impl Shape {
    /// Digits behind the comma.
    #[must_use]
    pub const fn decimals(self) -> u8 {
        match self {
            Self::Count => 0,
            Self::Share | Self::Hours => 1,
            Self::Ratio => 2,
        }
    }

    /// The value of a numerator over a denominator; none over nothing.
    #[must_use]
    pub fn value(self, numerator: i64, denominator: Option<i64>) -> Option<i64> {
        let (factor, more) = match self {
            Self::Count => return Some(numerator),
            Self::Share => (1000, 1),
            Self::Hours => (10, 60),
            Self::Ratio => (100, 1),
        };
        let whole = i128::from(denominator.filter(|whole| *whole > 0)?) * more;
        let part = i128::from(numerator) * factor;
        i64::try_from((2 * part + whole).div_euclid(2 * whole)).ok()
    }
}

/// Every version.
#[must_use]
pub fn versions() -> &'static [Version] {
    &VERSIONS
}

/// The version in force: the last one.
#[must_use]
pub fn current() -> &'static Version {
    VERSIONS.last().expect("a test sees that there is a version")
}

impl Version {
    /// The formula of a figure.
    #[must_use]
    pub fn of(&self, key: &str) -> Option<&Formula> {
        self.figures.iter().find(|formula| formula.key == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Figure;

    #[test]
    fn every_figure_has_its_formula_and_every_formula_its_figure() {
        assert!(versions().iter().map(|one| one.version).eq(1..=versions().len() as i64));
        let of_version: Vec<&str> = current().figures.iter().map(|one| one.key.as_str()).collect();
        let of_program: Vec<&str> = Figure::ALL.iter().map(|one| one.word()).collect();
        assert_eq!(of_version, of_program);
        for figure in Figure::ALL {
            let formula = current().of(figure.word()).expect("just seen");
            assert_eq!(formula.shape, figure.shape(), "{figure}");
            assert_eq!(formula.denominator.is_some(), formula.shape != Shape::Count, "{figure}");
            assert!(formula.numerator.en.is_some(), "{figure}");
        }
    }

    #[test]
    fn values_are_rounded_half_up_and_absent_over_nothing() {
        assert_eq!(Shape::Share.value(2, Some(3)), Some(667));
        assert_eq!(Shape::Share.value(1, Some(2000)), Some(1), "0.05% is 0.1%");
        assert_eq!(
            Shape::Hours.value(90, Some(2)),
            Some(8),
            "45 minutes are 0.75 hours, written 0.8"
        );
        assert_eq!(Shape::Ratio.value(1, Some(8)), Some(13));
        assert_eq!(Shape::Ratio.value(0, Some(8)), Some(0));
        assert_eq!(Shape::Share.value(0, Some(0)), None);
        assert_eq!(Shape::Count.value(0, None), Some(0));
        assert_eq!(
            Shape::Share.value(i64::MAX / 4, Some(i64::MAX / 4)),
            Some(1000),
            "no overflow"
        );
    }

    #[test]
    fn a_published_version_stays_as_it_was() {
        // The texts of version 1 by their digest: whoever changes them changes what kept reports mean. Add a version instead.
        let first = serde_json::to_vec(&versions()[0]).expect("JSON");
        // FNV-1a, 64 bits.
        let digest = first.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
        assert_eq!(
            digest, 18_444_643_859_758_001_343,
            "version 1 of the formulas was changed"
        );
    }
}
