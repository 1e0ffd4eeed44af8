//! Draws a form: label, hint, error and control of each field tied together for screen readers, groups with legends, the
//! summary of errors first. Everything works without scripts.

use kernel::Lang;
use maud::{Markup, html};

use super::parse::{DATE_PARTS, accept_words};
use super::{Choice, Errors, Field, FieldKind, Form, Section, Values, Width};
use crate::components::form_guards;
use crate::format;
use crate::i18n::{text, text_with};
use crate::shell::Shell;

/// A field being drawn, with everything that its parts need.
struct Ctx<'a> {
    form: &'a Form,
    field: &'a Field,
    values: &'a Values,
    errors: &'a Errors,
    lang: Lang,
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
            @for field in &section.fields { (Ctx { form: self, field, values, errors, lang }.markup()) }
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
    fn id(&self) -> String {
        self.form.id(&self.field.name)
    }

    fn is_bad(&self) -> bool {
        self.errors.of(&self.field.name).next().is_some()
    }

    /// Ids of hint and error, for `aria-describedby`.
    fn described(&self) -> Option<String> {
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
    fn hint(&self) -> Option<String> {
        let own = self.field.hint.as_ref().map(|h| h.get(self.lang));
        let kind = match &self.field.kind {
            FieldKind::Date { .. } => Some(text(self.lang, "form-hint-date")),
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

    fn label(&self) -> Markup {
        let optional = !self.field.required && !matches!(self.field.kind, FieldKind::Confirm);
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

    fn control(&self) -> Markup {
        let typed = self.values.text(&self.field.name);
        match &self.field.kind {
            FieldKind::Text { .. } => self.input("text", None, typed),
            FieldKind::Multiline { max_len, rows } => self.textarea(*max_len, *rows, typed),
            FieldKind::Password { new } => self.password(*new),
            FieldKind::OneTimeCode => self.input("text", Some("numeric"), ""),
            FieldKind::Integer { unit, .. } => {
                let unit = unit.as_ref().map(|u| u.get(self.lang));
                self.with_unit(unit, self.input("text", Some("numeric"), typed))
            }
            FieldKind::Dong { .. } => self.with_unit(
                Some(text(self.lang, "form-dong")),
                self.input("text", Some("numeric"), typed),
            ),
            FieldKind::Date { .. } => self.date(),
            FieldKind::Radios { .. } => self.options("radio", self.form.choices_of(self.field)),
            FieldKind::Checkboxes { .. } => self.options("checkbox", self.form.choices_of(self.field)),
            FieldKind::YesNo => self.options("radio", &[Choice::new("yes", "form-yes"), Choice::new("no", "form-no")]),
            FieldKind::Confirm => self.confirm(typed),
            FieldKind::Select { .. } => {
                self.select(&self.field.name, &self.id(), self.form.choices_of(self.field), typed)
            }
            FieldKind::PersonId | FieldKind::TaxCode => self.input("text", Some("numeric"), typed),
            FieldKind::Phone => self.input("tel", Some("tel"), typed),
            FieldKind::Email => self.input("email", Some("email"), typed),
            FieldKind::Area { provinces } => self.area(*provinces, typed),
            FieldKind::Files { accept, max_count, .. } => self.files(accept, *max_count),
        }
    }

    fn autocomplete(&self) -> Option<&str> {
        let implied = match &self.field.kind {
            FieldKind::OneTimeCode => Some("one-time-code"),
            FieldKind::Phone => Some("tel"),
            FieldKind::Email => Some("email"),
            FieldKind::Password { new: true } => Some("new-password"),
            FieldKind::Password { new: false } => Some("current-password"),
            FieldKind::Text { .. }
            | FieldKind::Multiline { .. }
            | FieldKind::Integer { .. }
            | FieldKind::Dong { .. }
            | FieldKind::Date { .. }
            | FieldKind::Radios { .. }
            | FieldKind::Select { .. }
            | FieldKind::Checkboxes { .. }
            | FieldKind::YesNo
            | FieldKind::Confirm
            | FieldKind::PersonId
            | FieldKind::TaxCode
            | FieldKind::Area { .. }
            | FieldKind::Files { .. } => None,
        };
        self.field.autocomplete.as_deref().or(implied)
    }

    fn width(&self) -> Option<&'static str> {
        match (self.field.width, &self.field.kind) {
            (Width::W4, _) => Some("w4"),
            (Width::W10, _) | (Width::Full, FieldKind::OneTimeCode | FieldKind::Integer { .. }) => Some("w10"),
            (Width::W20, _)
            | (Width::Full, FieldKind::PersonId | FieldKind::Phone | FieldKind::TaxCode | FieldKind::Dong { .. }) => {
                Some("w20")
            }
            (
                Width::Full,
                FieldKind::Text { .. }
                | FieldKind::Multiline { .. }
                | FieldKind::Password { .. }
                | FieldKind::Date { .. }
                | FieldKind::Radios { .. }
                | FieldKind::Select { .. }
                | FieldKind::Checkboxes { .. }
                | FieldKind::YesNo
                | FieldKind::Confirm
                | FieldKind::Email
                | FieldKind::Area { .. }
                | FieldKind::Files { .. },
            ) => None,
        }
    }

    fn input(&self, kind: &str, mode: Option<&str>, typed: &str) -> Markup {
        html! {
            input id=(self.id()) name=(self.field.name) type=(kind) value=(typed) class=[self.width()]
                inputmode=[mode] autocomplete=[self.autocomplete()] aria-describedby=[self.described()]
                aria-invalid=[self.is_bad().then_some("true")] aria-required=[self.required()]
                spellcheck=[mode.map(|_| "false")];
        }
    }

    fn required(&self) -> Option<&'static str> {
        self.field.required.then_some("true")
    }

    fn with_unit(&self, unit: Option<String>, input: Markup) -> Markup {
        html! { @match unit { Some(unit) => span.unit { (input) span { (unit) } }, None => (input) } }
    }

    fn password(&self, new: bool) -> Markup {
        html! {
            input id=(self.id()) name=(self.field.name) type="password" autocomplete=[self.autocomplete()]
                aria-describedby=[self.described()] aria-invalid=[self.is_bad().then_some("true")]
                aria-required=[self.required()] spellcheck="false" autocapitalize="none" data-new[new];
        }
    }

    fn textarea(&self, max_len: usize, rows: u8, typed: &str) -> Markup {
        html! {
            textarea id=(self.id()) name=(self.field.name) rows=(rows) aria-describedby=[self.described()]
                aria-invalid=[self.is_bad().then_some("true")] aria-required=[self.required()]
                autocomplete=[self.autocomplete()] data-count=(max_len)
                data-count-left=(text(self.lang, "form-count-left")) data-count-over=(text(self.lang, "form-count-over")) {
                // HTML drops one line end at the beginning of a textarea.
                "\n" (typed)
            }
        }
    }

    fn date(&self) -> Markup {
        let whole: Option<jiff::civil::Date> = self.values.typed(&self.field.name);
        let id = self.id();
        html! {
            div.date {
                @for part in DATE_PARTS {
                    @let name = format!("{}-{part}", self.field.name);
                    @let value = match (self.values.opt(&name), whole) {
                        (Some(typed), _) => typed.to_owned(),
                        (None, Some(day)) => match part { "day" => day.day().to_string(), "month" => day.month().to_string(), _ => day.year().to_string() },
                        (None, None) => String::new(),
                    };
                    @let bad = self.errors.of(&self.field.name).any(|e| e.part.is_none_or(|p| p == part));
                    @let fill = (self.field.autocomplete.as_deref() == Some("bday")).then(|| format!("bday-{part}"));
                    div {
                        label for={(id) "-" (part)} { (text(self.lang, &format!("form-{part}"))) }
                        input id={(id) "-" (part)} name=(name) type="text" inputmode="numeric" value=(value)
                            class=(if part == "year" { "w4" } else { "w2" }) autocomplete=[fill] aria-invalid=[bad.then_some("true")];
                    }
                }
            }
        }
    }

    fn options(&self, kind: &str, choices: &[Choice]) -> Markup {
        let chosen = self.values.all(&self.field.name);
        let short = choices.len() == 2 && choices.iter().all(|c| c.hint.is_none());
        html! {
            div.options.beside[short] {
                @for (at, choice) in choices.iter().enumerate() {
                    @let id = if at == 0 { self.id() } else { format!("{}-{at}", self.id()) };
                    div.tick {
                        input type=(kind) id=(id) name=(self.field.name) value=(choice.value)
                            checked[chosen.contains(&choice.value)]
                            aria-describedby=[choice.hint.as_ref().map(|_| format!("{id}-about"))];
                        label for=(id) { (choice.label.get(self.lang)) }
                        @if let Some(hint) = &choice.hint { p.hint id={(id) "-about"} { (hint.get(self.lang)) } }
                    }
                }
            }
        }
    }

    fn confirm(&self, typed: &str) -> Markup {
        let id = self.id();
        html! {
            div.tick {
                input type="checkbox" id=(id) name=(self.field.name) value="yes" checked[typed == "yes"]
                    aria-describedby=[self.described()] aria-invalid=[self.is_bad().then_some("true")] aria-required=[self.required()];
                label for=(id) { (self.label()) }
                @if let Some(hint) = self.hint() { p.hint id={(id) "-hint"} { (hint) } }
            }
        }
    }

    fn select(&self, name: &str, id: &str, choices: &[Choice], typed: &str) -> Markup {
        let option = |choice: &Choice| {
            html! {
                option value=(choice.value) selected[choice.value == typed] { (choice.label.get(self.lang)) }
            }
        };
        // Neighbours with the same heading make a group.
        let groups: Vec<&[Choice]> = choices.chunk_by(|a, b| a.group == b.group).collect();
        html! {
            select id=(id) name=(name) aria-describedby=[self.described()] aria-invalid=[self.is_bad().then_some("true")]
                aria-required=[self.required()] autocomplete=[self.field.autocomplete.as_deref()] {
                option value="" { (text(self.lang, "form-choose")) }
                @for group in groups {
                    @match group.first().and_then(|c| c.group.as_ref()) {
                        Some(heading) => optgroup label=(heading.get(self.lang)) { @for choice in group { (option(choice)) } },
                        None => @for choice in group { (option(choice)) },
                    }
                }
            }
        }
    }

    /// One select, or a select of provinces whose button fills a second one.
    fn area(&self, provinces: bool, typed: &str) -> Markup {
        let communes = self.form.choices_of(self.field);
        if !provinces {
            return self.select(&self.field.name, &self.id(), communes, typed);
        }
        let name = format!("{}-province", self.field.name);
        let id = format!("{}-province", self.id());
        let all = self.form.choices.get(&name).map_or(&[][..], Vec::as_slice);
        html! {
            div.area {
                div {
                    label for=(id) { (text(self.lang, "form-province")) }
                    (self.select(&name, &id, all, self.values.text(&name)))
                }
                button.btn.quiet name="_search" value=(self.field.name) data-on-change=(id) { (text(self.lang, "form-province-go")) }
                @if !communes.is_empty() {
                    div {
                        label for=(self.id()) { (text(self.lang, "form-commune")) }
                        (self.select(&self.field.name, &self.id(), communes, typed))
                    }
                }
            }
        }
    }

    fn files(&self, accept: &[crate::submitted::FileKind], max_count: usize) -> Markup {
        let endings: Vec<String> = accept
            .iter()
            .flat_map(|k| k.endings())
            .map(|e| format!(".{e}"))
            .collect();
        let kept = self.values.kept(&self.field.name);
        html! {
            @if !kept.is_empty() {
                ul.kept-files {
                    @for (at, file) in kept.iter().enumerate() {
                        @let id = format!("{}-kept-{at}", self.id());
                        li.tick {
                            input type="checkbox" id=(id) name={"kept-" (self.field.name)} value=(file.token) checked;
                            label for=(id) { (text(self.lang, "form-file-kept")) " " b { (file.name) } " (" (format::file_size(self.lang, file.size)) ")" }
                        }
                    }
                }
            }
            input id=(self.id()) name=(self.field.name) type="file" accept=(endings.join(",")) multiple[max_count > 1]
                aria-describedby=[self.described()] aria-invalid=[self.is_bad().then_some("true")] aria-required=[self.required()];
        }
    }
}
