//! The page of a dossier's internal notes: reading them is a use of the dossier's data, recorded before they are shown.
//! It refuses to change a note: what is wrong is struck out, with a reason.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use identity::routes::{Access, Routes, get, post};
use identity::{Action as Right, Caller, OfficerCaller};
use maud::Markup;
use web::components::Crumb;
use web::form::{Errors, Field, Form, Values};
use web::{Page, Reply, Shell, Submitted, see_other};

use super::{Comment, CommentId, Row, TEXT_MAX, store as table, text_context, view, why_context};
use crate::Casework;
use crate::desk::{capacity, http::disclosed, resource};
use crate::dossier::{Dossier, DossierError};

/// Registers the pages.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    routes
        .page(
            get("/desk/dossiers/{id}/comments", list),
            Access::Action(Right::DossierComment),
        )
        .page(
            post("/desk/dossiers/{id}/comments", add),
            Access::Action(Right::DossierComment),
        )
        .page(
            post("/desk/dossiers/{id}/comments/{comment}/strike", strike),
            Access::Action(Right::DossierComment),
        )
}

/// Whether this officer writes notes on the dossier.
pub(crate) fn may(house: &Casework, officer: &OfficerCaller, dossier: &Dossier) -> bool {
    let caller = Caller::Officer(officer.clone());
    let policy = house.identity().policy();
    capacity(&caller).is_some() && policy.decide(&caller, Right::DossierComment, &resource(dossier))
}

fn new_form(dossier: &Dossier) -> Form {
    Form::new("comment", format!("/desk/dossiers/{}/comments", dossier.id))
        .submit("comment-add")
        .field(Field::multiline("text", "comment-text", TEXT_MAX).hint("comment-text-hint"))
}

fn strike_form(dossier: &Dossier, id: CommentId) -> Form {
    let action = format!("/desk/dossiers/{}/comments/{id}/strike", dossier.id);
    Form::new(format!("strike-{id}"), action)
        .submit("comment-strike")
        .field(Field::text("why", "comment-why"))
}

/// What is shown again: which form, what was typed, what is wrong.
type Again<'a> = (Option<CommentId>, &'a Values, &'a Errors);

async fn page(
    house: &Casework,
    shell: &Shell,
    officer: &OfficerCaller,
    id: &str,
    again: Option<Again<'_>>,
) -> Result<Page, DossierError> {
    let (sheaf, purpose) = disclosed(house, officer, id).await?;
    let dossier = &sheaf.dossier;
    if !may(house, officer, dossier) {
        return Err(DossierError::NotFound);
    }
    let notes = super::of_dossier(house, &purpose, dossier.id).await?;
    let (plain, none) = (Values::none(), Errors::none());
    let of = |which: Option<CommentId>| match &again {
        Some((asked, values, errors)) if *asked == which => (*values, *errors),
        _ => (&plain, &none),
    };
    let notes: Vec<(Comment, Option<Markup>)> = notes
        .into_iter()
        .map(|note| {
            let (values, errors) = of(Some(note.id));
            let form = (note.struck.is_none() && may_strike(house, officer, dossier, &note))
                .then(|| strike_form(dossier, note.id).render(shell, values, errors));
            (note, form)
        })
        .collect();
    let (values, errors) = of(None);
    let form = new_form(dossier).render(shell, values, errors);
    let body = view::page(shell, dossier, &notes, &form);
    let page =
        Page::new(shell, shell.text("comment-title")).crumbs(vec![Crumb::new("/desk", shell.text("desk-title"))]);
    Ok(match &again {
        Some((_, _, errors)) => page.errors(errors).body(body),
        None => page.body(body),
    })
}

/// A note is struck out by who wrote it, or by who shares out the work there.
fn may_strike(house: &Casework, officer: &OfficerCaller, dossier: &Dossier, note: &Comment) -> bool {
    let caller = Caller::Officer(officer.clone());
    let policy = house.identity().policy();
    note.account == officer.account() || policy.decide(&caller, Right::WorkArrange, &resource(dossier))
}

async fn list(State(house): State<Casework>, shell: Shell, officer: OfficerCaller, Path(id): Path<String>) -> Reply {
    Ok(page(&house, &shell, &officer, &id, None).await?)
}

/// Scope of the idempotency keys of notes.
const ONCE: &str = "dossier.comment";

async fn add(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path(id): Path<String>,
    submitted: Submitted,
) -> Reply<Response> {
    let (sheaf, _) = disclosed(&house, &officer, &id).await?;
    let dossier = sheaf.dossier;
    if !may(&house, &officer, &dossier) {
        return Err(DossierError::NotFound.into());
    }
    let form = new_form(&dossier);
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => {
            let typed = form.typed(&submitted);
            let again = page(&house, &shell, &officer, &id, Some((None, &typed, &errors))).await?;
            return Ok(again.into_response());
        }
    };
    let (world, now) = (house.world().as_ref(), house.now());
    let comment = CommentId::new(world);
    let text = house
        .keys()
        .seal(world, &text_context(comment), values.text("text").as_bytes());
    let row = Row {
        id: comment,
        at: now,
        account: officer.account(),
        officer_name: officer.name().to_owned(),
        unit: officer.unit(),
        unit_name: officer
            .unit()
            .map(|unit| house.identity().unit_name(unit, kernel::Lang::Vi))
            .unwrap_or_default(),
        text: text.into_bytes(),
        struck: None,
    };
    let (dossier, once) = (dossier.id, submitted.once);
    house
        .store()
        .write(move |tx| {
            if let store::Once::Again(_) = tx.once(ONCE, once, now)? {
                return Ok(());
            }
            if !table::insert(tx, dossier, &row)? {
                return Err(DossierError::TooMany("notes of one dossier"));
            }
            tx.once_done(ONCE, once, "")?;
            Ok(())
        })
        .await?;
    Ok(see_other(&format!("/desk/dossiers/{id}/comments")))
}

async fn strike(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path((id, comment)): Path<(String, String)>,
    submitted: Submitted,
) -> Reply<Response> {
    let comment: CommentId = comment.parse().map_err(|_| DossierError::NotFound)?;
    let (sheaf, purpose) = disclosed(&house, &officer, &id).await?;
    let dossier = sheaf.dossier;
    let notes = super::of_dossier(&house, &purpose, dossier.id).await?;
    let note = notes
        .iter()
        .find(|note| note.id == comment)
        .ok_or(DossierError::NotFound)?;
    if !may(&house, &officer, &dossier) || !may_strike(&house, &officer, &dossier, note) {
        return Err(DossierError::NotFound.into());
    }
    if note.struck.is_some() {
        return Err(DossierError::CommentStruck.into());
    }
    let form = strike_form(&dossier, comment);
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => {
            let typed = form.typed(&submitted);
            let again = page(&house, &shell, &officer, &id, Some((Some(comment), &typed, &errors))).await?;
            return Ok(again.into_response());
        }
    };
    let world = house.world().as_ref();
    let why = house
        .keys()
        .seal(world, &why_context(comment), values.text("why").trim().as_bytes());
    let (why, now, name, dossier) = (why.into_bytes(), house.now(), officer.name().to_owned(), dossier.id);
    house
        .store()
        .write(move |tx| {
            if table::strike(tx, dossier, comment, (now, &name, &why))? {
                Ok(())
            } else {
                Err(DossierError::CommentStruck)
            }
        })
        .await?;
    Ok(see_other(&format!("/desk/dossiers/{id}/comments")))
}
