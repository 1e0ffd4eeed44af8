//! The pages of the desk: choose a procedure, one form for one walk-in, the receipt, what was taken today. Looking a person
//! up is a use of her data, recorded before the page leaves.
//! A page refuses whom policy does not let file for others at her unit; whether the desk receives at once, policy says too.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use identity::routes::{Access, Routes, get, post};
use identity::{Action as Right, OfficerCaller, Purpose};
use kernel::{SignedDuration, Timestamp};
use serde::Deserialize;
use uuid::Uuid;
use web::form::{Errors, Values};
use web::submitted::Limits;
use web::{Page, Reply, Shell, Submitted, see_other};

use super::walk::{AtDesk, Shown, Walk, check};
use super::{Brought, form, scans, store as table, take, view};
use crate::Casework;
use crate::dossier::{DossierError, DossierId, DraftId, submit};
use crate::offline;
use crate::procedure::search;
use crate::queue::{self, Ticket};
use crate::track::mine;

/// How long "the procedures taken most often" looks back.
const FREQUENT_DAYS: i64 = 90;

/// Rows of the page of what was taken today.
const TAKEN_MAX: i64 = 200;

/// Registers the pages without uploads.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    let access = Access::Action(Right::DossierSubmitFor);
    routes
        .page(get("/desk/intake", begin), access)
        .page(get("/desk/intake/taken", taken), access)
        .page(get("/desk/intake/{id}", saved), access)
}

/// Registers the page that takes scans.
#[must_use]
pub fn upload_routes(routes: Routes<Casework>) -> Routes<Casework> {
    routes.page(post("/desk/intake", save), Access::Action(Right::DossierSubmitFor))
}

/// The bounds of one form with scans.
pub(crate) fn upload_limits(house: &Casework) -> Limits {
    Limits {
        text_count: 800,
        ..Limits::files(house.settings().files.count_max, house.settings().files.bytes_max)
    }
}

#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    procedure: String,
}

async fn begin(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Query(asked): Query<Asked>,
) -> Reply<Response> {
    let at = AtDesk::of(&house, officer)?;
    let serving = serving(&house, &at).await?;
    if !asked.procedure.is_empty() {
        let mut walk = Walk::load(&house, at, &asked.procedure).await?;
        walk.ask_for(&form::beginning(walk.default_unit()));
        let start = Shown {
            values: form::beginning(walk.default_unit()).with("procedure", walk.procedure.code.to_string()),
            errors: Errors::none(),
            found: None,
            kept: Vec::new(),
            began: house.now(),
            scans: shell.once_for("scans"),
        };
        return Ok(walk.page(&house, &shell, start, serving.as_ref())?.into_response());
    }
    let typed = asked.q.trim().to_owned();
    let index = house.catalogue().index().await.map_err(DossierError::from)?;
    // A code that was typed or scanned leads on at once.
    if let Some(row) = index.get(&typed).filter(|row| row.is_here()) {
        return Ok(see_other(&format!("/desk/intake?procedure={}", row.code)));
    }
    let body = if typed.is_empty() {
        let (desk, since) = (at.desk, house.now() + -SignedDuration::from_hours(24 * FREQUENT_DAYS));
        let most = i64::try_from(view::OFFERED).unwrap_or(9);
        let codes = house
            .store()
            .read(move |tx| table::frequent(tx, desk, since, most))
            .await;
        let codes = codes.map_err(DossierError::from)?;
        let mut rows: Vec<_> = codes.iter().filter_map(|code| index.get(code)).collect();
        let known: Vec<_> = rows.iter().map(|row| row.code.clone()).collect();
        let popular = index.all().filter(|row| row.is_here() && !known.contains(&row.code));
        rows.extend(popular.take(view::OFFERED.saturating_sub(known.len())));
        view::choose(&shell, "", &rows, false, serving.as_ref())
    } else {
        let hits = index.search(&search::Query {
            text: typed.clone(),
            page: 1,
            ..search::Query::default()
        });
        let rows: Vec<_> = hits.rows.into_iter().filter(|row| row.is_here()).collect();
        view::choose(&shell, &typed, &rows, true, serving.as_ref())
    };
    Ok(Page::new(&shell, shell.text("intake-title")).body(body).into_response())
}

async fn serving(house: &Casework, at: &AtDesk) -> Result<Option<Ticket>, DossierError> {
    let (account, day) = (at.officer.account(), at.day);
    Ok(house
        .store()
        .read(move |tx| queue::store::served_by(tx, account, day))
        .await?)
}

