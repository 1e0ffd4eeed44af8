//! Dossiers that were filed at the portal: each becomes a dossier here, once, whichever way and however often it is told. Owns the
//! way from the portal's item to a submission; the submission is made like every other.
//! Refuses what cannot be placed (no such procedure, agency or person): it is listed with its reason, and told to the portal.

use casework::dossier::state::{Delivery, Entered, Representation};
use casework::dossier::{Content, DossierError, DossierId, submit};
use casework::place;
use identity::person::{self, PersonDetails};
use identity::{IdentityError, PersonRef};
use kernel::{AgencyCode, PersonId, ProcedureCode, Timestamp};
use ring::digest::{SHA256, digest};
use uuid::Uuid;

use crate::Exchange;
use crate::carried::take::Heard;
use crate::error::ExchangeError;
use crate::link::Link;
use crate::link::store as links;
use crate::machine::{Kind, Stand, Track, rules};
use crate::receipt::Statement;
use crate::transfer::store::{self as table, Stray};
use crate::transfer::{Facts, Transfer, TransferId};
use crate::wire::{Reason, Service, Sync};

/// What became of a dossier that was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Arrived {
    /// It is here now, with the receipt.
    New(String),
    /// It was here, with the receipt of then.
    Known(Option<String>),
    /// It cannot be taken, and why: the end of a text key.
    Stray(&'static str),
}

impl Arrived {
    pub(crate) const fn is_new(&self) -> bool {
        matches!(self, Self::New(_))
    }
}

