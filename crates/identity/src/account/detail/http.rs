//! Pages: `/admin/accounts/{id}` and what is posted from it.
//! They refuse acts on one's own account: nobody gives herself a right.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use web::components::{ButtonKind, SummaryRow, details, post_button, summary_list};
use web::form::{Choice, Errors, Field, Form, Values};
use web::format::{date, date_time};
use web::table::{Column, Paging, Row, Table, TableQuery};
use web::{Failure, Markup, Page, Reply, Shell, Submitted, html, see_other};

use crate::account::admin::By;
use crate::account::http::session_table;
use crate::account::list::http::{beside, crumbs, handover_page, read_role, role_fields, state_tag};
use crate::account::{Account, AccountId, Assignment, AssignmentId, Given, rules};
use crate::policy::Action;
use crate::routes::{Access, Routes, get, post};
use crate::session::http::{role_key, with_notice};
use crate::session::{Caller, OfficerCaller, Session, SessionId, store as sessions};
use crate::{Identity, IdentityError};

pub(crate) fn routes(identity: &Identity) -> Routes<Identity> {
    let manage = Access::Action(Action::AccountManage);
    let assign = Access::Action(Action::RoleAssign);
    Routes::new(identity)
        .page(get("/admin/accounts/{id}", page), Access::Action(Action::AccountList))
        .page(post("/admin/accounts/{id}/roles", grant), assign)
        .page(
            post("/admin/accounts/{id}/roles/{assignment}/withdraw", withdraw),
            assign,
        )
        .page(post("/admin/accounts/{id}/unlock", unlock), manage)
        .page(post("/admin/accounts/{id}/reset-password", reset_password), manage)
        .page(
            post("/admin/accounts/{id}/reset-second-factor", reset_second_factor),
            manage,
        )
        .page(post("/admin/accounts/{id}/disable", disable), manage)
        .page(post("/admin/accounts/{id}/enable", enable), manage)
        .page(post("/admin/accounts/{id}/sessions/end", end_all), manage)
        .page(post("/admin/accounts/{id}/sessions/{session}/end", end_one), manage)
}

fn by(officer: &OfficerCaller) -> By {
    By::Officer(Caller::Officer(officer.clone()))
}

fn own_path(id: AccountId) -> String {
    format!("/admin/accounts/{id}")
}

async fn page(
    State(identity): State<Identity>,
    shell: Shell,
    officer: OfficerCaller,
    Path(id): Path<AccountId>,
    query: TableQuery,
) -> Reply {
    view(
        &identity,
        &shell,
        &officer,
        id,
        &query,
        &Values::none(),
        &Errors::none(),
    )
    .await
}

async fn view(
    identity: &Identity,
    shell: &Shell,
    officer: &OfficerCaller,
    id: AccountId,
    query: &TableQuery,
    values: &Values,
    errors: &Errors,
) -> Reply {
    let caller = Caller::Officer(officer.clone());
    let (account, assignments) = identity.account_with_roles(&caller, id).await?;
    let list = identity.store().read(move |tx| sessions::of_account(tx, id)).await?;
    let manages = identity.policy().somewhere(&caller, Action::AccountManage) && officer.account() != id;
    let assigns = identity.policy().somewhere(&caller, Action::RoleAssign) && officer.account() != id;
    Ok(Page::new(shell, account.name.clone())
        .errors(errors)
        .crumbs(crumbs(shell, &[("/admin/accounts", "account-list-title")]))
        .body(html! {
            h1 { (account.name) }
            (summary_list(&facts(identity, shell, &account)))
            h2 { (shell.text("account-roles")) }
            (assignment_table(identity, shell, query, &assignments, id, assigns))
            @if assigns { (grant_part(identity, shell, officer, id, values, errors)) }
            @if manages {
                h2 { (shell.text("session-title")) }
                (sessions_part(shell, query, &list, id))
                h2 { (shell.text("account-acts")) }
                (acts(shell, &account, identity.now()))
            }
        }))
}

fn facts(identity: &Identity, shell: &Shell, account: &Account) -> Vec<SummaryRow> {
    let now = identity.now();
    let mut rows = vec![
        SummaryRow::markup(shell.text("account-state"), state_tag(shell, account, now)),
        SummaryRow::new(shell.text("account-login"), account.login.as_deref().unwrap_or("")),
        SummaryRow::new(shell.text("account-created"), date_time(shell.lang, account.created_at)),
        SummaryRow::new(
            shell.text("account-used"),
            account
                .signed_in_at
                .map_or_else(|| shell.text("account-never"), |at| date_time(shell.lang, at)),
        ),
        SummaryRow::new(
            shell.text("account-second-factor"),
            shell.text(if account.totp_confirmed_at.is_some() {
                "account-second-factor-set"
            } else {
                "account-second-factor-none"
            }),
        ),
    ];
    if let Some((at, why)) = &account.disabled {
        let why = web::i18n::maybe(shell.lang, &format!("account-disabled-{why}"), &[]).unwrap_or_else(|| why.clone());
        rows.push(SummaryRow::new(
            shell.text("account-disabled"),
            format!("{}: {why}", date_time(shell.lang, *at)),
        ));
    }
    if let Some(until) = account.locked_until.filter(|until| now < *until) {
        rows.push(SummaryRow::new(
            shell.text("account-locked-until"),
            date_time(shell.lang, until),
        ));
    }
    rows
}

