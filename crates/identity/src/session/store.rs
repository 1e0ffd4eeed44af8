//! SQL of live sign-ins.
//! Tokens are stored as hashes: who reads the table cannot sign in with it.

use ::store::keys::Sealed;
use ::store::{Row, StoreError, Tx};
use kernel::Timestamp;

use super::{Level, Session, SessionId, Stage};
use crate::account::{AccountId, AssignmentId};

/// Sessions of one account that a list shows and that may live at once; the oldest go first.
pub(crate) const SESSIONS_MAX: i64 = 20;
/// Ended sessions removed by one run of the job.
const SWEEP_MAX: i64 = 5_000;

pub(crate) fn insert(tx: &mut Tx, key: &[u8], session: &Session) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO session (key, id, account, level, stage, device, created_at, seen_at, expires_at, acting, provider) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &[
            &key.to_vec(),
            &session.id,
            &session.account,
            &session.level.name(),
            &session.stage.name(),
            &session.device,
            &session.created_at,
            &session.seen_at,
            &session.expires_at,
            &session.acting,
            &session.provider,
        ],
    )?;
    Ok(())
}

/// Gives a session another token: what was in a cookie before is worth nothing afterwards.
pub(crate) fn rotate(
    tx: &mut Tx,
    id: SessionId,
    key: &[u8],
    level: Level,
    stage: Stage,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE session SET key = $1, level = $2, stage = $3, expires_at = $4, seen_at = $5 WHERE id = $6",
        &[&key.to_vec(), &level.name(), &stage.name(), &expires_at, &now, &id],
    )?;
    Ok(changed == 1)
}

pub(crate) fn find(tx: &mut Tx, key: &[u8]) -> Result<Option<Session>, StoreError> {
    tx.opt(
        "SELECT id, account, level, stage, device, created_at, seen_at, expires_at, acting, provider \
         FROM session WHERE key = $1",
        &[&key.to_vec()],
        read_session,
    )
}

pub(crate) fn of_account(tx: &mut Tx, account: AccountId) -> Result<Vec<Session>, StoreError> {
    tx.all(
        "SELECT id, account, level, stage, device, created_at, seen_at, expires_at, acting, provider \
         FROM session WHERE account = $1 ORDER BY seen_at DESC LIMIT $2",
        &[&account, &SESSIONS_MAX],
        read_session,
    )
}

fn read_session(row: &Row<'_>) -> Result<Session, StoreError> {
    // A level or stage this program does not know is the weakest one: it leads back to signing in.
    Ok(Session {
        id: row.get(0)?,
        account: row.get(1)?,
        level: Level::from_name(&row.get::<String>(2)?).unwrap_or(Level::Password),
        stage: Stage::from_name(&row.get::<String>(3)?).unwrap_or(Stage::Totp),
        device: row.get(4)?,
        created_at: row.get(5)?,
        seen_at: row.get(6)?,
        expires_at: row.get(7)?,
        acting: row.get(8)?,
        provider: row.get(9)?,
    })
}

pub(crate) fn touch(tx: &mut Tx, id: SessionId, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE session SET seen_at = $1 WHERE id = $2 AND seen_at < $1",
        &[&now, &id],
    )?;
    Ok(())
}

pub(crate) fn set_acting(
    tx: &mut Tx,
    id: SessionId,
    acting: AssignmentId,
    key: &[u8],
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE session SET acting = $1, key = $2, seen_at = $3 WHERE id = $4",
        &[&acting, &key.to_vec(), &now, &id],
    )?;
    Ok(())
}

pub(crate) fn end(tx: &mut Tx, account: AccountId, id: SessionId) -> Result<bool, StoreError> {
    Ok(tx.execute("DELETE FROM session WHERE id = $1 AND account = $2", &[&id, &account])? == 1)
}

/// Ends every session of an account, but the one named.
pub(crate) fn end_all(tx: &mut Tx, account: AccountId, but: Option<SessionId>) -> Result<u64, StoreError> {
    let but = but.map_or(uuid::Uuid::nil(), SessionId::uuid);
    tx.execute("DELETE FROM session WHERE account = $1 AND id <> $2", &[&account, &but])
}

/// Ends the oldest sessions of an account that has too many.
pub(crate) fn trim(tx: &mut Tx, account: AccountId) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM session WHERE id IN \
         (SELECT id FROM session WHERE account = $1 ORDER BY seen_at DESC, id DESC LIMIT 1000 OFFSET $2)",
        &[&account, &SESSIONS_MAX],
    )?;
    Ok(())
}

/// Removes sessions that ended by time.
pub(crate) fn sweep(tx: &mut Tx, expired_before: Timestamp, idle_before: Timestamp) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM session WHERE key IN \
         (SELECT key FROM session WHERE expires_at < $1 OR seen_at < $2 LIMIT $3)",
        &[&expired_before, &idle_before, &SWEEP_MAX],
    )
}

pub(crate) fn set_logout_hint(tx: &mut Tx, id: SessionId, hint: &Sealed) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE session SET logout_hint = $1 WHERE id = $2",
        &[&hint.as_bytes(), &id],
    )?;
    Ok(())
}

pub(crate) fn logout_hint(tx: &mut Tx, id: SessionId) -> Result<Option<Sealed>, StoreError> {
    let found = tx.opt("SELECT logout_hint FROM session WHERE id = $1", &[&id], |row| {
        row.get::<Option<Vec<u8>>>(0)
    })?;
    Ok(found.flatten().map(Sealed::from_bytes))
}

pub(crate) fn set_enrolment(tx: &mut Tx, id: SessionId, secret: Option<&Sealed>) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE session SET enrolment = $1 WHERE id = $2",
        &[&secret.map(Sealed::as_bytes), &id],
    )?;
    Ok(())
}

pub(crate) fn enrolment(tx: &mut Tx, id: SessionId) -> Result<Option<Sealed>, StoreError> {
    let found = tx.opt("SELECT enrolment FROM session WHERE id = $1", &[&id], |row| {
        row.get::<Option<Vec<u8>>>(0)
    })?;
    Ok(found.flatten().map(Sealed::from_bytes))
}
