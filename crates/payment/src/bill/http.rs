//! The pages of bills for officers, and receipts for officers and for whoever paid. Names in lists are masked; a receipt
//! has the name whole, and its view is recorded as a use.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use identity::routes::{Access, Routes, get, post};
use identity::unit::UnitKind;
use identity::{Action, Caller, CitizenCaller, OfficerCaller, Purpose};
use kernel::Timestamp;
use maud::html;
use web::form::{Errors, Values};
use web::table::TableQuery;
use web::{Page, Reply, Shell, Submitted, see_other};

use super::store::{self, Filter};
use super::{Bill, PaymentId, receipt, rules, view};
use crate::reconcile::BillId;
use crate::view::crumbs;
use crate::{By, PaymentError, Payments, house, refund, till};

/// Rows of one part of a list.
const PAGE_ROWS: i64 = 50;

pub(crate) fn routes(routes: Routes<Payments>) -> Routes<Payments> {
    let read = Access::Action(Action::BillRead);
    routes
        .page(get("/payments", list), read)
        .page(get("/payments/bills/{id}", one), read)
        .page(
            post("/payments/bills/{id}/cash", cash),
            Access::Action(Action::CashTake),
        )
        .page(
            get("/payments/bills/{id}/cancel", ask_cancel),
            Access::Action(Action::BillCancel),
        )
        .page(
            post("/payments/bills/{id}/cancel", cancel),
            Access::Action(Action::BillCancel),
        )
        .page(get("/payments/receipts/{id}", officers_receipt), read)
        .page(get("/my/receipts/{id}", own_receipt), Access::Citizen)
}

/// Whether the officer acts at a desk: lists are then those of the desk.
pub(crate) fn at_desk(house: &Payments, officer: &OfficerCaller) -> bool {
    let book = house.identity().units();
    officer
        .unit()
        .and_then(|unit| book.get(unit))
        .is_some_and(|unit| unit.kind == UnitKind::Desk)
}

async fn list(State(house): State<Payments>, shell: Shell, officer: OfficerCaller, query: TableQuery) -> Reply {
    let tab = view::TABS
        .iter()
        .find(|(name, _)| *name == query.filter("tab"))
        .unwrap_or(&view::TABS[0]);
    let first = (Timestamp::MAX, BillId::from_uuid(uuid::Uuid::max()));
    let filter = Filter {
        units: house.scope(&officer, Action::BillRead),
        at_desk: at_desk(&house, &officer),
        states: tab.1.to_vec(),
        before: query.after_key().and_then(key_of).unwrap_or(first),
        limit: PAGE_ROWS + 1,
    };
    let mut bills = house.store().read(move |tx| store::list(tx, &filter)).await?;
    let most = usize::try_from(PAGE_ROWS).unwrap_or(0);
    let more = bills.len() > most;
    bills.truncate(most);
    let last = bills.last().filter(|_| more);
    let next = last.map(|bill| format!("{}.{}", bill.issued_at.as_micros(), bill.id));
    let parts = crate::http::parts(&house, &officer);
    let body = view::list(
        &shell,
        &view::List {
            tab: tab.0,
            bills: &bills,
            query: &query,
            next,
            parts: &parts,
        },
    );
    Ok(Page::new(&shell, shell.text("payment-nav")).wide().body(body))
}

fn key_of(text: &str) -> Option<(Timestamp, BillId)> {
    let (at, id) = text.split_once('.')?;
    Some((Timestamp::from_micros(at.parse().ok()?), id.parse().ok()?))
}

/// A bill at which this officer may do `action`; another one is not found.
pub(crate) async fn load(
    house: &Payments,
    officer: &OfficerCaller,
    id: &str,
    action: Action,
) -> Result<Bill, PaymentError> {
    let id: BillId = id.parse().map_err(|_| PaymentError::NotFound("bill"))?;
    let bill = house.store().read(move |tx| store::find(tx, id)).await?;
    if !house.may(officer, Action::BillRead, &bill.resource()) {
        return Err(PaymentError::NotFound("bill"));
    }
    house.require(officer, action, &bill.resource())?;
    Ok(bill)
}

async fn one(State(house): State<Payments>, shell: Shell, officer: OfficerCaller, Path(id): Path<String>) -> Reply {
    let bill = load(&house, &officer, &id, Action::BillRead).await?;
    let shown = bill.clone();
    let (account, payments, refunds, why) = house
        .store()
        .read(move |tx| {
            let account = super::account_of(tx, &shown)?;
            let payments = store::payments(tx, shown.id)?;
            let refunds = refund::store::of_bill(tx, shown.id)?;
            Ok::<_, PaymentError>((account, payments, refunds, store::cancelled_why(tx, shown.id)?))
        })
        .await?;
    let may = |action| house.may(&officer, action, &bill.resource());
    let why = match why {
        Some(sealed) => {
            let allowed = house.require(&officer, Action::BillRead, &bill.resource())?;
            let purpose = Purpose::for_task(&Caller::Officer(officer.clone()), bill.id.uuid(), &allowed);
            let purpose = purpose.about(bill.reference.to_string());
            Some(house::open(
                &house.keys(),
                &purpose,
                &super::cancelled_context(bill.id),
                &sealed,
            )?)
        }
        None => None,
    };
    let ordered = refund::ordered(&refunds);
    let body = view::one(
        &shell,
        &view::Page {
            bill: &bill,
            account: account.as_ref(),
            payments: &payments,
            refunds: &refunds,
            settings: house.settings(),
            may_cash: may(Action::CashTake),
            may_cancel: may(Action::BillCancel),
            refundable: may(Action::RefundOrder)
                .then(|| kernel::Dong::new((rules::here(&bill).get() - ordered.get()).max(0))),
            why: why.as_deref(),
        },
    );
    Ok(Page::new(&shell, bill.reference.to_string())
        .crumbs(crumbs(&shell))
        .wide()
        .body(body))
}

