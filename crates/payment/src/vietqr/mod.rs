//! The VietQR payload that a banking application scans to fill in a transfer: strict when issued, lenient when read.
//!
//! Tag, length, value as of EMVCo "QR Code Specification for Payment Systems, Merchant-Presented Mode" 1.1, with the
//! NAPAS247 transfer in template 38. It names an account and an amount; it moves nothing and proves nothing.

mod account;
mod crc;
mod encode;
mod error;
mod image;
mod parse;
mod purpose;
#[cfg(test)]
mod tests;
mod tlv;

pub use account::{AccountNumber, BankBin, Beneficiary, CardNumber};
pub use crc::crc16;
pub use encode::check_amount;
pub use error::{IssueError, NumberError, ReadError};
pub use image::{ImageError, svg, text_blocks};
pub use purpose::{PurposeLimit, purpose_of};

use kernel::Dong;

/// Whether a code may be paid many times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Initiation {
    /// `11`: one code for many payments, on a wall.
    Static,
    /// `12`: bound to one amount or one bill.
    Dynamic,
}

/// A payload: who is paid, how much, and the words by which the payment is recognised.
///
/// What was read from elsewhere may break the rules of issuing (a long purpose, letters with diacritics): it is kept
/// as it stood, and [`VietQr::encode`] is what refuses it.
///
/// ```
/// use payment::vietqr::{Beneficiary, PurposeLimit, VietQr, purpose_of};
///
/// let to = Beneficiary::Account { bin: "970436".parse()?, number: "1017595600".parse()? };
/// let mut code = VietQr::to(to).of_amount(kernel::Dong::new(150_000));
/// code.purpose = purpose_of("Lệ phí H30.1-250701-0001", PurposeLimit::STANDARD);
/// let payload = code.encode(PurposeLimit::STANDARD)?;
/// assert!(payload.ends_with("0824LE PHI H30.1-250701-000163049890"));
/// assert_eq!(VietQr::parse(&payload)?, code);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VietQr {
    /// Tag 01: may it be paid many times.
    pub initiation: Initiation,
    /// Tag 38: who is paid.
    pub beneficiary: Beneficiary,
    /// Tag 52: merchant category, four digits (ISO 18245).
    pub merchant_category: Option<String>,
    /// Tag 54: the amount, when the payer does not choose it.
    pub amount: Option<Dong>,
    /// Tag 59: name of the one who is paid.
    pub merchant_name: Option<String>,
    /// Tag 60: city.
    pub merchant_city: Option<String>,
    /// Tag 62-01: number of the bill.
    pub bill_number: Option<String>,
    /// Tag 62-05: reference of the payment.
    pub reference: Option<String>,
    /// Tag 62-07: terminal or counter.
    pub terminal: Option<String>,
    /// Tag 62-08: purpose; it becomes the text of the transfer.
    pub purpose: Option<String>,
    /// Fields that are no concern of ours, as they stood.
    pub unknown: Vec<UnknownField>,
}

/// A field that VietQR does not define, kept as it was read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnknownField {
    /// Where it stood.
    pub place: Place,
    /// Its two digits.
    pub tag: u8,
    /// Its text.
    pub value: String,
}

/// The level at which a field stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The payload itself.
    Root,
    /// Template 38, the NAPAS247 account.
    Account,
    /// Template 62, additional data.
    Additional,
}

impl VietQr {
    /// A code that pays `beneficiary` whatever amount the payer types.
    #[must_use]
    pub fn to(beneficiary: Beneficiary) -> Self {
        Self {
            initiation: Initiation::Static,
            beneficiary,
            merchant_category: None,
            amount: None,
            merchant_name: None,
            merchant_city: None,
            bill_number: None,
            reference: None,
            terminal: None,
            purpose: None,
            unknown: Vec::new(),
        }
    }

    /// The same code for exactly `amount`: a dynamic one.
    #[must_use]
    pub fn of_amount(mut self, amount: Dong) -> Self {
        self.amount = Some(amount);
        self.initiation = Initiation::Dynamic;
        self
    }

    /// The same code for the bill `number`: a dynamic one.
    #[must_use]
    pub fn of_bill(mut self, number: impl Into<String>) -> Self {
        self.bill_number = Some(number.into());
        self.initiation = Initiation::Dynamic;
        self
    }
}
