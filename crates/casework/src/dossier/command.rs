//! Carrying out an action on a dossier: load, decide by the rules, save, and write down who did it, the stop or start of the
//! clock, the request or the hand-over, the event and the notice, in one transaction.
//! Refuses to work on what the page did not show: the revision that was seen must be the one in the table.
//! Law: NĐ 118/2025/NĐ-CP; forms 02, 03, 05 of TT 03/2025/TT-VPCP are drawn from what is written here.

use identity::{AccountId, UnitId};
use kernel::calendar::WorkingCalendar;
use kernel::{Timestamp, World};
use store::blob::StoredBlob;
use store::keys::KeyRing;
use store::{Once, Tx};
use uuid::Uuid;

use super::rules::{self, Actor, Course, Deed, Happened};
use super::state::{Action, Capacity, Delivery};
use super::store::{self as table, DeliveryRow, ExtensionRow, NewEvent, SupplementRow};
use super::{Defect, Dossier, DossierError, DossierId, Event, EventId, ExtensionId, HandOver, StopId, SupplementId};
use crate::child;
use crate::coordination::{self, Coordination, CoordinationId, CoordinationState};
use crate::effect;
use crate::file::kept::Brought;
use crate::file::{self, FileRow};
use crate::load::{self, Whole};
use crate::notice::{self, NoticeId, NoticeKind};
use crate::process::Way;

/// Scope of the idempotency keys of actions.
const ONCE: &str = "dossier.act";

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// The account.
    pub account: AccountId,
    /// In which capacity.
    pub capacity: Capacity,
    /// The officer's name as shown to the public; `None` for the applicant.
    pub name: Option<String>,
    /// The officer's unit and its name today.
    pub unit: Option<(UnitId, String)>,
}

impl By {
    /// The program itself, for a desk: what follows from an event that nobody has to confirm, such as money that came.
    #[must_use]
    pub fn program(name: String, unit: (UnitId, String)) -> Self {
        Self {
            account: AccountId::from_uuid(Uuid::nil()),
            capacity: Capacity::Desk,
            name: Some(name),
            unit: Some(unit),
        }
    }

    /// The account that acts; none for the program.
    fn who(&self) -> Option<AccountId> {
        (!self.account.uuid().is_nil()).then_some(self.account)
    }
}

/// What is to be done, in plain words; [`prepare`] seals it.
#[derive(Debug, Clone)]
pub struct Order {
    /// Key of the form.
    pub once: Uuid,
    /// The dossier.
    pub dossier: DossierId,
    /// The revision that the page showed.
    pub revision: i64,
    /// What to do.
    pub action: Action,
    /// What comes with it.
    pub deed: Deed,
    /// Reason, receipt number or remark; empty when there is none.
    pub note: String,
    /// What is missing or wrong, for a supplement request, a refusal or a denial.
    pub defects: Vec<Defect>,
    /// The request that is answered.
    pub answers: Option<SupplementId>,
    /// Who took the result and what proves it, for a hand-over.
    pub hand_over: HandOver,
    /// Files that come with it, stored already.
    pub files: Vec<(FileRow, StoredBlob)>,
    /// Files that were kept from an earlier sending of the form.
    pub(crate) kept: Brought,
    /// The process it runs under, and where its steps lie.
    pub way: Way,
    /// What its step brings about besides.
    pub(crate) effects: effect::Prepared,
}

impl Order {
    /// An order with nothing but its action.
    #[must_use]
    pub fn new(once: Uuid, dossier: &Dossier, action: Action, way: Way) -> Self {
        Self {
            once,
            dossier: dossier.id,
            revision: dossier.revision,
            action,
            deed: Deed::default(),
            note: String::new(),
            defects: Vec::new(),
            answers: None,
            hand_over: HandOver::default(),
            files: Vec::new(),
            kept: Brought::default(),
            way,
            effects: effect::Prepared::Nothing,
        }
    }
}

