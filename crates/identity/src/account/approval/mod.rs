//! Owns what one administrator asks for and a second one decides: opening an account, giving an administrator's role, and that
//! at a small unit one administrator is enough. What waits gives no right; who asked does not decide.
//! The program itself (command line, demonstration) needs no second hand: it makes the first administrator.
//! Duty: TT 21/2023/TT-BTTTT, group "tài khoản" (accounts are approved); TCVN 11930 level 3 (separation of duties).

pub(crate) mod http;
mod rules;
pub(crate) mod store;
#[cfg(test)]
mod tests;

use ::store::Tx;
use kernel::{Date, Timestamp};

use self::store as table;
use super::admin::{self, By};
use super::{AccountError, AccountId, Assignment, AssignmentId, Role, rules as account_rules, store as accounts};
use crate::audit::{self, detail};
use crate::policy::Action;
use crate::session;
use crate::unit::UnitId;
use crate::{Identity, IdentityError};

kernel::define_id!(
    /// Something that waits for a second administrator.
    pub struct ProposalId
);

kernel::define_id!(
    /// That at a unit one administrator is enough.
    pub struct AloneId
);

/// Why an account that was opened cannot be used yet.
pub(crate) const WAITING: &str = "waiting";

/// Why an account that was opened is never used.
pub(crate) const REFUSED: &str = "refused";

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// An account with its first role.
    Open,
    /// One more role.
    Grant,
    /// A role in place of all others.
    Move,
    /// That one administrator is enough at a unit and below it.
    Alone,
}

impl Act {
    /// Every act.
    pub const ALL: [Self; 4] = [Self::Open, Self::Grant, Self::Move, Self::Alone];

    /// The stored name, also the end of a text key.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Grant => "grant",
            Self::Move => "move",
            Self::Alone => "alone",
        }
    }
}

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nobody decided yet.
    Waiting,
    /// A second administrator let it in.
    Approved,
    /// A second administrator refused, or who asked took it back.
    Refused,
}

impl State {
    /// The stored name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Refused => "refused",
        }
    }
}

/// Something that one administrator asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Its id.
    pub id: ProposalId,
    /// What is asked for.
    pub act: Act,
    /// Whose account and which role; none when it is about a unit.
    pub role: Option<(AccountId, Role)>,
    /// Where.
    pub unit: UnitId,
    /// From which day the role holds, and until when.
    pub days: Option<(Date, Option<Date>)>,
    /// Why: number of the decision.
    pub reason: String,
    /// Who asked.
    pub proposed_by: AccountId,
    /// When.
    pub proposed_at: Timestamp,
    /// How it stands.
    pub state: State,
}

impl Proposal {
    fn of(id: ProposalId, act: Act, assignment: &Assignment, by: AccountId) -> Self {
        Self {
            id,
            act,
            role: Some((assignment.account, assignment.role)),
            unit: assignment.unit,
            days: Some((assignment.valid_from, assignment.valid_to)),
            reason: assignment.reason.clone(),
            proposed_by: by,
            proposed_at: assignment.granted_at,
            state: State::Waiting,
        }
    }

    /// The role as it will be held, given by who approves.
    fn assignment(&self, id: AssignmentId, by: Option<AccountId>, now: Timestamp) -> Option<Assignment> {
        let ((account, role), (valid_from, valid_to)) = self.role.zip(self.days)?;
        Some(Assignment {
            id,
            account,
            role,
            unit: self.unit,
            valid_from,
            valid_to,
            granted_by: by,
            granted_at: now,
            reason: self.reason.clone(),
            withdrawn_at: None,
        })
    }
}

/// A unit at which one administrator is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alone {
    /// Its id.
    pub id: AloneId,
    /// The unit; what lies below it is meant too.
    pub unit: UnitId,
    /// Why.
    pub reason: String,
    /// Since when.
    pub set_at: Timestamp,
}

/// What becomes of a role that was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// It is held.
    Held(AssignmentId),
    /// A second administrator decides.
    Waits(ProposalId),
}

/// Whether an act needs a second hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// It needs none: the program itself acts, or the role is no administrator's.
    None,
    /// It would need one, and the unit is exempt: the audit log says so.
    Exempt,
    /// It waits.
    Second(AccountId),
}

impl Need {
    /// What the audit log says of it.
    pub(crate) fn words(self) -> audit::Detail {
        match self {
            Self::Exempt => detail([("second", "not-needed".to_owned())]),
            Self::None | Self::Second(_) => audit::Detail::new(),
        }
    }
}

