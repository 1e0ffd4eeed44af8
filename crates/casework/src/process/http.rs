//! Administration of processes: which procedures have one, the versions of one with its drawing, writing the next version,
//! letting it into force from a day, and moving running dossiers onto it. What is in force is never changed.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use definition::procedure::{Process as Steps, Scope};
use identity::audit::Actor;
use identity::routes::{Access, Routes, get, post};
use identity::{Action as Right, OfficerCaller};
use kernel::ProcedureCode;
use serde::Deserialize;
use web::components::Crumb;
use web::form::{Errors, Values};
use web::{Page, Reply, Shell, Submitted, see_other};

use super::{
    Approval, GENERIC, PROVINCE, Process, ProcessError, Version, agencies, form, moving, store as table, view,
};
use crate::Casework;
use crate::definitions::{self, Defined};
use crate::dossier::DossierId;
use crate::procedure::{ChannelKind, Procedure};

/// Registers the pages.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    let manage = || Access::Action(Right::CatalogueManage);
    routes
        .page(get("/admin/processes", list), manage())
        .page(get("/admin/processes/{code}", one), manage())
        .page(post("/admin/processes/{code}", begin), manage())
        .page(get("/admin/processes/{code}/{version}", version), manage())
        .page(get("/admin/processes/{code}/{version}/edit", edit), manage())
        .page(post("/admin/processes/{code}/{version}/edit", save), manage())
        .page(post("/admin/processes/{code}/{version}/approve", approve), manage())
        .page(get("/admin/processes/{code}/{version}/move", review), manage())
        .page(post("/admin/processes/{code}/{version}/move", carry), manage())
}

#[derive(Debug, Default, Deserialize)]
struct Search {
    #[serde(default)]
    q: String,
}

/// Procedures on one page of the list.
const FOUND_MAX: usize = 60;

async fn list(State(house): State<Casework>, shell: Shell, Query(search): Query<Search>) -> Reply {
    let index = house.catalogue().index().await?;
    let written = house.processes().written().await?;
    let wanted = kernel::fold::fold(search.q.trim());
    let found: Vec<_> = index
        .all()
        .filter(|row| {
            if wanted.is_empty() {
                written.contains_key(&row.code)
            } else {
                row.code.to_string().starts_with(search.q.trim()) || kernel::fold::fold(&row.name.vi).contains(&wanted)
            }
        })
        .take(FOUND_MAX)
        .collect();
    let body = view::list(&shell, &search.q, &found, &written);
    Ok(Page::new(&shell, shell.text("process-title")).body(body))
}

fn crumbs(shell: &Shell) -> Vec<Crumb> {
    vec![Crumb::new("/admin/processes", shell.text("process-title"))]
}

async fn procedure(house: &Casework, code: &str) -> Result<std::sync::Arc<Procedure>, ProcessError> {
    let code: ProcedureCode = code.parse().map_err(|_| ProcessError::NotFound)?;
    let found = house.catalogue().find(&code, None).await?;
    found.map(|(procedure, _)| procedure).ok_or(ProcessError::NotFound)
}

async fn one(State(house): State<Casework>, shell: Shell, Path(code): Path<String>) -> Reply {
    let procedure = procedure(&house, &code).await?;
    let code = procedure.code.clone();
    let (versions, counts) = house
        .store()
        .read(move |tx| Ok::<_, ProcessError>((table::versions(tx, &code)?, table::counts(tx, &code)?)))
        .await?;
    let day = house.now().local_date();
    let limit = procedure.time_limit(ChannelKind::Online);
    let current = house.processes().current(&procedure.code, limit, day).await?;
    let body = view::one(&shell, &procedure, &current, &versions, &counts);
    Ok(Page::new(&shell, procedure.title().get(shell.lang))
        .crumbs(crumbs(&shell))
        .body(body))
}

/// Begins the next version as a copy of the one in force, or opens the one that is being written.
async fn begin(
    State(house): State<Casework>,
    officer: OfficerCaller,
    Path(code): Path<String>,
    _submitted: Submitted,
) -> Reply<Response> {
    let procedure = procedure(&house, &code).await?;
    let now = house.now();
    let limit = procedure.time_limit(ChannelKind::Online);
    let current = house
        .processes()
        .current(&procedure.code, limit, now.local_date())
        .await?;
    let (code, text, name) = (procedure.code.clone(), current.text(), officer.name().to_owned());
    let version = house
        .store()
        .write(move |tx| {
            let versions = table::versions(tx, &code)?;
            if let Some(open) = versions.iter().find(|version| version.approval.is_none()) {
                return Ok::<_, ProcessError>(open.version);
            }
            let new = Version {
                procedure: code.clone(),
                version: versions.first().map_or(0, |version| version.version) + 1,
                origin: PROVINCE.to_owned(),
                text: text.clone(),
                note: String::new(),
                made_by: name.clone(),
                made_at: now,
                approval: None,
            };
            table::insert(tx, &new)?;
            Ok(new.version)
        })
        .await?;
    Ok(see_other(&format!(
        "/admin/processes/{}/{version}/edit",
        procedure.code
    )))
}

