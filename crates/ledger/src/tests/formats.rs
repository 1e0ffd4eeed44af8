//! The formats that others read and write: known notes, one spelling for each thing, and damage of every kind, which must be refused
//! or read as what it says, and never end the program.

use std::str::FromStr as _;

use crate::checkpoint::{Checkpoint, read_size};
use crate::hash::Hash;
use crate::merkle::{Edge, Nodes, inclusion};
use crate::note::{Algorithm, Note, NoteError, Signature, Signer, VerifierKey, is_name};
use crate::proof::{LogProof, LogProofError};
use crate::tile::{self, Kind, TileName};
use crate::witness::{Refusal, Request, cosignature};

/// How often each text is damaged.
const SEEDS: u64 = 4_000;

// The key and the note of the documentation of Go's golang.org/x/mod/sumdb/note, the first implementation.
const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const SEED: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const TEXT: &str =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const LINE: &str =
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

fn signer(name: &str, algorithm: Algorithm, seed: u8) -> Signer {
    Signer::new(name, algorithm, &[seed; 32]).unwrap()
}

fn signed(size: u64) -> (Signer, Note) {
    let signer = signer("tinh.example.vn/log", Algorithm::Ed25519, 1);
    let text = Checkpoint::new("tinh.example.vn/log", size, Hash::of(b"root")).to_string();
    let signatures = vec![signer.sign(&text)];
    (signer, Note { text, signatures })
}

#[test]
fn a_note_of_the_first_implementation_is_signed_and_verified_the_same() {
    use base64::Engine as _;
    let key: VerifierKey = KEY.parse().unwrap();
    assert_eq!((key.to_string().as_str(), key.id()), (KEY, 0xc74f_20a3));
    let note = Note::read(format!("{TEXT}\n{LINE}").as_bytes()).unwrap();
    assert_eq!(note.verify(&key), Ok(()));
    let seed = base64::engine::general_purpose::STANDARD.decode(SEED).unwrap();
    let signer = Signer::new("PeterNeumann", Algorithm::Ed25519, seed[1..].try_into().unwrap()).unwrap();
    assert_eq!(signer.key(), &key);
    assert_eq!(format!("{}\n", signer.sign(TEXT)), LINE);
    let changed = Note::read(format!("{}\n{LINE}", TEXT.replace("answer", "Answer")).as_bytes()).unwrap();
    assert_eq!(changed.verify(&key), Err(NoteError::Forged));
    let other = "PeterNeumann+00000000+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    assert_eq!(other.parse::<VerifierKey>(), Err(NoteError::Key));
    // The key of Go's checksum database, which everybody's tool chain carries.
    let sum = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
    assert_eq!(sum.parse::<VerifierKey>().unwrap().to_string(), sum);
}

#[test]
fn notes_are_read_strictly() {
    let (signer, note) = signed(7);
    let whole = note.to_string();
    assert_eq!(Note::read(whole.as_bytes()).unwrap(), note);
    for (wrong, why) in [
        (String::new(), NoteError::Form),
        (note.text.clone(), NoteError::Form),
        (format!("{}\n", note.text), NoteError::Form),
        (format!("\n\n{}", note.signatures[0]), NoteError::Form),
        (whole.trim_end().to_owned(), NoteError::Form),
        (whole.replace('—', "-"), NoteError::Line),
        (format!("{whole}\n"), NoteError::Form),
        (format!("{whole}— x AAAA\n"), NoteError::Line),
        (whole.replace("tinh.example.vn/log ", "a+b "), NoteError::Line),
        (whole.replace('7', "7\r"), NoteError::NotText),
        (format!("{}{whole}", "a\n".repeat(40_000)), NoteError::TooLong),
        (
            format!("{whole}{}", format!("{}\n", note.signatures[0]).repeat(120)),
            NoteError::TooLong,
        ),
    ] {
        assert_eq!(Note::read(wrong.as_bytes()), Err(why), "{:.80}", wrong);
    }
    assert_eq!(Note::read(&[0xff, b'\n', b'\n']), Err(NoteError::NotText));
    // Lines of others are none of ours; one of ours that does not hold spoils the note.
    let stranger = self::signer("ai.example", Algorithm::Ed25519, 9);
    let mut mixed = note.clone();
    mixed.signatures.insert(0, stranger.sign("something else\n"));
    assert_eq!(mixed.verify(signer.key()), Ok(()));
    assert_eq!(mixed.verify(stranger.key()), Err(NoteError::Forged));
    mixed.signatures.push(signer.sign("something else\n"));
    assert_eq!(mixed.verify(signer.key()), Err(NoteError::Forged));
    mixed.signatures.clear();
    assert_eq!(mixed.verify(signer.key()), Err(NoteError::Unsigned));
    for wrong in ["", "a b", "a+b", "a\u{a0}b", "a\nb"] {
        assert!(!is_name(wrong), "{wrong:?}");
    }
}

