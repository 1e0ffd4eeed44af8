//! The five tones of a state. Each has a colour, a sign and words; none is told by colour alone (WCAG 1.4.1).
//! It refuses to decide which tone a state has: that is the page's to say.

use maud::{Markup, html};

/// What kind of news something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    /// Done, in time.
    Ok,
    /// Due soon, needs attention.
    Soon,
    /// Late, refused, failed.
    Late,
    /// Known, running, waiting for somebody.
    Info,
    /// Nothing to do with good or bad: withdrawn, closed, old.
    Plain,
}

impl Tone {
    /// All tones.
    pub const ALL: [Self; 5] = [Self::Ok, Self::Soon, Self::Late, Self::Info, Self::Plain];

    /// Its class in the style sheet.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Soon => "soon",
            Self::Late => "late",
            Self::Info => "info",
            Self::Plain => "plain",
        }
    }

    /// Its sign, which stands beside the words.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Ok => "✓",
            Self::Soon => "◔",
            Self::Late => "!",
            Self::Info => "→",
            Self::Plain => "–",
        }
    }
}

/// A state in a word or two, beside a title or in a table.
#[must_use]
pub fn tag(tone: Tone, words: &str) -> Markup {
    html! { span class={"tag " (tone.class())} { span.sign aria-hidden="true" { (tone.sign()) } (words) } }
}

/// A few sentences set apart, with a title.
#[must_use]
pub fn note(tone: Tone, title: &str, body: &Markup) -> Markup {
    html! {
        div class={"note " (tone.class())} {
            @if !title.is_empty() { p.title { (title) } }
            (body)
        }
    }
}
