//! The tables of petitions. Lists leave out what an officer must keep her hands off, in the statement itself; the sealed
//! identity is read by one function alone.
//! Refuses personal data in plain columns: content, identity and words come in sealed.

use identity::UnitId;
use kernel::Timestamp;
use store::sql::UuidList;
use store::{Row, StoreError, Tx};

use crate::dossier::FileId;

use super::{Channel, Event, Kind, Outcome, Petition, PetitionEventId, PetitionId, State, Step, Target};

store::value_via_display!(Kind, State, Step, Outcome, Target, Channel);

/// The columns of [`Petition`], in the order of [`petition_of`].
macro_rules! columns {
    () => {
        "id, code, kind, stated_kind, state, is_protected, channel, unit, unit_name, is_outside, against, against_name, target, \
         is_conflicting, against_index, filer_mask, filed_at, due_at, is_due_confirmed, outcome, forwarded_to, revision"
    };
}

fn petition_of(row: &Row<'_>) -> Result<Petition, StoreError> {
    Ok(Petition {
        id: row.get(0)?,
        code: row.get(1)?,
        kind: row.get(2)?,
        stated_kind: row.get(3)?,
        state: row.get(4)?,
        is_protected: row.get(5)?,
        channel: row.get(6)?,
        unit: row.get(7)?,
        unit_name: row.get(8)?,
        is_outside: row.get(9)?,
        against: row.get(10)?,
        against_name: row.get(11)?,
        target: row.get(12)?,
        is_conflicting: row.get(13)?,
        against_index: row.get(14)?,
        filer_mask: row.get(15)?,
        filed_at: row.get(16)?,
        due_at: row.get(17)?,
        is_due_confirmed: row.get(18)?,
        outcome: row.get(19)?,
        forwarded_to: row.get(20)?,
        revision: row.get(21)?,
    })
}

/// The next number of a year, from 1. The row is the lock.
pub(crate) fn next_number(tx: &mut Tx, year: i64) -> Result<i64, StoreError> {
    tx.one(
        "INSERT INTO petition_number (year, last) VALUES ($1, 1) \
         ON CONFLICT (year) DO UPDATE SET last = petition_number.last + 1 RETURNING last",
        &[&year],
        |row| row.get(0),
    )
}

/// What is sealed of a new petition, and by what its filer finds it.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    pub(crate) content: Vec<u8>,
    pub(crate) identity: Vec<u8>,
    pub(crate) filer_index: Option<Vec<u8>>,
}

/// Writes a new petition.
pub(crate) fn insert(tx: &mut Tx, petition: &Petition, parts: &Parts) -> Result<(), StoreError> {
    let p = petition;
    tx.execute(
        "INSERT INTO petition (id, code, kind, stated_kind, state, is_open, is_protected, channel, unit, unit_name, is_outside,
             against, against_name, target, is_conflicting, against_index, filer_index, filer_mask, content, identity, filed_at,
             due_at, is_due_confirmed, sort_at, changed_at, revision)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
             $25, $26)",
        &[
            &p.id,
            &p.code,
            &p.kind,
            &p.stated_kind,
            &p.state,
            &p.state.is_open(),
            &p.is_protected,
            &p.channel,
            &p.unit,
            &p.unit_name,
            &p.is_outside,
            &p.against,
            &p.against_name,
            &p.target,
            &p.is_conflicting,
            &p.against_index,
            &parts.filer_index,
            &p.filer_mask,
            &parts.content,
            &parts.identity,
            &p.filed_at,
            &p.due_at,
            &p.is_due_confirmed,
            &p.due_at.unwrap_or(p.filed_at),
            &p.filed_at,
            &p.revision,
        ],
    )?;
    Ok(())
}

/// Names a file of a petition.
pub(crate) fn insert_file(tx: &mut Tx, petition: PetitionId, file: FileId) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO petition_file (file, petition) VALUES ($1, $2)",
        &[&file, &petition],
    )?;
    Ok(())
}

/// Writes what a step made of a petition; false when somebody was faster.
pub(crate) fn update(tx: &mut Tx, after: &Petition, now: Timestamp) -> Result<bool, StoreError> {
    let p = after;
    let sort_at = p.due_at.filter(|_| p.state.is_open()).unwrap_or(now);
    let changed = tx.execute(
        "UPDATE petition SET kind = $1, state = $2, is_open = $3, is_protected = $4, unit = $5, unit_name = $6, is_outside = $7,
             is_conflicting = $8, filer_mask = $9, due_at = $10, is_due_confirmed = $11, sort_at = $12, outcome = $13,
             forwarded_to = $14, changed_at = $15, revision = revision + 1 WHERE id = $16 AND revision = $17",
        &[
            &p.kind,
            &p.state,
            &p.state.is_open(),
            &p.is_protected,
            &p.unit,
            &p.unit_name,
            &p.is_outside,
            &p.is_conflicting,
            &p.filer_mask,
            &p.due_at,
            &p.is_due_confirmed,
            &sort_at,
            &p.outcome,
            &p.forwarded_to,
            &now,
            &p.id,
            &p.revision,
        ],
    )?;
    Ok(changed == 1)
}

/// One petition.
pub(crate) fn find(tx: &mut Tx, id: PetitionId) -> Result<Option<Petition>, StoreError> {
    tx.opt(
        concat!("SELECT ", columns!(), " FROM petition WHERE id = $1"),
        &[&id],
        petition_of,
    )
}

/// The petition with this code.
pub(crate) fn by_code(tx: &mut Tx, code: &str) -> Result<Option<Petition>, StoreError> {
    tx.opt(
        concat!("SELECT ", columns!(), " FROM petition WHERE code = $1"),
        &[&code],
        petition_of,
    )
}

