//! The pages on which versions of procedures are brought, looked at with everything that they touch, and approved by somebody
//! else; and the public page of a version that held once or will hold. What is decided is written into the audit log.

use std::io::BufReader;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use identity::audit::{self, Actor, Detail};
use identity::routes::{Access, Routes, get, post};
use identity::{Action as Right, OfficerCaller};
use kernel::{Date, ProcedureCode};
use serde::Deserialize;
use web::components::Crumb;
use web::form::{Errors, Field, FieldKind, Form, Values};
use web::submitted::{FileKind, Limits};
use web::{Failure, Page, Reply, Shell, Submitted, see_other};

use super::{Running, Standing, Version, VersionError, store as table, view};
use crate::Casework;
use crate::catalogue::{self, Edition};
use crate::procedure::http::code_of;
use crate::procedure::import::{Extent, Terms, import_under};
use crate::procedure::{Procedure, view as procedures};

/// Versions on one page of those that wait or come.
const COMING_MAX: i64 = 500;

/// Dossiers that the page of a version lists.
const RUNNING_MAX: i64 = 100;

/// Most bytes of a list of procedures: that of a whole ministry is smaller.
const LIST_BYTES_MAX: u64 = 64 << 20;

/// Registers the pages without uploads.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    let manage = || Access::Action(Right::CatalogueManage);
    routes
        .page(get("/procedures/{code}/versions/{version}", public), Access::Public)
        .page(get("/admin/procedures", list), manage())
        .page(get("/admin/procedures/{code}", one), manage())
        .page(get("/admin/procedures/{code}/{version}", version), manage())
        .page(post("/admin/procedures/{code}/{version}/approve", approve), manage())
        .page(
            post("/admin/procedures/{code}/{version}/set-aside", set_aside),
            manage(),
        )
}

/// Registers the page that takes a list of procedures.
#[must_use]
pub fn upload_routes(routes: Routes<Casework>) -> Routes<Casework> {
    routes.page(post("/admin/procedures", bring), Access::Action(Right::CatalogueManage))
}

/// The bounds of a list of procedures.
pub(crate) fn upload_limits() -> Limits {
    Limits::files(1, LIST_BYTES_MAX)
}

#[derive(Debug, Default, Deserialize)]
struct Search {
    #[serde(default)]
    q: String,
}

fn crumbs(shell: &Shell) -> Vec<Crumb> {
    vec![Crumb::new("/admin/procedures", shell.text("version-title"))]
}

/// The form that brings a list.
fn bring_form(today: Date) -> Form {
    let file = FieldKind::Files {
        accept: vec![FileKind::Text],
        max_count: 1,
        max_bytes: LIST_BYTES_MAX,
    };
    let from = FieldKind::Date {
        min: Some(today),
        max: None,
    };
    let copied = FieldKind::Date {
        min: None,
        max: Some(today),
    };
    Form::new("bring", "/admin/procedures")
        .submit("version-bring")
        .field(Field::new("file", "version-file", file).hint("version-file-hint"))
        .field(Field::text("source", "version-source").hint("version-source-hint"))
        .field(Field::new("copied-on", "version-copied-on", copied))
        .field(Field::new("valid-from", "version-valid-from", from))
}

async fn list(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Query(search): Query<Search>,
) -> Reply<Response> {
    if let Ok(code) = search.q.trim().parse::<ProcedureCode>() {
        return Ok(see_other(&format!("/admin/procedures/{code}")));
    }
    let page = list_page(&house, &shell, &officer, &search.q, (&Values::none(), &Errors::none())).await?;
    Ok(page.into_response())
}

async fn list_page(
    house: &Casework,
    shell: &Shell,
    officer: &OfficerCaller,
    q: &str,
    (values, errors): (&Values, &Errors),
) -> Result<Page, Failure> {
    let today = house.now().local_date();
    let index = house.catalogue().index().await?;
    let coming = house
        .store()
        .read(move |tx| {
            let versions = table::coming(tx, today, COMING_MAX)?;
            let one = |version: Version, tx: &mut ::store::Tx| {
                let drafts = table::drafts(tx, &version.code, version.version)?;
                let dossiers = table::running_count(tx, &version.code, version.version)?;
                Ok::<_, ::store::StoreError>((version, drafts, dossiers))
            };
            versions
                .into_iter()
                .map(|version| one(version, tx))
                .collect::<Result<Vec<_>, _>>()
        })
        .await?;
    let wanted = kernel::fold::fold(q.trim());
    let found: Vec<_> = index
        .all()
        .filter(|row| !wanted.is_empty() && kernel::fold::fold(&row.name.vi).contains(&wanted))
        .take(60)
        .collect();
    let form = bring_form(today).render(shell, values, errors);
    let body = view::list(shell, q, &found, &coming, officer.name(), &form);
    Ok(Page::new(shell, shell.text("version-title")).errors(errors).body(body))
}

