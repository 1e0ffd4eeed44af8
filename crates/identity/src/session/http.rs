//! The session layer: reads the cookie, resolves the caller, fills shell and form token, sets cookies. One cookie serves both
//! the anonymous visitor (`a` + 64 hex letters, no row anywhere) and the signed-in one (`s` + 64 hex letters).
//! Refuses to set a cookie on an answer that caches may share.

use ::store::{StoreError, Tx};
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{self, HeaderMap, HeaderValue};
use http::request::Parts;
use jiff::SignedDuration;
use kernel::{Lang, Timestamp, World};
use web::components::Tone;
use web::csrf::{Expected, Token};
use web::shell::{AccountLabel, NavItem, Notice, SessionClock, Shell};
use web::{Failure, text};

use super::rules::{ends_at, has_ended, held_on, idle_limit, needs_touch};
use super::{Caller, CitizenCaller, OfficerCaller, Session, SessionError, SessionToken, Stage, store};
use crate::account::{Account, AccountKind, Assignment, store as accounts};
use crate::person::PersonRecord;
use crate::{Identity, IdentityError, NavCount, Purpose};

/// Seconds before the end at which the page warns.
const WARN_BEFORE_S: u32 = 120;
/// A request of this path prolongs the session.
const RENEW: &str = "/account/stay";

/// The live session behind a request, complete or not, and the token that came. An extractor.
#[derive(Debug, Clone, Default)]
pub struct Live {
    /// The session, if there is one.
    pub session: Option<Session>,
    /// The token in the cookie, of a session or of an anonymous visitor.
    pub token: Option<SessionToken>,
    /// A cookie named a session that has ended.
    pub ended: bool,
}

impl Live {
    /// The session in this stage.
    /// # Errors
    /// `Expired` when there is none.
    pub fn in_stage(&self, stage: Stage) -> Result<&Session, crate::sign_in::SignInError> {
        let live = self.session.as_ref().filter(|session| session.stage == stage);
        live.ok_or(crate::sign_in::SignInError::Expired)
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| SessionError::LayerMissing.into())
    }
}

impl<S: Sync> FromRequestParts<S> for OfficerCaller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        match Caller::from_request_parts(parts, state).await? {
            Caller::Officer(officer) => Ok(officer),
            Caller::Citizen(_) => Err(Failure::forbidden()),
            Caller::Anonymous => Err(Failure::unauthenticated()),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for CitizenCaller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        match Caller::from_request_parts(parts, state).await? {
            Caller::Citizen(citizen) => Ok(citizen),
            Caller::Officer(_) => Err(Failure::forbidden()),
            Caller::Anonymous => Err(Failure::unauthenticated()),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Live {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| SessionError::LayerMissing.into())
    }
}

/// What the database says of a token.
#[derive(Clone)]
pub(crate) struct Found {
    session: Session,
    account: Account,
    held: Vec<Assignment>,
    /// The sealed record of the person, whose name the masthead shows.
    person: Option<PersonRecord>,
    /// Other records of the same person.
    also: Vec<crate::PersonRef>,
}

impl Identity {
    /// Lays the session layer around a router; it must lie inside `web::frame` and outside every guarded route.
    pub fn layer<S: Clone + Send + Sync + 'static>(&self, router: axum::Router<S>) -> axum::Router<S> {
        router.layer(axum::middleware::from_fn_with_state(self.clone(), session_layer))
    }

    /// The session and caller of a token: what the layer does with a cookie, for those who have no request.
    /// # Errors
    /// When the store fails.
    pub async fn resolve(&self, token: &SessionToken) -> Result<(Option<Session>, Caller), SessionError> {
        let now = self.now();
        let Some(found) = self.find_session(token, now).await? else {
            return Ok((None, Caller::Anonymous));
        };
        let caller = found.caller();
        Ok((Some(found.session), caller))
    }

    async fn find_session(&self, token: &SessionToken, now: Timestamp) -> Result<Option<Found>, SessionError> {
        let key = token.key();
        let found = self.store().look_up(move |tx| find(tx, &key, now)).await?;
        let Some(mut found) = found else { return Ok(None) };
        let (id, account) = (found.session.id, found.account.id);
        let idle = idle_limit(found.account.kind, &found.held);
        if found.account.disabled.is_some() || has_ended(&found.session, idle, now) {
            self.store().write(move |tx| store::end(tx, account, id)).await?;
            return Ok(None);
        }
        if needs_touch(&found.session, now) {
            self.store().write(move |tx| store::touch(tx, id, now)).await?;
            found.session.seen_at = now;
        }
        Ok(Some(found))
    }

    /// The `Set-Cookie` of a session's token.
    #[must_use]
    pub fn session_cookie(&self, token: &SessionToken) -> String {
        self.cookie_of('s', token)
    }

    /// Name of the cookie: with the `__Host-` prefix wherever there is TLS.
    #[must_use]
    pub fn cookie_name(&self) -> &'static str {
        if self.config().secure {
            "__Host-tinhso"
        } else {
            "tinhso"
        }
    }

    pub(crate) fn cookie_of(&self, kind: char, token: &SessionToken) -> String {
        set_cookie(
            self.config().secure,
            self.cookie_name(),
            &format!("{kind}{}", token.reveal()),
            None,
        )
    }
}

