//! Owns the link between what an identity provider says and our records: the person is found by her number and held to name and
//! date of birth; one who differs is refused and an officer is asked. Accounts are linked by the provider's subject.
//! Refuses a subject that moves to another person. NĐ 69/2024.

use kernel::{TaxCode, Timestamp, World};
use store::keys::KeyRing;
use store::{Store, Tx};

use super::SignInError;
use super::claims::{ClaimedIdentity, ClaimedOrganisation};
use super::password::{SignedIn, new_session, open};
use crate::account::store::{self as accounts, NewAccount};
use crate::account::{Account, AccountId, AccountKind};
use crate::audit::{self, Actor, detail};
use crate::person::{self, Found, OrganisationDetails, OrganisationId, OrganisationKind, PersonDetails, PersonRef};
use crate::session::{Level, SessionId, SessionToken, Stage, store as sessions};
use crate::{Identity, IdentityError};

/// What became of an arrival from a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linked {
    /// An account, new or known.
    Account(AccountId),
    /// Name or date of birth differ from the record; an officer is asked.
    Differs,
    /// The account is disabled.
    Disabled,
    /// The person is marked as deceased.
    Deceased,
}

/// Everything prepared outside of the transaction: ids and seals take chance.
pub(crate) struct Arrival {
    provider: String,
    subject_index: Vec<u8>,
    owner_index: Vec<u8>,
    account: AccountId,
    kind: AccountKind,
    person: person::Prepared,
    organisation: Option<person::PreparedOrganisation>,
}

impl Arrival {
    pub(crate) fn prepare(
        keys: &KeyRing,
        world: &dyn World,
        provider: &str,
        claimed: &ClaimedIdentity,
    ) -> Result<Self, IdentityError> {
        let mut details = PersonDetails::new(claimed.number, claimed.name.clone());
        details.born = Some(claimed.birth);
        let organisation = claimed
            .organisation
            .as_ref()
            .map(|claimed| person::prepare_organisation(keys, world, &organisation_details(claimed)))
            .transpose()?;
        let tax_code = claimed
            .organisation
            .as_ref()
            .map(|one| one.tax_code.to_string())
            .unwrap_or_default();
        let owner = format!("{}|{tax_code}", claimed.number.as_str());
        Ok(Self {
            provider: provider.to_owned(),
            subject_index: keys
                .blind_index("account.subject", &format!("{provider}|{}", claimed.subject))
                .to_vec(),
            owner_index: keys.blind_index("account.owner", &owner).to_vec(),
            account: AccountId::new(world),
            kind: if organisation.is_some() {
                AccountKind::Organisation
            } else {
                AccountKind::Citizen
            },
            person: person::prepare(keys, world, &details)?,
            organisation,
        })
    }
}

fn organisation_details(claimed: &ClaimedOrganisation) -> OrganisationDetails {
    let kind = match claimed.tax_code {
        TaxCode::Person(_) => OrganisationKind::Household,
        _ => OrganisationKind::Organisation,
    };
    OrganisationDetails {
        kind,
        tax_code: claimed.tax_code.clone(),
        name: claimed.name.clone(),
        address: None,
        phone: None,
        email: None,
    }
}

/// Finds or opens the account of somebody who arrived.
pub(crate) fn link_citizen(tx: &mut Tx, arrival: &Arrival, now: Timestamp) -> Result<Linked, IdentityError> {
    let found = person::find_or_create(tx, &arrival.person, "sign-in", now)?;
    if let Found::Differs(person) = found {
        let words = detail([("provider", arrival.provider.clone())]);
        audit::append(
            tx,
            Actor::Nobody,
            "sign-in.identity-differs",
            &person.to_string(),
            words,
            now,
        )?;
        return Ok(Linked::Differs);
    }
    if person::death::deceased(tx, found.person())?.is_some() {
        let words = detail([("provider", arrival.provider.clone())]);
        let who = found.person().to_string();
        audit::append(tx, Actor::Nobody, "sign-in.deceased", &who, words, now)?;
        return Ok(Linked::Deceased);
    }
    let organisation = match &arrival.organisation {
        // Another spelling of its name is a question for an officer, no reason to turn the person away.
        Some(claim) => Some(person::find_or_create_organisation(tx, claim, "sign-in", now)?.0),
        None => None,
    };
    let account = owned_account(tx, arrival, found.person(), organisation, now)?;
    let linked = accounts::linked(tx, &arrival.provider, &arrival.subject_index)?;
    if linked != Some(account.id) {
        accounts::link(tx, &arrival.provider, &arrival.subject_index, account.id, now)?;
        let mut words = detail([("provider", arrival.provider.clone())]);
        if let Some(before) = linked {
            words.insert("before".to_owned(), before.to_string());
        }
        audit::append(tx, Actor::System, "account.link", &account.id.to_string(), words, now)?;
    }
    if account.disabled.is_some() {
        Ok(Linked::Disabled)
    } else {
        Ok(Linked::Account(account.id))
    }
}

