//! Owns what administrators do with officers' accounts: open, unlock, disable, reset, give and withdraw roles, move. Pages, the
//! command line and the demo all come through here. Every act is one transaction with its audit row; what takes rights away
//! ends the live sign-ins. Refuses acts on one's own account and on accounts above one's hands.

use kernel::{Date, Timestamp};
use store::Tx;
use zeroize::Zeroizing;

use super::approval::{self, Act, Given, Need, ProposalId};
use super::password;
use super::totp::{self, TotpSecret};
use super::{Account, AccountError, AccountId, AccountKind, Assignment, AssignmentId, Role, rules, store as table};
use crate::audit::{self, Actor, Detail, detail};
use crate::policy::{Action, Resource};
use crate::session::{self, Caller};
use crate::unit::UnitId;
use crate::{Identity, IdentityError};

/// Who acts: an officer, held to policy, or the program itself (command line, demo).
#[derive(Debug, Clone)]
pub enum By {
    /// The program itself.
    System,
    /// A signed-in officer.
    Officer(Caller),
}

impl By {
    pub(super) fn actor(&self) -> Actor {
        match self {
            By::System => Actor::System,
            By::Officer(caller) => caller.account().map_or(Actor::Nobody, Actor::Account),
        }
    }

    pub(super) fn account(&self) -> Option<AccountId> {
        match self {
            By::System => None,
            By::Officer(caller) => caller.account(),
        }
    }
}

/// An account to open.
#[derive(Clone)]
pub struct NewOfficer {
    /// Name to sign in with.
    pub login: String,
    /// Name at work.
    pub name: String,
    /// The password; `None` makes one.
    pub password: Option<String>,
    /// Whether it must be changed at the first sign-in. Always so for one set by another officer.
    pub must_change: bool,
    /// The first role.
    pub role: NewRole,
}

impl std::fmt::Debug for NewOfficer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewOfficer")
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// A role to give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRole {
    /// Which.
    pub role: Role,
    /// Where.
    pub unit: UnitId,
    /// First day; today when `None`.
    pub valid_from: Option<Date>,
    /// Last day.
    pub valid_to: Option<Date>,
    /// Why: number of the decision.
    pub reason: String,
}

/// A fresh account: its id, and the password to hand over once.
#[derive(Clone)]
pub struct Opened {
    /// The account.
    pub account: AccountId,
    /// The password, shown once and kept nowhere.
    pub password: Zeroizing<String>,
    /// It cannot be used before a second administrator approves it.
    pub waits: bool,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened")
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

/// Accounts that are opened in one transaction.
pub const PART: usize = 50;

/// An account before it is written.
struct Prepared {
    login: String,
    name: String,
    secret: Zeroizing<String>,
    hash: String,
    account: AccountId,
    assignment: Assignment,
    must_change: bool,
    proposal: ProposalId,
}

impl Identity {
    /// Opens an officer's account with a first role.
    /// # Errors
    /// A name that is taken or malformed, a password against the policy, a role that may not be given.
    pub async fn open_officer(&self, by: &By, new: NewOfficer) -> Result<Opened, IdentityError> {
        let opened = self.open_officers(by, vec![new]).await?;
        let opened = opened.into_iter().next().flatten();
        opened.ok_or_else(|| AccountError::LoginTaken.into())
    }

    /// Opens several officers' accounts with their first roles, [`PART`] in one transaction; `None` for a name that is taken.
    /// Officers of one call who are given the same password share its hash: whoever gives one password to several has no secret
    /// between them, and only a demonstration does that. Passwords that are made here are each hashed for themselves.
    /// # Errors
    /// As [`Identity::open_officer`]; then the parts before are written and nothing of this one.
    pub async fn open_officers(&self, by: &By, new: Vec<NewOfficer>) -> Result<Vec<Option<Opened>>, IdentityError> {
        let mut opened = Vec::with_capacity(new.len());
        let (mut hashes, mut part) = (Vec::new(), Vec::new());
        let last = new.len();
        for (at, one) in (1..).zip(new) {
            part.push(self.prepare_officer(by, one, &mut hashes).await?);
            if part.len() == PART || at == last {
                opened.extend(self.write_officers(by, std::mem::take(&mut part)).await?);
                // A salt is shared by one part at most.
                hashes.clear();
            }
        }
        Ok(opened)
    }

