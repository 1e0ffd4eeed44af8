//! Accounts at banks on which units receive money: bank, number, holder, how the bank's statements are read, and the key
//! with which it signs notices. Data of an administration page; every change is in the audit log.
//! Refuses to know a bank: names, numbers and layouts are entered by whoever has the contract.

pub mod http;
pub(crate) mod store;
#[cfg(test)]
mod tests;
mod view;

use identity::UnitId;
use kernel::Timestamp;
use serde::Deserialize;

use crate::PaymentError;
use crate::reconcile::ExplanationRule;
use crate::statement::Format;
use crate::vietqr::{AccountNumber, BankBin, Beneficiary};

kernel::define_id!(
    /// A receiving account.
    pub struct PayAccountId
);

/// The format of a statement that is read without more being said: most banks send it to those who ask.
pub const FORMAT_USUAL: &str = "format = \"camt053\"\n";

/// A receiving account as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayAccount {
    /// Its id.
    pub id: PayAccountId,
    /// The unit that receives; units below it without an account of their own use it too.
    pub unit: UnitId,
    /// Number of the bank at NAPAS.
    pub bank_bin: BankBin,
    /// The bank's name.
    pub bank_name: String,
    /// The account.
    pub number: AccountNumber,
    /// Its holder, as the bank knows it.
    pub holder: String,
    /// How statements are read, in TOML.
    pub statement_format: String,
    /// Which key signs the bank's notices; 0 while none are taken.
    pub notice_key: i64,
    /// Since when.
    pub opened_at: Timestamp,
    /// Until when.
    pub closed_at: Option<Timestamp>,
    /// Grows by one with each change.
    pub revision: i64,
}

impl PayAccount {
    /// Who is paid, for a code.
    #[must_use]
    pub fn beneficiary(&self) -> Beneficiary {
        Beneficiary::Account {
            bin: self.bank_bin,
            number: self.number.clone(),
        }
    }

    /// How its statements are read.
    ///
    /// # Errors
    /// `Format` says what is wrong.
    pub fn reading(&self) -> Result<Reading, PaymentError> {
        Reading::parse(&self.statement_format)
    }

    /// The secret with which the bank signs its notices: made from the key file, never stored. `None` while none are taken.
    #[must_use]
    pub fn notice_secret(&self, keys: &::store::keys::KeyRing) -> Option<[u8; 32]> {
        (self.notice_key > 0).then(|| *keys.derive(&format!("payment.notice:{}:{}", self.id, self.notice_key)))
    }
}

/// The open accounts of all units, at most 5,000.
///
/// # Errors
/// When the store fails.
pub fn all_open(tx: &mut ::store::Tx) -> Result<Vec<PayAccount>, ::store::StoreError> {
    store::all_open(tx)
}

/// Enters an account from outside of the pages: a demonstration, a command.
///
/// # Errors
/// `AccountTaken` when it stands there already.
pub async fn open(house: &crate::Payments, account: PayAccount) -> Result<(), PaymentError> {
    house.store().write(move |tx| store::insert(tx, &account)).await
}

/// How an account's statements are read and explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The file.
    pub format: Format,
    /// Lines that explain themselves: the bank's fees, interest.
    pub explanations: Vec<ExplanationRule>,
}

impl Reading {
    /// Reads the declaration of an account.
    ///
    /// # Errors
    /// `Format` with what TOML or the schema says.
    pub fn parse(text: &str) -> Result<Self, PaymentError> {
        let fault = |error: toml::de::Error| PaymentError::Format(error.message().to_owned());
        let mut table: toml::Table = text.parse().map_err(fault)?;
        let rules = table.remove("explanations").unwrap_or(toml::Value::Array(Vec::new()));
        Ok(Self {
            format: Format::deserialize(toml::Value::Table(table)).map_err(fault)?,
            explanations: Vec::deserialize(rules).map_err(fault)?,
        })
    }
}
