//! Notices: one event in two languages, told by e-mail, SMS, Zalo, web push and printed letter; each with its template, its length,
//! its cost, its hours and its state of delivery. Rooms above post a [`Message`] in the transaction that causes it.
//! Refuses personal data in messages, addresses before they are needed, and to call sent what is not delivered.
//! Law: Luật 91/2025/QH15 (personal data), NĐ 91/2020/NĐ-CP (messages nobody asked for), TT 21/2023/TT-BTTTT.

pub mod channel;
pub mod config;
pub mod delivery;
mod error;
mod house;
pub mod http;
mod jobs;
pub mod letter;
pub mod message;
pub mod preference;
pub mod template;
mod test_message;
#[cfg(test)]
mod testing;

pub use channel::Channel;
pub use config::Config;
pub use error::NoticeError;
pub use house::{Notices, Settings};
pub use jobs::{due, jobs};
pub use kernel::word::UnknownWord;
pub use message::{Contact, ContactError, ContactSource, Message, Parameter, Parameters, Recipient};
pub use template::Source;
pub use test_message::TestAddress;

/// The texts of this crate.
pub const TEXT: web::Source = web::Source {
    name: "notice",
    vi: include_str!("../text/vi.ftl"),
    en: include_str!("../text/en.ftl"),
};

/// The templates that every province has: the test message.
pub(crate) const OWN_TEMPLATES: Source = Source {
    name: "notice",
    text: include_str!("../data/notice.toml"),
};

/// The tables of this crate.
pub const MIGRATIONS: store::MigrationSet = store::MigrationSet::new(
    "notice",
    &[store::Migration::portable(
        "0001_notices",
        include_str!("../../../migrations/notice/0001_notices.sql"),
    )],
);

/// Every sealed column of this crate, for `keys rotate` and `verify`.
pub const SEALED: &[store::keys::SealedColumn] = preference::SEALED;
