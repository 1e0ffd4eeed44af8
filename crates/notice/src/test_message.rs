//! The operator's test: one message on one channel to an address of her own, sent at once and past the queue, so that a wrong
//! password or template is seen before people wait for a message.
//! Refuses letters, and leaves no row behind.

use kernel::{Email, Lang, Phone};

use crate::channel::{Accepted, Channel, Outgoing, SendFault};
use crate::error::NoticeError;
use crate::house::Notices;
use crate::message::{Contact, Parameter, Parameters};
use crate::template::Setting;

/// Kind of the test message.
pub(crate) const KIND: &str = "notice.test";

/// Where a test goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TestAddress {
    /// To a mailbox.
    Email(Email),
    /// To a telephone, by SMS or Zalo.
    Phone(Phone),
}

impl Notices {
    /// Sends a test message. What the server answered comes back as it is.
    /// # Errors
    /// `NotSetUp`, or a template that fails.
    pub async fn test(
        &self,
        channel: Channel,
        to: TestAddress,
        lang: Lang,
    ) -> Result<Result<Accepted, SendFault>, NoticeError> {
        let line = self.line(channel).ok_or(NoticeError::NotSetUp)?;
        let values = Parameters::from([
            ("code".to_owned(), Parameter::code("H00-000101-0000")),
            ("at".to_owned(), Parameter::Time(self.now())),
        ]);
        let setting = Setting {
            site: self.site(lang),
            origin: self.origin(),
            path: "/notices/settings",
        };
        let rendered = self.templates().render(KIND, channel, lang, &values, &setting)?;
        let to = match to {
            TestAddress::Email(email) => Contact {
                email: Some(email),
                ..Contact::default()
            },
            TestAddress::Phone(phone) => Contact {
                phone: Some(phone),
                ..Contact::default()
            },
        };
        let out = Outgoing {
            id: kernel::id::uuid_v7(self.world().as_ref()),
            kind: KIND.to_owned(),
            rendered,
            to,
            devices: Vec::new(),
            path: "/notices/settings".to_owned(),
            worth_seconds: 3_600,
        };
        Ok(line.adapter.send(&out, self.now(), self.world().as_ref()).await)
    }
}
