//! The systems of the house: every folder of `systems/` is sound and its cases and samples hold, against the names that
//! `provinces/_country` gives to every province.

use crate::support::{Folder, folder, read_with};
use definition::{Faults, Surroundings, System};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn names_in(path: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(path).unwrap();
    let name = |path: PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    entries.map(|entry| name(entry.unwrap().path())).collect()
}

fn folders() -> BTreeMap<String, Folder> {
    let names = names_in(&root("systems")).into_iter();
    names
        .map(|name| {
            let folder = folder(&root("systems").join(&name));
            (name, folder)
        })
        .collect()
}

/// The names that the house gives to every province.
fn house(folders: &BTreeMap<String, Folder>) -> Surroundings {
    let text = std::fs::read_to_string(root("provinces/_country/surroundings.toml")).unwrap();
    let table: toml::Table = text.parse().unwrap();
    let keys = |key: &str| table[key].as_table().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let roles = table["roles"].as_array().unwrap().iter();
    let files = folders.values().flat_map(Folder::keys);
    let procedures = files.filter_map(|path| path.strip_prefix("procedures/")?.strip_suffix(".toml"));
    Surroundings {
        roles: roles.map(|role| role.as_str().unwrap().to_owned()).collect(),
        units: keys("tiers").into_iter().chain(keys("agency")).collect(),
        lists: names_in(&root("provinces/_country/lists"))
            .into_iter()
            .chain(["species".to_owned()])
            .collect(),
        registers: keys("register").into_iter().chain(folders.keys().cloned()).collect(),
        procedures: procedures.map(str::to_owned).collect(),
        ..Surroundings::new()
    }
}

#[test]
fn every_system_of_the_house_is_sound() {
    let folders = folders();
    let around = house(&folders);
    let mut systems: Vec<System> = Vec::new();
    let mut wrong = Vec::new();
    for (name, folder) in &folders {
        match read_with(folder, &around) {
            Ok(system) => systems.push(system),
            Err(Faults(faults)) => wrong.extend(faults.iter().map(|fault| format!("{name}/{fault}"))),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for system in &systems {
        assert!(folders.contains_key(&system.code), "a folder is called like its system");
        assert!(
            !system.samples.is_empty(),
            "{} proves nothing of its records",
            system.code
        );
        assert!(!system.cases.is_empty(), "{} proves nothing of its steps", system.code);
    }
    let procedures: Vec<_> = systems.iter().flat_map(|system| &system.procedures).collect();
    let codes: BTreeSet<String> = procedures.iter().map(|procedure| procedure.code.to_string()).collect();
    assert_eq!(codes.len(), procedures.len(), "one definition a procedure");
    assert!(codes.len() >= 40, "{} procedures", codes.len());
    let sectors: BTreeSet<&str> = procedures.iter().map(|procedure| procedure.sector.as_str()).collect();
    let tiers: BTreeSet<&str> = procedures.iter().map(|procedure| procedure.tier.as_str()).collect();
    assert!(
        sectors.len() >= 8 && tiers == BTreeSet::from(["commune", "province"]),
        "{sectors:?} {tiers:?}"
    );
}
