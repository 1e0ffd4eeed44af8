//! Owns `Identity`, the handle that the binary makes once and every engine keeps: store, clock, policy, hasher, providers, the
//! route table. Refuses to start on faulty policies or providers.

use std::sync::Arc;

use jiff::SignedDuration;
use kernel::{Date, Lang, Timestamp, World};
use parking_lot::{Mutex, RwLock};
use store::keys::KeyRing;
use store::{Mode, Store, StoreError, Tx};

use crate::account::AccountId;
use crate::account::password::Hasher;
use crate::area::AreaCache;
use crate::audit::{self, Actor};
use crate::error::IdentityError;
use crate::person::PersonRef;
use crate::policy::{Action, Policy, PolicyError, Resource, UnitTree};
use crate::purpose::Purpose;
use crate::routes::{Access, RouteEntry};
use crate::session::Caller;
use crate::sign_in::ProviderConfig;
use crate::sign_in::limit::Limiter;
use crate::sign_in::oidc::Providers;
use crate::token::Meter;
use crate::unit::{UnitBook, UnitCache, UnitId};

/// The unit tree is read again at most this often while requests come in.
const UNITS_FRESH: SignedDuration = SignedDuration::from_secs(5);

/// The act that the audit log has when other policies come into force.
const POLICIES_IN_FORCE: &str = "policy.in-force";

/// What the binary tells identity.
#[derive(Debug, Clone)]
pub struct IdentityConfig {
    /// Address people type, without a slash at the end: `https://dichvucong.hatinh.example`. Redirects of providers come back to it.
    pub origin: String,
    /// Whether people reach us over TLS. Without it the cookie has no `__Host-` prefix and no `Secure`: loopback only.
    pub secure: bool,
    /// Name in authenticator apps, such as `Hà Tĩnh`.
    pub issuer: String,
    /// By whom citizens sign in.
    pub providers: Vec<ProviderConfig>,
}

/// One entry of the main navigation, shown to those who may reach it.
#[derive(Debug, Clone)]
pub struct NavEntry {
    /// Path.
    pub href: &'static str,
    /// Key of its text.
    pub text: &'static str,
    /// Who sees it.
    pub access: Access,
    /// What is counted beside it, if anything.
    pub count: Option<NavCount>,
    /// Where it stands among the others.
    pub group: NavGroup,
}

/// Groups of the main navigation, in the order in which an officer sees them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NavGroup {
    /// What officers do all day. The first of them is where an officer starts.
    Work,
    /// What is set up once and looked after.
    Setup,
    /// What everybody may read.
    Public,
}

impl NavEntry {
    /// An entry without a number.
    #[must_use]
    pub const fn new(href: &'static str, text: &'static str, access: Access) -> Self {
        Self {
            href,
            text,
            access,
            count: None,
            group: match access {
                Access::Public => NavGroup::Public,
                _ => NavGroup::Work,
            },
        }
    }

    /// The same entry among what is set up once and looked after.
    #[must_use]
    pub const fn setup(mut self) -> Self {
        self.group = NavGroup::Setup;
        self
    }

    /// The same entry with what waits behind it for the account that looks.
    #[must_use]
    pub const fn counting(mut self, text: &'static str, read: ReadCount) -> Self {
        self.count = Some(NavCount { text, read });
        self
    }
}

/// Reads what waits for an account. It runs once for each page, so it must be one indexed look with a bound.
pub type ReadCount = fn(&mut Tx, AccountId) -> Result<u64, StoreError>;

/// A number beside an entry of the navigation.
#[derive(Debug, Clone, Copy)]
pub struct NavCount {
    /// Key of the words that are heard with it, with `$n`.
    pub text: &'static str,
    /// How it is read.
    pub read: ReadCount,
}

/// People, policy, purpose. Cheap to clone.
#[derive(Clone)]
pub struct Identity(Arc<Inner>);

struct Inner {
    store: Store,
    world: Arc<dyn World>,
    config: IdentityConfig,
    policy: Policy,
    hasher: Hasher,
    limiter: Limiter,
    providers: Providers,
    areas: AreaCache,
    units: UnitCache,
    units_read: Mutex<UnitsRead>,
    meter: Meter,
    routes: Mutex<(Vec<RouteEntry>, utoipa::openapi::OpenApi)>,
    nav: RwLock<Vec<NavEntry>>,
}

/// When the units were last looked at, and which book and day the policy's tree was made of.
#[derive(Default)]
struct UnitsRead {
    at: Option<Timestamp>,
    of: Option<(i64, Date)>,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity")
            .field("policy", &self.0.policy.version())
            .finish_non_exhaustive()
    }
}

