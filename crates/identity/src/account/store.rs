//! SQL of accounts, their secrets and their roles.
//! Passwords are hashes and second factors are sealed before they come here.

use ::store::keys::Sealed;
use ::store::sql::UuidList;
use ::store::{Row, StoreError, Tx};
use kernel::{Date, Timestamp};

use super::{Account, AccountId, AccountKind, Assignment, AssignmentId, Role};
use crate::person::{OrganisationId, PersonRef};
use crate::unit::UnitId;

/// Assignments of one account that are read; more is no career.
const ASSIGNMENTS_MAX: i64 = 500;
/// Roles of the officers that are looked at together.
const WORKING_MAX: i64 = 5_000;
/// Most rows of one page of accounts.
const PAGE_MAX: i64 = 100;
/// Accounts disabled by one run of the job.
const SWEEP_MAX: i64 = 500;

/// The secrets of an account: never outside this crate, never in a log.
#[derive(Clone)]
pub(crate) struct Secrets {
    pub(crate) password_hash: Option<String>,
    pub(crate) totp: Option<Sealed>,
    pub(crate) totp_last_step: Option<i64>,
}

pub(crate) fn get(tx: &mut Tx, id: AccountId) -> Result<Option<Account>, StoreError> {
    tx.opt(
        "SELECT id, kind, login, name, person, created_at, disabled_at, disabled_why, failures, locked_until, used_at, \
         signed_in_at, password_must_change, totp_confirmed_at, roles_version, organisation FROM account WHERE id = $1",
        &[&id],
        read_account,
    )
}

pub(crate) fn by_login(tx: &mut Tx, login: &str) -> Result<Option<Account>, StoreError> {
    tx.opt(
        "SELECT id, kind, login, name, person, created_at, disabled_at, disabled_why, failures, locked_until, used_at, \
         signed_in_at, password_must_change, totp_confirmed_at, roles_version, organisation FROM account WHERE login = $1",
        &[&login],
        read_account,
    )
}

/// The accounts of a person's record.
pub(crate) fn of_person(tx: &mut Tx, person: PersonRef, most: i64) -> Result<Vec<AccountId>, StoreError> {
    tx.all(
        "SELECT id FROM account WHERE person = $1 ORDER BY id LIMIT $2",
        &[&person, &most],
        |row| row.get(0),
    )
}

/// The account by which a person signs in for herself, on whichever of her records.
///
/// # Errors
/// When the store fails.
pub fn citizen_of(tx: &mut Tx, person: &[PersonRef]) -> Result<Option<AccountId>, StoreError> {
    let records = UuidList::new(person.iter().map(|record| record.uuid()));
    tx.opt(
        "SELECT id FROM account WHERE kind = 'citizen' AND disabled_at IS NULL \
         AND person IN (SELECT value FROM uuid_list($1)) ORDER BY created_at, id LIMIT 1",
        &[&records],
        |row| row.get(0),
    )
}

pub(crate) fn by_owner(tx: &mut Tx, owner_index: &[u8]) -> Result<Option<Account>, StoreError> {
    tx.opt(
        "SELECT id, kind, login, name, person, created_at, disabled_at, disabled_why, failures, locked_until, used_at, \
         signed_in_at, password_must_change, totp_confirmed_at, roles_version, organisation FROM account WHERE owner_index = $1",
        &[&owner_index.to_vec()],
        read_account,
    )
}

fn read_account(row: &Row<'_>) -> Result<Account, StoreError> {
    let disabled_at: Option<Timestamp> = row.get(6)?;
    let disabled_why: Option<String> = row.get(7)?;
    Ok(Account {
        id: row.get(0)?,
        // The table's own rule knows only the three kinds.
        kind: AccountKind::from_name(&row.get::<String>(1)?).unwrap_or(AccountKind::Citizen),
        login: row.get(2)?,
        name: row.get(3)?,
        person: row.get(4)?,
        created_at: row.get(5)?,
        disabled: disabled_at.map(|at| (at, disabled_why.unwrap_or_default())),
        failures: row.get(8)?,
        locked_until: row.get(9)?,
        used_at: row.get(10)?,
        signed_in_at: row.get(11)?,
        password_must_change: row.get(12)?,
        totp_confirmed_at: row.get(13)?,
        roles_version: row.get(14)?,
        organisation: row.get(15)?,
    })
}

