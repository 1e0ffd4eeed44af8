//! The pages on which a file is brought in: handed in, led to fields, checked, written, stopped, taken back. They work without
//! scripts: while the program works on a file its page asks again by itself. It refuses kinds that need people, and files of
//! units that an officer has nothing to do with.

use std::sync::Arc;

use ::store::StoreError;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use identity::routes::{Access, Routes, get, post};
use identity::{Action, OfficerCaller};
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;
use web::components::{self, Crumb};
use web::form::{Errors, Values};
use web::submitted::Limits;
use web::{Page, Reply, Shell, Submitted, see_other};

use super::choices::Part;
use super::work::Sample;
use super::{Batch, Choices, Mode, Stage, store, view};
use crate::error::RegisterError;
use crate::house::{By, Register};
use crate::kind::Kind;
use crate::page::http::crumbs;

/// After so many seconds a page of a file on its way asks again.
const REFRESH_S: &str = "3";

pub(crate) fn routes(routes: Routes<Register>) -> Routes<Register> {
    let access = Access::Action(Action::RegisterImport);
    routes
        .page(get("/registers/{system}/{kind}/import", page), access)
        .page(get("/registers/{system}/{kind}/import/{batch}", one), access)
        .page(get("/registers/{system}/{kind}/import/{batch}/faults", faults), access)
        .page(post("/registers/{system}/{kind}/import/{batch}/write", write), access)
        .page(post("/registers/{system}/{kind}/import/{batch}/pause", pause), access)
        .page(post("/registers/{system}/{kind}/import/{batch}/resume", resume), access)
        .page(post("/registers/{system}/{kind}/import/{batch}/drop", give_up), access)
        .page(post("/registers/{system}/{kind}/import/{batch}/undo", undo), access)
}

/// The routes that take a file and its many columns, and their bounds.
pub(crate) fn upload_routes(routes: Routes<Register>) -> Routes<Register> {
    let access = Access::Action(Action::RegisterImport);
    routes
        .page(post("/registers/{system}/{kind}/import", upload), access)
        .page(
            post("/registers/{system}/{kind}/import/{batch}/choices", choices),
            access,
        )
}

/// The bounds of one upload, and of a form with a field for each column.
pub(crate) fn upload_limits(bytes_max: u64) -> Limits {
    let mut limits = Limits::files(1, bytes_max).raw();
    limits.text_count = stranger::COLUMNS_MAX + 50;
    limits.total = std::time::Duration::from_secs(60 * 60);
    limits
}

fn importable(register: &Register, system: &str, kind: &str) -> Result<Arc<Kind>, RegisterError> {
    let kind = register.kind(system, kind)?;
    if kind.is_importable() {
        Ok(kind)
    } else {
        Err(RegisterError::NotFound)
    }
}

/// A file on its way, for an officer of the unit that keeps its records.
async fn found(
    register: &Register,
    officer: &OfficerCaller,
    (system, kind, batch): &(String, String, Uuid),
) -> Result<(Arc<Kind>, Batch), RegisterError> {
    let kind = importable(register, system, kind)?;
    let batch = register.batch(&kind, *batch).await?;
    if register.may(officer, Action::RegisterImport, batch.unit) {
        Ok((kind, batch))
    } else {
        Err(RegisterError::NotFound)
    }
}

fn to(kind: &Kind, batch: &Batch) -> Response {
    see_other(&format!("{}/import/{}", kind.path(), batch.id))
}

async fn page(
    State(register): State<Register>,
    shell: Shell,
    officer: OfficerCaller,
    Path((system, kind)): Path<(String, String)>,
) -> Reply {
    let kind = importable(&register, &system, &kind)?;
    drawn(&register, &kind, &officer, &shell, &Errors::none()).await
}

async fn drawn(
    register: &Register,
    kind: &Arc<Kind>,
    officer: &OfficerCaller,
    shell: &Shell,
    errors: &Errors,
) -> Reply {
    let read = kind.clone();
    let mut batches = register.store().read(move |tx| store::last_batches(tx, &read)).await?;
    batches.retain(|batch| register.may(officer, Action::RegisterImport, batch.unit));
    let title = shell.text_with("reg-import-title", &[("kind", kind.words(shell.lang, "name").into())]);
    let most = web::format::file_size(shell.lang, register.imports().bytes_max);
    let body = html! {
        h1 { (title) }
        p.lead { (shell.text("reg-import-words")) }
        (components::details(&shell.text("reg-import-columns"), &columns(kind, shell)))
        (view::upload_form(kind, register.imports().bytes_max).render(shell, &Values::none(), errors))
        p.muted { (shell.text_with("reg-import-most", &[("size", most.into())])) }
        (view::past(kind, &batches, shell))
    };
    Ok(Page::new(shell, title)
        .crumbs(above(kind, shell))
        .errors(errors)
        .body(body))
}

