//! Draws a form: label, hint, error and control of each field tied together for screen readers, groups with legends, the
//! summary of errors first. Everything works without scripts.

use kernel::Lang;
use maud::{Markup, html};

use super::parse::accept_words;
use super::{Errors, Field, FieldKind, Form, Section, Values};
use crate::components::form_guards;
use crate::format;
use crate::i18n::{text, text_with};
use crate::shell::Shell;

/// A field being drawn, with everything that its parts need.
pub(super) struct Ctx<'a> {
    pub(super) form: &'a Form,
    pub(super) field: &'a Field,
    pub(super) values: &'a Values,
    pub(super) errors: &'a Errors,
    pub(super) lang: Lang,
    /// Its section says already that it need not be answered.
    pub(super) is_voluntary: bool,
}

impl Form {
    /// The whole form: summary of errors, hidden guards, fields, buttons.
    #[must_use]
    pub fn render(&self, shell: &Shell, values: &Values, errors: &Errors) -> Markup {
        let lang = shell.lang;
        let submit = self
            .submit
            .as_ref()
            .map_or_else(|| text(lang, "form-submit"), |l| l.get(lang));
        let tells_apart = self
            .hidden
            .iter()
            .fold(format!("{}\n{}", self.action, self.name), |all, (k, v)| {
                format!("{all}\n{k}={v}")
            });
        html! {
            (error_summary(lang, self, errors))
            form #(self.name) method="post" action=(self.action) novalidate
                enctype=[self.has_files().then_some("multipart/form-data")]
                data-draft=[self.draft.then_some(&self.name)] {
                (form_guards(shell, &tells_apart))
                // Enter in a field presses the first button: it must be the main one, not a look-up.
                button.hidden tabindex="-1" aria-hidden="true" { (submit) }
                @if self.draft { (draft_offer(lang)) }
                (self.render_fields(lang, values, errors))
                @if let Some(more) = &self.more {
                    p data-more { button.btn.quiet name=(super::MORE) value="1" formnovalidate { (more.get(lang)) } }
                }
                div.row.actions {
                    button.btn { (submit) }
                    @if let Some(cancel) = &self.cancel { a.btn.quiet href=(cancel) { (text(lang, "form-cancel")) } }
                }
            }
        }
    }

    /// The fields and hidden values alone, for a form element of the page's own.
    #[must_use]
    pub fn render_fields(&self, lang: Lang, values: &Values, errors: &Errors) -> Markup {
        html! {
            @for (name, value) in &self.hidden {
                input type="hidden" name=(name) value=(values.opt(name).unwrap_or(value));
            }
            @for section in &self.sections { (self.section_markup(section, lang, values, errors)) }
        }
    }

    fn section_markup(&self, section: &Section, lang: Lang, values: &Values, errors: &Errors) -> Markup {
        let fields = html! {
            @for field in &section.fields {
                (Ctx { form: self, field, values, errors, lang, is_voluntary: section.is_voluntary }.markup())
            }
        };
        html! {
            @if let Some(title) = &section.title {
                fieldset.section {
                    legend { h2 { (title.get(lang)) } }
                    @if let Some(hint) = &section.hint { p.hint { (hint.get(lang)) } }
                    (fields)
                }
            } @else { (fields) }
        }
    }
}

/// Everything that is wrong, as links to the fields; the script moves the focus here.
#[must_use]
pub fn error_summary(lang: Lang, form: &Form, errors: &Errors) -> Markup {
    if errors.is_empty() {
        return html! {};
    }
    let count = i64::try_from(errors.len()).unwrap_or(i64::MAX);
    html! {
        div.summary-errors role="alert" tabindex="-1" data-focus aria-labelledby={(form.name) "-errors"} {
            h2 id={(form.name) "-errors"} { (text_with(lang, "form-errors", &[("n", count.into())])) }
            ul {
                @for error in errors.iter() {
                    @let words = error.words(lang);
                    @match form.get(&error.field) {
                        Some(field) => li { a href={"#" (target(form, field, error.part))} { (words) } },
                        None => li { (words) },
                    }
                }
            }
        }
    }
}

/// The id of the control that a person mends.
fn target(form: &Form, field: &Field, part: Option<&str>) -> String {
    let id = form.id(&field.name);
    match &field.kind {
        FieldKind::Date { .. } => format!("{id}-{}", part.unwrap_or("day")),
        FieldKind::Area { provinces: true } if form.choices_of(field).is_empty() => format!("{id}-province"),
        FieldKind::Area { .. }
        | FieldKind::Text { .. }
        | FieldKind::Multiline { .. }
        | FieldKind::Password { .. }
        | FieldKind::OneTimeCode
        | FieldKind::Integer { .. }
        | FieldKind::Decimal { .. }
        | FieldKind::Lookup { .. }
        | FieldKind::Dong { .. }
        | FieldKind::Radios { .. }
        | FieldKind::Select { .. }
        | FieldKind::Checkboxes { .. }
        | FieldKind::YesNo
        | FieldKind::Confirm
        | FieldKind::PersonId
        | FieldKind::Phone
        | FieldKind::Email
        | FieldKind::TaxCode
        | FieldKind::Files { .. } => id,
    }
}

