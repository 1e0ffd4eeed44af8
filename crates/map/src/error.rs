//! What can go wrong with a map, for pages and for clients. Owns the codes of these faults.
//! Refuses personal data: every variant may end in a log.

use kernel::{ErrorKind, Fault};
use register::RegisterError;
use store::StoreError;

/// A fault of a map.
#[derive(Debug, thiserror::Error)]
pub enum MapError {
    /// No such layer, or not for whoever asks.
    #[error("no such layer")]
    NotFound,
    /// A zoom or a place in the grid that is none, a box that is none.
    #[error("no such tile or box: {0}")]
    Range(&'static str),
    /// A filter that the layer does not have, or a value that its field cannot have.
    #[error("no filter of this layer: {0}")]
    Filter(String),
    /// A layer with more rows than are kept in memory, asked for at a zoom at which all of them would be read.
    #[error("the layer is too large for this zoom; it is drawn from zoom {from}")]
    TooLarge {
        /// The first zoom at which it is drawn.
        from: u8,
    },
    /// A file of boundaries, or a base map, that cannot be read.
    #[error("the file cannot be read: {0}")]
    File(String),
    /// The drawing of a tile broke off.
    #[error("the drawing of a tile broke off")]
    Drawing,
    /// What the register says.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for MapError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::Range(_) | Self::Filter(_) | Self::File(_) => ErrorKind::Invalid,
            Self::TooLarge { .. } => ErrorKind::TooLarge,
            Self::Drawing => ErrorKind::Internal,
            Self::Register(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "map-not-found",
            Self::Range(_) => "map-range",
            Self::Filter(_) => "map-filter",
            Self::TooLarge { .. } => "map-too-large",
            Self::File(_) => "map-file",
            Self::Drawing => "map-drawing",
            Self::Register(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }

    fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::TooLarge { from } => vec![("from", from.to_string())],
            Self::Filter(name) => vec![("name", name.clone())],
            Self::Register(error) => error.args(),
            Self::Store(error) => error.args(),
            Self::NotFound | Self::Range(_) | Self::File(_) | Self::Drawing => Vec::new(),
        }
    }
}
