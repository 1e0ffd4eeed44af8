//! Owns signing in of officers: password, then one-time code, then whatever the account must still do. Every way takes the same
//! steps whether the name exists or not: one read, one hash, one write. Refuses to say which of them failed.

use std::net::IpAddr;

use kernel::{Date, Timestamp, World};
use store::Tx;
use zeroize::Zeroizing;

use super::SignInError;
use super::limit::Try;
use super::rules::{after_failure, is_unused};
use crate::Identity;
use crate::account::store::{self as accounts, Secrets};
use crate::account::totp::{self, TotpSecret};
use crate::account::{Account, AccountError, Assignment, password};
use crate::audit::{self, Actor, detail};
use crate::session::rules::{expiry, held_on, next_stage};
use crate::session::{Level, Session, SessionId, SessionToken, Stage, store as sessions};

/// A try to sign in with a password.
#[derive(Clone)]
pub struct Attempt {
    /// Name typed.
    pub login: String,
    /// Password typed.
    pub password: Zeroizing<String>,
    /// Where from.
    pub address: IpAddr,
    /// Device in words.
    pub device: String,
}

impl std::fmt::Debug for Attempt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Attempt(…)")
    }
}

/// A sign-in that got a session, perhaps with steps left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The new token.
    pub token: SessionToken,
    /// What is left before the work.
    pub stage: Stage,
}

impl Identity {
    /// Checks name and password. Success gives a session in its first stage.
    /// # Errors
    /// `Refused` for every reason that has to do with the account; `TooMany`, and faults of store and hasher.
    pub async fn sign_in_with_password(&self, attempt: Attempt) -> Result<SignedIn, SignInError> {
        let now = self.now();
        self.limiter().take(attempt.address, Try::Password, now)?;
        let login = attempt.login.trim().to_ascii_lowercase();
        let found = self.store().read(move |tx| find(tx, &login)).await?;
        let hash = found.as_ref().and_then(|(_, secrets)| secrets.password_hash.clone());
        let right = self.hasher().verify(attempt.password, hash).await?;
        let account = found.map(|(account, _)| account.id);
        let token = SessionToken::new(self.world().as_ref());
        let session = SessionId::new(self.world().as_ref());
        let (key, device) = (token.key(), attempt.device);
        let stage = self
            .store()
            .write(move |tx| {
                let Some(id) = account else {
                    audit::append(tx, Actor::Nobody, "sign-in.fail", "-", detail([]), now)?;
                    return Ok(None);
                };
                let Some(found) = accounts::get(tx, id)? else {
                    return Ok(None);
                };
                if !admit(tx, &found, right, now)? {
                    return Ok(None);
                }
                let held = held_on(accounts::assignments(tx, id)?, now.local_date());
                let stage = next_stage(&found, &held, Level::Password);
                let new = new_session(session, &found, Level::Password, stage, &device, now);
                open(tx, &key, &new, now)?;
                Ok::<_, SignInError>(Some(stage))
            })
            .await?;
        metrics::counter!("identity_sign_ins_total", "way" => "password", "ok" => stage.is_some().to_string())
            .increment(1);
        stage.map(|stage| SignedIn { token, stage }).ok_or(SignInError::Refused)
    }

    /// Checks the one-time code, or a recovery code, of a session that waits for it. The session gets a new token.
    /// # Errors
    /// `CodeRefused`; `Expired` when the session does not wait for a code; `Refused` when the failure locked the account.
    pub async fn sign_in_with_code(
        &self,
        session: &Session,
        code: &str,
        address: IpAddr,
    ) -> Result<SignedIn, SignInError> {
        let now = self.now();
        self.limiter().take(address, Try::Code, now)?;
        if session.stage != Stage::Totp {
            return Err(SignInError::Expired);
        }
        let token = SessionToken::new(self.world().as_ref());
        let (key, id, account, code) = (token.key(), session.id, session.account, code.to_owned());
        let keys = self.keys();
        let outcome = self
            .store()
            .write(move |tx| {
                let found = accounts::get(tx, account)?.ok_or(SignInError::Expired)?;
                if found.is_locked(now) || found.disabled.is_some() {
                    return Ok(Err(SignInError::Refused));
                }
                let secrets = accounts::secrets(tx, account)?.ok_or(SignInError::Expired)?;
                if !take_code(tx, &keys, &found, &secrets, &code, now)? {
                    return Ok(Err(fail(tx, &found, "code", now)?));
                }
                let held = held_on(accounts::assignments(tx, account)?, now.local_date());
                let stage = next_stage(&found, &held, Level::PasswordTotp);
                let kept = sessions::rotate(tx, id, &key, Level::PasswordTotp, stage, expiry(stage, now), now)?;
                if !kept {
                    return Ok(Err(SignInError::Expired));
                }
                if stage == Stage::Full {
                    succeed(tx, &found, Level::PasswordTotp, now)?;
                }
                Ok::<_, SignInError>(Ok(stage))
            })
            .await?;
        outcome.map(|stage| SignedIn { token, stage })
    }

