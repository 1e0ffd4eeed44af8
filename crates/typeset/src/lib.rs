//! Typesets one paper after another inside a child process that may nothing else: the fonts are in the program, the files are
//! those of the order, and the process forbids itself to open a file or a socket before it reads its first order.
//! Refuses packages, paths, the clock and chance. It knows no paper: what is typeset is the order's business (crate `press`).
//! Standard: NĐ 30/2020/NĐ-CP asks for Times New Roman, TCVN 6909; Liberation Serif has its metrics and every letter of
//! Vietnamese, under a free licence. PDF/A-2b, so that a paper reads in fifty years.

mod child;
mod sheet;

pub use child::{ChildError, run};
pub use sheet::typeset;

/// The fonts that a paper may use; there are no others. Licence and source: `vendor.toml`.
pub(crate) const FONTS: [&[u8]; 4] = [
    include_bytes!("../fonts/LiberationSerif-Regular.ttf"),
    include_bytes!("../fonts/LiberationSerif-Bold.ttf"),
    include_bytes!("../fonts/LiberationSerif-Italic.ttf"),
    include_bytes!("../fonts/LiberationSerif-BoldItalic.ttf"),
];