/// One version with what it is a version of.
struct Open {
    procedure: std::sync::Arc<Procedure>,
    row: Version,
    process: Process,
    /// The definition of the procedure, whose answers and registers effects may name.
    defined: Option<Defined>,
}

impl Open {
    fn offer(&self) -> Option<form::Offer> {
        self.defined.as_ref().map(form::Offer::of)
    }

    /// What the effects of a text are held against.
    fn scope(&self) -> Option<Scope<'static>> {
        self.defined.map(|defined| Scope {
            procedure: defined.procedure,
            records: &defined.system.records,
        })
    }

    /// What a text may name: the procedures that its steps hand over to as they were, and the one that all have.
    fn surroundings(&self) -> definition::Surroundings {
        let mut around = definitions::surroundings();
        let named = self.process.steps().filter_map(|(step, _)| step.hand_over.as_ref());
        around.procedures = named.map(|one| one.procedure.clone()).collect();
        around.procedures.insert(form::HANDED.to_owned());
        around
    }
}

async fn open(house: &Casework, code: &str, version: &str) -> Result<Open, ProcessError> {
    let procedure = procedure(house, code).await?;
    let version: i64 = version.parse().map_err(|_| ProcessError::NotFound)?;
    let code = procedure.code.clone();
    let row = house.store().read(move |tx| table::find(tx, &code, version)).await?;
    let steps = Steps::read(&row.text, None, None, &agencies::surroundings()).map_err(ProcessError::Faulty)?;
    let process = Process::new(row.version, std::sync::Arc::new(steps));
    let defined = house
        .definitions()
        .of(&procedure.code)
        .await?
        .map(|(defined, _)| defined);
    Ok(Open {
        procedure,
        row,
        process,
        defined,
    })
}

async fn version(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path((code, version)): Path<(String, String)>,
) -> Reply {
    let open = open(&house, &code, &version).await?;
    let may_approve = open.row.made_by != officer.name();
    let body = view::version(
        &shell,
        &open.procedure,
        &open.row,
        &open.process,
        may_approve,
        house.now().local_date(),
    );
    Ok(Page::new(&shell, open.procedure.title().get(shell.lang))
        .crumbs(crumbs(&shell))
        .body(body))
}

fn edit_page(shell: &Shell, open: &Open, rows: usize, values: &Values, errors: &Errors) -> Page {
    let action = format!("/admin/processes/{}/{}/edit", open.procedure.code, open.row.version);
    let mut form = form::form(&action, rows, open.offer().as_ref()).hidden("seen", seen(&open.row));
    for at in 1..=rows {
        form = form.hidden(format!("name-{at}"), values.text(&format!("name-{at}")));
    }
    let help = open.defined.map(|defined| view::effect_help(shell, &defined));
    let body = view::edit(
        shell,
        &open.procedure,
        &open.row,
        &form.render(shell, values, errors),
        help.as_ref(),
    );
    Page::new(shell, shell.text("process-edit"))
        .crumbs(crumbs(shell))
        .errors(errors)
        .body(body)
}

/// A mark of the text that a page shows, so that two administrators do not write over each other.
fn seen(row: &Version) -> String {
    hex::encode(table::sha256(&row.text))
}

async fn edit(State(house): State<Casework>, shell: Shell, Path((code, version)): Path<(String, String)>) -> Reply {
    let open = open(&house, &code, &version).await?;
    if open.row.approval.is_some() {
        return Err(ProcessError::InForce.into());
    }
    let rows = form::rows(open.process.steps().len());
    let values = form::values(&open.process, &open.row.note);
    Ok(edit_page(&shell, &open, rows, &values, &Errors::none()))
}

