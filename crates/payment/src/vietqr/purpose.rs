//! The purpose of a transfer as banks carry it: ASCII, short. Vietnamese letters lose their diacritics (đ is d).
//!
//! A purpose is seen by banks and by everybody who sees the screen: it carries a payment reference, never a name.
//! NAPAS allows 25 characters; longer ones are seen in use, so the limit is the operator's to raise.

use kernel::fold::fold;

/// How many characters of purpose a code may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PurposeLimit(usize);

impl PurposeLimit {
    /// 25 characters, what the specification allows.
    pub const STANDARD: Self = Self(25);

    /// A limit of `chars`; `None` when it is 0 or more than template 62 holds (95).
    #[must_use]
    pub fn new(chars: usize) -> Option<Self> {
        (1..=95).contains(&chars).then_some(Self(chars))
    }

    /// The number of characters.
    #[must_use]
    pub fn chars(self) -> usize {
        self.0
    }
}

impl Default for PurposeLimit {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// `text` as a purpose: capitals without diacritics, anything else that is not ASCII as a space, cut at `limit`.
/// `None` when nothing is left.
///
/// ```
/// use payment::vietqr::{PurposeLimit, purpose_of};
/// assert_eq!(purpose_of("  Nộp lệ phí – Đợt 1", PurposeLimit::STANDARD).as_deref(), Some("NOP LE PHI DOT 1"));
/// assert_eq!(purpose_of("– 茶", PurposeLimit::STANDARD), None);
/// ```
#[must_use]
pub fn purpose_of(text: &str, limit: PurposeLimit) -> Option<String> {
    let plain: String = fold(text)
        .chars()
        .map(|c| {
            if c.is_ascii_graphic() {
                c.to_ascii_uppercase()
            } else {
                ' '
            }
        })
        .collect();
    let mut purpose = plain.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    purpose.truncate(limit.chars());
    let kept = purpose.trim_end().len();
    purpose.truncate(kept);
    (!purpose.is_empty()).then_some(purpose)
}
