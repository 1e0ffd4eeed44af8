//! Deliveries on both engines: each channel once, a server down for a day, caps, nights, one channel in the place of another,
//! reports, and a program that ends in the middle of a sending.
//! The servers are real ones on this machine.

mod deceased;
mod gateway;
mod reports;

use identity::Role;
use identity::session::Level;
use jiff::civil::time;
use kernel::SignedDuration;

use super::rules::{self, Turn, Wanted};
use super::{LineState, Reason, State};
use crate::channel::Channel;
use crate::config::{Config, Limits, Quiet};
use crate::testing::{MIGRATIONS, MailServer, Province, Service, at};

fn minutes(n: i64) -> SignedDuration {
    SignedDuration::from_mins(n)
}

#[test]
fn nights_end_in_the_morning() {
    let quiet = Quiet {
        from: time(21, 0, 0, 0),
        until: time(7, 0, 0, 0),
    };
    for (now, until) in [
        (at(18, 20, 59), None),
        (at(18, 21, 0), Some(at(19, 7, 0))),
        (at(18, 23, 59), Some(at(19, 7, 0))),
        (at(19, 0, 0), Some(at(19, 7, 0))),
        (at(19, 6, 59), Some(at(19, 7, 0))),
        (at(19, 7, 0), None),
    ] {
        assert_eq!(rules::quiet_until(quiet, now), until, "{now:?}");
    }
    let noon = Quiet {
        from: time(12, 0, 0, 0),
        until: time(13, 0, 0, 0),
    };
    assert_eq!(rules::quiet_until(noon, at(18, 12, 30)), Some(at(18, 13, 0)));
    assert_eq!(rules::quiet_until(noon, at(18, 22, 0)), None);
    let never = Quiet {
        from: time(7, 0, 0, 0),
        until: time(7, 0, 0, 0),
    };
    assert_eq!(rules::quiet_until(never, at(18, 7, 0)), None);
    assert_eq!(
        rules::first_try(Channel::Sms, true, quiet, at(18, 22, 0)),
        at(18, 22, 0),
        "urgent"
    );
    assert_eq!(
        rules::first_try(Channel::Email, false, quiet, at(18, 22, 0)),
        at(18, 22, 0),
        "wakes nobody"
    );
}

#[test]
fn a_message_begins_where_it_costs_least() {
    use Channel::{Email, Letter, Push, Sms, Zalo};
    let all = [Email, Sms, Zalo, Push, Letter];
    let usual = Wanted {
        off: &[],
        on: &[],
        has_devices: true,
    };
    let begin = |channel, told: &[Channel], urgent, wanted| rules::begin(channel, told, urgent, wanted);
    let queued = (State::Queued, None);
    let others = (State::Skipped, Some(Reason::OthersFirst));
    let unwanted = (State::Skipped, Some(Reason::Unwanted));
    for (channel, expected) in [
        (Email, queued),
        (Zalo, queued),
        (Push, queued),
        (Sms, others),
        (Letter, others),
    ] {
        assert_eq!(begin(channel, &all, false, usual), expected, "{channel}");
    }
    assert_eq!(begin(Sms, &all, true, usual), queued, "urgent");
    assert_eq!(begin(Sms, &[Email, Sms], false, usual), queued, "no Zalo here");
    assert_eq!(
        begin(Sms, &all, false, Wanted { off: &[Zalo], ..usual }),
        queued,
        "Zalo switched off"
    );
    assert_eq!(begin(Sms, &all, false, Wanted { off: &[Sms], ..usual }), unwanted);
    assert_eq!(
        begin(
            Push,
            &all,
            false,
            Wanted {
                has_devices: false,
                ..usual
            }
        ),
        unwanted
    );
    assert_eq!(
        begin(Letter, &all, false, Wanted { on: &[Letter], ..usual }),
        queued,
        "asked for"
    );
    assert_eq!(
        begin(Letter, &[Push, Letter], false, usual),
        queued,
        "nothing else reaches her"
    );
}

