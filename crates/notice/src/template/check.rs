//! The check of templates: every fault of every file at once, each with its place. Owns the rules of length.
//! A text is tried with the longest value of each parameter, so that no real value can make it too long.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use kernel::Lang;
use minijinja::{Environment, UndefinedBehavior};

use super::file::{EventInFile, FileOfEvents};
use super::render::{self, Setting};
use super::{EventTemplate, Holds, Source, Templates, Words};
use crate::channel::Channel;
use crate::message::{CODE_CHARS_MAX, NAME_CHARS_MAX, Parameter, Parameters};

/// Steps that one text may take; ours take a few dozen.
const FUEL: u64 = 5_000;
/// Longest name of the site that the lengths allow for.
pub(crate) const SITE_CHARS_MAX: usize = 24;
/// Longest title, in characters.
const TITLE_CHARS_MAX: usize = 100;
/// Longest text of a push, in characters: what a locked screen shows.
const PUSH_CHARS_MAX: usize = 160;
/// Longest text of a Zalo template, in characters.
const ZALO_CHARS_MAX: usize = 400;
/// Longest body, in characters.
const BODY_CHARS_MAX: usize = 4_000;

/// What may be used in every text beside the event's parameters.
const EVERYWHERE: [&str; 2] = ["site", "link"];

/// One fault of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFault {
    /// The file.
    pub source: String,
    /// The kind of event; empty for the file as a whole.
    pub event: String,
    /// The place: `vi.sms`.
    pub place: String,
    /// What is wrong.
    pub problem: Problem,
}

impl fmt::Display for TemplateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            source,
            event,
            place,
            problem,
        } = self;
        match event.as_str() {
            "" => write!(f, "{source}: {problem}"),
            _ => write!(f, "{source}: {event}: {place}: {problem}"),
        }
    }
}

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The file is no TOML of this form.
    #[error("{0}")]
    File(String),
    /// The kind stands twice.
    #[error("this kind of event stands twice")]
    Twice,
    /// Kinds and names of parameters are lower-case words.
    #[error("a name has lower-case letters, digits, dots and hyphens")]
    BadName,
    /// A text is missing.
    #[error("the text is missing, and the event is told by {0}")]
    Missing(Channel),
    /// A text that nobody would read.
    #[error("there is a text, and the event is not told by {0}")]
    Idle(Channel),
    /// An event without channels, or not worth telling for an hour.
    #[error("an event is told somewhere, for 1 to 720 hours")]
    Never,
    /// No template language.
    #[error("{0}")]
    Syntax(String),
    /// A name that no parameter has.
    #[error("{0} is no parameter of this event")]
    Unknown(String),
    /// A name of a unit, or a link, where it could tell somebody something.
    #[error("{0} may not be told by {1}: it carries no more than the code and what to do")]
    Weak(String, Channel),
    /// Too long at its longest.
    #[error("{chars} characters at its longest; {chars_max} fit")]
    TooLong {
        /// What it fills.
        chars: usize,
        /// What fits.
        chars_max: usize,
    },
    /// It cannot be put into words.
    #[error("{0}")]
    Render(String),
}

/// Reads, checks and compiles.
pub(super) fn read(sources: &[Source]) -> Result<Templates, Vec<TemplateFault>> {
    let mut faults = Vec::new();
    let mut templates = Templates {
        events: BTreeMap::new(),
        env: environment(),
    };
    for source in sources {
        let file: FileOfEvents = match toml::from_str(source.text) {
            Ok(file) => file,
            Err(error) => {
                faults.push(fault(source, "", "", Problem::File(error.to_string())));
                continue;
            }
        };
        for event in file.event {
            take(&mut templates, source, event, &mut faults);
        }
    }
    if faults.is_empty() { Ok(templates) } else { Err(faults) }
}

fn environment() -> Environment<'static> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_fuel(Some(FUEL));
    env
}

fn fault(source: &Source, event: &str, place: impl Into<String>, problem: Problem) -> TemplateFault {
    TemplateFault {
        source: source.name.to_owned(),
        event: event.to_owned(),
        place: place.into(),
        problem,
    }
}

fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_');
    !text.is_empty() && text.len() <= 60 && text.bytes().all(plain)
}

fn take(templates: &mut Templates, source: &Source, event: EventInFile, faults: &mut Vec<TemplateFault>) {
    let before = faults.len();
    let kind = event.kind.clone();
    if !is_name(&kind) || event.parameters.keys().any(|name| !is_name(name)) {
        faults.push(fault(source, &kind, "", Problem::BadName));
    }
    if templates.events.contains_key(&kind) {
        faults.push(fault(source, &kind, "kind", Problem::Twice));
        return;
    }
    if event.channels.is_empty() || !(1..=720).contains(&event.keep_hours) {
        faults.push(fault(source, &kind, "keep-hours", Problem::Never));
    }
    let template = EventTemplate {
        kind: kind.clone(),
        channels: event.channels.into_iter().collect(),
        keep_hours: event.keep_hours,
        is_urgent: event.urgent,
        parameters: event.parameters,
        words: [event.vi, event.en],
    };
    for lang in Lang::ALL {
        let mut at = |place: &str, problem| faults.push(fault(source, &kind, format!("{lang}.{place}"), problem));
        texts(&template, lang, &mut at);
        compile(templates, &template, lang, &mut at);
    }
    if faults.len() == before {
        templates.events.insert(kind.clone(), template);
        for lang in Lang::ALL {
            let mut at = |place: &str, problem| faults.push(fault(source, &kind, format!("{lang}.{place}"), problem));
            lengths(templates, &kind, lang, &mut at);
        }
    }
}

