//! Folders of definitions on disk and a province to hold them against.

use definition::{Faults, Surroundings, System};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(crate) type Folder = BTreeMap<String, String>;

pub(crate) fn folder(path: &Path) -> Folder {
    fn walk(root: &Path, at: &Path, found: &mut Folder) {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, found);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                found.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut found = Folder::new();
    walk(path, path, &mut found);
    found
}

pub(crate) fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

pub(crate) fn surroundings() -> Surroundings {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Surroundings {
        roles: names(&["desk", "specialist", "leader"]),
        units: names(&[
            "commune",
            "province",
            "department-of-construction",
            "department-of-culture",
        ]),
        lists: names(&["species"]),
        registers: names(&["population-register", "land-register"]),
        hooks: names(&["tree-report"]),
        ..Surroundings::new()
    }
}

pub(crate) fn read(folder: &Folder) -> Result<System, Faults> {
    read_with(folder, &surroundings())
}

pub(crate) fn read_with(folder: &Folder, around: &Surroundings) -> Result<System, Faults> {
    let files: Vec<(&str, &str)> = folder
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    System::read(&files, around)
}
