//! What this crate holds true of its rows, looked at by `tinhso verify`: sums of bills, parts of lines, closed tills; and
//! which columns are sealed, for `tinhso keys rotate`.

use std::sync::Arc;

use store::keys::SealedColumn;
use store::verify::{Check, Findings};
use store::{StoreError, Tx};

/// The sealed columns of this crate.
pub const SEALED: &[SealedColumn] = &[
    SealedColumn::by_id("bill", "payer"),
    SealedColumn::by_id("bill", "cancelled_why"),
    SealedColumn::by_id("bank_line", "detail"),
    SealedColumn::by_id("line_part", "reason"),
    SealedColumn::by_id("refund", "target"),
    SealedColumn::by_id("till", "why"),
];

/// Finds rows that are not as they should be: how many were looked at, and the first that are not.
type Find = fn(&mut Tx, i64) -> Result<(i64, Vec<String>), StoreError>;

/// The most problems of one kind that are named.
const NAMED_MAX: i64 = 1_000;

/// A check that names rows and says what is wrong with each.
struct Named {
    name: &'static str,
    find: Find,
    what: &'static str,
}

impl Check for Named {
    fn name(&self) -> &'static str {
        self.name
    }

    fn run(&self, tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError> {
        let (count, broken) = (self.find)(tx, NAMED_MAX)?;
        findings.checked(u64::try_from(count).unwrap_or(0));
        for row in broken {
            findings.problem(row, self.what);
        }
        Ok(())
    }
}

/// The checks of this crate.
#[must_use]
pub fn checks() -> Vec<Arc<dyn Check>> {
    vec![
        Arc::new(Named {
            name: "sums of bills",
            find: crate::bill::store::broken_sums,
            what: "the bill's sums are not those of its payments and refunds",
        }),
        Arc::new(Named {
            name: "parts of bank lines",
            find: crate::import::store::broken_lines,
            what: "the parts do not make up the line",
        }),
        Arc::new(Named {
            name: "closed tills",
            find: crate::till::store::broken,
            what: "what was expected is not what lay in the till and moved",
        }),
    ]
}
