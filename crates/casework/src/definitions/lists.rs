//! Lists of codes that forms choose from, and the registers that forms fill themselves from: small files of
//! `provinces/_country`, embedded. A code is found by itself or by its name in either language, as people type it.
//! It refuses to complete a list: what the source does not have is not here (`PROVENANCE.md`).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use kernel::Bilingual;
use serde::Deserialize;

/// A code with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// The code, as it is stored.
    pub code: String,
    /// What it means.
    pub name: Bilingual,
}

/// A list, in the order of its codes.
pub type CodeList = Vec<Code>;

/// The files: one code a line, `code;name;English name`.
const FILES: &[(&str, &str)] = &[
    (
        "economic-activities",
        include_str!("../../../../provinces/_country/lists/economic-activities.csv"),
    ),
    (
        "ethnic-groups",
        include_str!("../../../../provinces/_country/lists/ethnic-groups.csv"),
    ),
];

/// Lists that systems name and that are filled elsewhere, as data of a register.
const ELSEWHERE: &[&str] = &["species"];

static LISTS: LazyLock<BTreeMap<&'static str, CodeList>> =
    LazyLock::new(|| FILES.iter().map(|(name, text)| (*name, read(text))).collect());

fn read(text: &str) -> CodeList {
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let codes = lines.filter_map(|line| {
        let mut parts = line.split(';');
        let (code, vi, en) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Code {
            code: code.to_owned(),
            name: Bilingual::new(vi, en),
        })
    });
    codes.collect()
}

/// The list of that name; `None` when its codes are not here.
#[must_use]
pub fn list(name: &str) -> Option<&'static CodeList> {
    LISTS.get(name)
}

/// Every list that a definition may name.
pub fn names() -> impl Iterator<Item = String> {
    let all = FILES.iter().map(|(name, _)| *name).chain(ELSEWHERE.iter().copied());
    all.map(str::to_owned)
}

#[derive(Debug, Deserialize)]
struct File {
    register: BTreeMap<String, Label>,
}

#[derive(Debug, Deserialize)]
struct Label {
    vi: String,
    en: String,
}

static REGISTERS: LazyLock<File> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../../provinces/_country/surroundings.toml")).expect("a test reads this file")
});

/// Registers of other keepers that definitions may name.
pub(super) fn registers() -> impl Iterator<Item = String> {
    REGISTERS.register.keys().cloned()
}

/// What a register is called; the name of its system for one of ours.
#[must_use]
pub fn register_name(register: &str) -> Bilingual {
    if let Some(label) = REGISTERS.register.get(register) {
        return Bilingual::new(&label.vi, &label.en);
    }
    let system = super::systems().iter().find(|system| system.code == register);
    let name = system.and_then(|system| system.texts.get("system.name")).cloned();
    name.unwrap_or_else(|| Bilingual::vi(register))
}