/// Takes a list: every procedure that it changes gets a version that waits.
async fn bring(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    submitted: Submitted,
) -> Reply<Response> {
    let form = bring_form(house.now().local_date());
    let typed = form.typed(&submitted);
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => {
            let page = list_page(&house, &shell, &officer, "", (&typed, &errors)).await?;
            return Ok(page.into_response());
        }
    };
    let brought = carry_in(&house, officer.name(), &values, &submitted).await;
    if let Err(error) = brought {
        let mut errors = Errors::none();
        errors.add_fault("file", &error);
        let page = list_page(&house, &shell, &officer, "", (&typed, &errors)).await?;
        return Ok(page.into_response());
    }
    house.catalogue().look_again();
    Ok(see_other("/admin/procedures"))
}

async fn carry_in(house: &Casework, who: &str, values: &Values, submitted: &Submitted) -> Result<(), VersionError> {
    let unreadable = |error: &dyn std::fmt::Display| VersionError::Unreadable(error.to_string());
    let today = house.now().local_date();
    let edition = Edition {
        source: values.text("source").trim().to_owned(),
        copied_on: values.date("copied-on").unwrap_or(today),
    };
    let file = submitted.files_of("file").next();
    let file = file.ok_or_else(|| unreadable(&"no file"))?;
    let path = file.path().to_owned();
    let lines = tokio::task::spawn_blocking(move || {
        let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
        let reading = catalogue::read(BufReader::new(file), &edition).map_err(|error| error.to_string())?;
        if reading.procedures.is_empty() {
            return Err("nothing".to_owned());
        }
        let mut lines = Vec::new();
        catalogue::write(&reading.procedures, &mut lines).map_err(|error| error.to_string())?;
        Ok(lines)
    });
    let lines = lines
        .await
        .map_err(|error| unreadable(&error))?
        .map_err(VersionError::Unreadable)?;
    let terms = Terms::proposed(values.date("valid-from"), who.to_owned());
    let world = house.world().as_ref();
    let report = import_under(house.store(), world, lines.as_slice(), Extent::Partial, &terms, |_| {}).await;
    report.map(|_| ()).map_err(|error| unreadable(&error))
}

/// The versions of a procedure.
async fn versions(house: &Casework, code: &ProcedureCode) -> Result<Vec<Version>, VersionError> {
    let code = code.clone();
    let found = house.store().read(move |tx| table::all(tx, &code)).await?;
    if found.is_empty() {
        return Err(VersionError::NotFound);
    }
    Ok(found)
}

/// A version with its text, and the one before it.
struct Open {
    all: Vec<Version>,
    row: Version,
    procedure: Arc<Procedure>,
    before: Option<(Version, Arc<Procedure>)>,
}

async fn text_of(house: &Casework, row: &Version) -> Result<Arc<Procedure>, VersionError> {
    let found = house.catalogue().find(&row.code, Some(row.version)).await?;
    found.map(|(procedure, _)| procedure).ok_or(VersionError::NotFound)
}

async fn open(house: &Casework, code: &str, version: &str) -> Result<Open, Failure> {
    let code = code_of(code)?;
    let version: i64 = version.parse().map_err(|_| VersionError::NotFound)?;
    let all = versions(house, &code).await?;
    let row = all.iter().find(|one| one.version == version).cloned();
    let row = row.ok_or(VersionError::NotFound)?;
    let begins = |one: &Version| (one.holds_from, one.version);
    let earlier = all
        .iter()
        .filter(|one| one.standing == Standing::Approved && begins(one) < begins(&row))
        .max_by_key(|one| begins(one))
        .cloned();
    let before = match earlier {
        Some(earlier) => {
            let text = text_of(house, &earlier).await?;
            Some((earlier, text))
        }
        None => None,
    };
    Ok(Open {
        procedure: text_of(house, &row).await?,
        all,
        row,
        before,
    })
}