#[test]
fn turns_are_decided_by_worth_then_night_then_caps() {
    let limits = Limits {
        per_minute_max: 2,
        cost_dong: 750,
        per_day_dong_max: Some(1_600),
    };
    let now = at(18, 9, 0);
    let state = LineState {
        day: Some(now.local_date()),
        minute: now.as_seconds() / 60,
        ..LineState::default()
    };
    let turn = |state: &LineState, now| {
        rules::turn(
            Channel::Sms,
            false,
            at(18, 23, 30),
            state,
            &limits,
            Quiet::default(),
            now,
        )
    };
    assert_eq!(turn(&state, now), Turn::Send);
    let one = rules::charged(&state, &limits, now);
    assert_eq!((one.spent_dong, one.minute_count), (750, 1));
    let two = rules::charged(&one, &limits, now);
    assert_eq!(
        turn(&two, now),
        Turn::Capped,
        "two in a minute, and 2,250 would be too much"
    );
    assert_eq!(turn(&two, now + minutes(1)), Turn::Capped, "still too much");
    assert_eq!(
        turn(
            &LineState {
                spent_dong: 0,
                ..two.clone()
            },
            now + minutes(1)
        ),
        Turn::Send
    );
    assert_eq!(turn(&two, at(18, 22, 0)), Turn::Wait(at(19, 7, 0)));
    assert_eq!(turn(&two, at(18, 23, 30)), Turn::Drop(Reason::Stale));
    let next_day = rules::turn(
        Channel::Sms,
        false,
        at(20, 0, 0),
        &two,
        &limits,
        Quiet::default(),
        at(19, 9, 0),
    );
    assert_eq!(next_day, Turn::Send, "a new day");
}

#[test]
fn pauses_grow_and_end() {
    assert_eq!(
        [1, 2, 3].map(rules::later),
        [60, 120, 240].map(SignedDuration::from_secs)
    );
    assert_eq!(rules::later(50), SignedDuration::from_secs(3_600));
    assert_eq!(rules::down(1), SignedDuration::from_secs(30));
    assert_eq!(rules::down(1_000), SignedDuration::from_secs(900));
}

/// Everything that a province may set up, but push.
fn everything(mail: &MailServer, service: &Service, folder: &std::path::Path) -> Config {
    let mut zalo = service.gateway(folder);
    zalo.templates = [("sample.received".to_owned(), "381234".to_owned())].into();
    Config {
        email: Some(mail.config()),
        sms: Some(service.gateway(folder)),
        zalo: Some(zalo),
        letter: true,
        ..Config::default()
    }
}

#[tokio::test]
async fn each_channel_is_told_once_and_weak_ones_carry_the_code_alone() {
    let (mail, service) = (MailServer::start().await, Service::start().await);
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test, everything(&mail, &service, test.root())).await;
        let (mails, asked) = (mail.taken().len(), service.taken().len());
        let mut message = province.message(1, 1, "sample.received");
        message.to.person = Some({
            province.citizen().await;
            province.person().await
        });
        assert_eq!(
            province.post(message.clone()).await,
            2,
            "e-mail and Zalo; SMS and letter stand back"
        );
        assert_eq!(
            province.post(message).await,
            0,
            "the same event again is the same message"
        );
        for _ in 0..2 {
            province.minute().await;
        }
        let taken = mail.taken().split_off(mails);
        assert_eq!(taken.len(), 1);
        assert_eq!(taken[0].to, "nguoi1@example.vn");
        assert!(
            taken[0].data.contains("Auto-Submitted: auto-generated"),
            "{}",
            taken[0].data
        );
        assert!(
            taken[0].text().contains("Hẹn trả lúc 09:00, 18/11/2026."),
            "{}",
            taken[0].text()
        );
        let asked = service.taken().split_off(asked);
        assert_eq!(asked.len(), 1);
        let body = asked[0].json();
        assert_eq!(asked[0].headers["x-key"], "4", "the secret is there");
        assert_eq!(
            (body["to"].as_str(), body["template"].as_str()),
            (Some("84912345601"), Some("381234"))
        );
        assert_eq!(body["data"]["code"], "H27.15-261118-0001");
        let sent = (State::Sent, None);
        assert_eq!(province.stands(Channel::Email).await, [sent]);
        assert_eq!(province.stands(Channel::Zalo).await, [sent]);
        assert_eq!(
            province.stands(Channel::Sms).await,
            [(State::Skipped, Some(Reason::OthersFirst))]
        );
        // One row a sending in the person's own record of uses; nothing of an address in ours.
        assert_eq!(
            province
                .count("SELECT count(*) FROM data_use WHERE who = 'notice.send'")
                .await,
            2
        );
        let clear =
            province.count("SELECT count(*) FROM notice_message WHERE parameters LIKE '%@%' OR path LIKE '%09%'");
        if test.database().is_none() {
            assert_eq!(clear.await, 0);
        }
    })
    .await;
}

