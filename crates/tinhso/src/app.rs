//! The wiring: one configuration becomes one store, one identity, one casework and one router. Nothing here
//! decides anything; it puts the rooms together in the order of the arrows.

use crate::config::Config;
use crate::province::Province;
use crate::{Error, demo, http, jobs, place};
use axum::Router;
use casework::{Casework, Settings};
use document::Document;
use exchange::Exchange;
use identity::simulated_provider::SimulatedProvider;
use identity::{Access, Action, Identity, IdentityConfig, NavEntry};
use indicator::Indicators;
use kernel::World;
use ledger::Ledger;
use map::Map;
use notice::Notices;
use opendata::Portal;
use payment::Payments;
use press::{Press, Program};
use register::Register;
use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;
use store::{Mode, Store};
use web::client::{Proxies, Proxy};
use web::{Frame, frame};

/// One province, ready to serve.
#[derive(Clone)]
pub struct App {
    /// What the operator decided.
    pub config: Arc<Config>,
    /// The database, keys and blobs.
    pub store: Store,
    /// People, policy, sessions.
    pub identity: Identity,
    /// Procedures and dossiers.
    pub casework: Casework,
    /// How people are told beside the pages.
    pub notices: Notices,
    /// Bills, statements, tills.
    pub payments: Payments,
    /// Records of the systems.
    pub register: Register,
    /// Maps over the registers.
    pub map: Map,
    /// What of the registers everybody may see.
    pub opendata: Portal,
    /// The national portal.
    pub exchange: Exchange,
    /// The public log.
    pub ledger: Ledger,
    /// Figures, and the facts they are computed from.
    pub indicators: Indicators,
    /// Everything that can be asked over HTTP, with all layers.
    pub router: Router,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("province", &self.config.province)
            .finish_non_exhaustive()
    }
}

impl App {
    /// Opens the store and puts everything together.
    /// # Errors
    /// What the store, the policies or the profile say, in words for the operator.
    pub async fn open(config: Config, world: Arc<dyn World>) -> Result<Self, Error> {
        let store = Store::open(place::store_config(&config, Mode::Serve), place::MIGRATIONS, world).await?;
        // On the heap: everything that is opened one after another makes a large future.
        Box::pin(Self::over(config, store)).await
    }

    /// Puts everything together over a store that is open already.
    /// # Errors
    /// As [`App::open`].
    pub async fn over(config: Config, store: Store) -> Result<Self, Error> {
        let province = Province::find(&config.province)?;
        web::i18n::register(&[http::TEXT]);
        let origin = config.base_url();
        let provider = config
            .demo
            .as_ref()
            .map(|demo| demo::people::provider(demo.seed, &origin, store.world()));
        let mut providers = config.oidc.clone();
        providers.extend(provider.as_ref().map(|provider| provider.config("demo")));
        let people = IdentityConfig {
            origin: origin.clone(),
            secure: origin.starts_with("https://"),
            issuer: province.name.vi.clone(),
            providers,
        };
        let identity = Identity::open(store.clone(), store.world().clone(), people).await?;
        let notices = notices(&config, &province, &identity)?;
        let document = Document::open(&identity, press(&config)?).await?;
        let payments = Payments::new(&identity, config.payment.settings().map_err(Error::Config)?);
        let ledger =
            Ledger::open(&identity, &origin, config.ledger.clone()).map_err(|e| Error::Config(e.to_string()))?;
        let casework = Casework::new(
            &identity,
            Settings {
                mode: config.public.mode,
                national_portal: config.public.portal_url.clone(),
                origin: origin.clone(),
                calendar: province.calendar(),
                cut_off: province.cut_off,
                scanner: scanner(&config)?,
                papers: Some(document.clone()),
                log: Some(ledger.clone()),
                payment: payments.settings().clone(),
                still_after_days: config.work.still_after_working_days.clamp(1, 60),
                ..Settings::default()
            },
        );
        casework::process::seed_shipped(&casework).await?;
        let register = registers(&config, &identity, &casework).await?;
        let map = maps(&config, &register).await?;
        let opendata = open_data(&config, &province, &register).await?;
        let indicators = Indicators::new(&casework).with_reported(province.published());
        let exchange = Exchange::open(&casework, config.exchange.clone()).map_err(|e| Error::Config(e.to_string()))?;
        let router = router(
            &config,
            &province,
            &identity,
            (&document, &casework, &notices, &payments),
            (&indicators, &exchange, &ledger, &register),
            (&map, &opendata),
            provider.as_ref(),
        )?;
        Ok(Self {
            config: Arc::new(config),
            store,
            identity,
            casework,
            notices,
            payments,
            register,
            map,
            opendata,
            exchange,
            ledger,
            indicators,
            router,
        })
    }

