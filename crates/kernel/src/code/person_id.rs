//! The personal identification number (số định danh cá nhân): twelve digits.
//!
//! Three digits for where the birth was registered, one for century and sex, two for the year of birth, six
//! at random (NĐ 70/2024/NĐ-CP Đ3-4, TT 17/2024/TT-BCA). The province part keeps the 63 codes of before July 2025:
//! a number never changes. It is personal data: `Debug` shows none of it.

use super::{all_digits, serde_as_text};
use jiff::civil::Date;
use std::fmt;
use std::str::FromStr;

/// Codes of provinces in personal numbers and their names, as they were until 30 June 2025.
const PROVINCES: &str = include_str!("../../data/civil_provinces.csv");

/// Sex as the personal number and civil registers state it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sex {
    /// Nam.
    Male,
    /// Nữ.
    Female,
}

/// Where the birth was registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BirthPlace {
    /// A province of before July 2025.
    Province {
        /// The three digits.
        code: u16,
        /// Its name in Vietnamese, without "Tỉnh" or "Thành phố".
        name: &'static str,
    },
    /// Abroad: a code of a country. The list is not published in a form that we could check.
    Abroad {
        /// The three digits.
        code: u16,
    },
}

/// A personal identification number of twelve digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId([u8; 12]);

impl PersonId {
    /// The twelve digits. Showing them is a use of personal data.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("only ASCII digits are put in")
    }

    /// Where the birth was registered.
    pub fn birth_place(&self) -> BirthPlace {
        let code = self.number(0, 3);
        match province_name(code) {
            Some(name) => BirthPlace::Province { code, name },
            None => BirthPlace::Abroad { code },
        }
    }

    /// The name of the province where the birth was registered; `None` when abroad.
    pub fn province(&self) -> Option<&'static str> {
        match self.birth_place() {
            BirthPlace::Province { name, .. } => Some(name),
            BirthPlace::Abroad { .. } => None,
        }
    }

    /// The sex that was registered at birth.
    pub fn sex(&self) -> Sex {
        if self.number(3, 4).is_multiple_of(2) {
            Sex::Male
        } else {
            Sex::Female
        }
    }

    /// The year of birth, 1900 to 2399.
    pub fn birth_year(&self) -> i16 {
        let century = i16::try_from(self.number(3, 4) / 2).unwrap_or(0);
        1900 + 100 * century + i16::try_from(self.number(4, 6)).unwrap_or(0)
    }

    /// Holds the number against what else is known of its bearer.
    ///
    /// A difference is a reason to ask, not a proof: sex and birth date may have been corrected since.
    ///
    /// # Errors
    /// [`PersonIdMismatch`], the year first.
    pub fn check(&self, born: Option<Date>, sex: Option<Sex>) -> Result<(), PersonIdMismatch> {
        if born.is_some_and(|born| born.year() != self.birth_year()) {
            return Err(PersonIdMismatch::BirthYear);
        }
        if sex.is_some_and(|sex| sex != self.sex()) {
            return Err(PersonIdMismatch::Sex);
        }
        Ok(())
    }

    /// What may stand on a screen others see: `********1234`.
    pub fn masked(&self) -> String {
        format!("********{}", &self.as_str()[8..])
    }

    fn number(&self, from: usize, to: usize) -> u16 {
        self.0[from..to]
            .iter()
            .fold(0, |number, digit| number * 10 + u16::from(digit - b'0'))
    }
}

/// The provinces that personal numbers name: three-digit code and Vietnamese name.
pub fn civil_provinces() -> impl Iterator<Item = (u16, &'static str)> {
    PROVINCES.lines().skip(1).filter_map(|line| {
        let (code, name) = line.split_once(',')?;
        Some((code.parse().ok()?, name.trim()))
    })
}

fn province_name(code: u16) -> Option<&'static str> {
    civil_provinces()
        .find(|(known, _)| *known == code)
        .map(|(_, name)| name)
}

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonId(…)")
    }
}

/// Why a text is no personal number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PersonIdError {
    /// Not twelve digits.
    #[error("a personal number has twelve digits")]
    Shape,
    /// The first three digits name no province and no country.
    #[error("the first three digits of the personal number name no province")]
    Province,
}

crate::error::invalid_fault!(PersonIdError, "person-id-invalid");

