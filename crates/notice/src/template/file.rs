//! The file form of templates: TOML, one `[[event]]` a kind of event. Unknown keys are refused.
//! It owns the shape alone; whether a template is sound is decided in `check`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Holds;
use crate::channel::Channel;

/// A file of templates, embedded or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// Its name in messages about faults.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileOfEvents {
    #[serde(default)]
    pub(super) event: Vec<EventInFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct EventInFile {
    pub(super) kind: String,
    pub(super) channels: Vec<Channel>,
    pub(super) keep_hours: u32,
    #[serde(default)]
    pub(super) urgent: bool,
    #[serde(default)]
    pub(super) parameters: BTreeMap<String, Holds>,
    pub(super) vi: Words,
    pub(super) en: Words,
}

/// The words of one event in one language. E-mail and letter are title, body and next; the others are one text each.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Subject of the e-mail, heading of the letter, title of the push.
    pub title: String,
    /// What happened.
    #[serde(default)]
    pub body: String,
    /// What happens next and when.
    #[serde(default)]
    pub next: String,
    /// The whole SMS.
    #[serde(default)]
    pub sms: String,
    /// The words of the Zalo template as they are laid before Zalo for approval.
    #[serde(default)]
    pub zalo: String,
    /// The words below the title of a push.
    #[serde(default)]
    pub push: String,
}
