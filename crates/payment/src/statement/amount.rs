//! Amounts as banks print them: thousands grouped or not, decimals that must be zeros, a sign in front, behind or as
//! brackets. The form is declared, because `1.500` is fifteen hundred to one bank and one and a half to another.
//! The đồng has no parts in use, so anything but zeros behind the decimal mark is refused.

use kernel::Dong;
use serde::Deserialize;

/// What groups the thousands; the decimal mark is the other of dot and comma.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Thousands {
    /// `1500000`, decimals behind either mark.
    None,
    /// `1.500.000,00`, as Vietnamese text has it.
    #[default]
    Dot,
    /// `1,500,000.00`.
    Comma,
    /// `1 500 000,00`.
    Space,
}

/// Why a text is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Not of the declared form, or beyond what can be counted.
    #[error("not an amount of the declared form")]
    Form,
    /// Parts of a đồng.
    #[error("not a whole number of đồng")]
    NotWhole,
}

impl Thousands {
    /// Reads an amount; negative with a minus in front or behind, or in brackets. A currency word is passed over.
    ///
    /// # Errors
    /// [`AmountError`].
    pub fn parse(self, text: &str) -> Result<Dong, AmountError> {
        let text = without_currency(text.trim());
        let (negative, text) = sign(text);
        let (whole, decimals) = self.split_decimals(text);
        let digits = self.ungrouped(whole).ok_or(AmountError::Form)?;
        if !decimals.bytes().all(|b| b.is_ascii_digit()) {
            return Err(AmountError::Form);
        }
        if !decimals.bytes().all(|b| b == b'0') {
            return Err(AmountError::NotWhole);
        }
        let dong: i64 = digits.parse().map_err(|_| AmountError::Form)?;
        Ok(Dong::new(if negative { -dong } else { dong }))
    }

    fn split_decimals(self, text: &str) -> (&str, &str) {
        let is_mark = |c: char| match self {
            Self::None => c == '.' || c == ',',
            Self::Dot | Self::Space => c == ',',
            Self::Comma => c == '.',
        };
        text.split_once(is_mark).unwrap_or((text, ""))
    }

    /// The digits, when the groups are of three.
    fn ungrouped(self, whole: &str) -> Option<String> {
        let is_group = |c: char| match self {
            Self::None => false,
            Self::Dot => c == '.',
            Self::Comma => c == ',',
            Self::Space => c == ' ' || c == '\u{a0}' || c == '\u{202f}',
        };
        let groups: Vec<&str> = whole.split(is_group).collect();
        let (first, rest) = groups.split_first()?;
        let shaped = !first.is_empty() && (rest.is_empty() || first.len() <= 3) && rest.iter().all(|g| g.len() == 3);
        let digits = groups.iter().all(|group| group.bytes().all(|b| b.is_ascii_digit()));
        (shaped && digits).then(|| groups.concat())
    }
}

fn without_currency(text: &str) -> &str {
    const WORDS: [&str; 5] = ["VND", "VNĐ", "vnd", "đ", "₫"];
    let behind = WORDS.iter().find_map(|word| text.strip_suffix(word)).unwrap_or(text);
    WORDS
        .iter()
        .find_map(|word| behind.strip_prefix(word))
        .unwrap_or(behind)
        .trim()
}

fn sign(text: &str) -> (bool, &str) {
    if let Some(inside) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        return (true, inside.trim());
    }
    let minus = ['-', '\u{2212}'];
    let negative = text.strip_prefix(minus).or_else(|| text.strip_suffix(minus));
    match negative {
        Some(rest) => (true, rest.trim()),
        None => (false, text.strip_prefix('+').unwrap_or(text).trim()),
    }
}
