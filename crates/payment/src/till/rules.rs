//! What must be in a till, and when it may be closed. Pure.
//! It refuses a difference that nobody explains.

use kernel::Dong;

use super::{Close, Closing, Till};
use crate::PaymentError;

/// What must be there: what lay there in the morning, and what moved.
pub(crate) fn expected(till: &Till, moved: Dong) -> Dong {
    [till.opening, moved].into_iter().sum()
}

/// What a closed till leaves for the next day; `None` while it is open.
pub(crate) fn left(till: &Till) -> Option<Dong> {
    let closing = till.closing.as_ref()?;
    Some(Dong::new(closing.counted.get() - closing.handed_over.get()))
}

/// The closing, or why it cannot be.
pub(crate) fn close(expected: Dong, close: &Close) -> Result<Closing, PaymentError> {
    let difference = Dong::new(close.counted.get() - expected.get());
    if close.counted < Dong::ZERO || close.handed_over < Dong::ZERO || close.handed_over > close.counted {
        return Err(PaymentError::HandedOver);
    }
    if !difference.is_zero() && close.why.is_none() {
        return Err(PaymentError::Difference(difference));
    }
    Ok(Closing {
        expected,
        counted: close.counted,
        handed_over: close.handed_over,
        at: close.now,
        by_name: close.by.name.clone(),
    })
}
