//! Owns OpenID Connect as the relying party: authorization code with PKCE, state and nonce; the ID token's signature, issuer,
//! audience, times and nonce are checked; userinfo completes the claims. RFC 6749, 7636, OpenID Connect Core 1.0.
//! Refuses unsigned tokens and shared-secret signatures. What must survive the trip is sealed in a cookie: no row for strangers.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use jiff::SignedDuration;
use kernel::{Lang, Timestamp, World};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreJsonWebKeySet, CoreJwsSigningAlgorithm, CoreResponseType,
    CoreSubjectIdentifierType,
};
use openidconnect::{
    AuthUrl, AuthenticationContextClass, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndSessionUrl,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, JsonWebKeySetUrl, LogoutProviderMetadata, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, ProviderMetadataWithLogout, RedirectUrl, ResponseTypes,
    Scope, TokenResponse, TokenUrl, UserInfoUrl,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::SignInError;
use super::claims::{self, ClaimedIdentity};
use super::config::ProviderConfig;
use super::oidc_client::{Client, is_safe};
use crate::house::IdentityConfig;

/// What a provider says of itself is kept so long.
const METADATA_FRESH: SignedDuration = SignedDuration::from_hours(1);
/// After a signature that does not fit, keys are read again at most this often.
const KEYS_AGAIN: SignedDuration = SignedDuration::from_secs(60);
/// A sign-in at a provider must come back within this time.
pub(crate) const PENDING_MAX: SignedDuration = SignedDuration::from_mins(10);
/// Clocks may differ by this much.
const SKEW: SignedDuration = SignedDuration::from_secs(60);

type Metadata = ProviderMetadataWithLogout;
type ReadyClient =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// Every configured provider.
#[derive(Debug, Default)]
pub struct Providers {
    order: Vec<String>,
    by_id: HashMap<String, Provider>,
}

/// One provider, asked only when somebody signs in.
#[derive(Debug)]
pub struct Provider {
    config: ProviderConfig,
    secret: Option<String>,
    redirect: RedirectUrl,
    algorithms: Vec<CoreJwsSigningAlgorithm>,
    client: Client,
    metadata: tokio::sync::Mutex<Option<(Timestamp, Arc<Metadata>)>>,
}

/// What must survive the trip to the provider and back; sealed in a cookie.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pending {
    pub(crate) provider: String,
    pub(crate) state: String,
    nonce: String,
    verifier: String,
    pub(crate) return_to: String,
    began_at: Timestamp,
}

/// A finished trip: who it is, and the ID token as a hint for signing out.
pub(crate) struct Arrived {
    pub(crate) identity: ClaimedIdentity,
    pub(crate) id_token: String,
}

impl Providers {
    /// Checks the configuration; asks nobody.
    /// # Errors
    /// `ProviderFaulty` names the provider and the key.
    pub fn new(config: &IdentityConfig) -> Result<Self, SignInError> {
        let mut providers = Self::default();
        for one in &config.providers {
            let provider = Provider::new(one, &config.origin)?;
            if providers.by_id.insert(one.id.clone(), provider).is_some() {
                return Err(provider_faulty(one, "two providers have this id"));
            }
            providers.order.push(one.id.clone());
        }
        Ok(providers)
    }

    /// The providers in the order of the configuration.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Provider> {
        self.order.iter().filter_map(|id| self.by_id.get(id))
    }

    pub(crate) fn get(&self, id: &str) -> Result<&Provider, SignInError> {
        self.by_id.get(id).ok_or(SignInError::ProviderUnknown)
    }
}

fn provider_faulty(config: &ProviderConfig, reason: impl std::fmt::Display) -> SignInError {
    SignInError::ProviderFaulty {
        id: config.id.clone(),
        reason: reason.to_string(),
    }
}

