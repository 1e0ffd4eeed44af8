//! Writing a payload: strictly, so that every banking application reads it. Unknown fields that were read are written
//! back at the place of their tag. Field order and lengths: EMVCo MPM 1.1.

use super::error::IssueError;
use super::tlv::{VALUE_CHARS_MAX, push};
use super::{Beneficiary, Initiation, Place, PurposeLimit, VietQr, crc16};
use kernel::Dong;

/// The scheme's own id (AID) in 38-00.
pub(super) const NAPAS: &str = "A000000727";
pub(super) const TO_ACCOUNT: &str = "QRIBFTTA";
pub(super) const TO_CARD: &str = "QRIBFTTC";
/// The đồng in ISO 4217.
pub(super) const DONG: &str = "704";
/// An amount has at most 13 characters.
pub(super) const AMOUNT_MAX: i64 = 9_999_999_999_999;
/// Sub-fields of template 62, but for the purpose, have at most 25 characters.
const ADDITIONAL_CHARS_MAX: usize = 25;
const NAME_CHARS_MAX: usize = 25;
const CITY_CHARS_MAX: usize = 15;

/// Tags that have a meaning here, by place; an unknown field may not take one of them.
fn is_ours(place: Place, tag: u8) -> bool {
    match place {
        Place::Root => matches!(tag, 0 | 1 | 38 | 52 | 53 | 54 | 58 | 59 | 60 | 62 | 63),
        Place::Account => matches!(tag, 0..=2),
        Place::Additional => matches!(tag, 1 | 5 | 7 | 8),
    }
}

impl VietQr {
    /// The payload, ready to be drawn as a code.
    ///
    /// # Errors
    /// [`IssueError`] names the field that does not fit. A purpose with diacritics goes through
    /// [`purpose_of`](super::purpose_of) first.
    pub fn encode(&self, limit: PurposeLimit) -> Result<String, IssueError> {
        if self.initiation == Initiation::Static && (self.amount.is_some() || self.bill_number.is_some()) {
            return Err(IssueError::StaticButBound);
        }
        let initiation = match self.initiation {
            Initiation::Static => "11",
            Initiation::Dynamic => "12",
        };
        let mut root = self.unknown_at(Place::Root)?;
        root.extend([
            (0, "01".to_owned()),
            (1, initiation.to_owned()),
            (38, self.account()?),
            (53, DONG.to_owned()),
            (58, "VN".to_owned()),
        ]);
        root.extend(self.merchant_category()?.map(|value| (52, value)));
        root.extend(amount(self.amount)?.map(|value| (54, value)));
        root.extend(text("59", &self.merchant_name, NAME_CHARS_MAX)?.map(|value| (59, value)));
        root.extend(text("60", &self.merchant_city, CITY_CHARS_MAX)?.map(|value| (60, value)));
        root.extend(self.additional(limit)?.map(|value| (62, value)));
        let mut payload = written(root);
        payload.push_str("6304");
        let crc = crc16(payload.as_bytes());
        payload.push_str(&format!("{crc:04X}"));
        Ok(payload)
    }

    fn account(&self) -> Result<String, IssueError> {
        let mut beneficiary = String::new();
        push(&mut beneficiary, 0, &self.beneficiary.bin().to_string());
        push(&mut beneficiary, 1, self.beneficiary.number());
        let service = match self.beneficiary {
            Beneficiary::Account { .. } => TO_ACCOUNT,
            Beneficiary::Card { .. } => TO_CARD,
        };
        let mut fields = self.unknown_at(Place::Account)?;
        fields.extend([(0, NAPAS.to_owned()), (1, beneficiary), (2, service.to_owned())]);
        fits("38", written(fields))
    }

    fn additional(&self, limit: PurposeLimit) -> Result<Option<String>, IssueError> {
        let mut fields = self.unknown_at(Place::Additional)?;
        for (tag, name, value, chars_max) in [
            (1, "62-01", &self.bill_number, ADDITIONAL_CHARS_MAX),
            (5, "62-05", &self.reference, ADDITIONAL_CHARS_MAX),
            (7, "62-07", &self.terminal, ADDITIONAL_CHARS_MAX),
            (8, "62-08", &self.purpose, limit.chars()),
        ] {
            fields.extend(text(name, value, chars_max)?.map(|value| (tag, value)));
        }
        if fields.is_empty() {
            return Ok(None);
        }
        fits("62", written(fields)).map(Some)
    }

    fn merchant_category(&self) -> Result<Option<String>, IssueError> {
        match &self.merchant_category {
            Some(code) if code.len() != 4 || !code.bytes().all(|b| b.is_ascii_digit()) => {
                Err(IssueError::MerchantCategory)
            }
            other => Ok(other.clone()),
        }
    }

    /// The unknown fields of one place, checked.
    fn unknown_at(&self, place: Place) -> Result<Vec<(u8, String)>, IssueError> {
        let mut fields: Vec<(u8, String)> = Vec::new();
        for field in self.unknown.iter().filter(|field| field.place == place) {
            let name = || format!("{place:?} {:02}", field.tag);
            let chars = field.value.chars().count();
            if field.tag > 99 || is_ours(place, field.tag) || fields.iter().any(|(tag, _)| *tag == field.tag) {
                return Err(IssueError::UnknownField(name()));
            }
            if chars > VALUE_CHARS_MAX {
                return Err(IssueError::Length {
                    tag: name(),
                    chars,
                    chars_max: VALUE_CHARS_MAX,
                });
            }
            fields.push((field.tag, field.value.clone()));
        }
        Ok(fields)
    }
}

/// Whether a code can carry `amount`: 1 to 9,999,999,999,999 đồng.
///
/// # Errors
/// [`IssueError::Amount`].
pub fn check_amount(amount: Dong) -> Result<(), IssueError> {
    let fits = (1..=AMOUNT_MAX).contains(&amount.get());
    fits.then_some(()).ok_or(IssueError::Amount(amount.get()))
}

fn amount(amount: Option<Dong>) -> Result<Option<String>, IssueError> {
    let Some(amount) = amount else { return Ok(None) };
    check_amount(amount)?;
    Ok(Some(amount.get().to_string()))
}

fn text(tag: &str, value: &Option<String>, chars_max: usize) -> Result<Option<String>, IssueError> {
    let Some(value) = value else { return Ok(None) };
    if let Some(character) = value.chars().find(|c| !(c.is_ascii_graphic() || *c == ' ')) {
        return Err(IssueError::Character {
            tag: tag.to_owned(),
            character,
        });
    }
    if !(1..=chars_max).contains(&value.len()) {
        return Err(IssueError::Length {
            tag: tag.to_owned(),
            chars: value.len(),
            chars_max,
        });
    }
    Ok(Some(value.clone()))
}

/// A template is itself a value: it must not outgrow one.
fn fits(tag: &str, template: String) -> Result<String, IssueError> {
    let chars = template.chars().count();
    if chars > VALUE_CHARS_MAX {
        return Err(IssueError::Length {
            tag: tag.to_owned(),
            chars,
            chars_max: VALUE_CHARS_MAX,
        });
    }
    Ok(template)
}

fn written(mut fields: Vec<(u8, String)>) -> String {
    fields.sort_by_key(|(tag, _)| *tag);
    let mut out = String::new();
    for (tag, value) in &fields {
        push(&mut out, *tag, value);
    }
    out
}
