//! Loading a dossier for its applicant: found only when it is hers, opened for the purpose of her own data.
//! It refuses a dossier of somebody else with the same answer as one that does not exist.

use std::sync::Arc;

use identity::{Action, Caller, CitizenCaller, Purpose, useof};
use store::keys::{KeyRing, Sealed};
use web::Failure;

use super::view::OpenSupplement;
use crate::Casework;
use crate::child::{self, Child};
use crate::coordination::{self, Coordination};
use crate::dossier::state::Delivery;
use crate::dossier::store::{self as table, DeliveryRow, SupplementRow};
use crate::dossier::{Content, Defect, Dossier, DossierError, DossierId, Event, EventId, HandOver, command, submit};
use crate::draft::view::NamedFile;
use crate::file::{self, FileRow};

/// A dossier with everything that belongs to it, still sealed.
pub(crate) struct Sheaf {
    pub(crate) dossier: Dossier,
    pub(crate) content: Vec<u8>,
    pub(crate) events: Vec<Event>,
    pub(crate) supplements: Vec<SupplementRow>,
    pub(crate) files: Vec<FileRow>,
    pub(crate) requests: Vec<Coordination>,
    /// What other units work on, each with its own clock.
    pub(crate) children: Vec<Child>,
    /// Why steps refused or denied, sealed.
    pub(crate) grounds: Vec<(EventId, Vec<u8>)>,
    /// How its result was handed over.
    pub(crate) delivery: Option<DeliveryRow>,
    /// Other people that it is about.
    pub(crate) people: Vec<identity::PersonRef>,
}

impl Sheaf {
    /// Everybody whose data is seen when it is opened.
    pub(crate) fn subjects(&self) -> Vec<identity::PersonRef> {
        let mut all = vec![self.dossier.person];
        all.extend(self.people.iter().filter(|person| **person != self.dossier.person));
        all
    }
}

/// Reads a dossier with all its parts in one snapshot.
pub(crate) async fn sheaf(house: &Casework, id: DossierId) -> Result<Sheaf, DossierError> {
    house
        .store()
        .read(move |tx| {
            Ok(Sheaf {
                dossier: table::find(tx, id)?,
                content: table::content(tx, id)?,
                events: table::events(tx, id)?,
                supplements: table::supplements(tx, id)?,
                files: file::store::of_dossier(tx, id)?,
                people: crate::intake::store::people_of(tx, id)?,
                grounds: table::grounds(tx, id)?,
                delivery: table::delivery(tx, id)?,
                children: child::store::of_dossier(tx, id)?,
                requests: coordination::store::of_dossier(tx, id)?
                    .into_iter()
                    .map(|one| one.request)
                    .collect(),
            })
        })
        .await
}

/// The applicant's own dossier; somebody else's is not found.
pub(crate) async fn own(house: &Casework, citizen: &CitizenCaller, id: &str) -> Result<Sheaf, Failure> {
    let id: DossierId = id.parse().map_err(|_| DossierError::NotFound)?;
    let sheaf = sheaf(house, id).await?;
    let caller = Caller::Citizen(citizen.clone());
    let resource = crate::desk::resource(&sheaf.dossier);
    if !house
        .identity()
        .policy()
        .decide(&caller, Action::DossierRead, &resource)
    {
        return Err(DossierError::NotFound.into());
    }
    Ok(sheaf)
}

/// The opened parts of a dossier.
pub(crate) struct Opened {
    pub(crate) content: Content,
    pub(crate) notes: Vec<Option<String>>,
    pub(crate) supplements: Vec<OpenSupplement>,
    pub(crate) files: Vec<NamedFile>,
    /// Why steps refused or denied.
    pub(crate) grounds: Vec<(EventId, Vec<Defect>)>,
    /// In which way the result left, and what proves it.
    pub(crate) hand_over: Option<(Delivery, HandOver)>,
}

