//! Why a paper was not typeset, each as something that a person can act on: change the template, or try again later.
//! It refuses to show the inside of the program: the words of a template are those of whoever wrote it.

use kernel::{ErrorKind, Fault};

use crate::order::{FaultAt, ORDER_BYTES_MAX, PDF_BYTES_MAX};

/// A paper was not typeset.
#[derive(Debug, thiserror::Error)]
pub enum PressError {
    /// The template or its values are wrong; every fault with its place.
    #[error("the template has {} faults, the first: {}", .0.len(), .0.first().map_or_else(String::new, ToString::to_string))]
    Template(Vec<FaultAt>),
    /// It did not end within its time: probably an endless loop.
    #[error("the template did not end within its time")]
    TooSlow,
    /// It wanted more memory than a paper gets.
    #[error("the template wants more memory than a paper gets")]
    TooMuchMemory,
    /// The order or the PDF is larger than a paper is.
    #[error("more than {ORDER_BYTES_MAX} bytes of template and values, or more than {PDF_BYTES_MAX} bytes of PDF")]
    TooLarge,
    /// Every child is at work and others wait already.
    #[error("every child is at work")]
    Busy,
    /// The child could not be started, or ended for a reason of its own.
    #[error("the typesetter is not there: {0}")]
    Gone(String),
}

impl Fault for PressError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Template(_) | Self::TooSlow | Self::TooMuchMemory => ErrorKind::Invalid,
            Self::TooLarge => ErrorKind::TooLarge,
            Self::Busy => ErrorKind::Busy { retry_after_s: 5 },
            Self::Gone(_) => ErrorKind::Unavailable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Template(_) => "press-template",
            Self::TooSlow => "press-too-slow",
            Self::TooMuchMemory => "press-too-much-memory",
            Self::TooLarge => "press-too-large",
            Self::Busy => "press-busy",
            Self::Gone(_) => "press-gone",
        }
    }

    fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Template(faults) => vec![("fault", faults.first().map(ToString::to_string).unwrap_or_default())],
            Self::TooSlow | Self::TooMuchMemory | Self::TooLarge | Self::Busy | Self::Gone(_) => Vec::new(),
        }
    }
}