/// An order made ready for its transaction: sealed texts, minted ids.
#[derive(Debug, Clone)]
pub struct Command {
    once: Uuid,
    dossier: DossierId,
    revision: i64,
    action: Action,
    deed: Deed,
    by: By,
    now: Timestamp,
    note: Option<Vec<u8>>,
    event: EventId,
    outbox: Uuid,
    notice: NoticeId,
    stop: StopId,
    supplement: SupplementId,
    request: Option<Vec<u8>>,
    ground: Option<Vec<u8>>,
    answer: Option<(SupplementId, Vec<u8>)>,
    taken_by: Vec<u8>,
    files: Vec<(FileRow, StoredBlob)>,
    kept: Brought,
    way: Way,
    effects: effect::Prepared,
    /// Ids for what the process asks of other units; more are never asked in one step.
    requests: Vec<CoordinationId>,
    extension: ExtensionId,
}

/// Most agencies that one step asks.
const ASKED_MAX: usize = 12;

impl Command {
    /// The same command at another instant: what an officer did with the line down counts from then.
    #[must_use]
    pub(super) fn at(mut self, now: Timestamp) -> Self {
        self.now = now;
        self
    }

    /// The id that a supplement request of this command will have.
    #[must_use]
    pub fn supplement(&self) -> SupplementId {
        self.supplement
    }
}

/// Seals and mints what the transaction needs.
#[must_use]
pub fn prepare(order: Order, by: By, world: &dyn World, keys: &KeyRing) -> Command {
    let event = EventId::new(world);
    let supplement = SupplementId::new(world);
    let seal = |context: &str, text: &[u8]| keys.seal(world, context, text).into_bytes();
    let note = order.note.trim();
    let mut deed = order.deed;
    deed.has_reason = !note.is_empty();
    deed.defects = order.defects.len();
    deed.defects_bare = order.defects.iter().filter(|defect| !defect.is_whole()).count();
    let (hand_over, by_post) = (&order.hand_over, deed.delivery == Some(Delivery::Post));
    deed.has_proof = super::is_post_item(&hand_over.post_item) || (hand_over.proof.is_some() && !by_post);
    let listed = (!order.defects.is_empty()).then(|| serde_json::to_vec(&order.defects).unwrap_or_default());
    let asks = order.action == Action::AskSupplement;
    let request = listed.as_ref().filter(|_| asks);
    let request = request.map(|text| seal(&request_context(supplement), text));
    let ground = listed.as_ref().filter(|_| !asks);
    let ground = ground.map(|text| seal(&ground_context(event), text));
    Command {
        once: order.once,
        dossier: order.dossier,
        revision: order.revision,
        action: order.action,
        now: world.now(),
        note: (!note.is_empty()).then(|| seal(&note_context(event), note.as_bytes())),
        event,
        outbox: kernel::id::uuid_v7(world),
        notice: NoticeId::new(world),
        stop: StopId::new(world),
        supplement,
        request,
        ground,
        answer: order.answers.map(|id| (id, seal(&answer_context(id), note.as_bytes()))),
        taken_by: seal(&taken_context(order.dossier), order.hand_over.write().as_bytes()),
        files: order.files,
        kept: order.kept,
        requests: (0..ASKED_MAX).map(|_| CoordinationId::new(world)).collect(),
        extension: ExtensionId::new(world),
        way: order.way,
        effects: order.effects,
        deed,
        by,
    }
}

