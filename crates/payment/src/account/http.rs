//! The pages of receiving accounts: those who reconcile see them, administrators of a unit change them. Every change is a
//! row of the audit log, because where money goes is what a thief would change first.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use identity::routes::{Access, Routes, get, post};
use identity::{Action, OfficerCaller, Resource, UnitId, audit};
use kernel::Lang;
use web::components::Crumb;
use web::form::{Choice, Errors, Values};
use web::{Page, Reply, Shell, Submitted, see_other};

use super::{FORMAT_USUAL, PayAccount, PayAccountId, Reading, store, view};
use crate::{PaymentError, Payments};

pub(crate) fn routes(routes: Routes<Payments>) -> Routes<Payments> {
    let manage = Access::Action(Action::PaymentManage);
    routes
        .page(
            get("/payments/accounts", list),
            Access::Action(Action::PaymentSetupRead),
        )
        .page(get("/payments/accounts/new", new), manage)
        .page(post("/payments/accounts/new", add), manage)
        .page(
            get("/payments/accounts/{id}", one),
            Access::Action(Action::PaymentSetupRead),
        )
        .page(post("/payments/accounts/{id}", change), manage)
        .page(post("/payments/accounts/{id}/{act}", act), manage)
}

fn crumbs(shell: &Shell) -> Vec<Crumb> {
    vec![
        Crumb::new("/payments", shell.text("payment-nav")),
        Crumb::new("/payments/accounts", shell.text("payment-accounts-title")),
    ]
}

async fn list(State(house): State<Payments>, shell: Shell, officer: OfficerCaller) -> Reply {
    let scope = house.scope(&officer, Action::PaymentSetupRead);
    let may_manage = !house.scope(&officer, Action::PaymentManage).is_empty();
    let accounts = house.store().read(move |tx| store::of_units(tx, &scope)).await?;
    let rows: Vec<_> = accounts
        .into_iter()
        .map(|account| {
            let unit = house.unit_name(account.unit);
            (account, unit)
        })
        .collect();
    Ok(Page::new(&shell, shell.text("payment-accounts-title"))
        .crumbs(vec![Crumb::new("/payments", shell.text("payment-nav"))])
        .wide()
        .body(view::list(&shell, &rows, may_manage)))
}

/// Units that this officer may give an account: agencies and desks within reach.
fn units(house: &Payments, officer: &OfficerCaller) -> Vec<Choice> {
    let (book, day) = (house.identity().units(), house.now().local_date());
    let mut units: Vec<(UnitId, String)> = house
        .scope(officer, Action::PaymentManage)
        .into_iter()
        .filter(|unit| book.get(*unit).is_some_and(|unit| unit.is_in_force(day)))
        .map(|unit| (unit, book.name(unit, Lang::Vi, day).to_owned()))
        .collect();
    units.sort_by_cached_key(|(_, name)| kernel::fold::sort_key(name));
    units
        .into_iter()
        .map(|(unit, name)| Choice::named(unit.to_string(), name))
        .collect()
}

async fn new(State(house): State<Payments>, shell: Shell, officer: OfficerCaller) -> Reply {
    let values = Values::none().with("format", FORMAT_USUAL);
    Ok(new_page(&house, &shell, &officer, &values, &Errors::none()))
}

fn new_page(house: &Payments, shell: &Shell, officer: &OfficerCaller, values: &Values, errors: &Errors) -> Page {
    let form = view::form(None, units(house, officer)).render(shell, values, errors);
    let title = shell.text("payment-account-add");
    Page::new(shell, title.clone())
        .crumbs(crumbs(shell))
        .errors(errors)
        .body(maud::html! { h1 { (title) } (form) })
}

/// What was typed as an account; all that is wrong at once.
fn typed(values: &Values, house: &Payments) -> Result<PayAccount, Errors> {
    let mut errors = Errors::none();
    let bin = values.text("bin").parse().map_err(|e| errors.add_fault("bin", &e)).ok();
    let number = values
        .text("number")
        .parse()
        .map_err(|e| errors.add_fault("number", &e))
        .ok();
    let unit = values.typed("unit");
    check_format(values, &mut errors);
    match (bin, number, unit) {
        (Some(bank_bin), Some(number), Some(unit)) if errors.is_empty() => Ok(PayAccount {
            id: PayAccountId::new(house.world().as_ref()),
            unit,
            bank_bin,
            bank_name: values.text("bank-name").to_owned(),
            number,
            holder: values.text("holder").to_owned(),
            statement_format: values.text("format").to_owned(),
            notice_key: 0,
            opened_at: house.now(),
            closed_at: None,
            revision: 1,
        }),
        _ => Err(errors),
    }
}

fn check_format(values: &Values, errors: &mut Errors) {
    if let Err(error) = Reading::parse(values.text("format")) {
        errors.add_fault("format", &error);
    }
}

