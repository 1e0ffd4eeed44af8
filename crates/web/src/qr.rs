//! QR codes as SVG: one path, no style, so that a strict Content-Security-Policy lets it be. ISO/IEC 18004.
//! It refuses texts that no code can hold: they are shown as text.

use std::fmt::Write as _;

use maud::{Markup, PreEscaped, html};
use qrcode::{Color, EcLevel, QrCode};

/// A QR code of `text` that is announced as `title`. Without a code (the text is too long) the text itself is shown.
#[must_use]
pub fn qr(text: &str, title: &str) -> Markup {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else {
        return html! { code.qr-text { (text) } };
    };
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
    let side = width + 8;
    html! {
        svg.qr viewBox={"0 0 " (side) " " (side)} role="img" aria-label=(title) shape-rendering="crispEdges" {
            title { (title) }
            rect.light width=(side) height=(side) {}
            path d=(PreEscaped(path)) {}
        }
    }
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
