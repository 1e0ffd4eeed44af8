//! Owns the simulated provider's ID tokens: JWS compact form, ES256 by `ring`, and the wrong kinds that tests need. RFC 7515, 7518.
//! It keeps no key: a pair is made at start and gone at the end.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use ring::{digest, hmac};
use serde_json::{Value, json};

/// A key pair that signs. Made at start, gone at the end.
pub(super) struct Signer {
    pair: EcdsaKeyPair,
    key_id: String,
}

impl Signer {
    pub(super) fn generate() -> Self {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
            .expect("the machine has random numbers");
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random)
            .expect("ring reads what ring wrote");
        let key_id = hex::encode(&digest::digest(&digest::SHA256, pair.public_key().as_ref()).as_ref()[..8]);
        Self { pair, key_id }
    }

    pub(super) fn key_id(&self) -> &str {
        &self.key_id
    }

    pub(super) fn sign(&self, claims: &Value) -> String {
        self.sign_as(claims, &self.key_id)
    }

    /// Signs under another key's name.
    pub(super) fn sign_as(&self, claims: &Value, key_id: &str) -> String {
        let head = json!({ "alg": "ES256", "typ": "JWT", "kid": key_id });
        let text = format!("{}.{}", part(&head), part(claims));
        let signature = self
            .pair
            .sign(&SystemRandom::new(), text.as_bytes())
            .expect("the machine has random numbers");
        format!("{text}.{}", BASE64.encode(signature.as_ref()))
    }

    pub(super) fn jwks(&self) -> Value {
        // An uncompressed point: 4, then 32 bytes of x and 32 of y.
        let point = self.pair.public_key().as_ref();
        let (x, y) = (BASE64.encode(&point[1..33]), BASE64.encode(&point[33..65]));
        json!({ "keys": [{
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.key_id, "x": x, "y": y,
        }] })
    }
}

pub(super) fn unsigned(claims: &Value) -> String {
    format!("{}.{}.", part(&json!({ "alg": "none", "typ": "JWT" })), part(claims))
}

pub(super) fn shared_secret(claims: &Value, secret: &str) -> String {
    let text = format!("{}.{}", part(&json!({ "alg": "HS256", "typ": "JWT" })), part(claims));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), text.as_bytes());
    format!("{text}.{}", BASE64.encode(tag.as_ref()))
}

/// The S256 challenge of a verifier (RFC 7636).
pub(super) fn challenge(verifier: &str) -> String {
    BASE64.encode(digest::digest(&digest::SHA256, verifier.as_bytes()).as_ref())
}

fn part(value: &Value) -> String {
    BASE64.encode(value.to_string())
}
