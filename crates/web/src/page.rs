//! A full HTML page: head, masthead, content, foot. Pages are private and unseen by search engines unless they say
//! [`Page::public`].
//! It refuses inline scripts and styles: the Content-Security-Policy would block them anyway.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use kernel::Lang;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::assets;
use crate::components::{self, Crumb};
use crate::form::Errors;
use crate::i18n::{text, text_with};
use crate::shell::{AccountLabel, NavItem, Notice, Shell};

/// A page being made. `Page::new(&shell, "Tiêu đề").body(html! { h1 { "…" } })` is a response.
#[derive(Debug, Clone)]
pub struct Page {
    shell: Shell,
    title: String,
    description: Option<String>,
    crumbs: Vec<Crumb>,
    body: Markup,
    status: StatusCode,
    public: bool,
    wide: bool,
    live: bool,
    faulty: bool,
    manifest: Option<String>,
}

impl Page {
    /// A page with that title; the province's name is added to it.
    pub fn new(shell: &Shell, title: impl Into<String>) -> Self {
        Self {
            shell: shell.clone(),
            title: title.into(),
            description: None,
            crumbs: Vec::new(),
            body: PreEscaped(String::new()),
            status: StatusCode::OK,
            public: false,
            wide: false,
            live: false,
            faulty: false,
            manifest: None,
        }
    }

    /// The content, beginning with one `h1`.
    #[must_use]
    pub fn body(mut self, body: Markup) -> Self {
        self.body = body;
        self
    }

    /// The way from the home page to here, without this page itself.
    #[must_use]
    pub fn crumbs(mut self, crumbs: Vec<Crumb>) -> Self {
        self.crumbs = crumbs;
        self
    }

    /// Another status than 200.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// One or two sentences for search engines.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Shows the same to everybody: may be indexed, and kept by caches for a minute as long as nobody is signed in.
    #[must_use]
    pub fn public(mut self) -> Self {
        self.public = true;
        self
    }

    /// Uses the width of the window, for dense tables.
    #[must_use]
    pub fn wide(mut self) -> Self {
        self.wide = true;
        self
    }

    /// Loads htmx, for `hx-` attributes in the content.
    #[must_use]
    pub fn live(mut self) -> Self {
        self.live = true;
        self
    }

    /// May be installed as an application: the address of its manifest (W3C Web Application Manifest).
    #[must_use]
    pub fn manifest(mut self, href: impl Into<String>) -> Self {
        self.manifest = Some(href.into());
        self
    }

    /// Shows a form with errors: status 422, and the title says so, which screen readers read first.
    #[must_use]
    pub fn errors(mut self, errors: &Errors) -> Self {
        if !errors.is_empty() {
            self.faulty = true;
            self.status = StatusCode::UNPROCESSABLE_ENTITY;
        }
        self
    }

    /// The whole page as text.
    #[must_use]
    pub fn render(&self) -> Markup {
        let shell = &self.shell;
        html! {
            (DOCTYPE)
            html lang=(shell.lang.tag()) {
                (self.head())
                body {
                    a.skip href="#main" { (text(shell.lang, "web-skip")) }
                    (masthead(shell, self.wide))
                    main #main tabindex="-1" {
                        div.wrap.wide[self.wide] {
                            @if let Some(notice) = &shell.notice { (banner(shell.lang, notice)) }
                            @if !self.crumbs.is_empty() { (components::breadcrumb(shell.lang, &self.crumbs)) }
                            (self.body)
                        }
                    }
                    (foot(shell, self.wide))
                    @if let Some(clock) = &shell.session { (components::session_warning(shell, clock)) }
                }
            }
        }
    }

    fn head(&self) -> Markup {
        let (shell, lang) = (&self.shell, self.shell.lang);
        let faulty = if self.faulty {
            text(lang, "web-title-error")
        } else {
            String::new()
        };
        html! {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width,initial-scale=1";
                title { (faulty) (self.title) " – " (shell.brand.name.get(lang)) }
                @for font in assets::PRELOADED {
                    link rel="preload" href=(assets::url(font)) as="font" type="font/woff2" crossorigin;
                }
                link rel="stylesheet" href=(assets::url("tinhso.css"));
                @if let Some(colour) = shell.brand.colour {
                    link rel="stylesheet" href=(format!("/assets/{}", colour.css_name()));
                }
                link rel="icon" href=(assets::url("icon.svg")) type="image/svg+xml";
                meta name="theme-color" content="#fbfaf7" media="(prefers-color-scheme: light)";
                meta name="theme-color" content="#161412" media="(prefers-color-scheme: dark)";
                meta name="color-scheme" content="light dark";
                @if let Some(manifest) = &self.manifest { link rel="manifest" href=(manifest); }
                @if let Some(description) = &self.description { meta name="description" content=(description); }
                @if !self.public { meta name="robots" content="noindex"; }
                @if self.public { (alternates(shell)) }
                @if self.live {
                    meta name="htmx-config" content=r#"{"includeIndicatorCSS":false}"#;
                    script src=(assets::url("htmx.js")) defer {}
                }
                script src=(assets::url("tinhso.js")) defer {}
            }
        }
    }
}

