//! Owns passwords of officers: the policy (at least 8 letters with a second factor, 14 without; neither common nor one's own
//! name) and argon2id hashing (19 MiB, 2 passes, 1 lane) off the async threads, two at a time.
//! Refuses to keep or log a password: it lives in one `Zeroizing` and dies there. TCVN 14423, OWASP Password Storage.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use kernel::World;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use super::AccountError;
use super::common::{WHOLE, WORDS};

/// Least letters when a second factor is in use.
pub const LETTERS_MIN_WITH_TOTP: usize = 8;
/// Least letters without a second factor.
pub const LETTERS_MIN: usize = 14;
/// Most letters: longer text is not a password but an attempt to make us work.
pub const LETTERS_MAX: usize = 256;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes computed at once: each takes 19 MiB and one core for some 30 ms.
const HASHES_AT_ONCE: usize = 2;
/// Sign-ins waiting for a hash before new ones are told to come back.
const WAITING_MAX: usize = 64;

/// Why a password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordFault {
    /// Shorter than the policy asks for.
    TooShort {
        /// The least number of letters.
        least: usize,
    },
    /// Longer than 256 letters.
    TooLong,
    /// Among the passwords everybody tries first, or one letter or run repeated.
    Common,
    /// Made of the officer's own name or sign-in name.
    OwnName,
    /// The same as before.
    Unchanged,
}

impl PasswordFault {
    /// The code of its public text.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            PasswordFault::TooShort {
                least: LETTERS_MIN_WITH_TOTP,
            } => "account-password-too-short-totp",
            PasswordFault::TooShort { .. } => "account-password-too-short",
            PasswordFault::TooLong => "account-password-too-long",
            PasswordFault::Common => "account-password-common",
            PasswordFault::OwnName => "account-password-own-name",
            PasswordFault::Unchanged => "account-password-unchanged",
        }
    }
}

/// Holds a new password to the policy. `names` are the officer's name and sign-in name.
/// # Errors
/// The first rule broken.
pub fn check(password: &str, names: &[&str], with_totp: bool) -> Result<(), PasswordFault> {
    let least = if with_totp { LETTERS_MIN_WITH_TOTP } else { LETTERS_MIN };
    let letters = password.chars().count();
    if letters < least {
        return Err(PasswordFault::TooShort { least });
    }
    if letters > LETTERS_MAX {
        return Err(PasswordFault::TooLong);
    }
    let folded = kernel::fold::fold(password);
    if is_common(&folded) {
        return Err(PasswordFault::Common);
    }
    if names.iter().any(|name| is_mostly(&folded, &kernel::fold::fold(name))) {
        return Err(PasswordFault::OwnName);
    }
    Ok(())
}

fn is_common(folded: &str) -> bool {
    let bare: String = folded.chars().filter(|c| c.is_alphabetic()).collect();
    let first = folded.chars().next();
    let one_letter = folded.chars().all(|c| Some(c) == first);
    let few_letters = folded.chars().collect::<std::collections::BTreeSet<_>>().len() <= 3;
    let run = is_run(folded);
    one_letter || few_letters || run || WHOLE.contains(&folded) || (!bare.is_empty() && WORDS.contains(&bare.as_str()))
}

/// Whether it is one run of neighbours, such as `abcdefgh` or `87654321`.
fn is_run(text: &str) -> bool {
    let codes: Vec<i64> = text.chars().map(|c| i64::from(u32::from(c))).collect();
    let steps = |step: i64| {
        codes
            .windows(2)
            .all(|pair| pair.get(1).zip(pair.first()).is_some_and(|(b, a)| b - a == step))
    };
    codes.len() > 2 && (steps(1) || steps(-1))
}

/// Whether at most four letters remain when the name, or a word of it of four letters or more, is taken out.
fn is_mostly(folded: &str, name: &str) -> bool {
    let squeeze = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let (secret, whole) = (squeeze(folded), squeeze(name));
    if whole.chars().count() < 3 {
        return false;
    }
    let mut rest = secret.replace(&whole, "");
    for word in name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() >= 2)
    {
        rest = rest.replace(word, "");
    }
    rest.len() < secret.len() && rest.chars().count() <= 4
}

/// Hashes and checks passwords, two at a time, on the blocking threads.
#[derive(Debug, Clone)]
pub struct Hasher {
    slots: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// A hash of nothing anybody knows, checked when there is no account, so that both answers take as long.
    decoy: Arc<str>,
}

impl Hasher {
    /// Makes the hasher; computes the decoy, which takes as long as one hash.
    /// # Errors
    /// `Hash` when the machine cannot spare 19 MiB.
    pub fn new(world: &dyn World) -> Result<Self, AccountError> {
        let mut nothing = Zeroizing::new([0_u8; 32]);
        world.fill(nothing.as_mut());
        let decoy = hash_now(nothing.as_ref(), &salt(world))?;
        Ok(Self {
            slots: Arc::new(Semaphore::new(HASHES_AT_ONCE)),
            waiting: Arc::new(Semaphore::new(WAITING_MAX)),
            decoy: decoy.into(),
        })
    }

    /// The PHC string of a password with a fresh salt.
    /// # Errors
    /// `Hash` when hashing fails, `TooBusy` when too many wait.
    pub async fn hash(&self, password: Zeroizing<String>, world: &dyn World) -> Result<String, AccountError> {
        let salt = salt(world);
        self.run(move || hash_now(password.as_bytes(), &salt)).await
    }

    /// Whether the password is the one behind `hash`. Without a hash it works as long and says no.
    /// # Errors
    /// `Hash` when the stored text is no PHC string, `TooBusy` when too many wait.
    pub async fn verify(&self, password: Zeroizing<String>, hash: Option<String>) -> Result<bool, AccountError> {
        let decoy = self.decoy.clone();
        self.run(move || {
            let known = hash.is_some();
            let text = hash.unwrap_or_else(|| decoy.to_string());
            let parsed = PasswordHash::new(&text).map_err(|error| AccountError::Hash(error.to_string()))?;
            let same = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
            Ok(same && known)
        })
        .await
    }

    async fn run<T, F>(&self, work: F) -> Result<T, AccountError>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T, AccountError> + Send + 'static,
    {
        let _place = self.waiting.try_acquire().map_err(|_| AccountError::TooBusy)?;
        let slot = self
            .slots
            .clone()
            .acquire_owned()
            .await
            .map_err(|_| AccountError::TooBusy)?;
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(slot);
            result
        });
        done.await.map_err(|error| AccountError::Hash(error.to_string()))?
    }
}

fn salt(world: &dyn World) -> [u8; 16] {
    let mut salt = [0; 16];
    world.fill(&mut salt);
    salt
}

fn hash_now(password: &[u8], salt: &[u8]) -> Result<String, AccountError> {
    let fault = |error: &dyn std::fmt::Display| AccountError::Hash(error.to_string());
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| fault(&error))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash: PasswordHash = argon2
        .hash_password_with_salt(password, salt)
        .map_err(|error| fault(&error))?;
    Ok(hash.to_string())
}
