//! The pages by which an officer asks for a fee and takes it in cash, and the parts of other pages that show what is owed.
//! Asking stops the clock and issues the bill in one transaction; taking cash settles it and lets the dossier run on.

use std::collections::BTreeMap;

use ::store::Tx;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use identity::routes::{Access, Routes, get, post};
use identity::{Action as Right, Caller, IdentityError, OfficerCaller, Purpose};
use kernel::{Dong, Lang};
use maud::Markup;
use payment::bill::{self, Bill, Draft, NewBill};
use payment::{PaymentError, till};
use web::form::{Errors, Values};
use web::{Page, Reply, Shell, Submitted, format, see_other};

use super::rules::{self, Proposal};
use super::view::{self, Shown};
use super::{FeeError, rules::channel};
use crate::Casework;
use crate::desk::http as desk;
use crate::dossier::command::{self, By, Order};
use crate::dossier::state::Action;
use crate::dossier::store as dossiers;
use crate::dossier::{Content, Dossier, DossierError, DossierId, policy_action};
use crate::track::mine::{self, Sheaf};

/// Registers the pages.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    let read = Access::Action(Right::DossierRead);
    routes
        .page(get("/desk/dossiers/{id}/ask-fee", ask), read)
        .page(post("/desk/dossiers/{id}/ask-fee", asked), read)
        .page(get("/desk/dossiers/{id}/confirm-fee", confirm), read)
        .page(post("/desk/dossiers/{id}/confirm-fee", confirmed), read)
}

/// The bills of a dossier with their accounts and payments.
async fn shown(house: &Casework, id: DossierId) -> Result<Vec<Shown>, FeeError> {
    house
        .store()
        .read(move |tx| {
            let bills = bill::of_subject(tx, id.uuid())?;
            let one = |bill: Bill, tx: &mut Tx| {
                let account = bill::account_of(tx, &bill)?;
                let payments = bill::payments(tx, bill.id)?;
                Ok::<_, FeeError>(Shown {
                    bill,
                    account,
                    payments,
                })
            };
            bills.into_iter().map(|bill| one(bill, tx)).collect()
        })
        .await
}

/// What is owed for a dossier, at the head of its applicant's page.
pub(crate) async fn own_section(house: &Casework, shell: &Shell, dossier: &Dossier) -> Result<Markup, FeeError> {
    let shown = shown(house, dossier.id).await?;
    Ok(view::own(shell, &shown, &house.settings().payment, &dossier.desk_name))
}

/// What is owed for a dossier, on the officers' page.
pub(crate) async fn desk_section(house: &Casework, shell: &Shell, dossier: &Dossier) -> Result<Markup, FeeError> {
    Ok(view::desk(shell, &shown(house, dossier.id).await?))
}

/// A dossier opened for asking its fee.
struct Asking {
    sheaf: Sheaf,
    content: Content,
    proposal: Proposal,
}

/// Opens a dossier whose fee this officer may ask now; the use is recorded.
async fn open(house: &Casework, officer: &OfficerCaller, id: &str) -> Result<Asking, FeeError> {
    let (sheaf, purpose): (Sheaf, Purpose) = desk::disclosed(house, officer, id).await?;
    desk::check_open(house, officer, &sheaf.dossier, Action::AskFee).await?;
    let content = mine::open(house, &purpose, &sheaf)?.content;
    let dossier = &sheaf.dossier;
    let found = house
        .catalogue()
        .find(&dossier.procedure, Some(dossier.procedure_version))
        .await
        .map_err(DossierError::from)?;
    let (code, today) = (dossier.procedure.clone(), house.now().local_date());
    let tariff = house
        .store()
        .read(move |tx| payment::tariff::http::of(tx, &code, today))
        .await?;
    let defined = crate::definitions::Pin::find(content.definition.as_ref(), &dossier.procedure, house.store())
        .await
        .map_err(DossierError::from)?;
    let proposal = rules::propose(
        tariff,
        defined.as_ref(),
        found.as_ref().map(|(procedure, _)| procedure.as_ref()),
        &content,
        channel(dossier, &content),
        today,
    );
    Ok(Asking {
        sheaf,
        content,
        proposal,
    })
}

async fn ask(State(house): State<Casework>, shell: Shell, officer: OfficerCaller, Path(id): Path<String>) -> Reply {
    let asking = open(&house, &officer, &id).await?;
    let values = match &asking.proposal {
        Proposal::Amount { name, amount, basis } => Values::none()
            .with("name", named(name))
            .with(
                "amount",
                amount.map(|amount| amount.get().to_string()).unwrap_or_default(),
            )
            .with("basis", basis.clone()),
        Proposal::Tariff(_) | Proposal::Free => Values::none(),
    };
    Ok(ask_page(&shell, &asking, &values, &Errors::none()))
}

