//! The tables of templates: versions are written once and never changed, one row says which holds.
//! Refuses a change that was made on another version than the one in force.

use ::store::{Row, StoreError, Tx};
use kernel::Timestamp;

use super::{Change, Name, Origin, TemplateError, Version, rules};

::store::value_via_display!(super::Name, super::Origin);

macro_rules! columns {
    () => {
        "v.name, v.version, v.origin, v.source, v.sha256, v.note, v.made_at, v.made_by"
    };
}

fn version_of(row: &Row<'_>) -> Result<Version, StoreError> {
    Ok(Version {
        name: row.get(0)?,
        version: row.get(1)?,
        origin: row.get(2)?,
        source: row.get(3)?,
        sha256: row.get(4)?,
        note: row.get(5)?,
        made_at: row.get(6)?,
        made_by: row.get(7)?,
    })
}

/// The version in force.
pub(crate) fn current(tx: &mut Tx, name: Name) -> Result<Version, TemplateError> {
    tx.opt(
        concat!(
            "SELECT ",
            columns!(),
            " FROM template_current c JOIN template_version v ON v.name = c.name AND v.version = c.version WHERE c.name = $1"
        ),
        &[&name],
        version_of,
    )?
    .ok_or(TemplateError::NotFound)
}

/// One version.
pub(crate) fn version(tx: &mut Tx, name: Name, version: i64) -> Result<Version, TemplateError> {
    tx.opt(
        concat!(
            "SELECT ",
            columns!(),
            " FROM template_version v WHERE v.name = $1 AND v.version = $2"
        ),
        &[&name, &version],
        version_of,
    )?
    .ok_or(TemplateError::NotFound)
}

/// Every version of a template, newest first; the bound is for damaged data.
pub(crate) fn versions(tx: &mut Tx, name: Name) -> Result<Vec<Version>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM template_version v WHERE v.name = $1 ORDER BY v.version DESC LIMIT 200"
        ),
        &[&name],
        version_of,
    )
}

/// Hash of the country's last version.
pub(crate) fn latest_of_country(tx: &mut Tx, name: Name) -> Result<Option<Vec<u8>>, StoreError> {
    tx.opt(
        "SELECT sha256 FROM template_version WHERE name = $1 AND origin = $2 ORDER BY version DESC LIMIT 1",
        &[&name, &Origin::Country],
        |row| row.get(0),
    )
}

fn last_number(tx: &mut Tx, name: Name) -> Result<i64, StoreError> {
    tx.one(
        "SELECT COALESCE(max(version), 0) FROM template_version WHERE name = $1",
        &[&name],
        |row| row.get(0),
    )
}

fn insert(tx: &mut Tx, version: &Version) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO template_version (name, version, origin, source, sha256, note, made_at, made_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            &version.name,
            &version.version,
            &version.origin,
            &version.source,
            &version.sha256,
            &version.note,
            &version.made_at,
            &version.made_by,
        ],
    )?;
    Ok(())
}

fn hold(tx: &mut Tx, name: Name, version: i64, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO template_current (name, version, changed_at) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET version = excluded.version, changed_at = excluded.changed_at",
        &[&name, &version, &now],
    )?;
    Ok(())
}

/// Writes the country's texts that the table does not have yet.
pub(crate) fn take_over(tx: &mut Tx, now: Timestamp) -> Result<(), TemplateError> {
    for &name in Name::ALL {
        if !rules::is_new(latest_of_country(tx, name)?.as_deref(), name) {
            continue;
        }
        let in_force = match current(tx, name) {
            Ok(version) => Some(version.origin),
            Err(TemplateError::NotFound) => None,
            Err(error) => return Err(error),
        };
        let source = name.of_country().to_owned();
        let new = Version {
            name,
            version: last_number(tx, name)? + 1,
            origin: Origin::Country,
            sha256: rules::sha256(&source),
            source,
            note: String::new(),
            made_at: now,
            made_by: None,
        };
        insert(tx, &new)?;
        if rules::holds_at_once(in_force) {
            hold(tx, name, new.version, now)?;
        }
    }
    Ok(())
}

fn expect_seen(tx: &mut Tx, name: Name, seen: i64) -> Result<(), TemplateError> {
    let found = current(tx, name)?.version;
    if found == seen {
        Ok(())
    } else {
        Err(TemplateError::Stale { seen, found })
    }
}

/// Writes a province's version and puts it in force; gives its number.
pub(crate) fn save(tx: &mut Tx, change: &Change) -> Result<i64, TemplateError> {
    expect_seen(tx, change.name, change.seen)?;
    let new = Version {
        name: change.name,
        version: last_number(tx, change.name)? + 1,
        origin: Origin::Province,
        source: change.source.clone(),
        sha256: rules::sha256(&change.source),
        note: change.note.clone(),
        made_at: change.now,
        made_by: Some(change.by),
    };
    insert(tx, &new)?;
    hold(tx, change.name, new.version, change.now)?;
    Ok(new.version)
}

/// Puts a version in force that was written before.
pub(crate) fn put_in_force(
    tx: &mut Tx,
    name: Name,
    again: i64,
    seen: i64,
    now: Timestamp,
) -> Result<(), TemplateError> {
    expect_seen(tx, name, seen)?;
    version(tx, name, again)?;
    Ok(hold(tx, name, again, now)?)
}
