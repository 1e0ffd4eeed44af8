//! The table of drafts. Every statement names the account: a draft of somebody else does not exist.
//! The content is sealed before it comes here; nothing of it can be searched.

use identity::AccountId;
use kernel::Timestamp;
use store::{Row, StoreError, Tx};

use super::{Draft, DraftId, Step};

store::value_via_display!(super::Step);

fn draft_of(row: &Row<'_>) -> Result<Draft, StoreError> {
    Ok(Draft {
        id: row.get(0)?,
        account: row.get(1)?,
        person: row.get(2)?,
        procedure: row.get(3)?,
        procedure_version: row.get(4)?,
        procedure_name: row.get(5)?,
        step: row.get(6)?,
        revision: row.get(7)?,
        created_at: row.get(8)?,
        changed_at: row.get(9)?,
    })
}

/// How many columns of a draft are read before what is added to them.
const COLUMNS: usize = 10;

macro_rules! columns {
    () => {
        "id, account, person, procedure_code, procedure_version, procedure_name, step, revision, created_at, changed_at"
    };
}

pub(crate) fn insert(tx: &mut Tx, draft: &Draft, content: &[u8]) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO draft (id, account, person, procedure_code, procedure_version, procedure_name, step, content, revision,
             created_at, changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &[
            &draft.id,
            &draft.account,
            &draft.person,
            &draft.procedure,
            &draft.procedure_version,
            &draft.procedure_name,
            &draft.step,
            &content,
            &draft.revision,
            &draft.created_at,
            &draft.changed_at,
        ],
    )?;
    Ok(())
}

/// Saves the answers of a draft; `false` when it is gone or was changed elsewhere meanwhile.
pub(crate) fn save(tx: &mut Tx, draft: &Draft, step: Step, content: &[u8], now: Timestamp) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE draft SET step = $1, content = $2, revision = revision + 1, changed_at = $3
         WHERE id = $4 AND account = $5 AND revision = $6",
        &[&step, &content, &now, &draft.id, &draft.account, &draft.revision],
    )?;
    Ok(changed == 1)
}

/// Carries a draft over to the version that holds; `false` when it is gone or was changed elsewhere meanwhile.
pub(crate) fn carry_over(tx: &mut Tx, draft: &Draft, content: &[u8], now: Timestamp) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE draft SET procedure_version = $1, content = $2, revision = revision + 1, changed_at = $3
         WHERE id = $4 AND account = $5 AND revision = $6",
        &[
            &draft.procedure_version,
            &content,
            &now,
            &draft.id,
            &draft.account,
            &draft.revision,
        ],
    )?;
    Ok(changed == 1)
}

pub(crate) fn find(tx: &mut Tx, id: DraftId, account: AccountId) -> Result<Option<Draft>, StoreError> {
    tx.opt(
        concat!("SELECT ", columns!(), " FROM draft WHERE id = $1 AND account = $2"),
        &[&id, &account],
        draft_of,
    )
}

/// A draft with its sealed answers.
pub(crate) fn opened(tx: &mut Tx, id: DraftId, account: AccountId) -> Result<Option<(Draft, Vec<u8>)>, StoreError> {
    tx.opt(
        concat!(
            "SELECT ",
            columns!(),
            ", content FROM draft WHERE id = $1 AND account = $2"
        ),
        &[&id, &account],
        |row| Ok((draft_of(row)?, row.get(COLUMNS)?)),
    )
}

/// Drafts of an account, last changed first.
pub(crate) fn of_account(tx: &mut Tx, account: AccountId) -> Result<Vec<Draft>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM draft WHERE account = $1 ORDER BY changed_at DESC, id DESC LIMIT 50"
        ),
        &[&account],
        draft_of,
    )
}

pub(crate) fn count(tx: &mut Tx, account: AccountId) -> Result<i64, StoreError> {
    tx.one("SELECT count(*) FROM draft WHERE account = $1", &[&account], |row| {
        row.get(0)
    })
}

/// How many drafts there are of some procedures, at most a thousand of them.
pub(crate) fn count_of(tx: &mut Tx, codes: &[String]) -> Result<i64, StoreError> {
    let mut count = 0;
    for code in codes.iter().take(1_000) {
        count += tx.one::<i64>("SELECT count(*) FROM draft WHERE procedure_code = $1", &[code], |row| {
            row.get(0)
        })?;
    }
    Ok(count)
}

/// Removes a draft; `false` when there was none.
pub(crate) fn delete(tx: &mut Tx, id: DraftId, account: AccountId) -> Result<bool, StoreError> {
    Ok(tx.execute("DELETE FROM draft WHERE id = $1 AND account = $2", &[&id, &account])? == 1)
}

/// Ids and accounts of drafts not changed since `before`, at most `limit`.
pub(crate) fn stale(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<Vec<(DraftId, AccountId)>, StoreError> {
    tx.all(
        "SELECT id, account FROM draft WHERE changed_at < $1 ORDER BY changed_at LIMIT $2",
        &[&before, &limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}
