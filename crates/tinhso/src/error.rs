//! What a command says when it cannot go on: one line that names the fault and what to do about it,
//! and an exit code that a script can act on. A page never shows these; it has its own error texts.

use kernel::{ErrorKind, Fault};

/// Why a command of the program stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The configuration is missing, malformed or contradicts itself.
    #[error("{0}")]
    Config(String),
    /// The address or the folder is taken by somebody else.
    #[error("{0}")]
    Taken(String),
    /// A file or folder could not be read or written.
    #[error("{what}: {source}; {remedy}", remedy = store::remedy(source))]
    Io {
        /// What was attempted, in words, with the path.
        what: String,
        /// What the operating system answered.
        source: std::io::Error,
    },
    /// An engine of the program refused; its own text says what to do.
    #[error("{text}")]
    Engine {
        /// The internal text, meant for the operator.
        text: String,
        /// How the fault is classed.
        kind: ErrorKind,
    },
    /// A check found faults: they have been printed already.
    #[error("{0}")]
    Found(String),
}

impl Error {
    /// Exit code, in the tradition of `sysexits.h`.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Config(_) => 78,
            Self::Taken(_) => 75,
            Self::Io { .. } => 74,
            Self::Engine { kind, .. } => match kind {
                ErrorKind::Busy { .. } | ErrorKind::Unavailable => 75,
                _ => 70,
            },
            Self::Found(_) => 1,
        }
    }

    /// Wraps an operating-system error with what was attempted.
    pub fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

impl<F: Fault> From<F> for Error {
    fn from(fault: F) -> Self {
        Self::Engine {
            kind: fault.kind(),
            text: fault.to_string(),
        }
    }
}