/// The key of everything that belongs to a code of the portal.
pub(crate) fn key_of(what: &str, code: &str) -> Uuid {
    let hash = digest(&SHA256, format!("{what}\n{code}").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_ref()[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

impl Exchange {
    /// Takes in a dossier that the portal told.
    /// # Errors
    /// When the store fails.
    pub(crate) async fn arrive(&self, item: &Sync, service: Service) -> Result<Arrived, ExchangeError> {
        let id = TransferId::from_uuid(key_of("exchange.arrival", &item.code));
        let known = self
            .store()
            .read({
                let code = item.code.clone();
                move |tx| {
                    let link = links::by_code(tx, &code)?;
                    Ok::<_, ExchangeError>((link, table::receipt(tx, id)?))
                }
            })
            .await?;
        if let (Some(_), receipt) = known {
            return Ok(Arrived::Known(receipt));
        }
        match self.file(item, id, service).await {
            Ok(arrived) => Ok(arrived),
            Err(Unfit::Stray(reason, said)) => {
                let stray = Stray {
                    code: item.code.clone(),
                    reason: reason.to_owned(),
                    service: service.word().to_owned(),
                    said,
                    times: 1,
                    last_at: self.now(),
                };
                self.store().write(move |tx| table::stray(tx, &stray)).await?;
                Ok(Arrived::Stray(reason))
            }
            Err(Unfit::Fault(error)) => Err(error),
        }
    }

    async fn file(&self, item: &Sync, id: TransferId, service: Service) -> Result<Arrived, Unfit> {
        let now = self.now();
        let submission = self.submission(item).await?;
        let house = self.casework();
        let sealed = submit::seal(&submission, self.world().as_ref(), &house.keys(), house.calendar());
        let clock = match item.filed_at {
            Some(stamp) => Some(self.clock_told(stamp).await.map_err(ExchangeError::from)?),
            None => None,
        };
        let (filed_at, is_ahead) = rules::believed(item.filed_at, clock, now);
        let receipt = self.signer().sign(&Statement {
            transfer: id.uuid(),
            code: item.code.clone(),
            service: service.word().to_owned(),
            direction: "in".to_owned(),
            state: 1,
            item_sha256: crate::pump::hash(&item.write(self.dialect())),
            sent_at: filed_at,
            taken_at: now,
        });
        let arrival = Arrival {
            heard: self.hear_carried(&item.code, &item.procedure, &item.carried),
            code: item.code.clone(),
            filed_at,
            now,
            transfer: transfer_of(id, service, filed_at, now, is_ahead, receipt.clone()),
        };
        let written = self.store().write(move |tx| arrival.write(tx, &sealed)).await;
        match written {
            Ok(true) => Ok(Arrived::New(receipt)),
            Ok(false) => Ok(Arrived::Known(None)),
            Err(error) => Err(Unfit::Fault(error)),
        }
    }

    async fn submission(&self, item: &Sync) -> Result<submit::Submission, Unfit> {
        let house = self.casework();
        let day = self.now().local_date();
        let code: ProcedureCode = item
            .procedure
            .parse()
            .map_err(|_| stray("procedure", &item.procedure))?;
        let found = house.catalogue().find(&code, None).await.map_err(ExchangeError::from)?;
        let (procedure, version) = found.ok_or_else(|| stray("procedure", &item.procedure))?;
        let agency: AgencyCode = item.agency.parse().map_err(|_| stray("agency", &item.agency))?;
        let book = house.identity().units();
        let unit = book
            .by_code(&agency, day)
            .ok_or_else(|| stray("agency", &item.agency))?
            .id;
        let place = place::resolve(&book, &procedure, unit, day).map_err(|_| stray("agency", &item.agency))?;
        let content = content_of(item)?;
        let way = house.way_in(&procedure).await.map_err(ExchangeError::from)?;
        Ok(submit::Submission {
            once: key_of("exchange.submission", &item.code),
            procedure: (procedure.code.clone(), version, procedure.title().vi.clone()),
            way,
            place,
            person: self.person(&content).await?,
            account: None,
            representation: Representation::Own,
            entered: Entered::SelfFiled,
            delivery: Delivery::PickUp,
            content,
            draft: None,
            parties: submit::Parties::default(),
            taking: None,
        })
    }

    /// The person's record: found by her number, or made.
    async fn person(&self, content: &Content) -> Result<PersonRef, Unfit> {
        let number: PersonId = content.person_id.parse().map_err(|_| stray("applicant", ""))?;
        let mut details = PersonDetails::new(number, content.name.clone());
        details.address = Some(content.address.clone()).filter(|text| !text.is_empty());
        details.phone = content.phone.parse().ok();
        details.email = content.email.parse().ok();
        let house = self.casework();
        let claim = person::prepare(&house.keys(), self.world().as_ref(), &details)
            .map_err(|error| ExchangeError::from(DossierError::Refused(IdentityError::from(error))))?;
        let now = self.now();
        let found = self
            .store()
            .write(move |tx| person::find_or_create(tx, &claim, "portal", now))
            .await;
        Ok(found.map_err(ExchangeError::from)?.person())
    }
}

/// Why a dossier did not come in.
enum Unfit {
    Stray(&'static str, String),
    Fault(ExchangeError),
}

impl From<ExchangeError> for Unfit {
    fn from(error: ExchangeError) -> Self {
        Self::Fault(error)
    }
}

fn stray(reason: &'static str, said: &str) -> Unfit {
    Unfit::Stray(reason, said.chars().take(80).collect())
}

fn content_of(item: &Sync) -> Result<Content, Unfit> {
    let applicant = item.applicant.as_ref().ok_or_else(|| stray("applicant", ""))?;
    let number: PersonId = applicant.number.parse().map_err(|_| stray("applicant", ""))?;
    Ok(Content {
        name: applicant.name.chars().take(200).collect(),
        person_id: number.to_string(),
        phone: applicant
            .phone
            .parse::<kernel::Phone>()
            .map(|phone| phone.to_string())
            .unwrap_or_default(),
        email: applicant
            .email
            .parse::<kernel::Email>()
            .map(|email| email.to_string())
            .unwrap_or_default(),
        address: applicant.address.chars().take(300).collect(),
        ..Content::default()
    })
}

/// What the transaction of an arrival writes beside the dossier.
struct Arrival {
    code: String,
    heard: Heard,
    filed_at: Timestamp,
    now: Timestamp,
    transfer: Transfer,
}

impl Arrival {
    /// Writes dossier, link and transfer. Says whether it is new.
    fn write(&self, tx: &mut store::Tx, sealed: &submit::Sealed) -> Result<bool, ExchangeError> {
        if links::by_code(tx, &self.code)?.is_some() {
            return Ok(false);
        }
        let done = submit::submit(tx, sealed)?;
        let told = table::told(tx, done.id)?.ok_or(ExchangeError::NotFound)?;
        let mut link = Link {
            national_code: self.code.clone(),
            is_from_portal: true,
            filed_at: Some(self.filed_at),
            arrived_at: Some(self.now),
            track: Track::arrived(self.now),
            ..Link::new(done.id, told.code, told.unit, 1, self.now)
        };
        link.track.last = 1;
        link.track.settled = 1;
        links::insert(tx, &link)?;
        let transfer = Transfer {
            dossier: done.id,
            ..self.transfer.clone()
        };
        table::insert(tx, &transfer)?;
        self.heard.write(tx, done.id)?;
        table::unstray(tx, &self.code)?;
        Ok(true)
    }
}

fn transfer_of(
    id: TransferId,
    service: Service,
    filed_at: Timestamp,
    now: Timestamp,
    is_ahead: bool,
    receipt: String,
) -> Transfer {
    Transfer {
        id,
        dossier: DossierId::from_uuid(Uuid::nil()),
        number: 1,
        kind: Kind::Arrival,
        stand: Stand::Confirmed,
        told: 1,
        action: "arrival".to_owned(),
        facts: Facts::default(),
        at: filed_at,
        tries: 1,
        first_tried_at: Some(now),
        tried_at: Some(now),
        settled_at: Some(now),
        // Its clock is ahead of ours: the date that it named is not believed.
        reason: is_ahead.then_some(Reason::ClockAhead),
        said: (service == Service::LookUp).then(|| service.word().to_owned()),
        receipt: Some(receipt),
    }
}
