//! CSV: text whose cells are parted by commas, semicolons, tabs or bars. Owns the finding of its encoding, of what parts the
//! cells, and of the row that names the columns. Refuses a row without end; bytes that are no text are told with their cell.
//! Standard: RFC 4180.

use std::io::{Read, Seek as _, SeekFrom};

use csv::{ByteRecord, ReaderBuilder};
use encoding_rs::CoderResult;
use kernel::charset::{Charset, Found, found, guess_eight_bit, utf16_order};

use crate::{Ask, At, COLUMNS_MAX, Cell, CellFault, End, Format, Head, Piece, Refusal, Row, Sink, text_cell};

/// Bytes by which the encoding is judged.
const SAMPLE_BYTES: u64 = 4 << 20;
/// Rows among which the heading is looked for.
pub(crate) const HEADING_ROWS: usize = 20;
/// Most bytes of a row.
const ROW_BYTES_MAX: usize = 16 << 20;

pub(crate) fn read(mut at: At, ask: &Ask, sink: Sink<'_>) -> Result<(), Refusal> {
    let (charset, is_sure) = match ask.charset {
        Some(charset) => (charset, true),
        None => charset_of(&mut at)?,
    };
    let source = open(&mut at, charset)?;
    let mut source = Peek::new(source)?;
    let delimiter = ask.delimiter.filter(char::is_ascii).map_or_else(
        || delimiter(&source.head),
        |one| u8::try_from(u32::from(one)).unwrap_or(b','),
    );
    source.skip_mark();
    let mut csv = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(Lines {
            from: source,
            is_held: false,
        });
    let (mut record, mut before) = (ByteRecord::new(), Vec::new());
    let wanted = ask
        .heading_row
        .map(|row| usize::try_from(row).unwrap_or(usize::MAX).max(1));
    let most = wanted.unwrap_or(HEADING_ROWS).min(1_000);
    while before.len() < most && csv.read_byte_record(&mut record).map_err(Refusal::damaged)? {
        let line = record.position().map_or(0, csv::Position::line);
        let cells: Vec<String> = record
            .iter()
            .map(|cell| text(charset, cell).unwrap_or_default().trim().to_owned())
            .collect();
        before.push((line, cells, record.clone()));
    }
    let widths: Vec<usize> = before.iter().map(|(_, cells, _)| filled(cells)).collect();
    let place = wanted.map_or_else(|| heading(&widths), |row| (row <= before.len()).then(|| row - 1));
    let place = place.ok_or(Refusal::NoColumns)?;
    let columns = columns(before[place].1.clone())?;
    sink(Piece::Head(Head {
        format: Format::Csv,
        charset: Some(charset),
        is_charset_sure: is_sure,
        delimiter: Some(char::from(delimiter)),
        layers: Vec::new(),
        layer: None,
        heading_row: Some(place as u64 + 1),
        columns: columns.clone(),
        has_shape: false,
        crs: None,
    }))?;
    let mut rows = Rows {
        width: columns.len(),
        charset,
        most: ask.rows_max,
        end: End::default(),
        sink,
    };
    let mut more = true;
    for (line, _, record) in before.iter().skip(place + 1) {
        more = more && rows.give(*line, record)?;
    }
    while more && csv.read_byte_record(&mut record).map_err(Refusal::damaged)? {
        let line = record.position().map_or(0, csv::Position::line);
        more = rows.give(line, &record)?;
    }
    (rows.sink)(Piece::End(rows.end))
}

/// The bytes of a cell as text.
fn text(charset: Charset, bytes: &[u8]) -> Option<std::borrow::Cow<'_, str>> {
    // UTF-16 became UTF-8 on its way.
    let charset = if charset.is_over_ascii() {
        charset
    } else {
        Charset::Utf8
    };
    charset.decode(bytes)
}

/// Gives the rows behind the head.
struct Rows<'s> {
    width: usize,
    charset: Charset,
    most: Option<u64>,
    end: End,
    sink: Sink<'s>,
}

