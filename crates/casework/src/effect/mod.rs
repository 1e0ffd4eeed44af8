//! What a step of a process brings about besides moving the dossier: a result that waits to be signed, a record entered or changed
//! in a register. Owns the way from the answers of a form to both, carried out in the transaction of the step and once.
//! Refuses the whole step when a register refuses the record: nothing is half written, and the officer is told what to mend.
//! What was denied writes nothing. Law: NĐ 118/2025/NĐ-CP (results), NĐ 47/2020/NĐ-CP (registers tell what was decided).

pub(crate) mod answers;
mod error;
pub mod http;
mod link;
pub(crate) mod prepare;
pub(crate) mod rules;
pub(crate) mod store;
#[cfg(test)]
mod tests;
pub(crate) mod view;

use std::collections::BTreeMap;
use std::sync::Arc;

use ::register::record::effect as registers;
use ::register::record::{Act, Command, Record, RecordId, Source};
use ::register::{Kind, RegisterError};
use ::store::{StoreError, Tx};
use definition::effect::{Entry, RESULT_NUMBER};
use definition::expression::{Facts, Value};
use definition::machine::Effect;
use kernel::{Bilingual, Timestamp, words};

use crate::dossier::command::By;
use crate::dossier::state::{Action, Outcome};
use crate::dossier::{Dossier, DossierError, DossierId, EventId};
use crate::process::Process;
use crate::result::{self, PaperId};

pub use error::EffectError;
pub use link::CaseLinks;
pub(crate) use prepare::{Claims, Who, prepare};

kernel::define_id!(
    /// One effect of a step.
    pub struct EffectId
);

words! {
    /// What an effect is.
    EffectKind {
        /// A result that is to be signed.
        Issue = "issue",
        /// A record of a register.
        Register = "register",
    }
}

words! {
    /// What became of an effect.
    EffectState {
        /// It is carried out.
        Done = "done",
        /// The record said so already.
        Same = "same",
        /// Nothing says how: an officer enters it.
        ByHand = "by-hand",
    }
}

/// An effect as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) id: EffectId,
    pub(crate) dossier: DossierId,
    pub(crate) step: String,
    /// Which of the step's effects.
    pub(crate) place: i64,
    pub(crate) kind: EffectKind,
    pub(crate) state: EffectState,
    /// The step of the history.
    pub(crate) event: EventId,
    pub(crate) at: Timestamp,
    pub(crate) made_by: String,
    pub(crate) paper: Option<PaperId>,
    /// System and kind of the register.
    pub(crate) register: Option<(String, String)>,
    /// The record and the version that this wrote, and how.
    pub(crate) record: Option<(RecordId, i64, Act)>,
}

/// What a command needs for the effects of its step, made before its transaction.
#[derive(Debug, Clone, Default)]
pub(crate) enum Prepared {
    /// Nobody has prepared anything: a step that has effects is refused.
    #[default]
    Nothing,
    /// The step was taken before there were registers: what it brought about is not ours to write.
    Past,
    /// Ready.
    Ready(Vec<One>),
}

/// One effect, ready.
#[derive(Debug, Clone)]
pub(crate) struct One {
    pub(crate) id: EffectId,
    pub(crate) place: i64,
    pub(crate) what: What,
}

/// What is to be done.
#[derive(Debug, Clone)]
pub(crate) enum What {
    /// A result is laid down to be signed.
    Paper(Box<result::Draft>),
    /// A record is entered or changed.
    Record(Box<Ready>),
    /// An officer enters it.
    ByHand {
        /// System and kind.
        register: (String, String),
    },
}

/// A record ready to be entered or changed: only the number of the result and what the register holds are missing.
#[derive(Debug, Clone)]
pub(crate) struct Ready {
    pub(crate) kind: Arc<Kind>,
    pub(crate) entry: Entry,
    pub(crate) facts: Facts,
    pub(crate) claims: Claims,
    /// What an officer wrote, by field.
    pub(crate) written: BTreeMap<String, String>,
    /// Id of a new record.
    pub(crate) id: RecordId,
    pub(crate) by: ::register::By,
    /// Code of the dossier.
    pub(crate) code: String,
    /// The procedure, as the reason of the version.
    pub(crate) reason: String,
}

impl Ready {
    /// What the register is called.
    pub(crate) fn name(&self) -> Bilingual {
        self.kind.label("name")
    }

    fn refused(&self, wrong: &[::register::Wrong]) -> DossierError {
        let faults = wrong.iter().map(|one| registers::wrong_words(&self.kind, one));
        DossierError::Effect(EffectError::Refused {
            register: self.name(),
            faults: faults.collect(),
        })
    }
}

/// The step that is done, as its effects see it.
pub(crate) struct Done<'a> {
    pub(crate) before: &'a Dossier,
    pub(crate) after: &'a Dossier,
    pub(crate) process: &'a Process,
    pub(crate) action: Action,
    pub(crate) event: EventId,
    pub(crate) by: &'a By,
    pub(crate) now: Timestamp,
}

