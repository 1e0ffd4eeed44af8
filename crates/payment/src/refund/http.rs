//! The pages of refunds: ordered by who reconciles, given in cash by the desk. To whom money goes is personal: the view of
//! one refund is recorded as a use of the payer's data.

use ::store::Tx;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use identity::routes::{Access, Routes, get, post};
use identity::{Action, Caller, OfficerCaller, Purpose};
use maud::html;
use web::form::{Errors, Values};
use web::{Page, Reply, Shell, Submitted, see_other};

use super::{Of, Order, Refund, Target, Verdict, store, view};
use crate::bill::{self, Bill, Way, rules};
use crate::reconcile::RefundId;
use crate::view::crumbs;
use crate::{By, Nothing, PaymentError, Payments, till};

/// Refunds that the list shows.
const LIST_ROWS: i64 = 200;

pub(crate) fn routes(routes: Routes<Payments>) -> Routes<Payments> {
    let (read, order) = (Access::Action(Action::BillRead), Access::Action(Action::RefundOrder));
    let approves = Access::Action(Action::RefundApprove);
    routes
        .page(get("/payments/refunds", list), read)
        .page(get("/payments/refunds/{id}", one), read)
        .page(
            post("/payments/refunds/{id}/cash", cash),
            Access::Action(Action::CashTake),
        )
        .page(post("/payments/refunds/{id}/cancel", cancel), order)
        .page(post("/payments/refunds/{id}/approve", approve), approves)
        .page(post("/payments/refunds/{id}/refuse", refuse), approves)
        .page(get("/payments/bills/{id}/refund", ask), order)
        .page(post("/payments/bills/{id}/refund", ordered), order)
}

async fn list(State(house): State<Payments>, shell: Shell, officer: OfficerCaller) -> Reply {
    let scope = house.scope(&officer, Action::BillRead);
    let refunds = house
        .store()
        .read(move |tx| store::of_units(tx, &scope, LIST_ROWS))
        .await?;
    let parts = crate::http::parts(&house, &officer);
    Ok(Page::new(&shell, shell.text("refunds-title"))
        .wide()
        .body(view::list(&shell, &refunds, &parts)))
}

async fn load(house: &Payments, officer: &OfficerCaller, id: &str) -> Result<Refund, PaymentError> {
    let id: RefundId = id.parse().map_err(|_| PaymentError::NotFound("refund"))?;
    let refund = house.store().read(move |tx| store::find(tx, id)).await?;
    if !house.may(officer, Action::BillRead, &refund.resource()) {
        return Err(PaymentError::NotFound("refund"));
    }
    Ok(refund)
}

async fn one(State(house): State<Payments>, shell: Shell, officer: OfficerCaller, Path(id): Path<String>) -> Reply {
    let refund = load(&house, &officer, &id).await?;
    let (id, bill) = (refund.id, refund.bill);
    let (sealed, person) = house
        .store()
        .read(move |tx| {
            let person = bill.map(|bill| bill::store::find(tx, bill)).transpose()?;
            Ok::<_, PaymentError>((store::target(tx, id)?, person.and_then(|bill| bill.person)))
        })
        .await?;
    let allowed = house.require(&officer, Action::BillRead, &refund.resource())?;
    let purpose = Purpose::for_task(&Caller::Officer(officer.clone()), id.uuid(), &allowed);
    let purpose = purpose.about(refund.reference.to_string());
    if let Some(person) = person {
        house.identity().record_use(&purpose, &[person]).await?;
    }
    let target = super::target(&house.keys(), &purpose, id, &sealed)?;
    let waits = !refund.waiting().is_zero();
    let may = |action| house.may(&officer, action, &refund.resource());
    let can = view::Can {
        give: waits && refund.way == Way::Cash && refund.approved.is_some() && may(Action::CashTake),
        cancel: waits && refund.sent.is_zero() && refund.part.is_none() && may(Action::RefundOrder),
        decide: refund.is_unapproved() && may(Action::RefundApprove),
        is_own: refund.ordered_by == Some(officer.account()),
    };
    let mut way = crumbs(&shell);
    way.push(web::components::Crumb::new(
        "/payments/refunds",
        shell.text("refunds-title"),
    ));
    Ok(Page::new(&shell, refund.reference.to_string())
        .crumbs(way)
        .body(view::one(&shell, &refund, &target, &can)))
}

