//! The files of a backup, in a folder or in a tar file: written with their sums, read back against them.
//! Refuses names that lead out of the backup, and a place that holds anything.

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, BufWriter, Read, Write as _},
    path::{Path, PathBuf},
};

use kernel::Timestamp;
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

use super::{FILES, FORMAT, SUMMARY, Summary};
use crate::archive::{ArchiveError, sync_folder_of};

/// One line of `files.jsonl`.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    path: String,
    bytes: u64,
    sha256: String,
}

/// A backup that is being written.
pub(super) struct Target {
    path: PathBuf,
    place: Place,
    list: BufWriter<File>,
    hash: Context,
    files: u64,
    bytes: u64,
    mtime: u64,
}

enum Place {
    Folder,
    Tar {
        staged: PathBuf,
        tar: tar::Builder<BufWriter<File>>,
    },
}

impl Target {
    pub(super) fn create(path: &Path, taken_at: Timestamp) -> Result<Target, ArchiveError> {
        let fail = || ArchiveError::io(path);
        let place = if path.extension().is_some_and(|end| end == "tar") {
            if path.exists() {
                return Err(ArchiveError::NotEmpty(path.display().to_string()));
            }
            let mut staged = path.as_os_str().to_owned();
            staged.push(".partial");
            let staged = PathBuf::from(staged);
            let file = File::create(&staged).map_err(fail())?;
            Place::Tar {
                staged,
                tar: tar::Builder::new(BufWriter::with_capacity(1 << 18, file)),
            }
        } else {
            fs::create_dir_all(path).map_err(fail())?;
            if fs::read_dir(path).map_err(fail())?.next().is_some() {
                return Err(ArchiveError::NotEmpty(path.display().to_string()));
            }
            Place::Folder
        };
        let list = match &place {
            Place::Folder => File::create(path.join(FILES)).map_err(fail())?,
            Place::Tar { .. } => tempfile::tempfile().map_err(fail())?,
        };
        let mtime = u64::try_from(taken_at.as_seconds()).unwrap_or(0);
        let (list, hash) = (BufWriter::new(list), Context::new(&SHA256));
        Ok(Target {
            path: path.to_owned(),
            place,
            list,
            hash,
            files: 0,
            bytes: 0,
            mtime,
        })
    }

    /// A folder beside the backup for files that must exist whole before they are added.
    pub(super) fn staging(&self) -> Result<tempfile::TempDir, ArchiveError> {
        let beside = match &self.place {
            Place::Folder => self.path.as_path(),
            Place::Tar { .. } => self
                .path
                .parent()
                .filter(|p| !p.as_os_str().is_empty())
                .unwrap_or(Path::new(".")),
        };
        tempfile::Builder::new()
            .prefix(".staging")
            .tempdir_in(beside)
            .map_err(ArchiveError::io(beside))
    }

    /// Adds a file of exactly `bytes` bytes.
    pub(super) fn file(&mut self, name: &str, bytes: u64, content: &mut dyn Read) -> Result<(), ArchiveError> {
        let mut content = Sum {
            inner: content,
            hash: Context::new(&SHA256),
            seen: 0,
        };
        let fail = || ArchiveError::io(&self.path);
        match &mut self.place {
            Place::Folder => {
                let path = self.path.join(name);
                if let Some(folder) = path.parent() {
                    fs::create_dir_all(folder).map_err(fail())?;
                }
                let mut file = File::create(&path).map_err(fail())?;
                io::copy(&mut content, &mut file).map_err(fail())?;
                file.sync_data().map_err(fail())?;
            }
            Place::Tar { tar, .. } => {
                let mut head = head(bytes, self.mtime);
                tar.append_data(&mut head, name, &mut content).map_err(fail())?;
            }
        }
        if content.seen != bytes {
            return Err(ArchiveError::damaged(name, "it changed while it was copied"));
        }
        let sha256 = hex::encode(content.hash.finish());
        self.list(&Line {
            path: name.to_owned(),
            bytes,
            sha256,
        })
    }

    fn list(&mut self, line: &Line) -> Result<(), ArchiveError> {
        let text = line_text(line);
        self.hash.update(text.as_bytes());
        self.files += 1;
        self.bytes += line.bytes;
        self.list
            .write_all(text.as_bytes())
            .map_err(ArchiveError::io(&self.path))
    }

    /// Writes the lists; the backup is whole then, and on the disk.
    pub(super) fn finish(self, summary: Summary) -> Result<Summary, ArchiveError> {
        let Target {
            path,
            place,
            list,
            hash,
            files,
            bytes,
            mtime,
        } = self;
        let summary = Summary {
            files,
            bytes,
            files_sha256: hex::encode(hash.finish()),
            ..summary
        };
        let text = serde_json::to_vec_pretty(&summary).map_err(|fault| ArchiveError::bad(SUMMARY, fault))?;
        let close = || -> io::Result<()> {
            let mut list = list.into_inner().map_err(io::IntoInnerError::into_error)?;
            match place {
                Place::Folder => {
                    list.sync_all()?;
                    let mut file = File::create(path.join(SUMMARY))?;
                    file.write_all(&text)?;
                    file.sync_all()?;
                    sync_tree(&path)
                }
                Place::Tar { staged, mut tar } => {
                    io::Seek::rewind(&mut list)?;
                    let length = list.metadata()?.len();
                    tar.append_data(&mut head(length, mtime), FILES, list)?;
                    tar.append_data(&mut head(text.len() as u64, mtime), SUMMARY, text.as_slice())?;
                    tar.into_inner()?
                        .into_inner()
                        .map_err(io::IntoInnerError::into_error)?
                        .sync_all()?;
                    fs::rename(&staged, &path)?;
                    sync_folder_of(&path)
                }
            }
        };
        let shown = summary.clone();
        close().map_err(ArchiveError::io("the backup"))?;
        Ok(shown)
    }
}

