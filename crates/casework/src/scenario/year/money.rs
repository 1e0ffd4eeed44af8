//! The money of a year in the order of its days: cash into the till of the desk, which is closed in the evening; transfers of which
//! the bank tells, and its statements at the end of each month. Owns the order and the hours; payments' own commands do the rest.
//! Differences of tills, and why, are made up.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use identity::UnitId;
use kernel::{Date, Dong, SignedDuration, Timestamp};
use payment::account::{PayAccount, PayAccountId};
use payment::past::{self, Cashier, Deed, Month, Transfer};
use payment::{PaymentError, Payments};
use store::Load;

use super::ground::number_of;
use crate::Casework;
use crate::dossier::DossierError;
use crate::fee::story::{Coming, Pays};
use crate::scenario::{Chance, Officer};

/// Deeds that are done in one transaction.
const PART: usize = 500;

/// Tills are closed at five past five, or a little after the last cash.
const CLOSES: SignedDuration = SignedDuration::from_mins(17 * 60 + 5);

/// Statements are taken in at nine on the first day of the next month.
const TAKEN_IN: SignedDuration = SignedDuration::from_hours(9);

/// What the money of a year came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) payments: u64,
    pub(super) tills: u64,
    pub(super) statements: u64,
}

/// The accounts that receive, and who takes their statements in.
#[derive(Debug, Default)]
pub(super) struct Receivers {
    accounts: HashMap<PayAccountId, PayAccount>,
    accountants: HashMap<UnitId, Officer>,
}

impl Receivers {
    /// `accountants` by the unit of their account.
    pub(super) fn new(accounts: Vec<PayAccount>, accountants: HashMap<UnitId, Officer>) -> Self {
        Self {
            accounts: accounts.into_iter().map(|account| (account.id, account)).collect(),
            accountants,
        }
    }

    /// Whether a unit has an account of its own whose statements somebody takes in.
    pub(super) fn has(&self, unit: UnitId) -> bool {
        self.accountants.contains_key(&unit) && self.accounts.values().any(|account| account.unit == unit)
    }
}

/// The deeds that follow from the money that came, month by month, each in the order of its hours.
pub(super) struct Ledger {
    payments: Payments,
    receivers: Arc<Receivers>,
    now: Timestamp,
    seed: u64,
    months: std::vec::IntoIter<(Date, Vec<Coming>)>,
    /// What lies on each account.
    balances: HashMap<PayAccountId, Dong>,
    pub(super) tally: Tally,
}

impl Ledger {
    pub(super) fn new(house: &Casework, receivers: Arc<Receivers>, seed: u64, coming: Vec<Coming>) -> Self {
        let mut months: BTreeMap<Date, Vec<Coming>> = BTreeMap::new();
        for one in coming {
            months
                .entry(one.at.local_date().first_of_month())
                .or_default()
                .push(one);
        }
        Self {
            payments: Payments::new(house.identity(), house.settings().payment.clone()),
            receivers,
            now: house.now(),
            seed,
            months: months.into_iter().collect::<Vec<_>>().into_iter(),
            balances: HashMap::new(),
            tally: Tally::default(),
        }
    }

    /// The deeds of the next month; none at the end.
    ///
    /// # Errors
    /// When something cannot be sealed.
    pub(super) fn next_month(&mut self) -> Result<Option<Vec<Deed>>, PaymentError> {
        let Some((month, coming)) = self.months.next() else {
            return Ok(None);
        };
        let mut deeds: Vec<(Timestamp, Deed)> = Vec::with_capacity(coming.len() * 2);
        let (mut tills, mut banks) = (BTreeMap::new(), BTreeMap::new());
        for one in coming {
            match &one.how {
                Pays::Cash(cashier) => {
                    let day = (one.at.local_date(), cashier.desk);
                    tills.entry(day).or_insert_with(Vec::new).push(one);
                }
                Pays::Transfer => {
                    let account = one.account.filter(|id| self.receivers.accounts.contains_key(id));
                    if let Some(account) = account {
                        banks.entry(account).or_insert_with(Vec::new).push(one);
                    }
                }
            }
        }
        for ((day, _), taken) in tills {
            self.till(day, &taken, &mut deeds);
        }
        for (account, mut came) in banks {
            came.sort_by_key(|one| (one.at, one.bill));
            self.bank(month, account, &came, &mut deeds)?;
        }
        // Equal hours keep their order: a till is closed after its cash.
        deeds.sort_by_key(|(at, _)| *at);
        Ok(Some(deeds.into_iter().map(|(_, deed)| deed).collect()))
    }

