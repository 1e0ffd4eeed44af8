//! Which instant counts as the reception of an item, and which codes a device holds. Pure: no clock, no table.
//! A device's clock is believed no further than it can be: what its paper says stands, unless that cannot be true.
//! Law: NĐ 118/2025/NĐ-CP (the time limit runs from the reception that the receipt states); in doubt for the applicant.

use kernel::{Date, SignedDuration, Timestamp};

use super::Ground;

/// First number that is reserved for devices; numbers given with the line up never come so far in a day.
pub const FIRST_RESERVED: i64 = 90_001;

/// Last number that a day has.
pub const LAST_RESERVED: i64 = 99_999;

/// Numbers in one block. A counter takes some twenty people a day.
pub const BLOCK_CODES: i64 = 30;

/// Blocks of one device and day.
pub const BLOCKS_MAX: i64 = 10;

/// Days for which a device holds codes, today among them: a storm takes the line down for less.
pub const DAYS_AHEAD: i8 = 7;

/// With fewer codes left for today, another block is reserved.
pub const CODES_LOW: i64 = 10;

/// Devices of one desk that take dossiers.
pub const DEVICES_MAX: i64 = 40;

/// How far two clocks may be apart before anybody is told: a paper says minutes.
pub const TOLERANCE: SignedDuration = SignedDuration::from_mins(2);

/// What a device says about time, and what is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Telling {
    /// The time on the paper: the device's clock with what had to be added to it.
    pub printed_at: Timestamp,
    /// How much more that clock was wrong when the item came in.
    pub drift: SignedDuration,
    /// The device's last contact before it took the item; never before its registration.
    pub contact: Timestamp,
    /// When the item came in.
    pub sent_at: Timestamp,
}

/// The instant from which deadlines run. The paper stands if it can be true: not before the device's last contact and not
/// after the item came in. Else the paper corrected by the error that was measured on arrival; else the last contact, which
/// is the earliest that is possible and so never to the applicant's harm.
#[must_use]
pub fn received_at(telling: Telling) -> (Timestamp, Ground) {
    let Telling {
        printed_at,
        drift,
        contact,
        sent_at,
    } = telling;
    let is_possible = |at: Timestamp| at >= contact + -TOLERANCE && at <= sent_at + TOLERANCE;
    if is_possible(printed_at) {
        return (printed_at.min(sent_at), Ground::Paper);
    }
    let corrected = printed_at + drift;
    if is_possible(corrected) {
        return (corrected.min(sent_at), Ground::Drift);
    }
    (contact.min(sent_at), Ground::Contact)
}

/// Whether two clocks are so far apart that people are told.
#[must_use]
pub fn is_told(milliseconds: i64) -> bool {
    milliseconds.unsigned_abs() > TOLERANCE.as_millis().unsigned_abs() as u64
}

/// The days for which a device holds codes.
pub fn days(today: Date) -> impl Iterator<Item = Date> {
    (0..DAYS_AHEAD).filter_map(move |ahead| today.checked_add(jiff::Span::new().days(ahead)).ok())
}

/// Whether a number is one that devices give.
#[must_use]
pub fn is_reserved(number: i64) -> bool {
    (FIRST_RESERVED..=LAST_RESERVED).contains(&number)
}
