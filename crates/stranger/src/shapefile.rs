//! A shapefile in a ZIP archive: shapes (`.shp`) and attributes (`.dbf`) are read side by side as two streams, the coordinate
//! system (`.prj`) and the encoding (`.cpg`) are told. The index is not needed. Refuses shapes of several parts; rings that
//! run clockwise are outer ones, as the standard says.
//! Standards: ESRI Shapefile Technical Description (1998), dBASE III+ table files.

use std::io::{BufReader, Read};

use kernel::charset::{Charset, guess_eight_bit};

use crate::wkb::{Shape, VERTICES_MAX};
use crate::zipped::{self, Bounded, has_ending};
use crate::{
    Ask, At, COLUMNS_MAX, Cell, CellFault, End, Format, Head, Piece, Refusal, Row, SHAPE_BYTES_MAX, Sink,
    UNPACKED_BYTES_MAX, text_cell,
};

/// Bytes of attributes by which their encoding is judged.
const SAMPLE_BYTES: u64 = 1 << 20;
/// Most bytes of `.prj` and `.cpg`.
const WORDS_BYTES_MAX: u64 = 64 << 10;

pub(crate) fn read(at: At, ask: &Ask, sink: Sink<'_>) -> Result<(), Refusal> {
    let mut archive = zipped::open(at.clone())?;
    zipped::weigh(&mut archive)?;
    let names = zipped::names(&archive);
    let is_map = |name: &&String| has_ending(name, ".shp") && !name.starts_with("__MACOSX");
    let layers: Vec<String> = names
        .iter()
        .filter(is_map)
        .map(|name| name[..name.len() - 4].to_owned())
        .collect();
    let layer = match &ask.layer {
        Some(wanted) => layers.iter().find(|name| *name == wanted),
        None => layers.first(),
    };
    let layer = layer.ok_or(Refusal::NoLayer)?;
    let part = |ending: &str| {
        let wanted = format!("{layer}{ending}");
        names.iter().find(|name| name.eq_ignore_ascii_case(&wanted)).cloned()
    };
    let words = |ending: &str| -> Option<String> {
        let mut archive = zipped::open(at.clone()).ok()?;
        let file = archive.by_name(&part(ending)?).ok()?;
        let mut bytes = Vec::new();
        file.take(WORDS_BYTES_MAX).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).trim().to_owned())
    };
    let (shp, dbf) = (part(".shp").ok_or(Refusal::NoLayer)?, part(".dbf"));
    let charset = match (ask.charset, words(".cpg").and_then(|words| named(&words)), &dbf) {
        (Some(charset), ..) => (charset, true),
        (None, Some(charset), _) => (charset, true),
        (None, None, Some(dbf)) => sampled(at.clone(), dbf)?,
        (None, None, None) => (Charset::Utf8, true),
    };
    let mut other = zipped::open(at.clone())?;
    let mut table = match &dbf {
        Some(dbf) => {
            let file = other.by_name(dbf).map_err(Refusal::damaged)?;
            Some(Table::new(Bounded::new(file, UNPACKED_BYTES_MAX), charset.0)?)
        }
        None => None,
    };
    let file = archive.by_name(&shp).map_err(Refusal::damaged)?;
    let mut shapes = Shapes::new(Bounded::new(file, UNPACKED_BYTES_MAX))?;
    let columns = table.as_ref().map(Table::columns).unwrap_or_default();
    sink(Piece::Head(Head {
        format: Format::Shapefile,
        charset: dbf.is_some().then_some(charset.0),
        is_charset_sure: charset.1,
        delimiter: None,
        layers: layers.clone(),
        layer: Some(layer.clone()),
        heading_row: None,
        columns: columns.clone(),
        has_shape: true,
        crs: words(".prj").filter(|words| !words.is_empty()),
    }))?;
    let end = rows((&mut shapes, table.as_mut()), columns.len(), ask.rows_max, sink)?;
    sink(Piece::End(end))
}

