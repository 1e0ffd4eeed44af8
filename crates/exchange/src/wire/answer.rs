//! What an answer means. Owns the verdict on each item of a request: taken, refused, or to be sent again because nobody can
//! tell. Refuses to believe a success that names other dossiers than those that were sent.

use serde_json::Value;

use super::dialect::Dialect;
use kernel::words;

/// Characters of what the other side said that are kept.
const SAID_CHARS_MAX: usize = 160;

words! {
    /// Why a transfer was not taken.
    Reason {
        /// No connection.
        Unreachable = "unreachable",
        /// No answer in time: it may have been taken.
        Timeout = "timeout",
        /// The answer was a page.
        Html = "html",
        /// The answer broke off, or is no JSON.
        HalfJson = "half-json",
        /// JSON that says neither yes nor no.
        Strange = "strange",
        /// The session had ended.
        Session = "session",
        /// Too busy, or failing: HTTP 408, 425, 429 or 5xx.
        Busy = "busy",
        /// It said yes to others and did not name this dossier.
        NotNamed = "not-named",
        /// One of several was refused, and the answer does not say which: each is sent alone.
        Together = "together",
        /// It said no.
        Refused = "refused",
        /// It named an hour that lies ahead of us: the hour is not believed.
        ClockAhead = "clock-ahead",
    }
}

impl Reason {
    /// The line is at fault, not what was sent.
    #[must_use]
    pub const fn is_of_the_line(self) -> bool {
        match self {
            Self::Unreachable
            | Self::Timeout
            | Self::Html
            | Self::HalfJson
            | Self::Strange
            | Self::Session
            | Self::Busy => true,
            Self::NotNamed | Self::Together | Self::Refused | Self::ClockAhead => false,
        }
    }
}

/// What the answer says of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemVerdict {
    /// It was taken.
    Accepted,
    /// It was refused: code and words.
    Refused(String),
    /// Nobody can tell; the same is sent again under the same key.
    Again(Reason, String),
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// HTTP status and body.
    Body(u16, Vec<u8>),
    /// Nothing came back.
    Nothing(Reason),
}

/// An answer, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The verdict on each item, in the order in which they were sent.
    pub items: Vec<ItemVerdict>,
    /// What the answer carries.
    pub data: Vec<Value>,
    /// The fault of the line, when there was one.
    pub line: Option<Reason>,
}

impl Answer {
    fn all(count: usize, verdict: &ItemVerdict, line: Option<Reason>) -> Self {
        Self {
            items: vec![verdict.clone(); count],
            data: Vec::new(),
            line,
        }
    }

    /// The items that a look-up found; none when it was not answered.
    #[must_use]
    pub fn found(&self) -> Option<&[Value]> {
        let refused = self.data.is_empty() && self.items.iter().any(|item| *item != ItemVerdict::Accepted);
        (self.line.is_none() && !refused).then_some(&self.data)
    }

    fn again(count: usize, reason: Reason, said: &str) -> Self {
        let line = reason.is_of_the_line().then_some(reason);
        Self::all(count, &ItemVerdict::Again(reason, short(said)), line)
    }
}

fn short(said: &str) -> String {
    said.chars()
        .filter(|letter| !letter.is_control())
        .take(SAID_CHARS_MAX)
        .collect()
}

fn text_of(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Reads the answer to a request about the dossiers `codes`, in this order.
#[must_use]
pub fn read(dialect: &Dialect, content: &Content, codes: &[&str]) -> Answer {
    let count = codes.len();
    let (status, bytes) = match content {
        Content::Nothing(reason) => return Answer::again(count, *reason, ""),
        Content::Body(status, bytes) => (*status, bytes),
    };
    match status {
        200..=299 => {}
        401 | 403 => return Answer::again(count, Reason::Session, &format!("HTTP {status}")),
        408 | 425 | 429 | 500..=599 => return Answer::again(count, Reason::Busy, &format!("HTTP {status}")),
        _ => return Answer::all(count, &ItemVerdict::Refused(format!("HTTP {status}")), None),
    }
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<') {
        return Answer::again(count, Reason::Html, "");
    }
    let Ok(body) = serde_json::from_slice::<Value>(bytes) else {
        return Answer::again(count, Reason::HalfJson, &format!("{} bytes", bytes.len()));
    };
    let Some(code) = text_of(body.get(dialect.name("error_code"))) else {
        return Answer::again(count, Reason::Strange, "no error_code");
    };
    if dialect.is_session_over(&code) {
        return Answer::again(count, Reason::Session, &code);
    }
    let said = said(dialect, &code, &body);
    let data = match body.get(dialect.name("data")) {
        Some(Value::Array(items)) => items.clone(),
        _ => Vec::new(),
    };
    let items = if data.is_empty() { None } else { Some(&data) };
    let verdicts = match (dialect.is_good(&code), items) {
        (_, Some(items)) => codes.iter().map(|code| verdict_of(dialect, items, code)).collect(),
        (true, None) => vec![ItemVerdict::Accepted; count],
        (false, None) if count == 1 => vec![ItemVerdict::Refused(said)],
        (false, None) => vec![ItemVerdict::Again(Reason::Together, said); count],
    };
    Answer {
        items: verdicts,
        data,
        line: None,
    }
}

fn said(dialect: &Dialect, code: &str, body: &Value) -> String {
    let words = text_of(body.get(dialect.name("message"))).unwrap_or_default();
    short(&format!("{code} {words}"))
}

/// The verdict on the dossier `code` among those that the answer names. One that several items were about has the worst one.
fn verdict_of(dialect: &Dialect, items: &[Value], code: &str) -> ItemVerdict {
    let mut found = None;
    for item in items {
        if text_of(item.get(dialect.name("MaHoSo"))).as_deref() != Some(code) {
            continue;
        }
        match text_of(item.get(dialect.name("error_code"))) {
            None => found = found.or(Some(ItemVerdict::Accepted)),
            Some(said) if dialect.is_good(&said) => found = found.or(Some(ItemVerdict::Accepted)),
            Some(bad) => return ItemVerdict::Refused(self::said(dialect, &bad, item)),
        }
    }
    found.unwrap_or_else(|| ItemVerdict::Again(Reason::NotNamed, String::new()))
}
