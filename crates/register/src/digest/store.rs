//! SQL of digests. The words of a record and the counts that it adds to are written together.
//! Refuses counts below nothing: what is taken from a sign was added to it before.

use std::collections::BTreeMap;

use ::store::search::{Entry, Query, SearchIndex};
use ::store::sql::UuidList;
use ::store::{StoreError, Tx, search_index};
use identity::UnitId;
use kernel::Timestamp;
use uuid::Uuid;

use super::{Count, counts, signs_of, words};
use crate::kind::Kind;
use crate::record::{Record, RecordId, store as records};

const INDEX: SearchIndex = search_index!("register_search");

/// How far the digest of a kind is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stand {
    pub(crate) made_of: String,
    pub(crate) place: String,
    /// The last record of the first walk; none when it is over.
    pub(crate) walked: Option<Uuid>,
}

pub(crate) fn stand(tx: &mut Tx, kind: &Kind) -> Result<Option<Stand>, StoreError> {
    tx.opt(
        "SELECT made_of, place, walked FROM register_digest WHERE system = $1 AND kind = $2",
        &[&kind.system.code, &kind.record.name],
        |row| {
            Ok(Stand {
                made_of: row.get(0)?,
                place: row.get(1)?,
                walked: row.get(2)?,
            })
        },
    )
}

pub(super) fn set_stand(tx: &mut Tx, kind: &Kind, stand: &Stand, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO register_digest (system, kind, made_of, place, walked, at) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (system, kind) DO UPDATE SET made_of = excluded.made_of, place = excluded.place, \
         walked = excluded.walked, at = excluded.at",
        &[
            &kind.system.code,
            &kind.record.name,
            &stand.made_of,
            &stand.place,
            &stand.walked,
            &now,
        ],
    )
    .map(|_| ())
}

/// Writes the row of a kind that changed. The job writes it with each look for changes: of two transactions at the same moment one
/// waits, or is made to run again and sees the other, so that no change is left to a job that has just ended.
pub(super) fn touch(tx: &mut Tx, system: &str, kind: &str, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE register_digest SET at = $1 WHERE system = $2 AND kind = $3",
        &[&now, &system, &kind],
    )
    .map(|_| ())
}

/// Forgets the counts of a kind: the walk makes them anew.
pub(super) fn forget_counts(tx: &mut Tx, kind: &Kind) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM register_tally WHERE system = $1 AND kind = $2",
        &[&kind.system.code, &kind.record.name],
    )
    .map(|_| ())
}

/// What is to be added to counts and taken from them, by sign and unit.
#[derive(Debug, Default)]
pub(super) struct Deltas {
    by_sign: BTreeMap<(String, Uuid), (i64, Option<Count>)>,
}

impl Deltas {
    fn add(&mut self, unit: Uuid, count: Count) {
        let entry = self.by_sign.entry((count.sign.clone(), unit)).or_default();
        entry.0 += 1;
        entry.1 = Some(count);
    }

    fn take(&mut self, unit: Uuid, sign: String) {
        self.by_sign.entry((sign, unit)).or_default().0 -= 1;
    }
}

/// Makes the words of a record agree with how it is now; gathers what that does to counts.
pub(super) fn digest(
    tx: &mut Tx,
    kind: &Kind,
    made_of: &str,
    id: RecordId,
    record: Option<&Record>,
    deltas: &mut Deltas,
) -> Result<(), StoreError> {
    let had: Option<String> = tx.opt("SELECT weak FROM register_search_row WHERE id = $1", &[&id], |row| {
        row.get(0)
    })?;
    if let Some(weak) = &had
        && let (Some(unit), signs) = signs_of(weak)
    {
        signs.into_iter().for_each(|sign| deltas.take(unit, sign));
    }
    match record {
        Some(record) => {
            let counts = counts(kind, made_of, record);
            let (strong, weak) = words(kind, record, &counts);
            tx.search_put(
                &INDEX,
                Entry {
                    id: id.uuid(),
                    rank: record.revision,
                    strong: &strong,
                    weak: &weak,
                },
            )?;
            counts
                .into_iter()
                .for_each(|count| deltas.add(record.unit.uuid(), count));
            Ok(())
        }
        None if had.is_some() => tx.search_remove(&INDEX, id.uuid()),
        None => Ok(()),
    }
}

/// Writes counts. Signs of an earlier making have no count any more: nothing is taken from them.
pub(super) fn apply(tx: &mut Tx, kind: &Kind, deltas: Deltas) -> Result<(), StoreError> {
    for ((sign, unit), (delta, count)) in deltas.by_sign {
        match count {
            _ if delta == 0 => {}
            Some(count) => {
                tx.execute(
                    "INSERT INTO register_tally (system, kind, sign, unit, field, value, n) VALUES ($1, $2, $3, $4, $5, $6, $7) \
                     ON CONFLICT (system, kind, sign, unit) DO UPDATE SET n = register_tally.n + excluded.n",
                    &[
                        &kind.system.code,
                        &kind.record.name,
                        &sign,
                        &unit,
                        &count.field,
                        &count.value,
                        &delta,
                    ],
                )?;
            }
            None => {
                tx.execute(
                    "UPDATE register_tally SET n = n + $1 WHERE system = $2 AND kind = $3 AND sign = $4 AND unit = $5",
                    &[&delta, &kind.system.code, &kind.record.name, &sign, &unit],
                )?;
            }
        }
    }
    Ok(())
}

/// How many records have each value of a field, of these units or of all.
pub(crate) fn tally(
    tx: &mut Tx,
    kind: &Kind,
    field: &str,
    units: Option<&[UnitId]>,
) -> Result<Vec<(String, i64)>, StoreError> {
    let list = UuidList::new(units.into_iter().flatten().map(|unit| unit.uuid()));
    tx.all(
        "SELECT value, sum_int(n) FROM register_tally WHERE system = $1 AND kind = $2 AND field = $3 \
         AND ($4 OR unit IN (SELECT value FROM uuid_list($5))) GROUP BY value HAVING sum(n) > 0 ORDER BY value",
        &[&kind.system.code, &kind.record.name, &field, &units.is_none(), &list],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// How many records each unit keeps.
pub(crate) fn by_unit(tx: &mut Tx, kind: &Kind, units: Option<&[UnitId]>) -> Result<Vec<(UnitId, i64)>, StoreError> {
    let list = UuidList::new(units.into_iter().flatten().map(|unit| unit.uuid()));
    tx.all(
        "SELECT unit, sum_int(n) FROM register_tally WHERE system = $1 AND kind = $2 AND field = '' \
         AND ($3 OR unit IN (SELECT value FROM uuid_list($4))) GROUP BY unit HAVING sum(n) > 0 ORDER BY unit",
        &[&kind.system.code, &kind.record.name, &units.is_none(), &list],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Records that hold all words, the last found first, with the place after which the next page begins.
pub(crate) fn find(
    tx: &mut Tx,
    query: &Query,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<(i64, RecordId)>, StoreError> {
    let found = tx.search_newest(&INDEX, query, before, limit)?;
    Ok(found
        .into_iter()
        .map(|(place, id)| (place, RecordId::from_uuid(id)))
        .collect())
}

/// Records of a kind after one of them, for the first walk.
pub(super) fn walk(tx: &mut Tx, kind: &Kind, after: Uuid, limit: u64) -> Result<Vec<Record>, StoreError> {
    records::after_id(tx, kind, RecordId::from_uuid(after), limit)
}
