//! QR codes as SVG: one path, no style, so that a strict Content-Security-Policy lets it be. ISO/IEC 18004.
//! It refuses texts that no code can hold: they are shown as text.

use std::fmt::Write as _;

use maud::{Markup, PreEscaped, html};
use qrcode::{Color, EcLevel, QrCode};

/// A QR code of `text` that is announced as `title`. Without a code (the text is too long) the text itself is shown.
#[must_use]
pub fn qr(text: &str, title: &str) -> Markup {
    let Some((side, path)) = drawn(text) else {
        return html! { code.qr-text { (text) } };
    };
    html! {
        svg.qr viewBox={"0 0 " (side) " " (side)} role="img" aria-label=(title) shape-rendering="crispEdges" {
            title { (title) }
            rect.light width=(side) height=(side) {}
            path d=(PreEscaped(path)) {}
        }
    }
}

/// The same as an SVG file that needs no style sheet, black on nothing, for papers. Empty when no code can hold the text.
#[must_use]
pub fn plain(text: &str) -> String {
    drawn(text).map_or_else(String::new, |(side, path)| {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\"><path fill=\"#000\" d=\"{path}\"/></svg>"
        )
    })
}

/// The side of a code with its quiet zone, in modules, and its dark modules as one path.
fn drawn(text: &str) -> Option<(usize, String)> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let colors = code.to_colors();
    let mut path = String::new();
    for (row, line) in colors.chunks(width).enumerate() {
        let mut at = 0;
        while at < width {
            let run = line[at..].iter().take_while(|c| **c == Color::Dark).count();
            if run > 0 {
                // Writing to a String cannot fail.
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", at + 4, row + 4);
            }
            at += run.max(1);
        }
    }
    Some((width + 8, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_drawn_and_named() {
        let svg = qr("https://example.gov.vn/t/H27.15-261122-0042", "Mã \"QR\"").into_string();
        assert!(svg.contains("role=\"img\"") && svg.contains("Mã &quot;QR&quot;") && svg.contains("<path d=\"M4 4h7"));
    }

    #[test]
    fn too_long_a_text_is_shown_as_text() {
        assert!(qr(&"x".repeat(5000), "x").into_string().starts_with("<code"));
    }
}
