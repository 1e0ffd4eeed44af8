//! Sending a dossier in, online or at a desk: one transaction that gives the number, writes the dossier, its people, its
//! first step, its event and its notice, takes over files, and receives it where the desk that took it may.
//! Ids, seals and keyed digests are made before it.
//! Refuses a second dossier for a second send: the form's key answers with the first one's id.
//! Law: NĐ 45/2020/NĐ-CP Điều 10-12 (acceptance at once); QĐ 20/2020/QĐ-TTg (codes).

use std::num::NonZeroU32;

use identity::{AccountId, PersonRef, UnitId};
use kernel::calendar::WorkingCalendar;
use kernel::{AgencyCode, DossierCode, ProcedureCode, Timestamp, World};
use store::keys::KeyRing;
use store::{Once, Tx};
use uuid::Uuid;

use super::command::{self, By, Order};
use super::rules::Deed;
use super::state::{Action, Capacity, Delivery, Entered, Representation, State};
use super::store::{self as table, NewDossier, NewEvent};
use super::{Content, Dossier, DossierError, DossierId, DraftId, Event, EventId, mask_name, rules};
use crate::definitions::Pin;
use crate::file::{self, FileRow};
use crate::intake::{self, Channel, IntakeRow, PartyRole};
use crate::load::{self, Whole};
use crate::notice::{self, NoticeKind};
use crate::offline;
use crate::process::{Position, Way};
use crate::queue::TicketId;
use store::blob::StoredBlob;

pub use crate::intake::Parties;

/// The name of the step that begins every history.
pub const SUBMIT: &str = "submit";

/// Scope of the idempotency keys of submissions.
const ONCE: &str = "dossier.submit";

/// Scope of the ids of items that were taken with the line down.
const ONCE_OFFLINE: &str = "dossier.offline";

/// Where a dossier goes: the competent agency and the desk that receives for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The competent agency.
    pub unit: UnitId,
    /// Its name today.
    pub unit_name: String,
    /// Its code, under which numbers are given.
    pub agency: AgencyCode,
    /// The desk.
    pub desk: UnitId,
    /// Its name today.
    pub desk_name: String,
}

/// Everything about a submission that is known before its transaction.
#[derive(Debug, Clone)]
pub struct Submission {
    /// Key of the form: a second send with the same key is the same dossier.
    pub once: Uuid,
    /// The procedure, its version and name.
    pub procedure: (ProcedureCode, i64, String),
    /// The process it will run under, and where the steps lie.
    pub way: Way,
    /// Where it goes.
    pub place: Place,
    /// Whom it is about.
    pub person: PersonRef,
    /// The account that sends.
    pub account: Option<AccountId>,
    /// In which relation the sender stands to the person.
    pub representation: Representation,
    /// Who typed.
    pub entered: Entered,
    /// How the result is wanted.
    pub delivery: Delivery,
    /// What was typed.
    pub content: Content,
    /// The draft whose files are taken over and which ends here.
    pub draft: Option<DraftId>,
    /// Who else it is about.
    pub parties: Parties,
    /// How an officer took it in; none for what came online.
    pub taking: Option<Taking>,
}

/// How an officer takes a dossier in.
#[derive(Debug, Clone)]
pub struct Taking {
    /// The officer.
    pub by: By,
    /// The desk that takes it, and its name; it need not be the one that receives.
    pub desk: (UnitId, String),
    /// From the counter or the post.
    pub channel: Channel,
    /// The day of the postmark.
    pub postmark_on: Option<kernel::Date>,
    /// When the form was opened.
    pub began_at: Timestamp,
    /// The number of the queue that is served.
    pub ticket: Option<TicketId>,
    /// The applicant as stated at the counter: found, or put on record in the same transaction.
    pub claim: identity::person::Prepared,
    /// Scans that come with it.
    pub files: Vec<(FileRow, StoredBlob)>,
    /// What reception needs, when this desk receives it at once.
    pub receive: Option<Deed>,
    /// It was taken with the line down: its code stands on a paper already, and its time with it.
    pub offline: Option<offline::Claim>,
}

