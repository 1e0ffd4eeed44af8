//! Owns `Casework`, the handle that the binary makes once: store, clock, identity, catalogue, calendar and the settings of
//! the province. Refuses nothing; what may happen is decided by policy and rules.

use std::sync::{Arc, OnceLock};

use identity::Identity;
use kernel::calendar::{CutOff, WorkingCalendar};

use crate::definitions::Definitions;
use crate::desk::choices::Kept;
use crate::figure::Figures;
use crate::line::Line;
use crate::offline::set::Sets;
use crate::procedure::catalogue::Catalogue;
use crate::process::Processes;
use crate::track::Beside;

/// What the public pages are there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PortalMode {
    /// Find, read, file, follow: all here.
    #[default]
    Full,
    /// Find, read, follow; filing is refused and leads to the national portal.
    Guide,
}

/// What the province decides.
#[derive(Clone)]
pub struct Settings {
    /// Whether dossiers are filed here.
    pub mode: PortalMode,
    /// Where they are filed otherwise; procedures are appended as `?code=`.
    pub national_portal: String,
    /// Address of this site without a slash at the end, for QR codes.
    pub origin: String,
    /// The calendar of the province's offices.
    pub calendar: Arc<WorkingCalendar>,
    /// Hour after which reception counts as the next working day's, where a rule says so.
    pub cut_off: Option<CutOff>,
    /// Bounds of uploads.
    pub files: FileLimits,
    /// How payment references and codes are made.
    pub payment: payment::Settings,
    /// What looks at files before anybody opens them; none leaves them unlooked at.
    pub scanner: Option<crate::scan::Scanner>,
    /// Working days without a step after which a dossier lies still and its officer and leader are told.
    pub still_after_days: u32,
    /// Templates and the press; without them no paper is printed.
    pub papers: Option<document::Document>,
    /// The public log, for the page that verifies papers; without it the page says nothing of the log.
    pub log: Option<ledger::Ledger>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            mode: PortalMode::Full,
            national_portal: "https://dichvucong.gov.vn".to_owned(),
            origin: String::new(),
            calendar: Arc::new(WorkingCalendar::plain().clone()),
            cut_off: None,
            files: FileLimits::default(),
            payment: payment::Settings::default(),
            scanner: None,
            still_after_days: crate::reminder::rules::STILL_DAYS,
            papers: None,
            log: None,
        }
    }
}

/// Bounds of uploads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileLimits {
    /// Most bytes of one file.
    pub bytes_max: u64,
    /// Most files of one dossier when it is filed.
    pub count_max: usize,
}

impl Default for FileLimits {
    fn default() -> Self {
        Self {
            bytes_max: 20 << 20,
            count_max: 40,
        }
    }
}

/// Dossiers and procedures of one province. Cheap to clone.
#[derive(Clone)]
pub struct Casework(Arc<Inner>);

struct Inner {
    identity: Identity,
    settings: Settings,
    catalogue: Catalogue,
    processes: Processes,
    figures: Figures,
    line: Line,
    desk_choices: Kept,
    offline: Sets,
    definitions: Definitions,
    beside: OnceLock<Arc<dyn Beside>>,
    registers: OnceLock<register::Register>,
}

impl std::fmt::Debug for Casework {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Casework")
            .field("mode", &self.0.settings.mode)
            .finish_non_exhaustive()
    }
}

identity::room!(Casework);

impl Casework {
    /// Makes the handle and registers the texts and the navigation. Reads nothing yet.
    #[must_use]
    pub fn new(identity: &Identity, settings: Settings) -> Self {
        web::i18n::register(&[
            crate::TEXT,
            crate::FEE_TEXT,
            crate::PETITION_TEXT,
            crate::INTAKE_TEXT,
            crate::OFFLINE_TEXT,
            crate::PAPERS_TEXT,
            crate::NOTICES_TEXT,
            crate::WORK_TEXT,
            crate::EXACT_TEXT,
            crate::LINE_TEXT,
            crate::EFFECT_TEXT,
        ]);
        identity.add_nav(crate::http::nav());
        let catalogue = Catalogue::new(identity.store().clone(), identity.world().clone());
        let processes = Processes::new(identity.store().clone(), identity.world().clone());
        let definitions = Definitions::new(identity.store().clone(), identity.world().clone());
        let figures = Figures::default();
        Self(Arc::new(Inner {
            identity: identity.clone(),
            settings,
            catalogue,
            processes,
            definitions,
            figures,
            line: Line::default(),
            desk_choices: Kept::default(),
            offline: Sets::default(),
            beside: OnceLock::new(),
            registers: OnceLock::new(),
        }))
    }

    /// What the province decided.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The working calendar.
    #[must_use]
    pub fn calendar(&self) -> &Arc<WorkingCalendar> {
        &self.0.settings.calendar
    }

    /// The catalogue of procedures.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.0.catalogue
    }

    /// The internal processes of procedures.
    #[must_use]
    pub fn processes(&self) -> &Processes {
        &self.0.processes
    }

    /// The working sets of desks that may have to work with the line down.
    pub(crate) fn offline_sets(&self) -> &Sets {
        &self.0.offline
    }

    /// The definitions of procedures that hold here.
    #[must_use]
    pub fn definitions(&self) -> &Definitions {
        &self.0.definitions
    }

    /// Those who wait until their submission can be written down.
    pub(crate) fn line(&self) -> &Line {
        &self.0.line
    }

    /// Lets no submission come to its turn as long as the answer lives: each waits in the line and its sender sees her place.
    #[must_use = "the line goes on when this is dropped"]
    pub fn hold_up_submissions(&self) -> crate::line::HeldUp {
        self.line().hold_up(self.now())
    }

    /// Lets go of what became of submissions that waited and that nobody came back for; for the program's own clock, once a minute.
    pub fn forget_answers(&self) {
        self.line().forget(self.now());
    }

    /// What work lists were lately narrowed to.
    pub(crate) fn desk_choices(&self) -> &Kept {
        &self.0.desk_choices
    }

    /// What another room shows on the applicant's page.
    pub(crate) fn beside(&self) -> &OnceLock<Arc<dyn Beside>> {
        &self.0.beside
    }

    /// Says where registers are kept: steps write into them, forms fill themselves from them. The first one who says so stays.
    pub fn keep_registers(&self, registers: &register::Register) {
        registers.ask_of_cases(Arc::new(crate::effect::CaseLinks(self.clone())));
        let _ = self.0.registers.set(registers.clone());
    }

    /// The registers; none where nobody keeps any.
    pub(crate) fn registers(&self) -> Option<&register::Register> {
        self.0.registers.get()
    }

    pub(crate) fn figures(&self) -> &Figures {
        &self.0.figures
    }
}
