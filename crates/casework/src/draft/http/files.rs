//! The papers of a draft: which are missing, what was brought, files added, shown and removed.
//! They refuse a file for a paper that nobody asks for, and more files than the bounds say.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use identity::{Caller, Purpose};
use web::form::{Errors, Form, Values};
use web::{Reply, Shell, Submitted, see_other};

use super::{Open, Wrong, citizen, load, path, render, save};
use crate::Casework;
use crate::dossier::{DossierError, FileId};
use crate::draft::rules;
use crate::draft::store as table;
use crate::draft::{DraftId, Step};
use crate::file::{self, FilePurpose, transfer};
use crate::line::{self, Class};
use crate::procedure::cases;

/// Papers of which one is enough in the case that was answered.
pub(super) fn either(open: &Open) -> Vec<Vec<usize>> {
    let own = open.answers.of(Step::Form);
    own.map(|own| cases::either(&open.procedure, own)).unwrap_or_default()
}

/// The step that has to be looked at once more because of what was answered since: a case that was never said, papers that
/// another answer requires, a file that was thrown out after it was sent.
pub(super) fn step_again(open: &Open) -> Option<Step> {
    let own = open.answers.of(Step::Form).cloned().unwrap_or_default();
    if open
        .schema
        .fields()
        .any(|field| field.name == cases::FIELD && field.required)
        && own.all(cases::FIELD).is_empty()
    {
        return Some(Step::Form);
    }
    let rows: Vec<file::FileRow> = open.files.iter().map(|file| file.row.clone()).collect();
    let promised = open.answers.of(Step::Files).cloned().unwrap_or_default();
    let is_whole = rows.iter().all(file::FileRow::is_there)
        && rules::missing_papers(&open.procedure, &either(open), &rows, &promised).is_empty();
    (!is_whole).then_some(Step::Files)
}

pub(super) async fn papers_done(house: &Casework, shell: &Shell, open: Open, submitted: &Submitted) -> Reply<Response> {
    let mut promised = Values::none();
    for (at, _) in rules::papers(&open.procedure) {
        let field = rules::paper_field(at);
        if submitted.text(&field) == "yes" {
            promised.set(field, "yes");
        }
    }
    let rows: Vec<file::FileRow> = open.files.iter().map(|file| file.row.clone()).collect();
    let missing = rules::missing_papers(&open.procedure, &either(&open), &rows, &promised);
    if missing.is_empty() {
        return save(house, open, Step::Files, promised).await;
    }
    let wrong = Wrong {
        typed: promised,
        errors: Errors::none(),
        missing,
        refused: None,
        more: false,
    };
    Ok(render(house, shell, &open, Step::Files, Some(wrong))
        .await?
        .into_response())
}

pub(super) async fn add(
    State(house): State<Casework>,
    shell: Shell,
    caller: Caller,
    Path(id): Path<String>,
    submitted: Submitted,
) -> Reply<Response> {
    // The files lie on the disk until their turn comes: they wait with their connection open, and not for long.
    let added = added(&house, &shell, &caller, (&id, &submitted));
    line::http::within(&house, Class::UnderWay, Box::pin(added)).await?
}

async fn added(
    house: &Casework,
    shell: &Shell,
    caller: &Caller,
    (id, submitted): (&str, &Submitted),
) -> Reply<Response> {
    let open = load(house, caller, id).await?;
    let at: usize = submitted
        .text("component")
        .parse()
        .map_err(|_| DossierError::BadValue("component"))?;
    if !rules::papers(&open.procedure).any(|(paper, _)| paper == at) {
        return Err(DossierError::BadValue("component").into());
    }
    let form = rules::upload_form(open.draft.id, at, house.settings().files);
    let refused = form.parse(submitted).err();
    keep(house, &open, at, (&form, submitted)).await?;
    let Some(errors) = refused else {
        return Ok(see_other(&format!("{}#paper-{at}", path(&open.draft, Step::Files))));
    };
    let open = load(house, caller, id).await?;
    let typed = open.answers.of(Step::Files).cloned().unwrap_or_default();
    let wrong = Wrong {
        typed,
        errors: Errors::none(),
        missing: Vec::new(),
        refused: Some((at, errors)),
        more: false,
    };
    Ok(render(house, shell, &open, Step::Files, Some(wrong))
        .await?
        .into_response())
}

/// Keeps the files that the form takes, though one beside them is none: nobody chooses five photographs again for the sixth.
async fn keep(
    house: &Casework,
    open: &Open,
    at: usize,
    (form, submitted): (&Form, &Submitted),
) -> Result<(), DossierError> {
    let Some(field) = form.get("file") else { return Ok(()) };
    if submitted.files_of("file").count() > field.files_max() {
        return Ok(());
    }
    let sound = submitted.files_of("file").filter(|file| field.takes(file));
    let place = transfer::Place {
        purpose: FilePurpose::Component,
        component: i64::try_from(at).ok(),
        supplement: None,
    };
    let taken = transfer::take_all(house, sound, open.draft.id.uuid(), place).await?;
    if taken.is_empty() {
        return Ok(());
    }
    let (draft, account, count_max) = (open.draft.id, open.draft.account, house.settings().files.count_max);
    house
        .store()
        .write(move |tx| {
            table::find(tx, draft, account)?.ok_or(DossierError::DraftNotFound)?;
            let there = usize::try_from(file::store::count_of_draft(tx, draft)?).unwrap_or(usize::MAX);
            if there + taken.len() > count_max {
                return Err(DossierError::TooMany("files"));
            }
            for (row, blob) in &taken {
                let row = file::FileRow {
                    blob: tx.attach_blob(blob)?,
                    ..row.clone()
                };
                file::store::insert(tx, &row, file::store::Holder::Draft(draft), account)?;
            }
            Ok(())
        })
        .await
}

pub(super) async fn download(
    State(house): State<Casework>,
    caller: Caller,
    Path((id, file)): Path<(String, String)>,
) -> Reply<Response> {
    let citizen = citizen(&caller)?;
    let draft: DraftId = id.parse().map_err(|_| DossierError::DraftNotFound)?;
    let file: FileId = file.parse().map_err(|_| DossierError::FileNotFound)?;
    let account = citizen.account();
    let row = house
        .store()
        .read(move |tx| {
            table::find(tx, draft, account)?.ok_or(DossierError::DraftNotFound)?;
            file::store::find_in_draft(tx, draft, file)?.ok_or(DossierError::FileNotFound)
        })
        .await?;
    file::http::send(&house, &Purpose::own_data(citizen), &row).await
}

pub(super) async fn remove(
    State(house): State<Casework>,
    caller: Caller,
    Path((id, file)): Path<(String, String)>,
    _submitted: Submitted,
) -> Reply<Response> {
    let account = citizen(&caller)?.account();
    let draft: DraftId = id.parse().map_err(|_| DossierError::DraftNotFound)?;
    let file: FileId = file.parse().map_err(|_| DossierError::FileNotFound)?;
    let now = house.now();
    house
        .store()
        .write(move |tx| {
            table::find(tx, draft, account)?.ok_or(DossierError::DraftNotFound)?;
            if let Some(row) = file::store::find_in_draft(tx, draft, file)? {
                file::store::delete_from_draft(tx, draft, file)?;
                if !file::store::names_blob(tx, row.blob)? {
                    tx.erase_blob(row.blob, now)?;
                }
            }
            Ok::<_, DossierError>(())
        })
        .await?;
    Ok(see_other(&format!("/my/drafts/{draft}/files")))
}
