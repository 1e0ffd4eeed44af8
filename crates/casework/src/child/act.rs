//! Carrying out what is done with child dossiers, each in one transaction with its step, its stops, what its request says, and
//! who is told. Refuses to work on what the page did not show: the revision that was seen must be the one in the table.

use identity::{AccountId, Role, UnitId};
use kernel::Timestamp;
use kernel::calendar::WorkingCalendar;
use store::{Once, StoreError, Tx};
use uuid::Uuid;

use super::rules::{self, Actor, Deed};
use super::store as table;
use super::{
    Child, ChildAction, ChildEvent, ChildId, ChildState, END, HOLD, Handed, RELEASE, SEND, SUCCEED, StopCause, files,
};
use crate::coordination::{self, Coordination};
use crate::dossier::{Dossier, DossierError, DossierId, store as dossiers};
use crate::file::kept::Brought;
use crate::notice::{Notice, NoticeId, NoticeKind, store as inbox};
use crate::process::Process;

/// Scope of the idempotency keys.
const ONCE: &str = "child.act";

/// Officers told of one step at most.
const TOLD_MAX: usize = 10;

/// Opens the child of a request that hands work over to a unit of the province; none for an opinion, and none for an agency that
/// answers by letter.
pub(crate) fn open(
    tx: &mut Tx,
    parent: &Dossier,
    request: &Coordination,
    handed: &Handed,
    calendar: &WorkingCalendar,
) -> Result<Option<Child>, DossierError> {
    let (crate::coordination::CoordinationKind::HandOver, Some(unit)) = (request.kind, request.unit) else {
        return Ok(None);
    };
    let number = next_number(tx, parent.id)?;
    let child = rules::opened(parent, request, (unit, number), handed, calendar);
    begin(tx, parent, &child, Some(&request.asked_by), None)?;
    Ok(Some(child))
}

fn next_number(tx: &mut Tx, dossier: DossierId) -> Result<i64, DossierError> {
    let last = table::of_dossier(tx, dossier)?.last().map_or(0, |child| child.number);
    Ok(last + 1)
}

/// Writes a new child with its first step, and tells the leaders of its unit.
fn begin(
    tx: &mut Tx,
    parent: &Dossier,
    child: &Child,
    by: Option<&str>,
    account: Option<AccountId>,
) -> Result<(), DossierError> {
    table::insert(tx, child)?;
    let event = ChildEvent {
        seq: child.revision,
        at: child.sent_at,
        action: SEND.to_owned(),
        from: None,
        to: child.state,
        step: child.position.step.clone(),
        account,
        actor_name: by.map(str::to_owned),
        unit_name: Some(child.from_name.clone()),
        to_name: Some(child.unit_name.clone()),
        note: None,
    };
    table::insert_event(tx, child.id, &event)?;
    let leaders = leaders(tx, child.unit, child.sent_at)?;
    tell(tx, parent, child, NoticeKind::ChildArrived, leaders)
}

fn leaders(tx: &mut Tx, unit: UnitId, now: Timestamp) -> Result<Vec<AccountId>, StoreError> {
    let found = identity::account::holders(tx, &[unit], Role::Leader, now.local_date(), 0)?;
    Ok(found.into_iter().map(|row| row.0).collect())
}

/// Whom the work of a child concerns today: who has it, or the leaders of its unit.
fn receivers(tx: &mut Tx, child: &Child, now: Timestamp) -> Result<Vec<AccountId>, StoreError> {
    match child.assignee {
        Some(officer) => Ok(vec![officer]),
        None => leaders(tx, child.unit, now),
    }
}

/// Whom an answer concerns: who works on the dossier, or the leaders of the unit that has it.
fn senders(tx: &mut Tx, parent: &Dossier, now: Timestamp) -> Result<Vec<AccountId>, StoreError> {
    match parent.assignee {
        Some(officer) => Ok(vec![officer]),
        None => leaders(tx, parent.at, now),
    }
}

