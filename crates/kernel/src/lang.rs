//! The two languages of every page, and a text in both.
//!
//! Vietnamese always stands; English may be missing and then falls back to Vietnamese, never to an
//! empty place on the page.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Vietnamese, the official language.
    #[default]
    Vi,
    /// English, beside it.
    En,
}

impl Lang {
    /// Both languages, Vietnamese first.
    pub const ALL: [Self; 2] = [Self::Vi, Self::En];

    /// The BCP 47 tag: `vi` or `en`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }

    /// The other language, for the switch on the page.
    pub const fn other(self) -> Self {
        match self {
            Self::Vi => Self::En,
            Self::En => Self::Vi,
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

/// Why a text names no language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LangError {
    /// Neither `vi` nor `en`.
    #[error("not a language of these pages (vi, en)")]
    Unknown,
}

crate::error::invalid_fault!(LangError, "lang-invalid");

impl FromStr for Lang {
    type Err = LangError;

    /// Reads a BCP 47 tag; region and script are ignored (`en-GB` is English).
    fn from_str(text: &str) -> Result<Self, LangError> {
        let primary = text.trim().split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("vi") {
            Ok(Self::Vi)
        } else if primary.eq_ignore_ascii_case("en") {
            Ok(Self::En)
        } else {
            Err(LangError::Unknown)
        }
    }
}

/// A text in Vietnamese and, where somebody translated it, in English.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Bilingual {
    /// The Vietnamese text.
    pub vi: String,
    /// The English text, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

impl Bilingual {
    /// A text that exists in both languages.
    pub fn new(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            vi: vi.into(),
            en: Some(en.into()),
        }
    }

    /// A text that exists in Vietnamese only.
    pub fn vi(vi: impl Into<String>) -> Self {
        Self {
            vi: vi.into(),
            en: None,
        }
    }

    /// The text in `lang`; English falls back to Vietnamese.
    pub fn get(&self, lang: Lang) -> &str {
        match (lang, &self.en) {
            (Lang::En, Some(en)) if !en.is_empty() => en,
            (Lang::Vi | Lang::En, _) => &self.vi,
        }
    }

    /// The language in which [`Self::get`] answers, for the `lang` attribute on the page.
    pub fn lang_of(&self, lang: Lang) -> Lang {
        match (lang, &self.en) {
            (Lang::En, Some(en)) if !en.is_empty() => Lang::En,
            (Lang::Vi | Lang::En, _) => Lang::Vi,
        }
    }
}

impl From<&str> for Bilingual {
    fn from(vi: &str) -> Self {
        Self::vi(vi)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_falls_back_to_vietnamese() {
        let both = Bilingual::new("Hồ sơ", "Dossier");
        assert_eq!(both.get(Lang::En), "Dossier");
        assert_eq!(both.get(Lang::Vi), "Hồ sơ");
        let one = Bilingual::vi("Hồ sơ");
        assert_eq!(one.get(Lang::En), "Hồ sơ");
        assert_eq!(one.lang_of(Lang::En), Lang::Vi);
        let empty = Bilingual::new("Hồ sơ", "");
        assert_eq!(empty.get(Lang::En), "Hồ sơ");
    }

    #[test]
    fn tags_are_read_with_their_region() {
        assert_eq!("en-GB".parse(), Ok(Lang::En));
        assert_eq!("VI".parse(), Ok(Lang::Vi));
        assert_eq!("fr".parse::<Lang>(), Err(LangError::Unknown));
        assert_eq!(serde_json::to_string(&Lang::Vi).unwrap(), "\"vi\"");
    }
}
