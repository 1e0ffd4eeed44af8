//! Pages of petitions for officers: registering one for somebody at the counter (also out of the ordinary intake), the list,
//! one petition with the steps that are open, and, behind its own right, who denounces.
//! What is against an officer or her unit does not exist for her; who denounces is opened by a post, on record before it shows.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use identity::routes::{Access, Routes, get, post};
use identity::{Action as Right, Caller, OfficerCaller, Purpose, Resource};
use kernel::Timestamp;
use serde::Deserialize;
use web::components::Crumb;
use web::form::{Errors, Values};
use web::table::TableQuery;
use web::{Page, Reply, Shell, Submitted, see_other};

use super::{Side, content_of, led_to};
use crate::Casework;
use crate::petition::files;
use crate::petition::keep::{self, Asked, New, Sheaf};
use crate::petition::{Channel, Filer, PetitionError, PetitionId, Step, rules, store as table, view};
use crate::register::http::export as sheets;

/// Rows of one page.
const ROWS: i64 = 50;

/// Registers the pages.
pub(super) fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    let register = Access::Action(Right::PetitionRegister);
    let read = Access::Action(Right::PetitionRead);
    routes
        .page(get("/desk/petitions", list), Access::Action(Right::PetitionList))
        .page(get("/desk/petitions/new", questions), register)
        .page(post("/desk/petitions/new", led), register)
        .page(
            get("/desk/petitions/export/{kind}", export),
            Access::Action(Right::PetitionList),
        )
        .page(get("/desk/petitions/{id}", one), read)
        .page(get("/desk/petitions/{id}/files/{file}", download), read)
        .page(
            post("/desk/petitions/{id}/identity", filer),
            Access::Action(Right::PetitionIdentity),
        )
        .page(
            post("/desk/petitions/{id}/{step}", done),
            Access::Action(Right::PetitionHandle),
        )
}

/// Registers the pages that take files: a petition with what was attached, and the form of the intake turned into one.
#[must_use]
pub(crate) fn upload_routes(routes: Routes<Casework>) -> Routes<Casework> {
    let register = Access::Action(Right::PetitionRegister);
    routes
        .page(post("/desk/petitions", taken), register)
        .page(post("/desk/petitions/turn", turned), register)
}

fn crumbs(shell: &Shell) -> Vec<Crumb> {
    vec![Crumb::new("/desk/petitions", shell.text("petition-list"))]
}

fn about_crumbs(shell: &Shell) -> Vec<Crumb> {
    vec![Crumb::new("/petitions", shell.text("petition-title"))]
}

/// Somebody at the counter has it written down.
const COUNTER: Side = Side {
    new: "/desk/petitions/new",
    to: "/desk/petitions",
    title: "petition-new-desk",
    crumbs: about_crumbs,
    is_desk: true,
};

fn key(petition: &crate::petition::Petition) -> String {
    let at = petition.due_at.filter(|_| petition.state.is_open());
    format!("{}_{}", at.unwrap_or(petition.filed_at).as_micros(), petition.id)
}

fn after(key: &str) -> Option<(Timestamp, PetitionId)> {
    let (at, id) = key.split_once('_')?;
    Some((Timestamp::from_micros(at.parse().ok()?), id.parse().ok()?))
}

/// What an officer may see at all: the petitions of her units but those against herself or her side.
fn mine(house: &Casework, officer: &OfficerCaller) -> table::Filter {
    let caller = Caller::Officer(officer.clone());
    table::Filter {
        units: house.identity().policy().scope(&caller, Right::PetitionList),
        own_side: keep::own_side(house, officer),
        own_name: keep::name_index(&house.keys(), officer.name()),
        is_open: true,
        kind: None,
        state: None,
        due_before: None,
        after: (Timestamp::MIN, PetitionId::from_uuid(uuid::Uuid::nil())),
        limit: ROWS,
    }
}

/// A period, and a kind.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Period {
    from: String,
    to: String,
    kind: String,
}

