//! The page on which a leader marks a person as deceased, and ends the mark when it was an error.
//! Each opening of the record is a recorded use; the person's own page shows it, should she live after all.

use super::view;
use super::{Death, DeathId, Mark, Source};
use crate::Identity;
use crate::person::{PersonDetails, PersonError, PersonRecord, PersonRef};
use crate::policy::{Action, Allowed, Resource};
use crate::purpose::Purpose;
use crate::routes::{Access, Routes, get, post};
use crate::session::Caller;
use crate::session::http::with_notice;
use ::store::Once;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use web::form::{Errors, Values};
use web::{Failure, Page, Reply, Shell, Submitted, see_other};

/// Registers the pages.
#[must_use]
pub fn routes(identity: &Identity) -> Routes<Identity> {
    let access = Access::Action(Action::PersonDecease);
    Routes::new(identity)
        .page(get("/admin/people/{id}/deceased", page), access)
        .page(post("/admin/people/{id}/deceased", mark), access)
        .page(post("/admin/people/{id}/deceased/end", end), access)
}

/// A record opened for the task, with the mark that holds.
pub(super) struct Opened {
    pub(super) record: PersonRecord,
    pub(super) details: PersonDetails,
    pub(super) mark: Option<(Mark, Death)>,
    pub(super) today: kernel::Date,
}

fn allowed(identity: &Identity, caller: &Caller) -> Result<Allowed, Failure> {
    let unit = caller.officer().and_then(|officer| officer.unit());
    let resource = unit.map_or_else(Resource::system, Resource::at);
    Ok(identity.policy().require(caller, Action::PersonDecease, &resource)?)
}

async fn open(identity: &Identity, caller: &Caller, allowed: &Allowed, id: &str) -> Result<Opened, Failure> {
    let id: PersonRef = id.parse().map_err(|_| Failure::not_found())?;
    let found = identity
        .store()
        .read(move |tx| {
            let kept = crate::person::kept(tx, id)?;
            let record = crate::person::record(tx, kept)?;
            Ok::<_, PersonError>((record, super::deceased(tx, kept)?))
        })
        .await?;
    let record = found.0.ok_or_else(Failure::not_found)?;
    let purpose = Purpose::for_task(caller, record.id.uuid(), allowed).about("person.deceased");
    identity
        .record_use(&purpose, &[record.id])
        .await
        .map_err(PersonError::Store)?;
    let keys = identity.keys();
    let details = crate::person::open(&keys, &purpose, &record)?;
    let mark = match found.1 {
        Some(mark) => {
            let death = super::open(&keys, &purpose, &mark)?;
            Some((mark, death))
        }
        None => None,
    };
    Ok(Opened {
        record,
        details,
        mark,
        today: identity.now().local_date(),
    })
}

fn shown(shell: &Shell, opened: &Opened, values: &Values, errors: &Errors) -> Page {
    Page::new(shell, shell.text("death-title"))
        .crumbs(view::crumbs(shell))
        .errors(errors)
        .body(view::page(shell, opened, values, errors))
}

async fn page(State(identity): State<Identity>, shell: Shell, caller: Caller, Path(id): Path<String>) -> Reply {
    let allowed = allowed(&identity, &caller)?;
    let opened = open(&identity, &caller, &allowed, &id).await?;
    Ok(shown(&shell, &opened, &Values::none(), &Errors::none()))
}

async fn mark(
    State(identity): State<Identity>,
    shell: Shell,
    caller: Caller,
    Path(id): Path<String>,
    submitted: Submitted,
) -> Reply<Response> {
    let allowed = allowed(&identity, &caller)?;
    let opened = open(&identity, &caller, &allowed, &id).await?;
    let form = view::mark_form(opened.record.id, opened.today);
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => return Ok(shown(&shell, &opened, &form.typed(&submitted), &errors).into_response()),
    };
    let (Some(on), Some(source)) = (values.date("died"), Source::from_name(values.text("source"))) else {
        return Err(Failure::not_found());
    };
    let death = Death {
        on,
        source,
        reason: values.text("reason").trim().to_owned(),
    };
    let (keys, world) = (identity.keys(), identity.world().clone());
    let about = (opened.record.id, &opened.details);
    let prepared = match super::prepare(&keys, world.as_ref(), about, &death, allowed.account()) {
        Ok(prepared) => prepared,
        Err(error @ PersonError::DeathDay) => {
            let mut errors = Errors::none();
            errors.add_fault("died", &error);
            return Ok(shown(&shell, &opened, &form.typed(&submitted), &errors).into_response());
        }
        Err(error) => return Err(error.into()),
    };
    let (now, once) = (identity.now(), submitted.once);
    identity
        .store()
        .write(move |tx| {
            if let Once::Again(_) = tx.once("person.deceased", once, now)? {
                return Ok(());
            }
            super::mark(tx, &prepared, now)?;
            tx.once_done("person.deceased", once, "")?;
            Ok::<(), PersonError>(())
        })
        .await?;
    let back = format!("/admin/people/{}/deceased", opened.record.id);
    Ok(with_notice(see_other(&back), "death-notice-marked"))
}

async fn end(
    State(identity): State<Identity>,
    shell: Shell,
    caller: Caller,
    Path(id): Path<String>,
    submitted: Submitted,
) -> Reply<Response> {
    let allowed = allowed(&identity, &caller)?;
    let opened = open(&identity, &caller, &allowed, &id).await?;
    let form = view::end_form(opened.record.id);
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => return Ok(shown(&shell, &opened, &form.typed(&submitted), &errors).into_response()),
    };
    let mark: Option<DeathId> = opened.mark.as_ref().map(|(mark, _)| mark.id);
    let mark = mark.ok_or(PersonError::NotDeceased)?;
    let (now, once, reason) = (identity.now(), submitted.once, values.text("reason").to_owned());
    let by = allowed.account();
    identity
        .store()
        .write(move |tx| {
            if let Once::Again(_) = tx.once("person.deceased-end", once, now)? {
                return Ok(());
            }
            super::end(tx, mark, &reason, by, now)?;
            tx.once_done("person.deceased-end", once, "")?;
            Ok::<(), PersonError>(())
        })
        .await?;
    let back = format!("/admin/people/{}/deceased", opened.record.id);
    Ok(with_notice(see_other(&back), "death-notice-ended"))
}
