//! Internal notes of officers on a dossier: who, when, the words as they were typed. A note is never edited; it may be struck
//! out with a reason and stays readable as struck out. The citizen never sees one, and they are opened only for the dossier's
//! purpose, whose use is recorded. Law: Luật 91/2025/QH15 (personal data); NĐ 118/2025/NĐ-CP (history of a dossier).

pub mod http;
pub(crate) mod store;
#[cfg(test)]
mod tests;
mod view;

use identity::{AccountId, Purpose, UnitId};
use kernel::Timestamp;

use crate::Casework;
use crate::dossier::{DossierError, DossierId};
use crate::track::mine::open_text;

pub(crate) use view::one;

kernel::define_id!(
    /// One internal note.
    pub struct CommentId
);

/// Most letters of a note.
pub const TEXT_MAX: usize = 4_000;

/// Most notes of one dossier.
pub const COUNT_MAX: usize = 200;

/// A note as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) id: CommentId,
    pub(crate) at: Timestamp,
    pub(crate) account: AccountId,
    pub(crate) officer_name: String,
    pub(crate) unit: Option<UnitId>,
    pub(crate) unit_name: String,
    pub(crate) text: Vec<u8>,
    pub(crate) struck: Option<(Timestamp, String, Vec<u8>)>,
}

/// A note, opened.
#[derive(Debug, Clone)]
pub(crate) struct Comment {
    pub(crate) id: CommentId,
    pub(crate) at: Timestamp,
    pub(crate) account: AccountId,
    pub(crate) officer_name: String,
    pub(crate) unit_name: String,
    pub(crate) text: String,
    /// When it was struck out, by whom and why.
    pub(crate) struck: Option<(Timestamp, String, String)>,
}

/// Where the words of a note are sealed.
pub(crate) fn text_context(id: CommentId) -> String {
    format!("dossier_comment.text:{id}")
}

/// Where the reason of a stroke is sealed.
pub(crate) fn why_context(id: CommentId) -> String {
    format!("dossier_comment.struck_why:{id}")
}

/// The notes of a dossier, oldest first. Whoever calls has recorded the use of the dossier.
///
/// # Errors
/// When the store fails or a seal does not open.
pub(crate) async fn of_dossier(
    house: &Casework,
    purpose: &Purpose,
    dossier: DossierId,
) -> Result<Vec<Comment>, DossierError> {
    let rows = house.store().read(move |tx| store::of_dossier(tx, dossier)).await?;
    let keys = house.keys();
    rows.into_iter()
        .map(|row| {
            let struck = row.struck.map(|(at, name, why)| {
                let why = open_text(&keys, purpose, &why_context(row.id), &why)?;
                Ok::<_, DossierError>((at, name, why))
            });
            Ok(Comment {
                id: row.id,
                at: row.at,
                account: row.account,
                officer_name: row.officer_name,
                unit_name: row.unit_name,
                text: open_text(&keys, purpose, &text_context(row.id), &row.text)?,
                struck: struck.transpose()?,
            })
        })
        .collect()
}
