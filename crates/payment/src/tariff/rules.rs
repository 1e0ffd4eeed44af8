//! What is to pay: each fee by channel and quantity, less what the declared grounds take off, rounded as the tariff
//! says. A charge is never negative, never above the full amount, and never grows by one more ground.

use super::check::CheckedTariff;
use super::{Channel, Combine, Effect, Facts, Fee, FeeKind, Relief, Rounding, RoundingMode, Tariff};
use kernel::{Bilingual, Date, Dong, ErrorKind, Fault, ProcedureCode};

/// What is to pay, line by line, and why it is not more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// The day whose tariff counted.
    pub on: Date,
    /// A line for each fee, in the order of the tariff.
    pub lines: Vec<ChargeLine>,
    /// What is to pay in all.
    pub total: Dong,
    /// The reliefs that were taken, with what each line saved by them.
    pub grounds: Vec<GroundTaken>,
    /// The text that sets the tariff.
    pub legal_basis: String,
}

/// One fee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeLine {
    /// Code of the fee.
    pub fee: String,
    /// Its name.
    pub name: Bilingual,
    /// Its kind.
    pub kind: FeeKind,
    /// Amount for one.
    pub unit_amount: Dong,
    /// How many.
    pub quantity: u32,
    /// Amount without any relief.
    pub full: Dong,
    /// Amount to pay.
    pub due: Dong,
}

/// A relief that lowered a fee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroundTaken {
    /// The ground.
    pub ground: String,
    /// Its name.
    pub name: Bilingual,
    /// The clause that grants it.
    pub legal_basis: String,
    /// The fee that it lowered.
    pub fee: String,
}

/// Why nothing can be computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TariffError {
    /// No tariff of the procedure is in force on the day.
    #[error("procedure {procedure} has no tariff on {on}")]
    NoTariff {
        /// The procedure.
        procedure: ProcedureCode,
        /// The day.
        on: Date,
    },
    /// A ground that the tariff does not know: it would silently bring nothing.
    #[error("the tariff knows no ground {0}")]
    UnknownGround(String),
    /// A fee is counted by something whose number is not known.
    #[error("fee {fee} is per {per}, and nobody said how many")]
    NoQuantity {
        /// The fee.
        fee: String,
        /// What is counted.
        per: String,
    },
    /// More than can be counted.
    #[error("the amount is too large")]
    TooLarge,
}

impl Fault for TariffError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NoTariff { .. } => ErrorKind::NotFound,
            Self::UnknownGround(_) | Self::NoQuantity { .. } | Self::TooLarge => ErrorKind::Invalid,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoTariff { .. } => "tariff-missing",
            Self::UnknownGround(_) => "tariff-ground-unknown",
            Self::NoQuantity { .. } => "tariff-quantity-missing",
            Self::TooLarge => "tariff-too-large",
        }
    }
}

/// The tariff of `procedure` that is in force on `on`.
///
/// # Errors
/// [`TariffError::NoTariff`].
pub fn in_force<'t>(
    tariffs: &'t [CheckedTariff],
    procedure: &ProcedureCode,
    on: Date,
) -> Result<&'t CheckedTariff, TariffError> {
    let is_it = |one: &&CheckedTariff| one.tariff().procedure == *procedure && holds(one.tariff(), on);
    let none = || TariffError::NoTariff {
        procedure: procedure.clone(),
        on,
    };
    tariffs.iter().find(is_it).ok_or_else(none)
}

fn holds(tariff: &Tariff, on: Date) -> bool {
    tariff.valid_from <= on && tariff.valid_to.is_none_or(|to| on <= to)
}

