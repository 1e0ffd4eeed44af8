//! A dataset of the catalogue: one that a rule publishes from a register, or a link to data elsewhere that was registered over the
//! interface. Owns what is known of it, how fresh it is, and the words by which it is found. Refuses names that are none.
//! Standards: DCAT 3, CKAN 2.11 packages; law: NĐ 47/2020/NĐ-CP article 18 (three months).

pub(crate) mod index;
pub(crate) mod store;

use jiff::ToSpan as _;
use kernel::calendar::{TimeLimit, WorkingCalendar};
use kernel::{Bilingual, Lang, Timestamp, fold};
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use index::{Facet, Found, Search, Sort};

/// Longest name of a dataset, as in CKAN.
const NAME_CHARS_MAX: usize = 100;
/// Words of a description that are searched.
const WEAK_WORDS_MAX: usize = 300;

kernel::words! {
    /// Where a dataset comes from.
    Origin {
        /// A register of this program.
        Register = "register",
        /// Registered over the interface.
        External = "external",
    }
}

kernel::words! {
    /// Whether a dataset is there.
    State {
        /// Everybody sees it.
        Active = "active",
        /// Its publication was withdrawn, or its rule changed and waits.
        Withdrawn = "withdrawn",
        /// Deleted over the interface.
        Deleted = "deleted",
    }
}

kernel::words! {
    /// Whether a dataset keeps what it promises.
    Freshness {
        /// Changed within the promised time.
        Fresh = "fresh",
        /// Not changed within the promised time.
        Late = "late",
        /// Nobody could measure it: data elsewhere, or none yet.
        Unmeasured = "unmeasured",
    }
}

::store::value_via_display!(Origin);
::store::value_via_display!(State);
::store::value_via_display!(Freshness);

/// A dataset.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// Its id, which never changes.
    pub id: Uuid,
    /// Its name in addresses.
    pub name: String,
    /// Where it comes from.
    pub origin: Origin,
    /// System and kind of its register.
    pub register: Option<(String, String)>,
    /// Whether it is there.
    pub state: State,
    /// Who publishes it: the name of an organisation.
    pub publisher: String,
    /// When it came into the catalogue.
    pub created_at: Timestamp,
    /// When it, or its data, last changed.
    pub modified_at: Timestamp,
    /// Everything else.
    pub about: About,
}

/// What is known of a dataset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// What it is called.
    pub title: Bilingual,
    /// What it is.
    pub notes: Bilingual,
    /// Words by which it is found.
    pub keywords: Vec<Bilingual>,
    /// What it is about: a data theme.
    pub theme: Option<String>,
    /// SPDX name of its licence.
    pub licence: String,
    /// How often it changes.
    pub frequency: Option<String>,
    /// Until when it is fresh.
    pub fresh_until: Option<Timestamp>,
    /// Whether its records are made up.
    pub synthetic: bool,
    /// Whether it counts records instead of showing them; groups below so many have no count.
    pub suppress_below: Option<u32>,
    /// Where it stands elsewhere.
    pub url: Option<String>,
    /// Its version, as its owner says.
    pub version: Option<String>,
    /// Names and addresses of an external dataset: `author`, `author_email`, `maintainer`, `maintainer_email`.
    pub contacts: Vec<(String, String)>,
    /// What else its owner says, by name.
    pub extras: Vec<(String, String)>,
    /// Its files and interfaces.
    pub resources: Vec<Resource>,
    /// Rows, when they were counted.
    pub rows: Option<i64>,
    /// When one of its records last changed.
    pub changed_at: Option<Timestamp>,
    /// When that was looked at.
    pub measured_at: Option<Timestamp>,
    /// When its rule was approved.
    pub approved_at: Option<Timestamp>,
    /// Counts by the words of a field, for its charts.
    pub charts: Vec<(String, Vec<(String, i64)>)>,
}

impl Default for About {
    fn default() -> Self {
        Self {
            title: Bilingual::vi(""),
            notes: Bilingual::vi(""),
            keywords: Vec::new(),
            theme: None,
            licence: String::new(),
            frequency: None,
            fresh_until: None,
            synthetic: false,
            suppress_below: None,
            url: None,
            version: None,
            contacts: Vec::new(),
            extras: Vec::new(),
            resources: Vec::new(),
            rows: None,
            changed_at: None,
            measured_at: None,
            approved_at: None,
            charts: Vec::new(),
        }
    }
}

/// A file or an interface of a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Resource {
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub name: String,
    /// What it is.
    pub description: String,
    /// `CSV`, `JSON`, `GeoJSON`, `API`, …
    pub format: String,
    /// Its media type, when it is known.
    pub media_type: Option<String>,
    /// Where it is: an address, or a path of this site.
    pub url: String,
    /// Its size in bytes, when it is known.
    pub size: Option<i64>,
    /// Its checksum, as its owner says.
    pub hash: Option<String>,
    /// Whether its rows can be asked for.
    pub datastore: bool,
    /// When it came.
    pub created_at: Timestamp,
    /// When it last changed.
    pub modified_at: Timestamp,
}

