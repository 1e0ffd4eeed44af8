//! What an import is refused for before its first row: a store that has rows or a half import, another schema, other keys.
//! Owns the words that tell the operator which of them it is.

use super::{ArchiveError, Header, OF_THE_DATABASE, carried, head_of};
use crate::{
    Store, StoreError, Tx,
    catalog::{Schema, quoted},
    keys,
};

/// Refuses a store whose import broke off. Called when a store is opened.
///
/// # Errors
/// `StoreError::Config`, in words for the operator.
pub fn refuse_half_imported(tx: &mut Tx) -> Result<(), StoreError> {
    match tx.opt("SELECT id FROM import_mark", &[], |row| row.get::<i64>(0))? {
        None => Ok(()),
        Some(_) => Err(StoreError::Config(ArchiveError::HalfImported.to_string())),
    }
}

pub(super) fn refuse_filled(tx: &mut Tx, schema: &Schema) -> Result<(), ArchiveError> {
    refuse_half_imported(tx)?;
    for table in carried(schema) {
        let mut filled = false;
        tx.each_text(
            &format!("SELECT 1 FROM {} LIMIT 1", quoted(&table.name)),
            &[],
            &mut |_| {
                filled = true;
                Ok(true)
            },
        )?;
        if filled {
            return Err(ArchiveError::StoreNotEmpty(table.name.clone()));
        }
    }
    Ok(())
}

pub(super) fn refuse_other_migrations(header: &Header, known: &[(String, String)]) -> Result<(), ArchiveError> {
    let missing = |these: &[(String, String)], those: &[(String, String)]| {
        those
            .iter()
            .find(|one| !these.contains(one))
            .map(|(set, name)| format!("{set}/{name}"))
    };
    if let Some(migration) = missing(known, &header.migrations) {
        return Err(ArchiveError::OtherSchema(format!(
            "migration {migration} is not applied here"
        )));
    }
    if let Some(migration) = missing(&header.migrations, known) {
        return Err(ArchiveError::OtherSchema(format!(
            "migration {migration} is not applied there"
        )));
    }
    Ok(())
}

pub(super) fn refuse_other_tables(header: &Header, schema: &Schema) -> Result<(), ArchiveError> {
    for head in &header.tables {
        let table = schema
            .table(&head.name)
            .map_err(|fault| ArchiveError::OtherSchema(fault.to_string()))?;
        let here = head_of(table);
        let same = here.columns.len() == head.columns.len() && head.columns.iter().all(|c| here.columns.contains(c));
        if !same || OF_THE_DATABASE.contains(&head.name.as_str()) {
            return Err(ArchiveError::OtherSchema(format!(
                "table {} has other columns",
                head.name
            )));
        }
    }
    Ok(())
}

pub(super) fn refuse_other_keys(header: &Header, store: &Store) -> Result<(), ArchiveError> {
    let Some(check) = &header.key_check else { return Ok(()) };
    let sealed = hex::decode(check).map_err(|fault| ArchiveError::bad("key_check", fault))?;
    if keys::opens_check(store.keys().as_ref(), sealed) {
        Ok(())
    } else {
        Err(ArchiveError::OtherKeys)
    }
}
