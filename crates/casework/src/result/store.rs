//! The tables of papers and of their numbers. A number is drawn in the transaction that writes the row, so that none is given
//! twice and none is lost; the PDF comes to the row afterwards.

use ::store::blob::BlobId;
use ::store::{Row, StoreError, Tx};
use identity::UnitId;
use kernel::Timestamp;

use super::{EndCause, Form, Paper, PaperError, PaperId, Standing};
use crate::dossier::DossierId;

::store::value_via_display!(super::Form, super::Standing, super::EndCause);

macro_rules! columns {
    () => {
        "id, token, dossier, form, basis, unit, unit_name, series, year, seq, number, title, issued_on, issued_at, \
         officer_name, made_by, dossier_code, procedure_name, person_mask, template_version, layout_version, blob, sha256, \
         size_bytes, standing, ended_at, ended_by, end_cause, replaced_by, fetched_at"
    };
}

fn paper_of(row: &Row<'_>) -> Result<Paper, StoreError> {
    Ok(Paper {
        id: row.get(0)?,
        token: row.get(1)?,
        dossier: row.get(2)?,
        form: row.get(3)?,
        basis: row.get(4)?,
        unit: row.get(5)?,
        unit_name: row.get(6)?,
        series: row.get(7)?,
        year: row.get(8)?,
        seq: row.get(9)?,
        number: row.get(10)?,
        title: row.get(11)?,
        issued_on: row.get(12)?,
        issued_at: row.get(13)?,
        officer_name: row.get(14)?,
        made_by: row.get(15)?,
        dossier_code: row.get(16)?,
        procedure_name: row.get(17)?,
        person_mask: row.get(18)?,
        template_version: row.get(19)?,
        layout_version: row.get(20)?,
        blob: row.get(21)?,
        sha256: row.get(22)?,
        size_bytes: row.get(23)?,
        standing: row.get(24)?,
        ended_at: row.get(25)?,
        ended_by: row.get(26)?,
        end_cause: row.get(27)?,
        replaced_by: row.get(28)?,
        fetched_at: row.get(29)?,
    })
}

/// The next number of a series.
pub(crate) fn next_number(tx: &mut Tx, unit: UnitId, series: &str, year: i64) -> Result<i64, StoreError> {
    tx.one(
        "INSERT INTO paper_number (unit, series, year, last) VALUES ($1, $2, $3, 1)
         ON CONFLICT (unit, series, year) DO UPDATE SET last = paper_number.last + 1 RETURNING last",
        &[&unit, &series, &year],
        |row| row.get(0),
    )
}

/// The paper that follows from this step already, if there is one.
pub(crate) fn of_basis(
    tx: &mut Tx,
    dossier: DossierId,
    form: Form,
    basis: uuid::Uuid,
) -> Result<Option<Paper>, StoreError> {
    tx.opt(
        concat!(
            "SELECT ",
            columns!(),
            " FROM paper WHERE dossier = $1 AND form = $2 AND basis = $3"
        ),
        &[&dossier, &form, &basis],
        paper_of,
    )
}

/// Writes the row of a paper that is about to be printed. `content` is sealed.
pub(crate) fn insert(tx: &mut Tx, paper: &Paper, content: Option<&[u8]>) -> Result<(), StoreError> {
    let content = content.map(<[u8]>::to_vec);
    tx.execute(
        "INSERT INTO paper (id, token, dossier, form, basis, unit, unit_name, series, year, seq, number, title, issued_on,
             issued_at, officer_name, made_by, dossier_code, procedure_name, person_mask, content, standing)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)",
        &[
            &paper.id,
            &paper.token,
            &paper.dossier,
            &paper.form,
            &paper.basis,
            &paper.unit,
            &paper.unit_name,
            &paper.series,
            &paper.year,
            &paper.seq,
            &paper.number,
            &paper.title,
            &paper.issued_on,
            &paper.issued_at,
            &paper.officer_name,
            &paper.made_by,
            &paper.dossier_code,
            &paper.procedure_name,
            &paper.person_mask,
            &content,
            &paper.standing,
        ],
    )?;
    Ok(())
}

/// Gives a row its PDF. `false` when another one came first.
pub(crate) fn complete(tx: &mut Tx, paper: &Paper, blob: BlobId) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE paper SET standing = $1, blob = $2, sha256 = $3, size_bytes = $4, template_version = $5, layout_version = $6
         WHERE id = $7 AND standing = $8",
        &[
            &Standing::Standing,
            &blob,
            &paper.sha256,
            &paper.size_bytes,
            &paper.template_version,
            &paper.layout_version,
            &paper.id,
            &Standing::Printing,
        ],
    )?;
    Ok(changed == 1)
}

