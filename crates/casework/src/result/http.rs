//! The pages of papers: printing at the desk and by the applicant, the result, taking a paper back, verification.
//! Every PDF with a person's data is opened for a purpose, and the use is recorded before the first byte leaves.

mod desk;
mod own;
mod verify;

use axum::response::Response;
use identity::routes::{Access, Routes, get, post};
use identity::{Action as Right, Purpose};
use web::download;
use web::submitted::{FileKind, Limits};

use super::compose::Sight;
use super::rules::{self, Offer};
use super::{Form, Paper, PaperError, store as table};
use crate::Casework;
use crate::dossier::DossierError;
use crate::procedure::form::under;
use crate::track::mine::{Opened, Sheaf};

pub(crate) use desk::section as desk_section;
pub(crate) use own::{fetched, section as own_section};

/// Registers the pages.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    let (read, issue) = (Access::Action(Right::DossierRead), Access::Action(Right::PaperIssue));
    routes
        .page(post("/desk/dossiers/{id}/papers", desk::print), read)
        .page(get("/desk/dossiers/{id}/result", desk::result_page), issue)
        .page(post("/desk/dossiers/{id}/result", desk::result), issue)
        .page(get("/desk/papers/{id}", desk::pdf), read)
        .page(get("/desk/papers/{id}/revoke", desk::revoke_page), issue)
        .page(post("/desk/papers/{id}/revoke", desk::revoke), issue)
        .page(post("/my/dossiers/{id}/papers", own::print), Access::Citizen)
        .page(get("/my/dossiers/{id}/papers/{paper}", own::pdf), Access::Citizen)
        .page(get("/verify", verify::ask), Access::Public)
        .page(get("/verify/{token}", verify::one), Access::Public)
}

/// Registers the page that takes a file to compare.
#[must_use]
pub fn upload_routes(routes: Routes<Casework>) -> Routes<Casework> {
    routes.page(post("/verify/{token}", verify::compare), Access::Public)
}

/// The bounds of the file that is compared.
pub(crate) fn upload_limits(house: &Casework) -> Limits {
    Limits::files(1, house.settings().files.bytes_max)
}

/// An opened dossier with what papers need beside it.
async fn sight<'a>(house: &Casework, sheaf: &'a Sheaf, opened: &'a Opened) -> Result<Sight<'a>, PaperError> {
    let id = sheaf.dossier.id;
    let (extension, consulted) = house
        .store()
        .read(move |tx| Ok::<_, PaperError>((table::last_extension(tx, id)?, table::consulted(tx, id)?)))
        .await?;
    let procedure = &sheaf.dossier.procedure;
    let found = house
        .catalogue()
        .find(procedure, Some(sheaf.dossier.procedure_version))
        .await?;
    let found = match found {
        Some((procedure, _)) => {
            let (content, relation) = (&opened.content, sheaf.dossier.representation);
            let today = house.now().local_date();
            Some(under::of_dossier(procedure, content, relation, today, house.store()).await?)
        }
        None => None,
    };
    let by_hand = found.map(|procedure| {
        let missing = crate::draft::rules::papers(&procedure).filter(|(at, paper)| {
            let at = i64::try_from(*at).ok();
            paper.required && at.is_some() && !sheaf.files.iter().any(|file| file.component == at)
        });
        missing.map(|(_, paper)| paper.name.vi.clone()).collect()
    });
    let told = !opened.content.papers.is_empty();
    let process = house.processes().of(&sheaf.dossier).await?;
    Ok(Sight {
        sheaf,
        opened,
        by_hand: if told { Vec::new() } else { by_hand.unwrap_or_default() },
        extension,
        consulted,
        process,
    })
}

/// The form and its basis that a page asks to print, if the history calls for it.
fn offer_of(sheaf: &Sheaf, form: &str, basis: &str) -> Result<Offer, PaperError> {
    let form: Form = form.parse().map_err(|_| PaperError::NotFound)?;
    let offers = rules::offers(&sheaf.dossier, &sheaf.events, &sheaf.supplements);
    let found = offers
        .into_iter()
        .find(|offer| offer.form == form && offer.basis.to_string() == basis);
    found.ok_or(PaperError::NotCalledFor(form))
}

/// The bytes of a paper. The caller has decided that they may be seen and recorded the use, as the purpose proves.
async fn send(house: &Casework, _purpose: &Purpose, paper: &Paper) -> Result<Response, PaperError> {
    let id = paper.blob.ok_or(PaperError::NotFound)?;
    let blob = house.store().read(move |tx| tx.blob(id)).await?;
    let blob = blob
        .filter(|blob| blob.erased_at.is_none())
        .ok_or(DossierError::FileNotFound)?;
    let reader = house
        .store()
        .blobs()
        .get(&blob)
        .await
        .map_err(::store::StoreError::from)?;
    let body = axum::body::Body::from_stream(futures::stream::try_unfold(reader, |mut reader| async move {
        Ok::<_, ::store::blob::BlobError>(reader.next_piece().await?.map(|piece| (piece, reader)))
    }));
    let number = if paper.number.is_empty() {
        paper.token.clone()
    } else {
        paper.number.replace('/', "-")
    };
    let name = format!("{}-{number}.pdf", paper.form);
    Ok(download::inline(FileKind::Pdf, &name, body))
}