    /// Sets a new password: at the first sign-in, or on the account page. Ends the account's other sign-ins; the session gets a
    /// new token.
    /// # Errors
    /// `Refused` when the old password is wrong, `Account` with the rule that the new one breaks.
    pub async fn change_password(
        &self,
        session: &Session,
        old: Zeroizing<String>,
        new: Zeroizing<String>,
        address: IpAddr,
    ) -> Result<SignedIn, SignInError> {
        let now = self.now();
        self.limiter().take(address, Try::Password, now)?;
        let account = session.account;
        let (found, secrets, held) = self
            .store()
            .read(move |tx| with_roles(tx, account, now.local_date()))
            .await?;
        if found.is_locked(now) || !self.hasher().verify(old.clone(), secrets.password_hash).await? {
            self.store().write(move |tx| fail(tx, &found, "password", now)).await?;
            return Err(SignInError::Refused);
        }
        let with_totp = found.totp_confirmed_at.is_some() || held.iter().any(|one| one.role.is_administrator());
        let names = [found.name.as_str(), found.login.as_deref().unwrap_or("")];
        password::check(&new, &names, with_totp).map_err(AccountError::Password)?;
        if *old == *new {
            return Err(AccountError::Password(password::PasswordFault::Unchanged).into());
        }
        let hash = self.hasher().hash(new, self.world().as_ref()).await?;
        let token = SessionToken::new(self.world().as_ref());
        let (key, id, level) = (token.key(), session.id, session.level);
        let changed = Account {
            password_must_change: false,
            ..found
        };
        let stage = self
            .store()
            .write(move |tx| {
                accounts::set_password(tx, account, &hash, false, now)?;
                sessions::end_all(tx, account, Some(id))?;
                audit::append(
                    tx,
                    Actor::Account(account),
                    "account.password",
                    &account.to_string(),
                    detail([]),
                    now,
                )?;
                let stage = after_step(&changed, &held, level);
                if !sessions::rotate(tx, id, &key, level, stage, expiry(stage, now), now)? {
                    return Err(SignInError::Expired);
                }
                if stage == Stage::Full {
                    succeed(tx, &changed, level, now)?;
                }
                Ok::<_, SignInError>(stage)
            })
            .await?;
        Ok(SignedIn { token, stage })
    }

    /// Begins setting up a second factor: a new secret, kept sealed with the session until its first code comes.
    /// Asking again while one is kept gives the same one.
    /// # Errors
    /// When the store fails.
    pub async fn begin_second_factor(&self, session: &Session) -> Result<TotpSecret, SignInError> {
        let (id, keys) = (session.id, self.keys());
        if let Some(sealed) = self.store().read(move |tx| sessions::enrolment(tx, id)).await? {
            return Ok(TotpSecret::open_enrolment(&keys, id, &sealed)?);
        }
        let secret = TotpSecret::new(self.world().as_ref());
        let sealed = secret.seal_enrolment(&keys, self.world().as_ref(), id);
        self.store()
            .write(move |tx| sessions::set_enrolment(tx, id, Some(&sealed)))
            .await?;
        Ok(secret)
    }

