//! Shapes of strangers as well-known binary of two dimensions, least significant byte first: what every reader gives. Owns the
//! reading of other well-known binary (either order of bytes, heights and measures, which are left out), and the writing.
//! Refuses shapes of several parts: a record is one point, one line or one area. One part in a multi-shape is taken for it.
//! Standard: OGC 06-103r4, ISO 13249-3.

use crate::{Cell, CellFault, SHAPE_BYTES_MAX};

/// Most vertices that a shape may have here.
pub(crate) const VERTICES_MAX: usize = SHAPE_BYTES_MAX / 16;
/// Deepest nesting of collections.
const DEPTH_MAX: u8 = 4;

/// A shape before it is written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    Point([f64; 2]),
    Line(Vec<[f64; 2]>),
    Polygon(Vec<Vec<[f64; 2]>>),
}

impl Shape {
    /// As a cell.
    pub(crate) fn cell(&self) -> Cell {
        let count = match self {
            Self::Point(_) => 1,
            Self::Line(line) => line.len(),
            Self::Polygon(rings) => rings.iter().map(Vec::len).sum(),
        };
        if count > VERTICES_MAX {
            return Cell::Fault(CellFault::ShapeTooLarge);
        }
        let mut out = Vec::with_capacity(count * 16 + 32);
        out.push(1);
        let word = |out: &mut Vec<u8>, number: usize| {
            out.extend(u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
        };
        let positions = |out: &mut Vec<u8>, all: &[[f64; 2]]| {
            all.iter().flatten().for_each(|number| out.extend(number.to_le_bytes()));
        };
        match self {
            Self::Point(at) => {
                word(&mut out, 1);
                positions(&mut out, &[*at]);
            }
            Self::Line(line) => {
                word(&mut out, 2);
                word(&mut out, line.len());
                positions(&mut out, line);
            }
            Self::Polygon(rings) => {
                word(&mut out, 3);
                word(&mut out, rings.len());
                for ring in rings {
                    word(&mut out, ring.len());
                    positions(&mut out, ring);
                }
            }
        }
        Cell::Shape(out)
    }
}

/// What was read of well-known binary.
pub(crate) struct Taken {
    /// The shape; none for an empty one.
    pub(crate) shape: Option<Shape>,
    /// Whether heights or measures were left out.
    pub(crate) has_heights: bool,
}

/// Reads well-known binary of anybody.
pub(crate) fn read(bytes: &[u8]) -> Result<Taken, CellFault> {
    let mut bytes = Bytes {
        rest: bytes,
        is_big: false,
        has_heights: false,
        left: VERTICES_MAX,
    };
    let shape = bytes.shape(0)?;
    Ok(Taken {
        shape,
        has_heights: bytes.has_heights,
    })
}

struct Bytes<'b> {
    rest: &'b [u8],
    is_big: bool,
    has_heights: bool,
    left: usize,
}

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], CellFault> {
        let (head, tail) = self.rest.split_first_chunk::<N>().ok_or(CellFault::Shape)?;
        self.rest = tail;
        Ok(*head)
    }

    fn word(&mut self) -> Result<usize, CellFault> {
        let bytes = self.take::<4>()?;
        let word = if self.is_big {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        };
        usize::try_from(word).map_err(|_| CellFault::Shape)
    }

    fn number(&mut self) -> Result<f64, CellFault> {
        let bytes = self.take::<8>()?;
        Ok(if self.is_big {
            f64::from_be_bytes(bytes)
        } else {
            f64::from_le_bytes(bytes)
        })
    }

    fn position(&mut self, dimensions: usize) -> Result<[f64; 2], CellFault> {
        let at = [self.number()?, self.number()?];
        for _ in 2..dimensions {
            self.number()?;
        }
        Ok(at)
    }

    fn positions(&mut self, dimensions: usize) -> Result<Vec<[f64; 2]>, CellFault> {
        let count = self.word()?;
        if count > self.left {
            return Err(CellFault::ShapeTooLarge);
        }
        if self.rest.len() < count * 8 * dimensions {
            return Err(CellFault::Shape);
        }
        self.left -= count;
        (0..count).map(|_| self.position(dimensions)).collect()
    }

    /// None for an empty shape.
    fn shape(&mut self, depth: u8) -> Result<Option<Shape>, CellFault> {
        self.is_big = match self.take::<1>()? {
            [0] => true,
            [1] => false,
            _ => return Err(CellFault::Shape),
        };
        let word = self.word()?;
        // ISO counts dimensions in thousands, extended binary in flags.
        let (mut dimensions, iso) = (2, word & 0x0fff_ffff);
        if word & 0x2000_0000 != 0 {
            self.word()?;
        }
        dimensions += usize::from(word & 0x8000_0000 != 0) + usize::from(word & 0x4000_0000 != 0);
        dimensions += match iso / 1_000 {
            0 => 0,
            1 | 2 => 1,
            3 => 2,
            _ => return Err(CellFault::Shape),
        };
        self.has_heights |= dimensions > 2;
        match iso % 1_000 {
            1 => {
                let at = self.position(dimensions)?;
                Ok((!at.iter().all(|number| number.is_nan())).then_some(Shape::Point(at)))
            }
            2 => {
                let line = self.positions(dimensions)?;
                Ok((!line.is_empty()).then_some(Shape::Line(line)))
            }
            3 => {
                let count = self.word()?;
                let mut rings = Vec::new();
                for _ in 0..count.min(VERTICES_MAX) {
                    rings.push(self.positions(dimensions)?);
                }
                Ok((!rings.is_empty()).then_some(Shape::Polygon(rings)))
            }
            4..=7 if depth < DEPTH_MAX => {
                let count = self.word()?;
                let mut only = None;
                for _ in 0..count.min(VERTICES_MAX) {
                    match (self.shape(depth + 1)?, &only) {
                        (None, _) => {}
                        (found, None) => only = found,
                        (Some(_), Some(_)) => return Err(CellFault::Parts),
                    }
                }
                Ok(only)
            }
            _ => Err(CellFault::Shape),
        }
    }
}
