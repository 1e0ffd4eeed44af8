//! What can go wrong with open data, for pages and clients. Owns the words of a refused parameter.
//! Refuses personal data: every variant may end in a log.

use identity::policy::PolicyError;
use kernel::{ErrorKind, Fault};
use register::RegisterError;
use store::StoreError;

use crate::sql::SqlError;

/// A fault of the portal.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No such dataset, resource, organisation or field; or not for everybody.
    #[error("there is no such dataset, resource or field")]
    NotFound,
    /// A parameter is not what it should be.
    #[error("{field}: {why}")]
    Invalid {
        /// The parameter.
        field: String,
        /// What is wrong with it.
        why: String,
    },
    /// Another dataset or organisation has this name.
    #[error("the name is taken")]
    Taken,
    /// The rule is another one than was looked at.
    #[error("the rule was changed since it was looked at")]
    RuleChanged,
    /// A withdrawal without a reason.
    #[error("a reason is missing")]
    ReasonMissing,
    /// Nobody with this token may do it, or there is no token.
    #[error("a token that may do this is missing")]
    TokenMissing,
    /// Too many questions are being worked on.
    #[error("too many questions are being worked on")]
    Busy,
    /// A statement is not answered.
    #[error(transparent)]
    Sql(#[from] SqlError),
    /// Who asks may not.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The register.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OpenError {
    pub(crate) fn invalid(field: &str, why: impl Into<String>) -> Self {
        Self::Invalid {
            field: field.to_owned(),
            why: why.into(),
        }
    }
}

impl Fault for OpenError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::Invalid { .. } | Self::ReasonMissing | Self::Sql(_) => ErrorKind::Invalid,
            Self::Taken | Self::RuleChanged => ErrorKind::Conflict,
            Self::TokenMissing => ErrorKind::Forbidden,
            Self::Busy => ErrorKind::Busy { retry_after_s: 2 },
            Self::Policy(error) => error.kind(),
            Self::Register(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "open-not-found",
            Self::Invalid { .. } => "open-invalid",
            Self::Taken => "open-taken",
            Self::RuleChanged => "open-rule-changed",
            Self::ReasonMissing => "open-reason-missing",
            Self::TokenMissing => "open-token-missing",
            Self::Busy => "open-busy",
            Self::Sql(_) => "open-sql",
            Self::Policy(error) => error.code(),
            Self::Register(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }

    fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Invalid { field, why } => vec![("field", field.clone()), ("why", why.clone())],
            Self::Sql(error) => vec![("why", error.to_string())],
            Self::Policy(error) => error.args(),
            Self::Register(error) => error.args(),
            Self::Store(error) => error.args(),
            _ => Vec::new(),
        }
    }
}
