//! Tariffs as data: what a procedure costs, less when it is filed online, exemptions and reductions by declared grounds
//! with their legal basis, from a day to a day. Entered on a page; the program knows no amount and no ground.
//!
//! Law: Luật Phí và lệ phí 97/2015/QH13 (Đ10: exemption and reduction); the amounts are set by circulars of the
//! Ministry of Finance and resolutions of provincial councils.

mod check;
pub mod http;
mod rules;
pub(crate) mod store;
#[cfg(test)]
mod tests;

pub use check::{CheckedTariff, TariffFault, check_all};
pub use rules::{Charge, ChargeLine, GroundTaken, TariffError, compute, in_force};

use kernel::{Bilingual, Date, Dong, ProcedureCode};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What one procedure costs in one period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tariff {
    /// The procedure.
    pub procedure: ProcedureCode,
    /// First day on which it is in force.
    pub valid_from: Date,
    /// Last day; none while no end is known.
    #[serde(default)]
    pub valid_to: Option<Date>,
    /// The text that sets it, for example a resolution of the provincial council.
    pub legal_basis: String,
    /// How a reduced amount is rounded.
    #[serde(default)]
    pub rounding: Rounding,
    /// What counts when several reductions apply.
    #[serde(default)]
    pub combine: Combine,
    /// What is to pay.
    pub fees: Vec<Fee>,
    /// Who pays less, or nothing.
    #[serde(default)]
    pub reliefs: Vec<Relief>,
}

/// A fee of a procedure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    /// Code within the tariff, in kebab-case.
    pub code: String,
    /// Its name as the law has it.
    pub name: Bilingual,
    /// Which of the two kinds of the law.
    pub kind: FeeKind,
    /// Amount in đồng at a desk, and wherever no other is set.
    pub amount: Dong,
    /// Amount when filed online.
    #[serde(default)]
    pub online: Option<Dong>,
    /// Amount when sent by post.
    #[serde(default)]
    pub post: Option<Dong>,
    /// What is counted, for example `copy`; the fee is then per one of it.
    #[serde(default)]
    pub per: Option<String>,
}

/// The two kinds of Luật Phí và lệ phí, Đ3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FeeKind {
    /// Phí: covers the cost of a service.
    Fee,
    /// Lệ phí: a fixed charge for a state task.
    Charge,
}

/// How a dossier was filed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// At a desk.
    Desk,
    /// Online.
    Online,
    /// By post.
    Post,
}

/// An exemption or reduction that a declared ground brings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relief {
    /// The ground that the applicant declares, in kebab-case: `poor-household`.
    pub ground: String,
    /// Its name.
    pub name: Bilingual,
    /// The clause that grants it.
    pub legal_basis: String,
    /// What it does.
    pub effect: Effect,
    /// Codes of the fees that it touches; all when there are none.
    #[serde(default)]
    pub fees: Vec<String>,
    /// The channels for which it holds; all when there are none.
    #[serde(default)]
    pub channels: Vec<Channel>,
    /// First day, when it is later than the tariff's.
    #[serde(default)]
    pub valid_from: Option<Date>,
    /// Last day, when it is earlier than the tariff's.
    #[serde(default)]
    pub valid_to: Option<Date>,
}

/// What a relief does to a fee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Effect {
    /// Nothing is to pay.
    Exempt,
    /// So many hundredths less.
    Percent {
        /// 1 to 100.
        percent: u8,
    },
    /// So many đồng less, once per fee.
    Minus {
        /// The đồng.
        amount: Dong,
    },
}

/// What counts when several reductions apply to one fee. An exemption always wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Combine {
    /// The largest alone.
    #[default]
    Largest,
    /// All together, at most the whole fee.
    Sum,
}

/// How a reduced amount is rounded. An amount that nothing reduces is never touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rounding {
    /// To a multiple of so many đồng.
    pub to_dong: u32,
    /// Which way.
    pub mode: RoundingMode,
}

/// Which way an amount is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RoundingMode {
    /// For the payer.
    Down,
    /// Against the payer, but never above the full amount.
    Up,
    /// To the nearer one, halves up.
    Nearest,
}

impl Default for Rounding {
    /// To the whole đồng, for the payer.
    fn default() -> Self {
        Self {
            to_dong: 1,
            mode: RoundingMode::Down,
        }
    }
}

/// What a charge is computed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// How the dossier was filed.
    pub channel: Channel,
    /// The grounds that were declared, and accepted by whoever checked the papers.
    pub grounds: BTreeSet<String>,
    /// How many of each thing that fees are counted by.
    pub quantities: BTreeMap<String, u32>,
}