    async fn write_officers(&self, by: &By, part: Vec<Prepared>) -> Result<Vec<Option<Opened>>, IdentityError> {
        let all = std::sync::Arc::new(part);
        let (identity, by, now, written) = (self.clone(), by.clone(), self.now(), all.clone());
        let waits: Vec<Option<bool>> = self
            .store()
            .write(move |tx| {
                let all = written.iter();
                all.map(|one| identity.write_officer(tx, &by, one, now))
                    .collect::<Result<_, IdentityError>>()
            })
            .await?;
        let opened = all.iter().zip(waits).map(|(one, waits)| {
            waits.map(|waits| Opened {
                account: one.account,
                password: one.secret.clone(),
                waits,
            })
        });
        Ok(opened.collect())
    }

    async fn prepare_officer(
        &self,
        by: &By,
        new: NewOfficer,
        hashes: &mut Vec<(Zeroizing<String>, String)>,
    ) -> Result<Prepared, IdentityError> {
        let login = rules::login(&new.login)?;
        let name = rules::name(&new.name)?;
        let must_have_totp = new.role.role.is_administrator();
        let secret = match new.password {
            Some(password) => {
                password::check(&password, &[&login, &name], must_have_totp).map_err(AccountError::Password)?;
                Zeroizing::new(password)
            }
            None => self.temporary_password(),
        };
        let hash = match hashes.iter().find(|(known, _)| *known == secret) {
            Some((_, hash)) => hash.clone(),
            None => {
                let hash = self.hasher().hash(secret.clone(), self.world().as_ref()).await?;
                hashes.push((secret.clone(), hash.clone()));
                hash
            }
        };
        let account = AccountId::new(self.world().as_ref());
        Ok(Prepared {
            assignment: self.assignment(by, account, new.role)?,
            must_change: new.must_change || matches!(by, By::Officer(_)),
            proposal: ProposalId::new(self.world().as_ref()),
            login,
            name,
            secret,
            hash,
            account,
        })
    }

    /// Writes an account and its first role; whether it waits for a second administrator, `None` when its name is taken.
    fn write_officer(
        &self,
        tx: &mut Tx,
        by: &By,
        one: &Prepared,
        now: Timestamp,
    ) -> Result<Option<bool>, IdentityError> {
        let (account, assignment) = (one.account, &one.assignment);
        self.check_role(by, assignment)?;
        let need = approval::need(tx, self, by, Act::Open, assignment)?;
        let row = table::NewAccount {
            id: account,
            kind: AccountKind::Officer,
            login: Some(&one.login),
            name: &one.name,
            person: None,
            organisation: None,
            owner_index: None,
            password_hash: Some(&one.hash),
            must_change: one.must_change,
            created_by: by.account(),
            now,
        };
        if !table::insert(tx, &row)? {
            return Ok(None);
        }
        audit::append(tx, by.actor(), "account.open", &account.to_string(), need.words(), now)?;
        if let Need::Second(proposer) = need {
            table::set_disabled(tx, account, Some(approval::WAITING), now)?;
            approval::propose(tx, one.proposal, Act::Open, assignment, proposer)?;
            return Ok(Some(true));
        }
        grant(tx, by, assignment, need.words(), now)?;
        Ok(Some(false))
    }

    /// Gives a role; an administrator's waits for a second administrator.
    /// # Errors
    /// A role that may not be given or is held already, an unknown account.
    pub async fn grant_role(&self, by: &By, account: AccountId, new: NewRole) -> Result<Given, IdentityError> {
        let assignment = self.assignment(by, account, new)?;
        let proposal = ProposalId::new(self.world().as_ref());
        let (identity, by, now) = (self.clone(), by.clone(), self.now());
        self.store()
            .write(move |tx| {
                identity.check_role(&by, &assignment)?;
                officer(tx, account)?;
                check_not_held(tx, &assignment)?;
                let need = approval::need(tx, &identity, &by, Act::Grant, &assignment)?;
                if let Need::Second(proposer) = need {
                    approval::propose(tx, proposal, Act::Grant, &assignment, proposer)?;
                    return Ok(Given::Waits(proposal));
                }
                add(tx, &by, &assignment, need.words(), now)?;
                Ok::<_, IdentityError>(Given::Held(assignment.id))
            })
            .await
    }

    /// Withdraws a role and ends the live sign-ins of its account.
    /// # Errors
    /// A role that may not be withdrawn by these hands, an unknown or withdrawn assignment, no reason.
    pub async fn withdraw_role(&self, by: &By, id: AssignmentId, reason: &str) -> Result<(), IdentityError> {
        let reason = rules::reason(reason)?;
        let (identity, by, now) = (self.clone(), by.clone(), self.now());
        self.store()
            .write(move |tx| {
                let found = table::assignment(tx, id)?.filter(|found| found.withdrawn_at.is_none());
                let assignment = found.ok_or(AccountError::AssignmentUnknown)?;
                identity.check_role(&by, &assignment)?;
                withdraw(tx, &by, &assignment, &reason, now)?;
                session::store::end_all(tx, assignment.account, None)?;
                Ok::<_, IdentityError>(())
            })
            .await
    }

