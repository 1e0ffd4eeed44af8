//! What another room shows on the applicant's own page of a dossier: how other systems have it. The room lies above this one, so it
//! is put here when the program starts. Refuses more than one: the page stays the dossier's.

use std::sync::Arc;

use futures::future::BoxFuture;
use store::StoreError;
use web::{Markup, Shell};

use crate::Casework;
use crate::dossier::DossierId;

/// A section of the applicant's own page.
pub trait Beside: Send + Sync + 'static {
    /// The section of one dossier; empty when there is nothing to say.
    fn section<'a>(
        &'a self,
        house: &'a Casework,
        shell: &'a Shell,
        dossier: DossierId,
    ) -> BoxFuture<'a, Result<Markup, StoreError>>;
}

impl Casework {
    /// Has a section shown on every applicant's own page. The first one stays.
    pub fn show_beside(&self, section: Arc<dyn Beside>) {
        let _ = self.beside().set(section);
    }

    /// The section of another room.
    pub(crate) async fn section_beside(&self, shell: &Shell, dossier: DossierId) -> Result<Markup, StoreError> {
        match self.beside().get() {
            Some(section) => section.section(self, shell, dossier).await,
            None => Ok(maud::html! {}),
        }
    }
}
