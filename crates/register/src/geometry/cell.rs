//! The cell of a shape: the smallest square of a quadtree over the whole earth that holds its bounds, as one number that an index of
//! either engine keeps in order. What lies in a square is one range of numbers; what is larger than it has one of its ancestors'.
//! Refuses nothing: places beyond the earth are drawn to its edge.

/// Halvings of the earth in each direction: squares of the last level are narrower than a metre.
const LEVELS: u32 = 26;
/// Room for the level behind the place.
const LEVEL_BITS: u32 = 5;
/// Most squares in each direction that a box is covered by.
const SIDE_MAX: u64 = 4;

/// Where rows that may meet a box have their cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cover {
    /// Ranges of cells, both ends included, in order and apart from one another.
    pub ranges: Vec<(i64, i64)>,
    /// Cells of squares that hold the box or a part of it, in order. A point has none of them.
    pub above: Vec<i64>,
}

/// The cell of west, south, east, north.
#[must_use]
pub fn of_bounds(bounds: [f64; 4]) -> i64 {
    let [x0, y0, x1, y1] = grid(bounds);
    let apart = (x0 ^ x1) | (y0 ^ y1);
    let level = LEVELS - (64 - apart.leading_zeros());
    key(interleave(x0, y0), level)
}

/// The cells that rows have which may meet a box.
#[must_use]
pub fn cover(bounds: [f64; 4]) -> Cover {
    let [x0, y0, x1, y1] = grid(bounds);
    let shift = (0..=LEVELS)
        .find(|shift| (x1 >> shift) - (x0 >> shift) < SIDE_MAX && (y1 >> shift) - (y0 >> shift) < SIDE_MAX)
        .unwrap_or(LEVELS);
    let level = LEVELS - shift;
    let (mut ranges, mut above) = (Vec::new(), Vec::new());
    for y in (y0 >> shift)..=(y1 >> shift) {
        for x in (x0 >> shift)..=(x1 >> shift) {
            let place = interleave(x << shift, y << shift);
            let last = place + (1 << (2 * shift)) - 1;
            ranges.push((key(place, level), key(last, (1 << LEVEL_BITS) - 1)));
            above.extend((0..level).map(|level| key(place, level)));
        }
    }
    ranges.sort_unstable();
    above.sort_unstable();
    above.dedup();
    Cover {
        ranges: joined(ranges),
        above,
    }
}

/// Ranges that touch become one. Between two squares side by side only larger squares have their cells: they are read for nothing at
/// worst.
fn joined(ranges: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    let mut all: Vec<(i64, i64)> = Vec::with_capacity(ranges.len());
    for (first, last) in ranges {
        match all.last_mut() {
            Some(before) if first - before.1 <= 1 << LEVEL_BITS => before.1 = last,
            _ => all.push((first, last)),
        }
    }
    all
}

fn key(place: u64, level: u32) -> i64 {
    let place = place & !((1_u64 << (2 * (LEVELS.saturating_sub(level)))) - 1);
    ((place << LEVEL_BITS) | u64::from(level)).cast_signed()
}

fn grid([west, south, east, north]: [f64; 4]) -> [u64; 4] {
    let most = (1_u64 << LEVELS) - 1;
    let at = |degrees: f64, half: f64| {
        let place = (degrees + half) / (2.0 * half) * (most + 1) as f64;
        (place.max(0.0) as u64).min(most)
    };
    [at(west, 180.0), at(south, 90.0), at(east, 180.0), at(north, 90.0)]
}

fn interleave(x: u64, y: u64) -> u64 {
    spread(x) | (spread(y) << 1)
}

/// Puts a nothing before each of the lower 32 bits.
fn spread(bits: u64) -> u64 {
    let mut bits = bits & 0xffff_ffff;
    for (shift, mask) in [
        (16, 0x0000_ffff_0000_ffff),
        (8, 0x00ff_00ff_00ff_00ff),
        (4, 0x0f0f_0f0f_0f0f_0f0f),
        (2, 0x3333_3333_3333_3333),
        (1, 0x5555_5555_5555_5555),
    ] {
        bits = (bits | (bits << shift)) & mask;
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(cover: &Cover, cell: i64) -> bool {
        cover
            .ranges
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&cell))
            || cover.above.contains(&cell)
    }

    fn boxes() -> impl Strategy<Value = [f64; 4]> {
        let side = prop_oneof![Just(0.0), 0.0..0.001, 0.0..1.0, 0.0..180.0];
        (-180.0..180.0, -90.0..90.0, side.clone(), side)
            .prop_map(|(x, y, w, h): (f64, f64, f64, f64)| [x, y, (x + w).min(180.0), (y + h).min(90.0)])
    }

    proptest! {
        #[test]
        fn whatever_meets_a_box_is_found(asked in boxes(), at in (0.0..1.0_f64, 0.0..1.0_f64), sizes in boxes()) {
            // A box around a place of the box that is asked for, of any size.
            let place: [f64; 2] = [asked[0] + (asked[2] - asked[0]) * at.0, asked[1] + (asked[3] - asked[1]) * at.1];
            let (wide, high): (f64, f64) = (sizes[2] - sizes[0], sizes[3] - sizes[1]);
            let row = [
                (place[0] - wide * at.1).max(-180.0),
                (place[1] - high * at.0).max(-90.0),
                (place[0] + wide).min(180.0),
                (place[1] + high).min(90.0),
            ];
            prop_assert!(found(&cover(asked), of_bounds(row)));
        }

        #[test]
        fn a_point_is_found_by_ranges_alone(asked in boxes(), x in 0.0..1.0, y in 0.0..1.0) {
            let at = [asked[0] + (asked[2] - asked[0]) * x, asked[1] + (asked[3] - asked[1]) * y];
            let cell = of_bounds([at[0], at[1], at[0], at[1]]);
            let cover = cover(asked);
            prop_assert!(cover.ranges.iter().any(|(first, last)| (*first..=*last).contains(&cell)));
        }

        #[test]
        fn a_box_is_covered_by_few_ranges(asked in boxes()) {
            let cover = cover(asked);
            prop_assert!(cover.ranges.len() <= 16 && cover.above.len() <= 16 * 26);
        }
    }

    #[test]
    fn what_lies_far_away_is_not_found() {
        let hanoi = of_bounds([105.85, 21.03, 105.85, 21.03]);
        assert!(!found(&cover([106.6, 10.7, 106.8, 10.9]), hanoi));
        assert!(found(&cover([105.8, 21.0, 105.9, 21.1]), hanoi));
    }
}
