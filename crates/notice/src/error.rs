//! What can go wrong with notices, for the operator and for pages. Owns no words for the public: those stand in the texts.
//! Refuses to carry an address: every variant may end in a log.

use ::store::StoreError;
use kernel::{ErrorKind, Fault};

use crate::channel::push::DeviceError;
use crate::message::ContactError;
use crate::template::{RenderError, TemplateFault};

/// A fault of notices.
#[derive(Debug, thiserror::Error)]
pub enum NoticeError {
    /// The configuration names something that is faulty.
    #[error("{0}")]
    Config(String),
    /// Templates are faulty; all of them are named.
    #[error("templates are faulty:\n{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Templates(Vec<TemplateFault>),
    /// A message that cannot be put into words.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// An address that does not open.
    #[error(transparent)]
    Contact(#[from] ContactError),
    /// A browser's subscription that is not taken.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// More browsers than one account may have.
    #[error("an account has at most {0} browsers")]
    TooManyDevices(usize),
    /// The channel is not set up here.
    #[error("the channel is not set up")]
    NotSetUp,
    /// There is no such delivery, or nothing can be done about it any more.
    #[error("no delivery that this can be done to")]
    Gone,
    /// A report whose signature does not hold.
    #[error("the signature of a report does not hold")]
    Signature,
    /// A report that is no JSON of the form set up.
    #[error("a report cannot be read")]
    Report,
    /// Reports about messages that we do not know, or not yet: the provider should send them again.
    #[error("reports about messages that are not known")]
    UnknownMessages,
    /// Who asks may not.
    #[error(transparent)]
    Policy(#[from] identity::policy::PolicyError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for NoticeError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Config(_) | Self::Templates(_) | Self::Render(_) | Self::Contact(ContactError::Sealed(_)) => {
                ErrorKind::Internal
            }
            Self::Device(_) | Self::Report => ErrorKind::Invalid,
            Self::TooManyDevices(_) => ErrorKind::Conflict,
            Self::NotSetUp | Self::UnknownMessages => ErrorKind::NotFound,
            Self::Gone => ErrorKind::Gone,
            Self::Signature => ErrorKind::Forbidden,
            Self::Policy(error) => error.kind(),
            Self::Contact(ContactError::Store(error)) | Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Config(_) => "notice-config",
            Self::Templates(_) => "notice-templates",
            Self::Render(_) => "notice-render",
            Self::Contact(ContactError::Sealed(_)) => "notice-contact",
            Self::Device(_) => "notice-device",
            Self::TooManyDevices(_) => "notice-devices",
            Self::NotSetUp => "notice-not-set-up",
            Self::Gone => "notice-gone",
            Self::Signature => "notice-signature",
            Self::Report => "notice-report",
            Self::UnknownMessages => "notice-unknown-messages",
            Self::Policy(error) => error.code(),
            Self::Contact(ContactError::Store(error)) | Self::Store(error) => error.code(),
        }
    }

    fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::TooManyDevices(most) => vec![("most", most.to_string())],
            Self::Policy(error) => error.args(),
            Self::Contact(ContactError::Store(error)) | Self::Store(error) => error.args(),
            _ => Vec::new(),
        }
    }
}
