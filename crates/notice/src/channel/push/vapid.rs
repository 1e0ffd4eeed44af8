//! Who pushes: a token for each push service, signed with the province's own key, so that a stolen subscription is of no use
//! to others. The key is a file with 32 bytes in base64url; signatures are deterministic (RFC 6979) and need no chance.
//! Refuses tokens of more than twelve hours. Standard: RFC 8292, RFC 7515 (ES256).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{Timestamp, World};
use p256::SecretKey;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use p256::elliptic_curve::sec1::ToSec1Point as _;

/// How long a token holds; push services take at most 24 hours.
const TOKEN_SECONDS: i64 = 12 * 3_600;

/// Why a key is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it holds no key: make one with `tinhso notices push-key --out FILE`")]
pub struct KeyFault;

/// The key and the person to write to when something is wrong.
pub struct Signer {
    key: SigningKey,
    public: String,
    contact: String,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer")
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}

impl Signer {
    /// Reads the key of a file. `contact` is `mailto:` or `https:`.
    /// # Errors
    /// `KeyFault`.
    pub fn read(text: &str, contact: &str) -> Result<Self, KeyFault> {
        let bytes = zeroize::Zeroizing::new(URL_SAFE_NO_PAD.decode(text.trim()).map_err(|_| KeyFault)?);
        let secret = SecretKey::from_slice(&bytes).map_err(|_| KeyFault)?;
        let public = URL_SAFE_NO_PAD.encode(secret.public_key().to_sec1_point(false).as_bytes());
        let key = SigningKey::from(&secret);
        Ok(Self {
            key,
            public,
            contact: contact.to_owned(),
        })
    }

    /// A new key as its file holds it.
    #[must_use]
    pub fn make(world: &dyn World) -> zeroize::Zeroizing<String> {
        let key = super::encrypt::one_time_key(world);
        zeroize::Zeroizing::new(URL_SAFE_NO_PAD.encode(key.to_bytes()))
    }

    /// The public key in base64url.
    #[must_use]
    pub fn public_key(&self) -> String {
        self.public.clone()
    }

    /// The `Authorization` header for the push service at `origin`.
    #[must_use]
    pub fn authorization(&self, origin: &str, now: Timestamp) -> String {
        let header = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"ES256"}"#);
        let claims = serde_json::json!({ "aud": origin, "exp": now.as_seconds() + TOKEN_SECONDS, "sub": self.contact });
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature: Signature = self.key.sign(signed.as_bytes());
        format!(
            "vapid t={signed}.{}, k={}",
            URL_SAFE_NO_PAD.encode(signature.to_bytes()),
            self.public
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    /// The header holds for another implementation: `ring` reads the signature.
    #[test]
    fn the_token_is_signed_and_says_for_whom_and_until_when() {
        let world = testkit::ManualWorld::new();
        let key = Signer::make(world.as_ref());
        let signer = Signer::read(&key, "mailto:vanhanh@hatinh.example").unwrap();
        let now = world.now();
        let header = signer.authorization("https://fcm.googleapis.com", now);
        let (token, public) = header.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let public = URL_SAFE_NO_PAD.decode(public).unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &public)
            .verify(signed.as_bytes(), &signature)
            .unwrap();
        let claims = URL_SAFE_NO_PAD.decode(signed.split_once('.').unwrap().1).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims["aud"], "https://fcm.googleapis.com");
        assert_eq!(claims["sub"], "mailto:vanhanh@hatinh.example");
        assert_eq!(claims["exp"], now.as_seconds() + 43_200);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", "abc", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            assert!(Signer::read(text, "mailto:a@b.example").is_err(), "{text}");
        }
    }
}