/// Carries out a command. May run twice; the second run writes the same.
///
/// # Errors
/// What the rules say, and `Stale` when somebody else changed the dossier since the page was drawn.
pub fn perform(tx: &mut Tx, command: &Command, calendar: &WorkingCalendar) -> Result<Dossier, DossierError> {
    let before = table::find(tx, command.dossier)?;
    if let Once::Again(_) = tx.once(ONCE, command.once, command.now)? {
        return Ok(before);
    }
    if before.revision != command.revision {
        return Err(DossierError::Stale {
            expected: command.revision,
            found: before.revision,
        });
    }
    let mut deed = command.deed.clone();
    deed.has_result = command
        .files
        .iter()
        .any(|(file, _)| file.purpose == file::FilePurpose::Result)
        || command.kept.has(tx, file::FilePurpose::Result)?
        || file::store::count_results(tx, before.id)? > 0;
    let capacities = [command.by.capacity];
    let day = command.now.local_date();
    let away = absent(tx, command, &before)?;
    let given = give_to(tx, command.action, &mut deed, day)?;
    let actor = Actor {
        account: command.by.who(),
        capacities: &capacities,
        stands_in: away.is_some(),
    };
    let asked = coordination::store::of_dossier(tx, before.id)?;
    let asked: Vec<Coordination> = asked.into_iter().map(|one| one.request).collect();
    let course = Course::with(&command.way.process, &asked, &command.way.places);
    let applied = rules::apply(&before, course, command.action, &deed, &actor, command.now, calendar)?;
    let after = applied.dossier;
    table::update(tx, &after)?;
    let event = event_of(command, &before, &after, &Shares { away, given });
    table::insert_event(tx, after.id, &event)?;
    if after.assignee != before.assignee || after.state.is_final() {
        // What was on offer is overtaken.
        crate::handover::store::drop(tx, after.id)?;
    }
    write_traces(tx, command, &before, &after)?;
    let done = effect::Done {
        before: &before,
        after: &after,
        process: &command.way.process,
        action: command.action,
        event: command.event,
        by: &command.by,
        now: command.now,
    };
    effect::carry_out(tx, &command.effects, &done)?;
    write_requests(tx, command, &after, (&asked, &applied.happened), calendar)?;
    lead_children(tx, command, &before, &after, calendar)?;
    if after.decided_at.is_some() || after.state.is_final() {
        // Nobody needs what other units were asked: they are told so, and see it in their list no more.
        coordination::store::end_all(tx, after.id, command.by.name.as_deref(), command.now)?;
    }
    tell(tx, command, &after)?;
    tx.once_done(ONCE, command.once, &after.id.to_string())?;
    Ok(after)
}

/// What other units work on stands still and goes on with the dossier, and ends with it.
fn lead_children(
    tx: &mut Tx,
    command: &Command,
    before: &Dossier,
    after: &Dossier,
    calendar: &WorkingCalendar,
) -> Result<(), DossierError> {
    if after.decided_at.is_some() || after.state.is_final() {
        return child::end_all(tx, after, command.by.name.as_deref(), command.now, calendar);
    }
    match (before.stopped_at, after.stopped_at) {
        (None, Some(_)) => child::hold_all(tx, after.id, command.now),
        (Some(_), None) => child::release_all(tx, after.id, command.now, calendar),
        _ => Ok(()),
    }
}

/// For whom somebody acts who stands in, and to whom work goes instead of whom.
struct Shares {
    away: Option<(AccountId, String)>,
    given: Option<(AccountId, String)>,
}

/// The officer who works on it, when she is away and the one who acts stands in for her.
fn absent(tx: &mut Tx, command: &Command, before: &Dossier) -> Result<Option<(AccountId, String)>, DossierError> {
    let (Some(assignee), Some(actor)) = (before.assignee, command.by.who()) else {
        return Ok(None);
    };
    if assignee == actor || !rules::needs_assignee(before.state, command.action) {
        return Ok(None);
    }
    let away = crate::absence::store::stood_in_for(tx, actor, command.now.local_date())?;
    Ok(away.into_iter().find(|(officer, _)| *officer == assignee))
}

