//! What this crate holds true of its rows, looked at by `tinhso verify`: every receipt is signed and says what its row says, no number of
//! a dossier's transfers is missing, the vector of states is what the transfers told, nothing is told of a dossier that is not there.
//! Refuses to take a delay for a fault: a dossier of which an event still waits for the consumer is not held to its state.

use std::sync::Arc;

use casework::dossier::DossierId;
use store::keys::KeyRing;
use store::verify::{Check, Findings};
use store::{StoreError, Tx};
use uuid::Uuid;

use crate::link::store as links;
use crate::receipt::Signer;
use crate::transfer::store::{self as table, Receipted};
use crate::transfer::{TransferId, hear};

/// Rows of one statement.
const PART: i64 = 5_000;

/// The checks of this crate; receipts are held to the key that `keys` has.
#[must_use]
pub fn checks(keys: &KeyRing) -> Vec<Arc<dyn Check>> {
    vec![Arc::new(Receipts(Signer::new(keys).public_key())), Arc::new(Vectors)]
}

/// Each transfer that the other side took has a receipt that holds and says the same.
struct Receipts(String);

impl Receipts {
    fn fault(&self, row: &Receipted) -> Option<&'static str> {
        let Some(receipt) = &row.receipt else {
            return row.is_taken.then_some("it was taken, and its receipt is gone");
        };
        let Ok(statement) = crate::receipt::verify(receipt, &self.0) else {
            return Some("the receipt does not hold");
        };
        let says_the_same = statement.transfer == row.id.uuid()
            && statement.state == row.told
            && statement.code == row.national_code
            && (statement.direction == "in") == row.is_arrival;
        (!says_the_same).then_some("the receipt says something else than the transfer")
    }
}

impl Check for Receipts {
    fn name(&self) -> &'static str {
        "receipts of transfers"
    }

    fn run(&self, tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError> {
        for read in [table::receipted, table::receipted_before] {
            let mut after = TransferId::from_uuid(Uuid::nil());
            loop {
                let rows = read(tx, after, PART)?;
                let Some(last) = rows.last() else { break };
                after = last.id;
                findings.checked(rows.len() as u64);
                for row in &rows {
                    if let Some(fault) = self.fault(row) {
                        findings.problem(format!("{} {}", row.national_code, row.number), fault);
                    }
                }
            }
        }
        Ok(())
    }
}

/// Vectors of states against the transfers, and both against the dossiers.
struct Vectors;

impl Check for Vectors {
    fn name(&self) -> &'static str {
        "vectors of states"
    }

    fn run(&self, tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError> {
        let mut after = DossierId::from_uuid(Uuid::nil());
        while let Some(upto) = links::chunk(tx, after, PART)? {
            for code in links::gaps(tx, after, upto)? {
                findings.problem(code, "a number of its transfers is missing or double");
            }
            for code in links::untold(tx, after, upto)? {
                findings.problem(code, "its vector of states is not what its transfers told");
            }
            for (code, state, ours) in links::states(tx, after, upto, hear::CONSUMER)? {
                if i64::from(hear::code_of(&state)) != ours {
                    findings.problem(code, "the exchange holds another state of ours than the dossier has");
                }
            }
            after = upto;
        }
        for id in links::strangers(tx)? {
            findings.problem(id.to_string(), "transfers of a dossier that is not there");
        }
        findings.checked(u64::try_from(links::total(tx)?).unwrap_or(0));
        Ok(())
    }
}
