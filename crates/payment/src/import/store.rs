//! The tables of statements, bookings and their parts. A booking stands there once, by the keyed index of its key.
//! It refuses to delete: a part that was decided ends, and others take its place.

use identity::{AccountId, UnitId};
use kernel::{Date, Dong, Timestamp};
use store::sql::UuidList;
use store::{Row, StoreError, Tx};

use super::{BankLine, BatchLine, Import, ImportId, LineId, PartId, StoredPart, Sums};
use crate::PaymentError;
use crate::account::PayAccountId;
use crate::reconcile::{BillId, Class};
use crate::statement::Direction;

store::value_via_display!(crate::statement::Direction, crate::reconcile::Class, super::What);

macro_rules! import_columns {
    () => {
        "id, account, from_day, to_day, opening, closing, sum_in, sum_out, lines, lines_new, lines_known, lines_doubled, \
         imported_at, imported_name"
    };
}

fn import_row(row: &Row<'_>) -> Result<Import, StoreError> {
    Ok(Import {
        id: row.get(0)?,
        account: row.get(1)?,
        from: row.get(2)?,
        to: row.get(3)?,
        opening: row.get(4)?,
        closing: row.get(5)?,
        sum_in: row.get(6)?,
        sum_out: row.get(7)?,
        lines: row.get(8)?,
        lines_new: row.get(9)?,
        lines_known: row.get(10)?,
        lines_doubled: row.get(11)?,
        imported_at: row.get(12)?,
        imported_name: row.get(13)?,
    })
}

/// The first import of a file that came before.
pub(crate) fn import_of_file(
    tx: &mut Tx,
    account: PayAccountId,
    sha256: &[u8; 32],
) -> Result<Option<ImportId>, StoreError> {
    tx.opt(
        "SELECT id FROM statement_import WHERE account = $1 AND file_sha256 = $2 ORDER BY part LIMIT 1",
        &[&account, sha256],
        |row| row.get(0),
    )
}

pub(crate) fn insert_import(
    tx: &mut Tx,
    import: &Import,
    sha256: &[u8; 32],
    part: i64,
    by: AccountId,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO statement_import (id, account, file_sha256, part, from_day, to_day, opening, closing, sum_in, sum_out,
             lines, lines_new, lines_known, lines_doubled, imported_at, imported_by, imported_name)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        &[
            &import.id,
            &import.account,
            sha256,
            &part,
            &import.from,
            &import.to,
            &import.opening,
            &import.closing,
            &import.sum_in,
            &import.sum_out,
            &import.lines,
            &import.lines_new,
            &import.lines_known,
            &import.lines_doubled,
            &import.imported_at,
            &by,
            &import.imported_name,
        ],
    )?;
    Ok(())
}

pub(crate) fn count_import(tx: &mut Tx, id: ImportId, new: i64, known: i64) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE statement_import SET lines_new = $1, lines_known = $2 WHERE id = $3",
        &[&new, &known, &id],
    )?;
    Ok(())
}

pub(crate) fn import(tx: &mut Tx, id: ImportId) -> Result<Import, PaymentError> {
    tx.opt(
        concat!("SELECT ", import_columns!(), " FROM statement_import WHERE id = $1"),
        &[&id],
        import_row,
    )?
    .ok_or(PaymentError::NotFound("statement"))
}

/// The newest imports of accounts of units.
pub(crate) fn imports(tx: &mut Tx, units: &[UnitId], limit: i64) -> Result<Vec<Import>, StoreError> {
    let units = UuidList::new(units.iter().map(|unit| unit.uuid()));
    tx.all(
        concat!(
            "SELECT ",
            import_columns!(),
            " FROM statement_import WHERE account IN (SELECT id FROM payment_account WHERE unit IN
                 (SELECT value FROM uuid_list($1))) ORDER BY imported_at DESC, id DESC LIMIT $2"
        ),
        &[&units, &limit],
        import_row,
    )
}

/// Writes a line unless it is there already; says whether it was new.
pub(crate) fn insert_line(
    tx: &mut Tx,
    account: PayAccountId,
    line: &BatchLine,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let written = tx.execute(
        "INSERT INTO bank_line (id, account, key_index, import, booked_on, direction, amount, detail, seen_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (account, key_index) DO NOTHING",
        &[
            &line.id,
            &account,
            &line.key_index,
            &line.import,
            &line.line.booked_on,
            &line.line.direction,
            &line.line.amount,
            &line.detail,
            &now,
        ],
    )?;
    Ok(written == 1)
}

/// A line that only a notice told of now stands on a statement.
pub(crate) fn confirm_line(
    tx: &mut Tx,
    account: PayAccountId,
    key_index: &[u8; 32],
    import: ImportId,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE bank_line SET import = $1 WHERE account = $2 AND key_index = $3 AND import IS NULL",
        &[&import, &account, key_index],
    )?;
    Ok(())
}

