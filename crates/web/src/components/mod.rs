//! The pieces of a page: small functions from values to markup, after the structure and the accessibility habits of
//! govuk-frontend (MIT). Every text that comes in is escaped; state is never colour alone.
//! They refuse to translate what they are given: words come in ready, only their own words come from the texts.

mod blocks;
mod navigation;
mod tone;

pub use blocks::{
    Fact, SummaryRow, TaskRow, bar_chart, card, details, empty, facts, inset, notification, session_warning,
    summary_list, task_list, warning,
};
pub use navigation::{Crumb, Tab, back_link, breadcrumb, search_box, steps_list, tabs};
pub use navigation::{Step, StepState};
pub use tone::{Tone, note, tag};

use maud::{Markup, html};

use crate::shell::Shell;

/// What a button is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ButtonKind {
    /// The one main action of the page.
    Main,
    /// Anything beside it.
    Quiet,
    /// Cannot be undone.
    Danger,
}

impl ButtonKind {
    const fn class(self) -> &'static str {
        match self {
            Self::Main => "btn",
            Self::Quiet => "btn quiet",
            Self::Danger => "btn danger",
        }
    }
}

/// Letters from which on a title is a sentence and is set smaller.
const TITLE_MAX: usize = 70;

/// Class of an `h1` with these words: names of procedures may be whole sentences, which would fill a telephone's screen.
#[must_use]
pub fn title_class(words: &str) -> Option<&'static str> {
    (words.chars().count() > TITLE_MAX).then_some("long")
}

/// A link that looks like a button.
#[must_use]
pub fn button_link(kind: ButtonKind, href: &str, label: &str) -> Markup {
    html! { a class=(kind.class()) href=(href) { (label) } }
}

/// A button inside a form.
#[must_use]
pub fn button(kind: ButtonKind, label: &str) -> Markup {
    html! { button class=(kind.class()) { (label) } }
}

/// A form that is only a button: it posts to `action` with the form token, an idempotency key and hidden values.
#[must_use]
pub fn post_button(shell: &Shell, kind: ButtonKind, action: &str, hidden: &[(&str, &str)], label: &str) -> Markup {
    let tells_apart = hidden
        .iter()
        .fold(action.to_owned(), |all, (name, value)| format!("{all}\n{name}={value}"));
    html! {
        form.plain method="post" action=(action) {
            (form_guards(shell, &tells_apart))
            @for (name, value) in hidden { input type="hidden" name=(name) value=(value); }
            button class=(kind.class()) { (label) }
        }
    }
}

/// The two hidden fields that every posting form carries; `form` tells it apart from the other forms of the page.
#[must_use]
pub fn form_guards(shell: &Shell, form: &str) -> Markup {
    html! {
        input type="hidden" name="_csrf" value=(shell.csrf);
        input type="hidden" name="_once" value=(shell.once_for(form));
    }
}
