//! Looks into a province's database from outside: counts that must agree after every crash, and the whole content as text
//! to search for what must not be there.

use std::sync::Arc;

use store::{Mode, Store, StoreError, Tx};

use super::Province;

/// Opens the store beside whoever serves it, for reading.
pub async fn beside(province: &Province) -> Store {
    let config = tinhso::place::store_config(&province.config, Mode::Beside);
    let world = Arc::new(tinhso::world::RealWorld::new());
    Store::open(config, tinhso::place::MIGRATIONS, world).await.unwrap()
}

/// How many rows of each kind a submission leaves. All the same, or something is half-written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rows {
    pub dossiers: i64,
    pub first_steps: i64,
    pub events: i64,
    pub notices: i64,
    pub keys: i64,
    pub codes: i64,
}

impl Rows {
    /// Whether every dossier is whole.
    pub fn are_whole(&self) -> bool {
        [self.first_steps, self.events, self.notices, self.keys, self.codes]
            .iter()
            .all(|count| *count == self.dossiers)
    }
}

/// Counts them in one transaction.
pub async fn rows(store: &Store) -> Rows {
    store.read(count).await.unwrap()
}

fn count(tx: &mut Tx) -> Result<Rows, StoreError> {
    let mut one = |sql: &'static str| tx.one(sql, &[], |row| row.get::<i64>(0));
    Ok(Rows {
        dossiers: one("SELECT count(*) FROM dossier")?,
        first_steps: one("SELECT count(*) FROM dossier d JOIN dossier_event e ON e.dossier = d.id AND e.seq = 1")?,
        events: one(
            "SELECT count(*) FROM dossier d JOIN outbox o ON o.subject = d.id WHERE o.kind = 'dossier.submitted'",
        )?,
        notices: one("SELECT count(*) FROM dossier d JOIN notice n ON n.dossier = d.id AND n.kind = 'submitted'")?,
        keys: one("SELECT count(*) FROM once_key WHERE scope LIKE 'dossier.submit:%' AND answer IS NOT NULL")?,
        codes: one("SELECT count(DISTINCT code) FROM dossier")?,
    })
}
