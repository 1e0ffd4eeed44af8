//! Every component in every state on a few pages, for designers and for tests of look and accessibility. Mounted by tests
//! and by the example `gallery`, never by the server.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use kernel::{Bilingual, ErrorKind, Lang, Timestamp, World};
use maud::{Markup, html};

use crate::components::{self, ButtonKind, Crumb, Fact, Step, StepState, SummaryRow, Tab, TaskRow, Tone};
use crate::csrf::{Expected, Token};
use crate::failure::{Failure, Reply};
use crate::form::{Choice, Errors, Field, FieldKind, Form, Kept, Values, Width};
use crate::i18n::Language;
use crate::page::Page;
use crate::shell::{self, AccountLabel, Brand, NavItem, Notice, SessionClock, Shell};
use crate::submitted::{FileKind, Limits, Submitted};
use crate::table::{Column, Filter, Paging, Row, Table, TableQuery};
use crate::{Frame, format};

/// A world for tests of this crate and for the gallery: a fixed time and a counter in place of chance.
#[derive(Debug, Default)]
struct SampleWorld(AtomicU64);

impl World for SampleWorld {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(1_795_406_400)
    }

    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let next = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed).to_le_bytes();
            chunk.copy_from_slice(&next[..chunk.len()]);
        }
    }
}

/// A world whose time stands still and whose chance repeats: never for a server.
#[must_use]
pub fn sample_world() -> Arc<dyn World> {
    Arc::new(SampleWorld::default())
}

/// The brand of the gallery.
#[must_use]
pub fn sample_brand() -> Brand {
    let mut brand = Brand::new(
        Bilingual::new("Hà Tĩnh", "Ha Tinh"),
        Bilingual::new("Cổng dịch vụ của tỉnh", "Services of the province"),
    );
    brand.footer_note = Bilingual::new(
        "Mọi con số trên trang này đều mở được danh sách hồ sơ phía sau và công thức tính.",
        "Every figure on this page opens the rows behind it and its formula.",
    );
    brand.footer = vec![
        NavItem::new("/gallery", "Ai đã xem dữ liệu của tôi"),
        NavItem::new("/gallery", "Trợ giúp"),
    ];
    brand
}

/// A shell for tests of markup: Vietnamese or English, somebody signed in, a fixed token.
#[must_use]
pub fn sample_shell(lang: Lang) -> Shell {
    let world = sample_world();
    let mut shell = Shell::new(
        lang,
        Arc::new(sample_brand()),
        &*world,
        &http::Uri::from_static("/gallery"),
    );
    shell.csrf = "token".to_owned();
    shell
}

const SECRET: &[u8] = b"the gallery keeps no secrets";

/// The gallery's pages below `/gallery`, framed and ready to serve.
pub fn router() -> Router {
    let world = sample_world();
    let state = (Arc::new(sample_brand()), Arc::clone(&world));
    let pages = Router::new()
        .route("/", get(|| async { crate::see_other("/gallery") }))
        .route("/gallery", get(components_page))
        .route("/gallery/form", get(form_page).post(form_post))
        .route("/gallery/form/errors", get(form_errors))
        .route("/gallery/table", get(table_page))
        .route("/gallery/procedure", get(procedure_page))
        .route("/gallery/search", get(search_page))
        .route("/gallery/error/{status}", get(error_page))
        .layer(axum::Extension(Limits::files(3, 2 << 20)))
        .layer(from_fn_with_state(state.clone(), with_shell))
        .merge(crate::openapi::routes(&crate::openapi::base("0.0.0")));
    crate::frame(pages, Frame::new(state.0, world))
}