async fn add(
    State(house): State<Payments>,
    shell: Shell,
    officer: OfficerCaller,
    submitted: Submitted,
) -> Reply<Response> {
    let form = view::form(None, units(&house, &officer));
    let again = |errors: &Errors| new_page(&house, &shell, &officer, &form.typed(&submitted), errors).into_response();
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => return Ok(again(&errors)),
    };
    let account = match typed(&values, &house) {
        Ok(account) => account,
        Err(errors) => return Ok(again(&errors)),
    };
    house.require(&officer, Action::PaymentManage, &Resource::at(account.unit))?;
    let (id, once, now, by) = (account.id, submitted.once, house.now(), officer.account());
    let done = house
        .store()
        .write(move |tx| {
            if let ::store::Once::Again(first) = tx.once("payment.account", once, now)? {
                return Ok(first);
            }
            store::insert(tx, &account)?;
            note(tx, by, "payment-account.open", &account, now)?;
            tx.once_done("payment.account", once, &account.id.to_string())?;
            Ok::<_, PaymentError>(id.to_string())
        })
        .await;
    match done {
        Ok(id) => Ok(see_other(&format!("/payments/accounts/{id}"))),
        Err(error @ PaymentError::AccountTaken) => {
            let mut errors = Errors::none();
            errors.add_fault("number", &error);
            Ok(again(&errors))
        }
        Err(error) => Err(error.into()),
    }
}

/// A change of where money goes is written into the audit log.
fn note(
    tx: &mut ::store::Tx,
    by: identity::AccountId,
    act: &str,
    account: &PayAccount,
    now: kernel::Timestamp,
) -> Result<(), PaymentError> {
    let detail = audit::detail([
        ("bank", account.bank_bin.to_string()),
        ("number", account.number.to_string()),
        ("unit", account.unit.to_string()),
    ]);
    audit::append(tx, audit::Actor::Account(by), act, &account.id.to_string(), detail, now)?;
    Ok(())
}

async fn load(house: &Payments, officer: &OfficerCaller, id: &str, action: Action) -> Result<PayAccount, PaymentError> {
    let id: PayAccountId = id.parse().map_err(|_| PaymentError::NotFound("account"))?;
    let account = house.store().read(move |tx| store::find(tx, id)).await?;
    if !house.may(officer, action, &Resource::at(account.unit)) {
        return Err(PaymentError::NotFound("account"));
    }
    Ok(account)
}

async fn one(State(house): State<Payments>, shell: Shell, officer: OfficerCaller, Path(id): Path<String>) -> Reply {
    let account = load(&house, &officer, &id, Action::PaymentSetupRead).await?;
    let values = Values::none()
        .with("bank-name", &account.bank_name)
        .with("holder", &account.holder)
        .with("format", &account.statement_format);
    Ok(one_page(&house, &shell, &officer, &account, &values, &Errors::none()))
}

fn one_page(
    house: &Payments,
    shell: &Shell,
    officer: &OfficerCaller,
    account: &PayAccount,
    values: &Values,
    errors: &Errors,
) -> Page {
    let may = house.may(officer, Action::PaymentManage, &Resource::at(account.unit));
    let form = may.then(|| view::form(Some(account), Vec::new()).render(shell, values, errors));
    let secret = may
        .then(|| account.notice_secret(&house.keys()))
        .flatten()
        .map(hex::encode);
    let unit = house.unit_name(account.unit);
    Page::new(shell, account.number.to_string())
        .crumbs(crumbs(shell))
        .errors(errors)
        .body(view::one(shell, account, &unit, form.as_ref(), secret.as_deref()))
}

async fn change(
    State(house): State<Payments>,
    shell: Shell,
    officer: OfficerCaller,
    Path(id): Path<String>,
    submitted: Submitted,
) -> Reply<Response> {
    let account = load(&house, &officer, &id, Action::PaymentManage).await?;
    let form = view::form(Some(&account), Vec::new());
    let parsed = form.parse(&submitted).and_then(|values| {
        let mut errors = Errors::none();
        check_format(&values, &mut errors);
        if errors.is_empty() { Ok(values) } else { Err(errors) }
    });
    let values = match parsed {
        Ok(values) => values,
        Err(errors) => {
            let page = one_page(&house, &shell, &officer, &account, &form.typed(&submitted), &errors);
            return Ok(page.into_response());
        }
    };
    let changed = PayAccount {
        bank_name: values.text("bank-name").to_owned(),
        holder: values.text("holder").to_owned(),
        statement_format: values.text("format").to_owned(),
        ..account
    };
    save(&house, &officer, changed, &submitted, "payment-account.change").await
}

async fn act(
    State(house): State<Payments>,
    officer: OfficerCaller,
    Path((id, act)): Path<(String, String)>,
    submitted: Submitted,
) -> Reply<Response> {
    let mut account = load(&house, &officer, &id, Action::PaymentManage).await?;
    let name = match act.as_str() {
        "close" => {
            account.closed_at = Some(house.now());
            "payment-account.close"
        }
        "reopen" => {
            account.closed_at = None;
            "payment-account.open"
        }
        "notice-key" => {
            // The highest number ever used goes on in the revision, so that an old key never comes back.
            account.notice_key = account.revision + 1;
            "payment-account.notice-key"
        }
        "notice-end" => {
            account.notice_key = 0;
            "payment-account.notice-key"
        }
        _ => return Err(PaymentError::NotFound("act").into()),
    };
    save(&house, &officer, account, &submitted, name).await
}

async fn save(
    house: &Payments,
    officer: &OfficerCaller,
    mut account: PayAccount,
    submitted: &Submitted,
    act: &'static str,
) -> Reply<Response> {
    let seen = submitted.text("revision").parse::<i64>().unwrap_or(account.revision);
    if seen != account.revision {
        return Err(PaymentError::Stale.into());
    }
    account.revision += 1;
    let (now, by, to) = (
        house.now(),
        officer.account(),
        format!("/payments/accounts/{}", account.id),
    );
    house
        .store()
        .write(move |tx| {
            store::update(tx, &account)?;
            note(tx, by, act, &account, now)
        })
        .await?;
    Ok(see_other(&to))
}
