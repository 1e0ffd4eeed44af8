//! The rows of deliveries and the counters of channels. The one sender of a channel takes the oldest delivery that is due and
//! whose recipient has no older one waiting: order is kept for each recipient, and nobody waits for a stranger.
//! Every change names the state that it was decided on.

use ::store::{StoreError, Tx};
use identity::UnitId;
use kernel::Timestamp;
use uuid::Uuid;

use super::{DeliveryId, Due, LetterRow, LineState, Reason, Shown, State};
use crate::channel::Channel;
use crate::message::store::{columns, stored};
use crate::message::{Message, MessageId};

::store::value_via_display!(State, Reason, Channel);

/// How a delivery begins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct New {
    pub(crate) id: DeliveryId,
    pub(crate) channel: Channel,
    pub(crate) state: State,
    pub(crate) reason: Option<Reason>,
    pub(crate) next_at: Timestamp,
}

pub(crate) fn insert(tx: &mut Tx, message: &Message, new: New) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO notice_delivery (id, message, channel, recipient, unit, state, reason, attempts, cost_dong, at, next_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, $8, $9) ON CONFLICT DO NOTHING",
        &[
            &new.id,
            &message.id(),
            &new.channel,
            &message.to.key(),
            &message.unit,
            &new.state,
            &new.reason,
            &message.at,
            &new.next_at,
        ],
    )?;
    Ok(())
}