/// Whether `act` needs a second administrator, given who acts, the role and where.
pub(crate) fn need(
    tx: &mut Tx,
    identity: &Identity,
    by: &By,
    act: Act,
    assignment: &Assignment,
) -> Result<Need, IdentityError> {
    let Some(account) = by.account().filter(|_| rules::is_weighty(act, assignment.role)) else {
        return Ok(Need::None);
    };
    let mut units = vec![assignment.unit];
    let day = identity.now().local_date();
    units.extend(
        identity
            .units()
            .ancestors(assignment.unit, day)
            .iter()
            .map(|unit| unit.id),
    );
    Ok(if table::is_alone(tx, &units)? {
        Need::Exempt
    } else {
        Need::Second(account)
    })
}

/// Writes down what waits.
pub(crate) fn propose(
    tx: &mut Tx,
    id: ProposalId,
    act: Act,
    assignment: &Assignment,
    by: AccountId,
) -> Result<(), IdentityError> {
    let proposal = Proposal::of(id, act, assignment, by);
    if table::waits_already(tx, &proposal)? {
        return Err(AccountError::WaitsAlready.into());
    }
    table::insert(tx, &proposal)?;
    note(
        tx,
        audit::Actor::Account(by),
        "account.propose",
        &proposal,
        None,
        proposal.proposed_at,
    )
}

fn note(
    tx: &mut Tx,
    actor: audit::Actor,
    action: &'static str,
    proposal: &Proposal,
    why: Option<&str>,
    now: Timestamp,
) -> Result<(), IdentityError> {
    let subject = proposal
        .role
        .map_or_else(|| proposal.unit.to_string(), |(account, _)| account.to_string());
    let role = proposal
        .role
        .map(|(_, role)| role.name().to_owned())
        .unwrap_or_default();
    let words = detail([
        ("act", proposal.act.name().to_owned()),
        ("role", role),
        ("unit", proposal.unit.to_string()),
        ("why", why.unwrap_or(&proposal.reason).to_owned()),
        ("proposed-by", proposal.proposed_by.to_string()),
    ]);
    audit::append(tx, actor, action, &subject, words, now)?;
    Ok(())
}

impl Identity {
    /// Approves what another administrator asked for; it takes effect at once.
    /// # Errors
    /// `SamePerson` for who asked, `ProposalUnknown`, `ProposalDecided`, what the hands may not do, a role that is held by now.
    pub async fn approve_proposal(&self, by: &By, id: ProposalId) -> Result<(), IdentityError> {
        let given = AssignmentId::new(self.world().as_ref());
        let alone = AloneId::new(self.world().as_ref());
        let (identity, by, now) = (self.clone(), by.clone(), self.now());
        self.store()
            .write(move |tx| {
                let found = waiting(tx, id)?;
                if by.account() == Some(found.proposed_by) {
                    return Err(AccountError::SamePerson.into());
                }
                identity.check_proposal(&by, &found)?;
                decide(tx, &by, &found, State::Approved, "", now)?;
                match found.assignment(given, by.account(), now) {
                    Some(role) => identity.carry_out(tx, &by, found.act, &role, now),
                    None => Ok(table::set_alone(tx, alone, &found, by.account(), now)?),
                }
            })
            .await
    }

    /// Refuses what another asked for, or takes back what one asked for oneself. An account that was opened stays closed.
    /// # Errors
    /// As approving; no reason.
    pub async fn refuse_proposal(&self, by: &By, id: ProposalId, reason: &str) -> Result<(), IdentityError> {
        let reason = account_rules::reason(reason)?;
        let (identity, by, now) = (self.clone(), by.clone(), self.now());
        self.store()
            .write(move |tx| {
                let found = waiting(tx, id)?;
                if by.account() != Some(found.proposed_by) {
                    identity.check_proposal(&by, &found)?;
                }
                decide(tx, &by, &found, State::Refused, &reason, now)?;
                if let (Act::Open, Some((account, _))) = (found.act, found.role) {
                    accounts::set_disabled(tx, account, Some(REFUSED), now)?;
                }
                Ok::<_, IdentityError>(())
            })
            .await
    }