fn head(bytes: u64, mtime: u64) -> tar::Header {
    let mut head = tar::Header::new_gnu();
    head.set_size(bytes);
    head.set_mode(0o600);
    head.set_mtime(mtime);
    head
}

fn line_text(line: &Line) -> String {
    let mut text = serde_json::to_string(line).expect("texts and numbers are always JSON");
    text.push('\n');
    text
}

/// Makes the entries of a folder, and of the folders in it, durable.
fn sync_tree(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_tree(&entry.path())?;
        }
    }
    File::open(folder)?.sync_all()?;
    sync_folder_of(folder)
}

/// Reads a backup from its first file to its last, holding each to the lists.
pub(super) fn read(
    from: &Path,
    mut each: impl FnMut(&str, &mut dyn Read) -> Result<(), ArchiveError>,
) -> Result<Summary, ArchiveError> {
    if from.is_dir() {
        read_folder(from, &mut each)
    } else {
        read_tar(from, &mut each)
    }
}

/// The summary alone, to refuse early; a tar file says it only at its end.
pub(super) fn peek(from: &Path) -> Result<Option<Summary>, ArchiveError> {
    if !from.is_dir() {
        return Ok(None);
    }
    let path = from.join(SUMMARY);
    match File::open(&path) {
        Ok(file) => parse_summary(BufReader::new(file)).map(Some),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Err(ArchiveError::bad(
            from.display().to_string(),
            format!("is no backup: it lacks {SUMMARY}, which is written last"),
        )),
        Err(fault) => Err(ArchiveError::Io { path, source: fault }),
    }
}

type Each<'e> = &'e mut dyn FnMut(&str, &mut dyn Read) -> Result<(), ArchiveError>;

fn read_folder(from: &Path, each: Each<'_>) -> Result<Summary, ArchiveError> {
    let Some(summary) = peek(from)? else {
        return Err(ArchiveError::CutOff);
    };
    let list = from.join(FILES);
    let mut all = Context::new(&SHA256);
    for line in BufReader::new(File::open(&list).map_err(ArchiveError::io(&list))?).lines() {
        let line = line.map_err(ArchiveError::io(&list))?;
        let listed: Line = serde_json::from_str(&line).map_err(|fault| ArchiveError::bad(FILES, fault))?;
        refuse_outside(&listed.path)?;
        let path = from.join(&listed.path);
        let mut file = File::open(&path).map_err(ArchiveError::io(&path))?;
        let found = sum(&listed.path, &mut file, each)?;
        if found.sha256 != listed.sha256 || found.bytes != listed.bytes {
            return Err(ArchiveError::damaged(
                listed.path,
                "its SHA-256 is not that of the list",
            ));
        }
        all.update(line_text(&found).as_bytes());
    }
    if hex::encode(all.finish()) != summary.files_sha256 {
        return Err(ArchiveError::damaged(FILES, "its SHA-256 is not that of the summary"));
    }
    Ok(summary)
}

fn read_tar(from: &Path, each: Each<'_>) -> Result<Summary, ArchiveError> {
    let fail = || ArchiveError::io(from);
    let file = BufReader::with_capacity(1 << 18, File::open(from).map_err(fail())?);
    let mut tar = tar::Archive::new(file);
    let mut all = Context::new(&SHA256);
    for entry in tar.entries().map_err(fail())? {
        let mut entry = entry.map_err(fail())?;
        let name = entry.path().map_err(fail())?.to_string_lossy().into_owned();
        match name.as_str() {
            FILES => {}
            SUMMARY => {
                let summary = parse_summary(entry)?;
                if hex::encode(all.finish()) != summary.files_sha256 {
                    return Err(ArchiveError::damaged(
                        "the backup",
                        "its files are not those of its summary",
                    ));
                }
                return Ok(summary);
            }
            _ => {
                refuse_outside(&name)?;
                let found = sum(&name, &mut entry, each)?;
                all.update(line_text(&found).as_bytes());
            }
        }
    }
    Err(ArchiveError::CutOff)
}

fn sum(name: &str, content: &mut dyn Read, each: Each<'_>) -> Result<Line, ArchiveError> {
    let mut content = Sum {
        inner: content,
        hash: Context::new(&SHA256),
        seen: 0,
    };
    each(name, &mut content)?;
    io::copy(&mut content, &mut io::sink()).map_err(ArchiveError::io(name))?;
    Ok(Line {
        path: name.to_owned(),
        bytes: content.seen,
        sha256: hex::encode(content.hash.finish()),
    })
}

fn parse_summary(text: impl Read) -> Result<Summary, ArchiveError> {
    let summary: Summary = serde_json::from_reader(text).map_err(|fault| ArchiveError::bad(SUMMARY, fault))?;
    if summary.format != FORMAT {
        let reason = format!("form {} is not known here; use a newer tinhso", summary.format);
        return Err(ArchiveError::bad(SUMMARY, reason));
    }
    Ok(summary)
}

/// A name in a backup leads nowhere but into it.
fn refuse_outside(name: &str) -> Result<(), ArchiveError> {
    let plain = Path::new(name)
        .components()
        .all(|part| matches!(part, std::path::Component::Normal(_)));
    if plain {
        Ok(())
    } else {
        Err(ArchiveError::bad(name, "leads out of the backup"))
    }
}

struct Sum<'r> {
    inner: &'r mut dyn Read,
    hash: Context,
    seen: u64,
}

impl Read for Sum<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.hash.update(&buffer[..n]);
        self.seen += n as u64;
        Ok(n)
    }
}
