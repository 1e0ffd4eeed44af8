//! The graph of dependencies, as `cargo metadata` gives it for the one platform that the program is built for. It reads
//! the lock file and what cargo has at hand; it never fetches and never changes a version.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

/// The platform whose dependencies count: those of others are never built.
const PLATFORM: &str = "x86_64-unknown-linux-gnu";

#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    resolve: Resolve,
    workspace_members: BTreeSet<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: Option<String>,
    pub(crate) license_file: Option<String>,
    pub(crate) repository: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<DependencyKind>,
}

#[derive(Debug, Deserialize)]
struct DependencyKind {
    kind: Option<String>,
}

impl Metadata {
    /// Reads the graph of the workspace at `root`.
    ///
    /// # Errors
    /// What cargo says when the lock file is not current or a package is not at hand.
    pub(crate) fn read(root: &Path) -> Result<Self, String> {
        let output = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()))
            .args([
                "metadata",
                "--locked",
                "--offline",
                "--format-version",
                "1",
                "--filter-platform",
                PLATFORM,
            ])
            .current_dir(root)
            .output()
            .map_err(|error| format!("cargo metadata: {error}"))?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(format!(
                "cargo metadata failed (run cargo fetch --locked first?): {words}"
            ));
        }
        Self::parse(&output.stdout)
    }

    /// Reads the JSON of `cargo metadata`.
    pub(crate) fn parse(json: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(json).map_err(|error| format!("cargo metadata: {error}"))
    }

    /// The packages of others, by id, that some package of ours reaches.
    pub(crate) fn foreign(&self) -> BTreeMap<&str, &Package> {
        let built: BTreeSet<&str> = self.resolve.nodes.iter().map(|node| node.id.as_str()).collect();
        let is_foreign =
            |package: &&Package| !self.workspace_members.contains(&package.id) && built.contains(package.id.as_str());
        self.packages
            .iter()
            .filter(is_foreign)
            .map(|package| (package.id.as_str(), package))
            .collect()
    }

    /// The packages of others that go into the package `name`: what it links, and what builds it; not what tests it.
    pub(crate) fn reached_by(&self, name: &str) -> Vec<&Package> {
        let nodes: BTreeMap<&str, &Node> = self.resolve.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
        let start = self
            .packages
            .iter()
            .find(|package| package.name == name && self.workspace_members.contains(&package.id));
        let mut open: Vec<&str> = start.iter().map(|package| package.id.as_str()).collect();
        let mut seen: BTreeSet<&str> = open.iter().copied().collect();
        while let Some(id) = open.pop() {
            for dependency in nodes.get(id).iter().flat_map(|node| &node.deps) {
                let counts = dependency
                    .dep_kinds
                    .iter()
                    .any(|kind| kind.kind.as_deref() != Some("dev"));
                if counts && seen.insert(&dependency.pkg) {
                    open.push(&dependency.pkg);
                }
            }
        }
        let foreign = self.foreign();
        let mut reached: Vec<&Package> = seen.iter().filter_map(|id| foreign.get(id).copied()).collect();
        reached.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
        reached
    }

    /// Who names this package among its own dependencies, as `name version`.
    pub(crate) fn users_of(&self, id: &str) -> Vec<String> {
        let uses = |node: &&Node| node.deps.iter().any(|dependency| dependency.pkg == id);
        let names = self
            .resolve
            .nodes
            .iter()
            .filter(uses)
            .filter_map(|node| self.packages.iter().find(|p| p.id == node.id));
        names.map(|package| package.name.clone()).collect()
    }
}
