//! Taking lines in: which are new, what each đồng of them is, what follows for bills and refunds; one transaction.
//! It refuses another account's statement, and more lines than one transaction should carry.

use std::collections::BTreeSet;

use ::store::{Once, Tx};
use kernel::{Dong, Timestamp};
use uuid::Uuid;

use super::{Detail, Import, ImportId, Importer, LineId, StoredPart, detail_context, follow, store};
use crate::account::PayAccount;
use crate::bill::{self, Bill};
use crate::reconcile::{self, ExplanationRule, references_in};
use crate::statement::{Direction, Line, Statement};
use crate::{PaymentError, Payments, refund};

/// The most lines that one transaction takes in: other writers wait meanwhile.
pub(crate) const LINES_MAX: usize = 20_000;
/// Amounts of unknown payments for which waiting bills are looked up.
const CANDIDATE_AMOUNTS_MAX: usize = 200;
/// Waiting bills of one amount.
const CANDIDATES_MAX: i64 = 5;

/// Where lines come from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// A file; its statements, each as the row that is kept of it.
    File {
        sha256: [u8; 32],
        imports: Vec<Import>,
        by: Importer,
    },
    /// A notice of the bank.
    Notice,
}

/// A line, sealed and minted.
#[derive(Debug, Clone)]
pub(crate) struct BatchLine {
    pub(crate) id: LineId,
    pub(crate) import: Option<ImportId>,
    pub(crate) key_index: [u8; 32],
    pub(crate) detail: Vec<u8>,
    pub(crate) line: Line,
}

/// Everything that one transaction takes in.
#[derive(Debug, Clone)]
pub(crate) struct Batch {
    pub(crate) once: Uuid,
    pub(crate) account: PayAccount,
    pub(crate) source: Source,
    pub(crate) lines: Vec<BatchLine>,
    pub(crate) rules: Vec<ExplanationRule>,
    pub(crate) now: Timestamp,
}

/// Letters and digits of an account's number, in capitals.
fn bare(number: &str) -> String {
    let letters = number.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_uppercase()).collect()
}

impl Batch {
    /// Seals the lines of statements and mints their ids.
    ///
    /// # Errors
    /// `AccountDiffers` for another account's statement, `TooManyLines` beyond what one transaction takes.
    pub(crate) fn of_file(
        house: &Payments,
        once: Uuid,
        account: PayAccount,
        rules: Vec<ExplanationRule>,
        (statements, sha256, by): (Vec<Statement>, [u8; 32], Importer),
    ) -> Result<Self, PaymentError> {
        let count: usize = statements.iter().map(|statement| statement.lines.len()).sum();
        if count.max(statements.len()) > LINES_MAX {
            return Err(PaymentError::TooManyLines(LINES_MAX));
        }
        let number = account.number.to_string();
        let (mut imports, mut lines) = (Vec::new(), Vec::with_capacity(count));
        for mut statement in statements {
            if bare(&statement.account) != bare(&number) {
                return Err(PaymentError::AccountDiffers(statement.account));
            }
            statement.account.clone_from(&number);
            let import = import_of(house, &account, &statement, &by);
            lines.extend(sealed(house, &statement, Some(import.id))?);
            imports.push(import);
        }
        Ok(Self {
            once,
            account,
            source: Source::File { sha256, imports, by },
            lines,
            rules,
            now: house.now(),
        })
    }

    /// The same of one line that the bank told of by a notice.
    pub(crate) fn of_notice(
        house: &Payments,
        account: PayAccount,
        rules: Vec<ExplanationRule>,
        line: Line,
    ) -> Result<Self, PaymentError> {
        let statement = Statement {
            account: account.number.to_string(),
            from: line.booked_on,
            to: line.booked_on,
            opening: None,
            closing: None,
            lines: vec![line],
            doubled: Vec::new(),
        };
        let lines = sealed(house, &statement, None)?;
        let once = kernel::id::uuid_v7(house.world().as_ref());
        Ok(Self {
            once,
            account,
            source: Source::Notice,
            lines,
            rules,
            now: house.now(),
        })
    }
}

fn import_of(house: &Payments, account: &PayAccount, statement: &Statement, by: &Importer) -> Import {
    let sum = |direction: Direction| -> Dong {
        let of = statement.lines.iter().filter(|line| line.direction == direction);
        of.map(|line| line.amount).sum()
    };
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    Import {
        id: ImportId::new(house.world().as_ref()),
        account: account.id,
        from: statement.from,
        to: statement.to,
        opening: statement.opening,
        closing: statement.closing,
        sum_in: sum(Direction::In),
        sum_out: sum(Direction::Out),
        lines: count(statement.lines.len()),
        lines_new: 0,
        lines_known: 0,
        lines_doubled: count(statement.doubled.len()),
        imported_at: house.now(),
        imported_name: by.1.clone(),
    }
}

