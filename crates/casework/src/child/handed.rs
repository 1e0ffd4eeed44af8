//! Which process work runs under that is handed to another unit: that of the procedure which the step names, as it holds today,
//! or the one that all have with shares of the step's time. Asked for before the transaction.
//! It refuses a process in which nobody would work: then the one that all have is taken.

use std::collections::BTreeMap;

use ::store::StoreError;
use kernel::ProcedureCode;
use kernel::calendar::TimeLimit;

use super::{Child, Handed};
use crate::dossier::DossierError;
use crate::process::rules::{Turn, turn};
use crate::process::{GENERIC, Process};
use crate::{Casework, definitions};

/// What is handed over at each step of a process.
pub(crate) type HandedBySteps = BTreeMap<String, Handed>;

impl Casework {
    /// What the steps of a process hand over, and under which process it will run.
    ///
    /// # Errors
    /// When the store does not answer.
    pub(crate) async fn handed_by(&self, process: &Process) -> Result<HandedBySteps, StoreError> {
        let mut found = HandedBySteps::new();
        for (step, _) in process.steps() {
            if let Some(hand_over) = &step.hand_over {
                let handed = self.handed(Some(&hand_over.procedure), step.quota).await?;
                found.insert(step.name.clone(), handed);
            }
        }
        Ok(found)
    }

    /// The process of work that is handed over with `quota` as its time; without a procedure the one that all have.
    ///
    /// # Errors
    /// When the store does not answer.
    pub(crate) async fn handed(&self, procedure: Option<&str>, quota: TimeLimit) -> Result<Handed, StoreError> {
        let generic = || Handed {
            procedure: None,
            process: Process::generic(Some(quota)),
            quota,
        };
        let Some(code) = procedure.and_then(code_of) else {
            return Ok(generic());
        };
        let day = self.now().local_date();
        let process = self.processes().current(&code, Some(quota), day).await?;
        if process.version() == GENERIC || !matches!(turn(&process, 1), Turn::Work { .. }) {
            return Ok(generic());
        }
        Ok(Handed {
            procedure: Some(code),
            process,
            quota,
        })
    }

    /// The process that a child dossier runs under to its end.
    ///
    /// # Errors
    /// When the store does not answer, or when its version is no more.
    pub(crate) async fn process_of_child(&self, child: &Child) -> Result<Process, DossierError> {
        match &child.procedure {
            Some(procedure) => Ok(self.processes().version(procedure, child.process).await?),
            None => Ok(Process::generic(Some(child.limit()?))),
        }
    }
}

/// The code of a procedure that a step names: its word in the definitions, or its code.
fn code_of(name: &str) -> Option<ProcedureCode> {
    let defined = definitions::all().find(|one| one.procedure.name == name);
    defined
        .map(|one| one.procedure.code.clone())
        .or_else(|| name.parse().ok())
}
