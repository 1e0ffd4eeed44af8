//! Owns `Map`, the handle that the binary makes once: the layers, who sees what of them, the sheets they are drawn from and the
//! tiles that are kept. Refuses to show more of a row than the lists of the register do.

use std::path::PathBuf;
use std::sync::Arc;

use identity::{Action, Caller, Identity, UnitId};
use kernel::World;
use register::open::{self, Published};
use register::{Kind, Register};
use store::{Store, StoreError};

use crate::area::Days;
use crate::base::Base;
use crate::error::MapError;
use crate::tile::cache::Cache;
use crate::tile::layers::Layers;

/// Memory for sheets of layers, in bytes, where the binary says nothing else.
const SHEETS_BYTES: usize = 512 << 20;
/// Memory for tiles, in bytes, where the binary says nothing else.
const TILES_BYTES: usize = 64 << 20;

/// What the binary tells.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Memory for sheets of layers, in bytes.
    pub sheets_bytes: usize,
    /// Memory for tiles, in bytes; none are kept with 0.
    pub tiles_bytes: usize,
    /// How long a layer is drawn without a look for changes, in milliseconds.
    pub look_ms: i64,
    /// A PMTiles file that lies under the layers.
    pub base: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            sheets_bytes: SHEETS_BYTES,
            tiles_bytes: TILES_BYTES,
            look_ms: 250,
            base: None,
        }
    }
}

/// What somebody sees of a kind: rows of these units with the fields of lists, and what is published of all rows.
#[derive(Debug, Clone)]
pub struct Sight {
    /// Units whose rows she sees with the fields of lists: none of them when empty, all without it.
    pub units: Option<Vec<UnitId>>,
    /// The rule under which rows are published, with their place: what everybody sees.
    pub public: Option<Published>,
}

impl Sight {
    /// Whether nothing at all is seen.
    #[must_use]
    pub fn is_blind(&self) -> bool {
        self.public.is_none() && self.units.as_ref().is_some_and(Vec::is_empty)
    }

    /// Whether rows are seen beside those that everybody sees.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.units.as_ref().is_none_or(|units| !units.is_empty())
    }
}

/// The maps of one province. Cheap to clone.
#[derive(Clone)]
pub struct Map(Arc<Inner>);

struct Inner {
    register: Register,
    settings: Settings,
    layers: Layers,
    cache: Cache,
    counts: Arc<crate::ogc::Counts>,
    base: Option<Base>,
    days: Days,
}

impl std::fmt::Debug for Map {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Map")
            .field("settings", &self.0.settings)
            .finish_non_exhaustive()
    }
}

impl Map {
    /// Opens the maps over the registers.
    ///
    /// # Errors
    /// `File` when the base map cannot be read.
    pub fn open(register: &Register, settings: Settings) -> Result<Self, MapError> {
        web::i18n::register(&[crate::TEXT, crate::OGC_TEXT]);
        let base = settings.base.as_deref().map(Base::open).transpose()?;
        Ok(Self(Arc::new(Inner {
            register: register.clone(),
            layers: Layers::new(settings.sheets_bytes, settings.look_ms),
            cache: Cache::new(settings.tiles_bytes),
            counts: Arc::default(),
            base,
            days: Days::default(),
            settings,
        })))
    }

    /// The kinds of record that can be drawn.
    pub fn kinds(&self) -> impl Iterator<Item = &Arc<Kind>> {
        self.register().kinds().iter().filter(|kind| kind.geometry().is_some())
    }

    /// A kind that can be drawn, by system and name.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn kind(&self, system: &str, name: &str) -> Result<Arc<Kind>, MapError> {
        let kind = self.register().kind(system, name).map_err(|_| MapError::NotFound)?;
        kind.geometry().is_some().then_some(kind).ok_or(MapError::NotFound)
    }

    /// The rule under which records of a kind are shown to everybody with their place, once somebody approved it.
    ///
    /// # Errors
    /// What the store says.
    pub async fn published(&self, kind: &Arc<Kind>) -> Result<Option<Published>, StoreError> {
        let read = kind.clone();
        let found = self.store().look_up(move |tx| open::published(tx, &read)).await?;
        Ok(found.filter(|published| published.geometry))
    }

    /// The units whose rows somebody sees as in the lists of the register; all without it.
    #[must_use]
    pub fn units(&self, caller: &Caller) -> Option<Vec<UnitId>> {
        match caller {
            Caller::Officer(officer) => self.register().scope(officer, Action::RegisterRead),
            Caller::Anonymous | Caller::Citizen(_) => Some(Vec::new()),
        }
    }

    /// What somebody sees of a kind.
    ///
    /// # Errors
    /// `NotFound` when that is nothing; what the store says.
    pub async fn sight(&self, caller: &Caller, kind: &Arc<Kind>) -> Result<Sight, MapError> {
        let sight = Sight {
            units: self.units(caller),
            public: self.published(kind).await?,
        };
        if sight.is_blind() {
            Err(MapError::NotFound)
        } else {
            Ok(sight)
        }
    }

    /// The registers.
    #[must_use]
    pub fn register(&self) -> &Register {
        &self.0.register
    }

    /// People and policy.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        self.register().identity()
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Store {
        self.register().store()
    }

    /// Clock and chance.
    #[must_use]
    pub fn world(&self) -> &Arc<dyn World> {
        self.register().world()
    }

    pub(crate) fn layers(&self) -> &Layers {
        &self.0.layers
    }

    pub(crate) fn days_known(&self) -> &Days {
        &self.0.days
    }

    /// What was counted for pages of features.
    pub(crate) fn counts(&self) -> &Arc<crate::ogc::Counts> {
        &self.0.counts
    }

    pub(crate) fn cache(&self) -> &Cache {
        &self.0.cache
    }

    /// The base map, where one is configured.
    #[must_use]
    pub fn base(&self) -> Option<&Base> {
        self.0.base.as_ref()
    }
}