#[tokio::test]
async fn a_mail_server_that_is_down_for_a_day_loses_nothing() {
    let mut mail = MailServer::start().await;
    let service = Service::start().await;
    // One store after the other; the server is down for each in turn.
    for engine in [store::EngineKind::Sqlite, store::EngineKind::Postgres] {
        let Some(test) = testkit::engines::on(engine, MIGRATIONS).await else {
            continue;
        };
        let mut config = everything(&mail, &service, test.root());
        (config.sms, config.zalo, config.letter) = (None, None, false);
        let limits = Limits {
            per_minute_max: 3,
            ..Limits::default()
        };
        config.email = Some(crate::config::EmailConfig {
            limits,
            ..mail.config()
        });
        let province = Province::on(&test, config).await;
        let before = mail.taken().len();
        mail.stop().await;
        // Two recipients, told three things each over the morning, one of them soon stale.
        for event in 0..3_u128 {
            for n in 1..=2 {
                province
                    .post(province.message(event * 10 + u128::from(n), n, "sample.received"))
                    .await;
            }
            province.minute().await;
            province.world.advance(minutes(30));
        }
        province.post(province.message(99, 1, "sample.urgent")).await;
        for _ in 0..24 * 4 {
            province.minute().await;
            province.world.advance(minutes(15));
        }
        assert_eq!(mail.taken().len(), before);
        let attempts = province.count("SELECT sum_int(attempts) FROM notice_delivery").await;
        assert_eq!(attempts, 0, "a server that is down costs nobody a try");
        mail.start_again().await;
        province.world.advance(minutes(15));
        province.minute().await;
        assert_eq!(mail.taken().len() - before, 3, "the cap of a minute holds afterwards");
        for _ in 0..5 {
            province.world.advance(minutes(1));
            province.minute().await;
        }
        let taken: Vec<(String, String)> = mail
            .taken()
            .split_off(before)
            .into_iter()
            .map(|mail| {
                let at = mail.text().find("H27.15-261118-").expect("a code");
                (mail.to.clone(), mail.text()[at + 14..at + 18].to_owned())
            })
            .collect();
        for (n, codes) in [(1, ["0001", "0011", "0021"]), (2, ["0002", "0012", "0022"])] {
            let own = taken.iter().filter(|(to, _)| *to == format!("nguoi{n}@example.vn"));
            assert!(own.map(|(_, code)| code.as_str()).eq(codes), "{taken:?}");
        }
        assert_eq!(taken.len(), 6);
        let stands = province.stands(Channel::Email).await;
        assert_eq!(stands.iter().filter(|(state, _)| *state == State::Sent).count(), 6);
        assert!(stands.contains(&(State::Skipped, Some(Reason::Stale))), "{stands:?}");
        test.close().await;
    }
}

#[tokio::test]
async fn caps_and_nights_put_off_and_lose_nothing() {
    let service = Service::start().await;
    testkit::engines(MIGRATIONS, async |test| {
        let mut sms = service.gateway(test.root());
        sms.limits.per_day_dong_max = Some(1_500);
        let province = Province::on(
            test,
            Config {
                sms: Some(sms),
                ..Config::default()
            },
        )
        .await;
        let before = service.taken().len();
        for n in 1..=3 {
            province
                .post(province.message(u128::from(n), n, "sample.received"))
                .await;
        }
        province.minute().await;
        assert_eq!(
            service.taken().len() - before,
            2,
            "a third would cost more than the day may"
        );
        assert_eq!(province.stands(Channel::Sms).await[2], (State::Queued, None));
        let spent = province
            .count("SELECT spent_dong FROM notice_channel WHERE channel = 'sms'")
            .await;
        assert_eq!(spent, 1_500);
        // At night it waits on, though the day is new; in the morning it goes, and what came at night with it.
        province.world.set(at(19, 0, 30));
        province.post(province.message(9, 9, "sample.received")).await;
        province.minute().await;
        assert_eq!(service.taken().len() - before, 2);
        province.world.set(at(19, 7, 0));
        province.minute().await;
        assert_eq!(service.taken().len() - before, 4);
        // What is urgent wakes people, and counts against the day like the rest.
        province.world.set(at(20, 2, 0));
        province.post(province.message(10, 1, "sample.urgent")).await;
        province.minute().await;
        assert_eq!(service.taken().len() - before, 5);
        let text = service.taken().last().unwrap().json()["text"]
            .as_str()
            .unwrap()
            .to_owned();
        assert_eq!(text, "Gap: H27.15-261118-0010. Lam ngay hom nay.");
    })
    .await;
}

