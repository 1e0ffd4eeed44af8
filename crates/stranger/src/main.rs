//! The child as a program of its own: what the tests of this crate start. The product starts `tinhso read-stranger`, which
//! does the same.

use std::process::ExitCode;

fn main() -> ExitCode {
    let ask = std::env::args().nth(2).unwrap_or_default();
    match stranger::child::run(&ask, stranger::child::LIMITS) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            use std::io::Write as _;
            let _ = writeln!(std::io::stderr(), "stranger: {error}");
            ExitCode::FAILURE
        }
    }
}