impl Submission {
    /// The instant that counts: now, or that of a reception with the line down.
    fn at(&self, now: Timestamp) -> Timestamp {
        let offline = self.taking.as_ref().and_then(|taking| taking.offline.as_ref());
        offline.map_or(now, |claim| claim.received_at)
    }
}

/// A submission sealed and numbered but for its code: what the transaction needs, made once.
#[derive(Debug, Clone)]
pub struct Sealed {
    once: Uuid,
    agency: AgencyCode,
    draft: Option<DraftId>,
    new: NewDossier,
    event: NewEvent,
    outbox: Uuid,
    notice: Option<notice::Notice>,
    parties: Parties,
    /// The definition that was answered; its folder is kept beside the dossier.
    definition: Option<Pin>,
    taking: Option<SealedTaking>,
}

/// A taking with what its transaction needs.
#[derive(Debug, Clone)]
struct SealedTaking {
    row: IntakeRow,
    claim: identity::person::Prepared,
    files: Vec<(FileRow, StoredBlob)>,
    receive: Option<command::Command>,
    offline: Option<offline::Claim>,
}

impl Sealed {
    /// What was taken with the line down.
    fn offline(&self) -> Option<&offline::Claim> {
        self.taking.as_ref().and_then(|taking| taking.offline.as_ref())
    }

    /// The id that the dossier will have.
    #[must_use]
    pub fn id(&self) -> DossierId {
        self.new.dossier.id
    }

    /// The agency under whose code it gets its number.
    pub(crate) const fn agency(&self) -> &AgencyCode {
        &self.agency
    }

    /// The reception that comes with it, when the desk that took it receives it.
    pub(crate) fn reception(&self) -> Option<&command::Command> {
        self.taking.as_ref().and_then(|taking| taking.receive.as_ref())
    }
}

/// What the citizen is told at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    /// The dossier.
    pub id: DossierId,
    /// This send was the second one; the dossier is the first one's.
    pub is_again: bool,
}

/// Seals a submission. Costs the time that the writer must not spend.
#[must_use]
pub fn seal(submission: &Submission, world: &dyn World, keys: &KeyRing, calendar: &WorkingCalendar) -> Sealed {
    let now = submission.at(world.now());
    let id = DossierId::new(world);
    let dossier = blank(id, submission, now, calendar);
    let content = serde_json::to_vec(&submission.content).unwrap_or_default();
    let new = NewDossier {
        content: keys.seal(world, &content_context(id), &content).into_bytes(),
        person_index: keys.blind_index(PERSON_INDEX, &submission.content.person_id),
        check_person: check_digest(keys, id, &submission.content.person_id),
        check_phone: Some(&submission.content.phone)
            .filter(|phone| !phone.is_empty())
            .map(|phone| check_digest(keys, id, phone)),
        dossier,
    };
    let event = first_step(submission, world, now);
    let notice = submission
        .account
        .map(|account| notice::Notice::new(world, account, &new.dossier, NoticeKind::Submitted, now));
    Sealed {
        once: submission.once,
        agency: submission.place.agency.clone(),
        draft: submission.draft,
        taking: submission
            .taking
            .as_ref()
            .map(|taking| seal_taking(taking, submission, &new.dossier, world, keys)),
        new,
        event,
        outbox: kernel::id::uuid_v7(world),
        notice,
        parties: submission.parties.clone(),
        definition: submission.content.definition.clone(),
    }
}

/// The step that begins the history: the applicant's own, or the officer's who typed.
fn first_step(submission: &Submission, world: &dyn World, now: Timestamp) -> NewEvent {
    let by = submission.taking.as_ref().map(|taking| &taking.by);
    NewEvent {
        event: Event {
            id: EventId::new(world),
            seq: 1,
            at: now,
            action: SUBMIT.to_owned(),
            from: None,
            to: State::Submitted,
            capacity: by.map_or(Capacity::Applicant, |by| by.capacity),
            actor_name: by.and_then(|by| by.name.clone()),
            unit_name: by.and_then(|by| by.unit.as_ref().map(|(_, name)| name.clone())),
            note: None,
            for_name: None,
            to_name: None,
        },
        for_account: None,
        account: by.map(|by| by.account).or(submission.account),
        unit: by.and_then(|by| by.unit.as_ref().map(|(unit, _)| *unit)),
    }
}

