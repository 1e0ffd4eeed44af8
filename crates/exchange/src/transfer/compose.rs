//! From claimed transfers to what travels. The first message of a dossier names its applicant: its sealed content is opened for
//! this purpose, and the use is on record before anything leaves.
//! Refuses to send what cannot be opened: the transfer waits and says why.

use std::collections::HashMap;

use casework::dossier::{Content, DossierId, submit};
use identity::{PersonRef, Purpose, open_sealed, useof};
use kernel::Lang;
use store::StoreError;
use store::keys::Sealed;
use store::sql::UuidList;

use super::store::{self as table, Whole};
use super::{Facts, Transfer};
use crate::Exchange;
use crate::link::Link;
use crate::machine::{Kind, Outgoing};
use crate::wire::{Applicant, Progress, Service, Sync};

/// The name under which a person finds the sending among the uses of her data.
const USE: &str = "exchange.sync";

/// What the program knows an item by: place among the claimed dossiers, place among its transfers.
pub(crate) type Tag = (usize, usize);

/// The whole dossiers that are told for the first time, opened.
pub(crate) type Wholes = HashMap<DossierId, (Whole, Applicant)>;

impl Exchange {
    /// Opens what is told for the first time, and records the use.
    pub(crate) async fn wholes(&self, dossiers: Vec<DossierId>) -> Result<Wholes, StoreError> {
        if dossiers.is_empty() {
            return Ok(Wholes::new());
        }
        let list = UuidList::new(dossiers.into_iter().map(DossierId::uuid));
        let found = self.store().read(move |tx| table::wholes(tx, &list)).await?;
        let uses: Vec<(Purpose, PersonRef)> = found.iter().map(|whole| (purpose(whole), whole.person)).collect();
        let now = self.now();
        self.store()
            .write(move |tx| {
                uses.iter()
                    .try_for_each(|(purpose, person)| useof::record(tx, purpose, &[*person], now))
            })
            .await?;
        let mut opened = Wholes::new();
        for whole in found {
            if let Some(applicant) = self.opened(&whole) {
                opened.insert(whole.dossier, (whole, applicant));
            }
        }
        Ok(opened)
    }

    fn opened(&self, whole: &Whole) -> Option<Applicant> {
        let (sealed, context) = (
            Sealed::from_bytes(whole.content.clone()),
            submit::content_context(whole.dossier),
        );
        let plain = open_sealed(&self.store().keys(), &purpose(whole), &context, &sealed);
        let plain = match plain {
            Ok(plain) => plain,
            Err(error) => {
                tracing::error!(dossier = %whole.dossier, %error, "a dossier does not open and is not told");
                return None;
            }
        };
        let content: Content = serde_json::from_slice(&plain).ok()?;
        Some(Applicant {
            name: content.name,
            number: content.person_id,
            phone: content.phone,
            email: content.email,
            address: content.address,
        })
    }

    /// The item of one transfer; none when it cannot be composed.
    pub(crate) fn outgoing(&self, tag: Tag, link: &Link, one: &Transfer, wholes: &Wholes) -> Option<Outgoing<Tag>> {
        let dialect = self.dialect();
        let (service, is_updating, item) = match one.kind {
            Kind::Register => {
                let (whole, applicant) = wholes.get(&one.dossier)?;
                let sync = self.registering(link, one, whole, applicant);
                (Service::Sync, false, sync.write(dialect))
            }
            Kind::Update | Kind::Mend | Kind::Arrival => (Service::Sync, true, updating(link, one).write(dialect)),
            Kind::Progress => (Service::Progress, true, progress(link, one).write(dialect)),
        };
        Some(Outgoing {
            tag,
            code: link.national_code.clone(),
            service,
            is_updating,
            is_alone: link.track.is_alone,
            item,
        })
    }

    fn registering(&self, link: &Link, one: &Transfer, whole: &Whole, applicant: &Applicant) -> Sync {
        let (book, day) = (self.casework().identity().units(), self.now().local_date());
        let agency = book.agency_of(whole.unit, day).and_then(|agency| agency.code_on(day));
        Sync {
            procedure: whole.procedure.clone(),
            procedure_name: whole.procedure_name.clone(),
            channel: match whole.channel.as_deref() {
                Some("desk") => 1,
                Some("post") => 3,
                _ => 2,
            },
            applicant: Some(applicant.clone()),
            filed_at: Some(link.filed_at.unwrap_or(whole.submitted_at)),
            agency: agency.map(ToString::to_string).unwrap_or_default(),
            agency_name: whole.unit_name.clone(),
            ..updating(link, one)
        }
    }
}

fn purpose(whole: &Whole) -> Purpose {
    Purpose::for_system(USE, whole.dossier.uuid(), whole.code.clone())
}

fn updating(link: &Link, one: &Transfer) -> Sync {
    let Facts {
        received_at,
        due_at,
        ended_at,
        returned_at,
        ..
    } = one.facts.clone();
    Sync {
        key: Some(one.id.uuid()),
        code: link.national_code.clone(),
        state: Some(one.told),
        received_at,
        due_at,
        ended_at,
        returned_at,
        from_portal: link.is_from_portal,
        changed_at: Some(one.at),
        ..Sync::default()
    }
}

/// What a step is called; the other side shows it to the applicant.
pub(crate) fn words_of(lang: Lang, action: &str) -> String {
    web::text(lang, &format!("exchange-step-{action}"))
}

fn progress(link: &Link, one: &Transfer) -> Progress {
    let title = if one.facts.capacity.is_empty() {
        String::new()
    } else {
        web::text(Lang::Vi, &format!("exchange-capacity-{}", one.facts.capacity))
    };
    Progress {
        key: Some(one.id.uuid()),
        code: link.national_code.clone(),
        who: one.facts.who.clone(),
        title,
        division: one.facts.division.clone(),
        text: words_of(Lang::Vi, &one.action),
        state: Some(one.told),
        at: Some(one.at),
        due_at: one.facts.due_at,
    }
}
