//! A field of a form: what it is called, what it takes, when it is asked.
//! It refuses behaviour: a field is data that goes through serde; reading and drawing have their own files.

use kernel::{Bilingual, Date, Lang};
use serde::{Deserialize, Serialize};

use crate::submitted::FileKind;

/// Words of a form: a key of the texts (forms in code) or the words themselves (forms that are data).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Label {
    /// A Fluent key.
    Key {
        /// The key.
        key: String,
    },
    /// The words.
    Text(Bilingual),
}

impl Label {
    /// The words in that language.
    #[must_use]
    pub fn get(&self, lang: Lang) -> String {
        match self {
            Self::Key { key } => crate::i18n::text(lang, key),
            Self::Text(words) => words.get(lang).to_owned(),
        }
    }
}

impl From<&str> for Label {
    /// A `&str` is a Fluent key.
    fn from(key: &str) -> Self {
        Self::Key { key: key.to_owned() }
    }
}

impl From<Bilingual> for Label {
    fn from(words: Bilingual) -> Self {
        Self::Text(words)
    }
}

/// One of the answers that a field offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is shown.
    pub label: Label,
    /// A sentence below it (radios and checkboxes).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Label>,
    /// Heading of a group in a select.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Label>,
}

impl Choice {
    /// An answer.
    pub fn new(value: impl Into<String>, label: impl Into<Label>) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
            hint: None,
            group: None,
        }
    }

    /// An answer whose words are ready and the same in both languages (a name).
    pub fn named(value: impl Into<String>, name: impl Into<String>) -> Self {
        Self::new(value, Bilingual::vi(name.into()))
    }

    /// The same with a sentence below.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Label>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same in a group of a select.
    #[must_use]
    pub fn group(mut self, group: impl Into<Label>) -> Self {
        self.group = Some(group.into());
        self
    }
}

/// A typed parser of `kernel` that a text must pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// [`kernel::TaxCode`].
    TaxCode,
    /// [`kernel::AreaCode`].
    AreaCode,
    /// [`kernel::AgencyCode`].
    AgencyCode,
    /// [`kernel::ProcedureCode`].
    ProcedureCode,
    /// [`kernel::DossierCode`], read leniently.
    DossierCode,
    /// ASCII letters, digits, dots, hyphens, underscores: a sign-in name.
    Login,
}

/// How wide a control is, in letters: it hints at the length of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Width {
    /// 4 letters.
    W4,
    /// 10 letters.
    W10,
    /// 20 letters.
    W20,
    /// As wide as the text.
    #[default]
    Full,
}

