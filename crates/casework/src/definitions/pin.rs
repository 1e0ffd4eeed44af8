//! The version of a system that a draft or a dossier began with: the digest of its folder. The folder itself is kept in the
//! table when something begins under it, so that a newer program still draws the older form.
//! It refuses to guess: a digest that nothing is kept of is a damaged record, not the version of today.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use kernel::{ProcedureCode, Timestamp};
use parking_lot::RwLock;
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use store::{Store, StoreError, Tx};

use super::{Defined, Folder, SHIPPED, System, check, definition_of, store as table};

/// Older systems that one process keeps in memory.
const OLDER_MAX: usize = 1_000;

/// A system and the digest of its folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// Code of the system.
    pub system: String,
    /// Number of the version, for people.
    pub version: u32,
    /// SHA-256 of paths and texts, in hexadecimal.
    pub digest: String,
}

/// Digests of the systems that come with the program.
static DIGESTS: LazyLock<BTreeMap<&'static str, String>> =
    LazyLock::new(|| SHIPPED.iter().map(|(name, files)| (*name, digest(files))).collect());

/// Older systems that were read, by digest. They live as long as the process, like those that come with it.
static OLDER: RwLock<BTreeMap<String, &'static System>> = RwLock::new(BTreeMap::new());

fn digest(files: &[(&str, &str)]) -> String {
    let mut context = Context::new(&SHA256);
    for (path, text) in files {
        for part in [path, text] {
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(part.as_bytes());
        }
    }
    hex::encode(context.finish())
}

impl Pin {
    /// What a draft of a defined procedure begins with today.
    #[must_use]
    pub fn of(defined: &Defined) -> Option<Self> {
        let system = &defined.system;
        let digest = DIGESTS.get(system.code.as_str())?;
        Some(Self {
            system: system.code.clone(),
            version: system.version,
            digest: digest.clone(),
        })
    }

    /// Keeps the folder that this names, unless it is kept already.
    ///
    /// # Errors
    /// When the store fails.
    pub fn keep(&self, tx: &mut Tx, now: Timestamp) -> Result<(), StoreError> {
        let Some((_, files)) = SHIPPED.iter().find(|(name, _)| *name == self.system) else {
            return Ok(());
        };
        if table::is_kept(tx, &self.digest)? {
            return Ok(());
        }
        let content: serde_json::Map<String, serde_json::Value> = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), serde_json::Value::from(*text)))
            .collect();
        table::keep(tx, self, &content.into(), now)
    }

    fn is_shipped(&self) -> bool {
        DIGESTS.get(self.system.as_str()) == Some(&self.digest)
    }

    /// The definition of `code` in the version that this names. Without a pin it is the one of today, for what began
    /// before there were any.
    ///
    /// # Errors
    /// When the store fails, or keeps nothing of this digest that can be read.
    pub async fn find(pin: Option<&Self>, code: &ProcedureCode, store: &Store) -> Result<Option<Defined>, StoreError> {
        let Some(pin) = pin.filter(|pin| !pin.is_shipped()) else {
            return Ok(definition_of(code).copied());
        };
        let system = pin.system(store).await?;
        let procedure = system.procedures.iter().find(|one| one.code == code.national());
        Ok(procedure.map(|procedure| Defined { system, procedure }))
    }

    /// Names the version of a system that is read from a folder.
    #[must_use]
    pub(crate) fn named(system: &System, files: &[(&str, &str)]) -> Self {
        let mut files: Vec<(&str, &str)> = files.to_vec();
        files.sort_unstable();
        Self {
            system: system.code.clone(),
            version: system.version,
            digest: digest(&files),
        }
    }

    /// Keeps a folder that did not come with the program.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn keep_folder(
        &self,
        tx: &mut Tx,
        files: &[(String, String)],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let content: serde_json::Map<String, serde_json::Value> = files
            .iter()
            .map(|(path, text)| (path.clone(), serde_json::Value::from(text.as_str())))
            .collect();
        table::keep(tx, self, &content.into(), now)
    }

    /// The system that this names, whether it came with the program or not.
    ///
    /// # Errors
    /// As [`Pin::find`].
    pub(crate) async fn system(&self, store: &Store) -> Result<&'static System, StoreError> {
        if self.is_shipped() {
            let shipped = super::systems().iter().find(|system| system.code == self.system);
            return shipped.ok_or_else(|| StoreError::Corrupt(format!("no system is called {}", self.system)));
        }
        let known = OLDER.read().get(&self.digest).copied();
        match known {
            Some(system) => Ok(system),
            None => self.older(store).await,
        }
    }

    async fn older(&self, store: &Store) -> Result<&'static System, StoreError> {
        let wanted = self.digest.clone();
        let content = store.read(move |tx| table::find(tx, &wanted)).await?;
        let damaged = |why: &str| StoreError::Corrupt(format!("the definition {} {why}", self.digest));
        let content = content.ok_or_else(|| damaged("is not kept"))?;
        let files = content.as_object().ok_or_else(|| damaged("is no folder"))?;
        let folder: Folder<'_> = files
            .iter()
            .filter_map(|(path, text)| Some((path.as_str(), text.as_str()?)))
            .collect();
        let mut read = check(&[(self.system.as_str(), folder)]);
        let Some((_, Ok(system))) = read.pop() else {
            return Err(damaged("cannot be read any more"));
        };
        let mut older = OLDER.write();
        if older.len() >= OLDER_MAX {
            return Err(damaged("is one too many"));
        }
        let kept = older
            .entry(self.digest.clone())
            .or_insert_with(|| Box::leak(Box::new(system)));
        Ok(kept)
    }
}
