//! The table of receiving accounts. A bank's account stands in it once, whoever entered it.
//! It refuses to forget one: bills and lines name it.

use identity::UnitId;
use store::sql::UuidList;
use store::{Row, StoreError, Tx};

use super::{PayAccount, PayAccountId};
use crate::PaymentError;

store::value_via_display!(crate::vietqr::BankBin, crate::vietqr::AccountNumber);

macro_rules! columns {
    () => {
        "id, unit, bank_bin, bank_name, number, holder, statement_format, notice_key, opened_at, closed_at, revision"
    };
}

fn account_of(row: &Row<'_>) -> Result<PayAccount, StoreError> {
    Ok(PayAccount {
        id: row.get(0)?,
        unit: row.get(1)?,
        bank_bin: row.get(2)?,
        bank_name: row.get(3)?,
        number: row.get(4)?,
        holder: row.get(5)?,
        statement_format: row.get(6)?,
        notice_key: row.get(7)?,
        opened_at: row.get(8)?,
        closed_at: row.get(9)?,
        revision: row.get(10)?,
    })
}

/// Enters an account.
///
/// # Errors
/// `AccountTaken` when it stands there already.
pub(crate) fn insert(tx: &mut Tx, account: &PayAccount) -> Result<(), PaymentError> {
    let written = tx.execute(
        "INSERT INTO payment_account (id, unit, bank_bin, bank_name, number, holder, statement_format, notice_key, opened_at,
             closed_at, revision)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (bank_bin, number) DO NOTHING",
        &[
            &account.id,
            &account.unit,
            &account.bank_bin,
            &account.bank_name,
            &account.number,
            &account.holder,
            &account.statement_format,
            &account.notice_key,
            &account.opened_at,
            &account.closed_at,
            &account.revision,
        ],
    )?;
    if written == 1 {
        Ok(())
    } else {
        Err(PaymentError::AccountTaken)
    }
}

/// Changes what may change: names, reading, key of notices, end. Bank and number never do.
///
/// # Errors
/// `Stale` when somebody else was faster.
pub(crate) fn update(tx: &mut Tx, account: &PayAccount) -> Result<(), PaymentError> {
    let before = account.revision - 1;
    let changed = tx.execute(
        "UPDATE payment_account SET bank_name = $1, holder = $2, statement_format = $3, notice_key = $4, closed_at = $5,
             revision = $6 WHERE id = $7 AND revision = $8",
        &[
            &account.bank_name,
            &account.holder,
            &account.statement_format,
            &account.notice_key,
            &account.closed_at,
            &account.revision,
            &account.id,
            &before,
        ],
    )?;
    if changed == 1 { Ok(()) } else { Err(PaymentError::Stale) }
}

/// One account.
pub(crate) fn find(tx: &mut Tx, id: PayAccountId) -> Result<PayAccount, PaymentError> {
    tx.opt(
        concat!("SELECT ", columns!(), " FROM payment_account WHERE id = $1"),
        &[&id],
        account_of,
    )?
    .ok_or(PaymentError::NotFound("account"))
}

/// The accounts of units, open ones first, at most 500.
pub(crate) fn of_units(tx: &mut Tx, units: &[UnitId]) -> Result<Vec<PayAccount>, StoreError> {
    let units = UuidList::new(units.iter().map(|unit| unit.uuid()));
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM payment_account WHERE unit IN (SELECT value FROM uuid_list($1))
             ORDER BY closed_at NULLS FIRST, opened_at, id LIMIT 500"
        ),
        &[&units],
        account_of,
    )
}

/// All open accounts, at most 5,000.
pub(crate) fn all_open(tx: &mut Tx) -> Result<Vec<PayAccount>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM payment_account WHERE closed_at IS NULL ORDER BY opened_at, id LIMIT 5000"
        ),
        &[],
        account_of,
    )
}

/// The oldest open account of a unit.
pub(crate) fn open_of(tx: &mut Tx, unit: UnitId) -> Result<Option<PayAccount>, StoreError> {
    tx.opt(
        concat!(
            "SELECT ",
            columns!(),
            " FROM payment_account WHERE unit = $1 AND closed_at IS NULL ORDER BY opened_at, id LIMIT 1"
        ),
        &[&unit],
        account_of,
    )
}
