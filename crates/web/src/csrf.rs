//! The token that proves that a form came from our own page. It is a MAC of the session's secret, masked afresh in every
//! answer so that compression reveals nothing of it (BREACH), and compared in constant time.
//! It refuses to know where the secret comes from: `identity` puts [`Expected`] into the request.
//! Practice: OWASP CSRF Prevention Cheat Sheet, "HMAC based token".

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::World;
use ring::hmac;
use subtle::ConstantTimeEq;

const LEN: usize = 32;

/// The unmasked token of one session. Never shown; [`Token::mask`] makes what goes into a page.
#[derive(Clone, PartialEq, Eq)]
pub struct Token([u8; LEN]);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// The token that a form of this request must bring, put into the request's extensions by the session layer.
#[derive(Debug, Clone)]
pub struct Expected(pub Token);

impl Token {
    /// The token of the session whose secret is `secret` (at least 16 random bytes).
    #[must_use]
    pub fn of(secret: &[u8]) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let tag = hmac::sign(&key, b"tinhso form token v1");
        let mut token = [0; LEN];
        token.copy_from_slice(&tag.as_ref()[..LEN]);
        Self(token)
    }

    /// The token as it goes into one page: mask and masked token, base64url, 86 letters.
    #[must_use]
    pub fn mask(&self, world: &dyn World) -> String {
        let mut bytes = [0; 2 * LEN];
        world.fill(&mut bytes[..LEN]);
        for at in 0..LEN {
            bytes[LEN + at] = bytes[at] ^ self.0[at];
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Whether `shown` is a masked form of this token.
    #[must_use]
    pub fn verify(&self, shown: &str) -> bool {
        let mut bytes = [0; 2 * LEN];
        if !matches!(URL_SAFE_NO_PAD.decode_slice(shown, &mut bytes), Ok(n) if n == 2 * LEN) {
            return false;
        }
        let mut token = [0; LEN];
        for at in 0..LEN {
            token[at] = bytes[at] ^ bytes[LEN + at];
        }
        token.ct_eq(&self.0).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gallery::sample_world;

    #[test]
    fn a_masked_token_verifies_and_differs_each_time() {
        let world = sample_world();
        let token = Token::of(b"0123456789abcdef");
        let (one, two) = (token.mask(&*world), token.mask(&*world));
        assert_ne!(one, two);
        assert!(token.verify(&one) && token.verify(&two));
        assert_eq!(one.len(), 86);
    }

    #[test]
    fn another_session_or_a_changed_letter_is_refused() {
        let world = sample_world();
        let shown = Token::of(b"0123456789abcdef").mask(&*world);
        assert!(!Token::of(b"another").verify(&shown));
        let mut changed = shown.clone().into_bytes();
        changed[3] = if changed[3] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).expect("ASCII");
        assert!(!Token::of(b"0123456789abcdef").verify(&changed));
        for bad in ["", "x", &"A".repeat(1000), &shown[..85]] {
            assert!(!Token::of(b"0123456789abcdef").verify(bad));
        }
    }
}
