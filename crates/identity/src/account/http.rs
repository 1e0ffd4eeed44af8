//! Pages of one's own account: password, second factor, live sign-ins, the role one acts in.
//! They refuse a change of password or second factor without the old one.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use web::client::Client;
use web::components::{ButtonKind, SummaryRow, Tone, post_button, summary_list, tag};
use web::form::{Choice, Errors, Field, Form, Values};
use web::format::date_time;
use web::table::{Column, Paging, Row, Table, TableQuery};
use web::{Failure, Markup, Page, Reply, Shell, Submitted, html, see_other};

use super::{Account, store};
use crate::audit::{self, Actor, detail};
use crate::routes::{Access, Routes, get, post};
use crate::session::http::{Live, add_cookie, role_key, signed_in, with_notice};
use crate::session::{
    Caller, Level, OfficerCaller, Session, SessionError, SessionId, SessionToken, Stage, store as sessions,
};
use crate::sign_in::http::{new_password_form, recovery_page, second_factor_form_page, take_new_password};
use crate::sign_in::{SignInError, rules::return_to};
use crate::{Identity, IdentityError};

pub(crate) fn routes(identity: &Identity) -> Routes<Identity> {
    Routes::new(identity)
        .page(get("/account", page), Access::SignedIn)
        .page(get("/account/stay", stay), Access::SignedIn)
        .page(post("/account/sessions/{id}/end", end_session), Access::SignedIn)
        .page(post("/account/sessions/end-others", end_others), Access::SignedIn)
        .page(get("/account/password", password_page), Access::Officer)
        .page(post("/account/password", password), Access::Officer)
        .page(get("/account/second-factor", second_factor_page), Access::Officer)
        .page(post("/account/second-factor", second_factor), Access::Officer)
        .page(get("/account/acting", acting_page), Access::Officer)
        .page(post("/account/acting", acting), Access::Officer)
}

/// The complete session behind a guarded page.
fn complete(live: &Live) -> Result<&Session, SignInError> {
    live.in_stage(Stage::Full)
}

/// Prolongs the session: the layer did it already.
async fn stay() -> StatusCode {
    StatusCode::NO_CONTENT
}

async fn page(State(identity): State<Identity>, shell: Shell, caller: Caller, live: Live, query: TableQuery) -> Reply {
    let own = complete(&live)?;
    let account = own.account;
    let (found, list, codes) = identity
        .store()
        .read(move |tx| {
            let found = store::get(tx, account)?.ok_or(super::AccountError::Unknown(account))?;
            let list = sessions::of_account(tx, account)?;
            Ok::<_, IdentityError>((found, list, store::recovery_codes_left(tx, account)?))
        })
        .await?;
    let title = shell.text("account-own-title");
    Ok(Page::new(&shell, title.clone()).body(html! {
        h1 { (title) }
        (summary_list(&facts(&identity, &shell, &caller, &found, own.level, codes)))
        h2 { (shell.text("session-title")) }
        p { (shell.text("session-words")) }
        (session_table(&shell, &query, &list, own.id, "/account/sessions"))
        @if list.len() > 1 {
            (post_button(&shell, ButtonKind::Quiet, "/account/sessions/end-others", &[], &shell.text("session-end-others")))
        }
    }))
}

