//! Pages of signing in and out. Every step is a plain form; a wrong answer comes back as the same page with one message that
//! tells nothing about which accounts exist.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::header;
use kernel::{ErrorKind, Fault};
use serde::Deserialize;
use web::client::Client;
use web::components::{ButtonKind, button_link, inset};
use web::form::{Errors, Field, FieldKind, Form, Values};
use web::{Markup, Page, Reply, Shell, Submitted, html, see_other};
use zeroize::Zeroizing;

use super::oidc::Provider;
use super::password::{Attempt, SignedIn};
use super::rules::{encode_query, return_to};
use super::{SignInError, citizen};
use crate::audit::{self, Actor, detail};
use crate::routes::{Access, Routes, get, post};
use crate::session::http::{Live, add_cookie, anonymous_again, signed_in};
use crate::session::{self, Caller, Session, Stage, rules::device};
use crate::{Identity, IdentityError};

/// The routes of signing in and out.
pub(crate) fn routes(identity: &Identity) -> Routes<Identity> {
    Routes::new(identity)
        .page(get("/sign-in", choose), Access::Public)
        .page(post("/sign-in", password), Access::Public)
        .page(get("/sign-in/code", code_page), Access::Public)
        .page(post("/sign-in/code", code), Access::Public)
        .page(get("/sign-in/new-password", new_password_page), Access::Public)
        .page(post("/sign-in/new-password", new_password), Access::Public)
        .page(get("/sign-in/second-factor", second_factor_page), Access::Public)
        .page(post("/sign-in/second-factor", second_factor), Access::Public)
        .page(post("/sign-out", sign_out), Access::Public)
        .merge(super::trip::http::routes(identity))
}

/// Where to go afterwards.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Back {
    return_to: Option<String>,
}

impl Back {
    pub(crate) fn path(&self) -> String {
        return_to(self.return_to.as_deref())
    }
}

/// The page of a stage, keeping the way back.
fn stage_path(stage: Stage, back: &str) -> String {
    let page = match stage {
        Stage::Full => return back.to_owned(),
        Stage::Totp => "/sign-in/code",
        Stage::ChangePassword => "/sign-in/new-password",
        Stage::EnrolTotp => "/sign-in/second-factor",
    };
    format!("{page}?return_to={}", encode_query(back))
}

/// The answer to a step that went well.
pub(crate) async fn onward(identity: &Identity, done: &SignedIn, back: &str) -> Result<Response, IdentityError> {
    let mut to = stage_path(done.stage, back);
    if to == "/" {
        // Who came from nowhere in particular starts where her work is.
        let (_, caller) = identity.resolve(&done.token).await?;
        if matches!(caller, Caller::Officer(_)) {
            let first = identity
                .nav_for(&caller)
                .into_iter()
                .find(|entry| matches!(entry.access, Access::Action(_)));
            to = first.map_or("/account", |entry| entry.href).to_owned();
        }
    }
    Ok(signed_in(identity, &done.token, &to))
}

async fn choose(
    State(identity): State<Identity>,
    shell: Shell,
    caller: Caller,
    live: Live,
    Query(back): Query<Back>,
) -> Reply<Response> {
    let back = back.path();
    if caller.account().is_some() {
        return Ok(see_other(&back));
    }
    if let Some(pending) = &live.session {
        return Ok(see_other(&stage_path(pending.stage, &back)));
    }
    Ok(choose_page(&identity, &shell, &back, &Values::none(), &Errors::none()).into_response())
}

fn choose_page(identity: &Identity, shell: &Shell, back: &str, values: &Values, errors: &Errors) -> Page {
    let form = password_form(back);
    let providers: Vec<&Provider> = identity.providers().all().collect();
    let title = shell.text("sign-in-title");
    Page::new(shell, title.clone()).errors(errors).body(html! {
        h1 { (title) }
        @if !providers.is_empty() {
            h2 { (shell.text("sign-in-citizens")) }
            p { (shell.text("sign-in-citizens-words")) }
            @for provider in providers {
                @let href = format!("/sign-in/oidc/{}?return_to={}", provider.config().id, encode_query(back));
                p { (button_link(ButtonKind::Main, &href, &provider.label(shell.lang))) }
            }
        }
        h2 { (shell.text("sign-in-officers")) }
        (form.render(shell, values, errors))
    })
}

