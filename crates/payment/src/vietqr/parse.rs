//! Reading a payload that anybody may have made: any order of fields, letters beyond ASCII, long purposes, a check
//! value in small letters, a missing currency or country. A wrong check value is never passed over, and nothing
//! that was read is lost: what is not ours is kept. Source: EMVCo MPM 1.1.

use super::encode::{AMOUNT_MAX, DONG, NAPAS, TO_ACCOUNT, TO_CARD};
use super::error::ReadError;
use super::tlv::{Field, split};
use super::{Beneficiary, Initiation, Place, UnknownField, VietQr, crc16};
use kernel::Dong;

/// The most bytes that a QR code of the largest version holds.
const PAYLOAD_BYTES_MAX: usize = 2953;

impl VietQr {
    /// Reads a payload as a scanner gives it.
    ///
    /// # Errors
    /// [`ReadError`] says what is wrong and where.
    pub fn parse(text: &str) -> Result<Self, ReadError> {
        let text = text.trim();
        if text.len() > PAYLOAD_BYTES_MAX {
            return Err(ReadError::TooLong(PAYLOAD_BYTES_MAX));
        }
        let fields = checked(text)?;
        let mut root = Fields::new(fields, Place::Root);
        if root.take(0) != Some("01") {
            return Err(ReadError::Format);
        }
        let initiation = match root.take(1) {
            Some("11") | None => Initiation::Static,
            Some("12") => Initiation::Dynamic,
            Some(_) => return Err(ReadError::Initiation),
        };
        let mut account = Fields::new(
            split(root.take(38).ok_or(ReadError::NotVietQr)?, "38-")?,
            Place::Account,
        );
        let mut additional = Fields::new(split(root.take(62).unwrap_or_default(), "62-")?, Place::Additional);
        expect(root.take(53), DONG, ReadError::Currency)?;
        expect(root.take(58), "VN", ReadError::Country)?;
        let code = Self {
            initiation,
            beneficiary: beneficiary(&mut account)?,
            merchant_category: root.text(52),
            amount: root.take(54).map(amount).transpose()?,
            merchant_name: root.text(59),
            merchant_city: root.text(60),
            bill_number: additional.text(1),
            reference: additional.text(5),
            terminal: additional.text(7),
            purpose: additional.text(8),
            unknown: Vec::new(),
        };
        let unknown = [root, account, additional].into_iter().flat_map(Fields::rest).collect();
        Ok(Self { unknown, ..code })
    }
}

/// The fields of `text` but for the check value, which must be last and right.
fn checked(text: &str) -> Result<Vec<Field<'_>>, ReadError> {
    let mut fields = split(text, "")?;
    let last = fields
        .pop()
        .filter(|field| field.tag == 63 && field.value.len() == 4)
        .ok_or(ReadError::NoCrc)?;
    let computed = crc16(&text.as_bytes()[..last.at + 4]);
    if !last.value.eq_ignore_ascii_case(&format!("{computed:04X}")) {
        return Err(ReadError::Crc {
            found: last.value.to_owned(),
            computed,
        });
    }
    Ok(fields)
}

fn beneficiary(account: &mut Fields<'_>) -> Result<Beneficiary, ReadError> {
    if account.take(0) != Some(NAPAS) {
        return Err(ReadError::NotVietQr);
    }
    let mut who = Fields::new(split(account.take(1).unwrap_or_default(), "38-01-")?, Place::Account);
    let bin = who.take(0).unwrap_or_default().parse()?;
    let number = who.take(1).unwrap_or_default();
    match account.take(2) {
        // Codes in use leave the service out for accounts.
        Some(TO_ACCOUNT) | None => Ok(Beneficiary::Account {
            bin,
            number: number.parse()?,
        }),
        Some(TO_CARD) => Ok(Beneficiary::Card {
            bin,
            number: number.parse()?,
        }),
        Some(other) => Err(ReadError::Service(other.to_owned())),
    }
}

/// Digits, with a point and zeros behind it at most: the đồng has no parts.
fn amount(text: &str) -> Result<Dong, ReadError> {
    let refused = || ReadError::Amount(text.to_owned());
    let (whole, parts) = text.split_once('.').unwrap_or((text, ""));
    let digits = !whole.is_empty() && whole.bytes().all(|b| b.is_ascii_digit()) && parts.bytes().all(|b| b == b'0');
    let dong: i64 = whole.parse().ok().filter(|_| digits).ok_or_else(refused)?;
    (1..=AMOUNT_MAX)
        .contains(&dong)
        .then(|| Dong::new(dong))
        .ok_or_else(refused)
}

fn expect(found: Option<&str>, wanted: &str, refused: fn(String) -> ReadError) -> Result<(), ReadError> {
    match found {
        Some(other) if !other.eq_ignore_ascii_case(wanted) => Err(refused(other.to_owned())),
        _ => Ok(()),
    }
}

/// The fields of one place; those that nobody takes are unknown.
struct Fields<'a> {
    fields: Vec<Field<'a>>,
    place: Place,
}

impl<'a> Fields<'a> {
    fn new(fields: Vec<Field<'a>>, place: Place) -> Self {
        Self { fields, place }
    }

    fn take(&mut self, tag: u8) -> Option<&'a str> {
        let at = self.fields.iter().position(|field| field.tag == tag)?;
        Some(self.fields.remove(at).value)
    }

    fn text(&mut self, tag: u8) -> Option<String> {
        self.take(tag).map(str::to_owned)
    }

    fn rest(self) -> impl Iterator<Item = UnknownField> {
        let place = self.place;
        self.fields.into_iter().map(move |field| UnknownField {
            place,
            tag: field.tag,
            value: field.value.to_owned(),
        })
    }
}