    /// Moves an officer: withdraws every role that holds, gives the new one, ends the live sign-ins. To an administrator's
    /// role all of that waits for a second administrator.
    /// # Errors
    /// As giving and withdrawing.
    pub async fn move_officer(&self, by: &By, account: AccountId, new: NewRole) -> Result<Given, IdentityError> {
        let assignment = self.assignment(by, account, new)?;
        let proposal = ProposalId::new(self.world().as_ref());
        let (identity, by, now) = (self.clone(), by.clone(), self.now());
        self.store()
            .write(move |tx| {
                identity.check_role(&by, &assignment)?;
                officer(tx, account)?;
                let need = approval::need(tx, &identity, &by, Act::Move, &assignment)?;
                if let Need::Second(proposer) = need {
                    approval::propose(tx, proposal, Act::Move, &assignment, proposer)?;
                    return Ok(Given::Waits(proposal));
                }
                identity.take_all(tx, &by, &assignment, now)?;
                grant(tx, &by, &assignment, need.words(), now)?;
                session::store::end_all(tx, account, None)?;
                Ok::<_, IdentityError>(Given::Held(assignment.id))
            })
            .await
    }

    /// Withdraws every role that an account holds, because it gets another one instead.
    pub(super) fn take_all(
        &self,
        tx: &mut Tx,
        by: &By,
        instead: &Assignment,
        now: Timestamp,
    ) -> Result<(), IdentityError> {
        let today = now.local_date();
        let holds = |held: &&Assignment| held.withdrawn_at.is_none() && held.valid_to.is_none_or(|last| last >= today);
        for held in table::assignments(tx, instead.account)?.iter().filter(holds) {
            self.check_role(by, held)?;
            withdraw(tx, by, held, &instead.reason, now)?;
        }
        Ok(())
    }

    /// The officer's account with this sign-in name: for the command line, which has nobody to ask.
    /// # Errors
    /// When the store fails.
    pub async fn account_of_login(&self, login: &str) -> Result<Option<AccountId>, IdentityError> {
        let login = login.to_owned();
        Ok(self
            .store()
            .read(move |tx| table::by_login(tx, &login))
            .await?
            .map(|account| account.id))
    }

    /// Unlocks an account after failures.
    /// # Errors
    /// An account that is not in these hands.
    pub async fn unlock_account(&self, by: &By, account: AccountId) -> Result<(), IdentityError> {
        self.on_account(by, account, "account.unlock", Detail::new(), move |tx, _| {
            Ok(table::set_failures(tx, account, 0, None)?)
        })
        .await
    }

    /// Disables an account and ends its sign-ins.
    /// # Errors
    /// An account that is not in these hands, no reason.
    pub async fn disable_account(&self, by: &By, account: AccountId, reason: &str) -> Result<(), IdentityError> {
        let reason = rules::reason(reason)?;
        let words = detail([("why", reason.clone())]);
        self.on_account(by, account, "account.disable", words, move |tx, now| {
            table::set_disabled(tx, account, Some(&reason), now)?;
            session::store::end_all(tx, account, None)?;
            Ok(())
        })
        .await
    }

    /// Enables an account again.
    /// # Errors
    /// An account that is not in these hands, no reason.
    pub async fn enable_account(&self, by: &By, account: AccountId, reason: &str) -> Result<(), IdentityError> {
        let reason = rules::reason(reason)?;
        self.on_account(
            by,
            account,
            "account.enable",
            detail([("why", reason)]),
            move |tx, now| {
                // What nobody approved is not let in by another door.
                if approval::store::is_unapproved(tx, account)? {
                    return Err(AccountError::NotApproved(account).into());
                }
                Ok(table::set_disabled(tx, account, None, now)?)
            },
        )
        .await
    }

    /// Gives an account a new temporary password, to be changed at the next sign-in, and ends its sign-ins.
    /// # Errors
    /// An account that is not in these hands.
    pub async fn reset_password(&self, by: &By, account: AccountId) -> Result<Zeroizing<String>, IdentityError> {
        let secret = self.temporary_password();
        let hash = self.hasher().hash(secret.clone(), self.world().as_ref()).await?;
        self.on_account(by, account, "account.reset-password", Detail::new(), move |tx, now| {
            table::set_password(tx, account, &hash, true, now)?;
            session::store::end_all(tx, account, None)?;
            Ok(())
        })
        .await?;
        Ok(secret)
    }