/// What a field takes. Lengths are in characters (Unicode scalar values), sizes in bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum FieldKind {
    /// One line.
    Text {
        /// Longest answer.
        #[serde(default = "line_max")]
        max_len: usize,
        /// Shortest answer.
        #[serde(default)]
        min_len: usize,
        /// A parser that it must pass.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        check: Option<Check>,
    },
    /// Several lines.
    Multiline {
        /// Longest answer.
        #[serde(default = "lines_max")]
        max_len: usize,
        /// Visible lines.
        #[serde(default = "rows")]
        rows: u8,
    },
    /// A password; never shown again.
    Password {
        /// Whether it is a new one (for password managers).
        #[serde(default)]
        new: bool,
    },
    /// Six digits from an authenticator.
    OneTimeCode,
    /// A whole number; grouping dots and spaces may be typed.
    Integer {
        /// Least.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<i64>,
        /// Most.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<i64>,
        /// Unit behind the control: `m²`, `người`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<Label>,
    },
    /// A number with decimals; read with a comma or a point, kept with a point.
    Decimal {
        /// Decimals at most, 1 to 6.
        decimals: u8,
        /// Least, in units of the last decimal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<i64>,
        /// Most, in units of the last decimal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<i64>,
        /// Unit behind the control: `m²`, `ha`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<Label>,
    },
    /// An amount of money in đồng.
    Dong {
        /// Least.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<i64>,
        /// Most.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<i64>,
    },
    /// A day, in three small fields; a whole date typed into the first is understood too.
    Date {
        /// First day allowed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<Date>,
        /// Last day allowed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<Date>,
    },
    /// One of a few answers, all visible.
    Radios {
        /// The answers.
        #[serde(default)]
        choices: Vec<Choice>,
    },
    /// One of many answers.
    Select {
        /// The answers.
        #[serde(default)]
        choices: Vec<Choice>,
    },
    /// Some of a few answers.
    Checkboxes {
        /// The answers.
        #[serde(default)]
        choices: Vec<Choice>,
    },
    /// One or several of a long list of codes, found by typing: the browser suggests, with scripts or without. A code, a
    /// name, or a part that only one name has is understood.
    Lookup {
        /// The codes with their names.
        choices: Vec<Choice>,
        /// Most answers.
        #[serde(default = "one")]
        max_count: usize,
    },
    /// Yes or no; sent as `yes` or `no`.
    YesNo,
    /// One box that is ticked or not: a declaration when required; sent as `yes`.
    Confirm,
    /// A personal identification number of 12 digits.
    PersonId,
    /// A phone number.
    Phone,
    /// An e-mail address.
    Email,
    /// A tax code.
    TaxCode,
    /// An area by its code, chosen from what the page offers ([`super::Form::with_choices`]).
    Area {
        /// Whether the province is chosen first, which fills the communes.
        #[serde(default)]
        provinces: bool,
    },
    /// Files.
    Files {
        /// What is taken.
        accept: Vec<FileKind>,
        /// Most files.
        #[serde(default = "one")]
        max_count: usize,
        /// Most bytes of one file.
        #[serde(default = "file_max")]
        max_bytes: u64,
    },
}

const fn line_max() -> usize {
    200
}
const fn lines_max() -> usize {
    10_000
}
const fn rows() -> u8 {
    5
}
const fn one() -> usize {
    1
}
const fn file_max() -> u64 {
    20 << 20
}

impl FieldKind {
    /// The answers of the schema.
    #[must_use]
    pub fn choices(&self) -> &[Choice] {
        match self {
            Self::Radios { choices }
            | Self::Select { choices }
            | Self::Checkboxes { choices }
            | Self::Lookup { choices, .. } => choices,
            Self::Text { .. }
            | Self::Multiline { .. }
            | Self::Password { .. }
            | Self::OneTimeCode
            | Self::Integer { .. }
            | Self::Decimal { .. }
            | Self::Dong { .. }
            | Self::Date { .. }
            | Self::YesNo
            | Self::Confirm
            | Self::PersonId
            | Self::Phone
            | Self::Email
            | Self::TaxCode
            | Self::Area { .. }
            | Self::Files { .. } => &[],
        }
    }

    /// Whether it is drawn as a group with a legend.
    #[must_use]
    pub const fn is_group(&self) -> bool {
        match self {
            Self::Radios { .. } | Self::Checkboxes { .. } | Self::YesNo | Self::Date { .. } => true,
            Self::Area { provinces } => *provinces,
            Self::Lookup { max_count, .. } => *max_count > 1,
            Self::Text { .. }
            | Self::Multiline { .. }
            | Self::Password { .. }
            | Self::OneTimeCode
            | Self::Integer { .. }
            | Self::Decimal { .. }
            | Self::Dong { .. }
            | Self::Select { .. }
            | Self::Confirm
            | Self::PersonId
            | Self::Phone
            | Self::Email
            | Self::TaxCode
            | Self::Files { .. } => false,
        }
    }
}

/// A field is asked only when another has one of these answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// Name of the other field, which stands before this one.
    pub field: String,
    /// Its answers.
    pub is: Vec<String>,
}

/// One field of a form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Name: ASCII letters, digits, hyphens, underscores.
    pub name: String,
    /// What it is called.
    pub label: Label,
    /// What helps to answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Label>,
    /// What it takes.
    #[serde(flatten)]
    pub kind: FieldKind,
    /// Whether it must be answered. Fields that need not are marked so.
    #[serde(default)]
    pub required: bool,
    /// When it is asked; always without this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    /// Token of the `autocomplete` attribute (WCAG 1.3.5): `name`, `tel`, `bday`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autocomplete: Option<String>,
    /// How wide it is.
    #[serde(default)]
    pub width: Width,
    /// Where its filled-in value came from: "lấy từ cơ sở dữ liệu dân cư".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Label>,
    /// Has the focus when the page is opened: for pages that officers use all day, never for citizens' pages.
    #[serde(skip)]
    pub focused: bool,
    /// The letter of its `accesskey`.
    #[serde(skip)]
    pub key: Option<char>,
}