macro_rules! line_columns {
    () => {
        "id, account, import, booked_on, direction, amount"
    };
}

fn line_row(row: &Row<'_>) -> Result<BankLine, StoreError> {
    Ok(BankLine {
        id: row.get(0)?,
        account: row.get(1)?,
        import: row.get(2)?,
        booked_on: row.get(3)?,
        direction: row.get(4)?,
        amount: row.get(5)?,
    })
}

pub(crate) fn line(tx: &mut Tx, id: LineId) -> Result<BankLine, PaymentError> {
    tx.opt(
        concat!("SELECT ", line_columns!(), " FROM bank_line WHERE id = $1"),
        &[&id],
        line_row,
    )?
    .ok_or(PaymentError::NotFound("line"))
}

/// The sealed part of a line.
pub(crate) fn detail(tx: &mut Tx, id: LineId) -> Result<Vec<u8>, StoreError> {
    tx.one("SELECT detail FROM bank_line WHERE id = $1", &[&id], |row| row.get(0))
}

pub(crate) fn insert_part(tx: &mut Tx, part: &StoredPart) -> Result<(), StoreError> {
    let candidates: serde_json::Value = part.candidates.iter().map(ToString::to_string).collect();
    let (at, name) = (
        part.decided.as_ref().map(|one| one.0),
        part.decided.as_ref().map(|one| &one.1),
    );
    tx.execute(
        "INSERT INTO line_part (id, line, seq, amount, class, what, bill, refund, code, candidates, decided_at, decided_name,
             reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        &[
            &part.id,
            &part.line,
            &part.seq,
            &part.amount,
            &part.class,
            &part.what,
            &part.bill,
            &part.refund,
            &part.code,
            &candidates,
            &at,
            &name,
            &part.reason,
        ],
    )?;
    Ok(())
}

macro_rules! part_columns {
    () => {
        "p.id, p.line, p.seq, p.amount, p.class, p.what, p.bill, p.refund, p.code, p.candidates, p.decided_at, \
         p.decided_name, p.reason"
    };
}

fn part_row(row: &Row<'_>) -> Result<StoredPart, StoreError> {
    let candidates: serde_json::Value = row.get(9)?;
    let ids = candidates.as_array().into_iter().flatten();
    let (at, name): (Option<Timestamp>, Option<String>) = (row.get(10)?, row.get(11)?);
    Ok(StoredPart {
        id: row.get(0)?,
        line: row.get(1)?,
        seq: row.get(2)?,
        amount: row.get(3)?,
        class: row.get(4)?,
        what: row.get(5)?,
        bill: row.get(6)?,
        refund: row.get(7)?,
        code: row.get(8)?,
        candidates: ids
            .filter_map(|id| id.as_str().and_then(|id| id.parse::<BillId>().ok()))
            .collect(),
        decided: at.zip(name),
        reason: row.get(12)?,
    })
}

pub(crate) fn part(tx: &mut Tx, id: PartId) -> Result<StoredPart, PaymentError> {
    tx.opt(
        concat!("SELECT ", part_columns!(), " FROM line_part p WHERE p.id = $1"),
        &[&id],
        part_row,
    )?
    .ok_or(PaymentError::NotFound("line"))
}

/// Whether a part still makes up its line.
pub(crate) fn is_current(tx: &mut Tx, id: PartId) -> Result<bool, StoreError> {
    let found = tx.opt(
        "SELECT id FROM line_part WHERE id = $1 AND ended_at IS NULL",
        &[&id],
        |row| row.get::<PartId>(0),
    )?;
    Ok(found.is_some())
}

pub(crate) fn end_part(tx: &mut Tx, id: PartId, now: Timestamp) -> Result<(), PaymentError> {
    let ended = tx.execute(
        "UPDATE line_part SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL",
        &[&now, &id],
    )?;
    if ended == 1 {
        Ok(())
    } else {
        Err(PaymentError::PartDecided)
    }
}

/// The parts that make up a line.
pub(crate) fn parts(tx: &mut Tx, line: LineId) -> Result<Vec<StoredPart>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            part_columns!(),
            " FROM line_part p WHERE p.line = $1 AND p.ended_at IS NULL ORDER BY p.seq, p.id"
        ),
        &[&line],
        part_row,
    )
}

/// A part as a list shows it: its line, and the reference of its bill or refund.
#[derive(Debug, Clone)]
pub(crate) struct PartRow {
    pub(crate) part: StoredPart,
    pub(crate) line: BankLine,
    pub(crate) reference: Option<String>,
}

fn part_with_line(row: &Row<'_>) -> Result<PartRow, StoreError> {
    Ok(PartRow {
        part: part_row(row)?,
        line: BankLine {
            id: row.get(1)?,
            account: row.get(13)?,
            import: row.get(14)?,
            booked_on: row.get(15)?,
            direction: row.get(16)?,
            amount: row.get(17)?,
        },
        reference: row.get(18)?,
    })
}

