//! Open data of a kind of record: the `open` part of `records.toml`. It owns which fields and rows leave, under which licence, how
//! fresh, in whose name and how it is described. It refuses personal fields, in what is shown as in what chooses rows.
//! Law: NĐ 47/2020/NĐ-CP (open data of state agencies), Luật 60/2024/QH15.

use crate::expression::{Formula, SqlError, compile};
use crate::fault::{FaultCode, Place};
use crate::field::FieldKind;
use crate::reader::{Reader, Word};
use crate::record::{RecordKind, names, refuse_personal};
use crate::source::Node;
use crate::surroundings::Reading;
use kernel::calendar::TimeLimit;
use kernel::{Bilingual, Date};

/// The word among `fields` by which the place of a record is published.
pub const GEOMETRY: &str = "geometry";
/// Groups smaller than this are suppressed where a definition says nothing else.
pub const SUPPRESS_BELOW_DEFAULT: u32 = 5;

/// What of a kind is open data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenData {
    /// SPDX name of the licence.
    pub licence: String,
    /// The fields that are published.
    pub fields: Vec<String>,
    /// Whether the place of a record is published: `geometry` among the fields.
    pub geometry: bool,
    /// Which records are published; all without it.
    pub rows: Option<Formula>,
    /// The same as written.
    pub rows_text: Option<String>,
    /// How old what is published may be.
    pub fresh_within: Option<TimeLimit>,
    /// How often it changes.
    pub frequency: Option<Frequency>,
    /// What it is about.
    pub theme: Option<Theme>,
    /// The kind of agency that publishes it; the steward of the system without it.
    pub publisher: Option<String>,
    /// Whether the records are made up, for a demonstration.
    pub synthetic: bool,
    /// When the records are counted by the fields instead of shown: groups below this many are suppressed.
    pub suppress_below: Option<u32>,
    /// What it is called; after the kind of record without it.
    pub title: Option<Bilingual>,
    /// What it is.
    pub description: Option<Bilingual>,
    /// Words by which it is found.
    pub keywords: Vec<Bilingual>,
}

macro_rules! words_of {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal / $authority:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$doc])* $variant),+ }

        impl $name {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As a definition writes it.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Its code in the authority table of the Publications Office of the EU, which DCAT-AP uses.
            #[must_use]
            pub const fn authority(self) -> &'static str {
                match self { $(Self::$variant => $authority),+ }
            }
        }
    };
}

words_of! {
    /// How often a dataset changes.
    Frequency {
        /// All the time.
        Continuous = "continuous" / "CONT",
        /// Every day.
        Daily = "daily" / "DAILY",
        /// Every week.
        Weekly = "weekly" / "WEEKLY",
        /// Every month.
        Monthly = "monthly" / "MONTHLY",
        /// Four times a year.
        Quarterly = "quarterly" / "QUARTERLY",
        /// Twice a year.
        HalfYearly = "half-yearly" / "ANNUAL_2",
        /// Every year.
        Yearly = "yearly" / "ANNUAL",
        /// Whenever something happens.
        Irregular = "irregular" / "IRREG",
    }
}

words_of! {
    /// What a dataset is about: the data themes of DCAT-AP.
    Theme {
        /// Agriculture, fisheries, forestry, food.
        Agriculture = "agriculture" / "AGRI",
        /// Economy and finance.
        Economy = "economy" / "ECON",
        /// Education, culture, sport.
        Education = "education" / "EDUC",
        /// Energy.
        Energy = "energy" / "ENER",
        /// Environment.
        Environment = "environment" / "ENVI",
        /// Government and public sector.
        Government = "government" / "GOVE",
        /// Health.
        Health = "health" / "HEAL",
        /// Justice and public safety.
        Justice = "justice" / "JUST",
        /// Regions and cities.
        Regions = "regions" / "REGI",
        /// Population and society.
        Society = "society" / "SOCI",
        /// Science and technology.
        Science = "science" / "TECH",
        /// Transport.
        Transport = "transport" / "TRAN",
    }
}

/// Licences under which data of a state agency may be published: free, for every use, with the source named at most.
pub const LICENCES: &[&str] = &[
    "CC-BY-4.0",
    "CC0-1.0",
    "CC-BY-SA-4.0",
    "ODC-By-1.0",
    "ODbL-1.0",
    "PDDL-1.0",
];

impl OpenData {
    /// Whether records are counted by the fields instead of shown.
    #[must_use]
    pub const fn is_counted(&self) -> bool {
        self.suppress_below.is_some()
    }

    /// The whole rule as one text, the same for the same rule: whoever approves it approves this.
    #[must_use]
    pub fn canonical(&self) -> String {
        let both = |text: &Bilingual| format!("{}\u{1f}{}", text.vi, text.en.as_deref().unwrap_or_default());
        let maybe = |text: &Option<Bilingual>| text.as_ref().map(both).unwrap_or_default();
        [
            self.licence.clone(),
            self.fields.join(","),
            self.geometry.to_string(),
            self.rows_text.clone().unwrap_or_default(),
            self.fresh_within.map_or_else(String::new, |limit| format!("{limit:?}")),
            self.frequency.map_or("", Frequency::word).to_owned(),
            self.theme.map_or("", Theme::word).to_owned(),
            self.publisher.clone().unwrap_or_default(),
            self.synthetic.to_string(),
            self.suppress_below.map_or_else(String::new, |least| least.to_string()),
            maybe(&self.title),
            maybe(&self.description),
            self.keywords.iter().map(both).collect::<Vec<_>>().join("\u{1e}"),
        ]
        .join("\n")
    }
}

