//! The pages of the gallery.
//! They refuse real data: names and numbers are examples.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use kernel::{Dong, ErrorKind, Lang};
use maud::{Markup, html};

use super::sample_world;
use super::samples::{sample_form, sample_table};
use crate::components::{self, ButtonKind, Crumb, Fact, Step, StepState, SummaryRow, Tab, TaskRow, Tone};
use crate::failure::{Failure, Reply};
use crate::form::{Errors, Kept, Values};
use crate::format;
use crate::page::Page;
use crate::shell::Shell;
use crate::submitted::Submitted;
use crate::table::{Paging, Row, TableQuery};

pub(super) async fn components_page(shell: Shell) -> Page {
    let lang = shell.lang;
    let body = html! {
        h1 { "Thành phần" }
        p.lead { "Mỗi thứ ở đây có trên một trang thật. Chữ to, ít lời, rõ việc." }
        h2 { "Nút" }
        div.row {
            (components::button_link(ButtonKind::Main, "#", "Nộp hồ sơ"))
            (components::button_link(ButtonKind::Quiet, "#", "Lưu nháp"))
            (components::button_link(ButtonKind::Danger, "#", "Rút hồ sơ"))
            (components::post_button(&shell, ButtonKind::Quiet, "/gallery/form", &[("id", "1")], "Gửi ngay"))
        }
        h2 { "Trạng thái" }
        div.row { @for (tone, words) in Tone::ALL.into_iter().zip(["còn 2 ngày", "còn 5 giờ", "quá 3 giờ", "đang thẩm định", "đã rút"]) { (components::tag(tone, words)) } }
        h2 { "Lời nhắn" }
        (components::notification(lang, Tone::Ok, "Đã lưu thay đổi."))
        (components::notification(lang, Tone::Late, "Chưa lưu được: có người vừa sửa trước bạn."))
        @for tone in Tone::ALL { (components::note(tone, "Tiếp theo", &html! { p { "Bạn không phải làm gì. Chúng tôi sẽ nhắn khi có kết quả." } })) }
        (components::warning(lang, "Sau khi rút, hồ sơ không mở lại được."))
        (components::inset(&html! { p { "Khoản 2 Điều 5: giấy tờ đã có trong cơ sở dữ liệu thì không yêu cầu nộp lại." } }))
        (components::details("Nộp thay người khác thế nào?", &html! { p { "Mang theo giấy ủy quyền, hoặc nhờ tổ công nghệ số tại quầy." } }))
        h2 { "Danh sách việc cần làm" }
        (components::task_list(&[
            TaskRow { label: "Thông tin của bạn".into(), href: Some("#".into()), hint: Some("Đã điền sẵn 9 trên 14 ô.".into()), state: (Tone::Ok, "xong".into()) },
            TaskRow { label: "Giấy tờ kèm theo".into(), href: Some("#".into()), hint: None, state: (Tone::Soon, "còn thiếu 1".into()) },
            TaskRow { label: "Gửi".into(), href: None, hint: None, state: (Tone::Plain, "chưa tới".into()) },
        ]))
        h2 { "Tóm tắt" }
        (components::summary_list(&[
            SummaryRow::new("Họ và tên", "Trần Thị Hoa").change("#", "Sửa"),
            SummaryRow::new("Địa chỉ", "Tổ 4, phường Thành Sen\ntỉnh Hà Tĩnh").change("#", "Sửa"),
            SummaryRow::new("Lệ phí", format::dong(lang, Dong::new(50_000))),
        ]))
        h2 { "Theo dõi" }
        div.two {
            (components::steps_list(lang, &sample_steps()))
            aside.card { h3 { "Biên nhận" } p.receipt { "H27.15-261122-0042" } (crate::qr::qr("https://example.vn/t/1", "Mã QR của hồ sơ")) }
        }
        h2 { "Biểu đồ" }
        div.card { (components::bar_chart(lang, "Hồ sơ xong theo tháng", &bars())) }
        h2 { "Tìm" }
        (components::search_box(lang, "/gallery", "q", "Tìm thủ tục", "Ví dụ: khai sinh, cap lai giay phep lai xe", "", None))
        h2 { "Chưa có gì" }
        div.card { (components::empty("Bạn chưa nộp hồ sơ nào.", Some(("#", "Tìm thủ tục")))) }
    };
    Page::new(&shell, "Thành phần")
        .crumbs(vec![Crumb::new("/", "Trang chủ"), Crumb::new("/gallery", "Mẫu")])
        .body(body)
}