impl Field {
    /// A required field of any kind.
    pub fn new(name: impl Into<String>, label: impl Into<Label>, kind: FieldKind) -> Self {
        Self {
            name: name.into(),
            label: label.into(),
            hint: None,
            kind,
            required: true,
            when: None,
            autocomplete: None,
            width: Width::Full,
            source: None,
            focused: false,
            key: None,
        }
    }

    /// A required line of text of at most 200 characters.
    pub fn text(name: impl Into<String>, label: impl Into<Label>) -> Self {
        Self::new(
            name,
            label,
            FieldKind::Text {
                max_len: line_max(),
                min_len: 0,
                check: None,
            },
        )
    }

    /// A required text of several lines.
    pub fn multiline(name: impl Into<String>, label: impl Into<Label>, max_len: usize) -> Self {
        Self::new(name, label, FieldKind::Multiline { max_len, rows: rows() })
    }

    /// A required line of text that a parser of `kernel` reads.
    pub fn checked(name: impl Into<String>, label: impl Into<Label>, check: Check) -> Self {
        Self::new(
            name,
            label,
            FieldKind::Text {
                max_len: line_max(),
                min_len: 0,
                check: Some(check),
            },
        )
        .width(Width::W20)
    }

    /// Required radios.
    pub fn radios(name: impl Into<String>, label: impl Into<Label>, choices: Vec<Choice>) -> Self {
        Self::new(name, label, FieldKind::Radios { choices })
    }

    /// A required select.
    pub fn select(name: impl Into<String>, label: impl Into<Label>, choices: Vec<Choice>) -> Self {
        Self::new(name, label, FieldKind::Select { choices })
    }

    /// Required files of those kinds.
    pub fn files(name: impl Into<String>, label: impl Into<Label>, accept: Vec<FileKind>, max_count: usize) -> Self {
        Self::new(
            name,
            label,
            FieldKind::Files {
                accept,
                max_count,
                max_bytes: file_max(),
            },
        )
    }

    /// Need not be answered.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// What helps to answer.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Label>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Asked only when `field` has one of the answers `is`.
    #[must_use]
    pub fn when(mut self, field: impl Into<String>, is: &[&str]) -> Self {
        self.when = Some(When {
            field: field.into(),
            is: is.iter().map(|v| (*v).to_owned()).collect(),
        });
        self
    }

    /// The token of the `autocomplete` attribute.
    #[must_use]
    pub fn autocomplete(mut self, token: impl Into<String>) -> Self {
        self.autocomplete = Some(token.into());
        self
    }

    /// Reached by this letter with the browser's own keys.
    #[must_use]
    pub const fn key(mut self, key: char) -> Self {
        self.key = Some(key);
        self
    }

    /// Most files of a field that takes some; none of any other.
    #[must_use]
    pub const fn files_max(&self) -> usize {
        match &self.kind {
            FieldKind::Files { max_count, .. } => *max_count,
            _ => 0,
        }
    }

    /// Whether a file is one that the field takes: of its kinds, within its size.
    #[must_use]
    pub fn takes(&self, file: &crate::UploadedFile) -> bool {
        match &self.kind {
            FieldKind::Files { accept, max_bytes, .. } => accept.contains(&file.kind) && file.size <= *max_bytes,
            _ => false,
        }
    }

    /// How wide it is.
    #[must_use]
    pub const fn width(mut self, width: Width) -> Self {
        self.width = width;
        self
    }

    /// Longest answer of a text, in characters.
    #[must_use]
    pub fn max_len(mut self, most: usize) -> Self {
        if let FieldKind::Text { max_len, .. } | FieldKind::Multiline { max_len, .. } = &mut self.kind {
            *max_len = most;
        }
        self
    }
}