/// Parts of an account's lines from a day to a day, of one class or of all, at most `limit`.
pub(crate) fn of_period(
    tx: &mut Tx,
    account: PayAccountId,
    (from, to): (Date, Date),
    class: Option<Class>,
    limit: i64,
) -> Result<Vec<PartRow>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            part_columns!(),
            ", l.account, l.import, l.booked_on, l.direction, l.amount, COALESCE(b.reference, r.reference)
             FROM bank_line l JOIN line_part p ON p.line = l.id AND p.ended_at IS NULL
             LEFT JOIN bill b ON b.id = p.bill LEFT JOIN refund r ON r.id = p.refund
             WHERE l.account = $1 AND l.booked_on >= $2 AND l.booked_on <= $3 AND (CAST($4 AS TEXT) IS NULL OR p.class = $4)
             ORDER BY l.booked_on, l.id, p.seq, p.id LIMIT $5"
        ),
        &[&account, &from, &to, &class, &limit],
        part_with_line,
    )
}

/// Parts that a person has to look at, of accounts of units, oldest first.
pub(crate) fn listed(tx: &mut Tx, units: &[UnitId], limit: i64) -> Result<Vec<PartRow>, StoreError> {
    let units = UuidList::new(units.iter().map(|unit| unit.uuid()));
    tx.all(
        concat!(
            "SELECT ",
            part_columns!(),
            ", l.account, l.import, l.booked_on, l.direction, l.amount, NULL
             FROM line_part p JOIN bank_line l ON l.id = p.line
             WHERE p.class = 'listed' AND p.ended_at IS NULL AND l.account IN
                 (SELECT id FROM payment_account WHERE unit IN (SELECT value FROM uuid_list($1)))
             ORDER BY l.booked_on, l.id, p.seq LIMIT $2"
        ),
        &[&units, &limit],
        part_with_line,
    )
}

/// Sums of what came and of what went on an account from a day to a day.
pub(crate) fn sums(tx: &mut Tx, account: PayAccountId, from: Date, to: Date) -> Result<(Sums, Sums), StoreError> {
    let mut sums = [Sums::default(), Sums::default()];
    let at = |direction: Direction| usize::from(direction == Direction::Out);
    let totals = tx.all(
        "SELECT direction, sum_int(amount), count(*) FROM bank_line
         WHERE account = $1 AND booked_on >= $2 AND booked_on <= $3 GROUP BY direction",
        &[&account, &from, &to],
        |row| Ok((row.get::<Direction>(0)?, row.get::<Dong>(1)?, row.get::<i64>(2)?)),
    )?;
    for (direction, total, lines) in totals {
        let one = &mut sums[at(direction)];
        (one.total, one.lines) = (total, lines);
    }
    let classes = tx.all(
        "SELECT l.direction, p.class, sum_int(p.amount) FROM bank_line l
         JOIN line_part p ON p.line = l.id AND p.ended_at IS NULL
         WHERE l.account = $1 AND l.booked_on >= $2 AND l.booked_on <= $3 GROUP BY l.direction, p.class",
        &[&account, &from, &to],
        |row| Ok((row.get::<Direction>(0)?, row.get::<Class>(1)?, row.get::<Dong>(2)?)),
    )?;
    for (direction, class, sum) in classes {
        let one = &mut sums[at(direction)];
        match class {
            Class::Matched => one.matched = sum,
            Class::Explained => one.explained = sum,
            Class::Listed => one.listed = sum,
        }
    }
    let [came, went] = sums;
    Ok((came, went))
}

/// Lines of a period that stand on no statement yet: how many, and their sum.
pub(crate) fn unconfirmed(tx: &mut Tx, account: PayAccountId, from: Date, to: Date) -> Result<(i64, Dong), StoreError> {
    tx.one(
        "SELECT count(*), sum_int(amount) FROM bank_line
         WHERE account = $1 AND booked_on >= $2 AND booked_on <= $3 AND import IS NULL",
        &[&account, &from, &to],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Lines whose parts do not make them up, at most `limit`; and how many lines there are.
pub(crate) fn broken_lines(tx: &mut Tx, limit: i64) -> Result<(i64, Vec<String>), StoreError> {
    let count = tx.one("SELECT count(*) FROM bank_line", &[], |row| row.get(0))?;
    let broken = tx.all(
        "SELECT l.id FROM bank_line l
         WHERE l.amount <> (SELECT sum_int(p.amount) FROM line_part p WHERE p.line = l.id AND p.ended_at IS NULL)
         ORDER BY l.id LIMIT $1",
        &[&limit],
        |row| row.get::<LineId>(0),
    )?;
    Ok((count, broken.iter().map(ToString::to_string).collect()))
}
