//! What is wrong with the answers of a form, in words, field by field.
//! It refuses to hold what was typed: that stays in [`super::Values`]. WCAG 3.3.1, 3.3.3.

use kernel::{Bilingual, Fault, Lang};

use super::Label;
use crate::i18n;

/// One thing that is wrong with one field.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldError {
    /// Name of the field; empty when it is about the form as a whole.
    pub field: String,
    /// Where the summary's link leads instead of the field's first control (one part of a date).
    pub part: Option<&'static str>,
    words: Words,
}

#[derive(Debug, Clone, PartialEq)]
enum Words {
    Key {
        key: String,
        label: Option<Label>,
        args: Vec<(&'static str, String)>,
    },
    Ready(Bilingual),
}

impl FieldError {
    /// What the person reads.
    #[must_use]
    pub fn words(&self, lang: Lang) -> String {
        match &self.words {
            Words::Ready(words) => words.get(lang).to_owned(),
            Words::Key { key, label, args } => {
                let mut values: Vec<(&str, i18n::TextValue<'_>)> =
                    args.iter().map(|(k, v)| (*k, v.as_str().into())).collect();
                if let Some(label) = label {
                    values.push(("label", label.get(lang).into()));
                }
                i18n::text_with(lang, key, &values)
            }
        }
    }
}

/// Everything that is wrong with a form, in the order of its fields.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Errors {
    list: Vec<FieldError>,
}

impl Errors {
    /// Nothing is wrong.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many things are wrong.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &FieldError> {
        self.list.iter()
    }

    /// What is wrong with one field.
    pub fn of<'a>(&'a self, field: &'a str) -> impl Iterator<Item = &'a FieldError> {
        self.list.iter().filter(move |e| e.field == field)
    }

    /// Adds an error with a key of the texts; `field` may be empty for the whole form.
    pub fn add(&mut self, field: impl Into<String>, key: impl Into<String>) {
        self.add_with(field, key, vec![]);
    }

    /// Adds an error with a key of the texts and its values.
    pub fn add_with(&mut self, field: impl Into<String>, key: impl Into<String>, args: Vec<(&'static str, String)>) {
        let words = Words::Key {
            key: key.into(),
            label: None,
            args,
        };
        self.list.push(FieldError {
            field: field.into(),
            part: None,
            words,
        });
    }

    /// Adds an error with ready words.
    pub fn add_words(&mut self, field: impl Into<String>, words: Bilingual) {
        self.list.push(FieldError {
            field: field.into(),
            part: None,
            words: Words::Ready(words),
        });
    }

    /// Adds the public text of a fault to a field: what a domain rule refused.
    pub fn add_fault(&mut self, field: impl Into<String>, fault: &dyn Fault) {
        self.add_with(field, format!("error-{}", fault.code()), fault.args());
    }

    /// An error that names its field; for this module.
    pub(super) fn push(
        &mut self,
        field: &super::Field,
        part: Option<&'static str>,
        key: &str,
        args: Vec<(&'static str, String)>,
    ) {
        let words = Words::Key {
            key: key.to_owned(),
            label: Some(field.label.clone()),
            args,
        };
        self.list.push(FieldError {
            field: field.name.clone(),
            part,
            words,
        });
    }
}
