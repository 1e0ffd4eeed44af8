//! Where an applicant is reached about a dossier: what she typed into it, opened for one sending.
//! The caller has recorded the use; nothing is kept.

use ::notice::{Contact, ContactError, ContactSource};
use identity::{Purpose, open_sealed};
use store::Tx;
use store::keys::{KeyRing, Sealed};
use uuid::Uuid;

use crate::dossier::{Content, DossierId, store as table, submit};

/// The source of addresses that dossiers hold.
pub const SOURCE: ContactSource = ContactSource { name: "dossier", open };

fn open(tx: &mut Tx, keys: &KeyRing, purpose: &Purpose, at_source: Uuid) -> Result<Option<Contact>, ContactError> {
    let id = DossierId::from_uuid(at_source);
    let sealed = Sealed::from_bytes(table::content(tx, id)?);
    let plain = open_sealed(keys, purpose, &submit::content_context(id), &sealed);
    let plain = plain.map_err(|error| ContactError::Sealed(error.to_string()))?;
    let content: Content =
        serde_json::from_slice(&plain).map_err(|_| ContactError::Sealed("it holds no dossier".to_owned()))?;
    Ok(Some(contact_of(content)))
}

fn contact_of(content: Content) -> Contact {
    let filled = |text: String| Some(text).filter(|text| !text.trim().is_empty());
    let post = filled(content.post_address);
    Contact {
        email: content.email.parse().ok(),
        phone: content.phone.parse().ok(),
        name: filled(content.name),
        address: post.or(filled(content.address)),
    }
}