async fn with_shell(
    State((brand, world)): State<(Arc<Brand>, Arc<dyn World>)>,
    Language(lang): Language,
    mut request: Request,
    next: Next,
) -> Response {
    let token = Token::of(SECRET);
    let mut shell = Shell::new(lang, brand, &*world, request.uri());
    shell.csrf = token.mask(&*world);
    shell.nav = vec![
        NavItem::new("/gallery", "Thành phần"),
        NavItem::new("/gallery/procedure", "Thủ tục"),
        NavItem::new("/gallery/form", "Biểu mẫu"),
        NavItem::new("/gallery/table", "Bảng").with_count(62),
        NavItem::new("/docs/api", "API"),
    ];
    if !request.uri().path().ends_with("procedure") {
        shell.account = Some(AccountLabel {
            name: "Nguyễn Thị Lan".to_owned(),
            role: Some("cán bộ một cửa, phường Thành Sen".to_owned()),
            links: vec![
                NavItem::new("/gallery", "Hồ sơ của tôi"),
                NavItem::new("/gallery", "Phiên đăng nhập"),
            ],
            sign_out: "/gallery/form".to_owned(),
        });
        shell.session = Some(SessionClock {
            ends_after_s: 900,
            warn_before_s: 120,
            renew: "/gallery".to_owned(),
        });
    }
    if request.uri().query() == Some("notice") {
        shell.notice = Some(Notice {
            tone: Tone::Ok,
            text: "Đã gửi hồ sơ H27.15-261122-0042.".to_owned(),
        });
    }
    request.extensions_mut().insert(Expected(token));
    shell::install(request.extensions_mut(), shell);
    next.run(request).await
}