impl Provider {
    fn new(config: &ProviderConfig, origin: &str) -> Result<Self, SignInError> {
        let is_word = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        if !is_word(&config.id) {
            return Err(provider_faulty(config, "an id is made of a-z, 0-9 and -"));
        }
        let endpoints = [&config.authorization_endpoint, &config.token_endpoint, &config.jwks_uri];
        let given = endpoints.iter().filter(|endpoint| endpoint.is_some()).count();
        if given != 0 && given != endpoints.len() {
            return Err(provider_faulty(
                config,
                "authorization_endpoint, token_endpoint and jwks_uri go together",
            ));
        }
        let optional = [&config.userinfo_endpoint, &config.end_session_endpoint];
        let addresses = endpoints.into_iter().chain(optional).flatten().chain([&config.issuer]);
        if let Some(unsafe_one) = addresses.into_iter().find(|address| !is_safe(address)) {
            return Err(provider_faulty(config, format!("{unsafe_one} is not an https address")));
        }
        let secret = match &config.client_secret_file {
            Some(path) => Some(read_secret(path).map_err(|error| provider_faulty(config, error))?),
            None => config.client_secret.clone(),
        };
        let redirect = RedirectUrl::new(config.redirect_uri(origin)).map_err(|error| provider_faulty(config, error))?;
        let algorithms = config
            .algorithms
            .iter()
            .map(|name| algorithm(config, name))
            .collect::<Result<Vec<_>, _>>()?;
        let client = Client::new(config)?;
        Ok(Self {
            config: config.clone(),
            secret,
            redirect,
            algorithms,
            client,
            metadata: tokio::sync::Mutex::default(),
        })
    }

    pub(crate) fn config(&self) -> &ProviderConfig {
        &self.config
    }

    /// Words on its button.
    pub(crate) fn label(&self, lang: Lang) -> String {
        let english = self.config.name_en.clone().filter(|_| lang == Lang::En);
        english.unwrap_or_else(|| self.config.name.clone())
    }