async fn list(State(house): State<Casework>, shell: Shell, officer: OfficerCaller, query: TableQuery) -> Reply {
    let now = house.now();
    let from = query.after_key().and_then(after);
    let filter = table::Filter {
        is_open: query.filter("state") != "ended",
        kind: query.filter("kind").parse().ok(),
        state: query.filter("state").parse().ok(),
        due_before: (query.filter("due") == "over").then_some(now),
        after: from.unwrap_or((Timestamp::MIN, PetitionId::from_uuid(uuid::Uuid::nil()))),
        ..mine(&house, &officer)
    };
    let rows = house
        .store()
        .read(move |tx| Ok::<_, PetitionError>(table::page(tx, &filter)?))
        .await?;
    let is_full = i64::try_from(rows.len()).is_ok_and(|len| len == ROWS);
    let next = is_full.then(|| rows.last().map(key)).flatten();
    let body = view::list(&shell, &query, &rows, next, from.is_some(), now);
    let body = maud::html! { (body) (view::export(&shell, now.local_date())) };
    Ok(Page::new(&shell, shell.text("petition-list")).wide().body(body))
}

/// The name of the officer's unit, if policy lets her register there, and for what she is shown what she typed herself.
fn at_desk(house: &Casework, officer: &OfficerCaller) -> Result<(String, Purpose), PetitionError> {
    let caller = Caller::Officer(officer.clone());
    let unit = officer.unit().ok_or(PetitionError::NotFound)?;
    let allowed = house
        .identity()
        .policy()
        .require(&caller, Right::PetitionRegister, &Resource::at(unit))
        .map_err(identity::IdentityError::from)?;
    let day = house.now().local_date();
    let book = house.identity().units();
    let name = book.name(unit, kernel::Lang::Vi, day).to_owned();
    Ok((name, Purpose::for_task(&caller, unit.uuid(), &allowed)))
}

async fn questions(State(house): State<Casework>, shell: Shell, officer: OfficerCaller) -> Reply {
    at_desk(&house, &officer)?;
    let form = COUNTER.questions_form();
    Ok(COUNTER.questions_page(&shell, &form, &Values::none(), &Errors::none()))
}

/// Fields of the intake that go along when its form is turned into a petition, and their names there.
const CARRIED: [(&str, &str); 5] = [
    ("name", "name"),
    ("person-id", "number"),
    ("phone", "phone"),
    ("address", "address"),
    ("request", "story"),
];

async fn turned(State(house): State<Casework>, shell: Shell, officer: OfficerCaller, submitted: Submitted) -> Reply {
    at_desk(&house, &officer)?;
    let form = CARRIED.iter().fold(COUNTER.questions_form(), |form, (from, to)| {
        form.hidden(*to, submitted.text(from))
    });
    Ok(COUNTER.questions_page(&shell, &form, &Values::none(), &Errors::none()))
}

fn carried(submitted: &Submitted) -> Values {
    let carried = CARRIED.iter().map(|(_, to)| *to);
    carried.fold(Values::none(), |values, field| {
        values.with(field, submitted.text(field))
    })
}

async fn led(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    submitted: Submitted,
) -> Reply<Response> {
    at_desk(&house, &officer)?;
    let form = CARRIED.iter().fold(COUNTER.questions_form(), |form, (_, to)| {
        form.hidden(*to, submitted.text(to))
    });
    let page = match led_to(&form, &submitted) {
        Ok(kind) => COUNTER.file_page(
            &house,
            &shell,
            kind,
            &submitted,
            (&carried(&submitted), &Errors::none()),
        ),
        Err(errors) => COUNTER.questions_page(&shell, &form, &form.typed(&submitted), &errors),
    };
    Ok(page.into_response())
}

async fn taken(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    submitted: Submitted,
) -> Reply<Response> {
    let (unit_name, purpose) = at_desk(&house, &officer)?;
    let by = officer.account();
    let (kind, values) = match COUNTER.read(&house, &shell, &submitted, (by, &purpose)).await? {
        Ok(read) => read,
        Err(page) => return Ok(page.into_response()),
    };
    let filer = Filer {
        person: None,
        account: None,
        name: values.text("name").trim().to_owned(),
        number: values.text("number").to_owned(),
        phone: values.text("phone").to_owned(),
        address: values.text("address").trim().to_owned(),
    };
    let filer = keep::linked(&house, filer).await?;
    let new = New {
        once: submitted.once,
        kind,
        channel: Channel::Desk,
        against: values.typed("against").ok_or(PetitionError::Missing("against"))?,
        target: values.typed("target").ok_or(PetitionError::Missing("target"))?,
        content: content_of(&values),
        filer,
        typed_by: Some((officer, unit_name)),
        files: (by, submitted.clone()),
    };
    let petition = match keep::register(&house, new).await {
        Err(PetitionError::FilesGone) => {
            let (asked, gone) = ((by, &purpose), files::gone());
            let page = COUNTER.faulty(&house, &shell, (kind, &submitted), asked, gone).await?;
            return Ok(page.into_response());
        }
        registered => registered?,
    };
    // The receipt is the answer itself: afterwards the desk cannot open it again.
    let secret = keep::secret(&house.keys(), petition.id);
    Ok(Page::new(&shell, petition.code.clone())
        .crumbs(about_crumbs(&shell))
        .body(view::taken(&shell, &petition, &secret))
        .into_response())
}

