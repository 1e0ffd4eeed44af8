//! Putting an event into words: one text at a time, with a bound on its steps. SMS comes out in ASCII, titles on one line.
//! Refuses a value of another kind than the event declares, so that a caller's mistake is noticed in its first test.

use std::collections::BTreeMap;

use kernel::Lang;

use super::check::filled;
use super::{EventTemplate, Holds, Templates, Words, ascii};
use crate::channel::Channel;
use crate::message::{Parameter, Parameters};

/// What every text may name beside the event's own values.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// Short name of the province.
    pub site: &'a str,
    /// Address of the site, without a slash at the end.
    pub origin: &'a str,
    /// The page that shows more.
    pub path: &'a str,
}

/// A message in the words of one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rendered {
    /// E-mail.
    Email {
        /// Its subject.
        subject: String,
        /// Its text.
        text: String,
    },
    /// SMS.
    Sms {
        /// Its text: ASCII, at most 160 characters.
        text: String,
    },
    /// Zalo: the values that go into the approved template.
    Zalo {
        /// By the name of the parameter.
        values: BTreeMap<String, String>,
    },
    /// Web push.
    Push {
        /// Its title.
        title: String,
        /// The words below it.
        text: String,
    },
    /// A letter.
    Letter {
        /// Its heading.
        title: String,
        /// What happened.
        body: String,
        /// What happens next and when.
        next: String,
    },
}

/// Why a message cannot be put into words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// There is no template of this kind.
    #[error("no template tells of {0}")]
    NoTemplate(String),
    /// The event is not told there.
    #[error("{0} is not told by {1}")]
    NotTold(String, Channel),
    /// A value is missing or of another kind.
    #[error("parameter {0} is missing or no {1}")]
    Parameter(String, Holds),
    /// The text failed: too many steps, a mistake.
    #[error("{0}")]
    Text(String),
    /// Too long for the channel.
    #[error("{chars} characters, {chars_max} fit")]
    TooLong {
        /// What it fills.
        chars: usize,
        /// What fits.
        chars_max: usize,
    },
}

impl EventTemplate {
    /// The words of a language.
    #[must_use]
    pub fn words(&self, lang: Lang) -> &Words {
        match lang {
            Lang::Vi => &self.words[0],
            Lang::En => &self.words[1],
        }
    }
}

/// Name of a text in the compiled set. It has no ending, so that nothing is escaped: these are plain texts.
pub(super) fn name(kind: &str, lang: Lang, place: &str) -> String {
    format!("{kind}/{lang}/{place}")
}

/// An error of the template language in one line.
pub(super) fn why(error: &minijinja::Error) -> String {
    let line = error.line().map(|line| format!(" (line {line})")).unwrap_or_default();
    let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
    format!("{}{detail}{line}", error.kind())
}

fn fits(holds: Holds, value: &Parameter) -> bool {
    matches!(
        (holds, value),
        (Holds::Code, Parameter::Code(_))
            | (Holds::Time, Parameter::Time(_))
            | (Holds::Day, Parameter::Day(_))
            | (Holds::Dong, Parameter::Dong(_))
            | (Holds::Count, Parameter::Count(_))
            | (Holds::Name, Parameter::Name(_))
    )
}

/// The values as text, each of the kind that the event declares.
fn values(template: &EventTemplate, given: &Parameters, lang: Lang) -> Result<BTreeMap<String, String>, RenderError> {
    let text = |(name, holds): (&String, &Holds)| {
        let value = given.get(name).filter(|value| fits(*holds, value));
        let value = value.ok_or_else(|| RenderError::Parameter(name.clone(), *holds))?;
        Ok((name.clone(), value.text(lang)))
    };
    template.parameters.iter().map(text).collect()
}

