//! Is a tariff sound? Every fault at once, before anybody is charged by it. Only a checked tariff can be computed with.
//! Whether the amounts are those of the law is for whoever enters them to know.

use super::{Effect, Fee, Relief, Tariff};
use kernel::{Date, Dong, ProcedureCode};
use std::collections::BTreeSet;

/// A tariff without faults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedTariff(Tariff);

impl CheckedTariff {
    /// The tariff.
    #[must_use]
    pub fn tariff(&self) -> &Tariff {
        &self.0
    }
}

/// What is wrong with a tariff. Meant for whoever writes it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TariffFault {
    /// It ends before it begins.
    #[error("{0}: the last day is before the first")]
    Period(String),
    /// An amount below nothing.
    #[error("fee {0}: an amount is negative")]
    Negative(String),
    /// Two fees of one code.
    #[error("fee {0} stands twice")]
    Doubled(String),
    /// No code, name or legal basis.
    #[error("{0}: a code, a name or the legal basis is empty")]
    Empty(String),
    /// A relief for a fee that is not there.
    #[error("relief {ground}: there is no fee {fee}")]
    NoSuchFee {
        /// The ground.
        ground: String,
        /// The fee.
        fee: String,
    },
    /// A percentage or amount that reduces nothing, or more than all.
    #[error("relief {0}: a percentage is 1 to 100, an amount more than nothing")]
    Effect(String),
    /// Rounding to multiples of nothing.
    #[error("rounding is to a multiple of 1 to 1,000,000 đồng")]
    Rounding,
    /// Two tariffs of one procedure on one day.
    #[error("procedure {procedure} has two tariffs on {day}")]
    Overlap {
        /// The procedure.
        procedure: ProcedureCode,
        /// The first day on which both are in force.
        day: Date,
    },
}

impl Tariff {
    /// This tariff, once it is known to be sound.
    ///
    /// # Errors
    /// All its faults.
    pub fn checked(self) -> Result<CheckedTariff, Vec<TariffFault>> {
        let mut faults = Vec::new();
        if self.valid_to.is_some_and(|to| to < self.valid_from) {
            faults.push(TariffFault::Period(self.procedure.to_string()));
        }
        if self.legal_basis.trim().is_empty() {
            faults.push(TariffFault::Empty(self.procedure.to_string()));
        }
        if !(1..=1_000_000).contains(&self.rounding.to_dong) {
            faults.push(TariffFault::Rounding);
        }
        let mut codes = BTreeSet::new();
        for fee in &self.fees {
            if !codes.insert(fee.code.as_str()) {
                faults.push(TariffFault::Doubled(fee.code.clone()));
            }
            check_fee(fee, &mut faults);
        }
        for relief in &self.reliefs {
            check_relief(relief, &codes, &mut faults);
        }
        if faults.is_empty() {
            Ok(CheckedTariff(self))
        } else {
            Err(faults)
        }
    }
}

fn check_fee(fee: &Fee, faults: &mut Vec<TariffFault>) {
    if fee.code.trim().is_empty() || fee.name.vi.trim().is_empty() {
        faults.push(TariffFault::Empty(format!("fee {}", fee.code)));
    }
    if [Some(fee.amount), fee.online, fee.post]
        .into_iter()
        .flatten()
        .any(|amount| amount < Dong::ZERO)
    {
        faults.push(TariffFault::Negative(fee.code.clone()));
    }
}

fn check_relief(relief: &Relief, codes: &BTreeSet<&str>, faults: &mut Vec<TariffFault>) {
    let ground = || relief.ground.clone();
    if [&relief.ground, &relief.legal_basis, &relief.name.vi]
        .iter()
        .any(|text| text.trim().is_empty())
    {
        faults.push(TariffFault::Empty(format!("relief {}", relief.ground)));
    }
    if relief
        .valid_from
        .zip(relief.valid_to)
        .is_some_and(|(from, to)| to < from)
    {
        faults.push(TariffFault::Period(ground()));
    }
    for fee in relief.fees.iter().filter(|fee| !codes.contains(fee.as_str())) {
        faults.push(TariffFault::NoSuchFee {
            ground: ground(),
            fee: fee.clone(),
        });
    }
    let sound = match relief.effect {
        Effect::Exempt => true,
        Effect::Percent { percent } => (1..=100).contains(&percent),
        Effect::Minus { amount } => amount > Dong::ZERO,
    };
    if !sound {
        faults.push(TariffFault::Effect(ground()));
    }
}

/// Days on which a procedure has two tariffs.
#[must_use]
pub fn check_all(tariffs: &[CheckedTariff]) -> Vec<TariffFault> {
    let mut sorted: Vec<&Tariff> = tariffs.iter().map(CheckedTariff::tariff).collect();
    sorted.sort_by_key(|tariff| (tariff.procedure.clone(), tariff.valid_from));
    let overlap = |pair: &[&Tariff]| {
        let (first, second) = (pair[0], pair[1]);
        let both = first.procedure == second.procedure && first.valid_to.is_none_or(|to| to >= second.valid_from);
        both.then(|| TariffFault::Overlap {
            procedure: second.procedure.clone(),
            day: second.valid_from,
        })
    };
    sorted.windows(2).filter_map(overlap).collect()
}