impl Opened {
    /// Why a step refused or denied; nothing for other steps.
    pub(crate) fn grounds_of(&self, event: EventId) -> &[Defect] {
        let found = self.grounds.iter().find(|(of, _)| *of == event);
        found.map(|(_, defects)| defects.as_slice()).unwrap_or_default()
    }
}

/// Opens a dossier for a purpose. Whoever opens for somebody else's eyes than the applicant's has recorded the use before.
pub(crate) fn open(house: &Casework, purpose: &Purpose, sheaf: &Sheaf) -> Result<Opened, DossierError> {
    let keys = house.keys();
    let id = sheaf.dossier.id;
    let content = open_json(&keys, purpose, &submit::content_context(id), &sheaf.content)?;
    let notes = sheaf
        .events
        .iter()
        .map(|event| {
            event
                .note
                .as_ref()
                .map(|note| open_text(&keys, purpose, &command::note_context(event.id), note))
                .transpose()
        })
        .collect::<Result<_, _>>()?;
    let supplements = sheaf
        .supplements
        .iter()
        .map(|row| open_supplement(&keys, purpose, row))
        .collect::<Result<_, _>>()?;
    let files = crate::draft::http::named(house, purpose, sheaf.files.clone())?;
    let grounds = sheaf.grounds.iter().map(|(event, defects)| {
        let context = command::ground_context(*event);
        Ok((*event, open_json(&keys, purpose, &context, defects)?))
    });
    let hand_over = sheaf.delivery.as_ref().map(|row| {
        let text = open_text(&keys, purpose, &command::taken_context(id), &row.detail)?;
        Ok::<_, DossierError>((row.way, HandOver::read(&text)))
    });
    Ok(Opened {
        content,
        notes,
        supplements,
        files,
        grounds: grounds.collect::<Result<_, DossierError>>()?,
        hand_over: hand_over.transpose()?,
    })
}

fn open_supplement(
    keys: &Arc<KeyRing>,
    purpose: &Purpose,
    row: &SupplementRow,
) -> Result<OpenSupplement, DossierError> {
    let defects: Vec<Defect> = open_json(keys, purpose, &command::request_context(row.id), &row.request)?;
    let answer = match &row.answer {
        Some(answer) => open_text(keys, purpose, &command::answer_context(row.id), answer)?,
        None => String::new(),
    };
    Ok(OpenSupplement {
        asked_at: row.asked_at,
        asked_by: row.asked_by.clone(),
        asked_unit: row.asked_unit.clone(),
        is_before_reception: row.is_before_reception,
        step: row.step.clone(),
        defects,
        answered_at: row.answered_at,
        answer,
    })
}

/// Opens a sealed text.
pub(crate) fn open_text(
    keys: &KeyRing,
    purpose: &Purpose,
    context: &str,
    sealed: &[u8],
) -> Result<String, DossierError> {
    let plain = identity::open_sealed(keys, purpose, context, &Sealed::from_bytes(sealed.to_vec()))
        .map_err(identity::IdentityError::from)?;
    Ok(String::from_utf8_lossy(&plain).into_owned())
}

fn open_json<T: serde::de::DeserializeOwned>(
    keys: &KeyRing,
    purpose: &Purpose,
    context: &str,
    sealed: &[u8],
) -> Result<T, DossierError> {
    let plain = identity::open_sealed(keys, purpose, context, &Sealed::from_bytes(sealed.to_vec()))
        .map_err(identity::IdentityError::from)?;
    serde_json::from_slice(&plain).map_err(|error| DossierError::Damaged(error.to_string()))
}

/// Who looked at this dossier, newest first.
pub(crate) async fn uses(house: &Casework, dossier: &Dossier) -> Result<Vec<useof::Use>, DossierError> {
    let (person, matter) = (dossier.person, dossier.id.uuid());
    let all = house
        .store()
        .read(move |tx| useof::page(tx, person, false, None, 200))
        .await?;
    Ok(all.into_iter().filter(|one| one.matter == Some(matter)).collect())
}
