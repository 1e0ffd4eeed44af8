//! What follows for dossiers when somebody is marked as deceased: whoever works on an open one is told once, and its page says
//! so. Refuses to decide anything: whether it goes on, for whom and with which heirs is the officer's to settle.
//! Law: Bộ luật Dân sự 2015 Điều 140, 614; Luật Hộ tịch 2014.

pub mod jobs;
mod store;
#[cfg(test)]
mod tests;

use identity::{PersonRef, person};
use maud::{Markup, html};
use web::Shell;
use web::components::{Tone, note};

use crate::Casework;
use crate::dossier::DossierError;
use crate::track::mine::Sheaf;

/// What the page of a dossier says of people who have died: the applicant, or somebody else it is about.
///
/// # Errors
/// When the store fails.
pub(crate) async fn section(house: &Casework, shell: &Shell, sheaf: &Sheaf) -> Result<Markup, DossierError> {
    let (applicant, others): (PersonRef, Vec<PersonRef>) = (sheaf.dossier.person, sheaf.people.clone());
    let (is_applicant, is_other) = house
        .store()
        .read(move |tx| {
            let applicant = person::death::deceased(tx, applicant)?.is_some();
            Ok::<_, DossierError>((applicant, !person::death::among(tx, &others)?.is_empty()))
        })
        .await?;
    let words = |key: &str| {
        let more = shell.text("deceased-note-more");
        note(Tone::Late, &shell.text(key), &html! { p { (more) } })
    };
    Ok(html! {
        @if is_applicant { (words("deceased-note-applicant")) }
        @if is_other { (words("deceased-note-other")) }
    })
}
