//! The sealed item: what a browser made of a form and its scans, for the server alone. Reads it, opens it, and nothing else.
//! Refuses a byte that is not where the format says: every length is checked before it is believed, nothing is allocated
//! by a length that a stranger wrote. Format and reasons: docs/offline-desk.md.
//! Standards: ECDH on P-256 (NIST SP 800-56A), HKDF (RFC 5869), AES-256-GCM (NIST SP 800-38D); shaped like HPKE's mode
//! "auth" (RFC 9180): one-time key and device key both enter the secret, so that only the device can have sealed it.

use p256::elliptic_curve::sec1::ToSec1Point as _;
use p256::{PublicKey, SecretKey};
use ring::{aead, hmac};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{DeviceId, ItemId};

/// What every item begins with: the format and its version.
pub const MAGIC: &[u8; 4] = b"TSO1";
/// Magic, device, item.
pub const HEADER_BYTES: usize = 4 + 16 + 16;
/// A point of the curve, uncompressed.
pub const POINT_BYTES: usize = 65;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
const KEY_BYTES: usize = 32;
const WRAPPED_BYTES: usize = KEY_BYTES + TAG_BYTES;
/// Everything before the payload.
pub const FRONT_BYTES: usize = HEADER_BYTES + POINT_BYTES + NONCE_BYTES + WRAPPED_BYTES + NONCE_BYTES;
/// Most bytes of one item: a form and some twenty scans of a megabyte.
pub const ITEM_BYTES_MAX: usize = 24 << 20;
/// Most bytes of what was typed.
const HEAD_BYTES_MAX: usize = 1 << 20;
/// Most files of one item.
pub const FILES_MAX: usize = 40;
/// Most answers of one item.
const TEXTS_MAX: usize = 800;
const INFO: &[u8] = b"tinhso offline item v1\0";

/// Why an item does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealFault {
    /// Shorter or longer than an item can be.
    #[error("the item has an impossible length")]
    Length,
    /// Another format, or a newer version of it.
    #[error("the item is not of a known format")]
    Format,
    /// A key is no point of the curve.
    #[error("a key of the item is faulty")]
    Key,
    /// Something was changed after it was sealed, or it was sealed by somebody else.
    #[error("the seal is broken")]
    Broken,
    /// It opened, and what is inside is not what a device writes.
    #[error("the content of the item is faulty: {0}")]
    Content(&'static str),
}

/// An item before it is opened: its parts by their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts<'a> {
    /// Which device sealed it.
    pub device: DeviceId,
    /// Its id.
    pub item: ItemId,
    header: &'a [u8],
    one_time: &'a [u8],
    wrap_nonce: &'a [u8],
    wrapped: &'a [u8],
    front: &'a [u8],
    nonce: &'a [u8],
    payload: &'a [u8],
}

/// What was typed, and what files follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The code on the paper.
    pub code: String,
    /// The device's own clock when it was taken, in milliseconds.
    pub taken_ms: i64,
    /// What was added to it for the paper.
    pub clock_ms: i64,
    /// The device's last contact with the server before, by the server's clock.
    pub contact_ms: i64,
    /// When the form was opened, by the paper's clock.
    pub began_ms: i64,
    /// The procedure.
    pub procedure: String,
    /// The answers by the names of the form, in its order.
    pub texts: Vec<(String, String)>,
    /// The files, in the order in which their bytes follow.
    pub files: Vec<FileHead>,
}

/// One file of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileHead {
    /// Name of its field.
    pub field: String,
    /// Its name on the device.
    pub name: String,
    /// Its bytes.
    pub size: u64,
}

/// An item that was opened.
#[derive(Debug)]
pub struct Opened {
    /// What was typed.
    pub head: Head,
    /// The bytes of the files, in the order of the head.
    pub files: Vec<Vec<u8>>,
}

