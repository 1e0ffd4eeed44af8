//! The pages of statements, of reconciliation and of single lines. A line's text and counterparty are personal: its page
//! records the view as a use of the data of whoever's bill it names.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use identity::routes::{Access, Routes, get, post};
use identity::{Action, Caller, OfficerCaller, Purpose, Resource};
use kernel::{Fault, SignedDuration};
use maud::{Markup, html};
use serde::Deserialize;
use web::components::Crumb;
use web::form::{Errors, Values};
use web::submitted::Limits;
use web::{Page, Reply, Shell, Submitted, see_other};

use super::take::{Batch, take_in};
use super::{BankLine, Decision, Detail, ImportId, LineId, PartId, StoredPart, store, view};
use crate::account::{self, PayAccount};
use crate::bill::Bill;
use crate::reconcile::{BillId, BillReference, Class};
use crate::refund::{self, Of};
use crate::statement::{self, Direction, StatementError};
use crate::view::crumbs;
use crate::{By, PaymentError, Payments, bill, house};

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

/// A line with all that its page shows, opened for a recorded purpose.
struct Opened {
    line: BankLine,
    account: PayAccount,
    detail: Detail,
    parts: Vec<(StoredPart, Option<String>)>,
    names: Vec<(BillId, String)>,
}

async fn open(house: &Payments, officer: &OfficerCaller, id: &str) -> Result<Opened, PaymentError> {
    let id: LineId = id.parse().map_err(|_| PaymentError::NotFound("line"))?;
    let (line, account, parts, sealed, bills) = house
        .store()
        .read(move |tx| {
            let line = store::line(tx, id)?;
            let account = account::store::find(tx, line.account)?;
            let parts = store::parts(tx, id)?;
            let named = parts.iter().flat_map(|part| part.bill.iter().chain(&part.candidates));
            let bills: Vec<Bill> = named.map(|id| bill::store::find(tx, *id)).collect::<Result<_, _>>()?;
            Ok::<_, PaymentError>((line, account, parts, store::detail(tx, id)?, bills))
        })
        .await?;
    let at = Resource::at(account.unit);
    if !house.may(officer, Action::PaymentReconcile, &at) {
        return Err(PaymentError::NotFound("line"));
    }
    let allowed = house.require(officer, Action::PaymentReconcile, &at)?;
    let purpose = Purpose::for_task(&Caller::Officer(officer.clone()), id.uuid(), &allowed);
    let of: Vec<&Bill> = bills
        .iter()
        .filter(|bill| parts.iter().any(|part| part.bill == Some(bill.id)))
        .collect();
    let mut people: Vec<_> = of.iter().filter_map(|bill| bill.person).collect();
    people.sort_unstable();
    people.dedup();
    let purpose = purpose.about(of.first().map(|bill| bill.reference.to_string()).unwrap_or_default());
    if !people.is_empty() {
        house.identity().record_use(&purpose, &people).await?;
    }
    let keys = house.keys();
    let text = house::open(&keys, &purpose, &super::detail_context(id), &sealed)?;
    let detail = serde_json::from_str(&text).map_err(|error| PaymentError::Damaged(error.to_string()))?;
    let parts = parts
        .into_iter()
        .map(|part| {
            let reason = part.reason.as_ref();
            let reason = reason.map(|sealed| house::open(&keys, &purpose, &super::reason_context(part.id), sealed));
            Ok((part.clone(), reason.transpose()?))
        })
        .collect::<Result<_, PaymentError>>()?;
    let names = bills.iter().map(|bill| (bill.id, bill.reference.to_string())).collect();
    Ok(Opened {
        line,
        account,
        detail,
        parts,
        names,
    })
}

impl Opened {
    /// The first part that waits for a decision.
    fn listed(&self) -> Option<&StoredPart> {
        self.parts
            .iter()
            .map(|(part, _)| part)
            .find(|part| part.class == Class::Listed)
    }
}

async fn line(State(house): State<Payments>, shell: Shell, officer: OfficerCaller, Path(id): Path<String>) -> Reply {
    let opened = open(&house, &officer, &id).await?;
    Ok(line_page(&shell, &opened, None))
}

/// The form that is shown again, what was typed, and what is wrong.
type Again<'a> = (&'a str, Values, Errors);

fn line_page(shell: &Shell, opened: &Opened, again: Option<Again<'_>>) -> Page {
    let of = |name: &str| match &again {
        Some((form, values, errors)) if *form == name => (values.clone(), errors.clone()),
        _ => (Values::none(), Errors::none()),
    };
    let forms: Option<Markup> = opened.listed().map(|part| {
        let (assign, explain) = (of("assign"), of("explain"));
        let came = opened.line.direction == Direction::In;
        let candidates: Vec<_> = opened
            .names
            .iter()
            .filter(|(id, _)| part.candidates.contains(id))
            .cloned()
            .collect();
        view::forms(
            shell,
            &view::Forms {
                part,
                candidates: &candidates,
                assign: came.then(|| view::assign_form(part).render(shell, &assign.0, &assign.1)),
                explain: view::explain_form(part).render(shell, &explain.0, &explain.1),
                give_back: came,
            },
        )
    });
    let body = view::line(
        shell,
        &view::Line {
            line: &opened.line,
            account: &opened.account,
            detail: &opened.detail,
            parts: &opened.parts,
            names: &opened.names,
            forms: forms.as_ref(),
        },
    );
    let mut way = crumbs(shell);
    way.push(Crumb::new(
        "/payments/reconciliation",
        shell.text("reconciliation-title"),
    ));
    let page = Page::new(shell, shell.text("line-title")).crumbs(way);
    match &again {
        Some((_, _, errors)) => page.errors(errors).body(body),
        None => page.body(body),
    }
}

