//! SQL of what death brings: the open dossiers of a person, under whichever of her records they stand.
//! Every statement is bounded.

use identity::PersonRef;
use store::sql::UuidList;
use store::{StoreError, Tx};

use crate::dossier::Dossier;
use crate::dossier::store::{columns, dossier_of};

/// Open dossiers that somebody applies for or is a party of.
pub(super) fn open_of(tx: &mut Tx, person: PersonRef, limit: i64) -> Result<Vec<Dossier>, StoreError> {
    let records = identity::person::group(tx, person)?;
    let records = UuidList::new(records.into_iter().map(PersonRef::uuid));
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM dossier WHERE is_open AND (person IN (SELECT value FROM uuid_list($1))
                 OR id IN (SELECT dossier FROM dossier_party WHERE person IN (SELECT value FROM uuid_list($1))))
             ORDER BY submitted_at, id LIMIT $2"
        ),
        &[&records, &limit],
        dossier_of,
    )
}
