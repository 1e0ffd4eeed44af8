//! Nobody tells the dead: neither what is posted after a death nor what waited at its hour.

use identity::person::death::{Death, Source, mark, prepare};
use identity::{Purpose, Role};
use uuid::Uuid;

use super::super::{Reason, State};
use super::everything;
use crate::channel::Channel;
use crate::message::Message;
use crate::testing::{MIGRATIONS, MailServer, Province, Service};

/// Marks the citizen of the tests as deceased.
async fn dies(province: &Province) {
    let person = province.person().await;
    let keys = province.identity.keys();
    let record = province
        .notices
        .store()
        .read(move |tx| identity::person::record(tx, person))
        .await
        .expect("the store reads")
        .expect("she is on record");
    let purpose = Purpose::for_system("test", Uuid::nil(), "");
    let details = identity::person::open(&keys, &purpose, &record).expect("it opens");
    let death = Death {
        on: province.world_day(),
        source: Source::Registration,
        reason: "Trích lục khai tử số 12".to_owned(),
    };
    let by = province.officer("hotich", Role::Leader).await;
    let world = province.world.as_ref();
    let prepared = prepare(&keys, world, (person, &details), &death, by).expect("a mark");
    let now = kernel::World::now(world);
    province
        .notices
        .store()
        .write(move |tx| mark(tx, &prepared, now))
        .await
        .expect("she is marked");
}

#[tokio::test]
async fn nobody_tells_the_dead() {
    let (mail, service) = (MailServer::start().await, Service::start().await);
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test, everything(&mail, &service, test.root())).await;
        province.citizen().await;
        let person = province.person().await;
        let about = |event: u128, n: u8| -> Message {
            let mut message = province.message(event, n, "sample.received");
            message.to.person = Some(person);
            message
        };
        let mails = mail.taken().len();
        assert_eq!(province.post(about(1, 1)).await, 2, "it waits for its turn");
        dies(&province).await;
        assert_eq!(province.post(about(2, 1)).await, 0, "nothing waits");
        // Somebody else of the same matter is told as before.
        assert_eq!(province.post(province.message(3, 2, "sample.received")).await, 2);
        for _ in 0..3 {
            province.minute().await;
        }
        let told: Vec<String> = mail.taken().split_off(mails).into_iter().map(|one| one.to).collect();
        assert_eq!(told, ["nguoi2@example.vn"]);
        let held = (State::Skipped, Some(Reason::Deceased));
        let stands = province.stands(Channel::Email).await;
        assert_eq!(stands, [held, held, (State::Sent, None)]);
    })
    .await;
}
