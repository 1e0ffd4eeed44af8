//! Files of drafts and dossiers: papers the applicant uploads, answers to a request for more, the result.
//! Owns the bounds, the cleaned names (sealed) and the way from an upload to a blob. Refuses files by their content: what
//! `web` could not recognise, cut-off files, files above the bound.
//! Law: NĐ 45/2020/NĐ-CP (e-components), TT 01/2023/TT-VPCP (digitised results).

pub mod http;
pub mod kept;
pub(crate) mod store;
pub mod transfer;
pub(crate) mod view;

use ::store::blob::{BlobId, StoredBlob};
use ::store::{StoreError, Tx};
use identity::AccountId;
use kernel::Timestamp;
use uuid::Uuid;

pub use crate::dossier::FileId;
use crate::dossier::{DossierId, SupplementId};
use kernel::words;

words! {
    /// What a file is there for.
    FilePurpose {
        /// A paper of the dossier.
        Component = "component",
        /// An answer to a request for more.
        Supplement = "supplement",
        /// The result.
        Result = "result",
        /// What another unit answered about it: the office's own.
        Answer = "answer",
    }
}

words! {
    /// What the scanner says of a file.
    FileCheck {
        /// In quarantine: nobody opens it yet.
        Waiting = "waiting",
        /// Looked at, nothing found.
        Clean = "clean",
        /// Something was found; its bytes are gone.
        Infected = "infected",
    }
}

/// A file as stored. Its name is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRow {
    /// Its id.
    pub id: FileId,
    /// What it is there for.
    pub purpose: FilePurpose,
    /// Which paper of the procedure it is, counted from 0.
    pub component: Option<i64>,
    /// The request it answers.
    pub supplement: Option<SupplementId>,
    /// Its bytes.
    pub blob: BlobId,
    /// Its name, sealed.
    pub name: Vec<u8>,
    /// Its kind, judged by content.
    pub media_type: String,
    /// Bytes.
    pub size_bytes: i64,
    /// SHA-256 of the content.
    pub sha256: Vec<u8>,
    /// When it came.
    pub added_at: Timestamp,
    /// What the scanner says; none when no scanner was set up when it came.
    pub check: Option<FileCheck>,
}

impl FileRow {
    /// Whether it may be opened.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.check, None | Some(FileCheck::Clean))
    }

    /// Whether it counts as handed in: one that was thrown out does not.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.check != Some(FileCheck::Infected)
    }
}

/// Hangs a stored file on a dossier, brought by nobody's account: another system told of it.
///
/// # Errors
/// When the store fails.
pub fn hang(tx: &mut Tx, dossier: DossierId, (file, blob): &(FileRow, StoredBlob)) -> Result<(), StoreError> {
    let row = FileRow {
        blob: tx.attach_blob(blob)?,
        ..file.clone()
    };
    let nobody = AccountId::from_uuid(Uuid::nil());
    store::insert(tx, &row, store::Holder::Dossier(dossier), nobody)
}
