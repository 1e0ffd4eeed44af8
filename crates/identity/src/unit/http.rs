//! Pages and interface of units: search, tree, one unit with its history, and the changes an administrator makes.
//! They refuse changes outside of the administrator's own part of the tree.

use super::api::UnitItem;
use super::form::{self, Act};
use super::{UnitBook, UnitChangeId, UnitError, UnitId, UnitKind, UnitSearch, store, view};
use crate::area::AreaBook;
use crate::area::http::read_day;
use crate::audit::Actor;
use crate::policy::{Action, Resource};
use crate::routes::{Access, Routes, get, post};
use crate::session::Caller;
use crate::session::http::with_notice;
use crate::{Identity, IdentityError};
use ::store::Once;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use kernel::{ErrorKind, Fault};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use web::form::{Errors, Values};
use web::{Failure, Json, Page, Reply, Shell, Submitted, see_other};

/// Rows of one page.
const PAGE_ROWS: usize = 50;
const PAGES_MAX: usize = 1_000;

/// Registers the pages and operations.
#[must_use]
pub fn routes(identity: &Identity) -> Routes<Identity> {
    let (read, manage) = (Access::Action(Action::UnitRead), Access::Action(Action::UnitManage));
    Routes::new(identity)
        .page(get("/admin/units", list), read)
        .page(get("/admin/units/tree", tree), read)
        .page(get("/admin/units/{id}", one), read)
        .page(get("/admin/units/{id}/change/{act}", change_form), manage)
        .page(post("/admin/units/{id}/change/{act}", change), manage)
        .api(routes!(api_list), Access::Public)
}

/// What the list may be asked for.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Words of the name, with or without diacritics, or the beginning of a code.
    #[serde(default)]
    q: String,
    /// `province`, `department`, `commune`, `desk` or `division`.
    #[serde(default)]
    kind: String,
    /// Id of a unit: only it and what lies below it.
    #[serde(default)]
    within: String,
    /// A day, `2026-11-22` or `22/11/2026`: only units that existed then. `any` for all there ever were; today without it.
    #[serde(default)]
    #[param(value_type = String, required = false)]
    on: Option<String>,
    /// Page, from 1.
    #[serde(default)]
    page: String,
}

/// What a list found.
pub(super) struct Found<'a> {
    pub(super) rows: Vec<&'a super::Unit>,
    pub(super) total: usize,
    pub(super) page: usize,
    pub(super) day: Date,
}

impl ListQuery {
    /// The day asked for: `today` unless one is named, `any` for the empty choice of the page.
    fn on(&self) -> &str {
        match self.on.as_deref() {
            None => "today",
            Some("") => "any",
            Some(on) => on,
        }
    }

    fn search<'a>(&self, book: &'a UnitBook, today: Date) -> Found<'a> {
        let day = read_day(self.on()).unwrap_or(today);
        let page = self.page.parse::<usize>().unwrap_or(1).clamp(1, PAGES_MAX);
        let search = UnitSearch {
            words: self.q.trim(),
            kind: self.kind.parse().ok(),
            within: self.within.parse().ok(),
            on: if self.on() == "any" { None } else { Some(day) },
        };
        let (rows, total) = book.search(&search, (page - 1) * PAGE_ROWS, PAGE_ROWS);
        Found { rows, total, page, day }
    }
}

/// Units and areas of now, and the day.
pub(super) struct Lists {
    pub(super) units: Arc<UnitBook>,
    pub(super) areas: Arc<AreaBook>,
    pub(super) today: Date,
}

impl Lists {
    async fn of(identity: &Identity) -> Result<Self, IdentityError> {
        Ok(Self {
            units: identity.unit_book().current(identity.store()).await?,
            areas: identity.areas().current(identity.store()).await?,
            today: identity.now().local_date(),
        })
    }

    fn unit(&self, id: &str) -> Result<&super::Unit, Failure> {
        let id: UnitId = id.parse().map_err(|_| Failure::not_found())?;
        Ok(self.units.get(id).ok_or(UnitError::NoUnit(id))?)
    }
}

async fn list(State(identity): State<Identity>, shell: Shell, caller: Caller, Query(query): Query<ListQuery>) -> Reply {
    let lists = Lists::of(&identity).await?;
    let found = query.search(&lists.units, lists.today);
    let root = lists
        .units
        .root(lists.today)
        .filter(|root| manages(&identity, &caller, root.id));
    let body = view::list(&shell, &lists, query.on(), &found, PAGE_ROWS, root.map(|root| root.id));
    let crumbs = crate::account::list::http::crumbs(&shell, &[]);
    Ok(Page::new(&shell, shell.text("unit-list-title"))
        .crumbs(crumbs)
        .body(body))
}

async fn tree(State(identity): State<Identity>, shell: Shell) -> Reply {
    let lists = Lists::of(&identity).await?;
    Ok(Page::new(&shell, shell.text("unit-tree-title"))
        .crumbs(view::crumbs(&shell))
        .body(view::tree(&shell, &lists)))
}

fn manages(identity: &Identity, caller: &Caller, unit: UnitId) -> bool {
    identity
        .policy()
        .decide(caller, Action::UnitManage, &Resource::at(unit))
}

