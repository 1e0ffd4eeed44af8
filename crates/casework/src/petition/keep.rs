//! The shell of petitions: sealing and registering one, doing a step, opening content and identity for one view.
//! A step is decided by `rules`, saved with its event and its outbox row in one transaction.

use identity::unit::UnitBook;
use identity::{Caller, CitizenCaller, OfficerCaller, Purpose, Resource, UnitId, person};
use kernel::{Timestamp, fold};
use store::keys::{KeyRing, Sealed};
use store::{Once, Tx};
use uuid::Uuid;
use web::Submitted;

use super::files;
use super::rules::{self, Route};
use super::store::{self as table, NewEvent, Parts};
use super::terms::TERMS;
use super::{
    Channel, Content, Event, Filer, Kind, Outcome, Petition, PetitionError, PetitionEventId, PetitionId, State, Step,
    Target,
};
use crate::Casework;

/// The scope of the keys of forms.
const ONCE: &str = "petition";

/// What is about to be registered.
pub(crate) struct New {
    pub(crate) once: Uuid,
    pub(crate) kind: Kind,
    pub(crate) channel: Channel,
    pub(crate) against: UnitId,
    pub(crate) target: Target,
    pub(crate) content: Content,
    pub(crate) filer: Filer,
    /// The officer who typed it, with her unit's name.
    pub(crate) typed_by: Option<(OfficerCaller, String)>,
    /// What was attached, and the account that sent it.
    pub(crate) files: (identity::AccountId, Submitted),
}

pub(crate) fn content_context(id: PetitionId) -> String {
    format!("petition.content:{id}")
}

pub(crate) fn identity_context(id: PetitionId) -> String {
    format!("petition.identity:{id}")
}

pub(crate) fn note_context(id: PetitionEventId) -> String {
    format!("petition_event.note:{id}")
}

/// The keyed index of who filed.
pub(crate) fn filer_index(keys: &KeyRing, account: identity::AccountId) -> [u8; 32] {
    keys.blind_index("petition.filer", &account.to_string())
}

/// The keyed index of a person's name that a petition is against, and of an officer's own.
pub(crate) fn name_index(keys: &KeyRing, name: &str) -> [u8; 32] {
    let folded = fold::fold(name);
    let whom = if folded.is_empty() { "-" } else { folded.as_str() };
    keys.blind_index("petition.against", whom)
}

/// The secret beside the code: ten letters and digits, derived from the id, never stored.
pub(crate) fn secret(keys: &KeyRing, id: PetitionId) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let mac = keys.mac("petition.receipt", id.uuid().as_bytes());
    mac.iter()
        .take(10)
        .map(|byte| char::from(LETTERS[usize::from(byte & 31)]))
        .collect()
}

fn routed(book: &UnitBook, against: UnitId, is_conflicting: bool, day: kernel::Date) -> Result<Route, PetitionError> {
    rules::route(book, against, is_conflicting, &TERMS.outside.unit_named, day)
}

/// Sets when the next step is due, from the terms of the kind.
fn set_due(house: &Casework, petition: &mut Petition, from: Timestamp) {
    let due = TERMS
        .next(petition.kind, petition.state)
        .map(|term| house.calendar().deadline(from, term.limit));
    petition.due_at = due.as_ref().map(|due| due.at);
    petition.is_due_confirmed = due.is_none_or(|due| due.confirmed);
}

fn mask(filer: &Filer, is_protected: bool) -> Option<String> {
    (!is_protected).then(|| person::mask_name(&filer.name))
}