impl Templates {
    /// One text of a template, whatever its length.
    pub(super) fn part(
        &self,
        template: &EventTemplate,
        lang: Lang,
        place: &str,
        given: &Parameters,
        setting: &Setting<'_>,
    ) -> Result<String, RenderError> {
        let mut all = values(template, given, lang)?;
        all.insert(
            "site".to_owned(),
            setting.site.chars().take(super::check::SITE_CHARS_MAX).collect(),
        );
        all.insert("link".to_owned(), format!("{}{}", setting.origin, setting.path));
        let failed = |error: minijinja::Error| RenderError::Text(why(&error));
        let compiled = self
            .env
            .get_template(&name(&template.kind, lang, place))
            .map_err(failed)?;
        let text = compiled.render(&all).map_err(failed)?;
        let text = text.trim().to_owned();
        Ok(match place {
            "sms" => ascii::plain(&text),
            "title" | "push" => text.split_whitespace().collect::<Vec<_>>().join(" "),
            _ => text,
        })
    }

    /// The values that the approved text names, and no others: a name of a unit stays here.
    /// Zalo's templates are approved in Vietnamese.
    fn named(
        &self,
        template: &EventTemplate,
        given: &Parameters,
        setting: &Setting<'_>,
    ) -> Result<BTreeMap<String, String>, RenderError> {
        let failed = |error: minijinja::Error| RenderError::Text(why(&error));
        let text = self
            .env
            .get_template(&name(&template.kind, Lang::Vi, "zalo"))
            .map_err(failed)?;
        let used = text.undeclared_variables(false);
        let mut all = values(template, given, Lang::Vi)?;
        all.insert("site".to_owned(), setting.site.to_owned());
        all.retain(|name, _| used.contains(name));
        Ok(all)
    }

    fn fitting(
        &self,
        template: &EventTemplate,
        lang: Lang,
        place: &str,
        given: &Parameters,
        setting: &Setting<'_>,
    ) -> Result<String, RenderError> {
        let text = self.part(template, lang, place, given, setting)?;
        let (chars, chars_max) = filled(place, &text);
        if chars > chars_max {
            Err(RenderError::TooLong { chars, chars_max })
        } else {
            Ok(text)
        }
    }

    /// An event in the words of a channel.
    /// # Errors
    /// No template, a value of the wrong kind, a text that fails or does not fit.
    pub fn render(
        &self,
        kind: &str,
        channel: Channel,
        lang: Lang,
        given: &Parameters,
        setting: &Setting<'_>,
    ) -> Result<Rendered, RenderError> {
        let template = self
            .event(kind)
            .ok_or_else(|| RenderError::NoTemplate(kind.to_owned()))?;
        if !template.channels.contains(&channel) {
            return Err(RenderError::NotTold(kind.to_owned(), channel));
        }
        let part = |place: &str| self.fitting(template, lang, place, given, setting);
        Ok(match channel {
            Channel::Email => Rendered::Email {
                subject: part("title")?,
                text: email(lang, &part("body")?, &part("next")?, setting),
            },
            Channel::Sms => Rendered::Sms { text: part("sms")? },
            Channel::Zalo => Rendered::Zalo {
                values: self.named(template, given, setting)?,
            },
            Channel::Push => Rendered::Push {
                title: part("title")?,
                text: part("push")?,
            },
            Channel::Letter => Rendered::Letter {
                title: part("title")?,
                body: part("body")?,
                next: part("next")?,
            },
        })
    }
}

/// The text of an e-mail: what happened, what happens next, where to look, who writes.
fn email(lang: Lang, body: &str, next: &str, setting: &Setting<'_>) -> String {
    let words = |key| web::text(lang, key);
    let link = format!("{}{}", setting.origin, setting.path);
    let settings = format!("{}/notices/settings", setting.origin);
    format!(
        "{body}\n\n{}\n{next}\n\n{}\n{link}\n\n--\n{}\n{}\n{settings}\n",
        words("notice-mail-next"),
        words("notice-mail-look"),
        words("notice-mail-foot"),
        words("notice-mail-settings"),
    )
}