#[test]
fn a_cosignature_holds_with_its_time_and_no_other() {
    let (_, mut note) = signed(7);
    let witness = signer("witness.example/w1", Algorithm::Cosignature, 2);
    let line = witness.cosign(&note.text, 1_679_315_147);
    assert_eq!(line.bytes.len(), 8 + 64);
    note.signatures.push(line.clone());
    assert_eq!(note.verify_cosignature(witness.key()), Ok(1_679_315_147));
    let answer = format!("{line}\n");
    assert_eq!(
        cosignature(&answer, &note, witness.key()),
        Some((line.clone(), 1_679_315_147))
    );
    let mut later = line;
    later.bytes[7] ^= 1;
    note.signatures.pop();
    note.signatures.push(later);
    assert_eq!(note.verify_cosignature(witness.key()), Err(NoteError::Forged));
    // A key for notes is another than one for cosignatures, even of the same bytes.
    let same = signer("witness.example/w1", Algorithm::Ed25519, 2);
    assert_ne!(same.key().id(), witness.key().id());
    assert_eq!(
        witness.key().to_string().parse::<VerifierKey>().as_ref(),
        Ok(witness.key())
    );
}

#[test]
fn checkpoints_have_one_spelling() {
    let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    let read = Checkpoint::from_str(text).unwrap();
    assert_eq!(
        (read.origin.as_str(), read.size),
        ("example.com/behind-the-sofa", 20_852_163)
    );
    assert_eq!(read.to_string(), text);
    let extended = format!("{text}more\n");
    assert_eq!(Checkpoint::from_str(&extended).unwrap().to_string(), extended);
    for wrong in [
        "",
        "a\n",
        "a\n1\n",
        &text.replace("20852163", "020852163"),
        &text.replace("20852163", "+1"),
        &text.replace("20852163", "9223372036854775808"),
        &text.replace("20852163", ""),
        &text.replace("q2I=", "q2J="),
        &text.replace("q2I=", "q2I"),
        text.trim_end(),
        &format!("{text}\n"),
    ] {
        assert!(Checkpoint::from_str(wrong).is_err(), "{wrong:?}");
    }
    assert_eq!(read_size("0"), Some(0));
    assert_eq!(read_size("00"), None);
}

