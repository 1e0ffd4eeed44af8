//! The seal, byte by byte: it opens for the server with the device's key and for nobody else, and whatever comes in is read or
//! refused. Random and nearly right items stand in for a fuzzer, which this workspace has not.

use kernel::World;
use p256::SecretKey;
use proptest::prelude::*;
use testkit::ManualWorld;

use crate::offline::seal::device::Sealer;
use crate::offline::seal::{FRONT_BYTES, FileHead, HEADER_BYTES, Head, SealFault, content, open, pair, parts};
use crate::offline::{DeviceId, ItemId};

fn head() -> Head {
    Head {
        code: "H27.15-261118-90001".to_owned(),
        taken_ms: 1_790_000_000_000,
        clock_ms: -5,
        contact_ms: 1_790_000_000_000,
        began_ms: 1_790_000_000_000,
        procedure: "1.001193".to_owned(),
        texts: vec![("name".to_owned(), "Trần Thị Hoa".to_owned())],
        files: vec![FileHead {
            field: "scan-0".to_owned(),
            name: "a.png".to_owned(),
            size: 3,
        }],
    }
}

struct Both {
    server: SecretKey,
    device_key: Vec<u8>,
    sealer: Sealer,
}

fn both(world: &dyn World) -> Both {
    let (server, server_public) = pair(world);
    let (own, device_key) = pair(world);
    Both {
        server: SecretKey::from_slice(&server).expect("a scalar"),
        device_key,
        sealer: Sealer {
            id: DeviceId::new(world),
            own: SecretKey::from_slice(&own).expect("a scalar"),
            server: server_public,
        },
    }
}

#[test]
fn an_item_opens_for_the_server_alone_and_as_it_was() {
    let world = ManualWorld::new();
    let (keys, item) = (both(world.as_ref()), ItemId::new(world.as_ref()));
    let sealed = keys.sealer.seal(world.as_ref(), item, &head(), &[b"abc"]);
    let read = parts(&sealed).expect("an item");
    assert_eq!((read.device, read.item), (keys.sealer.id, item));
    let opened = open(&read, &keys.server, &keys.device_key).expect("it opens");
    assert_eq!((opened.head, opened.files), (head(), vec![b"abc".to_vec()]));
    let other = both(world.as_ref());
    assert_eq!(
        open(&read, &other.server, &keys.device_key).unwrap_err(),
        SealFault::Broken
    );
    assert_eq!(
        open(&read, &keys.server, &other.device_key).unwrap_err(),
        SealFault::Broken
    );
    assert_eq!(open(&read, &keys.server, &[4; 65]).unwrap_err(), SealFault::Key);
}

#[test]
fn a_byte_that_was_changed_anywhere_breaks_the_seal() {
    let world = ManualWorld::new();
    let keys = both(world.as_ref());
    let sealed = keys
        .sealer
        .seal(world.as_ref(), ItemId::new(world.as_ref()), &head(), &[b"abc"]);
    for at in (0..FRONT_BYTES + 4).chain(sealed.len() - 17..sealed.len()) {
        let mut changed = sealed.clone();
        changed[at] ^= 0x20;
        let opened = parts(&changed).and_then(|read| open(&read, &keys.server, &keys.device_key));
        assert!(opened.is_err(), "byte {at} of {}", sealed.len());
    }
    let cut = &sealed[..sealed.len() - 1];
    assert!(
        parts(cut)
            .and_then(|read| open(&read, &keys.server, &keys.device_key))
            .is_err()
    );
    assert_eq!(parts(&sealed[..FRONT_BYTES]).unwrap_err(), SealFault::Length);
    assert_eq!(parts(&[b"TSO2", &sealed[4..]].concat()).unwrap_err(), SealFault::Format);
}

#[test]
fn lengths_are_not_believed() {
    let json = serde_json::to_vec(&head()).expect("a head");
    let whole = |length: usize, rest: &[u8]| {
        let length = u32::try_from(length).expect("short").to_be_bytes();
        [&length, json.as_slice(), rest].concat()
    };
    assert!(content(&whole(json.len(), b"abc")).is_ok());
    for (plain, what) in [
        (whole(json.len(), b"ab"), "cut off"),
        (whole(json.len(), b"abcd"), "after the last"),
        (whole(json.len() + 900, b"abc"), "cut off"),
        (whole(usize::try_from(u32::MAX).expect("wide"), b"abc"), "too long"),
        (whole(json.len() - 1, b"}abc"), "not readable"),
        (Vec::new(), "no head"),
    ] {
        let fault = content(&plain).expect_err(what).to_string();
        assert!(fault.contains(what), "{fault}");
    }
}

proptest! {
    #[test]
    fn whatever_comes_in_is_read_or_refused(
        bytes in proptest::collection::vec(any::<u8>(), 0..2_000),
        at in 0_usize..400,
        with in any::<u8>(),
        cut in 0_usize..400,
    ) {
        let world = ManualWorld::with_seed(7);
        let keys = both(world.as_ref());
        let try_open = |bytes: &[u8]| parts(bytes).and_then(|read| open(&read, &keys.server, &keys.device_key));
        prop_assert!(try_open(&bytes).is_err());
        let _ = content(&bytes);
        let magic = [b"TSO1".as_slice(), &bytes].concat();
        prop_assert!(try_open(&magic).is_err());
        // A device that is not ours to trust seals anything at all: what opens is still read with care.
        let sealed = keys.sealer.seal_plain(world.as_ref(), ItemId::new(world.as_ref()), &bytes);
        let _ = try_open(&sealed);
        let mut plain = serde_json::to_vec(&head()).expect("a head");
        let length = u32::try_from(plain.len()).expect("short").to_be_bytes();
        plain.splice(0..0, length);
        plain.extend_from_slice(b"abc");
        let at = at % plain.len();
        plain[at] = with;
        plain.truncate(plain.len() - cut % plain.len());
        if let Ok(opened) = content(&plain) {
            prop_assert_eq!(opened.files.len(), opened.head.files.len());
        }
        prop_assert!(HEADER_BYTES < FRONT_BYTES);
    }
}

/// Real items with bytes wrong, thousands of them: what a line, a disk or somebody with a device makes of one.
#[test]
fn thousands_of_damaged_items_are_read_or_refused() {
    let world = ManualWorld::with_seed(11);
    let (keys, item) = (both(world.as_ref()), ItemId::new(world.as_ref()));
    let sealed = keys.sealer.seal(world.as_ref(), item, &head(), &[b"abc"]);
    let json = serde_json::to_vec(&head()).expect("a head");
    let length = u32::try_from(json.len()).expect("short").to_be_bytes();
    let plain = [&length, json.as_slice(), b"abc"].concat();
    let (mut read, mut refused) = (0, 0);
    for seed in 0..6_000 {
        let broken = testkit::damaged(&sealed, seed);
        if broken != sealed {
            let opened = parts(&broken).and_then(|read| open(&read, &keys.server, &keys.device_key));
            assert!(opened.is_err(), "seed {seed}: a seal that was touched does not open");
        }
        match content(&testkit::damaged(&plain, seed)) {
            Ok(opened) => {
                assert_eq!(opened.files.len(), opened.head.files.len(), "seed {seed}");
                let told = opened.head.files.iter().map(|file| file.size);
                let came = opened.files.iter().map(|file| file.len() as u64);
                assert!(told.eq(came), "seed {seed}: no file is longer or shorter than it says");
                read += 1;
            }
            Err(_) => refused += 1,
        }
    }
    assert!(
        read > 20 && refused > 2_000,
        "{read} {refused}: the damage reaches both ways"
    );
}