    /// Begins a sign-in: where to send the person, and what to keep in her cookie.
    pub(crate) async fn begin(&self, return_to: String, world: &dyn World) -> Result<(String, Pending), SignInError> {
        let client = self.ready(&*self.metadata(world.now(), METADATA_FRESH).await?);
        let verifier = PkceCodeVerifier::new(random_text(world));
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        let (state, nonce) = (random_text(world), random_text(world));
        let (csrf, once) = (CsrfToken::new(state.clone()), Nonce::new(nonce.clone()));
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || csrf.clone(),
                move || once.clone(),
            )
            .set_pkce_challenge(challenge)
            .add_scopes(self.config.scopes.iter().cloned().map(Scope::new));
        if let Some(level) = &self.config.acr_values {
            request = request.add_auth_context_value(AuthenticationContextClass::new(level.clone()));
        }
        let (url, _, _) = request.url();
        let pending = Pending {
            provider: self.config.id.clone(),
            state,
            nonce,
            verifier: verifier.into_secret(),
            return_to,
            began_at: world.now(),
        };
        Ok((url.to_string(), pending))
    }

    /// Finishes it with the code that came back.
    pub(crate) async fn finish(&self, code: &str, pending: &Pending, now: Timestamp) -> Result<Arrived, SignInError> {
        let age = now.since(pending.began_at);
        if age > PENDING_MAX || age < -SKEW || pending.provider != self.config.id {
            return Err(SignInError::Expired);
        }
        let metadata = self.metadata(now, METADATA_FRESH).await?;
        let client = self.ready(&metadata);
        let exchange = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| self.unavailable(error))?
            .set_pkce_verifier(PkceCodeVerifier::new(pending.verifier.clone()));
        let answer = exchange
            .request_async(&self.client)
            .await
            .map_err(|error| refused_or_unavailable(self, &error))?;
        let id_token = answer
            .id_token()
            .ok_or_else(|| SignInError::AnswerInvalid("no ID token".to_owned()))?;
        let nonce = Nonce::new(pending.nonce.clone());
        if let Err(first) = self.verify(&client, id_token, &nonce, now) {
            // The provider may have changed its keys since we read them.
            let fresh = self.metadata(now, KEYS_AGAIN).await?;
            if Arc::ptr_eq(&fresh, &metadata) {
                return Err(first);
            }
            self.verify(&self.ready(&fresh), id_token, &nonce, now)?;
        }
        let id_token = id_token.to_string();
        let mut found = payload(&id_token)?;
        let userinfo = self.config.userinfo_endpoint.clone();
        let userinfo = userinfo.or_else(|| metadata.userinfo_endpoint().map(|url| url.to_string()));
        if let Some(url) = userinfo {
            let more = self.userinfo(&url, answer.access_token().secret()).await?;
            if more.get("sub").is_some_and(|sub| Some(sub) != found.get("sub")) {
                return Err(SignInError::AnswerInvalid("userinfo is about somebody else".to_owned()));
            }
            for (name, value) in more {
                found.entry(name).or_insert(value);
            }
        }
        Ok(Arrived {
            identity: claims::read(&self.config.claims, &found)?,
            id_token,
        })
    }

    fn verify(
        &self,
        client: &ReadyClient,
        id_token: &CoreIdToken,
        nonce: &Nonce,
        now: Timestamp,
    ) -> Result<(), SignInError> {
        let seconds = u64::try_from((now - SKEW).as_seconds()).unwrap_or(0);
        let latest = (now + SKEW).as_seconds();
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(self.algorithms.iter().cloned())
            .set_time_fn(move || (UNIX_EPOCH + Duration::from_secs(seconds)).into())
            .set_issue_time_verifier_fn(move |issued| {
                if issued.timestamp() <= latest {
                    Ok(())
                } else {
                    Err("issued in the future".to_owned())
                }
            });
        id_token
            .claims(&verifier, nonce)
            .map_err(|error| SignInError::AnswerInvalid(error.to_string()))?;
        Ok(())
    }

    async fn userinfo(&self, url: &str, access_token: &str) -> Result<Map<String, Value>, SignInError> {
        let request = http::Request::get(url)
            .header(http::header::AUTHORIZATION, format!("Bearer {access_token}"))
            .header(http::header::ACCEPT, "application/json")
            .body(Vec::new())
            .map_err(|error| self.unavailable(error))?;
        let answer = self
            .client
            .send(request)
            .await
            .map_err(|error| self.unavailable(error))?;
        if !answer.status().is_success() {
            return Err(self.unavailable(format!("userinfo answers {}", answer.status())));
        }
        serde_json::from_slice(answer.body()).map_err(|error| self.unavailable(error))
    }

    /// Where the provider ends its own sign-in, if it does.
    pub(crate) async fn sign_out_url(&self, hint: Option<&str>, back_to: &str, now: Timestamp) -> Option<String> {
        let end = match &self.config.end_session_endpoint {
            Some(url) => url.clone(),
            None => {
                let metadata = self.metadata(now, METADATA_FRESH).await.ok()?;
                metadata
                    .additional_metadata()
                    .end_session_endpoint
                    .as_ref()?
                    .to_string()
            }
        };
        let mut url = openidconnect::url::Url::parse(&end).ok()?;
        let mut query = url.query_pairs_mut();
        if let Some(hint) = hint {
            query.append_pair("id_token_hint", hint);
        }
        query
            .append_pair("post_logout_redirect_uri", back_to)
            .append_pair("client_id", &self.config.client_id);
        drop(query);
        Some(url.to_string())
    }

    fn ready(&self, metadata: &Metadata) -> ReadyClient {
        CoreClient::from_provider_metadata(
            metadata.clone(),
            ClientId::new(self.config.client_id.clone()),
            self.secret.clone().map(ClientSecret::new),
        )
        .set_redirect_uri(self.redirect.clone())
    }

    async fn metadata(&self, now: Timestamp, fresh: SignedDuration) -> Result<Arc<Metadata>, SignInError> {
        let mut kept = self.metadata.lock().await;
        if let Some((at, metadata)) = kept.as_ref()
            && *at <= now
            && now.since(*at) < fresh
        {
            return Ok(metadata.clone());
        }
        let metadata = Arc::new(self.read_metadata().await?);
        *kept = Some((now, metadata.clone()));
        Ok(metadata)
    }

    async fn read_metadata(&self) -> Result<Metadata, SignInError> {
        let issuer =
            IssuerUrl::new(self.config.issuer.clone()).map_err(|error| provider_faulty(&self.config, error))?;
        let (Some(authorize), Some(token), Some(jwks)) = (
            &self.config.authorization_endpoint,
            &self.config.token_endpoint,
            &self.config.jwks_uri,
        ) else {
            return Metadata::discover_async(issuer, &self.client)
                .await
                .map_err(|error| self.unavailable(error));
        };
        let faulty = |error: openidconnect::url::ParseError| provider_faulty(&self.config, error);
        let jwks = JsonWebKeySetUrl::new(jwks.clone()).map_err(faulty)?;
        let keys = CoreJsonWebKeySet::fetch_async(&jwks, &self.client)
            .await
            .map_err(|error| self.unavailable(error))?;
        let end = self
            .config
            .end_session_endpoint
            .clone()
            .map(EndSessionUrl::new)
            .transpose()
            .map_err(faulty)?;
        let userinfo = self
            .config
            .userinfo_endpoint
            .clone()
            .map(UserInfoUrl::new)
            .transpose()
            .map_err(faulty)?;
        let metadata = Metadata::new(
            issuer,
            AuthUrl::new(authorize.clone()).map_err(faulty)?,
            jwks,
            vec![ResponseTypes::new(vec![CoreResponseType::Code])],
            vec![CoreSubjectIdentifierType::Public],
            self.algorithms.clone(),
            LogoutProviderMetadata {
                end_session_endpoint: end,
                additional_metadata: Default::default(),
            },
        );
        let token = TokenUrl::new(token.clone()).map_err(faulty)?;
        Ok(metadata
            .set_token_endpoint(Some(token))
            .set_userinfo_endpoint(userinfo)
            .set_jwks(keys))
    }

    fn unavailable(&self, reason: impl std::fmt::Display) -> SignInError {
        SignInError::ProviderUnavailable {
            id: self.config.id.clone(),
            reason: reason.to_string(),
        }
    }
}

