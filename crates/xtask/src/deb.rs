//! `cargo xtask deb`: builds the release binary and packs it with its service and documents into a Debian
//! package, using `dpkg-deb` alone. The package never carries data, keys or configuration.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds the package and prints its path.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let target = build_release(root)?;
    let version = env!("CARGO_PKG_VERSION");
    let arch = output("dpkg", &["--print-architecture"])?;
    let stage = target.join("deb").join(format!("tinhso_{version}_{arch}"));
    if stage.exists() {
        fs::remove_dir_all(&stage).map_err(|e| format!("{}: {e}", stage.display()))?;
    }
    let binary = target.join("release/tinhso");
    install(&binary, &stage.join("usr/bin/tinhso"), 0o755)?;
    let packaging = root.join("packaging");
    install(
        &packaging.join("tinhso.service"),
        &stage.join("lib/systemd/system/tinhso.service"),
        0o644,
    )?;
    for (from, to) in [
        ("LICENSE", "copyright"),
        ("README.md", "README.md"),
        ("README.vi.md", "README.vi.md"),
        ("THIRD-PARTY.md", "THIRD-PARTY.md"),
        ("docs/operations.md", "operations.md"),
        ("docs/security.md", "security.md"),
    ] {
        install(&root.join(from), &stage.join("usr/share/doc/tinhso").join(to), 0o644)?;
    }
    write_control(&packaging, &stage, version, &arch, &binary)?;
    for script in ["postinst", "prerm", "postrm"] {
        install(
            &packaging.join("debian").join(script),
            &stage.join("DEBIAN").join(script),
            0o755,
        )?;
    }
    let package = stage.with_extension("deb");
    // `with_extension` would cut at the version's last dot.
    let package = package.with_file_name(format!("tinhso_{version}_{arch}.deb"));
    run_command(
        "dpkg-deb",
        &["--root-owner-group", "-Zxz", "--build", &text(&stage), &text(&package)],
        root,
    )?;
    crate::say(&package.display().to_string());
    Ok(())
}

fn build_release(root: &Path) -> Result<PathBuf, String> {
    run_command("cargo", &["build", "--release", "--locked", "-p", "tinhso"], root)?;
    Ok(std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from))
}

fn write_control(packaging: &Path, stage: &Path, version: &str, arch: &str, binary: &Path) -> Result<(), String> {
    let size_kb = fs::metadata(binary)
        .map_err(|e| format!("{}: {e}", binary.display()))?
        .len()
        / 1024;
    let path = packaging.join("debian/control");
    let control = fs::read_to_string(&path)
        .map_err(|e| format!("{}: {e}", path.display()))?
        .replace("@VERSION@", version)
        .replace("@ARCH@", arch)
        .replace("@GLIBC@", &glibc_needed(binary)?)
        .replace("@SIZE_KB@", &size_kb.to_string());
    let to = stage.join("DEBIAN/control");
    fs::create_dir_all(to.parent().unwrap_or(stage)).map_err(|e| e.to_string())?;
    fs::write(&to, control).map_err(|e| format!("{}: {e}", to.display()))
}

/// The newest glibc symbol version that the binary asks for, so that an older system refuses the package
/// instead of failing at start.
fn glibc_needed(binary: &Path) -> Result<String, String> {
    let symbols = output("objdump", &["-T", &text(binary)])?;
    let mut newest = (2, 17);
    for (_, rest) in symbols
        .match_indices("GLIBC_2.")
        .map(|(at, m)| (at, &symbols[at + m.len()..]))
    {
        let minor: String = rest.chars().take_while(char::is_ascii_digit).collect();
        newest = newest.max((2, minor.parse().unwrap_or(0)));
    }
    Ok(format!("{}.{}", newest.0, newest.1))
}

fn install(from: &Path, to: &Path, mode: u32) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;
    fs::create_dir_all(to.parent().unwrap_or(Path::new("/"))).map_err(|e| format!("{}: {e}", to.display()))?;
    fs::copy(from, to).map_err(|e| format!("{}: {e}", from.display()))?;
    fs::set_permissions(to, fs::Permissions::from_mode(mode)).map_err(|e| format!("{}: {e}", to.display()))
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn output(program: &str, args: &[&str]) -> Result<String, String> {
    let out = Command::new(program)
        .args(args)
        .output()
        .map_err(|e| format!("{program}: {e}"))?;
    if !out.status.success() {
        return Err(format!(
            "{program} failed: {}",
            String::from_utf8_lossy(&out.stderr).trim()
        ));
    }
    Ok(String::from_utf8_lossy(&out.stdout).trim().to_owned())
}

fn run_command(program: &str, args: &[&str], folder: &Path) -> Result<(), String> {
    let status = Command::new(program)
        .args(args)
        .current_dir(folder)
        .status()
        .map_err(|e| format!("{program}: {e}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{program} {} failed", args.join(" ")))
    }
}
