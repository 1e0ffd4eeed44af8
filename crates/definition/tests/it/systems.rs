//! The systems of the house: every folder of `systems/` is sound and its cases and samples hold.

use crate::support::{folder, read_with};
use definition::{Faults, Surroundings};
use std::path::Path;

/// The names that the house gives to every province.
fn house() -> Surroundings {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Surroundings {
        roles: names(&[
            "desk",
            "specialist",
            "leader",
            "unit-admin",
            "admin",
            "auditor",
            "operator",
        ]),
        units: names(&[
            "commune",
            "province",
            "tax-office",
            "department-of-construction",
            "department-of-finance",
        ]),
        lists: names(&["species", "economic-activities"]),
        registers: names(&["population-register", "household-business"]),
        ..Surroundings::new()
    }
}

#[test]
fn every_system_of_the_house_is_sound() {
    let systems = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../systems");
    let mut codes = Vec::new();
    for entry in std::fs::read_dir(systems).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let system = read_with(&folder(&path), &house()).unwrap_or_else(|Faults(faults)| {
            let list: Vec<String> = faults.iter().map(ToString::to_string).collect();
            panic!("{name}:\n{}", list.join("\n"));
        });
        assert_eq!(system.code, name, "a folder is called like its system");
        assert!(
            !system.cases.is_empty() && !system.samples.is_empty(),
            "{name} proves nothing of itself"
        );
        codes.push(name);
    }
    codes.sort();
    assert!(codes.starts_with(&["household-business".to_owned()]) && codes.contains(&"trees".to_owned()));
}