/// Gives each shape with its attributes.
fn rows<S: Read, T: Read>(
    (shapes, mut table): (&mut Shapes<S>, Option<&mut Table<T>>),
    width: usize,
    most: Option<u64>,
    sink: Sink<'_>,
) -> Result<End, Refusal> {
    let (mut end, mut line) = (End::default(), 0);
    while let Some((shape, has_heights)) = shapes.next()? {
        line += 1;
        let cells = match &mut table {
            Some(table) => table
                .next()?
                .ok_or_else(|| Refusal::damaged("fewer attributes than shapes"))?,
            None => Some(Vec::new()),
        };
        // A row that was struck out.
        let Some(mut cells) = cells else { continue };
        if most.is_some_and(|most| end.rows >= most) {
            end.more = true;
            break;
        }
        cells.resize(width, Cell::Empty);
        cells.push(shape);
        end.heights += u64::from(has_heights);
        end.rows += 1;
        sink(Piece::Row(Row { line, cells }))?;
    }
    Ok(end)
}

/// The encoding that a `.cpg` names.
fn named(words: &str) -> Option<Charset> {
    let plain: String = words.chars().filter(char::is_ascii_alphanumeric).collect();
    match plain.to_ascii_uppercase().as_str() {
        "UTF8" | "65001" => Some(Charset::Utf8),
        "1258" | "CP1258" | "WINDOWS1258" | "ANSI1258" => Some(Charset::Windows1258),
        "TCVN3" | "TCVN" | "ABC" => Some(Charset::Tcvn3),
        "VNI" => Some(Charset::Vni),
        _ => None,
    }
}

fn sampled(at: At, dbf: &str) -> Result<(Charset, bool), Refusal> {
    let mut archive = zipped::open(at)?;
    let file = archive.by_name(dbf).map_err(Refusal::damaged)?;
    let mut table = Table::new(Bounded::new(file, UNPACKED_BYTES_MAX), Charset::Utf8)?;
    let mut sample = Vec::new();
    let texts: Vec<bool> = table.fields.iter().map(|field| field.kind == b'C').collect();
    while (sample.len() as u64) < SAMPLE_BYTES && table.record()? {
        for (field, is_text) in table.fields.iter().zip(&texts) {
            if *is_text {
                sample.extend(
                    table
                        .raw
                        .get(field.from..field.from + field.len)
                        .unwrap_or_default()
                        .trim_ascii(),
                );
                sample.push(b'\n');
            }
        }
    }
    Ok(match std::str::from_utf8(&sample) {
        Ok(_) => (Charset::Utf8, true),
        Err(_) => guess_eight_bit(&sample),
    })
}

fn le32(bytes: &[u8], at: usize) -> u32 {
    bytes
        .get(at..at + 4)
        .and_then(|four| four.try_into().ok())
        .map_or(0, u32::from_le_bytes)
}

fn le16(bytes: &[u8], at: usize) -> usize {
    bytes
        .get(at..at + 2)
        .and_then(|two| two.try_into().ok())
        .map_or(0, |two| usize::from(u16::from_le_bytes(two)))
}

struct Field {
    name: String,
    kind: u8,
    from: usize,
    len: usize,
}

/// The attributes.
struct Table<R> {
    from: BufReader<R>,
    fields: Vec<Field>,
    charset: Charset,
    left: u32,
    raw: Vec<u8>,
}

impl<R: Read> Table<R> {
    fn new(from: R, charset: Charset) -> Result<Self, Refusal> {
        let mut from = BufReader::new(from);
        let mut head = [0; 32];
        from.read_exact(&mut head).map_err(Refusal::damaged)?;
        let (count, head_len, row_len) = (le32(&head, 4), le16(&head, 8), le16(&head, 10));
        let mut rest = vec![0; head_len.saturating_sub(32)];
        from.read_exact(&mut rest).map_err(Refusal::damaged)?;
        let (mut fields, mut place) = (Vec::new(), 1);
        for raw in rest.chunks_exact(32).take_while(|raw| raw[0] != 0x0d) {
            let name = &raw[..raw[..11].iter().position(|byte| *byte == 0).unwrap_or(11)];
            let kind = raw[11].to_ascii_uppercase();
            // A long text has the rest of its length where others have decimals.
            let len = usize::from(raw[16]) + if kind == b'C' { usize::from(raw[17]) << 8 } else { 0 };
            let name = charset
                .decode(name)
                .map_or_else(|| String::from_utf8_lossy(name).into_owned(), |name| name.into_owned());
            fields.push(Field {
                name: name.trim().to_owned(),
                kind,
                from: place,
                len,
            });
            place += len;
        }
        if fields.is_empty() || place > row_len {
            return Err(Refusal::damaged(
                "the table of attributes has no fields, or rows that are too short",
            ));
        }
        if fields.len() > COLUMNS_MAX {
            return Err(Refusal::too_large("columns"));
        }
        Ok(Self {
            from,
            fields,
            charset,
            left: count,
            raw: vec![0; row_len],
        })
    }

