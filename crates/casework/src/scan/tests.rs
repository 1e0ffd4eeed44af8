//! The scanner: a loopback server speaks clamd's protocol; files wait, are let through, or are thrown out. On both engines.

use std::net::SocketAddr;
use std::time::Duration;

use identity::session::Level;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::{Address, ScanError, Scanner, jobs, store as table};
use crate::dossier::FileId;
use crate::testing::{MIGRATIONS, PNG, Province, hidden};

/// How the server of a test behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    /// Answers as clamd does; what holds the mark is infected.
    Sound,
    /// Refuses everything as too large, and hangs up at once.
    TooLarge,
    /// Says nothing and keeps the line open.
    Silent,
}

/// The mark that the test's server takes for a virus, in place of a real signature.
const MARK: &[u8] = b"TINHSO-TEST-VIRUS";

async fn clamd(mood: Mood) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut command = Vec::new();
                while socket.read_u8().await.map(|byte| command.push(byte)).is_ok() && command.last() != Some(&0) {}
                if command == b"zPING\0" {
                    let _ = socket.write_all(b"PONG\0").await;
                    return;
                }
                assert_eq!(command, b"zINSTREAM\0");
                if mood == Mood::TooLarge {
                    let _ = socket.write_all(b"INSTREAM size limit exceeded. ERROR\0").await;
                    return;
                }
                let mut bytes = Vec::new();
                loop {
                    let length = socket.read_u32().await.expect("a length");
                    if length == 0 {
                        break;
                    }
                    let mut piece = vec![0; length as usize];
                    socket.read_exact(&mut piece).await.expect("a piece");
                    bytes.extend(piece);
                }
                if mood == Mood::Silent {
                    tokio::time::sleep(Duration::from_secs(60)).await;
                }
                let found = bytes.windows(MARK.len()).any(|window| window == MARK);
                let said: &[u8] = if found {
                    b"stream: Test.Virus FOUND\0"
                } else {
                    b"stream: OK\0"
                };
                let _ = socket.write_all(said).await;
            });
        }
    });
    address
}

fn scanner(address: SocketAddr) -> Scanner {
    Scanner::new(Address::Tcp(address)).patience(Duration::from_millis(700))
}

/// A picture that holds the mark behind its end.
fn marked() -> Vec<u8> {
    [PNG, MARK].concat()
}

#[test]
fn addresses_are_read() {
    assert!(matches!("unix:/run/clamav/clamd.ctl".parse(), Ok(Address::Unix(_))));
    assert!(matches!("tcp:127.0.0.1:3310".parse(), Ok(Address::Tcp(_))));
    for wrong in ["", "unix:relative", "tcp:localhost:3310", "http://x"] {
        assert!(
            matches!(wrong.parse::<Address>(), Err(ScanError::Address(_))),
            "{wrong}"
        );
    }
}

async fn waiting(province: &Province) -> Vec<FileId> {
    let late = province.house.now() + kernel::SignedDuration::from_hours(1);
    province
        .house
        .store()
        .read(move |tx| table::waiting_since(tx, late, 50))
        .await
        .expect("read")
}

/// Sends a file for the first paper of a draft.
async fn add(browser: &mut crate::testing::Browser, files: &str, file: (&str, &[u8])) {
    let page = browser.get(files).await.expect(200).body;
    let component = hidden(&page, "component");
    let to = format!("{files}/add");
    let fields = [("component", component.as_str())];
    browser.upload(files, &to, &fields, &[file]).await.expect(303);
}

