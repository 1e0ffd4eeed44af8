//! Codes of administrative procedures: national (`1.005129`) and local variants of them
//! (`1.001234.000.00.00.H30`).
//!
//! The national code is the join key with the National Public Service Portal; the variant names the
//! ministry or province that settled details of it. Pin the version at reception, not only the code.

use super::agency::OldAgencyCode;
use super::{all_digits, serde_as_text};
use std::fmt;
use std::str::FromStr;

/// Code of an administrative procedure.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcedureCode {
    group: u8,
    number: u32,
    local: Option<OldAgencyCode>,
}

impl ProcedureCode {
    /// The code without its local part.
    pub fn national(&self) -> Self {
        Self {
            group: self.group,
            number: self.number,
            local: None,
        }
    }

    /// The agency whose variant this is, in the old form of agency codes.
    pub fn local_part(&self) -> Option<&OldAgencyCode> {
        self.local.as_ref()
    }

    /// Whether it is the national code itself.
    pub fn is_national(&self) -> bool {
        self.local.is_none()
    }
}

impl fmt::Display for ProcedureCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let national = format!("{}.{:06}", self.group, self.number);
        match &self.local {
            Some(local) => f.pad(&format!("{national}.{local}")),
            None => f.pad(&national),
        }
    }
}

impl fmt::Debug for ProcedureCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProcedureCode({self})")
    }
}

/// Why a text is no code of a procedure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProcedureCodeError {
    /// Not a digit, a dot and six digits.
    #[error("a procedure code is a digit, a dot and six digits")]
    Shape,
    /// What follows is no old agency code.
    #[error("the local part of a procedure code has the form 000.00.00.H30")]
    Local,
}

crate::error::invalid_fault!(ProcedureCodeError, "procedure-code-invalid");

impl FromStr for ProcedureCode {
    type Err = ProcedureCodeError;
    fn from_str(text: &str) -> Result<Self, ProcedureCodeError> {
        let mut parts = text.trim().splitn(3, '.');
        let (group, number) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        if group.len() != 1 || number.len() != 6 || !all_digits(group) || !all_digits(number) {
            return Err(ProcedureCodeError::Shape);
        }
        Ok(Self {
            group: group.parse().map_err(|_| ProcedureCodeError::Shape)?,
            number: number.parse().map_err(|_| ProcedureCodeError::Shape)?,
            local: parts
                .next()
                .map(str::parse)
                .transpose()
                .map_err(|_| ProcedureCodeError::Local)?,
        })
    }
}

serde_as_text!(ProcedureCode);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn national_and_local_codes_are_read() {
        let national: ProcedureCode = "1.005129".parse().unwrap();
        assert!(national.is_national());
        assert_eq!(national.to_string(), "1.005129");
        let local: ProcedureCode = "1.001234.000.00.00.H30".parse().unwrap();
        assert_eq!(local.to_string(), "1.001234.000.00.00.H30");
        assert_eq!(local.national(), "1.001234".parse().unwrap());
        assert_eq!(local.local_part().unwrap().root(), "H30");
        for text in [
            "",
            "1",
            "1.1",
            "1.00512",
            "1.0051299",
            "10.005129",
            "1,005129",
            "a.005129",
            "1.00512x",
        ] {
            assert_eq!(text.parse::<ProcedureCode>(), Err(ProcedureCodeError::Shape), "{text}");
        }
        for text in ["1.005129.", "1.005129.H30", "1.005129.000.00.00.30"] {
            assert_eq!(text.parse::<ProcedureCode>(), Err(ProcedureCodeError::Local), "{text}");
        }
    }

    proptest! {
        #[test]
        fn goes_through_text_and_json(text in "[0-9]\\.[0-9]{6}(\\.[0-9A-Z]{3}\\.[0-9A-Z]{2}\\.[0-9]{2}\\.[GH][0-9]{2})?") {
            let code: ProcedureCode = text.parse().unwrap();
            prop_assert_eq!(code.to_string(), text);
            let json = serde_json::to_string(&code).unwrap();
            prop_assert_eq!(serde_json::from_str::<ProcedureCode>(&json).unwrap(), code);
        }

        #[test]
        fn reading_never_panics(text in any::<String>()) {
            let _ = text.parse::<ProcedureCode>();
        }
    }
}