fn assignment_table(
    identity: &Identity,
    shell: &Shell,
    query: &TableQuery,
    assignments: &[Assignment],
    id: AccountId,
    assigns: bool,
) -> Markup {
    let columns = vec![
        Column::new("role", "account-role"),
        Column::new("unit", "account-unit"),
        Column::new("from", "account-from"),
        Column::new("to", "account-to"),
        Column::new("reason", "account-reason"),
        Column::new("act", ""),
    ];
    let today = identity.now().local_date();
    let open = |one: &Assignment| one.withdrawn_at.is_none() && one.valid_to.is_none_or(|last| last >= today);
    let end = |one: &Assignment| match (one.withdrawn_at, one.valid_to) {
        (Some(at), _) => shell.text_with("account-withdrawn", &[("at", date_time(shell.lang, at).into())]),
        (None, Some(day)) => date(shell.lang, day),
        (None, None) => shell.text("account-open-end"),
    };
    let rows: Vec<Row> = assignments
        .iter()
        .map(|one| {
            Row::new(vec![
                html! { (shell.text(role_key(one.role))) },
                html! { (identity.unit_name(one.unit, shell.lang)) },
                html! { (date(shell.lang, one.valid_from)) },
                html! { (end(one)) },
                html! { (one.reason) },
                html! { @if assigns && open(one) { (withdraw_part(shell, id, one.id)) } },
            ])
        })
        .collect();
    Table::new(own_path(id), "account-roles-of-caption", columns)
        .empty("account-roles-none")
        .render(shell, query, &rows, &Paging::All)
}

/// A folded form that asks for the reason.
fn reason_part(shell: &Shell, name: &str, action: &str, label: &str) -> Markup {
    let form = Form::new(name, action)
        .field(Field::text("reason", "account-reason").max_len(rules::REASON_MAX))
        .submit(label);
    details(
        &shell.text(label),
        &form.render(shell, &Values::none(), &Errors::none()),
    )
}

fn withdraw_part(shell: &Shell, id: AccountId, assignment: AssignmentId) -> Markup {
    let action = format!("{}/roles/{assignment}/withdraw", own_path(id));
    reason_part(shell, &format!("withdraw-{assignment}"), &action, "account-withdraw")
}

fn grant_form(identity: &Identity, shell: &Shell, officer: &OfficerCaller, id: AccountId) -> Form {
    let how = vec![
        Choice::new("add", "account-grant-add"),
        Choice::new("move", "account-grant-move"),
    ];
    let form =
        Form::new("grant", format!("{}/roles", own_path(id))).field(Field::radios("how", "account-grant-how", how));
    role_fields(identity, shell, officer, form).submit("account-grant")
}

fn grant_part(
    identity: &Identity,
    shell: &Shell,
    officer: &OfficerCaller,
    id: AccountId,
    values: &Values,
    errors: &Errors,
) -> Markup {
    let form = grant_form(identity, shell, officer, id);
    let body = form.render(shell, values, errors);
    html! {
        @if errors.is_empty() {
            (details(&shell.text("account-grant-title"), &body))
        } @else {
            h2 { (shell.text("account-grant-title")) }
            (body)
        }
    }
}

fn sessions_part(shell: &Shell, query: &TableQuery, list: &[Session], id: AccountId) -> Markup {
    let path = format!("{}/sessions", own_path(id));
    let nobody = SessionId::from_uuid(uuid::Uuid::nil());
    html! {
        (session_table(shell, query, list, nobody, &path))
        @if !list.is_empty() {
            (post_button(shell, ButtonKind::Quiet, &format!("{path}/end"), &[], &shell.text("session-end-all")))
        }
    }
}