fn draft_offer(lang: Lang) -> Markup {
    html! {
        div.draft hidden data-draft-offer {
            label.tick { input type="checkbox" data-draft-consent; span { (text(lang, "form-draft-consent")) } }
            p.hint { (text(lang, "form-draft-hint")) }
            p.small data-draft-found hidden {
                (text(lang, "form-draft-found")) " "
                button.link type="button" data-draft-restore { (text(lang, "form-draft-restore")) } " · "
                button.link type="button" data-draft-drop { (text(lang, "form-draft-drop")) }
            }
        }
    }
}

impl Ctx<'_> {
    pub(super) fn id(&self) -> String {
        self.form.id(&self.field.name)
    }

    pub(super) fn is_bad(&self) -> bool {
        self.errors.of(&self.field.name).next().is_some()
    }

    /// Ids of hint and error, for `aria-describedby`.
    pub(super) fn described(&self) -> Option<String> {
        let id = self.id();
        let mut ids = Vec::new();
        if self.hint().is_some() {
            ids.push(format!("{id}-hint"));
        }
        if self.is_bad() {
            ids.push(format!("{id}-error"));
        }
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    /// The hint of the schema, and what the kind itself has to say.
    pub(super) fn hint(&self) -> Option<String> {
        let own = self.field.hint.as_ref().map(|h| h.get(self.lang));
        let kind = match &self.field.kind {
            FieldKind::Date { .. } => Some(text(self.lang, "form-hint-date")),
            FieldKind::Lookup { .. } => Some(text(self.lang, "form-hint-lookup")),
            FieldKind::PersonId => Some(text(self.lang, "form-hint-person-id")),
            FieldKind::Files {
                accept,
                max_count,
                max_bytes,
            } => Some(text_with(
                self.lang,
                "form-hint-files",
                &[
                    ("kinds", accept_words(accept).into()),
                    ("size", format::file_size(self.lang, *max_bytes).into()),
                    ("n", (*max_count as u64).into()),
                ],
            )),
            FieldKind::Text { .. }
            | FieldKind::Multiline { .. }
            | FieldKind::Password { .. }
            | FieldKind::OneTimeCode
            | FieldKind::Integer { .. }
            | FieldKind::Decimal { .. }
            | FieldKind::Dong { .. }
            | FieldKind::Radios { .. }
            | FieldKind::Select { .. }
            | FieldKind::Checkboxes { .. }
            | FieldKind::YesNo
            | FieldKind::Confirm
            | FieldKind::Phone
            | FieldKind::Email
            | FieldKind::TaxCode
            | FieldKind::Area { .. } => None,
        };
        match (own, kind) {
            (Some(own), Some(kind)) => Some(format!("{own} {kind}")),
            (own, kind) => own.or(kind),
        }
    }

    fn markup(&self) -> Markup {
        let (id, field) = (self.id(), self.field);
        let when = field.when.as_ref();
        let class = if self.is_bad() { "field bad" } else { "field" };
        let inner = html! {
            @if let Some(when) = when { (self.when_words(when)) }
            @if self.field.kind.is_group() {
                fieldset aria-describedby=[self.described()] {
                    legend { (self.label()) }
                    (self.around())
                    (self.control())
                }
            } @else if matches!(field.kind, FieldKind::Confirm) {
                (self.errors_markup())
                (self.control())
            } @else {
                label for=(id) { (self.label()) }
                (self.around())
                (self.control())
            }
        };
        html! {
            div class=(class) data-when=[when.map(|w| format!("{}={}", w.field, w.is.join("|")))] { (inner) }
        }
    }

    pub(super) fn label(&self) -> Markup {
        let is_marked = !self.is_voluntary && !matches!(self.field.kind, FieldKind::Confirm);
        let optional = !self.field.required && is_marked;
        html! {
            (self.field.label.get(self.lang))
            @if optional { span.optional { " " (text(self.lang, "form-optional")) } }
        }
    }

    /// Hint, source and errors, between label and control.
    fn around(&self) -> Markup {
        html! {
            @if let Some(hint) = self.hint() { p.hint id={(self.id()) "-hint"} { (hint) } }
            @if let Some(source) = &self.field.source { p.source { (source.get(self.lang)) } }
            (self.errors_markup())
        }
    }

    fn errors_markup(&self) -> Markup {
        html! {
            @if self.is_bad() {
                div.why id={(self.id()) "-error"} {
                    @for error in self.errors.of(&self.field.name) {
                        p { span.hidden { (text(self.lang, "form-error-prefix")) " " } (error.words(self.lang)) }
                    }
                }
            }
        }
    }

    /// Says in words when a conditional field is asked; the script hides what is not.
    fn when_words(&self, when: &super::When) -> Markup {
        let asked = self.form.get(&when.field);
        let label = asked.map_or_else(|| when.field.clone(), |f| f.label.get(self.lang));
        let answers: Vec<String> = when
            .is
            .iter()
            .filter(|value| !value.is_empty())
            .map(|value| {
                let named = asked.and_then(|f| self.form.choices_of(f).iter().find(|c| &c.value == value));
                match (named, value.as_str()) {
                    (Some(choice), _) => choice.label.get(self.lang),
                    (None, "yes") => text(self.lang, "form-yes"),
                    (None, "no") => text(self.lang, "form-no"),
                    (None, other) => other.to_owned(),
                }
            })
            .collect();
        let words = text_with(
            self.lang,
            "form-when",
            &[("label", label.into()), ("is", answers.join(", ").into())],
        );
        html! { p.hint.when { (words) } }
    }
}
