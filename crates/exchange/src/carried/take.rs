//! Papers and results that lie at the portal: written down when they are told, fetched afterwards, judged by their content like every
//! upload, hung on the dossier. A portal that is away costs time; a paper that will never come is listed with its reason.
//! Refuses any address that is not the portal's own, files larger than uploads may be, and what has another hash than was named.

use std::sync::Arc;

use casework::dossier::DossierId;
use casework::file::transfer::{self, Place};
use casework::file::{self, FilePurpose};
use futures::StreamExt as _;
use identity::{Purpose, open_sealed, useof};
use kernel::{SignedDuration, Timestamp};
use ring::digest::{SHA256, digest};
use store::keys::Sealed;
use store::{StoreError, Tx};
use uuid::Uuid;
use web::submitted::{Limits, Spool, Submitted, UploadedFile};

use super::store as table;
use super::{HeardFee, Paper, PaperFault, PaperStand, Source, What};
use crate::Exchange;
use crate::arrival::key_of;
use crate::error::ExchangeError;
use crate::house::Portal;
use crate::link::store as links;
use crate::machine::rules::is_end;
use crate::wire::{Carried, Content};

/// The name under which a person finds the fetching among the uses of her data.
const USE: &str = "exchange.sync";
/// Papers fetched in one round.
const FETCHED: i64 = 20;
/// First pause after a try; it doubles.
const PAUSE: SignedDuration = SignedDuration::from_secs(5);
/// Longest pause.
const PAUSE_MAX: SignedDuration = SignedDuration::from_mins(30);
/// Longest address that is kept.
const URL_CHARS_MAX: usize = 2_000;
/// Longest name of a fee or code of a paper that is kept.
const WORDS_CHARS_MAX: usize = 120;

/// What the other side told of a dossier, made ready for its transaction.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heard {
    papers: Vec<Paper>,
    /// Their ids at the other side, in the same order.
    ids: Vec<String>,
    fees: Vec<HeardFee>,
}

impl Heard {
    pub(crate) const fn is_empty(&self) -> bool {
        self.papers.is_empty() && self.fees.is_empty()
    }

    /// Writes it down for a dossier. What is ours already is an echo.
    pub(crate) fn write(&self, tx: &mut Tx, dossier: DossierId) -> Result<(), StoreError> {
        if self.is_empty() {
            return Ok(());
        }
        let own: Vec<String> = table::own_files(tx, dossier)?.iter().map(Uuid::to_string).collect();
        let told = self.papers.iter().zip(&self.ids);
        for (paper, _) in told.filter(|(_, id)| !own.contains(&id.to_lowercase())) {
            let paper = Paper {
                dossier,
                ..paper.clone()
            };
            table::hear_paper(tx, &paper)?;
        }
        self.fees.iter().try_for_each(|fee| table::hear_fee(tx, dossier, fee))
    }
}

fn short(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_control())
        .take(WORDS_CHARS_MAX)
        .collect()
}

impl Exchange {
    /// Makes what the other side tells of papers and fees ready to be written down.
    pub(crate) fn hear_carried(&self, code: &str, procedure: &str, carried: &Carried) -> Heard {
        let now = self.now();
        let mut heard = Heard::default();
        for one in carried.papers.iter().filter(|one| !one.is_deleted) {
            let component = self.dialect().component_of(procedure, &one.component);
            let source = self.source(&one.url, &one.name, &one.sha256);
            let paper = self.paper(code, (What::Component, &one.id), &source, now);
            heard.papers.push(Paper {
                component,
                code: short(&one.component),
                ..paper
            });
            heard.ids.push(one.id.clone());
        }
        for one in &carried.results {
            let source = self.source(&one.url, &one.name, &one.sha256);
            let paper = self.paper(code, (What::Result, &one.id), &source, now);
            heard.papers.push(Paper {
                code: short(&one.code),
                ..paper
            });
            heard.ids.push(one.id.clone());
        }
        let fee = |fee: &crate::wire::Fee| HeardFee {
            reference: short(&fee.code),
            name: short(&fee.name),
            amount: fee.amount,
            is_paid: fee.is_paid,
            heard_at: now,
        };
        heard.fees = carried.fees.iter().map(fee).collect();
        heard
    }