impl Identity {
    /// Validates the policies, reads the units, prepares the providers (which are asked only when somebody signs in).
    /// # Errors
    /// Faulty policies or providers, a store that cannot be read.
    pub async fn open(store: Store, world: Arc<dyn World>, config: IdentityConfig) -> Result<Self, IdentityError> {
        web::i18n::register(&[crate::TEXT, crate::PEOPLE_TEXT]);
        let policy = Policy::embedded()?;
        let hasher = Hasher::new(world.as_ref())?;
        let providers = Providers::new(&config)?;
        let identity = Self(Arc::new(Inner {
            store,
            world,
            config,
            policy,
            hasher,
            limiter: Limiter::default(),
            providers,
            areas: AreaCache::default(),
            units: UnitCache::default(),
            units_read: Mutex::default(),
            meter: Meter::default(),
            routes: Mutex::default(),
            nav: RwLock::default(),
        }));
        identity.refresh_units().await?;
        identity.note_policies().await?;
        Ok(identity)
    }

    /// Writes into the audit log that other policies are in force than at the last start.
    async fn note_policies(&self) -> Result<(), IdentityError> {
        if self.store().config().mode == Mode::Beside {
            return Ok(());
        }
        let (now, version) = (self.now(), self.policy().version().to_owned());
        let noted = self.store().read(|tx| audit::newest_of(tx, POLICIES_IN_FORCE)).await?;
        let is_noted = |entry: &audit::Entry| entry.detail.get("version") == Some(&version);
        if noted.as_ref().is_some_and(is_noted) {
            return Ok(());
        }
        let words = audit::detail([("version", version)]);
        self.store()
            .write(move |tx| audit::append(tx, Actor::System, POLICIES_IN_FORCE, "policies", words.clone(), now))
            .await?;
        Ok(())
    }

    /// What tokens have used of their rates and quotas.
    pub(crate) fn meter(&self) -> &Meter {
        &self.0.meter
    }

    /// The areas of the country, held in memory.
    #[must_use]
    pub fn areas(&self) -> &AreaCache {
        &self.0.areas
    }

    /// The units of the province with their history, held in memory.
    #[must_use]
    pub fn unit_book(&self) -> &UnitCache {
        &self.0.units
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The keys that seal personal fields.
    #[must_use]
    pub fn keys(&self) -> Arc<KeyRing> {
        self.0.store.keys()
    }

    /// Clock and chance.
    #[must_use]
    pub fn world(&self) -> &Arc<dyn World> {
        &self.0.world
    }

    /// The hour.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.world.now()
    }

    /// What the binary told.
    #[must_use]
    pub fn config(&self) -> &IdentityConfig {
        &self.0.config
    }

