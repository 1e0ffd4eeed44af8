//! SQL of organisations: find by the keyed index or create; a claim that differs becomes a question.
//! Tax codes are public (Luật Quản lý thuế 2019); they are looked up by the keyed index all the same.

use super::{OrganisationRecord, PreparedOrganisation, tax_index};
use crate::person::OrganisationId;
use ::store::keys::{KeyRing, Sealed};
use ::store::{Row, StoreError, Tx};
use kernel::{TaxCode, Timestamp};

/// Finds the organisation of a claim or puts it on record; `true` when the name agrees. A claim with another name is
/// kept as a question.
///
/// # Errors
/// When the store fails.
pub fn find_or_create_organisation(
    tx: &mut Tx,
    claim: &PreparedOrganisation,
    source: &str,
    now: Timestamp,
) -> Result<(OrganisationId, bool), StoreError> {
    let open = claim.open.as_ref();
    let created = tx.execute(
        "INSERT INTO organisation (id, kind, tax_index, match_index, tax_code, name, name_fold, name_sort, name_masked, \
         details, created_at, changed_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1) \
         ON CONFLICT (tax_index) DO NOTHING",
        &[
            &claim.id,
            &claim.kind.as_str(),
            &claim.tax_index,
            &claim.match_index,
            &open.map(|(code, _, _, _)| code),
            &open.map(|(_, name, _, _)| name),
            &open.map(|(_, _, folded, _)| folded),
            &open.map(|(_, _, _, sort)| sort),
            &claim.name_masked,
            &claim.details.as_bytes(),
            &now,
            &now,
        ],
    )?;
    if created == 1 {
        return Ok((claim.id, true));
    }
    let (id, match_index) = tx.one(
        "SELECT id, match_index FROM organisation WHERE tax_index = $1",
        &[&claim.tax_index],
        |row| Ok((row.get::<OrganisationId>(0)?, row.get::<Vec<u8>>(1)?)),
    )?;
    let agrees = claim.match_index.as_slice() == match_index.as_slice();
    if !agrees {
        tx.execute(
            "INSERT INTO person_question (id, organisation, claim_index, claim, source, asked_at, state) \
             VALUES ($1, $2, $3, $4, $5, $6, 'open') ON CONFLICT (claim_index) DO NOTHING",
            &[
                &claim.question,
                &id,
                &claim.match_index,
                &claim.claim.as_bytes(),
                &source,
                &now,
            ],
        )?;
    }
    Ok((id, agrees))
}

fn read(row: &Row<'_>) -> Result<OrganisationRecord, StoreError> {
    Ok(OrganisationRecord {
        id: row.get(0)?,
        name: row.get(1)?,
        tax_code: row.get(2)?,
        details: Sealed::from_bytes(row.get(3)?),
        version: row.get(4)?,
    })
}

/// The record with this id.
///
/// # Errors
/// When the store fails.
pub fn organisation(tx: &mut Tx, id: OrganisationId) -> Result<Option<OrganisationRecord>, StoreError> {
    tx.opt(
        "SELECT id, name_masked, tax_code, details, version FROM organisation WHERE id = $1",
        &[&id],
        read,
    )
}

/// The record of the organisation with this tax code.
///
/// # Errors
/// When the store fails.
pub fn find_organisation(
    tx: &mut Tx,
    keys: &KeyRing,
    code: &TaxCode,
) -> Result<Option<OrganisationRecord>, StoreError> {
    tx.opt(
        "SELECT id, name_masked, tax_code, details, version FROM organisation WHERE tax_index = $1",
        &[&tax_index(keys, code)],
        read,
    )
}