/// Work that is given to somebody who is away goes to who stands in for her; tells for whom.
fn give_to(
    tx: &mut Tx,
    action: Action,
    deed: &mut Deed,
    day: kernel::Date,
) -> Result<Option<(AccountId, String)>, DossierError> {
    let Some(chosen) = deed.assignee.clone().filter(|_| action == Action::Assign) else {
        return Ok(None);
    };
    let Some(deputy) = crate::absence::store::stand_in(tx, chosen.0, day)? else {
        return Ok(None);
    };
    deed.assignee = Some(deputy);
    Ok(Some(chosen))
}

/// The step of the history that an action is.
fn event_of(command: &Command, before: &Dossier, after: &Dossier, shares: &Shares) -> NewEvent {
    let for_whom = shares.away.as_ref().or(shares.given.as_ref());
    NewEvent {
        event: Event {
            id: command.event,
            seq: after.revision,
            at: command.now,
            action: command.action.word().to_owned(),
            from: Some(before.state),
            to: after.state,
            capacity: command.by.capacity,
            actor_name: command.by.name.clone(),
            unit_name: command.by.unit.as_ref().map(|(_, name)| name.clone()),
            note: command.note.clone(),
            for_name: for_whom.map(|(_, name)| name.clone()),
            to_name: after.assignee_name.clone().filter(|_| command.action == Action::Assign),
        },
        for_account: for_whom.map(|(account, _)| *account),
        account: command.by.who(),
        unit: command.by.unit.as_ref().map(|(unit, _)| *unit),
    }
}

/// The rows that an action leaves beside the dossier: stops of the clock, requests, answers, hand-overs, files.
fn write_traces(tx: &mut Tx, command: &Command, before: &Dossier, after: &Dossier) -> Result<(), DossierError> {
    for (row, blob) in &command.files {
        let row = FileRow {
            blob: tx.attach_blob(blob)?,
            ..row.clone()
        };
        file::store::insert(tx, &row, file::store::Holder::Dossier(after.id), command.by.account)?;
    }
    for row in command.kept.take_over(tx, command.now)? {
        file::store::give_to_dossier(tx, row.id, after.id, command.by.account)?;
    }
    if let Some(ground) = &command.ground {
        table::insert_ground(tx, after.id, command.event, ground)?;
    }
    if before.stopped_at.is_none() && after.stopped_at.is_some() {
        table::start_stop(
            tx,
            command.stop,
            after.id,
            command.action.word(),
            command.now,
            before.due_at,
        )?;
    }
    if before.stopped_at.is_some() && after.stopped_at.is_none() {
        table::end_stop(tx, after.id, command.now, after.due_at)?;
    }
    match command.action {
        Action::AskSupplement => table::insert_supplement(tx, after.id, &supplement_of(command, before, after)?)?,
        Action::AnswerSupplement => {
            let (id, answer) = command.answer.as_ref().ok_or(DossierError::NotFound)?;
            let open = table::supplements(tx, after.id)?
                .into_iter()
                .any(|row| row.id == *id && row.answered_at.is_none());
            if !open || !table::answer_supplement(tx, *id, command.now, answer)? {
                return Err(DossierError::NotFound);
            }
        }
        Action::Extend => table::insert_extension(tx, after.id, &extension_of(command, before, after)?)?,
        Action::Return => table::insert_delivery(tx, after.id, &delivery_of(command))?,
        _ => {}
    }
    Ok(())
}

fn supplement_of(command: &Command, before: &Dossier, after: &Dossier) -> Result<SupplementRow, DossierError> {
    let unit = command.by.unit.as_ref().map(|(_, name)| name.clone());
    Ok(SupplementRow {
        id: command.supplement,
        seq: after.supplements,
        is_before_reception: before.received_at.is_none(),
        step: Some(before.position.step.clone()),
        asked_at: command.now,
        asked_by: command.by.name.clone().unwrap_or_default(),
        asked_unit: unit.unwrap_or_default(),
        request: command.request.clone().ok_or(DossierError::DefectsMissing)?,
        answered_at: None,
        answer: None,
    })
}