async fn one(State(house): State<Casework>, shell: Shell, Path(code): Path<String>) -> Reply {
    let all = versions(&house, &code_of(&code)?).await?;
    let newest = all.first().ok_or(VersionError::NotFound)?;
    let procedure = text_of(&house, newest).await?;
    let body = view::one(&shell, &procedure, &all);
    Ok(Page::new(&shell, procedure.title().get(shell.lang))
        .crumbs(crumbs(&shell))
        .body(body))
}

async fn version(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path((code, version)): Path<(String, String)>,
) -> Reply {
    let open = open(&house, &code, &version).await?;
    let (code, number) = (open.row.code.clone(), open.row.version);
    let (drafts, count, running): (i64, i64, Vec<Running>) = house
        .store()
        .read(move |tx| {
            Ok::<_, VersionError>((
                table::drafts(tx, &code, number)?,
                table::running_count(tx, &code, number)?,
                table::running(tx, &code, number, RUNNING_MAX)?,
            ))
        })
        .await?;
    let body = view::version(
        &shell,
        &view::Shown {
            all: &open.all,
            row: &open.row,
            procedure: &open.procedure,
            before: open.before.as_ref().map(|(row, text)| (row, text.as_ref())),
            drafts,
            count,
            running: &running,
            may_approve: open.row.made_by != officer.name(),
            today: house.now().local_date(),
        },
    );
    Ok(Page::new(&shell, open.procedure.title().get(shell.lang))
        .crumbs(crumbs(&shell))
        .wide()
        .body(body))
}

async fn approve(
    State(house): State<Casework>,
    officer: OfficerCaller,
    Path((code, version)): Path<(String, String)>,
    submitted: Submitted,
) -> Reply<Response> {
    let open = open(&house, &code, &version).await?;
    let today = house.now().local_date();
    let from: Date = submitted
        .text("valid_from")
        .parse()
        .map_err(|_| VersionError::PastDay)?;
    if from < today {
        return Err(VersionError::PastDay.into());
    }
    decide(&house, &officer, open.row, Standing::Approved, from).await
}

async fn set_aside(
    State(house): State<Casework>,
    officer: OfficerCaller,
    Path((code, version)): Path<(String, String)>,
    _submitted: Submitted,
) -> Reply<Response> {
    let open = open(&house, &code, &version).await?;
    let from = open.row.holds_from;
    decide(&house, &officer, open.row, Standing::SetAside, from).await
}

/// Writes what an officer decides of a version that waits. Who brought it may take it back, not let it in.
async fn decide(
    house: &Casework,
    officer: &OfficerCaller,
    row: Version,
    standing: Standing,
    holds_from: Date,
) -> Reply<Response> {
    if standing == Standing::Approved && row.made_by == officer.name() {
        return Err(VersionError::SamePerson.into());
    }
    let now = house.now();
    let decided = Version {
        standing,
        holds_from,
        decided: Some((officer.name().to_owned(), now)),
        ..row
    };
    let actor = Actor::Account(officer.account());
    let subject = format!("{} {}", decided.code, decided.version);
    let act = if standing == Standing::Approved {
        "procedure.approve"
    } else {
        "procedure.set-aside"
    };
    let to = format!("/admin/procedures/{}", decided.code);
    house
        .store()
        .write(move |tx| {
            if !table::decide(tx, &decided)? {
                return Err(VersionError::Decided);
            }
            super::activate(tx, now.local_date())?;
            crate::procedure::store::bump_revision(tx, now)?;
            audit::append(tx, actor, act, &subject, Detail::new(), now)?;
            Ok(())
        })
        .await?;
    house.catalogue().look_again();
    Ok(see_other(&to))
}

/// A version as everybody may read it: one that holds, held or was approved to hold.
async fn public(State(house): State<Casework>, shell: Shell, Path((code, version)): Path<(String, String)>) -> Reply {
    let open = open(&house, &code, &version).await?;
    if open.row.standing != Standing::Approved {
        return Err(VersionError::NotFound.into());
    }
    let body = view::public(&shell, &open.procedure, &open.row, &open.all, house.now().local_date());
    Ok(Page::new(&shell, open.procedure.title().get(shell.lang))
        .public()
        .crumbs(procedures::crumbs(&shell, &open.procedure))
        .body(body))
}

/// The versions of a procedure on its public page.
pub(crate) async fn section(house: &Casework, shell: &Shell, code: &ProcedureCode) -> Result<web::Markup, Failure> {
    let all = versions(house, code).await?;
    Ok(view::section(shell, code, &all, house.now().local_date()))
}