/// Canonical address and the same page in the other language.
fn alternates(shell: &Shell) -> Markup {
    let origin = shell.brand.origin.as_deref().unwrap_or("");
    let query = if shell.query.is_empty() {
        String::new()
    } else {
        format!("?{}", shell.query)
    };
    html! { link rel="canonical" href=(format!("{origin}{}{query}", shell.path)); }
}

fn mark(shell: &Shell) -> Markup {
    match &shell.brand.mark_svg {
        Some(svg) => {
            use base64::Engine as _;
            let data = base64::engine::general_purpose::STANDARD.encode(svg);
            html! { img src=(format!("data:image/svg+xml;base64,{data}")) alt="" width="36" height="36"; }
        }
        None => html! {
            svg viewBox="0 0 36 36" aria-hidden="true" {
                rect width="36" height="36" rx="9" {}
                path d="M8 25c4-1 7-4 10-9 3 5 6 8 10 9M8 19c4-1 7-4 10-9 3 5 6 8 10 9" {}
            }
        },
    }
}

fn masthead(shell: &Shell, wide: bool) -> Markup {
    let lang = shell.lang;
    let current = current(&shell.nav, &shell.path);
    html! {
        header.top {
            @if let Some(phase) = &shell.brand.banner { p.phase { span.wrap.wide[wide] { (phase.get(lang)) } } }
            div.wrap.wide[wide] {
                a.mark href="/" {
                    (mark(shell))
                    span { (shell.brand.name.get(lang)) small { (shell.brand.tagline.get(lang)) } }
                }
                @if !shell.nav.is_empty() {
                    nav aria-label=(text(lang, "web-nav")) {
                        (nav_list(lang, &shell.nav, current))
                    }
                }
                div.who {
                    (language_switch(shell))
                    @match &shell.account {
                        Some(account) => (account_menu(shell, account)),
                        None => a.in href=(shell.brand.sign_in) { (text(lang, "web-sign-in")) },
                    }
                }
            }
        }
    }
}

/// How many links stand in a row before the rest goes into a menu: more than this wraps at the width of a desk.
const IN_A_ROW: usize = 5;

