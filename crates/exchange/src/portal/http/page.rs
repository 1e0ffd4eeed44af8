//! The page of the simulated portal: a form that files a dossier with a paper, what it holds, and what an applicant or a ministry may do
//! to a dossier there.

use std::sync::Arc;

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use maud::{DOCTYPE, Markup, html};
use serde::Deserialize;

use super::super::state::{FiledPaper, Filing, Held, Portal};
use super::Inner;
use crate::wire::{Applicant, portal_time};

/// Dossiers that the page shows.
const SHOWN: usize = 100;

/// What is typed on the page.
#[derive(Debug, Deserialize)]
pub(super) struct Typed {
    procedure: String,
    agency: String,
    name: String,
    number: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    address: String,
    /// Words of a paper that comes with it.
    #[serde(default)]
    paper: String,
}

pub(super) async fn file(State(inner): State<Arc<Inner>>, Form(typed): Form<Typed>) -> Response {
    let filing = Filing {
        procedure: typed.procedure.trim().to_owned(),
        agency: typed.agency.trim().to_owned(),
        applicant: Applicant {
            name: typed.name.trim().to_owned(),
            number: typed.number.trim().to_owned(),
            phone: typed.phone.trim().to_owned(),
            address: typed.address.trim().to_owned(),
            ..Applicant::default()
        },
        papers: papers_of(&typed.paper),
    };
    let now = inner.world.now();
    inner.portal.lock().file(&filing, now);
    back()
}

fn back() -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, "/")]).into_response()
}

fn papers_of(words: &str) -> Vec<FiledPaper> {
    let paper = || FiledPaper {
        name: "Giấy tờ kèm theo.pdf".to_owned(),
        component: "1".to_owned(),
        bytes: pdf(words),
    };
    (!words.trim().is_empty()).then(paper).into_iter().collect()
}

/// A PDF of one line; what is not ASCII is left out.
fn pdf(words: &str) -> Vec<u8> {
    let plain = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, ' ' | '.' | ',' | '-');
    let line: String = words.chars().filter(plain).take(80).collect();
    let text = format!("BT /F1 14 Tf 60 780 Td ({line}) Tj ET");
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>".to_owned(),
        format!("<</Length {}>>stream\n{text}\nendstream", text.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
    ];
    let (mut out, mut places) = ("%PDF-1.4\n".to_owned(), Vec::new());
    for (at, object) in objects.iter().enumerate() {
        places.push(out.len());
        out.push_str(&format!("{} 0 obj{object}endobj\n", at + 1));
    }
    let start = out.len();
    out.push_str(&format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1));
    places
        .iter()
        .for_each(|place| out.push_str(&format!("{place:010} 00000 n \n")));
    let size = objects.len() + 1;
    out.push_str(&format!(
        "trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
    ));
    out.into_bytes()
}

/// What is done to a dossier.
#[derive(Debug, Deserialize)]
pub(super) struct Act {
    code: String,
    what: String,
}

/// An applicant takes a dossier back or pays, a ministry issues a result.
pub(super) async fn act(State(inner): State<Arc<Inner>>, Form(act): Form<Act>) -> Response {
    let now = inner.world.now();
    let mut portal = inner.portal.lock();
    match act.what.as_str() {
        "take-back" => {
            portal.take_back(&act.code, now);
        }
        "pay" => portal.pay(&act.code, now),
        "result" => {
            let paper = FiledPaper {
                name: "Kết quả của bộ, ngành.pdf".to_owned(),
                component: String::new(),
                bytes: pdf(&format!("Ket qua {}", act.code)),
            };
            let number = format!("KQ.G07.{:06}", portal.dossiers().len());
            portal.add_result(&act.code, &paper, &number, now);
        }
        _ => return (StatusCode::BAD_REQUEST, "?").into_response(),
    }
    back()
}