/// Its sealed content.
pub(crate) fn content(tx: &mut Tx, id: PetitionId) -> Result<Vec<u8>, StoreError> {
    tx.one("SELECT content FROM petition WHERE id = $1", &[&id], |row| row.get(0))
}

/// Its sealed identity: for who filed it, and for the right to see it.
pub(crate) fn identity(tx: &mut Tx, id: PetitionId) -> Result<Vec<u8>, StoreError> {
    tx.one("SELECT identity FROM petition WHERE id = $1", &[&id], |row| row.get(0))
}

/// Whether an account filed it, by its keyed index.
pub(crate) fn is_filer(tx: &mut Tx, id: PetitionId, filer: &[u8; 32]) -> Result<bool, StoreError> {
    let count: i64 = tx.one(
        "SELECT count(*) FROM petition WHERE id = $1 AND filer_index = $2",
        &[&id, filer],
        |row| row.get(0),
    )?;
    Ok(count == 1)
}

/// What an account filed, newest first.
pub(crate) fn of_filer(tx: &mut Tx, filer: &[u8; 32], limit: i64) -> Result<Vec<Petition>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM petition WHERE filer_index = $1 ORDER BY filed_at DESC, id DESC LIMIT $2"
        ),
        &[filer, &limit],
        petition_of,
    )
}

/// What a list is narrowed to.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    pub(crate) units: Vec<UnitId>,
    /// Units on whose side the officer stands: what is against them is not hers to see.
    pub(crate) own_side: Vec<UnitId>,
    /// Keyed index of the officer's own name.
    pub(crate) own_name: [u8; 32],
    pub(crate) is_open: bool,
    pub(crate) kind: Option<Kind>,
    pub(crate) state: Option<State>,
    /// Only what is due before this hour.
    pub(crate) due_before: Option<Timestamp>,
    pub(crate) after: (Timestamp, PetitionId),
    pub(crate) limit: i64,
}

/// Petitions at units, by the hour at which something is due.
pub(crate) fn page(tx: &mut Tx, filter: &Filter) -> Result<Vec<Petition>, StoreError> {
    let units = UuidList::new(filter.units.iter().map(|unit| unit.uuid()));
    let own = UuidList::new(filter.own_side.iter().map(|unit| unit.uuid()));
    let before = filter.due_before.unwrap_or(Timestamp::MAX);
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM petition WHERE unit IN (SELECT value FROM uuid_list($1)) AND is_open = $2
                 AND NOT (is_conflicting AND (against IN (SELECT value FROM uuid_list($3)) OR against_index = $4))
                 AND ($5 = '' OR kind = $5) AND ($6 = '' OR state = $6) AND sort_at < $7
                 AND (sort_at, id) > ($8, $9) ORDER BY sort_at, id LIMIT $10"
        ),
        &[
            &units,
            &filter.is_open,
            &own,
            &filter.own_name,
            &filter.kind.map_or("", Kind::word),
            &filter.state.map_or("", State::word),
            &before,
            &filter.after.0,
            &filter.after.1,
            &filter.limit,
        ],
        petition_of,
    )
}

/// The register of a period: everything filed in it at the units, open or ended, the oldest first.
pub(crate) fn register(
    tx: &mut Tx,
    filter: &Filter,
    (from, until): (Timestamp, Timestamp),
) -> Result<Vec<Petition>, StoreError> {
    let units = UuidList::new(filter.units.iter().map(|unit| unit.uuid()));
    let own = UuidList::new(filter.own_side.iter().map(|unit| unit.uuid()));
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM petition WHERE unit IN (SELECT value FROM uuid_list($1)) AND filed_at >= $2 AND filed_at < $3
                 AND NOT (is_conflicting AND (against IN (SELECT value FROM uuid_list($4)) OR against_index = $5))
                 AND ($6 = '' OR kind = $6) ORDER BY filed_at, id LIMIT $7"
        ),
        &[
            &units,
            &from,
            &until,
            &own,
            &filter.own_name,
            &filter.kind.map_or("", Kind::word),
            &filter.limit,
        ],
        petition_of,
    )
}

/// A step to be written.
#[derive(Debug, Clone)]
pub(crate) struct NewEvent {
    pub(crate) event: Event,
    pub(crate) account: Option<identity::AccountId>,
}

/// Writes one step; its number is the petition's revision, so no two steps clash.
pub(crate) fn insert_event(tx: &mut Tx, id: PetitionId, seq: i64, new: &NewEvent) -> Result<(), StoreError> {
    let e = &new.event;
    tx.execute(
        "INSERT INTO petition_event (id, petition, seq, at, step, to_state, to_kind, account, actor_name, unit_name, note)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &[
            &e.id,
            &id,
            &seq,
            &e.at,
            &e.step,
            &e.to_state,
            &e.to_kind,
            &new.account,
            &e.actor_name,
            &e.unit_name,
            &e.note,
        ],
    )?;
    Ok(())
}

/// Its steps, in order.
pub(crate) fn events(tx: &mut Tx, id: PetitionId) -> Result<Vec<Event>, StoreError> {
    tx.all(
        "SELECT id, at, step, to_state, to_kind, actor_name, unit_name, note FROM petition_event
         WHERE petition = $1 ORDER BY seq LIMIT 200",
        &[&id],
        |row| {
            Ok(Event {
                id: row.get::<PetitionEventId>(0)?,
                at: row.get(1)?,
                step: row.get(2)?,
                to_state: row.get(3)?,
                to_kind: row.get(4)?,
                actor_name: row.get(5)?,
                unit_name: row.get(6)?,
                note: row.get(7)?,
            })
        },
    )
}