    /// The cash of one desk on one day, and the closing of its till.
    fn till(&mut self, day: Date, taken: &[Coming], deeds: &mut Vec<(Timestamp, Deed)>) {
        let till = past::till(&self.payments);
        let mut last: Option<(Timestamp, &Cashier)> = None;
        for one in taken {
            let Pays::Cash(cashier) = &one.how else { continue };
            deeds.push((one.at, Deed::cash(&self.payments, one.bill, cashier, till, one.at)));
            self.tally.payments += 1;
            if last.is_none_or(|(at, _)| at <= one.at) {
                last = Some((one.at, cashier));
            }
        }
        let Some((at, cashier)) = last else { return };
        self.tally.tills += 1;
        let closes = (Timestamp::start_of_day(day) + CLOSES).max(at + SignedDuration::from_mins(5));
        if closes >= self.now {
            return;
        }
        let mut chance = Chance::of(self.seed ^ day_number(day), 0x5449, number_of(&cashier.desk_name));
        let difference = match chance.below(400) {
            0 => Some((Dong::new(-5_000), "Trả lại thừa tiền lẻ (giả lập)")),
            1 => Some((Dong::new(2_000), "Người nộp không nhận lại tiền lẻ (giả lập)")),
            _ => None,
        };
        deeds.push((closes, Deed::close(&self.payments, till, cashier, closes, difference)));
    }

    /// What came on one account in one month, and the statement that brings it again.
    fn bank(
        &mut self,
        month: Date,
        account: PayAccountId,
        came: &[Coming],
        deeds: &mut Vec<(Timestamp, Deed)>,
    ) -> Result<(), PaymentError> {
        let Some(account) = self.receivers.accounts.get(&account) else {
            return Ok(());
        };
        let transfer = |one: &Coming| Transfer {
            reference: one.reference.clone(),
            amount: one.amount,
            payer: kernel::fold::fold(&one.payer).to_uppercase(),
            on: one.at.local_date(),
        };
        let transfers: Vec<Transfer> = came.iter().map(transfer).collect();
        for (one, transfer) in came.iter().zip(&transfers) {
            deeds.push((one.at, Deed::arrives(&self.payments, account, transfer, one.at)?));
            self.tally.payments += 1;
        }
        let balance = self.balances.entry(account.id).or_insert(Dong::ZERO);
        let whole = Month {
            days: (month, month.last_of_month()),
            opening: *balance,
            transfers,
        };
        *balance = std::iter::once(*balance)
            .chain(whole.transfers.iter().map(|one| one.amount))
            .sum();
        let at = Timestamp::start_of_day(month.last_of_month().tomorrow().unwrap_or(month)) + TAKEN_IN;
        let by = self.receivers.accountants.get(&account.unit).filter(|_| at < self.now);
        if let Some(by) = by {
            let by = (by.account, by.name.clone());
            deeds.push((at, Deed::statement(&self.payments, account, &whole, by, at)?));
            self.tally.statements += 1;
        }
        Ok(())
    }
}

fn day_number(day: Date) -> u64 {
    u64::try_from(Timestamp::start_of_day(day).as_micros() / 86_400_000_000).unwrap_or(0)
}

/// Does all of it in a load, month by month; `progress` hears how many deeds are done.
///
/// # Errors
/// What the store says.
pub(super) async fn load(
    load: &Load,
    mut ledger: Ledger,
    mut progress: impl FnMut(u64),
) -> Result<Tally, DossierError> {
    let mut done = 0;
    loop {
        let (back, month) = tokio::task::spawn_blocking(move || {
            let month = ledger.next_month();
            (ledger, month)
        })
        .await
        .map_err(|_| DossierError::Incomplete("the money of a month"))?;
        ledger = back;
        let Some(deeds) = month.map_err(refused)? else {
            return Ok(ledger.tally);
        };
        let mut deeds = deeds.into_iter();
        loop {
            let part: Vec<Deed> = deeds.by_ref().take(PART).collect();
            if part.is_empty() {
                break;
            }
            done += part.len() as u64;
            load.write(move |tx| part.iter().try_for_each(|deed| deed.perform(tx)))
                .await
                .map_err(refused)?;
            progress(done);
        }
    }
}

/// A refusal of payments in the words of dossiers.
pub(super) fn refused(error: PaymentError) -> DossierError {
    match error {
        PaymentError::Store(error) => error.into(),
        other => DossierError::Damaged(other.to_string()),
    }
}
