//! Owns `Notices`, the handle that the binary makes once: channels, templates, sources of addresses. Rooms above post messages
//! through it inside their own transactions.
//! Refuses to start with a faulty template, a missing secret or a key that is none.

use std::sync::Arc;

use ::store::{Job, StoreError, Tx};
use identity::Identity;
use kernel::{Bilingual, Lang, SignedDuration, Timestamp};

use crate::channel::{self, Adapter, Channel, Line};
use crate::config::Config;
use crate::delivery::rules::{self, Wanted};
use crate::delivery::store::{self as deliveries, New};
use crate::delivery::{DeliveryId, Reason, State};
use crate::error::NoticeError;
use crate::message::store::{self as messages, Terms};
use crate::message::{ContactSource, Message, derived};
use crate::preference::store as preferences;
use crate::template::{Source, Templates};

/// Job that sends what is due on a channel.
pub(crate) const SEND: &str = "notice.send";

/// What the binary tells notices.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What the operator decides.
    pub config: Config,
    /// Short name of the province, as messages say it.
    pub site: Bilingual,
    /// Address of the site, without a slash at the end.
    pub origin: String,
}

/// Notices of one province. Cheap to clone.
#[derive(Clone)]
pub struct Notices(Arc<Inner>);

struct Inner {
    identity: Identity,
    settings: Settings,
    templates: Templates,
    sources: Vec<ContactSource>,
    lines: Vec<Line>,
}

impl std::fmt::Debug for Notices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Notices")
            .field("lines", &self.0.lines)
            .finish_non_exhaustive()
    }
}

identity::room!(Notices);

impl Notices {
    /// Reads templates, secrets and keys. Connects nowhere.
    /// # Errors
    /// Every faulty template, or the first fault of the configuration.
    pub fn open(
        identity: &Identity,
        settings: Settings,
        templates: &[Source],
        sources: &[ContactSource],
    ) -> Result<Self, NoticeError> {
        web::i18n::register(&[crate::TEXT]);
        settings
            .config
            .check()
            .map_err(|faults| NoticeError::Config(faults.join("\n")))?;
        let all: Vec<Source> = std::iter::once(crate::OWN_TEMPLATES)
            .chain(templates.iter().copied())
            .collect();
        let templates = Templates::read(&all).map_err(NoticeError::Templates)?;
        let lines = channel::open(&settings.config)?;
        Ok(Self(Arc::new(Inner {
            identity: identity.clone(),
            settings,
            templates,
            sources: sources.to_vec(),
            lines,
        })))
    }

    /// What the operator decided.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.0.settings.config
    }

    /// The templates.
    #[must_use]
    pub fn templates(&self) -> &Templates {
        &self.0.templates
    }

    /// The channels that are set up.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.0.lines
    }

    pub(crate) fn line(&self, channel: Channel) -> Option<&Line> {
        self.0.lines.iter().find(|line| line.channel == channel)
    }

    pub(crate) fn pusher(&self) -> Option<&channel::push::Pusher> {
        self.0.lines.iter().find_map(|line| match &line.adapter {
            Adapter::Push(pusher) => Some(pusher.as_ref()),
            Adapter::Email(_) | Adapter::Sms(_) | Adapter::Zalo(_) | Adapter::Letter => None,
        })
    }

    pub(crate) fn source(&self, name: &str) -> Option<&ContactSource> {
        self.0.sources.iter().find(|source| source.name == name)
    }

    pub(crate) fn site(&self, lang: Lang) -> &str {
        self.0.settings.site.get(lang)
    }

    pub(crate) fn origin(&self) -> &str {
        &self.0.settings.origin
    }

    /// Posts a message in the transaction that causes it: a delivery for each channel that is set up and tells this kind of
    /// event. Posting the same again changes nothing. Says how many deliveries wait.
    /// # Errors
    /// When the store fails, or no template tells of this kind of event.
    pub fn post(&self, tx: &mut Tx, message: &Message) -> Result<u32, StoreError> {
        let Some(template) = self.templates().event(&message.kind) else {
            return Err(StoreError::Config(format!("no template tells of {}", message.kind)));
        };
        let told_by: Vec<Channel> = self
            .lines()
            .iter()
            .map(|line| line.channel)
            .filter(|channel| template.channels.contains(channel))
            .collect();
        if told_by.is_empty() {
            return Ok(0);
        }
        let wishes = match message.to.account {
            Some(account) => preferences::wishes(tx, account)?,
            None => preferences::Wishes::default(),
        };
        let has_devices = match message.to.account {
            Some(account) if told_by.contains(&Channel::Push) => preferences::has_devices(tx, account)?,
            _ => false,
        };
        let terms = Terms {
            lang: wishes.lang,
            is_urgent: template.is_urgent,
            expires_at: message.at + SignedDuration::from_hours(i64::from(template.keep_hours)),
        };
        if !messages::insert(tx, message, terms)? {
            return Ok(0);
        }
        let wanted = Wanted {
            off: &wishes.off,
            on: &wishes.on,
            has_devices,
        };
        let has_died = match message.to.person {
            Some(person) => identity::person::death::deceased(tx, person)?.is_some(),
            None => false,
        };
        let mut waiting = 0;
        for channel in told_by.iter().copied() {
            let begun = if has_died {
                (State::Skipped, Some(Reason::Deceased))
            } else {
                rules::begin(channel, &told_by, template.is_urgent, wanted)
            };
            waiting += u32::from(self.deliver(tx, message, channel, terms.is_urgent, begun)?);
        }
        Ok(waiting)
    }

    /// Writes one delivery, and the job that sends it when its hour has come. Says whether it waits.
    fn deliver(
        &self,
        tx: &mut Tx,
        message: &Message,
        channel: Channel,
        is_urgent: bool,
        (state, reason): (State, Option<Reason>),
    ) -> Result<bool, StoreError> {
        // A letter without a unit would be printed nowhere.
        if channel == Channel::Letter && message.unit.is_none() {
            return Ok(false);
        }
        let owner = message.id().uuid();
        let parts = [owner.as_bytes().as_slice(), channel.word().as_bytes()];
        let id = DeliveryId::from_uuid(derived("delivery", &parts, message.at));
        let next_at = rules::first_try(channel, is_urgent, self.config().quiet, message.at);
        deliveries::insert(
            tx,
            message,
            New {
                id,
                channel,
                state,
                reason,
                next_at,
            },
        )?;
        // What waits for morning is found by the look of each minute.
        if state == State::Queued && channel.is_sent() && next_at <= message.at {
            tx.enqueue(&send_job(channel, id, message.at))?;
        }
        Ok(state == State::Queued)
    }
}

/// The job that sends what is due on a channel: one of a channel waits or runs in the whole province.
fn send_job(channel: Channel, id: DeliveryId, now: Timestamp) -> Job {
    let payload = serde_json::json!({ "channel": channel });
    Job::with_id(::store::jobs::JobId::from_uuid(id.uuid()), SEND, payload, now).unique(channel.to_string())
}
