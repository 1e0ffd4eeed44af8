//! A procedure as its definition has it: the catalogue's record with the defined form and the papers that these facts need.
//! A paper keeps its place in the definition, needed or not, so that files stay with their paper when an answer changes.
//! It refuses to ask on paper for what a register knows (NĐ 45/2020/NĐ-CP).

use std::sync::Arc;

use definition::FieldKind as Kind;
use definition::expression::Facts;
use definition::procedure::{Channel, ComponentSource as From};
use store::{Store, StoreError};

use super::answered::{self, Filing};
use super::of_definition;
use crate::definitions::{Defined, Pin};
use crate::dossier::Content;
use crate::dossier::state::Representation;
use crate::draft::rules::Known;
use crate::procedure::cases::{self, Others};
use crate::procedure::{Component, ComponentSource, Procedure};

/// The procedure under a definition.
#[must_use]
pub fn definition(procedure: &Procedure, defined: &Defined, facts: &Facts) -> Procedure {
    let needed = defined.procedure.needed_components(facts);
    let is_needed = |name: &str| needed.iter().any(|component| component.name == name);
    let papers = defined.procedure.components.iter().map(|component| {
        let name = defined.label(&format!("component.{}", component.name));
        let source = match &component.source {
            From::File { .. } if is_needed(&component.name) => ComponentSource::Upload,
            From::Form => ComponentSource::Form,
            // What is not needed is not asked for either.
            From::File { .. } | From::Register(_) => ComponentSource::Register,
        };
        Component {
            clause: component.clause.clone(),
            example: component.example.clone(),
            ..paper(name, source, source == ComponentSource::Upload)
        }
    });
    let asked = defined.procedure.asked_fields(facts);
    let files = defined
        .procedure
        .form
        .iter()
        .filter(|field| matches!(field.kind, Kind::File { .. }));
    let files = files.map(|field| {
        let is_asked = asked.iter().any(|one| one.name == field.name);
        let source = if is_asked {
            ComponentSource::Upload
        } else {
            ComponentSource::Register
        };
        paper(
            defined.label(&format!("field.{}", field.name)),
            source,
            is_asked && field.required,
        )
    });
    Procedure {
        components: papers.chain(files).collect(),
        form: Some(of_definition(defined)),
        ..procedure.clone()
    }
}

/// The procedure with every paper that its definition may ask for, whatever was answered.
#[must_use]
pub fn listed(procedure: &Procedure, defined: &Defined) -> Procedure {
    let papers = defined.procedure.components.iter().map(|component| {
        let source = match &component.source {
            From::File { .. } => ComponentSource::Upload,
            From::Form => ComponentSource::Form,
            From::Register(_) => ComponentSource::Register,
        };
        Component {
            clause: component.clause.clone(),
            example: component.example.clone(),
            ..paper(defined.label(&format!("component.{}", component.name)), source, false)
        }
    });
    Procedure {
        components: papers.collect(),
        ..procedure.clone()
    }
}

const fn paper(name: kernel::Bilingual, source: ComponentSource, required: bool) -> Component {
    Component {
        case: None,
        name,
        originals: 1,
        copies: 0,
        template: None,
        required,
        source,
        clause: None,
        example: None,
    }
}

/// The procedure as a dossier began with it: under its definition when it has one.
///
/// # Errors
/// When the store fails or the definition of that version is not kept.
pub async fn of_dossier(
    procedure: Arc<Procedure>,
    content: &Content,
    representation: Representation,
    today: kernel::Date,
    store: &Store,
) -> Result<Arc<Procedure>, StoreError> {
    let defined = match &content.definition {
        Some(pin) => Pin::find(Some(pin), &procedure.code, store).await?,
        None => None,
    };
    let Some(defined) = defined else {
        let answers = answered::values(&content.answers);
        return Ok(Arc::new(cases::under(&procedure, &answers, Others::Shown)));
    };
    let known = Known {
        name: content.name.clone(),
        address: content.address.clone(),
        phone: content.phone.clone(),
        email: content.email.clone(),
        birthday: content.birthday.clone(),
        ..Known::default()
    };
    let filing = Filing {
        today,
        channel: Channel::Online,
        representation: Some(representation.word()),
        known: &known,
    };
    let facts = answered::facts(&defined, &answered::values(&content.answers), &filing);
    Ok(Arc::new(definition(&procedure, &defined, &facts)))
}
