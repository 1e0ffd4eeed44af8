//! Scans that were sent with a form which could not be saved yet: kept as a draft of the officer, so that nobody puts a paper
//! on the scanner twice. A save takes them over; what nobody saves goes away with other drafts.
//! It refuses scans of another officer: a draft is found by its account alone.

use identity::AccountId;
use kernel::ProcedureCode;
use store::blob::StoredBlob;
use web::Submitted;
use web::form::{Kept, Values};

use crate::Casework;
use crate::dossier::{DossierError, DraftId};
use crate::draft::{self, Answers, Draft, Step};
use crate::file::{self, FilePurpose, FileRow, transfer};

/// Name of the field with the scans of a paper.
pub(super) fn field(at: usize) -> String {
    format!("scan-{at}")
}

/// The form's draft: its id is the key of the first page.
#[derive(Debug, Clone)]
pub(super) struct Keeper {
    pub(super) id: DraftId,
    pub(super) account: AccountId,
    pub(super) procedure: (ProcedureCode, i64, String),
}

/// The scans of a form that are kept already.
pub(super) async fn kept(house: &Casework, id: DraftId, account: AccountId) -> Result<Vec<FileRow>, DossierError> {
    house
        .store()
        .read(move |tx| match draft::store::find(tx, id, account)? {
            Some(_) => Ok(file::store::of_draft(tx, id)?),
            None => Ok(Vec::new()),
        })
        .await
}

/// Takes the files of every paper out of a submission.
pub(super) async fn take(
    house: &Casework,
    papers: &[usize],
    submitted: &Submitted,
    owner: uuid::Uuid,
) -> Result<Vec<(FileRow, StoredBlob)>, DossierError> {
    let mut taken = Vec::new();
    for &at in papers {
        let name = field(at);
        let place = transfer::Place {
            purpose: FilePurpose::Component,
            component: i64::try_from(at).ok(),
            supplement: None,
        };
        taken.extend(transfer::take_all(house, submitted.files_of(&name), owner, place).await?);
    }
    Ok(taken)
}

/// Keeps the files of a submission that is not saved yet, and lets go of those that were unticked. Gives all that are kept.
pub(super) async fn keep(
    house: &Casework,
    keeper: &Keeper,
    papers: &[usize],
    submitted: &Submitted,
) -> Result<Vec<FileRow>, DossierError> {
    let fresh = take(house, papers, submitted, keeper.id.uuid()).await?;
    let before = kept(house, keeper.id, keeper.account).await?;
    let dropped = unticked(&before, submitted);
    if fresh.is_empty() && dropped.is_empty() {
        return Ok(before);
    }
    let (draft, content, now) = (blank(house, keeper), sealed(house, keeper.id), house.now());
    let count_max = house.settings().files.count_max;
    house
        .store()
        .write(move |tx| {
            if draft::store::find(tx, draft.id, draft.account)?.is_none() {
                draft::store::insert(tx, &draft, &content)?;
            }
            for row in &dropped {
                file::store::delete_from_draft(tx, draft.id, row.id)?;
                if !file::store::names_blob(tx, row.blob)? {
                    tx.erase_blob(row.blob, now)?;
                }
            }
            let there = usize::try_from(file::store::count_of_draft(tx, draft.id)?).unwrap_or(usize::MAX);
            if there + fresh.len() > count_max {
                return Err(DossierError::TooMany("files"));
            }
            for (row, blob) in &fresh {
                let row = FileRow {
                    blob: tx.attach_blob(blob)?,
                    ..row.clone()
                };
                file::store::insert(tx, &row, file::store::Holder::Draft(draft.id), draft.account)?;
            }
            Ok(file::store::of_draft(tx, draft.id)?)
        })
        .await
}

/// Kept files whose box was taken out of the form. A form that shows none of them sends none of them: those of papers that
/// the form asks for are looked at alone.
pub(super) fn unticked(before: &[FileRow], submitted: &Submitted) -> Vec<FileRow> {
    let is_ticked = |row: &FileRow| {
        let at = row.component.and_then(|at| usize::try_from(at).ok()).unwrap_or(0);
        let name = format!("kept-{}", field(at));
        submitted.all(&name).any(|token| token == row.id.to_string())
    };
    before.iter().filter(|row| !is_ticked(row)).cloned().collect()
}

/// Lets go of the kept files that were unticked before a save takes the others over.
pub(super) async fn keep_only_ticked(
    house: &Casework,
    keeper: &Keeper,
    submitted: &Submitted,
) -> Result<(), DossierError> {
    keep(house, keeper, &[], submitted).await.map(|_| ())
}

/// Puts the kept files beside their fields.
pub(super) fn show(
    house: &Casework,
    purpose: &identity::Purpose,
    rows: &[FileRow],
    values: &mut Values,
) -> Result<(), DossierError> {
    let mut by_field: std::collections::BTreeMap<String, Vec<Kept>> = std::collections::BTreeMap::new();
    for row in rows {
        let at = row.component.and_then(|at| usize::try_from(at).ok()).unwrap_or(0);
        by_field.entry(field(at)).or_default().push(Kept {
            token: row.id.to_string(),
            name: transfer::name(house, purpose, row)?,
            size: u64::try_from(row.size_bytes).unwrap_or(0),
        });
    }
    for (name, kept) in by_field {
        values.set_kept(name, kept);
    }
    Ok(())
}

fn blank(house: &Casework, keeper: &Keeper) -> Draft {
    let now = house.now();
    let (procedure, procedure_version, procedure_name) = keeper.procedure.clone();
    Draft {
        id: keeper.id,
        account: keeper.account,
        person: identity::PersonRef::from_uuid(uuid::Uuid::nil()),
        procedure,
        procedure_version,
        procedure_name,
        step: Step::Files,
        revision: 1,
        created_at: now,
        changed_at: now,
    }
}

fn sealed(house: &Casework, id: DraftId) -> Vec<u8> {
    let plain = serde_json::to_vec(&Answers::default()).unwrap_or_default();
    let context = format!("draft.content:{id}");
    house.keys().seal(house.world().as_ref(), &context, &plain).into_bytes()
}
