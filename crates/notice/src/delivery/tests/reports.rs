//! Reports of providers: believed with a signature alone, read or refused whatever their bytes, and final.
//! Properties of nights stand here too.

use axum::body::Body;
use http::{Request, header};
use jiff::civil::time;
use kernel::{SignedDuration, Timestamp};
use proptest::prelude::*;
use ring::hmac;

use super::super::State;
use super::super::report::{self, Report};
use super::super::rules;
use crate::channel::Channel;
use crate::config::{Config, Quiet, ReportConfig};
use crate::testing::{Answer, Browser, MIGRATIONS, Province, REPORT_SECRET, Service, at};

fn signed(body: &str, seconds: i64, secret: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hex::encode(hmac::sign(&key, format!("{seconds}.{body}").as_bytes()))
}

async fn report(browser: &mut Browser, channel: &str, body: &str, seconds: i64, signature: &str) -> Answer {
    let request = Request::post(format!("/api/notices/reports/{channel}"))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/json")
        .header("x-timestamp", seconds.to_string())
        .header("x-signature", signature)
        .body(Body::from(body.to_owned()));
    browser.send(request.unwrap()).await
}

#[tokio::test]
async fn delivered_is_what_the_provider_reports() {
    let service = Service::start().await;
    testkit::engines(MIGRATIONS, async |test| {
        let config = Config {
            sms: Some(service.gateway(test.root())),
            ..Config::default()
        };
        let province = Province::on(test, config).await;
        let before = service.taken().len();
        province.post(province.message(1, 1, "sample.received")).await;
        province.minute().await;
        let id = format!("P{}", before + 1);
        let mut provider = province.stranger();
        let seconds = province.world_seconds();
        let body = format!(r#"{{"id": "{id}", "state": "DELIVRD"}}"#);
        let good = signed(&body, seconds, REPORT_SECRET);
        for (body, seconds, signature) in [
            (body.as_str(), seconds, signed(&body, seconds, "other")),
            (body.as_str(), seconds, String::new()),
            (body.as_str(), seconds + 1, good.clone()),
            (
                body.as_str(),
                seconds - 301,
                signed(&body, seconds - 301, REPORT_SECRET),
            ),
            ("{}", seconds, good.clone()),
        ] {
            report(&mut provider, "sms", body, seconds, &signature)
                .await
                .expect(403);
        }
        assert_eq!(
            province.stands(Channel::Sms).await,
            [(State::Sent, None)],
            "sent is not delivered"
        );
        report(&mut provider, "zalo", &body, seconds, &good).await.expect(404);
        report(&mut provider, "nothing", &body, seconds, &good)
            .await
            .expect(404);
        report(&mut provider, "sms", &body, seconds, &good)
            .await
            .expect(200)
            .says("\"changed\":1");
        report(&mut provider, "sms", &body, seconds, &good)
            .await
            .expect(200)
            .says("\"unchanged\":1");
        assert_eq!(province.stands(Channel::Sms).await, [(State::Delivered, None)]);
        // A late "undelivered" takes nothing back; an unknown message is to be sent again; a body of another form is refused.
        let late = format!(r#"{{"id": "{id}", "state": "UNDELIV"}}"#);
        report(
            &mut provider,
            "sms",
            &late,
            seconds,
            &signed(&late, seconds, REPORT_SECRET),
        )
        .await
        .expect(200);
        assert_eq!(province.stands(Channel::Sms).await, [(State::Delivered, None)]);
        let other = r#"{"id": "unknown", "state": "DELIVRD"}"#;
        report(
            &mut provider,
            "sms",
            other,
            seconds,
            &signed(other, seconds, REPORT_SECRET),
        )
        .await
        .expect(404);
        for wrong in ["[]", "{\"id\": {}}", "no JSON"] {
            report(
                &mut provider,
                "sms",
                wrong,
                seconds,
                &signed(wrong, seconds, REPORT_SECRET),
            )
            .await
            .expect(422);
        }
    })
    .await;
}

fn report_config() -> ReportConfig {
    ReportConfig {
        secret_file: "secret".into(),
        signature_header: "X-Signature".to_owned(),
        timestamp_header: "X-Timestamp".to_owned(),
        list_pointer: Some("/all".to_owned()),
        id_pointer: "/id".to_owned(),
        state_pointer: "/state".to_owned(),
        delivered: vec!["1".to_owned()],
        failed: vec!["2".to_owned()],
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_report_or_refused(body in prop::collection::vec(any::<u8>(), 0..400), stamp: String, tag: String) {
        let _ = report::read(&report_config(), &body);
        let now = at(18, 9, 0);
        prop_assert!(report::verify(REPORT_SECRET, &stamp, &tag, &body, now).is_err());
    }

    #[test]
    fn a_changed_report_has_no_signature(body in prop::collection::vec(any::<u8>(), 1..200), place: prop::sample::Index, bit in 0_u8..8) {
        let now = at(18, 9, 0);
        let stamp = now.as_seconds().to_string();
        let key = hmac::Key::new(hmac::HMAC_SHA256, REPORT_SECRET.as_bytes());
        let tag = hex::encode(hmac::sign(&key, &[stamp.as_bytes(), b".", body.as_slice()].concat()));
        report::verify(REPORT_SECRET, &stamp, &tag, &body, now).unwrap();
        let mut changed = body.clone();
        changed[place.index(body.len())] ^= 1 << bit;
        prop_assert!(report::verify(REPORT_SECRET, &stamp, &tag, &changed, now).is_err());
    }

    #[test]
    fn reports_say_what_their_states_say(states in prop::collection::vec(0_u8..4, 0..20)) {
        let all: Vec<serde_json::Value> =
            states.iter().enumerate().map(|(n, state)| serde_json::json!({ "id": n + 1, "state": state })).collect();
        let body = serde_json::json!({ "all": all }).to_string();
        let read = report::read(&report_config(), body.as_bytes()).unwrap();
        let expected: Vec<Report> = states
            .iter()
            .enumerate()
            .map(|(n, state)| Report {
                provider_id: (n + 1).to_string(),
                arrived: match state { 1 => Some(true), 2 => Some(false), _ => None },
            })
            .collect();
        prop_assert_eq!(read, expected);
    }

    #[test]
    fn a_delivery_never_leaves_its_end(states in prop::collection::vec(any::<bool>(), 1..8)) {
        let mut state = State::Sent;
        let mut arrived = false;
        for report in states {
            if let Some((next, _)) = rules::reported(state, report) {
                state = next;
            }
            arrived |= report;
        }
        prop_assert_eq!(state == State::Delivered, arrived);
    }

    #[test]
    fn morning_is_never_in_the_night(seconds in 1_700_000_000_i64..1_900_000_000, from in 0_i8..24, until in 0_i8..24) {
        let quiet = Quiet { from: time(from, 0, 0, 0), until: time(until, 0, 0, 0) };
        let now = Timestamp::from_seconds(seconds);
        if let Some(morning) = rules::quiet_until(quiet, now) {
            prop_assert!(morning > now && morning.since(now) <= SignedDuration::from_hours(24));
            prop_assert_eq!(rules::quiet_until(quiet, morning), None);
        }
    }
}
