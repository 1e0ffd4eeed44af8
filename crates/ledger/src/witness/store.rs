//! The tables of witnesses: how asking each of them fares, what they cosigned, and what this province cosigned as one.
//! Refuses nothing: what may be cosigned is decided before it comes here.

use kernel::Timestamp;
use store::{StoreError, Tx};

use super::{Asked, Witnessed};
use crate::hash::Hash;
use crate::log::signed;

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// How asking a witness fares.
pub(crate) fn asked(tx: &mut Tx, name: &str) -> Result<Option<Asked>, StoreError> {
    tx.opt(
        "SELECT size, fails, next_at, answered_at, said FROM ledger_witness WHERE name = $1",
        &[&name],
        |row| {
            Ok(Asked {
                size: count(row.get(0)?),
                fails: count(row.get(1)?),
                next_at: row.get(2)?,
                answered_at: row.get(3)?,
                said: row.get(4)?,
            })
        },
    )
}

/// Keeps how asking a witness fares.
pub(crate) fn put_asked(tx: &mut Tx, name: &str, asked: &Asked) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO ledger_witness (name, size, fails, next_at, answered_at, said) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (name) DO UPDATE SET size = excluded.size, fails = excluded.fails, next_at = excluded.next_at,
             answered_at = excluded.answered_at, said = excluded.said",
        &[
            &name,
            &signed(asked.size),
            &signed(asked.fails),
            &asked.next_at,
            &asked.answered_at,
            &asked.said,
        ],
    )?;
    Ok(())
}

/// Keeps what a witness cosigned; a later cosignature of the same checkpoint takes the place of the earlier.
pub(crate) fn put_cosignature(tx: &mut Tx, size: u64, name: &str, line: &str, at: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO ledger_cosignature (size, witness, line, at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (size, witness) DO UPDATE SET line = excluded.line, at = excluded.at",
        &[&signed(size), &name, &line, &at],
    )?;
    Ok(())
}

/// The signature lines of witnesses under a checkpoint: who, and the line.
pub(crate) fn cosignatures(tx: &mut Tx, size: u64) -> Result<Vec<(String, String)>, StoreError> {
    tx.all(
        "SELECT witness, line FROM ledger_cosignature WHERE size = $1 ORDER BY witness LIMIT 50",
        &[&signed(size)],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// What this province cosigned last of a log.
pub(crate) fn witnessed(tx: &mut Tx, origin: &str) -> Result<Option<Witnessed>, StoreError> {
    tx.opt(
        "SELECT size, root, at FROM ledger_witnessed WHERE origin = $1",
        &[&origin],
        |row| {
            let root: Vec<u8> = row.get(1)?;
            Ok(Witnessed {
                size: count(row.get(0)?),
                root: Hash::from_slice(&root)
                    .ok_or_else(|| StoreError::Corrupt("a root of ledger_witnessed is no hash".to_owned()))?,
                at: row.get(2)?,
            })
        },
    )
}

/// Keeps what this province is about to cosign.
pub(crate) fn put_witnessed(tx: &mut Tx, origin: &str, seen: &Witnessed, note: &str) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO ledger_witnessed (origin, size, root, note, at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (origin) DO UPDATE SET size = excluded.size, root = excluded.root, note = excluded.note,
             at = excluded.at",
        &[
            &origin,
            &signed(seen.size),
            &seen.root.as_bytes().to_vec(),
            &note,
            &seen.at,
        ],
    )?;
    Ok(())
}