    /// The policies.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.0.policy
    }

    pub(crate) fn hasher(&self) -> &Hasher {
        &self.0.hasher
    }

    pub(crate) fn limiter(&self) -> &Limiter {
        &self.0.limiter
    }

    pub(crate) fn providers(&self) -> &Providers {
        &self.0.providers
    }

    /// Whether `caller` may reach a route of this access at all.
    /// # Errors
    /// `SignInNeeded` or `Forbidden`.
    pub fn admit(&self, access: Access, caller: &Caller) -> Result<(), PolicyError> {
        let action = match access {
            Access::Public => return Ok(()),
            Access::SignedIn | Access::Citizen | Access::Officer => Action::SystemRead,
            Access::Action(action) => action,
        };
        let Some(account) = caller.account() else {
            return Err(PolicyError::SignInNeeded { action });
        };
        let admitted = match access {
            Access::Public => true,
            // A program is nobody: what needs no action of its own is for people.
            Access::SignedIn => caller.officer().is_none_or(|officer| officer.scopes.is_none()),
            Access::Citizen => caller.citizen().is_some(),
            Access::Officer => caller.officer().is_some_and(|officer| officer.scopes.is_none()),
            Access::Action(action) => caller.officer().is_some() && self.policy().somewhere(caller, action),
        };
        if admitted {
            Ok(())
        } else {
            Err(PolicyError::Forbidden { action, account })
        }
    }

    /// Decides about something of the whole province.
    /// # Errors
    /// As `Policy::require`.
    pub fn require_system(&self, caller: &Caller, action: Action) -> Result<crate::Allowed, PolicyError> {
        self.policy().require(caller, action, &Resource::system())
    }

    /// Records that the persons' data are seen for `purpose`, durable when it returns. Call it, then open and answer.
    /// # Errors
    /// When the store fails: then nothing may be shown.
    pub async fn record_use(&self, purpose: &Purpose, subjects: &[PersonRef]) -> Result<(), StoreError> {
        let (purpose, subjects, now) = (purpose.clone(), subjects.to_vec(), self.now());
        self.store()
            .write(move |tx| crate::useof::record(tx, &purpose, &subjects, now))
            .await
    }

    /// Opens a sealed personal field. Record the use of the same view with [`Identity::record_use`] or `useof::record`.
    /// # Errors
    /// When the value does not open in this context.
    pub fn open_sealed(
        &self,
        purpose: &Purpose,
        context: &str,
        sealed: &store::keys::Sealed,
    ) -> Result<zeroize::Zeroizing<Vec<u8>>, crate::purpose::PurposeError> {
        crate::purpose::open_sealed(&self.keys(), purpose, context, sealed)
    }

    /// Looks whether the units changed: after a change of units, and by itself every few seconds while requests come in.
    /// # Errors
    /// When the store fails.
    pub async fn refresh_units(&self) -> Result<(), IdentityError> {
        let now = self.now();
        let book = self.0.units.current(self.store()).await?;
        let of = (book.version(), now.local_date());
        let mut read = self.0.units_read.lock();
        if read.of != Some(of) {
            self.policy().set_tree(UnitTree::new(book.pairs(of.1)));
        }
        *read = UnitsRead {
            at: Some(now),
            of: Some(of),
        };
        Ok(())
    }

    pub(crate) async fn keep_units_fresh(&self) -> Result<(), IdentityError> {
        let now = self.now();
        let read_at = self.0.units_read.lock().at;
        if read_at.is_some_and(|at| at <= now && now.since(at) < UNITS_FRESH) {
            return Ok(());
        }
        self.refresh_units().await
    }

    /// The units as last looked up.
    #[must_use]
    pub fn units(&self) -> Arc<UnitBook> {
        self.0.units.held()
    }

    /// The name of a unit today, in the language.
    #[must_use]
    pub fn unit_name(&self, unit: UnitId, lang: Lang) -> String {
        self.units().name(unit, lang, self.now().local_date()).to_owned()
    }

    /// Adds entries to the main navigation.
    pub fn add_nav(&self, entries: impl IntoIterator<Item = NavEntry>) {
        let mut nav = self.0.nav.write();
        for entry in entries {
            if nav.iter().all(|known| known.href != entry.href) {
                nav.push(entry);
            }
        }
    }

    pub(crate) fn nav_for(&self, caller: &Caller) -> Vec<NavEntry> {
        let nav = self.0.nav.read();
        let mut entries: Vec<NavEntry> = nav
            .iter()
            .filter(|entry| self.admit(entry.access, caller).is_ok())
            .cloned()
            .collect();
        if matches!(caller, Caller::Officer(_)) {
            entries.sort_by_key(|entry| entry.group);
        }
        entries
    }

    /// Every route registered so far, with its access: what the walk of all routes goes through.
    #[must_use]
    pub fn route_table(&self) -> Vec<RouteEntry> {
        self.0.routes.lock().0.clone()
    }

    /// The OpenAPI document of every operation registered so far.
    #[must_use]
    pub fn openapi(&self) -> utoipa::openapi::OpenApi {
        self.0.routes.lock().1.clone()
    }

    pub(crate) fn add_routes(&self, rows: Vec<RouteEntry>, document: &utoipa::openapi::OpenApi) {
        let mut routes = self.0.routes.lock();
        routes.0.extend(rows);
        routes.1.merge(document.clone());
    }
}

/// Gives the handle of a room what it has of the house that it stands on: who asks, store, keys, clock and chance. The handle is
/// `struct Room(Arc<Inner>)`, whose inner part has an `identity`.
#[macro_export]
macro_rules! room {
    ($room:ty) => {
        impl $room {
            /// Who asks and what they may.
            #[must_use]
            pub fn identity(&self) -> &$crate::Identity {
                &self.0.identity
            }

            /// The store.
            #[must_use]
            pub fn store(&self) -> &::store::Store {
                self.0.identity.store()
            }

            /// The keys that seal personal fields.
            #[must_use]
            pub fn keys(&self) -> ::std::sync::Arc<::store::keys::KeyRing> {
                self.0.identity.keys()
            }

            /// Clock and chance.
            #[must_use]
            pub fn world(&self) -> &::std::sync::Arc<dyn ::kernel::World> {
                self.0.identity.world()
            }

            /// The hour.
            #[must_use]
            pub fn now(&self) -> ::kernel::Timestamp {
                self.0.identity.now()
            }
        }
    };
}
