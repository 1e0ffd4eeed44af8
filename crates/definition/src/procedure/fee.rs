//! Fees by way of filing, with exemptions and reductions. It owns the amount that is due and refuses to round up:
//! a reduction leaves whole đồng, the rest is the applicant's.
//! Law: Luật Phí và lệ phí 97/2015 Đ10 (exemption and reduction).

use crate::expression::{Facts, Formula, Number, Value};
use kernel::Dong;

/// A way of filing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// Trực tuyến.
    Online,
    /// Trực tiếp.
    Desk,
    /// Bưu chính.
    Post,
}

impl Channel {
    /// All ways, with their words in definitions.
    pub const ALL: [(&'static str, Self); 3] = [("online", Self::Online), ("desk", Self::Desk), ("post", Self::Post)];
}

/// Most copies or pages that one fee is multiplied by.
const PER_MAX: i64 = 10_000;

/// What a procedure costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fee {
    /// At the desk.
    pub desk: Dong,
    /// Online; as at the desk when nothing is said.
    pub online: Dong,
    /// By post; as at the desk when nothing is said.
    pub post: Dong,
    /// The path of the number that the amount is multiplied by: copies, pages.
    pub per: Option<String>,
    /// When nothing is due.
    pub exempt: Option<Formula>,
    /// When less is due; the first that holds counts.
    pub reductions: Vec<Reduction>,
}

/// A reduction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reduction {
    /// When it holds.
    pub when: Formula,
    /// Percent of the fee that falls away, 1 to 99.
    pub percent: i64,
}

impl Fee {
    /// What is due for a dossier filed by `channel`. An unknown fact neither exempts nor reduces.
    #[must_use]
    pub fn due(&self, channel: Channel, facts: &Facts) -> Dong {
        let full = match channel {
            Channel::Online => self.online,
            Channel::Desk => self.desk,
            Channel::Post => self.post,
        };
        let holds = |formula: &Formula| formula.evaluate(facts).is_true();
        if self.exempt.as_ref().is_some_and(holds) {
            return Dong::ZERO;
        }
        let reduced = self.reductions.iter().find(|reduction| holds(&reduction.when));
        let percent = reduced.map_or(0, |reduction| reduction.percent);
        let count = self.per.as_ref().map_or(1, |path| match facts.get(path) {
            Value::Number(number) => number.rescaled(0).map_or(1, Number::units).clamp(0, PER_MAX),
            _ => 1,
        });
        // Amounts are at most 10^12 đồng and counts 10^4: a hundred times that is still far from the end of an i64.
        Dong::new(full.get() * count * (100 - percent) / 100)
    }

    /// Whether nobody ever pays: the catalogue says "free", which is more than saying nothing.
    #[must_use]
    pub fn is_free(&self) -> bool {
        [self.desk, self.online, self.post]
            .iter()
            .all(|amount| *amount == Dong::ZERO)
    }
}
