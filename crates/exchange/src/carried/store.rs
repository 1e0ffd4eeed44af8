//! The rows of papers and fees that the other side told of, and what is read of a dossier of ours to tell of its own.
//! Refuses a second row for one paper: its key follows from the code and the id at the other side.

use casework::dossier::DossierId;
use identity::PersonRef;
use kernel::{Dong, Lang, Timestamp};
use payment::PaymentError;
use payment::bill::{self, Bill};
use store::blob::BlobId;
use store::sql::UuidList;
use store::{Row, StoreError, Tx};
use uuid::Uuid;

use super::{HeardFee, OwnFee, OwnFile, Paper, PaperFault, PaperStand, Snapshot, What};
use crate::transfer::Facts;
use crate::wire::When;

store::value_via_display!(What, PaperStand, PaperFault);

/// Most papers of one dossier that the other side may tell of.
pub(crate) const PAPERS_MAX: i64 = 200;

/// Most fees of one dossier that the other side may tell of.
const FEES_MAX: i64 = 200;

/// Papers, results and fees of a dossier as they are now; `facts` says when it was received and decided.
pub(crate) fn snapshot(tx: &mut Tx, dossier: DossierId, facts: &Facts) -> Result<Snapshot, StoreError> {
    let files = tx.all(
        "SELECT f.id, f.component, f.sha256, f.purpose, p.number, p.title FROM dossier_file f
             LEFT JOIN paper p ON p.blob = f.blob AND p.dossier = f.dossier
         WHERE f.dossier = $1 AND NOT EXISTS (SELECT 1 FROM file_check c WHERE c.file = f.id AND c.state = 'infected')
         ORDER BY f.added_at, f.id LIMIT 200",
        &[&dossier],
        |row| {
            let sha256: Vec<u8> = row.get(2)?;
            let file = OwnFile {
                id: row.get(0)?,
                component: row.get(1)?,
                sha256: hex::encode(sha256),
                number: row.get::<Option<String>>(4)?.unwrap_or_default(),
                title: row.get::<Option<String>>(5)?.unwrap_or_default(),
            };
            Ok((row.get::<String>(3)? == "result", file))
        },
    )?;
    let (results, papers): (Vec<_>, Vec<_>) = files.into_iter().partition(|(is_result, _)| *is_result);
    let only = |files: Vec<(bool, OwnFile)>| files.into_iter().map(|(_, file)| file).collect();
    // A result is nobody's before it was decided.
    let results = if facts.ended_at.is_some() {
        only(results)
    } else {
        Vec::new()
    };
    let bills = match bill::of_subject(tx, dossier.uuid()) {
        Ok(bills) => bills,
        Err(PaymentError::Store(error)) => return Err(error),
        Err(other) => return Err(StoreError::Config(other.to_string())),
    };
    let standing = bills.iter().filter(|bill| bill.cancelled_at.is_none());
    Ok(Snapshot {
        papers: only(papers),
        results,
        fees: standing.flat_map(|bill| fees_of(bill, facts)).collect(),
    })
}

fn fees_of<'a>(bill: &'a Bill, facts: &Facts) -> impl Iterator<Item = OwnFee> + 'a {
    let (received_at, ended_at) = (facts.received_at, facts.ended_at);
    let when = match (received_at, ended_at) {
        (_, Some(ended)) if bill.issued_at >= ended => When::Return,
        (Some(received), _) if bill.issued_at > received => When::Supplement,
        _ => When::Reception,
    };
    bill.lines.iter().map(move |line| OwnFee {
        reference: bill.reference.to_string(),
        name: line.name.get(Lang::Vi).to_owned(),
        amount: line.due,
        when,
        is_paid: bill.waiting().is_zero(),
    })
}

