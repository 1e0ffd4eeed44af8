//! Pages: `/admin/accounts/waiting`, what waits for a second administrator, and units at which one is enough.
//! Who asked sees that it waits and may take it back; she is offered no approval.

use std::collections::HashMap;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use web::components::{ButtonKind, SummaryRow, Tone, details, empty, inset, post_button, summary_list, tag};
use web::form::{Choice, Errors, Field, Form, Values};
use web::format::{date, date_time};
use web::{Markup, Page, Reply, Shell, Submitted, html, see_other};

use super::{Act, Alone, AloneId, Proposal, ProposalId, store as table};
use crate::account::admin::By;
use crate::account::list::http::{crumbs, unit_choices};
use crate::account::{AccountId, rules, store as accounts};
use crate::policy::Action;
use crate::routes::{Access, Routes, get, post};
use crate::session::http::{role_key, with_notice};
use crate::session::{Caller, OfficerCaller};
use crate::{Identity, IdentityError};

/// The page.
pub(crate) const PATH: &str = "/admin/accounts/waiting";

pub(crate) fn routes(identity: &Identity) -> Routes<Identity> {
    let access = Access::Action(Action::RoleAssign);
    Routes::new(identity)
        .page(get(PATH, page), access)
        .page(post("/admin/accounts/waiting/{id}/approve", approve), access)
        .page(post("/admin/accounts/waiting/{id}/refuse", refuse), access)
        .page(post("/admin/accounts/alone", alone), access)
        .page(post("/admin/accounts/alone/{id}/end", end), access)
}

fn by(officer: &OfficerCaller) -> By {
    By::Officer(Caller::Officer(officer.clone()))
}

/// What the page shows.
struct Shown {
    waiting: Vec<Proposal>,
    alone: Vec<Alone>,
    names: HashMap<AccountId, String>,
    /// She administers the whole province, and may say where one administrator is enough.
    is_whole: bool,
}

async fn shown(identity: &Identity, officer: &OfficerCaller) -> Result<Shown, IdentityError> {
    let caller = Caller::Officer(officer.clone());
    let units = identity.policy().scope_shared(&caller, Action::RoleAssign);
    let is_whole = identity.require_system(&caller, Action::RoleAssign).is_ok();
    identity
        .store()
        .read(move |tx| {
            let mut waiting = table::waiting(tx, &units)?;
            waiting.retain(|one| is_whole || one.act != Act::Alone);
            let whose = waiting.iter().flat_map(|one| one.role.map(|(account, _)| account));
            let mut ids: Vec<AccountId> = whose.chain(waiting.iter().map(|one| one.proposed_by)).collect();
            ids.sort_unstable();
            ids.dedup();
            Ok::<_, IdentityError>(Shown {
                names: accounts::names(tx, &ids)?,
                alone: if is_whole { table::alone(tx)? } else { Vec::new() },
                waiting,
                is_whole,
            })
        })
        .await
}

async fn page(State(identity): State<Identity>, shell: Shell, officer: OfficerCaller) -> Reply {
    Ok(view(&identity, &shell, &officer, &Values::none(), &Errors::none()).await?)
}

async fn view(
    identity: &Identity,
    shell: &Shell,
    officer: &OfficerCaller,
    values: &Values,
    errors: &Errors,
) -> Result<Page, IdentityError> {
    let shown = shown(identity, officer).await?;
    let title = shell.text("approval-title");
    Ok(Page::new(shell, title.clone())
        .errors(errors)
        .crumbs(crumbs(shell, &[("/admin/accounts", "account-list-title")]))
        .body(html! {
            h1 { (title) }
            p { (shell.text("approval-words")) }
            @if shown.waiting.is_empty() { (empty(&shell.text("approval-none"), None)) }
            @for one in &shown.waiting { (proposal(identity, shell, officer, &shown, one)) }
            @if shown.is_whole { (alone_part(identity, shell, officer, &shown, values, errors)) }
        }))
}

fn name<'a>(shown: &'a Shown, id: &AccountId) -> &'a str {
    shown.names.get(id).map_or("–", String::as_str)
}

fn proposal(identity: &Identity, shell: &Shell, officer: &OfficerCaller, shown: &Shown, one: &Proposal) -> Markup {
    let own = one.proposed_by == officer.account();
    let is_hers = one.role.is_some_and(|(account, _)| account == officer.account());
    let title = shell.text(&format!("approval-act-{}", one.act.name()));
    let refuse = reason_form(shell, one, own);
    html! {
        section.card {
            h2.first { (title) }
            (summary_list(&facts(identity, shell, shown, one)))
            @if own { p { (tag(Tone::Soon, &shell.text("account-state-waiting"))) " " (shell.text("approval-own")) } }
            @else if is_hers { p { (tag(Tone::Soon, &shell.text("account-state-waiting"))) " " (shell.text("approval-hers")) } }
            @else { (post_button(shell, ButtonKind::Main, &format!("{PATH}/{}/approve", one.id), &[], &shell.text("approval-approve"))) }
            @if !is_hers { (refuse) }
        }
    }
}