/// Takes an item apart without opening it.
///
/// # Errors
/// `Length` and `Format`.
pub fn parts(bytes: &[u8]) -> Result<Parts<'_>, SealFault> {
    if bytes.len() < FRONT_BYTES + TAG_BYTES || bytes.len() > ITEM_BYTES_MAX {
        return Err(SealFault::Length);
    }
    let (header, rest) = bytes.split_at(HEADER_BYTES);
    if &header[..4] != MAGIC {
        return Err(SealFault::Format);
    }
    let id = |from: usize| {
        let mut id = [0; 16];
        id.copy_from_slice(&header[from..from + 16]);
        uuid::Uuid::from_bytes(id)
    };
    let (one_time, rest) = rest.split_at(POINT_BYTES);
    let (wrap_nonce, rest) = rest.split_at(NONCE_BYTES);
    let (wrapped, rest) = rest.split_at(WRAPPED_BYTES);
    let (nonce, payload) = rest.split_at(NONCE_BYTES);
    Ok(Parts {
        device: DeviceId::from_uuid(id(4)),
        item: ItemId::from_uuid(id(20)),
        header,
        one_time,
        wrap_nonce,
        wrapped,
        front: &bytes[..FRONT_BYTES - NONCE_BYTES],
        nonce,
        payload,
    })
}

/// Opens an item with the server's key for the device that sealed it.
///
/// # Errors
/// `Key` and `Broken` when it was changed or is another device's; `Content` when what is inside is not a device's.
pub fn open(parts: &Parts<'_>, own: &SecretKey, device_key: &[u8]) -> Result<Opened, SealFault> {
    let one_time = point(parts.one_time)?;
    let device = point(device_key)?;
    let wrapping = wrapping_key(
        own.diffie_hellman(&one_time).raw_secret_bytes(),
        own.diffie_hellman(&device).raw_secret_bytes(),
        parts.one_time,
        parts.header,
    );
    let with_point = &parts.front[..HEADER_BYTES + POINT_BYTES];
    let key = decrypt(&wrapping, parts.wrap_nonce, with_point, parts.wrapped)?;
    let key: Zeroizing<[u8; KEY_BYTES]> = Zeroizing::new(key.as_slice().try_into().map_err(|_| SealFault::Broken)?);
    let plain = decrypt(&key, parts.nonce, parts.front, parts.payload)?;
    content(&plain)
}

/// A point of the curve as it is sent: 65 bytes.
///
/// # Errors
/// `Key`.
pub fn point(bytes: &[u8]) -> Result<PublicKey, SealFault> {
    if bytes.len() != POINT_BYTES {
        return Err(SealFault::Key);
    }
    PublicKey::from_sec1_bytes(bytes).map_err(|_| SealFault::Key)
}

/// A fresh key pair of the server: the private half, and the public one as it is sent.
#[must_use]
pub fn pair(world: &dyn kernel::World) -> (Zeroizing<Vec<u8>>, Vec<u8>) {
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    loop {
        world.fill(bytes.as_mut());
        // Nearly every 32 bytes are a scalar of the curve; what is none is drawn again.
        if let Ok(key) = SecretKey::from_slice(bytes.as_ref()) {
            let public = key.public_key().to_sec1_point(false).as_bytes().to_vec();
            return (Zeroizing::new(bytes.to_vec()), public);
        }
    }
}

fn wrapping_key(one_time: &[u8], device: &[u8], salt: &[u8], header: &[u8]) -> Zeroizing<[u8; KEY_BYTES]> {
    let secret = Zeroizing::new([one_time, device].concat());
    let extracted = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, salt), &secret);
    let expand = hmac::Key::new(hmac::HMAC_SHA256, extracted.as_ref());
    let block = hmac::sign(&expand, &[INFO, header, &[1]].concat());
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    key.copy_from_slice(block.as_ref());
    key
}

fn decrypt(key: &[u8; KEY_BYTES], nonce: &[u8], with: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealFault> {
    let key = aead::UnboundKey::new(&aead::AES_256_GCM, key).map_err(|_| SealFault::Key)?;
    let nonce = aead::Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealFault::Length)?;
    let mut bytes = Zeroizing::new(sealed.to_vec());
    let length = aead::LessSafeKey::new(key)
        .open_in_place(nonce, aead::Aad::from(with), &mut bytes)
        .map_err(|_| SealFault::Broken)?
        .len();
    bytes.truncate(length);
    Ok(bytes)
}