async fn save(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    submitted: Submitted,
) -> Reply<Response> {
    let at = AtDesk::of(&house, officer)?;
    let serving = serving(&house, &at).await?;
    let mut walk = Walk::load(&house, at, submitted.text("procedure")).await?;
    let scans = submitted
        .text("scans")
        .parse()
        .unwrap_or_else(|_| shell.once_for("scans"));
    let began = submitted
        .text("began")
        .parse()
        .map_or(house.now(), Timestamp::from_micros);
    // The answers decide which papers are asked for, and those belong to the form that is read.
    walk.ask_for(&walk.form(&house, &Values::none(), false).typed(&submitted));
    let mut typed = walk.form(&house, &Values::none(), false).typed(&submitted);
    let form = walk.form(&house, &typed, false);
    typed = form.typed(&submitted);
    let listed = form::listed(&walk.procedure);
    if is_look_up(&submitted) {
        let found = walk.look_up(&house, &mut typed, scans).await?;
        let kept = scans::keep(&house, &walk.keeper(scans), &listed, &submitted).await?;
        let shown = Shown {
            values: typed,
            errors: Errors::none(),
            found: Some(found),
            kept,
            began,
            scans,
        };
        return Ok(walk.page(&house, &shell, shown, serving.as_ref())?.into_response());
    }
    let kept = scans::kept(&house, DraftId::from_uuid(scans), walk.at.officer.account()).await?;
    let checked = form.parse(&submitted).and_then(|values| {
        let errors = check(&walk, &values, &submitted, &kept);
        if errors.is_empty() { Ok(values) } else { Err(errors) }
    });
    let values = match checked {
        Ok(values) => values,
        Err(errors) => {
            // A second press finds the scans taken over, and the dossier that the first one made.
            if let Some(first) = sent_before(&house, &walk.at, submitted.once).await? {
                return Ok(see_other(&format!("/desk/intake/{first}")));
            }
            let kept = scans::keep(&house, &walk.keeper(scans), &listed, &submitted).await?;
            let shown = Shown {
                values: typed,
                errors,
                found: None,
                kept,
                began,
                scans,
            };
            return Ok(walk.page(&house, &shell, shown, serving.as_ref())?.into_response());
        }
    };
    let brought = Brought {
        kept,
        scans,
        began,
        offline: None,
    };
    let id = take(&house, &walk, &values, &submitted, brought).await?.id;
    Ok(see_other(&format!("/desk/intake/{id}")))
}

async fn sent_before(house: &Casework, at: &AtDesk, once: Uuid) -> Result<Option<DossierId>, DossierError> {
    let (account, now) = (at.officer.account(), house.now());
    let first = house
        .store()
        .write(move |tx| submit::sent_before(tx, Some(account), once, now))
        .await;
    match first {
        Ok(id) => Ok(Some(id)),
        Err(DossierError::DraftNotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The look-up was pressed, or Enter after the number with nothing else typed: then that was meant.
fn is_look_up(submitted: &Submitted) -> bool {
    let nothing_else = ["name", "phone", "address"]
        .iter()
        .all(|field| submitted.text(field).trim().is_empty());
    submitted.searching().is_some() || (nothing_else && !submitted.text("person-id").trim().is_empty())
}

async fn saved(State(house): State<Casework>, shell: Shell, officer: OfficerCaller, Path(id): Path<String>) -> Reply {
    let at = AtDesk::of(&house, officer)?;
    let id: DossierId = id.parse().map_err(|_| DossierError::NotFound)?;
    let serving = serving(&house, &at).await?;
    let (row, offline) = house
        .store()
        .read(move |tx| Ok::<_, DossierError>((table::find(tx, id)?, offline::store::of_dossier(tx, id)?)))
        .await?;
    // The desk that took it may print the receipt again, wherever the dossier went.
    let row = row
        .filter(|row| row.taken_desk == at.desk)
        .ok_or(DossierError::NotFound)?;
    let sheaf = mine::sheaf(&house, id).await?;
    let resource = crate::desk::resource(&sheaf.dossier)
        .and_at(row.taken_desk)
        .and_at(at.unit);
    let allowed = house
        .identity()
        .policy()
        .require(&at.caller, Right::PersonDisclose, &resource)?;
    let purpose = Purpose::for_dossier(&at.caller, id.uuid(), &allowed).about(sheaf.dossier.code.to_string());
    house
        .identity()
        .record_use(&purpose, &sheaf.subjects())
        .await
        .map_err(DossierError::from)?;
    let receipt = crate::track::http::receipt_body(&house, &shell, &purpose, &sheaf, false, false).await?;
    let body = view::saved(
        &shell,
        &sheaf.dossier,
        &row,
        &receipt,
        (serving.as_ref(), offline.as_ref()),
    );
    Ok(Page::new(&shell, sheaf.dossier.code.to_string()).body(body))
}

async fn taken(State(house): State<Casework>, shell: Shell, officer: OfficerCaller) -> Reply {
    let at = AtDesk::of(&house, officer)?;
    let (desk, from) = (at.desk, Timestamp::start_of_day(at.day));
    let until = from + SignedDuration::from_hours(24);
    let (rows, sums) = house
        .store()
        .read(move |tx| {
            let rows = table::taken(tx, desk, (from, until), TAKEN_MAX)?;
            Ok::<_, DossierError>((rows, table::sums(tx, desk, (from, until))?))
        })
        .await?;
    Ok(Page::new(&shell, shell.text("intake-taken-title"))
        .wide()
        .body(view::taken(&shell, &rows, sums)))
}
