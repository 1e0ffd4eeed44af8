//! Blocks of content: facts, summary lists, task lists, cards, details, notices, the session warning, a bar chart.
//! They refuse to fetch or decide: what is in them was settled by the page.

use kernel::Lang;
use maud::{Markup, html};

use super::tone::{Tone, tag};
use crate::i18n::text;
use crate::shell::{SessionClock, Shell};

/// One answer at the head of a page: the fee, the day, the place.
#[derive(Debug, Clone)]
pub struct Fact {
    /// What is asked: `Lệ phí`.
    pub label: String,
    /// The answer: `50.000 đ`.
    pub value: Markup,
    /// A condition or a second answer, small.
    pub more: Option<String>,
}

impl Fact {
    /// An answer.
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        let value = value.into();
        Self {
            label: label.into(),
            value: html! { (value) },
            more: None,
        }
    }

    /// The same with something small below.
    #[must_use]
    pub fn more(mut self, more: impl Into<String>) -> Self {
        self.more = Some(more.into());
        self
    }

    /// The same as a link to the rows behind it.
    #[must_use]
    pub fn link(mut self, href: &str) -> Self {
        let value = self.value;
        self.value = html! { a href=(href) { (value) } };
        self
    }
}

/// The answers that come before any asking.
#[must_use]
pub fn facts(facts: &[Fact]) -> Markup {
    html! {
        dl.facts {
            @for fact in facts {
                div {
                    dt { (fact.label) }
                    dd.num { (fact.value) }
                    @if let Some(more) = &fact.more { dd.more { (more) } }
                }
            }
        }
    }
}

/// A row of a summary: a question, its answer, and perhaps where to change it.
#[derive(Debug, Clone)]
pub struct SummaryRow {
    /// The question.
    pub label: String,
    /// The answer.
    pub value: Markup,
    /// Address and word of a link that changes it.
    pub action: Option<(String, String)>,
}

impl SummaryRow {
    /// A row with a text as its answer; line ends are kept.
    pub fn new(label: impl Into<String>, value: impl AsRef<str>) -> Self {
        let value = value.as_ref();
        Self {
            label: label.into(),
            value: html! { span.kept { (value) } },
            action: None,
        }
    }

    /// A row with marked-up content.
    pub fn markup(label: impl Into<String>, value: Markup) -> Self {
        Self {
            label: label.into(),
            value,
            action: None,
        }
    }

    /// The same row with a link that changes the answer.
    #[must_use]
    pub fn change(mut self, href: impl Into<String>, words: impl Into<String>) -> Self {
        self.action = Some((href.into(), words.into()));
        self
    }
}

/// Questions and answers, to be read or checked.
#[must_use]
pub fn summary_list(rows: &[SummaryRow]) -> Markup {
    html! {
        dl.summary {
            @for row in rows {
                div {
                    dt { (row.label) }
                    dd { (row.value) }
                    @if let Some((href, words)) = &row.action {
                        dd.act { a href=(href) { (words) span.hidden { " " (row.label) } } }
                    }
                }
            }
        }
    }
}

/// A row of a task list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRow {
    /// The task.
    pub label: String,
    /// Where it is done; none when it cannot begin yet.
    pub href: Option<String>,
    /// What it asks for, small.
    pub hint: Option<String>,
    /// Tone and words of its state.
    pub state: (Tone, String),
}

/// Tasks that make up one undertaking, each with its state.
#[must_use]
pub fn task_list(rows: &[TaskRow]) -> Markup {
    html! {
        ul.tasks {
            @for row in rows {
                li {
                    div {
                        @match &row.href { Some(href) => a href=(href) { (row.label) }, None => span { (row.label) } }
                        @if let Some(hint) = &row.hint { p.hint { (hint) } }
                    }
                    (tag(row.state.0, &row.state.1))
                }
            }
        }
    }
}

/// A card with a title that is a link.
#[must_use]
pub fn card(title: &str, href: Option<&str>, body: &Markup) -> Markup {
    html! {
        div.card {
            h3.first { @match href { Some(href) => a href=(href) { (title) }, None => (title) } }
            (body)
        }
    }
}

