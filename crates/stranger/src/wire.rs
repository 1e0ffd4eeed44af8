//! How a child tells its parent what it reads: a byte for the kind of piece, its length, its bytes. Owns both ends. The parent
//! trusts the child no more than the file: lengths are bounded, and bytes that are no piece end the reading.

use std::io::{self, BufReader, Read, Write};

use crate::{COLUMNS_MAX, Cell, CellFault, End, Head, Piece, Refusal, Row, SHAPE_BYTES_MAX};

/// Most bytes of one piece.
const PIECE_BYTES_MAX: usize = 2 * SHAPE_BYTES_MAX;

const HEAD: u8 = b'h';
const ROW: u8 = b'r';
const END: u8 = b'e';
const REFUSAL: u8 = b'x';

const EMPTY: u8 = 0;
const TEXT: u8 = 1;
const NUMBER: u8 = 2;
const BOOL: u8 = 3;
const SHAPE: u8 = 4;
const FAULT: u8 = 5;

/// The child's end.
#[derive(Debug)]
pub struct Writer<W> {
    to: W,
    buffer: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// A writer to a pipe.
    pub fn new(to: W) -> Self {
        Self { to, buffer: Vec::new() }
    }

    /// The pipe.
    pub fn into_inner(self) -> W {
        self.to
    }

    /// Writes a piece.
    ///
    /// # Errors
    /// `TooLarge` for a row beyond every bound, `Broken` when the parent is gone.
    pub fn piece(&mut self, piece: &Piece) -> Result<(), Refusal> {
        let kind = match piece {
            Piece::Head(head) => {
                self.buffer = serde_json::to_vec(head).map_err(Refusal::broken)?;
                HEAD
            }
            Piece::Row(row) => {
                self.row(row);
                ROW
            }
            Piece::End(end) => {
                self.buffer = serde_json::to_vec(end).map_err(Refusal::broken)?;
                END
            }
        };
        if self.buffer.len() > PIECE_BYTES_MAX {
            return Err(Refusal::too_large("row"));
        }
        self.send(kind).map_err(Refusal::broken)
    }

    /// Writes why nothing more comes.
    ///
    /// # Errors
    /// When the parent is gone.
    pub fn refusal(&mut self, refusal: &Refusal) -> io::Result<()> {
        self.buffer = serde_json::to_vec(refusal)?;
        self.send(REFUSAL)
    }

    fn send(&mut self, kind: u8) -> io::Result<()> {
        self.to.write_all(&[kind])?;
        self.to.write_all(&length(self.buffer.len()))?;
        self.to.write_all(&self.buffer)
    }

    fn row(&mut self, row: &Row) {
        self.buffer.clear();
        self.buffer.extend(row.line.to_le_bytes());
        self.buffer.extend(length(row.cells.len()));
        for cell in &row.cells {
            match cell {
                Cell::Empty => self.buffer.push(EMPTY),
                Cell::Text(text) => self.bytes(TEXT, text.as_bytes()),
                Cell::Number(number) => {
                    self.buffer.push(NUMBER);
                    self.buffer.extend(number.to_le_bytes());
                }
                Cell::Bool(yes) => self.buffer.extend([BOOL, u8::from(*yes)]),
                Cell::Shape(bytes) => self.bytes(SHAPE, bytes),
                Cell::Fault(fault) => {
                    let at = CellFault::ALL.iter().position(|one| one == fault);
                    self.buffer.extend([FAULT, u8::try_from(at.unwrap_or(0)).unwrap_or(0)]);
                }
            }
        }
    }

    fn bytes(&mut self, kind: u8, bytes: &[u8]) {
        self.buffer.push(kind);
        self.buffer.extend(length(bytes.len()));
        self.buffer.extend(bytes);
    }
}

fn length(count: usize) -> [u8; 4] {
    u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes()
}

/// The parent's end.
#[derive(Debug)]
pub struct Reader<R> {
    from: BufReader<R>,
    buffer: Vec<u8>,
    is_over: bool,
}

impl<R: Read> Reader<R> {
    /// A reader of a pipe.
    pub fn new(from: R) -> Self {
        Self {
            from: BufReader::with_capacity(256 << 10, from),
            buffer: Vec::new(),
            is_over: false,
        }
    }

    /// The next piece; none when the child ended before it said that it was at its end.
    ///
    /// # Errors
    /// What the child refused; `Broken` for bytes that are no piece.
    pub fn next_piece(&mut self) -> Result<Option<Piece>, Refusal> {
        if self.is_over {
            return Ok(None);
        }
        let mut first = [0; 5];
        match self.from.read_exact(&mut first) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(Refusal::broken(error)),
        }
        let [kind, length @ ..] = first;
        let length = u32::from_le_bytes(length) as usize;
        if length > PIECE_BYTES_MAX {
            return Err(Refusal::broken("a piece without end"));
        }
        self.buffer.clear();
        let read = self.from.by_ref().take(length as u64).read_to_end(&mut self.buffer);
        match read {
            Ok(count) if count == length => {}
            Ok(_) => return Ok(None),
            Err(error) => return Err(Refusal::broken(error)),
        }
        let none = |_| Refusal::broken("no piece");
        Ok(Some(match kind {
            HEAD => {
                let head: Head = serde_json::from_slice(&self.buffer).map_err(none)?;
                if head.columns.len() > COLUMNS_MAX {
                    return Err(Refusal::too_large("columns"));
                }
                Piece::Head(head)
            }
            ROW => Piece::Row(row(&self.buffer).ok_or_else(|| Refusal::broken("no row"))?),
            END => {
                self.is_over = true;
                Piece::End(serde_json::from_slice::<End>(&self.buffer).map_err(none)?)
            }
            REFUSAL => {
                self.is_over = true;
                return Err(serde_json::from_slice(&self.buffer).map_err(none)?);
            }
            _ => return Err(Refusal::broken("no kind of piece")),
        }))
    }
}

/// Reads a row; none when its bytes are none.
pub(crate) fn row(bytes: &[u8]) -> Option<Row> {
    let mut rest = bytes;
    let line = u64::from_le_bytes(chunk(&mut rest)?);
    let count = u32::from_le_bytes(chunk(&mut rest)?) as usize;
    if count > COLUMNS_MAX + 2 {
        return None;
    }
    let mut cells = Vec::with_capacity(count);
    for _ in 0..count {
        let [kind] = chunk(&mut rest)?;
        cells.push(match kind {
            EMPTY => Cell::Empty,
            TEXT => Cell::Text(std::str::from_utf8(long(&mut rest)?).ok()?.to_owned()),
            NUMBER => Cell::Number(f64::from_le_bytes(chunk(&mut rest)?)),
            BOOL => Cell::Bool(chunk::<1>(&mut rest)? != [0]),
            SHAPE => Cell::Shape(long(&mut rest)?.to_vec()),
            FAULT => Cell::Fault(*CellFault::ALL.get(usize::from(chunk::<1>(&mut rest)?[0]))?),
            _ => return None,
        });
    }
    rest.is_empty().then_some(Row { line, cells })
}

fn chunk<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*head)
}

fn long<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let length = u32::from_le_bytes(chunk(rest)?) as usize;
    let (own, tail) = rest.split_at_checked(length)?;
    *rest = tail;
    Some(own)
}
