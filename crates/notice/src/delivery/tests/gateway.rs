//! A gateway of text messages that is down for a day: nothing is lost, nothing is sent twice, and it is not knocked at all the
//! time.

use std::collections::BTreeSet;

use super::minutes;
use crate::channel::Channel;
use crate::config::Config;
use crate::delivery::State;
use crate::testing::{MIGRATIONS, MailServer, Province, Service};

/// A quarter of an hour passes, and the pump has its turn.
async fn quarter(province: &Province) {
    province.world.advance(minutes(15));
    province.minute().await;
}

#[tokio::test]
async fn an_sms_gateway_that_is_down_for_a_day_loses_nothing() {
    let (mail, service) = (MailServer::start().await, Service::start().await);
    testkit::engines(MIGRATIONS, async |test| {
        let config = Config {
            sms: super::everything(&mail, &service, test.root()).sms,
            ..Config::default()
        };
        let province = Province::on(test, config).await;
        let before = service.taken().len();
        for _ in 0..10_000 {
            service.answer(503, "");
        }
        for event in 0..3_u128 {
            for n in 1..=2 {
                province
                    .post(province.message(event * 10 + u128::from(n), n, "sample.received"))
                    .await;
            }
            quarter(&province).await;
        }
        for _ in 0..24 * 4 {
            quarter(&province).await;
        }
        let stands = province.stands(Channel::Sms).await;
        assert!(stands.iter().all(|(state, _)| *state == State::Queued), "{stands:?}");
        let knocked = service.taken().len() - before;
        assert!(knocked <= 24 * 4, "asked {knocked} times in a day");

        service.answers.lock().clear();
        let before = service.taken().len();
        for _ in 0..12 {
            quarter(&province).await;
        }
        let stands = province.stands(Channel::Sms).await;
        assert!(stands.iter().all(|(state, _)| *state == State::Sent), "{stands:?}");
        let bodies: Vec<String> = service
            .taken()
            .split_off(before)
            .iter()
            .map(|asked| asked.json().to_string())
            .collect();
        let told: BTreeSet<&String> = bodies.iter().collect();
        assert_eq!((bodies.len(), told.len()), (6, 6), "each once: {bodies:?}");
    })
    .await;
}