async fn save(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path((code, version)): Path<(String, String)>,
    submitted: Submitted,
) -> Reply<Response> {
    let open = open(&house, &code, &version).await?;
    if open.row.approval.is_some() {
        return Err(ProcessError::InForce.into());
    }
    let rows = submitted
        .text("rows")
        .parse()
        .unwrap_or(form::ROWS_MAX)
        .clamp(1, form::ROWS_MAX);
    let offer = open.offer();
    let mut form = form::form("", rows, offer.as_ref()).hidden("seen", "");
    for at in 1..=rows {
        form = form.hidden(format!("name-{at}"), "");
    }
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => return Ok(edit_page(&shell, &open, rows, &form.typed(&submitted), &errors).into_response()),
    };
    let (text, places) = form::text(&values, rows, &open.process, offer.as_ref());
    let limit = open.procedure.time_limit(ChannelKind::Online);
    let steps = match Steps::read(&text, limit, open.scope(), &open.surroundings()) {
        Ok(steps) => steps,
        Err(faults) => {
            let errors = form::errors(&faults, &text, &places);
            return Ok(edit_page(&shell, &open, rows, &form.typed(&submitted), &errors).into_response());
        }
    };
    let new = Version {
        text: steps.write(),
        note: values.text("note").trim().to_owned(),
        made_by: officer.name().to_owned(),
        made_at: house.now(),
        ..open.row.clone()
    };
    let seen = hex::decode(values.text("seen")).unwrap_or_default();
    house
        .store()
        .write(move |tx| {
            if table::rewrite(tx, &new, &seen)? {
                Ok(())
            } else {
                Err(ProcessError::Stale)
            }
        })
        .await?;
    Ok(see_other(&format!(
        "/admin/processes/{}/{}",
        open.procedure.code, open.row.version
    )))
}

async fn approve(
    State(house): State<Casework>,
    officer: OfficerCaller,
    Path((code, version)): Path<(String, String)>,
    submitted: Submitted,
) -> Reply<Response> {
    let open = open(&house, &code, &version).await?;
    let (now, name) = (house.now(), officer.name().to_owned());
    let valid_from = submitted
        .text("valid_from")
        .parse()
        .map_err(|_| ProcessError::PastDay)?;
    if valid_from < now.local_date() {
        return Err(ProcessError::PastDay.into());
    }
    if open.row.made_by == name {
        return Err(ProcessError::SamePerson.into());
    }
    let approval = Approval {
        by: name,
        at: now,
        valid_from,
    };
    let (code, version) = (open.row.procedure.clone(), open.row.version);
    let (actor, subject) = (Actor::Account(officer.account()), format!("{code} {version}"));
    house
        .store()
        .write(move |tx| {
            if !table::approve(tx, &code, version, &approval)? {
                return Err(ProcessError::InForce);
            }
            table::grow_revision(tx)?;
            identity::audit::append(
                tx,
                actor,
                "process.approve",
                &subject,
                identity::audit::Detail::new(),
                now,
            )?;
            Ok(())
        })
        .await?;
    house.processes().forget();
    Ok(see_other(&format!("/admin/processes/{}", open.procedure.code)))
}

async fn review(State(house): State<Casework>, shell: Shell, Path((code, version)): Path<(String, String)>) -> Reply {
    let open = open(&house, &code, &version).await?;
    let (code, target) = (open.row.procedure.clone(), open.row.version);
    let begin = DossierId::from_uuid(uuid::Uuid::nil());
    let rows = house
        .store()
        .read(move |tx| table::running(tx, &code, target, begin, moving::AT_ONCE))
        .await?;
    let mut before = std::collections::HashMap::new();
    for version in rows.iter().map(|row| row.version) {
        if let std::collections::hash_map::Entry::Vacant(place) = before.entry(version) {
            place.insert(version_of(&house, &open, version).await?);
        }
    }
    let plan = moving::plan(&open.process, rows, &before);
    let body = view::moving(&shell, &open.procedure, &open.row, &open.process, &plan);
    Ok(Page::new(&shell, shell.text("process-move"))
        .crumbs(crumbs(&shell))
        .wide()
        .body(body))
}

/// The process of a version under which dossiers run.
async fn version_of(house: &Casework, open: &Open, version: i64) -> Result<Process, ProcessError> {
    if version == GENERIC {
        return Ok(Process::generic(open.procedure.time_limit(ChannelKind::Online)));
    }
    Ok(house.processes().version(&open.procedure.code, version).await?)
}

/// Moves the dossiers that the page showed. Those that somebody changed meanwhile stay, and the list shows them again.
async fn carry(
    State(house): State<Casework>,
    officer: OfficerCaller,
    Path((code, version)): Path<(String, String)>,
    submitted: Submitted,
) -> Reply<Response> {
    let open = open(&house, &code, &version).await?;
    if open.row.approval.is_none() || open.row.version == GENERIC {
        return Err(ProcessError::NotFound.into());
    }
    let chosen: Vec<(DossierId, i64)> = submitted
        .all("dossier")
        .filter_map(|one| {
            let (id, revision) = one.split_once(':')?;
            Some((id.parse().ok()?, revision.parse().ok()?))
        })
        .take(usize::try_from(moving::AT_ONCE).unwrap_or(0))
        .collect();
    moving::carry(&house, &officer, &open.process, chosen).await?;
    Ok(see_other(&format!(
        "/admin/processes/{}/{}/move",
        open.procedure.code, open.row.version
    )))
}
