//! The work of the exchange, round by round: send what is due, ask about what was sent, look for what was filed at the portal,
//! judge what is late, compare what was never heard. Each node runs it; a claim of some seconds keeps two off one dossier.
//! Refuses to hold anything open while it waits for the portal: a claim is a row, and its end needs nobody.

use std::collections::HashMap;

use casework::dossier::DossierId;
use futures::StreamExt as _;
use kernel::{SignedDuration, Timestamp};
use ring::digest::{SHA256, digest};
use serde_json::Value;
use store::StoreError;
use store::sql::UuidList;
use uuid::Uuid;

use crate::Exchange;
use crate::error::ExchangeError;
use crate::house::Portal;
use crate::link::Link;
use crate::link::store::{self as links, Due};
use crate::machine::{Clock, Kind, Outgoing, group, rules};
use crate::receipt::Statement;
use crate::transfer::compose::{Sources, Tag};
use crate::transfer::settle::{self, Looked, Outcome, Sent};
use crate::transfer::{Transfer, hear, store as table};
use crate::wire::{Answer, Content, ItemVerdict, LookUp, Reason, Request, Service, Sighted, Sync, read};

/// Dossiers of one claim.
const CLAIMED: i64 = 400;
/// Transfers of one dossier that one claim sends.
const WAVES: usize = 8;
/// Dossiers written in one transaction, so that others get their turn.
const CHUNK: usize = 200;
/// Dossiers taken in, or compared, in one sweep.
const SWEPT: usize = 500;
/// Time between two sweeps.
const SWEEP: SignedDuration = SignedDuration::from_mins(5);
/// What changed so recently may still be on its way through the outbox.
const SETTLED_FOR: SignedDuration = SignedDuration::from_mins(2);
/// A pull begins this long before the last dossier that it saw: clocks and orders of the other side are its own.
const OVERLAP: SignedDuration = SignedDuration::from_mins(10);
/// How far the first pull looks back.
const FIRST_PULL: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A list so long may have been cut off.
const LONG_LIST: usize = 500;
/// Name of the note that holds how far pulls have come.
const PULL: &str = "pull";
/// Name of the note that holds how the line fares.
pub(crate) const LINE: &str = "line";
/// Name of the note that holds what is known of the portal's clock.
const CLOCK: &str = "clock";

/// What a round did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Round {
    /// Transfers that were sent.
    pub sent: u64,
    /// Of these, taken.
    pub taken: u64,
    /// Dossiers that the portal was asked about.
    pub looked: u64,
    /// Of these, different and mended.
    pub mended: u64,
    /// Dossiers that came in.
    pub arrived: u64,
    /// Papers that were fetched from there.
    pub fetched: u64,
    /// Withdrawals at the portal that were decided here.
    pub taken_back: u64,
}

impl Round {
    /// Nothing was due.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        self.sent == 0 && self.looked == 0 && self.arrived == 0 && self.fetched == 0 && self.taken_back == 0
    }
}

/// A dossier in hand.
struct InHand {
    link: Link,
    transfers: Vec<Transfer>,
    outcomes: Vec<Outcome>,
    is_open: bool,
}

/// One request and what came of it.
struct Asked {
    inside: Vec<Outgoing<Tag>>,
    service: Service,
    sent_at: Timestamp,
    answered_at: Timestamp,
    answer: Answer,
}

impl Exchange {
    /// Does what is due now, once.
    /// # Errors
    /// `NotSetUp`, or when the store fails; a portal that fails is no error.
    pub async fn round(&self) -> Result<Round, ExchangeError> {
        let portal = self.portal()?;
        let mut round = Round::default();
        let now = self.now();
        self.began().await?;
        if self.is_open(now) {
            let (sends, checks) = self
                .store()
                .read(move |tx| {
                    Ok::<_, StoreError>((links::is_due(tx, Due::Send, now)?, links::is_due(tx, Due::Check, now)?))
                })
                .await?;
            if sends {
                (round.sent, round.taken) = self.send_due(portal).await?;
            }
            if checks && self.is_open(now) {
                (round.looked, round.mended) = self.check_due(portal).await?;
            }
            if is_time(
                self.pulled_at(),
                now,
                SignedDuration::from_secs(portal.config.pull_seconds),
            ) {
                round.arrived = self.pull(portal).await?;
            }
        }
        round.taken_back = self.take_back().await?;
        self.judge().await?;
        if is_time(self.swept_at(), now, SWEEP) {
            self.sweep().await?;
            self.prune(portal).await?;
            if self.is_open(now) {
                self.compare_catalogues().await?;
            }
        }
        // Last, because it writes files: a disk that is full must not keep the rest from being done.
        round.fetched = self.fetch_papers(portal).await?;
        Ok(round)
    }

