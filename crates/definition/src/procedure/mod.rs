//! An administrative procedure as a definition: what is asked, what it costs, how long it takes and by which steps it is
//! settled. It owns the checked shape; `read` reads it, `compile` makes the machine of its steps.
//! Law: NĐ 61/2018/NĐ-CP and NĐ 118/2025/NĐ-CP (one-stop settlement), NĐ 45/2020/NĐ-CP (no paper that is on file).

pub(crate) mod compile;
mod fee;
mod lookup;
mod process;
pub(crate) mod read;

use crate::expression::{Facts, Formula};
use crate::fault::Place;
use crate::field::{Field, FieldKind};
use crate::machine::{Consult, Effect, HandOver, Machine, Performer};
use kernel::calendar::TimeLimit;
use kernel::{Bilingual, ProcedureCode};

pub use fee::{Channel, Fee, Reduction};
pub use lookup::{By, Lookup};
pub use process::{PROCESS_FILE, Process, STEPS_MAX, Scope};

/// A procedure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Procedure {
    /// Name of its file, without ending.
    pub name: String,
    /// National code.
    pub code: ProcedureCode,
    /// What the catalogue calls it.
    pub title: Bilingual,
    /// Its field of work, a word of the catalogue.
    pub sector: String,
    /// The tier that settles it.
    pub tier: String,
    /// How much of it can be done online.
    pub service: Service,
    /// Who may ask for it.
    pub audience: Vec<Audience>,
    /// Legal references.
    pub basis: Vec<String>,
    /// What one gets.
    pub outcome: Outcome,
    /// Time to settle.
    pub settle: TimeLimit,
    /// What it costs; `None` when the definition names no fee.
    pub fee: Option<Fee>,
    /// The papers of a dossier.
    pub components: Vec<Component>,
    /// The records of registers that fields of the form fill themselves from.
    pub lookups: Vec<Lookup>,
    /// The online form, in the order of its pages.
    pub form: Vec<Field>,
    /// Who does what, in order.
    pub steps: Vec<Step>,
    /// The machine of its steps.
    pub machine: Machine,
}

impl Procedure {
    /// The papers that a dossier with these facts needs. An unknown condition asks for nothing.
    #[must_use]
    pub fn needed_components(&self, facts: &Facts) -> Vec<&Component> {
        let needed = self.components.iter();
        needed
            .filter(|component| {
                component
                    .when
                    .as_ref()
                    .is_none_or(|when| when.evaluate(facts).is_true())
            })
            .collect()
    }

    /// The fields of the form that are asked for with these facts, in order.
    #[must_use]
    pub fn asked_fields(&self, facts: &Facts) -> Vec<&Field> {
        let asked = self.form.iter();
        asked
            .filter(|field| field.when.as_ref().is_none_or(|when| when.evaluate(facts).is_true()))
            .collect()
    }
}

/// How much is done online (NĐ 42/2022/NĐ-CP).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Toàn trình.
    Full,
    /// Một phần.
    Partial,
    /// Only information.
    Information,
}

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// A natural person.
    Citizen,
    /// An enterprise, a co-operative, a household as business, …
    Organisation,
}

/// What one gets at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The document.
    pub document: String,
    /// The register in which it is entered.
    pub register: Option<String>,
}

/// A paper of a dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// Its name.
    pub name: String,
    /// Where it comes from.
    pub source: ComponentSource,
    /// When it is needed; always when nothing is said.
    pub when: Option<Formula>,
    /// The clause that asks for it, as a return of the dossier cites it.
    pub clause: Option<String>,
    /// What it looks like when it is right, in the words of a return.
    pub example: Option<String>,
    /// Where it stands.
    pub place: Place,
}

/// Where a component comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ComponentSource {
    /// The online form is the paper.
    Form,
    /// The authority has it and may not ask for it.
    Register(String),
    /// The applicant brings or sends it.
    File {
        /// What is taken.
        file: FieldKind,
        /// Form to print, when there is one.
        template: Option<String>,
    },
}

/// A step of the internal process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// Who does it.
    pub by: Performer,
    /// Its time.
    pub quota: TimeLimit,
    /// Who is asked meanwhile.
    pub consult: Vec<Consult>,
    /// Whose process it waits for.
    pub hand_over: Option<HandOver>,
    /// What follows when it is done.
    pub then: Vec<Effect>,
    /// Where it stands.
    pub place: Place,
}
