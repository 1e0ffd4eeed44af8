//! The program's entry: reads the command line, runs the command, and ends with one clear line when
//! something is wrong. The work itself is in the library beside this file.

use clap::Parser;
use std::process::ExitCode;

/// Requests take and free memory on every core at once: `docs/decisions/0014-mimalloc-and-sqlite-flags.md`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = tinhso::cli::Cli::parse();
    match tinhso::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error is the operator's; a closed one is no reason to panic.
            use std::io::Write;
            let _ = writeln!(std::io::stderr(), "tinhso: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}