    fn is_open(&self, now: Timestamp) -> bool {
        rules::is_open(&self.line().lock(), now)
    }

    /// The time for which a claim holds: one slow request more than may be begun in it.
    fn lease(portal: &Portal) -> SignedDuration {
        let timeout = i64::try_from(portal.config.timeout_seconds).unwrap_or(120);
        SignedDuration::from_secs(2 * timeout + 10)
    }

    /// Writes down how the line fares after some answers. Says whether it stands.
    fn noticed(&self, portal: &Portal, line: Option<Reason>) -> bool {
        let (now, chance) = (self.now(), self.chance());
        let mut state = self.line().lock();
        match line {
            None => rules::line_stands(&mut state),
            Some(reason) => {
                if reason == Reason::Session {
                    portal.client.forget_session();
                }
                rules::line_failed(&mut state, now, chance);
                metrics::counter!("exchange_line_faults_total", "reason" => reason.word()).increment(1);
            }
        }
        line.is_none()
    }

    async fn send_due(&self, portal: &Portal) -> Result<(u64, u64), ExchangeError> {
        let (token, began) = (self.id(), self.now());
        let until = began + Self::lease(portal);
        let mut hands = self.claim(token, until, began).await?;
        let sources = Sources {
            wholes: self.wholes(to_open(&hands)).await?,
            names: self.names(with_papers(&hands)).await?,
        };
        for wave in 0..WAVES {
            let items = self.wave(&mut hands, wave, &sources);
            if items.is_empty() || self.now() > began + Self::lease(portal) / 2 {
                break;
            }
            let asked = self.ask_all(portal, items).await;
            let fault = asked.iter().find_map(|one| one.answer.line);
            asked.into_iter().for_each(|one| self.heard(&mut hands, one));
            if !self.noticed(portal, fault) {
                self.note_line(fault).await?;
                break;
            }
            self.note_line(None).await?;
        }
        self.settle(token, hands).await
    }

    async fn claim(&self, token: Uuid, until: Timestamp, now: Timestamp) -> Result<Vec<InHand>, StoreError> {
        let ids = self
            .store()
            .write(move |tx| links::claim(tx, Due::Send, (token, until), now, CLAIMED))
            .await?;
        let list = UuidList::new(ids.into_iter().map(DossierId::uuid));
        let (links, transfers) = self
            .store()
            .read(move |tx| {
                let most = CLAIMED * i64::try_from(WAVES).unwrap_or(1) * 4;
                Ok::<_, StoreError>((links::held(tx, token, &list)?, table::waiting(tx, &list, most)?))
            })
            .await?;
        let mut by_dossier: HashMap<DossierId, Vec<Transfer>> = HashMap::new();
        for transfer in transfers {
            by_dossier.entry(transfer.dossier).or_default().push(transfer);
        }
        let in_hand = |link: Link| InHand {
            transfers: by_dossier.remove(&link.dossier).unwrap_or_default(),
            link,
            outcomes: Vec::new(),
            is_open: true,
        };
        Ok(links.into_iter().map(in_hand).collect())
    }

    /// The next transfer of each dossier whose last one was taken.
    fn wave(&self, hands: &mut [InHand], wave: usize, sources: &Sources) -> Vec<Outgoing<Tag>> {
        let now = self.now();
        let mut items = Vec::new();
        for (at, hand) in hands.iter_mut().enumerate().filter(|(_, hand)| hand.is_open) {
            let Some(transfer) = hand.transfers.get(wave) else {
                hand.is_open = false;
                continue;
            };
            match self.outgoing((at, wave), &hand.link, transfer, sources) {
                Some(item) => items.push(item),
                None => {
                    hand.is_open = false;
                    let said = "the dossier cannot be opened here".to_owned();
                    hand.outcomes
                        .push(outcome(transfer, ItemVerdict::Refused(said), now, None, 0));
                }
            }
        }
        items
    }