fn above(kind: &Kind, shell: &Shell) -> Vec<Crumb> {
    let mut all = crumbs(shell);
    all.push(Crumb::new(kind.path(), kind.words(shell.lang, "name")));
    all
}

/// What the columns of a file may be called, so that nobody has to lead them to fields.
fn columns(kind: &Kind, shell: &Shell) -> Markup {
    html! {
        ul {
            @for part in Part::all(kind) { @match &part {
                Part::Field(name) => li { code { (name) } ": " (kind.words(shell.lang, &format!("field.{name}"))) },
                Part::East => li { code { "lon" } ", " code { "lat" } ": " (shell.text("reg-import-place")) },
                Part::Geometry => li { code { "geometry" } ": " (shell.text("reg-batch-geometry")) },
                Part::ValidFrom => li { code { "valid_from" } ": " (shell.text("reg-valid-from")) },
                Part::North => {}
            } }
        }
    }
}

async fn upload(
    State(register): State<Register>,
    shell: Shell,
    officer: OfficerCaller,
    Path((system, kind)): Path<(String, String)>,
    submitted: Submitted,
) -> Reply<Response> {
    let kind = importable(&register, &system, &kind)?;
    let values = match view::upload_form(&kind, register.imports().bytes_max).parse(&submitted) {
        Ok(values) => values,
        Err(errors) => {
            return Ok(drawn(&register, &kind, &officer, &shell, &errors)
                .await?
                .into_response());
        }
    };
    let by = By::officer(&officer).ok_or(RegisterError::NotFound)?;
    let file = values.files("file").first().ok_or(RegisterError::NotFound)?;
    match register.hand_in(&kind, file.path(), &file.name, &by).await {
        Ok(id) => Ok(see_other(&format!("{}/import/{id}", kind.path()))),
        Err(error @ (RegisterError::Refused(_) | RegisterError::File(_))) => {
            let mut errors = Errors::none();
            errors.add_fault("file", &error);
            Ok(drawn(&register, &kind, &officer, &shell, &errors)
                .await?
                .into_response())
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Default, Deserialize)]
struct Asked {
    /// Back to the choices of a file that was checked.
    #[serde(default)]
    again: Option<String>,
}

async fn one(
    State(register): State<Register>,
    shell: Shell,
    officer: OfficerCaller,
    Path(path): Path<(String, String, Uuid)>,
    Query(asked): Query<Asked>,
) -> Reply<Response> {
    let (kind, batch) = found(&register, &officer, &path).await?;
    let (errors, values) = (Errors::none(), None);
    let is_again = asked.again.is_some();
    shown(
        &register,
        (&kind, &batch),
        &shell,
        (&errors, values, is_again),
        &html! {},
    )
    .await
}

/// The page of a file, whatever stage it is at.
async fn shown(
    register: &Register,
    (kind, batch): (&Arc<Kind>, &Batch),
    shell: &Shell,
    (errors, values, is_again): (&Errors, Option<&Values>, bool),
    told: &Markup,
) -> Reply<Response> {
    let sample = register.sample(batch).await?;
    let is_choosing = batch.stage == Stage::Preview || (batch.stage == Stage::Checked && is_again);
    let waits = batch.stage == Stage::Writing && batch.rows_done == 0 && other_open(register, kind, batch.id).await?;
    let title = shell.text_with("reg-batch-title", &[("file", batch.file_name.as_str().into())]);
    let body = html! {
        h1 { (title) }
        (told)
        (view::about(batch, sample.as_ref(), shell))
        @if batch.stage.is_running() { (view::progress(batch, waits, shell)) }
        @if batch.stage == Stage::Paused { p { (shell.text("reg-batch-paused")) } }
        (view::refusal(batch, shell))
        @if batch.stage == Stage::Checked && !is_choosing { (view::found(kind, batch, shell)) }
        (view::actions(kind, batch, shell))
        @if let (true, Some(sample)) = (is_choosing, sample.as_ref()) { (choosing(kind, batch, sample, shell, (errors, values))) }
        @if batch.stage == Stage::Done { (undoing(kind, batch, shell, errors)) }
    };
    let mut above = above(kind, shell);
    above.push(Crumb::new(format!("{}/import", kind.path()), shell.text("reg-import")));
    let mut response = Page::new(shell, title)
        .crumbs(above)
        .errors(errors)
        .body(body)
        .into_response();
    if batch.stage.is_running() {
        response
            .headers_mut()
            .insert(header::REFRESH, HeaderValue::from_static(REFRESH_S));
    }
    Ok(response)
}

async fn other_open(register: &Register, kind: &Arc<Kind>, own: Uuid) -> Result<bool, StoreError> {
    let kind = kind.clone();
    let open = register.store().read(move |tx| store::open_batch(tx, &kind)).await?;
    Ok(open.is_some_and(|open| open != own))
}

fn choosing(
    kind: &Kind,
    batch: &Batch,
    sample: &Sample,
    shell: &Shell,
    (errors, values): (&Errors, Option<&Values>),
) -> Markup {
    let form = view::choices_form(kind, batch, sample);
    let known = view::values(batch, sample);
    let named: Vec<&String> = sample.head.columns.iter().filter(|name| !name.is_empty()).collect();
    let is_doubled = named.iter().enumerate().any(|(at, name)| named[..at].contains(name));
    html! {
        @if is_doubled { (components::notification(shell.lang, components::Tone::Late, &shell.text("reg-batch-doubled"))) }
        (view::first_rows(sample, shell))
        (form.render(shell, values.unwrap_or(&known), errors))
    }
}

fn undoing(kind: &Kind, batch: &Batch, shell: &Shell, errors: &Errors) -> Markup {
    let form = view::undo_form(kind, batch).render(shell, &Values::none(), errors);
    html! {
        @if !errors.is_empty() { h2 { (shell.text("reg-batch-undo")) } (form) }
        @else { (components::details(&shell.text("reg-batch-undo"), &form)) }
    }
}

async fn choices(
    State(register): State<Register>,
    shell: Shell,
    officer: OfficerCaller,
    Path(path): Path<(String, String, Uuid)>,
    submitted: Submitted,
) -> Reply<Response> {
    let (kind, batch) = found(&register, &officer, &path).await?;
    let sample = register.sample(&batch).await?.ok_or(RegisterError::Stage)?;
    let form = view::choices_form(&kind, &batch, &sample);
    let (values, mut errors) = match form.parse(&submitted) {
        Ok(values) => (values, Errors::none()),
        Err(errors) => (form.typed(&submitted), errors),
    };
    let choices = view::chosen(&values, &batch, &sample);
    let is_look = form.asks_more(&submitted);
    if errors.is_empty() && !is_look {
        doubled(&choices, &mut errors);
    }
    if errors.is_empty() {
        match go(&register, &kind, &batch, (choices, is_look)).await {
            Ok(()) => return Ok(to(&kind, &batch)),
            Err(error @ (RegisterError::Refused(_) | RegisterError::Mapping(_))) => {
                errors.add_words(
                    "",
                    kernel::Bilingual::new(web_words(&error, kernel::Lang::Vi), web_words(&error, kernel::Lang::En)),
                );
            }
            Err(error) => return Err(error.into()),
        }
    }
    shown(
        &register,
        (&kind, &batch),
        &shell,
        (&errors, Some(&values), true),
        &html! {},
    )
    .await
}

fn web_words(error: &RegisterError, lang: kernel::Lang) -> String {
    use kernel::Fault as _;
    web::text(lang, &format!("error-{}", error.code()))
}

/// Two columns for one field: told beside the second.
fn doubled(choices: &Choices, errors: &mut Errors) {
    let doubled = choices.doubled();
    for (at, part) in choices.parts.iter().enumerate() {
        let Some(part) = part else { continue };
        if doubled.contains(part) && choices.parts[..at].contains(&Some(part.clone())) {
            errors.add(format!("c{at}"), "reg-batch-twice");
        }
    }
}

async fn go(
    register: &Register,
    kind: &Arc<Kind>,
    batch: &Batch,
    (choices, is_look): (Choices, bool),
) -> Result<(), RegisterError> {
    let is_other = choices.ask != batch.choices.ask;
    register.choose(kind, batch, choices).await?;
    // What is read in another way now is seen before it is checked.
    if is_look || is_other {
        return Ok(());
    }
    register.check(&register.batch(kind, batch.id).await?).await
}

async fn write(
    State(register): State<Register>,
    officer: OfficerCaller,
    Path(path): Path<(String, String, Uuid)>,
    submitted: Submitted,
) -> Reply<Response> {
    let (kind, batch) = found(&register, &officer, &path).await?;
    let mode = if submitted.text("mode") == "good" {
        Mode::Good
    } else {
        Mode::All
    };
    // The second press of the same button finds the file on its way.
    if batch.stage != Stage::Writing {
        register.take(&batch, mode).await?;
    }
    Ok(to(&kind, &batch))
}

async fn pause(
    State(register): State<Register>,
    officer: OfficerCaller,
    Path(path): Path<(String, String, Uuid)>,
    _submitted: Submitted,
) -> Reply<Response> {
    let (kind, batch) = found(&register, &officer, &path).await?;
    match register.pause(&batch).await {
        // It came to its end before.
        Ok(()) | Err(RegisterError::Stage) => Ok(to(&kind, &batch)),
        Err(error) => Err(error.into()),
    }
}

async fn resume(
    State(register): State<Register>,
    officer: OfficerCaller,
    Path(path): Path<(String, String, Uuid)>,
    _submitted: Submitted,
) -> Reply<Response> {
    let (kind, batch) = found(&register, &officer, &path).await?;
    if batch.stage != Stage::Writing {
        register.resume(&batch).await?;
    }
    Ok(to(&kind, &batch))
}

async fn give_up(
    State(register): State<Register>,
    officer: OfficerCaller,
    Path(path): Path<(String, String, Uuid)>,
    _submitted: Submitted,
) -> Reply<Response> {
    let (kind, batch) = found(&register, &officer, &path).await?;
    if batch.stage != Stage::Dropped {
        register.drop_batch(&kind, &batch).await?;
    }
    Ok(to(&kind, &batch))
}

async fn undo(
    State(register): State<Register>,
    shell: Shell,
    officer: OfficerCaller,
    Path(path): Path<(String, String, Uuid)>,
    submitted: Submitted,
) -> Reply<Response> {
    let (kind, batch) = found(&register, &officer, &path).await?;
    if batch.stage == Stage::Undoing {
        return Ok(to(&kind, &batch));
    }
    let form = view::undo_form(&kind, &batch);
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => return shown(&register, (&kind, &batch), &shell, (&errors, None, false), &html! {}).await,
    };
    let by = By::officer(&officer).ok_or(RegisterError::NotFound)?;
    match register.undo(&kind, batch.id, values.text("reason"), &by).await {
        Ok(()) => Ok(to(&kind, &batch)),
        Err(RegisterError::ChangedSince(_)) => {
            let (records, count) = register.changed_since(&kind, batch.id).await?;
            let told = view::changed(&kind, (&records, count), &shell);
            shown(
                &register,
                (&kind, &batch),
                &shell,
                (&Errors::none(), None, false),
                &told,
            )
            .await
        }
        Err(error @ (RegisterError::ImportRuns | RegisterError::ReasonMissing)) => {
            let mut errors = Errors::none();
            errors.add_fault("reason", &error);
            shown(&register, (&kind, &batch), &shell, (&errors, None, false), &html! {}).await
        }
        Err(error) => Err(error.into()),
    }
}

/// The faulty rows with what is wrong with them, to be mended and sent again.
async fn faults(
    State(register): State<Register>,
    officer: OfficerCaller,
    Path(path): Path<(String, String, Uuid)>,
) -> Reply<Response> {
    let (_, batch) = found(&register, &officer, &path).await?;
    let id = batch.mended.ok_or(RegisterError::NotFound)?;
    let blob = register
        .store()
        .read(move |tx| tx.blob(id))
        .await?
        .ok_or(RegisterError::NotFound)?;
    let reader = register.store().blobs().get(&blob).await.map_err(StoreError::from)?;
    let stream = futures::stream::try_unfold(reader, |mut reader| async move {
        Ok::<_, ::store::blob::BlobError>(reader.next_piece().await?.map(|piece| (piece, reader)))
    });
    let stem = batch
        .file_name
        .rsplit_once('.')
        .map_or(batch.file_name.as_str(), |(stem, _)| stem);
    Ok(web::download::attachment(
        "text/csv; charset=utf-8",
        &format!("loi-{stem}.csv"),
        Body::from_stream(stream),
    ))
}
