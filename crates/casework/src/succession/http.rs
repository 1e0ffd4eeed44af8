//! The page on which somebody decides where the dossiers of a unit go that is no more and that not exactly one unit followed:
//! all of them, or those that are marked. It shows codes, procedures and deadlines, no person: who decides need see no dossier.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use identity::routes::{Access, Routes, get, post};
use identity::unit::UnitBook;
use identity::{Action as Right, Caller, OfficerCaller, Resource, UnitId};
use kernel::{Date, Lang};
use web::form::{Choice as FormChoice, Errors, Field, Form, Values};
use web::{Page, Reply, Shell, Submitted, see_other};

use super::{Choice, Choices, Fate, Home, SuccessionError, decides_at, fate, heirs, jobs, store as table, view};
use crate::Casework;
use crate::bulk::{Marked, marked};
use crate::dossier::Dossier;

/// Units on the page.
const UNITS_MAX: usize = 20;

/// Dossiers of a unit that are shown, and that one go takes.
const ROWS: i64 = 100;

/// Registers the pages.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    let decide = || Access::Action(Right::SuccessionDecide);
    routes
        .page(get("/admin/successions", list), decide())
        .page(post("/admin/successions/{unit}", decided), decide())
}

/// A unit about which somebody has to decide.
pub(super) struct Open {
    pub(super) unit: UnitId,
    pub(super) name: String,
    pub(super) heirs: Vec<(UnitId, String)>,
    pub(super) rows: Vec<Dossier>,
    pub(super) count: i64,
}

fn may(house: &Casework, officer: &OfficerCaller, book: &UnitBook, gone: UnitId, day: Date) -> bool {
    let caller = Caller::Officer(officer.clone());
    let policy = house.identity().policy();
    let at = decides_at(book, gone, day);
    at.is_some_and(|at| policy.decide(&caller, Right::SuccessionDecide, &Resource::at(at)))
}

/// The units that wait for a decision of this person.
async fn waiting(house: &Casework, officer: &OfficerCaller) -> Result<Vec<Open>, SuccessionError> {
    let (book, day) = (house.identity().units(), house.now().local_date());
    let (homes, choices) = house
        .store()
        .read(|tx| Ok::<_, SuccessionError>((table::homes(tx)?, table::choices(tx)?)))
        .await?;
    let choices: Choices = choices.iter().map(|choice| (choice.unit, choice.heir)).collect();
    let mut gone: Vec<UnitId> = homes
        .into_iter()
        .filter_map(|home| match fate(&book, home, &choices, day) {
            Fate::Unclear(unit) => Some(unit),
            Fate::Stays | Fate::Goes(_) => None,
        })
        .collect();
    gone.sort_unstable();
    gone.dedup();
    gone.retain(|unit| may(house, officer, &book, *unit, day));
    let mut open = Vec::new();
    for unit in gone.into_iter().take(UNITS_MAX) {
        let (rows, count) = house
            .store()
            .read(move |tx| Ok::<_, SuccessionError>(table::open_of(tx, unit, ROWS)?))
            .await?;
        open.push(Open {
            unit,
            name: book.name(unit, Lang::Vi, day).to_owned(),
            heirs: named(&book, heirs(&book, unit, day), day),
            rows,
            count,
        });
    }
    Ok(open)
}

fn named(book: &UnitBook, units: Vec<UnitId>, day: Date) -> Vec<(UnitId, String)> {
    units
        .into_iter()
        .map(|unit| (unit, book.name(unit, Lang::Vi, day).to_owned()))
        .collect()
}

/// Whether all go, or those that are marked.
const ALL: &str = "all";
const MARKED: &str = "marked";

fn form(open: &Open) -> Form {
    let heirs = open
        .heirs
        .iter()
        .map(|(unit, name)| FormChoice::named(unit.to_string(), name.as_str()))
        .collect();
    let which = vec![
        FormChoice::new(ALL, "succession-all").hint("succession-all-hint"),
        FormChoice::new(MARKED, "succession-marked"),
    ];
    Form::new(
        format!("succession-{}", open.unit),
        format!("/admin/successions/{}", open.unit),
    )
    .submit("succession-decide")
    .field(Field::radios("heir", "succession-heir", heirs))
    .field(Field::radios("which", "succession-which", which))
    .field(Field::text("basis", "succession-basis").hint("succession-basis-hint"))
}

/// What is shown again: of which unit, what was typed, what is wrong.
type Again<'a> = (UnitId, &'a Values, &'a Errors);