impl Default for Resource {
    fn default() -> Self {
        Self {
            id: Uuid::nil(),
            name: String::new(),
            description: String::new(),
            format: String::new(),
            media_type: None,
            url: String::new(),
            size: None,
            hash: None,
            datastore: false,
            created_at: Timestamp::from_micros(0),
            modified_at: Timestamp::from_micros(0),
        }
    }
}

impl Dataset {
    /// Whether it keeps what it promises at `now`.
    #[must_use]
    pub fn freshness(&self, now: Timestamp) -> Freshness {
        match self.about.fresh_until {
            None => Freshness::Unmeasured,
            Some(until) if now <= until => Freshness::Fresh,
            Some(_) => Freshness::Late,
        }
    }

    /// Formats of its resources, each once.
    #[must_use]
    pub fn formats(&self) -> Vec<String> {
        let mut formats: Vec<String> = self.about.resources.iter().map(|one| one.format.clone()).collect();
        formats.retain(|format| !format.is_empty());
        formats.sort();
        formats.dedup();
        formats
    }

    /// The words of its facets, as the index takes them.
    #[must_use]
    pub fn facets(&self, now: Timestamp) -> Vec<(Facet, String)> {
        let about = &self.about;
        let mut facets = vec![
            (Facet::Publisher, self.publisher.clone()),
            (Facet::Licence, about.licence.clone()),
            (Facet::Freshness, self.freshness(now).to_string()),
        ];
        facets.extend(about.theme.clone().map(|theme| (Facet::Theme, theme)));
        facets.extend(self.formats().into_iter().map(|format| (Facet::Format, format)));
        facets.extend(about.keywords.iter().map(|word| (Facet::Tag, word.vi.clone())));
        facets.retain(|(_, word)| !word.is_empty());
        facets
    }

    /// Words of the title, and all words, folded, each once.
    #[must_use]
    pub fn words(&self, publisher: &Bilingual) -> (Vec<String>, Vec<String>) {
        let about = &self.about;
        let both = |text: &Bilingual| format!("{} {}", text.vi, text.en.as_deref().unwrap_or_default());
        let strong = distinct(&both(&about.title), WEAK_WORDS_MAX);
        let keywords: Vec<String> = about.keywords.iter().map(both).collect();
        let resources: Vec<&str> = about.resources.iter().map(|one| one.name.as_str()).collect();
        let weak = format!(
            "{} {} {} {} {} {}",
            self.name,
            both(&about.title),
            keywords.join(" "),
            both(publisher),
            resources.join(" "),
            both(&about.notes)
        );
        (strong, distinct(&weak, WEAK_WORDS_MAX))
    }

    /// A resource by its id.
    #[must_use]
    pub fn resource(&self, id: Uuid) -> Option<&Resource> {
        self.about.resources.iter().find(|resource| resource.id == id)
    }
}

/// The words of a text, folded, each once, in their order.
#[must_use]
pub(crate) fn distinct(text: &str, most: usize) -> Vec<String> {
    let folded = fold::fold(text);
    let mut words: Vec<String> = Vec::new();
    for word in folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        if words.len() >= most {
            break;
        }
        if !words.iter().any(|known| known == word) {
            words.push(word.to_owned());
        }
    }
    words
}

/// Until when something is fresh that changed at `changed` and promises to change within `limit`.
#[must_use]
pub fn fresh_until(changed: Timestamp, limit: Option<TimeLimit>) -> Timestamp {
    match limit {
        // NĐ 47/2020: what is published is brought up to date within three months.
        None => Timestamp::from_local(changed.local().saturating_add(3.months())),
        Some(TimeLimit::Days(days)) => Timestamp::from_local(changed.local().saturating_add(i64::from(days).days())),
        Some(TimeLimit::Months(months)) => {
            Timestamp::from_local(changed.local().saturating_add(i64::from(months).months()))
        }
        Some(limit) => WorkingCalendar::plain().deadline(changed, limit).at,
    }
}

/// Whether a text is a name of a dataset or an organisation: small letters, digits, `-`, `_`, at least two.
#[must_use]
pub fn is_name(text: &str) -> bool {
    (2..=NAME_CHARS_MAX).contains(&text.len())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_')
}

/// A text as a name: folded, with `-` between words.
#[must_use]
pub fn slug(text: &str) -> String {
    let words = distinct_all(text);
    let mut name = String::new();
    for word in words {
        if name.len() + word.len() + 1 > NAME_CHARS_MAX {
            break;
        }
        if !name.is_empty() {
            name.push('-');
        }
        name.push_str(&word);
    }
    name
}

fn distinct_all(text: &str) -> Vec<String> {
    let folded = fold::fold(text);
    let words = folded
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// The id of something of this catalogue that is known by its name: the same in every start and on every node.
#[must_use]
pub fn id_of(what: &str, name: &str) -> Uuid {
    let hash = digest(&SHA256, format!("tinhso open data {what}: {name}").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_ref()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// A text of two languages that may have nothing in it.
#[must_use]
pub(crate) fn is_empty(text: &Bilingual) -> bool {
    text.get(Lang::Vi).trim().is_empty()
}
