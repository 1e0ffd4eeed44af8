//! Who is paid: the bank's number (BIN) with an account or a card at that bank.
//!
//! Whether the bank or the account exists is for the bank to say: the list of BINs changes and is data, not code.
//! Source: NAPAS247 QR format, template 38, sub-fields 00 and 01.

use super::error::NumberError;
use std::fmt;
use std::str::FromStr;

/// The most characters of an account or card number in the payload.
const NUMBER_CHARS_MAX: usize = 19;

/// Number of a bank at NAPAS (acquirer id): six digits, for example `970436`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BankBin([u8; 6]);

impl FromStr for BankBin {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        match <[u8; 6]>::try_from(text.as_bytes()) {
            Ok(digits) if digits.iter().all(u8::is_ascii_digit) => Ok(Self(digits)),
            _ => Err(NumberError::Bin),
        }
    }
}

impl fmt::Display for BankBin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|digit| write!(f, "{}", char::from(*digit)))
    }
}

/// Number of an account: 1 to 19 letters and digits. Virtual accounts have letters; no bank's carries spaces.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountNumber(String);

impl FromStr for AccountNumber {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        let fits = (1..=NUMBER_CHARS_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
        fits.then(|| Self(text.to_owned())).ok_or(NumberError::Account)
    }
}

/// Number of a payment card: 12 to 19 digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CardNumber(String);

impl FromStr for CardNumber {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        let fits = (12..=NUMBER_CHARS_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| Self(text.to_owned())).ok_or(NumberError::Card)
    }
}

impl fmt::Display for AccountNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Display for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for AccountNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountNumber({self})")
    }
}

impl fmt::Debug for CardNumber {
    /// Shows the last four digits only, as a receipt does.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardNumber(*{})", &self.0[self.0.len() - 4..])
    }
}

/// Who is paid.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Beneficiary {
    /// An account at a bank: service `QRIBFTTA`.
    Account {
        /// The bank.
        bin: BankBin,
        /// The account.
        number: AccountNumber,
    },
    /// A card of a bank: service `QRIBFTTC`.
    Card {
        /// The bank.
        bin: BankBin,
        /// The card.
        number: CardNumber,
    },
}

impl Beneficiary {
    /// The bank.
    #[must_use]
    pub fn bin(&self) -> BankBin {
        match self {
            Self::Account { bin, .. } | Self::Card { bin, .. } => *bin,
        }
    }

    /// The number of the account or card, for the payload.
    pub(super) fn number(&self) -> &str {
        match self {
            Self::Account { number, .. } => &number.0,
            Self::Card { number, .. } => &number.0,
        }
    }
}
