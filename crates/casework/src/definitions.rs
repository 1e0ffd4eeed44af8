//! The systems that come with the program: the folders of `systems/`, embedded as text, read and checked once, and what
//! definitions may name besides. Whoever asks for a procedure gets its definition with the labels of its system.
//! It refuses a faulty folder: a test reads them all, so that a program with a fault in one is never built.
//! Law: NĐ 61/2018/NĐ-CP, NĐ 118/2025/NĐ-CP (what a procedure consists of).

pub mod apply;
mod embedded;
mod lists;
mod pin;
mod registry;
pub(crate) mod store;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use definition::procedure::Procedure;
use definition::{Faults, Surroundings, System};
use kernel::{Bilingual, ProcedureCode};

pub use embedded::{SHIPPED, ShippedFolder};
pub use lists::{Code, CodeList, list, names as list_names, register_name};
pub use pin::Pin;
pub use registry::Definitions;

/// A folder of definitions as text: paths inside it, and what stands there.
pub type Folder<'a> = Vec<(&'a str, &'a str)>;

/// A procedure with the system that defines it.
#[derive(Debug, Clone, Copy)]
pub struct Defined {
    /// The system, whose texts label everything of it.
    pub system: &'static System,
    /// The procedure.
    pub procedure: &'static Procedure,
}

impl PartialEq for Defined {
    /// The same definition of the same version, not one that says the same.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.procedure, other.procedure)
    }
}

impl Defined {
    /// A label of the procedure: `field.child_name`, `step.receive`, `choice.use.marriage`. The name itself where there is
    /// none, which the checker lets happen for nothing that is shown.
    #[must_use]
    pub fn label(&self, key: &str) -> Bilingual {
        let whole = format!("procedure.{}.{key}", self.procedure.name);
        let found = self.system.texts.get(&whole).cloned();
        found.unwrap_or_else(|| Bilingual::vi(key.rsplit('.').next().unwrap_or(key)))
    }
}

/// All systems that come with the program.
static SYSTEMS: LazyLock<Vec<System>> = LazyLock::new(|| {
    let folders: Vec<(&str, Folder<'_>)> = SHIPPED.iter().map(|(name, files)| (*name, files.to_vec())).collect();
    let read = check(&folders);
    read.into_iter()
        .map(|(_, read)| read.expect("a test reads every embedded system"))
        .collect()
});

/// Their procedures, by national code.
static BY_CODE: LazyLock<BTreeMap<String, Defined>> = LazyLock::new(|| {
    let defined = SYSTEMS.iter().flat_map(|system| {
        let of = move |procedure| Defined { system, procedure };
        system.procedures.iter().map(of)
    });
    defined
        .map(|defined| (defined.procedure.code.to_string(), defined))
        .collect()
});

/// The definition of a procedure, when a system of the program has it. A variant of a province is settled as the national one.
#[must_use]
pub fn definition_of(code: &ProcedureCode) -> Option<&'static Defined> {
    BY_CODE.get(&code.national().to_string())
}

/// Every defined procedure, by code.
pub fn all() -> impl Iterator<Item = &'static Defined> {
    BY_CODE.values()
}

/// The systems of the program, by name.
#[must_use]
pub fn systems() -> &'static [System] {
    &SYSTEMS
}

/// The text of a file of a system as it is shipped.
#[must_use]
pub fn text_of(system: &str, path: &str) -> Option<&'static str> {
    let (_, files) = SHIPPED.iter().find(|(name, _)| *name == system)?;
    files.iter().find(|(name, _)| *name == path).map(|(_, text)| *text)
}

/// Reads folders side by side: each may hand over to procedures of the others.
#[must_use]
pub fn check(folders: &[(&str, Folder<'_>)]) -> Vec<(String, Result<System, Faults>)> {
    let mut around = surroundings();
    let files = folders.iter().flat_map(|(_, files)| files);
    let procedures = files.filter_map(|(path, _)| procedure_name(path)).map(str::to_owned);
    // Those that come with the program may be handed over to as well.
    around.procedures = procedures.chain(names_of(SHIPPED)).collect();
    // A register is called like the system that keeps it.
    around
        .registers
        .extend(folders.iter().map(|(name, _)| (*name).to_owned()));
    folders
        .iter()
        .map(|(name, files)| ((*name).to_owned(), System::read(files, &around)))
        .collect()
}

/// The name of a procedure by the path of its file.
fn procedure_name(path: &str) -> Option<&str> {
    path.strip_prefix("procedures/")?.strip_suffix(".toml")
}

fn names_of(shipped: &'static [ShippedFolder]) -> impl Iterator<Item = String> {
    let files = shipped.iter().flat_map(|(_, files)| files.iter());
    files.filter_map(|(path, _)| procedure_name(path)).map(str::to_owned)
}

/// What definitions may name and do not declare: roles, tiers and agencies, lists of codes, registers. Data of
/// `provinces/_country`.
#[must_use]
pub fn surroundings() -> Surroundings {
    let mut around = crate::process::agencies::surroundings();
    around.lists = lists::names().collect::<BTreeSet<_>>();
    around.registers = lists::registers().collect();
    around
}
