//! What a receipt is read from: a payment that settled, its bill. What came beyond a bill has none: it goes back.
//! Refuses a payment without a number.

use ::store::Tx;

use super::{Bill, Payment, PaymentId, store};
use crate::PaymentError;

/// The payment, its bill, year and number of the receipt.
pub(crate) fn load(tx: &mut Tx, id: PaymentId) -> Result<(Payment, Bill, (i64, i64)), PaymentError> {
    let payment = store::payment(tx, id)?;
    let number = payment.receipt.ok_or(PaymentError::NotFound("receipt"))?;
    let bill = store::find(tx, payment.bill)?;
    Ok((payment, bill, number))
}