/// What a fee is called: as its source does, else in general.
fn named(name: &str) -> String {
    if name.trim().is_empty() {
        return web::text(Lang::Vi, "fee-own-title");
    }
    name.chars().take(500).collect()
}

fn ask_page(shell: &Shell, asking: &Asking, values: &Values, errors: &Errors) -> Page {
    let dossier = &asking.sheaf.dossier;
    let form = view::ask_form(dossier, &asking.proposal).render(shell, values, errors);
    Page::new(shell, shell.text("desk-do-ask-fee"))
        .errors(errors)
        .body(view::ask(shell, dossier, &asking.proposal, &form))
}

/// The lines of the bill that the form asks for.
fn lines(house: &Casework, asking: &Asking, values: &Values) -> Result<Vec<bill::BillLine>, PaymentError> {
    let Proposal::Tariff(tariff) = &asking.proposal else {
        let amount = values.dong("amount").unwrap_or_default();
        return Ok(rules::by_hand(values.text("name"), amount, values.text("basis")));
    };
    let quantities: BTreeMap<String, u32> = view::counted(tariff)
        .into_iter()
        .enumerate()
        .filter_map(|(at, per)| Some((per, u32::try_from(values.integer(&format!("per-{at}"))?).ok()?)))
        .collect();
    let grounds = values.all("grounds").iter().cloned().collect();
    let way = channel(&asking.sheaf.dossier, &asking.content);
    Ok(rules::by_tariff(
        tariff,
        way,
        grounds,
        quantities,
        house.now().local_date(),
    )?)
}

async fn asked(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path(id): Path<String>,
    submitted: Submitted,
) -> Reply<Response> {
    let asking = open(&house, &officer, &id).await?;
    let dossier = asking.sheaf.dossier.clone();
    if asking.proposal == Proposal::Free {
        return Err(FeeError::from(PaymentError::NothingDue).into());
    }
    let form = view::ask_form(&dossier, &asking.proposal);
    let again = |errors: &Errors| ask_page(&shell, &asking, &form.typed(&submitted), errors).into_response();
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => return Ok(again(&errors)),
    };
    let by = payment::By::of(&officer);
    let prepared = lines(&house, &asking, &values).and_then(|lines| {
        let draft = draft(&dossier, &asking.content, lines);
        NewBill::prepare(submitted.once, draft, &by, &house.settings().payment, house.identity())
    });
    let (new, blank) = match prepared {
        Ok(prepared) => prepared,
        Err(error @ (PaymentError::NothingDue | PaymentError::Tariff(_))) => {
            let field = if values.opt("amount").is_some() {
                "amount"
            } else {
                "grounds"
            };
            let mut errors = Errors::none();
            errors.add_fault(field, &error);
            return Ok(again(&errors));
        }
        Err(error) => return Err(FeeError::from(error).into()),
    };
    let mut order = Order::new(submitted.once, &dossier, Action::AskFee, house.way_of(&dossier).await?);
    order.revision = values.integer("revision").unwrap_or(dossier.revision);
    order.note = note(&blank, values.text("note"));
    let command = command::prepare(order, acting(&house, &officer)?, house.world().as_ref(), &house.keys());
    let calendar = house.calendar().clone();
    house
        .store()
        .write(move |tx| {
            command::perform(tx, &command, &calendar)?;
            bill::issue(tx, &new, &blank, &by)?;
            Ok::<_, FeeError>(())
        })
        .await?;
    Ok(see_other(&format!(
        "/desk/dossiers/{}?done={}",
        dossier.id,
        Action::AskFee
    )))
}

/// The reason that the history shows: what is asked and how much, then the officer's own words.
fn note(bill: &Bill, words: &str) -> String {
    let names: Vec<&str> = bill.lines.iter().map(|line| line.name.vi.as_str()).collect();
    let names: String = names.join("; ").chars().take(1_000).collect();
    format!("{names}: {}\n{words}", format::dong(Lang::Vi, bill.amount))
        .trim()
        .to_owned()
}

fn draft(dossier: &Dossier, content: &Content, lines: Vec<bill::BillLine>) -> Draft {
    Draft {
        subject: dossier.id.uuid(),
        subject_code: dossier.code.to_string(),
        about: dossier.procedure_name.clone(),
        unit: dossier.unit,
        unit_name: dossier.unit_name.clone(),
        desk: dossier.desk,
        person: Some(dossier.person),
        payer: content.name.clone(),
        payer_mask: dossier.person_mask.clone(),
        lines,
    }
}