/// Reads `open` of a kind.
pub(crate) fn read(node: &Node, kind: &RecordKind, reading: &Reading<'_>) -> Option<OpenData> {
    let reader = Reader::of(node, "open", reading.sink)?;
    let licence = reader.needed_word("licence");
    if let Some(licence) = &licence {
        let known: Vec<_> = LICENCES.iter().map(|name| (*name, ())).collect();
        reader.choose(licence, &known);
    }
    let (places, fields): (Vec<Word>, Vec<Word>) = reader
        .words("fields")
        .into_iter()
        .partition(|word| word.word == GEOMETRY && kind.geometry.is_some());
    refuse_personal(&fields, &kind.fields, reading);
    let publisher = reader.word("publisher");
    if let Some(publisher) = &publisher {
        reading.known(FaultCode::UnitUnknown, publisher, &reading.around.units);
    }
    let rows = reader.word("rows");
    let suppress_below = counted(&reader, places.first(), &fields, kind, reading);
    let open = OpenData {
        licence: licence.map_or_else(String::new, |word| word.word),
        geometry: !places.is_empty(),
        fields: names(&fields, &kind.fields, reading),
        rows: rows.as_ref().and_then(|word| self::rows(word, kind, reading)),
        rows_text: rows.map(|word| word.word),
        fresh_within: reader.duration("fresh_within"),
        frequency: reader.one_of("frequency", &pairs(Frequency::ALL, Frequency::word)),
        theme: reader.one_of("theme", &pairs(Theme::ALL, Theme::word)),
        publisher: publisher.map(|word| word.word),
        synthetic: reader.flag("synthetic"),
        suppress_below,
        title: text(&reader, "title", reading),
        description: text(&reader, "description", reading),
        keywords: keywords(&reader, reading),
    };
    reader.finish();
    Some(open)
}

fn pairs<T: Copy>(all: &[T], word: fn(T) -> &'static str) -> Vec<(&'static str, T)> {
    all.iter().map(|one| (word(*one), *one)).collect()
}

/// `count = true` and the least size of a group. Fields of a counted dataset are what it is counted by.
fn counted(
    reader: &Reader<'_>,
    place: Option<&Word>,
    fields: &[Word],
    kind: &RecordKind,
    reading: &Reading<'_>,
) -> Option<u32> {
    let is_counted = reader.flag("count");
    let least = reader
        .whole("suppress_below", 2, 1_000)
        .and_then(|least| u32::try_from(least).ok());
    if !is_counted {
        if least.is_some() {
            reading.sink.say(FaultCode::KeyMissing, reader.place(), &["count"]);
        }
        return None;
    }
    if let Some(place) = place {
        reading
            .sink
            .say(FaultCode::KeyConflict, place.place, &["count", GEOMETRY]);
    }
    for word in fields {
        let is_group = |field: &crate::Field| field.many.is_none() && !matches!(field.kind, FieldKind::File { .. });
        if kind.field(&word.word).is_some_and(|field| !is_group(field)) {
            reading
                .sink
                .say(FaultCode::FormulaNotCountable, word.place, &[&word.word]);
        }
    }
    Some(least.unwrap_or(SUPPRESS_BELOW_DEFAULT))
}

/// The condition on rows: one that a database can decide, and that reads nothing personal.
fn rows(word: &Word, kind: &RecordKind, reading: &Reading<'_>) -> Option<Formula> {
    let environment = kind.environment("");
    let formula = match Formula::condition(&word.word, &environment) {
        Ok(formula) => formula,
        Err(error) => {
            reading.sink.say_expression(word.place, &error);
            return None;
        }
    };
    let inside = |at: usize| Place {
        at: word.place.at + 1 + at,
        ..word.place
    };
    let paths = formula.expr().paths();
    let read: Vec<Word> = paths
        .iter()
        .map(|(path, at)| Word {
            word: (*path).to_owned(),
            place: inside(at.0),
        })
        .collect();
    refuse_personal(&read, &kind.fields, reading);
    let column = |path: &str| Some(path.to_owned());
    match compile(&formula, &environment, &column, 1, Date::MIN) {
        Ok(_) => Some(formula),
        Err(SqlError::NotCountable { at } | SqlError::NoColumn { at, .. }) => {
            reading
                .sink
                .say(FaultCode::FormulaNotCountable, inside(at.0), &[&word.word]);
            None
        }
    }
}

/// A text in both languages, where there is one.
fn text(reader: &Reader<'_>, key: &'static str, reading: &Reading<'_>) -> Option<Bilingual> {
    let inner = Reader::of(reader.node(key)?, key, reading.sink)?;
    let (vi, en) = (inner.needed_word("vi"), inner.needed_word("en"));
    inner.finish();
    Some(Bilingual::new(vi?.word, en?.word))
}

/// As many words in one language as in the other, in the same order.
fn keywords(reader: &Reader<'_>, reading: &Reading<'_>) -> Vec<Bilingual> {
    let Some(node) = reader.node("keywords") else {
        return Vec::new();
    };
    let Some(inner) = Reader::of(node, "keywords", reading.sink) else {
        return Vec::new();
    };
    let (vi, en) = (inner.words("vi"), inner.words("en"));
    if vi.len() != en.len() {
        let missing = if vi.len() < en.len() { "vi" } else { "en" };
        reading.sink.say(FaultCode::KeyMissing, inner.place(), &[missing]);
    }
    inner.finish();
    let both = vi.into_iter().zip(en);
    both.map(|(vi, en)| Bilingual::new(vi.word, en.word)).collect()
}
