//! The round of reminders: looks which deadlines come near or have passed, tells each once, on the pages and beside them.
//! Runs every few minutes, may run twice, and leaves a dossier as it is. One dossier is one transaction.

use std::sync::Arc;

use ::notice::Notices;
use identity::{AccountId, Role, UnitId};
use kernel::{SignedDuration, Timestamp};
use store::{StoreError, Tx};
use uuid::Uuid;

use super::store as table;
use super::{Audience, Reached, rules};
use crate::Casework;
use crate::dossier::{Dossier, DossierId};
use crate::notice::{Notice, NoticeId, store as inbox, told};

/// Dossiers of one look.
const PAGE: i64 = 200;
/// Looks of one round; the next round goes on.
const PAGES_MAX: usize = 500;
/// Officers told of one dossier.
const OFFICERS_MAX: usize = 20;

/// What a round did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reminded {
    /// Dossiers that were looked at.
    pub looked_at: u64,
    /// Reminders told.
    pub told: u64,
}

/// One round.
/// # Errors
/// When the store fails.
pub async fn remind(house: &Casework, notices: &Notices) -> Result<Reminded, StoreError> {
    let mut round = Round {
        house: house.clone(),
        notices: notices.clone(),
        now: house.now(),
        done: Reminded::default(),
    };
    round.deadlines().await?;
    round.supplements().await?;
    round.stills().await?;
    round.done.told += crate::child::jobs::remind(house, notices).await?;
    Ok(round.done)
}

struct Round {
    house: Casework,
    notices: Notices,
    now: Timestamp,
    done: Reminded,
}

impl Round {
    async fn deadlines(&mut self) -> Result<(), StoreError> {
        let hours = i32::try_from(rules::NEAR_MAX.as_hours()).unwrap_or(8);
        let horizon = self.house.calendar().add_working_hours(self.now, hours);
        let mut after = (Timestamp::MIN, DossierId::from_uuid(Uuid::nil()));
        for _ in 0..PAGES_MAX {
            let page = self
                .house
                .store()
                .read(move |tx| table::due(tx, horizon, after, PAGE))
                .await?;
            let Some((at, last)) = page.last() else { break };
            after = (*at, last.id);
            for (_, dossier) in page {
                self.one(dossier).await?;
            }
        }
        Ok(())
    }

    async fn supplements(&mut self) -> Result<(), StoreError> {
        // A working day is never longer than a day: what was asked later has not waited long enough.
        let days = rules::SUPPLEMENT.as_hours() / 8;
        let before = self.now - SignedDuration::from_hours(24 * (days - 1));
        let mut after = DossierId::from_uuid(Uuid::nil());
        for _ in 0..PAGES_MAX {
            let page = self
                .house
                .store()
                .read(move |tx| table::waiting(tx, before, after, PAGE))
                .await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            for dossier in page {
                self.one(dossier).await?;
            }
        }
        Ok(())
    }

    async fn stills(&mut self) -> Result<(), StoreError> {
        let days = self.house.settings().still_after_days.max(1);
        // So many days lie at least between; how many of them are worked the rules say.
        let before = self.now - SignedDuration::from_hours(24 * (i64::from(days) - 1));
        let (now, mut after) = (self.now, (Timestamp::MIN, DossierId::from_uuid(Uuid::nil())));
        for _ in 0..PAGES_MAX {
            let page = self
                .house
                .store()
                .read(move |tx| table::still(tx, (before, now), after, PAGE))
                .await?;
            let Some(last) = page.last() else { break };
            after = (last.changed_at, last.id);
            for dossier in page {
                let earned = rules::still(&dossier, self.house.calendar(), days, self.now);
                self.told(dossier, earned.into_iter().collect()).await?;
            }
        }
        Ok(())
    }

    async fn one(&mut self, dossier: Dossier) -> Result<(), StoreError> {
        let earned = rules::reached(&dossier, self.house.calendar(), self.now);
        self.told(dossier, earned).await
    }

    /// Tells what a dossier has earned and was not told.
    async fn told(&mut self, dossier: Dossier, earned: Vec<Reached>) -> Result<(), StoreError> {
        self.done.looked_at += 1;
        if earned.is_empty() {
            return Ok(());
        }
        let (id, look) = (dossier.id, earned.clone());
        let told = move |tx: &mut Tx| {
            look.iter()
                .map(|one| table::is_told(tx, id, *one))
                .collect::<Result<Vec<_>, _>>()
        };
        let told = self.house.store().read(told).await?;
        let above = self.unit_above(dossier.unit);
        let dossier = Arc::new(dossier);
        for (reached, _) in earned.into_iter().zip(told).filter(|(_, told)| !told) {
            let (notices, dossier, now) = (self.notices.clone(), dossier.clone(), self.now);
            let taken = self
                .house
                .store()
                .write(move |tx| tell(tx, &notices, &dossier, reached, above, now))
                .await?;
            self.done.told += u64::from(taken);
        }
        Ok(())
    }

