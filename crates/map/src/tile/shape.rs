//! Lines and areas in the steps of a tile: brought to its grid, cut at its edge, wound as the standard wants. Positions that fall
//! onto the same place of the grid become one, the same in every tile, so that neighbours keep touching.
//! Standard: Mapbox Vector Tile 2.1 (4.3 geometry encoding).

use super::mvt::{varint, zigzag};
use super::{EXTENT, TileAt};

/// Steps beyond the edge of a tile to which shapes are drawn, so that their outlines do not show its edge.
pub(crate) const BUFFER: i64 = 64;
const LEAST: i64 = -BUFFER;
const MOST: i64 = EXTENT as i64 + BUFFER;

type Step = [i64; 2];

/// A ring or a line in the steps of a tile; `coarse` bits are left out of every place.
pub(crate) fn steps(positions: &[[u32; 2]], at: TileAt, coarse: u32, out: &mut Vec<Step>) {
    out.clear();
    let ([x0, y0], bits) = (at.origin(), at.fine_bits() + coarse);
    let (x0, y0) = (i64::from(x0 >> at.fine_bits()), i64::from(y0 >> at.fine_bits()));
    for [x, y] in positions {
        // In the middle of the coarse place, the same for every tile.
        let half = if coarse == 0 { 0 } else { 1_i64 << (coarse - 1) };
        let step = [
            (i64::from(x >> bits) << coarse) + half - x0,
            (i64::from(y >> bits) << coarse) + half - y0,
        ];
        if out.last() != Some(&step) {
            out.push(step);
        }
    }
}

/// Twice the area of a ring; above nothing where the standard calls it an outer one.
pub(crate) fn twice_area(ring: &[Step]) -> i64 {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum()
}

/// Cuts a ring at the edge of the tile, side by side (Sutherland and Hodgman). The ring is not closed by its first position again.
pub(crate) fn clip_ring(ring: &mut Vec<Step>, spare: &mut Vec<Step>) {
    if ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    let inside = |at: &Step| (LEAST..=MOST).contains(&at[0]) && (LEAST..=MOST).contains(&at[1]);
    if ring.iter().all(inside) {
        return;
    }
    for (axis, limit, is_least) in [(0, LEAST, true), (0, MOST, false), (1, LEAST, true), (1, MOST, false)] {
        spare.clear();
        let within = |at: &Step| if is_least { at[axis] >= limit } else { at[axis] <= limit };
        let Some(mut before) = ring.last().copied() else { return };
        for at in ring.iter() {
            if within(at) != within(&before) {
                spare.push(cross(before, *at, axis, limit));
            }
            if within(at) {
                spare.push(*at);
            }
            before = *at;
        }
        std::mem::swap(ring, spare);
    }
    ring.dedup();
    if ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
}

/// Where a side crosses a limit.
fn cross(from: Step, to: Step, axis: usize, limit: i64) -> Step {
    let other = 1 - axis;
    let (whole, part) = (i128::from(to[axis] - from[axis]), i128::from(limit - from[axis]));
    let moved = i128::from(to[other] - from[other]) * part / whole;
    let mut at = [limit, limit];
    at[other] = from[other] + i64::try_from(moved).unwrap_or(0);
    at
}

/// Cuts a line at the edge of the tile: the pieces inside.
pub(crate) fn clip_line(line: &[Step]) -> Vec<Vec<Step>> {
    let mut pieces: Vec<Vec<Step>> = Vec::new();
    let mut is_open = false;
    for side in line.windows(2) {
        let Some((from, to)) = clip_side(side[0], side[1]) else {
            is_open = false;
            continue;
        };
        match pieces.last_mut() {
            Some(piece) if is_open && piece.last() == Some(&from) => piece.push(to),
            _ => pieces.push(vec![from, to]),
        }
        is_open = to == side[1];
    }
    for piece in &mut pieces {
        piece.dedup();
    }
    pieces.retain(|piece| piece.len() > 1);
    pieces
}