fn seal_taking(
    taking: &Taking,
    submission: &Submission,
    dossier: &Dossier,
    world: &dyn World,
    keys: &KeyRing,
) -> SealedTaking {
    let receive = taking.receive.as_ref().map(|deed| {
        let mut order = Order::new(submission.once, dossier, Action::Receive, submission.way.clone());
        order.deed = deed.clone();
        command::prepare(order, taking.by.clone(), world, keys).at(dossier.submitted_at)
    });
    SealedTaking {
        row: IntakeRow {
            channel: taking.channel,
            taken_by: taking.by.account,
            taken_by_name: taking.by.name.clone().unwrap_or_default(),
            taken_desk: taking.desk.0,
            taken_desk_name: taking.desk.1.clone(),
            taken_at: dossier.submitted_at,
            began_at: taking.began_at.min(dossier.submitted_at),
            postmark_on: taking.postmark_on,
            ticket: taking.ticket,
        },
        claim: taking.claim.clone(),
        files: taking.files.clone(),
        receive,
        offline: taking.offline.clone(),
    }
}

fn blank(id: DossierId, submission: &Submission, now: Timestamp, calendar: &WorkingCalendar) -> Dossier {
    let (procedure, procedure_version, procedure_name) = submission.procedure.clone();
    let place = submission.place.clone();
    Dossier {
        id,
        // Replaced by the code that the transaction issues; never stored.
        code: DossierCode::issue(&place.agency, now.local_date(), NonZeroU32::MAX).unwrap_or_else(|_| unissued()),
        procedure,
        procedure_version,
        procedure_name,
        unit: place.unit,
        unit_name: place.unit_name.clone(),
        desk: place.desk,
        desk_name: place.desk_name,
        person: submission.person,
        account: submission.account,
        person_mask: mask_name(&submission.content.name),
        representation: submission.representation,
        entered: submission.entered,
        delivery: submission.delivery,
        state: State::Submitted,
        resume: None,
        assignee: None,
        assignee_name: None,
        proposed_by: None,
        outcome: None,
        supplements: 0,
        submitted_at: now,
        check_by: rules::check_by(now, calendar),
        received_at: None,
        is_late_receipt: false,
        time_limit: None,
        due_at: None,
        is_due_confirmed: true,
        stopped_at: None,
        decided_at: None,
        returned_at: None,
        is_late: false,
        stopped_minutes: 0,
        worked_minutes: None,
        process: submission.way.process.version(),
        position: Position {
            step: submission.way.process.first().to_owned(),
            since: now,
            due_at: Some(rules::check_by(now, calendar)),
        },
        at: place.unit,
        at_name: place.unit_name.clone(),
        extensions: 0,
        changed_at: now,
        revision: 1,
    }
}

fn unissued() -> DossierCode {
    "H00-000101-0000"
        .parse()
        .or_else(|_| "H01-000101-0001".parse())
        .expect("a code of the right form")
}

/// A key is its sender's own: what somebody else sends under the same key is another dossier.
fn once_scope(account: Option<AccountId>) -> String {
    account.map_or_else(|| ONCE.to_owned(), |account| format!("{ONCE}:{account}"))
}

