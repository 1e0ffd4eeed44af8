//! A power cut, replayed: what a disk may hold when the power fails at any moment of a process's life.
//!
//! A killed process proves nothing about `fsync`: the kernel still writes what it was given. Here a C library
//! (`powercut/powercut.c`, loaded with `LD_PRELOAD`) writes down every change a process makes below a folder and
//! every sync it asks for; [`Log::cut`] then builds the folder as it may look after a cut, dropping or tearing
//! writes that no finished sync covers. It refuses processes that rename folders or move files across the edge.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

const SOURCE: &str = include_str!("../powercut/powercut.c");
const ROOT: &str = "POWERCUT_ROOT";
const LOG: &str = "POWERCUT_LOG";
const ACKS: &str = "POWERCUT_ACKS";
const SYNC: &str = "POWERCUT_SYNC_US";
const HEAD_BYTES: usize = 32;
const SECTOR_BYTES: usize = 512;

/// The layer around one process: its library, its log, the folder it watches.
#[derive(Debug)]
pub struct PowerCut {
    own: tempfile::TempDir,
    root: PathBuf,
}

impl PowerCut {
    /// Builds the layer with the system's C compiler (`cc`, or what `CC` names), for what lies below `root`.
    /// The folder is empty: what was there before the log begins is not known to a replay.
    ///
    /// # Panics
    /// When the compiler is missing or the folder is not empty.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        let mut entries = fs::read_dir(root).expect("the folder to watch exists");
        assert!(entries.next().is_none(), "the folder to watch must be empty");
        let own = tempfile::tempdir().expect("a temporary folder");
        fs::write(own.path().join("powercut.c"), SOURCE).expect("the source is written");
        fs::write(own.path().join("acks"), "").expect("the file of promises is made");
        let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
        let built = Command::new(&compiler)
            .args([
                "-O1",
                "-shared",
                "-fPIC",
                "-o",
                "powercut.so",
                "powercut.c",
                "-ldl",
                "-lpthread",
            ])
            .current_dir(own.path())
            .output()
            .expect("a C compiler is installed");
        assert!(
            built.status.success(),
            "{compiler}: {}",
            String::from_utf8_lossy(&built.stderr)
        );
        Self {
            own,
            root: root.to_owned(),
        }
    }

    /// Puts `command` under the layer. Each sync of it lasts `sync_us` microseconds, as on a slow disk.
    pub fn watch(&self, command: &mut Command, sync_us: u32) {
        command
            .env("LD_PRELOAD", self.own.path().join("powercut.so"))
            .env(ROOT, &self.root)
            .env(LOG, self.own.path().join("log"))
            .env(ACKS, self.own.path().join("acks"))
            .env(SYNC, sync_us.to_string());
    }

    /// What the process did, once it has ended.
    ///
    /// # Panics
    /// When there is no log, or it is none.
    #[must_use]
    pub fn log(&self) -> Log {
        Log::parse(&fs::read(self.own.path().join("log")).expect("the process ran under the layer"))
    }
}

/// Where a process under the layer writes what it has promised to others.
#[derive(Debug)]
pub struct Acks(fs::File);

impl Acks {
    /// Opens the file that [`PowerCut::watch`] named, or nothing when the process does not run under the layer.
    #[must_use]
    pub fn open() -> Option<Self> {
        let path = std::env::var_os(ACKS)?;
        fs::OpenOptions::new().append(true).open(path).ok().map(Self)
    }

    /// Says that `promise` was acknowledged. One line, one write, so that promises of several threads do not mix.
    ///
    /// # Panics
    /// When the file cannot be written.
    pub fn ack(&self, promise: &str) {
        let mut file = &self.0;
        file.write_all(format!("{promise}\n").as_bytes())
            .expect("the promise is written down");
    }
}

/// Which unsynced contents a cut loses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// None: the process was merely killed.
    Nothing,
    /// Everything that no finished sync covers.
    All,
    /// Each unsynced write by the toss of a coin, so that a later one may survive an earlier one.
    Some,
    /// As `Some`, and of a surviving write only some sectors.
    Torn,
}

