//! Files that came with a form which could not be carried out: kept, so that nobody chooses or photographs them a second time.
//! The page shows them ticked; what is unticked goes. A form that is carried out takes them over, what nobody takes goes
//! after a day. A form that still counts on a file which is gone is refused, and says so.
//! Refuses to say whose they are: they are held by a keyed index of account and form, so that another's are not found and the
//! table ties nobody to what she sends.

use identity::{AccountId, Purpose};
use kernel::{SignedDuration, Timestamp};
use store::blob::StoredBlob;
use store::{Store, StoreError, Tx};
use uuid::Uuid;
use web::form::{Errors, Form, Kept, Values};
use web::{Shell, Submitted};

use super::store::{self as table, Holder};
use super::{FileId, FilePurpose, FileRow, transfer};
use crate::Casework;
use crate::dossier::DossierError;

/// The hidden field by which a form finds what it sent before.
const FORM: &str = "kept-with";

/// The field of a form's files, by which they come.
const FIELD: &str = "file";

/// Hours after which what nobody takes over goes.
const KEPT_HOURS: i64 = 24;

/// How many times the files of one form are kept at most, so that who chose one too many can take one off.
const ROOM: usize = 2;

/// Files let go of in one transaction.
const CHUNK: i64 = 50;

/// The files of one form of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Keeper {
    holder: [u8; 32],
    form: Uuid,
}

impl Keeper {
    /// Of the form that was sent; none where it does not say which one it is.
    pub(crate) fn of(house: &Casework, account: AccountId, submitted: &Submitted) -> Option<Self> {
        let form: Uuid = submitted.text(FORM).parse().ok()?;
        let holder = house.keys().blind_index("file.kept", &format!("{account}:{form}"));
        Some(Self { holder, form })
    }
}

/// Has the form carry by what it finds its kept files: what it was sent with, else something new.
#[must_use]
pub(crate) fn carried(form: Form, shell: &Shell, submitted: Option<&Submitted>) -> Form {
    let sent = submitted.and_then(|submitted| submitted.text(FORM).parse::<Uuid>().ok());
    form.hidden(FORM, sent.unwrap_or_else(|| shell.once_for(FORM)).to_string())
}

