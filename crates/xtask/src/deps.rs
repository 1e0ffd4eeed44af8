//! What the program may depend on: licences that can be passed on with it, no crate that needs cmake or a second TLS
//! library, and no second version of a crate that nobody decided on. Accepted duplicates stand with their reasons in
//! `docs/decisions/duplicates.toml`; `--bless` enters new ones with who brings them in, for a person to judge.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;

use crate::licence;
use crate::metadata::{Metadata, Package};

const DUPLICATES: &str = "docs/decisions/duplicates.toml";

/// Licences under which a dependency may come. All are permissive, or (MPL-2.0) reach no further than their own files.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Crates that must not come in by any way, and why.
const BANNED: &[(&str, &str)] = &[
    (
        "openssl-sys",
        "TLS is rustls with ring; a second library means a second list of advisories",
    ),
    ("openssl", "TLS is rustls with ring"),
    ("native-tls", "TLS is rustls with ring"),
    ("aws-lc-sys", "needs cmake and a long C build; ring is the provider"),
    ("aws-lc-rs", "needs cmake and a long C build; ring is the provider"),
    ("cmake", "a fresh machine has a C compiler and nothing else"),
    (
        "sqlx-core",
        "the SQL seam is our own (decision 0001); two owners of libsqlite3 cannot be linked",
    ),
    ("diesel", "the SQL seam is our own (decision 0001)"),
    ("chrono-tz", "time is jiff; Vietnam has one offset"),
    ("utoipa-swagger-ui", "its build script downloads an archive"),
];

#[derive(Debug, Default, Deserialize)]
struct Accepted {
    #[serde(default)]
    duplicate: Vec<Duplicate>,
}

#[derive(Debug, Deserialize)]
struct Duplicate {
    name: String,
    versions: BTreeSet<String>,
    reason: String,
}

/// Checks the dependencies of the workspace at `root`.
///
/// # Errors
/// How many faults there are, when there are any; each was printed.
pub(crate) fn run(root: &Path, bless: bool) -> Result<(), String> {
    let metadata = Metadata::read(root)?;
    let path = root.join(DUPLICATES);
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let accepted: Accepted = toml::from_str(&text).map_err(|error| format!("{DUPLICATES}: {error}"))?;
    let packages: Vec<&Package> = metadata.foreign().into_values().collect();
    if bless {
        let list = write_duplicates(&metadata, &packages, &accepted)?;
        std::fs::write(&path, list).map_err(|error| format!("{DUPLICATES}: {error}"))?;
        crate::say(&format!("deps: wrote {DUPLICATES}; read the reasons of what is new"));
        return Ok(());
    }
    let mut faults = licences(&packages);
    faults.extend(banned(&packages));
    faults.extend(duplicates(&packages, &accepted));
    for fault in &faults {
        crate::say(&format!("Cargo.lock:1: {fault} [deps]"));
    }
    if faults.is_empty() {
        crate::say(&format!("deps: {} packages, nothing to say", packages.len()));
        return Ok(());
    }
    Err(format!("deps: {} faults", faults.len()))
}

fn licences(packages: &[&Package]) -> Vec<String> {
    let allowed = |licence: &str| LICENCES.contains(&licence);
    let fault = |package: &&Package| match &package.license {
        None => Some(format!("{} {} names no licence", package.name, package.version)),
        Some(expression) => match licence::is_allowed(expression, allowed) {
            Ok(true) => None,
            Ok(false) => Some(format!(
                "{} {} comes under {expression}, which is not on the list",
                package.name, package.version
            )),
            Err(error) => Some(format!("{} {}: {error}", package.name, package.version)),
        },
    };
    packages.iter().filter_map(fault).collect()
}

fn banned(packages: &[&Package]) -> Vec<String> {
    let reason = |package: &&Package| BANNED.iter().find(|(name, _)| *name == package.name);
    let named = packages
        .iter()
        .filter_map(|package| reason(package).map(|(name, why)| format!("{name} is banned: {why}")));
    named.collect()
}

/// Each name that comes in more than one version.
fn versions(packages: &[&Package]) -> BTreeMap<String, BTreeSet<String>> {
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in packages {
        versions
            .entry(package.name.clone())
            .or_default()
            .insert(package.version.clone());
    }
    versions.retain(|_, found| found.len() > 1);
    versions
}

