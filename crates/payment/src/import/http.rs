//! The pages of statements and of reconciliation; those of single lines lie in `line`. A line's text and counterparty are
//! personal: they stand on no list, and a line's own page records the view as a use.

mod line;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use identity::routes::{Access, Routes, get, post};
use identity::{Action, OfficerCaller, Resource};
use kernel::SignedDuration;
use serde::Deserialize;
use web::components::Crumb;
use web::form::{Errors, Values};
use web::submitted::Limits;
use web::{Page, Reply, Shell, Submitted, see_other};

use self::line::{ask_back, assign, explain, give_back, line};
use super::take::{Batch, take_in};
use super::{ImportId, store, view};
use crate::account::{self, PayAccount};
use crate::reconcile::Class;
use crate::statement::{self, StatementError};
use crate::view::crumbs;
use crate::{PaymentError, Payments};

/// Imports and parts that a page shows.
const LIST_ROWS: i64 = 200;
const PART_ROWS: i64 = 1_000;

pub(crate) fn routes(routes: Routes<Payments>) -> Routes<Payments> {
    let reconcile = Access::Action(Action::PaymentReconcile);
    routes
        .page(get("/payments/statements", list), reconcile)
        .page(get("/payments/statements/{id}", one), reconcile)
        .page(get("/payments/reconciliation", reconciliation), reconcile)
        .page(get("/payments/lines/{id}", line), reconcile)
        .page(post("/payments/lines/{id}/assign", assign), reconcile)
        .page(post("/payments/lines/{id}/explain", explain), reconcile)
        .page(
            get("/payments/lines/{id}/refund", ask_back),
            Access::Action(Action::RefundOrder),
        )
        .page(
            post("/payments/lines/{id}/refund", give_back),
            Access::Action(Action::RefundOrder),
        )
}

/// The page that takes files, and its bounds.
pub(crate) fn upload_routes(routes: Routes<Payments>) -> Routes<Payments> {
    routes.page(
        post("/payments/statements", upload),
        Access::Action(Action::PaymentReconcile),
    )
}

/// The bounds of one upload.
pub(crate) fn upload_limits() -> Limits {
    Limits::files(1, view::FILE_BYTES_MAX).raw()
}

async fn accounts(house: &Payments, officer: &OfficerCaller) -> Result<Vec<PayAccount>, PaymentError> {
    let scope = house.scope(officer, Action::PaymentReconcile);
    Ok(house
        .store()
        .read(move |tx| account::store::of_units(tx, &scope))
        .await?)
}

async fn list(State(house): State<Payments>, shell: Shell, officer: OfficerCaller) -> Reply {
    Ok(list_page(&house, &shell, &officer, &Values::none(), &Errors::none(), &[]).await?)
}

async fn list_page(
    house: &Payments,
    shell: &Shell,
    officer: &OfficerCaller,
    values: &Values,
    errors: &Errors,
    faults: &[String],
) -> Result<Page, PaymentError> {
    let scope = house.scope(officer, Action::PaymentReconcile);
    let accounts = accounts(house, officer).await?;
    let imports = house
        .store()
        .read(move |tx| store::imports(tx, &scope, LIST_ROWS))
        .await?;
    let form = view::upload_form(&accounts).render(shell, values, errors);
    let parts = crate::http::parts(house, officer);
    let body = view::statements(
        shell,
        &view::Statements {
            form: &form,
            imports: &imports,
            accounts: &accounts,
            faults,
            parts: &parts,
        },
    );
    Ok(Page::new(shell, shell.text("statements-title"))
        .wide()
        .errors(errors)
        .body(body))
}

async fn upload(
    State(house): State<Payments>,
    shell: Shell,
    officer: OfficerCaller,
    submitted: Submitted,
) -> Reply<Response> {
    let form = view::upload_form(&accounts(&house, &officer).await?);
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => {
            let page = list_page(&house, &shell, &officer, &form.typed(&submitted), &errors, &[]).await?;
            return Ok(page.into_response());
        }
    };
    match take(&house, &officer, &submitted, &values).await {
        Ok((id, new)) => Ok(see_other(&format!("/payments/statements/{id}?new={}", u8::from(new)))),
        Err(error) => refused(&house, &shell, &officer, &values, error).await,
    }
}

/// The page again with what is wrong with the file, every fault with its line.
async fn refused(
    house: &Payments,
    shell: &Shell,
    officer: &OfficerCaller,
    values: &Values,
    error: PaymentError,
) -> Reply<Response> {
    let beside = matches!(
        error,
        PaymentError::Statement(_)
            | PaymentError::AccountDiffers(_)
            | PaymentError::TooManyLines(_)
            | PaymentError::Format(_)
            | PaymentError::AccountClosed
    );
    if !beside {
        return Err(error.into());
    }
    let mut errors = Errors::none();
    errors.add_fault("file", &error);
    let faults = match &error {
        PaymentError::Statement(StatementError::Faults(faults)) => fault_words(shell, faults),
        _ => Vec::new(),
    };
    let page = list_page(house, shell, officer, values, &errors, &faults).await?;
    Ok(page.into_response())
}

