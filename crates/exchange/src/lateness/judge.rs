//! The judging of what is late, in the background: to whom each lateness is put down, told to others once, and since when the exchange
//! runs here at all. Refuses to tell the same twice: the event is written with the change of the row.

use kernel::Timestamp;
use serde_json::{Value, json};
use store::{Event, StoreError, Tx};
use uuid::Uuid;

use super::ATTRIBUTED;
use crate::Exchange;
use crate::link::{Link, store as links};
use crate::transfer::store as table;

/// Links judged in one round.
const JUDGED: i64 = 500;
/// Name of the note that says since when the exchange runs here.
const BEGAN: &str = "began";

impl Exchange {
    /// Since when the exchange runs here: written down once, by whichever node is first.
    pub(crate) async fn began(&self) -> Result<Timestamp, StoreError> {
        if let Some(known) = *self.began_at().lock() {
            return Ok(known);
        }
        let now = self.now();
        let began = self.store().write(move |tx| began(tx, now)).await?;
        *self.began_at().lock() = Some(began);
        Ok(began)
    }

    /// Puts lateness down to whom it belongs, where that is to be looked at.
    pub(crate) async fn judge(&self) -> Result<(), StoreError> {
        let (now, began) = (self.now(), self.began().await?);
        let due = self.store().read(move |tx| links::to_judge(tx, now, JUDGED)).await?;
        if due.is_empty() {
            return Ok(());
        }
        let due: Vec<(Link, Uuid)> = due.into_iter().map(|link| (link, self.id())).collect();
        self.store()
            .write(move |tx| {
                due.iter()
                    .try_for_each(|(link, event)| judge(tx, link, *event, (now, began)))
            })
            .await
    }
}

fn began(tx: &mut Tx, now: Timestamp) -> Result<Timestamp, StoreError> {
    if let Some((value, _)) = table::note(tx, BEGAN)?
        && let Some(micros) = value.as_i64()
    {
        return Ok(Timestamp::from_micros(micros));
    }
    // Transfers of before this was written down say it.
    let began = table::first_try(tx)?.unwrap_or(now);
    table::set_note(tx, BEGAN, &Value::from(began.as_micros()), now)?;
    Ok(began)
}

/// Judges one link as it is now: another node may have been here since it was read.
fn judge(tx: &mut Tx, seen: &Link, event: Uuid, (now, began): (Timestamp, Timestamp)) -> Result<(), StoreError> {
    let Some(link) = links::find(tx, seen.dossier)? else {
        return Ok(());
    };
    let (cause, again) = link.judged(now, began);
    // What was judged before causes were told at all is told now, whether or not it is judged otherwise.
    let told = links::told_cause(tx, link.dossier)?;
    links::judge(tx, link.dossier, (cause, again))?;
    if cause == told {
        return Ok(());
    }
    tx.emit(&Event {
        id: event,
        kind: ATTRIBUTED.into(),
        subject: link.dossier.uuid(),
        at: now,
        payload: json!({ "to": cause }),
    })
}
