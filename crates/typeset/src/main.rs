//! The child as a program of its own: what the tests of this crate start, and with which a template is tried by hand. The
//! product starts `tinhso typeset`, which does the same.

use std::process::ExitCode;

fn main() -> ExitCode {
    match typeset::run(press::LIMITS) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            use std::io::Write as _;
            let _ = writeln!(std::io::stderr(), "typeset: {error}");
            ExitCode::FAILURE
        }
    }
}
