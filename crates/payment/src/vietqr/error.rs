//! Why a payload cannot be issued or read. Every variant names the field and what would be right.
//! The code of each is the key of its public text; the field's number is its argument.

use kernel::{ErrorKind, Fault};

/// Why a text is no number of a bank, an account or a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Not six digits.
    #[error("a bank's BIN is six digits, for example 970436")]
    Bin,
    /// Not 1 to 19 letters and digits.
    #[error("an account number is 1 to 19 letters and digits, without spaces")]
    Account,
    /// Not 12 to 19 digits.
    #[error("a card number is 12 to 19 digits, without spaces")]
    Card,
}

/// Why a payload cannot be issued.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    /// An amount of nothing, or less, or of more than 13 digits.
    #[error("the amount is {0} đồng; a code takes 1 to 9,999,999,999,999")]
    Amount(i64),
    /// A character that no banking application is sure to show.
    #[error("field {tag} has the character {character:?}; letters without diacritics, digits and signs of ASCII fit")]
    Character {
        /// The field, with the template before it: `62-08`.
        tag: String,
        /// What does not fit.
        character: char,
    },
    /// Nothing in it, or too much.
    #[error("field {tag} has {chars} characters; 1 to {chars_max} fit")]
    Length {
        /// The field.
        tag: String,
        /// How many it has.
        chars: usize,
        /// How many fit.
        chars_max: usize,
    },
    /// A merchant category that is not four digits.
    #[error("a merchant category is four digits (ISO 18245)")]
    MerchantCategory,
    /// A static code cannot be bound to an amount or a bill.
    #[error("a code for one amount or one bill is dynamic, not static")]
    StaticButBound,
    /// An unknown field that takes the place of one of ours, stands twice, or has a number beyond 99.
    #[error("the unknown field {0} cannot be written: it is one of ours, stands twice or is no tag")]
    UnknownField(String),
}

/// Why a text is no VietQR payload.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Longer than any code holds.
    #[error("a payload has at most {0} characters")]
    TooLong(usize),
    /// A tag or length that is no number, or a value that ends early.
    #[error("the field that starts at character {0} is cut off or malformed")]
    Malformed(usize),
    /// One tag twice.
    #[error("field {0} stands twice")]
    Doubled(String),
    /// No check value at the end.
    #[error("the check value (field 63) is missing at the end")]
    NoCrc,
    /// The check value does not fit: the text was changed or misread.
    #[error("the check value is {found}, the text gives {computed:04X}: something was changed or misread")]
    Crc {
        /// What stands there.
        found: String,
        /// What the text gives.
        computed: u16,
    },
    /// Not of version 01.
    #[error("the payload format is not 01")]
    Format,
    /// Neither static nor dynamic.
    #[error("field 01 is neither 11 (static) nor 12 (dynamic)")]
    Initiation,
    /// A code of another scheme.
    #[error("no NAPAS247 transfer in field 38: this is a code of another scheme")]
    NotVietQr,
    /// A service other than to an account or a card.
    #[error("the service {0} is neither QRIBFTTA (account) nor QRIBFTTC (card)")]
    Service(String),
    /// A bank, account or card number that is none.
    #[error(transparent)]
    Number(#[from] NumberError),
    /// Not in đồng.
    #[error("the currency is {0}; only 704 (đồng) is taken")]
    Currency(String),
    /// Not a whole positive number of đồng.
    #[error("the amount {0} is no whole number of đồng")]
    Amount(String),
    /// Not of Vietnam.
    #[error("the country is {0}, not VN")]
    Country(String),
}

impl Fault for NumberError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Invalid
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Bin => "bank-bin-invalid",
            Self::Account => "account-number-invalid",
            Self::Card => "card-number-invalid",
        }
    }
}

impl Fault for IssueError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Invalid
    }

    fn code(&self) -> &'static str {
        "vietqr-cannot-be-issued"
    }

    fn args(&self) -> Vec<(&'static str, String)> {
        let field = match self {
            Self::Amount(_) => "54",
            Self::Character { tag, .. } | Self::Length { tag, .. } | Self::UnknownField(tag) => tag,
            Self::MerchantCategory => "52",
            Self::StaticButBound => "01",
        };
        vec![("field", field.to_owned())]
    }
}

impl Fault for ReadError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Invalid
    }

    fn code(&self) -> &'static str {
        "vietqr-unreadable"
    }
}
