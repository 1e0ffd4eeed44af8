//! Puts the processes of the shipped definitions into the table: the first time as the version in force, later, when the
//! program brings a changed one, as the next version. What a province wrote itself is never replaced: there the shipped one
//! waits to be looked at. It refuses nothing; the definitions were proven when the program was built.

use std::collections::HashSet;

use kernel::{Date, ProcedureCode, Timestamp};
use store::{Store, StoreError, Tx};

use super::{Approval, PROVINCE, Version, agencies, store as table};
use crate::{Casework, definitions};

/// The processes of the definitions that the program brings.
#[must_use]
pub fn shipped() -> Vec<Shipped> {
    let around = agencies::surroundings();
    let processes = definitions::all().filter_map(|defined| {
        let process = definition::procedure::Process::of(defined.procedure, &defined.system.texts, &around).ok()?;
        Some(Shipped {
            procedure: defined.procedure.code.clone(),
            origin: defined.system.code.clone(),
            text: process.write(),
        })
    });
    processes.collect()
}

/// Puts them into the table of a province.
///
/// # Errors
/// As [`seed`].
pub async fn seed_shipped(house: &Casework) -> Result<usize, StoreError> {
    let applied = house.store().read(definitions::store::applied).await?;
    // What the province applied itself stays: a newer program brings no other process for it.
    let is_own = |one: &Shipped| applied.iter().any(|row| row.pin.system == one.origin);
    let mut shipped = shipped();
    shipped.retain(|one| !is_own(one));
    seed(house.store(), shipped, house.now()).await
}

/// A process that the program brings.
#[derive(Debug, Clone)]
pub struct Shipped {
    /// The procedure.
    pub procedure: ProcedureCode,
    /// The system it is part of.
    pub origin: String,
    /// Its steps as TOML.
    pub text: String,
}

/// Writes what is new; says how many versions came. A start that brings nothing new reads once and writes nothing.
///
/// # Errors
/// When the store fails; nothing is written then.
pub async fn seed(store: &Store, shipped: Vec<Shipped>, now: Timestamp) -> Result<usize, StoreError> {
    let known: HashSet<(String, Vec<u8>)> = store.read(table::digests).await?.into_iter().collect();
    let is_new = |one: &Shipped| !known.contains(&(one.procedure.to_string(), table::sha256(&one.text)));
    let shipped: Vec<Shipped> = shipped.into_iter().filter(is_new).collect();
    if shipped.is_empty() {
        return Ok(0);
    }
    store
        .write(move |tx| seed_in(tx, &shipped, now, now.local_date()))
        .await
}

/// Writes what is new inside a transaction; it holds from `valid_from`. Says how many versions came.
///
/// # Errors
/// When the store fails.
pub(crate) fn seed_in(tx: &mut Tx, shipped: &[Shipped], now: Timestamp, valid_from: Date) -> Result<usize, StoreError> {
    let mut written = 0;
    for one in shipped {
        let versions = table::versions(tx, &one.procedure)?;
        if versions.iter().any(|version| version.text == one.text) {
            continue;
        }
        let is_ours = versions.iter().any(|version| version.origin == PROVINCE);
        let approval = (!is_ours).then(|| Approval {
            by: one.origin.clone(),
            at: now,
            valid_from,
        });
        let newest = versions.first().map_or(0, |version| version.version);
        table::insert(
            tx,
            &Version {
                procedure: one.procedure.clone(),
                version: newest + 1,
                origin: one.origin.clone(),
                text: one.text.clone(),
                note: String::new(),
                made_by: one.origin.clone(),
                made_at: now,
                approval,
            },
        )?;
        written += 1;
    }
    if written > 0 {
        table::grow_revision(tx)?;
    }
    Ok(written)
}