/// In what a number differs from what else is known of its bearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PersonIdMismatch {
    /// The number has another year of birth.
    #[error("the personal number has another year of birth")]
    BirthYear,
    /// The number has another sex.
    #[error("the personal number has another sex")]
    Sex,
}

crate::error::invalid_fault!(PersonIdMismatch, "person-id-mismatch");

impl FromStr for PersonId {
    type Err = PersonIdError;

    /// Reads a number; spaces and dots between digits are skipped.
    fn from_str(text: &str) -> Result<Self, PersonIdError> {
        let compact: String = text
            .chars()
            .take(40)
            .filter(|c| !c.is_whitespace() && *c != '.')
            .collect();
        let bytes: [u8; 12] = compact.as_bytes().try_into().map_err(|_| PersonIdError::Shape)?;
        if !all_digits(&compact) || text.chars().nth(40).is_some() {
            return Err(PersonIdError::Shape);
        }
        let id = Self(bytes);
        match id.birth_place() {
            BirthPlace::Abroad { code } if code <= 100 => Err(PersonIdError::Province),
            BirthPlace::Abroad { .. } | BirthPlace::Province { .. } => Ok(id),
        }
    }
}

serde_as_text!(PersonId);

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn the_digits_say_place_sex_and_year() {
        let table = [
            ("042190001234", Some("Hà Tĩnh"), Sex::Female, 1990),
            ("001085000001", Some("Hà Nội"), Sex::Male, 1985),
            ("092205123456", Some("Cần Thơ"), Sex::Male, 2005),
            ("096399000000", Some("Cà Mau"), Sex::Female, 2099),
            ("201312345678", None, Sex::Female, 2012),
        ];
        for (text, province, sex, year) in table {
            let id: PersonId = text.parse().unwrap();
            assert_eq!(
                (id.province(), id.sex(), id.birth_year()),
                (province, sex, year),
                "{text}"
            );
        }
    }

    #[test]
    fn the_list_has_the_provinces_of_before_the_merger() {
        assert_eq!(civil_provinces().count(), 63);
        let mut codes: Vec<u16> = civil_provinces().map(|(code, _)| code).collect();
        codes.dedup();
        assert_eq!(codes.len(), 63);
        assert!(codes.is_sorted());
    }

    #[test]
    fn a_number_is_held_against_its_bearer() {
        let id: PersonId = "042190001234".parse().unwrap();
        assert_eq!(id.check(Some(date(1990, 2, 3)), Some(Sex::Female)), Ok(()));
        assert_eq!(id.check(None, None), Ok(()));
        assert_eq!(id.check(Some(date(1991, 2, 3)), None), Err(PersonIdMismatch::BirthYear));
        assert_eq!(id.check(None, Some(Sex::Male)), Err(PersonIdMismatch::Sex));
    }

    #[test]
    fn faults_and_typing() {
        assert_eq!("042 190 001 234".parse::<PersonId>().unwrap().as_str(), "042190001234");
        for text in ["", "04219000123", "0421900012345", "04219000123a", "０42190001234"] {
            assert_eq!(text.parse::<PersonId>(), Err(PersonIdError::Shape), "{text}");
        }
        for text in ["000190001234", "003190001234", "099190001234"] {
            assert_eq!(text.parse::<PersonId>(), Err(PersonIdError::Province), "{text}");
        }
    }

    #[test]
    fn the_number_is_hidden_from_logs() {
        let id: PersonId = "042190001234".parse().unwrap();
        assert_eq!(format!("{id:?}"), "PersonId(…)");
        assert_eq!(id.masked(), "********1234");
    }

    proptest! {
        #[test]
        fn goes_through_text_and_json(province in 0_usize..63, rest in "[0-9]{9}") {
            let (code, name) = civil_provinces().nth(province).unwrap();
            let text = format!("{code:03}{rest}");
            let id: PersonId = text.parse().unwrap();
            prop_assert_eq!(id.to_string(), &*text);
            prop_assert_eq!(id.province(), Some(name));
            prop_assert!((1900..2400).contains(&id.birth_year()));
            let json = serde_json::to_string(&id).unwrap();
            prop_assert_eq!(serde_json::from_str::<PersonId>(&json).unwrap(), id);
        }

        #[test]
        fn reading_never_panics(text in any::<String>(), near in "[0-9 .]{10,20}") {
            let _ = text.parse::<PersonId>();
            let _ = near.parse::<PersonId>();
        }
    }
}