/// Registers a petition; a second send of the same form finds the first one.
pub(crate) async fn register(house: &Casework, new: New) -> Result<Petition, PetitionError> {
    let (world, keys, now) = (house.world().clone(), house.keys(), house.now());
    let (day, book) = (now.local_date(), house.identity().units());
    let id = PetitionId::new(world.as_ref());
    let is_conflicting = rules::is_conflicting(new.kind, new.target);
    let route = routed(&book, new.against, is_conflicting, day)?;
    let is_protected = new.kind == Kind::Denunciation;
    let files = files::take(house, new.files.0, &new.files.1, id).await?;
    let name = |unit: UnitId| book.name(unit, kernel::Lang::Vi, day).to_owned();
    let mut petition = Petition {
        id,
        code: String::new(),
        kind: new.kind,
        stated_kind: new.kind,
        state: State::Registered,
        is_protected,
        channel: new.channel,
        unit: route.unit,
        unit_name: name(route.unit),
        is_outside: route.is_outside,
        against: new.against,
        against_name: name(new.against),
        target: new.target,
        is_conflicting,
        against_index: name_index(&keys, &new.content.against_person).to_vec(),
        filer_mask: mask(&new.filer, is_protected),
        filed_at: now,
        due_at: None,
        is_due_confirmed: true,
        outcome: None,
        forwarded_to: None,
        revision: 1,
    };
    set_due(house, &mut petition, now);
    let seal = |context: &str, plain: serde_json::Result<Vec<u8>>| {
        let plain = plain.map_err(|_| PetitionError::Damaged)?;
        Ok::<_, PetitionError>(keys.seal(world.as_ref(), context, &plain).into_bytes())
    };
    let parts = Parts {
        content: seal(&content_context(id), serde_json::to_vec(&new.content))?,
        identity: seal(&identity_context(id), serde_json::to_vec(&new.filer))?,
        filer_index: new.filer.account.map(|account| filer_index(&keys, account).to_vec()),
    };
    let event = registered(house, &new, now);
    let outbox = outbox(house, &petition, now);
    let (once, scope) = (new.once, scope(&new, &keys));
    house
        .store()
        .write(move |tx| {
            if let Once::Again(first) = tx.once(&scope, once, now)? {
                let first: PetitionId = first.parse().map_err(|_| PetitionError::Damaged)?;
                return table::find(tx, first)?.ok_or(PetitionError::Damaged);
            }
            let year = i64::from(day.year());
            let number = table::next_number(tx, year)?;
            let numbered = Petition {
                code: format!("DT-{year}-{number:06}"),
                ..petition.clone()
            };
            table::insert(tx, &numbered, &parts)?;
            table::insert_event(tx, id, 1, &event)?;
            files::name(tx, id, &files, now)?;
            tx.emit(&outbox)?;
            tx.once_done(&scope, once, &id.to_string())?;
            Ok(numbered)
        })
        .await
}

/// The first step. Who typed it stands there; who filed it never does.
fn registered(house: &Casework, new: &New, now: Timestamp) -> NewEvent {
    let typed_by = new.typed_by.as_ref();
    NewEvent {
        event: Event {
            id: PetitionEventId::new(house.world().as_ref()),
            at: now,
            step: Step::Register,
            to_state: State::Registered,
            to_kind: new.kind,
            actor_name: typed_by.map(|(officer, _)| officer.name().to_owned()),
            unit_name: typed_by.map(|(_, unit)| unit.clone()),
            note: None,
        },
        account: typed_by.map(|(officer, _)| officer.account()),
    }
}

/// A key is its sender's own. An account stands in it as its keyed index: the table of keys tells nobody who filed.
fn scope(new: &New, keys: &KeyRing) -> String {
    match (&new.typed_by, new.filer.account) {
        (Some((officer, _)), _) => format!("{ONCE}:{}", officer.account()),
        (None, Some(account)) => {
            let index = filer_index(keys, account);
            index
                .iter()
                .take(16)
                .fold(format!("{ONCE}:"), |all, byte| format!("{all}{byte:02x}"))
        }
        (None, None) => ONCE.to_owned(),
    }
}

/// What other rooms learn: no person, no word of it.
fn outbox(house: &Casework, petition: &Petition, now: Timestamp) -> store::Event {
    store::Event {
        id: kernel::id::uuid_v7(house.world().as_ref()),
        kind: format!("petition.{}", petition.state).into(),
        subject: petition.id.uuid(),
        at: now,
        payload: serde_json::json!({ "kind": petition.kind, "state": petition.state, "unit": petition.unit }),
    }
}

/// One step, as asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    pub(crate) words: String,
    pub(crate) kind: Option<Kind>,
    pub(crate) outcome: Option<Outcome>,
    pub(crate) to: String,
}

/// What a step makes of a petition.
///
/// # Errors
/// [`PetitionError::WrongState`], [`PetitionError::Missing`], [`PetitionError::ToTheAccused`], [`PetitionError::NoUnit`].
pub(crate) fn decide(
    house: &Casework,
    before: &Petition,
    step: Step,
    asked: &Asked,
) -> Result<Petition, PetitionError> {
    let now = house.now();
    let mut next = before.clone();
    next.state = rules::after(before.state, before.is_outside, step)?;
    let words = asked.words.trim();
    match step {
        Step::Classify => {
            next.kind = asked.kind.ok_or(PetitionError::Missing("kind"))?;
            if next.kind != before.kind && words.is_empty() {
                return Err(PetitionError::Missing("words"));
            }
            // Once protected, always protected.
            next.is_protected |= next.kind == Kind::Denunciation;
            if next.is_protected {
                next.filer_mask = None;
            }
            next.is_conflicting = rules::is_conflicting(next.kind, before.target);
            let (book, day) = (house.identity().units(), now.local_date());
            let route = routed(&book, before.against, next.is_conflicting, day)?;
            next.unit = route.unit;
            next.is_outside = route.is_outside;
            book.name(route.unit, kernel::Lang::Vi, day)
                .clone_into(&mut next.unit_name);
        }
        Step::Decline if words.is_empty() => return Err(PetitionError::Missing("words")),
        Step::Forward => {
            let to = asked.to.trim();
            if to.is_empty() || words.is_empty() {
                return Err(PetitionError::Missing(if to.is_empty() { "to" } else { "words" }));
            }
            if next.is_conflicting && fold::fold(to) == fold::fold(&next.against_name) {
                return Err(PetitionError::ToTheAccused);
            }
            next.forwarded_to = Some(to.to_owned());
        }
        Step::Resolve => {
            let outcome = asked.outcome.filter(|one| rules::outcomes(next.kind).contains(one));
            next.outcome = Some(outcome.ok_or(PetitionError::Missing("outcome"))?);
            if words.is_empty() {
                return Err(PetitionError::Missing("words"));
            }
        }
        Step::Register | Step::Accept | Step::Decline | Step::Withdraw => {}
    }
    set_due(house, &mut next, now);
    Ok(next)
}

