//! One line of a statement: opened for a recorded purpose, and the decision of a person about what is listed of it.
//! A decision is made once; a second officer who decides at the same moment is told.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use identity::{Action, Caller, OfficerCaller, Purpose, Resource};
use kernel::Fault;
use maud::{Markup, html};
use web::components::Crumb;
use web::form::{Errors, Values};
use web::{Page, Reply, Shell, Submitted, see_other};

use crate::account::{self, PayAccount};
use crate::bill::Bill;
use crate::import::{self, BankLine, Decision, Detail, LineId, PartId, StoredPart, store, view};
use crate::reconcile::{BillId, BillReference, Class};
use crate::refund::{self, Of};
use crate::statement::Direction;
use crate::view::crumbs;
use crate::{By, PaymentError, Payments, bill, house};

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
    let text = house::open(&keys, &purpose, &import::detail_context(id), &sealed)?;
    let detail = serde_json::from_str(&text).map_err(|error| PaymentError::Damaged(error.to_string()))?;
    let parts = parts
        .into_iter()
        .map(|part| {
            let reason = part.reason.as_ref();
            let reason = reason.map(|sealed| house::open(&keys, &purpose, &import::reason_context(part.id), sealed));
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

pub(super) async fn line(
    State(house): State<Payments>,
    shell: Shell,
    officer: OfficerCaller,
    Path(id): Path<String>,
) -> Reply {
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
        house.seal(&import::reason_context(id), why.as_bytes())
    };
    Decision {
        part,
        base,
        reasons: [seal(1), seal(2)],
        by: By::of(officer),
        now: house.now(),
    }
}

pub(super) async fn assign(
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
        .write(move |tx| import::assign(tx, &decision, &reference))
        .await;
    match done {
        Ok(()) => Ok(see_other(&format!("/payments/lines/{}", opened.line.id))),
        Err(error @ PaymentError::NotFound("bill")) => Ok(again(wrong(&error))),
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn explain(
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
    house.store().write(move |tx| import::explain(tx, &decision)).await?;
    Ok(see_other(&format!("/payments/lines/{}", opened.line.id)))
}

pub(super) async fn ask_back(
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

pub(super) async fn give_back(
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
