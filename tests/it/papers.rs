//! Papers end to end: the program typesets them in a child of its own, poppler reads them back, a decoder reads the code, and
//! the page that it leads to says whether the paper stands. An administrator changes a template, and a bad one changes nothing.

use std::process::Command;
use std::time::Instant;

use identity::Role;
use identity::unit::UnitKind;
use reqwest::StatusCode;
use testkit::ManualWorld;

use crate::support::people::{self, citizen, officer};
use crate::support::{Answer, Province, Site, Visitor, filing};

/// Fields of a decision.
const DECISION: [(&str, &str); 7] = [
    ("kind", "decision"),
    ("about", "Về việc xác nhận đi làm xa"),
    ("grounds", "Căn cứ Luật Cư trú\nXét hồ sơ"),
    (
        "articles",
        "Xác nhận nội dung hồ sơ.\nQuyết định này có hiệu lực kể từ ngày ký./.",
    ),
    ("recipients", "Như Điều 1\nLưu: VT"),
    ("authority", ""),
    ("office", "Chủ tịch"),
];

/// Issues the result of an approved dossier as its leader.
pub async fn issue_result(leader: &Visitor, id: &str) {
    let path = format!("/desk/dossiers/{id}/result");
    let page = leader.page(&path).await;
    let answer = leader.submit(&page, &path, &DECISION).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.words());
}

/// What a PDF says.
fn words(pdf: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pdf");
    std::fs::write(&path, pdf).unwrap();
    let output = Command::new("pdftotext")
        .arg("-layout")
        .arg(&path)
        .arg("-")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Presses the button that prints a form on a page; gives the PDF.
async fn print(visitor: &Visitor, page: &str, form: &str) -> Answer {
    let shown = visitor.page(page).await;
    let forms = crate::support::html::forms(&shown.text());
    let is_it = |one: &&crate::support::html::FormOnPage| one.hidden.contains(&("form".to_owned(), form.to_owned()));
    let button = forms
        .iter()
        .find(is_it)
        .unwrap_or_else(|| panic!("{form} is not offered: {}", shown.words()));
    let to = visitor.upload(button, &[], &[]).await.location();
    visitor.page(&to).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_and_a_decision_are_printed_and_verified() {
    crate::support::both(async |province| {
        let (site, staff) = Site::staffed(province, ManualWorld::new()).await;
        let person = citizen(&site.app, 1).await;
        let (desk, specialist, leader) = (
            staff.desk.at(site.url()),
            staff.specialist.at(site.url()),
            staff.leader.at(site.url()),
        );
        let hers = person.at(site.url());
        let id = filing::quick(&hers, &person, staff.commune, "Đi làm xa")
            .await
            .to_string();
        let page = format!("/desk/dossiers/{id}");
        filing::act(&desk, &id, "receive", &[("days", "3")], &[]).await;

        // The second paper comes from a warm child; what the first one costs is told too.
        for name in ["receipt", "control-slip"] {
            let began = Instant::now();
            let paper = print(&desk, &page, name).await;
            eprintln!("{name}: {:?} with its pages", began.elapsed());
            let text = words(&paper.body);
            for expected in ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Mã xác minh"] {
                assert!(text.contains(expected), "{expected}: {text}");
            }
        }
        let receipt = print_again(&desk, &page, &person.name).await;
        assert!(words(&receipt.body).contains(&person.name), "{}", words(&receipt.body));

        let officer = staff.specialist.account.to_string();
        filing::act(&leader, &id, "assign", &[("officer", &officer)], &[]).await;
        filing::act(&specialist, &id, "propose", &[("outcome", "granted")], &[]).await;
        filing::act(&leader, &id, "approve", &[], &[]).await;
        issue_result(&leader, &id).await;
        let own = hers.page(&format!("/my/dossiers/{id}")).await.text();
        let at = own.find("/verify/").unwrap();
        let address = own[at..].split('"').next().unwrap().to_owned();
        let nobody = site.visitor();
        let shown = nobody.page(&address).await;
        assert!(shown.words().contains("Giấy này còn giá trị"), "{}", shown.words());
        assert!(!shown.words().contains(&person.name) && !shown.text().contains(&person.number));
        site.close().await;
        province.verify();
    })
    .await;
}

/// Fills in a form on its page.
async fn fill(visitor: &Visitor, path: &str, fields: &[(&str, &str)]) -> Answer {
    let page = visitor.page(path).await;
    visitor.submit(&page, path, fields).await
}

/// The receipt that was printed already, by its link.
/// The paper of a dossier that names somebody, printed a second time.
async fn print_again(desk: &Visitor, page: &str, named: &str) -> Answer {
    let shown = desk.page(page).await.text();
    for rest in shown.split("href=\"/desk/papers/").skip(1) {
        let id = rest.split('"').next().unwrap();
        let paper = desk.page(&format!("/desk/papers/{id}")).await;
        if words(&paper.body).contains(named) {
            return paper;
        }
    }
    panic!("no paper names {named}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_province_changes_a_template_and_a_bad_one_changes_nothing() {
    let province = Province::sqlite().await;
    let (site, _) = Site::staffed(&province, ManualWorld::new()).await;
    let root = people::units_of(&site.app, UnitKind::Province)[0];
    let admin = officer(&site.app, "quantri-mau", Role::Admin, root)
        .await
        .at(site.url());
    let path = "/admin/templates/receipt";
    let source = crate::support::html::textareas(&admin.page(path).await.text()).remove(0);
    let source = crate::support::html::unescape(&source);

    let bad = source.replacen("#title(", "#titel(", 1);
    let answer = fill(&admin, path, &[("source", &bad), ("note", ""), ("do", "save")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.words().contains("receipt.typ, dòng 6, cột 2") && answer.words().contains("unknown variable: titel"),
        "{}",
        answer.words()
    );
    let thief = format!("{source}\n#read(\"/etc/passwd\")");
    let answer = fill(&admin, path, &[("source", &thief), ("note", ""), ("do", "preview")]).await;
    assert!(
        answer.words().contains("there is no such file here"),
        "{}",
        answer.words()
    );

    let ours = format!("{source}\n#par(\"Tỉnh Hà Tĩnh phục vụ nhân dân\")");
    let answer = fill(
        &admin,
        path,
        &[("source", &ours), ("note", "Công văn 12"), ("do", "preview")],
    )
    .await;
    assert!(words(&answer.body).contains("Tỉnh Hà Tĩnh phục vụ nhân dân"));
    let answer = fill(
        &admin,
        path,
        &[("source", &ours), ("note", "Công văn 12"), ("do", "save")],
    )
    .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.words());
    let sample = admin.page("/admin/templates/receipt/sample.pdf").await;
    assert!(words(&sample.body).contains("Tỉnh Hà Tĩnh phục vụ nhân dân"));
    site.close().await;
}
