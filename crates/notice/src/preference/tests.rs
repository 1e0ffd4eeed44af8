//! Wishes: what is ticked is what is sent, addresses are sealed and one's own, browsers listen and stop.
//! The pages are walked without scripts.

use identity::Role;
use identity::session::Level;

use super::rules::{ticked, wishes};
use crate::channel::Channel;
use crate::config::Config;
use crate::testing::{MIGRATIONS, MailServer, Province, Service};

const P256DH: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

#[test]
fn ticks_and_wishes_say_the_same() {
    let offered = [Channel::Email, Channel::Sms, Channel::Letter];
    for chosen in [
        vec![],
        vec![Channel::Email],
        vec![Channel::Sms, Channel::Letter],
        offered.to_vec(),
    ] {
        let (off, on) = wishes(&offered, &chosen);
        assert_eq!(ticked(&offered, &off, &on), chosen);
    }
    // Who never chose has what is usual.
    assert_eq!(ticked(&offered, &[], &[]), [Channel::Email, Channel::Sms]);
    // What is not offered cannot be chosen.
    assert_eq!(
        wishes(&[Channel::Email], &[Channel::Email, Channel::Sms]),
        (vec![], vec![Channel::Email])
    );
}

#[tokio::test]
async fn a_citizen_chooses_how_she_is_told() {
    let mail = MailServer::start().await;
    let service = Service::start().await;
    testkit::engines(MIGRATIONS, async |test| {
        let config = Config {
            email: Some(mail.config()),
            sms: Some(service.gateway(test.root())),
            push: Some(service.push(test.root(), test.world().as_ref())),
            letter: true,
            ..Config::default()
        };
        let province = Province::on(test, config).await;
        let account = province.citizen().await;
        let mut browser = province.browser(account, Level::Oidc).await;
        let page = "/notices/settings";
        browser
            .get(page)
            .await
            .expect(200)
            .says("Tin nhắn SMS")
            .says("Thư giấy")
            .says("data-push-key");
        let fields = [
            ("lang", "en"),
            ("channels", "email"),
            ("channels", "letter"),
            ("email", "toi@example.vn"),
            ("phone", ""),
        ];
        browser.post(page, page, &fields).await.expect(303);
        browser
            .get(page)
            .await
            .expect(200)
            .says("toi@example.vn")
            .says("Đã lưu");
        let faulty = [
            ("lang", "vi"),
            ("channels", "sms"),
            ("email", "không phải thư"),
            ("phone", "12"),
        ];
        browser
            .post(page, page, &faulty)
            .await
            .expect(422)
            .says("không phải thư")
            .says("value=\"12\"");
        // The address is nowhere in the clear, and it is used for what comes next.
        let clear = province
            .count("SELECT count(*) FROM notice_preference WHERE contact IS NOT NULL")
            .await;
        assert_eq!(clear, 1);
        let mut message = province.message(1, 1, "sample.received");
        message.to.account = Some(account);
        message.to.person = Some(province.person().await);
        assert_eq!(
            province.post(message).await,
            2,
            "e-mail and the letter that she asked for"
        );
        province.notices.pump(Channel::Email).await.unwrap();
        let taken = mail.taken();
        let last = taken.last().unwrap();
        assert_eq!(last.to, "toi@example.vn");
        assert!(last.text().contains("What happens next"), "{}", last.text());
        assert_eq!(
            province
                .count("SELECT count(*) FROM data_use WHERE who = 'notice.send'")
                .await,
            1
        );
        browsers_listen(&province, &mut browser, &service).await;
    })
    .await;
}

async fn browsers_listen(province: &Province, browser: &mut crate::testing::Browser, service: &Service) {
    let page = "/notices/settings";
    let endpoint = format!("http://{}/wpush/secret-of-one", service.address);
    for (endpoint, p256dh, auth) in [
        ("https://evil.example/x", P256DH, AUTH),
        (endpoint.as_str(), "AAAA", AUTH),
        (endpoint.as_str(), P256DH, "AAAA"),
        ("", "", ""),
    ] {
        let fields = [("endpoint", endpoint), ("p256dh", p256dh), ("auth", auth)];
        browser.post(page, "/notices/push", &fields).await.expect(422);
    }
    for _ in 0..2 {
        let fields = [("endpoint", endpoint.as_str()), ("p256dh", P256DH), ("auth", AUTH)];
        browser.post(page, "/notices/push", &fields).await.expect(303);
    }
    assert_eq!(
        province.count("SELECT count(*) FROM notice_device").await,
        1,
        "the same browser is one"
    );
    let account = province.citizen().await;
    let mut message = province.message(2, 1, "sample.received");
    message.to.account = Some(account);
    province.post(message).await;
    let before = service.taken().len();
    province.notices.pump(Channel::Push).await.unwrap();
    let asked = service.taken().split_off(before);
    assert_eq!(asked.len(), 1);
    let header = |name: &str| asked[0].headers.get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!(asked[0].path, "/wpush/secret-of-one");
    assert_eq!(header("content-encoding"), "aes128gcm");
    assert!(header("authorization").starts_with("vapid t="));
    let plain = String::from_utf8(crate::channel::push::encrypt::decrypt_sample(&asked[0].body)).unwrap();
    assert!(
        plain.contains("H27.15-261118-0002") && plain.contains("/my/dossiers/"),
        "{plain}"
    );
    for private in ["Hoa", "Thành Sen", "0912", "example.vn"] {
        assert!(!plain.contains(private), "{private} is in {plain}");
    }
    // A browser that is gone is forgotten, and the delivery says so.
    service.answer(410, "");
    let mut message = province.message(3, 1, "sample.received");
    message.to.account = Some(account);
    province.post(message).await;
    province.notices.pump(Channel::Push).await.unwrap();
    assert_eq!(province.count("SELECT count(*) FROM notice_device").await, 0);
    let (state, reason) = *province.stands(Channel::Push).await.last().unwrap();
    assert_eq!(
        (state.word(), reason.map(|reason| reason.word())),
        ("failed", Some("devices-gone"))
    );
}

#[tokio::test]
async fn an_officer_gives_an_address_and_no_telephone() {
    let mail = MailServer::start().await;
    let service = Service::start().await;
    testkit::engines(MIGRATIONS, async |test| {
        let config = Config {
            email: Some(mail.config()),
            sms: Some(service.gateway(test.root())),
            ..Config::default()
        };
        let province = Province::on(test, config).await;
        let account = province.officer("thilan", Role::Desk).await;
        let mut browser = province.browser(account, Level::PasswordTotp).await;
        let page = "/notices/settings";
        browser
            .get(page)
            .await
            .expect(200)
            .hides("Tin nhắn SMS")
            .hides("name=\"phone\"");
        let fields = [
            ("lang", "vi"),
            ("channels", "email"),
            ("email", "thilan@hatinh.example"),
        ];
        browser.post(page, page, &fields).await.expect(303);
        let mut message = province.message(5, 92, "sample.urgent");
        message.to = crate::Recipient::account(account, None);
        province.post(message).await;
        province.notices.pump(Channel::Email).await.unwrap();
        assert_eq!(mail.taken().last().unwrap().to, "thilan@hatinh.example");
        province.stranger().get(page).await.expect(303);
        province
            .stranger()
            .get("/notices/worker.js")
            .await
            .expect(200)
            .says("showNotification");
        province
            .stranger()
            .get("/notices/push.js")
            .await
            .expect(200)
            .says("pushManager");
    })
    .await;
}