/// Who acts, for the history.
fn acting(house: &Casework, officer: &OfficerCaller) -> Result<By, DossierError> {
    let caller = Caller::Officer(officer.clone());
    let capacity = crate::desk::capacity(&caller).ok_or(DossierError::NotYours { action: Action::AskFee })?;
    let name = |unit| house.identity().unit_name(unit, Lang::Vi);
    Ok(By {
        account: officer.account(),
        capacity,
        name: Some(officer.name().to_owned()),
        unit: officer.unit().map(|unit| (unit, name(unit))),
    })
}

/// The bills for which a dossier waits.
async fn waiting(house: &Casework, id: DossierId) -> Result<Vec<Bill>, FeeError> {
    let bills = house.store().read(move |tx| bill::of_subject(tx, id.uuid())).await?;
    Ok(bills.into_iter().filter(|bill| !bill.waiting().is_zero()).collect())
}

/// The dossier and the bills it waits for, when this officer may take the cash; `None` when it waits for no bill.
async fn takeable(
    house: &Casework,
    officer: &OfficerCaller,
    id: &str,
) -> Result<Option<(Dossier, Vec<Bill>)>, FeeError> {
    let id: DossierId = id.parse().map_err(|_| DossierError::NotFound)?;
    let bills = waiting(house, id).await?;
    if bills.is_empty() {
        return Ok(None);
    }
    let dossier = house.store().read(move |tx| dossiers::find(tx, id)).await?;
    let caller = Caller::Officer(officer.clone());
    let policy = house.identity().policy();
    if !policy.decide(&caller, Right::DossierRead, &crate::desk::resource(&dossier)) {
        return Err(DossierError::NotFound.into());
    }
    desk::check_open(house, officer, &dossier, Action::ConfirmFee).await?;
    for bill in &bills {
        let at = bill
            .resource()
            .living_on(&house.identity().units(), house.now().local_date());
        let allowed = policy.require(&caller, Right::CashTake, &at);
        allowed.map_err(IdentityError::from).map_err(DossierError::from)?;
    }
    Ok(Some((dossier, bills)))
}

async fn confirm(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path(id): Path<String>,
) -> Reply<Response> {
    let Some((dossier, bills)) = takeable(&house, &officer, &id).await? else {
        // No bill was issued (it was asked before there were bills): the officer confirms by hand, with the receipt's number.
        let path = Path((id, Action::ConfirmFee.word().to_owned()));
        return desk::ask(State(house), shell, officer, path)
            .await
            .map(IntoResponse::into_response);
    };
    let form = view::take_form(&dossier).render(&shell, &Values::none(), &Errors::none());
    let body = view::take(&shell, &dossier, &bills, &form);
    Ok(Page::new(&shell, shell.text("fee-take-title"))
        .body(body)
        .into_response())
}

async fn confirmed(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path(id): Path<String>,
    submitted: Submitted,
) -> Reply<Response> {
    let Some((dossier, bills)) = takeable(&house, &officer, &id).await? else {
        let path = Path((id, Action::ConfirmFee.word().to_owned()));
        return desk::done(State(house), shell, officer, path, submitted).await;
    };
    let right = policy_action(Action::ConfirmFee, dossier.state);
    let caller = Caller::Officer(officer.clone());
    let policy = house.identity().policy();
    let allowed = policy.require(&caller, right, &crate::desk::resource(&dossier));
    allowed.map_err(IdentityError::from)?;
    let takings: Vec<till::Taking> = bills
        .iter()
        .map(|bill| {
            // One key for each bill, so that a form sent twice takes each once.
            let once = uuid::Uuid::from_u128(submitted.once.as_u128() ^ bill.id.uuid().as_u128());
            till::Taking::at(house.identity(), &officer, once, bill.id, bill.desk)
        })
        .collect();
    let sum: Dong = bills.iter().map(Bill::waiting).sum();
    let mut order = Order::new(
        submitted.once,
        &dossier,
        Action::ConfirmFee,
        house.way_of(&dossier).await?,
    );
    order.revision = submitted.text("revision").parse().unwrap_or(dossier.revision);
    order.note = web::text_with(
        Lang::Vi,
        "fee-taken-note",
        &[("amount", format::dong(Lang::Vi, sum).into())],
    );
    let command = command::prepare(order, acting(&house, &officer)?, house.world().as_ref(), &house.keys());
    let calendar = house.calendar().clone();
    house
        .store()
        .write(move |tx| {
            for taking in &takings {
                till::take(tx, taking)?;
            }
            command::perform(tx, &command, &calendar)?;
            Ok::<_, FeeError>(())
        })
        .await?;
    Ok(see_other(&format!(
        "/desk/dossiers/{}?done={}",
        dossier.id,
        Action::ConfirmFee
    )))
}
