//! The tools of this repository, run as `cargo xtask NAME`: checks that the compiler does not make, and files that are
//! generated. Each tool reads the tree, prints `file:line: what`, and ends with 1 when something is to be done.
//! Nothing of it is linked into the program.

mod assets;
mod deb;
mod deps;
mod licence;
mod metadata;
mod notices;
mod tidy;
mod tree;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "cargo xtask NAME
  tidy [RULE...]           the rules of the house: arrows, sizes, texts, SQL, HTTP, markup, words, migrations, conformance
  bless                    writes the checksums of new migrations
  deps [--bless]           licences, banned crates and duplicate versions of dependencies
  notices [--check]        writes THIRD-PARTY.md, or says whether it is current
  vendor-assets [--check]  fetches vendored assets again and compares hashes; --check only compares what lies here
  deb [--built]            builds the Debian package; --built packs the release binary that is there";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (name, rest) = match arguments.split_first() {
        Some((name, rest)) => (name.as_str(), rest),
        None => ("", [].as_slice()),
    };
    let root = root();
    let flag = |wanted: &str| rest.iter().any(|argument| argument == wanted);
    let outcome = match name {
        "tidy" => tidy::run(&root, rest),
        "bless" => tidy::bless(&root),
        "deps" => deps::run(&root, flag("--bless")),
        "notices" => notices::run(&root, flag("--check")),
        "vendor-assets" => assets::run(&root, flag("--check")),
        "deb" => deb::run(&root, flag("--built")),
        _ => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            say(&message);
            ExitCode::FAILURE
        }
    }
}

/// The repository in which the tool is run: the nearest folder above with a lock file. Not the one in which it was built:
/// clones may share their build output.
fn root() -> PathBuf {
    let here = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let root = here.ancestors().find(|folder| folder.join("Cargo.lock").is_file());
    root.map_or_else(|| here.clone(), Path::to_path_buf)
}

/// Prints a line for whoever runs the tool.
#[expect(clippy::print_stdout, reason = "a tool's findings are its output")]
fn say(line: &str) {
    println!("{line}");
}
