//! ZIP archives of strangers: what lies in one, and its parts as streams that end at a bound. Refuses archives with more parts
//! than a bound, parts under a password, and anything that unpacks to more than [`UNPACKED_BYTES_MAX`].

use std::io::{self, Read};

use zip::ZipArchive;

use crate::{At, Format, Refusal, UNPACKED_BYTES_MAX};

/// Most parts of an archive.
const PARTS_MAX: usize = 20_000;

/// Opens an archive.
pub(crate) fn open(at: At) -> Result<ZipArchive<At>, Refusal> {
    let archive = ZipArchive::new(at).map_err(Refusal::damaged)?;
    if archive.len() > PARTS_MAX {
        return Err(Refusal::too_large("unpacked"));
    }
    Ok(archive)
}

/// What an archive is, by the names of its parts.
pub(crate) fn format_of(at: At) -> Result<Format, Refusal> {
    let archive = open(at)?;
    let names = names(&archive);
    let is_book = names.iter().any(|name| name.eq_ignore_ascii_case("xl/workbook.xml"));
    let is_map = names.iter().any(|name| has_ending(name, ".shp"));
    match (is_book, is_map) {
        (true, _) => Ok(Format::Xlsx),
        (false, true) => Ok(Format::Shapefile),
        (false, false) => Err(Refusal::Format {
            found: "archive".to_owned(),
        }),
    }
}

/// The names of the parts of an archive, but for those that are no names.
pub(crate) fn names(archive: &ZipArchive<At>) -> Vec<String> {
    archive
        .file_names()
        .filter_map(|name| Some(name.ok()?.into_owned()))
        .collect()
}

pub(crate) fn has_ending(name: &str, ending: &str) -> bool {
    name.len() >= ending.len() && name.is_char_boundary(name.len() - ending.len()) && {
        name[name.len() - ending.len()..].eq_ignore_ascii_case(ending)
    }
}

/// What the parts of an archive say they unpack to; more than a bound is refused before anything is unpacked.
pub(crate) fn weigh(archive: &mut ZipArchive<At>) -> Result<(), Refusal> {
    let mut all: u64 = 0;
    for at in 0..archive.len() {
        let part = archive.by_index_raw(at).map_err(Refusal::damaged)?;
        all = all.saturating_add(part.size());
    }
    if all > UNPACKED_BYTES_MAX {
        return Err(Refusal::too_large("unpacked"));
    }
    Ok(())
}

/// A stream that ends with an error behind a bound: what a part says of its size may be a lie.
pub(crate) struct Bounded<R> {
    from: R,
    left: u64,
}

impl<R> Bounded<R> {
    pub(crate) fn new(from: R, most: u64) -> Self {
        Self { from, left: most }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(out)?;
        self.left = self
            .left
            .checked_sub(count as u64)
            .ok_or_else(|| io::Error::new(io::ErrorKind::FileTooLarge, "unpacks to more than a bound"))?;
        Ok(count)
    }
}
