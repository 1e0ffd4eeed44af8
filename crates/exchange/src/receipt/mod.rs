//! The signed receipt of a transfer: what was told, when, under which hash, and that the other side said yes. Whoever holds it can
//! have it verified at any time, here or with the public key alone.
//! Refuses a receipt of which one letter was changed. Ed25519 (RFC 8032); the key is derived from the key ring.

pub(crate) mod http;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::Timestamp;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use store::keys::KeyRing;
use uuid::Uuid;

use crate::error::ExchangeError;

/// The beginning of every receipt.
const HEAD: &str = "TSR1";

/// Domain of the key in the ring.
const DOMAIN: &str = "exchange.receipt";

/// Longest receipt that is looked at.
pub const CHARS_MAX: usize = 4_096;

/// What a receipt says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Idempotency key of the transfer.
    pub transfer: Uuid,
    /// Code of the dossier, as the portal knows it.
    pub code: String,
    /// What was asked: `DongBoHoSoMC`.
    pub service: String,
    /// `out` or `in`.
    pub direction: String,
    /// The state that it told, 1-10.
    pub state: u8,
    /// SHA-256 of the item, in hex.
    pub item_sha256: String,
    /// When it was sent or came.
    pub sent_at: Timestamp,
    /// When the other side said yes, or we did.
    pub taken_at: Timestamp,
}

/// The key that signs receipts.
pub struct Signer(Ed25519KeyPair);

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").finish_non_exhaustive()
    }
}

impl Signer {
    /// The key of a province.
    #[must_use]
    pub fn new(keys: &KeyRing) -> Self {
        let seed = keys.derive(DOMAIN);
        Self(Ed25519KeyPair::from_seed_unchecked(seed.as_ref()).expect("a seed of 32 bytes makes a key"))
    }

    /// The public key, in hex: who holds it can verify without us.
    #[must_use]
    pub fn public_key(&self) -> String {
        hex::encode(self.0.public_key().as_ref())
    }

    /// Signs.
    #[must_use]
    pub fn sign(&self, statement: &Statement) -> String {
        let text = serde_json::to_vec(statement).expect("a statement of texts and numbers is JSON");
        let payload = URL_SAFE_NO_PAD.encode(text);
        let signature = self.0.sign(payload.as_bytes());
        format!("{HEAD}.{payload}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }

    /// Verifies a receipt of this key.
    /// # Errors
    /// `Receipt` with what is wrong.
    pub fn verify(&self, receipt: &str) -> Result<Statement, ExchangeError> {
        verify(receipt, &self.public_key())
    }
}

/// Verifies a receipt under a public key in hex.
/// # Errors
/// `Receipt` with what is wrong.
pub fn verify(receipt: &str, public_key: &str) -> Result<Statement, ExchangeError> {
    let receipt: String = receipt
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .take(CHARS_MAX)
        .collect();
    let mut parts = receipt.split('.');
    let (Some(HEAD), Some(payload), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(ExchangeError::Receipt("it has not the form of a receipt"));
    };
    let key = hex::decode(public_key).map_err(|_| ExchangeError::Receipt("the public key is no hex"))?;
    let signature = URL_SAFE_NO_PAD
        .decode(signature)
        .map_err(|_| ExchangeError::Receipt("the signature cannot be read"))?;
    UnparsedPublicKey::new(&ED25519, key)
        .verify(payload.as_bytes(), &signature)
        .map_err(|_| ExchangeError::Receipt("the signature does not hold"))?;
    let text = URL_SAFE_NO_PAD
        .decode(payload)
        .map_err(|_| ExchangeError::Receipt("its content cannot be read"))?;
    serde_json::from_slice(&text).map_err(|_| ExchangeError::Receipt("its content cannot be read"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement() -> Statement {
        Statement {
            transfer: Uuid::from_u128(7),
            code: "H27.01-261122-0001".to_owned(),
            service: "DongBoHoSoMC".to_owned(),
            direction: "out".to_owned(),
            state: 9,
            item_sha256: "00".repeat(32),
            sent_at: Timestamp::from_seconds(1_795_000_000),
            taken_at: Timestamp::from_seconds(1_795_000_001),
        }
    }

    #[test]
    fn a_receipt_holds_until_a_letter_is_changed() {
        let pair = |seed: u8| Signer(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap());
        let signer = pair(1);
        let receipt = signer.sign(&statement());
        assert_eq!(signer.verify(&receipt).unwrap(), statement());
        assert_eq!(
            verify(
                &format!(" {}\n{} ", &receipt[..40], &receipt[40..]),
                &signer.public_key()
            )
            .unwrap(),
            statement()
        );
        assert!(pair(2).verify(&receipt).is_err(), "another province's key");
        for at in 0..receipt.len() {
            let mut bytes = receipt.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(signer.verify(&changed).is_err(), "letter {at}");
        }
        for wrong in ["", "TSR1", "TSR1..", "TSR2.a.b", "TSR1.a.b.c"] {
            assert!(signer.verify(wrong).is_err(), "{wrong}");
        }
    }
}