fn password_form(back: &str) -> Form {
    Form::new("sign-in", "/sign-in")
        .field(
            Field::text("login", "sign-in-login")
                .autocomplete("username")
                .max_len(64),
        )
        .field(Field::new(
            "password",
            "sign-in-password",
            FieldKind::Password { new: false },
        ))
        .hidden("return_to", back)
        .submit("sign-in-submit")
}

/// Shows a refusal on the form; anything that is not the person's to mend goes on as a failure.
fn on_form(field: &str, error: IdentityError) -> Result<Errors, IdentityError> {
    match error.kind() {
        ErrorKind::Invalid | ErrorKind::TooMany { .. } => {
            let mut errors = Errors::none();
            errors.add_fault(field, &error);
            Ok(errors)
        }
        ErrorKind::Unauthenticated
        | ErrorKind::Forbidden
        | ErrorKind::NotFound
        | ErrorKind::Conflict
        | ErrorKind::Gone
        | ErrorKind::TooLarge
        | ErrorKind::Unsupported
        | ErrorKind::Busy { .. }
        | ErrorKind::Unavailable
        | ErrorKind::Internal => Err(error),
    }
}

pub(crate) fn user_agent(headers: &HeaderMap) -> String {
    device(
        headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok())
            .unwrap_or(""),
    )
}

async fn password(
    State(identity): State<Identity>,
    shell: Shell,
    client: Client,
    headers: HeaderMap,
    submitted: Submitted,
) -> Reply<Response> {
    let back = return_to(Some(submitted.text("return_to")));
    let form = password_form(&back);
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => {
            return Ok(choose_page(&identity, &shell, &back, &form.typed(&submitted), &errors).into_response());
        }
    };
    let attempt = Attempt {
        login: values.text("login").to_owned(),
        password: Zeroizing::new(values.text("password").to_owned()),
        address: client.bucket(),
        device: user_agent(&headers),
    };
    match identity.sign_in_with_password(attempt).await {
        Ok(done) => Ok(onward(&identity, &done, &back).await?),
        Err(error) => {
            let errors = on_form("login", error.into())?;
            let typed = Values::none().with("login", values.text("login"));
            Ok(choose_page(&identity, &shell, &back, &typed, &errors).into_response())
        }
    }
}

/// A page with a title, words and a form.
fn form_page(shell: &Shell, title: &str, words: &str, form: &Form, errors: &Errors, extra: &Markup) -> Page {
    let title = shell.text(title);
    Page::new(shell, title.clone()).errors(errors).body(html! {
        h1 { (title) }
        p { (shell.text(words)) }
        (extra)
        (form.render(shell, &Values::none(), errors))
    })
}

fn code_form(back: &str) -> Form {
    Form::new("code", "/sign-in/code")
        .field(
            Field::text("code", "sign-in-code")
                .hint("sign-in-code-hint")
                .autocomplete("one-time-code")
                .max_len(20),
        )
        .hidden("return_to", back)
        .submit("sign-in-continue")
}

async fn code_page(shell: Shell, live: Live, Query(back): Query<Back>) -> Reply<Response> {
    let back = back.path();
    if live.in_stage(Stage::Totp).is_err() {
        return Ok(restart(&live, &back));
    }
    let form = code_form(&back);
    Ok(form_page(
        &shell,
        "sign-in-code-title",
        "sign-in-code-words",
        &form,
        &Errors::none(),
        &html! {},
    )
    .into_response())
}

/// Where a step goes that is not the live one.
fn restart(live: &Live, back: &str) -> Response {
    match &live.session {
        Some(session) => see_other(&stage_path(session.stage, back)),
        None => see_other(&format!("/sign-in?return_to={}", encode_query(back))),
    }
}

async fn code(
    State(identity): State<Identity>,
    shell: Shell,
    client: Client,
    live: Live,
    submitted: Submitted,
) -> Reply<Response> {
    let back = return_to(Some(submitted.text("return_to")));
    let Ok(session) = live.in_stage(Stage::Totp) else {
        return Ok(restart(&live, &back));
    };
    let form = code_form(&back);
    let errors = match form.parse(&submitted) {
        Ok(values) => match identity
            .sign_in_with_code(session, values.text("code"), client.bucket())
            .await
        {
            Ok(done) => return Ok(onward(&identity, &done, &back).await?),
            Err(SignInError::Refused) => return Ok(see_other("/sign-in")),
            Err(error) => on_form("code", error.into())?,
        },
        Err(errors) => errors,
    };
    Ok(form_page(
        &shell,
        "sign-in-code-title",
        "sign-in-code-words",
        &form,
        &errors,
        &html! {},
    )
    .into_response())
}