pub(crate) fn secrets(tx: &mut Tx, id: AccountId) -> Result<Option<Secrets>, StoreError> {
    tx.opt(
        "SELECT password_hash, totp_secret, totp_last_step FROM account WHERE id = $1",
        &[&id],
        |row| {
            Ok(Secrets {
                password_hash: row.get(0)?,
                totp: row.get::<Option<Vec<u8>>>(1)?.map(Sealed::from_bytes),
                totp_last_step: row.get(2)?,
            })
        },
    )
}

/// A new account as it is inserted.
pub(crate) struct NewAccount<'a> {
    pub(crate) id: AccountId,
    pub(crate) kind: AccountKind,
    pub(crate) login: Option<&'a str>,
    pub(crate) name: &'a str,
    pub(crate) person: Option<PersonRef>,
    pub(crate) organisation: Option<OrganisationId>,
    pub(crate) owner_index: Option<Vec<u8>>,
    pub(crate) password_hash: Option<&'a str>,
    pub(crate) must_change: bool,
    pub(crate) created_by: Option<AccountId>,
    pub(crate) now: Timestamp,
}

/// Inserts an account; `false` when its sign-in name or owner has one already.
pub(crate) fn insert(tx: &mut Tx, new: &NewAccount<'_>) -> Result<bool, StoreError> {
    let inserted = tx.execute(
        "INSERT INTO account (id, kind, login, name, name_fold, name_sort, person, created_at, created_by, failures, \
         used_at, password_hash, password_set_at, password_must_change, roles_version, owner_index, organisation) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $8, $10, $11, $12, 0, $13, $14) ON CONFLICT DO NOTHING",
        &[
            &new.id,
            &new.kind.name(),
            &new.login,
            &new.name,
            &kernel::fold::fold(new.name),
            &kernel::fold::sort_key(new.name),
            &new.person,
            &new.now,
            &new.created_by,
            &new.password_hash,
            &new.password_hash.map(|_| new.now),
            &new.must_change,
            &new.owner_index,
            &new.organisation,
        ],
    )?;
    Ok(inserted == 1)
}

pub(crate) fn set_failures(
    tx: &mut Tx,
    id: AccountId,
    failures: i64,
    locked_until: Option<Timestamp>,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE account SET failures = $1, locked_until = $2 WHERE id = $3",
        &[&failures, &locked_until, &id],
    )?;
    Ok(())
}

pub(crate) fn signed_in(tx: &mut Tx, id: AccountId, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE account SET failures = 0, locked_until = NULL, used_at = $1, signed_in_at = $1 WHERE id = $2",
        &[&now, &id],
    )?;
    Ok(())
}

pub(crate) fn set_password(
    tx: &mut Tx,
    id: AccountId,
    hash: &str,
    must_change: bool,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE account SET password_hash = $1, password_set_at = $2, password_must_change = $3, failures = 0, \
         locked_until = NULL WHERE id = $4",
        &[&hash, &now, &must_change, &id],
    )?;
    Ok(())
}

pub(crate) fn set_totp(
    tx: &mut Tx,
    id: AccountId,
    secret: Option<&Sealed>,
    confirmed_at: Option<Timestamp>,
    step: Option<i64>,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE account SET totp_secret = $1, totp_confirmed_at = $2, totp_last_step = $3 WHERE id = $4",
        &[&secret.map(Sealed::as_bytes), &confirmed_at, &step, &id],
    )?;
    Ok(())
}

/// Takes a step of the one-time code; `false` when it or a later one was taken before.
pub(crate) fn take_totp_step(tx: &mut Tx, id: AccountId, step: i64) -> Result<bool, StoreError> {
    let taken = tx.execute(
        "UPDATE account SET totp_last_step = $1 WHERE id = $2 AND (totp_last_step IS NULL OR totp_last_step < $1)",
        &[&step, &id],
    )?;
    Ok(taken == 1)
}

