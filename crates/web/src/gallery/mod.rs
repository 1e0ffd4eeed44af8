//! Every component in every state on a few pages, for designers and for tests of look and accessibility. Mounted by tests
//! and by the example `gallery`, never by the server.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use kernel::{Bilingual, Lang, Timestamp, World};

use crate::Frame;
use crate::components::Tone;
use crate::csrf::{Expected, Token};
use crate::i18n::Language;
use crate::shell::{self, AccountLabel, Brand, FooterLink, NavItem, Notice, SessionClock, Shell};
use crate::submitted::Limits;

mod pages;
mod samples;

pub use samples::sample_form;

use pages::{components_page, error_page, form_errors, form_page, form_post, procedure_page, search_page, table_page};

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
    brand.banner = Some(Bilingual::new(
        "Trang mẫu: mọi tên đều là ví dụ.",
        "A sample: all names are examples.",
    ));
    brand.footer_note = Bilingual::new(
        "Mọi con số trên trang này đều mở được danh sách hồ sơ phía sau và công thức tính.",
        "Every figure on this page opens the rows behind it and its formula.",
    );
    brand.footer = vec![
        FooterLink {
            href: "/gallery".to_owned(),
            label: Bilingual::new("Ai đã xem dữ liệu của tôi", "Who has looked at my data"),
        },
        FooterLink {
            href: "/gallery".to_owned(),
            label: Bilingual::new("Trợ giúp", "Help"),
        },
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
