//! Dossier codes: `{agency}-{yymmdd}-{sequence of the day}`, for example `H27.01-261122-0001`.
//!
//! Issued strictly, read leniently: old agency prefixes, years of four digits and longer sequences of
//! ministry systems are read and kept as they are. Source: QĐ 20/2020/QĐ-TTg, TT 01/2018/TT-VPCP.

use super::agency::{AgencyCode, OldAgencyCode};
use super::{CODE_CHARS_MAX, all_digits, serde_as_text};
use jiff::civil::Date;
use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

/// Who issued a dossier code, in the form in which the code says it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DossierIssuer {
    /// By a code of QĐ 20/2020/QĐ-TTg.
    Agency(AgencyCode),
    /// By an old code; which agency that is takes the dated table.
    Old(OldAgencyCode),
}

impl fmt::Display for DossierIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agency(code) => code.fmt(f),
            Self::Old(code) => code.fmt(f),
        }
    }
}

/// Code of a dossier.
///
/// Two codes are equal when their texts are: a sequence of `0012` and one of `012` are two codes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DossierCode {
    issuer: DossierIssuer,
    day: Date,
    long_year: bool,
    sequence: String,
}

impl DossierCode {
    /// Issues the code of the `sequence`th dossier of `agency` on `day`: at least four digits, and
    /// as many as it takes.
    ///
    /// # Errors
    /// [`DossierCodeError::Year`] when `day` is not in 2000 to 2099, which two digits cannot say.
    pub fn issue(agency: &AgencyCode, day: Date, sequence: NonZeroU32) -> Result<Self, DossierCodeError> {
        if !(2000..=2099).contains(&day.year()) {
            return Err(DossierCodeError::Year);
        }
        Ok(Self {
            issuer: DossierIssuer::Agency(agency.clone()),
            day,
            long_year: false,
            sequence: format!("{sequence:04}"),
        })
    }

    /// Who issued it.
    pub fn issuer(&self) -> &DossierIssuer {
        &self.issuer
    }

    /// The day on which it was issued.
    pub fn day(&self) -> Date {
        self.day
    }

    /// The number within the issuer's day.
    pub fn sequence(&self) -> u32 {
        self.sequence.parse().expect("at most nine digits, checked when read")
    }

    /// Whether it has the form in which codes are issued today.
    pub fn is_strict(&self) -> bool {
        let padding = self.sequence.len() > 4 && self.sequence.starts_with('0');
        matches!(self.issuer, DossierIssuer::Agency(_))
            && !self.long_year
            && self.sequence.len() >= 4
            && !padding
            && self.sequence() > 0
    }
}

impl fmt::Display for DossierCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = (self.day.year(), self.day.month(), self.day.day());
        let date = if self.long_year {
            format!("{year:04}{month:02}{day:02}")
        } else {
            format!("{:02}{month:02}{day:02}", year % 100)
        };
        f.pad(&format!("{}-{date}-{}", self.issuer, self.sequence))
    }
}

impl fmt::Debug for DossierCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DossierCode({self})")
    }
}

/// Why a text is no dossier code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DossierCodeError {
    /// Not three parts with hyphens between them.
    #[error("a dossier code has the form H27.01-261122-0001")]
    Shape,
    /// The first part is no agency code, old or new.
    #[error("the dossier code does not start with an agency code")]
    Issuer,
    /// The second part is no day.
    #[error("the second part of the dossier code is no day (yymmdd)")]
    Day,
    /// The third part is no number of up to nine digits.
    #[error("the third part of the dossier code is no number")]
    Sequence,
    /// A code can only be issued in 2000 to 2099.
    #[error("the year does not fit into a dossier code")]
    Year,
}

crate::error::invalid_fault!(DossierCodeError, "dossier-code-invalid");

impl FromStr for DossierCode {
    type Err = DossierCodeError;

    /// Reads a code as people type it: small letters, spaces and long dashes are mended.
    fn from_str(text: &str) -> Result<Self, DossierCodeError> {
        if text.len() > CODE_CHARS_MAX {
            return Err(DossierCodeError::Shape);
        }
        let mended: String = text
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| {
                if matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}') {
                    '-'
                } else {
                    c.to_ascii_uppercase()
                }
            })
            .collect();
        let parts: Vec<&str> = mended.split('-').take(4).collect();
        let [issuer, day, sequence] = parts[..] else {
            return Err(DossierCodeError::Shape);
        };
        if sequence.len() > 9 || !all_digits(sequence) {
            return Err(DossierCodeError::Sequence);
        }
        Ok(Self {
            issuer: parse_issuer(issuer)?,
            day: parse_day(day).ok_or(DossierCodeError::Day)?,
            long_year: day.len() == 8,
            sequence: sequence.to_owned(),
        })
    }
}

