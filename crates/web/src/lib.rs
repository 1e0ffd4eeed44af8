//! The page shell, components, forms and tables from a schema, translations, error pages, uploads, security headers and
//! static assets. Every page of the program is made here and looks like one house.
//! It refuses to know a user, a table or a noun of government: who asks is put into [`Shell`] by `identity`.
//! Standards: WCAG 2.2 AA, RFC 9457 (problem details), RFC 9110 (HTTP), OpenAPI 3.1.

pub mod assets;
pub mod cache;
pub mod client;
pub mod components;
pub mod csrf;
pub mod download;
pub mod failure;
pub mod form;
pub mod format;
pub mod frame;
pub mod gallery;
pub mod i18n;
pub mod json;
pub mod limit;
mod linger;
pub mod openapi;
pub mod page;
pub mod qr;
pub mod security;
pub mod shell;
pub mod submitted;
pub mod table;
pub mod trace;

pub use failure::{Failure, Reply};
pub use frame::{Frame, frame};
pub use i18n::{Source, TextValue, text, text_with};
pub use json::Json;
pub use kernel::Lang;
pub use maud::{Markup, PreEscaped, html};
pub use page::{Page, see_other};
pub use shell::{AccountLabel, Brand, NavItem, Notice, SessionClock, Shell};
pub use submitted::{Submitted, UploadedFile};

/// The texts of this crate; registered by itself.
pub const TEXT: Source = Source {
    name: "web",
    vi: include_str!("../text/vi.ftl"),
    en: include_str!("../text/en.ftl"),
};
