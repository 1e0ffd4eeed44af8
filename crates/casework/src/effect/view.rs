//! What effects look like: what a step will bring about, what it brought about with links, and the page on which an officer looks at
//! a record before it is entered. It opens nothing: whom a record names stands masked or comes from the opened dossier.

use definition::effect::Entry;
use definition::machine::Effect;
use kernel::Bilingual;
use maud::{Markup, html};
use web::Shell;
use web::components::{self, ButtonKind, SummaryRow, Tone};
use web::form::{Errors, Form, Values};
use web::format;

use super::{EffectState, Row, rules};
use crate::dossier::Dossier;

/// What a register of our systems is called; its name in the definition where no label is known.
pub(crate) fn register_label(name: &str) -> Bilingual {
    let key = format!("record.{name}.name");
    let systems = crate::definitions::systems().iter();
    let found = systems
        .filter(|system| system.records.iter().any(|kind| kind.name == name))
        .find_map(|system| system.texts.get(&key));
    found.cloned().unwrap_or_else(|| Bilingual::vi(name))
}

/// What an effect does, in words.
pub(crate) fn words(shell: &Shell, effect: &Effect) -> String {
    match effect {
        Effect::Issue { paper, .. } => {
            let kind = shell.text(&format!("paper-kind-{}", rules::result_kind(*paper).word()));
            shell.text_with("effect-issues", &[("kind", kind.to_lowercase().into())])
        }
        Effect::Register(entry) => {
            let register = register_label(&entry.register).get(shell.lang).to_owned();
            let key = match (entry.is_by_hand(), entry.is_change()) {
                (true, _) => "effect-enters-by-hand",
                (false, true) => "effect-changes",
                (false, false) => "effect-enters",
            };
            shell.text_with(key, &[("register", register.into())])
        }
        Effect::Notify { .. } | Effect::Set { .. } | Effect::Hook { .. } => String::new(),
    }
}

/// When an effect is not always carried out.
pub(crate) fn condition(effect: &Effect) -> Option<String> {
    match effect {
        Effect::Register(entry) => entry.when.as_ref().map(ToString::to_string),
        _ => None,
    }
}

/// What became of one effect, as the page of the dossier shows it.
pub(crate) struct Shown {
    pub(crate) row: Row,
    /// What it is called: number of the paper, title of the record.
    pub(crate) name: String,
    /// Its page; none for whoever may not see it.
    pub(crate) href: Option<String>,
    /// A result that waits to be signed, and whether this officer may.
    pub(crate) unsigned: Option<bool>,
}

/// An effect that is still to come.
pub(crate) struct Ahead {
    pub(crate) step: String,
    pub(crate) place: i64,
    pub(crate) effect: Effect,
    /// Its record can be looked at and mended before.
    pub(crate) may_write: bool,
}

/// What the steps of a dossier brought about, and what they will.
pub(crate) fn section(shell: &Shell, dossier: &Dossier, shown: &[Shown], ahead: &[Ahead]) -> Markup {
    if shown.is_empty() && ahead.is_empty() {
        return html! {};
    }
    html! {
        div.card #effects {
            h2.first { (shell.text("effect-title")) }
            @if !shown.is_empty() { ul { @for one in shown { li { (line(shell, dossier, one)) } } } }
            @if !ahead.is_empty() {
                p.muted { (shell.text("effect-ahead")) }
                ul { @for one in ahead { li {
                    (words(shell, &one.effect))
                    @if let Some(when) = condition(&one.effect) { " " span.small.muted { (shell.text_with("effect-when", &[("when", when.into())])) } }
                    @if one.may_write {
                        br; a href={ "/desk/dossiers/" (dossier.id) "/entry/" (one.step) "/" (one.place) } { (shell.text("effect-look")) }
                    }
                } } }
            }
        }
    }
}

fn line(shell: &Shell, dossier: &Dossier, one: &Shown) -> Markup {
    let row = &one.row;
    let name = html! {
        @match &one.href {
            Some(href) => a href=(href) { (one.name) },
            None => (one.name),
        }
    };
    let what = match (&row.register, row.state) {
        (None, _) => shell.text("effect-did-issue"),
        (Some(_), EffectState::ByHand) => shell.text("effect-by-hand"),
        (Some(_), EffectState::Same) => shell.text("effect-same"),
        (Some(_), EffectState::Done) if row.record.is_some_and(|(.., act)| act == ::register::record::Act::Add) => {
            shell.text("effect-did-enter")
        }
        (Some(_), EffectState::Done) => shell.text("effect-did-change"),
    };
    html! {
        (what) " " (name)
        @if let Some((register, revision)) = row.register.as_ref().zip(row.record.map(|(_, revision, _)| revision)) {
            " " span.small.muted { (register_label(&register.1).get(shell.lang)) " · " (shell.text_with("effect-version", &[("n", revision.into())])) }
        }
        @if let Some(may_sign) = one.unsigned {
            " " (components::tag(Tone::Soon, &shell.text("effect-unsigned")))
            @if may_sign { br; (components::button_link(ButtonKind::Quiet, &format!("/desk/dossiers/{}/result", dossier.id), &shell.text("effect-sign"))) }
        }
        @if row.state == EffectState::ByHand { " " (components::tag(Tone::Soon, &shell.text("effect-by-hand-tag"))) }
        br; span.small.muted { (format::date_time(shell.lang, row.at)) " · " (row.made_by) }
    }
}

/// The page of a record before it is entered.
pub(crate) struct EntryPage<'a> {
    pub(crate) dossier: &'a Dossier,
    pub(crate) entry: &'a Entry,
    pub(crate) register: String,
    /// The record that is changed; the words for none where there should be one.
    pub(crate) current: Option<Result<(String, String), String>>,
    /// Whom it names: label and name.
    pub(crate) people: Vec<(String, String)>,
    /// What the register would refuse now.
    pub(crate) faults: Vec<Bilingual>,
    /// Who wrote last, and when.
    pub(crate) written: Option<String>,
}

pub(crate) fn entry(shell: &Shell, page: &EntryPage<'_>, form: &Form, values: &Values, errors: &Errors) -> Markup {
    let args = [("register", page.register.as_str().into())];
    let title = if page.entry.is_change() {
        "effect-entry-change"
    } else {
        "effect-entry-title"
    };
    html! {
        (components::back_link(shell.lang, &format!("/desk/dossiers/{}", page.dossier.id)))
        p.small.muted.num { span.whole { (page.dossier.code) } " · " (page.dossier.person_mask) }
        h1 { (shell.text_with(title, &args)) }
        p { (shell.text("effect-entry-about")) }
        @match &page.current {
            Some(Ok((title, href))) => p { (shell.text("effect-entry-current")) " " a href=(href) { (title) } },
            Some(Err(words)) => (components::note(Tone::Late, words, &html! {})),
            None => {}
        }
        @if let Some(when) = &page.entry.when { p.small.muted { (shell.text_with("effect-when", &[("when", when.to_string().into())])) } }
        @if !page.faults.is_empty() && errors.is_empty() {
            (components::note(Tone::Soon, &shell.text("effect-entry-missing"), &html! { ul { @for one in &page.faults { li { (one.get(shell.lang)) } } } }))
        }
        @if !page.people.is_empty() {
            (components::summary_list(&page.people.iter().map(|(label, name)| SummaryRow::new(label.clone(), name)).collect::<Vec<_>>()))
        }
        (form.render(shell, values, errors))
        @if let Some(written) = &page.written { p.small.muted { (written) } }
    }
}