async fn page(
    house: &Casework,
    shell: &Shell,
    officer: &OfficerCaller,
    again: Option<Again<'_>>,
) -> Result<Page, SuccessionError> {
    let open = waiting(house, officer).await?;
    let start = Values::none().with("which", ALL);
    let none = Errors::none();
    let sections: Vec<(&Open, maud::Markup)> = open
        .iter()
        .map(|one| {
            let (values, errors) = match &again {
                Some((unit, values, errors)) if *unit == one.unit => (*values, *errors),
                _ => (&start, &none),
            };
            let form = form(one);
            let summary = web::form::error_summary(shell.lang, &form, errors);
            let fields = form.render_fields(shell.lang, values, errors);
            (
                one,
                view::section(shell, one, &summary, &fields, house.now(), house.calendar()),
            )
        })
        .collect();
    let page = Page::new(shell, shell.text("succession-title")).wide();
    let body = view::page(shell, &sections);
    Ok(match &again {
        Some((_, _, errors)) => page.errors(errors).body(body),
        None => page.body(body),
    })
}

async fn list(State(house): State<Casework>, shell: Shell, officer: OfficerCaller) -> Reply {
    Ok(page(&house, &shell, &officer, None).await?)
}

async fn decided(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path(unit): Path<String>,
    submitted: Submitted,
) -> Reply<Response> {
    let unit: UnitId = unit.parse().map_err(|_| SuccessionError::NotFound)?;
    let (book, day) = (house.identity().units(), house.now().local_date());
    if book.get(unit).is_none() || !may(&house, &officer, &book, unit, day) {
        return Err(SuccessionError::NotFound.into());
    }
    let open = Open {
        unit,
        name: String::new(),
        heirs: named(&book, heirs(&book, unit, day), day),
        rows: Vec::new(),
        count: 0,
    };
    let form = form(&open);
    let again = async |errors: &Errors| {
        let typed = form.typed(&submitted);
        page(&house, &shell, &officer, Some((unit, &typed, errors))).await
    };
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => return Ok(again(&errors).await?.into_response()),
    };
    let choice = Choice {
        unit,
        heir: values.typed("heir").ok_or(SuccessionError::NoHeir)?,
        basis: values.text("basis").trim().to_owned(),
        at: house.now(),
        by: officer.account(),
        by_name: officer.name().to_owned(),
    };
    let done = if values.text("which") == ALL {
        decide_all(&house, choice).await
    } else {
        let marks: Vec<Marked> = submitted.all("dossier").filter_map(marked).collect();
        decide_some(&house, &book, choice, marks).await
    };
    match done {
        Ok(()) => Ok(see_other("/admin/successions")),
        Err(error @ SuccessionError::NothingMarked) => {
            let mut errors = Errors::none();
            errors.add_fault("which", &error);
            Ok(again(&errors).await?.into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// Writes the decision down and leads what lies there; what is left, the next round leads.
async fn decide_all(house: &Casework, choice: Choice) -> Result<(), SuccessionError> {
    let event = store::Event {
        id: kernel::id::uuid_v7(house.world().as_ref()),
        kind: "succession.decided".into(),
        subject: choice.unit.uuid(),
        at: choice.at,
        payload: serde_json::json!({ "unit": choice.unit, "heir": choice.heir, "basis": choice.basis }),
    };
    house
        .store()
        .write(move |tx| {
            if !table::decide(tx, &choice)? {
                return Err(SuccessionError::Decided);
            }
            tx.emit(&event)?;
            Ok(())
        })
        .await?;
    jobs::succeed(house).await?;
    Ok(())
}

/// Leads the marked dossiers, each at the revision that was shown.
async fn decide_some(
    house: &Casework,
    book: &Arc<UnitBook>,
    choice: Choice,
    marks: Vec<Marked>,
) -> Result<(), SuccessionError> {
    if marks.is_empty() {
        return Err(SuccessionError::NothingMarked);
    }
    let (now, day) = (house.now(), house.now().local_date());
    let choices = Choices::from([(choice.unit, choice.heir)]);
    let most = usize::try_from(ROWS).unwrap_or(0);
    for (id, revision) in marks.into_iter().take(most) {
        let dossier = house
            .store()
            .read(move |tx| crate::dossier::store::find(tx, id))
            .await?;
        let home = Home::of(&dossier);
        if dossier.revision != revision || dossier.state.is_final() || !home.lies_at(choice.unit) {
            continue;
        }
        if let Fate::Goes(then) = fate(book, home, &choices, day) {
            jobs::one(house, book, &dossier, then, Some(&choice), now).await?;
        }
    }
    Ok(())
}
