//! Typed ids: one newtype over a UUID per concept, so that an id of one concept never stands where
//! another is meant.
//!
//! New ids are UUID version 7 (RFC 9562): they sort by the time of creation, which keeps the
//! indexes of both engines compact.

use crate::World;
use uuid::Uuid;

/// Makes a UUIDv7 from the clock and the randomness of `world`.
pub fn uuid_v7(world: &dyn World) -> Uuid {
    let mut random = [0_u8; 10];
    world.fill(&mut random);
    let millis = u64::try_from(world.now().as_micros() / 1_000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

/// Defines a typed id.
///
/// ```
/// kernel::define_id!(
///     /// Id of a dossier.
///     pub struct DossierId
/// );
/// let id: DossierId = "0190163d-8694-739b-aea5-966c26f8ad91".parse().unwrap();
/// assert_eq!(id.to_string(), "0190163d-8694-739b-aea5-966c26f8ad91");
/// ```
#[macro_export]
macro_rules! define_id {
    ($(#[$meta:meta])* $vis:vis struct $name:ident $(;)?) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis struct $name($crate::__private::uuid::Uuid);

        #[allow(dead_code, unreachable_pub)]
        impl $name {
            /// A new id (UUIDv7) from the clock and the randomness of `world`.
            pub fn new(world: &dyn $crate::World) -> Self {
                Self($crate::id::uuid_v7(world))
            }

            /// The id that a stored or received UUID stands for.
            pub const fn from_uuid(uuid: $crate::__private::uuid::Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID, for storing.
            pub const fn uuid(self) -> $crate::__private::uuid::Uuid {
                self.0
            }
        }

        $crate::scalar_via_uuid!($name);

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Display::fmt(&self.0, f)
            }
        }

        impl ::core::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::write!(f, "{}({})", ::core::stringify!($name), self.0)
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = $crate::id::IdError;
            fn from_str(text: &str) -> ::core::result::Result<Self, Self::Err> {
                $crate::id::parse_uuid(text).map(Self)
            }
        }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                $crate::__private::serde::Serializer::collect_str(serializer, &self.0)
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::id::deserialize_uuid(deserializer).map(Self)
            }
        }
    };
}

/// Why a text is no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The text is no UUID.
    #[error("not an identifier (UUID)")]
    NotAUuid,
}

crate::error::invalid_fault!(IdError, "id-invalid");

/// Reads a UUID. The door for [`define_id!`].
///
/// # Errors
/// [`IdError::NotAUuid`] when `text` is none.
pub fn parse_uuid(text: &str) -> Result<Uuid, IdError> {
    Uuid::try_parse(text.trim()).map_err(|_| IdError::NotAUuid)
}

/// Reads a UUID out of a serialised form. The door for [`define_id!`].
///
/// # Errors
/// The deserializer's own error, when the value is no text or no UUID.
pub fn deserialize_uuid<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Uuid, D::Error> {
    crate::code::deserialize_text(deserializer, parse_uuid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;

    crate::define_id!(
        /// For the tests.
        struct SampleId;
    );

    struct Fixed(i64);
    impl World for Fixed {
        fn now(&self) -> Timestamp {
            Timestamp::from_micros(self.0)
        }
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    #[test]
    fn a_new_id_is_version_seven_and_sorts_by_time() {
        let early = SampleId::new(&Fixed(1_780_000_000_000_000));
        let late = SampleId::new(&Fixed(1_780_000_000_001_000));
        assert_eq!(early.uuid().get_version_num(), 7);
        assert!(early < late);
        assert!(early.to_string() < late.to_string());
    }

    #[test]
    fn an_id_goes_through_text_and_json() {
        let id = SampleId::new(&Fixed(1_780_000_000_000_000));
        assert_eq!(id.to_string().parse::<SampleId>(), Ok(id));
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, format!("\"{id}\""));
        assert_eq!(serde_json::from_str::<SampleId>(&json).unwrap(), id);
        assert_eq!("x".parse::<SampleId>(), Err(IdError::NotAUuid));
    }

    #[test]
    fn a_clock_before_1970_does_not_panic() {
        assert_eq!(SampleId::new(&Fixed(-5)).uuid().get_version_num(), 7);
    }
}
