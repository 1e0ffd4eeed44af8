//! What a file holds, judged by its bytes, never by its name or by what the browser says; and whether it is whole.
//! A file cut off in transfer is refused at once, not weeks later at the desk.
//! It refuses to read into the content: it is no virus scanner and no validator of formats.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};

use serde::{Deserialize, Serialize};

/// The kinds of file that can be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    /// PDF.
    Pdf,
    /// JPEG picture.
    Jpeg,
    /// PNG picture.
    Png,
    /// WebP picture.
    Webp,
    /// HEIC picture (telephones).
    Heic,
    /// TIFF picture (scanners).
    Tiff,
    /// Word, Office Open XML, without macros.
    Docx,
    /// Excel, Office Open XML, without macros.
    Xlsx,
    /// Word 97-2003.
    Doc,
    /// Excel 97-2003.
    Xls,
    /// Text in UTF-8 (also CSV).
    Text,
    /// XML in UTF-8.
    Xml,
    /// Bytes that only their reader can judge (a bank's export in an old encoding); taken where [`super::Limits::raw`] says so.
    Data,
}

impl FileKind {
    /// What people scan and photograph.
    pub const PAPERS: [Self; 6] = [Self::Pdf, Self::Jpeg, Self::Png, Self::Heic, Self::Webp, Self::Tiff];
    /// [`Self::PAPERS`] and office documents.
    pub const DOCUMENTS: [Self; 10] = [
        Self::Pdf,
        Self::Jpeg,
        Self::Png,
        Self::Heic,
        Self::Webp,
        Self::Tiff,
        Self::Docx,
        Self::Xlsx,
        Self::Doc,
        Self::Xls,
    ];

    /// The registered media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Heic => "image/heic",
            Self::Tiff => "image/tiff",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Doc => "application/msword",
            Self::Xls => "application/vnd.ms-excel",
            Self::Text => "text/plain; charset=utf-8",
            Self::Xml => "application/xml",
            Self::Data => "application/octet-stream",
        }
    }

    /// Endings of names, the usual one first.
    #[must_use]
    pub const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Jpeg => &["jpg", "jpeg", "jpe", "jfif"],
            Self::Png => &["png"],
            Self::Webp => &["webp"],
            Self::Heic => &["heic", "heif"],
            Self::Tiff => &["tif", "tiff"],
            Self::Docx => &["docx"],
            Self::Xlsx => &["xlsx"],
            Self::Doc => &["doc"],
            Self::Xls => &["xls"],
            Self::Text => &["txt", "csv", "geojson", "json"],
            Self::Xml => &["xml"],
            Self::Data => &["dat", "csv", "txt", "sta", "xlsx", "gpkg", "zip"],
        }
    }

    /// What people call it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Jpeg => "JPG",
            Self::Png => "PNG",
            Self::Webp => "WebP",
            Self::Heic => "HEIC",
            Self::Tiff => "TIFF",
            Self::Docx | Self::Doc => "Word",
            Self::Xlsx | Self::Xls => "Excel",
            Self::Text => "TXT",
            Self::Xml => "XML",
            Self::Data => "CSV",
        }
    }

    /// Whether a browser shows it safely by itself; everything else is only ever downloaded.
    #[must_use]
    pub const fn is_inline(self) -> bool {
        matches!(self, Self::Pdf | Self::Jpeg | Self::Png | Self::Webp)
    }
}

/// Why a file was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileFault {
    /// Zero bytes.
    Empty,
    /// The end is missing.
    Truncated,
    /// None of the kinds that can be taken.
    Unknown,
    /// More bytes than allowed.
    TooLarge {
        /// Most bytes.
        max: u64,
    },
    /// More files than allowed.
    TooMany {
        /// Most files.
        max: usize,
    },
}

