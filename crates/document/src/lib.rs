//! Papers: so far their templates, which a province changes without a line of Rust, and the printing of one with its values.
//! Refuses to know a dossier: what stands on a paper is given by who issues it (`casework::result`).
//! Law: TT 03/2025/TT-VPCP (the seven forms), NĐ 30/2020/NĐ-CP (layout of administrative papers).

pub mod http;
pub mod template;

use std::sync::Arc;

use identity::{Access, Action, Identity, NavEntry};
use press::Press;

pub use self::http::router;
pub use template::{Name, Printed, TemplateError};

/// The texts of this crate.
pub const TEXT: web::Source = web::Source {
    name: "document",
    vi: include_str!("../text/vi.ftl"),
    en: include_str!("../text/en.ftl"),
};

/// The tables of this crate.
pub const MIGRATIONS: store::MigrationSet = store::MigrationSet::new(
    "document",
    &[store::Migration::portable(
        "0001_templates",
        include_str!("../../../migrations/document/0001_templates.sql"),
    )],
);

/// Templates and the press of one province. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Document(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    identity: Identity,
    press: Press,
}

impl Document {
    /// Makes the handle, registers the texts and the navigation, and takes over the country's templates that are new.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn open(identity: &Identity, press: Press) -> Result<Self, TemplateError> {
        web::i18n::register(&[TEXT]);
        identity.add_nav([NavEntry::new(
            "/admin/templates",
            "template-title",
            Access::Action(Action::TemplateManage),
        )
        .setup()]);
        let document = Self(Arc::new(Inner {
            identity: identity.clone(),
            press,
        }));
        document.take_over_country().await?;
        Ok(document)
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.0.identity
    }

    pub(crate) fn press(&self) -> &Press {
        &self.0.press
    }
}