fn sample_steps() -> Vec<Step> {
    let step = |state, title: &str, detail: &str| Step {
        state,
        title: title.to_owned(),
        detail: if detail.is_empty() {
            Markup::default()
        } else {
            html! { (detail) }
        },
    };
    vec![
        step(StepState::Done, "Đã gửi", "08:12, 20/11 · bạn tự nộp trên mạng"),
        step(
            StepState::Done,
            "Đã tiếp nhận",
            "09:40, 20/11 · chị Lan, một cửa phường Thành Sen",
        ),
        step(
            StepState::Now,
            "Đang thẩm định",
            "anh Minh, Phòng Kinh tế. Dự kiến trước 15:00 hôm nay.",
        ),
        step(StepState::Next, "Ký giấy chứng nhận", ""),
        step(StepState::Stopped, "Trả kết quả", "hạn 16:30, Thứ Hai 23/11"),
    ]
}

fn bars() -> Vec<(String, u64, String, Option<String>)> {
    [31, 24, 38, 40, 43, 45, 50]
        .iter()
        .enumerate()
        .map(|(at, n)| (format!("T{}", at + 1), *n, format!("{n}k"), Some("#".to_owned())))
        .collect()
}

pub(super) async fn form_page(shell: Shell) -> Page {
    let body =
        html! { h1 { "Đăng ký hộ kinh doanh" } (sample_form().render(&shell, &Values::none(), &Errors::none())) };
    Page::new(&shell, "Biểu mẫu").body(body)
}

pub(super) async fn form_errors(shell: Shell) -> Page {
    let form = sample_form();
    let typed = [
        ("name", "<b>Trần & \"Hoa\"</b>"),
        ("person", "123"),
        ("born-day", "31"),
        ("born-month", "2"),
        ("born-year", "1990"),
        ("phone", "abc"),
        ("who", "org"),
        ("capital", "12.34"),
        ("workers", "500"),
    ];
    let submitted = Submitted::of_texts(uuid::Uuid::nil(), &typed);
    let errors = form.parse(&submitted).err().unwrap_or_default();
    let mut values = form.typed(&submitted);
    values.set_kept(
        "papers",
        vec![Kept {
            token: "t".into(),
            name: "căn cước.pdf".into(),
            size: 340_000,
        }],
    );
    let body = html! { h1 { "Đăng ký hộ kinh doanh" } (form.render(&shell, &values, &errors)) };
    Page::new(&shell, "Biểu mẫu").errors(&errors).body(body)
}

pub(super) async fn form_post(shell: Shell, submitted: Submitted) -> Reply<Response> {
    let form = sample_form();
    let errors = match form.parse(&submitted) {
        Ok(values) => {
            let rows: Vec<SummaryRow> = values
                .names()
                .map(|n| SummaryRow::new(n, values.all(n).join(", ")))
                .collect();
            let body = html! { h1 data-draft-done { "Đã nhận" } (components::summary_list(&rows))
            ul { @for f in submitted.files() { li { (f.name) " · " (format::file_size(shell.lang, f.size)) " · " code { (f.sha256_hex()) } } } } };
            return Ok(Page::new(&shell, "Đã nhận").body(body).into_response());
        }
        Err(errors) => errors,
    };
    let body = html! { h1 { "Đăng ký hộ kinh doanh" } (form.render(&shell, &form.typed(&submitted), &errors)) };
    Ok(Page::new(&shell, "Biểu mẫu").errors(&errors).body(body).into_response())
}

/// Code, procedure, applicant, deadline, fee.
type Sample = (&'static str, &'static str, &'static str, (Tone, &'static str), i64);

const ROWS: [Sample; 4] = [
    (
        "H27.15-261120-0042",
        "Đăng ký hộ kinh doanh",
        "Trần Thị Hoa",
        (Tone::Soon, "còn 5 giờ"),
        50_000,
    ),
    (
        "H27.15-261118-0007",
        "Khai sinh",
        "Lê Văn Nam",
        (Tone::Late, "quá 3 giờ"),
        0,
    ),
    (
        "H27.15-261121-0013",
        "Xác nhận tình trạng hôn nhân",
        "Nguyễn Thu",
        (Tone::Ok, "còn 2 ngày"),
        15_000,
    ),
    (
        "H27.15-261121-0019",
        "Trợ cấp bảo trợ xã hội",
        "Phạm Thị Bảy",
        (Tone::Info, "đã dừng đồng hồ"),
        0,
    ),
];

fn sample_row(lang: Lang, (code, procedure, who, due, fee): Sample) -> Row {
    let fee = format::fee(lang, Dong::new(fee));
    let due = components::tag(due.0, due.1);
    Row::new(vec![
        html! { (code) },
        html! { (procedure) },
        html! { (who) },
        due,
        html! { (fee) },
    ])
    .link("/gallery")
}