    fn columns(&self) -> Vec<String> {
        self.fields.iter().map(|field| field.name.clone()).collect()
    }

    /// Reads the bytes of the next row; false after the last.
    fn record(&mut self) -> Result<bool, Refusal> {
        if self.left == 0 {
            return Ok(false);
        }
        self.left -= 1;
        self.from.read_exact(&mut self.raw).map_err(Refusal::damaged)?;
        Ok(true)
    }

    /// The next row: none after the last, an inner none for one that was struck out.
    fn next(&mut self) -> Result<Option<Option<Vec<Cell>>>, Refusal> {
        if !self.record()? {
            return Ok(None);
        }
        if self.raw.first() == Some(&b'*') {
            return Ok(Some(None));
        }
        let cell = |field: &Field| {
            self.raw
                .get(field.from..field.from + field.len)
                .map_or(Cell::Empty, |raw| self.cell(field, raw))
        };
        Ok(Some(Some(self.fields.iter().map(cell).collect())))
    }

    fn cell(&self, field: &Field, raw: &[u8]) -> Cell {
        let text = |raw: &[u8]| match self.charset.decode(raw.trim_ascii()) {
            Some(text) => text_cell(text.trim_matches('\0')),
            None => Cell::Fault(CellFault::Charset),
        };
        let plain = raw.trim_ascii();
        match field.kind {
            b'D' => match plain {
                [] | [b'0', ..] => Cell::Empty,
                _ if plain.len() == 8 && plain.iter().all(u8::is_ascii_digit) => {
                    let digits = String::from_utf8_lossy(plain);
                    Cell::Text(format!("{}-{}-{}", &digits[..4], &digits[4..6], &digits[6..]))
                }
                _ => text(raw),
            },
            b'L' => match plain {
                [b'T' | b't' | b'Y' | b'y'] => Cell::Bool(true),
                [b'F' | b'f' | b'N' | b'n'] => Cell::Bool(false),
                _ => Cell::Empty,
            },
            // What does not fit its width is written as stars.
            b'N' | b'F' if plain.iter().all(|byte| *byte == b'*') => Cell::Empty,
            b'I' => match raw.try_into() {
                Ok(four) => Cell::Text(i32::from_le_bytes(four).to_string()),
                Err(_) => Cell::Empty,
            },
            b'O' | b'B' => match <[u8; 8]>::try_from(raw) {
                Ok(eight) => Cell::Number(f64::from_le_bytes(eight)),
                Err(_) => Cell::Empty,
            },
            b'M' | b'G' | b'P' | b'@' => Cell::Empty,
            _ => text(raw),
        }
    }
}

/// The shapes.
struct Shapes<R> {
    from: BufReader<R>,
}

impl<R: Read> Shapes<R> {
    fn new(from: R) -> Result<Self, Refusal> {
        let mut from = BufReader::with_capacity(256 << 10, from);
        let mut head = [0; 100];
        from.read_exact(&mut head).map_err(Refusal::damaged)?;
        if head[..4] != 9994_u32.to_be_bytes() {
            return Err(Refusal::damaged("the shapes do not begin as a shapefile does"));
        }
        Ok(Self { from })
    }

