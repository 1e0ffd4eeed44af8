//! Owns the limits on tries from one address: a bucket that refills with time, per kind of try. In memory, per node: what
//! guards accounts across nodes is their own lock. Refuses to grow: the table is bounded and forgets the full buckets first.

use std::collections::HashMap;
use std::net::IpAddr;

use kernel::Timestamp;
use parking_lot::Mutex;

use super::SignInError;

/// What is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Try {
    /// A password.
    Password,
    /// A one-time code.
    Code,
    /// Starting or finishing a sign-in at an identity provider.
    Provider,
}

/// Tries a bucket holds.
const BURST: f64 = 30.0;
/// Seconds until one try comes back.
const SECONDS_PER_TRY: f64 = 6.0;
/// Addresses remembered.
const ADDRESSES_MAX: usize = 50_000;

/// Buckets by address.
#[derive(Debug, Default)]
pub struct Limiter {
    buckets: Mutex<HashMap<(IpAddr, Try), Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tries: f64,
    at: Timestamp,
}

impl Limiter {
    /// Takes one try.
    /// # Errors
    /// `TooMany` with the seconds to wait.
    pub fn take(&self, address: IpAddr, what: Try, now: Timestamp) -> Result<(), SignInError> {
        let mut buckets = self.buckets.lock();
        if buckets.len() >= ADDRESSES_MAX {
            buckets.retain(|_, bucket| refilled(*bucket, now) < BURST);
        }
        if buckets.len() >= ADDRESSES_MAX {
            return Err(SignInError::TooMany { retry_after_s: 60 });
        }
        let key = (network(address), what);
        let bucket = buckets.entry(key).or_insert(Bucket { tries: BURST, at: now });
        let tries = refilled(*bucket, now);
        if tries < 1.0 {
            metrics::counter!("identity_sign_in_limited_total").increment(1);
            let wait = ((1.0 - tries) * SECONDS_PER_TRY).ceil();
            // Between 1 and 6 by the line above.
            return Err(SignInError::TooMany {
                retry_after_s: wait as u32,
            });
        }
        *bucket = Bucket {
            tries: tries - 1.0,
            at: now,
        };
        Ok(())
    }
}

fn refilled(bucket: Bucket, now: Timestamp) -> f64 {
    let seconds = now.since(bucket.at).as_secs_f64().max(0.0);
    (bucket.tries + seconds / SECONDS_PER_TRY).min(BURST)
}

/// One subscriber has a whole /64 of IPv6 addresses: they count as one.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => match six.to_ipv4_mapped() {
            Some(four) => IpAddr::V4(four),
            None => IpAddr::V6((u128::from(six) & !u128::from(u64::MAX)).into()),
        },
    }
}
