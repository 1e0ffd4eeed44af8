//! A payload drawn as a QR code: as SVG for pages and paper, as text blocks for a terminal.
//! Error correction M (15 %); four modules of white around it. Standard: ISO/IEC 18004.

use kernel::{ErrorKind, Fault};
use qrcode::render::{svg as svg_render, unicode};
use qrcode::{EcLevel, QrCode};

/// The text is too long for any code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text is too long for a QR code")]
pub struct ImageError;

impl Fault for ImageError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::TooLarge
    }

    fn code(&self) -> &'static str {
        "qr-too-long"
    }
}

fn code(payload: &str) -> Result<QrCode, ImageError> {
    QrCode::with_error_correction_level(payload, EcLevel::M).map_err(|_| ImageError)
}

/// The code as an SVG of its own, `side_px` pixels wide at least, dark on white.
///
/// # Errors
/// [`ImageError`] when it does not fit.
pub fn svg(payload: &str, side_px: u32) -> Result<String, ImageError> {
    Ok(code(payload)?
        .render::<svg_render::Color<'_>>()
        .min_dimensions(side_px, side_px)
        .build())
}

/// The code as lines of half blocks, white drawn as blocks: right on a terminal with a dark ground, and readers of
/// today take it inverted as well.
///
/// # Errors
/// [`ImageError`] when it does not fit.
pub fn text_blocks(payload: &str) -> Result<String, ImageError> {
    let code = code(payload)?;
    let mut drawing = code.render::<unicode::Dense1x2>();
    drawing
        .dark_color(unicode::Dense1x2::Light)
        .light_color(unicode::Dense1x2::Dark)
        .module_dimensions(1, 1);
    Ok(drawing.build())
}