    fn source(&self, url: &str, name: &str, sha256: &str) -> Source {
        Source {
            url: url.chars().take(URL_CHARS_MAX).collect(),
            name: short(name),
            sha256: sha256.chars().take(64).collect(),
        }
    }

    fn paper(&self, code: &str, (what, their_id): (What, &str), source: &Source, now: Timestamp) -> Paper {
        let id = key_of("exchange.paper", &format!("{code}\n{what}\n{their_id}"));
        let text = serde_json::to_vec(source).unwrap_or_default();
        let sealed = self
            .casework()
            .keys()
            .seal(self.world().as_ref(), &source_context(id), &text);
        Paper {
            id,
            dossier: DossierId::from_uuid(Uuid::nil()),
            what,
            component: None,
            code: String::new(),
            source: Some(sealed.into_bytes()),
            stand: PaperStand::Waiting,
            reason: None,
            tries: 0,
            next_at: Some(now),
            heard_at: now,
            settled_at: None,
            file: None,
        }
    }

    /// Fetches what is due. Says how many papers came. One that fails here is put off like any other, so that those behind it have
    /// their turn.
    pub(crate) async fn fetch_papers(&self, portal: &Portal) -> Result<u64, ExchangeError> {
        let now = self.now();
        let due = self.store().read(move |tx| table::due_papers(tx, now, FETCHED)).await?;
        let fetched: Vec<Result<bool, ExchangeError>> = futures::stream::iter(due)
            .map(|paper| self.fetch(portal, paper))
            .buffer_unordered(portal.config.requests_at_once_max)
            .collect()
            .await;
        let mut came = 0;
        for one in fetched {
            came += u64::from(one?);
        }
        Ok(came)
    }

    async fn fetch(&self, portal: &Portal, paper: Paper) -> Result<bool, ExchangeError> {
        match self.bring(portal, &paper).await {
            Ok(()) => Ok(true),
            Err(Unfetched::Fault(error)) => {
                tracing::warn!(paper = %paper.id, %error, "a paper of the portal could not be put down here; tried again");
                self.miss(paper.id, PaperFault::Here).await
            }
            Err(Unfetched::Paper(fault)) => self.miss(paper.id, fault).await,
        }
    }

    async fn miss(&self, id: Uuid, fault: PaperFault) -> Result<bool, ExchangeError> {
        let now = self.now();
        self.store().write(move |tx| missed(tx, id, fault, now)).await?;
        Ok(false)
    }

    /// From the address to a file of the dossier.
    async fn bring(&self, portal: &Portal, paper: &Paper) -> Result<(), Unfetched> {
        let (dossier, id) = (paper.dossier, paper.id);
        let read = self.store().read(move |tx| {
            let link = links::find(tx, dossier)?;
            Ok::<_, StoreError>((table::subject(tx, dossier)?, link.map(|link| link.track.ours)))
        });
        let (Some((person, code)), Some(ours)) = read.await.map_err(ExchangeError::from)? else {
            return Err(PaperFault::Ended.into());
        };
        if is_end(ours) {
            return Err(PaperFault::Ended.into());
        }
        let purpose = Purpose::for_system(USE, dossier.uuid(), code);
        let sealed = Sealed::from_bytes(paper.source.clone().unwrap_or_default());
        let plain = open_sealed(&self.casework().keys(), &purpose, &source_context(id), &sealed);
        let source: Option<Source> = plain.ok().and_then(|plain| serde_json::from_slice(&plain).ok());
        let source = source.ok_or(PaperFault::Absent)?;
        let bytes = self.bytes(portal, &source).await?;
        let purpose_of_file = match paper.what {
            What::Component => FilePurpose::Component,
            What::Result => FilePurpose::Result,
        };
        let place = Place {
            purpose: purpose_of_file,
            component: paper.component,
            supplement: None,
        };
        let upload = self.judged(id, &source, bytes).await?;
        let stored = transfer::take(self.casework(), &upload, dossier.uuid(), place).await;
        let stored = stored.map_err(ExchangeError::from)?;
        let now = self.now();
        let written = self.store().write(move |tx| {
            let Some(known) = table::paper(tx, id)?.filter(|known| known.stand == PaperStand::Waiting) else {
                return Ok::<_, StoreError>(());
            };
            file::hang(tx, dossier, &stored)?;
            useof::record(tx, &purpose, &[person], now)?;
            let taken = Paper {
                source: None,
                stand: PaperStand::Taken,
                reason: None,
                tries: known.tries + 1,
                next_at: None,
                settled_at: Some(now),
                file: Some(stored.0.id.uuid()),
                ..known
            };
            table::save_paper(tx, &taken)
        });
        written.await.map_err(|error| Unfetched::Fault(error.into()))
    }