async fn components_page(shell: Shell) -> Page {
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
            SummaryRow::new("Lệ phí", format::dong(lang, kernel::Dong::new(50_000))),
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

/// A form with every kind of field.
#[must_use]
pub fn sample_form() -> Form {
    let words = |vi: &str| Bilingual::vi(vi);
    let pick = |value: &str, label: &str| Choice::new(value, words(label));
    Form::new("khai", "/gallery/form")
        .section(words("Người nộp"))
        .field(
            Field::text("name", words("Họ và tên"))
                .autocomplete("name")
                .hint(words("Như trên thẻ căn cước.")),
        )
        .field(Field::new("person", words("Số định danh cá nhân"), FieldKind::PersonId))
        .field(Field::new("born", words("Ngày sinh"), FieldKind::Date { min: None, max: None }).autocomplete("bday"))
        .field(Field::new("phone", words("Số điện thoại"), FieldKind::Phone))
        .field(Field::new("email", words("Thư điện tử"), FieldKind::Email).optional())
        .field(Field::new("home", words("Nơi ở"), FieldKind::Area { provinces: true }))
        .section(words("Nội dung"))
        .field(Field::radios(
            "who",
            words("Bạn nộp cho ai"),
            vec![
                pick("self", "Cho tôi"),
                pick("other", "Cho người khác").hint(words("Cần giấy ủy quyền.")),
                pick("org", "Cho tổ chức"),
            ],
        ))
        .field(Field::new("org-tax", words("Mã số thuế"), FieldKind::TaxCode).when("who", &["org"]))
        .field(Field::select(
            "sector",
            words("Ngành nghề"),
            vec![
                pick("food", "Ăn uống").group(words("Dịch vụ")),
                pick("hair", "Cắt tóc").group(words("Dịch vụ")),
                pick("shop", "Bán lẻ"),
            ],
        ))
        .field(
            Field::new(
                "days",
                words("Ngày nhận kết quả"),
                FieldKind::Checkboxes {
                    choices: vec![pick("mon", "Thứ Hai"), pick("wed", "Thứ Tư"), pick("fri", "Thứ Sáu")],
                },
            )
            .optional(),
        )
        .field(Field::new(
            "capital",
            words("Vốn"),
            FieldKind::Dong {
                min: Some(1_000_000),
                max: None,
            },
        ))
        .field(
            Field::new(
                "workers",
                words("Số lao động"),
                FieldKind::Integer {
                    min: Some(1),
                    max: Some(100),
                    unit: Some(words("người").into()),
                },
            )
            .width(Width::W4),
        )
        .field(Field::new("online", words("Nhận kết quả trên mạng"), FieldKind::YesNo))
        .field(Field::multiline("about", words("Mô tả"), 200).optional())
        .field(Field::files(
            "papers",
            words("Giấy tờ kèm theo"),
            FileKind::PAPERS.to_vec(),
            3,
        ))
        .field(Field::new(
            "true",
            words("Tôi cam đoan nội dung trên là đúng"),
            FieldKind::Confirm,
        ))
        .with_choices(
            "home-province",
            vec![Choice::named("42", "Tỉnh Hà Tĩnh"), Choice::named("40", "Tỉnh Nghệ An")],
        )
        .with_choices(
            "home",
            vec![
                Choice::named("18073", "Phường Thành Sen"),
                Choice::named("18100", "Phường Trần Phú"),
            ],
        )
        .cancel("/gallery")
        .with_draft()
}

async fn form_page(shell: Shell) -> Page {
    let body =
        html! { h1 { "Đăng ký hộ kinh doanh" } (sample_form().render(&shell, &Values::none(), &Errors::none())) };
    Page::new(&shell, "Biểu mẫu").body(body)
}

async fn form_errors(shell: Shell) -> Page {
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

async fn form_post(shell: Shell, submitted: Submitted) -> Reply<Response> {
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

async fn table_page(shell: Shell, query: TableQuery) -> Page {
    let table = Table::new(
        "/gallery/table",
        "gallery-caption",
        vec![
            Column::new("code", "gallery-code").sortable(),
            Column::new("procedure", "gallery-procedure"),
            Column::new("applicant", "gallery-applicant"),
            Column::new("due", "gallery-due").sortable().plain_on_phones(),
            Column::new("fee", "gallery-fee").numeric(),
        ],
    )
    .filter(Filter::search("q", "gallery-find", "mã, tên, số định danh"))
    .filter(Filter::choice(
        "step",
        "gallery-step",
        vec![("1".into(), "Tiếp nhận".into()), ("2".into(), "Thẩm định".into())],
    ))
    .order("due", false)
    .export("/gallery/table.csv");
    let data = [
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
    let row = |(code, procedure, who, due, fee): &(&str, &str, &str, (Tone, &str), i64)| {
        let fee = format::fee(shell.lang, kernel::Dong::new(*fee));
        Row::new(vec![
            html! { (code) },
            html! { (procedure) },
            html! { (who) },
            components::tag(due.0, due.1),
            html! { (fee) },
        ])
        .link("/gallery")
    };
    let rows: Vec<Row> = if query.filter("q").is_empty() {
        data.iter().map(row).collect()
    } else {
        vec![]
    };
    let paging = Paging::Numbered {
        page: query.page(),
        size: 20,
        total: if rows.is_empty() { 0 } else { 162 },
    };
    let tab = |label: &str, n, current| Tab {
        href: "#".into(),
        label: label.into(),
        count: Some(n),
        current,
    };
    let action = components::button_link(ButtonKind::Main, "#", "Tiếp nhận mới");
    let body = html! {
        h1 { "Việc của tôi hôm nay" }
        (components::tabs(shell.lang, "Nhóm việc", &[tab("Tất cả", 62, true), tab("Quá hạn", 1, false), tab("Đến hạn hôm nay", 7, false), tab("Chờ người dân", 9, false)]))
        (table.render_with(&shell, &query, &rows, &paging, &action))
    };
    Page::new(&shell, "Danh sách việc").body(body)
}

async fn procedure_page(shell: Shell) -> Page {
    let lang = shell.lang;
    let day = shell_date();
    let body = html! {
        h1 { "Đăng ký thành lập hộ kinh doanh" }
        (components::facts(&[
            Fact::new("Lệ phí", format::dong(lang, kernel::Dong::new(50_000))).more("100.000 đ nếu nộp tại quầy"),
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

async fn search_page(shell: Shell, query: TableQuery) -> Page {
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

async fn error_page(Path(status): Path<u16>) -> Result<Page, Failure> {
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
