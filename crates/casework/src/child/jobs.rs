//! The round of reminders for child dossiers: acceptance that nobody gave, a date that comes near or has passed, and the unit above
//! when it stays over. Each is told once for each date, on the pages and beside them, to the unit that has it and to who waits.
//! Refuses to remind of a clock that stands still, and changes nothing.

use std::collections::BTreeSet;

use ::notice::{Notices, Parameter, Parameters};
use identity::{AccountId, Role, UnitId};
use kernel::Timestamp;
use kernel::calendar::WorkingCalendar;
use store::{StoreError, Tx};
use uuid::Uuid;

use super::act::{derived, tell};
use super::{Child, ChildId, ChildState, store as table};
use crate::Casework;
use crate::dossier::{Dossier, DossierError, store as dossiers};
use crate::notice::{NoticeKind, told};
use crate::reminder::Stage;
use crate::reminder::rules::{ESCALATED, NEAR_MAX, NEAR_PART};

/// Child dossiers of one look.
const PAGE: i64 = 200;
/// Looks of one round; the next round goes on.
const PAGES_MAX: usize = 500;
/// Officers told of one stage.
const OFFICERS_MAX: usize = 20;

/// Every stage that a child has reached at `now`, with the hour that it is about.
pub(super) fn reached(child: &Child, calendar: &WorkingCalendar, now: Timestamp) -> Vec<(Stage, Timestamp)> {
    if !child.is_open() || child.stopped_at.is_some() {
        return Vec::new();
    }
    let mut all = Vec::new();
    if child.state == ChildState::Sent && now >= child.accept_by {
        all.push((Stage::ReceiptLate, child.accept_by));
    }
    let due = child.due_at;
    if now >= due {
        all.push((Stage::Over, due));
        if calendar.working_time_between(due, now) >= ESCALATED {
            all.push((Stage::Escalated, due));
        }
    } else {
        let whole = calendar.working_time_between(child.sent_at, due);
        if calendar.working_time_between(now, due) <= NEAR_MAX.min(whole / NEAR_PART) {
            all.push((Stage::Near, due));
        }
    }
    all
}

const fn notice(stage: Stage) -> NoticeKind {
    match stage {
        Stage::ReceiptNear | Stage::ReceiptLate => NoticeKind::ChildAcceptLate,
        Stage::Over => NoticeKind::ChildOver,
        Stage::Escalated => NoticeKind::ChildEscalated,
        Stage::Near | Stage::Still | Stage::Supplement => NoticeKind::ChildNear,
    }
}

const fn message(stage: Stage) -> &'static str {
    match stage {
        Stage::ReceiptNear | Stage::ReceiptLate => "reminder.child-accept-late",
        Stage::Over => "reminder.child-over",
        Stage::Escalated => "reminder.child-escalated",
        Stage::Near | Stage::Still | Stage::Supplement => "reminder.child-near",
    }
}

/// One round; says how many were told.
///
/// # Errors
/// When the store fails.
pub(crate) async fn remind(house: &Casework, notices: &Notices) -> Result<u64, StoreError> {
    let now = house.now();
    let hours = i32::try_from(NEAR_MAX.as_hours()).unwrap_or(8);
    let horizon = house.calendar().add_working_hours(now, hours);
    let mut after = (Timestamp::MIN, ChildId::from_uuid(Uuid::nil()));
    let mut count = 0;
    for _ in 0..PAGES_MAX {
        let page = house
            .store()
            .read(move |tx| table::due(tx, (horizon, now), after, PAGE))
            .await?;
        let Some(last) = page.last() else { break };
        after = (last.due_at, last.id);
        for child in page {
            count += one(house, notices, child, now).await?;
        }
    }
    Ok(count)
}

/// Tells what a child has earned and was not told.
async fn one(house: &Casework, notices: &Notices, child: Child, now: Timestamp) -> Result<u64, StoreError> {
    let earned = reached(&child, house.calendar(), now);
    if earned.is_empty() {
        return Ok(0);
    }
    let book = house.identity().units();
    let above = book
        .pairs(now.local_date())
        .find(|(below, _)| *below == child.unit)
        .and_then(|(_, above)| above);
    let (id, look) = (child.id, earned.clone());
    let told = house
        .store()
        .read(move |tx| {
            let all = look.iter().map(|one| table::is_told(tx, id, *one));
            all.collect::<Result<Vec<_>, _>>()
        })
        .await?;
    let mut count = 0;
    for (reached, _) in earned.into_iter().zip(told).filter(|(_, told)| !told) {
        let (notices, child) = (notices.clone(), child.clone());
        let written = house.store().write(move |tx| {
            remind_of(tx, &notices, &child, reached, above, now).map_err(|error| match error {
                DossierError::Store(error) => error,
                other => StoreError::Corrupt(other.to_string()),
            })
        });
        count += u64::from(written.await?);
    }
    Ok(count)
}

fn remind_of(
    tx: &mut Tx,
    notices: &Notices,
    child: &Child,
    reached: (Stage, Timestamp),
    above: Option<UnitId>,
    now: Timestamp,
) -> Result<bool, DossierError> {
    if !table::take_reminder(tx, child.id, reached, now)? {
        return Ok(false);
    }
    let parent = dossiers::find(tx, child.dossier)?;
    let (stage, about) = reached;
    let whom = officers(tx, child, &parent, stage, above, now)?;
    let event = derived(&format!("{}/{stage}/{}", child.id, about.as_micros()), about);
    for officer in &whom {
        let mut said = told::to_officer(&parent, *officer, event, message(stage), about, now);
        said.path = format!("/desk/child-dossiers/{}", child.id);
        said.reference.clone_from(&child.code);
        said.parameters = Parameters::from([
            ("code".to_owned(), Parameter::code(&child.code)),
            ("due".to_owned(), Parameter::Time(about)),
            ("unit".to_owned(), Parameter::name(&child.unit_name)),
        ]);
        notices.post(tx, &said)?;
    }
    // The id of a row on a page follows from the stage: a child may come near and be over at the same revision.
    let shown = Child {
        changed_at: now,
        ..child.clone()
    };
    tell(tx, &parent, &shown, notice(stage), whom)?;
    Ok(true)
}

/// Whom a stage concerns: who has it and her leaders; who waits for it when it is not accepted or over; the unit above at last.
fn officers(
    tx: &mut Tx,
    child: &Child,
    parent: &Dossier,
    stage: Stage,
    above: Option<UnitId>,
    now: Timestamp,
) -> Result<Vec<AccountId>, StoreError> {
    let day = now.local_date();
    let leaders = |tx: &mut Tx, unit: UnitId| identity::account::holders(tx, &[unit], Role::Leader, day, 0);
    let mut found: Vec<AccountId> = Vec::new();
    if stage == Stage::Escalated {
        let unit = above.unwrap_or(child.unit);
        found.extend(leaders(tx, unit)?.into_iter().map(|row| row.0));
    } else {
        found.extend(child.assignee);
        if let Some(assignee) = child.assignee {
            let deputy = crate::absence::store::stand_in(tx, assignee, day)?;
            found.extend(deputy.map(|(account, _)| account));
        }
        found.extend(leaders(tx, child.unit)?.into_iter().map(|row| row.0));
        if matches!(stage, Stage::ReceiptLate | Stage::Over) {
            match parent.assignee {
                Some(officer) => found.push(officer),
                None => found.extend(leaders(tx, parent.at)?.into_iter().map(|row| row.0)),
            }
        }
    }
    let mut seen = BTreeSet::new();
    found.retain(|account| seen.insert(*account));
    found.truncate(OFFICERS_MAX);
    Ok(found)
}