async fn cash(
    State(house): State<Payments>,
    officer: OfficerCaller,
    Path(id): Path<String>,
    submitted: Submitted,
) -> Reply<Response> {
    let refund = load(&house, &officer, &id).await?;
    house.require(&officer, Action::CashTake, &refund.resource())?;
    let bill = refund.bill.ok_or(PaymentError::NotFound("bill"))?;
    let taking = till::Taking::at(house.identity(), &officer, submitted.once, bill, refund.desk).back(refund.id);
    house.store().write(move |tx| till::give(tx, &taking)).await?;
    Ok(see_other(&format!("/payments/refunds/{}", refund.id)))
}

async fn cancel(
    State(house): State<Payments>,
    officer: OfficerCaller,
    Path(id): Path<String>,
    _submitted: Submitted,
) -> Reply<Response> {
    let refund = load(&house, &officer, &id).await?;
    house.require(&officer, Action::RefundOrder, &refund.resource())?;
    let (id, now) = (refund.id, house.now());
    house.store().write(move |tx| super::cancel(tx, id, now)).await?;
    Ok(see_other(&format!("/payments/refunds/{id}")))
}

/// What whoever approves refunds says of one: approved or refused.
async fn decide(
    house: &Payments,
    officer: &OfficerCaller,
    id: &str,
    decide: fn(&mut Tx, &Verdict) -> Result<(), PaymentError>,
) -> Reply<Response> {
    let refund = load(house, officer, id).await?;
    house.require(officer, Action::RefundApprove, &refund.resource())?;
    let world = house.world().as_ref();
    let verdict = Verdict {
        id: refund.id,
        by: By::of(officer),
        now: house.now(),
        event: kernel::id::uuid_v7(world),
        parts: kernel::id::uuid_v7(world),
    };
    house.store().write(move |tx| decide(tx, &verdict)).await?;
    Ok(see_other(&format!("/payments/refunds/{}", refund.id)))
}

async fn approve(
    State(house): State<Payments>,
    officer: OfficerCaller,
    Path(id): Path<String>,
    _submitted: Submitted,
) -> Reply<Response> {
    decide(&house, &officer, &id, super::approve).await
}

async fn refuse(
    State(house): State<Payments>,
    officer: OfficerCaller,
    Path(id): Path<String>,
    _submitted: Submitted,
) -> Reply<Response> {
    decide(&house, &officer, &id, super::refuse).await
}

async fn ask(State(house): State<Payments>, shell: Shell, officer: OfficerCaller, Path(id): Path<String>) -> Reply {
    let Refundable { bill, most, refunds } = refundable(&house, &officer, &id).await?;
    if let Some(nothing) = nothing(&bill, most) {
        return Ok(nothing_page(&shell, &bill, nothing, &refunds));
    }
    let surplus = bill.surplus.min(most);
    let shown = if surplus.is_zero() { most } else { surplus };
    let values = Values::none()
        .with("amount", shown.get().to_string())
        .with("way", Way::Transfer.word());
    Ok(ask_page(&shell, &bill, most, &values, &Errors::none()))
}

/// A bill, the most that can go back of it, and what was ordered back before.
struct Refundable {
    bill: Bill,
    most: kernel::Dong,
    refunds: Vec<Refund>,
}

/// Why nothing can go back; none when something can.
fn nothing(bill: &Bill, most: kernel::Dong) -> Option<Nothing> {
    let never = bill.settled.is_zero() && bill.surplus.is_zero();
    most.is_zero()
        .then_some(if never { Nothing::Came } else { Nothing::Left })
}