async fn cash(
    State(house): State<Payments>,
    officer: OfficerCaller,
    Path(id): Path<String>,
    submitted: Submitted,
) -> Reply<Response> {
    let bill = load(&house, &officer, &id, Action::CashTake).await?;
    let seen = submitted.text("revision").parse::<i64>().unwrap_or(bill.revision);
    if seen != bill.revision {
        return Err(PaymentError::Stale.into());
    }
    let taking = till::Taking::prepare(&house, &officer, submitted.once, &bill);
    house.store().write(move |tx| till::take(tx, &taking)).await?;
    Ok(see_other(&format!("/payments/bills/{}", bill.id)))
}

async fn ask_cancel(
    State(house): State<Payments>,
    shell: Shell,
    officer: OfficerCaller,
    Path(id): Path<String>,
) -> Reply {
    let bill = load(&house, &officer, &id, Action::BillCancel).await?;
    Ok(cancel_page(&shell, &bill, &Values::none(), &Errors::none()))
}

fn cancel_page(shell: &Shell, bill: &Bill, values: &Values, errors: &Errors) -> Page {
    let form = view::cancel_form(bill).render(shell, values, errors);
    Page::new(shell, shell.text("bill-cancel"))
        .crumbs(crumbs(shell))
        .errors(errors)
        .body(html! {
            h1 { (shell.text("bill-cancel")) " " span.num.whole { (bill.reference) } }
            p { (shell.text("bill-cancel-words")) }
            (form)
        })
}

async fn cancel(
    State(house): State<Payments>,
    shell: Shell,
    officer: OfficerCaller,
    Path(id): Path<String>,
    submitted: Submitted,
) -> Reply<Response> {
    let bill = load(&house, &officer, &id, Action::BillCancel).await?;
    let form = view::cancel_form(&bill);
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => return Ok(cancel_page(&shell, &bill, &form.typed(&submitted), &errors).into_response()),
    };
    let why = super::seal_why(house.identity(), bill.id, values.text("why"));
    let (id, by, now) = (bill.id, By::of(&officer), house.now());
    house
        .store()
        .write(move |tx| super::cancel(tx, id, &by.name, &why, now))
        .await?;
    Ok(see_other(&format!("/payments/bills/{id}")))
}

async fn officers_receipt(
    State(house): State<Payments>,
    shell: Shell,
    officer: OfficerCaller,
    Path(id): Path<String>,
) -> Reply {
    let (payment, bill, number) = found(&house, &id).await?;
    if !house.may(&officer, Action::BillRead, &bill.resource()) {
        return Err(PaymentError::NotFound("receipt").into());
    }
    let allowed = house.require(&officer, Action::BillRead, &bill.resource())?;
    let purpose =
        Purpose::for_dossier(&Caller::Officer(officer), bill.subject, &allowed).about(bill.subject_code.clone());
    if let Some(person) = bill.person {
        house.identity().record_use(&purpose, &[person]).await?;
    }
    let payer = super::payer(&house, &purpose, bill.id).await?;
    Ok(receipt_page(
        &shell,
        &view::Receipt {
            bill: &bill,
            payment: &payment,
            payer: &payer,
            number,
        },
    )
    .crumbs(crumbs(&shell)))
}

async fn own_receipt(
    State(house): State<Payments>,
    shell: Shell,
    citizen: CitizenCaller,
    Path(id): Path<String>,
) -> Reply {
    let (payment, bill, number) = found(&house, &id).await?;
    if !bill.person.is_some_and(|person| citizen.is(person)) {
        return Err(PaymentError::NotFound("receipt").into());
    }
    let payer = super::payer(&house, &Purpose::own_data(&citizen), bill.id).await?;
    Ok(receipt_page(
        &shell,
        &view::Receipt {
            bill: &bill,
            payment: &payment,
            payer: &payer,
            number,
        },
    ))
}

async fn found(house: &Payments, id: &str) -> Result<(super::Payment, Bill, (i64, i64)), PaymentError> {
    let id: PaymentId = id.parse().map_err(|_| PaymentError::NotFound("receipt"))?;
    house.store().read(move |tx| receipt::load(tx, id)).await
}

fn receipt_page(shell: &Shell, receipt: &view::Receipt<'_>) -> Page {
    Page::new(shell, shell.text("receipt-fee-title")).body(view::receipt(shell, receipt))
}