    /// Finishes it with the first code; gives the recovery codes, shown once. Other sign-ins end, the session gets a new token.
    /// # Errors
    /// `CodeRefused`; `TotpNotBegun` when no secret is kept.
    pub async fn confirm_second_factor(
        &self,
        session: &Session,
        code: &str,
        address: IpAddr,
    ) -> Result<(SignedIn, Vec<String>), SignInError> {
        let now = self.now();
        self.limiter().take(address, Try::Code, now)?;
        let (id, account, keys) = (session.id, session.account, self.keys());
        let sealed = self.store().read(move |tx| sessions::enrolment(tx, id)).await?;
        let sealed = sealed.ok_or(AccountError::TotpNotBegun)?;
        let secret = TotpSecret::open_enrolment(&keys, id, &sealed)?;
        let step = secret.step_of(code, now).ok_or(SignInError::CodeRefused)?;
        let sealed = secret.seal(&keys, self.world().as_ref(), account);
        let codes = totp::new_recovery_codes(self.world().as_ref());
        let hashes: Vec<Vec<u8>> = codes
            .iter()
            .filter_map(|code| totp::recovery_hash(&keys, account, code))
            .collect();
        let token = SessionToken::new(self.world().as_ref());
        let key = token.key();
        let stage = self
            .store()
            .write(move |tx| {
                accounts::set_totp(tx, account, Some(&sealed), Some(now), Some(step))?;
                accounts::replace_recovery_codes(tx, account, &hashes, now)?;
                sessions::set_enrolment(tx, id, None)?;
                sessions::end_all(tx, account, Some(id))?;
                let who = Actor::Account(account);
                audit::append(tx, who, "account.second-factor", &account.to_string(), detail([]), now)?;
                let (found, _, held) = with_roles(tx, account, now.local_date())?;
                let stage = after_step(&found, &held, Level::PasswordTotp);
                if !sessions::rotate(tx, id, &key, Level::PasswordTotp, stage, expiry(stage, now), now)? {
                    return Err(SignInError::Expired);
                }
                if stage == Stage::Full {
                    succeed(tx, &found, Level::PasswordTotp, now)?;
                }
                Ok::<_, SignInError>(stage)
            })
            .await?;
        Ok((SignedIn { token, stage }, codes))
    }
}

/// What is left after a step that proved `level` again: the code is not asked twice.
fn after_step(account: &Account, held: &[Assignment], level: Level) -> Stage {
    match next_stage(account, held, level) {
        Stage::Totp => Stage::Full,
        other => other,
    }
}

fn find(tx: &mut Tx, login: &str) -> Result<Option<(Account, Secrets)>, SignInError> {
    let Some(account) = accounts::by_login(tx, login)? else {
        return Ok(None);
    };
    Ok(accounts::secrets(tx, account.id)?.map(|secrets| (account, secrets)))
}

fn with_roles(
    tx: &mut Tx,
    id: crate::AccountId,
    day: Date,
) -> Result<(Account, Secrets, Vec<Assignment>), SignInError> {
    let account = accounts::get(tx, id)?.ok_or(SignInError::Expired)?;
    let secrets = accounts::secrets(tx, id)?.ok_or(SignInError::Expired)?;
    Ok((account, secrets, held_on(accounts::assignments(tx, id)?, day)))
}

/// Whether a right or wrong password opens this account now; counts, locks, disables and writes the log.
fn admit(tx: &mut Tx, account: &Account, right: bool, now: Timestamp) -> Result<bool, SignInError> {
    let subject = account.id.to_string();
    let refuse = |tx: &mut Tx, why: &str| -> Result<bool, SignInError> {
        audit::append(
            tx,
            Actor::Nobody,
            "sign-in.fail",
            &subject,
            detail([("why", why.to_owned())]),
            now,
        )?;
        Ok(false)
    };
    if account.disabled.is_some() {
        return refuse(tx, "disabled");
    }
    if account.is_locked(now) {
        return refuse(tx, "locked");
    }
    if is_unused(account, now) {
        accounts::set_disabled(tx, account.id, Some("unused"), now)?;
        audit::append(
            tx,
            Actor::System,
            "account.disable",
            &subject,
            detail([("why", "unused".to_owned())]),
            now,
        )?;
        return refuse(tx, "unused");
    }
    if !right {
        fail(tx, account, "password", now)?;
        return Ok(false);
    }
    Ok(true)
}