fn purpose(officer: &OfficerCaller, sheaf: &Sheaf, allowed: &identity::Allowed) -> Purpose {
    let caller = Caller::Officer(officer.clone());
    Purpose::for_task(&caller, sheaf.petition.id.uuid(), allowed).about(sheaf.petition.code.clone())
}

/// Why somebody sees who denounces.
fn basis(officer: &OfficerCaller, allowed: &identity::Allowed) -> Purpose {
    Purpose::for_legal_basis(&Caller::Officer(officer.clone()), "Luật Tố cáo 2018, Điều 56", allowed)
}

/// Who filed, where it needs no right of its own: the use is on record before it shows.
async fn open_filer(
    house: &Casework,
    officer: &OfficerCaller,
    sheaf: &Sheaf,
    allowed: &identity::Allowed,
) -> Result<Filer, PetitionError> {
    // For a protected one the record of use names the law and not the petition: it would tie the two together.
    let purpose = if sheaf.petition.is_protected {
        basis(officer, allowed)
    } else {
        purpose(officer, sheaf, allowed)
    };
    let filer = keep::open_filer(house, &purpose, sheaf.petition.id).await?;
    let people: Vec<_> = filer.person.into_iter().collect();
    house.identity().record_use(&purpose, &people).await?;
    Ok(filer)
}

async fn one(State(house): State<Casework>, shell: Shell, officer: OfficerCaller, Path(id): Path<String>) -> Reply {
    let (sheaf, allowed) = keep::at(&house, &officer, Right::PetitionRead, &id).await?;
    page(
        &house,
        &shell,
        &officer,
        &sheaf,
        &allowed,
        (&Values::none(), &Errors::none(), ""),
    )
    .await
}

async fn page(
    house: &Casework,
    shell: &Shell,
    officer: &OfficerCaller,
    sheaf: &Sheaf,
    allowed: &identity::Allowed,
    (values, errors, at_step): (&Values, &Errors, &str),
) -> Reply {
    let opened = keep::open(house, &purpose(officer, sheaf, allowed), sheaf)?;
    let petition = &sheaf.petition;
    let filer = match petition.is_protected {
        true => None,
        false => Some(open_filer(house, officer, sheaf, allowed).await?),
    };
    // A letter is signed: of a protected petition only who may see who denounces opens what is attached.
    let attached = match petition.is_protected {
        true => view::Attached::Hidden(files::count(house, petition.id).await?),
        false => view::Attached::Open(files::named(house, &purpose(officer, sheaf, allowed), petition.id).await?),
    };
    let caller = Caller::Officer(officer.clone());
    let may = |right| {
        house
            .identity()
            .policy()
            .decide(&caller, right, &Resource::at(petition.unit))
    };
    let steps = if may(Right::PetitionHandle) {
        rules::open_steps(petition.state, petition.is_outside)
    } else {
        Vec::new()
    };
    let forms = steps.into_iter().map(|step| {
        let form = view::step_form(petition, step);
        let none = (Values::none(), Errors::none());
        let (values, errors) = if step.word() == at_step {
            (values, errors)
        } else {
            (&none.0, &none.1)
        };
        (step, form.render(shell, values, errors))
    });
    let body = view::one(
        shell,
        &view::One {
            sheaf,
            opened: &opened,
            filer: filer.as_ref(),
            attached,
            may_see_identity: petition.is_protected && may(Right::PetitionIdentity),
            forms: forms.collect(),
            now: house.now(),
        },
    );
    Ok(Page::new(shell, petition.code.clone())
        .crumbs(crumbs(shell))
        .errors(errors)
        .wide()
        .body(body))
}

async fn filer(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path(id): Path<String>,
    _: Submitted,
) -> Reply {
    let (sheaf, allowed) = keep::at(&house, &officer, Right::PetitionIdentity, &id).await?;
    let filer = open_filer(&house, &officer, &sheaf, &allowed).await?;
    keep::note_identity_seen(&house, &officer, sheaf.petition.id).await?;
    let attached = files::named(&house, &basis(&officer, &allowed), sheaf.petition.id).await?;
    Ok(Page::new(&shell, sheaf.petition.code.clone())
        .crumbs(crumbs(&shell))
        .body(view::identity(&shell, &sheaf.petition, &filer, &attached)))
}

