//! SQL of tokens. A token that was taken back keeps its row; its key opens nothing any more.
//! Refuses secrets: a row has the hash of one.

use ::store::sql::UuidList;
use ::store::{Row, StoreError, Tx};
use kernel::{Date, Timestamp};

use super::{Token, TokenId};
use crate::policy::Action;
use crate::unit::UnitId;

/// Most tokens of a list.
const LIST_MAX: i64 = 500;

/// Scopes as they are stored: names of actions, parted by spaces.
pub(super) fn scopes_text(scopes: &[Action]) -> String {
    scopes.iter().map(|action| action.name()).collect::<Vec<_>>().join(" ")
}

fn scopes_of(text: &str) -> Vec<Action> {
    let named = |name: &str| Action::ALL.iter().copied().find(|action| action.name() == name);
    text.split(' ').filter_map(named).collect()
}

fn read(row: &Row<'_>) -> Result<Token, StoreError> {
    let revoked: Option<Timestamp> = row.get(13)?;
    let revoked_who: Option<String> = row.get(14)?;
    Ok(Token {
        id: row.get(0)?,
        unit: row.get(1)?,
        name: row.get(2)?,
        scopes: scopes_of(&row.get::<String>(3)?),
        per_minute: row.get(4)?,
        per_day: row.get(5)?,
        account: row.get(6)?,
        who: row.get(7)?,
        created_at: row.get(8)?,
        expires_on: row.get(9)?,
        used_on: row.get(10)?,
        used_count: row.get(11)?,
        used_at: row.get(12)?,
        revoked: revoked.map(|at| (at, revoked_who.unwrap_or_default())),
    })
}

/// The token of a key.
pub(super) fn find(tx: &mut Tx, key: &[u8]) -> Result<Option<Token>, StoreError> {
    tx.opt(
        "SELECT id, unit, name, scopes, per_minute, per_day, account, who, created_at, expires_on, used_on, used_count, used_at, \
         revoked_at, revoked_who FROM api_token WHERE key = $1",
        &[&key.to_vec()],
        read,
    )
}

pub(super) fn get(tx: &mut Tx, id: TokenId) -> Result<Option<Token>, StoreError> {
    tx.opt(
        "SELECT id, unit, name, scopes, per_minute, per_day, account, who, created_at, expires_on, used_on, used_count, used_at, \
         revoked_at, revoked_who FROM api_token WHERE id = $1",
        &[&id],
        read,
    )
}

pub(super) fn of_units(tx: &mut Tx, units: &[UnitId]) -> Result<Vec<Token>, StoreError> {
    tx.all(
        "SELECT id, unit, name, scopes, per_minute, per_day, account, who, created_at, expires_on, used_on, used_count, used_at, \
         revoked_at, revoked_who FROM api_token WHERE unit IN (SELECT value FROM uuid_list($1)) \
         ORDER BY created_at DESC, id DESC LIMIT $2",
        &[&UuidList::new(units.iter().map(|unit| unit.uuid())), &LIST_MAX],
        read,
    )
}

pub(super) fn insert(tx: &mut Tx, token: &Token, key: &[u8]) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO api_token (id, key, unit, name, scopes, per_minute, per_day, account, who, created_at, expires_on, \
         used_count) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0)",
        &[
            &token.id,
            &key.to_vec(),
            &token.unit,
            &token.name,
            &scopes_text(&token.scopes),
            &token.per_minute,
            &token.per_day,
            &token.account,
            &token.who,
            &token.created_at,
            &token.expires_on,
        ],
    )
    .map(|_| ())
}

/// Takes a token back; false when it was before.
pub(super) fn revoke(tx: &mut Tx, id: TokenId, who: &str, now: Timestamp) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE api_token SET revoked_at = $1, revoked_who = $2 WHERE id = $3 AND revoked_at IS NULL",
        &[&now, &who, &id],
    )?;
    Ok(changed == 1)
}

/// Adds requests to the count of a day; gives the count.
pub(super) fn used(tx: &mut Tx, id: TokenId, day: Date, count: i64, now: Timestamp) -> Result<i64, StoreError> {
    tx.one(
        "UPDATE api_token SET used_count = CASE WHEN used_on = $1 THEN used_count ELSE 0 END + $2, used_on = $1, used_at = $3 \
         WHERE id = $4 RETURNING used_count",
        &[&day, &count, &now, &id],
        |row| row.get(0),
    )
}
