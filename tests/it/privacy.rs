//! What a person tells the authority stays between them: after a dossier went its whole way, nothing of what was typed or
//! claimed stands in logs, metrics, addresses, events, plain columns, archives or the bytes of the database file.

use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use reqwest::StatusCode;

use crate::support::filing::{self, PDF};
use crate::support::people::citizen;
use crate::support::province::{ABSENCE, ABSENCE_CASE};
use crate::support::{Person, Province, Staff, Visitor, both};

/// Words that nobody but the applicant and her officers may read, each unlike anything else in the province.
fn secrets(person: &Person) -> Vec<String> {
    let given = person.name.split(' ').next_back().unwrap().to_owned();
    let own = [person.name.as_str(), &given, &person.number, &person.phone];
    let typed = [
        EMAIL,
        ADDRESS,
        REQUEST,
        NOTE,
        FILE,
        INSIDE,
        CHILD,
        GROUND,
        TAKEN_BY,
        "+84912640009",
        "912640009",
        "912 640 009",
    ];
    own.into_iter().chain(typed).map(str::to_owned).collect()
}

const EMAIL: &str = "zquxwert.bimat@thu.example";
const ADDRESS: &str = "Ngõ Zquxwamphora 77";
const REQUEST: &str = "Zquxwistoria xin vắng mặt để chữa bệnh";
const NOTE: &str = "Zquxwidget thiếu chữ ký của bác sĩ";
const FILE: &str = "zquxwelcome";
const INSIDE: &str = "Zquxwhisper";
const CHILD: &str = "Zquxwanda";
const GROUND: &str = "Zquxwright giấy ủy quyền số 5";
const TAKEN_BY: &str = "Zquxwolf nhận thay";

/// One dossier the whole way; every address that was asked on it.
async fn whole_way(url: &str, person: &Person, staff: &Staff) -> Vec<String> {
    let visitor = person.at(url);
    let mut addresses = Vec::new();
    let draft = filing::begin(&visitor, ABSENCE).await;
    let contact = [
        ("representation", "proxy"),
        ("applicant", "person"),
        ("represented-name", CHILD),
        ("represented-id", "042190000016"),
        ("ground", GROUND),
        ("phone", person.phone.as_str()),
        ("email", EMAIL),
        ("address", ADDRESS),
    ];
    filing::pass(&visitor, &draft, "who", &contact, "form").await;
    filing::pass(&visitor, &draft, "form", &[ABSENCE_CASE, ("request", REQUEST)], "files").await;
    let pdf = [PDF, INSIDE.as_bytes(), b"\n%%EOF\n"].concat();
    let added = filing::attach(&visitor, &draft, 0, &[(&format!("{FILE}.pdf"), &pdf)]).await;
    addresses.push(added.location());
    filing::finish(&visitor, &draft, staff.commune).await;
    let dossier = filing::send(&visitor, &draft).await;
    let id = dossier.rsplit('/').next().unwrap().to_owned();
    let (desk, specialist, leader) = (staff.desk.at(url), staff.specialist.at(url), staff.leader.at(url));
    // The number is looked for at the desk: the answer does not carry it in an address.
    let list = desk.page("/desk").await;
    let found = desk.submit(&list, "/desk", &[("q", person.number.as_str())]).await;
    assert!(found.text().contains(&id), "the desk finds her by her number");
    let officer = staff.specialist.account.to_string();
    let result = [PDF, INSIDE.as_bytes(), b"\n%%EOF\n"].concat();
    let files: &[(&str, &[u8])] = &[("ket-qua.pdf", &result)];
    let steps: [(&Visitor, &str, Vec<(&str, &str)>, &[(&str, &[u8])]); 5] = [
        (&desk, "receive", vec![("days", "3"), ("note", NOTE)], &[]),
        (&leader, "assign", vec![("officer", &officer), ("note", NOTE)], &[]),
        (
            &specialist,
            "propose",
            vec![("outcome", "granted"), ("note", NOTE)],
            files,
        ),
        (&leader, "approve", vec![("note", NOTE)], &[]),
        (
            &desk,
            "return",
            vec![("delivery", "pick-up"), ("taken-by", TAKEN_BY), ("proof", "identity")],
            &[],
        ),
    ];
    for (who, action, fields, files) in steps {
        let answer = filing::act(who, &id, action, &fields, files).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{action}: {}", answer.words());
        addresses.push(answer.location());
    }
    let page = visitor.page(&dossier).await;
    addresses.extend(
        page.text()
            .split("href=\"")
            .skip(1)
            .filter_map(|part| Some(part.split('"').next()?.to_owned())),
    );
    addresses.extend(
        found
            .text()
            .split("href=\"")
            .skip(1)
            .filter_map(|part| Some(part.split('"').next()?.to_owned())),
    );
    // A refusal and an unknown page are logged too.
    visitor.get(&format!("/desk/dossiers/{id}")).await;
    visitor.get(&format!("/khong-co/{}", person.number)).await;
    visitor.get(&format!("/track?code={}", person.number)).await;
    addresses
}