fn extension_of(command: &Command, before: &Dossier, after: &Dossier) -> Result<ExtensionRow, DossierError> {
    Ok(ExtensionRow {
        id: command.extension,
        at: command.now,
        due_before: before.due_at.ok_or(DossierError::ExtensionTooLate)?,
        due_after: after.due_at.ok_or(DossierError::ExtensionTooLate)?,
        officer_name: command.by.name.clone().unwrap_or_default(),
        unit_name: after.unit_name.clone(),
        event: command.event,
    })
}

fn delivery_of(command: &Command) -> DeliveryRow {
    DeliveryRow {
        way: command.deed.delivery.unwrap_or(Delivery::PickUp),
        at: command.now,
        officer: command.by.account,
        officer_name: command.by.name.clone().unwrap_or_default(),
        detail: command.taken_by.clone(),
    }
}

/// What the process asks of other units, and whose time ran out.
fn write_requests(
    tx: &mut Tx,
    command: &Command,
    after: &Dossier,
    (asked, happened): (&[Coordination], &[Happened]),
    calendar: &WorkingCalendar,
) -> Result<(), DossierError> {
    let mut ids = command.requests.iter();
    for one in happened {
        match one {
            Happened::Asked { kind, agency, due_at } => {
                let id = *ids.next().ok_or(DossierError::TooMany("requests of one step"))?;
                let (agency_name, unit) = command.way.places.of_agency(agency);
                let request = Coordination {
                    id,
                    dossier: after.id,
                    kind: *kind,
                    step: after.position.step.clone(),
                    agency: agency.clone(),
                    agency_name,
                    unit,
                    state: CoordinationState::Asked,
                    asked_at: command.now,
                    asked_by: command.by.name.clone().unwrap_or_default(),
                    asked_unit: after.at_name.clone(),
                    due_at: *due_at,
                    accepted_at: None,
                    accepted_by: None,
                    ended_at: None,
                    ended_by: None,
                    opinion: None,
                };
                coordination::store::insert(tx, &request, None)?;
                if let Some(handed) = command.way.handed.get(&request.step) {
                    child::open(tx, after, &request, handed, calendar)?;
                }
            }
            Happened::Silent(id) => {
                let Some(before) = asked.iter().find(|one| one.id.to_string() == *id) else {
                    continue;
                };
                let silent = Coordination {
                    state: CoordinationState::Silent,
                    ended_at: Some(command.now),
                    ..before.clone()
                };
                coordination::store::update(tx, &silent, before.state, None)?;
            }
        }
    }
    Ok(())
}

/// The event for other parts of the house and the notice for the applicant.
fn tell(tx: &mut Tx, command: &Command, after: &Dossier) -> Result<(), DossierError> {
    tx.emit(&told(command, after))?;
    if let Some(notice) = notice_of(command, after) {
        notice::store::insert(tx, &notice, &after.code)?;
    }
    Ok(())
}

fn told(command: &Command, after: &Dossier) -> store::Event {
    store::Event {
        id: command.outbox,
        kind: format!("dossier.{}", command.action).into(),
        subject: after.id.uuid(),
        at: command.now,
        payload: serde_json::json!({
            "code": after.code, "state": after.state, "national_code": after.state.national_code(),
            "unit": after.unit, "procedure": after.procedure, "due_at": after.due_at,
        }),
    }
}

fn notice_of(command: &Command, after: &Dossier) -> Option<notice::Notice> {
    let (account, kind) = after.account.zip(NoticeKind::of(command.action))?;
    Some(notice::Notice {
        id: command.notice,
        account,
        dossier: after.id,
        dossier_code: after.code.to_string(),
        procedure_name: after.procedure_name.clone(),
        kind,
        at: command.now,
        read_at: None,
    })
}

