//! Owns an OpenID Connect provider whose people are made up: the demo mounts it, tests misuse it. It speaks discovery, authorization
//! code with PKCE, ES256 ID tokens, userinfo and sign-out, with the claims of the national portal's single sign-on.
//! Refuses to be a real one: no passwords, everybody may be anybody. The binary mounts it in demo mode only.

pub(crate) mod http;
mod token;

use std::collections::HashMap;
use std::sync::Arc;

use jiff::SignedDuration;
use kernel::{Date, PersonId, TaxCode, Timestamp, World};
use parking_lot::Mutex;
use serde_json::{Value, json};

use crate::sign_in::claims::{ClaimedIdentity, ClaimedOrganisation};
use crate::sign_in::{ClaimMap, ProviderConfig};
use token::Signer;

/// A code is good this long.
const CODE_LIFE: SignedDuration = SignedDuration::from_mins(2);
/// An ID token and an access token are good this long.
const TOKEN_LIFE: SignedDuration = SignedDuration::from_mins(10);
/// Codes and tokens kept; a demo needs few.
const KEPT_MAX: usize = 10_000;
/// Our own name there.
const CLIENT_ID: &str = "tinhso-demo";

/// Somebody who can be chosen.
#[derive(Clone, PartialEq, Eq)]
pub struct SimulatedPerson {
    /// The provider's name for the account.
    pub subject: String,
    /// The 12-digit number.
    pub number: PersonId,
    /// Full name.
    pub name: String,
    /// Date of birth.
    pub birth: Date,
    /// The organisation the account acts for.
    pub organisation: Option<(TaxCode, String)>,
}

impl std::fmt::Debug for SimulatedPerson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SimulatedPerson(…)")
    }
}

impl SimulatedPerson {
    /// The same person as our side reads her claims; `Identity::open_citizen` takes it.
    #[must_use]
    pub fn claimed(&self) -> ClaimedIdentity {
        let organisation = self.organisation.clone();
        ClaimedIdentity {
            subject: self.subject.clone(),
            number: self.number,
            name: self.name.clone(),
            birth: self.birth,
            organisation: organisation.map(|(tax_code, name)| ClaimedOrganisation { tax_code, name }),
        }
    }

    fn claims(&self) -> Value {
        let mut claims = json!({
            "sub": self.subject,
            "SoDinhDanh": self.number.as_str(),
            "HoVaTen": self.name,
            "NgayThangNamSinh": self.birth.strftime("%Y%m%d").to_string(),
            "LoaiTaiKhoan": if self.organisation.is_some() { "enterprise" } else { "citizen" },
            "loginIdp": "DEMO",
        });
        if let Some((tax_code, name)) = &self.organisation {
            claims["MaSoThue"] = json!(tax_code.to_string());
            claims["TenToChuc"] = json!(name);
        }
        claims
    }
}

/// Ways in which a provider can be wrong; tests choose one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mischief {
    /// Behaves.
    #[default]
    None,
    /// Another nonce than was asked for.
    WrongNonce,
    /// A token for another client.
    WrongAudience,
    /// A token from another issuer.
    WrongIssuer,
    /// A token that expired an hour ago.
    Expired,
    /// A signature by a key that is not published.
    OtherKey,
    /// No signature at all.
    AlgorithmNone,
    /// A signature with the client's shared secret.
    AlgorithmHmac,
    /// Userinfo about somebody else.
    OtherUserinfo,
    /// A token issued tomorrow.
    FromTheFuture,
}

/// The provider. Cheap to clone.
#[derive(Clone)]
pub struct SimulatedProvider(Arc<Inner>);

struct Inner {
    issuer: String,
    base: String,
    people: Vec<SimulatedPerson>,
    world: Arc<dyn World>,
    signer: Signer,
    mischief: Mutex<Mischief>,
    codes: Mutex<HashMap<String, Grant>>,
    tokens: Mutex<HashMap<String, (usize, Timestamp)>>,
}

/// What a code stands for.
#[derive(Debug, Clone)]
struct Grant {
    person: usize,
    redirect_uri: String,
    nonce: Option<String>,
    challenge: String,
    at: Timestamp,
}

impl std::fmt::Debug for SimulatedProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SimulatedProvider")
            .field("issuer", &self.0.issuer)
            .finish_non_exhaustive()
    }
}

impl SimulatedProvider {
    /// A provider reached at `origin` + `base`, for example `http://127.0.0.1:8080` and `/demo-identity`.
    ///
    /// # Panics
    /// Never in practice: when the machine has no random numbers for a key.
    #[must_use]
    pub fn new(origin: &str, base: &str, people: Vec<SimulatedPerson>, world: Arc<dyn World>) -> Self {
        Self(Arc::new(Inner {
            issuer: format!("{origin}{base}"),
            base: base.to_owned(),
            people,
            world,
            signer: Signer::generate(),
            mischief: Mutex::default(),
            codes: Mutex::default(),
            tokens: Mutex::default(),
        }))
    }