/// One `Set-Cookie`: HttpOnly, SameSite=Lax, the whole site, Secure where there is TLS; until the browser closes without `age_s`.
pub(crate) fn set_cookie(secure: bool, name: &str, value: &str, age_s: Option<i64>) -> String {
    let secure = if secure { "; Secure" } else { "" };
    let age = age_s.map(|age| format!("; Max-Age={age}")).unwrap_or_default();
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}")
}

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    all.flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// Adds a cookie to an answer.
pub(crate) fn add_cookie(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// An answer that signs in: redirect and the new token.
pub(crate) fn signed_in(identity: &Identity, token: &SessionToken, to: &str) -> Response {
    let mut response = web::see_other(to);
    add_cookie(&mut response, &identity.session_cookie(token));
    response
}

/// Name of the cookie that carries one notice to the next page.
const NOTICE: &str = "tinhso-notice";
/// The notice that a session has ended.
const ENDED: &str = "session-notice-ended";

/// Shows the text `key` once, on the next page: `with_notice(see_other("/x"), "account-notice-role")`.
///
/// # Panics
/// In tests, for a key that no page would show.
#[must_use]
pub fn with_notice(mut response: Response, key: &'static str) -> Response {
    debug_assert!(is_notice(key), "{key} is no key of a notice: it has no -notice- in it");
    add_cookie(&mut response, &set_cookie(false, NOTICE, key, Some(60)));
    response
}

/// Reads everything about a token in one transaction.
fn find(tx: &mut Tx, key: &[u8], now: Timestamp) -> Result<Option<Found>, SessionError> {
    let Some(session) = store::find(tx, key)? else {
        return Ok(None);
    };
    let Some(account) = accounts::get(tx, session.account)? else {
        return Ok(None);
    };
    let held = match account.kind {
        AccountKind::Officer => held_on(accounts::assignments(tx, account.id)?, now.local_date()),
        AccountKind::Citizen | AccountKind::Organisation => Vec::new(),
    };
    let (person, also) = match account.person {
        Some(person) => {
            let mut also = crate::person::group(tx, person)?;
            also.retain(|record| *record != person);
            (crate::person::record(tx, person)?, also)
        }
        None => (None, Vec::new()),
    };
    Ok(Some(Found {
        session,
        account,
        held,
        person,
        also,
    }))
}

impl Found {
    /// Who the session stands for. An incomplete one stands for nobody.
    fn caller(&self) -> Caller {
        let (session, account) = (&self.session, &self.account);
        if session.stage != Stage::Full {
            return Caller::Anonymous;
        }
        match (account.kind, account.person) {
            (AccountKind::Officer, _) => Caller::Officer(OfficerCaller {
                account: account.id,
                name: account.name.clone(),
                acting: super::rules::acting(session, &self.held),
                assignments: self.held.clone(),
                session: session.id,
                level: session.level,
                roles_version: account.roles_version,
                scopes: None,
            }),
            (AccountKind::Citizen | AccountKind::Organisation, Some(person)) => Caller::Citizen(CitizenCaller {
                account: account.id,
                kind: account.kind,
                person,
                also: self.also.clone(),
                organisation: account.organisation,
                session: session.id,
                level: session.level,
            }),
            // A citizen's account without a person is no caller at all.
            (AccountKind::Citizen | AccountKind::Organisation, None) => Caller::Anonymous,
        }
    }
}

/// The layer itself.
async fn session_layer(State(identity): State<Identity>, request: Request, next: Next) -> Response {
    use axum::response::IntoResponse as _;
    let now = identity.now();
    let (mut parts, body) = request.into_parts();
    let authorization = parts
        .headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    if let Some(secret) = authorization.and_then(crate::token::secret_of) {
        let caller = identity.token_caller(secret).await;
        return match (caller, identity.keep_units_fresh().await) {
            (Ok(caller), Ok(())) => {
                parts.extensions.insert(caller);
                parts.extensions.insert(Live::default());
                next.run(Request::from_parts(parts, body)).await
            }
            (Err(error), _) => Failure::from(error).into_response(),
            (_, Err(error)) => Failure::from(error).into_response(),
        };
    }
    let (live, found) = match read_cookie(&identity, &parts.headers, now).await {
        Ok(read) => read,
        Err(error) => return Failure::from(error).into_response(),
    };
    let caller = found.as_ref().map_or(Caller::Anonymous, Found::caller);
    if let Err(error) = identity.keep_units_fresh().await {
        return Failure::from(error).into_response();
    }
    // Programs keep no cookies: what comes without one to the API gets none.
    let wants_cookie = live.token.is_none() && !parts.uri.path().starts_with("/api/");
    let fresh = wants_cookie.then(|| SessionToken::new(identity.world().as_ref()));
    let shown_notice = cookie(&parts.headers, NOTICE).is_some();
    let ended = live.ended;
    if let Some(token) = live.token.as_ref().or(fresh.as_ref()) {
        let expected = Token::of(token.secret());
        let csrf = expected.mask(identity.world().as_ref());
        parts.extensions.insert(Expected(expected));
        match fill_shell(&identity, &mut parts, &caller, found.as_ref(), &live, csrf, now).await {
            Ok(shell) => web::shell::install(&mut parts.extensions, shell),
            Err(failure) => return failure.into_response(),
        }
    }
    parts.extensions.insert(caller);
    parts.extensions.insert(live);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    finish(&identity, &mut response, fresh.as_ref(), shown_notice);
    if ended && response.status().is_redirection() {
        // The page that says so is the next one: this answer takes away the cookie that would tell it.
        add_cookie(&mut response, &set_cookie(false, NOTICE, ENDED, Some(60)));
    }
    response
}

/// Cookies of the answer: the fresh anonymous token, the spent notice. An answer that caches may share gets none.
fn finish(identity: &Identity, response: &mut Response, fresh: Option<&SessionToken>, shown_notice: bool) {
    let control = response
        .headers()
        .get(header::CACHE_CONTROL)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    if control.contains("public") || control.contains("immutable") {
        return;
    }
    let own = format!("{}=", identity.cookie_name());
    let sets = |start: &str| {
        let cookies = response.headers().get_all(header::SET_COOKIE);
        cookies
            .iter()
            .any(|value| value.as_bytes().starts_with(start.as_bytes()))
    };
    let (has_own, has_notice) = (sets(&own), sets("tinhso-notice="));
    if let Some(token) = fresh
        && !has_own
    {
        let cookie = identity.cookie_of('a', token);
        add_cookie(response, &cookie);
    }
    if shown_notice && !has_notice && response.status().is_success() {
        add_cookie(response, &set_cookie(false, NOTICE, "", Some(0)));
    }
}

/// What the cookie says: the live session, or an anonymous token, or a session that has ended (then a new token is made).
async fn read_cookie(
    identity: &Identity,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<(Live, Option<Found>), SessionError> {
    let value = cookie(headers, identity.cookie_name()).unwrap_or("");
    let kind = value.chars().next();
    let token = value.get(1..).and_then(SessionToken::parse);
    match (kind, token) {
        (Some('s'), Some(token)) => match identity.find_session(&token, now).await? {
            Some(found) => {
                let live = Live {
                    session: Some(found.session.clone()),
                    token: Some(token),
                    ended: false,
                };
                Ok((live, Some(found)))
            }
            None => Ok((
                Live {
                    ended: true,
                    ..Live::default()
                },
                None,
            )),
        },
        (Some('a'), Some(token)) => Ok((
            Live {
                token: Some(token),
                ..Live::default()
            },
            None,
        )),
        _ => Ok((Live::default(), None)),
    }
}

async fn fill_shell(
    identity: &Identity,
    parts: &mut Parts,
    caller: &Caller,
    found: Option<&Found>,
    live: &Live,
    csrf: String,
    now: Timestamp,
) -> Result<Shell, Failure> {
    let mut shell = Shell::from_request_parts(parts, &()).await?;
    shell.csrf = csrf;
    shell.notice = notice(shell.lang, &parts.headers, live);
    let counts = parts.method == http::Method::GET && !shell.path.starts_with("/api/");
    shell.nav = navigation(identity, shell.lang, caller, counts).await;
    let Some(found) = found.filter(|found| found.session.stage == Stage::Full) else {
        return Ok(shell);
    };
    shell.account = Some(label(identity, shell.lang, caller, found)?);
    let ends = ends_at(&found.session, idle_limit(found.account.kind, &found.held));
    shell.session = Some(clock(ends, now));
    Ok(shell)
}

/// The entries that the caller may reach; on pages with what waits behind them, read once for each page.
async fn navigation(identity: &Identity, lang: Lang, caller: &Caller, counts: bool) -> Vec<NavItem> {
    let entries = identity.nav_for(caller);
    let mut items: Vec<NavItem> = entries
        .iter()
        .map(|entry| NavItem::new(entry.href, text(lang, entry.text)))
        .collect();
    let counted: Vec<(usize, NavCount)> = entries
        .iter()
        .enumerate()
        .filter_map(|(at, entry)| entry.count.map(|count| (at, count)))
        .collect();
    let (Some(account), true) = (caller.account(), counts && !counted.is_empty()) else {
        return items;
    };
    let reads = counted.clone();
    let read = identity
        .store()
        .read(move |tx| reads.iter().map(|(_, count)| (count.read)(tx, account)).collect())
        .await;
    // A page without its numbers is still a page: the store's fault is told by what needs the store.
    let numbers: Vec<u64> = read.unwrap_or_else(|error: StoreError| {
        tracing::warn!(%error, "the numbers of the navigation were not read");
        Vec::new()
    });
    for ((at, count), n) in counted.into_iter().zip(numbers).filter(|(_, n)| *n > 0) {
        let words = web::text_with(lang, count.text, &[("n", n.into())]);
        items[at] = items[at].clone().with_count(n).counted(words);
    }
    items
}

fn clock(ends: Timestamp, now: Timestamp) -> SessionClock {
    let left = ends.since(now).max(SignedDuration::ZERO).as_secs();
    SessionClock {
        ends_after_s: u32::try_from(left).unwrap_or(u32::MAX),
        warn_before_s: WARN_BEFORE_S,
        renew: RENEW.to_owned(),
    }
}

/// Whether a key is that of a notice: other texts are no business of a cookie.
fn is_notice(key: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    key.len() < 80 && key.contains("-notice-") && key.bytes().all(is_plain)
}

fn notice(lang: Lang, headers: &HeaderMap, live: &Live) -> Option<Notice> {
    if live.ended {
        return Some(Notice {
            tone: Tone::Soon,
            text: text(lang, ENDED),
        });
    }
    // Only keys of notices are shown: the cookie is the browser's to write.
    let key = cookie(headers, NOTICE).filter(|key| is_notice(key))?;
    web::i18n::maybe(lang, key, &[]).map(|words| Notice {
        tone: if key == ENDED { Tone::Soon } else { Tone::Ok },
        text: words,
    })
}

/// Who is signed in, as the masthead says it.
fn label(identity: &Identity, lang: Lang, caller: &Caller, found: &Found) -> Result<AccountLabel, IdentityError> {
    let sign_out = "/sign-out".to_owned();
    let link = |href: &str, key: &str| NavItem::new(href, text(lang, key));
    match caller {
        Caller::Officer(officer) => {
            let role = officer.acting().map(|acting| {
                format!(
                    "{}, {}",
                    text(lang, role_key(acting.role)),
                    identity.unit_name(acting.unit, lang)
                )
            });
            let mut links = vec![link("/account", "account-nav-own")];
            if officer.assignments().len() > 1 {
                links.push(link("/account/acting", "account-nav-acting"));
            }
            Ok(AccountLabel {
                name: officer.name().to_owned(),
                role,
                links,
                sign_out,
            })
        }
        Caller::Citizen(citizen) => {
            // One's own name on one's own page is no use to record.
            let name = match &found.person {
                Some(record) => crate::person::open(&identity.keys(), &Purpose::own_data(citizen), record)?.name,
                None => String::new(),
            };
            let acts_for_another = found.account.kind == AccountKind::Organisation;
            let role = acts_for_another.then(|| text(lang, "account-kind-organisation"));
            let links = vec![link("/account", "account-nav-own"), link("/my/data-use", "use-nav")];
            Ok(AccountLabel {
                name,
                role,
                links,
                sign_out,
            })
        }
        Caller::Anonymous => Ok(AccountLabel {
            name: String::new(),
            role: None,
            links: Vec::new(),
            sign_out,
        }),
    }
}

/// Key of a role's name.
pub(crate) const fn role_key(role: crate::Role) -> &'static str {
    use crate::Role;
    match role {
        Role::Desk => "account-role-desk",
        Role::Specialist => "account-role-specialist",
        Role::Leader => "account-role-leader",
        Role::Accountant => "account-role-accountant",
        Role::UnitAdmin => "account-role-unit-admin",
        Role::Admin => "account-role-admin",
        Role::Auditor => "account-role-auditor",
        Role::Operator => "account-role-operator",
    }
}

/// A fresh anonymous token in place of an ended session.
pub(crate) fn anonymous_again(identity: &Identity, response: &mut Response, world: &dyn World) {
    let token = SessionToken::new(world);
    let cookie = identity.cookie_of('a', &token);
    add_cookie(response, &cookie);
}