fn acts(shell: &Shell, account: &Account, now: kernel::Timestamp) -> Markup {
    let path = own_path(account.id);
    let plain = |act: &str, label: &str| {
        post_button(
            shell,
            ButtonKind::Quiet,
            &format!("{path}/{act}"),
            &[],
            &shell.text(label),
        )
    };
    html! {
        @if account.is_locked(now) || account.failures > 0 { (plain("unlock", "account-unlock")) }
        (plain("reset-password", "account-reset-password"))
        @if account.totp_confirmed_at.is_some() { (plain("reset-second-factor", "account-reset-second-factor")) }
        @if account.disabled.is_some() {
            (reason_part(shell, "enable", &format!("{path}/enable"), "account-enable"))
        } @else {
            (reason_part(shell, "disable", &format!("{path}/disable"), "account-disable"))
        }
    }
}

async fn grant(
    State(identity): State<Identity>,
    shell: Shell,
    officer: OfficerCaller,
    Path(id): Path<AccountId>,
    submitted: Submitted,
) -> Reply<Response> {
    let form = grant_form(&identity, &shell, &officer, id);
    let (values, errors) = match form.parse(&submitted) {
        Ok(values) => match give(&identity, &officer, id, &values).await {
            Ok(Given::Held(_)) => return Ok(with_notice(see_other(&own_path(id)), "account-notice-role")),
            Ok(Given::Waits(_)) => return Ok(with_notice(see_other(&own_path(id)), "approval-notice-waits")),
            Err(error) => (values, beside(error)?),
        },
        Err(errors) => (form.typed(&submitted), errors),
    };
    let page = view(
        &identity,
        &shell,
        &officer,
        id,
        &TableQuery::default(),
        &values,
        &errors,
    )
    .await?;
    Ok(page.into_response())
}

async fn give(
    identity: &Identity,
    officer: &OfficerCaller,
    id: AccountId,
    values: &Values,
) -> Result<Given, IdentityError> {
    let role = read_role(values)?;
    if values.text("how") == "move" {
        identity.move_officer(&by(officer), id, role).await
    } else {
        identity.grant_role(&by(officer), id, role).await
    }
}

async fn withdraw(
    State(identity): State<Identity>,
    officer: OfficerCaller,
    Path((id, assignment)): Path<(AccountId, AssignmentId)>,
    submitted: Submitted,
) -> Reply<Response> {
    identity
        .withdraw_role(&by(&officer), assignment, submitted.text("reason"))
        .await?;
    Ok(with_notice(see_other(&own_path(id)), "account-notice-withdrawn"))
}

async fn unlock(
    State(identity): State<Identity>,
    officer: OfficerCaller,
    Path(id): Path<AccountId>,
    _submitted: Submitted,
) -> Reply<Response> {
    identity.unlock_account(&by(&officer), id).await?;
    Ok(with_notice(see_other(&own_path(id)), "account-notice-unlocked"))
}

async fn reset_password(
    State(identity): State<Identity>,
    shell: Shell,
    officer: OfficerCaller,
    Path(id): Path<AccountId>,
    _submitted: Submitted,
) -> Reply {
    let password = identity.reset_password(&by(&officer), id).await?;
    let onward = own_path(id);
    Ok(handover_page(&shell, "account-reset-title", &password, &onward, false))
}

async fn reset_second_factor(
    State(identity): State<Identity>,
    officer: OfficerCaller,
    Path(id): Path<AccountId>,
    _submitted: Submitted,
) -> Reply<Response> {
    identity.reset_second_factor(&by(&officer), id).await?;
    Ok(with_notice(see_other(&own_path(id)), "account-notice-second-factor"))
}

async fn disable(
    State(identity): State<Identity>,
    officer: OfficerCaller,
    Path(id): Path<AccountId>,
    submitted: Submitted,
) -> Reply<Response> {
    identity
        .disable_account(&by(&officer), id, submitted.text("reason"))
        .await?;
    Ok(with_notice(see_other(&own_path(id)), "account-notice-disabled"))
}

async fn enable(
    State(identity): State<Identity>,
    officer: OfficerCaller,
    Path(id): Path<AccountId>,
    submitted: Submitted,
) -> Reply<Response> {
    identity
        .enable_account(&by(&officer), id, submitted.text("reason"))
        .await?;
    Ok(with_notice(see_other(&own_path(id)), "account-notice-enabled"))
}

async fn end_all(
    State(identity): State<Identity>,
    officer: OfficerCaller,
    Path(id): Path<AccountId>,
    _submitted: Submitted,
) -> Reply<Response> {
    identity.end_sessions_of(&by(&officer), id).await?;
    Ok(with_notice(see_other(&own_path(id)), "session-notice-revoked"))
}

async fn end_one(
    State(identity): State<Identity>,
    officer: OfficerCaller,
    Path((id, session)): Path<(AccountId, SessionId)>,
    _submitted: Submitted,
) -> Result<Response, Failure> {
    identity.end_session_of(&by(&officer), id, session).await?;
    Ok(with_notice(see_other(&own_path(id)), "session-notice-revoked"))
}
