//! Audits of logs in folders: sound ones, and every way in which one can be changed, cut off or forked, each named; and writing the
//! files of a log with the plug pulled in the middle.

use std::path::Path;

use super::{MIGRATIONS, facts, grown, record, settle};
use crate::audit::{Against, Source, Wrong, audit};
use crate::checkpoint::Checkpoint;
use crate::house::Ledger;
use crate::note::{Algorithm, Signer, VerifierKey};
use crate::publish;

async fn audited(folder: &Path, against: &Against) -> Result<u64, Wrong> {
    let source = Source::open(folder.to_str().unwrap()).unwrap();
    audit(&source, against, |_| {}).await.map(|sound| sound.checkpoint.size)
}

fn with_key(key: &VerifierKey) -> Against {
    Against {
        key: Some(key.clone()),
        ..Against::default()
    }
}

fn checkpoint(folder: &Path) -> Checkpoint {
    let bytes = std::fs::read(folder.join(publish::CHECKPOINT)).unwrap();
    Checkpoint::read(&bytes).unwrap().0
}

fn flip(path: &Path, at: usize) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[at] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

fn cut(path: &Path, by: usize) {
    let bytes = std::fs::read(path).unwrap();
    std::fs::write(path, &bytes[..bytes.len() - by]).unwrap();
}

