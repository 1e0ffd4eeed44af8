//! Codes of agencies, in today's form (`H27.01.02`) and in the old reversed one (`000.00.01.H30`).
//!
//! Sources: QĐ 20/2020/QĐ-TTg as amended by QĐ 09/2025, and QCVN 102:2016. The two forms are two types;
//! one becomes the other through the dated [`AgencyCodeMap`](super::agency_map::AgencyCodeMap) alone.

use super::{CODE_CHARS_MAX, serde_as_text};
use std::fmt;
use std::str::FromStr;

/// Code of an agency in the form of QĐ 20/2020/QĐ-TTg: a letter and two digits, then up to three
/// groups of two characters, each after a dot.
///
/// `H27` is a province, `H27.01` an agency of it, `G12.18` one of a ministry. The code does not say
/// which province it is today: old codes live on in old documents.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AgencyCode(String);

impl AgencyCode {
    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The level, 1 (ministry, province) to 4.
    pub fn level(&self) -> usize {
        self.0.split('.').count()
    }

    /// The first level: `H27` of `H27.01.02`.
    pub fn root(&self) -> Self {
        Self(self.0[..3].to_owned())
    }

    /// The code one level up; `None` for a first level.
    pub fn parent(&self) -> Option<Self> {
        self.0.rsplit_once('.').map(|(parent, _)| Self(parent.to_owned()))
    }

    /// Whether it is `other` or stands below it.
    pub fn is_within(&self, other: &Self) -> bool {
        match self.0.strip_prefix(other.as_str()) {
            Some(rest) => rest.is_empty() || rest.starts_with('.'),
            None => false,
        }
    }

    /// The code of the agency `group` below this one.
    ///
    /// # Errors
    /// [`AgencyCodeError`] when `group` is not two characters, or this code is of the fourth level.
    pub fn child(&self, group: &str) -> Result<Self, AgencyCodeError> {
        format!("{}.{group}", self.0).parse()
    }
}

impl fmt::Display for AgencyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for AgencyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AgencyCode({})", self.0)
    }
}

/// Why a text is no code of an agency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AgencyCodeError {
    /// Not of the form `H27.01.02`.
    #[error("an agency code is a letter and two digits, then up to three groups of two characters")]
    Shape,
    /// Not of the old form `000.00.01.H30`.
    #[error("an old agency code has the form 000.00.01.H30")]
    OldShape,
}

crate::error::invalid_fault!(AgencyCodeError, "agency-code-invalid");

impl FromStr for AgencyCode {
    type Err = AgencyCodeError;

    /// Reads the code; small letters become capitals.
    fn from_str(text: &str) -> Result<Self, AgencyCodeError> {
        let text = upper(text).ok_or(AgencyCodeError::Shape)?;
        let mut groups = text.split('.');
        let root_fits = groups.next().is_some_and(is_root);
        let mut below = 0;
        let below_fit = groups.all(|group| {
            below += 1;
            is_group(group, 2)
        });
        if root_fits && below_fit && below <= 3 {
            Ok(Self(text))
        } else {
            Err(AgencyCodeError::Shape)
        }
    }
}

serde_as_text!(AgencyCode);

/// Code of an agency in the old form, its groups from the smallest to the largest: `000.00.01.H30`.
///
/// It still stands in dossier and procedure codes. It is never read as an [`AgencyCode`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OldAgencyCode(String);

impl OldAgencyCode {
    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The group of the ministry or province, which stands last: `H30`.
    pub fn root(&self) -> &str {
        &self.0[self.0.len() - 3..]
    }
}

impl fmt::Display for OldAgencyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for OldAgencyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OldAgencyCode({})", self.0)
    }
}

impl FromStr for OldAgencyCode {
    type Err = AgencyCodeError;

    /// Reads the code; small letters become capitals.
    fn from_str(text: &str) -> Result<Self, AgencyCodeError> {
        let text = upper(text).ok_or(AgencyCodeError::OldShape)?;
        let groups: Vec<&str> = text.split('.').take(5).collect();
        match groups[..] {
            [fourth, third, second, root]
                if is_group(fourth, 3) && is_group(third, 2) && is_group(second, 2) && is_root(root) =>
            {
                Ok(Self(text))
            }
            _ => Err(AgencyCodeError::OldShape),
        }
    }
}