    /// Takes an account's second factor away (lost telephone) and ends its sign-ins.
    /// # Errors
    /// An account that is not in these hands.
    pub async fn reset_second_factor(&self, by: &By, account: AccountId) -> Result<(), IdentityError> {
        self.on_account(
            by,
            account,
            "account.reset-second-factor",
            Detail::new(),
            move |tx, now| {
                table::set_totp(tx, account, None, None, None)?;
                table::replace_recovery_codes(tx, account, &[], now)?;
                session::store::end_all(tx, account, None)?;
                Ok(())
            },
        )
        .await
    }

    /// Ends every sign-in of an account.
    /// # Errors
    /// An account that is not in these hands.
    pub async fn end_sessions_of(&self, by: &By, account: AccountId) -> Result<(), IdentityError> {
        self.on_account(by, account, "session.end-all", Detail::new(), move |tx, _| {
            session::store::end_all(tx, account, None)?;
            Ok(())
        })
        .await
    }

    /// Ends one sign-in of an account.
    /// # Errors
    /// An account that is not in these hands, an unknown session.
    pub async fn end_session_of(
        &self,
        by: &By,
        account: AccountId,
        session: session::SessionId,
    ) -> Result<(), IdentityError> {
        self.on_account(by, account, "session.end", Detail::new(), move |tx, _| {
            if session::store::end(tx, account, session)? {
                return Ok(());
            }
            Err(session::SessionError::Unknown.into())
        })
        .await
    }

    /// Sets up a second factor without the page: the demo and the command line, which show the secret to whoever runs them.
    /// # Errors
    /// When the store fails.
    pub async fn enrol_second_factor(&self, account: AccountId) -> Result<(TotpSecret, Vec<String>), IdentityError> {
        let secret = TotpSecret::new(self.world().as_ref());
        let codes = totp::new_recovery_codes(self.world().as_ref());
        let keys = self.keys();
        let sealed = secret.seal(&keys, self.world().as_ref(), account);
        let hashes: Vec<Vec<u8>> = codes
            .iter()
            .filter_map(|code| totp::recovery_hash(&keys, account, code))
            .collect();
        self.on_account(
            &By::System,
            account,
            "account.second-factor",
            Detail::new(),
            move |tx, now| {
                table::set_totp(tx, account, Some(&sealed), Some(now), None)?;
                Ok(table::replace_recovery_codes(tx, account, &hashes, now)?)
            },
        )
        .await?;
        Ok((secret, codes))
    }

    /// The account with its roles of all time, for whoever may see it.
    /// # Errors
    /// `Unknown`, or `Forbidden` when none of its roles lies in the caller's scope.
    pub async fn account_with_roles(
        &self,
        caller: &Caller,
        account: AccountId,
    ) -> Result<(Account, Vec<Assignment>), IdentityError> {
        let (identity, caller) = (self.clone(), caller.clone());
        self.store()
            .read(move |tx| {
                let found = officer(tx, account)?;
                let roles = table::assignments(tx, account)?;
                let visible = identity.policy().scope_shared(&caller, Action::AccountList);
                let asked = approval::store::units_of(tx, account)?;
                let mut units = roles.iter().map(|role| role.unit).chain(asked);
                if !units.any(|unit| visible.contains(&unit)) {
                    identity.require_system(&caller, Action::AccountList)?;
                }
                Ok::<_, IdentityError>((found, roles))
            })
            .await
    }

    /// One act on an officer's account, held to policy and written to the audit log.
    async fn on_account<F>(
        &self,
        by: &By,
        account: AccountId,
        action: &'static str,
        words: Detail,
        act: F,
    ) -> Result<(), IdentityError>
    where
        F: Fn(&mut Tx, Timestamp) -> Result<(), IdentityError> + Send + 'static,
    {
        let (identity, by, now) = (self.clone(), by.clone(), self.now());
        self.store()
            .write(move |tx| {
                officer(tx, account)?;
                identity.check_account(tx, &by, account)?;
                act(tx, now)?;
                audit::append(tx, by.actor(), action, &account.to_string(), words.clone(), now)?;
                Ok(())
            })
            .await
    }

    fn assignment(&self, by: &By, account: AccountId, new: NewRole) -> Result<Assignment, IdentityError> {
        let now = self.now();
        let valid_from = new.valid_from.unwrap_or(now.local_date());
        rules::days(valid_from, new.valid_to)?;
        if !self.policy().tree().contains(new.unit) {
            return Err(AccountError::UnitUnknown.into());
        }
        Ok(Assignment {
            id: AssignmentId::new(self.world().as_ref()),
            account,
            role: new.role,
            unit: new.unit,
            valid_from,
            valid_to: new.valid_to,
            granted_by: by.account(),
            granted_at: now,
            reason: rules::reason(&new.reason)?,
            withdrawn_at: None,
        })
    }

