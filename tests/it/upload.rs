//! Attachments as they come in through HTTP: judged by content, bounded in size and number, their names cleaned, their hash
//! shown, refused at once when empty or cut off; and bodies that only mean to use up memory or time.

use std::io::Write as _;

use jiff::SignedDuration;
use reqwest::{Method, StatusCode, header};
use testkit::ManualWorld;

use crate::support::filing::{self, PDF};
use crate::support::people::citizen;
use crate::support::province::{ABSENCE, ABSENCE_CASE};
use crate::support::visitor::{MULTIPART, multipart};
use crate::support::{Person, Province, Site, Visitor, html};

/// A draft that stands at its papers.
pub async fn at_papers(visitor: &Visitor, person: &Person) -> String {
    let draft = filing::begin(visitor, ABSENCE).await;
    filing::contact(visitor, &draft, &person.phone).await;
    filing::pass(
        visitor,
        &draft,
        "form",
        &[ABSENCE_CASE, ("request", "Có giấy kèm theo")],
        "files",
    )
    .await;
    draft
}

async fn begun(n: u32) -> (Province, Site, Visitor, String) {
    let province = Province::sqlite().await;
    let site = province.serve(ManualWorld::new()).await;
    let person = citizen(&site.app, n).await;
    let visitor = person.at(site.url());
    let draft = at_papers(&visitor, &person).await;
    (province, site, visitor, draft)
}

/// How many files the draft holds.
pub async fn count(visitor: &Visitor, draft: &str) -> usize {
    let page = visitor.page(&format!("{draft}/files")).await;
    html::forms(&page.text())
        .iter()
        .filter(|form| form.action.ends_with("/remove"))
        .count()
}

