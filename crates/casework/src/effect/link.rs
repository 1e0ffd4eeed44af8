//! The way back from a record to the dossiers that wrote it: a register asks, and is told links for those dossiers alone that the
//! officer may see.

use ::register::RecordId;
use ::register::record::effect::{CaseLink, Cases, Linked};
use ::store::StoreError;
use identity::{Action as Right, Caller, OfficerCaller};

use super::store;
use crate::Casework;
use crate::dossier::{Dossier, DossierError, store as dossiers};

/// Tells registers which dossiers wrote a record.
#[derive(Debug)]
pub struct CaseLinks(pub Casework);

impl Cases for CaseLinks {
    fn of<'a>(&'a self, officer: &'a OfficerCaller, record: RecordId) -> Linked<'a> {
        Box::pin(links(&self.0, officer, record))
    }
}

async fn links(house: &Casework, officer: &OfficerCaller, record: RecordId) -> Result<Vec<CaseLink>, StoreError> {
    let read = move |tx: &mut ::store::Tx| -> Result<Vec<(Dossier, i64)>, StoreError> {
        let rows = store::of_record(tx, record)?;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let revision = row.record.map_or(0, |(_, revision, _)| revision);
            match dossiers::find(tx, row.dossier) {
                Ok(dossier) => found.push((dossier, revision)),
                Err(DossierError::Store(error)) => return Err(error),
                Err(_) => {}
            }
        }
        Ok(found)
    };
    let found = house.store().read(read).await?;
    let caller = Caller::Officer(officer.clone());
    let policy = house.identity().policy();
    let mut links: Vec<CaseLink> = Vec::new();
    for (dossier, revision) in found {
        let code = dossier.code.to_string();
        if let Some(known) = links.iter_mut().find(|link| link.code == code) {
            known.revisions.push(revision);
            continue;
        }
        let may = policy.decide(&caller, Right::DossierRead, &crate::desk::resource(&dossier));
        links.push(CaseLink {
            revisions: vec![revision],
            code,
            href: may.then(|| format!("/desk/dossiers/{}", dossier.id)),
        });
    }
    Ok(links)
}
