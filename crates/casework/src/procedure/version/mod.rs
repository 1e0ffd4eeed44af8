//! The versions of a procedure: each holds from its day until the next one's, and none that a person brought holds before
//! somebody else has approved it. Owns what changes from one to the next and what a coming one touches.
//! Refuses to let a version hold in the past: what was filed under the earlier one was filed rightly.
//! Law: NĐ 63/2010/NĐ-CP (publication of procedures), NĐ 118/2025/NĐ-CP.

pub mod http;
pub(crate) mod store;
#[cfg(test)]
mod tests;
pub(crate) mod view;

use ::store::{StoreError, Tx};
use kernel::{Date, DossierCode, ErrorKind, Fault, ProcedureCode, Timestamp};

use super::{Procedure, Summary, store as table};
use crate::dossier::state::State;
use kernel::words;

words! {
    /// Whether a version may hold.
    Standing {
        /// It waits for somebody else than who brought it.
        Waiting = "waiting",
        /// It holds from its day.
        Approved = "approved",
        /// It was looked at and not let in.
        SetAside = "set-aside",
    }
}

words! {
    /// What can change from one version to the next.
    What {
        /// Its name.
        Name = "name",
        /// What it costs.
        Fee = "fee",
        /// How long it takes.
        Time = "time",
        /// What to bring.
        Papers = "papers",
        /// What is asked.
        Form = "form",
        /// Where and how it can be filed.
        Service = "service",
        /// The law behind it.
        Basis = "basis",
    }
}

/// A version as stored, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The procedure.
    pub code: ProcedureCode,
    /// Its number, from 1.
    pub version: i64,
    /// The first day on which it holds, once approved.
    pub holds_from: Date,
    /// Whether it may.
    pub standing: Standing,
    /// Who brought it.
    pub made_by: String,
    /// When.
    pub made_at: Timestamp,
    /// Who decided, and when.
    pub decided: Option<(String, Timestamp)>,
}

/// An open dossier under another version than the one that is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// Its code.
    pub code: DossierCode,
    /// The unit that has it.
    pub unit_name: String,
    /// Where it stands.
    pub state: State,
    /// The version under which it was filed and ends.
    pub version: i64,
    /// Its due date.
    pub due_at: Option<Timestamp>,
}

/// What a version of a procedure touches before it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touch {
    /// The procedure.
    pub code: ProcedureCode,
    /// The version that holds now; none for a new procedure.
    pub from: Option<i64>,
    /// Drafts that will be told and go on under it.
    pub drafts: i64,
    /// Open dossiers that stay under theirs.
    pub dossiers: i64,
    /// What changes.
    pub what: Vec<What>,
}

/// Whether there is no version of any procedure yet.
///
/// # Errors
/// When the store fails.
pub fn is_none(tx: &mut Tx) -> Result<bool, StoreError> {
    store::is_none(tx)
}

/// Lets every approved version hold whose day has come; says how many began. Running it again changes nothing.
///
/// # Errors
/// When the store fails.
pub(crate) fn activate(tx: &mut Tx, today: Date) -> Result<usize, StoreError> {
    let due = store::due(tx, today)?;
    for one in &due {
        let summary = serde_json::to_value(Summary::of(&one.procedure, one.version)).unwrap_or_default();
        table::make_current(tx, &one.procedure.code, one.version, &one.sha256, &summary)?;
    }
    Ok(due.len())
}

/// The days of a version among its fellows: from when, and the last day before the next one held, if one did.
#[must_use]
pub fn days(versions: &[Version], of: &Version) -> (Date, Option<Date>) {
    let begins = |one: &Version| (one.holds_from, one.version);
    let later = versions
        .iter()
        .filter(|one| one.standing == Standing::Approved && begins(one) > begins(of));
    let next = later.map(|one| one.holds_from).min();
    (of.holds_from, next.and_then(|day| day.yesterday().ok()))
}

/// What changes from `old` to `new`.
#[must_use]
pub fn changes(old: &Procedure, new: &Procedure) -> Vec<What> {
    let fees = |one: &Procedure| -> Vec<_> { one.channels.iter().map(|way| (way.kind, way.fees.clone())).collect() };
    let times = |one: &Procedure| -> Vec<_> {
        let ways = one.channels.iter();
        ways.map(|way| (way.kind, way.time, way.time_text.clone())).collect()
    };
    let ways = |one: &Procedure| -> Vec<_> { one.channels.iter().map(|way| way.kind).collect() };
    let papers = |one: &Procedure| -> Vec<_> {
        let papers = one.components.iter();
        papers
            .map(|paper| {
                (
                    paper.name.clone(),
                    paper.originals,
                    paper.copies,
                    paper.required,
                    paper.source,
                )
            })
            .collect()
    };
    let is_other = |what: What| match what {
        What::Name => old.name != new.name || old.short_name != new.short_name,
        What::Fee => fees(old) != fees(new),
        What::Time => times(old) != times(new),
        What::Papers => papers(old) != papers(new),
        What::Form => old.form_or_generic() != new.form_or_generic(),
        What::Service => old.service != new.service || old.tiers != new.tiers || ways(old) != ways(new),
        What::Basis => old.legal_basis != new.legal_basis,
    };
    What::ALL.iter().copied().filter(|&what| is_other(what)).collect()
}

/// What each of these procedures would touch if it came now; those that are there word for word touch nothing.
///
/// # Errors
/// When the store fails.
pub fn touches(tx: &mut Tx, procedures: &[Procedure]) -> Result<Vec<Touch>, StoreError> {
    let mut found = Vec::new();
    for procedure in procedures {
        let Some((held, version)) = table::find(tx, &procedure.code, None)? else {
            continue;
        };
        if held == *procedure {
            continue;
        }
        found.push(Touch {
            code: procedure.code.clone(),
            from: Some(version),
            drafts: store::drafts(tx, &procedure.code, version + 1)?,
            dossiers: store::running_count(tx, &procedure.code, version + 1)?,
            what: changes(&held, procedure),
        });
    }
    Ok(found)
}

/// A version could not be shown or decided.
#[derive(Debug, thiserror::Error)]
pub enum VersionError {
    /// No such version.
    #[error("no such version of a procedure")]
    NotFound,
    /// It was decided already.
    #[error("the version was decided already")]
    Decided,
    /// Who brought it may not approve it.
    #[error("who brought a version may not approve it")]
    SamePerson,
    /// A first day that is past.
    #[error("a version cannot begin to hold in the past")]
    PastDay,
    /// The file holds nothing that can be read.
    #[error("the file holds no procedure that can be read: {0}")]
    Unreadable(String),
    /// The table said no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for VersionError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::Decided => ErrorKind::Conflict,
            Self::SamePerson => ErrorKind::Forbidden,
            Self::PastDay | Self::Unreadable(_) => ErrorKind::Invalid,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "version-not-found",
            Self::Decided => "version-decided",
            Self::SamePerson => "version-same-person",
            Self::PastDay => "version-past-day",
            Self::Unreadable(_) => "version-unreadable",
            Self::Store(error) => error.code(),
        }
    }
}