#[tokio::test]
async fn another_channel_tells_what_one_could_not() {
    let (mail, service) = (MailServer::start().await, Service::start().await);
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test, everything(&mail, &service, test.root())).await;
        // Zalo does not know the telephone: SMS goes in its place.
        service.answer(200, r#"{"code": -118}"#);
        province.post(province.message(1, 1, "sample.received")).await;
        province.minute().await;
        province.minute().await;
        assert_eq!(
            province.stands(Channel::Zalo).await,
            [(State::Refused, Some(Reason::Refused))]
        );
        assert_eq!(province.stands(Channel::Sms).await, [(State::Sent, None)]);
        assert_eq!(
            province.stands(Channel::Letter).await,
            [(State::Skipped, Some(Reason::OthersFirst))]
        );
        // No address but the postal one: a letter waits at the unit.
        province.post(province.message(2, 92, "sample.received")).await;
        province.minute().await;
        province.minute().await;
        assert_eq!(
            province.stands(Channel::Email).await[1],
            (State::Skipped, Some(Reason::NoAddress))
        );
        assert_eq!(
            province.stands(Channel::Sms).await[1],
            (State::Skipped, Some(Reason::NoAddress))
        );
        assert_eq!(province.stands(Channel::Letter).await[1], (State::Queued, None));
        letters_are_printed(&province).await;
        // A mailbox that is none, and one that is full for ever.
        province.post(province.message(3, 90, "sample.urgent")).await;
        province.post(province.message(4, 91, "sample.received")).await;
        for _ in 0..20 {
            province.minute().await;
            province.world.advance(SignedDuration::from_hours(1));
        }
        let stands = province.stands(Channel::Email).await;
        assert_eq!(stands[2], (State::Refused, Some(Reason::Refused)));
        assert_eq!(stands[3], (State::Failed, Some(Reason::Tries)));
        let quoted = province
            .count("SELECT count(*) FROM notice_delivery WHERE detail LIKE '%example%'")
            .await;
        assert_eq!(quoted, 0, "what servers say is not kept");
        operators_see(&province).await;
    })
    .await;
}

async fn letters_are_printed(province: &Province) {
    let desk = province.officer("thilan", Role::Desk).await;
    let mut desk = province.browser(desk, Level::PasswordTotp).await;
    let page = desk
        .get("/desk/letters")
        .await
        .expect(200)
        .says("H27.15-261118-0002")
        .hides("Tổ 3");
    let at = page.body.find("/desk/letters/").expect("a letter");
    let path = page.body[at..].split('"').next().unwrap().to_owned();
    desk.get(&path)
        .await
        .expect(200)
        .says("Tổ 3, phường Thành Sen")
        .says("UBND phường Thành Sen")
        .says("Việc tiếp theo");
    desk.post(&path, &format!("{path}/posted"), &[]).await.expect(303);
    desk.get("/desk/letters").await.expect(200).hides("H27.15-261118-0002");
    desk.get(&path).await.expect(410);
    assert_eq!(
        province.stands(Channel::Letter).await[1],
        (State::Sent, None),
        "posted is not delivered"
    );
    let specialist = province.officer("van", Role::Specialist).await;
    let mut specialist = province.browser(specialist, Level::PasswordTotp).await;
    specialist.get("/desk/letters").await.expect(403);
}