fn facts(identity: &Identity, shell: &Shell, shown: &Shown, one: &Proposal) -> Vec<SummaryRow> {
    let mut rows = Vec::new();
    if let Some((account, role)) = &one.role {
        rows.push(SummaryRow::markup(
            shell.text("account-name"),
            html! { a href={ "/admin/accounts/" (account) } { (name(shown, account)) } },
        ));
        rows.push(SummaryRow::new(shell.text("account-role"), shell.text(role_key(*role))));
    }
    rows.push(SummaryRow::new(
        shell.text("account-unit"),
        identity.unit_name(one.unit, shell.lang),
    ));
    if let Some((from, to)) = one.days {
        rows.push(SummaryRow::new(shell.text("account-from"), date(shell.lang, from)));
        if let Some(to) = to {
            rows.push(SummaryRow::new(shell.text("account-to"), date(shell.lang, to)));
        }
    }
    rows.push(SummaryRow::new(shell.text("account-reason"), &one.reason));
    rows.push(SummaryRow::new(
        shell.text("approval-asked-by"),
        format!(
            "{}, {}",
            name(shown, &one.proposed_by),
            date_time(shell.lang, one.proposed_at)
        ),
    ));
    rows
}

/// The folded form that asks why not.
fn reason_form(shell: &Shell, one: &Proposal, own: bool) -> Markup {
    let label = if own { "approval-take-back" } else { "approval-refuse" };
    let form = Form::new(format!("refuse-{}", one.id), format!("{PATH}/{}/refuse", one.id))
        .field(Field::text("reason", "account-reason").max_len(rules::REASON_MAX))
        .submit(label);
    details(
        &shell.text(label),
        &form.render(shell, &Values::none(), &Errors::none()),
    )
}

fn alone_form(identity: &Identity, shell: &Shell, officer: &OfficerCaller) -> Form {
    let caller = Caller::Officer(officer.clone());
    let scope = identity.policy().scope_shared(&caller, Action::RoleAssign);
    let units: Vec<Choice> = unit_choices(identity, shell.lang, &scope);
    Form::new("alone", "/admin/accounts/alone")
        .field(Field::select("unit", "account-unit", units))
        .field(
            Field::text("reason", "account-reason")
                .hint("approval-alone-reason-hint")
                .max_len(rules::REASON_MAX),
        )
        .submit("approval-alone-ask")
}

fn alone_part(
    identity: &Identity,
    shell: &Shell,
    officer: &OfficerCaller,
    shown: &Shown,
    values: &Values,
    errors: &Errors,
) -> Markup {
    let form = alone_form(identity, shell, officer).render(shell, values, errors);
    html! {
        h2 { (shell.text("approval-alone-title")) }
        p { (shell.text("approval-alone-words")) }
        @for one in &shown.alone {
            (inset(&html! {
                p { b { (identity.unit_name(one.unit, shell.lang)) } br;
                    span.small.muted { (date_time(shell.lang, one.set_at)) ": " (one.reason) } }
                (post_button(shell, ButtonKind::Quiet, &format!("/admin/accounts/alone/{}/end", one.id), &[], &shell.text("approval-alone-end")))
            }))
        }
        @if errors.is_empty() { (details(&shell.text("approval-alone-add"), &form)) } @else { (form) }
    }
}

async fn approve(
    State(identity): State<Identity>,
    officer: OfficerCaller,
    Path(id): Path<ProposalId>,
    _submitted: Submitted,
) -> Reply<Response> {
    identity.approve_proposal(&by(&officer), id).await?;
    Ok(with_notice(see_other(PATH), "approval-notice-approved"))
}

async fn refuse(
    State(identity): State<Identity>,
    officer: OfficerCaller,
    Path(id): Path<ProposalId>,
    submitted: Submitted,
) -> Reply<Response> {
    identity
        .refuse_proposal(&by(&officer), id, submitted.text("reason"))
        .await?;
    Ok(with_notice(see_other(PATH), "approval-notice-refused"))
}

async fn alone(
    State(identity): State<Identity>,
    shell: Shell,
    officer: OfficerCaller,
    submitted: Submitted,
) -> Reply<Response> {
    let form = alone_form(&identity, &shell, &officer);
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => {
            let page = view(&identity, &shell, &officer, &form.typed(&submitted), &errors).await?;
            return Ok(page.into_response());
        }
    };
    let unit = values
        .text("unit")
        .parse()
        .map_err(|_| IdentityError::from(crate::account::AccountError::UnitUnknown))?;
    let asked = identity.propose_alone(&by(&officer), unit, values.text("reason")).await;
    match asked {
        Ok(()) => Ok(with_notice(see_other(PATH), "approval-notice-waits")),
        Err(IdentityError::Account(error @ crate::account::AccountError::WaitsAlready)) => {
            let mut errors = Errors::none();
            errors.add_fault("unit", &error);
            let page = view(&identity, &shell, &officer, &values, &errors).await?;
            Ok(page.into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn end(
    State(identity): State<Identity>,
    officer: OfficerCaller,
    Path(id): Path<AloneId>,
    _submitted: Submitted,
) -> Reply<Response> {
    identity.end_alone(&by(&officer), id).await?;
    Ok(with_notice(see_other(PATH), "approval-notice-ended"))
}
