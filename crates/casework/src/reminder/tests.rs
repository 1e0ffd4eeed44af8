//! Reminders and what is told of a dossier, on both engines: each once, before and after the hour, by the working calendar; and
//! that nothing but the code goes over weak channels.

use std::collections::BTreeMap;

use ::notice::channel::Channel;
use ::notice::template::{Rendered, Setting};
use ::notice::{Config, Notices, Parameters};
use identity::Role;
use identity::session::Level;
use kernel::calendar::WorkingCalendar;
use kernel::{Bilingual, Lang, SignedDuration, Timestamp};
use store::{StoreError, Tx};

use super::rules::reached;
use super::{Stage, remind};
use crate::dossier::state::State;
use crate::dossier::{Dossier, DossierId, store as dossiers};
use crate::journeys::{act, cast, citizen, file};
use crate::notice::{TEMPLATES, contact, told};
use crate::testing::{MIGRATIONS, Province};

/// E-mail and SMS to servers that are not there: what waits for them is in the rows.
pub(crate) fn notices(province: &Province) -> Notices {
    let config: Config = toml::from_str(
        r#"
        letter = true
        [email]
        host = "127.0.0.1"
        port = 9
        encryption = "none"
        from = "khong-tra-loi@example.vn"
        [sms]
        url = "http://127.0.0.1:9/"
        body = "{{ phone }}"
        "#,
    )
    .expect("a configuration");
    let settings = ::notice::Settings {
        config,
        site: Bilingual::vi("Tỉnh Thử"),
        origin: "http://127.0.0.1:8080".to_owned(),
    };
    Notices::open(province.house.identity(), settings, TEMPLATES, &[contact::SOURCE]).expect("notices open")
}

async fn dossier(province: &Province, path: &str) -> Dossier {
    let id: DossierId = path.rsplit('/').next().and_then(|id| id.parse().ok()).expect("an id");
    province
        .house
        .store()
        .read(move |tx| dossiers::find(tx, id))
        .await
        .expect("the dossier")
}

/// How many rows there are by a word.
async fn words(province: &Province, sql: &'static str) -> BTreeMap<String, i64> {
    let rows = province.house.store().read(move |tx: &mut Tx| {
        tx.all(sql, &[], |row| {
            Ok::<_, StoreError>((row.get::<String>(0)?, row.get::<i64>(1)?))
        })
    });
    rows.await.expect("the store reads").into_iter().collect()
}

async fn inbox(province: &Province) -> BTreeMap<String, i64> {
    words(
        province,
        "SELECT a.login || ' ' || n.kind, count(*) FROM notice n JOIN account a ON a.id = n.account
         WHERE a.login IS NOT NULL GROUP BY 1",
    )
    .await
}

fn some(pairs: &[(&str, i64)]) -> BTreeMap<String, i64> {
    pairs.iter().map(|(word, n)| ((*word).to_owned(), *n)).collect()
}

/// The instant that lies so many working hours before `at`: found by going back a quarter of an hour at a time.
fn before(calendar: &WorkingCalendar, at: Timestamp, hours: i64) -> Timestamp {
    let mut instant = at;
    while calendar.working_time_between(instant, at) < SignedDuration::from_hours(hours) {
        instant -= SignedDuration::from_mins(15);
    }
    instant
}