/// Whether anything of the channel could go at `now`.
pub(crate) fn any_due(
    tx: &mut Tx,
    channel: Channel,
    now: Timestamp,
    left_behind: Timestamp,
) -> Result<bool, StoreError> {
    let found = tx.opt(
        "SELECT 1 FROM notice_delivery WHERE channel = $1
         AND ((state = 'queued' AND next_at <= $2) OR (state = 'sending' AND next_at <= $3)) LIMIT 1",
        &[&channel, &now, &left_behind],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// The delivery whose turn it is.
pub(crate) fn next(tx: &mut Tx, channel: Channel, now: Timestamp) -> Result<Option<Due>, StoreError> {
    tx.opt(
        concat!(
            "SELECT d.id, d.message, d.attempts, ",
            columns!(),
            " FROM notice_delivery d JOIN notice_message m ON m.id = d.message
             WHERE d.channel = $1 AND d.state = 'queued' AND d.next_at <= $2
             AND NOT EXISTS (SELECT 1 FROM notice_delivery e WHERE e.recipient = d.recipient AND e.channel = d.channel
                 AND e.state IN ('queued', 'sending') AND (e.at < d.at OR (e.at = d.at AND e.id < d.id)))
             ORDER BY d.at, d.id LIMIT 1"
        ),
        &[&channel, &now],
        |row| {
            Ok(Due {
                id: row.get(0)?,
                message: row.get(1)?,
                attempts: row.get(2)?,
                stored: stored(row, 3)?,
            })
        },
    )
}

/// Takes it for sending. While it is sent, `next_at` says since when.
pub(crate) fn take(tx: &mut Tx, id: DeliveryId, now: Timestamp) -> Result<bool, StoreError> {
    let taken = tx.execute(
        "UPDATE notice_delivery SET state = 'sending', attempts = attempts + 1, tried_at = $1, next_at = $2
         WHERE id = $3 AND state = 'queued'",
        &[&now, &now, &id],
    )?;
    Ok(taken == 1)
}

pub(crate) fn wait(tx: &mut Tx, id: DeliveryId, until: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE notice_delivery SET next_at = $1 WHERE id = $2 AND state = 'queued'",
        &[&until, &id],
    )?;
    Ok(())
}

/// How a sending ended.
#[derive(Debug, Clone)]
pub(crate) struct End {
    pub(crate) state: State,
    pub(crate) reason: Option<Reason>,
    pub(crate) detail: Option<String>,
    pub(crate) provider_id: Option<String>,
    pub(crate) cost_dong: i64,
    pub(crate) now: Timestamp,
}

/// Settles a delivery from `from`. False when it has moved on (a report was faster).
pub(crate) fn settle(tx: &mut Tx, id: DeliveryId, from: State, end: &End) -> Result<bool, StoreError> {
    let settled = tx.execute(
        "UPDATE notice_delivery SET state = $1, reason = $2, detail = $3, provider_id = coalesce($4, provider_id),
             cost_dong = cost_dong + $5, settled_at = $6 WHERE id = $7 AND state = $8",
        &[
            &end.state,
            &end.reason,
            &end.detail,
            &end.provider_id,
            &end.cost_dong,
            &end.now,
            &id,
            &from,
        ],
    )?;
    Ok(settled == 1)
}

/// Puts a delivery that was being sent back into the queue; `counts` says whether the try counts.
pub(crate) fn put_back(
    tx: &mut Tx,
    id: DeliveryId,
    next_at: Timestamp,
    detail: &str,
    counts: bool,
) -> Result<(), StoreError> {
    let uncounted: i64 = if counts { 0 } else { 1 };
    tx.execute(
        "UPDATE notice_delivery SET state = 'queued', next_at = $1, detail = $2, attempts = attempts - $3
         WHERE id = $4 AND state = 'sending'",
        &[&next_at, &detail, &uncounted, &id],
    )?;
    Ok(())
}

/// Sendings that a program left behind when it ended.
pub(crate) fn left_behind(
    tx: &mut Tx,
    channel: Channel,
    since: Timestamp,
) -> Result<Vec<(DeliveryId, MessageId)>, StoreError> {
    tx.all(
        "SELECT id, message FROM notice_delivery WHERE channel = $1 AND state = 'sending' AND next_at <= $2
         ORDER BY next_at, id LIMIT 500",
        &[&channel, &since],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Wakes the delivery of a message that stood back for another channel. True when there was one.
pub(crate) fn wake(tx: &mut Tx, message: MessageId, channel: Channel, now: Timestamp) -> Result<bool, StoreError> {
    let woken = tx.execute(
        "UPDATE notice_delivery SET state = 'queued', reason = NULL, next_at = $1
         WHERE message = $2 AND channel = $3 AND state = 'skipped' AND reason = 'others-first'",
        &[&now, &message, &channel],
    )?;
    Ok(woken == 1)
}

/// Whether another channel than push has told the message or still may.
pub(crate) fn is_told_elsewhere(tx: &mut Tx, message: MessageId, but: Channel) -> Result<bool, StoreError> {
    let found = tx.opt(
        "SELECT 1 FROM notice_delivery WHERE message = $1 AND channel <> $2 AND channel <> 'push'
         AND state IN ('queued', 'sending', 'sent', 'delivered') LIMIT 1",
        &[&message, &but],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

pub(crate) fn line(tx: &mut Tx, channel: Channel) -> Result<LineState, StoreError> {
    let found = tx.opt(
        "SELECT day, spent_dong, minute, minute_count, failures, paused_until, last_error, sent_at
         FROM notice_channel WHERE channel = $1",
        &[&channel],
        |row| {
            Ok(LineState {
                day: row.get(0)?,
                spent_dong: row.get(1)?,
                minute: row.get(2)?,
                minute_count: row.get(3)?,
                failures: row.get(4)?,
                paused_until: row.get(5)?,
                last_error: row.get(6)?,
                sent_at: row.get(7)?,
            })
        },
    )?;
    Ok(found.unwrap_or_default())
}

pub(crate) fn set_line(tx: &mut Tx, channel: Channel, state: &LineState) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO notice_channel (channel, day, spent_dong, minute, minute_count, failures, paused_until, last_error, sent_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (channel) DO UPDATE SET day = excluded.day, spent_dong = excluded.spent_dong, minute = excluded.minute,
             minute_count = excluded.minute_count, failures = excluded.failures, paused_until = excluded.paused_until,
             last_error = excluded.last_error, sent_at = excluded.sent_at",
        &[
            &channel,
            &state.day,
            &state.spent_dong,
            &state.minute,
            &state.minute_count,
            &state.failures,
            &state.paused_until,
            &state.last_error,
            &state.sent_at,
        ],
    )?;
    Ok(())
}

/// The delivery that a provider's id names, with its state and message.
pub(crate) fn by_provider_id(
    tx: &mut Tx,
    channel: Channel,
    provider_id: &str,
) -> Result<Option<(DeliveryId, State, MessageId)>, StoreError> {
    tx.opt(
        "SELECT id, state, message FROM notice_delivery WHERE channel = $1 AND provider_id = $2 ORDER BY at DESC LIMIT 1",
        &[&channel, &provider_id],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

/// How many deliveries since `since` stand where, by channel.
pub(crate) fn counts(tx: &mut Tx, since: Timestamp) -> Result<Vec<(Channel, State, i64)>, StoreError> {
    tx.all(
        "SELECT channel, state, count(*) FROM notice_delivery WHERE at >= $1 GROUP BY channel, state ORDER BY channel, state",
        &[&since],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

/// Which deliveries an operator asks for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) channel: Option<Channel>,
    pub(crate) state: Option<State>,
    pub(crate) after: Option<(Timestamp, DeliveryId)>,
}

/// Deliveries, newest first.
pub(crate) fn list(tx: &mut Tx, filter: &Filter, limit: i64) -> Result<Vec<Shown>, StoreError> {
    let (at, id) = filter
        .after
        .unwrap_or((Timestamp::MAX, DeliveryId::from_uuid(Uuid::max())));
    tx.all(
        "SELECT d.id, d.channel, m.kind, m.reference, d.state, d.reason, d.detail, d.attempts, d.at, d.tried_at
         FROM notice_delivery d JOIN notice_message m ON m.id = d.message
         WHERE (CAST($1 AS TEXT) IS NULL OR d.channel = $1) AND (CAST($2 AS TEXT) IS NULL OR d.state = $2)
         AND (d.at, d.id) < ($3, $4) ORDER BY d.at DESC, d.id DESC LIMIT $5",
        &[&filter.channel, &filter.state, &at, &id, &limit],
        |row| {
            Ok(Shown {
                id: row.get(0)?,
                channel: row.get(1)?,
                kind: row.get(2)?,
                reference: row.get(3)?,
                state: row.get(4)?,
                reason: row.get(5)?,
                detail: row.get(6)?,
                attempts: row.get(7)?,
                at: row.get(8)?,
                tried_at: row.get(9)?,
            })
        },
    )
}

/// Gives a delivery that failed another round; it is worth telling for `expires_at` at least.
pub(crate) fn retry(
    tx: &mut Tx,
    id: DeliveryId,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<Option<Channel>, StoreError> {
    let found = tx.opt(
        "UPDATE notice_delivery SET state = 'queued', reason = NULL, attempts = 0, next_at = $1
         WHERE id = $2 AND state IN ('failed', 'refused') RETURNING channel, message",
        &[&now, &id],
        |row| Ok((row.get::<Channel>(0)?, row.get::<MessageId>(1)?)),
    )?;
    let Some((channel, message)) = found else {
        return Ok(None);
    };
    tx.execute(
        "UPDATE notice_message SET expires_at = $1 WHERE id = $2 AND expires_at < $3",
        &[&expires_at, &message, &expires_at],
    )?;
    Ok(Some(channel))
}

/// Letters that wait at the units and are still worth posting, oldest first.
pub(crate) fn letters(tx: &mut Tx, units: &[UnitId], now: Timestamp, limit: i64) -> Result<Vec<LetterRow>, StoreError> {
    let units = ::store::sql::UuidList::new(units.iter().map(|unit| unit.uuid()));
    tx.all(
        "SELECT d.id, m.kind, m.reference, d.at, m.parameters FROM notice_delivery d JOIN notice_message m ON m.id = d.message
         WHERE d.channel = 'letter' AND d.state = 'queued' AND d.unit IN (SELECT value FROM uuid_list($1))
         AND m.expires_at > $2 ORDER BY d.at, d.id LIMIT $3",
        &[&units, &now, &limit],
        |row| {
            let parameters: serde_json::Value = row.get(4)?;
            Ok(LetterRow {
                id: row.get(0)?,
                kind: row.get(1)?,
                reference: row.get(2)?,
                at: row.get(3)?,
                parameters: serde_json::from_value(parameters).unwrap_or_default(),
            })
        },
    )
}

/// A letter that waits, with the unit that prints it.
pub(crate) fn letter(tx: &mut Tx, id: DeliveryId) -> Result<Option<(Due, UnitId)>, StoreError> {
    tx.opt(
        concat!(
            "SELECT d.id, d.message, d.attempts, d.unit, ",
            columns!(),
            " FROM notice_delivery d JOIN notice_message m ON m.id = d.message
             WHERE d.id = $1 AND d.channel = 'letter' AND d.state = 'queued' AND d.unit IS NOT NULL"
        ),
        &[&id],
        |row| {
            let due = Due {
                id: row.get(0)?,
                message: row.get(1)?,
                attempts: row.get(2)?,
                stored: stored(row, 4)?,
            };
            Ok((due, row.get(3)?))
        },
    )
}

/// Settles letters that nobody printed while they were worth it. Says how many.
pub(crate) fn drop_letters(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<u64, StoreError> {
    tx.execute(
        "UPDATE notice_delivery SET state = 'skipped', reason = 'stale', settled_at = $1
         WHERE id IN (SELECT d.id FROM notice_delivery d JOIN notice_message m ON m.id = d.message
             WHERE d.channel = 'letter' AND d.state = 'queued' AND m.expires_at <= $2 ORDER BY d.at LIMIT $3)",
        &[&now, &now, &limit],
    )
}

/// Takes deliveries that were settled before `before` away, with their messages. Says how many.
pub(crate) fn prune(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM notice_delivery WHERE id IN (SELECT id FROM notice_delivery
             WHERE at < $1 AND state NOT IN ('queued', 'sending') ORDER BY at LIMIT $2)",
        &[&before, &limit],
    )
}

/// Takes messages away that no delivery is left of.
pub(crate) fn prune_messages(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM notice_message WHERE id IN (SELECT m.id FROM notice_message m WHERE m.at < $1
             AND NOT EXISTS (SELECT 1 FROM notice_delivery d WHERE d.message = m.id) ORDER BY m.at LIMIT $2)",
        &[&before, &limit],
    )
}