pub(super) async fn page(State(inner): State<Arc<Inner>>) -> Markup {
    let faults: Vec<&str> = inner.settings.faults.iter().map(|fault| fault.word()).collect();
    let portal = inner.portal.lock();
    html! {
        (DOCTYPE)
        html lang="vi" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Cổng quốc gia mô phỏng" }
            }
            body {
                main {
                    h1 { "Cổng dịch vụ công quốc gia (mô phỏng)" }
                    p { "Hạt giống " (inner.settings.seed) "; lỗi: " @if faults.is_empty() { "không" } @else { (faults.join(", ")) }
                        @if inner.is_out() { strong { " – đang gián đoạn" } } }
                    (form())
                    (held(&portal))
                }
            }
        }
    }
}

fn form() -> Markup {
    let field = |name: &str, label: &str, value: &str| {
        html! { p { label for=(name) { (label) } " " input id=(name) name=(name) value=(value); } }
    };
    html! {
        h2 { "Nộp hồ sơ" }
        form method="post" action="/file" {
            (field("procedure", "Mã thủ tục", "1.003677"))
            (field("agency", "Mã cơ quan", "H27.15"))
            (field("name", "Họ tên", "Trần Thị Hoa"))
            (field("number", "Số định danh", "042190300014"))
            (field("phone", "Điện thoại", "0912345678"))
            (field("address", "Địa chỉ", "Tổ 3"))
            (field("paper", "Nội dung giấy tờ kèm theo (để trống: không có)", ""))
            p { button { "Nộp" } }
        }
    }
}

fn held(portal: &Portal) -> Markup {
    html! {
        h2 { "Hồ sơ (" (portal.dossiers().len()) ")" }
        table {
            thead { tr { th scope="col" { "Mã" } th scope="col" { "Thủ tục" } th scope="col" { "Trạng thái" } th scope="col" { "Cập nhật" } th scope="col" { "Các bước" } th scope="col" { "Giấy tờ, phí, kết quả" } th scope="col" { "Làm" } } }
            tbody {
                @for (code, held) in portal.dossiers().iter().rev().take(SHOWN) {
                    tr {
                        th scope="row" { (code) }
                        td { (held.sync.procedure) }
                        td data-state=(held.state) { (held.state) }
                        td { (portal_time(held.stamp)) }
                        td { @for step in &held.steps { (step.text) "; " } (held.sync.note) }
                        td { (carried(portal, held)) }
                        td { (buttons(code)) }
                    }
                }
            }
        }
    }
}

fn carried(portal: &Portal, held: &Held) -> Markup {
    let is_here = |id: &str| portal.content(id).is_some() || portal.fetched().contains_key(id);
    let mark = |id: &str| if is_here(id) { "✓" } else { "…" };
    let carried = &held.sync.carried;
    html! {
        @for paper in &carried.papers { "Giấy tờ: " (paper.name) " " (mark(&paper.id)) "; " }
        @for fee in &carried.fees { "Phí: " (fee.name) " " (fee.amount.get()) @if fee.is_paid { " đã nộp" } @else { " chưa nộp" } "; " }
        @for result in &carried.results { "Kết quả: " (result.name) " " (result.code) " " (mark(&result.id)) "; " }
    }
}

fn buttons(code: &str) -> Markup {
    html! {
        @for (what, words) in [("take-back", "Rút"), ("pay", "Nộp phí"), ("result", "Bộ trả kết quả")] {
            form method="post" action="/act" {
                input type="hidden" name="code" value=(code);
                input type="hidden" name="what" value=(what);
                button { (words) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paper_of_the_page_is_a_whole_pdf() {
        let text = String::from_utf8(pdf("Giay (khai) sinh")).unwrap();
        assert!(text.starts_with("%PDF-1.4") && text.ends_with("%%EOF\n"), "{text}");
        let start: usize = text
            .rsplit("startxref\n")
            .next()
            .unwrap()
            .lines()
            .next()
            .unwrap()
            .parse()
            .unwrap();
        assert!(text[start..].starts_with("xref"), "{start}");
        assert!(papers_of("  ").is_empty());
    }
}