/// The page of a bill of which nothing can go back: it says why, and offers no form that cannot be sent.
fn nothing_page(shell: &Shell, bill: &Bill, why: Nothing, refunds: &[Refund]) -> Page {
    let words = kernel::Fault::code(&PaymentError::NothingToRefund(why));
    Page::new(shell, shell.text("refund-order"))
        .crumbs(crumbs(shell))
        .body(html! {
            h1 { (shell.text("refund-order")) " " span.num.whole { (bill.reference) } }
            p { (shell.text(&format!("error-{words}"))) }
            @if !refunds.is_empty() { (view::rows(shell, refunds)) }
            p { a href={ "/payments/bills/" (bill.id) } { (shell.text("refund-to-bill")) } }
        })
}

async fn refundable(house: &Payments, officer: &OfficerCaller, id: &str) -> Result<Refundable, PaymentError> {
    let bill = bill::http::load(house, officer, id, Action::RefundOrder).await?;
    let id = bill.id;
    let refunds = house.store().read(move |tx| store::of_bill(tx, id)).await?;
    let most = rules::here(&bill).get() - super::ordered(&refunds).get();
    Ok(Refundable {
        bill,
        most: kernel::Dong::new(most.max(0)),
        refunds,
    })
}

fn ask_page(shell: &Shell, bill: &Bill, most: kernel::Dong, values: &Values, errors: &Errors) -> Page {
    let path = format!("/payments/bills/{}", bill.id);
    let form = view::form(format!("{path}/refund"), path, most).render(shell, values, errors);
    Page::new(shell, shell.text("refund-order"))
        .crumbs(crumbs(shell))
        .errors(errors)
        .body(html! {
            h1 { (shell.text("refund-order")) " " span.num.whole { (bill.reference) } }
            p { (shell.text_with("refund-most", &[("amount", crate::view::dong(shell, most).into())])) }
            (form)
        })
}

async fn ordered(
    State(house): State<Payments>,
    shell: Shell,
    officer: OfficerCaller,
    Path(id): Path<String>,
    submitted: Submitted,
) -> Reply<Response> {
    let Refundable { bill, most, .. } = refundable(&house, &officer, &id).await?;
    if let Some(nothing) = nothing(&bill, most) {
        return Err(PaymentError::NothingToRefund(nothing).into());
    }
    let path = format!("/payments/bills/{}", bill.id);
    let form = view::form(format!("{path}/refund"), path, most);
    let again = |errors: &Errors| ask_page(&shell, &bill, most, &form.typed(&submitted), errors).into_response();
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => return Ok(again(&errors)),
    };
    let order = prepare(
        &house,
        &officer,
        &submitted,
        &values,
        Of::Bill(bill.id),
        (bill.unit, bill.desk, bill.account),
    )?;
    let done = house.store().write(move |tx| super::order(tx, &order)).await;
    match done {
        Ok(refund) => Ok(see_other(&format!("/payments/refunds/{}", refund.id))),
        Err(error @ PaymentError::RefundTooLarge(_)) => {
            let mut errors = Errors::none();
            errors.add_fault("amount", &error);
            Ok(again(&errors))
        }
        Err(error) => Err(error.into()),
    }
}

/// An order from its parsed form.
pub(crate) fn prepare(
    house: &Payments,
    officer: &OfficerCaller,
    submitted: &Submitted,
    values: &Values,
    of: Of,
    (unit, desk, account): (identity::UnitId, identity::UnitId, Option<crate::account::PayAccountId>),
) -> Result<Order, PaymentError> {
    let world = house.world().as_ref();
    let id = RefundId::new(world);
    let target = Target {
        to: values.text("to").trim().to_owned(),
        why: values.text("why").trim().to_owned(),
    };
    let text = serde_json::to_vec(&target).map_err(|error| PaymentError::Damaged(error.to_string()))?;
    Ok(Order {
        once: submitted.once,
        id,
        of,
        unit,
        desk,
        account,
        way: values.typed("way").unwrap_or(Way::Transfer),
        amount: values.dong("amount").unwrap_or_default(),
        target: house.seal(&super::target_context(id), &text),
        prefix: house.settings().reference_prefix.clone(),
        by: By::of(officer),
        now: house.now(),
        event: kernel::id::uuid_v7(world),
        parts: kernel::id::uuid_v7(world),
    })
}
