//! `cargo xtask deb`: builds the release binary and packs it with its service and documents into a Debian
//! package, using `dpkg-deb` alone. The package never carries data, keys or configuration.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the package holds besides program and man page: where it lies here, where it goes, its mode. Documents keep their
/// folders, so that links between them lead somewhere.
const FILES: &[(&str, &str)] = &[
    ("packaging/tinhso.service", "usr/lib/systemd/system/tinhso.service"),
    ("packaging/debian/copyright", "usr/share/doc/tinhso/copyright"),
    ("README.md", "usr/share/doc/tinhso/README.md"),
    ("README.vi.md", "usr/share/doc/tinhso/README.vi.md"),
    ("THIRD-PARTY.md", "usr/share/doc/tinhso/THIRD-PARTY.md"),
    ("docs/glossary.md", "usr/share/doc/tinhso/docs/glossary.md"),
    ("docs/operations.md", "usr/share/doc/tinhso/docs/operations.md"),
    ("docs/performance.md", "usr/share/doc/tinhso/docs/performance.md"),
    ("docs/security.md", "usr/share/doc/tinhso/docs/security.md"),
];

/// Where the program goes.
const PROGRAM: &str = "usr/bin/tinhso";
/// What is packed with gzip: its source and its place.
const PACKED: &[(&str, &str)] = &[
    ("packaging/tinhso.1", "usr/share/man/man1/tinhso.1.gz"),
    ("packaging/debian/changelog", "usr/share/doc/tinhso/changelog.gz"),
];
/// What dpkg runs.
const SCRIPTS: &[&str] = &["postinst", "prerm", "postrm"];
/// Packages of Debian that hold the libraries the program is linked with.
const LIBRARIES: &[(&str, &str)] = &[
    ("libc.so.6", "libc6"),
    ("libm.so.6", "libc6"),
    ("ld-linux-x86-64.so.2", "libc6"),
    ("ld-linux-aarch64.so.1", "libc6"),
    ("libgcc_s.so.1", "libgcc-s1"),
];

/// What a package is of.
struct Release {
    version: &'static str,
    arch: String,
    /// The time of the last commit, in seconds: the same tree gives the same package.
    made_at: String,
    /// The same as RFC 5322 writes it.
    date: String,
}

/// Builds the package and prints its path. With `is_built` the release binary is packed as it lies there.
pub(crate) fn run(root: &Path, is_built: bool) -> Result<(), String> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    if !is_built {
        run_command("cargo", &["build", "--release", "--locked", "-p", "tinhso"], root)?;
    }
    let time = |form: &str| output("git", &["-C", &text(root), "log", "-1", &format!("--format={form}")]);
    let release = Release {
        version: env!("CARGO_PKG_VERSION"),
        arch: output("dpkg", &["--print-architecture"])?,
        made_at: time("%ct")?,
        date: time("%cD")?,
    };
    let package = target.join(format!("deb/tinhso_{}_{}.deb", release.version, release.arch));
    let stage = target.join("deb/stage");
    if stage.exists() {
        fs::remove_dir_all(&stage).map_err(|e| format!("{}: {e}", stage.display()))?;
    }
    fill(root, &stage, &target.join("release/tinhso"), &release)?;
    let built = Command::new("dpkg-deb")
        .args(["--root-owner-group", "-Zxz", "--build", &text(&stage), &text(&package)])
        .env("SOURCE_DATE_EPOCH", &release.made_at)
        .status()
        .map_err(|e| format!("dpkg-deb: {e}"))?;
    if !built.success() {
        return Err("dpkg-deb failed".to_owned());
    }
    crate::say(&package.display().to_string());
    Ok(())
}

fn fill(root: &Path, stage: &Path, binary: &Path, release: &Release) -> Result<(), String> {
    install(binary, &stage.join(PROGRAM), 0o755)?;
    for (from, to) in FILES {
        install(&root.join(from), &stage.join(to), 0o644)?;
    }
    for (from, to) in PACKED {
        let words = filled_in(root, from, release)?;
        write(&stage.join(to), &gzip(words.as_bytes())?)?;
    }
    let size_kb = fs::metadata(binary)
        .map_err(|e| format!("{}: {e}", binary.display()))?
        .len()
        / 1024;
    let control = filled_in(root, "packaging/debian/control", release)?
        .replace("@DEPENDS@", &depends(binary)?)
        .replace("@SIZE_KB@", &size_kb.to_string());
    write(&stage.join("DEBIAN/control"), control.as_bytes())?;
    for script in SCRIPTS {
        let from = root.join("packaging/debian").join(script);
        install(&from, &stage.join("DEBIAN").join(script), 0o755)?;
    }
    Ok(())
}

fn filled_in(root: &Path, path: &str, release: &Release) -> Result<String, String> {
    let words = fs::read_to_string(root.join(path)).map_err(|e| format!("{path}: {e}"))?;
    Ok(words
        .replace("@VERSION@", release.version)
        .replace("@ARCH@", &release.arch)
        .replace("@DATE@", &release.date))
}

/// Packs without a name and a time, so that equal texts give equal bytes.
fn gzip(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(bytes).map_err(|e| e.to_string())?;
    packer.finish().map_err(|e| e.to_string())
}