/// Which unsynced names (new files, renames, removals) a cut loses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// As a journal does: all up to some moment, and at least up to the last finished sync of anything.
    Journal,
    /// As POSIX allows: each by the toss of a coin, unless its own folder was synced.
    Strict,
}

/// What a process did to its files, in order.
#[derive(Debug)]
pub struct Log {
    ops: Vec<Op>,
}

#[derive(Debug, Clone)]
enum Op {
    Create { file: u64, path: String },
    Write { file: u64, at: usize, data: Vec<u8> },
    Truncate { file: u64, length: usize },
    SyncFile { file: u64, sync: u64 },
    SyncFolder { path: String, sync: u64 },
    Synced { sync: u64 },
    Rename { from: String, to: String },
    Link { from: String, to: String },
    Unlink { path: String },
    MakeFolder { path: String },
    RemoveFolder { path: String },
    Ack { text: String },
}

impl Log {
    /// How many operations there are: a cut lies before one of them or after the last.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ops.len()
    }

    /// Whether the process did nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    /// How many finished syncs there are in the whole log.
    #[must_use]
    pub fn syncs(&self) -> usize {
        self.ops.iter().filter(|op| matches!(op, Op::Synced { .. })).count()
    }

    /// Where the promises stand in the log.
    #[must_use]
    pub fn promises(&self) -> Vec<usize> {
        let found = self.ops.iter().enumerate().filter(|(_, op)| matches!(op, Op::Ack { .. }));
        found.map(|(index, _)| index).collect()
    }

    /// The same life on a disk that ignores the syncs of what lies below `folder`, as if the process never asked: a test
    /// that still passes then has not looked.
    #[must_use]
    pub fn with_syncs_ignored(&self, folder: &str) -> Self {
        let below = |path: &str| path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        let created = self.ops.iter().filter_map(|op| match op {
            Op::Create { file, path } if below(path) => Some(*file),
            _ => None,
        });
        let files: HashSet<u64> = created.collect();
        let ignored = |op: &Op| match op {
            Op::SyncFile { file, .. } => files.contains(file),
            Op::SyncFolder { path, .. } => below(path),
            _ => false,
        };
        Self { ops: self.ops.iter().filter(|op| !ignored(op)).cloned().collect() }
    }

    /// The disk after a cut before operation `at`. Equal arguments give equal disks.
    #[must_use]
    pub fn cut(&self, at: usize, loss: Loss, names: Names, seed: u64) -> Disk {
        let ops = &self.ops[..at];
        let covered = Covered::of(ops);
        let mut chance = ChaCha8Rng::seed_from_u64(seed ^ (at as u64).rotate_left(32));
        let contents = contents(ops, &covered, loss, &mut chance);
        let names = if loss == Loss::Nothing { None } else { Some(names) };
        let (entries, folders) = entries(ops, &covered, names, &mut chance);
        let empty = Vec::new();
        let files = entries
            .into_iter()
            .map(|(path, file)| (path, contents.get(&file).unwrap_or(&empty).clone()))
            .collect();
        Disk {
            files,
            folders,
            acks: acks(ops),
        }
    }

    fn parse(bytes: &[u8]) -> Self {
        let (mut ops, mut rest) = (Vec::new(), bytes);
        while !rest.is_empty() {
            let (head, after) = rest.split_at(HEAD_BYTES);
            let long = |at: usize| u64::from_le_bytes(head[at..at + 8].try_into().expect("8 bytes"));
            let short = |at: usize| u32::from_le_bytes(head[at..at + 4].try_into().expect("4 bytes")) as usize;
            let (path, after) = after.split_at(short(4));
            let (to, after) = after.split_at(short(24));
            let (data, after) = after.split_at(short(28));
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("paths of tests are UTF-8");
            ops.push(Op::of(head[0], long(8), long(16), text(path), text(to), data));
            rest = after;
        }
        Self { ops }
    }
}

