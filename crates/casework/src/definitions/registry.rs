//! The definitions that hold in this province today: those of the folders that it applied, from their day, else those that come
//! with the program. Read again when one was applied (looked at once in two seconds).
//! It refuses a folder that no longer reads: the one before it goes on, and the log says which.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use kernel::{Date, ProcedureCode, Timestamp, World};
use parking_lot::RwLock;
use store::{Store, StoreError};

use super::store::{self as table, Applied};
use super::{Defined, Pin, definition_of};

/// How old an answer may be.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Shared by all handlers of one process of the program.
pub struct Definitions {
    store: Store,
    world: Arc<dyn World>,
    held: RwLock<Held>,
    reading: tokio::sync::Mutex<()>,
}

struct Held {
    revision: i64,
    looked_at: Timestamp,
    day: Option<Date>,
    book: Arc<Book>,
}

/// What the province's own folders say on one day.
#[derive(Default)]
struct Book {
    by_code: BTreeMap<String, (Defined, Pin)>,
    systems: BTreeMap<String, &'static definition::System>,
}

impl Definitions {
    /// An empty registry that fills itself at the first question.
    #[must_use]
    pub fn new(store: Store, world: Arc<dyn World>) -> Self {
        let held = Held {
            revision: -1,
            looked_at: Timestamp::from_micros(0),
            day: None,
            book: Arc::default(),
        };
        Self {
            store,
            world,
            held: RwLock::new(held),
            reading: tokio::sync::Mutex::new(()),
        }
    }

    /// The definition of a procedure that holds today, with the name of its version. A variant of a province is settled as the
    /// national one.
    ///
    /// # Errors
    /// When the store does not answer and nothing was read yet.
    pub async fn of(&self, code: &ProcedureCode) -> Result<Option<(Defined, Option<Pin>)>, StoreError> {
        let book = self.book().await?;
        if let Some((defined, pin)) = book.by_code.get(&code.national().to_string()) {
            return Ok(Some((*defined, Some(pin.clone()))));
        }
        // A system that the province keeps itself says alone what is in it.
        let shipped = definition_of(code).filter(|defined| !book.systems.contains_key(&defined.system.code));
        Ok(shipped.map(|defined| (*defined, Pin::of(defined))))
    }

    /// The systems that hold today: those of the province, and those of the program that it does not keep itself.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub async fn systems(&self) -> Result<Vec<&'static definition::System>, StoreError> {
        let book = self.book().await?;
        let shipped = super::systems()
            .iter()
            .filter(|system| !book.systems.contains_key(&system.code));
        let mut all: Vec<&'static definition::System> = shipped.chain(book.systems.values().copied()).collect();
        all.sort_by(|one, other| one.code.cmp(&other.code));
        Ok(all)
    }

    async fn book(&self) -> Result<Arc<Book>, StoreError> {
        let now = self.world.now();
        if let Some(book) = self.fresh(now) {
            return Ok(book);
        }
        let _one_reader = self.reading.lock().await;
        if let Some(book) = self.fresh(now) {
            return Ok(book);
        }
        let today = now.local_date();
        let (known, day) = {
            let held = self.held.read();
            (held.revision, held.day)
        };
        let read = self.store.read(move |tx| {
            let revision = table::revision(tx)?;
            let is_new = revision != known || day != Some(today);
            let rows = is_new.then(|| table::applied(tx)).transpose()?;
            Ok::<_, StoreError>((revision, rows))
        });
        match read.await {
            Ok((revision, rows)) => {
                let book = match rows {
                    Some(rows) => Arc::new(self.read(rows, today).await),
                    None => self.held.read().book.clone(),
                };
                *self.held.write() = Held {
                    revision,
                    looked_at: now,
                    day: Some(today),
                    book: book.clone(),
                };
                Ok(book)
            }
            Err(error) if known >= 0 => {
                tracing::warn!(%error, "definitions cannot be read; serving the last ones");
                let mut held = self.held.write();
                held.looked_at = now;
                Ok(held.book.clone())
            }
            Err(error) => Err(error),
        }
    }

    fn fresh(&self, now: Timestamp) -> Option<Arc<Book>> {
        let held = self.held.read();
        let age = now.as_micros().saturating_sub(held.looked_at.as_micros());
        let is_young = (0..i64::try_from(LOOK_AGAIN.as_micros()).unwrap_or(i64::MAX)).contains(&age);
        (held.revision >= 0 && is_young && held.day == Some(now.local_date())).then(|| held.book.clone())
    }

    /// The systems that have begun by `today`; of two versions of one the later counts.
    async fn read(&self, rows: Vec<Applied>, today: Date) -> Book {
        let mut newest: BTreeMap<String, (&'static definition::System, Pin)> = BTreeMap::new();
        for row in rows.into_iter().filter(|row| row.valid_from <= today) {
            match row.pin.system(&self.store).await {
                Ok(system) => {
                    newest.insert(row.pin.system.clone(), (system, row.pin));
                }
                Err(error) => {
                    tracing::error!(system = %row.pin.system, seq = row.seq, %error, "a definition does not read")
                }
            }
        }
        let mut book = Book::default();
        for (name, (system, pin)) in newest {
            book.systems.insert(name, system);
            for procedure in &system.procedures {
                let code = procedure.code.national().to_string();
                book.by_code.insert(code, (Defined { system, procedure }, pin.clone()));
            }
        }
        book
    }
}