/// Judges a whole file.
pub(super) fn judge(file: &mut File) -> std::io::Result<Result<FileKind, FileFault>> {
    let len = file.seek(SeekFrom::End(0))?;
    if len == 0 {
        return Ok(Err(FileFault::Empty));
    }
    let head = slice(file, 0, 4096)?;
    let kind = if head.starts_with(b"\x89PNG\r\n\x1a\n") {
        whole(FileKind::Png, ends_with(file, len, 64, b"IEND\xaeB`\x82")?)
    } else if head.starts_with(b"\xff\xd8\xff") {
        whole(FileKind::Jpeg, jpeg_ends(file)?)
    } else if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
        whole(FileKind::Webp, u64::from(le32(&head, 4)) + 8 <= len && len > 20)
    } else if head.get(4..8) == Some(b"ftyp") && is_heic(&head) {
        whole(FileKind::Heic, boxes_end(file, len)?)
    } else if head.starts_with(b"II*\0") {
        whole(FileKind::Tiff, u64::from(le32(&head, 4)) + 2 <= len)
    } else if head.starts_with(b"MM\0*") {
        whole(FileKind::Tiff, u64::from(le32(&head, 4).swap_bytes()) + 2 <= len)
    } else if head.starts_with(b"PK\x03\x04") {
        office(file, len)?
    } else if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        compound(file, &head, len)?
    } else if contains(&head[..head.len().min(1024)], b"%PDF-") {
        whole(FileKind::Pdf, ends_with(file, len, 2048, b"%%EOF")?)
    } else {
        text(file)?
    };
    Ok(kind)
}

const fn whole(kind: FileKind, is_whole: bool) -> Result<FileKind, FileFault> {
    if is_whole { Ok(kind) } else { Err(FileFault::Truncated) }
}

fn slice(file: &mut File, from: u64, most: usize) -> std::io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::with_capacity(most);
    Read::by_ref(file)
        .take(u64::try_from(most).unwrap_or(u64::MAX))
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|w| w == part)
}

fn ends_with(file: &mut File, len: u64, within: u64, mark: &[u8]) -> std::io::Result<bool> {
    let tail = slice(
        file,
        len.saturating_sub(within),
        usize::try_from(within).unwrap_or(usize::MAX),
    )?;
    Ok(contains(&tail, mark))
}

fn le32(bytes: &[u8], at: usize) -> u32 {
    bytes
        .get(at..at + 4)
        .map_or(0, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

fn le16(bytes: &[u8], at: usize) -> usize {
    bytes
        .get(at..at + 2)
        .map_or(0, |b| usize::from(u16::from_le_bytes([b[0], b[1]])))
}

/// Walks the segments of a JPEG to its end mark; a thumbnail's end mark inside a segment does not count.
fn jpeg_ends(file: &mut File) -> std::io::Result<bool> {
    file.seek(SeekFrom::Start(2))?;
    let mut bytes = BufReader::new(file).bytes();
    let mut next = move || bytes.next().transpose();
    // In picture data a mark is 0xFF and neither 0x00 nor a restart; in headers segments follow one another.
    let mut in_picture = false;
    loop {
        let Some(byte) = next()? else { return Ok(false) };
        if byte != 0xff {
            if in_picture {
                continue;
            }
            return Ok(false);
        }
        let mut mark = 0xff;
        while mark == 0xff {
            let Some(byte) = next()? else { return Ok(false) };
            mark = byte;
        }
        match mark {
            0xd9 => return Ok(true),
            0x00 | 0xd0..=0xd7 if in_picture => continue,
            0x00 => return Ok(false),
            0x01 | 0xd8 => continue,
            _ => {}
        }
        let (Some(high), Some(low)) = (next()?, next()?) else {
            return Ok(false);
        };
        for _ in 2..u16::from_be_bytes([high, low]) {
            if next()?.is_none() {
                return Ok(false);
            }
        }
        in_picture = mark == 0xda || (in_picture && mark == 0xdc);
    }
}

fn is_heic(head: &[u8]) -> bool {
    let size = head
        .get(..4)
        .map_or(0, |b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]) as usize);
    let brands = head.get(8..size.clamp(8, head.len())).unwrap_or(&[]);
    brands.chunks_exact(4).any(|b| {
        matches!(
            b,
            b"heic" | b"heix" | b"hevc" | b"hevx" | b"heim" | b"heis" | b"mif1" | b"msf1"
        )
    })
}

/// Walks the top boxes of an ISO media file; each must end inside the file.
fn boxes_end(file: &mut File, len: u64) -> std::io::Result<bool> {
    let (mut at, mut has_meta, mut has_data) = (0, false, false);
    for _ in 0..64 {
        let head = slice(file, at, 16)?;
        if head.len() < 8 {
            return Ok(false);
        }
        has_meta |= &head[4..8] == b"meta";
        has_data |= &head[4..8] == b"mdat";
        let size = match u64::from(u32::from_be_bytes([head[0], head[1], head[2], head[3]])) {
            0 => len - at,
            1 if head.len() == 16 => head[8..16].iter().fold(0, |n, b| (n << 8) | u64::from(*b)),
            size => size,
        };
        if size < 8 {
            return Ok(false);
        }
        at = at.saturating_add(size);
        if at >= len {
            return Ok(at == len && has_meta && has_data);
        }
    }
    Ok(false)
}

