//! An archive being read, entry by entry, in one pass. Owns the refusal of anything out of place in it: a header that is
//! not the first entry, a form that is not known, a name that is no part of an archive.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
};

use flate2::read::GzDecoder;
use serde::de::DeserializeOwned;

use super::{ArchiveError, FORMAT, HEADER, Header, MANIFEST};

/// No document of an archive is longer; a file that claims so is none of ours.
const DOCUMENT_MAX: u64 = 256 * 1024 * 1024;

pub(super) type Archive = tar::Archive<Box<dyn Read>>;
pub(super) type Entry<'a> = tar::Entry<'a, Box<dyn Read>>;

/// What an entry is, by its name.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    Header,
    Blob(uuid::Uuid),
    Rows(String),
    Manifest,
}

pub(super) fn open(path: &Path) -> Result<Archive, ArchiveError> {
    let mut file = BufReader::with_capacity(1 << 18, File::open(path).map_err(ArchiveError::io(path))?);
    let gzip = io::BufRead::fill_buf(&mut file)
        .map_err(ArchiveError::io(path))?
        .starts_with(&[0x1f, 0x8b]);
    let stream: Box<dyn Read> = if gzip {
        Box::new(GzDecoder::new(file))
    } else {
        Box::new(file)
    };
    Ok(tar::Archive::new(stream))
}

pub(super) fn part_of(entry: &Entry<'_>) -> Result<Part, ArchiveError> {
    let path = entry.path().map_err(|fault| ArchiveError::bad("entry", fault))?;
    let name = path.to_string_lossy().into_owned();
    let parts: Vec<&str> = name.split('/').collect();
    match parts[..] {
        [HEADER] => Ok(Part::Header),
        [MANIFEST] => Ok(Part::Manifest),
        ["blobs", id] => id
            .parse()
            .map(Part::Blob)
            .map_err(|fault| ArchiveError::bad(&name, fault)),
        ["tables", table, _] => Ok(Part::Rows(table.to_owned())),
        _ => Err(ArchiveError::bad(name, "is no part of an archive")),
    }
}

pub(super) fn document<T: DeserializeOwned>(name: &str, entry: Entry<'_>) -> Result<T, ArchiveError> {
    serde_json::from_reader(entry.take(DOCUMENT_MAX)).map_err(|fault| ArchiveError::bad(name, fault))
}

/// The header, which is the first entry.
pub(super) fn header(entry: Entry<'_>) -> Result<Header, ArchiveError> {
    if part_of(&entry)? != Part::Header {
        return Err(ArchiveError::bad("the file", "is no archive of a province"));
    }
    let header: Header = document(HEADER, entry)?;
    if header.format != FORMAT {
        return Err(ArchiveError::bad(
            HEADER,
            format!("form {} is not known here; use a newer tinhso", header.format),
        ));
    }
    Ok(header)
}
