//! Owns signing in: officers by password and one-time code, citizens and organisations by OpenID Connect (authorization code
//! with PKCE, state and nonce; the national portal's single sign-on is one such provider). Refuses citizen passwords, hints
//! about which names exist, and ways back that leave this site. NĐ 69/2024 (electronic identity), TCVN 14423.

mod citizen;
pub mod claims;
mod config;
mod error;
pub mod http;
pub mod limit;
pub mod oidc;
mod oidc_client;
pub mod password;
pub mod rules;
#[cfg(test)]
mod tests;
pub(crate) mod trip;

pub use citizen::Linked;
pub use config::{ClaimMap, ProviderConfig};
pub use error::SignInError;