/// Reads what was sealed: the length of the head, the head, the files one after the other.
///
/// # Errors
/// `Content`, with what is wrong.
pub fn content(plain: &[u8]) -> Result<Opened, SealFault> {
    let (length, rest) = plain.split_at_checked(4).ok_or(SealFault::Content("no head"))?;
    let length = length.iter().fold(0_usize, |all, byte| (all << 8) | usize::from(*byte));
    if length > HEAD_BYTES_MAX {
        return Err(SealFault::Content("the head is too long"));
    }
    let (head, mut rest) = rest
        .split_at_checked(length)
        .ok_or(SealFault::Content("the head is cut off"))?;
    let head: Head = serde_json::from_slice(head).map_err(|_| SealFault::Content("the head is not readable"))?;
    if head.files.len() > FILES_MAX || head.texts.len() > TEXTS_MAX {
        return Err(SealFault::Content("too many answers or files"));
    }
    let mut files = Vec::with_capacity(head.files.len());
    for file in &head.files {
        let size = usize::try_from(file.size).map_err(|_| SealFault::Content("a file is too long"))?;
        let (bytes, after) = rest
            .split_at_checked(size)
            .ok_or(SealFault::Content("a file is cut off"))?;
        files.push(bytes.to_vec());
        rest = after;
    }
    if !rest.is_empty() {
        return Err(SealFault::Content("bytes after the last file"));
    }
    Ok(Opened { head, files })
}

/// Seals as a device does; the browser's script does the same.
#[cfg(test)]
pub(crate) mod device {
    use super::*;

    /// A device with its private key.
    pub(crate) struct Sealer {
        pub(crate) id: DeviceId,
        pub(crate) own: SecretKey,
        pub(crate) server: Vec<u8>,
    }

    pub(crate) fn encrypt(key: &[u8], nonce: [u8; NONCE_BYTES], with: &[u8], plain: &[u8]) -> Vec<u8> {
        let key = aead::UnboundKey::new(&aead::AES_256_GCM, key).expect("32 bytes");
        let mut bytes = plain.to_vec();
        aead::LessSafeKey::new(key)
            .seal_in_place_append_tag(
                aead::Nonce::assume_unique_for_key(nonce),
                aead::Aad::from(with),
                &mut bytes,
            )
            .expect("short enough");
        bytes
    }

    impl Sealer {
        pub(crate) fn seal(&self, world: &dyn kernel::World, item: ItemId, head: &Head, files: &[&[u8]]) -> Vec<u8> {
            let json = serde_json::to_vec(head).expect("a head");
            let length = u32::try_from(json.len()).expect("short").to_be_bytes();
            let mut plain = [length.as_slice(), &json].concat();
            files.iter().for_each(|file| plain.extend_from_slice(file));
            self.seal_plain(world, item, &plain)
        }

        pub(crate) fn seal_plain(&self, world: &dyn kernel::World, item: ItemId, plain: &[u8]) -> Vec<u8> {
            let (once, once_point) = pair(world);
            let once = SecretKey::from_slice(&once).expect("a scalar");
            let server = point(&self.server).expect("a point");
            let mut bytes = [MAGIC.as_slice(), self.id.uuid().as_bytes(), item.uuid().as_bytes()].concat();
            let wrapping = wrapping_key(
                once.diffie_hellman(&server).raw_secret_bytes(),
                self.own.diffie_hellman(&server).raw_secret_bytes(),
                &once_point,
                &bytes,
            );
            let mut key = [0; KEY_BYTES];
            world.fill(&mut key);
            bytes.extend_from_slice(&once_point);
            let wrapped = encrypt(wrapping.as_ref(), [1; NONCE_BYTES], &bytes, &key);
            bytes.extend_from_slice(&[1; NONCE_BYTES]);
            bytes.extend_from_slice(&wrapped);
            let payload = encrypt(&key, [2; NONCE_BYTES], &bytes, plain);
            bytes.extend_from_slice(&[2; NONCE_BYTES]);
            bytes.extend_from_slice(&payload);
            bytes
        }
    }
}
