//! The layer itself: what it writes down, and what a cut leaves of it.

use std::{collections::BTreeSet, fs, process::Command};

use super::{log::SECTOR_BYTES, *};

const SCRIPT: &str = "POWERCUT_TEST_SCRIPT";

/// Runs a script of `write FILE TEXT`, `fill FILE BYTES`, `sync PATH`, `move A B`, `remove A` under the layer.
fn run(script: &str) -> Log {
    let root = tempfile::tempdir().expect("a temporary folder");
    let layer = PowerCut::new(root.path());
    let mut this = Command::new(std::env::current_exe().expect("the path of this test"));
    this.args(["--ignored", "--exact", "powercut::tests::follow_the_script"]);
    layer.watch(this.env(SCRIPT, script).current_dir(root.path()), 0);
    let done = this.output().expect("this test runs again");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    layer.log()
}

#[test]
#[ignore = "runs only under the layer, started by the other tests"]
fn follow_the_script() {
    let script = std::env::var(SCRIPT).expect("the script");
    for step in script.split(';') {
        let words: Vec<_> = step.split_whitespace().collect();
        match words[..] {
            ["write", file, text] => fs::write(file, text).expect("write"),
            ["fill", file, bytes] => fs::write(file, vec![b'x'; bytes.parse().expect("bytes")]).expect("fill"),
            ["sync", path] => fs::File::open(path).expect("open").sync_all().expect("sync"),
            ["move", from, to] => fs::rename(from, to).expect("move"),
            ["remove", file] => fs::remove_file(file).expect("remove"),
            _ => panic!("no such step: {step}"),
        }
    }
}

#[test]
fn what_was_not_synced_may_be_lost_and_what_was_is_kept() {
    let log = run("write a kept; sync a; sync .; write b lost");
    let disk = log.cut(log.len(), Loss::All, Names::Strict, 1);
    assert_eq!(disk.file("a"), Some(&b"kept"[..]));
    assert_ne!(disk.file("b"), Some(&b"lost"[..]));
    let killed = log.cut(log.len(), Loss::Nothing, Names::Strict, 1);
    assert_eq!(killed.file("b"), Some(&b"lost"[..]));
}

#[test]
fn a_name_is_lost_unless_its_folder_was_synced() {
    let log = run("write a x; sync a; move a b");
    let names: BTreeSet<_> = (0..64)
        .map(|seed| {
            let disk = log.cut(log.len(), Loss::All, Names::Strict, seed);
            (disk.file("a").is_some(), disk.file("b").is_some())
        })
        .collect();
    assert!(names.contains(&(false, false)), "both names may be lost: {names:?}");
    assert!(names.contains(&(true, false)), "the old name may come back: {names:?}");
    assert!(names.contains(&(false, true)), "the new name may be there: {names:?}");
    let log = run("write a x; sync a; move a b; sync .");
    for seed in 0..64 {
        assert_eq!(
            log.cut(log.len(), Loss::All, Names::Strict, seed).file("b"),
            Some(&b"x"[..])
        );
    }
}

#[test]
fn a_torn_write_keeps_whole_sectors_only() {
    let log = run("fill a 4096; sync .");
    let mut seen_torn = false;
    for seed in 0..32 {
        let disk = log.cut(log.len(), Loss::Torn, Names::Strict, seed);
        for sector in disk
            .file("a")
            .into_iter()
            .flat_map(|content| content.chunks(SECTOR_BYTES))
        {
            let kept = sector.iter().filter(|byte| **byte == b'x').count();
            assert!(kept == 0 || kept == sector.len());
            seen_torn |= kept == 0;
        }
    }
    assert!(seen_torn, "some sector was lost in 32 cuts");
}

#[test]
fn the_same_seed_gives_the_same_disk() {
    let log = run("write a 1; write b 2; write c 3; move a d; remove b");
    let cut = || log.cut(log.len() - 1, Loss::Torn, Names::Strict, 5);
    let (a, b) = (cut(), cut());
    assert_eq!((a.files, a.folders), (b.files, b.folders));
}