async fn operators_see(province: &Province) {
    let desk = province.officer("minh", Role::Desk).await;
    province
        .browser(desk, Level::PasswordTotp)
        .await
        .get("/admin/notices")
        .await
        .expect(403);
    let units = province.identity.units();
    let root = units
        .pairs(province.world_day())
        .find(|(_, above)| above.is_none())
        .unwrap()
        .0;
    let operator = province.officer_at("vanhanh", Role::Operator, root).await;
    let mut operator = province.browser(operator, Level::PasswordTotp).await;
    let page = operator
        .get("/admin/notices?state=refused")
        .await
        .expect(200)
        .says("the mail server refused it (550)");
    let page = page.says("H27.15-261118-0003").hides("bounce").hides("0912");
    let at = page.body.find("/retry\"").expect("a button");
    let from = page.body[..at].rfind("/admin/notices/").unwrap();
    let retry = page.body[from..at + 6].to_owned();
    operator.post("/admin/notices", &retry, &[]).await.expect(303);
    operator.post("/admin/notices", &retry, &[]).await.expect(410);
    assert_eq!(
        province
            .count("SELECT count(*) FROM audit_entry WHERE action = 'notice.retry'")
            .await,
        1
    );
}

#[tokio::test]
async fn a_sending_that_was_cut_off_is_not_made_twice_where_that_would_show() {
    let (mail, service) = (MailServer::start().await, Service::start().await);
    testkit::engines(MIGRATIONS, async |test| {
        let mut config = everything(&mail, &service, test.root());
        config.zalo = None;
        let province = Province::on(test, config).await;
        let (mails, asked) = (mail.taken().len(), service.taken().len());
        province.post(province.message(1, 1, "sample.received")).await;
        // The program takes both and ends before it hears an answer.
        let now = kernel::World::now(province.world.as_ref());
        let taken = province.notices.store().write(move |tx| {
            for channel in [Channel::Email, Channel::Sms] {
                let due = super::store::next(tx, channel, now)?.expect("one is due");
                super::store::take(tx, due.id, now)?;
            }
            Ok::<_, store::StoreError>(())
        });
        taken.await.unwrap();
        province.minute().await;
        assert_eq!(mail.taken().len(), mails, "somebody may be sending it right now");
        province.world.advance(minutes(11));
        province.minute().await;
        province.minute().await;
        assert_eq!(mail.taken().len() - mails, 1, "a mailbox knows the Message-ID");
        assert_eq!(service.taken().len(), asked, "a telephone would ring twice");
        assert_eq!(province.stands(Channel::Email).await, [(State::Sent, None)]);
        assert_eq!(
            province.stands(Channel::Sms).await,
            [(State::Failed, Some(Reason::Unknown))]
        );
    })
    .await;
}

#[tokio::test]
async fn a_gateway_without_credit_stops_its_channel_alone() {
    let (mail, service) = (MailServer::start().await, Service::start().await);
    testkit::engines(MIGRATIONS, async |test| {
        let mut config = everything(&mail, &service, test.root());
        config.zalo = None;
        let province = Province::on(test, config).await;
        let asked = service.taken().len();
        for n in 1..=3 {
            province
                .post(province.message(u128::from(n), n, "sample.received"))
                .await;
        }
        service.answer(200, r#"{"code": 103}"#);
        province.minute().await;
        assert_eq!(service.taken().len() - asked, 1, "one try tells it of all");
        assert!(
            province
                .stands(Channel::Email)
                .await
                .iter()
                .all(|(state, _)| *state == State::Sent)
        );
        assert!(
            province
                .stands(Channel::Sms)
                .await
                .iter()
                .all(|(state, _)| *state == State::Queued)
        );
        service.answer(503, "");
        province.world.advance(minutes(1));
        province.minute().await;
        province.world.advance(minutes(2));
        province.minute().await;
        assert!(
            province
                .stands(Channel::Sms)
                .await
                .iter()
                .all(|(state, _)| *state == State::Sent)
        );
        assert_eq!(
            province
                .count("SELECT spent_dong FROM notice_channel WHERE channel = 'sms'")
                .await,
            3 * 750
        );
    })
    .await;
}

#[tokio::test]
async fn what_is_a_year_old_goes_away() {
    let mail = MailServer::start().await;
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(
            test,
            Config {
                email: Some(mail.config()),
                ..Config::default()
            },
        )
        .await;
        province.post(province.message(1, 1, "sample.received")).await;
        province.minute().await;
        province.world.advance(SignedDuration::from_hours(24 * 399));
        province.post(province.message(2, 1, "sample.received")).await;
        province.notices.sweep().await.unwrap();
        assert_eq!(province.count("SELECT count(*) FROM notice_message").await, 2);
        province.world.advance(SignedDuration::from_hours(48));
        province.notices.sweep().await.unwrap();
        assert_eq!(province.count("SELECT count(*) FROM notice_message").await, 1);
    })
    .await;
}