impl Rows<'_> {
    /// Gives a row that is not empty; false when no more are wanted.
    fn give(&mut self, line: u64, record: &ByteRecord) -> Result<bool, Refusal> {
        if record.as_slice().len() > ROW_BYTES_MAX {
            return Err(Refusal::too_large("row"));
        }
        let cell = |cell| text(self.charset, cell).map_or(Cell::Fault(CellFault::Charset), |text| text_cell(&text));
        let mut cells: Vec<Cell> = record.iter().take(self.width).map(cell).collect();
        if record.iter().skip(self.width).any(|cell| !cell.trim_ascii().is_empty()) {
            cells.resize(self.width, Cell::Empty);
            cells.push(Cell::Fault(CellFault::Beyond));
        }
        if cells.iter().all(|cell| *cell == Cell::Empty) {
            return Ok(true);
        }
        if self.most.is_some_and(|most| self.end.rows >= most) {
            self.end.more = true;
            return Ok(false);
        }
        self.end.rows += 1;
        (self.sink)(Piece::Row(Row { line, cells }))?;
        Ok(true)
    }
}

/// How many cells are not empty.
pub(crate) fn filled(cells: &[String]) -> usize {
    cells.iter().filter(|cell| !cell.is_empty()).count()
}

/// Of rows with so many filled cells the one that names the columns: the first that is nearly as full as the fullest, so that a
/// title above the table is passed over.
pub(crate) fn heading(widths: &[usize]) -> Option<usize> {
    let most = widths.iter().copied().max().filter(|most| *most > 0)?;
    widths.iter().position(|width| *width * 5 >= most * 3)
}

/// Names of columns: those at the end that have none are left off.
pub(crate) fn columns(mut names: Vec<String>) -> Result<Vec<String>, Refusal> {
    while names.last().is_some_and(String::is_empty) {
        names.pop();
    }
    if names.is_empty() {
        return Err(Refusal::NoColumns);
    }
    if names.len() > COLUMNS_MAX {
        return Err(Refusal::too_large("columns"));
    }
    Ok(names
        .into_iter()
        .map(|name| {
            name.split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
                .chars()
                .take(200)
                .collect()
        })
        .collect())
}

/// The encoding of a text, and whether that is sure.
pub(crate) fn charset_of(at: &mut At) -> Result<(Charset, bool), Refusal> {
    let mut sample = Vec::new();
    at.seek(SeekFrom::Start(0)).map_err(Refusal::damaged)?;
    at.by_ref()
        .take(SAMPLE_BYTES)
        .read_to_end(&mut sample)
        .map_err(Refusal::damaged)?;
    at.seek(SeekFrom::Start(0)).map_err(Refusal::damaged)?;
    if sample.starts_with(b"\xef\xbb\xbf") {
        return Ok((Charset::Utf8, true));
    }
    if found(&sample) == Found::Utf16 {
        return Ok((utf16_order(&sample), true));
    }
    Ok(match std::str::from_utf8(&sample) {
        Ok(_) => (Charset::Utf8, true),
        // The sample ends within a letter.
        Err(fault) if fault.error_len().is_none() => (Charset::Utf8, true),
        // A few broken bytes in what is otherwise UTF-8 are faults of their cells.
        Err(_) if mostly_utf8(&sample) => (Charset::Utf8, false),
        Err(_) => guess_eight_bit(&sample),
    })
}

/// Whether nearly all letters beyond ASCII are well-formed UTF-8.
fn mostly_utf8(sample: &[u8]) -> bool {
    let text = String::from_utf8_lossy(sample);
    let broken = text.chars().filter(|letter| *letter == '\u{fffd}').count();
    let good = text
        .chars()
        .filter(|letter| !letter.is_ascii() && *letter != '\u{fffd}')
        .count();
    good > broken * 20
}

/// The text as bytes over ASCII: UTF-16 becomes UTF-8, everything else stays as it is.
fn open(at: &mut At, charset: Charset) -> Result<Box<dyn Read>, Refusal> {
    at.seek(SeekFrom::Start(0)).map_err(Refusal::damaged)?;
    Ok(match charset {
        Charset::Utf16Le => Box::new(Utf16::new(at.clone(), encoding_rs::UTF_16LE)),
        Charset::Utf16Be => Box::new(Utf16::new(at.clone(), encoding_rs::UTF_16BE)),
        _ => Box::new(at.clone()),
    })
}