/// The packages that the program needs for the libraries it is linked with; one that is not known is a mistake.
fn depends(binary: &Path) -> Result<String, String> {
    let headers = output("objdump", &["-p", &text(binary)])?;
    let needed = headers
        .lines()
        .filter_map(|line| line.trim().strip_prefix("NEEDED"))
        .map(str::trim);
    let mut packages = BTreeSet::new();
    for library in needed {
        let known = LIBRARIES.iter().find(|(name, _)| *name == library);
        let (_, package) = known
            .ok_or_else(|| format!("the program is linked with {library}, which no package of LIBRARIES holds"))?;
        packages.insert(*package);
    }
    let glibc = glibc_needed(binary)?;
    let listed: Vec<String> = packages
        .into_iter()
        .map(|package| match package {
            "libc6" => format!("libc6 (>= {glibc})"),
            other => other.to_owned(),
        })
        .collect();
    Ok(listed.join(", "))
}

/// The newest glibc that the binary asks for, by the versions of its symbols and by what its loader must read, so that an older
/// system refuses the package instead of failing at start.
fn glibc_needed(binary: &Path) -> Result<String, String> {
    let symbols = output("objdump", &["-p", &text(binary)])?;
    let packs_addresses = symbols.contains("GLIBC_ABI_DT_RELR");
    let mut newest = if packs_addresses { (2, 36) } else { (2, 17) };
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

fn write(to: &Path, bytes: &[u8]) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;
    fs::create_dir_all(to.parent().unwrap_or(Path::new("/"))).map_err(|e| format!("{}: {e}", to.display()))?;
    fs::write(to, bytes).map_err(|e| format!("{}: {e}", to.display()))?;
    fs::set_permissions(to, fs::Permissions::from_mode(0o644)).map_err(|e| format!("{}: {e}", to.display()))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> PathBuf {
        crate::root()
    }

    fn read(path: &str) -> String {
        fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    /// The values of a setting of the unit, each line apart.
    fn settings(unit: &str, name: &str) -> Vec<String> {
        let prefix = format!("{name}=");
        unit.lines()
            .filter_map(|line| line.strip_prefix(&prefix))
            .map(str::to_owned)
            .collect()
    }

    /// Everything that the package puts somewhere, as absolute paths.
    fn installed() -> Vec<String> {
        let files = FILES.iter().chain(PACKED).map(|(_, to)| format!("/{to}"));
        files.chain([format!("/{PROGRAM}")]).collect()
    }

    #[test]
    fn what_is_packed_lies_here() {
        for (from, _) in FILES.iter().chain(PACKED) {
            assert!(root().join(from).is_file(), "{from}");
        }
    }

    #[test]
    fn the_maintainer_scripts_parse_and_stop_at_a_fault() {
        for script in SCRIPTS {
            let path = root().join("packaging/debian").join(script);
            let parsed = Command::new("sh").arg("-n").arg(&path).output().expect("a shell");
            assert!(
                parsed.status.success(),
                "{script}: {}",
                String::from_utf8_lossy(&parsed.stderr)
            );
            let words = read(&format!("packaging/debian/{script}"));
            assert!(
                words.starts_with("#!/bin/sh\n") && words.lines().any(|line| line == "set -e"),
                "{script}"
            );
        }
        assert_eq!(
            fs::read_dir(root().join("packaging/debian"))
                .expect("the folder")
                .count(),
            SCRIPTS.len() + 3
        );
    }

    #[test]
    fn what_the_unit_names_is_in_the_package_or_made_by_it() {
        let (unit, postinst) = (read("packaging/tinhso.service"), read("packaging/debian/postinst"));
        let command = settings(&unit, "ExecStart").join(" ");
        let words: Vec<&str> = command.split_whitespace().collect();
        assert!(installed().contains(&words[0].to_owned()), "{command}");
        assert_eq!(words[1..], ["serve", "--config", "/etc/tinhso/tinhso.toml"]);
        for page in settings(&unit, "Documentation").join(" ").split_whitespace() {
            let path = match page.strip_prefix("file://") {
                Some(path) => path.to_owned(),
                None => "/usr/share/man/man1/tinhso.1.gz".to_owned(),
            };
            assert!(installed().contains(&path), "{page}");
        }
        for user in [settings(&unit, "User"), settings(&unit, "Group")].concat() {
            assert!(postinst.contains(&format!("--quiet {user}\n")), "{user}");
            assert!(postinst.contains(&format!("-o {user} -g {user}")), "{user}");
        }
        let folders = [("/var/lib/", "StateDirectory"), ("/var/log/", "LogsDirectory")];
        for (parent, setting) in folders {
            for folder in settings(&unit, setting) {
                assert!(postinst.contains(&format!("{parent}{folder}")), "{setting}={folder}");
            }
        }
    }

    #[test]
    fn every_text_tells_the_same_way_to_install() {
        let init = "init --province ha-tinh --data /var/lib/tinhso --config /etc/tinhso/tinhso.toml --keys /etc/tinhso/keys.toml";
        for path in ["packaging/debian/postinst", "docs/operations.md"] {
            let text = read(path).replace("\\\n", " ");
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(text.contains(init), "{path} makes a province another way");
            assert!(text.contains("systemctl enable --now tinhso"), "{path}");
        }
    }

    #[test]
    fn a_library_that_no_package_holds_is_a_mistake() {
        // Any dynamic program: the shell's libraries are all of libc.
        let here = depends(Path::new("/bin/sh"));
        assert!(
            here.as_ref().is_ok_and(|list| list.starts_with("libc6 (>= 2.")),
            "{here:?}"
        );
    }
}