/// What is to pay by `tariff` for a dossier with `facts` on the day `on`, in đồng.
///
/// # Errors
/// [`TariffError`]: not in force, a ground or a quantity that is not known.
pub fn compute(tariff: &CheckedTariff, facts: &Facts, on: Date) -> Result<Charge, TariffError> {
    let tariff = tariff.tariff();
    if !holds(tariff, on) {
        return Err(TariffError::NoTariff {
            procedure: tariff.procedure.clone(),
            on,
        });
    }
    let known = |ground: &str| tariff.reliefs.iter().any(|relief| relief.ground == ground);
    if let Some(unknown) = facts.grounds.iter().find(|ground| !known(ground)) {
        return Err(TariffError::UnknownGround(unknown.clone()));
    }
    let (mut lines, mut grounds, mut total) = (Vec::new(), Vec::new(), Dong::ZERO);
    for fee in &tariff.fees {
        let (unit_amount, quantity) = (unit_amount(fee, facts.channel), quantity(fee, facts)?);
        let full = unit_amount
            .checked_mul(i64::from(quantity))
            .ok_or(TariffError::TooLarge)?;
        let applying: Vec<&Relief> = tariff
            .reliefs
            .iter()
            .filter(|relief| applies(relief, fee, facts, on))
            .collect();
        let (due, taken) = reduced(full, &applying, tariff.combine, tariff.rounding);
        grounds.extend(taken.into_iter().map(|relief| ground_taken(relief, fee)));
        total = total.checked_add(due).ok_or(TariffError::TooLarge)?;
        let (fee, name, kind) = (fee.code.clone(), fee.name.clone(), fee.kind);
        lines.push(ChargeLine {
            fee,
            name,
            kind,
            unit_amount,
            quantity,
            full,
            due,
        });
    }
    Ok(Charge {
        on,
        lines,
        total,
        grounds,
        legal_basis: tariff.legal_basis.clone(),
    })
}

fn unit_amount(fee: &Fee, channel: Channel) -> Dong {
    let own = match channel {
        Channel::Desk => None,
        Channel::Online => fee.online,
        Channel::Post => fee.post,
    };
    own.unwrap_or(fee.amount)
}

fn quantity(fee: &Fee, facts: &Facts) -> Result<u32, TariffError> {
    let Some(per) = &fee.per else { return Ok(1) };
    let missing = || TariffError::NoQuantity {
        fee: fee.code.clone(),
        per: per.clone(),
    };
    facts.quantities.get(per).copied().ok_or_else(missing)
}

fn applies(relief: &Relief, fee: &Fee, facts: &Facts, on: Date) -> bool {
    facts.grounds.contains(&relief.ground)
        && (relief.fees.is_empty() || relief.fees.contains(&fee.code))
        && (relief.channels.is_empty() || relief.channels.contains(&facts.channel))
        && relief.valid_from.is_none_or(|from| from <= on)
        && relief.valid_to.is_none_or(|to| on <= to)
}

fn ground_taken(relief: &Relief, fee: &Fee) -> GroundTaken {
    GroundTaken {
        ground: relief.ground.clone(),
        name: relief.name.clone(),
        legal_basis: relief.legal_basis.clone(),
        fee: fee.code.clone(),
    }
}

/// What is left of `full`, and the reliefs that made it so. Counted in hundredths of a đồng, rounded once at the end.
fn reduced<'r>(full: Dong, applying: &[&'r Relief], combine: Combine, rounding: Rounding) -> (Dong, Vec<&'r Relief>) {
    if full.is_zero() || applying.is_empty() {
        return (full, Vec::new());
    }
    if let Some(exempt) = applying.iter().find(|relief| relief.effect == Effect::Exempt) {
        return (Dong::ZERO, vec![exempt]);
    }
    let hundredths = i128::from(full.get()) * 100;
    let off = |relief: &Relief| match relief.effect {
        Effect::Exempt => hundredths,
        Effect::Percent { percent } => i128::from(full.get()) * i128::from(percent),
        Effect::Minus { amount } => i128::from(amount.get()) * 100,
    };
    let (taken, sum): (Vec<&Relief>, i128) = match combine {
        Combine::Sum => (applying.to_vec(), applying.iter().map(|relief| off(relief)).sum()),
        Combine::Largest => {
            // Of equal ones the first in the tariff, so that the same facts always name the same clause.
            let largest = applying.iter().rev().max_by_key(|relief| off(relief));
            (
                largest.into_iter().copied().collect(),
                largest.map_or(0, |relief| off(relief)),
            )
        }
    };
    let left = rounded((hundredths - sum).max(0), rounding);
    let due = i64::try_from(left).map_or(full, |left| Dong::new(left).min(full));
    (due, taken)
}

/// Hundredths of a đồng as đồng.
fn rounded(hundredths: i128, rounding: Rounding) -> i128 {
    let step = i128::from(rounding.to_dong) * 100;
    let up = match rounding.mode {
        RoundingMode::Down => 0,
        RoundingMode::Up => step - 1,
        RoundingMode::Nearest => step / 2,
    };
    (hundredths + up) / step * i128::from(rounding.to_dong)
}
