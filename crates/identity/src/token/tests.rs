//! Rates and quotas of tokens; what a program may do is asked with the whole program (`tests/it/interfaces.rs`).

use kernel::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{Meter, Token, TokenError, TokenId, secret_of};
use crate::UnitId;

fn token(per_minute: i64, per_day: i64) -> Token {
    Token {
        id: TokenId::from_uuid(Uuid::from_u128(1)),
        unit: UnitId::from_uuid(Uuid::from_u128(2)),
        name: "GIS".to_owned(),
        scopes: Vec::new(),
        per_minute,
        per_day,
        account: None,
        who: "Trị".to_owned(),
        created_at: noon(),
        expires_on: None,
        used_on: None,
        used_count: 0,
        used_at: None,
        revoked: None,
    }
}

fn noon() -> Timestamp {
    Timestamp::from_local(jiff::civil::date(2026, 11, 23).at(12, 0, 0, 0))
}

#[test]
fn a_rate_lets_a_quarter_of_a_minute_through_at_once() {
    let (meter, token) = (Meter::default(), token(60, 1_000_000));
    for _ in 0..15 {
        assert!(meter.take(&token, noon()).is_ok());
    }
    let Err(TokenError::Rate { retry_after_s }) = meter.take(&token, noon()) else {
        panic!("it is refused")
    };
    assert!((1..=2).contains(&retry_after_s), "{retry_after_s}");
    assert!(meter.take(&token, noon() + SignedDuration::from_secs(2)).is_ok());
}

#[test]
fn a_quota_ends_with_the_day() {
    let (meter, token) = (Meter::default(), token(60_000, 120));
    let mut written = 0;
    for _ in 0..120 {
        written += meter.take(&token, noon()).expect("it is within").unwrap_or(0);
    }
    assert_eq!(written, 101, "the first one, then each fifty");
    let Err(TokenError::Quota { retry_after_s }) = meter.take(&token, noon()) else {
        panic!("it is refused")
    };
    assert_eq!(retry_after_s, 12 * 3_600 + 1);
    assert!(meter.take(&token, noon() + SignedDuration::from_hours(12)).is_ok());
}

#[test]
fn what_another_node_has_counted_counts() {
    let meter = Meter::default();
    let mut used = token(60_000, 100);
    (used.used_on, used.used_count) = (Some(noon().local_date()), 99);
    assert!(meter.take(&used, noon()).is_ok());
    assert!(matches!(meter.take(&used, noon()), Err(TokenError::Quota { .. })));
}

#[test]
fn only_our_secrets_are_looked_up() {
    assert_eq!(secret_of("Bearer tinhso_ab"), Some("tinhso_ab"));
    assert_eq!(secret_of("bearer  tinhso_ab "), Some("tinhso_ab"));
    for other in ["", "Bearer", "Basic tinhso_ab", "Bearer eyJ", "tinhso_ab"] {
        assert_eq!(secret_of(other), None, "{other}");
    }
}
