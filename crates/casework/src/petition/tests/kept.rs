//! Files of a petition whose form had a fault: kept for who sent them and for nobody else, taken off one by one, taken over once,
//! let go of after a day.

use identity::Role;
use identity::session::Level;
use kernel::{SignedDuration, World};

use super::{REPORT, STORY, file_of, officer};
use crate::testing::{Answer, MIGRATIONS, PNG, Province, hidden};

/// Which of the kept files a page has ticked, by name: token and name.
fn kept_on(page: &Answer) -> Vec<(String, String)> {
    let boxes = page.body.split("name=\"kept-file\"").skip(1);
    let read = boxes.map(|rest| {
        let token = rest.split("value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let name = rest.split("<b>").nth(1).and_then(|rest| rest.split('<').next());
        (token.expect("a token").to_owned(), name.expect("a name").to_owned())
    });
    let mut all: Vec<(String, String)> = read.collect();
    all.sort_by(|one, other| one.1.cmp(&other.1));
    all
}

async fn count(test: &testkit::TestStore, sql: &'static str) -> i64 {
    let found = test.store().read(move |tx| tx.one(sql, &[], |row| row.get(0))).await;
    found.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_chosen_survives_a_fault_and_can_be_taken_off() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let account = province.citizen("042190001234", "Trần Thị Hoa").await;
        let mut hoa = province.browser(account, Level::Oidc).await;
        let other = province.citizen("042190000016", "Lê Văn Khác").await;
        let mut other = province.browser(other, Level::Oidc).await;
        let commune = province.commune.to_string();
        let begin = "/my/petitions/new";
        let led = hoa.post(begin, begin, REPORT).await.expect(200);
        let form = hidden(&led.body, "kept-with");
        let mut fields = vec![
            ("against", commune.as_str()),
            ("target", "officer"),
            ("subject", "Đòi tiền khi nhận giấy"),
            ("phone", "0912345678"),
            ("address", "Tổ 3, phường Thành Sen"),
            ("kept-with", form.as_str()),
        ];
        fields.extend_from_slice(REPORT);
        let files: [(&str, &str, &[u8]); 3] = [
            ("file", "Thư.png", PNG),
            ("file", "Giấy biên nhận.png", PNG),
            ("file", "virus.exe", b"MZ\x90\0\x03"),
        ];
        // The story is missing and one file is none: the two good ones are kept.
        let page = hoa
            .send_form(&led.body, "/my/petitions", &fields, &files)
            .await
            .expect(422);
        page.says("virus.exe");
        let kept = kept_on(&page);
        let names: Vec<&str> = kept.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, ["Giấy biên nhận.png", "Thư.png"]);
        assert_eq!(hidden(&page.body, "kept-with"), form, "the page still knows its form");
        // Nobody's name stands beside them, and nobody else finds them by the number of the form.
        let led = other.post(begin, begin, REPORT).await.expect(200);
        let tokens: Vec<(&str, &str)> = kept.iter().map(|(token, _)| ("kept-file", token.as_str())).collect();
        let stolen = [fields.as_slice(), &tokens].concat();
        let answer = other
            .send_form(&led.body, "/my/petitions", &stolen, &[])
            .await
            .expect(422);
        assert_eq!(kept_on(&answer), []);
        // One is taken off and one more is chosen: one fault more, and still nothing is lost.
        let again = [fields.as_slice(), &tokens[1..]].concat();
        let files: [(&str, &str, &[u8]); 1] = [("file", "Ảnh.png", PNG)];
        let page = hoa
            .send_form(&page.body, "/my/petitions", &again, &files)
            .await
            .expect(422);
        let kept = kept_on(&page);
        let names: Vec<&str> = kept.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, ["Thư.png", "Ảnh.png"]);
        // Sent whole, and sent twice: the petition has both files, and the form holds nothing any more.
        let tokens: Vec<(&str, &str)> = kept.iter().map(|(token, _)| ("kept-file", token.as_str())).collect();
        let whole = [fields.as_slice(), &[("story", STORY)], &tokens].concat();
        let sent = hoa
            .send_form(&page.body, "/my/petitions", &whole, &[])
            .await
            .expect(303);
        let twice = hoa
            .send_form(&page.body, "/my/petitions", &whole, &[])
            .await
            .expect(303);
        assert_eq!(sent.location, twice.location);
        let own = hoa.get(&sent.location).await.expect(200);
        own.says("Thư.png").says("Ảnh.png").hides("Giấy biên nhận");
        hoa.get(&file_of(&own).expect("a link")).await.expect(200);
        assert_eq!(count(test, "SELECT count(*) FROM kept_file").await, 0);
        assert_eq!(count(test, "SELECT count(*) FROM dossier_file").await, 2);
        let adders: Vec<uuid::Uuid> = test
            .store()
            .read(|tx| tx.all("SELECT DISTINCT added_by FROM dossier_file", &[], |row| row.get(0)))
            .await
            .unwrap();
        assert_eq!(adders, [uuid::Uuid::nil()], "who added it would say who denounces");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_takes_over_goes_after_a_day() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut lan = officer(&province, "lan", Role::Desk, province.desk).await;
        let begin = "/desk/petitions/new";
        let led = lan.post(begin, begin, &[("want", "suggest")]).await.expect(200);
        let form = hidden(&led.body, "kept-with");
        let fields = [("want", "suggest"), ("kept-with", form.as_str()), ("name", "Lê Văn Lạ")];
        let files: [(&str, &str, &[u8]); 1] = [("file", "Đơn.png", PNG)];
        let page = lan
            .send_form(&led.body, "/desk/petitions", &fields, &files)
            .await
            .expect(422);
        assert_eq!(kept_on(&page).len(), 1);
        let sweep = async || {
            let gone = crate::file::kept::sweep(test.store(), province.world.now()).await;
            (gone.unwrap(), count(test, "SELECT count(*) FROM dossier_file").await)
        };
        province.world.advance(SignedDuration::from_hours(23));
        assert_eq!(sweep().await, (0, 1));
        province.world.advance(SignedDuration::from_hours(2));
        assert_eq!(sweep().await, (1, 0));
        assert_eq!(
            count(test, "SELECT count(*) FROM blob WHERE erased_at IS NULL").await,
            0
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_file_that_is_gone_is_told_and_nothing_is_filed_without_it() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let account = province.citizen("042190001234", "Trần Thị Hoa").await;
        let mut hoa = province.browser(account, Level::Oidc).await;
        let commune = province.commune.to_string();
        let begin = "/my/petitions/new";
        let led = hoa.post(begin, begin, REPORT).await.expect(200);
        let form = hidden(&led.body, "kept-with");
        let mut fields = vec![
            ("against", commune.as_str()),
            ("target", "officer"),
            ("subject", "Đòi tiền khi nhận giấy"),
            ("phone", "0912345678"),
            ("address", "Tổ 3, phường Thành Sen"),
            ("kept-with", form.as_str()),
        ];
        fields.extend_from_slice(REPORT);
        let photo: [(&str, &str, &[u8]); 1] = [("file", "Ảnh.png", PNG)];
        let page = hoa
            .send_form(&led.body, "/my/petitions", &fields, &photo)
            .await
            .expect(422);
        let kept = kept_on(&page);
        // She comes back when its day is over.
        let later = province.world.now() + SignedDuration::from_hours(25);
        assert_eq!(crate::file::kept::sweep(test.store(), later).await.unwrap(), 1);
        let whole = [
            fields.as_slice(),
            &[("story", STORY), ("kept-file", kept[0].0.as_str())],
        ]
        .concat();
        let told = hoa
            .send_form(&page.body, "/my/petitions", &whole, &[])
            .await
            .expect(422);
        told.says("Hãy đính kèm lại").says("Đòi tiền khi nhận giấy").says(STORY);
        assert_eq!(kept_on(&told), []);
        assert_eq!(
            count(test, "SELECT count(*) FROM petition").await,
            0,
            "nothing is filed without it"
        );
        let again = [fields.as_slice(), &[("story", STORY)]].concat();
        let sent = hoa
            .send_form(&told.body, "/my/petitions", &again, &photo)
            .await
            .expect(303);
        hoa.get(&sent.location).await.expect(200).says("Ảnh.png");
    })
    .await;
}