fn fault_words(shell: &Shell, faults: &statement::Faults) -> Vec<String> {
    let mut words: Vec<String> = faults
        .listed()
        .iter()
        .map(|fault| {
            let args: Vec<(&str, web::TextValue<'_>)> =
                fault.what.args().into_iter().map(|(k, v)| (k, v.into())).collect();
            let what = shell.text_with(fault.what.key(), &args);
            match fault.line {
                Some(line) => shell.text_with("statement-fault-line", &[("line", line.into()), ("what", what.into())]),
                None => what,
            }
        })
        .collect();
    let more = faults.count() - faults.listed().len();
    if more > 0 {
        words.push(shell.text_with("statement-fault-more", &[("n", more.into())]));
    }
    words
}

/// Reads the file and takes it in: gives its import, and whether it was new.
async fn take(
    house: &Payments,
    officer: &OfficerCaller,
    submitted: &Submitted,
    values: &Values,
) -> Result<(ImportId, bool), PaymentError> {
    let id = values.typed("account").ok_or(PaymentError::NotFound("account"))?;
    let account = house.store().read(move |tx| account::store::find(tx, id)).await?;
    house.require(officer, Action::PaymentReconcile, &Resource::at(account.unit))?;
    if account.closed_at.is_some() {
        return Err(PaymentError::AccountClosed);
    }
    let reading = account.reading()?;
    let file = values.files("file").first().ok_or(PaymentError::NotFound("file"))?;
    let bytes = tokio::fs::read(file.path())
        .await
        .map_err(|error| PaymentError::Damaged(error.to_string()))?;
    let format = reading.format.clone();
    // Reading is work of seconds for the largest files: beside the threads that answer.
    let read = tokio::task::spawn_blocking(move || statement::read(&bytes, &format)).await;
    let statements = read.map_err(|error| PaymentError::Damaged(error.to_string()))??;
    let by = (officer.account(), officer.name().to_owned());
    let batch = Batch::of_file(
        house,
        submitted.once,
        account,
        reading.explanations,
        (statements, file.sha256, by),
    )?;
    let is_own = match &batch.source {
        super::Source::File { imports, .. } => imports.first().map(|import| import.id),
        super::Source::Notice => None,
    };
    let taken = house.store().write(move |tx| take_in(tx, &batch)).await?;
    let import = taken.import.ok_or(PaymentError::NotFound("statement"))?;
    Ok((import, Some(import) == is_own))
}

/// Whether the page was reached by taking the file in, and the file had come before.
#[derive(Debug, Default, Deserialize)]
struct WasNew {
    #[serde(default)]
    new: String,
}

async fn one(
    State(house): State<Payments>,
    shell: Shell,
    officer: OfficerCaller,
    Path(id): Path<String>,
    Query(query): Query<WasNew>,
) -> Reply {
    let id: ImportId = id.parse().map_err(|_| PaymentError::NotFound("statement"))?;
    let (import, account) = house
        .store()
        .read(move |tx| {
            let import = store::import(tx, id)?;
            let account = account::store::find(tx, import.account)?;
            Ok::<_, PaymentError>((import, account))
        })
        .await?;
    if !house.may(&officer, Action::PaymentReconcile, &Resource::at(account.unit)) {
        return Err(PaymentError::NotFound("statement").into());
    }
    let (of, from, to) = (import.account, import.from, import.to);
    let (sums, unconfirmed, rows) = house
        .store()
        .read(move |tx| {
            let sums = store::sums(tx, of, from, to)?;
            let unconfirmed = store::unconfirmed(tx, of, from, to)?;
            Ok::<_, PaymentError>((
                sums,
                unconfirmed,
                store::of_period(tx, of, (from, to), None, PART_ROWS)?,
            ))
        })
        .await?;
    let was_new = query.new != "0";
    let body = view::one(
        &shell,
        &view::One {
            import: &import,
            account: &account,
            sums,
            unconfirmed,
            rows: &rows,
            was_new,
        },
    );
    let mut way = crumbs(&shell);
    way.push(Crumb::new("/payments/statements", shell.text("statements-title")));
    Ok(Page::new(&shell, shell.text("statement-title"))
        .wide()
        .crumbs(way)
        .body(body))
}

/// What the page of reconciliation is asked for.
#[derive(Debug, Default, Deserialize)]
struct Period {
    #[serde(default)]
    account: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    class: String,
}

async fn reconciliation(
    State(house): State<Payments>,
    shell: Shell,
    officer: OfficerCaller,
    Query(query): Query<Period>,
) -> Reply {
    let all = accounts(&house, &officer).await?;
    let account = all
        .iter()
        .find(|account| account.id.to_string() == query.account)
        .or_else(|| all.first());
    let today = house.now().local_date();
    let month_ago = (house.now() - SignedDuration::from_hours(24 * 31)).local_date();
    let period = (
        query.from.parse().unwrap_or(month_ago),
        query.to.parse().unwrap_or(today),
    );
    let class = query.class.parse::<Class>().ok();
    let scope = house.scope(&officer, Action::PaymentReconcile);
    let of = account.map(|account| account.id);
    let (listed, sums, rows) = house
        .store()
        .read(move |tx| {
            let listed = store::listed(tx, &scope, LIST_ROWS)?;
            let Some(of) = of else {
                return Ok((listed, Default::default(), Vec::new()));
            };
            let sums = store::sums(tx, of, period.0, period.1)?;
            Ok::<_, PaymentError>((listed, sums, store::of_period(tx, of, period, class, PART_ROWS)?))
        })
        .await?;
    let parts = crate::http::parts(&house, &officer);
    let body = view::reconciliation(
        &shell,
        &view::Reconciliation {
            accounts: &all,
            account,
            period,
            sums,
            class: &query.class,
            rows: &rows,
            listed: &listed,
            parts: &parts,
        },
    );
    Ok(Page::new(&shell, shell.text("reconciliation-title")).wide().body(body))
}