/// Does a step and writes it down. `by` is the officer with her unit's name; a citizen leaves no name in it.
pub(crate) async fn act(
    house: &Casework,
    before: &Petition,
    step: Step,
    asked: &Asked,
    by: Option<(&OfficerCaller, &str)>,
) -> Result<(), PetitionError> {
    let (world, keys, now) = (house.world().clone(), house.keys(), house.now());
    let next = decide(house, before, step, asked)?;
    let id = PetitionEventId::new(world.as_ref());
    let words = asked.words.trim();
    let note = (!words.is_empty()).then(|| {
        let sealed = keys.seal(world.as_ref(), &note_context(id), words.as_bytes());
        sealed.into_bytes()
    });
    let event = NewEvent {
        event: Event {
            id,
            at: now,
            step,
            to_state: next.state,
            to_kind: next.kind,
            actor_name: by.map(|(officer, _)| officer.name().to_owned()),
            unit_name: by.map(|(_, unit)| unit.to_owned()),
            note,
        },
        account: by.map(|(officer, _)| officer.account()),
    };
    let outbox = outbox(house, &next, now);
    house
        .store()
        .write(move |tx| {
            if !table::update(tx, &next, now)? {
                return Err(PetitionError::Stale);
            }
            table::insert_event(tx, next.id, next.revision + 1, &event)?;
            tx.emit(&outbox)?;
            Ok(())
        })
        .await
}

/// A petition with its sealed parts, in one snapshot.
pub(crate) struct Sheaf {
    pub(crate) petition: Petition,
    content: Vec<u8>,
    pub(crate) events: Vec<Event>,
}

fn sheaf(tx: &mut Tx, id: PetitionId) -> Result<Sheaf, PetitionError> {
    let petition = table::find(tx, id)?.ok_or(PetitionError::NotFound)?;
    Ok(Sheaf {
        content: table::content(tx, id)?,
        events: table::events(tx, id)?,
        petition,
    })
}

/// What is opened for one view.
pub(crate) struct Opened {
    pub(crate) content: Content,
    pub(crate) notes: Vec<Option<String>>,
}

/// Opens content and words. The identity is not among them.
pub(crate) fn open(house: &Casework, purpose: &Purpose, sheaf: &Sheaf) -> Result<Opened, PetitionError> {
    let read = |context: &str, sealed: &[u8]| {
        let sealed = Sealed::from_bytes(sealed.to_vec());
        let plain = house.identity().open_sealed(purpose, context, &sealed);
        plain.map_err(|error| PetitionError::from(identity::IdentityError::from(error)))
    };
    let content = read(&content_context(sheaf.petition.id), &sheaf.content)?;
    let mut notes = Vec::with_capacity(sheaf.events.len());
    for event in &sheaf.events {
        let note = event
            .note
            .as_deref()
            .map(|note| read(&note_context(event.id), note))
            .transpose()?;
        notes.push(note.map(|note| String::from_utf8_lossy(&note).into_owned()));
    }
    Ok(Opened {
        content: serde_json::from_slice(&content).map_err(|_| PetitionError::Damaged)?,
        notes,
    })
}

/// Opens who filed. The caller has proven the right to it, and recorded the use.
pub(crate) async fn open_filer(house: &Casework, purpose: &Purpose, id: PetitionId) -> Result<Filer, PetitionError> {
    let sealed = house
        .store()
        .read(move |tx| Ok::<_, PetitionError>(table::identity(tx, id)?))
        .await?;
    let plain = house
        .identity()
        .open_sealed(purpose, &identity_context(id), &Sealed::from_bytes(sealed))
        .map_err(identity::IdentityError::from)?;
    serde_json::from_slice(&plain).map_err(|_| PetitionError::Damaged)
}