fn duplicates(packages: &[&Package], accepted: &Accepted) -> Vec<String> {
    let found = versions(packages);
    let mut faults = Vec::new();
    for (name, versions) in &found {
        let entry = accepted.duplicate.iter().find(|entry| entry.name == *name);
        match entry {
            None => faults.push(format!(
                "{name} comes in versions {versions:?}: bring them together, or enter why not in {DUPLICATES}"
            )),
            Some(entry) if !versions.is_subset(&entry.versions) => {
                faults.push(format!(
                    "{name} comes in versions {versions:?}, accepted are {:?} ({DUPLICATES})",
                    entry.versions
                ));
            }
            Some(entry) if entry.reason.trim().is_empty() => {
                faults.push(format!("{name}: the reason in {DUPLICATES} is empty"))
            }
            Some(_) => {}
        }
    }
    let gone = accepted
        .duplicate
        .iter()
        .filter(|entry| !found.contains_key(&entry.name));
    faults.extend(gone.map(|entry| format!("{} is no duplicate any more: delete it from {DUPLICATES}", entry.name)));
    faults
}

/// The list with entries for what is there now: reasons that stand are kept, new ones say who brings each version.
fn write_duplicates(metadata: &Metadata, packages: &[&Package], accepted: &Accepted) -> Result<String, String> {
    let mut text = String::from(
        "# Crates that come in more than one version, and why that is accepted. `cargo xtask deps` fails on any other.\n\
         # `cargo xtask deps --bless` enters new ones; then read what it wrote, and say what is being done about it.\n",
    );
    for (name, found) in versions(packages) {
        let old = accepted
            .duplicate
            .iter()
            .find(|entry| entry.name == name && found.is_subset(&entry.versions));
        let reason = old.map_or_else(|| brought_by(metadata, packages, &name), |entry| entry.reason.clone());
        let list: Vec<String> = found.iter().map(|version| format!("{version:?}")).collect();
        write!(
            text,
            "\n[[duplicate]]\nname = {name:?}\nversions = [{}]\nreason = {reason:?}\n",
            list.join(", ")
        )
        .map_err(|error| error.to_string())?;
    }
    Ok(text)
}

fn brought_by(metadata: &Metadata, packages: &[&Package], name: &str) -> String {
    let mut parts = Vec::new();
    for package in packages.iter().filter(|package| package.name == name) {
        let mut users = metadata.users_of(&package.id);
        users.sort();
        users.dedup();
        let more = users.len().saturating_sub(4);
        users.truncate(4);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        parts.push(format!("{} by {}{more}", package.version, users.join(", ")));
    }
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, version: &str, license: &str) -> Package {
        Package {
            id: format!("{name}@{version}"),
            name: name.into(),
            version: version.into(),
            license: Some(license.into()),
            license_file: None,
            repository: None,
        }
    }

    #[test]
    fn licences_and_banned_crates_are_found() {
        let (good, bad, ssl) = (
            package("a", "1", "MIT/GPL-3.0"),
            package("b", "1", "GPL-3.0"),
            package("openssl-sys", "1", "MIT"),
        );
        let all = [&good, &bad, &ssl];
        assert_eq!(licences(&all), ["b 1 comes under GPL-3.0, which is not on the list"]);
        assert_eq!(banned(&all).len(), 1);
    }

    #[test]
    fn only_new_duplicates_fail() {
        let (one, two) = (package("a", "1", "MIT"), package("a", "2", "MIT"));
        let accept = |versions: &str, reason: &str| -> Accepted {
            toml::from_str(&format!(
                "[[duplicate]]\nname = \"a\"\nversions = [{versions}]\nreason = {reason:?}\n"
            ))
            .unwrap()
        };
        assert_eq!(
            duplicates(&[&one, &two], &accept("\"1\", \"2\"", "b lags")),
            Vec::<String>::new()
        );
        assert_eq!(duplicates(&[&one, &two], &accept("\"1\", \"3\"", "b lags")).len(), 1);
        assert_eq!(duplicates(&[&one, &two], &accept("\"1\", \"2\"", " ")).len(), 1);
        assert_eq!(duplicates(&[&one, &two], &Accepted::default()).len(), 1);
        assert_eq!(
            duplicates(&[&one], &accept("\"1\", \"2\"", "b lags")).len(),
            1,
            "a stale entry is a fault"
        );
    }
}
