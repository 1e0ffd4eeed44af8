//! Encryption of a push for one browser: ECDH on P-256, HKDF with SHA-256, AES-128-GCM, one record.
//! The one-time key comes from `World` like all chance, which is why the curve is computed by `p256`: `ring` makes such keys
//! only by itself, and the standard's vector could not be tried. Standard: RFC 8291, RFC 8188.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::World;
use p256::elliptic_curve::sec1::ToSec1Point as _;
use p256::{PublicKey, SecretKey};
use ring::{aead, hmac};

/// Length of a record, as the header says; ours has one.
const RECORD_BYTES: u32 = 4_096;
/// What fits into one record: its length without the tag, the delimiter and the header.
pub const PLAIN_BYTES_MAX: usize = 4_096 - 16 - 1 - 86;

/// Why a push cannot be encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EncryptError {
    /// The browser's keys are not a point of the curve and 16 bytes.
    #[error("the keys of the subscription are faulty")]
    Keys,
    /// Longer than one record.
    #[error("the message is longer than {PLAIN_BYTES_MAX} bytes")]
    TooLong,
}

/// The keys of a browser.
pub struct Receiver {
    public: PublicKey,
    auth: [u8; 16],
}

impl std::fmt::Debug for Receiver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Receiver(…)")
    }
}

impl Receiver {
    /// From base64url, as browsers give them; padding is understood.
    /// # Errors
    /// `Keys`.
    pub fn read(p256dh: &str, auth: &str) -> Result<Self, EncryptError> {
        let decode = |text: &str| {
            URL_SAFE_NO_PAD
                .decode(text.trim_end_matches('='))
                .map_err(|_| EncryptError::Keys)
        };
        let point = decode(p256dh)?;
        if point.len() != 65 {
            return Err(EncryptError::Keys);
        }
        Ok(Self {
            public: PublicKey::from_sec1_bytes(&point).map_err(|_| EncryptError::Keys)?,
            auth: decode(auth)?.try_into().map_err(|_| EncryptError::Keys)?,
        })
    }
}

/// Encrypts with a one-time key and salt from `world`.
/// # Errors
/// `TooLong`.
pub fn encrypt(to: &Receiver, plain: &[u8], world: &dyn World) -> Result<Vec<u8>, EncryptError> {
    let mut salt = [0; 16];
    world.fill(&mut salt);
    encrypt_with(to, plain, &one_time_key(world), salt)
}

/// A scalar of the curve: nearly every 32 bytes are one; what is none is drawn again.
pub(super) fn one_time_key(world: &dyn World) -> SecretKey {
    let mut bytes = zeroize::Zeroizing::new([0; 32]);
    loop {
        world.fill(bytes.as_mut());
        if let Ok(key) = SecretKey::from_slice(bytes.as_ref()) {
            return key;
        }
    }
}

fn encrypt_with(to: &Receiver, plain: &[u8], own: &SecretKey, salt: [u8; 16]) -> Result<Vec<u8>, EncryptError> {
    if plain.len() > PLAIN_BYTES_MAX {
        return Err(EncryptError::TooLong);
    }
    let own_point = own.public_key().to_sec1_point(false);
    let their_point = to.public.to_sec1_point(false);
    let shared = own.diffie_hellman(&to.public);
    let key_info = [b"WebPush: info\0", their_point.as_bytes(), own_point.as_bytes()].concat();
    let ikm = hkdf(&to.auth, shared.raw_secret_bytes(), &key_info);
    let content_key = hkdf(&salt, &ikm, b"Content-Encoding: aes128gcm\0");
    let nonce = hkdf(&salt, &ikm, b"Content-Encoding: nonce\0");
    let mut record = plain.to_vec();
    // The last record ends with 2.
    record.push(2);
    let key = aead::UnboundKey::new(&aead::AES_128_GCM, &content_key[..16]).map_err(|_| EncryptError::Keys)?;
    let nonce = aead::Nonce::try_assume_unique_for_key(&nonce[..12]).map_err(|_| EncryptError::Keys)?;
    aead::LessSafeKey::new(key)
        .seal_in_place_append_tag(nonce, aead::Aad::empty(), &mut record)
        .map_err(|_| EncryptError::TooLong)?;
    let mut body = Vec::with_capacity(86 + record.len());
    body.extend_from_slice(&salt);
    body.extend_from_slice(&RECORD_BYTES.to_be_bytes());
    body.push(65);
    body.extend_from_slice(own_point.as_bytes());
    body.extend_from_slice(&record);
    Ok(body)
}