/// The part of a side inside the tile (Liang and Barsky, in shares of 2^32).
fn clip_side(from: Step, to: Step) -> Option<(Step, Step)> {
    const WHOLE: i128 = 1 << 32;
    let (mut first, mut last) = (0_i128, WHOLE);
    for axis in 0..2 {
        let (start, length) = (i128::from(from[axis]), i128::from(to[axis] - from[axis]));
        if length == 0 {
            if !(LEAST..=MOST).contains(&from[axis]) {
                return None;
            }
            continue;
        }
        let share = |limit: i64| (i128::from(limit) - start) * WHOLE / length;
        let (low, high) = (share(LEAST), share(MOST));
        first = first.max(low.min(high));
        last = last.min(low.max(high));
    }
    if first > last {
        return None;
    }
    let at = |share: i128| {
        let along = |axis: usize| {
            let moved = i128::from(to[axis] - from[axis]) * share / WHOLE;
            (from[axis] + i64::try_from(moved).unwrap_or(0)).clamp(LEAST, MOST)
        };
        [along(0), along(1)]
    };
    let start = if first == 0 { from } else { at(first) };
    let end = if last == WHOLE { to } else { at(last) };
    Some((start, end))
}

/// Writes commands of one geometry.
#[derive(Debug, Default)]
pub(crate) struct Pen {
    bytes: Vec<u8>,
    cursor: Step,
}

impl Pen {
    pub(crate) fn start(&mut self) {
        self.bytes.clear();
        self.cursor = [0, 0];
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn to(&mut self, at: Step) {
        varint(&mut self.bytes, zigzag(at[0] - self.cursor[0]));
        varint(&mut self.bytes, zigzag(at[1] - self.cursor[1]));
        self.cursor = at;
    }

    /// A line of two positions or more.
    pub(crate) fn line(&mut self, line: &[Step]) {
        let [first, rest @ ..] = line else { return };
        varint(&mut self.bytes, 9);
        self.to(*first);
        varint(&mut self.bytes, (rest.len() as u64) << 3 | 2);
        rest.iter().for_each(|at| self.to(*at));
    }

    /// A ring of three positions or more that is not closed by its first one again.
    pub(crate) fn ring(&mut self, ring: &[Step]) {
        self.line(ring);
        varint(&mut self.bytes, 15);
    }
}

/// Writes the rings of a row; says whether anything of it is in the tile.
pub(crate) fn area<'a>(
    rings: impl Iterator<Item = (&'a [[u32; 2]], bool)>,
    at: TileAt,
    coarse: u32,
    pen: &mut Pen,
) -> bool {
    let (mut ring, mut spare) = (Vec::new(), Vec::new());
    let (mut any, mut has_outer) = (false, false);
    pen.start();
    for (positions, is_outer) in rings {
        if !is_outer && !has_outer {
            continue;
        }
        steps(positions, at, coarse, &mut ring);
        clip_ring(&mut ring, &mut spare);
        let area = if ring.len() < 3 { 0 } else { twice_area(&ring) };
        if is_outer {
            has_outer = area != 0;
        }
        if area == 0 {
            continue;
        }
        if (area > 0) != is_outer {
            ring.reverse();
        }
        pen.ring(&ring);
        any = true;
    }
    any
}

/// Writes the lines of a row; says whether anything of it is in the tile.
pub(crate) fn line<'a>(
    lines: impl Iterator<Item = (&'a [[u32; 2]], bool)>,
    at: TileAt,
    coarse: u32,
    pen: &mut Pen,
) -> bool {
    let (mut line, mut any) = (Vec::new(), false);
    pen.start();
    for (positions, _) in lines {
        steps(positions, at, coarse, &mut line);
        for piece in clip_line(&line) {
            pen.line(&piece);
            any = true;
        }
    }
    any
}