    /// The OpenAPI document of every interface.
    #[must_use]
    pub fn openapi(&self) -> utoipa::openapi::OpenApi {
        document(&self.identity)
    }
}

/// The channels of the province, with the templates of every room that tells something.
pub(crate) fn notices(config: &Config, province: &Province, identity: &Identity) -> Result<Notices, Error> {
    let settings = notice::Settings {
        config: config.notices.clone(),
        site: province.name.clone(),
        origin: config.base_url(),
    };
    let sources = [casework::notice::contact::SOURCE];
    Notices::open(identity, settings, casework::notice::TEMPLATES, &sources).map_err(|e| Error::Config(e.to_string()))
}

/// The registers of the definitions that hold today.
async fn registers(config: &Config, identity: &Identity, casework: &Casework) -> Result<Register, Error> {
    let systems = casework.definitions().systems().await?;
    let mut lists = BTreeMap::new();
    for name in casework::definitions::list_names() {
        let codes = casework::definitions::list(&name).into_iter().flatten();
        let codes: Vec<_> = codes.map(|code| (code.code.clone(), code.name.clone())).collect();
        if !codes.is_empty() {
            lists.insert(name, codes);
        }
    }
    let spool = config.data.join("spool");
    std::fs::create_dir_all(&spool).map_err(Error::io(format!("cannot make {}", spool.display())))?;
    let settings = register::Settings {
        lists,
        imports: register::import::Settings {
            reader: register::import::Reader::Program(program(config)?, vec!["read-stranger".into()]),
            bytes_max: config.registers.imports_bytes_max,
            folder: spool.clone(),
        },
        exports: register::export::Quota {
            folder: spool,
            bytes_max: config.registers.exports_bytes_max,
            at_once_max: config.registers.exports_at_once_max,
        },
        hooks_inside: config.registers.hooks_inside,
        ..register::Settings::default()
    };
    let opened = Register::open(identity, &systems, settings).await;
    let opened = opened.map_err(|e| Error::Config(e.to_string()))?;
    casework.keep_registers(&opened);
    Ok(opened)
}

/// The maps over the registers, with the boundaries that come with the program.
async fn maps(config: &Config, register: &Register) -> Result<Map, Error> {
    let settings = map::Settings {
        base: config.map.base.clone(),
        sheets_bytes: config.map.layers_mb.saturating_mul(1 << 20),
        tiles_bytes: config.map.tiles_mb.saturating_mul(1 << 20),
        ..map::Settings::default()
    };
    let fault = |error: map::MapError| Error::Config(error.to_string());
    let map = Map::open(register, settings).map_err(fault)?;
    if register.store().config().mode == Mode::Serve {
        map.seed_boundaries().await.map_err(fault)?;
    }
    Ok(map)
}