/// Writes a sealed submission. May run twice; the second run writes the same.
///
/// # Errors
/// When the store refuses; nothing is written then and the number is given back.
pub fn submit(tx: &mut Tx, sealed: &Sealed) -> Result<Submitted, DossierError> {
    let mut new = sealed.new.clone();
    let now = new.dossier.submitted_at;
    // Whose draft and whose key it is: the officer's who typed, else the applicant's.
    let sender = sealed.taking.as_ref().map(|taking| taking.row.taken_by);
    let sender = sender.or(new.dossier.account);
    // What was taken with the line down is the same item, whoever of the unit sends it.
    let (scope, taken_at) = match sealed.offline() {
        Some(claim) => (ONCE_OFFLINE.to_owned(), claim.sent_at),
        None => (once_scope(sender), now),
    };
    if let Once::Again(first) = tx.once(&scope, sealed.once, taken_at)? {
        let id = first
            .parse()
            .map_err(|_| DossierError::Damaged("an idempotency key names no dossier".to_owned()))?;
        return Ok(Submitted { id, is_again: true });
    }
    let code = code_for(tx, sealed)?;
    let mut source = "dossier";
    if let Some(taking) = &sealed.taking {
        source = "counter";
        new.dossier.person = identity::person::find_or_create(tx, &taking.claim, source, now)?.person();
    }
    if let Some(pin) = &sealed.definition {
        pin.keep(tx, now)?;
    }
    table::insert(tx, &new, &code)?;
    let id = new.dossier.id;
    table::insert_event(tx, id, &sealed.event)?;
    let about = (new.dossier.person, new.dossier.representation);
    intake::store::insert_parties(tx, id, about, &sealed.parties, source, now)?;
    if let Some(taking) = &sealed.taking {
        write_taking(tx, id, taking)?;
    }
    if let (Some(draft), Some(account)) = (sealed.draft, sender) {
        crate::file::store::move_to_dossier(tx, draft, id)?;
        if !crate::draft::store::delete(tx, draft, account)? {
            return Err(DossierError::DraftNotFound);
        }
    }
    if let Some(notice) = &sealed.notice {
        notice::store::insert(tx, notice, &code)?;
    }
    tx.emit(&told(sealed, &new.dossier, &code))?;
    tx.once_done(&scope, sealed.once, &id.to_string())?;
    Ok(Submitted { id, is_again: false })
}

fn told(sealed: &Sealed, dossier: &Dossier, code: &DossierCode) -> store::Event {
    store::Event {
        id: sealed.outbox,
        kind: "dossier.submitted".into(),
        subject: dossier.id.uuid(),
        at: dossier.submitted_at,
        payload: serde_json::json!({
            "code": code, "state": State::Submitted, "national_code": 1, "unit": dossier.unit,
            "procedure": dossier.procedure, "entered": dossier.entered,
        }),
    }
}

/// A sealed submission in memory, with the same rows as [`submit`] writes. It is for loads: the applicant and everybody else
/// are on record and alive, `number` is the next of the agency's day, and no draft, definition or file comes with it.
///
/// # Errors
/// `Damaged` for what only the tables can answer.
pub(crate) fn begin(
    sealed: &Sealed,
    person: PersonRef,
    parties: &[(PartyRole, PersonRef)],
    number: i64,
) -> Result<Whole, DossierError> {
    let files = sealed.taking.as_ref().is_some_and(|taking| !taking.files.is_empty());
    if sealed.draft.is_some() || sealed.definition.is_some() || sealed.offline().is_some() || files {
        return Err(DossierError::Damaged(
            "what comes with a draft, a form or files is not loaded".to_owned(),
        ));
    }
    let mut new = sealed.new.clone();
    let now = new.dossier.submitted_at;
    let code = code_of(&sealed.agency, now.local_date(), number)?;
    new.dossier.person = person;
    new.dossier.code = code.clone();
    let intake = sealed.taking.as_ref().map(|taking| taking.row.clone());
    let sender = intake.as_ref().map(|row| row.taken_by).or(new.dossier.account);
    let notice = sealed.notice.clone().map(|notice| notice::Notice {
        dossier_code: code.to_string(),
        ..notice
    });
    Ok(Whole {
        events: vec![sealed.event.clone()],
        told: vec![told(sealed, &new.dossier, &code)],
        keys: vec![load::Key {
            scope: once_scope(sender),
            key: sealed.once,
            at: now,
        }],
        notices: notice.into_iter().collect(),
        parties: parties.to_vec(),
        intake,
        new,
        grounds: Vec::new(),
        stops: Vec::new(),
        supplements: Vec::new(),
        extensions: Vec::new(),
        delivery: None,
        rating: None,
    })
}