async fn published(ledger: &Ledger) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    publish::write(ledger, folder.path()).await.unwrap();
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_written_and_grows_is_sound() {
    testkit::engines(MIGRATIONS, async |test| {
        let (ledger, _) = grown(test, 600).await;
        let folder = published(&ledger).await;
        let against = with_key(ledger.key());
        assert_eq!(audited(folder.path(), &against).await.unwrap(), 600);
        for count in [1, 200, 400] {
            let seen = Against {
                seen: Some(checkpoint(folder.path())),
                ..against.clone()
            };
            record(test, &facts(test, count)).await;
            settle(&ledger).await;
            let size = publish::write(&ledger, folder.path()).await.unwrap();
            assert_eq!(audited(folder.path(), &seen).await.unwrap(), size);
        }
        assert_eq!(
            publish::write(&ledger, folder.path()).await.unwrap(),
            1201,
            "written again, it stays"
        );
        // Partial tiles of before may be deleted: the whole ones serve.
        std::fs::remove_dir_all(folder.path().join("tile/0/002.p")).unwrap();
        assert_eq!(audited(folder.path(), &against).await.unwrap(), 1201);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_thing_that_is_wrong_is_named() {
    let test = testkit::engines::sqlite(MIGRATIONS).await;
    let (ledger, _) = grown(&test, 600).await;
    let against = with_key(ledger.key());
    type Damage = fn(&Path);
    let cases: [(Damage, &str); 12] = [
        (
            |dir| flip(&dir.join("tile/entries/001"), 34 * 3 + 9),
            "entry 259 does not hash to what tile/0/001 says",
        ),
        (
            |dir| flip(&dir.join("tile/0/001"), 32 * 3),
            "entry 259 does not hash to what tile/0/001 says",
        ),
        (
            |dir| cut(&dir.join("tile/entries/000"), 1),
            "tile/entries/000 is cut off or has a wrong length: 8703 bytes",
        ),
        (
            |dir| cut(&dir.join("tile/0/002.p/88"), 32),
            "tile/0/002.p/88 is cut off or has a wrong length: 2784 bytes",
        ),
        (
            |dir| cut(&dir.join("tile/1/000.p/2"), 32),
            "tile/1/000.p/2 is cut off or has a wrong length: 32 bytes",
        ),
        (
            |dir| flip(&dir.join("tile/1/000.p/2"), 40),
            "tile/1/000.p/2 does not follow from the tiles below it: hash 1",
        ),
        (
            |dir| std::fs::remove_file(dir.join("tile/0/001")).unwrap(),
            "tile/0/001 is missing",
        ),
        (
            |dir| std::fs::remove_file(dir.join("tile/entries/001")).unwrap(),
            "tile/entries/001 is missing",
        ),
        (
            |dir| std::fs::remove_file(dir.join("checkpoint")).unwrap(),
            "has no checkpoint: it is no log",
        ),
        (
            |dir| cut(&dir.join("checkpoint"), 5),
            "the checkpoint is no signed note",
        ),
        (
            |dir| flip(&dir.join("checkpoint"), 0),
            "the checkpoint: a signature of the key",
        ),
        (
            |dir| std::fs::write(dir.join("tile/entries/000"), vec![0; 20 << 20]).unwrap(),
            "is longer than it can be",
        ),
    ];
    for (damage, wanted) in cases {
        let folder = published(&ledger).await;
        damage(folder.path());
        let found = audited(folder.path(), &against).await.unwrap_err().to_string();
        assert!(found.contains(wanted), "{wanted}: {found}");
    }
    let folder = published(&ledger).await;
    let other = Signer::new(ledger.key().name(), Algorithm::Ed25519, &[1; 32]).unwrap();
    let found = audited(folder.path(), &with_key(other.key())).await.unwrap_err();
    assert!(found.to_string().contains("not signed by the key"), "{found}");
}

/// Writes a folder anew as a forger would who has the key of the log: all of it consistent in itself, with one entry changed.
fn forged(ledger: &Ledger, from: &Path, change: usize) -> tempfile::TempDir {
    use crate::hash::Hash;
    use crate::merkle::Edge;
    use crate::note::Note;
    let to = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| {
        let path = to.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    let mut edge = Edge::default();
    let mut whole = Vec::new();
    for (name, width) in [("000", 256), ("001", 256), ("002.p/88", 88)] {
        let bundle = std::fs::read(from.join(format!("tile/entries/{name}"))).unwrap();
        let mut entries: Vec<Vec<u8>> = crate::tile::entries(&bundle, width)
            .unwrap()
            .into_iter()
            .map(<[u8]>::to_vec)
            .collect();
        let begin = usize::try_from(edge.size()).unwrap();
        if let Some(entry) = change.checked_sub(begin).and_then(|at| entries.get_mut(at)) {
            entry[0] ^= 1;
        }
        put(&format!("tile/entries/{name}"), &crate::tile::bundle(&entries.concat()));
        let leaves: Vec<u8> = entries.iter().flat_map(|entry| *Hash::leaf(entry).as_bytes()).collect();
        put(&format!("tile/0/{name}"), &leaves);
        for entry in &entries {
            edge.push(Hash::leaf(entry), |level, number, hashes| {
                whole.push((level, number, hashes.to_vec()))
            });
        }
    }
    let above: Vec<u8> = edge.partial()[1].iter().flat_map(|hash| *hash.as_bytes()).collect();
    put("tile/1/000.p/2", &above);
    let text = Checkpoint::new(ledger.key().name(), edge.size(), edge.root()).to_string();
    let signatures = vec![ledger.signer().sign(&text)];
    put("checkpoint", Note { text, signatures }.to_string().as_bytes());
    to
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_by_whoever_has_the_key_is_found_by_whoever_looked_before() {
    let test = testkit::engines::sqlite(MIGRATIONS).await;
    let (ledger, _) = grown(&test, 300).await;
    let early = published(&ledger).await;
    record(&test, &facts(&test, 300)).await;
    settle(&ledger).await;
    let late = published(&ledger).await;
    let against = with_key(ledger.key());
    let seen = |folder: &Path| Against {
        seen: Some(checkpoint(folder)),
        ..against.clone()
    };
    let fork = forged(&ledger, late.path(), 17);
    assert_eq!(
        audited(fork.path(), &against).await.unwrap(),
        600,
        "in itself it is sound"
    );
    for earlier in [early.path(), late.path()] {
        let found = audited(fork.path(), &seen(earlier)).await.unwrap_err();
        assert!(matches!(found, Wrong::Forked { .. }), "{found}");
    }
    // Changed behind what was seen it is a continuation like any other.
    let after = forged(&ledger, late.path(), 450);
    assert_eq!(audited(after.path(), &seen(early.path())).await.unwrap(), 600);
    // Cut off.
    let found = audited(early.path(), &seen(late.path())).await.unwrap_err();
    assert!(matches!(found, Wrong::Shrunk { seen: 600, size: 300 }), "{found}");
    let other = Against {
        seen: Some(Checkpoint {
            origin: "khac.example/log".to_owned(),
            ..checkpoint(early.path())
        }),
        ..against
    };
    assert!(matches!(audited(late.path(), &other).await, Err(Wrong::OtherLog(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_were_begun_are_finished() {
    let test = testkit::engines::sqlite(MIGRATIONS).await;
    let (ledger, _) = grown(&test, 300).await;
    let whole = published(&ledger).await;
    let names = [
        "tile/0/000",
        "tile/0/001.p/44",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/44",
        "checkpoint",
    ];
    // Killed after each file: what is not there yet is missing, a file that was begun lies aside under another name.
    for kept in 0..=names.len() {
        let folder = tempfile::tempdir().unwrap();
        for (at, name) in names.iter().enumerate() {
            let (from, to) = (whole.path().join(name), folder.path().join(name));
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            if at < kept {
                std::fs::copy(from, to).unwrap();
            } else if at == kept {
                std::fs::write(folder.path().join(format!("{name}.new")), b"half").unwrap();
            }
        }
        assert_eq!(publish::write(&ledger, folder.path()).await.unwrap(), 300);
        assert_eq!(
            audited(folder.path(), &with_key(ledger.key())).await.unwrap(),
            300,
            "{kept}"
        );
    }
    // Another log's folder is not written into, nor one that is ahead: this log would be an old copy.
    let other = testkit::engines::sqlite(MIGRATIONS).await;
    let (younger, _) = grown(&other, 10).await;
    let refused = publish::write(&younger, whole.path()).await.unwrap_err();
    assert!(
        refused.to_string().contains("holds 300 entries, the log has 10"),
        "{refused}"
    );
}