/// What parts the cells: what the first lines have most of, evenly.
fn delimiter(head: &[u8]) -> u8 {
    let lines: Vec<&[u8]> = head.split(|byte| *byte == b'\n').take(10).collect();
    let count = |wanted: u8| {
        let most = lines
            .iter()
            .map(|line| line.iter().filter(|byte| **byte == wanted).count())
            .max();
        most.unwrap_or(0)
    };
    let found = [b',', b';', b'\t', b'|']
        .into_iter()
        .max_by_key(|byte| (count(*byte), *byte == b','));
    found.unwrap_or(b',')
}

/// A reader whose first bytes are known before they are read.
struct Peek {
    head: Vec<u8>,
    at: usize,
    rest: Box<dyn Read>,
}

impl Peek {
    fn new(mut rest: Box<dyn Read>) -> Result<Self, Refusal> {
        let mut head = Vec::new();
        rest.by_ref()
            .take(16 << 10)
            .read_to_end(&mut head)
            .map_err(Refusal::damaged)?;
        Ok(Self { head, at: 0, rest })
    }

    fn skip_mark(&mut self) {
        if self.head.starts_with(b"\xef\xbb\xbf") {
            self.at = 3;
        }
        // A line that only says what parts the cells (`sep=;`) is no row.
        let rest = &self.head[self.at..];
        if rest.len() > 5 && rest[..4].eq_ignore_ascii_case(b"sep=") {
            self.at += rest
                .iter()
                .take(16)
                .position(|byte| *byte == b'\n')
                .map_or(0, |end| end + 1);
        }
    }
}

impl Read for Peek {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let there = self.head.get(self.at..).unwrap_or_default();
        if there.is_empty() {
            return self.rest.read(out);
        }
        let count = there.len().min(out.len());
        out[..count].copy_from_slice(&there[..count]);
        self.at += count;
        Ok(count)
    }
}

/// Lines that end with one byte: the library counts those that end with two from the wrong end.
struct Lines<R> {
    from: R,
    /// Whether the last byte that was read begins the end of a line, perhaps.
    is_held: bool,
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        loop {
            let first = usize::from(self.is_held).min(out.len().saturating_sub(1));
            let count = self.from.read(&mut out[first..])?;
            if count == 0 {
                let is_held = std::mem::take(&mut self.is_held) && !out.is_empty();
                if is_held {
                    out[0] = b'\r';
                }
                return Ok(usize::from(is_held));
            }
            let mut written = 0;
            if self.is_held && out[first] != b'\n' {
                out[0] = b'\r';
                written = 1;
            }
            self.is_held = false;
            let end = first + count;
            for at in first..end {
                if out[at] == b'\r' {
                    if at + 1 == end {
                        self.is_held = true;
                        continue;
                    }
                    if out[at + 1] == b'\n' {
                        continue;
                    }
                }
                out[written] = out[at];
                written += 1;
            }
            if written > 0 {
                return Ok(written);
            }
        }
    }
}

/// UTF-16 as UTF-8, as it is read.
struct Utf16 {
    from: At,
    decoder: encoding_rs::Decoder,
    raw: Vec<u8>,
    out: Vec<u8>,
    at: usize,
    is_over: bool,
}

impl Utf16 {
    fn new(from: At, encoding: &'static encoding_rs::Encoding) -> Self {
        Self {
            from,
            decoder: encoding.new_decoder_with_bom_removal(),
            raw: vec![0; 32 << 10],
            out: Vec::new(),
            at: 0,
            is_over: false,
        }
    }
}

impl Read for Utf16 {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        while self.at >= self.out.len() && !self.is_over {
            let count = self.from.read(&mut self.raw)?;
            self.is_over = count == 0;
            self.out.resize(self.raw.len() * 3 + 16, 0);
            // There is room for whatever so many bytes become.
            let (result, _, written, _) = self
                .decoder
                .decode_to_utf8(&self.raw[..count], &mut self.out, self.is_over);
            debug_assert_eq!(result, CoderResult::InputEmpty);
            self.out.truncate(written);
            self.at = 0;
        }
        let there = self.out.get(self.at..).unwrap_or_default();
        let count = there.len().min(out.len());
        out[..count].copy_from_slice(&there[..count]);
        self.at += count;
        Ok(count)
    }
}
