//! Files that came with a form which could not be carried out: kept, so that nobody chooses or photographs them a second time.
//! The page shows them ticked; what is unticked goes. A form that is carried out takes them over, what nobody takes goes
//! after a day.
//! Refuses to say whose they are: they are held by a keyed index of account and form, so that another's are not found and the
//! table ties nobody to what she sends.

use identity::{AccountId, Purpose};
use kernel::{SignedDuration, Timestamp};
use store::blob::StoredBlob;
use store::{Store, StoreError, Tx};
use uuid::Uuid;
use web::form::{Form, Kept, Values};
use web::{Shell, Submitted};

use super::store::{self as table, Holder};
use super::{FileId, FileRow, transfer};
use crate::Casework;
use crate::dossier::DossierError;

/// The hidden field by which a form finds what it sent before.
const FORM: &str = "kept-with";

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
    submitted.all(&name).filter_map(|token| token.parse().ok()).collect()
}

/// Keeps the files of a form that has a fault, lets go of what was unticked, and puts what is kept beside the field.
///
/// # Errors
/// When the files cannot be stored.
pub(crate) async fn keep(
    house: &Casework,
    keeper: Option<Keeper>,
    (field, submitted): (&web::form::Field, &Submitted),
    place: transfer::Place,
    (purpose, values): (&Purpose, &mut Values),
) -> Result<(), DossierError> {
    let Some(keeper) = keeper else { return Ok(()) };
    let most = field.files_max() * ROOM;
    let sound = submitted.files_of(&field.name).filter(|file| field.takes(file));
    let fresh = transfer::take_all(house, sound.take(most), keeper.form, place).await?;
    let (wanted, now) = (ticked(&field.name, submitted), house.now());
    let rows = house
        .store()
        .write(move |tx| {
            let there = settle(tx, keeper, &wanted, now)?;
            let room = most.saturating_sub(there.len());
            for (row, blob) in fresh.iter().take(room) {
                let row = FileRow {
                    blob: tx.attach_blob(blob)?,
                    ..row.clone()
                };
                table::insert(tx, &row, Holder::Loose, AccountId::from_uuid(Uuid::nil()))?;
                table::insert_kept(tx, row.id, &keeper.holder, now)?;
            }
            table::kept(tx, &keeper.holder)
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
    Ok(())
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

    /// The kept files that the form takes over; what was unticked goes. Nothing holds them afterwards but their rows.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn take_over(&self, tx: &mut Tx, now: Timestamp) -> Result<Vec<FileRow>, StoreError> {
        let Some(keeper) = self.keeper else {
            return Ok(Vec::new());
        };
        let mut taken = Vec::new();
        for row in settle(tx, keeper, &self.wanted, now)? {
            if table::delete_kept(tx, row.id)? {
                taken.push(row);
            }
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