/// The catalogue of open data. In a demonstration everything is made up, and says so.
async fn open_data(config: &Config, province: &Province, register: &Register) -> Result<Portal, Error> {
    let agencies = casework::process::agency_names().map(|(word, name)| (word.to_owned(), name));
    let settings = opendata::Settings {
        origin: config.base_url(),
        site: province.name.clone(),
        agencies: agencies.collect(),
        synthetic: config.demo.is_some(),
    };
    let opened = Portal::open(register, settings).await;
    opened.map_err(|error| Error::Config(error.to_string()))
}

/// What looks at files before anybody opens them, where one is set up.
fn scanner(config: &Config) -> Result<Option<casework::scan::Scanner>, Error> {
    let scanner = config.scan.as_ref().map(|scan| scan.scanner()).transpose();
    scanner.map_err(Error::Config)
}

/// The press: this program, started again as a child that typesets.
fn press(config: &Config) -> Result<Press, Error> {
    Ok(Press::new(Program {
        path: program(config)?,
        arguments: vec!["typeset".into()],
    }))
}

/// The program whose children lay limits on themselves.
fn program(config: &Config) -> Result<std::path::PathBuf, Error> {
    match &config.typesetter {
        Some(path) => Ok(path.clone()),
        None => std::env::current_exe().map_err(Error::io("cannot tell where this program is")),
    }
}

fn router(
    config: &Config,
    province: &Province,
    identity: &Identity,
    (document, casework, notices, payments): (&Document, &Casework, &Notices, &Payments),
    (indicators, exchange, ledger, register): (&Indicators, &Exchange, &Ledger, &Register),
    (map, opendata): (&Map, &Portal),
    provider: Option<&SimulatedProvider>,
) -> Result<Router, Error> {
    let guarded = identity::http::routes::<()>(identity)
        .into_router()
        .merge(document::router(document))
        .merge(casework::http::router(casework))
        .merge(notice::http::router(notices))
        .merge(payment::http::router(payments))
        .merge(exchange::http::router(exchange))
        .merge(register::http::router(register))
        .merge(opendata::http::router(opendata))
        .merge(map::http::router(map))
        .merge(ledger::http::router(ledger))
        .merge(indicator::http::router(indicators))
        .merge(http::routes(identity, config)?.into_router())
        .merge(jobs::http::routes(identity).into_router().with_state(identity.clone()));
    identity.add_nav([NavEntry::new("/admin/jobs", "tinhso-jobs", Access::Action(Action::JobRead)).setup()]);
    let documents = web::openapi::routes(&self::document(identity));
    let mut inner = identity.layer(guarded.merge(documents));
    if let Some(provider) = provider {
        inner = inner.merge(provider.router());
    }
    Ok(frame(inner, layers(config, province, identity)?))
}

/// Every operation of every room in one document.
fn document(identity: &Identity) -> utoipa::openapi::OpenApi {
    let mut document = web::openapi::base(env!("CARGO_PKG_VERSION"));
    document.merge(identity.openapi());
    document
}

fn layers(config: &Config, province: &Province, identity: &Identity) -> Result<Frame, Error> {
    let brand = province.brand(&config.base_url(), config.demo.is_some());
    let mut layers = Frame::new(Arc::new(brand), identity.world().clone());
    let named = config
        .trusted_proxies
        .iter()
        .map(|text| Proxy::from_str(text))
        .collect::<Result<_, _>>();
    layers.proxies = Proxies {
        named: named.map_err(|e| Error::Config(format!("trusted_proxies: {e}")))?,
        tls: config.tls.is_some(),
    };
    layers.form_action = config
        .oidc
        .iter()
        .filter_map(|provider| origin_of(&provider.issuer))
        .collect();
    layers.concurrency = config.listen.requests_at_once_max;
    let spool = config.data.join("spool");
    std::fs::create_dir_all(&spool).map_err(Error::io(format!("cannot make {}", spool.display())))?;
    layers.spool = spool;
    Ok(layers)
}

/// Scheme, host and port of an address.
fn origin_of(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split('/').next().filter(|host| !host.is_empty())?;
    Some(format!("{scheme}://{host}"))
}