async fn one(State(identity): State<Identity>, shell: Shell, caller: Caller, Path(id): Path<String>) -> Reply {
    let lists = Lists::of(&identity).await?;
    let unit = lists.unit(&id)?;
    let unit_id = unit.id;
    let changes = identity
        .store()
        .read(move |tx| store::changes_of(tx, unit_id))
        .await
        .map_err(UnitError::Store)?;
    let acts = if manages(&identity, &caller, unit.id) {
        Act::offered(unit, lists.today)
    } else {
        Vec::new()
    };
    let title = unit.name_on(lists.today).get(shell.lang).to_owned();
    let body = view::one(&shell, &lists, unit, &changes, &acts);
    Ok(Page::new(&shell, title).crumbs(view::crumbs(&shell)).body(body))
}

fn act_of(word: &str) -> Result<Act, Failure> {
    word.parse().map_err(|_| Failure::not_found())
}

/// The unit that is changed and the proof that the caller may: at the unit, and for an end or a move at the top too.
fn allowed(identity: &Identity, caller: &Caller, unit: UnitId) -> Result<Actor, Failure> {
    let allowed = identity
        .policy()
        .require(caller, Action::UnitManage, &Resource::at(unit))?;
    Ok(Actor::Account(allowed.account()))
}

fn form_page(shell: &Shell, lists: &Lists, unit: &super::Unit, act: Act, values: &Values, errors: &Errors) -> Page {
    let title = shell.text(&format!("unit-act-{act}"));
    let form = form::form(shell, lists, unit, act);
    Page::new(shell, title.clone())
        .crumbs(view::crumbs_to(shell, unit, lists.today))
        .errors(errors)
        .body(view::change_form(
            shell,
            lists,
            unit,
            act,
            &title,
            &form.render(shell, values, errors),
        ))
}

async fn change_form(
    State(identity): State<Identity>,
    shell: Shell,
    caller: Caller,
    Path((id, act)): Path<(String, String)>,
) -> Reply {
    let lists = Lists::of(&identity).await?;
    let (unit, act) = (lists.unit(&id)?, act_of(&act)?);
    allowed(&identity, &caller, unit.id)?;
    let values = form::initial(unit, act, lists.today);
    Ok(form_page(&shell, &lists, unit, act, &values, &Errors::none()))
}

async fn change(
    State(identity): State<Identity>,
    shell: Shell,
    caller: Caller,
    Path((id, act)): Path<(String, String)>,
    submitted: Submitted,
) -> Reply<Response> {
    let lists = Lists::of(&identity).await?;
    let (unit, act) = (lists.unit(&id)?, act_of(&act)?);
    let actor = allowed(&identity, &caller, unit.id)?;
    let form = form::form(&shell, &lists, unit, act);
    let typed = form.typed(&submitted);
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => return Ok(form_page(&shell, &lists, unit, act, &typed, &errors).into_response()),
    };
    let change = form::change(
        unit,
        act,
        &values,
        UnitChangeId::new(&**identity.world()),
        UnitId::new(&**identity.world()),
    );
    // What else the change touches must be the caller's to change, too.
    for other in form::others(&change) {
        allowed(&identity, &caller, other)?;
    }
    let (now, once) = (identity.now(), submitted.once);
    let subject = change.kind.unit();
    let done = identity
        .store()
        .write(move |tx| {
            if let Once::Again(_) = tx.once("unit.change", once, now)? {
                return Ok(());
            }
            store::apply(tx, &change, actor, now)?;
            tx.once_done("unit.change", once, &change.kind.unit().to_string())?;
            Ok::<(), UnitError>(())
        })
        .await;
    match done {
        Ok(()) => {
            identity.refresh_units().await?;
            Ok(with_notice(
                see_other(&format!("/admin/units/{subject}")),
                "unit-notice-changed",
            ))
        }
        Err(error) if is_answer(&error) => {
            let mut errors = Errors::none();
            errors.add_fault(form::field_of(&error), &error);
            Ok(form_page(&shell, &lists, unit, act, &typed, &errors).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// Whether a refusal is an answer to what was typed, to be shown beside it.
fn is_answer(error: &UnitError) -> bool {
    !matches!(error, UnitError::Store(_)) && matches!(error.kind(), ErrorKind::Invalid | ErrorKind::Conflict)
}

/// A page of units.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnitList {
    /// The rows, best first.
    items: Vec<UnitItem>,
    /// How many there are in all.
    total: usize,
    /// Page shown, from 1.
    page: usize,
    /// How many pages there are.
    pages: usize,
}

/// Find agencies, desks and divisions by name or code, on a day.
#[utoipa::path(get, path = "/api/units", tag = "units", params(ListQuery), responses((status = 200, body = UnitList)))]
async fn api_list(State(identity): State<Identity>, Query(query): Query<ListQuery>) -> Reply<Json<UnitList>> {
    let lists = Lists::of(&identity).await?;
    let found = query.search(&lists.units, lists.today);
    let items = found
        .rows
        .iter()
        .map(|unit| UnitItem::new(&lists.units, &lists.areas, unit, found.day))
        .collect();
    let pages = found.total.div_ceil(PAGE_ROWS).max(1);
    Ok(Json(UnitList {
        items,
        total: found.total,
        page: found.page,
        pages,
    }))
}

/// The kinds by which the list filters, for the page.
pub(super) const KINDS: [UnitKind; 6] = UnitKind::ALL;