/// HKDF with SHA-256 for up to 32 bytes: extract, then one block of expand (RFC 5869).
fn hkdf(salt: &[u8], secret: &[u8], info: &[u8]) -> [u8; 32] {
    let extracted = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, salt), secret);
    let block = hmac::sign(
        &hmac::Key::new(hmac::HMAC_SHA256, extracted.as_ref()),
        &[info, &[1]].concat(),
    );
    let mut out = [0; 32];
    out.copy_from_slice(block.as_ref());
    out
}

#[cfg(test)]
fn sample_bytes(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

/// Decrypts as the browser of RFC 8291's vector does.
#[cfg(test)]
pub(crate) fn decrypt_sample(body: &[u8]) -> Vec<u8> {
    let theirs =
        SecretKey::from_slice(&sample_bytes("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")).expect("the sample's own");
    let (salt, rest) = body.split_at(16);
    let own = PublicKey::from_sec1_bytes(&rest[5..70]).expect("the sample's own");
    let shared = theirs.diffie_hellman(&own);
    let key_info = [
        b"WebPush: info\0",
        theirs.public_key().to_sec1_point(false).as_bytes(),
        &rest[5..70],
    ]
    .concat();
    let ikm = hkdf(
        &sample_bytes("BTBZMqHH6r4Tts7J_aSIgg"),
        shared.raw_secret_bytes(),
        &key_info,
    );
    let content_key = hkdf(salt, &ikm, b"Content-Encoding: aes128gcm\0");
    let nonce = hkdf(salt, &ikm, b"Content-Encoding: nonce\0");
    let key = aead::LessSafeKey::new(
        aead::UnboundKey::new(&aead::AES_128_GCM, &content_key[..16]).expect("the sample's own"),
    );
    let mut record = rest[70..].to_vec();
    let nonce = aead::Nonce::try_assume_unique_for_key(&nonce[..12]).expect("the sample's own");
    let plain = key
        .open_in_place(nonce, aead::Aad::empty(), &mut record)
        .expect("the sample's own");
    let (end, text) = plain.split_last().expect("the sample's own");
    assert_eq!(*end, 2);
    text.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8291, section 5 and appendix A.
    #[test]
    fn the_vector_of_the_standard() {
        let receiver = Receiver::read(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "BTBZMqHH6r4Tts7J_aSIgg",
        )
        .unwrap();
        let own = SecretKey::from_slice(&sample_bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")).unwrap();
        let salt: [u8; 16] = sample_bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap();
        let body = encrypt_with(&receiver, b"When I grow up, I want to be a watermelon", &own, salt).unwrap();
        assert_eq!(
            URL_SAFE_NO_PAD.encode(body),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
    }

    #[test]
    fn what_is_sent_can_be_read_by_its_receiver_and_never_looks_the_same() {
        let world = testkit::ManualWorld::new();
        let receiver = Receiver::read(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "BTBZMqHH6r4Tts7J_aSIgg==",
        )
        .unwrap();
        let first = encrypt(&receiver, "Hồ sơ".as_bytes(), world.as_ref()).unwrap();
        let second = encrypt(&receiver, "Hồ sơ".as_bytes(), world.as_ref()).unwrap();
        assert_ne!(first, second);
        assert_eq!(decrypt_sample(&first), "Hồ sơ".as_bytes());
        assert_eq!(decrypt_sample(&second), "Hồ sơ".as_bytes());
        let most = vec![7; PLAIN_BYTES_MAX];
        assert_eq!(
            decrypt_sample(&encrypt(&receiver, &most, world.as_ref()).unwrap()),
            most
        );
        let more = vec![7; PLAIN_BYTES_MAX + 1];
        assert_eq!(encrypt(&receiver, &more, world.as_ref()), Err(EncryptError::TooLong));
    }

    #[test]
    fn faulty_keys_are_refused() {
        let auth = "BTBZMqHH6r4Tts7J_aSIgg";
        // Not base64, too short, a point beside the curve, the point at infinity.
        let beside = URL_SAFE_NO_PAD.encode([&[4_u8][..], &[1; 64]].concat());
        for key in ["***", "AAAA", beside.as_str(), "AA"] {
            assert!(Receiver::read(key, auth).is_err(), "{key}");
        }
        let good = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
        assert!(Receiver::read(good, "AAAA").is_err());
    }
}
