//! How much of its rate and of its quota each token has used. Counts in memory and says when to write: a row for every request
//! would cost more than the request. With several nodes each learns of the others' requests when it writes.

use std::collections::HashMap;

use jiff::civil::time;
use kernel::{Date, Timestamp};
use parking_lot::Mutex;

use super::{Token, TokenError, TokenId};

/// Requests after which the count is written.
const WRITTEN_EACH: i64 = 50;
/// Time after which it is written with the next request, in microseconds.
const WRITTEN_AFTER_US: i64 = 30_000_000;
/// Tokens that are remembered; a hundred thousand programs have no province.
const TOKENS_MAX: usize = 100_000;

#[derive(Debug)]
struct Used {
    day: Date,
    /// Of the day, as far as it is written.
    written: i64,
    /// Since.
    unwritten: i64,
    written_at: i64,
    /// When the next request would come at an even rate.
    arrival: i64,
}

/// The counts of this node.
#[derive(Debug, Default)]
pub(crate) struct Meter(Mutex<HashMap<TokenId, Used>>);

impl Meter {
    /// Counts a request. Gives how many are to be written now.
    pub(super) fn take(&self, token: &Token, now: Timestamp) -> Result<Option<i64>, TokenError> {
        let (day, micros) = (now.local_date(), now.as_micros());
        let mut all = self.0.lock();
        if all.len() >= TOKENS_MAX && !all.contains_key(&token.id) {
            all.clear();
        }
        let used = all.entry(token.id).or_insert_with(|| Used {
            day,
            written: if token.used_on == Some(day) {
                token.used_count
            } else {
                0
            },
            unwritten: 0,
            // The first request of a node is written, so that the list shows that the token is used.
            written_at: 0,
            arrival: micros,
        });
        if used.day != day {
            (used.day, used.written, used.unwritten) = (day, 0, 0);
        }
        let interval = 60_000_000 / token.per_minute.clamp(1, 60_000_000);
        // A quarter of a minute's requests may come at once.
        let burst = (token.per_minute / 4).max(1);
        let arrival = used.arrival.clamp(micros, micros + interval * burst);
        let wait = arrival - micros - interval * (burst - 1);
        if wait > 0 {
            return Err(TokenError::Rate {
                retry_after_s: u32::try_from(wait / 1_000_000 + 1).unwrap_or(60),
            });
        }
        if used.written + used.unwritten >= token.per_day {
            return Err(TokenError::Quota {
                retry_after_s: until_tomorrow(now),
            });
        }
        used.arrival = arrival + interval;
        used.unwritten += 1;
        let due = used.unwritten >= WRITTEN_EACH || micros - used.written_at >= WRITTEN_AFTER_US;
        if !due {
            return Ok(None);
        }
        let part = std::mem::take(&mut used.unwritten);
        used.written += part;
        used.written_at = micros;
        Ok(Some(part))
    }

    /// What the row says after a write: the requests of other nodes among them.
    pub(super) fn seen(&self, id: TokenId, now: Timestamp, total: i64) {
        if let Some(used) = self.0.lock().get_mut(&id)
            && used.day == now.local_date()
        {
            used.written = used.written.max(total);
        }
    }
}

fn until_tomorrow(now: Timestamp) -> u32 {
    let day = now.local_date();
    let tomorrow = day.tomorrow().unwrap_or(day).to_datetime(time(0, 0, 0, 0));
    let micros = Timestamp::from_local(tomorrow).as_micros() - now.as_micros();
    u32::try_from(micros / 1_000_000 + 1).unwrap_or(3_600)
}
