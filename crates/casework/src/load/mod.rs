//! Dossiers with everything that happened to them, made in memory by the same rules as one by one, and written as they stand
//! in the end: for demonstrations and measurements of the size of a province. A test compares every row with what the commands
//! write. Refuses what only a table can answer (processes that ask other units, people who are not on record).

mod store;

use std::collections::HashMap;

use ::store::blob::StoredBlob;
use ::store::{Event, Load, StoreError, Tx};
use identity::{AccountId, PersonRef};
use kernel::{AgencyCode, Date, Timestamp};
use uuid::Uuid;

use crate::dossier::store::{DeliveryRow, ExtensionRow, NewDossier, NewEvent, SupplementRow};
use crate::dossier::{Dossier, DossierError, DossierId, EventId, StopId};
use crate::fee::story::{Coming, StoryBill};
use crate::file::{self, FileRow};
use crate::intake::{IntakeRow, PartyRole};
use crate::notice::Notice;

/// The tables that a load fills.
pub(crate) const TABLES: &[&str] = &[
    "dossier",
    "dossier_event",
    "dossier_stop",
    "dossier_supplement",
    "dossier_ground",
    "dossier_extension",
    "dossier_delivery",
    "dossier_intake",
    "dossier_party",
    "notice",
    "rating",
    "rating_score",
];

/// A dossier and all its rows.
#[derive(Debug, Clone)]
pub(crate) struct Whole {
    /// The dossier as it stands, with what it has besides.
    pub(crate) new: NewDossier,
    pub(crate) events: Vec<NewEvent>,
    pub(crate) grounds: Vec<(EventId, Vec<u8>)>,
    pub(crate) stops: Vec<Stop>,
    pub(crate) supplements: Vec<SupplementRow>,
    pub(crate) extensions: Vec<ExtensionRow>,
    pub(crate) delivery: Option<DeliveryRow>,
    pub(crate) intake: Option<IntakeRow>,
    pub(crate) parties: Vec<(PartyRole, PersonRef)>,
    pub(crate) notices: Vec<Notice>,
    pub(crate) rating: Option<Rated>,
    /// What others are told, in its order.
    pub(crate) told: Vec<Event>,
    /// The keys of the forms that did it.
    pub(crate) keys: Vec<Key>,
}

impl Whole {
    /// The dossier as it stands.
    pub(crate) const fn dossier(&self) -> &Dossier {
        &self.new.dossier
    }
}

/// A stop of the clock.
#[derive(Debug, Clone)]
pub(crate) struct Stop {
    pub(crate) id: StopId,
    pub(crate) cause: String,
    pub(crate) started_at: Timestamp,
    pub(crate) ended_at: Option<Timestamp>,
    pub(crate) due_before: Option<Timestamp>,
    pub(crate) due_after: Option<Timestamp>,
}

/// The key of a form that was sent.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) scope: String,
    pub(crate) key: Uuid,
    pub(crate) at: Timestamp,
}

/// What an applicant says of how it went.
#[derive(Debug, Clone)]
pub(crate) struct Rated {
    pub(crate) at: Timestamp,
    pub(crate) scores: Vec<(String, i64)>,
}

/// What housekeeping has left of what passes by: older events and keys are not written, as they would be gone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept {
    /// Events from here on.
    pub(crate) told_from: Timestamp,
    /// Keys of forms from here on.
    pub(crate) keys_from: Timestamp,
}

impl Kept {
    /// Everything, as after commands.
    #[cfg(test)]
    pub(crate) const ALL: Self = Self {
        told_from: Timestamp::MIN,
        keys_from: Timestamp::MIN,
    };
}

/// The numbers that agencies give on their days, in memory: nobody else gives any while a load runs.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    last: HashMap<(String, Date), i64>,
    changed: Vec<(String, Date)>,
}

impl Numbers {
    /// Begins with the numbers that were given before.
    pub(crate) fn after(given: Vec<(String, Date, i64)>) -> Self {
        Self {
            last: given
                .into_iter()
                .map(|(agency, day, last)| ((agency, day), last))
                .collect(),
            changed: Vec::new(),
        }
    }

