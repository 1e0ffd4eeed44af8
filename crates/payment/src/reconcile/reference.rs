//! Payment references: short, without signs that banks drop, with a check character, so that a mistyped one is not
//! somebody else's. It tells nothing about the payer. Check character: ISO/IEC 7064, MOD 37,36.

use kernel::fold::fold;
use kernel::{ErrorKind, Fault};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// Digits and letters that are not mistaken for one another: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHARS_MIN: usize = 6;
/// What the purpose of a VietQR code holds.
const CHARS_MAX: usize = 25;
/// Characters of the number in a reference that is issued: 34 thousand million of them.
const NUMBER_CHARS: usize = 7;

/// A payment reference: 6 to 25 capital letters and digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BillReference(String);

/// Why a text is no payment reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// Not 6 to 25 capital letters and digits.
    #[error("a payment reference is 6 to 25 capital letters and digits")]
    Shape,
    /// A prefix that is not 2 to 6 capital letters.
    #[error("the prefix of a payment reference is 2 to 6 capital letters")]
    Prefix,
    /// A number beyond what seven characters hold.
    #[error("the number of a payment reference is below 34,359,738,368")]
    Number,
}

impl Fault for ReferenceError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Invalid
    }

    fn code(&self) -> &'static str {
        "bill-reference-invalid"
    }
}

impl BillReference {
    /// The reference of the bill `number`: prefix, seven characters, check character.
    ///
    /// ```
    /// let reference = payment::reconcile::BillReference::issue("TS", 1)?;
    /// assert_eq!(reference.to_string(), "TS0000001Z");
    /// # Ok::<(), payment::reconcile::ReferenceError>(())
    /// ```
    ///
    /// # Errors
    /// [`ReferenceError`] for a prefix or number that does not fit.
    pub fn issue(prefix: &str, number: u64) -> Result<Self, ReferenceError> {
        if !(2..=6).contains(&prefix.len()) || !prefix.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(ReferenceError::Prefix);
        }
        let mut text = prefix.to_owned();
        let mut digits = [0u8; NUMBER_CHARS];
        let mut left = number;
        for digit in digits.iter_mut().rev() {
            let place = usize::try_from(left % 32).expect("below 32");
            *digit = ALPHABET[place];
            left /= 32;
        }
        if left > 0 {
            return Err(ReferenceError::Number);
        }
        text.extend(digits.iter().map(|digit| char::from(*digit)));
        text.push(check_character(&text));
        Ok(Self(text))
    }

    /// Whether the last character is the check character of the others.
    #[must_use]
    pub fn check_fits(&self) -> bool {
        let (body, check) = self.0.split_at(self.0.len() - 1);
        check.starts_with(check_character(body))
    }
}

impl FromStr for BillReference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let plain = text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        let fits = plain && (CHARS_MIN..=CHARS_MAX).contains(&text.len());
        fits.then(|| Self(text.to_owned())).ok_or(ReferenceError::Shape)
    }
}

impl fmt::Display for BillReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for BillReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BillReference({self})")
    }
}

/// ISO/IEC 7064 MOD 37,36 over digits and capital letters.
fn check_character(body: &str) -> char {
    let value = |byte: u8| {
        u32::from(if byte.is_ascii_digit() {
            byte - b'0'
        } else {
            byte - b'A' + 10
        })
    };
    let product = body.bytes().fold(36, |product, byte| {
        let sum = (product + value(byte)) % 36;
        (if sum == 0 { 36 } else { sum }) * 2 % 37
    });
    let check = (37 - product) % 36;
    char::from_digit(check, 36).expect("below 36").to_ascii_uppercase()
}

/// The references with one of `prefixes` that stand in `text`, whatever the bank put around or between their letters: those
/// whose check character fits, each once. Which of them are ours is for the table to say.
#[must_use]
pub fn references_in(text: &str, prefixes: &[String]) -> Vec<BillReference> {
    let plain = plain(text);
    let mut found: Vec<BillReference> = Vec::new();
    for prefix in prefixes {
        let length = prefix.len() + NUMBER_CHARS + 1;
        for (at, _) in plain.match_indices(prefix.as_str()) {
            let reference = plain.get(at..at + length).map(|text| BillReference(text.to_owned()));
            found.extend(reference.filter(|one| one.check_fits() && !found.contains(one)));
        }
    }
    found
}

/// Letters and digits alone, in capitals.
fn plain(text: &str) -> String {
    let plain: String = fold(text).chars().filter(char::is_ascii_alphanumeric).collect();
    plain.to_ascii_uppercase()
}

/// Finds references in texts as banks deliver them: other words around, case changed, spaces and signs put in or left out.
pub(super) struct Finder<T> {
    by_text: BTreeMap<String, T>,
    /// Lengths that occur, longest first.
    lengths: Vec<usize>,
}

impl<T: Copy + PartialEq> Finder<T> {
    /// A finder of these; the error is a reference that is given twice.
    pub(super) fn new(all: impl IntoIterator<Item = (BillReference, T)>) -> Result<Self, BillReference> {
        let (mut by_text, mut lengths) = (BTreeMap::new(), Vec::new());
        for (reference, what) in all {
            if !lengths.contains(&reference.0.len()) {
                lengths.push(reference.0.len());
            }
            if by_text.insert(reference.0.clone(), what).is_some() {
                return Err(reference);
            }
        }
        lengths.sort_unstable_by(|a, b| b.cmp(a));
        Ok(Self { by_text, lengths })
    }

    /// What the references in `text` stand for, each once, in the order of the text. The longest wins at its place.
    pub(super) fn find(&self, text: &str) -> Vec<T> {
        let plain = plain(text);
        let (mut found, mut at) = (Vec::new(), 0);
        while at < plain.len() {
            let here = self.lengths.iter().find_map(|length| {
                let candidate = plain.get(at..at + length)?;
                self.by_text.get(candidate).map(|what| (*what, *length))
            });
            match here {
                Some((what, length)) => {
                    if !found.contains(&what) {
                        found.push(what);
                    }
                    at += length;
                }
                None => at += 1,
            }
        }
        found
    }
}