fn png() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.extend([0; 40]);
    bytes.extend(b"\0\0\0\0IEND\xaeB`\x82");
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_file_is_its_content_says() {
    let (_province, site, visitor, draft) = begun(1).await;
    // Wrong names and wrong declared types: taken for what they are, and named so.
    let png = png();
    let added = filing::attach(&visitor, &draft, 0, &[("ảnh chụp.exe", &png), ("giay.pdf.docx", PDF)]).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.words());
    let page = visitor.page(&format!("{draft}/files")).await.words();
    assert!(page.contains("ảnh chụp.png") && page.contains("giay.pdf.pdf"), "{page}");
    let script = b"<html><script>alert(1)</script></html>".as_slice();
    let elf = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0".as_slice();
    let zip = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".as_slice();
    let svg = b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>".as_slice();
    for (name, bytes) in [
        ("trang.pdf", script),
        ("x.pdf", elf),
        ("x.pdf", zip),
        ("anh.png", svg),
        ("x.pdf", b"MZ\x90\0\x03"),
    ] {
        let refused = filing::attach(&visitor, &draft, 0, &[(name, bytes)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(
            refused.text().contains("-error\""),
            "the reason stands beside the field: {}",
            refused.words()
        );
    }
    assert_eq!(count(&visitor, &draft).await, 2, "nothing refused was kept");
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn empty_and_cut_off_files_are_refused_at_once() {
    let (_province, site, visitor, draft) = begun(2).await;
    let png = png();
    let cut_png = &png[..png.len() - 6];
    let cut_pdf = &PDF[..PDF.len() - 8];
    let jpeg = b"\xff\xd8\xff\xe0\0\x04\0\0\xff\xda\0\x02picture".as_slice();
    let mut said = std::collections::BTreeSet::new();
    for (name, bytes) in [
        ("a.pdf", b"".as_slice()),
        ("b.png", cut_png),
        ("c.pdf", cut_pdf),
        ("d.jpg", jpeg),
        ("e.docx", b"PK\x03\x04\x14\0"),
    ] {
        let refused = filing::attach(&visitor, &draft, 0, &[(name, bytes)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        let text = refused.text();
        let reason = text
            .split("class=\"why\"")
            .nth(1)
            .and_then(|rest| rest.split("</div>").next())
            .unwrap();
        said.insert(html::words(reason).replace(name, ""));
    }
    assert!(said.len() >= 2, "empty and cut off are told apart: {said:?}");
    assert_eq!(count(&visitor, &draft).await, 0);
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn size_and_number_are_bounded() {
    let (_province, site, visitor, draft) = begun(3).await;
    let mut big = b"%PDF-1.4\n".to_vec();
    big.resize((20 << 20) + 1, b' ');
    big.extend(b"%%EOF");
    let refused = filing::attach(&visitor, &draft, 0, &[("to.pdf", &big), ("vua.pdf", PDF)]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.words().contains("20"),
        "the bound is named: {}",
        refused.words()
    );
    let one = ("t.pdf", PDF);
    let refused = filing::attach(&visitor, &draft, 0, &[one; 11]).await;
    assert!(refused.status.is_client_error(), "eleven at once: {}", refused.status);
    assert_eq!(
        count(&visitor, &draft).await,
        11,
        "what is sound is kept beside what is too large, and ten beside the eleventh"
    );
    // Forty in all: equal bytes are one blob, but each is a file.
    for many in [10, 10, 9] {
        assert_eq!(
            filing::attach(&visitor, &draft, 0, &[one; 10][..many]).await.status,
            StatusCode::SEE_OTHER
        );
    }
    assert_eq!(count(&visitor, &draft).await, 40);
    let refused = filing::attach(&visitor, &draft, 0, &[one]).await;
    assert!(refused.status.is_client_error(), "{}", refused.status);
    assert_eq!(count(&visitor, &draft).await, 40);
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_cleaned_and_sent_back_safely() {
    let (_province, site, visitor, draft) = begun(4).await;
    let names = [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\Lan\\giấy.pdf", "giấy.pdf"),
        ("con.pdf", "_con.pdf"),
        ("a\u{202e}fdp.pdf", "afdp.pdf"),
        ("tie\u{302}\u{301}ng Vie\u{323}\u{302}t.pdf", "tiếng Việt.pdf"),
        ("<img src=x>.pdf", "_img src=x_.pdf"),
        ("=cmd|calc.pdf", "=cmd_calc.pdf"),
    ];
    for (given, clean) in names {
        let added = filing::attach(&visitor, &draft, 0, &[(given, PDF)]).await;
        assert_eq!(added.status, StatusCode::SEE_OTHER, "{given}: {}", added.words());
        let page = visitor.page(&format!("{draft}/files")).await;
        assert!(
            page.words().contains(clean),
            "{given} becomes {clean}: {}",
            page.words()
        );
        assert!(!page.text().contains("<img src=x>"));
    }
    let page = visitor.page(&format!("{draft}/files")).await.text();
    for part in page.split(&format!("href=\"{draft}/files/")).skip(1) {
        let answer = visitor
            .page(&format!("{draft}/files/{}", part.split('"').next().unwrap()))
            .await;
        assert_eq!(answer.body, PDF);
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/pdf");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        let disposition = answer.headers["content-disposition"].to_str().unwrap().to_owned();
        assert!(disposition.contains("filename*=UTF-8''"), "{disposition}");
        assert!(!disposition.contains(['\r', '\n', '/', '\\']), "{disposition}");
    }
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hash_of_each_file_is_shown() {
    let (_province, site, visitor, draft) = begun(5).await;
    assert_eq!(
        filing::attach(&visitor, &draft, 0, &[("giay.pdf", PDF)]).await.status,
        StatusCode::SEE_OTHER
    );
    // Computed by a library that the program does not use for it.
    let expected = sha256(PDF);
    let page = visitor.page(&format!("{draft}/files")).await;
    assert!(page.words().contains(&expected), "{expected}: {}", page.words());
    site.close().await;
}

/// SHA-256 by the system's own tool.
fn sha256(bytes: &[u8]) -> String {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let output = std::process::Command::new("sha256sum")
        .arg(file.path())
        .output()
        .unwrap();
    String::from_utf8(output.stdout)
        .unwrap()
        .split(' ')
        .next()
        .unwrap()
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_without_the_form_token_is_not_even_read() {
    let (_province, site, visitor, draft) = begun(6).await;
    let path = format!("{draft}/files/add");
    let body = multipart(&[("component", "0")], &[("file", "a.pdf", "application/pdf", PDF)]);
    let request = visitor
        .request(Method::POST, &path)
        .header(header::CONTENT_TYPE, MULTIPART)
        .body(body);
    assert_eq!(visitor.send(request).await.status, StatusCode::FORBIDDEN);
    for (kind, body) in [
        (MULTIPART, b"--ranh-gioi-7f3a\r\nContent-Disp".to_vec()),
        ("multipart/form-data", b"--x--".to_vec()),
        ("application/octet-stream", b"%PDF".to_vec()),
    ] {
        let request = visitor
            .request(Method::POST, &path)
            .header(header::CONTENT_TYPE, kind)
            .body(body);
        let answer = visitor.send(request).await;
        assert!(answer.status.is_client_error(), "{kind}: {}", answer.status);
    }
    assert_eq!(count(&visitor, &draft).await, 0);
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_that_nobody_touches_go_away_with_their_files() {
    let province = Province::sqlite().await;
    let world = ManualWorld::new();
    let site = province.serve(world.clone()).await;
    let person = citizen(&site.app, 10).await;
    let draft = at_papers(&person.at(site.url()), &person).await;
    filing::attach(&person.at(site.url()), &draft, 0, &[("giay.pdf", PDF)]).await;
    world.advance(SignedDuration::from_hours(24 * 31));
    casework::draft::jobs::sweep(&site.app.store, kernel::World::now(world.as_ref()))
        .await
        .unwrap();
    let again = citizen(&site.app, 10).await.at(site.url());
    assert_eq!(again.get(&draft).await.status, StatusCode::NOT_FOUND);
    let erased = site
        .app
        .store
        .read(|tx| {
            tx.one("SELECT count(*) FROM blob WHERE erased_at IS NOT NULL", &[], |row| {
                row.get::<i64>(0)
            })
        })
        .await;
    assert_eq!(erased.map_err(|error: store::StoreError| error.to_string()).unwrap(), 1);
    site.close().await;
}
