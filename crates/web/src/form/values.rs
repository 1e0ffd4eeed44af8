//! Answers of a form: as typed (to be shown again) or as read by [`super::Form::parse`].
//! It refuses to trust: kept files come back as tokens that the page checks.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;

use jiff::civil::Date;
use kernel::Dong;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::submitted::UploadedFile;

/// A file that was sent before and is kept by the page, so that it need not be sent again after an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// What the page recognises it by; comes back from the browser and is checked like any input.
    pub token: String,
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
}

/// Answers by field name. A field may have several (checkboxes).
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Values {
    texts: BTreeMap<String, Vec<String>>,
    #[serde(skip)]
    files: BTreeMap<String, Vec<Arc<UploadedFile>>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    kept: BTreeMap<String, Vec<Kept>>,
}

impl Values {
    /// No answers: an empty form.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The answer of a field; empty when there is none.
    #[must_use]
    pub fn text(&self, field: &str) -> &str {
        self.texts
            .get(field)
            .and_then(|all| all.first())
            .map_or("", String::as_str)
    }

    /// The answer of a field that has one.
    #[must_use]
    pub fn opt(&self, field: &str) -> Option<&str> {
        Some(self.text(field)).filter(|text| !text.is_empty())
    }

    /// All answers of a field.
    #[must_use]
    pub fn all(&self, field: &str) -> &[String] {
        self.texts.get(field).map_or(&[], Vec::as_slice)
    }

    /// The answer as a type of `kernel` or any other that reads text: [`super::Form::parse`] left it in readable form.
    #[must_use]
    pub fn typed<T: FromStr>(&self, field: &str) -> Option<T> {
        self.opt(field).and_then(|text| text.parse().ok())
    }

    /// A whole number that was parsed.
    #[must_use]
    pub fn integer(&self, field: &str) -> Option<i64> {
        self.typed(field)
    }

    /// An amount that was parsed.
    #[must_use]
    pub fn dong(&self, field: &str) -> Option<Dong> {
        self.integer(field).map(Dong::new)
    }

    /// A day that was parsed.
    #[must_use]
    pub fn date(&self, field: &str) -> Option<Date> {
        self.typed(field)
    }

    /// An id that was parsed.
    #[must_use]
    pub fn uuid(&self, field: &str) -> Option<Uuid> {
        self.typed(field)
    }

    /// Whether the answer is `yes` (yes-no, confirm).
    #[must_use]
    pub fn yes(&self, field: &str) -> bool {
        self.text(field) == "yes"
    }

    /// The files that were sent for a field.
    #[must_use]
    pub fn files(&self, field: &str) -> &[Arc<UploadedFile>] {
        self.files.get(field).map_or(&[], Vec::as_slice)
    }

    /// The files of a field that the page kept from an earlier sending and that the person did not remove.
    #[must_use]
    pub fn kept(&self, field: &str) -> &[Kept] {
        self.kept.get(field).map_or(&[], Vec::as_slice)
    }

    /// Names of all answered fields.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.texts.keys().map(String::as_str)
    }

    /// Sets the answer of a field.
    pub fn set(&mut self, field: impl Into<String>, value: impl Into<String>) {
        self.texts.insert(field.into(), vec![value.into()]);
    }

    /// The same values with one more answer: for filling in what is known.
    #[must_use]
    pub fn with(mut self, field: impl Into<String>, value: impl Into<String>) -> Self {
        self.set(field, value);
        self
    }

    /// Sets all answers of a field.
    pub fn set_all(&mut self, field: impl Into<String>, values: Vec<String>) {
        self.texts.insert(field.into(), values);
    }

    /// Sets the files that the page kept for a field.
    pub fn set_kept(&mut self, field: impl Into<String>, kept: Vec<Kept>) {
        self.kept.insert(field.into(), kept);
    }

    pub(super) fn set_files(&mut self, field: impl Into<String>, files: Vec<Arc<UploadedFile>>) {
        self.files.insert(field.into(), files);
    }
}
