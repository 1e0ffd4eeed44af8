//! The round of successions. Runs every quarter of an hour, may run twice, and is done when nothing is left to lead. One
//! dossier is one transaction, so that officers at work are never in its way.

use std::sync::Arc;

use identity::unit::UnitBook;
use identity::{AccountId, Role, UnitId};
use kernel::Timestamp;

use super::{Choice, Choices, Fate, Home, SUCCEED, fate, moved, store as table};
use crate::Casework;
use crate::child::{self, ChildId};
use crate::dossier::state::Capacity;
use crate::dossier::store::{self as dossiers, NewEvent};
use crate::dossier::{Dossier, DossierError, DossierId, Event, EventId, command};

/// Dossiers of one look.
const PAGE: i64 = 200;

/// What a round did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Succeeded {
    /// Dossiers that went to another unit.
    pub moved: u64,
    /// Requests between units that did.
    pub requests: u64,
    /// Homes whose unit is no more and was not followed by exactly one.
    pub unclear: u64,
}

/// One round.
///
/// # Errors
/// When the store fails; what was led before stays led.
pub async fn succeed(house: &Casework) -> Result<Succeeded, DossierError> {
    let day = house.now().local_date();
    let book = house.identity().units();
    let (homes, asked, decided) = house
        .store()
        .read(|tx| Ok::<_, DossierError>((table::homes(tx)?, table::asked_units(tx)?, table::choices(tx)?)))
        .await?;
    let choices: Choices = decided.iter().map(|choice| (choice.unit, choice.heir)).collect();
    let mut done = Succeeded::default();
    for home in homes {
        match fate(&book, home, &choices, day) {
            Fate::Stays => {}
            Fate::Goes(then) => {
                let choice = decided.iter().find(|choice| home.lies_at(choice.unit));
                done.moved += lead(house, &book, home, then, choice).await?;
            }
            Fate::Unclear(unit) => {
                done.unclear += 1;
                tracing::warn!(%unit, "a unit with open dossiers is no more, and not exactly one unit followed it");
            }
        }
    }
    for unit in asked {
        let own = book.living_on(unit, day);
        let chosen = choices
            .get(&unit)
            .map(|heir| book.living_on(*heir, day))
            .unwrap_or_default();
        let living = if own.len() == 1 { own } else { chosen };
        if let [heir] = living.as_slice()
            && *heir != unit
        {
            let (heir, name) = (*heir, book.name(*heir, kernel::Lang::Vi, day).to_owned());
            done.requests += lead_children(house, unit, (heir, &name)).await?;
            done.requests += house
                .store()
                .write(move |tx| Ok::<_, DossierError>(table::lead_requests(tx, unit, heir, &name)?))
                .await?;
        }
    }
    Ok(done)
}

async fn lead(
    house: &Casework,
    book: &Arc<UnitBook>,
    home: Home,
    then: Home,
    choice: Option<&Choice>,
) -> Result<u64, DossierError> {
    let now = house.now();
    let mut after = DossierId::from_uuid(uuid::Uuid::nil());
    let mut count = 0;
    loop {
        let page = house
            .store()
            .read(move |tx| Ok::<_, DossierError>(table::open_at(tx, home, after, PAGE)?))
            .await?;
        let Some(last) = page.last() else { return Ok(count) };
        after = last.id;
        for dossier in page {
            count += u64::from(one(house, book, &dossier, then, choice, now).await?);
        }
    }
}

/// Leads what a unit works on for others to the one that followed it, each with its history, its officer and its clock.
async fn lead_children(house: &Casework, unit: UnitId, heir: (UnitId, &str)) -> Result<u64, DossierError> {
    let now = house.now();
    let mut after = ChildId::from_uuid(uuid::Uuid::nil());
    let mut count = 0;
    loop {
        let page = house
            .store()
            .read(move |tx| Ok::<_, DossierError>(child::store::open_at(tx, unit, after, PAGE)?))
            .await?;
        let Some(last) = page.last() else { return Ok(count) };
        after = last.id;
        for one in page {
            let works_there = works_at(house, one.assignee, heir.0, now).await?;
            let name = heir.1.to_owned();
            let led = house
                .store()
                .write(move |tx| child::succeed(tx, &one, (heir.0, &name), works_there, now))
                .await?;
            count += u64::from(led);
        }
    }
}

async fn works_at(
    house: &Casework,
    officer: Option<AccountId>,
    at: UnitId,
    now: Timestamp,
) -> Result<bool, DossierError> {
    let Some(officer) = officer else { return Ok(false) };
    let day = now.local_date();
    let holders = house
        .store()
        .read(move |tx| identity::account::holders(tx, &[at], Role::Specialist, day, 0))
        .await?;
    Ok(holders.iter().any(|(account, ..)| *account == officer))
}

/// Leads one dossier; false when somebody acted on it meanwhile. A decision stands in its history with who made it.
pub(super) async fn one(
    house: &Casework,
    book: &Arc<UnitBook>,
    seen: &Dossier,
    home: Home,
    choice: Option<&Choice>,
    now: Timestamp,
) -> Result<bool, DossierError> {
    let works_there = works_at(house, seen.assignee, home.at, now).await?;
    let (id, revision, book) = (seen.id, seen.revision, book.clone());
    let (event_id, outbox) = (
        EventId::new(house.world().as_ref()),
        kernel::id::uuid_v7(house.world().as_ref()),
    );
    let decider = choice.map(|choice| (choice.by, choice.by_name.clone()));
    let note = choice.map(|choice| {
        let context = command::note_context(event_id);
        let sealed = house
            .keys()
            .seal(house.world().as_ref(), &context, choice.basis.as_bytes());
        sealed.into_bytes()
    });
    house
        .store()
        .write(move |tx| {
            let before = dossiers::find(tx, id)?;
            // Somebody acted meanwhile: the next round looks again.
            if before.revision != revision {
                return Ok::<_, DossierError>(false);
            }
            let after = moved(&before, home, &book, works_there, now);
            dossiers::update(tx, &after)?;
            let event = NewEvent {
                event: Event {
                    id: event_id,
                    seq: after.revision,
                    at: now,
                    action: SUCCEED.to_owned(),
                    from: Some(before.state),
                    to: after.state,
                    capacity: Capacity::Leader,
                    actor_name: decider.as_ref().map(|(_, name)| name.clone()),
                    unit_name: Some(after.unit_name.clone()),
                    note: note.clone(),
                    for_name: None,
                    to_name: None,
                },
                for_account: None,
                account: decider.as_ref().map(|(account, _)| *account),
                unit: Some(home.unit),
            };
            dossiers::insert_event(tx, id, &event)?;
            tx.emit(&store::Event {
                id: outbox,
                kind: "dossier.succeeded".into(),
                subject: id.uuid(),
                at: now,
                payload: serde_json::json!({ "code": after.code, "from": before.unit, "unit": after.unit }),
            })?;
            Ok(true)
        })
        .await
}
