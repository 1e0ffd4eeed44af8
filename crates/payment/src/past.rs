//! Money of the past, for demonstrations and measurements: cash at tills that are closed in the evening, transfers that a bank
//! tells of, and the statement that brings them again at the end of the month. Everything goes through the same commands as on
//! any day; only the hour is given. Refuses what those refuse.

use ::store::Tx;
use identity::{AccountId, UnitId};
use kernel::{Date, Dong, Timestamp};

use crate::account::PayAccount;
use crate::import::{self, Batch, Source};
use crate::reconcile::{BillId, BillReference};
use crate::statement::{Direction, Line, Statement};
use crate::till::{self, Close, Taking, TillId};
use crate::{By, PaymentError, Payments};

/// Who takes cash, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cashier {
    /// The officer.
    pub account: AccountId,
    /// Her name.
    pub name: String,
    /// The desk.
    pub desk: UnitId,
    /// Its name.
    pub desk_name: String,
}

impl Cashier {
    fn by(&self) -> By {
        By {
            account: self.account,
            name: self.name.clone(),
        }
    }
}

/// A transfer that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// The bill that its text names.
    pub reference: BillReference,
    /// How much.
    pub amount: Dong,
    /// Who paid, as the bank says.
    pub payer: String,
    /// The day.
    pub on: Date,
}

impl Transfer {
    fn line(&self, number: u64) -> Line {
        Line {
            number,
            booked_on: self.on,
            amount: self.amount,
            direction: Direction::In,
            counterparty: Some(self.payer.clone()),
            text: self.reference.to_string(),
            bank_reference: Some(format!("FT{}", self.reference)),
        }
    }
}

/// The statement of an account over some days.
#[derive(Debug, Clone)]
pub struct Month {
    /// First and last day.
    pub days: (Date, Date),
    /// What lay there before.
    pub opening: Dong,
    /// What came, in the order of the days.
    pub transfers: Vec<Transfer>,
}

/// One deed: minted and sealed, ready to be done in its order.
#[derive(Debug, Clone)]
pub struct Deed(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Cash(Box<Taking>),
    /// With what differs from what must be there.
    Close(Box<Close>, Dong),
    Bank(Box<Batch>),
}

/// A till of a desk on a day that is to come, so that all cash of the day and its closing mean the same one.
#[must_use]
pub fn till(house: &Payments) -> TillId {
    TillId::new(house.world().as_ref())
}

/// Whether any cash was ever taken: a till is not opened before one that was closed.
///
/// # Errors
/// When the store fails.
pub fn has_tills(tx: &mut Tx) -> Result<bool, ::store::StoreError> {
    till::store::any(tx)
}

impl Deed {
    /// Cash for all that `bill` waits for.
    #[must_use]
    pub fn cash(house: &Payments, bill: BillId, cashier: &Cashier, till: TillId, at: Timestamp) -> Self {
        let taking = Taking::past(house.identity(), bill, cashier.by(), at);
        Self(Kind::Cash(Box::new(taking.into_till(
            till,
            cashier.desk,
            &cashier.desk_name,
        ))))
    }

    /// The closing of a till: all is handed over. `difference` is what was counted beyond what must be there, and why; no more
    /// can be missing than must be there.
    #[must_use]
    pub fn close(
        house: &Payments,
        till: TillId,
        cashier: &Cashier,
        at: Timestamp,
        difference: Option<(Dong, &str)>,
    ) -> Self {
        let world = house.world().as_ref();
        let why = difference.map(|(_, why)| house.keys().seal(world, &till::why_context(till), why.as_bytes()));
        let close = Close {
            till,
            counted: Dong::ZERO,
            handed_over: Dong::ZERO,
            why: why.map(::store::keys::Sealed::into_bytes),
            by: cashier.by(),
            now: at,
            event: kernel::id::uuid_v7(world),
        };
        let beyond = difference.map_or(Dong::ZERO, |(beyond, _)| beyond);
        Self(Kind::Close(Box::new(close), beyond))
    }

    /// The bank tells of a transfer.
    ///
    /// # Errors
    /// When it cannot be sealed.
    pub fn arrives(
        house: &Payments,
        account: &PayAccount,
        transfer: &Transfer,
        at: Timestamp,
    ) -> Result<Self, PaymentError> {
        let mut batch = Batch::of_notice(house, account.clone(), Vec::new(), transfer.line(1))?;
        batch.now = at;
        Ok(Self(Kind::Bank(Box::new(batch))))
    }

    /// The bank's statement is taken in.
    ///
    /// # Errors
    /// When it cannot be sealed, or has more lines than one transaction takes.
    pub fn statement(
        house: &Payments,
        account: &PayAccount,
        month: &Month,
        by: (AccountId, String),
        at: Timestamp,
    ) -> Result<Self, PaymentError> {
        let lines: Vec<Line> = (1..)
            .zip(&month.transfers)
            .map(|(number, one)| one.line(number))
            .collect();
        let came: Dong = lines.iter().map(|line| line.amount).sum();
        let statement = Statement {
            account: account.number.to_string(),
            from: month.days.0,
            to: month.days.1,
            opening: Some(month.opening),
            closing: Some([month.opening, came].into_iter().sum()),
            lines,
            doubled: Vec::new(),
        };
        let once = kernel::id::uuid_v7(house.world().as_ref());
        // There is no file: what tells it from others is what would be in it.
        let sha256 = house.keys().blind_index(
            "payment.past-statement",
            &format!("{} {} {}", account.id, month.days.0, month.days.1),
        );
        let mut batch = Batch::of_file(house, once, account.clone(), Vec::new(), (vec![statement], sha256, by))?;
        batch.now = at;
        if let Source::File { imports, .. } = &mut batch.source {
            for import in imports {
                import.imported_at = at;
            }
        }
        Ok(Self(Kind::Bank(Box::new(batch))))
    }

    /// Does it, by the command of any day.
    ///
    /// # Errors
    /// What the command refuses.
    pub fn perform(&self, tx: &mut Tx) -> Result<(), PaymentError> {
        match &self.0 {
            Kind::Cash(taking) => till::take(tx, taking).map(|_| ()),
            Kind::Close(close, beyond) => {
                let expected = till::expected(tx, close.till)?;
                let counted: Dong = [expected, *beyond].into_iter().sum();
                let counted = counted.max(Dong::ZERO);
                let close = Close {
                    counted,
                    handed_over: counted,
                    ..(**close).clone()
                };
                till::close(tx, &close).map(|_| ())
            }
            Kind::Bank(batch) => import::take_in(tx, batch).map(|_| ()),
        }
    }
}