/// The first secret that a text holds.
fn leak<'a>(text: &str, secrets: &'a [String]) -> Option<&'a str> {
    let folded = text.to_lowercase();
    secrets
        .iter()
        .find(|secret| folded.contains(&secret.to_lowercase()))
        .map(String::as_str)
}

fn has_none(place: &str, text: &str, secrets: &[String]) {
    assert_eq!(leak(text, secrets), None, "in {place}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_personal_is_left_lying_about() {
    both(async |province| {
        let app = province.open_real().await;
        let person = citizen(&app, 3).await;
        let staff = Staff::of(&app).await;
        app.store.close().await;
        let secrets = secrets(&person);
        let mut server = province.start_program().await;
        let addresses = whole_way(&server.url(), &person, &staff).await;
        assert!(addresses.len() > 10);
        for address in &addresses {
            has_none("an address", address, &secrets);
        }
        let metrics = Visitor::anonymous(&server.url()).page("/metrics").await.text();
        assert!(metrics.contains("http_"), "{metrics}");
        has_none("/metrics", &metrics, &secrets);
        assert!(server.stop().success());
        let log = server.output();
        assert!(
            log.lines().filter(|line| line.starts_with('{')).count() > 3,
            "there is a log: {log}"
        );
        has_none("the log", &log, &secrets);

        let archive = province.root().join("tat-ca.tar.gz");
        assert!(
            province
                .run(&["export"], &["--out", archive.to_str().unwrap()])
                .status
                .success()
        );
        tables_hold_none(&archive, &secrets);
        files_hold_none(&province.config.data, &secrets);
        province.verify();
    })
    .await;
}

/// Every row of every table as text, and sealed bytes as they are: names, events, jobs, everything. Counted, so that an
/// empty archive proves nothing.
fn tables_hold_none(archive: &Path, secrets: &[String]) {
    use std::io::Read as _;
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(std::fs::File::open(archive).unwrap()));
    let (mut entries, mut bytes_total) = (0, 0);
    for entry in tar.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().to_string_lossy().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        entries += 1;
        bytes_total += bytes.len();
        has_none(&name, &String::from_utf8_lossy(&bytes), secrets);
        // Columns of bytes stand there in base64.
        for text in String::from_utf8_lossy(&bytes).split('"') {
            if let Ok(plain) = BASE64.decode(text) {
                has_none(&name, &String::from_utf8_lossy(&plain), secrets);
            }
        }
    }
    assert!(
        entries > 10 && bytes_total > 50_000,
        "{entries} tables, {bytes_total} bytes"
    );
}

/// The data folder byte by byte: the database file, its log, attachments.
fn files_hold_none(folder: &Path, secrets: &[String]) {
    for entry in walkdir::WalkDir::new(folder) {
        let path = entry.unwrap().into_path();
        has_none(
            "a file name",
            &path.strip_prefix(folder).unwrap().to_string_lossy(),
            secrets,
        );
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            has_none(&path.to_string_lossy(), &String::from_utf8_lossy(&bytes), secrets);
        }
    }
}

#[test]
fn a_leak_would_be_seen() {
    let person_secrets = vec!["Trần Văn".to_owned()];
    assert_eq!(leak("{\"x\":\"TRẦN VĂN A\"}", &person_secrets), Some("Trần Văn"));
    assert_eq!(leak("trần", &person_secrets), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_use_is_recorded_before_anybody_reads() {
    let province = Province::sqlite().await;
    let site = province.serve(testkit::ManualWorld::new()).await;
    let staff = Staff::of(&site.app).await;
    let person = citizen(&site.app, 4).await;
    let visitor = person.at(site.url());
    let id = filing::quick(&visitor, &person, staff.commune, "Ai đã xem?").await;
    let uses = Arc::new(visitor.page("/my/data-use").await.words());
    assert!(!uses.contains("Cán bộ motcua"));
    staff.desk.at(site.url()).page("/desk").await;
    assert!(
        !visitor.page("/my/data-use").await.words().contains("Cán bộ motcua"),
        "a masked name in a list is no use"
    );
    staff.desk.at(site.url()).page(&format!("/desk/dossiers/{id}")).await;
    let after = visitor.page("/my/data-use").await.words();
    assert!(after.contains("Cán bộ motcua"), "{after}");
    staff.stranger.at(site.url()).get(&format!("/desk/dossiers/{id}")).await;
    assert!(
        !visitor.page("/my/data-use").await.words().contains("Cán bộ xakhac"),
        "a refusal shows nothing and is no use"
    );
    site.close().await;
}