#[test]
fn tiles_have_one_path() {
    for (path, kind, number, width) in [
        ("tile/0/000", Kind::Level(0), 0, 256),
        ("tile/0/x001/x234/067", Kind::Level(0), 1_234_067, 256),
        ("tile/63/x001/000.p/1", Kind::Level(63), 1_000, 1),
        ("tile/entries/999.p/255", Kind::Entries, 999, 255),
    ] {
        let name = TileName { kind, number, width };
        assert_eq!(name.to_string(), path);
        assert_eq!(path.parse(), Ok(name));
    }
    for wrong in [
        "",
        "tile/",
        "tile/0/",
        "tile/0/0",
        "tile/00/000",
        "tile/64/000",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/x001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/-1/000",
        "tile/0/+01",
        "tile/data/000",
        "tile/0/../000",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
    ] {
        assert!(wrong.parse::<TileName>().is_err(), "{wrong}");
    }
    // The example of the specification: a tree of 70,000.
    let all = |kind| TileName::all(kind, 70_000, 0).collect::<Vec<_>>();
    let zero = all(Kind::Level(0));
    assert_eq!((zero.len(), zero[273].width), (274, 112));
    assert_eq!(
        all(Kind::Level(1)).iter().map(|name| name.width).collect::<Vec<_>>(),
        [256, 17]
    );
    assert_eq!(
        all(Kind::Level(2)).iter().map(|name| name.width).collect::<Vec<_>>(),
        [1]
    );
    assert_eq!(all(Kind::Level(3)), []);
    assert_eq!(TileName::levels(70_000).count(), 3);
}

#[test]
fn bundles_are_cut_where_they_say() {
    let entries: Vec<u8> = (0..96).collect();
    let bundle = tile::bundle(&entries);
    assert_eq!(bundle.len(), 3 * 34);
    assert_eq!(
        tile::entries(&bundle, 3).unwrap(),
        entries.chunks(32).collect::<Vec<_>>()
    );
    for width in [0, 2, 4, 256] {
        assert_eq!(tile::entries(&bundle, width), None);
    }
    for end in 0..bundle.len() {
        assert_eq!(tile::entries(&bundle[..end], 3), None, "{end}");
    }
    assert_eq!(tile::entries(&[0, 0, 0, 1, 7], 2).unwrap(), [&[][..], &[7]]);
    assert_eq!(tile::hashes(&entries, 3).unwrap().len(), 3);
    assert_eq!(tile::hashes(&entries, 2), None);
}

struct Leaves(Vec<Hash>);

impl Nodes for Leaves {
    type Error = std::convert::Infallible;

    fn node(&mut self, height: u32, index: u64) -> Result<Hash, Self::Error> {
        let at = usize::try_from(index).unwrap() << height;
        Ok(crate::merkle::perfect(&self.0[at..at + (1 << height)]))
    }
}

fn proof() -> (Signer, LogProof) {
    let leaves: Vec<Hash> = (0..11_u8).map(|at| Hash::leaf(&[at])).collect();
    let mut edge = Edge::default();
    leaves.iter().for_each(|leaf| edge.push(*leaf, |_, _, _| {}));
    let signer = signer("tinh.example.vn/log", Algorithm::Ed25519, 1);
    let text = Checkpoint::new("tinh.example.vn/log", 11, edge.root()).to_string();
    let proof = LogProof {
        extra: Some(b"them".to_vec()),
        index: 5,
        hashes: inclusion(&mut Leaves(leaves), 5, 11).unwrap().unwrap(),
        note: Note {
            signatures: vec![signer.sign(&text)],
            text,
        },
    };
    (signer, proof)
}

#[test]
fn a_proof_is_carried_away_and_verified_alone() {
    let (signer, proof) = proof();
    let text = proof.to_string();
    assert!(
        text.starts_with("c2sp.org/tlog-proof@v1\nextra dGhlbQ==\nindex 5\n"),
        "{text}"
    );
    let read = LogProof::read(text.as_bytes()).unwrap();
    assert_eq!(read, proof);
    assert_eq!(read.verify(&[5], signer.key()).unwrap().size, 11);
    assert!(matches!(read.verify(&[6], signer.key()), Err(LogProofError::Proof(_))));
    let other = self::signer("tinh.example.vn/log", Algorithm::Ed25519, 3);
    assert_eq!(
        read.verify(&[5], other.key()),
        Err(LogProofError::Note(NoteError::Unsigned))
    );
    let renamed = Signer::new("khac.example.vn/log", Algorithm::Ed25519, &[1; 32]).unwrap();
    let mut foreign = proof;
    foreign.note.signatures = vec![renamed.sign(&foreign.note.text)];
    assert_eq!(foreign.verify(&[5], renamed.key()), Err(LogProofError::Origin));
}