/// The texts of one language: place, text, the channels that need it.
pub(super) fn parts(words: &Words) -> [(&'static str, &str, &'static [Channel]); 6] {
    use Channel::{Email, Letter, Push, Sms, Zalo};
    [
        ("title", &words.title, &[Email, Letter, Push]),
        ("body", &words.body, &[Email, Letter]),
        ("next", &words.next, &[Email, Letter]),
        ("sms", &words.sms, &[Sms]),
        ("zalo", &words.zalo, &[Zalo]),
        ("push", &words.push, &[Push]),
    ]
}

fn texts(template: &EventTemplate, lang: Lang, fault: &mut impl FnMut(&str, Problem)) {
    for (place, text, channels) in parts(template.words(lang)) {
        let needed = channels.iter().find(|channel| template.channels.contains(channel));
        match (needed, text.trim().is_empty()) {
            (Some(channel), true) => fault(place, Problem::Missing(*channel)),
            (None, false) if place != "title" => fault(place, Problem::Idle(channels[0])),
            _ => {}
        }
    }
}

/// Compiles each text and looks at the names that it uses.
fn compile(templates: &mut Templates, template: &EventTemplate, lang: Lang, fault: &mut impl FnMut(&str, Problem)) {
    for (place, text, channels) in parts(template.words(lang)) {
        let name = render::name(&template.kind, lang, place);
        if let Err(error) = templates.env.add_template_owned(name.clone(), text.trim().to_owned()) {
            fault(place, Problem::Syntax(render::why(&error)));
            continue;
        }
        let used = match templates.env.get_template(&name) {
            Ok(compiled) => compiled.undeclared_variables(false),
            Err(error) => {
                fault(place, Problem::Syntax(render::why(&error)));
                continue;
            }
        };
        let weak = channels
            .iter()
            .find(|channel| channel.is_weak() && template.channels.contains(channel));
        for used in used.into_iter().collect::<BTreeSet<_>>() {
            let holds = template.parameters.get(&used);
            if holds.is_none() && !EVERYWHERE.contains(&used.as_str()) {
                fault(place, Problem::Unknown(used));
            } else if let Some(channel) = weak
                && (holds == Some(&Holds::Name) || used == "link")
            {
                fault(place, Problem::Weak(used, *channel));
            }
        }
        if let Some(channel) = weak
            && (text.contains("http:") || text.contains("https:") || text.contains("www."))
        {
            fault(place, Problem::Weak("a link".to_owned(), *channel));
        }
    }
}

/// Puts each channel into words with the longest values.
fn lengths(templates: &Templates, kind: &str, lang: Lang, fault: &mut impl FnMut(&str, Problem)) {
    let Some(template) = templates.events.get(kind) else {
        return;
    };
    let values: Parameters = template
        .parameters
        .iter()
        .map(|(name, holds)| (name.clone(), longest(*holds)))
        .collect();
    let site = "W".repeat(SITE_CHARS_MAX);
    let origin = format!("https://{}", "w".repeat(60));
    let setting = Setting {
        site: &site,
        origin: &origin,
        path: "/my/dossiers/00000000-0000-0000-0000-000000000000",
    };
    for (place, _, channels) in parts(template.words(lang)) {
        if !channels.iter().any(|channel| template.channels.contains(channel)) {
            continue;
        }
        match templates.part(template, lang, place, &values, &setting) {
            Err(error) => fault(place, Problem::Render(error.to_string())),
            Ok(text) => {
                let (chars, chars_max) = filled(place, &text);
                if chars > chars_max {
                    fault(place, Problem::TooLong { chars, chars_max });
                }
            }
        }
    }
}

/// What a text fills, and what fits.
pub(super) fn filled(place: &str, text: &str) -> (usize, usize) {
    let chars = text.chars().count();
    match place {
        "sms" => (super::ascii::sms_chars(text), super::ascii::SMS_CHARS_MAX),
        "push" => (chars, PUSH_CHARS_MAX),
        "zalo" => (chars, ZALO_CHARS_MAX),
        "title" => (chars, TITLE_CHARS_MAX + CODE_CHARS_MAX),
        _ => (chars, BODY_CHARS_MAX),
    }
}

/// The longest value of a kind. Wednesday is not shown; September is the longest month in English.
fn longest(holds: Holds) -> Parameter {
    let day = jiff::civil::date(2026, 9, 30);
    match holds {
        Holds::Code => Parameter::Code("W".repeat(CODE_CHARS_MAX)),
        Holds::Time => Parameter::Time(kernel::Timestamp::from_local(day.at(23, 59, 0, 0))),
        Holds::Day => Parameter::Day(day),
        Holds::Dong => Parameter::Dong(kernel::Dong::new(999_999_999_999)),
        Holds::Count => Parameter::Count(999_999),
        Holds::Name => Parameter::Name("W".repeat(NAME_CHARS_MAX)),
    }
}