serde_as_text!(DossierCode);

fn parse_issuer(text: &str) -> Result<DossierIssuer, DossierCodeError> {
    text.parse()
        .map(DossierIssuer::Agency)
        .or_else(|_| text.parse().map(DossierIssuer::Old))
        .map_err(|_| DossierCodeError::Issuer)
}

fn parse_day(text: &str) -> Option<Date> {
    if !all_digits(text) || !matches!(text.len(), 6 | 8) {
        return None;
    }
    let (year, rest) = text.split_at(text.len() - 4);
    let year: i16 = year.parse().ok()?;
    let year = if text.len() == 6 { 2000 + year } else { year };
    Date::new(year, rest[..2].parse().ok()?, rest[2..].parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn issue(sequence: u32) -> String {
        let agency = "H15.50.05.13".parse().unwrap();
        DossierCode::issue(&agency, date(2026, 10, 8), NonZeroU32::new(sequence).unwrap())
            .unwrap()
            .to_string()
    }

    #[test]
    fn issued_codes_have_four_digits_and_grow() {
        assert_eq!(issue(975), "H15.50.05.13-261008-0975");
        assert_eq!(issue(9_999), "H15.50.05.13-261008-9999");
        assert_eq!(issue(10_000), "H15.50.05.13-261008-10000");
        let first = NonZeroU32::MIN;
        assert_eq!(
            DossierCode::issue(&"H27".parse().unwrap(), date(2100, 1, 1), first),
            Err(DossierCodeError::Year)
        );
    }

    #[test]
    fn codes_of_other_systems_are_read_and_kept() {
        for (text, strict) in [
            ("H15.50.05.13-261008-0975", true),
            ("H15.50.05.13-261008-10975", true),
            ("000.00.01.H26-260930-0012", false),
            ("G09.20-20260609-0092637", false),
            ("H27.01-261122-012", false),
            ("H27.01-261122-0000", false),
            ("H27.01-261122-00012", false),
        ] {
            let code: DossierCode = text.parse().unwrap();
            assert_eq!(code.to_string(), text);
            assert_eq!(code.is_strict(), strict, "{text}");
        }
        let ministry: DossierCode = "G09.20-20260609-0092637".parse().unwrap();
        assert_eq!(ministry.day(), date(2026, 6, 9));
        assert_eq!(ministry.sequence(), 92_637);
    }

    #[test]
    fn typing_is_mended() {
        let typed: DossierCode = " h27.01 – 261122 - 0001".parse().unwrap();
        assert_eq!(typed.to_string(), "H27.01-261122-0001");
    }

    #[test]
    fn the_fault_is_named() {
        for (text, fault) in [
            ("", DossierCodeError::Shape),
            ("H27-261122", DossierCodeError::Shape),
            ("H27-261122-0001-1", DossierCodeError::Shape),
            ("27-261122-0001", DossierCodeError::Issuer),
            ("H27-261322-0001", DossierCodeError::Day),
            ("H27-2611222-0001", DossierCodeError::Day),
            ("H27-261122-", DossierCodeError::Sequence),
            ("H27-261122-1234567890", DossierCodeError::Sequence),
        ] {
            assert_eq!(text.parse::<DossierCode>(), Err(fault), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_issued_is_read_back(
            agency in "[GH][0-9]{2}(\\.[A-Z0-9]{2}){0,3}",
            day in 0_i32..36_000,
            sequence in 1_u32..1_000_000_000,
        ) {
            let agency: AgencyCode = agency.parse().unwrap();
            let day = date(2000, 1, 1).saturating_add(jiff::Span::new().days(day));
            let code = DossierCode::issue(&agency, day, NonZeroU32::new(sequence).unwrap()).unwrap();
            prop_assert!(code.is_strict());
            let read: DossierCode = code.to_string().parse().unwrap();
            prop_assert_eq!(&read, &code);
            prop_assert_eq!((read.day(), read.sequence()), (day, sequence));
            let json = serde_json::to_string(&code).unwrap();
            prop_assert_eq!(serde_json::from_str::<DossierCode>(&json).unwrap(), code);
        }

        #[test]
        fn reading_never_panics(text in any::<String>(), near in "[A-Z0-9.]{0,14}-[0-9]{5,9}-[0-9]{0,11}") {
            let _ = text.parse::<DossierCode>();
            if let Ok(code) = near.parse::<DossierCode>() {
                prop_assert_eq!(code.to_string(), near);
            }
        }
    }
}