/// The lines of a statement with what they are known by, sealed.
fn sealed(house: &Payments, statement: &Statement, import: Option<ImportId>) -> Result<Vec<BatchLine>, PaymentError> {
    let (keys, world) = (house.keys(), house.world().as_ref());
    let keyed = statement.keys().into_iter().zip(&statement.lines);
    keyed
        .map(|(key, line)| {
            let id = LineId::new(world);
            let detail = Detail {
                text: line.text.clone(),
                counterparty: line.counterparty.clone(),
                bank_reference: line.bank_reference.clone(),
            };
            let text = serde_json::to_vec(&detail).map_err(|error| PaymentError::Damaged(error.to_string()))?;
            Ok(BatchLine {
                id,
                import,
                key_index: keys.blind_index("bank_line.key", &key.to_string()),
                detail: keys.seal(world, &detail_context(id), &text).into_bytes(),
                line: line.clone(),
            })
        })
        .collect()
}

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    /// The first statement of the file: of this one, or of the same file that was taken in before.
    pub(crate) import: Option<ImportId>,
    /// Lines that were new.
    pub(crate) new: usize,
}

/// Takes a batch in. A file that came before changes nothing, and gives its first import.
///
/// # Errors
/// What the tables and reconciliation say; then nothing is taken in.
pub(crate) fn take_in(tx: &mut Tx, batch: &Batch) -> Result<Taken, PaymentError> {
    if let Once::Again(id) = tx.once("payment.import", batch.once, batch.now)? {
        return Ok(Taken {
            import: id.parse().ok(),
            new: 0,
        });
    }
    let mut first = None;
    if let Source::File { sha256, imports, by } = &batch.source {
        if let Some(id) = store::import_of_file(tx, batch.account.id, sha256)? {
            tx.once_done("payment.import", batch.once, &id.to_string())?;
            return Ok(Taken {
                import: Some(id),
                new: 0,
            });
        }
        for (part, import) in imports.iter().enumerate() {
            store::insert_import(tx, import, sha256, i64::try_from(part).unwrap_or(i64::MAX), by.0)?;
        }
        first = imports.first().map(|import| import.id);
    }
    let mut fresh: Vec<&BatchLine> = Vec::new();
    for line in &batch.lines {
        if store::insert_line(tx, batch.account.id, line, batch.now)? {
            fresh.push(line);
        } else if let Some(import) = line.import {
            // A line that only a notice told of is now on a statement.
            store::confirm_line(tx, batch.account.id, &line.key_index, import)?;
        }
    }
    count(tx, batch, &fresh)?;
    explain(tx, batch, &fresh)?;
    tx.once_done(
        "payment.import",
        batch.once,
        &first.map(|id| id.to_string()).unwrap_or_default(),
    )?;
    Ok(Taken {
        import: first,
        new: fresh.len(),
    })
}

/// Writes beside each statement how many of its lines were new and known.
fn count(tx: &mut Tx, batch: &Batch, fresh: &[&BatchLine]) -> Result<(), PaymentError> {
    let Source::File { imports, .. } = &batch.source else {
        return Ok(());
    };
    for import in imports {
        let new = fresh.iter().filter(|line| line.import == Some(import.id)).count();
        let new = i64::try_from(new).unwrap_or(i64::MAX);
        store::count_import(tx, import.id, new, import.lines - new)?;
    }
    Ok(())
}

/// Says of every đồng of the new lines what it is, and does what follows.
fn explain(tx: &mut Tx, batch: &Batch, fresh: &[&BatchLine]) -> Result<(), PaymentError> {
    let lines: Vec<Line> = fresh.iter().map(|line| line.line.clone()).collect();
    let prefixes = bill::store::prefixes(tx)?;
    let mut references = BTreeSet::new();
    let mut amounts = BTreeSet::new();
    for line in &lines {
        let named = references_in(&line.text, &prefixes);
        if named.is_empty() && line.direction == Direction::In && amounts.len() < CANDIDATE_AMOUNTS_MAX {
            amounts.insert(line.amount);
        }
        references.extend(named);
    }
    let references: Vec<_> = references.into_iter().collect();
    let refunds: Vec<_> = refund::store::by_references(tx, &references)?
        .iter()
        .map(refund::Refund::order)
        .collect();
    let mut bills: Vec<Bill> = bill::store::by_references(tx, &references)?;
    for amount in amounts {
        for candidate in bill::store::waiting_for(tx, batch.account.id, amount, CANDIDATES_MAX)? {
            if bills.iter().all(|bill| bill.id != candidate.id) {
                bills.push(candidate);
            }
        }
    }
    let owed: Vec<_> = bills.iter().map(Bill::owed).collect();
    let outcome = reconcile::reconcile(&owed, &refunds, &lines, &batch.rules)?;
    let mut seq = (usize::MAX, 0);
    for part in &outcome.parts {
        seq = if seq.0 == part.line {
            (seq.0, seq.1 + 1)
        } else {
            (part.line, 1)
        };
        let line = fresh[part.line];
        let stored = StoredPart::of(line.id, line.id.uuid(), seq.1, part.amount, &part.what);
        store::insert_part(tx, &stored)?;
        follow(tx, &stored, line.line.booked_on, &mut bills, None, batch.now)?;
    }
    Ok(())
}