    fn unit_above(&self, unit: UnitId) -> Option<UnitId> {
        let day = self.now.local_date();
        let book = self.house.identity().units();
        book.pairs(day)
            .find(|(below, _)| *below == unit)
            .and_then(|(_, above)| above)
    }
}

/// Tells one stage of one dossier, if nobody has.
fn tell(
    tx: &mut Tx,
    notices: &Notices,
    dossier: &Dossier,
    reached: Reached,
    above: Option<UnitId>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if !table::take(tx, dossier.id, reached, now)? {
        return Ok(false);
    }
    let event = event_of(dossier.id, reached);
    if reached.stage.audience() == Audience::Applicant {
        let mut message = told::message_of(dossier, event, reached.stage.message(), now);
        message
            .parameters
            .insert("asked".to_owned(), ::notice::Parameter::Time(reached.about));
        notices.post(tx, &message)?;
        if let Some(account) = dossier.account {
            note(tx, dossier, account, reached, event, now)?;
        }
        return Ok(true);
    }
    for officer in officers(tx, dossier, reached.stage.audience(), above, now)? {
        note(tx, dossier, officer, reached, event, now)?;
        let message = told::to_officer(dossier, officer, event, reached.stage.message(), reached.about, now);
        notices.post(tx, &message)?;
    }
    Ok(true)
}

/// The row on the page of one account.
fn note(
    tx: &mut Tx,
    dossier: &Dossier,
    account: AccountId,
    reached: Reached,
    event: Uuid,
    now: Timestamp,
) -> Result<(), StoreError> {
    let notice = Notice {
        id: NoticeId::from_uuid(derived(&[event.as_bytes(), account.uuid().as_bytes()], now)),
        account,
        dossier: dossier.id,
        dossier_code: dossier.code.to_string(),
        procedure_name: dossier.procedure_name.clone(),
        kind: reached.stage.notice(),
        at: now,
        read_at: None,
    };
    inbox::insert(tx, &notice, &dossier.code)
}

/// Whom a stage concerns today.
fn officers(
    tx: &mut Tx,
    dossier: &Dossier,
    audience: Audience,
    above: Option<UnitId>,
    now: Timestamp,
) -> Result<Vec<AccountId>, StoreError> {
    let day = now.local_date();
    let holders = |tx: &mut Tx, unit: UnitId, role: Role| identity::account::holders(tx, &[unit], role, day, 0);
    let mut found: Vec<AccountId> = Vec::new();
    match audience {
        Audience::Applicant => {}
        Audience::Desk => found.extend(holders(tx, dossier.desk, Role::Desk)?.into_iter().map(|row| row.0)),
        Audience::OfficerAndLeader => {
            found.extend(dossier.assignee);
            if let Some(assignee) = dossier.assignee {
                // Who stands in for her hears it too.
                let deputy = crate::absence::store::stand_in(tx, assignee, day)?;
                found.extend(deputy.map(|(account, _)| account));
            }
            found.extend(holders(tx, dossier.unit, Role::Leader)?.into_iter().map(|row| row.0));
        }
        Audience::UnitAbove => {
            let unit = above.unwrap_or(dossier.unit);
            found.extend(holders(tx, unit, Role::Leader)?.into_iter().map(|row| row.0));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|account| seen.insert(*account));
    found.truncate(OFFICERS_MAX);
    Ok(found)
}

/// The id of a reminder follows from what it is about: told twice, it is one.
fn event_of(dossier: DossierId, reached: Reached) -> Uuid {
    let about = reached.about.as_micros().to_be_bytes();
    derived(
        &[dossier.uuid().as_bytes(), reached.stage.word().as_bytes(), &about],
        reached.about,
    )
}

fn derived(parts: &[&[u8]], at: Timestamp) -> Uuid {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    for part in parts {
        context.update(&[0]);
        context.update(part);
    }
    let mut random = [0; 10];
    random.copy_from_slice(&context.finish().as_ref()[..10]);
    let millis = u64::try_from(at.as_micros() / 1_000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}