/// Tells officers on their pages. The id of a notice follows from what it says, so that twice is once.
pub(super) fn tell(
    tx: &mut Tx,
    parent: &Dossier,
    child: &Child,
    kind: NoticeKind,
    mut whom: Vec<AccountId>,
) -> Result<(), DossierError> {
    whom.sort_unstable();
    whom.dedup();
    for account in whom.into_iter().take(TOLD_MAX) {
        let about = format!("{}/{}/{kind}/{account}", child.id, child.revision);
        let notice = Notice {
            id: NoticeId::from_uuid(derived(&about, child.changed_at)),
            account,
            // The page of the child, which both sides may open.
            dossier: DossierId::from_uuid(child.id.uuid()),
            dossier_code: child.code.clone(),
            procedure_name: parent.procedure_name.clone(),
            kind,
            at: child.changed_at,
            read_at: None,
        };
        inbox::insert_named(tx, &notice)?;
    }
    Ok(())
}

/// An id that follows from a text.
pub(super) fn derived(about: &str, at: Timestamp) -> Uuid {
    let digest = ring::digest::digest(&ring::digest::SHA256, about.as_bytes());
    let mut random = [0; 10];
    random.copy_from_slice(&digest.as_ref()[..10]);
    let millis = u64::try_from(at.as_micros() / 1_000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

/// Who did a step that no form takes, and what it is called.
struct Step<'a> {
    action: &'a str,
    by: Option<&'a str>,
    account: Option<AccountId>,
    unit_name: Option<String>,
    to_name: Option<String>,
    note: Option<Vec<u8>>,
    answer: Option<&'a [u8]>,
}

impl<'a> Step<'a> {
    const fn automatic(action: &'a str, by: Option<&'a str>) -> Self {
        Self {
            action,
            by,
            account: None,
            unit_name: None,
            to_name: None,
            note: None,
            answer: None,
        }
    }
}

/// Writes a change: the row, its step, the stops that began or ended, and what the request says.
fn write(tx: &mut Tx, before: &Child, after: &Child, step: Step<'_>) -> Result<(), DossierError> {
    table::update(tx, after)?;
    let event = ChildEvent {
        seq: after.revision,
        at: after.changed_at,
        action: step.action.to_owned(),
        from: Some(before.state),
        to: after.state,
        step: after.position.step.clone(),
        account: step.account,
        actor_name: step.by.map(str::to_owned),
        unit_name: step.unit_name,
        to_name: step.to_name,
        note: step.note,
    };
    table::insert_event(tx, after.id, &event)?;
    write_stops(tx, before, after)?;
    let state = rules::request_state(after.state);
    table::sync_request(tx, after, state, step.by, step.answer)?;
    Ok(())
}

fn write_stops(tx: &mut Tx, before: &Child, after: &Child) -> Result<(), StoreError> {
    let (id, now, due) = (after.id, after.changed_at, after.due_at);
    if !after.is_open() {
        return table::end_stop(tx, id, None, now, due);
    }
    match (before.is_held, after.is_held) {
        (false, true) => table::start_stop(tx, id, StopCause::Parent, now, before.due_at)?,
        (true, false) => table::end_stop(tx, id, Some(StopCause::Parent), now, due)?,
        _ => {}
    }
    match (before.state == ChildState::Waiting, after.state == ChildState::Waiting) {
        (false, true) => table::start_stop(tx, id, StopCause::Asked, now, before.due_at)?,
        (true, false) => table::end_stop(tx, id, Some(StopCause::Asked), now, due)?,
        _ => {}
    }
    Ok(())
}

fn open_of(tx: &mut Tx, dossier: DossierId) -> Result<Vec<Child>, StoreError> {
    let mut all = table::of_dossier(tx, dossier)?;
    all.retain(Child::is_open);
    Ok(all)
}

/// The dossier waits for its applicant: the clocks of its children stand still with its own.
pub(crate) fn hold_all(tx: &mut Tx, dossier: DossierId, now: Timestamp) -> Result<(), DossierError> {
    for before in open_of(tx, dossier)?.iter().filter(|child| !child.is_held) {
        let after = rules::held(before, now);
        write(tx, before, &after, Step::automatic(HOLD, None))?;
    }
    Ok(())
}

/// The dossier waits no more: they go on with what was left.
pub(crate) fn release_all(
    tx: &mut Tx,
    dossier: DossierId,
    now: Timestamp,
    calendar: &WorkingCalendar,
) -> Result<(), DossierError> {
    for before in open_of(tx, dossier)?.iter().filter(|child| child.is_held) {
        let after = rules::released(before, now, calendar)?;
        write(tx, before, &after, Step::automatic(RELEASE, None))?;
    }
    Ok(())
}

/// The dossier was decided, withdrawn or stopped: nobody needs the answers, and who works on them is told.
pub(crate) fn end_all(
    tx: &mut Tx,
    parent: &Dossier,
    by: Option<&str>,
    now: Timestamp,
    calendar: &WorkingCalendar,
) -> Result<(), DossierError> {
    for before in open_of(tx, parent.id)? {
        let after = rules::ended(&before, now, calendar);
        write(tx, &before, &after, Step::automatic(END, by))?;
        let whom = receivers(tx, &before, now)?;
        tell(tx, parent, &after, NoticeKind::ChildEnded, whom)?;
    }
    Ok(())
}

/// Leads one to the unit that followed its own; false when somebody acted on it meanwhile.
pub(crate) fn succeed(
    tx: &mut Tx,
    seen: &Child,
    heir: (UnitId, &str),
    works_there: bool,
    now: Timestamp,
) -> Result<bool, DossierError> {
    let before = table::find(tx, seen.id)?.ok_or(DossierError::NotFound)?;
    if before.revision != seen.revision {
        return Ok(false);
    }
    let after = rules::succeeded(&before, heir, works_there, now);
    let step = Step {
        unit_name: Some(before.unit_name.clone()),
        to_name: Some(heir.1.to_owned()),
        ..Step::automatic(SUCCEED, None)
    };
    write(tx, &before, &after, step)?;
    let parent = dossiers::find(tx, after.dossier)?;
    let whom = receivers(tx, &after, now)?;
    tell(tx, &parent, &after, NoticeKind::ChildArrived, whom)?;
    Ok(true)
}

/// To which unit one is sent on, with the request that asks it.
#[derive(Debug, Clone)]
pub(super) struct Next {
    pub(super) request: Coordination,
    pub(super) handed: Handed,
    /// The question as it was asked the first time, and the reason for sending on, sealed for the new request.
    pub(super) question: Vec<u8>,
}

/// An officer's action, made ready for its transaction.
#[derive(Debug, Clone)]
pub(super) struct Command {
    pub(super) once: Uuid,
    pub(super) child: ChildId,
    pub(super) revision: i64,
    pub(super) action: ChildAction,
    pub(super) deed: Deed,
    pub(super) actor: Actor,
    pub(super) account: AccountId,
    pub(super) unit_name: Option<String>,
    pub(super) now: Timestamp,
    pub(super) note: Option<Vec<u8>>,
    pub(super) answer: Option<Vec<u8>>,
    pub(super) files: Brought,
    pub(super) process: Process,
    pub(super) next: Option<Next>,
    pub(super) outbox: Uuid,
}

/// Carries out an officer's action. May run twice; the second run writes the same.
pub(super) fn perform(tx: &mut Tx, command: &Command, calendar: &WorkingCalendar) -> Result<Child, DossierError> {
    let before = table::find(tx, command.child)?.ok_or(DossierError::NotFound)?;
    if let Once::Again(_) = tx.once(ONCE, command.once, command.now)? {
        return Ok(before);
    }
    if before.revision != command.revision {
        return Err(DossierError::Stale {
            expected: command.revision,
            found: before.revision,
        });
    }
    let parent = dossiers::find(tx, before.dossier)?;
    let actor = Actor {
        is_assignee: works_on(tx, &before, command)?,
        ..command.actor.clone()
    };
    let deed = given(tx, command)?;
    let (process, now) = (&command.process, command.now);
    let after = rules::apply(&before, process, command.action, &deed, &actor, now, calendar)?;
    let step = Step {
        action: command.action.word(),
        by: Some(&command.actor.name),
        account: Some(command.account),
        unit_name: command.unit_name.clone(),
        to_name: to_name(command, &after),
        note: command.note.clone(),
        answer: command.answer.as_deref(),
    };
    write(tx, &before, &after, step)?;
    files::bring(tx, after.id, &command.files, command.account, now)?;
    if after.state == ChildState::Answered {
        files::give_back(tx, &after, command.account)?;
    }
    if let Some(next) = &command.next {
        send_on(tx, &parent, &after, next, command, calendar)?;
    }
    notify(tx, &parent, (&before, &after), command)?;
    tx.emit(&store::Event {
        id: command.outbox,
        kind: format!("child-dossier.{}", command.action).into(),
        subject: parent.id.uuid(),
        at: now,
        payload: serde_json::json!({ "child": after.id, "code": after.code, "state": after.state, "unit": after.unit }),
    })?;
    tx.once_done(ONCE, command.once, &after.id.to_string())?;
    Ok(after)
}

/// Whether the work is hers, or that of somebody for whom she stands in today.
fn works_on(tx: &mut Tx, child: &Child, command: &Command) -> Result<bool, StoreError> {
    let Some(assignee) = child.assignee else {
        return Ok(false);
    };
    if assignee == command.account {
        return Ok(true);
    }
    let away = crate::absence::store::stood_in_for(tx, command.account, command.now.local_date())?;
    Ok(away.iter().any(|(officer, _)| *officer == assignee))
}

/// Work that is given to somebody who is away goes to who stands in for her.
fn given(tx: &mut Tx, command: &Command) -> Result<Deed, StoreError> {
    let mut deed = command.deed.clone();
    if let Some((officer, _)) = &deed.assignee
        && let Some(deputy) = crate::absence::store::stand_in(tx, *officer, command.now.local_date())?
    {
        deed.assignee = Some(deputy);
    }
    Ok(deed)
}

fn to_name(command: &Command, after: &Child) -> Option<String> {
    match command.action {
        ChildAction::Assign => after.assignee_name.clone(),
        ChildAction::SendOn => command.next.as_ref().map(|next| next.request.agency_name.clone()),
        _ => None,
    }
}

/// The third unit gets a child of its own with the date of the first: the deadline stays.
fn send_on(
    tx: &mut Tx,
    parent: &Dossier,
    ended: &Child,
    next: &Next,
    command: &Command,
    calendar: &WorkingCalendar,
) -> Result<(), DossierError> {
    let unit = next.request.unit.ok_or(DossierError::UnitMissing)?;
    let all = table::of_dossier(tx, parent.id)?;
    let mut link = Some(ended);
    let mut chain = vec![parent.at];
    while let Some(child) = link {
        chain.push(child.unit);
        if chain.len() > rules::CHAIN_MAX {
            return Err(DossierError::TooMany("units of one hand-over"));
        }
        link = all.iter().find(|one| Some(one.id) == child.previous);
    }
    if chain.contains(&unit) {
        return Err(DossierError::SentBefore);
    }
    let request = Coordination {
        due_at: ended.due_at,
        asked_at: command.now,
        step: step_of(tx, ended)?,
        ..next.request.clone()
    };
    coordination::store::insert(tx, &request, Some(&next.question))?;
    let number = next_number(tx, parent.id)?;
    let mut child = rules::opened(parent, &request, (unit, number), &next.handed, calendar);
    child.previous = Some(ended.id);
    child.is_due_confirmed = ended.is_due_confirmed;
    begin(tx, parent, &child, Some(&command.actor.name), Some(command.account))
}

/// The step of the dossier's process that a child works for.
fn step_of(tx: &mut Tx, child: &Child) -> Result<String, DossierError> {
    let request = coordination::store::find(tx, coordination::CoordinationId::from_uuid(child.id.uuid()))?;
    request.map(|sealed| sealed.request.step).ok_or(DossierError::NotFound)
}

/// Who hears of an action on her page.
fn notify(
    tx: &mut Tx,
    parent: &Dossier,
    (before, after): (&Child, &Child),
    command: &Command,
) -> Result<(), DossierError> {
    let now = command.now;
    let (kind, mut whom) = match (command.action, after.state) {
        (_, ChildState::Answered) => (NoticeKind::ChildAnswered, senders(tx, parent, now)?),
        (ChildAction::GiveBack, _) => (NoticeKind::ChildGivenBack, senders(tx, parent, now)?),
        (ChildAction::SendOn, _) => (NoticeKind::ChildSentOn, senders(tx, parent, now)?),
        (ChildAction::AskBack, _) => (NoticeKind::ChildAsks, senders(tx, parent, now)?),
        (ChildAction::Reply, _) => (NoticeKind::ChildReplied, receivers(tx, after, now)?),
        (ChildAction::TakeBack, _) => (NoticeKind::ChildEnded, receivers(tx, before, now)?),
        (ChildAction::Assign, _) => (NoticeKind::ChildArrived, after.assignee.into_iter().collect()),
        (_, ChildState::Proposed) => (NoticeKind::ChildProposed, leaders(tx, after.unit, now)?),
        (ChildAction::SendBack, _) => (NoticeKind::ChildSentBack, receivers(tx, after, now)?),
        _ => return Ok(()),
    };
    whom.retain(|account| *account != command.account);
    tell(tx, parent, after, kind, whom)
}
