//! The table of tariffs: for each procedure and first day one tariff, kept as it was entered.
//! It refuses a tariff that is not sound: only checked ones come here.

use kernel::{Date, ProcedureCode, Timestamp};
use store::{StoreError, Tx};

use super::{CheckedTariff, Tariff};
use crate::PaymentError;
use identity::AccountId;

/// Enters a tariff, or replaces the one of the same procedure and first day.
pub(crate) fn put(tx: &mut Tx, tariff: &CheckedTariff, by: AccountId, now: Timestamp) -> Result<(), PaymentError> {
    let tariff = tariff.tariff();
    let content = serde_json::to_value(tariff).map_err(|error| PaymentError::Damaged(error.to_string()))?;
    tx.execute(
        "INSERT INTO tariff (procedure_code, valid_from, content, entered_at, entered_by) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (procedure_code, valid_from) DO UPDATE SET content = excluded.content,
             entered_at = excluded.entered_at, entered_by = excluded.entered_by",
        &[&tariff.procedure, &tariff.valid_from, &content, &now, &by],
    )?;
    Ok(())
}

fn read(content: serde_json::Value) -> Result<CheckedTariff, PaymentError> {
    let damaged = |why: String| PaymentError::Damaged(why);
    let tariff: Tariff = serde_json::from_value(content).map_err(|error| damaged(error.to_string()))?;
    tariff
        .checked()
        .map_err(|faults| damaged(faults.first().map(ToString::to_string).unwrap_or_default()))
}

/// Every tariff of a procedure.
pub(crate) fn of_procedure(tx: &mut Tx, procedure: &ProcedureCode) -> Result<Vec<CheckedTariff>, PaymentError> {
    let rows = tx.all(
        "SELECT content FROM tariff WHERE procedure_code = $1 ORDER BY valid_from LIMIT 1000",
        &[procedure],
        |row| row.get(0),
    )?;
    rows.into_iter().map(read).collect()
}

/// Every tariff: procedure, first day, when it was entered. Newest first.
pub(crate) fn list(tx: &mut Tx, limit: i64) -> Result<Vec<(ProcedureCode, Date, Timestamp)>, StoreError> {
    tx.all(
        "SELECT procedure_code, valid_from, entered_at FROM tariff ORDER BY entered_at DESC, procedure_code LIMIT $1",
        &[&limit],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}