    /// The next shape as a cell, and whether it has heights or measures.
    fn next(&mut self) -> Result<Option<(Cell, bool)>, Refusal> {
        let mut head = [0; 8];
        match self.from.read_exact(&mut head) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(Refusal::damaged(error)),
        }
        let words = u32::from_be_bytes([head[4], head[5], head[6], head[7]]);
        let length = u64::from(words) * 2;
        if length > 2 * SHAPE_BYTES_MAX as u64 {
            let passed = std::io::copy(&mut self.from.by_ref().take(length), &mut std::io::sink());
            passed.map_err(Refusal::damaged)?;
            return Ok(Some((Cell::Fault(CellFault::ShapeTooLarge), false)));
        }
        let mut raw = Vec::new();
        self.from
            .by_ref()
            .take(length)
            .read_to_end(&mut raw)
            .map_err(Refusal::damaged)?;
        if (raw.len() as u64) < length {
            return Err(Refusal::damaged("the shapes are cut off"));
        }
        let has_heights = le32(&raw, 0) > 10;
        Ok(Some((shape(&raw).unwrap_or_else(Cell::Fault), has_heights)))
    }
}

fn float(raw: &[u8], at: usize) -> Result<f64, CellFault> {
    let eight = raw.get(at..at + 8).and_then(|eight| eight.try_into().ok());
    eight.map(f64::from_le_bytes).ok_or(CellFault::Shape)
}

fn position(raw: &[u8], at: usize) -> Result<[f64; 2], CellFault> {
    Ok([float(raw, at)?, float(raw, at + 8)?])
}

fn shape(raw: &[u8]) -> Result<Cell, CellFault> {
    match le32(raw, 0) {
        0 => Ok(Cell::Empty),
        1 | 11 | 21 => Ok(Shape::Point(position(raw, 4)?).cell()),
        8 | 18 | 28 => match le32(raw, 36) {
            0 => Ok(Cell::Empty),
            1 => Ok(Shape::Point(position(raw, 40)?).cell()),
            _ => Err(CellFault::Parts),
        },
        kind @ (3 | 13 | 23 | 5 | 15 | 25) => {
            let parts = parts(raw)?;
            if matches!(kind, 5 | 15 | 25) {
                return area(parts);
            }
            let mut parts = parts.into_iter();
            match (parts.next(), parts.next()) {
                (None, _) => Ok(Cell::Empty),
                (Some(line), None) => Ok(Shape::Line(line).cell()),
                (Some(_), Some(_)) => Err(CellFault::Parts),
            }
        }
        _ => Err(CellFault::Shape),
    }
}

/// The parts of a line or an area.
fn parts(raw: &[u8]) -> Result<Vec<Vec<[f64; 2]>>, CellFault> {
    let (count, points) = (le32(raw, 36) as usize, le32(raw, 40) as usize);
    if points > VERTICES_MAX {
        return Err(CellFault::ShapeTooLarge);
    }
    let from = 44 + count.checked_mul(4).ok_or(CellFault::Shape)?;
    if count > points.max(1) || raw.len() < from + points * 16 {
        return Err(CellFault::Shape);
    }
    let begins: Vec<usize> = (0..count)
        .map(|at| le32(raw, 44 + at * 4) as usize)
        .chain([points])
        .collect();
    if !begins.is_sorted() {
        return Err(CellFault::Shape);
    }
    begins
        .windows(2)
        .map(|ends| (ends[0]..ends[1]).map(|at| position(raw, from + at * 16)).collect())
        .collect()
}

/// One area: its outer ring first. Several outer rings are several areas.
fn area(rings: Vec<Vec<[f64; 2]>>) -> Result<Cell, CellFault> {
    if rings.is_empty() {
        return Ok(Cell::Empty);
    }
    let twice = |ring: &[[f64; 2]]| -> f64 {
        let ([x, y], all) = (ring.first().copied().unwrap_or_default(), ring.windows(2));
        // From the first position, so that large coordinates do not swallow small areas.
        all.map(|w| (w[0][0] - x) * (w[1][1] - y) - (w[1][0] - x) * (w[0][1] - y))
            .sum()
    };
    let (mut outer, holes): (Vec<_>, Vec<_>) = rings.into_iter().partition(|ring| twice(ring) <= 0.0);
    match (outer.len(), holes.len()) {
        (1, _) => {
            outer.extend(holes);
            Ok(Shape::Polygon(outer).cell())
        }
        // Some programs write the ring of a lone area the wrong way round.
        (0, 1) => Ok(Shape::Polygon(holes).cell()),
        _ => Err(CellFault::Parts),
    }
}
