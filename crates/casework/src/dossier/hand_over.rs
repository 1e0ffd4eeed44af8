//! How a result left the house: who took it, what proved who that was, and for the post the number under which it can be
//! followed. One sealed value beside the hand-over.
//! It refuses a number that its own check digit contradicts (UPU S10), and follows nothing: the carrier's pages are not ours.

use serde::{Deserialize, Serialize};

use kernel::words;

words! {
    /// What proved at the desk who came.
    Proof {
        /// The receipt (form 01) and an identity document.
        Receipt = "receipt",
        /// An identity document, or the electronic identity on a telephone.
        Identity = "identity",
        /// A power of attorney, and an identity document.
        Authorisation = "authorisation",
        /// A signature in the book of results.
        Signature = "signature",
    }
}

words! {
    /// Who carries a postal item.
    Carrier {
        /// The public postal service.
        VnPost = "vnpost",
        /// Another carrier.
        ViettelPost = "viettel-post",
        /// Any other.
        Other = "other",
    }
}

/// How a result was handed over. Stored sealed, as one value.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HandOver {
    /// Who took it, and against what.
    pub taken_by: String,
    /// What proved who came, at the desk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// Number of the postal item; empty unless it went by post.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub post_item: String,
    /// Who carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<Carrier>,
}

impl HandOver {
    /// Reads what was sealed. Before there was more than who took it, that was a plain text.
    #[must_use]
    pub fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_else(|_| Self {
            taken_by: text.to_owned(),
            ..Self::default()
        })
    }

    /// As it is sealed.
    #[must_use]
    pub fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Weights of the eight digits of an item's number (UPU S10).
const WEIGHTS: [u32; 8] = [8, 6, 4, 2, 3, 5, 9, 7];

/// Whether this can be the number of a postal item: 6 to 30 letters and digits, and where it has the international shape
/// (two letters, nine digits, two letters) the ninth digit is the check of the others.
#[must_use]
pub fn is_post_item(text: &str) -> bool {
    let is_plain = (6..=30).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let bytes = text.as_bytes();
    let letters = |part: &[u8]| part.iter().all(u8::is_ascii_alphabetic);
    let is_s10 = bytes.len() == 13
        && letters(&bytes[..2])
        && letters(&bytes[11..])
        && bytes[2..11].iter().all(u8::is_ascii_digit);
    if !is_s10 {
        return is_plain && text.bytes().any(|byte| byte.is_ascii_digit());
    }
    let digits = bytes[2..10].iter().map(|byte| u32::from(byte - b'0'));
    let sum: u32 = digits.zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    let check = match 11 - sum % 11 {
        10 => 0,
        11 => 5,
        digit => digit,
    };
    u32::from(bytes[10] - b'0') == check
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_the_post_holds_its_own_check() {
        // 4*8+7*6+3*4+1*2+2*3+4*5+8*9+2*7 = 200, 200 mod 11 = 2, 11 - 2 = 9: the example of the standard.
        for good in ["EA473124829VN", "RB123456785VN", "BUUCUC12345", "1234567890"] {
            assert!(is_post_item(good), "{good}");
        }
        for bad in [
            "",
            "EA473124828VN",
            "EA 473124829 VN",
            "12",
            "ABCDEFGH",
            "EA473124829VN<script>",
        ] {
            assert!(!is_post_item(bad), "{bad}");
        }
    }

    #[test]
    fn what_was_sealed_before_still_reads() {
        let old = HandOver::read("Trần Thị Hoa, căn cước");
        assert_eq!(old.taken_by, "Trần Thị Hoa, căn cước");
        let new = HandOver {
            taken_by: "bưu tá".to_owned(),
            post_item: "EA473124829VN".to_owned(),
            carrier: Some(Carrier::VnPost),
            ..HandOver::default()
        };
        assert_eq!(HandOver::read(&new.write()), new);
    }
}