/// Carries out the effects of a step in its transaction. May run twice; the second run writes the same.
///
/// # Errors
/// `Effect` when a register refuses; nothing of the step is written then.
pub(crate) fn carry_out(tx: &mut Tx, prepared: &Prepared, done: &Done<'_>) -> Result<(), DossierError> {
    let Some(step) = rules::finished(done.process, done.before, done.action) else {
        return Ok(());
    };
    let due: Vec<(i64, &Effect)> = rules::due(step).collect();
    if due.is_empty() || done.after.outcome != Some(Outcome::Granted) {
        return Ok(());
    }
    let all = match prepared {
        Prepared::Past => return Ok(()),
        Prepared::Nothing => return Err(DossierError::Damaged(format!("effects of {} not prepared", step.name))),
        Prepared::Ready(all) => all,
    };
    let mut number: Option<String> = None;
    for (place, _) in due {
        let one = all.iter().find(|one| one.place == place);
        let one = one.ok_or_else(|| DossierError::Damaged(format!("effect {place} of {} not prepared", step.name)))?;
        let mut row = row(one, &step.name, done);
        match &one.what {
            What::Paper(draft) => {
                let paper = result::lay_down(tx, draft)?;
                row.paper = Some(paper.id);
                number = Some(paper.number);
            }
            What::ByHand { register } => {
                row.register = Some(register.clone());
                row.state = EffectState::ByHand;
            }
            What::Record(ready) => match record(tx, ready, number.as_deref(), done)? {
                None => continue,
                Some(written) => {
                    row.register = Some((ready.kind.system.code.clone(), ready.kind.record.name.clone()));
                    row.state = written.state;
                    row.record = Some((written.id, written.revision, written.act));
                }
            },
        }
        store::insert(tx, &row)?;
    }
    Ok(())
}

fn row(one: &One, step: &str, done: &Done<'_>) -> Row {
    Row {
        id: one.id,
        dossier: done.after.id,
        step: step.to_owned(),
        place: one.place,
        kind: match one.what {
            What::Paper(_) => EffectKind::Issue,
            What::Record(_) | What::ByHand { .. } => EffectKind::Register,
        },
        state: EffectState::Done,
        event: done.event,
        at: done.now,
        made_by: done.by.name.clone().unwrap_or_default(),
        paper: None,
        register: None,
        record: None,
    }
}

/// A version that was written, or that says already what it would.
struct Written {
    id: RecordId,
    revision: i64,
    act: Act,
    state: EffectState,
}

/// Enters or changes a record; none when its condition does not hold.
fn record(tx: &mut Tx, ready: &Ready, number: Option<&str>, done: &Done<'_>) -> Result<Option<Written>, DossierError> {
    let mut facts = ready.facts.clone();
    facts.today = done.now.local_date();
    if let Some(number) = number {
        facts.set(RESULT_NUMBER, Value::Text(number.to_owned()));
    }
    if !ready.entry.holds(&facts) {
        return Ok(None);
    }
    let mapped = rules::mapped(&ready.kind, &ready.entry, &facts, &ready.claims, &ready.written);
    let mapped = mapped.map_err(|wrong| ready.refused(&wrong))?;
    let current = current(tx, ready, &facts)?;
    let (id, act) = current
        .as_ref()
        .map_or((ready.id, Act::Add), |record| (record.id, Act::Change));
    let command = Command {
        id,
        act,
        seen: current.as_ref().map(|record| record.revision),
        valid_from: facts.today,
        source: Source::CaseEffect,
        origin: Some(ready.code.clone()),
        account: ready.by.account,
        who: ready.by.who.clone(),
        reason: Some(ready.reason.clone()),
        unit: ready.by.unit,
        shape: current.as_ref().and_then(|record| record.shape.clone()),
        values: mapped.values,
        people: mapped.people,
    };
    match ::register::record::write(tx, &ready.kind, &command, None, done.now) {
        Ok((id, revision)) => Ok(Some(Written {
            id,
            revision,
            act,
            state: EffectState::Done,
        })),
        Err(RegisterError::Same) => Ok(current.map(|record| Written {
            id: record.id,
            revision: record.revision,
            act,
            state: EffectState::Same,
        })),
        Err(error) => Err(refused(ready, error)),
    }
}

/// The record that is changed; none where one is entered.
fn current(tx: &mut Tx, ready: &Ready, facts: &Facts) -> Result<Option<Record>, DossierError> {
    if !ready.entry.is_change() {
        return Ok(None);
    }
    let key = rules::key(&ready.kind, &ready.entry, facts);
    let found = registers::with_key(tx, &ready.kind, &key)?;
    let missing = || EffectError::NoRecord { register: ready.name() };
    found.map(Some).ok_or_else(|| DossierError::Effect(missing()))
}

/// What a register refuses, as the officer is told.
fn refused(ready: &Ready, error: RegisterError) -> DossierError {
    match error {
        RegisterError::Invalid(wrong) => ready.refused(&wrong),
        RegisterError::Duplicate | RegisterError::Store(StoreError::Duplicate { .. }) => {
            DossierError::Effect(EffectError::Taken { register: ready.name() })
        }
        // The record that holds began later than today: somebody entered it for a day to come.
        RegisterError::Day => DossierError::Effect(EffectError::Day { register: ready.name() }),
        RegisterError::Store(error) => DossierError::Store(error),
        other => DossierError::Damaged(other.to_string()),
    }
}
