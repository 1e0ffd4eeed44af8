//! Owns the second factor: RFC 6238 codes (SHA-1, 6 digits, 30 s, one step either way: what every authenticator app speaks) and
//! one-time recovery codes. Refuses a step twice; the secret is sealed, recovery codes are kept as keyed hashes.

use ::store::keys::{KeyRing, Sealed};
use kernel::{Timestamp, World};
use totp_rs::{Algorithm, Builder, Secret, Totp};
use zeroize::Zeroizing;

use super::{AccountError, AccountId};
use crate::session::SessionId;

/// Recovery codes made at once.
pub const RECOVERY_CODES: usize = 10;
/// Letters of recovery codes: none that look alike.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
const SECRET_BYTES: usize = 20;

/// A secret of a second factor, opened.
pub struct TotpSecret(Zeroizing<Vec<u8>>);

impl std::fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

impl TotpSecret {
    /// A new secret of 160 bits.
    #[must_use]
    pub fn new(world: &dyn World) -> Self {
        let mut bytes = Zeroizing::new(vec![0; SECRET_BYTES]);
        world.fill(&mut bytes);
        Self(bytes)
    }

    /// Seals it for the account's row.
    #[must_use]
    pub fn seal(&self, keys: &KeyRing, world: &dyn World, account: AccountId) -> Sealed {
        keys.seal(world, &context(account), &self.0)
    }

    /// Seals it for the session in which it is being set up.
    #[must_use]
    pub fn seal_enrolment(&self, keys: &KeyRing, world: &dyn World, session: SessionId) -> Sealed {
        keys.seal(world, &enrolment_context(session), &self.0)
    }

    /// Opens the one that is being set up.
    /// # Errors
    /// `Sealed` when it does not open.
    pub fn open_enrolment(keys: &KeyRing, session: SessionId, sealed: &Sealed) -> Result<Self, AccountError> {
        let context = enrolment_context(session);
        let plain = keys
            .open(&context, sealed)
            .map_err(|error| AccountError::Sealed(error.to_string()))?;
        Ok(Self(plain))
    }

    /// Opens the sealed one.
    /// # Errors
    /// `Sealed` when it does not open.
    pub fn open(keys: &KeyRing, account: AccountId, sealed: &Sealed) -> Result<Self, AccountError> {
        let plain = keys
            .open(&context(account), sealed)
            .map_err(|error| AccountError::Sealed(error.to_string()))?;
        Ok(Self(plain))
    }

    /// The secret as people type it into an app when the camera does not work.
    #[must_use]
    pub fn base32(&self) -> String {
        secret(&self.0).to_base32()
    }

    /// The `otpauth:` address that the QR code holds.
    /// # Errors
    /// `Hash` when issuer or name cannot stand in it.
    pub fn address(&self, issuer: &str, login: &str) -> Result<String, AccountError> {
        let fault = |error: totp_rs::TotpError| AccountError::Hash(error.to_string());
        // A colon separates issuer and name in the address.
        let (issuer, login) = (issuer.replace(':', " "), login.replace(':', " "));
        let totp = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_secret(secret(&self.0))
            .with_account_name(login)
            .with_issuer(Some(issuer))
            .build()
            .map_err(fault)?;
        totp.to_url().map_err(fault)
    }

    /// The step of a right code at `now`, one step early or late allowed; the caller refuses steps taken before.
    #[must_use]
    pub fn step_of(&self, code: &str, now: Timestamp) -> Option<i64> {
        let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let seconds = u64::try_from(now.as_seconds()).ok()?;
        let step = totp(&self.0)?.check(&code, seconds)?;
        i64::try_from(step).ok()
    }

    /// The code at `now`: for tests and the demo's hints.
    #[must_use]
    pub fn code_at(&self, now: Timestamp) -> String {
        let seconds = u64::try_from(now.as_seconds()).unwrap_or(0);
        totp(&self.0)
            .map(|totp| totp.generate(seconds).to_string())
            .unwrap_or_default()
    }
}

fn secret(bytes: &[u8]) -> Secret {
    Secret::new(bytes.to_vec().into_boxed_slice())
}

fn totp(bytes: &[u8]) -> Option<Totp> {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_secret(secret(bytes))
        .with_account_name("-")
        .build()
        .ok()
}

fn context(account: AccountId) -> String {
    format!("account.totp_secret:{account}")
}

fn enrolment_context(session: SessionId) -> String {
    format!("session.enrolment:{session}")
}

/// New recovery codes, shown once: ten of `xxxxx-xxxxx`, 50 random bits each.
#[must_use]
pub fn new_recovery_codes(world: &dyn World) -> Vec<String> {
    (0..RECOVERY_CODES)
        .map(|_| {
            let mut bytes = [0_u8; 10];
            world.fill(&mut bytes);
            let letters: String = bytes
                .iter()
                .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
                .collect();
            format!("{}-{}", &letters[..5], &letters[5..])
        })
        .collect()
}

/// The keyed hash of a recovery code, however it was typed; `None` when it has not the form of one.
#[must_use]
pub fn recovery_hash(keys: &KeyRing, account: AccountId, code: &str) -> Option<Vec<u8>> {
    let plain: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    if plain.len() != 10 {
        return None;
    }
    Some(
        keys.mac("account/recovery-code", format!("{account}/{plain}").as_bytes())
            .to_vec(),
    )
}