/// The kept files of a field that the form still has ticked.
fn ticked(field: &str, submitted: &Submitted) -> Vec<FileId> {
    let name = format!("kept-{field}");
    let mut all: Vec<FileId> = submitted.all(&name).filter_map(|token| token.parse().ok()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Keeps the files of a form that has a fault, lets go of what was unticked, and puts what is kept beside the field. Says whether
/// a file that is still ticked is no more: its day is over, or the scanner threw it out.
///
/// # Errors
/// When the files cannot be stored.
pub(crate) async fn keep(
    house: &Casework,
    keeper: Option<Keeper>,
    (field, submitted): (&web::form::Field, &Submitted),
    place: transfer::Place,
    (purpose, values): (&Purpose, &mut Values),
) -> Result<bool, DossierError> {
    let Some(keeper) = keeper else { return Ok(false) };
    let most = field.files_max() * ROOM;
    let sound = submitted.files_of(&field.name).filter(|file| field.takes(file));
    let fresh = transfer::take_all(house, sound.take(most), keeper.form, place).await?;
    let (wanted, now) = (ticked(&field.name, submitted), house.now());
    let (rows, lost) = house
        .store()
        .write(move |tx| {
            let there = settle(tx, keeper, &wanted, now)?;
            let lost = there.len() < wanted.len();
            let room = most.saturating_sub(there.len());
            for (row, blob) in fresh.iter().take(room) {
                let row = FileRow {
                    blob: tx.attach_blob(blob)?,
                    ..row.clone()
                };
                table::insert(tx, &row, Holder::Loose, AccountId::from_uuid(Uuid::nil()))?;
                table::insert_kept(tx, row.id, &keeper.holder, now)?;
            }
            Ok::<_, StoreError>((table::kept(tx, &keeper.holder)?, lost))
        })
        .await?;
    let shown = rows
        .iter()
        .filter(|row| row.is_there())
        .map(|row| -> Result<Kept, DossierError> {
            Ok(Kept {
                token: row.id.to_string(),
                name: transfer::name(house, purpose, row)?,
                size: u64::try_from(row.size_bytes).unwrap_or(0),
            })
        });
    values.set_kept(field.name.as_str(), shown.collect::<Result<_, DossierError>>()?);
    Ok(lost)
}

/// Says beside the field that a kept file is no more, unless it stands there already.
pub(crate) fn tell_lost(errors: &mut Errors, lost: bool) {
    if lost && errors.of(FIELD).next().is_none() {
        errors.add_fault(FIELD, &DossierError::FilesGone);
    }
}

/// What a form brings when it is carried out: files that came with it, and which of the kept ones it still has ticked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Brought {
    /// Stored, not named by any row yet.
    pub(crate) fresh: Vec<(FileRow, StoredBlob)>,
    keeper: Option<Keeper>,
    wanted: Vec<FileId>,
}

impl Brought {
    /// Stores what came with the form.
    ///
    /// # Errors
    /// When the files cannot be stored.
    pub(crate) async fn of(
        house: &Casework,
        keeper: Option<Keeper>,
        (field, submitted): (&str, &Submitted),
        owner: Uuid,
        place: transfer::Place,
    ) -> Result<Self, DossierError> {
        Ok(Self {
            fresh: transfer::take_all(house, submitted.files_of(field), owner, place).await?,
            keeper,
            wanted: ticked(field, submitted),
        })
    }

    /// Whether a kept file of this purpose is among those that the form still has ticked.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn has(&self, tx: &mut Tx, purpose: FilePurpose) -> Result<bool, StoreError> {
        let Some(keeper) = self.keeper else { return Ok(false) };
        let rows = table::kept(tx, &keeper.holder)?;
        let is_one = |row: &FileRow| row.purpose == purpose && row.is_there() && self.wanted.contains(&row.id);
        Ok(rows.iter().any(is_one))
    }

    /// The kept files that the form takes over; what was unticked goes. Nothing holds them afterwards but their rows.
    ///
    /// # Errors
    /// `FilesGone` when one that is still ticked is no more: what somebody believes she sent is never left out in silence.
    pub(crate) fn take_over(&self, tx: &mut Tx, now: Timestamp) -> Result<Vec<FileRow>, DossierError> {
        let Some(keeper) = self.keeper else {
            return if self.wanted.is_empty() {
                Ok(Vec::new())
            } else {
                Err(DossierError::FilesGone)
            };
        };
        let mut taken = Vec::new();
        for row in settle(tx, keeper, &self.wanted, now)? {
            if table::delete_kept(tx, row.id)? {
                taken.push(row);
            }
        }
        if taken.len() < self.wanted.len() {
            return Err(DossierError::FilesGone);
        }
        Ok(taken)
    }
}

/// Lets go of what is not wanted or was thrown out by the scanner; gives the rest.
fn settle(tx: &mut Tx, keeper: Keeper, wanted: &[FileId], now: Timestamp) -> Result<Vec<FileRow>, StoreError> {
    let rows = table::kept(tx, &keeper.holder)?;
    let (stay, go): (Vec<_>, Vec<_>) = rows
        .into_iter()
        .partition(|row| row.is_there() && wanted.contains(&row.id));
    for row in go {
        drop_kept(tx, &row, now)?;
    }
    Ok(stay)
}

fn drop_kept(tx: &mut Tx, row: &FileRow, now: Timestamp) -> Result<(), StoreError> {
    if !table::delete_kept(tx, row.id)? {
        // Some form took it over since it was read.
        return Ok(());
    }
    table::delete_loose(tx, row.id)?;
    if !table::names_blob(tx, row.blob)? {
        tx.erase_blob(row.blob, now)?;
    }
    Ok(())
}

/// Lets go of what nobody took over for a day; the binary calls it once an hour. Says how many.
///
/// # Errors
/// When the store fails; the next hour goes on.
pub async fn sweep(store: &Store, now: Timestamp) -> Result<u64, DossierError> {
    let before = now + -SignedDuration::from_hours(KEPT_HOURS);
    let mut gone = 0;
    for _ in 0..100 {
        let stale = store.read(move |tx| table::kept_before(tx, before, CHUNK)).await?;
        if stale.is_empty() {
            break;
        }
        gone += stale.len() as u64;
        store
            .write(move |tx| {
                for row in &stale {
                    drop_kept(tx, row, now)?;
                }
                Ok::<_, DossierError>(())
            })
            .await?;
    }
    Ok(gone)
}
