//! Owns `Portal`, the handle that the binary makes once: the catalogue in memory, and the way from the rules of registers to its
//! datasets. Refuses to show a dataset whose rule nobody approved as it stands.

use std::collections::BTreeMap;
use std::sync::Arc;

use ::store::{Mode, Store, StoreError, Tx};
use definition::{Frequency, Theme};
use kernel::{Bilingual, Lang, Timestamp};
use parking_lot::RwLock;
use register::Register;
use register::kind::Kind;
use register::open::{self, Published};
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::OpenError;
use crate::dataset::index::Index;
use crate::dataset::store::{self, Act, Organisation};
use crate::dataset::{About, Dataset, Found, Origin, Resource, Search, State, fresh_until, id_of, slug};
use crate::rows::{self, Measured, Sheet};

/// Rows that the index takes in one reading.
const CATCH_UP_ROWS: i64 = 5_000;
/// Statements of strangers that are worked on at once.
const STATEMENTS_AT_ONCE: usize = 2;

/// What the binary tells.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Address of this site, without a slash at the end.
    pub origin: String,
    /// What the province is called.
    pub site: Bilingual,
    /// Names of agencies by their word.
    pub agencies: BTreeMap<String, Bilingual>,
    /// Whether everything here is made up, for a demonstration.
    pub synthetic: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            origin: "http://127.0.0.1:8080".to_owned(),
            site: Bilingual::vi(""),
            agencies: BTreeMap::new(),
            synthetic: false,
        }
    }
}

/// The open data of one province. Cheap to clone.
#[derive(Clone)]
pub struct Portal(Arc<Inner>);

struct Inner {
    register: Register,
    settings: Settings,
    index: RwLock<Index>,
    statements: Semaphore,
}

impl std::fmt::Debug for Portal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Portal").finish_non_exhaustive()
    }
}

impl Portal {
    /// Brings the catalogue to the rules that hold.
    ///
    /// # Errors
    /// What the store says.
    pub async fn open(register: &Register, settings: Settings) -> Result<Self, OpenError> {
        web::i18n::register(&[crate::TEXT]);
        let portal = Self(Arc::new(Inner {
            register: register.clone(),
            settings,
            index: RwLock::default(),
            statements: Semaphore::new(STATEMENTS_AT_ONCE),
        }));
        if portal.store().config().mode == Mode::Serve {
            portal.sync().await?;
        }
        Ok(portal)
    }

    /// The registers.
    #[must_use]
    pub fn register(&self) -> &Register {
        &self.0.register
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Store {
        self.0.register.store()
    }

    /// The hour.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.register.now()
    }

    /// What the binary told.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// A path of this site as an address; an address stays.
    #[must_use]
    pub fn absolute(&self, url: &str) -> String {
        if url.starts_with('/') {
            format!("{}{url}", self.0.settings.origin)
        } else {
            url.to_owned()
        }
    }

    /// The word of the agency in whose name a kind is published, and its name.
    #[must_use]
    pub fn publisher(&self, kind: &Kind) -> (String, Bilingual) {
        let named = kind.record.open.as_ref().and_then(|rule| rule.publisher.as_ref());
        let word = named.unwrap_or(&kind.system.steward);
        let name = self.0.settings.agencies.get(word).cloned();
        (word.clone(), name.unwrap_or_else(|| self.of_province(word)))
    }

    /// A tier is no name of an agency: then it is the province.
    fn of_province(&self, word: &str) -> Bilingual {
        if crate::dataset::is_empty(&self.0.settings.site) {
            Bilingual::vi(word)
        } else {
            self.0.settings.site.clone()
        }
    }

