//! Scripts, styles and fonts by others that lie in the repository: each with package, version, licence and SHA-256 in a
//! `vendor.toml` beside it. Nothing is fetched when the program is built or runs; a person refetches with this tool, and
//! `--check` holds every file to its hash without a network.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

/// The manifests, each describing files in its own folder.
const MANIFESTS: &[&str] = &[
    "crates/typeset/vendor.toml",
    "crates/web/assets/vendor.toml",
    "tests/assets/vendor.toml",
];

/// The largest file that is unpacked from a package, in bytes.
const FILE_BYTES_MAX: u64 = 8 << 20;

#[derive(Debug, Deserialize)]
struct Manifest {
    #[serde(default)]
    package: Vec<Asset>,
}

/// Where a package comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Origin {
    /// The npm registry.
    #[default]
    Npm,
    /// Debian; what npm has of a font is cut into subsets for browsers.
    Debian,
}

/// One package and the files taken from it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asset {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) licence: String,
    #[serde(default)]
    pub(crate) origin: Origin,
    /// What was done to the files after unpacking, when anything was; such files are not compared with the package's.
    #[serde(default)]
    pub(crate) changed: Option<String>,
    pub(crate) file: Vec<Taken>,
}

/// A file of a package: its path there, its place here, its hash here.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Taken {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) sha256: String,
}