pub(super) async fn table_page(shell: Shell, query: TableQuery) -> Page {
    let none = !query.filter("q").is_empty();
    let rows: Vec<Row> = if none {
        vec![]
    } else {
        ROWS.into_iter().map(|row| sample_row(shell.lang, row)).collect()
    };
    let paging = Paging::Numbered {
        page: query.page(),
        size: 20,
        total: if none { 0 } else { 162 },
    };
    let tab = |label: &str, n, current| Tab {
        href: "#".into(),
        label: label.into(),
        count: Some(n),
        current,
    };
    let tabs = [
        tab("Tất cả", 62, true),
        tab("Quá hạn", 1, false),
        tab("Đến hạn hôm nay", 7, false),
        tab("Chờ người dân", 9, false),
    ];
    let action = components::button_link(ButtonKind::Main, "#", "Tiếp nhận mới");
    let body = html! {
        h1 { "Việc của tôi hôm nay" }
        (components::tabs(shell.lang, "Nhóm việc", &tabs))
        (sample_table().render_with(&shell, &query, &rows, &paging, &action))
    };
    Page::new(&shell, "Danh sách việc").body(body)
}

pub(super) async fn procedure_page(shell: Shell) -> Page {
    let lang = shell.lang;
    let day = shell_date();
    let body = html! {
        h1 { "Đăng ký thành lập hộ kinh doanh" }
        (components::facts(&[
            Fact::new("Lệ phí", format::dong(lang, Dong::new(50_000))).more("100.000 đ nếu nộp tại quầy"),
            Fact::new("Có kết quả", format::long_date(lang, day)).more("3 ngày làm việc nếu nộp hôm nay"),
            Fact::new("Nơi giải quyết", "UBND phường").more("nộp được ở mọi quầy trong tỉnh"),
            Fact::new("Kết quả", "Giấy chứng nhận").more("bản điện tử có chữ ký số"),
        ]))
        div.two {
            div {
                h2 { "Bạn cần chuẩn bị" }
                ul {
                    li { b { "Giấy đề nghị đăng ký" } ", điền ngay trên trang này." }
                    li { b { "Căn cước" } ": không cần nộp, lấy từ cơ sở dữ liệu dân cư. " (components::tag(Tone::Ok, "đã có")) }
                    li { b { "Biên bản họp" } " của thành viên hộ gia đình, nếu có từ hai người. " a href="#" { "Mẫu" } }
                }
                h2 { "Các bước" }
                ol { li { "Bạn điền và gửi, mất khoảng 8 phút." } li { "Cán bộ một cửa kiểm tra trong 8 giờ làm việc." } li { "Bạn nhận giấy chứng nhận trên mạng, tại quầy hoặc qua bưu điện." } }
            }
            aside.card {
                p { b { "Nộp trên mạng" } br; span.muted { "Đã điền sẵn 9 trên 14 ô từ hồ sơ của bạn." } }
                p { a.btn href="/gallery/form" { "Bắt đầu" } }
                p.small { a href="#" { "Đặt hẹn đến quầy" } " · " a href="#" { "Nhờ tổ công nghệ số giúp" } }
            }
        }
    };
    Page::new(&shell, "Đăng ký thành lập hộ kinh doanh")
        .crumbs(vec![Crumb::new("#", "Thủ tục"), Crumb::new("#", "Doanh nghiệp")])
        .description("Lệ phí, thời hạn, giấy tờ và cách nộp.")
        .body(body)
        .public()
}

pub(super) async fn search_page(shell: Shell, query: TableQuery) -> Page {
    let typed = query.filter("q");
    let all = [
        "Đăng ký khai sinh",
        "Đăng ký kết hôn",
        "Đăng ký hộ kinh doanh",
        "Cấp phiếu lý lịch tư pháp",
    ];
    let folded = kernel::fold::fold(typed);
    let found: Vec<&str> = all
        .into_iter()
        .filter(|name| kernel::fold::fold(name).contains(&folded))
        .collect();
    let body = html! {
        h1 { "Tìm thủ tục" }
        (components::search_box(shell.lang, "/gallery/search", "q", "Tìm thủ tục", "khai sinh", typed, Some("found")))
        div #found {
            p.small.muted.near role="status" { (found.len()) " thủ tục" }
            ul { @for name in found { li { a href="/gallery/procedure" { (name) } } } }
        }
    };
    Page::new(&shell, "Tìm thủ tục").body(body).public().live()
}

fn shell_date() -> kernel::Date {
    sample_world().now().local_date()
}

pub(super) async fn error_page(Path(status): Path<u16>) -> Result<Page, Failure> {
    Err(match status {
        401 => Failure::unauthenticated(),
        403 => Failure::forbidden(),
        409 => Failure::new(ErrorKind::Conflict, "conflict"),
        410 => Failure::new(ErrorKind::Gone, "gone"),
        413 => Failure::new(ErrorKind::TooLarge, "too-large"),
        415 => Failure::new(ErrorKind::Unsupported, "unsupported"),
        422 => Failure::new(ErrorKind::Invalid, "invalid"),
        429 => Failure::new(ErrorKind::TooMany { retry_after_s: 40 }, "too-many"),
        500 => Failure::internal("the disk said no to Nguyễn Văn A"),
        503 => Failure::new(ErrorKind::Busy { retry_after_s: 5 }, "busy"),
        599 => panic!("a handler that panics"),
        _ => Failure::not_found(),
    })
}