    /// Waits until a statement of a stranger may be worked on.
    pub(crate) async fn statement(&self) -> Result<tokio::sync::SemaphorePermit<'_>, OpenError> {
        let wait = std::time::Duration::from_secs(3);
        match tokio::time::timeout(wait, self.0.statements.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(OpenError::Busy),
        }
    }

    /// Brings the dataset of every kind to its rule, and looks at its rows.
    ///
    /// # Errors
    /// What the store says.
    pub async fn sync(&self) -> Result<(), OpenError> {
        for kind in self.register().kinds() {
            if kind.record.open.is_some() {
                self.sync_kind(kind).await?;
            }
        }
        Ok(())
    }

    /// Brings the dataset of one kind to its rule, and looks at its rows. They are counted in a reading, so that nobody who writes waits.
    ///
    /// # Errors
    /// What the store says.
    pub async fn sync_kind(&self, kind: &Arc<Kind>) -> Result<(), OpenError> {
        let (portal, of, now) = (self.clone(), kind.clone(), self.now());
        let seen = self
            .store()
            .read(move |tx| {
                let Some(published) = open::in_force(tx, &of)? else {
                    return Ok::<_, StoreError>(None);
                };
                let sheet = Sheet::of(portal.register(), &of, &published);
                let measured = rows::measure(tx, &sheet, now.local_date())?;
                Ok(Some((sheet, measured)))
            })
            .await?;
        let (portal, of) = (self.clone(), kind.clone());
        self.store()
            .write(move |tx| portal.take_over(tx, &of, seen.as_ref(), now))
            .await
    }

    fn take_over(
        &self,
        tx: &mut Tx,
        kind: &Kind,
        seen: Option<&(Sheet, Measured)>,
        now: Timestamp,
    ) -> Result<(), OpenError> {
        let name = dataset_name(kind);
        let known = store::named(tx, &name)?;
        if known.as_ref().is_some_and(|known| known.origin == Origin::External) {
            tracing::warn!(%name, "a link to data elsewhere has the name of a register: the register is not in the catalogue");
            return Ok(());
        }
        let (word, title) = self.publisher(kind);
        let Some((sheet, measured)) = seen else {
            let Some(known) = known.filter(|known| known.state == State::Active) else {
                return Ok(());
            };
            let gone = Dataset {
                state: State::Withdrawn,
                modified_at: now,
                ..known
            };
            return Ok(store::put(tx, &gone, &title, Some(Act::Withdrawn), now)?);
        };
        self.know(tx, &word, &title, now)?;
        let next = self.dataset(kind, sheet, measured, known.as_ref(), &word, now);
        // Also when nothing changed: the hour of looking is shown, and what was fresh may be late by now.
        store::put(tx, &next, &title, act(known.as_ref(), &next), now)?;
        Ok(())
    }

    /// An agency becomes an organisation of the catalogue, once.
    fn know(&self, tx: &mut Tx, word: &str, title: &Bilingual, now: Timestamp) -> Result<(), StoreError> {
        let known = store::organisations(tx)?.into_iter().find(|one| one.name == word);
        if known.as_ref().is_some_and(|one| one.title == *title && one.active) {
            return Ok(());
        }
        let one = Organisation {
            name: word.to_owned(),
            title: title.clone(),
            notes: None,
            url: None,
            is_agency: true,
            active: true,
            created_at: known.map_or(now, |one| one.created_at),
        };
        store::put_organisation(tx, &one)
    }

    /// The dataset of a rule.
    fn dataset(
        &self,
        kind: &Kind,
        sheet: &Sheet,
        measured: &Measured,
        known: Option<&Dataset>,
        publisher: &str,
        now: Timestamp,
    ) -> Dataset {
        let (rule, approved) = (sheet.published.rule, sheet.published.approval.approved_at);
        let changed = measured.changed_at.unwrap_or(approved);
        let modified_at = changed.max(approved);
        let name = dataset_name(kind);
        Dataset {
            id: known.map_or_else(|| id_of("dataset", &name), |known| known.id),
            register: Some((kind.system.code.clone(), kind.record.name.clone())),
            origin: Origin::Register,
            state: State::Active,
            publisher: publisher.to_owned(),
            created_at: known.map_or(now, |known| known.created_at),
            modified_at,
            about: About {
                title: rule.title.clone().unwrap_or_else(|| usual_title(kind)),
                notes: rule.description.clone().unwrap_or_else(|| Bilingual::vi("")),
                keywords: rule.keywords.clone(),
                theme: rule.theme.map(Theme::word).map(str::to_owned),
                licence: rule.licence.clone(),
                frequency: rule.frequency.map(Frequency::word).map(str::to_owned),
                fresh_until: Some(fresh_until(changed, rule.fresh_within)),
                synthetic: rule.synthetic || self.0.settings.synthetic,
                suppress_below: rule.suppress_below,
                resources: resources(&name, sheet, approved, modified_at),
                rows: Some(measured.rows),
                changed_at: measured.changed_at,
                measured_at: Some(now),
                approved_at: Some(approved),
                charts: measured.charts.clone(),
                ..About::default()
            },
            name,
        }
    }

    /// The index, brought up to what is stored.
    async fn caught_up(&self) -> Result<(), OpenError> {
        loop {
            let seq = self.0.index.read().seq;
            let rows = self
                .store()
                .read(move |tx| store::since(tx, seq, CATCH_UP_ROWS))
                .await?;
            let is_last = (rows.len() as i64) < CATCH_UP_ROWS;
            if !rows.is_empty() {
                let mut index = self.0.index.write();
                // Somebody else may have caught up meanwhile.
                let known = index.seq;
                rows.into_iter()
                    .filter(|row| row.seq > known)
                    .for_each(|row| index.put(row));
            }
            if is_last {
                break;
            }
        }
        // Dead slots are left behind by making the index anew; the next answer fills it.
        let is_worn = self.0.index.read().is_worn();
        if is_worn {
            *self.0.index.write() = Index::default();
            return Box::pin(self.caught_up()).await;
        }
        Ok(())
    }

    /// Looks for datasets.
    ///
    /// # Errors
    /// What the store says.
    pub async fn search(&self, search: &Search) -> Result<(Found, Vec<Dataset>), OpenError> {
        self.caught_up().await?;
        let found = self.0.index.read().search(search);
        let ids = found.ids.clone();
        let datasets = self.store().read(move |tx| store::all_of(tx, &ids)).await?;
        Ok((found, datasets))
    }

    /// Asks the index.
    pub(crate) async fn with_index<T>(&self, ask: impl FnOnce(&Index) -> T) -> Result<T, OpenError> {
        self.caught_up().await?;
        Ok(ask(&self.0.index.read()))
    }

    /// A dataset that everybody sees, by its name or its id.
    ///
    /// # Errors
    /// `NotFound`; what the store says.
    pub async fn dataset_of(&self, name: &str) -> Result<Dataset, OpenError> {
        let name = name.to_owned();
        let found = self
            .store()
            .read(move |tx| match Uuid::parse_str(&name) {
                Ok(id) => store::find(tx, id),
                Err(_) => store::named(tx, &name),
            })
            .await?;
        found
            .filter(|dataset| dataset.state == State::Active)
            .ok_or(OpenError::NotFound)
    }

    /// The organisations by name.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn organisations(&self) -> Result<Vec<Organisation>, OpenError> {
        let all = self.store().read(store::organisations).await?;
        Ok(all.into_iter().filter(|one| one.active).collect())
    }

    /// What leaves of the register of a dataset, as the rule stands at this moment: nobody reads by an approval of yesterday.
    pub(crate) fn sheet(&self, tx: &mut Tx, dataset: &Dataset) -> Result<Sheet, OpenError> {
        let (system, name) = dataset.register.as_ref().ok_or(OpenError::NotFound)?;
        let kind = self.register().kind(system, name).map_err(|_| OpenError::NotFound)?;
        let published: Published = open::in_force(tx, &kind)?.ok_or(OpenError::NotFound)?;
        Ok(Sheet::of(self.register(), &kind, &published))
    }
}