serde_as_text!(OldAgencyCode);

fn upper(text: &str) -> Option<String> {
    let text = text.trim();
    (text.len() <= CODE_CHARS_MAX).then(|| text.to_ascii_uppercase())
}

fn is_root(group: &str) -> bool {
    let bytes = group.as_bytes();
    matches!(bytes, [letter, tens, ones]
        if letter.is_ascii_uppercase() && tens.is_ascii_digit() && ones.is_ascii_digit())
}

fn is_group(group: &str, len: usize) -> bool {
    group.len() == len
        && group
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_new_form_has_up_to_four_levels() {
        for (text, level) in [
            ("H27", 1),
            ("H27.01", 2),
            ("H27.01.02", 3),
            ("H15.50.05.13", 4),
            ("G12.A8", 2),
        ] {
            assert_eq!(text.parse::<AgencyCode>().unwrap().level(), level, "{text}");
        }
        for text in [
            "",
            "H",
            "H2",
            "27H",
            "H27.",
            "H27.1",
            "H27.001",
            "H27.01.02.03.04",
            "H27 01",
            "000.00.01.H30",
            "Đ27",
        ] {
            assert_eq!(text.parse::<AgencyCode>(), Err(AgencyCodeError::Shape), "{text}");
        }
    }

    #[test]
    fn kinship_goes_by_whole_groups() {
        let code: AgencyCode = "h27.01.02".parse().unwrap();
        assert_eq!(code.to_string(), "H27.01.02");
        assert_eq!(code.root().as_str(), "H27");
        assert_eq!(code.parent(), Some("H27.01".parse().unwrap()));
        assert_eq!(code.root().parent(), None);
        assert!(code.is_within(&"H27.01".parse().unwrap()));
        assert!(code.is_within(&code));
        assert!(!code.is_within(&"H27.02".parse().unwrap()));
        assert!(!code.parent().unwrap().is_within(&code));
        assert_eq!(code.child("0A").unwrap().as_str(), "H27.01.02.0A");
        assert!(code.child("0A").unwrap().child("01").is_err());
    }

    #[test]
    fn the_old_form_is_reversed_and_apart() {
        let old: OldAgencyCode = "000.a0.01.h26".parse().unwrap();
        assert_eq!(old.to_string(), "000.A0.01.H26");
        assert_eq!(old.root(), "H26");
        for text in [
            "",
            "H26",
            "000.00.01",
            "00.00.01.H26",
            "000.00.01.H26.01",
            "000.00.01.263",
        ] {
            assert_eq!(text.parse::<OldAgencyCode>(), Err(AgencyCodeError::OldShape), "{text}");
        }
    }

    proptest! {
        #[test]
        fn new_codes_go_through_text_and_json(text in "[A-Z][0-9]{2}(\\.[A-Z0-9]{2}){0,3}") {
            let code: AgencyCode = text.parse().unwrap();
            prop_assert_eq!(code.as_str(), &text);
            let json = serde_json::to_string(&code).unwrap();
            prop_assert_eq!(serde_json::from_str::<AgencyCode>(&json).unwrap(), code);
            prop_assert!(text.parse::<OldAgencyCode>().is_err());
        }

        #[test]
        fn old_codes_go_through_text(text in "[A-Z0-9]{3}\\.[A-Z0-9]{2}\\.[A-Z0-9]{2}\\.[A-Z][0-9]{2}") {
            let code: OldAgencyCode = text.parse().unwrap();
            prop_assert_eq!(code.as_str(), &text);
            prop_assert!(text.parse::<AgencyCode>().is_err());
        }

        #[test]
        fn reading_never_panics(text in any::<String>()) {
            let _ = text.parse::<AgencyCode>();
            let _ = text.parse::<OldAgencyCode>();
        }
    }
}