fn facts(
    identity: &Identity,
    shell: &Shell,
    caller: &Caller,
    account: &Account,
    level: Level,
    codes: i64,
) -> Vec<SummaryRow> {
    let mut rows = vec![SummaryRow::new(
        shell.text("account-level"),
        shell.text(level_key(level)),
    )];
    let Some(officer) = caller.officer() else { return rows };
    rows.insert(0, SummaryRow::new(shell.text("account-name"), &account.name));
    if let Some(login) = &account.login {
        rows.push(SummaryRow::new(shell.text("account-login"), login));
    }
    let change = shell.text("account-change");
    rows.push(SummaryRow::new(shell.text("account-password"), "••••••").change("/account/password", &change));
    let second = match account.totp_confirmed_at {
        Some(at) => shell.text_with(
            "account-second-factor-since",
            &[("at", date_time(shell.lang, at).into()), ("codes", codes.into())],
        ),
        None => shell.text("account-second-factor-none"),
    };
    rows.push(SummaryRow::new(shell.text("account-second-factor"), second).change("/account/second-factor", &change));
    let roles: Vec<String> = officer
        .assignments()
        .iter()
        .map(|held| {
            format!(
                "{}, {}",
                shell.text(role_key(held.role)),
                identity.unit_name(held.unit, shell.lang)
            )
        })
        .collect();
    let mut row = SummaryRow::new(shell.text("account-roles"), roles.join("\n"));
    if roles.len() > 1 {
        row = row.change("/account/acting", shell.text("account-nav-acting"));
    }
    rows.push(row);
    rows
}

fn level_key(level: Level) -> &'static str {
    match level {
        Level::Password => "account-level-password",
        Level::PasswordTotp => "account-level-password-totp",
        Level::Oidc => "account-level-oidc",
    }
}

/// The live sign-ins of an account, with a button to end each; also on the administrators' page.
pub(super) fn session_table(shell: &Shell, query: &TableQuery, list: &[Session], own: SessionId, path: &str) -> Markup {
    let table = Table::new(
        path,
        "session-caption",
        vec![
            Column::new("device", "session-device"),
            Column::new("began", "session-began"),
            Column::new("seen", "session-seen"),
            Column::new("level", "account-level"),
            Column::new("end", ""),
        ],
    )
    .empty("session-empty");
    let device = |session: &Session| match session.device.as_str() {
        "" => shell.text("session-device-unknown"),
        known => known.to_owned(),
    };
    let rows: Vec<Row> = list
        .iter()
        .map(|session| {
            let end = format!("{path}/{}/end", session.id);
            Row::new(vec![
                html! { (device(session)) @if session.id == own { " " (tag(Tone::Info, &shell.text("session-this"))) } },
                html! { (date_time(shell.lang, session.created_at)) },
                html! { (date_time(shell.lang, session.seen_at)) },
                html! { (shell.text(level_key(session.level))) },
                html! { @if session.id != own { (post_button(shell, ButtonKind::Quiet, &end, &[], &shell.text("session-end"))) } },
            ])
        })
        .collect();
    table.render(shell, query, &rows, &Paging::All)
}

async fn end_session(
    State(identity): State<Identity>,
    live: Live,
    Path(id): Path<SessionId>,
    _submitted: Submitted,
) -> Reply<Response> {
    let (account, now) = (complete(&live)?.account, identity.now());
    identity
        .store()
        .write(move |tx| {
            if !sessions::end(tx, account, id)? {
                return Err(IdentityError::from(SessionError::Unknown));
            }
            audit::append(
                tx,
                Actor::Account(account),
                "session.end",
                &account.to_string(),
                detail([]),
                now,
            )?;
            Ok(())
        })
        .await?;
    Ok(with_notice(see_other("/account"), "session-notice-revoked"))
}

async fn end_others(State(identity): State<Identity>, live: Live, _submitted: Submitted) -> Reply<Response> {
    let own = complete(&live)?;
    let (account, id, now) = (own.account, own.id, identity.now());
    identity
        .store()
        .write(move |tx| {
            sessions::end_all(tx, account, Some(id))?;
            audit::append(
                tx,
                Actor::Account(account),
                "session.end-all",
                &account.to_string(),
                detail([]),
                now,
            )?;
            Ok::<_, IdentityError>(())
        })
        .await?;
    Ok(with_notice(see_other("/account"), "session-notice-revoked"))
}

fn password_view(shell: &Shell, errors: &Errors) -> Page {
    let form = new_password_form("/account/password", "/account").cancel("/account");
    let title = shell.text("account-password-title");
    Page::new(shell, title.clone()).errors(errors).body(html! {
        h1 { (title) }
        p { (shell.text("account-password-words")) }
        (form.render(shell, &Values::none(), errors))
    })
}

