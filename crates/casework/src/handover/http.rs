//! Pages of hand-over inside a unit: accept what is offered, give back with a reason, and for leaders the open dossiers of each
//! officer, to be handed over in one go when she leaves. Lists show masks, so no use of personal data is recorded here.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use identity::routes::{Access, Routes, get, post};
use identity::{AccountId, Action as Right, Caller, OfficerCaller, Role};
use maud::Markup;
use web::components::Crumb;
use web::form::{Errors, Field, Form, Values};
use web::{Page, Reply, Shell, Submitted, see_other};

use super::store::{self as table, Load};
use super::{Offer, Step, rules, view};
use crate::Casework;
use crate::absence::{self, people};
use crate::bulk;
use crate::desk::{Scope, ScopeKind, acting, resource};
use crate::dossier::store as dossiers;
use crate::dossier::{Dossier, DossierError, DossierId};

/// Officers of the list.
const OFFICERS_MAX: i64 = 500;

/// Registers the pages.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    let arrange = || Access::Action(Right::WorkArrange);
    routes
        .page(get("/desk/handover", officers), arrange())
        .page(get("/desk/handover/{officer}", of_officer), arrange())
        .page(
            post("/desk/dossiers/{id}/accept", accept),
            Access::Action(Right::DossierProcess),
        )
        .page(
            get("/desk/dossiers/{id}/give-back", ask),
            Access::Action(Right::DossierProcess),
        )
        .page(
            post("/desk/dossiers/{id}/give-back", given_back),
            Access::Action(Right::DossierProcess),
        )
}

/// What the page of a dossier shows of its work being handed over.
pub(crate) struct Section {
    pub(crate) note: Markup,
    pub(crate) may_give_back: bool,
}

/// How an officer stands to the work of a dossier.
struct Stand {
    /// What is on offer, if it can still be taken.
    offer: Option<Offer>,
    /// It is offered to her, or to somebody for whom she stands in.
    to_her: bool,
    /// She, or somebody for whom she stands in, has it.
    hers: bool,
}

async fn stand(house: &Casework, officer: &OfficerCaller, dossier: &Dossier) -> Result<Stand, DossierError> {
    let (id, me, day) = (dossier.id, officer.account(), house.now().local_date());
    let (offer, away) = house
        .store()
        .read(move |tx| {
            let offer = table::of_dossier(tx, id)?;
            Ok::<_, DossierError>((offer, absence::store::stood_in_for(tx, me, day)?))
        })
        .await?;
    let is_hers = |account: AccountId| account == me || away.iter().any(|(absent, _)| *absent == account);
    let offer = offer.filter(|offer| rules::is_on(dossier, offer));
    Ok(Stand {
        to_her: offer.as_ref().is_some_and(|offer| is_hers(offer.to)),
        hers: dossier.assignee.is_some_and(is_hers) && rules::given_back(dossier, house.now()).is_ok(),
        offer,
    })
}

/// The part of the dossier's page that concerns its hand-over.
///
/// # Errors
/// When the store fails.
pub(crate) async fn section(
    house: &Casework,
    shell: &Shell,
    officer: &OfficerCaller,
    dossier: &Dossier,
) -> Result<Section, DossierError> {
    let stand = stand(house, officer, dossier).await?;
    let caller = Caller::Officer(officer.clone());
    let works = house
        .identity()
        .policy()
        .decide(&caller, Right::DossierProcess, &acting(dossier));
    let note = match &stand.offer {
        Some(offer) => view::offer(shell, dossier, offer, works && stand.to_her),
        None => maud::html! {},
    };
    Ok(Section {
        note,
        may_give_back: works && stand.hers && !stand.to_her,
    })
}

/// A dossier whose work this officer may do.
async fn at(house: &Casework, officer: &OfficerCaller, id: &str) -> Result<Dossier, DossierError> {
    let id: DossierId = id.parse().map_err(|_| DossierError::NotFound)?;
    let dossier = house.store().read(move |tx| dossiers::find(tx, id)).await?;
    let caller = Caller::Officer(officer.clone());
    let policy = house.identity().policy();
    if !policy.decide(&caller, Right::DossierRead, &resource(&dossier)) {
        return Err(DossierError::NotFound);
    }
    policy
        .require(&caller, Right::DossierProcess, &acting(&dossier))
        .map_err(identity::IdentityError::from)?;
    Ok(dossier)
}

async fn accept(
    State(house): State<Casework>,
    officer: OfficerCaller,
    Path(id): Path<String>,
    submitted: Submitted,
) -> Reply<Response> {
    let dossier = at(&house, &officer, &id).await?;
    let step = Step::of(&house, &officer, submitted.once, "")?;
    let id = dossier.id;
    house.store().write(move |tx| super::accept(tx, &step, id)).await?;
    Ok(see_other(&format!("/desk/dossiers/{id}")))
}

fn form(dossier: &Dossier) -> Form {
    let path = format!("/desk/dossiers/{}", dossier.id);
    Form::new("give-back", format!("{path}/give-back"))
        .submit("handover-do-give-back")
        .cancel(path)
        .hidden("revision", dossier.revision.to_string())
        .field(Field::multiline("note", "handover-reason", 5_000))
}

