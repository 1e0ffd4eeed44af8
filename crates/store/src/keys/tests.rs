//! The ring without a database: sealing, indexes, the file and its refusals.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    sync::atomic::{AtomicU64, Ordering},
};

use kernel::{Timestamp, World};
use proptest::prelude::*;

use super::*;

/// Chance that never repeats, at a time that stands still.
struct Counting(AtomicU64);

impl World for Counting {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(1_795_000_000_000_000)
    }

    fn fill(&self, bytes: &mut [u8]) {
        let count = self.0.fetch_add(1, Ordering::Relaxed);
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = (count.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> ((at % 8) * 8)) as u8 ^ at as u8;
        }
    }
}

fn world() -> Counting {
    Counting(AtomicU64::new(1))
}

fn ring() -> KeyRing {
    KeyRing::from_keys(&KeyFile::generate(&world())).expect("generated keys make a ring")
}

proptest! {
    #[test]
    fn what_is_sealed_opens_in_its_place_only(plain: Vec<u8>, here in "[a-z.:]{1,20}", there in "[a-z.:]{1,20}") {
        let ring = ring();
        let sealed = ring.seal(&world(), &here, &plain);
        let opened = ring.open(&here, &sealed).expect("opens");
        prop_assert_eq!(opened.as_slice(), plain.as_slice());
        prop_assert_eq!(sealed.as_bytes().len(), plain.len() + 33);
        if here != there {
            let refused = matches!(ring.open(&there, &sealed), Err(KeyError::Tampered { .. }));
            prop_assert!(refused);
        }
    }

    #[test]
    fn no_changed_byte_opens(plain: Vec<u8>, at: prop::sample::Index, bit in 0..8_u32) {
        let ring = ring();
        let mut bytes = ring.seal(&world(), "t.c:1", &plain).into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert!(ring.open("t.c:1", &Sealed::from_bytes(bytes)).is_err());
    }

    #[test]
    fn bytes_that_are_no_sealed_value_are_refused(bytes: Vec<u8>) {
        prop_assert!(ring().open("t.c:1", &Sealed::from_bytes(bytes)).is_err());
    }
}

#[test]
fn equal_texts_seal_differently_and_index_equally() {
    let (ring, world) = (ring(), world());
    assert_ne!(ring.seal(&world, "t.c:1", b"x"), ring.seal(&world, "t.c:1", b"x"));
    assert_eq!(
        ring.blind_index("person.number", "0123"),
        ring.blind_index("person.number", "0123")
    );
    assert_ne!(
        ring.blind_index("person.number", "0123"),
        ring.blind_index("person.phone", "0123")
    );
    assert_ne!(ring.blind_index("a", "x"), ring.mac("a", b"x"));
    assert_ne!(ring.derive("a").as_ref(), ring.derive("b").as_ref());
    assert!(ring.mac_matches("cookie", b"body", &ring.mac("cookie", b"body")));
    assert!(!ring.mac_matches("cookie", b"body", &ring.mac("cookie", b"bodz")));
}

#[test]
fn the_key_file_is_private_and_never_overwritten() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("keys.toml");
    create(&path, &world()).expect("a new file");
    assert_eq!(
        fs::metadata(&path).expect("it is there").permissions().mode() & 0o777,
        0o600
    );
    assert!(matches!(create(&path, &world()), Err(KeyError::Exists { .. })));
    for mode in [0o640, 0o604, 0o620, 0o666] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("chmod");
        assert!(
            matches!(KeyRing::load(&path), Err(KeyError::Exposed { .. })),
            "{mode:o}"
        );
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).expect("chmod");
    KeyRing::load(&path).expect("0400 is private too");
    assert!(matches!(
        KeyRing::load(&folder.path().join("none")),
        Err(KeyError::Missing { .. })
    ));
}

#[test]
fn a_fault_of_the_file_never_shows_its_secrets() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("keys.toml");
    create(&path, &world()).expect("a new file");
    let text = fs::read_to_string(&path).expect("text");
    let secret = text
        .lines()
        .find_map(|line| line.strip_prefix("secret = "))
        .expect("a secret")
        .trim_matches('"')
        .to_owned();
    let spoilt = [
        text.replacen(&secret, &secret[1..], 1),
        text.replacen("format = 1", "format = 9", 1),
        text.replacen("id = 2", "id = 1", 1),
        text.replacen("active = 2", "active = 7", 1),
        text.replacen("\"index\"", "\"seal\"", 1),
        format!("{text}\nmore = 1"),
        text[..text.len() - 30].to_owned(),
    ];
    for text in spoilt {
        fs::write(&path, &text).expect("write");
        let fault = KeyRing::load(&path).expect_err(&text);
        assert!(!format!("{fault} {fault:?}").contains(&secret[1..20]), "{fault}");
    }
}

#[test]
fn a_rotation_by_root_leaves_the_file_to_its_service() {
    use std::os::unix::fs::MetadataExt as _;
    if !crate::testing::is_root() {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (path, world) = (folder.path().join("keys.toml"), world());
    create(&path, &world).expect("a new file");
    std::os::unix::fs::chown(&path, Some(65_534), Some(65_534)).expect("root may");
    rotate(&path, &world).expect("it rotates");
    let meta = fs::metadata(&path).expect("it is there");
    assert_eq!((meta.uid(), meta.gid(), meta.mode() & 0o777), (65_534, 65_534, 0o600));
}

#[test]
fn after_a_rotation_old_values_open_and_new_ones_use_the_new_key() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (path, world) = (folder.path().join("keys.toml"), world());
    create(&path, &world).expect("a new file");
    let ring = KeyRing::load(&path).expect("it loads");
    let old = ring.seal(&world, "t.c:1", b"x");
    let index = ring.blind_index("d", "x");
    let new_id = rotate(&path, &world).expect("it rotates");
    assert_ne!(
        ring.active(),
        new_id,
        "a ring in use goes on with its key until it is told"
    );

    let other = KeyRing::load(&path).expect("it loads");
    let new = other.seal(&world, "t.c:2", b"y");
    assert_eq!(new.key_id().expect("sealed"), new_id);
    assert_eq!(other.open("t.c:1", &old).expect("old opens").as_slice(), b"x");
    assert_eq!(other.blind_index("d", "x"), index, "the index root stays");
    assert_eq!(
        ring.open("t.c:2", &new).expect("the file is read again").as_slice(),
        b"y"
    );

    assert!(matches!(retire(&path, new_id), Err(KeyError::StillActive { .. })));
    retire(&path, old.key_id().expect("sealed")).expect("an old key goes");
    let ring = KeyRing::load(&path).expect("it loads");
    assert!(matches!(ring.open("t.c:1", &old), Err(KeyError::UnknownKey { .. })));
}

#[test]
fn a_key_file_inside_the_data_folder_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let inside = folder.path().join("data/keys.toml");
    fs::create_dir_all(folder.path().join("data")).expect("a folder");
    assert!(matches!(
        refuse_inside(&folder.path().join("data"), &inside),
        Err(KeyError::InsideData { .. })
    ));
    refuse_inside(&folder.path().join("data"), &folder.path().join("keys.toml")).expect("outside is fine");
}