pub(crate) fn replace_recovery_codes(
    tx: &mut Tx,
    id: AccountId,
    hashes: &[Vec<u8>],
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute("DELETE FROM account_recovery_code WHERE account = $1", &[&id])?;
    for hash in hashes {
        tx.execute(
            "INSERT INTO account_recovery_code (account, hash, created_at) VALUES ($1, $2, $3)",
            &[&id, hash, &now],
        )?;
    }
    Ok(())
}

/// Takes a recovery code; `false` when there is none like it or it was used.
pub(crate) fn take_recovery_code(tx: &mut Tx, id: AccountId, hash: &[u8], now: Timestamp) -> Result<bool, StoreError> {
    let taken = tx.execute(
        "UPDATE account_recovery_code SET used_at = $1 WHERE account = $2 AND hash = $3 AND used_at IS NULL",
        &[&now, &id, &hash.to_vec()],
    )?;
    Ok(taken == 1)
}

pub(crate) fn recovery_codes_left(tx: &mut Tx, id: AccountId) -> Result<i64, StoreError> {
    tx.one(
        "SELECT count(*) FROM account_recovery_code WHERE account = $1 AND used_at IS NULL",
        &[&id],
        |row| row.get(0),
    )
}

pub(crate) fn set_disabled(tx: &mut Tx, id: AccountId, why: Option<&str>, now: Timestamp) -> Result<(), StoreError> {
    match why {
        Some(why) => tx.execute(
            "UPDATE account SET disabled_at = $1, disabled_why = $2 WHERE id = $3",
            &[&now, &why, &id],
        )?,
        None => tx.execute(
            "UPDATE account SET disabled_at = NULL, disabled_why = NULL, failures = 0, locked_until = NULL, \
             used_at = $1 WHERE id = $2",
            &[&now, &id],
        )?,
    };
    Ok(())
}

/// Officers' accounts in use before `before` only.
pub(crate) fn unused(tx: &mut Tx, before: Timestamp) -> Result<Vec<AccountId>, StoreError> {
    tx.all(
        "SELECT id FROM account WHERE kind = 'officer' AND used_at <= $1 AND disabled_at IS NULL ORDER BY used_at LIMIT $2",
        &[&before, &SWEEP_MAX],
        |row| row.get(0),
    )
}

pub(crate) fn linked(tx: &mut Tx, provider: &str, subject_index: &[u8]) -> Result<Option<AccountId>, StoreError> {
    tx.opt(
        "SELECT account FROM account_link WHERE provider = $1 AND subject_index = $2",
        &[&provider, &subject_index.to_vec()],
        |row| row.get(0),
    )
}

pub(crate) fn link(
    tx: &mut Tx,
    provider: &str,
    subject_index: &[u8],
    account: AccountId,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO account_link (provider, subject_index, account, linked_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (provider, subject_index) DO UPDATE SET account = excluded.account, linked_at = excluded.linked_at",
        &[&provider, &subject_index.to_vec(), &account, &now],
    )?;
    Ok(())
}

pub(crate) fn assignments(tx: &mut Tx, account: AccountId) -> Result<Vec<Assignment>, StoreError> {
    tx.all(
        "SELECT id, account, role, unit, valid_from, valid_to, granted_by, granted_at, reason, withdrawn_at \
         FROM role_assignment WHERE account = $1 ORDER BY granted_at DESC, id DESC LIMIT $2",
        &[&account, &ASSIGNMENTS_MAX],
        read_assignment,
    )
    .map(|found| found.into_iter().flatten().collect())
}

pub(crate) fn assignment(tx: &mut Tx, id: AssignmentId) -> Result<Option<Assignment>, StoreError> {
    let found = tx.opt(
        "SELECT id, account, role, unit, valid_from, valid_to, granted_by, granted_at, reason, withdrawn_at \
         FROM role_assignment WHERE id = $1",
        &[&id],
        read_assignment,
    )?;
    Ok(found.flatten())
}