    /// The bytes as an upload, judged by their content.
    async fn judged(&self, id: Uuid, source: &Source, bytes: Vec<u8>) -> Result<Arc<UploadedFile>, PaperFault> {
        let limits = Limits::files(1, self.casework().settings().files.bytes_max);
        let spool = Spool(std::env::temp_dir().into());
        let parts = vec![("file".to_owned(), named(source), bytes)];
        let arrived = Submitted::of_parts(id, Vec::new(), parts, (&limits, &spool)).await;
        let arrived = arrived.map_err(|error| {
            tracing::warn!(paper = %id, %error, "the bytes of a paper became no upload");
            PaperFault::from(&error)
        })?;
        arrived.files().first().cloned().ok_or(PaperFault::Kind)
    }

    async fn bytes(&self, portal: &Portal, source: &Source) -> Result<Vec<u8>, PaperFault> {
        let url = portal.config.fetched_from(&source.url).ok_or(PaperFault::Elsewhere)?;
        let most = self.casework().settings().files.bytes_max;
        let bytes = match portal.client.fetch(&url, most).await {
            Content::Body(200, bytes) => bytes,
            Content::Body(413, _) => return Err(PaperFault::TooLarge),
            Content::Nothing(_) | Content::Body(408 | 425 | 429 | 500..=599, _) => return Err(PaperFault::Away),
            Content::Body(..) => return Err(PaperFault::Absent),
        };
        let hash = hex::encode(digest(&SHA256, &bytes));
        if !source.sha256.is_empty() && source.sha256 != hash {
            return Err(PaperFault::Hash);
        }
        Ok(bytes)
    }
}

/// Why a paper did not come.
enum Unfetched {
    Paper(PaperFault),
    Fault(ExchangeError),
}

impl From<PaperFault> for Unfetched {
    fn from(fault: PaperFault) -> Self {
        Self::Paper(fault)
    }
}

impl From<ExchangeError> for Unfetched {
    fn from(error: ExchangeError) -> Self {
        Self::Fault(error)
    }
}

fn named(source: &Source) -> String {
    if source.name.is_empty() {
        "giay-to".to_owned()
    } else {
        source.name.clone()
    }
}

/// A try that brought nothing: later again, or never.
fn missed(tx: &mut Tx, id: Uuid, fault: PaperFault, now: Timestamp) -> Result<(), StoreError> {
    let Some(known) = table::paper(tx, id)?.filter(|known| known.stand == PaperStand::Waiting) else {
        return Ok(());
    };
    let tries = known.tries + 1;
    let again = fault.may_pass(tries);
    let pause = (PAUSE * (1 << tries.clamp(0, 10))).min(PAUSE_MAX);
    table::save_paper(
        tx,
        &Paper {
            stand: if again { PaperStand::Waiting } else { PaperStand::Failed },
            reason: Some(fault),
            tries,
            next_at: again.then_some(now + pause),
            settled_at: (!again).then_some(now),
            source: known.source.clone().filter(|_| again),
            ..known
        },
    )
}

/// Where the address of a paper is sealed: as `SealedColumn::by_id` has it.
fn source_context(id: Uuid) -> String {
    format!("exchange_paper.source:{id}")
}