async fn password_page(shell: Shell) -> Page {
    password_view(&shell, &Errors::none())
}

async fn password(
    State(identity): State<Identity>,
    shell: Shell,
    client: Client,
    live: Live,
    submitted: Submitted,
) -> Reply<Response> {
    let form = new_password_form("/account/password", "/account");
    match take_new_password(&identity, &form, complete(&live)?, client, &submitted).await? {
        Ok(done) => Ok(with_notice(
            signed_in(&identity, &done.token, "/account"),
            "account-notice-password",
        )),
        Err(errors) => Ok(password_view(&shell, &errors).into_response()),
    }
}

async fn second_factor_page(State(identity): State<Identity>, shell: Shell, live: Live) -> Reply {
    let action = "/account/second-factor";
    Ok(second_factor_form_page(&identity, &shell, complete(&live)?, action, "/account", &Errors::none()).await?)
}

async fn second_factor(
    State(identity): State<Identity>,
    shell: Shell,
    client: Client,
    live: Live,
    submitted: Submitted,
) -> Reply<Response> {
    let session = complete(&live)?;
    match identity
        .confirm_second_factor(session, submitted.text("code"), client.bucket())
        .await
    {
        Ok((done, codes)) => {
            let mut response = recovery_page(&shell, &codes, "/account").into_response();
            add_cookie(&mut response, &identity.session_cookie(&done.token));
            Ok(response)
        }
        Err(error @ SignInError::CodeRefused) => {
            let mut errors = Errors::none();
            errors.add_fault("code", &error);
            let action = "/account/second-factor";
            let page = second_factor_form_page(&identity, &shell, session, action, "/account", &errors).await?;
            Ok(page.into_response())
        }
        Err(other) => Err(other.into()),
    }
}

fn acting_form(identity: &Identity, shell: &Shell, officer: &OfficerCaller, back: &str) -> Form {
    let choices = officer
        .assignments()
        .iter()
        .map(|held| {
            let words = format!(
                "{}, {}",
                shell.text(role_key(held.role)),
                identity.unit_name(held.unit, shell.lang)
            );
            Choice::named(held.id.to_string(), words)
        })
        .collect();
    Form::new("acting", "/account/acting")
        .field(Field::radios("assignment", "account-acting-choose", choices))
        .hidden("return_to", back)
        .submit("account-acting-submit")
        .cancel("/account")
}

async fn acting_page(State(identity): State<Identity>, shell: Shell, officer: OfficerCaller) -> Page {
    let title = shell.text("account-nav-acting");
    let held = officer.acting().map(|acting| acting.id.to_string()).unwrap_or_default();
    let form = acting_form(&identity, &shell, &officer, "/account");
    Page::new(&shell, title.clone()).body(html! {
        h1 { (title) }
        p { (shell.text("account-acting-words")) }
        (form.render(&shell, &Values::none().with("assignment", held), &Errors::none()))
    })
}

/// Chooses the role to act in. The token changes with the rights.
async fn acting(
    State(identity): State<Identity>,
    officer: OfficerCaller,
    live: Live,
    submitted: Submitted,
) -> Reply<Response> {
    let chosen = submitted
        .text("assignment")
        .parse()
        .map_err(|_| Failure::from(SessionError::NotHeld))?;
    if !officer.assignments().iter().any(|held| held.id == chosen) {
        return Err(SessionError::NotHeld.into());
    }
    let token = SessionToken::new(identity.world().as_ref());
    let (id, key, now) = (complete(&live)?.id, token.key(), identity.now());
    identity
        .store()
        .write(move |tx| sessions::set_acting(tx, id, chosen, &key, now))
        .await?;
    let back = return_to(Some(submitted.text("return_to")));
    Ok(with_notice(
        signed_in(&identity, &token, &back),
        "account-notice-acting",
    ))
}
