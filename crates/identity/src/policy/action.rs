//! Owns the list of actions that policy decides, one word per act of the field.
//! Refuses free strings: an action that is not in this list cannot be asked for, and the Cedar schema must name each one.
//! A test holds the list and the schema to each other.

use serde::{Deserialize, Serialize};

/// Declares the actions with their Cedar names, so that the list, the names and their order have one home.
macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What somebody wants to do. Policy decides each one by role, unit and state.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Action { $($(#[$doc])* #[serde(rename = $text)] $name,)* }

        impl Action {
            /// Every action, in the order of the policy page.
            pub const ALL: &'static [Action] = &[$(Action::$name,)*];

            /// The name in the Cedar files, for example `dossier.receive`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Action::$name => $text,)* }
            }
        }
    };
}

actions! {
    /// See work lists of dossiers.
    DossierList = "dossier.list",
    /// Open one dossier.
    DossierRead = "dossier.read",
    /// Send in a dossier of one's own.
    DossierSubmit = "dossier.submit",
    /// Type in a dossier at the counter for somebody else.
    DossierSubmitFor = "dossier.submit-for",
    /// Receive (or refuse to receive) a dossier at the one-stop desk.
    DossierReceive = "dossier.receive",
    /// Ask the applicant for missing papers.
    DossierRequestMore = "dossier.request-more",
    /// Give a dossier to an officer of the unit.
    DossierAssign = "dossier.assign",
    /// Write internal notes on a dossier.
    DossierComment = "dossier.comment",
    /// Share out the work of a unit: record absences of others, hand over the work of an officer.
    WorkArrange = "work.arrange",
    /// Decide where the dossiers of a unit go that is no more and that several units followed.
    SuccessionDecide = "succession.decide",
    /// Work on a dossier and propose its result.
    DossierProcess = "dossier.process",
    /// Approve the result, or send the proposal back.
    DossierApprove = "dossier.approve",
    /// Stop a dossier or move its due date.
    DossierStop = "dossier.stop",
    /// Give the result to the applicant.
    DossierDeliver = "dossier.deliver",
    /// Issue the result of a decided dossier as a paper, and take a paper back.
    PaperIssue = "paper.issue",
    /// Take back one's own dossier.
    DossierWithdraw = "dossier.withdraw",
    /// See counts and lists of a unit's dossiers in time, late and done.
    DossierReport = "dossier.report",
    /// See a person's full number, address and telephone.
    PersonDisclose = "person.disclose",
    /// Decide whether records are of one person: merge them, part them, say that they are two people.
    PersonMerge = "person.merge",
    /// Mark a person as deceased, and end such a mark.
    PersonDecease = "person.decease",
    /// File a complaint, a denunciation or a recommendation of one's own.
    PetitionFile = "petition.file",
    /// Register a petition at the counter for somebody else.
    PetitionRegister = "petition.register",
    /// See the registers of petitions.
    PetitionList = "petition.list",
    /// Open one petition: what it says, never who denounces.
    PetitionRead = "petition.read",
    /// Classify, accept, refuse, forward and resolve petitions.
    PetitionHandle = "petition.handle",
    /// See who denounces.
    PetitionIdentity = "petition.identity",
    /// See bills, what was paid and what goes back.
    BillRead = "bill.read",
    /// Cancel a bill that nothing was paid for, or not all.
    BillCancel = "bill.cancel",
    /// Take and give back cash at a desk, and close its till.
    CashTake = "cash.take",
    /// See the tills of desks.
    TillRead = "till.read",
    /// Take in bank statements and say whose money is whose.
    PaymentReconcile = "payment.reconcile",
    /// Order that money goes back.
    RefundOrder = "refund.order",
    /// Approve that money goes back, which somebody else ordered.
    RefundApprove = "refund.approve",
    /// See receiving accounts and tariffs.
    PaymentSetupRead = "payment.read-setup",
    /// Enter, change and close receiving accounts.
    PaymentManage = "payment.manage",
    /// Enter tariffs.
    TariffManage = "tariff.manage",
    /// See the records of registers; people in them stay masked.
    RegisterRead = "register.read",
    /// Enter, change and correct records of registers.
    RegisterWrite = "register.write",
    /// Bring files into registers.
    RegisterImport = "register.import",
    /// Approve that data of registers is open to everybody, and take that back.
    OpenPublish = "open.publish",
    /// Keep links to data elsewhere, and organisations, in the catalogue of open data.
    OpenCatalogue = "open.catalogue",
    /// Give other programs keys, and tell them of changes.
    InterfaceManage = "interface.manage",
    /// Change the procedure catalogue.
    CatalogueManage = "catalogue.manage",
    /// Change the templates that papers are printed from.
    TemplateManage = "template.manage",
    /// See units, their codes and their history.
    UnitRead = "unit.read",
    /// Open, rename, merge and close units.
    UnitManage = "unit.manage",
    /// See the accounts of officers.
    AccountList = "account.list",
    /// Open, unlock, disable an officer's account; reset its password and second factor; end its sessions.
    AccountManage = "account.manage",
    /// Give and withdraw roles at units.
    RoleAssign = "role.assign",
    /// Read the policies.
    PolicyRead = "policy.read",
    /// Read the audit log.
    AuditRead = "audit.read",
    /// Export the audit log.
    AuditExport = "audit.export",
    /// See background jobs and dead letters.
    JobRead = "job.read",
    /// Run a dead job again.
    JobRun = "job.run",
    /// See how the running system fares.
    SystemRead = "system.read",
}

impl std::fmt::Display for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