    /// Whether the hands may give or withdraw this role there.
    pub(super) fn check_role(&self, by: &By, assignment: &Assignment) -> Result<(), IdentityError> {
        let By::Officer(caller) = by else { return Ok(()) };
        self.policy()
            .require(caller, Action::RoleAssign, &Resource::at(assignment.unit))?;
        if let Some((account, role)) = caller
            .account()
            .zip(caller.officer().and_then(crate::OfficerCaller::role))
        {
            rules::may_grant((account, role), assignment.account, assignment.role)?;
        }
        Ok(())
    }

    /// Whether the hands may act on the account: on every role it holds (or last held), at its unit.
    fn check_account(&self, tx: &mut Tx, by: &By, account: AccountId) -> Result<(), IdentityError> {
        let By::Officer(caller) = by else { return Ok(()) };
        if caller.account() == Some(account) {
            return Err(AccountError::OwnAccount.into());
        }
        let all = table::assignments(tx, account)?;
        let today = self.now().local_date();
        let held: Vec<_> = all.iter().filter(|one| one.holds_on(today)).collect();
        let decisive = if held.is_empty() {
            all.iter().take(1).collect()
        } else {
            held
        };
        if decisive.is_empty() {
            self.require_system(caller, Action::AccountManage)?;
        }
        for one in decisive {
            self.policy()
                .require(caller, Action::AccountManage, &Resource::at(one.unit))?;
            if let Some((me, role)) = caller
                .account()
                .zip(caller.officer().and_then(crate::OfficerCaller::role))
            {
                rules::may_grant((me, role), account, one.role)?;
            }
        }
        Ok(())
    }

    /// A password to hand over once: 20 letters that do not look alike, in groups.
    fn temporary_password(&self) -> Zeroizing<String> {
        let codes = totp::new_recovery_codes(self.world().as_ref());
        Zeroizing::new(codes.iter().take(2).cloned().collect::<Vec<_>>().join("-"))
    }
}

pub(super) fn officer(tx: &mut Tx, account: AccountId) -> Result<Account, IdentityError> {
    let found = table::get(tx, account)?.ok_or(AccountError::Unknown(account))?;
    if found.kind != AccountKind::Officer {
        return Err(AccountError::NotAnOfficer(account).into());
    }
    Ok(found)
}

fn role_words(assignment: &Assignment, reason: &str) -> Detail {
    detail([
        ("role", assignment.role.name().to_owned()),
        ("unit", assignment.unit.to_string()),
        ("from", assignment.valid_from.to_string()),
        ("to", assignment.valid_to.map(|day| day.to_string()).unwrap_or_default()),
        ("why", reason.to_owned()),
    ])
}

fn check_not_held(tx: &mut Tx, assignment: &Assignment) -> Result<(), IdentityError> {
    let same = |one: &Assignment| {
        one.role == assignment.role
            && one.unit == assignment.unit
            && one.withdrawn_at.is_none()
            && one.valid_to.is_none_or(|last| last >= assignment.valid_from)
    };
    if table::assignments(tx, assignment.account)?.iter().any(same) {
        return Err(AccountError::RoleHeld(assignment.role).into());
    }
    Ok(())
}

/// One more role, unless it is held already.
pub(super) fn add(
    tx: &mut Tx,
    by: &By,
    assignment: &Assignment,
    more: Detail,
    now: Timestamp,
) -> Result<(), IdentityError> {
    check_not_held(tx, assignment)?;
    grant(tx, by, assignment, more, now)
}

pub(super) fn grant(
    tx: &mut Tx,
    by: &By,
    assignment: &Assignment,
    more: Detail,
    now: Timestamp,
) -> Result<(), IdentityError> {
    table::insert_assignment(tx, assignment)?;
    let mut words = role_words(assignment, &assignment.reason);
    words.extend(more);
    audit::append(
        tx,
        by.actor(),
        "role.grant",
        &assignment.account.to_string(),
        words,
        now,
    )?;
    Ok(())
}

fn withdraw(tx: &mut Tx, by: &By, assignment: &Assignment, reason: &str, now: Timestamp) -> Result<(), IdentityError> {
    table::withdraw_assignment(tx, assignment, by.account(), reason, now)?;
    let words = role_words(assignment, reason);
    audit::append(
        tx,
        by.actor(),
        "role.withdraw",
        &assignment.account.to_string(),
        words,
        now,
    )?;
    Ok(())
}
