//! Owns `Exchange`, the handle that the binary makes once: the portal's configuration, the way to it, the key that signs receipts.
//! Refuses to start with a faulty configuration or without its secrets; connects nowhere by itself.

use std::sync::Arc;

use casework::Casework;
use casework::dossier::DossierId;
use kernel::{Timestamp, World};
use parking_lot::Mutex;
use store::{Store, StoreError};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::client::Client;
use crate::config::{Config, PortalConfig, secret};
use crate::error::ExchangeError;
use crate::link::Link;
use crate::link::store as links;
use crate::machine::Line;
use crate::receipt::Signer;
use crate::wire::Dialect;

/// The exchange of one province. Cheap to clone.
#[derive(Clone)]
pub struct Exchange(Arc<Inner>);

struct Inner {
    casework: Casework,
    config: Config,
    portal: Option<Portal>,
    dialect: Dialect,
    signer: Signer,
    line: Mutex<Line>,
    /// When this node looked last for what was filed at the portal, and how far it has compared states.
    pulled_at: Mutex<Option<Timestamp>>,
    swept_at: Mutex<Option<Timestamp>>,
    compared: Mutex<DossierId>,
    /// Since when the exchange runs here, once that was read.
    began_at: Mutex<Option<Timestamp>>,
}

/// The way to the portal, and who may speak in its name.
pub(crate) struct Portal {
    pub(crate) config: PortalConfig,
    pub(crate) client: Client,
    pub(crate) inbound: Option<(String, Zeroizing<String>)>,
}

impl std::fmt::Debug for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exchange")
            .field("portal", &self.0.portal.as_ref().map(|portal| &portal.config.url))
            .finish_non_exhaustive()
    }
}

impl Exchange {
    /// Reads secrets and makes the key of receipts.
    /// # Errors
    /// The first fault of the configuration.
    pub fn open(casework: &Casework, config: Config) -> Result<Self, ExchangeError> {
        web::i18n::register(&[crate::TEXT]);
        casework.show_beside(Arc::new(crate::beside::OtherSystems));
        config.check().map_err(ExchangeError::Config)?;
        let portal = config.portal.as_ref().map(open_portal).transpose()?;
        let dialect = config
            .portal
            .as_ref()
            .map(|portal| portal.dialect.clone())
            .unwrap_or_default();
        let signer = Signer::new(&casework.keys());
        Ok(Self(Arc::new(Inner {
            casework: casework.clone(),
            config,
            portal,
            dialect,
            signer,
            line: Mutex::default(),
            pulled_at: Mutex::default(),
            swept_at: Mutex::default(),
            compared: Mutex::new(DossierId::from_uuid(Uuid::nil())),
            began_at: Mutex::default(),
        })))
    }

    /// Procedures and dossiers.
    #[must_use]
    pub fn casework(&self) -> &Casework {
        &self.0.casework
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Store {
        self.0.casework.store()
    }

    /// Clock and chance.
    #[must_use]
    pub fn world(&self) -> &Arc<dyn World> {
        self.0.casework.world()
    }

    /// The hour.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.world().now()
    }

    /// What the operator decided.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// The key that signs receipts.
    #[must_use]
    pub fn signer(&self) -> &Signer {
        &self.0.signer
    }

    pub(crate) fn dialect(&self) -> &Dialect {
        &self.0.dialect
    }

    /// # Errors
    /// `NotSetUp` when there is no portal.
    pub(crate) fn portal(&self) -> Result<&Portal, ExchangeError> {
        self.0.portal.as_ref().ok_or(ExchangeError::NotSetUp)
    }

    pub(crate) fn line(&self) -> &Mutex<Line> {
        &self.0.line
    }

    pub(crate) fn pulled_at(&self) -> &Mutex<Option<Timestamp>> {
        &self.0.pulled_at
    }

    pub(crate) fn swept_at(&self) -> &Mutex<Option<Timestamp>> {
        &self.0.swept_at
    }

    pub(crate) fn compared(&self) -> &Mutex<DossierId> {
        &self.0.compared
    }

    pub(crate) fn began_at(&self) -> &Mutex<Option<Timestamp>> {
        &self.0.began_at
    }

    /// What is known of the dossier that the portal calls so.
    /// # Errors
    /// When the store fails.
    pub async fn link_of(&self, national_code: &str) -> Result<Option<Link>, StoreError> {
        let code = national_code.to_owned();
        self.store().read(move |tx| links::by_code(tx, &code)).await
    }

    /// A new id.
    pub(crate) fn id(&self) -> Uuid {
        kernel::id::uuid_v7(self.world().as_ref())
    }

    /// A byte of chance.
    pub(crate) fn chance(&self) -> u8 {
        let mut byte = [0];
        self.world().fill(&mut byte);
        byte[0]
    }
}

fn open_portal(config: &PortalConfig) -> Result<Portal, ExchangeError> {
    let inbound = match &config.inbound {
        Some(inbound) => {
            let password = secret(&inbound.password_file)
                .map_err(|why| ExchangeError::Config(format!("exchange.portal.inbound.password_file: {why}")))?;
            Some((inbound.user.clone(), password))
        }
        None => None,
    };
    Ok(Portal {
        config: config.clone(),
        client: Client::open(config)?,
        inbound,
    })
}