/// The name of the dataset of a kind.
#[must_use]
pub(crate) fn dataset_name(kind: &Kind) -> String {
    slug(&format!("{} {}", kind.system.code, kind.record.name))
}

fn usual_title(kind: &Kind) -> Bilingual {
    let (kind_name, system) = (kind.label("name"), kind.system_name());
    let title = |lang: Lang| format!("{} – {}", kind_name.get(lang), system.get(lang));
    Bilingual::new(title(Lang::Vi), title(Lang::En))
}

/// The files and the interface of a dataset.
fn resources(name: &str, sheet: &Sheet, created_at: Timestamp, modified_at: Timestamp) -> Vec<Resource> {
    let mut kinds = vec![("CSV", "csv", "text/csv"), ("JSON", "json", "application/json")];
    if sheet.has_places() {
        kinds.push(("GeoJSON", "geojson", "application/geo+json"));
    }
    let files = kinds.into_iter().map(|(format, ending, media_type)| Resource {
        id: id_of("resource", &format!("{name}.{ending}")),
        name: format!("{name}.{ending}"),
        format: format.to_owned(),
        media_type: Some(media_type.to_owned()),
        url: format!("/data/{name}/files/{name}.{ending}"),
        datastore: true,
        created_at,
        modified_at,
        ..Resource::default()
    });
    files.collect()
}

/// What the feed says of a change; nothing when only the hour of looking is another.
fn act(known: Option<&Dataset>, next: &Dataset) -> Option<Act> {
    let Some(known) = known.filter(|known| known.state == State::Active) else {
        return Some(Act::Published);
    };
    let described = |dataset: &Dataset| {
        let about = About {
            fresh_until: None,
            rows: None,
            changed_at: None,
            measured_at: None,
            charts: Vec::new(),
            resources: Vec::new(),
            ..dataset.about.clone()
        };
        (
            about,
            dataset.formats(),
            dataset.publisher.clone(),
            dataset.name.clone(),
        )
    };
    if described(known) != described(next) {
        return Some(Act::Changed);
    }
    let data = |dataset: &Dataset| (dataset.about.rows, dataset.about.changed_at);
    (data(known) != data(next)).then_some(Act::Data)
}

impl Portal {
    /// Enters organisations by name, so that datasets can be theirs.
    ///
    /// # Errors
    /// What the store says.
    pub async fn know_organisations(&self, all: Vec<(String, Bilingual)>) -> Result<(), OpenError> {
        let now = self.now();
        self.store()
            .write(move |tx| {
                for (name, title) in &all {
                    let one = Organisation {
                        name: name.clone(),
                        title: title.clone(),
                        notes: None,
                        url: None,
                        is_agency: false,
                        active: true,
                        created_at: now,
                    };
                    store::put_organisation(tx, &one)?;
                }
                Ok(())
            })
            .await
    }

    /// Takes in links to data elsewhere, many at once: what a transfer from another catalogue brings. Their organisations are known.
    ///
    /// # Errors
    /// `Invalid` for an organisation that is not known; what the store says.
    pub async fn take_in(&self, all: Vec<Dataset>) -> Result<(), OpenError> {
        let (now, organisations) = (self.now(), self.organisations().await?);
        self.store()
            .write(move |tx| {
                for dataset in &all {
                    let of = organisations.iter().find(|one| one.name == dataset.publisher);
                    let of = of.ok_or_else(|| OpenError::invalid("owner_org", "Organization does not exist"))?;
                    store::put(tx, dataset, &of.title, None, now)?;
                }
                Ok(())
            })
            .await
    }
}
