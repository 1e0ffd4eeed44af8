//! The pages of tills: those who may see them, and the closing by an officer of the desk.
//! A closing that does not agree is refused until somebody says why.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use identity::routes::{Access, Routes, get, post};
use identity::{Action, Caller, OfficerCaller, Purpose};
use web::form::{Errors, Values};
use web::{Page, Reply, Shell, Submitted, see_other};

use super::{Close, Till, TillId, rules, store, view};
use crate::view::crumbs;
use crate::{By, PaymentError, Payments, house};

/// Tills that the list shows.
const LIST_ROWS: i64 = 200;

pub(crate) fn routes(routes: Routes<Payments>) -> Routes<Payments> {
    routes
        .page(get("/payments/till", list), Access::Action(Action::TillRead))
        .page(get("/payments/till/{id}", one), Access::Action(Action::TillRead))
        .page(
            post("/payments/till/{id}/close", close),
            Access::Action(Action::CashTake),
        )
}

async fn list(State(house): State<Payments>, shell: Shell, officer: OfficerCaller) -> Reply {
    let scope = house.scope(&officer, Action::TillRead);
    let tills = house.store().read(move |tx| store::list(tx, &scope, LIST_ROWS)).await?;
    let parts = crate::http::parts(&house, &officer);
    Ok(Page::new(&shell, shell.text("tills-title"))
        .wide()
        .body(view::list(&shell, &tills, &parts)))
}

async fn load(house: &Payments, officer: &OfficerCaller, id: &str) -> Result<Till, PaymentError> {
    let id: TillId = id.parse().map_err(|_| PaymentError::NotFound("till"))?;
    let till = house.store().read(move |tx| store::find(tx, id)).await?;
    if !house.may(officer, Action::TillRead, &till.resource()) {
        return Err(PaymentError::NotFound("till"));
    }
    Ok(till)
}

async fn one(State(house): State<Payments>, shell: Shell, officer: OfficerCaller, Path(id): Path<String>) -> Reply {
    let till = load(&house, &officer, &id).await?;
    Ok(till_page(&house, &shell, &officer, &till, &Values::none(), &Errors::none()).await?)
}

async fn till_page(
    house: &Payments,
    shell: &Shell,
    officer: &OfficerCaller,
    till: &Till,
    values: &Values,
    errors: &Errors,
) -> Result<Page, PaymentError> {
    let id = till.id;
    let (movements, sum, sealed) = house
        .store()
        .read(move |tx| Ok::<_, PaymentError>((store::movements(tx, id)?, store::sum(tx, id)?, store::why(tx, id)?)))
        .await?;
    let allowed = house.require(officer, Action::TillRead, &till.resource())?;
    let purpose = Purpose::for_task(&Caller::Officer(officer.clone()), till.id.uuid(), &allowed);
    let why = sealed
        .map(|sealed| house::open(&house.keys(), &purpose, &super::why_context(id), &sealed))
        .transpose()?;
    let may_close = till.closing.is_none() && house.may(officer, Action::CashTake, &till.resource());
    let form = may_close.then(|| view::close_form(till).render(shell, values, errors));
    let body = view::one(
        shell,
        &view::Page {
            till,
            movements: &movements,
            expected: rules::expected(till, sum),
            form: form.as_ref(),
            why: why.as_deref(),
        },
    );
    let mut way = crumbs(shell);
    way.push(web::components::Crumb::new("/payments/till", shell.text("tills-title")));
    Ok(Page::new(shell, shell.text("tills-title"))
        .crumbs(way)
        .errors(errors)
        .body(body))
}

/// Whether a till was closed by this officer with the same sums.
async fn is_same(house: &Payments, officer: &OfficerCaller, close: &Close) -> Result<bool, PaymentError> {
    let id = close.till;
    let till = house.store().read(move |tx| store::find(tx, id)).await?;
    Ok(till.closing.is_some_and(|closing| {
        (closing.counted, closing.handed_over) == (close.counted, close.handed_over)
            && closing.by_name == officer.name()
    }))
}

async fn close(
    State(house): State<Payments>,
    shell: Shell,
    officer: OfficerCaller,
    Path(id): Path<String>,
    submitted: Submitted,
) -> Reply<Response> {
    let till = load(&house, &officer, &id).await?;
    house.require(&officer, Action::CashTake, &till.resource())?;
    let form = view::close_form(&till);
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => {
            let page = till_page(&house, &shell, &officer, &till, &form.typed(&submitted), &errors).await?;
            return Ok(page.into_response());
        }
    };
    let why = values.text("why").trim();
    let close = Close {
        till: till.id,
        counted: values.dong("counted").unwrap_or_default(),
        handed_over: values.dong("handed-over").unwrap_or_default(),
        why: (!why.is_empty()).then(|| house.seal(&super::why_context(till.id), why.as_bytes())),
        by: By::of(&officer),
        now: house.now(),
        event: kernel::id::uuid_v7(house.world().as_ref()),
    };
    let asked = close.clone();
    let done = house.store().write(move |tx| super::close(tx, &asked)).await;
    let field = match &done {
        // Pressed twice: the first press closed it just so.
        Err(PaymentError::TillClosed(_)) if is_same(&house, &officer, &close).await? => {
            return Ok(see_other(&format!("/payments/till/{}", till.id)));
        }
        Ok(till) => return Ok(see_other(&format!("/payments/till/{}", till.id))),
        Err(PaymentError::Difference(_)) => "why",
        Err(PaymentError::HandedOver) => "handed-over",
        Err(_) => return Err(done.err().unwrap_or(PaymentError::Stale).into()),
    };
    let mut errors = Errors::none();
    if let Err(error) = &done {
        errors.add_fault(field, error);
    }
    let page = till_page(&house, &shell, &officer, &till, &form.typed(&submitted), &errors).await?;
    Ok(page.into_response())
}
