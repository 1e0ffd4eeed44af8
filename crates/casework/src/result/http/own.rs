//! Papers on the applicant's pages: those of her own dossier, and those that she prints herself.
//! Refuses the papers that stay inside the office, and papers of anybody else.

use axum::extract::{Path, State};
use axum::response::Response;
use identity::{CitizenCaller, Purpose};
use web::{Reply, Shell, Submitted, see_other};

use super::{offer_of, send, sight};
use crate::Casework;
use crate::result::{PaperError, PaperId, issue, rules, store as table, view};
use crate::track::mine::{self, Sheaf};

/// The papers on the applicant's page of a dossier.
pub(crate) async fn section(house: &Casework, shell: &Shell, sheaf: &Sheaf) -> Result<web::Markup, PaperError> {
    let id = sheaf.dossier.id;
    let papers = house.store().read(move |tx| table::of_dossier(tx, id)).await?;
    let offers = rules::offers(&sheaf.dossier, &sheaf.events, &sheaf.supplements);
    Ok(view::own_papers(shell, id, &papers, &offers))
}

pub(super) async fn print(
    State(house): State<Casework>,
    citizen: CitizenCaller,
    Path(id): Path<String>,
    submitted: Submitted,
) -> Reply<Response> {
    let sheaf = mine::own(&house, &citizen, &id).await?;
    let offer = offer_of(&sheaf, submitted.text("form"), submitted.text("basis"))?;
    if !offer.form.is_for_applicant() {
        return Err(PaperError::NotCalledFor(offer.form).into());
    }
    let opened = mine::open(&house, &Purpose::own_data(&citizen), &sheaf)?;
    let sight = sight(&house, &sheaf, &opened).await?;
    let paper = issue::issue_form(&house, &sight, offer, citizen.account()).await?;
    Ok(see_other(&format!(
        "/my/dossiers/{}/papers/{}",
        sheaf.dossier.id, paper.id
    )))
}

/// Keeps that the applicant fetched a paper, before its first byte leaves: the proof of an electronic delivery.
pub(crate) async fn fetched(house: &Casework, blob: ::store::blob::BlobId) -> Result<(), PaperError> {
    let now = house.now();
    let mark = move |tx: &mut ::store::Tx| table::mark_fetched(tx, blob, now);
    Ok(house.store().write(mark).await?)
}

pub(super) async fn pdf(
    State(house): State<Casework>,
    citizen: CitizenCaller,
    Path((id, paper)): Path<(String, String)>,
) -> Reply<Response> {
    let sheaf = mine::own(&house, &citizen, &id).await?;
    let paper: PaperId = paper.parse().map_err(|_| PaperError::NotFound)?;
    let found = house.store().read(move |tx| table::find(tx, paper)).await?;
    let own = found.filter(|paper| paper.dossier == Some(sheaf.dossier.id) && paper.form.is_for_applicant());
    let paper = own.ok_or(PaperError::NotFound)?;
    if let Some(blob) = paper.blob.filter(|_| paper.fetched_at.is_none()) {
        fetched(&house, blob).await?;
    }
    Ok(send(&house, &Purpose::own_data(&citizen), &paper).await?)
}