/// The procedure of a dossier, and its version: what its papers are called.
pub(crate) fn procedures(tx: &mut Tx, dossiers: &UuidList) -> Result<Vec<(DossierId, String, i64)>, StoreError> {
    tx.all(
        "SELECT id, procedure_code, procedure_version FROM dossier WHERE id IN (SELECT value FROM uuid_list($1))",
        &[dossiers],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

/// A file of a linked dossier, as somebody who holds a link to it is given it.
#[derive(Debug, Clone)]
pub(crate) struct Linked {
    pub(crate) dossier: DossierId,
    pub(crate) code: String,
    pub(crate) person: PersonRef,
    pub(crate) blob: BlobId,
    pub(crate) media_type: String,
    /// What the scanner says, when there is one.
    pub(crate) check: Option<String>,
    /// A result that was not decided is nobody's yet.
    pub(crate) is_open: bool,
}

/// A file of a dossier that the exchange knows.
pub(crate) fn linked_file(tx: &mut Tx, file: Uuid) -> Result<Option<Linked>, StoreError> {
    tx.opt(
        "SELECT d.id, d.code, d.person, f.blob, f.media_type, c.state, f.purpose <> 'result' OR d.decided_at IS NOT NULL
         FROM dossier_file f JOIN dossier d ON d.id = f.dossier JOIN exchange_link l ON l.dossier = d.id
             LEFT JOIN file_check c ON c.file = f.id
         WHERE f.id = $1",
        &[&file],
        |row| {
            Ok(Linked {
                dossier: row.get(0)?,
                code: row.get(1)?,
                person: row.get(2)?,
                blob: row.get(3)?,
                media_type: row.get(4)?,
                check: row.get(5)?,
                is_open: row.get(6)?,
            })
        },
    )
}

/// Which of some ids are files of the dossier already: an echo of what we told.
pub(crate) fn own_files(tx: &mut Tx, dossier: DossierId) -> Result<Vec<Uuid>, StoreError> {
    tx.all(
        "SELECT id FROM dossier_file WHERE dossier = $1 ORDER BY id LIMIT 500",
        &[&dossier],
        |row| row.get(0),
    )
}

macro_rules! columns {
    () => {
        "id, dossier, what, component, code, source, stand, reason, tries, next_at, heard_at, settled_at, file"
    };
}

fn paper_of(row: &Row<'_>) -> Result<Paper, StoreError> {
    Ok(Paper {
        id: row.get(0)?,
        dossier: row.get(1)?,
        what: row.get(2)?,
        component: row.get(3)?,
        code: row.get(4)?,
        source: row.get(5)?,
        stand: row.get(6)?,
        reason: row.get(7)?,
        tries: row.get(8)?,
        next_at: row.get(9)?,
        heard_at: row.get(10)?,
        settled_at: row.get(11)?,
        file: row.get(12)?,
    })
}

/// Writes down a paper that is to be fetched. One that is known stays as it is.
pub(crate) fn hear_paper(tx: &mut Tx, paper: &Paper) -> Result<bool, StoreError> {
    let known: i64 = tx.one(
        "SELECT count(*) FROM exchange_paper WHERE dossier = $1",
        &[&paper.dossier],
        |row| row.get(0),
    )?;
    if known >= PAPERS_MAX {
        return Ok(false);
    }
    let written = tx.execute(
        "INSERT INTO exchange_paper (id, dossier, what, component, code, source, stand, tries, next_at, heard_at)
         VALUES ($1, $2, $3, $4, $5, $6, 'waiting', 0, $7, $8) ON CONFLICT (id) DO NOTHING",
        &[
            &paper.id,
            &paper.dossier,
            &paper.what,
            &paper.component,
            &paper.code,
            &paper.source,
            &paper.next_at,
            &paper.heard_at,
        ],
    )?;
    Ok(written == 1)
}

/// Papers that are to be fetched now.
pub(crate) fn due_papers(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<Paper>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM exchange_paper WHERE next_at <= $1 ORDER BY next_at LIMIT $2"
        ),
        &[&now, &limit],
        paper_of,
    )
}

/// One paper.
pub(crate) fn paper(tx: &mut Tx, id: Uuid) -> Result<Option<Paper>, StoreError> {
    tx.opt(
        concat!("SELECT ", columns!(), " FROM exchange_paper WHERE id = $1"),
        &[&id],
        paper_of,
    )
}

/// The papers that the other side told of a dossier.
pub(crate) fn papers_of(tx: &mut Tx, dossier: DossierId) -> Result<Vec<Paper>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM exchange_paper WHERE dossier = $1 ORDER BY heard_at, id LIMIT 200"
        ),
        &[&dossier],
        paper_of,
    )
}

/// Writes back how the fetching of a paper stands.
pub(crate) fn save_paper(tx: &mut Tx, paper: &Paper) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE exchange_paper SET source = $1, stand = $2, reason = $3, tries = $4, next_at = $5, settled_at = $6, file = $7
         WHERE id = $8",
        &[
            &paper.source,
            &paper.stand,
            &paper.reason,
            &paper.tries,
            &paper.next_at,
            &paper.settled_at,
            &paper.file,
            &paper.id,
        ],
    )
    .map(|_| ())
}

/// Whom a dossier is about, and its code: for the record of a use.
pub(crate) fn subject(tx: &mut Tx, dossier: DossierId) -> Result<Option<(PersonRef, String)>, StoreError> {
    tx.opt("SELECT person, code FROM dossier WHERE id = $1", &[&dossier], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}

/// Writes down what the other side says of a fee; beyond the bound nothing new.
pub(crate) fn hear_fee(tx: &mut Tx, dossier: DossierId, fee: &HeardFee) -> Result<(), StoreError> {
    let others: i64 = tx.one(
        "SELECT count(*) FROM exchange_fee WHERE dossier = $1 AND reference <> $2",
        &[&dossier, &fee.reference],
        |row| row.get(0),
    )?;
    if others >= FEES_MAX {
        return Ok(());
    }
    tx.execute(
        "INSERT INTO exchange_fee (dossier, reference, name, amount, is_paid, heard_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (dossier, reference) DO UPDATE SET name = excluded.name, amount = excluded.amount,
             is_paid = excluded.is_paid, heard_at = excluded.heard_at",
        &[
            &dossier,
            &fee.reference,
            &fee.name,
            &fee.amount,
            &fee.is_paid,
            &fee.heard_at,
        ],
    )
    .map(|_| ())
}

/// What the other side says of the fees of a dossier.
pub(crate) fn fees(tx: &mut Tx, dossier: DossierId) -> Result<Vec<HeardFee>, StoreError> {
    tx.all(
        "SELECT reference, name, amount, is_paid, heard_at FROM exchange_fee WHERE dossier = $1 ORDER BY reference LIMIT 200",
        &[&dossier],
        |row| {
            Ok(HeardFee {
                reference: row.get(0)?,
                name: row.get(1)?,
                amount: row.get::<Dong>(2)?,
                is_paid: row.get(3)?,
                heard_at: row.get(4)?,
            })
        },
    )
}
