//! Makes plain enums with one stable word a variant: what is stored, sent, and ends a text key. Owns the macro alone.
//! It refuses a word that is not in the list, so that a stored value of a newer version is noticed.

/// Makes a plain enum whose stored and public word is fixed beside each variant, with `ALL`, `Display` and `FromStr`.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Serialize, ::serde::Deserialize)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every value, in the order of the code.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The word that is stored, sent and used as the end of a text key.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result { f.write_str(self.word()) }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::word::UnknownWord;
            fn from_str(text: &str) -> Result<Self, $crate::word::UnknownWord> {
                $name::ALL.iter().copied().find(|value| value.word() == text).ok_or($crate::word::UnknownWord)
            }
        }
    };
}
pub(crate) use words;

/// A stored or submitted word that this version does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown word of the exchange")]
pub struct UnknownWord;