    async fn ask_all(&self, portal: &Portal, items: Vec<Outgoing<Tag>>) -> Vec<Asked> {
        let requests = group(items, portal.config.batch_max);
        futures::stream::iter(requests)
            .map(|(request, inside)| async move {
                let sent_at = self.now();
                let content = portal.client.ask(&request).await;
                let codes: Vec<&str> = inside.iter().map(|item| item.code.as_str()).collect();
                let answer = read(self.dialect(), &content, &codes);
                Asked {
                    service: request.service,
                    sent_at,
                    answered_at: self.now(),
                    answer,
                    inside,
                }
            })
            .buffer_unordered(portal.config.requests_at_once_max)
            .collect()
            .await
    }

    /// Lays the verdicts of one answer to the dossiers in hand.
    fn heard(&self, hands: &mut [InHand], asked: Asked) {
        for (item, verdict) in asked.inside.iter().zip(&asked.answer.items) {
            let (at, wave) = item.tag;
            let Some(hand) = hands.get_mut(at) else { continue };
            let Some(transfer) = hand.transfers.get(wave) else {
                continue;
            };
            hand.is_open = *verdict == ItemVerdict::Accepted;
            let receipt = hand.is_open.then(|| {
                self.signer().sign(&Statement {
                    transfer: transfer.id.uuid(),
                    code: item.code.clone(),
                    service: asked.service.word().to_owned(),
                    direction: "out".to_owned(),
                    state: transfer.told,
                    item_sha256: hash(&item.item),
                    sent_at: asked.sent_at,
                    taken_at: asked.answered_at,
                })
            });
            let chance = self.chance();
            hand.outcomes
                .push(outcome(transfer, verdict.clone(), asked.answered_at, receipt, chance));
        }
    }

    async fn settle(&self, token: Uuid, hands: Vec<InHand>) -> Result<(u64, u64), ExchangeError> {
        let mut all: Vec<Sent> = hands
            .into_iter()
            .map(|hand| Sent {
                dossier: hand.link.dossier,
                is_idle: hand.transfers.is_empty(),
                outcomes: hand.outcomes,
            })
            .collect();
        let sent: usize = all.iter().map(|one| one.outcomes.len()).sum();
        let mut taken = 0;
        while !all.is_empty() {
            let rest = all.split_off(all.len().min(CHUNK));
            let part = std::mem::replace(&mut all, rest);
            let now = self.now();
            taken += self
                .store()
                .write(move |tx| settle::sent(tx, token, &part, now))
                .await?;
        }
        metrics::counter!("exchange_transfers_sent_total").increment(sent as u64);
        metrics::counter!("exchange_transfers_taken_total").increment(taken);
        Ok((sent as u64, taken))
    }

    async fn check_due(&self, portal: &Portal) -> Result<(u64, u64), ExchangeError> {
        let (token, now) = (self.id(), self.now());
        let until = now + Self::lease(portal);
        let ids = self
            .store()
            .write(move |tx| links::claim(tx, Due::Check, (token, until), now, CLAIMED))
            .await?;
        let list = UuidList::new(ids.into_iter().map(DossierId::uuid));
        let held = self.store().read(move |tx| links::held(tx, token, &list)).await?;
        let count = held.len() as u64;
        let parts: Vec<Vec<Link>> = held
            .chunks(portal.config.batch_max.max(1))
            .map(<[Link]>::to_vec)
            .collect();
        let looks: Vec<(Vec<Looked>, Option<Reason>)> = futures::stream::iter(parts)
            .map(|part| self.look(portal, part))
            .buffer_unordered(portal.config.requests_at_once_max)
            .collect()
            .await;
        let fault = looks.iter().find_map(|(_, fault)| *fault);
        self.noticed(portal, fault);
        self.note_line(fault).await?;
        let mut mended = 0;
        for (looked, _) in looks {
            for part in looked.chunks(CHUNK).map(<[Looked]>::to_vec) {
                let now = self.now();
                mended += self
                    .store()
                    .write(move |tx| settle::looked(tx, token, &part, now))
                    .await?;
            }
        }
        metrics::counter!("exchange_looks_total").increment(count);
        metrics::counter!("exchange_mends_total").increment(mended);
        Ok((count, mended))
    }

