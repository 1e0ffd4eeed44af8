//! Ways through pages: breadcrumbs, tabs, the search box, the steps of a dossier.
//! Every one is a link with an address: it refuses to need scripts. WCAG 2.4.5, 2.4.8.

use kernel::Lang;
use maud::{Markup, html};

use crate::i18n::text;

/// One station of the way from the home page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crumb {
    /// Where it leads.
    pub href: String,
    /// Its words.
    pub label: String,
}

impl Crumb {
    /// A station.
    pub fn new(href: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            href: href.into(),
            label: label.into(),
        }
    }
}

/// The way to this page. [`crate::Page::crumbs`] puts it in its place.
#[must_use]
pub fn breadcrumb(lang: Lang, crumbs: &[Crumb]) -> Markup {
    html! {
        nav.crumbs aria-label=(text(lang, "web-crumbs")) {
            ol { @for crumb in crumbs { li { a href=(crumb.href) { (crumb.label) } } } }
        }
    }
}

/// One step back, for pages inside a task.
#[must_use]
pub fn back_link(lang: Lang, href: &str) -> Markup {
    html! { p { a.back href=(href) { (text(lang, "web-back")) } } }
}

/// One tab of a list of views: a link, so that it works without scripts and has an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    /// Where it leads.
    pub href: String,
    /// Its words.
    pub label: String,
    /// How many rows are behind it.
    pub count: Option<u64>,
    /// Whether it is the one shown.
    pub current: bool,
}

/// Views of the same list, with counts.
#[must_use]
pub fn tabs(lang: Lang, label: &str, tabs: &[Tab]) -> Markup {
    html! {
        nav.tabs aria-label=(label) {
            ul {
                @for tab in tabs {
                    li { a href=(tab.href) aria-current=[tab.current.then_some("page")] {
                        (tab.label)
                        @if let Some(count) = tab.count { " " span.count { (crate::format::number(lang, i64::try_from(count).unwrap_or(i64::MAX))) } }
                    } }
                }
            }
        }
    }
}

/// A search box that sends a GET to `action` with what was typed as `name`.
///
/// `results` names the id of the element that htmx replaces as one types (the page is then [`crate::Page::live`] and
/// answers with the whole page: the same id is picked out of it).
#[must_use]
pub fn search_box(
    lang: Lang,
    action: &str,
    name: &str,
    label: &str,
    example: &str,
    typed: &str,
    results: Option<&str>,
) -> Markup {
    let target = results.map(|id| format!("#{id}"));
    html! {
        form.find role="search" aria-label=(label) method="get" action=(action) {
            label.hidden for={"s-" (name)} { (label) }
            input type="search" id={"s-" (name)} name=(name) value=(typed) placeholder=(example) autocomplete="off"
                enterkeyhint="search" spellcheck="false" maxlength="200"
                hx-get=[target.as_ref().map(|_| action)] hx-trigger=[target.as_ref().map(|_| "input changed delay:250ms")]
                hx-target=[target.as_deref()] hx-select=[target.as_deref()] hx-swap=[target.as_ref().map(|_| "outerHTML")]
                hx-replace-url=[target.as_ref().map(|_| "true")] hx-sync=[target.as_ref().map(|_| "this:replace")];
            button.btn { (text(lang, "web-search")) }
        }
    }
}

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// Behind us.
    Done,
    /// Going on.
    Now,
    /// To come.
    Next,
    /// Stopped here: returned, refused, withdrawn.
    Stopped,
}

impl StepState {
    const fn class(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Now => "now",
            Self::Next => "next",
            Self::Stopped => "stopped",
        }
    }
}

/// One step of a dossier.
#[derive(Debug, Clone)]
pub struct Step {
    /// Where it stands.
    pub state: StepState,
    /// Its name.
    pub title: String,
    /// When, who, what is awaited; empty when nothing is known yet.
    pub detail: Markup,
}

/// The steps of a dossier, past and to come.
#[must_use]
pub fn steps_list(lang: Lang, steps: &[Step]) -> Markup {
    html! {
        ol.steps {
            @for step in steps {
                li class=(step.state.class()) aria-current=[(step.state == StepState::Now).then_some("step")] {
                    b { (step.title) }
                    span.hidden { " (" (text(lang, &format!("web-step-{}", step.state.class()))) ")" }
                    @if !step.detail.0.is_empty() { div.muted { (step.detail) } }
                }
            }
        }
    }
}