/// The form for a new password, at the first sign-in and on the account page.
pub(crate) fn new_password_form(action: &str, back: &str) -> Form {
    Form::new("new-password", action)
        .field(Field::new(
            "old",
            "sign-in-old-password",
            FieldKind::Password { new: false },
        ))
        .field(
            Field::new("new", "sign-in-new-password", FieldKind::Password { new: true })
                .hint("sign-in-new-password-hint"),
        )
        .field(Field::new(
            "again",
            "sign-in-new-password-again",
            FieldKind::Password { new: true },
        ))
        .hidden("return_to", back)
        .submit("sign-in-new-password-submit")
}

/// Reads that form and changes the password.
pub(crate) async fn take_new_password(
    identity: &Identity,
    form: &Form,
    session: &Session,
    client: Client,
    submitted: &Submitted,
) -> Result<Result<SignedIn, Errors>, IdentityError> {
    let values = match form.parse(submitted) {
        Ok(values) => values,
        Err(errors) => return Ok(Err(errors)),
    };
    if values.text("new") != values.text("again") {
        let mut errors = Errors::none();
        errors.add("again", "error-sign-in-passwords-differ");
        return Ok(Err(errors));
    }
    let (old, new) = (values.text("old").to_owned(), values.text("new").to_owned());
    match identity
        .change_password(session, Zeroizing::new(old), Zeroizing::new(new), client.bucket())
        .await
    {
        Ok(done) => Ok(Ok(done)),
        Err(SignInError::Refused) => {
            let mut errors = Errors::none();
            errors.add("old", "error-sign-in-old-password-wrong");
            Ok(Err(errors))
        }
        Err(error) => Ok(Err(on_form("new", error.into())?)),
    }
}

async fn new_password_page(shell: Shell, live: Live, Query(back): Query<Back>) -> Reply<Response> {
    let back = back.path();
    if live.in_stage(Stage::ChangePassword).is_err() {
        return Ok(restart(&live, &back));
    }
    let form = new_password_form("/sign-in/new-password", &back);
    let page = form_page(
        &shell,
        "sign-in-new-title",
        "sign-in-new-words",
        &form,
        &Errors::none(),
        &html! {},
    );
    Ok(page.into_response())
}

async fn new_password(
    State(identity): State<Identity>,
    shell: Shell,
    client: Client,
    live: Live,
    submitted: Submitted,
) -> Reply<Response> {
    let back = return_to(Some(submitted.text("return_to")));
    let Ok(session) = live.in_stage(Stage::ChangePassword) else {
        return Ok(restart(&live, &back));
    };
    let form = new_password_form("/sign-in/new-password", &back);
    match take_new_password(&identity, &form, session, client, &submitted).await? {
        Ok(done) => Ok(onward(&identity, &done, &back).await?),
        Err(errors) => Ok(form_page(
            &shell,
            "sign-in-new-title",
            "sign-in-new-words",
            &form,
            &errors,
            &html! {},
        )
        .into_response()),
    }
}

/// The page that sets up a second factor: QR code, the same secret in letters, a field for the first code.
pub(crate) async fn second_factor_form_page(
    identity: &Identity,
    shell: &Shell,
    session: &Session,
    action: &str,
    back: &str,
    errors: &Errors,
) -> Result<Page, IdentityError> {
    let secret = identity.begin_second_factor(session).await?;
    let account = session.account;
    let found = identity
        .store()
        .read(move |tx| crate::account::store::get(tx, account))
        .await?;
    let login = found.and_then(|found| found.login).unwrap_or_default();
    let address = secret.address(&identity.config().issuer, &login)?;
    let form = Form::new("second-factor", action)
        .field(Field::new("code", "sign-in-code", FieldKind::OneTimeCode))
        .hidden("return_to", back)
        .submit("sign-in-second-submit");
    let extra = html! {
        ol {
            li { (shell.text("sign-in-second-app")) }
            li { (shell.text("sign-in-second-scan")) }
            li { (shell.text("sign-in-second-type")) }
        }
        (web::qr::qr(&address, &shell.text("sign-in-second-qr")))
        p { (shell.text("sign-in-second-letters")) " " code { (grouped(&secret.base32())) } }
    };
    Ok(form_page(
        shell,
        "sign-in-second-title",
        "sign-in-second-words",
        &form,
        errors,
        &extra,
    ))
}

