//! From claimed transfers to what travels. The first message of a dossier names its applicant: its sealed content is opened for
//! this purpose, and the use is on record before anything leaves.
//! Refuses to send what cannot be opened: the transfer waits and says why.

use std::collections::HashMap;
use std::sync::Arc;

use casework::dossier::{Content, DossierId, submit};
use casework::procedure::Procedure;
use identity::{PersonRef, Purpose, open_sealed, useof};
use kernel::{Lang, ProcedureCode};
use store::StoreError;
use store::keys::Sealed;
use store::sql::UuidList;

use super::store::{self as table, Whole};
use super::{Facts, Transfer};
use crate::Exchange;
use crate::carried::{OwnFee, OwnFile, Snapshot, store as carried};
use crate::error::ExchangeError;
use crate::link::{Link, TakenBack};
use crate::machine::{Kind, Outgoing};
use crate::wire::{Applicant, Attachment, Carried, Fee, Progress, ResultPaper, Service, Sync};

/// The name under which a person finds the sending among the uses of her data.
const USE: &str = "exchange.sync";

/// What the program knows an item by: place among the claimed dossiers, place among its transfers.
pub(crate) type Tag = (usize, usize);

/// The whole dossiers that are told for the first time, opened.
pub(crate) type Wholes = HashMap<DossierId, (Whole, Applicant)>;

/// What the procedure of a dossier calls its papers and its result.
#[derive(Debug, Default)]
pub(crate) struct Names {
    code: String,
    papers: Vec<String>,
    result: Option<String>,
}

/// What is read for a round of transfers besides their rows.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    pub(crate) wholes: Wholes,
    pub(crate) names: HashMap<DossierId, Arc<Names>>,
}

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

    /// Reads what the papers of some dossiers are called.
    pub(crate) async fn names(
        &self,
        dossiers: Vec<DossierId>,
    ) -> Result<HashMap<DossierId, Arc<Names>>, ExchangeError> {
        if dossiers.is_empty() {
            return Ok(HashMap::new());
        }
        let list = UuidList::new(dossiers.into_iter().map(DossierId::uuid));
        let rows = self.store().read(move |tx| carried::procedures(tx, &list)).await?;
        let mut known: HashMap<(String, i64), Arc<Names>> = HashMap::new();
        let mut names = HashMap::new();
        for (dossier, code, version) in rows {
            let key = (code, version);
            let found = match known.get(&key) {
                Some(found) => found.clone(),
                None => {
                    let found = Arc::new(self.names_of(&key.0, version).await?);
                    known.insert(key, found.clone());
                    found
                }
            };
            names.insert(dossier, found);
        }
        Ok(names)
    }

    async fn names_of(&self, code: &str, version: i64) -> Result<Names, ExchangeError> {
        let found = match code.parse::<ProcedureCode>() {
            Ok(parsed) => self.casework().catalogue().find(&parsed, Some(version)).await?,
            Err(_) => None,
        };
        let named = |(procedure, _): (Arc<Procedure>, i64)| Names {
            code: code.to_owned(),
            papers: procedure.components.iter().map(|paper| paper.name.vi.clone()).collect(),
            result: procedure.results.first().cloned(),
        };
        Ok(found.map(named).unwrap_or_default())
    }

    /// What a transfer carries, with links that open for some days from now on.
    pub(crate) fn carried(&self, code: &str, of: &Snapshot, names: Option<&Names>) -> Carried {
        let now = self.now();
        let paper = |file: &OwnFile| Attachment {
            id: file.id.to_string(),
            name: self.name_of(file, names),
            component: file
                .component
                .map(|at| {
                    self.dialect()
                        .component(names.map_or("", |names| names.code.as_str()), at)
                })
                .unwrap_or_default(),
            url: self.link_to(file.id, now),
            sha256: file.sha256.clone(),
            is_deleted: false,
        };
        let result = |(at, file): (usize, &OwnFile)| ResultPaper {
            id: file.id.to_string(),
            name: if file.title.is_empty() {
                let named = names.and_then(|names| names.result.clone());
                named.unwrap_or_else(|| web::text(Lang::Vi, "exchange-result-name"))
            } else {
                file.title.clone()
            },
            component: String::new(),
            code: if file.number.is_empty() {
                format!("{code}-KQ{:02}", at + 1)
            } else {
                file.number.clone()
            },
            url: self.link_to(file.id, now),
            sha256: file.sha256.clone(),
        };
        let fee = |fee: &OwnFee| Fee {
            name: fee.name.clone(),
            code: fee.reference.clone(),
            when: Some(fee.when),
            amount: fee.amount,
            is_paid: fee.is_paid,
        };
        Carried {
            papers: of.papers.iter().map(paper).collect(),
            fees: of.fees.iter().map(fee).collect(),
            results: of.results.iter().enumerate().map(result).collect(),
        }
    }

    /// A paper is called as the procedure calls it: what its applicant called the file is hers.
    fn name_of(&self, file: &OwnFile, names: Option<&Names>) -> String {
        let at = file.component.and_then(|at| usize::try_from(at).ok());
        let named = names.zip(at).and_then(|(names, at)| names.papers.get(at).cloned());
        named.unwrap_or_else(|| web::text(Lang::Vi, "exchange-paper-name"))
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
    pub(crate) fn outgoing(&self, tag: Tag, link: &Link, one: &Transfer, sources: &Sources) -> Option<Outgoing<Tag>> {
        let dialect = self.dialect();
        let (service, is_updating, item) = match one.kind {
            Kind::Register => {
                let (whole, applicant) = sources.wholes.get(&one.dossier)?;
                let sync = self.registering(self.updating(link, one, sources), link, whole, applicant);
                (Service::Sync, false, sync.write(dialect))
            }
            Kind::Update | Kind::Mend | Kind::Arrival => {
                (Service::Sync, true, self.updating(link, one, sources).write(dialect))
            }
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

    fn updating(&self, link: &Link, one: &Transfer, sources: &Sources) -> Sync {
        let names = sources.names.get(&one.dossier).map(std::ops::Deref::deref);
        Sync {
            carried: self.carried(&link.code, &one.facts.carried, names),
            ..updating(link, one)
        }
    }

    fn registering(&self, updating: Sync, link: &Link, whole: &Whole, applicant: &Applicant) -> Sync {
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
            ..updating
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
        why_not,
        ..
    } = one.facts.clone();
    Sync {
        note: why_not.map(not_withdrawn).unwrap_or_default(),
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

/// Why a withdrawal at the portal was not carried out, for its applicant.
fn not_withdrawn(why: TakenBack) -> String {
    web::text(Lang::Vi, &format!("exchange-taken-back-{why}"))
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
