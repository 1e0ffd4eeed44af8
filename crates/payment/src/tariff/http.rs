//! The page of tariffs: what is entered, and a form that takes one as TOML and says every fault at once.
//! Amounts are law: every entry is in the audit log, and one in force is replaced only by the same first day.

use ::store::Tx;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use identity::routes::{Access, Routes, get, post};
use identity::{Action, OfficerCaller, Resource, audit};
use kernel::{Bilingual, Date, ProcedureCode};
use maud::{Markup, html};
use web::components::Crumb;
use web::form::{Errors, Field, Form, Values};
use web::table::{Column, Paging, Row, Table, TableQuery};
use web::{Page, Reply, Shell, Submitted, format, see_other};

use super::{CheckedTariff, Effect, Tariff, check_all, in_force, store};
use crate::{PaymentError, Payments};

/// Tariffs that the list shows.
const LIST_ROWS: i64 = 500;

pub(crate) fn routes(routes: Routes<Payments>) -> Routes<Payments> {
    routes
        .page(get("/payments/tariffs", list), Access::Action(Action::PaymentSetupRead))
        .page(
            get("/payments/tariffs/{code}", one),
            Access::Action(Action::PaymentSetupRead),
        )
        .page(get("/payments/tariffs/new", new), Access::Action(Action::TariffManage))
        .page(post("/payments/tariffs/new", add), Access::Action(Action::TariffManage))
}

/// The tariff of a procedure that is in force on a day, if it has one.
///
/// # Errors
/// When the store fails.
pub fn of(tx: &mut Tx, procedure: &ProcedureCode, on: Date) -> Result<Option<CheckedTariff>, PaymentError> {
    let all = store::of_procedure(tx, procedure)?;
    Ok(in_force(&all, procedure, on).ok().cloned())
}

fn crumbs(shell: &Shell) -> Vec<Crumb> {
    vec![
        Crumb::new("/payments/accounts", shell.text("payment-accounts-title")),
        Crumb::new("/payments/tariffs", shell.text("tariffs-title")),
    ]
}

async fn list(State(house): State<Payments>, shell: Shell, officer: OfficerCaller) -> Reply {
    let tariffs = house.store().read(move |tx| store::list(tx, LIST_ROWS)).await?;
    let may = !house.scope(&officer, Action::TariffManage).is_empty();
    let table = Table::new(
        "/payments/tariffs",
        "tariffs-caption",
        vec![
            Column::new("procedure", "tariff-procedure"),
            Column::new("from", "tariff-from"),
            Column::new("at", "tariff-entered"),
        ],
    )
    .empty("tariffs-none");
    let rows: Vec<Row> = tariffs
        .iter()
        .map(|(procedure, from, at)| {
            Row::new(vec![
                html! { span.num { (procedure) } },
                html! { span.num { (format::date(shell.lang, *from)) } },
                html! { span.num { (format::date_time(shell.lang, *at)) } },
            ])
            .link(format!("/payments/tariffs/{procedure}"))
        })
        .collect();
    let body = html! {
        h1 { (shell.text("tariffs-title")) }
        p { (shell.text("tariffs-words")) }
        @if may { p { (web::components::button_link(web::components::ButtonKind::Main, "/payments/tariffs/new", &shell.text("tariff-add"))) } }
        (table.render(&shell, &TableQuery::parse(""), &rows, &Paging::All))
    };
    Ok(Page::new(&shell, shell.text("tariffs-title"))
        .crumbs(crumbs(&shell)[..1].to_vec())
        .body(body))
}

async fn one(State(house): State<Payments>, shell: Shell, Path(code): Path<String>) -> Reply {
    let code: ProcedureCode = code.parse().map_err(|_| PaymentError::NotFound("tariff"))?;
    let asked = code.clone();
    let tariffs = house.store().read(move |tx| store::of_procedure(tx, &asked)).await?;
    if tariffs.is_empty() {
        return Err(PaymentError::NotFound("tariff").into());
    }
    let body = html! {
        h1 { (shell.text("tariff-title")) " " span.num { (code) } }
        @for tariff in &tariffs { (shown(&shell, tariff.tariff())) }
    };
    Ok(Page::new(&shell, code.to_string()).crumbs(crumbs(&shell)).body(body))
}

