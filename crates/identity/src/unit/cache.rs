//! The book of units held in memory, fresh by its version in the database.
//!
//! It is never loaded inside a write: a write that checks a change reads the units in its own
//! transaction, so that it decides on what it changes.

use super::{UnitBook, UnitError, store};
use ::store::Store;
use parking_lot::RwLock;
use std::sync::Arc;

/// The newest book this process knows.
#[derive(Debug, Clone, Default)]
pub struct UnitCache(Arc<RwLock<Arc<UnitBook>>>);

impl UnitCache {
    /// The book as it was when it was last looked up; asks nothing.
    pub fn held(&self) -> Arc<UnitBook> {
        self.0.read().clone()
    }

    /// The book of now: reads the version, and the units only when it has changed.
    ///
    /// # Errors
    /// [`UnitError::Store`] when the store does not answer.
    pub async fn current(&self, store: &Store) -> Result<Arc<UnitBook>, UnitError> {
        let held = self.held();
        let newer = store
            .read(move |tx| {
                let version = store::version(tx)?;
                if version == held.version() {
                    Ok::<_, UnitError>(None)
                } else {
                    store::load(tx).map(Some)
                }
            })
            .await?;
        if let Some(book) = newer {
            let mut held = self.0.write();
            if held.version() < book.version() {
                *held = Arc::new(book);
            }
        }
        Ok(self.held())
    }
}
