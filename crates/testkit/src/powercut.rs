//! A power cut, replayed: what a disk may hold when the power fails at any moment of a process's life.
//!
//! A killed process proves nothing about `fsync`: the kernel still writes what it was given. Here a C library
//! (`powercut/powercut.c`, loaded with `LD_PRELOAD`) writes down every change a process makes below a folder and
//! every sync it asks for; [`Log::cut`] then builds the folder as it may look after a cut, dropping or tearing
//! writes that no finished sync covers. It refuses processes that rename folders or move files across the edge.

mod log;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

pub use log::Log;

const SOURCE: &str = include_str!("../powercut/powercut.c");
const ROOT: &str = "POWERCUT_ROOT";
const LOG: &str = "POWERCUT_LOG";
const ACKS: &str = "POWERCUT_ACKS";
const SYNC: &str = "POWERCUT_SYNC_US";

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

/// A folder as it may look after a cut, and what the process had promised by then.
#[derive(Debug)]
pub struct Disk {
    files: BTreeMap<String, Vec<u8>>,
    folders: BTreeSet<String>,
    /// The promises of [`Acks::ack`] before the cut.
    pub acks: Vec<String>,
}

impl Disk {
    fn new(files: BTreeMap<String, Vec<u8>>, folders: BTreeSet<String>, acks: Vec<String>) -> Self {
        Self { files, folders, acks }
    }

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