/// A citizen's draft before its papers; gives the address of the step.
async fn draft(browser: &mut crate::testing::Browser) -> String {
    let start = "/procedures/1.001193/start";
    let who = browser.post(start, start, &[]).await.expect(303).location;
    let contact = [
        ("representation", "own"),
        ("applicant", "person"),
        ("phone", "0912345678"),
        ("address", "Tổ 3"),
        ("email", ""),
    ];
    let form = browser.post(&who, &who, &contact).await.expect(303).location;
    let child = [
        ("child-name", "Lê An"),
        ("child-birthday-day", "1"),
        ("child-birthday-month", "11"),
        ("child-birthday-year", "2026"),
        ("child-sex", "female"),
        ("child-birthplace", "Bệnh viện tỉnh"),
        ("mother-name", "Trần Thị Hoa"),
    ];
    browser.post(&form, &form, &child).await.expect(303).location
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_waits_until_it_is_clean_and_goes_when_it_is_not() {
    testkit::engines(MIGRATIONS, async |test| {
        let address = clamd(Mood::Sound).await;
        let province = Province::with_scanner(test, scanner(address)).await;
        let hoa = province.citizen("042190001234", "Trần Thị Hoa").await;
        let mut hoa = province.browser(hoa, Level::Oidc).await;
        let files = draft(&mut hoa).await;
        add(&mut hoa, &files, ("sạch.png", PNG)).await;
        add(&mut hoa, &files, ("lạ.png", &marked())).await;
        hoa.get(&files).await.expect(200).says("đang kiểm tra mã độc");
        let ids = waiting(&province).await;
        assert_eq!(ids.len(), 2);
        for id in &ids {
            hoa.get(&format!("{files}/{id}"))
                .await
                .expect(503)
                .says("đang được kiểm tra");
        }
        for id in &ids {
            jobs::check(&province.house, *id).await.expect("the scanner answers");
            assert_eq!(jobs::check(&province.house, *id).await.expect("nothing to do"), None);
        }
        hoa.get(&files)
            .await
            .expect(200)
            .says("có mã độc, đã bỏ")
            .says("gửi lại một bản khác")
            .hides("đang kiểm tra mã độc");
        let mut answers = Vec::new();
        for id in &ids {
            answers.push(hoa.get(&format!("{files}/{id}")).await.status.as_u16());
        }
        answers.sort_unstable();
        assert_eq!(answers, [200, 410], "the clean one opens, the other is gone");
        let logged = test
            .store()
            .read(|tx| identity::audit::newest_of(tx, "file.infected"))
            .await;
        let detail = logged.expect("read").expect("an entry").detail;
        assert_eq!(detail.get("signature").map(String::as_str), Some("Test.Virus"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_required_paper_that_was_thrown_out_is_missing_again() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::with_scanner(test, scanner(clamd(Mood::Sound).await)).await;
        let hoa = province.citizen("042190001234", "Trần Thị Hoa").await;
        let mut hoa = province.browser(hoa, Level::Oidc).await;
        let files = draft(&mut hoa).await;
        add(&mut hoa, &files, ("lạ.png", &marked())).await;
        for id in waiting(&province).await {
            jobs::check(&province.house, id).await.expect("the scanner answers");
        }
        hoa.post(&files, &files, &[]).await.expect(422).says("Giấy chứng sinh");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scanner_that_is_gone_silent_or_refuses_leaves_the_file_in_quarantine() {
    testkit::engines(MIGRATIONS, async |test| {
        let gone = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let nobody = gone.local_addr().expect("an address");
        drop(gone);
        let province = Province::with_scanner(test, scanner(nobody)).await;
        let hoa = province.citizen("042190001234", "Trần Thị Hoa").await;
        let mut hoa = province.browser(hoa, Level::Oidc).await;
        let files = draft(&mut hoa).await;
        add(&mut hoa, &files, ("a.png", PNG)).await;
        let id = waiting(&province).await[0];
        jobs::check(&province.house, id).await.expect_err("nobody listens");
        for mood in [Mood::TooLarge, Mood::Silent] {
            let other = province.rescanned(scanner(clamd(mood).await));
            jobs::check(&other, id).await.expect_err("no verdict");
        }
        assert_eq!(waiting(&province).await, [id], "still in quarantine");
        let rows = test.store().read(|tx| table::open_rows(tx, 9)).await.expect("read");
        assert_eq!(rows[0].attempts, 3, "each try is written down");
        hoa.get(&format!("{files}/{id}")).await.expect(503);
        let again = province.rescanned(scanner(clamd(Mood::Sound).await));
        jobs::check(&again, id).await.expect("it is back");
        hoa.get(&format!("{files}/{id}")).await.expect(200);
    })
    .await;
}
