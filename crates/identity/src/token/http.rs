//! `/admin/tokens`: the keys of other programs at the units that an administrator looks after. A new secret is shown once, on the
//! answer to the form that made it.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use web::components::{ButtonKind, SummaryRow, Tone, empty, notification, post_button, summary_list, tag};
use web::form::{Choice, Errors, Field, FieldKind, Form, Values, Width};
use web::format::{date, date_time, number};
use web::{Markup, Page, Reply, Shell, Submitted, html};

use super::{NewToken, SCOPES, Token, TokenError};
use crate::Identity;
use crate::account::list::http::{crumbs, unit_choices};
use crate::policy::Action;
use crate::routes::{Access, Routes, get, post};
use crate::session::http::with_notice;
use crate::session::{Caller, OfficerCaller};
use crate::unit::UnitId;

/// The page.
pub(crate) const PATH: &str = "/admin/tokens";
/// Most requests that a token may be given, in a minute and in a day.
const PER_MINUTE_MAX: i64 = 6_000;
const PER_DAY_MAX: i64 = 5_000_000;

pub(crate) fn routes(identity: &Identity) -> Routes<Identity> {
    let access = Access::Action(Action::InterfaceManage);
    Routes::new(identity)
        .page(get(PATH, page), access)
        .page(post(PATH, open), access)
        .page(post("/admin/tokens/{id}/revoke", revoke), access)
}

fn units(identity: &Identity, officer: &OfficerCaller) -> Vec<UnitId> {
    identity
        .policy()
        .scope(&Caller::Officer(officer.clone()), Action::InterfaceManage)
}

fn form(identity: &Identity, officer: &OfficerCaller, shell: &Shell) -> Form {
    let scopes = SCOPES
        .iter()
        .map(|action| Choice::new(action.name(), scope_key(*action)));
    let count = |most: i64| FieldKind::Integer {
        min: Some(1),
        max: Some(most),
        unit: None,
    };
    let last = FieldKind::Date {
        min: Some(identity.now().local_date()),
        max: None,
    };
    let scopes = FieldKind::Checkboxes {
        choices: scopes.collect(),
    };
    Form::new("token", PATH)
        .submit("token-open")
        .field(Field::text("name", "token-name").hint("token-name-hint").max_len(100))
        .field(Field::select(
            "unit",
            "account-unit",
            unit_choices(identity, shell.lang, &units(identity, officer)),
        ))
        .field(Field::new("scopes", "token-scopes", scopes))
        .field(Field::new("per-minute", "token-per-minute", count(PER_MINUTE_MAX)).width(Width::W10))
        .field(Field::new("per-day", "token-per-day", count(PER_DAY_MAX)).width(Width::W10))
        .field(
            Field::new("expires", "token-expires", last)
                .hint("token-expires-hint")
                .optional(),
        )
}

fn scope_key(action: Action) -> &'static str {
    match action {
        Action::RegisterWrite => "token-scope-register-write",
        Action::RegisterImport => "token-scope-register-import",
        Action::OpenCatalogue => "token-scope-open-catalogue",
        _ => "token-scope-register-read",
    }
}

async fn page(State(identity): State<Identity>, shell: Shell, officer: OfficerCaller) -> Reply {
    let values = Values::none()
        .with("per-minute", "120")
        .with("per-day", "20000")
        .with("scopes", Action::RegisterRead.name());
    drawn(&identity, &officer, &shell, &values, &Errors::none(), &html! {}).await
}

async fn drawn(
    identity: &Identity,
    officer: &OfficerCaller,
    shell: &Shell,
    values: &Values,
    errors: &Errors,
    news: &Markup,
) -> Reply {
    let tokens = identity.tokens(units(identity, officer)).await?;
    let title = shell.text("token-title");
    let today = identity.now().local_date();
    let body = html! {
        h1 { (title) }
        (news)
        p.lead { (shell.text("token-words")) }
        @if tokens.is_empty() { (empty(&shell.text("token-none"), None)) }
        @for token in &tokens { (one(identity, token, token.holds_on(today), shell)) }
        h2 { (shell.text("token-new")) }
        (form(identity, officer, shell).render(shell, values, errors))
    };
    Ok(Page::new(shell, title)
        .crumbs(crumbs(shell, &[]))
        .errors(errors)
        .body(body))
}