impl Op {
    fn of(code: u8, file: u64, at: u64, path: String, to: String, data: &[u8]) -> Self {
        let place = usize::try_from(at).expect("a test's files are small");
        match code {
            b'C' => Self::Create { file, path },
            b'W' => Self::Write {
                file,
                at: place,
                data: data.to_vec(),
            },
            b'T' => Self::Truncate { file, length: place },
            b'B' => Self::SyncFile { file, sync: at },
            b'D' => Self::SyncFolder { path, sync: at },
            b'F' => Self::Synced { sync: at },
            b'R' => Self::Rename { from: path, to },
            b'L' => Self::Link { from: path, to },
            b'U' => Self::Unlink { path },
            b'M' => Self::MakeFolder { path },
            b'X' => Self::RemoveFolder { path },
            b'A' => Self::Ack {
                text: String::from_utf8_lossy(data).into_owned(),
            },
            b'E' => panic!("{path} was there before the process, or another process made it: not followed"),
            other => panic!("the log holds an unknown operation {:?} on {path:?}", char::from(other)),
        }
    }
}

/// Up to which operation each file and folder is surely on the disk.
struct Covered {
    files: HashMap<u64, usize>,
    folders: HashMap<String, usize>,
    anything: usize,
}

impl Covered {
    fn of(ops: &[Op]) -> Self {
        let ended: HashSet<u64> = ops
            .iter()
            .filter_map(|op| {
                if let Op::Synced { sync } = op {
                    Some(*sync)
                } else {
                    None
                }
            })
            .collect();
        let mut covered = Self {
            files: HashMap::new(),
            folders: HashMap::new(),
            anything: 0,
        };
        for (index, op) in ops.iter().enumerate() {
            match op {
                Op::SyncFile { file, sync } if ended.contains(sync) => {
                    covered.files.insert(*file, index);
                    covered.anything = index;
                }
                Op::SyncFolder { path, sync } if ended.contains(sync) => {
                    covered.folders.insert(path.clone(), index);
                    covered.anything = index;
                }
                _ => {}
            }
        }
        covered
    }
}

fn contents(ops: &[Op], covered: &Covered, loss: Loss, chance: &mut ChaCha8Rng) -> HashMap<u64, Vec<u8>> {
    let mut contents: HashMap<u64, Vec<u8>> = HashMap::new();
    for (index, op) in ops.iter().enumerate() {
        let (Op::Write { file, .. } | Op::Truncate { file, .. }) = op else {
            continue;
        };
        let synced = covered.files.get(file).is_some_and(|until| index < *until);
        let kept = synced
            || match loss {
                Loss::Nothing => true,
                Loss::All => false,
                Loss::Some | Loss::Torn => chance.random(),
            };
        if !kept {
            continue;
        }
        let content = contents.entry(*file).or_default();
        match op {
            Op::Truncate { length, .. } => content.resize(*length, 0),
            Op::Write { at, data, .. } => {
                let torn = !synced && loss == Loss::Torn;
                overwrite(content, *at, data, torn.then_some(&mut *chance));
            }
            _ => {}
        }
    }
    contents
}

/// Writes `data`, or, when torn, only those of its sectors that chance lets through.
fn overwrite(content: &mut Vec<u8>, at: usize, data: &[u8], mut torn: Option<&mut ChaCha8Rng>) {
    let mut from = 0;
    while from < data.len() {
        // Sectors lie at multiples of their length in the file, not in the write.
        let until = data.len().min(from + SECTOR_BYTES - (at + from) % SECTOR_BYTES);
        if torn.as_mut().is_none_or(|chance| chance.random()) {
            content.resize(content.len().max(at + until), 0);
            content[at + from..at + until].copy_from_slice(&data[from..until]);
        }
        from = until;
    }
}

type Entries = BTreeMap<String, u64>;