/// Carries out a command on a dossier in memory, by the same rules and with the same rows as [`perform`]. It is for loads, where
/// nobody is away and no file comes.
///
/// # Errors
/// As [`perform`]; `Damaged` for what only the tables can answer.
pub(crate) fn carry(whole: &mut Whole, command: &Command, calendar: &WorkingCalendar) -> Result<(), DossierError> {
    let before = whole.dossier().clone();
    if before.id != command.dossier {
        return Err(DossierError::NotFound);
    }
    if before.revision != command.revision {
        return Err(DossierError::Stale {
            expected: command.revision,
            found: before.revision,
        });
    }
    let (capacities, deed) = ([command.by.capacity], &command.deed);
    let actor = Actor {
        account: command.by.who(),
        capacities: &capacities,
        stands_in: false,
    };
    let course = Course::with(&command.way.process, &[], &command.way.places);
    let applied = rules::apply(&before, course, command.action, deed, &actor, command.now, calendar)?;
    if !applied.happened.is_empty() || !command.files.is_empty() {
        return Err(DossierError::Damaged(
            "what asks other units or brings files is not loaded".to_owned(),
        ));
    }
    let after = applied.dossier;
    let alone = Shares {
        away: None,
        given: None,
    };
    whole.events.push(event_of(command, &before, &after, &alone));
    leave_traces(whole, command, &before, &after)?;
    whole.told.push(told(command, &after));
    whole.notices.extend(notice_of(command, &after));
    whole.keys.push(load::Key {
        scope: ONCE.to_owned(),
        key: command.once,
        at: command.now,
    });
    whole.new.dossier = after;
    Ok(())
}

/// What [`write_traces`] writes, in memory.
fn leave_traces(whole: &mut Whole, command: &Command, before: &Dossier, after: &Dossier) -> Result<(), DossierError> {
    whole
        .grounds
        .extend(command.ground.clone().map(|text| (command.event, text)));
    match (before.stopped_at, after.stopped_at) {
        (None, Some(_)) => whole.stops.push(load::Stop {
            id: command.stop,
            cause: command.action.word().to_owned(),
            started_at: command.now,
            ended_at: None,
            due_before: before.due_at,
            due_after: None,
        }),
        (Some(_), None) => {
            for stop in whole.stops.iter_mut().filter(|stop| stop.ended_at.is_none()) {
                (stop.ended_at, stop.due_after) = (Some(command.now), after.due_at);
            }
        }
        _ => {}
    }
    match command.action {
        Action::AskSupplement => whole.supplements.push(supplement_of(command, before, after)?),
        Action::AnswerSupplement => {
            let (id, answer) = command.answer.clone().ok_or(DossierError::NotFound)?;
            let open = whole.supplements.iter_mut();
            let row = open.rev().find(|row| row.id == id && row.answered_at.is_none());
            let row = row.ok_or(DossierError::NotFound)?;
            (row.answered_at, row.answer) = (Some(command.now), Some(answer));
        }
        Action::Extend => whole.extensions.push(extension_of(command, before, after)?),
        Action::Return => whole.delivery = Some(delivery_of(command)),
        _ => {}
    }
    Ok(())
}

/// Where the reason of a step is sealed.
pub(crate) fn note_context(event: EventId) -> String {
    format!("dossier_event.note:{event}")
}

/// Where a request for more is sealed.
pub(crate) fn request_context(supplement: SupplementId) -> String {
    format!("dossier_supplement.request:{supplement}")
}

/// Where the grounds of a refusal or a denial are sealed.
pub(crate) fn ground_context(event: EventId) -> String {
    format!("dossier_ground.defects:{event}")
}

/// Where the answer to it is sealed.
pub(crate) fn answer_context(supplement: SupplementId) -> String {
    format!("dossier_supplement.answer:{supplement}")
}

/// Where the hand-over is sealed.
pub(crate) fn taken_context(dossier: DossierId) -> String {
    format!("dossier_delivery.detail:{dossier}")
}