/// Puts the text, the signer and the day as they were signed into a row that is not printed yet.
pub(crate) fn rewrite(tx: &mut Tx, paper: &Paper, content: &[u8]) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE paper SET content = $1, officer_name = $2, made_by = $3, issued_on = $4, issued_at = $5
         WHERE id = $6 AND standing = $7",
        &[
            &content.to_vec(),
            &paper.officer_name,
            &paper.made_by,
            &paper.issued_on,
            &paper.issued_at,
            &paper.id,
            &Standing::Printing,
        ],
    )?;
    Ok(())
}

/// Ends the standing papers of the same form of the same dossier in favour of `paper`.
pub(crate) fn replace_others(tx: &mut Tx, paper: &Paper) -> Result<u64, StoreError> {
    tx.execute(
        "UPDATE paper SET standing = $1, ended_at = $2, ended_by = $3, replaced_by = $4
         WHERE dossier = $5 AND form = $6 AND standing = $7 AND id <> $4",
        &[
            &Standing::Replaced,
            &paper.issued_at,
            &paper.officer_name,
            &paper.id,
            &paper.dossier,
            &paper.form,
            &Standing::Standing,
        ],
    )
}

/// Keeps when the applicant first fetched the paper with this PDF.
pub(crate) fn mark_fetched(tx: &mut Tx, blob: BlobId, at: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE paper SET fetched_at = $1 WHERE blob = $2 AND fetched_at IS NULL",
        &[&at, &blob],
    )?;
    Ok(())
}

/// Takes a standing paper back.
pub(crate) fn revoke(
    tx: &mut Tx,
    id: PaperId,
    (at, by): (Timestamp, &str),
    cause: EndCause,
    note: &[u8],
) -> Result<(), PaperError> {
    let changed = tx.execute(
        "UPDATE paper SET standing = $1, ended_at = $2, ended_by = $3, end_cause = $4, end_note = $5
         WHERE id = $6 AND standing = $7",
        &[
            &Standing::Revoked,
            &at,
            &by,
            &cause,
            &note.to_vec(),
            &id,
            &Standing::Standing,
        ],
    )?;
    if changed == 1 { Ok(()) } else { Err(PaperError::Ended) }
}

/// One paper.
pub(crate) fn find(tx: &mut Tx, id: PaperId) -> Result<Option<Paper>, StoreError> {
    tx.opt(
        concat!("SELECT ", columns!(), " FROM paper WHERE id = $1"),
        &[&id],
        paper_of,
    )
}

/// The paper with this code, once it is printed.
pub(crate) fn find_by_token(tx: &mut Tx, token: &str) -> Result<Option<Paper>, StoreError> {
    tx.opt(
        concat!(
            "SELECT ",
            columns!(),
            " FROM paper WHERE token = $1 AND blob IS NOT NULL"
        ),
        &[&token],
        paper_of,
    )
}

/// The papers of a dossier, oldest first; the bound is for damaged data.
pub(crate) fn of_dossier(tx: &mut Tx, dossier: DossierId) -> Result<Vec<Paper>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM paper WHERE dossier = $1 ORDER BY issued_at, id LIMIT 300"
        ),
        &[&dossier],
        paper_of,
    )
}

/// What was typed for a paper, sealed.
pub(crate) fn content(tx: &mut Tx, id: PaperId) -> Result<Option<Vec<u8>>, StoreError> {
    let found: Option<Option<Vec<u8>>> = tx.opt("SELECT content FROM paper WHERE id = $1", &[&id], |row| row.get(0))?;
    Ok(found.flatten())
}

/// The dates before and after the last extension of a dossier.
pub(crate) fn last_extension(tx: &mut Tx, dossier: DossierId) -> Result<Option<(Timestamp, Timestamp)>, StoreError> {
    tx.opt(
        "SELECT due_before, due_after FROM dossier_extension WHERE dossier = $1 ORDER BY at DESC, id DESC LIMIT 1",
        &[&dossier],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Names of the agencies that were asked about a dossier.
pub(crate) fn consulted(tx: &mut Tx, dossier: DossierId) -> Result<Vec<String>, StoreError> {
    tx.all(
        "SELECT DISTINCT agency_name FROM coordination WHERE dossier = $1 ORDER BY agency_name LIMIT 50",
        &[&dossier],
        |row| row.get(0),
    )
}

/// Series whose last number and number of papers differ: for `verify`.
pub(crate) fn broken_series(tx: &mut Tx, limit: i64) -> Result<(i64, Vec<String>), StoreError> {
    let count = tx.one("SELECT count(*) FROM paper", &[], |row| row.get(0))?;
    let broken = tx.all(
        "SELECT n.series, n.year, n.last FROM paper_number n
         WHERE n.last <> (SELECT count(*) FROM paper p WHERE p.unit = n.unit AND p.series = n.series AND p.year = n.year
             AND p.seq > 0)
         ORDER BY n.year, n.series LIMIT $1",
        &[&limit],
        |row| {
            Ok(format!(
                "{} {}: {}",
                row.get::<String>(0)?,
                row.get::<i64>(1)?,
                row.get::<i64>(2)?
            ))
        },
    )?;
    Ok((count, broken))
}
