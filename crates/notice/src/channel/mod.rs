//! The channels and what stands behind each: a mail server, HTTP gateways for SMS and Zalo, push services, a printer.
//! Owns what a sending can come to. Refuses to say more about a fault than its kind and a number: answers of others hold
//! addresses, and those go into no log and no row.

pub mod email;
pub mod gateway;
pub mod push;

use std::sync::Arc;

use crate::config::{Config, Limits};
use crate::error::NoticeError;
use crate::message::Contact;
use crate::template::Rendered;
use kernel::words;

words! {
    /// A way to reach somebody.
    Channel {
        /// E-mail.
        Email = "email",
        /// SMS, over an HTTP gateway.
        Sms = "sms",
        /// Zalo notification by approved template, over an HTTP gateway.
        Zalo = "zalo",
        /// Push to a browser.
        Push = "push",
        /// A printed letter.
        Letter = "letter",
    }
}

impl Channel {
    /// Others may read it: a shared telephone, a locked screen. Nothing but the code and what to do goes there.
    #[must_use]
    pub const fn is_weak(self) -> bool {
        matches!(self, Self::Sms | Self::Zalo | Self::Push)
    }

    /// It wakes people, so it waits until morning.
    #[must_use]
    pub const fn keeps_quiet(self) -> bool {
        matches!(self, Self::Sms | Self::Zalo | Self::Push)
    }

    /// The program sends it by itself; a letter waits for somebody who prints it.
    #[must_use]
    pub const fn is_sent(self) -> bool {
        !matches!(self, Self::Letter)
    }
}

/// What goes out.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Id of the delivery: a server that gets it twice can know it.
    pub id: uuid::Uuid,
    /// Kind of event, for the template id that Zalo gave it.
    pub kind: String,
    /// The words.
    pub rendered: Rendered,
    /// Where.
    pub to: Contact,
    /// For push: where each browser listens.
    pub devices: Vec<push::Device>,
    /// Page that shows more, below the site's address.
    pub path: String,
    /// Until when it is worth delivering, in seconds from now.
    pub worth_seconds: i64,
}

/// A sending that was accepted. Accepted is not delivered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Accepted {
    /// The id that the provider knows it by, for its report.
    pub provider_id: Option<String>,
    /// Push: browsers that listen no more.
    pub gone: Vec<uuid::Uuid>,
}

/// Why a sending was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendFault {
    /// The channel as a whole does not work now: nothing was sent, everything waits.
    #[error("the channel is down: {0}")]
    Down(String),
    /// This one may succeed later.
    #[error("not now: {0}")]
    Later(String),
    /// This one never will.
    #[error("refused: {0}")]
    Refused(String),
    /// There is no address for this channel.
    #[error("no address")]
    NoAddress,
    /// Zalo: no approved template for this kind of event.
    #[error("no approved template")]
    NoTemplate,
}

/// What sends on one channel.
#[derive(Debug, Clone)]
pub enum Adapter {
    /// A mail server.
    Email(Arc<email::Mailer>),
    /// An HTTP gateway for SMS.
    Sms(Arc<gateway::Gateway>),
    /// An HTTP gateway for Zalo.
    Zalo(Arc<gateway::Gateway>),
    /// Push services.
    Push(Arc<push::Pusher>),
    /// A printer, and a person at it.
    Letter,
}

impl Adapter {
    /// Sends, within 30 seconds.
    /// # Errors
    /// What became of it otherwise.
    pub async fn send(
        &self,
        out: &Outgoing,
        now: kernel::Timestamp,
        world: &dyn kernel::World,
    ) -> Result<Accepted, SendFault> {
        match self {
            Self::Email(mailer) => mailer.send(out).await,
            Self::Sms(gateway) | Self::Zalo(gateway) => gateway.send(out).await,
            Self::Push(pusher) => pusher.send(out, now, world).await,
            Self::Letter => Err(SendFault::Later("a letter is printed by hand".to_owned())),
        }
    }
}

/// A channel that the operator has set up.
#[derive(Debug, Clone)]
pub struct Line {
    /// Which.
    pub channel: Channel,
    /// What sends.
    pub adapter: Adapter,
    /// Caps.
    pub limits: Limits,
    /// The server recognises a second sending of the same id.
    pub repeat_is_safe: bool,
}

/// Opens every channel that is configured: reads secrets, builds clients, connects nowhere.
/// # Errors
/// `Config` that names the key and what to change.
pub(crate) fn open(config: &Config) -> Result<Vec<Line>, NoticeError> {
    let mut lines = Vec::new();
    if let Some(email) = &config.email {
        let adapter = Adapter::Email(Arc::new(email::Mailer::new(email)?));
        // The Message-ID is the delivery's: a mailbox shows a second copy under the first.
        lines.push(Line {
            channel: Channel::Email,
            adapter,
            limits: email.limits,
            repeat_is_safe: true,
        });
    }
    if let Some(sms) = &config.sms {
        let adapter = Adapter::Sms(Arc::new(gateway::Gateway::new("sms", sms)?));
        lines.push(Line {
            channel: Channel::Sms,
            adapter,
            limits: sms.limits,
            repeat_is_safe: sms.repeat_is_safe,
        });
    }
    if let Some(zalo) = &config.zalo {
        let adapter = Adapter::Zalo(Arc::new(gateway::Gateway::new("zalo", zalo)?));
        lines.push(Line {
            channel: Channel::Zalo,
            adapter,
            limits: zalo.limits,
            repeat_is_safe: zalo.repeat_is_safe,
        });
    }
    if let Some(push) = &config.push {
        let adapter = Adapter::Push(Arc::new(push::Pusher::new(push)?));
        lines.push(Line {
            channel: Channel::Push,
            adapter,
            limits: push.limits,
            repeat_is_safe: true,
        });
    }
    if config.letter {
        let limits = Limits::default();
        lines.push(Line {
            channel: Channel::Letter,
            adapter: Adapter::Letter,
            limits,
            repeat_is_safe: false,
        });
    }
    Ok(lines)
}