/// Reads the directory of a zip and tells Word from Excel; macros and other archives are not taken.
fn office(file: &mut File, len: u64) -> std::io::Result<Result<FileKind, FileFault>> {
    const END: usize = 22;
    let tail_from = len.saturating_sub(66_000);
    let tail = slice(file, tail_from, 66_000)?;
    let Some(at) = (0..tail.len().saturating_sub(END - 1))
        .rev()
        .find(|at| tail[*at..].starts_with(b"PK\x05\x06"))
    else {
        return Ok(Err(FileFault::Truncated));
    };
    let (size, from) = (le32(&tail, at + 12), le32(&tail, at + 16));
    if u64::from(size) + u64::from(from) > tail_from + at as u64 {
        return Ok(Err(FileFault::Truncated));
    }
    let directory = slice(file, u64::from(from), size.min(4 << 20) as usize)?;
    let mut names = Vec::new();
    let mut rest = directory.as_slice();
    while rest.starts_with(b"PK\x01\x02") && names.len() < 10_000 {
        let (name, extra, comment) = (le16(rest, 28), le16(rest, 30), le16(rest, 32));
        names.push(rest.get(46..46 + name).unwrap_or(&[]).to_ascii_lowercase());
        rest = rest.get(46 + name + extra + comment..).unwrap_or(&[]);
    }
    let has = |part: &[u8]| names.iter().any(|n| n == part);
    let macros = names.iter().any(|n| n.ends_with(b"vbaproject.bin"));
    Ok(
        match (
            has(b"[content_types].xml") && !macros,
            has(b"word/document.xml"),
            has(b"xl/workbook.xml"),
        ) {
            (true, true, false) => Ok(FileKind::Docx),
            (true, false, true) => Ok(FileKind::Xlsx),
            _ => Err(FileFault::Unknown),
        },
    )
}

/// Looks through a compound file's directory for the stream that makes it Word or Excel.
fn compound(file: &mut File, head: &[u8], len: u64) -> std::io::Result<Result<FileKind, FileFault>> {
    let sector = 1_u64 << le16(head, 30).clamp(9, 12);
    let at = (u64::from(le32(head, 48)) + 1).saturating_mul(sector);
    if len < 3 * sector || at >= len {
        return Ok(Err(FileFault::Truncated));
    }
    // The directory's first sectors hold the main streams; later ones hold parts.
    let entries = slice(file, at, 64 << 10)?;
    let named = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        entries
            .chunks_exact(128)
            .any(|entry| entry.starts_with(&wide) && le16(entry, 64) == wide.len() + 2)
    };
    Ok(if named("WordDocument") {
        Ok(FileKind::Doc)
    } else if named("Workbook") || named("Book") {
        Ok(FileKind::Xls)
    } else {
        Err(FileFault::Unknown)
    })
}

/// UTF-8 without control characters is text; with an XML declaration it is XML.
fn text(file: &mut File) -> std::io::Result<Result<FileKind, FileFault>> {
    file.seek(SeekFrom::Start(0))?;
    let mut reader = BufReader::with_capacity(64 << 10, file);
    let (mut carry, mut first, mut buffer) = (Vec::new(), true, vec![0; 64 << 10]);
    let mut kind = FileKind::Text;
    loop {
        let count = reader.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        carry.extend_from_slice(&buffer[..count]);
        let valid = match std::str::from_utf8(&carry) {
            Ok(text) => text.len(),
            Err(fault) if fault.error_len().is_none() => fault.valid_up_to(),
            Err(_) => return Ok(Err(FileFault::Unknown)),
        };
        if carry[..valid].iter().any(|b| matches!(b, 0..=8 | 11 | 14..=31 | 127)) {
            return Ok(Err(FileFault::Unknown));
        }
        if first {
            let start = carry.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&carry).trim_ascii_start();
            if start.starts_with(b"<?xml") {
                kind = FileKind::Xml;
            }
            first = false;
        }
        carry.drain(..valid);
    }
    Ok(if carry.is_empty() {
        Ok(kind)
    } else {
        Err(FileFault::Truncated)
    })
}
