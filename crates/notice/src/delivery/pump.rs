//! The sender of a channel: one at a time in the whole province, because its job has one key. It takes deliveries in order, opens
//! the address for the purpose of this sending (its use is on record before), sends, and writes what became of it.
//! A channel that is down is left alone for a while; the deliveries keep their place and their tries.

use std::sync::Arc;

use ::store::{StoreError, Tx};
use identity::{AccountId, Purpose, useof};
use kernel::Timestamp;

use super::outcome::{Failed, Went, end, fall_back, finish};
use super::rules::{self, Turn};
use super::store as table;
use super::{Due, Reason, State};
use crate::channel::{Channel, Line, Outgoing, SendFault};
use crate::error::NoticeError;
use crate::house::Notices;
use crate::message::{Contact, ContactError};
use crate::preference::store as preferences;
use crate::template::Setting;

/// Sent by one run; the next begins within a minute.
const SENT_MAX: u32 = 2_000;

/// What a run did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pumped {
    /// Accepted by a server.
    pub sent: u32,
    /// Put off: a server said later, or the channel is down.
    pub put_off: u32,
    /// Settled without being sent.
    pub dropped: u32,
    /// Refused or failed for good.
    pub failed: u32,
}

/// What the look at the queue found.
enum Look {
    Nothing,
    Again { dropped: bool },
    Send(Box<Due>),
}

/// Everything that a sending needs, opened for it.
struct Opened {
    contact: Contact,
    devices: Vec<crate::channel::push::Device>,
}

/// The name under which a person finds the sending among the uses of her data.
const USE: &str = "notice.send";

pub(crate) fn purpose(due: &Due) -> Purpose {
    Purpose::for_system(USE, due.stored.matter, due.stored.reference.clone())
}

impl Notices {
    /// Sends what is due on a channel.
    /// # Errors
    /// When the store fails; what could not be sent is no error.
    pub async fn pump(&self, channel: Channel) -> Result<Pumped, NoticeError> {
        let line = self.line(channel).ok_or(NoticeError::NotSetUp)?.clone();
        let mut pumped = Pumped::default();
        if !channel.is_sent() {
            return Ok(pumped);
        }
        self.find_left_behind(&line).await?;
        while pumped.sent < SENT_MAX {
            match self.look(&line).await? {
                Look::Nothing => break,
                Look::Again { dropped } => pumped.dropped += u32::from(dropped),
                Look::Send(due) => {
                    let went = self.try_one(&line, &due).await?;
                    match went {
                        Went::Sent => pumped.sent += 1,
                        Went::Dropped => pumped.dropped += 1,
                        Went::Failed => pumped.failed += 1,
                        Went::PutOff => pumped.put_off += 1,
                        Went::Down => {
                            pumped.put_off += 1;
                            break;
                        }
                    }
                }
            }
        }
        Ok(pumped)
    }

    /// Decides about sendings whose program ended in the middle: repeated where the server knows them again, else given up.
    async fn find_left_behind(&self, line: &Line) -> Result<(), NoticeError> {
        let (channel, again, now) = (line.channel, line.repeat_is_safe, self.now());
        let since = now - rules::LEFT_BEHIND;
        let look = move |tx: &mut Tx| table::left_behind(tx, channel, since);
        if self.store().read(look).await?.is_empty() {
            return Ok(());
        }
        let decide = move |tx: &mut Tx| -> Result<(), StoreError> {
            for (id, message) in table::left_behind(tx, channel, since)? {
                if again {
                    table::put_back(tx, id, now, "the program ended while it was sent", true)?;
                } else if table::settle(
                    tx,
                    id,
                    State::Sending,
                    &end(State::Failed, Some(Reason::Unknown), None, now),
                )? {
                    fall_back(tx, channel, message, now)?;
                }
            }
            Ok(())
        };
        Ok(self.store().write(decide).await?)
    }

    async fn look(&self, line: &Line) -> Result<Look, NoticeError> {
        let (now, quiet, channel, limits) = (self.now(), self.config().quiet, line.channel, line.limits);
        let any = self
            .store()
            .read(move |tx| table::any_due(tx, channel, now, Timestamp::MIN))
            .await?;
        if !any {
            return Ok(Look::Nothing);
        }
        let look = move |tx: &mut Tx| -> Result<Look, StoreError> {
            let state = table::line(tx, channel)?;
            if state.paused_until.is_some_and(|until| now < until) {
                return Ok(Look::Nothing);
            }
            let Some(due) = table::next(tx, channel, now)? else {
                return Ok(Look::Nothing);
            };
            let stored = &due.stored;
            // She may have died while it waited for morning or for a server.
            if let Some(person) = stored.person
                && identity::person::death::deceased(tx, person)?.is_some()
            {
                let why = end(State::Skipped, Some(Reason::Deceased), None, now);
                let dropped = table::settle(tx, due.id, State::Queued, &why)?;
                return Ok(Look::Again { dropped });
            }
            match rules::turn(
                channel,
                stored.is_urgent,
                stored.expires_at,
                &state,
                &limits,
                quiet,
                now,
            ) {
                Turn::Capped => Ok(Look::Nothing),
                Turn::Wait(until) => {
                    table::wait(tx, due.id, until)?;
                    Ok(Look::Again { dropped: false })
                }
                Turn::Drop(reason) => {
                    let settled =
                        table::settle(tx, due.id, State::Queued, &end(State::Skipped, Some(reason), None, now))?;
                    Ok(Look::Again { dropped: settled })
                }
                Turn::Send => {
                    if !table::take(tx, due.id, now)? {
                        return Ok(Look::Again { dropped: false });
                    }
                    table::set_line(tx, channel, &rules::charged(&state, &limits, now))?;
                    if let Some(person) = stored.person {
                        useof::record(tx, &purpose(&due), &[person], now)?;
                    }
                    Ok(Look::Send(Box::new(due)))
                }
            }
        };
        Ok(self.store().write(look).await?)
    }