/// Counts a failure; the fifth in a row locks. Gives what the public is told.
fn fail(tx: &mut Tx, account: &Account, what: &str, now: Timestamp) -> Result<SignInError, SignInError> {
    let (failures, locked_until) = after_failure(account, now);
    accounts::set_failures(tx, account.id, failures, locked_until)?;
    let subject = account.id.to_string();
    audit::append(
        tx,
        Actor::Nobody,
        "sign-in.fail",
        &subject,
        detail([("why", what.to_owned())]),
        now,
    )?;
    if locked_until.is_some() && !account.is_locked(now) {
        audit::append(tx, Actor::System, "account.lock", &subject, detail([]), now)?;
        sessions_of_pending_end(tx, account)?;
        return Ok(SignInError::Refused);
    }
    Ok(SignInError::CodeRefused)
}

/// A lock ends sign-ins that are not complete: the guesser starts from the password again. Complete ones go on.
fn sessions_of_pending_end(tx: &mut Tx, account: &Account) -> Result<(), SignInError> {
    for session in sessions::of_account(tx, account.id)? {
        if session.stage != Stage::Full {
            sessions::end(tx, account.id, session.id)?;
        }
    }
    Ok(())
}

/// A complete sign-in: the count starts anew, the account is in use.
fn succeed(tx: &mut Tx, account: &Account, level: Level, now: Timestamp) -> Result<(), SignInError> {
    accounts::signed_in(tx, account.id, now)?;
    let words = detail([("level", level.name().to_owned())]);
    audit::append(
        tx,
        Actor::Account(account.id),
        "sign-in",
        &account.id.to_string(),
        words,
        now,
    )?;
    Ok(())
}

fn take_code(
    tx: &mut Tx,
    keys: &store::keys::KeyRing,
    account: &Account,
    secrets: &Secrets,
    code: &str,
    now: Timestamp,
) -> Result<bool, SignInError> {
    let Some(sealed) = &secrets.totp else { return Ok(false) };
    if let Some(step) = TotpSecret::open(keys, account.id, sealed)?.step_of(code, now) {
        let fresh = secrets.totp_last_step.is_none_or(|last| last < step);
        return Ok(fresh && accounts::take_totp_step(tx, account.id, step)?);
    }
    let Some(hash) = totp::recovery_hash(keys, account.id, code) else {
        return Ok(false);
    };
    let taken = accounts::take_recovery_code(tx, account.id, &hash, now)?;
    if taken {
        let who = Actor::Account(account.id);
        audit::append(
            tx,
            who,
            "account.recovery-code",
            &account.id.to_string(),
            detail([]),
            now,
        )?;
    }
    Ok(taken)
}

pub(crate) fn new_session(
    id: SessionId,
    account: &Account,
    level: Level,
    stage: Stage,
    device: &str,
    now: Timestamp,
) -> Session {
    Session {
        id,
        account: account.id,
        level,
        stage,
        device: device.to_owned(),
        created_at: now,
        seen_at: now,
        expires_at: expiry(stage, now),
        acting: None,
        provider: None,
    }
}

/// Puts a session into the table; a complete one counts as a sign-in.
pub(crate) fn open(tx: &mut Tx, key: &[u8], session: &Session, now: Timestamp) -> Result<(), SignInError> {
    sessions::insert(tx, key, session)?;
    sessions::trim(tx, session.account)?;
    if session.stage == Stage::Full
        && let Some(account) = accounts::get(tx, session.account)?
    {
        succeed(tx, &account, session.level, now)?;
    }
    Ok(())
}

impl Identity {
    /// Opens a complete session without a sign-in: for the test kit and the benchmark, which mint sessions of their own accounts.
    /// Not reachable from any page.
    /// # Errors
    /// When the account does not exist or the store fails.
    pub async fn mint_session(&self, account: crate::AccountId, level: Level) -> Result<SessionToken, SignInError> {
        let now = self.now();
        let world: &dyn World = self.world().as_ref();
        let (token, id) = (SessionToken::new(world), SessionId::new(world));
        let key = token.key();
        self.store()
            .write(move |tx| {
                let found = accounts::get(tx, account)?.ok_or(AccountError::Unknown(account))?;
                let session = new_session(id, &found, level, Stage::Full, "", now);
                open(tx, &key, &session, now)
            })
            .await?;
        Ok(token)
    }
}
