//! The picture that stands on the page until a script draws the map, and instead of it: outlines of areas and the records as dots, the
//! larger the more there are.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::config::Layer;
use super::within::in_world;
use crate::tile::draw::{View, each};
use crate::tile::layers::Drawn;
use crate::tile::sheet::{Places, middle};

/// Width and height in units of the picture.
const SIZE: [f64; 2] = [720.0, 480.0];
/// Width of the squares whose records are one dot.
const SQUARE: f64 = 12.0;
/// Outlines finer than this many units are left out.
const FINE: f64 = 1.5;
/// Most outlines of a picture.
const OUTLINES_MAX: usize = 400;

/// What a picture shows: the box of the square as it fits the picture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    left: f64,
    top: f64,
    /// Steps of the square in a unit of the picture.
    scale: f64,
}

impl Frame {
    /// A frame that shows a box of degrees whole, with some room around it.
    pub(crate) fn around(bounds: [f64; 4]) -> Self {
        let [left, top, right, bottom] = in_world(bounds).map(f64::from);
        let scale = ((right - left) / SIZE[0]).max((bottom - top) / SIZE[1]).max(16.0) * 1.12;
        Self {
            left: f64::midpoint(left, right) - SIZE[0] / 2.0 * scale,
            top: f64::midpoint(top, bottom) - SIZE[1] / 2.0 * scale,
            scale,
        }
    }

    fn place(&self, [x, y]: [u32; 2]) -> [f64; 2] {
        [
            (f64::from(x) - self.left) / self.scale,
            (f64::from(y) - self.top) / self.scale,
        ]
    }

    fn world(&self) -> [u32; 4] {
        let step = |at: f64| at.clamp(0.0, f64::from(u32::MAX)) as u32;
        let (right, bottom) = (self.left + SIZE[0] * self.scale, self.top + SIZE[1] * self.scale);
        [step(self.left), step(self.top), step(right), step(bottom)]
    }
}

/// Outlines of areas as the path of a picture.
pub(crate) fn outlines(drawn: &Drawn, view: &View, frame: &Frame) -> String {
    let (mut path, mut count) = (String::new(), 0);
    each(&drawn.sheets(), view, frame.world(), &mut |sheet, row, _| {
        let Places::Shapes(shapes) = &sheet.places else {
            return false;
        };
        for (ring, _) in shapes.rings(row) {
            let mut last = [f64::MIN, f64::MIN];
            let mut drawn = 0;
            for at in ring.iter().map(|at| frame.place(*at)) {
                if (at[0] - last[0]).abs() + (at[1] - last[1]).abs() < FINE {
                    continue;
                }
                let letter = if drawn == 0 { 'M' } else { 'L' };
                let _ = write!(
                    path,
                    "{letter}{:.0} {:.0}",
                    at[0].clamp(-2e3, 4e3),
                    at[1].clamp(-2e3, 4e3)
                );
                (last, drawn) = (at, drawn + 1);
            }
            if drawn > 0 {
                path.push('Z');
            }
        }
        count += 1;
        count < OUTLINES_MAX
    });
    path
}

/// Dots of a layer: middle and how many records.
pub(crate) fn dots(drawn: &Drawn, view: &View, frame: &Frame) -> Vec<([f64; 2], u64)> {
    let (across, down) = ((SIZE[0] / SQUARE) as usize, (SIZE[1] / SQUARE) as usize);
    let mut squares = vec![(0_u64, 0.0_f64, 0.0_f64); across * down];
    each(&drawn.sheets(), view, frame.world(), &mut |sheet, row, _| {
        let [x, y] = frame.place(middle(sheet.bounds(row)));
        if (0.0..SIZE[0]).contains(&x) && (0.0..SIZE[1]).contains(&y) {
            let at = (y / SQUARE) as usize * across + (x / SQUARE) as usize;
            if let Some(square) = squares.get_mut(at) {
                *square = (square.0 + 1, square.1 + x, square.2 + y);
            }
        }
        true
    });
    let full = squares.into_iter().filter(|square| square.0 > 0);
    full.map(|(count, x, y)| ([x / count as f64, y / count as f64], count))
        .collect()
}

/// A place, and how many lie there.
type Dot = ([f64; 2], u64);

/// The picture.
pub(crate) fn picture(outlines: &str, layers: &[(&Layer, Vec<Dot>)], label: &str) -> Markup {
    let most = layers
        .iter()
        .flat_map(|(_, dots)| dots.iter().map(|(_, count)| *count))
        .max()
        .unwrap_or(1);
    let radius = |count: u64| 2.0 + 6.0 * (count as f64 / most as f64).sqrt();
    html! {
        svg.map-still viewBox=(format!("0 0 {} {}", SIZE[0], SIZE[1])) role="img" aria-label=(label) {
            @if !outlines.is_empty() { path.map-outline d=(outlines) {} }
            @for (layer, dots) in layers {
                g fill=(layer.colour) {
                    @for ([x, y], count) in dots {
                        circle cx=(format!("{x:.1}")) cy=(format!("{y:.1}")) r=(format!("{:.1}", radius(*count))) {}
                    }
                }
            }
        }
    }
}