/// A decision about a part, its reason sealed.
fn decision(house: &Payments, officer: &OfficerCaller, part: PartId, why: &str) -> Decision {
    let base = kernel::id::uuid_v7(house.world().as_ref());
    let seal = |n: usize| {
        let id = PartId::from_uuid(house::following(base, n));
        house.seal(&super::reason_context(id), why.as_bytes())
    };
    Decision {
        part,
        base,
        reasons: [seal(1), seal(2)],
        by: By::of(officer),
        now: house.now(),
    }
}

async fn assign(
    State(house): State<Payments>,
    shell: Shell,
    officer: OfficerCaller,
    Path(id): Path<String>,
    submitted: Submitted,
) -> Reply<Response> {
    let opened = open(&house, &officer, &id).await?;
    let part = opened.listed().ok_or(PaymentError::PartDecided)?;
    let form = view::assign_form(part);
    let again =
        |errors: Errors| line_page(&shell, &opened, Some(("assign", form.typed(&submitted), errors))).into_response();
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => return Ok(again(errors)),
    };
    let wrong = |error: &dyn Fault| {
        let mut errors = Errors::none();
        errors.add_fault("reference", error);
        errors
    };
    let reference = match values
        .text("reference")
        .replace(' ', "")
        .to_uppercase()
        .parse::<BillReference>()
    {
        Ok(reference) => reference,
        Err(error) => return Ok(again(wrong(&error))),
    };
    let decision = decision(
        &house,
        &officer,
        values.typed("part").unwrap_or(part.id),
        values.text("why").trim(),
    );
    let done = house
        .store()
        .write(move |tx| super::assign(tx, &decision, &reference))
        .await;
    match done {
        Ok(()) => Ok(see_other(&format!("/payments/lines/{}", opened.line.id))),
        Err(error @ PaymentError::NotFound("bill")) => Ok(again(wrong(&error))),
        Err(error) => Err(error.into()),
    }
}

async fn explain(
    State(house): State<Payments>,
    shell: Shell,
    officer: OfficerCaller,
    Path(id): Path<String>,
    submitted: Submitted,
) -> Reply<Response> {
    let opened = open(&house, &officer, &id).await?;
    let part = opened.listed().ok_or(PaymentError::PartDecided)?;
    let form = view::explain_form(part);
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => {
            let page = line_page(&shell, &opened, Some(("explain", form.typed(&submitted), errors)));
            return Ok(page.into_response());
        }
    };
    let decision = decision(
        &house,
        &officer,
        values.typed("part").unwrap_or(part.id),
        values.text("why").trim(),
    );
    house.store().write(move |tx| super::explain(tx, &decision)).await?;
    Ok(see_other(&format!("/payments/lines/{}", opened.line.id)))
}

async fn ask_back(
    State(house): State<Payments>,
    shell: Shell,
    officer: OfficerCaller,
    Path(id): Path<String>,
) -> Reply {
    let opened = open(&house, &officer, &id).await?;
    let part = opened.listed().ok_or(PaymentError::PartDecided)?;
    let values = Values::none()
        .with("amount", part.amount.get().to_string())
        .with("way", bill::Way::Transfer.word())
        .with("to", opened.detail.counterparty.clone().unwrap_or_default());
    Ok(back_page(&shell, &opened, part, &values, &Errors::none()))
}

fn back_form(part: &StoredPart) -> web::form::Form {
    let path = format!("/payments/lines/{}", part.line);
    refund::view::form(format!("{path}/refund"), path, part.amount).hidden("part", part.id.to_string())
}

fn back_page(shell: &Shell, opened: &Opened, part: &StoredPart, values: &Values, errors: &Errors) -> Page {
    let form = back_form(part).render(shell, values, errors);
    let back = format!("/payments/lines/{}", opened.line.id);
    Page::new(shell, shell.text("refund-order")).errors(errors).body(html! {
        (web::components::back_link(shell.lang, &back))
        h1 { (shell.text("refund-order")) }
        p { (shell.text("line-back-words")) }
        (form)
    })
}

async fn give_back(
    State(house): State<Payments>,
    shell: Shell,
    officer: OfficerCaller,
    Path(id): Path<String>,
    submitted: Submitted,
) -> Reply<Response> {
    let opened = open(&house, &officer, &id).await?;
    let part = opened.listed().ok_or(PaymentError::PartDecided)?;
    let unit = opened.account.unit;
    house.require(&officer, Action::RefundOrder, &Resource::at(unit))?;
    let form = back_form(part);
    let again = |errors: &Errors| back_page(&shell, &opened, part, &form.typed(&submitted), errors).into_response();
    let values = match form.parse(&submitted) {
        // What belongs to nobody here goes back by the way it came.
        Ok(values) => values.with("way", bill::Way::Transfer.word()),
        Err(errors) => return Ok(again(&errors)),
    };
    let order = refund::http::prepare(
        &house,
        &officer,
        &submitted,
        &values,
        Of::Part(part.id),
        (unit, unit, Some(opened.account.id)),
    )?;
    let done = house.store().write(move |tx| refund::order(tx, &order)).await;
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