/// A role this program does not know grants nothing and is left out.
fn read_assignment(row: &Row<'_>) -> Result<Option<Assignment>, StoreError> {
    let Ok(role) = row.get::<String>(2)?.parse::<Role>() else {
        return Ok(None);
    };
    Ok(Some(Assignment {
        id: row.get(0)?,
        account: row.get(1)?,
        role,
        unit: row.get(3)?,
        valid_from: row.get(4)?,
        valid_to: row.get(5)?,
        granted_by: row.get(6)?,
        granted_at: row.get(7)?,
        reason: row.get(8)?,
        withdrawn_at: row.get(9)?,
    }))
}

pub(crate) fn insert_assignment(tx: &mut Tx, new: &Assignment) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO role_assignment (id, account, role, unit, valid_from, valid_to, granted_by, granted_at, reason) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            &new.id,
            &new.account,
            &new.role.name(),
            &new.unit,
            &new.valid_from,
            &new.valid_to,
            &new.granted_by,
            &new.granted_at,
            &new.reason,
        ],
    )?;
    bump_roles(tx, new.account)
}

pub(crate) fn withdraw_assignment(
    tx: &mut Tx,
    assignment: &Assignment,
    by: Option<AccountId>,
    why: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE role_assignment SET withdrawn_at = $1, withdrawn_by = $2, withdrawn_why = $3 WHERE id = $4",
        &[&now, &by, &why, &assignment.id],
    )?;
    bump_roles(tx, assignment.account)
}

fn bump_roles(tx: &mut Tx, account: AccountId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE account SET roles_version = roles_version + 1 WHERE id = $1",
        &[&account],
    )?;
    Ok(())
}

/// What the list of accounts filters by.
#[derive(Debug, Clone, Default)]
pub(crate) struct AccountFilter {
    /// Folded words to look for in name and sign-in name.
    pub(crate) text: String,
    /// Only accounts with this role today.
    pub(crate) role: Option<Role>,
    /// Rows to leave out at the beginning.
    pub(crate) skip: i64,
}

/// Officers who have or had a role at one of `units`; by name.
pub(crate) fn officers(
    tx: &mut Tx,
    units: &[UnitId],
    filter: &AccountFilter,
    day: Date,
    most: i64,
) -> Result<Vec<Account>, StoreError> {
    let like = ::store::sql::like_contains(&filter.text);
    let role = filter.role.map(Role::name);
    let units = UuidList::new(units.iter().map(|unit| unit.uuid()));
    tx.all(
        "SELECT a.id, a.kind, a.login, a.name, a.person, a.created_at, a.disabled_at, a.disabled_why, a.failures, \
         a.locked_until, a.used_at, a.signed_in_at, a.password_must_change, a.totp_confirmed_at, a.roles_version, a.organisation \
         FROM account a WHERE a.kind = 'officer' \
         AND (a.name_fold LIKE $1 ESCAPE '\\' OR a.login LIKE $1 ESCAPE '\\') \
         AND EXISTS (SELECT 1 FROM role_assignment r WHERE r.account = a.id \
             AND r.unit IN (SELECT value FROM uuid_list($2))) \
         AND (CAST($3 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM role_assignment h WHERE h.account = a.id \
             AND h.role = $3 AND h.withdrawn_at IS NULL AND h.valid_from <= $4 \
             AND (h.valid_to IS NULL OR h.valid_to >= $4))) \
         ORDER BY a.name_sort, a.id LIMIT $5 OFFSET $6",
        &[&like, &units, &role, &day, &most.clamp(1, PAGE_MAX), &filter.skip.max(0)],
        read_account,
    )
}

/// How many accounts `officers` would give without paging.
pub(crate) fn officers_count(
    tx: &mut Tx,
    units: &[UnitId],
    filter: &AccountFilter,
    day: Date,
) -> Result<i64, StoreError> {
    let like = ::store::sql::like_contains(&filter.text);
    let role = filter.role.map(Role::name);
    let units = UuidList::new(units.iter().map(|unit| unit.uuid()));
    tx.one(
        "SELECT count(*) FROM account a WHERE a.kind = 'officer' \
         AND (a.name_fold LIKE $1 ESCAPE '\\' OR a.login LIKE $1 ESCAPE '\\') \
         AND EXISTS (SELECT 1 FROM role_assignment r WHERE r.account = a.id \
             AND r.unit IN (SELECT value FROM uuid_list($2))) \
         AND (CAST($3 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM role_assignment h WHERE h.account = a.id \
             AND h.role = $3 AND h.withdrawn_at IS NULL AND h.valid_from <= $4 \
             AND (h.valid_to IS NULL OR h.valid_to >= $4)))",
        &[&like, &units, &role, &day],
        |row| row.get(0),
    )
}

