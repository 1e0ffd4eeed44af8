//! Makes all facts and cells from the dossiers, in chunks, beside a serving process: for a province that was loaded past the
//! commands, for an upgrade, and after a fault that `verify` found. Refuses a half: what is counted is noted only at the end,
//! and a month is counted in one transaction, so that a consumer at work is neither lost nor counted twice.

use casework::dossier::DossierId;
use kernel::Date;
use kernel::calendar::WorkingCalendar;
use std::sync::Arc;
use store::{Store, StoreError};
use uuid::Uuid;

use super::Fact;
use super::store as table;
use crate::cause::{self, Cause, Waited};
use crate::cell::Grain;
use crate::cell::store::{self as cells, Stretch};

/// Dossiers of one transaction: short enough that nobody who writes waits long.
const CHUNK: i64 = 5_000;

/// Makes all facts and cells anew and says how many facts there are; `progress` hears how many are made.
///
/// # Errors
/// When the store fails; what was made until then is right, and the next run completes it.
pub async fn rebuild(
    store: &Store,
    calendar: &Arc<WorkingCalendar>,
    mut progress: impl FnMut(u64),
) -> Result<u64, StoreError> {
    let mut after = DossierId::from_uuid(Uuid::nil());
    let mut made = 0;
    store.write(table::forget_built).await?;
    loop {
        let next = store.read(move |tx| table::chunk(tx, after, CHUNK)).await?;
        let Some(upto) = next else { break };
        let calendar = calendar.clone();
        made += store
            .write(move |tx| {
                let made = table::fill(tx, after, upto)?;
                for fact in table::late_of(tx, after, upto)? {
                    let found = cause::of(tx, &fact, &calendar)?;
                    cause::store::put(tx, fact.dossier, &found)?;
                }
                Ok::<_, StoreError>(made)
            })
            .await?;
        after = upto;
        progress(made);
    }
    store.write(table::forget_strangers).await?;
    count(store).await?;
    let (now, formulas) = (store.world().now(), crate::formula::current().version);
    store.write(move |tx| table::note_built(tx, now, formulas)).await?;
    Ok(made)
}

/// Makes facts and cells if that was never done; says whether it was done now.
///
/// # Errors
/// As [`rebuild`].
pub(crate) async fn ensure(store: &Store, calendar: &Arc<WorkingCalendar>) -> Result<bool, StoreError> {
    if store.read(table::built).await?.is_some() {
        return Ok(false);
    }
    rebuild(store, calendar, |_| {}).await?;
    Ok(true)
}

/// Keeps facts that no dossier stands behind, and counts all cells: for measuring pages at a size without making dossiers. The time
/// of the late ones went by at their officers. `verify` finds every one of them.
///
/// # Errors
/// When the store fails.
pub async fn load(store: &Store, facts: &[Fact]) -> Result<(), StoreError> {
    for part in facts.chunks(5_000) {
        let part = part.to_vec();
        store
            .write(move |tx| {
                part.iter().try_for_each(|fact| {
                    table::put(tx, fact)?;
                    if fact.is_counted && fact.is_late {
                        cause::store::put(tx, fact.dossier, &at_the_officer(fact))?;
                    }
                    Ok::<_, StoreError>(())
                })
            })
            .await?;
    }
    count(store).await?;
    let (now, formulas) = (store.world().now(), crate::formula::current().version);
    store.write(move |tx| table::note_built(tx, now, formulas)).await
}

fn at_the_officer(fact: &Fact) -> Waited {
    Waited {
        cause: Cause::Officer,
        agency_minutes: 0,
        officer_minutes: fact.worked_minutes,
        leader_minutes: 0,
        applicant_minutes: fact.stopped_minutes,
    }
}

/// Counts every month anew, then every year; lets the engine look at what came.
async fn count(store: &Store) -> Result<(), StoreError> {
    let (extent, mut known, known_years) = store
        .read(|tx| Ok::<_, StoreError>((table::extent(tx)?, cells::months(tx)?, cells::years(tx)?)))
        .await?;
    known.extend(store.read(cause::cell::store::months).await?);
    let months = extent.map_or_else(Vec::new, |(first, last)| months(first, last));
    let years = extent.map_or_else(Vec::new, |(first, last)| years(first, last));
    let gone = |known: Vec<String>, all: &[Stretch]| -> Vec<String> {
        let is_gone = |name: &String| !all.iter().any(|one| one.names.0 == *name);
        known.into_iter().filter(is_gone).collect()
    };
    let mut nothing = gone(known, &months);
    nothing.extend(gone(known_years, &years));
    for name in nothing {
        // Everything that begins with the name, and nothing else.
        let after = format!("{name}~");
        store.write(move |tx| cells::forget(tx, &name, &after)).await?;
    }
    for month in months {
        store.write(move |tx| cells::count_month(tx, &month)).await?;
    }
    for year in years {
        store.write(move |tx| cells::count_year(tx, &year)).await?;
    }
    store.analyze().await
}

/// The months from that of `first` to that of `last`.
pub(crate) fn months(first: Date, last: Date) -> Vec<Stretch> {
    stretches(Grain::Month, first, last)
}

/// The years from that of `first` to that of `last`.
pub(crate) fn years(first: Date, last: Date) -> Vec<Stretch> {
    stretches(Grain::Year, first, last)
}

/// At most a thousand years, for damaged data.
fn stretches(grain: Grain, first: Date, last: Date) -> Vec<Stretch> {
    let mut all = Vec::new();
    let mut day = grain.start(first);
    while day <= last && all.len() < 12_000 {
        let next = grain.end(day);
        if next <= day {
            break;
        }
        all.push(Stretch {
            days: (day, next),
            names: (grain.name(day), grain.name(next)),
        });
        day = next;
    }
    all
}