    async fn look(&self, portal: &Portal, part: Vec<Link>) -> (Vec<Looked>, Option<Reason>) {
        let ask = |link: &Link| LookUp::One(link.national_code.clone()).write(self.dialect());
        let request = Request {
            service: Service::LookUp,
            is_updating: false,
            data: part.iter().map(ask).collect(),
        };
        let content = portal.client.ask(&request).await;
        let codes: Vec<&str> = part.iter().map(|link| link.national_code.as_str()).collect();
        let answer = read(self.dialect(), &content, &codes);
        let found: Option<HashMap<String, Sighted>> = answer.found().map(|data| {
            let read = data.iter().filter_map(|item| Sighted::read(self.dialect(), item));
            read.map(|one| (one.code.clone(), one)).collect()
        });
        let newest = found.iter().flat_map(HashMap::values).filter_map(|one| one.stamp).max();
        let looked = part.iter().map(|link| Looked {
            dossier: link.dossier,
            found: found.as_ref().map(|found| found.get(&link.national_code).cloned()),
            mend: self.id(),
        });
        let looked = looked.collect();
        if let Some(stamp) = newest
            && let Err(error) = self.clock_told(stamp).await
        {
            tracing::warn!(%error, "what the portal's clock shows could not be written down");
        }
        (looked, answer.line)
    }

    /// Learns of the portal's clock from a time that it wrote. Says what is known.
    pub(crate) async fn clock_told(&self, stamp: Timestamp) -> Result<Clock, StoreError> {
        let now = self.now();
        let known = self.store().read(|tx| table::note(tx, CLOCK)).await?;
        let known = known.and_then(|(value, at)| {
            let ahead_at_least = SignedDuration::from_micros(value.as_i64()?);
            Some(Clock { ahead_at_least, at })
        });
        let clock = rules::clock_told(known, stamp, now);
        // Written when it says something new, and once a minute.
        let is_news = known.is_none_or(|known| {
            clock.ahead_at_least > known.ahead_at_least || now.since(known.at) > SignedDuration::from_mins(1)
        });
        if is_news {
            let value = Value::from(i64::try_from(clock.ahead_at_least.as_micros()).unwrap_or(0));
            self.store()
                .write(move |tx| table::set_note(tx, CLOCK, &value, now))
                .await?;
        }
        Ok(clock)
    }

    /// Looks for what was filed at the portal and never told. Says how many dossiers came in.
    async fn pull(&self, portal: &Portal) -> Result<u64, ExchangeError> {
        let now = self.now();
        let noted = self.store().read(|tx| table::note(tx, PULL)).await?;
        let from = noted
            .and_then(|(value, _)| value.as_i64())
            .map_or(now - FIRST_PULL, Timestamp::from_micros);
        let request = Request {
            service: Service::LookUp,
            is_updating: false,
            data: vec![LookUp::FiledSince(from).write(self.dialect())],
        };
        let content: Content = portal.client.ask(&request).await;
        let answer = read(self.dialect(), &content, &[""]);
        self.noticed(portal, answer.line);
        let Some(data) = answer.found() else {
            return Ok(0);
        };
        let items: Vec<Sync> = data
            .iter()
            .filter_map(|item| Sync::read(self.dialect(), item))
            .collect();
        let mut arrived = 0;
        for item in items.iter().filter(|item| item.from_portal) {
            arrived += u64::from(self.arrive(item, Service::LookUp).await?.is_new());
        }
        let overlap = if data.len() >= LONG_LIST {
            SignedDuration::ZERO
        } else {
            OVERLAP
        };
        if let Some(newest) = items.iter().filter_map(|item| item.filed_at).max() {
            let value = Value::from((newest - overlap).max(from).as_micros());
            self.store()
                .write(move |tx| table::set_note(tx, PULL, &value, now))
                .await?;
        }
        Ok(arrived)
    }