fn entries(
    ops: &[Op],
    covered: &Covered,
    names: Option<Names>,
    chance: &mut ChaCha8Rng,
) -> (Entries, BTreeSet<String>) {
    let journal = chance.random_range(covered.anything..=ops.len());
    let mut real = Entries::new();
    let mut disk = (Entries::new(), BTreeSet::from([String::new()]));
    for (index, op) in ops.iter().enumerate() {
        let Some(folder) = op.folder() else { continue };
        let kept = match names {
            None => true,
            Some(Names::Journal) => index < journal,
            Some(Names::Strict) => covered.folders.get(folder).is_some_and(|until| index < *until) || chance.random(),
        };
        let file = op.file(&real);
        if kept {
            op.name(file, &mut disk.0, &mut disk.1);
        }
        let mut every = BTreeSet::new();
        op.name(file, &mut real, &mut every);
    }
    // What lies in a folder that was lost is lost with it.
    let (mut files, folders) = disk;
    files.retain(|path, _| above(path).all(|folder| folders.contains(folder)));
    let whole = folders
        .iter()
        .filter(|path| above(path).all(|folder| folders.contains(folder)))
        .cloned()
        .collect();
    (files, whole)
}

impl Op {
    /// The folder whose entry this operation changes; for a rename the one that gets the new name.
    fn folder(&self) -> Option<&str> {
        match self {
            Self::Create { path, .. }
            | Self::Unlink { path }
            | Self::MakeFolder { path }
            | Self::RemoveFolder { path } => Some(parent(path)),
            Self::Rename { to, .. } | Self::Link { to, .. } => Some(parent(to)),
            Self::Write { .. }
            | Self::Truncate { .. }
            | Self::SyncFile { .. }
            | Self::SyncFolder { .. }
            | Self::Synced { .. }
            | Self::Ack { .. } => None,
        }
    }

    /// The file that is named, as the process saw it: the disk may have lost its earlier name.
    fn file(&self, real: &Entries) -> u64 {
        match self {
            Self::Create { file, .. } => *file,
            Self::Rename { from, .. } | Self::Link { from, .. } => *real
                .get(from)
                .unwrap_or_else(|| panic!("{from} is a folder or unknown: not followed")),
            _ => 0,
        }
    }

    fn name(&self, file: u64, entries: &mut Entries, folders: &mut BTreeSet<String>) {
        match self {
            Self::Create { path, .. } => {
                entries.insert(path.clone(), file);
            }
            Self::Link { to, .. } => {
                entries.insert(to.clone(), file);
            }
            Self::Rename { from, to } => {
                entries.remove(from);
                entries.insert(to.clone(), file);
            }
            Self::Unlink { path } => {
                entries.remove(path);
            }
            Self::MakeFolder { path } => {
                folders.insert(path.clone());
            }
            Self::RemoveFolder { path } => {
                folders.remove(path);
            }
            _ => {}
        }
    }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn above(path: &str) -> impl Iterator<Item = &str> {
    let first = (!path.is_empty()).then(|| parent(path));
    std::iter::successors(first, |path| (!path.is_empty()).then(|| parent(path)))
}

fn acks(ops: &[Op]) -> Vec<String> {
    let texts = ops.iter().filter_map(|op| {
        if let Op::Ack { text } = op {
            Some(text.as_str())
        } else {
            None
        }
    });
    texts.collect::<String>().lines().map(str::to_owned).collect()
}

/// A folder as it may look after a cut, and what the process had promised by then.
#[derive(Debug)]
pub struct Disk {
    files: BTreeMap<String, Vec<u8>>,
    folders: BTreeSet<String>,
    /// The promises of [`Acks::ack`] before the cut.
    pub acks: Vec<String>,
}

impl Disk {
    /// Writes the files to `folder`. SQLite's shared memory (`-shm`) does not survive a cut and is left out.
    ///
    /// # Panics
    /// When the folder cannot be written.
    pub fn write_to(&self, folder: &Path) {
        for path in &self.folders {
            fs::create_dir_all(folder.join(path)).expect("a folder is made");
        }
        for (path, content) in self.files.iter().filter(|(path, _)| !path.ends_with("-shm")) {
            fs::write(folder.join(path), content).expect("a file is written");
        }
    }

    /// The content of a file, if the cut left it.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