/// Every vendored package.
///
/// # Errors
/// The fault of a manifest.
pub(crate) fn manifests(root: &Path) -> Result<Vec<Asset>, String> {
    let mut all = Vec::new();
    for path in MANIFESTS {
        all.extend(read(root, path)?);
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

fn read(root: &Path, path: &str) -> Result<Vec<Asset>, String> {
    let text = std::fs::read_to_string(root.join(path)).map_err(|error| format!("{path}: {error}"))?;
    let manifest: Manifest = toml::from_str(&text).map_err(|error| format!("{path}: {error}"))?;
    Ok(manifest.package)
}

/// Checks, or fetches again and checks.
///
/// # Errors
/// How many files differ, when any do; each was printed.
pub(crate) fn run(root: &Path, check: bool) -> Result<(), String> {
    let mut faults = Vec::new();
    let mut count = 0;
    for path in MANIFESTS {
        let folder = root
            .join(path)
            .parent()
            .map_or_else(|| root.to_path_buf(), Path::to_path_buf);
        let assets = read(root, path)?;
        if !check {
            for asset in &assets {
                fetch(asset, &folder)?;
            }
        }
        count += assets.iter().map(|asset| asset.file.len()).sum::<usize>();
        faults.extend(
            compare(&assets, &folder)
                .into_iter()
                .map(|fault| format!("{path}:1: {fault} [vendor-assets]")),
        );
        faults.extend(
            strays(&assets, &folder)
                .into_iter()
                .map(|fault| format!("{path}:1: {fault} [vendor-assets]")),
        );
    }
    for fault in &faults {
        crate::say(fault);
    }
    if faults.is_empty() {
        crate::say(&format!("vendor-assets: {count} files, all as recorded"));
        return Ok(());
    }
    Err(format!("vendor-assets: {} faults", faults.len()))
}

fn compare(assets: &[Asset], folder: &Path) -> Vec<String> {
    let fault = |taken: &Taken| match std::fs::read(folder.join(&taken.to)) {
        Err(error) => Some(format!("{}: {error}", taken.to)),
        Ok(bytes) => {
            let found = sha256(&bytes);
            (found != taken.sha256).then(|| format!("{} has the hash {found}, recorded is {}", taken.to, taken.sha256))
        }
    };
    assets.iter().flat_map(|asset| &asset.file).filter_map(fault).collect()
}

/// Files in a folder called `vendor` or `fonts` that no entry names: nobody knows their licence.
fn strays(assets: &[Asset], folder: &Path) -> Vec<String> {
    let known: BTreeSet<PathBuf> = assets
        .iter()
        .flat_map(|asset| &asset.file)
        .map(|file| folder.join(&file.to))
        .collect();
    let mut found = Vec::new();
    for part in ["vendor", "fonts"] {
        for entry in walkdir::WalkDir::new(folder.join(part))
            .into_iter()
            .filter_map(Result::ok)
        {
            let told = known.contains(entry.path()) || entry.path().extension().is_some_and(|kind| kind == "md");
            let licence = entry.file_name().to_string_lossy().starts_with("LICENSE");
            if entry.file_type().is_file() && !told && !licence {
                found.push(format!(
                    "{} is named by no entry",
                    entry.path().strip_prefix(folder).unwrap_or(entry.path()).display()
                ));
            }
        }
    }
    found
}

/// Gets the package into a temporary folder and copies the files that were not changed by hand.
fn fetch(asset: &Asset, folder: &Path) -> Result<(), String> {
    let temporary = std::env::temp_dir().join(format!("tinhso-assets-{}", std::process::id()));
    std::fs::create_dir_all(&temporary).map_err(|error| format!("{}: {error}", temporary.display()))?;
    let result = match asset.origin {
        Origin::Npm => fetch_npm(asset, folder, &temporary),
        Origin::Debian => fetch_debian(asset, folder, &temporary),
    };
    std::fs::remove_dir_all(&temporary).map_err(|error| format!("{}: {error}", temporary.display()))?;
    result
}

/// Downloads a Debian package, lays out its files and copies those that are wanted.
fn fetch_debian(asset: &Asset, folder: &Path, temporary: &Path) -> Result<(), String> {
    let wanted = format!("{}={}", asset.name, asset.version);
    for command in [
        format!("apt-get download -q '{wanted}'"),
        "dpkg -x ./*.deb .".to_owned(),
    ] {
        let status = Command::new("sh")
            .args(["-c", &command])
            .current_dir(temporary)
            .status();
        if !status.map_err(|error| format!("{command}: {error}"))?.success() {
            return Err(format!("{command} did not succeed"));
        }
    }
    for taken in &asset.file {
        let bytes = std::fs::read(temporary.join(&taken.from)).map_err(|error| format!("{}: {error}", taken.from))?;
        std::fs::write(folder.join(&taken.to), &bytes).map_err(|error| format!("{}: {error}", taken.to))?;
        crate::say(&format!("{wanted}: {} {}", taken.to, sha256(&bytes)));
    }
    Ok(())
}

fn fetch_npm(asset: &Asset, folder: &Path, temporary: &Path) -> Result<(), String> {
    let wanted = format!("{}@{}", asset.name, asset.version);
    let output = Command::new("npm")
        .args(["pack", "--silent", "--ignore-scripts", &wanted])
        .current_dir(temporary)
        .output()
        .map_err(|error| format!("npm pack {wanted}: {error}"))?;
    let archive = String::from_utf8_lossy(&output.stdout)
        .trim()
        .lines()
        .last()
        .unwrap_or("")
        .to_owned();
    if output.status.success() {
        unpack(asset, &temporary.join(archive), folder)
    } else {
        Err(format!(
            "npm pack {wanted}: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        ))
    }
}

fn unpack(asset: &Asset, archive: &Path, folder: &Path) -> Result<(), String> {
    let fail = |error: std::io::Error| format!("{}: {error}", archive.display());
    let reader = std::fs::File::open(archive).map_err(fail)?;
    let mut archive_entries = tar::Archive::new(flate2::read::GzDecoder::new(reader));
    let mut left: Vec<&Taken> = asset.file.iter().collect();
    for entry in archive_entries.entries().map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let path = entry.path().map_err(fail)?.to_string_lossy().into_owned();
        let inside = path
            .split_once('/')
            .map_or(path.as_str(), |(_, inside)| inside)
            .to_owned();
        let Some(at) = left.iter().position(|taken| taken.from == inside) else {
            continue;
        };
        let taken = left.swap_remove(at);
        let mut bytes = Vec::new();
        entry.take(FILE_BYTES_MAX).read_to_end(&mut bytes).map_err(fail)?;
        if asset.changed.is_none() {
            std::fs::write(folder.join(&taken.to), &bytes).map_err(|error| format!("{}: {error}", taken.to))?;
        }
        crate::say(&format!(
            "{} {}: {} {}",
            asset.name,
            asset.version,
            taken.to,
            sha256(&bytes)
        ));
    }
    match left.first() {
        None => Ok(()),
        Some(taken) => Err(format!("{} {} holds no {}", asset.name, asset.version, taken.from)),
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(ring::digest::digest(&ring::digest::SHA256, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_a_lost_and_a_stray_file_are_found() {
        let folder = std::env::temp_dir().join(format!("tinhso-assets-test-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("vendor")).unwrap();
        std::fs::write(folder.join("vendor/a.js"), "a").unwrap();
        std::fs::write(folder.join("vendor/c.js"), "c").unwrap();
        let text = format!(
            "[[package]]\nname = \"x\"\nversion = \"1\"\nlicence = \"MIT\"\n\
             file = [{{ from = \"a.js\", to = \"vendor/a.js\", sha256 = \"{}\" }}, {{ from = \"b.js\", to = \"vendor/b.js\", sha256 = \"\" }}]\n",
            sha256(b"a")
        );
        let manifest: Manifest = toml::from_str(&text).unwrap();
        let faults = compare(&manifest.package, &folder);
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].starts_with("vendor/b.js: "));
        assert_eq!(strays(&manifest.package, &folder), ["vendor/c.js is named by no entry"]);
        std::fs::write(folder.join("vendor/a.js"), "b").unwrap();
        assert_eq!(compare(&manifest.package, &folder).len(), 2);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