/// The code: the one on the paper that was given with the line down, else the next of the agency's day.
fn code_for(tx: &mut Tx, sealed: &Sealed) -> Result<DossierCode, DossierError> {
    if let Some(claim) = sealed.offline() {
        offline::store::admit(tx, claim)?;
        return Ok(claim.code.clone());
    }
    let day = sealed.new.dossier.submitted_at.local_date();
    let number = table::next_number(tx, &sealed.agency, day)?;
    code_of(&sealed.agency, day, number)
}

fn write_taking(tx: &mut Tx, id: DossierId, taking: &SealedTaking) -> Result<(), DossierError> {
    intake::store::insert(tx, id, &taking.row)?;
    for (row, blob) in &taking.files {
        let row = FileRow {
            blob: tx.attach_blob(blob)?,
            ..row.clone()
        };
        file::store::insert(tx, &row, file::store::Holder::Dossier(id), taking.row.taken_by)?;
    }
    if let Some(claim) = &taking.offline {
        offline::store::insert_taken(tx, claim, id)?;
    }
    Ok(())
}

/// Writes what an officer took in and, where this desk receives it, receives it: one transaction, so that the receipt that is
/// printed states what is in the table.
///
/// # Errors
/// As [`submit`], and what the rules say of the reception.
pub fn take_in(tx: &mut Tx, sealed: &Sealed, calendar: &WorkingCalendar) -> Result<Submitted, DossierError> {
    let done = submit(tx, sealed)?;
    if let Some(receive) = sealed.reception().filter(|_| !done.is_again) {
        command::perform(tx, receive, calendar)?;
    }
    Ok(done)
}

/// The dossier that a form with this key made, asked when its draft is gone.
///
/// # Errors
/// `DraftNotFound` when the form was never sent: the draft is then really none.
pub fn sent_before(
    tx: &mut Tx,
    account: Option<AccountId>,
    once: Uuid,
    now: Timestamp,
) -> Result<DossierId, DossierError> {
    match tx.once(&once_scope(account), once, now)? {
        Once::Again(first) => first.parse().map_err(|_| DossierError::DraftNotFound),
        // The error takes the key back that was just taken.
        Once::First => Err(DossierError::DraftNotFound),
    }
}

/// The code of the `number`th dossier of a day.
///
/// # Errors
/// `Damaged` for a number that no agency reaches in a day, or a year that a code cannot say.
pub fn code_of(agency: &AgencyCode, day: kernel::Date, number: i64) -> Result<DossierCode, DossierError> {
    let number = u32::try_from(number).ok().and_then(NonZeroU32::new);
    let number = number.ok_or_else(|| DossierError::Damaged("the number of a day is out of range".to_owned()))?;
    DossierCode::issue(agency, day, number).map_err(|error| DossierError::Damaged(error.to_string()))
}

/// Domain of the index by personal number.
pub(crate) const PERSON_INDEX: &str = "dossier.person";

/// Where a dossier's content is sealed: the context under which `identity` opens it for a purpose.
#[must_use]
pub fn content_context(id: DossierId) -> String {
    format!("dossier.content:{id}")
}

/// The keyed digest of the last four digits of a number, bound to the dossier.
pub(crate) fn check_digest(keys: &KeyRing, id: DossierId, number: &str) -> [u8; 32] {
    let digits: Vec<u8> = number.bytes().filter(u8::is_ascii_digit).collect();
    let last = &digits[digits.len().saturating_sub(4)..];
    keys.mac("dossier.check", &[id.uuid().as_bytes(), last].concat())
}

/// The secret that stands beside the code on the receipt: ten letters and digits, derived from the id, never stored.
#[must_use]
pub fn receipt_secret(keys: &KeyRing, id: DossierId) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let mac = keys.mac("dossier.receipt", id.uuid().as_bytes());
    mac.iter()
        .take(10)
        .map(|byte| char::from(LETTERS[usize::from(byte & 31)]))
        .collect()
}
