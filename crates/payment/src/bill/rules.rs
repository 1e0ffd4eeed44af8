//! How a bill stands, from its sums alone. Pure.
//! It refuses to keep a state beside the money: whoever changes a sum asks here again.

use super::{Bill, Standing};
use kernel::Dong;

/// How a bill stands.
pub(crate) fn standing(bill: &Bill) -> Standing {
    let here = here(bill);
    let came = bill.settled.get() + bill.surplus.get();
    if bill.refunded > Dong::ZERO && here.is_zero() && came > 0 {
        return Standing::Refunded;
    }
    if bill.cancelled_at.is_some() {
        return if here.is_zero() {
            Standing::Cancelled
        } else {
            Standing::Over
        };
    }
    if here > bill.amount {
        Standing::Over
    } else if bill.settled == bill.amount {
        Standing::Paid
    } else if bill.settled.is_zero() {
        Standing::Open
    } else {
        Standing::Partly
    }
}

/// What is still to come.
pub(crate) fn waiting(bill: &Bill) -> Dong {
    if bill.cancelled_at.is_some() {
        Dong::ZERO
    } else {
        Dong::new((bill.amount.get() - bill.settled.get()).max(0))
    }
}

/// What came and has not gone back: the most that a refund can be.
pub(crate) fn here(bill: &Bill) -> Dong {
    Dong::new((bill.settled.get() + bill.surplus.get() - bill.refunded.get()).max(0))
}