/// Something that most people need not read, folded away.
#[must_use]
pub fn details(summary: &str, body: &Markup) -> Markup {
    html! { details.more { summary { (summary) } div { (body) } } }
}

/// A quotation or an example, set apart without news in it.
#[must_use]
pub fn inset(body: &Markup) -> Markup {
    html! { div.inset { (body) } }
}

/// A warning of consequences, with its sign and a hidden word for screen readers.
#[must_use]
pub fn warning(lang: Lang, words: &str) -> Markup {
    html! {
        p.warn { span.sign aria-hidden="true" { "!" } strong { span.hidden { (text(lang, "web-warning")) " " } (words) } }
    }
}

/// What stands where a list would, when there is nothing in it: a sentence and the next thing to do.
#[must_use]
pub fn empty(words: &str, action: Option<(&str, &str)>) -> Markup {
    html! {
        div.empty {
            p { (words) }
            @if let Some((href, label)) = action { p { a.btn.quiet href=(href) { (label) } } }
        }
    }
}

/// News about what was just done, at the head of the page.
#[must_use]
pub fn notification(lang: Lang, tone: Tone, words: &str) -> Markup {
    let bad = tone == Tone::Late;
    let role = if bad { "alert" } else { "status" };
    html! {
        div class={"banner " (tone.class())} role=(role) tabindex="-1" data-focus[bad] {
            span.sign aria-hidden="true" { (tone.sign()) }
            p { span.hidden { (text(lang, &format!("web-tone-{}", tone.class()))) ": " } (words) }
        }
    }
}

/// The dialog that the script opens before a session ends. Without scripts nothing is shown: the server keeps the draft.
#[must_use]
pub fn session_warning(shell: &Shell, clock: &SessionClock) -> Markup {
    let lang = shell.lang;
    html! {
        dialog.session aria-labelledby="session-title" data-ends=(clock.ends_after_s) data-warn=(clock.warn_before_s) data-renew=(clock.renew) {
            h2 #session-title { (text(lang, "web-session-title")) }
            p role="timer" aria-live="off" { (text(lang, "web-session-left")) " " b data-left {} }
            p { (text(lang, "web-session-draft")) }
            div.row {
                button.btn type="button" data-stay { (text(lang, "web-session-stay")) }
                a.btn.quiet href=(shell.brand.sign_in) data-gone hidden { (text(lang, "web-sign-in")) }
            }
            p.late data-over hidden { (text(lang, "web-session-over")) }
        }
    }
}

/// A bar chart drawn on the server, with its table beside it (folded). Bars are links when they have an address.
///
/// Each bar: label, value, words of the value, address. Heights are relative to the largest value.
#[must_use]
pub fn bar_chart(lang: Lang, title: &str, bars: &[(String, u64, String, Option<String>)]) -> Markup {
    let top = bars.iter().map(|b| b.1).max().unwrap_or(0).max(1);
    let step = 560 / bars.len().max(1);
    let height = |value: u64| 4 + value.saturating_mul(118) / top;
    html! {
        figure.chart {
            figcaption { (title) }
            svg viewBox="0 0 560 180" aria-hidden="true" {
                line.g x1="0" x2="560" y1="150" y2="150" {}
                @for (at, (label, value, words, _)) in bars.iter().enumerate() {
                    @let middle = at * step + step / 2;
                    rect.a x=(at * step + step / 6) y=(150 - height(*value)) width=(step * 2 / 3) height=(height(*value)) rx="3" {}
                    text x=(middle) y=(144 - height(*value)) text-anchor="middle" { (words) }
                    text x=(middle) y="170" text-anchor="middle" { (label) }
                }
            }
            details.more {
                summary { (text(lang, "web-chart-table")) }
                table { caption.hidden { (title) } tbody { @for (label, _, words, href) in bars { tr {
                    th scope="row" { (label) }
                    td.r { @match href { Some(href) => a href=(href) { (words) }, None => (words) } }
                } } } }
            }
        }
    }
}
