//! SQL of the use record.
//! It has no update and no delete: a use that happened stays on record.

use ::store::sql::UuidList;
use ::store::{Row, StoreError, Tx};
use kernel::Timestamp;

use super::{After, Use, UseId};
use crate::person::PersonRef;
use crate::purpose::Purpose;

/// Persons recorded for one view at most; more means that a list discloses too much.
const SUBJECTS_MAX: usize = 500;
/// Most uses of one page.
const PAGE_MAX: i64 = 200;

/// Records that the persons' data were seen for `purpose` at `now`: one row each, in the transaction of the view.
/// The id of a row follows from purpose, person and hour, so that a transaction that runs twice writes the same.
/// # Errors
/// When the store fails, or more than 500 persons are named.
pub fn record(tx: &mut Tx, purpose: &Purpose, subjects: &[PersonRef], now: Timestamp) -> Result<(), StoreError> {
    if subjects.len() > SUBJECTS_MAX {
        return Err(StoreError::Config(format!(
            "one view may disclose at most {SUBJECTS_MAX} persons"
        )));
    }
    let unit_name = match purpose.unit {
        Some(unit) => crate::unit::name_of(tx, unit)?.unwrap_or_default(),
        None => String::new(),
    };
    for person in subjects {
        let id = use_id(purpose, *person, now);
        tx.execute(
            "INSERT INTO data_use (id, person, at, purpose, matter, reference, account, role, unit, who, unit_name) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO NOTHING",
            &[
                &id,
                person,
                &now,
                &purpose.kind.name(),
                &purpose.matter,
                &purpose.reference,
                &purpose.account,
                &purpose.role.map(|role| role.name()),
                &purpose.unit,
                &purpose.who,
                &unit_name,
            ],
        )?;
    }
    Ok(())
}

/// A UUID version 7 at `now` whose random part is a hash of what is recorded: the same view gives the same row.
fn use_id(purpose: &Purpose, person: PersonRef, now: Timestamp) -> UseId {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    context.update(&now.as_micros().to_be_bytes());
    context.update(person.uuid().as_bytes());
    context.update(purpose.kind.name().as_bytes());
    context.update(purpose.matter.unwrap_or_default().as_bytes());
    context.update(
        purpose
            .account
            .map(|account| account.uuid())
            .unwrap_or_default()
            .as_bytes(),
    );
    context.update(purpose.reference.as_bytes());
    let digest = context.finish();
    let mut random = [0; 10];
    random.copy_from_slice(&digest.as_ref()[..10]);
    let millis = u64::try_from(now.as_micros() / 1_000).unwrap_or(0);
    UseId::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
}

fn read_use(row: &Row<'_>) -> Result<Use, StoreError> {
    Ok(Use {
        id: row.get(0)?,
        at: row.get(1)?,
        purpose: row.get(2)?,
        matter: row.get(3)?,
        reference: row.get(4)?,
        role: row.get::<Option<String>>(5)?.and_then(|name| name.parse().ok()),
        unit: row.get(6)?,
        who: row.get(7)?,
        unit_name: row.get(8)?,
    })
}

/// One page of the uses of a person's data, newest first; `own` says whether her own views are among them.
/// # Errors
/// When the store fails.
pub fn page(
    tx: &mut Tx,
    person: PersonRef,
    own: bool,
    after: Option<After>,
    most: i64,
) -> Result<Vec<Use>, StoreError> {
    let (at, id) = after.map_or((Timestamp::MAX, UseId::from_uuid(uuid::Uuid::max())), |after| {
        (after.at, after.id)
    });
    let most = most.clamp(1, PAGE_MAX);
    let records = crate::person::group(tx, person)?;
    if records.len() > 1 || records != [person] {
        // Views of records that were merged into hers are views of her.
        let records = UuidList::new(records.into_iter().map(PersonRef::uuid));
        return tx.all(
            "SELECT id, at, purpose, matter, reference, role, unit, who, unit_name FROM data_use \
             WHERE person IN (SELECT value FROM uuid_list($1)) AND (purpose <> 'own' OR $2) \
             AND (at, id) < ($3, $4) ORDER BY at DESC, id DESC LIMIT $5",
            &[&records, &own, &at, &id, &most],
            read_use,
        );
    }
    tx.all(
        "SELECT id, at, purpose, matter, reference, role, unit, who, unit_name FROM data_use \
         WHERE person = $1 AND (purpose <> 'own' OR $2) AND (at, id) < ($3, $4) \
         ORDER BY at DESC, id DESC LIMIT $5",
        &[&person, &own, &at, &id, &most],
        read_use,
    )
}

/// How often others used a person's data.
pub(crate) fn count(tx: &mut Tx, person: PersonRef) -> Result<i64, StoreError> {
    let records = crate::person::group(tx, person)?;
    let records = UuidList::new(records.into_iter().map(PersonRef::uuid));
    tx.one(
        "SELECT count(*) FROM data_use WHERE person IN (SELECT value FROM uuid_list($1)) AND purpose <> 'own'",
        &[&records],
        |row| row.get(0),
    )
}