fn shown(shell: &Shell, tariff: &Tariff) -> Markup {
    let lang = shell.lang;
    let amount =
        |amount: Option<kernel::Dong>| amount.map_or_else(|| "–".to_owned(), |amount| format::fee(lang, amount));
    let effect = |effect: Effect| match effect {
        Effect::Exempt => shell.text("tariff-exempt"),
        Effect::Percent { percent } => format!("−{percent}%"),
        Effect::Minus { amount } => format!("−{}", format::dong(lang, amount)),
    };
    html! {
        h2 { (shell.text_with("tariff-since", &[("day", format::date(lang, tariff.valid_from).into())]))
            @if let Some(to) = tariff.valid_to { " – " (format::date(lang, to)) } }
        p { (tariff.legal_basis) }
        div.scroll tabindex="0" role="region" aria-label=(shell.text("tariff-fees")) {
            table {
                caption { (shell.text("tariff-fees")) }
                thead { tr {
                    th scope="col" { (shell.text("bill-line")) }
                    th.r scope="col" { (shell.text("tariff-desk")) } th.r scope="col" { (shell.text("tariff-online")) } th.r scope="col" { (shell.text("tariff-post")) }
                } }
                tbody { @for fee in &tariff.fees { tr {
                    th scope="row" { (fee.name.get(lang)) @if let Some(per) = &fee.per { " / " (per) } }
                    td.r.num { (amount(Some(fee.amount))) } td.r.num { (amount(fee.online)) } td.r.num { (amount(fee.post)) }
                } } }
            }
        }
        @if !tariff.reliefs.is_empty() {
            h3 { (shell.text("tariff-reliefs")) }
            ul { @for relief in &tariff.reliefs { li { (relief.name.get(lang)) ": " (effect(relief.effect)) " (" (relief.legal_basis) ")" } } }
        }
    }
}

fn form() -> Form {
    Form::new("tariff", "/payments/tariffs/new")
        .submit("tariff-add")
        .cancel("/payments/tariffs")
        .field(Field::multiline("tariff", "tariff-toml", 100_000).hint("tariff-toml-hint"))
}

async fn new(shell: Shell) -> Page {
    new_page(&shell, &Values::none(), &Errors::none())
}

fn new_page(shell: &Shell, values: &Values, errors: &Errors) -> Page {
    let form = form().render(shell, values, errors);
    let title = shell.text("tariff-add");
    Page::new(shell, title.clone())
        .crumbs(crumbs(shell))
        .errors(errors)
        .body(html! { h1 { (title) } (form) })
}

/// Reads what was typed; every fault beside the field.
fn typed(values: &Values) -> Result<CheckedTariff, Errors> {
    let mut errors = Errors::none();
    let tariff: Result<Tariff, _> = toml::from_str(values.text("tariff"));
    match tariff.map_err(|error| error.message().to_owned()).map(Tariff::checked) {
        Ok(Ok(tariff)) => return Ok(tariff),
        Ok(Err(faults)) => faults
            .iter()
            .for_each(|fault| errors.add_words("tariff", Bilingual::vi(fault.to_string()))),
        Err(why) => errors.add_words("tariff", Bilingual::vi(why)),
    }
    Err(errors)
}

async fn add(
    State(house): State<Payments>,
    shell: Shell,
    officer: OfficerCaller,
    submitted: Submitted,
) -> Reply<Response> {
    house.require(&officer, Action::TariffManage, &Resource::system())?;
    let form = form();
    let again = |errors: &Errors| new_page(&shell, &form.typed(&submitted), errors).into_response();
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => return Ok(again(&errors)),
    };
    let tariff = match typed(&values) {
        Ok(tariff) => tariff,
        Err(errors) => return Ok(again(&errors)),
    };
    let (by, now, code) = (officer.account(), house.now(), tariff.tariff().procedure.clone());
    let done = house.store().write(move |tx| enter(tx, &tariff, by, now)).await?;
    if let Err(overlap) = done {
        let mut errors = Errors::none();
        errors.add_words("tariff", Bilingual::vi(overlap));
        return Ok(again(&errors));
    }
    Ok(see_other(&format!("/payments/tariffs/{code}")))
}

/// Enters a tariff, unless it overlaps another one of the procedure: then the words of the fault come back. One that was in
/// force without an end ends the day before.
fn enter(
    tx: &mut Tx,
    tariff: &CheckedTariff,
    by: identity::AccountId,
    now: kernel::Timestamp,
) -> Result<Result<(), String>, PaymentError> {
    let new = tariff.tariff();
    let mut all = vec![tariff.clone()];
    for one in store::of_procedure(tx, &new.procedure)? {
        let mut old = one.tariff().clone();
        if old.valid_from == new.valid_from {
            continue;
        }
        if old.valid_to.is_none() && old.valid_from < new.valid_from {
            old.valid_to = new.valid_from.yesterday().ok();
            if let Ok(ended) = old.clone().checked() {
                store::put(tx, &ended, by, now)?;
            }
        }
        all.extend(old.checked());
    }
    if let Some(fault) = check_all(&all).first() {
        return Ok(Err(fault.to_string()));
    }
    store::put(tx, tariff, by, now)?;
    let detail = audit::detail([
        ("valid_from", new.valid_from.to_string()),
        ("basis", new.legal_basis.clone()),
    ]);
    audit::append(
        tx,
        audit::Actor::Account(by),
        "tariff.enter",
        &new.procedure.to_string(),
        detail,
        now,
    )?;
    Ok(Ok(()))
}