    /// The next number of `agency` on `day`.
    pub(crate) fn next(&mut self, agency: &AgencyCode, day: Date) -> i64 {
        let key = (agency.to_string(), day);
        let last = self.last.entry(key.clone()).or_insert(0);
        *last += 1;
        if self.changed.last() != Some(&key) {
            self.changed.push(key);
        }
        *last
    }

    /// The numbers that changed since this was asked last.
    pub(crate) fn changes(&mut self) -> Vec<(String, Date, i64)> {
        let mut changed = std::mem::take(&mut self.changed);
        changed.sort();
        changed.dedup();
        let last = |key: &(String, Date)| self.last.get(key).copied().unwrap_or(0);
        changed
            .into_iter()
            .map(|key| {
                let last = last(&key);
                (key.0, key.1, last)
            })
            .collect()
    }
}

/// The numbers that were given before a load.
///
/// # Errors
/// When the store fails.
pub(crate) fn given(tx: &mut Tx) -> Result<Vec<(String, Date, i64)>, StoreError> {
    store::given(tx)
}

/// A dossier of a load with what hangs on it.
pub(crate) struct Piece {
    pub(crate) whole: Whole,
    pub(crate) bill: Option<StoryBill>,
    /// Stored already; the rows that name them are not.
    pub(crate) files: Vec<(FileRow, StoredBlob)>,
    /// Whose files they are.
    pub(crate) account: AccountId,
}

/// Loads a part: dossiers, the numbers of their agencies, their bills and files. Gives the money that is to come for the bills.
///
/// # Errors
/// When the store refuses a row; then nothing of the part is written.
pub(crate) async fn write_pieces(
    load: &Load,
    part: Vec<Piece>,
    numbers: Vec<(String, Date, i64)>,
    kept: Kept,
) -> Result<Vec<Coming>, DossierError> {
    let mut besides = Vec::new();
    let mut all = Vec::with_capacity(part.len());
    for piece in part {
        let id = piece.whole.dossier().id;
        if piece.bill.is_some() || !piece.files.is_empty() {
            besides.push((id, piece.bill, piece.files, piece.account));
        }
        all.push(piece.whole);
    }
    load.write(move |tx| {
        write(tx, &all, &numbers, kept)?;
        let mut coming = Vec::new();
        for (dossier, bill, files, account) in &besides {
            hang(tx, *dossier, files, *account)?;
            if let Some(bill) = bill {
                coming.extend(bill.issue(tx, *dossier)?);
            }
        }
        Ok::<_, DossierError>(coming)
    })
    .await
}

/// Hangs files on a dossier.
pub(crate) fn hang(
    tx: &mut Tx,
    dossier: DossierId,
    files: &[(FileRow, StoredBlob)],
    account: AccountId,
) -> Result<(), StoreError> {
    for (row, blob) in files {
        let row = FileRow {
            blob: tx.attach_blob(blob)?,
            ..row.clone()
        };
        file::store::insert(tx, &row, file::store::Holder::Dossier(dossier), account)?;
    }
    Ok(())
}

/// Writes dossiers with all their rows, and the last numbers of their agencies.
///
/// # Errors
/// When the store refuses a row.
pub(crate) fn write(
    tx: &mut Tx,
    all: &[Whole],
    numbers: &[(String, Date, i64)],
    kept: Kept,
) -> Result<(), DossierError> {
    store::numbers(tx, numbers)?;
    store::dossiers(tx, all)?;
    store::events(tx, all)?;
    store::steps_beside(tx, all)?;
    store::people_beside(tx, all)?;
    store::ratings(tx, all)?;
    passing(tx, all, kept)?;
    Ok(())
}

/// Events and keys: those that housekeeping would have left.
fn passing(tx: &mut Tx, all: &[Whole], kept: Kept) -> Result<(), StoreError> {
    for whole in all {
        for event in whole.told.iter().filter(|event| event.at >= kept.told_from) {
            tx.emit(event)?;
        }
        for key in whole.keys.iter().filter(|key| key.at >= kept.keys_from) {
            take(tx, key, whole.new.dossier.id)?;
        }
    }
    Ok(())
}

fn take(tx: &mut Tx, key: &Key, answer: DossierId) -> Result<(), StoreError> {
    tx.once(&key.scope, key.key, key.at)?;
    tx.once_done(&key.scope, key.key, &answer.to_string())
}