/// How many officers whose accounts are enabled hold each role at the units today.
pub(crate) fn role_counts(tx: &mut Tx, units: &[UnitId], day: Date) -> Result<Vec<(Role, i64)>, StoreError> {
    let units = UuidList::new(units.iter().map(|unit| unit.uuid()));
    let found = tx.all(
        "SELECT r.role, count(DISTINCT r.account) FROM role_assignment r JOIN account a ON a.id = r.account \
         WHERE r.unit IN (SELECT value FROM uuid_list($1)) AND a.disabled_at IS NULL AND r.withdrawn_at IS NULL \
         AND r.valid_from <= $2 AND (r.valid_to IS NULL OR r.valid_to >= $2) GROUP BY r.role",
        &[&units, &day],
        |row| Ok((row.get::<String>(0)?, row.get::<i64>(1)?)),
    )?;
    Ok(found
        .into_iter()
        .filter_map(|(role, count)| Some((role.parse().ok()?, count)))
        .collect())
}

/// Who holds a role at the units today, by unit. Who cannot sign in holds nothing: a disabled account is given no work.
///
/// # Errors
/// When the store fails.
pub fn holders(
    tx: &mut Tx,
    units: &[UnitId],
    role: Role,
    day: Date,
    skip: i64,
) -> Result<Vec<(AccountId, String, UnitId, Date)>, StoreError> {
    let units = UuidList::new(units.iter().map(|unit| unit.uuid()));
    tx.all(
        "SELECT a.id, a.name, r.unit, r.valid_from FROM role_assignment r JOIN account a ON a.id = r.account \
         WHERE r.unit IN (SELECT value FROM uuid_list($1)) AND r.role = $2 AND a.disabled_at IS NULL \
         AND r.withdrawn_at IS NULL AND r.valid_from <= $3 AND (r.valid_to IS NULL OR r.valid_to >= $3) \
         ORDER BY a.name_sort, a.id, r.id LIMIT $4 OFFSET $5",
        &[&units, &role.name(), &day, &PAGE_MAX, &skip.max(0)],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
    )
}

/// Which of these officers work today: the units and roles that they hold while their accounts are enabled.
///
/// # Errors
/// When the store fails.
pub fn working(tx: &mut Tx, accounts: &[AccountId], day: Date) -> Result<Vec<(AccountId, UnitId, Role)>, StoreError> {
    let accounts = UuidList::new(accounts.iter().map(|account| account.uuid()));
    let found = tx.all(
        "SELECT r.account, r.unit, r.role FROM role_assignment r JOIN account a ON a.id = r.account \
         WHERE r.account IN (SELECT value FROM uuid_list($1)) AND a.disabled_at IS NULL AND r.withdrawn_at IS NULL \
         AND r.valid_from <= $2 AND (r.valid_to IS NULL OR r.valid_to >= $2) ORDER BY r.account, r.id LIMIT $3",
        &[&accounts, &day, &WORKING_MAX],
        |row| Ok((row.get(0)?, row.get(1)?, row.get::<String>(2)?)),
    )?;
    Ok(found
        .into_iter()
        .filter_map(|(account, unit, role)| Some((account, unit, role.parse().ok()?)))
        .collect())
}

/// Names at work of officers, by id.
pub(crate) fn names(
    tx: &mut Tx,
    ids: &[AccountId],
) -> Result<std::collections::HashMap<AccountId, String>, StoreError> {
    let ids = UuidList::new(ids.iter().map(|id| id.uuid()));
    let found = tx.all(
        "SELECT id, name FROM account WHERE id IN (SELECT value FROM uuid_list($1)) AND kind = 'officer'",
        &[&ids],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(found.into_iter().collect())
}
