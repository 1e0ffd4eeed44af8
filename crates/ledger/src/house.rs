//! Owns `Ledger`, the handle that the binary makes once: what the log is called, its key, whom it asks, what it shows of a fact.
//! Refuses to start with a faulty configuration; connects nowhere by itself.

use std::sync::Arc;

use ::store::StoreError;
use identity::Identity;
use kernel::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::config::Config;
use crate::error::LedgerError;
use crate::hash::Hash;
use crate::log::{self, Fact, Head, Kind, store as table};
use crate::note::{Algorithm, Note, Signer, VerifierKey};
use crate::proof::LogProof;
use crate::witness::{ask, cosignature, store as witnesses};

/// Domains of the keys in the ring.
pub(crate) const LOG_KEY: &str = "ledger.log";
const WITNESS_KEY: &str = "ledger.witness";
/// Facts that are taken in by one transaction, so that others get their turn.
const BATCH: i64 = 2_048;
/// How long a node that takes in keeps others from trying.
const LEASE: SignedDuration = SignedDuration::from_secs(3);
/// A lease that runs further than this was taken before a clock went back.
const NEVER: SignedDuration = SignedDuration::from_secs(60);
const SEQUENCER: &str = "sequencer";
const WITNESSES: &str = "witnesses";

/// The public log of one province. Cheap to clone.
#[derive(Clone)]
pub struct Ledger(Arc<Inner>);

struct Inner {
    identity: Identity,
    config: Config,
    signer: Signer,
    cosigner: Option<Signer>,
    client: reqwest::Client,
    /// What this node is called in leases.
    node: Uuid,
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ledger")
            .field("origin", &self.0.signer.key().name())
            .finish_non_exhaustive()
    }
}

/// What the log shows of a fact.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Its record.
    pub fact: Fact,
    /// Where it stands; none while it waits.
    pub proven: Option<Proven>,
}

/// A fact in the log.
#[derive(Debug, Clone)]
pub struct Proven {
    /// Index, hashes and checkpoint.
    pub proof: LogProof,
    /// How many entries the log has at that checkpoint.
    pub size: u64,
    /// The witnesses who cosigned it, with the times that they state, in seconds.
    pub cosigned: Vec<(String, i64)>,
}

/// How the log fares.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The newest checkpoint.
    pub head: Option<Head>,
    /// How many facts wait, and since when the oldest does.
    pub pending: (u64, Option<Timestamp>),
    /// Each witness that is asked: its name, what it cosigned last, when it answered, why its last answer was none.
    pub witnesses: Vec<(String, u64, Option<Timestamp>, Option<String>)>,
}

/// The name of the log of a site: its address without the scheme.
fn origin_of(site: &str) -> String {
    let bare = site.split_once("://").map_or(site, |(_, rest)| rest);
    format!("{}/log", bare.trim_end_matches('/'))
}

identity::room!(Ledger);

impl Ledger {
    /// Derives the keys and prepares connections.
    ///
    /// # Errors
    /// The first fault of the configuration.
    pub fn open(identity: &Identity, site: &str, config: Config) -> Result<Self, LedgerError> {
        web::i18n::register(&[crate::TEXT]);
        config.check().map_err(LedgerError::Config)?;
        let keys = identity.store().keys();
        let faulty = |error| LedgerError::Config(format!("ledger: {error}"));
        let origin = config.origin.clone().unwrap_or_else(|| origin_of(site));
        let signer = Signer::new(&origin, Algorithm::Ed25519, &keys.derive(LOG_KEY)).map_err(faulty)?;
        let cosigner = match &config.witnessing {
            Some(own) => {
                let seed = keys.derive(WITNESS_KEY);
                Some(Signer::new(&own.name, Algorithm::Cosignature, &seed).map_err(faulty)?)
            }
            None => None,
        };
        Ok(Self(Arc::new(Inner {
            node: kernel::id::uuid_v7(identity.world().as_ref()),
            client: ask::client()?,
            identity: identity.clone(),
            config,
            signer,
            cosigner,
        })))
    }

    /// What the operator decided.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// The key by which others verify the log. Its name is the log's origin.
    #[must_use]
    pub fn key(&self) -> &VerifierKey {
        self.0.signer.key()
    }

    /// What signs checkpoints.
    #[must_use]
    pub fn signer(&self) -> &Signer {
        &self.0.signer
    }

    /// The key by which others verify what this province cosigns as a witness.
    #[must_use]
    pub fn witness_key(&self) -> Option<&VerifierKey> {
        self.0.cosigner.as_ref().map(Signer::key)
    }

    pub(crate) fn client(&self) -> &reqwest::Client {
        &self.0.client
    }

    /// What signs as a witness, and the logs that are witnessed.
    pub(crate) fn witnessing(&self) -> Option<(&Signer, &[VerifierKey])> {
        let own = self.0.config.witnessing.as_ref()?;
        Some((self.0.cosigner.as_ref()?, &own.logs))
    }

    /// Takes a lease, or keeps it.
    async fn lease(&self, name: &'static str) -> Result<bool, StoreError> {
        let (now, node) = (self.now(), self.0.node);
        self.store()
            .write(move |tx| table::lease(tx, (name, node), (now, now + LEASE, now + NEVER)))
            .await
    }

    /// Whether another node is at it.
    async fn is_anothers(&self, name: &'static str) -> Result<bool, StoreError> {
        let (now, node) = (self.now(), self.0.node);
        let holder = self.store().read(move |tx| table::leaseholder(tx, name)).await?;
        Ok(holder.is_some_and(|(holder, until)| holder != node && until >= now && until <= now + NEVER))
    }

