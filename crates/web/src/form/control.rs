//! The control of each kind of field: the part that a person types into, ticks or chooses from.
//! It refuses `required`, `pattern` and `maxlength`: browsers word them badly and cut what was pasted.

use maud::{Markup, html};

use super::parse::DATE_PARTS;
use super::render::Ctx;
use super::{Choice, FieldKind, Width};
use crate::format;
use crate::i18n::text;

impl Ctx<'_> {
    pub(super) fn control(&self) -> Markup {
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
            FieldKind::Decimal { unit, .. } => {
                let unit = unit.as_ref().map(|u| u.get(self.lang));
                let shown = typed.replace('.', ",");
                self.with_unit(unit, self.input("text", Some("decimal"), &shown))
            }
            FieldKind::Lookup { max_count, .. } => self.lookup(*max_count),
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
            | FieldKind::Decimal { .. }
            | FieldKind::Lookup { .. }
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
            (Width::W10, _)
            | (Width::Full, FieldKind::OneTimeCode | FieldKind::Integer { .. } | FieldKind::Decimal { .. }) => {
                Some("w10")
            }
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
                | FieldKind::Lookup { .. }
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
                spellcheck=[mode.map(|_| "false")] autofocus[self.field.focused] accesskey=[self.field.key];
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
                    aria-describedby=[self.described()] aria-invalid=[self.is_bad().then_some("true")] aria-required=[self.required()]
                    autofocus[self.field.focused] accesskey=[self.field.key];
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
                // A list that says itself what nothing means needs no other line for it.
                @if !choices.iter().any(|choice| choice.value.is_empty()) { option value="" { (text(self.lang, "form-choose")) } }
                @for group in groups {
                    @match group.first().and_then(|c| c.group.as_ref()) {
                        Some(heading) => optgroup label=(heading.get(self.lang)) { @for choice in group { (option(choice)) } },
                        None => @for choice in group { (option(choice)) },
                    }
                }
            }
        }
    }

    /// Boxes with suggestions: one, or those that are filled and two more.
    fn lookup(&self, max_count: usize) -> Markup {
        let choices = self.form.choices_of(self.field);
        let typed = self.values.all(&self.field.name);
        let named = |text: &String| {
            let found = choices.iter().find(|choice| choice.value == *text);
            found.map_or_else(|| text.clone(), |choice| super::parse::suggestion(choice, self.lang))
        };
        let filled: Vec<String> = typed.iter().filter(|text| !text.is_empty()).map(named).collect();
        let boxes = (filled.len() + 2).min(max_count).max(1);
        let id = self.id();
        html! {
            @for at in 0..boxes {
                @let label = (max_count > 1).then(|| format!("{} {}", self.field.label.get(self.lang), at + 1));
                input id=(if at == 0 { id.clone() } else { format!("{id}-{at}") }) name=(self.field.name) type="text"
                    value=(filled.get(at).map_or("", String::as_str)) list={ (id) "-list" } autocomplete="off"
                    aria-label=[label] aria-describedby=[self.described()]
                    aria-invalid=[self.is_bad().then_some("true")] aria-required=[self.required().filter(|_| at == 0)];
            }
            datalist id={ (id) "-list" } {
                @for choice in choices { option value=(super::parse::suggestion(choice, self.lang)); }
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