/// The citizen's own petition; somebody else's is not found.
pub(crate) async fn own(house: &Casework, citizen: &CitizenCaller, id: &str) -> Result<Sheaf, PetitionError> {
    let id: PetitionId = id.parse().map_err(|_| PetitionError::NotFound)?;
    let filer = filer_index(&house.keys(), citizen.account());
    house
        .store()
        .read(move |tx| {
            if !table::is_filer(tx, id, &filer)? {
                return Err(PetitionError::NotFound);
            }
            sheaf(tx, id)
        })
        .await
}

/// Whether an officer must keep her hands off: it is against her unit, what that is part of, or against her.
pub(crate) fn is_against(house: &Casework, officer: &OfficerCaller, petition: &Petition) -> bool {
    if !petition.is_conflicting {
        return false;
    }
    let day = house.now().local_date();
    let book = house.identity().units();
    // Under whatever role she signs in: what she is at one unit she does not forget at another.
    let side = |unit: UnitId| rules::own_side(&book, unit, day).contains(&petition.against);
    let by_unit = officer.assignments().iter().any(|held| side(held.unit));
    by_unit || petition.against_index == name_index(&house.keys(), officer.name())
}

/// The units on whose side an officer stands.
pub(crate) fn own_side(house: &Casework, officer: &OfficerCaller) -> Vec<UnitId> {
    let day = house.now().local_date();
    let book = house.identity().units();
    let side = |held: &identity::Assignment| rules::own_side(&book, held.unit, day);
    officer.assignments().iter().flat_map(side).collect()
}

/// A petition that this officer may do `right` to. What is against her or her unit is not there for her.
pub(crate) async fn at(
    house: &Casework,
    officer: &OfficerCaller,
    right: identity::Action,
    id: &str,
) -> Result<(Sheaf, identity::Allowed), PetitionError> {
    let id: PetitionId = id.parse().map_err(|_| PetitionError::NotFound)?;
    let sheaf = house.store().read(move |tx| sheaf(tx, id)).await?;
    let caller = Caller::Officer(officer.clone());
    let here = Resource::at(sheaf.petition.unit);
    let policy = house.identity().policy();
    if is_against(house, officer, &sheaf.petition) || !policy.decide(&caller, identity::Action::PetitionRead, &here) {
        return Err(PetitionError::NotFound);
    }
    let allowed = policy.require(&caller, right, &here);
    Ok((sheaf, allowed.map_err(identity::IdentityError::from)?))
}

/// Puts into the audit log that an officer saw who denounces: which petition, never who.
pub(crate) async fn note_identity_seen(
    house: &Casework,
    officer: &OfficerCaller,
    id: PetitionId,
) -> Result<(), PetitionError> {
    use identity::audit::{self, Actor};
    let (by, now) = (officer.account(), house.now());
    let words = audit::detail([("right", "petition.identity".to_owned())]);
    house
        .store()
        .write(move |tx| {
            audit::append(
                tx,
                Actor::Account(by),
                "petition.identity",
                &id.to_string(),
                words.clone(),
                now,
            )?;
            Ok::<_, PetitionError>(())
        })
        .await
}

/// Who filed at a counter, with her record and her account where number and name agree with one that is there: then she finds
/// the petition among her own. A number that somebody else gave leads nowhere.
pub(crate) async fn linked(house: &Casework, filer: Filer) -> Result<Filer, PetitionError> {
    let Ok(number) = filer.number.parse::<kernel::PersonId>() else {
        return Ok(filer);
    };
    let details = person::PersonDetails::new(number, filer.name.clone());
    let Ok(claim) = person::prepare(&house.keys(), house.world().as_ref(), &details) else {
        return Ok(filer);
    };
    let found = house
        .store()
        .read(move |tx| {
            let Some(known) = person::agreeing(tx, &claim)? else {
                return Ok(None);
            };
            let records = person::group(tx, known)?;
            let account = identity::account::citizen_of(tx, &records)?;
            Ok::<_, store::StoreError>(Some((known, account)))
        })
        .await?;
    Ok(match found {
        Some((known, account)) => Filer {
            person: Some(known),
            account,
            ..filer
        },
        None => filer,
    })
}

/// Puts into the audit log that a register went out: of which days, how many rows.
pub(crate) async fn note_export(
    house: &Casework,
    officer: &OfficerCaller,
    rows: usize,
    (from, to): (kernel::Date, kernel::Date),
) -> Result<(), PetitionError> {
    use identity::audit::{self, Actor};
    let (by, now) = (officer.account(), house.now());
    let words = audit::detail([("rows", rows.to_string()), ("filter", format!("{from}/{to}"))]);
    house
        .store()
        .write(move |tx| {
            audit::append(
                tx,
                Actor::Account(by),
                "petition.export",
                "petitions",
                words.clone(),
                now,
            )?;
            Ok::<_, PetitionError>(())
        })
        .await
}