#[tokio::test(flavor = "multi_thread")]
async fn stages_follow_the_working_calendar() {
    let test = testkit::engines::sqlite(MIGRATIONS).await;
    let province = Province::on(&test).await;
    let mut hoa = citizen(&province).await;
    let own = file(&province, &mut hoa).await;
    let filed = dossier(&province, &own).await;
    let calendar = province.house.calendar().clone();
    let stages = |dossier: &Dossier, now| -> Vec<Stage> {
        reached(dossier, &calendar, now)
            .into_iter()
            .map(|reached| reached.stage)
            .collect()
    };
    assert_eq!(stages(&filed, filed.submitted_at), []);
    assert_eq!(
        stages(&filed, before(&calendar, filed.check_by, 2)),
        [Stage::ReceiptNear]
    );
    assert_eq!(stages(&filed, filed.check_by), [Stage::ReceiptLate]);
    let received = filed.submitted_at;
    let due = calendar.add_working_hours(received, 80);
    let running = Dossier {
        state: State::Processing,
        received_at: Some(received),
        due_at: Some(due),
        ..filed.clone()
    };
    assert_eq!(stages(&running, before(&calendar, due, 9)), []);
    assert_eq!(stages(&running, before(&calendar, due, 8)), [Stage::Near]);
    assert_eq!(stages(&running, due), [Stage::Over]);
    assert_eq!(stages(&running, calendar.add_working_hours(due, 15)), [Stage::Over]);
    assert_eq!(
        stages(&running, calendar.add_working_hours(due, 16)),
        [Stage::Over, Stage::Escalated]
    );
    // A short procedure is near in its last quarter, not from its first hour.
    let due = calendar.add_working_hours(received, 8);
    let short = Dossier {
        due_at: Some(due),
        ..running.clone()
    };
    assert_eq!(stages(&short, before(&calendar, due, 3)), []);
    assert_eq!(stages(&short, before(&calendar, due, 2)), [Stage::Near]);
    // Before Tết the last working day counts, whatever the days between are.
    let tet = Timestamp::from_local(jiff::civil::date(2027, 2, 15).at(8, 0, 0, 0));
    let after_tet = calendar.add_working_hours(tet, 4);
    let over_tet = Dossier {
        due_at: Some(after_tet),
        ..running.clone()
    };
    assert_eq!(stages(&over_tet, before(&calendar, after_tet, 8)), [Stage::Near]);
    // While the applicant is asked nobody else is reminded.
    let asked = Dossier {
        state: State::AwaitingSupplement,
        stopped_at: Some(received),
        ..running.clone()
    };
    assert_eq!(stages(&asked, calendar.add_working_hours(received, 39)), []);
    assert_eq!(
        stages(&asked, calendar.add_working_hours(received, 41)),
        [Stage::Supplement]
    );
    for state in [State::AwaitingFee, State::Approved, State::Returned, State::Withdrawn] {
        assert_eq!(
            stages(
                &Dossier {
                    state,
                    ..running.clone()
                },
                after_tet
            ),
            [],
            "{state}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn officers_and_leaders_are_reminded_once_and_the_unit_above_at_last() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let notices = notices(&province);
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let day = province.house.now().local_date();
        let root = province
            .house
            .identity()
            .units()
            .pairs(day)
            .find(|(_, above)| above.is_none())
            .expect("a root")
            .0;
        province.officer("chutich", Role::Leader, root).await;
        let own = file(&province, &mut hoa).await;
        let desk = own.replace("/my/", "/desk/");
        act(&mut cast.desk, &desk, "receive", &[]).await;
        act(&mut cast.specialist, &desk, "claim", &[]).await;
        let (calendar, due) = (
            province.house.calendar().clone(),
            dossier(&province, &own).await.due_at.expect("a date"),
        );
        assert_eq!(remind(&province.house, &notices).await.expect("a round").told, 0);
        province.world.set(before(&calendar, due, 2));
        assert_eq!(remind(&province.house, &notices).await.expect("a round").told, 1);
        assert_eq!(
            remind(&province.house, &notices).await.expect("a round").told,
            0,
            "each once"
        );
        let near = inbox(&province).await;
        let own_words: Vec<&String> = near.keys().filter(|word| word.ends_with("due-near")).collect();
        assert_eq!(own_words.len(), 2, "who works on it and the leader: {near:?}");
        province.world.set(due + SignedDuration::from_mins(1));
        assert_eq!(remind(&province.house, &notices).await.expect("a round").told, 1);
        province.world.set(calendar.add_working_hours(due, 17));
        assert_eq!(remind(&province.house, &notices).await.expect("a round").told, 1);
        assert_eq!(remind(&province.house, &notices).await.expect("a round").told, 0);
        let all = inbox(&province).await;
        assert_eq!(all.get("chutich escalated"), Some(&1), "{all:?}");
        assert_eq!(all.values().sum::<i64>(), 5, "{all:?}");
        let kinds = words(&province, "SELECT kind, count(*) FROM notice_message GROUP BY kind").await;
        let told = some(&[("reminder.escalated", 1), ("reminder.near", 2), ("reminder.over", 2)]);
        assert_eq!(kinds, told, "beside the page, by e-mail");
        let channels = words(
            &province,
            "SELECT channel, count(*) FROM notice_delivery GROUP BY channel",
        )
        .await;
        assert_eq!(channels, some(&[("email", 5)]), "no telephone of an officer");
        let account = province
            .house
            .identity()
            .account_of_login("chutich")
            .await
            .expect("read")
            .expect("there");
        let mut leader = province.browser(account, Level::PasswordTotp).await;
        leader
            .get("/desk/notices")
            .await
            .expect(200)
            .says("quá hạn hơn hai ngày làm việc")
            .hides("Trần");
        leader
            .post("/desk/notices", "/desk/notices/read", &[("until", "")])
            .await
            .expect(303);
        leader
            .get("/desk/notices")
            .await
            .expect(200)
            .hides("/desk/notices/read");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_is_told_of_late_reception_and_the_applicant_of_what_waits() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let notices = notices(&province);
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let own = file(&province, &mut hoa).await;
        let desk = own.replace("/my/", "/desk/");
        act(
            &mut cast.desk,
            &desk,
            "ask-supplement",
            &[
                ("what-1", "Thiếu ảnh"),
                ("remedy-1", "Chụp lại"),
                ("clause-1", "Điều 16"),
                ("example-1", "Ảnh 3 × 4"),
            ],
        )
        .await;
        let second = file(&province, &mut hoa).await;
        let calendar = province.house.calendar().clone();
        let check_by = dossier(&province, &second).await.check_by;
        province.world.set(before(&calendar, check_by, 1));
        remind(&province.house, &notices).await.expect("a round");
        province.world.set(check_by);
        remind(&province.house, &notices).await.expect("a round");
        let told = inbox(&province).await;
        let kinds: Vec<&str> = told.keys().filter_map(|word| word.split(' ').nth(1)).collect();
        assert_eq!(kinds, ["receipt-late", "receipt-near"], "{told:?}");
        let asked = dossier(&province, &own).await.stopped_at.expect("it waits");
        province.world.set(calendar.add_working_hours(asked, 41));
        assert_eq!(remind(&province.house, &notices).await.expect("a round").told, 1);
        assert_eq!(remind(&province.house, &notices).await.expect("a round").told, 0);
        let mut hoa = citizen(&province).await;
        hoa.get("/my/notices").await.expect(200).says("còn chờ bạn bổ sung");
        let kinds = words(&province, "SELECT kind, count(*) FROM notice_message GROUP BY kind").await;
        assert_eq!(kinds.get("reminder.supplement"), Some(&1), "{kinds:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_to_a_dossier_is_told_once_and_weak_channels_carry_its_code_alone() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let notices = notices(&province);
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let own = file(&province, &mut hoa).await;
        let desk = own.replace("/my/", "/desk/");
        act(&mut cast.desk, &desk, "receive", &[]).await;
        for _ in 0..2 {
            // A second consumer finds the place of the first: nothing is told twice.
            let consumer = told::start(test.store(), &notices);
            for _ in 0..200 {
                if words(&province, "SELECT kind, count(*) FROM notice_message GROUP BY kind")
                    .await
                    .len()
                    == 2
                {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
            consumer.stop().await;
        }
        let kinds = words(&province, "SELECT kind, count(*) FROM notice_message GROUP BY kind").await;
        assert_eq!(kinds, some(&[("dossier.received", 1), ("dossier.submitted", 1)]));
        let rows = words(
            &province,
            "SELECT channel || ' ' || state, count(*) FROM notice_delivery GROUP BY 1",
        )
        .await;
        assert_eq!(rows, some(&[("email queued", 2), ("sms queued", 2)]));
        // The address is found in the dossier, and each use of it is on the applicant's own record.
        notices.pump(Channel::Sms).await.expect("the pump runs");
        notices.pump(Channel::Email).await.expect("the pump runs");
        let uses = words(
            &province,
            "SELECT who, count(*) FROM data_use WHERE purpose = 'system' GROUP BY who",
        )
        .await;
        assert!(uses.contains_key("notice.send"), "{uses:?}");
        let states = words(
            &province,
            "SELECT channel || ' ' || state, count(*) FROM notice_delivery GROUP BY 1",
        )
        .await;
        // There is no e-mail in this dossier; the gateway is not there, and the messages wait for it.
        assert_eq!(states, some(&[("email skipped", 2), ("sms queued", 2)]));
        nothing_private(&notices, &dossier(&province, &own).await);
    })
    .await;
}

/// No text of a weak channel says more than the code, whatever happens to the dossier.
fn nothing_private(notices: &Notices, dossier: &Dossier) {
    let setting = Setting {
        site: "Tỉnh Thử",
        origin: "http://127.0.0.1:8080",
        path: "/my/dossiers/x",
    };
    let mut values: Parameters =
        told::message_of(dossier, dossier.id.uuid(), "dossier.received", dossier.changed_at).parameters;
    for name in ["due", "check", "asked"] {
        values.insert(name.to_owned(), ::notice::Parameter::Time(dossier.check_by));
    }
    let mut looked_at = 0;
    for event in notices
        .templates()
        .events()
        .filter(|event| event.kind.starts_with("dossier."))
    {
        for channel in event.channels.iter().filter(|channel| channel.is_weak()) {
            for lang in Lang::ALL {
                let text = match notices
                    .templates()
                    .render(&event.kind, *channel, lang, &values, &setting)
                    .expect("words")
                {
                    Rendered::Sms { text } => text,
                    Rendered::Push { title, text } => format!("{title} {text}"),
                    // The values are all that is sent; the words stand with Zalo.
                    Rendered::Zalo { values } => values.into_values().collect(),
                    Rendered::Email { .. } | Rendered::Letter { .. } => panic!("not a weak channel"),
                };
                looked_at += 1;
                assert!(text.contains(&dossier.code.to_string()), "{}: {text}", event.kind);
                for private in [
                    "Trần",
                    "Hoa",
                    "Tran",
                    "khai sinh",
                    "Thành Sen",
                    "Thanh Sen",
                    "0912",
                    "http",
                ] {
                    assert!(!text.contains(private), "{}: {private} in {text}", event.kind);
                }
            }
        }
    }
    assert!(looked_at > 40, "{looked_at}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dossier_that_lies_still_is_told_once_to_officer_and_leader() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let notices = notices(&province);
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let own = file(&province, &mut hoa).await;
        let desk = own.replace("/my/", "/desk/");
        act(&mut cast.desk, &desk, "receive", &[]).await;
        act(&mut cast.specialist, &desk, "claim", &[]).await;
        // A due date far away, so that no deadline speaks before.
        let id = dossier(&province, &own).await.id;
        let far = province.house.now() + SignedDuration::from_hours(24 * 60);
        let put_off = move |tx: &mut Tx| {
            tx.execute(
                "UPDATE dossier SET due_at = $1, sort_at = $1 WHERE id = $2",
                &[&far, &id],
            )
        };
        province.house.store().write(put_off).await.expect("put off");
        let days = province.house.settings().still_after_days;
        let calendar = province.house.calendar().clone();
        let claimed = dossier(&province, &own).await;
        let at = |n: i32| {
            let day = calendar.add_working_days(claimed.changed_at.local_date(), n);
            Timestamp::from_local(day.at(16, 0, 0, 0))
        };
        let n = i32::try_from(days).expect("few");
        for (on, told) in [(at(n - 1), 0), (at(n), 1), (at(n + 1), 0)] {
            province.world.set(on);
            let round = remind(&province.house, &notices).await.expect("a round");
            assert_eq!(round.told, told, "{on}");
        }
        let still = inbox(&province).await;
        assert_eq!(
            still
                .into_iter()
                .filter(|(word, _)| word.ends_with("lies-still"))
                .collect::<BTreeMap<_, _>>(),
            some(&[("minh lies-still", 1), ("thihoa lies-still", 1)])
        );
        // While another unit still has time, nobody lies still; when the applicant has the turn neither.
        let rule = |dossier: &Dossier, now| super::rules::still(dossier, &calendar, days, now).is_some();
        assert!(rule(&claimed, at(n)));
        for state in [
            State::Submitted,
            State::AwaitingSupplement,
            State::AwaitingFee,
            State::Approved,
            State::Returned,
        ] {
            assert!(
                !rule(
                    &Dossier {
                        state,
                        ..claimed.clone()
                    },
                    at(n)
                ),
                "{state}"
            );
        }
    })
    .await;
}