/// Reads what was made of `whole` by every kind of damage; `read` says how what was read is written, and none when it was refused.
fn damage(whole: &[u8], read: impl Fn(&[u8]) -> Option<Vec<u8>>) {
    assert_eq!(
        read(whole).as_deref(),
        Some(whole),
        "undamaged, it is read as it is written"
    );
    for seed in 0..SEEDS {
        let damaged = testkit::damaged(whole, seed);
        if let Some(again) = read(&damaged) {
            assert_eq!(again, damaged, "seed {seed}: what is read has another spelling");
        }
    }
    for end in 0..whole.len() {
        if let Some(again) = read(&whole[..end]) {
            assert_eq!(again, &whole[..end]);
        }
    }
}

#[test]
fn damaged_notes_are_refused_or_read_as_they_are() {
    let (signer, mut note) = signed(20_852_163);
    let witness = self::signer("witness.example/w1", Algorithm::Cosignature, 2);
    note.signatures.push(witness.cosign(&note.text, 1_679_315_147));
    damage(note.to_string().as_bytes(), |bytes| {
        Note::read(bytes).ok().map(|note| note.to_string().into())
    });
    damage(note.text.as_bytes(), |bytes| {
        let read = Checkpoint::from_str(std::str::from_utf8(bytes).ok()?).ok()?;
        Some(read.to_string().into())
    });
    let lines = format!("{}\n", note.signatures[1]);
    damage(lines.as_bytes(), |bytes| {
        let read = Signature::read_lines(std::str::from_utf8(bytes).ok()?).ok()?;
        Some(read.iter().map(|line| format!("{line}\n")).collect::<String>().into())
    });
    damage(signer.key().to_string().as_bytes(), |bytes| {
        let text = std::str::from_utf8(bytes).ok().filter(|text| *text == text.trim())?;
        Some(VerifierKey::from_str(text).ok()?.to_string().into())
    });
    // No damage passes for the signature of the log.
    for seed in 0..SEEDS {
        let damaged = testkit::damaged(note.to_string().as_bytes(), seed);
        if let Ok(read) = Note::read(&damaged)
            && read.verify(signer.key()).is_ok()
        {
            assert_eq!(read.text, note.text, "seed {seed}");
        }
    }
}

#[test]
fn damaged_tiles_proofs_and_requests_are_refused_or_read_as_they_are() {
    damage(b"tile/entries/x001/234.p/56", |bytes| {
        Some(
            TileName::from_str(std::str::from_utf8(bytes).ok()?)
                .ok()?
                .to_string()
                .into(),
        )
    });
    let bundle = tile::bundle(&(0..160).collect::<Vec<u8>>());
    damage(&bundle, |bytes| {
        let read = (0..=8).find_map(|width| tile::entries(bytes, width))?;
        let written = read.iter().flat_map(|entry| {
            let length = u16::try_from(entry.len()).unwrap().to_be_bytes();
            length.into_iter().chain(entry.iter().copied())
        });
        Some(written.collect())
    });
    let (signer, proof) = proof();
    damage(proof.to_string().as_bytes(), |bytes| {
        LogProof::read(bytes).ok().map(|proof| proof.to_string().into())
    });
    for seed in 0..SEEDS {
        let damaged = testkit::damaged(proof.to_string().as_bytes(), seed);
        if let Ok(read) = LogProof::read(&damaged)
            && read.verify(&[5], signer.key()).is_ok()
        {
            assert_eq!((read.index, &read.hashes), (proof.index, &proof.hashes), "seed {seed}");
        }
    }
    let body = Request::body(5, &proof.hashes, &proof.note.to_string());
    damage(body.as_bytes(), |bytes| {
        let read = Request::read(bytes).ok()?;
        Some(Request::body(read.old, &read.proof, &read.note.to_string()).into())
    });
    assert_eq!(Request::read(&[b'o'; 100_000]), Err(Refusal::Malformed));
}