/// The links of the main navigation: in one row, or the first in a row and the others in a menu behind them.
fn nav_list(lang: Lang, nav: &[NavItem], current: Option<usize>) -> Markup {
    let shown = if nav.len() > IN_A_ROW { IN_A_ROW - 1 } else { nav.len() };
    let (row, rest) = nav.split_at(shown);
    html! {
        ul {
            @for (at, item) in row.iter().enumerate() {
                li { (link(lang, item, current == Some(at))) }
            }
            @if !rest.is_empty() {
                li {
                    details.drop {
                        summary.here[current.is_some_and(|at| at >= shown)] { (text(lang, "web-nav-more")) }
                        div.menu {
                            ul {
                                @for (at, item) in rest.iter().enumerate() {
                                    li { (link(lang, item, current == Some(at + shown))) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The item of the navigation whose address is the longest beginning of this path.
fn current(nav: &[NavItem], path: &str) -> Option<usize> {
    let fits = |href: &str| {
        let href = href.split(['?', '#']).next().unwrap_or(href);
        path == href || (href != "/" && path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/')))
    };
    let fitting = nav.iter().enumerate().filter(|(_, item)| fits(&item.href));
    fitting.max_by_key(|(_, item)| item.href.len()).map(|(at, _)| at)
}

fn link(lang: Lang, item: &NavItem, current: bool) -> Markup {
    html! {
        a href=(item.href) aria-current=[current.then_some("page")] {
            (item.label)
            @if let Some(count) = item.count {
                " " span.count aria-hidden=[item.counted.as_ref().map(|_| "true")] { (number_shown(lang, count)) }
                @if let Some(words) = &item.counted { span.hidden { " (" (words) ")" } }
            }
        }
    }
}

/// The number beside a link. Beyond two digits it is no longer read as a number, only as "many".
fn number_shown(lang: Lang, count: u64) -> String {
    match i64::try_from(count) {
        Ok(count) if count < 100 => crate::format::number(lang, count),
        _ => "99+".to_owned(),
    }
}

fn language_switch(shell: &Shell) -> Markup {
    let other = shell.lang.other();
    let query = if shell.query.is_empty() {
        String::new()
    } else {
        format!("{}&", shell.query)
    };
    let (name, brief) = match other {
        Lang::Vi => ("Tiếng Việt", "VI"),
        Lang::En => ("English", "EN"),
    };
    html! {
        a.lang href=(format!("{}?{query}lang={}", shell.path, other.tag())) lang=(other.tag()) hreflang=(other.tag()) rel="nofollow" {
            span.full { (name) }
            span.brief aria-hidden="true" { (brief) }
        }
    }
}

fn account_menu(shell: &Shell, account: &AccountLabel) -> Markup {
    let lang = shell.lang;
    html! {
        details.drop.account {
            summary {
                span.name { (account.name) }
                // The last word is what people are called by; telephones have room for no more.
                span.given { (account.name.rsplit(' ').next().unwrap_or("")) }
                @if let Some(role) = &account.role { span.role { " · " (role) } }
            }
            div.menu {
                @if let Some(role) = &account.role { p.small.muted { (role) } }
                @if !account.links.is_empty() {
                    ul { @for item in &account.links { li { (link(lang, item, item.href == shell.path)) } } }
                }
                form method="post" action=(account.sign_out) {
                    input type="hidden" name="_csrf" value=(shell.csrf);
                    input type="hidden" name="_once" value=(shell.once_for("sign-out"));
                    button.btn.quiet.small { (text(lang, "web-sign-out")) }
                }
            }
        }
    }
}

fn banner(lang: Lang, notice: &Notice) -> Markup {
    components::notification(lang, notice.tone, &notice.text)
}

fn foot(shell: &Shell, wide: bool) -> Markup {
    let note = shell.brand.footer_note.get(shell.lang);
    html! {
        footer.foot {
            div.wrap.wide[wide] {
                @if !note.is_empty() { p { (note) } }
                @if !shell.brand.footer.is_empty() {
                    ul { @for item in &shell.brand.footer { li { a href=(item.href) { (item.label.get(shell.lang)) } } } }
                }
                p.muted { (text_with(shell.lang, "web-foot", &[("name", shell.brand.name.get(shell.lang).into())])) }
            }
        }
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let cached =
            self.public && self.shell.account.is_none() && self.shell.notice.is_none() && self.status == StatusCode::OK;
        let mut response = (self.status, self.render()).into_response();
        let headers = response.headers_mut();
        let control = if cached {
            "public, max-age=60, must-revalidate"
        } else {
            "no-store"
        };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(control));
        headers.insert(
            header::CONTENT_LANGUAGE,
            HeaderValue::from_static(self.shell.lang.tag()),
        );
        headers.insert(header::VARY, HeaderValue::from_static("Cookie, Accept-Language"));
        response.extensions_mut().insert(crate::failure::Shown);
        response
    }
}

/// 303 to a path of this site: what a handler answers after a form was taken. Letters outside ASCII are percent-encoded.
///
/// Anything that is no plain path of this site leads to the home page instead.
#[must_use]
pub fn see_other(path: &str) -> Response {
    let inside =
        path.starts_with('/') && !path.starts_with("//") && !path.contains('\\') && !path.contains(char::is_control);
    let encode = |c: char| {
        if c.is_ascii() && c != ' ' {
            c.to_string()
        } else {
            crate::table::encode(&c.to_string())
        }
    };
    let encoded: String = if inside {
        path.chars().map(encode).collect()
    } else {
        "/".to_owned()
    };
    let target = HeaderValue::from_str(&encoded).unwrap_or(HeaderValue::from_static("/"));
    (
        StatusCode::SEE_OTHER,
        [
            (header::LOCATION, target),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ],
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gallery::sample_shell;
    use proptest::prelude::*;

    #[test]
    fn redirects_stay_on_the_site() {
        for (path, target) in [
            ("/desk?tab=late", "/desk?tab=late"),
            ("/tìm?q=a b", "/t%C3%ACm?q=a%20b"),
            ("//evil.example", "/"),
            ("https://evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/a\r\nSet-Cookie: x", "/"),
            ("", "/"),
        ] {
            assert_eq!(see_other(path).headers()[header::LOCATION], target, "{path:?}");
        }
    }

    #[test]
    fn the_deepest_item_of_the_navigation_is_current() {
        let nav = [
            NavItem::new("/", "a"),
            NavItem::new("/desk", "b"),
            NavItem::new("/desk/late", "c"),
        ];
        assert_eq!(current(&nav, "/desk/late/7"), Some(2));
        assert_eq!(current(&nav, "/desk"), Some(1));
        assert_eq!(current(&nav, "/desks"), None);
        assert_eq!(current(&nav, "/"), Some(0));
    }

    #[test]
    fn what_does_not_fit_into_a_row_goes_into_a_menu() {
        let nav: Vec<NavItem> = ["/a", "/b", "/c", "/d", "/e", "/f"]
            .map(|path| NavItem::new(path, path))
            .into();
        let row = nav_list(Lang::Vi, &nav[..5], Some(4)).into_string();
        assert!(!row.contains("<details") && row.matches("<a ").count() == 5, "{row}");
        let menu = nav_list(Lang::Vi, &nav, Some(4)).into_string();
        let (before, behind) = menu.split_once("<details").expect("a menu");
        assert_eq!((before.matches("<a ").count(), behind.matches("<a ").count()), (4, 2));
        assert!(
            behind.contains("class=\"here\"") && !before.contains("aria-current"),
            "{menu}"
        );
    }

    #[test]
    fn a_page_has_what_every_page_has() {
        let shell = sample_shell(Lang::En);
        let page = Page::new(&shell, "Desk")
            .body(html! { h1 { "Desk" } })
            .render()
            .into_string();
        for part in [
            "<html lang=\"en\">",
            "<title>Desk – Ha Tinh</title>",
            "<meta name=\"robots\" content=\"noindex\">",
            "<a class=\"skip\" href=\"#main\">",
            "<main id=\"main\" tabindex=\"-1\">",
            "rel=\"preload\"",
            "lang=vi",
        ] {
            assert!(page.contains(part), "{part} is not in {page}");
        }
        assert!(!page.contains("style=") && !page.contains("<style") && !page.contains("onclick"));
    }

    #[test]
    fn only_public_pages_without_an_account_are_cached() {
        let mut shell = sample_shell(Lang::Vi);
        let control = |page: Page| {
            page.into_response().headers()[header::CACHE_CONTROL]
                .to_str()
                .expect("ASCII")
                .to_owned()
        };
        assert_eq!(control(Page::new(&shell, "x")), "no-store");
        assert!(control(Page::new(&shell, "x").public()).starts_with("public"));
        assert_eq!(
            control(Page::new(&shell, "x").public().status(StatusCode::NOT_FOUND)),
            "no-store"
        );
        shell.account = Some(AccountLabel {
            name: "Lan".to_owned(),
            role: None,
            links: vec![],
            sign_out: "/out".to_owned(),
        });
        assert_eq!(control(Page::new(&shell, "x").public()), "no-store");
    }

    proptest! {
        #[test]
        fn no_slot_of_a_page_lets_markup_through(text in ".{0,40}") {
            let evil = format!("{text}<script>\"'><img src=x onerror=1>&{text}");
            let mut shell = sample_shell(Lang::Vi);
            shell.nav = vec![NavItem::new(evil.clone(), evil.clone())];
            shell.path.clone_from(&evil);
            shell.query.clone_from(&evil);
            shell.csrf.clone_from(&evil);
            shell.notice = Some(Notice { tone: components::Tone::Ok, text: evil.clone() });
            shell.account = Some(AccountLabel {
                name: evil.clone(),
                role: Some(evil.clone()),
                links: vec![NavItem::new(evil.clone(), evil.clone())],
                sign_out: evil.clone(),
            });
            let page = Page::new(&shell, evil.clone())
                .description(evil.clone())
                .crumbs(vec![Crumb::new(evil.clone(), evil.clone())])
                .body(components::note(components::Tone::Info, &evil, &html! { (evil) }))
                .public()
                .render()
                .into_string();
            prop_assert!(!page.contains("<script>") && !page.contains("<img src=x"), "{}", page);
        }
    }
}