fn grouped(letters: &str) -> String {
    let letters: Vec<char> = letters.chars().collect();
    letters
        .chunks(4)
        .map(|group| group.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The page with the recovery codes, shown once.
pub(crate) fn recovery_page(shell: &Shell, codes: &[String], onward: &str) -> Page {
    let title = shell.text("sign-in-recovery-title");
    Page::new(shell, title.clone()).body(html! {
        h1 { (title) }
        p { (shell.text("sign-in-recovery-words")) }
        (inset(&html! { ul { @for code in codes { li { code { (code) } } } } }))
        p { (button_link(ButtonKind::Main, onward, &shell.text("sign-in-recovery-kept"))) }
    })
}

async fn second_factor_page(
    State(identity): State<Identity>,
    shell: Shell,
    live: Live,
    Query(back): Query<Back>,
) -> Reply<Response> {
    let back = back.path();
    let Ok(session) = live.in_stage(Stage::EnrolTotp) else {
        return Ok(restart(&live, &back));
    };
    let action = "/sign-in/second-factor";
    Ok(
        second_factor_form_page(&identity, &shell, session, action, &back, &Errors::none())
            .await?
            .into_response(),
    )
}

async fn second_factor(
    State(identity): State<Identity>,
    shell: Shell,
    client: Client,
    live: Live,
    submitted: Submitted,
) -> Reply<Response> {
    let back = return_to(Some(submitted.text("return_to")));
    let Ok(session) = live.in_stage(Stage::EnrolTotp) else {
        return Ok(restart(&live, &back));
    };
    match identity
        .confirm_second_factor(session, submitted.text("code"), client.bucket())
        .await
    {
        Ok((done, codes)) => {
            let mut response = recovery_page(&shell, &codes, &stage_path(done.stage, &back)).into_response();
            add_cookie(&mut response, &identity.session_cookie(&done.token));
            Ok(response)
        }
        Err(error) => {
            let errors = on_form("code", error.into())?;
            let action = "/sign-in/second-factor";
            Ok(
                second_factor_form_page(&identity, &shell, session, action, &back, &errors)
                    .await?
                    .into_response(),
            )
        }
    }
}

/// Ends the session here, and at the provider where it came from one.
async fn sign_out(State(identity): State<Identity>, live: Live, _submitted: Submitted) -> Reply<Response> {
    let mut to = "/".to_owned();
    if let Some(session) = &live.session {
        if let Some(url) = provider_sign_out(&identity, session).await? {
            to = url;
        }
        let (id, account, now) = (session.id, session.account, identity.now());
        identity
            .store()
            .write(move |tx| {
                if session::store::end(tx, account, id)? {
                    let who = Actor::Account(account);
                    audit::append(tx, who, "sign-out", &account.to_string(), detail([]), now)?;
                }
                Ok::<_, IdentityError>(())
            })
            .await?;
    }
    let mut response = axum::response::Redirect::to(&to).into_response();
    anonymous_again(&identity, &mut response, identity.world().as_ref());
    Ok(response)
}

async fn provider_sign_out(identity: &Identity, session: &Session) -> Result<Option<String>, IdentityError> {
    let Some(id) = &session.provider else { return Ok(None) };
    let Ok(provider) = identity.providers().get(id) else {
        return Ok(None);
    };
    let live = session.id;
    let hint = identity
        .store()
        .read(move |tx| session::store::logout_hint(tx, live))
        .await?;
    let hint = hint.and_then(|sealed| identity.keys().open(&citizen::hint_context(live), &sealed).ok());
    let hint = hint.and_then(|plain| String::from_utf8(plain.to_vec()).ok());
    let home = format!("{}/", identity.config().origin);
    Ok(provider.sign_out_url(hint.as_deref(), &home, identity.now()).await)
}
