//! What an error shows of itself: its kind, a stable code and the values of its public text.
//!
//! An error knows nothing of HTTP: one function in `web` maps kinds to status codes. The text of
//! `Display` is for the log alone; what a person reads is the Fluent text `error-` + code.

/// The kinds of fault that a caller can tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// What was sent is wrong in itself.
    Invalid,
    /// Nobody is signed in.
    Unauthenticated,
    /// Who is signed in may not.
    Forbidden,
    /// It does not exist, or not for this caller.
    NotFound,
    /// It clashes with what is there.
    Conflict,
    /// It was there and is no more.
    Gone,
    /// It is larger than the bound.
    TooLarge,
    /// Of a type that is not taken.
    Unsupported,
    /// Too many tries.
    TooMany {
        /// Seconds after which a new try may succeed.
        retry_after_s: u32,
    },
    /// The queue is full.
    Busy {
        /// Seconds after which a new try may succeed.
        retry_after_s: u32,
    },
    /// Something that this program depends on does not answer.
    Unavailable,
    /// A fault of ours.
    Internal,
}

/// An error that can be shown to a person or a client.
pub trait Fault: std::error::Error + Send + Sync + 'static {
    /// What kind of fault it is.
    fn kind(&self) -> ErrorKind;

    /// A stable id in kebab-case; `error-` + code is the Fluent key of its public text.
    fn code(&self) -> &'static str;

    /// Values for the placeholders of the public text. Never personal data.
    fn args(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

/// Makes an error of a parser a [`Fault`] of kind [`ErrorKind::Invalid`] with one code.
macro_rules! invalid_fault {
    ($error:ty, $code:literal) => {
        impl $crate::Fault for $error {
            fn kind(&self) -> $crate::ErrorKind {
                $crate::ErrorKind::Invalid
            }
            fn code(&self) -> &'static str {
                $code
            }
        }
    };
}
pub(crate) use invalid_fault;
