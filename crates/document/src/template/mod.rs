//! Templates: which there are, the versions of each, which one holds, and printing with it. The country's own come with the
//! program and are taken over at each start; a province's stay in force until it lets go of them.
//! Refuses to save what does not typeset: a template in force prints its sample.

pub mod http;
mod name;
mod rules;
pub(crate) mod store;
#[cfg(test)]
mod tests;

use ::store::StoreError;
use identity::AccountId;
use identity::audit;
use kernel::{Date, ErrorKind, Fault, Timestamp};
use press::{DATA_FILE, FaultAt, Order, PressError};
use serde_json::Value;

pub use name::{Name, Origin, UnknownName};

use crate::Document;

/// Most letters of a template.
pub const SOURCE_MAX: usize = 60_000;

/// A template was not changed or a paper not printed.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// No such template or version.
    #[error("no such template or version")]
    NotFound,
    /// Somebody saved another version since the page was drawn.
    #[error("version {found} is in force, not {seen}")]
    Stale {
        /// Version that the page showed.
        seen: i64,
        /// Version in force.
        found: i64,
    },
    /// The press did not print it.
    #[error(transparent)]
    Press(#[from] PressError),
    /// Policy says no.
    #[error(transparent)]
    Refused(#[from] identity::IdentityError),
    /// The store said no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for TemplateError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::Stale { .. } => ErrorKind::Conflict,
            Self::Press(error) => error.kind(),
            Self::Refused(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "template-not-found",
            Self::Stale { .. } => "template-stale",
            Self::Press(error) => error.code(),
            Self::Refused(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }

    fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::NotFound | Self::Stale { .. } => Vec::new(),
            Self::Press(error) => error.args(),
            Self::Refused(error) => error.args(),
            Self::Store(error) => error.args(),
        }
    }
}

/// One version of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Which template.
    pub name: Name,
    /// Its number, from 1.
    pub version: i64,
    /// Who wrote it.
    pub origin: Origin,
    /// Its text.
    pub source: String,
    /// SHA-256 of the text.
    pub sha256: Vec<u8>,
    /// Why it was made.
    pub note: String,
    /// When.
    pub made_at: Timestamp,
    /// By whom; `None` for the country's.
    pub made_by: Option<AccountId>,
}

/// A printed paper, and what it was made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// The PDF.
    pub pdf: Vec<u8>,
    /// The template.
    pub name: Name,
    /// Its version.
    pub version: i64,
    /// Version of the layout that it uses.
    pub layout: i64,
}

/// A change that an administrator makes.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) name: Name,
    /// The version that the page showed as in force.
    pub(crate) seen: i64,
    pub(crate) source: String,
    pub(crate) note: String,
    pub(crate) by: AccountId,
    pub(crate) now: Timestamp,
}

impl Document {
    /// Puts the country's templates that are newer than those in the table into it; where the country's were in force, the
    /// new ones are from now on.
    pub(crate) async fn take_over_country(&self) -> Result<(), TemplateError> {
        let now = self.identity().now();
        let is_new = self
            .identity()
            .store()
            .read(|tx| {
                Name::ALL.iter().try_fold(false, |any, name| {
                    Ok::<_, TemplateError>(any || rules::is_new(store::latest_of_country(tx, *name)?.as_deref(), *name))
                })
            })
            .await?;
        if is_new {
            let taken = move |tx: &mut ::store::Tx| store::take_over(tx, now);
            self.identity().store().write(taken).await?;
        }
        Ok(())
    }

    /// Prints a paper with the templates in force. `date` is the day that the paper bears.
    ///
    /// # Errors
    /// `Press` with every fault of the template, or the bound that it passed.
    pub async fn print(&self, name: Name, data: &Value, date: Date) -> Result<Printed, TemplateError> {
        let (template, layout) = self
            .identity()
            .store()
            .read(move |tx| Ok::<_, TemplateError>((store::current(tx, name)?, store::current(tx, Name::Layout)?)))
            .await?;
        let order = order(name, &template.source, &layout.source, data, date);
        Ok(Printed {
            pdf: self.press().print(&order).await?,
            name,
            version: template.version,
            layout: layout.version,
        })
    }

    /// Prints the sample of a template as `source` would print it. For the layout, every template is tried and the first
    /// is given back.
    pub(crate) async fn try_out(&self, name: Name, source: &str) -> Result<Vec<u8>, TemplateError> {
        let read = |name| self.identity().store().read(move |tx| store::current(tx, name));
        let today = self.identity().now().local_date();
        if name != Name::Layout {
            let layout = read(Name::Layout).await?.source;
            let order = order(name, source, &layout, &name.sample(), today);
            return Ok(self.press().print(&order).await?);
        }
        let mut first = None;
        for paper in Name::PAPERS {
            let template = read(*paper).await?.source;
            let pdf = self
                .press()
                .print(&order(*paper, &template, source, &paper.sample(), today))
                .await?;
            first.get_or_insert(pdf);
        }
        first.ok_or(TemplateError::NotFound)
    }

    /// Saves a new version after it has printed its sample, and puts it in force.
    pub(crate) async fn save(&self, change: Change) -> Result<i64, TemplateError> {
        self.try_out(change.name, &change.source).await?;
        self.identity()
            .store()
            .write(move |tx| {
                let version = store::save(tx, &change)?;
                log(tx, &change, version, "template.save")?;
                Ok(version)
            })
            .await
    }

    /// Puts an older version in force again after it has printed its sample.
    pub(crate) async fn use_again(
        &self,
        name: Name,
        version: i64,
        seen: i64,
        by: AccountId,
    ) -> Result<(), TemplateError> {
        let read = move |tx: &mut ::store::Tx| store::version(tx, name, version);
        let source = self.identity().store().read(read).await?.source;
        self.try_out(name, &source).await?;
        let change = Change {
            name,
            seen,
            source,
            note: String::new(),
            by,
            now: self.identity().now(),
        };
        self.identity()
            .store()
            .write(move |tx| {
                store::put_in_force(tx, name, version, seen, change.now)?;
                log(tx, &change, version, "template.use-again")
            })
            .await
    }
}

fn log(tx: &mut ::store::Tx, change: &Change, version: i64, act: &'static str) -> Result<(), TemplateError> {
    let detail = audit::detail([("version", version.to_string()), ("note", change.note.clone())]);
    let by = audit::Actor::Account(change.by);
    audit::append(tx, by, act, change.name.word(), detail, change.now)?;
    Ok(())
}

/// The files that a paper sees.
fn order(name: Name, source: &str, layout: &str, data: &Value, date: Date) -> Order {
    let files = [
        (name.file(), source.to_owned()),
        (Name::Layout.file(), layout.to_owned()),
        (DATA_FILE.to_owned(), data.to_string()),
    ];
    Order {
        main: name.file(),
        files: files.into(),
        date: date.to_string(),
    }
}

/// The faults of a template with the line of each, for the page.
pub(crate) fn faults_of(error: &TemplateError) -> &[FaultAt] {
    match error {
        TemplateError::Press(PressError::Template(faults)) => faults,
        _ => &[],
    }
}