    /// Takes what waits into the log, a batch of it, if no other node is at it. None when there was nothing to do.
    ///
    /// # Errors
    /// `Damaged`, and the store's.
    pub async fn round(&self) -> Result<Option<Head>, LedgerError> {
        let waits = self.store().read(table::any_pending).await?;
        if !waits || self.is_anothers(SEQUENCER).await? {
            return Ok(None);
        }
        let (ledger, now) = (self.clone(), self.now());
        let head = self
            .store()
            .write(move |tx| {
                let node = ledger.0.node;
                if !table::lease(tx, (SEQUENCER, node), (now, now + LEASE, now + NEVER))? {
                    return Ok(None);
                }
                log::take_in(tx, ledger.signer(), (now, BATCH), log::plugged_in)
            })
            .await?;
        if head.is_some() {
            metrics::counter!("ledger_batches_total").increment(1);
        }
        Ok(head)
    }

    /// Asks witnesses, if any are set up and no other node is at it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn witness_round(&self) -> Result<u64, LedgerError> {
        if self.config().witnesses.is_empty() || !self.anything_to_witness().await? {
            return Ok(0);
        }
        if self.is_anothers(WITNESSES).await? || !self.lease(WITNESSES).await? {
            return Ok(0);
        }
        self.ask_witnesses().await
    }

    /// Whether a witness that is due has not cosigned the newest checkpoint.
    async fn anything_to_witness(&self) -> Result<bool, StoreError> {
        let names: Vec<String> = self
            .config()
            .witnesses
            .iter()
            .map(|one| one.key.name().to_owned())
            .collect();
        let now = self.now();
        self.store()
            .read(move |tx| {
                let Some(head) = log::head(tx)? else { return Ok(false) };
                let lines = witnesses::cosignatures(tx, head.size)?;
                for name in names
                    .iter()
                    .filter(|name| lines.iter().all(|(witness, _)| witness != *name))
                {
                    if witnesses::asked(tx, name)?.is_none_or(|asked| asked.is_due(now)) {
                        return Ok(true);
                    }
                }
                Ok(false)
            })
            .await
    }

    /// What the log shows of a fact; none when it was never recorded.
    ///
    /// # Errors
    /// `Damaged`, and the store's.
    pub async fn shown(&self, kind: Kind, subject: Uuid) -> Result<Option<Shown>, LedgerError> {
        let ledger = self.clone();
        self.store()
            .read(move |tx| {
                let Some(fact) = log::find(tx, kind, subject)? else {
                    return Ok(None);
                };
                let proven = match fact.position {
                    Some(index) => Some(ledger.proven(tx, index)?),
                    None => None,
                };
                Ok(Some(Shown { fact, proven }))
            })
            .await
    }

    /// The proof of the entry at an index, under the newest checkpoint that a witness cosigned, else under the newest.
    ///
    /// # Errors
    /// `NotFound`, `Damaged`, and the store's.
    pub fn proven(&self, tx: &mut ::store::Tx, index: u64) -> Result<Proven, LedgerError> {
        let cosigned = table::cosigned_head(tx, log::signed(index))?;
        // A checkpoint under an earlier name of the log is another log's.
        let own = format!("{}\n", self.key().name());
        let head = match cosigned.filter(|head| head.note.starts_with(&own)) {
            Some(head) => Some(head),
            None => log::head(tx)?,
        };
        let head = head.ok_or(LedgerError::NotFound)?;
        let hashes = log::prove(tx, index, head.size)?;
        let (note, cosigned) = self.cosigned_note(tx, &head)?;
        let proof = LogProof {
            extra: None,
            index,
            hashes,
            note,
        };
        Ok(Proven {
            proof,
            size: head.size,
            cosigned,
        })
    }

    /// A checkpoint with the lines of its witnesses that hold under the keys of the configuration, and who they are with the times that
    /// they state. A line that does not hold, or of a witness that is asked no more, is not given out: who reads it would have to ask us why.
    pub(crate) fn cosigned_note(
        &self,
        tx: &mut ::store::Tx,
        head: &Head,
    ) -> Result<(Note, Vec<(String, i64)>), LedgerError> {
        let mut note = Note::read(head.note.as_bytes()).map_err(|error| LedgerError::Damaged(error.to_string()))?;
        let own = note.clone();
        let mut cosigned = Vec::new();
        for (name, line) in witnesses::cosignatures(tx, head.size)? {
            let keys = self.config().witnesses.iter().map(|witness| &witness.key);
            let held = keys
                .filter(|key| key.name() == name)
                .find_map(|key| cosignature(&format!("{line}\n"), &own, key));
            match held {
                Some((line, at)) => {
                    note.signatures.push(line);
                    cosigned.push((name, at));
                }
                None => {
                    tracing::warn!(witness = %name, size = head.size, "a cosignature that is kept does not hold; it is not given out")
                }
            }
        }
        Ok((note, cosigned))
    }

    /// How the log fares.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn standing(&self) -> Result<Standing, StoreError> {
        let names: Vec<String> = self
            .config()
            .witnesses
            .iter()
            .map(|one| one.key.name().to_owned())
            .collect();
        self.store()
            .read(move |tx| {
                let (count, since) = table::pending(tx)?;
                let mut asked = Vec::new();
                for name in names {
                    let state = witnesses::asked(tx, &name)?;
                    let (size, at, said) = state.map_or((0, None, None), |one| (one.size, one.answered_at, one.said));
                    asked.push((name, size, at, said));
                }
                Ok(Standing {
                    head: log::head(tx)?,
                    pending: (u64::try_from(count).unwrap_or(0), since),
                    witnesses: asked,
                })
            })
            .await
    }

    /// The commitment of some canonical bytes under a salt: what the entry of a fact is.
    #[must_use]
    pub fn commitment(salt: &[u8; 32], canonical: &[u8]) -> Hash {
        Hash::salted(salt, canonical)
    }
}