    /// Asks that one administrator be enough at a unit and below it; the program itself sets it at once.
    /// # Errors
    /// No reason, an unknown unit, one that is exempt or waits already, who does not administer the whole province.
    pub async fn propose_alone(&self, by: &By, unit: UnitId, reason: &str) -> Result<(), IdentityError> {
        let reason = account_rules::reason(reason)?;
        if !self.policy().tree().contains(unit) {
            return Err(AccountError::UnitUnknown.into());
        }
        let proposal = ProposalId::new(self.world().as_ref());
        let alone = AloneId::new(self.world().as_ref());
        let (identity, by, now) = (self.clone(), by.clone(), self.now());
        self.store()
            .write(move |tx| {
                let mut asked = Proposal {
                    id: proposal,
                    act: Act::Alone,
                    role: None,
                    unit,
                    days: None,
                    reason: reason.clone(),
                    proposed_by: AccountId::from_uuid(uuid::Uuid::nil()),
                    proposed_at: now,
                    state: State::Waiting,
                };
                if table::is_alone(tx, &[unit])? {
                    return Err(AccountError::WaitsAlready.into());
                }
                let Some(account) = by.account() else {
                    table::set_alone(tx, alone, &asked, None, now)?;
                    return note(tx, audit::Actor::System, "account.alone", &asked, None, now);
                };
                identity.check_proposal(&by, &asked)?;
                asked.proposed_by = account;
                if table::waits_already(tx, &asked)? {
                    return Err(AccountError::WaitsAlready.into());
                }
                table::insert(tx, &asked)?;
                note(tx, by.actor(), "account.propose", &asked, None, now)
            })
            .await
    }

    /// Ends that one administrator is enough at a unit. What is stricter needs no second hand.
    /// # Errors
    /// Who does not administer the whole province; nothing that holds.
    pub async fn end_alone(&self, by: &By, id: AloneId) -> Result<(), IdentityError> {
        let (identity, by, now) = (self.clone(), by.clone(), self.now());
        self.store()
            .write(move |tx| {
                if let By::Officer(caller) = &by {
                    identity.require_system(caller, Action::RoleAssign)?;
                }
                let unit = table::end_alone(tx, id, by.account(), now)?.ok_or(AccountError::ProposalUnknown)?;
                audit::append(
                    tx,
                    by.actor(),
                    "account.alone-end",
                    &unit.to_string(),
                    audit::Detail::new(),
                    now,
                )?;
                Ok::<_, IdentityError>(())
            })
            .await
    }

    /// Whether these hands may decide it: as if they did it themselves.
    fn check_proposal(&self, by: &By, proposal: &Proposal) -> Result<(), IdentityError> {
        let By::Officer(caller) = by else { return Ok(()) };
        match proposal.assignment(AssignmentId::from_uuid(uuid::Uuid::nil()), None, proposal.proposed_at) {
            Some(role) => self.check_role(by, &role),
            None => {
                self.require_system(caller, Action::RoleAssign)?;
                Ok(())
            }
        }
    }

    /// What was approved happens.
    fn carry_out(
        &self,
        tx: &mut Tx,
        by: &By,
        act: Act,
        role: &Assignment,
        now: Timestamp,
    ) -> Result<(), IdentityError> {
        match act {
            Act::Open => {
                accounts::set_disabled(tx, role.account, None, now)?;
                admin::grant(tx, by, role, audit::Detail::new(), now)
            }
            Act::Grant => admin::add(tx, by, role, audit::Detail::new(), now),
            Act::Move => {
                self.take_all(tx, by, role, now)?;
                admin::grant(tx, by, role, audit::Detail::new(), now)?;
                session::store::end_all(tx, role.account, None)?;
                Ok(())
            }
            Act::Alone => Ok(()),
        }
    }
}

fn waiting(tx: &mut Tx, id: ProposalId) -> Result<Proposal, IdentityError> {
    let found = table::find(tx, id)?.ok_or(AccountError::ProposalUnknown)?;
    if found.state != State::Waiting {
        return Err(AccountError::ProposalDecided.into());
    }
    Ok(found)
}

fn decide(
    tx: &mut Tx,
    by: &By,
    found: &Proposal,
    state: State,
    why: &str,
    now: Timestamp,
) -> Result<(), IdentityError> {
    if !table::decide(tx, found.id, state, by.account(), why, now)? {
        return Err(AccountError::ProposalDecided.into());
    }
    let action = match state {
        State::Approved => "account.approve",
        State::Waiting | State::Refused => "account.refuse",
    };
    note(
        tx,
        by.actor(),
        action,
        found,
        Some(why).filter(|why| !why.is_empty()),
        now,
    )
}