fn page(shell: &Shell, dossier: &Dossier, values: &Values, errors: &Errors) -> Page {
    let body = view::ask(shell, dossier, &form(dossier).render(shell, values, errors));
    Page::new(shell, shell.text("handover-do-give-back"))
        .errors(errors)
        .body(body)
}

async fn ask(State(house): State<Casework>, shell: Shell, officer: OfficerCaller, Path(id): Path<String>) -> Reply {
    let dossier = at(&house, &officer, &id).await?;
    let stand = stand(&house, &officer, &dossier).await?;
    if !stand.hers && !stand.to_her {
        return Err(DossierError::NotAssignee.into());
    }
    Ok(page(&shell, &dossier, &Values::none(), &Errors::none()))
}

async fn given_back(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path(id): Path<String>,
    submitted: Submitted,
) -> Reply<Response> {
    let dossier = at(&house, &officer, &id).await?;
    let form = form(&dossier);
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => return Ok(page(&shell, &dossier, &form.typed(&submitted), &errors).into_response()),
    };
    let seen = (dossier.id, values.integer("revision").unwrap_or(dossier.revision));
    let step = Step::of(&house, &officer, submitted.once, values.text("note"))?;
    let (at, day) = (dossier.at, house.now().local_date());
    house
        .store()
        .write(move |tx| {
            let leaders = identity::account::holders(tx, &[at], Role::Leader, day, 0)?;
            let leaders: Vec<AccountId> = leaders.into_iter().map(|row| row.0).collect();
            super::give_back(tx, &step, seen, &leaders)
        })
        .await?;
    Ok(see_other(&format!("/desk/dossiers/{}", dossier.id)))
}

fn crumbs(shell: &Shell) -> Vec<Crumb> {
    vec![Crumb::new("/desk", shell.text("desk-title"))]
}

fn scope(house: &Casework, officer: &OfficerCaller) -> Scope {
    let caller = Caller::Officer(officer.clone());
    Scope {
        kind: ScopeKind::Unit,
        units: house.identity().policy().scope(&caller, Right::WorkArrange),
    }
}

/// How an officer with open dossiers stands today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Presence {
    /// She is there.
    Here,
    /// She is away until a day; the name of who stands in.
    Away(kernel::Date, String),
    /// She works on dossiers here no more: moved, withdrawn, or her account is closed.
    Left,
}

async fn presences(
    house: &Casework,
    units: Vec<identity::UnitId>,
    officers: Vec<AccountId>,
) -> Result<Vec<Presence>, DossierError> {
    let day = house.now().local_date();
    house
        .store()
        .read(move |tx| {
            let works = identity::account::working(tx, &officers, day)?;
            let away = absence::store::away(tx, &officers, day)?;
            let presence = |officer: &AccountId| {
                let here = works
                    .iter()
                    .any(|(one, unit, role)| one == officer && *role == Role::Specialist && units.contains(unit));
                if !here {
                    return Presence::Left;
                }
                let absent = away.iter().find(|(one, _, _)| one == officer);
                absent.map_or(Presence::Here, |(_, until, deputy)| {
                    Presence::Away(*until, deputy.clone())
                })
            };
            Ok(officers.iter().map(presence).collect())
        })
        .await
}

async fn officers(State(house): State<Casework>, shell: Shell, officer: OfficerCaller) -> Reply {
    let units = scope(&house, &officer).units;
    let asked = units.clone();
    let loads = house
        .store()
        .read(move |tx| Ok::<_, DossierError>(table::loads(tx, &asked, OFFICERS_MAX)?))
        .await?;
    let accounts = loads.iter().map(|load| load.officer).collect();
    let presences = presences(&house, units, accounts).await?;
    let mut rows: Vec<(Load, Presence)> = loads.into_iter().zip(presences).collect();
    // Whose work lies comes first.
    rows.sort_by_key(|(_, presence)| !matches!(presence, Presence::Left));
    Ok(Page::new(&shell, shell.text("handover-title"))
        .crumbs(crumbs(&shell))
        .wide()
        .body(view::officers(&shell, &rows)))
}

async fn of_officer(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path(whose): Path<String>,
) -> Reply {
    let whose: AccountId = whose.parse().map_err(|_| DossierError::NotFound)?;
    let scope = scope(&house, &officer);
    let (units, day) = (people::own_units(&house, &officer), house.now().local_date());
    let asked = scope.clone();
    let filter = bulk::open_of(whose);
    let (rows, colleagues) = house
        .store()
        .read(move |tx| {
            let rows = crate::desk::store::list(tx, &asked, &filter)?;
            Ok::<_, DossierError>((rows, people::colleagues(tx, &units, day)?))
        })
        .await?;
    let name = rows.first().and_then(|row| row.assignee_name.clone());
    let name = name.ok_or(DossierError::NotFound)?;
    let presence = presences(&house, scope.units, vec![whose]).await?;
    let mut others: Vec<_> = colleagues;
    others.retain(|one| one.role == Role::Specialist && one.account != whose);
    let body = view::of_officer(
        &shell,
        &view::Leaving {
            officer: whose,
            name: &name,
            presence: presence.first().unwrap_or(&Presence::Here),
            rows: &rows,
            others: &people::once(&others),
            now: house.now(),
            calendar: house.calendar(),
        },
    );
    let mut way = crumbs(&shell);
    way.push(Crumb::new("/desk/handover", shell.text("handover-title")));
    Ok(Page::new(&shell, name).crumbs(way).wide().body(body))
}
