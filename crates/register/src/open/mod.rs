//! What of a register everybody may see: the `open` rule of a kind, once somebody approved exactly that rule. Owns the approval and the
//! question "which fields, which rows"; whoever answers somebody who is not signed in asks here. Refuses a rule that was changed
//! since, and rows that the rule leaves out.
//! Law: NĐ 47/2020/NĐ-CP articles 17 to 21 (open data of state agencies).

pub(crate) mod store;

use definition::OpenData;
use definition::expression::Facts;
use identity::AccountId;
use kernel::{Date, Timestamp};
use ring::digest::{SHA256, digest};
use uuid::Uuid;

use crate::kind::Kind;
use crate::record::Record;

pub use store::{approve, hidden, history, in_force, published, withdraw};

/// An approval, and its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Its row.
    pub id: Uuid,
    /// Digest of the rule that was approved.
    pub rule: String,
    /// How many rows whoever approved saw would leave.
    pub rows_seen: i64,
    /// Who.
    pub account: Option<AccountId>,
    /// Under which name.
    pub who: String,
    /// When.
    pub approved_at: Timestamp,
    /// Who took it back, why and when.
    pub withdrawn: Option<(String, String, Timestamp)>,
}

/// The rule of a kind that holds: it is in the definition, and was approved as it stands there.
#[derive(Debug, Clone)]
pub struct Published {
    /// The rule.
    pub rule: &'static OpenData,
    /// The fields that leave, as positions among the columns of the kind, in the order of the rule.
    pub columns: Vec<usize>,
    /// Whether the place of a record leaves.
    pub geometry: bool,
    /// Its approval.
    pub approval: Approval,
}

/// The digest of what the definition says is open, with the shapes of its fields; none when nothing is.
#[must_use]
pub fn rule_digest(kind: &Kind) -> Option<String> {
    let rule = kind.record.open.as_ref()?;
    let shapes: Vec<String> = columns(kind, rule)
        .into_iter()
        .map(|at| format!("{}:{}", kind.columns[at].field.name, kind.columns[at].shape.word()))
        .collect();
    let text = format!("{}\n{}", rule.canonical(), shapes.join(","));
    Some(hex::encode(&digest(&SHA256, text.as_bytes()).as_ref()[..16]))
}

/// The fields of a rule as positions among the columns. A personal field is no part of a checked rule; it is left out here again.
#[must_use]
pub fn columns(kind: &Kind, rule: &OpenData) -> Vec<usize> {
    let places = rule.fields.iter().filter_map(|name| {
        kind.columns
            .iter()
            .position(|column| column.field.name == *name && !column.shape.is_personal())
    });
    places.collect()
}

impl Published {
    /// The rule of a kind as if it were approved: for the preview before somebody does.
    #[must_use]
    pub fn proposed(kind: &Kind, approval: Approval) -> Option<Self> {
        let rule = kind.record.open.as_ref()?;
        Some(Self {
            rule,
            columns: columns(kind, rule),
            geometry: rule.geometry && kind.geometry().is_some() && !rule.is_counted(),
            approval,
        })
    }

    /// Whether a field leaves.
    #[must_use]
    pub fn shows(&self, kind: &Kind, field: &str) -> bool {
        self.columns.iter().any(|at| kind.columns[*at].field.name == field)
    }

    /// Whether a record is among the rows of the rule. Unknown is not.
    #[must_use]
    pub fn admits(&self, record: &Record, today: Date) -> bool {
        let Some(rows) = &self.rule.rows else { return true };
        let mut facts = Facts::new(today);
        for (name, value) in &record.values {
            facts.set(name.as_str(), value.clone());
        }
        rows.evaluate(&facts).is_true()
    }
}
