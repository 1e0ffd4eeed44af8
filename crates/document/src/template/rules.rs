//! Pure decisions about versions: what is new, and what follows when the country's template changes.
//! Refuses to take a template away from a province that wrote its own.

use super::{Name, Origin};

/// The hash by which texts are compared.
pub(crate) fn sha256(text: &str) -> Vec<u8> {
    ring::digest::digest(&ring::digest::SHA256, text.as_bytes())
        .as_ref()
        .to_vec()
}

/// Whether the program carries another text than the country's last one in the table.
pub(crate) fn is_new(last_of_country: Option<&[u8]>, name: Name) -> bool {
    last_of_country != Some(sha256(name.of_country()).as_slice())
}

/// Whether a new template of the country holds at once: a province's own stays until the province lets go of it.
pub(crate) const fn holds_at_once(in_force: Option<Origin>) -> bool {
    !matches!(in_force, Some(Origin::Province))
}
