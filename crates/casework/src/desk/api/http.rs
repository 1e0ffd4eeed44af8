//! The work list as an API for officers: the same scope, the same filters, masked names.
//! It gives no personal data: who needs it opens the dossier, for a purpose.

use axum::extract::State;
use identity::routes::{Access, Routes};
use identity::{Action as Right, Caller, OfficerCaller};
use kernel::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use web::table::TableQuery;
use web::{Json, Reply};

use super::super::http::{PAGE_ROWS, Reading, away, filter_of, key_after, narrowed};
use super::super::store as table;
use super::super::{Scope, Tab};
use crate::Casework;
use crate::dossier::Dossier;
use crate::dossier::state::State as DossierState;

/// Registers the operations.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    routes.api(routes!(list), Access::Action(Right::DossierList))
}

/// A dossier in a work list.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkItem {
    /// Its id.
    id: Uuid,
    /// Its code.
    code: String,
    /// Code of the procedure.
    procedure: String,
    /// Name of the procedure.
    procedure_name: String,
    /// The applicant's name, masked.
    person: String,
    /// State.
    state: DossierState,
    /// Competent unit.
    unit: String,
    /// The step of its internal process at which it stands.
    step: String,
    /// When that step is due by the process; the law's date is `due_at`.
    #[schema(value_type = Option<String>, format = DateTime)]
    step_due_at: Option<Timestamp>,
    /// The unit that has it now.
    at: String,
    /// Officer who works on it.
    assignee: Option<String>,
    /// The moment to keep.
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<Timestamp>,
}

impl From<&Dossier> for WorkItem {
    fn from(dossier: &Dossier) -> Self {
        Self {
            id: dossier.id.uuid(),
            code: dossier.code.to_string(),
            procedure: dossier.procedure.to_string(),
            procedure_name: dossier.procedure_name.clone(),
            person: dossier.person_mask.clone(),
            state: dossier.state,
            unit: dossier.unit_name.clone(),
            step: dossier.position.step.clone(),
            step_due_at: dossier.position.due_at,
            at: dossier.at_name.clone(),
            assignee: dossier.assignee_name.clone(),
            due_at: dossier.runs_until(),
        }
    }
}

/// A part of a work list.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkList {
    /// The rows.
    items: Vec<WorkItem>,
    /// Where the next part begins, if there is one.
    next: Option<String>,
}

/// The dossiers that an officer may see, nearest deadline first.
#[utoipa::path(get, path = "/api/desk/dossiers", tag = "desk",
    params(("tab" = Option<String>, Query, description = "View: all, mine, stand-in, overdue, today, waiting, to-return, closed"),
        ("state" = Option<String>, Query, description = "State"), ("procedure" = Option<String>, Query, description = "Code of a procedure"),
        ("unit" = Option<String>, Query, description = "Id of a unit in scope"),
        ("officer" = Option<String>, Query, description = "Account of the officer who works on it, or `nobody`"),
        ("colour" = Option<String>, Query, description = "Colour of the deadline: late, soon, in-time, stopped"),
        ("after" = Option<String>, Query, description = "Where the part begins: `next` of the part before")),
    responses((status = 200, body = WorkList)))]
async fn list(State(house): State<Casework>, officer: OfficerCaller, query: TableQuery) -> Reply<Json<WorkList>> {
    let book = house.identity().units();
    let scope = Scope::of(&house, &book, &Caller::Officer(officer.clone()), Right::DossierList);
    let tab = query.filter("tab").parse().unwrap_or(Tab::All);
    let away = away(&house, &officer).await?;
    let reading = Reading {
        officer: officer.account(),
        away: &away,
        now: house.now(),
        calendar: house.calendar(),
    };
    let filter = filter_of(tab, &query, &reading, PAGE_ROWS + 1);
    let scope = narrowed(scope, &query);
    let mut rows = house.store().read(move |tx| table::list(tx, &scope, &filter)).await?;
    let most = usize::try_from(PAGE_ROWS).unwrap_or(0);
    let more = rows.len() > most;
    rows.truncate(most);
    let next = if more { key_after(&rows) } else { None };
    Ok(Json(WorkList {
        items: rows.iter().map(WorkItem::from).collect(),
        next,
    }))
}
