//! The end of old transfers: after the configured time a settled transfer of a settled dossier is reduced to its receipt and its place in
//! the order. Refuses to touch what proves a lateness, what still differs, and what is not settled.
//! It walks along the hour of settling and remembers how far it came, so that what is kept is not looked at again and again.

use kernel::{SignedDuration, Timestamp};
use serde_json::json;
use store::{StoreError, Tx};
use uuid::Uuid;

use crate::Exchange;
use crate::house::Portal;
use crate::transfer::TransferId;
use crate::transfer::store as table;

/// Transfers looked at in one transaction.
const LOOKED_AT: i64 = 1_000;
/// Transactions of one sweep.
const TIMES: usize = 10;
/// Name of the note that says how far pruning came.
const NOTE: &str = "prune";
/// After this time it begins again at the oldest: a lateness may have been taken back since.
const ANEW: SignedDuration = SignedDuration::from_hours(24);

impl Exchange {
    /// Prunes a part of what is old enough. Says how many transfers were reduced.
    pub(crate) async fn prune(&self, portal: &Portal) -> Result<u64, StoreError> {
        let now = self.now();
        let before = now - SignedDuration::from_hours(24 * portal.config.transfers_kept_days);
        let mut pruned = 0;
        for _ in 0..TIMES {
            let (count, is_through) = self.store().write(move |tx| part(tx, before, now)).await?;
            pruned += count;
            if is_through {
                break;
            }
        }
        metrics::counter!("exchange_transfers_pruned_total").increment(pruned);
        Ok(pruned)
    }
}

/// One part: how many were reduced, and whether the end was reached.
fn part(tx: &mut Tx, before: Timestamp, now: Timestamp) -> Result<(u64, bool), StoreError> {
    let first = (Timestamp::MIN, TransferId::from_uuid(Uuid::nil()));
    let note = table::note(tx, NOTE)?;
    let known = note.and_then(|(value, at)| {
        let through = value.get("through").and_then(serde_json::Value::as_bool)?;
        let after = (
            Timestamp::from_micros(value.get("at")?.as_i64()?),
            value.get("id")?.as_str()?.parse::<TransferId>().ok()?,
        );
        Some((after, through, at))
    });
    let after = match known {
        Some((_, true, at)) if now.since(at) < ANEW && at <= now => return Ok((0, true)),
        Some((after, false, _)) => after,
        Some(_) | None => first,
    };
    let page = table::settled(tx, after, before, LOOKED_AT)?;
    let mut count = 0;
    for one in page.iter().filter(|one| one.may_go) {
        table::reduce(tx, one.id)?;
        count += 1;
    }
    let is_through = page.len() < usize::try_from(LOOKED_AT).unwrap_or(0);
    let (at, id) = page.last().map_or(after, |last| (last.settled_at, last.id));
    let note = json!({ "at": at.as_micros(), "id": id.to_string(), "through": is_through });
    table::set_note(tx, NOTE, &note, now)?;
    Ok((count, is_through))
}