/// A token endpoint that says no is a refusal (a code used twice, a wrong verifier); anything else is the way there.
fn refused_or_unavailable<E: std::error::Error + 'static, T: openidconnect::ErrorResponse + 'static>(
    provider: &Provider,
    error: &openidconnect::RequestTokenError<E, T>,
) -> SignInError {
    match error {
        openidconnect::RequestTokenError::ServerResponse(_) => SignInError::ProviderRefused("token".to_owned()),
        other => provider.unavailable(other),
    }
}

fn read_secret(path: &std::path::Path) -> Result<String, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(text.trim().to_owned())
}

fn algorithm(config: &ProviderConfig, name: &str) -> Result<CoreJwsSigningAlgorithm, SignInError> {
    match name {
        "ES256" => Ok(CoreJwsSigningAlgorithm::EcdsaP256Sha256),
        "ES384" => Ok(CoreJwsSigningAlgorithm::EcdsaP384Sha384),
        "RS256" => Ok(CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256),
        "PS256" => Ok(CoreJwsSigningAlgorithm::RsaSsaPssSha256),
        "EdDSA" => Ok(CoreJwsSigningAlgorithm::EdDsa),
        other => Err(provider_faulty(
            config,
            format!("signature algorithm {other} is not taken"),
        )),
    }
}

/// The claims of a token whose signature was checked.
fn payload(token: &str) -> Result<Map<String, Value>, SignInError> {
    use base64::Engine as _;
    let invalid = || SignInError::AnswerInvalid("the ID token's claims cannot be read".to_owned());
    let part = token.split('.').nth(1).ok_or_else(invalid)?;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| invalid())?;
    serde_json::from_slice(&bytes).map_err(|_| invalid())
}

/// 256 random bits as text.
fn random_text(world: &dyn World) -> String {
    let mut bytes = [0; 32];
    world.fill(&mut bytes);
    hex::encode(bytes)
}
