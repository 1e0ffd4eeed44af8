//! Publishing: an officer sees what the rule of a kind would let out, and a leader of the province approves exactly that rule, or takes
//! the approval back. Both are rows with a name and an hour, and lines of the audit log. Refuses to approve a rule that was changed since
//! it was looked at.

pub(crate) mod http;
mod view;

use std::sync::Arc;

use ::store::StoreError;
use identity::{AccountId, audit};
use register::kind::Kind;
use register::open::{self, Approval, Published, rule_digest};
use uuid::Uuid;

use crate::rows::{self, Cell, Measured, Sheet};
use crate::{OpenError, Portal};

/// Rows that a preview shows.
const PREVIEW_ROWS: u64 = 20;
/// Longest reason, in characters.
const REASON_CHARS_MAX: usize = 1_000;

/// Where the rule of a kind stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nobody approved it, or the approval was taken back.
    Waiting,
    /// It was approved as it was before, and was changed since.
    Changed,
    /// It holds.
    Published,
}

/// What somebody looks at before she approves.
#[derive(Debug, Clone)]
pub struct Preview {
    /// Where the rule stands.
    pub standing: Standing,
    /// The digest of the rule that is looked at.
    pub rule: String,
    /// What would leave.
    pub sheet: Sheet,
    /// The first rows of it.
    pub rows: Vec<Vec<Cell>>,
    /// How many, and since when.
    pub measured: Measured,
    /// Approvals of the past, the last first.
    pub history: Vec<Approval>,
}

/// Who approves or takes back.
#[derive(Debug, Clone)]
pub struct Publisher {
    /// The account; none for the program itself.
    pub account: Option<AccountId>,
    /// The name that stands beside the approval.
    pub who: String,
}

impl Publisher {
    fn actor(&self) -> audit::Actor {
        self.account.map_or(audit::Actor::System, audit::Actor::Account)
    }
}

impl Portal {
    /// Where the rule of a kind stands; none when nothing of it is open.
    ///
    /// # Errors
    /// What the store says.
    pub async fn standing(&self, kind: &Arc<Kind>) -> Result<Option<Standing>, StoreError> {
        let Some(rule) = rule_digest(kind) else {
            return Ok(None);
        };
        let kind = kind.clone();
        let history = self.store().read(move |tx| open::history(tx, &kind)).await?;
        Ok(Some(standing(&rule, &history)))
    }

    /// What would leave by the rule of a kind.
    ///
    /// # Errors
    /// `NotFound` when nothing of it is open; what the store says.
    pub async fn preview(&self, kind: &Arc<Kind>) -> Result<Preview, OpenError> {
        let rule = rule_digest(kind).ok_or(OpenError::NotFound)?;
        let (portal, kind, now) = (self.clone(), kind.clone(), self.now());
        self.store()
            .read(move |tx| {
                let history = open::history(tx, &kind)?;
                let proposal = Approval {
                    id: Uuid::nil(),
                    rule: rule.clone(),
                    rows_seen: 0,
                    account: None,
                    who: String::new(),
                    approved_at: now,
                    withdrawn: None,
                };
                let published = Published::proposed(&kind, proposal).ok_or(OpenError::NotFound)?;
                let sheet = Sheet::of(portal.register(), &kind, &published);
                let rows = rows::page(tx, &sheet, None, 0, PREVIEW_ROWS, now.local_date())?;
                let measured = rows::measure(tx, &sheet, now.local_date())?;
                Ok(Preview {
                    standing: standing(&rule, &history),
                    rule: rule.clone(),
                    sheet,
                    rows,
                    measured,
                    history,
                })
            })
            .await
    }

    /// Approves the rule of a kind that was looked at; from now on everybody sees what it lets out.
    ///
    /// # Errors
    /// `RuleChanged` when it is another one by now; what the store says.
    pub async fn approve(&self, kind: &Arc<Kind>, rule: &str, by: &Publisher) -> Result<(), OpenError> {
        if rule_digest(kind).as_deref() != Some(rule) {
            return Err(OpenError::RuleChanged);
        }
        let seen = self.preview(kind).await?;
        let approval = Approval {
            id: register::RecordId::new(self.register().world().as_ref()).uuid(),
            rule: rule.to_owned(),
            rows_seen: seen.measured.rows,
            account: by.account,
            who: by.who.clone(),
            approved_at: self.now(),
            withdrawn: None,
        };
        let (of, by, now) = (kind.clone(), by.clone(), self.now());
        self.store()
            .write(move |tx| {
                let history = open::history(tx, &of)?;
                if standing(&approval.rule, &history) == Standing::Published {
                    // Somebody was faster: it is approved.
                    return Ok::<_, StoreError>(());
                }
                open::approve(tx, &of, &approval)?;
                let detail = audit::detail([("rule", approval.rule.clone())]);
                audit::append(tx, by.actor(), "open.approve", &subject(&of), detail, now).map(|_| ())
            })
            .await?;
        self.sync_kind(kind).await
    }

    /// Takes an approval back; from now on nobody sees anything of it.
    ///
    /// # Errors
    /// `ReasonMissing`; what the store says.
    pub async fn take_back(&self, kind: &Arc<Kind>, reason: &str, by: &Publisher) -> Result<(), OpenError> {
        let reason = reason.trim().to_owned();
        if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
            return Err(OpenError::ReasonMissing);
        }
        let (of, by, now) = (kind.clone(), by.clone(), self.now());
        self.store()
            .write(move |tx| {
                if open::withdraw(tx, &of, by.account, &by.who, &reason, now)? {
                    audit::append(tx, by.actor(), "open.withdraw", &subject(&of), audit::detail([]), now)?;
                }
                Ok::<_, StoreError>(())
            })
            .await?;
        self.sync_kind(kind).await
    }
}

fn subject(kind: &Kind) -> String {
    format!("{}/{}", kind.system.code, kind.record.name)
}

fn standing(rule: &str, history: &[Approval]) -> Standing {
    match history.iter().find(|approval| approval.withdrawn.is_none()) {
        Some(live) if live.rule == rule => Standing::Published,
        Some(_) => Standing::Changed,
        None => Standing::Waiting,
    }
}