/// A file, for who may read the petition; of a protected one for who may see who denounces, on record like the name.
async fn download(
    State(house): State<Casework>,
    officer: OfficerCaller,
    Path((id, file)): Path<(String, String)>,
) -> Reply<Response> {
    let (sheaf, allowed) = keep::at(&house, &officer, Right::PetitionRead, &id).await?;
    let petition = sheaf.petition.id;
    if !sheaf.petition.is_protected {
        let row = files::find(&house, petition, &file).await?;
        return crate::file::http::send(&house, &purpose(&officer, &sheaf, &allowed), &row).await;
    }
    let (_, allowed) = keep::at(&house, &officer, Right::PetitionIdentity, &id).await?;
    let row = files::find(&house, petition, &file).await?;
    keep::note_identity_seen(&house, &officer, petition).await?;
    crate::file::http::send(&house, &basis(&officer, &allowed), &row).await
}

/// The register of a period as a spreadsheet: bounded, in the audit log, without a name and of protected ones without a mask.
async fn export(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path(kind): Path<String>,
    Query(asked): Query<Period>,
) -> Reply<Response> {
    let kind = sheets::kind_of(&kind)?;
    let today = house.now().local_date();
    let year = |month: i8, day: i8| kernel::Date::new(today.year(), month, day).unwrap_or(today);
    let from = asked.from.parse().unwrap_or(year(1, 1));
    let to: kernel::Date = asked.to.parse().unwrap_or(today).max(from);
    let filter = table::Filter {
        kind: asked.kind.parse().ok(),
        limit: crate::register::EXPORT_ROWS,
        ..mine(&house, &officer)
    };
    let until = Timestamp::start_of_day(to.tomorrow().unwrap_or(to));
    let bounds = (Timestamp::start_of_day(from), until);
    let rows = house
        .store()
        .read(move |tx| table::register(tx, &filter, bounds))
        .await
        .map_err(PetitionError::from)?;
    let sheet = view::sheet(&shell, &rows);
    keep::note_export(&house, &officer, rows.len(), (from, to)).await?;
    sheets::answer(&sheet, kind, &format!("so-don-thu-{from}-{to}"), house.now())
}

async fn done(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path((id, step)): Path<(String, String)>,
    submitted: Submitted,
) -> Reply<Response> {
    let (sheaf, allowed) = keep::at(&house, &officer, Right::PetitionHandle, &id).await?;
    let step: Step = step.parse().map_err(|_| PetitionError::NotFound)?;
    if matches!(step, Step::Register | Step::Withdraw) {
        return Err(PetitionError::NotFound.into());
    }
    let form = view::step_form(&sheaf.petition, step);
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => {
            let typed = form.typed(&submitted);
            let shown = (&typed, &errors, step.word());
            return Ok(page(&house, &shell, &officer, &sheaf, &allowed, shown)
                .await?
                .into_response());
        }
    };
    let asked = Asked {
        words: values.text("words").to_owned(),
        kind: values.typed("kind"),
        outcome: values.typed("outcome"),
        to: values.text("to").to_owned(),
    };
    let day = house.now().local_date();
    let book = house.identity().units();
    let unit = officer
        .unit()
        .map(|unit| book.name(unit, kernel::Lang::Vi, day).to_owned());
    let by = Some((&officer, unit.as_deref().unwrap_or_default()));
    match keep::act(&house, &sheaf.petition, step, &asked, by).await {
        // Classified anew it may have gone to another unit: then the list is where she goes on.
        Ok(()) => {
            let still = keep::at(&house, &officer, Right::PetitionRead, &id).await.is_ok();
            Ok(see_other(&if still {
                format!("/desk/petitions/{id}")
            } else {
                "/desk/petitions".to_owned()
            }))
        }
        Err(error @ (PetitionError::Missing(_) | PetitionError::ToTheAccused)) => {
            let mut errors = Errors::none();
            let field = if matches!(error, PetitionError::ToTheAccused) {
                "to"
            } else {
                "words"
            };
            errors.add_fault(field, &error);
            let typed = form.typed(&submitted);
            let shown = (&typed, &errors, step.word());
            Ok(page(&house, &shell, &officer, &sheaf, &allowed, shown)
                .await?
                .into_response())
        }
        Err(error) => Err(error.into()),
    }
}