    /// Takes in open dossiers of which the exchange never heard, and tells anew what changed unheard. Says how many.
    /// # Errors
    /// When the store fails.
    pub async fn sweep(&self) -> Result<u64, StoreError> {
        let (now, ids) = (self.now(), (0..SWEPT).map(|_| self.id()).collect::<Vec<_>>());
        let keys = ids.clone();
        let adopted = self.store().write(move |tx| hear::adopt(tx, &keys, now)).await?;
        let is_behind = self.store().read(|tx| tx.consumers()).await?;
        let is_behind = is_behind.iter().any(|one| one.name == hear::CONSUMER && one.behind > 0);
        let mut found = adopted as u64;
        if !is_behind {
            found += self.compare(&ids, now).await?;
        }
        let gauge = self.store().read(links::gauge).await?;
        for (drift, count, _) in gauge {
            metrics::gauge!("exchange_drift", "kind" => drift.word()).set(count as f64);
        }
        Ok(found)
    }

    async fn compare(&self, ids: &[Uuid], now: Timestamp) -> Result<u64, StoreError> {
        let after = *self.compared().lock();
        let most = i64::try_from(SWEPT).unwrap_or(1);
        let page = self
            .store()
            .read(move |tx| table::both_states(tx, after, now - SETTLED_FOR, most))
            .await?;
        *self.compared().lock() = match page.last() {
            Some((last, _, _)) if page.len() >= SWEPT => *last,
            _ => DossierId::from_uuid(Uuid::nil()),
        };
        let differs = |(_, state, ours): &&(DossierId, String, i64)| i64::from(hear::code_of(state)) != *ours;
        let unheard: Vec<DossierId> = page.iter().filter(differs).map(|row| row.0).collect();
        let mut told = 0;
        for (dossier, id) in unheard.into_iter().zip(ids.to_vec()) {
            told += u64::from(
                self.store()
                    .write(move |tx| hear::unheard(tx, dossier, id, now))
                    .await?,
            );
        }
        Ok(told)
    }

    /// Keeps for the page when the line was last seen to stand or to fail.
    async fn note_line(&self, fault: Option<Reason>) -> Result<(), StoreError> {
        let now = self.now();
        let value = match fault {
            Some(reason) => serde_json::json!({ "fault": reason }),
            None => serde_json::json!({ "fault": Value::Null }),
        };
        self.store()
            .write(move |tx| {
                let known = table::note(tx, LINE)?;
                // Written when it changes, and once a minute: the page needs no more.
                let is_news =
                    known.is_none_or(|(before, at)| before != value || now.since(at) > SignedDuration::from_mins(1));
                if is_news {
                    table::set_note(tx, LINE, &value, now)
                } else {
                    Ok(())
                }
            })
            .await
    }
}

fn to_open(hands: &[InHand]) -> Vec<DossierId> {
    let registers = |hand: &&InHand| hand.transfers.iter().any(|one| one.kind == Kind::Register);
    hands.iter().filter(registers).map(|hand| hand.link.dossier).collect()
}

/// The dossiers of which a transfer carries papers or results: what those are called is read.
fn with_papers(hands: &[InHand]) -> Vec<DossierId> {
    let carries = |one: &Transfer| !(one.facts.carried.papers.is_empty() && one.facts.carried.results.is_empty());
    let hands = hands.iter().filter(|hand| hand.transfers.iter().any(carries));
    hands.map(|hand| hand.link.dossier).collect()
}

fn outcome(one: &Transfer, verdict: ItemVerdict, at: Timestamp, receipt: Option<String>, chance: u8) -> Outcome {
    Outcome {
        id: one.id,
        number: one.number,
        told: one.told,
        verdict,
        at,
        receipt,
        chance,
    }
}

/// SHA-256 of an item as it was sent, in hex.
pub(crate) fn hash(item: &Value) -> String {
    hex::encode(digest(&SHA256, item.to_string().as_bytes()))
}

/// Whether something that recurs is due; if so it counts as done now.
fn is_time(last: &parking_lot::Mutex<Option<Timestamp>>, now: Timestamp, every: SignedDuration) -> bool {
    let mut last = last.lock();
    // A clock that jumped back makes it due.
    let is_due = last.is_none_or(|at| now.since(at) >= every || now < at);
    if is_due {
        *last = Some(now);
    }
    is_due
}
