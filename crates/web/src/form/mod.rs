//! Forms from a schema: the same [`Form`] draws the fields, reads what was sent, and says every error at once beside its
//! field and in a summary. Procedures carry forms as data, so the schema goes through serde.
//! It refuses to lose what was typed: an answer that is wrong is shown again exactly as it came.
//! Practice: govuk-frontend (MIT), WCAG 2.2 3.3.1-3.3.8.

mod control;
mod errors;
mod field;
mod parse;
mod render;
#[cfg(test)]
mod tests;
mod values;

pub use errors::{Errors, FieldError};
pub use field::{Check, Choice, Field, FieldKind, Label, When, Width};
pub use render::error_summary;
pub use values::{Kept, Values};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Name of the button that asks for one more row.
const MORE: &str = "one-more";

/// A form: sections of fields, where it posts to, and the words of its button.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Tells the form apart on its page and begins the ids of its fields: ASCII letters, digits, hyphens.
    pub name: String,
    /// The path it posts to.
    #[serde(default)]
    pub action: String,
    /// The words of its button; "Gửi" without any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submit: Option<Label>,
    /// Its fields, in sections.
    pub sections: Vec<Section>,
    /// Where "cancel" leads, if it is offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel: Option<String>,
    /// Offers to keep a draft on this device (with the person's consent, scripts only).
    #[serde(default)]
    pub draft: bool,
    /// Words of the button that asks for one more row of the same fields; none where no more can be had.
    #[serde(skip)]
    more: Option<Label>,
    /// Hidden values that the page adds (an id, a version); they come back in [`Values`].
    #[serde(skip)]
    hidden: Vec<(String, String)>,
    /// Choices that the page knows only when it is shown (areas, units), by field name.
    #[serde(skip)]
    choices: BTreeMap<String, Vec<Choice>>,
}

/// Fields that belong together, under one heading.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// The heading, which is the legend of the group; the first section of a short form has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Label>,
    /// A sentence below the heading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Label>,
    /// Nothing in it has to be answered by itself: its hint says so once, and its fields bear no mark.
    #[serde(skip)]
    pub is_voluntary: bool,
    /// The fields.
    pub fields: Vec<Field>,
}

impl Form {
    /// A form without fields.
    pub fn new(name: impl Into<String>, action: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            action: action.into(),
            submit: None,
            sections: Vec::new(),
            cancel: None,
            draft: false,
            more: None,
            hidden: Vec::new(),
            choices: BTreeMap::new(),
        }
    }

    /// Opens a section; the fields that follow belong to it.
    #[must_use]
    pub fn section(mut self, title: impl Into<Label>) -> Self {
        self.sections.push(Section {
            title: Some(title.into()),
            ..Section::default()
        });
        self
    }

    /// Opens a section in which nothing has to be answered by itself. The hint says what belongs together; a mark at each
    /// field would say the same once more and nothing of it.
    #[must_use]
    pub fn voluntary_section(mut self, title: impl Into<Label>, hint: Option<&'static str>) -> Self {
        self.sections.push(Section {
            title: Some(title.into()),
            hint: hint.map(Label::from),
            is_voluntary: true,
            ..Section::default()
        });
        self
    }

    /// Adds a field to the last section.
    #[must_use]
    pub fn field(mut self, field: Field) -> Self {
        match self.sections.last_mut() {
            Some(section) => section.fields.push(field),
            None => self.sections.push(Section {
                fields: vec![field],
                ..Section::default()
            }),
        }
        self
    }

    /// The words of the button.
    #[must_use]
    pub fn submit(mut self, label: impl Into<Label>) -> Self {
        self.submit = Some(label.into());
        self
    }

    /// Where "cancel" leads.
    #[must_use]
    pub fn cancel(mut self, href: impl Into<String>) -> Self {
        self.cancel = Some(href.into());
        self
    }

    /// Offers to keep a draft on this device.
    #[must_use]
    pub fn with_draft(mut self) -> Self {
        self.draft = true;
        self
    }

    /// A hidden value. It comes back as it is sent: whoever reads it checks it like any other input.
    #[must_use]
    pub fn hidden(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.hidden.push((name.into(), value.into()));
        self
    }

    /// Offers one more row of the same fields. The button sends the form like the other one does: whoever reads it asks
    /// [`Form::asks_more`] first, and gives the page back with a row more and everything that was typed. A script saves the
    /// way through the server's whole page.
    #[must_use]
    pub fn with_more(mut self, label: impl Into<Label>) -> Self {
        self.more = Some(label.into());
        self
    }

    /// Whether the form was sent for one more row, and for nothing else.
    #[must_use]
    pub fn asks_more(&self, submitted: &crate::Submitted) -> bool {
        self.more.is_some() && submitted.has(MORE)
    }

    /// The choices of a field that are known only now. For an [`FieldKind::Area`] with provinces, the provinces are
    /// given as `name` + `-province`.
    #[must_use]
    pub fn with_choices(mut self, field: impl Into<String>, choices: Vec<Choice>) -> Self {
        self.choices.insert(field.into(), choices);
        self
    }

    /// All fields, in order.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.sections.iter().flat_map(|s| &s.fields)
    }

    /// The field of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Field> {
        self.fields().find(|f| f.name == name)
    }

    /// The id of a field's first control on the page.
    #[must_use]
    pub fn id(&self, field: &str) -> String {
        format!("{}-{field}", self.name)
    }

    /// The choices of a field: those of the page, else those of its schema.
    #[must_use]
    pub fn choices_of<'a>(&'a self, field: &'a Field) -> &'a [Choice] {
        self.choices
            .get(&field.name)
            .map_or_else(|| field.kind.choices(), Vec::as_slice)
    }

    /// Whether it takes files and therefore posts multipart.
    #[must_use]
    pub fn has_files(&self) -> bool {
        self.fields().any(|f| matches!(f.kind, FieldKind::Files { .. }))
    }
}
