//! Why a register refuses what a step would write, in words that say what to do. It names the register and its fields, never a
//! value: every variant may end in a log.

use kernel::{Bilingual, ErrorKind, Fault, Lang};

/// A register refuses a record, and the step with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EffectError {
    /// Its rules refuse the values.
    #[error("the register refuses the record: {} faults", faults.len())]
    Refused {
        /// The register.
        register: Bilingual,
        /// What is wrong, by field or rule.
        faults: Vec<Bilingual>,
    },
    /// Another record has the key.
    #[error("another record has the key")]
    Taken {
        /// The register.
        register: Bilingual,
    },
    /// There is no record with the key that the answers give.
    #[error("no record has the key")]
    NoRecord {
        /// The register.
        register: Bilingual,
    },
    /// The version that holds begins after today.
    #[error("the record that holds begins later")]
    Day {
        /// The register.
        register: Bilingual,
    },
    /// What the officer wrote for the record was written over by somebody else meanwhile.
    #[error("the entry was written by somebody else meanwhile")]
    Stale,
    /// It is carried out already.
    #[error("the effect is carried out already")]
    CarriedOut,
}

impl EffectError {
    fn register(&self) -> Option<&Bilingual> {
        match self {
            Self::Refused { register, .. }
            | Self::Taken { register }
            | Self::NoRecord { register }
            | Self::Day { register } => Some(register),
            Self::Stale | Self::CarriedOut => None,
        }
    }

    fn listed(&self, lang: Lang) -> String {
        match self {
            Self::Refused { faults, .. } => {
                let all: Vec<&str> = faults.iter().map(|one| one.get(lang)).collect();
                all.join(" ")
            }
            Self::Taken { .. } | Self::NoRecord { .. } | Self::Day { .. } | Self::Stale | Self::CarriedOut => {
                String::new()
            }
        }
    }

    /// What is wrong and what to do about it, in both languages.
    #[must_use]
    pub fn words(&self) -> Bilingual {
        let words = |lang: Lang| {
            let register = self.register().map(|name| name.get(lang).to_owned());
            let args = [
                ("register", register.unwrap_or_default().into()),
                ("faults", self.listed(lang).into()),
            ];
            web::text_with(lang, &format!("error-{}", self.code()), &args)
        };
        Bilingual::new(words(Lang::Vi), words(Lang::En))
    }
}

impl Fault for EffectError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Refused { .. } => ErrorKind::Invalid,
            Self::Taken { .. } | Self::NoRecord { .. } | Self::Day { .. } | Self::Stale | Self::CarriedOut => {
                ErrorKind::Conflict
            }
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "effect-refused",
            Self::Taken { .. } => "effect-taken",
            Self::NoRecord { .. } => "effect-no-record",
            Self::Day { .. } => "effect-day",
            Self::Stale => "effect-stale",
            Self::CarriedOut => "effect-carried-out",
        }
    }

    fn args(&self) -> Vec<(&'static str, String)> {
        let register = self.register().map(|name| name.vi.clone());
        vec![
            ("register", register.unwrap_or_default()),
            ("faults", self.listed(Lang::Vi)),
        ]
    }
}