fn owned_account(
    tx: &mut Tx,
    arrival: &Arrival,
    person: PersonRef,
    organisation: Option<OrganisationId>,
    now: Timestamp,
) -> Result<Account, IdentityError> {
    let new = NewAccount {
        id: arrival.account,
        kind: arrival.kind,
        login: None,
        name: "",
        person: Some(person),
        organisation,
        owner_index: Some(arrival.owner_index.clone()),
        password_hash: None,
        must_change: false,
        created_by: None,
        now,
    };
    if accounts::insert(tx, &new)? {
        let words = detail([("kind", arrival.kind.name().to_owned())]);
        audit::append(
            tx,
            Actor::System,
            "account.open",
            &arrival.account.to_string(),
            words,
            now,
        )?;
    }
    let found = accounts::by_owner(tx, &arrival.owner_index)?;
    Ok(found.ok_or(crate::account::AccountError::Unknown(arrival.account))?)
}

impl Identity {
    /// Signs somebody in who arrived from a provider: finds or makes person and account, opens a session.
    pub(crate) async fn sign_in_citizen(
        &self,
        provider: &str,
        claimed: &ClaimedIdentity,
        id_token: &str,
        device: String,
    ) -> Result<SignedIn, IdentityError> {
        let (now, keys, world) = (self.now(), self.keys(), self.world().clone());
        let arrival = Arrival::prepare(&keys, world.as_ref(), provider, claimed)?;
        let (token, id) = (SessionToken::new(world.as_ref()), SessionId::new(world.as_ref()));
        let hint = keys.seal(world.as_ref(), &hint_context(id), id_token.as_bytes());
        let (key, provider) = (token.key(), provider.to_owned());
        let linked = self
            .store()
            .write(move |tx| {
                let linked = link_citizen(tx, &arrival, now)?;
                if let Linked::Account(account) = linked
                    && let Some(found) = accounts::get(tx, account)?
                {
                    let mut session = new_session(id, &found, Level::Oidc, Stage::Full, &device, now);
                    session.provider = Some(provider.clone());
                    open(tx, &key, &session, now)?;
                    sessions::set_logout_hint(tx, id, &hint)?;
                }
                Ok::<_, IdentityError>(linked)
            })
            .await?;
        metrics::counter!("identity_sign_ins_total", "way" => "oidc", "ok" => matches!(linked, Linked::Account(_)).to_string())
            .increment(1);
        match linked {
            Linked::Account(_) => Ok(SignedIn {
                token,
                stage: Stage::Full,
            }),
            Linked::Differs => Err(SignInError::IdentityDiffers.into()),
            Linked::Disabled => Err(SignInError::Refused.into()),
            Linked::Deceased => Err(SignInError::Deceased.into()),
        }
    }

    /// Opens a citizen's account without a provider: for the demo, the test kit and the benchmark, whose people are made up.
    /// # Errors
    /// A name that cannot be, or somebody else on record under this number.
    pub async fn open_citizen(&self, claimed: &ClaimedIdentity) -> Result<AccountId, IdentityError> {
        let arrival = Arrival::prepare(&self.keys(), self.world().as_ref(), "made-up", claimed)?;
        open_prepared(self.store(), arrival, self.now()).await
    }

    /// Opens the accounts of many made-up people in one transaction, each as [`Identity::open_citizen`] does; gives account
    /// and record of each, in their order.
    /// # Errors
    /// As [`Identity::open_citizen`]; then none is opened.
    pub async fn open_citizens(
        &self,
        claimed: &[ClaimedIdentity],
    ) -> Result<Vec<(AccountId, PersonRef)>, IdentityError> {
        let (keys, now) = (self.keys(), self.now());
        let prepare = |one| Arrival::prepare(&keys, self.world().as_ref(), "made-up", one);
        let arrivals = claimed.iter().map(prepare).collect::<Result<Vec<_>, _>>()?;
        self.store()
            .write(move |tx| arrivals.iter().map(|arrival| opened(tx, arrival, now)).collect())
            .await
    }
}

fn opened(tx: &mut Tx, arrival: &Arrival, now: Timestamp) -> Result<(AccountId, PersonRef), IdentityError> {
    let account = match link_citizen(tx, arrival, now)? {
        Linked::Account(account) => account,
        Linked::Differs => return Err(SignInError::IdentityDiffers.into()),
        Linked::Disabled => return Err(SignInError::Refused.into()),
        Linked::Deceased => return Err(SignInError::Deceased.into()),
    };
    let person = accounts::get(tx, account)?.and_then(|found| found.person);
    Ok((account, person.ok_or(crate::account::AccountError::Unknown(account))?))
}

async fn open_prepared(store: &Store, arrival: Arrival, now: Timestamp) -> Result<AccountId, IdentityError> {
    match store.write(move |tx| link_citizen(tx, &arrival, now)).await? {
        Linked::Account(account) => Ok(account),
        Linked::Differs => Err(SignInError::IdentityDiffers.into()),
        Linked::Disabled => Err(SignInError::Refused.into()),
        Linked::Deceased => Err(SignInError::Deceased.into()),
    }
}

/// The context under which a session's logout hint is sealed.
pub(crate) fn hint_context(session: SessionId) -> String {
    format!("session.logout_hint:{session}")
}
