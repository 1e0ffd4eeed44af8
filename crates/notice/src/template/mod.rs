//! Templates: for each kind of event its parameters, its channels, and the words of each channel in both languages. They are
//! data, checked when the program starts: every parameter is known, every text fits its channel at its longest, nothing
//! personal goes over a weak channel, and no text runs without end. A faulty set does not start.
//! Refuses links on weak channels: people are told that a message with a link is not from us.

pub mod ascii;
mod check;
mod file;
mod render;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub use check::{Problem, TemplateFault};
pub use file::{Source, Words};
pub use render::{RenderError, Rendered, Setting};

use crate::channel::Channel;
use kernel::words;

words! {
    /// What a parameter may hold.
    Holds {
        /// A code of at most 32 characters.
        Code = "code",
        /// An hour of a day.
        Time = "time",
        /// A day.
        Day = "day",
        /// An amount of money.
        Dong = "dong",
        /// A number.
        Count = "count",
        /// The public name of a unit; not on weak channels.
        Name = "name",
    }
}

/// What is told of one kind of event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventTemplate {
    /// Its kind: `dossier.received`.
    pub kind: String,
    /// Where it is told.
    pub channels: BTreeSet<Channel>,
    /// How long it is worth telling, in hours: what could not be sent by then is dropped.
    pub keep_hours: u32,
    /// Told at night too.
    pub is_urgent: bool,
    /// Its parameters.
    pub parameters: BTreeMap<String, Holds>,
    /// The words: Vietnamese, then English.
    pub words: [Words; 2],
}

/// Every template, compiled.
pub struct Templates {
    events: BTreeMap<String, EventTemplate>,
    env: minijinja::Environment<'static>,
}

impl std::fmt::Debug for Templates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Templates")
            .field("events", &self.events.keys())
            .finish_non_exhaustive()
    }
}

impl Templates {
    /// Reads and checks the sources.
    /// # Errors
    /// Every fault of every source.
    pub fn read(sources: &[Source]) -> Result<Self, Vec<TemplateFault>> {
        check::read(sources)
    }

    /// What is told of this kind of event.
    #[must_use]
    pub fn event(&self, kind: &str) -> Option<&EventTemplate> {
        self.events.get(kind)
    }

    /// Every kind of event, in order.
    pub fn events(&self) -> impl Iterator<Item = &EventTemplate> {
        self.events.values()
    }
}