    /// What our side's configuration says of this provider.
    #[must_use]
    pub fn config(&self, id: &str) -> ProviderConfig {
        ProviderConfig {
            id: id.to_owned(),
            name: "Tài khoản định danh điện tử (giả lập)".to_owned(),
            name_en: Some("Electronic identity (simulated)".to_owned()),
            issuer: self.0.issuer.clone(),
            client_id: CLIENT_ID.to_owned(),
            client_secret: None,
            client_secret_file: None,
            scopes: Vec::new(),
            acr_values: Some("LoA1".to_owned()),
            algorithms: vec!["ES256".to_owned()],
            authorization_endpoint: None,
            token_endpoint: None,
            jwks_uri: None,
            userinfo_endpoint: None,
            end_session_endpoint: None,
            ca_file: None,
            claims: ClaimMap::default(),
        }
    }

    /// From now on it misbehaves in this way.
    pub fn misbehave(&self, mischief: Mischief) {
        *self.0.mischief.lock() = mischief;
    }

    /// The people in the order of the page.
    #[must_use]
    pub fn people(&self) -> &[SimulatedPerson] {
        &self.0.people
    }

    fn discovery(&self) -> Value {
        let issuer = &self.0.issuer;
        json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "userinfo_endpoint": format!("{issuer}/userinfo"),
            "jwks_uri": format!("{issuer}/jwks"),
            "end_session_endpoint": format!("{issuer}/logout"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
            "scopes_supported": ["openid"],
        })
    }

    /// A code for one person, as if she had agreed on the page.
    fn grant(&self, grant: Grant) -> String {
        let code = random_text(self.0.world.as_ref());
        let now = self.0.world.now();
        let mut codes = self.0.codes.lock();
        codes.retain(|_, kept| now.since(kept.at) < CODE_LIFE);
        if codes.len() < KEPT_MAX {
            codes.insert(code.clone(), grant);
        }
        code
    }

    /// Redeems a code once, for whoever knows the verifier.
    fn redeem(&self, code: &str, verifier: &str, redirect_uri: &str) -> Option<Value> {
        let now = self.0.world.now();
        let grant = self.0.codes.lock().remove(code)?;
        let fits = now.since(grant.at) < CODE_LIFE
            && grant.redirect_uri == redirect_uri
            && token::challenge(verifier) == grant.challenge;
        if !fits {
            return None;
        }
        let access = random_text(self.0.world.as_ref());
        let mut tokens = self.0.tokens.lock();
        tokens.retain(|_, (_, at)| now.since(*at) < TOKEN_LIFE);
        if tokens.len() < KEPT_MAX {
            tokens.insert(access.clone(), (grant.person, now));
        }
        Some(json!({
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": TOKEN_LIFE.as_secs(),
            "id_token": self.id_token(&grant, now),
        }))
    }

    fn id_token(&self, grant: &Grant, now: Timestamp) -> String {
        let mischief = *self.0.mischief.lock();
        let issued = match mischief {
            Mischief::Expired => now - SignedDuration::from_hours(2),
            Mischief::FromTheFuture => now + SignedDuration::from_hours(24),
            _ => now,
        };
        let is = |one: Mischief, wrong: &str, right: String| if mischief == one { wrong.to_owned() } else { right };
        let nonce = grant.nonce.clone().unwrap_or_default();
        let mut claims = json!({
            "iss": is(Mischief::WrongIssuer, "https://elsewhere.example", self.0.issuer.clone()),
            "aud": is(Mischief::WrongAudience, "somebody-else", CLIENT_ID.to_owned()),
            "iat": issued.as_seconds(),
            "exp": (issued + TOKEN_LIFE).as_seconds(),
            "nonce": is(Mischief::WrongNonce, "another", nonce),
        });
        if let Some(person) = self.0.people.get(grant.person) {
            claims["sub"] = json!(person.subject);
        }
        match mischief {
            Mischief::AlgorithmNone => token::unsigned(&claims),
            Mischief::AlgorithmHmac => token::shared_secret(&claims, CLIENT_ID),
            Mischief::OtherKey => Signer::generate().sign_as(&claims, self.0.signer.key_id()),
            _ => self.0.signer.sign(&claims),
        }
    }

    fn userinfo(&self, access: &str) -> Option<Value> {
        let now = self.0.world.now();
        let (person, at) = self.0.tokens.lock().get(access).copied()?;
        if now.since(at) >= TOKEN_LIFE {
            return None;
        }
        let mut claims = self.0.people.get(person)?.claims();
        if *self.0.mischief.lock() == Mischief::OtherUserinfo {
            claims["sub"] = json!("somebody-else");
        }
        Some(claims)
    }
}

fn random_text(world: &dyn World) -> String {
    let mut bytes = [0; 24];
    world.fill(&mut bytes);
    hex::encode(bytes)
}

#[cfg(test)]
impl SimulatedProvider {
    /// A code as the provider's page grants it.
    pub(crate) fn grant_for_test(&self, person: usize, redirect_uri: &str, nonce: &str, challenge: &str) -> String {
        self.grant(Grant {
            person,
            redirect_uri: redirect_uri.to_owned(),
            nonce: Some(nonce.to_owned()),
            challenge: challenge.to_owned(),
            at: self.0.world.now(),
        })
    }
}