    async fn try_one(&self, line: &Line, due: &Due) -> Result<Went, NoticeError> {
        let outcome = match self.outgoing(line.channel, due).await? {
            Ok(out) => line
                .adapter
                .send(&out, self.now(), self.world().as_ref())
                .await
                .map_err(Failed::Send),
            Err(failed) => Err(failed),
        };
        let (line, due, now) = (line.clone(), Arc::new(due.clone()), self.now());
        let outcome = Arc::new(outcome);
        if let Err(failed) = outcome.as_ref() {
            tracing::warn!(channel = %line.channel, delivery = %due.id, kind = due.stored.kind, %failed, "a notice was not sent");
        }
        let channel = line.channel;
        let write = move |tx: &mut Tx| finish(tx, &line, &due, outcome.as_ref(), now);
        let went = self.store().write(write).await?;
        metrics::counter!("notice_sendings_total", "channel" => channel.word(), "result" => went.word()).increment(1);
        Ok(went)
    }

    /// Opens the address and puts the message into words.
    async fn outgoing(&self, channel: Channel, due: &Due) -> Result<Result<Outgoing, Failed>, NoticeError> {
        let opened = match self.opened(channel, due).await {
            Ok(opened) => opened,
            Err(NoticeError::Store(error)) => return Err(error.into()),
            // What does not open today may open tomorrow, with the right key; it is tried a few times.
            Err(error) => return Ok(Err(Failed::Send(SendFault::Later(error.to_string())))),
        };
        let stored = &due.stored;
        let setting = Setting {
            site: self.site(stored.lang),
            origin: self.origin(),
            path: &stored.path,
        };
        let rendered = self
            .templates()
            .render(&stored.kind, channel, stored.lang, &stored.parameters, &setting);
        Ok(rendered
            .map_err(|error| Failed::Words(error.to_string()))
            .map(|rendered| Outgoing {
                id: due.id.uuid(),
                kind: stored.kind.clone(),
                rendered,
                to: opened.contact,
                devices: opened.devices,
                path: stored.path.clone(),
                worth_seconds: stored.expires_at.since(self.now()).as_secs(),
            }))
    }

    async fn opened(&self, channel: Channel, due: &Due) -> Result<Opened, NoticeError> {
        let (notices, due) = (self.clone(), due.clone());
        self.store()
            .read(move |tx| {
                if channel == Channel::Push {
                    let devices = notices.devices(tx, &purpose(&due), due.stored.account)?;
                    return Ok(Opened {
                        contact: Contact::default(),
                        devices,
                    });
                }
                Ok::<_, NoticeError>(Opened {
                    contact: notices.contact(tx, &due)?,
                    devices: Vec::new(),
                })
            })
            .await
    }

    fn devices(
        &self,
        tx: &mut Tx,
        purpose: &Purpose,
        account: Option<AccountId>,
    ) -> Result<Vec<crate::channel::push::Device>, NoticeError> {
        let Some(account) = account else { return Ok(Vec::new()) };
        let keys = self.identity().keys();
        let sealed = preferences::devices(tx, account)?;
        sealed
            .iter()
            .map(|(id, sealed)| crate::preference::open_device(&keys, purpose, *id, sealed))
            .collect()
    }

    /// Where the recipient said, else where the matter says, else where her record says.
    pub(crate) fn contact(&self, tx: &mut Tx, due: &Due) -> Result<Contact, NoticeError> {
        let (keys, purpose, stored) = (self.identity().keys(), purpose(due), &due.stored);
        let mut contact = Contact::default();
        if let Some(account) = stored.account
            && let Some(sealed) = preferences::contact(tx, account)?
        {
            contact = crate::preference::open_contact(&keys, &purpose, account, &sealed)?;
        }
        if let Some(source) = self.source(&stored.source) {
            let found = (source.open)(tx, &keys, &purpose, stored.at_source)?;
            contact = contact.or(found.unwrap_or_default());
        }
        if let Some(person) = stored.person
            && let Some(record) =
                identity::person::kept(tx, person).and_then(|kept| identity::person::record(tx, kept))?
        {
            let details = identity::person::open(&keys, &purpose, &record)
                .map_err(|error| ContactError::Sealed(error.to_string()))?;
            let own = Contact {
                email: details.email.clone(),
                phone: details.phone.clone(),
                name: Some(details.name.clone()),
                address: details.address.clone(),
            };
            contact = contact.or(own);
        }
        Ok(contact)
    }
}