fn one(identity: &Identity, token: &Token, holds: bool, shell: &Shell) -> Markup {
    let lang = shell.lang;
    let scopes: Vec<String> = token
        .scopes
        .iter()
        .map(|action| shell.text(scope_key(*action)))
        .collect();
    let used_today = if token.used_on == Some(identity.now().local_date()) {
        token.used_count
    } else {
        0
    };
    let mut rows = vec![
        SummaryRow::new(shell.text("account-unit"), identity.unit_name(token.unit, lang)),
        SummaryRow::new(shell.text("token-scopes"), scopes.join("; ")),
        SummaryRow::new(
            shell.text("token-limits"),
            shell.text_with(
                "token-limits-of",
                &[
                    ("minute", number(lang, token.per_minute).into()),
                    ("day", number(lang, token.per_day).into()),
                    ("used", number(lang, used_today).into()),
                ],
            ),
        ),
        SummaryRow::new(
            shell.text("token-used"),
            token
                .used_at
                .map_or_else(|| shell.text("token-never"), |at| date_time(lang, at)),
        ),
        SummaryRow::new(
            shell.text("token-made"),
            format!("{}, {}", token.who, date_time(lang, token.created_at)),
        ),
    ];
    if let Some(last) = token.expires_on {
        rows.push(SummaryRow::new(shell.text("token-expires"), date(lang, last)));
    }
    if let Some((at, who)) = &token.revoked {
        rows.push(SummaryRow::new(
            shell.text("token-revoked"),
            format!("{who}, {}", date_time(lang, *at)),
        ));
    }
    let (tone, key) = match (&token.revoked, holds) {
        (Some(_), _) => (Tone::Late, "token-revoked"),
        (None, true) => (Tone::Ok, "token-holds"),
        (None, false) => (Tone::Soon, "token-expired"),
    };
    html! {
        section.card {
            h2.first { (token.name) " " (tag(tone, &shell.text(key))) }
            (summary_list(&rows))
            @if holds {
                (post_button(shell, ButtonKind::Danger, &format!("{PATH}/{}/revoke", token.id), &[], &shell.text("token-revoke")))
            }
        }
    }
}

async fn open(
    State(identity): State<Identity>,
    shell: Shell,
    officer: OfficerCaller,
    submitted: Submitted,
) -> Reply<Response> {
    let form = form(&identity, &officer, &shell);
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => {
            let typed = form.typed(&submitted);
            return Ok(drawn(&identity, &officer, &shell, &typed, &errors, &html! {})
                .await?
                .into_response());
        }
    };
    let chosen = values.all("scopes");
    let new = NewToken {
        unit: values.text("unit").parse().map_err(|_| TokenError::Unknown)?,
        name: values.text("name").to_owned(),
        scopes: SCOPES
            .iter()
            .copied()
            .filter(|action| chosen.iter().any(|name| name == action.name()))
            .collect(),
        per_minute: values.integer("per-minute").unwrap_or(1),
        per_day: values.integer("per-day").unwrap_or(1),
        expires_on: values.date("expires"),
    };
    // The same form again makes no second token, whose secret nobody would know of.
    let (once, now) = (submitted.once, identity.now());
    let first = identity
        .store()
        .write(move |tx| {
            let seen = tx.once("identity.token", once, now)?;
            if matches!(seen, ::store::Once::First) {
                tx.once_done("identity.token", once, "made")?;
                return Ok::<_, TokenError>(true);
            }
            Ok(false)
        })
        .await?;
    if !first {
        return Ok(web::see_other(PATH));
    }
    let (token, secret) = identity.open_token(&officer, new).await?;
    let news = html! {
        (notification(shell.lang, Tone::Ok, &shell.text_with("token-opened", &[("name", token.name.as_str().into())])))
        p { (shell.text("token-secret")) }
        pre.code tabindex="0" { (secret.reveal()) }
    };
    let empty = Values::none();
    Ok(drawn(&identity, &officer, &shell, &empty, &Errors::none(), &news)
        .await?
        .into_response())
}

async fn revoke(
    State(identity): State<Identity>,
    officer: OfficerCaller,
    Path(id): Path<String>,
    _submitted: Submitted,
) -> Reply<Response> {
    let id = id.parse().map_err(|_| TokenError::Unknown)?;
    match identity.revoke_token(&officer, id).await {
        Ok(()) => Ok(with_notice(web::see_other(PATH), "token-notice-revoked")),
        // A token that is not there is a page that is not there, not a sign-in.
        Err(TokenError::Unknown) => Err(crate::session::SessionError::Unknown.into()),
        Err(error) => Err(error.into()),
    }
}
