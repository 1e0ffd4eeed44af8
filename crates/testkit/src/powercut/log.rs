//! What a process did to its files, in order, and the disk that a cut leaves of it.
//! Owns the two promises of a disk: what a finished sync covers is kept, and nothing else is sure.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::{Disk, Loss, Names};

const HEAD_BYTES: usize = 32;
pub(super) const SECTOR_BYTES: usize = 512;

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
        let found = self
            .ops
            .iter()
            .enumerate()
            .filter(|(_, op)| matches!(op, Op::Ack { .. }));
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
        Self {
            ops: self.ops.iter().filter(|op| !ignored(op)).cloned().collect(),
        }
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
        Disk::new(files, folders, acks(ops))
    }

    pub(super) fn parse(bytes: &[u8]) -> Self {
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
