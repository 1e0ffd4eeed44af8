//! SQL of approvals, and the condition of a rule as SQL. One row holds for a kind at a time; those of the past stay.
//! Refuses every row when a condition could not be said in SQL.

use ::store::{EngineKind, StoreError, Tx};
use definition::expression::{Parameter, compile};
use identity::AccountId;
use kernel::{Date, Timestamp};
use sea_query::Expr;
use uuid::Uuid;

use super::{Approval, Published, rule_digest};
use crate::import::store::open_batch;
use crate::kind::Kind;

/// Most approvals of one kind that are read.
const HISTORY_MAX: i64 = 200;

/// The rule of a kind that holds now, whether it shows records or counts them; none when there is no rule, or nobody approved it as it
/// stands.
///
/// # Errors
/// As [`Tx::opt`].
pub fn in_force(tx: &mut Tx, kind: &Kind) -> Result<Option<Published>, StoreError> {
    let Some(rule) = rule_digest(kind) else {
        return Ok(None);
    };
    let live = history(tx, kind)?
        .into_iter()
        .find(|approval| approval.withdrawn.is_none());
    let live = live.filter(|approval| approval.rule == rule);
    Ok(live.and_then(|approval| Published::proposed(kind, approval)))
}

/// What of the single records of a kind everybody may see; none when nothing is, or when records are only counted.
///
/// # Errors
/// As [`Tx::opt`].
pub fn published(tx: &mut Tx, kind: &Kind) -> Result<Option<Published>, StoreError> {
    Ok(in_force(tx, kind)?.filter(|published| !published.rule.is_counted()))
}

/// The import whose rows nobody sees yet: a query over the table leaves rows of this `batch` out.
///
/// # Errors
/// As [`Tx::opt`].
pub fn hidden(tx: &mut Tx, kind: &Kind) -> Result<Option<Uuid>, StoreError> {
    open_batch(tx, kind)
}

/// Every approval of a kind, the last first.
///
/// # Errors
/// As [`Tx::all`].
pub fn history(tx: &mut Tx, kind: &Kind) -> Result<Vec<Approval>, StoreError> {
    tx.all(
        "SELECT id, rule, rows_seen, account, who, approved_at, withdrawn_who, withdrawn_reason, withdrawn_at \
         FROM register_open WHERE system = $1 AND kind = $2 ORDER BY approved_at DESC, id DESC LIMIT $3",
        &[&kind.system.code, &kind.record.name, &HISTORY_MAX],
        |row| {
            let withdrawn: (Option<String>, Option<String>, Option<Timestamp>) =
                (row.get(6)?, row.get(7)?, row.get(8)?);
            Ok(Approval {
                id: row.get(0)?,
                rule: row.get(1)?,
                rows_seen: row.get(2)?,
                account: row.get(3)?,
                who: row.get(4)?,
                approved_at: row.get(5)?,
                withdrawn: match withdrawn {
                    (who, reason, Some(at)) => Some((who.unwrap_or_default(), reason.unwrap_or_default(), at)),
                    _ => None,
                },
            })
        },
    )
}

/// Records an approval; one that holds ends with it.
///
/// # Errors
/// As [`Tx::execute`].
pub fn approve(tx: &mut Tx, kind: &Kind, approval: &Approval) -> Result<(), StoreError> {
    withdraw(tx, kind, approval.account, &approval.who, "", approval.approved_at)?;
    tx.execute(
        "INSERT INTO register_open (id, system, kind, rule, rows_seen, account, who, approved_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            &approval.id,
            &kind.system.code,
            &kind.record.name,
            &approval.rule,
            &approval.rows_seen,
            &approval.account,
            &approval.who,
            &approval.approved_at,
        ],
    )
    .map(|_| ())
}

/// Ends the approval that holds; says whether there was one.
///
/// # Errors
/// As [`Tx::execute`].
pub fn withdraw(
    tx: &mut Tx,
    kind: &Kind,
    account: Option<AccountId>,
    who: &str,
    reason: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let ended = tx.execute(
        "UPDATE register_open SET withdrawn_account = $1, withdrawn_who = $2, withdrawn_reason = $3, withdrawn_at = $4 \
         WHERE system = $5 AND kind = $6 AND withdrawn_at IS NULL",
        &[&account, &who, &reason, &now, &kind.system.code, &kind.record.name],
    )?;
    Ok(ended > 0)
}

impl Published {
    /// The same as a condition on rows of the kind's table; none when all rows leave.
    #[must_use]
    pub fn condition(&self, kind: &Kind, engine: EngineKind, today: Date) -> Option<Expr> {
        let rows = self.rule.rows.as_ref()?;
        let column = |path: &str| kind.column(path).map(|column| column.name.clone());
        let environment = kind.record.environment("");
        // The checker has seen to it that a database can decide the condition; if it ever could not, nothing leaves.
        let Ok(fragment) = compile(rows, &environment, &column, 1, today) else {
            return Some(Expr::value(false));
        };
        let values: Vec<sea_query::Value> = fragment
            .parameters
            .iter()
            .map(|parameter| match parameter {
                Parameter::Text(text) => text.clone().into(),
                Parameter::Date(day) => (*day).into(),
            })
            .collect();
        Some(Expr::cust_with_values(in_marks_of(&fragment.text, engine), values))
    }
}

/// Marks of parameters as the engine's builder counts them: `$1`, `$2` on PostgreSQL, one `?` each on SQLite.
fn in_marks_of(text: &str, engine: EngineKind) -> String {
    if engine == EngineKind::Postgres {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c == '$' {
            out.push('?');
            while rest.peek().is_some_and(char::is_ascii_digit) {
                rest.next();
            }
        } else {
            out.push(c);
        }
    }
    out
}
