//! Moving running dossiers onto another version of their process: the list of what changes first, then the move, one
//! transaction a dossier, told to others like every change of one. Refuses to guess: a dossier whose step the new version does
//! not have goes to nothing, it stays.

use std::collections::HashMap;

use definition::machine::Effect;
use definition::procedure::Step;
use identity::OfficerCaller;
use kernel::calendar::Deadline;

use super::store::Running;
use super::{Position, Process};
use crate::Casework;
use crate::dossier::state::{Capacity, State};
use crate::dossier::store::{self as dossiers, NewEvent};
use crate::dossier::{Dossier, DossierError, DossierId, Event, EventId};
use crate::effect;

/// Dossiers of one page and one move.
pub(crate) const AT_ONCE: i64 = 200;

/// The action under which a move stands in the history.
pub(crate) const MOVE: &str = "move-process";

/// What a move tells whoever follows dossiers.
fn told(outbox: uuid::Uuid, after: &Dossier) -> store::Event {
    store::Event {
        id: outbox,
        kind: format!("dossier.{MOVE}").into(),
        subject: after.id.uuid(),
        at: after.changed_at,
        payload: serde_json::json!({
            "code": after.code, "state": after.state, "unit": after.unit, "procedure": after.procedure,
            "process_version": after.process,
        }),
    }
}

/// A running dossier and what the move would make of it.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    pub(crate) row: Running,
    /// The same step in the new version; `None` when it has none of that name and the dossier stays.
    pub(crate) step: Option<Step>,
    /// What its steps from here on will bring about besides, and what they will no more.
    pub(crate) effects: (Vec<Effect>, Vec<Effect>),
}

/// What a move would change. `before` has the processes that the dossiers run under, by version.
pub(crate) fn plan(process: &Process, rows: Vec<Running>, before: &HashMap<i64, Process>) -> Vec<Planned> {
    let step_of = |name: &str| process.position(name).and_then(|at| process.step(at)).cloned();
    rows.into_iter()
        .map(|row| Planned {
            step: step_of(&row.step),
            effects: before
                .get(&row.version)
                .map(|before| effect::rules::difference(before, process, &row.step))
                .unwrap_or_default(),
            row,
        })
        .collect()
}

/// The dossier on the new version: same step, its time counted anew from when it was entered. `None` when the new version
/// does not have the step, or has it for somebody else while an officer works on it.
pub(crate) fn moved(
    dossier: &Dossier,
    process: &Process,
    calendar: &kernel::calendar::WorkingCalendar,
    now: kernel::Timestamp,
) -> Option<Dossier> {
    let at = process.position(&dossier.position.step)?;
    let step = process.step(at)?;
    let before = dossier.state;
    // The step must still mean the same state of the law: a leader's step that became an officer's would skip a decision.
    let expected = super::rules::turn(process, at);
    let fits = match before {
        State::Submitted => matches!(expected, super::rules::Turn::Reception),
        State::Received | State::Processing => matches!(expected, super::rules::Turn::Work { .. }),
        State::Proposed => matches!(expected, super::rules::Turn::Decision),
        State::Approved => matches!(expected, super::rules::Turn::Giving),
        State::AwaitingSupplement | State::AwaitingFee => dossier.resume.is_some(),
        State::Refused | State::Withdrawn | State::Stopped | State::Returned => false,
    };
    if !fits {
        return None;
    }
    let due: Deadline = calendar.deadline(dossier.position.since, step.quota);
    let mut after = dossier.clone();
    after.process = process.version();
    after.position = Position {
        due_at: Some(due.at),
        ..dossier.position.clone()
    };
    after.revision += 1;
    after.changed_at = now;
    Some(after)
}

/// Moves the chosen dossiers that are still at the revision that was shown; says how many.
///
/// # Errors
/// When the store fails; the dossiers that were moved before stay moved.
pub(crate) async fn carry(
    house: &Casework,
    officer: &OfficerCaller,
    process: &Process,
    chosen: Vec<(DossierId, i64)>,
) -> Result<usize, DossierError> {
    let now = house.now();
    let mut count = 0;
    for (id, revision) in chosen {
        let (process, calendar) = (process.clone(), house.calendar().clone());
        let event_id = EventId::new(house.world().as_ref());
        let outbox = kernel::id::uuid_v7(house.world().as_ref());
        let (account, name) = (officer.account(), officer.name().to_owned());
        let done = house
            .store()
            .write(move |tx| {
                let before = dossiers::find(tx, id)?;
                if before.revision != revision {
                    return Ok::<_, DossierError>(false);
                }
                let Some(after) = moved(&before, &process, &calendar, now) else {
                    return Ok(false);
                };
                dossiers::update(tx, &after)?;
                let event = NewEvent {
                    event: Event {
                        id: event_id,
                        seq: after.revision,
                        at: now,
                        action: MOVE.to_owned(),
                        from: Some(before.state),
                        to: after.state,
                        capacity: Capacity::Leader,
                        actor_name: Some(name.clone()),
                        unit_name: None,
                        note: None,
                        for_name: None,
                        to_name: None,
                    },
                    for_account: None,
                    account: Some(account),
                    unit: None,
                };
                dossiers::insert_event(tx, id, &event)?;
                tx.emit(&told(outbox, &after))?;
                Ok(true)
            })
            .await?;
        count += usize::from(done);
    }
    Ok(count)
}
