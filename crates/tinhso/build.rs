//! Asks the linker for a smaller program where linker and loader of this machine can: equal functions once, and addresses to be
//! moved at the start as a bitmap instead of 24 bytes each. Tried on an empty program first, because not every linker folds
//! functions and no loader before glibc 2.36 reads the bitmap. Refuses nothing: without them the program is some 6 MB larger.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

const ARGUMENTS: [&str; 2] = ["-Wl,--icf=all", "-Wl,-z,pack-relative-relocs"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is_release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let is_native = env::var_os("HOST") == env::var_os("TARGET");
    if !(is_release && is_native) {
        return;
    }
    for argument in ARGUMENTS {
        if works(argument) {
            println!("cargo::rustc-link-arg-bins={argument}");
        }
    }
}

/// Whether an empty program that is linked with `argument` starts here.
fn works(argument: &str) -> bool {
    let (Some(folder), Some(rustc)) = (env::var_os("OUT_DIR"), env::var_os("RUSTC")) else {
        return false;
    };
    let folder = Path::new(&folder);
    let (source, program) = (folder.join("empty.rs"), folder.join("empty"));
    let mut linked = OsString::from("link-arg=");
    linked.push(argument);
    fs::write(&source, "fn main() {}").is_ok()
        && quietly(
            Command::new(rustc)
                .arg(&source)
                .arg("-o")
                .arg(&program)
                .arg("-C")
                .arg(linked),
        )
        && quietly(&mut Command::new(&program))
}

fn quietly(command: &mut Command) -> bool {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
